/* compact.h: the program in as much memory as it needs. */
#ifndef STANLITE_IR_COMPACT_H
#define STANLITE_IR_COMPACT_H
#include "ir/ir.h"

/* Copies the program into a new arena, and frees the one that it was in. */
void ir_compact(ir_program *program);

#endif
