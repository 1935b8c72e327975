/* convergence.c: see convergence.h. Written from Vehtari et al. (2021), and Stan's reference manual,
 * chapter "Posterior analysis"; where those leave a choice, posterior 1.4.0 decides:
 * - a chain of odd length is split by leaving out its middle draw; one draw is not split;
 * - a series counts as constant when its range is below 2^-52, and then nothing is defined;
 * - quantities on ranks are defined for infinite draws too, those on the draws themselves are not.
 *
 * What makes it fast for thousands of columns: the draws are sorted once; the folded draws are two sorted runs that are
 * merged; and normal scores depend on the rank alone, so they are tabulated once. */
#include "runtime/convergence.h"
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/effective_size.h"
#include "runtime/math.h"

typedef struct ranked {
  uint64_t key; /* ordered as the value is */
  uint32_t index;
} ranked;

struct sl_convergence {
  size_t chain_count, draw_count, count; /* count = chain_count * draw_count */
  size_t piece_count, piece_length;      /* the split chains */
  const double *values;
  bool has_nan;
  uint32_t *place;        /* where a draw goes in the split chains; `count` when it is left out */
  ranked *order, *spare;  /* room for sorting */
  double *sorted;         /* the draws in increasing order */
  uint32_t *sorted_index; /* and where each comes from */
  double *folded;         /* |draw - median| in increasing order */
  uint32_t *folded_index;
  double *score;  /* score[first + last]: normal score of the ties at ranks first … last; see normal_scores */
  double *series; /* split chains, one after another */
  sl_effective_size *size; /* of the split chains */
};

/* Normal scores of ranks r = k/2 (ties share a rank, so halves occur): Phi^-1((r - 3/8) / (S + 1/4)), Vehtari et al.
 * (2021) eq. 14. S counts the draws that the split keeps. */
static void normal_scores(double *score, size_t size) {
  for (size_t k = 2; k <= size + 1; k++) {
    double z = k == size + 1 ? 0 : sl_inv_Phi(((double)k / 2 - 0.375) / ((double)size + 0.25));
    score[k] = z;
    score[2 * size + 2 - k] = -z;
  }
}

/* Two halves of each chain follow each other; the middle draw of an odd chain has no place. */
static size_t split_place(const sl_convergence *c, size_t index) {
  size_t chain = index / c->draw_count, draw = index % c->draw_count;
  if (c->draw_count == 1) return index;
  if (draw < c->piece_length) return 2 * chain * c->piece_length + draw;
  if (draw >= c->draw_count - c->piece_length)
    return (2 * chain + 1) * c->piece_length + draw - (c->draw_count - c->piece_length);
  return c->count;
}

sl_convergence *sl_convergence_create(size_t chain_count, size_t draw_count) {
  sl_convergence *c = chain_count > 0 && draw_count > 0 ? calloc(1, sizeof *c) : NULL;
  if (!c) return NULL;
  size_t count = chain_count * draw_count;
  *c = (sl_convergence){.chain_count = chain_count, .draw_count = draw_count, .count = count};
  c->piece_count = draw_count > 1 ? 2 * chain_count : chain_count;
  c->piece_length = draw_count > 1 ? draw_count / 2 : 1;
  c->place = malloc(count * sizeof *c->place);
  c->order = malloc(count * sizeof *c->order);
  c->spare = malloc(count * sizeof *c->spare);
  c->sorted = malloc(count * sizeof *c->sorted);
  c->sorted_index = malloc(count * sizeof *c->sorted_index);
  c->folded = malloc(count * sizeof *c->folded);
  c->folded_index = malloc(count * sizeof *c->folded_index);
  c->score = malloc((2 * count + 3) * sizeof *c->score);
  c->series = malloc(count * sizeof *c->series);
  c->size = sl_effective_size_create(c->piece_count, c->piece_length);
  if (!c->place || !c->order || !c->spare || !c->sorted || !c->sorted_index || !c->folded || !c->folded_index ||
      !c->score || !c->series || !c->size) {
    sl_convergence_destroy(c);
    return NULL;
  }
  normal_scores(c->score, c->piece_count * c->piece_length);
  for (size_t i = 0; i < count; i++) c->place[i] = (uint32_t)split_place(c, i);
  return c;
}

