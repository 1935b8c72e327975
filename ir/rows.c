/* rows.c: see rows.h. */
#include "ir/rows.h"
#include "ir/access.h"
#include "ir/index.h"
#include "ir/passes.h"

/* More loops, or larger ones, would take long to compile. */
enum { MOST_STATEMENTS = 300, MOST_LOOPS = 50 };

/* ---- what construct can compute ---- */

static bool can_compute(ir_rows *rows, const ir_variable *v) {
  const ir_statement *s = v->note;
  if (v->storage != IR_LOCAL || v->is_parameter_level || !s) return false;
  if (s->kind == IR_LOAD) return s->buffer->storage == IR_MODEL && ir_row_is_computable(rows, s->index);
  if (s->kind != IR_LET || (ir_ops[s->op].flags & (IR_IMPURE | IR_MAY_FAIL))) return false;
  for (int i = 0; i < s->argument_count; i++)
    if (!ir_row_is_computable(rows, s->arguments[i])) return false;
  return true;
}

bool ir_row_is_computable(ir_rows *rows, ir_operand x) {
  if (x.kind != IR_VARIABLE || x.variable->storage == IR_MODEL) return true;
  if (rows->loop && x.variable == rows->loop->variable) return true;
  int known = id_set_number(&rows->computable, x.variable->id);
  if (!known) {
    known = can_compute(rows, x.variable) ? 1 : 2;
    *id_set_at(&rows->computable, x.variable->id) = known;
  }
  return known == 1;
}

void ir_row_set_computable(ir_rows *rows, const ir_variable *v) { *id_set_at(&rows->computable, v->id) = 1; }

/* ---- products ---- */

typedef struct reading {
  id_set *readers;
  int place;
} reading;

enum { SEVERAL = -1 };

static void note_reader(ir_access access, int id, void *context) {
  const reading *r = context;
  if (access == ACCESS_DEFINE) return;
  int *reader = id_set_at(r->readers, id);
  *reader = *reader == 0 || *reader == r->place + 1 ? r->place + 1 : SEVERAL;
}

static bool is_product(const ir_statement *s) {
  return s->kind == IR_KERNEL_CALL && s->kernel == IR_KERNEL_MATRIX_TIMES_VECTOR &&
         s->call->inputs[0]->storage == IR_MODEL && s->call->outputs[0]->storage == IR_LOCAL;
}

/* Links products to the buffers that they fill. A product itself is no user of what it fills. */
ir_row_products ir_find_row_products(arena *arena, const ir_block *block) {
  ir_row_products products = {.readers = id_set_create(arena), .made = id_set_create(arena)};
  id_set allocated = id_set_create(arena);
  for (int i = 0; i < block->count; i++) {
    reading r = {&products.readers, i};
    ir_statement *s = block->items[i];
    if (s->kind == IR_ALLOC) id_set_add(&allocated, s->buffer->id);
    const ir_buffer *filled = is_product(s) ? s->call->outputs[0] : NULL;
    if (filled && id_set_has(&allocated, filled->id) && !id_set_has(&products.made, filled->id)) {
      id_set_add(&products.made, filled->id);
      s->call->outputs[0]->note = s;
    } else {
      ir_each_access(s, true, note_reader, &r);
    }
  }
  return products;
}

const ir_statement *ir_row_product(ir_rows *rows, const ir_statement *load) {
  const ir_buffer *buffer = load->buffer;
  if (!id_set_has(&rows->products->made, buffer->id)) return NULL;
  if (id_set_number(&rows->products->readers, buffer->id) != rows->place + 1) return NULL;
  const ir_statement *product = buffer->note;
  if (!product->call->inputs[1]->is_written_once) return NULL;
  return ir_row_is_computable(rows, product->call->dims[0]) && ir_row_is_computable(rows, product->call->dims[1])
             ? product
             : NULL;
}

/* ---- construct ---- */

static ir_operand sum(ir_builder *b, ir_operand x, ir_operand y) { return ir_let2(b, IR_OP_INT_ADD, x, y); }
static ir_operand difference(ir_builder *b, ir_operand x, ir_operand y) { return ir_let2(b, IR_OP_INT_SUBTRACT, x, y); }
static ir_operand product(ir_builder *b, ir_operand x, ir_operand y) { return ir_let2(b, IR_OP_INT_MULTIPLY, x, y); }

