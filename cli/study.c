/* study.c: `stanlite study`: reads the arguments, runs the fits side by side, and writes a row for each (study.h).
 *
 * Threads take fits from a counter. Rows go to the file in the order of the replications, whatever the order in which the fits end, so
 * that the file depends on the seed alone. The main thread only waits, tells how far it is, and on an interrupt stops
 * the samplers; what was finished then is written. */
#include "cli/study.h"
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/summary.h"
#include "runtime/arguments.h"
#include "runtime/csv_writer.h"
#include "runtime/interrupt.h"

static const char study_help[] =
    "stanlite study --simulate=PROGRAM --fit=[NAME:]PROGRAM... [options] [sampler arguments]\n"
    "\n"
    "A Monte Carlo study: draws data sets with one program, fits others to each of them, and says how their estimates "
    "differ\n"
    "from the truth. The simulating program's generated quantities (or parameters, drawn from its model block) become "
    "data\n"
    "under their own names; a fitted program reads those that it declares. A quantity of the same name on both sides "
    "is\n"
    "the truth of the fitted one.\n"
    "\n"
    "  --simulate=PROGRAM      draws the data\n"
    "  --fit=[NAME:]PROGRAM    is fitted to them; may be repeated: all are fitted to the same data\n"
    "  --data=FILE.json        constants: data of the simulating and of the fitted programs\n"
    "  --replications=N        how many data sets (300)\n"
    "  --quantities=A,B        what to estimate (default: the fitted quantities whose truth is known)\n"
    "  --true=NAME=VALUE       a truth that the simulation does not say; may be repeated\n"
    "  --seed=N                the results depend on it alone (1)\n"
    "  --jobs=N                fits at the same time (as many as there are cores)\n"
    "  -o FILE.csv             a row for each fit (study.csv)\n"
    "  -O3 --march= ...        as for build\n"
    "\n"
    "Every fit has 4 chains of 1000 iterations for warmup and 1000 draws; sampler arguments change that, as in\n"
    "num_samples=500 adapt delta=0.95. The table has for each program and quantity\n"
    "\n"
    "  Truth, Mean             means over the replications: of the truth, and of the posterior mean\n"
    "  Bias, MCSE, RMSE        of the posterior mean; the Monte Carlo standard error of the bias\n"
    "  PostSD                  mean posterior standard deviation\n"
    "  In_50%, In_90%          how often the posterior's 50 % and 90 % intervals hold the truth\n"
    "\n"
    "and, where the truth differs between replications, whether its rank among the draws is uniform.\n";

enum { MOST_JOBS = 64, STATISTIC_COUNT = 12 };
static const char *const statistic_names[STATISTIC_COUNT] = {"true", "mean", "sd",   "q5",       "q25",      "median",
                                                             "q75",  "q95",  "rhat", "ess_bulk", "ess_tail", "rank"};
_Static_assert(sizeof(study_estimate) == STATISTIC_COUNT * sizeof(double), "a name for each statistic");

/* ---- arguments ---- */

static bool is_wrong(const char *format, const char *what) {
  fputs("stanlite study: ", stderr);
  fprintf(stderr, format, what);
  fputs("; see stanlite help study\n", stderr);
  return false;
}

static bool read_count(const char *text, long least, long greatest, const char *option, long *count) {
  char *end;
  *count = strtol(text, &end, 10);
  if (end != text && *end == 0 && *count >= least && *count <= greatest) return true;
  return is_wrong("%s wants a whole number that is not too large or small", option);
}

/* "theta[1,2]" to "theta.1.2", in place. */
static void to_column_name(char *name) {
  char *to = name;
  for (char *at = name; *at; at++)
    if (*at != ']') *to++ = *at == '[' || *at == ',' ? '.' : *at;
  *to = 0;
}

/* Quantities with commas between, of which those in brackets belong to an index. */
static void read_quantities(study_options *options, const char *text) {
  char *copy = strdup(text), *start = copy;
  bool inside = false;
  for (char *at = copy; at; at++) {
    inside = (inside || *at == '[') && *at != ']';
    if ((*at != ',' || inside) && *at) continue;
    bool last = *at == 0;
    *at = 0;
    to_column_name(start);
    if (*start) words_add(&options->quantities, start);
    if (last) break;
    start = at + 1;
  }
  free(copy);
}

