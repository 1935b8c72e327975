/* run.c: `stanlite run MODEL DATA [sampler arguments]`: build, sample, summarise.
 *
 * Built samplers are kept in $XDG_CACHE_HOME/stanlite (or ~/.cache/stanlite), named by a hash of the generated C, of the
 * compiler's command and of the runtime archive's size and time, so that an unchanged program starts at once. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/compile.h"
#include "cli/process.h"
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

/* FNV-1a (Fowler, Noll, Vo), 64 bits. */
static uint64_t hash_text(uint64_t hash, const char *text) {
  for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 1099511628211u;
  return hash;
}

static bool make_folder(const char *path) { return mkdir(path, 0777) == 0 || errno == EEXIST; }

/* A folder in /tmp, where anybody may have made one of this name: what lies in it will be run. */
static bool make_own_folder(const char *path) {
  struct stat status;
  if (mkdir(path, 0700) == 0) return true;
  if (errno != EEXIST || lstat(path, &status) != 0) return false;
  if (S_ISDIR(status.st_mode) && status.st_uid == getuid() && !(status.st_mode & 022)) return true;
  errno = EPERM;
  return false;
}

/* The cache's folder, made when it is not there. False: errno says why. */
static bool cache_folder(char *folder, size_t size) {
  const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  char base[STANLITE_PATH_SIZE];
  if (cache && *cache)
    snprintf(base, sizeof base, "%s", cache);
  else if (home && *home)
    snprintf(base, sizeof base, "%s/.cache", home);
  else
    snprintf(base, sizeof base, "/tmp/stanlite-%ld", (long)getuid());
  snprintf(folder, size, "%s/stanlite", base);
  bool has_home = (cache && *cache) || (home && *home);
  return (has_home ? make_folder(base) : make_own_folder(base)) && make_folder(folder);
}

/* The executable for this C: from the cache, or built into it. */
static int cached_executable(const compile_options *options, const stanlite_paths *paths, const char *c,
                             bool needs_lapack, char *executable, size_t size) {
  char folder[STANLITE_PATH_SIZE + 16];
  if (!cache_folder(folder, sizeof folder)) {
    fprintf(stderr, "stanlite: the cache %s cannot be made: %s\n", folder, strerror(errno));
    return SL_CANNOT_WRITE;
  }
  struct stat archive;
  if (stat(paths->archive, &archive) != 0) {
    fprintf(stderr, "stanlite: %s cannot be read: %s\n", paths->archive, strerror(errno));
    return SL_DEFECT;
  }
  char *command = compile_command_text(options, paths, needs_lapack);
  char identity[80];
  snprintf(identity, sizeof identity, "%lld %lld %lld", (long long)archive.st_size, (long long)archive.st_mtim.tv_sec,
           (long long)archive.st_mtim.tv_nsec);
  uint64_t hash = hash_text(14695981039346656037u, c);
  hash = hash_text(hash, command);
  hash = hash_text(hash, identity);
  hash = hash_text(hash, stanlite_version);
  free(command);
  snprintf(executable, size, "%s/%016llx", folder, (unsigned long long)hash);
  if (access(executable, X_OK) == 0) return SL_OK;
  return compile_c(options, paths, c, needs_lapack, executable);
}

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
  stanlite_paths paths;
  char error[STANLITE_PATH_SIZE * 2];
  if (!stanlite_paths_find(&paths, error, sizeof error)) {
    fprintf(stderr, "stanlite: %s\n", error);
    return SL_DEFECT;
  }
  char *c, executable[STANLITE_PATH_SIZE + 64];
  bool needs_lapack;
  int code = compile_to_c(options, &paths, &c, &needs_lapack);
  if (!c) return code;
  code = cached_executable(options, &paths, c, needs_lapack, executable, sizeof executable);
  free(c);
  if (code != SL_OK) return code;
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
