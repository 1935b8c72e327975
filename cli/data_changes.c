/* data_changes.c: see data_changes.h. */
#include "cli/data_changes.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- options ---- */

static const struct {
  const char *option;
  data_change_kind kind;
  size_t parts;
  const char *form;
} options[] = {
    {"--columns", DATA_COLUMNS, 1, "--columns=COLUMN,COLUMN,..."},
    {"--rename", DATA_RENAME, 2, "--rename=COLUMN:NAME"},
    {"--index", DATA_COUNT, 2, "--index=COLUMN:COUNT"},
    {"--indicator", DATA_INDICATOR, 3, "--indicator=COLUMN:VALUE:NAME"},
    {"--constant", DATA_CONSTANT, 2, "--constant=NAME:NUMBER"},
};

static bool add(data_changes *changes, data_change change, sl_error *error) {
  data_change *longer = realloc(changes->changes, (changes->count + 1) * sizeof *longer);
  if (!longer) {
    sl_error_set(error, SL_DEFECT, "not enough memory");
    return false;
  }
  changes->changes = longer;
  longer[changes->count++] = change;
  return true;
}

static bool add_columns(data_changes *changes, char *titles, sl_error *error) {
  for (char *rest = titles, *title; (title = strsep(&rest, ","));)
    if (!add(changes, (data_change){DATA_COLUMNS, {title}}, error)) return false;
  return true;
}

bool data_changes_add(data_changes *changes, char *option, sl_error *error) {
  if (strcmp(option, "--drop-missing") == 0) return add(changes, (data_change){.kind = DATA_DROP}, error);
  char *value = strchr(option, '=');
  size_t length = value ? (size_t)(value - option) : strlen(option);
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    if (strlen(options[i].option) != length || strncmp(option, options[i].option, length) != 0) continue;
    data_change change = {.kind = options[i].kind};
    size_t parts = 0;
    bool good = value && value[1];
    if (good && change.kind == DATA_COLUMNS) return add_columns(changes, value + 1, error);
    /* The last colons part, so that a title may have some itself. */
    for (size_t part = options[i].parts; good && part-- > 0; parts++) {
      char *colon = part > 0 ? strrchr(value + 1, ':') : value;
      good = colon && colon[1];
      if (good) change.parts[part] = colon + 1;
      if (good && part > 0) *colon = 0;
    }
    double number;
    good = good && (change.kind != DATA_CONSTANT || data_is_number(change.parts[1], &number));
    if (good) return add(changes, change, error);
    sl_error_set(error, SL_USAGE, "the option reads %s", options[i].form);
    return false;
  }
  sl_error_set(error, SL_USAGE, "there is no option %s", option);
  return false;
}

void data_changes_free(data_changes *changes) {
  free(changes->changes);
  *changes = (data_changes){0};
}

/* ---- what they do ---- */

static const char *find(const data_changes *changes, data_change_kind kind, const char *title) {
  for (size_t i = 0; i < changes->count; i++)
    if (changes->changes[i].kind == kind && strcmp(changes->changes[i].parts[0], title) == 0)
      return changes->changes[i].parts[1];
  return NULL;
}

const char *data_changes_name(const data_changes *changes, const char *title) {
  const char *name = find(changes, DATA_RENAME, title);
  return name ? name : title;
}

const char *data_changes_count(const data_changes *changes, const char *title) {
  return find(changes, DATA_COUNT, title);
}

static size_t count_of(const data_changes *changes, data_change_kind kind) {
  size_t count = 0;
  for (size_t i = 0; i < changes->count; i++) count += changes->changes[i].kind == kind;
  return count;
}

/* The column of a title; rows->column_count and an error when there is none. */
static size_t column_of(const data_rows *rows, const char *title, sl_error *error) {
  for (size_t i = 0; i < rows->column_count; i++)
    if (strcmp(rows->fields[i].text, title) == 0) return i;
  char titles[600] = "";
  for (size_t i = 0, used = 0; i < rows->column_count && used < sizeof titles; i++)
    used += (size_t)snprintf(titles + used, sizeof titles - used, "%s`%s`", i ? ", " : "", rows->fields[i].text);
  sl_error_set(error, SL_BAD_DATA, "%s: there is no column `%s`, but %s", rows->path, title, titles);
  return rows->column_count;
}

