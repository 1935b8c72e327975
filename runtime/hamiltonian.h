/* hamiltonian.h: a point in phase space, the metric, and one leapfrog step.
 *
 * With inverse metric M^-1 = L L', the sampler keeps the momentum p as r = L' p. Then r is standard normal, the kinetic
 * energy is r.r / 2, and the products p' M^-1 rho of the U-turn criterion are plain dot products of r's, whatever
 * the metric: only the leapfrog step knows L. It reads
 *     r += (e/2) L' g(q);   q += e L r;   r += (e/2) L' g(q)          (g the gradient of the log density)
 * which is the leapfrog step of (q, p), written in r. For a diagonal metric L is the vector of square roots.
 *
 * Vectors are padded as lanes.h says; the padding of every vector is and stays zero. */
#ifndef STANLITE_RUNTIME_HAMILTONIAN_H
#define STANLITE_RUNTIME_HAMILTONIAN_H
#include <stdbool.h>
#include "runtime/model.h"

typedef enum { SL_METRIC_UNIT, SL_METRIC_DIAGONAL, SL_METRIC_DENSE } sl_metric_kind;

typedef struct sl_metric {
  sl_metric_kind kind;
  size_t n;
  double *inverse; /* diagonal of M^-1 (n), or all of it (n by n) when dense */
  double *factor;  /* square roots of that diagonal (padded), or L by columns with zeros above its diagonal (n by n) */
} sl_metric;

typedef struct sl_point {
  double *position;
  double *momentum; /* r */
  double *gradient; /* of the log density at position */
  double log_density;
} sl_point;

/* Messages of rejected evaluations, kept so that each is reported once. See rejections.h. */
struct sl_rejections;

typedef struct sl_hamiltonian {
  const sl_model *model;
  sl_workspace *workspace;
  struct sl_rejections *rejections;
  int chain;
  bool fatal; /* the program called fatal_error(): sampling must stop; workspace->message says why */
  size_t n;
  sl_metric metric;
} sl_hamiltonian;

/* All vectors that a chain needs come from one block: see sl_vectors_take. */
typedef struct sl_vectors {
  double *block;
  size_t used, size; /* elements */
} sl_vectors;

/* A block of `count` zeroed elements (of padded vectors: counts are rounded up). False when there is no memory. */
bool sl_vectors_create(sl_vectors *vectors, size_t count);
void sl_vectors_destroy(sl_vectors *vectors);
/* The next n elements of the block, 64-byte aligned, padded with zeros. */
double *sl_vectors_take(sl_vectors *vectors, size_t n);

/* Elements that sl_metric_init takes from the block. */
size_t sl_metric_elements(sl_metric_kind kind, size_t n);
/* The identity. */
void sl_metric_init(sl_metric *metric, sl_metric_kind kind, size_t n, sl_vectors *vectors);
/* Computes the factor after metric->inverse changed. False when that is not positive definite or not finite. */
bool sl_metric_factor(sl_metric *metric);

/* out += scale * L' x with a dense metric. */
void sl_metric_add_transposed(const sl_metric *metric, double scale, const double *restrict x, double *restrict out);
/* out += scale * L x, of padded vectors. */
void sl_metric_add_product(const sl_metric *metric, double scale, const double *restrict x, double *restrict out);

/* Log density and gradient at point->position. A rejected evaluation and NaN give a log density of -inf. */
void sl_hamiltonian_evaluate(sl_hamiltonian *hamiltonian, sl_point *point);
/* The log density alone. */
void sl_hamiltonian_evaluate_density(sl_hamiltonian *hamiltonian, sl_point *point);
/* Draws the momentum, and returns the energy: minus the log density plus the kinetic energy. */
double sl_hamiltonian_refresh(sl_hamiltonian *hamiltonian, sl_point *point, sl_rng *rng);
/* One leapfrog step of size `step` (negative: backwards in time) in place; returns the energy at its end, +inf where the
 * density is zero or undefined. One gradient. */
double sl_hamiltonian_leapfrog(sl_hamiltonian *hamiltonian, sl_point *point, double step);

#endif
