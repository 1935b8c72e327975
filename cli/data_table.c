/* data_table.c: see data_table.h. */
#include "cli/data_table.h"
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool no_memory(const data_rows *rows, sl_error *error) {
  sl_error_set(error, SL_DEFECT, "%s: not enough memory for the table", rows->path);
  return false;
}

/* ---- names ---- */

static bool is_reserved(const char *name) {
  static const char *const words[] = {"N", /* the number of rows */
                                      "for",
                                      "in",
                                      "while",
                                      "repeat",
                                      "until",
                                      "if",
                                      "then",
                                      "else",
                                      "true",
                                      "false",
                                      "target",
                                      "int",
                                      "real",
                                      "complex",
                                      "vector",
                                      "row_vector",
                                      "matrix",
                                      "simplex",
                                      "unit_vector",
                                      "ordered",
                                      "positive_ordered",
                                      "sum_to_zero_vector",
                                      "sum_to_zero_matrix",
                                      "cholesky_factor_corr",
                                      "cholesky_factor_cov",
                                      "corr_matrix",
                                      "cov_matrix",
                                      "column_stochastic_matrix",
                                      "row_stochastic_matrix",
                                      "complex_vector",
                                      "complex_row_vector",
                                      "complex_matrix",
                                      "void",
                                      "array",
                                      "tuple",
                                      "functions",
                                      "model",
                                      "data",
                                      "parameters",
                                      "quantities",
                                      "transformed",
                                      "generated",
                                      "return",
                                      "break",
                                      "continue",
                                      "print",
                                      "reject",
                                      "fatal_error",
                                      "profile",
                                      "jacobian",
                                      "struct",
                                      "typedef",
                                      "export",
                                      "auto",
                                      "extern",
                                      "var",
                                      "static",
                                      "lower",
                                      "upper",
                                      "offset",
                                      "multiplier"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(name, words[i]) == 0) return true;
  return false;
}

static bool is_taken(const data_table *table, size_t columns, const char *name) {
  for (size_t i = 0; i < columns; i++)
    if (strcmp(table->columns[i].name, name) == 0 ||
        (table->columns[i].levels_name && strcmp(table->columns[i].levels_name, name) == 0))
      return true;
  return false;
}

/* Letters, digits and underscores, beginning with a letter, not ending in two underscores, no word of the language, and
 * not the name of one of the first `columns` columns. The caller frees it; NULL: no memory. */
static char *stan_name(const data_table *table, size_t columns, const char *title, const char *ending) {
  size_t room = strlen(title) + strlen(ending) + 40, length = 0;
  char *name = malloc(room);
  if (!name) return NULL;
  if (!isalpha((unsigned char)*title)) name[length++] = 'x';
  for (const char *at = title; *at; at++) {
    bool good = isalnum((unsigned char)*at) && (unsigned char)*at < 128;
    if (good || length == 0 || name[length - 1] != '_' || *at == '_') name[length++] = good ? *at : '_';
  }
  name[length] = 0;
  length += (size_t)snprintf(name + length, room - length, "%s", ending);
  while (length > 2 && name[length - 1] == '_' && name[length - 2] == '_') name[--length] = 0;
  if (is_reserved(name)) {
    name[length++] = '_';
    name[length] = 0;
  }
  for (size_t copy = 2; is_taken(table, columns, name); copy++) snprintf(name + length, room - length, "_%zu", copy);
  return name;
}

/* ---- columns ---- */

static bool is_truth(const char *text, double *value) {
  *value = strcasecmp(text, "true") == 0;
  return *value == 1 || strcasecmp(text, "false") == 0;
}

typedef struct label {
  const char *text;
  double value; /* of a number */
  size_t row;
} label;

static int compare_texts(const void *a, const void *b) {
  return strcmp(((const label *)a)->text, ((const label *)b)->text);
}

static int compare_values(const void *a, const void *b) {
  double left = ((const label *)a)->value, right = ((const label *)b)->value;
  return (left > right) - (left < right);
}

/* Codes 1, 2, ... for what stands in a column: texts in the order of their bytes, numbers in that of their values. */
static bool code_labels(data_column *column, const data_field *fields, size_t stride, size_t rows) {
  int (*compare)(const void *, const void *) = column->kind == DATA_LABELS ? compare_texts : compare_values;
  label *sorted = malloc(rows * sizeof *sorted);
  column->labels = malloc(rows * sizeof *column->labels);
  if (sorted && column->labels) {
    for (size_t row = 0; row < rows; row++)
      sorted[row] = (label){.text = fields[row * stride].text, .value = column->values[row], .row = row};
    qsort(sorted, rows, sizeof *sorted, compare);
    for (size_t i = 0; i < rows; i++) {
      if (i == 0 || compare(&sorted[i - 1], &sorted[i]) != 0) column->labels[column->label_count++] = sorted[i].text;
      column->values[sorted[i].row] = (double)column->label_count;
    }
  }
  free(sorted);
  return column->labels && column->label_count > 0;
}