static bool read_truth(study_options *options, const char *text) {
  const char *equals = strchr(text, '=');
  char *end = NULL, *name = strdup(text);
  double value = equals ? strtod(equals + 1, &end) : NAN;
  study_truth *larger = realloc(options->truths, ((size_t)options->truth_count + 1) * sizeof *larger);
  if (larger) options->truths = larger;
  if (!name || !larger || !equals || end == equals + 1 || *end) {
    free(name);
    return is_wrong("--true wants NAME=VALUE, not `%s`", text);
  }
  name[equals - text] = 0;
  to_column_name(name);
  options->truths[options->truth_count++] = (study_truth){name, value};
  return true;
}

/* A program; its name in the tables is what stands before a colon, or its file's name without the ending. */
static void set_program(study_program *program, const char *text) {
  const char *colon = strchr(text, ':'), *slash = strchr(text, '/');
  if (colon && (!slash || colon < slash)) {
    program->path = colon + 1;
    snprintf(program->name, sizeof program->name, "%.*s", (int)(colon - text), text);
    return;
  }
  program->path = text;
  const char *file = strrchr(text, '/') ? strrchr(text, '/') + 1 : text, *dot = strrchr(file, '.');
  snprintf(program->name, sizeof program->name, "%.*s", dot ? (int)(dot - file) : (int)strlen(file), file);
}

static bool set_option(study_options *options, const char *name, const char *value) {
  if (strcmp(name, "--simulate") == 0) {
    set_program(&options->simulate, value);
    return true;
  }
  if (strcmp(name, "--fit") == 0) {
    if (options->fit_count == MOST_FITS) return is_wrong("too many programs to fit, from `%s` on", value);
    set_program(&options->fits[options->fit_count++], value);
    return true;
  }
  if (strcmp(name, "--replications") == 0) return read_count(value, 1, 1000000, name, &options->replications);
  if (strcmp(name, "--seed") == 0) return read_count(value, 0, 4294967295, name, &options->seed);
  if (strcmp(name, "--jobs") == 0) return read_count(value, 1, MOST_JOBS, name, &options->jobs);
  if (strcmp(name, "--true") == 0) return read_truth(options, value);
  if (strcmp(name, "--data") == 0)
    options->constants = value;
  else if (strcmp(name, "-o") == 0)
    options->output = value;
  else
    read_quantities(options, value);
  return true;
}

/* An option with its value, which may be a word of its own. 1: taken, *next moves behind it; 0: not one of ours; -1: wrong. */
static int take_option(study_options *options, char **argv, int argc, int *next) {
  static const char *const names[] = {"--simulate", "--fit",  "--data", "--replications", "--quantities", "--true",
                                      "--seed",     "--jobs", "-o"};
  const char *word = argv[*next];
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t length = strlen(names[i]);
    const char *value = NULL;
    if (strncmp(word, names[i], length) == 0 && word[length] == '=')
      value = word + length + 1;
    else if (strcmp(word, names[i]) == 0 && *next + 1 < argc)
      value = argv[++*next];
    else if (strcmp(word, names[i]) == 0)
      return is_wrong("%s wants a value", word) - 1;
    if (!value) continue;
    ++*next;
    return set_option(options, names[i], value) ? 1 : -1;
  }
  return 0;
}

/* What the study says to the samplers itself must not be said by the user as well. */
static bool check_sampler_words(study_options *options) {
  static sl_arguments arguments;
  static const sl_argument_id ours[] = {SL_ARG_DATA_FILE, SL_ARG_SEED, SL_ARG_OUTPUT_FILE, SL_ARG_REFRESH,
                                        SL_ARG_COLUMNS,   SL_ARG_ID,   SL_ARG_NUM_THREADS};
  sl_error error = {0};
  word_list words = {0};
  words_add(&words, "sampler");
  words_add(&words, "sample");
  for (int i = 0; i < options->sampler_word_count; i++) words_add(&words, options->sampler_words[i]);
  bool good = sl_arguments_parse(&arguments, (int)words.count, words.items, &error);
  if (!good) fprintf(stderr, "stanlite study: %s\n", error.message);
  if (good && arguments.request != SL_REQUEST_RUN) good = is_wrong("%s is no argument for it", words.items[2]);
  for (size_t i = 0; good && i < sizeof ours / sizeof *ours; i++)
    if (arguments.value[ours[i]].given && ours[i] != SL_ARG_NUM_THREADS)
      good = is_wrong("the study itself says each fit's %s=", sl_argument_table[ours[i]].name);
  options->chains = (int)sl_argument_int(&arguments, SL_ARG_NUM_CHAINS);
  words_free(&words);
  return good;
}

