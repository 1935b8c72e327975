/* lower_reduce.c: builtins that run over a container: sums, extremes, orders. */
#include <limits.h>
#include <math.h>
#include "ir/lower_internal.h"

value *sum_of(lowering *l, value *v) {
  bool is_int = ir_type_of(v->type) == IR_INT;
  ir_variable *sum = ir_declare(l->b, "sum", is_int ? IR_INT : IR_REAL, is_int ? ir_int(0) : ir_real(0));
  loops loops;
  loops_over(l, &loops, v, true);
  ir_add(l->b, sum, value_element(l, v, &loops.place));
  loops_close(l, &loops);
  return value_scalar(l, type_scalar(v->type), ir_use(sum));
}

value *products_of(lowering *l, value *x, value *y) {
  check_same_shape(l, x, y, "dot_product");
  return value_map(l, y->type, IR_OP_MULTIPLY, x, 2, (value *[]){x, y});
}

value *dot_product(lowering *l, value *x, value *y) { return sum_of(l, products_of(l, x, y)); }

/* result = op(result, element) for each */
static value *folded(lowering *l, const char *name, ir_op op, ir_operand start, value *v) {
  ir_variable *result = ir_declare(l->b, name, ir_operand_type(start), start);
  loops loops;
  loops_over(l, &loops, v, false);
  ir_set(l->b, result, ir_let2(l->b, op, ir_use(result), value_element(l, v, &loops.place)));
  loops_close(l, &loops);
  return value_scalar(l, type_scalar(v->type), ir_use(result));
}

static value *extreme(lowering *l, bool is_max, value **x, int count) {
  if (count == 2)
    return value_int(l, ir_let2(l->b, is_max ? IR_OP_INT_MAX : IR_OP_INT_MIN, x[0]->scalar, x[1]->scalar));
  const char *name = is_max ? "max" : "min";
  if (ir_type_of(x[0]->type) == IR_REAL)
    return folded(l, name, is_max ? IR_OP_FMAX : IR_OP_FMIN, ir_real(is_max ? -INFINITY : INFINITY), x[0]);
  check(l, ir_let2(l->b, IR_OP_INT_LESS, ir_int(0), value_size(l, x[0])),
        is_max ? "max of no elements" : "min of no elements", ir_none(), ir_none(), ir_none());
  return folded(l, name, is_max ? IR_OP_INT_MAX : IR_OP_INT_MIN, ir_int(is_max ? INT_MIN : INT_MAX), x[0]);
}

static value *cumulative_sum(lowering *l, value *v) {
  bool is_int = ir_type_of(v->type) == IR_INT;
  value *result = value_allocate(l, NULL, v->type, v->dims, false);
  result->buffer->is_written_once = true;
  ir_variable *sum = ir_declare(l->b, "sum", is_int ? IR_INT : IR_REAL, is_int ? ir_int(0) : ir_real(0));
  loops loops;
  loops_over(l, &loops, v, false);
  ir_operand next = ir_let2(l->b, is_int ? IR_OP_INT_ADD : IR_OP_ADD, ir_use(sum), value_element(l, v, &loops.place));
  ir_set(l->b, sum, next);
  value_store(l, result, &loops.place, next);
  loops_close(l, &loops);
  return result;
}

static value *order_of(lowering *l, bool ascending, value *v) {
  bool is_int = ir_type_of(v->type) == IR_INT;
  value *indices = value_allocate(l, "order", type_array_of(l->arena, &type_int, 1), v->dims, false);
  indices->buffer->is_written_once = true;
  value *x = value_whole(l, v);
  ir_kernel kernel = is_int ? (ascending ? IR_KERNEL_SORT_INDICES_ASC_INT : IR_KERNEL_SORT_INDICES_DESC_INT)
                            : (ascending ? IR_KERNEL_SORT_INDICES_ASC : IR_KERNEL_SORT_INDICES_DESC);
  ir_statement *call = ir_kernel_call(l->b, kernel);
  call->call->outputs[0] = indices->buffer;
  call->call->inputs[0] = x->buffer;
  call->call->dims[0] = v->dims[0];
  return indices;
}

static value *sorted(lowering *l, bool ascending, value *v) {
  v = value_settled(l, v);
  selection s = {.kind = SELECT_MANY, .indices = order_of(l, ascending, v)};
  return select_from(l, v, v->type, &s, 1);
}

/* How many elements are less than element s. */
static value *rank_of(lowering *l, value *v, ir_operand s) {
  check_index(l, s, v->dims[0], "rank's container");
  v = value_settled(l, v);
  ir_operand x = value_at(l, v, int_subtract(l, s, ir_int(1)));
  ir_variable *count = ir_declare(l->b, "rank", IR_INT, ir_int(0));
  loops loops;
  ir_operand i = loop_open(l, &loops, "i", v->dims[0], true);
  ir_add(l->b, count, ir_let2(l->b, ir_type_of(v->type) == IR_INT ? IR_OP_INT_LESS : IR_OP_LESS, value_at(l, v, i), x));
  loops_close(l, &loops);
  return value_int(l, ir_use(count));
}

value *prepare_reduction(lowering *l, const expression *e, int id, value **x, int count) {
  (void)e;
  switch (id) {
  case BUILTIN_SUM: return sum_of(l, x[0]);
  case BUILTIN_PROD:
    if (ir_type_of(x[0]->type) == IR_INT) return folded(l, "product", IR_OP_INT_MULTIPLY, ir_int(1), x[0]);
    return folded(l, "product", IR_OP_MULTIPLY, ir_real(1), x[0]);
  case BUILTIN_MIN:
  case BUILTIN_MAX: return extreme(l, id == BUILTIN_MAX, x, count);
  case BUILTIN_DOT_PRODUCT: return dot_product(l, x[0], x[1]);
  case BUILTIN_CUMULATIVE_SUM: return cumulative_sum(l, x[0]);
  case BUILTIN_SORT_ASC:
  case BUILTIN_SORT_DESC: return sorted(l, id == BUILTIN_SORT_ASC, x[0]);
  case BUILTIN_SORT_INDICES_ASC:
  case BUILTIN_SORT_INDICES_DESC: return order_of(l, id == BUILTIN_SORT_INDICES_ASC, x[0]);
  case BUILTIN_RANK: return rank_of(l, x[0], x[1]->scalar);
  default: return NULL;
  }
}
