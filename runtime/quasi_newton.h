/* quasi_newton.h: BFGS and L-BFGS: a point where the objective is lowest, from gradients alone.
 *
 *   sl_quasi_newton method;
 *   if (sl_quasi_newton_create(&method, &objective, &options)) {
 *     memcpy(method.current.x, start, n * sizeof(double));
 *     if (sl_quasi_newton_begin(&method))
 *       while ((end = sl_quasi_newton_step(&method)) == SL_STEP_DONE) ...;
 *   }
 *   sl_quasi_newton_destroy(&method);
 *
 * Tolerances and their defaults are CmdStan's; 0 turns a test off. */
#ifndef STANLITE_RUNTIME_QUASI_NEWTON_H
#define STANLITE_RUNTIME_QUASI_NEWTON_H
#include "runtime/line_search.h"

/* How a step ended. The numbers are those of CmdStan's column converged__. */
typedef enum sl_termination {
  SL_STEP_DONE = 0,
  SL_LINE_SEARCH_FAILED = -1,
  SL_PARAMETERS_SETTLED = 10,
  SL_OBJECTIVE_SETTLED = 20,
  SL_OBJECTIVE_SETTLED_RELATIVELY = 21,
  SL_GRADIENT_VANISHED = 30,
  SL_GRADIENT_VANISHED_RELATIVELY = 31,
  SL_ITERATION_LIMIT = 40
} sl_termination;

/* CmdStan's sentence for it. */
const char *sl_termination_text(sl_termination end);

typedef struct sl_quasi_newton_options {
  int history_size; /* of L-BFGS: pairs of steps that are kept; 0: BFGS with a dense matrix */
  double init_alpha;
  double tol_obj, tol_grad, tol_param;
  double tol_rel_obj, tol_rel_grad; /* in units of the machine's precision */
  long max_iterations;
} sl_quasi_newton_options;

typedef struct sl_quasi_newton {
  sl_objective *objective;
  sl_quasi_newton_options options;
  sl_iterate current, next;
  double *direction;
  /* L-BFGS: the newest history_size steps s and changes of the gradient y, in a ring of rows. BFGS: one of each. */
  double *steps, *changes, *products; /* products: 1 / (s'y) */
  double *weights;
  double *scales; /* L-BFGS: a diagonal approximation to the inverse Hessian, which the steps correct */
  int kept, newest;
  double *inverse; /* BFGS: the approximation to the inverse Hessian, n by n; NULL for L-BFGS */
  double *block;   /* where all of these lie */
  /* About the last step, for reports. */
  long iteration;
  double first_step, step; /* what the line search began and ended with */
  double step_norm, gradient_norm;
  bool was_reset; /* the search failed along the first direction and was done again along the gradient */
} sl_quasi_newton;

/* False: no memory. Destroy it in either case. */
bool sl_quasi_newton_create(sl_quasi_newton *method, sl_objective *objective, const sl_quasi_newton_options *options);
void sl_quasi_newton_destroy(sl_quasi_newton *method);
/* Evaluates at current.x. False: that is no point to start from, objective->workspace->message says why. */
bool sl_quasi_newton_begin(sl_quasi_newton *method);
/* A step to a lower point, `current`; which stays where it was when the line search failed. */
sl_termination sl_quasi_newton_step(sl_quasi_newton *method);

#endif
