/* fit.c: see fit.h. */
#include "cli/fit.h"
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "cli/print.h"
#include "support/message.h"

/* ---- columns ---- */

/* log_lik itself, and log_lik.1, log_lik.1.2, ... */
static bool is_of(const char *variable, const char *name) {
  size_t length = strlen(variable);
  return strncmp(name, variable, length) == 0 && (name[length] == 0 || name[length] == '.');
}

static bool is_wanted(const void *log_lik, const char *name) {
  return is_of(log_lik, name) || strcmp(name, "lp__") == 0;
}

/* Names of the vectors in the header, each once, in their order. The caller frees the list and each name. */
static char **list_vectors(const sl_draws *draws, int *count) {
  char **vectors = malloc(draws->header_count * sizeof *vectors);
  *count = 0;
  for (size_t i = 0; vectors && i < draws->header_count; i++) {
    const char *name = draws->header[i];
    size_t length = strcspn(name, ".");
    const char *last = *count > 0 ? vectors[*count - 1] : "";
    if (!name[length] || (strlen(last) == length && strncmp(last, name, length) == 0)) continue;
    char *copy = strndup(name, length);
    if (copy) vectors[(*count)++] = copy;
  }
  return vectors;
}

static void say_missing(const sl_draws *draws, const char *log_lik, sl_error *error) {
  enum { most_listed = 12 };
  char text[1200] = "";
  size_t used = 0;
  int count;
  char **vectors = list_vectors(draws, &count);
  for (int i = 0; vectors && i < count && i < most_listed && used < sizeof text - 100; i++)
    used += (size_t)snprintf(text + used, sizeof text - used, "%s%.80s", i ? ", " : "", vectors[i]);
  if (vectors && count > most_listed && used < sizeof text - 100)
    snprintf(text + used, sizeof text - used, " and %d more", count - most_listed);
  const char *near = vectors ? nearest_name(log_lik, (const char *const *)vectors, count) : NULL;
  char hint[2 * sl_name_length] = "";
  if (near) snprintf(hint, sizeof hint, "; did you mean --log-lik=%s?", near);
  sl_error_set(error, SL_BAD_DATA,
               "%s: there is no `%s`%s A program writes the log-likelihood of each observation into a vector of its "
               "generated quantities; %s%s%s",
               draws->chains[0].path, log_lik, near ? hint : ".", count > 0 ? "the vectors here are " : "", text,
               count > 0 ? " (choose one with --log-lik=NAME)" : "this file has no vector");
  for (int i = 0; vectors && i < count; i++) free(vectors[i]);
  free(vectors);
}

/* Indices of the log-likelihood's columns, and their names as people write them. False when there is no memory. */
static bool list_observations(fit *fit, const sl_draws *draws, const char *log_lik, size_t *columns) {
  fit->names = calloc(draws->column_count + 1, sizeof *fit->names);
  for (size_t column = 0; fit->names && column < draws->column_count; column++) {
    if (!is_of(log_lik, draws->names[column])) continue;
    size_t size = 2 * strlen(draws->names[column]) + 2;
    char *name = malloc(size);
    if (!name) return false;
    sl_draws_pretty_name(draws->names[column], name, size);
    columns[fit->observation_count] = column;
    fit->names[fit->observation_count++] = name;
  }
  return fit->names != NULL;
}

/* ---- notes ---- */

