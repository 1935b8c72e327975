/* summary_json.c: a summary for programs. */
#include <math.h>
#include "cli/print.h"
#include "cli/summary.h"

static void print_files(FILE *out, const sl_draws *draws) {
  fputs("  \"files\": [\n", out);
  for (size_t i = 0; i < draws->chain_count; i++) {
    const sl_draws_chain *chain = &draws->chains[i];
    fputs("    {\"path\": ", out);
    print_json_string(out, chain->path);
    fprintf(out, ", \"draws\": %zu, \"warmup_draws_left_out\": %zu, \"cut_off\": %s, ", chain->row_count,
            chain->warmup_row_count, chain->cut_off ? "true" : "false");
    print_json_member(out, "warmup_seconds", chain->warmup_seconds, ", ");
    print_json_member(out, "sampling_seconds", chain->sampling_seconds, i + 1 < draws->chain_count ? "},\n" : "}\n");
  }
  fputs("  ],\n", out);
}

static void print_sampler(FILE *out, const sampler_report *report, size_t chains) {
  if (!report->has_acceptance) return;
  fprintf(out, "  \"sampler\": {\"transitions\": %zu, ", report->transitions);
  print_json_member(out, "divergences", report->has_divergences ? (double)report->divergences : NAN, ", ");
  print_json_member(out, "at_max_depth", report->has_depths ? (double)report->depth_hits : NAN, ", ");
  print_json_member(out, "mean_leapfrog_steps", report->mean_leapfrog_steps, ", ");
  print_json_array(out, "step_size", report->step_size, chains, ", ");
  print_json_array(out, "accept_stat", report->acceptance, chains, ", ");
  print_json_array(out, "e_bfmi", report->bfmi, chains, "},\n");
}

/* "name": " of a quantity, up to the brace that opens its figures. */
static void print_name(FILE *out, const quantity *quantity) {
  fputs("    ", out);
  print_json_string(out, quantity->name);
  fputs(": {", out);
}

static void print_intervals(FILE *out, const quantity *quantity, size_t count) {
  fputs("\"hdi\": [", out);
  for (size_t i = 0; i < count; i++) {
    fputs(i ? ", [" : "[", out);
    print_json_number(out, quantity->intervals[2 * i]);
    fputs(", ", out);
    print_json_number(out, quantity->intervals[2 * i + 1]);
    putc(']', out);
  }
  fputs("], ", out);
}

static void print_quantity(FILE *out, const quantity *quantity, const summary_options *options) {
  print_name(out, quantity);
  print_json_member(out, "mean", quantity->mean, ", ");
  print_json_member(out, "mcse_mean", quantity->mcse_mean, ", ");
  print_json_member(out, "sd", quantity->sd, ", ");
  print_json_member(out, "mcse_sd", quantity->mcse_sd, ", ");
  if (options->mad) print_json_member(out, "mad", quantity->mad, ", ");
  print_json_array(out, "quantiles", quantity->quantiles, options->percentile_count, ", ");
  print_json_array(out, "mcse_quantiles", quantity->mcse_quantiles, options->percentile_count, ", ");
  if (options->share_count > 0) print_intervals(out, quantity, options->share_count);
  print_json_member(out, "ess_bulk", quantity->ess_bulk, ", ");
  print_json_member(out, "ess_tail", quantity->ess_tail, ", ");
  print_json_member(out, "ess_mean", quantity->ess_mean, ", ");
  print_json_member(out, "rhat", quantity->rhat, options->classic_rhat ? ", " : "}");
  if (options->classic_rhat) print_json_member(out, "rhat_classic", quantity->rhat_classic, "}");
}

void summary_print_json_head(const summary *summary, FILE *out) {
  const sl_draws *draws = summary->draws;
  const sl_draws_chain *first = &draws->chains[0];
  fputs("  \"model\": ", out);
  print_json_string(out, first->model);
  fputs(",\n  \"method\": ", out);
  print_json_string(out, first->method);
  fputs(",\n  \"algorithm\": ", out);
  print_json_string(out, first->algorithm);
  fprintf(out, ",\n  \"chains\": %zu,\n  \"draws\": %zu,\n", draws->chain_count, draws->draw_count);
  if (!isnan(summary->sampler.pareto_k)) {
    fputs("  ", out);
    print_json_member(out, "pareto_k", summary->sampler.pareto_k, ",\n");
  }
  print_files(out, draws);
  print_sampler(out, &summary->sampler, draws->chain_count);
}

void summary_print_json(const summary *summary, FILE *out) {
  const summary_options *options = summary->options;
  bool estimates = summary->kind == point_estimates;
  fputs("{\n", out);
  summary_print_json_head(summary, out);
  if (!estimates) {
    fputs("  ", out);
    print_json_array(out, "percentiles", options->percentiles, options->percentile_count, ",\n");
    if (options->share_count > 0) {
      fputs("  ", out);
      print_json_array(out, "hdi_shares", options->shares, options->share_count, ",\n");
    }
  }
  fputs("  \"quantities\": {\n", out);
  for (size_t i = 0; i < summary->quantity_count; i++) {
    const quantity *quantity = &summary->quantities[i];
    if (estimates) {
      print_name(out, quantity);
      print_json_array(out, "estimates", sl_draws_column(summary->draws, quantity->column), summary->draws->chain_count,
                       "}");
    } else {
      print_quantity(out, quantity, options);
    }
    fputs(i + 1 < summary->quantity_count ? ",\n" : "\n", out);
  }
  fputs("  },\n  \"problems\": [", out);
  const char *between = "\n    ";
  for (size_t i = 0; i < summary->findings.count; i++) {
    if (summary->findings.items[i].verdict != finding_problem) continue;
    fputs(between, out);
    print_json_string(out, summary->findings.items[i].text);
    between = ",\n    ";
  }
  fputs(summary->findings.problem_count ? "\n  ]\n}\n" : "]\n}\n", out);
}
