/* special_gamma.c: the gamma function's logarithm and its derivatives, and what is built of them.
 *
 * lgamma, digamma, trigamma, tetragamma, lbeta and digamma_difference have no branch and call nothing but libm
 * functions that have vector variants: gcc makes the vector variants that runtime/math.h promises from the same
 * text. Selects compute both arms, so both arms must be harmless everywhere.
 *
 * Notation: B_2k are the Bernoulli numbers; (DLMF 5.x) is the Digital Library of Mathematical Functions.
 * Polynomials that are not in the literature come from tests/reference/make_coefficients.py. */
#include "runtime/special_internal.h"

#define PI 3.14159265358979323846

/* sin(pi x) and cos(pi x) up to the sign that both change together: of the rest r = x - rint(x), |r| <= 1/2.
 * Polynomials good to 4e-18; libm's sin and tan, vectors included, take three times as long. */
static inline double sine_of_pi(double x) {
  double r = x - rint(x), s = r * r, q = s * s;
  double even =
      3.141592653589793237812 +
      q * (2.550164039877300474472 +
           q * (0.08214588657310289501958 + q * (0.0004662998161898393801391 + q * 7.697826768224190645388e-7)));
  double odd = -5.167712780049969607736 +
               q * (-0.5992645293189446813166 + q * (-0.007370430505916943404692 + q * -0.00002190349707462601719148));
  return r * (even + s * odd);
}
static inline double cosine_of_pi(double x) {
  double r = x - rint(x), s = r * r, q = s * s;
  double even =
      1.0 + q * (4.058712126416496999497 +
                 q * (0.2353306301295328539082 + q * (0.001929556272481713148229 + q * 0.000004149564353942585512246)));
  double odd = -4.934802200544676767262 +
               q * (-1.33526276884344709336 + q * (-0.0258068887370022032699 + q * -0.0001045665533874873816885));
  return even + s * odd;
}

/* For x < 8 the recurrence brings x to 2+d with |d| <= 1/2, where lgamma = d * quotient: relative accuracy holds at the
 * zeros 1 and 2. From 8 on Stirling's series. Below 0 reflection, DLMF 5.5.3. One logarithm serves both ranges. */
double sl_lgamma(double x) {
  double y = x < 0.0 ? 1.0 - x : x;
  bool large = y >= 8.0;
  double small = large ? 2.0 : y;
  double shift = floor(small - 1.5); /* -2 ... 6 */
  double d = small - (shift + 2.0);
  double rising = small * (shift < -1.0 ? small + 1.0 : 1.0);
  double falling = (shift >= 1.0 ? small - 1.0 : 1.0) * (shift >= 2.0 ? small - 2.0 : 1.0) *
                   ((shift >= 3.0 ? small - 3.0 : 1.0) * (shift >= 4.0 ? small - 4.0 : 1.0)) *
                   ((shift >= 5.0 ? small - 5.0 : 1.0) * (shift >= 6.0 ? small - 6.0 : 1.0));
  double logarithm = log(large ? y : shift < 0.0 ? rising : falling);
  double near = d * sl_lgamma_quotient(d) + (shift < 0.0 ? -logarithm : logarithm);
  double far = (y - 0.5) * (logarithm - 1.0) + (SL_HALF_LOG_TWO_PI - 0.5) + sl_stirling_remainder(y);
  double value = large ? far : near;
  double reflected = log(PI / fabs(x < 0.0 ? sine_of_pi(x) : 1.0)) - value;
  return x < 0.0 ? reflected : x != x ? x : value;
}

/* sum of 1/(x+k), k = 0..7: pairs k and 7-k have the product u + k(7-k), u = x(x+7). One division. */
static inline double inverse_sum(double x) {
  double u = x * (x + 7.0);
  double low = u * (u + 6.0), high = (u + 10.0) * (u + 12.0);
  return (2.0 * x + 7.0) * ((2.0 * u + 6.0) * high + (2.0 * u + 22.0) * low) / (low * high);
}

/* The part of digamma beyond log x - 1/(2x): minus the sum of B_2k / (2k x^2k), DLMF 5.11.2, x >= 8. */
static inline double digamma_remainder(double x) {
  double w = 1.0 / x, z = w * w, s = z * z;
  double even = 1.0 / 12 + s * (1.0 / 252 + s * (1.0 / 132 + s * (1.0 / 12 + s * (43867.0 / 14364))));
  double odd = -1.0 / 120 + s * (-1.0 / 240 + s * (-691.0 / 32760 + s * (-3617.0 / 8160 + s * (-174611.0 / 6600))));
  return -z * (even + z * odd);
}

