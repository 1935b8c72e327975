/* initial.c: see initial.h. */
#include "runtime/initial.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "runtime/points.h"

enum { MAX_TRIES = 100 };

/* "dir/start_3.json" from "dir/start.json". */
static void chain_file(char *out, size_t size, const char *path, int chain) {
  const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
  int stem = dot && dot > path && (!slash || dot > slash + 1) ? (int)(dot - path) : (int)strlen(path);
  snprintf(out, size, "%.*s_%d%s", stem, path, chain, path + stem);
}

bool sl_initial_read(sl_initial *initial, const sl_model *model, const char *text, int chain, bool several,
                     sl_values **values, sl_error *error) {
  *initial = (sl_initial){.radius = 2};
  *values = NULL;
  char *end;
  double radius = strtod(text, &end);
  if (end != text && *end == '\0') {
    initial->radius = fabs(radius);
    if (isfinite(radius)) return true;
    sl_error_set(error, SL_USAGE, "init=%s: the radius must be finite", text);
    return false;
  }
  char own[4096];
  chain_file(own, sizeof own, text, chain);
  const char *path = several && access(own, R_OK) == 0 ? own : text;
  initial->values = *values = sl_is_csv(path) ? sl_last_draw(model, path, error) : sl_values_read(path, error);
  return initial->values != NULL;
}

static bool is_finite_everywhere(const double *vector, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(vector[i])) return false;
  return true;
}

/* Why the evaluated start cannot be used, or NULL. */
static const char *refusal(const sl_initial *initial, const sl_hamiltonian *hamiltonian, const sl_point *point,
                           bool rejected) {
  if (rejected) return hamiltonian->workspace->message;
  if (!isfinite(point->log_density)) return "The log density is log(0), negative infinity, or not a number there.";
  if (!initial->density_alone && !is_finite_everywhere(point->gradient, hamiltonian->n))
    return "The gradient is not finite there.";
  return NULL;
}

bool sl_initial_find(const sl_initial *initial, sl_hamiltonian *hamiltonian, sl_point *point, sl_rng *rng,
                     sl_error *error) {
  char last[SL_MESSAGE_SIZE] = "";
  int told = 0;
  for (int attempt = 0; attempt < MAX_TRIES; attempt++) {
    for (size_t i = 0; i < hamiltonian->n; i++)
      point->position[i] = initial->radius == 0 ? 0 : initial->radius * (2 * sl_uniform01(rng) - 1);
    if (initial->values &&
        !sl_unconstrain(hamiltonian->model, hamiltonian->workspace, initial->values, point->position, error))
      return false;
    hamiltonian->workspace->message[0] = '\0';
    sl_status status = initial->density_alone
                           ? sl_log_density(hamiltonian->model, hamiltonian->workspace, point->position, SL_JACOBIAN,
                                            &point->log_density)
                           : sl_log_density_gradient(hamiltonian->model, hamiltonian->workspace, point->position,
                                                     SL_JACOBIAN, &point->log_density, point->gradient);
    const char *reason = refusal(initial, hamiltonian, point, status != SL_EVALUATED);
    if (!reason) return true;
    if (strcmp(reason, last) != 0 && told < 5) {
      fprintf(stderr, "Chain [%d] Rejecting initial value:\n  %s\n", hamiltonian->chain, reason);
      told++;
    }
    snprintf(last, sizeof last, "%s", reason);
    if (status == SL_FATAL) {
      sl_error_set(error, SL_BAD_DATA, "Chain [%d]: %s", hamiltonian->chain, last);
      return false;
    }
    if (initial->radius == 0) break;
  }
  if (hamiltonian->workspace->message[0] && initial->radius == 0)
    sl_error_set(error, SL_BAD_DATA, "Chain [%d] cannot start from these initial values: %s", hamiltonian->chain, last);
  else
    sl_error_set(error, SL_BAD_DATA,
                 "Chain [%d] found no start%s: %s\n  Try to give initial values (init=), to narrow the ranges of "
                 "constrained values, or to write the model with other parameters.",
                 hamiltonian->chain, initial->radius == 0 ? "" : " in 100 attempts", last);
  return false;
}
