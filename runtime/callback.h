/* callback.h: functions of the program that the runtime calls back.
 *
 * One signature serves all solvers: out = f(t, y; theta, x, ints). t holds what the solver sets (the time), y its state; theta,
 * x and ints are passed on: reals that may have derivatives, reals that have none, ints. A rejection inside has left its
 * message and place in the workspace.
 *
 * The forward form leaves on the arena's stack what the adjoint form takes from there; between the two calls, whatever else is
 * taken of the arena is given back. The adjoint adds to y_adj and theta_adj what out_adj brings; the other adjoints are not
 * looked at. Both are NULL where nothing depends on y or theta differentiably. */
#ifndef STANLITE_RUNTIME_CALLBACK_H
#define STANLITE_RUNTIME_CALLBACK_H
#include <stdbool.h>
#include <string.h>
#include "runtime/model.h"

typedef sl_status sl_callback(double *restrict out, const double *restrict t, const double *restrict y,
                              const double *restrict theta, const double *restrict x, const long *restrict ints,
                              sl_rng *rng, sl_workspace *workspace);
typedef sl_status sl_callback_adjoint(double *restrict out, double *restrict out_adj, const double *restrict t,
                                      double *restrict t_adj, const double *restrict y, double *restrict y_adj,
                                      const double *restrict theta, double *restrict theta_adj,
                                      const double *restrict x, double *restrict x_adj, const long *restrict ints,
                                      double *restrict ints_adj, sl_rng *rng, sl_workspace *workspace);

/* What the generated code hands to a solver beside its buffers. The forward form of a kernel that calls back, too, leaves on
 * the stack what its adjoint takes. */
typedef struct sl_callbacks {
  const char *name, *place; /* of the call: "ode_rk45", "in 'model.stan', line 12, column 3" */
  sl_callback *value, *forward;
  sl_callback_adjoint *adjoint;
  bool state_is_active; /* derivatives by the kernel's first or second input are wanted */
  bool theta_is_active;
} sl_callbacks;

/* out[n] and, by rows, its Jacobians by y (n n) and theta (n m, rows `stride` apart): a reverse sweep for each row. `row` is
 * scratch for n. */
static inline __attribute__((always_inline)) sl_status
sl_callback_jacobian(const sl_callbacks *f, long n, long m, long stride, const double *t, const double *y,
                     const double *theta, const double *x, const long *ints, double *out, double *by_y,
                     double *by_theta, double *row, sl_workspace *workspace) {
  memset(by_y, 0, (size_t)(n * n) * sizeof *by_y);
  for (long i = 0; i < n; i++) memset(by_theta + i * stride, 0, (size_t)m * sizeof *by_theta);
  if (!f->adjoint) return f->value(out, t, y, theta, x, ints, NULL, workspace);
  for (long i = 0; i < n; i++) {
    sl_status status = f->forward(out, t, y, theta, x, ints, NULL, workspace);
    if (status != SL_EVALUATED) return status;
    memset(row, 0, (size_t)n * sizeof *row);
    row[i] = 1;
    f->adjoint(out, row, t, NULL, y, by_y + i * n, theta, by_theta + i * stride, x, NULL, ints, NULL, NULL, workspace);
  }
  return SL_EVALUATED;
}

#endif
