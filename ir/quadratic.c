/* quadratic.c: rows whose summand is quadratic in their data collapse to a triangle.
 *
 * With a normal likelihood and a linear mean, a row's summand is a quadratic form q of what it reads: of the outcome y, the
 * predictors x and the number 1, with coefficients that depend on parameters and on the row's ints alone (an effect of its
 * group). Rows with equal ints share the form. Let D be the matrix of their data, a row for each and a column for each number
 * read, and D = Q R with Q'Q = 1 and R upper triangular (Golub, Van Loan, Matrix Computations, 5.2). Then
 *
 *   sum over n of q(D[n]) = trace(form D'D) = trace(form R'R) = sum over r of q(R[r])
 *
 * The loop stays what it is and runs over the rows of R, as many as there are columns. The numbers that a row reads come from
 * R, the 1 among them, and where the loop adds terms of different degree, the lower one is multiplied by that 1:
 *
 *   parallel for n in first .. last    y = @y[n]; x = @x[n]; g = @group[n]; z = (y - (effect[g] + slope * x)) / sigma
 *                                      target += -0.5 * z * z
 * becomes
 *   parallel for d in 0 .. @distinct - 1   one = @one_distinct[d]; y = @y_distinct[d]; x = ...; g = @group_distinct[d]
 *                                          z = (y - (one * effect[g] + slope * x)) / sigma
 *                                          target += -0.5 * z * z
 *
 * The column of ones stands first, so that the first row of R has the means (times the root of the number of rows) and the
 * others are the triangle of the data about their means: no cross products are made, and nothing cancels that did not cancel
 * before. Construct finds R for each group of rows (kernels row_groups, quadratic_row). Where that would leave more than
 * nine tenths of the rows, a number is not finite, or the sums would lose digits (see runtime/kernels_quadratic.c), the rows
 * stay as they are, with ones that are 1; that costs about a tenth, whatever the rows, so that any smaller number of them is
 * a gain.
 *
 * A linear value times or over a number of the row (a weight, a known error, an interaction's (slope + effect[g]) * x) is
 * linear in products of numbers, which become columns of their own: (y - mu) / error in y / error and 1 / error.
 *
 * The loop may have loops inside, over which a linear mean is summed (y[t - k] * beta[k]); it may read elements of products of
 * a data matrix and a vector, whose row of the matrix then takes part. It may check that a linear value is finite or a number:
 * a combination of rows is not when a row is not. The value such a message shows is then that of the combination.
 *
 * A part of pass `collapse`: loops that this file takes are not asked for equal rows. Microseconds for a gradient,
 * --without=collapse and with it (2 cores of a Xeon with AVX-512, gcc 12, own data): diamonds 18.9, 0.23; radon_all
 * hierarchical_intercept_noncentered 24.7, 2.4; gcse_pooled 0.64, 0.026; logearn_interaction 0.64, 0.031; nes2000 0.58,
 * 0.052; arK 0.90, 0.090; kidscore_interaction 0.29, 0.046; radon_mn variable_intercept_slope_noncentered 1.85, 0.57;
 * gcse_correlated 4.6, 1.7; rats 0.31, 0.23; mlm_partial, 182 rows of 225, 0.40, 0.37. */
#include <math.h>
#include <string.h>
#include "ir/index.h"
#include "ir/rows.h"

typedef enum role {
  DEGREE_0, /* the same for all rows with equal ints; what is defined before the loop */
  DEGREE_1, /* a linear combination of the row's numbers */
  DEGREE_2, /* a quadratic form of them */
  ROW,      /* of data level, changes with the row */
  MAGNITUDE,
  FINITE /* whether a linear combination is finite, or a number */
} role;

enum { MOST_INNER = 8, MOST_MADE = IR_MOST_COLUMNS };

typedef struct plan {
  ir_rows rows; /* the number 1 is the first column until it is known that nothing needs it */
  ir_program *program;
  id_set roles;   /* by variable */
  id_set scaled;  /* linear values that are another one times or over a number of the row */
  id_set inside;  /* by variable of a loop inside: that loop's place in inner, + 1 */
  id_set needed;  /* variables that what stays of the loop reads */
  id_set derived; /* ints of the row that are computed from columns */
  id_set columns; /* by variable: its column + 1 */
  const ir_statement *inner[MOST_INNER];
  int inner_count;
  bool is_inside;
  const ir_variable *made[MOST_MADE]; /* products of the row's numbers; their definitions stand in no block */
  int made_count;
  bool needs_one, has_target, has_data;
} plan;

