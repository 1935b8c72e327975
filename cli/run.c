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
#include "runtime/error.h"

static const char run_help[] =
    "stanlite run MODEL.stanlite [DATA.json] [build options] [sampler arguments]\n\n"
    "Builds the program (or takes the sampler built before), samples, and prints the summary. What follows the data is\n"
    "handed to the sampler: num_chains=4 num_samples=1000 seed=1 output file=draws.csv ... (EXE help lists them).\n\n";

/* FNV-1a (Fowler, Noll, Vo), 64 bits. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t count) {
  for (const unsigned char *at = bytes; count-- > 0; at++) hash = (hash ^ *at) * 1099511628211u;
  return hash;
}

static bool make_folder(const char *path) { return mkdir(path, 0777) == 0 || errno == EEXIST; }

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
  return make_folder(base) && make_folder(folder);
}

/* The executable for this C: from the cache, or built into it. */
static int cached_executable(const compile_options *options, const stanlite_paths *paths, const char *c,
                             bool needs_lapack, char *executable, size_t size) {
  char folder[STANLITE_PATH_SIZE + 16];
  if (!cache_folder(folder, sizeof folder)) {
    fprintf(stderr, "stanlite: the cache %s cannot be made: %s\n", folder, strerror(errno));
    return SL_CANNOT_WRITE;
  }
  char *command = compile_command_text(options, paths, needs_lapack);
  struct stat archive = {0};
  stat(paths->archive, &archive);
  long long identity[] = {archive.st_size, archive.st_mtim.tv_sec, archive.st_mtim.tv_nsec};
  uint64_t hash = hash_bytes(14695981039346656037u, c, strlen(c));
  hash = hash_bytes(hash, command, strlen(command));
  hash = hash_bytes(hash, identity, sizeof identity);
  hash = hash_bytes(hash, stanlite_version, strlen(stanlite_version));
  free(command);
  snprintf(executable, size, "%s/%016llx", folder, (unsigned long long)hash);
  if (access(executable, X_OK) == 0) return SL_OK;
  return compile_c(options, paths, c, needs_lapack, executable);
}

/* What the sampler's arguments say about its output: the file name's base, the number of chains and the first id. */
typedef struct run_output {
  const char *file;
  int chains, first_id;
  bool is_sampling;
} run_output;

static run_output read_output(int argc, char **argv) {
  run_output output = {.file = "output.csv", .chains = 4, .first_id = 1, .is_sampling = true};
  bool in_output = false;
  for (int i = 0; i < argc; i++) {
    if (strcmp(argv[i], "output") == 0) in_output = true;
    if (strncmp(argv[i], "file=", 5) == 0 && in_output) output.file = argv[i] + 5;
    if (strncmp(argv[i], "num_chains=", 11) == 0) output.chains = atoi(argv[i] + 11);
    if (strncmp(argv[i], "id=", 3) == 0) output.first_id = atoi(argv[i] + 3);
    if (strcmp(argv[i], "data") == 0 || strcmp(argv[i], "random") == 0) in_output = false;
  }
  return output;
}

static int summarize_output(const run_output *output) {
  char **paths = calloc((size_t)output->chains, sizeof *paths);
  if (!paths) return SL_DEFECT;
  size_t stem = strlen(output->file);
  if (stem > 4 && strcmp(output->file + stem - 4, ".csv") == 0) stem -= 4;
  for (int i = 0; i < output->chains; i++) {
    paths[i] = malloc(strlen(output->file) + 32);
    if (!paths[i]) return SL_DEFECT;
    if (output->chains == 1)
      strcpy(paths[i], output->file);
    else
      sprintf(paths[i], "%.*s_%d.csv", (int)stem, output->file, output->first_id + i);
  }
  int code = summarize_files(paths, output->chains, &summary_defaults, stdout);
  printf("\nThe draws lie in %s", paths[0]);
  if (output->chains > 1) printf(" to %s", paths[output->chains - 1]);
  puts("");
  for (int i = 0; i < output->chains; i++) free(paths[i]);
  free(paths);
  return code;
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
  stanlite_paths paths;
  char error[STANLITE_PATH_SIZE * 2];
  if (!stanlite_paths_find(&paths, error, sizeof error)) {
    fprintf(stderr, "stanlite: %s\n", error);
    return SL_DEFECT;
  }
  char *c, executable[STANLITE_PATH_SIZE + 64];
  bool needs_lapack;
  int code = compile_to_c(&options, &paths, &c, &needs_lapack);
  if (!c) return code;
  code = cached_executable(&options, &paths, c, needs_lapack, executable, sizeof executable);
  free(c);
  if (code != SL_OK) return code;
  word_list words = {0};
  words_add(&words, executable);
  words_add(&words, "sample");
  if (next < argc && strcmp(argv[next], "sample") == 0) next++;
  run_output output = read_output(argc - next, argv + next);
  for (int i = next; i < argc; i++) words_add(&words, argv[i]);
  if (data) {
    words_add(&words, "data");
    char *file = malloc(strlen(data) + 6);
    if (!file) return SL_DEFECT;
    sprintf(file, "file=%s", data);
    words_add(&words, file);
    free(file);
  }
  code = process_run(words.items);
  words_free(&words);
  if (code < 0) {
    fprintf(stderr, "stanlite: %s cannot be started: %s\n", executable, strerror(errno));
    return SL_DEFECT;
  }
  return code == SL_OK ? summarize_output(&output) : code;
}
