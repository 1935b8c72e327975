/* hessian.h: second derivatives of an objective from differences of its exact gradient.
 *
 * What is kept is not the Hessian H but a matrix B with B' H B = I, so that B B' = H^-1 and a step along a column of B is one
 * standard deviation of the normal approximation. Differences along such columns have the right length whatever the
 * parameters' scales and correlations are, and each is as exact as any other. */
#ifndef STANLITE_RUNTIME_HESSIAN_H
#define STANLITE_RUNTIME_HESSIAN_H
#include "runtime/objective.h"

typedef struct sl_hessian {
  sl_objective *objective;
  size_t n;
  double *directions; /* B, n by n by columns */
  double *scales;     /* n: 1 / sqrt(H_ii), about; 1 or |x_i| where that is not positive */
  double *worst;      /* n: what sl_hessian_refine complains of */
  /* Scratch. */
  double *curvature, *factor, *differences, *point, *gradients[4], *block;
} sl_hessian;

typedef enum sl_shape {
  SL_CONVEX, /* a minimum of the objective, as far as second derivatives tell */
  SL_FLAT,   /* along `worst` the objective does not change, or runs out at infinity */
  SL_SADDLE, /* along `worst` it falls */
  SL_ROUGH   /* along `worst` it is not twice differentiable, or cannot be evaluated */
} sl_shape;

/* False: no memory. Destroy it in either case. */
bool sl_hessian_create(sl_hessian *hessian, sl_objective *objective);
void sl_hessian_destroy(sl_hessian *hessian);

/* B at x, to a few digits; where H is not positive definite, of a matrix near it that is. 4 n gradients or some more. False:
 * the objective cannot be evaluated next to x, or a signal came (interrupt.h). */
bool sl_hessian_estimate(sl_hessian *hessian, const double *x);
/* B at x to some 8 digits, after an estimate there or nearby. 4 n gradients, or several times as many. When the shape is not
 * SL_CONVEX, `worst` is set and B has no meaning; after a signal neither has. */
sl_shape sl_hessian_refine(sl_hessian *hessian, const double *x);
/* Newton's step -B B' g. Returns |B' g|, its length in standard deviations. */
double sl_hessian_newton_step(const sl_hessian *hessian, const double *gradient, double *step);

#endif
