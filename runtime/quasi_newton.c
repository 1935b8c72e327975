/* quasi_newton.c: see quasi_newton.h. The minus sign: -d is what the approximate inverse Hessian H makes of the gradient. */
#include "runtime/quasi_newton.h"
#include <float.h>
#include <stdlib.h>
#include <string.h>

const char *sl_termination_text(sl_termination end) {
  switch (end) {
  case SL_LINE_SEARCH_FAILED:
    return "Line search failed to achieve a sufficient decrease, no more progress can be made";
  case SL_PARAMETERS_SETTLED: return "Convergence detected: absolute parameter change was below tolerance";
  case SL_OBJECTIVE_SETTLED: return "Convergence detected: absolute change in objective function was below tolerance";
  case SL_OBJECTIVE_SETTLED_RELATIVELY:
    return "Convergence detected: relative change in objective function was below tolerance";
  case SL_GRADIENT_VANISHED: return "Convergence detected: gradient norm is below tolerance";
  case SL_GRADIENT_VANISHED_RELATIVELY: return "Convergence detected: relative gradient magnitude is below tolerance";
  case SL_ITERATION_LIMIT: return "Maximum number of iterations hit, may not be at an optima";
  default: return "Successful step completed";
  }
}

bool sl_quasi_newton_create(sl_quasi_newton *method, sl_objective *objective, const sl_quasi_newton_options *options) {
  size_t n = objective->n, rows = options->history_size > 0 ? (size_t)options->history_size : 1;
  bool dense = options->history_size == 0;
  *method = (sl_quasi_newton){.objective = objective, .options = *options};
  size_t vectors = 6 + 2 * rows + (dense ? n : 0);
  if (n > 0 && vectors > SIZE_MAX / sizeof(double) / (n + 1)) return false;
  double *next = method->block = calloc(vectors * n + 2 * rows + 1, sizeof(double));
  if (!next) return false;
  double **single[] = {&method->current.x,     &method->current.gradient, &method->next.x,
                       &method->next.gradient, &method->direction,        &method->scales};
  for (size_t i = 0; i < sizeof single / sizeof *single; i++, next += n) *single[i] = next;
  method->steps = next;
  method->changes = next += rows * n;
  method->products = next += rows * n;
  method->weights = next += rows;
  if (dense) method->inverse = next + rows;
  return true;
}

void sl_quasi_newton_destroy(sl_quasi_newton *method) {
  free(method->block);
  method->block = NULL;
}

/* direction = -H g by the two loops of Nocedal and Wright 2006, algorithm 7.4, from H0 = diag(scales). Without pairs it
 * is -g. */
static void direct_from_history(sl_quasi_newton *method) {
  size_t n = method->objective->n;
  int rows = method->options.history_size;
  double *d = method->direction;
  for (size_t i = 0; i < n; i++) d[i] = -method->current.gradient[i];
  for (int age = 0; age < method->kept; age++) {
    int row = (method->newest - age + rows) % rows;
    const double *s = method->steps + (size_t)row * n, *y = method->changes + (size_t)row * n;
    double weight = method->weights[row] = method->products[row] * sl_dot(s, d, n);
    for (size_t i = 0; i < n; i++) d[i] -= weight * y[i];
  }
  for (size_t i = 0; i < n && method->kept > 0; i++) d[i] *= method->scales[i];
  for (int age = method->kept - 1; age >= 0; age--) {
    int row = (method->newest - age + rows) % rows;
    const double *s = method->steps + (size_t)row * n, *y = method->changes + (size_t)row * n;
    double weight = method->weights[row] - method->products[row] * sl_dot(y, d, n);
    for (size_t i = 0; i < n; i++) d[i] += weight * s[i];
  }
}

/* A diagonal inverse Hessian D learns from a step s and its change of the gradient y: the diagonal of the BFGS update of
 * D^-1 y'Dy / s'y (Gilbert and Lemarechal 1989, eq. 4.9), at first the identity times s'y / y'y. Unlike a multiple of the
 * identity it follows parameters of different scales. */
static void update_scales(sl_quasi_newton *method, const double *s, const double *y, double product) {
  size_t n = method->objective->n;
  double *D = method->scales, yDy = 0, sDs = 0, start = product / sl_dot(y, y, n);
  for (size_t i = 0; i < n && method->kept == 0; i++) D[i] = start;
  for (size_t i = 0; i < n; i++) {
    yDy += y[i] * D[i] * y[i];
    sDs += s[i] / D[i] * s[i];
  }
  double ratio = yDy / product;
  for (size_t i = 0; i < n; i++) {
    double inverse = ratio / D[i] - ratio * s[i] * s[i] / (sDs * D[i] * D[i]) + y[i] * y[i] / product;
    if (inverse > 0 && isfinite(inverse)) D[i] = 1 / inverse;
  }
}

