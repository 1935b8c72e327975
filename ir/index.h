/* index.h: what an element's index does as loops turn. Needs definitions linked: ir_link_definitions. */
#ifndef STANLITE_IR_INDEX_H
#define STANLITE_IR_INDEX_H
#include "ir/ir.h"

/* Sets the note of every let variable and loop variable in the block to the statement that defines it. */
void ir_link_definitions(const ir_block *block);

/* Whether the value does not change while the loop runs: constants and what is defined before it. */
bool ir_is_invariant(ir_operand x, const ir_statement *loop);
/* index = loop variable + something invariant. */
bool ir_is_unit_stride(ir_operand index, const ir_statement *loop);
/* Whether two iterations of the loop never have the same index: the loop's variable stands in it, alone or as one digit of a
 * mixed-radix number row + rows * column whose other digit may vary inside an iteration (indices are checked against
 * their ranges, so that digits do not overflow). */
bool ir_is_distinct(ir_operand index, const ir_statement *loop);

#endif
