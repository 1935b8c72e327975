/* adjoint.c: reverse-mode differentiation by source transformation. Makes gradient_body from log_density.
 *
 * A block becomes a forward sweep F, which computes it, and a reverse sweep R, which runs its statements backwards and
 * carries adjoints from results to operands (Griewank and Walther 2008, chapters 3 and 6). Three rules keep it lean:
 *
 *   One-pass statements. `target` has adjoint one, always. A loop or branch whose only effect is on target appears in F not
 *   at all and in R as value and adjoint together: each iteration is computed, differentiated and forgotten.
 *
 *   Saving. F and R of a loop body live in different loops, so what R reads must be handed over. Cheap operations on
 *   available values are computed again; everything else is saved, in a slot for each iteration where the loop is parallel,
 *   else on the arena's stack (adjoint_save.c).
 *
 *   Restoring. Before F overwrites a mutable variable or an element of a buffer that is not written once, it pushes the old
 *   value, and R pops it, so that R sees at each statement the state that F saw. Pairs that nothing in R reads are removed.
 *   What a parallel loop adds to is saved once, ahead of the loop, since nothing in it reads the sum: so R's loop is
 *   parallel, too. Saved in each iteration, a gradient of covid19imperial_v2 takes 1.46 times as long (98.8 us, 67.9),
 *   of ldaK2 1.18, Mtbh 1.12, the state space model of uk_drivers 1.07.
 *
 * Needs: ir_structure. Variables' and buffers' notes are used here. */
#include "ir/adjoint.h"
#include <string.h>
#include "ir/access.h"

static adjoint_state *state_of(adjoint *a, void **note, adjoint_frame *home) {
  adjoint_state *state = arena_new(a->program->arena, adjoint_state);
  state->home = home;
  *note = state;
  return state;
}

static const char *adjoint_name(adjoint *a, const char *name) {
  return name ? arena_printf(a->program->arena, "%s_adj", name) : "t_adj";
}

/* ---- adjoints of scalars and buffers ---- */

static ir_variable *accumulator_of(adjoint *a, ir_variable *variable) {
  adjoint_state *state = variable->note;
  if (!state->is_open) {
    ir_operand initial = state->current.kind == IR_NONE ? ir_real(0) : state->current;
    state->accumulator = ir_declare(&state->home->reverse, adjoint_name(a, variable->name), IR_REAL, initial);
    state->is_open = true;
    state->current = ir_none();
  }
  return state->accumulator;
}

/* x's adjoint += amount, in the reverse sweep of frame `at`. */
static void contribute(adjoint *a, adjoint_frame *at, ir_operand x, ir_operand amount) {
  if (x.kind != IR_VARIABLE || !x.variable->is_active || amount.kind == IR_NONE) return;
  if (amount.kind == IR_CONSTANT_REAL && amount.real_value == 0) return;
  adjoint_state *state = x.variable->note;
  if (x.variable->is_mutable || state->home != at) {
    ir_add(&at->reverse, accumulator_of(a, x.variable), amount);
    return;
  }
  if (state->is_open) {
    state->current = ir_use(state->accumulator);
    state->is_open = false;
  }
  if (state->current.kind != IR_NONE)
    amount = ir_let2(&at->reverse, IR_OP_ADD, state->current, amount);
  else if (amount.kind == IR_VARIABLE &&
           amount.variable->is_mutable) /* it may get an older value before this is used */
    amount = ir_let1(&at->reverse, IR_OP_COPY, amount);
  state->current = amount;
}

/* The adjoint of an immutable variable when its definition is reached; IR_NONE when nothing depends on it. */
static ir_operand adjoint_value(ir_variable *variable) {
  adjoint_state *state = variable->note;
  return state->is_open ? ir_use(state->accumulator) : state->current;
}

ir_buffer *adjoint_buffer(adjoint *a, ir_buffer *buffer) {
  if (buffer == a->program->unconstrained) return a->program->gradient;
  adjoint_state *state = buffer->note;
  if (!state->buffer) {
    state->buffer = ir_buffer_create(a->program, adjoint_name(a, buffer->name), IR_REAL, IR_LOCAL, buffer->size);
    ir_append(&state->home->reverse, IR_ZERO)->buffer = state->buffer;
  }
  return state->buffer;
}

bool adjoint_reaches(adjoint_frame *at, const ir_buffer *buffer) {
  const adjoint_state *state = buffer->note;
  return state->buffer || state->home != at;
}

/* ---- saving the old value of what is overwritten ---- */

