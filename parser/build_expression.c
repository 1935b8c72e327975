/* build_expression.c: expressions, literals, and the limit on their depth; see build.h. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "parser/build.h"

static expression *make(parse_state *state, expression_kind kind, location place) {
  expression *made = arena_new(state->arena, expression);
  made->kind = kind;
  made->location = place;
  made->depth = 1;
  return made;
}

/* Says once that a tree is too deep, and reads no further: whoever walks the tree may trust MAXIMUM_TREE_DEPTH. */
static void put_below(parse_state *state, expression *above, const expression *below) {
  if (!below || below->depth < above->depth) return;
  above->depth = below->depth + 1;
  if (above->depth <= MAXIMUM_TREE_DEPTH || state->is_stopped) return;
  message *error = message_error(state->messages, above->location, "this expression is nested more than %d deep",
                                 MAXIMUM_TREE_DEPTH);
  message_hint(state->messages, error, "give parts of it to variables of their own");
  state->is_stopped = true;
}

static void put_all_below(parse_state *state, expression *above, expressions below) {
  for (int i = 0; i < below.count; i++) put_below(state, above, below.items[i]);
}

/* ---- literals: 1_000, 1.5e3, .5, 2i ---- */

static char *without_underscores(parse_state *state, const char *text) {
  char *copy = arena_text(state->arena, text, strlen(text)), *out = copy;
  for (; *text; text++) {
    if (*text != '_') *out++ = *text;
  }
  *out = '\0';
  return copy;
}

expression *build_int(parse_state *state, location place, const token *written) {
  expression *made = make(state, EXPRESSION_INT, place);
  errno = 0;
  made->int_value = strtol(without_underscores(state, written->text), NULL, 10);
  if (errno == ERANGE || made->int_value > INT_MAX) {
    message *error = message_error(state->messages, place, "this integer is too large: the largest is %d", INT_MAX);
    message_hint(state->messages, error, "a real number of this size ends with `.0`");
    made->int_value = 1;
  }
  return made;
}

/* strtod ignores the `i` of an imaginary literal. */
expression *build_real(parse_state *state, location place, expression_kind kind, const token *written) {
  expression *made = make(state, kind, place);
  made->real.text = written->text;
  made->real.value = strtod(without_underscores(state, written->text), NULL);
  if (isinf(made->real.value)) {
    message *error = message_error(state->messages, place, "this number is too large: the largest is about 1.8e308");
    message_hint(state->messages, error, "infinity is written `positive_infinity()`");
  }
  return made;
}

expression *build_string(parse_state *state, location place, const token *written) {
  expression *made = make(state, EXPRESSION_STRING, place);
  made->string = written->text;
  return made;
}

/* ---- operators, calls, elements ---- */

expression *build_variable(parse_state *state, location place, const token *name) {
  expression *made = make(state, EXPRESSION_VARIABLE, place);
  made->variable.name = name->text;
  return made;
}

expression *build_unary(parse_state *state, location place, operator_kind op, expression *operand) {
  expression *made = make(state, EXPRESSION_UNARY, place);
  made->operation.op = op;
  made->operation.left = operand;
  put_below(state, made, operand);
  return made;
}

expression *build_binary(parse_state *state, location place, operator_kind op, expression *left, expression *right) {
  expression *made = make(state, EXPRESSION_BINARY, place);
  made->operation.op = op;
  made->operation.left = left;
  made->operation.right = right;
  put_below(state, made, left);
  put_below(state, made, right);
  return made;
}

expression *build_ternary(parse_state *state, location place, expression *condition, expression *then_value,
                          expression *else_value) {
  expression *made = make(state, EXPRESSION_TERNARY, place);
  made->ternary.condition = condition;
  made->ternary.then_value = then_value;
  made->ternary.else_value = else_value;
  put_below(state, made, condition);
  put_below(state, made, then_value);
  put_below(state, made, else_value);
  return made;
}

expression *build_call(parse_state *state, location place, const token *name, location name_place,
                       expressions arguments, bool has_bar) {
  expression *made = make(state, EXPRESSION_CALL, place);
  made->call.name = name->text;
  made->call.name_location = name_place;
  made->call.arguments = arguments;
  made->call.has_bar = has_bar;
  if (strcmp(name->text, "get_lp") == 0 && arguments.count == 0) {
    note_old_form(state, OLD_GET_LP, place);
    made->call.name = token_text(TOKEN_TARGET);
  }
  put_all_below(state, made, arguments);
  return made;
}

expression *build_index(parse_state *state, location place, expression *base, indices indices) {
  expression *made = make(state, EXPRESSION_INDEX, place);
  made->index.base = base;
  made->index.indices = indices;
  put_below(state, made, base);
  for (int i = 0; i < indices.count; i++) {
    put_below(state, made, indices.items[i].first);
    put_below(state, made, indices.items[i].last);
  }
  return made;
}

/* t.1: the scanner reads the point and the digits as one literal. */
expression *build_member(parse_state *state, location place, expression *base, const token *number,
                         location number_place) {
  expression *made = make(state, EXPRESSION_MEMBER, place);
  made->member.base = base;
  errno = 0;
  long value = strtol(without_underscores(state, number->text + 1), NULL, 10);
  if (errno == ERANGE || value > INT_MAX || value < 1) {
    message_error(state->messages, number_place, "a tuple has no member %s", number->text + 1);
    value = 1;
  }
  made->member.number = (int)value;
  if (base->kind == EXPRESSION_INT || base->kind == EXPRESSION_REAL || base->kind == EXPRESSION_IMAGINARY) /* 1..3 */
    message_hint(state->messages, message_error(state->messages, number_place, "a number has no members"),
                 "a range is written `1:N`");
  put_below(state, made, base);
  return made;
}

expression *build_items(parse_state *state, expression_kind kind, location place, expressions items) {
  expression *made = make(state, kind, place);
  made->items = items;
  put_all_below(state, made, items);
  return made;
}

expression *build_parentheses(parse_state *state, location place, expression *inner) {
  expression *made = make(state, EXPRESSION_PARENTHESES, place);
  made->inner = inner;
  put_below(state, made, inner);
  return made;
}

expressions prepend(parse_state *state, expression *first, expressions more) {
  expressions all = {0};
  arena_push(state->arena, &all, first);
  for (int i = 0; i < more.count; i++) arena_push(state->arena, &all, more.items[i]);
  return all;
}
