/* blocks.c: see blocks.h. */
#include "ir/blocks.h"

void ir_block_loop(ir_builder *setup, ir_builder *around, const ir_statement *loop, int size, ir_builder *block,
                   ir_operand *begin, ir_operand *end) {
  ir_operand span = ir_let2(setup, IR_OP_INT_SUBTRACT, loop->last, loop->first);
  if (span.kind == IR_CONSTANT_INT && span.int_value < size) {
    *block = *around;
    *begin = loop->first;
    *end = loop->last;
    return;
  }
  ir_operand last = ir_let2(setup, IR_OP_INT_DIVIDE, span, ir_int(size));
  ir_statement *blocks = ir_for(around, "block", ir_int(0), last, false, block);
  blocks->is_over_blocks = true;
  ir_operand offset = ir_let2(block, IR_OP_INT_MULTIPLY, ir_use(blocks->variable), ir_int(size));
  *begin = ir_let(block, "begin", IR_OP_INT_ADD, loop->first, offset, ir_none(), ir_none());
  ir_operand full = ir_let2(block, IR_OP_INT_ADD, *begin, ir_int(size - 1));
  *end = ir_let(block, "end", IR_OP_INT_MIN, full, loop->last, ir_none(), ir_none());
}
