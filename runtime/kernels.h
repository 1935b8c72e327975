/* kernels.h: matrix functions with their adjoints, called by generated code.
 *
 * Storage: column-major doubles without gaps, sizes are long and may be 0. Outputs never overlap inputs.
 *
 *   bool sl_NAME(out..., in..., size..., workspace)
 *     computes the outputs. False: the value does not exist; workspace->message says why, in Stan's words.
 *   void sl_NAME_adjoint((out, out_adjoint)..., (in, in_adjoint)..., size..., workspace)
 *     ADDS to each in_adjoint what flows back from out_adjoint. in_adjoint is NULL where that input is data. The
 *     outputs are those of the forward call.
 *
 * Scratch comes from the workspace's arena and is given back before return; nothing is allocated. Kernels whose
 * column `links` is empty need libc and libm alone. Those marked L call LAPACK and so make the sampler link it;
 * they live in lapack_*.c, so that an archive member that needs LAPACK is pulled in only by its user.
 *
 * name                              | outputs      | inputs               | sizes | fails | links
 * matrix_times_vector               | y[m]         | A[m,n] x[n]          | m n   |       |
 * rows_times_vector                 | y[rows]      | A[m,n] x[n]          | m n begin rows | |
 * row_vector_times_matrix           | y[n]         | x[m] A[m,n]          | m n   |       |
 * matrix_times_matrix               | C[m,n]       | A[m,k] B[k,n]        | m k n |       |
 * crossprod                         | C[n,n]=A'A   | A[m,n]               | m n   |       |
 * tcrossprod                        | C[m,m]=AA'   | A[m,n]               | m n   |       |
 * multiply_lower_tri_self_transpose | C[m,m]=LL'   | L[m,n]               | m n   |       |
 * mdivide_left_tri_low              | X[n,k]=L\B   | L[n,n] B[n,k]        | n k   |       |
 * mdivide_right_tri_low             | X[k,n]=B/L   | B[k,n] L[n,n]        | k n   |       |
 * cholesky_decompose                | L[n,n]       | A[n,n]               | n     | yes   | L
 * mdivide_left_spd                  | X[n,k]=A\B   | A[n,n] B[n,k]        | n k   | yes   | L
 * mdivide_right_spd                 | X[k,n]=B/A   | B[k,n] A[n,n]        | k n   | yes   | L
 * inverse_spd                       | Y[n,n]       | A[n,n]               | n     | yes   | L
 * log_determinant_spd               | d[1]         | A[n,n]               | n     | yes   | L
 * mdivide_left                      | X[n,k]=A\B   | A[n,n] B[n,k]        | n k   |       | L
 * mdivide_right                     | X[k,n]=B/A   | B[k,n] A[n,n]        | k n   |       | L
 * inverse                           | Y[n,n]       | A[n,n]               | n     |       | L
 * determinant                       | d[1]         | A[n,n]               | n     |       | L
 * log_determinant                   | d[1]=log|det| | A[n,n]              | n     |       | L
 * eigenvalues_sym                   | w[n] rising  | A[n,n]               | n     | yes   | L
 * eigenvectors_sym                  | V[n,n]       | A[n,n]               | n     | yes   | L
 * matrix_exp                        | E[n,n]       | A[n,n]               | n     | yes   | L
 * singular_values                   | s[r] falling | A[m,n], r = min(m,n) | m n   | yes   | L
 * svd_U, svd_V                      | U[m,r], V[n,r] | A[m,n]             | m n   | yes   | L
 * generalized_inverse               | G[n,m]       | A[m,n]               | m n   | yes   | L
 *
 * Triangular kernels read the lower triangle of L alone and their adjoints touch it alone. Of a symmetric input
 * cholesky_decompose reads the lower triangle, and its adjoint puts the whole derivative there (twice the symmetric
 * one off the diagonal); the other symmetric kernels give the derivative as if all elements were free, which is the
 * same for every perturbation that keeps the matrix symmetric. A singular matrix gives infinities or NaN in
 * mdivide_left and inverse.
 *
 * Sorting has no adjoint of its own: the derivative of x[indices] is a gather's. */
