/* test_optimize.c: optimisers find maxima that are known; second derivatives are those of closed forms. */
#include "tests/unit/check.h"
#include "tests/unit/models/functions.c"
#include "runtime/newton.h"
#include "runtime/quasi_newton.h"

/* The maximum is at (1, 1); the way there is a bent valley. */
static bool rosenbrock(const double *x, size_t n, double *value, double *gradient) {
  (void)n;
  double across = x[1] - x[0] * x[0];
  *value = -(pow(1 - x[0], 2) + 100 * across * across);
  gradient[0] = 2 * (1 - x[0]) + 400 * x[0] * across;
  gradient[1] = -200 * across;
  return true;
}

/* Element i has mean i and standard deviation 10^(-3 i / (n - 1)); neighbours are correlated. With z the standardised elements
 * the density is -(sum z_i^2 + sum (z_i - z_{i+1})^2) / 2. */
static double badly_scaled_deviation(size_t i, size_t n) { return pow(10, -3.0 * (double)i / ((double)n - 1)); }
static bool badly_scaled(const double *x, size_t n, double *value, double *gradient) {
  double before = 0;
  *value = 0;
  for (size_t i = 0; i < n; i++) {
    double scale = badly_scaled_deviation(i, n), z = (x[i] - (double)i) / scale;
    *value -= 0.5 * z * z;
    gradient[i] = -z / scale;
    if (i > 0) {
      *value -= 0.5 * (z - before) * (z - before);
      gradient[i] -= (z - before) / scale;
      gradient[i - 1] += (z - before) / badly_scaled_deviation(i - 1, n);
    }
    before = z;
  }
  return true;
}

/* A beta(4, 2) density on (0, 2): outside it is rejected, at its ends infinite; its maximum is at 1.5. */
static bool bounded(const double *x, size_t n, double *value, double *gradient) {
  (void)n;
  if (x[0] > 2) return false;
  *value = 3 * log(x[0]) + log(2 - x[0]); /* NaN below 0 */
  gradient[0] = 3 / x[0] - 1 / (2 - x[0]);
  return true;
}

/* Poisson counts: element i has the log rate x_i and the count i + 1: mode log(i + 1), second derivative -(i + 1). A common
 * normal(0, 10) on the sum of all ties them together. */
static bool counts(const double *x, size_t n, double *value, double *gradient) {
  double sum = 0;
  *value = 0;
  for (size_t i = 0; i < n; i++) sum += x[i];
  for (size_t i = 0; i < n; i++) {
    *value += (double)(i + 1) * x[i] - exp(x[i]);
    gradient[i] = (double)(i + 1) - exp(x[i]) - sum / 100;
  }
  *value -= 0.5 * sum * sum / 100;
  return true;
}

static bool rising(const double *x, size_t n, double *value, double *gradient) {
  (void)n;
  *value = exp(x[0]);
  gradient[0] = exp(x[0]);
  return true;
}

static bool flat(const double *x, size_t n, double *value, double *gradient) {
  (void)n;
  double sum = x[0] + x[1];
  *value = -0.5 * sum * sum - 0.5 * x[2] * x[2];
  gradient[0] = gradient[1] = -sum;
  gradient[2] = -x[2];
  return true;
}

static bool saddle(const double *x, size_t n, double *value, double *gradient) {
  (void)n;
  *value = -0.5 * x[0] * x[0] + 0.5 * x[1] * x[1] - 0.25 * pow(x[1], 4);
  gradient[0] = -x[0];
  gradient[1] = x[1] - pow(x[1], 3);
  return true;
}

static bool kinked(const double *x, size_t n, double *value, double *gradient) {
  (void)n;
  *value = -fabs(x[0]) - 0.5 * x[1] * x[1];
  gradient[0] = x[0] > 0 ? -1 : x[0] < 0 ? 1 : 0;
  gradient[1] = -x[1];
  return true;
}

/* Falls towards 0 as the first element rises: no maximum at any finite place. */
static bool tail(const double *x, size_t n, double *value, double *gradient) {
  (void)n;
  *value = -exp(-x[0]) - 0.5 * x[1] * x[1];
  gradient[0] = exp(-x[0]);
  gradient[1] = -x[1];
  return true;
}

/* Two parameters known to 500, their sum to 0.001. */
static bool correlated(const double *x, size_t n, double *value, double *gradient) {
  (void)n;
  double sum = (x[0] + x[1]) / 1e-3, difference = (x[0] - x[1]) / 1e3;
  *value = -0.5 * (sum * sum + difference * difference);
  gradient[0] = -sum / 1e-3 - difference / 1e3;
  gradient[1] = -sum / 1e-3 + difference / 1e3;
  return true;
}

