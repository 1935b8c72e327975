/* laplace.c: the method `laplace`: the normal approximation at a mode: standard errors, Wald's tests, and draws.
 *
 * The mode comes from a file, as in CmdStan, or is searched for when none is given. A mode is known to a few digits only (an
 * optimiser's tolerance, a file's); Newton's method gives it the others, so that standard errors have theirs. A point that is
 * no mode is left where it is, and the user told.
 *
 * log_q__ is minus half the squared length of the draw in standard deviations: as in CmdStan the normal density without its
 * constants. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/column_choice.h"
#include "runtime/columns.h"
#include "runtime/command.h"
#include "runtime/draws.h"
#include "runtime/interrupt.h"
#include "runtime/optimum.h"
#include "runtime/output_header.h"
#include "runtime/output_path.h"
#include "runtime/points.h"
#include "runtime/wald.h"

/* In standard deviations: how far from a maximum a point may be to be called one; how far it may move and keep its Hessian. */
static const double MODE_DISTANCE = 0.1, SAME_HESSIAN = 1e-7;
enum { MAX_NEWTON_STEPS = 20 };

typedef struct laplace {
  sl_objective objective;
  const sl_arguments *arguments;
  sl_hessian hessian;
  sl_iterate mode;
  double *step, *point, *normals, *constrained, *block;
  sl_column_choice columns;
  double distance; /* of the mode to the maximum of the approximation */
  sl_rng rng, generated_rng;
} laplace;

static bool allocate(laplace *run, sl_error *error) {
  size_t n = run->objective.n;
  double *next = run->block = calloc(5 * n + sl_constrained_size(run->objective.model, true, true) + 1, sizeof(double));
  if (!next || !run->objective.workspace || !run->objective.rejections ||
      !sl_hessian_create(&run->hessian, &run->objective)) {
    sl_error_set(error, SL_BAD_DATA, "not enough memory for the Hessian of %zu parameters", n);
    return false;
  }
  run->mode = (sl_iterate){next, next + n, 0};
  run->step = next + 2 * n;
  run->point = next + 3 * n;
  run->normals = next + 4 * n;
  run->constrained = next + 5 * n;
  return true;
}

/* mode=: the last row of a CSV file, or the values of a JSON file. */
static bool read_mode(laplace *run, const char *path, sl_error *error) {
  sl_objective *objective = &run->objective;
  sl_points points = {.model = objective->model, .workspace = objective->workspace, .n = objective->n};
  bool good = sl_points_add_constrained(&points, path, error);
  if (good) memcpy(run->mode.x, points.values + (points.count - 1) * objective->n, objective->n * sizeof(double));
  sl_points_destroy(&points);
  if (!good) return false;
  if (sl_objective_evaluate(objective, run->mode.x, &run->mode.value, run->mode.gradient)) return true;
  sl_error_set(error, SL_BAD_DATA, "%s: the log density cannot be evaluated at this mode: %s", path,
               objective->workspace->message);
  return false;
}

static bool find_mode(laplace *run, sl_error *error) {
  const char *path = sl_argument_text(run->arguments, SL_ARG_MODE);
  if (path[0]) return read_mode(run, path, error);
  sl_termination end;
  if (!sl_optimum_search(&run->objective, run->arguments, &run->rng, &run->mode, &end, NULL, NULL, error)) return false;
  printf("Optimization terminated %s: \n  %s\n", end >= 0 ? "normally" : "with error", sl_termination_text(end));
  return true; /* whether this is a mode, the Hessian tells */
}

/* The first element of the parameters that changes with unconstrained parameter i. */
typedef struct name_search {
  size_t wanted, at;
  char *out;
  size_t size;
} name_search;

static void take_name(void *context, const char *name) {
  name_search *search = context;
  if (search->at++ == search->wanted) snprintf(search->out, search->size, "%s", name);
}

