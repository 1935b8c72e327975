/* summary_compute.c: fills a summary (summary.h): moments, quantiles and diagnostics of every column, on all cores; the
 * sampler's own report; and the sentences that say what looks wrong. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "cli/summary.h"
#include "runtime/convergence.h"
#include "runtime/parallel.h"

/* Bounds from Vehtari et al. (2021), section 4 (R-hat, effective size), and Betancourt (2016) (energy). */
static const double most_rhat = 1.01, least_ess = 400, least_bfmi = 0.3;

typedef struct computation {
  summary *summary;
  const size_t *columns;        /* of each quantity */
  sl_convergence **convergence; /* one for each thread */
} computation;

static void compute_quantity(void *context, size_t item, size_t thread) {
  computation *computation = context;
  const summary *summary = computation->summary;
  const summary_options *options = summary->options;
  quantity *quantity = &summary->quantities[item];
  sl_convergence *c = computation->convergence[thread];
  const double *values = sl_draws_column(summary->draws, computation->columns[item]);
  sl_convergence_load(c, values);
  quantity->finite = true;
  for (size_t i = 0; i < summary->draws->chain_count * summary->draws->draw_count; i++)
    quantity->finite &= isfinite(values[i]) != 0;
  quantity->mean = sl_convergence_mean(c);
  quantity->sd = sl_convergence_sd(c);
  quantity->ess_mean = sl_convergence_ess_mean(c);
  quantity->mcse_mean = quantity->sd / sqrt(quantity->ess_mean);
  quantity->ess_bulk = sl_convergence_ess_bulk(c);
  quantity->ess_tail = sl_convergence_ess_tail(c);
  quantity->rhat = sl_convergence_rhat(c);
  quantity->rhat_classic = sl_convergence_rhat_classic(c);
  quantity->mcse_sd = options->json ? sl_convergence_mcse_sd(c) : NAN;
  for (size_t i = 0; i < options->percentile_count; i++) {
    double probability = options->percentiles[i] / 100;
    quantity->quantiles[i] = sl_convergence_quantile(c, probability);
    quantity->mcse_quantiles[i] = options->json ? sl_convergence_mcse_quantile(c, probability) : NAN;
  }
}

static bool is_sampler_column(const char *name) {
  static const char *const names[] = {"accept_stat__", "stepsize__",  "treedepth__",
                                      "n_leapfrog__",  "divergent__", "energy__"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(name, names[i]) == 0) return true;
  return false;
}

/* Names and room for each column that is not the sampler's. */
static bool list_quantities(summary *summary, size_t *columns) {
  const sl_draws *draws = summary->draws;
  size_t percentiles = summary->options->percentile_count;
  for (size_t column = 0; column < draws->column_count; column++) {
    const char *name = draws->names[column];
    if (is_sampler_column(name)) continue;
    quantity *quantity = &summary->quantities[summary->quantity_count];
    size_t size = 2 * strlen(name) + 2;
    quantity->name = malloc(size);
    quantity->quantiles = malloc((2 * percentiles + 1) * sizeof *quantity->quantiles);
    columns[summary->quantity_count++] = column;
    if (!quantity->name || !quantity->quantiles) return false;
    quantity->mcse_quantiles = quantity->quantiles + percentiles;
    sl_draws_pretty_name(name, quantity->name, size);
  }
  return true;
}

static bool compute_quantities(summary *summary) {
  const sl_draws *draws = summary->draws;
  size_t *columns = malloc(draws->column_count * sizeof *columns);
  summary->quantities = calloc(draws->column_count, sizeof *summary->quantities);
  bool done = columns && summary->quantities && list_quantities(summary, columns);
  size_t threads = sl_parallel_threads(summary->quantity_count);
  sl_convergence **convergence = calloc(threads, sizeof(sl_convergence *));
  done = done && convergence;
  for (size_t thread = 0; done && thread < threads; thread++) {
    convergence[thread] = sl_convergence_create(draws->chain_count, draws->draw_count);
    done = convergence[thread] != NULL;
  }
  if (done) {
    computation computation = {.summary = summary, .columns = columns, .convergence = convergence};
    sl_parallel_for(summary->quantity_count, compute_quantity, &computation);
  }
  for (size_t thread = 0; convergence && thread < threads; thread++) sl_convergence_destroy(convergence[thread]);
  free(convergence);
  free(columns);
  return done;
}

