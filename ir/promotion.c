/* promotion.c: the order among Stan's types. */
#include "ir/promotion.h"

const type *type_of_kind(type_kind kind) {
  switch (kind) {
  case TYPE_VOID: return &type_void;
  case TYPE_INT: return &type_int;
  case TYPE_REAL: return &type_real;
  case TYPE_COMPLEX: return &type_complex;
  case TYPE_VECTOR: return &type_vector;
  case TYPE_ROW_VECTOR: return &type_row_vector;
  case TYPE_MATRIX: return &type_matrix;
  case TYPE_COMPLEX_VECTOR: return &type_complex_vector;
  case TYPE_COMPLEX_ROW_VECTOR: return &type_complex_row_vector;
  case TYPE_COMPLEX_MATRIX: return &type_complex_matrix;
  case TYPE_STRING: return &type_string;
  default: return &type_error;
  }
}

bool type_is_error(const type *t) {
  if (t->kind == TYPE_ARRAY) return type_is_error(t->element);
  if (t->kind == TYPE_TUPLE)
    for (int i = 0; i < t->member_count; i++)
      if (type_is_error(t->members[i])) return true;
  return t->kind == TYPE_ERROR;
}

bool type_is_complex(const type *t) {
  switch (type_innermost(t)->kind) {
  case TYPE_COMPLEX:
  case TYPE_COMPLEX_VECTOR:
  case TYPE_COMPLEX_ROW_VECTOR:
  case TYPE_COMPLEX_MATRIX: return true;
  default: return false;
  }
}

bool type_is_scalar(const type *t) { return t->kind == TYPE_INT || t->kind == TYPE_REAL || t->kind == TYPE_COMPLEX; }

bool type_is_discrete(const type *t) {
  if (t->kind == TYPE_ARRAY) return type_is_discrete(t->element);
  if (t->kind != TYPE_TUPLE) return t->kind == TYPE_INT;
  for (int i = 0; i < t->member_count; i++)
    if (!type_is_discrete(t->members[i])) return false;
  return true;
}

static int steps(type_kind from, type_kind to) {
  if (from == to) return 0;
  if (from == TYPE_INT && to == TYPE_COMPLEX) return 2;
  bool one = (from == TYPE_INT && to == TYPE_REAL) || (from == TYPE_REAL && to == TYPE_COMPLEX) ||
             (from == TYPE_VECTOR && to == TYPE_COMPLEX_VECTOR) ||
             (from == TYPE_ROW_VECTOR && to == TYPE_COMPLEX_ROW_VECTOR) ||
             (from == TYPE_MATRIX && to == TYPE_COMPLEX_MATRIX);
  return one ? 1 : -1;
}

int promotion_cost(const type *from, const type *to) {
  if (from->kind == TYPE_ERROR || to->kind == TYPE_ERROR) return 0;
  if (from->kind != to->kind) return steps(from->kind, to->kind);
  if (from->kind == TYPE_ARRAY) return promotion_cost(from->element, to->element);
  if (from->kind == TYPE_FUNCTION) return type_equal(from, to) ? 0 : -1;
  if (from->kind != TYPE_TUPLE) return 0;
  if (from->member_count != to->member_count) return -1;
  int sum = 0;
  for (int i = 0; i < from->member_count; i++) {
    int cost = promotion_cost(from->members[i], to->members[i]);
    if (cost < 0) return -1;
    sum += cost;
  }
  return sum;
}

const type *common_type(arena *arena, const type *a, const type *b) {
  if (a->kind == TYPE_ERROR || b->kind == TYPE_ERROR) return &type_error;
  if (promotion_cost(a, b) >= 0) return b;
  if (promotion_cost(b, a) >= 0) return a;
  if (a->kind != b->kind) return NULL;
  if (a->kind == TYPE_ARRAY) {
    const type *element = common_type(arena, a->element, b->element);
    return element ? type_array_of(arena, element, 1) : NULL;
  }
  if (a->kind != TYPE_TUPLE || a->member_count != b->member_count) return NULL;
  type *tuple = arena_new(arena, type);
  const type **members = arena_array(arena, const type *, a->member_count);
  for (int i = 0; i < a->member_count; i++)
    if (!(members[i] = common_type(arena, a->members[i], b->members[i]))) return NULL;
  *tuple = (type){.kind = TYPE_TUPLE, .members = members, .member_count = a->member_count};
  return tuple;
}

expression *promote(arena *arena, expression *value, const type *to) {
  if (type_is_error(value->type) || type_is_error(to) || type_equal(value->type, to)) return value;
  expression *promotion = arena_new(arena, expression);
  promotion->kind = EXPRESSION_PROMOTION;
  promotion->location = value->location;
  promotion->type = to;
  promotion->inner = value;
  return promotion;
}

const type *type_with_scalar(arena *arena, const type *container, type_kind scalar) {
  if (container->kind == TYPE_ARRAY) {
    const type *element = type_with_scalar(arena, container->element, scalar);
    return element ? type_array_of(arena, element, 1) : NULL;
  }
  if (type_is_scalar(container)) return type_of_kind(scalar);
  bool complex = scalar == TYPE_COMPLEX;
  if (scalar == TYPE_INT) return NULL;
  switch (container->kind) {
  case TYPE_VECTOR:
  case TYPE_COMPLEX_VECTOR: return complex ? &type_complex_vector : &type_vector;
  case TYPE_ROW_VECTOR:
  case TYPE_COMPLEX_ROW_VECTOR: return complex ? &type_complex_row_vector : &type_row_vector;
  case TYPE_MATRIX:
  case TYPE_COMPLEX_MATRIX: return complex ? &type_complex_matrix : &type_matrix;
  default: return NULL;
  }
}
