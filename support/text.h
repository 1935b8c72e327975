/* text.h: UTF-8 as far as messages need it: columns on a terminal, and lines that are safe to print. */
#ifndef STANLITE_SUPPORT_TEXT_H
#define STANLITE_SUPPORT_TEXT_H
#include <stddef.h>

/* The character at `text`, of which `length` bytes are there, and the number of its bytes; a byte that begins no valid
 * character is taken alone and gives U+FFFD. */
unsigned utf8_next(const char *text, size_t length, int *bytes);

enum { SHOWN_COLUMNS = 100 };

/* A source line as it stands in a message: tabs expanded, unprintable bytes replaced, cut to SHOWN_COLUMNS around the
 * bytes [first, last) that are to be underlined. */
typedef struct shown_line {
  char text[4 * SHOWN_COLUMNS + 16];
  int caret, width; /* columns: where the underline begins, and how far it goes (at least 1) */
} shown_line;

void show_line(const char *text, size_t length, size_t first, size_t last, shown_line *shown);

#endif
