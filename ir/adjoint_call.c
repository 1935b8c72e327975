/* adjoint_call.c: functions that are called (ir_function) in the adjoint pass.
 *
 * F calls the function's forward sweep, which returns the value and leaves all that its own reverse sweep will need on the
 * arena's stack; R calls the reverse sweep, which takes it from there. F and R of the caller use the stack in opposite order,
 * so each call finds its own at the top, at any depth of recursion. Callbacks of kernels follow the same rule: a kernel that
 * calls back has a forward form that leaves behind what its adjoint needs (runtime/callback.h). */
#include "ir/adjoint.h"

/* A place for the adjoint of an input that the function's other callers want derivatives of, and this one does not. */
static ir_buffer *unused_adjoint(ir_builder *forward, const ir_buffer *input) {
  return ir_alloc(forward, "unused_adj", IR_REAL, adjoint_stable(forward, input->size), false);
}

void adjoint_call(adjoint *a, adjoint_frame *at, ir_builder *forward, const ir_statement *s) {
  arena *arena = a->program->arena;
  const ir_function *f = s->kernel == IR_KERNEL_FUNCTION ? s->function : NULL;
  ir_statement *f_call = ir_copy(arena, s);
  for (int i = 0; i < s->call->dim_count; i++) f_call->call->dims[i] = adjoint_stable(forward, s->call->dims[i]);
  bool reaches = false;
  for (int i = 0; i < ir_output_count(s); i++) {
    bool gives_derivatives = f ? f->outputs[i]->is_active : s->call->outputs[i]->is_active; /* other stores may, too */
    reaches = reaches || (gives_derivatives && adjoint_reaches(at, s->call->outputs[i]));
  }
  f_call->is_forward = reaches;
  if (!reaches) {
    arena_push(arena, forward->block, f_call);
    return;
  }
  ir_statement *r_call = ir_copy(arena, f_call);
  r_call->is_forward = false;
  r_call->is_adjoint = true;
  for (int i = 0; i < ir_output_count(s); i++) {
    bool is_result = f && f->result && i == f->output_count - 1;
    if (s->call->outputs[i]->is_active && (!is_result || adjoint_reaches(at, s->call->outputs[i])))
      r_call->call->output_adjoints[i] = adjoint_buffer(a, s->call->outputs[i]);
  }
  ir_buffer *last_unused = NULL, *first_unused = NULL;
  for (int i = 0; i < ir_input_count(s); i++) {
    if (s->call->inputs[i]->is_active) {
      r_call->call->input_adjoints[i] = adjoint_buffer(a, s->call->inputs[i]);
    } else if (f && f->inputs[i]->is_active) {
      r_call->call->input_adjoints[i] = last_unused = unused_adjoint(forward, s->call->inputs[i]);
      if (!first_unused) first_unused = last_unused;
      ir_append(&at->reverse, IR_ZERO)->buffer = last_unused;
    }
  }
  arena_push(arena, forward->block, f_call);
  arena_push(arena, at->reverse.block, r_call);
  if (first_unused) ir_append(&at->reverse, IR_RELEASE)->buffer = first_unused;
}

/* The states of inputs and outputs: their adjoints are the caller's. */
static void give_states(adjoint *a, ir_buffer **buffers, ir_buffer **adjoints, int count, adjoint_frame *outside) {
  for (int i = 0; i < count; i++) {
    adjoint_state *state = arena_new(a->program->arena, adjoint_state);
    state->home = outside;
    buffers[i]->note = state;
    if (!buffers[i]->is_active) continue;
    const char *name = arena_printf(a->program->arena, "%s_adj", buffers[i]->name);
    adjoints[i] = state->buffer = ir_buffer_create(a->program, name, IR_REAL, IR_LOCAL, ir_int(0));
    adjoints[i]->is_parameter = true;
  }
}

void adjoint_function(adjoint *a, ir_function *f) {
  bool is_active = false;
  for (int i = 0; i < f->output_count; i++) is_active = is_active || f->outputs[i]->is_active;
  if (!is_active) return;
  adjoint_frame outside = {.reverse = {.program = a->program, .block = ir_block_create(a->program->arena)}};
  give_states(a, f->inputs, f->input_adjoints, f->input_count, &outside);
  give_states(a, f->outputs, f->output_adjoints, f->output_count, &outside);
  adjoint_sweeps sweeps = adjoint_apart(a, &outside, f->body);
  adjoint_save_on_stack(a, sweeps.forward, sweeps.reverse, 1);
  f->forward = sweeps.forward;
  f->reverse = sweeps.reverse;
}
