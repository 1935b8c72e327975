/* sampler.c: the state of a chain, and the table of kernels; see sampler.h. */
#include "runtime/sampler.h"
#include <stdlib.h>
#include "runtime/metropolis.h"
#include "runtime/nuts.h"

static sl_transition stay(sl_sampler *sampler, sl_rng *rng) {
  (void)sampler, (void)rng;
  return (sl_transition){0};
}

const sl_kernel sl_nuts_kernel = {
    .columns = {SL_COLUMN_LOG_DENSITY, SL_COLUMN_ACCEPT_STATISTIC, SL_COLUMN_STEP_SIZE, SL_COLUMN_DEPTH,
                SL_COLUMN_LEAPFROG_COUNT, SL_COLUMN_DIVERGENT, SL_COLUMN_ENERGY},
    .transition = sl_nuts_transition,
    .moves = true,
    .has_momentum = true,
    .find_step_size = sl_find_step_size,
    .learn = sl_step_adaptation_learn,
};

const sl_kernel sl_static_kernel = {
    .columns = {SL_COLUMN_LOG_DENSITY, SL_COLUMN_ACCEPT_STATISTIC, SL_COLUMN_STEP_SIZE, SL_COLUMN_INTEGRATION_TIME,
                SL_COLUMN_ENERGY},
    .transition = sl_static_transition,
    .moves = true,
    .has_momentum = true,
    .find_step_size = sl_find_step_size,
    .learn = sl_step_adaptation_learn,
};

const sl_kernel sl_metropolis_kernel = {
    .columns = {SL_COLUMN_LOG_DENSITY, SL_COLUMN_ACCEPT_STATISTIC, SL_COLUMN_STEP_SIZE},
    .transition = sl_metropolis_transition,
    .moves = true,
    .has_momentum = false,
    .find_step_size = sl_metropolis_find_scale,
    .learn = sl_scale_adaptation_learn,
};

const sl_kernel sl_fixed_kernel = {
    .columns = {SL_COLUMN_LOG_DENSITY, SL_COLUMN_ACCEPT_STATISTIC},
    .transition = stay,
};

static void create_point(sl_point *point, sl_vectors *vectors, size_t n) {
  *point = (sl_point){sl_vectors_take(vectors, n), sl_vectors_take(vectors, n), sl_vectors_take(vectors, n), 0};
}

static void create_subtree(sl_subtree *subtree, sl_vectors *vectors, size_t n) {
  *subtree = (sl_subtree){sl_vectors_take(vectors, n), sl_vectors_take(vectors, n), sl_vectors_take(vectors, n)};
}

bool sl_sampler_create(sl_sampler *sampler, size_t n, sl_metric_kind kind, int max_depth) {
  *sampler = (sl_sampler){.step_size = 1, .max_depth = max_depth, .integration_time = 6.28318530717959};
  size_t vector_count = 4 * 3 + 2 + 3 + 3 * (size_t)max_depth;
  sampler->pending = calloc((size_t)max_depth, sizeof *sampler->pending);
  if (!sampler->pending ||
      !sl_vectors_create(&sampler->vectors, vector_count * sl_padded(n) + sl_metric_elements(kind, n))) {
    sl_sampler_destroy(sampler);
    return false;
  }
  sampler->hamiltonian.n = n;
  sl_metric_init(&sampler->hamiltonian.metric, kind, n, &sampler->vectors);
  create_point(&sampler->current, &sampler->vectors, n);
  create_point(&sampler->forward, &sampler->vectors, n);
  create_point(&sampler->backward, &sampler->vectors, n);
  create_point(&sampler->proposal, &sampler->vectors, n);
  sampler->junction_momentum = sl_vectors_take(&sampler->vectors, n);
  sampler->momentum_sum = sl_vectors_take(&sampler->vectors, n);
  create_subtree(&sampler->growing, &sampler->vectors, n);
  for (int i = 0; i < max_depth; i++) create_subtree(&sampler->pending[i], &sampler->vectors, n);
  return true;
}

void sl_sampler_destroy(sl_sampler *sampler) {
  sl_vectors_destroy(&sampler->vectors);
  free(sampler->pending);
  sampler->pending = NULL;
}