/* ---- roles: which loops ---- */

static role role_of(const plan *p, ir_operand x) {
  return x.kind == IR_VARIABLE ? (role)id_set_number(&p->roles, x.variable->id) : DEGREE_0;
}

static bool set_role(plan *p, const ir_variable *v, role role) {
  *id_set_at(&p->roles, v->id) = (int)role;
  if (p->is_inside) *id_set_at(&p->inside, v->id) = p->inner_count;
  return true;
}

/* -1 for what has none. */
static int degree_of(const plan *p, ir_operand x) {
  role role = role_of(p, x);
  if (role == ROW) return x.variable->type == IR_REAL;
  return role <= DEGREE_2 ? (int)role : -1;
}

static int larger(int x, int y) { return x > y ? x : y; }

static bool is_sum(ir_op op) { return op == IR_OP_ADD || op == IR_OP_SUBTRACT || op == IR_OP_SELECT; }

/* The degree of a polynomial operation's result; that of others is 0, of operands of degree 0. */
static int let_degree(const plan *p, const ir_statement *s) {
  int degree[IR_MAX_ARGUMENTS] = {0}, most = 0;
  for (int i = 0; i < s->argument_count; i++) {
    degree[i] = degree_of(p, s->arguments[i]);
    if (degree[i] < 0) return -1;
    most = larger(most, degree[i]);
  }
  if (most == 0) return 0;
  switch (s->op) {
  case IR_OP_ADD:
  case IR_OP_SUBTRACT:
  case IR_OP_NEGATE:
  case IR_OP_COPY: return most;
  case IR_OP_SELECT: return degree[0] == 0 ? most : -1;
  case IR_OP_MULTIPLY: return degree[0] + degree[1];
  case IR_OP_DIVIDE: return degree[1] == 0 ? degree[0] : -1;
  case IR_OP_SQUARE: return 2 * most;
  default: return -1;
  }
}

/* What checks ask of linear values. */
static role test_of(const plan *p, const ir_statement *s) {
  role first = role_of(p, s->arguments[0]);
  if ((s->op == IR_OP_ABS || s->op == IR_OP_FABS) && first == DEGREE_1) return MAGNITUDE;
  if (s->op == IR_OP_IS_NAN && first == DEGREE_1) return FINITE;
  if (s->op == IR_OP_LESS && first == MAGNITUDE && s->arguments[1].kind == IR_CONSTANT_REAL &&
      isinf(s->arguments[1].real_value))
    return FINITE;
  if (s->op != IR_OP_NOT && s->op != IR_OP_AND && s->op != IR_OP_OR) return DEGREE_0;
  role result = DEGREE_0;
  for (int i = 0; i < s->argument_count; i++)
    if (role_of(p, s->arguments[i]) == FINITE)
      result = FINITE;
    else if (degree_of(p, s->arguments[i]) != 0)
      return DEGREE_0;
  return result;
}

/* Of a product or quotient of a linear value and a number of the row, which argument is the number; else -1. */
static int scale_of(const plan *p, const ir_statement *s) {
  if (s->op != IR_OP_MULTIPLY && s->op != IR_OP_DIVIDE) return -1;
  for (int i = s->op == IR_OP_DIVIDE; i < 2; i++)
    if (role_of(p, s->arguments[i]) == ROW && role_of(p, s->arguments[1 - i]) == DEGREE_1) return i;
  return -1;
}

/* Whether the linear value times a number of the row is linear in products of that and the row's numbers. */
static bool can_scale(const plan *p, ir_operand x) {
  if (role_of(p, x) != DEGREE_1) return true;
  const ir_statement *s = x.variable->note;
  if (id_set_has(&p->inside, x.variable->id)) return false;
  if (s->kind == IR_LOAD) return true; /* of a product */
  if (s->kind != IR_LET) return false;
  for (int i = 0; i < s->argument_count; i++)
    if (!can_scale(p, s->arguments[i])) return false;
  return true;
}

