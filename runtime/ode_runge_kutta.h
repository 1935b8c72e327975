/* ode_runge_kutta.h: ode_rk45 (Dormand and Prince 5(4)) and ode_ckrk (Cash and Karp 5(4)), as kernels of ode.h.
 *
 * Steps and step sizes are those of Stan, which solves with Boost.Odeint 1.72: the first step is 0.1; the error of a step is
 *   max |h e| / (absolute + relative (|z| + |h z'|))   over the whole coupled state, z and z' at the step's beginning;
 * a step with an error above 1 is tried again with h max(0.9 error^(-1/3), 1/5), after one below 1/2 h grows by
 * 0.9 max(error, 5^-5)^(-1/5). rk45 steps over the times and interpolates; ckrk ends a step at each.
 *
 * All of it is in the header, so that the C compiler can put the right-hand side where it is called. */
#ifndef STANLITE_RUNTIME_ODE_RUNGE_KUTTA_H
#define STANLITE_RUNTIME_ODE_RUNGE_KUTTA_H
#include <float.h>
#include "runtime/ode.h"

enum { SL_RK_STAGES = 7, SL_RK_TRIES = 500 };

typedef struct sl_tableau {
  int stages;                                  /* a seventh is the derivative at the new state */
  double c[6], a[6][5], b[6], e[SL_RK_STAGES]; /* e = b - b*, of the embedded method of order 4 */
} sl_tableau;

