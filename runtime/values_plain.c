/* values_plain.c: data files as they nearly always are, one object whose members are numbers or rectangular arrays of
 * numbers, read in pieces of a few kilobytes straight into the arrays, so that a file of 10^7 rows needs no more memory than
 * its numbers.
 *
 * Whatever else is met, be it a tuple, a text, rows of different length or an error, makes the reading stop without a word:
 * jansson then reads the whole file (values.c), which gives every message and every other shape. What is accepted here is
 * JSON (RFC 8259) and the bare names of CmdStan's files. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "runtime/values_internal.h"

enum { PIECE = 1 << 16, MOST_NAME = 256, MOST_NUMBER = 64, END = -1 };

typedef struct reader {
  FILE *file;
  size_t at, size; /* in the piece */
  unsigned char piece[PIECE];
} reader;

static int peek(reader *r) {
  if (r->at == r->size) {
    r->size = fread(r->piece, 1, PIECE, r->file);
    r->at = 0;
    if (r->size == 0) return END;
  }
  return r->piece[r->at];
}

static int next(reader *r) {
  int c = peek(r);
  if (c != END) r->at++;
  return c;
}

static int peek_token(reader *r) {
  int c;
  while ((c = peek(r)) == ' ' || c == '\n' || c == '\r' || c == '\t') r->at++;
  return c;
}

static bool skip(reader *r, int c) {
  if (peek_token(r) != c) return false;
  r->at++;
  return true;
}

/* A string of printable ASCII without escapes. */
static bool read_string(reader *r, char text[MOST_NAME]) {
  if (!skip(r, '"')) return false;
  for (size_t length = 0; length + 1 < MOST_NAME; length++) {
    int c = next(r);
    if (c == '"') {
      text[length] = '\0';
      return true;
    }
    if (c < ' ' || c > '~' || c == '\\') return false;
    text[length] = (char)c;
  }
  return false;
}

/* ---- numbers ---- */

typedef struct decimal {
  char text[MOST_NUMBER];
  size_t length;
  uint64_t digits; /* all of them as one integer, as long as it is below 2^53 */
  int exponent;    /* the value is digits times 10^exponent */
  bool is_long;
} decimal;

/* Takes the character at hand when there is room; MOST_NUMBER characters are more than any double needs. */
static bool take(reader *r, decimal *d) {
  if (d->length + 1 == MOST_NUMBER) return false;
  d->text[d->length++] = (char)next(r);
  d->text[d->length] = '\0';
  return true;
}

static bool is_digit(int c) { return c >= '0' && c <= '9'; }

/* One digit or more; each moves the exponent by `step`. */
static bool read_digits(reader *r, decimal *d, int step) {
  if (!is_digit(peek(r))) return false;
  while (is_digit(peek(r))) {
    if (!take(r, d)) return false;
    d->digits = 10 * d->digits + (uint64_t)(d->text[d->length - 1] - '0');
    d->is_long = d->is_long || d->digits >= (uint64_t)1 << 53;
    if (d->is_long) d->digits = 0;
    d->exponent += step;
  }
  return true;
}

static bool read_exponent(reader *r, decimal *d) {
  int value = 0;
  if (!take(r, d)) return false;
  bool is_negative = peek(r) == '-';
  if ((peek(r) == '-' || peek(r) == '+') && !take(r, d)) return false;
  if (!is_digit(peek(r))) return false;
  while (is_digit(peek(r))) {
    if (!take(r, d)) return false;
    if (value < 10000) value = 10 * value + (d->text[d->length - 1] - '0');
  }
  d->exponent += is_negative ? -value : value;
  return true;
}

/* Digits below 2^53 times or over a power of ten that is a double itself: one rounding, hence the nearest double (Clinger
 * 1990). */
static bool value_of(const decimal *d, bool is_negative, double *out) {
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (!d->is_long && d->exponent >= -22 && d->exponent <= 22) {
    double digits = (double)d->digits;
    *out = d->exponent < 0 ? digits / powers[-d->exponent] : digits * powers[d->exponent];
  } else {
    *out = strtod(d->text, NULL);
  }
  if (is_negative) *out = -*out;
  return isfinite(*out);
}

/* NaN, Inf, Infinity, their signs before them; what must not follow is the caller's to see. */
static bool read_name(reader *r, const char *sign, double *out) {
  char text[12];
  size_t length = strlen(sign);
  memcpy(text, sign, length);
  for (int c; ((c = peek(r) | 32) >= 'a' && c <= 'z') && length + 1 < sizeof text;) text[length++] = (char)next(r);
  text[length] = '\0';
  return sl_values_special(text, out);
}

