/* ode_radau.c: stiff initial value problems with their sensitivities, by Radau's implicit Runge-Kutta method of seven stages.
 *
 * A step from t to t + h is the polynomial of degree seven through the state y at t that satisfies the equations at seven nodes
 * (Hairer and Wanner 1996, IV.5): order 13 at the step's end, 7 in between, L-stable. Its increments z_i at the nodes solve
 *   z = h (A x I) f(y + z),
 * which A^-1 = T Lambda T^-1 takes apart into one real and three complex systems with the matrices lambda I - h J (ibid.,
 * IV.8), J the Jacobian at t: simplified Newton iterations for w = T^-1 z. The matrices are few, small and used often, so
 * they are inverted. First guesses are the last step's polynomial, continued.
 *
 * The sensitivities S are the derivatives of this very scheme (so staggered: they are solved for when the state is known).
 * Their equation is linear,
 *   z^S = h (A x I) (J_i (S + z_i^S) + P_i),   J_i, P_i: Jacobians by y and theta at the nodes,
 * and is iterated with the same four inverses.
 *
 * Error: the polynomial's defect vanishes at the nodes; at t it is d = f(t, y) - p'(t), and the error inside of the step is
 * at most 0.0174 h d to leading order. Four times this, times (I - h/gamma J)^-1 so that it stays bounded in stiff components
 * (ibid., IV.8, (8.20)), must be below the tolerances in every element of the state and the sensitivities: max |e| /
 * (absolute + relative |z|) <= 1. So the solution keeps the tolerances between steps, where output times lie; at the steps'
 * ends it is far better, and little adds up.
 *
 * Everything comes from the workspace. A state is kept in the first lane of a block for each element, so that state and
 * sensitivities (rows of blocks, ode.h) go through the same code. */
#include "runtime/ode_radau.h"
#include <float.h>
#include "runtime/ode_radau_method.h"
#include "runtime/processor.h"

typedef sl_ode_block block;
#define INLINED SL_ODE_INLINED

enum { MOST_ITERATIONS = 12 };
static const double enough = 0.03; /* error of the iterations, in tolerances */
static const double caution =
    4; /* the error is taken for so much larger: next to the nodes the defect hides a jump of f */

/* What is iterated together: n rows. Those by stage have STAGES times n rows. */
typedef struct columns {
  long blocks;             /* of a row */
  block *base, *slope;     /* at the step's beginning; the derivative there */
  block *weight;           /* 1 / (absolute + relative |base|) */
  block *z, *z_last, *w;   /* by stage: increments, those of the last step, and T^-1 z */
  block *derivative, *add; /* by stage: at the nodes, then right sides; scratch */
  block *error;
} columns;

typedef struct radau {
  const sl_ode *p;
  double relative, absolute;
  double t, h, h_last, error_last; /* h_last: 0 before the first step */
  columns state, sensitivities;    /* sensitivities.blocks == 0: none */
  double *y, *dy;                  /* scratch, n each */
  double *jacobian, *by_theta;     /* at the beginning and at the nodes: 1 + STAGES times n n, n stride */
  double *inverse_re, *inverse_im; /* 1 + PAIRS matrices n n: the real one first, its imaginary part zero */
  long *pivots;
} radau;

/* ---- memory ---- */

static columns columns_create(const sl_ode *p, long blocks) {
  columns c = {.blocks = blocks};
  block **const rows[] = {&c.base, &c.slope, &c.weight, &c.error};
  block **const by_stage[] = {&c.z, &c.z_last, &c.w, &c.derivative, &c.add};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) *rows[i] = sl_take_zeros(p->workspace, 4 * blocks * p->n);
  for (size_t i = 0; i < sizeof by_stage / sizeof *by_stage; i++)
    *by_stage[i] = sl_take_zeros(p->workspace, 4 * blocks * p->n * STAGES);
  return c;
}

