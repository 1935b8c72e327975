/* lower_parts.c: values that are taken apart. A tuple is lowered as its members and a complex number as its two reals, each
 * a value of its own with its own memory: nothing of them reaches the core IR. A value with parts has the type and the
 * outer dimensions of the whole, and no scalar, buffer or element of its own; what is done to it is done to its parts.
 *
 * Here stand also the places where such values come to rest: variables, results of functions, and what is assigned. */
#include "ir/lower_internal.h"

value *value_of_parts(lowering *l, const type *t, value *const *parts) {
  value *whole = value_node(l, t, NULL, NULL, 0);
  whole->part_count = type_part_count(t);
  whole->parts = arena_array(l->arena, value *, whole->part_count);
  for (int i = 0; i < whole->part_count; i++) {
    whole->parts[i] = parts[i];
    whole->is_impure |= parts[i]->is_impure;
  }
  for (int d = 0; d < whole->dim_count; d++) whole->dims[d] = parts[0]->dims[d];
  return whole;
}

value *each_part(lowering *l, const value *v, value *(*make)(lowering *l, value *part)) {
  value **parts = arena_array(l->arena, value *, v->part_count);
  for (int i = 0; i < v->part_count; i++) parts[i] = make(l, v->parts[i]);
  return value_of_parts(l, v->type, parts);
}

value *parts_slice(lowering *l, const value *v, const type *t, const ir_operand *indices, int count) {
  value **parts = arena_array(l->arena, value *, v->part_count);
  for (int i = 0; i < v->part_count; i++)
    parts[i] = value_slice(l, v->parts[i], type_part(l->arena, t, i), indices, count);
  return value_of_parts(l, t, parts);
}

value *parts_selected(lowering *l, const value *v, const type *t, selection *selections, int count) {
  value **parts = arena_array(l->arena, value *, v->part_count);
  for (int i = 0; i < v->part_count; i++)
    parts[i] = select_from(l, v->parts[i], type_part(l->arena, t, i), selections, count);
  return value_of_parts(l, t, parts);
}

value *parts_promoted(lowering *l, const value *v, const type *t) {
  value **parts = arena_array(l->arena, value *, v->part_count);
  for (int i = 0; i < v->part_count; i++) parts[i] = value_promoted(l, v->parts[i], type_part(l->arena, t, i));
  return value_of_parts(l, t, parts);
}

/* ---- the plain values at the ends ---- */

void collect_leaves(lowering *l, value *v, leaves *all) {
  if (!v->parts) arena_push(l->arena, all, v);
  for (int i = 0; i < v->part_count; i++) collect_leaves(l, v->parts[i], all);
}

void collect_leaf_types(lowering *l, const type *t, leaf_types *all) {
  if (!type_has_parts(t)) arena_push(l->arena, all, t);
  for (int i = 0; type_has_parts(t) && i < type_part_count(t); i++)
    collect_leaf_types(l, type_part(l->arena, t, i), all);
}

value *value_of_leaves(lowering *l, const type *t, value ***next) {
  if (!type_has_parts(t)) return *(*next)++;
  int count = type_part_count(t);
  value **parts = arena_array(l->arena, value *, count);
  for (int i = 0; i < count; i++) parts[i] = value_of_leaves(l, type_part(l->arena, t, i), next);
  return value_of_parts(l, t, parts);
}

static value *copied(lowering *l, value *v) {
  return v->parts ? each_part(l, v, copied) : value_retyped(l, v, v->type);
}

/* What a function returns of its own local variables may be taken over, unless two parts are the same one. */
value *parts_handed_over(lowering *l, value *v, const struct frame *frame) {
  leaves all = {0};
  value *copy = copied(l, v);
  collect_leaves(l, copy, &all);
  for (int i = 0; i < all.count; i++) {
    bool is_shared = false;
    for (int j = 0; j < all.count; j++)
      is_shared = is_shared || (j != i && all.items[j]->buffer == all.items[i]->buffer);
    if (all.items[i]->buffer && all.items[i]->owner == frame) all.items[i]->is_fresh = !is_shared;
  }
  return copy;
}

/* ---- storing ---- */

static ir_operand of_type(lowering *l, ir_type type, ir_operand x) { return type == IR_REAL ? as_real(l, x) : x; }

static void store_plain(lowering *l, const value *target, value *source) {
  if (target->dim_count > 0) {
    check_same_shape(l, target, source, "both sides of an assignment");
    if (target->buffer || target->selections) value_copy(l, target, source);
  } else if (target->buffer) {
    ir_store(l->b, target->buffer, target->offset, of_type(l, target->buffer->type, source->scalar));
  } else {
    ir_set(l->b, target->scalar.variable, of_type(l, target->scalar.variable->type, source->scalar));
  }
}

static bool reads_leaf(const value *v, const value *leaf) {
  if (leaf->dim_count == 0 && !leaf->buffer)
    return v->scalar.kind == IR_VARIABLE && v->scalar.variable == leaf->scalar.variable;
  return value_reads(v, leaf);
}

/* Leaf by leaf. What reads a leaf that is written before it, as in (a, b) = (b, a), is put by first. */
void store_parts(lowering *l, value *target, value *source) {
  leaves to = {0}, from = {0};
  collect_leaves(l, target, &to);
  collect_leaves(l, source, &from);
  for (int i = 1; i < from.count; i++) {
    bool is_overtaken = false;
    for (int j = 0; j < i; j++) is_overtaken = is_overtaken || reads_leaf(from.items[i], to.items[j]);
    value *v = from.items[i];
    if (!is_overtaken) continue;
    if (v->dim_count > 0) {
      from.items[i] = value_materialise(l, v, NULL);
    } else {
      ir_variable *copy = ir_declare(l->b, NULL, ir_operand_type(v->scalar), v->scalar);
      from.items[i] = value_scalar(l, v->type, ir_use(copy));
    }
  }
  for (int i = 0; i < to.count; i++) store_plain(l, to.items[i], from.items[i]);
}

