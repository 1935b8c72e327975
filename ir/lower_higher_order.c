/* lower_higher_order.c: reduce_sum and map_rect, whose callbacks are inlined like any other function; the others have files of
 * their own. */
#include "ir/higher_order.h"
#include "ir/lower_internal.h"

/* The arguments of the call after the callback. */
static value **prepare_own_arguments(lowering *l, const expression *e) {
  value **x = arena_array(l->arena, value *, e->call.arguments.count + 1);
  for (int i = 1; i < e->call.arguments.count; i++) x[i - 1] = prepare(l, e->call.arguments.items[i]);
  return x;
}

/* ---- reduce_sum ---- */

/* The sum over the whole array is one partial sum, over nothing it is 0. The grain size is a hint that is not taken. */
static ir_operand partial_sum(lowering *l, const expression *e, sink_kind sink, bool is_negative) {
  const function *f = e->call.callee.function;
  value **x = prepare_own_arguments(l, e);
  x[0] = value_settled(l, x[0]);
  ir_operand count = x[0]->dims[0], grain_size = x[1]->scalar;
  check(l, ir_let2(l->b, IR_OP_INT_LESS_EQUAL, ir_int(1), grain_size),
        arena_printf(l->arena, "%s: grainsize is %%ld, but must be positive", e->call.name), grain_size, ir_none(),
        ir_none());
  int trailing = e->call.arguments.count - 3;
  value **arguments = arena_array(l->arena, value *, trailing + 3);
  arguments[0] = x[0];
  arguments[1] = value_int(l, ir_int(1));
  arguments[2] = value_int(l, count);
  for (int i = 0; i < trailing; i++) arguments[3 + i] = x[2 + i];
  for (int i = 0; i < trailing; i++) /* asked for inside the branch only, computed ahead of it */
    arguments[3 + i] = value_settled(l, arguments[3 + i]);
  bool may_drop = l->frame->may_drop && e->call.callee.unnormalised;
  ir_variable *sum = sink == SINK_VALUE ? ir_declare(l->b, "sum", IR_REAL, ir_real(0)) : NULL;
  ir_builder some, none, *outer = l->b;
  ir_if(l->b, ir_let2(l->b, IR_OP_INT_LESS, ir_int(0), count), &some, &none);
  l->b = &some;
  value *v = call_function(l, f, arguments, sink, is_negative, may_drop);
  if (sum) ir_set(l->b, sum, v->scalar);
  l->b = outer;
  return sum ? ir_use(sum) : ir_none();
}

bool is_partial_sum(const expression *e) {
  return e->kind == EXPRESSION_CALL && e->call.callee.kind == CALLEE_HIGHER_ORDER &&
         (e->call.callee.id == HIGHER_ORDER_REDUCE_SUM || e->call.callee.id == HIGHER_ORDER_REDUCE_SUM_STATIC);
}

void lower_partial_sum_into_target(lowering *l, const expression *e, bool is_negative) {
  partial_sum(l, e, SINK_TARGET, is_negative);
}

/* ---- map_rect ---- */

static value *call_for_row(lowering *l, const function *f, value **x, ir_operand row) {
  value *arguments[] = {x[0], value_slice(l, x[1], &type_vector, &row, 1),
                        value_slice(l, x[2], f->parameters[2]->type, &row, 1),
                        value_slice(l, x[3], f->parameters[3]->type, &row, 1)};
  return call_function(l, f, arguments, SINK_VALUE, false, false);
}

/* How many elements the callback returns over all rows. They are asked of a run without effects, of which nothing is left
 * when each row returns the same constant number. */
static ir_operand result_size(lowering *l, const function *f, value **x) {
  ir_builder trial = ir_nested(l->b), *outer = l->b;
  bool was_sizing = l->is_sizing;
  l->is_sizing = true;
  l->b = &trial;
  ir_variable *total = ir_declare(l->b, "total", IR_INT, ir_int(0));
  loops loops;
  ir_operand row = loop_open(l, &loops, "row", x[1]->dims[0], false);
  ir_operand size = call_for_row(l, f, x, row)->dims[0];
  ir_add(l->b, total, size);
  loops_close(l, &loops);
  l->is_sizing = was_sizing;
  l->b = outer;
  if (size.kind == IR_CONSTANT_INT) return int_multiply(l, x[1]->dims[0], size);
  for (int i = 0; i < trial.block->count; i++) arena_push(l->arena, l->b->block, trial.block->items[i]);
  return ir_use(total);
}

/* map_rect(f, phi, thetas, x_rs, x_is): the results of f(phi, thetas[i], x_rs[i], x_is[i]), one after the other. */
static value *map_rect(lowering *l, const expression *e) {
  const function *f = e->call.callee.function;
  value **x = prepare_own_arguments(l, e);
  for (int i = 0; i < 4; i++) x[i] = value_settled(l, x[i]);
  for (int i = 2; i < 4; i++)
    check_same_size(l, x[1]->dims[0], x[i]->dims[0],
                    "map_rect: there must be as many rows of data as of parameters, but there are %ld and %ld");
  ir_operand size = result_size(l, f, x);
  value *result = value_allocate(l, e->call.name, &type_vector, &size, false);
  ir_variable *filled = ir_declare(l->b, "filled", IR_INT, ir_int(0));
  loops loops;
  ir_operand row = loop_open(l, &loops, "row", x[1]->dims[0], false);
  value *part = value_settled(l, call_for_row(l, f, x, row));
  value_copy(l, value_view(l, &type_vector, result->buffer, ir_use(filled), part->dims), part);
  ir_add(l->b, filled, part->dims[0]);
  loops_close(l, &loops);
  return result;
}

value *prepare_higher_order(lowering *l, const expression *e) {
  if (is_ode_solver(e->call.callee.id)) return lower_ode(l, e);
  if (is_root_solver(e->call.callee.id)) return lower_root(l, e);
  switch (e->call.callee.id) {
  case HIGHER_ORDER_REDUCE_SUM:
  case HIGHER_ORDER_REDUCE_SUM_STATIC: return value_real(l, partial_sum(l, e, SINK_VALUE, false));
  case HIGHER_ORDER_INTEGRATE_1D: return lower_integral(l, e);
  default: return map_rect(l, e);
  }
}