static bool takes_let(plan *p, const ir_statement *s) {
  if (ir_ops[s->op].flags & (IR_IMPURE | IR_MAY_FAIL)) return false;
  bool is_row = false, is_data = !s->variable->is_parameter_level;
  for (int i = 0; i < s->argument_count; i++) {
    role role = role_of(p, s->arguments[i]);
    is_row = is_row || role == ROW;
    is_data = is_data && (role == ROW || role == DEGREE_0);
  }
  if (is_data && is_row) return ir_row_is_computable(&p->rows, ir_use(s->variable)) && set_role(p, s->variable, ROW);
  role test = test_of(p, s);
  if (test != DEGREE_0) return set_role(p, s->variable, test);
  int scale = p->is_inside ? -1 : scale_of(p, s);
  if (scale >= 0 && can_scale(p, s->arguments[1 - scale])) {
    id_set_add(&p->scaled, s->variable->id);
    return set_role(p, s->variable, DEGREE_1);
  }
  int degree = let_degree(p, s);
  return degree >= 0 && degree <= 2 && set_role(p, s->variable, (role)degree);
}

static bool takes_load(plan *p, const ir_statement *s) {
  if (role_of(p, s->index) != ROW) return role_of(p, s->index) == DEGREE_0 && set_role(p, s->variable, DEGREE_0);
  if (!s->variable->is_parameter_level)
    return ir_row_is_computable(&p->rows, ir_use(s->variable)) && set_role(p, s->variable, ROW);
  if (!p->is_inside && ir_row_is_computable(&p->rows, s->index) && ir_row_product(&p->rows, s))
    return set_role(p, s->variable, DEGREE_1);
  /* An element of each row's own keeps all rows apart. */
  return !ir_is_distinct(s->index, p->rows.loop) && set_role(p, s->variable, DEGREE_0);
}

static bool takes_check(const plan *p, const ir_statement *s) {
  if (role_of(p, s->value) != FINITE && role_of(p, s->value) != DEGREE_0) return false;
  for (int i = 0; i < s->argument_count; i++)
    if (role_of(p, s->arguments[i]) > DEGREE_1) return false;
  return true;
}

static bool is_at_most(const plan *p, ir_operand x, int degree) {
  return degree_of(p, x) >= 0 && degree_of(p, x) <= degree;
}

static bool takes_block(plan *p, const ir_block *block);

static bool takes_loop(plan *p, const ir_statement *s) {
  if (p->is_inside || p->inner_count == MOST_INNER) return false;
  if (role_of(p, s->first) != DEGREE_0 || role_of(p, s->last) != DEGREE_0) return false;
  if (!ir_row_is_computable(&p->rows, s->first) || !ir_row_is_computable(&p->rows, s->last)) return false;
  ir_row_set_computable(&p->rows, s->variable);
  p->inner[p->inner_count++] = s;
  p->is_inside = true;
  bool takes = takes_block(p, s->body);
  p->is_inside = false;
  return takes;
}

static bool takes_block(plan *p, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    bool takes = false;
    switch (s->kind) {
    case IR_LET: takes = takes_let(p, s); break;
    case IR_LOAD: takes = takes_load(p, s); break;
    case IR_CHECK: takes = takes_check(p, s); break;
    case IR_FOR: takes = takes_loop(p, s); break;
    case IR_TARGET: takes = p->has_target = is_at_most(p, s->value, 2); break;
    case IR_DECLARE:
      takes = s->variable->type == IR_REAL && (s->value.kind == IR_NONE || is_at_most(p, s->value, 1)) &&
              set_role(p, s->variable, DEGREE_1);
      break;
    case IR_SET:
    case IR_ADD: /* of a variable declared in the loop: the others have degree 0 */
      takes = role_of(p, ir_use(s->variable)) == DEGREE_1 && is_at_most(p, s->value, 1);
      break;
    default: break;
    }
    if (!takes) return false;
  }
  return true;
}

/* ---- columns: what is needed of a row ---- */

static bool is_zero(ir_operand x) { return x.kind == IR_CONSTANT_REAL && x.real_value == 0; }

