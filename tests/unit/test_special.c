/* The special functions against values of 25 digits (tests/reference/make_special.py), and at the edges of their
 * domains. */
#include "runtime/math.h"
#include "tests/reference/special.h"
#include "tests/unit/check.h"

typedef double (*special_function)(const double *argument);

/* Relative to the value, or to `floor` where the function passes through zero and the value is smaller than that. */
static void check_table(const char *name, const reference_value *table, size_t count, special_function function,
                        double tolerance, double floor) {
  for (size_t i = 0; i < count; i++) {
    const reference_value *row = &table[i];
    double value = function(row->argument);
    CHECK_SAY(fabs(value - row->value) <= tolerance * fmax(fabs(row->value), floor),
              "%s(%.17g, %.17g, %.17g) is %.17g, expected %.17g", name, row->argument[0], row->argument[1],
              row->argument[2], value, row->value);
  }
}

/* name of the table, relative tolerance, floor of the relative error, how it is called with a[0], a[1], a[2] */
#define TABLES(T)                                                                                                      \
  T(inv_logit, 1e-15, 0, sl_inv_logit(a[0]))                                                                           \
  T(inv_logit_derivative, 2e-15, 0, sl_inv_logit_derivative(a[0]))                                                     \
  T(log1p_exp, 2e-15, 0, sl_log1p_exp(a[0]))                                                                           \
  T(log_inv_logit, 2e-15, 0, sl_log_inv_logit(a[0]))                                                                   \
  T(log1m_exp, 2e-15, 0, sl_log1m_exp(a[0]))                                                                           \
  T(lgamma, 1e-14, 0.1, sl_lgamma(a[0]))                                                                               \
  T(tgamma, 1e-14, 0, sl_tgamma(a[0]))                                                                                 \
  T(digamma, 1e-14, 0.1, sl_digamma(a[0]))                                                                             \
  T(trigamma, 1e-14, 0, sl_trigamma(a[0]))                                                                             \
  T(tetragamma, 1e-13, 0, sl_tetragamma(a[0]))                                                                         \
  T(lbeta, 1e-13, 0.1, sl_lbeta(a[0], a[1]))                                                                           \
  T(digamma_difference, 1e-13, 0.01, sl_digamma_difference(a[0], a[1]))                                                \
  T(log_rising_factorial, 1e-13, 0.1, sl_log_rising_factorial(a[0], a[1]))                                             \
  T(lchoose, 1e-13, 0, sl_lchoose(a[0], a[1]))                                                                         \
  T(Phi, 1e-14, 0, sl_Phi(a[0]))                                                                                       \
  T(std_normal_log_cdf, 1e-14, 0, sl_std_normal_log_cdf(a[0]))                                                         \
  T(std_normal_log_cdf_derivative, 1e-14, 0, sl_std_normal_log_cdf_derivative(a[0]))                                   \
  T(inv_Phi, 1e-14, 0, sl_inv_Phi(a[0]))                                                                               \
  T(std_normal_log_qf, 1e-14, 0.01, sl_std_normal_log_qf(a[0]))                                                        \
  T(owens_t, 1e-14, 0, sl_owens_t(a[0], a[1]))                                                                         \
  T(gamma_p, 1e-12, 0, sl_gamma_p(a[0], a[1]))                                                                         \
  T(gamma_q, 1e-12, 0, sl_gamma_q(a[0], a[1]))                                                                         \
  T(log_gamma_p, 1e-12, 0, sl_log_gamma_p(a[0], a[1]))                                                                 \
  T(log_gamma_q, 1e-12, 0, sl_log_gamma_q(a[0], a[1]))                                                                 \
  T(gamma_p_shape_derivative, 1e-12, 0, sl_gamma_p_shape_derivative(a[0], a[1]))                                       \
  T(inc_beta, 1e-12, 0, sl_inc_beta(a[0], a[1], a[2]))                                                                 \
  T(inc_beta_a_derivative, 1e-12, 0, sl_inc_beta_a_derivative(a[0], a[1], a[2]))                                       \
  T(inc_beta_b_derivative, 1e-12, 0, sl_inc_beta_b_derivative(a[0], a[1], a[2]))                                       \
  T(bessel_first_kind, 1e-13, 0, sl_bessel_first_kind((long)a[0], a[1]))                                               \
  T(bessel_second_kind, 1e-13, 0, sl_bessel_second_kind((long)a[0], a[1]))                                             \
  T(modified_bessel_first_kind, 1e-12, 0, sl_modified_bessel_first_kind((long)a[0], a[1]))                             \
  T(modified_bessel_second_kind, 1e-13, 0, sl_modified_bessel_second_kind((long)a[0], a[1]))                           \
  T(log_modified_bessel_first_kind, 1e-13, 0, sl_log_modified_bessel_first_kind(a[0], a[1]))                           \
  T(lambert_w0, 1e-14, 0, sl_lambert_w0(a[0]))                                                                         \
  T(lambert_wm1, 1e-14, 0, sl_lambert_wm1(a[0]))

