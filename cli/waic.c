/* waic.c: `stanlite waic CSV...`: the widely applicable information criterion. */
#include "cli/cli.h"
#include "cli/fit.h"
#include "cli/print.h"

static const char help[] =
    "stanlite waic CSV... [--log-lik=log_lik] [--pointwise] [--json]\n"
    "\n"
    "How well the model predicts new data like those it has seen: the widely applicable information criterion "
    "(Watanabe\n"
    "2010; Vehtari, Gelman and Gabry 2017; numbers as R's loo). Needs the log-likelihood of each observation among "
    "the\n"
    "generated quantities; a matrix or an array is taken in the order of its columns in the file.\n"
    "\n"
    "  elpd_waic  expected log predictive density: the sum over observations; larger is better\n"
    "  p_waic     effective number of parameters: the variance of each log-likelihood, summed\n"
    "  waic       -2 elpd_waic, on the scale of a deviance\n"
    "\n"
    "WAIC has no check of its own but p_waic: above 0.4 for an observation, `stanlite loo` is the better choice.\n"
    "\n"
    "  --log-lik=NAME   the variable that holds the log-likelihood\n"
    "  --pointwise      a row for each observation\n"
    "  --json           everything, in all digits, as JSON. What is not a finite number is the string \"NaN\" or "
    "\"Inf\"\n";

static void print_estimates(const fit *fit, FILE *out) {
  const sl_elpd *elpd = fit->elpd;
  double values[] = {elpd->elpd.value, elpd->p.value, -2 * elpd->elpd.value};
  double errors[] = {elpd->elpd.se, elpd->p.se, 2 * elpd->elpd.se};
  print_columns(out, (const char *const[]){"elpd_waic", "p_waic", "waic"}, 3,
                (print_column[]){{"Estimate", 1, values}, {"SE", 1, errors}}, 2);
}

static void print_json_estimates(const fit *fit, FILE *out) {
  print_json_estimate(out, "elpd_waic", fit->elpd->elpd, 1, ", ");
  print_json_estimate(out, "p_waic", fit->elpd->p, 1, ", ");
  print_json_estimate(out, "waic", fit->elpd->elpd, -2, ",\n");
}

static double elpd_of(const sl_elpd_point *point) { return point->elpd; }
static double p_of(const sl_elpd_point *point) { return point->p; }
static double waic_of(const sl_elpd_point *point) { return -2 * point->elpd; }

int command_waic(int argc, char **argv) {
  static const fit_command command = {
      .name = "waic",
      .help = help,
      .method = sl_elpd_waic,
      .print_estimates = print_estimates,
      .print_json_estimates = print_json_estimates,
      .columns = {{"elpd_waic", 3, elpd_of}, {"p_waic", 3, p_of}, {"waic", 3, waic_of}}};
  return fit_command_run(&command, argc, argv);
}
