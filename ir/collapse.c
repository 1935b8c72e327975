/* collapse.c: rows of data that are equal are summed once, with their number as weight.
 *
 * What a likelihood loop sees of its row is a tuple of data: the outcome, the number of a group, a predictor. Rows with equal
 * tuples contribute equal terms. The loop
 *
 *   parallel for n in first .. last     y = @y[n]; g = @group[n]; ...; target += f(y, effect[g])
 *
 * becomes, where construct finds that at most three quarters of the tuples are distinct (kernel equal_rows),
 *
 *   if 0 < @distinct
 *     parallel for d in 0 .. @distinct - 1     w = @weight[d]; y = @y_distinct[d]; g = @group_distinct[d]; ...
 *                                              target += w * f(y, effect[g])
 *   else the loop as it was
 *
 * The loop must be straight-line code, whose number of the row is used for nothing but to load data,
 * among them an int (tuples of reals alone are seldom equal, and cost a second copy of the loop), to load the row's element
 * of a product of a data matrix and a vector, and in messages. Then the matrix's row belongs to the tuple, and each branch
 * makes its product.
 *
 * Run when nothing else changes the loop any more, before the adjoint. Without it a gradient of chimpanzees_m3 takes 1.7 times
 * as long, of trolley_varying 1.4, of trolley_simple 93. */
#include "ir/access.h"
#include "ir/passes.h"
#include "ir/rows.h"

/* A larger tuple is seldom that of another row. */
enum { MOST_COLUMNS = 16 };

typedef struct plan {
  ir_rows rows;
  const ir_statement *loads[MOST_COLUMNS]; /* of the columns */
  id_set counted; /* the loop's variable, and what changes with it, but not through data that are loaded */
  int int_count;
  bool shows_row; /* in a message */
} plan;

/* ---- which loops ---- */

static bool add_column(plan *p, const ir_statement *load) {
  ir_rows *rows = &p->rows;
  if (!ir_row_is_computable(rows, load->index) || rows->column_count == MOST_COLUMNS) return false;
  const ir_statement *product = NULL;
  if (load->buffer->storage != IR_MODEL && !(product = ir_row_product(rows, load))) return false;
  p->loads[rows->column_count] = load;
  rows->columns[rows->column_count++] =
      (ir_column){.value = load->variable, .product = product, .type = load->buffer->type};
  p->int_count += load->buffer->type == IR_INT;
  return true;
}

/* A check whose condition is the same for equal rows. */
static bool add_check(plan *p, const ir_statement *check) {
  if (ir_has(&p->counted, check->value)) return false;
  for (int i = 0; i < check->argument_count; i++) {
    if (!ir_has(&p->counted, check->arguments[i])) continue;
    if (ir_operand_type(check->arguments[i]) != IR_INT) return false;
    p->shows_row = true;
  }
  return true;
}

static bool can_collapse(plan *p) {
  const ir_statement *loop = p->rows.loop;
  bool has_summand = false;
  for (int i = 0; i < loop->body->count; i++) {
    ir_statement *s = loop->body->items[i];
    bool counts = ir_uses_any(&p->counted, s);
    switch (s->kind) {
    case IR_LET:
      if (ir_ops[s->op].flags & (IR_IMPURE | IR_MAY_FAIL)) return false;
      if (counts && s->variable->is_parameter_level) return false;
      if (counts) id_set_add(&p->counted, s->variable->id);
      break;
    case IR_LOAD:
      if (counts && !add_column(p, s)) return false;
      break;
    case IR_TARGET:
      has_summand = true;
      if (counts) return false;
      break;
    case IR_CHECK:
      if (!add_check(p, s)) return false;
      break;
    default: return false;
    }
  }
  return has_summand && p->int_count > 0;
}

static ir_rows *make_plan(ir_program *program, ir_rows rows) {
  arena *arena = program->arena;
  plan *p = arena_new(arena, plan);
  *p = (plan){.rows = rows, .counted = id_set_create(arena)};
  id_set_add(&p->counted, rows.loop->variable->id);
  return can_collapse(p) ? &p->rows : NULL;
}

/* ---- construct: the distinct rows ---- */

typedef struct distinct_rows {
  ir_operand count;
  ir_buffer *weights,
      *numbers; /* how often a row comes; the loop's variable where it comes first, NULL if nothing shows it */
  ir_buffer *columns[MOST_COLUMNS];
} distinct_rows;

static ir_buffer *field(ir_builder *b, const char *name, ir_type type, ir_operand size) {
  ir_buffer *field = ir_buffer_create(b->program, name, type, IR_MODEL, size);
  ir_append(b, IR_ALLOC)->buffer = field;
  return field;
}

