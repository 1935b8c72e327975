/* hamiltonian.c: the leapfrog step in whitened momenta, see hamiltonian.h. Nothing here allocates after the chain has
 * been constructed. */
#include "runtime/hamiltonian.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/lanes.h"
#include "runtime/leapfrog.h"
#include "runtime/processor.h"
#include "runtime/rejections.h"

bool sl_vectors_create(sl_vectors *vectors, size_t count) {
  vectors->used = 0;
  vectors->size = sl_padded(count ? count : 1);
  vectors->block = aligned_alloc(64, vectors->size * sizeof(double));
  if (!vectors->block) return false;
  memset(vectors->block, 0, vectors->size * sizeof(double));
  return true;
}

void sl_vectors_destroy(sl_vectors *vectors) {
  free(vectors->block);
  vectors->block = NULL;
}

double *sl_vectors_take(sl_vectors *vectors, size_t n) {
  if (vectors->size - vectors->used < sl_padded(n)) sl_workspace_exhausted();
  double *start = vectors->block + vectors->used;
  vectors->used += sl_padded(n);
  return start;
}

size_t sl_metric_elements(sl_metric_kind kind, size_t n) {
  return kind == SL_METRIC_DENSE ? 2 * sl_padded(n * n) : 2 * sl_padded(n);
}

void sl_metric_init(sl_metric *metric, sl_metric_kind kind, size_t n, sl_vectors *vectors) {
  size_t size = kind == SL_METRIC_DENSE ? n * n : n;
  *metric = (sl_metric){kind, n, sl_vectors_take(vectors, size), sl_vectors_take(vectors, size)};
  size_t stride = kind == SL_METRIC_DENSE ? n + 1 : 1;
  for (size_t i = 0; i < n; i++) metric->inverse[i * stride] = metric->factor[i * stride] = 1;
}

/* Cholesky factor of a symmetric matrix by columns (Golub and Van Loan, algorithm 4.2.1): lower triangle. */
static bool factor_dense(const double *matrix, size_t n, double *factor) {
  memset(factor, 0, n * n * sizeof *factor);
  for (size_t j = 0; j < n; j++) {
    double *column = factor + j * n;
    for (size_t i = j; i < n; i++) column[i] = matrix[j * n + i];
    for (size_t k = 0; k < j; k++) {
      const double *earlier = factor + k * n;
      double multiple = earlier[j];
      for (size_t i = j; i < n; i++) column[i] -= multiple * earlier[i];
    }
    if (!(column[j] > 0) || !isfinite(column[j])) return false;
    double scale = 1 / sqrt(column[j]);
    for (size_t i = j; i < n; i++) column[i] *= scale;
  }
  return true;
}

bool sl_metric_factor(sl_metric *metric) {
  if (metric->kind == SL_METRIC_DENSE) return factor_dense(metric->inverse, metric->n, metric->factor);
  for (size_t i = 0; i < metric->n; i++) {
    if (!(metric->inverse[i] > 0) || !isfinite(metric->inverse[i])) return false;
    metric->factor[i] = sqrt(metric->inverse[i]);
  }
  return true;
}

/* What an evaluation's status means for the point. */
static void judge(sl_hamiltonian *hamiltonian, sl_point *point, sl_status status) {
  if (__builtin_expect(status != SL_EVALUATED, 0)) {
    point->log_density = -INFINITY;
    if (status == SL_FATAL)
      hamiltonian->fatal = true; /* told once, when the chain ends */
    else
      sl_rejections_report(hamiltonian->rejections, SL_REJECTED_PROPOSAL, hamiltonian->chain,
                           hamiltonian->workspace->message);
  } else if (point->log_density != point->log_density) {
    point->log_density = -INFINITY;
  }
}

void sl_hamiltonian_evaluate(sl_hamiltonian *hamiltonian, sl_point *point) {
  judge(hamiltonian, point,
        sl_log_density_gradient(hamiltonian->model, hamiltonian->workspace, point->position, SL_JACOBIAN,
                                &point->log_density, point->gradient));
}

void sl_hamiltonian_evaluate_density(sl_hamiltonian *hamiltonian, sl_point *point) {
  judge(hamiltonian, point,
        sl_log_density(hamiltonian->model, hamiltonian->workspace, point->position, SL_JACOBIAN, &point->log_density));
}

SL_FOR_EACH_PROCESSOR
double sl_hamiltonian_refresh(sl_hamiltonian *hamiltonian, sl_point *point, sl_rng *rng) {
  sl_std_normals(rng, point->momentum, (long)hamiltonian->n);
  return sl_kinetic_energy(point->momentum, hamiltonian->n) - point->log_density;
}

void sl_metric_add_transposed(const sl_metric *metric, double scale, const double *restrict x, double *restrict out) {
  size_t n = metric->n;
  for (size_t j = 0; j < n; j++) {
    const double *restrict column = metric->factor + j * n;
    double sum = 0;
    for (size_t i = j; i < n; i++) sum += column[i] * x[i];
    out[j] += scale * sum;
  }
}

void sl_metric_add_product(const sl_metric *metric, double scale, const double *restrict x, double *restrict out) {
  size_t n = metric->n;
  if (metric->kind != SL_METRIC_DENSE)
    for (size_t i = 0; i < n; i++) out[i] += scale * metric->factor[i] * x[i];
  for (size_t j = 0; metric->kind == SL_METRIC_DENSE && j < n; j++) {
    const double *restrict column = metric->factor + j * n;
    double multiple = scale * x[j];
    for (size_t i = j; i < n; i++) out[i] += multiple * column[i];
  }
}

double sl_hamiltonian_leapfrog(sl_hamiltonian *hamiltonian, sl_point *point, double step) {
  return sl_leapfrog(hamiltonian, point, step);
}
