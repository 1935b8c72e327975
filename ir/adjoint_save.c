/* adjoint_save.c: handing values from the forward sweep to the reverse sweep when they run in different loops, and taking
 * out what was saved for nobody; see adjoint.c. */
#include "ir/adjoint.h"

enum { CHEAP = 4 }; /* operations up to this cost are computed again rather than saved */

/* ---- what a reverse block reads ---- */

static void use_operand(ir_operand *operand, void *context) {
  id_set *used = context;
  if (operand->kind == IR_VARIABLE) id_set_add(used, operand->variable->id);
}

/* Buffers whose elements are read; with `all`, also those that are only written, zeroed or released. */
static void use_block(id_set *used, const ir_block *block, bool all) {
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    ir_each_operand(s, use_operand, used);
    if (s->kind == IR_ZERO) use_operand(&s->buffer->size, used);
    if (s->buffer && (all || s->kind == IR_LOAD || s->kind == IR_WRITE)) id_set_add(used, s->buffer->id);
    for (int j = 0; j < IR_MAX_KERNEL_BUFFERS; j++) {
      if (s->call->inputs[j]) id_set_add(used, s->call->inputs[j]->id);
      if (s->call->outputs[j]) id_set_add(used, s->call->outputs[j]->id);
      if (s->call->output_adjoints[j]) id_set_add(used, s->call->output_adjoints[j]->id);
      if (s->call->input_adjoints[j]) id_set_add(used, s->call->input_adjoints[j]->id);
    }
    for (int j = 0; j < s->item_count; j++) {
      if (s->items[j].buffer) id_set_add(used, s->items[j].buffer->id);
      if (s->items[j].imaginary) id_set_add(used, s->items[j].imaginary->id);
    }
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) use_block(used, nested[j], all);
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

static bool is_mutable(ir_operand x) { return x.kind == IR_VARIABLE && x.variable->is_mutable; }

static bool is_recomputed(const ir_statement *s) {
  if (s->kind == IR_LOAD)
    return !is_mutable(s->index) && (s->buffer->storage != IR_LOCAL || s->buffer->is_written_once);
  if (s->kind != IR_LET || ir_ops[s->op].cost > CHEAP || (ir_ops[s->op].flags & (IR_IMPURE | IR_MAY_FAIL)))
    return false;
  for (int i = 0; i < s->argument_count; i++)
    if (is_mutable(s->arguments[i])) return false;
  return true;
}

/* Splits what `reverse` needs of `forward`'s definitions: `again` to be computed again, `saved` to be handed over (the
 * defining statements, in both cases last definition first). */
static void choose(adjoint *a, const ir_block *forward, const ir_block *reverse, ir_block *again, ir_block *saved) {
  arena *arena = a->program->arena;
  id_set_clear(&a->used);
  use_block(&a->used, reverse, true);
  for (int i = forward->count; i-- > 0;) {
    ir_statement *s = forward->items[i];
    if (s->kind == IR_ALLOC) {
      if (id_set_has(&a->used, s->buffer->id)) arena_push(arena, saved, s);
    } else if (s->kind == IR_LET || s->kind == IR_LOAD || s->kind == IR_DECLARE) {
      if (!id_set_has(&a->used, s->variable->id)) continue;
      if (!is_recomputed(s)) {
        arena_push(arena, saved, s);
        continue;
      }
      ir_each_operand(s, use_operand, &a->used);
      if (s->kind == IR_LOAD) id_set_add(&a->used, s->buffer->id);
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

void adjoint_save_on_stack(adjoint *a, ir_block *forward, ir_block *reverse) {
  if (!reverse->count) return;
  ir_block again = {0}, saved = {0};
  choose(a, forward, reverse, &again, &saved);
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

ir_buffer *adjoint_save_in_slots(adjoint *a, ir_builder *before, ir_statement *forward_loop,
                                 ir_statement *reverse_loop) {
  if (!reverse_loop->body->count) return NULL;
  ir_block again = {0}, saved = {0};
  choose(a, forward_loop->body, reverse_loop->body, &again, &saved);
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

static bool is_idle(const adjoint *a, const ir_statement *s) {
  if (s->kind == IR_PUSH && s->buffer && s->value.kind != IR_NONE) return !id_set_has(&a->used, s->buffer->id);
  if (s->kind == IR_PUSH && is_mutable(s->value)) return !id_set_has(&a->used, s->value.variable->id);
  if (s->kind == IR_POP && s->variable && s->variable->is_mutable) return !id_set_has(&a->used, s->variable->id);
  if (s->kind == IR_POP_ELEMENT) return !id_set_has(&a->used, s->buffer->id);
  return false;
}

/* Whether the idle statement saves something of the ids in `inner`. */
static bool saves_inner(const adjoint *a, const ir_statement *s) {
  int id = s->buffer ? s->buffer->id : s->kind == IR_PUSH ? s->value.variable->id : s->variable->id;
  return id_set_has(&a->inner, id);
}

static void drop_in(adjoint *a, ir_block *block) {
  int kept = 0;
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) drop_in(a, nested[j]);
    if (is_idle(a, s) && saves_inner(a, s)) {
      bool loaded = s->kind == IR_PUSH && s->buffer; /* the load of the old element stands just before it */
      if (loaded) kept--;
      continue;
    }
    block->items[kept++] = s;
  }
  block->count = kept;
}

void adjoint_drop_saves(adjoint *a, adjoint_sweeps *sweeps) {
  id_set_clear(&a->used);
  use_block(&a->used, sweeps->reverse, false);
  id_set_clear(&a->inner);
  for (int i = 0; i < sweeps->forward->count; i++) {
    const ir_statement *s = sweeps->forward->items[i];
    if (s->kind == IR_DECLARE) id_set_add(&a->inner, s->variable->id);
    if (s->kind == IR_ALLOC) id_set_add(&a->inner, s->buffer->id);
  }
  drop_in(a, sweeps->forward);
  drop_in(a, sweeps->reverse);
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