#ifndef STANLITE_RUNTIME_KERNELS_H
#define STANLITE_RUNTIME_KERNELS_H
#include <stdbool.h>
#include "runtime/workspace.h"

/* One output and one input A, and the shapes that recur; each declares a kernel and its adjoint. */
#define SL_KERNEL_ONE(name)                                                                                            \
  bool sl_##name(double *out, const double *A, long n, sl_workspace *workspace);                                       \
  void sl_##name##_adjoint(const double *out, const double *out_adjoint, const double *A, double *A_adjoint, long n,   \
                           sl_workspace *workspace);
#define SL_KERNEL_ONE_RECTANGULAR(name)                                                                                \
  bool sl_##name(double *out, const double *A, long m, long n, sl_workspace *workspace);                               \
  void sl_##name##_adjoint(const double *out, const double *out_adjoint, const double *A, double *A_adjoint, long m,   \
                           long n, sl_workspace *workspace);
#define SL_KERNEL_TWO(name)                                                                                            \
  bool sl_##name(double *out, const double *A, const double *B, long m, long n, sl_workspace *workspace);              \
  void sl_##name##_adjoint(const double *out, const double *out_adjoint, const double *A, double *A_adjoint,           \
                           const double *B, double *B_adjoint, long m, long n, sl_workspace *workspace);

SL_KERNEL_TWO(matrix_times_vector)
SL_KERNEL_TWO(row_vector_times_matrix)
/* The product of x and the rows begin ... begin + rows - 1 of A, from 0. */
bool sl_rows_times_vector(double *y, const double *A, const double *x, long m, long n, long begin, long rows,
                          sl_workspace *workspace);
void sl_rows_times_vector_adjoint(const double *y, const double *y_adjoint, const double *A, double *A_adjoint,
                                  const double *x, double *x_adjoint, long m, long n, long begin, long rows,
                                  sl_workspace *workspace);

/* What the cache keeps between a product and its adjoint: the matrix as a whole, when it has no more bytes than SL_CACHE_BYTES;
 * else tiles of SL_TILE_BYTES, which the machines at hand read fastest. Tests set both to less. */
#ifndef SL_TILE_BYTES
#define SL_TILE_BYTES (1L << 17)
#define SL_CACHE_BYTES (1L << 20)
#endif

/* Rows of A[m,n] that are done at once, at least 1: all of them in a small matrix, and in one so wide that even SHORTEST rows
 * are more than the cache keeps (shorter pieces of its columns are read slowly). Never more than LONGEST in a long one:
 * threads share tiles. */
static inline long sl_tile_rows(long m, long n) {
  enum { SHORTEST = 32, WHOLE = 256, LONGEST = 2048 };
  const long width = n > 0 ? n * (long)sizeof(double) : 1;
  if (m < 1) return 1;
  if (SHORTEST * width > SL_CACHE_BYTES || (m <= SL_CACHE_BYTES / width && m <= 2 * LONGEST)) return m;
  long rows = SL_TILE_BYTES / width;
  return rows < SHORTEST ? SHORTEST : rows < WHOLE ? rows : rows > LONGEST ? LONGEST : rows / WHOLE * WHOLE;
}

bool sl_matrix_times_matrix(double *C, const double *A, const double *B, long m, long k, long n,
                            sl_workspace *workspace);
void sl_matrix_times_matrix_adjoint(const double *C, const double *C_adjoint, const double *A, double *A_adjoint,
                                    const double *B, double *B_adjoint, long m, long k, long n,
                                    sl_workspace *workspace);
SL_KERNEL_ONE_RECTANGULAR(crossprod)
SL_KERNEL_ONE_RECTANGULAR(tcrossprod)
SL_KERNEL_ONE_RECTANGULAR(multiply_lower_tri_self_transpose)
SL_KERNEL_TWO(mdivide_left_tri_low)
SL_KERNEL_TWO(mdivide_right_tri_low)

