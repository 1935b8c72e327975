/* algebra.c: roots of systems of equations: solve_powell (algebra_solver) and solve_newton.
 *
 * solve_powell is Powell's hybrid method (Powell 1970; More, Garbow and Hillstrom 1980, section 4): dogleg steps within a trust
 * region, here with the exact Jacobian at each point. solve_newton takes Newton's step, shortened until the function falls.
 * Both end with Newton steps for as long as these still make the function smaller, so that the root has all the digits that f
 * allows: its derivative is that of the exact root. */
#include <float.h>
#include "runtime/lapack.h"
#include "runtime/solvers.h"

typedef struct root {
  sl_callbacks f;
  const double *theta, *x;
  const long *ints;
  long n, m;
  double *y, *value; /* the point at hand, and f there */
  double *trial, *trial_value, *newton, *gradient, *step;
  double *jacobian, *by_rows, *jacobian_theta, *row; /* column-major and by rows; scratch */
  int *pivots;
  double norm; /* of value */
  sl_workspace *workspace;
} root;

static double norm_of(const double *x, long n) {
  double sum = 0;
  for (long i = 0; i < n; i++) sum += x[i] * x[i];
  return sqrt(sum);
}

static sl_status evaluate(const root *r, const double *y, double *value) {
  double t = 0;
  return r->f.value(value, &t, y, r->theta, r->x, r->ints, NULL, r->workspace);
}

/* value and jacobian at y. */
static sl_status linearise(root *r) {
  double t = 0;
  sl_status status = sl_callback_jacobian(&r->f, r->n, r->m, r->m, &t, r->y, r->theta, r->x, r->ints, r->value,
                                          r->by_rows, r->jacobian_theta, r->row, r->workspace);
  for (long i = 0; i < r->n; i++)
    for (long j = 0; j < r->n; j++) r->jacobian[i + j * r->n] = r->by_rows[i * r->n + j];
  r->norm = norm_of(r->value, r->n);
  return status;
}

/* newton = -J^-1 value; false when J is singular. The Jacobian is overwritten by its factors. */
static bool solve_newton_step(root *r) {
  int n = (int)r->n, one = 1, info;
  dgetrf_(&n, &n, r->jacobian, &n, r->pivots, &info);
  if (info != 0) return false;
  for (long i = 0; i < r->n; i++) r->newton[i] = -r->value[i];
  dgetrs_("N", &n, &one, r->jacobian, &n, r->pivots, r->newton, &n, &info, 1);
  return isfinite(norm_of(r->newton, r->n));
}

static sl_status start(root *r, const double *guess, const double *tolerances, long max_steps) {
  const sl_callbacks *f = &r->f;
  sl_workspace *w = r->workspace;
  if (r->n < 1) return sl_reject(w, f->place, "%s: the initial guess has no elements", f->name);
  for (long i = 0; i < r->n; i++)
    if (!isfinite(guess[i]))
      return sl_reject(w, f->place, "%s: the initial guess must be finite, but element %ld is %g", f->name, i + 1,
                       guess[i]);
  for (int i = 0; i < 2; i++)
    if (!(tolerances[i] >= 0 && isfinite(tolerances[i])))
      return sl_reject(w, f->place, "%s: the %s tolerance is %g, but must not be negative", f->name,
                       i ? "function's" : "step's", tolerances[i]);
  if (max_steps < 1)
    return sl_reject(w, f->place, "%s: the number of steps is %ld, but must be positive", f->name, max_steps);
  double **vectors[] = {&r->y, &r->value, &r->trial, &r->trial_value, &r->newton, &r->gradient, &r->step, &r->row};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) *vectors[i] = sl_take(w, r->n, sizeof(double));
  r->jacobian = sl_take(w, r->n * r->n, sizeof(double));
  r->by_rows = sl_take(w, r->n * r->n, sizeof(double));
  r->jacobian_theta = sl_take(w, r->n * r->m, sizeof(double));
  r->pivots = sl_take(w, r->n, sizeof(int));
  memcpy(r->y, guess, (size_t)r->n * sizeof *guess);
  sl_status status = linearise(r);
  if (status == SL_EVALUATED && !isfinite(r->norm))
    return sl_reject(w, f->place, "%s: the function is not finite at the initial guess", f->name);
  return status;
}

static void move_to(root *r, double length, const double *direction) {
  for (long i = 0; i < r->n; i++) r->trial[i] = r->y[i] + length * direction[i];
}

static void take_trial(root *r) { memcpy(r->y, r->trial, (size_t)r->n * sizeof *r->y); }

