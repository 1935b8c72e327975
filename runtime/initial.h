/* initial.h: where a chain starts. */
#ifndef STANLITE_RUNTIME_INITIAL_H
#define STANLITE_RUNTIME_INITIAL_H
#include "runtime/hamiltonian.h"

typedef struct sl_initial {
  double radius;           /* unconstrained values are uniform on (-radius, radius) */
  const sl_values *values; /* parameters that are given by name; NULL: none */
  bool density_alone;      /* nothing will ask for a gradient: none is computed, and none must be finite */
} sl_initial;

/* Reads init=: a number, or the name of a file: JSON, or CSV with draws of this model, of which the last is taken. For a file
 * FILE.json and several chains, chain 3 prefers FILE_3.json. *values is the caller's to destroy. */
bool sl_initial_read(sl_initial *initial, const sl_model *model, const char *text, int chain, bool several,
                     sl_values **values, sl_error *error);

/* Sets point->position to a start with finite log density (and gradient), and evaluates it. Tries up to 100 random
 * starts where anything is random. Says on standard error why a start was rejected. False: error says why none was found. */
bool sl_initial_find(const sl_initial *initial, sl_hamiltonian *hamiltonian, sl_point *point, sl_rng *rng,
                     sl_error *error);

#endif
