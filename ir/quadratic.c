/* quadratic.c: rows whose summand is quadratic in their data collapse to a triangle.
 *
 * With a normal likelihood and a linear mean, a row's summand is a quadratic form q of what it reads: of the outcome y, the
 * predictors x and the number 1, with coefficients that depend on parameters and on the row's ints alone (an effect of its
 * group). Rows with equal ints share the form. Let D be the matrix of their data, a row for each and a column for each number
 * read, and D = Q R with Q'Q = 1 and R upper triangular (Golub, Van Loan, Matrix Computations, 5.2). Then
 *
 *   sum over n of q(D[n]) = trace(form D'D) = trace(form R'R) = sum over r of q(R[r])
 *
 * The loop stays what it is and runs over the rows of R, as many as there are columns. The numbers that a row reads come from R, the
 * 1 among them, and where the loop adds terms of different degree, the lower one is multiplied by that 1:
 *
 *   parallel for n in first .. last    y = @y[n]; x = @x[n]; g = @group[n]; z = (y - (effect[g] + slope * x)) / sigma
 *                                      target += -0.5 * z * z
 * becomes
 *   parallel for d in 0 .. @distinct - 1   one = @one_distinct[d]; y = @y_distinct[d]; x = ...; g = @group_distinct[d]
 *                                          z = (y - (one * effect[g] + slope * x)) / sigma
 *                                          target += -0.5 * z * z
 *
 * The column of ones stands first, so that the first row of R has the means (times the root of the number of rows) and the others are
 * the triangle of the data about their means: no cross products are made, and nothing cancels that did not cancel before.
 * Construct finds R for each group of rows (kernels row_groups, quadratic_rows). Where that would leave more than three quarters
 * of the rows, or a number is not finite, the rows stay as they are, with ones that are 1.
 *
 * The loop may have loops inside, over which a linear mean is summed (y[t - k] * beta[k]); it may read elements of products of
 * a data matrix and a vector, whose row of the matrix then takes part. It may check that a linear value is finite or a number:
 * a combination of rows is not when a row is not. The value such a message shows is then that of the combination.
 *
 * A part of pass `collapse`: loops that this file takes are not asked for equal rows. Microseconds for a gradient, --without=collapse
 * and with it (2 cores of a Xeon with AVX-512, gcc 12, own data): diamonds 18.9, 0.23; radon_all hierarchical_intercept_noncentered
 * 24.7, 2.4; gcse_pooled 0.64, 0.026; logearn_interaction 0.64, 0.031; nes2000 0.58, 0.052; arK 0.90, 0.090; kidscore_interaction
 * 0.29, 0.046; radon_mn variable_intercept_slope_noncentered 1.85, 0.57; gcse_correlated 4.6, 1.7; rats 0.31, 0.23. mlm_partial, whose
 * rows stay, 0.41 and 0.46. */
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

typedef struct plan {
  ir_rows rows;              /* the number 1 is the first column until it is known that nothing needs it */
  id_set roles;              /* by variable */
  id_set columns;            /* by variable: its column + 1 */
  id_set derived;            /* ints of the row that are computed from columns */
  id_set inside;             /* variables of loops inside */
  const ir_statement *inner; /* at hand */
  bool needs_one, has_target, has_data;
} plan;

/* ---- which loops ---- */

static role role_of(const plan *p, ir_operand x) {
  return x.kind == IR_VARIABLE ? (role)id_set_number(&p->roles, x.variable->id) : DEGREE_0;
}

static bool is_zero(ir_operand x) { return x.kind == IR_CONSTANT_REAL && x.real_value == 0; }

static bool add_column(plan *p, const ir_variable *v, const ir_statement *product) {
  ir_rows *rows = &p->rows;
  if (id_set_has(&p->columns, v->id)) return true;
  if (rows->column_count == IR_MOST_COLUMNS) return false;
  const ir_statement *inner = id_set_has(&p->inside, v->id) ? p->inner : NULL;
  rows->columns[rows->column_count++] = (ir_column){.value = v, .product = product, .inner = inner, .type = v->type};
  *id_set_at(&p->columns, v->id) = rows->column_count;
  p->has_data = p->has_data || v->type == IR_REAL;
  return true;
}

