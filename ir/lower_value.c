/* lower_value.c: values, the shape and elements of an expression, and the loops that ask for the elements. */
#include <stdarg.h>
#include <string.h>
#include "ir/lower_internal.h"

ir_type ir_type_of(const type *t) { return type_scalar(t)->kind == TYPE_INT ? IR_INT : IR_REAL; }

bool type_has_matrix(const type *t) {
  type_kind kind = type_innermost(t)->kind;
  return kind == TYPE_MATRIX || kind == TYPE_COMPLEX_MATRIX;
}

ir_operand int_add(lowering *l, ir_operand a, ir_operand b) {
  return note_definition(l, ir_let2(l->b, IR_OP_INT_ADD, a, b));
}

/* (x + c) - d for constants c and d is one addition: ranges of indices make many of these. */
ir_operand int_subtract(lowering *l, ir_operand a, ir_operand b) {
  long offset;
  if (b.kind == IR_CONSTANT_INT) {
    ir_operand base = split_offset(a, &offset);
    if (offset != 0 && offset == b.int_value) return base;
  }
  return note_definition(l, ir_let2(l->b, IR_OP_INT_SUBTRACT, a, b));
}

ir_operand int_multiply(lowering *l, ir_operand a, ir_operand b) { return ir_let2(l->b, IR_OP_INT_MULTIPLY, a, b); }

ir_operand as_real(lowering *l, ir_operand x) {
  return ir_operand_type(x) == IR_REAL ? x : note_definition(l, ir_let1(l->b, IR_OP_TO_REAL, x));
}

ir_operand product_of(lowering *l, const ir_operand *dims, int count) {
  ir_operand product = ir_int(1);
  for (int d = 0; d < count; d++) product = int_multiply(l, product, dims[d]);
  return product;
}

/* ---- making values ---- */

static value *value_new(lowering *l, const type *t, const ir_operand *dims) {
  value *v = arena_new(l->arena, value);
  v->type = t;
  v->dim_count = type_total_dimensions(t);
  if (v->dim_count > IR_MAX_DIMS) refuse(l, l->b->location, "more than %d dimensions cannot be compiled", IR_MAX_DIMS);
  if (dims) memcpy(v->dims, dims, sizeof *dims * (size_t)v->dim_count);
  return v;
}

value *value_scalar(lowering *l, const type *t, ir_operand operand) {
  value *v = value_new(l, t, NULL);
  v->scalar = operand;
  v->is_flat = true;
  return v;
}

value *value_real(lowering *l, ir_operand operand) { return value_scalar(l, &type_real, as_real(l, operand)); }
value *value_int(lowering *l, ir_operand operand) { return value_scalar(l, &type_int, operand); }

value *value_view(lowering *l, const type *t, ir_buffer *buffer, ir_operand offset, const ir_operand *dims) {
  value *v = value_new(l, t, dims);
  v->buffer = buffer;
  v->offset = offset;
  v->is_dense = true;
  return v;
}

value *value_node(lowering *l, const type *t, const ir_operand *dims, element_function *element, int child_count, ...) {
  value *v = value_new(l, t, dims);
  v->element = element;
  v->child_count = child_count;
  v->children = arena_array(l->arena, value *, child_count + 1);
  v->location = l->b->location;
  va_list children;
  va_start(children, child_count);
  for (int i = 0; i < child_count; i++) {
    v->children[i] = va_arg(children, value *);
    v->is_impure |= v->children[i]->is_impure;
  }
  va_end(children);
  return v;
}

static ir_operand map_element(lowering *l, const value *v, const place *at) {
  ir_operand x[IR_MAX_ARGUMENTS] = {{0}};
  for (int i = 0; i < v->child_count; i++) x[i] = value_element(l, v->children[i], at);
  return ir_let(l->b, NULL, v->op, x[0], x[1], x[2], x[3]);
}

