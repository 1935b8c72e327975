/* count.h: included ahead of generated C (CC='gcc -include bench/count.h' stanlite build ...), counts what the executable
 * evaluates of bench/specials.def, and how many bytes it keeps of its data, and prints "name count" lines to the file that
 * SPECIALS names when it ends. The counters are volatile, which keeps their loops scalar, and weak: the two halves in which
 * the C is compiled count in the same ones. */
#ifndef STANLITE_BENCH_COUNT_H
#define STANLITE_BENCH_COUNT_H
#include <stdio.h>
#include <stdlib.h>
#include "runtime/generated.h"

__attribute__((weak)) struct sl_evaluated {
#define SPECIAL(name, arguments, least, greatest) volatile long name;
#include "specials.def"
#undef SPECIAL
} sl_evaluated;

__attribute__((weak)) volatile long sl_bytes_kept; /* of data, transformed data, and what is computed from them once */

__attribute__((destructor)) static void sl_print_evaluated(void) {
  const char *path = getenv("SPECIALS");
  FILE *out = path ? fopen(path, "w") : NULL;
  if (!out) return;
#define SPECIAL(name, arguments, least, greatest) fprintf(out, #name " %ld\n", sl_evaluated.name);
#include "specials.def"
#undef SPECIAL
  fprintf(out, "kept %ld\n", sl_bytes_kept);
  fclose(out);
}

#define sl_field(count, size, error) (sl_bytes_kept += (count) * (long)(size), sl_field(count, size, error))

#define SL_COUNTED(name, ...) (sl_evaluated.name++, name(__VA_ARGS__))
#include "counted.h" /* bench/bound makes it: `#define exp(...) SL_COUNTED(exp, __VA_ARGS__)` for each of bench/specials.def */
#endif