static bool add_column(plan *p, const ir_variable *v, ir_column column) {
  ir_rows *rows = &p->rows;
  if (id_set_has(&p->columns, v->id)) return true;
  if (rows->column_count == IR_MOST_COLUMNS) return false;
  const int inner = id_set_number(&p->inside, v->id);
  column.inner = inner ? p->inner[inner - 1] : NULL;
  column.type = v->type;
  rows->columns[rows->column_count++] = column;
  *id_set_at(&p->columns, v->id) = rows->column_count;
  p->has_data = p->has_data || v->type == IR_REAL;
  return true;
}

/* An int of the row: rows are kept apart by it, or by the ints from which it is computed. */
static bool need_int(plan *p, const ir_variable *v) {
  const ir_statement *s = v->note;
  if (v == p->rows.loop->variable || id_set_has(&p->inside, v->id)) return false;
  bool is_derived = s->kind == IR_LET;
  for (int i = 0; i < s->argument_count; i++) {
    ir_operand x = s->arguments[i];
    if (role_of(p, x) == ROW && (ir_operand_type(x) == IR_REAL || x.variable == p->rows.loop->variable))
      is_derived = false;
  }
  if (!is_derived) return add_column(p, v, (ir_column){.value = v});
  for (int i = 0; i < s->argument_count; i++)
    if (role_of(p, s->arguments[i]) == ROW && !need_int(p, s->arguments[i].variable)) return false;
  id_set_add(&p->derived, v->id);
  return true;
}

/* x op y, numbers of the row, as one that construct computes; NULL when there are too many. */
static const ir_variable *make(plan *p, ir_op op, ir_operand x, ir_operand y) {
  for (int i = 0; i < p->made_count; i++) {
    const ir_statement *s = p->made[i]->note;
    if (s->op == op && ir_same(s->arguments[0], x) && ir_same(s->arguments[1], y)) return p->made[i];
  }
  if (p->made_count == MOST_MADE) return NULL;
  ir_statement *s = ir_statement_create(p->program->arena, IR_LET);
  s->variable = ir_variable_create(p->program, x.variable->name, IR_REAL, IR_LOCAL, false);
  s->op = op;
  s->arguments[0] = x, s->arguments[1] = y;
  s->argument_count = y.kind == IR_NONE ? 1 : 2;
  s->variable->note = s;
  set_role(p, s->variable, ROW);
  return p->made[p->made_count++] = s->variable;
}

static bool need(plan *p, ir_operand x);

/* The two numbers by which a scaled value's linear part is multiplied are one. */
static const ir_variable *further_scale(plan *p, const ir_statement *s, ir_operand scale) {
  ir_operand inner = s->arguments[scale_of(p, s)];
  return s->op == IR_OP_DIVIDE ? make(p, IR_OP_DIVIDE, scale, inner) : make(p, IR_OP_MULTIPLY, scale, inner);
}

/* What is needed of the row for x times the number `scale` of the row: see `scaled`, which computes it. */
static bool need_scaled(plan *p, ir_operand x, ir_operand scale) {
  if (is_zero(x)) return true;
  if (degree_of(p, x) == 0) return need(p, x) && need(p, scale);
  const ir_variable *v = role_of(p, x) == ROW || ((const ir_statement *)x.variable->note)->kind == IR_LOAD
                             ? make(p, IR_OP_MULTIPLY, x, scale)
                             : NULL;
  if (role_of(p, x) == ROW) return v && need(p, ir_use((ir_variable *)v));
  const ir_statement *s = x.variable->note;
  if (s->kind == IR_LOAD)
    return v &&
           add_column(
               p, v, (ir_column){.value = x.variable, .product = ir_row_product(&p->rows, s), .scale = scale.variable});
  if (id_set_has(&p->scaled, x.variable->id)) {
    const ir_variable *further = further_scale(p, s, scale);
    return further && need_scaled(p, s->arguments[1 - scale_of(p, s)], ir_use((ir_variable *)further));
  }
  for (int i = 0; i < s->argument_count; i++) {
    const bool is_plain =
        is_sum(s->op) ? ir_operand_type(s->arguments[i]) == IR_INT : degree_of(p, s->arguments[i]) == 0;
    if (!(is_plain ? need(p, s->arguments[i]) : need_scaled(p, s->arguments[i], scale))) return false;
  }
  return true;
}

