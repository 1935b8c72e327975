/* group.c: rows of data that read the same element of a parameter run one after the other.
 *
 * A likelihood loop that reads `effect[g[n]]` gathers it for each row, and its adjoint is scattered (ir/scatter.c). In rows in
 * the order of their groups both are numbers for as long as g stays the same. So the loop
 *
 *   parallel for n in first .. last     y = @y[n]; g = @g[n]; target += f(y, effect[g], ...)
 *
 * becomes, where construct finds that groups have FEWEST_ROWS rows or more on average (kernel row_runs),
 *
 *   if 0 < @runs
 *     parallel for r in 0 .. @runs - 1     e = effect[@key[r]]; what else depends on the group alone
 *       parallel for i in @start[r] .. @start[r + 1] - 1     y = @y_grouped[i]; target += f(y, e, ...)
 *   else the loop as it was
 *
 * A run is a group, or an even part of one with more than MOST_ROWS rows: the outer loop, which is the one that pass `threads`
 * cuts, has short turns. Runs have at least one row, so that what depends on the group alone may stand ahead of the inner loop.
 *
 * The loop must be straight-line code that reads data of its row, and elements of what is no data at indices that are data of
 * its row. An element for each row (`theta[n]`), the product of a matrix by row, or a store would be scattered by the new
 * order: such loops stay. Where rows belong to several groups the key is that on which most work depends, elements that are
 * read above all; the others are gathered in the inner loop as before. Rows that pass `collapse` has made fewer stay in their
 * order: few of them are left in a group.
 *
 * Microseconds for a gradient --without=collapse, without the pass and with it: radon of bench/scaling, 10^5 rows, 159, 38;
 * trolley_story_nopool 92, 55; three_men1-ldaK2 62, 47; election88_full 61, 58; chimpanzees_m3 2.5, 2.3. docs/passes.md has
 * more. With collapse these need no such loop; a build takes 0.1 to 0.2 s more.
 *
 * Run after collapse, whose other branch has the loop over all rows, and before the adjoint, which makes one pass of the
 * nest. */
#include "ir/access.h"
#include "ir/passes.h"
#include "ir/rows.h"

enum {
  FEWEST_ROWS = 64, /* of a group, on average */
  MOST_ROWS = 1024, /* of a run */
  GATHER_COST = 20, /* an element that is gathered, and its adjoint scattered */
  MOST_KEYS = 16
};

typedef struct plan {
  ir_rows rows; /* the columns are what runs read of their rows; the loop's variable may be one */
  const ir_variable *key;
  id_set by_row; /* what changes within a group */
  id_set used;   /* of that, what a summand or a check needs */
} plan;

/* ---- which loops ---- */

/* What changes from row to row when `key` does not. */
static id_set varying(const plan *p, const ir_variable *key) {
  id_set set = id_set_create(p->by_row.arena);
  id_set_add(&set, p->rows.loop->variable->id);
  const ir_block *body = p->rows.loop->body;
  for (int i = 0; i < body->count; i++) {
    ir_statement *s = body->items[i];
    if (s->variable && s->variable != key && ir_uses_any(&set, s)) id_set_add(&set, s->variable->id);
  }
  return set;
}

/* The int on which the index depends, and nothing else does: g of g - 1. */
static const ir_variable *root(const id_set *varying, const ir_variable *index) {
  const ir_statement *s = index->note;
  const ir_variable *only = NULL;
  if (s->kind != IR_LET) return index;
  for (int i = 0; i < s->argument_count; i++) {
    if (!ir_has(varying, s->arguments[i])) continue;
    if (only && only != s->arguments[i].variable) return index;
    only = s->arguments[i].variable;
  }
  return only ? root(varying, only) : index;
}

static bool is_data_load(const ir_statement *s) { return s->kind == IR_LOAD && s->buffer->storage == IR_MODEL; }

