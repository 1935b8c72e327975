/* kernels_quadratic.c: the triangle R of a data matrix, R'R = D'D, group by group of its rows.
 *
 * A block of rows at a time is rotated into the triangle of those before it by Householder reflections (Golub, Van Loan, Matrix
 * Computations, 5.1.3 and 5.2.2): memory for a block, one pass over the data, about K^2 multiplications and additions for a
 * row of K numbers, which is about what it takes to read the row from a file while K is at most SL_MOST_QUADRATIC. In long
 * double, so that what R loses is the rounding of its elements to double, and no square overflows.
 *
 * Rounding of a row's sum c'D[n] comes in each row anew and averages out over many; over the few rows of R it does not. It
 * matters where the sum is much smaller than its terms: an outcome of 10^6 with a deviation of 1. How small the part of a
 * column is that the columns before it do not give, R[k,k], tells that beforehand: where its norm is below the column's /
 * MOST_LOSS, so that about 3e-16 MOST_LOSS of the sum would be lost, the rows are left alone. Below NOTHING it is rounding:
 * the column is another's multiple. */
#include <math.h>
#include <string.h>
#include "runtime/kernels.h"

enum { BLOCK = 32 };
static const long double MOST_LOSS = 2e4L, NOTHING = 1e-15L;

typedef struct triangle {
  long width;
  long double *r;           /* [width,width], row by row; zero below the diagonal */
  long double *block;       /* [BLOCK,width], column by column */
  long double *whole, *own; /* [width], squared norms of each column, over all groups: whole, and of what is its own */
} triangle;

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

static long combine(const triangle *t, double *to, const double *reals, const long *order, long rows) {
  const long width = t->width;
  memset(t->r, 0, sizeof *t->r * (size_t)(width * width));
  for (long start = 0; start < rows; start += BLOCK) {
    const int here = rows - start < BLOCK ? (int)(rows - start) : BLOCK;
    for (int i = 0; i < here; i++)
      for (long k = 0; k < width; k++) t->block[k * BLOCK + i] = reals[order[start + i] * width + k];
    absorb(t, here);
  }
  for (long k = 0; k < width; k++) {
    for (long j = 0; j <= k; j++) t->whole[k] += t->r[j * width + k] * t->r[j * width + k];
    t->own[k] += t->r[k * width + k] * t->r[k * width + k];
  }
  return write_rows(t, to);
}

static bool loses_much(const triangle *t) {
  for (long k = 0; k < t->width; k++) {
    const long double whole = t->whole[k], own = t->own[k];
    if (own * (MOST_LOSS * MOST_LOSS) < whole && own > whole * (NOTHING * NOTHING)) return true;
  }
  return false;
}

static void add_squares(const triangle *t, const double *row) {
  for (long k = 0; k < t->width; k++) {
    const long double square = (long double)row[k] * row[k];
    t->whole[k] += square, t->own[k] += square;
  }
}

bool sl_quadratic_rows(long *count, long *first, double *triangles, const double *reals, const long *group, long rows,
                       long real_columns, long groups, sl_workspace *workspace) {
  char *top = workspace->top;
  long *end = sl_take(workspace, groups + 1, sizeof *end), *order = sl_take(workspace, rows, sizeof *order);
  triangle t = {.width = real_columns};
  t.r = sl_take(workspace, real_columns * real_columns, sizeof *t.r);
  t.block = sl_take(workspace, BLOCK * real_columns, sizeof *t.block);
  t.whole = sl_take(workspace, real_columns, sizeof *t.whole), t.own = sl_take(workspace, real_columns, sizeof *t.own);
  for (long k = 0; k < real_columns; k++) t.whole[k] = t.own[k] = 0;
  memset(end, 0, sizeof *end * (size_t)(groups + 1));
  for (long n = 0; n < rows; n++) end[group[n] + 1]++;
  for (long g = 0; g < groups; g++) end[g + 1] += end[g];
  for (long n = 0; n < rows; n++) order[end[group[n]]++] = n; /* end[g] was where g starts */
  long made = 0;
  for (long g = 0, start = 0; g < groups; start = end[g++]) {
    const long members = end[g] - start, *of = order + start;
    double *to = triangles + made * real_columns;
    long here = members;
    if (members <= real_columns)
      for (long i = 0; i < members; i++) {
        memcpy(to + i * real_columns, reals + of[i] * real_columns, sizeof *to * (size_t)real_columns);
        add_squares(&t, to + i * real_columns);
      }
    else
      here = combine(&t, to, reals, of, members);
    for (long i = 0; i < here; i++) first[made + i] = of[0];
    made += here;
  }
  *count = loses_much(&t) ? 0 : made;
  workspace->top = top;
  return true;
}
