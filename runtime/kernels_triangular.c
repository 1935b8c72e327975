/* kernels_triangular.c: division by a lower triangular matrix. For X = L\B: B_adjoint += L'\X_adjoint =: Z and
 * L_adjoint -= lower triangle of Z X' (Giles 2008, 2.2.3); for X = B/L the same, transposed. */
#include <string.h>
#include "runtime/kernels_internal.h"

bool sl_mdivide_left_tri_low(double *X, const double *L, const double *B, long n, long k, sl_workspace *workspace) {
  (void)workspace;
  if (n * k > 0) memcpy(X, B, (size_t)(n * k) * sizeof *X);
  sl_solve_lower(L, X, n, k);
  return true;
}

void sl_mdivide_left_tri_low_adjoint(const double *X, const double *X_adjoint, const double *L, double *L_adjoint,
                                     const double *B, double *B_adjoint, long n, long k, sl_workspace *workspace) {
  (void)B;
  if (n * k == 0) return;
  char *top = workspace->top;
  double *Z = sl_take(workspace, n * k, sizeof *Z);
  memcpy(Z, X_adjoint, (size_t)(n * k) * sizeof *Z);
  sl_solve_lower_transposed(L, Z, n, k);
  if (B_adjoint)
    for (long i = 0; i < n * k; i++) B_adjoint[i] += Z[i];
  if (L_adjoint)
    for (long c = 0; c < k; c++)
      for (long j = 0; j < n; j++) {
        double x = X[j + c * n];
        for (long i = j; i < n; i++) L_adjoint[i + j * n] -= Z[i + c * n] * x;
      }
  workspace->top = top;
}

bool sl_mdivide_right_tri_low(double *X, const double *B, const double *L, long k, long n, sl_workspace *workspace) {
  (void)workspace;
  if (n * k > 0) memcpy(X, B, (size_t)(n * k) * sizeof *X);
  sl_right_solve_lower(L, X, k, n);
  return true;
}

void sl_mdivide_right_tri_low_adjoint(const double *X, const double *X_adjoint, const double *B, double *B_adjoint,
                                      const double *L, double *L_adjoint, long k, long n, sl_workspace *workspace) {
  (void)B;
  if (n * k == 0) return;
  char *top = workspace->top;
  double *Z = sl_take(workspace, n * k, sizeof *Z);
  memcpy(Z, X_adjoint, (size_t)(n * k) * sizeof *Z);
  sl_right_solve_lower_transposed(L, Z, k, n);
  if (B_adjoint)
    for (long i = 0; i < n * k; i++) B_adjoint[i] += Z[i];
  if (L_adjoint) /* X' Z */
    for (long j = 0; j < n; j++)
      for (long i = j; i < n; i++) {
        double s = 0.0;
#pragma omp simd reduction(+ : s)
        for (long r = 0; r < k; r++) s += X[r + i * k] * Z[r + j * k];
        L_adjoint[i + j * n] -= s;
      }
  workspace->top = top;
}
