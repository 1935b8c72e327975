/* tabulate.c: a value that an inner loop computes anew, and the same, each time an outer loop turns is computed once, in a
 * table.
 *
 *   for t in 2 .. T                                 @table of K
 *     for k in 0 .. K - 1                           for k in 0 .. K - 1     @table[k] = log(theta[k])
 *       x = log(theta[k]); ...               =>     for t in 2 .. T
 *                                                     for k in 0 .. K - 1   x = @table[k]; ...
 *
 * The logarithms of a transition matrix in a forward algorithm, of weights and scales in a mixture. Pass motion takes out
 * what does not change with any loop; this is what changes with the inner loops alone. The inner loops' bounds are known
 * outside of the outer loop, the value is arithmetic on what the outer loop does not change, and costs more than PRICE
 * additions: a load of the table and, in the gradient, an accumulation. The table is filled only if the outer loop turns.
 * Checks stay where they are; a loop that checks indices, which its loads may rely on, is left alone.
 *
 * Run after motion, before the adjoint, which differentiates the table's loop as any other. Without it a gradient of
 * hmm_drive_0 takes 1.6 times as long, of hmm_example 1.2. */
#include "ir/invariant.h"
#include "ir/passes.h"
#include "ir/rename.h"

enum { PRICE = 6 };

typedef struct nest { /* an inner loop, and those around it up to the outer one */
  const struct nest *outer;
  const ir_statement *loop;
  ir_variable *counter; /* its variable in the loops that fill the tables */
} nest;

typedef struct tabulation { /* of one outer loop */
  ir_program *program;
  arena *arena;
  ir_builder before; /* where tables are allocated */
  ir_renaming copies;
  id_set defined; /* anywhere in the outer loop */
  bool found;
} tabulation;

static bool is_arithmetic(const ir_statement *s, void *context) {
  (void)context;
  return s->kind == IR_LOAD || (s->kind == IR_LET && !(ir_ops[s->op].flags & (IR_IMPURE | IR_MAY_FAIL)));
}

static ir_operand trips(tabulation *t, const ir_statement *loop) {
  ir_operand span = ir_let2(&t->before, IR_OP_INT_SUBTRACT, loop->last, loop->first);
  return ir_let2(&t->before, IR_OP_INT_MAX, ir_let2(&t->before, IR_OP_INT_ADD, span, ir_int(1)), ir_int(0));
}

static ir_operand count(tabulation *t, const nest *n) {
  ir_operand here = trips(t, n->loop);
  return n->outer ? ir_let2(&t->before, IR_OP_INT_MULTIPLY, count(t, n->outer), here) : here;
}

/* The iteration's place in a table: in the loops that fill it, or in the outer loop. */
static ir_operand place(tabulation *t, ir_builder *b, const nest *n, bool fills) {
  ir_operand here = ir_let2(b, IR_OP_INT_SUBTRACT, ir_use(fills ? n->counter : n->loop->variable), n->loop->first);
  if (!n->outer) return here;
  ir_operand row = ir_let2(b, IR_OP_INT_MULTIPLY, place(t, b, n->outer, fills), trips(t, n->loop));
  return ir_let2(b, IR_OP_INT_ADD, row, here);
}

static int cost_of(id_set *costs, const ir_statement *s) {
  int cost = s->kind == IR_LET ? ir_ops[s->op].cost : 1;
  for (int i = 0; i < s->argument_count; i++)
    if (s->arguments[i].kind == IR_VARIABLE) cost += id_set_number(costs, s->arguments[i].variable->id);
  return cost;
}

static void note_read(ir_access access, int id, void *context) {
  if (access == ACCESS_READ) id_set_add(context, id);
}

static bool is_outside(const tabulation *t, ir_operand bound) { return !ir_has(&t->defined, bound); }

static ir_block *tabulate_body(tabulation *t, const nest *n, const id_set *varying, ir_builder *fill);

/* The loop with what it loads from tables; `fill` gets the loop that fills them. */
static ir_statement *tabulate_inner(tabulation *t, const nest *outer, const ir_statement *s, const id_set *varying,
                                    ir_builder *fill) {
  ir_statement *loop = ir_copy(t->arena, s), *filling = ir_copy(t->arena, s);
  nest n = {.outer = outer, .loop = s};
  filling->variable = n.counter = ir_variable_create(t->program, s->variable->name, IR_INT, IR_LOCAL, false);
  filling->is_parallel = true;
  ir_rename_variable(&t->copies, s->variable, ir_use(n.counter));
  ir_builder body = ir_nested(fill);
  loop->body = tabulate_body(t, &n, varying, &body);
  filling->body = body.block;
  if (body.block->count) arena_push(t->arena, fill->block, filling);
  return loop;
}

