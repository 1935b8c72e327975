/* build_type.c: types as written, with sizes and constraints; see build.h. */
#include "parser/build.h"

/* How many sizes a type takes, and whether it takes constraints of its own. */
typedef struct type_shape {
  const type *unsized; /* NULL for types that exist only with sizes and constraints */
  int least_sizes, most_sizes;
  bool takes_bounds, takes_scale; /* lower and upper; offset and multiplier */
  const char *example;
} type_shape;

static const type_shape shapes[FORM_COUNT] = {
    [FORM_INT] = {&type_int, 0, 0, true, false, "int n"},
    [FORM_REAL] = {&type_real, 0, 0, true, true, "real x"},
    [FORM_COMPLEX] = {&type_complex, 0, 0, true, true, "complex z"},
    [FORM_VECTOR] = {&type_vector, 1, 1, true, true, "vector[N] x"},
    [FORM_ROW_VECTOR] = {&type_row_vector, 1, 1, true, true, "row_vector[N] x"},
    [FORM_MATRIX] = {&type_matrix, 2, 2, true, true, "matrix[M, N] x"},
    [FORM_COMPLEX_VECTOR] = {&type_complex_vector, 1, 1, true, true, "complex_vector[N] z"},
    [FORM_COMPLEX_ROW_VECTOR] = {&type_complex_row_vector, 1, 1, true, true, "complex_row_vector[N] z"},
    [FORM_COMPLEX_MATRIX] = {&type_complex_matrix, 2, 2, true, true, "complex_matrix[M, N] z"},
    [FORM_SIMPLEX] = {NULL, 1, 1, false, false, "simplex[K] x"},
    [FORM_UNIT_VECTOR] = {NULL, 1, 1, false, false, "unit_vector[K] x"},
    [FORM_ORDERED] = {NULL, 1, 1, false, false, "ordered[K] x"},
    [FORM_POSITIVE_ORDERED] = {NULL, 1, 1, false, false, "positive_ordered[K] x"},
    [FORM_SUM_TO_ZERO_VECTOR] = {NULL, 1, 1, false, false, "sum_to_zero_vector[K] x"},
    [FORM_SUM_TO_ZERO_MATRIX] = {NULL, 2, 2, false, false, "sum_to_zero_matrix[M, N] x"},
    [FORM_CHOLESKY_FACTOR_CORR] = {NULL, 1, 1, false, false, "cholesky_factor_corr[K] L"},
    [FORM_CHOLESKY_FACTOR_COV] = {NULL, 1, 2, false, false, "cholesky_factor_cov[K] L"},
    [FORM_CORR_MATRIX] = {NULL, 1, 1, false, false, "corr_matrix[K] Omega"},
    [FORM_COV_MATRIX] = {NULL, 1, 1, false, false, "cov_matrix[K] Sigma"},
    [FORM_COLUMN_STOCHASTIC_MATRIX] = {NULL, 2, 2, false, false, "column_stochastic_matrix[M, N] x"},
    [FORM_ROW_STOCHASTIC_MATRIX] = {NULL, 2, 2, false, false, "row_stochastic_matrix[M, N] x"},
};

_Static_assert(TOKEN_ROW_STOCHASTIC_MATRIX - TOKEN_INT == FORM_ROW_STOCHASTIC_MATRIX,
               "the type words of tokens.def stand in the order of type_form");

/* In ast.h the forms are in the order of the words. */
static type_form form_of(const token *word) { return (type_form)(word->kind - TOKEN_INT); }

/* ---- without sizes ---- */

const type *build_unsized_type(parse_state *state, const token *word) {
  const type_shape *shape = &shapes[form_of(word)];
  if (shape->unsized) return shape->unsized;
  message *error = message_error(state->messages, word->location,
                                 "functions take and return plain types, without constraints such as `%s`", word->text);
  const char *plain = shape->most_sizes == 1 && form_of(word) <= FORM_SUM_TO_ZERO_VECTOR ? "vector" : "matrix";
  message_hint(state->messages, error, "write `%s`", plain);
  return &type_error;
}

static void check_tuple(parse_state *state, location place, int members, bool has_comma) {
  if (members > 1 && has_comma) message_error(state->messages, place, "this tuple type ends with a comma");
  if (members > 1 || has_comma) return;
  message *error = message_error(state->messages, place, "a tuple of one member is written with a comma");
  message_hint(state->messages, error, "write `tuple(real,)`");
}

