/* random.h: the random numbers of a chain. One generator for each chain; streams of different ids do not overlap.
 * Same seed and id: the same numbers on every machine. */
#ifndef STANLITE_RUNTIME_RANDOM_H
#define STANLITE_RUNTIME_RANDOM_H
#include <stdint.h>

typedef struct sl_rng {
  uint64_t state[4]; /* xoshiro256++ (Blackman and Vigna 2021), jumped 2^128 steps for each stream */
} sl_rng;

/* Blackman and Vigna (2021), "Scrambled linear pseudorandom number generators", ACM TOMS 47. */
static inline uint64_t sl_rotate(uint64_t x, int bits) { return (x << bits) | (x >> (64 - bits)); }

static inline uint64_t sl_rng_next(sl_rng *rng) {
  uint64_t *s = rng->state;
  uint64_t result = sl_rotate(s[0] + s[3], 23) + s[0], shifted = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= shifted;
  s[3] = sl_rotate(s[3], 45);
  return result;
}

/* (0, 1), never an end point: the middle of one of 2^52 equal cells, so that 1 - u is as good as u. */
static inline double sl_uniform01(sl_rng *rng) { return ((double)(sl_rng_next(rng) >> 12) + 0.5) * 0x1p-52; }

void sl_rng_seed(sl_rng *rng, uint64_t seed, uint64_t stream);

/* The two streams of chain `id`: the algorithm's own, and that of generated quantities, so that a program with more of them
 * has the same draws of its parameters. */
void sl_chain_seed(sl_rng *rng, sl_rng *generated, uint64_t seed, int id);

long sl_rng_set_back(sl_rng *rng, long a, long b, long c, long d); /* to a state that it had; 0 */

double sl_std_normal(sl_rng *rng);
/* `count` of them at a third of the cost each; the last bits may depend on the processor, whose vector units compute them. */
void sl_std_normals(sl_rng *rng, double *out, long count);
double sl_std_exponential(sl_rng *rng);
double sl_std_gamma(sl_rng *rng, double shape); /* shape > 0, scale 1 */
long sl_poisson(sl_rng *rng, double rate);      /* rate >= 0 */
long sl_binomial(sl_rng *rng, long trials, double probability);

#endif
