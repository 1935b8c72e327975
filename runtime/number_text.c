/* number_text.c: see number_text.h.
 *
 * Nearly all draws lie between 1e-4 and 1e8 and are wanted to eight digits or fewer: `split` makes digits of them without a
 * branch, so that the vector units take many at once, and `place` lays them out. What that leaves undecided is done one by one:
 * by a long double where its 64 bits are enough, by printf in the end. */
#include "runtime/number_text.h"
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "runtime/processor.h"

/* ---- usual numbers ---- */

enum { LOWEST = -4, UNUSUAL = 100 }; /* exponents */

/* Eight digits at once: 12345678 to the bytes '1' … '8', first digit in the lowest byte. Halves, quarters and digits are split
 * off in all lanes of a word by a multiplication each. */
static inline uint64_t eight_digits(uint64_t number) {
  uint64_t upper = number * 109951163 >> 40; /* number / 10000 for number < 10^8 */
  uint64_t halves = upper | (number - 10000 * upper) << 32;
  uint64_t hundreds = (halves * 10486 >> 20) & 0x0000007f0000007full; /* x / 100 for x < 10000 */
  uint64_t quarters = hundreds | (halves - 100 * hundreds) << 16;
  uint64_t tens = (quarters * 103 >> 10) & 0x000f000f000f000full; /* x / 10 for x < 100 */
  return (tens | (quarters - 10 * tens) << 8) + 0x3030303030303030ull;
}

/* The digits of |value|, and its decimal exponent; UNUSUAL when this is not the way to print it. The exponent is a guess from
 * the binary one, e * log10(2), put right by a table. */
