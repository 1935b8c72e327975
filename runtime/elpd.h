/* elpd.h: how well a model predicts new data: the expected log pointwise predictive density (elpd), estimated from the
 * log-likelihood of each observation in each draw.
 *
 *   WAIC   lpd - p, p the variance of the log-likelihood: Watanabe (2010); Vehtari, Gelman & Gabry (2017), section 2.2
 *   LOO    leave-one-out, by Pareto-smoothed importance sampling: the same, section 2.1, and psis.h
 *
 * lpd_i = log(mean over draws of exp(log_lik_i)); p = lpd - elpd is the effective number of parameters. Numbers are those
 * of R's loo (2.5.1). Observations are worked on by all cores. */
#ifndef STANLITE_RUNTIME_ELPD_H
#define STANLITE_RUNTIME_ELPD_H
#include <stddef.h>
#include "runtime/draws.h"
#include "runtime/error.h"

typedef enum { sl_elpd_loo, sl_elpd_waic } sl_elpd_method;

/* One observation. */
typedef struct sl_elpd_point {
  double elpd, p;
  /* LOO only, NaN for WAIC. */
  double mcse;          /* Monte Carlo standard error of elpd; Vehtari et al. (2024), section 3.3 */
  double k;             /* shape of the importance ratios' tail; may be infinite, see psis.h */
  double effective;     /* effective number of draws behind elpd */
  double relative_size; /* effective number of draws for the likelihood, over their number: loo's r_eff */
} sl_elpd_point;

typedef struct sl_estimate {
  double value, se; /* sum over observations and sqrt(N variance); se is NaN for one observation */
} sl_estimate;

typedef struct sl_elpd {
  sl_elpd_method method;
  size_t chain_count, draw_count; /* draws of each chain */
  size_t count;                   /* observations */
  sl_elpd_point *points;
  sl_estimate elpd, p;
  double k_threshold; /* of all draws together; see psis.h */
  size_t high_count;  /* observations whose k is above it */
  double mcse;        /* of the sum; NaN for WAIC, and where some k is too high for it */
} sl_elpd;

/* The log-likelihoods stand in `count` (at least 1) columns of draws. NULL on failure: SL_BAD_DATA when a chain has one
 * draw only, or when a value is not finite (error says where), SL_DEFECT when there is no memory. */
sl_elpd *sl_elpd_create(const sl_draws *draws, const size_t *columns, size_t count, sl_elpd_method method,
                        sl_error *error);
void sl_elpd_destroy(sl_elpd *elpd);

/* elpd of a less that of b, for the same observations (a->count == b->count), with the standard error of the pointwise
 * differences. */
sl_estimate sl_elpd_difference(const sl_elpd *a, const sl_elpd *b);

#endif
