/* convergence.h: how far the draws of several chains can be trusted.
 *
 * Rank-normalised split R-hat, bulk and tail effective sample size, Monte Carlo standard errors: Vehtari, Gelman,
 * Simpson, Carpenter & Bürkner (2021), "Rank-normalization, folding, and localization", Bayesian Analysis 16(2); the
 * numbers are those of R's posterior package (1.4.0). Beside them the classic R-hat of Gelman & Rubin (1992) and Brooks
 * & Gelman (1998).
 *
 * Use: create once for a shape, sl_convergence_load a quantity, then ask. Loading sorts; every question then costs a
 * few passes over the draws. One sl_convergence belongs to one thread. Nothing here fails: what is not defined is NaN,
 * as posterior's NA is (constant draws, too few, a NaN among them). */
#ifndef STANLITE_RUNTIME_CONVERGENCE_H
#define STANLITE_RUNTIME_CONVERGENCE_H
#include <stdbool.h>
#include <stddef.h>

typedef struct sl_convergence sl_convergence;

/* For chain_count chains of draw_count draws each (both at least 1, together fewer than 2^31). NULL when there is no
 * memory, or nothing to hold. */
sl_convergence *sl_convergence_create(size_t chain_count, size_t draw_count);
void sl_convergence_destroy(sl_convergence *convergence);

/* values[chain * draw_count + draw]; they must stay where they are until the next load. */
void sl_convergence_load(sl_convergence *convergence, const double *values);

/* Over the draws of all chains together. */
double sl_convergence_mean(const sl_convergence *convergence);
double sl_convergence_sd(const sl_convergence *convergence); /* divisor: number of draws - 1 */
/* Interpolates between the order statistics around 1 + (n-1) probability (type 7 of Hyndman & Fan 1996). */
double sl_convergence_quantile(const sl_convergence *convergence, double probability);
/* The shortest interval that holds this share (0 to 1) of the draws. Of a distribution with several modes it is one
 * interval all the same. */
void sl_convergence_hdi(const sl_convergence *convergence, double share, double *low, double *high);
double sl_convergence_mad(sl_convergence *convergence); /* 1.4826 times the median distance from the median */
/* All draws in increasing order, until the next load; NULL when one of them is NaN. */
const double *sl_convergence_sorted(const sl_convergence *convergence);

double sl_convergence_rhat(sl_convergence *convergence); /* rank-normalised, split, the larger of bulk and folded */
double sl_convergence_rhat_classic(sl_convergence *convergence); /* whole chains, neither split nor ranked */
double sl_convergence_ess_bulk(sl_convergence *convergence);
double sl_convergence_ess_tail(sl_convergence *convergence); /* the smaller of those of the 5 % and 95 % quantiles */
double sl_convergence_ess_mean(sl_convergence *convergence);
double sl_convergence_ess_quantile(sl_convergence *convergence, double probability);
double sl_convergence_mcse_mean(sl_convergence *convergence);
double sl_convergence_mcse_sd(sl_convergence *convergence);
double sl_convergence_mcse_quantile(sl_convergence *convergence, double probability);

#endif
