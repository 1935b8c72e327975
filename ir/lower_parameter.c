/* lower_parameter.c: parameters, from the unconstrained vector and back. The transforms are functions of runtime/library,
 * named as Stan names them: f_jacobian adds the logarithm of the Jacobian's determinant, f_unconstrain is the inverse. */
#include <math.h>
#include <string.h>
#include "ir/lower_internal.h"

/* ---- what a form takes ---- */

/* The name of the transform; NULL for forms without one of their own. */
static const char *transform_name(type_form form) {
  if (form < FORM_SIMPLEX || form == FORM_TUPLE) return NULL;
  if (form == FORM_SUM_TO_ZERO_VECTOR || form == FORM_SUM_TO_ZERO_MATRIX) return "sum_to_zero";
  if (form == FORM_COLUMN_STOCHASTIC_MATRIX) return "stochastic_column";
  if (form == FORM_ROW_STOCHASTIC_MATRIX) return "stochastic_row";
  return type_form_name(form);
}

/* The transform takes a matrix, of one row or column less or both; the others take a vector, and the sizes of a matrix. */
static bool takes_matrix(type_form form) {
  return form == FORM_COLUMN_STOCHASTIC_MATRIX || form == FORM_ROW_STOCHASTIC_MATRIX || form == FORM_SUM_TO_ZERO_MATRIX;
}

static int size_count(type_form form) { /* of a vector or matrix */
  switch (form) {
  case FORM_INT:
  case FORM_REAL: return 0;
  case FORM_MATRIX:
  case FORM_SUM_TO_ZERO_MATRIX:
  case FORM_CHOLESKY_FACTOR_CORR:
  case FORM_CHOLESKY_FACTOR_COV:
  case FORM_CORR_MATRIX:
  case FORM_COV_MATRIX:
  case FORM_COLUMN_STOCHASTIC_MATRIX:
  case FORM_ROW_STOCHASTIC_MATRIX: return 2;
  default: return 1;
  }
}

/* m (m - 1) / 2 */
static ir_operand pairs(lowering *l, ir_operand m) {
  ir_operand product = int_multiply(l, m, int_subtract(l, m, ir_int(1)));
  return ir_let2(l->b, IR_OP_INT_DIVIDE, product, ir_int(2));
}

/* Unconstrained numbers for one vector or matrix (Stan Reference Manual 2.38, "Constraint transforms"). */
static ir_operand unconstrained_count(lowering *l, type_form form, const ir_operand *sizes) {
  ir_operand one = ir_int(1), m = sizes[0];
  switch (form) {
  case FORM_SIMPLEX:
  case FORM_SUM_TO_ZERO_VECTOR: return ir_let2(l->b, IR_OP_INT_MAX, int_subtract(l, m, one), ir_int(0));
  case FORM_SUM_TO_ZERO_MATRIX: {
    ir_operand rows = int_subtract(l, m, one);
    return int_multiply(l, rows, int_subtract(l, sizes[1], one));
  }
  case FORM_CHOLESKY_FACTOR_CORR:
  case FORM_CORR_MATRIX: return pairs(l, m);
  case FORM_COV_MATRIX: return int_add(l, m, pairs(l, m));
  case FORM_CHOLESKY_FACTOR_COV: { /* rows m, columns n: n (n + 1) / 2 + (m - n) n */
    ir_operand n = sizes[1], triangle = int_add(l, n, pairs(l, n));
    return int_add(l, triangle, int_multiply(l, int_subtract(l, m, n), n));
  }
  case FORM_COLUMN_STOCHASTIC_MATRIX: return int_multiply(l, int_subtract(l, m, one), sizes[1]);
  case FORM_ROW_STOCHASTIC_MATRIX: return int_multiply(l, m, int_subtract(l, sizes[1], one));
  default: return product_of(l, sizes, size_count(form));
  }
}

