/* psis.h: Pareto-smoothed importance sampling: Vehtari, Simpson, Gelman, Yao & Gabry (2024), "Pareto smoothed importance
 * sampling", JMLR 25(72).
 *
 * The largest importance ratios are replaced by the expected order statistics of a generalised Pareto distribution that
 * is fitted to them. Its shape k says how far the weights can be trusted. Numbers are those of R's loo (2.5.1).
 *
 * Use: create for a number of draws; fill log_ratios, smooth, and take sums over the draws; again for the next set. One
 * sl_psis belongs to one thread. */
#ifndef STANLITE_RUNTIME_PSIS_H
#define STANLITE_RUNTIME_PSIS_H
#include <stddef.h>

typedef struct sl_psis {
  size_t draw_count;
  double *log_ratios; /* filled by the caller: finite, and the largest is 0 */
  /* The rest is set by sl_psis_smooth, which reorders the log ratios: first those that are kept, in any order, then the
   * tail_length ones that were smoothed, increasing. */
  double *weights; /* of the log ratios in their new order; not normalised; at most 1 */
  size_t tail_length;
  double k; /* infinite where nothing could be fitted: a tail of fewer than 5 draws, or of equal ones */
} sl_psis;

/* draw_count at least 1. NULL when there is no memory. */
sl_psis *sl_psis_create(size_t draw_count);
void sl_psis_destroy(sl_psis *psis);

/* relative_size: effective size of the draws over their number; it sets how long the tail is. */
void sl_psis_smooth(sl_psis *psis, double relative_size);

/* Above this k the weights cannot be trusted: min(1 - 1/log10(draws), 0.7), Vehtari et al. (2024), section 3.2.4. */
double sl_psis_k_threshold(size_t draw_count);

/* Fits a generalised Pareto distribution with shape k and scale sigma to `count` (at least 1) values, not negative, in
 * increasing order. k is infinite and sigma NaN where the values do not say. */
void sl_pareto_fit(const double *sorted, size_t count, double *k, double *sigma);

#endif
