/* summary_text.c: a summary for people: what was read, how the sampler fared, a table with its decimal points under
 * each other, and what looks wrong. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli/print.h"
#include "cli/summary.h"

/* ---- the table ---- */

typedef enum {
  column_estimate,
  column_mean,
  column_mcse,
  column_sd,
  column_mad,
  column_percentile,
  column_interval,
  column_bulk,
  column_tail,
  column_rhat,
  column_classic
} kind;

typedef struct table_column {
  kind kind;
  size_t which; /* file of the estimate, percentile, end of an interval */
  char title[cell_size];
  int before, after; /* widest characters before the decimal point, and from it on */
  int width;
  bool on_point; /* decimal points under each other */
} table_column;

static void format_cell(char cell[cell_size], const table_column *column, const summary *summary,
                        const quantity *quantity) {
  int figures = summary->options->sig_figs;
  /* An error needs fewer figures than what it is the error of; R-hat at least those that show 1.01. */
  int error_figures = figures - 2 > 2 ? figures - 2 : 2, ratio_decimals = figures - 1 > 3 ? figures - 1 : 3;
  switch (column->kind) {
  case column_estimate:
    format_figures(cell, sl_draws_column(summary->draws, quantity->column)[column->which], figures);
    break;
  case column_mean: format_figures(cell, quantity->mean, figures); break;
  case column_mcse:
    if (isnan(quantity->mcse_mean))
      snprintf(cell, cell_size, "-");
    else
      format_figures(cell, quantity->mcse_mean, error_figures);
    break;
  case column_sd: format_figures(cell, quantity->sd, figures); break;
  case column_mad: format_figures(cell, quantity->mad, figures); break;
  case column_percentile: format_figures(cell, quantity->quantiles[column->which], figures); break;
  case column_interval: format_figures(cell, quantity->intervals[column->which], figures); break;
  case column_bulk: format_diagnostic(cell, quantity->ess_bulk, 0); break;
  case column_tail: format_diagnostic(cell, quantity->ess_tail, 0); break;
  case column_rhat: format_diagnostic(cell, quantity->rhat, ratio_decimals); break;
  case column_classic: format_diagnostic(cell, quantity->rhat_classic, ratio_decimals); break;
  }
}

/* Characters before the decimal point (or the exponent, where there is no point). */
static int before_point(const char *cell) { return (int)strcspn(cell, cell[0] == 'I' || cell[1] == 'I' ? "" : ".e"); }

enum { most_other_columns = 8 }; /* besides estimates, percentiles and intervals */

static void add_column(table_column *columns, size_t *count, kind kind, size_t which, const char *title) {
  table_column *column = &columns[(*count)++];
  *column = (table_column){.kind = kind, .which = which};
  snprintf(column->title, sizeof column->title, "%s", title);
}

static size_t list_columns(table_column *columns, const summary *summary) {
  const summary_options *options = summary->options;
  size_t count = 0, files = summary->draws->chain_count;
  char title[cell_size];
  for (size_t i = 0; summary->kind == point_estimates && i < files; i++) {
    snprintf(title, sizeof title, files == 1 ? "Estimate" : "File %zu", i + 1);
    add_column(columns, &count, column_estimate, i, title);
  }
  if (summary->kind == point_estimates) return count;
  add_column(columns, &count, column_mean, 0, "Mean");
  add_column(columns, &count, column_mcse, 0, "MCSE");
  add_column(columns, &count, column_sd, 0, "StdDev");
  if (options->mad) add_column(columns, &count, column_mad, 0, "MAD");
  for (size_t i = 0; i < options->percentile_count; i++) {
    snprintf(title, sizeof title, "%g%%", options->percentiles[i]);
    add_column(columns, &count, column_percentile, i, title);
  }
  for (size_t i = 0; i < 2 * options->share_count; i++) {
    snprintf(title, sizeof title, "HDI%g_%s", 100 * options->shares[i / 2], i % 2 ? "high" : "low");
    add_column(columns, &count, column_interval, i, title);
  }
  if (summary->kind == independent_draws) return count;
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
    format_cell(cell, column, summary, &summary->quantities[i]);
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
  size_t most = summary->draws->chain_count + most_percentiles + 2 * most_intervals + most_other_columns;
  table_column *columns = calloc(most, sizeof *columns);
  if (!columns) {
    fputs("(not enough memory for the table)\n", out);
    return;
  }
  size_t column_count = list_columns(columns, summary);
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
      format_cell(cell, &columns[k], summary, &summary->quantities[i]);
      int length = (int)strlen(cell),
          right = columns[k].on_point ? columns[k].after - (length - before_point(cell)) : 0;
      fprintf(out, "%*s%s", behind + 2 + columns[k].width - length - right, "", cell);
      behind = right;
    }
    putc('\n', out);
  }
  free(columns);
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
  if (summary->kind != draws_of_chains || !report->has_acceptance) return;
  size_t chains = summary->draws->chain_count;
  fprintf(out, "Transitions: %zu", report->transitions);
  if (!isnan(report->mean_leapfrog_steps)) {
    char steps[cell_size];
    format_figures(steps, report->mean_leapfrog_steps, 3);
    fprintf(out, ", with %s leapfrog steps on average", steps);
  }
  if (report->has_divergences) fprintf(out, "; %zu divergent", report->divergences);
  if (report->has_depths) fprintf(out, ", %zu at the maximum tree depth", report->depth_hits);
  fputs("\nFor each chain: ", out);
  if (!isnan(report->step_size[0])) print_each(out, "step size", report->step_size, chains, 3);
  print_each(out, isnan(report->step_size[0]) ? "acceptance" : "; acceptance", report->acceptance, chains, 2);
  if (report->has_energy) print_each(out, "; E-BFMI", report->bfmi, chains, 2);
  putc('\n', out);
}

