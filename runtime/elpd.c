/* elpd.c: see elpd.h. An observation's draws stay in the cache while they are worked on. */
#include "runtime/elpd.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include "runtime/effective_size.h"
#include "runtime/math.h"
#include "runtime/parallel.h"
#include "runtime/processor.h"
#include "runtime/psis.h"

/* Normal quantiles that the distribution of an estimate is laid out on, see log_normal_error. */
enum { quantile_count = 1000 };

typedef struct scratch { /* one thread's */
  sl_psis *psis;
  sl_effective_size *size;
  double *likelihoods; /* chain_count * draw_count */
  double logs[quantile_count];
} scratch;

typedef struct computation {
  sl_elpd *elpd;
  const sl_draws *draws;
  const size_t *columns;
  double between_weight;
  double quantiles[quantile_count];
  scratch *scratches;
} computation;

/* ---- sums over draws ---- */

typedef struct range {
  double least, most;
  bool finite;
} range;

SL_FOR_EACH_PROCESSOR static range range_of(const double *x, size_t count) {
  double least = x[0], most = x[0], nothing = 0;
#pragma omp simd reduction(min : least) reduction(max : most) reduction(+ : nothing)
  for (size_t i = 0; i < count; i++) {
    least = x[i] < least ? x[i] : least;
    most = x[i] > most ? x[i] : most;
    nothing += x[i] * 0.0; /* NaN as soon as one is not finite */
  }
  return (range){least, most, nothing == 0};
}

/* result[i] = exp(x[i] - most); returns their sum. */
SL_FOR_EACH_PROCESSOR static double exponentials(const double *x, double most, double *result, size_t count) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < count; i++) {
    result[i] = exp(x[i] - most);
    sum += result[i];
  }
  return sum;
}

SL_FOR_EACH_PROCESSOR static double variance(const double *x, size_t count) {
  double mean = 0, sum = 0;
#pragma omp simd reduction(+ : mean)
  for (size_t i = 0; i < count; i++) mean += x[i] - x[0];
  mean = x[0] + mean / (double)count;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < count; i++) sum += (x[i] - mean) * (x[i] - mean);
  return sum / (double)(count - 1);
}

typedef struct weight_sums {
  double sum, squares;
} weight_sums;

SL_FOR_EACH_PROCESSOR static weight_sums weight_sums_of(const double *weights, size_t count) {
  double sum = 0, squares = 0;
#pragma omp simd reduction(+ : sum, squares)
  for (size_t i = 0; i < count; i++) {
    sum += weights[i];
    squares += weights[i] * weights[i];
  }
  return (weight_sums){sum, squares};
}

/* sum of (value - weights[i])^2 */
SL_FOR_EACH_PROCESSOR static double squares_around(double value, const double *weights, size_t count) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < count; i++) sum += (value - weights[i]) * (value - weights[i]);
  return sum;
}

/* logs[i] = log(1 + deviation z[i]) */
SL_FOR_EACH_PROCESSOR static void logarithms(const double *z, double deviation, double *logs, size_t count) {
#pragma omp simd
  for (size_t i = 0; i < count; i++) logs[i] = log(1 + deviation * z[i]);
}

/* ---- one observation ---- */

/* The standard deviation of log(x) for x normal with mean 1 and this standard deviation, cut off at zero, by its
 * quantiles, as loo takes it. */
static double log_normal_error(const computation *computation, scratch *scratch, double deviation) {
  const double *z = computation->quantiles;
  size_t first = 0;
  while (first < quantile_count && !(1 + deviation * z[first] > 0)) first++;
  size_t count = quantile_count - first;
  if (count < 2) return NAN;
  logarithms(z + first, deviation, scratch->logs, count);
  return sqrt(variance(scratch->logs, count));
}

/* Ratios r = 1/likelihood have weights w, which are proportional to r but in the tail. In units of the least
 * likelihood the product of weight and likelihood is 1 for a draw whose weight was kept, and w/r for one that was
 * smoothed. So
 *   elpd = least + log((sum of w/r over the tail, and the number of other draws) / sum w)
 * and the variance of exp(elpd) = E is sum (w/W)^2 (likelihood - E)^2, W = sum w: Vehtari, Gelman & Gabry (2017),
 * section 2.1; Vehtari et al. (2024), eq. 4. */
