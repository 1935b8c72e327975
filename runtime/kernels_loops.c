/* kernels_loops.c: see kernels_internal.h. A product of matrices is made of tiles of 8 by 6 or 4 elements, which stay in
 * registers while their summands are added. Where there are fewer columns, those of the matrix are taken four at a time, so
 * that each pass over memory does four multiplications for one load. Both are blocked so that what is read again stays in the
 * cache.
 *
 * Microseconds for X * B and its adjoints, without tiles and with them (AVX-512): 8 by 8 times 8 by 10 0.98, 0.50; 30 by 30
 * times 30 by 30 20, 8.7; 300 by 100 times 100 by 60 1065, 474; 3 by 5 times 5 by 200 13.1, 11.0. hierarchical_gp of
 * posteriordb 19.3, 15.0. */
#include <stdarg.h>
#include <stdio.h>
#include "runtime/kernels_internal.h"

enum { ROW_BLOCK = 256, INNER_BLOCK = 64, TILE_ROWS = 8, TILE_COLUMNS = 6, FEWER_COLUMNS = 4 };

/* Half a column of a tile. */
enum { HALF = TILE_ROWS / 2 };
typedef double tile_half __attribute__((vector_size(HALF * sizeof(double)), aligned(sizeof(double)), may_alias));

/* C[rows,columns] += scale * A[TILE_ROWS,k] * B; lda elements from one column of A to the next, ldc of C. */
SL_INLINE void add_tile(double *C, long ldc, long rows, int columns, double scale, const double *A, long lda,
                        const double *B, long step, long stride, long k) {
  tile_half upper[TILE_COLUMNS] = {0}, lower[TILE_COLUMNS] = {0};
  for (long p = 0; p < k; p++) {
    const tile_half above = *(const tile_half *)(A + p * lda), below = *(const tile_half *)(A + p * lda + HALF);
#pragma GCC unroll 6
    for (int j = 0; j < columns; j++) {
      const double b = B[p * step + j * stride];
      upper[j] += above * b;
      lower[j] += below * b;
    }
  }
#pragma GCC unroll 6
  for (int j = 0; j < columns; j++) {
    double *c = C + j * ldc, sums[TILE_ROWS];
    if (rows == TILE_ROWS) {
      *(tile_half *)c += upper[j] * scale;
      *(tile_half *)(c + HALF) += lower[j] * scale;
    } else {
      *(tile_half *)sums = upper[j] * scale;
      *(tile_half *)(sums + HALF) = lower[j] * scale;
      for (long i = 0; i < rows; i++) c[i] += sums[i];
    }
  }
}

/* How many of n columns tiles are worth it for, of k summands: few columns read A as fast as it can be read, few summands read
 * nothing twice. */
static long tiled_columns(long k, long n) {
  const long rest = n % TILE_COLUMNS;
  return k < 4 ? 0 : n - rest + (rest >= FEWER_COLUMNS ? FEWER_COLUMNS : 0);
}

/* C[m,n] += scale * A * B, for k of INNER_BLOCK at most and n of tiled_columns; ldc elements from one column of C to the next.
 * Element (i,p) of A is A[i * down + p * across]. Rows that do not lie side by side, or are fewer than a tile's, are copied. */
SL_FOR_EACH_PROCESSOR
static void add_tiles(double *C, long ldc, double scale, const double *A, long down, long across, const double *B,
                      long step, long stride, long m, long k, long n) {
  double copy[TILE_ROWS * INNER_BLOCK] __attribute__((aligned(64)));
  for (long i = 0; i < m; i += TILE_ROWS) {
    const long rows = m - i < TILE_ROWS ? m - i : TILE_ROWS;
    const bool is_copied = down != 1 || rows < TILE_ROWS;
    const double *a = is_copied ? copy : A + i;
    const long lda = is_copied ? TILE_ROWS : across;
    for (long p = 0; is_copied && p < k; p++)
      for (long r = 0; r < TILE_ROWS; r++) copy[r + p * TILE_ROWS] = r < rows ? A[(i + r) * down + p * across] : 0.0;
    double *c = C + i;
    long j = 0;
    for (; j + TILE_COLUMNS <= n; j += TILE_COLUMNS)
      add_tile(c + j * ldc, ldc, rows, TILE_COLUMNS, scale, a, lda, B + j * stride, step, stride, k);
    if (j < n) add_tile(c + j * ldc, ldc, rows, FEWER_COLUMNS, scale, a, lda, B + j * stride, step, stride, k);
  }
}

