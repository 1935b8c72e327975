/* lower_constraint.c: checks that variables obey the constraints they are declared with: data, transformed data, transformed
 * parameters, generated quantities, and parameters that are given: inits, and draws read back. Tolerances are Stan's, 1e-8;
 * what is given was printed with few digits, and is transformed as if the sum (or length) were right. */
#include <string.h>
#include "ir/lower_internal.h"

static ir_operand tolerance(const lowering *l) { return ir_real(l->is_given ? 1e-4 : 1e-8); }

/* ---- the program's words ---- */

const char *source_words(arena *arena, location location) {
  if (!location.file) return "";
  size_t length;
  const char *end = location.file->text + location.file->length;
  const char *from = source_line(location.file, location.line, &length) + location.column - 1;
  const char *to = source_line(location.file, location.end_line, &length) + location.end_column;
  if (to > end) to = end;
  char *words = arena_alloc(arena, to > from ? (size_t)(to - from) + 1 : 1), *out = words;
  for (; from < to; from++) {
    bool is_space = *from == ' ' || *from == '\t' || *from == '\n' || *from == '\r';
    if (!is_space)
      *out++ = *from;
    else if (out > words && out[-1] != ' ')
      *out++ = ' ';
  }
  return words;
}

const char *declared_type_text(arena *arena, const sized_type *declared) {
  const char *arrays = "", *constraint = "";
  if (declared->array_sizes.count > 0) {
    arrays = "array[";
    for (int i = 1; i < declared->array_sizes.count; i++) arrays = arena_printf(arena, "%s,", arrays);
    arrays = arena_printf(arena, "%s] ", arrays);
  }
  if (declared->form == FORM_TUPLE) {
    const char *members = "";
    for (int i = 0; i < declared->member_count; i++)
      members = arena_printf(arena, "%s%s%s", members, i ? ", " : "", declared_type_text(arena, declared->members[i]));
    return arena_printf(arena, "%stuple(%s%s)", arrays, members, declared->member_count == 1 ? "," : "");
  }
  const struct {
    const char *name;
    const expression *value;
  } parts[] = {{"lower", declared->lower},
               {"upper", declared->upper},
               {"offset", declared->offset},
               {"multiplier", declared->multiplier}};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (parts[i].value)
      constraint = arena_printf(arena, "%s%s%s=%s", constraint, *constraint ? ", " : "<", parts[i].name,
                                source_words(arena, parts[i].value->location));
  return arena_printf(arena, "%s%s%s%s", arrays, type_form_name(declared->form), constraint, *constraint ? ">" : "");
}

/* ---- bounds ---- */

static const char *number_format(ir_operand x) { return ir_operand_type(x) == IR_INT ? "%ld" : "%g"; }

const char *declaration_words(lowering *l, const variable *variable) {
  if (variable->whole && type_is_complex(variable->whole->type)) variable = variable->whole;
  return format_safe(l->arena, arena_printf(l->arena, "%s block, `%s %s`", block_name(variable->block),
                                            declared_type_text(l->arena, variable->declared), variable->name));
}

/* Of a variable, or of an element of an array that is a vector or matrix. */
static checked_value subject_of_variable(lowering *l, const variable *variable, int count, const ir_operand *at) {
  checked_value subject = {.text = arena_printf(l->arena, "variable %s", variable->name),
                           .where = arena_printf(l->arena, " (%s)", declaration_words(l, variable))};
  for (int d = 0; d < count; d++) {
    subject.text = arena_printf(l->arena, "%s%s%%ld%s", subject.text, d == 0 ? "[" : ",", d == count - 1 ? "]" : "");
    subject.indices[subject.index_count++] = int_add(l, at[d], ir_int(1));
  }
  return subject;
}

/* That the condition holds: else the message is the subject, then text, which shows what a, b and c are. */
static void claim(lowering *l, const checked_value *subject, ir_operand condition, const char *text, ir_operand a,
                  ir_operand b, ir_operand c) {
  if (condition.kind == IR_CONSTANT_INT && condition.int_value) return;
  ir_statement *check = ir_check(l->b, condition, arena_printf(l->arena, "%s%s%s", subject->text, text, subject->where),
                                 ir_none(), ir_none(), ir_none());
  const ir_operand shown[] = {a, b, c};
  for (int i = 0; i < subject->index_count; i++) check->arguments[check->argument_count++] = subject->indices[i];
  for (int i = 0; i < 3 && shown[i].kind != IR_NONE; i++) check->arguments[check->argument_count++] = shown[i];
}

