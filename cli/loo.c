/* loo.c: `stanlite loo CSV...`: leave-one-out cross-validation by Pareto-smoothed importance sampling. */
#include <math.h>
#include <stdlib.h>
#include "cli/cli.h"
#include "cli/fit.h"
#include "cli/print.h"

static const char help[] =
    "stanlite loo CSV... [--log-lik=log_lik] [--pointwise] [--json]\n"
    "\n"
    "How well the model predicts each observation from all others: leave-one-out cross-validation by Pareto-smoothed\n"
    "importance sampling. Needs the log-likelihood of each observation among the generated quantities; a matrix or an\n"
    "array is taken in the order of its columns in the file.\n"
    "\n"
    "  elpd_loo   expected log predictive density: the sum over observations; larger is better\n"
    "  p_loo      effective number of parameters\n"
    "  looic      -2 elpd_loo, on the scale of a deviance\n"
    "  Pareto k   of each observation: up to min(1 - 1/log10(draws), 0.7) its figure can be trusted, above it the\n"
    "             posterior would change too much without the observation; above 1 nothing holds\n"
    "  n_eff      how many independent draws an observation's figure rests on\n"
    "             (Vehtari, Gelman and Gabry 2017; Vehtari, Simpson, Gelman, Yao and Gabry 2024; numbers as R's loo)\n"
    "\n"
    "  --log-lik=NAME   the variable that holds the log-likelihood\n"
    "  --pointwise      a row for each observation: elpd, p, looic, Monte Carlo standard error, k, n_eff\n"
    "  --json           everything, in all digits, as JSON. What is not a finite number is the string \"NaN\" or "
    "\"Inf\"\n";

/* Observations with k in loo's classes, and the least effective number of draws in each. */
enum { class_count = 3 };
static const char *const class_names[class_count] = {"good", "bad", "very_bad"};

typedef struct k_class {
  size_t count;
  double least_effective; /* NaN when there is none */
} k_class;

static void classify(const sl_elpd *elpd, k_class classes[class_count]) {
  for (int c = 0; c < class_count; c++) classes[c] = (k_class){0, NAN};
  for (size_t i = 0; i < elpd->count; i++) {
    double k = elpd->points[i].k;
    k_class *one = &classes[k <= elpd->k_threshold ? 0 : k <= 1 ? 1 : 2];
    one->count++;
    one->least_effective = fmin(one->least_effective, elpd->points[i].effective);
  }
}

static void print_classes(const sl_elpd *elpd, FILE *out) {
  k_class classes[class_count];
  classify(elpd, classes);
  if (classes[0].count == elpd->count) {
    fprintf(out, "All Pareto k are good (up to %.2f); the least n_eff is %.0f.\n", elpd->k_threshold,
            classes[0].least_effective);
    return;
  }
  char names[class_count][40];
  snprintf(names[0], sizeof names[0], "(-Inf, %.2f]  good", elpd->k_threshold);
  snprintf(names[1], sizeof names[1], "(%.2f, 1]     bad", elpd->k_threshold);
  snprintf(names[2], sizeof names[2], "(1, Inf)      very bad");
  double counts[class_count], shares[class_count], least[class_count];
  for (int c = 0; c < class_count; c++) {
    counts[c] = (double)classes[c].count;
    shares[c] = 100 * counts[c] / (double)elpd->count;
    least[c] = classes[c].least_effective;
  }
  fputs("Pareto k\n", out);
  print_columns(out, (const char *const[]){names[0], names[1], names[2]}, class_count,
                (print_column[]){{"count", 0, counts}, {"%", 1, shares}, {"least n_eff", 0, least}}, 3);
}

static void print_estimates(const fit *fit, FILE *out) {
  const sl_elpd *elpd = fit->elpd;
  double values[] = {elpd->elpd.value, elpd->p.value, -2 * elpd->elpd.value};
  double errors[] = {elpd->elpd.se, elpd->p.se, 2 * elpd->elpd.se};
  print_columns(out, (const char *const[]){"elpd_loo", "p_loo", "looic"}, 3,
                (print_column[]){{"Estimate", 1, values}, {"SE", 1, errors}}, 2);
  if (isnan(elpd->mcse))
    fputs("\nMonte Carlo standard error of elpd_loo: not known, since some k are too high\n\n", out);
  else
    fprintf(out, "\nMonte Carlo standard error of elpd_loo: %.*f\n\n", elpd->mcse < 0.05 ? 3 : 1, elpd->mcse);
  print_classes(elpd, out);
}

static void print_json_estimates(const fit *fit, FILE *out) {
  const sl_elpd *elpd = fit->elpd;
  k_class classes[class_count];
  classify(elpd, classes);
  double most = -INFINITY;
  for (size_t i = 0; i < elpd->count; i++) most = fmax(most, elpd->points[i].k);
  print_json_estimate(out, "elpd_loo", elpd->elpd, 1, ", ");
  print_json_estimate(out, "p_loo", elpd->p, 1, ", ");
  print_json_estimate(out, "looic", elpd->elpd, -2, ",\n");
  print_json_member(out, "mcse_elpd_loo", elpd->mcse, ",\n");
  fputs("\"pareto_k\": {", out);
  print_json_member(out, "threshold", elpd->k_threshold, ", ");
  print_json_member(out, "max", most, "");
  for (int c = 0; c < class_count; c++) {
    fprintf(out, ", \"%s\": {\"count\": %zu, ", class_names[c], classes[c].count);
    print_json_member(out, "least_n_eff", classes[c].least_effective, "}");
  }
  fputs("},\n", out);
}

static double elpd_of(const sl_elpd_point *point) { return point->elpd; }
static double p_of(const sl_elpd_point *point) { return point->p; }
static double looic_of(const sl_elpd_point *point) { return -2 * point->elpd; }
static double mcse_of(const sl_elpd_point *point) { return point->mcse; }
static double k_of(const sl_elpd_point *point) { return point->k; }
static double n_eff_of(const sl_elpd_point *point) { return point->effective; }
static double r_eff_of(const sl_elpd_point *point) { return point->relative_size; }

int command_loo(int argc, char **argv) {
  static const fit_command command = {.name = "loo",
                                      .help = help,
                                      .method = sl_elpd_loo,
                                      .print_estimates = print_estimates,
                                      .print_json_estimates = print_json_estimates,
                                      .columns = {{"elpd_loo", 3, elpd_of},
                                                  {"p_loo", 3, p_of},
                                                  {"looic", 3, looic_of},
                                                  {"mcse", 3, mcse_of},
                                                  {"k", 2, k_of},
                                                  {"n_eff", 0, n_eff_of},
                                                  {"r_eff", 2, r_eff_of}}};
  return fit_command_run(&command, argc, argv);
}
