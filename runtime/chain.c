/* chain.c: the loop of warmup and sampling, see chain.h. */
#include "runtime/chain.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A clock that is read after each draw, and need not be exact. */
#ifdef CLOCK_MONOTONIC_COARSE
enum { FAST_CLOCK = CLOCK_MONOTONIC_COARSE };
#else
enum { FAST_CLOCK = CLOCK_MONOTONIC };
#endif

static double seconds_now(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* metric_file=: {"inv_metric": [...]}, a vector for diag_e and a matrix for dense_e. */
static bool read_metric(sl_metric *metric, const char *path, sl_error *error) {
  long n = (long)metric->n, dims[2] = {n, n};
  bool dense = metric->kind == SL_METRIC_DENSE;
  if (metric->kind == SL_METRIC_UNIT) {
    sl_error_set(error, SL_USAGE, "metric_file= has no meaning with metric=unit_e");
    return false;
  }
  sl_values *values = sl_values_read(path, error);
  bool good = values && sl_values_real(values, "inv_metric", dense ? 2 : 1, dims, dense, metric->inverse, error);
  sl_values_destroy(values);
  if (!good) return false;
  bool symmetric = true;
  for (long i = 0; dense && i < n; i++)
    for (long j = 0; j < i; j++) symmetric = symmetric && metric->inverse[i * n + j] == metric->inverse[j * n + i];
  if (symmetric && sl_metric_factor(metric)) return true;
  sl_error_set(error, SL_BAD_CONFIG, "%s: inv_metric is not %s", path,
               dense ? "symmetric and positive definite" : "positive and finite in every element");
  return false;
}

static bool find_start(sl_chain *chain) {
  const sl_arguments *arguments = chain->run->arguments;
  sl_initial initial;
  sl_values *values;
  bool several = sl_argument_int(arguments, SL_ARG_NUM_CHAINS) > 1;
  if (!sl_initial_read(&initial, chain->sampler.hamiltonian.model, sl_argument_text(arguments, SL_ARG_INIT), chain->id,
                       several, &values, &chain->error))
    return false;
  initial.density_alone = chain->run->kernel == &sl_metropolis_kernel;
  bool found =
      sl_initial_find(&initial, &chain->sampler.hamiltonian, &chain->sampler.current, &chain->rng, &chain->error);
  sl_values_destroy(values);
  return found;
}

static void say_windows(const sl_chain *chain, sl_windows_fit fit) {
  if (chain->index > 0 || fit == SL_WINDOWS_AS_ASKED) return;
  if (fit == SL_WINDOWS_NONE)
    fputs("With num_warmup < 20 the metric is not adapted.\n", stderr);
  else
    fprintf(stderr,
            "num_warmup=%d is too short for the three stages of adaptation as configured. They get 15%%/75%%/10%% "
            "of it: init_buffer=%d, window=%d, term_buffer=%d.\n",
            chain->windows.num_warmup, chain->windows.init_buffer, chain->windows.size, chain->windows.term_buffer);
}

static void create_adaptation(sl_chain *chain) {
  const sl_arguments *arguments = chain->run->arguments;
  chain->step = (sl_step_adaptation){.gamma = sl_argument_real(arguments, SL_ARG_GAMMA),
                                     .delta = sl_argument_real(arguments, SL_ARG_DELTA),
                                     .kappa = sl_argument_real(arguments, SL_ARG_KAPPA),
                                     .t0 = sl_argument_real(arguments, SL_ARG_T0)};
  if (chain->run->metric == SL_METRIC_UNIT || !sl_argument_bool(arguments, SL_ARG_ENGAGED) ||
      !chain->run->kernel->moves)
    return;
  int num_warmup = (int)sl_argument_int(arguments, SL_ARG_NUM_WARMUP);
  sl_windows_fit fit = sl_windows_init(&chain->windows, num_warmup, (int)sl_argument_int(arguments, SL_ARG_INIT_BUFFER),
                                       (int)sl_argument_int(arguments, SL_ARG_TERM_BUFFER),
                                       (int)sl_argument_int(arguments, SL_ARG_WINDOW));
  if (num_warmup > 0) say_windows(chain, fit);
}

bool sl_chain_create(sl_chain *chain, const sl_run *run, int index, sl_workspace *workspace) {
  const sl_arguments *arguments = run->arguments;
  *chain = (sl_chain){.run = run, .index = index, .id = (int)sl_argument_int(arguments, SL_ARG_ID) + index};
  chain->output.file = chain->diagnostics.file = -1;
  sl_chain_seed(&chain->rng, &chain->generated_rng, (uint64_t)sl_argument_int(arguments, SL_ARG_SEED), chain->id);
  size_t n = sl_unconstrained_size(run->model);
  chain->constrained = malloc((sl_constrained_size(run->model, true, true) + 1) * sizeof(double));
  if (!chain->constrained || !sl_vectors_create(&chain->vectors, sl_moments_elements(run->metric, n)) ||
      !sl_sampler_create(&chain->sampler, n, run->metric, (int)sl_argument_int(arguments, SL_ARG_MAX_DEPTH))) {
    sl_error_set(&chain->error, SL_BAD_DATA, "not enough memory for %zu parameters%s", n,
                 run->metric == SL_METRIC_DENSE ? " with a dense metric" : "");
    return false;
  }
  sl_moments_init(&chain->moments, run->metric, n, &chain->vectors);
  sl_sampler *sampler = &chain->sampler;
  sampler->step_size = sl_argument_real(arguments, run->kernel->has_momentum ? SL_ARG_STEPSIZE : SL_ARG_MH_STEPSIZE);
  sampler->step_size_jitter = sl_argument_real(arguments, SL_ARG_STEPSIZE_JITTER);
  sampler->integration_time = sl_argument_real(arguments, SL_ARG_INT_TIME);
  sampler->hamiltonian.model = run->model;
  sampler->hamiltonian.workspace = workspace;
  sampler->hamiltonian.rejections = run->rejections;
  sampler->hamiltonian.chain = chain->id;
  create_adaptation(chain);
  const char *metric_file = sl_argument_text(arguments, SL_ARG_METRIC_FILE);
  if (metric_file[0] && run->kernel->has_momentum &&
      !read_metric(&sampler->hamiltonian.metric, metric_file, &chain->error))
    return false;
  return find_start(chain);
}

void sl_chain_destroy(sl_chain *chain) {
  sl_sampler_destroy(&chain->sampler);
  sl_vectors_destroy(&chain->vectors);
  free(chain->constrained);
  chain->constrained = NULL;
}

static sl_transition transition(sl_chain *chain) {
  return chain->run->kernel->transition(&chain->sampler, &chain->rng);
}

/* Learns from the draw of a warmup iteration. False: chain->error. */
static bool adapt(sl_chain *chain, int iteration, double accept_statistic) {
  sl_sampler *sampler = &chain->sampler;
  sampler->step_size = chain->run->kernel->learn(&chain->step, accept_statistic);
  if (sl_windows_inside(&chain->windows, iteration)) sl_moments_add(&chain->moments, sampler->current.position);
  if (!sl_windows_end(&chain->windows, iteration)) return true;
  sl_windows_advance(&chain->windows, iteration);
  if (!sl_moments_finish(&chain->moments, &sampler->hamiltonian.metric)) {
    sl_error_set(
        &chain->error, SL_BAD_DATA,
        "Chain [%d]: the draws of the warmup overflow, no metric can be had from them. Is the posterior proper?",
        chain->id);
    return false;
  }
  if (!chain->run->kernel->find_step_size(sampler, &chain->rng, &chain->error)) return false;
  sl_step_adaptation_restart(&chain->step, sampler->step_size);
  return true;
}

/* Whether to go on: no signal, no fatal_error() of the program. */
static bool may_go_on(sl_chain *chain) {
  if (chain->sampler.hamiltonian.fatal) {
    sl_error_set(&chain->error, SL_BAD_DATA, "Chain [%d]: %s", chain->id,
                 chain->sampler.hamiltonian.workspace->message);
    *chain->run->stop = 1; /* the other chains' draws are of no use then */
  }
  return !*chain->run->stop && chain->error.code == SL_OK;
}

/* A draw in the file, and what is buffered too once a second: whoever watches a slow model sees its draws. */
static void write_draw(sl_chain *chain, const sl_transition *drawn) {
  sl_chain_write_draw(chain, drawn);
  double now = seconds_now(FAST_CLOCK);
  if (now - chain->flushed < 1) return;
  chain->flushed = now;
  sl_csv_flush(&chain->output);
}

static void warm_up(sl_chain *chain) {
  const sl_arguments *arguments = chain->run->arguments;
  sl_sampler *sampler = &chain->sampler;
  int num_warmup = (int)sl_argument_int(arguments, SL_ARG_NUM_WARMUP);
  int thin = (int)sl_argument_int(arguments, SL_ARG_THIN);
  bool saved = sl_argument_bool(arguments, SL_ARG_SAVE_WARMUP);
  bool adapts = sl_argument_bool(arguments, SL_ARG_ENGAGED);
  if (adapts && !chain->run->kernel->find_step_size(sampler, &chain->rng, &chain->error)) return;
  sl_step_adaptation_restart(&chain->step, sampler->step_size);
  for (int i = 0; i < num_warmup && may_go_on(chain); i++) {
    sl_transition drawn = transition(chain);
    if (adapts && !adapt(chain, i, drawn.accept_statistic)) return;
    if (saved && i % thin == 0) write_draw(chain, &drawn);
    sl_progress_update(chain->run->progress, chain->index, i + 1);
  }
  if (adapts) sampler->step_size = sl_step_adaptation_result(&chain->step, sampler->step_size);
}

static void sample(sl_chain *chain) {
  const sl_arguments *arguments = chain->run->arguments;
  int num_warmup = chain->run->kernel->moves ? (int)sl_argument_int(arguments, SL_ARG_NUM_WARMUP) : 0;
  int num_samples = (int)sl_argument_int(arguments, SL_ARG_NUM_SAMPLES);
  int thin = (int)sl_argument_int(arguments, SL_ARG_THIN);
  for (int i = 0; i < num_samples && may_go_on(chain); i++) {
    sl_transition drawn = transition(chain);
    if (i % thin == 0) write_draw(chain, &drawn);
    chain->sampled++;
    chain->divergence_count += drawn.divergent;
    chain->depth_limit_count += drawn.depth == chain->sampler.max_depth;
    sl_progress_update(chain->run->progress, chain->index, num_warmup + i + 1);
  }
}

void sl_chain_run(sl_chain *chain, sl_workspace *workspace) {
  chain->sampler.hamiltonian.workspace = workspace;
  sl_chain_write_header(chain);
  double start = seconds_now(CLOCK_MONOTONIC);
  if (chain->run->kernel->moves) warm_up(chain);
  double warm = seconds_now(CLOCK_MONOTONIC);
  chain->warmup_seconds = warm - start;
  if (may_go_on(chain)) {
    if (chain->run->kernel->moves) sl_chain_write_adaptation(chain);
    sample(chain);
    may_go_on(chain);
  }
  chain->sampling_seconds = seconds_now(CLOCK_MONOTONIC) - warm;
  sl_chain_write_timing(chain);
}
