/* test_texts.c: the compiler's own printf says what the C library's says, and numbers in the generated C read back as they were. */
#include "tests/unit/check.h"
#include <limits.h>
#include <stdlib.h>
#include "codegen/c_writer.h"
#include "support/arena.h"
#include "support/plain_format.h"

static int formatted(char *buffer, size_t size, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = plain_format(buffer, size, format, arguments);
  va_end(arguments);
  return length;
}

#define AGREES(format, ...)                                                                                            \
  do {                                                                                                                 \
    char wanted[600];                                                                                                  \
    snprintf(wanted, sizeof wanted, format, __VA_ARGS__);                                                              \
    CHECK(strcmp(arena_printf(texts, format, __VA_ARGS__), wanted) == 0);                                              \
  } while (0)

static void test_formats(void) {
  arena *texts = arena_create();
  char long_text[401];
  memset(long_text, 'x', 400);
  long_text[400] = 0;
  AGREES("%s", "");
  AGREES("%s[%s] = %d%%;", "y", "n", -7);
  AGREES("%ld %d %d %ld", LONG_MIN, INT_MAX, INT_MIN, LONG_MAX);
  AGREES("%d%d", 0, 10);
  AGREES("a%sb%sc", "\\", long_text);
  AGREES("%.*s|%5d|%-4s|%g|%c", 3, "abcdef", 42, "ab", 0.1, '!');
  AGREES("%s %lu %zu", "then one that is not plain", 18446744073709551615UL, (size_t)3);
  for (size_t length = 250; length <= 260; length++) AGREES("%.*s", (int)length, long_text);
  for (size_t length = 140; length <= 150; length++) AGREES("%s%s", long_text + 300, long_text + 400 - length);
  arena_destroy(texts);
}

static void test_limits(void) {
  char buffer[8] = "???????";
  CHECK(formatted(buffer, sizeof buffer, "%s", "1234567") == 7 && strcmp(buffer, "1234567") == 0);
  CHECK(formatted(buffer, sizeof buffer, "%s", "12345678") == -1);
  CHECK(formatted(buffer, sizeof buffer, "12345678%s", "") == -1);
  CHECK(formatted(buffer, sizeof buffer, "%d", -123456) == 7);
  CHECK(formatted(buffer, sizeof buffer, "%d", -1234567) == -1);
  CHECK(formatted(buffer, sizeof buffer, "%g", 1.0) == -1);
  CHECK(formatted(buffer, sizeof buffer, "%lu", 1UL) == -1);
  CHECK(formatted(buffer, 1, "%s", "") == 0 && buffer[0] == 0);
}

static void test_numbers(void) {
  arena *texts = arena_create();
  static const struct {
    double value;
    const char *text;
  } known[] = {{0, "0.0"},
               {-0.0, "(-0.0)"},
               {1, "1.0"},
               {9, "9.0"},
               {10, "10.0"},
               {-2.5, "(-2.5)"},
               {0.1, "0.1"},
               {1e22, "1e+22"},
               {1e-7, "1e-07"},
               {123456, "123456.0"},
               {NAN, "NAN"},
               {INFINITY, "INFINITY"},
               {-INFINITY, "(-INFINITY)"},
               {0.1 + 0.2, "0.30000000000000004"}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    CHECK(strcmp(c_real(texts, known[i].value), known[i].text) == 0);
  unsigned long bits = 88172645463325252UL;
  for (int i = 0; i < 20000; i++) {
    bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
    double value;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value)) continue;
    const char *text = c_real(texts, value);
    double back = strtod(text + (*text == '('), NULL);
    CHECK(memcmp(&back, &value, sizeof value) == 0);
    CHECK(strpbrk(text, ".e") != NULL); /* C reads it as a double */
  }
  arena_destroy(texts);
}

int main(void) {
  return run_suites("texts", (check_test[]){{"the compiler's printf says what the C library's says", test_formats},
                                            {"a text that does not fit, or is not plain, is refused", test_limits},
                                            {"numbers in the generated C read back as they were", test_numbers},
                                            {0}});
}