SL_FOR_EACH_PROCESSOR
static void add_product_block(double *C, double scale, const double *A, const double *B, long step, long stride, long m,
                              long ld, long k, long n) {
  for (long j = 0; j < n; j++) {
    double *restrict c = C + j * ld;
    const double *b = B + j * stride;
    long p = 0;
    for (; p + 4 <= k; p += 4) {
      const double *restrict a0 = A + p * ld, *restrict a1 = a0 + ld, *restrict a2 = a1 + ld, *restrict a3 = a2 + ld;
      double b0 = scale * b[p * step], b1 = scale * b[(p + 1) * step];
      double b2 = scale * b[(p + 2) * step], b3 = scale * b[(p + 3) * step];
#pragma omp simd
      for (long i = 0; i < m; i++) c[i] += (a0[i] * b0 + a1[i] * b1) + (a2[i] * b2 + a3[i] * b3);
    }
    for (; p < k; p++) {
      const double *restrict a = A + p * ld;
      double bp = scale * b[p * step];
#pragma omp simd
      for (long i = 0; i < m; i++) c[i] += a[i] * bp;
    }
  }
}

void sl_add_product_rows(double *C, double scale, const double *A, const double *B, long step, long stride, long m,
                         long k, long n, long first, long rows) {
  const long tiled = tiled_columns(k, n);
  for (long p = 0; p < k; p += INNER_BLOCK) {
    long inner = k - p < INNER_BLOCK ? k - p : INNER_BLOCK;
    for (long i = first; i < first + rows; i += ROW_BLOCK) {
      long block = first + rows - i < ROW_BLOCK ? first + rows - i : ROW_BLOCK;
      const double *a = A + i + p * m, *b = B + p * step;
      if (tiled) add_tiles(C + i, m, scale, a, 1, m, b, step, stride, block, inner, tiled);
      if (tiled < n)
        add_product_block(C + i + tiled * m, scale, a, b + tiled * stride, step, stride, block, m, inner, n - tiled);
    }
  }
}

void sl_add_product(double *C, double scale, const double *A, const double *B, long step, long stride, long m, long k,
                    long n) {
  sl_add_product_rows(C, scale, A, B, step, stride, m, k, n, 0, m);
}

void sl_add_rows_product(double *y, const double *A, const double *x, long ld, long m, long k) {
  for (long i = 0; i < m; i += ROW_BLOCK) {
    long rows = m - i < ROW_BLOCK ? m - i : ROW_BLOCK;
    add_product_block(y + i, 1.0, A + i, x, 1, k, rows, ld, k, 1);
  }
}

/* c[m] += scale * A[k,m]' b, columns ld apart. The last columns come first: they are what a product that has just read A has
 * left in the cache, and the next product begins with those that are read last here. */
SL_FOR_EACH_PROCESSOR
static void add_transposed_block(double *c, double scale, const double *A, long ld, const double *restrict b, long m,
                                 long k) {
  long i = m;
  for (; i >= 4; i -= 4) {
    const double *restrict a0 = A + (i - 4) * ld, *restrict a1 = a0 + ld, *restrict a2 = a1 + ld,
                           *restrict a3 = a2 + ld;
    double s0 = 0.0, s1 = 0.0, s2 = 0.0, s3 = 0.0;
#pragma omp simd reduction(+ : s0, s1, s2, s3)
    for (long p = 0; p < k; p++) {
      s0 += a0[p] * b[p];
      s1 += a1[p] * b[p];
      s2 += a2[p] * b[p];
      s3 += a3[p] * b[p];
    }
    c[i - 4] += scale * s0;
    c[i - 3] += scale * s1;
    c[i - 2] += scale * s2;
    c[i - 1] += scale * s3;
  }
  for (; i > 0; i--) {
    const double *restrict a = A + (i - 1) * ld;
    double s = 0.0;
#pragma omp simd reduction(+ : s)
    for (long p = 0; p < k; p++) s += a[p] * b[p];
    c[i - 1] += scale * s;
  }
}

