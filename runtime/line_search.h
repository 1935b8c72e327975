/* line_search.h: a step along a direction that satisfies the strong Wolfe conditions. */
#ifndef STANLITE_RUNTIME_LINE_SEARCH_H
#define STANLITE_RUNTIME_LINE_SEARCH_H
#include "runtime/objective.h"

/* A point with its value and gradient; the vectors are the caller's, n values each. */
typedef struct sl_iterate {
  double *x, *gradient;
  double value;
} sl_iterate;

/* From `start` along `direction` (in which the objective falls), first with the step *step: sets *step to one that
 * satisfies
 *     f(x + a p) <= f(x) + c1 a g'p   and   |g(x + a p)'p| <= c2 |g'p|,     c1 = 1e-4, c2 = 0.9,
 * and *end to the point it leads to. False: none was found, *end is undefined. */
bool sl_line_search(sl_objective *objective, const sl_iterate *start, const double *direction, double *step,
                    sl_iterate *end);

/* The place in [low, high] where the cubic through value 0 and slope `slope0` at 0, and value `value1` and slope `slope1` at
 * `at`, is lowest. */
double sl_cubic_minimum(double slope0, double at, double value1, double slope1, double low, double high);

#endif
