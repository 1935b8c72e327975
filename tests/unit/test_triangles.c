/* The rows that quadratic summands leave: triangles against mpmath's (tests/reference/make_triangle.py), and sums of products
 * of columns against those over the rows themselves. */
#include <math.h>
#include <stdlib.h>
#include "runtime/kernels.h"
#include "runtime/random.h"
#include "tests/reference/triangle.h"
#include "tests/unit/check.h"

static sl_workspace *workspace;
static sl_rng rng;

enum { MOST_ROWS = 700, MOST_WIDTH = 9 };

typedef struct table {
  long rows, width, int_width, counts[3], count;
  double reals[MOST_ROWS * MOST_WIDTH], triangles[MOST_ROWS * MOST_WIDTH];
  long ints[2 * MOST_ROWS], starts[MOST_ROWS + 1], order[MOST_ROWS], group[MOST_ROWS], first[MOST_ROWS];
} table;

static table t;

static void find_groups(void) {
  CHECK(sl_row_groups(t.counts, t.starts, t.order, t.ints, t.rows, t.width, t.int_width, workspace));
  if (t.counts[1] == 0) return;
  bool met[MOST_ROWS] = {0};
  for (long g = 0; g < t.counts[0]; g++)
    for (long i = t.starts[g]; i < t.starts[g + 1]; i++) {
      const long row = t.int_width ? t.order[i] : i;
      CHECK(row >= 0 && row < t.rows && !met[row]);
      CHECK(i == t.starts[g] || t.int_width == 0 || row > t.order[i - 1]);
      met[row] = true;
      t.group[row] = g;
    }
  CHECK(t.starts[0] == 0 && t.starts[t.counts[0]] == t.rows);
}

static void combine(void) {
  char *top = workspace->top;
  double *state = sl_take_zeros(workspace, t.counts[2]);
  for (long g = 0; g < t.counts[0]; g++)
    for (long i = t.starts[g]; i < t.starts[g + 1]; i++) {
      const long row = t.int_width ? t.order[i] : i;
      CHECK(sl_quadratic_row(&t.count, t.first, t.triangles, state, t.reals + row * t.width, state, t.width, row,
                             t.starts[g + 1] - 1 - i, workspace));
    }
  workspace->top = top;
  CHECK(t.count <= t.counts[1]);
}

static void test_known_triangle(void) {
  t = (table){.rows = TRIANGLE_ROWS, .width = TRIANGLE_WIDTH};
  for (int n = 0; n < TRIANGLE_ROWS; n++)
    for (int k = 0; k < TRIANGLE_WIDTH; k++) t.reals[n * TRIANGLE_WIDTH + k] = triangle_data[n][k];
  find_groups();
  CHECK(t.counts[0] == 1 && t.counts[1] == TRIANGLE_WIDTH);
  combine();
  CHECK_INT(t.count, TRIANGLE_WIDTH);
  for (int i = 0; i < TRIANGLE_WIDTH; i++)
    for (int k = 0; k < TRIANGLE_WIDTH; k++) {
      double made = t.triangles[i * TRIANGLE_WIDTH + k], expected = triangle_expected[i][k];
      CHECK_SAY(fabs(made - expected) <= 1e-13 * fabs(expected), "row %d, column %d: %.17g, not %.17g", i, k, made,
                expected);
    }
}

/* Sums over a group of products of two columns, beside the size of what is added. */
static void compare_sums(long group) {
  for (long j = 0; j < t.width; j++)
    for (long k = 0; k <= j; k++) {
      long double sum = 0, left = 0, right = 0, combined = 0;
      for (long n = 0; n < t.rows; n++) {
        if (t.group[n] != group) continue;
        const long double x = t.reals[n * t.width + j], y = t.reals[n * t.width + k];
        sum += x * y, left += x * x, right += y * y;
      }
      for (long d = 0; d < t.count; d++)
        if (t.group[t.first[d]] == group)
          combined += (long double)t.triangles[d * t.width + j] * t.triangles[d * t.width + k];
      CHECK(fabsl(sum - combined) <= 1e-15L * sqrtl(left * right));
    }
}

/* How many there would be at most: of each group as many as there are columns. */
static long rows_left(void) {
  long left = 0;
  for (long n = 0; n < t.rows; n++) {
    long before = 0;
    for (long m = 0; m < n; m++) before += t.ints[2 * m] == t.ints[2 * n] && t.ints[2 * m + 1] == t.ints[2 * n + 1];
    left += before < t.width;
  }
  return left;
}

