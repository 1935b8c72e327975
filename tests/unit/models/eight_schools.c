/* The non-centred eight schools model, by hand: what the compiler would write, as simple as it can be.
 *   theta = mu + tau * eta;  mu ~ normal(0, 5);  tau ~ cauchy(0, 5) on tau > 0;  eta ~ std_normal();  y ~ normal(theta, sigma) */
#include <math.h>
#include <stdlib.h>
#include "runtime/model.h"

struct sl_model {
  long schools;
  double y[100], sigma[100];
};

const char sl_model_name[] = "eight_schools";
const char sl_model_source[] = "tests/unit/models/eight_schools.c";
const char sl_compiler_version[] = "stanlite test";
const sl_variable sl_variables[] = {{"J", "int<lower=0>", SL_DATA, 0, true, false, NULL, NULL},
                                    {"y", "vector", SL_DATA, 1, false, false, NULL, NULL},
                                    {"sigma", "vector<lower=0>", SL_DATA, 1, false, false, NULL, NULL},
                                    {"mu", "real", SL_PARAMETERS, 0, false, false, NULL, NULL},
                                    {"tau", "real<lower=0>", SL_PARAMETERS, 0, false, false, NULL, NULL},
                                    {"eta", "vector", SL_PARAMETERS, 1, false, false, NULL, NULL},
                                    {"theta", "vector", SL_TRANSFORMED_PARAMETERS, 1, false, false, NULL, NULL},
                                    {"y_new", "vector", SL_GENERATED_QUANTITIES, 1, false, false, NULL, NULL}};
const int sl_variable_count = 8;

sl_model *sl_model_construct(const sl_values *data, uint64_t seed, sl_error *error) {
  (void)seed;
  sl_model *model = calloc(1, sizeof *model);
  if (!model) return NULL;
  if (sl_values_int(data, "J", 0, NULL, &model->schools, error) && (model->schools < 0 || model->schools > 100))
    sl_error_set(error, SL_BAD_DATA, "J is %ld, but must be from 0 to 100 (line 2)", model->schools);
  if (error->code == SL_OK) {
    sl_values_real(data, "y", 1, &model->schools, false, model->y, error);
    sl_values_real(data, "sigma", 1, &model->schools, false, model->sigma, error);
  }
  if (error->code == SL_OK) return model;
  free(model);
  return NULL;
}

void sl_model_destroy(sl_model *model) { free(model); }

void sl_variable_dims(const sl_model *model, int variable, long *dims) {
  if (sl_variables[variable].dim_count == 1) dims[0] = model->schools;
}

size_t sl_unconstrained_size(const sl_model *model) { return 2 + (size_t)model->schools; }

size_t sl_constrained_size(const sl_model *model, bool transformed_parameters, bool generated_quantities) {
  return 2 + (size_t)model->schools * (1u + transformed_parameters + generated_quantities);
}

sl_status sl_log_density_gradient(const sl_model *model, sl_workspace *workspace, const double *unconstrained,
                                  int flags, double *value, double *gradient) {
  (void)workspace;
  double mu = unconstrained[0], tau = exp(unconstrained[1]), scaled = tau / 5;
  double sum = -0.5 * mu * mu / 25 - log1p(scaled * scaled), to_mu = -mu / 25;
  double to_tau = -2 * scaled / 5 / (1 + scaled * scaled);
  for (long j = 0; j < model->schools; j++) {
    double eta = unconstrained[2 + j], precision = 1 / (model->sigma[j] * model->sigma[j]);
    double residual = model->y[j] - mu - tau * eta;
    sum += -0.5 * eta * eta - 0.5 * residual * residual * precision;
    to_mu += residual * precision;
    to_tau += residual * precision * eta;
    gradient[2 + j] = -eta + residual * precision * tau;
  }
  gradient[0] = to_mu;
  gradient[1] = to_tau * tau;
  if (flags & SL_JACOBIAN) {
    sum += unconstrained[1];
    gradient[1] += 1;
  }
  *value = sum;
  return SL_EVALUATED;
}

sl_status sl_log_density(const sl_model *model, sl_workspace *workspace, const double *unconstrained, int flags,
                         double *value) {
  double gradient[102];
  return sl_log_density_gradient(model, workspace, unconstrained, flags, value, gradient);
}

sl_status sl_constrain(const sl_model *model, sl_workspace *workspace, const double *unconstrained, sl_rng *rng,
                       bool transformed_parameters, bool generated_quantities, double *constrained) {
  (void)workspace;
  double mu = unconstrained[0], tau = exp(unconstrained[1]);
  *constrained++ = mu;
  *constrained++ = tau;
  for (long j = 0; j < model->schools; j++) *constrained++ = unconstrained[2 + j];
  for (long j = 0; transformed_parameters && j < model->schools; j++) *constrained++ = mu + tau * unconstrained[2 + j];
  for (long j = 0; generated_quantities && j < model->schools; j++)
    *constrained++ = mu + tau * unconstrained[2 + j] + model->sigma[j] * sl_std_normal(rng);
  return SL_EVALUATED;
}

bool sl_unconstrain(const sl_model *model, sl_workspace *workspace, const sl_values *inits, double *unconstrained,
                    sl_error *error) {
  (void)workspace;
  double tau;
  if (sl_values_has(inits, "mu") && !sl_values_real(inits, "mu", 0, NULL, false, unconstrained, error)) return false;
  if (sl_values_has(inits, "tau")) {
    if (!sl_values_real(inits, "tau", 0, NULL, false, &tau, error)) return false;
    if (!(tau > 0)) {
      sl_error_set(error, SL_BAD_DATA, "tau is %g, but must be greater than 0 (line 7)", tau);
      return false;
    }
    unconstrained[1] = log(tau);
  }
  return !sl_values_has(inits, "eta") ||
         sl_values_real(inits, "eta", 1, &model->schools, false, unconstrained + 2, error);
}
