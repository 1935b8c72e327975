/* compare_elpd.c: models by how well they predict, see compare.h. */
#include <math.h>
#include <stdlib.h>
#include "cli/compare.h"
#include "cli/print.h"
#include "runtime/model_weights.h"

/* The table, one entry of each array for a model, the best first. */
typedef struct ranking {
  size_t count;
  const compared *models[most_models];
  const char *names[most_models];
  double elpd[most_models], se[most_models], p[most_models], p_se[most_models];
  double difference[most_models],
      difference_se[most_models]; /* of elpd; the error of the best model's is not defined */
  double akaike[most_models], stacking[most_models];
} ranking;

/* By insertion, so that equal models stay in the order given. */
static void sort_models(const comparison *comparison, ranking *ranking) {
  for (size_t i = 0; i < comparison->count; i++) {
    const compared *model = &comparison->models[i];
    size_t place = ranking->count++;
    for (; place > 0 && ranking->models[place - 1]->fit.elpd->elpd.value < model->fit.elpd->elpd.value; place--)
      ranking->models[place] = ranking->models[place - 1];
    ranking->models[place] = model;
  }
}

static bool weigh(ranking *ranking) {
  size_t count = ranking->models[0]->fit.elpd->count;
  double *points = malloc(ranking->count * count * sizeof *points);
  if (!points) return false;
  const double *rows[most_models];
  for (size_t m = 0; m < ranking->count; m++) {
    rows[m] = points + m * count;
    for (size_t i = 0; i < count; i++) points[m * count + i] = ranking->models[m]->fit.elpd->points[i].elpd;
  }
  sl_akaike_weights(ranking->elpd, ranking->count, ranking->akaike);
  bool weighed = sl_stacking_weights(rows, ranking->count, count, ranking->stacking);
  free(points);
  return weighed;
}

static bool rank(const comparison *comparison, ranking *ranking) {
  *ranking = (struct ranking){0};
  sort_models(comparison, ranking);
  const sl_elpd *best = ranking->models[0]->fit.elpd;
  for (size_t m = 0; m < ranking->count; m++) {
    const sl_elpd *elpd = ranking->models[m]->fit.elpd;
    sl_estimate difference = sl_elpd_difference(elpd, best);
    ranking->names[m] = ranking->models[m]->name;
    ranking->elpd[m] = elpd->elpd.value;
    ranking->se[m] = elpd->elpd.se;
    ranking->p[m] = elpd->p.value;
    ranking->p_se[m] = elpd->p.se;
    ranking->difference[m] = difference.value;
    ranking->difference_se[m] = m == 0 ? NAN : difference.se;
  }
  return weigh(ranking);
}

static void print_text(const comparison *comparison, const ranking *ranking, FILE *out) {
  bool loo = comparison->method == sl_elpd_loo;
  double deviance[most_models], se[most_models], difference[most_models], difference_se[most_models];
  for (size_t m = 0; m < ranking->count; m++) {
    deviance[m] = -2 * ranking->elpd[m];
    se[m] = 2 * ranking->se[m];
    difference[m] = 0 - 2 * ranking->difference[m]; /* not -0 */
    difference_se[m] = 2 * ranking->difference_se[m];
  }
  size_t count = ranking->models[0]->fit.elpd->count;
  fprintf(out, "%zu models of %zu observation%s by %s\n\n", ranking->count, count, count == 1 ? "" : "s",
          loo ? "leave-one-out cross-validation" : "WAIC");
  print_columns(out, ranking->names, ranking->count,
                (print_column[]){{"elpd_diff", 1, ranking->difference},
                                 {"se_diff", 2, ranking->difference_se},
                                 {loo ? "elpd_loo" : "elpd_waic", 1, ranking->elpd},
                                 {"se", 2, ranking->se},
                                 {loo ? "p_loo" : "p_waic", 1, ranking->p},
                                 {"se", 2, ranking->p_se}},
                6);
  fputs("\nThe same as a deviance, -2 elpd, and weights\n\n", out);
  print_columns(out, ranking->names, ranking->count,
                (print_column[]){{loo ? "looic" : "WAIC", 1, deviance},
                                 {"SE", 2, se},
                                 {loo ? "dlooic" : "dWAIC", 1, difference},
                                 {"dSE", 2, difference_se},
                                 {loo ? "p_loo" : "pWAIC", 1, ranking->p},
                                 {"weight", 3, ranking->akaike},
                                 {"stacking", 3, ranking->stacking}},
                7);
}

