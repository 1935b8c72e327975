/* summary.h: what the draws of several chains say about each quantity, and whether they can be trusted.
 *
 * `stanlite summary` and `stanlite run` print the same table through summarize_files. The rest is shared by the parts
 * of the command: summary.c reads the arguments, summary_compute.c fills a `summary`, summary_text.c prints it for
 * people, summary_json.c for programs. */
#ifndef STANLITE_CLI_SUMMARY_H
#define STANLITE_CLI_SUMMARY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "runtime/draws.h"

enum { most_percentiles = 32 };

typedef struct summary_options {
  double percentiles[most_percentiles]; /* 0 to 100 */
  size_t percentile_count;
  int sig_figs;
  bool json;
  bool classic_rhat; /* Gelman & Rubin's R-hat beside the rank-normalised one */
} summary_options;

/* 5, 50 and 95 %, four significant figures, text. */
extern const summary_options summary_defaults;

/* Summarises the chains in `count` CSV files (at least one) on `out`. Errors go to standard error. Returns SL_OK or the
 * exit code. */
int summarize_files(char **paths, int count, const summary_options *options, FILE *out);

/* A column that is not the sampler's own. NaN stands for what is not defined. */
typedef struct quantity {
  char *name; /* as people write it: theta[1] */
  double mean, sd, mcse_mean, mcse_sd;
  double ess_bulk, ess_tail, ess_mean, rhat, rhat_classic;
  double *quantiles, *mcse_quantiles; /* one for each percentile */
  bool finite;                        /* all of its draws */
} quantity;

/* What the sampler's columns say; has_sampler is false when they are not there. */
typedef struct sampler_report {
  bool has_sampler;
  size_t transitions, divergences, depth_hits; /* depth_hits: transitions at the maximum tree depth */
  double mean_leapfrog_steps;
  double *step_size, *acceptance, *bfmi; /* for each chain */
} sampler_report;

enum { most_problems = 12, problem_size = 600 };

typedef struct summary {
  const sl_draws *draws;
  const summary_options *options;
  quantity *quantities;
  size_t quantity_count;
  sampler_report sampler;
  char problems[most_problems][problem_size]; /* a sentence each: what looks wrong and what to do */
  size_t problem_count;
} summary;

/* False when there is no memory. The summary refers to draws and options. */
bool summary_compute(summary *summary, const sl_draws *draws, const summary_options *options);
void summary_free(summary *summary);

void summary_print_text(const summary *summary, FILE *out);
void summary_print_json(const summary *summary, FILE *out);

#endif