static bool equals(const char *text, const char *value) {
  double a, b;
  return strcmp(text, value) == 0 || (data_is_number(text, &a) && data_is_number(value, &b) && a == b);
}

/* Which columns of the file make up the table: the chosen ones, and at the end one for each indicator. */
static bool choose(const data_changes *changes, const data_rows *rows, size_t *sources, sl_error *error) {
  size_t chosen = 0;
  if (count_of(changes, DATA_COLUMNS) == 0)
    for (; chosen < rows->column_count; chosen++) sources[chosen] = chosen;
  for (data_change_kind kind = DATA_COLUMNS; kind <= DATA_INDICATOR; kind++)
    for (size_t i = 0; i < changes->count; i++) {
      if (changes->changes[i].kind != kind) continue;
      size_t column = column_of(rows, changes->changes[i].parts[0], error);
      if (column == rows->column_count) return false;
      if (kind == DATA_COLUMNS || kind == DATA_INDICATOR) sources[chosen++] = column;
    }
  return true;
}

/* One row, or the titles, into its new place; false when it is to be left out. */
static bool copy_row(const data_rows *rows, size_t row, const size_t *sources, size_t columns, bool drop,
                     data_field *to) {
  for (size_t i = 0; i < columns; i++) {
    to[i] = rows->fields[row * rows->column_count + sources[i]];
    if (drop && row > 0 && data_is_missing(to[i].text)) return false;
  }
  return true;
}

/* The last columns hold copies of what their indicators look at. */
static bool fill_indicators(const data_changes *changes, data_rows *rows, sl_error *error) {
  size_t column = rows->column_count - count_of(changes, DATA_INDICATOR);
  for (size_t i = 0; i < changes->count; i++) {
    const data_change *change = &changes->changes[i];
    if (change->kind != DATA_INDICATOR) continue;
    size_t hits = 0;
    data_field *field = &rows->fields[column++];
    *field = (data_field){change->parts[2], false};
    for (size_t row = 0; row < rows->row_count; row++) {
      field += rows->column_count;
      if (data_is_missing(field->text)) continue; /* which is then found to be an error */
      bool hit = equals(field->text, change->parts[1]);
      hits += hit;
      *field = (data_field){hit ? "1" : "0", false};
    }
    if (hits > 0) continue;
    sl_error_set(error, SL_BAD_DATA, "%s: column `%s` is nowhere `%s`", rows->path, change->parts[0], change->parts[1]);
    return false;
  }
  return true;
}

bool data_changes_apply(const data_changes *changes, data_rows *rows, sl_error *error) {
  size_t chosen = count_of(changes, DATA_COLUMNS);
  size_t columns = (chosen ? chosen : rows->column_count) + count_of(changes, DATA_INDICATOR), kept = 0;
  bool drop = count_of(changes, DATA_DROP) > 0;
  size_t *sources = malloc(columns * sizeof *sources);
  data_field *fields = malloc((rows->row_count + 1) * columns * sizeof *fields);
  bool done = sources && fields;
  if (!done) sl_error_set(error, SL_DEFECT, "%s: not enough memory for the table", rows->path);
  done = done && choose(changes, rows, sources, error);
  for (size_t row = 0; done && row <= rows->row_count; row++)
    if (copy_row(rows, row, sources, columns, drop, fields + kept * columns)) rows->lines[kept++] = rows->lines[row];
  if (done && kept == 1) {
    sl_error_set(error, SL_BAD_DATA, "%s: each row has a missing value", rows->path);
    done = false;
  }
  if (done) {
    data_field *before = rows->fields;
    rows->fields = fields;
    fields = before;
    rows->column_count = columns;
    rows->dropped_count = rows->row_count + 1 - kept;
    rows->row_count = kept - 1;
    done = fill_indicators(changes, rows, error);
  }
  free(sources);
  free(fields);
  return done;
}
