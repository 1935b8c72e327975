/* number.c: see number.h. Most numbers in a table have few digits and a small exponent, and are made with one
 * operation; the rest goes to strtod, so the result is always correctly rounded. */
#include "runtime/number.h"
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* nan, NA, inf, infinity. */
static const char *read_word(const char *at, const char *end, double *value) {
  static const struct {
    const char *word;
    double value;
  } words[] = {{"infinity", INFINITY}, {"inf", INFINITY}, {"nan", NAN}, {"na", NAN}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t length = strlen(words[i].word);
    if ((size_t)(end - at) >= length && strncasecmp(at, words[i].word, length) == 0) {
      *value = words[i].value;
      return at + length;
    }
  }
  return NULL;
}

static double slow_number(const char *text, size_t length) {
  char small[64], *copy = length < sizeof small ? small : malloc(length + 1);
  if (!copy) return NAN;
  memcpy(copy, text, length);
  copy[length] = 0;
  double value = strtod(copy, NULL);
  if (copy != small) free(copy);
  return value;
}

/* Digits d and a power of ten e: when d < 2^53 and |e| <= 22, d and 10^|e| are exact and one operation rounds once, so
 * the result is correctly rounded (Clinger 1990). Everything else goes to strtod. */
const char *sl_read_number(const char *text, const char *end, double *value) {
  static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  const char *at = text;
  bool negative = at < end && *at == '-';
  if (at < end && (*at == '-' || *at == '+')) at++;
  if (at == end) return NULL;
  uint64_t digits = 0;
  long exponent = 0;
  const char *first = at;
  for (; at < end && is_digit(*at); at++)
    if (digits < (uint64_t)1 << 54) digits = digits * 10 + (uint64_t)(*at - '0');
  long digit_count = at - first;
  if (at < end && *at == '.') {
    const char *fraction = ++at;
    for (; at < end && is_digit(*at); at++)
      if (digits < (uint64_t)1 << 54) digits = digits * 10 + (uint64_t)(*at - '0');
    exponent = -(at - fraction);
    digit_count += at - fraction;
  }
  if (digit_count == 0) {
    const char *after = read_word(first, end, value);
    if (after && negative) *value = -*value;
    return after;
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    const char *mark = at + 1;
    bool down = mark < end && *mark == '-';
    if (mark < end && (*mark == '-' || *mark == '+')) mark++;
    if (mark < end && is_digit(*mark)) {
      long written = 0;
      for (; mark < end && is_digit(*mark); mark++)
        if (written < 100000) written = written * 10 + (*mark - '0');
      exponent += down ? -written : written;
      at = mark;
    }
  }
  if (digits <= (uint64_t)1 << 53 && exponent >= -22 && exponent <= 22) {
    double whole = (double)digits;
    whole = exponent < 0 ? whole / power[-exponent] : whole * power[exponent];
    *value = negative ? -whole : whole;
  } else {
    *value = slow_number(text, (size_t)(at - text));
  }
  return at;
}
