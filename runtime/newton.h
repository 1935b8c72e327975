/* newton.h: Newton's method with a line search, for a point where the objective is lowest. */
#ifndef STANLITE_RUNTIME_NEWTON_H
#define STANLITE_RUNTIME_NEWTON_H
#include "runtime/hessian.h"
#include "runtime/line_search.h"

typedef struct sl_newton {
  sl_hessian hessian;
  double *direction;
  sl_iterate next;
} sl_newton;

/* False: no memory, and nothing to destroy. */
bool sl_newton_create(sl_newton *method, sl_objective *objective);
void sl_newton_destroy(sl_newton *method);
/* Takes `current` to a lower point. False: there is none to be found, current stays where it was. */
bool sl_newton_step(sl_newton *method, sl_iterate *current);

#endif
