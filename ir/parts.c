/* parts.c: see parts.h. */
#include "ir/parts.h"
#include "ir/promotion.h"

bool type_has_parts(const type *t) { return type_innermost(t)->kind == TYPE_TUPLE || type_is_complex(t); }

int type_part_count(const type *t) {
  if (type_is_complex(t)) return 2;
  t = type_innermost(t);
  return t->kind == TYPE_TUPLE ? t->member_count : 0;
}

const type *type_part(arena *arena, const type *t, int part) {
  if (type_is_complex(t)) return type_with_scalar(arena, t, TYPE_REAL);
  return type_array_of(arena, type_innermost(t)->members[part], type_array_dimensions(t));
}

static type_form real_form(type_form form) {
  switch (form) {
  case FORM_COMPLEX_VECTOR: return FORM_VECTOR;
  case FORM_COMPLEX_ROW_VECTOR: return FORM_ROW_VECTOR;
  case FORM_COMPLEX_MATRIX: return FORM_MATRIX;
  default: return FORM_REAL;
  }
}

static const sized_type *part_declared(arena *arena, const sized_type *whole, int part) {
  sized_type *declared = arena_new(arena, sized_type);
  if (whole->form != FORM_TUPLE) {
    *declared = *whole;
    declared->form = real_form(whole->form);
    return declared;
  }
  const sized_type *member = whole->members[part];
  *declared = *member;
  declared->array_sizes = (expressions){0};
  for (int i = 0; i < whole->array_sizes.count; i++)
    arena_push(arena, &declared->array_sizes, whole->array_sizes.items[i]);
  for (int i = 0; i < member->array_sizes.count; i++)
    arena_push(arena, &declared->array_sizes, member->array_sizes.items[i]);
  return declared;
}

variable *part_variable(arena *arena, variable *whole, int part) {
  if (!whole->parts) whole->parts = arena_array(arena, variable *, type_part_count(whole->type));
  if (whole->parts[part]) return whole->parts[part];
  variable *made = whole->parts[part] = arena_new(arena, variable);
  *made = *whole;
  made->parts = NULL;
  made->whole = whole;
  made->lowered = NULL;
  made->type = type_part(arena, whole->type, part);
  made->declared = part_declared(arena, whole->declared, part);
  if (type_is_complex(whole->type))
    made->name = arena_printf(arena, "%s.%s", whole->name, part == 0 ? "real" : "imag");
  else
    made->name = arena_printf(arena, "%s.%d", whole->name, part + 1);
  return made;
}