static radau create(const sl_ode *p, const double *y0, double t0, const double *tolerances) {
  const long n = p->n;
  radau r = {.p = p, .relative = tolerances[0], .absolute = tolerances[1], .t = t0};
  r.state = columns_create(p, 1);
  if (p->columns) r.sensitivities = columns_create(p, p->stride / 4);
  r.y = sl_take_zeros(p->workspace, n), r.dy = sl_take_zeros(p->workspace, n);
  r.jacobian = sl_take_zeros(p->workspace, (1 + STAGES) * n * n),
  r.by_theta = sl_take_zeros(p->workspace, (1 + STAGES) * n * p->stride);
  r.inverse_re = sl_take_zeros(p->workspace, (1 + PAIRS) * n * n),
  r.inverse_im = sl_take_zeros(p->workspace, (1 + PAIRS) * n * n);
  r.pivots = sl_take(p->workspace, n, sizeof *r.pivots);
  for (long i = 0; i < n; i++) {
    r.state.base[i][0] = y0[i];
    if (p->columns && p->f.state_is_active) ((double *)(r.sensitivities.base + i * r.sensitivities.blocks))[i] = 1;
  }
  return r;
}

/* ---- the problem's functions ---- */

INLINED void state_at(const radau *r, long n, const block *z) {
  for (long j = 0; j < n; j++) r->y[j] = r->state.base[j][0] + (z ? z[j][0] : 0);
}

INLINED sl_status slopes(const radau *r, long n) {
  const sl_ode *p = r->p;
  for (int i = 0; i < STAGES; i++) {
    const double t = r->t + nodes[i] * r->h;
    state_at(r, n, r->state.z + i * n);
    sl_status status = p->f.value(r->dy, &t, r->y, p->theta, p->x, p->ints, NULL, p->workspace);
    if (status != SL_EVALUATED) return status;
    for (long j = 0; j < n; j++) r->state.derivative[i * n + j][0] = r->dy[j];
  }
  return SL_EVALUATED;
}

/* Both Jacobians at r->y, to the `which`th place (0: the beginning), and the derivative. */
INLINED sl_status jacobians(const radau *r, long n, int which, double t) {
  const sl_ode *p = r->p;
  const bool has_theta = p->columns && p->f.theta_is_active;
  double *by_theta = r->by_theta + which * n * p->stride + (sl_ode_of_state(p));
  return sl_callback_jacobian(&p->f, n, p->m, has_theta ? p->stride : p->m, &t, r->y, p->theta, p->x, p->ints, r->dy,
                              r->jacobian + which * n * n, has_theta ? by_theta : p->jacobian_theta, p->row,
                              p->workspace);
}

/* out = J (S + z) + P at the `which`th place; z is left out when NULL. */
INLINED void sensitivity_slope(const radau *r, long n, int which, const block *z, block *out) {
  const long blocks = r->sensitivities.blocks;
  const block *base = r->sensitivities.base, *by_theta = (const block *)(r->by_theta + which * n * r->p->stride);
  const double *jacobian = r->jacobian + which * n * n;
  for (long b = 0; b < blocks; b++)
    for (long i = 0; i < n; i++) {
      block sum = by_theta[i * blocks + b];
      for (long j = 0; j < n; j++) {
        block s = base[j * blocks + b];
        if (z) s += z[j * blocks + b];
        sum += jacobian[i * n + j] * s;
      }
      out[i * blocks + b] = sum;
    }
}

/* ---- linear algebra ---- */

/* A matrix by its inverse, in place, by Gauss and Jordan with pivots; false when there is none. */
INLINED bool invert(long n, double *re, double *im, long *pivots) {
  for (long p = 0; p < n; p++) {
    double largest = 0;
    long found = -1;
    for (long i = p; i < n; i++) {
      const double size = re[i * n + p] * re[i * n + p] + im[i * n + p] * im[i * n + p];
      if (size > largest) largest = size, found = i;
    }
    if (found < 0 || !isfinite(largest)) return false;
    pivots[p] = found;
    double *const row_re = re + p * n, *const row_im = im + p * n;
    for (long j = 0; j < n && found != p; j++) {
      const double a = row_re[j], b = row_im[j];
      row_re[j] = re[found * n + j], row_im[j] = im[found * n + j];
      re[found * n + j] = a, im[found * n + j] = b;
    }
    const double a = row_re[p] / largest, b = -row_im[p] / largest;
    row_re[p] = 1, row_im[p] = 0;
    for (long j = 0; j < n; j++) {
      const double x = row_re[j], y = row_im[j];
      row_re[j] = a * x - b * y, row_im[j] = a * y + b * x;
    }
    for (long i = 0; i < n; i++) {
      if (i == p) continue;
      const double c = re[i * n + p], d = im[i * n + p];
      re[i * n + p] = im[i * n + p] = 0;
      for (long j = 0; j < n; j++) {
        const double x = row_re[j], y = row_im[j];
        re[i * n + j] -= c * x - d * y, im[i * n + j] -= c * y + d * x;
      }
    }
  }
  for (long p = n - 1; p >= 0; p--)
    for (long i = 0; i < n && pivots[p] != p; i++) {
      double *const a = re + i * n, *const b = im + i * n, x = a[p], y = b[p];
      a[p] = a[pivots[p]], b[p] = b[pivots[p]];
      a[pivots[p]] = x, b[pivots[p]] = y;
    }
  return true;
}

