/* type.c: see type.h. */
#include "parser/type.h"
#include <string.h>

const type type_error = {.kind = TYPE_ERROR}, type_void = {.kind = TYPE_VOID}, type_int = {.kind = TYPE_INT},
           type_real = {.kind = TYPE_REAL}, type_complex = {.kind = TYPE_COMPLEX}, type_vector = {.kind = TYPE_VECTOR},
           type_row_vector = {.kind = TYPE_ROW_VECTOR}, type_matrix = {.kind = TYPE_MATRIX},
           type_complex_vector = {.kind = TYPE_COMPLEX_VECTOR},
           type_complex_row_vector = {.kind = TYPE_COMPLEX_ROW_VECTOR},
           type_complex_matrix = {.kind = TYPE_COMPLEX_MATRIX}, type_string = {.kind = TYPE_STRING};

const type *type_array_of(arena *arena, const type *element, int dimensions) {
  if (element->kind == TYPE_ERROR) return element;
  for (; dimensions > 0; dimensions--) {
    type *made = arena_new(arena, type);
    made->kind = TYPE_ARRAY;
    made->element = element;
    element = made;
  }
  return element;
}

bool type_equal(const type *a, const type *b) {
  if (a == b) return true;
  if (a->kind != b->kind || a->member_count != b->member_count) return false;
  if ((a->element != NULL) != (b->element != NULL)) return false;
  if (a->element && !type_equal(a->element, b->element)) return false;
  for (int i = 0; i < a->member_count; i++) {
    if (!type_equal(a->members[i], b->members[i])) return false;
    if ((a->data_only && a->data_only[i]) != (b->data_only && b->data_only[i])) return false;
  }
  return true;
}

int type_array_dimensions(const type *t) {
  int dimensions = 0;
  for (; t->kind == TYPE_ARRAY; t = t->element) dimensions++;
  return dimensions;
}

const type *type_innermost(const type *t) {
  while (t->kind == TYPE_ARRAY) t = t->element;
  return t;
}

int type_total_dimensions(const type *t) {
  int arrays = type_array_dimensions(t);
  switch (type_innermost(t)->kind) {
  case TYPE_VECTOR:
  case TYPE_ROW_VECTOR:
  case TYPE_COMPLEX_VECTOR:
  case TYPE_COMPLEX_ROW_VECTOR: return arrays + 1;
  case TYPE_MATRIX:
  case TYPE_COMPLEX_MATRIX: return arrays + 2;
  default: return arrays;
  }
}

const type *type_scalar(const type *t) {
  t = type_innermost(t);
  switch (t->kind) {
  case TYPE_VECTOR:
  case TYPE_ROW_VECTOR:
  case TYPE_MATRIX: return &type_real;
  case TYPE_COMPLEX_VECTOR:
  case TYPE_COMPLEX_ROW_VECTOR:
  case TYPE_COMPLEX_MATRIX: return &type_complex;
  default: return t;
  }
}

static const char *member_names(arena *arena, const type *t) {
  const char *all = "";
  for (int i = 0; i < t->member_count; i++)
    all = arena_printf(arena, "%s%s%s%s", all, i ? ", " : "", t->data_only && t->data_only[i] ? "data " : "",
                       type_name(arena, t->members[i]));
  return all;
}

const char *type_name(arena *arena, const type *t) {
  switch (t->kind) {
  case TYPE_ERROR: return "unknown";
  case TYPE_VOID: return "void";
  case TYPE_INT: return "int";
  case TYPE_REAL: return "real";
  case TYPE_COMPLEX: return "complex";
  case TYPE_VECTOR: return "vector";
  case TYPE_ROW_VECTOR: return "row_vector";
  case TYPE_MATRIX: return "matrix";
  case TYPE_COMPLEX_VECTOR: return "complex_vector";
  case TYPE_COMPLEX_ROW_VECTOR: return "complex_row_vector";
  case TYPE_COMPLEX_MATRIX: return "complex_matrix";
  case TYPE_STRING: return "string";
  case TYPE_TUPLE: return arena_printf(arena, "tuple(%s%s)", member_names(arena, t), t->member_count == 1 ? "," : "");
  case TYPE_FUNCTION: return arena_printf(arena, "(%s) => %s", member_names(arena, t), type_name(arena, t->element));
  case TYPE_ARRAY: {
    int dimensions = type_array_dimensions(t);
    char *commas = arena_alloc(arena, (size_t)dimensions);
    memset(commas, ',', (size_t)dimensions - 1);
    return arena_printf(arena, "array[%s] %s", commas, type_name(arena, type_innermost(t)));
  }
  }
  return "unknown";
}
