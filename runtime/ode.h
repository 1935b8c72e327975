/* ode.h: initial value problems y' = f(t, y; theta): what the solvers share.
 *
 * A solver is a kernel:
 *   states[T,n] = solver(y0[n], times[1+T], theta[m], x, ints, tolerances[2]; n T m max_steps)
 * states are time by time; times[0] is the initial time; tolerances are relative and absolute; max_steps bounds the steps
 * between two times. The forward form solves, along with the states, for their sensitivities S = dy/dp,
 *   S' = J_y S + J_p,   S(t0) = I for p = y0, 0 for p = theta,
 * whose Jacobians come from the adjoint of f, a row for each state (Stan's coupled system, Carpenter et al. 2015, section 13).
 * The coupled state is y, then S column by column: those of y0, if they are wanted, then those of theta. S at each
 * time stays on the arena's stack for the adjoint. */
#ifndef STANLITE_RUNTIME_ODE_H
#define STANLITE_RUNTIME_ODE_H
#include <string.h>
#include "runtime/callback.h"
#include "runtime/generated.h"

typedef struct sl_ode {
  sl_callbacks f;
  const double *theta, *x;
  const long *ints;
  long n, m;                                 /* states, elements of theta */
  long columns;                              /* of S */
  long size;                                 /* of the coupled state: n (1 + columns) */
  double *jacobian_y, *jacobian_theta, *row; /* n n, n m, by rows; n */
  sl_workspace *workspace;
} sl_ode;

/* Rejects what no solver takes: sizes, times that do not increase, an initial time that is not before them, states that are
 * not finite, tolerances that are not positive. */
sl_status sl_ode_check(const sl_callbacks *f, const double *y0, const double *times, const double *tolerances, long n,
                       long T, long max_steps, sl_workspace *workspace);
sl_status sl_ode_too_many_steps(const sl_callbacks *f, double time, long max_steps, sl_workspace *workspace);
sl_status sl_ode_no_step(const sl_callbacks *f, double time, sl_workspace *workspace);

static inline long sl_ode_columns(const sl_callbacks *f, long n, long m) {
  return (f->state_is_active ? n : 0) + (f->theta_is_active ? m : 0);
}

/* The problem with its scratch memory, which is given back with everything that is taken after it. */
static inline sl_ode sl_ode_create(sl_callbacks f, const double *theta, const double *x, const long *ints, long n,
                                   long m, bool with_sensitivities, bool needs_jacobian, sl_workspace *workspace) {
  sl_ode p = {.f = f, .theta = theta, .x = x, .ints = ints, .n = n, .m = m, .workspace = workspace};
  p.columns = with_sensitivities ? sl_ode_columns(&f, n, m) : 0;
  p.size = n * (1 + p.columns);
  if (!needs_jacobian && !p.columns) return p;
  p.jacobian_y = sl_take(workspace, n * n, sizeof(double));
  p.jacobian_theta = sl_take(workspace, n * m, sizeof(double));
  p.row = sl_take(workspace, n, sizeof(double));
  return p;
}

static inline void sl_ode_start(const sl_ode *p, const double *y0, double *z) {
  memcpy(z, y0, (size_t)p->n * sizeof *z);
  memset(z + p->n, 0, (size_t)(p->n * p->columns) * sizeof *z);
  if (p->f.state_is_active && p->columns)
    for (long i = 0; i < p->n; i++) z[p->n + i * p->n + i] = 1;
}

/* dy and, by rows, both Jacobians at (t, y). */
static inline sl_status sl_ode_jacobian(const sl_ode *p, double t, const double *y, double *dy) {
  return sl_callback_jacobian(&p->f, p->n, p->m, &t, y, p->theta, p->x, p->ints, dy, p->jacobian_y, p->jacobian_theta,
                              p->row, p->workspace);
}

/* The derivative of column c of S, where the Jacobians are those of this time. */
static inline void sl_ode_sensitivity(const sl_ode *p, long c, const double *s, double *ds) {
  const long n = p->n, of_state = p->f.state_is_active ? n : 0;
  for (long i = 0; i < n; i++) {
    double sum = c < of_state ? 0 : p->jacobian_theta[i * p->m + c - of_state];
    for (long j = 0; j < n; j++) sum += p->jacobian_y[i * n + j] * s[j];
    ds[i] = sum;
  }
}

/* The derivative of the coupled state. */
static inline sl_status sl_ode_derivative(const sl_ode *p, double t, const double *z, double *dz) {
  if (!p->columns) return p->f.value(dz, &t, z, p->theta, p->x, p->ints, NULL, p->workspace);
  sl_status status = sl_ode_jacobian(p, t, z, dz);
  const long n = p->n;
  for (long c = 1; status == SL_EVALUATED && c <= p->columns; c++) sl_ode_sensitivity(p, c - 1, z + c * n, dz + c * n);
  return status;
}

/* The state to where it is kept: y and S of one time. */
static inline void sl_ode_keep(const sl_ode *p, const double *z, long k, double *states, double *sensitivities) {
  memcpy(states + k * p->n, z, (size_t)p->n * sizeof *z);
  const long count = p->n * p->columns;
  if (count) memcpy(sensitivities + k * count, z + p->n, (size_t)count * sizeof *z);
}

/* The adjoint of every solver: y0_adj += S_y0' a, theta_adj += S_theta' a, summed over times, where a is states_adj;
 * dy(T)/dT = f(T, y(T)) and dy(T)/dt0 = -S_y0(T) f(t0, y0). Adjoints that are not wanted are NULL. */
static inline void sl_ode_adjoint(sl_callbacks f, double *states, double *states_adj, const double *y0, double *y0_adj,
                                  const double *times, double *times_adj, const double *theta, double *theta_adj,
                                  const double *x, double *x_adj, const long *ints, double *ints_adj,
                                  const double *tolerances, double *tolerances_adj, long n, long T, long m,
                                  long max_steps, sl_workspace *workspace) {
  (void)x_adj, (void)ints_adj, (void)tolerances, (void)tolerances_adj, (void)max_steps;
  const long columns = sl_ode_columns(&f, n, m), of_state = f.state_is_active ? n : 0;
  double *saved = sl_last_taken(workspace, T * columns * n, sizeof *saved);
  double *slope = sl_take(workspace, 2 * n, sizeof *slope), *initial_slope = slope + n;
  if (times_adj) f.value(initial_slope, times, y0, theta, x, ints, NULL, workspace);
  for (long k = 0; k < T; k++) {
    const double *a = states_adj + k * n, *s = saved + k * columns * n;
    for (long c = 0; c < columns; c++) {
      double sum = 0;
      for (long i = 0; i < n; i++) sum += s[c * n + i] * a[i];
      if (c >= of_state)
        theta_adj[c - of_state] += sum;
      else if (y0_adj)
        y0_adj[c] += sum;
      if (times_adj && c < of_state) times_adj[0] -= sum * initial_slope[c];
    }
    if (!times_adj) continue;
    f.value(slope, times + 1 + k, states + k * n, theta, x, ints, NULL, workspace);
    for (long i = 0; i < n; i++) times_adj[1 + k] += slope[i] * a[i];
  }
  workspace->top = (char *)saved;
}

#endif
