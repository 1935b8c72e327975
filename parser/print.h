/* print.h: pieces of the tree as source text, in one line: for messages and for comments in generated code. */
#ifndef STANLITE_PARSER_PRINT_H
#define STANLITE_PARSER_PRINT_H
#include "parser/ast.h"

void print_expression(FILE *out, const expression *printed);
/* The same as a text, cut with "..." to `limit` bytes. */
const char *expression_text(arena *arena, const expression *printed, int limit);
/* A declaration without its semicolon: "array[N] real<lower=0> x". name may be NULL. */
void print_declaration(FILE *out, const sized_type *written, const char *name);

#endif
