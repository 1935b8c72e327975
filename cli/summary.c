/* summary.c: `stanlite summary CSV...`. See summary.h for the parts. */
#include "cli/summary.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli/cli.h"

static const char help[] =
    "stanlite summary CSV... [--percentiles=5,50,95] [--hdi=0.89] [--mad] [--variables=mu,theta] [--plot]\n"
    "                        [--classic-rhat] [--sig-figs=4] [--json]\n"
    "\n"
    "Says what the draws in CmdStan CSV files, one for each chain, tell about each quantity, and whether they can be\n"
    "trusted. Warmup draws in the files are left out. `stanlite diagnose` says more about the trust.\n"
    "\n"
    "  Mean, StdDev, 5% ...   of the draws of all chains together\n"
    "  MCSE                   Monte Carlo standard error of the mean\n"
    "  ESS_bulk, ESS_tail     effective sample size for the middle and for the 5 % and 95 % quantiles\n"
    "  R_hat                  rank-normalised split R-hat: above 1.01 the chains do not agree\n"
    "                         (all three: Vehtari, Gelman, Simpson, Carpenter and Buerkner 2021)\n"
    "  -                      not defined: the draws are constant, too few, or not numbers\n"
    "\n"
    "Of an optimizer's file it prints the estimates. Draws of laplace, variational, pathfinder and "
    "algorithm=fixed_param\n"
    "are independent: they have no R_hat and no effective sample size, and MCSE is StdDev / sqrt(draws).\n"
    "\n"
    "  --percentiles=P,...    which percentiles, 0 to 100 (--percentiles= for none)\n"
    "  --hdi=SHARE,...        highest-density intervals: the shortest interval with this share of the draws, in "
    "columns\n"
    "                         HDI89_low and HDI89_high (Hyndman 1996; as HDInterval::hdi of R)\n"
    "  --mad                  a column MAD: 1.4826 times the median distance from the median\n"
    "  --variables=NAME,...   only these, in this order; theta is all of its elements, theta[2] or theta.2 one\n"
    "  --plot                 also a histogram of each: the median, and the intervals of 50 and 90 % (or of --hdi)\n"
    "  --classic-rhat         a further column R_hat_GR: Gelman and Rubin (1992), whole chains, no ranks:\n"
    "                         sqrt(((N-1)/N W + B/N) / W), W the mean of the chains' variances, B/N that of their "
    "means\n"
    "  --sig-figs=N           significant figures, 1 to 17\n"
    "  --json                 everything, in all digits, as JSON; also the standard errors of sd and quantiles. What\n"
    "                         is not defined is null, and infinities are the strings \"Inf\" and \"-Inf\"\n";

const summary_options summary_defaults = {.percentiles = {5, 50, 95}, .percentile_count = 3, .sig_figs = 4};

static int print_files(char **paths, int count, const summary_options *options, summary_printer *print, FILE *out) {
  sl_error error = {0};
  sl_draws *draws =
      sl_draws_read_columns((const char *const *)paths, (size_t)count, summary_wants, options->variables, &error);
  if (!draws) {
    fprintf(stderr, "stanlite: %s\n", error.message);
    return error.code;
  }
  summary summary;
  int code = summary_compute(&summary, draws, options, &error);
  if (code != SL_OK) {
    fprintf(stderr, "stanlite: %s\n", error.message);
  } else {
    print(&summary, out);
    if (fflush(out) != 0 || ferror(out)) {
      perror("stanlite: the result cannot be written");
      code = SL_CANNOT_WRITE;
    }
  }
  summary_free(&summary);
  sl_draws_destroy(draws);
  return code;
}

int summarize_files(char **paths, int count, const summary_options *options, FILE *out) {
  return print_files(paths, count, options, options->json ? summary_print_json : summary_print_text, out);
}

/* Numbers from low to high with commas between, at most `most` of them. */
static bool read_numbers(const char *text, double low, double high, size_t most, double *numbers, size_t *count) {
  *count = 0;
  while (*text) {
    char *end;
    double number = strtod(text, &end);
    bool good = end != text && (*end == ',' || *end == 0) && number >= low && number <= high;
    if (!good || *count == most) return false;
    numbers[(*count)++] = number;
    text = *end ? end + 1 : end;
  }
  return true;
}

