/* c.h: core IR to C. */
#ifndef STANLITE_CODEGEN_C_H
#define STANLITE_CODEGEN_C_H
#include <stdio.h>
#include "ir/ir.h"

/* Writes the whole C file of a model: it defines what runtime/model.h declares, and includes runtime/generated.h. With
 * SL_GRADIENT_APART it compiles to all but the gradient, with SL_GRADIENT_ALONE to the gradient. */
void codegen_c(const ir_program *program, const char *compiler_version, FILE *out);

/* Libraries that the program's kernels need. */
enum { LIBRARY_LAPACK = 1, LIBRARY_CVODES = 2 };
int codegen_libraries(const ir_program *program);

#endif
