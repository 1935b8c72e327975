/* math.h: the scalar intrinsics of generated code: what the Stan language cannot say about doubles and ints.
 *
 * Needs: compile generated code with `-fno-math-errno -fno-trapping-math -fopenmp-simd`. Only then does gcc
 * vectorise calls in `#pragma omp simd` loops, also those in the arms of a select (a loop with sqrt, floor or a
 * conditional exp stays scalar without them). Neither flag changes a value: infinities and NaN keep their meaning.
 *
 * Everything here is a pure function of its arguments and safe in threads. Reals are double, ints are long. Outside
 * its domain a function returns NaN (or the limit that is stated); nothing here stops the program.
 *
 * Derivatives, as the table of intrinsics has them (v is the value):
 *
 *   exp v | log 1/x | log1p 1/(1+x) | expm1 v+1 | sqrt 0.5/v | cbrt v/(3x) | exp2 v*ln2 | log2 1/(x*ln2)
 *   log10 1/(x*ln10) | sin cos(x) | cos -sin(x) | tan 1+v*v | asin 1/sqrt((1-x)*(1+x)) | acos -1/sqrt((1-x)*(1+x))
 *   atan 1/(1+x*x) | sinh cosh(x) | cosh sinh(x) | tanh 1/cosh(x)^2 | asinh 1/sqrt(1+x*x)
 *   acosh 1/sqrt((x-1)*(x+1)) | atanh 1/((1-x)*(1+x)) | erf SL_TWO_OVER_SQRT_PI*exp(-x*x) | erfc minus that
 *   pow(x,y): y*pow(x,y-1), sl_pow_exponent_derivative(x,y) | atan2(y,x): x/(x*x+y*y), -y/(x*x+y*y)
 *   hypot(x,y): x/v, y/v | fabs sl_sign(x) | fma y, x, 1 | fmod(x,y): 1, -trunc(x/y)
 *   sl_fmin, sl_fmax, sl_fdim: sl_fmin_left(x,y) for x and 1 minus that for y, and so on, see there
 *   sl_square 2*x | sl_inv -v*v | sl_inv_sqrt -0.5*v/x | sl_inv_square -2*v/x
 *   sl_step, sl_sign, sl_round, trunc, floor, ceil: 0
 *   sl_inv_logit sl_inv_logit_derivative(x) | sl_log1p_exp sl_inv_logit(x) | sl_log1m -1/(1-x)
 *   sl_log1m_exp -1/expm1(-x) | sl_log_inv_logit sl_inv_logit(-x) | sl_log1m_inv_logit -sl_inv_logit(x)
 *   sl_lmultiply(x,y) = x log y: sl_log_or_zero(x,y) for x, x/y for y
 *   sl_lgamma sl_digamma(x) | sl_tgamma v*sl_digamma(x) | sl_digamma sl_trigamma(x) | sl_trigamma sl_tetragamma(x)
 *   sl_lbeta(a,b): sl_digamma_difference(a,b), sl_digamma_difference(b,a)
 *   sl_lchoose(n,k): -sl_digamma_difference(n-k+1,k), sl_digamma(n-k+1)-sl_digamma(k+1)
 *   sl_log_rising_factorial(x,n): -sl_digamma_difference(x,n), sl_digamma(x+n)
 *   sl_log_falling_factorial(x,n): -sl_digamma_difference(x-n+1,n), sl_digamma(x-n+1)
 *   sl_Phi SL_INV_SQRT_TWO_PI*exp(-0.5*x*x) | sl_std_normal_log_cdf sl_std_normal_log_cdf_derivative(x)
 *   sl_std_normal_log_cdf_derivative -v*(v+x) | sl_inv_Phi SL_SQRT_TWO_PI*exp(0.5*v*v)
 *   sl_std_normal_log_qf SL_SQRT_TWO_PI*exp(x+0.5*v*v)
 *   sl_owens_t(h,a): sl_owens_t_h_derivative(h,a), exp(-0.5*h*h*(1+a*a))/((1+a*a)*SL_TWO_PI)
 *   sl_gamma_p(a,x): sl_gamma_p_shape_derivative(a,x), sl_gamma_density(a,x) | sl_gamma_q minus both
 *   sl_log_gamma_p, sl_log_gamma_q: those over sl_gamma_p, over sl_gamma_q
 *   sl_inc_beta(a,b,x): sl_inc_beta_a_derivative, sl_inc_beta_b_derivative, sl_beta_density(a,b,x)
 *   sl_bessel_first_kind(n,x): 0.5*(J(n-1)-J(n+1)) | second kind likewise
 *   sl_modified_bessel_first_kind(n,x): 0.5*(I(n-1)+I(n+1)) | second kind: -0.5*(K(n-1)+K(n+1))
 *   f = sl_log_modified_bessel_first_kind(n,x): none in n, exp(f(n+1,x)-f(n,x))+n/x in x
 *   sl_lambert_w0, sl_lambert_wm1: 1/(x+exp(v))
 * */
