/* lower_operator.c: unary and binary operators, on scalars and on containers. */
#include <string.h>
#include "ir/lower_internal.h"

/* ---- scalars ---- */

static ir_operand compare(lowering *l, operator_kind op, ir_operand a, ir_operand b) {
  bool ints = ir_operand_type(a) == IR_INT && ir_operand_type(b) == IR_INT;
  if (!ints) a = as_real(l, a), b = as_real(l, b);
  switch (op) {
  case OP_EQUAL: return ir_let2(l->b, ints ? IR_OP_INT_EQUAL : IR_OP_EQUAL, a, b);
  case OP_NOT_EQUAL: return ir_let2(l->b, ints ? IR_OP_INT_NOT_EQUAL : IR_OP_NOT_EQUAL, a, b);
  case OP_LESS: return ir_let2(l->b, ints ? IR_OP_INT_LESS : IR_OP_LESS, a, b);
  case OP_LESS_EQUAL: return ir_let2(l->b, ints ? IR_OP_INT_LESS_EQUAL : IR_OP_LESS_EQUAL, a, b);
  case OP_GREATER: return ir_let2(l->b, ints ? IR_OP_INT_LESS : IR_OP_LESS, b, a);
  default: return ir_let2(l->b, ints ? IR_OP_INT_LESS_EQUAL : IR_OP_LESS_EQUAL, b, a);
  }
}

static ir_operand int_division(lowering *l, operator_kind op, ir_operand a, ir_operand b) {
  check(l, ir_let2(l->b, IR_OP_INT_NOT_EQUAL, b, ir_int(0)),
        op == OP_MODULO ? "%ld is divided by zero for the remainder" : "%ld is divided by zero", a, ir_none(),
        ir_none());
  return ir_let2(l->b, op == OP_MODULO ? IR_OP_INT_MODULO : IR_OP_INT_DIVIDE, a, b);
}

static ir_operand power(lowering *l, ir_operand a, ir_operand b) {
  a = as_real(l, a), b = as_real(l, b);
  if (b.kind == IR_CONSTANT_REAL) {
    if (b.real_value == 2) return ir_let1(l->b, IR_OP_SQUARE, a);
    if (b.real_value == 0.5) return ir_let1(l->b, IR_OP_SQRT, a);
    if (b.real_value == -1) return ir_let1(l->b, IR_OP_INV, a);
    if (b.real_value == -2) return ir_let1(l->b, IR_OP_INV_SQUARE, a);
    if (b.real_value == -0.5) return ir_let1(l->b, IR_OP_INV_SQRT, a);
  }
  return ir_let2(l->b, IR_OP_POW, a, b);
}

static ir_operand scalar_operation(lowering *l, operator_kind op, bool is_int, ir_operand a, ir_operand b) {
  if (op >= OP_EQUAL && op <= OP_GREATER_EQUAL) return compare(l, op, a, b);
  if (op == OP_POWER || op == OP_ELEMENT_POWER) return is_int ? ir_let2(l->b, IR_OP_INT_POWER, a, b) : power(l, a, b);
  if (!is_int) a = as_real(l, a), b = as_real(l, b);
  switch (op) {
  case OP_ADD: return is_int ? int_add(l, a, b) : ir_let2(l->b, IR_OP_ADD, a, b);
  case OP_SUBTRACT: return is_int ? int_subtract(l, a, b) : ir_let2(l->b, IR_OP_SUBTRACT, a, b);
  case OP_MULTIPLY:
  case OP_ELEMENT_MULTIPLY: return is_int ? int_multiply(l, a, b) : ir_let2(l->b, IR_OP_MULTIPLY, a, b);
  case OP_DIVIDE:
  case OP_LEFT_DIVIDE:
  case OP_INTEGER_DIVIDE:
  case OP_MODULO:
  case OP_ELEMENT_DIVIDE:
    if (is_int) return int_division(l, op, a, b);
    return op == OP_LEFT_DIVIDE ? ir_let2(l->b, IR_OP_DIVIDE, b, a) : ir_let2(l->b, IR_OP_DIVIDE, a, b);
  default: return ir_none();
  }
}

