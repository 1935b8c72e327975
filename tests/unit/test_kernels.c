/* The matrix kernels: forward results against definitions, adjoints against central differences of eighth order,
 * and failures with their messages. */
#include <limits.h>
#include <stdlib.h>
#include "tests/unit/check.h"
#include "tests/unit/kernel_table.h"

static double weighted_output(const kernel *k, arrays *a, const long *size) {
  CHECK_SAY(k->forward(a->again, a->in[0], a->in[1], size), "%s fails: %.200s", k->name, workspace->message);
  double sum = 0.0;
  for (long j = 0; j < extent(size, k->out_columns); j++) {
    long rows = extent(size, k->out_rows);
    double part = 0.0, along = 0.0;
    for (long i = j * rows; i < (j + 1) * rows; i++) {
      part += a->out_adjoint[i] * a->again[i];
      along += a->out[i] * a->again[i];
    }
    sum += k->signless && along < 0.0 ? -part : part;
  }
  return sum;
}

/* d weighted_output / d step along element (and its mirror image): central differences of order 8. */
static double slope(const kernel *k, arrays *a, const long *size, double *element, double *mirror) {
  static const double weight[] = {4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280};
  double saved = *element, step = 0.005, sum = 0.0;
  for (int i = 1; i <= 4; i++) {
    double side[2];
    for (int s = 0; s < 2; s++) {
      *element = *mirror = saved + (s == 0 ? i : -i) * step;
      side[s] = weighted_output(k, a, size);
    }
    sum += weight[i - 1] * (side[0] - side[1]) / step;
  }
  *element = *mirror = saved;
  return sum;
}

static void check_adjoint(const kernel *k, const long *size) {
  arrays a = prepare(k, size);
  char *top = workspace->top;
  CHECK_SAY(k->forward(a.out, a.in[0], a.in[1], size), "%s fails: %.200s", k->name, workspace->message);
  /* What is there already must stay: adjoints add. */
  for (int side = 0; side < 2; side++)
    for (long i = 0; i < a.in_count[side]; i++) a.in_adjoint[side][i] = 10.0;
  k->adjoint(a.out, a.out_adjoint, a.in[0], a.in_adjoint[0], a.in[1], a.in_count[1] ? a.in_adjoint[1] : NULL, size);
  for (int side = 0; side < 2; side++) {
    long rows = extent(size, k->in_rows[side]), columns = extent(size, k->in_columns[side]);
    bool mirrored = k->kind >= SYMMETRIC && side == k->square;
    for (long j = 0; j < columns; j++)
      for (long i = 0; i < rows; i++) {
        double *x = a.in[side], *adjoint = a.in_adjoint[side];
        if (mirrored && i < j) continue;
        double expected = slope(k, &a, size, &x[i + j * rows], mirrored ? &x[j + i * rows] : &x[i + j * rows]);
        double found = adjoint[i + j * rows] - 10.0;
        if (mirrored && i > j) found += adjoint[j + i * rows] - 10.0;
        CHECK_SAY(near_enough(found, expected, 1e-9), "%s, input %d, element %ld,%ld: adjoint %.15g, differences %.15g",
                  k->name, side, i, j, found, expected);
      }
  }
  /* An input that is data has no adjoint, and that changes nothing for the other one. */
  for (int data = 0; data < 2; data++) {
    int active = 1 - data;
    double *fresh = calloc((size_t)a.in_count[active] + 1, sizeof(double));
    for (long i = 0; i < a.in_count[active]; i++) fresh[i] = 10.0;
    k->adjoint(a.out, a.out_adjoint, a.in[0], data == 0 ? NULL : fresh, a.in[1],
               data == 1 || !a.in_count[1] ? NULL : fresh, size);
    for (long i = 0; i < a.in_count[active]; i++)
      CHECK_SAY(fresh[i] == a.in_adjoint[active][i], "%s: input %d as data changes the other's adjoint", k->name, data);
    free(fresh);
  }
  CHECK_SAY(workspace->top == top, "%s keeps scratch memory", k->name);
  discard(&a);
}

static void test_adjoints(void) {
  static const long sizes[][3] = {{1, 1, 1}, {2, 2, 2}, {3, 5, 2}, {6, 4, 3}, {5, 1, 7}, {1, 4, 2}, {9, 9, 5}};
  for (int i = 0; i < KERNEL_COUNT; i++)
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) check_adjoint(&kernels[i], sizes[s]);
}