#ifndef STANLITE_RUNTIME_MATH_H
#define STANLITE_RUNTIME_MATH_H
#include <limits.h>
#include <math.h>
#include <stdbool.h>

/* The vector variants of glibc's libmvec, measured against quadruple precision (glibc 2.36; SSE, AVX2, AVX-512):
 * within 3.5 ulp, and right at 0, infinities, NaN and denormals. libm's linker script brings libmvec in when it is
 * used. Not declared: exp10 (not in the language). Fewer functions exist before glibc 2.35. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define SL_VECTOR __attribute__((simd("notinbranch"), const, nothrow))
double exp(double) SL_VECTOR;
double log(double) SL_VECTOR;
double sin(double) SL_VECTOR;
double cos(double) SL_VECTOR;
double pow(double, double) SL_VECTOR;
#if __GLIBC_PREREQ(2, 35)
double acos(double) SL_VECTOR;
double acosh(double) SL_VECTOR;
double asin(double) SL_VECTOR;
double asinh(double) SL_VECTOR;
double atan(double) SL_VECTOR;
double atan2(double, double) SL_VECTOR;
double atanh(double) SL_VECTOR;
double cbrt(double) SL_VECTOR;
double cosh(double) SL_VECTOR;
double erf(double) SL_VECTOR;
double erfc(double) SL_VECTOR;
double exp2(double) SL_VECTOR;
double expm1(double) SL_VECTOR;
double hypot(double, double) SL_VECTOR;
double log10(double) SL_VECTOR;
double log1p(double) SL_VECTOR;
double log2(double) SL_VECTOR;
double sinh(double) SL_VECTOR;
double tan(double) SL_VECTOR;
double tanh(double) SL_VECTOR;
#endif
#else
#define SL_VECTOR __attribute__((const, nothrow))
#endif
#define SL_PURE __attribute__((const, nothrow))

#define SL_LOG_TWO 0.69314718055994530942
#define SL_TWO_PI 6.2831853071795864769
#define SL_SQRT_TWO_PI 2.5066282746310005024
#define SL_INV_SQRT_TWO_PI 0.39894228040143267794
#define SL_TWO_OVER_SQRT_PI 1.1283791670955125739

/* ---- logistic and logarithms of sums: no branch, so that they vectorise ---- */

/* 1/(1+exp(-x)), with full relative accuracy on both sides. */
static inline double sl_inv_logit(double x) {
  double e = exp(-fabs(x));
  return (x < 0 ? e : 1.0) / (1.0 + e);
}
/* inv_logit(x) * inv_logit(-x), without the cancellation of v*(1-v). */
static inline double sl_inv_logit_derivative(double x) {
  double e = exp(-fabs(x));
  return e / ((1.0 + e) * (1.0 + e));
}
/* exp(-|x|), which both tails of the logistic function are made from. Below 1e-304 it stays there: the vector exponential of
 * libmvec is slow where results underflow, and infinite ends of intervals are common here. */
static inline double sl_exp_minus_abs(double x) {
  double exponent = -fabs(x);
  return exp(exponent < -700.0 ? -700.0 : exponent);
}
/* log(1+exp(x)) */
static inline double sl_log1p_exp(double x) { return (x > 0 ? x : 0.0) + log1p(exp(-fabs(x))); }
static inline double sl_log1m(double x) { return log1p(-x); }
/* log(1-exp(x)), x <= 0; the two forms and where they change over: Maechler (2012), "Accurately computing
 * log(1-exp(-|a|))", eq. 7. */
static inline double sl_log1m_exp(double x) {
  double near_zero = log(-expm1(x)), far_away = log1p(-exp(x));
  return x > -SL_LOG_TWO ? near_zero : far_away;
}
static inline double sl_log_inv_logit(double x) { return -sl_log1p_exp(-x); }
static inline double sl_log1m_inv_logit(double x) { return -sl_log1p_exp(x); }

