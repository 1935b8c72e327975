/* random_normals.c: normal deviates by the block, for the momenta of a transition: Box and Muller's transform needs no
 * rejection, so that the vector units can do it. */
#include <string.h>
#include "runtime/math.h"
#include "runtime/processor.h"
#include "runtime/random.h"

enum { NORMAL_PAIRS = 64 };

/* Box and Muller (1958), "A note on the generation of random normal deviates": u in (0, 1), turns in (0, 1). */
SL_FOR_EACH_PROCESSOR
static void box_muller(const double *restrict u, const double *restrict turns, double *restrict cosines,
                       double *restrict sines, long pairs) {
  double radius[NORMAL_PAIRS], angle[NORMAL_PAIRS];
#pragma omp simd
  for (long i = 0; i < pairs; i++) {
    radius[i] = sqrt(-2.0 * log(u[i]));
    angle[i] = 6.283185307179586477 * turns[i];
  }
#pragma omp simd
  for (long i = 0; i < pairs; i++) cosines[i] = radius[i] * cos(angle[i]);
#pragma omp simd /* apart: together gcc would call sincos, which has no vector variant */
  for (long i = 0; i < pairs; i++) sines[i] = radius[i] * sin(angle[i]);
}

void sl_std_normals(sl_rng *rng, double *out, long count) {
  double uniform[2 * NORMAL_PAIRS], normal[2 * NORMAL_PAIRS];
  for (long done = 0; done < count;) {
    long wanted = count - done < 2 * NORMAL_PAIRS ? count - done : 2 * NORMAL_PAIRS, pairs = (wanted + 1) / 2;
    for (long i = 0; i < 2 * pairs; i++) uniform[i] = sl_uniform01(rng);
    box_muller(uniform, uniform + pairs, normal, normal + pairs, pairs);
    memcpy(out + done, normal, (size_t)wanted * sizeof *out);
    done += wanted;
  }
}
