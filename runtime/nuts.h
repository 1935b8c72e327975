/* nuts.h: one transition of the no-U-turn sampler, or of Hamiltonian Monte Carlo with a fixed integration time.
 *
 * Multinomial NUTS (Hoffman and Gelman 2014; Betancourt 2017, appendix A) as Stan has it: the generalised U-turn
 * criterion with the additional checks between neighbouring subtrees, biased progressive sampling between trees and
 * multinomial sampling within them. */
#ifndef STANLITE_RUNTIME_NUTS_H
#define STANLITE_RUNTIME_NUTS_H
#include "runtime/sampler.h"

/* One transition from sampler->current, which holds the new draw afterwards. current must have been evaluated. */
sl_transition sl_nuts_transition(sl_sampler *sampler, sl_rng *rng);
/* The same with integration_time / step_size leapfrog steps and a Metropolis test. */
sl_transition sl_static_transition(sl_sampler *sampler, sl_rng *rng);

/* Doubles or halves the step size until one leapfrog step's acceptance probability crosses 0.8 (Hoffman and Gelman 2014,
 * algorithm 4, with Stan's threshold). False when no size is small or large enough; error says so. */
bool sl_find_step_size(sl_sampler *sampler, sl_rng *rng, sl_error *error);

#endif
