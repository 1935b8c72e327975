/* The random numbers: the generator against published and independently computed states, the distributions against
 * their exact distribution functions. Seeds are fixed, so a result is the same in every run; thresholds are those
 * of a test at 1e-3. */
#include <limits.h>
#include <stdlib.h>
#include "runtime/math.h"
#include "runtime/random.h"
#include "tests/unit/check.h"

/* tests/reference/make_random.py; the first row of the second seed is splitmix64's published sequence. */
static void test_seeding(void) {
  static const struct {
    uint64_t seed, stream, state[4];
  } expected[] = {
      {0, 0, {0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec}},
      {0, 1, {0xfee4f58cd4a88d82, 0xeb57cb7870f7d5a3, 0x076f2d192bd2720f, 0xb0a71cb77110d77b}},
      {0, 2, {0xb202109a7b981ebd, 0x30b21883a48916dc, 0xaf7233564cc4f636, 0x97e12cbeea73160b}},
      {1234567, 0, {0x599ed017fb08fc85, 0x2c73f08458540fa5, 0x883ebce5a3f27c77, 0x3fbef740e9177b3f}},
      {1234567, 1, {0xb0c1657c7fa2f8ea, 0xef80e66a5aff8c10, 0x1b472eb403a52467, 0x2b95ff655a7e630f}},
      {1234567, 2, {0x979b9c0676138c44, 0x337070a5765d4f49, 0x44d6c1fb82e691fe, 0x125eeb2ed93308c9}},
  };
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    sl_rng rng;
    sl_rng_seed(&rng, expected[i].seed, expected[i].stream);
    for (int word = 0; word < 4; word++) CHECK(rng.state[word] == expected[i].state[word]);
  }
}

/* The first outputs of xoshiro256++ from the state 1, 2, 3, 4, as its other implementations test them. */
static void test_sequence(void) {
  static const uint64_t outputs[] = {41943041, 58720359, 3588806011781223, 3591011842654386, 9228616714210784205u};
  sl_rng rng = {{1, 2, 3, 4}};
  for (int i = 0; i < 5; i++) CHECK(sl_uniform01(&rng) == ((double)(outputs[i] >> 12) + 0.5) * 0x1p-52);
}

static void test_uniform_ends(void) {
  sl_rng zero = {{0, 0, 0, 1}}, ones = {{0, 0, 0, UINT64_MAX}};
  CHECK(sl_uniform01(&zero) > 0.0);
  ones.state[0] = UINT64_MAX, ones.state[3] = 0; /* s0 + s3 = all ones, rotated the same, plus s0 */
  CHECK(sl_uniform01(&ones) < 1.0);
}

enum { DRAWS = 40000 };

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Kolmogorov and Smirnov: sqrt(n) times the greatest distance; 1.95 is passed with probability 1e-3. */
static double distance(double *probabilities) {
  qsort(probabilities, DRAWS, sizeof *probabilities, by_size);
  double greatest = 0.0;
  for (int i = 0; i < DRAWS; i++) {
    greatest = fmax(greatest, fabs(probabilities[i] - (double)i / DRAWS));
    greatest = fmax(greatest, fabs(probabilities[i] - (double)(i + 1) / DRAWS));
  }
  return greatest * sqrt(DRAWS);
}