static distinct_rows find_rows(const plan *p, ir_builder *b) {
  ir_renaming names = ir_renaming_create(b->program->arena);
  ir_table table = ir_row_table(&p->rows, b, &names);
  table.ints = ir_row_buffer(b, &table, IR_INT, "int_rows", table.count);
  table.reals = ir_row_buffer(b, &table, IR_REAL, "real_rows", table.count);
  ir_row_fill(&p->rows, b, &names, &table);
  ir_buffer *distinct = ir_alloc(b, "distinct", IR_INT, ir_int(1), false);
  ir_buffer *firsts = ir_alloc(b, "first", IR_INT, table.count, false);
  ir_buffer *weights = ir_alloc(b, "weight", IR_INT, table.count, false);
  ir_call *call = ir_kernel_call(b, IR_KERNEL_EQUAL_ROWS)->call;
  call->outputs[0] = distinct, call->outputs[1] = firsts, call->outputs[2] = weights;
  call->inputs[0] = table.reals, call->inputs[1] = table.ints;
  call->dims[0] = table.count, call->dims[1] = table.real_width, call->dims[2] = table.int_width;

  distinct_rows found = {.count = ir_row_count(b, "distinct", ir_load(b, "distinct", distinct, ir_int(0)))};
  found.weights = field(b, "weight", IR_REAL, found.count);
  if (p->shows_row) found.numbers = field(b, "number", IR_INT, found.count);
  ir_row_fields(&p->rows, b, &names, found.count, found.columns);
  ir_operand end = ir_let2(b, IR_OP_INT_SUBTRACT, found.count, ir_int(1));
  ir_builder body;
  ir_operand d = ir_use(ir_for(b, "d", ir_int(0), end, false, &body)->variable), row = ir_load(&body, "row", firsts, d);
  ir_store(&body, found.weights, d, ir_let1(&body, IR_OP_TO_REAL, ir_load(&body, "weight", weights, d)));
  if (found.numbers) ir_store(&body, found.numbers, d, ir_let2(&body, IR_OP_INT_ADD, table.first, row));
  ir_row_keep(&p->rows, &body, &names, found.columns, found.count, d, &table, row, row);
  ir_append(b, IR_RELEASE)->buffer = table.ints; /* and all that follows it: the next loop may be as large */
  return found;
}

/* ---- log_density: the loop over them ---- */

static void sum_rows(const plan *p, ir_builder *b, const distinct_rows *found) {
  ir_program *program = b->program;
  const ir_statement *loop = p->rows.loop;
  ir_renaming names = ir_renaming_create(program->arena);
  ir_operand last = ir_let2(b, IR_OP_INT_SUBTRACT, found->count, ir_int(1));
  ir_builder around = ir_nested(b), body;
  ir_statement *few = ir_for(&around, "d", ir_int(0), last, true, &body);
  few->is_reduced = true;
  ir_operand d = ir_use(few->variable);
  ir_operand weight = ir_load(&body, "weight", found->weights, d);
  if (found->numbers)
    ir_rename_variable(&names, loop->variable, ir_load(&body, loop->variable->name, found->numbers, d));
  int k = 0;
  for (int i = 0; i < loop->body->count; i++) {
    const ir_statement *s = loop->body->items[i];
    body.location = s->location;
    if (k < p->rows.column_count && s == p->loads[k]) {
      const ir_column *c = &p->rows.columns[k];
      ir_operand element = c->product ? ir_row_product_load(b, &body, c, found->columns[k], found->count, d)
                                      : ir_load(&body, s->variable->name, found->columns[k], d);
      ir_rename_variable(&names, s->variable, element);
      k++;
    } else if (s->kind == IR_TARGET) {
      ir_operand term = ir_let2(&body, IR_OP_MULTIPLY, weight, ir_renamed_operand(&names, s->value));
      ir_target(&body, term, s->is_droppable, s->is_jacobian);
    } else if (!s->variable || found->numbers || !id_set_has(&p->counted, s->variable->id)) {
      if (s->variable) {
        const ir_variable *v = s->variable;
        ir_rename_variable(&names, v, ir_use(ir_variable_create(program, v->name, v->type, IR_LOCAL, false)));
      }
      arena_push(program->arena, body.block, ir_renamed_shallow(&names, s));
    }
  }
  for (int i = 0; i < around.block->count; i++) arena_push(program->arena, b->block, around.block->items[i]);
}

/* The loop as it was, its products before it. */
static void keep_loop(const plan *p, ir_builder *b) {
  arena *arena = b->program->arena;
  for (int k = 0; k < p->rows.column_count; k++) {
    const ir_statement *call = p->rows.columns[k].product;
    if (!call) continue;
    ir_append(b, IR_ALLOC)->buffer = call->call->outputs[0];
    arena_push(arena, b->block, (ir_statement *)call);
  }
  arena_push(arena, b->block, (ir_statement *)p->rows.loop);
}

static void rewrite(ir_rows *rows, ir_builder *construct, ir_builder *density) {
  const plan *p = (const plan *)rows; /* its first member */
  const distinct_rows found = find_rows(p, construct);
  ir_builder some, none;
  ir_if(density, ir_let2(density, IR_OP_INT_LESS, ir_int(0), found.count), &some, &none);
  sum_rows(p, &some, &found);
  keep_loop(p, &none);
}

void ir_collapse(ir_program *program) {
  static const ir_row_way equal_rows = {.plan = make_plan, .rewrite = rewrite};
  const ir_row_way *ways[] = {&ir_quadratic_rows, &equal_rows};
  ir_rewrite_row_loops(program, ways, sizeof ways / sizeof *ways);
}
