/* columns.c: see columns.h. */
#include "runtime/columns.h"

enum { MAX_DIMENSIONS = 64 };

static void write_variable(sl_csv_writer *writer, const sl_model *model, const char *prefix, int variable) {
  const char *name = sl_variables[variable].name;
  int dim_count = sl_variables[variable].dim_count;
  long dims[MAX_DIMENSIONS] = {0}, index[MAX_DIMENSIONS] = {0}, count = 1;
  sl_variable_dims(model, variable, dims);
  for (int d = 0; d < dim_count; d++) {
    count *= dims[d];
    index[d] = 1;
  }
  for (long element = 0; element < count; element++) {
    sl_csv_text(writer, ",%s%s", prefix, name);
    for (int d = 0; d < dim_count; d++) {
      sl_csv_char(writer, '.');
      sl_csv_int(writer, index[d]);
    }
    for (int d = 0; d < dim_count && ++index[d] > dims[d]; d++) index[d] = 1;
  }
}

void sl_columns_write(sl_csv_writer *writer, const sl_model *model, const char *prefix, bool transformed_parameters,
                      bool generated_quantities) {
  for (int block = SL_PARAMETERS; block <= SL_GENERATED_QUANTITIES; block++) {
    if (block == SL_TRANSFORMED_PARAMETERS && !transformed_parameters) continue;
    if (block == SL_GENERATED_QUANTITIES && !generated_quantities) continue;
    for (int i = 0; i < sl_variable_count; i++)
      if (sl_variables[i].block == (sl_block)block) write_variable(writer, model, prefix, i);
  }
}

void sl_columns_write_unconstrained(sl_csv_writer *writer, const sl_model *model, const char *prefix) {
  size_t n = sl_unconstrained_size(model);
  if (n == sl_constrained_size(model, false, false)) {
    sl_columns_write(writer, model, prefix, false, false);
    return;
  }
  for (size_t i = 1; i <= n; i++) sl_csv_text(writer, ",%s%zu", prefix, i);
}