/* Dormand and Prince (1980), table 2; Hairer, Norsett and Wanner (1993), II.5, table 5.2. */
static const sl_tableau sl_dormand_prince = {
    7,
    {0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1},
    {{0},
     {1.0 / 5},
     {3.0 / 40, 9.0 / 40},
     {44.0 / 45, -56.0 / 15, 32.0 / 9},
     {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
     {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656}},
    {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84},
    {35.0 / 384 - 5179.0 / 57600, 0, 500.0 / 1113 - 7571.0 / 16695, 125.0 / 192 - 393.0 / 640,
     -2187.0 / 6784 + 92097.0 / 339200, 11.0 / 84 - 187.0 / 2100, -1.0 / 40}};

/* Cash and Karp (1990), table 1 and equation (4). */
static const sl_tableau sl_cash_karp = {6,
                                        {0, 1.0 / 5, 3.0 / 10, 3.0 / 5, 1, 7.0 / 8},
                                        {{0},
                                         {1.0 / 5},
                                         {3.0 / 40, 9.0 / 40},
                                         {3.0 / 10, -9.0 / 10, 6.0 / 5},
                                         {-11.0 / 54, 5.0 / 2, -70.0 / 27, 35.0 / 27},
                                         {1631.0 / 55296, 175.0 / 512, 575.0 / 13824, 44275.0 / 110592, 253.0 / 4096}},
                                        {37.0 / 378, 0, 250.0 / 621, 125.0 / 594, 0, 512.0 / 1771},
                                        {37.0 / 378 - 2825.0 / 27648, 0, 250.0 / 621 - 18575.0 / 48384,
                                         125.0 / 594 - 13525.0 / 55296, -277.0 / 14336, 512.0 / 1771 - 1.0 / 4, 0}};

/* What moves together: the state, or the sensitivities. They stay apart so that a stage's state is known, and its Jacobians
 * on their way, long before its sensitivities are asked for: those are a chain of vector operations without calls. */
typedef struct sl_rk_part {
  long blocks;                          /* filled up with zeros */
  sl_ode_block *z, *z_old, *difference; /* now, before the last step, and scratch */
  sl_ode_block *at[SL_RK_STAGES];       /* the stages; at[6]: the new z */
  sl_ode_block *k[SL_RK_STAGES];        /* derivatives; k[0] at z_old, and k[6] at z after a step of seven stages */
} sl_rk_part;

typedef struct sl_rk {
  sl_ode problem;
  double relative, absolute;
  double t, h;                    /* where the state stands; the size of the next step */
  double t_old;                   /* where it stood before the last step */
  sl_rk_part y, s;                /* the state and, by rows, its sensitivities */
  double *by_y[SL_RK_STAGES];     /* Jacobians at the stages: n n */
  double *by_theta[SL_RK_STAGES]; /* n stride, in the columns of S */
  bool has_first;                 /* k[0] holds the derivatives at z */
} sl_rk;

SL_ODE_INLINED void sl_rk_swap(sl_ode_block **a, sl_ode_block **b) {
  sl_ode_block *c = *a;
  *a = *b;
  *b = c;
}

/* out = from + h (w[0] k[0] + w[1] k[1] ...). `terms` is a constant wherever this is used. */
SL_ODE_INLINED void sl_rk_move(const sl_rk_part *p, const sl_ode_block *from, double h, int terms, const double *w,
                               sl_ode_block *out) {
  for (long b = 0; b < p->blocks; b++) {
    sl_ode_block sum = w[0] * p->k[0][b];
    if (terms > 1) sum += w[1] * p->k[1][b];
    if (terms > 2) sum += w[2] * p->k[2][b];
    if (terms > 3) sum += w[3] * p->k[3][b];
    if (terms > 4) sum += w[4] * p->k[4][b];
    if (terms > 5) sum += w[5] * p->k[5][b];
    if (terms > 6) sum += w[6] * p->k[6][b];
    out[b] = from[b] + h * sum;
  }
}

/* The derivatives of the states at a stage. */
SL_ODE_INLINED sl_status sl_rk_state_slope(const sl_rk *s, double t, int stage) {
  const sl_ode *p = &s->problem;
  return p->f.value((double *)s->y.k[stage], &t, (const double *)s->y.at[stage], p->theta, p->x, p->ints, NULL,
                    p->workspace);
}

/* S' = J_y S + J_theta at a stage. */
SL_ODE_INLINED void sl_rk_sensitivity_slope(const sl_rk *s, int stage) {
  const long n = s->problem.n, blocks = s->problem.stride / 4;
  const double *by_y = s->by_y[stage];
  const sl_ode_block *by_theta = (const sl_ode_block *)s->by_theta[stage], *at = s->s.at[stage];
  for (long i = 0; i < n; i++)
    for (long b = 0; b < blocks; b++) {
      sl_ode_block sum = by_theta[i * blocks + b];
#pragma GCC unroll 4
      for (long j = 0; j < n; j++) sum += by_y[i * n + j] * at[j * blocks + b];
      s->s.k[stage][i * blocks + b] = sum;
    }
}

/* The largest error of a part, by the norm above; NaN where one is NaN or infinite. */
SL_ODE_INLINED double sl_rk_error(const sl_rk *s, const sl_rk_part *p, const sl_tableau *tableau) {
  sl_ode_block largest = {0}, total = {0};
  for (long b = 0; b < p->blocks; b++) p->difference[b] = (sl_ode_block){0};
  sl_rk_move(p, p->difference, s->h, tableau->stages, tableau->e, p->difference);
  for (long b = 0; b < p->blocks; b++) {
    sl_ode_block scale = sl_ode_magnitude(p->z[b]) + sl_ode_magnitude(s->h * p->k[0][b]);
    sl_ode_block ratio = sl_ode_magnitude(p->difference[b]) / (s->absolute + s->relative * scale);
    largest = sl_ode_larger(ratio, largest);
    total += ratio;
  }
  return sl_ode_largest_lane(largest, total);
}

/* One try of a step of h from z; *error is its error by the norm above. */
SL_ODE_INLINED sl_status sl_rk_try(sl_rk *s, const sl_tableau *tableau, double *error) {
  sl_status status = SL_EVALUATED;
  const int first = s->has_first ? 1 : 0;
  s->y.at[0] = s->y.z, s->s.at[0] = s->s.z;
  if (!s->has_first) status = sl_rk_state_slope(s, s->t, 0);
#pragma GCC unroll 5
  for (int stage = 1; stage < 6; stage++) {
    if (status != SL_EVALUATED) return status;
    sl_rk_move(&s->y, s->y.z, s->h, stage, tableau->a[stage], s->y.at[stage]);
    status = sl_rk_state_slope(s, s->t + tableau->c[stage] * s->h, stage);
  }
  if (status != SL_EVALUATED) return status;
  sl_rk_move(&s->y, s->y.z, s->h, 6, tableau->b, s->y.at[6]);
  if (tableau->stages == 7) status = sl_rk_state_slope(s, s->t + s->h, 6);
  if (status != SL_EVALUATED) return status;
  s->has_first = true;
  *error = sl_rk_error(s, &s->y, tableau);
  if (!s->problem.columns) return SL_EVALUATED;
  for (int stage = first; stage < tableau->stages; stage++) {
    const sl_ode *p = &s->problem;
    const double t = s->t + (stage < 6 ? tableau->c[stage] : 1) * s->h;
    double *by_theta = p->f.theta_is_active ? s->by_theta[stage] + sl_ode_of_state(p) : p->jacobian_theta;
    status = sl_callback_jacobian(&p->f, p->n, p->m, p->f.theta_is_active ? p->stride : p->m, &t,
                                  (const double *)s->y.at[stage], p->theta, p->x, p->ints, p->slope, s->by_y[stage],
                                  by_theta, p->row, p->workspace);
    if (status != SL_EVALUATED) return status;
  }
  if (!first) sl_rk_sensitivity_slope(s, 0);
#pragma GCC unroll 5
  for (int stage = 1; stage < 6; stage++) {
    sl_rk_move(&s->s, s->s.z, s->h, stage, tableau->a[stage], s->s.at[stage]);
    sl_rk_sensitivity_slope(s, stage);
  }
  sl_rk_move(&s->s, s->s.z, s->h, 6, tableau->b, s->s.at[6]);
  if (tableau->stages == 7) sl_rk_sensitivity_slope(s, 6);
  const double of_sensitivities = sl_rk_error(s, &s->s, tableau);
  if (!(of_sensitivities <= *error)) *error = of_sensitivities; /* NaN stays */
  return SL_EVALUATED;
}

/* Whether the step is taken; h is then what the next one should be. */
static inline bool sl_rk_adjust(double *h, double error) {
  if (!(error <= 1)) { /* NaN is no good step either */
    *h *= fmax(error > 1 ? 0.9 * pow(error, -1.0 / 3) : 0, 0.2);
    return false;
  }
  if (error < 0.5) *h *= 0.9 * pow(fmax(error, 1.0 / 3125), -1.0 / 5);
  return true;
}

SL_ODE_INLINED sl_rk_part sl_rk_part_create(const sl_ode *p, long blocks) {
  sl_rk_part all = {.blocks = blocks};
  all.z = sl_take_zeros(p->workspace, 4 * blocks), all.z_old = sl_take_zeros(p->workspace, 4 * blocks);
  all.difference = sl_take_zeros(p->workspace, 4 * blocks);
  for (int i = 0; i < SL_RK_STAGES; i++)
    all.at[i] = i ? sl_take_zeros(p->workspace, 4 * blocks) : NULL, all.k[i] = sl_take_zeros(p->workspace, 4 * blocks);
  return all;
}

SL_ODE_INLINED sl_rk sl_rk_create(sl_ode p, const double *y0, double t0, const double *tolerances) {
  sl_rk s = {.problem = p, .relative = tolerances[0], .absolute = tolerances[1], .t = t0, .h = 0.1};
  s.y = sl_rk_part_create(&p, (p.n + 3) / 4);
  memcpy(s.y.z, y0, (size_t)p.n * sizeof(double));
  if (!p.columns) return s;
  s.s = sl_rk_part_create(&p, p.n * p.stride / 4);
  for (int i = 0; i < SL_RK_STAGES; i++)
    s.by_y[i] = sl_take_zeros(p.workspace, p.n * p.n), s.by_theta[i] = sl_take_zeros(p.workspace, p.n * p.stride);
  for (long i = 0; i < p.n && p.f.state_is_active; i++) ((double *)s.s.z)[i * p.stride + i] = 1;
  return s;
}

/* After a step that is taken. */
SL_ODE_INLINED void sl_rk_advance(sl_rk *s) {
  sl_rk_swap(&s->y.z, &s->y.z_old);
  sl_rk_swap(&s->y.z, &s->y.at[6]);
  sl_rk_swap(&s->s.z, &s->s.z_old);
  sl_rk_swap(&s->s.z, &s->s.at[6]);
}

/* Hairer, Norsett and Wanner (1993), II.6, equation (6.13)ff.: continuous extension of order 4 between t_old and t. */
SL_ODE_INLINED void sl_rk_interpolate(const sl_rk *s, double time, sl_ode_block *y, sl_ode_block *sensitivities) {
  const double h = s->t - s->t_old, u = (time - s->t_old) / h, *const b = sl_dormand_prince.b;
  const double x1 = 5 * (2558722523 - 31403016 * u) / 11282082432, x3 = 100 * (882725551 - 15701508 * u) / 32700410799,
               x4 = 25 * (443332067 - 31403016 * u) / 1880347072, x5 = 32805 * (23143187 - 3489224 * u) / 199316789632,
               x6 = 55 * (29972135 - 7076736 * u) / 822651844, x7 = 10 * (7414447 - 829305 * u) / 29380423;
  const double rise = u * u * (3 - 2 * u), end = u * u * (u - 1), bump = end * (u - 1), start = u * (u - 1) * (u - 1);
  const double w[] = {rise * b[0] - bump * x1 + start,
                      0,
                      rise * b[2] + bump * x3,
                      rise * b[3] - bump * x4,
                      rise * b[4] + bump * x5,
                      rise * b[5] - bump * x6,
                      end + bump * x7};
  sl_rk_move(&s->y, s->y.z_old, h, SL_RK_STAGES, w, y);
  sl_rk_move(&s->s, s->s.z_old, h, SL_RK_STAGES, w, sensitivities);
}

/* A step that is short enough. */
SL_ODE_INLINED sl_status sl_rk45_step(sl_rk *s) {
  for (int tries = 0; tries < SL_RK_TRIES; tries++) {
    double error, taken = s->h;
    sl_status status = sl_rk_try(s, &sl_dormand_prince, &error);
    if (status != SL_EVALUATED) return status;
    if (!sl_rk_adjust(&s->h, error)) continue;
    s->t_old = s->t;
    s->t += taken;
    sl_rk_advance(s);
    return SL_EVALUATED;
  }
  return sl_ode_no_step(s->problem.f, s->t, s->problem.workspace);
}

SL_ODE_INLINED sl_status sl_rk45_run(sl_ode p, const double *y0, const double *times, const double *tolerances, long T,
                                     long max_steps, double *states, double *sensitivities) {
  sl_rk s = sl_rk_create(p, y0, times[0], tolerances);
  const double last = times[T];
  sl_ode_block *between = sl_take_zeros(p.workspace, 4 * s.y.blocks);
  const long count = p.columns ? p.n * p.stride : 0;
  for (long k = 0, steps = 0;;) {
    while (k < T && times[1 + k] - s.t <= DBL_EPSILON) {
      sl_rk_interpolate(&s, times[1 + k], between, (sl_ode_block *)(sensitivities + k * count));
      memcpy(states + k++ * p.n, between, (size_t)p.n * sizeof(double));
      steps = 0;
    }
    if (k == T) return SL_EVALUATED;
    if (s.t > times[0]) { /* the derivative at the end of one step is that at the beginning of the next */
      sl_rk_swap(&s.y.k[0], &s.y.k[6]);
      sl_rk_swap(&s.s.k[0], &s.s.k[6]);
      s.has_first = true;
    }
    if (!(s.t + s.h - last <= DBL_EPSILON)) s.h = last - s.t;
    sl_status status = sl_rk45_step(&s);
    if (status != SL_EVALUATED) return status;
    if (steps++ >= max_steps) return sl_ode_too_many_steps(p.f, times[1 + k], max_steps, p.workspace);
  }
}

SL_ODE_INLINED sl_status sl_ckrk_run(sl_ode p, const double *y0, const double *times, const double *tolerances, long T,
                                     long max_steps, double *states, double *sensitivities) {
  sl_rk s = sl_rk_create(p, y0, times[0], tolerances);
  double wanted = s.h; /* steps that end at a time may be shorter */
  for (long k = 0; k < T; k++) {
    int tries = 0;
    for (long steps = 0; times[1 + k] - s.t > DBL_EPSILON;) {
      double error, taken = s.h = fmin(wanted, times[1 + k] - s.t);
      sl_status status = sl_rk_try(&s, &sl_cash_karp, &error);
      if (status != SL_EVALUATED) return status;
      if (!sl_rk_adjust(&s.h, error)) {
        if (++tries == SL_RK_TRIES) return sl_ode_no_step(p.f, s.t, p.workspace);
        wanted = s.h;
        continue;
      }
      tries = 0;
      wanted = fmax(wanted, s.h);
      s.t += taken;
      sl_rk_advance(&s);
      s.has_first = false;
      if (steps++ >= max_steps) return sl_ode_too_many_steps(p.f, times[1 + k], max_steps, p.workspace);
    }
    memcpy(states + k * p.n, s.y.z, (size_t)p.n * sizeof(double));
    const long count = p.columns ? p.n * p.stride : 0;
    if (count) memcpy(sensitivities + k * count, s.s.z, (size_t)count * sizeof(double));
  }
  return SL_EVALUATED;
}

/* ---- the kernels ---- */

#define SL_ODE_SOLVER(name, run)                                                                                       \
  SL_ODE_INLINED sl_status sl_##name##_with(sl_callbacks f, double *states, const double *y0, const double *times,     \
                                            const double *theta, const double *x, const long *ints,                    \
                                            const double *tolerances, long n, long T, long m, long max_steps,          \
                                            bool with_sensitivities, sl_workspace *workspace) {                        \
    sl_status status = sl_ode_check(f, y0, times, tolerances, n, T, max_steps, workspace);                             \
    if (status != SL_EVALUATED) return status;                                                                         \
    double *sensitivities = NULL;                                                                                      \
    if (with_sensitivities)                                                                                            \
      sensitivities = sl_take(workspace, T * sl_ode_stride(sl_ode_columns(&f, n, m)) * n, sizeof *sensitivities);      \
    char *top = workspace->top;                                                                                        \
    sl_ode p = sl_ode_create(f, theta, x, ints, n, m, with_sensitivities, false, workspace);                           \
    status = run(p, y0, times, tolerances, T, max_steps, states, sensitivities);                                       \
    workspace->top = top;                                                                                              \
    return status;                                                                                                     \
  }                                                                                                                    \
  static inline sl_status sl_##name(sl_callbacks f, double *states, const double *y0, const double *times,             \
                                    const double *theta, const double *x, const long *ints, const double *tolerances,  \
                                    long n, long T, long m, long max_steps, sl_workspace *workspace) {                 \
    return sl_##name##_with(f, states, y0, times, theta, x, ints, tolerances, n, T, m, max_steps, false, workspace);   \
  }                                                                                                                    \
  static inline sl_status sl_##name##_forward(                                                                         \
      sl_callbacks f, double *states, const double *y0, const double *times, const double *theta, const double *x,     \
      const long *ints, const double *tolerances, long n, long T, long m, long max_steps, sl_workspace *workspace) {   \
    return sl_##name##_with(f, states, y0, times, theta, x, ints, tolerances, n, T, m, max_steps, true, workspace);    \
  }

SL_ODE_SOLVER(ode_rk45, sl_rk45_run)
SL_ODE_SOLVER(ode_ckrk, sl_ckrk_run)
#define sl_ode_rk45_adjoint sl_ode_adjoint
#define sl_ode_ckrk_adjoint sl_ode_adjoint

#endif
