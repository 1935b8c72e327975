/* diagnose.c: the method `diagnose test=gradient`: the gradient at the initial values beside differences of the log density, in
 * CmdStan's table, on standard output and as comments in the output file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "runtime/command.h"
#include "runtime/initial.h"
#include "runtime/output_header.h"
#include "runtime/output_path.h"

static void say(sl_csv_writer *writer, const char *line) {
  puts(line);
  sl_csv_text(writer, "# %s\n", line);
}

/* (f(x + e) - f(x - e)) / 2 e along parameter k; NaN where one of them is not defined. */
static double difference(const sl_hamiltonian *at, double *x, size_t k, double epsilon) {
  double here = x[k], above, below;
  x[k] = here + epsilon;
  sl_status up = sl_log_density(at->model, at->workspace, x, SL_JACOBIAN, &above);
  x[k] = here - epsilon;
  sl_status down = sl_log_density(at->model, at->workspace, x, SL_JACOBIAN, &below);
  x[k] = here;
  return up == SL_EVALUATED && down == SL_EVALUATED ? (above - below) / (2 * epsilon) : NAN;
}

/* Returns how many derivatives differ. */
static size_t compare(const sl_hamiltonian *at, const sl_point *point, const sl_arguments *arguments,
                      sl_csv_writer *writer) {
  double epsilon = sl_argument_real(arguments, SL_ARG_EPSILON), threshold = sl_argument_real(arguments, SL_ARG_ERROR);
  char line[200];
  size_t failed = 0;
  say(writer, "TEST GRADIENT MODE");
  say(writer, "");
  snprintf(line, sizeof line, " Log probability=%g", point->log_density);
  say(writer, line);
  say(writer, "");
  snprintf(line, sizeof line, "%10s%16s%16s%16s%16s", "param idx", "value", "model", "finite diff", "error");
  say(writer, line);
  for (size_t k = 0; k < at->n; k++) {
    double model = point->gradient[k], finite = difference(at, point->position, k, epsilon);
    snprintf(line, sizeof line, "%10zu%16g%16g%16g%16g", k, point->position[k], model, finite, model - finite);
    say(writer, line);
    failed += !(fabs(model - finite) <= threshold);
  }
  return failed;
}

static bool find_start(sl_hamiltonian *at, sl_point *point, const sl_arguments *arguments, sl_error *error) {
  sl_rng rng, generated;
  sl_initial initial;
  sl_values *values;
  sl_chain_seed(&rng, &generated, (uint64_t)sl_argument_int(arguments, SL_ARG_SEED), at->chain);
  if (!sl_initial_read(&initial, at->model, sl_argument_text(arguments, SL_ARG_INIT), at->chain, false, &values, error))
    return false;
  bool found = sl_initial_find(&initial, at, point, &rng, error);
  sl_values_destroy(values);
  return found;
}

bool sl_diagnose(const sl_model *model, const sl_arguments *arguments, sl_error *error) {
  size_t n = sl_unconstrained_size(model), failed = 0;
  sl_hamiltonian at = {.model = model,
                       .workspace = sl_workspace_create_for((int)sl_argument_int(arguments, SL_ARG_THREADS_PER_CHAIN)),
                       .chain = (int)sl_argument_int(arguments, SL_ARG_ID),
                       .n = n};
  double *block = calloc(2 * n + 1, sizeof *block);
  sl_point point = {.position = block, .gradient = block + n};
  sl_csv_writer writer;
  char path[4200];
  sl_output_path(path, sizeof path, sl_argument_text(arguments, SL_ARG_OUTPUT_FILE), "", ".csv", false, 0);
  if (!at.workspace || !block)
    sl_error_set(error, SL_BAD_DATA, "not enough memory for %zu parameters", n);
  else if (find_start(&at, &point, arguments, error) &&
           sl_csv_open(&writer, path, (int)sl_argument_int(arguments, SL_ARG_SIG_FIGS), error)) {
    sl_header_write(&writer, arguments);
    failed = compare(&at, &point, arguments, &writer);
    sl_csv_close(&writer, error);
  }
  if (failed)
    sl_error_set(
        error, SL_DEFECT,
        "%zu of %zu derivatives differ by more than error=%s.\n  Large ones differ by rounding and by epsilon= "
        "alone: try other values of these two, and other initial values (init=).",
        failed, n, sl_argument_text(arguments, SL_ARG_ERROR));
  free(block);
  sl_workspace_destroy(at.workspace);
  return error->code == SL_OK;
}