value *value_map(lowering *l, const type *t, ir_op op, const value *shape, int child_count, value *const *children) {
  value *v = value_node(l, t, shape->dims, map_element, 0);
  v->children = arena_array(l->arena, value *, child_count);
  memcpy(v->children, children, sizeof *children * (size_t)child_count);
  v->child_count = child_count;
  v->op = op;
  v->is_elementwise = v->is_flat = true;
  for (int i = 0; i < child_count; i++) {
    v->is_impure |= children[i]->is_impure;
    v->is_flat =
        v->is_flat && (children[i]->dim_count == 0 ||
                       (value_takes_flat(children[i]) && type_has_matrix(children[i]->type) == type_has_matrix(t)));
  }
  return v;
}

value *value_retyped(lowering *l, const value *v, const type *t) {
  value *copy = arena_new(l->arena, value);
  *copy = *v;
  copy->type = t;
  return copy;
}

static ir_operand reshaped_element(lowering *l, const value *v, const place *at) {
  const value *child = v->children[0];
  place inner = *at;
  if (!at->is_flat && v->dim_count > 1) {
    /* the number of the element in the order of storage */
    int rows = type_has_matrix(v->type) ? v->dim_count - 2 : -1;
    ir_operand number = ir_int(0);
    for (int d = 0; d < v->dim_count; d++) {
      int from = rows < 0 || d < rows ? d : (d == rows ? rows + 1 : rows); /* columns before rows */
      number = int_add(l, int_multiply(l, number, v->dims[from]), at->at[from]);
    }
    inner.at[0] = number;
  }
  inner.is_flat = child->dim_count > 1;
  return value_element(l, child, &inner);
}

value *value_reshaped(lowering *l, value *v, const type *t, const ir_operand *dims) {
  if (v->parts) {
    value **parts = arena_array(l->arena, value *, v->part_count);
    for (int i = 0; i < v->part_count; i++) parts[i] = value_reshaped(l, v->parts[i], type_part(l->arena, t, i), dims);
    return value_of_parts(l, t, parts);
  }
  if (!value_takes_flat(v) || v->is_impure) v = value_materialise(l, v, NULL);
  if (v->buffer && (v->is_dense || (v->dim_count == 1 && type_total_dimensions(t) == 1))) {
    value *view = value_new(l, t, dims);
    view->buffer = v->buffer;
    view->offset = v->offset;
    view->is_dense = v->is_dense;
    view->is_fresh = v->is_fresh;
    view->owner = v->owner;
    view->name = v->name;
    view->strides[0] = v->strides[0];
    return view;
  }
  value *node = value_node(l, t, dims, reshaped_element, 1, v);
  node->is_flat = true;
  return node;
}

/* ---- elements ---- */

ir_operand value_size(lowering *l, const value *v) { return product_of(l, v->dims, v->dim_count); }

bool value_takes_flat(const value *v) { return v->dim_count <= 1 || (v->buffer ? v->is_dense : v->is_flat); }

bool value_is_whole(const lowering *l, const value *v) {
  return v->buffer && v->is_dense && v->offset.kind == IR_CONSTANT_INT && v->offset.int_value == 0 &&
         v->buffer != l->out->unconstrained;
}

static ir_operand view_index(lowering *l, const value *v, const place *at) {
  ir_operand index = ir_int(0);
  if (at->is_flat && v->dim_count > 1) return int_add(l, v->offset, at->at[0]);
  if (!v->is_dense) {
    for (int d = 0; d < v->dim_count; d++) index = int_add(l, index, int_multiply(l, at->at[d], v->strides[d]));
    return int_add(l, v->offset, index);
  }
  int rows = type_has_matrix(v->type) ? v->dim_count - 2 : v->dim_count;
  for (int d = 0; d < rows; d++) index = int_add(l, int_multiply(l, index, v->dims[d]), at->at[d]);
  if (rows < v->dim_count) {
    index = int_add(l, int_multiply(l, index, v->dims[rows + 1]), at->at[rows + 1]);
    index = int_add(l, int_multiply(l, index, v->dims[rows]), at->at[rows]);
  }
  return int_add(l, v->offset, index);
}

ir_operand value_element(lowering *l, const value *v, const place *at) {
  if (v->dim_count == 0) return v->scalar;
  if (v->buffer) return ir_load(l->b, v->name ? v->name : v->buffer->name, v->buffer, view_index(l, v, at));
  return v->element(l, v, at);
}

