/* nuts.h: one transition of the no-U-turn sampler, or of Hamiltonian Monte Carlo with a fixed integration time.
 *
 * Multinomial NUTS (Hoffman and Gelman 2014; Betancourt 2017, appendix A) as Stan has it: the generalised U-turn
 * criterion with the additional checks between neighbouring subtrees, biased progressive sampling between trees and
 * multinomial sampling within them. */
#ifndef STANLITE_RUNTIME_NUTS_H
#define STANLITE_RUNTIME_NUTS_H
#include "runtime/hamiltonian.h"

/* A complete subtree of the trajectory, as far as later checks want to know it. */
typedef struct sl_subtree {
  double *first_momentum; /* of its first and last leaf, in the order of integration */
  double *last_momentum;
  double *momentum_sum;
} sl_subtree;

typedef struct sl_transition {
  double step_size;        /* with its jitter */
  double accept_statistic; /* mean Metropolis acceptance probability over all leaves */
  int depth;
  int leapfrog_count;
  bool divergent;
  double energy; /* of the new draw */
} sl_transition;

typedef struct sl_nuts {
  sl_hamiltonian hamiltonian;
  double step_size;        /* nominal */
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
} sl_nuts;

/* Allocates for `n` unconstrained parameters. hamiltonian.model, workspace, rejections and chain are the caller's to set.
 * False when there is no memory. */
bool sl_nuts_create(sl_nuts *nuts, size_t n, sl_metric_kind kind, int max_depth);
void sl_nuts_destroy(sl_nuts *nuts);

/* One transition from nuts->current, which holds the new draw afterwards. current must have been evaluated. */
sl_transition sl_nuts_transition(sl_nuts *nuts, sl_rng *rng);
/* The same with integration_time / step_size leapfrog steps and a Metropolis test. */
sl_transition sl_static_transition(sl_nuts *nuts, sl_rng *rng);

/* Doubles or halves the step size until one leapfrog step's acceptance probability crosses 0.8 (Hoffman and Gelman 2014,
 * algorithm 4, with Stan's threshold). False when no size is small or large enough; error says so. */
bool sl_nuts_find_step_size(sl_nuts *nuts, sl_rng *rng, sl_error *error);

#endif
