/* psis.c: see psis.h. */
#include "runtime/psis.h"
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include "runtime/math.h"
#include "runtime/processor.h"

enum { least_tail = 5, least_grid = 30 };

sl_psis *sl_psis_create(size_t draw_count) {
  sl_psis *psis = malloc(sizeof *psis);
  double *room = malloc(2 * draw_count * sizeof *room);
  if (!psis || !room) {
    free(psis);
    free(room);
    return NULL;
  }
  *psis = (sl_psis){.draw_count = draw_count, .log_ratios = room, .weights = room + draw_count};
  return psis;
}

void sl_psis_destroy(sl_psis *psis) {
  if (!psis) return;
  free(psis->log_ratios);
  free(psis);
}

double sl_psis_k_threshold(size_t draw_count) { return fmin(1 - 1 / log10((double)draw_count), 0.7); }

static void sort_few(double *values, size_t count) {
  for (size_t i = 1; i < count; i++) {
    double value = values[i];
    size_t place = i;
    for (; place > 0 && values[place - 1] > value; place--) values[place] = values[place - 1];
    values[place] = value;
  }
}

static double median_of_three(double a, double b, double c) { return fmax(fmin(a, b), fmin(fmax(a, b), c)); }

/* Hoare's partition: the values before the place that is returned are at most the pivot, the others at least. Neither
 * side is empty. */
static size_t partition(double *values, size_t count) {
  double pivot = median_of_three(values[0], values[count / 2], values[count - 1]);
  size_t left = 0, right = count - 1;
  for (;; left++, right--) {
    while (values[left] < pivot) left++;
    while (values[right] > pivot) right--;
    if (left >= right) break;
    double swap = values[left];
    values[left] = values[right];
    values[right] = swap;
  }
  return left == 0 ? 1 : left;
}

/* Afterwards the places `from` and up hold the largest values, in order: quicksort that passes by what lies before
 * `from` (Martinez 2004, "Partial quicksort"). */
static void sort_largest(double *values, size_t count, size_t from) {
  enum { few = 16 };
  while (count > few && from < count) {
    size_t middle = partition(values, count);
    if (from < middle) sort_largest(values, middle, from);
    values += middle;
    count -= middle;
    from = from > middle ? from - middle : 0;
  }
  if (from < count) sort_few(values, count);
}

/* mean of log(1 - theta x) */
SL_FOR_EACH_PROCESSOR static double shape_at(double theta, const double *x, size_t count) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < count; i++) sum += log1p(-theta * x[i]);
  return sum / (double)count;
}

/* Zhang & Stephens (2009), "A new and efficient estimation method for the generalized Pareto distribution",
 * Technometrics 51(3), with their k of the opposite sign. theta = -k/sigma has the profile likelihood
 *   l(theta) = n (log(-theta/k(theta)) - k(theta) - 1),  k(theta) = mean log(1 - theta x),
 * and its posterior mean is taken over the grid
 *   theta_j = 1/x_n + (1 - sqrt(m/(j - 1/2))) / (3 x*),  x* the first quartile, m = 30 + floor(sqrt(n)).
 * k is then drawn to 1/2 as by ten more observations, which steadies it when the tail is short: Vehtari et al. (2024),
 * appendix C. */
void sl_pareto_fit(const double *x, size_t count, double *k, double *sigma) {
  *k = INFINITY;
  *sigma = NAN;
  double n = (double)count, quartile = x[(size_t)fmax(n / 4 + 0.5, 1) - 1], largest = x[count - 1];
  if (!(quartile > 0) || isinf(largest)) return;
  size_t grid = least_grid + (size_t)sqrt(n);
  double best = -INFINITY, weights = 0, sum = 0;
  for (size_t j = 1; j <= grid; j++) {
    double theta = 1 / largest + (1 - sqrt((double)grid / ((double)j - 0.5))) / 3 / quartile;
    double shape = shape_at(theta, x, count), likelihood = n * (log(-theta / shape) - shape - 1);
    if (isnan(likelihood)) return;
    if (likelihood > best) { /* sums so far, relative to the new best */
      weights *= exp(best - likelihood);
      sum *= exp(best - likelihood);
      best = likelihood;
    }
    weights += exp(likelihood - best);
    sum += theta * exp(likelihood - best);
  }
  double theta = sum / weights, shape = shape_at(theta, x, count);
  if (isnan(shape)) return;
  const double prior = 10;
  *sigma = -shape / theta;
  *k = (shape * n + prior * 0.5) / (n + prior);
}

/* sigma ((1-p)^-k - 1) / k */
static double pareto_quantile(double p, double k, double sigma) {
  double exponential = -log1p(-p);
  return k == 0 ? sigma * exponential : sigma * expm1(k * exponential) / k;
}

/* Fits and replaces the weights of the tail; `rest` is how many draws stand before it. False when they stay. */
static bool smooth_tail(sl_psis *psis, size_t rest) {
  const double *tail_ratios = psis->log_ratios + rest;
  double *tail = psis->weights + rest, cutoff = 0, sigma;
  size_t length = psis->draw_count - rest;
  if (length < least_tail || tail_ratios[length - 1] - tail_ratios[0] < DBL_EPSILON / 100) return false;
#pragma omp simd reduction(max : cutoff)
  for (size_t i = 0; i < rest; i++) cutoff = psis->weights[i] > cutoff ? psis->weights[i] : cutoff;
  for (size_t i = 0; i < length; i++) tail[i] -= cutoff;
  sl_pareto_fit(tail, length, &psis->k, &sigma);
  bool fitted = isfinite(psis->k);
  for (size_t i = 0; i < length; i++) {
    double p = ((double)i + 0.5) / (double)length;
    tail[i] = (fitted ? pareto_quantile(p, psis->k, sigma) : tail[i]) + cutoff;
    tail[i] = tail[i] > 1 ? 1 : tail[i];
  }
  return fitted;
}

SL_FOR_EACH_PROCESSOR static void exponentiate(const double *x, double *result, size_t count) {
#pragma omp simd
  for (size_t i = 0; i < count; i++) result[i] = exp(x[i]);
}

/* The tail has min(S/5, 3 sqrt(S / relative_size)) draws: Vehtari et al. (2024), appendix H. */
void sl_psis_smooth(sl_psis *psis, double relative_size) {
  double draws = (double)psis->draw_count;
  size_t length = (size_t)ceil(fmin(0.2 * draws, 3 * sqrt(draws / relative_size))), rest = psis->draw_count - length;
  sort_largest(psis->log_ratios, psis->draw_count, rest);
  exponentiate(psis->log_ratios, psis->weights, psis->draw_count);
  psis->k = INFINITY;
  psis->tail_length = smooth_tail(psis, rest) ? length : 0;
}