static bool check_options(study_options *options) {
  if (!options->simulate.path) return is_wrong("%s", "which program draws the data? (--simulate=)");
  if (options->fit_count == 0) return is_wrong("%s", "which program is fitted? (--fit=)");
  for (int i = 0; i < options->fit_count; i++)
    for (int j = 0; j < i; j++)
      if (strcmp(options->fits[i].name, options->fits[j].name) == 0)
        return is_wrong("two programs are called `%s`: give them names, as in --fit=NAME:PROGRAM",
                        options->fits[i].name);
  return check_sampler_words(options);
}

static bool read_options(study_options *options, int argc, char **argv) {
  *options = (study_options){.compile = compile_defaults, .replications = 300, .seed = 1, .output = "study.csv"};
  options->jobs = sysconf(_SC_NPROCESSORS_ONLN);
  if (options->jobs < 1) options->jobs = 1;
  if (options->jobs > MOST_JOBS) options->jobs = MOST_JOBS;
  options->sampler_words = argv;
  for (int i = 0; i < argc;) {
    int taken = take_option(options, argv, argc, &i);
    if (taken < 0) return false;
    if (taken > 0) continue;
    if (argv[i][0] != '-') {
      argv[options->sampler_word_count++] = argv[i++]; /* never ahead of what is read */
      continue;
    }
    taken = compile_option(&options->compile, argv[i++]);
    if (taken < 0) return false;
    if (taken == 0) return is_wrong("there is no option %s", argv[i - 1]);
  }
  return check_options(options);
}

/* ---- programs ---- */

static int build(study_options *options, study_program *program) {
  options->compile.program = program->path;
  options->compile.emit = NULL;
  return cached_sampler(&options->compile, program->executable);
}

/* The quantities of the first program whose truth is known, unless the user has named some. */
static bool settle_quantities(study_options *options, const study_data *data) {
  word_list names = {0};
  bool has_parameters;
  if (options->quantities.count > 0) return true;
  if (!study_list_variables(options, options->fits[0].executable, &names, &has_parameters)) return false;
  for (size_t i = 0; i < names.count; i++) {
    bool is_known = study_data_has(data, names.items[i]);
    for (int t = 0; t < options->truth_count && !is_known; t++) {
      size_t length = strlen(names.items[i]);
      const char *name = options->truths[t].name;
      is_known = strncmp(name, names.items[i], length) == 0 && (name[length] == 0 || name[length] == '.');
    }
    if (is_known) words_add(&options->quantities, names.items[i]);
  }
  words_free(&names);
  return options->quantities.count > 0 ||
         is_wrong("no quantity of %s has a known truth: name some (--quantities=)", options->fits[0].path);
}

/* ---- the fits ---- */

typedef struct study_run {
  const study_options *options;
  const study_data *data;
  study_elements elements;
  study_result *results; /* [replication * fit_count + fit] */
  long count, next;      /* of fits: all, and the first that nobody has taken */
  long finished, written;
  long succeeded[MOST_FITS], failed[MOST_FITS];
  volatile int children[MOST_JOBS];
  long jobs_left;
  sl_csv_writer output;
  sl_error error; /* ends the study */
  pthread_mutex_t lock;
} study_run;

typedef struct study_worker {
  study_run *run;
  int job;
  pthread_t thread;
} study_worker;

static void write_header(study_run *run) {
  sl_csv_text(&run->output, "replication,fit,divergences,max_depth_hits");
  for (size_t i = 0; i < run->elements.count; i++)
    for (int k = 0; k < STATISTIC_COUNT; k++)
      sl_csv_text(&run->output, ",%s.%s", run->elements.names[i], statistic_names[k]);
  sl_csv_char(&run->output, '\n');
}

static void write_row(study_run *run, long task) {
  const study_result *result = &run->results[task];
  int fit_count = run->options->fit_count;
  sl_csv_text(&run->output, "%ld,%s,%ld,%ld", task / fit_count + 1, run->options->fits[task % fit_count].name,
              result->divergences, result->depth_hits);
  for (size_t i = 0; i < run->elements.count; i++) {
    double values[STATISTIC_COUNT];
    memcpy(values, &result->estimates[i], sizeof values);
    for (int k = 0; k < STATISTIC_COUNT; k++) {
      sl_csv_char(&run->output, ',');
      sl_csv_number(&run->output, values[k]);
    }
  }
  sl_csv_char(&run->output, '\n');
}

/* Rows in their order, as far as all before them are there; at the end (`all`) those behind a gap as well. */
static void write_rows(study_run *run, bool all) {
  if (!run->elements.names) return;
  for (; run->written < run->count; run->written++) {
    study_state state = run->results[run->written].state;
    if (state == STUDY_DONE) write_row(run, run->written);
    if (state == STUDY_WAITING && !all) break;
  }
  sl_csv_flush(&run->output);
}

