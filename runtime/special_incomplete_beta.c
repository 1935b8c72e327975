/* special_incomplete_beta.c: the regularised incomplete beta function I_x(a,b), and its derivatives.
 *
 * Left of the mean I_x(a,b) is found by a continued fraction, right of it as 1 - I_(1-x)(b,a). About sqrt(max(a,b))
 * steps are needed. The derivatives in a and b differentiate prefactor and fraction; on the smaller tail nothing
 * cancels. */
#include "runtime/special_internal.h"

/* x^a (1-x)^b / beta(a,b), with y = 1-x. For large a and b from deviances (Loader 2000), so that the digits do not
 * go into the size of the logarithms. */
static double density_factor(double a, double b, double x, double y) {
  if (a >= 8.0 && b >= 8.0) {
    double c = a + b;
    double log_value = -sl_deviance(a, c * x) - sl_deviance(b, c * y) - sl_stirling_remainder(a) -
                       sl_stirling_remainder(b) + sl_stirling_remainder(c);
    return SL_INV_SQRT_TWO_PI * sqrt(a) * sqrt(b / c) * exp(log_value);
  }
  return exp(a * log(x) + b * (x < 0.5 ? log1p(-x) : log(y)) - sl_lbeta(a, b));
}

/* I_x(a,b) = x^a (1-x)^b / beta(a,b) / (beta_0 + alpha_1/(beta_1 + alpha_2/(beta_2 + ...))): the even part of DLMF
 * 8.17.22 (Didonato and Morris 1992, ACM TOMS 18, p. 362, eq. 9), whose terms are positive left of the mean. */
typedef struct step {
  double alpha, alpha_a, alpha_b; /* with the derivatives in a and b */
  double beta, beta_a, beta_b;
} step;

static step step_at(double m, double a, double b, double x, double y) {
  double low = a + 2.0 * m - 1.0, high = a + 2.0 * m + 1.0;
  double first = a + m - 1.0, second = a + b + m - 1.0, offset = a * y - b * x + 1.0 + m * (1.0 + y);
  double scale = m * (x / low) * (x / low);
  step s;
  s.alpha = scale * first * second * (b - m);
  s.alpha_a = scale * (b - m) * (first + second - 2.0 * first * second / low);
  s.alpha_b = scale * first * (b - m + second);
  double middle = m == 0.0 ? 0.0 : m * x / low;
  s.beta = m + middle * (b - m) + (a + m) * offset / high;
  s.beta_a = (m == 0.0 ? 0.0 : -middle * (b - m) / low) + (offset + (a + m) * y - (a + m) * offset / high) / high;
  s.beta_b = middle - (a + m) * x / high;
  return s;
}

/* The denominator by Lentz's method. */
static double denominator(double a, double b, double x, double y) {
  double value = step_at(0.0, a, b, x, y).beta, c = value, d = 0.0;
  for (long m = 1; m < 1000000; m++) {
    step s = step_at((double)m, a, b, x, y);
    d = 1.0 / (s.beta + s.alpha * d);
    c = s.beta + s.alpha / c;
    value *= c * d;
    if (!(fabs(c * d - 1.0) >= 2e-16)) break; /* also where huge arguments have made NaN */
  }
  return value;
}

/* The denominator and its derivatives, backwards from a number of steps that is doubled until they settle: the
 * fraction of a whole b ends early, its derivative does not. */
static double denominator_derivatives(double a, double b, double x, double y, double *in_a, double *in_b) {
  double value = 0.0;
  *in_a = *in_b = INFINITY;
  for (long count = 16; count < 2000000; count *= 2) {
    step s = step_at((double)count, a, b, x, y);
    double f = s.beta, f_a = s.beta_a, f_b = s.beta_b;
    for (long m = count - 1; m >= 0; m--) {
      step before = step_at((double)m, a, b, x, y);
      double next_a = before.beta_a + (s.alpha_a - s.alpha * f_a / f) / f;
      double next_b = before.beta_b + (s.alpha_b - s.alpha * f_b / f) / f;
      f = before.beta + s.alpha / f;
      f_a = next_a;
      f_b = next_b;
      s = before;
    }
    bool settled = !(fabs(f_a - *in_a) > 1e-15 * fabs(f_a) || fabs(f_b - *in_b) > 1e-15 * fabs(f_b));
    value = f;
    *in_a = f_a;
    *in_b = f_b;
    if (settled) break;
  }
  return value;
}

static bool left_of_mean(double a, double b, double x) { return x <= (a + 1.0) / (a + b + 2.0); }

/* I_x(a,b) left of the mean; y = 1-x. */
static double left_tail(double a, double b, double x, double y) {
  double value = density_factor(a, b, x, y) / denominator(a, b, x, y);
  return value > 1.0 ? 1.0 : value;
}

/* d I_x(a,b) / da and / db left of the mean. */
static void left_derivatives(double a, double b, double x, double y, double *in_a, double *in_b) {
  double fraction_a, fraction_b;
  double fraction = denominator_derivatives(a, b, x, y, &fraction_a, &fraction_b);
  double value = density_factor(a, b, x, y) / fraction;
  double log_y = x < 0.5 ? log1p(-x) : log(y);
  *in_a = value * (log(x) - sl_digamma_difference(a, b) - fraction_a / fraction);
  *in_b = value * (log_y - sl_digamma_difference(b, a) - fraction_b / fraction);
}

static bool in_domain(double a, double b, double x) {
  return a > 0.0 && b > 0.0 && x >= 0.0 && x <= 1.0 && a + b <= 0x1.fffffffffffffp1023;
}

double sl_inc_beta(double a, double b, double x) {
  if (!in_domain(a, b, x)) return NAN;
  if (x == 0.0 || x == 1.0) return x;
  return left_of_mean(a, b, x) ? left_tail(a, b, x, 1.0 - x) : 1.0 - left_tail(b, a, 1.0 - x, x);
}

static void derivatives(double a, double b, double x, double *in_a, double *in_b) {
  *in_a = *in_b = in_domain(a, b, x) ? 0.0 : NAN;
  if (!in_domain(a, b, x) || x == 0.0 || x == 1.0) return;
  if (left_of_mean(a, b, x)) {
    left_derivatives(a, b, x, 1.0 - x, in_a, in_b);
  } else {
    left_derivatives(b, a, 1.0 - x, x, in_b, in_a);
    *in_a = -*in_a;
    *in_b = -*in_b;
  }
}

double sl_inc_beta_a_derivative(double a, double b, double x) {
  double in_a, in_b;
  derivatives(a, b, x, &in_a, &in_b);
  return in_a;
}

double sl_inc_beta_b_derivative(double a, double b, double x) {
  double in_a, in_b;
  derivatives(a, b, x, &in_a, &in_b);
  return in_b;
}

double sl_beta_density(double a, double b, double x) {
  if (!in_domain(a, b, x)) return NAN;
  if (x == 0.0) return a > 1.0 ? 0.0 : a == 1.0 ? b : INFINITY;
  if (x == 1.0) return b > 1.0 ? 0.0 : b == 1.0 ? a : INFINITY;
  return density_factor(a, b, x, 1.0 - x) / (x * (1.0 - x));
}
