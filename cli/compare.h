/* compare.h: `stanlite compare`: compare.c reads the arguments and the models, the others print them: compare_elpd.c the
 * predictions of fitted models, compare_estimates.c the likelihoods of an optimizer's estimates. */
#ifndef STANLITE_CLI_COMPARE_H
#define STANLITE_CLI_COMPARE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "cli/fit.h"

enum { most_models = 64 };

typedef struct compared {
  char *name; /* as the user calls the model */
  fit fit;
} compared;

typedef struct comparison {
  compared models[most_models]; /* in the order given */
  size_t count;                 /* at least 2 */
  sl_elpd_method method;
  bool json;
  double observations; /* for BIC; NaN when not known */
} comparison;

/* Both return SL_OK, or the exit code and what is wrong in `error`. */
int compare_elpd(const comparison *comparison, FILE *out, sl_error *error);
int compare_estimates(const comparison *comparison, FILE *out, sl_error *error);

#endif
