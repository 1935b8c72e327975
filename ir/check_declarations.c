/* check_declarations.c: declarations: sizes, bounds, and which types may stand in which block. */
#include "ir/check_internal.h"

static const struct {
  const type *type;
  bool takes_bounds, takes_offset;
} forms[FORM_COUNT] = {
    [FORM_INT] = {&type_int, true, false},
    [FORM_REAL] = {&type_real, true, true},
    [FORM_COMPLEX] = {&type_complex, false, false},
    [FORM_VECTOR] = {&type_vector, true, true},
    [FORM_ROW_VECTOR] = {&type_row_vector, true, true},
    [FORM_MATRIX] = {&type_matrix, true, true},
    [FORM_COMPLEX_VECTOR] = {&type_complex_vector, false, false},
    [FORM_COMPLEX_ROW_VECTOR] = {&type_complex_row_vector, false, false},
    [FORM_COMPLEX_MATRIX] = {&type_complex_matrix, false, false},
    [FORM_SIMPLEX] = {&type_vector, false, false},
    [FORM_UNIT_VECTOR] = {&type_vector, false, false},
    [FORM_ORDERED] = {&type_vector, false, false},
    [FORM_POSITIVE_ORDERED] = {&type_vector, false, false},
    [FORM_SUM_TO_ZERO_VECTOR] = {&type_vector, false, false},
    [FORM_SUM_TO_ZERO_MATRIX] = {&type_matrix, false, false},
    [FORM_CHOLESKY_FACTOR_CORR] = {&type_matrix, false, false},
    [FORM_CHOLESKY_FACTOR_COV] = {&type_matrix, false, false},
    [FORM_CORR_MATRIX] = {&type_matrix, false, false},
    [FORM_COV_MATRIX] = {&type_matrix, false, false},
    [FORM_COLUMN_STOCHASTIC_MATRIX] = {&type_matrix, false, false},
    [FORM_ROW_STOCHASTIC_MATRIX] = {&type_matrix, false, false},
};

static void check_sizes(checker *c, const sized_type *declared, bool is_global) {
  c->in_global_size = is_global;
  for (int i = 0; i < declared->array_sizes.count; i++)
    check_int(c, declared->array_sizes.items[i], "the size of an array");
  for (int i = 0; i < declared->sizes.count; i++) check_int(c, declared->sizes.items[i], "a size");
  c->in_global_size = false;
}

/* A bound is a scalar for all elements, or has the type of the variable. */
static expression *check_bound(checker *c, const sized_type *declared, const type *whole, expression *bound,
                               const char *what, bool is_allowed) {
  if (!bound) return NULL;
  const type *found = check_expression(c, bound);
  if (type_is_error(found)) return bound;
  if (!is_allowed) {
    message_error(c->messages, bound->location, "a variable declared %s takes no %s", type_form_name(declared->form),
                  what);
    return bound;
  }
  if (declared->form == FORM_INT) {
    bool fits = found->kind == TYPE_INT || promotion_cost(found, whole) == 0;
    expect(c, bound, fits, arena_printf(c->arena, "the %s of an int", what), "int");
    return bound;
  }
  if (found->kind == TYPE_INT || found->kind == TYPE_REAL) return promote(c->arena, bound, &type_real);
  bool fits = promotion_cost(found, whole) >= 0;
  const char *wanted =
      whole->kind == TYPE_REAL ? "real" : arena_printf(c->arena, "real or %s", type_name(c->arena, whole));
  expect(c, bound, fits, arena_printf(c->arena, "the %s", what), wanted);
  return fits ? promote(c->arena, bound, whole) : bound;
}

static const type *check_sized_type(checker *c, const sized_type *declared, bool is_global);

static const type *tuple_type(checker *c, const sized_type *declared, bool is_global) {
  const type **members = arena_array(c->arena, const type *, declared->member_count + 1);
  for (int i = 0; i < declared->member_count; i++) members[i] = check_sized_type(c, declared->members[i], is_global);
  type *tuple = arena_new(c->arena, type);
  *tuple = (type){.kind = TYPE_TUPLE, .members = members, .member_count = declared->member_count};
  return tuple;
}

static void check_constraints(checker *c, const sized_type *declared, const type *whole) {
  bool bounds = forms[declared->form].takes_bounds, offset = forms[declared->form].takes_offset;
  /* The tree is the checker's to annotate; only later stages see it as constant. */
  sized_type *annotated = (sized_type *)declared;
  annotated->lower = check_bound(c, declared, whole, declared->lower, "lower bound", bounds);
  annotated->upper = check_bound(c, declared, whole, declared->upper, "upper bound", bounds);
  annotated->offset = check_bound(c, declared, whole, declared->offset, "offset", offset);
  annotated->multiplier = check_bound(c, declared, whole, declared->multiplier, "multiplier", offset);
}

static const type *check_sized_type(checker *c, const sized_type *declared, bool is_global) {
  check_sizes(c, declared, is_global);
  bool is_tuple = declared->form == FORM_TUPLE;
  const type *whole = is_tuple ? tuple_type(c, declared, is_global) : forms[declared->form].type;
  if (declared->array_sizes.count > 0) whole = type_array_of(c->arena, whole, declared->array_sizes.count);
  check_constraints(c, declared, whole);
  return whole;
}

static bool contains_int(const type *t) {
  t = type_innermost(t);
  if (t->kind == TYPE_TUPLE)
    for (int i = 0; i < t->member_count; i++)
      if (contains_int(t->members[i])) return true;
  return t->kind == TYPE_INT;
}

static void check_no_ints(checker *c, const variable *v) {
  if (v->block == BLOCK_PARAMETERS && contains_int(v->type)) {
    message *m = message_error(c->messages, v->declared->location, "parameters cannot be ints, and `%s` is %s", v->name,
                               type_name(c->arena, v->type));
    message_hint(c->messages, m, "discrete unknowns are summed out of the density by the program");
  } else if (v->block == BLOCK_TRANSFORMED_PARAMETERS && contains_int(v->type)) {
    message_error(c->messages, v->declared->location, "transformed parameters cannot be ints, and `%s` is %s", v->name,
                  type_name(c->arena, v->type));
  }
}

static void check_initial_value(checker *c, statement *s) {
  variable *v = s->declaration.variable;
  const type *found = check_expression(c, s->declaration.value);
  if (promotion_cost(found, v->type) < 0) {
    report_unfit_value(c, arena_printf(c->arena, "`%s`", v->name), v->type, s->declaration.value);
    return;
  }
  expression *value = without_parentheses(s->declaration.value);
  if (value->kind == EXPRESSION_VARIABLE && value->variable.variable == v)
    message_warning(c->messages, value->location, "`%s` is declared with itself as its value", v->name);
  s->declaration.value = promote(c->arena, s->declaration.value, v->type);
}

void check_declaration(checker *c, statement *s, bool is_global) {
  variable *v = s->declaration.variable;
  if (c->last_declared != v->declared) {
    c->last_declared_type = check_sized_type(c, v->declared, is_global);
    c->last_declared = v->declared;
  }
  v->type = c->last_declared_type;
  v->block = c->block;
  v->is_global = is_global;
  declare_variable(c, v);
  if (is_global) check_no_ints(c, v);
  if (s->declaration.value) check_initial_value(c, s);
}