static ir_block *tabulate_body(tabulation *t, const nest *n, const id_set *varying, ir_builder *fill) {
  arena *arena = t->arena;
  const ir_block *body = n->loop->body;
  id_set here = id_set_create(arena), read = id_set_create(arena), costs = id_set_create(arena);
  here.outer = varying;
  ir_add_outer_writes(&here, body);
  const ir_region region = {.body = body, .varying = &here, .may_move = is_arithmetic};
  bool *moves = ir_find_invariant(&region);
  for (int i = 0; i < body->count; i++)
    if (!moves[i]) ir_each_access(body->items[i], true, note_read, &read);
  ir_block *out = ir_block_create(arena);
  for (int i = 0; i < body->count; i++) {
    ir_statement *s = body->items[i];
    if (!moves[i]) {
      bool is_inner = s->kind == IR_FOR && is_outside(t, s->first) && is_outside(t, s->last);
      arena_push(arena, out, is_inner ? tabulate_inner(t, n, s, &here, fill) : s);
      continue;
    }
    ir_variable *v = s->variable, *again = ir_variable_create(t->program, v->name, v->type, IR_LOCAL, false);
    ir_rename_variable(&t->copies, v, ir_use(again));
    fill->location = t->before.location = s->location;
    arena_push(arena, fill->block, ir_renamed(&t->copies, s));
    const int cost = *id_set_at(&costs, v->id) = cost_of(&costs, s);
    if (v->type != IR_REAL || cost <= PRICE || !id_set_has(&read, v->id)) {
      arena_push(arena, out, s);
      continue;
    }
    ir_buffer *table = ir_alloc(&t->before, v->name ? v->name : "table", v->type, count(t, n), false);
    ir_store(fill, table, place(t, fill, n, true), ir_use(again));
    ir_builder loads = {.program = t->program, .block = out, .location = s->location};
    ir_statement *load = ir_statement_create(arena, IR_LOAD);
    load->location = s->location;
    load->variable = v;
    load->buffer = table;
    load->index = place(t, &loads, n, false);
    arena_push(arena, out, load);
    t->found = true;
  }
  return out;
}

/* A check of an index, which what is loaded after it may rely on. */
static bool has_index_check(const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    bool shows_int = s->kind == IR_CHECK;
    for (int j = 0; j < s->argument_count; j++) shows_int = shows_int && ir_operand_type(s->arguments[j]) == IR_INT;
    if (shows_int) return true;
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;)
      if (has_index_check(nested[j])) return true;
  }
  return false;
}

/* The outer loop's own statements vary, now that motion has taken out those that do not. */
static ir_statement *tabulate_outer(ir_program *program, ir_builder *before, const ir_statement *s) {
  arena *arena = program->arena;
  if (has_index_check(s->body)) return NULL;
  tabulation t = {.program = program,
                  .arena = arena,
                  .before = *before,
                  .copies = ir_renaming_create(arena),
                  .defined = id_set_create(arena)};
  id_set varying = id_set_create(arena);
  id_set_add(&varying, s->variable->id);
  id_set_add(&t.defined, s->variable->id);
  ir_add_changed(&t.defined, s->body);
  ir_add_outer_writes(&varying, s->body);
  for (int i = 0; i < s->body->count; i++) {
    const ir_statement *own = s->body->items[i];
    if (own->kind == IR_FOR) continue;
    const ir_block alone = {.items = &s->body->items[i], .count = 1};
    ir_add_changed(&varying, &alone);
  }
  t.before.block = ir_block_create(arena);
  ir_builder fill = ir_nested(before);
  ir_statement *loop = ir_copy(arena, s);
  loop->body = ir_block_create(arena);
  for (int i = 0; i < s->body->count; i++) {
    ir_statement *own = s->body->items[i];
    bool is_inner = own->kind == IR_FOR && is_outside(&t, own->first) && is_outside(&t, own->last);
    arena_push(arena, loop->body, is_inner ? tabulate_inner(&t, NULL, own, &varying, &fill) : own);
  }
  if (!t.found) return NULL;
  for (int i = 0; i < t.before.block->count; i++) arena_push(arena, before->block, t.before.block->items[i]);
  ir_builder filled = *before, none;
  if (!ir_is_never_empty(s)) ir_if(before, ir_let2(before, IR_OP_INT_LESS_EQUAL, s->first, s->last), &filled, &none);
  for (int i = 0; i < fill.block->count; i++) arena_push(arena, filled.block, fill.block->items[i]);
  return loop;
}

void ir_tabulate(ir_program *program) {
  ir_builder out = {.program = program, .block = ir_block_create(program->arena)};
  for (int i = 0; i < program->log_density->count; i++) {
    ir_statement *s = program->log_density->items[i];
    out.location = s->location;
    ir_statement *loop = s->kind == IR_FOR ? tabulate_outer(program, &out, s) : NULL;
    arena_push(program->arena, out.block, loop ? loop : s);
  }
  program->log_density = out.block;
}
