/* data_table.c: see data_table.h. The file is read whole; fields are cut out of it in place, so that each is a string
 * in its bytes; then the columns are looked at one by one. */
#include "cli/data_table.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "runtime/number.h"

typedef struct field {
  const char *text;
  bool quoted;
} field;

typedef struct parse {
  const char *path;
  char *at, *end; /* what is left of the file */
  size_t line;
  char separator;
  field *fields; /* row after row, the line of names first */
  size_t field_count, field_room;
  size_t *lines; /* of each row, the line of names first */
  size_t row_count, row_room;
  sl_error *error;
} parse;

static bool no_memory(parse *parse) {
  sl_error_set(parse->error, SL_DEFECT, "%s: not enough memory for the table", parse->path);
  return false;
}

/* The whole file with a zero behind it. */
static char *read_bytes(const char *path, size_t *length, sl_error *error) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    sl_error_set(error, SL_NO_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    return NULL;
  }
  size_t room = 1 << 16, count = 0;
  char *bytes = malloc(room + 1);
  bool failed = !bytes;
  while (!failed) {
    size_t got = fread(bytes + count, 1, room - count, file);
    count += got;
    if (got == 0) break;
    if (count < room) continue;
    char *larger = realloc(bytes, 2 * room + 1);
    failed = !larger;
    if (larger) bytes = larger, room *= 2;
  }
  failed = failed || ferror(file);
  if (failed) {
    sl_error_set(error, errno == ENOMEM ? SL_DEFECT : SL_NO_INPUT, "%s: cannot be read: %s", path, strerror(errno));
    free(bytes);
    bytes = NULL;
  } else {
    bytes[count] = 0;
    *length = count;
  }
  fclose(file);
  return bytes;
}

/* ---- fields ---- */

static bool add_field(parse *parse, const char *text, bool quoted) {
  if (parse->field_count == parse->field_room) {
    size_t room = parse->field_room ? 2 * parse->field_room : 1024;
    field *fields = realloc(parse->fields, room * sizeof *fields);
    if (!fields) return no_memory(parse);
    parse->fields = fields;
    parse->field_room = room;
  }
  parse->fields[parse->field_count++] = (field){text, quoted};
  return true;
}

/* Takes the quotes off in place: a doubled one is one. False when there is no closing quote. */
static bool unquote(parse *parse, char **text) {
  char *to = ++parse->at;
  size_t first_line = parse->line;
  *text = to;
  for (; parse->at < parse->end; parse->at++) {
    if (*parse->at == '"') {
      if (parse->at[1] != '"') {
        parse->at++;
        *to = 0; /* at or before the closing quote */
        return true;
      }
      parse->at++;
    }
    parse->line += *parse->at == '\n';
    *to++ = *parse->at;
  }
  sl_error_set(parse->error, SL_BAD_DATA, "%s:%zu: a quote that is not closed", parse->path, first_line);
  return false;
}

/* One field and what ends it: the separator, or the end of the row. */
static bool parse_field(parse *parse, bool *row_ends) {
  while (parse->at < parse->end && *parse->at == ' ') parse->at++;
  char *text = parse->at, *end;
  bool quoted = *parse->at == '"';
  if (quoted) {
    if (!unquote(parse, &text)) return false;
    end = NULL;
    while (parse->at < parse->end && *parse->at == ' ') parse->at++;
  } else {
    while (parse->at < parse->end && *parse->at != parse->separator && *parse->at != '\n') parse->at++;
    end = parse->at;
    while (end > text && (end[-1] == ' ' || end[-1] == '\r')) end--;
  }
  if (quoted && *parse->at == '\r') parse->at++;
  char stop = parse->at < parse->end ? *parse->at : '\n';
  if (stop != '\n' && stop != parse->separator) {
    sl_error_set(parse->error, SL_BAD_DATA, "%s:%zu: text behind a closing quote", parse->path, parse->line);
    return false;
  }
  if (parse->at < parse->end) parse->at++;
  if (end) *end = 0; /* only now, since it may be the separator */
  *row_ends = stop == '\n';
  return add_field(parse, text, quoted);
}

