/* summary_compute.c: fills a summary (summary.h): moments, quantiles and diagnostics of every column, on all cores, each
 * column in one go while it is in the cache; and the sampler's own report. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli/summary.h"
#include "runtime/convergence.h"
#include "runtime/parallel.h"
#include "runtime/psis.h"

typedef struct computation {
  summary *summary;
  sl_convergence **convergence; /* one for each thread */
  bool *failed;                 /* likewise */
} computation;

/* ---- one column ---- */

static void find_intervals(quantity *quantity, const summary_options *options, const sl_convergence *c) {
  for (size_t i = 0; i < options->share_count; i++)
    sl_convergence_hdi(c, options->shares[i], &quantity->intervals[2 * i], &quantity->intervals[2 * i + 1]);
}

/* Under a histogram stand the intervals that were asked for, or those between quantiles with 50 and 90 %. */
static bool fill_plot(quantity *quantity, const summary_options *options, const sl_convergence *c, size_t count) {
  static const double usual[] = {0.5, 0.9};
  plot *plot = &quantity->plot;
  if (!plot_fill(plot, sl_convergence_sorted(c), count, options->plot_width)) return false;
  bool dense = options->share_count > 0;
  plot->median = sl_convergence_quantile(c, 0.5);
  plot->interval_count = dense ? options->share_count : sizeof usual / sizeof *usual;
  for (size_t i = 0; i < plot->interval_count; i++) {
    double share = dense ? options->shares[i] : usual[i];
    plot->intervals[i] =
        (plot_interval){share, dense ? quantity->intervals[2 * i] : sl_convergence_quantile(c, (1 - share) / 2),
                        dense ? quantity->intervals[2 * i + 1] : sl_convergence_quantile(c, (1 + share) / 2), dense};
  }
  return true;
}

/* What depends on how much each draw tells. */
static void find_errors(quantity *quantity, const summary *summary, sl_convergence *c) {
  const summary_options *options = summary->options;
  if (summary->kind == independent_draws) {
    double count = (double)(summary->draws->chain_count * summary->draws->draw_count);
    quantity->mcse_mean = quantity->constant ? NAN : quantity->sd / sqrt(count);
    return;
  }
  quantity->ess_mean = sl_convergence_ess_mean(c);
  quantity->mcse_mean = quantity->sd / sqrt(quantity->ess_mean);
  quantity->ess_bulk = sl_convergence_ess_bulk(c);
  quantity->ess_tail = sl_convergence_ess_tail(c);
  quantity->rhat = sl_convergence_rhat(c);
  if (options->classic_rhat) quantity->rhat_classic = sl_convergence_rhat_classic(c);
  if (!options->json) return;
  quantity->mcse_sd = sl_convergence_mcse_sd(c);
  for (size_t i = 0; i < options->percentile_count; i++)
    quantity->mcse_quantiles[i] = sl_convergence_mcse_quantile(c, options->percentiles[i] / 100);
}

static void compute_quantity(void *context, size_t item, size_t thread) {
  computation *computation = context;
  const summary *summary = computation->summary;
  const summary_options *options = summary->options;
  quantity *quantity = &summary->quantities[item];
  sl_convergence *c = computation->convergence[thread];
  const double *values = sl_draws_column(summary->draws, quantity->column);
  size_t count = summary->draws->chain_count * summary->draws->draw_count;
  sl_convergence_load(c, values);
  const double *sorted = sl_convergence_sorted(c);
  quantity->finite = sorted && isfinite(sorted[0]) && isfinite(sorted[count - 1]);
  quantity->constant = sorted && sorted[0] == sorted[count - 1];
  quantity->mean = sl_convergence_mean(c);
  quantity->sd = sl_convergence_sd(c);
  for (size_t i = 0; i < options->percentile_count; i++)
    quantity->quantiles[i] = sl_convergence_quantile(c, options->percentiles[i] / 100);
  if (options->mad) quantity->mad = sl_convergence_mad(c);
  find_intervals(quantity, options, c);
  find_errors(quantity, summary, c);
  if (options->plot_width > 0 && quantity->finite && plot_can_show(sorted[0], sorted[count - 1]))
    computation->failed[thread] |= !fill_plot(quantity, options, c, count);
}