/* Whether it will be multiplied by the number 1 of the row. */
static void note_raised(plan *p, ir_operand x, int degree) {
  p->needs_one = p->needs_one || (degree_of(p, x) < degree && !is_zero(x));
}

/* Adds the columns from which the value is computed; false when there are too many, or rows cannot be told apart by ints. */
static bool need(plan *p, ir_operand x) {
  if (x.kind != IR_VARIABLE || !id_set_has(&p->roles, x.variable->id) || id_set_has(&p->needed, x.variable->id))
    return true;
  id_set_add(&p->needed, x.variable->id);
  const ir_variable *v = x.variable;
  const ir_statement *s = v->note;
  const role role = role_of(p, x);
  if (role == ROW) return v->type == IR_INT ? need_int(p, v) : add_column(p, v, (ir_column){.value = v});
  if (s->kind == IR_LOAD) {
    if (role == DEGREE_0) return need(p, s->index);
    return add_column(p, v, (ir_column){.value = v, .product = ir_row_product(&p->rows, s)});
  }
  if (s->kind != IR_LET) return true;
  if (id_set_has(&p->scaled, v->id)) {
    const int scale = scale_of(p, s);
    ir_operand by = s->arguments[scale];
    if (s->op == IR_OP_DIVIDE) {
      const ir_variable *inverse = make(p, IR_OP_INV, by, ir_none());
      if (!inverse) return false;
      by = ir_use((ir_variable *)inverse);
    }
    return need_scaled(p, s->arguments[1 - scale], by);
  }
  for (int i = 0; i < s->argument_count; i++) {
    if (is_sum(s->op) && role <= DEGREE_2 && ir_operand_type(s->arguments[i]) == IR_REAL)
      note_raised(p, s->arguments[i], (int)role);
    if (!need(p, s->arguments[i])) return false;
  }
  return true;
}

static bool need_block(plan *p, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_LET || s->kind == IR_LOAD) continue;
    if (s->kind == IR_FOR && !need_block(p, s->body)) return false;
    if (s->kind == IR_TARGET) note_raised(p, s->value, 2);
    if ((s->kind == IR_DECLARE && s->value.kind != IR_NONE) || s->kind == IR_SET || s->kind == IR_ADD)
      note_raised(p, s->value, 1);
    if (!need(p, s->value)) return false;
    for (int j = 0; j < s->argument_count; j++)
      if (!need(p, s->arguments[j])) return false;
  }
  return true;
}

static ir_rows *make_plan(ir_program *program, ir_rows rows) {
  plan *p = arena_new(program->arena, plan);
  *p = (plan){.program = program, .rows = rows};
  p->roles = p->scaled = p->inside = p->needed = p->derived = p->columns = id_set_create(program->arena);
  p->rows.columns[p->rows.column_count++] = (ir_column){.type = IR_REAL};
  set_role(p, rows.loop->variable, ROW);
  const ir_block *body = rows.loop->body;
  if (!takes_block(p, body) || !p->has_target || !need_block(p, body) || !p->has_data) return NULL;
  if (!p->needs_one)
    memmove(p->rows.columns, p->rows.columns + 1, sizeof *p->rows.columns * (size_t)--p->rows.column_count);
  return &p->rows;
}

/* ---- construct: the triangles ---- */

typedef struct triangle {
  ir_operand count; /* of rows */
  ir_buffer *fields[IR_MOST_COLUMNS];
} triangle;

static ir_operand less_one(ir_builder *b, ir_operand x) { return ir_let2(b, IR_OP_INT_SUBTRACT, x, ir_int(1)); }

static ir_operand count_rows(ir_builder *b, const char *name, ir_operand count, ir_builder *body) {
  return ir_use(ir_for(b, name, ir_int(0), less_one(b, count), false, body)->variable);
}

static bool has_ints(const plan *p) {
  for (int k = 0; k < p->rows.column_count; k++)
    if (p->rows.columns[k].type == IR_INT) return true;
  return false;
}

