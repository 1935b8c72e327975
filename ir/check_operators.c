/* check_operators.c: the types of the operators.
 *
 * The table is that of the functions which Stan's manual gives for them: add, multiply, divide, mdivide_left and so on.
 * It is stated over scalars, vectors, row vectors and matrices of reals; with a complex operand the result is complex. */
#include <string.h>
#include "ir/check_internal.h"

typedef enum shape { SCALAR, COLUMN, ROW, MATRIX, NO_SHAPE } shape;

static shape shape_of(const type *t) {
  switch (t->kind) {
  case TYPE_INT:
  case TYPE_REAL:
  case TYPE_COMPLEX: return SCALAR;
  case TYPE_VECTOR:
  case TYPE_COMPLEX_VECTOR: return COLUMN;
  case TYPE_ROW_VECTOR:
  case TYPE_COMPLEX_ROW_VECTOR: return ROW;
  case TYPE_MATRIX:
  case TYPE_COMPLEX_MATRIX: return MATRIX;
  default: return NO_SHAPE;
  }
}

static shape elementwise(shape left, shape right) {
  if (left == NO_SHAPE || right == NO_SHAPE) return NO_SHAPE;
  if (left == SCALAR) return right;
  return right == SCALAR || left == right ? left : NO_SHAPE;
}

static shape product(shape left, shape right) {
  if (left == SCALAR || right == SCALAR) return elementwise(left, right);
  if (left == ROW && right == COLUMN) return SCALAR;
  if (left == COLUMN && right == ROW) return MATRIX;
  if (left == ROW && right == MATRIX) return ROW;
  if (left == MATRIX && right == COLUMN) return COLUMN;
  return left == MATRIX && right == MATRIX ? MATRIX : NO_SHAPE;
}

static shape quotient(shape left, shape right) {
  if (left == SCALAR || right == SCALAR) return elementwise(left, right);
  return (left == ROW || left == MATRIX) && right == MATRIX ? left : NO_SHAPE;
}

static const type *typed(shape shape, bool complex) {
  switch (shape) {
  case SCALAR: return complex ? &type_complex : &type_real;
  case COLUMN: return complex ? &type_complex_vector : &type_vector;
  case ROW: return complex ? &type_complex_row_vector : &type_row_vector;
  case MATRIX: return complex ? &type_complex_matrix : &type_matrix;
  default: return NULL;
  }
}

static operator_typing comparison(operator_kind op, const type *left, const type *right) {
  bool complex_allowed = op == OP_EQUAL || op == OP_NOT_EQUAL;
  if (!type_is_scalar(left) || !type_is_scalar(right)) return (operator_typing){0};
  const type *common = promotion_cost(left, right) >= 0 ? right : left;
  if (common->kind == TYPE_COMPLEX && !complex_allowed) return (operator_typing){0};
  return (operator_typing){&type_int, common, common};
}

/* Powers are the only operators on arrays. */
static operator_typing power(arena *arena, const type *left, const type *right) {
  type_kind scalar = type_is_complex(left) || type_is_complex(right) ? TYPE_COMPLEX : TYPE_REAL;
  const type *l = type_with_scalar(arena, left, scalar), *r = type_with_scalar(arena, right, scalar);
  if (!l || !r || (!type_is_scalar(l) && !type_is_scalar(r) && !type_equal(l, r))) return (operator_typing){0};
  return (operator_typing){type_is_scalar(l) ? r : l, l, r};
}

operator_typing operator_type(arena *arena, operator_kind op, const type *left, const type *right) {
  bool ints = left->kind == TYPE_INT && right->kind == TYPE_INT;
  shape l = shape_of(left), r = shape_of(right), result = NO_SHAPE;
  switch (op) {
  case OP_OR:
  case OP_AND:
  case OP_MODULO:
  case OP_INTEGER_DIVIDE: return ints ? (operator_typing){&type_int, &type_int, &type_int} : (operator_typing){0};
  case OP_EQUAL:
  case OP_NOT_EQUAL:
  case OP_LESS:
  case OP_LESS_EQUAL:
  case OP_GREATER:
  case OP_GREATER_EQUAL: return comparison(op, left, right);
  case OP_POWER:
  case OP_ELEMENT_POWER: return power(arena, left, right);
  case OP_ADD:
  case OP_SUBTRACT:
  case OP_ELEMENT_MULTIPLY:
  case OP_ELEMENT_DIVIDE: result = elementwise(l, r); break;
  case OP_MULTIPLY: result = product(l, r); break;
  case OP_DIVIDE: result = quotient(l, r); break;
  case OP_LEFT_DIVIDE: result = l == MATRIX && (r == COLUMN || r == MATRIX) ? r : NO_SHAPE; break;
  default: break;
  }
  if (result == NO_SHAPE) return (operator_typing){0};
  if (ints) return (operator_typing){&type_int, &type_int, &type_int};
  bool complex = type_is_complex(left) || type_is_complex(right);
  return (operator_typing){typed(result, complex), typed(l, complex), typed(r, complex)};
}

const type *unary_operator_type(operator_kind op, const type *operand) {
  shape inner = shape_of(op == OP_TRANSPOSE || op == OP_NOT ? operand : type_innermost(operand));
  switch (op) {
  case OP_NOT: return operand->kind == TYPE_INT ? &type_int : NULL;
  case OP_NEGATE:
  case OP_PLUS: return inner == NO_SHAPE ? NULL : operand;
  case OP_TRANSPOSE:
    if (inner == SCALAR || inner == NO_SHAPE) return NULL;
    return typed(inner == COLUMN ? ROW : inner == ROW ? COLUMN : MATRIX, type_is_complex(operand));
  default: return NULL;
  }
}

static const struct {
  const char *name;
  operator_kind op;
  int operands;
} named_operators[] = {
    {"add", OP_ADD, 2},
    {"subtract", OP_SUBTRACT, 2},
    {"multiply", OP_MULTIPLY, 2},
    {"divide", OP_DIVIDE, 2},
    {"modulus", OP_MODULO, 2},
    {"elt_multiply", OP_ELEMENT_MULTIPLY, 2},
    {"elt_divide", OP_ELEMENT_DIVIDE, 2},
    {"minus", OP_NEGATE, 1},
    {"plus", OP_PLUS, 1},
    {"transpose", OP_TRANSPOSE, 1},
    {"logical_or", OP_OR, 2},
    {"logical_and", OP_AND, 2},
    {"logical_negation", OP_NOT, 1},
    {"logical_eq", OP_EQUAL, 2},
    {"logical_neq", OP_NOT_EQUAL, 2},
    {"logical_lt", OP_LESS, 2},
    {"logical_lte", OP_LESS_EQUAL, 2},
    {"logical_gt", OP_GREATER, 2},
    {"logical_gte", OP_GREATER_EQUAL, 2},
};

bool is_named_operator(const char *name, int operands, operator_kind *op) {
  for (size_t i = 0; i < sizeof named_operators / sizeof *named_operators; i++) {
    if (named_operators[i].operands != operands || strcmp(named_operators[i].name, name) != 0) continue;
    *op = named_operators[i].op;
    return true;
  }
  return false;
}
