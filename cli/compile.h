/* compile.h: from a program's path to C and to an executable: what build, check and run share. */
#ifndef STANLITE_CLI_COMPILE_H
#define STANLITE_CLI_COMPILE_H
#include <stdbool.h>
#include <stdio.h>
#include "cli/paths.h"
#include "support/message.h"

extern const char stanlite_version[]; /* "stanlite 0.1.0" */

enum { MAX_REPEATED = 32 };

typedef struct compile_options {
  const char *program;
  const char *output; /* the executable; NULL: the program's name, in the current folder */
  const char *emit;   /* a stage to print and stop; NULL: none */
  const char *march;  /* native or baseline */
  const char *keep_c; /* where to keep the C; NULL: nowhere */
  int optimisation;   /* 0 to 3 */
  bool is_static;
  const char *without[MAX_REPEATED];
  int without_count;
  const char *include_paths[MAX_REPEATED];
  int include_path_count;
} compile_options;

extern const compile_options compile_defaults;

/* Takes one of build's options, "--march=native". 1: taken; 0: not one of them; -1: wrong, and said so. */
int compile_option(compile_options *options, const char *argument);
/* Takes what is no option: the program, of which there is one. False: wrong, and said so; `command` is named then. */
bool compile_program(compile_options *options, const char *argument, const char *command);
/* False when no program was named, and says so. */
bool compile_has_program(const compile_options *options, const char *command);
/* Their help, for build and run. */
extern const char compile_options_help[];

/* Up to the C text, which the caller frees; *libraries is set. With options->emit the stage is printed on standard
 * output, and *c is NULL. Returns the exit code; messages are printed. */
int compile_to_c(const compile_options *options, const stanlite_paths *paths, char **c, int *libraries);

/* The C to an executable at `output`, which appears whole or not at all. Returns the exit code. */
int compile_c(const compile_options *options, const stanlite_paths *paths, const char *c, int libraries,
              const char *output);

/* Everything that decides what the executable will be, besides the C: for the cache of `stanlite run`. The caller frees. */
char *compile_command_text(const compile_options *options, const stanlite_paths *paths, int libraries);

#endif
