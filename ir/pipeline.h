/* pipeline.h: the list of passes between lowering and C. */
#ifndef STANLITE_IR_PIPELINE_H
#define STANLITE_IR_PIPELINE_H
#include <stdio.h>
#include "ir/ir.h"

typedef struct pipeline_options {
  const char *const *without; /* names of passes that are left out; "all": every one that can be */
  int without_count;
  const char *emit_after; /* prints the program after the last run of this pass and stops there; NULL: none */
  FILE *emit;
} pipeline_options;

/* Whether there is a pass of this name; whether it can be left out. */
bool pipeline_has(const char *name);
bool pipeline_can_leave_out(const char *name);
void pipeline_print_names(FILE *out);

void pipeline_run(ir_program *program, const pipeline_options *options);

#endif