#define DEFINE(name, tolerance, floor, call)                                                                           \
  static double call_##name(const double *a) { return call; }
TABLES(DEFINE)

static void test_tables(void) {
#define CHECK_TABLE(name, tolerance, floor, call)                                                                      \
  check_table(#name, name##_reference, sizeof name##_reference / sizeof name##_reference[0], call_##name, tolerance,   \
              floor);
  TABLES(CHECK_TABLE)
}

/* Where the logarithm of the density factor is what the derivative in x is made of: d P(a,x)/dx by its definition. */
static void test_densities(void) {
  for (int i = 0; i < 7; i++)
    for (int j = 0; j < 6; j++) {
      double a = 0.3 * pow(3.7, i), ratio = 0.2 + 0.7 * j, x = a * ratio;
      CHECK_RELATIVE(sl_gamma_density(a, x), exp((a - 1.0) * log(x) - x - lgamma(a)), 1e-12 * (1.0 + a));
      double b = 5.0 / ratio, p = 0.1 + 0.2 * ratio;
      CHECK_RELATIVE(sl_beta_density(a, b, p), exp((a - 1.0) * log(p) + (b - 1.0) * log1p(-p) - sl_lbeta(a, b)),
                     1e-12 * (1.0 + a));
    }
  CHECK_NEAR(sl_gamma_density(1.0, 0.0), 1.0, 0.0);
  CHECK_NEAR(sl_beta_density(1.0, 4.0, 0.0), 4.0, 0.0);
  CHECK_NEAR(sl_beta_density(4.0, 1.0, 1.0), 4.0, 0.0);
}