static void check_bound(lowering *l, const variable *variable, value *v, value *bound, bool is_lower) {
  if (bound->dim_count > 0 && bound->dim_count < v->dim_count) /* of a member of tuples in an array */
    bound = value_replicated(l, v->type, v->dims, value_settled(l, bound));
  if (bound->dim_count > 0) {
    check_same_shape(l, v, bound, arena_printf(l->arena, "%s and its bounds", variable->name));
    bound = value_settled(l, bound);
  }
  loops loops;
  loops_open(l, &loops, v->type, v->dims, false, true);
  ir_operand x = value_element(l, v, &loops.place), limit = value_element(l, bound, &loops.place), condition;
  if (ir_operand_type(x) == IR_REAL || ir_operand_type(limit) == IR_REAL) {
    ir_operand real = as_real(l, x);
    limit = as_real(l, limit);
    condition = ir_let2(l->b, IR_OP_LESS_EQUAL, is_lower ? limit : real, is_lower ? real : limit);
  } else {
    condition = ir_let2(l->b, IR_OP_INT_LESS_EQUAL, is_lower ? limit : x, is_lower ? x : limit);
  }
  checked_value subject = subject_of_variable(l, variable, v->dim_count, loops.place.at);
  const char *text = arena_printf(l->arena, " is %s, but must be at %s %s", number_format(x),
                                  is_lower ? "least" : "most", number_format(limit));
  claim(l, &subject, condition, text, x, limit, ir_none());
  loops_close(l, &loops);
}

/* ---- forms ---- */

static ir_operand is_near(lowering *l, ir_operand x, double wanted) {
  ir_operand distance = ir_let1(l->b, IR_OP_ABS, ir_let2(l->b, IR_OP_SUBTRACT, x, ir_real(wanted)));
  return ir_let2(l->b, IR_OP_LESS_EQUAL, distance, tolerance(l));
}

/* The sum of the elements, or of their squares, of a vector. */
static ir_operand total(lowering *l, value *v, bool of_squares) {
  if (of_squares) v = value_map(l, v->type, IR_OP_SQUARE, v, 1, &v);
  return sum_of(l, v)->scalar;
}

static void check_total(lowering *l, const checked_value *subject, value *v, bool of_squares, double wanted,
                        const char *text) {
  ir_operand sum = total(l, v, of_squares);
  claim(l, subject, is_near(l, sum, wanted), text, sum, ir_none(), ir_none());
}

static void check_each_nonnegative(lowering *l, const checked_value *subject, value *v) {
  loops loops;
  ir_operand i = loop_open(l, &loops, "i", v->dims[0], true), x = value_at(l, v, i);
  ir_operand condition = ir_let2(l->b, IR_OP_LESS_EQUAL, ir_real(0), x);
  claim(l, subject, condition, "[%ld] is %g, but must be nonnegative", int_add(l, i, ir_int(1)), x, ir_none());
  loops_close(l, &loops);
}

static void check_increasing(lowering *l, const checked_value *subject, value *v) {
  loops loops;
  ir_operand i = loop_open(l, &loops, "i", int_subtract(l, v->dims[0], ir_int(1)), true);
  ir_operand next = int_add(l, i, ir_int(1)), a = value_at(l, v, i), b = value_at(l, v, next);
  claim(l, subject, ir_let2(l->b, IR_OP_LESS, a, b),
        " must be increasing, but element %ld is %g and the one before is %g", int_add(l, next, ir_int(1)), b, a);
  loops_close(l, &loops);
}

/* Row i, or column i, of a matrix. */
static value *line_of(lowering *l, value *v, ir_operand i, bool is_column) {
  selection one = {.kind = SELECT_ONE, .first = i}, all = {.kind = SELECT_ALL};
  return is_column ? select_from(l, v, &type_vector, (selection[]){all, one}, 2)
                   : select_from(l, v, &type_row_vector, (selection[]){one, all}, 2);
}

