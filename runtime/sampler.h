/* sampler.h: what moves a chain: its state, and the transition kernels, in one table.
 *
 * A kernel takes a chain from one draw to the next and leaves the posterior as it is. The loop of chain.c, the adaptation and
 * the CSV file ask the table for what differs between them; to add a kernel is to add its function and its line. */
#ifndef STANLITE_RUNTIME_SAMPLER_H
#define STANLITE_RUNTIME_SAMPLER_H
#include "runtime/adaptation.h"
#include "runtime/hamiltonian.h"
#include "runtime/lanes.h"
#include "runtime/processor.h"

/* What a transition did. What its kernel does not know is 0. */
typedef struct sl_transition {
  double log_density;      /* of the new draw */
  double accept_statistic; /* Metropolis acceptance probability; NUTS: its mean over all leaves */
  double step_size;        /* with its jitter */
  double integration_time;
  double energy; /* of the new draw */
  int depth;
  int leapfrog_count;
  bool divergent;
} sl_transition;

/* A complete subtree of a NUTS trajectory, as far as later checks want to know it. */
typedef struct sl_subtree {
  double *first_momentum; /* of its first and last leaf, in the order of integration */
  double *last_momentum;
  double *momentum_sum;
} sl_subtree;

typedef struct sl_sampler {
  sl_hamiltonian hamiltonian;
  double step_size;        /* nominal; of random-walk Metropolis: the scale of the proposal */
  double step_size_jitter; /* each transition multiplies it by 1 + jitter * uniform(-1, 1) */
  int max_depth;
  double integration_time; /* of the static engine */
  sl_point current;        /* the state of the chain: position, gradient, log density */
  sl_point forward, backward, proposal;
  double *junction_momentum; /* the last momentum of the older tree where the new one joins */
  double *momentum_sum;      /* over the whole trajectory */
  sl_subtree growing;        /* the subtree that ends in the newest leaf */
  sl_subtree *pending;       /* [depth]: complete subtrees that wait for their siblings */
  sl_vectors vectors;
} sl_sampler;

/* Allocates for `n` unconstrained parameters. hamiltonian.model, workspace, rejections and chain are the caller's to set.
 * False when there is no memory. */
bool sl_sampler_create(sl_sampler *sampler, size_t n, sl_metric_kind kind, int max_depth);
void sl_sampler_destroy(sl_sampler *sampler);

/* The sampler's own columns of a CSV file. */
typedef enum sl_sampler_column {
  SL_COLUMN_END, /* ends a kernel's list */
  SL_COLUMN_LOG_DENSITY,
  SL_COLUMN_ACCEPT_STATISTIC,
  SL_COLUMN_STEP_SIZE,
  SL_COLUMN_INTEGRATION_TIME,
  SL_COLUMN_DEPTH,
  SL_COLUMN_LEAPFROG_COUNT,
  SL_COLUMN_DIVERGENT,
  SL_COLUMN_ENERGY
} sl_sampler_column;

enum { SL_MOST_SAMPLER_COLUMNS = 8 };

typedef struct sl_kernel {
  sl_sampler_column columns[SL_MOST_SAMPLER_COLUMNS];
  sl_transition (*transition)(sl_sampler *sampler, sl_rng *rng);
  bool moves;        /* false: there is nothing to warm up or to adapt, and what follows has no meaning */
  bool has_momentum; /* uses gradients; otherwise none is ever computed */
  /* A step size to begin adapting from, also after each change of the metric. */
  bool (*find_step_size)(sl_sampler *sampler, sl_rng *rng, sl_error *error);
  double (*learn)(sl_step_adaptation *adaptation, double accept_statistic);
} sl_kernel;

extern const sl_kernel sl_nuts_kernel, sl_static_kernel, sl_metropolis_kernel, sl_fixed_kernel;

SL_INLINE void sl_copy_vector(double *restrict to, const double *restrict from, size_t n) {
  const sl_lanes *x = (const sl_lanes *)(const void *)from;
  sl_lanes *y = (sl_lanes *)(void *)to;
  for (size_t b = 0; b < sl_blocks(n); b++) y[b] = x[b];
}

SL_INLINE void sl_copy_point(sl_point *to, const sl_point *from, size_t n) {
  sl_copy_vector(to->position, from->position, n);
  sl_copy_vector(to->momentum, from->momentum, n);
  sl_copy_vector(to->gradient, from->gradient, n);
  to->log_density = from->log_density;
}

static inline void sl_swap_points(sl_point *a, sl_point *b) {
  sl_point point = *a;
  *a = *b;
  *b = point;
}

#endif
