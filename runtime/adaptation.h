/* adaptation.h: what warmup learns: the step size (dual averaging) and the metric (variances over windows).
 *
 * Dual averaging is Nesterov's as in Hoffman and Gelman 2014, section 3.2. The schedule of the windows is Stan's: an
 * initial buffer in which the step size alone adapts, windows that double in length and end with a new metric each, and a
 * final buffer for the step size again. */
#ifndef STANLITE_RUNTIME_ADAPTATION_H
#define STANLITE_RUNTIME_ADAPTATION_H
#include "runtime/hamiltonian.h"

typedef struct sl_step_adaptation {
  double gamma, delta, kappa, t0; /* settings, named as in the paper */
  double mu;                      /* what log step sizes are shrunk towards */
  double count, error_mean, log_step_mean;
} sl_step_adaptation;

/* Begins anew around `step_size`. */
void sl_step_adaptation_restart(sl_step_adaptation *adaptation, double step_size);
/* The next step size after a transition with this acceptance statistic. */
double sl_step_adaptation_learn(sl_step_adaptation *adaptation, double accept_statistic);
/* The same for the scale of a random walk, from its last acceptance probability alone: a search that is slower but much less
 * noisy than dual averaging where that probability is mostly near 0 or near 1. Its gain is the steplength constant of
 * Garthwaite, Fan and Sisson 2016 in many dimensions; gamma and t0 have no part in it. */
double sl_scale_adaptation_learn(sl_step_adaptation *adaptation, double accept_statistic);
/* The step size that sampling uses, with dual averaging an average; `step_size` where nothing was learned since the restart. */
double sl_step_adaptation_result(const sl_step_adaptation *adaptation, double step_size);

typedef struct sl_windows {
  int num_warmup, init_buffer, term_buffer; /* num_warmup 0: no windows at all */
  int size, next_end;                       /* of the current window: its length, its last iteration */
} sl_windows;

typedef enum { SL_WINDOWS_AS_ASKED, SL_WINDOWS_SHRUNK, SL_WINDOWS_NONE } sl_windows_fit;

/* Fits the schedule into num_warmup iterations: with less than 20 there is no metric to learn, and where the three stages
 * do not fit they get 15 %, 75 % and 10 %. */
sl_windows_fit sl_windows_init(sl_windows *windows, int num_warmup, int init_buffer, int term_buffer, int window);
/* Whether the draw of iteration (from 0) counts for the metric, and whether a window ends with it. */
bool sl_windows_inside(const sl_windows *windows, int iteration);
bool sl_windows_end(const sl_windows *windows, int iteration);
/* To be called at the end of a window: fixes the end of the next. */
void sl_windows_advance(sl_windows *windows, int iteration);

/* Welford's running mean and (co)variance of the unconstrained draws. */
typedef struct sl_moments {
  sl_metric_kind kind;
  size_t n;
  double count;
  double *mean;
  double *deviations; /* sums of squares (n), or of products (n by n) */
  double *difference; /* scratch */
} sl_moments;

size_t sl_moments_elements(sl_metric_kind kind, size_t n);
void sl_moments_init(sl_moments *moments, sl_metric_kind kind, size_t n, sl_vectors *vectors);
void sl_moments_add(sl_moments *moments, const double *position);
/* Writes the regularised estimate into metric->inverse and begins anew:
 * (n/(n+5)) variance + 0.001 (5/(n+5)) identity. False when that is no metric (overflow). */
bool sl_moments_finish(sl_moments *moments, sl_metric *metric);

#endif