static void add_note(fit *fit, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add_note(fit *fit, const char *format, ...) {
  if (fit->note_count == most_notes) return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(fit->notes[fit->note_count++], note_size, format, arguments);
  va_end(arguments);
}

/* Draws that were left out although nobody asked for it. */
static void note_files(fit *fit, const sl_draws *draws) {
  size_t cut_off = 0, longest = 0;
  for (size_t chain = 0; chain < draws->chain_count; chain++) {
    if (draws->chains[chain].row_count > longest) longest = draws->chains[chain].row_count;
    cut_off += draws->chains[chain].cut_off;
  }
  if (cut_off > 0)
    add_note(fit, "The last line of %zu of %zu files is incomplete and was left out.", cut_off, draws->chain_count);
  if (longest > draws->draw_count)
    add_note(fit, "The chains have up to %zu draws, the shortest has %zu: only the first %zu of each are used.",
             longest, draws->draw_count, draws->draw_count);
}

/* Places of the largest `count` values of k (or p), largest first; `least` is what they must exceed. */
static size_t largest_points(const sl_elpd *elpd, double least, size_t *places, size_t count) {
  size_t found = 0;
  for (size_t i = 0; i < elpd->count; i++) {
    double value = elpd->method == sl_elpd_loo ? elpd->points[i].k : elpd->points[i].p;
    if (!(value > least)) continue;
    size_t place = found < count ? found++ : count;
    for (; place > 0; place--) {
      const sl_elpd_point *before = &elpd->points[places[place - 1]];
      if ((elpd->method == sl_elpd_loo ? before->k : before->p) >= value) break;
      if (place < count) places[place] = places[place - 1];
    }
    if (place < count) places[place] = i;
  }
  return found;
}

/* "log_lik[3] (1.2), log_lik[7] (0.9)": the worst observations. */
static void list_worst(const fit *fit, double least, char text[note_size]) {
  enum { most_listed = 5 };
  size_t places[most_listed], found = largest_points(fit->elpd, least, places, most_listed), used = 0;
  *text = 0;
  for (size_t i = 0; i < found && used < note_size / 2; i++) {
    const sl_elpd_point *point = &fit->elpd->points[places[i]];
    double value = fit->elpd->method == sl_elpd_loo ? point->k : point->p;
    used +=
        (size_t)snprintf(text + used, note_size - used, "%s%.60s (%.2f)", i ? ", " : "", fit->names[places[i]], value);
  }
}

static void note_high_k(fit *fit) {
  const sl_elpd *elpd = fit->elpd;
  size_t unknown = 0, high = 0;
  for (size_t i = 0; i < elpd->count; i++) {
    unknown += isinf(elpd->points[i].k) != 0;
    high += elpd->points[i].k > elpd->k_threshold && !isinf(elpd->points[i].k);
  }
  if (high > 0) {
    char worst[note_size];
    list_worst(fit, elpd->k_threshold, worst);
    add_note(fit,
             "%zu of %zu observations have a Pareto k above %.2f, most %s: without them the posterior would be too "
             "different for its draws to stand in, and elpd_loo is not reliable, mostly too high.",
             high, elpd->count, elpd->k_threshold, worst);
    if (high * 10 > elpd->count)
      add_note(fit, "So many are usual where each observation, or each small group, has a parameter of its own: "
                    "integrate that parameter out of log_lik, or fit again without one part of the data after the "
                    "other (K-fold cross-validation).");
    else
      add_note(fit, "For so few, fit again without each of them, or move the draws to where they would be (moment "
                    "matching). Look at these observations first: they may be errors, or the model too narrow for "
                    "them.");
  }
  if (unknown > 0)
    add_note(fit,
             "%zu of %zu observations have no Pareto k (Inf): their largest importance weights are equal, or fewer "
             "than 5. Their weights are used as they are, which is right for a log-likelihood that never changes; "
             "otherwise draw more.",
             unknown, elpd->count);
}

/* Vehtari, Gelman & Gabry (2017), section 2.2, find WAIC unreliable above 0.4. */
static void note_high_p(fit *fit) {
  const double most = 0.4;
  size_t high = 0;
  for (size_t i = 0; i < fit->elpd->count; i++) high += fit->elpd->points[i].p > most;
  if (high == 0) return;
  char worst[note_size];
  list_worst(fit, most, worst);
  add_note(fit,
           "%zu of %zu observations (%.1f %%) have p_waic above %.1f, most %s: WAIC is not reliable for them. "
           "`stanlite loo` checks its own estimate.",
           high, fit->elpd->count, 100 * (double)high / (double)fit->elpd->count, most, worst);
}

/* ---- reading ---- */

static bool is_estimate(const sl_draws *draws, size_t chain) {
  return strcmp(draws->chains[chain].method, "optimize") == 0;
}

/* The best of several runs counts. */
static bool take_estimate(fit *fit, const sl_draws *draws, sl_error *error) {
  size_t column = sl_draws_find(draws, "lp__");
  if (column == draws->column_count) {
    sl_error_set(error, SL_BAD_DATA, "%s: there is no lp__", draws->chains[0].path);
    return false;
  }
  fit->log_density = -INFINITY;
  for (size_t chain = 0; chain < draws->chain_count; chain++) {
    const sl_draws_chain *file = &draws->chains[chain];
    double density = sl_draws_column(draws, column)[chain * draws->draw_count];
    if (!isfinite(density)) {
      sl_error_set(error, SL_BAD_DATA, "%s: lp__ is %g", file->path, density);
      return false;
    }
    fit->log_density = fmax(fit->log_density, density);
    if (file->unconstrained_parameters >= 0) fit->parameter_count = file->unconstrained_parameters;
    fit->jacobian |= file->jacobian;
  }
  return true;
}

static bool take(fit *fit, const sl_draws *draws, const char *log_lik, sl_elpd_method method, bool estimates_too,
                 size_t *columns, sl_error *error) {
  size_t estimates = 0;
  for (size_t chain = 0; chain < draws->chain_count; chain++) estimates += is_estimate(draws, chain);
  if (!list_observations(fit, draws, log_lik, columns)) return false;
  memcpy(fit->model, draws->chains[0].model, sizeof fit->model);
  if (estimates > 0 && (!estimates_too || estimates < draws->chain_count)) {
    sl_error_set(error, SL_BAD_DATA, "%s: an optimizer's estimate has no draws%s", draws->chains[0].path,
                 estimates_too ? ", but other files of this model do"
                               : "; `stanlite compare` makes a likelihood table");
    return false;
  }
  if (estimates > 0) return take_estimate(fit, draws, error);
  if (fit->observation_count == 0) {
    say_missing(draws, log_lik, error);
    return false;
  }
  note_files(fit, draws);
  fit->elpd = sl_elpd_create(draws, columns, fit->observation_count, method, error);
  if (!fit->elpd) return false;
  if (method == sl_elpd_loo)
    note_high_k(fit);
  else
    note_high_p(fit);
  return true;
}

int fit_read(fit *fit, const char *const *paths, size_t count, const char *log_lik, sl_elpd_method method,
             bool estimates_too, sl_error *error) {
  *fit = (struct fit){.parameter_count = -1};
  sl_draws *draws = sl_draws_read_columns(paths, count, is_wanted, log_lik, error);
  if (!draws) return error->code;
  size_t *columns = malloc((draws->column_count + 1) * sizeof *columns);
  bool taken = columns && take(fit, draws, log_lik, method, estimates_too, columns, error);
  if (!taken)
    sl_error_set(error, SL_DEFECT, "not enough memory for the observations"); /* unless a reason stands there */
  free(columns);
  sl_draws_destroy(draws);
  return taken ? SL_OK : error->code;
}

void fit_free(fit *fit) {
  for (size_t i = 0; i < fit->observation_count; i++) free(fit->names[i]);
  free(fit->names);
  sl_elpd_destroy(fit->elpd);
}

/* ---- printing ---- */

static const char *plural(size_t count) { return count == 1 ? "" : "s"; }

static void print_head(const fit *fit, FILE *out) {
  const sl_elpd *elpd = fit->elpd;
  fprintf(out, "%s%s%zu chain%s of %zu draws, %zu observation%s\n\n", fit->model, *fit->model ? ": " : "",
          elpd->chain_count, plural(elpd->chain_count), elpd->draw_count, elpd->count, plural(elpd->count));
}

static void print_json_head(const fit *fit, FILE *out) {
  const sl_elpd *elpd = fit->elpd;
  fputs("\"model\": ", out);
  print_json_string(out, fit->model);
  fprintf(out, ", \"chains\": %zu, \"draws\": %zu, \"observations\": %zu,\n", elpd->chain_count, elpd->draw_count,
          elpd->count);
}

void fit_print_notes(const fit *fit, FILE *out) {
  if (fit->note_count > 0) fputs("\nBefore you use these figures:\n", out);
  for (size_t i = 0; i < fit->note_count; i++) {
    fputs("- ", out);
    print_wrapped(out, fit->notes[i]);
  }
}

void fit_print_json_notes(const fit *fit, FILE *out) {
  fputs("\"notes\": [", out);
  for (size_t i = 0; i < fit->note_count; i++) {
    if (i) fputs(", ", out);
    print_json_string(out, fit->notes[i]);
  }
  putc(']', out);
}

void print_json_estimate(FILE *out, const char *name, sl_estimate estimate, double factor, const char *after) {
  fprintf(out, "\"%s\": {", name);
  print_json_member(out, "estimate", factor * estimate.value, ", ");
  print_json_member(out, "se", fabs(factor) * estimate.se, "}");
  fputs(after, out);
}

int finish_output(FILE *out) {
  if (fflush(out) == 0 && !ferror(out)) return SL_OK;
  perror("stanlite: the result cannot be written");
  return SL_CANNOT_WRITE;
}

/* ---- loo and waic ---- */

/* The columns of a table of observations, one after another; NULL when there is no memory. The caller frees it. */
static double *list_points(const fit_command *command, const sl_elpd *elpd, size_t *column_count) {
  *column_count = 0;
  while (*column_count < most_point_columns && command->columns[*column_count].name) ++*column_count;
  double *values = malloc((*column_count * elpd->count + 1) * sizeof *values);
  for (size_t k = 0; values && k < *column_count; k++)
    for (size_t i = 0; i < elpd->count; i++) values[k * elpd->count + i] = command->columns[k].value(&elpd->points[i]);
  return values;
}

static bool print_points(const fit_command *command, const fit *fit, FILE *out) {
  size_t column_count, count = fit->elpd->count;
  double *values = list_points(command, fit->elpd, &column_count);
  if (!values) return false;
  print_column table[most_point_columns];
  for (size_t k = 0; k < column_count; k++)
    table[k] = (print_column){command->columns[k].name, command->columns[k].decimals, values + k * count};
  putc('\n', out);
  print_columns(out, (const char *const *)fit->names, count, table, column_count);
  free(values);
  return true;
}

static bool print_json_points(const fit_command *command, const fit *fit, FILE *out) {
  size_t column_count, count = fit->elpd->count;
  double *values = list_points(command, fit->elpd, &column_count);
  if (!values) return false;
  fputs("\"pointwise\": {\"name\": [", out);
  for (size_t i = 0; i < count; i++) {
    if (i) fputs(", ", out);
    print_json_string(out, fit->names[i]);
  }
  putc(']', out);
  for (size_t k = 0; k < column_count; k++) {
    fputs(",\n", out);
    print_json_array(out, command->columns[k].name, values + k * count, count, "");
  }
  fputs("},\n", out);
  free(values);
  return true;
}

static bool print_fit(const fit_command *command, const fit *fit, bool pointwise, FILE *out) {
  print_head(fit, out);
  command->print_estimates(fit, out);
  if (pointwise && !print_points(command, fit, out)) return false;
  fit_print_notes(fit, out);
  return true;
}

static bool print_json_fit(const fit_command *command, const fit *fit, bool pointwise, FILE *out) {
  putc('{', out);
  print_json_head(fit, out);
  command->print_json_estimates(fit, out);
  if (pointwise && !print_json_points(command, fit, out)) return false;
  fit_print_json_notes(fit, out);
  fputs("}\n", out);
  return true;
}

typedef struct fit_arguments {
  const char *log_lik;
  bool json, pointwise, help;
  const char **paths;
  size_t path_count;
} fit_arguments;

static int read_arguments(fit_arguments *arguments, const fit_command *command, int argc, char **argv) {
  static const char log_lik[] = "--log-lik=";
  bool only_paths = false;
  for (int i = 0; i < argc; i++) {
    const char *argument = argv[i];
    if (only_paths || argument[0] != '-') {
      arguments->paths[arguments->path_count++] = argument;
    } else if (strcmp(argument, "--") == 0) {
      only_paths = true;
    } else if (strcmp(argument, "--help") == 0) {
      arguments->help = true;
      return SL_OK;
    } else if (strcmp(argument, "--json") == 0) {
      arguments->json = true;
    } else if (strcmp(argument, "--pointwise") == 0) {
      arguments->pointwise = true;
    } else if (strncmp(argument, log_lik, strlen(log_lik)) == 0 && argument[strlen(log_lik)]) {
      arguments->log_lik = argument + strlen(log_lik);
    } else {
      fprintf(stderr, "stanlite %s: there is no option `%s` (see `stanlite help %s`)\n", command->name, argument,
              command->name);
      return SL_USAGE;
    }
  }
  if (arguments->path_count > 0) return SL_OK;
  fprintf(stderr, "stanlite %s: which CSV files? (see `stanlite help %s`)\n", command->name, command->name);
  return SL_USAGE;
}

static int run_with(const fit_command *command, const fit_arguments *arguments) {
  if (arguments->help) {
    fputs(command->help, stdout);
    return finish_output(stdout);
  }
  fit fit;
  sl_error error = {0};
  int code =
      fit_read(&fit, arguments->paths, arguments->path_count, arguments->log_lik, command->method, false, &error);
  if (code != SL_OK) {
    fprintf(stderr, "stanlite: %s\n", error.message);
  } else if ((arguments->json ? print_json_fit : print_fit)(command, &fit, arguments->pointwise, stdout)) {
    code = finish_output(stdout);
  } else {
    fputs("stanlite: not enough memory for the observations\n", stderr);
    code = SL_DEFECT;
  }
  fit_free(&fit);
  return code;
}

int fit_command_run(const fit_command *command, int argc, char **argv) {
  fit_arguments arguments = {.log_lik = "log_lik", .paths = malloc(((size_t)argc + 1) * sizeof *arguments.paths)};
  if (!arguments.paths) return SL_DEFECT;
  int code = read_arguments(&arguments, command, argc, argv);
  if (code == SL_OK) code = run_with(command, &arguments);
  free(arguments.paths);
  return code;
}