void sl_add_left_transposed_rows(double *C, double scale, const double *A, const double *B, long m, long k, long n,
                                 long first, long rows) {
  const long tiled = tiled_columns(rows, n), most = tiled ? INNER_BLOCK : ROW_BLOCK;
  for (long at = first; at < first + rows; at += most) {
    long block = first + rows - at < most ? first + rows - at : most;
    if (tiled) add_tiles(C, m, scale, A + at, k, 1, B + at, 1, k, m, block, tiled);
    for (long j = tiled; j < n; j++) add_transposed_block(C + j * m, scale, A + at, k, B + at + j * k, m, block);
  }
}

void sl_add_rows_transposed(double *y, const double *A, long ld, const double *x, long m, long k) {
  for (long first = 0; first < m; first += ROW_BLOCK) {
    long rows = m - first < ROW_BLOCK ? m - first : ROW_BLOCK;
    add_transposed_block(y, 1.0, A + first, ld, x + first, k, rows);
  }
}

void sl_add_left_transposed(double *C, double scale, const double *A, const double *B, long m, long k, long n) {
  sl_add_left_transposed_rows(C, scale, A, B, m, k, n, 0, k);
}

/* Forward substitution, column by column of L. */
SL_FOR_EACH_PROCESSOR
void sl_solve_lower(const double *L, double *B, long n, long k) {
  for (long c = 0; c < k; c++) {
    double *restrict b = B + c * n;
    for (long j = 0; j < n; j++) {
      const double *restrict l = L + j * n;
      double x = b[j] / l[j];
      b[j] = x;
#pragma omp simd
      for (long i = j + 1; i < n; i++) b[i] -= l[i] * x;
    }
  }
}

/* Backward substitution: a row of L' is a column of L. */
SL_FOR_EACH_PROCESSOR
void sl_solve_lower_transposed(const double *L, double *B, long n, long k) {
  for (long c = 0; c < k; c++) {
    double *restrict b = B + c * n;
    for (long j = n - 1; j >= 0; j--) {
      const double *restrict l = L + j * n;
      double s = 0.0;
#pragma omp simd reduction(+ : s)
      for (long i = j + 1; i < n; i++) s += l[i] * b[i];
      b[j] = (b[j] - s) / l[j];
    }
  }
}

/* X L = B: the last column of X first. */
SL_FOR_EACH_PROCESSOR
void sl_right_solve_lower(const double *L, double *B, long k, long n) {
  for (long j = n - 1; j >= 0; j--) {
    double *restrict b = B + j * k;
    for (long i = j + 1; i < n; i++) {
      const double *restrict x = B + i * k;
      double l = L[i + j * n];
#pragma omp simd
      for (long r = 0; r < k; r++) b[r] -= x[r] * l;
    }
    for (long r = 0; r < k; r++) b[r] /= L[j + j * n];
  }
}

/* X L' = B: the first column of X first. */
SL_FOR_EACH_PROCESSOR
void sl_right_solve_lower_transposed(const double *L, double *B, long k, long n) {
  for (long j = 0; j < n; j++) {
    double *restrict b = B + j * k;
    for (long i = 0; i < j; i++) {
      const double *restrict x = B + i * k;
      double l = L[j + i * n];
#pragma omp simd
      for (long r = 0; r < k; r++) b[r] -= x[r] * l;
    }
    for (long r = 0; r < k; r++) b[r] /= L[j + j * n];
  }
}

bool sl_kernel_failed(sl_workspace *workspace, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(workspace->message, sizeof workspace->message, format, arguments);
  va_end(arguments);
  return false;
}
