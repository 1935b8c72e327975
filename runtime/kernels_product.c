/* kernels_product.c: matrix products and their adjoints. For C = A B: A_adjoint += C_adjoint B', B_adjoint += A'
 * C_adjoint (Giles 2008, "Collected matrix derivative results", 2.2.2). */
#include <string.h>
#include "runtime/kernels_internal.h"

static void clear(double *x, long count) {
  if (count > 0) memset(x, 0, (size_t)count * sizeof *x);
}

bool sl_matrix_times_matrix(double *C, const double *A, const double *B, long m, long k, long n,
                            sl_workspace *workspace) {
  sl_product_threaded(C, A, B, m, k, n, workspace);
  return true;
}

void sl_matrix_times_matrix_adjoint(const double *C, const double *C_adjoint, const double *A, double *A_adjoint,
                                    const double *B, double *B_adjoint, long m, long k, long n,
                                    sl_workspace *workspace) {
  (void)C;
  if (A_adjoint) sl_add_product_threaded(A_adjoint, C_adjoint, B, k, 1, m, n, k, workspace);
  if (B_adjoint) sl_add_left_transposed_threaded(B_adjoint, A, C_adjoint, k, m, n, workspace);
}

bool sl_matrix_times_vector(double *y, const double *A, const double *x, long m, long n, sl_workspace *workspace) {
  return sl_matrix_times_matrix(y, A, x, m, n, 1, workspace);
}

void sl_matrix_times_vector_adjoint(const double *y, const double *y_adjoint, const double *A, double *A_adjoint,
                                    const double *x, double *x_adjoint, long m, long n, sl_workspace *workspace) {
  sl_matrix_times_matrix_adjoint(y, y_adjoint, A, A_adjoint, x, x_adjoint, m, n, 1, workspace);
}

bool sl_rows_times_vector(double *y, const double *A, const double *x, long m, long n, long begin, long rows,
                          sl_workspace *workspace) {
  (void)workspace;
  clear(y, rows);
  sl_add_rows_product(y, A + begin, x, m, rows, n);
  return true;
}

void sl_rows_times_vector_adjoint(const double *y, const double *y_adjoint, const double *A, double *A_adjoint,
                                  const double *x, double *x_adjoint, long m, long n, long begin, long rows,
                                  sl_workspace *workspace) {
  (void)y, (void)workspace;
  for (long j = 0; A_adjoint && j < n; j++)
    for (long i = 0; i < rows; i++) A_adjoint[begin + i + j * m] += y_adjoint[i] * x[j];
  if (x_adjoint) sl_add_rows_transposed(x_adjoint, A + begin, m, y_adjoint, rows, n);
}

/* y' = A' x, so that columns of A are read in their order. */
bool sl_row_vector_times_matrix(double *y, const double *x, const double *A, long m, long n, sl_workspace *workspace) {
  clear(y, n);
  sl_add_left_transposed_threaded(y, A, x, n, m, 1, workspace);
  return true;
}

void sl_row_vector_times_matrix_adjoint(const double *y, const double *y_adjoint, const double *x, double *x_adjoint,
                                        const double *A, double *A_adjoint, long m, long n, sl_workspace *workspace) {
  (void)y;
  if (x_adjoint) sl_add_product_threaded(x_adjoint, A, y_adjoint, 1, n, m, n, 1, workspace);
  if (A_adjoint) sl_add_product_threaded(A_adjoint, x, y_adjoint, 1, 1, m, 1, n, workspace);
}

/* C_adjoint + C_adjoint', for C[n,n] symmetric in A. */
static double *symmetric_sum(const double *C_adjoint, long n, sl_workspace *workspace) {
  double *sum = sl_take(workspace, n * n, sizeof *sum);
  for (long j = 0; j < n; j++)
    for (long i = 0; i < n; i++) sum[i + j * n] = C_adjoint[i + j * n] + C_adjoint[j + i * n];
  return sum;
}

bool sl_crossprod(double *C, const double *A, long m, long n, sl_workspace *workspace) {
  (void)workspace;
  clear(C, n * n);
  sl_add_left_transposed(C, 1.0, A, A, n, m, n);
  return true;
}

void sl_crossprod_adjoint(const double *C, const double *C_adjoint, const double *A, double *A_adjoint, long m, long n,
                          sl_workspace *workspace) {
  (void)C;
  if (!A_adjoint) return;
  char *top = workspace->top;
  sl_add_product(A_adjoint, 1.0, A, symmetric_sum(C_adjoint, n, workspace), 1, n, m, n, n);
  workspace->top = top;
}

bool sl_tcrossprod(double *C, const double *A, long m, long n, sl_workspace *workspace) {
  (void)workspace;
  clear(C, m * m);
  sl_add_product(C, 1.0, A, A, m, 1, m, n, m);
  return true;
}

void sl_tcrossprod_adjoint(const double *C, const double *C_adjoint, const double *A, double *A_adjoint, long m, long n,
                           sl_workspace *workspace) {
  (void)C;
  if (!A_adjoint) return;
  char *top = workspace->top;
  sl_add_product(A_adjoint, 1.0, symmetric_sum(C_adjoint, m, workspace), A, 1, m, m, m, n);
  workspace->top = top;
}

/* The lower triangle of L[m,n], zeros above. */
static double *lower_triangle(const double *L, long m, long n, sl_workspace *workspace) {
  double *lower = sl_take(workspace, m * n, sizeof *lower);
  for (long j = 0; j < n; j++)
    for (long i = 0; i < m; i++) lower[i + j * m] = i < j ? 0.0 : L[i + j * m];
  return lower;
}

bool sl_multiply_lower_tri_self_transpose(double *C, const double *L, long m, long n, sl_workspace *workspace) {
  char *top = workspace->top;
  sl_tcrossprod(C, lower_triangle(L, m, n, workspace), m, n, workspace);
  workspace->top = top;
  return true;
}

void sl_multiply_lower_tri_self_transpose_adjoint(const double *C, const double *C_adjoint, const double *L,
                                                  double *L_adjoint, long m, long n, sl_workspace *workspace) {
  if (!L_adjoint) return;
  char *top = workspace->top;
  double *full = sl_take(workspace, m * n, sizeof *full);
  clear(full, m * n);
  sl_tcrossprod_adjoint(C, C_adjoint, lower_triangle(L, m, n, workspace), full, m, n, workspace);
  for (long j = 0; j < n; j++)
    for (long i = j; i < m; i++) L_adjoint[i + j * m] += full[i + j * m];
  workspace->top = top;
}