/* Group by group, the reals of a row at a time: a table of all rows would be a copy of the data. */
static void combine_rows(const plan *p, ir_builder *b, const ir_table *ints, ir_buffer *counts, ir_buffer *starts,
                         ir_buffer *order, ir_buffer *triangle, ir_buffer *firsts) {
  ir_renaming names = ir_renaming_create(b->program->arena);
  ir_table one = ir_row_table(&p->rows, b, &names);
  one.reals = ir_row_buffer(b, &one, IR_REAL, "numbers", ir_int(1));
  ir_buffer *state = ir_alloc(b, "state", IR_REAL, ir_load(b, "size", counts, ir_int(2)), false);
  ir_append(b, IR_ZERO)->buffer = state;
  ir_builder of_group, body;
  ir_operand groups = ir_load(b, "groups", counts, ir_int(0)), g = count_rows(b, "g", groups, &of_group);
  ir_operand start = ir_load(&of_group, "start", starts, g);
  ir_operand last =
      less_one(&of_group, ir_load(&of_group, "end", starts, ir_let2(&of_group, IR_OP_INT_ADD, g, ir_int(1))));
  ir_operand place = ir_use(ir_for(&of_group, "place", start, last, false, &body)->variable);
  ir_operand row = has_ints(p) ? ir_load(&body, "row", order, place) : place;
  ir_row_pack(&p->rows, &body, &names, ir_let2(&body, IR_OP_INT_ADD, ints->first, row), &one, ir_int(0));
  ir_operand left = ir_let2(&body, IR_OP_INT_SUBTRACT, last, place);
  ir_call *call = ir_kernel_call(&body, IR_KERNEL_QUADRATIC_ROW)->call;
  call->outputs[0] = counts, call->outputs[1] = firsts, call->outputs[2] = triangle, call->outputs[3] = state;
  call->inputs[0] = one.reals, call->inputs[1] = state; /* it is changed */
  call->dims[0] = one.real_width, call->dims[1] = row, call->dims[2] = left;
}

static void keep_all(const plan *p, ir_builder *b, const triangle *t, const ir_table *ints) {
  ir_renaming names = ir_renaming_create(b->program->arena);
  ir_table table = ir_row_table(&p->rows, b, &names);
  table.reals = ir_row_buffer(b, &table, IR_REAL, "numbers", ir_int(1));
  ir_builder body;
  ir_operand row = count_rows(b, "row", t->count, &body);
  ir_row_pack(&p->rows, &body, &names, ir_let2(&body, IR_OP_INT_ADD, ints->first, row), &table, ir_int(0));
  table.ints = ints->ints;
  ir_row_keep(&p->rows, &body, &names, t->fields, t->count, row, &table, row, ir_int(0));
}

static triangle find_triangle(const plan *p, ir_builder *b) {
  ir_renaming names = ir_renaming_create(b->program->arena);
  ir_table table = ir_row_table(&p->rows, b, &names);
  table.ints = ir_row_buffer(b, &table, IR_INT, "int_rows", table.count);
  if (has_ints(p)) ir_row_fill(&p->rows, b, &names, &table);
  ir_buffer *counts = ir_alloc(b, "counts", IR_INT, ir_int(3), false);
  ir_buffer *starts = ir_alloc(b, "start", IR_INT, ir_let2(b, IR_OP_INT_ADD, table.count, ir_int(1)), false);
  ir_buffer *order = ir_alloc(b, "order", IR_INT, table.count, false);
  ir_call *call = ir_kernel_call(b, IR_KERNEL_ROW_GROUPS)->call;
  call->outputs[0] = counts, call->outputs[1] = starts, call->outputs[2] = order;
  call->inputs[0] = table.ints;
  call->dims[0] = table.count, call->dims[1] = table.real_width, call->dims[2] = table.int_width;

  ir_operand most = ir_load(b, "most", counts, ir_int(1));
  ir_table combined = table;
  combined.reals = ir_row_buffer(b, &table, IR_REAL, "triangle", most);
  ir_buffer *firsts = ir_alloc(b, "first", IR_INT, most, false);
  ir_variable *made = ir_declare(b, "made", IR_INT, ir_int(0));
  ir_builder some, none, body;
  ir_if(b, ir_let2(b, IR_OP_INT_LESS, ir_int(0), most), &some, &none);
  combine_rows(p, &some, &table, counts, starts, order, combined.reals, firsts);
  ir_set(&some, made, ir_load(&some, "made", counts, ir_int(0)));

  ir_operand count = ir_let1(b, IR_OP_INT_COPY, ir_use(made)), pays = ir_let2(b, IR_OP_INT_LESS, ir_int(0), count);
  triangle t = {.count = ir_row_count(b, "distinct", ir_let3(b, IR_OP_INT_SELECT, pays, count, table.count))};
  ir_row_fields(&p->rows, b, &names, t.count, t.fields);
  ir_if(b, pays, &some, &none);
  ir_operand d = count_rows(&some, "d", t.count, &body);
  ir_row_keep(&p->rows, &body, &names, t.fields, t.count, d, &combined, ir_load(&body, "row", firsts, d), d);
  keep_all(p, &none, &t, &table);
  ir_append(b, IR_RELEASE)->buffer = table.ints; /* the next loop's table takes the same memory */
  return t;
}