/* An int of the row: rows are kept apart by it, or by the ints from which it is computed. */
static bool add_int(plan *p, const ir_variable *v) {
  const ir_statement *s = v->note;
  if (v == p->rows.loop->variable || id_set_has(&p->inside, v->id)) return false;
  if (id_set_has(&p->derived, v->id)) return true;
  bool is_derived = s->kind == IR_LET;
  for (int i = 0; i < s->argument_count; i++) {
    ir_operand x = s->arguments[i];
    if (role_of(p, x) == ROW && (ir_operand_type(x) == IR_REAL || x.variable == p->rows.loop->variable))
      is_derived = false;
  }
  if (!is_derived) return add_column(p, v, NULL);
  for (int i = 0; i < s->argument_count; i++)
    if (role_of(p, s->arguments[i]) == ROW && !add_int(p, s->arguments[i].variable)) return false;
  id_set_add(&p->derived, v->id);
  return true;
}

/* The degree of an operand, whose column is made where it is one; -1 when it has none. */
static int degree_of(plan *p, ir_operand x) {
  role role = role_of(p, x);
  if (role <= DEGREE_2) return (int)role;
  if (role != ROW) return -1;
  if (x.variable->type == IR_INT) return add_int(p, x.variable) ? 0 : -1;
  return add_column(p, x.variable, NULL) ? 1 : -1;
}

/* Whether the operand can stand where one of this degree is asked for. */
static bool can_raise(plan *p, ir_operand x, int degree) {
  int own = degree_of(p, x);
  p->needs_one = p->needs_one || (own >= 0 && own < degree && !is_zero(x));
  return own >= 0 && own <= degree;
}

static int larger(int x, int y) { return x > y ? x : y; }

/* The degree of a polynomial operation's result; that of others is 0, of operands of degree 0. */
static int let_degree(plan *p, const ir_statement *s) {
  int degree[IR_MAX_ARGUMENTS] = {0}, most = 0;
  for (int i = 0; i < s->argument_count; i++) {
    degree[i] = degree_of(p, s->arguments[i]);
    if (degree[i] < 0) return -1;
    most = larger(most, degree[i]);
  }
  if (most == 0) return 0;
  switch (s->op) {
  case IR_OP_ADD:
  case IR_OP_SUBTRACT: return can_raise(p, s->arguments[0], most) && can_raise(p, s->arguments[1], most) ? most : -1;
  case IR_OP_SELECT:
    if (degree[0] > 0) return -1;
    return can_raise(p, s->arguments[1], most) && can_raise(p, s->arguments[2], most) ? most : -1;
  case IR_OP_MULTIPLY: return degree[0] + degree[1];
  case IR_OP_DIVIDE: return degree[1] == 0 ? degree[0] : -1;
  case IR_OP_NEGATE:
  case IR_OP_COPY: return most;
  case IR_OP_SQUARE: return 2 * most;
  default: return -1;
  }
}

/* What checks ask of linear values. */
static role test_of(plan *p, const ir_statement *s) {
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

static bool set_role(plan *p, const ir_variable *v, role role) {
  *id_set_at(&p->roles, v->id) = (int)role;
  if (p->inner) id_set_add(&p->inside, v->id);
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
  int degree = let_degree(p, s);
  return degree >= 0 && degree <= 2 && set_role(p, s->variable, (role)degree);
}

static bool takes_load(plan *p, const ir_statement *s) {
  if (role_of(p, s->index) != ROW) return role_of(p, s->index) == DEGREE_0 && set_role(p, s->variable, DEGREE_0);
  if (!s->variable->is_parameter_level)
    return ir_row_is_computable(&p->rows, ir_use(s->variable)) && set_role(p, s->variable, ROW);
  const ir_statement *product = p->inner ? NULL : ir_row_product(&p->rows, s);
  if (product) return add_column(p, s->variable, product) && set_role(p, s->variable, DEGREE_1);
  /* An element of each row's own keeps all rows apart. */
  if (ir_is_distinct(s->index, p->rows.loop)) return false;
  return degree_of(p, s->index) == 0 && set_role(p, s->variable, DEGREE_0);
}

static bool takes_check(plan *p, const ir_statement *s) {
  if (role_of(p, s->value) != FINITE && role_of(p, s->value) != DEGREE_0) return false;
  for (int i = 0; i < s->argument_count; i++)
    if (role_of(p, s->arguments[i]) > DEGREE_1) return false;
  return true;
}

static bool takes_block(plan *p, const ir_block *block);

static bool takes_loop(plan *p, const ir_statement *s) {
  if (p->inner || role_of(p, s->first) != DEGREE_0 || role_of(p, s->last) != DEGREE_0) return false;
  if (!ir_row_is_computable(&p->rows, s->first) || !ir_row_is_computable(&p->rows, s->last)) return false;
  ir_row_set_computable(&p->rows, s->variable);
  p->inner = s;
  bool takes = takes_block(p, s->body);
  p->inner = NULL;
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
    case IR_TARGET: takes = p->has_target = can_raise(p, s->value, 2); break;
    case IR_DECLARE:
      takes = s->variable->type == IR_REAL && (s->value.kind == IR_NONE || can_raise(p, s->value, 1)) &&
              set_role(p, s->variable, DEGREE_1);
      break;
    case IR_SET:
    case IR_ADD: /* of a variable declared in the loop: the others have degree 0 */
      takes = role_of(p, ir_use(s->variable)) == DEGREE_1 && can_raise(p, s->value, 1);
      break;
    default: break;
    }
    if (!takes) return false;
  }
  return true;
}