static const function functions[] = {{"rosenbrock", 2, rosenbrock}, {"badly scaled", 100, badly_scaled},
                                     {"bounded", 1, bounded},       {"counts", 8, counts},
                                     {"rising", 1, rising},         {"flat", 3, flat},
                                     {"saddle", 2, saddle},         {"kinked", 2, kinked},
                                     {"correlated", 2, correlated}, {"tail", 2, tail}};

static const sl_quasi_newton_options defaults = {5, 1e-3, 1e-12, 1e-8, 1e-8, 1e4, 1e7, 2000};

static sl_objective objective_of(const char *name) {
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    if (strcmp(functions[i].name, name) == 0) problem = &functions[i];
  return (sl_objective){.workspace = sl_workspace_create(), .n = problem->n};
}

/* Minimises from x; x becomes where it ended. */
static sl_termination minimise(sl_objective *objective, const sl_quasi_newton_options *options, double *x) {
  sl_quasi_newton method;
  sl_termination end = SL_STEP_DONE;
  CHECK(sl_quasi_newton_create(&method, objective, options));
  memcpy(method.current.x, x, objective->n * sizeof *x);
  CHECK(sl_quasi_newton_begin(&method));
  while (end == SL_STEP_DONE) {
    double before = method.current.value;
    end = sl_quasi_newton_step(&method);
    CHECK_SAY(method.current.value <= before + 1e-10 * fmax(1, fabs(before)), "%s: step %ld from %g up to %g",
              problem->name, method.iteration, before, method.current.value);
  }
  memcpy(x, method.current.x, objective->n * sizeof *x);
  sl_quasi_newton_destroy(&method);
  return end;
}

static void test_quasi_newton(void) {
  sl_rng rng;
  sl_rng_seed(&rng, 7, 1);
  for (int dense = 0; dense < 2; dense++) {
    sl_quasi_newton_options options = defaults;
    if (dense) options.history_size = 0;
    for (int start = 0; start < 20; start++) {
      sl_objective objective = objective_of("rosenbrock");
      double x[100] = {4 * sl_uniform01(&rng) - 2, 4 * sl_uniform01(&rng) - 2};
      sl_termination end = minimise(&objective, &options, x);
      CHECK_SAY(end > 0 && end != SL_ITERATION_LIMIT, "rosenbrock: %s", sl_termination_text(end));
      CHECK_NEAR(x[0], 1, 1e-3);
      CHECK_NEAR(x[1], 1, 1e-3);
      CHECK_SAY(objective.evaluations < 120, "rosenbrock took %ld gradients", objective.evaluations);
      sl_workspace_destroy(objective.workspace);
    }
    sl_objective objective = objective_of("badly scaled");
    double x[100], value, gradient[100];
    for (int i = 0; i < 100; i++) x[i] = 4 * sl_uniform01(&rng) - 2;
    minimise(&objective, &options, x);
    CHECK(sl_objective_evaluate(&objective, x, &value, gradient));
    CHECK_SAY(value < 1e-3, "badly scaled, %s: %g below the maximum", dense ? "bfgs" : "lbfgs", value);
    sl_workspace_destroy(objective.workspace);
  }
}

static void test_support(void) {
  for (int start = 1; start < 20; start++) {
    sl_objective objective = objective_of("bounded");
    double x[] = {0.1 * start};
    sl_quasi_newton_options options = defaults;
    options.init_alpha = start % 2 ? 1e-3 : 100; /* the second one leaves the support at once */
    sl_termination end = minimise(&objective, &options, x);
    CHECK_SAY(end > 0, "from %g: %s", 0.1 * start, sl_termination_text(end));
    CHECK_NEAR(x[0], 1.5, 1e-4);
    sl_workspace_destroy(objective.workspace);
  }
}