/* Each row, or each column, has this form. */
static void check_lines(lowering *l, type_form form, const checked_value *subject, value *v, bool columns) {
  loops loops;
  ir_operand i = loop_open(l, &loops, "i", v->dims[columns], true);
  checked_value line = *subject;
  line.text = arena_printf(l->arena, "%s[%s%%ld]", subject->text, columns ? "," : "");
  line.indices[line.index_count++] = int_add(l, i, ir_int(1));
  check_form(l, form, &line, line_of(l, v, i, columns));
  loops_close(l, &loops);
}

/* Lower triangular with a positive diagonal; of a correlation matrix with rows of length 1. */
static void check_cholesky_factor(lowering *l, const checked_value *subject, value *v, bool unit_rows) {
  loops columns, rows;
  ir_operand j = loop_open(l, &columns, "j", v->dims[1], true);
  ir_operand i = loop_open(l, &rows, "i", ir_let2(l->b, IR_OP_INT_MIN, j, v->dims[0]), true);
  ir_operand x = value_at2(l, v, i, j), is_zero = ir_let2(l->b, IR_OP_EQUAL, x, ir_real(0));
  claim(l, subject, is_zero, " must be lower triangular, but [%ld,%ld] is %g", int_add(l, i, ir_int(1)),
        int_add(l, j, ir_int(1)), x);
  loops_close(l, &rows);
  x = value_at2(l, v, j, j);
  claim(l, subject, ir_let2(l->b, IR_OP_LESS, ir_real(0), x),
        " must have a positive diagonal, but element %ld of it is %g", int_add(l, j, ir_int(1)), x, ir_none());
  loops_close(l, &columns);
  if (unit_rows) check_lines(l, FORM_UNIT_VECTOR, subject, v, false);
}

void check_symmetric(lowering *l, const checked_value *subject, value *v) {
  claim(l, subject, ir_let2(l->b, IR_OP_INT_EQUAL, v->dims[0], v->dims[1]),
        " must be square, but has %ld rows and %ld columns", v->dims[0], v->dims[1], ir_none());
  loops columns, rows;
  ir_operand j = loop_open(l, &columns, "j", v->dims[1], true);
  ir_operand i = loop_open(l, &rows, "i", j, true);
  ir_operand x = value_at2(l, v, i, j), mirrored = value_at2(l, v, j, i);
  ir_operand difference = ir_let2(l->b, IR_OP_SUBTRACT, x, mirrored);
  ir_operand is_small = ir_let2(l->b, IR_OP_LESS_EQUAL, ir_let1(l->b, IR_OP_ABS, difference), tolerance(l));
  claim(l, subject, is_small, " must be symmetric, but [%ld,%ld] and its mirror image differ by %g",
        int_add(l, i, ir_int(1)), int_add(l, j, ir_int(1)), difference);
  loops_close(l, &rows);
  loops_close(l, &columns);
}

static void check_unit_diagonal(lowering *l, const checked_value *subject, value *v) {
  loops loops;
  ir_operand i = loop_open(l, &loops, "i", v->dims[0], true), x = value_at2(l, v, i, i);
  claim(l, subject, is_near(l, x, 1), " must have a diagonal of ones, but element %ld of it is %.9g",
        int_add(l, i, ir_int(1)), x, ir_none());
  loops_close(l, &loops);
}

static void check_positive_definite(lowering *l, const checked_value *subject, value *v) {
  static const type *const types[] = {&type_matrix};
  function *f = require_library(l, l->b->location, "__least_pivot", types, 1);
  ir_operand pivot = call_function(l, f, &v, SINK_VALUE, false, false)->scalar;
  claim(l, subject, ir_let2(l->b, IR_OP_LESS, ir_real(0), pivot),
        " must be positive definite, but a pivot of its Cholesky factorisation is %g", pivot, ir_none(), ir_none());
}