static void test_continuous(void) {
  static double p[DRAWS];
  sl_rng rng;
  sl_rng_seed(&rng, 20240601, 0);
  for (int i = 0; i < DRAWS; i++) p[i] = sl_uniform01(&rng);
  CHECK_SAY(distance(p) < 1.95, "uniform: distance %g", distance(p));
  for (int i = 0; i < DRAWS; i++) p[i] = sl_Phi(sl_std_normal(&rng));
  CHECK_SAY(distance(p) < 1.95, "normal: distance %g", distance(p));
  for (int done = 0; done < DRAWS;) { /* blocks of odd and of large sizes */
    int count = done + 333 <= DRAWS ? 333 : DRAWS - done;
    sl_std_normals(&rng, p + done, count);
    done += count;
  }
  for (int i = 0; i < DRAWS; i++) p[i] = sl_Phi(p[i]);
  CHECK_SAY(distance(p) < 1.95, "blocks of normals: distance %g", distance(p));
  for (int i = 0; i < DRAWS; i++) p[i] = -expm1(-sl_std_exponential(&rng));
  CHECK_SAY(distance(p) < 1.95, "exponential: distance %g", distance(p));
  static const double shapes[] = {0.02, 0.3, 0.99, 1.0, 1.7, 12.0, 1000.0, 1e6};
  for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
    for (int i = 0; i < DRAWS; i++) p[i] = sl_gamma_p(shapes[s], sl_std_gamma(&rng, shapes[s]));
    CHECK_SAY(distance(p) < 1.95, "gamma of shape %g: distance %g", shapes[s], distance(p));
  }
}

/* Neighbours, in time and in stream, are independent: sums of products of centred uniforms have variance 1/144. */
static void test_independence(void) {
  sl_rng first, second;
  sl_rng_seed(&first, 7, 1);
  sl_rng_seed(&second, 7, 2);
  double along = 0.0, across = 0.0, before = 0.0;
  for (int i = 0; i < DRAWS; i++) {
    double u = sl_uniform01(&first) - 0.5, v = sl_uniform01(&second) - 0.5;
    along += u * before;
    across += u * v;
    before = u;
  }
  CHECK_SAY(fabs(along) * 12.0 / sqrt(DRAWS) < 3.3, "successive uniforms: %g", along);
  CHECK_SAY(fabs(across) * 12.0 / sqrt(DRAWS) < 3.3, "uniforms of two streams: %g", across);
}

/* Pearson's statistic over the counts lowest..lowest+cells-1 with neighbours joined until 10 are expected, and its
 * upper tail probability. */
static double chi_square_tail(const long *observed, const double *expected, int cells) {
  double statistic = 0.0, seen = 0.0, due = 0.0, seen_all = 0.0, due_all = 0.0;
  int groups = 0;
  for (int i = 0; i < cells; i++) {
    seen += (double)observed[i], due += expected[i];
    seen_all += (double)observed[i], due_all += expected[i];
    /* What is left beyond the last full group goes into that group's neighbour: the rest of all draws. */
    if (due < 10.0 || DRAWS - due_all < 10.0) continue;
    statistic += (seen - due) * (seen - due) / due;
    seen = due = 0.0;
    groups++;
  }
  seen += DRAWS - seen_all, due += DRAWS - due_all;
  if (due > 1e-9) statistic += (seen - due) * (seen - due) / due;
  CHECK_SAY(groups > 0, "no group of counts is large enough");
  return sl_gamma_q(0.5 * groups, 0.5 * statistic);
}

enum { CELLS = 4000 };

static void test_poisson(void) {
  static const double rates[] = {0.05, 1.0, 4.3, 9.99, 10.0, 11.5, 40.0, 1000.0, 30000.0};
  sl_rng rng;
  sl_rng_seed(&rng, 20240602, 0);
  for (size_t r = 0; r < sizeof rates / sizeof rates[0]; r++) {
    double rate = rates[r], expected[CELLS];
    long observed[CELLS] = {0}, lowest = (long)fmax(0.0, floor(rate - 6.0 * sqrt(rate)));
    for (int i = 0; i < CELLS; i++) {
      double k = (double)(lowest + i);
      expected[i] = DRAWS * exp(k * log(rate) - rate - lgamma(k + 1.0));
    }
    for (int i = 0; i < DRAWS; i++) {
      long draw = sl_poisson(&rng, rate);
      CHECK(draw >= 0);
      if (draw >= lowest && draw < lowest + CELLS) observed[draw - lowest]++;
    }
    double tail = chi_square_tail(observed, expected, CELLS);
    CHECK_SAY(tail > 1e-3, "Poisson of rate %g: tail probability %g", rate, tail);
  }
}