/* Groups of every size; columns with large means, columns that repeat another, that are zero, or zero in a group. */
static void test_sums(void) {
  for (long rows = 1; rows <= MOST_ROWS; rows = 3 * rows + 1)
    for (long width = 1; width <= MOST_WIDTH; width += 2)
      for (long kinds = 1; kinds <= 31; kinds += 6) {
        t = (table){.rows = rows, .width = width, .int_width = 2};
        for (long n = 0; n < rows; n++) {
          const long kind = (long)(sl_uniform01(&rng) * (double)kinds);
          t.ints[2 * n] = kind % 5 - 2, t.ints[2 * n + 1] = kind / 5;
          double *x = t.reals + n * width;
          for (long k = 0; k < width; k++) {
            x[k] = k == 0 ? 1 : sl_uniform01(&rng) - 0.5 + (k == 1 ? 5e2 : k == 2 ? 0 : -3);
            if (k == 5) x[k] = 3 * x[1];
            if (k == 6) x[k] = 0;
            if (k == 7 && kind % 2) x[k] = 0;
          }
        }
        find_groups();
        if (t.counts[1] == 0) {
          CHECK(10 * rows_left() > 9 * rows);
          continue;
        }
        long groups = 0, most = 0, size[64] = {0};
        for (long n = 0; n < rows; n++) {
          CHECK(t.group[n] >= 0 && t.group[n] <= groups);
          if (t.group[n] == groups) groups++;
          most += ++size[t.group[n]] <= width;
          for (long m = 0; m < n; m += 7)
            CHECK((t.group[m] == t.group[n]) ==
                  (t.ints[2 * m] == t.ints[2 * n] && t.ints[2 * m + 1] == t.ints[2 * n + 1]));
        }
        CHECK_INT(t.counts[0], groups);
        CHECK(10 * most <= 9 * rows);
        CHECK_INT(t.counts[1], most);
        combine();
        for (long g = 0; g < groups; g++) compare_sums(g);
      }
}

static void test_rows_that_stay(void) {
  t = (table){.rows = 100, .width = 2};
  for (long n = 0; n < 100; n++) t.reals[2 * n] = 1, t.reals[2 * n + 1] = (double)n;
  static const double odd[] = {NAN, INFINITY, -INFINITY, 1e300};
  for (int i = 0; i < 4; i++) {
    t.reals[77] = odd[i];
    find_groups();
    combine();
    CHECK_INT(t.count, 0);
  }
  t.reals[77] = 38;
  find_groups();
  CHECK_INT(t.counts[1], 2);
  combine();
  CHECK_INT(t.count, 2);
  t.rows = 0;
  find_groups();
  CHECK(t.counts[0] == 0 && t.counts[1] == 0);
  for (long width = SL_MOST_QUADRATIC; width <= SL_MOST_QUADRATIC + 1; width++) {
    CHECK(sl_row_groups(t.counts, t.starts, t.order, t.ints, 200, width, 0, workspace));
    CHECK_INT(t.counts[1], width == SL_MOST_QUADRATIC ? width : 0);
  }
  /* An outcome far from zero: its own part is what counts. One that is another column's multiple has none. */
  for (int far = 0; far < 3; far++) {
    t = (table){.rows = 100, .width = 2};
    for (long n = 0; n < 100; n++)
      t.reals[2 * n] = 1, t.reals[2 * n + 1] = far == 2 ? 1e6 : (far ? 1e6 : 1e3) + sl_uniform01(&rng);
    find_groups();
    combine();
    CHECK_INT(t.count, far == 0 ? 2 : far == 1 ? 0 : t.count);
    CHECK(far < 2 || t.count > 0);
  }
  /* Nothing but zeros: a row stays, so that what is checked of a row is checked. */
  t = (table){.rows = 100, .width = 2};
  find_groups();
  combine();
  CHECK_INT(t.count, 1);
}

int main(void) {
  workspace = sl_workspace_create();
  sl_rng_seed(&rng, 20261121, 1);
  int status = run_suites("triangles", (check_test[]){{"a triangle is mpmath's", test_known_triangle},
                                                      {"sums of products are those of the rows", test_sums},
                                                      {"some rows stay as they are", test_rows_that_stay},
                                                      {0}});
  sl_workspace_destroy(workspace);
  return status;
}
