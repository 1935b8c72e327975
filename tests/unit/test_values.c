/* test_values.c: JSON files in CmdStan's conventions, and what is said about those that are not. */
#include "tests/unit/check.h"
#include <math.h>
#include <stdlib.h>
#include <unistd.h>
#include "runtime/random.h"
#include "runtime/values_internal.h"

static char path[] = "/tmp/stanlite-values-XXXXXX";

/* The values of a file with this text; NULL leaves the message in error. */
static sl_values *read_text(const char *text, sl_error *error) {
  *error = (sl_error){0};
  FILE *file = fopen(path, "w");
  fputs(text, file);
  fclose(file);
  return sl_values_read(path, error);
}

static void check_refused(const char *text, const char *place, const char *reason) {
  sl_error error;
  sl_values *values = read_text(text, &error);
  CHECK_SAY(!values && error.code == SL_BAD_DATA, "%s was read", text);
  CHECK_SAY(strstr(error.message, place) && strstr(error.message, reason), "%s: \"%.500s\" lacks \"%s\" or \"%s\"",
            text, error.message, place, reason);
  sl_values_destroy(values);
}

static void check_elements(const double *actual, int count, const double *expected) {
  for (int i = 0; i < count; i++)
    CHECK_SAY(actual[i] == expected[i], "element %d is %g, expected %g", i + 1, actual[i], expected[i]);
}

static void test_numbers(void) {
  sl_error error;
  sl_values *values =
      read_text("{\"n\": 3, \"n_point\": 3.0, \"n_exponent\": 3e0, \"x\": [1, -2.5, 1e-3], \"e\": []}", &error);
  long n = 0, three = 3, zero = 0;
  double x[3] = {0};
  const char *const names[] = {"n", "n_point", "n_exponent"};
  for (int i = 0; i < 3; i++) {
    CHECK(sl_values_int(values, names[i], 0, NULL, &n, &error));
    CHECK_INT(n, 3);
    CHECK(sl_values_real(values, names[i], 0, NULL, false, x, &error));
    CHECK_NEAR(x[0], 3, 0);
  }
  CHECK(sl_values_real(values, "x", 1, &three, false, x, &error));
  CHECK_NEAR(x[0], 1, 0);
  CHECK_NEAR(x[1], -2.5, 0);
  CHECK_NEAR(x[2], 1e-3, 0);
  CHECK(sl_values_real(values, "e", 1, &zero, false, x, &error));
  CHECK(sl_values_has(values, "x") && !sl_values_has(values, "y"));
  CHECK_TEXT(error.message, "");
  sl_values_destroy(values);
}

static void test_special_numbers(void) {
  sl_error error;
  sl_values *values = read_text("{\"x\": [\"NaN\", \"Inf\", \"+Inf\", \"-Inf\", \"Infinity\", \"-Infinity\",\n"
                                "NaN, Inf, -Inf, Infinity, -Infinity],\n \"a NaN, -Inf\": 1, \"s\": \"\\\"NaN\"}",
                                &error);
  CHECK_TEXT(error.message, "");
  const double expected[] = {NAN, INFINITY, INFINITY,  -INFINITY, INFINITY, -INFINITY,
                             NAN, INFINITY, -INFINITY, INFINITY,  -INFINITY};
  double x[11];
  long count = 11;
  CHECK(sl_values_real(values, "x", 1, &count, false, x, &error));
  for (int i = 0; i < 11; i++) CHECK_NEAR(x[i], expected[i], 0);
  CHECK(sl_values_has(values, "a NaN, -Inf"));
  CHECK(!sl_values_real(values, "s", 0, NULL, false, x, &error));
  CHECK(strstr(error.message, "text") != NULL);
  sl_values_destroy(values);
}

static void test_shapes(void) {
  sl_error error;
  sl_values *values = read_text("{\"m\": [[1, 2, 3], [4, 5, 6]], \"a\": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]], "
                                "\"none\": [[], [], []]}",
                                &error);
  double m[8];
  CHECK(sl_values_real(values, "m", 2, (long[]){2, 3}, true, m, &error));
  check_elements(m, 6, (double[]){1, 4, 2, 5, 3, 6});
  CHECK(sl_values_real(values, "m", 2, (long[]){2, 3}, false, m, &error));
  for (int i = 0; i < 6; i++) CHECK_NEAR(m[i], i + 1, 0);
  CHECK(sl_values_real(values, "a", 3, (long[]){2, 2, 2}, true, m, &error));
  check_elements(m, 8, (double[]){1, 3, 2, 4, 5, 7, 6, 8});
  CHECK(sl_values_real(values, "none", 2, (long[]){3, 0}, true, m, &error));
  CHECK(sl_values_real(values, "absent", 2, (long[]){0, 3}, true, m, &error));
  long dims[2];
  CHECK_INT(sl_values_shape(values, "m", 2, dims), 2);
  CHECK_INT(dims[1], 3);
  CHECK_INT(sl_values_shape(values, "absent", 2, dims), -1);
  sl_values_destroy(values);
}

