/* run.c: `stanlite run MODEL DATA [sampler arguments]`: build (or take what was built), sample, summarise. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cli/cli.h"
#include "cli/compile.h"
#include "cli/process.h"
#include "cli/sampler_cache.h"
#include "cli/summary.h"
#include "runtime/arguments.h"
#include "runtime/error.h"
#include "runtime/output_path.h"

static const char run_help[] = "stanlite run MODEL.stanlite [DATA.json] [build options] [sampler arguments]\n\n"
                               "Builds the program (or takes the sampler built before), samples, and prints the "
                               "summary. What follows the data is\n"
                               "handed to the sampler: num_chains=4 num_samples=1000 seed=1 output file=draws.csv ... "
                               "(stanlite run MODEL.stanlite help-all\n"
                               "lists them).\n\n";

/* A table of the files that a sampler with these arguments has written. */
static int summarize_output(const sl_arguments *arguments) {
  const char *file = sl_argument_text(arguments, SL_ARG_OUTPUT_FILE);
  int count = (int)sl_argument_int(arguments, SL_ARG_NUM_CHAINS), id = (int)sl_argument_int(arguments, SL_ARG_ID);
  size_t size = strlen(file) + 32;
  char **paths = calloc((size_t)count, sizeof *paths), *text = calloc((size_t)count, size);
  int code = SL_DEFECT;
  if (paths && text) {
    for (int i = 0; i < count; i++) {
      paths[i] = text + (size_t)i * size;
      sl_output_path(paths[i], size, file, "", ".csv", count > 1, id + i);
    }
    code = summarize_files(paths, count, &summary_defaults, stdout);
    if (code == SL_OK && count == 1) printf("\nThe draws lie in %s\n", paths[0]);
    if (code == SL_OK && count > 1) printf("\nThe draws lie in %s to %s\n", paths[0], paths[count - 1]);
  }
  free(paths);
  free(text);
  return code;
}

/* The sampler's command: its name, to be filled in, `sample`, what the user wrote, and the data. */
static word_list sampler_command(char **given, int count, const char *data) {
  word_list words = {0};
  words_add(&words, "sampler");
  words_add(&words, "sample");
  for (int i = 0; i < count; i++) words_add(&words, given[i]);
  if (data) {
    char file[STANLITE_PATH_SIZE + 8];
    snprintf(file, sizeof file, "file=%s", data);
    words_add(&words, "data");
    words_add(&words, file);
  }
  return words;
}

static int build_and_run(const compile_options *options, word_list *words) {
  char executable[SAMPLER_PATH_SIZE];
  int code = cached_sampler(options, executable);
  if (code != SL_OK || options->emit) return code;
  words_replace(words, 0, executable);
  code = process_run(words->items);
  if (code >= 0) return code;
  fprintf(stderr, "stanlite: %s cannot be started: %s\n", executable, strerror(errno));
  return SL_DEFECT;
}

static bool ends_with(const char *text, const char *end) {
  size_t length = strlen(text), tail = strlen(end);
  return length >= tail && strcmp(text + length - tail, end) == 0;
}

int command_run(int argc, char **argv) {
  compile_options options = compile_defaults;
  const char *data = NULL;
  int next = 0;
  for (; next < argc; next++) {
    if (strcmp(argv[next], "--help") == 0) {
      fputs(run_help, stdout);
      fputs(compile_options_help, stdout);
      return SL_OK;
    }
    if (argv[next][0] == '-') {
      int taken = compile_option(&options, argv[next]);
      if (taken < 0) return SL_USAGE;
      if (taken > 0) continue;
      fprintf(stderr, "stanlite: run has no option %s; see stanlite help run\n", argv[next]);
      return SL_USAGE;
    }
    if (!options.program)
      options.program = argv[next];
    else if (!data && ends_with(argv[next], ".json"))
      data = argv[next];
    else
      break;
  }
  if (!options.program) {
    fputs("stanlite: which program? See stanlite help run\n", stderr);
    return SL_USAGE;
  }
  if (!data && next < argc && ends_with(argv[next], ".csv") && !strchr(argv[next], '=')) {
    fprintf(stderr, "stanlite: the data must be JSON; make it from the table: stanlite data %s -o DATA.json\n",
            argv[next]);
    return SL_USAGE;
  }
  /* Wrong arguments are told before anything is built. */
  if (next < argc && strcmp(argv[next], "sample") == 0) next++;
  word_list words = sampler_command(argv + next, argc - next, data);
  static sl_arguments arguments;
  sl_error wrong = {0};
  int code = SL_USAGE;
  if (!sl_arguments_parse(&arguments, (int)words.count, words.items, &wrong))
    fprintf(stderr, "%s\n", wrong.message);
  else
    code = build_and_run(&options, &words);
  if (code == SL_OK && arguments.request == SL_REQUEST_RUN) code = summarize_output(&arguments);
  words_free(&words);
  return code;
}