static void restore_variable(adjoint_frame *at, ir_builder *forward, ir_variable *variable) {
  ir_statement *push = ir_append(forward, IR_PUSH), *pop = ir_append(&at->reverse, IR_POP);
  push->value = ir_use(variable);
  pop->variable = variable;
  push->label = pop->label = ++forward->program->next_label;
}

static void restore_element(adjoint_frame *at, ir_builder *forward, const ir_statement *s) {
  ir_operand old = ir_load(forward, NULL, s->buffer, s->index);
  ir_statement *push = ir_append(forward, IR_PUSH);
  push->value = old;
  push->buffer = s->buffer;
  ir_statement *pop = ir_append(&at->reverse, IR_POP_ELEMENT);
  pop->buffer = s->buffer;
  pop->index = s->index;
  push->label = pop->label = ++forward->program->next_label;
}

ir_operand adjoint_stable(ir_builder *forward, ir_operand x) {
  if (x.kind != IR_VARIABLE || !x.variable->is_mutable) return x;
  return ir_let1(forward, x.variable->type == IR_INT ? IR_OP_INT_COPY : IR_OP_COPY, x);
}

/* ---- statements: each appends its forward part to `forward` and its reverse part to at->reverse ---- */

static void keep(ir_builder *forward, const ir_statement *s) {
  arena_push(forward->program->arena, forward->block, ir_copy(forward->program->arena, s));
}

static void reverse_let(adjoint *a, adjoint_frame *at, ir_builder *forward, const ir_statement *s) {
  keep(forward, s);
  if (!s->variable->is_active) return;
  ir_operand incoming = adjoint_value(s->variable);
  if (incoming.kind == IR_NONE) return;
  if (s->kind == IR_LOAD) {
    ir_accumulate(&at->reverse, adjoint_buffer(a, s->buffer), s->index, incoming);
    return;
  }
  for (int i = 0; i < s->argument_count; i++)
    if (s->arguments[i].kind == IR_VARIABLE && s->arguments[i].variable->is_active)
      contribute(a, at, s->arguments[i],
                 ir_derivative(&at->reverse, s->op, s->arguments, ir_use(s->variable), i, incoming));
}

static void reverse_assignment(adjoint *a, adjoint_frame *at, ir_builder *forward, const ir_statement *s) {
  if (s->kind != IR_DECLARE && !id_set_number(&a->summed, s->variable->id)) restore_variable(at, forward, s->variable);
  keep(forward, s);
  adjoint_state *state = s->variable->note;
  if (!s->variable->is_active || (s->kind == IR_DECLARE && !state->is_open)) return;
  ir_operand accumulator = ir_use(accumulator_of(a, s->variable));
  ir_operand incoming = ir_let1(&at->reverse, IR_OP_COPY, accumulator);
  if (s->kind == IR_SET) ir_set(&at->reverse, accumulator.variable, ir_real(0));
  contribute(a, at, s->value, incoming);
}

static void reverse_store(adjoint *a, adjoint_frame *at, ir_builder *forward, const ir_statement *s) {
  if (!s->buffer->is_written_once) restore_element(at, forward, s);
  keep(forward, s);
  if (!s->buffer->is_active || !adjoint_reaches(at, s->buffer)) return;
  ir_buffer *adjoints = adjoint_buffer(a, s->buffer);
  ir_operand incoming = ir_load(&at->reverse, NULL, adjoints, s->index);
  if (s->kind == IR_STORE && !s->buffer->is_written_once) ir_store(&at->reverse, adjoints, s->index, ir_real(0));
  contribute(a, at, s->value, incoming);
}

static void reverse_target(adjoint *a, adjoint_frame *at, ir_builder *forward, const ir_statement *s) {
  keep(forward, s);
  ir_operand one = ir_real(1);
  if (s->is_jacobian && s->value.kind == IR_VARIABLE && s->value.variable->is_active)
    one = ir_let1(&at->reverse, IR_OP_TO_REAL, ir_use(a->program->jacobian));
  contribute(a, at, s->value, one);
}

/* The result's adjoint is what the caller has put there. */
static void reverse_return(adjoint *a, ir_builder *forward, const ir_statement *s) {
  ir_statement *copy = ir_copy(a->program->arena, s);
  if (s->buffer->is_active) {
    adjoint_state *state = s->buffer->note;
    if (!state->buffer)
      state->buffer =
          ir_buffer_create(a->program, adjoint_name(a, s->buffer->name), IR_REAL, IR_LOCAL, s->buffer->size);
    copy->call->output_adjoints[0] = state->buffer;
  }
  arena_push(a->program->arena, forward->block, copy);
}