/* What the rows are: "4 chains of 1000 draws", "1000 draws of laplace", "the estimate of optimize (lbfgs)". */
static void print_rows(const summary *summary, FILE *out) {
  const sl_draws *draws = summary->draws;
  const sl_draws_chain *first = &draws->chains[0];
  size_t chains = draws->chain_count, count = draws->draw_count;
  const char *many_chains = chains == 1 ? "" : "s", *many_draws = count == 1 ? "" : "s";
  if (summary->kind == point_estimates) {
    if (chains > 1)
      fprintf(out, "the estimates in %zu files of %s", chains, first->method);
    else
      fprintf(out, "the estimate of %s", first->method);
    if (*first->algorithm) fprintf(out, " (%s)", first->algorithm);
    if (first->warmup_row_count > 0) fprintf(out, ", the last of %zu rows", first->warmup_row_count + 1);
    return;
  }
  if (summary->kind == independent_draws) {
    if (chains > 1) fprintf(out, "%zu files of ", chains);
    fprintf(out, "%zu independent draw%s", count, many_draws);
    if (strcmp(first->algorithm, "fixed_param") == 0)
      fputs(" with fixed parameters", out);
    else if (*first->method)
      fprintf(out, " from the approximation of %s", first->method);
  } else {
    fprintf(out, "%zu chain%s of %zu draw%s", chains, many_chains, count, many_draws);
  }
  if (first->warmup_row_count > 0)
    fprintf(out, " after %zu %s", first->warmup_row_count,
            strcmp(first->method, "variational") == 0 ? "row with the mean of the fit" : "of warmup");
  if (first->thin > 1) fprintf(out, ", one in %ld kept", first->thin);
}

void summary_print_head(const summary *summary, FILE *out) {
  const char *model = summary->draws->chains[0].model;
  fprintf(out, "%s%s", model, *model ? ": " : "");
  print_rows(summary, out);
  putc('\n', out);
  print_seconds(summary->draws, out);
  print_sampler(summary, out);
}

/* A histogram of each, when they were asked for. */
static void print_plots(const summary *summary, FILE *out) {
  if (summary->options->plot_width == 0 || summary->kind == point_estimates) return;
  terminal terminal = terminal_of(out);
  for (size_t i = 0; i < summary->quantity_count; i++) {
    const quantity *quantity = &summary->quantities[i];
    if (quantity->plot.counts) {
      plot_print(&quantity->plot, quantity->name, &terminal, out);
    } else if (quantity->constant) {
      char cell[cell_size];
      format_figures(cell, sl_draws_column(summary->draws, quantity->column)[0], summary->options->sig_figs);
      fprintf(out, "%s  is %s in all draws\n", quantity->name, cell);
    } else {
      fprintf(out, "%s  %s\n", quantity->name,
              quantity->finite ? "has draws that no axis can show" : "has draws that are not finite");
    }
    putc('\n', out);
  }
}

void summary_print_text(const summary *summary, FILE *out) {
  const findings *findings = &summary->findings;
  summary_print_head(summary, out);
  putc('\n', out);
  print_table(summary, out);
  putc('\n', out);
  print_plots(summary, out);
  if (findings->problem_count == 0) {
    if (summary->kind == draws_of_chains)
      fprintf(out, "%s\n", findings->all_clear); /* one line, which is searched for */
    else
      print_paragraph(out, findings->all_clear);
    return;
  }
  fputs("Before you use these draws:\n", out);
  for (size_t i = 0; i < findings->count; i++) {
    if (findings->items[i].verdict != finding_problem) continue;
    fputs("- ", out);
    print_wrapped(out, findings->items[i].text);
  }
}
