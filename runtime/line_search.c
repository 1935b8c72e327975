/* line_search.c: bracketing and zooming (Nocedal and Wright 2006, algorithms 3.5 and 3.6), with cubic interpolation.
 *
 * Two things beside the book. A step that leaves the support is halved until it is back inside, and the search stays
 * below it from then on. And near the optimum, where the values of two points differ by rounding alone, the first condition
 * cannot be told from them: the approximate one of Hager and Zhang (2005, eq. 4.1) tells it by slopes,
 *     f(x + a p) <= f(x) + e |f(x)|   and   g(x + a p)'p <= (2 c1 - 1) g'p. */
#include "runtime/line_search.h"
#include <float.h>

static const double SUFFICIENT_DECREASE = 1e-4, CURVATURE = 0.9, GROWTH = 10, SHORTEST = 1e-16;
static const double ROUNDING = 4 * DBL_EPSILON; /* of a value, relative to it */
enum { MAX_GROWTHS = 20, MAX_HALVINGS = 60, MAX_ZOOMS = 60 };

double sl_cubic_minimum(double slope0, double at, double value1, double slope1, double low, double high) {
  /* q(x) = slope0 x + b x^2 + a x^3 */
  double a = (slope0 + slope1) / (at * at) - 2 * value1 / (at * at * at);
  double b = 3 * value1 / (at * at) - (2 * slope0 + slope1) / at;
  double best = low, least = HUGE_VAL, discriminant = b * b - 3 * a * slope0;
  /* Of the two stationary points the minimum has 2 b + 6 a x = +2 sqrt(discriminant); this form loses no digits when a
   * is small. */
  double root = discriminant >= 0 ? sqrt(discriminant) : NAN;
  double inside = b > 0 ? -slope0 / (b + root) : (root - b) / (3 * a);
  double candidates[] = {low, high, inside};
  for (int k = 0; k < 3; k++) {
    double x = candidates[k], value = x * (slope0 + x * (b + x * a));
    if (!(x >= low && x <= high && value < least)) continue;
    best = x;
    least = value;
  }
  return best;
}

/* A step with value and slope there. */
typedef struct trial {
  double step, value, slope;
} trial;

typedef struct search {
  sl_objective *objective;
  const sl_iterate *start;
  const double *direction;
  sl_iterate *end;
  trial origin;
} search;

static bool evaluate(search *s, double step, trial *out) {
  size_t n = s->objective->n;
  for (size_t i = 0; i < n; i++) s->end->x[i] = s->start->x[i] + step * s->direction[i];
  if (!sl_objective_evaluate(s->objective, s->end->x, &s->end->value, s->end->gradient)) return false;
  *out = (trial){step, s->end->value, sl_dot(s->end->gradient, s->direction, n)};
  return true;
}

/* Evaluates at `step`, or nearer to the step `inside` where that fails. False: nowhere. */
static bool evaluate_within(search *s, double inside, double step, trial *out, bool *shortened) {
  *shortened = false;
  for (int i = 0; i < MAX_HALVINGS && fabs(step - inside) > SHORTEST * fmax(1, inside); i++) {
    if (evaluate(s, step, out)) return true;
    if (s->objective->fatal) return false;
    step = 0.5 * (inside + step);
    *shortened = true;
  }
  return false;
}

static bool decreases(const search *s, const trial *t) {
  const trial *o = &s->origin;
  if (t->value <= o->value + SUFFICIENT_DECREASE * t->step * o->slope) return true;
  return t->value <= o->value + ROUNDING * fabs(o->value) && t->slope <= (2 * SUFFICIENT_DECREASE - 1) * o->slope;
}

static bool flattens(const search *s, const trial *t) { return fabs(t->slope) <= -CURVATURE * s->origin.slope; }

/* `low` decreases and is the lowest such so far; an acceptable step lies between it and `high`. */
static bool zoom(search *s, trial low, trial high, double *step) {
  for (int i = 1; i <= MAX_ZOOMS; i++) {
    double width = high.step - low.step;
    if (fabs(width) <= SHORTEST * fmax(1, low.step)) return false;
    double offset = sl_cubic_minimum(low.slope * width, 1, high.value - low.value, high.slope * width, 0, 1);
    /* Too near to an end it would not shorten the interval; now and then bisection makes sure that it shrinks. */
    if (!(offset > 0.01 && offset < 0.99) || i % 5 == 0) offset = 0.5;
    trial t;
    bool shortened;
    if (!evaluate_within(s, low.step, low.step + offset * width, &t, &shortened)) return false;
    bool below = decreases(s, &t) && (t.value < low.value || low.step == 0 || flattens(s, &t));
    if (!below) {
      high = t;
      continue;
    }
    if (flattens(s, &t)) {
      *step = t.step;
      return true;
    }
    if (t.slope * width >= 0) high = low;
    low = t;
  }
  return false;
}

bool sl_line_search(sl_objective *objective, const sl_iterate *start, const double *direction, double *step,
                    sl_iterate *end) {
  double slope = sl_dot(start->gradient, direction, objective->n);
  search s = {objective, start, direction, end, {0, start->value, slope}};
  if (!(slope < 0)) return false;
  trial before = s.origin, now;
  double next = *step;
  for (int i = 0; i < MAX_GROWTHS; i++) {
    bool shortened;
    if (!evaluate_within(&s, before.step, next, &now, &shortened)) return false;
    if (!decreases(&s, &now) || (i > 0 && now.value > before.value)) return zoom(&s, before, now, step);
    if (flattens(&s, &now) || (shortened && now.slope < 0)) {
      /* Close to the border of the support, still falling: as far as one gets. */
      *step = now.step;
      return true;
    }
    if (now.slope >= 0) return zoom(&s, now, before, step);
    before = now;
    next = GROWTH * now.step;
  }
  return false;
}
