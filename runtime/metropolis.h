/* metropolis.h: one transition of random-walk Metropolis (Metropolis et al. 1953; Hastings 1970) on the unconstrained space.
 *
 * The proposal is normal around the draw with covariance (step_size L)(step_size L)', where L L' is the metric's inverse: the
 * (co)variances that warmup has seen. Being symmetric it needs no Hastings ratio, and no gradient is evaluated. */
#ifndef STANLITE_RUNTIME_METROPOLIS_H
#define STANLITE_RUNTIME_METROPOLIS_H
#include "runtime/sampler.h"

/* One transition from sampler->current, whose log density must have been evaluated. */
sl_transition sl_metropolis_transition(sl_sampler *sampler, sl_rng *rng);

/* The scale that is best for normal targets of n dimensions whose covariance is known. */
double sl_metropolis_scale(size_t n);
/* Sets it. Cannot fail. */
bool sl_metropolis_find_scale(sl_sampler *sampler, sl_rng *rng, sl_error *error);
/* The acceptance probability to aim at in n dimensions. */
double sl_metropolis_target(size_t n);

#endif
