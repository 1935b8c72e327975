/* lower_shape.c: builtins that make containers, cut them and put them together. */
#include <string.h>
#include "ir/lower_internal.h"

/* ---- sizes ---- */

static value *sizes(lowering *l, int id, const value *x) {
  type_kind kind = x->type->kind;
  switch (id) {
  case BUILTIN_SIZE:
    if (kind == TYPE_ARRAY) return value_int(l, x->dims[0]);
    return value_int(l, value_size(l, x));
  case BUILTIN_NUM_ELEMENTS:
  case BUILTIN_ELEMENT_COUNT: return value_int(l, value_size(l, x));
  case BUILTIN_ROWS:
    return value_int(l, kind == TYPE_ROW_VECTOR || kind == TYPE_COMPLEX_ROW_VECTOR ? ir_int(1) : x->dims[0]);
  case BUILTIN_COLS:
    return value_int(l, kind == TYPE_VECTOR || kind == TYPE_COMPLEX_VECTOR ? ir_int(1) : x->dims[x->dim_count - 1]);
  case BUILTIN_DIMS: {
    ir_operand count = ir_int(x->dim_count);
    value *result = value_allocate(l, "dims", type_array_of(l->arena, &type_int, 1), &count, false);
    result->buffer->is_written_once = true;
    for (int d = 0; d < x->dim_count; d++) value_store(l, result, &(place){.at = {ir_int(d)}}, x->dims[d]);
    return result;
  }
  default: return NULL;
  }
}

/* ---- made from scalars ---- */

static ir_operand first_child(lowering *l, const value *v, const place *at) {
  (void)l, (void)at;
  return v->children[0]->scalar;
}

static value *repeated(lowering *l, const type *t, ir_operand x, const ir_operand *dims, const char *name) {
  int count = type_total_dimensions(t);
  for (int d = 0; d < count && !l->frame->is_library; d++) check_size(l, dims[d], name);
  value *v = value_node(l, t, dims, first_child, 1, ir_type_of(t) == IR_INT ? value_int(l, x) : value_real(l, x));
  v->is_flat = v->is_elementwise = true;
  return v;
}

static ir_operand one_where(lowering *l, const type *t, ir_operand condition) {
  return ir_type_of(t) == IR_INT ? condition : as_real(l, condition);
}

static ir_operand one_hot_element(lowering *l, const value *v, const place *at) {
  return one_where(l, v->type, ir_let2(l->b, IR_OP_INT_EQUAL, at->at[0], v->extra[0]));
}

static ir_operand identity_element(lowering *l, const value *v, const place *at) {
  return one_where(l, v->type, ir_let2(l->b, IR_OP_INT_EQUAL, at->at[0], at->at[1]));
}

static ir_operand diagonal_matrix_element(lowering *l, const value *v, const place *at) {
  ir_operand on = ir_let2(l->b, IR_OP_INT_EQUAL, at->at[0], at->at[1]);
  return ir_let3(l->b, IR_OP_SELECT, on, value_at(l, v->children[0], at->at[0]), ir_real(0));
}

/* low + i step, and exactly high at the end */
static ir_operand linspaced_element(lowering *l, const value *v, const place *at) {
  ir_operand i = at->at[0], distance = ir_let2(l->b, IR_OP_MULTIPLY, as_real(l, i), v->extra[2]);
  ir_operand is_last = ir_let2(l->b, IR_OP_INT_EQUAL, i, int_subtract(l, v->dims[0], ir_int(1)));
  return ir_let3(l->b, IR_OP_SELECT, is_last, v->extra[1], ir_let2(l->b, IR_OP_ADD, v->extra[0], distance));
}

static value *linspaced(lowering *l, const type *t, value **x) {
  ir_operand n = x[0]->scalar;
  check_size(l, n, "linspaced");
  value *v = value_node(l, t, &n, linspaced_element, 0);
  v->extra[0] = as_real(l, x[1]->scalar);
  v->extra[1] = as_real(l, x[2]->scalar);
  ir_operand width = ir_let2(l->b, IR_OP_SUBTRACT, v->extra[1], v->extra[0]);
  v->extra[2] = ir_let2(l->b, IR_OP_DIVIDE, width, as_real(l, int_subtract(l, n, ir_int(1))));
  return v;
}