static void reverse_alloc(adjoint *a, adjoint_frame *at, ir_builder *forward, const ir_statement *s) {
  adjoint_state *state = s->buffer->note;
  s->buffer->size = adjoint_stable(forward, s->buffer->size);
  keep(forward, s);
  if (state->buffer) {
    state->buffer->size = s->buffer->size;
    ir_append(forward, IR_ALLOC)->buffer = state->buffer;
  }
  ir_append(&at->reverse, IR_RELEASE)->buffer = s->buffer;
  (void)a;
}

static void reverse_kernel(adjoint *a, adjoint_frame *at, ir_builder *forward, const ir_statement *s) {
  if (s->function) {
    adjoint_call(a, at, forward, s);
    return;
  }
  ir_statement *copy = ir_copy(a->program->arena, s);
  for (int i = 0; i < s->call->dim_count; i++) copy->call->dims[i] = adjoint_stable(forward, s->call->dims[i]);
  keep(forward, copy);
  const ir_kernel_info *info = &ir_kernels[s->kernel];
  bool reaches = false;
  for (int i = 0; i < info->outputs; i++)
    reaches = reaches || (s->call->outputs[i]->is_active && adjoint_reaches(at, s->call->outputs[i]));
  if (!reaches) return;
  copy->is_adjoint = true;
  for (int i = 0; i < info->outputs; i++) copy->call->output_adjoints[i] = adjoint_buffer(a, s->call->outputs[i]);
  for (int i = 0; i < info->inputs; i++)
    if (s->call->inputs[i]->is_active) copy->call->input_adjoints[i] = adjoint_buffer(a, s->call->inputs[i]);
  arena_push(a->program->arena, at->reverse.block, copy);
}

/* Value and adjoint of a target-only statement in one sweep, all of it in R. */
static void reverse_one_pass(adjoint *a, adjoint_frame *at, ir_builder *forward, const ir_statement *s) {
  ir_statement *both = ir_copy(a->program->arena, s);
  both->first = adjoint_stable(forward, s->first);
  both->last = adjoint_stable(forward, s->last);
  both->value = adjoint_stable(forward, s->value);
  both->body = adjoint_together(a, at, s->body);
  if (s->kind == IR_IF) both->other = adjoint_together(a, at, s->other);
  arena_push(a->program->arena, at->reverse.block, both);
}

/* Makes the loop run from last to first: variable = last - back for back = 0 … last - first. */
static void run_backwards(adjoint *a, adjoint_frame *at, ir_statement *loop) {
  ir_builder body = ir_nested(&at->reverse);
  ir_operand trips_less_one = ir_let2(&at->reverse, IR_OP_INT_SUBTRACT, loop->last, loop->first);
  ir_variable *back = ir_variable_create(a->program, "back", IR_INT, IR_LOCAL, false);
  ir_statement *counted = ir_append(&body, IR_LET);
  counted->variable = loop->variable;
  counted->op = IR_OP_INT_SUBTRACT;
  counted->argument_count = 2;
  counted->arguments[0] = loop->last;
  counted->arguments[1] = ir_use(back);
  for (int i = 0; i < loop->body->count; i++) arena_push(a->program->arena, body.block, loop->body->items[i]);
  loop->body = body.block;
  loop->variable = back;
  loop->is_parallel = false;
  loop->first = ir_int(0);
  loop->last = trips_less_one;
}

/* ---- sums of parallel loops: nothing in such a loop reads what it adds to ---- */

typedef struct sums {
  ir_statement **items; /* what pops the old value */
  int count, capacity;
} sums;

/* Pushes the old values of those that are not saved already. */
static void save_sums(adjoint *a, sums *found, ir_builder *forward, const ir_block *body, const id_set *own) {
  for (int i = 0; i < body->count; i++) {
    const ir_statement *s = body->items[i];
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) save_sums(a, found, forward, nested[j], own);
    if (s->kind != IR_ADD || id_set_has(own, s->variable->id) || id_set_number(&a->summed, s->variable->id)) continue;
    *id_set_at(&a->summed, s->variable->id) = 1;
    ir_statement *push = ir_append(forward, IR_PUSH), *pop = ir_statement_create(a->program->arena, IR_POP);
    push->value = ir_use(s->variable);
    pop->variable = s->variable;
    push->label = pop->label = ++a->program->next_label;
    arena_push(a->program->arena, found, pop);
  }
}