/* ---- log_density: the loop over them ---- */

typedef struct rewriting {
  const plan *p;
  const triangle *t;
  ir_builder *density;
  ir_renaming names;
  ir_operand d, one;
} rewriting;

static ir_operand raised(rewriting *r, ir_builder *b, ir_operand x, int degree) {
  ir_operand value = ir_renamed_operand(&r->names, x);
  for (int own = larger(degree_of(r->p, x), 0); own < degree && !is_zero(value); own++)
    value = ir_let2(b, IR_OP_MULTIPLY, r->one, value);
  return value;
}

static void define(rewriting *r, const ir_variable *v, ir_operand value) { ir_rename_variable(&r->names, v, value); }

/* What the row reads, from its column. */
static ir_operand column_value(rewriting *r, ir_builder *b, const ir_variable *v) {
  const plan *p = r->p;
  ir_operand known = ir_renamed_operand(&r->names, ir_use((ir_variable *)v));
  if (known.variable != v) return known;
  const int k = id_set_number(&p->columns, v->id) - 1 - !p->needs_one;
  const ir_column *column = &p->rows.columns[k];
  ir_operand place = r->d, value;
  if (column->product) {
    value = ir_row_product_load(r->density, b, column, r->t->fields[k], r->t->count, r->d);
  } else {
    if (column->inner) {
      ir_operand turn = ir_renamed_operand(&r->names, ir_use(column->inner->variable));
      turn = ir_let2(b, IR_OP_INT_SUBTRACT, turn, column->inner->first);
      place = ir_let2(b, IR_OP_INT_ADD, r->d, ir_let2(b, IR_OP_INT_MULTIPLY, r->t->count, turn));
    }
    value = ir_load(b, v->name, r->t->fields[k], place);
  }
  define(r, v, value);
  return value;
}

/* x times the number `scale` of the row: that times each of the row's numbers in x is a column of its own. */
static ir_operand scaled(rewriting *r, ir_builder *b, ir_operand x, ir_operand scale) {
  plan *p = (plan *)r->p;
  if (is_zero(x)) return x;
  if (degree_of(p, x) == 0)
    return ir_let2(b, IR_OP_MULTIPLY, ir_renamed_operand(&r->names, x), column_value(r, b, scale.variable));
  const ir_statement *s = x.variable->note;
  if (role_of(p, x) == ROW || s->kind == IR_LOAD) return column_value(r, b, make(p, IR_OP_MULTIPLY, x, scale));
  if (id_set_has(&p->scaled, x.variable->id))
    return scaled(r, b, s->arguments[1 - scale_of(p, s)], ir_use((ir_variable *)further_scale(p, s, scale)));
  ir_operand y[IR_MAX_ARGUMENTS] = {{0}};
  for (int i = 0; i < s->argument_count; i++) {
    const bool is_plain =
        is_sum(s->op) ? ir_operand_type(s->arguments[i]) == IR_INT : degree_of(p, s->arguments[i]) == 0;
    y[i] = is_plain ? ir_renamed_operand(&r->names, s->arguments[i]) : scaled(r, b, s->arguments[i], scale);
  }
  return ir_let(b, s->variable->name, s->op, y[0], y[1], y[2], y[3]);
}