/* As Eigen's LinSpaced of ints: steps of a whole number, or each value several times. */
static ir_operand linspaced_int_element(lowering *l, const value *v, const place *at) {
  ir_operand stepped = int_multiply(l, at->at[0], v->extra[1]);
  return int_add(l, v->extra[0], ir_let2(l->b, IR_OP_INT_DIVIDE, stepped, v->extra[2]));
}

static value *linspaced_int(lowering *l, const type *t, value **x) {
  ir_operand n = x[0]->scalar, low = x[1]->scalar, high = x[2]->scalar, one = ir_int(1);
  check_size(l, n, "linspaced_int_array");
  check(l, ir_let2(l->b, IR_OP_INT_LESS_EQUAL, low, high), "linspaced_int_array: from %ld to %ld is not upwards", low,
        high, ir_none());
  ir_operand range = int_subtract(l, high, low), gaps = ir_let2(l->b, IR_OP_INT_MAX, int_subtract(l, n, one), one);
  ir_operand values = int_add(l, range, one), repeats = ir_let2(l->b, IR_OP_INT_DIVIDE, int_add(l, range, n), values);
  ir_operand is_wide = ir_let2(l->b, IR_OP_INT_LESS_EQUAL, gaps, range);
  value *v = value_node(l, t, &n, linspaced_int_element, 0);
  v->extra[0] = ir_let3(l->b, IR_OP_INT_SELECT, ir_let2(l->b, IR_OP_INT_EQUAL, n, one), high, low);
  v->extra[1] = ir_let3(l->b, IR_OP_INT_SELECT, is_wide, ir_let2(l->b, IR_OP_INT_DIVIDE, range, gaps), one);
  v->extra[2] = ir_let3(l->b, IR_OP_INT_SELECT, is_wide, one, ir_let2(l->b, IR_OP_INT_MAX, repeats, one));
  return v;
}

/* The last dimensions of the child; those before repeat it. */
static ir_operand replicated_element(lowering *l, const value *v, const place *at) {
  const value *child = v->children[0];
  place inner = {.is_flat = false};
  int skipped = v->dim_count - child->dim_count;
  for (int d = 0; d < child->dim_count; d++) inner.at[d] = at->at[skipped + d];
  return value_element(l, child, &inner);
}

value *value_replicated(lowering *l, const type *t, const ir_operand *dims, value *child) {
  value *v = value_node(l, t, dims, replicated_element, 1, child);
  v->is_flat = child->dim_count == 0;
  return v;
}

static ir_operand replicated_column(lowering *l, const value *v, const place *at) {
  return value_at(l, v->children[0], at->at[0]);
}

static value *replicated(lowering *l, const type *t, value **x, int count) {
  ir_operand dims[IR_MAX_DIMS];
  value *child = value_settled(l, x[0]);
  if (child->dim_count + count - 1 > IR_MAX_DIMS)
    refuse(l, l->b->location, "more than %d dimensions cannot be compiled", IR_MAX_DIMS);
  for (int i = 1; i < count; i++) dims[i - 1] = x[i]->scalar;
  memcpy(dims + count - 1, child->dims, sizeof *dims * (size_t)child->dim_count);
  for (int i = 0; i < count - 1 && !l->frame->is_library; i++) check_size(l, dims[i], "rep_array");
  if (child->dim_count + count - 1 > 2 && !l->frame->is_library)
    check_count(l, dims, child->dim_count + count - 1, "rep_array");
  return value_replicated(l, t, dims, child);
}

static value *rep_matrix(lowering *l, const type *t, value **x) {
  if (x[0]->dim_count == 0)
    return repeated(l, t, x[0]->scalar, (ir_operand[]){x[1]->scalar, x[2]->scalar}, "rep_matrix");
  value *child = value_settled(l, x[0]);
  if (!l->frame->is_library) check_size(l, x[1]->scalar, "rep_matrix");
  if (child->type->kind == TYPE_ROW_VECTOR)
    return value_node(l, t, (ir_operand[]){x[1]->scalar, child->dims[0]}, replicated_element, 1, child);
  return value_node(l, t, (ir_operand[]){child->dims[0], x[1]->scalar}, replicated_column, 1, child);
}