static void restore_sums(adjoint *a, adjoint_frame *at, const sums *found) {
  for (int i = found->count; i-- > 0;) {
    *id_set_at(&a->summed, found->items[i]->variable->id) = 0;
    arena_push(a->program->arena, at->reverse.block, found->items[i]);
  }
}

static void note_own(ir_access access, int id, void *context) {
  if (access == ACCESS_DEFINE) id_set_add(context, id);
}

static void reverse_for(adjoint *a, adjoint_frame *at, ir_builder *forward, const ir_statement *s) {
  arena *arena = a->program->arena;
  ir_statement *f = ir_copy(arena, s), *r = ir_copy(arena, s);
  sums found = {0};
  if (s->is_parallel) {
    id_set own = id_set_create(arena);
    for (int i = 0; i < s->body->count; i++) ir_each_access(s->body->items[i], true, note_own, &own);
    save_sums(a, &found, forward, s->body, &own);
  }
  f->first = r->first = adjoint_stable(forward, s->first);
  f->last = r->last = adjoint_stable(forward, s->last);
  adjoint_sweeps body = adjoint_apart(a, at, s->body);
  f->body = body.forward;
  r->body = body.reverse;
  ir_buffer *slots = NULL;
  bool has_slots = s->is_parallel && !adjoint_uses_stack(f->body);
  /* A loop that deep inside others may be short, and slots cost more than vectors are worth then: hmm_example would take
   * 1.24 times as long, for a loop of two turns. */
  if (found.count && at->depth > 2 && adjoint_saves(a, f->body, r->body, at->depth + 1)) has_slots = false;
  if (has_slots)
    slots = adjoint_save_in_slots(a, forward, f, r, at->depth + 1);
  else
    adjoint_save_on_stack(a, f->body, r->body, at->depth + 1);
  arena_push(arena, forward->block, f);
  if (r->body->count) {
    if (!has_slots) run_backwards(a, at, r);
    arena_push(arena, at->reverse.block, r);
    if (slots) ir_append(&at->reverse, IR_RELEASE)->buffer = slots;
  }
  restore_sums(a, at, &found);
}

static void reverse_if(adjoint *a, adjoint_frame *at, ir_builder *forward, const ir_statement *s) {
  arena *arena = a->program->arena;
  ir_statement *f = ir_copy(arena, s), *r = ir_copy(arena, s);
  f->value = r->value = adjoint_stable(forward, s->value);
  adjoint_sweeps chosen = adjoint_apart(a, at, s->body), other = adjoint_apart(a, at, s->other);
  adjoint_save_on_stack(a, chosen.forward, chosen.reverse, at->depth + 1);
  adjoint_save_on_stack(a, other.forward, other.reverse, at->depth + 1);
  f->body = chosen.forward;
  f->other = other.forward;
  r->body = chosen.reverse;
  r->other = other.reverse;
  arena_push(arena, forward->block, f);
  if (r->body->count || r->other->count) arena_push(arena, at->reverse.block, r);
}

static void reverse_while(adjoint *a, adjoint_frame *at, ir_builder *forward, const ir_statement *s) {
  arena *arena = a->program->arena;
  ir_statement *f = ir_copy(arena, s);
  adjoint_sweeps body = adjoint_apart(a, at, s->body);
  adjoint_save_on_stack(a, body.forward, body.reverse, at->depth + 1);
  f->test = ir_with_releases(arena, s->test);
  f->body = body.forward;
  ir_variable *count = ir_declare(forward, "trips", IR_INT, ir_int(0));
  ir_builder inside = *forward;
  inside.block = f->body;
  ir_add(&inside, count, ir_int(1));
  arena_push(arena, forward->block, f);
  if (!body.reverse->count) return;
  ir_operand trips = ir_let1(forward, IR_OP_INT_COPY, ir_use(count));
  ir_builder unused;
  ir_statement *r = ir_for(&at->reverse, "back", ir_int(1), trips, false, &unused);
  r->body = body.reverse;
}

/* The reverse sweep comes to what stops the clock first. */
static void reverse_profile(adjoint *a, adjoint_frame *at, ir_builder *forward, const ir_statement *s) {
  ir_statement *f = ir_copy(a->program->arena, s), *r = ir_copy(a->program->arena, s);
  f->is_forward = true;
  r->is_adjoint = true;
  r->is_stop = !s->is_stop;
  arena_push(a->program->arena, forward->block, f);
  arena_push(a->program->arena, at->reverse.block, r);
}

