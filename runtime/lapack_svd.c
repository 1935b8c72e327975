/* lapack_svd.c: the thin singular value decomposition A[m,n] = U diag(s) V', r = min(m, n) columns, s falling, and the
 * generalised inverse made from it. The signs of the vectors are LAPACK's: those of column k of U and of V belong together. */
#include <float.h>
#include "runtime/lapack.h"

typedef struct svd {
  double *U, *s, *V_transposed; /* [m,r], [r], [r,n] */
  long m, n, r;
} svd;

static bool decompose(svd *out, const double *A, long m, long n, bool vectors, const char *function,
                      sl_workspace *workspace) {
  if (!sl_all_finite(A, m * n)) return sl_kernel_failed(workspace, "%s: m has an element that is not finite", function);
  long r = m < n ? m : n;
  *out = (svd){NULL, sl_take(workspace, r, sizeof(double)), NULL, m, n, r};
  if (vectors) {
    out->U = sl_take(workspace, m * r, sizeof(double));
    out->V_transposed = sl_take(workspace, r * n, sizeof(double));
  }
  if (r == 0) return true;
  double *copy = sl_copy(A, m * n, workspace);
  int rows = (int)m, columns = (int)n, rank = (int)r, info;
  int work_size = 5 * (rows > columns ? rows : columns) + 64 * rank;
  double *work = sl_take(workspace, work_size, sizeof *work), unused;
  const char *job = vectors ? "S" : "N";
  dgesvd_(job, job, &rows, &columns, copy, &rows, out->s, vectors ? out->U : &unused, &rows,
          vectors ? out->V_transposed : &unused, &rank, work, &work_size, &info, 1, 1);
  if (info != 0) return sl_kernel_failed(workspace, "%s: the iteration did not converge", function);
  return true;
}

/* Singular values up to this count as 0, and two that are no farther apart as equal. */
static double negligible(const svd *a) {
  return a->r ? (double)(a->m > a->n ? a->m : a->n) * DBL_EPSILON * a->s[0] : 0.0;
}

bool sl_singular_values(double *s, const double *A, long m, long n, sl_workspace *workspace) {
  char *top = workspace->top;
  svd a;
  bool done = decompose(&a, A, m, n, false, "singular_values", workspace);
  if (done && a.r) memcpy(s, a.s, (size_t)a.r * sizeof *s);
  workspace->top = top;
  return done;
}

/* A_adjoint += U diag(s_adjoint) V' (Giles 2008, 3.2). */
void sl_singular_values_adjoint(const double *s, const double *s_adjoint, const double *A, double *A_adjoint, long m,
                                long n, sl_workspace *workspace) {
  (void)s;
  if (!A_adjoint) return;
  char *top = workspace->top;
  svd a;
  decompose(&a, A, m, n, true, "singular_values", workspace);
  for (long j = 0; j < a.r; j++)
    for (long i = 0; i < m; i++) a.U[i + j * m] *= s_adjoint[j];
  sl_add_product(A_adjoint, 1.0, a.U, a.V_transposed, 1, a.r, m, a.r, n);
  workspace->top = top;
}

bool sl_svd_U(double *U, const double *A, long m, long n, sl_workspace *workspace) {
  char *top = workspace->top;
  svd a;
  bool done = decompose(&a, A, m, n, true, "svd_U", workspace);
  if (done && m > 0 && a.r > 0) memcpy(U, a.U, (size_t)(m * a.r) * sizeof *U);
  workspace->top = top;
  return done;
}

bool sl_svd_V(double *V, const double *A, long m, long n, sl_workspace *workspace) {
  char *top = workspace->top;
  svd a;
  bool done = decompose(&a, A, m, n, true, "svd_V", workspace);
  for (long j = 0; done && j < a.r; j++)
    for (long i = 0; i < n; i++) V[i + j * n] = a.V_transposed[j + i * a.r];
  workspace->top = top;
  return done;
}

/* With X = U or V and C = X' X_adjoint, P[i,j] = w (C[i,j] - C[j,i]) / (s[j]^2 - s[i]^2), w = s[j] for U and s[i] for V, 0
 * for equal values; A_adjoint += U P V', and X_adjoint's part that X does not span, divided by s (Townsend 2016,
 * "Differentiating the singular value decomposition"). */