static ir_rows *make_plan(arena *arena, ir_rows rows) {
  plan *p = arena_new(arena, plan);
  *p = (plan){.rows = rows};
  p->roles = p->columns = p->derived = p->inside = id_set_create(arena);
  p->rows.columns[p->rows.column_count++] = (ir_column){.type = IR_REAL};
  set_role(p, rows.loop->variable, ROW);
  if (!takes_block(p, rows.loop->body) || !p->has_target || !p->has_data) return NULL;
  if (!p->needs_one)
    memmove(p->rows.columns, p->rows.columns + 1, sizeof *p->rows.columns * (size_t)--p->rows.column_count);
  return &p->rows;
}

/* ---- construct: the triangles ---- */

typedef struct triangle {
  ir_operand count; /* of rows */
  ir_buffer *fields[IR_MOST_COLUMNS];
} triangle;

static void keep_rows(const plan *p, ir_builder *b, ir_renaming *names, const triangle *t, const ir_table *table,
                      ir_buffer *firsts) {
  ir_builder body;
  ir_operand end = ir_let2(b, IR_OP_INT_SUBTRACT, t->count, ir_int(1));
  ir_operand d = ir_use(ir_for(b, "d", ir_int(0), end, false, &body)->variable);
  ir_operand row = firsts ? ir_load(&body, "row", firsts, d) : d;
  ir_row_keep(&p->rows, &body, names, t->fields, t->count, d, table, row, d);
}

