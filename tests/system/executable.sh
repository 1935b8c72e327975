#!/bin/bash
# A sampler is one small file that needs the C library, libm and libmvec alone; and a gradient allocates nothing.
. "$(dirname "$0")/../expect.sh"
set -e
example=$PWD/examples/eight_schools/eight_schools
"$STANLITE" build "$example.stanlite" -o "$work/eight_schools"

strip -o "$work/stripped" "$work/eight_schools"
size=$(stat -c %s "$work/stripped")
echo "stripped: $size bytes"
[ "$size" -lt 300000 ] || { echo "not below 300 kB"; failed=1; }

needed=$(objdump -p "$work/eight_schools" | awk '$1 == "NEEDED" { print $2 }')
for library in $needed; do
  case $library in
  libc.so.* | libm.so.* | libmvec.so.*) ;;
  *) echo "needs $library" && failed=1 ;;
  esac
done

# Two benchmarks, of which one computes several times as many gradients, must ask for memory equally often.
cat >"$work/count.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
static long count;
void *malloc(size_t size) { count++; return __libc_malloc(size); }
void *calloc(size_t n, size_t size) { count++; return __libc_calloc(n, size); }
void *realloc(void *old, size_t size) { count++; return __libc_realloc(old, size); }
void *aligned_alloc(size_t align, size_t size) { count++; return __libc_memalign(align, size); }
int posix_memalign(void **out, size_t align, size_t size) { count++; *out = __libc_memalign(align, size); return *out ? 0 : 12; }
static void __attribute__((destructor)) report(void) {
  FILE *file = fopen(getenv("ALLOCATION_COUNT"), "w");
  if (file) { long asked = count; fprintf(file, "%ld\n", asked); fclose(file); }
}
C
"${CC:-gcc}" -shared -fPIC -O1 -o "$work/count.so" "$work/count.c"
allocations() { # allocations SECONDS: of a benchmark that takes so long
  ALLOCATION_COUNT="$work/count" LD_PRELOAD="$work/count.so" \
    "$work/eight_schools" benchmark seconds="$1" data file="$example.json" random seed=1 >"$work/out"
  cat "$work/count"
}
short=$(allocations 0.2) long=$(allocations 1)
echo "allocations: $short in a short benchmark, $long in a long one"
grep '^gradient_us' "$work/out"
[ "$short" -gt 0 ] || { echo "the count does not work"; failed=1; }
[ "$short" -eq "$long" ] || { echo "gradients allocate"; failed=1; }
exit $failed
