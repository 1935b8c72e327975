/* sample.c: the method `sample`: opens the files, starts every chain, runs them on threads, and tells what the user should
 * know about the result.
 *
 * Everything that can fail for a reason of the user's happens before the first file is written to. A chain draws from
 * its own streams and writes its own file, so the draws do not depend on the number of threads. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/chain.h"
#include "runtime/chain_threads.h"
#include "runtime/command.h"
#include "runtime/config.h"
#include "runtime/interrupt.h"
#include "runtime/metropolis.h"
#include "runtime/output_path.h"

enum { PATH_SIZE = 4200 };

/* One chain, by the thread that took it. */
static void run_chain(void *context, int item, sl_workspace *workspace) {
  sl_chain *chain = (sl_chain *)context + item;
  if (sl_interrupted) return;
  if (workspace)
    sl_chain_run(chain, workspace);
  else
    sl_error_set(&chain->error, SL_BAD_DATA, "not enough memory for a thread's workspace");
}

static void path_of(char *out, const sl_chain *chain, sl_argument_id file, const char *tag, const char *ending) {
  const sl_arguments *arguments = chain->run->arguments;
  sl_output_path(out, PATH_SIZE, sl_argument_text(arguments, file), tag, ending,
                 sl_argument_int(arguments, SL_ARG_NUM_CHAINS) > 1, chain->id);
}

static bool open_files(sl_chain *chain, sl_error *error) {
  const sl_arguments *arguments = chain->run->arguments;
  int sig_figs = (int)sl_argument_int(arguments, SL_ARG_SIG_FIGS);
  char path[PATH_SIZE];
  path_of(path, chain, SL_ARG_OUTPUT_FILE, "", ".csv");
  if (!sl_csv_open(&chain->output, path, sig_figs, error)) return false;
  if (!sl_argument_text(arguments, SL_ARG_DIAGNOSTIC_FILE)[0] || !chain->run->kernel->moves) return true;
  path_of(path, chain, SL_ARG_DIAGNOSTIC_FILE, "", ".csv");
  return sl_csv_open(&chain->diagnostics, path, sig_figs, error);
}

/* Creates all chains and opens all files, or leaves no file behind. */
static bool start_chains(const sl_run *run, sl_chain *chains, int count, sl_error *error) {
  sl_workspace *workspace = sl_workspace_create();
  bool good = workspace != NULL;
  if (!workspace) sl_error_set(error, SL_BAD_DATA, "not enough memory for a workspace");
  int created = 0;
  for (; good && created < count; created++) {
    sl_chain *chain = &chains[created];
    good = sl_chain_create(chain, run, created, workspace) && open_files(chain, &chain->error);
    if (!good) sl_error_set(error, chain->error.code, "%s", chain->error.message);
  }
  good = good && sl_config_save_beside(run->arguments, error);
  for (int i = 0; !good && i < created; i++) {
    sl_csv_abandon(&chains[i].output);
    sl_csv_abandon(&chains[i].diagnostics);
    sl_chain_destroy(&chains[i]);
  }
  sl_workspace_destroy(workspace);
  return good;
}

/* A chain that was interrupted before its turn wrote nothing, and leaves nothing. */
static void close_file(sl_csv_writer *writer, sl_error *error) {
  if (writer->emptied || writer->used)
    sl_csv_close(writer, error);
  else
    sl_csv_abandon(writer);
}

/* Closes the files; the first thing that went wrong in any chain is the error of the run. */
static void finish_chains(const sl_run *run, sl_chain *chains, int count, sl_error *error) {
  for (int i = 0; i < count; i++) {
    sl_chain *chain = &chains[i];
    char path[PATH_SIZE];
    path_of(path, chain, SL_ARG_OUTPUT_FILE, "_metric", ".json");
    if (chain->error.code) sl_error_set(error, chain->error.code, "%s", chain->error.message);
    if (sl_argument_bool(run->arguments, SL_ARG_SAVE_METRIC) && run->kernel->moves && !chain->error.code &&
        !sl_interrupted)
      sl_chain_save_metric(chain, path, error);
    close_file(&chain->output, error);
    close_file(&chain->diagnostics, error);
  }
}

/* What the draws' reader should know; the wording leaves the reader something to do. */
static void warn(const sl_run *run, const sl_chain *chains, int count) {
  long divergences = 0, depth_limits = 0, total = 0;
  for (int i = 0; i < count; i++) {
    divergences += chains[i].divergence_count;
    depth_limits += chains[i].depth_limit_count;
    total += chains[i].sampled;
  }
  if (divergences)
    fprintf(stderr,
            "Warning: %ld of %ld transitions (%.1f%%) ended with a divergence: the draws may miss a part of the "
            "posterior.\n  Try delta=%s, or write the model with other parameters (non-centred, narrower priors).\n",
            divergences, total, 100.0 * (double)divergences / (double)total,
            sl_argument_real(run->arguments, SL_ARG_DELTA) < 0.95 ? "0.95" : "0.99");
  if (depth_limits)
    fprintf(stderr,
            "Warning: %ld of %ld transitions (%.1f%%) reached the maximum tree depth of %ld: sampling is slow, not "
            "wrong.\n  Try max_depth=%ld, or parameters on similar scales and less correlated.\n",
            depth_limits, total, 100.0 * (double)depth_limits / (double)total,
            sl_argument_int(run->arguments, SL_ARG_MAX_DEPTH), sl_argument_int(run->arguments, SL_ARG_MAX_DEPTH) + 2);
}

