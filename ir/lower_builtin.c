/* lower_builtin.c: the functions of ir/builtins.def: constants and functions of ints here, the others by kind. */
#include <float.h>
#include <math.h>
#include "ir/lower_internal.h"

static bool constant_value(int id, double *x) {
  switch (id) {
  case BUILTIN_PI: *x = 3.14159265358979323846; return true;
  case BUILTIN_E: *x = 2.71828182845904523536; return true;
  case BUILTIN_SQRT2: *x = 1.41421356237309504880; return true;
  case BUILTIN_LOG2: *x = 0.69314718055994530942; return true;
  case BUILTIN_LOG10: *x = 2.30258509299404568402; return true;
  case BUILTIN_NOT_A_NUMBER: *x = NAN; return true;
  case BUILTIN_POSITIVE_INFINITY: *x = INFINITY; return true;
  case BUILTIN_NEGATIVE_INFINITY: *x = -INFINITY; return true;
  case BUILTIN_MACHINE_PRECISION: *x = DBL_EPSILON; return true;
  default: return false;
  }
}

/* n (n-1) ... (n-k+1) / k!, a factor of each at a time: every intermediate result is a whole number. */
static value *choose(lowering *l, ir_operand n, ir_operand k) {
  check(l, ir_let2(l->b, IR_OP_INT_LESS_EQUAL, ir_int(0), k), "choose: k is %ld, but must be nonnegative", k, ir_none(),
        ir_none());
  ir_variable *result = ir_declare(l->b, "choose", IR_INT, ir_int(1));
  ir_operand rest = int_subtract(l, n, k);
  ir_builder body, *outer = l->b;
  ir_statement *loop = ir_for(l->b, "i", ir_int(1), k, false, &body);
  l->b = &body;
  ir_operand i = ir_use(loop->variable);
  ir_operand product = int_multiply(l, ir_use(result), int_add(l, rest, i));
  ir_set(l->b, result, ir_let2(l->b, IR_OP_INT_DIVIDE, product, i));
  l->b = outer;
  return value_int(l, ir_use(result));
}

static value *elementwise(lowering *l, const type *t, ir_op op, value *x) {
  if (x->dim_count == 0) return value_scalar(l, t, ir_let1(l->b, op, x->scalar));
  return value_map(l, t, op, x, 1, &x);
}

/* Only moves elements about, repeats or adds them: done to each part of tuples and complex numbers alike. */
static bool works_by_parts(int id) {
  switch (id) {
  case BUILTIN_REP_VECTOR:
  case BUILTIN_REP_ROW_VECTOR:
  case BUILTIN_REP_MATRIX:
  case BUILTIN_REP_ARRAY:
  case BUILTIN_DIAG_MATRIX:
  case BUILTIN_TO_VECTOR:
  case BUILTIN_TO_ROW_VECTOR:
  case BUILTIN_TO_MATRIX:
  case BUILTIN_TO_ARRAY_1D:
  case BUILTIN_TO_ARRAY_2D:
  case BUILTIN_REVERSE:
  case BUILTIN_APPEND_ROW:
  case BUILTIN_APPEND_COL:
  case BUILTIN_APPEND_ARRAY:
  case BUILTIN_HEAD:
  case BUILTIN_TAIL:
  case BUILTIN_SEGMENT:
  case BUILTIN_BLOCK:
  case BUILTIN_SUB_COL:
  case BUILTIN_SUB_ROW:
  case BUILTIN_ROW:
  case BUILTIN_COL:
  case BUILTIN_DIAGONAL:
  case BUILTIN_SUM:
  case BUILTIN_CUMULATIVE_SUM:
  case BUILTIN_TRACE: return true;
  default: return false;
  }
}

static value *by_parts(lowering *l, const expression *e, int id, value **x, int count) {
  int part_count = type_part_count(e->type);
  value **parts = arena_array(l->arena, value *, part_count), **own = arena_array(l->arena, value *, count + 1);
  for (int i = 0; i < part_count; i++) {
    expression part = *e;
    part.type = type_part(l->arena, e->type, i);
    for (int j = 0; j < count; j++) own[j] = x[j]->parts ? x[j]->parts[i] : x[j];
    parts[i] = prepare_builtin(l, &part, id, own, count);
  }
  return value_of_parts(l, e->type, parts);
}

value *prepare_builtin(lowering *l, const expression *e, int id, value **x, int count) {
  double number;
  if (type_has_parts(e->type) && works_by_parts(id)) return by_parts(l, e, id, x, count);
  if (constant_value(id, &number)) return value_real(l, ir_real(number));
  switch (id) {
  case BUILTIN_TARGET: return value_real(l, target_so_far(l));
  case BUILTIN_ABS: return elementwise(l, e->type, IR_OP_INT_ABS, x[0]);
  case BUILTIN_TO_INT: return elementwise(l, e->type, IR_OP_TO_INT, x[0]);
  case BUILTIN_INT_STEP:
    if (ir_operand_type(x[0]->scalar) == IR_INT)
      return value_int(l, ir_let2(l->b, IR_OP_INT_LESS, ir_int(0), x[0]->scalar));
    return value_int(l, ir_let2(l->b, IR_OP_LESS, ir_real(0), x[0]->scalar));
  case BUILTIN_STEP: return value_real(l, ir_let2(l->b, IR_OP_LESS_EQUAL, ir_real(0), as_real(l, x[0]->scalar)));
  case BUILTIN_CHOOSE: return choose(l, x[0]->scalar, x[1]->scalar);
  default: break;
  }
  value *v = prepare_complex(l, e, id, x, count);
  if (v) return v;
  v = prepare_shape(l, e, id, x, count);
  if (!v) v = prepare_reduction(l, e, id, x, count);
  if (!v) v = prepare_matrix(l, e, id, x, count);
  if (!v) refuse(l, e->location, "`%s` cannot be compiled yet", e->call.name);
  return v;
}
