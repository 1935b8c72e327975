/* lower_index.c: indexing of every kind. Of a buffer, single indices and ranges give another view of it; an array of indices
 * gives a node that looks each element up, which may be assigned to as well. */
#include <string.h>
#include "ir/lower_internal.h"

const char *subject_of(const lowering *l, const expression *e) {
  e = strip(e);
  while (e->kind == EXPRESSION_INDEX) e = strip(e->index.base);
  if (e->kind == EXPRESSION_VARIABLE) return arena_printf(l->arena, "`%s`", e->variable.name);
  if (e->kind == EXPRESSION_MEMBER) return arena_printf(l->arena, "`%s`", source_words(l->arena, e->location));
  return "the indexed value";
}

place selected_place(lowering *l, const value *v, const place *at) {
  const value *base = v->children[0];
  place inner = {.is_flat = false};
  int from = 0;
  for (int d = 0; d < base->dim_count; d++) {
    const selection *s = &v->selections[d];
    switch (s->kind) {
    case SELECT_ONE: inner.at[d] = s->first; break;
    case SELECT_ALL: inner.at[d] = at->at[from++]; break;
    case SELECT_FROM: inner.at[d] = int_add(l, s->first, at->at[from++]); break;
    case SELECT_MANY: {
      ir_operand index = value_at(l, s->indices, at->at[from++]);
      if (s->subject) check_index(l, index, base->dims[d], s->subject);
      inner.at[d] = int_subtract(l, index, ir_int(1));
      break;
    }
    }
  }
  return inner;
}

static ir_operand selected_element(lowering *l, const value *v, const place *at) {
  place inner = selected_place(l, v, at);
  return value_element(l, v->children[0], &inner);
}

/* The distance in the buffer between neighbours along dimension d of a dense view. */
static ir_operand dense_stride(lowering *l, const value *v, int d) {
  int rows = type_has_matrix(v->type) ? v->dim_count - 2 : -1;
  if (d == rows) return ir_int(1);
  if (d == rows + 1 && rows >= 0) return v->dims[rows];
  return product_of(l, v->dims + d + 1, v->dim_count - d - 1);
}

/* A view of a view: no index is an array. */
static value *view_of(lowering *l, const value *base, const type *t, const selection *selections) {
  value *view = value_view(l, t, base->buffer, base->offset, NULL);
  view->name = base->name;
  int count = 0;
  for (int d = 0; d < base->dim_count; d++) {
    ir_operand stride = base->is_dense ? dense_stride(l, base, d) : base->strides[d];
    if (selections[d].kind != SELECT_ALL)
      view->offset = int_add(l, view->offset, int_multiply(l, selections[d].first, stride));
    if (selections[d].kind != SELECT_ONE) view->strides[count++] = stride;
  }
  view->is_dense = false;
  return view;
}

/* Only arrays of the leading dimensions are indexed, each by one index. */
static int leading_ones(const value *base, const type *t, const selection *selections) {
  int ones = 0;
  while (ones < base->dim_count && selections[ones].kind == SELECT_ONE) ones++;
  for (int d = ones; d < base->dim_count; d++)
    if (selections[d].kind != SELECT_ALL) return -1;
  return ones == 0 || ones == base->dim_count || type_has_matrix(t) == type_has_matrix(base->type) ? ones : -1;
}

value *select_from(lowering *l, value *base, const type *t, selection *selections, int count) {
  if (base->parts) return parts_selected(l, base, t, selections, count);
  selection *all = arena_array(l->arena, selection, base->dim_count);
  memcpy(all, selections, sizeof *all * (size_t)count);
  bool is_view = base->buffer != NULL;
  ir_operand dims[IR_MAX_DIMS];
  int dim_count = 0;
  for (int d = 0; d < base->dim_count; d++) {
    is_view = is_view && all[d].kind != SELECT_MANY;
    if (all[d].kind == SELECT_ALL) dims[dim_count++] = base->dims[d];
    if (all[d].kind == SELECT_MANY) dims[dim_count++] = all[d].indices->dims[0];
    if (all[d].kind == SELECT_FROM) dims[dim_count++] = all[d].count;
  }
  int ones = leading_ones(base, t, all);
  if (ones == 0) return base;
  if (ones > 0 && (is_view || ones == base->dim_count)) {
    ir_operand indices[IR_MAX_DIMS];
    for (int d = 0; d < ones; d++) indices[d] = all[d].first;
    return value_slice(l, base, t, indices, ones);
  }
  if (is_view) {
    value *view = view_of(l, base, t, all);
    memcpy(view->dims, dims, sizeof dims);
    bool unit = view->dim_count == 1 && view->strides[0].kind == IR_CONSTANT_INT && view->strides[0].int_value == 1;
    view->is_dense = unit;
    return view;
  }
  /* Elements of arithmetic that several indices may name are computed once. */
  for (int d = 0; d < base->dim_count; d++)
    if (all[d].kind == SELECT_MANY && base->element != selected_element) base = value_settled(l, base);
  if (base->is_impure) base = value_materialise(l, base, NULL);
  value *node = value_node(l, t, dims, selected_element, 1, base);
  node->selections = all;
  return node;
}

value *value_range(lowering *l, value *v, ir_operand first, ir_operand count) {
  selection from = {.kind = SELECT_FROM, .first = first, .count = count};
  return select_from(l, v, v->type, &from, 1);
}

static selection one_selection(lowering *l, const index_item *item, ir_operand size, const char *subject) {
  selection s = {.subject = subject};
  switch (item->kind) {
  case INDEX_ALL: s.kind = SELECT_ALL; break;
  case INDEX_SINGLE: {
    ir_operand index = lower_scalar(l, item->first);
    check_index(l, index, size, subject);
    s.kind = SELECT_ONE;
    s.first = int_subtract(l, index, ir_int(1));
    break;
  }
  case INDEX_MULTIPLE:
    s.kind = SELECT_MANY;
    s.indices = value_settled(l, prepare(l, item->first));
    break;
  case INDEX_RANGE: {
    ir_operand first = item->first ? lower_scalar(l, item->first) : ir_int(1);
    ir_operand last = item->last ? lower_scalar(l, item->last) : size;
    check_range(l, first, last, size, subject);
    ir_operand start = int_subtract(l, first, ir_int(1));
    s.kind = SELECT_FROM;
    s.first = start;
    s.count = int_subtract(l, last, start);
    if (!is_at_least(s.count, 0)) s.count = ir_let2(l->b, IR_OP_INT_MAX, s.count, ir_int(0));
    if (start.kind == IR_CONSTANT_INT && start.int_value == 0 && ir_same(last, size)) {
      s.kind = SELECT_ALL;
    }
    break;
  }
  }
  return s;
}

selection *prepare_selections(lowering *l, const expression *e, const value *base) {
  const char *subject = subject_of(l, e->index.base);
  int count = e->index.indices.count;
  selection *selections = arena_array(l->arena, selection, count + 1);
  for (int d = 0; d < count; d++) selections[d] = one_selection(l, &e->index.indices.items[d], base->dims[d], subject);
  return selections;
}

value *prepare_index(lowering *l, const expression *e) {
  value *base = prepare(l, e->index.base);
  return select_from(l, base, e->type, prepare_selections(l, e, base), e->index.indices.count);
}