double sl_digamma(double x) {
  double y = x < 0.0 ? 1.0 - x : x;
  bool small = y < 8.0;
  double z = small ? y + 8.0 : y;
  double value = log(z) - 0.5 / z + digamma_remainder(z);
  double sum = inverse_sum(small ? y : 8.0);
  value -= small ? sum : 0.0;
  double reflected = value - PI * cosine_of_pi(x) / sine_of_pi(x);
  return x < 0.0 ? reflected : value;
}

/* 1/(x+k)^2 + 1/(x+7-k)^2 where v = (x+k)(x+7-k) and s = 2x+7. */
static inline double inverse_square_pair(double s, double v) {
  double inverse = 1.0 / v;
  return (s * inverse) * (s * inverse) - 2.0 * inverse;
}

/* 1/x + 1/(2x^2) + sum of B_2k / x^(2k+1), DLMF 5.15.8, after a shift to x >= 8. */
double sl_trigamma(double x) {
  double y = x < 0.0 ? 1.0 - x : x;
  bool small = y < 8.0;
  double z = small ? y + 8.0 : y;
  double w = 1.0 / z, q = w * w, s = q * q;
  double even = 1.0 / 6 + s * (1.0 / 42 + s * (5.0 / 66 + s * (7.0 / 6 + s * (43867.0 / 798 + s * (854513.0 / 138)))));
  double odd = -1.0 / 30 + s * (-1.0 / 30 + s * (-691.0 / 2730 + s * (-3617.0 / 510 + s * (-174611.0 / 330))));
  double value = w * (1.0 + 0.5 * w + q * (even + q * odd));
  double t = small ? y : 8.0, u = t * (t + 7.0), p = 2.0 * t + 7.0;
  double first = 1.0 / (t * t) + 1.0 / ((t + 7.0) * (t + 7.0));
  double sum =
      first + inverse_square_pair(p, u + 6.0) + inverse_square_pair(p, u + 10.0) + inverse_square_pair(p, u + 12.0);
  value += small ? sum : 0.0;
  double sine = sine_of_pi(x) / PI;
  return x < 0.0 ? 1.0 / (sine * sine) - value : value;
}

/* The derivative of trigamma: -1/x^2 - 1/x^3 - sum of (2k+1) B_2k / x^(2k+2), after a shift to x >= 8. */
double sl_tetragamma(double x) {
  double y = x < 0.0 ? 1.0 - x : x;
  bool small = y < 8.0;
  double z = small ? y + 8.0 : y;
  double w = 1.0 / z, q = w * w, s = q * q;
  double even = 0.5 + s * (1.0 / 6 + s * (5.0 / 6 + s * (35.0 / 2 + s * (43867.0 / 42 + s * (854513.0 / 6)))));
  double odd =
      -1.0 / 6 +
      s * (-3.0 / 10 + s * (-691.0 / 210 + s * (-3617.0 / 30 + s * (-1222277.0 / 110 + s * (-1181820455.0 / 546)))));
  double value = -q * (1.0 + w + q * (even + q * odd));
  double t = small ? y : 8.0, sum = 0.0;
  double a = 1.0 / t, b = 1.0 / (t + 1.0), c = 1.0 / (t + 2.0), e = 1.0 / (t + 3.0);
  sum += a * a * a + b * b * b + c * c * c + e * e * e;
  a = 1.0 / (t + 4.0), b = 1.0 / (t + 5.0), c = 1.0 / (t + 6.0), e = 1.0 / (t + 7.0);
  sum += a * a * a + b * b * b + c * c * c + e * e * e;
  value -= small ? 2.0 * sum : 0.0;
  double sine = sine_of_pi(x) / PI;
  return x < 0.0 ? value - 2.0 * cosine_of_pi(x) / (sine * sine * sine) : value;
}

/* x (x+1) ... (x+7) */
static inline double rising_eight(double x) {
  double u = x * (x + 7.0);
  return (u * (u + 6.0)) * ((u + 10.0) * (u + 12.0));
}

