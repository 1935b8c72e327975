/* newton.c: see newton.h. Where the Hessian is not positive definite, hessian.c gives the step for one near it that is, along
 * which the objective falls. */
#include "runtime/newton.h"
#include <stdlib.h>
#include <string.h>

bool sl_newton_create(sl_newton *method, sl_objective *objective) {
  size_t n = objective->n;
  *method = (sl_newton){.direction = calloc(3 * n + 1, sizeof(double))};
  if (method->direction && sl_hessian_create(&method->hessian, objective)) {
    method->next = (sl_iterate){method->direction + n, method->direction + 2 * n, 0};
    return true;
  }
  sl_newton_destroy(method);
  return false;
}

void sl_newton_destroy(sl_newton *method) {
  sl_hessian_destroy(&method->hessian);
  free(method->direction);
}

bool sl_newton_step(sl_newton *method, sl_iterate *current) {
  size_t n = method->hessian.n;
  double step = 1;
  if (sl_norm(current->gradient, n) == 0) return true;
  if (!sl_hessian_estimate(&method->hessian, current->x)) return false;
  double length = sl_hessian_newton_step(&method->hessian, current->gradient, method->direction);
  /* Shorter than rounding of the value can tell: the minimum. */
  if (length * length < 1e-12) return true;
  if (!sl_line_search(method->hessian.objective, current, method->direction, &step, &method->next)) return false;
  memcpy(current->x, method->next.x, n * sizeof(double));
  memcpy(current->gradient, method->next.gradient, n * sizeof(double));
  current->value = method->next.value;
  return true;
}
