/* special_lambert.c: the two real branches of Lambert's W, w exp(w) = x (Corless, Gonnet, Hare, Jeffrey and Knuth 1996,
 * "On the Lambert W function"). */
#include "runtime/special_internal.h"

/* e x + 1 near the branch point -1/e: e in two parts, so that the difference keeps its digits. */
static double above_branch_point(double x) {
  const double e_high = 0x1.5bf0a8b145769p+1, e_low = 0x1.4d57ee2b1013ap-53;
  return fma(e_high, x, 1.0) + e_low * x;
}

/* Around the branch point, p = +-sqrt(2 (e x + 1)) (their eq. 4.22). */
static double branch_series(double p) {
  return -1.0 +
         p * (1.0 + p * (-1.0 / 3 +
                         p * (11.0 / 72 + p * (-43.0 / 540 + p * (769.0 / 17280 +
                                                                  p * (-221.0 / 8505 + p * (680863.0 / 43545600)))))));
}

/* Halley's steps on w exp(w) - x (their eq. 5.9), which triple the digits. */
static double halley(double w, double x) {
  for (int step = 0; step < 20; step++) {
    double e = exp(w), residual = w * e - x;
    double change = residual / (e * (w + 1.0) - (w + 2.0) * residual / (2.0 * w + 2.0));
    w -= change;
    if (fabs(change) < 1e-15 * fabs(w)) break;
  }
  return w;
}

/* The same for w + log(w) = log(x), where exp(w) would overflow; w and x of one sign. */
static double newton_of_logarithm(double w, double log_x) {
  for (int step = 0; step < 20; step++) {
    double change = (w + log(fabs(w)) - log_x) * w / (w + 1.0);
    w -= change;
    if (fabs(change) < 1e-15 * fabs(w)) break;
  }
  return w;
}

double sl_lambert_w0(double x) {
  double above = above_branch_point(x);
  if (!(above >= 0.0) && x < -0.3) return x < -0.36787944117144239 ? NAN : -1.0;
  if (x != x || x < -0.4) return NAN;
  if (x == 0.0 || x > 0x1.fffffffffffffp1023) return x;
  double p = sqrt(2.0 * above);
  if (p < 0.01) return branch_series(p);
  if (x < 1.0) return halley(p < 0.8 ? branch_series(p) : log1p(x), x);
  if (x < 1e10) return halley(log1p(x) * (1.0 - log1p(log1p(x)) / (2.0 + log1p(x))), x);
  double logarithm = log(x);
  return newton_of_logarithm(logarithm - log(logarithm), logarithm);
}

double sl_lambert_wm1(double x) {
  double above = above_branch_point(x);
  if (!(x < 0.0)) return x == 0.0 ? -INFINITY : NAN;
  if (!(above >= 0.0)) return x < -0.36787944117144239 ? NAN : -1.0;
  double p = -sqrt(2.0 * above);
  if (p > -0.01) return branch_series(p);
  if (p > -0.8) return halley(branch_series(p), x);
  double logarithm = log(-x);
  return newton_of_logarithm(logarithm - log(-logarithm), logarithm);
}
