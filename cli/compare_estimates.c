/* compare_estimates.c: the likelihoods of an optimizer's estimates, as R's anova() of nested models prints them, see
 * compare.h. */
#include <math.h>
#include "cli/compare.h"
#include "cli/print.h"
#include "runtime/math.h"

/* One entry of each array for a model, the one with the fewest parameters first. */
typedef struct likelihood_table {
  size_t count;
  double observations; /* NaN when not known */
  const compared *models[most_models];
  const char *names[most_models];
  double parameters[most_models], aic[most_models], bic[most_models], log_likelihood[most_models];
  double deviance[most_models], chi_squared[most_models], freedom[most_models], p[most_models];
} likelihood_table;

static void sort_models(const comparison *comparison, likelihood_table *table) {
  for (size_t i = 0; i < comparison->count; i++) {
    const compared *model = &comparison->models[i];
    size_t place = table->count++;
    for (; place > 0 && table->models[place - 1]->fit.parameter_count > model->fit.parameter_count; place--)
      table->models[place] = table->models[place - 1];
    table->models[place] = model;
  }
}

/* AIC = deviance + 2 k (Akaike 1974), BIC = deviance + k log N (Schwarz 1978). Twice the rise of the log-likelihood is
 * chi-squared with as many degrees of freedom as there are more parameters (Wilks 1938); its upper tail is the
 * regularised gamma function Q(df/2, x/2). */
static void fill(const comparison *comparison, likelihood_table *table, double observations) {
  *table = (likelihood_table){.observations = observations};
  sort_models(comparison, table);
  for (size_t m = 0; m < table->count; m++) {
    const compared *model = table->models[m];
    double parameters = (double)model->fit.parameter_count, value = model->fit.log_density;
    table->names[m] = model->name;
    table->parameters[m] = parameters;
    table->log_likelihood[m] = value;
    table->deviance[m] = -2 * value;
    table->aic[m] = -2 * value + 2 * parameters;
    table->bic[m] = -2 * value + parameters * log(observations);
    table->chi_squared[m] = table->freedom[m] = table->p[m] = NAN;
    if (m == 0) continue;
    table->chi_squared[m] = 2 * (value - table->log_likelihood[m - 1]);
    table->freedom[m] = parameters - table->parameters[m - 1];
    if (table->freedom[m] > 0)
      table->p[m] = table->chi_squared[m] > 0 ? sl_gamma_q(table->freedom[m] / 2, table->chi_squared[m] / 2) : 1;
  }
}

static void print_text(const comparison *comparison, const likelihood_table *table, FILE *out) {
  print_columns(out, table->names, table->count,
                (print_column[]){{"npar", 0, table->parameters},
                                 {"AIC", 3, table->aic},
                                 {"BIC", 3, table->bic},
                                 {"logLik", 3, table->log_likelihood},
                                 {"deviance", 3, table->deviance},
                                 {"Chisq", 4, table->chi_squared},
                                 {"Df", 0, table->freedom},
                                 {"Pr(>Chisq)", -4, table->p}},
                8);
  fputs("\n", out);
  char text[400];
  if (isnan(table->observations)) {
    print_paragraph(out, "BIC needs the number of observations: --observations=N.");
  } else if (isnan(comparison->observations)) {
    snprintf(text, sizeof text,
             "BIC is for %.0f observations, the length of the log-likelihood; --observations=N says another number.",
             table->observations);
    print_paragraph(out, text);
  }
  print_paragraph(out,
                  "Each row is tested against the one above it, which must be a special case of it. A parameter at "
                  "the edge of its range, such as a standard deviation of zero, makes the test too cautious.");
  for (size_t m = 1; m < table->count; m++)
    if (table->chi_squared[m] < 0) {
      snprintf(text, sizeof text,
               "%.100s has more parameters than %.100s and a smaller likelihood: they are not nested, or the optimizer "
               "did not reach the maximum.",
               table->names[m], table->names[m - 1]);
      print_paragraph(out, text);
    }
}

static void print_json(const likelihood_table *table, FILE *out) {
  fputs("{\"method\": \"likelihood\", ", out);
  print_json_member(out, "observations", table->observations, ",\n\"models\": [");
  for (size_t m = 0; m < table->count; m++) {
    fputs(m ? ",\n{\"name\": " : "\n{\"name\": ", out);
    print_json_string(out, table->names[m]);
    fputs(", ", out);
    print_json_member(out, "npar", table->parameters[m], ", ");
    print_json_member(out, "aic", table->aic[m], ", ");
    print_json_member(out, "bic", table->bic[m], ", ");
    print_json_member(out, "log_lik", table->log_likelihood[m], ", ");
    print_json_member(out, "deviance", table->deviance[m], ", ");
    print_json_member(out, "chisq", table->chi_squared[m], ", ");
    print_json_member(out, "df", table->freedom[m], ", ");
    print_json_member(out, "p", table->p[m], "}");
  }
  fputs("]}\n", out);
}

/* What the user says, or the length of the log-likelihood when the models agree on it; NaN when not known. */
static int find_observations(const comparison *comparison, double *observations, sl_error *error) {
  *observations = comparison->observations;
  if (!isnan(*observations)) return SL_OK;
  const compared *first = &comparison->models[0];
  for (size_t i = 0; i < comparison->count; i++) {
    const compared *model = &comparison->models[i];
    if (model->fit.observation_count == 0) return SL_OK;
    if (model->fit.observation_count != first->fit.observation_count) {
      sl_error_set(error, SL_BAD_DATA,
                   "%s has %zu observations and %s has %zu: only models of the same observations can be compared",
                   first->name, first->fit.observation_count, model->name, model->fit.observation_count);
      return error->code;
    }
  }
  *observations = (double)first->fit.observation_count;
  return SL_OK;
}

int compare_estimates(const comparison *comparison, FILE *out, sl_error *error) {
  for (size_t i = 0; i < comparison->count; i++) {
    const compared *model = &comparison->models[i];
    if (model->fit.parameter_count < 0)
      sl_error_set(error, SL_BAD_DATA,
                   "%s: its file does not say how many unconstrained parameters the model has (a sampler of stanlite "
                   "writes the comment `# unconstrained_parameters = K`)",
                   model->name);
    if (model->fit.jacobian)
      sl_error_set(error, SL_BAD_DATA,
                   "%s was run with jacobian=1: its lp__ is not a likelihood; run it with jacobian=0", model->name);
  }
  double observations;
  if (error->code != SL_OK || find_observations(comparison, &observations, error) != SL_OK) return error->code;
  likelihood_table table;
  fill(comparison, &table, observations);
  if (comparison->json)
    print_json(&table, out);
  else
    print_text(comparison, &table, out);
  return SL_OK;
}
