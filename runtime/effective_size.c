/* effective_size.c: see effective_size.h. Autocovariances are summed lag by lag for as long as Geyer's sequence needs few
 * of them, by Fourier transform once it needs many. */
#include "runtime/effective_size.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/fft.h"

/* Lags summed directly before the transform, which costs about as much as this many, takes over. */
enum { direct_lags = 64 };

struct sl_effective_size {
  size_t series_count, length;
  double *series;         /* the caller's, centred */
  double *autocovariance; /* length */
  sl_fft *fft;            /* made when first needed */
  size_t fft_length;
  double *spectrum; /* 4 * fft_length */
};

sl_effective_size *sl_effective_size_create(size_t series_count, size_t length) {
  sl_effective_size *size = malloc(sizeof *size);
  double *autocovariance = malloc((length + 1) * sizeof *autocovariance);
  if (!size || !autocovariance) {
    free(size);
    free(autocovariance);
    return NULL;
  }
  *size = (sl_effective_size){.series_count = series_count, .length = length, .autocovariance = autocovariance};
  return size;
}

void sl_effective_size_destroy(sl_effective_size *size) {
  if (!size) return;
  free(size->autocovariance);
  free(size->spectrum);
  sl_fft_destroy(size->fft);
  free(size);
}

/* Sums run in fours, so that additions do not wait for each other. */
double sl_series_mean(const double *values, size_t count) {
  double sum[4] = {0};
  size_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (size_t k = 0; k < 4; k++) sum[k] += values[i + k] - values[0];
  for (; i < count; i++) sum[0] += values[i] - values[0];
  return values[0] + ((sum[0] + sum[1]) + (sum[2] + sum[3])) / (double)count;
}

static double variance(const double *values, size_t count, double mean) {
  double sum[4] = {0};
  size_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (size_t k = 0; k < 4; k++) sum[k] += (values[i + k] - mean) * (values[i + k] - mean);
  for (; i < count; i++) sum[0] += (values[i] - mean) * (values[i] - mean);
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) / (double)(count - 1);
}

void sl_series_variances(const double *series, size_t series_count, size_t length, double *within, double *between) {
  double sum = 0, mean_of_means = 0, squares = 0;
  for (size_t i = 0; i < series_count; i++) {
    double mean = sl_series_mean(series + i * length, length), change = mean - mean_of_means;
    sum += variance(series + i * length, length, mean);
    mean_of_means += change / (double)(i + 1);
    squares += change * (mean - mean_of_means);
  }
  *within = sum / (double)series_count;
  *between = squares / (double)(series_count - 1);
}

double sl_series_product(const double *a, const double *b, size_t count) {
  double sum[4] = {0};
  size_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (size_t k = 0; k < 4; k++) sum[k] += a[i + k] * b[i + k];
  for (; i < count; i++) sum[0] += a[i] * b[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static double direct_autocovariance(const sl_effective_size *size, size_t lag) {
  double sum = 0;
  for (size_t i = 0; i < size->series_count; i++) {
    const double *x = size->series + i * size->length;
    sum += sl_series_product(x, x + lag, size->length - lag);
  }
  return sum / (double)(size->series_count * size->length);
}

/* All lags at once. The autocorrelation of x + iy has real part (that of x) + (that of y), so two series go through one
 * transform, all power spectra are added, and one inverse transform gives the mean over the series. False: no
 * memory. */
static bool transform_autocovariances(sl_effective_size *size) {
  size_t length = 2, n = size->length;
  while (length < 2 * n) length *= 2;
  if (!size->fft) {
    size->fft_length = length;
    size->spectrum = malloc(4 * length * sizeof *size->spectrum);
    size->fft = size->spectrum ? sl_fft_create(length) : NULL;
    if (!size->fft) {
      free(size->spectrum);
      size->spectrum = NULL;
      return false;
    }
  }
  double *real = size->spectrum, *imaginary = real + length, *power = imaginary + length, *nothing = power + length;
  memset(power, 0, 2 * length * sizeof *power);
  for (size_t i = 0; i < size->series_count; i += 2) {
    memset(real, 0, 2 * length * sizeof *real);
    memcpy(real, size->series + i * n, n * sizeof *real);
    if (i + 1 < size->series_count) memcpy(imaginary, size->series + (i + 1) * n, n * sizeof *real);
    sl_fft_forward(size->fft, real, imaginary);
    for (size_t k = 0; k < length; k++) power[k] += real[k] * real[k] + imaginary[k] * imaginary[k];
  }
  sl_fft_inverse(size->fft, power, nothing);
  double scale = 1 / ((double)length * (double)(size->series_count * n));
  for (size_t lag = 0; lag < n; lag++) size->autocovariance[lag] = power[lag] * scale;
  return true;
}

/* autocovariance[lag] and [lag+1], averaged over the series (divisor: their length), of the centred series. */
static const double *autocovariance_pair(sl_effective_size *size, size_t lag, bool *transformed) {
  if (!*transformed && lag >= direct_lags) *transformed = transform_autocovariances(size);
  if (!*transformed)
    for (size_t i = lag; i < lag + 2; i++) size->autocovariance[i] = direct_autocovariance(size, i);
  return size->autocovariance + lag;
}

/* S / tau, tau from Geyer's (1992) initial positive and monotone sequence over the autocorrelations of all series
 * together, rho_t = 1 - (W - mean autocovariance_t) / var_plus; Vehtari et al. (2021) eqs. 8-10. Pairs (rho_t,
 * rho_t+1), t even, are summed while positive, each made no larger than the one before; where that happens depends on
 * pairs already seen, so sum and bound run along. The first rho after the last pair, if positive, is added once. Of
 * constant series every rho is NaN, and no pair is taken. */
double sl_effective_size_of(sl_effective_size *size, double *series, double between_weight) {
  size_t n = size->length, total = size->series_count * n;
  double within, between;
  sl_series_variances(series, size->series_count, n, &within, &between);
  for (size_t i = 0; i < size->series_count; i++) {
    double *x = series + i * n, mean = sl_series_mean(x, n);
    for (size_t k = 0; k < n; k++) x[k] -= mean;
  }
  size->series = series;
  double var_plus = within * (double)(n - 1) / (double)n;
  if (size->series_count > 1) var_plus += between_weight * between;
  bool transformed = false;
  const double *pair = autocovariance_pair(size, 0, &transformed);
  double even = 1, odd = 1 - (within - pair[1]) / var_plus;
  double sum = 0, bound = INFINITY;
  size_t t = 0;
  while (t + 5 < n && even + odd > 0) {
    bound = even + odd < bound ? even + odd : bound;
    sum += bound;
    t += 2;
    pair = autocovariance_pair(size, t, &transformed);
    even = 1 - (within - pair[0]) / var_plus;
    odd = 1 - (within - pair[1]) / var_plus;
  }
  if (t == 0) sum = 1; /* without a single pair R's packages count rho_0 alone */
  double last = even > 0 || even + odd >= 0 ? even : 0;
  double tau = -1 + 2 * sum + last, least = 1 / log10((double)total);
  return (double)total / (tau < least ? least : tau);
}
