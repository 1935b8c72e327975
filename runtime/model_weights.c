/* model_weights.c: see model_weights.h. */
#include "runtime/model_weights.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void sl_akaike_weights(const double *elpd, size_t model_count, double *weights) {
  double most = -INFINITY, sum = 0;
  for (size_t k = 0; k < model_count; k++) most = fmax(most, elpd[k]);
  for (size_t k = 0; k < model_count; k++) sum += weights[k] = exp(elpd[k] - most);
  for (size_t k = 0; k < model_count; k++) weights[k] /= sum;
}

/* The problem and one Newton step's quantities; K models, N observations. */
typedef struct stacking {
  size_t models, count;
  double *density;  /* [i * models + k]: exp(elpd[k][i]), relative to the best model's */
  double *gradient; /* models */
  double *hessian;  /* models * models; its Cholesky factor after `factor` */
  double *step, *ones;
} stacking;

/* mean log(density w) + barrier sum log w */
static double value_at(const stacking *s, const double *w, double barrier) {
  double value = 0, walls = 0;
  for (size_t i = 0; i < s->count; i++) {
    double mixture = 0;
    for (size_t k = 0; k < s->models; k++) mixture += w[k] * s->density[i * s->models + k];
    value += log(mixture);
  }
  for (size_t k = 0; k < s->models; k++) walls += log(w[k]);
  return value / (double)s->count + barrier * walls;
}

/* The gradient of value_at, and its Hessian's negative. */
static void derivatives_at(stacking *s, const double *w, double barrier) {
  size_t K = s->models;
  memset(s->gradient, 0, K * sizeof *s->gradient);
  memset(s->hessian, 0, K * K * sizeof *s->hessian);
  for (size_t i = 0; i < s->count; i++) {
    const double *density = s->density + i * K;
    double mixture = 0;
    for (size_t k = 0; k < K; k++) mixture += w[k] * density[k];
    for (size_t k = 0; k < K; k++) {
      double part = density[k] / mixture;
      s->gradient[k] += part / (double)s->count;
      for (size_t l = 0; l <= k; l++) s->hessian[k * K + l] += part * (density[l] / mixture) / (double)s->count;
    }
  }
  for (size_t k = 0; k < K; k++) {
    s->gradient[k] += barrier / w[k];
    s->hessian[k * K + k] += barrier / (w[k] * w[k]);
  }
}

/* The lower triangle becomes its Cholesky factor. The barrier makes it positive definite. */
static void factor(double *a, size_t n) {
  for (size_t j = 0; j < n; j++)
    for (size_t i = j; i < n; i++) {
      double sum = a[i * n + j];
      for (size_t k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i == j ? sqrt(sum) : sum / a[j * n + j];
    }
}

static void solve(const double *factor, size_t n, double *x) {
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < i; k++) x[i] -= factor[i * n + k] * x[k];
    x[i] /= factor[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; k++) x[i] -= factor[k * n + i] * x[k];
    x[i] /= factor[i * n + i];
  }
}

/* One Newton step under sum w = 1, held inside the simplex and shortened until the value rises. Returns the rise that
 * the step promised. */
static double newton(stacking *s, double *w, double *next, double barrier) {
  size_t K = s->models;
  derivatives_at(s, w, barrier);
  factor(s->hessian, K);
  memcpy(s->step, s->gradient, K * sizeof *s->step);
  for (size_t k = 0; k < K; k++) s->ones[k] = 1;
  solve(s->hessian, K, s->step);
  solve(s->hessian, K, s->ones);
  double step_sum = 0, ones_sum = 0, longest = 1, promise = 0;
  for (size_t k = 0; k < K; k++) step_sum += s->step[k], ones_sum += s->ones[k];
  for (size_t k = 0; k < K; k++) {
    s->step[k] -= step_sum / ones_sum * s->ones[k];
    promise += s->step[k] * s->gradient[k];
    if (s->step[k] < 0) longest = fmin(longest, -0.99 * w[k] / s->step[k]);
  }
  double value = value_at(s, w, barrier);
  for (double length = longest; length > 1e-12; length /= 2) {
    double sum = 0;
    for (size_t k = 0; k < K; k++) sum += next[k] = w[k] + length * s->step[k];
    for (size_t k = 0; k < K; k++) next[k] /= sum;
    if (value_at(s, next, barrier) >= value + 0.01 * length * promise) {
      memcpy(w, next, K * sizeof *w);
      break;
    }
  }
  return promise;
}

/* An interior-point method: the maximum under a logarithmic barrier is within barrier * models of the maximum
 * (Boyd & Vandenberghe 2004, section 11.2.2), and the barrier goes down by tens. */
bool sl_stacking_weights(const double *const *elpd, size_t model_count, size_t count, double *weights) {
  enum { most_steps = 100 };
  const double close_enough = 1e-9;
  size_t K = model_count;
  double *room = malloc((count * K + K * K + 4 * K) * sizeof *room);
  if (!room) return false;
  stacking s = {.models = K, .count = count, .density = room, .hessian = room + count * K};
  s.gradient = s.hessian + K * K;
  s.step = s.gradient + K;
  s.ones = s.step + K;
  double *next = s.ones + K;
  for (size_t i = 0; i < count; i++) {
    double most = -INFINITY;
    for (size_t k = 0; k < K; k++) most = fmax(most, elpd[k][i]);
    for (size_t k = 0; k < K; k++) s.density[i * K + k] = exp(elpd[k][i] - most);
  }
  for (size_t k = 0; k < K; k++) weights[k] = 1 / (double)K;
  for (double barrier = 1; barrier * (double)K > 0.1 * close_enough; barrier /= 10)
    for (int step = 0; step < most_steps && newton(&s, weights, next, barrier) > 0.1 * close_enough; step++) continue;
  free(room);
  return true;
}
