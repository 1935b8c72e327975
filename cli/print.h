/* print.h: numbers and sentences as the commands print them, for people and as JSON. */
#ifndef STANLITE_CLI_PRINT_H
#define STANLITE_CLI_PRINT_H
#include <stddef.h>
#include <stdio.h>

/* ---- for people ---- */

enum { cell_size = 40 };

/* A number with so many significant figures, trailing zeros included; whole digits are never dropped. Scientific only
 * where it would be very long otherwise. */
void format_figures(char cell[cell_size], double value, int figures);

/* A number with so many decimals, "-" where it is not defined. */
void format_diagnostic(char cell[cell_size], double value, int decimals);

/* An item of a list and a newline: words up to the hundredth column; later lines are indented by two blanks. */
void print_wrapped(FILE *out, const char *text);
/* The same without indentation. */
void print_paragraph(FILE *out, const char *text);

typedef struct print_column {
  const char *title;
  int decimals; /* below zero: so many significant figures */
  const double *values;
} print_column;

/* A table with a name before each row; what is NaN is not defined, and is a dash. */
void print_columns(FILE *out, const char *const *names, size_t row_count, const print_column *columns,
                   size_t column_count);

/* ---- JSON: numbers have as many digits as they need to read back the same; what is not defined (NaN) is null, and
 * infinities are the strings "Inf" and "-Inf", as in Stan's JSON ---- */

void print_json_string(FILE *out, const char *text);
void print_json_number(FILE *out, double value);
/* "name": value, and then the text `after`. */
void print_json_member(FILE *out, const char *name, double value, const char *after);
void print_json_array(FILE *out, const char *name, const double *values, size_t count, const char *after);

#endif
