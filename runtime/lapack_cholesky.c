/* lapack_cholesky.c: the Cholesky factor and what is computed by it: solves, inverse and log determinant of a
 * symmetric positive definite matrix. */
#include "runtime/kernel_texts.h"
#include "runtime/lapack.h"

bool sl_check_symmetric(const double *A, long n, const char *function, sl_workspace *workspace) {
  for (long j = 0; j < n; j++)
    for (long i = j + 1; i < n; i++)
      if (fabs(A[i + j * n] - A[j + i * n]) > SL_SYMMETRY_TOLERANCE)
        return sl_kernel_failed(workspace, "%s: " SL_NOT_SYMMETRIC("%g"), function, j + 1, i + 1, A[j + i * n], i + 1,
                                j + 1, A[i + j * n]);
  return true;
}

/* Below this size a plain loop beats the call of LAPACK. */
enum { SMALL = 24 };

/* 0, or the least number of leading rows and columns that are not positive definite. */
SL_FOR_EACH_PROCESSOR
static long factor_small(double *L, long n) {
  for (long j = 0; j < n; j++) {
    double *restrict column = L + j * n;
    for (long p = 0; p < j; p++) {
      const double *restrict before = L + p * n;
      double l = before[j];
#pragma omp simd
      for (long i = j; i < n; i++) column[i] -= before[i] * l;
    }
    if (!(column[j] > 0.0)) return j + 1;
    double root = sqrt(column[j]);
    column[j] = root;
#pragma omp simd
    for (long i = j + 1; i < n; i++) column[i] /= root;
  }
  return 0;
}

bool sl_factor_spd(double *L, const double *A, long n, const char *function, sl_workspace *workspace) {
  for (long j = 0; j < n; j++)
    for (long i = 0; i < n; i++) L[i + j * n] = i < j ? 0.0 : A[i + j * n];
  long bad;
  if (n <= SMALL) {
    bad = factor_small(L, n);
  } else {
    int size = (int)n, info;
    dpotrf_("L", &size, L, &size, &info, 1);
    bad = info;
  }
  for (long j = 0; j < n && bad == 0; j++) bad = isfinite(L[j + j * n]) ? 0 : j + 1;
  if (bad == 0) return true;
  return sl_kernel_failed(workspace, "%s: " SL_NOT_POSITIVE_DEFINITE("%g"), function, bad, bad,
                          A[bad - 1 + (bad - 1) * n], SL_BESIDE_ROWS(bad));
}

bool sl_cholesky_decompose(double *L, const double *A, long n, sl_workspace *workspace) {
  return sl_check_symmetric(A, n, "cholesky_decompose", workspace) &&
         sl_factor_spd(L, A, n, "cholesky_decompose", workspace);
}

/* The adjoint of factor_small, column by column backwards, in place: C holds L's adjoint, and then A's, lower triangles (Murray
 * 2016, section 3.3, "level 2" with blocks of one). */
SL_FOR_EACH_PROCESSOR
static void reverse_small(const double *L, double *C, long n) {
  for (long j = n; j-- > 0;) {
    const double *restrict l = L + j * n;
    double *restrict c = C + j * n;
    double s = 0.0, inverse = 1.0 / l[j];
#pragma omp simd reduction(+ : s)
    for (long i = j + 1; i < n; i++) s += l[i] * c[i];
    c[j] -= s * inverse;
#pragma omp simd
    for (long i = j; i < n; i++) c[i] *= inverse;
    for (long p = 0; p < j; p++) {
      const double *restrict before = L + p * n;
      double *restrict adjoint = C + p * n;
      double t = 0.0, x = before[j];
#pragma omp simd reduction(+ : t)
      for (long i = j + 1; i < n; i++) {
        t += c[i] * before[i];
        adjoint[i] -= c[i] * x;
      }
      adjoint[j] -= t + c[j] * x;
    }
    c[j] *= 0.5;
  }
}

/* S = L'^-1 P L^-1 with P the lower triangle of L' L_adjoint, its diagonal halved; A_adjoint is S + S', the
 * diagonal counted once (Murray 2016, "Differentiation of the Cholesky decomposition", eq. 8 to 10). */
void sl_cholesky_decompose_adjoint(const double *L, const double *L_adjoint, const double *A, double *A_adjoint, long n,
                                   sl_workspace *workspace) {
  (void)A;
  if (!A_adjoint) return;
  char *top = workspace->top;
  double *P = sl_take(workspace, n * n, sizeof *P);
  if (n <= SMALL) {
    memcpy(P, L_adjoint, (size_t)(n * n) * sizeof *P);
    reverse_small(L, P, n);
    for (long j = 0; j < n; j++)
      for (long i = j; i < n; i++) A_adjoint[i + j * n] += P[i + j * n];
    workspace->top = top;
    return;
  }
  for (long j = 0; j < n; j++)
    for (long i = 0; i < n; i++) {
      double s = 0.0;
      if (i >= j) {
#pragma omp simd reduction(+ : s)
        for (long r = i; r < n; r++) s += L[r + i * n] * L_adjoint[r + j * n];
      }
      P[i + j * n] = i == j ? 0.5 * s : s;
    }
  sl_solve_lower_transposed(L, P, n, n);
  sl_right_solve_lower(L, P, n, n);
  for (long j = 0; j < n; j++) {
    A_adjoint[j + j * n] += P[j + j * n];
    for (long i = j + 1; i < n; i++) A_adjoint[i + j * n] += P[i + j * n] + P[j + i * n];
  }
  workspace->top = top;
}

