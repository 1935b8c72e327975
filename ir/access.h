/* access.h: what a statement defines, reads and writes, for passes that move, merge or remove. Variables and buffers share
 * one numbering, so that a set of ids holds both. */
#ifndef STANLITE_IR_ACCESS_H
#define STANLITE_IR_ACCESS_H
#include "ir/id_set.h"
#include "ir/ir.h"

typedef enum {
  ACCESS_DEFINE, /* let, load, declare, alloc, pop of a let, a loop's variable */
  ACCESS_READ,
  ACCESS_WRITE /* of a variable or buffer defined elsewhere: set, add, store, zero, pop, kernel outputs; release */
} ir_access;

typedef void (*ir_access_visit)(ir_access access, int id, void *context);

/* Calls visit for each access of the statement, and with `deep` of its nested blocks. A buffer's size counts as read where
 * it is allocated or zeroed. Reads and writes come before definitions. */
void ir_each_access(ir_statement *s, bool deep, ir_access_visit visit, void *context);

/* Calls visit for each buffer of the statement's call, adjoints included, and of its items: all but s->buffer. Some come
 * twice. */
static inline void ir_each_passed_buffer(const ir_statement *s, void (*visit)(const ir_buffer *buffer, void *context),
                                         void *context) {
  for (int i = 0; s->call != &ir_no_call && i < IR_MAX_KERNEL_BUFFERS; i++) {
    const ir_buffer *buffers[] = {s->call->outputs[i], s->call->inputs[i], s->call->output_adjoints[i],
                                  s->call->input_adjoints[i]};
    for (int j = 0; j < 4; j++)
      if (buffers[j]) visit(buffers[j], context);
  }
  for (int i = 0; i < s->item_count; i++) {
    if (s->items[i].buffer) visit(s->items[i].buffer, context);
    if (s->items[i].imaginary) visit(s->items[i].imaginary, context);
  }
}

/* Adds the ids that the block, nested blocks included, writes or defines. */
void ir_add_changed(id_set *set, const ir_block *block);
/* Adds the ids of what the block writes and does not define itself. */
void ir_add_outer_writes(id_set *set, const ir_block *block);
/* Adds the ids of variables that are the size of a buffer allocated or zeroed in the block. Such a variable keeps its
 * definition: the size stands in the buffer, which several functions may share. */
void ir_add_sizes(id_set *set, const ir_block *block);

static inline bool ir_has(const id_set *set, ir_operand x) {
  return x.kind == IR_VARIABLE && id_set_has(set, x.variable->id);
}

/* Whether the statement itself, its nested blocks aside, has an operand in the set. */
bool ir_uses_any(const id_set *set, ir_statement *s);

/* A kernel whose failure rejects the draw; the others always succeed. */
static inline bool ir_kernel_may_fail(const ir_statement *s) {
  return !s->is_adjoint && (s->function || (ir_kernels[s->kernel].flags & IR_KERNEL_LAPACK));
}

/* A call that may run at another place, or less often: its function leaves nothing behind but its outputs. */
static inline bool ir_call_may_move(const ir_statement *s) {
  return !s->function || (!s->function->is_impure && !s->function->result && !s->is_forward && !s->is_adjoint);
}

/* Whether the loop is known to turn at least once. */
static inline bool ir_is_never_empty(const ir_statement *loop) {
  return loop->first.kind == IR_CONSTANT_INT && loop->last.kind == IR_CONSTANT_INT &&
         loop->first.int_value <= loop->last.int_value;
}

#endif
