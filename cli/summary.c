/* summary.c: `stanlite summary CSV...`. See summary.h for the parts. */
#include "cli/summary.h"
#include <stdlib.h>
#include <string.h>
#include "cli/cli.h"

static const char help[] =
    "stanlite summary CSV... [--percentiles=5,50,95] [--sig-figs=4] [--classic-rhat] [--json]\n"
    "\n"
    "Says what the draws in CmdStan CSV files, one for each chain, tell about each quantity, and whether they can be\n"
    "trusted. Warmup draws in the files are left out.\n"
    "\n"
    "  Mean, StdDev, 5% ...   of the draws of all chains together\n"
    "  MCSE                   Monte Carlo standard error of the mean\n"
    "  ESS_bulk, ESS_tail     effective sample size for the middle and for the 5 % and 95 % quantiles\n"
    "  R_hat                  rank-normalised split R-hat: above 1.01 the chains do not agree\n"
    "                         (all three: Vehtari, Gelman, Simpson, Carpenter and Buerkner 2021)\n"
    "  -                      not defined: the draws are constant, too few, or not numbers\n"
    "\n"
    "  --percentiles=P,...    which percentiles, 0 to 100 (--percentiles= for none)\n"
    "  --sig-figs=N           significant figures, 1 to 17\n"
    "  --classic-rhat         a further column R_hat_GR: Gelman and Rubin (1992), whole chains, no ranks\n"
    "  --json                 everything, in all digits, as JSON; also the standard errors of sd and quantiles. What\n"
    "                         is not defined is null, and infinities are the strings \"Inf\" and \"-Inf\"\n";

const summary_options summary_defaults = {.percentiles = {5, 50, 95}, .percentile_count = 3, .sig_figs = 4};

int summarize_files(char **paths, int count, const summary_options *options, FILE *out) {
  sl_error error = {0};
  sl_draws *draws = sl_draws_read((const char *const *)paths, (size_t)count, &error);
  if (!draws) {
    fprintf(stderr, "stanlite: %s\n", error.message);
    return error.code;
  }
  summary summary;
  int code = SL_OK;
  if (!summary_compute(&summary, draws, options)) {
    fputs("stanlite: not enough memory for the summary\n", stderr);
    code = SL_DEFECT;
  } else {
    (options->json ? summary_print_json : summary_print_text)(&summary, out);
    if (fflush(out) != 0 || ferror(out)) {
      perror("stanlite: the summary cannot be written");
      code = SL_CANNOT_WRITE;
    }
  }
  summary_free(&summary);
  sl_draws_destroy(draws);
  return code;
}

static bool read_percentiles(const char *text, summary_options *options) {
  options->percentile_count = 0;
  while (*text) {
    char *end;
    double percentile = strtod(text, &end);
    bool good = end != text && (*end == ',' || *end == 0) && percentile >= 0 && percentile <= 100;
    if (!good || options->percentile_count == most_percentiles) return false;
    options->percentiles[options->percentile_count++] = percentile;
    text = *end ? end + 1 : end;
  }
  return true;
}

static bool read_figures(const char *text, summary_options *options) {
  char *end;
  long figures = strtol(text, &end, 10);
  options->sig_figs = (int)figures;
  return end != text && *end == 0 && figures >= 1 && figures <= 17;
}

/* The text behind `name` when the argument starts with it, or NULL. */
static const char *value_of(const char *argument, const char *name) {
  return strncmp(argument, name, strlen(name)) == 0 ? argument + strlen(name) : NULL;
}

int command_summary(int argc, char **argv) {
  summary_options options = summary_defaults;
  char **paths = malloc(((size_t)argc + 1) * sizeof *paths);
  if (!paths) return SL_DEFECT;
  int path_count = 0, code = SL_OK;
  bool only_paths = false, done = false;
  for (int i = 0; i < argc && !done; i++) {
    const char *argument = argv[i], *value;
    if (only_paths || argument[0] != '-') {
      paths[path_count++] = argv[i];
    } else if (strcmp(argument, "--") == 0) {
      only_paths = true;
    } else if (strcmp(argument, "--help") == 0) {
      fputs(help, stdout);
      done = true;
    } else if (strcmp(argument, "--json") == 0) {
      options.json = true;
    } else if (strcmp(argument, "--classic-rhat") == 0) {
      options.classic_rhat = true;
    } else if ((value = value_of(argument, "--percentiles="))) {
      if (!read_percentiles(value, &options)) {
        fprintf(stderr,
                "stanlite summary: --percentiles takes at most %d numbers from 0 to 100, with commas between: `%s`\n",
                most_percentiles, value);
        code = SL_USAGE, done = true;
      }
    } else if ((value = value_of(argument, "--sig-figs="))) {
      if (!read_figures(value, &options)) {
        fprintf(stderr, "stanlite summary: --sig-figs takes a whole number from 1 to 17: `%s`\n", value);
        code = SL_USAGE, done = true;
      }
    } else {
      fprintf(stderr, "stanlite summary: there is no option `%s` (see `stanlite help summary`)\n", argument);
      code = SL_USAGE, done = true;
    }
  }
  if (!done && path_count == 0) {
    fputs("stanlite summary: which CSV files? (see `stanlite help summary`)\n", stderr);
    code = SL_USAGE;
  } else if (!done) {
    code = summarize_files(paths, path_count, &options, stdout);
  }
  free(paths);
  return code;
}
