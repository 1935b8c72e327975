/* integrate_1d.c: integrals over an interval by double exponential quadrature (Takahasi and Mori 1974; Mori and Sugihara 2001).
 *
 * x = g(u) carries the interval to the real line, where the trapezoidal rule with step h converges like exp(-c / h):
 *   between a and b   x = (a + b) / 2 + (b - a) / 2 tanh(pi/2 sinh u)
 *   from a on         x = a + exp(pi/2 sinh u);  up to b likewise
 *   the real line     x = sinh(pi/2 sinh u)
 * h is halved until value and derivatives by theta change by less than the relative tolerance times the integral of their
 * absolute values, as in Stan. An interval around 0 is integrated on both sides of it. */
#include <float.h>
#include "runtime/solvers.h"

enum { LEAST_LEVELS = 4, MOST_LEVELS = 12 };

typedef struct quadrature {
  sl_callbacks f;
  const double *theta, *x;
  const long *ints;
  long m; /* derivatives; 0: none are wanted */
  double tolerance;
  /* sums over all points of value and derivatives, [1 + m] each, without h: */
  double *sum, *norm;
  double *point, *before, *total;
  sl_workspace *workspace;
} quadrature;

typedef struct interval {
  double a, b;
  bool has_distance; /* neither limit of the whole integral is infinite */
} interval;

static const double half_pi = 1.57079632679489661923;

/* A point so near to a limit that it is that limit in doubles stands just inside: there may be a pole at the limit itself. What
 * lies between still counts, by its distance, which has all digits. */
static double inside(const interval *i, double x) {
  if (x <= i->a) return nextafter(i->a, INFINITY);
  return x >= i->b ? nextafter(i->b, -INFINITY) : x;
}

/* x at u, dx/du and the distance to the nearer limit, with its sign. */
static double abscissa(const interval *i, double u, double *weight, double *distance) {
  double s = half_pi * sinh(u), slope = half_pi * cosh(u);
  *distance = NAN;
  if (isinf(i->a) && isinf(i->b)) {
    *weight = slope * cosh(s);
    return sinh(s);
  }
  if (isinf(i->a) || isinf(i->b)) {
    *weight = slope * exp(s);
    return isinf(i->b) ? i->a + exp(s) : i->b - exp(s);
  }
  double half = 0.5 * (i->b - i->a), c = cosh(s), gap = half * exp(-fabs(s)) / c; /* half (1 - tanh |s|) */
  *weight = half * slope / (c * c);
  if (i->has_distance) *distance = s < 0 ? -gap : gap;
  return s < 0 ? i->a + gap : i->b - gap;
}

static sl_status not_finite(const quadrature *q, const char *what, double value, double x) {
  return sl_reject(q->workspace, q->f.place, "%s: %s is %g at %g", q->f.name, what, value, x);
}

/* Adds the point at u; *is_over: no point farther out matters. */
static sl_status add_point(quadrature *q, const interval *i, double u, bool *is_over) {
  double weight, t[2], *point = q->point;
  t[0] = abscissa(i, u, &weight, &t[1]);
  *is_over = !isfinite(t[0]) || !isfinite(weight) || weight == 0;
  if (*is_over) return SL_EVALUATED;
  t[0] = inside(i, t[0]);
  double nothing = 0;
  bool differentiates = q->m > 0 && q->f.adjoint;
  sl_status status =
      (differentiates ? q->f.forward : q->f.value)(point, t, &nothing, q->theta, q->x, q->ints, NULL, q->workspace);
  if (status != SL_EVALUATED) return status;
  const double value = point[0];
  if (!isfinite(value)) return not_finite(q, "the integrand", value, t[0]);
  if (q->m > 0) memset(point + 1, 0, (size_t)q->m * sizeof *point);
  if (differentiates) {
    double seed = 1, unused = 0;
    q->f.adjoint(point, &seed, t, NULL, &nothing, &unused, q->theta, point + 1, q->x, NULL, q->ints, NULL, NULL,
                 q->workspace);
  }
  point[0] = value;
  bool matters = false;
  for (long k = 0; k <= q->m; k++) {
    if (isnan(point[k]) && value == 0) point[k] = 0; /* 0 times an infinite slope, in the tails */
    if (!isfinite(point[k])) return not_finite(q, "a derivative of the integrand", point[k], t[0]);
    double term = weight * point[k];
    q->sum[k] += term;
    q->norm[k] += fabs(term);
    matters = matters || fabs(term) > 1e-3 * DBL_EPSILON * q->norm[k];
  }
  *is_over = !matters;
  return SL_EVALUATED;
}

/* Points first, first + step, ... on one side. Several that do not matter end it: the integrand may be 0 in places. */
static sl_status add_side(quadrature *q, const interval *i, double first, double step) {
  int idle = 0;
  for (double u = first; fabs(u) < 7 && idle < 8; u += step) {
    bool is_over;
    sl_status status = add_point(q, i, u, &is_over);
    if (status != SL_EVALUATED) return status;
    idle = is_over ? idle + 1 : 0;
  }
  return SL_EVALUATED;
}

