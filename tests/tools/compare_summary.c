/* compare_summary REFERENCE.json SUMMARY.json: does a posterior sample agree with a reference?
 *
 * REFERENCE has "summary": {name: {"mean", "sd", and, unless it is exact, "mcse_mean"}}; SUMMARY is what `stanlite summary --json`
 * prints. Every quantity of the reference must be there, with
 *
 *   |mean - reference| <= 4 sqrt(mcse^2 + reference mcse^2)    and    |sd - reference| <= 0.1 reference sd
 *
 * (in double precision: constants must agree to 1e-6). Of lp__ only the sd is held: a summand without parameters may be in it or
 * not. Prints what does not agree, then a count. Exit code 0 when all do, 1 when not, 66 when a file cannot be read. */
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static json_t *read_member(const char *path, const char *member) {
  json_error_t error;
  json_t *root = json_load_file(path, 0, &error);
  if (!root) {
    fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
    return NULL;
  }
  json_t *value = json_incref(json_object_get(root, member));
  if (!json_is_object(value)) fprintf(stderr, "%s has no \"%s\"\n", path, member);
  json_decref(root);
  return value;
}

/* NaN when it is not there or not a number. */
static double number(const json_t *object, const char *member) {
  json_t *value = json_object_get(object, member);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

static bool agrees(const char *name, const json_t *expected, const json_t *actual) {
  double mean = number(actual, "mean"), sd = number(actual, "sd"), mcse = number(actual, "mcse_mean");
  double wanted_mean = number(expected, "mean"), wanted_sd = number(expected, "sd");
  double wanted_mcse = number(expected, "mcse_mean");
  double own = isfinite(mcse) ? mcse : 0, others = isfinite(wanted_mcse) ? wanted_mcse : 0;
  double rounding = 1e-6 * fmax(1, fabs(wanted_mean));
  double mean_bound = fmax(4 * sqrt(own * own + others * others), rounding);
  bool mean_held = strcmp(name, "lp__") == 0 || fabs(mean - wanted_mean) <= mean_bound;
  bool sd_held = fabs(sd - wanted_sd) <= fmax(0.1 * wanted_sd, rounding);
  if (!mean_held)
    printf("%s: mean %.6g, reference %.6g: apart by more than %.2g\n", name, mean, wanted_mean, mean_bound);
  if (!sd_held) printf("%s: sd %.6g, reference %.6g\n", name, sd, wanted_sd);
  return mean_held && sd_held;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fputs("usage: compare_summary REFERENCE.json SUMMARY.json\n", stderr);
    return 64;
  }
  json_t *reference = read_member(argv[1], "summary"), *summary = read_member(argv[2], "quantities");
  int compared = 0, wrong = 0;
  if (reference && summary) {
    const char *name;
    json_t *expected;
    json_object_foreach(reference, name, expected) {
      json_t *actual = json_object_get(summary, name);
      compared++;
      if (!actual) printf("%s is not in the summary\n", name);
      if (!actual || !agrees(name, expected, actual)) wrong++;
    }
    printf("%d quantities compared, %d do not agree\n", compared, wrong);
  }
  int code = !reference || !summary ? 66 : compared > 0 && wrong == 0 ? 0 : 1;
  json_decref(reference);
  json_decref(summary);
  return code;
}
