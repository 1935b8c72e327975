/* check.h: the type checker: from a parsed program to a typed one.
 *
 * It finds what every name means and which function every call calls, puts promotions in, sets all fields that parser/ast.h
 * marks "checker:", and reports what breaks the language's rules. A program in which it found no error is typed throughout. */
#ifndef STANLITE_IR_CHECK_H
#define STANLITE_IR_CHECK_H
#include "parser/ast.h"

/* All functions that a program may call without defining them: ir/intrinsics.def, ir/builtins.def and the function
 * definitions of runtime/library. */
typedef struct library library;

/* Parses every .stanlite file of the folder. Syntax errors in them, and a folder that cannot be read, go to messages.
 * Bodies are not looked at before a checked program calls them. Never NULL. */
library *library_load(arena *arena, const char *library_dir, messages *messages);

/* Gives functions that are called by names of older Stan versions today's names, with a warning each. check_program does it
 * first. */
void rename_old_functions(arena *arena, const program *program, const library *library, messages *messages);

/* True when the program has no errors. Warnings go to messages too. */
bool check_program(arena *arena, program *program, const library *library, messages *messages);

/* For later stages that call the library on their own, as for constraining transforms: the function of that name for
 * arguments of exactly these types, its body checked. NULL when there is none. */
function *library_function(arena *arena, const library *library, const char *name, const type *const *arguments,
                           int count, messages *messages);

#endif
