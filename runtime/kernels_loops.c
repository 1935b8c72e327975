/* kernels_loops.c: see kernels_internal.h. Columns are taken four at a time, so that each pass over memory does four
 * multiplications for one load; products are blocked so that what is read again stays in the second-level cache. */
#include <stdarg.h>
#include <stdio.h>
#include "runtime/kernels_internal.h"

enum { ROW_BLOCK = 256, INNER_BLOCK = 64 };

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
  for (long p = 0; p < k; p += INNER_BLOCK) {
    long inner = k - p < INNER_BLOCK ? k - p : INNER_BLOCK;
    for (long i = first; i < first + rows; i += ROW_BLOCK) {
      long block = first + rows - i < ROW_BLOCK ? first + rows - i : ROW_BLOCK;
      add_product_block(C + i, scale, A + i + p * m, B + p * step, step, stride, block, m, inner, n);
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
  for (long at = first; at < first + rows; at += ROW_BLOCK) {
    long block = first + rows - at < ROW_BLOCK ? first + rows - at : ROW_BLOCK;
    for (long j = 0; j < n; j++) add_transposed_block(C + j * m, scale, A + at, k, B + at + j * k, m, block);
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