static void test_edges(void) {
  const struct {
    const char *text;
    double value, expected;
  } edges[] = {
#define EDGE(call, expected) {#call, call, expected}
      EDGE(sl_lgamma(0.0), INFINITY),
      EDGE(sl_lgamma(-3.0), INFINITY),
      EDGE(sl_lgamma(INFINITY), INFINITY),
      EDGE(sl_lgamma(NAN), NAN),
      EDGE(sl_lgamma(1.0), 0.0),
      EDGE(sl_lgamma(2.0), 0.0),
      EDGE(sl_digamma(0.0), -INFINITY),
      EDGE(sl_digamma(INFINITY), INFINITY),
      EDGE(sl_digamma(NAN), NAN),
      EDGE(sl_trigamma(0.0), INFINITY),
      EDGE(sl_trigamma(-2.0), INFINITY),
      EDGE(sl_trigamma(INFINITY), 0.0),
      EDGE(sl_lbeta(0.0, 1.0), INFINITY),
      EDGE(sl_lbeta(2.0, INFINITY), -INFINITY),
      EDGE(sl_lbeta(-1.0, 2.0), NAN),
      EDGE(sl_lbeta(NAN, 2.0), NAN),
      EDGE(sl_lbeta(2.0, NAN), NAN),
      EDGE(sl_lchoose(7.0, 0.0), 0.0),
      EDGE(sl_lchoose(7.0, 7.0), 0.0),
      EDGE(sl_log_falling_factorial(5.0, 2.0), 2.9957322735539909934),
      EDGE(sl_log_rising_factorial(-1.0, 2.0), NAN),
      EDGE(sl_Phi(-INFINITY), 0.0),
      EDGE(sl_Phi(INFINITY), 1.0),
      EDGE(sl_Phi(NAN), NAN),
      EDGE(sl_std_normal_log_cdf(-INFINITY), -INFINITY),
      EDGE(sl_std_normal_log_cdf(INFINITY), 0.0),
      EDGE(sl_std_normal_log_cdf(NAN), NAN),
      EDGE(sl_std_normal_log_cdf_derivative(INFINITY), 0.0),
      EDGE(sl_inv_Phi(0.0), -INFINITY),
      EDGE(sl_inv_Phi(1.0), INFINITY),
      EDGE(sl_inv_Phi(0.5), 0.0),
      EDGE(sl_inv_Phi(-0.1), NAN),
      EDGE(sl_inv_Phi(1.1), NAN),
      EDGE(sl_inv_Phi(NAN), NAN),
      EDGE(sl_std_normal_log_qf(0.0), INFINITY),
      EDGE(sl_std_normal_log_qf(-INFINITY), -INFINITY),
      EDGE(sl_std_normal_log_qf(0.1), NAN),
      EDGE(sl_owens_t(0.0, 1.0), 0.125),
      EDGE(sl_owens_t(0.0, INFINITY), 0.25),
      EDGE(sl_owens_t(1.0, 0.0), 0.0),
      EDGE(sl_owens_t(INFINITY, 1.0), 0.0),
      EDGE(sl_owens_t(NAN, 1.0), NAN),
      EDGE(sl_gamma_p(2.0, 0.0), 0.0),
      EDGE(sl_gamma_q(2.0, 0.0), 1.0),
      EDGE(sl_gamma_p(2.0, INFINITY), 1.0),
      EDGE(sl_gamma_q(2.0, INFINITY), 0.0),
      EDGE(sl_log_gamma_p(2.0, 0.0), -INFINITY),
      EDGE(sl_log_gamma_q(2.0, INFINITY), -INFINITY),
      EDGE(sl_gamma_p(0.0, 1.0), NAN),
      EDGE(sl_gamma_p(2.0, -1.0), NAN),
      EDGE(sl_gamma_p(NAN, 1.0), NAN),
      EDGE(sl_gamma_p_shape_derivative(2.0, 0.0), 0.0),
      EDGE(sl_inc_beta(2.0, 3.0, 0.0), 0.0),
      EDGE(sl_inc_beta(2.0, 3.0, 1.0), 1.0),
      EDGE(sl_inc_beta(2.0, 3.0, 1.5), NAN),
      EDGE(sl_inc_beta(0.0, 3.0, 0.5), NAN),
      EDGE(sl_inc_beta_a_derivative(2.0, 3.0, 1.0), 0.0),
      EDGE(sl_bessel_first_kind(0, 0.0), 1.0),
      EDGE(sl_bessel_first_kind(2000000000000, 1.0), 0.0),
      EDGE(sl_bessel_second_kind(0, -1.0), NAN),
      EDGE(sl_modified_bessel_first_kind(0, 0.0), 1.0),
      EDGE(sl_modified_bessel_first_kind(3, -1.0), -0.022168424924331902476),
      EDGE(sl_modified_bessel_first_kind(0, 1e4), INFINITY),
      EDGE(sl_modified_bessel_second_kind(0, 0.0), INFINITY),
      EDGE(sl_modified_bessel_second_kind(0, 1e4), 0.0),
      EDGE(sl_log_modified_bessel_first_kind(0.0, 0.0), 0.0),
      EDGE(sl_log_modified_bessel_first_kind(1.0, 0.0), -INFINITY),
      EDGE(sl_log_modified_bessel_first_kind(1.0, -1.0), NAN),
      EDGE(sl_lambert_w0(-0.5), NAN),
      EDGE(sl_lambert_w0(INFINITY), INFINITY),
      EDGE(sl_lambert_w0(NAN), NAN),
      EDGE(sl_lambert_wm1(0.0), -INFINITY),
      EDGE(sl_lambert_wm1(0.1), NAN),
      EDGE(sl_lambert_wm1(-0.5), NAN),
      EDGE(sl_inv_logit(INFINITY), 1.0),
      EDGE(sl_inv_logit(-INFINITY), 0.0),
      EDGE(sl_inv_logit(NAN), NAN),
      EDGE(sl_log1p_exp(INFINITY), INFINITY),
      EDGE(sl_log1p_exp(-INFINITY), 0.0),
      EDGE(sl_log1p_exp(NAN), NAN),
      EDGE(sl_log1m_exp(0.0), -INFINITY),
      EDGE(sl_log1m_exp(-INFINITY), 0.0),
      EDGE(sl_log1m_exp(1.0), NAN),
  };
  for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
    CHECK_SAY(near_enough(edges[i].value, edges[i].expected, 1e-15), "%s is %.17g, expected %.17g", edges[i].text,
              edges[i].value, edges[i].expected);
}

