/* format_internal.h: what the parts of the formatter share: format.c walks the tree, format_line.c breaks long lines. */
#ifndef STANLITE_PARSER_FORMAT_INTERNAL_H
#define STANLITE_PARSER_FORMAT_INTERNAL_H
#include "lexer/token.h"
#include "parser/format.h"

typedef struct formatter {
  arena *arena;
  const program *program;
  struct {
    const char **items;
    int count, capacity;
  } lines;
  int indent;           /* columns */
  int comment;          /* the next one to be printed, among program->comments */
  int source_line;      /* the last line of the program that is printed */
  bool begins_block;    /* no empty line here */
  bool ends_in_comment; /* the last line ends in a `//` comment: nothing can follow it */
} formatter;

/* Adds a line. */
void format_put(formatter *f, int column, const char *text, size_t length);
/* Adds a statement's text at the present indent, in several lines where it is long. */
void format_lines(formatter *f, const char *text);

#endif
