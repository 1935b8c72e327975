/* WAIC, leave-one-out and their comparison against R's loo package (stored: tests/reference/make_loo.R). */
#include <jansson.h>
#include <stdlib.h>
#include "runtime/elpd.h"
#include "runtime/model_weights.h"
#include "runtime/psis.h"
#include "tests/unit/check.h"

/* Two digits to spare of the six that are promised. */
static const double tolerance = 1e-8;

/* A number, or one of "NA", "NaN", "Inf", "-Inf". */
static double number(const json_t *json) {
  return json_is_string(json) ? strtod(json_string_value(json)[1] == 'A' ? "nan" : json_string_value(json), NULL)
                              : json_number_value(json);
}
static double number_at(const json_t *array, size_t index) { return number(json_array_get(array, index)); }

/* Draws of nothing but the log-likelihood of each observation: [observation][chain][draw]. */
static sl_draws draws_of(const json_t *log_lik) {
  sl_draws draws = {.column_count = json_array_size(log_lik)};
  const json_t *first = json_array_get(log_lik, 0);
  draws.chain_count = json_array_size(first);
  draws.draw_count = json_array_size(json_array_get(first, 0));
  draws.values = malloc(draws.column_count * draws.chain_count * draws.draw_count * sizeof *draws.values);
  draws.names = malloc(draws.column_count * sizeof *draws.names);
  draws.chains = calloc(draws.chain_count, sizeof *draws.chains);
  static char name[] = "log_lik.1";
  for (size_t i = 0; i < draws.chain_count; i++) draws.chains[i].path = "chain.csv";
  double *value = draws.values;
  for (size_t i = 0; i < draws.column_count; i++) {
    draws.names[i] = name;
    for (size_t chain = 0; chain < draws.chain_count; chain++)
      for (size_t draw = 0; draw < draws.draw_count; draw++)
        *value++ = number_at(json_array_get(json_array_get(log_lik, i), chain), draw);
  }
  return draws;
}

static void free_draws(sl_draws *draws) {
  free(draws->values);
  free(draws->names);
  free(draws->chains);
}

/* Of all columns. */
static sl_elpd *elpd_of(const sl_draws *draws, sl_elpd_method method, sl_error *error) {
  size_t *columns = malloc(draws->column_count * sizeof *columns);
  for (size_t i = 0; i < draws->column_count; i++) columns[i] = i;
  sl_elpd *elpd = sl_elpd_create(draws, columns, draws->column_count, method, error);
  free(columns);
  return elpd;
}

static void expect(double actual, double expected, const char *what, const char *name, size_t i) {
  CHECK_SAY(near_enough(actual, expected, tolerance), "%s: %s of %zu is %.15g, expected %.15g", name, what, i + 1,
            actual, expected);
}

static void expect_estimates(const sl_elpd *elpd, const json_t *estimates, const char *name) {
  const json_t *sum = json_array_get(estimates, 0), *p = json_array_get(estimates, 1);
  expect(elpd->elpd.value, number_at(sum, 0), "sum of elpd", name, 0);
  expect(elpd->elpd.se, number_at(sum, 1), "se of elpd", name, 0);
  expect(elpd->p.value, number_at(p, 0), "sum of p", name, 0);
  expect(elpd->p.se, number_at(p, 1), "se of p", name, 0);
}

