/* message.c: keeps messages, and prints them with the place that they speak of; see message.h. */
#include "support/message.h"
#include <stdlib.h>
#include <string.h>
#include "support/text.h"

enum {
  KEPT_MESSAGES = 500, /* of each severity */
  PRINTED_ERRORS = 20  /* the first ones, in order of place */
};

static message *add(messages *messages, message_severity severity, location location, const char *format,
                    va_list arguments) {
  int *seen = severity == MESSAGE_ERROR ? &messages->error_count : &messages->warning_count;
  message added = {.severity = severity, .location = location};
  added.text = arena_vprintf(messages->arena, format, arguments);
  if (++*seen > KEPT_MESSAGES) {
    message *forgotten = arena_new(messages->arena, message); /* for a hint to be written to */
    *forgotten = added;
    return forgotten;
  }
  arena_push(messages->arena, messages, added);
  return &messages->items[messages->count - 1];
}

message *message_error(messages *messages, location location, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  message *added = add(messages, MESSAGE_ERROR, location, format, arguments);
  va_end(arguments);
  return added;
}

message *message_warning(messages *messages, location location, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  message *added = add(messages, MESSAGE_WARNING, location, format, arguments);
  va_end(arguments);
  return added;
}

void message_hint(messages *messages, message *message, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const char *hint = arena_vprintf(messages->arena, format, arguments);
  va_end(arguments);
  message->hint = message->hint ? arena_printf(messages->arena, "%s\n%s", message->hint, hint) : hint;
}

/* ---- order ---- */

static int depth_of(const source_file *file) {
  int depth = 0;
  for (; file && file->included_from; file = file->included_from) depth++;
  return depth;
}

/* The line of the #include that led to the place, in the file `levels` above it. */
static int line_above(location at, int levels, const source_file **file) {
  int line = at.line;
  *file = at.file;
  for (; levels > 0 && *file; levels--) {
    line = (*file)->included_at_line;
    *file = (*file)->included_from;
  }
  return line;
}

/* In the order in which a reader of the whole program meets them: what is included stands at its #include. */
static int compare_places(location a, location b) {
  if (!a.file || !b.file) return (a.file != NULL) - (b.file != NULL);
  int depth_a = depth_of(a.file), depth_b = depth_of(b.file);
  int common = depth_a < depth_b ? depth_a : depth_b;
  for (int depth = 0; depth <= common; depth++) {
    const source_file *file_a, *file_b;
    int line_a = line_above(a, depth_a - depth, &file_a), line_b = line_above(b, depth_b - depth, &file_b);
    if (line_a != line_b) return line_a < line_b ? -1 : 1;
    if (file_a != file_b) return 0;
  }
  if (depth_a != depth_b) return depth_a > depth_b ? -1 : 1;
  return (a.column > b.column) - (a.column < b.column);
}

typedef struct ordered_message {
  const message *message;
  int index; /* keeps the order of messages about one place */
} ordered_message;

static int compare_messages(const void *left, const void *right) {
  const ordered_message *a = left, *b = right;
  int order = compare_places(a->message->location, b->message->location);
  return order ? order : (a->index > b->index) - (a->index < b->index);
}

/* ---- printing ---- */

#define BOLD "\033[1m"
#define RED "\033[1;31m"
#define MAGENTA "\033[1;35m"
#define GREEN "\033[1;32m"
#define PLAIN "\033[0m"

static char *excerpt(arena *arena, location at, bool colour) {
  size_t length;
  const char *text = source_line(at.file, at.line, &length);
  size_t first = at.column > 0 ? (size_t)at.column - 1 : 0;
  size_t last = at.end_line > at.line ? length : (size_t)(at.end_column > 0 ? at.end_column : 0);
  shown_line shown = {.width = 0};
  show_line(text, length, first, last, &shown);
  char underline[SHOWN_COLUMNS + 1] = "^";
  for (int i = 1; i < shown.width && i < SHOWN_COLUMNS; i++) memcpy(underline + i, "~", 2);
  return arena_printf(arena, "%5d | %s\n      | %*s%s%s%s", at.line, shown.text, shown.caret, "", colour ? GREEN : "",
                      underline, colour ? PLAIN : "");
}

char *source_excerpt(arena *arena, location at) { return excerpt(arena, at, false); }

static void print_one(arena *arena, const message *message, FILE *out, bool colour) {
  bool is_error = message->severity == MESSAGE_ERROR;
  location at = message->location;
  if (colour) fputs(BOLD, out);
  if (at.file && at.line > 0)
    fprintf(out, "%s:%d:%d: ", at.file->path, at.line, at.column);
  else if (at.file)
    fprintf(out, "%s: ", at.file->path);
  if (colour) fputs(is_error ? RED : MAGENTA, out);
  fputs(is_error ? "error: " : "warning: ", out);
  if (colour) fputs(PLAIN, out);
  fprintf(out, "%s\n", message->text);
  if (at.file && at.line > 0) fprintf(out, "%s\n", excerpt(arena, at, colour));
  for (const char *line = message->hint; line && *line;) {
    size_t length = strcspn(line, "\n");
    fprintf(out, "    hint: %.*s\n", (int)length, line);
    line += length + (line[length] == '\n');
  }
  for (const source_file *file = at.file; file && file->included_from; file = file->included_from)
    fprintf(out, "    included from %s:%d\n", file->included_from->path, file->included_at_line);
}

static void print_rest(int count, const char *what, FILE *out) {
  if (count > 0) fprintf(out, "and %d more %s%s\n", count, what, count == 1 ? "" : "s");
}

const message *const *messages_in_order(const messages *messages) {
  int count = messages->count;
  ordered_message *ordered = arena_array(messages->arena, ordered_message, count + 1);
  const message **result = arena_array(messages->arena, const message *, count + 1);
  for (int i = 0; i < count; i++) ordered[i] = (ordered_message){&messages->items[i], i};
  if (count > 0) qsort(ordered, (size_t)count, sizeof *ordered, compare_messages);
  for (int i = 0; i < count; i++) result[i] = ordered[i].message;
  return result;
}

void messages_print(const messages *messages, FILE *out, bool colour) {
  if (messages->count == 0) return;
  const message *const *ordered = messages_in_order(messages);
  int errors = 0, warnings = 0;
  for (int i = 0; i < messages->count; i++) {
    bool is_error = ordered[i]->severity == MESSAGE_ERROR;
    if (is_error && errors == PRINTED_ERRORS) continue;
    *(is_error ? &errors : &warnings) += 1;
    print_one(messages->arena, ordered[i], out, colour);
  }
  print_rest(messages->error_count - errors, "error", out);
  print_rest(messages->warning_count - warnings, "warning", out);
}
