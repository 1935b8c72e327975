/* lapack_solve.c: general square matrices by LU with partial pivoting: division, inverse, determinant. A singular
 * matrix is no failure: the divisions by zero show as infinities or NaN, the determinant is 0. */
#include "runtime/lapack.h"

typedef struct lu_factor {
  double *factors; /* L below the diagonal, U on and above */
  int *pivots;
  int size;
} lu_factor;

static lu_factor factor(const double *A, long n, sl_workspace *workspace) {
  lu_factor lu = {sl_copy(A, n * n, workspace), sl_take(workspace, n, sizeof(int)), (int)n};
  int info;
  if (n > 0) dgetrf_(&lu.size, &lu.size, lu.factors, &lu.size, lu.pivots, &info);
  return lu;
}

/* B[n,k] becomes A\B, or A'\B. */
static void solve(const lu_factor *lu, bool transposed, double *B, long k) {
  int columns = (int)k, info;
  if (lu->size > 0 && k > 0)
    dgetrs_(transposed ? "T" : "N", &lu->size, &columns, lu->factors, &lu->size, lu->pivots, B, &lu->size, &info, 1);
}

static void transpose(double *out, const double *in, long rows, long columns) {
  for (long j = 0; j < columns; j++)
    for (long i = 0; i < rows; i++) out[j + i * columns] = in[i + j * rows];
}

static double *transposed_copy(const double *in, long rows, long columns, sl_workspace *workspace) {
  double *out = sl_take(workspace, rows * columns, sizeof *out);
  transpose(out, in, rows, columns);
  return out;
}

bool sl_mdivide_left(double *X, const double *A, const double *B, long n, long k, sl_workspace *workspace) {
  char *top = workspace->top;
  lu_factor lu = factor(A, n, workspace);
  if (n * k > 0) memcpy(X, B, (size_t)(n * k) * sizeof *X);
  solve(&lu, false, X, k);
  workspace->top = top;
  return true;
}

/* Z = A'\X_adjoint; B_adjoint += Z, A_adjoint -= Z X' (Giles 2008, 2.2.3). */
void sl_mdivide_left_adjoint(const double *X, const double *X_adjoint, const double *A, double *A_adjoint,
                             const double *B, double *B_adjoint, long n, long k, sl_workspace *workspace) {
  (void)B;
  char *top = workspace->top;
  lu_factor lu = factor(A, n, workspace);
  double *Z = sl_copy(X_adjoint, n * k, workspace);
  solve(&lu, true, Z, k);
  if (B_adjoint)
    for (long i = 0; i < n * k; i++) B_adjoint[i] += Z[i];
  if (A_adjoint) sl_add_product(A_adjoint, -1.0, Z, X, n, 1, n, k, n);
  workspace->top = top;
}

/* X = B/A is X' = A'\B'. */
bool sl_mdivide_right(double *X, const double *B, const double *A, long k, long n, sl_workspace *workspace) {
  char *top = workspace->top;
  lu_factor lu = factor(A, n, workspace);
  double *turned = transposed_copy(B, k, n, workspace);
  solve(&lu, true, turned, k);
  transpose(X, turned, n, k);
  workspace->top = top;
  return true;
}

/* Z = X_adjoint/A'; B_adjoint += Z, A_adjoint -= X' Z. */
void sl_mdivide_right_adjoint(const double *X, const double *X_adjoint, const double *B, double *B_adjoint,
                              const double *A, double *A_adjoint, long k, long n, sl_workspace *workspace) {
  (void)B;
  char *top = workspace->top;
  lu_factor lu = factor(A, n, workspace);
  double *turned = transposed_copy(X_adjoint, k, n, workspace);
  solve(&lu, false, turned, k);
  double *Z = transposed_copy(turned, n, k, workspace);
  if (B_adjoint)
    for (long i = 0; i < n * k; i++) B_adjoint[i] += Z[i];
  if (A_adjoint) sl_add_left_transposed(A_adjoint, -1.0, X, Z, n, k, n);
  workspace->top = top;
}

bool sl_inverse(double *Y, const double *A, long n, sl_workspace *workspace) {
  char *top = workspace->top;
  lu_factor lu = factor(A, n, workspace);
  for (long i = 0; i < n * n; i++) Y[i] = i % (n + 1) == 0 ? 1.0 : 0.0;
  solve(&lu, false, Y, n);
  workspace->top = top;
  return true;
}

void sl_inverse_adjoint(const double *Y, const double *Y_adjoint, const double *A, double *A_adjoint, long n,
                        sl_workspace *workspace) {
  (void)A;
  sl_add_inverse_adjoint(Y, Y_adjoint, A_adjoint, n, workspace);
}

bool sl_determinant(double *value, const double *A, long n, sl_workspace *workspace) {
  char *top = workspace->top;
  lu_factor lu = factor(A, n, workspace);
  *value = 1.0;
  for (long j = 0; j < n; j++) {
    double pivot = lu.factors[j + j * n];
    *value *= lu.pivots[j] == j + 1 ? pivot : -pivot;
  }
  workspace->top = top;
  return true;
}

bool sl_log_determinant(double *value, const double *A, long n, sl_workspace *workspace) {
  char *top = workspace->top;
  lu_factor lu = factor(A, n, workspace);
  *value = 0.0;
  for (long j = 0; j < n; j++) *value += log(fabs(lu.factors[j + j * n]));
  workspace->top = top;
  return true;
}

/* A_adjoint += scale * A'^-1 (Giles 2008, 2.2.4). */
static void add_inverse_transposed(double scale, const double *A, double *A_adjoint, long n, sl_workspace *workspace) {
  if (!A_adjoint) return;
  char *top = workspace->top;
  double *Y = sl_take(workspace, n * n, sizeof *Y);
  sl_inverse(Y, A, n, workspace);
  for (long j = 0; j < n; j++)
    for (long i = 0; i < n; i++) A_adjoint[i + j * n] += scale * Y[j + i * n];
  workspace->top = top;
}

void sl_determinant_adjoint(const double *value, const double *value_adjoint, const double *A, double *A_adjoint,
                            long n, sl_workspace *workspace) {
  add_inverse_transposed(*value * *value_adjoint, A, A_adjoint, n, workspace);
}

void sl_log_determinant_adjoint(const double *value, const double *value_adjoint, const double *A, double *A_adjoint,
                                long n, sl_workspace *workspace) {
  (void)value;
  add_inverse_transposed(*value_adjoint, A, A_adjoint, n, workspace);
}