static void reverse_statement(adjoint *a, adjoint_frame *at, ir_builder *forward, const ir_statement *s) {
  forward->location = at->reverse.location = s->location;
  switch (s->kind) {
  case IR_LET:
  case IR_LOAD: reverse_let(a, at, forward, s); return;
  case IR_DECLARE:
  case IR_SET:
  case IR_ADD: reverse_assignment(a, at, forward, s); return;
  case IR_STORE:
  case IR_ACCUMULATE: reverse_store(a, at, forward, s); return;
  case IR_TARGET: reverse_target(a, at, forward, s); return;
  case IR_ALLOC: reverse_alloc(a, at, forward, s); return;
  case IR_KERNEL_CALL: reverse_kernel(a, at, forward, s); return;
  case IR_RETURN: reverse_return(a, forward, s); return;
  case IR_PROFILE: reverse_profile(a, at, forward, s); return;
  case IR_FOR:
  case IR_IF:
  case IR_WHILE:
    switch (adjoint_effects(a, s)) {
    case ADJOINT_NO_EFFECT: ir_append_released(forward, s); return;
    case ADJOINT_TARGET_ONLY: reverse_one_pass(a, at, forward, s); return;
    case ADJOINT_GENERAL: break;
    }
    if (s->kind == IR_FOR)
      reverse_for(a, at, forward, s);
    else if (s->kind == IR_IF)
      reverse_if(a, at, forward, s);
    else
      reverse_while(a, at, forward, s);
    return;
  default: keep(forward, s); return;
  }
}

/* ---- blocks ---- */

adjoint_sweeps adjoint_apart(adjoint *a, adjoint_frame *outer, const ir_block *block) {
  arena *arena = a->program->arena;
  adjoint_frame *frame = arena_new(arena, adjoint_frame);
  frame->outer = outer;
  frame->depth = outer ? outer->depth + 1 : 1;
  frame->reverse = (ir_builder){.program = a->program, .block = ir_block_create(arena)};
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    if (s->kind == IR_LET || s->kind == IR_LOAD || s->kind == IR_DECLARE) state_of(a, &s->variable->note, frame);
    if (s->kind == IR_ALLOC) state_of(a, &s->buffer->note, frame);
  }
  ir_block **parts = arena_array(arena, ir_block *, block->count + 1);
  for (int i = block->count; i-- > 0;) {
    ir_builder forward = ir_nested(&frame->reverse);
    reverse_statement(a, frame, &forward, block->items[i]);
    parts[i] = forward.block;
  }
  adjoint_sweeps sweeps = {.forward = ir_block_create(arena), .reverse = frame->reverse.block};
  for (int i = 0; i < block->count; i++)
    for (int j = 0; j < parts[i]->count; j++) arena_push(arena, sweeps.forward, parts[i]->items[j]);
  adjoint_drop_saves(a, &sweeps);
  return sweeps;
}

ir_block *adjoint_together(adjoint *a, adjoint_frame *outer, const ir_block *block) {
  adjoint_sweeps sweeps = adjoint_apart(a, outer, block);
  for (int i = 0; i < sweeps.reverse->count; i++)
    arena_push(a->program->arena, sweeps.forward, sweeps.reverse->items[i]);
  return sweeps.forward;
}

void ir_adjoint(ir_program *program) {
  ir_analyse(program);
  ir_find_written_once(program);
  adjoint a = {.program = program,
               .used = id_set_create(program->arena),
               .inner = id_set_create(program->arena),
               .depths = id_set_create(program->arena),
               .dropped = id_set_create(program->arena),
               .summed = id_set_create(program->arena)};
  adjoint_note_writes(&a, program->log_density, 1);
  for (int i = 0; i < program->functions.count; i++) adjoint_note_writes(&a, program->functions.items[i]->body, 1);
  ir_builder start = {.program = program, .block = ir_block_create(program->arena)};
  program->gradient->size = program->unconstrained->size = program->unconstrained_size;
  ir_append(&start, IR_ZERO)->buffer = program->gradient;
  ir_block *body = adjoint_together(&a, NULL, program->log_density);
  adjoint_drop_idle_releases(body);
  for (int i = 0; i < body->count; i++) arena_push(program->arena, start.block, body->items[i]);
  program->gradient_body = start.block;
  for (int i = 0; i < program->functions.count; i++) adjoint_function(&a, program->functions.items[i]);
}
