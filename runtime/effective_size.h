/* effective_size.h: how many independent draws the mean of several autocorrelated series is worth.
 *
 * Use: create once for a shape, then ask for many sets of series. One sl_effective_size belongs to one thread. */
#ifndef STANLITE_RUNTIME_EFFECTIVE_SIZE_H
#define STANLITE_RUNTIME_EFFECTIVE_SIZE_H
#include <stddef.h>

typedef struct sl_effective_size sl_effective_size;

/* For series_count series of `length` values each, at least 1 and 2. NULL when there is no memory. */
sl_effective_size *sl_effective_size_create(size_t series_count, size_t length);
void sl_effective_size_destroy(sl_effective_size *size);

/* The effective size of all values together: at most S log10(S), S = series_count * length, and S / 2 for constant
 * series. `series` holds one series after another, finite values; it is used as scratch and left without meaning.
 * between_weight multiplies the variance of the series' means; it is 1 but for loo.c's sake. */
double sl_effective_size_of(sl_effective_size *size, double *series, double between_weight);

/* Taken from the first value on, so that the mean of equal values is that value, and their variance zero. */
double sl_series_mean(const double *values, size_t count);
/* Mean over the series of their variances, and the variance of their means (divisors length-1 and series_count-1; NaN
 * where those are 0). */
void sl_series_variances(const double *series, size_t series_count, size_t length, double *within, double *between);
/* sum of a[i] b[i] */
double sl_series_product(const double *a, const double *b, size_t count);

#endif