/* The draws of one chain in the column of this name, or NULL. */
static const double *chain_of(const sl_draws *draws, const char *name, size_t chain) {
  size_t column = sl_draws_find(draws, name);
  return column < draws->column_count ? sl_draws_column(draws, column) + chain * draws->draw_count : NULL;
}

static double mean_of(const double *values, size_t count) {
  double sum = 0;
  for (size_t i = 0; values && i < count; i++) sum += values[i];
  return values ? sum / (double)count : NAN;
}

/* Energy's Bayesian fraction of missing information: sum (E_n - E_n-1)^2 / sum (E_n - mean)^2, Betancourt (2016). */
static double bfmi_of(const double *energy, size_t count) {
  if (!energy) return NAN;
  double mean = mean_of(energy, count), steps = 0, spread = 0;
  for (size_t i = 0; i < count; i++) {
    spread += (energy[i] - mean) * (energy[i] - mean);
    if (i > 0) steps += (energy[i] - energy[i - 1]) * (energy[i] - energy[i - 1]);
  }
  return steps / spread;
}

static bool report_sampler(summary *summary) {
  const sl_draws *draws = summary->draws;
  sampler_report *report = &summary->sampler;
  size_t chains = draws->chain_count, count = draws->draw_count;
  report->has_sampler = sl_draws_find(draws, "divergent__") < draws->column_count;
  if (!report->has_sampler) return true;
  report->step_size = malloc(3 * chains * sizeof *report->step_size);
  if (!report->step_size) return false;
  report->acceptance = report->step_size + chains;
  report->bfmi = report->acceptance + chains;
  report->transitions = chains * count;
  for (size_t chain = 0; chain < chains; chain++) {
    const double *divergent = chain_of(draws, "divergent__", chain), *depth = chain_of(draws, "treedepth__", chain);
    const double *step_size = chain_of(draws, "stepsize__", chain);
    long max_depth = draws->chains[chain].max_depth;
    report->step_size[chain] = step_size ? step_size[count - 1] : NAN;
    report->acceptance[chain] = mean_of(chain_of(draws, "accept_stat__", chain), count);
    report->bfmi[chain] = bfmi_of(chain_of(draws, "energy__", chain), count);
    report->mean_leapfrog_steps += mean_of(chain_of(draws, "n_leapfrog__", chain), count) / (double)chains;
    for (size_t i = 0; i < count; i++) {
      report->divergences += divergent[i] != 0;
      report->depth_hits += depth && max_depth > 0 && depth[i] >= (double)max_depth;
    }
  }
  return true;
}