static bool read_number(reader *r, double *out) {
  int c = peek_token(r);
  if (c == '"') {
    char text[MOST_NAME];
    return read_string(r, text) && sl_values_special(text, out);
  }
  const char *sign = c == '-' ? "-" : c == '+' ? "+" : "";
  if (*sign) {
    r->at++;
    c = peek(r);
  }
  if (c == 'N' || c == 'I') return read_name(r, sign, out);
  decimal d;
  d.length = 0, d.digits = 0, d.exponent = 0, d.is_long = false;
  if (*sign == '+' || !is_digit(c)) return false;
  if (c == '0' ? !take(r, &d) : !read_digits(r, &d, 0)) return false;
  if (peek(r) == '.' && (!take(r, &d) || !read_digits(r, &d, -1))) return false;
  if ((peek(r) | 32) == 'e' && !read_exponent(r, &d)) return false;
  return value_of(&d, *sign == '-', out);
}

/* ---- arrays ---- */

typedef struct numbers {
  double *start;
  size_t count, room;
} numbers;

static bool append(numbers *n, double x) {
  if (n->count == n->room) { /* pages that are not written yet take no memory */
    size_t room = n->room ? 2 * n->room : 16;
    double *larger = realloc(n->start, room * sizeof *larger);
    if (!larger) return false;
    n->start = larger;
    n->room = room;
  }
  n->start[n->count++] = x;
  return true;
}

/* A number, when `depth` dimensions lie around it, else an array. The first element of each level tells the shape, to which the
 * others are held: dims is -1 where it is not known, dim_count before the first number or empty array. */
static bool read_value(reader *r, sl_entry *variable, numbers *n, int depth) {
  bool is_array = peek_token(r) == '[';
  if (variable->dim_count < 0 && !is_array) variable->dim_count = depth;
  if (!is_array) {
    double x;
    return variable->dim_count == depth && read_number(r, &x) && append(n, x);
  }
  if (depth == SL_MOST_DIMENSIONS || variable->dim_count == depth) return false;
  r->at++;
  long count = 0;
  if (peek_token(r) == ']') {
    r->at++;
    if (variable->dim_count < 0) variable->dim_count = depth + 1;
  } else {
    do {
      if (!read_value(r, variable, n, depth + 1)) return false;
      count++;
    } while (skip(r, ','));
    if (!skip(r, ']')) return false;
  }
  if (variable->dims[depth] < 0) variable->dims[depth] = count;
  return variable->dims[depth] == count;
}

static bool read_member(reader *r, sl_values *values) {
  char name[MOST_NAME];
  if (!read_string(r, name) || !skip(r, ':') || sl_values_find(values, name)) return false;
  sl_entry *variable = sl_values_new_entry(values);
  if (!variable) return false;
  variable->dim_count = -1;
  for (int d = 0; d < SL_MOST_DIMENSIONS; d++) variable->dims[d] = -1;
  numbers n = {0};
  bool good = read_value(r, variable, &n, 0);
  for (int d = 0; good && d < variable->dim_count; d++) good = variable->dims[d] >= 0;
  double *exact = good ? realloc(n.start, (n.count ? n.count : 1) * sizeof *exact) : NULL;
  size_t size = strlen(name) + 1;
  variable->name = exact ? malloc(size) : NULL;
  if (!variable->name) {
    free(exact ? exact : n.start);
    return false;
  }
  memcpy(variable->name, name, size);
  variable->number = exact;
  variable->count = (long)n.count;
  values->count++;
  return true;
}

static bool read_object(reader *r, sl_values *values) {
  if (!skip(r, '{')) return false;
  if (!skip(r, '}')) {
    do {
      if (!read_member(r, values)) return false;
    } while (skip(r, ','));
    if (!skip(r, '}')) return false;
  }
  return peek_token(r) == END && !ferror(r->file);
}

bool sl_values_read_plain(sl_values *values, const char *path) {
  struct stat about;
  if (stat(path, &about) != 0 || !S_ISREG(about.st_mode)) return false; /* a pipe cannot be read twice */
  reader *r = malloc(sizeof *r);
  if (!r) return false;
  r->at = r->size = 0;
  r->file = fopen(path, "rb");
  bool good = r->file && read_object(r, values);
  if (r->file) fclose(r->file);
  free(r);
  for (size_t i = 0; !good && i < values->count; i++) {
    free(values->entries[i].name);
    free(values->entries[i].number);
  }
  if (!good) values->count = 0;
  return good;
}
