/* lower_expression.c: expressions other than operators, indices and calls. */
#include <string.h>
#include "ir/lower_internal.h"

const expression *strip(const expression *e) {
  while (e->kind == EXPRESSION_PARENTHESES) e = e->inner;
  return e;
}

ir_operand lower_scalar(lowering *l, const expression *e) { return prepare(l, e)->scalar; }

value *value_promoted(lowering *l, value *v, const type *t) {
  if (ir_type_of(t) == ir_type_of(v->type)) return value_retyped(l, v, t);
  if (v->dim_count == 0) return value_scalar(l, t, as_real(l, v->scalar));
  return value_map(l, t, IR_OP_TO_REAL, v, 1, &v);
}

/* ---- pure expressions ---- */

static bool is_total_intrinsic(const lowering *l, const expression *e) {
  if (e->call.callee.kind == CALLEE_BUILTIN) return e->call.arguments.count == 0 && e->call.callee.id != BUILTIN_TARGET;
  if (e->call.callee.kind != CALLEE_INTRINSIC || e->call.callee.vectorised) return false;
  const ir_op_info *info = &ir_ops[e->call.callee.id];
  if (info->flags & (IR_IMPURE | IR_MAY_FAIL)) return false;
  /* Computing both arms can give 0 times infinity in the reverse sweep. The library's selects are written so that it
   * does not; in a program only what has no derivative is safe. */
  if (!l->frame->is_library && info->signature[0] == 'r') return false;
  for (int i = 0; i < e->call.arguments.count; i++)
    if (!is_total(l, e->call.arguments.items[i])) return false;
  return true;
}

bool is_total(const lowering *l, const expression *e) {
  e = strip(e);
  if (e->type && type_total_dimensions(e->type) > 0) return false;
  switch (e->kind) {
  case EXPRESSION_INT:
  case EXPRESSION_REAL:
  case EXPRESSION_VARIABLE: return true;
  case EXPRESSION_PROMOTION: return is_total(l, e->inner);
  case EXPRESSION_UNARY: return is_total(l, e->operation.left);
  case EXPRESSION_BINARY:
    switch (e->operation.op) {
    case OP_DIVIDE:
      if (e->type->kind == TYPE_INT || !l->frame->is_library) return false;
      break;
    case OP_MODULO:
    case OP_INTEGER_DIVIDE:
    case OP_LEFT_DIVIDE:
    case OP_POWER:
    case OP_ELEMENT_POWER:
    case OP_ELEMENT_DIVIDE: return false;
    default: break;
    }
    return is_total(l, e->operation.left) && is_total(l, e->operation.right);
  case EXPRESSION_TERNARY:
    return is_total(l, e->ternary.condition) && is_total(l, e->ternary.then_value) &&
           is_total(l, e->ternary.else_value);
  case EXPRESSION_CALL: return is_total_intrinsic(l, e);
  default: return false;
  }
}

/* ---- ternary ---- */

static value *choose_scalar(lowering *l, const expression *e, ir_operand condition) {
  const type *t = e->type;
  const expression *arms[] = {e->ternary.then_value, e->ternary.else_value};
  if (is_total(l, arms[0]) && is_total(l, arms[1])) {
    ir_operand a = lower_scalar(l, arms[0]), b = lower_scalar(l, arms[1]);
    if (t->kind == TYPE_INT) return value_scalar(l, t, ir_let3(l->b, IR_OP_INT_SELECT, condition, a, b));
    a = as_real(l, a), b = as_real(l, b);
    return value_scalar(l, t, ir_let3(l->b, IR_OP_SELECT, condition, a, b));
  }
  ir_variable *result = ir_declare(l->b, NULL, ir_type_of(t), ir_none());
  ir_builder branches[2], *outer = l->b;
  ir_if(l->b, condition, &branches[0], &branches[1]);
  for (int i = 0; i < 2; i++) {
    l->b = &branches[i];
    ir_operand x = lower_scalar(l, arms[i]);
    ir_set(l->b, result, t->kind == TYPE_INT ? x : as_real(l, x));
  }
  l->b = outer;
  return value_scalar(l, t, ir_use(result));
}

/* A container has to lie outside the branches, so its size is found first, in branches of their own. */
static value *choose_container(lowering *l, const expression *e, ir_operand condition) {
  const expression *arms[] = {e->ternary.then_value, e->ternary.else_value};
  int dim_count = type_total_dimensions(e->type);
  ir_variable *sizes[IR_MAX_DIMS];
  ir_operand dims[IR_MAX_DIMS];
  for (int d = 0; d < dim_count; d++)
    sizes[d] = ir_declare(l->b, "size", IR_INT, ir_int(0)), dims[d] = ir_use(sizes[d]);
  ir_builder branches[2], *outer = l->b;
  value *result = NULL;
  bool was_sizing = l->is_sizing;
  for (int pass = 0; pass < 2; pass++) {
    l->is_sizing = was_sizing || pass == 0;
    ir_if(l->b, condition, &branches[0], &branches[1]);
    for (int i = 0; i < 2; i++) {
      l->b = &branches[i];
      value *v = prepare(l, arms[i]);
      if (pass == 0)
        for (int d = 0; d < dim_count; d++) ir_set(l->b, sizes[d], v->dims[d]);
      else
        value_copy(l, result, v);
    }
    l->b = outer;
    if (pass == 0) result = value_allocate(l, NULL, e->type, dims, false);
  }
  l->is_sizing = was_sizing;
  return result;
}

