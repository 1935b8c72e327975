/* derivative.c: reads the derivative rules of intrinsics.def and emits them.
 *
 *   rule    = compare [ '?' rule ':' rule ]
 *   compare = sum [ ('==' | '!=' | '<' | '<=' | '>' | '>=') sum ]
 *   sum     = product { ('+' | '-') product }
 *   product = unary { ('*' | '/') unary }
 *   unary   = '-' unary | number | a | b | c | d | r | name '(' rule { ',' rule } ')' | '(' rule ')'
 *
 * The incoming adjoint is carried to the leaves of a rule's top (quotient, negation, choice), so that `1 / b` becomes
 * adjoint / b, and the arm that was not chosen receives exactly 0. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ir/passes.h"

typedef enum { NODE_VALUE, NODE_NEGATE, NODE_BINARY, NODE_CHOICE, NODE_CALL } node_kind;

typedef struct node {
  node_kind kind;
  ir_operand value; /* NODE_VALUE */
  ir_op op;         /* NODE_CALL */
  char sign;        /* NODE_BINARY: + - * / and = ! < [ (for <=) */
  struct node *x[IR_MAX_ARGUMENTS];
} node;

typedef struct reader {
  const char *at;
  ir_builder *b;
  const ir_operand *arguments;
  ir_operand result;
} reader;

static node *read_rule(reader *r);

static node *new_node(reader *r, node_kind kind, char sign, node *x, node *y, node *z) {
  node *made = arena_new(r->b->program->arena, node);
  *made = (node){.kind = kind, .sign = sign, .x = {x, y, z}};
  return made;
}

static void skip_blanks(reader *r) {
  while (*r->at == ' ') r->at++;
}

static bool accept(reader *r, const char *text) {
  skip_blanks(r);
  size_t length = strlen(text);
  if (strncmp(r->at, text, length) != 0) return false;
  r->at += length;
  return true;
}

static void expect(reader *r, const char *text) {
  if (!accept(r, text)) {
    fprintf(stderr, "stanlite: intrinsics.def: expected `%s` at `%s`\n", text, r->at);
    abort();
  }
}

static ir_op find_op(const char *name, size_t length) {
  for (int op = 0; op < IR_OP_COUNT; op++)
    if (strlen(ir_ops[op].name) == length && strncmp(ir_ops[op].name, name, length) == 0) return (ir_op)op;
  fprintf(stderr, "stanlite: intrinsics.def: a rule uses `%.*s`, which is not in the table\n", (int)length, name);
  abort();
}

static node *read_name(reader *r) {
  const char *start = r->at;
  while (isalnum((unsigned char)*r->at) || *r->at == '_') r->at++;
  size_t length = (size_t)(r->at - start);
  if (length == 1 && strchr("abcdr", *start)) {
    node *leaf = new_node(r, NODE_VALUE, 0, NULL, NULL, NULL);
    leaf->value = *start == 'r' ? r->result : r->arguments[*start - 'a'];
    return leaf;
  }
  node *call = new_node(r, NODE_CALL, 0, NULL, NULL, NULL);
  call->op = find_op(start, length);
  expect(r, "(");
  int count = 0;
  do call->x[count++] = read_rule(r);
  while (count < IR_MAX_ARGUMENTS && accept(r, ","));
  expect(r, ")");
  return call;
}

static node *read_unary(reader *r) {
  if (accept(r, "-")) return new_node(r, NODE_NEGATE, 0, read_unary(r), NULL, NULL);
  if (accept(r, "(")) {
    node *inner = read_rule(r);
    expect(r, ")");
    return inner;
  }
  skip_blanks(r);
  if (isdigit((unsigned char)*r->at)) {
    char *end;
    node *leaf = new_node(r, NODE_VALUE, 0, NULL, NULL, NULL);
    leaf->value = ir_real(strtod(r->at, &end));
    r->at = end;
    return leaf;
  }
  return read_name(r);
}

static node *read_product(reader *r) {
  node *left = read_unary(r);
  for (;;) {
    if (accept(r, "*"))
      left = new_node(r, NODE_BINARY, '*', left, read_unary(r), NULL);
    else if (accept(r, "/"))
      left = new_node(r, NODE_BINARY, '/', left, read_unary(r), NULL);
    else
      return left;
  }
}

static node *read_sum(reader *r) {
  node *left = read_product(r);
  for (;;) {
    if (accept(r, "+"))
      left = new_node(r, NODE_BINARY, '+', left, read_product(r), NULL);
    else if (accept(r, "-"))
      left = new_node(r, NODE_BINARY, '-', left, read_product(r), NULL);
    else
      return left;
  }
}

