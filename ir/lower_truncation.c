/* lower_truncation.c: y ~ name(arguments) T[lower, upper].
 *
 * Where an element of y lies outside of the bounds, the density is zero; otherwise it is divided by the probability of lying
 * inside, for each element. Stan Reference Manual 2.38, "Truncated distributions"; of ints P(y >= L) is 1 - F(L - 1). */
#include <math.h>
#include <string.h>
#include "ir/lower_internal.h"

typedef struct truncation {
  const statement *s;
  ir_operand lower, upper; /* IR_NONE: there is none */
  ir_operand below;        /* P(y <= below) is what lies below the lower bound */
} truncation;

/* Whether y, a scalar, lies outside. */
static ir_operand is_outside(lowering *l, const truncation *t, value *y) {
  const expression *lower = t->s->tilde.lower, *upper = t->s->tilde.upper;
  ir_operand under, over;
  if (lower) under = apply_binary(l, OP_LESS, &type_int, y, value_scalar(l, lower->type, t->lower))->scalar;
  if (upper) over = apply_binary(l, OP_GREATER, &type_int, y, value_scalar(l, upper->type, t->upper))->scalar;
  if (lower && upper) return ir_let2(l->b, IR_OP_OR, under, over);
  return lower ? under : over;
}

static ir_operand any_is_outside(lowering *l, const truncation *t, value *y, bool is_int) {
  if (y->dim_count == 0) return is_outside(l, t, y);
  ir_variable *any = ir_declare(l->b, "outside", IR_INT, ir_int(0));
  loops loops;
  loops_over(l, &loops, y, false);
  value *element = value_scalar(l, is_int ? &type_int : &type_real, value_element(l, y, &loops.place));
  ir_set(l->b, any, ir_let2(l->b, IR_OP_OR, ir_use(any), is_outside(l, t, element)));
  loops_close(l, &loops);
  return ir_use(any);
}

/* The log probability of y <= bound, or of y > bound, given the other arguments. */
static ir_operand log_probability(lowering *l, const callee *callee, ir_operand bound, value **arguments, int count) {
  value **all = arena_array(l->arena, value *, count + 1);
  memcpy(all, arguments, sizeof *all * (size_t)count);
  const type *t = callee->function->parameters[0]->type;
  all[0] = t->kind == TYPE_INT ? value_int(l, bound) : value_real(l, bound);
  struct callee plain = *callee;
  plain.vectorised = false;
  return call_density(l, &plain, all, count, SINK_VALUE, false)->scalar;
}

static ir_operand log_inside(lowering *l, const truncation *t, value **arguments, int count) {
  const statement *s = t->s;
  if (!s->tilde.upper) return log_probability(l, &s->tilde.log_ccdf, t->below, arguments, count);
  ir_operand high = log_probability(l, &s->tilde.log_cdf, t->upper, arguments, count);
  if (!s->tilde.lower) return high;
  ir_operand low = log_probability(l, &s->tilde.log_cdf, t->below, arguments, count);
  const type *types[] = {&type_real, &type_real};
  function *difference = require_library(l, s->location, "log_diff_exp", types, 2);
  value *both[] = {value_real(l, high), value_real(l, low)};
  return call_function(l, difference, both, SINK_VALUE, false, false)->scalar;
}

/* Row by row where the other arguments hold one for each; otherwise the same for each element of y. A function of the program
 * that takes containers whole sums over them by itself. */
static ir_operand log_inside_of_all(lowering *l, const truncation *t, value **arguments, int count) {
  const function *f = (t->s->tilde.upper ? &t->s->tilde.log_cdf : &t->s->tilde.log_ccdf)->function;
  value **row = arena_array(l->arena, value *, count + 1), *y = arguments[0];
  memcpy(row, arguments, sizeof *row * (size_t)count);
  row[0] = value_int(l, ir_int(0)); /* stands for the bound, which is one for all */
  rows rows = rows_of(l, f, row, count);
  if (!rows.shape) {
    bool has_whole = false;
    for (int i = 1; i < count; i++) has_whole = has_whole || arguments[i]->dim_count > 0;
    if (has_whole && y->dim_count > 0 && t->s->tilde.lower && t->s->tilde.upper)
      refuse(l, t->s->location,
             "two bounds need the probability of each element, and `%s` takes the arguments of all together: write a "
             "loop over the elements",
             f->name);
    ir_operand once = log_inside(l, t, arguments, count);
    if (has_whole || y->dim_count == 0) return once;
    return ir_let2(l->b, IR_OP_MULTIPLY, as_real(l, value_size(l, y)), once);
  }
  ir_variable *sum = ir_declare(l->b, NULL, IR_REAL, ir_real(0));
  loops loops;
  loops_open(l, &loops, rows.type, rows.shape->dims, false, true);
  for (int i = 1; i < count; i++) row[i] = row_argument(l, arguments[i], f->parameters[i]->type, &loops.place);
  ir_add(l->b, sum, log_inside(l, t, row, count));
  loops_close(l, &loops);
  return ir_use(sum);
}

void lower_truncation(lowering *l, const statement *s, value **arguments, int count) {
  const type *left = type_innermost(s->tilde.left->type);
  bool is_int = left->kind == TYPE_INT;
  truncation t = {s, ir_none(), ir_none(), ir_none()};
  if (s->tilde.lower) t.below = t.lower = lower_scalar(l, s->tilde.lower);
  if (s->tilde.upper) t.upper = lower_scalar(l, s->tilde.upper);
  if (is_int && s->tilde.lower) t.below = int_subtract(l, t.lower, ir_int(1));
  ir_operand outside = any_is_outside(l, &t, arguments[0], is_int);
  ir_builder out, in, *outer = l->b;
  ir_if(l->b, outside, &out, &in);
  l->b = &out;
  add_target(l, ir_real(-INFINITY), false, false);
  l->b = &in;
  add_target(l, ir_let1(l->b, IR_OP_NEGATE, log_inside_of_all(l, &t, arguments, count)), false, false);
  l->b = outer;
}
