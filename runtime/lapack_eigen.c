/* lapack_eigen.c: eigenvalues and eigenvectors of a symmetric matrix, and singular values. */
#include <float.h>
#include "runtime/lapack.h"

static bool all_finite(const double *x, long count) {
  for (long i = 0; i < count; i++)
    if (!isfinite(x[i])) return false;
  return true;
}

/* Eigenvalues rise; V may be the copy of A that is worked on. */
static bool decompose(double *w, double *V, const double *A, bool vectors, long n, const char *function,
                      sl_workspace *workspace) {
  if (!sl_check_symmetric(A, n, function, workspace)) return false;
  if (!all_finite(A, n * n)) return sl_kernel_failed(workspace, "%s: m has an element that is not finite", function);
  if (n == 0) return true;
  memcpy(V, A, (size_t)(n * n) * sizeof *V);
  int size = (int)n, work_size = (int)(34 * n), info;
  double *work = sl_take(workspace, work_size, sizeof *work);
  dsyev_(vectors ? "V" : "N", "L", &size, V, &size, w, work, &work_size, &info, 1, 1);
  if (info != 0) return sl_kernel_failed(workspace, "%s: the iteration did not converge", function);
  return true;
}

bool sl_eigenvalues_sym(double *w, const double *A, long n, sl_workspace *workspace) {
  char *top = workspace->top;
  double *V = sl_take(workspace, n * n, sizeof *V);
  bool done = decompose(w, V, A, false, n, "eigenvalues_sym", workspace);
  workspace->top = top;
  return done;
}

/* A_adjoint += V diag(w_adjoint) V' (Giles 2008, 3.1). */
void sl_eigenvalues_sym_adjoint(const double *w, const double *w_adjoint, const double *A, double *A_adjoint, long n,
                                sl_workspace *workspace) {
  (void)w;
  if (!A_adjoint) return;
  char *top = workspace->top;
  double *V = sl_take(workspace, n * n, sizeof *V), *again = sl_take(workspace, n, sizeof *again);
  decompose(again, V, A, true, n, "eigenvalues_sym", workspace);
  double *scaled = sl_copy(V, n * n, workspace);
  for (long j = 0; j < n; j++)
    for (long i = 0; i < n; i++) scaled[i + j * n] *= w_adjoint[j];
  sl_add_product(A_adjoint, 1.0, scaled, V, n, 1, n, n, n);
  workspace->top = top;
}

bool sl_eigenvectors_sym(double *V, const double *A, long n, sl_workspace *workspace) {
  char *top = workspace->top;
  double *w = sl_take(workspace, n, sizeof *w);
  bool done = decompose(w, V, A, true, n, "eigenvectors_sym", workspace);
  workspace->top = top;
  return done;
}

/* A_adjoint += V S V' with S[i,j] = (P[i,j] - P[j,i]) / (2 (w[j]-w[i])), P = V' V_adjoint, 0 on the diagonal: the symmetric part
 * of Giles 2008, 3.1, all that symmetric perturbations see. Its other part is P[i,j] + P[j,i] over the same gap, which is
 * large without bounds where eigenvalues are close; what does not depend on the choice of vectors there has P[i,j] near
 * P[j,i]. Eigenvalues closer than their rounding error determine no vectors: such a pair adds nothing.
 * w = diag(V' A V). */
void sl_eigenvectors_sym_adjoint(const double *V, const double *V_adjoint, const double *A, double *A_adjoint, long n,
                                 sl_workspace *workspace) {
  if (!A_adjoint || n == 0) return;
  char *top = workspace->top;
  size_t bytes = (size_t)(n * n) * sizeof(double);
  double *product = sl_take(workspace, n * n, sizeof *product), *inner = sl_take(workspace, n * n, sizeof *inner);
  double *w = sl_take(workspace, n, sizeof *w);
  memset(product, 0, bytes);
  sl_add_product(product, 1.0, A, V, 1, n, n, n, n);
  for (long j = 0; j < n; j++) {
    w[j] = 0.0;
    for (long i = 0; i < n; i++) w[j] += V[i + j * n] * product[i + j * n];
  }
  memset(inner, 0, bytes);
  sl_add_left_transposed(inner, 1.0, V, V_adjoint, n, n, n);
  double largest = fmax(fabs(w[0]), fabs(w[n - 1])), least_gap = (double)n * DBL_EPSILON * largest;
  for (long j = 0; j < n; j++) {
    inner[j + j * n] = 0.0;
    for (long i = 0; i < j; i++) {
      double gap = w[j] - w[i], difference = inner[i + j * n] - inner[j + i * n];
      inner[i + j * n] = inner[j + i * n] = fabs(gap) > least_gap ? 0.5 * difference / gap : 0.0;
    }
  }
  memset(product, 0, bytes);
  sl_add_product(product, 1.0, V, inner, 1, n, n, n, n);
  sl_add_product(A_adjoint, 1.0, product, V, n, 1, n, n, n);
  workspace->top = top;
}

/* U[m,r] and the transpose of V[n,r], r = min(m,n), are left NULL when only the values are wanted. */
static bool singular_decompose(double *s, double *U, double *V_transposed, const double *A, long m, long n,
                               sl_workspace *workspace) {
  if (!all_finite(A, m * n)) return sl_kernel_failed(workspace, "singular_values: m has an element that is not finite");
  if (m == 0 || n == 0) return true;
  double *copy = sl_copy(A, m * n, workspace);
  int rows = (int)m, columns = (int)n, rank = (int)(m < n ? m : n), info;
  int work_size = 5 * (rows > columns ? rows : columns) + 64 * rank;
  double *work = sl_take(workspace, work_size, sizeof *work), unused;
  const char *job = U ? "S" : "N";
  dgesvd_(job, job, &rows, &columns, copy, &rows, s, U ? U : &unused, &rows, V_transposed ? V_transposed : &unused,
          &rank, work, &work_size, &info, 1, 1);
  if (info != 0) return sl_kernel_failed(workspace, "singular_values: the iteration did not converge");
  return true;
}

bool sl_singular_values(double *s, const double *A, long m, long n, sl_workspace *workspace) {
  char *top = workspace->top;
  bool done = singular_decompose(s, NULL, NULL, A, m, n, workspace);
  workspace->top = top;
  return done;
}

/* A_adjoint += U diag(s_adjoint) V' (Giles 2008, 3.2). */
void sl_singular_values_adjoint(const double *s, const double *s_adjoint, const double *A, double *A_adjoint, long m,
                                long n, sl_workspace *workspace) {
  (void)s;
  if (!A_adjoint) return;
  char *top = workspace->top;
  long rank = m < n ? m : n;
  double *U = sl_take(workspace, m * rank, sizeof *U), *V = sl_take(workspace, rank * n, sizeof *V);
  double *again = sl_take(workspace, rank, sizeof *again);
  singular_decompose(again, U, V, A, m, n, workspace);
  for (long j = 0; j < rank; j++)
    for (long i = 0; i < m; i++) U[i + j * m] *= s_adjoint[j];
  sl_add_product(A_adjoint, 1.0, U, V, 1, rank, m, rank, n);
  workspace->top = top;
}
