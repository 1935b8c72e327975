/* lower_expression.c: expressions other than operators, indices and calls. */
#include <string.h>
#include "ir/lower_internal.h"

const expression *strip(const expression *e) {
  while (e->kind == EXPRESSION_PARENTHESES) e = e->inner;
  return e;
}

ir_operand lower_scalar(lowering *l, const expression *e) { return prepare(l, e)->scalar; }

value *value_promoted(lowering *l, value *v, const type *t) {
  if (v->parts) return parts_promoted(l, v, t);
  if (type_is_complex(t)) return complex_of_real(l, v, t);
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
  if (e->type && (type_total_dimensions(e->type) > 0 || type_has_parts(e->type))) return false;
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

/* A container has to lie outside the branches, so its sizes are found first, in branches of their own. */
static value *choose_container(lowering *l, const expression *e, ir_operand condition) {
  const expression *arms[] = {e->ternary.then_value, e->ternary.else_value};
  ir_builder branches[2];
  value *sizes = declare_sizes(l, e->type), *result;
  if (has_containers(e->type)) {
    sizing sizing;
    sizing_open(l, &sizing);
    ir_if(l->b, condition, &branches[0], &branches[1]);
    for (int i = 0; i < 2; i++) {
      l->b = &branches[i];
      set_sizes(l, sizes, prepare(l, arms[i]));
    }
    l->b = &sizing.trial;
    sizing_close(l, &sizing);
  }
  result = declare_result(l, NULL, sizes);
  ir_builder *outer = l->b;
  ir_if(l->b, condition, &branches[0], &branches[1]);
  for (int i = 0; i < 2; i++) {
    l->b = &branches[i];
    value_copy(l, result, prepare(l, arms[i]));
  }
  l->b = outer;
  return result;
}

static value *prepare_ternary(lowering *l, const expression *e) {
  ir_operand condition = lower_scalar(l, e->ternary.condition);
  if (condition.kind == IR_CONSTANT_INT)
    return value_promoted(l, prepare(l, condition.int_value ? e->ternary.then_value : e->ternary.else_value), e->type);
  if (!type_has_parts(e->type) && type_total_dimensions(e->type) == 0) return choose_scalar(l, e, condition);
  return choose_container(l, e, condition);
}

/* ---- literals ---- */

static value *prepare_tuple(lowering *l, const expression *e) {
  value **members = arena_array(l->arena, value *, e->items.count);
  for (int i = 0; i < e->items.count; i++) members[i] = prepare(l, e->items.items[i]);
  return value_of_parts(l, e->type, members);
}

/* An array of the items, or for a row vector or matrix of the items or rows. */
static value *collected(lowering *l, const type *t, value **items, int count) {
  if (type_has_parts(t)) {
    value **parts = arena_array(l->arena, value *, type_part_count(t)),
          **own = arena_array(l->arena, value *, count + 1);
    for (int part = 0; part < type_part_count(t); part++) {
      for (int i = 0; i < count; i++) own[i] = items[i]->parts[part];
      parts[part] = collected(l, type_part(l->arena, t, part), own, count);
    }
    return value_of_parts(l, t, parts);
  }
  ir_operand dims[IR_MAX_DIMS];
  dims[0] = ir_int(count);
  int dim_count = type_total_dimensions(t);
  for (int d = 1; d < dim_count; d++) dims[d] = count > 0 ? items[0]->dims[d - 1] : ir_int(0);
  for (int i = 1; i < count; i++)
    check_same_shape(l, items[0], items[i], arena_printf(l->arena, "items 1 and %d", i + 1));
  value *result = value_allocate(l, NULL, t, dims, false);
  result->buffer->is_written_once = true;
  bool is_array = t->kind == TYPE_ARRAY;
  const type *item_type = is_array ? t->element : dim_count == 2 ? &type_row_vector : &type_real;
  for (int i = 0; i < count; i++) {
    if (dim_count == 1) {
      value_store(l, result, &(place){.at = {ir_int(i)}}, items[i]->scalar);
    } else if (is_array) {
      value_copy(l, value_slice(l, result, item_type, (ir_operand[]){ir_int(i)}, 1), items[i]);
    } else {
      selection row[] = {{.kind = SELECT_ONE, .first = ir_int(i)}, {.kind = SELECT_ALL}};
      value_copy(l, select_from(l, result, item_type, row, 2), items[i]);
    }
  }
  return result;
}

value *literal(lowering *l, const expression *e) {
  int count = e->items.count;
  value **items = arena_array(l->arena, value *, count + 1);
  for (int i = 0; i < count; i++) items[i] = prepare(l, e->items.items[i]);
  return collected(l, e->type, items, count);
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
  case EXPRESSION_IMAGINARY:
    v = complex_value(l, value_real(l, ir_real(0)), value_real(l, ir_real(e->real.value)));
    break;
  case EXPRESSION_TUPLE: v = prepare_tuple(l, e); break;
  case EXPRESSION_MEMBER: v = prepare(l, e->member.base)->parts[e->member.number - 1]; break;
  case EXPRESSION_STRING: refuse(l, e->location, "text cannot be used here");
  }
  l->b->location = outer;
  return v;
}
