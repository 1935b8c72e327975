/* hessian.c: see hessian.h.
 *
 * First coordinate by coordinate, with a step that is sought so that it is about a thousandth of a standard deviation. From
 * then on along the columns of the last B: H is measured as M = B' H B, which is the identity when B is right, and B L^-T
 * with L L' = M is the better one. One such pass is enough for a well-behaved density; ill-conditioned ones, whose first B is
 * far off, take two or three. A direction along which M stays away from 1 however far B is stretched is flat. */
#include "runtime/hessian.h"
#include <float.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/interrupt.h"
#include "runtime/kernels_internal.h"

/* Steps in standard deviations. The rough one is for a difference of order 2, the fine one of order 4, whose error is the
 * fourth power of it; rounding contributes some 1e-16 divided by it. */
static const double ROUGH_STEP = 1e-3, FINE_STEP = 5e-3;
static const double LEAST_PIVOT = 1e-8, NEAR_IDENTITY = 0.5;
enum { MAX_SEARCHES = 20, MAX_PASSES = 6, MAX_SHRINKS = 2 };

bool sl_hessian_create(sl_hessian *hessian, sl_objective *objective) {
  size_t n = objective->n;
  *hessian = (sl_hessian){.objective = objective, .n = n};
  if (n > 0 && 4 * n + 7 > SIZE_MAX / sizeof(double) / n) return false;
  double *next = hessian->block = calloc(4 * n * n + 7 * n + 1, sizeof(double));
  if (!next) return false;
  double **square[] = {&hessian->directions, &hessian->curvature, &hessian->factor, &hessian->differences};
  for (int i = 0; i < 4; i++, next += n * n) *square[i] = next;
  for (int i = 0; i < 4; i++, next += n) hessian->gradients[i] = next;
  hessian->scales = next;
  hessian->worst = next + n;
  hessian->point = next + 2 * n;
  return true;
}

void sl_hessian_destroy(sl_hessian *hessian) {
  free(hessian->block);
  hessian->block = NULL;
}

/* The gradient at x + step * direction, into gradients[which]. */
static bool evaluate(sl_hessian *hessian, const double *x, const double *direction, double step, int which) {
  double value;
  for (size_t i = 0; i < hessian->n; i++) hessian->point[i] = x[i] + step * direction[i];
  return sl_objective_evaluate(hessian->objective, hessian->point, &value, hessian->gradients[which]);
}

/* M becomes L L' with L lower triangular; where a pivot is not positive enough, of a matrix that has its absolute value
 * instead, or LEAST_PIVOT. Returns the least pivot as it was met, in units of the diagonal, and which it was. */
static double factor(sl_hessian *hessian, size_t *least_at) {
  size_t n = hessian->n;
  double *L = hessian->factor, least = HUGE_VAL;
  memset(L, 0, n * n * sizeof *L);
  for (size_t j = 0; j < n; j++) {
    double *column = L + j * n;
    for (size_t i = j; i < n; i++) column[i] = hessian->curvature[j * n + i];
    for (size_t k = 0; k < j; k++) {
      double multiple = L[k * n + j];
      for (size_t i = j; i < n; i++) column[i] -= multiple * L[k * n + i];
    }
    double pivot = column[j], root = sqrt(fmax(fabs(pivot), LEAST_PIVOT));
    if (pivot < least) {
      least = pivot;
      *least_at = j;
    }
    column[j] = root;
    for (size_t i = j + 1; i < n; i++) column[i] /= root;
  }
  return least;
}

static void symmetrise(double *matrix, size_t n) {
  for (size_t j = 0; j < n; j++)
    for (size_t i = 0; i < j; i++)
      matrix[j * n + i] = matrix[i * n + j] = 0.5 * (matrix[j * n + i] + matrix[i * n + j]);
}

/* Differences of order 2 along coordinate j; its scale. False: nothing can be evaluated near x. */
static bool difference_coordinate(sl_hessian *hessian, const double *x, size_t j) {
  size_t n = hessian->n;
  double *axis = hessian->worst, unit = fmax(1, fabs(x[j])), step = ROUGH_STEP * unit, most = HUGE_VAL;
  memset(axis, 0, n * sizeof *axis);
  axis[j] = 1;
  for (int i = 0; i < 2 * MAX_SEARCHES; i++) {
    if (!evaluate(hessian, x, axis, step, 0) || !evaluate(hessian, x, axis, -step, 1)) {
      if (hessian->objective->fatal) return false;
      most = step /= 8;
      continue;
    }
    const double *above = hessian->gradients[0], *below = hessian->gradients[1];
    double second = (above[j] - below[j]) / (2 * step);
    double wanted = second > 0 ? fmin(ROUGH_STEP / sqrt(second), most) : step;
    /* Where a tail runs out, short and long steps never agree on a scale: sl_hessian_refine will say so. */
    if (i < MAX_SEARCHES && (wanted > 30 * step || wanted < step / 30)) {
      step = wanted;
      continue;
    }
    for (size_t k = 0; k < n; k++) hessian->differences[j * n + k] = (above[k] - below[k]) / (2 * step);
    hessian->scales[j] = second > 0 ? 1 / sqrt(second) : unit;
    return true;
  }
  return false;
}

