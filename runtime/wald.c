/* wald.c: see wald.h.
 *
 * With x normal around the mode and covariance B B', a function c(x) has about the variance |B' c'|^2 (delta method). B' c' is
 * the vector of its derivatives along the columns of B, which are taken by differences of order 4 as in hessian.c. */
#include "runtime/wald.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/columns.h"
#include "runtime/draws.h"

static const double STEP = 5e-3; /* in standard deviations */
/* A constant, and the log likelihood at its maximum, come out with an error that is rounding alone. */
static const double ROUNDING = 1e-11;
enum { MOST_ELEMENTS = 100, MAX_DIMENSIONS = 64 };

/* Everything at `point`. What the program rejects is NaN from there on, as sl_constrain promises. */
static bool evaluate(const sl_hessian *hessian, const double *point, uint64_t seed, double *out, sl_error *error) {
  const sl_objective *objective = hessian->objective;
  sl_rng rng;
  sl_rng_seed(&rng, seed, 1);
  if (sl_constrain(objective->model, objective->workspace, point, &rng, true, true, out) != SL_FATAL) return true;
  sl_error_set(error, SL_BAD_DATA, "%s", objective->workspace->message);
  return false;
}

/* errors[] += the squared derivatives along column k. */
static bool add_direction(sl_wald *wald, const sl_hessian *hessian, const double *mode, uint64_t seed, size_t k,
                          double *point, double *derivative, double *value, sl_error *error) {
  static const double multiples[] = {1, -1, 2, -2}, weights[] = {8, -8, -1, 1};
  size_t n = hessian->n;
  memset(derivative, 0, wald->count * sizeof *derivative);
  for (int e = 0; e < 4; e++) {
    for (size_t i = 0; i < n; i++) point[i] = mode[i] + multiples[e] * STEP * hessian->directions[k * n + i];
    if (!evaluate(hessian, point, seed, value, error)) return false;
    for (size_t i = 0; i < wald->count; i++) derivative[i] += weights[e] * (value[i] - wald->estimates[i]);
  }
  for (size_t i = 0; i < wald->count; i++) wald->errors[i] += pow(derivative[i] / (12 * STEP), 2);
  return true;
}

bool sl_wald_create(sl_wald *wald, const sl_hessian *hessian, const double *mode, uint64_t seed, sl_error *error) {
  size_t n = hessian->n, count = sl_constrained_size(hessian->objective->model, true, true);
  double *block = calloc(4 * count + n + 1, sizeof *block);
  *wald = (sl_wald){count, block, block + count, block};
  if (!block) {
    sl_error_set(error, SL_BAD_DATA, "not enough memory for %zu values", count);
    return false;
  }
  double *derivative = block + 2 * count, *value = block + 3 * count, *point = block + 4 * count;
  bool good = evaluate(hessian, mode, seed, wald->estimates, error);
  for (size_t k = 0; good && k < n; k++)
    good = add_direction(wald, hessian, mode, seed, k, point, derivative, value, error);
  for (size_t i = 0; i < count; i++) {
    double error_here = sqrt(wald->errors[i]);
    wald->errors[i] = error_here > ROUNDING * fabs(wald->estimates[i]) ? error_here : 0;
  }
  /* What another seed changes is random. */
  good = good && evaluate(hessian, mode, ~seed, value, error);
  for (size_t i = 0; good && i < count; i++)
    if (value[i] != wald->estimates[i]) wald->errors[i] = NAN; /* NaN is not equal to itself */
  return good;
}

void sl_wald_destroy(sl_wald *wald) {
  free(wald->block);
  wald->block = NULL;
}

/* What does not vary is not tested. */
static double z_value(double estimate, double standard_error) {
  return standard_error > 0 ? estimate / standard_error : NAN;
}

/* Two-sided, by the normal distribution. */
static double p_value(double z) { return erfc(fabs(z) / sqrt(2)); }

/* Walks through the names of the elements. */
typedef struct wald_walk {
  const sl_wald *wald;
  const sl_model *model;
  sl_csv_writer *writer;
  size_t at;
  char variable[SL_COLUMN_NAME_SIZE]; /* whose elements these are */
  size_t left;                        /* of them */
  bool told;
  int width;
  bool widens; /* a first walk, which measures the names */
} wald_walk;

static void write_element(void *context, const char *name) {
  wald_walk *walk = context;
  double estimate = walk->wald->estimates[walk->at], standard_error = walk->wald->errors[walk->at];
  double z = z_value(estimate, standard_error);
  double numbers[] = {estimate, standard_error, z, p_value(z)};
  walk->at++;
  sl_csv_text(walk->writer, "# wald,%s", name);
  for (int i = 0; i < 4; i++) {
    sl_csv_char(walk->writer, ',');
    sl_csv_number(walk->writer, numbers[i]);
  }
  sl_csv_char(walk->writer, '\n');
}

void sl_wald_write(const sl_wald *wald, const sl_model *model, sl_csv_writer *writer) {
  wald_walk walk = {.wald = wald, .writer = writer};
  sl_csv_text(writer, "# wald,variable,estimate,std_error,z,p\n");
  sl_columns_visit(model, true, true, write_element, &walk);
}

/* How many elements the variable named like this column has. */
static size_t element_count(const sl_model *model, const char *name, size_t length) {
  for (int v = 0; v < sl_variable_count; v++) {
    if (sl_variables[v].block == SL_DATA || strncmp(sl_variables[v].name, name, length) != 0 ||
        sl_variables[v].name[length])
      continue;
    long dims[MAX_DIMENSIONS] = {0}, count = 1;
    sl_variable_dims(model, v, dims);
    for (int d = 0; d < sl_variables[v].dim_count; d++) count *= dims[d];
    return (size_t)count;
  }
  return 1;
}

static void print_number(double number, int width, int digits) {
  if (isfinite(number))
    printf(" %*.*g", width, digits, number);
  else
    printf(" %*s", width, "-");
}

static void print_element(void *context, const char *name) {
  wald_walk *walk = context;
  double estimate = walk->wald->estimates[walk->at], standard_error = walk->wald->errors[walk->at];
  size_t length = strcspn(name, ".");
  walk->at++;
  if (walk->left == 0) {
    snprintf(walk->variable, sizeof walk->variable, "%.*s", (int)length, name);
    walk->left = element_count(walk->model, name, length);
    walk->told = walk->left <= MOST_ELEMENTS;
    if (!walk->told && !walk->widens) printf("%s: %zu elements, see the output file\n", walk->variable, walk->left);
  }
  walk->left--;
  if (!walk->told) return;
  char pretty[2 * SL_COLUMN_NAME_SIZE];
  sl_draws_pretty_name(name, pretty, sizeof pretty);
  if (walk->widens) {
    if ((int)strlen(pretty) > walk->width) walk->width = (int)strlen(pretty);
    return;
  }
  double z = z_value(estimate, standard_error);
  printf("%-*s", walk->width, pretty);
  print_number(estimate, 12, 6);
  print_number(standard_error, 12, 6);
  print_number(z, 9, 4);
  print_number(p_value(z), 10, 4);
  putchar('\n');
}

void sl_wald_print(const sl_wald *wald, const sl_model *model) {
  wald_walk walk = {.wald = wald, .model = model, .width = 8, .widens = true};
  sl_columns_visit(model, true, true, print_element, &walk);
  walk.widens = false;
  walk.at = 0;
  printf("%-*s %12s %12s %9s %10s\n", walk.width, "", "estimate", "std. error", "z", "p");
  sl_columns_visit(model, true, true, print_element, &walk);
}