static value *one_hot(lowering *l, const type *t, value **x) {
  check_index(l, x[1]->scalar, x[0]->scalar, "a one_hot container");
  value *v = value_node(l, t, &x[0]->scalar, one_hot_element, 0);
  v->extra[0] = int_subtract(l, x[1]->scalar, ir_int(1));
  return v;
}

static value *made(lowering *l, const expression *e, int id, value **x, int count) {
  const type *t = e->type;
  switch (id) {
  case BUILTIN_REP_VECTOR:
  case BUILTIN_REP_ROW_VECTOR: return repeated(l, t, x[0]->scalar, &x[1]->scalar, e->call.name);
  case BUILTIN_REP_MATRIX: return rep_matrix(l, t, x);
  case BUILTIN_REP_ARRAY: return replicated(l, t, x, count);
  case BUILTIN_ZEROS_VECTOR:
  case BUILTIN_ZEROS_ROW_VECTOR:
  case BUILTIN_ZEROS_ARRAY:
  case BUILTIN_ZEROS_INT_ARRAY: return repeated(l, t, ir_int(0), &x[0]->scalar, e->call.name);
  case BUILTIN_ONES_VECTOR:
  case BUILTIN_ONES_ROW_VECTOR:
  case BUILTIN_ONES_ARRAY:
  case BUILTIN_ONES_INT_ARRAY: return repeated(l, t, ir_int(1), &x[0]->scalar, e->call.name);
  case BUILTIN_UNIFORM_SIMPLEX:
    return repeated(l, t, ir_let1(l->b, IR_OP_INV, as_real(l, x[0]->scalar)), &x[0]->scalar, e->call.name);
  case BUILTIN_ONE_HOT_VECTOR:
  case BUILTIN_ONE_HOT_ROW_VECTOR:
  case BUILTIN_ONE_HOT_ARRAY:
  case BUILTIN_ONE_HOT_INT_ARRAY: return one_hot(l, t, x);
  case BUILTIN_LINSPACED_VECTOR:
  case BUILTIN_LINSPACED_ROW_VECTOR:
  case BUILTIN_LINSPACED_ARRAY: return linspaced(l, t, x);
  case BUILTIN_LINSPACED_INT_ARRAY: return linspaced_int(l, t, x);
  case BUILTIN_IDENTITY_MATRIX:
    check_size(l, x[0]->scalar, "identity_matrix");
    return value_node(l, t, (ir_operand[]){x[0]->scalar, x[0]->scalar}, identity_element, 0);
  case BUILTIN_DIAG_MATRIX: {
    value *diagonal = value_settled(l, x[0]);
    return value_node(l, t, (ir_operand[]){x[0]->dims[0], x[0]->dims[0]}, diagonal_matrix_element, 1, diagonal);
  }
  default: return NULL;
  }
}

/* ---- another shape ---- */

static ir_operand same_element(lowering *l, const value *v, const place *at) {
  return value_element(l, v->children[0], at);
}

static ir_operand row_major_element(lowering *l, const value *v, const place *at) {
  place inner = {.at = {int_add(l, int_multiply(l, at->at[0], v->dims[1]), at->at[1])}, .is_flat = true};
  return value_element(l, v->children[0], &inner);
}

/* The program decides when it runs: by columns when the flag is not 0. */
static ir_operand either_major_element(lowering *l, const value *v, const place *at) {
  ir_operand by_columns = ir_let2(l->b, IR_OP_INT_NOT_EQUAL, v->extra[0], ir_int(0));
  ir_operand down = int_add(l, int_multiply(l, at->at[1], v->dims[0]), at->at[0]);
  ir_operand across = int_add(l, int_multiply(l, at->at[0], v->dims[1]), at->at[1]);
  place inner = {.at = {ir_let3(l->b, IR_OP_INT_SELECT, by_columns, down, across)}, .is_flat = true};
  return value_element(l, v->children[0], &inner);
}

static ir_operand reversed_element(lowering *l, const value *v, const place *at) {
  place inner = *at;
  inner.at[0] = int_subtract(l, int_subtract(l, v->dims[0], ir_int(1)), at->at[0]);
  inner.is_flat = false;
  return value_element(l, v->children[0], &inner);
}

