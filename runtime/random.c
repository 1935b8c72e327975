/* random.c: xoshiro256++ and the distributions that every sampler needs; see runtime/random.h.
 *
 * The generators below follow published algorithms and use integer arithmetic, IEEE additions, multiplications,
 * divisions and square roots, and log, exp and lgamma. Fused multiplication would change digits between machines,
 * so it is off. */
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#else
#pragma GCC optimize("fp-contract=off")
#endif
#include "runtime/random.h"
#include "runtime/special_internal.h"

/* 2^128 steps at once: the polynomial of Blackman and Vigna's reference for xoshiro256. */
static void jump(sl_rng *rng) {
  static const uint64_t polynomial[4] = {0x180ec6d33cfd0aba, 0xd5a61266f0c9392c, 0xa9582618e03fc9aa,
                                         0x39abdc4529b1661c};
  uint64_t sum[4] = {0};
  for (int word = 0; word < 4; word++)
    for (int bit = 0; bit < 64; bit++) {
      if (polynomial[word] >> bit & 1)
        for (int i = 0; i < 4; i++) sum[i] ^= rng->state[i];
      sl_rng_next(rng);
    }
  for (int i = 0; i < 4; i++) rng->state[i] = sum[i];
}

/* splitmix64 (Steele, Lea and Flood 2014) fills the state: any seed, 0 too, gives a good one. */
void sl_rng_seed(sl_rng *rng, uint64_t seed, uint64_t stream) {
  for (int i = 0; i < 4; i++) {
    uint64_t z = seed += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    rng->state[i] = z ^ (z >> 31);
  }
  for (uint64_t i = 0; i < stream; i++) jump(rng);
}

long sl_rng_set_back(sl_rng *rng, long a, long b, long c, long d) {
  *rng = (sl_rng){{(uint64_t)a, (uint64_t)b, (uint64_t)c, (uint64_t)d}};
  return 0;
}

/* Chain `id` uses stream `id`. Reaching a stream takes time in proportion to its number, so ids beyond the thousands, which
 * some people form from dates and job numbers, go into the seed instead. */
void sl_chain_seed(sl_rng *rng, sl_rng *generated, uint64_t seed, int id) {
  enum { STREAMS = 4096 };
  seed += (uint64_t)(id / STREAMS) * 0xd1342543de82ef95u;
  uint64_t stream = (uint64_t)(id % STREAMS);
  sl_rng_seed(rng, seed, stream);
  sl_rng_seed(generated, seed ^ 0x9e3779b97f4a7c15u, stream);
}

double sl_std_exponential(sl_rng *rng) { return -log(sl_uniform01(rng)); }

/* Marsaglia's polar method; the second deviate of each pair is let go, so that a generator is its state alone. */
double sl_std_normal(sl_rng *rng) {
  for (;;) {
    double u = (double)((int64_t)sl_rng_next(rng) >> 11) * 0x1p-52,
           v = (double)((int64_t)sl_rng_next(rng) >> 11) * 0x1p-52;
    double s = u * u + v * v;
    if (s < 1.0 && s > 0.0) return u * sqrt(-2.0 * log(s) / s);
  }
}

/* Marsaglia and Tsang (2000), "A simple method for generating gamma variables", ACM TOMS 26; shape >= 1. */
static double gamma_above_one(sl_rng *rng, double shape) {
  double d = shape - 1.0 / 3, c = 1.0 / sqrt(9.0 * d);
  for (;;) {
    double x = sl_std_normal(rng), cube = 1.0 + c * x;
    if (cube <= 0.0) continue;
    double v = cube * cube * cube, u = sl_uniform01(rng), square = x * x;
    if (u < 1.0 - 0.0331 * square * square) return d * v;
    if (log(u) < 0.5 * square + d * (1.0 - v + log(v))) return d * v;
  }
}

/* Below 1 the deviate of shape + 1 times u^(1/shape), their section 6, as a sum of logarithms: u^(1/shape) alone
 * may be zero where the product is not. What is below the smallest double becomes that, so that a draw is in the
 * support. */
double sl_std_gamma(sl_rng *rng, double shape) {
  if (!(shape > 0.0)) return NAN;
  if (shape > 0x1.fffffffffffffp1023) return INFINITY;
  if (shape >= 1.0) return gamma_above_one(rng, shape);
  double draw = exp(log(gamma_above_one(rng, shape + 1.0)) + log(sl_uniform01(rng)) / shape);
  return draw > 0.0 ? draw : 0x1p-1074;
}

