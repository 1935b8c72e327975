/* benchmark.c: the method `benchmark`: time of one gradient and of one log density, at random unconstrained points.
 *
 * The points are uniform on (-2, 2), as initial values are; those without a finite density are drawn again. Time is taken
 * over batches, and the fastest batch counts: what else the machine does can only add to it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "runtime/command.h"

enum { POINT_COUNT = 16, MAX_TRIES = 100 };

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

typedef struct benchmark {
  const sl_model *model;
  sl_workspace *workspace;
  size_t n;
  double *points; /* POINT_COUNT of n */
  double *gradient;
} benchmark;

static void evaluate(const benchmark *bench, bool gradient, long count) {
  double value;
  for (long i = 0; i < count; i++) {
    const double *point = bench->points + (size_t)(i % POINT_COUNT) * bench->n;
    if (gradient)
      sl_log_density_gradient(bench->model, bench->workspace, point, SL_JACOBIAN, &value, bench->gradient);
    else
      sl_log_density(bench->model, bench->workspace, point, SL_JACOBIAN, &value);
  }
}

/* Microseconds for one evaluation. */
static double measure(const benchmark *bench, bool gradient, double seconds) {
  long batch = POINT_COUNT;
  double start = seconds_now(), fastest = HUGE_VAL;
  do {
    double before = seconds_now();
    evaluate(bench, gradient, batch);
    double taken = seconds_now() - before;
    if (taken < 1e-3 && taken < 0.05 * seconds) {
      batch *= 2; /* too short for the clock */
      continue;
    }
    fastest = fmin(fastest, taken / (double)batch);
  } while (seconds_now() - start < seconds || fastest == HUGE_VAL);
  return 1e6 * fastest;
}

static bool draw_points(const benchmark *bench, uint64_t seed, sl_error *error) {
  sl_rng rng;
  sl_rng_seed(&rng, seed, 1);
  for (int k = 0; k < POINT_COUNT; k++) {
    double *point = bench->points + (size_t)k * bench->n, value = NAN;
    for (int attempt = 0; attempt < MAX_TRIES && !isfinite(value); attempt++) {
      for (size_t i = 0; i < bench->n; i++) point[i] = 4 * sl_uniform01(&rng) - 2;
      if (sl_log_density_gradient(bench->model, bench->workspace, point, SL_JACOBIAN, &value, bench->gradient) !=
          SL_EVALUATED)
        value = NAN;
    }
    if (isfinite(value)) continue;
    sl_error_set(error, SL_BAD_DATA, "no point with a finite log density was found in %d attempts: %s", MAX_TRIES,
                 bench->workspace->message);
    return false;
  }
  return true;
}

bool sl_benchmark(const sl_model *model, const sl_arguments *arguments, sl_error *error) {
  size_t n = sl_unconstrained_size(model);
  benchmark bench = {model, sl_workspace_create_for((int)sl_argument_int(arguments, SL_ARG_THREADS_PER_CHAIN)), n,
                     malloc((POINT_COUNT * n + 1) * sizeof(double)), malloc((n + 1) * sizeof(double))};
  double seconds = sl_argument_real(arguments, SL_ARG_SECONDS);
  if (!bench.workspace || !bench.points || !bench.gradient) {
    sl_error_set(error, SL_BAD_DATA, "not enough memory for %zu parameters", n);
  } else if (draw_points(&bench, (uint64_t)sl_argument_int(arguments, SL_ARG_SEED), error)) {
    printf("gradient_us %.6g\n", measure(&bench, true, seconds));
    printf("log_density_us %.6g\n", measure(&bench, false, seconds));
    printf("unconstrained_size %zu\n", n);
  }
  free(bench.gradient);
  free(bench.points);
  sl_workspace_destroy(bench.workspace);
  return error->code == SL_OK;
}