void sl_convergence_destroy(sl_convergence *c) {
  if (!c) return;
  free(c->place);
  free(c->order);
  free(c->spare);
  free(c->sorted);
  free(c->sorted_index);
  free(c->folded);
  free(c->folded_index);
  free(c->score);
  free(c->series);
  sl_effective_size_destroy(c->size);
  free(c);
}

/* Integers that are ordered as the doubles are. -0 is made +0 first, since the two are tied. */
static uint64_t key_of(double value) {
  uint64_t bits;
  value += 0.0;
  memcpy(&bits, &value, sizeof bits);
  return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

/* Radix sort by 11 bits at a time, least significant first. A digit that all keys share is skipped. */
static void sort_draws(sl_convergence *c) {
  enum { bits = 11, digits = 6, size = 1 << bits };
  static _Thread_local uint32_t histogram[digits][size];
  memset(histogram, 0, sizeof histogram);
  for (size_t i = 0; i < c->count; i++) {
    uint64_t key = key_of(c->values[i]);
    c->order[i] = (ranked){key, (uint32_t)i};
    for (int d = 0; d < digits; d++) histogram[d][key >> (d * bits) & (size - 1)]++;
  }
  for (int d = 0; d < digits; d++) {
    uint32_t *start = histogram[d];
    if (start[c->order[0].key >> (d * bits) & (size - 1)] == c->count) continue;
    uint32_t sum = 0;
    for (int bucket = 0; bucket < size; bucket++) {
      uint32_t here = start[bucket];
      start[bucket] = sum;
      sum += here;
    }
    for (size_t i = 0; i < c->count; i++) c->spare[start[c->order[i].key >> (d * bits) & (size - 1)]++] = c->order[i];
    ranked *swap = c->order;
    c->order = c->spare;
    c->spare = swap;
  }
  for (size_t i = 0; i < c->count; i++) {
    c->sorted_index[i] = c->order[i].index;
    c->sorted[i] = c->values[c->order[i].index];
  }
}

/* Mean in two passes and extended precision, as R takes it: which draws tie after folding depends on its last bit. */
static double exact_mean(const double *values, size_t count) {
  long double sum = 0, rest = 0;
  for (size_t i = 0; i < count; i++) sum += values[i];
  long double mean = sum / (long double)count;
  if (!isfinite((double)mean)) return (double)mean;
  for (size_t i = 0; i < count; i++) rest += values[i] - mean;
  return (double)(mean + rest / (long double)count);
}

void sl_convergence_load(sl_convergence *c, const double *values) {
  c->values = values;
  c->has_nan = false;
  for (size_t i = 0; i < c->count; i++) c->has_nan |= isnan(values[i]) != 0;
  if (!c->has_nan) sort_draws(c);
}

double sl_convergence_mean(const sl_convergence *c) { return exact_mean(c->values, c->count); }

double sl_convergence_sd(const sl_convergence *c) {
  double mean = sl_convergence_mean(c), sum = 0;
  for (size_t i = 0; i < c->count; i++) sum += (c->values[i] - mean) * (c->values[i] - mean);
  return c->count > 1 ? sqrt(sum / (double)(c->count - 1)) : NAN;
}

double sl_convergence_quantile(const sl_convergence *c, double probability) {
  if (c->has_nan) return NAN;
  double position = (double)(c->count - 1) * probability + 1;
  double below = floor(position), part = position - below;
  double low = c->sorted[(size_t)below - 1], high = c->sorted[(size_t)ceil(position) - 1];
  return part > 0 && low != high ? (1 - part) * low + part * high : low;
}

const double *sl_convergence_sorted(const sl_convergence *c) { return c->has_nan ? NULL : c->sorted; }

/* The first of the shortest intervals between order statistics i and i + floor(n share): Hyndman (1996), as R's
 * HDInterval::hdi takes it. (coda::HPDinterval rounds n share instead.) Where both ends are infinite there is no
 * length. */
void sl_convergence_hdi(const sl_convergence *c, double share, double *low, double *high) {
  *low = *high = NAN;
  if (c->has_nan) return;
  size_t gap = (size_t)floor((double)c->count * share);
  if (gap >= c->count) gap = c->count - 1;
  double least = NAN;
  for (size_t i = 0; i + gap < c->count; i++) {
    double length = gap == 0 ? 0 : c->sorted[i + gap] - c->sorted[i];
    if (isnan(length) || length >= least) continue;
    least = length;
    *low = c->sorted[i];
    *high = c->sorted[i + gap];
  }
}

static size_t split_count(const sl_convergence *c) { return c->piece_count * c->piece_length; }

/* series = values, split. */
static void split_values(sl_convergence *c, const double *values) {
  if (c->draw_count == 1) {
    memcpy(c->series, values, c->count * sizeof *values);
    return;
  }
  for (size_t chain = 0; chain < c->chain_count; chain++) {
    const double *from = values + chain * c->draw_count;
    double *to = c->series + 2 * chain * c->piece_length;
    memcpy(to, from, c->piece_length * sizeof *to);
    memcpy(to + c->piece_length, from + c->draw_count - c->piece_length, c->piece_length * sizeof *to);
  }
}

/* series = normal scores of the draws `indices`, whose values `sorted` increase, split. Ties share the mean of their
 * ranks. */
static void split_scores(sl_convergence *c, const double *sorted, const uint32_t *indices) {
  size_t rank = 0; /* draws before this one that the split keeps */
  for (size_t first = 0, last; first < c->count; first = last) {
    size_t kept = 0;
    for (last = first; last < c->count && sorted[last] == sorted[first]; last++)
      kept += c->place[indices[last]] < c->count;
    double score = kept ? c->score[2 * rank + 1 + kept] : 0;
    for (size_t i = first; i < last; i++)
      if (c->place[indices[i]] < c->count) c->series[c->place[indices[i]]] = score;
    rank += kept;
  }
}

static double middle_of(const double *sorted, size_t n) {
  double middle[2] = {sorted[(n - 1) / 2], sorted[n / 2]};
  return n % 2 ? middle[0] : exact_mean(middle, 2);
}

/* folded = |x - median| in increasing order. Left of the median distances fall, right of it they rise: a merge orders
 * them. False when a distance is not a number (the median is infinite). */
static bool fold(sl_convergence *c) {
  size_t n = c->count;
  double median = middle_of(c->sorted, n);
  if (!isfinite(median)) return false;
  size_t right = 0;
  while (right < n && c->sorted[right] < median) right++;
  for (size_t left = right, out = 0; out < n; out++) {
    double distance_left = left > 0 ? median - c->sorted[left - 1] : INFINITY;
    double distance_right = right < n ? c->sorted[right] - median : INFINITY;
    bool take_left = right == n || (left > 0 && distance_left <= distance_right);
    c->folded[out] = take_left ? distance_left : distance_right;
    c->folded_index[out] = c->sorted_index[take_left ? --left : right++];
  }
  return true;
}

/* 1.4826 median |x - median|: the standard deviation of a normal distribution with these quartiles, as R's mad. */
double sl_convergence_mad(sl_convergence *c) {
  return c->has_nan || !fold(c) ? NAN : 1.4826 * middle_of(c->folded, c->count);
}

/* Neither R-hat nor ESS is defined for a series with a value that is not finite, or whose range is nothing. */
static bool is_undefined(const double *values, size_t count) {
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(values[i])) return true;
    low = values[i] < low ? values[i] : low;
    high = values[i] > high ? values[i] : high;
  }
  return high - low < DBL_EPSILON;
}

