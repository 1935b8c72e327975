/* print.c: see print.h. */
#include "cli/print.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void format_figures(char cell[cell_size], double value, int figures) {
  if (isnan(value)) {
    snprintf(cell, cell_size, "NaN");
    return;
  }
  if (isinf(value)) {
    snprintf(cell, cell_size, value > 0 ? "Inf" : "-Inf");
    return;
  }
  if (value == 0) {
    snprintf(cell, cell_size, "0");
    return;
  }
  snprintf(cell, cell_size, "%.*e", figures - 1, value);
  int exponent = (int)strtol(strchr(cell, 'e') + 1, NULL, 10);
  int most_whole = figures > 7 ? figures : 7;
  if (exponent < -4 || exponent >= most_whole) return;
  snprintf(cell, cell_size, "%.*f", figures > exponent + 1 ? figures - 1 - exponent : 0, value);
}

void format_diagnostic(char cell[cell_size], double value, int decimals) {
  if (isnan(value))
    snprintf(cell, cell_size, "-");
  else if (isinf(value) || value >= 1e15)
    snprintf(cell, cell_size, "Inf");
  else
    snprintf(cell, cell_size, "%.*f", decimals, value);
}

static void print_words(FILE *out, const char *text, const char *indent) {
  int column = 0;
  for (const char *word = text; *word;) {
    int length = (int)strcspn(word, " ");
    if (column > 0 && column + 1 + length > 100) {
      column = fprintf(out, "\n%s", indent) - 1;
      fprintf(out, "%.*s", length, word);
      column += length;
    } else {
      column += fprintf(out, column > 0 ? " %.*s" : "%.*s", length, word);
    }
    word += length;
    while (*word == ' ') word++;
  }
  putc('\n', out);
}

void print_wrapped(FILE *out, const char *text) { print_words(out, text, "  "); }
void print_paragraph(FILE *out, const char *text) { print_words(out, text, ""); }

static void format_cell(char cell[cell_size], const print_column *column, size_t row) {
  double value = column->values[row];
  if (column->decimals < 0 && !isnan(value))
    format_figures(cell, value, -column->decimals);
  else
    format_diagnostic(cell, value, column->decimals);
}

static int width_of(const print_column *column, size_t row_count) {
  int width = (int)strlen(column->title);
  for (size_t row = 0; row < row_count; row++) {
    char cell[cell_size];
    format_cell(cell, column, row);
    if ((int)strlen(cell) > width) width = (int)strlen(cell);
  }
  return width;
}

void print_columns(FILE *out, const char *const *names, size_t row_count, const print_column *columns,
                   size_t column_count) {
  enum { most_columns = 16 };
  int widths[most_columns], name_width = 0;
  for (size_t row = 0; row < row_count; row++)
    if ((int)strlen(names[row]) > name_width) name_width = (int)strlen(names[row]);
  fprintf(out, "%-*s", name_width, "");
  for (size_t k = 0; k < column_count; k++) {
    widths[k] = width_of(&columns[k], row_count);
    fprintf(out, "  %*s", widths[k], columns[k].title);
  }
  putc('\n', out);
  for (size_t row = 0; row < row_count; row++) {
    fprintf(out, "%-*s", name_width, names[row]);
    for (size_t k = 0; k < column_count; k++) {
      char cell[cell_size];
      format_cell(cell, &columns[k], row);
      fprintf(out, "  %*s", widths[k], cell);
    }
    putc('\n', out);
  }
}

void print_json_string(FILE *out, const char *text) {
  putc('"', out);
  for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
    if (*at == '"' || *at == '\\')
      fprintf(out, "\\%c", *at);
    else if (*at < 0x20)
      fprintf(out, "\\u%04x", *at);
    else
      putc(*at, out);
  }
  putc('"', out);
}

void print_json_number(FILE *out, double value) {
  char text[40];
  if (isnan(value)) {
    fputs("null", out);
  } else if (isinf(value)) {
    fputs(value > 0 ? "\"Inf\"" : "\"-Inf\"", out);
  } else {
    int digits = 15;
    do snprintf(text, sizeof text, "%.*g", digits, value);
    while (strtod(text, NULL) != value && digits++ < 17);
    fputs(text, out);
  }
}

void print_json_member(FILE *out, const char *name, double value, const char *after) {
  fprintf(out, "\"%s\": ", name);
  print_json_number(out, value);
  fputs(after, out);
}

void print_json_array(FILE *out, const char *name, const double *values, size_t count, const char *after) {
  fprintf(out, "\"%s\": [", name);
  for (size_t i = 0; i < count; i++) {
    if (i) fputs(", ", out);
    print_json_number(out, values[i]);
  }
  fprintf(out, "]%s", after);
}
