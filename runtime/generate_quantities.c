/* generate_quantities.c: the method `generate_quantities`: this program's generated quantities for the draws of a fit.
 *
 * The fit may be another program's, if the parameters of this one are among its columns. Each chain is a file; everything
 * that can fail for a reason of the user's happens before the first output is written to. Random numbers come from the chain's
 * stream for generated quantities, as they do
 * when it samples. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/chain_threads.h"
#include "runtime/columns.h"
#include "runtime/command.h"
#include "runtime/config.h"
#include "runtime/interrupt.h"
#include "runtime/output_header.h"
#include "runtime/output_path.h"
#include "runtime/points.h"
#include "runtime/rejections.h"

enum { PATH_SIZE = 4200 };

/* What all chains share. */
typedef struct generation {
  const sl_model *model;
  const sl_arguments *arguments;
  sl_rejections *rejections;
  bool several;
  size_t parameter_count, value_count; /* of parameters, and with the generated quantities after them */
} generation;

typedef struct generated_chain {
  const generation *shared;
  int id;
  char *fit;        /* path of the draws; owned */
  sl_points points; /* its draws, unconstrained */
  sl_csv_writer output;
  double *values; /* of one draw */
  sl_error error;
} generated_chain;

/* ---- which files ---- */

/* One file of a list, or of the files FIT_1.csv, FIT_2.csv, ... that several chains have written. The caller frees. */
static char *fit_path(const char *fitted, int index, int id, bool several) {
  char path[PATH_SIZE];
  if (!strchr(fitted, ',')) {
    sl_output_path(path, sizeof path, fitted, "", ".csv", several, id);
    return strdup(path);
  }
  while (index-- > 0) fitted = strchr(fitted, ',') + 1;
  return strndup(fitted, strcspn(fitted, ","));
}

/* How many chains there are; 0: error. A list of files says it itself. */
static int count_chains(const sl_arguments *arguments, sl_error *error) {
  const char *fitted = sl_argument_text(arguments, SL_ARG_FITTED_PARAMS);
  int count = (int)sl_argument_int(arguments, SL_ARG_GQ_NUM_CHAINS), listed = 1;
  for (const char *at = fitted; *at; at++) listed += *at == ',';
  if (!fitted[0])
    sl_error_set(error, SL_USAGE, "generate_quantities wants the draws of a fit: fitted_params=FILE.csv");
  else if (listed > 1 && arguments->value[SL_ARG_GQ_NUM_CHAINS].given && listed != count)
    sl_error_set(error, SL_USAGE, "fitted_params= lists %d files, but num_chains=%d", listed, count);
  else
    return listed > 1 ? listed : count;
  return 0;
}

/* ---- one chain ---- */

static void read_points(void *context, int item, sl_workspace *workspace) {
  generated_chain *chain = (generated_chain *)context + item;
  const sl_model *model = chain->shared->model;
  chain->points = (sl_points){.model = model, .workspace = workspace, .n = sl_unconstrained_size(model)};
  if (!workspace)
    sl_error_set(&chain->error, SL_BAD_DATA, "not enough memory for a thread's workspace");
  else
    sl_points_add_constrained(&chain->points, chain->fit, &chain->error);
}

typedef struct header {
  generated_chain *chain;
  size_t visited;
} header;

static void write_name(void *context, const char *name) {
  header *header = context;
  size_t first = header->chain->shared->parameter_count, place = header->visited++;
  if (place >= first) sl_csv_text(&header->chain->output, place > first ? ",%s" : "%s", name);
}

static void write_draw(generated_chain *chain) {
  const generation *shared = chain->shared;
  const double *values = chain->values + shared->parameter_count;
  size_t count = shared->value_count - shared->parameter_count;
  if (count) {
    sl_csv_number(&chain->output, values[0]);
    sl_csv_numbers(&chain->output, values + 1, count - 1);
  }
  sl_csv_char(&chain->output, '\n');
}

static void generate(void *context, int item, sl_workspace *workspace) {
  generated_chain *chain = (generated_chain *)context + item;
  const generation *shared = chain->shared;
  if (!workspace) {
    sl_error_set(&chain->error, SL_BAD_DATA, "not enough memory for a thread's workspace");
    return;
  }
  sl_rng of_sampler, rng;
  sl_chain_seed(&of_sampler, &rng, (uint64_t)sl_argument_int(shared->arguments, SL_ARG_SEED), chain->id);
  sl_header_write(&chain->output, shared->arguments);
  sl_columns_visit(shared->model, false, true, write_name, &(header){.chain = chain});
  sl_csv_char(&chain->output, '\n');
  for (size_t k = 0; k < chain->points.count && !sl_interrupted; k++) {
    sl_status status = sl_constrain(shared->model, workspace, chain->points.values + k * chain->points.n, &rng, false,
                                    true, chain->values);
    if (status == SL_FATAL) {
      sl_error_set(&chain->error, SL_BAD_DATA, "Chain [%d]: %s", chain->id, workspace->message);
      return;
    }
    if (status != SL_EVALUATED)
      sl_rejections_report(shared->rejections, SL_REJECTED_QUANTITIES, chain->id, workspace->message);
    write_draw(chain);
  }
}

