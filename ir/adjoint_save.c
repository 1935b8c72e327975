/* adjoint_save.c: handing values from the forward sweep to the reverse sweep when they run in different loops, and taking
 * out what was saved for nobody; see adjoint.c. */
#include "ir/adjoint.h"
#include <limits.h>
#include "ir/access.h"

enum { CHEAP = 4 }; /* operations up to this cost are computed again rather than saved */

/* ---- what a reverse block reads ---- */

static void use(adjoint *a, int id) { *id_set_at(&a->used, id) = a->place; }

static void use_buffer(const ir_buffer *buffer, void *context) { use(context, buffer->id); }

static void use_operand(ir_operand *operand, void *context) {
  if (operand->kind == IR_VARIABLE) use(context, operand->variable->id);
}

/* Buffers whose elements are read; with `all`, also those that are only written, zeroed or released. */
static void use_block(adjoint *a, const ir_block *block, bool all) {
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    ir_each_operand(s, use_operand, a);
    if (s->kind == IR_ZERO) use_operand(&s->buffer->size, a);
    if (s->buffer && (all || s->kind == IR_LOAD || s->kind == IR_WRITE)) use_buffer(s->buffer, a);
    ir_each_passed_buffer(s, use_buffer, a);
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) use_block(a, nested[j], all);
  }
}

bool adjoint_uses_stack(const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_ALLOC || s->kind == IR_PUSH || s->kind == IR_POP || s->kind == IR_POP_ELEMENT) return true;
    if (s->is_forward) return true;
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;)
      if (adjoint_uses_stack(nested[j])) return true;
  }
  return false;
}

/* ---- saving ---- */

void adjoint_note_writes(adjoint *a, const ir_block *block, int depth) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if ((s->kind == IR_STORE || s->kind == IR_ACCUMULATE || s->kind == IR_ZERO) &&
        id_set_number(&a->depths, s->buffer->id) < depth)
      *id_set_at(&a->depths, s->buffer->id) = depth;
    for (int j = 0; j < IR_MAX_KERNEL_BUFFERS; j++)
      if (s->call->outputs[j]) *id_set_at(&a->depths, s->call->outputs[j]->id) = INT_MAX;
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) adjoint_note_writes(a, nested[j], depth + 1);
  }
}

static bool is_mutable(ir_operand x) { return x.kind == IR_VARIABLE && x.variable->is_mutable; }

/* An element is loaded again where nothing has changed it, or where it is changed in blocks further out alone: R has undone
 * such changes when it comes here, and undoes fewer than there are loads. */
static bool is_recomputed(const adjoint *a, const ir_statement *s, int depth) {
  if (s->kind == IR_LOAD)
    return !is_mutable(s->index) && (s->buffer->storage != IR_LOCAL || s->buffer->is_written_once ||
                                     (!s->buffer->is_parameter && id_set_number(&a->depths, s->buffer->id) < depth));
  if (s->kind != IR_LET || ir_ops[s->op].cost > CHEAP || (ir_ops[s->op].flags & (IR_IMPURE | IR_MAY_FAIL)))
    return false;
  for (int i = 0; i < s->argument_count; i++)
    if (is_mutable(s->arguments[i])) return false;
  return true;
}

/* Splits what `reverse` needs of `forward`'s definitions: `again` to be computed again, `saved` to be handed over (the
 * defining statements, in both cases last definition first). */
static void choose(adjoint *a, const ir_block *forward, const ir_block *reverse, int depth, ir_block *again,
                   ir_block *saved) {
  arena *arena = a->program->arena;
  id_set_clear(&a->used);
  use_block(a, reverse, true);
  for (int i = forward->count; i-- > 0;) {
    ir_statement *s = forward->items[i];
    if (s->kind == IR_ALLOC) {
      if (id_set_has(&a->used, s->buffer->id)) arena_push(arena, saved, s);
    } else if (s->kind == IR_LET || s->kind == IR_LOAD || s->kind == IR_DECLARE) {
      if (!id_set_has(&a->used, s->variable->id)) continue;
      if (!is_recomputed(a, s, depth)) {
        arena_push(arena, saved, s);
        continue;
      }
      ir_each_operand(s, use_operand, a);
      if (s->kind == IR_LOAD) use_buffer(s->buffer, a);
      arena_push(arena, again, s);
    }
  }
}

