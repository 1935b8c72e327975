/* compile.c: the road from program to executable; see compile.h. */
#include "cli/compile.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cli/front_end.h"
#include "cli/process.h"
#include "codegen/c.h"
#include "ir/pipeline.h"
#include "runtime/error.h"

const char stanlite_version[] = "stanlite 0.1.0";

const compile_options compile_defaults = {.march = "native", .optimisation = 2};

const char compile_options_help[] =
    "  --emit=STAGE         print a stage and stop: tokens, ast, typed, ir, c, or the program after a pass\n"
    "  --without=PASS       leave out a pass (may be repeated); --without=all leaves out all that can be\n"
    "  --include-path=DIR   where #include looks, after the including file's own folder (may be repeated)\n"
    "  --march=native       use all of this machine's instructions (default), or\n"
    "  --march=baseline     only those that every machine of the architecture has\n"
    "  -O0 -O1 -O2 -O3      how hard the C compiler optimises (default -O2)\n"
    "  --static             link everything into the executable, the C library too\n"
    "  --keep-c=FILE        keep the generated C\n";

static bool takes(const char *argument, const char *option, const char **value) {
  size_t length = strlen(option);
  if (strncmp(argument, option, length) != 0) return false;
  *value = argument + length;
  return true;
}

static bool is_stage(const char *name) {
  static const char *const stages[] = {"tokens", "ast", "typed", "ir", "c"};
  for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
    if (strcmp(stages[i], name) == 0) return true;
  return pipeline_has(name);
}

static int wrong(const char *argument, const char *why) {
  fprintf(stderr, "stanlite: %s: %s\n", argument, why);
  return -1;
}

int compile_option(compile_options *options, const char *argument) {
  const char *value;
  if (takes(argument, "--emit=", &value)) {
    if (!is_stage(value)) {
      wrong(argument, "there is no such stage; there are tokens, ast, typed, ir, c and, after each pass:");
      pipeline_print_names(stderr);
      return -1;
    }
    options->emit = value;
  } else if (takes(argument, "--without=", &value)) {
    if (!pipeline_can_leave_out(value)) {
      wrong(argument,
            pipeline_has(value) ? "this pass is always needed; the passes are" : "there is no such pass; there are");
      pipeline_print_names(stderr);
      return -1;
    }
    if (options->without_count == MAX_REPEATED) return wrong(argument, "too many of these");
    options->without[options->without_count++] = value;
  } else if (takes(argument, "--include-path=", &value)) {
    if (options->include_path_count == MAX_REPEATED) return wrong(argument, "too many of these");
    options->include_paths[options->include_path_count++] = value;
  } else if (takes(argument, "--march=", &value)) {
    if (strcmp(value, "native") != 0 && strcmp(value, "baseline") != 0) return wrong(argument, "native or baseline");
    options->march = value;
  } else if (takes(argument, "--keep-c=", &value)) {
    options->keep_c = value;
  } else if (strcmp(argument, "--static") == 0) {
    options->is_static = true;
  } else if (argument[0] == '-' && argument[1] == 'O') {
    if (strlen(argument) != 3 || !strchr("0123", argument[2])) return wrong(argument, "-O0, -O1, -O2 or -O3");
    options->optimisation = argument[2] - '0';
  } else {
    return 0;
  }
  return 1;
}

bool compile_program(compile_options *options, const char *argument, const char *command) {
  if (argument[0] == '-' && argument[1]) {
    fprintf(stderr, "stanlite: %s has no option %s; see stanlite help %s\n", command, argument, command);
    return false;
  }
  if (options->program) {
    fprintf(stderr, "stanlite: one program at a time: %s or %s?\n", options->program, argument);
    return false;
  }
  options->program = argument;
  return true;
}

bool compile_has_program(const compile_options *options, const char *command) {
  if (!options->program) fprintf(stderr, "stanlite: which program? See stanlite help %s\n", command);
  return options->program != NULL;
}

/* ---- the program ---- */