static void test_columns(void) {
  sl_error error = {0};
  sl_values *values = sl_values_empty();
  double m[6];
  CHECK(sl_values_add_columns(values, "m", 2, (long[]){2, 3}, (double[]){11, 21, 12, 22, 13, 23}));
  CHECK(sl_values_real(values, "m", 2, (long[]){2, 3}, false, m, &error));
  check_elements(m, 6, (double[]){11, 12, 13, 21, 22, 23});
  sl_values_destroy(values);
}

/* Asks for an integer of this shape and wants to be told `reason`. */
static void check_wrong(const char *text, int dim_count, const long *dims, const char *reason) {
  sl_error error;
  long out[10];
  sl_values *values = read_text(text, &error);
  CHECK_TEXT(error.message, "");
  CHECK_SAY(values && !sl_values_int(values, "x", dim_count, dims, out, &error), "%s was taken", text);
  CHECK_SAY(strstr(error.message, reason) && strstr(error.message, "x"), "%s: \"%.500s\" lacks \"%s\"", text,
            error.message, reason);
  CHECK_INT(error.code, SL_BAD_DATA);
  sl_values_destroy(values);
}

static void test_wrong_values(void) {
  const long three[] = {3}, two_by_two[] = {2, 2};
  check_wrong("{\"y\": 1}", 0, NULL, "missing");
  check_wrong("{\"x\": 1.5}", 0, NULL, "1.5, but must be an integer");
  check_wrong("{\"x\": 3000000000}", 0, NULL, "range");
  check_wrong("{\"x\": [1, 2, -2147483648]}", 1, three, "x[3] is -2147483648");
  check_wrong("{\"x\": NaN}", 0, NULL, "integer");
  check_wrong("{\"x\": [1, 2]}", 1, three, "expected 3 elements, found 2 elements");
  check_wrong("{\"x\": [1, 2, 3]}", 0, NULL, "expected a single number, found 3 elements");
  check_wrong("{\"x\": 1}", 1, (long[]){1}, "brackets");
  check_wrong("{\"x\": [[1, 2], [3]]}", 2, two_by_two, "x[2] has 1 element where the ones before have 2");
  check_wrong("{\"x\": [[1, 2], 3]}", 2, two_by_two, "x[2] is a number where");
  check_wrong("{\"x\": [[1, 2], [3, [4]]]}", 2, two_by_two, "x[2,2] is an array, not a number");
  check_wrong("{\"x\": [[1, 2], [3, null]]}", 2, two_by_two, "x[2,2] is null");
  check_wrong("{\"x\": \"three\"}", 0, NULL, "the text \"three\"");
  check_wrong("{\"x\": true}", 0, NULL, "true, not a number");
  check_wrong("{\"x\": {\"a\": 1}}", 0, NULL, "an object");
}

static void test_malformed(void) {
  check_refused("", ":1:", "expected");
  check_refused("{\"x\": [1, 2", ":1:", "expected");
  check_refused("{\"x\": 1,\n \"y\": 2,,}", ":2:9", "expected");
  check_refused("{\"x\": NaN,\n \"y\": NaN 2}", ":2:11", "expected near '2'");
  check_refused("[1, 2]", ":1:1", "object");
  check_refused("{\"x\": 1, \"x\": 2}", ":1:", "duplicate");
  check_refused("{\"x\": 1e999}", ":1:", "overflow");
  check_refused("{\"x\": nan}", ":1:", "invalid token");
  check_refused("x <- 3", ":1:", "R's dump format");
  check_refused("{\"x\": 1} 2", ":1:", "end of file");
  check_refused("{\"x\": \"\xff\"}", ":1:", "unable to decode");
}

static void check_truncated(const char *text) {
  for (size_t length = 0; length < strlen(text); length++) {
    char cut[100];
    memcpy(cut, text, length);
    cut[length] = '\0';
    sl_error error;
    sl_values *values = read_text(cut, &error);
    CHECK_SAY(!values && error.message[0], "the first %zu bytes were read", length);
    sl_values_destroy(values);
  }
}

static void test_truncation(void) {
  check_truncated("{\"n\": 3, \"x\": [[1.5, NaN], [-Infinity, 2e3]], \"s\": \"a\\\"b\"}");
  check_truncated("{\"n\": 3, \"x\": [[1.5, NaN], [-Infinity, 2e3]], \"i\": [\"-Inf\", -0.5e-1]}");
}

