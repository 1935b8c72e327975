/* scatter.c: indexed accumulation leaves the vectorised part of its loop.
 *
 * `gradient[group[n]] += v` may hit the same element in two iterations, so the vector units can't run the loop that it stands
 * in. The loop is cut into blocks of BLOCK iterations, which stay in the first-level cache. In a block, one parallel loop
 * computes everything and stores each v in a small buffer; then index and v are loaded and accumulated:
 *
 *   for block in 0 .. (last - first) / BLOCK
 *     begin = first + block * BLOCK;  end = min(begin + BLOCK - 1, last)
 *     parallel for n in begin .. end   …; v_block[n - begin] = v
 *     quarter = (end - begin + 1) / 4
 *     for i in 0 .. quarter - 1        for n = begin + i, begin + quarter + i, ...: gradient[group[n]] += v_block[n - begin]
 *     for n in begin + 4 quarter .. end             gradient[group[n]] += v_block[n - begin]
 *
 * Four streams, since a sum waits for the one before when that is of the same element: in data that come sorted neighbours
 * are. 10,000 sorted rows of poisson_log in 300 groups take 27.1 without the streams, 16.8 with them, and 15.5 when they are
 * shuffled; shuffled rows gain a little too. Eight streams gain no more.
 *
 * Microseconds for a gradient, --without=scatter and with it: trolley_varying 115, 41; chimpanzees_m3 3.7, 1.3;
 * mundlak_latent 2.0, 0.93; reedfrogs_mSTP 0.66, 0.23; tutoring_mixed_logit 0.20, 0.17. Bodies without transcendental
 * functions gain nothing (mlm_partial took 1.1 times as long when it was cut): hence MIN_COST.
 *
 * Only straight-line parallel loops of the gradient are cut, and where the index is computed from what the loop does not
 * change. Needs the adjoint; the buffers are released right after the loop, so that the arena's stack is as it was. */
#include "ir/access.h"
#include "ir/blocks.h"
#include "ir/index.h"
#include "ir/passes.h"
#include "ir/rename.h"

enum { BLOCK = 256, STREAMS = 4, MIN_COST = 20, MOST_INDEX_COST = 32 };

static bool is_scattered(const ir_statement *s, const ir_statement *loop) {
  return s->kind == IR_ACCUMULATE && !ir_is_distinct(s->index, loop);
}

static void need(ir_operand *x, void *context) {
  if (x->kind == IR_VARIABLE) id_set_add(context, x->variable->id);
}

/* Whether all else in the body can be handed to the vector units, and something can't. */
static bool can_cut(const ir_statement *loop, int *cost) {
  bool scatters = false;
  ir_link_definitions(loop->body); /* a variable may be defined in another block, too */
  loop->variable->note = (void *)loop;
  for (int i = 0; i < loop->body->count; i++) {
    const ir_statement *s = loop->body->items[i];
    switch (s->kind) {
    case IR_LET:
      if (ir_ops[s->op].flags & (IR_IMPURE | IR_MAY_FAIL)) return false;
      *cost += ir_ops[s->op].cost;
      break;
    case IR_STORE:
      if (!ir_is_distinct(s->index, loop)) return false;
      break;
    case IR_ACCUMULATE:
      if (s->buffer->type != IR_REAL) return false;
      scatters = scatters || is_scattered(s, loop);
      break;
    case IR_LOAD:
    case IR_ADD:
    case IR_TARGET:
    case IR_CHECK: break;
    default: return false;
    }
  }
  return scatters;
}

/* The definitions that the indices of scattered accumulates need, in order; NULL when they are not plain arithmetic on data. */
static ir_block *index_definitions(arena *arena, const ir_statement *loop) {
  id_set needed = id_set_create(arena), changed = id_set_create(arena);
  ir_add_outer_writes(&changed, loop->body);
  ir_block backwards = {0}, *definitions = ir_block_create(arena);
  int cost = 0;
  for (int i = loop->body->count; i-- > 0;) {
    ir_statement *s = loop->body->items[i];
    if (is_scattered(s, loop)) need(&s->index, &needed);
    bool defines = (s->kind == IR_LET || s->kind == IR_LOAD) && id_set_has(&needed, s->variable->id);
    if (!defines) continue;
    if (s->kind == IR_LOAD && id_set_has(&changed, s->buffer->id)) return NULL;
    cost += s->kind == IR_LET ? ir_ops[s->op].cost : 1;
    ir_each_operand(s, need, &needed);
    arena_push(arena, &backwards, s);
  }
  if (cost > MOST_INDEX_COST) return NULL;
  for (int i = backwards.count; i-- > 0;) arena_push(arena, definitions, ir_copy(arena, backwards.items[i]));
  return definitions;
}

