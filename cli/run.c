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

static const char run_help[] = "stanlite run MODEL.stanlite [DATA.json] [options] [sampler arguments]\n\n"
                               "Builds the program (or takes the sampler built before), samples, and prints the "
                               "summary. What follows the data is\n"
                               "handed to the sampler: num_chains=4 num_samples=1000 seed=1 output file=draws.csv ... "
                               "(stanlite run MODEL.stanlite help-all\n"
                               "lists them). Options are those of build, and those of summary: --variables=mu,theta "
                               "prints their rows alone, --plot\n"
                               "a picture of each; see stanlite help summary.\n\n";

/* A table of the files that a sampler with these arguments has written. */
static int summarize_output(const sl_arguments *arguments, const summary_options *table) {
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
    code = summarize_files(paths, count, table, stdout);
    if (table->json) count = 0; /* what is JSON has nothing behind it */
    if (code == SL_OK && count == 1) printf("\nThe draws lie in %s\n", paths[0]);
    if (code == SL_OK && count > 1) printf("\nThe draws lie in %s to %s\n", paths[0], paths[count - 1]);
  }
  free(paths);
  free(text);
  return code;
}

static void add_data(word_list *words, const char *data) {
  char file[STANLITE_PATH_SIZE + 8];
  snprintf(file, sizeof file, "file=%s", data);
  words_add(words, "data");
  words_add(words, file);
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

/* One of build's options or of summary's; SL_OK, or the exit code after a message. */
static int read_option(const char *option, compile_options *options, summary_options *table) {
  int taken = compile_option(options, option);
  const char *wrong = NULL;
  if (taken > 0) return SL_OK;
  if (taken < 0) return SL_USAGE;
  if (!summary_option(table, option, &wrong))
    fprintf(stderr, "stanlite: run has no option %s; see stanlite help run\n", option);
  else if (wrong)
    fprintf(stderr, "stanlite run: %s: `%s`\n", wrong, option);
  else
    return SL_OK;
  return SL_USAGE;
}

/* What was asked for, with the sampler's command: its name, to be filled in, `sample`, what the user wrote, and the data. */
static int read_command(int argc, char **argv, compile_options *options, summary_options *table, word_list *words) {
  const char *data = NULL;
  words_add(words, "sampler");
  words_add(words, "sample");
  for (int i = 0; i < argc; i++) {
    if (argv[i][0] == '-') {
      int code = read_option(argv[i], options, table);
      if (code != SL_OK) return code;
    } else if (!options->program) {
      options->program = argv[i];
    } else if (!data && words->count == 2 && ends_with(argv[i], ".json")) {
      data = argv[i];
    } else if (!data && words->count == 2 && ends_with(argv[i], ".csv") && !strchr(argv[i], '=')) {
      fprintf(stderr, "stanlite: the data must be JSON; make it from the table: stanlite data %s -o DATA.json\n",
              argv[i]);
      return SL_USAGE;
    } else if (words->count > 2 || strcmp(argv[i], "sample") != 0) {
      words_add(words, argv[i]);
    }
  }
  if (data) add_data(words, data);
  if (options->program) return SL_OK;
  fputs("stanlite: which program? See stanlite help run\n", stderr);
  return SL_USAGE;
}

int command_run(int argc, char **argv) {
  for (int i = 0; i < argc; i++) {
    if (strcmp(argv[i], "--help") != 0) continue;
    fputs(run_help, stdout);
    fputs(compile_options_help, stdout);
    return SL_OK;
  }
  compile_options options = compile_defaults;
  summary_options table = summary_defaults;
  word_list words = {0};
  static sl_arguments arguments;
  sl_error wrong = {0};
  int code = read_command(argc, argv, &options, &table, &words);
  /* Wrong arguments are told before anything is built. */
  if (code == SL_OK && !sl_arguments_parse(&arguments, (int)words.count, words.items, &wrong)) {
    fprintf(stderr, "%s\n", wrong.message);
    code = SL_USAGE;
  }
  if (code == SL_OK) code = build_and_run(&options, &words);
  if (code == SL_OK && arguments.request == SL_REQUEST_RUN) code = summarize_output(&arguments, &table);
  words_free(&words);
  return code;
}
