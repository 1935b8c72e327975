/* nuts.c: the transitions, see nuts.h.
 *
 * A subtree of depth d is grown leaf by leaf, without recursion. Leaf k (from 0) closes as many subtrees as k has
 * trailing one bits, exactly as in binary counting: pending[i] holds the complete subtree of 2^i leaves that waits for
 * its sibling. Multinomial sampling within a subtree goes leaf by leaf too: a leaf of weight w replaces the proposal with
 * probability w over the sum of the weights so far, which gives every leaf its share in the end. Both visit the same
 * leaves, make the same checks and have the same distribution as the recursion of Hoffman and Gelman, and copy less.
 *
 * Weights are exp(H0 - H), kept relative to exp(reference), the largest seen in the transition or 1. Mostly the
 * reference is 0, and the one exponential of a leaf is its acceptance probability as well. */
#include "runtime/nuts.h"
#include <math.h>
#include "runtime/lanes.h"
#include "runtime/leapfrog.h"
#include "runtime/processor.h"

static const double max_energy_error = 1000; /* beyond this a leaf is called divergent (Stan's max_deltaH) */

/* What one transition accumulates. */
typedef struct trajectory {
  double start_energy;
  double reference;      /* log of the unit in which the weights are kept */
  double tree_weight;    /* sum of weights of the accepted tree */
  double subtree_weight; /* and of the subtree that is growing */
  double proposal_energy;
  double acceptance_sum;
  int leapfrog_count;
  bool divergent;
} trajectory;

static void swap_vectors(double **a, double **b) {
  double *vector = *a;
  *a = *b;
  *b = vector;
}

/* Whether two neighbouring trees, left integrated before right, still move apart: as a whole, and each with the nearest
 * leaf of the other (Betancourt 2017, A.4.2; the two checks across the junction are those of Stan 2.21). Each check wants
 * both ends' momenta to have a positive product with the sum of momenta between them. Adds left_sum to right_sum. */
SL_INLINE bool moves_apart(const double *restrict left_first, const double *restrict left_last,
                           const double *restrict left_sum, const double *restrict right_first,
                           const double *restrict right_last, double *restrict right_sum, size_t n) {
  const sl_lanes *lf = (const sl_lanes *)(const void *)left_first, *ll = (const sl_lanes *)(const void *)left_last;
  const sl_lanes *ls = (const sl_lanes *)(const void *)left_sum, *rf = (const sl_lanes *)(const void *)right_first;
  const sl_lanes *rl = (const sl_lanes *)(const void *)right_last;
  sl_lanes *rs = (sl_lanes *)(void *)right_sum;
  const sl_lanes zero = {0, 0, 0, 0};
  sl_lanes whole_first = zero, whole_last = zero, across_left_first = zero, across_left_last = zero;
  sl_lanes across_right_first = zero, across_right_last = zero;
  for (size_t b = 0; b < sl_blocks(n); b++) {
    sl_lanes whole = ls[b] + rs[b], left = ls[b] + rf[b], right = rs[b] + ll[b];
    whole_first += lf[b] * whole;
    whole_last += rl[b] * whole;
    across_left_first += lf[b] * left;
    across_left_last += rf[b] * left;
    across_right_first += ll[b] * right;
    across_right_last += rl[b] * right;
    rs[b] = whole;
  }
  return sl_lanes_sum(&whole_first) > 0 && sl_lanes_sum(&whole_last) > 0 && sl_lanes_sum(&across_left_first) > 0 &&
         sl_lanes_sum(&across_left_last) > 0 && sl_lanes_sum(&across_right_first) > 0 &&
         sl_lanes_sum(&across_right_last) > 0;
}

/* The weight of a leaf; counts its acceptance probability, and moves the reference when the leaf is heavier than that. */
SL_INLINE double leaf_weight(trajectory *path, double energy) {
  double log_weight = path->start_energy - energy;
  double acceptance = exp(fmin(log_weight, 0));
  path->acceptance_sum += acceptance;
  if (path->reference == 0 && log_weight <= 0) return acceptance;
  if (log_weight > path->reference) {
    double rescale = exp(path->reference - log_weight);
    path->tree_weight *= rescale;
    path->subtree_weight *= rescale;
    path->reference = log_weight;
    return 1;
  }
  return exp(log_weight - path->reference);
}

/* Grows a subtree of 2^depth leaves from `end`, which moves to its last leaf. Leaves a leaf of it in proposal, and the
 * subtree's ends and sum in growing. False when a leaf diverged or a subtree of it turned. */
SL_FOR_EACH_PROCESSOR
static bool grow_subtree(sl_sampler *sampler, sl_point *end, double step, int depth, trajectory *path, sl_rng *rng) {
  sl_hamiltonian *hamiltonian = &sampler->hamiltonian;
  sl_subtree *growing = &sampler->growing;
  size_t n = hamiltonian->n;
  path->subtree_weight = 0;
  for (uint64_t leaf = 0; leaf >> depth == 0; leaf++) {
    double energy = sl_leapfrog(hamiltonian, end, step);
    path->leapfrog_count++;
    double weight = leaf_weight(path, energy);
    path->subtree_weight += weight;
    if (!(energy - path->start_energy <= max_energy_error)) {
      path->divergent = true;
      return false;
    }
    if (leaf == 0 || sl_uniform01(rng) * path->subtree_weight < weight) {
      sl_copy_point(&sampler->proposal, end, n);
      path->proposal_energy = energy;
    }
    sl_copy_vector(growing->first_momentum, end->momentum, n);
    sl_copy_vector(growing->momentum_sum, end->momentum, n);
    int level = 0;
    for (; leaf >> level & 1; level++) {
      sl_subtree *left = &sampler->pending[level];
      if (!moves_apart(left->first_momentum, left->last_momentum, left->momentum_sum, growing->first_momentum,
                       end->momentum, growing->momentum_sum, n))
        return false;
      swap_vectors(&growing->first_momentum, &left->first_momentum);
    }
    if (level < depth) {
      sl_copy_vector(growing->last_momentum, end->momentum, n);
      sl_subtree complete = *growing;
      *growing = sampler->pending[level];
      sampler->pending[level] = complete;
    }
  }
  return true;
}