/* 30 is above the size from which LAPACK takes over from plain loops. */
static void test_large_cholesky_adjoint(void) {
  for (int i = 0; i < KERNEL_COUNT; i++)
    if (strcmp(kernels[i].name, "cholesky_decompose") == 0) check_adjoint(&kernels[i], (long[]){30, 1, 1});
}

static void test_empty(void) {
  for (int i = 0; i < KERNEL_COUNT; i++)
    for (int shape = 0; shape < 3; shape++) {
      static const long sizes[][3] = {{0, 0, 0}, {0, 3, 2}, {3, 0, 2}};
      const kernel *k = &kernels[i];
      arrays a = prepare(k, sizes[shape]);
      CHECK_SAY(k->forward(a.out, a.in[0], a.in[1], sizes[shape]), "%s fails for size 0", k->name);
      k->adjoint(a.out, a.out_adjoint, a.in[0], a.in_adjoint[0], a.in[1], a.in_count[1] ? a.in_adjoint[1] : NULL,
                 sizes[shape]);
      discard(&a);
    }
  double one;
  CHECK(sl_determinant(&one, NULL, 0, workspace) && one == 1.0);
}

/* The element (i,j) of the product of A[m,k] and B[k,n], either of them transposed. */
static double product_element(const double *A, bool turn_a, const double *B, bool turn_b, long i, long j, long m,
                              long k, long n) {
  double sum = 0.0;
  for (long p = 0; p < k; p++) sum += A[turn_a ? p + i * k : i + p * m] * B[turn_b ? j + p * n : p + j * k];
  return sum;
}

static void check_product(const double *C, const double *A, bool turn_a, const double *B, bool turn_b, long m, long k,
                          long n) {
  double worst = 0.0;
  for (long j = 0; j < n; j++)
    for (long i = 0; i < m; i++)
      worst = fmax(worst, fabs(C[i + j * m] - product_element(A, turn_a, B, turn_b, i, j, m, k, n)));
  CHECK_SAY(worst < 1e-12 * (1.0 + (double)k), "product of sizes %ld %ld %ld is off by %g", m, k, n, worst);
}

/* Sizes beside and beyond the blocks of rows (256) and of the inner sum (64). */
static void test_products(void) {
  static const long sizes[][3] = {{1, 1, 1},     {4, 4, 4},   {7, 3, 5},   {300, 70, 9},
                                  {257, 129, 6}, {5, 600, 7}, {64, 64, 64}};
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
    long m = sizes[s][0], k = sizes[s][1], n = sizes[s][2];
    double *A = malloc((size_t)(m * k) * 8), *B = malloc((size_t)(k * n) * 8), *C = malloc((size_t)LARGEST * 8);
    fill(A, m * k), fill(B, k * n);
    CHECK(sl_matrix_times_matrix(C, A, B, m, k, n, workspace));
    check_product(C, A, false, B, false, m, k, n);
    CHECK(sl_matrix_times_vector(C, A, B, m, k, workspace));
    check_product(C, A, false, B, false, m, k, 1);
    for (long begin = 0, rows; begin < m; begin += rows) { /* a few rows at a time */
      rows = m - begin < 60 ? m - begin : 60;
      CHECK(sl_rows_times_vector(C + begin, A, B, m, k, begin, rows, workspace));
    }
    check_product(C, A, false, B, false, m, k, 1);
    memset(C, 0, (size_t)k * 8);
    for (long begin = 0, rows; begin < m; begin += rows) {
      rows = m - begin < 60 ? m - begin : 60;
      sl_rows_times_vector_adjoint(NULL, A + begin, A, NULL, B, C, m, k, begin, rows, workspace);
    }
    check_product(C, A, true, A, false, k, m, 1);                /* with the first column of A for the adjoints */
    CHECK(sl_row_vector_times_matrix(C, B, B, k, n, workspace)); /* the first column of B times B */
    check_product(C, B, true, B, false, 1, k, n);
    CHECK(sl_crossprod(C, A, m, k, workspace));
    check_product(C, A, true, A, false, k, m, k);
    CHECK(sl_tcrossprod(C, A, m, k, workspace));
    check_product(C, A, false, A, true, m, k, m);
    CHECK(sl_multiply_lower_tri_self_transpose(C, A, m, k, workspace));
    for (long j = 0; j < k; j++)
      for (long i = 0; i < j && i < m; i++) A[i + j * m] = 0.0;
    check_product(C, A, false, A, true, m, k, m);
    free(A), free(B), free(C);
  }
}

