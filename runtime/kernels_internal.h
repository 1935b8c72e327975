/* kernels_internal.h: the loops that the kernels and their adjoints are made of. Plain C over column-major doubles;
 * each ADDS to its first argument or solves in place. `ld` names are distances between columns. */
#ifndef STANLITE_RUNTIME_KERNELS_INTERNAL_H
#define STANLITE_RUNTIME_KERNELS_INTERNAL_H
#include <stdbool.h>
#include "runtime/kernels.h"
#include "runtime/processor.h"

/* C[m,n] += scale * A[m,k] * B, where element (p,j) of B is B[p * step + j * stride]: step 1 and stride k for
 * B[k,n], step n and stride 1 for the transpose of B[n,k]. */
void sl_add_product(double *C, double scale, const double *A, const double *B, long step, long stride, long m, long k,
                    long n);
/* C[m,n] += scale * A[k,m]' * B[k,n] */
void sl_add_left_transposed(double *C, double scale, const double *A, const double *B, long m, long k, long n);

/* y[m] += A[m,k] x[k] and y[k] += A[m,k]' x[m], with ld elements from one column of A to the next. */
void sl_add_rows_product(double *y, const double *A, const double *x, long ld, long m, long k);
void sl_add_rows_transposed(double *y, const double *A, long ld, const double *x, long m, long k);
/* The same for `rows` rows from `first`: of C and A; of A and B. */
void sl_add_product_rows(double *C, double scale, const double *A, const double *B, long step, long stride, long m,
                         long k, long n, long first, long rows);
void sl_add_left_transposed_rows(double *C, double scale, const double *A, const double *B, long m, long k, long n,
                                 long first, long rows);
/* The same, with scale 1, on the threads of the workspace when there are many rows; and C = A B. */
void sl_add_product_threaded(double *C, const double *A, const double *B, long step, long stride, long m, long k,
                             long n, sl_workspace *workspace);
void sl_product_threaded(double *C, const double *A, const double *B, long m, long k, long n, sl_workspace *workspace);
void sl_add_left_transposed_threaded(double *C, const double *A, const double *B, long m, long k, long n,
                                     sl_workspace *workspace);

/* In place, L[n,n] lower triangular: B[n,k] becomes L\B, L'\B; B[k,n] becomes B/L, B/L'. */
void sl_solve_lower(const double *L, double *B, long n, long k);
void sl_solve_lower_transposed(const double *L, double *B, long n, long k);
void sl_right_solve_lower(const double *L, double *B, long k, long n);
void sl_right_solve_lower_transposed(const double *L, double *B, long k, long n);

/* Of quadratic_row, in doubles. */
long sl_quadratic_state_size(long real_columns);

/* Writes a failure's text and returns false. */
bool sl_kernel_failed(sl_workspace *workspace, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
