#ifndef STANLITE_IR_INVERSE_H
#define STANLITE_IR_INVERSE_H
#include "ir/ir.h"

/* The statement that defines the operand, of fixed operands alone; NULL: none is known. */
typedef const ir_statement *(*ir_definition_of)(const void *context, ir_operand x);

/* A variable that holds the operation's result already (b IR_NONE: of one operand); IR_NONE when there is none. */
typedef ir_operand (*ir_value_of)(const void *context, ir_op op, ir_operand a, ir_operand b);

/* For a LET s, an operation on what another operation made, a copy that is a cheaper operation on the latter's operands or on
 * values at hand, IR_OP_COPY where it is one of them itself; NULL when there is none. */
ir_statement *ir_undo(arena *arena, const ir_statement *s, ir_definition_of definition_of, ir_value_of value_of,
                      const void *context);

#endif
