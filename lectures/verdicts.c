/* verdicts.c: does a figure match? Its difference d = ours - printed is held to the standard error of both runs,
 *
 *   e^2 = ours^2 + lecture's^2,   lecture's = ours sqrt(effective draws of ours / effective draws of the lecture's)
 *
 * with effective draws as the lecture prints them (bulk, for quantiles tail if it has them) beside those of the same kind of ours;
 * where it prints none, with the numbers of draws. A figure matches if |d| <= h, half a unit of its last digit, or |d| <= 4 e; and
 * if |d| <= h + 4 e, since the printed digits stand for every number within h of them: the page says which these are.
 * Effective draws, as figures, are scaled to as many draws as the lecture has.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "lectures/lectures.h"

static const double most_errors = 4;

static bool is(const figure *figure, const char *what) { return strcmp(figure->what, what) == 0; }

static bool is_effective_size(const figure *figure) { return strncmp(figure->what, "ess_", 4) == 0; }

/* Effective sample sizes and R-hats are a run's, not the model's; "draw" is a random draw that the lecture shows. */
static bool belongs_to_a_run(const figure *figure) {
  return is_effective_size(figure) || is(figure, "rhat") || is(figure, "draw");
}

/* What the lecture prints of the same quantity in the same table; NaN: nothing. */
static double printed_beside(const lectures *all, const figure *of, const char *what) {
  for (size_t i = 0; i < all->figure_count; i++) {
    const figure *other = &all->figures[i];
    if (other->source == of->source && strcmp(other->quantity, of->quantity) == 0 && is(other, what))
      return other->value;
  }
  return NAN;
}

/* (effective draws of ours) / (effective draws of the lecture's run) */
static double ratio_of_draws(const lectures *all, const figure *figure, const result *result) {
  static const char *const kinds[] = {"ess_tail", "ess_bulk"};
  if (!result_draws(result)) return result_runs(result); /* each as long as the lecture's one */
  for (int i = figure->what[0] == 'q' ? 0 : 1; i < 2; i++) {
    double theirs = printed_beside(all, figure, kinds[i]), ours, none;
    sl_error nothing = {0};
    if (theirs > 0 && result_look_up(result, figure->quantity, kinds[i], &ours, &none, &nothing)) return ours / theirs;
  }
  return result_draws(result) / figure->source->lecture_draws;
}

double figure_distance(const figure *figure) {
  double error = hypot(figure->own_error, figure->lecture_error);
  return error > 0 ? (figure->ours - figure->value) / error : NAN;
}

static bool prints_the_same(const figure *figure) { /* decimal halves are no binary fractions */
  return fabs(figure->ours - figure->value) <= figure->half_unit * (1 + 1e-9);
}

static verdict judge(const figure *figure) {
  double error = hypot(figure->own_error, figure->lecture_error), apart = fabs(figure->ours - figure->value);
  if (belongs_to_a_run(figure)) return OTHER_RUN;
  if (prints_the_same(figure) || apart <= most_errors * error) return MATCHED;
  return apart - figure->half_unit <= most_errors * error ? ROUNDED : DIFFERS;
}

static bool measure(lectures *all, figure *figure, const result *result, sl_error *error) {
  if (!result_look_up(result, figure->quantity, figure->what, &figure->ours, &figure->own_error, error)) return false;
  if (is_effective_size(figure)) figure->ours *= figure->source->lecture_draws / result_draws(result);
  if (figure->own_error > 0 && !figure->source->is_exact)
    figure->lecture_error = figure->own_error * sqrt(ratio_of_draws(all, figure, result));
  figure->verdict = judge(figure);
  return true;
}

bool lectures_judge(lectures *all, const char *results, sl_error *error) {
  for (size_t s = 0; s < all->source_count; s++) {
    const source *source = &all->sources[s];
    result *result = NULL;
    bool good = true;
    for (size_t i = 0; i < all->figure_count && good; i++) {
      if (all->figures[i].source != source) continue;
      if (!result) good = (result = result_read(results, source->name, error)) != NULL;
      good = good && measure(all, &all->figures[i], result, error);
    }
    result_destroy(result);
    if (!good) return false;
  }
  return true;
}

bool figure_is_explained(const figure *figure) {
  if (figure->verdict != DIFFERS || !figure->reason) return false;
  const char *instead = figure->instead;
  return !instead || fabs(figure->ours - strtod(instead, NULL)) <= half_unit(instead) * (1 + 1e-9);
}

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static void count_other_run(tally *tally, const figure *figure, double *efficiencies, size_t *count) {
  tally->other_run++;
  if (is(figure, "rhat")) tally->rhats++;
  if (is(figure, "rhat") && prints_the_same(figure)) tally->same_rhats++;
  if (is_effective_size(figure)) efficiencies[(*count)++] = figure->ours / figure->value;
}

tally lectures_count(const lectures *all, const source *source, const char *document, bool is_exact) {
  tally tally = {.efficiency = NAN};
  double *efficiencies = calloc(all->figure_count + 1, sizeof *efficiencies);
  size_t count = 0;
  if (!efficiencies) abort();
  for (size_t i = 0; i < all->figure_count; i++) {
    const figure *figure = &all->figures[i];
    if ((source && figure->source != source) || figure->source->is_exact != is_exact) continue;
    if (document && strcmp(figure->source->document, document) != 0) continue;
    switch (figure->verdict) {
    case OTHER_RUN: count_other_run(&tally, figure, efficiencies, &count); continue;
    case MATCHED: tally.matched++; break;
    case ROUNDED: tally.matched++, tally.rounded++; break;
    case DIFFERS: figure_is_explained(figure) ? tally.explained++ : tally.unexplained++; break;
    }
    if (isnan(figure_distance(figure)) || figure->verdict != MATCHED || prints_the_same(figure)) continue;
    if (!tally.farthest || fabs(figure_distance(figure)) > fabs(figure_distance(tally.farthest)))
      tally.farthest = figure;
  }
  qsort(efficiencies, count, sizeof *efficiencies, ascending);
  if (count) tally.efficiency = efficiencies[count / 2];
  free(efficiencies);
  return tally;
}

int tally_total(const tally *tally) { return tally->matched + tally->explained + tally->unexplained; }