static void name_parameter(laplace *run, size_t i, char *out, size_t size) {
  const sl_objective *objective = &run->objective;
  size_t n = objective->n, count = sl_constrained_size(objective->model, false, false);
  double *moved = run->point, *values = calloc(2 * count + 1, sizeof *values);
  snprintf(out, size, "unconstrained parameter %zu", i + 1);
  if (!values) return;
  memcpy(moved, run->mode.x, n * sizeof *moved);
  moved[i] += 1e-2 * fmax(1, fabs(moved[i]));
  if (sl_constrain(objective->model, objective->workspace, run->mode.x, &run->rng, false, false, values) ==
          SL_EVALUATED &&
      sl_constrain(objective->model, objective->workspace, moved, &run->rng, false, false, values + count) ==
          SL_EVALUATED) {
    size_t first = 0;
    while (first < count && values[first] == values[count + first]) first++;
    sl_columns_visit(objective->model, false, false, take_name, &(name_search){first, 0, out, size});
  }
  free(values);
}

/* The parameters that have the largest parts in hessian.worst, the first five of them. */
static void name_worst(laplace *run, char *out, size_t size) {
  enum { MOST = 5 };
  const sl_hessian *hessian = &run->hessian;
  size_t used = 0;
  double largest = 0;
  int named = 0;
  for (size_t i = 0; i < hessian->n; i++) largest = fmax(largest, fabs(hessian->worst[i] / hessian->scales[i]));
  out[0] = '\0';
  for (size_t i = 0; i < hessian->n && named <= MOST && used < size; i++) {
    if (!(fabs(hessian->worst[i] / hessian->scales[i]) > 0.1 * largest)) continue;
    char name[SL_COLUMN_NAME_SIZE], pretty[2 * SL_COLUMN_NAME_SIZE];
    name_parameter(run, i, name, sizeof name);
    sl_draws_pretty_name(name, pretty, sizeof pretty);
    used += (size_t)snprintf(out + used, size - used, "%s%.200s", named ? ", " : "", named < MOST ? pretty : "...");
    named++;
  }
}

static void refuse_shape(laplace *run, sl_shape shape, sl_error *error) {
  static const char *const reasons[] = {
      [SL_FLAT] = "does not change along a direction, or runs out at infinity: the data do not tell these parameters "
                  "apart, or the mode lies at a bound",
      [SL_SADDLE] = "rises along a direction: this point is no maximum",
      [SL_ROUGH] = "is not smooth here, or cannot be evaluated next to this point"};
  char names[1100];
  name_worst(run, names, sizeof names);
  sl_error_set(error, SL_BAD_DATA,
               "There is no normal approximation: the negative Hessian is not positive definite. The log density %s.\n"
               "  Parameters: %s\n  Try priors on them, or fewer parameters; `sample` needs no mode.",
               reasons[shape], names);
}

/* Newton's method with the same Hessian, until it gains nothing more. Returns how far the mode has moved. */
static double sharpen(laplace *run) {
  sl_objective *objective = &run->objective;
  sl_iterate *mode = &run->mode;
  size_t n = objective->n;
  double moved = 0, *gradient = run->normals, value;
  run->distance = sl_hessian_newton_step(&run->hessian, mode->gradient, run->step);
  for (int i = 0; i < MAX_NEWTON_STEPS && run->distance > 0; i++) {
    for (size_t k = 0; k < n; k++) run->point[k] = mode->x[k] + run->step[k];
    if (!sl_objective_evaluate(objective, run->point, &value, gradient) ||
        value > mode->value + 1e-9 * fmax(1, fabs(mode->value)))
      break;
    double distance = sl_hessian_newton_step(&run->hessian, gradient, run->step);
    if (!(distance < 0.5 * run->distance)) break;
    moved += run->distance;
    memcpy(mode->x, run->point, n * sizeof(double));
    memcpy(mode->gradient, gradient, n * sizeof(double));
    mode->value = value;
    run->distance = distance;
  }
  return moved;
}

