/* rename.h: copies of statements in which other operands and buffers stand. */
#ifndef STANLITE_IR_RENAME_H
#define STANLITE_IR_RENAME_H
#include "ir/id_set.h"
#include "ir/ir.h"

typedef struct ir_renaming {
  arena *arena;
  id_set places; /* of the ids that were renamed, in items, from 1 */
  struct {
    struct ir_renamed_id {
      ir_operand operand; /* what stands in a variable's place; IR_NONE: itself */
      ir_buffer *buffer;  /* what stands in a buffer's place */
    } * items;
    int count, capacity;
  } items;
} ir_renaming;

static inline ir_renaming ir_renaming_create(arena *arena) {
  return (ir_renaming){.arena = arena, .places = id_set_create(arena)};
}

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
