/* Convergence diagnostics against R's posterior package (stored: tests/reference/make_convergence.R) and, where it is
 * there, against the fixture of ../shared. */
#include <jansson.h>
#include <stdlib.h>
#include "runtime/convergence.h"
#include "tests/unit/check.h"

/* A number, or one of "NA", "NaN", "Inf", "-Inf". */
static double number(const json_t *json) {
  return json_is_string(json) ? strtod(json_string_value(json)[1] == 'A' ? "nan" : json_string_value(json), NULL)
                              : json_number_value(json);
}

/* The chains of a case, one after another; the caller frees them. */
static double *chains_of(const json_t *chains, size_t *chain_count, size_t *draw_count) {
  *chain_count = json_array_size(chains);
  *draw_count = json_array_size(json_array_get(chains, 0));
  double *values = malloc(*chain_count * *draw_count * sizeof *values);
  for (size_t chain = 0; chain < *chain_count; chain++)
    for (size_t draw = 0; draw < *draw_count; draw++)
      values[chain * *draw_count + draw] = number(json_array_get(json_array_get(chains, chain), draw));
  return values;
}

static void expect(double actual, const json_t *reference, const char *what, const char *name, double tolerance) {
  CHECK_SAY(reference != NULL, "%s: no reference for %s", name, what);
  double expected = number(reference);
  CHECK_SAY(relatively_near(actual, expected, tolerance), "%s: %s is %.15g, expected %.15g", name, what, actual,
            expected);
}

static void agrees_with_posterior(void) {
  json_t *reference = json_load_file("tests/reference/convergence.json", 0, NULL);
  json_t *cases = json_object_get(reference, "cases"), *probabilities = json_object_get(reference, "probabilities");
  CHECK(json_array_size(cases) >= 30);
  for (size_t i = 0; i < json_array_size(cases); i++) {
    json_t *one = json_array_get(cases, i);
    const char *name = json_string_value(json_object_get(one, "description"));
    size_t chains, draws;
    double *values = chains_of(json_object_get(one, "chains"), &chains, &draws);
    sl_convergence *c = sl_convergence_create(chains, draws);
    sl_convergence_load(c, values);
    expect(sl_convergence_mean(c), json_object_get(one, "mean"), "mean", name, 1e-12);
    expect(sl_convergence_sd(c), json_object_get(one, "sd"), "sd", name, 1e-10);
    expect(sl_convergence_rhat(c), json_object_get(one, "rhat"), "rhat", name, 1e-8);
    expect(sl_convergence_rhat_classic(c), json_object_get(one, "rhat_classic"), "rhat_classic", name, 1e-8);
    expect(sl_convergence_ess_bulk(c), json_object_get(one, "ess_bulk"), "ess_bulk", name, 1e-8);
    expect(sl_convergence_ess_tail(c), json_object_get(one, "ess_tail"), "ess_tail", name, 1e-8);
    expect(sl_convergence_ess_mean(c), json_object_get(one, "ess_mean"), "ess_mean", name, 1e-8);
    expect(sl_convergence_mcse_mean(c), json_object_get(one, "mcse_mean"), "mcse_mean", name, 1e-8);
    expect(sl_convergence_mcse_sd(c), json_object_get(one, "mcse_sd"), "mcse_sd", name, 1e-8);
    for (size_t k = 0; k < json_array_size(probabilities); k++) {
      double p = json_number_value(json_array_get(probabilities, k));
      json_t *quantiles = json_object_get(one, "quantiles");
      if (json_is_array(quantiles))
        expect(sl_convergence_quantile(c, p), json_array_get(quantiles, k), "quantile", name, 1e-12);
      else
        CHECK(isnan(sl_convergence_quantile(c, p)));
      expect(sl_convergence_ess_quantile(c, p), json_array_get(json_object_get(one, "ess_quantiles"), k),
             "ess_quantile", name, 1e-8);
      expect(sl_convergence_mcse_quantile(c, p), json_array_get(json_object_get(one, "mcse_quantiles"), k),
             "mcse_quantile", name, 1e-8);
    }
    expect(sl_convergence_mad(c), json_object_get(one, "mad"), "mad", name, 1e-12);
    json_t *shares = json_object_get(reference, "shares"), *hdi = json_object_get(one, "hdi");
    CHECK_INT((long)json_array_size(hdi), 2 * (long)json_array_size(shares));
    for (size_t k = 0; k < json_array_size(shares); k++) {
      double low, high;
      sl_convergence_hdi(c, json_number_value(json_array_get(shares, k)), &low, &high);
      expect(low, json_array_get(hdi, 2 * k), "hdi low", name, 0);
      expect(high, json_array_get(hdi, 2 * k + 1), "hdi high", name, 0);
    }
    sl_convergence_destroy(c);
    free(values);
  }
  json_decref(reference);
}

