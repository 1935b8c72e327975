/* test_adaptation.c: dual averaging, the schedule of windows, the estimate of the metric. */
#include "tests/unit/check.h"
#include "tests/unit/models/correlated_normal.c"
#include "runtime/adaptation.h"

static void test_dual_averaging(void) {
  /* An acceptance of exp(-step): the target 0.8 is met at step = -log(0.8). */
  sl_step_adaptation adaptation = {.gamma = 0.05, .delta = 0.8, .kappa = 0.75, .t0 = 10};
  sl_step_adaptation_restart(&adaptation, 1);
  CHECK_NEAR(adaptation.mu, log(10), 1e-15);
  CHECK_NEAR(sl_step_adaptation_result(&adaptation, 0.3), 0.3, 0);
  double step = 1;
  for (int i = 0; i < 2000; i++) step = sl_step_adaptation_learn(&adaptation, exp(-step));
  CHECK_NEAR(sl_step_adaptation_result(&adaptation, step), -log(0.8), 0.01);

  /* The first step by equation 6 of the paper: the error's mean is (0.8 - 0.5)/11. */
  sl_step_adaptation_restart(&adaptation, 0.1);
  step = sl_step_adaptation_learn(&adaptation, 0.5);
  CHECK_NEAR(step, exp(log(1) - 0.3 / 11 / 0.05), 1e-14);
  CHECK_NEAR(sl_step_adaptation_result(&adaptation, 7), step, 1e-14);
}

/* The iterations with which windows end. */
static int window_ends(int num_warmup, int init_buffer, int term_buffer, int window, int *ends, sl_windows_fit *fit) {
  sl_windows windows;
  *fit = sl_windows_init(&windows, num_warmup, init_buffer, term_buffer, window);
  int count = 0;
  for (int i = 0; i < num_warmup; i++) {
    if (!sl_windows_end(&windows, i)) continue;
    ends[count++] = i;
    sl_windows_advance(&windows, i);
  }
  return count;
}

static void check_ends(int num_warmup, int init_buffer, int term_buffer, int window, sl_windows_fit fit, int count,
                       const int *expected) {
  int ends[100];
  sl_windows_fit found;
  CHECK_INT(window_ends(num_warmup, init_buffer, term_buffer, window, ends, &found), count);
  CHECK_INT(found, fit);
  for (int i = 0; i < count; i++)
    CHECK_SAY(ends[i] == expected[i], "window %d of %d ends with %d, expected %d", i, num_warmup, ends[i], expected[i]);
}

static void test_windows(void) {
  /* Stan's schedule for 1000: 75, then 25, 50, 100, 200, 500, then 50. */
  check_ends(1000, 75, 50, 25, SL_WINDOWS_AS_ASKED, 5, (int[]){99, 149, 249, 449, 949});
  check_ends(500, 75, 50, 25, SL_WINDOWS_AS_ASKED, 4, (int[]){99, 149, 249, 449});
  check_ends(150, 75, 50, 25, SL_WINDOWS_AS_ASKED, 1, (int[]){99});
  check_ends(149, 75, 50, 25, SL_WINDOWS_SHRUNK, 1, (int[]){134});
  check_ends(100, 75, 50, 25, SL_WINDOWS_SHRUNK, 1, (int[]){89});
  check_ends(20, 75, 50, 25, SL_WINDOWS_SHRUNK, 1, (int[]){17});
  check_ends(19, 75, 50, 25, SL_WINDOWS_NONE, 0, NULL);
  check_ends(0, 75, 50, 25, SL_WINDOWS_NONE, 0, NULL);
  check_ends(1000, 0, 0, 1000, SL_WINDOWS_AS_ASKED, 1, (int[]){999});
  sl_windows windows;
  CHECK_INT(sl_windows_init(&windows, 2000000000, 2000000000, 2000000000, 2000000000), SL_WINDOWS_SHRUNK);
  CHECK_INT(windows.next_end, 1799999999);
}

static void test_moments(sl_metric_kind kind) {
  enum { n = 3, draws = 50 };
  sl_vectors vectors;
  sl_metric metric;
  sl_moments moments;
  CHECK(sl_vectors_create(&vectors, sl_metric_elements(kind, n) + sl_moments_elements(kind, n)));
  sl_metric_init(&metric, kind, n, &vectors);
  sl_moments_init(&moments, kind, n, &vectors);
  double x[draws][8] = {{0}}, mean[n] = {0};
  for (int round = 0; round < 2; round++) { /* the second shows that the first left nothing */
    for (int i = 0; i < n; i++) mean[i] = 0;
    for (int k = 0; k < draws; k++) {
      for (int i = 0; i < n; i++) mean[i] += (x[k][i] = 1e3 + (i + 1) * sin(k * (i + 1) + round)) / draws;
      sl_moments_add(&moments, x[k]);
    }
    CHECK(sl_moments_finish(&moments, &metric));
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        if (kind == SL_METRIC_DIAGONAL && i != j) continue;
        double sum = 0, factored = 0;
        for (int k = 0; k < draws; k++) sum += (x[k][i] - mean[i]) * (x[k][j] - mean[j]);
        double expected = 50.0 / 55 * sum / (draws - 1) + (i == j ? 1e-3 * 5 / 55 : 0);
        CHECK_NEAR(metric.inverse[kind == SL_METRIC_DENSE ? i * n + j : i], expected, 1e-11);
        for (int k = 0; kind == SL_METRIC_DENSE && k < n; k++)
          factored += metric.factor[k * n + i] * metric.factor[k * n + j];
        CHECK_NEAR(kind == SL_METRIC_DENSE ? factored : metric.factor[i] * metric.factor[i], expected, 1e-11);
      }
  }
  x[0][0] = INFINITY;
  sl_moments_add(&moments, x[0]);
  sl_moments_add(&moments, x[1]);
  CHECK(!sl_moments_finish(&moments, &metric));
  sl_vectors_destroy(&vectors);
}

static void test_diagonal(void) { test_moments(SL_METRIC_DIAGONAL); }
static void test_dense(void) { test_moments(SL_METRIC_DENSE); }

int main(void) {
  return run_suites("adaptation", (check_test[]){{"dual averaging finds the target acceptance", test_dual_averaging},
                                                 {"windows end where Stan's do", test_windows},
                                                 {"variances are regularised as Stan's", test_diagonal},
                                                 {"covariances are regularised as Stan's", test_dense},
                                                 {0}});
}