/* (lambda I - h J)^-1 for each eigenvalue. */
INLINED bool invert_all(radau *r, long n) {
  for (int k = 0; k <= PAIRS; k++) {
    double *re = r->inverse_re + k * n * n, *im = r->inverse_im + k * n * n;
    for (long i = 0; i < n * n; i++) re[i] = -r->h * r->jacobian[i], im[i] = 0;
    for (long i = 0; i < n; i++) {
      re[i * n + i] += k ? pair_re[k - 1] : eigenvalue;
      im[i * n + i] = k ? pair_im[k - 1] : 0;
    }
    if (!invert(n, re, im, r->pivots)) return false;
  }
  return true;
}

/* One iteration, from the derivatives at the nodes: the size of what it adds to z. */
INLINED double improve(const radau *r, const columns *c, long n, long blocks) {
  const long rows = n * blocks, square = n * n;
  block *const f = c->derivative, *const w = c->w, *const add = c->add;
  for (long e = 0; e < rows; e++) { /* h T^-1 f - Lambda w */
    block g[STAGES];
#pragma GCC unroll 7
    for (int i = 0; i < STAGES; i++) g[i] = f[i * rows + e];
#pragma GCC unroll 7
    for (int k = 0; k < STAGES; k++) {
      block sum = t_inverse[k][0] * g[0];
#pragma GCC unroll 7
      for (int i = 1; i < STAGES; i++) sum += t_inverse[k][i] * g[i];
      f[k * rows + e] = r->h * sum;
    }
    f[e] -= eigenvalue * w[e];
#pragma GCC unroll 3
    for (int k = 0; k < PAIRS; k++) {
      const long a = (1 + 2 * k) * rows + e, b = a + rows;
      f[a] -= pair_re[k] * w[a] - pair_im[k] * w[b];
      f[b] -= pair_im[k] * w[a] + pair_re[k] * w[b];
    }
  }
  for (long b = 0; b < blocks; b++)
    for (long i = 0; i < n; i++) {
      block sum = {0};
      for (long j = 0; j < n; j++) sum += r->inverse_re[i * n + j] * f[j * blocks + b];
      add[i * blocks + b] = sum;
#pragma GCC unroll 3
      for (int k = 0; k < PAIRS; k++) {
        const double *re = r->inverse_re + (1 + k) * square + i * n, *im = r->inverse_im + (1 + k) * square + i * n;
        const block *x = f + (1 + 2 * k) * rows, *y = x + rows;
        block u = {0}, v = {0};
        for (long j = 0; j < n; j++) {
          u += re[j] * x[j * blocks + b] - im[j] * y[j * blocks + b];
          v += im[j] * x[j * blocks + b] + re[j] * y[j * blocks + b];
        }
        add[(1 + 2 * k) * rows + i * blocks + b] = u;
        add[(2 + 2 * k) * rows + i * blocks + b] = v;
      }
    }
  block largest = {0}, total = {0};
  for (long e = 0; e < rows; e++) {
    block d[STAGES];
#pragma GCC unroll 7
    for (int k = 0; k < STAGES; k++) d[k] = add[k * rows + e], w[k * rows + e] += d[k];
#pragma GCC unroll 7
    for (int i = 0; i < STAGES; i++) {
      block sum = t_matrix[i][0] * d[0];
#pragma GCC unroll 7
      for (int k = 1; k < STAGES; k++) sum += t_matrix[i][k] * d[k];
      c->z[i * rows + e] += sum;
      sum = sl_ode_magnitude(sum) * c->weight[e];
      largest = sl_ode_larger(sum, largest);
      total += sum;
    }
  }
  return sl_ode_largest_lane(largest, total);
}

/* ---- iterations ---- */

