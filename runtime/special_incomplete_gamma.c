/* special_incomplete_gamma.c: the regularised incomplete gamma functions P(a,x) and Q(a,x) = 1 - P(a,x), their
 * logarithms, and the derivative in a.
 *
 * One of the two, the one that is not near 1, is found as exp(log_scale) * factor by the method that suits:
 *   |x-a| < 0.3 a, a >= 500  Temme's uniform expansion (tests/reference/make_temme.py), either side
 *   x < 1.1, a < 1, Q wanted  the form that keeps the digits of 1 - P
 *   x < a + 1 or x < 1.1      the series of P, DLMF 8.11.4
 *   else                      the continued fraction of Q, DLMF 8.9.2
 * The derivative in a differentiates the same expressions. */
#include <stddef.h>
#include "runtime/special_internal.h"

typedef struct tail {
  bool upper; /* what is given is Q, else P */
  double log_scale, factor;
} tail;

static bool near_large_shape(double a, double x) { return a >= 500.0 && fabs(x - a) < 0.3 * a; }
static bool series_converges(double a, double x) { return x < a + 1.0 || x < 1.1; }

/* log of x^a exp(-x) / gamma(a+1) */
static double log_prefactor(double a, double x) {
  if (a >= 8.0) return -sl_deviance(a, x) - 0.5 * log(a) - SL_HALF_LOG_TWO_PI - sl_stirling_remainder(a);
  return a * log(x) - x - (a < 0.5 ? sl_lgamma_one_plus(a) : sl_lgamma(a + 1.0));
}

/* The same, not as a logarithm, with the digits that a large logarithm would cost. */
static double prefactor(double a, double x) {
  if (a >= 8.0) return exp(-sl_deviance(a, x) - sl_stirling_remainder(a)) / (SL_SQRT_TWO_PI * sqrt(a));
  return x > 1000.0 ? 0.0 : pow(x, a) * exp(-x) / tgamma(a + 1.0);
}

/* 1 + x/(a+1) + x^2/((a+1)(a+2)) + ..., and its derivative in a when asked for: P = prefactor * sum. */
static double series(double a, double x, double *shape_derivative) {
  double term = 1.0, sum = 1.0, harmonic = 0.0, slope = 0.0;
  for (long count = 1; count < 10000000; count++) {
    double n = (double)count;
    term *= x / (a + n);
    harmonic += 1.0 / (a + n);
    sum += term;
    slope -= term * harmonic;
    /* The rest is at most a geometric series. */
    if (term * harmonic < 1e-17 * sum * (1.0 - x / (a + n + 1.0))) break;
  }
  if (shape_derivative) *shape_derivative = slope;
  return sum;
}

/* F = x+1-a + 1(a-1)/(x+3-a + 2(a-2)/(x+5-a + ...)) by Lentz's method: Q = a prefactor / F. */
static double fraction(double a, double x) {
  double base = x + 1.0 - a, c = base, d = 0.0, value = base;
  for (long count = 1; count < 1000000; count++) { /* near x = a+1 about 4 sqrt(a) steps are needed */
    double n = (double)count, numerator = n * (a - n), partial = base + 2.0 * n;
    d = partial + numerator * d;
    d = 1.0 / (d == 0.0 ? 1e-300 : d);
    c = partial + numerator / c;
    if (c == 0.0) c = 1e-300;
    value *= c * d;
    if (!(fabs(c * d - 1.0) >= 2e-16)) break; /* also where huge arguments have made NaN */
  }
  return value;
}

/* F and its derivative in a, backwards from a number of steps that is doubled until it settles: the fraction of a
 * whole a ends early, its derivative does not. */
static double fraction_derivative(double a, double x, double *shape_derivative) {
  double base = x + 1.0 - a, value = 0.0;
  *shape_derivative = INFINITY;
  for (long count = 16; count < 2000000; count *= 2) {
    double f = base + 2.0 * (double)count, slope = -1.0;
    for (long step = count; step > 0; step--) {
      double n = (double)step;
      slope = -1.0 + n / f - n * (a - n) * slope / (f * f);
      f = base + 2.0 * (n - 1.0) + n * (a - n) / f;
    }
    bool settled = !(fabs(slope - *shape_derivative) > 1e-15 * fabs(slope));
    value = f;
    *shape_derivative = slope;
    if (settled) break;
  }
  return value;
}

/* Temme (1979): Q = erfc(eta sqrt(a/2))/2 + exp(-a eta^2/2)/sqrt(2 pi a) * S, S = sum of C_k(eta) / a^k, a eta^2/2
 * = deviance. */