void measure_parameter(lowering *l, global *parameter) {
  const variable *variable = parameter->variable;
  type_form form = variable->declared->form;
  int inner = size_count(form), arrays = parameter->dim_count - inner;
  ir_operand element = unconstrained_count(l, form, parameter->dims + arrays);
  ir_operand count = product_of(l, parameter->dims, arrays);
  parameter->element_size = as_field(l, arena_printf(l->arena, "%s_element_size", variable->name), element);
  parameter->element_count = as_field(l, arena_printf(l->arena, "%s_count", variable->name), count);
  parameter->size = as_field(l, arena_printf(l->arena, "%s_size", variable->name),
                             int_multiply(l, parameter->element_count, parameter->element_size));
}

/* ---- transforms ---- */

typedef enum bound_kind { BOUND_NONE, BOUND_LOWER, BOUND_UPPER, BOUND_BOTH, BOUND_SCALE } bound_kind;

/* The transform of a type with bounds and the values that it takes besides x. */
typedef struct elementwise {
  bound_kind kind;
  const char *name;
  value *arguments[2];
  int count;
} elementwise;

static elementwise elementwise_of(lowering *l, const global *p) {
  const variable *variable = p->variable;
  static const char *const names[] = {"", "lower_bound", "upper_bound", "lower_upper_bound", "offset_multiplier"};
  const sized_type *t = variable->declared;
  elementwise e = {.kind = BOUND_NONE};
  if (t->offset || t->multiplier) {
    e.kind = BOUND_SCALE;
    e.arguments[e.count++] = t->offset ? prepare(l, t->offset) : value_real(l, ir_real(0));
    e.arguments[e.count++] = t->multiplier ? prepare(l, t->multiplier) : value_real(l, ir_real(1));
  } else {
    if (t->lower) e.arguments[e.count++] = prepare(l, t->lower);
    if (t->upper) e.arguments[e.count++] = prepare(l, t->upper);
    e.kind = t->lower ? (t->upper ? BOUND_BOTH : BOUND_LOWER) : t->upper ? BOUND_UPPER : BOUND_NONE;
  }
  e.name = names[e.kind];
  for (int i = 0; i < e.count; i++) {
    value *bound = e.arguments[i] = value_settled(l, e.arguments[i]);
    if (bound->dim_count > 0 && bound->dim_count < p->dim_count) /* of a member of tuples in an array */
      e.arguments[i] = value_replicated(l, variable->type, p->dims, bound);
  }
  return e;
}

/* One element there (y = f(x)) or back; the bounds' elements are those at the same place. */
static ir_operand transform_element(lowering *l, const variable *variable, const elementwise *e, const char *direction,
                                    ir_operand x, const place *at) {
  static const type *const reals[] = {&type_real, &type_real, &type_real};
  value *arguments[3] = {value_real(l, x)};
  for (int i = 0; i < e->count; i++) arguments[i + 1] = value_real(l, value_element(l, e->arguments[i], at));
  const char *name = format_safe(l->arena, variable->name);
  if (e->kind == BOUND_SCALE) {
    ir_operand scale = arguments[2]->scalar;
    ir_operand is_positive = ir_let2(l->b, IR_OP_LESS, ir_real(0), scale);
    check(l, both(l, is_positive, ir_let2(l->b, IR_OP_LESS, scale, ir_real(INFINITY))),
          arena_printf(l->arena, "the multiplier of %s is %%g, but must be positive and finite", name), scale,
          ir_none(), ir_none());
  }
  if (e->kind == BOUND_BOTH)
    check(l, ir_let2(l->b, IR_OP_LESS, arguments[1]->scalar, arguments[2]->scalar),
          arena_printf(l->arena, "the lower bound of %s is %%g, but must be less than the upper bound, %%g", name),
          arguments[1]->scalar, arguments[2]->scalar, ir_none());
  function *f =
      require_library(l, variable->location, arena_printf(l->arena, "%s_%s", e->name, direction), reals, e->count + 1);
  return call_function(l, f, arguments, SINK_VALUE, false, true)->scalar;
}

static bool bounds_flat(const value *v, const elementwise *e) {
  bool flat = value_takes_flat(v);
  for (int i = 0; i < e->count; i++)
    flat = flat && (e->arguments[i]->dim_count == 0 || value_takes_flat(e->arguments[i]));
  return flat;
}