static void add_vectors_adjoint(const svd *a, bool left, const double *X_adjoint, double *A_adjoint,
                                sl_workspace *workspace) {
  long m = a->m, n = a->n, r = a->r, size = left ? m : n;
  double least = negligible(a);
  double *V = sl_take(workspace, n * r, sizeof *V), *C = sl_take(workspace, r * r, sizeof *C);
  for (long j = 0; j < r; j++)
    for (long i = 0; i < n; i++) V[i + j * n] = a->V_transposed[j + i * r];
  const double *X = left ? a->U : V;
  memset(C, 0, (size_t)(r * r) * sizeof *C);
  sl_add_left_transposed(C, 1.0, X, X_adjoint, r, size, r);
  double *rest = sl_copy(X_adjoint, size * r, workspace);
  sl_add_product(rest, -1.0, X, C, 1, r, size, r, r);
  for (long j = 0; j < r; j++) {
    double scale = a->s[j] > least ? 1.0 / a->s[j] : 0.0;
    for (long i = 0; i < size; i++) rest[i + j * size] *= scale;
  }
  double *P = sl_take(workspace, r * r, sizeof *P);
  for (long j = 0; j < r; j++)
    for (long i = 0; i < r; i++) {
      double gap = a->s[j] - a->s[i];
      P[i + j * r] =
          fabs(gap) > least ? a->s[left ? j : i] * (C[i + j * r] - C[j + i * r]) / (gap * (a->s[j] + a->s[i])) : 0.0;
    }
  double *UP = sl_take_zeros(workspace, m * r);
  sl_add_product(UP, 1.0, a->U, P, 1, r, m, r, r);
  sl_add_product(A_adjoint, 1.0, UP, a->V_transposed, 1, r, m, r, n);
  if (left)
    sl_add_product(A_adjoint, 1.0, rest, a->V_transposed, 1, r, m, r, n);
  else
    sl_add_product(A_adjoint, 1.0, a->U, rest, n, 1, m, r, n);
}

void sl_svd_U_adjoint(const double *U, const double *U_adjoint, const double *A, double *A_adjoint, long m, long n,
                      sl_workspace *workspace) {
  (void)U;
  if (!A_adjoint || m * n == 0) return;
  char *top = workspace->top;
  svd a;
  decompose(&a, A, m, n, true, "svd_U", workspace);
  add_vectors_adjoint(&a, true, U_adjoint, A_adjoint, workspace);
  workspace->top = top;
}

void sl_svd_V_adjoint(const double *V, const double *V_adjoint, const double *A, double *A_adjoint, long m, long n,
                      sl_workspace *workspace) {
  (void)V;
  if (!A_adjoint || m * n == 0) return;
  char *top = workspace->top;
  svd a;
  decompose(&a, A, m, n, true, "svd_V", workspace);
  add_vectors_adjoint(&a, false, V_adjoint, A_adjoint, workspace);
  workspace->top = top;
}

/* G = V diag(1/s) U', without singular values that are negligible. */
bool sl_generalized_inverse(double *G, const double *A, long m, long n, sl_workspace *workspace) {
  char *top = workspace->top;
  svd a;
  bool done = decompose(&a, A, m, n, true, "generalized_inverse", workspace);
  if (m * n > 0) memset(G, 0, (size_t)(m * n) * sizeof *G);
  for (long k = 0; done && k < a.r && a.s[k] > negligible(&a); k++)
    for (long j = 0; j < m; j++)
      for (long i = 0; i < n; i++) G[i + j * n] += a.V_transposed[k + i * a.r] * a.U[j + k * m] / a.s[k];
  workspace->top = top;
  return done;
}

/* With H = G_adjoint': A_adjoint += -G' H' G' + (I - A G) H G G' + G' G H (I - G A), for perturbations that keep the rank
 * (Golub and Pereyra 1973, equation 4.12). */
void sl_generalized_inverse_adjoint(const double *G, const double *G_adjoint, const double *A, double *A_adjoint,
                                    long m, long n, sl_workspace *workspace) {
  if (!A_adjoint || m * n == 0) return;
  char *top = workspace->top;
  double *mm = sl_take(workspace, m * m, sizeof *mm), *nn = sl_take(workspace, n * n, sizeof *nn);
  double *mn = sl_take(workspace, m * n, sizeof *mn), *side = sl_take(workspace, m * n, sizeof *side);
  size_t mm_bytes = (size_t)(m * m) * sizeof *mm, nn_bytes = (size_t)(n * n) * sizeof *nn,
         mn_bytes = (size_t)(m * n) * sizeof *mn;
  /* -(G' G_adjoint) G' */
  memset(mm, 0, mm_bytes);
  sl_add_left_transposed(mm, 1.0, G, G_adjoint, m, n, m);
  sl_add_product(A_adjoint, -1.0, mm, G, n, 1, m, m, n);
  /* H (G G'), then less A G of it */
  memset(nn, 0, nn_bytes);
  sl_add_product(nn, 1.0, G, G, n, 1, n, m, n);
  memset(mn, 0, mn_bytes);
  sl_add_left_transposed(mn, 1.0, G_adjoint, nn, m, n, n);
  memset(mm, 0, mm_bytes);
  sl_add_product(mm, 1.0, A, G, 1, n, m, n, m);
  for (long i = 0; i < m * n; i++) A_adjoint[i] += mn[i];
  sl_add_product(A_adjoint, -1.0, mm, mn, 1, m, m, m, n);
  /* (G' G) H, then less G A of it */
  memset(mm, 0, mm_bytes);
  sl_add_left_transposed(mm, 1.0, G, G, m, n, m);
  memset(side, 0, mn_bytes);
  sl_add_product(side, 1.0, mm, G_adjoint, n, 1, m, m, n);
  memset(nn, 0, nn_bytes);
  sl_add_product(nn, 1.0, G, A, 1, m, n, m, n);
  for (long i = 0; i < m * n; i++) A_adjoint[i] += side[i];
  sl_add_product(A_adjoint, -1.0, side, nn, 1, n, m, n, n);
  workspace->top = top;
}