static void leave_one_out(const computation *computation, scratch *scratch, double least, sl_elpd_point *point) {
  sl_psis *psis = scratch->psis;
  sl_psis_smooth(psis, point->relative_size);
  size_t count = psis->draw_count, kept = count - psis->tail_length;
  const double *tail = psis->weights + kept, *ratios = psis->log_ratios + kept;
  weight_sums weights = weight_sums_of(psis->weights, count);
  double *products = scratch->likelihoods, most = 0; /* their logarithms, first */
  for (size_t i = 0; i < psis->tail_length; i++) products[i] = log(tail[i]) - ratios[i];
  for (size_t i = 0; i < psis->tail_length; i++) most = fmax(most, products[i]);
  double sum = exponentials(products, most, products, psis->tail_length) + (double)kept * exp(-most);
  double unit = weights.sum / sum; /* exp(most) and a likelihood's unit, over E */
  double squares = squares_around(exp(-most) * unit, psis->weights, kept);
  for (size_t i = 0; i < psis->tail_length; i++) squares += sl_square(products[i] * unit - tail[i]);
  point->elpd = least + most - log(unit);
  point->effective = point->relative_size * weights.sum * weights.sum / weights.squares;
  point->k = psis->k;
  point->mcse = log_normal_error(computation, scratch, sqrt(squares) / weights.sum) / sqrt(point->relative_size);
}

static void compute_point(void *context, size_t item, size_t thread) {
  const computation *computation = context;
  const sl_draws *draws = computation->draws;
  scratch *scratch = &computation->scratches[thread];
  sl_elpd_point *point = &computation->elpd->points[item];
  const double *log_lik = sl_draws_column(draws, computation->columns[item]);
  size_t count = draws->chain_count * draws->draw_count;
  *point = (sl_elpd_point){NAN, NAN, NAN, NAN, NAN, NAN};
  range range = range_of(log_lik, count);
  if (!range.finite) return;
  double sum = exponentials(log_lik, range.most, scratch->likelihoods, count);
  double lpd = range.most + log(sum / (double)count);
  if (computation->elpd->method == sl_elpd_waic) {
    point->p = variance(log_lik, count);
    point->elpd = lpd - point->p;
    return;
  }
  double effective = sl_effective_size_of(scratch->size, scratch->likelihoods, computation->between_weight);
  point->relative_size = effective / (double)count;
  for (size_t i = 0; i < count; i++) scratch->psis->log_ratios[i] = range.least - log_lik[i];
  leave_one_out(computation, scratch, range.least, point);
  point->p = lpd - point->elpd;
}

/* ---- all of them ---- */

/* Where observation `item` is not finite first, and how many are not. */
static void say_not_finite(const sl_draws *draws, const size_t *columns, const sl_elpd *elpd, size_t item,
                           sl_error *error) {
  const double *values = sl_draws_column(draws, columns[item]);
  size_t place = 0, bad = 0, last = draws->chain_count * draws->draw_count - 1;
  while (place < last && isfinite(values[place])) place++;
  for (size_t i = 0; i < elpd->count; i++) bad += isnan(elpd->points[i].elpd) != 0;
  char name[sl_name_length];
  sl_draws_pretty_name(draws->names[columns[item]], name, sizeof name);
  sl_error_set(
      error, SL_BAD_DATA,
      "%s: %s is %g in draw %zu after warmup; %zu of %zu observations have a log-likelihood that is not finite. "
      "An observation that a draw calls impossible, or that is missing, has no predictive density",
      draws->chains[place / draws->draw_count].path, name, values[place], place % draws->draw_count + 1, bad,
      elpd->count);
}

/* sqrt(N variance) is the standard error of a sum of N. */
static sl_estimate estimate(const double *values, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += values[i];
  return (sl_estimate){sum, count > 1 ? sqrt((double)count * variance(values, count)) : NAN};
}

static bool sum_up(sl_elpd *elpd) {
  double *values = malloc(elpd->count * sizeof *values), squares = 0;
  if (!values) return false;
  for (size_t i = 0; i < elpd->count; i++) values[i] = elpd->points[i].elpd;
  elpd->elpd = estimate(values, elpd->count);
  for (size_t i = 0; i < elpd->count; i++) values[i] = elpd->points[i].p;
  elpd->p = estimate(values, elpd->count);
  free(values);
  for (size_t i = 0; i < elpd->count; i++) {
    squares += sl_square(elpd->points[i].mcse);
    elpd->high_count += elpd->points[i].k > elpd->k_threshold;
  }
  elpd->mcse = elpd->high_count == 0 ? sqrt(squares) : NAN;
  return true;
}

