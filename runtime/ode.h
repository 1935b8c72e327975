/* ode.h: initial value problems y' = f(t, y; theta): what the solvers share.
 *
 * A solver is a kernel:
 *   states[T,n] = solver(y0[n], times[1+T], theta[m], x, ints, tolerances[2]; n T m max_steps)
 * states are time by time; times[0] is the initial time; tolerances are relative and absolute; max_steps bounds the steps
 * between two times. The forward form solves, along with the states, for their sensitivities S = dy/dp,
 *   S' = J_y S + J_p,   S(t0) = I for p = y0, 0 for p = theta,
 * whose Jacobians come from the adjoint of f, a row for each state (Stan's coupled system, Carpenter et al. 2015, section 13).
 * The coupled state is y, then S row by row, each with the derivatives of one state: by y0, if they are wanted, then by
 * theta, then zeros up to a multiple of four. S at each time stays on the arena's stack for the adjoint. */
#ifndef STANLITE_RUNTIME_ODE_H
#define STANLITE_RUNTIME_ODE_H
#include <string.h>
#include "runtime/callback.h"
#include "runtime/generated.h"

/* Vectors go in blocks of four. Those that are passed are passed between functions that are inlined. */
typedef double sl_ode_block __attribute__((vector_size(32), aligned(8), may_alias));
typedef long sl_ode_lanes __attribute__((vector_size(32)));
#define SL_ODE_INLINED static inline __attribute__((always_inline))
#pragma GCC diagnostic ignored "-Wpsabi"

SL_ODE_INLINED sl_ode_block sl_ode_magnitude(sl_ode_block a) { return (sl_ode_block)((sl_ode_lanes)a & LONG_MAX); }
SL_ODE_INLINED sl_ode_block sl_ode_larger(sl_ode_block a, sl_ode_block b) {
  const sl_ode_lanes first = a > b;
  return (sl_ode_block)((first & (sl_ode_lanes)a) | (~first & (sl_ode_lanes)b));
}
/* The largest of magnitudes; NaN when `total`, a sum over them all, is not finite. */
SL_ODE_INLINED double sl_ode_largest_lane(sl_ode_block largest, sl_ode_block total) {
  const double all = total[0] + total[1] + total[2] + total[3];
  return isfinite(all) ? fmax(fmax(largest[0], largest[1]), fmax(largest[2], largest[3])) : NAN;
}

typedef struct sl_ode {
  sl_callbacks f;
  const double *theta, *x;
  const long *ints;
  long n, m;                           /* states, elements of theta */
  long columns, stride;                /* of S; from row to row */
  long size;                           /* of the coupled state: n (1 + stride) */
  double *jacobian_y, *jacobian_theta; /* n n, n m, by rows */
  double *row, *slope;                 /* n each: scratch */
  sl_workspace *workspace;
} sl_ode;

/* Rejects what no solver takes: sizes, times that do not increase, an initial time that is not before them, states that are
 * not finite, tolerances that are not positive. */
sl_status sl_ode_check(sl_callbacks f, const double *y0, const double *times, const double *tolerances, long n, long T,
                       long max_steps, sl_workspace *workspace);
sl_status sl_ode_too_many_steps(sl_callbacks f, double time, long max_steps, sl_workspace *workspace);
sl_status sl_ode_no_step(sl_callbacks f, double time, sl_workspace *workspace);

static inline long sl_ode_columns(const sl_callbacks *f, long n, long m) {
  return (f->state_is_active ? n : 0) + (f->theta_is_active ? m : 0);
}
static inline long sl_ode_stride(long columns) { return (columns + 3) & ~3l; }

/* The problem with its scratch memory, which is given back with everything that is taken after it. */
SL_ODE_INLINED sl_ode sl_ode_create(sl_callbacks f, const double *theta, const double *x, const long *ints, long n,
                                    long m, bool with_sensitivities, bool needs_jacobian, sl_workspace *workspace) {
  sl_ode p = {.f = f, .theta = theta, .x = x, .ints = ints, .n = n, .m = m, .workspace = workspace};
  p.columns = with_sensitivities ? sl_ode_columns(&f, n, m) : 0;
  p.stride = sl_ode_stride(p.columns);
  p.size = n * (1 + p.stride);
  if (!needs_jacobian && !p.columns) return p;
  p.jacobian_y = sl_take(workspace, n * n, sizeof(double));
  p.jacobian_theta = sl_take(workspace, n * m, sizeof(double));
  p.row = sl_take(workspace, n, sizeof(double));
  p.slope = sl_take(workspace, n, sizeof(double));
  return p;
}

/* Columns of S before those by theta. */
SL_ODE_INLINED long sl_ode_of_state(const sl_ode *p) { return p->f.state_is_active ? p->n : 0; }

/* dy and, by rows, both Jacobians at (t, y). */
static inline sl_status sl_ode_jacobian(const sl_ode *p, double t, const double *y, double *dy) {
  return sl_callback_jacobian(&p->f, p->n, p->m, p->m, &t, y, p->theta, p->x, p->ints, dy, p->jacobian_y,
                              p->jacobian_theta, p->row, p->workspace);
}

/* The adjoint of every solver: y0_adj += S_y0' a, theta_adj += S_theta' a, summed over times, where a is states_adj;
 * dy(T)/dT = f(T, y(T)) and dy(T)/dt0 = -S_y0(T) f(t0, y0). Adjoints that are not wanted are NULL. */
static inline void sl_ode_adjoint(sl_callbacks f, double *states, double *states_adj, const double *y0, double *y0_adj,
                                  const double *times, double *times_adj, const double *theta, double *theta_adj,
                                  const double *x, double *x_adj, const long *ints, double *ints_adj,
                                  const double *tolerances, double *tolerances_adj, long n, long T, long m,
                                  long max_steps, sl_workspace *workspace) {
  (void)x_adj, (void)ints_adj, (void)tolerances, (void)tolerances_adj, (void)max_steps;
  const long columns = sl_ode_columns(&f, n, m), stride = sl_ode_stride(columns), of_state = f.state_is_active ? n : 0;
  double *saved = sl_last_taken(workspace, T * stride * n, sizeof *saved);
  double *slope = sl_take(workspace, 2 * n, sizeof *slope), *initial_slope = slope + n;
  if (times_adj) f.value(initial_slope, times, y0, theta, x, ints, NULL, workspace);
  for (long k = 0; k < T; k++) {
    const double *a = states_adj + k * n, *s = saved + k * stride * n;
    for (long i = 0; i < n; i++, s += stride) {
      for (long c = 0; c < of_state && y0_adj; c++) y0_adj[c] += s[c] * a[i];
      for (long c = of_state; c < columns; c++) theta_adj[c - of_state] += s[c] * a[i];
      for (long c = 0; c < of_state && times_adj; c++) times_adj[0] -= s[c] * a[i] * initial_slope[c];
    }
    if (!times_adj) continue;
    f.value(slope, times + 1 + k, states + k * n, theta, x, ints, NULL, workspace);
    for (long i = 0; i < n; i++) times_adj[1 + k] += slope[i] * a[i];
  }
  workspace->top = (char *)saved;
}

#endif
