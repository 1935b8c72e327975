/* results.c: what our commands found, and how sure it is.
 *
 *   NAME.json        `stanlite summary --json`: standard errors are its own
 *   NAME.1.json ...  the same comparison (`stanlite compare --json`) of repeated runs with other seeds: ours is the mean of the
 *                    runs, its standard error their standard deviation over the root of their number
 *   NAME.csv         one row of exact values, in a file of draws
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lectures/lectures.h"
#include "runtime/draws.h"

enum { MOST_RUNS = 64 };

struct result {
  const char *name;
  json_t *summary, *runs[MOST_RUNS];
  int run_count;
  sl_draws *values;
};

static json_t *read_json(const char *path, sl_error *error) {
  json_error_t problem;
  json_t *root = json_load_file(path, 0, &problem);
  if (!root) sl_error_set(error, SL_BAD_DATA, "%s:%d: %s", path, problem.line, problem.text);
  return root;
}

static bool read_any(result *result, const char *folder, sl_error *error) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.json", folder, result->name);
  if (access(path, R_OK) == 0) {
    json_t *root = read_json(path, error);
    if (json_object_get(root, "quantities"))
      result->summary = root;
    else if (root)
      result->runs[result->run_count++] = root;
    return root != NULL;
  }
  for (; result->run_count < MOST_RUNS; result->run_count++) {
    snprintf(path, sizeof path, "%s/%s.%d.json", folder, result->name, result->run_count + 1);
    if (access(path, R_OK) != 0) break;
    if (!(result->runs[result->run_count] = read_json(path, error))) return false;
  }
  if (result->run_count) return true;
  snprintf(path, sizeof path, "%s/%s.csv", folder, result->name);
  return (result->values = sl_draws_read((const char *const[]){path}, 1, error)) != NULL;
}

result *result_read(const char *folder, const char *name, sl_error *error) {
  result *result = calloc(1, sizeof *result);
  if (!result) return NULL;
  result->name = name;
  if (read_any(result, folder, error)) return result;
  result_destroy(result);
  return NULL;
}

void result_destroy(result *result) {
  if (!result) return;
  json_decref(result->summary);
  for (int i = 0; i < result->run_count; i++) json_decref(result->runs[i]);
  if (result->values) sl_draws_destroy(result->values);
  free(result);
}

/* NaN when it is not there, or not a number. */
static double number(const json_t *object, const char *member) {
  const json_t *value = json_object_get(object, member);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

double result_draws(const result *result) {
  double draws = result->summary ? number(result->summary, "draws") * number(result->summary, "chains") : 0;
  return draws > 0 ? draws : 0;
}

int result_runs(const result *result) { return result->run_count > 1 ? result->run_count : 1; }

/* The element of a percentile's place in an array of the quantity; NaN when the summary does not have it. */
static double at_percentile(const json_t *summary, const json_t *quantity, const char *array, double percent) {
  const json_t *percentiles = json_object_get(summary, "percentiles");
  for (size_t i = 0; i < json_array_size(percentiles); i++)
    if (fabs(json_number_value(json_array_get(percentiles, i)) - percent) < 1e-9)
      return json_number_value(json_array_get(json_object_get(quantity, array), i));
  return NAN;
}

static bool look_up_summary(const json_t *summary, const char *name, const char *what, double *value, double *error) {
  const json_t *quantity = json_object_get(json_object_get(summary, "quantities"), name);
  *error = 0;
  if (strcmp(what, "mean") == 0) {
    *value = number(quantity, "mean");
    *error = number(quantity, "mcse_mean");
  } else if (strcmp(what, "sd") == 0) {
    *value = number(quantity, "sd");
    *error = number(quantity, "mcse_sd");
  } else if (strcmp(what, "root_mean") == 0) { /* rstanarm: the root of the posterior mean of a variance */
    *value = sqrt(number(quantity, "mean"));
    *error = number(quantity, "mcse_mean") / (2 * *value); /* delta method */
  } else if (strcmp(what, "mad") == 0) {
    /* 1.4826 times the median absolute deviation. Of a normal sample it has 0.3674 of the efficiency of the sd
     * (Rousseeuw and Croux 1993, "Alternatives to the median absolute deviation", section 1). */
    *value = number(quantity, "mad");
    *error = number(quantity, "mcse_sd") / sqrt(0.3674);
  } else if (what[0] == 'q' || strcmp(what, "median") == 0) {
    double percent = what[0] == 'q' ? strtod(what + 1, NULL) : 50;
    *value = at_percentile(summary, quantity, "quantiles", percent);
    *error = at_percentile(summary, quantity, "mcse_quantiles", percent);
  } else {
    *value = number(quantity, what);
  }
  return isfinite(*value) && isfinite(*error);
}

/* "elpd_loo.se" of an object: a member of a member. An object in its place is an estimate with its standard error. */
static double at_path(const json_t *object, const char *path) {
  const char *point = strchr(path, '.');
  const json_t *member = json_object_getn(object, path, point ? (size_t)(point - path) : strlen(path));
  if (point) return at_path(member, point + 1);
  return json_is_object(member) ? number(member, "estimate") : json_is_number(member) ? json_number_value(member) : NAN;
}

/* A value of the model with this name. */
static double in_run(const json_t *run, const char *name, const char *what) {
  const json_t *models = json_object_get(run, "models");
  for (size_t i = 0; i < json_array_size(models); i++) {
    const json_t *model = json_array_get(models, i);
    const char *its_name = json_string_value(json_object_get(model, "name"));
    if (its_name && strcmp(its_name, name) == 0) return at_path(model, what);
  }
  return NAN;
}

static bool look_up_runs(const result *result, const char *name, const char *what, double *value, double *error) {
  double sum = 0, squares = 0, n = result->run_count;
  for (int i = 0; i < result->run_count; i++) sum += in_run(result->runs[i], name, what);
  *value = sum / n;
  for (int i = 0; i < result->run_count; i++) squares += pow(in_run(result->runs[i], name, what) - *value, 2);
  *error = n > 1 ? sqrt(squares / (n - 1) / n) : 0;
  return isfinite(*value);
}

static bool look_up_row(const sl_draws *row, const char *name, double *value) {
  for (size_t i = 0; i < row->column_count; i++) {
    char pretty[256];
    sl_draws_pretty_name(row->names[i], pretty, sizeof pretty);
    if (strcmp(pretty, name) == 0) return *value = sl_draws_column(row, i)[0], true;
  }
  return false;
}

bool result_look_up(const result *result, const char *quantity, const char *what, double *value, double *standard_error,
                    sl_error *error) {
  bool found;
  *standard_error = 0;
  if (result->summary)
    found = look_up_summary(result->summary, quantity, what, value, standard_error);
  else if (result->values)
    found = look_up_row(result->values, quantity, value);
  else
    found = look_up_runs(result, quantity, what, value, standard_error);
  if (!found) sl_error_set(error, SL_BAD_DATA, "%s has no %s of %s", result->name, what, quantity);
  return found;
}