static void test_divisions(void) {
  static const long sizes[] = {1, 2, 5, 24, 25, 90};
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
    long n = sizes[s], k = 4;
    double *A = malloc((size_t)(n * n) * 8), *L = malloc((size_t)(n * n) * 8), *B = malloc((size_t)(n * k) * 8);
    double *X = malloc((size_t)(n * n + n * k) * 8), value = NAN, other = NAN;
    fill_matrix(A, n, n, POSITIVE), fill(B, n * k);
    CHECK(sl_cholesky_decompose(L, A, n, workspace));
    check_product(A, L, false, L, true, n, n, n);
    for (long j = 0; j < n; j++)
      for (long i = 0; i < j; i++) CHECK(L[i + j * n] == 0.0);
    CHECK(sl_mdivide_left_tri_low(X, L, B, n, k, workspace));
    check_product(B, L, false, X, false, n, n, k);
    CHECK(sl_mdivide_right_tri_low(X, B, L, k, n, workspace));
    check_product(B, X, false, L, false, k, n, n);
    CHECK(sl_mdivide_left_spd(X, A, B, n, k, workspace));
    check_product(B, A, false, X, false, n, n, k);
    CHECK(sl_mdivide_right_spd(X, B, A, k, n, workspace));
    check_product(B, X, false, A, false, k, n, n);
    CHECK(sl_log_determinant_spd(&value, A, n, workspace) && sl_log_determinant(&other, A, n, workspace));
    CHECK_RELATIVE(value, other, 1e-13);
    CHECK(sl_determinant(&value, A, n, workspace));
    CHECK_RELATIVE(log(value), other, 1e-13);
    CHECK(sl_inverse_spd(L, A, n, workspace) && sl_inverse(X, A, n, workspace));
    for (long i = 0; i < n * n; i++) CHECK_NEAR(L[i], X[i], 1e-13);
    fill_matrix(A, n, n, FREE);
    CHECK(sl_mdivide_left(X, A, B, n, k, workspace));
    check_product(B, A, false, X, false, n, n, k);
    CHECK(sl_mdivide_right(X, B, A, k, n, workspace));
    check_product(B, X, false, A, false, k, n, n);
    free(A), free(L), free(B), free(X);
  }
}

static void test_determinant_sign(void) {
  double value, swap[] = {0, 1, 1, 0};
  CHECK(sl_determinant(&value, swap, 2, workspace));
  CHECK_NEAR(value, -1.0, 0.0);
  CHECK(sl_log_determinant(&value, swap, 2, workspace));
  CHECK_NEAR(value, 0.0, 0.0);
  double singular[] = {1, 2, 2, 4};
  CHECK(sl_determinant(&value, singular, 2, workspace));
  CHECK_NEAR(value, 0.0, 0.0);
}

static void test_eigen(void) {
  long n = 12;
  double A[144], V[144] = {0}, w[12] = {0}, s[12] = {0}, scaled[144];
  fill_matrix(A, n, n, SYMMETRIC);
  CHECK(sl_eigenvalues_sym(w, A, n, workspace) && sl_eigenvectors_sym(V, A, n, workspace));
  for (long j = 0; j < n; j++)
    for (long i = 0; i < n; i++) scaled[i + j * n] = V[i + j * n] * w[j];
  check_product(scaled, A, false, V, false, n, n, n);
  for (long j = 1; j < n; j++) CHECK(w[j - 1] <= w[j]);
  /* Singular values of a symmetric matrix are the sizes of its eigenvalues; their squares sum to its squared norm. */
  CHECK(sl_singular_values(s, A, n, n, workspace));
  double norm = 0.0, sum = 0.0;
  for (long i = 0; i < n * n; i++) norm += A[i] * A[i];
  for (long i = 0; i < n; i++) sum += s[i] * s[i];
  CHECK_RELATIVE(sum, norm, 1e-13);
  CHECK_RELATIVE(s[0], fmax(fabs(w[0]), fabs(w[n - 1])), 1e-13);
}

