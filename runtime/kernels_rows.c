/* kernels_rows.c: finds equal rows of data, by hashing: linear probing in a table that is at most half full (Knuth, volume 3,
 * 6.4, algorithm L). Rows are equal when their bits are. And puts rows in the order of their keys, by counting (volume 3, 5.2,
 * algorithm D). */
#include <stdint.h>
#include <string.h>
#include "runtime/kernels.h"
#include "runtime/kernels_internal.h"

/* Of many rows some are asked first whether it can pay: when nearly all of these are distinct, most of the rows are. */
enum { MANY = 100000, SAMPLE = 10000, MOST_DISTINCT_OF_SAMPLE = 9900, SAMPLE_SLOTS = 32768 };

typedef struct table {
  const double *reals;
  const long *ints;
  size_t real_bytes, int_bytes; /* of a row */
  long real_columns, int_columns;
  uint32_t *slots; /* place among the distinct rows + 1; 0: free */
  unsigned long mask;
} table;

static unsigned long hash(const table *t, long row) {
  unsigned long h = 0x9e3779b97f4a7c15ul, word;
  for (long k = 0; k < t->real_columns; k++) {
    memcpy(&word, t->reals + row * t->real_columns + k, sizeof word);
    h = (h ^ word) * 0xff51afd7ed558ccdul;
    h ^= h >> 32;
  }
  for (long k = 0; k < t->int_columns; k++) {
    h = (h ^ (unsigned long)t->ints[row * t->int_columns + k]) * 0xff51afd7ed558ccdul;
    h ^= h >> 32;
  }
  return h;
}

static bool is_equal(const table *t, long a, long b) {
  return (!t->real_bytes ||
          memcmp(t->reals + a * t->real_columns, t->reals + b * t->real_columns, t->real_bytes) == 0) &&
         memcmp(t->ints + a * t->int_columns, t->ints + b * t->int_columns, t->int_bytes) == 0;
}

/* Counts every step-th row into weights; the number of distinct ones, or -1 when there are more than `most`. */
static long count_rows(const table *t, long rows, long step, long most, long *first, long *weights) {
  long distinct = 0;
  memset(t->slots, 0, (t->mask + 1) * sizeof *t->slots);
  for (long row = 0; row < rows; row += step) {
    unsigned long at = hash(t, row) & t->mask;
    while (t->slots[at] && !is_equal(t, first[t->slots[at] - 1], row)) at = (at + 1) & t->mask;
    if (!t->slots[at]) {
      if (distinct == most) return -1;
      first[distinct] = row;
      weights[distinct] = 0;
      t->slots[at] = (uint32_t)++distinct;
    }
    weights[t->slots[at] - 1]++;
  }
  return distinct;
}

bool sl_equal_rows(long *count, long *first, long *weights, const double *reals, const long *ints, long rows,
                   long real_columns, long int_columns, sl_workspace *workspace) {
  *count = 0;
  const long most = rows - (rows + 3) / 4;
  if (most == 0 || rows >= UINT32_MAX) return true;
  long slots = 16;
  while (slots < 2 * most) slots *= 2;
  char *top = workspace->top;
  table t = {.reals = reals,
             .ints = ints,
             .real_bytes = (size_t)real_columns * sizeof *reals,
             .int_bytes = (size_t)int_columns * sizeof *ints,
             .real_columns = real_columns,
             .int_columns = int_columns,
             .slots = sl_take(workspace, slots, sizeof *t.slots)};
  bool may_pay = true;
  if (rows > MANY) { /* in a small part of the table: most data are continuous, and cost no more than that */
    long step = rows / SAMPLE;
    t.mask = SAMPLE_SLOTS - 1;
    may_pay = count_rows(&t, step * SAMPLE, step, MOST_DISTINCT_OF_SAMPLE, first, weights) >= 0;
  }
  t.mask = (unsigned long)slots - 1;
  long distinct = may_pay ? count_rows(&t, rows, 1, most, first, weights) : -1;
  if (distinct > 0) *count = distinct;
  workspace->top = top;
  return true;
}