/* X = A\B, A = L L' */
static void solve_by_factor(const double *L, double *X, long n, long k) {
  sl_solve_lower(L, X, n, k);
  sl_solve_lower_transposed(L, X, n, k);
}

static double *factor_again(const double *A, long n, sl_workspace *workspace) {
  double *L = sl_take(workspace, n * n, sizeof *L);
  sl_factor_spd(L, A, n, "", workspace); /* the forward call has succeeded with the same matrix */
  return L;
}

bool sl_mdivide_left_spd(double *X, const double *A, const double *B, long n, long k, sl_workspace *workspace) {
  char *top = workspace->top;
  double *L = sl_take(workspace, n * n, sizeof *L);
  bool done =
      sl_check_symmetric(A, n, "mdivide_left_spd", workspace) && sl_factor_spd(L, A, n, "mdivide_left_spd", workspace);
  if (done && n * k > 0) {
    memcpy(X, B, (size_t)(n * k) * sizeof *X);
    solve_by_factor(L, X, n, k);
  }
  workspace->top = top;
  return done;
}

/* Z = A\X_adjoint; B_adjoint += Z, A_adjoint -= Z X' (Giles 2008, 2.2.3). */
void sl_mdivide_left_spd_adjoint(const double *X, const double *X_adjoint, const double *A, double *A_adjoint,
                                 const double *B, double *B_adjoint, long n, long k, sl_workspace *workspace) {
  (void)B;
  char *top = workspace->top;
  double *L = factor_again(A, n, workspace), *Z = sl_copy(X_adjoint, n * k, workspace);
  solve_by_factor(L, Z, n, k);
  if (B_adjoint)
    for (long i = 0; i < n * k; i++) B_adjoint[i] += Z[i];
  if (A_adjoint) sl_add_product(A_adjoint, -1.0, Z, X, n, 1, n, k, n);
  workspace->top = top;
}

bool sl_mdivide_right_spd(double *X, const double *B, const double *A, long k, long n, sl_workspace *workspace) {
  char *top = workspace->top;
  double *L = sl_take(workspace, n * n, sizeof *L);
  bool done = sl_check_symmetric(A, n, "mdivide_right_spd", workspace) &&
              sl_factor_spd(L, A, n, "mdivide_right_spd", workspace);
  if (done && n * k > 0) {
    memcpy(X, B, (size_t)(n * k) * sizeof *X);
    sl_right_solve_lower_transposed(L, X, k, n);
    sl_right_solve_lower(L, X, k, n);
  }
  workspace->top = top;
  return done;
}

void sl_mdivide_right_spd_adjoint(const double *X, const double *X_adjoint, const double *B, double *B_adjoint,
                                  const double *A, double *A_adjoint, long k, long n, sl_workspace *workspace) {
  (void)B;
  char *top = workspace->top;
  double *L = factor_again(A, n, workspace), *Z = sl_copy(X_adjoint, n * k, workspace);
  sl_right_solve_lower_transposed(L, Z, k, n);
  sl_right_solve_lower(L, Z, k, n);
  if (B_adjoint)
    for (long i = 0; i < n * k; i++) B_adjoint[i] += Z[i];
  if (A_adjoint) sl_add_left_transposed(A_adjoint, -1.0, X, Z, n, k, n);
  workspace->top = top;
}

static void set_identity(double *Y, long n) {
  for (long i = 0; i < n * n; i++) Y[i] = i % (n + 1) == 0 ? 1.0 : 0.0;
}

bool sl_inverse_spd(double *Y, const double *A, long n, sl_workspace *workspace) {
  char *top = workspace->top;
  double *L = sl_take(workspace, n * n, sizeof *L);
  bool done = sl_check_symmetric(A, n, "inverse_spd", workspace) && sl_factor_spd(L, A, n, "inverse_spd", workspace);
  if (done) {
    set_identity(Y, n);
    solve_by_factor(L, Y, n, n);
  }
  workspace->top = top;
  return done;
}

void sl_inverse_spd_adjoint(const double *Y, const double *Y_adjoint, const double *A, double *A_adjoint, long n,
                            sl_workspace *workspace) {
  (void)A;
  sl_add_inverse_adjoint(Y, Y_adjoint, A_adjoint, n, workspace);
}

bool sl_log_determinant_spd(double *value, const double *A, long n, sl_workspace *workspace) {
  char *top = workspace->top;
  double *L = sl_take(workspace, n * n, sizeof *L);
  bool done = sl_check_symmetric(A, n, "log_determinant_spd", workspace) &&
              sl_factor_spd(L, A, n, "log_determinant_spd", workspace);
  *value = 0.0;
  for (long j = 0; j < n && done; j++) *value += 2.0 * log(L[j + j * n]);
  workspace->top = top;
  return done;
}

/* A_adjoint += value_adjoint * A^-1 (Giles 2008, 2.2.4). */
void sl_log_determinant_spd_adjoint(const double *value, const double *value_adjoint, const double *A,
                                    double *A_adjoint, long n, sl_workspace *workspace) {
  (void)value;
  if (!A_adjoint) return;
  char *top = workspace->top;
  double *L = factor_again(A, n, workspace), *Y = sl_take(workspace, n * n, sizeof *Y);
  set_identity(Y, n);
  solve_by_factor(L, Y, n, n);
  for (long i = 0; i < n * n; i++) A_adjoint[i] += *value_adjoint * Y[i];
  workspace->top = top;
}