/* A row; blank lines are none. */
static bool parse_row(parse *parse) {
  size_t line = parse->line, before = parse->field_count;
  for (bool ends = false; !ends;)
    if (!parse_field(parse, &ends)) return false;
  parse->line++;
  size_t count = parse->field_count - before;
  if (count == 1 && !parse->fields[before].quoted && !*parse->fields[before].text) {
    parse->field_count--;
    return true;
  }
  if (parse->row_count == parse->row_room) {
    size_t room = parse->row_room ? 2 * parse->row_room : 1024;
    size_t *lines = realloc(parse->lines, room * sizeof *lines);
    if (!lines) return no_memory(parse);
    parse->lines = lines;
    parse->row_room = room;
  }
  parse->lines[parse->row_count++] = line;
  if (parse->row_count > 1 && parse->field_count != count * parse->row_count) {
    sl_error_set(parse->error, SL_BAD_DATA, "%s:%zu: %zu fields, but there are %zu names", parse->path, line, count,
                 (parse->field_count - count) / (parse->row_count - 1));
    return false;
  }
  return true;
}

/* Commas, unless the line of names has none but semicolons or tabs. */
static char find_separator(const char *at, const char *end) {
  size_t semicolons = 0, tabs = 0;
  bool quoted = false;
  for (; at < end && (quoted || *at != '\n'); at++) {
    quoted ^= *at == '"';
    if (quoted) continue;
    if (*at == ',') return ',';
    semicolons += *at == ';';
    tabs += *at == '\t';
  }
  return semicolons ? ';' : tabs ? '\t' : ',';
}