static bool open_output(generated_chain *chain, sl_error *error) {
  const generation *shared = chain->shared;
  char path[PATH_SIZE];
  sl_output_path(path, sizeof path, sl_argument_text(shared->arguments, SL_ARG_OUTPUT_FILE), "", ".csv",
                 shared->several, chain->id);
  if (strcmp(path, chain->fit) == 0) {
    sl_error_set(error, SL_USAGE, "%s holds the draws: output file= must name another file", path);
    return false;
  }
  return sl_csv_open(&chain->output, path, (int)sl_argument_int(shared->arguments, SL_ARG_SIG_FIGS), error);
}

/* ---- all of them ---- */

static bool create_chains(const generation *shared, generated_chain *chains, int count, sl_error *error) {
  const char *fitted = sl_argument_text(shared->arguments, SL_ARG_FITTED_PARAMS);
  for (int i = 0; i < count; i++) {
    generated_chain *chain = &chains[i];
    *chain = (generated_chain){.shared = shared, .id = (int)sl_argument_int(shared->arguments, SL_ARG_ID) + i};
    chain->output.file = -1;
    chain->fit = fit_path(fitted, i, chain->id, shared->several);
    chain->values = malloc((shared->value_count + 1) * sizeof *chain->values);
    if (chain->fit && chain->values) continue;
    sl_error_set(error, SL_BAD_DATA, "not enough memory for %d chains", count);
    return false;
  }
  return true;
}

/* The first error of any chain is the run's. */
static bool collect_errors(const generated_chain *chains, int count, sl_error *error) {
  for (int i = 0; i < count; i++)
    if (chains[i].error.code) sl_error_set(error, chains[i].error.code, "%s", chains[i].error.message);
  return error->code == SL_OK;
}

static bool open_outputs(generated_chain *chains, int count, sl_error *error) {
  const sl_arguments *arguments = chains[0].shared->arguments;
  int opened = 0;
  while (opened < count && open_output(&chains[opened], error)) opened++;
  if (opened == count && sl_config_save_beside(arguments, error)) return true;
  for (int i = 0; i < opened; i++) sl_csv_abandon(&chains[i].output);
  return false;
}

static void generate_all(generated_chain *chains, int count, int thread_count, sl_error *error) {
  sl_interrupt_begin();
  sl_chain_threads(count, thread_count, 1, generate, chains);
  collect_errors(chains, count, error);
  for (int i = 0; i < count; i++) sl_csv_close(&chains[i].output, error);
  sl_rejections_summarise(chains[0].shared->rejections);
  if (sl_interrupted)
    sl_error_set(error, SL_INTERRUPTED, "Interrupted. The files hold the draws up to here, and are complete.");
  sl_interrupt_end();
}

bool sl_generate_quantities(const sl_model *model, const sl_arguments *arguments, sl_error *error) {
  generation shared = {.model = model,
                       .arguments = arguments,
                       .parameter_count = sl_constrained_size(model, false, false),
                       .value_count = sl_constrained_size(model, false, true)};
  if (shared.value_count == shared.parameter_count) {
    sl_error_set(error, SL_BAD_CONFIG, "The model has no generated quantities.");
    return false;
  }
  int count = count_chains(arguments, error), threads = (int)sl_argument_int(arguments, SL_ARG_NUM_THREADS);
  if (count == 0) return false;
  shared.several = count > 1;
  shared.rejections = sl_rejections_create();
  generated_chain *chains = calloc((size_t)count, sizeof *chains);
  if (!chains || !shared.rejections) {
    sl_error_set(error, SL_BAD_DATA, "not enough memory for %d chains", count);
  } else if (create_chains(&shared, chains, count, error)) {
    sl_chain_threads(count, threads, 1, read_points, chains);
    if (collect_errors(chains, count, error) && open_outputs(chains, count, error))
      generate_all(chains, count, threads, error);
  }
  for (int i = 0; chains && i < count; i++) {
    sl_points_destroy(&chains[i].points);
    free(chains[i].fit);
    free(chains[i].values);
  }
  free(chains);
  sl_rejections_destroy(shared.rejections);
  return error->code == SL_OK;
}
