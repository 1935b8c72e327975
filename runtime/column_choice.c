/* column_choice.c: see column_choice.h. */
#include "runtime/column_choice.h"
#include <stdlib.h>
#include <string.h>
#include "runtime/columns.h"

typedef struct search {
  sl_column_choice *choice;
  const char *names;
  size_t visited;
} search;

/* Whether the first `length` characters of `item` are a column's name, or that of the variable it belongs to. */
static bool is_meant(const char *item, size_t length, const char *name) {
  return strncmp(item, name, length) == 0 && (name[length] == '\0' || name[length] == '.' || name[length] == ':');
}

/* The next name of a list; *names moves behind it. Its length is 0 at the end only, and where there is nothing between
 * commas. */
static const char *next_item(const char **names, size_t *length) {
  const char *item = *names;
  *length = strcspn(item, ",");
  *names = item + *length + (item[*length] == ',');
  return item;
}

static void choose(void *context, const char *name) {
  search *search = context;
  bool chosen = search->names[0] == '\0';
  for (const char *rest = search->names; *rest && !chosen;) {
    size_t length;
    const char *item = next_item(&rest, &length);
    chosen = length > 0 && is_meant(item, length, name);
  }
  if (chosen) search->choice->index[search->choice->count++] = search->visited;
  search->visited++;
}

typedef struct presence {
  const char *item;
  size_t length;
  bool found;
} presence;

static void find(void *context, const char *name) {
  presence *presence = context;
  presence->found |= is_meant(presence->item, presence->length, name);
}

static bool all_are_there(const sl_model *model, const char *names, sl_error *error) {
  while (*names) {
    presence presence = {0};
    presence.item = next_item(&names, &presence.length);
    if (presence.length > 0) sl_columns_visit(model, true, true, find, &presence);
    if (presence.found) continue;
    sl_error_set(error, SL_USAGE, "columns=: the program has no parameter or quantity \"%.*s\"", (int)presence.length,
                 presence.item);
    return false;
  }
  return true;
}

bool sl_column_choice_create(sl_column_choice *choice, const sl_model *model, const char *names, sl_error *error) {
  *choice = (sl_column_choice){.index = malloc((sl_constrained_size(model, true, true) + 1) * sizeof(size_t))};
  if (!choice->index) {
    sl_error_set(error, SL_BAD_DATA, "not enough memory");
    return false;
  }
  if (!all_are_there(model, names, error)) return false;
  sl_columns_visit(model, true, true, choose, &(search){.choice = choice, .names = names});
  size_t generated = sl_constrained_size(model, true, false);
  choice->generated = choice->count > 0 && choice->index[choice->count - 1] >= generated;
  return true;
}

void sl_column_choice_destroy(sl_column_choice *choice) {
  free(choice->index);
  choice->index = NULL;
}

typedef struct names {
  const sl_column_choice *choice;
  sl_csv_writer *writer;
  size_t visited, written;
} names;

static void write_name(void *context, const char *name) {
  names *names = context;
  const sl_column_choice *choice = names->choice;
  if (names->written < choice->count && choice->index[names->written] == names->visited) {
    sl_csv_text(names->writer, ",%s", name);
    names->written++;
  }
  names->visited++;
}

void sl_column_choice_write_names(const sl_column_choice *choice, const sl_model *model, sl_csv_writer *writer) {
  sl_columns_visit(model, true, true, write_name, &(names){.choice = choice, .writer = writer});
}

void sl_column_choice_write(const sl_column_choice *choice, double *constrained, sl_csv_writer *writer) {
  bool is_all = choice->count == 0 || choice->index[choice->count - 1] == choice->count - 1; /* the index ascends */
  for (size_t i = 0; !is_all && i < choice->count; i++) constrained[i] = constrained[choice->index[i]];
  sl_csv_numbers(writer, constrained, choice->count);
}
