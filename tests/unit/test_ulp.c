/* test_ulp.c: how far the functions that loops call are from the true value, in ulp, as scalars and at each vector width.
 *
 * The values are those of tests/reference/make_vector_mathematics.py, of 106 bits. Each function is called in an `omp simd`
 * loop compiled for SSE2, AVX2 and AVX-512 (those that this machine has), and without vectors. With an argument, the errors are
 * printed as the table of docs/vector_mathematics.md: `build/tests/test_ulp table`.
 *
 * An ulp is that of the value; of a function that passes through zero where its formula does not, that of `floor` where the
 * value is smaller. */
#pragma GCC optimize("O2", "tree-vectorize", "no-math-errno", "no-trapping-math")
#include "runtime/math.h"
#include "tests/reference/vector_mathematics.h"
#include "tests/unit/check.h"

/* name, floor, the largest error allowed: 4 ulp, and more only where it says so; how it is called */
#define FUNCTIONS(F)                                                                                                   \
  F(exp, 0, 4, exp(x))                                                                                                 \
  F(exp2, 0, 4, exp2(x))                                                                                               \
  F(expm1, 0, 4, expm1(x))                                                                                             \
  F(log, 0, 4, log(x))                                                                                                 \
  F(log2, 0, 4, log2(x))                                                                                               \
  F(log10, 0, 4, log10(x))                                                                                             \
  F(log1p, 0, 4, log1p(x))                                                                                             \
  F(cbrt, 0, 4, cbrt(x))                                                                                               \
  F(sin, 0, 4, sin(x))                                                                                                 \
  F(cos, 0, 4, cos(x))                                                                                                 \
  F(tan, 0, 4, tan(x))                                                                                                 \
  F(asin, 0, 4, asin(x))                                                                                               \
  F(acos, 0, 4, acos(x))                                                                                               \
  F(atan, 0, 4, atan(x))                                                                                               \
  F(sinh, 0, 4, sinh(x))                                                                                               \
  F(cosh, 0, 4, cosh(x))                                                                                               \
  F(tanh, 0, 4, tanh(x))                                                                                               \
  F(asinh, 0, 4, asinh(x))                                                                                             \
  F(acosh, 0, 4, acosh(x))                                                                                             \
  F(atanh, 0, 4, atanh(x))                                                                                             \
  F(erf, 0, 4, erf(x))                                                                                                 \
  F(erfc, 0, 4, erfc(x))                                                                                               \
  F(inv_logit, 0, 4, sl_inv_logit(x))                                                                                  \
  F(log1p_exp, 0, 4, sl_log1p_exp(x))                                                                                  \
  F(log1m_exp, 0, 4, sl_log1m_exp(x))                                                                                  \
  F(lgamma, 0.125, 4, sl_lgamma(x))                                                                                    \
  F(digamma, 2, 4, sl_digamma(x))                                                                                      \
  F(trigamma, 0, 4, sl_trigamma(x))                                                                                    \
  F(Phi, 0, 4, sl_Phi(x))                                                                                              \
  F(log_Phi, 0, 4, sl_std_normal_log_cdf(x))                                                                           \
  F(inv_Phi, 0, 4, sl_inv_Phi(x))

enum { LONGEST = 512 };
typedef void (*array_function)(const double *restrict x, double *restrict y, long count);

#define DEFINE(suffix, name, call)                                                                                     \
  static void name##_##suffix(const double *restrict x_, double *restrict y, long count) {                             \
    _Pragma("omp simd") for (long i = 0; i < count; i++) {                                                             \
      double x = x_[i];                                                                                                \
      y[i] = call;                                                                                                     \
    }                                                                                                                  \
  }
#define DEFINE_SCALAR(name, floor, most, call)                                                                         \
  __attribute__((optimize("no-tree-vectorize"))) static void name##_scalar(const double *restrict x_,                  \
                                                                           double *restrict y, long count) {           \
    for (long i = 0; i < count; i++) {                                                                                 \
      volatile double x = x_[i];                                                                                       \
      y[i] = call;                                                                                                     \
    }                                                                                                                  \
  }
FUNCTIONS(DEFINE_SCALAR)

