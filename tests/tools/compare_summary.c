/* compare_summary [--exact=NAME] [--common] [--means] REFERENCE.json SUMMARY.json: does a posterior sample agree with a
 * reference?
 *
 * REFERENCE has "summary": {quantity: {"mean", "sd", "mcse_mean", "q5", "q50", "q95"}}; SUMMARY is what `stanlite summary
 * --json` prints. Every quantity of the reference must be there, with
 *
 *   |mean - reference| <= 4 e(mean)    and    |sd - reference| <= 0.1 reference sd, or <= 4 e(sd)
 *
 * where e are combined Monte Carlo standard errors of both samples. An sd that neither sample knows to 2.5 % cannot be held to
 * 10 %: the second bound is for these, and each use of it is printed. The reference's error of the sd, which is not stored, is
 * ours, scaled by the effective sample sizes (sd / mcse_mean)^2 of both.
 *
 * --exact=NAME  REFERENCE has NAME: {"summary": ...} instead, without Monte Carlo error; quantiles are held too, to 4 errors
 * --common      quantities that SUMMARY does not have are passed over, and quantiles: it is another parameterisation of
 *               the same model, or one whose sampler cannot reach the far ends
 * --means       only means are held
 *
 * Of lp__ only the sd is held: a summand without parameters may be in it or not; with --common not even that. In double
 * precision: constants must agree to 1e-6. Prints what does not agree, then a count. Exit code 0 when all do, 1 when
 * not, 66 when a file cannot be read. */
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct comparison {
  const char *exact_name; /* NULL: the reference is a sample */
  bool common, means;
  int compared, wrong;
} comparison;

/* The object at member[0], member[1] ... of a file, a reference that the caller gives back; NULL when it is not there. */
static json_t *read_object(const char *path, const char *first, const char *second) {
  json_error_t error;
  json_t *root = json_load_file(path, 0, &error);
  if (!root) {
    fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
    return NULL;
  }
  json_t *value = json_object_get(root, first);
  if (second) value = json_object_get(value, second);
  value = json_is_object(value) ? json_incref(value) : NULL;
  if (!value) fprintf(stderr, "%s has no \"%s\"\n", path, second ? second : first);
  json_decref(root);
  return value;
}

/* NaN when it is not there or not a number. */
static double number(const json_t *object, const char *member) {
  json_t *value = json_object_get(object, member);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

static double finite_or_zero(double x) { return isfinite(x) ? x : 0; }

static bool held(const char *name, const char *what, double value, double wanted, double bound) {
  if (fabs(value - wanted) <= bound) return true;
  printf("%s %s: %.6g, the reference has %.6g, apart by more than %.2g\n", name, what, value, wanted, bound);
  return false;
}

static bool mean_agrees(const char *name, const json_t *expected, const json_t *actual, double rounding) {
  double own = finite_or_zero(number(actual, "mcse_mean")), other = finite_or_zero(number(expected, "mcse_mean"));
  return held(name, "mean", number(actual, "mean"), number(expected, "mean"), fmax(4 * hypot(own, other), rounding));
}

static bool sd_agrees(const char *name, const json_t *expected, const json_t *actual, double rounding) {
  double sd = number(actual, "sd"), wanted = number(expected, "sd");
  double own = finite_or_zero(number(actual, "mcse_sd")), own_mcse = number(actual, "mcse_mean");
  double other = finite_or_zero(own * (sd / own_mcse) / (wanted / number(expected, "mcse_mean")));
  double tenth = fmax(0.1 * wanted, rounding), errors = 4 * hypot(own, other);
  if (fabs(sd - wanted) > tenth && fabs(sd - wanted) <= errors)
    printf("%s has sd %.6g and the reference %.6g, known too roughly for 10 %%, but within 4 standard errors\n", name,
           sd, wanted);
  return held(name, "sd", sd, wanted, fmax(tenth, errors));
}

/* The percentiles that `stanlite summary` has unless told otherwise. */
static bool quantiles_agree(const char *name, const json_t *expected, const json_t *actual, double rounding) {
  static const char *const members[] = {"q5", "q50", "q95"};
  json_t *values = json_object_get(actual, "quantiles"), *errors = json_object_get(actual, "mcse_quantiles");
  bool agree = true;
  for (size_t i = 0; i < 3; i++) {
    double wanted = number(expected, members[i]), error = json_number_value(json_array_get(errors, i));
    if (!isfinite(wanted)) continue;
    double value = json_number_value(json_array_get(values, i));
    agree = held(name, members[i], value, wanted, fmax(4 * error, rounding)) && agree;
  }
  return agree;
}

static bool agrees(const comparison *how, const char *name, const json_t *expected, const json_t *actual) {
  double rounding = 1e-6 * fmax(1, fabs(number(expected, "mean")));
  bool agree = how->means || sd_agrees(name, expected, actual, rounding);
  if (strcmp(name, "lp__") != 0) agree = mean_agrees(name, expected, actual, rounding) && agree;
  if (how->exact_name && !how->common) agree = quantiles_agree(name, expected, actual, rounding) && agree;
  return agree;
}

static void compare(comparison *how, json_t *reference, json_t *summary) {
  const char *name;
  json_t *expected;
  json_object_foreach(reference, name, expected) {
    json_t *actual = json_object_get(summary, name);
    if (how->common && (!actual || strcmp(name, "lp__") == 0)) continue;
    how->compared++;
    if (!actual) printf("%s: is not in the summary\n", name);
    if (!actual || !agrees(how, name, expected, actual)) how->wrong++;
  }
  printf("%d quantities compared%s, %d do not agree\n", how->compared, how->exact_name ? " with exact values" : "",
         how->wrong);
}

int main(int argc, char **argv) {
  comparison how = {0};
  int next = 1;
  for (; next < argc && strncmp(argv[next], "--", 2) == 0; next++) {
    if (strncmp(argv[next], "--exact=", 8) == 0) how.exact_name = argv[next] + 8;
    if (strcmp(argv[next], "--common") == 0) how.common = true;
    if (strcmp(argv[next], "--means") == 0) how.means = true;
  }
  if (argc != next + 2) {
    fputs("usage: compare_summary [--exact=NAME] [--common] [--means] REFERENCE.json SUMMARY.json\n", stderr);
    return 64;
  }
  json_t *reference =
      how.exact_name ? read_object(argv[next], how.exact_name, "summary") : read_object(argv[next], "summary", NULL);
  json_t *summary = read_object(argv[next + 1], "quantities", NULL);
  if (reference && summary) compare(&how, reference, summary);
  int code = !reference || !summary ? 66 : how.compared > 0 && how.wrong == 0 ? 0 : 1;
  json_decref(reference);
  json_decref(summary);
  return code;
}
