/* lower_promote.c: a scalar that is declared without a value and then set exactly once, in the same block, is no variable:
 * `real y; if (known) { y = a; } else { y = b; }` leaves such ones when the condition is known while compiling. Its uses become
 * what it is set to. Runs at the end of lowering, while nothing else is in the variables' notes. */
#include "ir/lower_internal.h"

typedef struct candidate {
  const ir_block *block; /* of its declaration */
  int changes;
  bool is_read_early; /* before it is set */
  bool is_settled;
  ir_operand value;
} candidate;

static void find(ir_program *program, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    if (s->kind == IR_DECLARE && s->value.kind == IR_NONE) {
      candidate *c = arena_new(program->arena, candidate);
      c->block = block;
      s->variable->note = c;
    }
    ir_block *nested[3];
    int count = ir_nested_blocks(s, nested);
    for (int j = 0; j < count; j++) find(program, nested[j]);
  }
}

static candidate *candidate_of(ir_operand x) {
  return x.kind == IR_VARIABLE && x.variable->is_mutable && x.variable->storage == IR_LOCAL ? x.variable->note : NULL;
}

static void read_operand(ir_operand *x, void *context) {
  (void)context;
  candidate *c = candidate_of(*x);
  if (c && !c->is_settled) c->is_read_early = true;
}

static void count_changes(const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    ir_each_operand(s, read_operand, NULL);
    candidate *c = s->variable ? candidate_of(ir_use(s->variable)) : NULL;
    if (c && s->kind != IR_DECLARE) {
      c->changes += s->kind == IR_SET && c->block == block ? 1 : 2;
      c->value = s->value;
      c->is_settled = true;
    }
    ir_block *nested[3];
    int count = ir_nested_blocks(s, nested);
    for (int j = 0; j < count; j++) count_changes(nested[j]);
  }
}

static bool is_promoted(const candidate *c) { return c && c->changes == 1 && !c->is_read_early; }

/* What is set to another variable that may change keeps its own. */
static bool has_lasting_value(const candidate *c) {
  return c->value.kind != IR_VARIABLE || !c->value.variable->is_mutable || is_promoted(c->value.variable->note);
}

static void replace(ir_operand *x, void *context) {
  (void)context;
  for (candidate *c = candidate_of(*x); is_promoted(c) && has_lasting_value(c); c = candidate_of(*x)) *x = c->value;
}

static ir_block *without(ir_program *program, const ir_block *block) {
  ir_block *kept = ir_block_create(program->arena);
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    candidate *c = s->variable ? candidate_of(ir_use(s->variable)) : NULL;
    if ((s->kind == IR_DECLARE || s->kind == IR_SET) && is_promoted(c) && has_lasting_value(c)) continue;
    ir_each_operand(s, replace, NULL);
    if (s->test) s->test = without(program, s->test);
    if (s->body) s->body = without(program, s->body);
    if (s->other) s->other = without(program, s->other);
    arena_push(program->arena, kept, s);
  }
  return kept;
}

ir_block *lower_promote(ir_program *program, ir_block *block) {
  find(program, block);
  count_changes(block);
  return without(program, block);
}
