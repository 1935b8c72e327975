/* points.c: see points.h. */
#include "runtime/points.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/columns.h"
#include "runtime/draws.h"

enum { MAX_DIMENSIONS = 64 };

/* Room for `count` more points. NULL: error says that there is none. */
static double *add_points(sl_points *all, size_t count, sl_error *error) {
  double *larger = realloc(all->values, ((all->count + count) * all->n + 1) * sizeof(double));
  if (!larger) {
    sl_error_set(error, SL_BAD_DATA, "not enough memory for %zu points", all->count + count);
    return NULL;
  }
  all->values = larger;
  double *first = all->values + all->count * all->n;
  all->count += count;
  return first;
}

bool sl_is_csv(const char *path) {
  size_t length = strlen(path);
  return length > 4 && strcmp(path + length - 4, ".csv") == 0;
}

static bool add_unconstrained_json(sl_points *all, const char *path, sl_error *error) {
  sl_values *values = sl_values_read(path, error);
  if (!values) return false;
  long dims[2] = {1, 1};
  int dim_count = sl_values_shape(values, "params_r", 2, dims);
  long count = dim_count == 2 ? dims[0] : 1, expected[2] = {count, (long)all->n};
  double *first = add_points(all, (size_t)count, error);
  bool good = first && sl_values_real(values, "params_r", dim_count == 2 ? 2 : 1, expected + (dim_count != 2), false,
                                      first, error);
  sl_values_destroy(values);
  return good;
}

static double draw_value(const sl_draws *draws, size_t column, size_t row) {
  return draws->values[column * draws->chain_count * draws->draw_count + row];
}

static bool add_unconstrained_csv(sl_points *all, const char *path, sl_error *error) {
  sl_draws *draws = sl_draws_read(&path, 1, error);
  if (!draws) return false;
  double *first = NULL;
  if (draws->column_count != all->n)
    sl_error_set(error, SL_BAD_DATA, "%s: has %zu columns, but the model has %zu unconstrained parameters", path,
                 draws->column_count, all->n);
  else
    first = add_points(all, draws->draw_count, error);
  for (size_t row = 0; first && row < draws->draw_count; row++)
    for (size_t i = 0; i < all->n; i++) first[row * all->n + i] = draw_value(draws, i, row);
  sl_draws_destroy(draws);
  return first != NULL;
}

static bool unconstrain(sl_points *all, const sl_values *values, double *point, sl_error *error) {
  for (size_t i = 0; i < all->n; i++) point[i] = NAN;
  if (!sl_unconstrain(all->model, all->workspace, values, point, error)) return false;
  for (int v = 0; v < sl_variable_count; v++)
    if (sl_variables[v].block == SL_PARAMETERS && !sl_values_has(values, sl_variables[v].name)) {
      sl_error_set(error, SL_BAD_DATA, "parameter %s is missing among the constrained values", sl_variables[v].name);
      return false;
    }
  return true;
}

static bool add_constrained_json(sl_points *all, const char *path, sl_error *error) {
  sl_values *values = sl_values_read(path, error);
  double *point = values ? add_points(all, 1, error) : NULL;
  bool good = point && unconstrain(all, values, point, error);
  sl_values_destroy(values);
  return good;
}

/* Which columns of the draws hold the parameters, element by element. */
typedef struct parameter_columns {
  const sl_draws *draws;
  size_t *column, count;
  sl_error *error;
} parameter_columns;

static void find_column(void *context, const char *name) {
  parameter_columns *found = context;
  /* In a sampler's own file they stand one after another. */
  size_t column = found->count > 0 ? found->column[found->count - 1] + 1 : 0;
  if (column >= found->draws->column_count || strcmp(found->draws->names[column], name) != 0)
    column = sl_draws_find(found->draws, name);
  if (column == found->draws->column_count)
    sl_error_set(found->error, SL_BAD_DATA, "%s: there is no column %s, a parameter of this program",
                 found->draws->chains[0].path, name);
  found->column[found->count++] = column;
}