const type *build_unsized_tuple(parse_state *state, location place, unsized_types members, bool has_comma) {
  check_tuple(state, place, members.count, has_comma);
  type *made = arena_new(state->arena, type);
  made->kind = TYPE_TUPLE;
  made->members = (const type *const *)members.items;
  made->member_count = members.count;
  return made;
}

void note_old_unsized_array(parse_state *state, location place, const type *meant) {
  if (state->old[OLD_UNSIZED_ARRAY].count == 0) state->old[OLD_UNSIZED_ARRAY].unsized = meant;
  note_old_form(state, OLD_UNSIZED_ARRAY, place);
}

/* ---- constraints: <lower=0, upper=1>, <offset=m, multiplier=s> ---- */

constraints build_constraint(parse_state *state, constraints before, const token *word, expression *value) {
  constraints all = before;
  location place = location_join(word->location, value->location);
  all.location = before.location.file ? location_join(before.location, place) : place;
  expression **slot = word->kind == TOKEN_LOWER    ? &all.lower
                      : word->kind == TOKEN_UPPER  ? &all.upper
                      : word->kind == TOKEN_OFFSET ? &all.offset
                                                   : &all.multiplier;
  if (*slot) message_error(state->messages, place, "`%s` is given twice", word->text);
  *slot = value;
  bool had_bounds = all.lower || all.upper, had_scale = all.offset || all.multiplier;
  if (had_bounds && had_scale && !((before.lower || before.upper) && (before.offset || before.multiplier)))
    message_error(state->messages, place,
                  "a variable has either bounds (`lower`, `upper`) or `offset` and `multiplier`");
  return all;
}

static void check_constraints(parse_state *state, const token *word, const type_shape *shape,
                              const constraints *given) {
  if (!given->location.file) return;
  if (!shape->takes_bounds) {
    message *error = message_error(state->messages, given->location, "`%s` takes no further constraint", word->text);
    message_hint(state->messages, error, "its declaration: `%s;`", shape->example);
  } else if (!shape->takes_scale && (given->offset || given->multiplier)) {
    message_error(state->messages, given->location, "an `%s` takes `lower` and `upper` only", word->text);
  }
}

static void check_sizes(parse_state *state, const token *word, const type_shape *shape, location place,
                        const expressions *given) {
  if (given->count >= shape->least_sizes && given->count <= shape->most_sizes) return;
  message *error;
  if (given->count == 0)
    error = message_error(state->messages, word->location, "`%s` needs its size", word->text);
  else if (shape->most_sizes == 0)
    error = message_error(state->messages, place, "`%s` takes no size", word->text);
  else if (shape->most_sizes == 1)
    error = message_error(state->messages, place, "`%s` takes one size, not %d", word->text, given->count);
  else if (shape->least_sizes == 1)
    error = message_error(state->messages, place, "`%s` takes one or two sizes, not %d", word->text, given->count);
  else
    error = message_error(state->messages, place, "`%s` takes two sizes, rows and columns, not %d", word->text,
                          given->count);
  if (shape->most_sizes == 0)
    message_hint(state->messages, error, "an array is declared `array[N] %s`", shape->example);
  else
    message_hint(state->messages, error, "write `%s`", shape->example);
}

/* ---- sized types ---- */

sized_type *build_sized_type(parse_state *state, location place, const token *word, constraints constraints,
                             location sizes_place, expressions sizes) {
  const type_shape *shape = &shapes[form_of(word)];
  check_constraints(state, word, shape, &constraints);
  check_sizes(state, word, shape, sizes_place, &sizes);
  sized_type *made = arena_new(state->arena, sized_type);
  made->location = place;
  made->form = form_of(word);
  made->lower = constraints.lower;
  made->upper = constraints.upper;
  made->offset = constraints.offset;
  made->multiplier = constraints.multiplier;
  made->sizes = sizes;
  return made;
}

sized_type *build_array_type(parse_state *state, location place, expressions sizes, sized_type *element) {
  (void)state;
  element->location = place;
  element->array_sizes = sizes;
  return element;
}

sized_type *build_tuple_type(parse_state *state, location place, sized_types members, bool has_comma) {
  check_tuple(state, place, members.count, has_comma);
  sized_type *made = arena_new(state->arena, sized_type);
  made->location = place;
  made->form = FORM_TUPLE;
  made->members = members.items;
  made->member_count = members.count;
  return made;
}

bool is_constrained(const sized_type *written) {
  if (written->form == FORM_TUPLE) {
    for (int i = 0; i < written->member_count; i++) {
      if (is_constrained(written->members[i])) return true;
    }
    return false;
  }
  return written->lower || written->upper || written->offset || written->multiplier || !shapes[written->form].unsized;
}