static void test_ends(void) {
  sl_objective objective = objective_of("rising");
  double x[8] = {0};
  CHECK_INT(minimise(&objective, &defaults, x), SL_LINE_SEARCH_FAILED);
  sl_workspace_destroy(objective.workspace);

  objective = objective_of("rosenbrock");
  sl_quasi_newton_options options = defaults;
  options.max_iterations = 3;
  CHECK_INT(minimise(&objective, &options, x), SL_ITERATION_LIMIT);
  double top[] = {1, 1};
  CHECK_INT(minimise(&objective, &defaults, top), SL_GRADIENT_VANISHED);
  sl_quasi_newton begun;
  CHECK(sl_quasi_newton_create(&begun, &objective, &defaults));
  begun.current.x[0] = NAN;
  CHECK(!sl_quasi_newton_begin(&begun));
  sl_quasi_newton_destroy(&begun);

  /* Each tolerance ends the search with its own code when the others are off. */
  static const struct {
    sl_quasi_newton_options options;
    sl_termination end;
  } cases[] = {{{5, 1e-3, 1e-6, 0, 0, 0, 0, 2000}, SL_OBJECTIVE_SETTLED},
               {{5, 1e-3, 0, 1e-5, 0, 0, 0, 2000}, SL_GRADIENT_VANISHED},
               {{5, 1e-3, 0, 0, 1e-4, 0, 0, 2000}, SL_PARAMETERS_SETTLED},
               {{5, 1e-3, 0, 0, 0, 1e8, 0, 2000}, SL_OBJECTIVE_SETTLED_RELATIVELY},
               {{5, 1e-3, 0, 0, 0, 0, 1e8, 2000}, SL_GRADIENT_VANISHED_RELATIVELY}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double start[] = {-1.2, 1};
    CHECK_INT(minimise(&objective, &cases[i].options, start), cases[i].end);
  }
  sl_workspace_destroy(objective.workspace);
}

static void test_newton(void) {
  static const struct {
    const char *name;
    double start[8], end[8];
  } cases[] = {{"rosenbrock", {-1.2, 1}, {1, 1}}, {"bounded", {0.05}, {1.5}}, {"saddle", {1, 0.1}, {0, 1}}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    sl_objective objective = objective_of(cases[c].name);
    sl_newton method;
    double x[8], gradient[8];
    memcpy(x, cases[c].start, sizeof x);
    sl_iterate current = {x, gradient, 0};
    CHECK(sl_newton_create(&method, &objective));
    CHECK(sl_objective_evaluate(&objective, x, &current.value, gradient));
    for (int i = 0; i < 30; i++) CHECK(sl_newton_step(&method, &current));
    for (size_t i = 0; i < objective.n; i++) CHECK_NEAR(x[i], cases[c].end[i], 1e-7);
    sl_newton_destroy(&method);
    sl_workspace_destroy(objective.workspace);
  }
}

static void test_line_search(void) {
  sl_objective objective = objective_of("rosenbrock");
  sl_rng rng;
  sl_rng_seed(&rng, 3, 1);
  for (int i = 0; i < 200; i++) {
    double x[2] = {6 * sl_uniform01(&rng) - 3, 6 * sl_uniform01(&rng) - 3}, g[2], end_x[2], end_g[2], direction[2];
    sl_iterate start = {x, g, 0}, end = {end_x, end_g, 0};
    CHECK(sl_objective_evaluate(&objective, x, &start.value, g));
    for (int k = 0; k < 2; k++) direction[k] = -g[k] * (0.01 + sl_uniform01(&rng));
    double first = pow(10, 8 * sl_uniform01(&rng) - 6), step = first, slope = sl_dot(g, direction, 2);
    CHECK_SAY(sl_line_search(&objective, &start, direction, &step, &end), "no step from (%g, %g)", x[0], x[1]);
    CHECK_SAY(end.value <= start.value + 1e-4 * step * slope, "from %g: too little decrease, first %g", step, first);
    CHECK_SAY(fabs(sl_dot(end_g, direction, 2)) <= -0.9 * slope, "step %g: too steep, first %g", step, first);
  }
  double uphill[2] = {1, 1}, x[2] = {-1.2, 1}, g[2], end_x[2], end_g[2], step = 1;
  sl_iterate start = {x, g, 0}, end = {end_x, end_g, 0};
  CHECK(sl_objective_evaluate(&objective, x, &start.value, g));
  for (int k = 0; k < 2; k++) uphill[k] = g[k];
  CHECK(!sl_line_search(&objective, &start, uphill, &step, &end));
  sl_workspace_destroy(objective.workspace);
}

static void test_cubic(void) {
  /* x^3 - x: slope -1 at 0, value 6 and slope 11 at 2; the minimum is at 1 / sqrt(3). */
  CHECK_RELATIVE(sl_cubic_minimum(-1, 2, 6, 11, 0, 2), 1 / sqrt(3), 1e-14);
  CHECK_RELATIVE(sl_cubic_minimum(-2, 4, 8, 6, 0, 4), 1, 1e-14); /* x^2 - 2 x */
  CHECK_NEAR(sl_cubic_minimum(-1, 1, -1, -1, 0, 1), 1, 0);       /* a line: its end */
  CHECK_NEAR(sl_cubic_minimum(-1, 2, 6, 11, 1, 2), 1, 0);        /* the minimum is not inside */
}

