/* objective.c: see objective.h. */
#include "runtime/objective.h"
#include <stdio.h>

bool sl_objective_evaluate(sl_objective *objective, const double *x, double *value, double *gradient) {
  sl_workspace *workspace = objective->workspace;
  if (objective->fatal) return false;
  objective->evaluations++;
  sl_status status = sl_log_density_gradient(objective->model, workspace, x, objective->flags, value, gradient);
  bool finite = status == SL_EVALUATED && isfinite(*value);
  for (size_t i = 0; finite && i < objective->n; i++) {
    gradient[i] = -gradient[i];
    finite = isfinite(gradient[i]) != 0;
  }
  *value = -*value;
  if (status == SL_FATAL) {
    objective->fatal = true;
  } else if (!finite) {
    if (status == SL_EVALUATED)
      snprintf(workspace->message, sizeof workspace->message, "The log density or its gradient is not finite.");
    sl_rejections_report(objective->rejections, SL_REJECTED_PROPOSAL, objective->chain, workspace->message);
  }
  return finite;
}