static void estimates_are_those_of_loo(void) {
  json_t *reference = json_load_file("tests/reference/loo.json", 0, NULL), *cases = json_object_get(reference, "cases");
  CHECK(json_array_size(cases) >= 20);
  for (size_t c = 0; c < json_array_size(cases); c++) {
    const json_t *one = json_array_get(cases, c);
    const char *name = json_string_value(json_object_get(one, "description"));
    sl_draws draws = draws_of(json_object_get(one, "log_lik"));
    sl_error error = {0};
    sl_elpd *loo = elpd_of(&draws, sl_elpd_loo, &error), *waic = elpd_of(&draws, sl_elpd_waic, &error);
    CHECK_TEXT(error.message, "");
    for (size_t i = 0; loo && waic && i < loo->count; i++) {
      const sl_elpd_point *point = &loo->points[i];
      expect(point->relative_size, number_at(json_object_get(one, "r_eff"), i), "r_eff", name, i);
      expect(point->elpd, number_at(json_object_get(one, "elpd_loo"), i), "elpd_loo", name, i);
      expect(point->p, number_at(json_object_get(one, "p_loo"), i), "p_loo", name, i);
      expect(point->k, number_at(json_object_get(one, "pareto_k"), i), "k", name, i);
      expect(point->effective, number_at(json_object_get(one, "n_eff"), i), "n_eff", name, i);
      expect(point->mcse, number_at(json_object_get(one, "mcse"), i), "mcse", name, i);
      expect(waic->points[i].elpd, number_at(json_object_get(one, "elpd_waic"), i), "elpd_waic", name, i);
      expect(waic->points[i].p, number_at(json_object_get(one, "p_waic"), i), "p_waic", name, i);
    }
    if (loo) expect_estimates(loo, json_object_get(one, "loo_estimates"), name);
    if (waic) expect_estimates(waic, json_object_get(one, "waic_estimates"), name);
    sl_elpd_destroy(loo);
    sl_elpd_destroy(waic);
    free_draws(&draws);
  }
  json_decref(reference);
}

static void tails_are_fitted_as_loo_fits_them(void) {
  json_t *reference = json_load_file("tests/reference/loo.json", 0, NULL), *fits = json_object_get(reference, "fits");
  CHECK(json_array_size(fits) >= 8);
  for (size_t i = 0; i < json_array_size(fits); i++) {
    const json_t *fit = json_array_get(fits, i), *values = json_object_get(fit, "values");
    size_t count = json_array_size(values);
    double *x = malloc(count * sizeof *x), k, sigma;
    for (size_t n = 0; n < count; n++) x[n] = number_at(values, n);
    sl_pareto_fit(x, count, &k, &sigma);
    expect(k, number(json_object_get(fit, "k")), "k", "fit", i);
    expect(sigma, number(json_object_get(fit, "sigma")), "sigma", "fit", i);
    free(x);
  }
  json_decref(reference);
}

static void models_are_compared_as_loo_compares_them(void) {
  enum { models = 4 };
  json_t *reference = json_load_file("tests/reference/loo.json", 0, NULL);
  const json_t *comparison = json_object_get(reference, "comparison");
  sl_error error = {0};
  double *points[models], weights[models];
  for (int method = sl_elpd_waic; method >= sl_elpd_loo; method--) {
    const json_t *differences = json_object_get(comparison, method == sl_elpd_loo ? "loo" : "waic");
    sl_elpd *elpds[models];
    size_t best = 0;
    for (size_t m = 0; m < models; m++) {
      sl_draws draws = draws_of(json_array_get(json_object_get(comparison, "log_lik"), m));
      elpds[m] = elpd_of(&draws, (sl_elpd_method)method, &error);
      free_draws(&draws);
      if (!CHECK(elpds[m] != NULL)) return;
      if (elpds[m]->elpd.value > elpds[best]->elpd.value) best = m;
    }
    for (size_t m = 0; m < models; m++) {
      sl_estimate difference = sl_elpd_difference(elpds[m], elpds[best]);
      expect(difference.value, number_at(json_array_get(differences, m), 0), "elpd_diff", "comparison", m);
      expect(difference.se, number_at(json_array_get(differences, m), 1), "se_diff", "comparison", m);
    }
    for (size_t m = 0; m < models; m++) {
      if (method == sl_elpd_loo) {
        points[m] = malloc(elpds[m]->count * sizeof *points[m]);
        for (size_t i = 0; i < elpds[m]->count; i++) points[m][i] = elpds[m]->points[i].elpd;
      }
      if (method == sl_elpd_waic || m > 0) sl_elpd_destroy(elpds[m]);
    }
    if (method == sl_elpd_waic) continue;
    size_t count = elpds[0]->count;
    CHECK(sl_stacking_weights((const double *const *)points, models, count, weights));
    for (size_t m = 0; m < models; m++) /* R's optimiser is good for six digits here */
      CHECK_NEAR(weights[m], number_at(json_object_get(comparison, "stacking"), m), 1e-6);
    sl_elpd_destroy(elpds[0]);
  }
  for (size_t m = 0; m < models; m++) free(points[m]);
  json_decref(reference);
}