/* How much of a row's work is a group's when key is. */
static int saving(const plan *p, const ir_variable *key) {
  const id_set by_key = varying(p, key);
  const ir_block *body = p->rows.loop->body;
  int saved = 0;
  for (int i = 0; i < body->count; i++) {
    const ir_statement *s = body->items[i];
    if (!s->variable || !id_set_has(&p->by_row, s->variable->id) || id_set_has(&by_key, s->variable->id)) continue;
    if (s->kind == IR_LET && s->variable->is_parameter_level) saved += ir_ops[s->op].cost;
    if (s->kind == IR_LOAD && !is_data_load(s)) saved += GATHER_COST;
  }
  return saved;
}

/* The key of most worth; false when the loop is none of those that can be grouped, or none is worth anything. */
static bool find_key(plan *p) {
  const ir_block *body = p->rows.loop->body;
  const ir_variable *keys[MOST_KEYS];
  int key_count = 0;
  id_set counted = id_set_create(p->by_row.arena); /* what changes with the row's number, and not with data alone */
  id_set_add(&counted, p->rows.loop->variable->id);
  p->by_row = varying(p, NULL);
  for (int i = 0; i < body->count; i++) {
    ir_statement *s = body->items[i];
    switch (s->kind) {
    case IR_LET:
      if (ir_ops[s->op].flags & (IR_IMPURE | IR_MAY_FAIL)) return false;
      if (ir_uses_any(&counted, s)) id_set_add(&counted, s->variable->id);
      break;
    case IR_LOAD:
      if (!ir_has(&p->by_row, s->index)) break;
      if (!ir_row_is_computable(&p->rows, s->index)) return false;
      if (is_data_load(s)) break;
      if (ir_has(&counted, s->index)) return false;
      if (key_count < MOST_KEYS) keys[key_count++] = root(&p->by_row, s->index.variable);
      break;
    case IR_CHECK: /* data that are not checked yet, since pass `hoist` is left out, are no columns */
      if (ir_has(&p->by_row, s->value) && !s->value.variable->is_parameter_level) return false;
      break;
    case IR_TARGET: break;
    default: return false;
    }
  }
  int most = 0;
  for (int k = 0; k < key_count; k++) {
    int saved = saving(p, keys[k]);
    if (saved > most) most = saved, p->key = keys[k];
  }
  return most > 0;
}

/* ---- what runs read ---- */

static void use(ir_operand *x, void *context) {
  plan *p = context;
  if (ir_has(&p->by_row, *x)) id_set_add(&p->used, x->variable->id);
}

/* From the last statement to the first. A column is computed in construct, its index and all. */
static bool find_columns(plan *p) {
  ir_rows *rows = &p->rows;
  const ir_block *body = rows->loop->body;
  p->by_row = varying(p, p->key);
  for (int i = body->count; i-- > 0;) {
    ir_statement *s = body->items[i];
    if (s->variable && !id_set_has(&p->used, s->variable->id)) continue;
    if (!is_data_load(s)) {
      ir_each_operand(s, use, p);
    } else {
      if (rows->column_count == IR_MOST_COLUMNS) return false;
      rows->columns[rows->column_count++] = (ir_column){.value = s->variable, .type = s->buffer->type};
    }
  }
  if (!id_set_has(&p->used, rows->loop->variable->id)) return true;
  if (rows->column_count == IR_MOST_COLUMNS) return false;
  rows->columns[rows->column_count++] = (ir_column){.value = rows->loop->variable, .type = IR_INT};
  return true;
}

static ir_rows *make_plan(ir_program *program, ir_rows rows) {
  arena *arena = program->arena;
  plan *p = arena_new(arena, plan);
  *p = (plan){.rows = rows, .by_row = id_set_create(arena), .used = id_set_create(arena)};
  return !rows.loop->is_reduced && find_key(p) && find_columns(p) ? &p->rows : NULL;
}

/* ---- construct: the rows in their order ---- */