static void test_failures(void) {
  double L[4], indefinite[] = {1, 2, 2, 1}, skewed[] = {1, 0.5, 0.6, 1}, missing[] = {1, NAN, NAN, 1};
  CHECK(!sl_cholesky_decompose(L, indefinite, 2, workspace));
  CHECK_TEXT(workspace->message,
             "cholesky_decompose: Matrix m is not positive definite: m[2,2] is 1, too small beside the rows before it");
  CHECK(!sl_cholesky_decompose(L, skewed, 2, workspace));
  CHECK_TEXT(workspace->message, "cholesky_decompose: m is not symmetric. m[1,2] = 0.6, but m[2,1] = 0.5");
  CHECK(!sl_cholesky_decompose(L, missing, 2, workspace));
  CHECK(!sl_inverse_spd(L, indefinite, 2, workspace));
  CHECK_TEXT(workspace->message,
             "inverse_spd: Matrix m is not positive definite: m[2,2] is 1, too small beside the rows before it");
  CHECK(!sl_log_determinant_spd(L, indefinite, 2, workspace));
  CHECK(!sl_mdivide_left_spd(L, indefinite, skewed, 2, 2, workspace));
  CHECK(!sl_mdivide_right_spd(L, skewed, indefinite, 2, 2, workspace));
  CHECK(!sl_eigenvalues_sym(L, missing, 2, workspace));
  CHECK(!sl_eigenvectors_sym(L, skewed, 2, workspace));
  CHECK(!sl_singular_values(L, missing, 2, 2, workspace));
  /* Rounding may leave a matrix asymmetric by less than 1e-8. */
  double nearly[] = {2, 0.5, 0.5 + 9e-9, 2};
  CHECK(sl_cholesky_decompose(L, nearly, 2, workspace));
  /* Beyond the size of the plain loops LAPACK finds it. */
  double *large = calloc(40 * 40, sizeof(double)), *factor = calloc(40 * 40, sizeof(double));
  for (long i = 0; i < 40; i++) large[i * 41] = i == 39 ? -1.0 : 1.0;
  CHECK(!sl_cholesky_decompose(factor, large, 40, workspace));
  large[40 * 40 - 1] = INFINITY;
  CHECK(!sl_cholesky_decompose(factor, large, 40, workspace));
  free(large), free(factor);
}

static void test_sorting(void) {
  double x[] = {3, NAN, -1, 3, INFINITY, -INFINITY, 0, 3};
  long indices[1000], rising[] = {6, 3, 7, 1, 4, 8, 5, 2}, falling[] = {5, 1, 4, 8, 7, 3, 6, 2};
  CHECK(sl_sort_indices_asc(indices, x, 8, workspace));
  for (int i = 0; i < 8; i++) CHECK_INT(indices[i], rising[i]);
  CHECK(sl_sort_indices_desc(indices, x, 8, workspace));
  for (int i = 0; i < 8; i++) CHECK_INT(indices[i], falling[i]);
  CHECK(sl_sort_indices_asc(indices, x, 0, workspace));
  long values[1000];
  for (int n = 1; n <= 1000; n = n * 3 + 1) {
    for (int i = 0; i < n; i++) values[i] = (long)(sl_uniform01(&rng) * 50.0);
    for (int down = 0; down < 2; down++) {
      bool seen[1000] = {false};
      CHECK(down ? sl_sort_indices_desc_int(indices, values, n, workspace)
                 : sl_sort_indices_asc_int(indices, values, n, workspace));
      for (int i = 0; i < n; i++) {
        CHECK(indices[i] >= 1 && indices[i] <= n && !seen[indices[i] - 1]);
        seen[indices[i] - 1] = true;
        if (i == 0) continue;
        long before = values[indices[i - 1] - 1], here = values[indices[i] - 1];
        CHECK(before == here ? indices[i - 1] < indices[i] : down ? before > here : before < here);
      }
    }
  }
}

/* Rows of every size beside a search of all pairs. */
static void test_equal_rows(void) {
  enum { MOST = 400 };
  static double reals[2 * MOST];
  static long ints[MOST], first[MOST], weights[MOST];
  long count;
  for (int rows = 1; rows <= MOST; rows = 2 * rows + 1)
    for (int kinds = 1; kinds <= 40; kinds += 3) {
      for (int i = 0; i < rows; i++) {
        long kind = (long)(sl_uniform01(&rng) * kinds);
        reals[2 * i] = kind % 3 == 0 ? NAN : (double)(kind % 3), reals[2 * i + 1] = kind % 2 ? 0.0 : -0.0;
        ints[i] = kind;
      }
      CHECK(sl_equal_rows(&count, first, weights, reals, ints, rows, 2, 1, workspace));
      int distinct = 0, number[MOST] = {0}, times[MOST] = {0};
      for (int i = 0; i < rows; i++) {
        int k = 0;
        while (k < distinct && ints[number[k]] != ints[i]) k++;
        if (k == distinct) number[distinct++] = i;
        times[k]++;
      }
      CHECK_INT(count, 4 * distinct <= 3 * rows ? distinct : 0);
      for (int k = 0; k < count; k++) CHECK(first[k] == number[k] && weights[k] == times[k]);
    }
  /* Reals alone, told apart by their last bit and their sign. */
  double x[] = {1, nextafter(1, 2), 1, 0.0, -0.0, 1, 1, 1};
  CHECK(sl_equal_rows(&count, first, weights, x, ints, 8, 1, 0, workspace) && count == 4);
  CHECK_INT(weights[0], 5);
  CHECK(sl_equal_rows(&count, first, weights, x, ints, 0, 1, 0, workspace) && count == 0);
  /* So many that a sample is looked at first. */
  const long many = 300000;
  long *all = malloc(3 * sizeof *all * (size_t)many);
  for (int distinct = 0; distinct < 2; distinct++) {
    for (long i = 0; i < many; i++) all[i] = distinct ? i : i % 1000;
    CHECK(sl_equal_rows(&count, all + many, all + 2 * many, x, all, many, 0, 1, workspace));
    CHECK_INT(count, distinct ? 0 : 1000);
    CHECK_INT(all[2 * many], distinct ? 1 : 300);
  }
  free(all);
}

