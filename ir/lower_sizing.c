/* lower_sizing.c: the sizes of containers that come from several places: of a function with several returns, of c ? a : b.
 * They are needed before there is memory to write to, so the statements run twice: first without effects, for the sizes. What
 * is drawn at random has to be the same then, so the generator is set back in between. */
#include <string.h>
#include "ir/lower_internal.h"

static bool is_rng(const ir_function *f) {
  size_t length = f ? strlen(f->name) : 0;
  return length > 4 && strcmp(f->name + length - 4, "_rng") == 0;
}

static bool draws(const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_LET && (ir_ops[s->op].flags & IR_IMPURE)) return true;
    if (s->kind == IR_KERNEL_CALL && is_rng(s->function)) return true;
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;)
      if (draws(nested[j])) return true;
  }
  return false;
}

void sizing_open(lowering *l, sizing *sizing) {
  sizing->outer = l->b;
  sizing->trial = ir_nested(l->b);
  sizing->was_sizing = l->is_sizing;
  l->b = &sizing->trial;
  l->is_sizing = true;
}

void sizing_close(lowering *l, sizing *sizing) {
  ir_operand state[4];
  bool sets_back = draws(sizing->trial.block);
  l->b = sizing->outer;
  l->is_sizing = sizing->was_sizing;
  for (int i = 0; sets_back && i < 4; i++) state[i] = ir_let1(l->b, IR_OP_RNG_STATE, ir_int(i));
  for (int i = 0; i < sizing->trial.block->count; i++) arena_push(l->arena, l->b->block, sizing->trial.block->items[i]);
  if (sets_back) ir_let(l->b, NULL, IR_OP_RNG_SET_BACK, state[0], state[1], state[2], state[3]);
}
