/* kernel_table.h: the matrix kernels in one calling form, with random inputs that suit each, for tests of all of them. Who
 * includes it sets workspace and rng before the first call. */
#ifndef STANLITE_TESTS_UNIT_KERNEL_TABLE_H
#define STANLITE_TESTS_UNIT_KERNEL_TABLE_H
#include <stdlib.h>
#include "runtime/kernels.h"
#include "runtime/random.h"

static sl_workspace *workspace;
static sl_rng rng;

typedef enum { FREE, LOWER, SYMMETRIC, POSITIVE } matrix_kind;

/* Every kernel in one calling form: out, two inputs (the second may be unused), three sizes. */
typedef struct kernel {
  const char *name;
  bool (*forward)(double *out, const double *A, const double *B, const long *size);
  void (*adjoint)(const double *out, const double *out_adjoint, const double *A, double *A_adjoint, const double *B,
                  double *B_adjoint, const long *size);
  matrix_kind kind;              /* of the square input */
  int square;                    /* which input is that: 0 or 1 */
  int size_count;                /* sizes that the kernel takes */
  int out_rows, out_columns;     /* index of a size, -1 for 1, -2 for the smallest of the two */
  int in_rows[2], in_columns[2]; /* index of a size, -1 for 1, -3 for no such input */
  bool signless;                 /* columns of the output are eigenvectors, whose sign means nothing */
} kernel;

#define ONE(name)                                                                                                      \
  static bool forward_##name(double *out, const double *A, const double *B, const long *size) {                        \
    (void)B;                                                                                                           \
    return sl_##name(out, A, size[0], workspace);                                                                      \
  }                                                                                                                    \
  static void adjoint_##name(const double *out, const double *out_adjoint, const double *A, double *A_adjoint,         \
                             const double *B, double *B_adjoint, const long *size) {                                   \
    (void)B, (void)B_adjoint;                                                                                          \
    sl_##name##_adjoint(out, out_adjoint, A, A_adjoint, size[0], workspace);                                           \
  }
#define ONE_RECTANGULAR(name)                                                                                          \
  static bool forward_##name(double *out, const double *A, const double *B, const long *size) {                        \
    (void)B;                                                                                                           \
    return sl_##name(out, A, size[0], size[1], workspace);                                                             \
  }                                                                                                                    \
  static void adjoint_##name(const double *out, const double *out_adjoint, const double *A, double *A_adjoint,         \
                             const double *B, double *B_adjoint, const long *size) {                                   \
    (void)B, (void)B_adjoint;                                                                                          \
    sl_##name##_adjoint(out, out_adjoint, A, A_adjoint, size[0], size[1], workspace);                                  \
  }
#define TWO(name)                                                                                                      \
  static bool forward_##name(double *out, const double *A, const double *B, const long *size) {                        \
    return sl_##name(out, A, B, size[0], size[1], workspace);                                                          \
  }                                                                                                                    \
  static void adjoint_##name(const double *out, const double *out_adjoint, const double *A, double *A_adjoint,         \
                             const double *B, double *B_adjoint, const long *size) {                                   \
    sl_##name##_adjoint(out, out_adjoint, A, A_adjoint, B, B_adjoint, size[0], size[1], workspace);                    \
  }

TWO(matrix_times_vector)
TWO(row_vector_times_matrix)
static bool forward_matrix_times_matrix(double *out, const double *A, const double *B, const long *size) {
  return sl_matrix_times_matrix(out, A, B, size[0], size[1], size[2], workspace);
}
static void adjoint_matrix_times_matrix(const double *out, const double *out_adjoint, const double *A,
                                        double *A_adjoint, const double *B, double *B_adjoint, const long *size) {
  sl_matrix_times_matrix_adjoint(out, out_adjoint, A, A_adjoint, B, B_adjoint, size[0], size[1], size[2], workspace);
}
ONE_RECTANGULAR(crossprod)
ONE_RECTANGULAR(tcrossprod)
ONE_RECTANGULAR(multiply_lower_tri_self_transpose)
TWO(mdivide_left_tri_low)
TWO(mdivide_right_tri_low)
ONE(cholesky_decompose)
TWO(mdivide_left_spd)
TWO(mdivide_right_spd)
ONE(inverse_spd)
ONE(log_determinant_spd)
TWO(mdivide_left)
TWO(mdivide_right)
ONE(inverse)
ONE(determinant)
ONE(log_determinant)
ONE(eigenvalues_sym)
ONE(eigenvectors_sym)
ONE_RECTANGULAR(singular_values)

