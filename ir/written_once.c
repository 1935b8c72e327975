/* written_once.c: finds the buffers of log_density whose elements are stored at most once between their allocation and the
 * end of their block. The adjoint then neither saves what a store overwrites nor clears the element's adjoint.
 *
 * Recognised: one store (or kernel call), reached through no loop, or whose index is distinct in every loop that stands
 * between the allocation and it; further stores at constant indices below the loop's first, all different (the first
 * elements of a recurrence). */
#include "ir/index.h"
#include "ir/passes.h"

enum { MAX_STORES = 8, MAX_LOOPS = 16 };

typedef struct stores {
  const ir_buffer *buffer;
  int count;
  bool failed;
  long constants[MAX_STORES]; /* indices of constant stores */
  int constant_count;
  bool has_loop_store;
  long loop_first; /* constant lower bound of the looped store's index, or LONG_MIN */
  const ir_statement *loops[MAX_LOOPS];
  int depth;
  bool in_while;
} stores;

static void note_looped(stores *w, ir_operand index) {
  if (w->has_loop_store || w->in_while) w->failed = true;
  w->has_loop_store = true;
  w->loop_first = -1;
  for (int i = 0; i < w->depth; i++)
    if (!ir_is_distinct(index, w->loops[i])) w->failed = true;
  if (w->depth == 1 && w->loops[0]->first.kind == IR_CONSTANT_INT) {
    const ir_statement *s = index.variable->note; /* n - 1 for n = first … */
    if (index.variable == w->loops[0]->variable)
      w->loop_first = w->loops[0]->first.int_value;
    else if (s && s->kind == IR_LET && s->op == IR_OP_INT_SUBTRACT && s->arguments[1].kind == IR_CONSTANT_INT &&
             s->arguments[0].kind == IR_VARIABLE && s->arguments[0].variable == w->loops[0]->variable)
      w->loop_first = w->loops[0]->first.int_value - s->arguments[1].int_value;
  }
}

static void note_store(stores *w, ir_operand index) {
  w->count++;
  if (w->depth || w->in_while) {
    if (index.kind != IR_VARIABLE)
      w->failed = true;
    else
      note_looped(w, index);
  } else if (index.kind == IR_CONSTANT_INT && w->constant_count < MAX_STORES) {
    for (int i = 0; i < w->constant_count; i++)
      if (w->constants[i] == index.int_value) w->failed = true;
    w->constants[w->constant_count++] = index.int_value;
  } else if (w->count > 1) {
    w->failed = true;
  } else {
    w->has_loop_store = true; /* one store at an unknown index: no other may follow */
    w->loop_first = -1;
  }
}

static void visit(stores *w, const ir_block *block) {
  for (int i = 0; i < block->count && !w->failed; i++) {
    const ir_statement *s = block->items[i];
    if ((s->kind == IR_STORE || s->kind == IR_ACCUMULATE) && s->buffer == w->buffer) {
      if (s->kind == IR_ACCUMULATE) w->failed = true;
      note_store(w, s->index);
    }
    for (int j = 0; j < IR_MAX_KERNEL_BUFFERS; j++)
      if (s->call->outputs[j] == w->buffer) { /* every element: no store may come before or after */
        if (w->count++ || w->depth || w->in_while) w->failed = true;
        w->has_loop_store = true;
        w->loop_first = -1;
      }
    bool is_loop = s->kind == IR_FOR, was_while = w->in_while;
    if (is_loop && w->depth == MAX_LOOPS) w->failed = true;
    if (is_loop && w->depth < MAX_LOOPS) w->loops[w->depth++] = s;
    if (s->kind == IR_WHILE) w->in_while = true;
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) visit(w, nested[j]);
    w->in_while = was_while;
    if (is_loop) w->depth--;
  }
}

static bool is_written_once(const ir_block *block, int alloc) {
  stores w = {.buffer = block->items[alloc]->buffer};
  if (block->items[alloc]->is_result) { /* every element was written by the call before it */
    w.count = 1;
    w.has_loop_store = true;
    w.loop_first = -1;
  }
  const ir_block rest = {.items = block->items + alloc, .count = block->count - alloc};
  visit(&w, &rest);
  if (w.failed) return false;
  if (!w.has_loop_store) return true;
  for (int i = 0; i < w.constant_count; i++)
    if (w.constants[i] >= w.loop_first) return false;
  return true;
}

static void find(const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_ALLOC && !s->buffer->is_written_once) s->buffer->is_written_once = is_written_once(block, i);
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) find(nested[j]);
  }
}

void ir_find_written_once(ir_program *program) {
  ir_link_definitions(program->log_density);
  find(program->log_density);
  for (int i = 0; i < program->functions.count; i++) {
    ir_link_definitions(program->functions.items[i]->body);
    find(program->functions.items[i]->body);
  }
}
