/* check_info.h: what a program reads and gives, for other programs. */
#ifndef STANLITE_CLI_CHECK_INFO_H
#define STANLITE_CLI_CHECK_INFO_H
#include <stdio.h>
#include "parser/ast.h"

/* A checked program's inputs and results by block, {"name": {"type": "real", "dimensions": 1}}, the functions and densities of
 * the library that it calls, and the files that it includes: one JSON object, with the members of stanc's --info. */
void check_info_print(const program *program, arena *arena, FILE *out);

#endif
