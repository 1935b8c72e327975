/* extract.h: takes work that does not change with the parameters out of log_density and into construct, and out of generated
 * quantities and into prepare: what the passes drop and hoist share. */
#ifndef STANLITE_IR_EXTRACT_H
#define STANLITE_IR_EXTRACT_H
#include "ir/ir.h"

typedef enum {
  EXTRACT_DROPPABLE, /* droppable summands, and where there are any, checks of data, which may guard what they load */
  EXTRACT_ALL        /* all summands, checks, and values that cost more to compute than to load */
} ir_extract_kind;

/* Rewrites both functions. Returns the model field that holds the sum of the summands taken out; NULL when there is none. */
ir_variable *ir_extract(ir_program *program, ir_extract_kind kind, const char *sum_name);

/* Makes prepare from the generated quantities in constrain, where it finds anything. */
void ir_extract_generated(ir_program *program);

/* dead.c: the block without what nothing uses. */
ir_block *ir_without_dead(arena *arena, const ir_block *block);

#endif
