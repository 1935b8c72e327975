/* format.h: a program in its canonical layout. */
#ifndef STANLITE_PARSER_FORMAT_H
#define STANLITE_PARSER_FORMAT_H
#include "parser/ast.h"

/* The text of the whole program, in today's syntax, with its comments and its #includes. One statement a line, two blanks for
 * each level, at most 80 columns where a line can be broken; single empty lines stay. A text in this layout comes out as it is.
 * The text lives in the arena. NULL: an included file ends within a statement or a block, which is reported. */
const char *format_program(arena *arena, const program *program, messages *messages);

#endif