typedef enum { UNDECIDED, CONVERGED, FAILED } outcome;
typedef struct iterations {
  int count;
  double last;
} iterations;

/* After an iteration that moved the increments by `size`: the error that is left is rate / (1 - rate) of it. */
INLINED outcome judge(iterations *all, double size, double enough_here) {
  if (!isfinite(size)) return FAILED;
  const double rate = size / all->last;
  all->last = size;
  if (++all->count == 1) return size <= enough_here ? CONVERGED : UNDECIDED;
  if (rate >= 0.99) return FAILED;
  const double error = size * rate / (1 - rate);
  if (error <= enough_here) return CONVERGED;
  return error * pow(rate, MOST_ITERATIONS - all->count) > enough_here ? FAILED : UNDECIDED;
}

/* First guesses: the last step's polynomial, or a line where that is too far away. */
INLINED void guess(const radau *r, const columns *c, long n, long blocks) {
  const long rows = n * blocks;
  const double ratio = r->h_last > 0 ? r->h / r->h_last : INFINITY;
  if (ratio > 2) {
    for (int i = 0; i < STAGES; i++)
      for (long e = 0; e < rows; e++) c->z[i * rows + e] = nodes[i] * r->h * c->slope[e];
  } else {
    for (int i = 0; i < STAGES; i++) {
      double distance[STAGES], weights[STAGES], all = 1 + ratio * nodes[i];
      for (int j = 0; j < STAGES; j++) distance[j] = ratio * nodes[i] + (1 - nodes[j]), all *= distance[j];
      for (int j = 0; j < STAGES; j++) weights[j] = lagrange[j] * all / distance[j];
      weights[STAGES - 1] -= 1;
      for (long e = 0; e < rows; e++) {
        block sum = weights[0] * c->z_last[e];
        for (int j = 1; j < STAGES; j++) sum += weights[j] * c->z_last[j * rows + e];
        c->z[i * rows + e] = sum;
      }
    }
  }
  for (long e = 0; e < rows; e++)
    for (int k = 0; k < STAGES; k++) {
      block sum = t_inverse[k][0] * c->z[e];
      for (int i = 1; i < STAGES; i++) sum += t_inverse[k][i] * c->z[i * rows + e];
      c->w[k * rows + e] = sum;
    }
}

/* The error, and with `inside`, where an output time lies in the step, that of interpolation, which the filter would hide in
 * stiff components: largest_between h^8/8! times the eighth derivative, which is a difference of the seventh ones of this
 * step's polynomial and the last one's (their means: it is taken twice); where the last one has another scale, the seventh
 * itself. */
INLINED double error_of(const radau *r, const columns *c, long n, long blocks, bool inside) {
  const long rows = n * blocks;
  block largest = {0}, total = {0};
  const bool has_last = r->h_last > 0 && r->h <= 1.5 * r->h_last && r->h >= 0.1 * r->h_last;
  const double scale = has_last ? pow(r->h / r->h_last, STAGES) : 0,
               share = has_last ? 4 * r->h / (r->h + r->h_last) : 1;
  for (long e = 0; e < rows && inside; e++) {
    block sum = {0};
    for (int i = 0; i < STAGES; i++) sum += lagrange[i] * (c->z[i * rows + e] - scale * c->z_last[i * rows + e]);
    sum = sl_ode_magnitude(sum) * (largest_between / (1 + STAGES) * share) * c->weight[e];
    largest = sl_ode_larger(sum, largest);
    total += sum;
  }
  for (long e = 0; e < rows; e++) {
    block sum = r->h * c->slope[e];
    for (int i = 0; i < STAGES; i++) sum -= slope_at_start[i] * c->z[i * rows + e];
    c->error[e] = caution * error_constant * eigenvalue * sum;
  }
  for (long i = 0; i < n; i++)
    for (long b = 0; b < blocks; b++) {
      block sum = {0};
      for (long j = 0; j < n; j++) sum += r->inverse_re[i * n + j] * c->error[j * blocks + b];
      sum = sl_ode_magnitude(sum) * c->weight[i * blocks + b];
      largest = sl_ode_larger(sum, largest);
      total += sum;
    }
  return sl_ode_largest_lane(largest, total);
}

