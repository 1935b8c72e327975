/* runtime/math.h: vector variants agree with the scalar functions, special values included; comparisons, rounding,
 * ints. */
#include "runtime/math.h"
#include "tests/unit/check.h"

static void test_comparisons(void) {
  CHECK_NEAR(sl_fmin(1.0, 2.0), 1.0, 0.0);
  CHECK_NEAR(sl_fmin(NAN, 2.0), 2.0, 0.0);
  CHECK_NEAR(sl_fmin(1.0, NAN), 1.0, 0.0);
  CHECK(isnan(sl_fmin(NAN, NAN)));
  CHECK_NEAR(sl_fmax(1.0, 2.0), 2.0, 0.0);
  CHECK_NEAR(sl_fmax(NAN, 2.0), 2.0, 0.0);
  CHECK_NEAR(sl_fmax(1.0, NAN), 1.0, 0.0);
  CHECK(isnan(sl_fmax(NAN, NAN)));
  CHECK_NEAR(sl_fmin_left(1.0, 2.0), 1.0, 0.0);
  CHECK_NEAR(sl_fmax_left(1.0, 2.0), 0.0, 0.0);
  CHECK_NEAR(sl_fdim(3.0, 1.0), 2.0, 0.0);
  CHECK_NEAR(sl_fdim(1.0, 3.0), 0.0, 0.0);
  CHECK(isnan(sl_fdim(NAN, 3.0)));
  CHECK_NEAR(sl_step(0.0), 1.0, 0.0);
  CHECK_NEAR(sl_step(-1e-300), 0.0, 0.0);
  CHECK_INT(sl_int_step(0.0), 0);
  CHECK_INT(sl_int_step(1e-300), 1);
  CHECK_NEAR(sl_sign(-2.0), -1.0, 0.0);
  CHECK_NEAR(sl_sign(0.0), 0.0, 0.0);
  CHECK_INT(sl_is_inf(-INFINITY), 1);
  CHECK_INT(sl_is_inf(1.7e308), 0);
  CHECK_INT(sl_is_nan(NAN), 1);
}

static void test_rounding(void) {
  static const double points[] = {
      0.0,  0.3,    0.5,     0.49999999999999994, 1.5, 2.5, 4503599627370495.5, 4503599627370497.0, 1e18, 1e300,
      0.75, 5e-324, INFINITY};
  for (size_t i = 0; i < sizeof points / sizeof points[0]; i++)
    for (int sign = -1; sign <= 1; sign += 2) {
      double x = sign * points[i];
      CHECK_NEAR(sl_round(x), round(x), 0.0);
    }
  CHECK(isnan(sl_round(NAN)));
}

static void test_ints(void) {
  CHECK_INT(sl_int_divide(7, 2), 3);
  CHECK_INT(sl_int_divide(-7, 2), -3);
  CHECK_INT(sl_modulus(-7, 2), -1);
  CHECK_INT(sl_int_divide(7, 0), 0);
  CHECK_INT(sl_modulus(7, 0), 0);
  CHECK_INT(sl_int_divide(LONG_MIN, -1), LONG_MIN);
  CHECK_INT(sl_modulus(LONG_MIN, -1), 0);
  CHECK_INT(sl_int_abs(-5), 5);
  CHECK_INT(sl_int_sign(-5), -1);
  CHECK_INT(sl_int_min(2, 3), 2);
  CHECK_INT(sl_int_max(2, 3), 3);
  CHECK_INT(sl_int_power(3, 4), 81);
  CHECK_INT(sl_int_power(-2, 63), LONG_MIN);
  CHECK_INT(sl_int_power(5, 0), 1);
  CHECK_INT(sl_int_power(2, -1), 0);
  CHECK_INT(sl_int_power(-1, -3), -1);
}

static void test_zero_products(void) {
  CHECK_NEAR(sl_lmultiply(0.0, 0.0), 0.0, 0.0);
  CHECK_NEAR(sl_lmultiply(2.0, 3.0), 2.1972245773362193828, 1e-15);
  CHECK_NEAR(sl_log_or_zero(0.0, 0.0), 0.0, 0.0);
  CHECK_NEAR(sl_pow_exponent_derivative(0.0, 2.0), 0.0, 0.0);
  CHECK_NEAR(sl_pow_exponent_derivative(2.0, 3.0), 5.5451774444795624753, 1e-15);
}

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && __GLIBC_PREREQ(2, 35)
/* The vector variants under the names that gcc calls them by: b two lanes (SSE2), d four (AVX2), e eight (AVX-512).
 * The processor that runs the test decides which are tried. */
typedef double two_lanes __attribute__((vector_size(16)));
typedef double four_lanes __attribute__((vector_size(32)));
typedef double eight_lanes __attribute__((vector_size(64)));

/* clang-format off */
#define UNARY(T) \
  T(exp) T(log) T(sin) T(cos) T(tan) T(acos) T(acosh) T(asin) T(asinh) T(atan) T(atanh) T(cbrt) T(cosh) T(erf) T(erfc) \
  T(exp2) T(expm1) T(log10) T(log1p) T(log2) T(sinh) T(tanh) T(sl_lgamma) T(sl_digamma) T(sl_trigamma) \
  T(sl_tetragamma) T(sl_Phi) T(sl_std_normal_log_cdf) T(sl_std_normal_log_cdf_derivative)
#define BINARY(T) \
  T(pow) T(atan2) T(hypot) T(sl_lbeta) T(sl_digamma_difference) T(sl_log_rising_factorial)
/* clang-format on */

typedef struct vector_case {
  const char *name;
  double (*one)(double);
  double (*two)(double, double);
  void (*wide[3])(double *out, const double *x, const double *y); /* 2, 4 and 8 lanes */
} vector_case;

