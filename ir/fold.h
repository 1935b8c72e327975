#ifndef STANLITE_IR_FOLD_H
#define STANLITE_IR_FOLD_H
#include "ir/ir.h"

/* Whether op over x[0..IR_MAX_ARGUMENTS) comes to a constant or to one of its operands; then *result is that. */
bool ir_fold(ir_op op, const ir_operand *x, ir_operand *result);

#endif