/* ---- places that expressions name: variables, their members, elements of these ---- */

/* One element of what is stored in memory, to be written; others as select_from. */
static value *place_in(lowering *l, value *base, const type *t, selection *selections, int count) {
  if (base->parts) {
    value **parts = arena_array(l->arena, value *, base->part_count);
    for (int i = 0; i < base->part_count; i++)
      parts[i] = place_in(l, base->parts[i], type_part(l->arena, t, i), selections, count);
    return value_of_parts(l, t, parts);
  }
  if (type_total_dimensions(t) > 0) return select_from(l, base, t, selections, count);
  place at = {.is_flat = false};
  for (int d = 0; d < count; d++) at.at[d] = selections[d].first;
  return value_element_place(l, base, t, &at);
}

static value *prepare_place(lowering *l, const expression *e) {
  e = strip(e);
  if (e->kind == EXPRESSION_MEMBER) return prepare_place(l, e->member.base)->parts[e->member.number - 1];
  if (e->kind != EXPRESSION_INDEX) return prepare(l, e);
  value *base = prepare_place(l, e->index.base);
  return place_in(l, base, e->type, prepare_selections(l, e, base), e->index.indices.count);
}

static value *read_place(lowering *l, value *place) {
  if (place->parts) return each_part(l, place, read_place);
  if (place->dim_count > 0 || !place->buffer) return place;
  return value_scalar(l, place->type, ir_load(l->b, place->name, place->buffer, place->offset));
}

bool is_part_of_tuple(const expression *target) {
  for (target = strip(target); target->kind == EXPRESSION_INDEX; target = strip(target->index.base)) {
  }
  return target->kind == EXPRESSION_MEMBER;
}

void assign_parts(lowering *l, const statement *s) {
  const expression *target = strip(s->assignment.target);
  value *v = prepare(l, s->assignment.value), *place = prepare_place(l, target);
  if (s->assignment.is_compound) v = apply_binary(l, s->assignment.op, target->type, read_place(l, place), v);
  store_parts(l, place, v);
}

static value *target_places(lowering *l, const expression *e) {
  if (e->kind != EXPRESSION_TUPLE) return prepare_place(l, e);
  value **parts = arena_array(l->arena, value *, e->items.count);
  for (int i = 0; i < e->items.count; i++) parts[i] = target_places(l, strip(e->items.items[i]));
  return value_of_parts(l, e->type, parts);
}

void lower_unpack(lowering *l, const statement *s) {
  value *v = prepare(l, s->unpack.value);
  store_parts(l, target_places(l, strip(s->unpack.targets)), v);
}

/* ---- declarations ---- */

void bind_parts(lowering *l, variable *whole) {
  int count = type_part_count(whole->type);
  value **parts = arena_array(l->arena, value *, count);
  for (int i = 0; i < count; i++) parts[i] = part_variable(l->arena, whole, i)->lowered;
  bind(l, whole, value_of_parts(l, whole->type, parts));
}

void declare_parts(lowering *l, variable *whole, value *defined) {
  for (int i = 0; i < type_part_count(whole->type); i++) {
    variable *part = part_variable(l->arena, whole, i);
    value *value = defined ? defined->parts[i] : NULL;
    if (type_has_parts(part->type))
      declare_parts(l, part, value);
    else
      declare_value(l, part, value);
  }
  bind_parts(l, whole);
}

/* ---- results of functions and of ?: ---- */

bool has_containers(const type *t) {
  if (!type_has_parts(t) || type_is_complex(t)) return type_total_dimensions(t) > 0;
  if (t->kind == TYPE_ARRAY) return true;
  for (int i = 0; i < t->member_count; i++)
    if (has_containers(t->members[i])) return true;
  return false;
}

value *declare_sizes(lowering *l, const type *t) {
  if (!type_has_parts(t)) {
    ir_operand dims[IR_MAX_DIMS];
    for (int d = 0; d < type_total_dimensions(t); d++) dims[d] = ir_use(ir_declare(l->b, "size", IR_INT, ir_int(0)));
    return value_view(l, t, NULL, ir_int(0), dims);
  }
  int count = type_part_count(t);
  value **parts = arena_array(l->arena, value *, count);
  for (int i = 0; i < count; i++) parts[i] = declare_sizes(l, type_part(l->arena, t, i));
  return value_of_parts(l, t, parts);
}

void set_sizes(lowering *l, const value *sizes, const value *v) {
  for (int i = 0; i < sizes->part_count; i++) set_sizes(l, sizes->parts[i], v->parts[i]);
  for (int d = 0; !sizes->parts && d < v->dim_count; d++) ir_set(l->b, sizes->dims[d].variable, v->dims[d]);
}

value *declare_result(lowering *l, const char *name, const value *sizes) {
  if (!sizes->parts && sizes->dim_count > 0) return value_allocate(l, name, sizes->type, sizes->dims, false);
  if (!sizes->parts)
    return value_scalar(l, sizes->type, ir_use(ir_declare(l->b, name, ir_type_of(sizes->type), ir_none())));
  value **parts = arena_array(l->arena, value *, sizes->part_count);
  for (int i = 0; i < sizes->part_count; i++) parts[i] = declare_result(l, name, sizes->parts[i]);
  return value_of_parts(l, sizes->type, parts);
}
