/* front_end.h: from a program's path to its typed tree and to core IR: what build, run and check begin with. */
#ifndef STANLITE_CLI_FRONT_END_H
#define STANLITE_CLI_FRONT_END_H
#include "cli/compile.h"
#include "ir/check.h"
#include "ir/ir.h"

/* One compilation. Everything in it lives in the arena. */
typedef struct front_end {
  arena *arena;
  messages messages;
  program *program;
  library *library;
  bool is_printed; /* the stage that --emit asks for was printed: there is nothing more to do */
} front_end;

/* Reads and parses options->program, and gives functions their names of today. Returns SL_OK when the tree is whole, or the
 * exit code: then the messages say why. */
int front_end_parse(front_end *f, const compile_options *options, const stanlite_paths *paths);
/* Reads, parses and checks options->program, or stops at the stage that options->emit names. Returns SL_OK, or the exit
 * code: then the messages say why. Whatever it returns, front_end_close follows. */
int front_end_read(front_end *f, const compile_options *options, const stanlite_paths *paths);
/* The checked program in core IR. NULL: messages say what cannot be lowered. */
ir_program *front_end_lower(front_end *f);
/* Prints the messages on standard error, frees everything, and returns `code`. */
int front_end_close(front_end *f, int code);

#endif