static void check_bounds_shape(lowering *l, const value *v, const elementwise *e, const char *name) {
  for (int i = 0; i < e->count; i++)
    if (e->arguments[i]->dim_count > 0)
      check_same_shape(l, v, e->arguments[i], arena_printf(l->arena, "%s and its bounds", name));
}

/* The transforms of vectors and matrices: f(unconstrained vector, sizes...) and f(value). */
static function *structured_transform(lowering *l, const variable *variable, const char *direction, bool is_inverse) {
  type_form form = variable->declared->form;
  const type *types[] = {is_inverse || takes_matrix(form) ? type_innermost(variable->type) : &type_vector, &type_int,
                         &type_int};
  int count = is_inverse || takes_matrix(form) || size_count(form) == 1 ? 1 : variable->declared->sizes.count + 1;
  const char *name = arena_printf(l->arena, "%s_%s", transform_name(form), direction);
  function *f = library_function(l->arena, l->library, name, types, count, l->messages);
  if (!f) refuse(l, variable->declared->location, "parameters of type %s cannot be compiled yet", type_form_name(form));
  return f;
}

static value *constrain_structured(lowering *l, const global *p, value *x, const ir_operand *sizes) {
  const variable *variable = p->variable;
  function *f = structured_transform(l, variable, "jacobian", false);
  value *arguments[] = {x, value_int(l, sizes[0]), value_int(l, sizes[1])};
  return call_function(l, f, arguments, SINK_VALUE, false, true);
}

/* The part of the unconstrained vector that belongs to element `number` of an array. */
static value *unconstrained_part(lowering *l, const global *p, ir_operand number) {
  ir_operand offset = int_add(l, p->offset, int_multiply(l, number, p->element_size));
  type_form form = p->variable->declared->form;
  const type *t = takes_matrix(form) ? &type_matrix : &type_vector;
  ir_operand dims[2] = {p->element_size, ir_int(0)};
  if (takes_matrix(form)) {
    dims[0] = int_subtract(l, p->dims[p->dim_count - 2], ir_int(form != FORM_ROW_STOCHASTIC_MATRIX));
    dims[1] = int_subtract(l, p->dims[p->dim_count - 1], ir_int(form != FORM_COLUMN_STOCHASTIC_MATRIX));
  }
  value *part = value_view(l, t, l->out->unconstrained, offset, dims);
  part->name = arena_printf(l->arena, "%s_free", p->variable->name);
  return part;
}

/* The part that belongs to one element of arrays around it. */
static value *strided_part(lowering *l, const global *p, int arrays, const place *at) {
  value *part = unconstrained_part(l, p, ir_int(0));
  for (int d = 0; d < arrays; d++) part->offset = int_add(l, part->offset, int_multiply(l, at->at[d], p->strides[d]));
  return part;
}

static value *strided_parameter(lowering *l, const global *p, int arrays, const ir_operand *sizes) {
  const variable *variable = p->variable;
  value *v = value_allocate(l, variable->name, variable->type, p->dims, false);
  v->buffer->is_written_once = true;
  loops loops;
  loops_open(l, &loops, type_array_of(l->arena, &type_int, arrays), p->dims, false, true);
  value *one = constrain_structured(l, p, strided_part(l, p, arrays, &loops.place), sizes);
  value_copy(l, value_slice(l, v, type_innermost(variable->type), loops.place.at, arrays), one);
  loops_close(l, &loops);
  return v;
}

