/* lower_complex.c: complex numbers and containers of them, as two reals (see lower_parts.c).
 *
 * Sums, products and what only moves elements about are worked out here on the two parts; everything else is said in
 * runtime/library/complex.stanlite, in the language itself. */
#include "ir/lower_internal.h"

value *complex_value(lowering *l, value *real, value *imaginary) {
  const value *shape = real->dim_count > 0 ? real : imaginary;
  const type *t = type_with_scalar(l->arena, shape->type, TYPE_COMPLEX);
  return value_of_parts(l, t, (value *[]){real, imaginary});
}

static ir_operand zero_element(lowering *l, const value *v, const place *at) {
  (void)l, (void)v, (void)at;
  return ir_real(0);
}

/* The imaginary part of a promoted real. */
static value *zeros(lowering *l, const value *shape) {
  const type *t = type_with_scalar(l->arena, shape->type, TYPE_REAL);
  if (shape->dim_count == 0) return value_scalar(l, t, ir_real(0));
  value *v = value_node(l, t, shape->dims, zero_element, 0);
  v->is_flat = v->is_elementwise = true;
  return v;
}

value *complex_of_real(lowering *l, value *v, const type *t) {
  value *real = value_promoted(l, v, type_part(l->arena, t, 0));
  return value_of_parts(l, t, (value *[]){real, zeros(l, real)});
}

static bool is_zero(const value *v) {
  if (v->dim_count == 0) return v->scalar.kind == IR_CONSTANT_REAL && v->scalar.real_value == 0;
  return v->element == zero_element;
}

/* Each part is asked for twice in a product. A part that is zero stays known to be. */
static value *settled(lowering *l, value *v) { return is_zero(v) ? v : value_settled(l, v); }

value *complex_element(lowering *l, const value *v, const place *at) {
  value *parts[] = {value_real(l, value_element(l, v->parts[0], at)), value_real(l, value_element(l, v->parts[1], at))};
  return value_of_parts(l, &type_complex, parts);
}

/* ---- a function of complex.stanlite for each element ---- */

static value *call_scalar(lowering *l, const char *name, value **arguments, int count) {
  static const type *const types[] = {&type_complex, &type_complex};
  function *f = require_library(l, l->b->location, name, types, count);
  return call_function(l, f, arguments, SINK_VALUE, false, false);
}

static value *apply(lowering *l, const char *name, const char *subject, const type *t, value *x, value *y) {
  value *arguments[] = {x, y};
  if (t->kind == TYPE_COMPLEX) return call_scalar(l, name, arguments, 2);
  x = each_part(l, x, settled);
  y = each_part(l, y, settled);
  if (x->dim_count > 0 && y->dim_count > 0) check_same_shape(l, x->parts[0], y->parts[0], subject);
  const value *shape = x->dim_count > 0 ? x : y;
  value *parts[2];
  for (int i = 0; i < 2; i++) {
    parts[i] = value_allocate(l, NULL, type_part(l->arena, t, i), shape->dims, false);
    parts[i]->buffer->is_written_once = true;
  }
  loops loops;
  loops_open(l, &loops, parts[0]->type, shape->dims, false, true);
  arguments[0] = complex_element(l, x, &loops.place);
  arguments[1] = complex_element(l, y, &loops.place);
  value *result = call_scalar(l, name, arguments, 2);
  for (int i = 0; i < 2; i++) value_store(l, parts[i], &loops.place, result->parts[i]->scalar);
  loops_close(l, &loops);
  return value_of_parts(l, t, parts);
}

/* ---- products ---- */

/* What is linear in two arguments, worked out of its real form: an operator, or a builtin. */
typedef struct product {
  operator_kind op;
  const expression *call; /* NULL for an operator */
  int id;
  const type *type; /* of the real form */
} product;

static value *real_product(lowering *l, const product *p, value *x, value *y) {
  if (!p->call) return apply_binary(l, p->op, p->type, x, y);
  expression real = *p->call;
  real.type = p->type;
  return prepare_builtin(l, &real, p->id, (value *[]){x, y}, 2);
}

static value *sum_of_two(lowering *l, operator_kind op, value *x, value *y) {
  if (!x || !y)
    return x ? x : op == OP_SUBTRACT && y ? apply_binary(l, OP_MULTIPLY, y->type, value_real(l, ir_real(-1)), y) : y;
  return apply_binary(l, op, x->type, x, y);
}