static void add_problem(summary *summary, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add_problem(summary *summary, const char *format, ...) {
  if (summary->problem_count == most_problems) return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(summary->problems[summary->problem_count++], problem_size, format, arguments);
  va_end(arguments);
}

static void find_sampler_problems(summary *summary) {
  const sampler_report *report = &summary->sampler;
  if (!report->has_sampler) return;
  if (report->divergences > 0)
    add_problem(summary,
                "%zu of %zu transitions diverged: part of the posterior may not have been reached. Sample with a "
                "larger delta (adapt delta=0.95), or write the model in a form without narrow places (non-centred "
                "parameters).",
                report->divergences, report->transitions);
  if (report->depth_hits > 0)
    add_problem(summary,
                "%zu of %zu transitions ended at the maximum tree depth: the draws are slow to come, not "
                "wrong. Sample with a larger max_depth, or bring the parameters to a similar scale.",
                report->depth_hits, report->transitions);
  double least = INFINITY;
  size_t chain_of_least = 0;
  for (size_t chain = 0; chain < summary->draws->chain_count; chain++)
    if (report->bfmi[chain] < least) least = report->bfmi[chain], chain_of_least = chain;
  if (least < least_bfmi)
    add_problem(summary,
                "E-BFMI is %.2f in chain %zu, below %.1f: the sampler hardly moves between energies. Look "
                "for heavy tails or strong dependence among the parameters.",
                least, chain_of_least + 1, least_bfmi);
}

static void find_quantity_problems(summary *summary) {
  size_t high_rhat = 0, low_ess = 0, not_finite = 0;
  const quantity *worst_rhat = NULL, *worst_ess = NULL, *first_not_finite = NULL;
  double least = INFINITY;
  for (size_t i = 0; i < summary->quantity_count; i++) {
    const quantity *quantity = &summary->quantities[i];
    double ess = fmin(quantity->ess_bulk, quantity->ess_tail); /* NaN only when both are */
    if (quantity->rhat > most_rhat) {
      high_rhat++;
      if (!worst_rhat || quantity->rhat > worst_rhat->rhat) worst_rhat = quantity;
    }
    if (ess < least_ess) {
      low_ess++;
      if (ess < least) worst_ess = quantity, least = ess;
    }
    if (!quantity->finite) {
      not_finite++;
      if (!first_not_finite) first_not_finite = quantity;
    }
  }
  if (worst_rhat)
    add_problem(summary,
                "R_hat is above %.2f for %zu of %zu quantities (most for %s: %.3f): the chains do not agree yet. "
                "Sample longer (num_warmup, num_samples), or look for separate modes and parameters that the data "
                "leave open.",
                most_rhat, high_rhat, summary->quantity_count, worst_rhat->name, worst_rhat->rhat);
  if (worst_ess)
    add_problem(summary,
                "The effective sample size is below %.0f for %zu of %zu quantities (least for %s: %.0f): "
                "estimates are rough. Draw more (num_samples).",
                least_ess, low_ess, summary->quantity_count, worst_ess->name, least);
  if (first_not_finite)
    add_problem(summary, "%zu of %zu quantities have draws that are not finite (the first: %s).", not_finite,
                summary->quantity_count, first_not_finite->name);
}

/* Draws that were left out although nobody asked for it. */
static void find_file_problems(summary *summary) {
  const sl_draws *draws = summary->draws;
  size_t cut_off = 0, longest = 0;
  const char *first_cut_off = NULL;
  for (size_t chain = 0; chain < draws->chain_count; chain++) {
    const sl_draws_chain *file = &draws->chains[chain];
    if (file->row_count > longest) longest = file->row_count;
    if (!file->cut_off) continue;
    cut_off++;
    if (!first_cut_off) first_cut_off = file->path;
  }
  if (cut_off)
    add_problem(summary,
                "The last line of %zu of %zu files (the first: %s) is incomplete and was left out: the sampler was "
                "stopped or is still writing.",
                cut_off, draws->chain_count, first_cut_off);
  if (longest > draws->draw_count)
    add_problem(summary, "The chains have up to %zu draws, the shortest has %zu: only the first %zu of each are used.",
                longest, draws->draw_count, draws->draw_count);
}

bool summary_compute(summary *summary, const sl_draws *draws, const summary_options *options) {
  *summary = (struct summary){.draws = draws, .options = options};
  if (!compute_quantities(summary) || !report_sampler(summary)) return false;
  find_file_problems(summary);
  find_sampler_problems(summary);
  find_quantity_problems(summary);
  return true;
}

void summary_free(summary *summary) {
  for (size_t i = 0; i < summary->quantity_count; i++) {
    free(summary->quantities[i].name);
    free(summary->quantities[i].quantiles);
  }
  free(summary->quantities);
  free(summary->sampler.step_size);
}