ir_operand value_at(lowering *l, const value *v, ir_operand index) {
  return value_element(l, v, &(place){.at = {index}});
}

ir_operand value_at2(lowering *l, const value *v, ir_operand i, ir_operand j) {
  return value_element(l, v, &(place){.at = {i, j}});
}

value *value_element_place(lowering *l, const value *v, const type *t, const place *at) {
  value *place = value_new(l, t, NULL);
  place->buffer = v->buffer;
  place->offset = view_index(l, v, at);
  place->name = v->name;
  return place;
}

void value_store(lowering *l, const value *target, const place *at, ir_operand element) {
  if (ir_type_of(target->type) == IR_REAL) element = as_real(l, element);
  if (target->buffer) {
    ir_store(l->b, target->buffer, view_index(l, target, at), element);
    return;
  }
  place inner = selected_place(l, target, at); /* only an indexed variable is assigned to */
  value_store(l, target->children[0], &inner, element);
}

/* ---- loops ---- */

static ir_operand open_one(lowering *l, loops *loops, int depth, const char *name, ir_operand count, bool is_parallel) {
  ir_statement *loop =
      ir_for(l->b, name, ir_int(0), int_subtract(l, count, ir_int(1)), is_parallel, &loops->bodies[depth]);
  loop->variable->note = loop;
  l->b = &loops->bodies[depth];
  return ir_use(loop->variable);
}

ir_operand loop_open(lowering *l, loops *loops, const char *name, ir_operand count, bool is_parallel) {
  *loops = (struct loops){.outer = l->b};
  return open_one(l, loops, 0, name, count, is_parallel);
}

void loops_open(lowering *l, loops *loops, const type *t, const ir_operand *dims, bool is_flat, bool is_parallel) {
  int count = type_total_dimensions(t);
  *loops = (struct loops){.outer = l->b};
  if (count == 0) return;
  if (is_flat && count > 1) {
    loops->place.is_flat = true;
    loops->place.at[0] = open_one(l, loops, 0, "i", product_of(l, dims, count), is_parallel);
    return;
  }
  static const char *const names[IR_MAX_DIMS] = {"i", "j", "k", "l", "m", "n", "o", "p"};
  int rows = type_has_matrix(t) ? count - 2 : count;
  for (int depth = 0; depth < count; depth++) {
    int d = depth < rows ? depth : (depth == rows ? rows + 1 : rows); /* the columns' loop is outside the rows' */
    loops->place.at[d] = open_one(l, loops, depth, names[d], dims[d], is_parallel);
  }
}

void loops_over(lowering *l, loops *loops, const value *v, bool is_parallel) {
  loops_open(l, loops, v->type, v->dims, value_takes_flat(v), is_parallel && !v->is_impure);
}

void loops_close(lowering *l, loops *loops) { l->b = loops->outer; }

/* ---- memory ---- */

value *value_allocate(lowering *l, const char *name, const type *t, const ir_operand *dims, bool is_filled) {
  ir_operand size = product_of(l, dims, type_total_dimensions(t));
  if (size.kind == IR_VARIABLE && size.variable->is_mutable) size = ir_let1(l->b, IR_OP_INT_COPY, size);
  value *v = value_view(l, t, ir_alloc(l->b, name, ir_type_of(t), size, is_filled), ir_int(0), dims);
  v->is_fresh = true;
  return v;
}

static void copy_elements(lowering *l, const value *target, const value *source) {
  bool flat = value_takes_flat(target) && value_takes_flat(source) &&
              type_has_matrix(target->type) == type_has_matrix(source->type);
  loops loops;
  bool scatters = !target->buffer; /* two elements may go to one place: the later one stays */
  loops_open(l, &loops, target->type, target->dims, flat, !source->is_impure && !scatters);
  value_store(l, target, &loops.place, value_element(l, source, &loops.place));
  loops_close(l, &loops);
}

static value *copy_of(lowering *l, value *v) {
  return v->dim_count == 0 && !v->parts ? v : value_materialise(l, v, NULL);
}

