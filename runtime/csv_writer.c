/* csv_writer.c: see csv_writer.h. A failed write (a full disk) is kept and told at the end by sl_csv_close. */
#include "runtime/csv_writer.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_SIZE = 1 << 16, LONGEST_NUMBER = 64 };

bool sl_csv_open(sl_csv_writer *writer, const char *path, int sig_figs, sl_error *error) {
  *writer = (sl_csv_writer){.file = -1, .sig_figs = sig_figs};
  writer->buffer = malloc(BUFFER_SIZE);
  writer->path = malloc(strlen(path) + 1);
  if (!writer->buffer || !writer->path) {
    sl_error_set(error, SL_CANNOT_WRITE, "no memory to write %s", path);
  } else {
    strcpy(writer->path, path);
    writer->file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    writer->created = writer->file >= 0;
    if (writer->file < 0 && errno == EEXIST) writer->file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (writer->file >= 0) return true;
    sl_error_set(error, SL_CANNOT_WRITE, "cannot write %s: %s", path, strerror(errno));
  }
  sl_csv_abandon(writer);
  return false;
}

static void release(sl_csv_writer *writer) {
  if (writer->file >= 0 && close(writer->file) != 0 && !writer->failure) writer->failure = errno;
  writer->file = -1;
  free(writer->buffer);
  free(writer->path);
  writer->buffer = writer->path = NULL;
}

void sl_csv_abandon(sl_csv_writer *writer) {
  if (writer->path && writer->file >= 0 && writer->created && !writer->emptied) unlink(writer->path);
  release(writer);
}

bool sl_csv_close(sl_csv_writer *writer, sl_error *error) {
  if (!writer->buffer) return true;
  sl_csv_flush(writer);
  char path[1000];
  snprintf(path, sizeof path, "%s", writer->path);
  release(writer);
  if (writer->failure) sl_error_set(error, SL_CANNOT_WRITE, "cannot write %s: %s", path, strerror(writer->failure));
  return writer->failure == 0;
}

void sl_csv_flush(sl_csv_writer *writer) {
  if (!writer->emptied && writer->used) {
    writer->emptied = true;
    if (ftruncate(writer->file, 0) != 0 && errno != EINVAL) writer->failure = errno; /* EINVAL: a pipe or a device */
  }
  for (size_t done = 0; done < writer->used && !writer->failure;) {
    ssize_t wrote = write(writer->file, writer->buffer + done, writer->used - done);
    if (wrote >= 0)
      done += (size_t)wrote;
    else if (errno != EINTR)
      writer->failure = errno;
  }
  writer->used = 0;
}

void sl_csv_char(sl_csv_writer *writer, char c) {
  if (writer->used == BUFFER_SIZE) sl_csv_flush(writer);
  writer->buffer[writer->used++] = c;
}

void sl_csv_text(sl_csv_writer *writer, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  char *text = length < 0 ? NULL : malloc((size_t)length + 1);
  if (text) {
    vsnprintf(text, (size_t)length + 1, format, again);
    for (int i = 0; i < length; i++) sl_csv_char(writer, text[i]);
    free(text);
  } else if (!writer->failure) {
    writer->failure = ENOMEM;
  }
  va_end(again);
}

void sl_csv_int(sl_csv_writer *writer, int64_t value) {
  if (BUFFER_SIZE - writer->used < LONGEST_NUMBER) sl_csv_flush(writer);
  writer->used += (size_t)snprintf(writer->buffer + writer->used, LONGEST_NUMBER, "%lld", (long long)value);
}

void sl_csv_number(sl_csv_writer *writer, double value) {
  if (BUFFER_SIZE - writer->used < LONGEST_NUMBER) sl_csv_flush(writer);
  writer->used += sl_format_number(writer->buffer + writer->used, value, writer->sig_figs);
}

/* ---- numbers ---- */

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