static ir_operand truth(lowering *l, const expression *e) {
  ir_operand x = lower_scalar(l, e);
  return ir_operand_type(x) == IR_INT ? x : ir_let2(l->b, IR_OP_NOT_EQUAL, x, ir_real(0));
}

/* a && b, a || b: b is looked at only where it decides, unless looking cannot do harm. */
static value *prepare_logical(lowering *l, const expression *e) {
  bool is_and = e->operation.op == OP_AND;
  ir_operand a = truth(l, e->operation.left);
  if (a.kind == IR_CONSTANT_INT && !a.int_value == is_and) return value_int(l, ir_int(!is_and));
  if (is_total(l, e->operation.right) || a.kind == IR_CONSTANT_INT)
    return value_int(l, ir_let2(l->b, is_and ? IR_OP_AND : IR_OP_OR, a, truth(l, e->operation.right)));
  ir_variable *result = ir_declare(l->b, NULL, IR_INT, ir_int(!is_and));
  ir_builder branches[2], *outer = l->b;
  ir_if(l->b, a, &branches[0], &branches[1]);
  l->b = &branches[!is_and];
  ir_operand b = truth(l, e->operation.right);
  ir_set(l->b, result, ir_let2(l->b, IR_OP_INT_NOT_EQUAL, b, ir_int(0)));
  l->b = outer;
  return value_int(l, ir_use(result));
}

/* ---- containers ---- */

static ir_operand operate_element(lowering *l, const value *v, const place *at) {
  ir_operand x = value_element(l, v->children[0], at), y = value_element(l, v->children[1], at);
  return scalar_operation(l, (operator_kind)v->op, ir_type_of(v->type) == IR_INT, x, y);
}

static value *elementwise(lowering *l, operator_kind op, const type *t, value *left, value *right) {
  value *shape = left->dim_count > 0 ? left : right;
  if (left->dim_count > 0 && right->dim_count > 0)
    check_same_shape(l, left, right, arena_printf(l->arena, "operands of `%s`", operator_text(op)));
  value *v = value_map(l, t, (ir_op)op, shape, 2, (value *[]){left, right});
  v->element = operate_element;
  return v;
}

static ir_operand outer_element(lowering *l, const value *v, const place *at) {
  ir_operand x = value_at(l, v->children[0], at->at[0]), y = value_at(l, v->children[1], at->at[1]);
  return ir_let2(l->b, IR_OP_MULTIPLY, x, y);
}

static value *multiply(lowering *l, const type *t, value *left, value *right) {
  if (left->dim_count == 0 || right->dim_count == 0) return elementwise(l, OP_MULTIPLY, t, left, right);
  type_kind a = left->type->kind, b = right->type->kind;
  if (a == TYPE_ROW_VECTOR && b == TYPE_VECTOR) return dot_product(l, left, right);
  if (a == TYPE_VECTOR && b == TYPE_ROW_VECTOR) {
    ir_operand dims[] = {left->dims[0], right->dims[0]};
    return value_node(l, t, dims, outer_element, 2, value_settled(l, left), value_settled(l, right));
  }
  return matrix_product(l, t, left, right);
}

