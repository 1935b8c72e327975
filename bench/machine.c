/* machine.c: how fast this machine evaluates the special functions of bench/specials.def in a vectorised loop, and reads
 * memory: lines "name nanoseconds" for one evaluation, and "read BYTES nanoseconds" for one byte of an array of so many bytes
 * that is read again and again. The fastest of many repetitions counts. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "runtime/generated.h"

enum { COUNT = 1024, REPETITIONS = 300 };

double x[COUNT], y[COUNT], out[COUNT];

/* What lies in memory may be read and changed here, as far as the compiler knows. */
#define KEEP() __asm__ volatile("" ::: "memory")

static double nanoseconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

#define CALL_1(name, i) name(x[i])
#define CALL_2(name, i) name(x[i], y[i])

#define SPECIAL(name, arguments, least, greatest)                                                                      \
  static void evaluate_##name(void) {                                                                                  \
    KEEP();                                                                                                            \
    _Pragma("omp simd") for (int i = 0; i < COUNT; i++) out[i] = CALL_##arguments(name, i);                            \
    KEEP();                                                                                                            \
  }
#include "specials.def"
#undef SPECIAL

static void measure(const char *name, void (*evaluate)(void), double least, double greatest) {
  for (int i = 0; i < COUNT; i++) {
    x[i] = least + (greatest - least) * (i + 0.5) / COUNT;
    y[COUNT - 1 - i] = x[i];
  }
  double fastest = HUGE_VAL;
  for (int k = 0; k < REPETITIONS; k++) {
    double before = nanoseconds_now();
    evaluate();
    fastest = fmin(fastest, nanoseconds_now() - before);
  }
  printf("%s %.4g\n", name, fastest / COUNT);
}

static double sum(const double *values, size_t count) {
  double total = 0;
  KEEP();
#pragma omp simd reduction(+ : total)
  for (size_t i = 0; i < count; i++) total += values[i];
  return total;
}

int main(void) {
#define SPECIAL(name, arguments, least, greatest) measure(#name, evaluate_##name, least, greatest);
#include "specials.def"
#undef SPECIAL
  const size_t most = (size_t)1 << 27;
  double *values = calloc(most / sizeof *values, sizeof *values), total = 0;
  if (!values) return 1;
  for (size_t i = 0; i < most / sizeof *values; i++) values[i] = 1;
  for (size_t bytes = 1 << 12; bytes <= most; bytes *= 2) {
    double fastest = HUGE_VAL;
    for (size_t read = 0; read < 8 * most || read < 8 * bytes; read += 64 * bytes) {
      double before = nanoseconds_now();
      size_t times = bytes < 1 << 20 ? 64 : 1;
      for (size_t k = 0; k < times; k++) total += sum(values, bytes / sizeof *values);
      fastest = fmin(fastest, (nanoseconds_now() - before) / (double)times);
    }
    printf("read %zu %.4g\n", bytes, fastest / (double)bytes);
  }
  free(values);
  return total == 0;
}