static value *structured_parameter(lowering *l, const global *p) {
  const variable *variable = p->variable;
  int inner = size_count(variable->declared->form), arrays = p->dim_count - inner;
  ir_operand sizes[2] = {p->dims[arrays], inner == 2 ? p->dims[arrays + 1] : ir_int(0)};
  if (p->is_strided) return strided_parameter(l, p, arrays, sizes);
  if (arrays == 0) {
    value *v = constrain_structured(l, p, unconstrained_part(l, p, ir_int(0)), sizes);
    check_same_size(l, v->dims[0], p->dims[0], "the transform's result has size %ld, not %ld");
    v = value_retyped(l, value_whole(l, v), variable->type);
    v->buffer->name = variable->name;
    memcpy(v->dims, p->dims, sizeof *v->dims * (size_t)v->dim_count);
    return v;
  }
  /* As an array of one dimension over the same memory. */
  const type *element = type_innermost(variable->type);
  value *v = value_allocate(l, variable->name, variable->type, p->dims, false);
  ir_operand flat[IR_MAX_DIMS] = {p->element_count, sizes[0], sizes[1]};
  value *all = value_view(l, type_array_of(l->arena, element, 1), v->buffer, ir_int(0), flat);
  v->buffer->is_written_once = true;
  loops loops;
  ir_operand number = loop_open(l, &loops, "i", p->element_count, true);
  value *one = constrain_structured(l, p, unconstrained_part(l, p, number), sizes);
  value_copy(l, value_slice(l, all, element, &number, 1), one);
  loops_close(l, &loops);
  return v;
}

/* The unconstrained values of a parameter of reals. */
static value *unconstrained_view(lowering *l, const global *p) {
  value *x = value_view(l, p->variable->type, l->out->unconstrained, p->offset, p->dims);
  if (!p->is_strided) return x;
  x->is_dense = false;
  memcpy(x->strides, p->strides, sizeof p->strides);
  return x;
}

static value *parameter_value(lowering *l, const global *p) {
  variable *variable = p->variable;
  if (transform_name(variable->declared->form)) return structured_parameter(l, p);
  elementwise e = elementwise_of(l, p);
  value *x = unconstrained_view(l, p);
  if (p->dim_count == 0) {
    ir_operand y = ir_load(l->b, e.kind == BOUND_NONE ? variable->name : NULL, l->out->unconstrained, p->offset);
    if (e.kind != BOUND_NONE) y = transform_element(l, variable, &e, "jacobian", y, &(place){.is_flat = false});
    if (y.kind == IR_VARIABLE && !y.variable->name) y.variable->name = variable->name;
    return value_scalar(l, variable->type, y);
  }
  x->name = variable->name;
  if (e.kind == BOUND_NONE) return x;
  check_bounds_shape(l, x, &e, variable->name);
  value *v = value_allocate(l, variable->name, variable->type, p->dims, false);
  v->buffer->is_written_once = true;
  loops loops;
  loops_open(l, &loops, variable->type, p->dims, bounds_flat(x, &e), true);
  ir_operand element = value_element(l, x, &loops.place);
  value_store(l, v, &loops.place, transform_element(l, variable, &e, "jacobian", element, &loops.place));
  loops_close(l, &loops);
  return v;
}

void lower_parameter(lowering *l, const global *p) {
  l->b->location = p->variable->location;
  value *v = parameter_value(l, p);
  v->is_fresh = false;
  bind(l, p->variable, v);
}

/* ---- inits ---- */

static void unconstrain_structured(lowering *l, const global *p, value *v) {
  const variable *variable = p->variable;
  int inner = size_count(variable->declared->form), arrays = p->dim_count - inner;
  const type *element = type_innermost(variable->type);
  function *f = structured_transform(l, variable, "unconstrain", true);
  ir_operand flat[IR_MAX_DIMS] = {p->element_count, p->dims[arrays], p->dims[arrays + inner - 1]};
  value *all = value_view(l, type_array_of(l->arena, element, 1), v->buffer, ir_int(0), flat);
  loops loops;
  if (p->is_strided) {
    loops_open(l, &loops, type_array_of(l->arena, &type_int, arrays), p->dims, false, false);
    value *one = value_slice(l, v, element, loops.place.at, arrays);
    value_copy(l, strided_part(l, p, arrays, &loops.place), call_function(l, f, &one, SINK_VALUE, false, true));
    loops_close(l, &loops);
    return;
  }
  ir_operand number = ir_int(0);
  if (arrays > 0) number = loop_open(l, &loops, "i", p->element_count, false);
  value *one = arrays > 0 ? value_slice(l, all, element, &number, 1) : v;
  value_copy(l, unconstrained_part(l, p, number), call_function(l, f, &one, SINK_VALUE, false, true));
  if (arrays > 0) loops_close(l, &loops);
}