typedef struct grouped_rows {
  ir_operand run_count; /* 0: the loop stays */
  ir_operand mean;      /* rows of a run */
  ir_buffer *keys, *starts;
  ir_buffer *columns[IR_MOST_COLUMNS];
} grouped_rows;

static ir_operand sum(ir_builder *b, ir_operand x, ir_operand y) { return ir_let2(b, IR_OP_INT_ADD, x, y); }
static ir_operand less_one(ir_builder *b, ir_operand x) { return ir_let2(b, IR_OP_INT_SUBTRACT, x, ir_int(1)); }

static ir_buffer *field(ir_builder *b, const char *name, ir_type type, ir_operand size) {
  ir_buffer *field = ir_buffer_create(b->program, name, type, IR_MODEL, size);
  ir_append(b, IR_ALLOC)->buffer = field;
  return field;
}

/* The value in row `place`, counted from 0. */
static ir_operand value_of(const plan *p, ir_builder *b, ir_operand first, ir_operand place, const ir_variable *value) {
  ir_renaming names = ir_renaming_create(b->program->arena);
  ir_rename_variable(&names, p->rows.loop->variable, sum(b, first, place));
  return ir_row_compute(b, &names, ir_use((ir_variable *)value));
}

static grouped_rows find_runs(const plan *p, ir_builder *b) {
  ir_renaming names = ir_renaming_create(b->program->arena);
  grouped_rows found = {0};
  ir_operand first = ir_row_compute(b, &names, p->rows.loop->first);
  ir_operand last = ir_row_compute(b, &names, p->rows.loop->last), none = ir_int(0);
  ir_operand span = ir_let2(b, IR_OP_INT_SUBTRACT, last, first);
  ir_operand count = ir_let2(b, IR_OP_INT_MAX, sum(b, span, ir_int(1)), none);
  ir_buffer *keys = ir_alloc(b, "row_key", IR_INT, count, false);
  ir_buffer *runs = ir_alloc(b, "runs", IR_INT, ir_int(1), false);
  ir_buffer *order = ir_alloc(b, "order", IR_INT, count, false);
  ir_buffer *starts = ir_alloc(b, "run_start", IR_INT, sum(b, count, ir_int(1)), false);
  ir_builder body;
  ir_operand i = ir_use(ir_for(b, "i", none, less_one(b, count), false, &body)->variable);
  ir_store(&body, keys, i, value_of(p, &body, first, i, p->key));

  ir_call *call = ir_kernel_call(b, IR_KERNEL_ROW_RUNS)->call;
  call->outputs[0] = runs, call->outputs[1] = order, call->outputs[2] = starts, call->inputs[0] = keys;
  call->dims[0] = count, call->dims[1] = ir_int(FEWEST_ROWS), call->dims[2] = ir_int(MOST_ROWS);

  found.run_count = ir_row_count(b, "runs", ir_load(b, "runs", runs, none));
  ir_operand kept = ir_let3(b, IR_OP_INT_SELECT, ir_let2(b, IR_OP_INT_LESS, none, found.run_count), count, none);
  ir_operand divisor = ir_let2(b, IR_OP_INT_MAX, found.run_count, ir_int(1));
  found.mean = ir_row_count(b, "run_rows", ir_let2(b, IR_OP_INT_DIVIDE, kept, divisor));
  found.keys = field(b, "key", IR_INT, found.run_count);
  found.starts = field(b, "start", IR_INT, sum(b, found.run_count, ir_int(1)));
  i = ir_use(ir_for(b, "run", none, less_one(b, found.run_count), false, &body)->variable);
  ir_operand start = ir_load(&body, "start", starts, i);
  ir_store(&body, found.starts, i, start);
  ir_store(&body, found.keys, i, ir_load(&body, NULL, keys, ir_load(&body, NULL, order, start)));
  ir_store(b, found.starts, found.run_count, kept);
  for (int k = 0; k < p->rows.column_count; k++) {
    const ir_column *column = &p->rows.columns[k];
    const ir_statement *s = column->value->note;
    const char *name = s->kind == IR_LOAD && s->buffer->name ? s->buffer->name : "row";
    name = arena_printf(b->program->arena, "%s_grouped", name);
    found.columns[k] = field(b, name, column->type, kept);
    i = ir_use(ir_for(b, "i", none, less_one(b, kept), false, &body)->variable);
    ir_operand row = ir_load(&body, "row", order, i);
    ir_store(&body, found.columns[k], i, value_of(p, &body, first, row, column->value));
  }
  ir_append(b, IR_RELEASE)->buffer = keys;
  return found;
}

