/* optimum.c: see optimum.h. */
#include "runtime/optimum.h"
#include <stdio.h>
#include <string.h>
#include "runtime/initial.h"
#include "runtime/interrupt.h"
#include "runtime/newton.h"

const char sl_optimum_advice[] =
    "The log density may have no maximum (a standard deviation that runs to 0, data that a probability of 0 or 1 fits "
    "perfectly), or the start is bad.\n  Try other initial values (init=, random seed=), priors or bounds that keep "
    "parameters away from such places, parameters on similar scales, or algorithm=bfgs.";

/* One search under way. */
typedef struct optimum_search {
  sl_objective *objective;
  const sl_arguments *arguments;
  sl_iterate *found;
  sl_optimum_visitor *visit;
  void *context;
} optimum_search;

static void visit(const optimum_search *search, const sl_iterate *at) {
  if (search->visit) search->visit(search->context, at->x, -at->value);
}

static void keep(const optimum_search *search, const sl_iterate *at) {
  size_t size = search->objective->n * sizeof(double);
  memcpy(search->found->x, at->x, size);
  memcpy(search->found->gradient, at->gradient, size);
  search->found->value = at->value;
}

static bool find_start(const optimum_search *search, sl_rng *rng, sl_error *error) {
  const sl_objective *objective = search->objective;
  sl_initial initial;
  sl_values *values;
  if (!sl_initial_read(&initial, objective->model, sl_argument_text(search->arguments, SL_ARG_INIT), objective->chain,
                       false, &values, error))
    return false;
  sl_hamiltonian hamiltonian = {
      .model = objective->model, .workspace = objective->workspace, .chain = objective->chain, .n = objective->n};
  sl_point point = {.position = search->found->x, .gradient = search->found->gradient};
  bool found = sl_initial_find(&initial, &hamiltonian, &point, rng, error);
  sl_values_destroy(values);
  return found;
}

static sl_quasi_newton_options options_of(const sl_arguments *arguments) {
  bool dense = sl_argument_choice(arguments, SL_ARG_OPTIMIZER) == SL_ARG_BFGS;
#define OPTION(name) sl_argument_real(arguments, dense ? SL_ARG_BFGS_##name : SL_ARG_LBFGS_##name)
  return (sl_quasi_newton_options){.history_size = dense ? 0 : (int)sl_argument_int(arguments, SL_ARG_HISTORY_SIZE),
                                   .init_alpha = OPTION(INIT_ALPHA),
                                   .tol_obj = OPTION(TOL_OBJ),
                                   .tol_grad = OPTION(TOL_GRAD),
                                   .tol_param = OPTION(TOL_PARAM),
                                   .tol_rel_obj = OPTION(TOL_REL_OBJ),
                                   .tol_rel_grad = OPTION(TOL_REL_GRAD),
                                   .max_iterations = sl_argument_int(arguments, SL_ARG_ITER)};
#undef OPTION
}

/* CmdStan's line about an iteration. */
static void report(const sl_quasi_newton *method) {
  printf(" %7ld  %12.6g  %12.6g  %12.6g  %10.4g  %10.4g  %7ld  %s \n", method->iteration, -method->current.value,
         method->step_norm, method->gradient_norm, method->step, method->first_step, method->objective->evaluations,
         method->was_reset ? "LS failed, Hessian reset" : "");
}

static sl_termination quasi_newton(const optimum_search *search, sl_error *error) {
  sl_quasi_newton_options options = options_of(search->arguments);
  sl_quasi_newton method;
  sl_termination end = SL_STEP_DONE;
  long refresh = sl_argument_int(search->arguments, SL_ARG_REFRESH);
  if (!sl_quasi_newton_create(&method, search->objective, &options)) {
    sl_error_set(error, SL_BAD_DATA, "not enough memory for %zu parameters%s", search->objective->n,
                 options.history_size ? "" : ": try algorithm=lbfgs");
    sl_quasi_newton_destroy(&method);
    return SL_LINE_SEARCH_FAILED;
  }
  memcpy(method.current.x, search->found->x, search->objective->n * sizeof(double));
  sl_quasi_newton_begin(&method); /* sl_optimum_search has tried */
  while (end == SL_STEP_DONE && !sl_interrupted) {
    bool heads = refresh > 0 && (method.iteration == 0 || (method.iteration + 1) % refresh == 0);
    if (heads) puts("    Iter      log prob        ||dx||      ||grad||       alpha      alpha0  # evals  Notes ");
    end = sl_quasi_newton_step(&method);
    bool due = method.was_reset || (method.iteration + 1) % (refresh > 0 ? refresh : 1) == 0;
    if (refresh > 0 && (end != SL_STEP_DONE || due)) report(&method);
    if (end != SL_LINE_SEARCH_FAILED) visit(search, &method.current);
  }
  keep(search, &method.current);
  sl_quasi_newton_destroy(&method);
  return end;
}

/* Newton's method ends as in CmdStan: when a step improves the log density by no more than 1e-8. */
static sl_termination newton(const optimum_search *search, sl_error *error) {
  static const double LEAST_IMPROVEMENT = 1e-8;
  long limit = sl_argument_int(search->arguments, SL_ARG_ITER);
  bool quiet = sl_argument_int(search->arguments, SL_ARG_REFRESH) == 0;
  sl_newton method;
  sl_termination end = SL_ITERATION_LIMIT;
  if (!sl_newton_create(&method, search->objective)) {
    sl_error_set(error, SL_BAD_DATA, "not enough memory for the Hessian of %zu parameters: try algorithm=lbfgs",
                 search->objective->n);
    return SL_LINE_SEARCH_FAILED;
  }
  for (long i = 1; i <= limit && end == SL_ITERATION_LIMIT && !sl_interrupted; i++) {
    double before = search->found->value;
    bool stepped = sl_newton_step(&method, search->found);
    double improved = before - search->found->value;
    if (!quiet)
      printf("Iteration %2ld. Log joint probability = %10.6g. Improved by %g.\n", i, -search->found->value, improved);
    visit(search, search->found);
    if (!stepped)
      end = SL_LINE_SEARCH_FAILED;
    else if (improved <= LEAST_IMPROVEMENT)
      end = SL_OBJECTIVE_SETTLED;
  }
  sl_newton_destroy(&method);
  return end;
}

bool sl_optimum_search(sl_objective *objective, const sl_arguments *arguments, sl_rng *rng, sl_iterate *found,
                       sl_termination *end, sl_optimum_visitor *visitor, void *context, sl_error *error) {
  optimum_search search = {objective, arguments, found, visitor, context};
  *end = SL_GRADIENT_VANISHED;
  if (!find_start(&search, rng, error)) return false;
  if (!sl_objective_evaluate(objective, found->x, &found->value, found->gradient)) {
    sl_error_set(error, SL_BAD_DATA, "The search cannot start from these initial values: %s",
                 objective->workspace->message);
    return false;
  }
  printf("Initial log joint probability = %g\n", -found->value);
  visit(&search, found);
  if (objective->n > 0) {
    bool second_order = sl_argument_choice(arguments, SL_ARG_OPTIMIZER) == SL_ARG_NEWTON;
    *end = (second_order ? newton : quasi_newton)(&search, error);
  }
  if (objective->fatal) sl_error_set(error, SL_BAD_DATA, "%s", objective->workspace->message);
  if (sl_interrupted) sl_error_set(error, SL_INTERRUPTED, "Interrupted after %ld gradients.", objective->evaluations);
  return error->code == SL_OK;
}