static void agrees_with_the_shared_fixture(void) {
  json_t *fixture = json_load_file("../shared/reference/diagnostics_fixture.json", 0, NULL);
  if (!fixture) {
    printf("skipped: ../shared/reference/diagnostics_fixture.json is not there\n");
    return;
  }
  json_t *cases = json_object_get(fixture, "cases");
  CHECK(json_array_size(cases) >= 5);
  for (size_t i = 0; i < json_array_size(cases); i++) {
    json_t *one = json_array_get(cases, i);
    const char *name = json_string_value(json_object_get(one, "description"));
    size_t chains, draws;
    double *values = chains_of(json_object_get(one, "chains"), &chains, &draws);
    sl_convergence *c = sl_convergence_create(chains, draws);
    sl_convergence_load(c, values);
    json_t *classic = json_object_get(json_object_get(one, "brooks_gelman"), "Rhat");
    expect(sl_convergence_rhat_classic(c), classic, "classic R-hat", name, 1e-11);
    expect(sl_convergence_rhat(c), json_object_get(one, "rank_normalised_split_rhat"), "R-hat", name, 1e-11);
    expect(sl_convergence_ess_bulk(c), json_object_get(one, "ess_bulk"), "ess_bulk", name, 1e-11);
    expect(sl_convergence_ess_tail(c), json_object_get(one, "ess_tail"), "ess_tail", name, 1e-11);
    expect(sl_convergence_ess_mean(c), json_object_get(one, "ess_mean"), "ess_mean", name, 1e-11);
    expect(sl_convergence_mcse_mean(c), json_object_get(one, "mcse_mean"), "mcse_mean", name, 1e-11);
    expect(sl_convergence_mcse_sd(c), json_object_get(one, "mcse_sd"), "mcse_sd", name, 1e-11);
    sl_convergence_destroy(c);
    free(values);
  }
  json_decref(fixture);
}

static void rounding_noise_is_constant(void) {
  double values[40];
  for (int i = 0; i < 40; i++) values[i] = i % 3 ? 1 : 1 - 0x1p-53;
  sl_convergence *c = sl_convergence_create(2, 20);
  sl_convergence_load(c, values);
  CHECK(isnan(sl_convergence_ess_mean(c)));
  CHECK(isnan(sl_convergence_ess_tail(c)));
  CHECK(isnan(sl_convergence_rhat_classic(c)));
  CHECK_NEAR(sl_convergence_mean(c), 1, 1e-15);
  sl_convergence_destroy(c);
}

/* Halves of one draw have no variance. */
static void too_few_draws_say_nothing(void) {
  const double values[9] = {1, 5, 2, 7, 3, 8, 4, 0, 6};
  for (size_t draws = 1; draws <= 3; draws++) {
    sl_convergence *c = sl_convergence_create(3, draws);
    sl_convergence_load(c, values);
    CHECK(isnan(sl_convergence_rhat(c)));
    CHECK(isnan(sl_convergence_ess_bulk(c)));
    CHECK(isnan(sl_convergence_ess_tail(c)));
    CHECK(isnan(sl_convergence_mcse_quantile(c, 0.5)));
    CHECK(isfinite(sl_convergence_sd(c)));
    sl_convergence_destroy(c);
  }
}

/* The order of the chains, and a strictly increasing transformation, change nothing that is on ranks. */
static void ranks_ignore_order_and_scale(void) {
  enum { chains = 3, draws = 41 };
  double values[chains * draws], turned[chains * draws];
  unsigned state = 1;
  for (int i = 0; i < chains * draws; i++) values[i] = (double)((state = state * 1664525u + 1013904223u) >> 8) / 0x1p24;
  for (int i = 0; i < chains * draws; i++) turned[(i + draws) % (chains * draws)] = exp(20 * values[i]);
  sl_convergence *c = sl_convergence_create(chains, draws);
  sl_convergence_load(c, values);
  double bulk = sl_convergence_ess_bulk(c);
  CHECK(bulk > 50 && bulk < 400);
  sl_convergence_load(c, turned);
  CHECK_RELATIVE(sl_convergence_ess_bulk(c), bulk, 1e-12);
  sl_convergence_destroy(c);
}

int main(void) {
  return run_suites("convergence", (check_test[]){
                                       {"all numbers are those of R's posterior", agrees_with_posterior},
                                       {"all numbers are those of the shared fixture", agrees_with_the_shared_fixture},
                                       {"rounding noise counts as constant", rounding_noise_is_constant},
                                       {"fewer than four draws say nothing", too_few_draws_say_nothing},
                                       {"ranks ignore order and scale", ranks_ignore_order_and_scale},
                                       {0},
                                   });
}