/* Appends the element for n, with names of its own. */
static void append_element(ir_builder *b, const ir_block *element, const ir_variable *counter, ir_operand n) {
  ir_renaming names = ir_renaming_create(b->program->arena);
  ir_rename_variable(&names, counter, n);
  for (int i = 0; i < element->count; i++) {
    const ir_variable *v = element->items[i]->variable;
    if (v) ir_rename_variable(&names, v, ir_use(ir_variable_create(b->program, v->name, v->type, IR_LOCAL, false)));
    arena_push(b->program->arena, b->block, ir_renamed_shallow(&names, element->items[i]));
  }
}

/* The elements begin .. end in streams, and those that are left over. */
static void scatter_in_streams(ir_builder *b, const ir_block *element, ir_variable *counter, ir_operand begin,
                               ir_operand end) {
  ir_operand count = ir_let2(b, IR_OP_INT_ADD, ir_let2(b, IR_OP_INT_SUBTRACT, end, begin), ir_int(1));
  ir_operand length = ir_let2(b, IR_OP_INT_DIVIDE, count, ir_int(STREAMS)), first[STREAMS + 1] = {begin};
  for (int k = 0; k < STREAMS; k++) first[k + 1] = ir_let2(b, IR_OP_INT_ADD, first[k], length);
  ir_builder body;
  ir_operand last = ir_let2(b, IR_OP_INT_SUBTRACT, length, ir_int(1));
  ir_operand i = ir_use(ir_for(b, "i", ir_int(0), last, false, &body)->variable);
  for (int k = 0; k < STREAMS; k++) append_element(&body, element, counter, ir_let2(&body, IR_OP_INT_ADD, first[k], i));
  ir_statement *rest = ir_for(b, NULL, first[STREAMS], end, false, &body);
  rest->variable = counter;
  rest->body = (ir_block *)element;
}

static void cut(ir_program *program, ir_builder *b, const ir_statement *loop, const ir_block *definitions) {
  arena *arena = program->arena;
  b->location = loop->location;
  ir_buffer *first_buffer = NULL;
  ir_builder block, compute;
  ir_builder allocations = *b;
  allocations.block = ir_block_create(arena);
  ir_builder around = ir_nested(b);
  ir_operand begin, end;
  ir_block_loop(b, &around, loop, BLOCK, &block, &begin, &end);
  ir_for(&block, NULL, begin, end, true, &compute)->variable = loop->variable;
  ir_builder scatter = ir_nested(b);
  ir_operand place = ir_let2(&compute, IR_OP_INT_SUBTRACT, ir_use(loop->variable), begin);
  ir_operand again = ir_let2(&scatter, IR_OP_INT_SUBTRACT, ir_use(loop->variable), begin);
  for (int i = 0; i < definitions->count; i++) arena_push(arena, scatter.block, definitions->items[i]);
  for (int i = 0; i < loop->body->count; i++) {
    ir_statement *s = loop->body->items[i];
    if (!is_scattered(s, loop)) {
      arena_push(arena, compute.block, s);
      continue;
    }
    compute.location = scatter.location = s->location;
    if (ir_is_invariant(s->value, loop)) {
      ir_accumulate(&scatter, s->buffer, s->index, s->value);
      continue;
    }
    ir_buffer *values =
        ir_alloc(&allocations, arena_printf(arena, "%s_block", s->buffer->name), IR_REAL, ir_int(BLOCK), false);
    values->is_written_once = true;
    if (!first_buffer) first_buffer = values;
    ir_store(&compute, values, place, s->value);
    ir_accumulate(&scatter, s->buffer, s->index, ir_load(&scatter, NULL, values, again));
  }
  block.location = loop->location;
  scatter_in_streams(&block, scatter.block, loop->variable, begin, end);
  for (int i = 0; i < allocations.block->count; i++) arena_push(arena, b->block, allocations.block->items[i]);
  for (int i = 0; i < around.block->count; i++) arena_push(arena, b->block, around.block->items[i]);
  if (first_buffer) ir_append(b, IR_RELEASE)->buffer = first_buffer;
}

static ir_block *with_scatters(ir_program *program, const ir_block *block) {
  ir_builder b = {.program = program, .block = ir_block_create(program->arena)};
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    int cost = 0;
    ir_block *definitions = NULL;
    if (s->kind == IR_FOR && s->is_parallel && can_cut(s, &cost) && cost >= MIN_COST)
      definitions = index_definitions(program->arena, s);
    if (definitions) {
      cut(program, &b, s, definitions);
      continue;
    }
    ir_statement *copy = ir_with_own_blocks(program->arena, s);
    if (s->test) copy->test = with_scatters(program, s->test);
    if (s->body) copy->body = with_scatters(program, s->body);
    if (s->other) copy->other = with_scatters(program, s->other);
    arena_push(program->arena, b.block, copy);
  }
  return b.block;
}

void ir_scatter(ir_program *program) {
  if (!program->gradient_body) return;
  ir_link_definitions(program->gradient_body);
  program->gradient_body = with_scatters(program, program->gradient_body);
}