/* A table twice as large, with the groups found so far. */
static void grow(table *t, const long *first, long groups, sl_workspace *workspace) {
  t->mask = 2 * t->mask + 1;
  t->slots = sl_take(workspace, (long)t->mask + 1, sizeof *t->slots);
  memset(t->slots, 0, (t->mask + 1) * sizeof *t->slots);
  for (long g = 0; g < groups; g++) {
    unsigned long at = hash(t, first[g]) & t->mask;
    while (t->slots[at]) at = (at + 1) & t->mask;
    t->slots[at] = (uint32_t)(g + 1);
  }
}

/* The rows by group, those of a group as they came; next[groups] is for this function's own use. */
static void sort_rows(long *starts, long *order, long *next, const uint32_t *group, const long *size, long rows,
                      long groups) {
  starts[0] = 0;
  for (long g = 0; g < groups; g++) {
    next[g] = starts[g];
    starts[g + 1] = starts[g] + size[g];
  }
  for (long row = 0; row < rows; row++) order[next[group[row]]++] = row;
}

bool sl_row_groups(long *counts, long *starts, long *order, const long *ints, long rows, long real_columns,
                   long int_columns, sl_workspace *workspace) {
  counts[0] = counts[1] = 0;
  counts[2] = sl_quadratic_state_size(real_columns);
  const long may_stay = rows - (rows + 9) / 10;
  if (real_columns > SL_MOST_QUADRATIC || rows >= UINT32_MAX || rows == 0) return true;
  if (int_columns == 0) {
    counts[0] = 1;
    starts[0] = 0, starts[1] = rows;
    if (real_columns <= may_stay) counts[1] = real_columns;
    return true;
  }
  char *top = workspace->top;
  long *first = sl_take(workspace, rows, sizeof *first), *size = sl_take(workspace, rows, sizeof *size);
  uint32_t *group = sl_take(workspace, rows, sizeof *group);
  table t = {.ints = ints, .int_bytes = (size_t)int_columns * sizeof *ints, .int_columns = int_columns, .mask = 7};
  long groups = 0, most = 0;
  grow(&t, first, 0, workspace);
  for (long row = 0; row < rows; row++) {
    if (2 * groups > (long)t.mask) grow(&t, first, groups, workspace);
    unsigned long at = hash(&t, row) & t.mask;
    while (t.slots[at] && !is_equal(&t, first[t.slots[at] - 1], row)) at = (at + 1) & t.mask;
    if (!t.slots[at]) {
      first[groups] = row;
      size[groups] = 0;
      t.slots[at] = (uint32_t)++groups;
    }
    group[row] = t.slots[at] - 1;
    most += ++size[group[row]] <= real_columns;
  }
  counts[0] = groups;
  if (most <= may_stay) {
    counts[1] = most;
    sort_rows(starts, order, first, group, size, rows, groups);
  }
  workspace->top = top;
  return true;
}

bool sl_row_runs(long *runs, long *order, long *starts, const long *keys, long rows, long fewest, long most,
                 sl_workspace *workspace) {
  *runs = 0;
  if (rows < fewest) return true;
  long least = keys[0], largest = keys[0], span, groups = 0;
  for (long i = 1; i < rows; i++) {
    if (keys[i] < least) least = keys[i];
    if (keys[i] > largest) largest = keys[i];
  }
  if (__builtin_sub_overflow(largest, least, &span) || span >= rows) return true;
  char *top = workspace->top;
  long *next = sl_take(workspace, span + 1, sizeof *next); /* how many rows a key has, then where its next one goes */
  memset(next, 0, (size_t)(span + 1) * sizeof *next);
  for (long i = 0; i < rows; i++) groups += next[keys[i] - least]++ == 0;
  if (groups <= rows / fewest) {
    long start = 0;
    for (long k = 0; k <= span; k++) {
      const long count = next[k], parts = (count + most - 1) / most;
      for (long part = 0; part < parts; part++) starts[(*runs)++] = start + count * part / parts;
      next[k] = start;
      start += count;
    }
    starts[*runs] = rows;
    for (long i = 0; i < rows; i++) order[next[keys[i] - least]++] = i;
  }
  workspace->top = top;
  return true;
}