/* sqrt(((N-1)/N W + B/N) / W), W the mean variance within a chain, B/N the variance of the chain means: Brooks & Gelman
 * (1998). */
static double rhat_of(const double *series, size_t pieces, size_t length) {
  if (pieces < 2 || length < 2 || is_undefined(series, pieces * length)) return NAN;
  double within, between;
  sl_series_variances(series, pieces, length, &within, &between);
  return sqrt(between / within + (double)(length - 1) / (double)length);
}

double sl_convergence_rhat_classic(sl_convergence *c) { return rhat_of(c->values, c->chain_count, c->draw_count); }

double sl_convergence_rhat(sl_convergence *c) {
  if (c->has_nan) return NAN;
  split_scores(c, c->sorted, c->sorted_index);
  double bulk = rhat_of(c->series, c->piece_count, c->piece_length);
  if (isnan(bulk) || !fold(c)) return NAN;
  split_scores(c, c->folded, c->folded_index);
  double tail = rhat_of(c->series, c->piece_count, c->piece_length);
  return isnan(tail) || tail > bulk ? tail : bulk;
}

/* Destroys the series. */
static double ess_of(sl_convergence *c) {
  if (c->piece_length < 3 || is_undefined(c->series, split_count(c))) return NAN;
  return sl_effective_size_of(c->size, c->series, 1);
}