typedef struct temme {
  double deviance, eta, sum, sum_eta, sum_a; /* S and its partial derivatives */
  double ratio;                              /* eta / (x/a - 1) */
} temme;

static temme temme_expansion(double a, double x) {
  enum { TERMS = 18, ORDERS = 6 };
  static const double coefficients[ORDERS][TERMS] = {
      {-0.33333333333333333333, 0.083333333333333333333, -0.014814814814814814815, 0.0011574074074074074074,
       0.00035273368606701940035, -0.0001787551440329218107, 0.000039192631785224377817, -2.1854485106799921615e-6,
       -1.8540622107151599607e-6, 8.296711340953086005e-7, -1.7665952736826079304e-7, 6.7078535434014985804e-9,
       1.0261809784240308043e-8, -4.3820360184533531866e-9, 9.1476995822367902342e-10, -2.5514193994946249767e-11,
       -5.8307721325504250675e-11, 2.4361948020667416244e-11},
      {-0.0018518518518518518519, -0.0034722222222222222222, 0.0026455026455026455026, -0.00099022633744855967078,
       0.00020576131687242798354, -4.0187757201646090535e-7, -0.000018098550334489977837, 7.6491609160811100846e-6,
       -1.6120900894563446004e-6, 4.6471278028074343423e-9, 1.3786334469157209593e-7, -5.752545603517704964e-8,
       1.1951628599778147324e-8, -1.7543241719747647624e-11, -1.0091543710600412627e-9},
      {0.0041335978835978835979, -0.0026813271604938271605, 0.00077160493827160493827, 2.0093878600823045267e-6,
       -0.00010736653226365160522, 0.000052923448829120125416, -0.000012760635188618727713, 3.4235787340961380742e-8,
       1.3721957309062933206e-6, -6.2989921383800550229e-7, 1.4280614206064241792e-7, -2.0477098421990866015e-10,
       -1.4092529910867521053e-8},
      {0.00064943415637860082305, 0.00022947209362139917695, -0.00046918949439525571213, 0.00026772063206283885296,
       -0.000075618016718839764107, -2.3965051138672966519e-7, 0.000011082654115347302361, -5.6749528269915965675e-6,
       1.4230900732435883915e-6, -2.7861080291528142241e-11},
      {-0.0008618882909167116986, 0.00078403922172006662747, -0.00029907248030319017973, -1.4638452578843418178e-6,
       0.000066414982154651221867, -0.000039683650471794346644, 0.000011375726970678419098, 2.5074972262375328017e-10},
      {-0.00033679855336635815031, -0.000069728137583658577743, 0.00027727532449593920787, -0.000199325705161888477,
       0.000067977804779372078388, 1.4190629206439670148e-7}};
  temme t = {.deviance = sl_deviance(a, x)};
  t.eta = copysign(sqrt(2.0 * t.deviance / a), x - a);
  for (int k = ORDERS - 1; k >= 0; k--) {
    double c = 0.0, slope = 0.0;
    for (int n = TERMS - 1; n >= 0; n--) {
      slope = slope * t.eta + c;
      c = c * t.eta + coefficients[k][n];
    }
    if (k == 0) t.ratio = 1.0 + t.eta * c; /* C_0 = 1/(x/a-1) - 1/eta */
    t.sum = t.sum / a + c;
    t.sum_eta = t.sum_eta / a + slope;
  }
  for (int k = ORDERS - 1; k >= 1; k--) { /* -k C_k / a^(k+1) */
    double c = 0.0;
    for (int n = TERMS - 1; n >= 0; n--) c = c * t.eta + coefficients[k][n];
    t.sum_a = (t.sum_a - k * c) / a;
  }
  t.sum_a /= a;
  return t;
}

static tail smaller_tail(double a, double x) {
  if (near_large_shape(a, x)) {
    temme t = temme_expansion(a, x);
    bool upper = t.eta > 0.0;
    double correction = t.sum * SL_INV_SQRT_TWO_PI / sqrt(a);
    double half = 0.5 * sl_scaled_erfc(sqrt(t.deviance));
    return (tail){upper, -t.deviance, upper ? half + correction : half - correction};
  }
  if (series_converges(a, x)) return (tail){false, log_prefactor(a, x), series(a, x, NULL)};
  return (tail){true, log_prefactor(a, x), a / fraction(a, x)};
}

static double tail_value(const tail *t, double a, double x) {
  return near_large_shape(a, x) ? exp(t->log_scale) * t->factor : prefactor(a, x) * t->factor;
}