#define BOTH(name) #name, forward_##name, adjoint_##name
static const kernel kernels[] = {
    {BOTH(matrix_times_vector), FREE, 0, 2, 0, -1, {0, 1}, {1, -1}, false},
    {BOTH(row_vector_times_matrix), FREE, 1, 2, 1, -1, {0, 0}, {-1, 1}, false},
    {BOTH(matrix_times_matrix), FREE, 0, 3, 0, 2, {0, 1}, {1, 2}, false},
    {BOTH(crossprod), FREE, 0, 2, 1, 1, {0, -3}, {1, -3}, false},
    {BOTH(tcrossprod), FREE, 0, 2, 0, 0, {0, -3}, {1, -3}, false},
    {BOTH(multiply_lower_tri_self_transpose), FREE, 0, 2, 0, 0, {0, -3}, {1, -3}, false},
    {BOTH(mdivide_left_tri_low), LOWER, 0, 2, 0, 1, {0, 0}, {0, 1}, false},
    {BOTH(mdivide_right_tri_low), LOWER, 1, 2, 0, 1, {0, 1}, {1, 1}, false},
    {BOTH(cholesky_decompose), POSITIVE, 0, 1, 0, 0, {0, -3}, {0, -3}, false},
    {BOTH(mdivide_left_spd), POSITIVE, 0, 2, 0, 1, {0, 0}, {0, 1}, false},
    {BOTH(mdivide_right_spd), POSITIVE, 1, 2, 0, 1, {0, 1}, {1, 1}, false},
    {BOTH(inverse_spd), POSITIVE, 0, 1, 0, 0, {0, -3}, {0, -3}, false},
    {BOTH(log_determinant_spd), POSITIVE, 0, 1, -1, -1, {0, -3}, {0, -3}, false},
    {BOTH(mdivide_left), FREE, 0, 2, 0, 1, {0, 0}, {0, 1}, false},
    {BOTH(mdivide_right), FREE, 1, 2, 0, 1, {0, 1}, {1, 1}, false},
    {BOTH(inverse), FREE, 0, 1, 0, 0, {0, -3}, {0, -3}, false},
    {BOTH(determinant), FREE, 0, 1, -1, -1, {0, -3}, {0, -3}, false},
    {BOTH(log_determinant), FREE, 0, 1, -1, -1, {0, -3}, {0, -3}, false},
    {BOTH(eigenvalues_sym), SYMMETRIC, 0, 1, 0, -1, {0, -3}, {0, -3}, false},
    {BOTH(eigenvectors_sym), SYMMETRIC, 0, 1, 0, 0, {0, -3}, {0, -3}, true},
    {BOTH(singular_values), FREE, 0, 2, -2, -1, {0, -3}, {1, -3}, false},
};
enum { KERNEL_COUNT = sizeof kernels / sizeof kernels[0], LARGEST = 700 * 700 };

static long extent(const long *size, int index) {
  if (index == -3) return 0;
  if (index == -2) return size[0] < size[1] ? size[0] : size[1];
  return index == -1 ? 1 : size[index];
}

static void fill(double *x, long count) {
  for (long i = 0; i < count; i++) x[i] = 2.0 * sl_uniform01(&rng) - 1.0;
}

/* Well conditioned, and with eigenvalues that stand apart. Square inputs of kind FREE get a heavy diagonal too. */
static void fill_matrix(double *A, long rows, long columns, matrix_kind kind) {
  fill(A, rows * columns);
  for (long j = 0; j < columns; j++)
    for (long i = 0; i < rows; i++) {
      if (kind >= SYMMETRIC && i > j) A[i + j * rows] = A[j + i * rows];
      if (i == j && rows == columns) A[i + j * rows] += kind == SYMMETRIC ? 3.0 * (double)j : 2.0 + (double)rows;
    }
}

typedef struct arrays {
  double *out, *out_adjoint, *in[2], *in_adjoint[2], *again;
  long out_count, in_count[2];
} arrays;

static arrays prepare(const kernel *k, const long *size) {
  arrays a = {0};
  a.out_count = extent(size, k->out_rows) * extent(size, k->out_columns);
  a.out = calloc((size_t)a.out_count + 1, sizeof(double));
  a.again = calloc((size_t)a.out_count + 1, sizeof(double));
  a.out_adjoint = calloc((size_t)a.out_count + 1, sizeof(double));
  fill(a.out_adjoint, a.out_count);
  for (int side = 0; side < 2; side++) {
    long rows = extent(size, k->in_rows[side]), columns = extent(size, k->in_columns[side]);
    a.in_count[side] = rows * columns;
    a.in[side] = calloc((size_t)a.in_count[side] + 1, sizeof(double));
    a.in_adjoint[side] = calloc((size_t)a.in_count[side] + 1, sizeof(double));
    fill_matrix(a.in[side], rows, columns, k->square == side ? k->kind : FREE);
  }
  return a;
}

static void discard(arrays *a) {
  free(a->out), free(a->again), free(a->out_adjoint);
  for (int side = 0; side < 2; side++) free(a->in[side]), free(a->in_adjoint[side]);
}

#endif