/* What the reader of plain files takes, and what it must leave to jansson: texts, tuples, and all that is refused. */
static void test_plain(void) {
  static const char *const plain[] = {"{}", " {\"a\":1 }\r\n", "{\"a\": [], \"b\": [[], []], \"c\": [[[-0]]]}",
                                      "{\"a\": [NaN,+Inf,\"-Infinity\" , 1E5,0.5e-3,10]}"};
  static const char *const others[] = {"",
                                       "{",
                                       "{\"a\"}",
                                       "{\"a\":1,}",
                                       "{\"a\":[1,]}",
                                       "{\"a\":1}x",
                                       "{\"a\":01}",
                                       "{\"a\":1.}",
                                       "{\"a\":.5}",
                                       "{\"a\":+1}",
                                       "{\"a\":1e}",
                                       "{\"a\":- 1}",
                                       "{\"a\":-NaN}",
                                       "{\"a\":Infinit}",
                                       "{\"a\":NaN2}",
                                       "{\"a\":1e999}",
                                       "{\"a\":null}",
                                       "{\"a\":\"1\"}",
                                       "{\"a\":[[1],[1,2]]}",
                                       "{\"a\":[[1],2]}",
                                       "{\"a\":[1,[2]]}",
                                       "{\"a\":[[],[1]]}",
                                       "{\"a\":1,\"a\":2}",
                                       "{\"\\u0061\":1}",
                                       "{\"t\":{\"1\":2}}"};
  sl_values *values = sl_values_empty();
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
    sl_values_destroy(read_text(plain[i], &(sl_error){0}));
    CHECK_SAY(sl_values_read_plain(values, path), "%s is not read", plain[i]);
    sl_values_destroy(values);
    values = sl_values_empty();
  }
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    sl_values_destroy(read_text(others[i], &(sl_error){0}));
    CHECK_SAY(!sl_values_read_plain(values, path) && !sl_values_has(values, "a"), "%s is read", others[i]);
  }
  sl_values_destroy(values);
}

/* Numbers of all lengths and forms, over many pieces of the file, are those that strtod reads. */
static void test_many_numbers(void) {
  enum { COUNT = 40000 };
  static const char *const forms[] = {"%.*g", "%.*e", "%.*f", "%.*G"};
  double *expected = malloc(COUNT * sizeof *expected), *actual = malloc(COUNT * sizeof *actual);
  sl_rng rng;
  sl_rng_seed(&rng, 1, 1);
  FILE *file = fopen(path, "w");
  fputs("{\"x\": [", file);
  for (long i = 0; i < COUNT; i++) {
    char text[100];
    double scale = pow(10, 30 * sl_uniform01(&rng) - 15);
    snprintf(text, sizeof text, forms[i % 4], (int)(18 * sl_uniform01(&rng)), scale * (2 * sl_uniform01(&rng) - 1));
    expected[i] = strtod(text, NULL);
    fprintf(file, "%s%s", i ? ",\n  " : "", text);
  }
  fputs("]}", file);
  fclose(file);
  sl_values *values = sl_values_empty();
  CHECK(sl_values_read_plain(values, path));
  CHECK(sl_values_real(values, "x", 1, (long[]){COUNT}, false, actual, &(sl_error){0}));
  check_elements(actual, COUNT, expected);
  sl_values_destroy(values);
  free(actual);
  free(expected);
}

/* Whoever forgets what it has read can read a complex number's parts, and nothing else twice. */
static void test_forgetting(void) {
  sl_error error;
  sl_values *values = read_text("{\"x\": [1, 2], \"z\": [3, 4], \"k\": 5}", &error);
  double x[2], z;
  long k;
  sl_values_forget_read(values);
  CHECK(sl_values_real(values, "x", 1, (long[]){2}, false, x, &error) && x[1] == 2);
  CHECK(sl_values_int(values, "k", 0, NULL, &k, &error) && k == 5);
  CHECK(sl_values_real(values, "z.real", 0, NULL, false, &z, &error) && z == 3);
  CHECK(sl_values_real(values, "z.imag", 0, NULL, false, &z, &error) && z == 4);
  CHECK(!sl_values_real(values, "x", 1, (long[]){2}, false, x, &error) && strstr(error.message, "read already"));
  sl_values_destroy(values);
}

static void test_files(void) {
  sl_error error = {0};
  CHECK(!sl_values_read("/nonexistent/data.json", &error));
  CHECK_INT(error.code, SL_NO_INPUT);
  CHECK(strstr(error.message, "/nonexistent/data.json") != NULL);
  error = (sl_error){0};
  CHECK(!sl_values_read("/tmp", &error));
  CHECK_INT(error.code, SL_NO_INPUT);
}

int main(void) {
  close(mkstemp(path));
  int result =
      run_suites("values", (check_test[]){{"numbers are read, whole ones as integers", test_numbers},
                                          {"NaN and infinities, quoted or bare, are numbers", test_special_numbers},
                                          {"matrices arrive column-major, arrays row-major", test_shapes},
                                          {"CSV columns run with the first index fastest", test_columns},
                                          {"a wrong value is told by its name and place", test_wrong_values},
                                          {"malformed JSON is told by line and column", test_malformed},
                                          {"no truncated file is read", test_truncation},
                                          {"plain files are read in pieces, others left to jansson", test_plain},
                                          {"numbers are those that strtod reads", test_many_numbers},
                                          {"numbers that were read are forgotten", test_forgetting},
                                          {"a file that cannot be read is told", test_files},
                                          {0}});
  remove(path);
  return result;
}