/* (a + b i)(c + d i) = a c - b d + (a d + b c) i */
static value *multiply(lowering *l, const product *p, const type *t, value *x, value *y) {
  x = each_part(l, x, settled);
  y = each_part(l, y, settled);
  value *a = x->parts[0], *b = x->parts[1], *c = y->parts[0], *d = y->parts[1];
  bool is_real[] = {is_zero(b), is_zero(d)};
  value *ac = real_product(l, p, a, c), *bd = is_real[0] || is_real[1] ? NULL : real_product(l, p, b, d);
  value *ad = is_real[1] ? NULL : real_product(l, p, a, d), *bc = is_real[0] ? NULL : real_product(l, p, b, c);
  value *imaginary = sum_of_two(l, OP_ADD, ad, bc);
  value *parts[] = {sum_of_two(l, OP_SUBTRACT, ac, bd), imaginary ? imaginary : zeros(l, ac)};
  return value_of_parts(l, t, parts);
}

static value *conjugate(lowering *l, value *z) {
  value *b = z->parts[1];
  value *negative = b->dim_count == 0 ? value_real(l, ir_let1(l->b, IR_OP_NEGATE, b->scalar))
                                      : value_map(l, b->type, IR_OP_NEGATE, b, 1, &b);
  return value_of_parts(l, z->type, (value *[]){z->parts[0], negative});
}

/* ---- division by a matrix ----
 *
 * A + B i acts on real and imaginary parts as the real matrix
 *   ( A  -B )                                             ( A  B )
 *   ( B   A )  on columns (x; y) from the left, and as    ( -B A )  on rows (x, y) from the right. */

static selection half(const value *v, bool second) {
  return (selection){.kind = SELECT_FROM, .first = second ? v->dims[0] : ir_int(0), .count = v->dims[0]};
}

static void put_block(lowering *l, value *whole, const value *a, value *block, bool lower, bool right) {
  selection s[] = {half(a, lower), half(a, right)};
  value_copy(l, select_from(l, whole, &type_matrix, s, 2), block);
}

static value *real_form(lowering *l, value *a, bool from_right) {
  a = each_part(l, a, settled);
  ir_operand size = int_add(l, a->dims[0], a->dims[0]);
  value *whole = value_allocate(l, NULL, &type_matrix, (ir_operand[]){size, size}, false);
  value *real = a->parts[0], *imaginary = a->parts[1], *negative = conjugate(l, a)->parts[1];
  put_block(l, whole, a, real, false, false);
  put_block(l, whole, a, real, true, true);
  put_block(l, whole, a, imaginary, !from_right, from_right);
  put_block(l, whole, a, negative, from_right, !from_right);
  return whole;
}

/* Real parts before imaginary parts, in dimension d. */
static value *stacked(lowering *l, value *b, int d, const type *t) {
  ir_operand dims[2] = {b->dims[0], b->dims[1]}, n = b->dims[d];
  dims[d] = int_add(l, n, n);
  value *whole = value_allocate(l, NULL, t, dims, false);
  for (int i = 0; i < 2; i++) {
    selection s[2] = {{.kind = SELECT_ALL}, {.kind = SELECT_ALL}};
    s[d] = (selection){.kind = SELECT_FROM, .first = i ? n : ir_int(0), .count = n};
    value_copy(l, select_from(l, whole, t, s, d + 1), b->parts[i]);
  }
  return whole;
}

static value *divide_by_matrix(lowering *l, const type *t, value *a, value *b, bool from_right) {
  int d = from_right ? b->dim_count - 1 : 0;
  check_same_size(l, b->dims[d], a->dims[0], "operands of a matrix division: sizes must be equal, but are %ld and %ld");
  check_same_size(l, a->dims[0], a->dims[1],
                  "the matrix that is divided by must be square, but has %ld rows and %ld columns");
  const type *real = type_part(l->arena, t, 0);
  value *form = real_form(l, a, from_right), *x = stacked(l, b, d, real);
  value *solved =
      from_right ? apply_binary(l, OP_DIVIDE, real, x, form) : apply_binary(l, OP_LEFT_DIVIDE, real, form, x);
  value *parts[2];
  for (int i = 0; i < 2; i++) {
    selection s[2] = {{.kind = SELECT_ALL}, {.kind = SELECT_ALL}};
    s[d] = (selection){.kind = SELECT_FROM, .first = i ? b->dims[d] : ir_int(0), .count = b->dims[d]};
    parts[i] = select_from(l, solved, real, s, d + 1);
  }
  return value_of_parts(l, t, parts);
}

/* ---- operators ---- */

static value *divide(lowering *l, operator_kind op, const type *t, value *x, value *y) {
  if (op == OP_DIVIDE && type_has_matrix(y->type) && x->dim_count > 0) return divide_by_matrix(l, t, y, x, true);
  if (!is_zero(y->parts[1])) return apply(l, "__complex_divide", "operands of `/`", t, x, y);
  value *by = value_settled(l, y->parts[0]), *parts[2];
  const type *real = type_part(l->arena, t, 0);
  for (int i = 0; i < 2; i++) parts[i] = apply_binary(l, OP_ELEMENT_DIVIDE, real, x->parts[i], by);
  return value_of_parts(l, t, parts);
}