/* ---- powers ---- */

static inline double sl_square(double x) { return x * x; }
static inline double sl_inv(double x) { return 1.0 / x; }
static inline double sl_inv_sqrt(double x) { return 1.0 / sqrt(x); }
static inline double sl_inv_square(double x) { return 1.0 / (x * x); }
/* d pow(x,y) / dy = pow(x,y) log(x), 0 at x = 0 with y > 0. */
static inline double sl_pow_exponent_derivative(double x, double y) {
  double slope = pow(x, y) * log(x);
  return x == 0.0 && y > 0.0 ? 0.0 : slope;
}
/* x log y, 0 where both are 0. */
static inline double sl_lmultiply(double x, double y) {
  double product = x * log(y);
  return x == 0.0 && y == 0.0 ? 0.0 : product;
}
/* d lmultiply(x,y) / dx: log y, 0 where both are 0. */
static inline double sl_log_or_zero(double x, double y) {
  double logarithm = log(y);
  return x == 0.0 && y == 0.0 ? 0.0 : logarithm;
}

/* ---- comparisons, steps and rounding ---- */

/* The smaller (larger) one; a NaN gives way to a number, two NaN give NaN. C's fmin is a library call and does not
 * vectorise. */
static inline double sl_fmin(double x, double y) { return x < y || y != y ? x : y; }
static inline double sl_fmax(double x, double y) { return x > y || y != y ? x : y; }
/* 1 where the value of fmin (fmax) is that of x, else 0: the derivative in x; that in y is one minus it. */
static inline double sl_fmin_left(double x, double y) { return x < y || y != y ? 1.0 : 0.0; }
static inline double sl_fmax_left(double x, double y) { return x > y || y != y ? 1.0 : 0.0; }
/* max(x-y, 0), NaN where either is. Derivatives: sl_fdim_left(x,y), and minus that. */
static inline double sl_fdim(double x, double y) { return x <= y ? 0.0 : x - y; }
static inline double sl_fdim_left(double x, double y) { return x <= y ? 0.0 : 1.0; }
static inline double sl_step(double x) { return x < 0.0 ? 0.0 : 1.0; }
static inline long sl_int_step(double x) { return x > 0.0; }
static inline double sl_sign(double x) { return (double)((x > 0.0) - (x < 0.0)); }
static inline long sl_int_sign(long x) { return (x > 0) - (x < 0); }
/* Half away from zero. 0.5 less one ulp, so that 0.49999999999999994 does not become 1 and odd integers above 2^52
 * stay. */
static inline double sl_round(double x) { return trunc(x + copysign(0x1.fffffffffffffp-2, x)); }
static inline long sl_is_nan(double x) { return x != x; }
static inline long sl_is_inf(double x) { return fabs(x) > 0x1.fffffffffffffp1023; }

/* ---- integers ---- */

/* (double)x, with one rounding. Before AVX-512 there is no instruction that converts longs in vectors: the two halves go into
 * the lowest bits of 2^52 and 2^84 (2^63 is added to make them positive), which a subtraction takes off again. */
static inline double sl_to_real(long x) {
#if defined(__x86_64__) && !defined(__AVX512DQ__)
  union {
    unsigned long bits;
    double value;
  } low = {((unsigned long)x & 0xffffffff) | 0x4330000000000000},
    high = {((unsigned long)x >> 32 ^ 0x4530000080000000)};
  return high.value - (0x1p84 + 0x1p63 + 0x1p52) + low.value;
#else
  return (double)x;
#endif
}

/* Quotient truncated towards zero, and the remainder that goes with it. Total functions: a divisor of zero gives zero
 * (generated code refuses it first, with the program's line) and LONG_MIN / -1 wraps around. */
static inline long sl_int_divide(long x, long y) {
  return y == 0 ? 0 : y == -1 ? (long)(0ul - (unsigned long)x) : x / y;
}
static inline long sl_modulus(long x, long y) { return y == 0 || y == -1 ? 0 : x % y; }
/* Zero for a negative exponent unless x is 1 or -1; wraps around where the power does not fit. */
static inline long sl_int_power(long x, long n) {
  if (n < 0) return x == 1 ? 1 : x == -1 ? (n % 2 == 0 ? 1 : -1) : 0;
  unsigned long power = 1, base = (unsigned long)x;
  for (; n > 0; n /= 2) {
    if (n % 2 != 0) power *= base;
    base *= base;
  }
  return (long)power;
}
static inline long sl_int_abs(long x) { return x < 0 ? (long)(0ul - (unsigned long)x) : x; }
static inline long sl_int_min(long x, long y) { return x < y ? x : y; }
static inline long sl_int_max(long x, long y) { return x > y ? x : y; }