ir_operand ir_row_compute(ir_builder *b, ir_renaming *names, ir_operand x) {
  if (x.kind != IR_VARIABLE || x.variable->storage == IR_MODEL) return x;
  ir_operand known = ir_renamed_operand(names, x);
  if (!ir_same(known, x)) return known;
  const ir_statement *s = x.variable->note;
  ir_operand value;
  if (s->kind == IR_LOAD) {
    value = ir_load(b, x.variable->name, s->buffer, ir_row_compute(b, names, s->index));
  } else {
    ir_operand arguments[IR_MAX_ARGUMENTS] = {{0}};
    for (int i = 0; i < s->argument_count; i++) arguments[i] = ir_row_compute(b, names, s->arguments[i]);
    value = ir_let(b, x.variable->name, s->op, arguments[0], arguments[1], arguments[2], arguments[3]);
  }
  ir_rename_variable(names, x.variable, value);
  return value;
}

/* Of the value what does not change with the inner loop, so that it is computed here, and not in there. */
static void compute_outside(ir_builder *b, ir_renaming *names, ir_operand x, const ir_statement *inner) {
  if (x.kind != IR_VARIABLE || x.variable == inner->variable) return;
  if (ir_is_invariant(x, inner)) {
    ir_row_compute(b, names, x);
    return;
  }
  const ir_statement *s = x.variable->note;
  if (s->kind == IR_LOAD) compute_outside(b, names, s->index, inner);
  for (int i = 0; i < s->argument_count; i++) compute_outside(b, names, s->arguments[i], inner);
}

static ir_operand trips(ir_builder *b, ir_operand first, ir_operand last) {
  return ir_let2(b, IR_OP_INT_MAX, sum(b, difference(b, last, first), ir_int(1)), ir_int(0));
}

/* How many numbers of a row: 1 but for wide columns. */
static ir_operand width(const ir_column *column, ir_builder *b, ir_renaming *names) {
  if (column->product) return ir_row_compute(b, names, column->product->call->dims[1]);
  if (!column->inner) return ir_int(1);
  return trips(b, ir_row_compute(b, names, column->inner->first), ir_row_compute(b, names, column->inner->last));
}

static ir_operand count_columns(ir_builder *b, const char *name, ir_operand count, ir_builder *inner) {
  return ir_use(ir_for(b, name, ir_int(0), difference(b, count, ir_int(1)), false, inner)->variable);
}

/* The columns of the row side by side, from `start` on. */
static void pack_product(const ir_column *column, ir_builder *b, ir_renaming *names, ir_buffer *to, ir_operand start) {
  const ir_call *call = column->product->call;
  const ir_statement *load = column->value->note;
  ir_operand of = ir_row_compute(b, names, load->index), height = ir_row_compute(b, names, call->dims[0]);
  ir_operand scale = column->scale ? ir_row_compute(b, names, ir_use((ir_variable *)column->scale)) : ir_real(1);
  ir_builder inner;
  ir_operand j = count_columns(b, "column", ir_row_compute(b, names, call->dims[1]), &inner);
  ir_operand element = ir_load(&inner, NULL, call->inputs[0], sum(&inner, of, product(&inner, height, j)));
  element = ir_let2(&inner, IR_OP_MULTIPLY, element, scale);
  ir_store(&inner, to, sum(&inner, start, j), element);
}

static void pack_inner(const ir_column *column, ir_builder *b, ir_renaming *names, ir_buffer *to, ir_operand start) {
  const ir_statement *loop = column->inner;
  compute_outside(b, names, ir_use((ir_variable *)column->value), loop);
  ir_operand first = ir_row_compute(b, names, loop->first), last = ir_row_compute(b, names, loop->last);
  for (int i = 0; i < loop->body->count; i++) /* an earlier column's names are of another loop */
    if (loop->body->items[i]->variable) ir_rename_variable(names, loop->body->items[i]->variable, ir_none());
  ir_builder inner;
  ir_operand j = ir_use(ir_for(b, loop->variable->name, first, last, false, &inner)->variable);
  ir_rename_variable(names, loop->variable, j);
  ir_operand value = ir_row_compute(&inner, names, ir_use((ir_variable *)column->value));
  ir_store(&inner, to, sum(&inner, start, difference(&inner, j, first)), value);
}

void ir_row_pack(const ir_rows *rows, ir_builder *b, ir_renaming *names, ir_operand n, const ir_table *table,
                 ir_operand to) {
  ir_rename_variable(names, rows->loop->variable, n);
  ir_operand next[2] = {ir_int(0), ir_int(0)};
  for (int k = 0; k < rows->column_count; k++) {
    const ir_column *c = &rows->columns[k];
    ir_buffer *buffer = c->type == IR_INT ? table->ints : table->reals;
    if (!buffer) continue;
    ir_operand start = sum(b, product(b, to, c->type == IR_INT ? table->int_width : table->real_width), next[c->type]);
    if (c->product)
      pack_product(c, b, names, buffer, start);
    else if (c->inner)
      pack_inner(c, b, names, buffer, start);
    else
      ir_store(b, buffer, start, c->value ? ir_row_compute(b, names, ir_use((ir_variable *)c->value)) : ir_real(1));
    next[c->type] = sum(b, next[c->type], width(c, b, names));
  }
}