/* The first fit says which elements the quantities have. */
static bool settle_elements(void *context, char *const *names, size_t count, sl_error *error) {
  study_run *run = context;
  const study_options *options = run->options;
  for (int t = 0; t < options->truth_count; t++) {
    bool found = false;
    for (size_t i = 0; i < count; i++) found |= strcmp(names[i], options->truths[t].name) == 0;
    if (found) continue;
    sl_error_set(error, SL_USAGE, "--true=%s: this is not among the quantities", options->truths[t].name);
    return false;
  }
  pthread_mutex_lock(&run->lock);
  if (!run->elements.names) {
    run->elements.names = calloc(count + 1, sizeof *run->elements.names);
    for (size_t i = 0; run->elements.names && i < count; i++) run->elements.names[i] = strdup(names[i]);
    run->elements.count = run->elements.names ? count : 0;
    write_header(run);
  }
  pthread_mutex_unlock(&run->lock);
  return true;
}

/* Fits may fail now and then: they are left out. Where a program's first ones all fail, or the command is wrong, the study ends. */
static void take_failure(study_run *run, int fit, long r, const sl_error *error) {
  enum { ENOUGH = 5 };
  const study_options *options = run->options;
  const char *name = options->fits[fit].name;
  if (run->failed[fit]++ == 0)
    fprintf(stderr, "A fit failed and is left out: %s, replication %ld: %s\n", name, r + 1, error->message);
  long enough = options->replications < ENOUGH ? options->replications : ENOUGH;
  if (run->succeeded[fit] == 0 && (error->code == SL_USAGE || run->failed[fit] >= enough))
    sl_error_set(&run->error, error->code, "no fit of %s succeeds: %s", name, error->message);
}

static void *work(void *context) {
  study_worker *worker = context;
  study_run *run = worker->run;
  int fit_count = run->options->fit_count;
  pthread_mutex_lock(&run->lock);
  while (run->next < run->count && !run->error.code && !sl_interrupted) {
    long task = run->next++, r = task / fit_count;
    int fit = (int)(task % fit_count);
    study_result result = {0};
    sl_error error = {0};
    pthread_mutex_unlock(&run->lock);
    bool good = study_fit_run(run->options, run->data, fit, r, &run->children[worker->job], settle_elements, run,
                              &run->elements, &result, &error);
    pthread_mutex_lock(&run->lock);
    if (!good && sl_interrupted) result.state = STUDY_WAITING;
    run->results[task] = result;
    if (result.state == STUDY_WAITING) continue;
    run->finished++;
    run->succeeded[fit] += good;
    if (!good) take_failure(run, fit, r, &error);
    write_rows(run, false);
  }
  run->jobs_left--;
  pthread_mutex_unlock(&run->lock);
  return NULL;
}

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* How far it is: on a terminal one line that is drawn again, elsewhere a line for each tenth. */
static void tell_progress(const study_run *run, double started, long *told) {
  bool terminal = isatty(STDERR_FILENO);
  if (run->finished == *told || (!terminal && run->finished * 10 / run->count == *told * 10 / run->count)) return;
  *told = run->finished;
  double left = (seconds_now() - started) / (double)run->finished * (double)(run->count - run->finished);
  fprintf(stderr, "%s%ld of %ld fits, about %.0f s left%s", terminal ? "\r" : "", run->finished, run->count, left,
          terminal ? "   " : "\n");
  if (terminal && run->finished == run->count) fputc('\n', stderr);
}

/* Waits for the workers, tells how far they are, and passes an interrupt on to the samplers. */
static void watch(study_run *run, double started) {
  long told = 0;
  bool passed_on = false;
  for (;;) {
    pthread_mutex_lock(&run->lock);
    tell_progress(run, started, &told);
    bool working = run->jobs_left > 0, stops = sl_interrupted || run->error.code;
    pthread_mutex_unlock(&run->lock);
    if (!working) return;
    for (int job = 0; stops && !passed_on && job < MOST_JOBS; job++) {
      int child = run->children[job];
      if (child > 0) kill((pid_t)child, SIGINT);
    }
    passed_on |= stops;
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
  }
}