static value *to_matrix(lowering *l, const type *t, value **x, int count) {
  value *v = x[0];
  if (count == 1) {
    if (v->type->kind == TYPE_VECTOR) return value_reshaped(l, v, t, (ir_operand[]){v->dims[0], ir_int(1)});
    if (v->type->kind == TYPE_ROW_VECTOR) return value_reshaped(l, v, t, (ir_operand[]){ir_int(1), v->dims[0]});
    if (v->type->kind == TYPE_MATRIX) return v;
    return value_node(l, t, v->dims, same_element, 1, v);
  }
  ir_operand dims[] = {x[1]->scalar, x[2]->scalar};
  ir_operand size = value_size(l, v);
  check_same_size(l, size, int_multiply(l, dims[0], dims[1]), "to_matrix: %ld elements do not fill a matrix of %ld");
  ir_operand by_columns = count == 4 ? x[3]->scalar : ir_int(1);
  bool is_known = by_columns.kind == IR_CONSTANT_INT;
  if (is_known && by_columns.int_value) return value_reshaped(l, v, t, dims);
  if (!value_takes_flat(v) || v->is_impure) v = value_materialise(l, v, NULL);
  value *rows = value_node(l, t, dims, is_known ? row_major_element : either_major_element, 1, v);
  rows->extra[0] = by_columns;
  return rows;
}

static value *reshaped(lowering *l, const type *t, int id, value **x, int count) {
  switch (id) {
  case BUILTIN_TO_VECTOR:
  case BUILTIN_TO_ROW_VECTOR:
  case BUILTIN_TO_ARRAY_1D: {
    ir_operand size = value_size(l, x[0]);
    return value_reshaped(l, x[0], t, &size);
  }
  case BUILTIN_TO_ARRAY_2D: return value_node(l, t, x[0]->dims, same_element, 1, x[0]);
  case BUILTIN_TO_MATRIX: return to_matrix(l, t, x, count);
  case BUILTIN_REVERSE: {
    value *v = x[0]->is_impure ? value_materialise(l, x[0], NULL) : x[0];
    return value_node(l, t, v->dims, reversed_element, 1, v);
  }
  default: return NULL;
  }
}

/* ---- put together ---- */

/* Copies x into the elements of result whose index in dimension d is at or after first; a value of one dimension less (a
 * scalar in a vector, a row or column in a matrix) fills one index. Returns the index after it. */
static ir_operand put(lowering *l, value *result, int d, ir_operand first, value *x) {
  bool is_one = x->dim_count < result->dim_count;
  ir_operand count = is_one ? ir_int(1) : x->dims[d];
  if (x->dim_count == 0) {
    value_store(l, result, &(place){.at = {first}}, x->scalar);
    return int_add(l, first, count);
  }
  selection selections[IR_MAX_DIMS] = {{.kind = SELECT_ALL}};
  for (int i = 0; i < result->dim_count; i++) selections[i].kind = SELECT_ALL;
  selections[d] = (selection){.kind = is_one ? SELECT_ONE : SELECT_FROM, .first = first, .count = count};
  value_copy(l, select_from(l, result, x->type, selections, d + 1), x);
  return int_add(l, first, count);
}

static ir_operand extent(const value *x, int dim_count, int d) {
  if (x->dim_count == dim_count) return x->dims[d];
  return ir_int(1);
}

/* In two dimensions, a row or column counts as a matrix. */
static value *append(lowering *l, const expression *e, int d, value *a, value *b) {
  int dim_count = type_total_dimensions(e->type);
  ir_operand dims[IR_MAX_DIMS];
  for (int i = 0; i < dim_count; i++) {
    if (i == d) continue;
    const value *parts[] = {a, b};
    ir_operand own[2];
    for (int p = 0; p < 2; p++) own[p] = parts[p]->dim_count == dim_count ? parts[p]->dims[i] : parts[p]->dims[0];
    check_same_size(l, own[0], own[1],
                    arena_printf(l->arena, "%s: sizes must be equal, but are %%ld and %%ld", e->call.name));
    dims[i] = own[0];
  }
  dims[d] = int_add(l, extent(a, dim_count, d), extent(b, dim_count, d));
  value *result = value_allocate(l, NULL, e->type, dims, false);
  result->buffer->is_written_once = true;
  put(l, result, d, put(l, result, d, ir_int(0), a), b);
  return result;
}