static bool read_percentiles(const char *text, summary_options *options) {
  return read_numbers(text, 0, 100, most_percentiles, options->percentiles, &options->percentile_count);
}

static bool read_shares(const char *text, summary_options *options) {
  double least = nextafter(0, 1), most = nextafter(1, 0);
  return read_numbers(text, least, most, most_intervals, options->shares, &options->share_count) &&
         options->share_count > 0;
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

static bool set_table_option(summary_options *options, const char *argument, const char **wrong) {
  const char *value;
  if (strcmp(argument, "--classic-rhat") == 0) {
    options->classic_rhat = true;
  } else if (strcmp(argument, "--mad") == 0) {
    options->mad = true;
  } else if (strcmp(argument, "--plot") == 0) {
    options->plot_width = terminal_of(stdout).width - 1;
  } else if ((value = value_of(argument, "--percentiles="))) {
    if (!read_percentiles(value, options)) *wrong = "--percentiles takes at most 32 numbers from 0 to 100";
  } else if ((value = value_of(argument, "--hdi="))) {
    if (!read_shares(value, options)) *wrong = "--hdi takes at most 8 numbers between 0 and 1 (0.89 for 89 %)";
  } else if ((value = value_of(argument, "--sig-figs="))) {
    if (!read_figures(value, options)) *wrong = "--sig-figs takes a whole number from 1 to 17";
  } else {
    return false;
  }
  return true;
}
_Static_assert(most_percentiles == 32 && most_intervals == 8, "the messages above say so");

/* False: there is no such option. *wrong: what is wrong with its value. */
static bool set_option(summary_options *options, bool has_table, const char *argument, const char **wrong) {
  const char *value;
  if (strcmp(argument, "--json") == 0)
    options->json = true;
  else if ((value = value_of(argument, "--variables=")))
    options->variables = value;
  else
    return has_table && set_table_option(options, argument, wrong);
  return true;
}

bool summary_option(summary_options *options, const char *argument, const char **wrong) {
  return set_option(options, true, argument, wrong);
}

/* Options and, in `paths`, the files. SL_OK, or the exit code when there is nothing more to do; *done then, too. */
static int read_arguments(const summary_command *command, int argc, char **argv, summary_options *options, char **paths,
                          int *path_count, bool *done) {
  bool only_paths = false;
  for (int i = 0; i < argc; i++) {
    const char *wrong = NULL;
    if (only_paths || argv[i][0] != '-') {
      paths[(*path_count)++] = argv[i];
    } else if (strcmp(argv[i], "--") == 0) {
      only_paths = true;
    } else if (strcmp(argv[i], "--help") == 0) {
      fputs(command->help, stdout);
      *done = true;
      return SL_OK;
    } else if (!set_option(options, command->has_table, argv[i], &wrong)) {
      fprintf(stderr, "stanlite %s: there is no option `%s` (see `stanlite help %s`)\n", command->name, argv[i],
              command->name);
      return SL_USAGE;
    } else if (wrong) {
      fprintf(stderr, "stanlite %s: %s: `%s`\n", command->name, wrong, strchr(argv[i], '=') + 1);
      return SL_USAGE;
    }
  }
  if (options->json && options->plot_width > 0) {
    fprintf(stderr, "stanlite %s: --plot is for people, --json for programs: one of them\n", command->name);
    return SL_USAGE;
  }
  if (*path_count > 0) return SL_OK;
  fprintf(stderr, "stanlite %s: which CSV files? (see `stanlite help %s`)\n", command->name, command->name);
  return SL_USAGE;
}

int run_summary_command(const summary_command *command, int argc, char **argv) {
  summary_options options = summary_defaults;
  char **paths = malloc(((size_t)argc + 1) * sizeof *paths);
  if (!paths) return SL_DEFECT;
  int path_count = 0;
  bool done = false;
  int code = read_arguments(command, argc, argv, &options, paths, &path_count, &done);
  if (!command->has_table) options.percentile_count = 0;
  if (code == SL_OK && !done)
    code = print_files(paths, path_count, &options, options.json ? command->print_json : command->print_text, stdout);
  free(paths);
  return code;
}

int command_summary(int argc, char **argv) {
  static const summary_command command = {"summary", help, true, summary_print_text, summary_print_json};
  return run_summary_command(&command, argc, argv);
}
