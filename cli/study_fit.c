/* study_fit.c: one fit of a study (study.h): the sampler as a process of its own, on one thread, which writes nothing but the chosen
 * quantities; its files are read, summed up and deleted. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "cli/study.h"
#include "cli/summary.h"
#include "runtime/convergence.h"
#include "runtime/draws.h"
#include "runtime/output_path.h"

enum { MESSAGE_SIZE = 1500 };

/* The names of a fit's files. */
typedef struct fit_files {
  char data[STUDY_PATH_SIZE + 60], output[STUDY_PATH_SIZE + 60], errors[STUDY_PATH_SIZE + 60];
} fit_files;

/* A seed for replication r: the finaliser of splitmix64 (Steele, Lea and Flood 2014) cut to the 32 bits that a sampler takes. */
static unsigned long seed_of(long seed, long r) {
  uint64_t z = (uint64_t)seed * 0x9e3779b97f4a7c15u + (uint64_t)(r + 1) * 0xd1342543de82ef95u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (unsigned long)((z ^ (z >> 31)) & 0xffffffffu);
}

static void add_value(word_list *words, const char *name, const char *value) {
  size_t size = strlen(name) + strlen(value) + 2;
  char *word = malloc(size);
  if (!word) return;
  snprintf(word, size, "%s=%s", name, value);
  words_add(words, word);
  free(word);
}

static int run_sampler(const study_options *options, int fit, long r, const fit_files *files, volatile int *child) {
  word_list words = {0}, columns = {0};
  char seed[24];
  words_add(&words, options->fits[fit].executable);
  words_add(&words, "sample");
  for (int i = 0; i < options->sampler_word_count; i++) words_add(&words, options->sampler_words[i]);
  words_add(&words, "data");
  add_value(&words, "file", files->data);
  words_add(&words, "random");
  snprintf(seed, sizeof seed, "%lu", seed_of(options->seed, r));
  add_value(&words, "seed", seed);
  words_add(&words, "output");
  add_value(&words, "file", files->output);
  words_add(&words, "refresh=0");
  for (size_t i = 0; i < options->quantities.count; i++) words_add(&columns, options->quantities.items[i]);
  char *list = words_join(&columns);
  for (char *at = list; *at; at++)
    if (*at == ' ') *at = ',';
  add_value(&words, "columns", list);
  free(list);
  words_add(&words, "num_threads=1");
  int code = process_run_into(words.items, NULL, files->errors, child);
  words_free(&words);
  words_free(&columns);
  return code;
}

/* The last line of what the sampler said: why it failed. */
static void read_message(const char *path, char message[MESSAGE_SIZE]) {
  char line[MESSAGE_SIZE];
  FILE *file = fopen(path, "r");
  message[0] = 0;
  while (file && fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = 0;
    if (line[0]) memcpy(message, line, sizeof line);
  }
  if (file) fclose(file);
}

static void estimate(study_estimate *e, sl_convergence *c, const double *values, size_t count, double truth) {
  sl_convergence_load(c, values);
  double below = 0;
  for (size_t i = 0; i < count; i++) below += values[i] < truth ? 1 : values[i] == truth ? 0.5 : 0;
  *e = (study_estimate){.truth = truth,
                        .mean = sl_convergence_mean(c),
                        .sd = sl_convergence_sd(c),
                        .q5 = sl_convergence_quantile(c, 0.05),
                        .q25 = sl_convergence_quantile(c, 0.25),
                        .median = sl_convergence_quantile(c, 0.5),
                        .q75 = sl_convergence_quantile(c, 0.75),
                        .q95 = sl_convergence_quantile(c, 0.95),
                        .rhat = sl_convergence_rhat(c),
                        .ess_bulk = sl_convergence_ess_bulk(c),
                        .ess_tail = sl_convergence_ess_tail(c),
                        .rank = isnan(truth) ? NAN : below / (double)count};
}

static double truth_of(const study_options *options, const study_data *data, long r, const char *name) {
  for (int i = 0; i < options->truth_count; i++)
    if (strcmp(options->truths[i].name, name) == 0) return options->truths[i].value;
  return study_data_value(data, r, name);
}