value *value_materialise(lowering *l, value *v, const char *name) {
  if (v->parts) return each_part(l, v, copy_of);
  value *copy = value_allocate(l, name, v->type, v->dims, false);
  copy->buffer->is_written_once = true;
  copy_elements(l, copy, v);
  return copy;
}

value *value_settled(lowering *l, value *v) {
  if (v->parts) return each_part(l, v, value_settled);
  return v->dim_count == 0 || v->buffer ? v : value_materialise(l, v, NULL);
}

value *value_whole(lowering *l, value *v) { return value_is_whole(l, v) ? v : value_materialise(l, v, NULL); }

static ir_buffer *buffer_of(const value *v) {
  return v->buffer || !v->child_count ? v->buffer : buffer_of(v->children[0]);
}

/* Element i of the value reads something of the buffer other than what element i of target is. */
static bool reads_elsewhere(const value *v, const value *target, const ir_buffer *buffer, bool same_place) {
  if (v->dim_count == 0) return false;
  if (v->buffer) {
    if (v->buffer != buffer) return false;
    if (!same_place || !target->buffer || v->is_dense != target->is_dense || v->dim_count != target->dim_count ||
        !ir_same(v->offset, target->offset))
      return true;
    for (int d = 0; d < v->dim_count; d++) {
      if (!ir_same(v->dims[d], target->dims[d])) return true;
      if (!v->is_dense && !ir_same(v->strides[d], target->strides[d])) return true;
    }
    return false;
  }
  for (int i = 0; i < v->child_count; i++)
    if (reads_elsewhere(v->children[i], target, buffer, same_place && v->is_elementwise)) return true;
  if (v->selections)
    for (int d = 0; d < v->children[0]->dim_count; d++)
      if (v->selections[d].indices && reads_elsewhere(v->selections[d].indices, target, buffer, false)) return true;
  return false;
}

bool value_reads(const value *v, const value *of) { return reads_elsewhere(v, of, buffer_of(of), false); }

void value_copy(lowering *l, const value *target, value *source) {
  if (target->parts) {
    store_parts(l, (value *)target, source);
    return;
  }
  if (reads_elsewhere(source, target, buffer_of(target), true)) source = value_materialise(l, source, NULL);
  copy_elements(l, target, source);
}

/* ---- slices ---- */

static ir_operand slice_element(lowering *l, const value *v, const place *at) {
  place inner = {.is_flat = false};
  int fixed = v->children[0]->dim_count - v->dim_count;
  for (int d = 0; d < fixed; d++) inner.at[d] = v->extra[d];
  for (int d = 0; d < v->dim_count; d++) inner.at[fixed + d] = at->at[d];
  return value_element(l, v->children[0], &inner);
}

value *value_slice(lowering *l, value *v, const type *t, const ir_operand *indices, int count) {
  if (v->parts) return parts_slice(l, v, t, indices, count);
  if (count == v->dim_count) {
    place at = {.is_flat = false};
    memcpy(at.at, indices, sizeof *indices * (size_t)count);
    return value_scalar(l, t, value_element(l, v, &at));
  }
  if (!v->buffer) {
    if (count > 3)
      v = value_materialise(l, v, NULL);
    else {
      value *node = value_node(l, t, v->dims + count, slice_element, 1, v);
      memcpy(node->extra, indices, sizeof *indices * (size_t)count);
      return node;
    }
  }
  value *view = value_view(l, t, v->buffer, v->offset, v->dims + count);
  view->name = v->name;
  view->is_dense = v->is_dense;
  ir_operand index = ir_int(0);
  if (v->is_dense) {
    for (int d = 0; d < count; d++) index = int_add(l, int_multiply(l, index, v->dims[d]), indices[d]);
    index = int_multiply(l, index, product_of(l, v->dims + count, view->dim_count));
  } else {
    for (int d = 0; d < count; d++) index = int_add(l, index, int_multiply(l, indices[d], v->strides[d]));
    memcpy(view->strides, v->strides + count, sizeof *v->strides * (size_t)view->dim_count);
  }
  view->offset = int_add(l, v->offset, index);
  return view;
}