/* What `stanlite loo` and `waic` say at length. */
static void print_warnings(const comparison *comparison, const ranking *ranking, FILE *out) {
  bool any = false;
  for (size_t m = 0; m < ranking->count; m++) {
    const fit *fit = &ranking->models[m]->fit;
    if (fit->note_count == 0) continue;
    if (!any) fputs("\nBefore you use these figures:\n", out);
    any = true;
    char text[note_size + 200];
    snprintf(text, sizeof text, "- %.150s: %s", ranking->names[m], fit->notes[0]);
    print_wrapped(out, text);
  }
  if (any)
    fprintf(out, "`stanlite %s` on the files of a model says more.\n",
            comparison->method == sl_elpd_loo ? "loo" : "waic");
}

static void print_json(const comparison *comparison, const ranking *ranking, FILE *out) {
  bool loo = comparison->method == sl_elpd_loo;
  fprintf(out, "{\"method\": \"%s\", \"observations\": %zu,\n\"models\": [", loo ? "loo" : "waic",
          ranking->models[0]->fit.elpd->count);
  for (size_t m = 0; m < ranking->count; m++) {
    const fit *fit = &ranking->models[m]->fit;
    double difference_se = m == 0 ? 0 : ranking->difference_se[m];
    fputs(m ? ",\n{\"name\": " : "\n{\"name\": ", out);
    print_json_string(out, ranking->names[m]);
    fputs(", ", out);
    print_json_member(out, "elpd_diff", ranking->difference[m], ", ");
    print_json_member(out, "se_diff", difference_se, ", ");
    print_json_estimate(out, loo ? "elpd_loo" : "elpd_waic", fit->elpd->elpd, 1, ", ");
    print_json_estimate(out, loo ? "p_loo" : "p_waic", fit->elpd->p, 1, ", ");
    print_json_estimate(out, loo ? "looic" : "waic", fit->elpd->elpd, -2, ", ");
    print_json_member(out, loo ? "dlooic" : "dwaic", 0 - 2 * ranking->difference[m], ", ");
    print_json_member(out, "dse", 2 * difference_se, ", ");
    print_json_member(out, "weight", ranking->akaike[m], ", ");
    print_json_member(out, "stacking", ranking->stacking[m], ", ");
    if (loo) fprintf(out, "\"high_k\": %zu, ", fit->elpd->high_count);
    fit_print_json_notes(fit, out);
    putc('}', out);
  }
  fputs("]}\n", out);
}

int compare_elpd(const comparison *comparison, FILE *out, sl_error *error) {
  const compared *first = &comparison->models[0];
  for (size_t i = 1; i < comparison->count; i++) {
    const compared *model = &comparison->models[i];
    if (model->fit.elpd->count != first->fit.elpd->count) {
      sl_error_set(error, SL_BAD_DATA,
                   "%s has %zu observations and %s has %zu: only models of the same observations can be compared",
                   first->name, first->fit.elpd->count, model->name, model->fit.elpd->count);
      return error->code;
    }
  }
  ranking ranking;
  if (!rank(comparison, &ranking)) {
    sl_error_set(error, SL_DEFECT, "not enough memory for the comparison");
    return error->code;
  }
  if (comparison->json) {
    print_json(comparison, &ranking, out);
    return SL_OK;
  }
  print_text(comparison, &ranking, out);
  print_warnings(comparison, &ranking, out);
  return SL_OK;
}
