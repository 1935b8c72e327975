/* summary_text.c: a summary for people: what was read, how the sampler fared, a table with its decimal points under
 * each other, and what looks wrong. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli/print.h"
#include "cli/summary.h"

/* ---- numbers ---- */

static void format_diagnostic(char cell[cell_size], double value, int decimals) {
  if (isnan(value))
    snprintf(cell, cell_size, "-");
  else if (isinf(value) || value >= 1e15)
    snprintf(cell, cell_size, "Inf");
  else
    snprintf(cell, cell_size, "%.*f", decimals, value);
}

/* ---- the table ---- */

/* The last columns stand behind the percentiles. */
typedef enum {
  column_mean,
  column_mcse,
  column_sd,
  column_percentile,
  column_bulk,
  column_tail,
  column_rhat,
  column_classic
} kind;

typedef struct table_column {
  kind kind;
  size_t percentile; /* which one */
  char title[cell_size];
  int before, after; /* widest characters before the decimal point, and from it on */
  int width;
  bool on_point; /* decimal points under each other */
} table_column;

static void format_cell(char cell[cell_size], const table_column *column, const quantity *quantity, int figures) {
  /* An error needs fewer figures than what it is the error of; R-hat at least those that show 1.01. */
  int error_figures = figures - 2 > 2 ? figures - 2 : 2, ratio_decimals = figures - 1 > 3 ? figures - 1 : 3;
  switch (column->kind) {
  case column_mean: format_figures(cell, quantity->mean, figures); break;
  case column_mcse:
    if (isnan(quantity->mcse_mean))
      snprintf(cell, cell_size, "-");
    else
      format_figures(cell, quantity->mcse_mean, error_figures);
    break;
  case column_sd: format_figures(cell, quantity->sd, figures); break;
  case column_percentile: format_figures(cell, quantity->quantiles[column->percentile], figures); break;
  case column_bulk: format_diagnostic(cell, quantity->ess_bulk, 0); break;
  case column_tail: format_diagnostic(cell, quantity->ess_tail, 0); break;
  case column_rhat: format_diagnostic(cell, quantity->rhat, ratio_decimals); break;
  case column_classic: format_diagnostic(cell, quantity->rhat_classic, ratio_decimals); break;
  }
}

/* Characters before the decimal point (or the exponent, where there is no point). */
static int before_point(const char *cell) { return (int)strcspn(cell, cell[0] == 'I' || cell[1] == 'I' ? "" : ".e"); }

static void add_column(table_column *columns, size_t *count, kind kind, size_t percentile, const char *title) {
  table_column *column = &columns[(*count)++];
  *column = (table_column){.kind = kind, .percentile = percentile};
  snprintf(column->title, sizeof column->title, "%s", title);
}

static size_t list_columns(table_column *columns, const summary_options *options) {
  size_t count = 0;
  add_column(columns, &count, column_mean, 0, "Mean");
  add_column(columns, &count, column_mcse, 0, "MCSE");
  add_column(columns, &count, column_sd, 0, "StdDev");
  for (size_t i = 0; i < options->percentile_count; i++) {
    char title[cell_size];
    snprintf(title, sizeof title, "%g%%", options->percentiles[i]);
    add_column(columns, &count, column_percentile, i, title);
  }
  add_column(columns, &count, column_bulk, 0, "ESS_bulk");
  add_column(columns, &count, column_tail, 0, "ESS_tail");
  add_column(columns, &count, column_rhat, 0, "R_hat");
  if (options->classic_rhat) add_column(columns, &count, column_classic, 0, "R_hat_GR");
  return count;
}

static void measure(table_column *column, const summary *summary) {
  enum { widest_on_point = 12 }; /* wider than this, quantities are too different to compare anyway */
  char cell[cell_size];
  int widest = 0;
  for (size_t i = 0; i < summary->quantity_count; i++) {
    format_cell(cell, column, &summary->quantities[i], summary->options->sig_figs);
    int before = before_point(cell), after = (int)strlen(cell) - before;
    if (before > column->before) column->before = before;
    if (after > column->after) column->after = after;
    if (before + after > widest) widest = before + after;
  }
  column->on_point = column->before + column->after <= widest_on_point;
  column->width = column->on_point ? column->before + column->after : widest;
  if (column->width < (int)strlen(column->title)) column->width = (int)strlen(column->title);
}

