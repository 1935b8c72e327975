/* Log densities in closed form for tests of optimisers: `problem` says which one the model is. Unconstrained, without data. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "runtime/model.h"

/* Writes the value of the log density and its gradient at x; false where it is not defined. */
typedef struct function {
  const char *name;
  size_t n;
  bool (*evaluate)(const double *x, size_t n, double *value, double *gradient);
} function;

static const function *problem;

struct sl_model {
  int unused;
};

const char sl_model_name[] = "functions";
const char sl_model_source[] = "tests/unit/models/functions.c";
const char sl_compiler_version[] = "stanlite test";
const sl_variable sl_variables[] = {{"x", "vector", SL_PARAMETERS, 1, false, false, NULL, NULL}};
const int sl_variable_count = 1;

sl_model *sl_model_construct(const sl_values *data, uint64_t seed, sl_error *error) {
  static sl_model model;
  (void)data, (void)seed, (void)error;
  return &model;
}
void sl_model_destroy(sl_model *model) { (void)model; }
void sl_variable_dims(const sl_model *model, int variable, long *dims) {
  (void)model, (void)variable;
  dims[0] = (long)problem->n;
}
size_t sl_unconstrained_size(const sl_model *model) {
  (void)model;
  return problem->n;
}
size_t sl_constrained_size(const sl_model *model, bool transformed_parameters, bool generated_quantities) {
  (void)model, (void)transformed_parameters, (void)generated_quantities;
  return problem->n;
}

sl_status sl_log_density_gradient(const sl_model *model, sl_workspace *workspace, const double *unconstrained,
                                  int flags, double *value, double *gradient) {
  (void)model, (void)flags;
  if (problem->evaluate(unconstrained, problem->n, value, gradient)) return SL_EVALUATED;
  snprintf(workspace->message, sizeof workspace->message, "outside (line 1)");
  return SL_REJECTED;
}

sl_status sl_log_density(const sl_model *model, sl_workspace *workspace, const double *unconstrained, int flags,
                         double *value) {
  double *gradient = malloc((problem->n + 1) * sizeof *gradient);
  sl_status status = sl_log_density_gradient(model, workspace, unconstrained, flags, value, gradient);
  free(gradient);
  return status;
}

sl_status sl_constrain(const sl_model *model, sl_workspace *workspace, const double *unconstrained, sl_rng *rng,
                       bool transformed_parameters, bool generated_quantities, double *constrained) {
  (void)model, (void)workspace, (void)rng, (void)transformed_parameters, (void)generated_quantities;
  for (size_t i = 0; i < problem->n; i++) constrained[i] = unconstrained[i];
  return SL_EVALUATED;
}

bool sl_unconstrain(const sl_model *model, sl_workspace *workspace, const sl_values *inits, double *unconstrained,
                    sl_error *error) {
  (void)model, (void)workspace, (void)inits, (void)unconstrained, (void)error;
  return true;
}