/* Newton steps for as long as they make the function smaller. */
static sl_status polish(root *r) {
  for (int i = 0; i < 5 && r->norm > 0 && solve_newton_step(r); i++) {
    move_to(r, 1, r->newton);
    sl_status status = evaluate(r, r->trial, r->trial_value);
    if (status != SL_EVALUATED) return status;
    if (!(norm_of(r->trial_value, r->n) < r->norm)) break;
    take_trial(r);
    status = linearise(r);
    if (status != SL_EVALUATED) return status;
  }
  return SL_EVALUATED;
}

static sl_status give_up(const root *r, const char *why, long max_steps) {
  if (why)
    return sl_reject(r->workspace, r->f.place, "%s: %s; the norm of the function is %g", r->f.name, why, r->norm);
  return sl_reject(r->workspace, r->f.place, "%s: no root was found in %ld steps; the norm of the function is %g",
                   r->f.name, max_steps, r->norm);
}

/* ---- Powell's hybrid method ---- */

/* step: the longest point of the dogleg path (steepest descent to its minimum, from there to Newton's point) within radius. */
static void dogleg(root *r, bool has_newton, double radius) {
  const long n = r->n;
  double newton_norm = has_newton ? norm_of(r->newton, n) : INFINITY;
  if (newton_norm <= radius) {
    memcpy(r->step, r->newton, (size_t)n * sizeof *r->step);
    return;
  }
  double along = 0; /* |J g|^2 */
  for (long i = 0; i < n; i++) {
    double sum = 0;
    for (long j = 0; j < n; j++) sum += r->by_rows[i * n + j] * r->gradient[j];
    along += sum * sum;
  }
  double gradient_norm = norm_of(r->gradient, n), length = along > 0 ? gradient_norm * gradient_norm / along : 0;
  if (!has_newton || length * gradient_norm >= radius) {
    double scale = fmin(length, gradient_norm > 0 ? radius / gradient_norm : 0);
    for (long i = 0; i < n; i++) r->step[i] = -scale * r->gradient[i];
    return;
  }
  /* |c + s (newton - c)| = radius for the Cauchy point c */
  double a = 0, b = 0, c = -radius * radius;
  for (long i = 0; i < n; i++) {
    double cauchy = -length * r->gradient[i], rest = r->newton[i] - cauchy;
    a += rest * rest;
    b += cauchy * rest;
    c += cauchy * cauchy;
  }
  double s = -c / (b + sqrt(b * b - a * c));
  for (long i = 0; i < n; i++) {
    double cauchy = -length * r->gradient[i];
    r->step[i] = cauchy + s * (r->newton[i] - cauchy);
  }
}

/* |value + J step| */
static double predicted_norm(const root *r) {
  double sum = 0;
  for (long i = 0; i < r->n; i++) {
    double v = r->value[i];
    for (long j = 0; j < r->n; j++) v += r->by_rows[i * r->n + j] * r->step[j];
    sum += v * v;
  }
  return sqrt(sum);
}

static sl_status powell(root *r, const double *tolerances, long max_steps) {
  double radius = 100 * norm_of(r->y, r->n);
  if (radius == 0) radius = 100;
  bool has_newton = false, is_new = true;
  for (long step = 0; r->norm > 0; step++) {
    if (step == max_steps) return give_up(r, NULL, max_steps);
    if (is_new) {
      for (long j = 0; j < r->n; j++) {
        r->gradient[j] = 0;
        for (long i = 0; i < r->n; i++) r->gradient[j] += r->by_rows[i * r->n + j] * r->value[i];
      }
      has_newton = solve_newton_step(r);
    }
    dogleg(r, has_newton, radius);
    double length = norm_of(r->step, r->n), predicted = predicted_norm(r);
    if (length <= tolerances[0] * norm_of(r->y, r->n) || length == 0) break;
    move_to(r, 1, r->step);
    sl_status status = evaluate(r, r->trial, r->trial_value);
    if (status != SL_EVALUATED) return status;
    double norm = norm_of(r->trial_value, r->n);
    double gained = norm < r->norm ? 1 - norm * norm / (r->norm * r->norm) : -1;
    double expected = 1 - predicted * predicted / (r->norm * r->norm), ratio = expected > 0 ? gained / expected : 0;
    if (ratio < 0.1)
      radius = 0.5 * fmin(radius, length);
    else if (ratio >= 0.5)
      radius = fmax(radius, 2 * length);
    is_new = ratio >= 1e-4;
    if (!is_new) continue;
    take_trial(r);
    status = linearise(r);
    if (status != SL_EVALUATED) return status;
  }
  return SL_EVALUATED;
}

/* ---- Newton's method ---- */

enum { MOST_HALVINGS = 50 };

