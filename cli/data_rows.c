/* data_rows.c: see data_rows.h. The file is read whole; fields are cut out of it in place, so that each is a string in its
 * bytes. */
#include "cli/data_rows.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "runtime/number.h"

typedef struct parse {
  const char *path;
  char *at, *end; /* what is left of the file */
  size_t line;
  char separator;
  data_field *fields; /* row after row, the line of names first */
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
    data_field *fields = realloc(parse->fields, room * sizeof *fields);
    if (!fields) return no_memory(parse);
    parse->fields = fields;
    parse->field_room = room;
  }
  parse->fields[parse->field_count++] = (data_field){text, quoted};
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

bool data_rows_read(data_rows *rows, const char *path, sl_error *error) {
  *rows = (data_rows){.path = path};
  size_t length = 0;
  char *bytes = read_bytes(path, &length, error);
  if (!bytes) return false;
  parse parse = {.path = path, .at = bytes, .end = bytes + length, .line = 1, .error = error};
  bool done = parse_rows(&parse, length);
  rows->bytes = bytes;
  rows->fields = parse.fields;
  rows->lines = parse.lines;
  if (!done) {
    data_rows_free(rows);
    return false;
  }
  rows->row_count = parse.row_count - 1;
  rows->column_count = parse.field_count / parse.row_count; /* at least one: a row has a field */
  return true;
}

void data_rows_free(data_rows *rows) {
  free(rows->fields);
  free(rows->lines);
  free(rows->bytes);
  *rows = (data_rows){0};
}

bool data_is_missing(const char *text) {
  static const char *const words[] = {"", "NA", "NaN", ".", "N/A", "null", "-NaN"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcasecmp(text, words[i]) == 0) return true;
  return false;
}

bool data_is_number(const char *text, double *value) {
  const char *end = text + strlen(text);
  return sl_read_number(text, end, value) == end;
}

bool data_is_whole(const char *text, double value) {
  if (*text == '-' || *text == '+') text++;
  return text[strspn(text, "0123456789")] == 0 && value >= -2147483647 && value <= 2147483647;
}
