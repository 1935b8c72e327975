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

/* Below this the series of the error function keeps a digit more than the scaled tail. */
#define CENTRE 0.75

/* Phi(-|x|) for |x| <= CENTRE: 1/2 - |x|/sqrt(2 pi) times the sum of (-s)^k / (k! (2k+1)), s = x^2/2, Abramowitz and Stegun
 * 7.1.5; the first term left out is below 1e-18. */
static inline double tail_near_centre(double x) {
  double magnitude = fabs(x) < CENTRE ? fabs(x) : CENTRE, s = 0.5 * magnitude * magnitude;
  double sum = 1.0 / (479001600.0 * 25);
  sum = sum * s - 1.0 / (39916800.0 * 23);
  sum = sum * s + 1.0 / (3628800.0 * 21);
  sum = sum * s - 1.0 / (362880.0 * 19);
  sum = sum * s + 1.0 / (40320.0 * 17);
  sum = sum * s - 1.0 / (5040.0 * 15);
  sum = sum * s + 1.0 / (720.0 * 13);
  sum = sum * s - 1.0 / (120.0 * 11);
  sum = sum * s + 1.0 / (24.0 * 9);
  sum = sum * s - 1.0 / (6.0 * 7);
  sum = sum * s + 1.0 / (2.0 * 5);
  sum = sum * s - 1.0 / 3;
  sum = sum * s + 1.0;
  return 0.5 - magnitude * (SL_INV_SQRT_TWO_PI * sum);
}

double sl_Phi(double x) {
  double bounded = x > 40.0 ? 40.0 : x < -40.0 ? -40.0 : x;
  double far = exp_half_square(bounded) * scaled_tail(bounded), near = tail_near_centre(x);
  double tail = fabs(x) < CENTRE ? near : far;
  return x > 0.0 ? 1.0 - tail : tail;
}

double sl_std_normal_log_cdf(double x) {
  double tail = scaled_tail(x), near = tail_near_centre(x);
  double upper = fabs(x) < CENTRE ? near : exp(-0.5 * x * x) * tail;
  double below = log(fabs(x) < CENTRE ? near : tail) - (fabs(x) < CENTRE ? 0.0 : 0.5 * x * x), above = log1p(-upper);
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

/* From the same start, two steps; no branch. Near one half log p would lose the digits of p - 1/2: there the steps are those on
 * Phi(x) - 1/2 = erf(x/sqrt 2)/2, with Phi'' = -x phi. */
double sl_inv_Phi(double p) {
  double q = p - 0.5, log_p = q < 0.0 ? log(p) : log1p(-p);
  bool is_central = fabs(q) < 0.425;
  double t = sqrt(-2.0 * log_p);
  double x = -t + (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  double lower = q < 0.0 ? q : -q;
  for (int step = 0; step < 2; step++) {
    double tail = scaled_tail(x), ratio = SL_INV_SQRT_TWO_PI / tail;
    double far = (log(tail) - 0.5 * x * x - log_p) / ratio;
    double near = (0.5 * erf(x * INV_SQRT_TWO) - lower) * SL_SQRT_TWO_PI * exp(0.5 * x * x);
    double newton = is_central ? near : far, curvature = is_central ? x : ratio + x;
    x -= newton / (1.0 + 0.5 * newton * curvature);
  }
  double value = q < 0.0 ? x : q > 0.0 ? -x : 0.0;
  value = p == 0.0 ? -INFINITY : p == 1.0 ? INFINITY : value;
  return p >= 0.0 && p <= 1.0 ? value : NAN;
}

double sl_std_normal_log_qf(double log_p) {
  if (!(log_p <= 0.0)) return NAN;
  if (log_p == 0.0) return INFINITY;
  if (log_p < -0x1.fffffffffffffp1023) return -INFINITY;
  if (log_p < -2.5) return lower_quantile(log_p); /* exp(log_p) below 0.075 */
  if (log_p > -0.08) return -lower_quantile(log(-expm1(log_p)));
  return sl_inv_Phi(exp(log_p));
}