/* Arguments whose sizes are far apart or overflow in intermediate results: they must end, with a number in range or
 * NaN. */
static void test_extreme_arguments(void) {
  static const double sizes[] = {5e-324, 1e-310, 1e-100, 1e-8, 1.0, 1e3, 1e8, 1e15, 1e100, 1e300, 1.7e308};
  enum { COUNT = sizeof sizes / sizeof sizes[0] };
  for (int i = 0; i < COUNT; i++) {
    for (int j = 0; j < COUNT; j++) {
      double a = sizes[i], x = sizes[j];
      double p = sl_gamma_p(a, x), q = sl_gamma_q(a, x);
      CHECK_SAY(p >= 0.0 && p <= 1.0 && q >= 0.0 && q <= 1.0, "gamma_p(%g, %g) is %g, gamma_q %g", a, x, p, q);
      CHECK_SAY(fabs(p + q - 1.0) < 1e-10, "gamma_p(%g, %g) is %g, gamma_q %g", a, x, p, q);
      double log_p = sl_log_gamma_p(a, x), log_q = sl_log_gamma_q(a, x);
      CHECK_SAY(log_p <= 0.0 && log_q <= 0.0, "log_gamma_p(%g, %g) is %g, log_gamma_q %g", a, x, log_p, log_q);
      double beta = sl_lbeta(a, x);
      CHECK_SAY(!isnan(beta), "lbeta(%g, %g) is %g", a, x, beta);
      double bessel = sl_log_modified_bessel_first_kind(a, x);
      CHECK_SAY(!isnan(bessel), "log_modified_bessel_first_kind(%g, %g) is %g", a, x, bessel);
      if (a > 1e9 || x > 1e9) continue; /* the continued fraction's length is the square root of its arguments */
      double left = sl_inc_beta(a, x, 0.3), right = sl_inc_beta(x, a, 0.7);
      CHECK_SAY(left >= 0.0 && left <= 1.0 && fabs(left + right - 1.0) < 1e-9, "inc_beta(%g, %g, 0.3) is %g and %g", a,
                x, left, right);
    }
  }
}

static void test_choose(void) {
  CHECK_INT(sl_choose(5, 2), 10);
  CHECK_INT(sl_choose(66, 33), 7219428434016265740);
  CHECK_INT(sl_choose(67, 33), LONG_MAX);
  CHECK_INT(sl_choose(1000000000, 1), 1000000000);
  CHECK_INT(sl_choose(1000000000000, 999999999999), 1000000000000);
  CHECK_INT(sl_choose(3, 4), 0);
  CHECK_INT(sl_choose(3, -1), 0);
  CHECK_INT(sl_choose(0, 0), 1);
}

int main(void) {
  return run_suites("special functions", (check_test[]){{"values agree with 25 digits", test_tables},
                                                        {"densities are their definitions", test_densities},
                                                        {"limits and domains are kept", test_edges},
                                                        {"extreme arguments end well", test_extreme_arguments},
                                                        {"choose is exact", test_choose},
                                                        {0}});
}
