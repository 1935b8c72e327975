/* columns.c: see columns.h. */
#include "runtime/columns.h"
#include <stdio.h>

enum { MAX_DIMENSIONS = 64 };

static void name_elements(const sl_model *model, int variable, sl_column_visitor *visit, void *context) {
  char name[SL_COLUMN_NAME_SIZE];
  int dim_count = sl_variables[variable].dim_count;
  long dims[MAX_DIMENSIONS] = {0}, index[MAX_DIMENSIONS] = {0}, count = 1;
  sl_variable_dims(model, variable, dims);
  for (int d = 0; d < dim_count; d++) {
    count *= dims[d];
    index[d] = 1;
  }
  for (long element = 0; element < count; element++) {
    int used = snprintf(name, sizeof name, "%s", sl_variables[variable].name);
    for (int d = 0; d < dim_count && used < SL_COLUMN_NAME_SIZE; d++)
      used += snprintf(name + used, sizeof name - (size_t)used, ".%ld", index[d]);
    visit(context, name);
    for (int d = 0; d < dim_count && ++index[d] > dims[d]; d++) index[d] = 1;
  }
}

void sl_columns_visit(const sl_model *model, bool transformed_parameters, bool generated_quantities,
                      sl_column_visitor *visit, void *context) {
  for (int block = SL_PARAMETERS; block <= SL_GENERATED_QUANTITIES; block++) {
    if (block == SL_TRANSFORMED_PARAMETERS && !transformed_parameters) continue;
    if (block == SL_GENERATED_QUANTITIES && !generated_quantities) continue;
    for (int i = 0; i < sl_variable_count; i++)
      if (sl_variables[i].block == (sl_block)block) name_elements(model, i, visit, context);
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