/* reverse = start, then again (first definition first), then what it was. */
static void prepend(adjoint *a, ir_block *reverse, const ir_block *start, const ir_block *again) {
  arena *arena = a->program->arena;
  ir_block whole = {0};
  for (int i = 0; i < start->count; i++) arena_push(arena, &whole, start->items[i]);
  for (int i = again->count; i-- > 0;) arena_push(arena, &whole, ir_copy(arena, again->items[i]));
  for (int i = 0; i < reverse->count; i++) arena_push(arena, &whole, reverse->items[i]);
  *reverse = whole;
}

void adjoint_save_on_stack(adjoint *a, ir_block *forward, ir_block *reverse, int depth) {
  if (!reverse->count) return;
  ir_block again = {0}, saved = {0};
  choose(a, forward, reverse, depth, &again, &saved);
  ir_builder pushes = {.program = a->program, .block = forward};
  ir_builder pops = {.program = a->program, .block = ir_block_create(a->program->arena)};
  for (int i = saved.count; i-- > 0;) {
    const ir_statement *s = saved.items[i];
    ir_statement *push = ir_append(&pushes, IR_PUSH);
    if (s->kind == IR_ALLOC)
      push->buffer = s->buffer;
    else
      push->value = ir_use(s->variable);
  }
  for (int i = 0; i < saved.count; i++) {
    const ir_statement *s = saved.items[i];
    if (s->kind == IR_DECLARE) ir_append(&pops, IR_DECLARE)->variable = s->variable;
    ir_statement *pop = ir_append(&pops, IR_POP);
    if (s->kind == IR_ALLOC)
      pop->buffer = s->buffer;
    else
      pop->variable = s->variable;
  }
  prepend(a, reverse, pops.block, &again);
}

bool adjoint_saves(adjoint *a, const ir_block *forward, const ir_block *reverse, int depth) {
  ir_block again = {0}, saved = {0};
  choose(a, forward, reverse, depth, &again, &saved);
  return saved.count > 0;
}

ir_buffer *adjoint_save_in_slots(adjoint *a, ir_builder *before, ir_statement *forward_loop, ir_statement *reverse_loop,
                                 int depth) {
  if (!reverse_loop->body->count) return NULL;
  ir_block again = {0}, saved = {0};
  choose(a, forward_loop->body, reverse_loop->body, depth, &again, &saved);
  ir_builder stores = {.program = a->program, .block = forward_loop->body};
  ir_builder loads = {.program = a->program, .block = ir_block_create(a->program->arena)};
  ir_operand iteration = ir_use(forward_loop->variable);
  ir_buffer *first = NULL;
  for (int i = 0; i < saved.count; i++) {
    const ir_statement *s = saved.items[i];
    ir_operand span = ir_let2(before, IR_OP_INT_SUBTRACT, forward_loop->last, forward_loop->first);
    ir_operand count = ir_let2(before, IR_OP_INT_ADD, span, ir_int(1));
    ir_buffer *slots =
        ir_alloc(before, s->variable->name ? s->variable->name : "saved", s->variable->type, count, false);
    slots->is_written_once = true;
    if (!first) first = slots;
    ir_store(&stores, slots, ir_let2(&stores, IR_OP_INT_SUBTRACT, iteration, forward_loop->first), ir_use(s->variable));
    ir_operand slot = ir_let2(&loads, IR_OP_INT_SUBTRACT, iteration, forward_loop->first);
    if (s->kind == IR_DECLARE) {
      ir_operand last_value = ir_load(&loads, NULL, slots, slot);
      ir_statement *declare = ir_append(&loads, IR_DECLARE);
      declare->variable = s->variable;
      declare->value = last_value;
    } else {
      ir_load(&loads, NULL, slots, slot);
      loads.block->items[loads.block->count - 1]->variable = s->variable;
    }
  }
  prepend(a, reverse_loop->body, loads.block, &again);
  return first;
}