static double jittered_step_size(const sl_sampler *sampler, sl_rng *rng) {
  if (sampler->step_size_jitter == 0) return sampler->step_size;
  return sampler->step_size * (1 + sampler->step_size_jitter * (2 * sl_uniform01(rng) - 1));
}

SL_FOR_EACH_PROCESSOR
sl_transition sl_nuts_transition(sl_sampler *sampler, sl_rng *rng) {
  size_t n = sampler->hamiltonian.n;
  double step = jittered_step_size(sampler, rng);
  double start_energy = sl_hamiltonian_refresh(&sampler->hamiltonian, &sampler->current, rng);
  trajectory path = {.start_energy = start_energy, .tree_weight = 1};
  sl_transition result = {.step_size = step, .energy = start_energy};
  sl_copy_point(&sampler->forward, &sampler->current, n);
  sl_copy_point(&sampler->backward, &sampler->current, n);
  sl_copy_vector(sampler->momentum_sum, sampler->current.momentum, n);

  while (result.depth < sampler->max_depth) {
    bool go_forward = sl_uniform01(rng) > 0.5;
    sl_point *end = go_forward ? &sampler->forward : &sampler->backward;
    const sl_point *other_end = go_forward ? &sampler->backward : &sampler->forward;
    sl_copy_vector(sampler->junction_momentum, end->momentum, n);
    if (!grow_subtree(sampler, end, go_forward ? step : -step, result.depth, &path, rng)) break;
    result.depth++;
    if (path.subtree_weight > path.tree_weight || sl_uniform01(rng) * path.tree_weight < path.subtree_weight) {
      sl_swap_points(&sampler->current, &sampler->proposal);
      result.energy = path.proposal_energy;
    }
    path.tree_weight += path.subtree_weight;
    bool goes_on = moves_apart(other_end->momentum, sampler->junction_momentum, sampler->momentum_sum,
                               sampler->growing.first_momentum, end->momentum, sampler->growing.momentum_sum, n);
    swap_vectors(&sampler->momentum_sum, &sampler->growing.momentum_sum);
    if (!goes_on) break;
  }
  result.leapfrog_count = path.leapfrog_count;
  result.accept_statistic = path.leapfrog_count ? path.acceptance_sum / path.leapfrog_count : 0;
  result.divergent = path.divergent;
  result.log_density = sampler->current.log_density;
  return result;
}

sl_transition sl_static_transition(sl_sampler *sampler, sl_rng *rng) {
  double step = jittered_step_size(sampler, rng);
  double start_energy = sl_hamiltonian_refresh(&sampler->hamiltonian, &sampler->current, rng);
  sl_copy_point(&sampler->proposal, &sampler->current, sampler->hamiltonian.n);
  double count = floor(sampler->integration_time / sampler->step_size);
  int leapfrog_count = count < 1 ? 1 : count > 1e9 ? 1000000000 : (int)count;
  double energy = start_energy;
  int done = 0;
  while (done < leapfrog_count && energy - start_energy <= max_energy_error) {
    energy = sl_hamiltonian_leapfrog(&sampler->hamiltonian, &sampler->proposal, step);
    done++;
  }
  double acceptance = exp(fmin(start_energy - energy, 0));
  bool accepted = sl_uniform01(rng) < acceptance;
  if (accepted) sl_swap_points(&sampler->current, &sampler->proposal);
  return (sl_transition){.log_density = sampler->current.log_density,
                         .accept_statistic = acceptance,
                         .step_size = step,
                         .integration_time = sampler->integration_time,
                         .leapfrog_count = done,
                         .divergent = !(energy - start_energy <= max_energy_error),
                         .energy = accepted ? energy : start_energy};
}

/* The log acceptance probability of one leapfrog step from current with a new momentum. */
static double one_step_error(sl_sampler *sampler, sl_rng *rng) {
  double start_energy = sl_hamiltonian_refresh(&sampler->hamiltonian, &sampler->current, rng);
  sl_copy_point(&sampler->forward, &sampler->current, sampler->hamiltonian.n);
  return start_energy - sl_hamiltonian_leapfrog(&sampler->hamiltonian, &sampler->forward, sampler->step_size);
}

bool sl_find_step_size(sl_sampler *sampler, sl_rng *rng, sl_error *error) {
  const double threshold = log(0.8);
  if (!(sampler->step_size > 0) || sampler->step_size > 1e7) return true;
  bool grow = one_step_error(sampler, rng) > threshold;
  while (!sampler->hamiltonian.fatal) {
    if ((one_step_error(sampler, rng) > threshold) != grow) return true;
    sampler->step_size *= grow ? 2 : 0.5;
    if (sampler->step_size > 1e7) {
      sl_error_set(error, SL_BAD_DATA,
                   "The posterior is improper: no step size is too large for it. "
                   "Please check the program's priors.");
      return false;
    }
    if (sampler->step_size == 0) {
      sl_error_set(error, SL_BAD_DATA,
                   "No step size is small enough to be accepted. "
                   "Perhaps the posterior is not continuous?");
      return false;
    }
  }
  return true;
}
