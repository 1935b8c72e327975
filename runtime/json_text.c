/* json_text.c: see json_text.h. */
#include "runtime/json_text.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads a whole file, with `spare` bytes of room behind it. NULL on failure. */
static char *read_file(const char *path, size_t *size, sl_error *error) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    sl_error_set(error, SL_NO_INPUT, "cannot open %s: %s", path, strerror(errno));
    return NULL;
  }
  size_t room = 1 << 16, used = 0;
  char *text = malloc(room);
  while (text) {
    used += fread(text + used, 1, room - used, file);
    if (used < room) break;
    char *larger = realloc(text, room *= 2);
    if (!larger) free(text);
    text = larger;
  }
  if (!text) {
    sl_error_set(error, SL_BAD_DATA, "%s: too large for the memory of this machine", path);
  } else if (ferror(file)) {
    sl_error_set(error, SL_NO_INPUT, "cannot read %s: %s", path, strerror(errno));
    free(text);
    text = NULL;
  }
  fclose(file);
  *size = used;
  return text;
}

/* Length of a bare NaN, Inf or Infinity at text[at], 0 when there is none. */
static size_t bare_name(const char *text, size_t size, size_t at) {
  static const char *const names[] = {"NaN", "Infinity", "-Infinity", "+Infinity", "Inf", "-Inf", "+Inf"};
  if (at > 0 && (isalnum((unsigned char)text[at - 1]) || text[at - 1] == '_')) return 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t length = strlen(names[i]);
    if (size - at >= length && memcmp(text + at, names[i], length) == 0 &&
        (size - at == length || !isalnum((unsigned char)text[at + length])))
      return length;
  }
  return 0;
}

/* Copies text to out, unless that is NULL, with quotes around bare names; returns the size. */
static size_t quote(const char *text, size_t size, char *out) {
  size_t written = 0;
  bool in_string = false;
  for (size_t i = 0; i < size; i++) {
    size_t length = in_string || !strchr("NI+-", text[i]) || !text[i] ? 0 : bare_name(text, size, i);
    if (length) {
      if (out) {
        out[written] = out[written + length + 1] = '"';
        memcpy(out + written + 1, text + i, length);
      }
      written += length + 2;
      i += length - 1;
      continue;
    }
    size_t copied = in_string && text[i] == '\\' && i + 1 < size ? 2 : 1;
    if (copied == 1 && text[i] == '"') in_string = !in_string;
    if (out) memcpy(out + written, text + i, copied);
    written += copied;
    i += copied - 1;
  }
  return written;
}

bool sl_json_text_read(sl_json_text *text, const char *path, sl_error *error) {
  size_t size;
  char *raw = read_file(path, &size, error);
  if (!raw) return false;
  size_t quoted_size = quote(raw, size, NULL);
  if (quoted_size == size) {
    *text = (sl_json_text){raw, size};
    return true;
  }
  char *quoted = malloc(quoted_size);
  if (quoted) quote(raw, size, quoted);
  free(raw);
  *text = (sl_json_text){quoted, quoted_size};
  if (!quoted) sl_error_set(error, SL_BAD_DATA, "%s: too large for the memory of this machine", path);
  return quoted != NULL;
}

/* Number of the quotes that quote() wrote into text[from, to): those around the names of numbers. A string that
 * stood there with its quotes counts too, which moves a column by two in a line that is wrong anyway. */
static int quotes_between(const char *text, size_t from, size_t to) {
  int count = 0;
  for (size_t i = from; i + 1 < to; i++)
    if (text[i] == '"' && bare_name(text, to, i + 1)) count += 2;
  return count;
}

void sl_json_text_explain(const sl_json_text *text, const char *path, int line, int column, int position,
                          const char *message, sl_error *error) {
  size_t end = position < 0 ? 0 : (size_t)position < text->size ? (size_t)position : text->size;
  size_t line_start = end;
  while (line_start > 0 && text->start[line_start - 1] != '\n') line_start--;
  column -= quotes_between(text->start, line_start, end);
  if (line < 1) line = 1;
  if (column < 1) column = 1;
  size_t first = 0;
  while (first < text->size && (isalnum((unsigned char)text->start[first]) || strchr("_. ", text->start[first])))
    first++;
  bool r_dump = first > 0 && first + 1 < text->size && text->start[first] == '<' && text->start[first + 1] == '-';
  sl_error_set(error, SL_BAD_DATA, "%s:%d:%d: %s%s", path, line, column, message,
               r_dump ? " (this looks like R's dump format; data are read from JSON)" : "");
}