/* The covariance B B' of what sl_hessian_refine found at x. */
static sl_shape covariance_at(sl_objective *objective, const double *x, double *covariance) {
  sl_hessian hessian;
  size_t n = objective->n;
  CHECK(sl_hessian_create(&hessian, objective));
  CHECK(sl_hessian_estimate(&hessian, x));
  sl_shape shape = sl_hessian_refine(&hessian, x);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      covariance[i * n + j] = 0;
      for (size_t k = 0; k < n; k++)
        covariance[i * n + j] += hessian.directions[k * n + i] * hessian.directions[k * n + j];
    }
  sl_hessian_destroy(&hessian);
  return shape;
}

static void test_hessian(void) {
  static double covariance[100 * 100];
  /* Poisson: H = diag(e^x) + 1/100, whose inverse is D - D 1 1' D / (100 + sum of D), D = diag(e^-x) (Sherman and Morrison). */
  sl_objective objective = objective_of("counts");
  size_t n = objective.n;
  double x[8], sum = 0;
  for (size_t i = 0; i < n; i++) {
    x[i] = 0.5 * (double)i - 1;
    sum += exp(-x[i]);
  }
  CHECK_INT(covariance_at(&objective, x, covariance), SL_CONVEX);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      CHECK_NEAR(covariance[i * n + j], (i == j ? exp(-x[i]) : 0) - exp(-x[i] - x[j]) / (100 + sum), 1e-8);
  sl_workspace_destroy(objective.workspace);

  objective = objective_of("badly scaled");
  n = objective.n;
  double mode[100], product[100];
  for (size_t i = 0; i < n; i++) mode[i] = (double)i;
  CHECK_INT(covariance_at(&objective, mode, covariance), SL_CONVEX);
  /* The precision of z is tridiagonal, 3 (2 at the ends) and -1: times the covariance it is the identity. */
  for (size_t j = 0; j < n; j++) {
    for (size_t i = 0; i < n; i++)
      product[i] = covariance[j * n + i] / badly_scaled_deviation(i, n) / badly_scaled_deviation(j, n);
    for (size_t i = 0; i < n; i++) {
      double found = (i == 0 || i == n - 1 ? 2 : 3) * product[i];
      if (i > 0) found -= product[i - 1];
      if (i + 1 < n) found -= product[i + 1];
      CHECK_NEAR(found, i == j, 1e-8);
    }
  }
  sl_workspace_destroy(objective.workspace);

  objective = objective_of("correlated");
  double origin[2] = {0};
  CHECK_INT(covariance_at(&objective, origin, covariance), SL_CONVEX);
  /* var(a) = (1e-6 + 1e6) / 4; var(a + b) = 1e-6 */
  CHECK_RELATIVE(covariance[0], 0.25 * (1e6 + 1e-6), 1e-8);
  CHECK_RELATIVE(covariance[1], -0.25 * (1e6 - 1e-6), 1e-8);
  sl_workspace_destroy(objective.workspace);
}

static void test_shapes(void) {
  static const struct {
    const char *name;
    sl_shape shape;
    size_t worst;
  } cases[] = {{"flat", SL_FLAT, 0}, {"saddle", SL_SADDLE, 1}, {"kinked", SL_ROUGH, 0}, {"tail", SL_FLAT, 0}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    sl_objective objective = objective_of(cases[c].name);
    sl_hessian hessian;
    double x[3] = {strcmp(cases[c].name, "tail") == 0 ? 20 : 0};
    CHECK(sl_hessian_create(&hessian, &objective));
    CHECK(sl_hessian_estimate(&hessian, x));
    CHECK_INT(sl_hessian_refine(&hessian, x), cases[c].shape);
    for (size_t i = 0; i < objective.n; i++)
      CHECK_SAY(fabs(hessian.worst[i]) <= fabs(hessian.worst[cases[c].worst]) * (1 + 1e-6), "%s: blames element %zu",
                cases[c].name, i);
    sl_hessian_destroy(&hessian);
    sl_workspace_destroy(objective.workspace);
  }
}

int main(void) {
  return run_suites("optimize", (check_test[]){{"BFGS and L-BFGS find maxima", test_quasi_newton},
                                               {"steps out of the support are shortened", test_support},
                                               {"a search ends for the reason it gives", test_ends},
                                               {"Newton's method finds maxima", test_newton},
                                               {"a line search satisfies Wolfe's conditions", test_line_search},
                                               {"a cubic's minimum", test_cubic},
                                               {"covariances are those of closed forms", test_hessian},
                                               {"what is no maximum is told, and which parameter", test_shapes},
                                               {0}});
}