/* total += the integral over i, and its derivatives. */
static sl_status integrate(quadrature *q, const interval *i) {
  const long count = 1 + q->m;
  double h = 1;
  bool is_over;
  for (long k = 0; k < count; k++) q->sum[k] = q->norm[k] = 0;
  sl_status status = add_point(q, i, 0, &is_over);
  for (int level = 0; status == SL_EVALUATED; level++) {
    for (long k = 0; k < count; k++) q->before[k] = 2 * h * q->sum[k];
    double step = level ? 2 * h : h; /* from the second level on only points between those that are there */
    status = add_side(q, i, h, step);
    if (status == SL_EVALUATED) status = add_side(q, i, -h, -step);
    if (status != SL_EVALUATED) break;
    bool converged = level >= LEAST_LEVELS;
    double error = 0;
    for (long k = 0; k < count; k++) {
      double change = fabs(h * q->sum[k] - q->before[k]);
      if (!(change <= q->tolerance * h * q->norm[k])) converged = false;
      if (k == 0) error = change;
    }
    if (converged) break;
    if (level == MOST_LEVELS)
      return sl_reject(
          q->workspace, q->f.place,
          "%s: the error of the integral is still %g, more than the relative tolerance %g times its norm, %g",
          q->f.name, error, q->tolerance, h * q->norm[0]);
    h *= 0.5;
  }
  for (long k = 0; k < count; k++) q->total[k] += h * q->sum[k];
  return status;
}

/* total: value and derivatives by theta. */
static sl_status over_limits(quadrature *q, double a, double b) {
  const sl_callbacks *f = &q->f;
  if (isnan(a) || isnan(b) || a > b)
    return sl_reject(q->workspace, f->place, "%s: the lower limit is %g, but must not exceed the upper limit, %g",
                     f->name, a, b);
  if (!(q->tolerance > 0 && isfinite(q->tolerance)))
    return sl_reject(q->workspace, f->place, "%s: the relative tolerance is %g, but must be positive", f->name,
                     q->tolerance);
  for (long k = 0; k <= q->m; k++) q->total[k] = 0;
  if (a == b && isinf(a)) return sl_reject(q->workspace, f->place, "%s: both limits are %g", f->name, a);
  if (a == b) return SL_EVALUATED;
  bool is_finite = !isinf(a) && !isinf(b), is_split = a < 0 && b > 0 && !(isinf(a) && isinf(b));
  interval left = {a, is_split ? 0 : b, is_finite}, right = {0, b, is_finite};
  sl_status status = integrate(q, &left);
  if (status == SL_EVALUATED && is_split) status = integrate(q, &right);
  return status;
}

static sl_status solve(bool with_derivatives, sl_callbacks f, double *integral, const double *limits,
                       const double *tolerance, const double *theta, const double *x, const long *ints, long m,
                       sl_workspace *workspace) {
  m = with_derivatives && f.theta_is_active ? m : 0;
  double *saved = with_derivatives ? sl_take(workspace, m, sizeof *saved) : NULL;
  char *top = workspace->top;
  quadrature q = {
      .f = f, .theta = theta, .x = x, .ints = ints, .m = m, .tolerance = *tolerance, .workspace = workspace};
  double **sums[] = {&q.sum, &q.norm, &q.point, &q.before, &q.total};
  for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) *sums[i] = sl_take(workspace, 1 + m, sizeof(double));
  sl_status status = over_limits(&q, limits[0], limits[1]);
  if (status == SL_EVALUATED) *integral = q.total[0];
  if (m > 0) memcpy(saved, q.total + 1, (size_t)m * sizeof *saved);
  workspace->top = top;
  return status;
}

sl_status sl_integrate_1d(sl_callbacks f, double *integral, const double *limits, const double *tolerance,
                          const double *theta, const double *x, const long *ints, long m, sl_workspace *workspace) {
  return solve(false, f, integral, limits, tolerance, theta, x, ints, m, workspace);
}

sl_status sl_integrate_1d_forward(sl_callbacks f, double *integral, const double *limits, const double *tolerance,
                                  const double *theta, const double *x, const long *ints, long m,
                                  sl_workspace *workspace) {
  return solve(true, f, integral, limits, tolerance, theta, x, ints, m, workspace);
}

/* The derivative by a limit is the integrand there. */
static double at_limit(const sl_callbacks *f, double limit, const double *theta, const double *x, const long *ints,
                       sl_workspace *workspace) {
  double value, t[] = {limit, 0}, nothing = 0;
  if (isinf(limit)) return 0;
  return f->value(&value, t, &nothing, theta, x, ints, NULL, workspace) == SL_EVALUATED ? value : NAN;
}

void sl_integrate_1d_adjoint(sl_callbacks f, double *integral, double *integral_adj, const double *limits,
                             double *limits_adj, const double *tolerance, double *tolerance_adj, const double *theta,
                             double *theta_adj, const double *x, double *x_adj, const long *ints, double *ints_adj,
                             long m, sl_workspace *workspace) {
  (void)integral, (void)tolerance, (void)tolerance_adj, (void)x_adj, (void)ints_adj;
  m = f.theta_is_active ? m : 0;
  double *saved = sl_last_taken(workspace, m, sizeof *saved);
  for (long k = 0; k < m; k++) theta_adj[k] += saved[k] * *integral_adj;
  if (limits_adj) {
    limits_adj[0] -= at_limit(&f, limits[0], theta, x, ints, workspace) * *integral_adj;
    limits_adj[1] += at_limit(&f, limits[1], theta, x, ints, workspace) * *integral_adj;
  }
  workspace->top = (char *)saved;
}