static long count_where(const sl_draws *draws, const char *name, double least) {
  size_t column = sl_draws_find(draws, name), size = draws->chain_count * draws->draw_count;
  long count = 0;
  if (column == draws->column_count) return 0;
  const double *values = sl_draws_column(draws, column);
  for (size_t i = 0; i < size; i++) count += values[i] >= least;
  return count;
}

/* Columns that are not the sampler's own are the last ones. */
static size_t first_quantity(const sl_draws *draws) {
  size_t first = draws->column_count;
  while (first > 0) {
    const char *name = draws->names[first - 1];
    size_t length = strlen(name);
    if (length > 2 && strcmp(name + length - 2, "__") == 0) break;
    first--;
  }
  return first;
}

static bool summarize(const study_options *options, const study_data *data, long r, const sl_draws *draws,
                      const study_elements *elements, study_result *result, sl_error *error) {
  size_t size = draws->chain_count * draws->draw_count;
  sl_convergence *c = sl_convergence_create(draws->chain_count, draws->draw_count);
  result->estimates = calloc(elements->count, sizeof *result->estimates);
  bool good = c && result->estimates;
  if (!good) sl_error_set(error, SL_DEFECT, "not enough memory");
  for (size_t i = 0; good && i < elements->count; i++) {
    const char *name = elements->names[i];
    size_t column = sl_draws_find(draws, name);
    good = column < draws->column_count;
    if (good)
      estimate(&result->estimates[i], c, sl_draws_column(draws, column), size, truth_of(options, data, r, name));
    else
      sl_error_set(error, SL_BAD_DATA, "it has no %s, but another fit has", name);
  }
  sl_convergence_destroy(c);
  result->divergences = count_where(draws, "divergent__", 0.5);
  long max_depth = draws->chains[0].max_depth;
  result->depth_hits = max_depth > 0 ? count_where(draws, "treedepth__", (double)max_depth) : 0;
  return good;
}

/* Reads what the sampler wrote, and sums it up. */
static bool read_fit(const study_options *options, const study_data *data, long r, char paths[][STUDY_PATH_SIZE + 80],
                     study_settle *settle, void *context, const study_elements *elements, study_result *result,
                     sl_error *error) {
  const char **list = calloc((size_t)options->chains, sizeof *list);
  if (!list) return false;
  for (int i = 0; i < options->chains; i++) list[i] = paths[i];
  sl_draws *draws = sl_draws_read(list, (size_t)options->chains, error);
  free(list);
  if (!draws) return false;
  size_t first = first_quantity(draws);
  bool good = settle(context, draws->names + first, draws->column_count - first, error) &&
              summarize(options, data, r, draws, elements, result, error);
  sl_draws_destroy(draws);
  return good;
}

bool study_fit_run(const study_options *options, const study_data *data, int fit, long r, volatile int *child,
                   study_settle *settle, void *context, const study_elements *elements, study_result *result,
                   sl_error *error) {
  fit_files files;
  snprintf(files.data, sizeof files.data, "%s/%ld_%d.json", options->folder, r, fit);
  snprintf(files.output, sizeof files.output, "%s/%ld_%d.csv", options->folder, r, fit);
  snprintf(files.errors, sizeof files.errors, "%s/%ld_%d.err", options->folder, r, fit);
  char(*paths)[STUDY_PATH_SIZE + 80] = calloc((size_t)options->chains, sizeof *paths);
  if (!paths) sl_error_set(error, SL_DEFECT, "not enough memory");
  bool good = paths && study_data_write(data, r, files.data, error);
  if (good) {
    int code = run_sampler(options, fit, r, &files, child);
    for (int i = 0; i < options->chains; i++)
      sl_output_path(paths[i], sizeof paths[i], files.output, "", ".csv", options->chains > 1, i + 1);
    if (code == SL_OK) {
      good = read_fit(options, data, r, paths, settle, context, elements, result, error);
    } else {
      char message[MESSAGE_SIZE];
      read_message(files.errors, message);
      sl_error_set(error, code < 0 ? SL_DEFECT : code, "%s", message[0] ? message : "the sampler ended without a word");
      good = false;
    }
    for (int i = 0; i < options->chains; i++) remove(paths[i]);
  }
  remove(files.data);
  remove(files.errors);
  free(paths);
  result->state = good ? STUDY_DONE : STUDY_FAILED;
  return good;
}