double sl_convergence_ess_bulk(sl_convergence *c) {
  if (c->has_nan) return NAN;
  split_scores(c, c->sorted, c->sorted_index);
  return ess_of(c);
}

double sl_convergence_ess_mean(sl_convergence *c) {
  split_values(c, c->values);
  return ess_of(c);
}

/* The effective size for the indicator of x <= quantile, see Vehtari et al. (2021). */
double sl_convergence_ess_quantile(sl_convergence *c, double probability) {
  if (c->has_nan || !(c->sorted[c->count - 1] - c->sorted[0] >= DBL_EPSILON)) return NAN;
  if (!isfinite(c->sorted[0]) || !isfinite(c->sorted[c->count - 1])) return NAN;
  if (probability == 1) probability = ((double)c->count - 0.5) / (double)c->count;
  double quantile = sl_convergence_quantile(c, probability);
  split_values(c, c->values);
  for (size_t i = 0; i < split_count(c); i++) c->series[i] = c->series[i] <= quantile;
  return ess_of(c);
}

double sl_convergence_ess_tail(sl_convergence *c) {
  double low = sl_convergence_ess_quantile(c, 0.05), high = sl_convergence_ess_quantile(c, 0.95);
  return isnan(low) || low < high ? low : high;
}

double sl_convergence_mcse_mean(sl_convergence *c) { return sl_convergence_sd(c) / sqrt(sl_convergence_ess_mean(c)); }

/* By the delta method from the variance of the squared deviations: Kenney & Keeping (1951), p. 141. */
double sl_convergence_mcse_sd(sl_convergence *c) {
  double mean = sl_convergence_mean(c), *square = c->folded;
  for (size_t i = 0; i < c->count; i++) square[i] = (c->values[i] - mean) * (c->values[i] - mean);
  double second = sl_series_mean(square, c->count),
         fourth = sl_series_product(square, square, c->count) / (double)c->count;
  split_values(c, square);
  double ess = ess_of(c);
  return sqrt((fourth - second * second) / ess / second / 4);
}

/* Newton's steps for I_x(a, b) = probability, held inside a bracket that every step narrows. */
static double beta_quantile(double probability, double a, double b) {
  double low = 0, high = 1, x = a / (a + b);
  for (int step = 0; step < 200; step++) {
    double error = sl_inc_beta(a, b, x) - probability;
    *(error > 0 ? &high : &low) = x;
    double next = x - error / sl_beta_density(a, b, x);
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (fabs(next - x) <= 1e-15 * x) return next;
    x = next;
  }
  return x;
}

/* Half the distance between the order statistics that bound the quantile with the probability of one normal standard
 * deviation each side; the quantile's probability is beta(S p + 1, S (1-p) + 1), S its effective size: Vehtari et al.
 * (2021), section 4.4. */
double sl_convergence_mcse_quantile(sl_convergence *c, double probability) {
  double ess = sl_convergence_ess_quantile(c, probability);
  if (isnan(ess)) return NAN;
  double a = ess * probability + 1, b = ess * (1 - probability) + 1, size = (double)c->count;
  double low = floor(beta_quantile(0.1586553, a, b) * size), high = ceil(beta_quantile(0.8413447, a, b) * size);
  size_t first = low < 1 ? 1 : (size_t)low, last = high > size ? c->count : (size_t)high;
  return (c->sorted[last - 1] - c->sorted[first - 1]) / 2;
}
