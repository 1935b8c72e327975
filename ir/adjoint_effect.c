/* adjoint_effect.c: what a loop or branch of log_density leaves behind when it is over: the question on which the choice
 * between one pass and two sweeps rests (adjoint.c). */
#include "ir/adjoint.h"

typedef struct effects {
  id_set *inner;
  bool on_target;  /* target, actively */
  bool outside;    /* writes anything that was defined before the statement */
  bool to_restore; /* such a write that R has to undo or to differentiate */
  bool prints;
} effects;

static void write_variable(effects *e, const ir_variable *variable) {
  if (!id_set_has(e->inner, variable->id)) e->outside = e->to_restore = true;
}

static void write_buffer(effects *e, const ir_buffer *buffer) {
  if (id_set_has(e->inner, buffer->id)) return;
  e->outside = true;
  if (buffer->is_active || !buffer->is_written_once) e->to_restore = true;
}

/* Allocated right after the call. */
static const ir_buffer *call_result(const ir_statement *s) {
  return s->kernel == IR_KERNEL_FUNCTION && s->function->result ? s->call->outputs[s->function->output_count - 1]
                                                                : NULL;
}

static void visit(effects *e, const ir_statement *s) {
  switch (s->kind) {
  case IR_DECLARE: id_set_add(e->inner, s->variable->id); break;
  case IR_ALLOC: id_set_add(e->inner, s->buffer->id); break;
  case IR_SET:
  case IR_ADD: write_variable(e, s->variable); break;
  case IR_STORE:
  case IR_ACCUMULATE: write_buffer(e, s->buffer); break;
  case IR_KERNEL_CALL:
    for (int i = 0; i < ir_output_count(s); i++)
      if (!s->function || s->call->outputs[i] != call_result(s)) write_buffer(e, s->call->outputs[i]);
    if (s->function) e->prints = e->prints || s->function->is_impure;
    break;
  case IR_TARGET: e->on_target = e->on_target || (s->value.kind == IR_VARIABLE && s->value.variable->is_active); break;
  case IR_PRINT:
  case IR_PROFILE: e->prints = true; break;
  case IR_RETURN: e->outside = e->to_restore = true; break;
  default: break;
  }
  ir_block *nested[3];
  int count = ir_nested_blocks(s, nested);
  for (int i = 0; i < count; i++)
    for (int j = 0; j < nested[i]->count; j++) visit(e, nested[i]->items[j]);
}

adjoint_effect adjoint_effects(adjoint *a, const ir_statement *s) {
  id_set_clear(&a->inner);
  effects e = {.inner = &a->inner};
  visit(&e, s);
  if (e.to_restore || (e.on_target && (e.outside || e.prints))) return ADJOINT_GENERAL;
  return e.on_target ? ADJOINT_TARGET_ONLY : ADJOINT_NO_EFFECT;
}