static value *prepare_ternary(lowering *l, const expression *e) {
  ir_operand condition = lower_scalar(l, e->ternary.condition);
  if (condition.kind == IR_CONSTANT_INT)
    return value_promoted(l, prepare(l, condition.int_value ? e->ternary.then_value : e->ternary.else_value), e->type);
  return type_total_dimensions(e->type) == 0 ? choose_scalar(l, e, condition) : choose_container(l, e, condition);
}

/* ---- literals ---- */

value *literal(lowering *l, const expression *e) {
  int count = e->items.count;
  ir_operand dims[IR_MAX_DIMS];
  dims[0] = ir_int(count);
  value **items = arena_array(l->arena, value *, count + 1);
  for (int i = 0; i < count; i++) items[i] = prepare(l, e->items.items[i]);
  int dim_count = type_total_dimensions(e->type);
  for (int d = 1; d < dim_count; d++) dims[d] = count > 0 ? items[0]->dims[d - 1] : ir_int(0);
  for (int i = 1; i < count; i++)
    check_same_shape(l, items[0], items[i], arena_printf(l->arena, "items 1 and %d", i + 1));
  value *result = value_allocate(l, NULL, e->type, dims, false);
  result->buffer->is_written_once = true;
  const type *item_type = e->kind == EXPRESSION_ARRAY ? e->type->element
                          : dim_count == 2            ? &type_row_vector
                                                      : &type_real;
  for (int i = 0; i < count; i++) {
    if (dim_count == 1) {
      value_store(l, result, &(place){.at = {ir_int(i)}}, items[i]->scalar);
    } else if (e->kind == EXPRESSION_ARRAY) {
      value_copy(l, value_slice(l, result, item_type, (ir_operand[]){ir_int(i)}, 1), items[i]);
    } else {
      selection row[] = {{.kind = SELECT_ONE, .first = ir_int(i)}, {.kind = SELECT_ALL}};
      value_copy(l, select_from(l, result, item_type, row, 2), items[i]);
    }
  }
  return result;
}

static value *prepare_variable(lowering *l, const expression *e) {
  value *v = e->variable.variable ? e->variable.variable->lowered : NULL;
  if (!v) refuse(l, e->location, "`%s` cannot be used here yet", e->variable.name);
  return v;
}

value *prepare(lowering *l, const expression *e) {
  location outer = l->b->location;
  if (!l->frame->is_library && e->location.file) l->b->location = e->location;
  value *v = NULL;
  type_kind scalar = type_innermost(e->type)->kind;
  if (scalar == TYPE_TUPLE) refuse(l, e->location, "tuples cannot be compiled yet");
  if (scalar == TYPE_COMPLEX || scalar == TYPE_COMPLEX_VECTOR || scalar == TYPE_COMPLEX_ROW_VECTOR ||
      scalar == TYPE_COMPLEX_MATRIX)
    refuse(l, e->location, "complex numbers cannot be compiled yet");
  switch (e->kind) {
  case EXPRESSION_INT: v = value_scalar(l, e->type, ir_int(e->int_value)); break;
  case EXPRESSION_REAL: v = value_scalar(l, e->type, ir_real(e->real.value)); break;
  case EXPRESSION_VARIABLE: v = prepare_variable(l, e); break;
  case EXPRESSION_UNARY: v = prepare_unary(l, e); break;
  case EXPRESSION_BINARY: v = prepare_binary(l, e); break;
  case EXPRESSION_TERNARY: v = prepare_ternary(l, e); break;
  case EXPRESSION_CALL: v = prepare_call(l, e); break;
  case EXPRESSION_INDEX: v = prepare_index(l, e); break;
  case EXPRESSION_ARRAY:
  case EXPRESSION_ROW_VECTOR: v = literal(l, e); break;
  case EXPRESSION_PARENTHESES: v = prepare(l, e->inner); break;
  case EXPRESSION_PROMOTION: v = value_promoted(l, prepare(l, e->inner), e->type); break;
  case EXPRESSION_IMAGINARY: refuse(l, e->location, "complex numbers cannot be compiled yet");
  case EXPRESSION_TUPLE:
  case EXPRESSION_MEMBER: refuse(l, e->location, "tuples cannot be compiled yet");
  case EXPRESSION_STRING: refuse(l, e->location, "text cannot be used here");
  }
  l->b->location = outer;
  return v;
}
