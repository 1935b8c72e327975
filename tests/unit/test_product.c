/* test_product.c: products of factors near one (sl_product in runtime/generated.h), as pass products has the vector units make
 * them: the logarithm is the sum of the factors' logarithms. */
#include "runtime/generated.h"
#include "tests/unit/check.h"

enum { MOST = 512 };

static double log_of_product(const double *e, long count) {
  double product = 0;
#pragma omp simd reduction(sl_product : product)
  for (long n = 0; n < count; n++) product = sl_product(product, e[n]);
  return log1p(product);
}

/* The sum in long double. */
static double sum_of_logs(const double *e, long count) {
  long double sum = 0;
  for (long n = 0; n < count; n++) sum += log1pl(e[n]);
  return (double)sum;
}

static void test_sizes(void) {
  static const double scales[] = {1, 0.5, 1e-3, 1e-8, 1e-15, 1e-20, 1e-100, 1e-304};
  for (size_t s = 0; s < sizeof scales / sizeof *scales; s++)
    for (long count = 0; count <= MOST; count = count * 3 / 2 + 1) {
      double e[MOST];
      for (long n = 0; n < count; n++) e[n] = scales[s] * (0.5 + 0.5 * cos((double)n));
      CHECK_SAY(relatively_near(log_of_product(e, count), sum_of_logs(e, count), 1e-14), "%ld factors of size 1 + %g",
                count, scales[s]);
    }
}

static void test_largest(void) {
  double e[MOST];
  for (int n = 0; n < MOST; n++) e[n] = 1;
  CHECK_NEAR(log_of_product(e, MOST), MOST * log(2.0), 1e-14);
}

static void test_not_a_number(void) {
  double e[MOST] = {0};
  e[100] = NAN;
  CHECK_SAY(isnan(log_of_product(e, MOST)), "NaN is lost");
}

int main(void) {
  return run_suites("product", (check_test[]){{"the logarithm is the sum of logarithms", test_sizes},
                                              {"a block of the largest factors", test_largest},
                                              {"NaN stays", test_not_a_number},
                                              {0}});
}