static ir_operand rewrite_let(rewriting *r, ir_builder *b, const ir_statement *s) {
  plan *p = (plan *)r->p;
  const role role = role_of(p, ir_use(s->variable));
  if (id_set_has(&p->scaled, s->variable->id)) {
    const int scale = scale_of(p, s);
    ir_operand by = s->arguments[scale];
    if (s->op == IR_OP_DIVIDE) by = ir_use((ir_variable *)make(p, IR_OP_INV, by, ir_none()));
    return scaled(r, b, s->arguments[1 - scale], by);
  }
  ir_operand x[IR_MAX_ARGUMENTS] = {{0}};
  for (int i = 0; i < s->argument_count; i++) {
    const bool is_term = is_sum(s->op) && role <= DEGREE_2 && ir_operand_type(s->arguments[i]) == IR_REAL;
    x[i] = raised(r, b, s->arguments[i], is_term ? (int)role : 0);
  }
  return ir_let(b, s->variable->name, s->op, x[0], x[1], x[2], x[3]);
}

static void rewrite_definition(rewriting *r, ir_builder *b, const ir_statement *s) {
  const plan *p = r->p;
  const ir_variable *v = s->variable;
  const bool is_row = role_of(p, ir_use(s->variable)) == ROW;
  if (id_set_has(&p->columns, v->id))
    column_value(r, b, v);
  else if (is_row ? !id_set_has(&p->derived, v->id) : !id_set_has(&p->needed, v->id))
    return;
  else if (s->kind == IR_LET)
    define(r, v, rewrite_let(r, b, s));
  else
    define(r, v, ir_load(b, v->name, s->buffer, ir_renamed_operand(&r->names, s->index)));
}

static void rewrite_block(rewriting *r, ir_builder *b, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    ir_builder inner;
    b->location = s->location;
    switch (s->kind) {
    case IR_LET:
    case IR_LOAD: rewrite_definition(r, b, s); break;
    case IR_TARGET: ir_target(b, raised(r, b, s->value, 2), s->is_droppable, s->is_jacobian); break;
    case IR_DECLARE: {
      ir_operand initial = s->value.kind == IR_NONE ? s->value : raised(r, b, s->value, 1);
      define(r, s->variable, ir_use(ir_declare(b, s->variable->name, IR_REAL, initial)));
      break;
    }
    case IR_SET:
      ir_set(b, ir_renamed_operand(&r->names, ir_use(s->variable)).variable, raised(r, b, s->value, 1));
      break;
    case IR_ADD:
      ir_add(b, ir_renamed_operand(&r->names, ir_use(s->variable)).variable, raised(r, b, s->value, 1));
      break;
    case IR_FOR:
      define(r, s->variable, ir_use(ir_for(b, s->variable->name, s->first, s->last, s->is_parallel, &inner)->variable));
      rewrite_block(r, &inner, s->body);
      break;
    default: arena_push(b->program->arena, b->block, ir_renamed_shallow(&r->names, s)); break;
    }
  }
}

static void rewrite(ir_rows *rows, ir_builder *construct, ir_builder *density) {
  const plan *p = (const plan *)rows; /* its first member */
  const triangle t = find_triangle(p, construct);
  rewriting r = {.p = p, .t = &t, .density = density, .names = ir_renaming_create(density->program->arena)};
  ir_operand last = ir_let2(density, IR_OP_INT_SUBTRACT, t.count, ir_int(1));
  ir_builder around = ir_nested(density), body; /* products come before the loop */
  ir_statement *loop = ir_for(&around, "d", ir_int(0), last, true, &body);
  loop->is_reduced = true;
  r.d = ir_use(loop->variable);
  if (p->needs_one) r.one = ir_load(&body, "one", t.fields[0], r.d);
  rewrite_block(&r, &body, p->rows.loop->body);
  arena_push(density->program->arena, density->block, around.block->items[0]);
}

const ir_row_way ir_quadratic_rows = {.plan = make_plan, .rewrite = rewrite};