static void unconstrain_elements(lowering *l, const global *p, value *v) {
  const variable *variable = p->variable;
  elementwise e = elementwise_of(l, p);
  value *x = unconstrained_view(l, p);
  check_bounds_shape(l, v, &e, variable->name);
  loops loops;
  loops_open(l, &loops, variable->type, p->dims, bounds_flat(v, &e) && value_takes_flat(x), false);
  ir_operand y = value_element(l, v, &loops.place);
  if (e.kind != BOUND_NONE) y = transform_element(l, variable, &e, "unconstrain", y, &loops.place);
  if (p->dim_count == 0)
    ir_store(l->b, l->out->unconstrained, p->offset, y);
  else
    value_store(l, x, &loops.place, y);
  loops_close(l, &loops);
}

static ir_operand present(lowering *l, const char *name) {
  ir_statement *present = ir_append(l->b, IR_PRESENT);
  present->text = name;
  present->variable = ir_variable_create(l->out, "is_given", IR_INT, IR_LOCAL, false);
  return ir_use(present->variable);
}

/* Reads the value of one parameter and transforms it. When later bounds depend on parameters (keeps_value), the value is kept
 * in what lies outside the branch, and for a parameter that is not given comes from the unconstrained vector. */
static void unconstrain_one(lowering *l, const global *p, bool keeps_value) {
  variable *variable = p->variable;
  value *kept = NULL;
  if (keeps_value && p->dim_count > 0) kept = value_allocate(l, variable->name, variable->type, p->dims, true);
  if (keeps_value && p->dim_count == 0)
    kept = value_real(l, ir_use(ir_declare(l->b, variable->name, IR_REAL, ir_none())));
  ir_builder given, absent, *outer = l->b;
  ir_if(l->b, present(l, variable->name), &given, &absent);
  l->b = &given;
  value *v = read_value(l, variable, p->dims, NULL);
  bind(l, variable, v);
  l->is_given = true;
  check_constraints(l, variable, v);
  if (transform_name(variable->declared->form))
    unconstrain_structured(l, p, v);
  else
    unconstrain_elements(l, p, v);
  l->is_given = false;
  for (int i = 0; kept && i < 2; i++) {
    if (i == 1) {
      l->b = &absent;
      v = parameter_value(l, p);
    }
    if (p->dim_count == 0)
      ir_set(l->b, kept->scalar.variable, v->scalar);
    else
      value_copy(l, kept, v);
  }
  l->b = outer;
  if (kept) bind(l, variable, kept);
}

static bool depends(const expression *e) { return e && e->depends_on_parameters; }

static void unconstrain_parts(lowering *l, variable *variable, bool keeps_value) {
  if (!type_has_parts(variable->type)) {
    l->b->location = variable->location;
    unconstrain_one(l, global_of(l, variable), keeps_value);
    return;
  }
  for (int i = 0; i < type_part_count(variable->type); i++)
    unconstrain_parts(l, part_variable(l->arena, variable, i), keeps_value);
  if (keeps_value) bind_parts(l, variable);
}

void lower_unconstrain(lowering *l) {
  bool bounds_depend = false;
  for (int i = 0; i < l->globals.count; i++) {
    const variable *variable = l->globals.items[i].variable;
    const sized_type *t = variable->declared;
    if (variable->block == BLOCK_PARAMETERS &&
        (depends(t->lower) || depends(t->upper) || depends(t->offset) || depends(t->multiplier)))
      bounds_depend = true;
  }
  for (const statement *s = l->program->blocks[BLOCK_PARAMETERS]; s; s = s->next)
    if (s->kind == STATEMENT_DECLARATION) unconstrain_parts(l, s->declaration.variable, bounds_depend);
}
