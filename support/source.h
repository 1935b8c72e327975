/* source.h: the texts that a compilation reads, and places in them. */
#ifndef STANLITE_SUPPORT_SOURCE_H
#define STANLITE_SUPPORT_SOURCE_H
#include <stdbool.h>
#include "support/arena.h"

typedef struct source_file {
  const char *path; /* as the user gave it, or as #include found it */
  const char *text; /* zero-terminated */
  size_t length;
  const size_t *lines; /* where each line starts */
  int line_count;
  const struct source_file *included_from; /* NULL for the program itself */
  int included_at_line;
} source_file;

/* A span of a file: first character to last character, both included; lines and columns start at 1, columns count bytes.
 * file is NULL for what the compiler makes itself. */
typedef struct location {
  const source_file *file;
  int line, column, end_line, end_column;
} location;

/* Reads the file. NULL (and no message) when it cannot be read. */
source_file *source_read(arena *arena, const char *path);
/* A file whose text is already at hand; both are copied. */
source_file *source_from_text(arena *arena, const char *path, const char *text, size_t length);
/* The text of a line, without its end; not zero-terminated. Empty behind the last line. */
const char *source_line(const source_file *file, int line, size_t *length);

/* From the start of `first` to the end of `last`. */
location location_join(location first, location last);

#endif