int compile_to_c(const compile_options *options, const stanlite_paths *paths, char **c, int *libraries) {
  *c = NULL;
  front_end f;
  int code = front_end_read(&f, options, paths);
  if (code != SL_OK || f.is_printed) return front_end_close(&f, code);
  ir_program *ir = front_end_lower(&f);
  if (!ir) return front_end_close(&f, SL_BAD_DATA);
  const char *emit = options->emit ? options->emit : "";
  if (strcmp(emit, "ir") == 0) {
    ir_print(ir, stdout);
    return front_end_close(&f, SL_OK);
  }
  bool emits_pass = pipeline_has(emit);
  pipeline_run(ir, &(pipeline_options){.without = options->without,
                                       .without_count = options->without_count,
                                       .emit_after = emits_pass ? emit : NULL,
                                       .emit = stdout});
  if (emits_pass) return front_end_close(&f, SL_OK);
  size_t size;
  FILE *text = open_memstream(c, &size);
  if (!text) return front_end_close(&f, SL_DEFECT);
  codegen_c(ir, stanlite_version, text);
  fclose(text);
  *libraries = codegen_libraries(ir);
  if (strcmp(emit, "c") == 0) {
    fputs(*c, stdout);
    free(*c);
    *c = NULL;
  }
  return front_end_close(&f, SL_OK);
}

/* ---- the C compiler ---- */

static const char *c_compiler(void) {
  const char *named = getenv("CC");
  return named && *named ? named : "gcc";
}

/* The gradient and the rest of the model take the C compiler about as long, and are compiled side by side. */
enum { HALVES = 2 };
static const char *const half_macros[HALVES] = {"-DSL_GRADIENT_ALONE", "-DSL_GRADIENT_APART"};
static const char *const half_objects[HALVES] = {"gradient.o", "model.o"};

/* What every call of the C compiler begins with. */
static void common_arguments(word_list *words, const compile_options *options) {
  char optimisation[] = {'-', 'O', (char)('0' + options->optimisation), 0};
  words_split(words, c_compiler());
  words_add(words, "-std=gnu17");
  words_add(words, optimisation);
  words_add(words, "-w");
  if (strcmp(options->march, "native") == 0) words_add(words, "-march=native");
}

static void compiling_arguments(word_list *words, const compile_options *options, const stanlite_paths *paths) {
  common_arguments(words, options);
  words_add(words, "-fopenmp-simd");
  words_add(words, "-fno-math-errno");
  words_add(words, "-fno-trapping-math");
  words_add(words, "-I");
  words_add(words, paths->include_dir);
}

/* What follows the objects. */
static void linking_arguments(word_list *words, const compile_options *options, const stanlite_paths *paths,
                              int libraries) {
  if (options->is_static) words_add(words, "-static");
  words_add(words, paths->archive);
  words_split(words, paths->link_flags);
  if (libraries & LIBRARY_CVODES)
    words_split(words, "-lsundials_cvodes -lsundials_nvecserial -lsundials_sunmatrixdense -lsundials_sunlinsoldense");
  if (libraries & LIBRARY_LAPACK) {
    words_add(words, "-llapack");
    words_add(words, "-lblas");
    if (options->is_static) words_add(words, "-lgfortran");
  }
  words_add(words, "-lm");
}

char *compile_command_text(const compile_options *options, const stanlite_paths *paths, int libraries) {
  word_list words = {0};
  compiling_arguments(&words, options, paths);
  linking_arguments(&words, options, paths, libraries);
  char *text = words_join(&words);
  words_free(&words);
  return text;
}

/* The exit code for what the C compiler returned. */
static int judge_compiler(int status) {
  if (status == 0) return SL_OK;
  if (status == -1) {
    fprintf(stderr, "stanlite: the C compiler `%s` cannot be started: %s\n", c_compiler(), strerror(errno));
    return SL_NO_INPUT;
  }
  if (status == 128 + SIGINT || status == 128 + SIGTERM || status == 128 + SIGHUP) return SL_INTERRUPTED;
  fprintf(stderr,
          "stanlite: the C compiler has refused the generated code; this is a defect of stanlite (look at it with "
          "--keep-c=FILE)\n");
  return SL_DEFECT;
}

