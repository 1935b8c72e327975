/* lapack.h: the few routines of LAPACK that runtime/lapack_*.c call, and their shared helpers. Sizes are 32-bit
 * ints there.
 *
 * Fortran passes the length of each character argument at the end, hidden; gfortran-built libraries expect it. */
#ifndef STANLITE_RUNTIME_LAPACK_H
#define STANLITE_RUNTIME_LAPACK_H
#include <math.h>
#include <stddef.h>
#include <string.h>
#include "runtime/kernels_internal.h"

void dpotrf_(const char *triangle, const int *n, double *A, const int *ld, int *info, size_t);
void dgetrf_(const int *m, const int *n, double *A, const int *ld, int *pivots, int *info);
void dgetrs_(const char *transpose, const int *n, const int *k, const double *A, const int *ld, const int *pivots,
             double *B, const int *ldb, int *info, size_t);
void dsyev_(const char *job, const char *triangle, const int *n, double *A, const int *ld, double *w, double *work,
            const int *work_size, int *info, size_t, size_t);
void dgesvd_(const char *job_u, const char *job_v, const int *m, const int *n, double *A, const int *ld, double *s,
             double *U, const int *ldu, double *V, const int *ldv, double *work, const int *work_size, int *info,
             size_t, size_t);

/* A copy of `count` doubles in the arena. */
static inline double *sl_copy(const double *x, long count, sl_workspace *workspace) {
  double *copy = sl_take(workspace, count, sizeof *copy);
  if (count > 0) memcpy(copy, x, (size_t)count * sizeof *copy);
  return copy;
}

/* Of Y = A^-1: A_adjoint, which may be NULL, -= Y' Y_adjoint Y' (Giles 2008, 2.2.3). */
static inline void sl_add_inverse_adjoint(const double *Y, const double *Y_adjoint, double *A_adjoint, long n,
                                          sl_workspace *workspace) {
  if (!A_adjoint) return;
  char *top = workspace->top;
  double *Z = sl_take_zeros(workspace, n * n);
  sl_add_left_transposed(Z, 1.0, Y, Y_adjoint, n, n, n);
  sl_add_product(A_adjoint, -1.0, Z, Y, n, 1, n, n, n);
  workspace->top = top;
}

static inline bool sl_all_finite(const double *x, long count) {
  for (long i = 0; i < count; i++)
    if (!isfinite(x[i])) return false;
  return true;
}

/* lapack_cholesky.c. Checks as Stan does that A is symmetric, to 1e-8; false with a message in the name of
 * `function`. */
bool sl_check_symmetric(const double *A, long n, const char *function, sl_workspace *workspace);
/* L[n,n] becomes the factor of the symmetric A, zeros above; false with a message if A is not positive definite. */
bool sl_factor_spd(double *L, const double *A, long n, const char *function, sl_workspace *workspace);

#endif
