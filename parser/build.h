/* build.h: what the grammar's actions call. Each function makes a node and checks it; what is wrong goes to
 * state->messages, and a node comes back all the same. */
#ifndef STANLITE_PARSER_BUILD_H
#define STANLITE_PARSER_BUILD_H
#include "parser/state.h"

/* ---- what the grammar collects before there is a node ---- */

typedef struct statement_list {
  statement *first, *last;
} statement_list;

typedef struct constraints {
  location location; /* of all of them; file is NULL when there is none */
  expression *lower, *upper, *offset, *multiplier;
} constraints;

typedef struct declarator {
  const token *name;
  expressions sizes; /* old form: behind the name */
  expression *value;
} declarator;

typedef struct declarators {
  declarator *items;
  int count, capacity;
} declarators;

typedef struct parameters {
  variable **items;
  int count, capacity;
} parameters;

typedef struct sized_types {
  sized_type **items;
  int count, capacity;
} sized_types;

typedef struct unsized_types {
  const type **items;
  int count, capacity;
} unsized_types;

typedef struct truncation {
  bool is_there;
  expression *lower, *upper;
} truncation;

/* ---- expressions (build_expression.c) ---- */

expression *build_int(parse_state *state, location place, const token *written);
expression *build_real(parse_state *state, location place, expression_kind kind, const token *written);
expression *build_string(parse_state *state, location place, const token *written);
expression *build_variable(parse_state *state, location place, const token *name);
expression *build_unary(parse_state *state, location place, operator_kind op, expression *operand);
expression *build_binary(parse_state *state, location place, operator_kind op, expression *left, expression *right);
expression *build_ternary(parse_state *state, location place, expression *condition, expression *then_value,
                          expression *else_value);
expression *build_call(parse_state *state, location place, const token *name, location name_place,
                       expressions arguments, bool has_bar);
expression *build_index(parse_state *state, location place, expression *base, indices indices);
expression *build_member(parse_state *state, location place, expression *base, const token *number,
                         location number_place);
expression *build_items(parse_state *state, expression_kind kind, location place, expressions items);
expression *build_parentheses(parse_state *state, location place, expression *inner);
expressions prepend(parse_state *state, expression *first, expressions more);

/* ---- types (build_type.c) ---- */

const type *build_unsized_type(parse_state *state, const token *word);
/* has_comma: behind the last member. */
const type *build_unsized_tuple(parse_state *state, location place, unsized_types members, bool has_comma);
void note_old_unsized_array(parse_state *state, location place, const type *meant);
constraints build_constraint(parse_state *state, constraints before, const token *word, expression *value);
sized_type *build_sized_type(parse_state *state, location place, const token *word, constraints constraints,
                             location sizes_place, expressions sizes);
sized_type *build_array_type(parse_state *state, location place, expressions sizes, sized_type *element);
sized_type *build_tuple_type(parse_state *state, location place, sized_types members, bool has_comma);
/* Whether there is a constraint in it: lower=, or a constrained type such as simplex. */
bool is_constrained(const sized_type *written);

/* ---- statements, functions, blocks (build_statement.c, build_block.c) ---- */

statement_list list_of(statement *only);
statement_list list_append(statement_list list, statement_list more);

statement_list build_declarations(parse_state *state, location place, sized_type *written, declarators declarators);
statement *build_assignment(parse_state *state, location place, expression *target, expression *value);
statement *build_compound_assignment(parse_state *state, location place, expression *target, operator_kind op,
                                     expression *value);
statement *build_call_statement(parse_state *state, location place, expression *call);
statement *build_tilde(parse_state *state, location place, expression *left, const token *name, location name_place,
                       expressions arguments, location call_place, truncation truncation);
/* TARGET, JACOBIAN, RETURN; without a value BREAK, CONTINUE, EMPTY. */
statement *build_value_statement(parse_state *state, statement_kind kind, location place, expression *value);
statement *build_print(parse_state *state, statement_kind kind, location place, expressions items);
statement *build_if(parse_state *state, location place, expression *condition, statement_list then_body,
                    statement_list else_body);
statement *build_while(parse_state *state, location place, expression *condition, statement_list body);
/* last is NULL in a loop over a container. */
statement *build_for(parse_state *state, location place, const token *name, expression *first, expression *last,
                     statement_list body);
statement *build_profile(parse_state *state, location place, const token *name, statement_list body);
statement *build_block_statement(parse_state *state, location place, statement_list body);

/* A variable that the program names here; complains about names that may not be declared. */
variable *build_name(parse_state *state, const token *name);
variable *build_parameter(parse_state *state, const type *type, const token *name, bool is_data_only);
function *build_function(parse_state *state, const type *result, const token *name, parameters parameters,
                         statement *body);
/* `end`: of the closing brace. */
void build_functions_block(parse_state *state, const token *word, location end);
void build_block(parse_state *state, const token *word, statement_list body, location end);

#endif
