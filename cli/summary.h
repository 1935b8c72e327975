/* summary.h: what the draws in CSV files say about each quantity, and whether they can be trusted.
 *
 * `stanlite summary` and `stanlite run` print the same table through summarize_files. The rest is shared by the parts
 * of the commands `summary` and `diagnose`: summary.c reads the arguments, summary_select.c picks the columns,
 * summary_compute.c fills a `summary`, findings.c judges it, summary_text.c and plot.c print it for people,
 * summary_json.c for programs. */
#ifndef STANLITE_CLI_SUMMARY_H
#define STANLITE_CLI_SUMMARY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "cli/findings.h"
#include "cli/plot.h"
#include "runtime/draws.h"
#include "runtime/error.h"

enum { most_percentiles = 32 };

typedef struct summary_options {
  double percentiles[most_percentiles]; /* 0 to 100 */
  size_t percentile_count;
  double shares[most_intervals]; /* of highest-density intervals, between 0 and 1 */
  size_t share_count;
  const char *variables; /* "mu,theta[2]"; NULL: all but the sampler's own columns */
  int sig_figs;
  bool json;
  bool classic_rhat; /* Gelman & Rubin's R-hat beside the rank-normalised one */
  bool mad;
  int plot_width; /* columns of a histogram for each quantity; 0: none */
} summary_options;

/* 5, 50 and 95 %, four significant figures, text. */
extern const summary_options summary_defaults;

/* Summarises the chains in `count` CSV files (at least one) on `out`. Errors go to standard error. Returns SL_OK or the
 * exit code. */
int summarize_files(char **paths, int count, const summary_options *options, FILE *out);

/* Takes one option of `stanlite summary`, --variables=mu and the like. False: there is no such option; *wrong, where it is
 * set: what its value should have been. */
bool summary_option(summary_options *options, const char *argument, const char **wrong);

/* What the rows of a file are. */
typedef enum draws_kind {
  draws_of_chains,   /* sample, generate_quantities: one may depend on the one before */
  independent_draws, /* laplace, variational, pathfinder, and sample algorithm=fixed_param */
  point_estimates    /* optimize: one row in each file */
} draws_kind;

/* A column. NaN stands for what is not defined, diagnostics of independent draws among it. Of point estimates only name
 * and column are filled. */
typedef struct quantity {
  char *name;    /* as people write it: theta[1] */
  size_t column; /* where it stands in the draws */
  double mean, sd, mad, mcse_mean, mcse_sd;
  double ess_bulk, ess_tail, ess_mean, rhat, rhat_classic;
  double *quantiles, *mcse_quantiles; /* one for each percentile */
  double *intervals;                  /* low and high for each share */
  bool finite, constant;              /* all of its draws */
  plot plot;
} quantity;

/* What the sampler's columns say. Each figure is NaN where the files do not have its column. */
typedef struct sampler_report {
  bool has_divergences, has_depths, has_energy, has_acceptance;
  size_t transitions, divergences, depth_hits; /* depth_hits: transitions at the maximum tree depth */
  double mean_leapfrog_steps;
  double *step_size, *acceptance, *bfmi; /* for each chain */
  size_t longest_stay, chain_of_stay;    /* most draws in a row with the same lp__, and in which chain */
  double pareto_k; /* of the ratios of the posterior and its approximation; laplace and variational have them */
} sampler_report;

typedef struct summary {
  const sl_draws *draws;
  const summary_options *options;
  draws_kind kind;
  quantity *quantities;
  size_t quantity_count;
  sampler_report sampler;
  findings findings;
} summary;

/* On failure a code from error.h, with its message: SL_USAGE (a variable that is not there) or SL_DEFECT (no memory).
 * The summary refers to draws and options. */
int summary_compute(summary *summary, const sl_draws *draws, const summary_options *options, sl_error *error);
void summary_free(summary *summary);

/* Picks the columns that a list like "mu,theta[2]" names, in its order, or all but the sampler's own when it is NULL.
 * A name without indices takes all elements; theta.2 is theta[2]. `columns` has room for draws->column_count. False: a
 * name is not there; the message says which is near. */
bool summary_select(const sl_draws *draws, const char *list, size_t *columns, size_t *count, sl_error *error);

/* Whether a column is read at all for this list (a const char *, may be NULL): what it names, and what the sampler says
 * of itself. For sl_draws_read_columns. */
bool summary_wants(const void *list, const char *name);

void summary_print_text(const summary *summary, FILE *out);
void summary_print_json(const summary *summary, FILE *out);

/* A command over draws: `summary` and `diagnose` take the same files and read them in the same way. */
typedef void summary_printer(const summary *summary, FILE *out);
typedef struct summary_command {
  const char *name, *help;
  bool has_table; /* takes the options of summary's table, beside --json and --variables= */
  summary_printer *print_text, *print_json;
} summary_command;

/* Returns the exit code. */
int run_summary_command(const summary_command *command, int argc, char **argv);

/* "schools: 4 chains of 1000 draws after 1000 of warmup" and what the sampler reports, above both commands' results. */
void summary_print_head(const summary *summary, FILE *out);
/* The members "model", "method", "files", "sampler" ..., each followed by a comma: likewise, for programs. */
void summary_print_json_head(const summary *summary, FILE *out);

#endif