/* ---- gamma and beta (special_gamma.c); those marked SL_VECTOR have vector variants of ours ---- */

double sl_lgamma(double x) SL_VECTOR;  /* log |gamma(x)|; inf at 0, -1, ... */
double sl_digamma(double x) SL_VECTOR; /* NaN at 0, -1, ... */
double sl_trigamma(double x) SL_VECTOR;
double sl_tetragamma(double x) SL_VECTOR;
double sl_lbeta(double a, double b) SL_VECTOR;              /* a, b >= 0 */
double sl_digamma_difference(double a, double b) SL_VECTOR; /* digamma(a) - digamma(a+b); NaN unless a, a+b >= 0 */
double sl_tgamma(double x) SL_PURE;
double sl_lchoose(double n, double k) SL_VECTOR;               /* log of n over k, n > -1, -1 < k < n+1 */
double sl_log_rising_factorial(double x, double n) SL_VECTOR;  /* lgamma(x+n) - lgamma(x); NaN unless x, x+n > 0 */
double sl_log_falling_factorial(double x, double n) SL_VECTOR; /* lgamma(x+1) - lgamma(x-n+1); NaN unless both > 0 */
/* n over k exactly where it fits; LONG_MAX where it does not (generated code refuses it); 0 outside 0 <= k <= n. */
long sl_choose(long n, long k) SL_PURE;

/* ---- normal distribution (special_normal.c) ---- */

double sl_Phi(double x) SL_VECTOR;
double sl_std_normal_log_cdf(double x) SL_VECTOR;            /* log Phi(x), full relative accuracy in both tails */
double sl_std_normal_log_cdf_derivative(double x) SL_VECTOR; /* phi(x)/Phi(x) */
double sl_inv_Phi(double p) SL_VECTOR;                       /* -inf at 0, inf at 1, NaN outside */
double sl_std_normal_log_qf(double log_p) SL_PURE;           /* inv_Phi(exp(log_p)) for any log_p <= 0 */
double sl_owens_t(double h, double a) SL_PURE;
double sl_owens_t_h_derivative(double h, double a) SL_PURE;

/* ---- incomplete gamma (special_incomplete_gamma.c) and incomplete beta (special_incomplete_beta.c) ---- */

double sl_gamma_p(double a, double x) SL_PURE; /* regularised lower, a > 0, x >= 0 */
double sl_gamma_q(double a, double x) SL_PURE; /* regularised upper */
double sl_log_gamma_p(double a, double x) SL_PURE;
double sl_log_gamma_q(double a, double x) SL_PURE;
double sl_gamma_density(double a, double x) SL_PURE;            /* x^(a-1) exp(-x) / gamma(a) */
double sl_gamma_p_shape_derivative(double a, double x) SL_PURE; /* d gamma_p / da */
double sl_inc_beta(double a, double b, double x) SL_PURE;       /* regularised, a, b > 0, 0 <= x <= 1 */
double sl_beta_density(double a, double b, double x) SL_PURE;   /* x^(a-1) (1-x)^(b-1) / beta(a,b) */
double sl_inc_beta_a_derivative(double a, double b, double x) SL_PURE;
double sl_inc_beta_b_derivative(double a, double b, double x) SL_PURE;

/* ---- Bessel functions and Lambert's W (special_bessel.c, special_lambert.c) ---- */

double sl_bessel_first_kind(long order, double x) SL_PURE;
double sl_bessel_second_kind(long order, double x) SL_PURE; /* x > 0 */
double sl_modified_bessel_first_kind(long order, double x) SL_PURE;
double sl_modified_bessel_second_kind(long order, double x) SL_PURE;      /* x > 0 */
double sl_log_modified_bessel_first_kind(double order, double x) SL_PURE; /* order > -1, x > 0 */
double sl_lambert_w0(double x) SL_PURE;                                   /* x >= -1/e */
double sl_lambert_wm1(double x) SL_PURE;                                  /* -1/e <= x < 0 */

#endif