/* H becomes (I - r s y') H (I - r y s') + r s s', r = 1 / s'y (Nocedal and Wright 2006, 6.17); before the first update it is
 * s'y / y'y times the identity (6.20). */
static void update_inverse(sl_quasi_newton *method) {
  size_t n = method->objective->n;
  const double *s = method->steps, *y = method->changes;
  double *H = method->inverse, *Hy = method->direction, r = method->products[0];
  if (method->kept == 0) {
    memset(H, 0, n * n * sizeof *H);
    for (size_t i = 0; i < n; i++) H[i * n + i] = 1 / (r * sl_dot(y, y, n));
  }
  for (size_t i = 0; i < n; i++) Hy[i] = sl_dot(H + i * n, y, n);
  double square = r * (1 + r * sl_dot(y, Hy, n));
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) H[i * n + j] += square * s[i] * s[j] - r * (Hy[i] * s[j] + s[i] * Hy[j]);
}

static void direct(sl_quasi_newton *method) {
  size_t n = method->objective->n;
  if (!method->inverse || method->kept == 0) {
    direct_from_history(method);
    return;
  }
  for (size_t i = 0; i < n; i++) method->direction[i] = -sl_dot(method->inverse + i * n, method->current.gradient, n);
}

bool sl_quasi_newton_begin(sl_quasi_newton *method) {
  sl_iterate *current = &method->current;
  if (!sl_objective_evaluate(method->objective, current->x, &current->value, current->gradient)) return false;
  direct(method);
  return true;
}

/* Learns from the step current -> next. A pair without positive curvature, which rounding can leave, says nothing. */
static void learn(sl_quasi_newton *method) {
  size_t n = method->objective->n;
  int rows = method->inverse ? 1 : method->options.history_size;
  int row = method->kept > 0 ? (method->newest + 1) % rows : 0;
  double *s = method->steps + (size_t)row * n, *y = method->changes + (size_t)row * n;
  for (size_t i = 0; i < n; i++) {
    s[i] = method->next.x[i] - method->current.x[i];
    y[i] = method->next.gradient[i] - method->current.gradient[i];
  }
  method->step_norm = sl_norm(s, n);
  double product = sl_dot(s, y, n);
  if (!(product > DBL_EPSILON * sl_norm(y, n) * method->step_norm)) {
    method->kept = 0; /* the ring's row is overwritten: begin again */
    return;
  }
  method->products[row] = 1 / product;
  method->newest = row;
  if (method->inverse)
    update_inverse(method);
  else
    update_scales(method, s, y, product);
  if (method->kept < rows) method->kept++;
}

static sl_termination test(const sl_quasi_newton *method, double before) {
  const sl_quasi_newton_options *options = &method->options;
  double now = method->current.value, change = fabs(before - now);
  /* g'H g: twice the decrease that a Newton step still promises */
  double promised = -sl_dot(method->direction, method->current.gradient, method->objective->n);
  if (change < options->tol_obj) return SL_OBJECTIVE_SETTLED;
  if (method->gradient_norm < options->tol_grad) return SL_GRADIENT_VANISHED;
  if (method->step_norm < options->tol_param) return SL_PARAMETERS_SETTLED;
  if (method->iteration >= options->max_iterations) return SL_ITERATION_LIMIT;
  if (change < options->tol_rel_obj * DBL_EPSILON * fmax(fmax(fabs(now), fabs(before)), 1))
    return SL_OBJECTIVE_SETTLED_RELATIVELY;
  if (promised < options->tol_rel_grad * DBL_EPSILON * fmax(fabs(now), 1)) return SL_GRADIENT_VANISHED_RELATIVELY;
  return SL_STEP_DONE;
}

sl_termination sl_quasi_newton_step(sl_quasi_newton *method) {
  method->iteration++;
  method->was_reset = false;
  for (;;) {
    bool plain = method->kept == 0;
    method->first_step = method->step = plain ? method->options.init_alpha : 1;
    if (sl_line_search(method->objective, &method->current, method->direction, &method->step, &method->next)) break;
    /* The gradient itself may be zero: there is nothing to gain, and no search to make. */
    method->gradient_norm = sl_norm(method->current.gradient, method->objective->n);
    if (method->gradient_norm < method->options.tol_grad) return SL_GRADIENT_VANISHED;
    if (plain || method->objective->fatal) return SL_LINE_SEARCH_FAILED;
    method->kept = 0;
    method->was_reset = true;
    direct(method);
  }
  learn(method);
  double before = method->current.value;
  sl_iterate earlier = method->current;
  method->current = method->next;
  method->next = earlier;
  method->gradient_norm = sl_norm(method->current.gradient, method->objective->n);
  direct(method);
  return test(method, before);
}