static void test_binomial(void) {
  static const struct {
    long trials;
    double probability;
  } cases[] = {{1, 0.3},   {7, 0.5},   {20, 0.02},    {20, 0.98},  {19, 0.5},
               {25, 0.45}, {100, 0.1}, {1000, 0.004}, {1000, 0.7}, {1000000, 0.25}};
  sl_rng rng;
  sl_rng_seed(&rng, 20240603, 0);
  for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
    long n = cases[c].trials, observed[CELLS] = {0};
    double p = cases[c].probability, mean = (double)n * p, deviation = sqrt(mean * (1.0 - p)), expected[CELLS];
    long lowest = (long)fmax(0.0, floor(mean - 4.5 * deviation));
    for (int i = 0; i < CELLS; i++) {
      double k = (double)(lowest + i);
      expected[i] = k > (double)n ? 0.0
                                  : DRAWS * exp(lgamma((double)n + 1.0) - lgamma(k + 1.0) -
                                                lgamma((double)n - k + 1.0) + k * log(p) + ((double)n - k) * log1p(-p));
    }
    for (int i = 0; i < DRAWS; i++) {
      long draw = sl_binomial(&rng, n, p);
      CHECK(draw >= 0 && draw <= n);
      if (draw >= lowest && draw < lowest + CELLS) observed[draw - lowest]++;
    }
    double tail = chi_square_tail(observed, expected, CELLS);
    CHECK_SAY(tail > 1e-3, "binomial of %ld and %g: tail probability %g", n, p, tail);
  }
}

/* Where single counts have no weight: the standardised draws are normal. */
static void test_huge(void) {
  static double p[DRAWS];
  sl_rng rng;
  sl_rng_seed(&rng, 20240604, 0);
  for (int i = 0; i < DRAWS; i++) p[i] = sl_Phi(((double)sl_poisson(&rng, 1e15) - 1e15) / sqrt(1e15));
  CHECK_SAY(distance(p) < 1.95, "Poisson of rate 1e15: distance %g", distance(p));
  for (int i = 0; i < DRAWS; i++)
    p[i] = sl_Phi(((double)sl_binomial(&rng, 1000000000000000, 0.125) - 0.125e15) / sqrt(1e15 * 0.125 * 0.875));
  CHECK_SAY(distance(p) < 1.95, "binomial of 1e15 and 0.125: distance %g", distance(p));
}

static void test_edges(void) {
  sl_rng rng;
  sl_rng_seed(&rng, 1, 1);
  CHECK_INT(sl_poisson(&rng, 0.0), 0);
  CHECK_INT(sl_poisson(&rng, 1e300), LONG_MAX);
  CHECK(sl_poisson(&rng, 1e18) > 0);
  CHECK_INT(sl_binomial(&rng, 0, 0.5), 0);
  CHECK_INT(sl_binomial(&rng, 9, 0.0), 0);
  CHECK_INT(sl_binomial(&rng, 9, 1.0), 9);
  CHECK(sl_binomial(&rng, LONG_MAX, 0.5) > LONG_MAX / 4);
  CHECK(isnan(sl_std_gamma(&rng, 0.0)));
  CHECK(isnan(sl_std_gamma(&rng, NAN)));
  for (int i = 0; i < 1000; i++) {
    double tiny = sl_std_gamma(&rng, 1e-8), large = sl_std_gamma(&rng, 1e300);
    CHECK(tiny > 0.0 && tiny < 100.0);
    CHECK_RELATIVE(large, 1e300, 1e-12);
  }
}

int main(void) {
  return run_suites("random numbers",
                    (check_test[]){{"seeds and streams give the known states", test_seeding},
                                   {"the generator gives the known sequence", test_sequence},
                                   {"uniforms never reach an end", test_uniform_ends},
                                   {"uniform, normal, exponential and gamma draws fit", test_continuous},
                                   {"neighbours are independent", test_independence},
                                   {"Poisson draws fit", test_poisson},
                                   {"binomial draws fit", test_binomial},
                                   {"draws of huge size fit", test_huge},
                                   {"edges of the parameters", test_edges},
                                   {0}});
}