/* ---- all of them ---- */

/* Names, and room for the numbers, nothing of it defined yet. */
static bool list_quantities(summary *summary, const size_t *columns, size_t count) {
  const summary_options *options = summary->options;
  size_t numbers = 2 * options->percentile_count + 2 * options->share_count;
  summary->quantities = calloc(count + 1, sizeof *summary->quantities);
  if (!summary->quantities) return false;
  for (size_t i = 0; i < count; i++) {
    const char *name = summary->draws->names[columns[i]];
    size_t size = 2 * strlen(name) + 2;
    summary->quantity_count++;
    quantity *quantity = &summary->quantities[i];
    *quantity = (struct quantity){
        .name = malloc(size),
        .column = columns[i],
        .mad = NAN,
        .mcse_mean = NAN,
        .mcse_sd = NAN,
        .ess_bulk = NAN,
        .ess_tail = NAN,
        .ess_mean = NAN,
        .rhat = NAN,
        .rhat_classic = NAN,
        .quantiles = malloc((numbers + 1) * sizeof *quantity->quantiles),
    };
    if (!quantity->name || !quantity->quantiles) return false;
    quantity->mcse_quantiles = quantity->quantiles + options->percentile_count;
    quantity->intervals = quantity->mcse_quantiles + options->percentile_count;
    for (size_t k = 0; k < numbers; k++) quantity->quantiles[k] = NAN;
    sl_draws_pretty_name(name, quantity->name, size);
  }
  return true;
}

static bool compute_quantities(summary *summary) {
  const sl_draws *draws = summary->draws;
  size_t threads = sl_parallel_threads(summary->quantity_count);
  sl_convergence **convergence = calloc(threads, sizeof(sl_convergence *));
  bool *failed = calloc(threads, sizeof *failed);
  bool done = convergence && failed;
  for (size_t thread = 0; done && thread < threads; thread++) {
    convergence[thread] = sl_convergence_create(draws->chain_count, draws->draw_count);
    done = convergence[thread] != NULL;
  }
  if (done) sl_parallel_for(summary->quantity_count, compute_quantity, &(computation){summary, convergence, failed});
  for (size_t thread = 0; convergence && failed && thread < threads; thread++) {
    done = done && !failed[thread];
    sl_convergence_destroy(convergence[thread]);
  }
  free(convergence);
  free(failed);
  return done;
}

/* ---- the sampler ---- */

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

/* Most values in a row that are the same. */
static size_t longest_stay(const double *values, size_t count) {
  size_t longest = 0, stay = 0;
  for (size_t i = 0; values && i < count; i++) {
    stay = i > 0 && values[i] == values[i - 1] ? stay + 1 : 1;
    if (stay > longest) longest = stay;
  }
  return longest;
}

/* Shape of the tail of the importance ratios p/q, q the approximation: Yao, Vehtari, Simpson & Gelman (2018), "Yes, but did
 * it work?". -Inf when they are all the same. False: no memory. */
static bool find_pareto_k(const sl_draws *draws, double *k) {
  size_t p = sl_draws_find(draws, "log_p__"), q = sl_draws_find(draws, "log_q__"), none = draws->column_count;
  if (q == none) q = sl_draws_find(draws, "log_g__");
  size_t count = draws->chain_count * draws->draw_count;
  *k = NAN;
  if (p == none || q == none || count < 100) return true;
  sl_psis *psis = sl_psis_create(count);
  if (!psis) return false;
  const double *log_p = sl_draws_column(draws, p), *log_q = sl_draws_column(draws, q);
  double most = -INFINITY, least = INFINITY;
  bool finite = true;
  for (size_t i = 0; i < count; i++) {
    double ratio = psis->log_ratios[i] = log_p[i] - log_q[i];
    finite &= isfinite(ratio) != 0;
    most = fmax(most, ratio);
    least = fmin(least, ratio);
  }
  for (size_t i = 0; i < count; i++) psis->log_ratios[i] -= most;
  if (finite && most - least < 1e-8) {
    *k = -INFINITY;
  } else if (finite) {
    sl_psis_smooth(psis, 1);
    *k = psis->k;
  }
  sl_psis_destroy(psis);
  return true;
}

