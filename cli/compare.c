/* compare.c: `stanlite compare NAME=CSV...`: its arguments, and the models that they name. */
#include "cli/compare.h"
#include <glob.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/cli.h"

static const char help[] =
    "stanlite compare NAME=CSV[,CSV...] NAME=CSV[,CSV...]... [--waic] [--log-lik=log_lik] [--json]\n"
    "stanlite compare NAME=CSV NAME=CSV... [--observations=N]      files of the method optimize\n"
    "\n"
    "Models of the same observations, the best first. NAME is what the model is called in the table; its chains are\n"
    "CSV files with commas between, or a pattern: 'm1=m1_*.csv' takes every file that fits (*, ?, [1-4]).\n"
    "\n"
    "Of draws, by leave-one-out cross-validation (see `stanlite help loo`), or with --waic by WAIC:\n"
    "\n"
    "  elpd_diff, se_diff    elpd less that of the best model, and the standard error of the difference, from its "
    "value\n"
    "                        at each observation\n"
    "  elpd, p               expected log predictive density and effective number of parameters, each with its\n"
    "                        standard error\n"
    "  looic or WAIC, SE     the same as a deviance, -2 elpd; dlooic or dWAIC, dSE: the difference and its standard\n"
    "                        error on that scale\n"
    "  weight                Akaike's: exp(elpd_diff), made to sum to 1\n"
    "  stacking              weights of the mixture of the models that predicts best (Yao et al. 2018)\n"
    "\n"
    "Of estimates by the method optimize, smallest model first: number of parameters, AIC, BIC, log-likelihood (lp__ "
    "of a\n"
    "model without priors that keeps its constants), deviance, and the likelihood ratio test against the model above,\n"
    "which must be a special case of the one below. Of several files for a model the one with the largest lp__ "
    "counts.\n"
    "\n"
    "  --waic             WAIC instead of leave-one-out (--loo)\n"
    "  --log-lik=NAME     the variable that holds the log-likelihood of each observation\n"
    "  --observations=N   for BIC, where the files have no log-likelihoods to count\n"
    "  --json             everything, in all digits, as JSON; what is not defined is null\n";

/* ---- the files of a model ---- */

typedef struct path_list {
  char **paths;
  size_t count;
} path_list;

static bool add_path(path_list *list, const char *path) {
  char **paths = realloc(list->paths, (list->count + 1) * sizeof *paths);
  if (!paths) return false;
  list->paths = paths;
  paths[list->count] = strdup(path);
  return paths[list->count++] != NULL;
}

static void free_paths(path_list *list) {
  for (size_t i = 0; i < list->count; i++) free(list->paths[i]);
  free(list->paths);
}

/* The file of this very name, or every file that fits the pattern. */
static bool add_files(path_list *list, const char *pattern, sl_error *error) {
  if (access(pattern, F_OK) == 0 || !strpbrk(pattern, "*?[")) return add_path(list, pattern);
  glob_t found;
  int status = glob(pattern, 0, NULL, &found);
  if (status != 0) {
    sl_error_set(error, SL_NO_INPUT,
                 status == GLOB_NOMATCH ? "%s: no file fits this pattern" : "%s: the files cannot be listed", pattern);
    return false;
  }
  bool added = true;
  for (size_t i = 0; added && i < found.gl_pathc; i++) added = add_path(list, found.gl_pathv[i]);
  globfree(&found);
  return added;
}

/* "a_1.csv,a_2.csv" or "a_*.csv". */
static bool list_files(path_list *list, const char *text, sl_error *error) {
  char *pieces = strdup(text);
  bool listed = pieces != NULL;
  for (char *piece = pieces; listed && piece;) {
    char *comma = strchr(piece, ',');
    if (comma) *comma = 0;
    if (!*piece) {
      sl_error_set(error, SL_USAGE, "a file's name is missing in `%s`", text);
      listed = false;
    } else {
      listed = add_files(list, piece, error);
    }
    piece = comma ? comma + 1 : NULL;
  }
  free(pieces);
  return listed;
}

/* ---- arguments ---- */

typedef struct arguments {
  const char *log_lik;
  char *models[most_models]; /* "NAME=CSV" */
  bool help;
} arguments;

static int wrong(const char *format, const char *argument) {
  fputs("stanlite compare: ", stderr);
  fprintf(stderr, format, argument);
  fputs(" (see `stanlite help compare`)\n", stderr);
  return SL_USAGE;
}

