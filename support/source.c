/* source.c: reading files, and finding lines in them. A line ends with "\n", "\r\n" or a lone "\r". */
#include "support/source.h"
#include <stdio.h>
#include <string.h>

static void find_lines(arena *arena, source_file *file) {
  struct {
    size_t *items;
    int count, capacity;
  } lines = {0};
  arena_push(arena, &lines, 0);
  for (size_t i = 0; i < file->length; i++)
    if (file->text[i] == '\n' || (file->text[i] == '\r' && file->text[i + 1] != '\n')) arena_push(arena, &lines, i + 1);
  file->lines = lines.items;
  file->line_count = lines.count;
}

source_file *source_read(arena *arena, const char *path) {
  FILE *in = fopen(path, "rb");
  if (!in) return NULL;
  size_t length = 0, capacity = 1 << 14;
  char *text = arena_alloc(arena, capacity);
  for (size_t got; (got = fread(text + length, 1, capacity - length - 1, in)) > 0;) {
    length += got;
    if (capacity - length > 1) continue;
    char *larger = arena_alloc(arena, capacity * 2);
    memcpy(larger, text, length);
    text = larger;
    capacity *= 2;
  }
  bool failed = ferror(in); /* a folder can be opened, but not read */
  fclose(in);
  if (failed) return NULL;
  text[length] = '\0';
  source_file *file = arena_new(arena, source_file);
  file->path = arena_text(arena, path, strlen(path));
  file->text = text;
  file->length = length;
  find_lines(arena, file);
  return file;
}

source_file *source_from_text(arena *arena, const char *path, const char *text, size_t length) {
  source_file *file = arena_new(arena, source_file);
  file->path = arena_text(arena, path, strlen(path));
  file->text = arena_text(arena, text, length);
  file->length = length;
  find_lines(arena, file);
  return file;
}

const char *source_line(const source_file *file, int line, size_t *length) {
  const char *end = file->text + file->length, *start = end;
  if (line <= file->line_count) start = file->text + file->lines[line > 1 ? line - 1 : 0];
  const char *stop = start;
  while (stop < end && *stop != '\n' && *stop != '\r') stop++;
  *length = (size_t)(stop - start);
  return start;
}

location location_join(location first, location last) {
  if (first.file != last.file) return first.file ? first : last; /* one of them was included */
  first.end_line = last.end_line;
  first.end_column = last.end_column;
  return first;
}