/* ---- log_density: a loop over the runs ---- */

static void append(ir_builder *b, ir_renaming *names, const ir_statement *s) {
  b->location = s->location;
  if (s->variable) {
    const ir_variable *v = s->variable;
    ir_rename_variable(names, v, ir_use(ir_variable_create(b->program, v->name, v->type, IR_LOCAL, false)));
  }
  arena_push(b->program->arena, b->block, ir_renamed_shallow(names, s));
}

static void sum_runs(const plan *p, ir_builder *b, const grouped_rows *found) {
  const ir_statement *loop = p->rows.loop;
  ir_renaming names = ir_renaming_create(b->program->arena);
  ir_builder run, row;
  ir_statement *runs = ir_for(b, "run", ir_int(0), less_one(b, found->run_count), true, &run);
  runs->is_over_blocks = true;
  ir_operand r = ir_use(runs->variable);
  ir_operand start = ir_load(&run, "start", found->starts, r);
  ir_operand end = ir_load(&run, "end", found->starts, sum(&run, r, ir_int(1)));
  ir_operand count = ir_let1(&run, IR_OP_TO_REAL, ir_let2(&run, IR_OP_INT_SUBTRACT, end, start));
  ir_rename_variable(&names, p->key, ir_load(&run, p->key->name, found->keys, r));
  ir_operand last = less_one(&run, end);
  ir_builder rows_of_run = ir_nested(&run);
  ir_statement *inner = ir_for(&rows_of_run, loop->variable->name, start, last, true, &row);
  inner->value = found->mean;
  for (int k = 0; k < p->rows.column_count; k++) {
    const ir_variable *v = p->rows.columns[k].value;
    ir_rename_variable(&names, v, ir_load(&row, v->name, found->columns[k], ir_use(inner->variable)));
  }
  for (int i = 0; i < loop->body->count; i++) {
    ir_statement *s = loop->body->items[i];
    if (s->variable == p->key) continue;
    if (s->variable && id_set_has(&p->by_row, s->variable->id)) {
      if (id_set_has(&p->used, s->variable->id) && !is_data_load(s)) append(&row, &names, s);
    } else if (ir_uses_any(&p->by_row, s)) {
      append(&row, &names, s);
    } else if (s->kind == IR_TARGET) {
      run.location = s->location;
      ir_operand term = ir_let2(&run, IR_OP_MULTIPLY, count, ir_renamed_operand(&names, s->value));
      ir_target(&run, term, s->is_droppable, s->is_jacobian);
    } else {
      append(&run, &names, s);
    }
  }
  arena_push(b->program->arena, run.block, inner);
}

static void rewrite(ir_rows *rows, ir_builder *construct, ir_builder *density) {
  const plan *p = (const plan *)rows; /* its first member */
  const grouped_rows found = find_runs(p, construct);
  ir_builder some, none;
  ir_if(density, ir_let2(density, IR_OP_INT_LESS, ir_int(0), found.run_count), &some, &none);
  sum_runs(p, &some, &found);
  arena_push(density->program->arena, none.block, (ir_statement *)p->rows.loop);
}

void ir_group(ir_program *program) {
  static const ir_row_way grouped_rows = {.plan = make_plan, .rewrite = rewrite};
  const ir_row_way *ways[] = {&grouped_rows};
  ir_rewrite_row_loops(program, ways, sizeof ways / sizeof *ways);
}