SL_KERNEL_ONE(cholesky_decompose)
SL_KERNEL_TWO(mdivide_left_spd)
SL_KERNEL_TWO(mdivide_right_spd)
SL_KERNEL_ONE(inverse_spd)
SL_KERNEL_ONE(log_determinant_spd)
SL_KERNEL_TWO(mdivide_left)
SL_KERNEL_TWO(mdivide_right)
SL_KERNEL_ONE(inverse)
SL_KERNEL_ONE(determinant)
SL_KERNEL_ONE(log_determinant)
SL_KERNEL_ONE(eigenvalues_sym)
SL_KERNEL_ONE(eigenvectors_sym)
SL_KERNEL_ONE(matrix_exp)
SL_KERNEL_ONE_RECTANGULAR(singular_values)
SL_KERNEL_ONE_RECTANGULAR(svd_U)
SL_KERNEL_ONE_RECTANGULAR(svd_V)
SL_KERNEL_ONE_RECTANGULAR(generalized_inverse)

#undef SL_KERNEL_ONE
#undef SL_KERNEL_ONE_RECTANGULAR
#undef SL_KERNEL_TWO

/* Positions, counted from 1, that bring x into rising (falling) order; equal elements keep their order, NaN goes
 * last. */
bool sl_sort_indices_asc(long *indices, const double *x, long n, sl_workspace *workspace);
bool sl_sort_indices_desc(long *indices, const double *x, long n, sl_workspace *workspace);
bool sl_sort_indices_asc_int(long *indices, const long *x, long n, sl_workspace *workspace);
bool sl_sort_indices_desc_int(long *indices, const long *x, long n, sl_workspace *workspace);

/* Rows of data that are equal bit by bit: reals[rows,real_columns] and ints[rows,int_columns], both row by row. *count is the
 * number of distinct rows, in the order in which they come; first[rows] has where each comes first, from 0, and weights[rows]
 * how often. *count is 0 when more than three quarters of the rows are distinct (of many rows, going by a sample). */
bool sl_equal_rows(long *count, long *first, long *weights, const double *reals, const long *ints, long rows,
                   long real_columns, long int_columns, sl_workspace *workspace);

/* Rows of data as groups with equal ints, ints[rows,int_columns], in the order in which they first come: order[rows] has the
 * rows by group, those of group g from starts[g] on, in the order of the data; without ints it is not written, since there is
 * one group. counts[0] is how many groups there are. counts[1] is how many rows quadratic_row would leave at most, or 0 (and
 * nothing more is written) when that does not pay: more than nine tenths, or more than SL_MOST_QUADRATIC columns of reals.
 * counts[2] is the size of quadratic_row's state. */
enum { SL_MOST_QUADRATIC = 64 };
bool sl_row_groups(long *counts, long *starts, long *order, const long *ints, long rows, long real_columns,
                   long int_columns, sl_workspace *workspace);

/* Takes the reals of the next row, number `row`, of a group of which `left` more follow. With a group's last row it writes at
 * most real_columns combinations of its rows, in triangles, row by row: sums over the group's rows of products of two columns
 * are the same over these. Each element is right to the rounding of the largest in its column. first has for each combination
 * a row of its group. A group of at most real_columns rows stays as it is. *count is then how many there are of all groups so
 * far, or 0 where sums over so few rows would lose digits that those over all rows keep (see kernels_quadratic.c), or where a
 * number was not finite or so large that a square root of their sum of squares might not be. `state` begins as zeros;
 * `before` is the same memory. */
bool sl_quadratic_row(long *count, long *first, double *triangles, double *state, const double *reals,
                      const double *before, long real_columns, long row, long left, sl_workspace *workspace);

/* Rows of data in the order of their keys, equal ones in that in which they come: order[rows] has their numbers, from 0. Run
 * r is those from starts[r] up to starts[r + 1], for *runs of them: rows with one key, all of them where these are at most
 * `most`, else an even part. *runs is 0 when the keys have fewer than `fewest` rows on average, or lie further apart than
 * rows are many. */
bool sl_row_runs(long *runs, long *order, long *starts, const long *keys, long rows, long fewest, long most,
                 sl_workspace *workspace);

#endif
