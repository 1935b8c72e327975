/* lower_constraint.c: checks that variables obey the constraints they are declared with: data, transformed data, transformed
 * parameters, generated quantities, and parameters that are given: inits, and draws read back. Tolerances are Stan's, 1e-8; what
 * is given was printed with few digits, and is transformed as if the sum (or length) were right. */
#include <string.h>
#include "ir/lower_internal.h"

static ir_operand tolerance(const lowering *l) { return ir_real(l->is_given ? 1e-4 : 1e-8); }

/* ---- the program's words ---- */

const char *source_words(arena *arena, location location) {
  if (!location.file) return "";
  const char *from = location.file->text, *end = location.file->text + location.file->length;
  for (int line = 1; line < location.line && from < end; from++) line += *from == '\n';
  const char *to = from;
  for (int line = location.line; line < location.end_line && to < end; to++) line += *to == '\n';
  from += location.column - 1;
  to += location.end_column;
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

static void check_bound(lowering *l, const variable *variable, value *v, value *bound, bool is_lower) {
  const char *where =
      format_safe(l->arena, arena_printf(l->arena, "%s block, `%s %s`", block_name(variable->block),
                                         declared_type_text(l->arena, variable->declared), variable->name));
  if (bound->dim_count > 0) {
    check_same_shape(l, v, bound, arena_printf(l->arena, "%s and its bounds", variable->name));
    bound = value_settled(l, bound);
  }
  loops loops;
  bool shows_index = v->dim_count == 1 || v->dim_count == 2;
  loops_open(l, &loops, v->type, v->dims, !shows_index && value_takes_flat(v) && value_takes_flat(bound), true);
  ir_operand x = value_element(l, v, &loops.place), limit = value_element(l, bound, &loops.place), condition;
  if (ir_operand_type(x) == IR_REAL || ir_operand_type(limit) == IR_REAL) {
    ir_operand real = as_real(l, x);
    limit = as_real(l, limit);
    condition = ir_let2(l->b, IR_OP_LESS_EQUAL, is_lower ? limit : real, is_lower ? real : limit);
  } else {
    condition = ir_let2(l->b, IR_OP_INT_LESS_EQUAL, is_lower ? limit : x, is_lower ? x : limit);
  }
  const char *index = v->dim_count == 0 ? "" : v->dim_count == 1 ? "[%ld]" : v->dim_count == 2 ? "[%ld,%ld]" : "[...]";
  if (condition.kind != IR_CONSTANT_INT || !condition.int_value) {
    ir_operand arguments[IR_MAX_ARGUMENTS];
    int count = 0;
    for (int d = 0; shows_index && d < v->dim_count; d++) arguments[count++] = int_add(l, loops.place.at[d], ir_int(1));
    arguments[count++] = x;
    arguments[count++] = limit;
    ir_statement *statement =
        ir_check(l->b, condition,
                 arena_printf(l->arena, "variable %s%s is %s, but must be at %s %s (%s)", variable->name, index,
                              number_format(x), is_lower ? "least" : "most", number_format(limit), where),
                 ir_none(), ir_none(), ir_none());
    memcpy(statement->arguments, arguments, sizeof *arguments * (size_t)count);
    statement->argument_count = count;
  }
  loops_close(l, &loops);
}

/* ---- forms ---- */

static void check_near(lowering *l, ir_operand x, double wanted, const char *text) {
  ir_operand distance = ir_let1(l->b, IR_OP_ABS, ir_let2(l->b, IR_OP_SUBTRACT, x, ir_real(wanted)));
  check(l, ir_let2(l->b, IR_OP_LESS_EQUAL, distance, tolerance(l)), text, x, ir_none(), ir_none());
}

/* The sum of the elements, or of their squares, of a vector. */
static ir_operand total(lowering *l, value *v, bool of_squares) {
  if (of_squares) v = value_map(l, v->type, IR_OP_SQUARE, v, 1, &v);
  return sum_of(l, v)->scalar;
}

static void check_each_nonnegative(lowering *l, const char *what, value *v) {
  loops loops;
  ir_operand i = loop_open(l, &loops, "i", v->dims[0], true), x = value_at(l, v, i);
  ir_operand condition = ir_let2(l->b, IR_OP_LESS_EQUAL, ir_real(0), x);
  check(l, condition, arena_printf(l->arena, "%s[%%ld] is %%g, but must be nonnegative", what),
        int_add(l, i, ir_int(1)), x, ir_none());
  loops_close(l, &loops);
}

static void check_increasing(lowering *l, const char *what, value *v) {
  loops loops;
  ir_operand i = loop_open(l, &loops, "i", int_subtract(l, v->dims[0], ir_int(1)), true);
  ir_operand next = int_add(l, i, ir_int(1)), a = value_at(l, v, i), b = value_at(l, v, next);
  ir_operand condition = ir_let2(l->b, IR_OP_LESS, a, b);
  check(l, condition,
        arena_printf(l->arena, "%s must be increasing, but element %%ld is %%g and the one before is %%g", what),
        int_add(l, next, ir_int(1)), b, a);
  loops_close(l, &loops);
}

/* Lower triangular with a positive diagonal; unit_rows: of length 1. */
static void check_cholesky_factor(lowering *l, const char *what, value *v, bool unit_rows) {
  loops columns, rows;
  ir_operand j = loop_open(l, &columns, "j", v->dims[1], true);
  ir_operand i = loop_open(l, &rows, "i", ir_let2(l->b, IR_OP_INT_MIN, j, v->dims[0]), true);
  ir_operand x = value_at2(l, v, i, j), is_zero = ir_let2(l->b, IR_OP_EQUAL, x, ir_real(0));
  ir_operand row = int_add(l, i, ir_int(1)), column = int_add(l, j, ir_int(1));
  check(l, is_zero, arena_printf(l->arena, "%s must be lower triangular, but [%%ld,%%ld] is %%g", what), row, column,
        x);
  loops_close(l, &rows);
  x = value_at2(l, v, j, j);
  ir_operand is_positive = ir_let2(l->b, IR_OP_LESS, ir_real(0), x);
  check(l, is_positive, arena_printf(l->arena, "%s must have a positive diagonal, but [%%ld] is %%g", what),
        int_add(l, j, ir_int(1)), x, ir_none());
  loops_close(l, &columns);
  if (!unit_rows) return;
  i = loop_open(l, &rows, "i", v->dims[0], true);
  ir_variable *sum = ir_declare(l->b, NULL, IR_REAL, ir_real(0));
  j = loop_open(l, &columns, "j", v->dims[1], true);
  ir_add(l->b, sum, ir_let1(l->b, IR_OP_SQUARE, value_at2(l, v, i, j)));
  loops_close(l, &columns);
  check_near(l, ir_use(sum), 1, arena_printf(l->arena, "a row of %s must have length 1, but its square is %%g", what));
  loops_close(l, &rows);
}

void check_symmetric(lowering *l, const char *what, value *v) {
  check_same_size(l, v->dims[0], v->dims[1],
                  arena_printf(l->arena, "%s must be square, but has %%ld rows and %%ld columns", what));
  loops columns, rows;
  ir_operand j = loop_open(l, &columns, "j", v->dims[1], true);
  ir_operand i = loop_open(l, &rows, "i", j, true);
  ir_operand x = value_at2(l, v, i, j), mirrored = value_at2(l, v, j, i);
  ir_operand difference = ir_let2(l->b, IR_OP_SUBTRACT, x, mirrored);
  ir_operand is_small = ir_let2(l->b, IR_OP_LESS_EQUAL, ir_let1(l->b, IR_OP_ABS, difference), tolerance(l));
  ir_operand row = int_add(l, i, ir_int(1)), column = int_add(l, j, ir_int(1));
  check(l, is_small,
        arena_printf(l->arena, "%s must be symmetric, but [%%ld,%%ld] and its mirror image differ by %%g", what), row,
        column, difference);
  loops_close(l, &rows);
  loops_close(l, &columns);
}

static void check_diagonal(lowering *l, const char *what, value *v, bool is_one) {
  loops loops;
  ir_operand i = loop_open(l, &loops, "i", v->dims[0], true), x = value_at2(l, v, i, i);
  if (is_one)
    check_near(l, x, 1, arena_printf(l->arena, "%s must have a diagonal of ones, but an element is %%g", what));
  ir_operand is_positive = is_one ? ir_int(1) : ir_let2(l->b, IR_OP_LESS, ir_real(0), x);
  check(l, is_positive, arena_printf(l->arena, "%s must be positive definite, but [%%ld] of its diagonal is %%g", what),
        int_add(l, i, ir_int(1)), x, ir_none());
  loops_close(l, &loops);
}

static void check_stochastic(lowering *l, const char *what, value *v, bool columns) {
  loops loops;
  ir_operand i = loop_open(l, &loops, "i", v->dims[columns], true);
  selection one = {.kind = SELECT_ONE, .first = i}, all = {.kind = SELECT_ALL};
  value *line = select_from(l, v, columns ? &type_vector : &type_row_vector,
                            columns ? (selection[]){all, one} : (selection[]){one, all}, 2);
  check_form(l, FORM_SIMPLEX, what, line);
  loops_close(l, &loops);
}

void check_form(lowering *l, type_form form, const char *what, value *v) {
  v = value_settled(l, v);
  switch (form) {
  case FORM_SIMPLEX:
    check_each_nonnegative(l, what, v);
    check_near(l, total(l, v, false), 1, arena_printf(l->arena, "%s must sum to 1, but sums to %%.9g", what));
    break;
  case FORM_UNIT_VECTOR:
    check_near(l, total(l, v, true), 1, arena_printf(l->arena, "%s must have length 1, but its square is %%.9g", what));
    break;
  case FORM_SUM_TO_ZERO_VECTOR:
    check_near(l, total(l, v, false), 0, arena_printf(l->arena, "%s must sum to 0, but sums to %%g", what));
    break;
  case FORM_POSITIVE_ORDERED:
    check_each_nonnegative(l, what, v);
    check_increasing(l, what, v);
    break;
  case FORM_ORDERED: check_increasing(l, what, v); break;
  case FORM_CHOLESKY_FACTOR_CORR:
  case FORM_CHOLESKY_FACTOR_COV: check_cholesky_factor(l, what, v, form == FORM_CHOLESKY_FACTOR_CORR); break;
  case FORM_CORR_MATRIX:
  case FORM_COV_MATRIX:
    check_symmetric(l, what, v);
    check_diagonal(l, what, v, form == FORM_CORR_MATRIX);
    break;
  case FORM_COLUMN_STOCHASTIC_MATRIX:
  case FORM_ROW_STOCHASTIC_MATRIX: check_stochastic(l, what, v, form == FORM_COLUMN_STOCHASTIC_MATRIX); break;
  default: break;
  }
}

void check_constraints(lowering *l, const variable *variable, value *v) {
  const sized_type *declared = variable->declared;
  if (declared->lower) check_bound(l, variable, v, prepare(l, declared->lower), true);
  if (declared->upper) check_bound(l, variable, v, prepare(l, declared->upper), false);
  if (declared->form < FORM_SIMPLEX || declared->form == FORM_TUPLE) return;
  int arrays = declared->array_sizes.count;
  loops loops;
  const type *array = arrays ? type_array_of(l->arena, &type_int, arrays) : &type_int;
  loops_open(l, &loops, array, v->dims, false, true);
  value *element = arrays ? value_slice(l, v, type_innermost(v->type), loops.place.at, arrays) : v;
  check_form(l, declared->form, arena_printf(l->arena, "variable %s%s", variable->name, arrays ? "[...]" : ""),
             element);
  loops_close(l, &loops);
}