#if defined(__x86_64__) && !defined(__clang__)
#define WIDTHS 3
#define DEFINE_SSE(name, floor, most, call) DEFINE(sse, name, call)
#define DEFINE_AVX2(name, floor, most, call) __attribute__((target("arch=x86-64-v3"))) DEFINE(avx2, name, call)
#define DEFINE_AVX512(name, floor, most, call)                                                                         \
  __attribute__((target("arch=x86-64-v4,prefer-vector-width=512"))) DEFINE(avx512, name, call)
FUNCTIONS(DEFINE_SSE)
FUNCTIONS(DEFINE_AVX2)
FUNCTIONS(DEFINE_AVX512)
#define VARIANTS(name)                                                                                                 \
  { name##_scalar, name##_sse, name##_avx2, name##_avx512 }
static bool has_width(int width) {
  return width < 2 || (width == 2 ? __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
                                  : __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"));
}
#else
#define WIDTHS 0
#define VARIANTS(name)                                                                                                 \
  { name##_scalar }
static bool has_width(int width) { return width == 0; }
#endif

typedef struct function {
  const char *name;
  double floor, most;
  const ulp_reference *table;
  long count;
  array_function variants[WIDTHS + 1];
} function;

#define ENTRY(name, floor, most, call)                                                                                 \
  {#name, floor, most, name##_reference, sizeof name##_reference / sizeof name##_reference[0], VARIANTS(name)},
static const function functions[] = {FUNCTIONS(ENTRY)};
enum { FUNCTION_COUNT = sizeof functions / sizeof *functions };

static double ulp(double value) {
  double size = fabs(value);
  return nextafter(size, INFINITY) - size;
}

/* The largest error over the table, and where. */
static double largest_error(const function *f, int width, double *where) {
  double x[LONGEST], y[LONGEST], largest = 0;
  *where = 0;
  for (long i = 0; i < f->count; i++) x[i] = f->table[i].argument;
  f->variants[width](x, y, f->count);
  for (long i = 0; i < f->count; i++) {
    double size = fmax(fabs(f->table[i].value), f->floor);
    double error = fabs((y[i] - f->table[i].value) - f->table[i].rest) / ulp(size);
    if (!(error <= largest)) {
      largest = error;
      *where = x[i];
    }
  }
  return largest;
}

static void test_errors(void) {
  for (int i = 0; i < FUNCTION_COUNT; i++)
    for (int width = 0; width <= WIDTHS; width++) {
      double where;
      if (!has_width(width)) continue;
      double error = largest_error(&functions[i], width, &where);
      CHECK_SAY(error <= functions[i].most, "%s(%.17g), width %d: %.2f ulp", functions[i].name, where, width, error);
    }
}

/* Vectors treat 0, infinities and NaN as the scalar function does. */
static void test_edges(void) {
  static const double edges[] = {0.0, -0.0,     1.0,       -1.0, 2.0,       0.5,        0x1p-1074, 0x1p-1022,
                                 40,  INFINITY, -INFINITY, NAN,  0x1p-1050, -0x1p-1074, 1e308,     -1e308};
  enum { EDGES = sizeof edges / sizeof *edges };
  for (int i = 0; i < FUNCTION_COUNT; i++) {
    double expected[EDGES], actual[EDGES];
    functions[i].variants[0](edges, expected, EDGES);
    for (int width = 1; width <= WIDTHS; width++) {
      if (!has_width(width)) continue;
      functions[i].variants[width](edges, actual, EDGES);
      for (int k = 0; k < EDGES; k++)
        if (!isfinite(expected[k]) || expected[k] == 0)
          CHECK_SAY(isnan(expected[k]) ? isnan(actual[k]) : expected[k] == actual[k],
                    "%s(%g), width %d, is %g, and the scalar function %g", functions[i].name, edges[k], width,
                    actual[k], expected[k]);
    }
  }
}

static void print_table(void) {
  printf("| function | bound | scalar | SSE2 | AVX2 | AVX-512 |\n|---|---|---|---|---|---|\n");
  for (int i = 0; i < FUNCTION_COUNT; i++) {
    printf("| %s | %g |", functions[i].name, functions[i].most);
    for (int width = 0; width <= WIDTHS; width++) {
      double where;
      if (has_width(width))
        printf(" %.2f |", largest_error(&functions[i], width, &where));
      else
        printf(" - |");
    }
    putchar('\n');
  }
}

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "table") == 0) return print_table(), 0;
  return run_suites("ulp", (check_test[]){{"errors stay within their bounds", test_errors},
                                          {"edges are those of the scalar function", test_edges},
                                          {0}});
}