/* Finds out what a column holds and fills its values. */
static bool read_column(const data_rows *rows, data_table *table, size_t index, sl_error *error) {
  data_column *column = &table->columns[index];
  size_t stride = rows->column_count, count = rows->row_count, numbers = 0, whole = 0, truths = 0, quoted = 0,
         first_text = 0;
  const data_field *fields = rows->fields + stride + index;
  for (size_t row = 0; row < count; row++) {
    const char *text = fields[row * stride].text;
    double truth;
    if (data_is_missing(text)) {
      sl_error_set(error, SL_BAD_DATA,
                   "%s:%zu: row %zu of column `%s` is missing (`%s`): fill it in, leave such rows out "
                   "(--drop-missing), or such columns (--columns=...)",
                   rows->path, rows->lines[row + 1], row + 1, column->title, text);
      return false;
    }
    quoted += fields[row * stride].quoted;
    if (data_is_number(text, &column->values[row])) {
      numbers++;
      whole += data_is_whole(text, column->values[row]);
    } else if (first_text == 0) {
      first_text = row + 1;
    }
    truths += is_truth(text, &truth);
  }
  column->kind = whole == count ? DATA_INT : numbers == count ? DATA_REAL : truths == count ? DATA_TRUTH : DATA_LABELS;
  if (column->kind == DATA_LABELS && numbers > 0 && quoted < count) {
    sl_error_set(error, SL_BAD_DATA,
                 "%s:%zu: row %zu of column `%s`: `%s` is not a number, but other rows of the column are", rows->path,
                 rows->lines[first_text], first_text, column->title, fields[(first_text - 1) * stride].text);
    return false;
  }
  if (column->kind == DATA_TRUTH)
    for (size_t row = 0; row < count; row++) is_truth(fields[row * stride].text, &column->values[row]);
  if (column->levels_name && column->kind != DATA_LABELS) column->kind = DATA_INDEX;
  bool coded = column->kind == DATA_LABELS || column->kind == DATA_INDEX;
  return !coded || code_labels(column, fields, stride, count) || no_memory(rows, error);
}

static bool read_columns(const data_rows *rows, const data_changes *changes, data_table *table, sl_error *error) {
  for (size_t i = 0; i < table->column_count; i++) {
    data_column *column = &table->columns[i];
    column->title = strdup(rows->fields[i].text);
    column->name = column->title ? stan_name(table, i, data_changes_name(changes, column->title), "") : NULL;
    column->values = malloc(table->row_count * sizeof *column->values);
    if (!column->name || !column->values) return no_memory(rows, error);
  }
  for (size_t i = 0; i < table->column_count; i++) {
    data_column *column = &table->columns[i];
    const char *count = data_changes_count(changes, column->title);
    if (count && !(column->levels_name = stan_name(table, table->column_count, count, "")))
      return no_memory(rows, error);
    if (!read_column(rows, table, i, error)) return false;
    if (column->kind != DATA_LABELS || column->levels_name) continue;
    column->levels_name = stan_name(table, table->column_count, column->name, "_levels");
    if (!column->levels_name) return no_memory(rows, error);
  }
  return true;
}

data_table *data_table_read(const char *path, const data_changes *changes, sl_error *error) {
  data_rows rows;
  if (!data_rows_read(&rows, path, error)) return NULL;
  data_table *table = calloc(1, sizeof *table);
  bool done = table != NULL;
  if (!done) no_memory(&rows, error);
  done = done && data_changes_apply(changes, &rows, error);
  if (done) {
    table->row_count = rows.row_count;
    table->dropped_count = rows.dropped_count;
    table->columns = calloc(rows.column_count + 1, sizeof *table->columns);
    if (table->columns) table->column_count = rows.column_count;
    done = table->columns ? read_columns(&rows, changes, table, error) : no_memory(&rows, error);
  }
  if (done) {
    table->bytes = rows.bytes;
    rows.bytes = NULL;
  }
  data_rows_free(&rows);
  if (done) return table;
  data_table_destroy(table);
  return NULL;
}

bool data_table_takes_name(const data_table *table, const char *name) {
  char *fit = stan_name(table, table->column_count, name, "");
  bool takes = fit && strcmp(fit, name) == 0;
  free(fit);
  return takes;
}

void data_table_destroy(data_table *table) {
  if (!table) return;
  for (size_t i = 0; i < table->column_count; i++) {
    data_column *column = &table->columns[i];
    free(column->title);
    free(column->name);
    free(column->values);
    free(column->labels);
    free(column->levels_name);
  }
  free(table->columns);
  free(table->bytes);
  free(table);
}
