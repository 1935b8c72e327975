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

enum { BUFFER_SIZE = 1 << 16, LONGEST_NUMBER = 40 };

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

/* Digits and a point: 0.001234, 1234.5, 1.234e+20, as %g has them. `digits` of length `count` without trailing zeros. */
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
    *at++ = '0';
    *at++ = '.';
    for (int i = -1; i > exponent; i--) *at++ = '0';
    memcpy(at, digits, (size_t)count);
    at += count;
  } else {
    for (int i = 0; i < count || i <= exponent; i++) {
      if (i == exponent + 1) *at++ = '.';
      *at++ = i < count ? digits[i] : '0';
    }
  }
  return (size_t)(at - out);
}

size_t sl_format_number(char *out, double value, int sig_figs) {
  /* Within these bounds value * 10^k needs one multiplication or division by a power of ten that a long double of 64 bits
   * holds exactly (up to 10^27), so the product is right to 2^-64 and rounds to at most 15 digits as it should, but
   * for ties. Everything else is printf's. */
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
  int exponent = 0; /* 10^exponent <= size, but for rounding */
  if (size >= 1) {
    while (exponent < 15 && size >= (double)integer_power[exponent + 1]) exponent++;
  } else {
    for (double scaled = size; scaled < 1 && exponent > -9; scaled *= 10) exponent--;
  }
  int shift = sig_figs - 1 - exponent;
  long double scaled = size;
  if (shift < 0) {
    scaled /= (long double)integer_power[-shift];
  } else {
    scaled *= (long double)integer_power[shift > 19 ? 19 : shift];
    if (shift > 19) scaled *= (long double)integer_power[shift - 19];
  }
  uint64_t rounded = (uint64_t)(scaled + 0.5L);
  if ((long double)rounded - scaled == 0.5L && rounded & 1) rounded--; /* a tie goes to the even digit, as in printf */
  if (rounded >= integer_power[sig_figs]) {
    rounded /= 10;
    exponent++;
  } else if (rounded < integer_power[sig_figs - 1]) {
    return (size_t)snprintf(out, LONGEST_NUMBER, "%.*g", sig_figs,
                            value); /* the exponent was estimated one too large */
  }
  char digits[20];
  for (int i = sig_figs - 1; i >= 0; i--) {
    digits[i] = (char)('0' + rounded % 10);
    rounded /= 10;
  }
  int count = sig_figs;
  while (count > 1 && digits[count - 1] == '0') count--;
  return sign + lay_out(out + sign, digits, count, exponent, sig_figs);
}
