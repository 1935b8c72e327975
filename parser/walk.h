/* walk.h: every statement and expression of a tree, in the order of the text; what stands around others comes before them. */
#ifndef STANLITE_PARSER_WALK_H
#define STANLITE_PARSER_WALK_H
#include "parser/ast.h"

typedef struct ast_visitor {
  void (*statement)(const statement *s, void *context);   /* or NULL */
  void (*expression)(const expression *e, void *context); /* or NULL */
  void *context;
} ast_visitor;

/* A list of statements with all that is in them: sizes and bounds of declarations, too. The call of `y ~ normal(mu, sigma)` is
 * no expression: y, mu and sigma are. */
void walk_statements(const statement *list, const ast_visitor *visitor);
void walk_expression(const expression *e, const ast_visitor *visitor); /* e may be NULL */
/* The functions of the program, then its blocks. */
void walk_program(const program *program, const ast_visitor *visitor);

#endif
