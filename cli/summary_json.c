/* summary_json.c: a summary for programs. */
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
  if (!report->has_sampler) return;
  fprintf(out, "  \"sampler\": {\"transitions\": %zu, \"divergences\": %zu, \"at_max_depth\": %zu, ",
          report->transitions, report->divergences, report->depth_hits);
  print_json_member(out, "mean_leapfrog_steps", report->mean_leapfrog_steps, ", ");
  print_json_array(out, "step_size", report->step_size, chains, ", ");
  print_json_array(out, "accept_stat", report->acceptance, chains, ", ");
  print_json_array(out, "e_bfmi", report->bfmi, chains, "},\n");
}

static void print_quantity(FILE *out, const quantity *quantity, const summary_options *options) {
  fputs("    ", out);
  print_json_string(out, quantity->name);
  fputs(": {", out);
  print_json_member(out, "mean", quantity->mean, ", ");
  print_json_member(out, "mcse_mean", quantity->mcse_mean, ", ");
  print_json_member(out, "sd", quantity->sd, ", ");
  print_json_member(out, "mcse_sd", quantity->mcse_sd, ", ");
  print_json_array(out, "quantiles", quantity->quantiles, options->percentile_count, ", ");
  print_json_array(out, "mcse_quantiles", quantity->mcse_quantiles, options->percentile_count, ", ");
  print_json_member(out, "ess_bulk", quantity->ess_bulk, ", ");
  print_json_member(out, "ess_tail", quantity->ess_tail, ", ");
  print_json_member(out, "ess_mean", quantity->ess_mean, ", ");
  print_json_member(out, "rhat", quantity->rhat, options->classic_rhat ? ", " : "}");
  if (options->classic_rhat) print_json_member(out, "rhat_classic", quantity->rhat_classic, "}");
}

void summary_print_json(const summary *summary, FILE *out) {
  const sl_draws *draws = summary->draws;
  fputs("{\n  \"model\": ", out);
  print_json_string(out, draws->chains[0].model);
  fprintf(out, ",\n  \"chains\": %zu,\n  \"draws\": %zu,\n", draws->chain_count, draws->draw_count);
  print_files(out, draws);
  print_sampler(out, &summary->sampler, draws->chain_count);
  fputs("  ", out);
  print_json_array(out, "percentiles", summary->options->percentiles, summary->options->percentile_count, ",\n");
  fputs("  \"quantities\": {\n", out);
  for (size_t i = 0; i < summary->quantity_count; i++) {
    print_quantity(out, &summary->quantities[i], summary->options);
    fputs(i + 1 < summary->quantity_count ? ",\n" : "\n", out);
  }
  fputs("  },\n  \"problems\": [", out);
  for (size_t i = 0; i < summary->problem_count; i++) {
    fputs(i ? ",\n    " : "\n    ", out);
    print_json_string(out, summary->problems[i]);
  }
  fputs(summary->problem_count ? "\n  ]\n}\n" : "]\n}\n", out);
}