/* At the maximum no model's share of the mean score is above 1: the gap to the maximum is at most what is above. */
static void stacking_finds_the_maximum(void) {
  enum { models = 6, count = 200 };
  static double points[models][count];
  const double *pointers[models];
  for (int difficulty = 0; difficulty < 4; difficulty++) {
    for (size_t k = 0; k < models; k++) {
      pointers[k] = points[k];
      for (size_t i = 0; i < count; i++) /* models that are equal, alike, hopeless for some observations */
        points[k][i] = -1 + (difficulty == 0 ? 0 : pow(10, difficulty - 1) * sin((double)(i * (k / 2 + 1) * (k + 3))));
    }
    double weights[models], sum = 0, most = 0;
    CHECK(sl_stacking_weights(pointers, models, count, weights));
    for (size_t k = 0; k < models; k++) {
      CHECK(weights[k] >= 0);
      sum += weights[k];
      double share = 0;
      for (size_t i = 0; i < count; i++) {
        double mixture = 0;
        for (size_t l = 0; l < models; l++) mixture += weights[l] * exp(points[l][i] - points[k][i]);
        share += 1 / mixture / count;
      }
      most = fmax(most, share);
    }
    CHECK_NEAR(sum, 1, 1e-14);
    CHECK_SAY(most < 1 + 1e-7, "difficulty %d: a share of %.12g", difficulty, most);
  }
}

static void akaike_weights_follow_the_difference(void) {
  double elpd[] = {-1000, -1000 + log(3), -5000}, weights[3];
  sl_akaike_weights(elpd, 3, weights);
  CHECK_NEAR(weights[0], 0.25, 1e-13);
  CHECK_NEAR(weights[1], 0.75, 1e-13);
  CHECK(weights[2] == 0);
}

/* Chains of draws 0.01, 0.02, ... of two observations, one value replaced. */
static void refused(size_t draw_count, size_t place, double value, const char *words) {
  enum { chains = 2 };
  char name[] = "log_lik.2", *names[] = {name, name};
  double *values = malloc(2 * chains * draw_count * sizeof *values);
  for (size_t i = 0; i < 2 * chains * draw_count; i++) values[i] = -0.01 * (double)(i + 1);
  values[place] = value;
  sl_draws_chain files[] = {{.path = "a.csv"}, {.path = "b.csv"}};
  sl_draws draws = {.chain_count = chains,
                    .draw_count = draw_count,
                    .column_count = 2,
                    .names = names,
                    .values = values,
                    .chains = files};
  for (int method = sl_elpd_loo; method <= sl_elpd_waic; method++) {
    sl_error error = {0};
    CHECK(elpd_of(&draws, (sl_elpd_method)method, &error) == NULL);
    CHECK_INT(error.code, SL_BAD_DATA);
    CHECK_SAY(strstr(error.message, words) != NULL, "`%.600s` does not say `%s`", error.message, words);
  }
  free(values);
}

static void what_has_no_estimate_is_refused(void) {
  refused(50, 100 + 50 + 6, -INFINITY, "b.csv: log_lik[2] is -inf in draw 7 after warmup; 1 of 2 observations");
  refused(50, 0, NAN, "a.csv: log_lik[2] is nan in draw 1");
  refused(1, 0, -1, "a.csv: there is one draw only");
}

static void the_threshold_follows_the_number_of_draws(void) {
  CHECK_NEAR(sl_psis_k_threshold(100), 0.5, 1e-15);
  CHECK_NEAR(sl_psis_k_threshold(1000), 2.0 / 3, 1e-15);
  CHECK(sl_psis_k_threshold(4000) == 0.7);
}

int main(void) {
  return run_suites("elpd",
                    (check_test[]){
                        {"estimates are those of R's loo", estimates_are_those_of_loo},
                        {"tails are fitted as loo fits them", tails_are_fitted_as_loo_fits_them},
                        {"models are compared as loo compares them", models_are_compared_as_loo_compares_them},
                        {"stacking finds the maximum", stacking_finds_the_maximum},
                        {"Akaike's weights follow the difference", akaike_weights_follow_the_difference},
                        {"what has no estimate is refused", what_has_no_estimate_is_refused},
                        {"the threshold follows the number of draws", the_threshold_follows_the_number_of_draws},
                        {0},
                    });
}
