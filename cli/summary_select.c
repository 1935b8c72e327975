/* summary_select.c: which columns a summary is of; see summary_select in summary.h.
 *
 * Names are compared with every separator written as a point: theta[1,2], theta.1.2 and pair:1 become theta.1.2 and
 * pair.1. A word then takes the column of its name, or all columns that go on with a point after it. */
#include <stdlib.h>
#include <string.h>
#include "cli/summary.h"
#include "support/message.h"

static bool is_sampler_column(const char *name) {
  static const char *const names[] = {"accept_stat__", "stepsize__", "treedepth__", "n_leapfrog__",
                                      "divergent__",   "energy__",   "int_time__",  "path__"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(name, names[i]) == 0) return true;
  return false;
}

/* Writes at most size bytes with the closing zero. */
static void write_plain(char *plain, size_t size, const char *name, size_t length) {
  size_t out = 0;
  for (size_t i = 0; i < length && out + 1 < size; i++) {
    char here = name[i];
    if (here == ' ' || here == ']') continue;
    plain[out++] = here;
    if (strchr("[,:", here)) plain[out - 1] = '.';
  }
  plain[out] = 0;
}

/* A comma inside brackets does not end a word. */
static size_t word_length(const char *list) {
  size_t length = 0;
  int open = 0;
  for (; list[length] && (list[length] != ',' || open > 0); length++)
    open += (list[length] == '[') - (list[length] == ']');
  return length;
}

/* The column is the word's, or one of its elements. */
static bool takes(const char *word, const char *column) {
  size_t length = strlen(word);
  return strncmp(word, column, length) == 0 && (column[length] == 0 || column[length] == '.');
}

enum { name_size = 512 }; /* longer names are compared by their beginning */

static void write_column(char plain[name_size], const char *column) {
  write_plain(plain, name_size, column, strlen(column));
}

bool summary_wants(const void *list, const char *name) {
  static const char *const of_the_method[] = {"lp__", "log_p__", "log_q__", "log_g__", "lp_approx__"};
  if (!list || is_sampler_column(name)) return true;
  for (size_t i = 0; i < sizeof of_the_method / sizeof *of_the_method; i++)
    if (strcmp(name, of_the_method[i]) == 0) return true;
  char word[name_size], plain[name_size];
  write_column(plain, name);
  for (const char *at = list; *at;) {
    size_t length = word_length(at);
    write_plain(word, sizeof word, at, length);
    if (*word && takes(word, plain)) return true;
    at += length + (at[length] == ',');
  }
  return false;
}

/* For the message: the elements of the same variable, or the name that is nearest. */
static void set_unknown(const sl_draws *draws, const char *given, int given_length, const char *word, sl_error *error) {
  char base[name_size], plain[name_size], first[name_size] = "", last[name_size] = "";
  snprintf(base, sizeof base, "%.*s", (int)strcspn(word, "."), word);
  char **names = calloc(2 * draws->header_count, sizeof *names);
  int count = 0;
  for (size_t i = 0; i < draws->header_count; i++) {
    char pretty[name_size];
    write_column(plain, draws->header[i]);
    sl_draws_pretty_name(draws->header[i], pretty, sizeof pretty);
    if (takes(base, plain)) snprintf(*first ? last : first, name_size, "%s", pretty);
    plain[strcspn(plain, ".")] = 0;
    for (int k = 0; names && k < 2; k++) {
      char *copy = strdup(k == 0 ? pretty : plain);
      if (copy) names[count++] = copy;
    }
  }
  char asked[name_size];
  snprintf(asked, sizeof asked, "%.*s", given_length, given);
  const char *near = names ? nearest_name(asked, (const char *const *)names, count) : NULL;
  if (*last)
    sl_error_set(error, SL_USAGE, "there is no `%.200s` in %s; there are %.200s to %.200s", asked,
                 draws->chains[0].path, first, last);
  else if (*first)
    sl_error_set(error, SL_USAGE, "there is no `%.200s` in %s; there is %.200s", asked, draws->chains[0].path, first);
  else if (near)
    sl_error_set(error, SL_USAGE, "there is no variable `%.200s` in %s; did you mean `%.200s`?", asked,
                 draws->chains[0].path, near);
  else
    sl_error_set(error, SL_USAGE, "there is no variable `%.200s` in %s", asked, draws->chains[0].path);
  for (int i = 0; i < count; i++) free(names[i]);
  free(names);
}

static bool select_listed(const sl_draws *draws, const char *list, bool *taken, size_t *columns, size_t *count,
                          sl_error *error) {
  while (*list) {
    char word[name_size], plain[name_size];
    size_t length = word_length(list);
    write_plain(word, sizeof word, list, length);
    bool found = false;
    for (size_t i = 0; *word && i < draws->column_count; i++) {
      write_column(plain, draws->names[i]);
      if (!takes(word, plain)) continue;
      found = true;
      if (!taken[i]) columns[(*count)++] = i;
      taken[i] = true;
    }
    if (!found) {
      set_unknown(draws, list, (int)length, word, error);
      return false;
    }
    list += length + (list[length] == ',');
  }
  if (*count == 0) sl_error_set(error, SL_USAGE, "--variables names nothing");
  return *count > 0;
}

bool summary_select(const sl_draws *draws, const char *list, size_t *columns, size_t *count, sl_error *error) {
  *count = 0;
  if (list) {
    bool *taken = calloc(draws->column_count, sizeof *taken);
    if (!taken) sl_error_set(error, SL_DEFECT, "not enough memory for the summary");
    bool done = taken && select_listed(draws, list, taken, columns, count, error);
    free(taken);
    return done;
  }
  for (size_t i = 0; i < draws->column_count; i++)
    if (!is_sampler_column(draws->names[i])) columns[(*count)++] = i;
  return true;
}