/* Some length that R's Fourier transform is fast for: the next number without prime factors above 5. */
static size_t next_smooth(size_t length) {
  for (;; length++) {
    size_t rest = length;
    while (rest % 2 == 0) rest /= 2;
    while (rest % 3 == 0) rest /= 3;
    while (rest % 5 == 0) rest /= 5;
    if (rest == 1) return length;
  }
}

static bool create_scratch(computation *computation, size_t threads) {
  const sl_draws *draws = computation->draws;
  size_t count = draws->chain_count * draws->draw_count;
  computation->scratches = calloc(threads, sizeof *computation->scratches);
  for (size_t thread = 0; computation->scratches && thread < threads; thread++) {
    scratch *scratch = &computation->scratches[thread];
    scratch->psis = sl_psis_create(count);
    scratch->size = sl_effective_size_create(draws->chain_count, draws->draw_count);
    scratch->likelihoods = malloc(count * sizeof *scratch->likelihoods);
    if (!scratch->psis || !scratch->size || !scratch->likelihoods) return false;
  }
  return computation->scratches != NULL;
}

static void destroy_scratch(computation *computation, size_t threads) {
  for (size_t thread = 0; computation->scratches && thread < threads; thread++) {
    sl_psis_destroy(computation->scratches[thread].psis);
    sl_effective_size_destroy(computation->scratches[thread].size);
    free(computation->scratches[thread].likelihoods);
  }
  free(computation->scratches);
}

static bool compute(sl_elpd *elpd, const sl_draws *draws, const size_t *columns, sl_error *error) {
  computation computation = {.elpd = elpd, .draws = draws, .columns = columns};
  size_t threads = sl_parallel_threads(elpd->count);
  /* loo divides autocovariances by the length of the chain where the padded length is meant, which weakens the
   * variance between chains; lengths without prime factors above 5 are not padded. */
  computation.between_weight = (double)draws->draw_count / (double)next_smooth(draws->draw_count);
  /* Blom's positions, as loo has them. */
  for (size_t i = 0; i < quantile_count; i++)
    computation.quantiles[i] = sl_inv_Phi(((double)i + 1 - 0.375) / (quantile_count + 0.25));
  bool done = create_scratch(&computation, threads);
  if (done) sl_parallel_for(elpd->count, compute_point, &computation);
  destroy_scratch(&computation, threads);
  if (!done) return false;
  for (size_t i = 0; i < elpd->count; i++)
    if (isnan(elpd->points[i].elpd)) {
      say_not_finite(draws, columns, elpd, i, error);
      return false;
    }
  return sum_up(elpd);
}

sl_elpd *sl_elpd_create(const sl_draws *draws, const size_t *columns, size_t count, sl_elpd_method method,
                        sl_error *error) {
  if (draws->draw_count < 2) {
    sl_error_set(error, SL_BAD_DATA, "%s: there is one draw only; the log-likelihood has no variance to go by",
                 draws->chains[0].path);
    return NULL;
  }
  sl_elpd *elpd = malloc(sizeof *elpd);
  if (elpd) {
    *elpd = (sl_elpd){.method = method,
                      .chain_count = draws->chain_count,
                      .draw_count = draws->draw_count,
                      .count = count,
                      .points = malloc(count * sizeof *elpd->points),
                      .k_threshold = sl_psis_k_threshold(draws->chain_count * draws->draw_count)};
    if (elpd->points && compute(elpd, draws, columns, error)) return elpd;
  }
  sl_error_set(error, SL_DEFECT, "not enough memory for the observations"); /* unless a reason stands there */
  sl_elpd_destroy(elpd);
  return NULL;
}

void sl_elpd_destroy(sl_elpd *elpd) {
  if (!elpd) return;
  free(elpd->points);
  free(elpd);
}

sl_estimate sl_elpd_difference(const sl_elpd *a, const sl_elpd *b) {
  double sum = 0, squares = 0, count = (double)a->count;
  for (size_t i = 0; i < a->count; i++) sum += a->points[i].elpd - b->points[i].elpd;
  for (size_t i = 0; i < a->count; i++) squares += sl_square(a->points[i].elpd - b->points[i].elpd - sum / count);
  return (sl_estimate){sum, sqrt(count * squares / (count - 1))};
}
