/* lower.h: from the typed syntax tree to the core IR.
 *
 * Functions, the user's and those of runtime/library, are inlined at their calls; what is vectorised becomes parallel loops
 * over scalar code; matrix operations become kernel calls. Exits from functions and loops are still IR_SCOPE and IR_EXIT
 * afterwards: ir_structure takes them away. */
#ifndef STANLITE_IR_LOWER_H
#define STANLITE_IR_LOWER_H
#include "ir/check.h"
#include "ir/ir.h"

/* The program has been checked without errors. NULL, and one message that names construct and place, when it uses
 * something that cannot be compiled yet. The tree's `lowered` fields are scratch. */
ir_program *lower_program(arena *arena, const program *program, const library *library, messages *messages);

#endif
