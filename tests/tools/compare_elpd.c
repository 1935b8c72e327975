/* compare_elpd REFERENCE.json LOO.json WAIC.json: does the predictive accuracy of a posterior sample agree with a reference?
 *
 * REFERENCE has "loo" and "waic" as R's loo gave them for another sample of the same posterior; LOO and WAIC are what
 * `stanlite loo --json` and `stanlite waic --json` print. Estimates of elpd and p must agree to 0.1 standard errors of elpd,
 * its standard error to 10 %.
 *
 * Where Pareto k is above 0.7 the estimates have no Monte Carlo error to be held to: two samples of one program are apart by
 * standard errors. (That ours are R's for the same draws is held elsewhere, tests/unit/test_elpd.c.) There
 * leave-one-out must say that it is not reliable, when the reference has many such k, and WAIC, too hopeful by an amount that
 * falls with the number of draws, agrees to 0.3. Prints what does not agree, then a count. Exit code 0 when all do (or there is
 * nothing to compare), 1 when not, 66 when a file cannot be read. */
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* So many high k are not one sample's chance. */
enum { MANY = 5 };

static json_t *read_file(const char *path) {
  json_error_t error;
  json_t *root = json_load_file(path, 0, &error);
  if (!root) fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
  return root;
}

static double member(const json_t *object, const char *name, const char *what) {
  const json_t *value = json_object_get(json_object_get(object, name), what);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

/* `name` in both, to `tolerance`; counts and says what is not. */
static void hold(const json_t *reference, const json_t *ours, const char *name, const char *what, double tolerance,
                 int *compared, int *wrong) {
  double expected = member(reference, name, what), actual = member(ours, name, what);
  ++*compared;
  if (fabs(actual - expected) <= tolerance) return;
  ++*wrong;
  printf("%s %s: %.6g, the reference has %.6g, apart by more than %.3g\n", name, what, actual, expected, tolerance);
}

int main(int argc, char **argv) {
  if (argc != 4) return 64;
  json_t *reference = read_file(argv[1]), *loo = read_file(argv[2]), *waic = read_file(argv[3]);
  if (!reference || !loo || !waic) return 66;
  const json_t *their_loo = json_object_get(reference, "loo"), *their_waic = json_object_get(reference, "waic");
  int compared = 0, wrong = 0;
  if (json_is_object(their_loo) && json_is_object(their_waic)) {
    bool ours_reliable = json_is_number(json_object_get(loo, "mcse_elpd_loo"));
    double their_high_k = json_number_value(json_object_get(json_object_get(their_loo, "pareto_k"), "above_0.7"));
    bool reliable = ours_reliable && their_high_k == 0;
    double se = member(their_loo, "elpd_loo", "se"), se_waic = member(their_waic, "elpd_waic", "se");
    double part_waic = reliable ? 0.1 : 0.3;
    if (reliable) {
      hold(their_loo, loo, "elpd_loo", "estimate", 0.1 * se, &compared, &wrong);
      hold(their_loo, loo, "p_loo", "estimate", 0.1 * se, &compared, &wrong);
      hold(their_loo, loo, "elpd_loo", "se", 0.1 * se, &compared, &wrong);
    } else {
      ++compared;
      if (ours_reliable && their_high_k > MANY) {
        ++wrong;
        printf("loo: does not say that it is unreliable; the reference has %g Pareto k above 0.7\n", their_high_k);
      }
    }
    hold(their_waic, waic, "elpd_waic", "estimate", part_waic * se_waic, &compared, &wrong);
    hold(their_waic, waic, "p_waic", "estimate", part_waic * se_waic, &compared, &wrong);
    hold(their_waic, waic, "elpd_waic", "se", 0.1 * se_waic, &compared, &wrong);
  }
  printf("%d figures of loo and WAIC compared, %d wrong\n", compared, wrong);
  json_decref(reference);
  json_decref(loo);
  json_decref(waic);
  return wrong > 0;
}