/* 1 - P for x < 1.1 and a < 1: P = x^a/gamma(1+a) * (1 + a * sum), sum = sum of (-x)^n / (n! (a+n)), n >= 1
 * (Didonato and Morris 1986, ACM TOMS 12, p. 377, eq. 9). */
static double small_upper(double a, double x) {
  double power = a * log(x) - (a < 0.5 ? sl_lgamma_one_plus(a) : sl_lgamma(a + 1.0));
  double term = 1.0, sum = 0.0;
  for (int n = 1; n < 60; n++) {
    term *= -x / n;
    sum += term / (a + n);
  }
  return -expm1(power) - exp(power) * a * sum;
}

static bool in_domain(double a, double x) { return a > 0.0 && x >= 0.0 && a <= 0x1.fffffffffffffp1023; }

double sl_gamma_p(double a, double x) {
  if (!in_domain(a, x)) return NAN;
  if (x == 0.0) return 0.0;
  if (x > 0x1.fffffffffffffp1023) return 1.0;
  tail t = smaller_tail(a, x);
  double value = tail_value(&t, a, x);
  return t.upper ? 1.0 - value : value > 1.0 ? 1.0 : value;
}

double sl_gamma_q(double a, double x) {
  if (!in_domain(a, x)) return NAN;
  if (x == 0.0) return 1.0;
  if (x > 0x1.fffffffffffffp1023) return 0.0;
  if (x < 1.1 && a < 1.0) return small_upper(a, x);
  tail t = smaller_tail(a, x);
  double value = tail_value(&t, a, x);
  return t.upper ? value : value > 1.0 ? 0.0 : 1.0 - value;
}

double sl_log_gamma_p(double a, double x) {
  if (!in_domain(a, x)) return NAN;
  if (x == 0.0) return -INFINITY;
  if (x > 0x1.fffffffffffffp1023) return 0.0;
  if (x < 1.1 && a < 1.0 && small_upper(a, x) < 0.5) return log1p(-small_upper(a, x));
  tail t = smaller_tail(a, x);
  if (t.upper) return log1p(-tail_value(&t, a, x));
  double value = tail_value(&t, a, x);
  return value > 0.5 ? log(value) : t.log_scale + log(t.factor);
}

double sl_log_gamma_q(double a, double x) {
  if (!in_domain(a, x)) return NAN;
  if (x == 0.0) return 0.0;
  if (x > 0x1.fffffffffffffp1023) return -INFINITY;
  if (x < 1.1 && a < 1.0) {
    double upper = small_upper(a, x);
    return upper > 0.5 ? log1p(-sl_gamma_p(a, x)) : log(upper);
  }
  tail t = smaller_tail(a, x);
  return t.upper ? t.log_scale + log(t.factor) : log1p(-tail_value(&t, a, x));
}

double sl_gamma_density(double a, double x) {
  if (!in_domain(a, x)) return NAN;
  if (x == 0.0) return a > 1.0 ? 0.0 : a == 1.0 ? 1.0 : INFINITY;
  if (x > 0x1.fffffffffffffp1023) return 0.0;
  return prefactor(a, x) * (a / x);
}

double sl_gamma_p_shape_derivative(double a, double x) {
  if (!in_domain(a, x)) return NAN;
  if (x == 0.0 || x > 0x1.fffffffffffffp1023) return 0.0;
  if (near_large_shape(a, x)) {
    /* With L = log(a/x) = d deviance / da, t = eta sqrt(a/2): d eta/da = -(x/a-1)/(eta a), 2 t dt/da = L. */
    temme t = temme_expansion(a, x);
    double eta_slope = -1.0 / (t.ratio * a);
    double root = sqrt(0.5 * a), t_slope = root * (eta_slope + 0.5 * t.eta / a);
    double logarithm = -log1p((x - a) / a);
    double inner = -logarithm * t.sum - 0.5 * t.sum / a + t.sum_eta * eta_slope + t.sum_a;
    return exp(-t.deviance) * (0.5 * SL_TWO_OVER_SQRT_PI * t_slope - SL_INV_SQRT_TWO_PI / sqrt(a) * inner);
  }
  double slope;
  if (series_converges(a, x)) {
    double sum = series(a, x, &slope);
    return prefactor(a, x) * (sum * (log(x) - sl_digamma(a + 1.0)) + slope);
  }
  double value = fraction_derivative(a, x, &slope);
  return -prefactor(a, x) * a / value * (log(x) - sl_digamma(a) - slope / value);
}