/* Solves for all increments of a step of h. Its error, and in *count the iterations; NaN when they do not converge. */
INLINED sl_status attempt(radau *r, long n, long blocks, bool inside, double *error, int *count) {
  const double enough_here = fmax(enough, 100 * DBL_EPSILON / r->relative);
  *error = NAN;
  *count = MOST_ITERATIONS;
  if (!invert_all(r, n)) return SL_EVALUATED;
  iterations of_state = {0}, of_sensitivities = {0};
  guess(r, &r->state, n, 1);
  for (outcome o = UNDECIDED; o != CONVERGED;) {
    sl_status status = slopes(r, n);
    if (status != SL_EVALUATED) return status;
    o = judge(&of_state, improve(r, &r->state, n, 1), enough_here);
    if (o == FAILED) return SL_EVALUATED;
  }
  double largest = error_of(r, &r->state, n, 1, inside);
  if (blocks && largest <= 1) {
    for (int i = 0; i < STAGES; i++) {
      state_at(r, n, r->state.z + i * n);
      sl_status status = jacobians(r, n, 1 + i, r->t + nodes[i] * r->h);
      if (status != SL_EVALUATED) return status;
    }
    guess(r, &r->sensitivities, n, blocks);
    for (outcome o = UNDECIDED; o != CONVERGED;) {
      for (int i = 0; i < STAGES; i++)
        sensitivity_slope(r, n, 1 + i, r->sensitivities.z + i * n * blocks,
                          r->sensitivities.derivative + i * n * blocks);
      o = judge(&of_sensitivities, improve(r, &r->sensitivities, n, blocks), enough_here);
      if (o == FAILED) return SL_EVALUATED;
    }
    const double of_these = error_of(r, &r->sensitivities, n, blocks, inside);
    if (!(of_these <= largest)) largest = of_these;
  }
  *error = largest;
  *count = of_state.count;
  return SL_EVALUATED;
}

/* ---- steps ---- */

INLINED void weigh(const radau *r, const columns *c, long rows) {
  for (long e = 0; e < rows; e++) c->weight[e] = 1 / (r->absolute + r->relative * sl_ode_magnitude(c->base[e]));
}

/* The derivative at the step's beginning and what follows from the state there. `which` is where the Jacobians stand. */
INLINED void begin(const radau *r, long n, long blocks, int which) {
  const long square = n * n, stride = n * r->p->stride;
  for (long j = 0; j < n; j++) r->state.slope[j][0] = r->dy[j];
  if (which) memcpy(r->jacobian, r->jacobian + which * square, (size_t)square * sizeof(double));
  if (which) memcpy(r->by_theta, r->by_theta + which * stride, (size_t)stride * sizeof(double));
  weigh(r, &r->state, n);
  if (!blocks) return;
  weigh(r, &r->sensitivities, n * blocks);
  sensitivity_slope(r, n, 0, NULL, r->sensitivities.slope);
}

/* A first step: the derivative times it is small against state and tolerances. Hairer, Norsett and Wanner (1993), II.4. */
INLINED double first_step(const radau *r, long n, double interval) {
  double size = 0, slope = 0;
  for (long j = 0; j < n; j++) {
    size = fmax(size, fabs(r->state.base[j][0]) * r->state.weight[j][0]);
    slope = fmax(slope, fabs(r->state.slope[j][0]) * r->state.weight[j][0]);
  }
  double h = size < 1e-5 || !(slope > 1e-5) ? 1e-3 * interval : 0.01 * size / slope;
  if (slope > 0) h = fmin(100 * h, pow(0.01 / slope, 1.0 / (1 + STAGES)));
  return fmin(h, interval);
}

INLINED void advance(columns *c, long rows) {
  for (long e = 0; e < rows; e++) c->base[e] += c->z[(STAGES - 1) * rows + e];
  block *z = c->z;
  c->z = c->z_last;
  c->z_last = z;
}

/* The polynomial of the step from r->t, at r->t + x h. */
INLINED void interpolate(const radau *r, long n, long blocks, double x, double *state, double *sensitivities) {
  double weights[STAGES], before = x, after = 1;
  for (int j = 0; j < STAGES; before *= x - nodes[j++]) weights[j] = lagrange[j] * before;
  for (int j = STAGES - 1; j >= 0; after *= x - nodes[j--]) weights[j] *= after;
  for (long j = 0; j < n; j++) {
    double sum = r->state.base[j][0];
    for (int i = 0; i < STAGES; i++) sum += weights[i] * r->state.z[i * n + j][0];
    state[j] = sum;
  }
  for (long e = 0; e < n * blocks; e++) {
    block sum = r->sensitivities.base[e];
    for (int i = 0; i < STAGES; i++) sum += weights[i] * r->sensitivities.z[i * n * blocks + e];
    ((block *)sensitivities)[e] = sum;
  }
}

