/* special_bessel.c: Bessel functions of integer order, and the logarithm of the modified one for any order. */
#include "runtime/special_internal.h"

/* libm takes orders as int. Beyond these bounds the functions have long reached their limits. */
static int clamp_order(long order) { return order > 1000000 ? 1000000 : order < -1000000 ? -1000000 : (int)order; }

double sl_bessel_first_kind(long order, double x) { return jn(clamp_order(order), x); }

double sl_bessel_second_kind(long order, double x) { return x >= 0.0 ? yn(clamp_order(order), x) : NAN; }

/* log(I_v(z) exp(-z)) for large z: DLMF 10.40.1, used where its terms fall below 1e-16 before they grow. */
static double hankel_series(double v, double z) {
  double term = 1.0, sum = 1.0;
  for (int k = 1; k < 60; k++) {
    double odd = 2.0 * k - 1.0;
    term *= -(4.0 * v * v - odd * odd) / (8.0 * k * z);
    sum += term;
    if (fabs(term) < 1e-17 * fabs(sum)) break;
  }
  return log(sum) - 0.5 * log(SL_TWO_PI * z);
}

/* log of the sum of (z/2)^(2k+v) / (k! gamma(k+v+1)), DLMF 10.25.2: all terms positive. It starts at the largest
 * and runs both ways until nothing is added, so about sqrt(z) terms are needed. */
static double log_power_series(double v, double z) {
  double half = 0.5 * z, quarter = half * half;
  /* Terms k-1 and k are equal where k (k+v) = z^2/4. */
  double start = floor(quarter / (0.5 * v + sqrt(0.25 * v * v + quarter) + 1e-300));
  if (!(start > 0.0)) start = 0.0;
  double others = 0.0, term = 1.0; /* the terms beside the largest, relative to it */
  for (double k = start + 1.0; term > 1e-18 * others; k++) {
    term *= quarter / (k * (k + v));
    others += term;
  }
  term = 1.0;
  for (double k = start; k > 0.0 && term > 1e-18 * others; k--) {
    term *= k * (k + v) / quarter;
    others += term;
  }
  double largest = start == 0.0 ? v * log(half) - sl_lgamma(v + 1.0)
                                : (2.0 * start + v) * log(half) - sl_lgamma(start + 1.0) - sl_lgamma(start + v + 1.0);
  return largest + log1p(others);
}

/* For large orders Debye's uniform expansion, DLMF 10.41.3 with 10.41.10: the first term left out is of order 1/v^5. */
static double debye_expansion(double v, double x) {
  double z = x / v, root = hypot(1.0, z), p = 1.0 / root, s = p * p;
  double u1 = p * (3.0 - 5.0 * s) / 24.0;
  double u2 = s * (81.0 + s * (-462.0 + s * 385.0)) / 1152.0;
  double u3 = p * s * (30375.0 + s * (-369603.0 + s * (765765.0 - s * 425425.0))) / 414720.0;
  double u4 =
      s * s * (4465125.0 + s * (-94121676.0 + s * (349922430.0 + s * (-446185740.0 + s * 185910725.0)))) / 39813120.0;
  double correction = (u1 + (u2 + (u3 + u4 / v) / v) / v) / v;
  return v * (root + log(z / (1.0 + root))) - 0.5 * log(SL_TWO_PI * v) - 0.5 * log(root) + log1p(correction);
}

double sl_log_modified_bessel_first_kind(double order, double x) {
  if (!(order > -1.0) || !(x >= 0.0) || order > 0x1.fffffffffffffp1023) return NAN;
  if (x == 0.0) return order == 0.0 ? 0.0 : order > 0.0 ? -INFINITY : INFINITY;
  if (x > 0x1.fffffffffffffp1023) return INFINITY;
  if (order >= 1000.0 && x <= order * order) return debye_expansion(order, x);
  return x > 30.0 && x > order * order ? x + hankel_series(order, x) : log_power_series(order, x);
}

double sl_modified_bessel_first_kind(long order, double x) {
  double v = fabs((double)order), z = fabs(x);
  if (x != x) return NAN;
  double value;
  if (z == 0.0) {
    value = v == 0.0 ? 1.0 : 0.0;
  } else if (z > 30.0 && z > v * v) {
    /* exp(z) in two halves: it overflows before the product does. */
    double half = exp(0.5 * z);
    value = z > 800.0 ? INFINITY : exp(hankel_series(v, z)) * half * half;
  } else if (v >= 1000.0) {
    value = exp(debye_expansion(v, z));
  } else {
    value = exp(log_power_series(v, z));
  }
  return x < 0.0 && order % 2 != 0 ? -value : value;
}

/* K_n(x) = integral of exp(-x cosh t) cosh(n t) over t > 0, DLMF 10.32.9, by the trapezoidal rule, which converges
 * exponentially for such an integrand, for n = 0 and 1; then the recurrence upwards, DLMF 10.29.1, stable for K. */
double sl_modified_bessel_second_kind(long order, double x) {
  if (!(x >= 0.0)) return NAN;
  if (x == 0.0) return INFINITY;
  if (x > 800.0) return 0.0;
  double step = 0.2 / sqrt(1.0 + 0.1 * x), zero = 0.5, one = 0.5;
  for (double t = step;; t += step) {
    double sinh_half = sinh(0.5 * t), weight = exp(-2.0 * x * sinh_half * sinh_half);
    double hyperbolic = 1.0 + 2.0 * sinh_half * sinh_half;
    zero += weight;
    one += weight * hyperbolic;
    if (weight * hyperbolic < 1e-18 * zero) break;
  }
  double scale = step * exp(-x), previous = zero * scale, current = one * scale;
  long n = order < 0 ? -order : order;
  if (n == 0) return previous;
  for (long k = 1; k < n && current <= 0x1.fffffffffffffp1023; k++) {
    double next = previous + 2.0 * (double)k / x * current;
    previous = current;
    current = next;
  }
  return current;
}