/* Compiles folder/model.c in halves to objects beside it. */
static int compile_halves(const compile_options *options, const stanlite_paths *paths, const char *folder) {
  word_list commands[HALVES] = {0};
  char *const *words[HALVES];
  int statuses[HALVES], code = SL_OK;
  for (int i = 0; i < HALVES; i++) {
    compiling_arguments(&commands[i], options, paths);
    words_add(&commands[i], half_macros[i]);
    words_add(&commands[i], "-c");
    words_add_path(&commands[i], folder, "model.c");
    words_add(&commands[i], "-o");
    words_add_path(&commands[i], folder, half_objects[i]);
    words[i] = commands[i].items;
  }
  process_run_all(words, HALVES, statuses);
  for (int i = 0; i < HALVES; i++) {
    if (code == SL_OK) code = judge_compiler(statuses[i]);
    words_free(&commands[i]);
  }
  return code;
}

static int link_halves(const compile_options *options, const stanlite_paths *paths, int libraries, const char *folder,
                       const char *executable) {
  word_list words = {0};
  common_arguments(&words, options);
  words_add(&words, "-o");
  words_add(&words, executable);
  for (int i = 0; i < HALVES; i++) words_add_path(&words, folder, half_objects[i]);
  linking_arguments(&words, options, paths, libraries);
  int code = judge_compiler(process_run(words.items));
  words_free(&words);
  return code;
}

static bool write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  if (!file) return false;
  bool written = fputs(text, file) >= 0;
  return fclose(file) == 0 && written;
}

static int cannot_write(const char *path) {
  fprintf(stderr, "stanlite: %s cannot be written: %s\n", path, strerror(errno));
  return SL_CANNOT_WRITE;
}

/* The C to the executable `made`, with what lies in between in `folder`. */
static int compile_in(const char *folder, const compile_options *options, const stanlite_paths *paths, const char *c,
                      int libraries, const char *made) {
  char source[STANLITE_PATH_SIZE + 16];
  snprintf(source, sizeof source, "%s/model.c", folder);
  if (!write_file(source, c)) return cannot_write(source);
  if (options->keep_c && !write_file(options->keep_c, c)) return cannot_write(options->keep_c);
  int code = compile_halves(options, paths, folder);
  return code == SL_OK ? link_halves(options, paths, libraries, folder, made) : code;
}

static void remove_folder(const char *folder) {
  char path[STANLITE_PATH_SIZE + 16];
  for (int i = 0; i <= HALVES; i++) {
    snprintf(path, sizeof path, "%s/%s", folder, i < HALVES ? half_objects[i] : "model.c");
    unlink(path);
  }
  rmdir(folder);
}

int compile_c(const compile_options *options, const stanlite_paths *paths, const char *c, int libraries,
              const char *output) {
  struct stat there;
  if (stat(output, &there) == 0 && S_ISDIR(there.st_mode)) {
    errno = EISDIR;
    return cannot_write(output);
  }
  const char *temporary = getenv("TMPDIR");
  char folder[STANLITE_PATH_SIZE], made[STANLITE_PATH_SIZE];
  snprintf(folder, sizeof folder, "%s/stanlite-XXXXXX", temporary && *temporary ? temporary : "/tmp");
  snprintf(made, sizeof made, "%s.%ld.part", output, (long)getpid());
  process_hold_signals();
  int code = SL_OK;
  if (!mkdtemp(folder)) {
    code = cannot_write(folder);
  } else {
    code = !write_file(made, "") ? cannot_write(output) : compile_in(folder, options, paths, c, libraries, made);
    if (code == SL_OK && rename(made, output) != 0) code = cannot_write(output);
    if (code != SL_OK) unlink(made);
    remove_folder(folder);
  }
  process_release_signals();
  return code;
}
