/* wald.h: estimates at a mode, their standard errors, and Wald's test of each being zero. */
#ifndef STANLITE_RUNTIME_WALD_H
#define STANLITE_RUNTIME_WALD_H
#include "runtime/csv_writer.h"
#include "runtime/hessian.h"

/* Of all variables after data, in the order of sl_constrain. */
typedef struct sl_wald {
  size_t count;
  double *estimates;
  double *
      errors; /* 0 where nothing varies; NaN where there is none: drawn at random, undefined or discontinuous at the mode */
  double *block;
} sl_wald;

/* Evaluates at `mode`, and by the delta method next to it along the columns of hessian->directions. Calls of _rng functions see
 * the stream of `seed`. False: no memory, or the program failed for good. */
bool sl_wald_create(sl_wald *wald, const sl_hessian *hessian, const double *mode, uint64_t seed, sl_error *error);
void sl_wald_destroy(sl_wald *wald);

/* For people, on standard output: name, estimate, standard error, z and p of each element. Variables of many elements are named
 * only. */
void sl_wald_print(const sl_wald *wald, const sl_model *model);
/* All of it for programs: comment lines "# wald,NAME,ESTIMATE,ERROR,Z,P". */
void sl_wald_write(const sl_wald *wald, const sl_model *model, sl_csv_writer *writer);

#endif
