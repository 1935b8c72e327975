/* objective.h: minus the log density as a function to minimise.
 *
 * An evaluation succeeds where value and gradient are finite. Elsewhere (rejections, NaN, infinities) it fails, which an
 * optimiser takes for a step that was too long. */
#ifndef STANLITE_RUNTIME_OBJECTIVE_H
#define STANLITE_RUNTIME_OBJECTIVE_H
#include <math.h>
#include "runtime/model.h"
#include "runtime/rejections.h"

typedef struct sl_objective {
  const sl_model *model;
  sl_workspace *workspace; /* ->message: why the last evaluation failed */
  sl_rejections *rejections;
  int chain;
  int flags; /* of sl_log_density: SL_JACOBIAN or 0 */
  size_t n;
  long evaluations; /* of the gradient, so far */
  bool fatal;       /* the program called fatal_error(): nothing may be evaluated any more */
} sl_objective;

/* Minus the log density at x, and minus its gradient (n values). False: it has none there, and both are undefined. */
bool sl_objective_evaluate(sl_objective *objective, const double *x, double *value, double *gradient);

static inline double sl_dot(const double *a, const double *b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}
static inline double sl_norm(const double *a, size_t n) { return sqrt(sl_dot(a, a, n)); }

#endif
