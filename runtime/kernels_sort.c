/* kernels_sort.c: orders by merging, bottom up: stable, n log n for any input, one scratch array from the arena. */
#include <string.h>
#include "runtime/kernels_internal.h"

/* Fills `indices` by the comparison `after(l, r)`: element l must stand after element r. */
#define MERGE_SORT(after)                                                                                              \
  char *top = workspace->top;                                                                                          \
  long *from = indices, *to = sl_take(workspace, n, sizeof *to);                                                       \
  for (long i = 0; i < n; i++) from[i] = i;                                                                            \
  for (long width = 1; width < n; width *= 2) {                                                                        \
    for (long first = 0; first < n; first += 2 * width) {                                                              \
      long middle = first + width < n ? first + width : n;                                                             \
      long end = middle + width < n ? middle + width : n;                                                              \
      long l = first, r = middle;                                                                                      \
      for (long i = first; i < end; i++) to[i] = l < middle && (r >= end || !(after)) ? from[l++] : from[r++];         \
    }                                                                                                                  \
    long *swap = from;                                                                                                 \
    from = to;                                                                                                         \
    to = swap;                                                                                                         \
  }                                                                                                                    \
  if (from != indices) memcpy(indices, from, (size_t)n * sizeof *indices);                                             \
  for (long i = 0; i < n; i++) indices[i]++;                                                                           \
  workspace->top = top;                                                                                                \
  return true;

#define LEFT x[from[l]]
#define RIGHT x[from[r]]

bool sl_sort_indices_asc(long *indices, const double *x, long n, sl_workspace *workspace) {
  MERGE_SORT(LEFT > RIGHT || (LEFT != LEFT && RIGHT == RIGHT))
}
bool sl_sort_indices_desc(long *indices, const double *x, long n, sl_workspace *workspace) {
  MERGE_SORT(LEFT < RIGHT || (LEFT != LEFT && RIGHT == RIGHT))
}
bool sl_sort_indices_asc_int(long *indices, const long *x, long n, sl_workspace *workspace) { MERGE_SORT(LEFT > RIGHT) }
bool sl_sort_indices_desc_int(long *indices, const long *x, long n, sl_workspace *workspace) {
  MERGE_SORT(LEFT < RIGHT)
}