static void print_table(const summary *summary, FILE *out) {
  table_column columns[most_percentiles + 7];
  size_t column_count = list_columns(columns, summary->options);
  int name_width = 0;
  for (size_t i = 0; i < summary->quantity_count; i++) {
    int length = (int)strlen(summary->quantities[i].name);
    if (length > name_width) name_width = length;
  }
  fprintf(out, "%-*s", name_width, "");
  for (size_t k = 0; k < column_count; k++) {
    measure(&columns[k], summary);
    fprintf(out, "  %*s", columns[k].width, columns[k].title);
  }
  putc('\n', out);
  for (size_t i = 0; i < summary->quantity_count; i++) {
    int behind = 0; /* blanks that the cell before left on its right, printed only when something follows */
    fprintf(out, "%-*s", name_width, summary->quantities[i].name);
    for (size_t k = 0; k < column_count; k++) {
      char cell[cell_size];
      format_cell(cell, &columns[k], &summary->quantities[i], summary->options->sig_figs);
      int length = (int)strlen(cell),
          right = columns[k].on_point ? columns[k].after - (length - before_point(cell)) : 0;
      fprintf(out, "%*s%s", behind + 2 + columns[k].width - length - right, "", cell);
      behind = right;
    }
    putc('\n', out);
  }
}

/* ---- what stands above and below it ---- */

static void print_each(FILE *out, const char *title, const double *values, size_t count, int figures) {
  fprintf(out, "%s", title);
  for (size_t i = 0; i < count; i++) {
    char cell[cell_size];
    format_figures(cell, values[i], figures);
    fprintf(out, " %s", cell);
  }
}

static void print_seconds(const sl_draws *draws, FILE *out) {
  double warmup = 0, sampling = 0;
  for (size_t i = 0; i < draws->chain_count; i++) {
    warmup += draws->chains[i].warmup_seconds;
    sampling += draws->chains[i].sampling_seconds;
  }
  if (isnan(warmup + sampling)) return; /* a file without its last comments */
  char cells[2][cell_size];
  format_figures(cells[0], warmup, 3);
  format_figures(cells[1], sampling, 3);
  fprintf(out, "Seconds, all chains together: warmup %s, sampling %s\n", cells[0], cells[1]);
}

static void print_sampler(const summary *summary, FILE *out) {
  const sampler_report *report = &summary->sampler;
  if (!report->has_sampler) return;
  size_t chains = summary->draws->chain_count;
  char steps[cell_size];
  format_figures(steps, report->mean_leapfrog_steps, 3);
  fprintf(out, "Transitions: %zu, with %s leapfrog steps on average; %zu divergent, %zu at the maximum tree depth\n",
          report->transitions, steps, report->divergences, report->depth_hits);
  print_each(out, "For each chain: step size", report->step_size, chains, 3);
  print_each(out, "; acceptance", report->acceptance, chains, 2);
  print_each(out, "; E-BFMI", report->bfmi, chains, 2);
  putc('\n', out);
}

static void print_head(const summary *summary, FILE *out) {
  const sl_draws *draws = summary->draws;
  const sl_draws_chain *first = &draws->chains[0];
  fprintf(out, "%s%s%zu chain%s of %zu draw%s", first->model, *first->model ? ": " : "", draws->chain_count,
          draws->chain_count == 1 ? "" : "s", draws->draw_count, draws->draw_count == 1 ? "" : "s");
  if (first->warmup_row_count > 0)
    fprintf(out, " after %zu %s", first->warmup_row_count,
            strcmp(first->method, "variational") == 0 ? "row with the mean of the fit" : "of warmup");
  if (first->thin > 1) fprintf(out, ", one in %ld kept", first->thin);
  putc('\n', out);
  print_seconds(draws, out);
  print_sampler(summary, out);
  putc('\n', out);
}

/* The extremes of what was found to be in order. */
static void print_all_clear(const summary *summary, FILE *out) {
  double rhat = NAN, ess = NAN;
  for (size_t i = 0; i < summary->quantity_count; i++) {
    const quantity *quantity = &summary->quantities[i];
    rhat = fmax(rhat, quantity->rhat);
    ess = fmin(ess, fmin(quantity->ess_bulk, quantity->ess_tail));
  }
  if (isnan(rhat) || isnan(ess)) {
    fputs("These draws are too few, or too constant, for R_hat and effective sample sizes.\n", out);
    return;
  }
  fprintf(out, "Nothing looks wrong: R_hat is at most %.3f, the least effective sample size %.0f%s.\n", rhat, ess,
          summary->sampler.has_sampler ? ", and no transition diverged" : "");
}

void summary_print_text(const summary *summary, FILE *out) {
  print_head(summary, out);
  print_table(summary, out);
  putc('\n', out);
  if (summary->problem_count == 0) {
    print_all_clear(summary, out);
    return;
  }
  fputs("Before you use these draws:\n", out);
  for (size_t i = 0; i < summary->problem_count; i++) {
    fputs("- ", out);
    print_wrapped(out, summary->problems[i]);
  }
}