static void run_fits(study_run *run) {
  study_worker workers[MOST_JOBS];
  double started = seconds_now();
  long jobs = run->options->jobs < run->count ? run->options->jobs : run->count, created = 0;
  run->jobs_left = jobs;
  for (; created < jobs; created++) {
    workers[created] = (study_worker){.run = run, .job = (int)created};
    if (pthread_create(&workers[created].thread, NULL, work, &workers[created]) != 0) break;
  }
  if (created < jobs) {
    pthread_mutex_lock(&run->lock);
    run->jobs_left -= jobs - created;
    if (created == 0) sl_error_set(&run->error, SL_DEFECT, "no thread can be had");
    pthread_mutex_unlock(&run->lock);
  }
  watch(run, started);
  for (long i = 0; i < created; i++) pthread_join(workers[i].thread, NULL);
  struct rusage children, self;
  getrusage(RUSAGE_CHILDREN, &children);
  getrusage(RUSAGE_SELF, &self);
  double cpu =
      (double)(children.ru_utime.tv_sec + children.ru_stime.tv_sec + self.ru_utime.tv_sec + self.ru_stime.tv_sec) +
      1e-6 * (double)(children.ru_utime.tv_usec + children.ru_stime.tv_usec + self.ru_utime.tv_usec +
                      self.ru_stime.tv_usec);
  fprintf(stderr, "%ld fits in %.1f s, %ld at a time; %.1f s of processor time\n", run->finished,
          seconds_now() - started, jobs, cpu);
}

static int run_study(const study_options *options, const study_data *data) {
  study_run run = {.options = options, .data = data, .count = options->replications * options->fit_count};
  pthread_mutex_init(&run.lock, NULL);
  run.results = calloc((size_t)run.count, sizeof *run.results);
  bool opened = run.results && sl_csv_open(&run.output, options->output, 8, &run.error);
  if (opened) {
    sl_interrupt_begin();
    run_fits(&run);
    bool any = false;
    for (int i = 0; i < options->fit_count; i++) any |= run.succeeded[i] > 0;
    if (any) {
      write_rows(&run, true);
      sl_csv_close(&run.output, &run.error);
      study_print_table(options, &run.elements, run.results, stdout);
      printf("\nThe fits lie in %s\n", options->output);
    } else {
      sl_csv_abandon(&run.output);
    }
    if (sl_interrupted) sl_error_set(&run.error, SL_INTERRUPTED, "Interrupted. What was finished is written.");
    sl_interrupt_end();
  } else {
    sl_error_set(&run.error, SL_DEFECT, "not enough memory");
  }
  if (fflush(stdout) != 0) sl_error_set(&run.error, SL_CANNOT_WRITE, "cannot write to standard output");
  if (run.error.code) fprintf(stderr, "stanlite study: %s\n", run.error.message);
  for (long i = 0; run.results && i < run.count; i++) free(run.results[i].estimates);
  for (size_t i = 0; i < run.elements.count; i++) free(run.elements.names[i]);
  free(run.elements.names);
  free(run.results);
  pthread_mutex_destroy(&run.lock);
  return run.error.code;
}

/* ---- the command ---- */

static bool make_folder(study_options *options) {
  const char *base = getenv("TMPDIR");
  snprintf(options->folder, sizeof options->folder, "%s/stanlite-study-XXXXXX", base && *base ? base : "/tmp");
  if (mkdtemp(options->folder)) return true;
  fprintf(stderr, "stanlite study: %s cannot be made: %s\n", options->folder, strerror(errno));
  options->folder[0] = 0;
  return false;
}

static void remove_folder(const study_options *options) {
  char path[STUDY_PATH_SIZE + 20];
  static const char *const files[] = {"info", "simulation", "simulated.csv"};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    snprintf(path, sizeof path, "%s/%s", options->folder, files[i]);
    remove(path);
  }
  if (options->folder[0]) rmdir(options->folder);
}

static int study(study_options *options) {
  if (options->constants && access(options->constants, R_OK) != 0) {
    fprintf(stderr, "stanlite study: %s: cannot be opened: %s\n", options->constants, strerror(errno));
    return SL_NO_INPUT;
  }
  int code = build(options, &options->simulate);
  for (int i = 0; code == SL_OK && i < options->fit_count; i++) code = build(options, &options->fits[i]);
  if (code != SL_OK) return code;
  if (!make_folder(options)) return SL_CANNOT_WRITE;
  study_data *data = study_data_draw(options, &code);
  if (data) code = settle_quantities(options, data) ? run_study(options, data) : SL_USAGE;
  study_data_destroy(data);
  remove_folder(options);
  return code;
}

int command_study(int argc, char **argv) {
  static study_options options;
  for (int i = 0; i < argc; i++)
    if (strcmp(argv[i], "--help") == 0) {
      fputs(study_help, stdout);
      return SL_OK;
    }
  int code = read_options(&options, argc, argv) ? study(&options) : SL_USAGE;
  words_free(&options.quantities);
  for (int i = 0; i < options.truth_count; i++) free(options.truths[i].name);
  free(options.truths);
  return code;
}
