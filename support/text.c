/* text.c: see text.h. */
#include "support/text.h"
#include <stdbool.h>
#include <string.h>

enum { TAB_COLUMNS = 4, CONTEXT_COLUMNS = 30 }; /* what is shown before the caret when a line is cut */

unsigned utf8_next(const char *text, size_t length, int *bytes) {
  unsigned char lead = (unsigned char)text[0];
  *bytes = 1;
  if (lead < 0x80) return lead;
  int more = lead >= 0xF0 && lead < 0xF5 ? 3 : lead >= 0xE0 && lead < 0xF0 ? 2 : lead >= 0xC2 && lead < 0xE0 ? 1 : 0;
  if (more == 0 || (size_t)more >= length) return 0xFFFD;
  unsigned value = lead & (0x3Fu >> more);
  for (int i = 1; i <= more; i++) {
    unsigned char next = (unsigned char)text[i];
    if ((next & 0xC0) != 0x80) return 0xFFFD;
    value = value << 6 | (next & 0x3F);
  }
  *bytes = more + 1;
  return value;
}

/* Columns on a terminal: two for the wide scripts of East Asia and pictures, none for combining marks (a short form of
 * Unicode's East Asian Width). */
static int character_columns(unsigned c) {
  if ((c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200F) || c == 0xFEFF) return 0;
  if ((c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
      (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
      (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD))
    return 2;
  return 1;
}

static bool is_unprintable(unsigned c) { return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xFFFD; }

static int columns_at(unsigned c, int column) {
  return c == '\t' ? TAB_COLUMNS - column % TAB_COLUMNS : is_unprintable(c) ? 1 : character_columns(c);
}

void show_line(const char *text, size_t length, size_t first, size_t last, shown_line *shown) {
  if (first > length) first = length;
  if (last > length) last = length;
  int total = 0, from = 0, to = 0, bytes;
  for (size_t i = 0; i < length; i += (size_t)bytes) {
    if (i <= first) from = total;
    total += columns_at(utf8_next(text + i, length - i, &bytes), total);
    if (i < last) to = total;
  }
  if (first == length) from = total;
  if (to <= from) to = from + 1;
  int skipped = 0; /* columns cut off in front */
  if (total > SHOWN_COLUMNS && from > SHOWN_COLUMNS - CONTEXT_COLUMNS) skipped = from - CONTEXT_COLUMNS;
  int column = 0, printed = 0;
  char *out = shown->text;
  for (size_t i = 0; i < length; i += (size_t)bytes) {
    unsigned c = utf8_next(text + i, length - i, &bytes);
    int width = columns_at(c, column);
    column += width;
    if (column - width < skipped) { /* "..." stands for what is cut off, in the first columns that are shown */
      for (; printed < column - skipped; printed++) *out++ = ' ';
      continue;
    }
    /* Combining marks have no width: the room for them is bounded too. */
    if (printed + width > SHOWN_COLUMNS || out - shown->text > (long)sizeof shown->text - 12) break;
    printed += width;
    if (c == '\t') {
      while (width-- > 0) *out++ = ' ';
    } else if (is_unprintable(c)) {
      *out++ = '?';
    } else {
      memcpy(out, text + i, (size_t)bytes);
      out += bytes;
    }
  }
  *out = '\0';
  shown->caret = from - skipped;
  if (skipped > 0) {
    memmove(shown->text + 3, shown->text, strlen(shown->text) + 1);
    memcpy(shown->text, "...", 3);
    shown->caret += 3;
  }
  if (printed + skipped < total) strcat(shown->text, "...");
  shown->width = to - from;
  if (shown->width > printed - (from - skipped)) shown->width = printed - (from - skipped);
  if (shown->width < 1) shown->width = 1;
}
