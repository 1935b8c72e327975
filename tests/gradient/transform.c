/* transform.c: holds the transforms of a compiled model's parameters to what they must be; linked with the generated C in place
 * of the sampler's main. It uses no derivative of ours.
 *
 *   TRANSFORM DATA.json
 *
 * At random points near and far from the origin: unconstrain(constrain(y)) = y, constrain(unconstrain(x)) = x, and the
 * logarithm of the Jacobian (log density with it less log density without) is that of the numerical determinant. The program
 * says in which coordinates: its one generated quantity is a vector of them. Where there are more of them than unconstrained
 * values the volume is that on the surface, sqrt(det J'J). A program without generated quantities has unit vectors, which are
 * not one to one: the term must be the standard normal density of y, which leaves the direction uniform.
 * Exit code 0: all agree. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/model.h"

enum { POINTS = 12 };

static const sl_model *model;
static sl_workspace *workspace;
static size_t size, constrained_size, coordinate_count;
static double *constrained;

static bool constrain(const double *point) {
  sl_rng rng;
  sl_rng_seed(&rng, 1, 0);
  sl_status status = sl_constrain(model, workspace, point, &rng, false, true, constrained);
  return status == SL_EVALUATED || !printf("not constrained: %s\n", workspace->message);
}

static double density(const double *point, int flags) {
  double value;
  return sl_log_density(model, workspace, point, flags, &value) == SL_EVALUATED ? value : NAN;
}

/* Column j of the Jacobian by eighth-order central differences (Fornberg 1988). */
static void column(double *point, size_t j, double step, double *out) {
  static const double weights[] = {4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280};
  double centre = point[j];
  memset(out, 0, sizeof *out * coordinate_count);
  for (int k = 1; k <= 4; k++)
    for (int sign = -1; sign <= 1; sign += 2) {
      point[j] = centre + sign * k * step;
      constrain(point);
      for (size_t i = 0; i < coordinate_count; i++)
        out[i] += sign * weights[k - 1] / step * constrained[constrained_size + i];
    }
  point[j] = centre;
}

/* log sqrt(det J'J): the lengths of the columns after what lies along earlier ones is taken off, twice for the digits. */
static double log_volume(double *point, double step, double *jacobian) {
  double sum = 0;
  for (size_t j = 0; j < size; j++) {
    double *own = jacobian + j * coordinate_count, squares = 0;
    column(point, j, step, own);
    for (int pass = 0; pass < 2; pass++)
      for (size_t k = 0; k < j; k++) {
        const double *other = jacobian + k * coordinate_count;
        double along = 0;
        for (size_t i = 0; i < coordinate_count; i++) along += own[i] * other[i];
        for (size_t i = 0; i < coordinate_count; i++) own[i] -= along * other[i];
      }
    for (size_t i = 0; i < coordinate_count; i++) squares += own[i] * own[i];
    for (size_t i = 0; i < coordinate_count; i++) own[i] /= sqrt(squares);
    sum += 0.5 * log(squares);
  }
  return sum;
}

static int check_determinant(double *point, double *jacobian, int number) {
  double found = density(point, SL_JACOBIAN) - density(point, 0), wide = log_volume(point, 8e-3, jacobian),
         narrow = log_volume(point, 4e-3, jacobian);
  double unsure = fabs(wide - narrow);
  if (unsure < 1e-4 && fabs(found - narrow) <= 1e-9 * (1 + fabs(found)) + 4 * unsure) return 0;
  return printf("point %d: log Jacobian %.12g, but by differences %.12g (or %.12g)\n", number, found, narrow, wide);
}

static int check_normal(const double *point, int number) {
  double found = density(point, SL_JACOBIAN) - density(point, 0), wanted = 0;
  for (size_t i = 0; i < size; i++) wanted -= 0.5 * point[i] * point[i];
  if (fabs(found - wanted) <= 1e-12 * (1 + fabs(wanted))) return 0;
  return printf("point %d: log Jacobian %.15g, but must be %.15g\n", number, found, wanted);
}

