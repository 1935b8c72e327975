/* study_table.c: what the fits of a study say together (study.h), one line for each program and quantity.
 *
 * With estimates m_r (posterior means) of truths t_r over R replications: bias = mean(m - t), its Monte Carlo standard error sd(m - t) /
 * sqrt(R), RMSE = sqrt(mean((m - t)^2)). The coverage of the 50 % and 90 % intervals is the share of replications in which
 * the truth lies between the posterior's quantiles. Where the truth is drawn anew in each replication, from the prior, the
 * share of draws below it must be uniform (simulation-based calibration: Talts, Betancourt, Simpson, Vehtari and Gelman
 * 2018): the p value is that of a chi-square test with ten bins. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli/print.h"
#include "cli/study.h"
#include "runtime/math.h"

enum { BIN_COUNT = 10, FIGURES = 4, COLUMN_COUNT = 10, FEWEST_RANKS = 50 };

typedef struct study_row {
  const char *cells[2];
  double values[COLUMN_COUNT - 2];
} study_row;

static const char *const headings[COLUMN_COUNT] = {"Fit",  "Quantity", "Truth",  "Mean",   "Bias",
                                                   "MCSE", "RMSE",     "PostSD", "In_50%", "In_90%"};

/* Sums over the replications of one program and quantity. */
typedef struct study_sums {
  double count, mean, truth, error, error_square, sd, inside_50, inside_90;
  double first_truth, bins[BIN_COUNT];
  bool truth_varies;
} study_sums;

static void add(study_sums *s, const study_estimate *e) {
  double error = e->mean - e->truth;
  if (s->count++ == 0) s->first_truth = e->truth;
  s->truth_varies |= e->truth != s->first_truth;
  s->mean += e->mean;
  s->truth += e->truth;
  s->error += error;
  s->error_square += error * error;
  s->sd += e->sd;
  s->inside_50 += e->q25 <= e->truth && e->truth <= e->q75;
  s->inside_90 += e->q5 <= e->truth && e->truth <= e->q95;
  if (!isnan(e->rank)) s->bins[e->rank >= 1 ? BIN_COUNT - 1 : (int)(BIN_COUNT * e->rank)]++;
}

/* P(chi-square with 9 degrees of freedom >= sum (observed - expected)^2 / expected) */
static double rank_p_value(const study_sums *s) {
  double chi_square = 0, expected = s->count / BIN_COUNT;
  for (int b = 0; b < BIN_COUNT; b++) chi_square += (s->bins[b] - expected) * (s->bins[b] - expected) / expected;
  return sl_gamma_q(0.5 * (BIN_COUNT - 1), 0.5 * chi_square);
}

static study_row row_of(const study_sums *s, const char *fit, const char *quantity) {
  double n = s->count, bias = s->error / n, variance = (s->error_square - n * bias * bias) / (n - 1);
  double known = isnan(s->truth) ? NAN : 1;
  return (study_row){.cells = {fit, quantity},
                     .values = {s->truth / n, s->mean / n, bias, sqrt(fmax(variance, 0) / n) * known,
                                sqrt(s->error_square / n), s->sd / n, s->inside_50 / n * known,
                                s->inside_90 / n * known}};
}

static void print_rows(const study_row *rows, size_t count, FILE *out) {
  char cell[cell_size];
  int widths[COLUMN_COUNT];
  for (int c = 0; c < COLUMN_COUNT; c++) {
    widths[c] = (int)strlen(headings[c]);
    for (size_t i = 0; i < count; i++) {
      const char *text = c < 2 ? rows[i].cells[c] : cell;
      if (c >= 2) format_figures(cell, rows[i].values[c - 2], FIGURES);
      if ((int)strlen(text) > widths[c]) widths[c] = (int)strlen(text);
    }
  }
  for (size_t i = 0; i <= count; i++) { /* the first line is the headings' */
    for (int c = 0; c < COLUMN_COUNT; c++) {
      const char *text = i == 0 ? headings[c] : c < 2 ? rows[i - 1].cells[c] : cell;
      if (i > 0 && c >= 2) {
        if (isnan(rows[i - 1].values[c - 2]))
          snprintf(cell, sizeof cell, "-");
        else
          format_figures(cell, rows[i - 1].values[c - 2], FIGURES);
      }
      fprintf(out, c < 2 ? "%-*s  " : c + 1 < COLUMN_COUNT ? "%*s  " : "%*s\n", widths[c], text);
    }
  }
}

/* What is wrong, or not, with the fits of one program. */
static void print_remark(const study_options *options, int fit, size_t element_count, const study_result *results,
                         FILE *out) {
  long done = 0, failed = 0, divergent = 0, deep = 0, apart = 0;
  double least_ess = INFINITY;
  for (long r = 0; r < options->replications; r++) {
    const study_result *result = &results[r * options->fit_count + fit];
    failed += result->state == STUDY_FAILED;
    if (result->state != STUDY_DONE) continue;
    done++;
    divergent += result->divergences > 0;
    deep += result->depth_hits > 0;
    bool disagrees = false;
    for (size_t i = 0; i < element_count; i++) {
      const study_estimate *e = &result->estimates[i];
      disagrees |= e->rhat > 1.01;
      least_ess = fmin(least_ess, fmin(e->ess_bulk, e->ess_tail));
    }
    apart += disagrees;
  }
  char text[400], failures[60] = "";
  if (failed) snprintf(failures, sizeof failures, " (%ld more failed)", failed);
  snprintf(text, sizeof text,
           "%s: %ld fits%s; %ld with R_hat above 1.01, %ld with divergent transitions, %ld at the maximum tree "
           "depth; the least effective sample size is %.0f.",
           options->fits[fit].name, done, failures, apart, divergent, deep, least_ess);
  print_wrapped(out, text);
}

void study_print_table(const study_options *options, const study_elements *elements, const study_result *results,
                       FILE *out) {
  size_t count = (size_t)options->fit_count * elements->count;
  study_row *rows = calloc(count + 1, sizeof *rows);
  study_sums *sums = calloc(count + 1, sizeof *sums);
  size_t filled = 0;
  if (!rows || !sums) count = 0;
  for (size_t i = 0; i < count; i++) {
    int fit = (int)(i / elements->count);
    size_t element = i % elements->count;
    for (long r = 0; r < options->replications; r++) {
      const study_result *result = &results[r * options->fit_count + fit];
      if (result->state == STUDY_DONE) add(&sums[i], &result->estimates[element]);
    }
    if (sums[i].count > 0) rows[filled++] = row_of(&sums[i], options->fits[fit].name, elements->names[element]);
  }
  print_rows(rows, filled, out);
  putc('\n', out);
  for (int fit = 0; fit < options->fit_count; fit++) print_remark(options, fit, elements->count, results, out);
  for (size_t i = 0; i < count; i++)
    if (sums[i].truth_varies && sums[i].count >= FEWEST_RANKS)
      fprintf(out, "%s, %s: ranks of the truth are uniform with p = %.2g.\n", options->fits[i / elements->count].name,
              elements->names[i % elements->count], rank_p_value(&sums[i]));
  free(rows);
  free(sums);
}