/* ---- taking out what was saved for nobody ---- */

/* The old value of a variable or buffer of `inner` that no statement of R after the pop reads. */
static bool is_idle(const adjoint *a, const ir_statement *pop, int place) {
  if ((pop->kind != IR_POP && pop->kind != IR_POP_ELEMENT) || !pop->label) return false;
  int id = pop->buffer ? pop->buffer->id : pop->variable->id;
  return id_set_has(&a->inner, id) && id_set_number(&a->used, id) < place;
}

static void drop_pops(adjoint *a, ir_block *block, int place) {
  int kept = 0;
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) drop_pops(a, nested[j], place);
    if (is_idle(a, s, place))
      id_set_add(&a->dropped, s->label);
    else
      block->items[kept++] = s;
  }
  block->count = kept;
}

static void drop_pushes(adjoint *a, ir_block *block) {
  int kept = 0;
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) drop_pushes(a, nested[j]);
    if (s->kind == IR_PUSH && s->label && id_set_has(&a->dropped, s->label)) {
      if (s->buffer) kept--; /* the load of the old element, which stands just before it */
      continue;
    }
    block->items[kept++] = s;
  }
  block->count = kept;
}

/* R's own statements are numbered from 1. What one of them reads, itself or in a loop, counts as read when it ends, so that a
 * pop in a loop is kept for the next iteration. */
void adjoint_drop_saves(adjoint *a, adjoint_sweeps *sweeps) {
  id_set_clear(&a->inner);
  for (int i = 0; i < sweeps->forward->count; i++) {
    const ir_statement *s = sweeps->forward->items[i];
    if (s->kind == IR_DECLARE) id_set_add(&a->inner, s->variable->id);
    if (s->kind == IR_ALLOC) id_set_add(&a->inner, s->buffer->id);
  }
  if (!a->inner.count) return;
  id_set_clear(&a->used);
  id_set_clear(&a->dropped);
  for (int i = 0; i < sweeps->reverse->count; i++) {
    a->place = i + 1;
    const ir_block alone = {.items = &sweeps->reverse->items[i], .count = 1};
    use_block(a, &alone, false);
  }
  for (int i = 0; i < sweeps->reverse->count; i++) {
    ir_statement *s = sweeps->reverse->items[i];
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) drop_pops(a, nested[j], i + 1);
  }
  int kept = 0;
  for (int i = 0; i < sweeps->reverse->count; i++) {
    ir_statement *s = sweeps->reverse->items[i];
    if (is_idle(a, s, i + 1))
      id_set_add(&a->dropped, s->label);
    else
      sweeps->reverse->items[kept++] = s;
  }
  sweeps->reverse->count = kept;
  if (a->dropped.count) drop_pushes(a, sweeps->forward);
}

static bool pops(const ir_statement *s) {
  if (s->kind == IR_POP || s->kind == IR_POP_ELEMENT || (s->function && s->is_adjoint)) return true;
  ir_block *nested[3];
  for (int i = ir_nested_blocks(s, nested); i-- > 0;)
    for (int j = 0; j < nested[i]->count; j++)
      if (pops(nested[i]->items[j])) return true;
  return false;
}

void adjoint_drop_idle_releases(ir_block *body) {
  int last_pop = body->count;
  while (last_pop > 0 && !pops(body->items[last_pop - 1])) last_pop--;
  int kept = last_pop;
  for (int i = last_pop; i < body->count; i++)
    if (body->items[i]->kind != IR_RELEASE) body->items[kept++] = body->items[i];
  body->count = kept;
}
