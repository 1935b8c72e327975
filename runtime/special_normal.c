/* special_normal.c: the normal distribution function, its logarithm and its inverse, and Owen's T.
 *
 * Phi, log Phi and phi/Phi have no branch, so gcc makes vector variants of them. All rest on the scaled
 * complementary error function exp(t^2) erfc(t): it neither underflows nor loses digits in the far tail. */
#include "runtime/special_internal.h"

#define INV_SQRT_TWO 0.70710678118654752440

/* exp(-x^2/2) for |x| <= 40. The rounding of x^2 alone would cost up to 800 ulp, so x is rounded to 20 binary
 * places: the square of that is exact, and the exponential of the small rest is its series. */
static inline double exp_half_square(double x) {
  double rounded = (x + 0x1.8p32) - 0x1.8p32;
  double rest = 0.5 * (x - rounded) * (x + rounded);
  return exp(-0.5 * rounded * rounded) * (1.0 - rest * (1.0 - rest * (0.5 - rest * (1.0 / 6))));
}

/* exp(x^2/2) Phi(-|x|). A finite stand-in for huge |x| keeps inf/inf away. */
static inline double scaled_tail(double x) {
  double magnitude = fabs(x) * INV_SQRT_TWO;
  return 0.5 * sl_scaled_erfc(magnitude > 1e300 ? 1e300 : magnitude);
}

double sl_Phi(double x) {
  double bounded = x > 40.0 ? 40.0 : x < -40.0 ? -40.0 : x;
  double tail = exp_half_square(bounded) * scaled_tail(bounded);
  return x > 0.0 ? 1.0 - tail : tail;
}

double sl_std_normal_log_cdf(double x) {
  double tail = scaled_tail(x);
  double upper = exp(-0.5 * x * x) * tail;
  double below = log(tail) - 0.5 * x * x, above = log1p(-upper);
  return x < 0.0 ? below : above;
}

double sl_std_normal_log_cdf_derivative(double x) {
  double tail = scaled_tail(x);
  double density = exp(-0.5 * x * x);
  double below = SL_INV_SQRT_TWO_PI / tail, above = SL_INV_SQRT_TWO_PI * density / (1.0 - density * tail);
  return x < 0.0 ? below : above;
}

/* The deviate below zero whose lower tail has logarithm log_p <= log(1/2): a start by Abramowitz and Stegun 26.2.23
 * (absolute error 4.5e-4) and Newton steps on log Phi, which is concave and nearly quadratic, with the second-order
 * term of Halley; two steps from there leave only rounding. */
static double lower_quantile(double log_p) {
  double t = sqrt(-2.0 * log_p);
  double x = -t + (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (int step = 0; step < 3; step++) {
    double ratio = sl_std_normal_log_cdf_derivative(x);
    double newton = (sl_std_normal_log_cdf(x) - log_p) / ratio;
    x -= newton / (1.0 + 0.5 * newton * (ratio + x)); /* (log Phi)'' = -ratio (ratio + x) */
  }
  return x;
}

double sl_inv_Phi(double p) {
  if (!(p >= 0.0 && p <= 1.0)) return NAN;
  if (p == 0.0) return -INFINITY;
  if (p == 1.0) return INFINITY;
  double q = p - 0.5;
  if (fabs(q) < 0.425) {
    /* log p would lose the digits of q near one half: Newton on Phi(x) - 1/2 = erf(x/sqrt 2)/2, started by the
     * first terms of its inverse series. */
    double s = q * SL_SQRT_TWO_PI;
    double x = s * (1.0 + s * s * (1.0 / 6 + s * s * (7.0 / 120 + s * s * (127.0 / 5040 + s * s * (4369.0 / 362880)))));
    for (int step = 0; step < 4; step++) {
      double newton = (0.5 * erf(x * INV_SQRT_TWO) - q) * SL_SQRT_TWO_PI * exp(0.5 * x * x);
      x -= newton / (1.0 + 0.5 * newton * x); /* Phi'' = -x phi */
    }
    return x;
  }
  return q < 0.0 ? lower_quantile(log(p)) : -lower_quantile(log1p(-p));
}

double sl_std_normal_log_qf(double log_p) {
  if (!(log_p <= 0.0)) return NAN;
  if (log_p == 0.0) return INFINITY;
  if (log_p < -0x1.fffffffffffffp1023) return -INFINITY;
  if (log_p < -2.5) return lower_quantile(log_p); /* exp(log_p) below 0.075 */
  if (log_p > -0.08) return -lower_quantile(log(-expm1(log_p)));
  return sl_inv_Phi(exp(log_p));
}