static sl_status newton(root *r, const double *tolerances, long max_steps) {
  for (long step = 0; r->norm > tolerances[1]; step++) {
    if (step == max_steps) return give_up(r, NULL, max_steps);
    if (!solve_newton_step(r)) return give_up(r, "the Jacobian is singular", 0);
    double norm = INFINITY, length = 1;
    for (int halvings = 0; !(norm * norm <= (1 - 1e-4 * length) * r->norm * r->norm); halvings++, length *= 0.5) {
      if (halvings == MOST_HALVINGS) return give_up(r, "no step makes the function smaller", 0);
      move_to(r, length, r->newton);
      sl_status status = evaluate(r, r->trial, r->trial_value);
      if (status != SL_EVALUATED) return status;
      norm = norm_of(r->trial_value, r->n);
    }
    take_trial(r);
    sl_status status = linearise(r);
    if (status != SL_EVALUATED) return status;
  }
  return SL_EVALUATED;
}

/* ---- the kernels ---- */

static sl_status find(bool by_powell, sl_callbacks f, double *found, const double *guess, const double *tolerances,
                      const double *theta, const double *x, const long *ints, long n, long m, long max_steps,
                      sl_workspace *workspace) {
  char *top = workspace->top;
  root r = {.f = f, .theta = theta, .x = x, .ints = ints, .n = n, .m = m, .workspace = workspace};
  sl_status status = start(&r, guess, tolerances, max_steps);
  if (status == SL_EVALUATED)
    status = by_powell ? powell(&r, tolerances, max_steps) : newton(&r, tolerances, max_steps);
  if (status == SL_EVALUATED) {
    linearise(&r); /* the factors have taken the Jacobian's place */
    status = polish(&r);
  }
  if (status == SL_EVALUATED && !(r.norm <= tolerances[1]))
    status = sl_reject(workspace, f.place,
                       "%s: the norm of the function is %g where the steps end, but should be below its tolerance, %g",
                       f.name, r.norm, tolerances[1]);
  if (status == SL_EVALUATED) memcpy(found, r.y, (size_t)n * sizeof *found);
  workspace->top = top;
  return status;
}

sl_status sl_solve_powell(sl_callbacks f, double *root, const double *guess, const double *tolerances,
                          const double *theta, const double *x, const long *ints, long n, long m, long max_steps,
                          sl_workspace *workspace) {
  return find(true, f, root, guess, tolerances, theta, x, ints, n, m, max_steps, workspace);
}

sl_status sl_solve_newton(sl_callbacks f, double *root, const double *guess, const double *tolerances,
                          const double *theta, const double *x, const long *ints, long n, long m, long max_steps,
                          sl_workspace *workspace) {
  return find(false, f, root, guess, tolerances, theta, x, ints, n, m, max_steps, workspace);
}

/* f(y(theta); theta) = 0 gives J_y dy + J_theta dtheta = 0: theta_adj -= J_theta' lambda with J_y' lambda = y_adj. */
void sl_root_adjoint(sl_callbacks f, double *y, double *y_adj, const double *guess, double *guess_adj,
                     const double *tolerances, double *tolerances_adj, const double *theta, double *theta_adj,
                     const double *x, double *x_adj, const long *ints, double *ints_adj, long n, long m, long max_steps,
                     sl_workspace *workspace) {
  (void)guess, (void)guess_adj, (void)tolerances, (void)tolerances_adj, (void)x_adj, (void)ints_adj, (void)max_steps;
  if (!theta_adj || !f.adjoint) return;
  char *top = workspace->top;
  double t = 0, *value = sl_take(workspace, n, sizeof *value), *row = sl_take(workspace, n, sizeof *row);
  double *by_rows = sl_take(workspace, n * n, sizeof *by_rows), *of_theta = sl_take(workspace, n * m, sizeof *of_theta);
  double *lambda = sl_copy(y_adj, n, workspace), *unused = sl_take(workspace, n, sizeof *unused);
  int *pivots = sl_take(workspace, n, sizeof *pivots), size = (int)n, one = 1, info;
  sl_callback_jacobian(&f, n, m, m, &t, y, theta, x, ints, value, by_rows, of_theta, row, workspace);
  /* by rows it is the transpose by columns */
  dgetrf_(&size, &size, by_rows, &size, pivots, &info);
  dgetrs_("N", &size, &one, by_rows, &size, pivots, lambda, &size, &info, 1);
  for (long i = 0; i < n; i++) {
    lambda[i] = -lambda[i];
    unused[i] = 0;
  }
  if (f.forward(value, &t, y, theta, x, ints, NULL, workspace) == SL_EVALUATED)
    f.adjoint(value, lambda, &t, NULL, y, unused, theta, theta_adj, x, NULL, ints, NULL, NULL, workspace);
  workspace->top = top;
}
