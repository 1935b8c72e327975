/* format_line.c: one statement's text, broken into lines of at most 80 columns.
 *
 * The text has blanks where it may be broken and nowhere else: behind commas and around operators (parser/print.c). A line ends
 * at the outermost of the places that fit, the last one of these, and goes on behind the bracket that is open there, or four
 * columns in. */
#include <string.h>
#include "parser/format_internal.h"

enum { WIDTH = 80, DEEPEST = 200 };

/* Operators that begin a line rather than end one. */
static bool begins_line(const char *text) {
  static const char *const operators[] = {"+", "-",  "*", "/",  ".*", "./", "%",  "%/%", "\\", "^", ".^",
                                          "<", "<=", ">", ">=", "==", "!=", "&&", "||",  "?",  ":"};
  size_t length = strcspn(text, " ");
  for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
    if (strlen(operators[i]) == length && strncmp(text, operators[i], length) == 0) return text[length] == ' ';
  return false;
}

/* How willingly the text is broken at a blank: the fewer the better. NEVER: it is not. */
enum { NEVER = 1000, RELUCTANTLY = 500 };

static int reluctance(const char *text, const char *at, int depth) {
  if (at == text) return NEVER;
  char before = at[-1];
  if (before == ',' || begins_line(at + 1)) return depth;
  return before == '=' || before == '~' || before == '|' ? RELUCTANTLY + depth : NEVER;
}

typedef struct line_break {
  const char *at;   /* the blank */
  int cost, column; /* where the next line begins */
} line_break;

/* Where the line that begins at `text` in column `start` ends; at is NULL when it need not, or cannot. */
static line_break find_break(const char *text, int start, int indent, const int *open_columns, int open_count) {
  line_break best = {NULL, NEVER, 0};
  int columns[DEEPEST], depth = open_count < DEEPEST ? open_count : DEEPEST;
  memcpy(columns, open_columns, (size_t)depth * sizeof *columns);
  bool in_string = false;
  for (const char *at = text; *at; at++) {
    int column = start + (int)(at - text);
    if (*at == '"') in_string = !in_string;
    if (in_string) continue;
    if (strchr("([{", *at) && depth < DEEPEST) columns[depth++] = column + 1;
    if (strchr(")]}", *at) && depth > 0) depth--;
    if (*at != ' ') continue;
    int cost = reluctance(text, at, depth);
    if (cost == NEVER) continue;
    bool fits = column <= WIDTH;
    if (!fits && best.at) break;
    if (cost > best.cost && fits) continue;
    best = (line_break){at, cost, depth > 0 && columns[depth - 1] < WIDTH / 2 ? columns[depth - 1] : indent + 4};
    if (!fits) break;
  }
  return best;
}

/* The brackets that are open behind a line, for the next one. */
static int follow_brackets(const char *text, const char *end, int start, int *columns, int count) {
  bool in_string = false;
  for (const char *at = text; at < end; at++) {
    if (*at == '"') in_string = !in_string;
    if (in_string) continue;
    if (strchr("([{", *at) && count < DEEPEST) columns[count++] = start + (int)(at - text) + 1;
    if (strchr(")]}", *at) && count > 0) count--;
  }
  return count;
}

void format_lines(formatter *f, const char *text) {
  int columns[DEEPEST], open = 0, start = f->indent;
  while (start + (int)strlen(text) > WIDTH) {
    line_break next = find_break(text, start, f->indent, columns, open);
    if (!next.at) break;
    format_put(f, start, text, (size_t)(next.at - text));
    open = follow_brackets(text, next.at, start, columns, open);
    text = next.at + 1;
    start = next.column;
  }
  format_put(f, start, text, strlen(text));
}
