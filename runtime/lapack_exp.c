/* lapack_exp.c: the exponential of a matrix by scaling and squaring. */
#include "runtime/lapack.h"

/* C = A B, all [n,n] */
static void multiply(double *C, const double *A, const double *B, long n) {
  memset(C, 0, (size_t)(n * n) * sizeof *C);
  sl_add_product(C, 1.0, A, B, 1, n, n, n, n);
}

/* Pade's approximant of degree 13 of A / 2^squarings, squared as often: Higham (2005), "The scaling and squaring method for the
 * matrix exponential revisited", algorithm 2.3 with its largest degree. */
static bool exponential(double *E, const double *A, long n, sl_workspace *workspace) {
  static const double b[] = {64764752532480000,
                             32382376266240000,
                             7771770303897600,
                             1187353796428800,
                             129060195264000,
                             10559470521600,
                             670442572800,
                             33522128640,
                             1323241920,
                             40840800,
                             960960,
                             16380,
                             182,
                             1};
  if (!sl_all_finite(A, n * n))
    return sl_kernel_failed(workspace, "matrix_exp: the matrix has an element that is not finite");
  if (n == 0) return true;
  char *top = workspace->top;
  double norm = 0.0; /* largest sum of a column */
  for (long j = 0; j < n; j++) {
    double sum = 0.0;
    for (long i = 0; i < n; i++) sum += fabs(A[i + j * n]);
    norm = fmax(norm, sum);
  }
  int squarings = norm > 5.371920351148152 ? (int)ceil(log2(norm / 5.371920351148152)) : 0;
  long count = n * n;
  double *X = sl_copy(A, count, workspace), *X2 = sl_take(workspace, count, sizeof *X2);
  double *X4 = sl_take(workspace, count, sizeof *X4), *X6 = sl_take(workspace, count, sizeof *X6);
  double *inner = sl_take(workspace, count, sizeof *inner), *odd = sl_take(workspace, count, sizeof *odd);
  double *even = sl_take(workspace, count, sizeof *even);
  for (long i = 0; i < count; i++) X[i] = ldexp(X[i], -squarings);
  multiply(X2, X, X, n);
  multiply(X4, X2, X2, n);
  multiply(X6, X4, X2, n);
  /* odd = X (X6 (b13 X6 + b11 X4 + b9 X2) + b7 X6 + b5 X4 + b3 X2 + b1 I); even likewise without X */
  for (long i = 0; i < count; i++) inner[i] = b[13] * X6[i] + b[11] * X4[i] + b[9] * X2[i];
  multiply(even, X6, inner, n);
  for (long i = 0; i < count; i++) even[i] += b[7] * X6[i] + b[5] * X4[i] + b[3] * X2[i] + (i % (n + 1) ? 0.0 : b[1]);
  multiply(odd, X, even, n);
  for (long i = 0; i < count; i++) inner[i] = b[12] * X6[i] + b[10] * X4[i] + b[8] * X2[i];
  multiply(even, X6, inner, n);
  for (long i = 0; i < count; i++) even[i] += b[6] * X6[i] + b[4] * X4[i] + b[2] * X2[i] + (i % (n + 1) ? 0.0 : b[0]);
  /* (even - odd) E = even + odd */
  for (long i = 0; i < count; i++) {
    E[i] = even[i] + odd[i];
    inner[i] = even[i] - odd[i];
  }
  int size = (int)n, info, *pivots = sl_take(workspace, n, sizeof *pivots);
  dgetrf_(&size, &size, inner, &size, pivots, &info);
  dgetrs_("N", &size, &size, inner, &size, pivots, E, &size, &info, 1);
  for (int k = 0; k < squarings; k++) {
    multiply(X, E, E, n);
    memcpy(E, X, (size_t)count * sizeof *E);
  }
  workspace->top = top;
  return true;
}

bool sl_matrix_exp(double *E, const double *A, long n, sl_workspace *workspace) {
  return exponential(E, A, n, workspace);
}

/* A_adjoint += the upper right block of exp [A' E_adjoint; 0 A'], the derivative of exp at A' in that direction (Al-Mohy and
 * Higham 2009, equation 1.2). */
void sl_matrix_exp_adjoint(const double *E, const double *E_adjoint, const double *A, double *A_adjoint, long n,
                           sl_workspace *workspace) {
  (void)E;
  if (!A_adjoint || n == 0) return;
  char *top = workspace->top;
  long twice = 2 * n;
  double *block = sl_take(workspace, twice * twice, sizeof *block),
         *result = sl_take(workspace, twice * twice, sizeof *result);
  memset(block, 0, (size_t)(twice * twice) * sizeof *block);
  double largest = 0.0;
  for (long i = 0; i < n * n; i++) largest = fmax(largest, fabs(E_adjoint[i]));
  double scale = largest > 0.0 && isfinite(largest)
                     ? largest
                     : 1.0; /* the direction's size is not to decide how often to square */
  for (long j = 0; j < n; j++)
    for (long i = 0; i < n; i++) {
      block[i + j * twice] = block[n + i + (n + j) * twice] = A[j + i * n];
      block[i + (n + j) * twice] = E_adjoint[i + j * n] / scale;
    }
  if (exponential(result, block, twice, workspace))
    for (long j = 0; j < n; j++)
      for (long i = 0; i < n; i++) A_adjoint[i + j * n] += scale * result[i + (n + j) * twice];
  else
    for (long i = 0; i < n * n; i++) A_adjoint[i] = NAN;
  workspace->top = top;
}
