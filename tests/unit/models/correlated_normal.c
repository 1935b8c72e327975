/* A normal distribution in ten dimensions: autoregressive with coefficient 0.7, element i (from 0) with mean i and standard
 * deviation 1 + i. Everything about it is known in closed form: corr(i, j) = 0.7^|i-j|. */
#include <math.h>
#include "runtime/model.h"

enum { normal_size = 10 };
static const double normal_coefficient = 0.7;

static double normal_mean(int i) { return i; }
static double normal_deviation(int i) { return 1 + i; }

struct sl_model {
  int unused;
};

const char sl_model_name[] = "correlated_normal";
const char sl_model_source[] = "tests/unit/models/correlated_normal.c";
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
  dims[0] = normal_size;
}
size_t sl_unconstrained_size(const sl_model *model) {
  (void)model;
  return normal_size;
}
size_t sl_constrained_size(const sl_model *model, bool transformed_parameters, bool generated_quantities) {
  (void)model, (void)transformed_parameters, (void)generated_quantities;
  return normal_size;
}

/* z_0 ~ normal(0, 1), z_i ~ normal(0.7 z_{i-1}, sqrt(1 - 0.49)) for z = (x - mean) / deviation. */
sl_status sl_log_density_gradient(const sl_model *model, sl_workspace *workspace, const double *unconstrained,
                                  int flags, double *value, double *gradient) {
  (void)model, (void)workspace, (void)flags;
  const double precision = 1 / (1 - normal_coefficient * normal_coefficient);
  double sum = 0, before = 0;
  for (int i = 0; i < normal_size; i++) gradient[i] = 0;
  for (int i = 0; i < normal_size; i++) {
    double z = (unconstrained[i] - normal_mean(i)) / normal_deviation(i), factor = i ? precision : 1;
    double residual = z - (i ? normal_coefficient * before : 0);
    sum -= 0.5 * factor * residual * residual;
    gradient[i] -= factor * residual / normal_deviation(i);
    if (i) gradient[i - 1] += normal_coefficient * factor * residual / normal_deviation(i - 1);
    before = z;
  }
  *value = sum;
  return SL_EVALUATED;
}

sl_status sl_log_density(const sl_model *model, sl_workspace *workspace, const double *unconstrained, int flags,
                         double *value) {
  double gradient[normal_size];
  return sl_log_density_gradient(model, workspace, unconstrained, flags, value, gradient);
}

sl_status sl_constrain(const sl_model *model, sl_workspace *workspace, const double *unconstrained, sl_rng *rng,
                       bool transformed_parameters, bool generated_quantities, double *constrained) {
  (void)model, (void)workspace, (void)rng, (void)transformed_parameters, (void)generated_quantities;
  for (int i = 0; i < normal_size; i++) constrained[i] = unconstrained[i];
  return SL_EVALUATED;
}

bool sl_unconstrain(const sl_model *model, sl_workspace *workspace, const sl_values *inits, double *unconstrained,
                    sl_error *error) {
  (void)model, (void)workspace;
  long size = normal_size;
  return !sl_values_has(inits, "x") || sl_values_real(inits, "x", 1, &size, false, unconstrained, error);
}