/* The parameters' values by name, as inits have them. */
static sl_values *values_of(const double *x) {
  sl_values *values = sl_values_empty();
  for (int v = 0; v < sl_variable_count; v++) {
    if (sl_variables[v].block != SL_PARAMETERS) continue;
    long dims[16] = {0}, count = 1;
    sl_variable_dims(model, v, dims);
    for (int d = 0; d < sl_variables[v].dim_count; d++) count *= dims[d];
    sl_values_add_columns(values, sl_variables[v].name, sl_variables[v].dim_count, dims, x);
    x += count;
  }
  return values;
}

static int check_there_and_back(const double *point, bool is_one_to_one, int number) {
  double *x = calloc(constrained_size + 1, sizeof *x), *y = calloc(size + 1, sizeof *y);
  sl_error error = {0};
  constrain(point);
  memcpy(x, constrained, sizeof *x * constrained_size);
  sl_values *values = values_of(x);
  int failures =
      !sl_unconstrain(model, workspace, values, y, &error) && printf("point %d: %s\n", number, error.message);
  for (size_t i = 0; is_one_to_one && i < size; i++)
    if (!(fabs(y[i] - point[i]) <= 1e-7 * (1 + fabs(point[i]))))
      failures +=
          printf("point %d: unconstrained %zu is %.15g, and comes back as %.15g\n", number, i + 1, point[i], y[i]);
  constrain(y);
  for (size_t i = 0; i < constrained_size; i++)
    if (!(fabs(x[i] - constrained[i]) <= 1e-12 * (1 + fabs(x[i]))))
      failures +=
          printf("point %d: value %zu is %.15g, and comes back as %.15g\n", number, i + 1, x[i], constrained[i]);
  sl_values_destroy(values);
  free(x);
  free(y);
  return failures;
}

int main(int count, char **arguments) {
  sl_error error = {0};
  sl_values *data = count > 1 ? sl_values_read(arguments[1], &error) : NULL;
  model = data ? sl_model_construct(data, 1, &error) : NULL;
  if (!model) return printf("%s\n", data || count > 1 ? error.message : "which data?"), 64;
  workspace = sl_workspace_create();
  size = sl_unconstrained_size(model);
  constrained_size = sl_constrained_size(model, false, false);
  coordinate_count = sl_constrained_size(model, false, true) - constrained_size;
  bool is_normal = coordinate_count == 0;
  constrained = calloc(constrained_size + coordinate_count + 1, sizeof *constrained);
  double *point = calloc(size + 1, sizeof *point), *jacobian = calloc(size * coordinate_count + 1, sizeof *jacobian);
  sl_rng rng;
  sl_rng_seed(&rng, 20240615, 0);
  int failures = size == 0 || (!is_normal && coordinate_count < size);
  if (failures) printf("%zu unconstrained values, %zu coordinates\n", size, coordinate_count);
  for (int p = 0; p < POINTS && !failures; p++) {
    static const double scales[] = {0, 0.3, 1, 3};
    for (size_t i = 0; i < size; i++) point[i] = scales[p % 4] * (2 * sl_uniform01(&rng) - 1);
    for (size_t i = 0; p == 0 && is_normal && i < size; i++) point[i] = 1; /* at 0 there is no direction */
    if (p % 4 == 0 && p > 0)
      for (size_t i = 0; i < size; i++) point[i] = (i + (size_t)p / 4) % 2 ? 3 : -3;
    failures += is_normal ? check_normal(point, p) : check_determinant(point, jacobian, p);
    failures += check_there_and_back(point, !is_normal, p);
  }
  sl_workspace_destroy(workspace);
  sl_values_destroy(data);
  sl_model_destroy((sl_model *)model);
  free(constrained);
  free(point);
  free(jacobian);
  return failures > 0;
}
