/* log_prob.c: the method `log_prob`: log density and gradient at points that the user gives, one CSV row for each.
 *
 * Like sampling it leaves out the constant summands of `~` statements. A point outside of the support has the row
 * -inf, nan, nan, ...; why is told on standard error. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "runtime/columns.h"
#include "runtime/command.h"
#include "runtime/output_path.h"
#include "runtime/points.h"

static void write_point(const sl_points *all, const double *point, int flags, double *gradient, sl_csv_writer *writer) {
  double value;
  if (sl_log_density_gradient(all->model, all->workspace, point, flags, &value, gradient) != SL_EVALUATED) {
    fprintf(stderr, "A point was rejected: %s\n", all->workspace->message);
    value = -INFINITY;
    for (size_t i = 0; i < all->n; i++) gradient[i] = NAN;
  }
  sl_csv_number(writer, value);
  sl_csv_numbers(writer, gradient, all->n);
  sl_csv_char(writer, '\n');
}

static bool write_points(const sl_points *all, const sl_arguments *arguments, sl_error *error) {
  char path[4200];
  sl_output_path(path, sizeof path, sl_argument_text(arguments, SL_ARG_OUTPUT_FILE), "", ".csv", false, 0);
  double *gradient = malloc((all->n + 1) * sizeof(double));
  sl_csv_writer writer;
  if (!gradient) sl_error_set(error, SL_BAD_DATA, "not enough memory");
  if (!gradient || !sl_csv_open(&writer, path, (int)sl_argument_int(arguments, SL_ARG_SIG_FIGS), error)) {
    free(gradient);
    return false;
  }
  sl_csv_text(&writer, "lp__");
  sl_columns_write_unconstrained(&writer, all->model, "g_");
  sl_csv_char(&writer, '\n');
  int flags = sl_argument_bool(arguments, SL_ARG_JACOBIAN) ? SL_JACOBIAN : 0;
  for (size_t k = 0; k < all->count; k++) write_point(all, all->values + k * all->n, flags, gradient, &writer);
  free(gradient);
  return sl_csv_close(&writer, error);
}

bool sl_log_prob(const sl_model *model, const sl_arguments *arguments, sl_error *error) {
  const char *unconstrained = sl_argument_text(arguments, SL_ARG_UNCONSTRAINED_PARAMS);
  const char *constrained = sl_argument_text(arguments, SL_ARG_CONSTRAINED_PARAMS);
  sl_points all = {.model = model,
                   .workspace = sl_workspace_create_for((int)sl_argument_int(arguments, SL_ARG_THREADS_PER_CHAIN)),
                   .n = sl_unconstrained_size(model)};
  bool good = false;
  if (!all.workspace)
    sl_error_set(error, SL_BAD_DATA, "not enough memory for a workspace");
  else if (!unconstrained[0] && !constrained[0])
    sl_error_set(error, SL_USAGE, "log_prob wants points: unconstrained_params=FILE or constrained_params=FILE");
  else
    good = (!unconstrained[0] || sl_points_add_unconstrained(&all, unconstrained, error)) &&
           (!constrained[0] || sl_points_add_constrained(&all, constrained, error)) &&
           write_points(&all, arguments, error);
  sl_points_destroy(&all);
  sl_workspace_destroy(all.workspace);
  return good;
}