static value *appended(lowering *l, const expression *e, int id, value **x) {
  switch (id) {
  case BUILTIN_APPEND_ROW:
  case BUILTIN_APPEND_ARRAY: return append(l, e, 0, x[0], x[1]);
  case BUILTIN_APPEND_COL: return append(l, e, type_total_dimensions(e->type) - 1, x[0], x[1]);
  default: return NULL;
  }
}

/* ---- cut out ---- */

static const char *argument_of(lowering *l, const char *name) {
  return arena_printf(l->arena, "the argument of `%s`", name);
}

static selection one_of(lowering *l, ir_operand index, ir_operand size, const char *name) {
  check_index(l, index, size, argument_of(l, name));
  return (selection){.kind = SELECT_ONE, .first = int_subtract(l, index, ir_int(1))};
}

/* count elements from first (counted from 1) on */
static selection some_of(lowering *l, ir_operand first, ir_operand count, ir_operand size, const char *name) {
  ir_operand start = int_subtract(l, first, ir_int(1));
  check_size(l, count, name);
  check_range(l, first, int_add(l, start, count), size, argument_of(l, name));
  return (selection){.kind = SELECT_FROM, .first = start, .count = count};
}

static ir_operand diagonal_element(lowering *l, const value *v, const place *at) {
  return value_at2(l, v->children[0], at->at[0], at->at[0]);
}

static value *cut(lowering *l, const expression *e, int id, value **x) {
  const char *name = e->call.name;
  value *v = x[0]->is_impure ? value_materialise(l, x[0], NULL) : x[0];
  selection s[2] = {{.kind = SELECT_ALL}, {.kind = SELECT_ALL}};
  switch (id) {
  case BUILTIN_HEAD: s[0] = some_of(l, ir_int(1), x[1]->scalar, v->dims[0], name); break;
  case BUILTIN_TAIL: {
    ir_operand first = int_add(l, int_subtract(l, v->dims[0], x[1]->scalar), ir_int(1));
    s[0] = some_of(l, first, x[1]->scalar, v->dims[0], name);
    break;
  }
  case BUILTIN_SEGMENT: s[0] = some_of(l, x[1]->scalar, x[2]->scalar, v->dims[0], name); break;
  case BUILTIN_BLOCK:
    s[0] = some_of(l, x[1]->scalar, x[3]->scalar, v->dims[0], name);
    s[1] = some_of(l, x[2]->scalar, x[4]->scalar, v->dims[1], name);
    break;
  case BUILTIN_SUB_COL:
    s[0] = some_of(l, x[1]->scalar, x[3]->scalar, v->dims[0], name);
    s[1] = one_of(l, x[2]->scalar, v->dims[1], name);
    break;
  case BUILTIN_SUB_ROW:
    s[0] = one_of(l, x[1]->scalar, v->dims[0], name);
    s[1] = some_of(l, x[2]->scalar, x[3]->scalar, v->dims[1], name);
    break;
  case BUILTIN_ROW: s[0] = one_of(l, x[1]->scalar, v->dims[0], name); break;
  case BUILTIN_COL: s[1] = one_of(l, x[1]->scalar, v->dims[1], name); break;
  case BUILTIN_DIAGONAL: {
    ir_operand size = ir_let2(l->b, IR_OP_INT_MIN, v->dims[0], v->dims[1]);
    return value_node(l, e->type, ir_same(v->dims[0], v->dims[1]) ? v->dims : &size, diagonal_element, 1, v);
  }
  default: return NULL;
  }
  return select_from(l, v, e->type, s, v->dim_count == 1 || type_total_dimensions(v->type) != 2 ? 1 : 2);
}

value *prepare_shape(lowering *l, const expression *e, int id, value **x, int count) {
  value *v = count > 0 ? sizes(l, id, x[0]) : NULL;
  if (!v) v = made(l, e, id, x, count);
  if (!v) v = reshaped(l, e->type, id, x, count);
  if (!v) v = appended(l, e, id, x);
  if (!v) v = cut(l, e, id, x);
  return v;
}
