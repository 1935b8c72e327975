/* check.c: holds a compiled model's gradient to what it must be; linked with the generated C in place of the sampler's main.
 *
 *   CHECK DATA.json            gradient against eighth-order central differences of the log density, at random points near and
 *                              far from the origin; both functions' values equal; no heap allocation in a gradient
 *   CHECK DATA.json --print    log density and gradient at fixed points, to be compared between two builds
 *   CHECK DATA.json --print=K  the same with another last bit in each parameter, up or down as the K-th choice has it (0: DBL_EPSILON / 2
 *                              instead): how far rounding alone moves them
 *
 * Where the density is rejected or not finite, --print draws another point; the comparison with differences counts such
 * points, and fails when every one is.
 * Exit code 0: all agree. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/model.h"

enum { POINTS = 6, MOST_DIRECTIONS = 60, MOST_ATTEMPTS = 100 };

static long allocations;
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size) {
  allocations++;
  return __real_malloc(size);
}
void *__wrap_calloc(size_t count, size_t size) {
  allocations++;
  return __real_calloc(count, size);
}
void *__wrap_realloc(void *memory, size_t size) {
  allocations++;
  return __real_realloc(memory, size);
}

static const sl_model *model;
static sl_workspace *workspace;
static size_t size;

static double density(const double *point) {
  double value;
  return sl_log_density(model, workspace, point, SL_JACOBIAN, &value) == SL_EVALUATED ? value : NAN;
}

/* Fornberg (1988): eighth-order central first difference. */
static double difference(double *point, size_t i, double step) {
  static const double weights[] = {4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280};
  double centre = point[i], sum = 0;
  for (int k = 1; k <= 4; k++) {
    point[i] = centre + k * step;
    double above = density(point);
    point[i] = centre - k * step;
    sum += weights[k - 1] * (above - density(point));
  }
  point[i] = centre;
  return sum / step;
}

/* Two step sizes: where they disagree the density is not smooth, and differences say nothing. */
static bool agrees(double *point, size_t i, double value, double partial, double *expected) {
  double wide = difference(point, i, 4e-3), narrow = difference(point, i, 1e-3);
  bool is_smooth = fabs(wide - narrow) <= 1e-7 * (1 + fabs(narrow)) + 1e-10 * fabs(value);
  *expected = fabs(wide - partial) < fabs(narrow - partial) ? wide : narrow;
  return !is_smooth || fabs(*expected - partial) <= 1e-8 * (1 + fabs(partial)) + 1e-10 * fabs(value);
}

static int compare(const double *start, double *gradient, double *point, int number) {
  double value, plain;
  memcpy(point, start, size * sizeof *point);
  long before = allocations;
  sl_status status = sl_log_density_gradient(model, workspace, point, SL_JACOBIAN, &value, gradient);
  if (allocations != before) return printf("a gradient made %ld heap allocations\n", allocations - before), -1;
  if (status != SL_EVALUATED || !isfinite(value)) return 0;
  plain = density(point);
  if (fabs(plain - value) > 1e-11 * (1 + fabs(value)))
    return printf("point %d: log density %.17g, beside the gradient %.17g\n", number, plain, value), -1;
  int failures = 0;
  size_t stride = size > MOST_DIRECTIONS ? size / MOST_DIRECTIONS : 1;
  for (size_t i = 0; i < size; i += stride) {
    double expected;
    if (agrees(point, i, value, gradient[i], &expected)) continue;
    if (failures++ < 5)
      printf("point %d: partial derivative %zu is %.15g, differences give %.15g\n", number, i, gradient[i], expected);
  }
  return failures ? -1 : 1;
}

static void move_last_bits(double *point, sl_rng *rng) {
  for (size_t i = 0; i < size; i++) {
    double direction = sl_uniform01(rng) < 0.5 ? -1 : 1;
    point[i] = point[i] == 0 ? direction * DBL_EPSILON / 2 : nextafter(point[i], direction * HUGE_VAL);
  }
}

/* False: the point has no finite density, and nothing is printed. */
static bool print_values(const double *point, double *gradient, int attempt) {
  double value;
  sl_status status =
      sl_log_density_gradient(model, workspace, point, SL_JACOBIAN | SL_KEEP_CONSTANTS, &value, gradient);
  if (status != SL_EVALUATED || !isfinite(value)) return false;
  printf("%d %.17g", attempt, value);
  for (size_t i = 0; i < size; i++) printf(" %.17g", gradient[i]);
  puts("");
  return true;
}

/* The line of point number p, which begins with the number of points that were tried in vain: no other point's line depends
 * on it. */
static void print_line(double *point, double *gradient, int p, double scale, sl_rng *move) {
  sl_rng rng;
  sl_rng_seed(&rng, 20260103, 1 + (uint64_t)p);
  for (int attempt = 0; attempt < (scale ? MOST_ATTEMPTS : 1); attempt++) {
    for (size_t i = 0; attempt && i < size; i++) point[i] = scale * (2 * sl_uniform01(&rng) - 1);
    if (move) move_last_bits(point, move);
    if (print_values(point, gradient, attempt)) return;
  }
  puts("no density");
}

int main(int argc, char **argv) {
  sl_error error = {0};
  sl_values *data = argc > 1 && *argv[1] ? sl_values_read(argv[1], &error) : sl_values_empty();
  if (data) model = sl_model_construct(data, 1, &error);
  workspace = sl_workspace_create();
  if (!model || !workspace) return fprintf(stderr, "%s\n", error.message), 1;
  size = sl_unconstrained_size(model);
  double *start = calloc(size + 1, sizeof *start), *gradient = calloc(size + 1, sizeof *gradient),
         *point = calloc(size + 1, sizeof *point);
  sl_rng rng, move_rng;
  sl_rng_seed(&rng, 20260101, 1);
  bool prints = argc > 2 && strncmp(argv[2], "--print", 7) == 0;
  long move = prints && argv[2][7] == '=' ? strtol(argv[2] + 8, NULL, 10) : 0;
  sl_rng_seed(&move_rng, 20260102, (uint64_t)move);
  int compared = 0, failed = 0;
  static const double scales[POINTS] = {0, 0.3, 1, 2, 2, 4};
  for (int p = 0; p < POINTS; p++) {
    for (size_t i = 0; i < size; i++) start[i] = scales[p] * (2 * sl_uniform01(&rng) - 1);
    if (prints) {
      print_line(start, gradient, p, scales[p], move ? &move_rng : NULL);
      continue;
    }
    int result = compare(start, gradient, point, p);
    if (result < 0) failed++;
    if (result > 0) compared++;
  }
  sl_workspace_destroy(workspace);
  sl_values_destroy(data);
  sl_model_destroy((sl_model *)model);
  free(start);
  free(gradient);
  free(point);
  if (prints) return 0;
  if (!failed) printf("%d of %d points compared\n", compared, POINTS);
  return failed || (size && !compared);
}
