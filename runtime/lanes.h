/* lanes.h: vectors of doubles in whole blocks of four lanes.
 *
 * The sampler's own loops run over every leapfrog step, so they should cost next to nothing beside the gradient. Its
 * vectors therefore start on a 64-byte boundary and are padded with zeros to a multiple of eight elements: a loop needs
 * no remainder, and a sum keeps four partial sums that it adds in a fixed order, the same at every optimisation level. */
#ifndef STANLITE_RUNTIME_LANES_H
#define STANLITE_RUNTIME_LANES_H
#include <stddef.h>

typedef double sl_lanes __attribute__((vector_size(32), may_alias));

/* Elements that a vector of n takes with its padding. */
static inline size_t sl_padded(size_t n) { return (n + 7) & ~(size_t)7; }
/* Blocks of four in a padded vector of n. */
static inline size_t sl_blocks(size_t n) { return sl_padded(n) / 4; }

static inline double sl_lanes_sum(const sl_lanes *x) { return ((*x)[0] + (*x)[2]) + ((*x)[1] + (*x)[3]); }

#endif