/* The Hessian at the mode, and with it the mode's other digits. */
static bool approximate(laplace *run, sl_error *error) {
  sl_objective *objective = &run->objective;
  bool given = sl_argument_text(run->arguments, SL_ARG_MODE)[0] != '\0';
  double moved = 1;
  if (!sl_hessian_estimate(&run->hessian, run->mode.x) && !sl_interrupted)
    sl_error_set(error, SL_BAD_DATA, "The log density cannot be evaluated next to the mode: %s",
                 objective->workspace->message);
  for (int i = 0; i < MAX_NEWTON_STEPS && moved > SAME_HESSIAN && !sl_interrupted && error->code == SL_OK; i++) {
    sl_shape shape = sl_hessian_refine(&run->hessian, run->mode.x);
    if (objective->fatal || sl_interrupted) break;
    if (shape != SL_CONVEX) {
      refuse_shape(run, shape, error);
      break;
    }
    run->distance = sl_hessian_newton_step(&run->hessian, run->mode.gradient, run->step);
    moved = given && run->distance > MODE_DISTANCE ? 0 : sharpen(run);
  }
  if (objective->fatal) sl_error_set(error, SL_BAD_DATA, "%s", objective->workspace->message);
  if (sl_interrupted) sl_error_set(error, SL_INTERRUPTED, "Interrupted.");
  return error->code == SL_OK;
}

/* Whether the point is near enough to a maximum to be called a mode. */
static bool judge_distance(const laplace *run, sl_error *error) {
  if (run->distance <= MODE_DISTANCE) return true;
  if (!sl_argument_text(run->arguments, SL_ARG_MODE)[0]) {
    sl_error_set(error, SL_BAD_DATA, "No mode was found. %s", sl_optimum_advice);
    return false;
  }
  fprintf(
      stderr,
      "Warning: the given point is no mode: the maximum of the normal approximation lies %.2g standard deviations from "
      "it.\n  Was it found with jacobian=%d, as this run has it?\n",
      run->distance, run->objective.flags & SL_JACOBIAN ? 1 : 0);
  return true;
}

static void write_header(laplace *run, const sl_wald *wald, sl_csv_writer *writer) {
  const sl_model *model = run->objective.model;
  sl_header_write(writer, run->arguments);
  sl_csv_text(writer, "# unconstrained_parameters = %zu\n# log_density_at_mode = ", run->objective.n);
  sl_csv_number(writer, -run->mode.value);
  sl_csv_char(writer, '\n');
  sl_wald_write(wald, model, writer);
  sl_csv_text(writer, "log_p__,log_q__");
  sl_column_choice_write_names(&run->columns, model, writer);
  sl_csv_char(writer, '\n');
}

static void write_draw(laplace *run, sl_csv_writer *writer) {
  sl_objective *objective = &run->objective;
  size_t n = objective->n;
  double log_p = NAN;
  for (size_t k = 0; k < n; k++) run->normals[k] = sl_std_normal(&run->rng);
  memcpy(run->point, run->mode.x, n * sizeof(double));
  for (size_t k = 0; k < n; k++)
    for (size_t i = 0; i < n; i++) run->point[i] += run->hessian.directions[k * n + i] * run->normals[k];
  if (sl_argument_bool(run->arguments, SL_ARG_CALCULATE_LP)) {
    sl_status status = sl_log_density(objective->model, objective->workspace, run->point, objective->flags, &log_p);
    if (status == SL_REJECTED) {
      sl_rejections_report(objective->rejections, SL_REJECTED_PROPOSAL, objective->chain,
                           objective->workspace->message);
      log_p = -HUGE_VAL;
    }
    objective->fatal = status == SL_FATAL;
    if (objective->fatal) return;
  }
  sl_status status = sl_constrain(objective->model, objective->workspace, run->point, &run->generated_rng, true, true,
                                  run->constrained);
  if (status == SL_REJECTED)
    sl_rejections_report(objective->rejections, SL_REJECTED_QUANTITIES, objective->chain,
                         objective->workspace->message);
  objective->fatal = status == SL_FATAL;
  sl_csv_number(writer, log_p);
  sl_csv_char(writer, ',');
  sl_csv_number(writer, -0.5 * sl_dot(run->normals, run->normals, n));
  sl_column_choice_write(&run->columns, run->constrained, writer);
  sl_csv_char(writer, '\n');
}