/* k! / (sqrt(2 pi k) (k/e)^k), as a logarithm. */
static double log_factorial_remainder(double k) {
  if (k >= 8.0) return sl_stirling_remainder(k);
  return sl_lgamma(k + 1.0) - ((k + 0.5) * log(k) - k + SL_HALF_LOG_TWO_PI);
}

/* log of exp(-rate) rate^k / k!, by the saddle point (Loader 2000): k log(rate) - rate - log k! loses its digits
 * where k is large. */
static double poisson_log_mass(double k, double rate) {
  if (k == 0.0) return -rate;
  return -sl_deviance(k, rate) - log_factorial_remainder(k) - 0.5 * log(k) - SL_HALF_LOG_TWO_PI;
}

static double binomial_log_mass(double k, double n, double p) {
  if (k == 0.0) return n * log1p(-p);
  if (k == n) return n * log(p);
  return log_factorial_remainder(n) - log_factorial_remainder(k) - log_factorial_remainder(n - k) -
         sl_deviance(k, n * p) - sl_deviance(n - k, n * (1.0 - p)) + 0.5 * log(n / (k * (n - k))) - SL_HALF_LOG_TWO_PI;
}

/* Hoermann (1993), "The transformed rejection method for generating Poisson random variables", algorithm PTRS; rate
 * >= 10. Below that the product of uniforms (Knuth). Beyond 1e18 no long holds a draw: the largest value stands for
 * it. */
long sl_poisson(sl_rng *rng, double rate) {
  if (!(rate > 0.0)) return 0;
  if (rate > 1e18) return LONG_MAX;
  if (rate < 10.0) {
    double limit = exp(-rate), product = sl_uniform01(rng);
    long count = 0;
    for (; product > limit; count++) product *= sl_uniform01(rng);
    return count;
  }
  double root = sqrt(rate);
  double b = 0.931 + 2.53 * root, a = -0.059 + 0.02483 * b;
  double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2.0);
  for (;;) {
    double u = sl_uniform01(rng) - 0.5, v = sl_uniform01(rng), us = 0.5 - fabs(u);
    double k = floor((2.0 * a / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= v_r) return (long)k;
    if (k < 0.0 || k > 9e18 || (us < 0.013 && v > us)) continue;
    if (log(v) + log(inverse_alpha) - log(a / (us * us) + b) <= poisson_log_mass(k, rate)) return (long)k;
  }
}

/* Sequential search from 0 (Kachitvichyanukul and Schmeiser 1988, BINV): n p < 10, p <= 1/2. */
static long binomial_inversion(sl_rng *rng, long n, double p) {
  double odds = p / (1.0 - p), first = exp((double)n * log1p(-p));
  for (;;) {
    double u = sl_uniform01(rng), probability = first;
    /* The tail beyond 110 has no weight; a u that rounding carries past everything is drawn again. */
    for (long k = 0; k <= n && k <= 110; k++) {
      if (u < probability) return k;
      u -= probability;
      probability *= odds * (double)(n - k) / (double)(k + 1);
    }
  }
}

/* Hoermann (1993), "The generation of binomial random variates", algorithm BTRS: n p >= 10, p <= 1/2. */
static long binomial_rejection(sl_rng *rng, long n, double p) {
  double size = (double)n, deviation = sqrt(size * p * (1.0 - p));
  double b = 1.15 + 2.53 * deviation, a = -0.0873 + 0.0248 * b + 0.01 * p, c = size * p + 0.5;
  double v_r = 0.92 - 4.2 / b, alpha = (2.83 + 5.1 / b) * deviation;
  double at_mode = binomial_log_mass(floor((size + 1.0) * p), size, p);
  for (;;) {
    double u = sl_uniform01(rng) - 0.5, v = sl_uniform01(rng), us = 0.5 - fabs(u);
    double k = floor((2.0 * a / us + b) * u + c);
    if (k < 0.0 || k > size) continue;
    if (us >= 0.07 && v <= v_r) return (long)k;
    if (log(v * alpha / (a / (us * us) + b)) <= binomial_log_mass(k, size, p) - at_mode) return (long)k;
  }
}

long sl_binomial(sl_rng *rng, long trials, double probability) {
  if (trials <= 0 || !(probability > 0.0)) return 0;
  if (probability >= 1.0) return trials;
  if (probability > 0.5) return trials - sl_binomial(rng, trials, 1.0 - probability);
  double mean = (double)trials * probability;
  return mean < 10.0 ? binomial_inversion(rng, trials, probability) : binomial_rejection(rng, trials, probability);
}
