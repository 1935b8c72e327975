/* kernels_quadratic.c: the triangle R of a data matrix, R'R = D'D, group by group of its rows.
 *
 * Rows come one by one. A block of them at a time is rotated into the triangle of those before it by Householder
 * reflections (Golub, Van Loan, Matrix Computations, 5.1.3 and 5.2.2): memory for a block, one pass over the data, about
 * K^2 multiplications and additions for a row of K numbers, which is about what it takes to read the row from a file while
 * K is at most SL_MOST_QUADRATIC. In long double, so that what R loses is the rounding of its elements to double, and no
 * square overflows.
 *
 * Rounding of a row's sum c'D[n] comes in each row anew and averages out over many; over the few rows of R it does not. It
 * matters where the sum is much smaller than its terms: an outcome of 10^6 with a deviation of 1. How small the part of a
 * column is that the columns before it do not give, R[k,k], tells that beforehand: where its norm is below the column's /
 * MOST_LOSS, so that about 3e-16 MOST_LOSS of the sum would be lost, the rows are left alone. Below NOTHING it is rounding:
 * the column is another's multiple. */
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "runtime/kernels.h"
#include "runtime/kernels_internal.h"

/* A group of no more rows than columns fits into a block. */
enum { BLOCK = SL_MOST_QUADRATIC };
static const long double MOST_LOSS = 2e4L, NOTHING = 1e-15L;

/* What is kept between two rows: all zero before the first. */
typedef struct progress {
  long members; /* rows of the group so far */
  long made;    /* combinations of the groups before it */
  long is_left; /* a number was not finite, or too large: the rows stay as they are */
} progress;

typedef struct triangle {
  long width;
  progress *progress;
  long double *r;           /* [width,width], row by row; zero below the diagonal */
  long double *block;       /* [BLOCK,width], column by column */
  long double *whole, *own; /* [width], squared norms of each column, over all groups: whole, and of what is its own */
} triangle;

enum { HEAD = (sizeof(progress) + sizeof(long double) - 1) / sizeof(long double) };

/* In doubles; one more, as these may begin between two places for a long double. */
long sl_quadratic_state_size(long width) {
  const long count = HEAD + width * width + BLOCK * width + 2 * width + 1;
  return count * (long)(sizeof(long double) / sizeof(double));
}

static triangle find(double *state, long width) {
  const size_t over = (size_t)(uintptr_t)state % _Alignof(long double);
  char *start = (char *)state + (over ? _Alignof(long double) - over : 0);
  triangle t = {.width = width, .progress = (progress *)(void *)start, .r = (long double *)(void *)start + HEAD};
  t.block = t.r + width * width;
  t.whole = t.block + BLOCK * width;
  t.own = t.whole + width;
  return t;
}

/* Q [r; block] = [r; 0]. */
static void absorb(const triangle *t, int rows) {
  for (long j = 0; j < t->width; j++) {
    long double *r = t->r + j * t->width, *x = t->block + j * BLOCK, square = 0;
    for (int i = 0; i < rows; i++) square += x[i] * x[i];
    if (square == 0) continue;
    const long double norm = sqrtl(r[j] * r[j] + square), diagonal = r[j] > 0 ? -norm : norm;
    const long double head = r[j] - diagonal, scale = 2 / (head * head + square);
    r[j] = diagonal;
    for (long k = j + 1; k < t->width; k++) {
      long double *y = t->block + k * BLOCK, product = head * r[k];
      for (int i = 0; i < rows; i++) product += x[i] * y[i];
      product *= scale;
      r[k] -= product * head;
      for (int i = 0; i < rows; i++) y[i] -= product * x[i];
    }
  }
}

/* Writes the rows of r that are not zero, but the first in any case, each with a first element that is positive; returns how
 * many. */
static long write_rows(const triangle *t, double *to) {
  long count = 0;
  for (long j = 0; j < t->width; j++) {
    const long double *r = t->r + j * t->width;
    long k = j;
    while (k < t->width && r[k] == 0) k++;
    if (k == t->width && count > 0) continue;
    const long double sign = k < t->width && r[k] < 0 ? -1 : 1;
    for (long i = 0; i < t->width; i++) to[count * t->width + i] = i < j ? 0 : (double)(sign * r[i]);
    count++;
  }
  return count;
}

/* The rows of a group that are still in the block; returns how many combinations of all of the group's rows are written. */
static long finish(const triangle *t, double *to) {
  const long width = t->width, members = t->progress->members;
  if (members <= width) {
    for (long i = 0; i < members; i++)
      for (long k = 0; k < width; k++) {
        const long double x = t->block[k * BLOCK + i];
        to[i * width + k] = (double)x;
        t->whole[k] += x * x, t->own[k] += x * x;
      }
    return members;
  }
  absorb(t, (int)((members - 1) % BLOCK) + 1);
  for (long k = 0; k < width; k++) {
    for (long j = 0; j <= k; j++) t->whole[k] += t->r[j * width + k] * t->r[j * width + k];
    t->own[k] += t->r[k * width + k] * t->r[k * width + k];
  }
  const long made = write_rows(t, to);
  memset(t->r, 0, sizeof *t->r * (size_t)(width * width));
  return made;
}

static bool loses_much(const triangle *t) {
  for (long k = 0; k < t->width; k++) {
    const long double whole = t->whole[k], own = t->own[k];
    if (own * (MOST_LOSS * MOST_LOSS) < whole && own > whole * (NOTHING * NOTHING)) return true;
  }
  return false;
}

static bool take_row(const triangle *t, const double *reals) {
  const long place = t->progress->members % BLOCK;
  if (place == 0 && t->progress->members > 0) absorb(t, BLOCK);
  for (long k = 0; k < t->width; k++) {
    if (!(fabs(reals[k]) < 1e290)) return false;
    t->block[k * BLOCK + place] = reals[k];
  }
  t->progress->members++;
  return true;
}

bool sl_quadratic_row(long *count, long *first, double *triangles, double *state, const double *reals,
                      const double *before, long real_columns, long row, long left, sl_workspace *workspace) {
  (void)before, (void)workspace;
  const triangle t = find(state, real_columns);
  progress *p = t.progress;
  p->is_left = p->is_left || !take_row(&t, reals);
  if (p->is_left) {
    *count = 0;
  } else if (left == 0) {
    const long made = finish(&t, triangles + p->made * real_columns);
    for (long i = 0; i < made; i++) first[p->made + i] = row;
    p->made += made;
    p->members = 0;
    *count = loses_much(&t) ? 0 : p->made;
  }
  return true;
}
