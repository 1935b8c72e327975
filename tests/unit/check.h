/* check.h: the few lines that every unit test shares, on top of CUnit.
 *
 *   static void test_sum(void) { CHECK_NEAR(sum(...), 6.0, 1e-12); }
 *   int main(void) {
 *     return run_suites("vectors", (check_test[]){{"a sum adds up", test_sum}, {0}});
 *   }
 *
 * A test's name is a statement about the program. Checks do not end a test. run_suites prints what failed and returns
 * the program's exit code: 0 when every check held, 1 otherwise. */
#ifndef STANLITE_TESTS_UNIT_CHECK_H
#define STANLITE_TESTS_UNIT_CHECK_H
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct check_test {
  const char *name; /* NULL ends the list */
  void (*run)(void);
} check_test;

typedef struct check_suite {
  const char *name;
  const check_test *tests;
} check_suite;

/* True, or counts a failure and says which file and line. `text` is what is printed. */
static inline bool check_that(bool held, int line, const char *file, const char *text) {
  CU_assertImplementation(held, (unsigned)line, text, file, "", CU_FALSE);
  return held;
}

/* Equal to a tolerance relative to the larger of 1 and |expected|: absolute for small numbers, relative for large.
 * NaN equals NaN, and an infinity the same infinity. */
static inline bool near_enough(double actual, double expected, double tolerance) {
  if (isnan(expected)) return isnan(actual);
  if (isinf(expected) || isinf(actual)) return actual == expected;
  return fabs(actual - expected) <= tolerance * fmax(1.0, fabs(expected));
}

/* The same, relative all the way down: for values that must keep their digits when they are tiny. */
static inline bool relatively_near(double actual, double expected, double tolerance) {
  if (isnan(expected)) return isnan(actual);
  if (isinf(expected) || isinf(actual)) return actual == expected;
  return fabs(actual - expected) <= tolerance * fabs(expected);
}

static inline bool check_number(bool held, double actual, double expected, const char *what, int line,
                                const char *file) {
  char text[400];
  snprintf(text, sizeof text, "%s is %.17g, expected %.17g", what, actual, expected);
  return check_that(held, line, file, text);
}

static inline bool check_text(const char *actual, const char *expected, const char *what, int line, const char *file) {
  char text[2000];
  bool held = actual && expected ? strcmp(actual, expected) == 0 : actual == expected;
  snprintf(text, sizeof text, "%.150s is \"%.900s\", expected \"%.900s\"", what, actual ? actual : "(null)",
           expected ? expected : "(null)");
  return check_that(held, line, file, text);
}

#define CHECK(condition) check_that((condition) ? true : false, __LINE__, __FILE__, #condition)
/* Says `...` (printf format) instead of the condition: for checks in a loop. */
#define CHECK_SAY(condition, ...)                                                                                      \
  do {                                                                                                                 \
    char check_say_text[1000];                                                                                         \
    snprintf(check_say_text, sizeof check_say_text, __VA_ARGS__);                                                      \
    check_that((condition) ? true : false, __LINE__, __FILE__, check_say_text);                                        \
  } while (0)
#define CHECK_NEAR(actual, expected, tolerance)                                                                        \
  check_near((actual), (expected), (tolerance), #actual, __LINE__, __FILE__)
#define CHECK_RELATIVE(actual, expected, tolerance)                                                                    \
  check_relative((actual), (expected), (tolerance), #actual, __LINE__, __FILE__)
#define CHECK_INT(actual, expected) check_int((actual), (expected), #actual, __LINE__, __FILE__)
#define CHECK_TEXT(actual, expected) check_text((actual), (expected), #actual, __LINE__, __FILE__)

static inline bool check_near(double actual, double expected, double tolerance, const char *what, int line,
                              const char *file) {
  return check_number(near_enough(actual, expected, tolerance), actual, expected, what, line, file);
}
static inline bool check_relative(double actual, double expected, double tolerance, const char *what, int line,
                                  const char *file) {
  return check_number(relatively_near(actual, expected, tolerance), actual, expected, what, line, file);
}
static inline bool check_int(long actual, long expected, const char *what, int line, const char *file) {
  char text[400];
  snprintf(text, sizeof text, "%s is %ld, expected %ld", what, actual, expected);
  return check_that(actual == expected, line, file, text);
}

/* Runs several suites; the list ends with a NULL name. */
static inline int run_suite_list(const check_suite *suites) {
  if (CU_initialize_registry() != CUE_SUCCESS) return 1;
  bool added = true;
  for (const check_suite *suite = suites; suite->name; suite++) {
    CU_pSuite made = CU_add_suite(suite->name, NULL, NULL);
    added = added && made;
    for (const check_test *test = suite->tests; made && test->name; test++)
      added = CU_add_test(made, test->name, test->run) && added;
  }
  CU_basic_set_mode(CU_BRM_SILENT);
  bool ran = added && CU_basic_run_tests() == CUE_SUCCESS;
  unsigned tests = CU_get_number_of_tests_run(), failures = CU_get_number_of_failures();
  CU_basic_show_failures(CU_get_failure_list());
  printf("\n%u tests, %u checks, %u of them failed\n", tests, CU_get_number_of_asserts(), failures);
  CU_cleanup_registry();
  return ran && tests > 0 && failures == 0 ? 0 : 1;
}

/* The common case: one suite. */
static inline int run_suites(const char *name, const check_test *tests) {
  return run_suite_list((check_suite[]){{name, tests}, {0}});
}

#endif