/* Runs of keys at random, beside what makes them: rows in order, each run of one key, none too long or empty. */
static void test_row_runs(void) {
  enum { MOST = 300 };
  static long keys[MOST], order[MOST], starts[MOST + 1];
  long runs;
  for (long rows = 0; rows <= MOST; rows = 2 * rows + 1)
    for (long kinds = 1; kinds <= 12; kinds++)
      for (long most = 1; most <= 65; most *= 4) {
        bool is_there[12] = {false};
        long groups = 0;
        for (long i = 0; i < rows; i++) {
          long kind = (long)(sl_uniform01(&rng) * (double)kinds);
          keys[i] = kind - 5;
          groups += !is_there[kind];
          is_there[kind] = true;
        }
        CHECK(sl_row_runs(&runs, order, starts, keys, rows, 4, most, workspace));
        long least = 0, largest = 0;
        for (long i = 0; i < rows; i++) {
          if (i == 0 || keys[i] < least) least = keys[i];
          if (i == 0 || keys[i] > largest) largest = keys[i];
        }
        CHECK((runs > 0) == (rows > 0 && 4 * groups <= rows && largest - least < rows));
        if (runs == 0) continue;
        CHECK(starts[0] == 0 && starts[runs] == rows);
        for (long i = 1; i < rows; i++) {
          long before = keys[order[i - 1]], here = keys[order[i]];
          CHECK(before < here || (before == here && order[i - 1] < order[i]));
        }
        for (long r = 0; r < runs; r++) {
          CHECK(starts[r] < starts[r + 1] && starts[r + 1] - starts[r] <= most);
          CHECK(keys[order[starts[r]]] == keys[order[starts[r + 1] - 1]]);
        }
      }
  /* A group is one run when it fits, and no key may lie so far away that counting would take more than the rows. */
  long few[] = {7, 3, 7, 3, 7, 7}, far[] = {LONG_MIN, LONG_MAX, LONG_MIN, LONG_MAX};
  CHECK(sl_row_runs(&runs, order, starts, few, 6, 3, 4, workspace) && runs == 2 && starts[1] == 2);
  CHECK(sl_row_runs(&runs, order, starts, few, 6, 3, 3, workspace) && runs == 3 && starts[2] == 4);
  CHECK(sl_row_runs(&runs, order, starts, few, 6, 4, 4, workspace) && runs == 0);
  CHECK(sl_row_runs(&runs, order, starts, far, 4, 1, 4, workspace) && runs == 0);
}

int main(void) {
  workspace = sl_workspace_create();
  sl_rng_seed(&rng, 20240601, 1);
  int status = run_suites(
      "kernels", (check_test[]){{"products are the sums that define them", test_products},
                                {"quotients times divisors are the dividends", test_divisions},
                                {"a determinant has the sign of its permutation", test_determinant_sign},
                                {"eigenvectors diagonalise", test_eigen},
                                {"adjoints are the derivatives", test_adjoints},
                                {"a large Cholesky factor's adjoint is its derivative", test_large_cholesky_adjoint},
                                {"empty matrices are fine", test_empty},
                                {"what cannot be decomposed says so", test_failures},
                                {"sorting is stable, NaN last", test_sorting},
                                {"equal rows are counted", test_equal_rows},
                                {"rows of one key are runs", test_row_runs},
                                {0}});
  sl_workspace_destroy(workspace);
  return status;
}
