/* test_nuts.c: transitions leave a known distribution as it is; they keep their promises about cost. */
#include "tests/unit/check.h"
#include <stdlib.h>
#include "tests/unit/models/correlated_normal.c"
#include "runtime/nuts.h"

enum { BATCH_COUNT = 100, BATCH_SIZE = 500 };

/* Calls of the allocator. The sanitizers have their own, which must not be replaced. */
#if !defined(__SANITIZE_ADDRESS__) && defined(__GLIBC__)
#define COUNTS_ALLOCATIONS 1
static volatile long allocation_count; /* the compiler believes that malloc changes no variable */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *malloc(size_t size) {
  allocation_count++;
  return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
  allocation_count++;
  return __libc_calloc(count, size);
}
void *realloc(void *block, size_t size) {
  allocation_count++;
  return __libc_realloc(block, size);
}
#else
#define COUNTS_ALLOCATIONS 0
static volatile long allocation_count;
#endif

static void create(sl_sampler *sampler, sl_metric_kind kind) {
  CHECK(sl_sampler_create(sampler, normal_size, kind, 10));
  sampler->hamiltonian.model = sl_model_construct(NULL, 0, NULL);
  sampler->hamiltonian.workspace = sl_workspace_create();
  sl_metric *metric = &sampler->hamiltonian.metric;
  for (int i = 0; i < normal_size; i++) {
    if (kind == SL_METRIC_DIAGONAL) metric->inverse[i] = pow(normal_deviation(i), 2) * (i % 2 ? 0.7 : 1.2);
    for (int j = 0; j < normal_size && kind == SL_METRIC_DENSE; j++)
      metric->inverse[i * normal_size + j] =
          normal_deviation(i) * normal_deviation(j) * pow(normal_coefficient, abs(i - j)) + (i == j);
  }
  CHECK(sl_metric_factor(metric));
  sl_hamiltonian_evaluate(&sampler->hamiltonian, &sampler->current);
}

static void destroy(sl_sampler *sampler) {
  sl_workspace_destroy(sampler->hamiltonian.workspace);
  sl_sampler_destroy(sampler);
}

/* The mean over batches against its expectation, in standard errors by the method of batch means. */
static double z_score(const double *batch_sums, double expected) {
  double mean = 0, squares = 0;
  for (int b = 0; b < BATCH_COUNT; b++) mean += batch_sums[b] / BATCH_SIZE / BATCH_COUNT;
  for (int b = 0; b < BATCH_COUNT; b++) squares += pow(batch_sums[b] / BATCH_SIZE - mean, 2);
  return (mean - expected) / sqrt(squares / (BATCH_COUNT - 1) / BATCH_COUNT);
}

/* Draws many times, and holds means, variances and covariances of neighbours to the closed form. */
static void check_moments(sl_sampler *sampler, sl_transition (*transition)(sl_sampler *, sl_rng *),
                          double *mean_acceptance) {
  static double sums[3 * normal_size][BATCH_COUNT];
  memset(sums, 0, sizeof sums);
  sl_rng rng;
  sl_rng_seed(&rng, 20240607, 1);
  *mean_acceptance = 0;
  for (int i = 0; i < 200; i++) transition(sampler, &rng);
  for (int draw = 0; draw < BATCH_COUNT * BATCH_SIZE; draw++) {
    sl_transition made = transition(sampler, &rng);
    *mean_acceptance += made.accept_statistic / (BATCH_COUNT * BATCH_SIZE);
    CHECK_SAY(made.accept_statistic >= 0 && made.accept_statistic <= 1 && !made.divergent, "draw %d", draw);
    double before = 0;
    for (int i = 0; i < normal_size; i++) {
      double z = (sampler->current.position[i] - normal_mean(i)) / normal_deviation(i);
      sums[i][draw / BATCH_SIZE] += z;
      sums[normal_size + i][draw / BATCH_SIZE] += z * z;
      sums[2 * normal_size + i][draw / BATCH_SIZE] += z * before;
      before = z;
    }
  }
  for (int i = 0; i < normal_size; i++) {
    double mean = z_score(sums[i], 0), square = z_score(sums[normal_size + i], 1);
    double product = i ? z_score(sums[2 * normal_size + i], normal_coefficient) : 0;
    /* 29 scores a run, and other draws on another machine: beyond 5 one of 3000 runs of all five would be. */
    CHECK_SAY(fabs(mean) < 5, "the mean of x[%d] is %g standard errors off", i + 1, mean);
    CHECK_SAY(fabs(square) < 5, "the variance of x[%d] is %g standard errors off", i + 1, square);
    CHECK_SAY(fabs(product) < 5, "the covariance of x[%d] and x[%d] is %g standard errors off", i, i + 1, product);
  }
}

static void check_metric(sl_metric_kind kind, double step_size) {
  sl_sampler sampler;
  double acceptance;
  create(&sampler, kind);
  sampler.step_size = step_size;
  check_moments(&sampler, sl_nuts_transition, &acceptance);
  CHECK_SAY(acceptance > 0.5 && acceptance < 0.99, "the mean acceptance is %g", acceptance);
  destroy(&sampler);
}

static void test_unit_metric(void) { check_metric(SL_METRIC_UNIT, 0.8); }
static void test_diagonal_metric(void) { check_metric(SL_METRIC_DIAGONAL, 0.5); }
static void test_dense_metric(void) { check_metric(SL_METRIC_DENSE, 0.9); }

