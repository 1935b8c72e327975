/* build.c: `stanlite build MODEL`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cli/cli.h"
#include "cli/compile.h"
#include "runtime/error.h"

static const char build_head[] =
    "stanlite build MODEL.stanlite [-o EXE] [options]\n\n"
    "Compiles a Stan program (.stanlite or .stan) to a sampler: one executable that takes CmdStan's arguments.\n\n"
    "  -o EXE               the executable (default: the program's name without its ending, in the current folder)\n";

/* True: go on; else *code is what to return. */
static bool read_arguments(int argc, char **argv, compile_options *options, int *code) {
  *code = SL_USAGE;
  for (int i = 0; i < argc; i++) {
    if (strcmp(argv[i], "--help") == 0) {
      fputs(build_head, stdout);
      fputs(compile_options_help, stdout);
      *code = SL_OK;
      return false;
    }
    if (strcmp(argv[i], "-o") == 0) {
      if (i + 1 == argc) {
        fputs("stanlite: -o: which file?\n", stderr);
        return false;
      }
      options->output = argv[++i];
      continue;
    }
    int taken = compile_option(options, argv[i]);
    if (taken < 0 || (taken == 0 && !compile_program(options, argv[i], "build"))) return false;
  }
  return compile_has_program(options, "build");
}

/* The program's name without .stanlite or .stan, in the current folder. The caller frees it. */
static char *default_output(const char *program) {
  const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program, *dot = strrchr(name, '.');
  size_t length = dot && dot != name ? (size_t)(dot - name) : strlen(name);
  char *output = malloc(length + 5);
  if (output) sprintf(output, "%.*s%s", (int)length, name, dot && dot != name ? "" : ".exe");
  return output;
}

/* Whether both paths lead to one file that is there. */
static bool is_same_file(const char *a, const char *b) {
  struct stat first, second;
  return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

int command_build(int argc, char **argv) {
  compile_options options = compile_defaults;
  int code;
  if (!read_arguments(argc, argv, &options, &code)) return code;
  stanlite_paths paths;
  if (!stanlite_paths_find(&paths)) return SL_DEFECT;
  char *c;
  int libraries;
  code = compile_to_c(&options, &paths, &c, &libraries);
  if (!c) return code;
  char *output = options.output ? strdup(options.output) : default_output(options.program);
  if (!output) {
    code = SL_DEFECT;
  } else if (is_same_file(output, options.program)) {
    fprintf(stderr, "stanlite: %s is the program: the executable needs another name (-o EXE)\n", output);
    code = SL_USAGE;
  } else {
    code = compile_c(&options, &paths, c, libraries, output);
  }
  free(output);
  free(c);
  return code;
}