/* All parameters of a draw, by name. NULL: no memory. */
static sl_values *draw_values(const sl_model *model, const parameter_columns *columns, size_t row, double *scratch) {
  sl_values *values = sl_values_empty();
  const size_t *column = columns->column;
  for (int v = 0; values && v < sl_variable_count; v++) {
    if (sl_variables[v].block != SL_PARAMETERS) continue;
    long dims[MAX_DIMENSIONS] = {0}, count = 1;
    sl_variable_dims(model, v, dims);
    for (int d = 0; d < sl_variables[v].dim_count; d++) count *= dims[d];
    for (long i = 0; i < count; i++) scratch[i] = draw_value(columns->draws, *column++, row);
    if (sl_values_add_columns(values, sl_variables[v].name, sl_variables[v].dim_count, dims, scratch)) continue;
    sl_values_destroy(values);
    values = NULL;
  }
  return values;
}

/* Finds all columns; false: error names the first that is missing. column is the caller's to free. */
static bool find_columns(const sl_model *model, const sl_draws *draws, parameter_columns *columns, sl_error *error) {
  size_t size = sl_constrained_size(model, false, false);
  *columns = (parameter_columns){.draws = draws, .column = malloc((size + 1) * sizeof(size_t)), .error = error};
  if (!columns->column) sl_error_set(error, SL_BAD_DATA, "not enough memory");
  for (int v = 0; columns->column && v < sl_variable_count; v++)
    if (sl_variables[v].block == SL_PARAMETERS) sl_columns_visit_variable(model, v, find_column, columns);
  return error->code == SL_OK;
}

static bool add_draws(sl_points *all, const sl_draws *draws, sl_error *error) {
  parameter_columns columns;
  double *scratch = malloc((sl_constrained_size(all->model, false, false) + 1) * sizeof *scratch);
  if (!scratch) sl_error_set(error, SL_BAD_DATA, "not enough memory");
  double *first = find_columns(all->model, draws, &columns, error) ? add_points(all, draws->draw_count, error) : NULL;
  bool good = first != NULL;
  for (size_t row = 0; good && row < draws->draw_count; row++) {
    sl_values *values = draw_values(all->model, &columns, row, scratch);
    sl_error refused = {0};
    if (!values) sl_error_set(&refused, SL_BAD_DATA, "not enough memory");
    good = values && unconstrain(all, values, first + row * all->n, &refused);
    if (!good) sl_error_set(error, refused.code, "%s, draw %zu: %s", draws->chains[0].path, row + 1, refused.message);
    sl_values_destroy(values);
  }
  free(columns.column);
  free(scratch);
  return good;
}

sl_values *sl_last_draw(const sl_model *model, const char *path, sl_error *error) {
  sl_draws *draws = sl_draws_read(&path, 1, error);
  if (!draws) return NULL;
  parameter_columns columns;
  double *scratch = malloc((sl_constrained_size(model, false, false) + 1) * sizeof *scratch);
  sl_values *values = NULL;
  if (find_columns(model, draws, &columns, error)) {
    if (draws->draw_count == 0)
      sl_error_set(error, SL_BAD_DATA, "%s: has no draws", path);
    else if (!scratch || !(values = draw_values(model, &columns, draws->draw_count - 1, scratch)))
      sl_error_set(error, SL_BAD_DATA, "not enough memory");
  }
  free(columns.column);
  free(scratch);
  sl_draws_destroy(draws);
  return values;
}

static bool add_constrained_csv(sl_points *all, const char *path, sl_error *error) {
  sl_draws *draws = sl_draws_read(&path, 1, error);
  bool good = draws && add_draws(all, draws, error);
  sl_draws_destroy(draws);
  return good;
}

bool sl_points_add_unconstrained(sl_points *all, const char *path, sl_error *error) {
  return (sl_is_csv(path) ? add_unconstrained_csv : add_unconstrained_json)(all, path, error);
}

bool sl_points_add_constrained(sl_points *all, const char *path, sl_error *error) {
  return (sl_is_csv(path) ? add_constrained_csv : add_constrained_json)(all, path, error);
}

void sl_points_destroy(sl_points *all) {
  free(all->values);
  all->values = NULL;
}
