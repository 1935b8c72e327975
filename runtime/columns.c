/* columns.c: see columns.h. */
#include "runtime/columns.h"
#include <stdio.h>
#include <string.h>

enum { MAX_DIMENSIONS = 64 };

typedef struct visitor {
  const sl_model *model;
  sl_column_visitor *visit;
  void *context;
  long index[MAX_DIMENSIONS]; /* from 1 */
} visitor;

/* Visits one element: `column`, or the variable's name, with the indices in it. */
static void visit_element(const visitor *w, int variable) {
  const sl_variable *v = &sl_variables[variable];
  char name[SL_COLUMN_NAME_SIZE];
  const char *start = v->column ? v->column : v->name, *place;
  int used = 0, d = 0;
  for (; v->column && (place = strchr(start, '#')) != NULL && used < SL_COLUMN_NAME_SIZE; start = place + 1)
    used += snprintf(name + used, sizeof name - (size_t)used, "%.*s%ld", (int)(place - start), start, w->index[d++]);
  if (used < SL_COLUMN_NAME_SIZE) used += snprintf(name + used, sizeof name - (size_t)used, "%s", start);
  for (; d < v->dim_count && used < SL_COLUMN_NAME_SIZE; d++)
    used += snprintf(name + used, sizeof name - (size_t)used, ".%ld", w->index[d]);
  w->visit(w->context, name);
}

/* Sets the indices from dimension `from` up to `to` to 1; how many there are. */
static long start_indices(visitor *w, int variable, int from, int to) {
  long dims[MAX_DIMENSIONS] = {0}, count = 1;
  sl_variable_dims(w->model, variable, dims);
  for (int d = from; d < to; d++) {
    count *= dims[d];
    w->index[d] = 1;
  }
  return count;
}

static void next_index(visitor *w, int variable, int from, int to) {
  long dims[MAX_DIMENSIONS] = {0};
  sl_variable_dims(w->model, variable, dims);
  for (int d = from; d < to && ++w->index[d] > dims[d]; d++) w->index[d] = 1;
}

static void visit_elements(visitor *w, int variable) {
  int dim_count = sl_variables[variable].dim_count;
  long count = start_indices(w, variable, 0, dim_count);
  for (long element = 0; element < count; element++) {
    visit_element(w, variable);
    next_index(w, variable, 0, dim_count);
  }
}

/* ---- tuples and complex numbers ---- */

/* The first place from `at` on where the name of a part begins, ":2" or ".real"; the end of the text when there is none. */
static const char *part_start(const char *at) {
  while (*at && *at != ':' && !(*at == '.' && at[1] != '#')) at++;
  return at;
}

static size_t part_length(const char *part) { return *part ? strcspn(part + 1, ".:") + 1 : 0; }

static bool same_part(const char *a, const char *b) {
  return part_length(a) == part_length(b) && strncmp(a, b, part_length(a)) == 0;
}

/* The variables from first up to end are parts of one thing: their `column` texts agree up to `at`, with `depth` indices in
 * them. The parts of one element stand together. */
static void visit_parts(visitor *w, int first, int end, size_t at, int depth) {
  const char *text = sl_variables[first].column, *next = part_start(text + at);
  size_t here = (size_t)(next - text);
  int inner = depth;
  for (const char *c = text + at; c < next; c++) inner += *c == '#';
  long count = start_indices(w, first, depth, inner);
  for (long element = 0; element < count; element++) {
    if (!*next) visit_element(w, first);
    for (int from = first, to; *next && from < end; from = to) {
      const char *part = sl_variables[from].column + here;
      for (to = from + 1; to < end && same_part(part, sl_variables[to].column + here);) to++;
      visit_parts(w, from, to, here + part_length(part), inner);
    }
    next_index(w, first, depth, inner);
  }
}

/* Variable v, or all parts of what it is the first part of; returns the number of the variable after it. */
static int visit_whole(visitor *w, int v) {
  if (!sl_variables[v].column) {
    visit_elements(w, v);
    return v + 1;
  }
  int end = v + 1;
  while (end < sl_variable_count && sl_variables[end].whole && !*sl_variables[end].whole) end++;
  visit_parts(w, v, end, strcspn(sl_variables[v].column, ".:"), 0);
  return end;
}

/* ---- what the runtime asks for ---- */

void sl_columns_visit_variable(const sl_model *model, int variable, sl_column_visitor *visit, void *context) {
  visitor w = {.model = model, .visit = visit, .context = context};
  visit_elements(&w, variable);
}

void sl_columns_visit(const sl_model *model, bool transformed_parameters, bool generated_quantities,
                      sl_column_visitor *visit, void *context) {
  visitor w = {.model = model, .visit = visit, .context = context};
  for (int block = SL_PARAMETERS; block <= SL_GENERATED_QUANTITIES; block++) {
    if (block == SL_TRANSFORMED_PARAMETERS && !transformed_parameters) continue;
    if (block == SL_GENERATED_QUANTITIES && !generated_quantities) continue;
    for (int i = 0; i < sl_variable_count;) i = sl_variables[i].block == (sl_block)block ? visit_whole(&w, i) : i + 1;
  }
}

typedef struct columns {
  sl_csv_writer *writer;
  const char *prefix;
} columns;

static void write_column(void *context, const char *name) {
  const columns *c = context;
  sl_csv_text(c->writer, ",%s%s", c->prefix, name);
}

void sl_columns_write(sl_csv_writer *writer, const sl_model *model, const char *prefix, bool transformed_parameters,
                      bool generated_quantities) {
  sl_columns_visit(model, transformed_parameters, generated_quantities, write_column, &(columns){writer, prefix});
}

void sl_columns_write_unconstrained(sl_csv_writer *writer, const sl_model *model, const char *prefix) {
  size_t n = sl_unconstrained_size(model);
  if (n == sl_constrained_size(model, false, false)) {
    sl_columns_write(writer, model, prefix, false, false);
    return;
  }
  for (size_t i = 1; i <= n; i++) sl_csv_text(writer, ",%s%zu", prefix, i);
}
