/* check.c: `stanlite check MODEL`: what is wrong with a program, what is seldom meant, and what it reads and gives. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/check_info.h"
#include "cli/cli.h"
#include "cli/front_end.h"
#include "cli/print.h"
#include "ir/pedantic.h"
#include "runtime/error.h"

static const char help[] =
    "stanlite check MODEL.stanlite [--pedantic] [--json] [--info] [--include-path=DIR]\n\n"
    "Says what is wrong with a Stan program: all of it, as far as it can be read. Exit code 0: nothing; 65: errors.\n\n"
    "  --pedantic           warn as well about what is allowed but seldom meant: parameters without a prior, values "
    "that\n"
    "                       are never used or have no value, bounds that hide probability, densities whose arguments "
    "can\n"
    "                       leave their domain, transforms without their Jacobian, several densities on one "
    "parameter,\n"
    "                       conditions that depend on parameters\n"
    "  --json               the messages as JSON on standard output: an array of objects with severity, file, line,\n"
    "                       column, end_line, end_column, message, hint\n"
    "  --info               what the program reads and gives, as JSON on standard output: inputs, parameters, "
    "transformed\n"
    "                       parameters and generated quantities with their types, functions, distributions, included\n"
    "                       files\n"
    "  --include-path=DIR   where #include looks, after the including file's own folder (may be repeated)\n";

typedef struct check_options {
  compile_options compile;
  bool pedantic, json, info, help;
} check_options;

static bool read_arguments(int argc, char **argv, check_options *options) {
  for (int i = 0; i < argc; i++) {
    if (strcmp(argv[i], "--help") == 0) {
      options->help = true;
      return true;
    }
    if (strcmp(argv[i], "--pedantic") == 0) {
      options->pedantic = true;
    } else if (strcmp(argv[i], "--json") == 0) {
      options->json = true;
    } else if (strcmp(argv[i], "--info") == 0) {
      options->info = true;
    } else if (strncmp(argv[i], "--include-path=", 15) == 0) {
      if (compile_option(&options->compile, argv[i]) < 0) return false;
    } else if (!compile_program(&options->compile, argv[i], "check")) {
      return false;
    }
  }
  if (options->json && options->info) {
    fputs("stanlite: --json and --info both print JSON: one at a time\n", stderr);
    return false;
  }
  return compile_has_program(&options->compile, "check");
}

static void print_one_json(const message *m, const char *before, FILE *out) {
  location at = m->location;
  fprintf(out, "%s\n  {\"severity\": \"%s\", ", before, m->severity == MESSAGE_ERROR ? "error" : "warning");
  if (at.file) {
    fputs("\"file\": ", out);
    print_json_string(out, at.file->path);
    fputs(", ", out);
  }
  if (at.line > 0)
    fprintf(out, "\"line\": %d, \"column\": %d, \"end_line\": %d, \"end_column\": %d, ", at.line, at.column,
            at.end_line, at.end_column);
  fputs("\"message\": ", out);
  print_json_string(out, m->text);
  if (m->hint) {
    fputs(", \"hint\": ", out);
    print_json_string(out, m->hint);
  }
  fputc('}', out);
}

static void print_json(const messages *messages, FILE *out) {
  fputc('[', out);
  const message *const *ordered = messages_in_order(messages);
  for (int i = 0; i < messages->count; i++) print_one_json(ordered[i], i ? "," : "", out);
  fputs(messages->count ? "\n]\n" : "]\n", out);
}

int command_check(int argc, char **argv) {
  check_options options = {.compile = compile_defaults};
  if (!read_arguments(argc, argv, &options)) return SL_USAGE;
  if (options.help) {
    fputs(help, stdout);
    return SL_OK;
  }
  stanlite_paths paths;
  if (!stanlite_paths_find(&paths)) return SL_DEFECT;
  front_end f;
  int code = front_end_read(&f, &options.compile, &paths);
  if (code == SL_OK && options.pedantic) pedantic_warnings(f.arena, f.program, &f.messages);
  if (code == SL_OK && options.info) check_info_print(f.program, f.arena, stdout);
  if (code == SL_OK && !front_end_lower(&f)) code = SL_BAD_DATA;
  if (!options.json) return front_end_close(&f, code);
  print_json(&f.messages, stdout);
  arena_destroy(f.arena);
  return code;
}