ir_table ir_row_table(const ir_rows *rows, ir_builder *b, ir_renaming *names) {
  const ir_statement *loop = rows->loop;
  ir_table table = {.first = ir_row_compute(b, names, loop->first), .int_width = ir_int(0), .real_width = ir_int(0)};
  table.last = ir_row_compute(b, names, loop->last);
  table.count = trips(b, table.first, table.last);
  for (int k = 0; k < rows->column_count; k++) {
    const ir_column *c = &rows->columns[k];
    ir_operand *total = c->type == IR_INT ? &table.int_width : &table.real_width;
    *total = sum(b, *total, width(c, b, names));
    if (c->product) ir_row_compute(b, names, c->product->call->dims[0]); /* here, and not in the loop */
  }
  return table;
}

ir_buffer *ir_row_buffer(ir_builder *b, const ir_table *table, ir_type type, const char *name, ir_operand count) {
  return ir_alloc(b, name, type, product(b, count, type == IR_INT ? table->int_width : table->real_width), false);
}

void ir_row_fill(const ir_rows *rows, ir_builder *b, ir_renaming *names, const ir_table *table) {
  ir_builder body;
  ir_operand n = ir_use(ir_for(b, rows->loop->variable->name, table->first, table->last, false, &body)->variable);
  ir_row_pack(rows, &body, names, n, table, difference(&body, n, table->first));
}

ir_operand ir_row_count(ir_builder *b, const char *name, ir_operand count) {
  ir_statement *keep = ir_append(b, IR_LET);
  keep->variable = ir_variable_create(b->program, name, IR_INT, IR_MODEL, false);
  keep->op = IR_OP_INT_COPY;
  keep->argument_count = 1;
  keep->arguments[0] = count;
  return ir_use(keep->variable);
}

void ir_row_fields(const ir_rows *rows, ir_builder *b, ir_renaming *names, ir_operand distinct, ir_buffer **fields) {
  for (int k = 0; k < rows->column_count; k++) {
    const ir_column *c = &rows->columns[k];
    const ir_statement *load = c->value ? c->value->note : NULL;
    const char *name = !c->value               ? "one"
                       : c->product            ? c->product->call->inputs[0]->name
                       : load->kind == IR_LOAD ? load->buffer->name
                                               : c->value->name;
    ir_operand size = product(b, distinct, width(c, b, names));
    fields[k] = ir_buffer_create(b->program, arena_printf(b->program->arena, "%s_distinct", name ? name : "row"),
                                 c->type, IR_MODEL, size);
    ir_append(b, IR_ALLOC)->buffer = fields[k];
  }
}

void ir_row_keep(const ir_rows *rows, ir_builder *b, ir_renaming *names, ir_buffer *const *fields, ir_operand distinct,
                 ir_operand d, const ir_table *table, ir_operand int_row, ir_operand real_row) {
  ir_operand next[2] = {ir_int(0), ir_int(0)};
  for (int k = 0; k < rows->column_count; k++) {
    const ir_column *c = &rows->columns[k];
    const bool is_int = c->type == IR_INT;
    ir_buffer *from = is_int ? table->ints : table->reals;
    ir_operand count = width(c, b, names), row = is_int ? int_row : real_row;
    ir_operand start = sum(b, product(b, row, is_int ? table->int_width : table->real_width), next[c->type]);
    if (c->product || c->inner) {
      ir_builder inner;
      ir_operand j = count_columns(b, "column", count, &inner);
      ir_store(&inner, fields[k], sum(&inner, d, product(&inner, distinct, j)),
               ir_load(&inner, NULL, from, sum(&inner, start, j)));
    } else {
      ir_store(b, fields[k], d, ir_load(b, NULL, from, start));
    }
    next[c->type] = sum(b, next[c->type], count);
  }
}

/* ---- log_density ---- */

ir_operand ir_row_product_load(ir_builder *before, ir_builder *body, const ir_column *column, ir_buffer *matrix,
                               ir_operand distinct, ir_operand d) {
  const ir_call *call = column->product->call;
  const ir_buffer *of = call->outputs[0];
  ir_buffer *out = ir_alloc(before, of->name, IR_REAL, distinct, false);
  out->is_written_once = of->is_written_once;
  ir_call *again = ir_kernel_call(before, column->product->kernel)->call;
  again->outputs[0] = out;
  again->inputs[0] = matrix, again->inputs[1] = call->inputs[1];
  again->dims[0] = distinct, again->dims[1] = call->dims[1];
  return ir_load(body, of->name, out, d);
}

