/* fold.c: what an operation on constants, or with a neutral constant, comes to. The builder asks it for every `let`, so that
 * no pass ever sees `x + 0`. Only identities that hold for every double are used: x * 0 is not 0 when x is NaN. */
#include "ir/fold.h"
#include <limits.h>
#include <math.h>

static bool is_real(ir_operand x, double value) { return x.kind == IR_CONSTANT_REAL && x.real_value == value; }
static bool is_int(ir_operand x, long value) { return x.kind == IR_CONSTANT_INT && x.int_value == value; }

/* Both operands are int constants. */
static bool fold_ints(ir_op op, long a, long b, ir_operand *result) {
  long value;
  switch (op) {
  case IR_OP_INT_ADD:
    if (__builtin_add_overflow(a, b, &value)) return false;
    break;
  case IR_OP_INT_SUBTRACT:
    if (__builtin_sub_overflow(a, b, &value)) return false;
    break;
  case IR_OP_INT_MULTIPLY:
    if (__builtin_mul_overflow(a, b, &value)) return false;
    break;
  case IR_OP_INT_MIN: value = a < b ? a : b; break;
  case IR_OP_INT_MAX: value = a > b ? a : b; break;
  case IR_OP_INT_EQUAL: value = a == b; break;
  case IR_OP_INT_NOT_EQUAL: value = a != b; break;
  case IR_OP_INT_LESS: value = a < b; break;
  case IR_OP_INT_LESS_EQUAL: value = a <= b; break;
  case IR_OP_AND: value = a && b; break;
  case IR_OP_OR: value = a || b; break;
  default: return false;
  }
  *result = ir_int(value);
  return true;
}

static bool fold_reals(ir_op op, double a, double b, ir_operand *result) {
  switch (op) {
  case IR_OP_ADD: *result = ir_real(a + b); return true;
  case IR_OP_SUBTRACT: *result = ir_real(a - b); return true;
  case IR_OP_MULTIPLY: *result = ir_real(a * b); return true;
  case IR_OP_DIVIDE: *result = ir_real(a / b); return true;
  case IR_OP_FMIN: *result = ir_real(a < b ? a : b); return !isnan(a) && !isnan(b);
  case IR_OP_FMAX: *result = ir_real(a > b ? a : b); return !isnan(a) && !isnan(b);
  case IR_OP_EQUAL: *result = ir_int(a == b); return true;
  case IR_OP_NOT_EQUAL: *result = ir_int(a != b); return true;
  case IR_OP_LESS: *result = ir_int(a < b); return true;
  case IR_OP_LESS_EQUAL: *result = ir_int(a <= b); return true;
  default: return false;
  }
}

static bool fold_unary(ir_op op, ir_operand x, ir_operand *result) {
  if (x.kind == IR_CONSTANT_INT) switch (op) {
    case IR_OP_TO_REAL: *result = ir_real((double)x.int_value); return true;
    case IR_OP_INT_NEGATE: *result = ir_int(-x.int_value); return x.int_value != LONG_MIN;
    case IR_OP_NOT: *result = ir_int(!x.int_value); return true;
    default: return false;
    }
  double a = x.real_value;
  switch (op) {
  case IR_OP_NEGATE: *result = ir_real(-a); return true;
  case IR_OP_ABS:
  case IR_OP_FABS: *result = ir_real(fabs(a)); return true;
  case IR_OP_SQUARE: *result = ir_real(a * a); return true;
  case IR_OP_INV: *result = ir_real(1 / a); return true;
  case IR_OP_SQRT: *result = ir_real(sqrt(a)); return a >= 0;
  case IR_OP_EXP: *result = ir_real(exp(a)); return true;
  case IR_OP_LOG: *result = ir_real(log(a)); return a >= 0;
  case IR_OP_LOG1P: *result = ir_real(log1p(a)); return a >= -1;
  case IR_OP_IS_NAN: *result = ir_int(isnan(a) != 0); return true;
  case IR_OP_IS_INF: *result = ir_int(isinf(a) != 0); return true;
  default: return false;
  }
}

bool ir_fold(ir_op op, const ir_operand *x, ir_operand *result) {
  ir_operand a = x[0], b = x[1];
  bool a_constant = a.kind == IR_CONSTANT_INT || a.kind == IR_CONSTANT_REAL;
  if (b.kind == IR_NONE) return a_constant && fold_unary(op, a, result);
  if (a.kind == IR_CONSTANT_INT && b.kind == IR_CONSTANT_INT && fold_ints(op, a.int_value, b.int_value, result))
    return true;
  if (a.kind == IR_CONSTANT_REAL && b.kind == IR_CONSTANT_REAL && fold_reals(op, a.real_value, b.real_value, result))
    return true;
  switch (op) {
  case IR_OP_ADD:
    if (is_real(a, 0)) return *result = b, true;
    if (is_real(b, 0)) return *result = a, true;
    return false;
  case IR_OP_SUBTRACT:
    if (is_real(b, 0)) return *result = a, true;
    return false;
  case IR_OP_MULTIPLY:
    if (is_real(a, 1)) return *result = b, true;
    if (is_real(b, 1)) return *result = a, true;
    return false;
  case IR_OP_DIVIDE:
  case IR_OP_POW:
    if (is_real(b, 1)) return *result = a, true;
    return false;
  case IR_OP_INT_ADD:
    if (is_int(a, 0)) return *result = b, true;
    if (is_int(b, 0)) return *result = a, true;
    return false;
  case IR_OP_INT_SUBTRACT:
    if (is_int(b, 0)) return *result = a, true;
    if (ir_same(a, b)) return *result = ir_int(0), true;
    return false;
  case IR_OP_INT_MULTIPLY:
    if (is_int(a, 1)) return *result = b, true;
    if (is_int(b, 1)) return *result = a, true;
    if (is_int(a, 0) || is_int(b, 0)) return *result = ir_int(0), true;
    return false;
  case IR_OP_INT_DIVIDE:
    if (is_int(b, 1)) return *result = a, true;
    if (is_int(a, 0) && b.kind == IR_CONSTANT_INT && b.int_value != 0) return *result = a, true;
    return false;
  case IR_OP_INT_EQUAL:
  case IR_OP_INT_LESS_EQUAL:
    if (ir_same(a, b)) return *result = ir_int(1), true;
    return false;
  case IR_OP_INT_NOT_EQUAL:
  case IR_OP_INT_LESS:
    if (ir_same(a, b)) return *result = ir_int(0), true;
    return false;
  case IR_OP_AND:
    if (is_int(a, 0) || is_int(b, 0)) return *result = ir_int(0), true;
    return false;
  case IR_OP_OR:
    if ((a.kind == IR_CONSTANT_INT && a.int_value) || (b.kind == IR_CONSTANT_INT && b.int_value))
      return *result = ir_int(1), true;
    return false;
  case IR_OP_SELECT:
  case IR_OP_INT_SELECT:
    if (a_constant) return *result = a.int_value ? b : x[2], true;
    if (ir_same(b, x[2])) return *result = b, true;
    return false;
  default: return false;
  }
}
