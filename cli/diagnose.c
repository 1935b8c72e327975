/* diagnose.c: `stanlite diagnose CSV...`: every check of findings.c, also those that found nothing wrong, the quantities
 * that are worst off, and how far the draws can be trusted. The exit code says whether the files could be read, not what
 * was found. */
#include <string.h>
#include "cli/cli.h"
#include "cli/print.h"
#include "cli/summary.h"

static const char help[] =
    "stanlite diagnose CSV... [--variables=mu,theta] [--json]\n"
    "\n"
    "Says in sentences whether the draws in CmdStan CSV files, one for each chain, can be trusted, what to do where "
    "they\n"
    "cannot, and what is fine. It looks for\n"
    "\n"
    "  divergences     transitions whose energy ran away: the sampler may have missed a part of the posterior\n"
    "  tree depth      transitions that ended at max_depth: slow, not wrong\n"
    "  energy          E-BFMI below 0.3 in a chain: sum (E[n] - E[n-1])^2 / sum (E[n] - mean E)^2 (Betancourt 2016)\n"
    "  warmup          too short, step sizes that differ by a factor of 5, acceptance more than 0.15 below delta\n"
    "  acceptance      of algorithm=mh: below 0.1 or above 0.7\n"
    "  stuck chains    the same draw for a tenth of a chain\n"
    "  R_hat           above 1.01: the chains do not agree; which chain lies apart\n"
    "  ESS_bulk, ESS_tail   effective sample sizes below 400 (R_hat, too: Vehtari et al. 2021)\n"
    "  values, files   draws that are not finite, files that are incomplete\n"
    "  approximation   of laplace and variational: Pareto k of the importance ratios (Yao et al. 2018)\n"
    "\n"
    "Step sizes, acceptance and stuck chains are judged by rules of thumb. Output of optimize, laplace, variational "
    "and\n"
    "pathfinder is no Markov chain: it says so.\n"
    "\n"
    "  --variables=NAME,...   R_hat, effective sizes and values of these alone; theta is all of its elements\n"
    "  --json                 for programs: each check with its verdict (fine, note, problem) and its sentence\n"
    "\n"
    "The exit code is 0 whatever was found.\n";

static const char *verdict_name(finding_verdict verdict) {
  return verdict == finding_problem ? "problem" : verdict == finding_note ? "note" : "fine";
}

/* ---- for people ---- */

static void print_group(const findings *findings, finding_verdict verdict, const char *title, FILE *out) {
  bool first = true;
  for (size_t i = 0; i < findings->count; i++) {
    const finding *finding = &findings->items[i];
    if (finding->verdict != verdict) continue;
    if (first) fprintf(out, "\n%s\n", title);
    first = false;
    fputs("- ", out);
    print_wrapped(out, finding->text);
  }
}

static void print_worst(const summary *summary, FILE *out) {
  const findings *findings = &summary->findings;
  if (findings->worst_count == 0) return;
  int width = 0;
  for (size_t i = 0; i < findings->worst_count; i++) {
    int length = (int)strlen(summary->quantities[findings->worst[i]].name);
    if (length > width) width = length;
  }
  fprintf(out, "\nLeast certain%*s  R_hat  ESS_bulk  ESS_tail\n", width > 11 ? width - 11 : 0, "");
  for (size_t i = 0; i < findings->worst_count; i++) {
    const quantity *quantity = &summary->quantities[findings->worst[i]];
    char cells[3][cell_size];
    format_diagnostic(cells[0], quantity->rhat, 3);
    format_diagnostic(cells[1], quantity->ess_bulk, 0);
    format_diagnostic(cells[2], quantity->ess_tail, 0);
    fprintf(out, "  %-*s  %5s  %8s  %8s\n", width > 11 ? width : 11, quantity->name, cells[0], cells[1], cells[2]);
  }
}

static void print_text(const summary *summary, FILE *out) {
  const findings *findings = &summary->findings;
  summary_print_head(summary, out);
  print_group(findings, finding_problem, "Problems", out);
  print_group(findings, finding_note, "To know", out);
  print_group(findings, finding_fine, "Fine", out);
  print_worst(summary, out);
  putc('\n', out);
  print_paragraph(out, findings->trust);
}

/* ---- for programs ---- */

static void print_json(const summary *summary, FILE *out) {
  const findings *findings = &summary->findings;
  fputs("{\n", out);
  summary_print_json_head(summary, out);
  fprintf(out, "  \"problems\": %zu,\n  \"checks\": [", findings->problem_count);
  for (size_t i = 0; i < findings->count; i++) {
    const finding *finding = &findings->items[i];
    fprintf(out, "%s\n    {\"check\": \"%s\", \"verdict\": \"%s\", \"text\": ", i ? "," : "", finding->check,
            verdict_name(finding->verdict));
    print_json_string(out, finding->text);
    putc('}', out);
  }
  fputs("\n  ],\n  \"least_certain\": {", out);
  for (size_t i = 0; i < findings->worst_count; i++) {
    const quantity *quantity = &summary->quantities[findings->worst[i]];
    fputs(i ? ",\n    " : "\n    ", out);
    print_json_string(out, quantity->name);
    fputs(": {", out);
    print_json_member(out, "rhat", quantity->rhat, ", ");
    print_json_member(out, "ess_bulk", quantity->ess_bulk, ", ");
    print_json_member(out, "ess_tail", quantity->ess_tail, "}");
  }
  fputs(findings->worst_count ? "\n  },\n  \"trust\": " : "},\n  \"trust\": ", out);
  print_json_string(out, findings->trust);
  fputs("\n}\n", out);
}

int command_diagnose(int argc, char **argv) {
  static const summary_command command = {"diagnose", help, false, print_text, print_json};
  return run_summary_command(&command, argc, argv);
}