value *complex_operation(lowering *l, operator_kind op, const type *t, value *x, value *y) {
  value *parts[2];
  switch (op) {
  case OP_EQUAL:
  case OP_NOT_EQUAL:
    for (int i = 0; i < 2; i++) parts[i] = apply_binary(l, op, &type_int, x->parts[i], y->parts[i]);
    return value_int(l, ir_let2(l->b, op == OP_EQUAL ? IR_OP_AND : IR_OP_OR, parts[0]->scalar, parts[1]->scalar));
  case OP_ADD:
  case OP_SUBTRACT:
    for (int i = 0; i < 2; i++) parts[i] = apply_binary(l, op, type_part(l->arena, t, i), x->parts[i], y->parts[i]);
    return value_of_parts(l, t, parts);
  case OP_MULTIPLY:
  case OP_ELEMENT_MULTIPLY: return multiply(l, &(product){.op = op, .type = type_part(l->arena, t, 0)}, t, x, y);
  case OP_DIVIDE:
  case OP_ELEMENT_DIVIDE: return divide(l, op, t, x, y);
  case OP_LEFT_DIVIDE: return divide_by_matrix(l, t, x, y, false);
  default:
    if (y->dim_count == 0 && is_zero(y->parts[1]) && ir_same(y->parts[0]->scalar, ir_real(2)))
      return multiply(l, &(product){.op = OP_ELEMENT_MULTIPLY, .type = type_part(l->arena, t, 0)}, t, x, x);
    return apply(l, "__complex_power", "operands of `^`", t, x, y);
  }
}

/* ---- builtins ---- */

static value *to_complex(lowering *l, const type *t, value **x, int count) {
  value *zero = value_real(l, ir_real(0));
  if (t->kind == TYPE_COMPLEX)
    return value_of_parts(l, t, (value *[]){count > 0 ? x[0] : zero, count > 1 ? x[1] : zero});
  const value *shape = x[0]->dim_count > 0 ? x[0] : x[1];
  if (x[0]->dim_count > 0 && x[1]->dim_count > 0) check_same_shape(l, x[0], x[1], "to_complex");
  value *parts[2];
  for (int i = 0; i < 2; i++) {
    parts[i] = x[i];
    if (x[i]->dim_count > 0) continue;
    parts[i] = value_allocate(l, NULL, shape->type, shape->dims, false); /* one number for all */
    parts[i]->buffer->is_written_once = true;
    loops loops;
    loops_over(l, &loops, parts[i], true);
    value_store(l, parts[i], &loops.place, x[i]->scalar);
    loops_close(l, &loops);
  }
  return value_of_parts(l, t, parts);
}

static value *modulus(lowering *l, const type *t, value *z) {
  if (z->dim_count > 0) return value_map(l, t, IR_OP_HYPOT, z, 2, z->parts);
  return value_real(l, ir_let2(l->b, IR_OP_HYPOT, z->parts[0]->scalar, z->parts[1]->scalar));
}

value *prepare_complex(lowering *l, const expression *e, int id, value **x, int count) {
  switch (id) {
  case BUILTIN_TO_COMPLEX: return to_complex(l, e->type, x, count);
  case BUILTIN_GET_REAL: return value_retyped(l, x[0]->parts[0], e->type);
  case BUILTIN_GET_IMAG: return value_retyped(l, x[0]->parts[1], e->type);
  case BUILTIN_COMPLEX_ABS: return modulus(l, e->type, x[0]);
  case BUILTIN_CONJ: return conjugate(l, x[0]);
  case BUILTIN_COMPLEX_POW: return apply(l, "__complex_power", "pow", e->type, x[0], x[1]);
  case BUILTIN_DOT_PRODUCT:
    if (!type_is_complex(e->type)) return NULL;
    /* As in Stan (Eigen), the first of two vectors is conjugated, the first of two arrays is not. */
    if (x[0]->type->kind != TYPE_ARRAY) x[0] = conjugate(l, x[0]);
    return multiply(l, &(product){.call = e, .id = id, .type = &type_real}, e->type, x[0], x[1]);
  case BUILTIN_DIAG_PRE_MULTIPLY:
  case BUILTIN_DIAG_POST_MULTIPLY:
    if (!type_is_complex(e->type)) return NULL;
    return multiply(l, &(product){.call = e, .id = id, .type = &type_matrix}, e->type, x[0], x[1]);
  default: return NULL;
  }
}
