/* index.c: see index.h. */
#include "ir/index.h"

void ir_link_definitions(const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    if (s->kind == IR_LET || s->kind == IR_LOAD || s->kind == IR_FOR || s->kind == IR_DECLARE) s->variable->note = s;
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) ir_link_definitions(nested[j]);
  }
}

static const ir_statement *definition(ir_operand x) { return x.kind == IR_VARIABLE ? x.variable->note : NULL; }

static bool contains(const ir_block *block, const ir_statement *wanted) {
  for (int i = 0; i < block->count; i++) {
    if (block->items[i] == wanted) return true;
    ir_block *nested[3];
    for (int j = ir_nested_blocks(block->items[i], nested); j-- > 0;)
      if (contains(nested[j], wanted)) return true;
  }
  return false;
}

bool ir_is_invariant(ir_operand x, const ir_statement *loop) {
  if (x.kind != IR_VARIABLE) return true;
  if (x.variable->storage != IR_LOCAL) return true;
  if (x.variable->is_mutable || x.variable == loop->variable) return false;
  const ir_statement *s = definition(x);
  return s && !contains(loop->body, s);
}

static bool is_op(const ir_statement *s, ir_op op) { return s && s->kind == IR_LET && s->op == op; }

bool ir_is_unit_stride(ir_operand index, const ir_statement *loop) {
  if (index.kind != IR_VARIABLE) return false;
  if (index.variable == loop->variable) return true;
  const ir_statement *s = definition(index);
  if (is_op(s, IR_OP_INT_ADD))
    return (ir_is_unit_stride(s->arguments[0], loop) && ir_is_invariant(s->arguments[1], loop)) ||
           (ir_is_unit_stride(s->arguments[1], loop) && ir_is_invariant(s->arguments[0], loop));
  return is_op(s, IR_OP_INT_SUBTRACT) && ir_is_unit_stride(s->arguments[0], loop) &&
         ir_is_invariant(s->arguments[1], loop);
}

/* A digit of a higher place: unit stride times an invariant. */
static bool is_high_digit(ir_operand x, const ir_statement *loop, bool must_vary) {
  const ir_statement *s = definition(x);
  if (!is_op(s, IR_OP_INT_MULTIPLY)) return false;
  for (int i = 0; i < 2; i++)
    if (ir_is_invariant(s->arguments[1 - i], loop) && (!must_vary || ir_is_unit_stride(s->arguments[i], loop)))
      return true;
  return false;
}

bool ir_is_distinct(ir_operand index, const ir_statement *loop) {
  if (ir_is_unit_stride(index, loop) || is_high_digit(index, loop, true)) return true;
  const ir_statement *s = definition(index);
  if (!is_op(s, IR_OP_INT_ADD)) return false;
  for (int i = 0; i < 2; i++) {
    ir_operand low = s->arguments[i], high = s->arguments[1 - i];
    if (is_high_digit(high, loop, true)) return true;                                  /* low varies within */
    if (ir_is_unit_stride(low, loop) && is_high_digit(high, loop, false)) return true; /* high varies within */
    if (ir_is_distinct(low, loop) && ir_is_invariant(high, loop)) return true;
  }
  return false;
}