static void write_draws(laplace *run, const sl_wald *wald, sl_error *error) {
  long draws = sl_argument_int(run->arguments, SL_ARG_DRAWS);
  char path[4200];
  sl_csv_writer writer;
  sl_output_path(path, sizeof path, sl_argument_text(run->arguments, SL_ARG_OUTPUT_FILE), "", ".csv", false, 0);
  if (!sl_csv_open(&writer, path, (int)sl_argument_int(run->arguments, SL_ARG_SIG_FIGS), error)) return;
  write_header(run, wald, &writer);
  for (long m = 0; m < draws && !sl_interrupted && !run->objective.fatal; m++) write_draw(run, &writer);
  sl_csv_close(&writer, error);
  if (run->objective.fatal) sl_error_set(error, SL_BAD_DATA, "%s", run->objective.workspace->message);
  if (sl_interrupted)
    sl_error_set(error, SL_INTERRUPTED, "Interrupted. The file holds the draws up to here, and is complete.");
}

static void run_laplace(laplace *run, sl_error *error) {
  uint64_t seed = (uint64_t)sl_argument_int(run->arguments, SL_ARG_SEED);
  const char *columns = sl_argument_text(run->arguments, SL_ARG_COLUMNS);
  if (!allocate(run, error) || !sl_column_choice_create(&run->columns, run->objective.model, columns, error) ||
      !find_mode(run, error))
    return;
  bool talks = sl_argument_int(run->arguments, SL_ARG_REFRESH) > 0;
  if (talks) printf("Calculating Hessian\n");
  if (!approximate(run, error) || !judge_distance(run, error)) return;
  sl_wald wald;
  if (sl_wald_create(&wald, &run->hessian, run->mode.x, seed, error)) {
    if (talks) printf("Generating draws\n");
    write_draws(run, &wald, error);
    if (error->code == SL_OK) {
      printf("\nLog density at the mode: %.8g\n\n", -run->mode.value);
      sl_wald_print(&wald, run->objective.model);
    }
  }
  sl_wald_destroy(&wald);
}

bool sl_laplace(const sl_model *model, const sl_arguments *arguments, sl_error *error) {
  int id = (int)sl_argument_int(arguments, SL_ARG_ID);
  laplace run = {
      .objective = {.model = model,
                    .workspace = sl_workspace_create_for((int)sl_argument_int(arguments, SL_ARG_THREADS_PER_CHAIN)),
                    .rejections = sl_rejections_create(),
                    .chain = id,
                    .flags = sl_argument_bool(arguments, SL_ARG_LAPLACE_JACOBIAN) ? SL_JACOBIAN : 0,
                    .n = sl_unconstrained_size(model)},
      .arguments = arguments};
  sl_chain_seed(&run.rng, &run.generated_rng, (uint64_t)sl_argument_int(arguments, SL_ARG_SEED), id);
  if (run.objective.n == 0) fputs("The model has no parameters: its variables have no errors.\n", stderr);
  sl_interrupt_begin();
  run_laplace(&run, error);
  sl_interrupt_end();
  sl_rejections_summarise(run.objective.rejections);
  sl_column_choice_destroy(&run.columns);
  sl_hessian_destroy(&run.hessian);
  free(run.block);
  sl_rejections_destroy(run.objective.rejections);
  sl_workspace_destroy(run.objective.workspace);
  return error->code == SL_OK;
}