static void test_shallow_trees(void) {
  sl_sampler sampler;
  double acceptance;
  create(&sampler, SL_METRIC_DIAGONAL);
  sampler.step_size = 0.4;
  sampler.max_depth = 2; /* far below what the step size asks for: the draws stay right, only slower */
  sampler.step_size_jitter = 0.5;
  check_moments(&sampler, sl_nuts_transition, &acceptance);
  destroy(&sampler);
}

static void test_static(void) {
  sl_sampler sampler;
  double acceptance;
  create(&sampler, SL_METRIC_DENSE);
  sampler.step_size = 0.6;
  sampler.step_size_jitter = 0.3;
  sampler.integration_time = 2;
  check_moments(&sampler, sl_static_transition, &acceptance);
  destroy(&sampler);
}

static void test_transition_values(void) {
  sl_sampler sampler;
  sl_rng rng;
  create(&sampler, SL_METRIC_DIAGONAL);
  sampler.step_size = 0.3;
  sl_rng_seed(&rng, 3, 1);
  for (int i = 0; i < 200; i++) {
    sl_transition made = sl_nuts_transition(&sampler, &rng);
    double value, gradient[normal_size], kinetic = 0;
    sl_log_density_gradient(NULL, NULL, sampler.current.position, SL_JACOBIAN, &value, gradient);
    CHECK_NEAR(sampler.current.log_density, value, 0);
    for (int k = 0; k < normal_size; k++) {
      CHECK_NEAR(sampler.current.gradient[k], gradient[k], 0);
      kinetic += 0.5 * pow(sampler.current.momentum[k], 2);
    }
    CHECK_NEAR(made.energy, kinetic - value, 1e-12);
    CHECK(made.depth <= 10 && made.leapfrog_count < 1 << (made.depth + 1) &&
          made.leapfrog_count >= (1 << made.depth) - 1);
    CHECK_NEAR(made.step_size, 0.3, 0);
  }
  destroy(&sampler);
}

static void test_reversible(void) {
  sl_sampler sampler;
  sl_rng rng;
  for (sl_metric_kind kind = SL_METRIC_UNIT; kind <= SL_METRIC_DENSE; kind++) {
    create(&sampler, kind);
    sl_rng_seed(&rng, 5, 1);
    sl_point *point = &sampler.current;
    double start = sl_hamiltonian_refresh(&sampler.hamiltonian, point, &rng), position[normal_size], energy = 0;
    memcpy(position, point->position, sizeof position);
    for (int i = 0; i < 50; i++) energy = sl_hamiltonian_leapfrog(&sampler.hamiltonian, point, 0.05);
    CHECK_NEAR(energy, start, 0.05);
    CHECK(fabs(position[0] - point->position[0]) > 0.01);
    for (int i = 0; i < 50; i++) energy = sl_hamiltonian_leapfrog(&sampler.hamiltonian, point, -0.05);
    CHECK_NEAR(energy, start, 1e-11);
    for (int i = 0; i < normal_size; i++) CHECK_NEAR(point->position[i], position[i], 1e-11);
    destroy(&sampler);
  }
}

static void test_step_size(void) {
  sl_sampler sampler;
  sl_rng rng;
  sl_error error = {0};
  create(&sampler, SL_METRIC_DIAGONAL);
  sl_rng_seed(&rng, 7, 1);
  for (double start = 1e-6; start < 1e6; start *= 100) {
    sampler.step_size = start;
    CHECK(sl_find_step_size(&sampler, &rng, &error));
    CHECK_SAY(sampler.step_size > 0.02 && sampler.step_size < 10, "from %g the step size becomes %g", start,
              sampler.step_size);
  }
  destroy(&sampler);
}

static void test_no_allocations(void) {
#if COUNTS_ALLOCATIONS
  sl_sampler sampler;
  sl_rng rng;
  create(&sampler, SL_METRIC_DIAGONAL);
  sampler.step_size = 0.2;
  sl_rng_seed(&rng, 11, 1);
  long before = allocation_count;
  void *volatile block = malloc(1);
  free(block);
  CHECK_INT(allocation_count, before + 1);
  before = allocation_count;
  for (int i = 0; i < 100; i++) sl_nuts_transition(&sampler, &rng);
  CHECK_INT(allocation_count - before, 0);
  destroy(&sampler);
#else
  printf("skipped: the sanitizers own the allocator\n");
  CHECK_INT(allocation_count, 0);
#endif
}

int main(void) {
  return run_suites("transitions",
                    (check_test[]){{"NUTS with a unit metric leaves a normal distribution as it is", test_unit_metric},
                                   {"NUTS with a diagonal metric does", test_diagonal_metric},
                                   {"NUTS with a dense metric does", test_dense_metric},
                                   {"NUTS does with a low limit of depth and with jitter", test_shallow_trees},
                                   {"static Hamiltonian Monte Carlo does", test_static},
                                   {"a transition's values belong to its draw", test_transition_values},
                                   {"the leapfrog step is reversible and keeps the energy", test_reversible},
                                   {"a step size is found from anywhere", test_step_size},
                                   {"a transition allocates nothing", test_no_allocations},
                                   {0}});
}