/* B becomes `from` L^-T, where M = L L'. */
static void whiten(sl_hessian *hessian) {
  sl_right_solve_lower_transposed(hessian->factor, hessian->directions, (long)hessian->n, (long)hessian->n);
}

bool sl_hessian_estimate(sl_hessian *hessian, const double *x) {
  size_t n = hessian->n, least_at;
  for (size_t j = 0; j < n; j++)
    if (sl_interrupted || !difference_coordinate(hessian, x, j)) return false;
  memset(hessian->directions, 0, n * n * sizeof(double));
  for (size_t j = 0; j < n; j++) {
    for (size_t i = 0; i < n; i++)
      hessian->curvature[j * n + i] = hessian->scales[i] * hessian->differences[j * n + i] * hessian->scales[j];
    hessian->directions[j * n + j] = hessian->scales[j];
  }
  symmetrise(hessian->curvature, n);
  factor(hessian, &least_at);
  whiten(hessian);
  return true;
}

/* Column k of M by differences of order 4 along column k of B,
 *     g'(0) = (8 (g(h) - g(-h)) - (g(2h) - g(-2h))) / 12 h,
 * which must agree with those of order 2 made from the same gradients. A curvature that changes within a hundredth of a
 * standard deviation gives no normal approximation: it grows with the distance where a tail runs out, and falls at a kink. */
static sl_shape difference_along(sl_hessian *hessian, const double *x, size_t k) {
  size_t n = hessian->n;
  const double *direction = hessian->directions + k * n;
  double *const *g = hessian->gradients;
  double step = FINE_STEP;
  sl_shape shape = SL_ROUGH;
  for (int i = 0; i <= MAX_SHRINKS && !hessian->objective->fatal && !sl_interrupted; i++, step /= 8) {
    bool evaluated = evaluate(hessian, x, direction, step, 0) && evaluate(hessian, x, direction, -step, 1) &&
                     evaluate(hessian, x, direction, 2 * step, 2) && evaluate(hessian, x, direction, -2 * step, 3);
    if (!evaluated) continue;
    double near = (sl_dot(g[0], direction, n) - sl_dot(g[1], direction, n)) / (2 * step);
    double far = (sl_dot(g[2], direction, n) - sl_dot(g[3], direction, n)) / (4 * step);
    shape = fabs(far) > fabs(near) ? SL_FLAT : SL_ROUGH;
    if (!(fabs(near - far) <= 1e-4 + 0.05 * fmax(fabs(near), fabs(far)))) continue;
    double *change = hessian->point;
    for (size_t m = 0; m < n; m++) change[m] = (8 * (g[0][m] - g[1][m]) - (g[2][m] - g[3][m])) / (12 * step);
    for (size_t m = 0; m < n; m++) hessian->curvature[k * n + m] = sl_dot(hessian->directions + m * n, change, n);
    return SL_CONVEX;
  }
  return shape;
}

/* The largest element of M - I. */
static double distance_from_identity(const double *matrix, size_t n) {
  double largest = 0;
  for (size_t j = 0; j < n; j++)
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(matrix[j * n + i] - (i == j)));
  return largest;
}

sl_shape sl_hessian_refine(sl_hessian *hessian, const double *x) {
  size_t n = hessian->n, least_at = 0;
  double least = 1;
  for (int pass = 0; pass < MAX_PASSES && n > 0; pass++) {
    for (size_t k = 0; k < n; k++) {
      sl_shape shape = difference_along(hessian, x, k);
      if (shape == SL_CONVEX) continue;
      memcpy(hessian->worst, hessian->directions + k * n, n * sizeof(double));
      return pass > 1 && least < NEAR_IDENTITY ? SL_FLAT : shape;
    }
    symmetrise(hessian->curvature, n);
    least = factor(hessian, &least_at);
    memcpy(hessian->worst, hessian->directions + least_at * n, n * sizeof(double));
    bool near = distance_from_identity(hessian->curvature, n) < NEAR_IDENTITY && least > 1 - NEAR_IDENTITY;
    whiten(hessian);
    if (near) return SL_CONVEX;
  }
  return n == 0 ? SL_CONVEX : least < -0.1 ? SL_SADDLE : SL_FLAT;
}

double sl_hessian_newton_step(const sl_hessian *hessian, const double *gradient, double *step) {
  size_t n = hessian->n;
  double square = 0;
  memset(step, 0, n * sizeof *step);
  for (size_t k = 0; k < n; k++) {
    const double *direction = hessian->directions + k * n;
    double along = sl_dot(direction, gradient, n);
    square += along * along;
    for (size_t i = 0; i < n; i++) step[i] -= along * direction[i];
  }
  return sqrt(square);
}