static inline void split(double value, int sig_figs, uint64_t *digits, int64_t *exponent) {
  static const double next_power[] = {1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
  static const double scale[] = {1,   1,   1,   1,   1,   1,   1,   1,    1e0,  1e1, 1e2,
                                 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};
  static const int64_t limit[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
  double size = fabs(value);
  int64_t bits;
  memcpy(&bits, &size, sizeof bits);
  int64_t guess = ((bits >> 52) - 1023) * 1233 >> 12; /* right, or one too small */
  guess = guess > -5 ? guess : -5;
  guess = guess < 7 ? guess : 7;
  int64_t power = guess + (size >= next_power[guess + 5] ? 1 : 0);
  double scaled = size * scale[sig_figs - 1 - power + 8];               /* right to 3e-8 */
  double shifted = scaled + 0x1p52, part = scaled - (shifted - 0x1p52); /* rounded in the lowest bits of the sum */
  memcpy(&bits, &shifted, sizeof bits);
  int64_t whole = bits & 0xfffffffffffff;
  power = size >= 1e-4 ? power : size == 0 ? 0 : UNUSUAL;
  power = size < 1e8 ? power : UNUSUAL;
  power = fabs(part) < 0.5 - 1e-6 ? power : UNUSUAL; /* else a tie, perhaps */
  *exponent = whole < limit[sig_figs] ? power : UNUSUAL;
  *digits = eight_digits((uint64_t)whole * (uint64_t)limit[8 - sig_figs]);
}

typedef unsigned char bytes __attribute__((vector_size(16)));
typedef uint64_t words __attribute__((vector_size(16)));

/* Writes 16 bytes or 17. Returns how many count. */
static inline size_t place(char *out, uint64_t digits, int64_t exponent, bool negative) {
  enum { Z = 8, P = 9 };          /* a zero and the point; 0 to 7 are the digits */
  static const bytes layouts[] = {/* for exponents from LOWEST */
                                  {Z, P, Z, Z, Z, 0, 1, 2, 3, 4, 5, 6, 7, 0,
                                   /* digits before the point, and bytes besides when digits follow it: */ 0, 5},
                                  {Z, P, Z, Z, 0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 4},
                                  {Z, P, Z, 0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 3},
                                  {Z, P, 0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 2},
                                  {0, P, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 1, 1},
                                  {0, 1, P, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 2, 1},
                                  {0, 1, 2, P, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 3, 1},
                                  {0, 1, 2, 3, P, 4, 5, 6, 7, 0, 0, 0, 0, 0, 4, 1},
                                  {0, 1, 2, 3, 4, P, 5, 6, 7, 0, 0, 0, 0, 0, 5, 1},
                                  {0, 1, 2, 3, 4, 5, P, 6, 7, 0, 0, 0, 0, 0, 6, 1},
                                  {0, 1, 2, 3, 4, 5, 6, P, 7, 0, 0, 0, 0, 0, 7, 1},
                                  {0, 1, 2, 3, 4, 5, 6, 7, P, 0, 0, 0, 0, 0, 8, 1}};
  const bytes *layout = &layouts[exponent - LOWEST];
  int count = 8 - (__builtin_clzll((digits ^ 0x3030303030303030ull) | 1) >> 3); /* without trailing zeros */
  int before = (*layout)[14], besides = (*layout)[15];
  bytes text = (bytes)(words){digits, (uint64_t)'.' << 8 | '0'};
#ifdef __clang__
  bytes ordered;
  for (int i = 0; i < 16; i++) ordered[i] = text[(*layout)[i]];
#else
  bytes ordered = __builtin_shuffle(text, *layout);
#endif
  out[0] = '-';
  memcpy(out + negative, &ordered, sizeof ordered);
  return (size_t)(negative + (count > before ? count + besides : before));
}

/* ---- the others ---- */

static const uint64_t integer_power[20] = {1ull,
                                           10ull,
                                           100ull,
                                           1000ull,
                                           10000ull,
                                           100000ull,
                                           1000000ull,
                                           10000000ull,
                                           100000000ull,
                                           1000000000ull,
                                           10000000000ull,
                                           100000000000ull,
                                           1000000000000ull,
                                           10000000000000ull,
                                           100000000000000ull,
                                           1000000000000000ull,
                                           10000000000000000ull,
                                           100000000000000000ull,
                                           1000000000000000000ull,
                                           10000000000000000000ull};

/* At most 15 digits; whole blocks are copied, which costs less than to count, and what is too much is written over. */
enum { DIGIT_ROOM = 16 };

/* Digits and a point: 0.001234, 1234.5, 1.234e+20, as %g has them. `digits` of length `count` without trailing zeros, in an
 * array that two blocks can be copied from. */
static size_t lay_out(char *out, const char *digits, int count, int exponent, int sig_figs) {
  char *at = out;
  if (exponent < -4 || exponent >= sig_figs) {
    *at++ = digits[0];
    if (count > 1) {
      *at++ = '.';
      memcpy(at, digits + 1, (size_t)(count - 1));
      at += count - 1;
    }
    int size = exponent < 0 ? -exponent : exponent;
    *at++ = 'e';
    *at++ = exponent < 0 ? '-' : '+';
    if (size >= 100) *at++ = (char)('0' + size / 100);
    *at++ = (char)('0' + size / 10 % 10);
    *at++ = (char)('0' + size % 10);
  } else if (exponent < 0) {
    memcpy(at, "0.000", 5);
    memcpy(at + 1 - exponent, digits, DIGIT_ROOM);
    at += 1 - exponent + count;
  } else if (count <= exponent + 1) {
    memcpy(at, digits, DIGIT_ROOM);
    memset(at + count, '0', (size_t)(exponent + 1 - count));
    at += exponent + 1;
  } else {
    memcpy(at, digits, DIGIT_ROOM);
    memcpy(at + exponent + 2, digits + exponent + 1, DIGIT_ROOM);
    at[exponent + 1] = '.';
    at += count + 1;
  }
  return (size_t)(at - out);
}

/* floor(log10(size)) for 1e-8 <= size < 1e15: a guess from the binary exponent, e * log10(2), put right by the table. */
static int decimal_exponent(double size) {
  static const double power[] = {1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1e0,  1e1,  1e2, 1e3,
                                 1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  uint64_t bits;
  memcpy(&bits, &size, sizeof bits);
  int binary = (int)(bits >> 52) - 1023;
  int guess = (binary * 1233) >> 12; /* right, or one too small */
  return guess + (size >= power[guess + 10]);
}

/* `rounded` has at most `count` decimal digits. */
static void put_digits(char *digits, uint64_t rounded, int count) {
  static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                              "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                              "8081828384858687888990919293949596979899";
  for (; count >= 2; count -= 2) {
    memcpy(digits + count - 2, pairs + 2 * (rounded % 100), 2);
    rounded /= 100;
  }
  if (count) digits[0] = (char)('0' + rounded);
}

/* size * 10^shift to the nearest integer. False where it lies so near to half way that the product's rounding may decide. */
static bool scaled_integer(double size, int shift, uint64_t *rounded) {
  long double scaled = size;
  if (shift < 0) {
    scaled /= (long double)integer_power[-shift];
  } else {
    scaled *= (long double)integer_power[shift > 19 ? 19 : shift];
    if (shift > 19) scaled *= (long double)integer_power[shift - 19];
  }
  *rounded = (uint64_t)scaled;
  long double part = scaled - (long double)*rounded;
  *rounded += part > 0.5L;
  return fabsl(part - 0.5L) > scaled * 0x1p-62L;
}

/* Within these bounds value * 10^k needs one multiplication or division by a power of ten that a long double of 64 bits holds
 * exactly (up to 10^27), or two, so the product is right to 2^-62 and rounds to at most 15 digits as it should. Everything
 * else is printf's. */
static size_t format_unusual(char *out, double value, int sig_figs) {
  double size = fabs(value);
  if (value == 0) {
    out[0] = '0';
    return 1;
  }
  bool fits = size >= 1e-8 && size < 1e15 && sig_figs <= 15 && __LDBL_MANT_DIG__ >= 64;
  int exponent = fits ? decimal_exponent(size) : 0;
  uint64_t rounded;
  if (!fits || !scaled_integer(size, sig_figs - 1 - exponent, &rounded))
    return (size_t)snprintf(out, SL_NUMBER_ROOM, "%.*g", sig_figs, value);
  size_t sign = 0;
  if (value < 0) out[sign++] = '-';
  if (rounded >= integer_power[sig_figs]) {
    rounded /= 10;
    exponent++;
  }
  char digits[2 * DIGIT_ROOM];
  put_digits(digits, rounded, sig_figs);
  int count = sig_figs;
  while (count > 1 && digits[count - 1] == '0') count--;
  return sign + lay_out(out + sign, digits, count, exponent, sig_figs);
}

/* ---- all ---- */

static const bool is_usual_possible = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

SL_FOR_EACH_PROCESSOR
size_t sl_format_number(char *out, double value, int sig_figs) {
  uint64_t digits;
  int64_t exponent = UNUSUAL;
  if (is_usual_possible && sig_figs <= 8) split(value, sig_figs, &digits, &exponent);
  return exponent != UNUSUAL ? place(out, digits, exponent, value < 0) : format_unusual(out, value, sig_figs);
}

enum { BLOCK = 64 };

SL_FOR_EACH_PROCESSOR
static size_t format_block(char *out, const double *values, size_t count, int sig_figs) {
  uint64_t digits[BLOCK];
  int64_t exponents[BLOCK];
#pragma omp simd
  for (size_t i = 0; i < count; i++) split(values[i], sig_figs, &digits[i], &exponents[i]);
  char *at = out;
  for (size_t i = 0; i < count; i++) {
    *at++ = ',';
    at += exponents[i] != UNUSUAL ? place(at, digits[i], exponents[i], values[i] < 0)
                                  : format_unusual(at, values[i], sig_figs);
  }
  return (size_t)(at - out);
}

size_t sl_format_numbers(char *out, const double *values, size_t count, int sig_figs) {
  char *at = out;
  size_t done = 0;
  for (; is_usual_possible && sig_figs <= 8 && done < count; done += BLOCK)
    at += format_block(at, values + done, count - done < BLOCK ? count - done : BLOCK, sig_figs);
  for (; done < count; done++) {
    *at++ = ',';
    at += format_unusual(at, values[done], sig_figs);
  }
  return (size_t)(at - out);
}
