/* Neal's funnel, with a support: v ~ normal(0, 3), x_i ~ normal(0, exp(v / 2)) for nine x, and v < 12 or the evaluation is
 * rejected. Its neck is too narrow for any step size: a sampler has to report divergences. */
#include <math.h>
#include <stdio.h>
#include "runtime/model.h"

enum { funnel_size = 10 };

static bool funnel_fatal; /* whether v >= 12 ends sampling instead, as fatal_error() does */

struct sl_model {
  int unused;
};

const char sl_model_name[] = "funnel";
const char sl_model_source[] = "tests/unit/models/funnel.c";
const char sl_compiler_version[] = "stanlite test";
const sl_variable sl_variables[] = {{"v", "real", SL_PARAMETERS, 0, false, false, NULL, NULL},
                                    {"x", "vector", SL_PARAMETERS, 1, false, false, NULL, NULL}};
const int sl_variable_count = 2;

sl_model *sl_model_construct(const sl_values *data, uint64_t seed, sl_error *error) {
  static sl_model model;
  (void)data, (void)seed, (void)error;
  return &model;
}
void sl_model_destroy(sl_model *model) { (void)model; }
void sl_variable_dims(const sl_model *model, int variable, long *dims) {
  (void)model;
  if (variable == 1) dims[0] = funnel_size - 1;
}
size_t sl_unconstrained_size(const sl_model *model) {
  (void)model;
  return funnel_size;
}
size_t sl_constrained_size(const sl_model *model, bool transformed_parameters, bool generated_quantities) {
  (void)model, (void)transformed_parameters, (void)generated_quantities;
  return funnel_size;
}

sl_status sl_log_density_gradient(const sl_model *model, sl_workspace *workspace, const double *unconstrained,
                                  int flags, double *value, double *gradient) {
  (void)model, (void)flags;
  double v = unconstrained[0], precision = exp(-v), squares = 0;
  if (v >= 12) {
    snprintf(workspace->message, sizeof workspace->message, "v is %g, but must be less than 12 (line 4)", v);
    return funnel_fatal ? SL_FATAL : SL_REJECTED;
  }
  for (int i = 1; i < funnel_size; i++) {
    squares += unconstrained[i] * unconstrained[i];
    gradient[i] = -unconstrained[i] * precision;
  }
  *value = -v * v / 18 - 0.5 * squares * precision - 0.5 * (funnel_size - 1) * v;
  gradient[0] = -v / 9 + 0.5 * squares * precision - 0.5 * (funnel_size - 1);
  return SL_EVALUATED;
}

sl_status sl_log_density(const sl_model *model, sl_workspace *workspace, const double *unconstrained, int flags,
                         double *value) {
  double gradient[funnel_size];
  return sl_log_density_gradient(model, workspace, unconstrained, flags, value, gradient);
}

sl_status sl_constrain(const sl_model *model, sl_workspace *workspace, const double *unconstrained, sl_rng *rng,
                       bool transformed_parameters, bool generated_quantities, double *constrained) {
  (void)model, (void)workspace, (void)rng, (void)transformed_parameters, (void)generated_quantities;
  for (int i = 0; i < funnel_size; i++) constrained[i] = unconstrained[i];
  return SL_EVALUATED;
}

bool sl_unconstrain(const sl_model *model, sl_workspace *workspace, const sl_values *inits, double *unconstrained,
                    sl_error *error) {
  (void)model, (void)workspace;
  return !sl_values_has(inits, "v") || sl_values_real(inits, "v", 0, NULL, false, unconstrained, error);
}
