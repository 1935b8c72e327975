/* leapfrog.h: the leapfrog step itself, inline: of a model with ten parameters the calls around its few instructions would
 * cost as much as they do. What includes it is compiled for each processor (processor.h). */
#ifndef STANLITE_RUNTIME_LEAPFROG_H
#define STANLITE_RUNTIME_LEAPFROG_H
#include <math.h>
#include "runtime/hamiltonian.h"
#include "runtime/lanes.h"
#include "runtime/processor.h"

SL_INLINE double sl_kinetic_energy(const double *restrict momentum, size_t n) {
  const sl_lanes *r = (const sl_lanes *)(const void *)momentum;
  sl_lanes sum = {0, 0, 0, 0};
  for (size_t b = 0; b < sl_blocks(n); b++) sum += r[b] * r[b];
  return 0.5 * sl_lanes_sum(&sum);
}

/* The two halves of a step with a diagonal metric; apart, because the gradient changes between them. */
SL_INLINE void sl_kick_and_drift(const double *restrict factor, const double *restrict gradient,
                                 double *restrict momentum, double *restrict position, double step, size_t blocks) {
  const sl_lanes *f = (const sl_lanes *)(const void *)factor, *g = (const sl_lanes *)(const void *)gradient;
  sl_lanes *r = (sl_lanes *)(void *)momentum, *q = (sl_lanes *)(void *)position;
  const double half = 0.5 * step;
  for (size_t b = 0; b < blocks; b++) {
    r[b] += half * f[b] * g[b];
    q[b] += step * f[b] * r[b];
  }
}

SL_INLINE double sl_kick_and_kinetic_energy(const double *restrict factor, const double *restrict gradient,
                                            double *restrict momentum, double half, size_t blocks) {
  const sl_lanes *f = (const sl_lanes *)(const void *)factor, *g = (const sl_lanes *)(const void *)gradient;
  sl_lanes *r = (sl_lanes *)(void *)momentum;
  sl_lanes sum = {0, 0, 0, 0};
  for (size_t b = 0; b < blocks; b++) {
    r[b] += half * f[b] * g[b];
    sum += r[b] * r[b];
  }
  return 0.5 * sl_lanes_sum(&sum);
}

/* sl_hamiltonian_leapfrog. */
SL_INLINE double sl_leapfrog(sl_hamiltonian *hamiltonian, sl_point *point, double step) {
  const sl_metric *metric = &hamiltonian->metric;
  size_t blocks = sl_blocks(hamiltonian->n);
  bool is_dense = metric->kind == SL_METRIC_DENSE;
  if (is_dense) {
    sl_metric_add_transposed(metric, 0.5 * step, point->gradient, point->momentum);
    sl_metric_add_product(metric, step, point->momentum, point->position);
  } else {
    sl_kick_and_drift(metric->factor, point->gradient, point->momentum, point->position, step, blocks);
  }
  sl_hamiltonian_evaluate(hamiltonian, point);
  if (point->log_density == -INFINITY) return INFINITY;
  double kinetic;
  if (is_dense) {
    sl_metric_add_transposed(metric, 0.5 * step, point->gradient, point->momentum);
    kinetic = sl_kinetic_energy(point->momentum, hamiltonian->n);
  } else {
    kinetic = sl_kick_and_kinetic_energy(metric->factor, point->gradient, point->momentum, 0.5 * step, blocks);
  }
  double energy = kinetic - point->log_density;
  return energy == energy ? energy : INFINITY;
}

#endif