static node *read_compare(reader *r) {
  node *left = read_sum(r);
  if (accept(r, "==")) return new_node(r, NODE_BINARY, '=', left, read_sum(r), NULL);
  if (accept(r, "!=")) return new_node(r, NODE_BINARY, '!', left, read_sum(r), NULL);
  if (accept(r, "<=")) return new_node(r, NODE_BINARY, '[', left, read_sum(r), NULL);
  if (accept(r, ">=")) return new_node(r, NODE_BINARY, '[', read_sum(r), left, NULL);
  if (accept(r, "<")) return new_node(r, NODE_BINARY, '<', left, read_sum(r), NULL);
  if (accept(r, ">")) return new_node(r, NODE_BINARY, '<', read_sum(r), left, NULL);
  return left;
}

static node *read_rule(reader *r) {
  node *condition = read_compare(r);
  if (!accept(r, "?")) return condition;
  node *chosen = read_rule(r);
  expect(r, ":");
  return new_node(r, NODE_CHOICE, 0, condition, chosen, read_rule(r));
}

/* ---- emitting ---- */

static ir_operand emit(ir_builder *b, const node *n);

static ir_operand emit_compare(ir_builder *b, char sign, ir_operand x, ir_operand y) {
  bool ints = ir_operand_type(x) == IR_INT;
  if (ints && y.kind == IR_CONSTANT_REAL) y = ir_int((long)y.real_value);
  switch (sign) {
  case '=': return ir_let2(b, ints ? IR_OP_INT_EQUAL : IR_OP_EQUAL, x, y);
  case '!': return ir_let2(b, ints ? IR_OP_INT_NOT_EQUAL : IR_OP_NOT_EQUAL, x, y);
  case '[': return ir_let2(b, ints ? IR_OP_INT_LESS_EQUAL : IR_OP_LESS_EQUAL, x, y);
  default: return ir_let2(b, ints ? IR_OP_INT_LESS : IR_OP_LESS, x, y);
  }
}

static ir_operand emit_binary(ir_builder *b, const node *n) {
  ir_operand x = emit(b, n->x[0]), y = emit(b, n->x[1]);
  switch (n->sign) {
  case '+': return ir_let2(b, IR_OP_ADD, x, y);
  case '-': return ir_let2(b, IR_OP_SUBTRACT, x, y);
  case '*': return ir_let2(b, IR_OP_MULTIPLY, x, y);
  case '/': return ir_let2(b, IR_OP_DIVIDE, x, y);
  default: return emit_compare(b, n->sign, x, y);
  }
}

static ir_operand emit(ir_builder *b, const node *n) {
  switch (n->kind) {
  case NODE_VALUE: return n->value;
  case NODE_NEGATE: return ir_let1(b, IR_OP_NEGATE, emit(b, n->x[0]));
  case NODE_BINARY: return emit_binary(b, n);
  case NODE_CHOICE: return ir_let3(b, IR_OP_SELECT, emit(b, n->x[0]), emit(b, n->x[1]), emit(b, n->x[2]));
  case NODE_CALL: break;
  }
  ir_operand arguments[IR_MAX_ARGUMENTS] = {0};
  for (int i = 0; i < IR_MAX_ARGUMENTS && n->x[i]; i++) arguments[i] = emit(b, n->x[i]);
  return ir_let(b, NULL, n->op, arguments[0], arguments[1], arguments[2], arguments[3]);
}

static ir_operand emit_times(ir_builder *b, const node *n, ir_operand adjoint) {
  switch (n->kind) {
  case NODE_NEGATE: return ir_let1(b, IR_OP_NEGATE, emit_times(b, n->x[0], adjoint));
  case NODE_CHOICE: {
    ir_operand condition = emit(b, n->x[0]);
    ir_operand chosen = emit_times(b, n->x[1], adjoint), other = emit_times(b, n->x[2], adjoint);
    return ir_let3(b, IR_OP_SELECT, condition, chosen, other);
  }
  case NODE_BINARY:
    if (n->sign == '/') {
      ir_operand numerator = emit_times(b, n->x[0], adjoint);
      return ir_let2(b, IR_OP_DIVIDE, numerator, emit(b, n->x[1]));
    }
    break;
  case NODE_VALUE:
    if (n->value.kind == IR_CONSTANT_REAL && n->value.real_value == 0) return ir_real(0);
    break;
  case NODE_CALL: break;
  }
  return ir_let2(b, IR_OP_MULTIPLY, adjoint, emit(b, n));
}

ir_operand ir_derivative(ir_builder *b, ir_op op, const ir_operand *arguments, ir_operand result, int which,
                         ir_operand adjoint) {
  const char *rule = ir_ops[op].derivatives[which];
  if (!rule) return ir_none();
  reader r = {.at = rule, .b = b, .arguments = arguments, .result = result};
  node *tree = read_rule(&r);
  skip_blanks(&r);
  if (*r.at) expect(&r, "end of rule");
  return emit_times(b, tree, adjoint);
}
