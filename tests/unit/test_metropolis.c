/* test_metropolis.c: random-walk Metropolis leaves a bounded, correlated distribution as it is, finds its scale, and asks for
 * no gradient. */
#include "tests/unit/check.h"
#include "runtime/metropolis.h"

/* x[0] half normal: negative values are rejected. x[1] ~ normal(0.6 x[0], 0.8). */
struct sl_model {
  int unused;
};
static sl_model half_normal;
static long gradient_count;

sl_status sl_log_density(const sl_model *model, sl_workspace *workspace, const double *x, int flags, double *value) {
  (void)model, (void)flags;
  snprintf(workspace->message, sizeof workspace->message, "x[1] is negative");
  if (x[0] < 0) return SL_REJECTED;
  double residual = (x[1] - 0.6 * x[0]) / 0.8;
  *value = -0.5 * (x[0] * x[0] + residual * residual);
  return SL_EVALUATED;
}

sl_status sl_log_density_gradient(const sl_model *model, sl_workspace *workspace, const double *x, int flags,
                                  double *value, double *gradient) {
  gradient_count++;
  gradient[0] = gradient[1] = NAN;
  return sl_log_density(model, workspace, x, flags, value);
}

static void create(sl_sampler *sampler, sl_metric_kind kind) {
  CHECK(sl_sampler_create(sampler, 2, kind, 1));
  sampler->hamiltonian.model = &half_normal;
  sampler->hamiltonian.workspace = sl_workspace_create();
  sampler->current.position[0] = 0.5;
  sl_hamiltonian_evaluate_density(&sampler->hamiltonian, &sampler->current);
}

static void destroy(sl_sampler *sampler) {
  sl_workspace_destroy(sampler->hamiltonian.workspace);
  sl_sampler_destroy(sampler);
}

/* Means over batches that are long beside the chain's memory. */
static void check_mean(const char *what, const double *batches, int count, double expected) {
  double mean = 0, squares = 0;
  for (int b = 0; b < count; b++) mean += batches[b] / count;
  for (int b = 0; b < count; b++) squares += pow(batches[b] - mean, 2);
  double score = (mean - expected) / sqrt(squares / (count - 1) / count);
  CHECK_SAY(fabs(score) < 5, "%s is %g, %g standard errors from %g", what, mean, score, expected);
}

static void check_moments(sl_metric_kind kind) {
  enum { batches = 100, size = 5000 };
  static double means[4][batches];
  sl_sampler sampler;
  sl_rng rng;
  create(&sampler, kind);
  sl_rng_seed(&rng, 1, 1);
  if (kind == SL_METRIC_DENSE) {
    static const double covariance[] = {0.4, 0.25, 0.25, 0.8};
    memcpy(sampler.hamiltonian.metric.inverse, covariance, sizeof covariance);
    CHECK(sl_metric_factor(&sampler.hamiltonian.metric));
  }
  sampler.step_size = 1.7;
  memset(means, 0, sizeof means);
  for (int draw = 0; draw < batches * size; draw++) {
    sl_transition made = sl_metropolis_transition(&sampler, &rng);
    const double *x = sampler.current.position;
    const double moments[] = {x[0], x[1], x[0] * x[0], x[0] * x[1]};
    for (int i = 0; i < 4; i++) means[i][draw / size] += moments[i] / size;
    if (!(x[0] >= 0 && made.accept_statistic >= 0 && made.accept_statistic <= 1)) {
      CHECK_SAY(false, "draw %d: x[1] = %g, acceptance %g", draw, x[0], made.accept_statistic);
      break;
    }
  }
  check_mean("E x[1]", means[0], batches, sqrt(2 / acos(-1)));
  check_mean("E x[2]", means[1], batches, 0.6 * sqrt(2 / acos(-1)));
  check_mean("E x[1]^2", means[2], batches, 1);
  check_mean("E x[1] x[2]", means[3], batches, 0.6);
  CHECK(gradient_count == 0);
  destroy(&sampler);
}

static void test_unit(void) { check_moments(SL_METRIC_UNIT); }
static void test_dense(void) { check_moments(SL_METRIC_DENSE); }

static void test_scale(void) {
  sl_sampler sampler;
  sl_rng rng;
  create(&sampler, SL_METRIC_UNIT);
  sl_rng_seed(&rng, 2, 1);
  double target = sl_metropolis_target(2), acceptance = 0;
  sl_step_adaptation adaptation = {.kappa = 0.75, .delta = target};
  sampler.step_size = 1e-4; /* far too short */
  sl_step_adaptation_restart(&adaptation, sampler.step_size);
  CHECK(sl_step_adaptation_result(&adaptation, 3) == 3);
  for (int i = 0; i < 20000; i++)
    sampler.step_size =
        sl_scale_adaptation_learn(&adaptation, sl_metropolis_transition(&sampler, &rng).accept_statistic);
  CHECK(sl_step_adaptation_result(&adaptation, 1) == sampler.step_size);
  for (int i = 0; i < 20000; i++) acceptance += sl_metropolis_transition(&sampler, &rng).accept_statistic / 20000;
  CHECK_NEAR(acceptance, target, 0.03);
  destroy(&sampler);
}

static void test_constants(void) {
  CHECK_NEAR(sl_metropolis_target(1), 0.44, 1e-12);
  CHECK_NEAR(sl_metropolis_target(1000000), 0.234, 1e-6);
  CHECK_NEAR(sl_metropolis_scale(1), 2.38, 1e-12);
  CHECK_NEAR(sl_metropolis_scale(4), 1.19, 1e-12);
}

int main(void) {
  return run_suites("metropolis", (check_test[]){{"draws have the moments of the bounded target", test_unit},
                                                 {"and with a proposal of another covariance", test_dense},
                                                 {"the scale finds the acceptance that is aimed at", test_scale},
                                                 {"scale and acceptance are those of the literature", test_constants},
                                                 {0}});
}