static bool parse_rows(parse *parse, size_t length) {
  if (memchr(parse->at, 0, length)) {
    sl_error_set(parse->error, SL_BAD_DATA, "%s: this is not text", parse->path);
    return false;
  }
  if (length >= 3 && memcmp(parse->at, "\xef\xbb\xbf", 3) == 0) parse->at += 3; /* byte order mark */
  parse->separator = find_separator(parse->at, parse->end);
  while (parse->at < parse->end)
    if (!parse_row(parse)) return false;
  if (parse->row_count < 2) {
    sl_error_set(parse->error, SL_BAD_DATA, "%s: there are no rows", parse->path);
    return false;
  }
  return true;
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

static bool is_missing(const char *text) {
  static const char *const words[] = {"", "NA", "NaN", ".", "N/A", "null", "-NaN"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcasecmp(text, words[i]) == 0) return true;
  return false;
}

static bool is_number(const char *text, double *value) {
  const char *end = text + strlen(text);
  return sl_read_number(text, end, value) == end;
}

/* Digits with a sign or none, and small enough for Stan's int. */
static bool is_whole(const char *text, double value) {
  if (*text == '-' || *text == '+') text++;
  return text[strspn(text, "0123456789")] == 0 && value >= -2147483647 && value <= 2147483647;
}

static bool is_truth(const char *text, double *value) {
  *value = strcasecmp(text, "true") == 0;
  return *value == 1 || strcasecmp(text, "false") == 0;
}

static int compare_texts(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Codes of the labels in field, field + stride, ... */
static bool code_labels(data_column *column, const field *fields, size_t stride, size_t rows) {
  column->labels = malloc(rows * sizeof *column->labels);
  if (!column->labels) return false;
  for (size_t row = 0; row < rows; row++) column->labels[row] = fields[row * stride].text;
  qsort(column->labels, rows, sizeof *column->labels, compare_texts);
  for (size_t row = 0; row < rows; row++)
    if (row == 0 || strcmp(column->labels[row], column->labels[column->label_count - 1]) != 0)
      column->labels[column->label_count++] = column->labels[row];
  for (size_t row = 0; row < rows; row++) {
    const char *const *place =
        bsearch(&fields[row * stride].text, column->labels, column->label_count, sizeof *column->labels, compare_texts);
    column->values[row] = (double)(place - column->labels) + 1;
  }
  return true;
}

/* Finds out what a column holds and fills its values. */
static bool read_column(parse *parse, data_table *table, size_t index) {
  data_column *column = &table->columns[index];
  size_t stride = table->column_count, rows = table->row_count, numbers = 0, whole = 0, truths = 0, quoted = 0,
         first_text = 0;
  const field *fields = parse->fields + stride + index;
  for (size_t row = 0; row < rows; row++) {
    const char *text = fields[row * stride].text;
    double truth;
    if (is_missing(text)) {
      sl_error_set(parse->error, SL_BAD_DATA,
                   "%s:%zu: row %zu of column `%s` is missing (`%s`): leave such rows out, or fill them in",
                   parse->path, parse->lines[row + 1], row + 1, column->title, text);
      return false;
    }
    quoted += fields[row * stride].quoted;
    if (is_number(text, &column->values[row])) {
      numbers++;
      whole += is_whole(text, column->values[row]);
    } else if (first_text == 0) {
      first_text = row + 1;
    }
    truths += is_truth(text, &truth);
  }
  column->kind = whole == rows ? DATA_INT : numbers == rows ? DATA_REAL : truths == rows ? DATA_TRUTH : DATA_LABELS;
  if (column->kind == DATA_LABELS && numbers > 0 && quoted < rows) {
    sl_error_set(parse->error, SL_BAD_DATA,
                 "%s:%zu: row %zu of column `%s`: `%s` is not a number, but other rows of the column are", parse->path,
                 parse->lines[first_text], first_text, column->title, fields[(first_text - 1) * stride].text);
    return false;
  }
  if (column->kind == DATA_TRUTH)
    for (size_t row = 0; row < rows; row++) is_truth(fields[row * stride].text, &column->values[row]);
  return column->kind != DATA_LABELS || code_labels(column, fields, stride, rows) || no_memory(parse);
}

static bool read_columns(parse *parse, data_table *table) {
  for (size_t i = 0; i < table->column_count; i++) {
    data_column *column = &table->columns[i];
    column->title = strdup(parse->fields[i].text);
    column->name = column->title ? stan_name(table, i, column->title, "") : NULL;
    column->values = malloc(table->row_count * sizeof *column->values);
    if (!column->name || !column->values) return no_memory(parse);
  }
  for (size_t i = 0; i < table->column_count; i++) {
    if (!read_column(parse, table, i)) return false;
    if (table->columns[i].kind != DATA_LABELS) continue;
    table->columns[i].levels_name = stan_name(table, table->column_count, table->columns[i].name, "_levels");
    if (!table->columns[i].levels_name) return no_memory(parse);
  }
  return true;
}

data_table *data_table_read(const char *path, sl_error *error) {
  size_t length = 0;
  char *bytes = read_bytes(path, &length, error);
  if (!bytes) return NULL;
  parse parse = {.path = path, .at = bytes, .end = bytes + length, .line = 1, .error = error};
  data_table *table = calloc(1, sizeof *table);
  bool done = false;
  if (!table) {
    no_memory(&parse);
    free(bytes);
  } else {
    table->bytes = bytes;
    if (parse_rows(&parse, length)) {
      table->row_count = parse.row_count - 1;
      size_t columns = parse.field_count / parse.row_count; /* at least one: a row has a field */
      table->columns = calloc(columns + 1, sizeof *table->columns);
      if (table->columns) table->column_count = columns;
      done = table->columns ? read_columns(&parse, table) : no_memory(&parse);
    }
  }
  free(parse.fields);
  free(parse.lines);
  if (done) return table;
  data_table_destroy(table);
  return NULL;
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