static bool report_sampler(summary *summary) {
  const sl_draws *draws = summary->draws;
  sampler_report *report = &summary->sampler;
  size_t chains = draws->chain_count, count = draws->draw_count;
  report->step_size = malloc(3 * chains * sizeof *report->step_size);
  if (!report->step_size) return false;
  report->acceptance = report->step_size + chains;
  report->bfmi = report->acceptance + chains;
  report->transitions = chains * count;
  if (!find_pareto_k(draws, &report->pareto_k)) return false;
  for (size_t chain = 0; chain < chains; chain++) {
    const double *divergent = chain_of(draws, "divergent__", chain), *depth = chain_of(draws, "treedepth__", chain);
    const double *step_size = chain_of(draws, "stepsize__", chain), *energy = chain_of(draws, "energy__", chain);
    const double *acceptance = chain_of(draws, "accept_stat__", chain);
    long max_depth = draws->chains[chain].max_depth;
    size_t stay = longest_stay(chain_of(draws, "lp__", chain), count);
    report->has_divergences = divergent;
    report->has_depths = depth;
    report->has_energy = energy;
    report->has_acceptance = acceptance;
    report->step_size[chain] = step_size ? step_size[count - 1] : NAN;
    report->acceptance[chain] = mean_of(acceptance, count);
    report->bfmi[chain] = bfmi_of(energy, count);
    report->mean_leapfrog_steps += mean_of(chain_of(draws, "n_leapfrog__", chain), count) / (double)chains;
    for (size_t i = 0; i < count; i++) {
      report->divergences += divergent && divergent[i] != 0;
      report->depth_hits += depth && max_depth > 0 && depth[i] >= (double)max_depth;
    }
    if (stay > report->longest_stay) {
      report->longest_stay = stay;
      report->chain_of_stay = chain;
    }
  }
  return true;
}

/* ---- */

/* By the method in the comments; where there is none, by the columns that a method alone writes. */
static draws_kind kind_of(const sl_draws *draws) {
  static const char *const independent[] = {"laplace", "variational", "pathfinder"};
  static const char *const columns[] = {"log_q__", "log_g__", "lp_approx__"};
  const sl_draws_chain *first = &draws->chains[0];
  if (strcmp(first->method, "optimize") == 0) return point_estimates;
  if (strcmp(first->algorithm, "fixed_param") == 0) return independent_draws;
  for (size_t i = 0; i < sizeof independent / sizeof *independent; i++) {
    if (strcmp(first->method, independent[i]) == 0) return independent_draws;
    if (sl_draws_find(draws, columns[i]) < draws->column_count) return independent_draws;
  }
  return draws_of_chains;
}

int summary_compute(summary *summary, const sl_draws *draws, const summary_options *options, sl_error *error) {
  *summary = (struct summary){.draws = draws, .options = options, .kind = kind_of(draws)};
  size_t *columns = malloc(draws->column_count * sizeof *columns), count;
  bool done = columns && summary_select(draws, options->variables, columns, &count, error);
  done = done && list_quantities(summary, columns, count) && report_sampler(summary) &&
         (summary->kind == point_estimates || compute_quantities(summary));
  free(columns);
  if (!done) {
    sl_error_set(error, SL_DEFECT, "not enough memory for the summary");
    return error->code;
  }
  find_findings(&summary->findings, summary);
  return SL_OK;
}

void summary_free(summary *summary) {
  for (size_t i = 0; i < summary->quantity_count; i++) {
    free(summary->quantities[i].name);
    free(summary->quantities[i].quantiles);
    plot_free(&summary->quantities[i].plot);
  }
  free(summary->quantities);
  free(summary->sampler.step_size);
}
