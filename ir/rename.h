/* rename.h: copies of statements in which other operands and buffers stand. */
#ifndef STANLITE_IR_RENAME_H
#define STANLITE_IR_RENAME_H
#include "ir/ir.h"

typedef struct ir_renaming {
  arena *arena;
  int size;
  ir_operand *operands; /* by id of a variable: what stands in its place; IR_NONE: itself */
  ir_buffer **buffers;  /* by id of a buffer; NULL: itself */
} ir_renaming;

void ir_rename_variable(ir_renaming *r, const ir_variable *from, ir_operand to); /* to IR_NONE: itself again */
void ir_rename_buffer(ir_renaming *r, const ir_buffer *from, ir_buffer *to);
ir_operand ir_renamed_operand(const ir_renaming *r, ir_operand x);

/* A deep copy. What it defines or sets is renamed too where the new name is a variable. Sizes of buffers stay: they stand in
 * the buffer. */
ir_statement *ir_renamed(const ir_renaming *r, const ir_statement *s);
ir_block *ir_renamed_block(const ir_renaming *r, const ir_block *block);
/* A shallow copy: nested blocks are shared. */
ir_statement *ir_renamed_shallow(const ir_renaming *r, const ir_statement *s);

/* A shallow copy whose operands went through `map`, its own list of items included. */
ir_statement *ir_mapped(arena *arena, const ir_statement *s, void (*map)(ir_operand *x, void *context), void *context);

#endif
