/* blocks.h: a loop cut into blocks of iterations. */
#ifndef STANLITE_IR_BLOCKS_H
#define STANLITE_IR_BLOCKS_H
#include "ir/ir.h"

/* Makes, with `setup` what it needs ahead and with `around` itself, the loop
 *
 *   for block in 0 .. (last - first) / size
 *     begin = first + block * size;  end = min(begin + size - 1, last)
 *
 * over blocks of the iterations first .. last of `loop`; what is to run for each goes into `block`. A loop that is known to
 * have no more than `size` iterations needs none: `block` is `around` then, `begin` and `end` are first and last. */
void ir_block_loop(ir_builder *setup, ir_builder *around, const ir_statement *loop, int size, ir_builder *block,
                   ir_operand *begin, ir_operand *end);

#endif
