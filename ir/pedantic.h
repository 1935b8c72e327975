/* pedantic.h: what is allowed, but seldom meant: the warnings of `stanlite check --pedantic`. */
#ifndef STANLITE_IR_PEDANTIC_H
#define STANLITE_IR_PEDANTIC_H
#include "parser/ast.h"

/* Looks through a program that the checker has accepted. The warnings go to messages. */
void pedantic_warnings(arena *arena, const program *program, messages *messages);

#endif