value *apply_binary(lowering *l, operator_kind op, const type *t, value *left, value *right) {
  if (left->parts || right->parts) return complex_operation(l, op, t, left, right);
  if (left->dim_count == 0 && right->dim_count == 0)
    return value_scalar(l, t, scalar_operation(l, op, t->kind == TYPE_INT, left->scalar, right->scalar));
  switch (op) {
  case OP_MULTIPLY: return multiply(l, t, left, right);
  case OP_DIVIDE:
    if (right->type->kind == TYPE_MATRIX && left->dim_count > 0) {
      check_same_size(l, left->dims[left->dim_count - 1], right->dims[0],
                      "operands of `/`: sizes must be equal, but are %ld and %ld");
      check_same_size(l, right->dims[0], right->dims[1],
                      "the matrix under `/` must be square, but has %ld rows and %ld columns");
      ir_operand k = left->dim_count == 1 ? ir_int(1) : left->dims[0];
      return call_kernel(l, IR_KERNEL_MDIVIDE_RIGHT, t, left->dims, (ir_operand[]){k, right->dims[0]}, left, right);
    }
    break;
  case OP_LEFT_DIVIDE:
    if (left->type->kind == TYPE_MATRIX && right->dim_count > 0) {
      check_same_size(l, left->dims[0], right->dims[0], "operands of `\\`: sizes must be equal, but are %ld and %ld");
      check_same_size(l, left->dims[0], left->dims[1],
                      "the matrix under `\\` must be square, but has %ld rows and %ld columns");
      ir_operand k = right->dim_count == 1 ? ir_int(1) : right->dims[1];
      return call_kernel(l, IR_KERNEL_MDIVIDE_LEFT, t, right->dims, (ir_operand[]){left->dims[0], k}, left, right);
    }
    break;
  default: break;
  }
  return elementwise(l, op, t, left, right);
}

value *prepare_binary(lowering *l, const expression *e) {
  if (e->operation.op == OP_AND || e->operation.op == OP_OR) return prepare_logical(l, e);
  value *left = prepare(l, e->operation.left), *right = prepare(l, e->operation.right);
  return apply_binary(l, e->operation.op, e->type, left, right);
}

static ir_operand transposed_element(lowering *l, const value *v, const place *at) {
  return value_at2(l, v->children[0], at->at[1], at->at[0]);
}

value *value_transposed(lowering *l, value *v, const type *t) {
  if (v->dim_count < 2) return value_retyped(l, v, t);
  ir_operand dims[] = {v->dims[1], v->dims[0]};
  if (!v->buffer)
    return value_node(l, t, dims, transposed_element, 1, v->is_impure ? value_materialise(l, v, NULL) : v);
  value *view = value_view(l, t, v->buffer, v->offset, dims);
  view->name = v->name;
  view->is_dense = false;
  view->strides[0] = v->is_dense ? v->dims[0] : v->strides[1];
  view->strides[1] = v->is_dense ? ir_int(1) : v->strides[0];
  return view;
}

static value *transposed_part(lowering *l, value *part) {
  bool is_column = part->type->kind == TYPE_VECTOR;
  return value_transposed(l, part, part->dim_count == 2 ? &type_matrix : is_column ? &type_row_vector : &type_vector);
}

static value *negated(lowering *l, value *v) {
  if (v->parts) return each_part(l, v, negated);
  ir_op op = ir_type_of(v->type) == IR_INT ? IR_OP_INT_NEGATE : IR_OP_NEGATE;
  if (v->dim_count == 0) return value_scalar(l, v->type, ir_let1(l->b, op, v->scalar));
  return value_map(l, v->type, op, v, 1, &v);
}

value *prepare_unary(lowering *l, const expression *e) {
  value *v = prepare(l, e->operation.left);
  switch (e->operation.op) {
  case OP_NOT: {
    ir_operand x = v->scalar;
    if (ir_operand_type(x) == IR_REAL) return value_int(l, ir_let2(l->b, IR_OP_EQUAL, x, ir_real(0)));
    return value_int(l, ir_let1(l->b, IR_OP_NOT, x));
  }
  case OP_NEGATE: return value_retyped(l, negated(l, v), e->type);
  case OP_TRANSPOSE:
    if (!v->parts) return value_transposed(l, v, e->type);
    return value_of_parts(l, e->type, (value *[]){transposed_part(l, v->parts[0]), transposed_part(l, v->parts[1])});
  default: return v;
  }
}