/* size * 10^shift to the nearest integer, ties to even, as printf rounds. */
static uint64_t scaled_integer(double size, int shift, int sig_figs) {
  static const double power[] = {1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
                                 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17};
  if (sig_figs <= 9 && shift >= 0 && shift <= 17) { /* a product below 10^9 has an error below 3e-7 */
    double scaled = size * power[shift];
    int64_t whole = (int64_t)scaled;
    double part = scaled - (double)whole;
    if (fabs(part - 0.5) > 1e-5) return (uint64_t)(whole + (part > 0.5));
  }
  long double scaled = size;
  if (shift < 0) {
    scaled /= (long double)integer_power[-shift];
  } else {
    scaled *= (long double)integer_power[shift > 19 ? 19 : shift];
    if (shift > 19) scaled *= (long double)integer_power[shift - 19];
  }
  uint64_t rounded = (uint64_t)(scaled + 0.5L);
  if ((long double)rounded - scaled == 0.5L && rounded & 1) rounded--;
  return rounded;
}

/* Eight digits at once: 12345678 to the bytes '1' … '8', first digit in the lowest byte (so in memory's order on the
 * processors this branch is for). Halves, quarters and digits are split off in all lanes of a word by a multiplication each. */
static uint64_t eight_digits(uint32_t number) {
  uint64_t halves = number / 10000 | (uint64_t)(number % 10000) << 32;
  uint64_t hundreds = (halves * 10486 >> 20) & 0x0000007f0000007full; /* x / 100 for x < 10000 */
  uint64_t quarters = hundreds | (halves - 100 * hundreds) << 16;
  uint64_t tens = (quarters * 103 >> 10) & 0x000f000f000f000full; /* x / 10 for x < 100 */
  return (tens | (quarters - 10 * tens) << 8) + 0x3030303030303030ull;
}

/* What most draws are: up to eight digits, between 1e-4 and 1e8, neither in need of an exponent nor near a tie. Without
 * branches on the digits, since nothing predicts them. 0: not such a number. */
static size_t format_common(char *out, double value, int sig_figs) {
  static const double power[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};
  static const uint32_t whole_power[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
  double size = fabs(value);
  if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || sig_figs > 8 || !(size >= 1e-4 && size < 1e8)) return 0;
  int exponent = decimal_exponent(size), shift = sig_figs - 1 - exponent;
  if (shift < 0) return 0;
  double scaled = size * power[shift]; /* below 10^8, with an error below 3e-8 */
  int64_t whole = (int64_t)scaled;
  double part = scaled - (double)whole;
  whole += part > 0.5;
  if (fabs(part - 0.5) <= 1e-6 || whole >= whole_power[sig_figs]) return 0;
  uint64_t digits = eight_digits((uint32_t)whole * whole_power[8 - sig_figs]);
  int count = 8 - (__builtin_clzll(digits ^ 0x3030303030303030ull) >> 3); /* without trailing zeros */
  /* Before the point stand `point` digits, or a zero and as many zeros behind it as it takes. Both are written, at places of
   * which one is not used: whether a draw is below 1 is a coin toss, and a wrong guess costs more than all of this. */
  int fraction = -(exponent < 0), point = (exponent + 1) & ~fraction, lead = (1 - exponent) & fraction;
  char *at = out + (value < 0), *behind = at + point + (24 & fraction);
  out[0] = '-';
  memcpy(at, "0.000000", 8);
  memcpy(at + lead, &digits, 8); /* the zeros after the digits are those that a whole number needs */
  digits = digits >> 4 * point >> 4 * point;
  behind[0] = '.';
  memcpy(behind + 1, &digits, 8);
  int plain = count > point ? count + 1 : point;
  return (size_t)((value < 0) + (((lead + count) & fraction) | (plain & ~fraction)));
}

size_t sl_format_number(char *out, double value, int sig_figs) {
  /* Within these bounds value * 10^k needs one multiplication or division by a power of ten that a long double of 64 bits
   * holds exactly (up to 10^27), so the product is right to 2^-64 and rounds to at most 15 digits as it should. To nine
   * digits a double is enough, except near a tie. Everything else is printf's. */
  size_t length = format_common(out, value, sig_figs);
  if (length) return length;
  double size = fabs(value);
  if (!(size >= 1e-8 && size < 1e15) || sig_figs > 15 || __LDBL_MANT_DIG__ < 64) {
    if (value == 0) {
      out[0] = '0';
      return 1;
    }
    return (size_t)snprintf(out, LONGEST_NUMBER, "%.*g", sig_figs, value);
  }
  size_t sign = 0;
  if (value < 0) out[sign++] = '-';
  int exponent = decimal_exponent(size);
  uint64_t rounded = scaled_integer(size, sig_figs - 1 - exponent, sig_figs);
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
