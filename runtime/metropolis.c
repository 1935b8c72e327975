/* metropolis.c: see metropolis.h. */
#include "runtime/metropolis.h"
#include <math.h>

sl_transition sl_metropolis_transition(sl_sampler *sampler, sl_rng *rng) {
  sl_hamiltonian *hamiltonian = &sampler->hamiltonian;
  sl_point *current = &sampler->current, *proposal = &sampler->proposal;
  sl_std_normals(rng, proposal->momentum, (long)hamiltonian->n);
  sl_copy_vector(proposal->position, current->position, hamiltonian->n);
  sl_metric_add_product(&hamiltonian->metric, sampler->step_size, proposal->momentum, proposal->position);
  sl_hamiltonian_evaluate_density(hamiltonian, proposal);
  double acceptance = exp(fmin(proposal->log_density - current->log_density, 0));
  if (sl_uniform01(rng) < acceptance) sl_swap_points(current, proposal);
  return (sl_transition){
      .log_density = current->log_density, .accept_statistic = acceptance, .step_size = sampler->step_size};
}

double sl_metropolis_scale(size_t n) { return 2.38 / sqrt((double)n); /* Gelman, Roberts and Gilks 1996, section 2 */ }

bool sl_metropolis_find_scale(sl_sampler *sampler, sl_rng *rng, sl_error *error) {
  (void)rng, (void)error;
  sampler->step_size = sl_metropolis_scale(sampler->hamiltonian.n);
  return true;
}

double sl_metropolis_target(size_t n) {
  /* 0.44 in one dimension and 0.234 in many (Roberts, Gelman and Gilks 1997); between them this is within 0.02 of table 1 of
   * Gelman, Roberts and Gilks 1996, where efficiency hardly depends on it. */
  return 0.234 + 0.206 / (double)n;
}