void check_form(lowering *l, type_form form, const checked_value *subject, value *v) {
  v = value_settled(l, v);
  switch (form) {
  case FORM_SIMPLEX:
    check_each_nonnegative(l, subject, v);
    check_total(l, subject, v, false, 1, " must sum to 1, but sums to %.9g");
    break;
  case FORM_UNIT_VECTOR: check_total(l, subject, v, true, 1, " must have length 1, but its square is %.9g"); break;
  case FORM_SUM_TO_ZERO_VECTOR: check_total(l, subject, v, false, 0, " must sum to 0, but sums to %g"); break;
  case FORM_SUM_TO_ZERO_MATRIX:
    check_lines(l, FORM_SUM_TO_ZERO_VECTOR, subject, v, true);
    check_lines(l, FORM_SUM_TO_ZERO_VECTOR, subject, v, false);
    break;
  case FORM_POSITIVE_ORDERED:
    check_each_nonnegative(l, subject, v);
    check_increasing(l, subject, v);
    break;
  case FORM_ORDERED: check_increasing(l, subject, v); break;
  case FORM_CHOLESKY_FACTOR_CORR:
  case FORM_CHOLESKY_FACTOR_COV: check_cholesky_factor(l, subject, v, form == FORM_CHOLESKY_FACTOR_CORR); break;
  case FORM_CORR_MATRIX:
  case FORM_COV_MATRIX:
    check_symmetric(l, subject, v);
    if (form == FORM_CORR_MATRIX) check_unit_diagonal(l, subject, v);
    check_positive_definite(l, subject, v);
    break;
  case FORM_COLUMN_STOCHASTIC_MATRIX:
  case FORM_ROW_STOCHASTIC_MATRIX:
    check_lines(l, FORM_SIMPLEX, subject, v, form == FORM_COLUMN_STOCHASTIC_MATRIX);
    break;
  default: break;
  }
}

void check_constraints(lowering *l, const variable *variable, value *v) {
  const sized_type *declared = variable->declared;
  if (declared->lower) check_bound(l, variable, v, prepare(l, declared->lower), true);
  if (declared->upper) check_bound(l, variable, v, prepare(l, declared->upper), false);
  if (declared->form < FORM_SIMPLEX || declared->form == FORM_TUPLE) return;
  int arrays = type_array_dimensions(v->type);
  loops loops;
  const type *array = arrays ? type_array_of(l->arena, &type_int, arrays) : &type_int;
  loops_open(l, &loops, array, v->dims, false, true);
  value *element = arrays ? value_slice(l, v, type_innermost(v->type), loops.place.at, arrays) : v;
  if (variable->block == BLOCK_TRANSFORMED_PARAMETERS) /* a check has no derivative: nothing is kept for one */
    element = value_map(l, element->type, IR_OP_VALUE_OF, element, 1, &element);
  checked_value subject = subject_of_variable(l, variable, arrays, loops.place.at);
  check_form(l, declared->form, &subject, element);
  loops_close(l, &loops);
}

/* ---- sizes ---- */

static void check_size_at_least(lowering *l, const variable *variable, ir_operand size, int least) {
  if (is_at_least(size, least)) return;
  check(l, ir_let2(l->b, IR_OP_INT_LESS_EQUAL, ir_int(least), size),
        arena_printf(l->arena, "%s has size %%ld, but must have at least %d (%s)", variable->name, least,
                     declaration_words(l, variable)),
        size, ir_none(), ir_none());
}

void check_form_sizes(lowering *l, const variable *variable, const ir_operand *dims) {
  type_form form = variable->declared->form;
  const ir_operand *sizes = dims + type_array_dimensions(variable->type);
  bool is_matrix = form == FORM_SUM_TO_ZERO_MATRIX;
  if (form == FORM_SIMPLEX || form == FORM_SUM_TO_ZERO_VECTOR || form == FORM_COLUMN_STOCHASTIC_MATRIX || is_matrix)
    check_size_at_least(l, variable, sizes[0], 1);
  if (form == FORM_ROW_STOCHASTIC_MATRIX || is_matrix) check_size_at_least(l, variable, sizes[1], 1);
  if (form == FORM_UNIT_VECTOR) /* with one element it is -1 or 1: not continuous */
    check_size_at_least(l, variable, sizes[0], variable->block == BLOCK_PARAMETERS ? 2 : 1);
  if (form == FORM_CHOLESKY_FACTOR_COV)
    check(l, ir_let2(l->b, IR_OP_INT_LESS_EQUAL, sizes[1], sizes[0]),
          arena_printf(l->arena,
                       "%s has %%ld rows and %%ld columns, but must have at least as many rows as columns (%s)",
                       variable->name, declaration_words(l, variable)),
          sizes[0], sizes[1], ir_none());
}