static int add_model(comparison *comparison, arguments *arguments, char *argument) {
  size_t length = strcspn(argument, "=");
  if (length == 0 || !argument[length] || !argument[length + 1])
    return wrong("a model is written NAME=CSV[,CSV...], not `%s`", argument);
  for (size_t i = 0; i < comparison->count; i++)
    if (strncmp(arguments->models[i], argument, length + 1) == 0)
      return wrong("two models have the name of `%s`", argument);
  if (comparison->count == most_models) return wrong("`%s` is one model too many", argument);
  arguments->models[comparison->count++] = argument;
  return SL_OK;
}

static bool read_count(const char *text, double *count) {
  char *end;
  *count = strtod(text, &end);
  return end != text && *end == 0 && *count >= 1 && *count < 1e15 && *count == floor(*count);
}

static int read_arguments(comparison *comparison, arguments *arguments, int argc, char **argv) {
  static const char log_lik[] = "--log-lik=", observations[] = "--observations=";
  for (int i = 0; i < argc; i++) {
    char *argument = argv[i];
    int code = SL_OK;
    if (argument[0] != '-') {
      code = add_model(comparison, arguments, argument);
    } else if (strcmp(argument, "--help") == 0) {
      arguments->help = true;
      return SL_OK;
    } else if (strcmp(argument, "--json") == 0) {
      comparison->json = true;
    } else if (strcmp(argument, "--waic") == 0 || strcmp(argument, "--loo") == 0) {
      comparison->method = argument[2] == 'w' ? sl_elpd_waic : sl_elpd_loo;
    } else if (strncmp(argument, log_lik, strlen(log_lik)) == 0 && argument[strlen(log_lik)]) {
      arguments->log_lik = argument + strlen(log_lik);
    } else if (strncmp(argument, observations, strlen(observations)) == 0) {
      if (!read_count(argument + strlen(observations), &comparison->observations))
        code = wrong("--observations takes a whole number, not `%s`", argument + strlen(observations));
    } else {
      code = wrong("there is no option `%s`", argument);
    }
    if (code != SL_OK) return code;
  }
  if (comparison->count < 2)
    return wrong("%s", comparison->count ? "one model has nothing to be compared with" : "which models?");
  return SL_OK;
}

/* ---- reading and comparing ---- */

static int read_model(compared *model, const arguments *arguments, const char *argument, sl_elpd_method method,
                      sl_error *error) {
  size_t length = strcspn(argument, "=");
  path_list files = {0};
  model->name = strndup(argument, length);
  if (model->name && list_files(&files, argument + length + 1, error))
    fit_read(&model->fit, (const char *const *)files.paths, files.count, arguments->log_lik, method, true, error);
  else
    sl_error_set(error, SL_DEFECT, "not enough memory for the names of files"); /* unless a reason stands there */
  free_paths(&files);
  return error->code;
}

static int compare(comparison *comparison, const arguments *arguments, sl_error *error) {
  size_t estimates = 0;
  for (size_t i = 0; i < comparison->count; i++) {
    compared *model = &comparison->models[i];
    if (read_model(model, arguments, arguments->models[i], comparison->method, error) != SL_OK) return error->code;
    estimates += !model->fit.elpd;
  }
  if (estimates == comparison->count) return compare_estimates(comparison, stdout, error);
  if (estimates == 0) return compare_elpd(comparison, stdout, error);
  sl_error_set(error, SL_BAD_DATA, "some models are draws and some an optimizer's estimates: they cannot be compared");
  return error->code;
}

int command_compare(int argc, char **argv) {
  comparison *comparison = calloc(1, sizeof *comparison);
  if (!comparison) return SL_DEFECT;
  *comparison = (struct comparison){.method = sl_elpd_loo, .observations = NAN};
  arguments arguments = {.log_lik = "log_lik"};
  int code = read_arguments(comparison, &arguments, argc, argv);
  if (code == SL_OK && arguments.help) {
    fputs(help, stdout);
    code = finish_output(stdout);
  } else if (code == SL_OK) {
    sl_error error = {0};
    code = compare(comparison, &arguments, &error);
    if (code == SL_OK)
      code = finish_output(stdout);
    else
      fprintf(stderr, "stanlite: %s\n", error.message);
    for (size_t i = 0; i < comparison->count; i++) {
      free(comparison->models[i].name);
      fit_free(&comparison->models[i].fit);
    }
  }
  free(comparison);
  return code;
}