static triangle find_triangle(const plan *p, ir_builder *b) {
  ir_renaming names = ir_renaming_create(b->program->arena);
  const ir_table table = ir_row_table(&p->rows, b, &names);
  ir_buffer *counts = ir_alloc(b, "counts", IR_INT, ir_int(2), false);
  ir_buffer *group = ir_alloc(b, "group", IR_INT, table.count, false);
  ir_call *call = ir_kernel_call(b, IR_KERNEL_ROW_GROUPS)->call;
  call->outputs[0] = counts, call->outputs[1] = group;
  call->inputs[0] = table.reals, call->inputs[1] = table.ints;
  call->dims[0] = table.count, call->dims[1] = table.real_width, call->dims[2] = table.int_width;

  ir_operand groups = ir_load(b, "groups", counts, ir_int(0));
  ir_operand most = ir_load(b, "most", counts, ir_int(1)), pays = ir_let2(b, IR_OP_INT_LESS, ir_int(0), most);
  ir_table combined = table;
  combined.reals = ir_alloc(b, "triangle", IR_REAL, ir_let2(b, IR_OP_INT_MULTIPLY, most, table.real_width), false);
  ir_buffer *firsts = ir_alloc(b, "first", IR_INT, most, false);
  ir_variable *count = ir_declare(b, "count", IR_INT, table.count);
  ir_builder some, none;
  ir_if(b, pays, &some, &none);
  call = ir_kernel_call(&some, IR_KERNEL_QUADRATIC_ROWS)->call;
  call->outputs[0] = counts, call->outputs[1] = firsts, call->outputs[2] = combined.reals;
  call->inputs[0] = table.reals, call->inputs[1] = group;
  call->dims[0] = table.count, call->dims[1] = table.real_width, call->dims[2] = groups;
  ir_set(&some, count, ir_load(&some, "count", counts, ir_int(0)));

  triangle t = {.count = ir_row_distinct(b, ir_use(count))};
  ir_row_fields(&p->rows, b, &names, t.count, t.fields);
  ir_if(b, pays, &some, &none);
  keep_rows(p, &some, &names, &t, &combined, firsts);
  keep_rows(p, &none, &names, &t, &table, NULL);
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

static int degree_in(const plan *p, ir_operand x) {
  role role = role_of(p, x);
  return role == ROW ? x.variable->type == IR_REAL : (int)role;
}

static ir_operand raised(rewriting *r, ir_builder *b, ir_operand x, int degree) {
  ir_operand value = ir_renamed_operand(&r->names, x);
  for (int own = degree_in(r->p, x); own < degree && !is_zero(value); own++)
    value = ir_let2(b, IR_OP_MULTIPLY, r->one, value);
  return value;
}

static void define(rewriting *r, const ir_statement *s, ir_operand value) {
  ir_rename_variable(&r->names, s->variable, value);
}

/* What the row reads, from its column. */
static void rewrite_column(rewriting *r, ir_builder *b, const ir_statement *s) {
  const plan *p = r->p;
  int k = id_set_number(&p->columns, s->variable->id) - 1 - !p->needs_one;
  const ir_column *column = &p->rows.columns[k];
  ir_operand place = r->d;
  if (column->product) {
    define(r, s, ir_row_product_load(r->density, b, column, r->t->fields[k], r->t->count, r->d));
    return;
  }
  if (column->inner) {
    ir_operand first = column->inner->first, turn = ir_renamed_operand(&r->names, ir_use(column->inner->variable));
    turn = ir_let2(b, IR_OP_INT_SUBTRACT, turn, first);
    place = ir_let2(b, IR_OP_INT_ADD, r->d, ir_let2(b, IR_OP_INT_MULTIPLY, r->t->count, turn));
  }
  define(r, s, ir_load(b, s->variable->name, r->t->fields[k], place));
}

static void rewrite_let(rewriting *r, ir_builder *b, const ir_statement *s) {
  const role role = role_of(r->p, ir_use(s->variable));
  const bool is_sum = s->op == IR_OP_ADD || s->op == IR_OP_SUBTRACT || s->op == IR_OP_SELECT;
  ir_operand x[IR_MAX_ARGUMENTS] = {{0}};
  for (int i = 0; i < s->argument_count; i++)
    x[i] = raised(r, b, s->arguments[i],
                  is_sum && role <= DEGREE_2 && ir_operand_type(s->arguments[i]) == IR_REAL ? (int)role : 0);
  define(r, s, ir_let(b, s->variable->name, s->op, x[0], x[1], x[2], x[3]));
}

static void rewrite_block(rewriting *r, ir_builder *b, const ir_block *block) {
  const plan *p = r->p;
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    b->location = s->location;
    const bool defines = s->kind == IR_LET || s->kind == IR_LOAD;
    if (defines && id_set_has(&p->columns, s->variable->id)) {
      rewrite_column(r, b, s);
      continue;
    }
    if (defines && role_of(p, ir_use(s->variable)) == ROW && !id_set_has(&p->derived, s->variable->id)) continue;
    ir_builder inner;
    ir_statement *loop;
    switch (s->kind) {
    case IR_LET: rewrite_let(r, b, s); break;
    case IR_LOAD:
      define(r, s, ir_load(b, s->variable->name, s->buffer, ir_renamed_operand(&r->names, s->index)));
      break;
    case IR_TARGET: ir_target(b, raised(r, b, s->value, 2), s->is_droppable, s->is_jacobian); break;
    case IR_DECLARE:
      define(r, s,
             ir_use(ir_declare(b, s->variable->name, IR_REAL,
                               s->value.kind == IR_NONE ? ir_none() : raised(r, b, s->value, 1))));
      break;
    case IR_SET:
      ir_set(b, ir_renamed_operand(&r->names, ir_use(s->variable)).variable, raised(r, b, s->value, 1));
      break;
    case IR_ADD:
      ir_add(b, ir_renamed_operand(&r->names, ir_use(s->variable)).variable, raised(r, b, s->value, 1));
      break;
    case IR_FOR:
      loop = ir_for(b, s->variable->name, s->first, s->last, s->is_parallel, &inner);
      define(r, s, ir_use(loop->variable));
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
  r.d = ir_use(ir_for(&around, "d", ir_int(0), last, true, &body)->variable);
  if (p->needs_one) r.one = ir_load(&body, "one", t.fields[0], r.d);
  rewrite_block(&r, &body, p->rows.loop->body);
  arena_push(density->program->arena, density->block, around.block->items[0]);
}

const ir_row_way ir_quadratic_rows = {.plan = make_plan, .rewrite = rewrite};