/* ---- the pass ---- */

typedef struct run {
  const ir_row_way *const *ways;
  int way_count;
  ir_program *program;
  arena *arena;
  int loops;
} run;

static ir_block *run_block(run *r, const ir_block *block, ir_builder *construct);

typedef struct loop_plan {
  const ir_row_way *way; /* NULL: the loop stays */
  ir_rows *rows;
} loop_plan;

static loop_plan plan_loop(run *r, const ir_statement *loop, const ir_row_products *products, int place) {
  if (loop->kind != IR_FOR || !loop->is_parallel || loop->body->count > MOST_STATEMENTS || r->loops == MOST_LOOPS)
    return (loop_plan){0};
  for (int i = 0; i < r->way_count; i++) {
    ir_rows rows = ir_rows_create(r->arena, loop, products, place);
    if (!ir_row_is_computable(&rows, loop->first) || !ir_row_is_computable(&rows, loop->last)) break;
    ir_rows *plan = r->ways[i]->plan(r->program, rows);
    if (!plan) continue;
    r->loops++;
    return (loop_plan){r->ways[i], plan};
  }
  return (loop_plan){0};
}

/* The products that are made where the loop runs, and so no longer at their place in the block. */
static void note_moved(const ir_rows *rows, id_set *moved) {
  for (int k = 0; k < rows->column_count; k++)
    if (rows->columns[k].product) id_set_add(moved, rows->columns[k].product->call->outputs[0]->id);
}

static bool is_moved(const ir_statement *s, const id_set *moved) {
  const ir_buffer *made = s->kind == IR_ALLOC ? s->buffer : s->kind == IR_KERNEL_CALL ? s->call->outputs[0] : NULL;
  return made && id_set_has(moved, made->id);
}

static ir_statement *run_branch(run *r, const ir_statement *branch, ir_builder *construct) {
  ir_builder bodies[2] = {ir_nested(construct), ir_nested(construct)};
  ir_statement *copy = ir_copy(r->arena, branch);
  copy->body = run_block(r, branch->body, &bodies[0]);
  if (branch->other) copy->other = run_block(r, branch->other, &bodies[1]);
  if (bodies[0].block->count || bodies[1].block->count) {
    ir_renaming names = ir_renaming_create(r->arena);
    ir_builder body, other;
    ir_statement *guard = ir_if(construct, ir_row_compute(construct, &names, branch->value), &body, &other);
    guard->body = bodies[0].block, guard->other = bodies[1].block;
  }
  return copy;
}

static ir_block *run_block(run *r, const ir_block *block, ir_builder *construct) {
  const ir_row_products products = ir_find_row_products(r->arena, block);
  loop_plan *plans = arena_array(r->arena, loop_plan, block->count + 1);
  id_set moved = id_set_create(r->arena);
  for (int i = 0; i < block->count; i++) {
    plans[i] = plan_loop(r, block->items[i], &products, i);
    if (plans[i].way) note_moved(plans[i].rows, &moved);
  }
  ir_builder density = ir_nested(construct);
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    ir_rows outside = ir_rows_create(r->arena, NULL, NULL, 0);
    if (plans[i].way) {
      construct->location = density.location = s->location;
      plans[i].way->rewrite(plans[i].rows, construct, &density);
    } else if (s->kind == IR_IF && ir_row_is_computable(&outside, s->value)) {
      arena_push(r->arena, density.block, run_branch(r, s, construct));
    } else if (!is_moved(s, &moved)) {
      arena_push(r->arena, density.block, s);
    }
  }
  return density.block;
}

void ir_rewrite_row_loops(ir_program *program, const ir_row_way *const *ways, int way_count) {
  ir_analyse(program);
  ir_find_written_once(program);
  ir_link_definitions(program->log_density);
  run r = {.ways = ways, .way_count = way_count, .program = program, .arena = program->arena};
  ir_builder construct = {.program = program, .block = ir_block_create(r.arena)};
  ir_block *density = run_block(&r, program->log_density, &construct);
  if (!r.loops) return;
  ir_block *all = ir_block_create(r.arena);
  for (int i = 0; i < program->construct->count; i++) arena_push(r.arena, all, program->construct->items[i]);
  for (int i = 0; i < construct.block->count; i++) arena_push(r.arena, all, construct.block->items[i]);
  program->construct = all;
  program->log_density = density;
}