static const sl_kernel *kernel_of(const sl_arguments *arguments) {
  switch (sl_argument_choice(arguments, SL_ARG_ALGORITHM)) {
  case SL_ARG_FIXED_PARAM: return &sl_fixed_kernel;
  case SL_ARG_MH: return &sl_metropolis_kernel;
  default: break;
  }
  bool fixed_time = sl_argument_choice(arguments, SL_ARG_ENGINE) == SL_ARG_STATIC;
  return fixed_time ? &sl_static_kernel : &sl_nuts_kernel;
}

static sl_metric_kind metric_kind(const sl_arguments *arguments, const sl_kernel *kernel) {
  if (!kernel->moves) return SL_METRIC_UNIT;
  switch (sl_argument_choice(arguments, kernel->has_momentum ? SL_ARG_METRIC : SL_ARG_MH_METRIC)) {
  case SL_ARG_UNIT_E:
  case SL_ARG_MH_UNIT_E: return SL_METRIC_UNIT;
  case SL_ARG_DENSE_E:
  case SL_ARG_MH_DENSE_E: return SL_METRIC_DENSE;
  default: return SL_METRIC_DIAGONAL;
  }
}

/* Defaults of random-walk Metropolis that depend on the number of parameters; the files' headers show them then. */
static void settle_metropolis(sl_arguments *arguments, size_t n) {
  static char scale_text[24], target_text[24];
  sl_argument_value *scale = &arguments->value[SL_ARG_MH_STEPSIZE], *target = &arguments->value[SL_ARG_DELTA];
  if (scale->number == 0) {
    scale->number = sl_metropolis_scale(n);
    snprintf(scale_text, sizeof scale_text, "%.4g", scale->number);
    scale->text = scale_text;
  }
  if (!target->given) {
    target->number = sl_metropolis_target(n);
    snprintf(target_text, sizeof target_text, "%.4g", target->number);
    target->text = target_text;
  }
}

static void choose_fixed_parameters(sl_arguments *arguments) {
  sl_argument_value *algorithm = &arguments->value[SL_ARG_ALGORITHM];
  if (algorithm->choice == SL_ARG_FIXED_PARAM) return;
  fputs("The model has no parameters: algorithm=fixed_param is used.\n", stderr);
  algorithm->choice = SL_ARG_FIXED_PARAM;
  algorithm->text = sl_argument_table[SL_ARG_FIXED_PARAM].name;
  algorithm->given = true;
}

bool sl_sample(const sl_model *model, sl_arguments *arguments, sl_error *error) {
  if (sl_unconstrained_size(model) == 0) choose_fixed_parameters(arguments);
  int count = (int)sl_argument_int(arguments, SL_ARG_NUM_CHAINS);
  const sl_kernel *kernel = kernel_of(arguments);
  if (kernel == &sl_metropolis_kernel) settle_metropolis(arguments, sl_unconstrained_size(model));
  if (sl_argument_bool(arguments, SL_ARG_SAVE_METRIC) && !sl_argument_bool(arguments, SL_ARG_ENGAGED)) {
    sl_error_set(error, SL_USAGE, "save_metric=1 asks for adaptation: engaged=1");
    return false;
  }
  sl_run run = {.model = model,
                .arguments = arguments,
                .rejections = sl_rejections_create(),
                .kernel = kernel,
                .metric = metric_kind(arguments, kernel),
                .stop = &sl_interrupted};
  sl_chain *chains = calloc((size_t)count, sizeof *chains);
  bool has_memory = chains && run.rejections;
  if (!has_memory) sl_error_set(error, SL_BAD_DATA, "not enough memory for %d chains", count);
  bool good =
      has_memory && sl_column_choice_create(&run.columns, model, sl_argument_text(arguments, SL_ARG_COLUMNS), error);
  if (good && start_chains(&run, chains, count, error)) {
    sl_interrupt_begin();
    run.progress = sl_progress_create(
        count, chains[0].id, kernel->moves ? (int)sl_argument_int(arguments, SL_ARG_NUM_WARMUP) : 0,
        (int)sl_argument_int(arguments, SL_ARG_NUM_SAMPLES), (int)sl_argument_int(arguments, SL_ARG_REFRESH));
    int threads_per_chain = (int)sl_argument_int(arguments, SL_ARG_THREADS_PER_CHAIN);
    int at_once = (int)sl_argument_int(arguments, SL_ARG_NUM_THREADS) / threads_per_chain;
    sl_chain_threads(count, at_once > 1 ? at_once : 1, threads_per_chain, run_chain, chains);
    sl_progress_destroy(run.progress);
    finish_chains(&run, chains, count, error);
    sl_rejections_summarise(run.rejections);
    warn(&run, chains, count);
    for (int i = 0; i < count; i++) sl_chain_destroy(&chains[i]);
    if (sl_interrupted)
      sl_error_set(error, SL_INTERRUPTED, "Interrupted. The files hold the draws up to here, and are complete.");
    sl_interrupt_end();
  }
  free(chains);
  sl_column_choice_destroy(&run.columns);
  sl_rejections_destroy(run.rejections);
  return error->code == SL_OK;
}