/* By how much the next step is longer: the error is of order h^8, and goes on changing as it did since the last step
 * (Gustafsson 1994; Hairer and Wanner 1996, IV.8, (8.25)). Many iterations speak for less. */
INLINED double growth(const radau *r, double error, int count) {
  const double safety = 0.9 * (2 * MOST_ITERATIONS + 1) / (2 * MOST_ITERATIONS + count), order = 1 + STAGES;
  error = fmax(error, 1e-10);
  double trend = 1;
  if (r->h_last > 0) trend = r->h / r->h_last * pow(r->error_last / error, 1 / order);
  return fmin(fmax(safety * pow(error, -1 / order) * fmin(trend, 1.2), 0.2), 20);
}

/* The same after an error above 1. Where f jumps, the error falls no faster than h: two tries show the order. */
INLINED double shrinking(double error, double error_before, double ratio) {
  double order = 1 + STAGES;
  if (error_before > error) order = fmin(fmax(log(error_before / error) / -log(ratio), 0.5), order);
  return fmin(fmax(0.9 * pow(error, -1 / order), error_before > error ? 1e-4 : 0.1), 0.9);
}

INLINED sl_status run(radau *r, long n, long blocks, const double *times, long T, long max_steps, double *states,
                      double *saved) {
  const sl_ode *p = r->p;
  const double last = times[T];
  state_at(r, n, NULL);
  sl_status status = jacobians(r, n, 0, r->t);
  if (status != SL_EVALUATED) return status;
  begin(r, n, blocks, 0);
  r->h = first_step(r, n, last - r->t);
  double error_before = 0, ratio = 1; /* of the try before, when it failed by its error; h over its h */
  bool is_repeated = false;
  for (long k = 0, steps = 0; k < T;) {
    if (steps == max_steps) return sl_ode_too_many_steps(p->f, times[1 + k], max_steps, p->workspace);
    const double rest = last - r->t;
    const bool ends = r->h >= 0.99 * rest;
    if (ends) r->h = rest;
    double error;
    int count;
    status = attempt(r, n, blocks, times[1 + k] < (ends ? last : r->t + r->h), &error, &count);
    if (status == SL_FATAL) return status;
    if (status != SL_EVALUATED || !(error <= 1)) {
      const bool has_error = status == SL_EVALUATED && error > 1;
      ratio = has_error ? shrinking(error, error_before, ratio) : 0.3;
      r->h *= ratio;
      error_before = has_error ? error : 0;
      is_repeated = true;
      if (r->t + 0.1 * r->h != r->t) continue;
      return status == SL_EVALUATED ? sl_ode_no_step(p->f, r->t, p->workspace) : status;
    }
    const double end = ends ? last : r->t + r->h;
    for (steps++; k < T && times[1 + k] <= end; k++, steps = 0)
      interpolate(r, n, blocks, ends && times[1 + k] == end ? 1 : (times[1 + k] - r->t) / r->h, states + k * n,
                  saved + k * n * p->stride);
    double factor = growth(r, error, count);
    if (is_repeated) factor = fmin(factor, 1);
    advance(&r->state, n);
    if (blocks) advance(&r->sensitivities, n * blocks);
    r->t = end;
    r->h_last = r->h;
    r->error_last = fmax(error, 0.01);
    r->h *= factor;
    is_repeated = false;
    error_before = 0;
    if (k == T) break;
    if (!blocks) {
      state_at(r, n, NULL);
      status = jacobians(r, n, 0, r->t);
      if (status != SL_EVALUATED) return status;
    }
    begin(r, n, blocks, blocks ? STAGES : 0);
  }
  return SL_EVALUATED;
}

SL_FOR_EACH_PROCESSOR
sl_status sl_radau_solve(const sl_ode *p, const double *y0, const double *times, const double *tolerances, long T,
                         long max_steps, double *states, double *saved) {
  radau r = create(p, y0, times[0], tolerances);
  return run(&r, p->n, r.sensitivities.blocks, times, T, max_steps, states, saved);
}