#define RUN_ONE(prefix, lanes, name)                                                                                   \
  lanes prefix##_##name(lanes) __asm__("_ZGV" #prefix "_" #name);                                                      \
  static void run_##prefix##_##name(double *out, const double *x, const double *y) {                                   \
    (void)y;                                                                                                           \
    lanes a;                                                                                                           \
    memcpy(&a, x, sizeof a);                                                                                           \
    a = prefix##_##name(a);                                                                                            \
    memcpy(out, &a, sizeof a);                                                                                         \
  }
#define RUN_TWO(prefix, lanes, name)                                                                                   \
  lanes prefix##_##name(lanes, lanes) __asm__("_ZGV" #prefix "_" #name);                                               \
  static void run_##prefix##_##name(double *out, const double *x, const double *y) {                                   \
    lanes a, b;                                                                                                        \
    memcpy(&a, x, sizeof a);                                                                                           \
    memcpy(&b, y, sizeof b);                                                                                           \
    a = prefix##_##name(a, b);                                                                                         \
    memcpy(out, &a, sizeof a);                                                                                         \
  }

#define RUN_B(name) RUN_ONE(bN2v, two_lanes, name)
#define RUN_B2(name) RUN_TWO(bN2vv, two_lanes, name)
UNARY(RUN_B)
BINARY(RUN_B2)
#pragma GCC push_options
#pragma GCC target("avx2")
#define RUN_D(name) RUN_ONE(dN4v, four_lanes, name)
#define RUN_D2(name) RUN_TWO(dN4vv, four_lanes, name)
UNARY(RUN_D)
BINARY(RUN_D2)
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f")
#define RUN_E(name) RUN_ONE(eN8v, eight_lanes, name)
#define RUN_E2(name) RUN_TWO(eN8vv, eight_lanes, name)
UNARY(RUN_E)
BINARY(RUN_E2)
#pragma GCC pop_options

static const vector_case vector_cases[] = {
#define ONE_CASE(name) {#name, name, NULL, {run_bN2v_##name, run_dN4v_##name, run_eN8v_##name}},
#define TWO_CASE(name) {#name, NULL, name, {run_bN2vv_##name, run_dN4vv_##name, run_eN8vv_##name}},
    UNARY(ONE_CASE) BINARY(TWO_CASE)};

/* NaN like NaN, infinity like infinity, zero like zero, and otherwise within a few units of the last place; 1e-13
 * for what is composed of several functions. Near a zero of the function absolutely. */
static bool agrees(const char *name, double vector, double scalar) {
  bool composed = strncmp(name, "sl_", 3) == 0;
  if (isnan(scalar)) return isnan(vector);
  if (isinf(scalar)) return vector == scalar;
  if (composed) return fabs(vector - scalar) <= 1e-13 * fmax(fabs(scalar), 0.1);
  return fabs(vector - scalar) <= 1.5e-15 * fabs(scalar) + (scalar == 0.0 ? 0.0 : 1e-323);
}

static void test_vectors(void) {
  static const double special[] = {0.0,     -0.0,     INFINITY, -INFINITY, NAN,    5e-324, -5e-324, 1e-310,
                                   -1e-310, 2.3e-308, 1.7e308,  -1.7e308,  1.0,    -1.0,   2.0,     -2.0,
                                   709.5,   710.5,    -708.5,   -745.0,    -746.0, 1e22,   -1e22,   1e-20,
                                   -0.5,    0.5,      -1.5,     8.0,       7.99,   1e300,  1e-300,  40.5};
  enum { SPECIAL = sizeof special / sizeof special[0], COUNT = 2048 };
  static double x[COUNT], y[COUNT], out[COUNT];
  for (int i = 0; i < COUNT; i++) {
    /* Two low-discrepancy sequences: evenly over wide ranges; each special value stands once in every lane. */
    double u = fmod(i * 0.6180339887498949, 1.0), v = fmod(i * 0.7548776662466927, 1.0);
    x[i] = i % 3 == 0 ? 2.0 * u - 1.0 : i % 3 == 1 ? 60.0 * u - 20.0 : exp(40.0 * u - 20.0);
    y[i] = i % 2 == 0 ? 20.0 * v : exp(20.0 * v - 10.0);
    if (i < 8 * SPECIAL * 4 && i % 4 == (i / 128) % 4) x[i] = special[i / 4 % SPECIAL];
    if (i % 7 == 0) y[i] = special[i / 7 % SPECIAL];
  }
  bool available[3] = {true, __builtin_cpu_supports("avx2"), __builtin_cpu_supports("avx512f")};
  for (size_t c = 0; c < sizeof vector_cases / sizeof vector_cases[0]; c++)
    for (int width = 0; width < 3; width++) {
      if (!available[width]) continue;
      const vector_case *f = &vector_cases[c];
      for (int i = 0; i < COUNT; i += 2 << width) f->wide[width](&out[i], &x[i], &y[i]);
      for (int i = 0; i < COUNT; i++) {
        double scalar = f->one ? f->one(x[i]) : f->two(x[i], y[i]);
        CHECK_SAY(agrees(f->name, out[i], scalar), "%s(%.17g, %.17g) in %d lanes is %.17g, alone %.17g", f->name, x[i],
                  y[i], 2 << width, out[i], scalar);
      }
    }
}
#else
static void test_vectors(void) { printf("no vector variants here: skipped\n"); }
#endif

int main(void) {
  return run_suites("math", (check_test[]){{"vector variants agree with scalar functions", test_vectors},
                                           {"comparisons follow Stan's rules for NaN", test_comparisons},
                                           {"halves are rounded away from zero", test_rounding},
                                           {"operations on ints are total", test_ints},
                                           {"zero times log zero is zero", test_zero_products},
                                           {0}});
}