/* With a <= b and c = a + b, each of the three below 8 is shifted up by 8, and what the recurrence takes for that
 * goes into the logarithm of one quotient. What is left is Stirling's form of log(gamma(a) gamma(b) / gamma(c))
 * with all large terms combined (as in Didonato and Morris 1992, ACM TOMS 18, p. 366, BETALN), so that nothing
 * cancels for large b. */
double sl_lbeta(double first, double second) {
  double a = first < second ? first : second;
  double b = first < second ? second : first;
  double c = a + b;
  bool shift_a = a < 8.0, shift_b = b < 8.0, shift_c = c < 8.0;
  double large_a = shift_a ? a + 8.0 : a, large_b = shift_b ? b + 8.0 : b, large_c = shift_c ? c + 8.0 : c;
  double excess = shift_b && !shift_c ? a - 8.0 : a;               /* large_c - large_b */
  double gap = shift_a ? (shift_b && !shift_c ? 16.0 : 8.0) : 0.0; /* large_a + large_b - large_c */
  double quotient =
      (shift_c ? rising_eight(c) : 1.0) / (shift_b ? rising_eight(b) : 1.0) / (shift_a ? rising_eight(a) : 1.0);
  double value = excess * log(large_a / large_c) + (gap - 0.5) * log(large_a) +
                 (large_b - 0.5) * log1p(-excess / large_c) + (SL_HALF_LOG_TWO_PI - gap) +
                 (sl_stirling_remainder(large_a) + sl_stirling_remainder(large_b) - sl_stirling_remainder(large_c)) +
                 log(quotient);
  value = b > 0x1.fffffffffffffp1023 ? -INFINITY : value;
  return a >= 0.0 ? (a == 0.0 ? INFINITY : value) : NAN;
}

/* digamma(a) - digamma(a+b): the logarithms are combined, so that for b << a the difference keeps its digits. */
double sl_digamma_difference(double a, double b) {
  double c = a + b;
  bool shift_a = a < 8.0, shift_c = c < 8.0;
  double large_a = shift_a ? a + 8.0 : a, large_c = shift_c ? c + 8.0 : c;
  double excess = shift_a && !shift_c ? b - 8.0 : b;
  double value = -log1p(excess / large_a) - 0.5 * (excess / large_a) / large_c +
                 (digamma_remainder(large_a) - digamma_remainder(large_c));
  double sum_a = inverse_sum(shift_a ? a : 8.0), sum_c = inverse_sum(shift_c ? c : 8.0);
  value -= (shift_a ? sum_a : 0.0) - (shift_c ? sum_c : 0.0);
  return a >= 0.0 && c >= 0.0 ? value : NAN;
}

/* lgamma(x+n) - lgamma(x), for x > 0 and x + n > 0; exact in the limit n << x. */
double sl_log_rising_factorial(double x, double n) {
  double y = x + n;
  bool shift_x = x < 8.0, shift_y = y < 8.0;
  double large_x = shift_x ? x + 8.0 : x, large_y = shift_y ? y + 8.0 : y;
  double excess = shift_x == shift_y ? n : shift_x ? n - 8.0 : n + 8.0; /* large_y - large_x */
  double quotient = (shift_x ? rising_eight(x) : 1.0) / (shift_y ? rising_eight(y) : 1.0);
  double value = (large_y - 0.5) * log1p(excess / large_x) + excess * (log(large_x) - 1.0) +
                 (sl_stirling_remainder(large_y) - sl_stirling_remainder(large_x)) + log(quotient);
  return x > 0.0 && y > 0.0 ? value : NAN;
}

double sl_log_falling_factorial(double x, double n) { return sl_log_rising_factorial(x - n + 1.0, n); }

double sl_tgamma(double x) { return tgamma(x); }

/* 1 / ((n+1) beta(n-k+1, k+1)) */
double sl_lchoose(double n, double k) {
  double value = -log1p(n) - sl_lbeta(n - k + 1.0, k + 1.0);
  return k == 0.0 || k == n ? 0.0 : value;
}

long sl_choose(long n, long k) {
  if (k < 0 || k > n) return 0;
  if (k > n - k) k = n - k;
  __int128 product = 1;
  for (long i = 1; i <= k; i++) {
    product = product * (n - k + i) / i; /* exact: it is i-th choose number */
    if (product >= LONG_MAX) return LONG_MAX;
  }
  return (long)product;
}
