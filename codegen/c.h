/* c.h: core IR to C. */
#ifndef STANLITE_CODEGEN_C_H
#define STANLITE_CODEGEN_C_H
#include <stdio.h>
#include "ir/ir.h"

/* Writes the whole C file of a model: it defines what runtime/model.h declares, and includes runtime/generated.h. */
void codegen_c(const ir_program *program, const char *compiler_version, FILE *out);

/* Whether the program calls kernels that link LAPACK and BLAS. */
bool codegen_needs_lapack(const ir_program *program);

#endif
