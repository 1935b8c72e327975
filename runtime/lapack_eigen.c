/* lapack_eigen.c: eigenvalues and eigenvectors of a symmetric matrix. */
#include <float.h>
#include "runtime/lapack.h"

/* Eigenvalues rise; V may be the copy of A that is worked on. */
static bool decompose(double *w, double *V, const double *A, bool vectors, long n, const char *function,
                      sl_workspace *workspace) {
  if (!sl_check_symmetric(A, n, function, workspace)) return false;
  if (!sl_all_finite(A, n * n)) return sl_kernel_failed(workspace, "%s: m has an element that is not finite", function);
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

/* A_adjoint += V S V' with S[i,j] = (P[i,j] - P[j,i]) / (2 (w[j]-w[i])), P = V' V_adjoint, 0 on the diagonal: the symmetric
 * part of Giles 2008, 3.1, all that symmetric perturbations see. Its other part is P[i,j] + P[j,i] over the same gap, which is
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
