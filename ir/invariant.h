/* invariant.h: which statements of a block do the same whenever the block runs. */
#ifndef STANLITE_IR_INVARIANT_H
#define STANLITE_IR_INVARIANT_H
#include "ir/access.h"

typedef struct ir_region {
  const ir_block *body;
  id_set *varying; /* in: what changes from run to run; out: also what the statements that stay define or change */
  /* whether a statement of this kind may leave at all; asked for nested ones, too */
  bool (*may_move)(const ir_statement *s, void *context);
  void *context;
} ir_region;

/* For each statement of the body, whether it moves: all statements that move, taken out in their order and run once ahead,
 * leave everything that the others read as it was. Whole loops and branches move, with the variables and buffers that
 * only they fill. */
bool *ir_find_invariant(const ir_region *region);

static inline bool ir_varies(const id_set *varying, ir_operand x) { return ir_has(varying, x); }

#endif
