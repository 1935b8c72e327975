/* test_sampler.c: the whole program around a hand-written eight schools model: files, exit codes, signals.
 *
 * Each run is a process of its own, as it is for a user; what it says goes to a file. */
#include "tests/unit/check.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/models/eight_schools.c"
#include "runtime/command.h"
#include "runtime/draws.h"

static char folder[] = "/tmp/stanlite-sampler-XXXXXX";
static char said[10000]; /* by the last run: standard output and error */

static void write_file(const char *name, const char *text) {
  FILE *file = fopen(name, "w");
  fputs(text, file);
  fclose(file);
}

static const char *read_file(const char *name, char *text, size_t size) {
  FILE *file = fopen(name, "r");
  size_t used = file ? fread(text, 1, size - 1, file) : 0;
  text[used] = '\0';
  if (file) fclose(file);
  return text;
}

static pid_t start(const char *line) {
  static char text[1000];
  char *argv[50] = {"eight_schools"};
  int argc = 1;
  snprintf(text, sizeof text, "%s", line);
  for (char *word = strtok(text, " "); word && argc < 49; word = strtok(NULL, " ")) argv[argc++] = word;
  fflush(stdout);
  pid_t child = fork();
  if (child != 0) return child;
  int file = open("said", O_WRONLY | O_CREAT | O_TRUNC, 0666);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  int code = sl_main(argc, argv);
  fflush(NULL);
  _exit(code);
}

/* The exit code; minus the signal that ended the process. */
static int finish(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  read_file("said", said, sizeof said);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int run(const char *line) { return finish(start(line)); }

static void check_run(const char *line, int code, const char *reason) {
  int found = run(line);
  CHECK_SAY(found == code, "%s: exit code %d, expected %d: %.300s", line, found, code, said);
  CHECK_SAY(strstr(said, reason) != NULL, "%s: says \"%.300s\", which lacks \"%s\"", line, said, reason);
}

static bool exists(const char *name) { return access(name, F_OK) == 0; }

/* The lines of a file that are not comments; the caller frees them. */
static char *rows_of(const char *name) {
  FILE *file = fopen(name, "r");
  size_t room = 1 << 20, used = 0;
  char *rows = calloc(1, room), line[4000];
  while (file && fgets(line, sizeof line, file)) {
    size_t length = strlen(line);
    if (line[0] == '#' || used + length >= room) continue;
    memcpy(rows + used, line, length);
    used += length;
  }
  if (file) fclose(file);
  return rows;
}

static void check_same_rows(const char *a, const char *b, bool same) {
  char *rows_a = rows_of(a), *rows_b = rows_of(b);
  CHECK_SAY(strlen(rows_a) > 1000 && (strcmp(rows_a, rows_b) == 0) == same, "%s and %s are %s", a, b,
            same ? "different" : "equal");
  free(rows_a);
  free(rows_b);
}

static void test_threads(void) {
  check_run("sample num_samples=50 num_warmup=100 num_threads=1 random seed=4 data file=d.json output file=one.csv", 0,
            "Chain [4] Iteration: 150 / 150 [100%]  (Sampling)");
  check_run("sample num_samples=50 num_warmup=100 num_threads=2 random seed=4 data file=d.json output file=two.csv", 0,
            "");
  char a[40], b[40];
  for (int id = 1; id <= 4; id++) {
    snprintf(a, sizeof a, "one_%d.csv", id);
    snprintf(b, sizeof b, "two_%d.csv", id);
    check_same_rows(a, b, true);
  }
  check_same_rows("one_1.csv", "one_2.csv", false);
  check_run("sample num_samples=50 num_warmup=100 random seed=4 id=3 data file=d.json output file=alone.csv", 0, "");
  check_same_rows("one_3.csv", "alone.csv", true);
  check_run("sample num_samples=50 num_warmup=100 random seed=5 id=3 data file=d.json output file=alone.csv", 0, "");
  check_same_rows("one_3.csv", "alone.csv", false);
}

static void test_file(void) {
  check_run(
      "sample id=1 num_samples=40 num_warmup=30 save_warmup=1 thin=3 random seed=4 data file=d.json output refresh=0 "
      "file=o.csv diagnostic_file=g.csv",
      0, "");
  char text[60000];
  read_file("o.csv", text, sizeof text);
  static const char *const expected[] = {
      "# model = eight_schools\n# start_datetime = ",
      "\n# method = sample (Default)\n#   sample\n#     num_samples = 40\n",
      "\n#     save_warmup = 1\n#     thin = 3\n",
      "\nlp__,accept_stat__,stepsize__,treedepth__,n_leapfrog__,divergent__,energy__,"
      "mu,tau,eta.1,eta.2,",
      "\n# Adaptation terminated\n# Step size = ",
      "\n# Diagonal elements of inverse mass matrix:\n# ",
      "\n# \n#  Elapsed Time: ",
      " seconds (Warm-up)\n#                ",
      " seconds (Sampling)\n#                ",
      " seconds (Total)\n# \n"};
  const char *at = text;
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    const char *found = strstr(at, expected[i]);
    CHECK_SAY(found != NULL, "the file lacks \"%s\", or has it earlier", expected[i]);
    if (found) at = found + 1;
  }
  sl_error error = {0};
  const char *path = "o.csv";
  sl_draws *draws = sl_draws_read(&path, 1, &error);
  CHECK_TEXT(error.message, "");
  if (draws) {
    CHECK_INT((long)draws->draw_count, 14);
    CHECK_INT((long)draws->chains[0].warmup_row_count, 10);
    CHECK_INT((long)draws->column_count, 7 + 2 + 3 * 8);
  }
  sl_draws_destroy(draws);
  CHECK(strstr(read_file("g.csv", text, sizeof text), "energy__,mu,tau,eta.1,") != NULL);
  CHECK(strstr(text, ",eta.8,p_mu,p_tau,") != NULL && strstr(text, ",g_eta.7,g_eta.8\n") != NULL);
  check_run("sample num_chains=2 num_samples=10 num_warmup=30 adapt save_metric=1 data file=d.json output file=m.csv",
            0, "");
  CHECK(strstr(read_file("m_metric_2.json", text, sizeof text), "\"metric_type\" : \"diag_e\"") != NULL);
  check_run("sample num_chains=2 num_samples=5 init=a\"b.json data file=d.json output file=q.csv", 66, "a\"b");
  check_run("sample num_chains=2 num_samples=5 num_warmup=20 data file=d.json output save_cmdstan_config=1 file=q.csv",
            0, "");
  sl_values *configuration = sl_values_read("q_config.json", &error);
  CHECK_TEXT(error.message, "");
  CHECK(configuration && sl_values_has(configuration, "method") && sl_values_has(configuration, "random"));
  sl_values_destroy(configuration);
  CHECK(strstr(read_file("q_config.json", text, sizeof text), "\"engine\" : {\n            \"value\" : \"nuts\",") !=
        NULL);
  check_run("sample id=1 num_samples=9 num_warmup=0 algorithm=hmc metric_file=m_metric_2.json stepsize=0.1 data "
            "file=d.json output file=n.csv adapt engaged=0",
            0, "");
}

static void test_posterior(void) {
  check_run("sample num_samples=16000 adapt delta=0.95 random seed=8 data file=d.json output refresh=0 file=p.csv", 0,
            "");
  const char *paths[] = {"p_1.csv", "p_2.csv", "p_3.csv", "p_4.csv"};
  sl_error error = {0};
  sl_draws *draws = sl_draws_read(paths, 4, &error);
  CHECK_TEXT(error.message, "");
  if (!draws) return;
  /* By numerical integration over (mu, tau) on a grid, theta being conditionally normal: 4 digits. */
  static const struct {
    const char *name;
    double mean, deviation;
  } exact[] = {{"mu", 4.3968, 3.3177}, {"tau", 3.5977, 3.2200}, {"theta.1", 6.2119, 5.5931}};
  for (int i = 0; i < 3; i++) {
    const double *x = sl_draws_column(draws, sl_draws_find(draws, exact[i].name));
    long count = (long)(draws->chain_count * draws->draw_count);
    double mean = 0, square = 0;
    for (long k = 0; k < count; k++) mean += x[k] / (double)count;
    for (long k = 0; k < count; k++) square += pow(x[k] - mean, 2) / (double)count;
    /* 64,000 draws hold about 24,000 independent ones: a standard error of 0.0065 deviations. */
    CHECK_SAY(fabs(mean - exact[i].mean) < 0.05 * exact[i].deviation, "the mean of %s is %g, expected %g",
              exact[i].name, mean, exact[i].mean);
    CHECK_RELATIVE(sqrt(square), exact[i].deviation, 0.06);
  }
  sl_draws_destroy(draws);
}

static void test_interrupt(void) {
  pid_t child =
      start("sample num_samples=100000000 num_chains=2 num_threads=2 data file=d.json output file=i.csv refresh=0");
  struct stat status;
  /* Both chains have drawn, however late a busy machine starts the second thread. */
  for (int chain = 1; chain <= 2; chain++)
    for (int i = 0; i < 500 && (stat(chain == 1 ? "i_1.csv" : "i_2.csv", &status) != 0 || status.st_size < 100000); i++)
      usleep(10000);
  kill(child, SIGINT);
  CHECK_INT(finish(child), 130);
  CHECK(strstr(said, "Interrupted") != NULL);
  const char *paths[] = {"i_1.csv", "i_2.csv"};
  sl_error error = {0};
  sl_draws *draws = sl_draws_read(paths, 2, &error);
  CHECK_TEXT(error.message, "");
  if (draws) {
    CHECK(draws->draw_count > 100);
    CHECK(!draws->chains[0].cut_off && !draws->chains[1].cut_off);
    CHECK(draws->chains[0].sampling_seconds > 0 && draws->chains[1].sampling_seconds > 0);
  }
  sl_draws_destroy(draws);
  remove("i_1.csv");
  remove("i_2.csv");
}

static void test_failures(void) {
  write_file("missing.json", "{\"J\": 2, \"y\": [1, 2]}");
  write_file("shape.json", "{\"J\": 2, \"y\": [1, 2, 3], \"sigma\": [1, 1]}");
  write_file("bounds.json", "{\"J\": -1, \"y\": [], \"sigma\": []}");
  write_file("broken.json", "{\"J\": 2,\n \"y\": [1, 2");
  write_file("init.json", "{\"tau\": -1}");
  check_run("sample data file=missing.json output file=no.csv", 65, "variable sigma is missing");
  check_run("sample output file=no.csv", 65, "variable J is missing: no data file was given");
  check_run("sample data file=shape.json output file=no.csv", 65, "expected 2 elements, found 3 elements");
  check_run("sample data file=bounds.json output file=no.csv", 65, "J is -1");
  check_run("sample data file=broken.json output file=no.csv", 65, "broken.json:2:");
  check_run("sample data file=nowhere.json output file=no.csv", 66, "cannot open nowhere.json");
  check_run("sample data file=d.json init=init.json output file=no.csv", 65, "tau is -1");
  check_run("sample data file=d.json init=nowhere.json output file=no.csv", 66, "nowhere.json");
  check_run("sample data file=d.json algorithm=hmc metric_file=init.json output file=no.csv", 65, "inv_metric");
  check_run("sample num_chains=2 data file=d.json output file=no.csv diagnostic_file=nowhere/d.csv", 73,
            "nowhere/d_1.csv");
  check_run("sample data file=d.json output file=nowhere/no.csv", 73, "cannot write nowhere/no_1.csv");
  check_run("sample data file=d.json outptu file=no.csv", 64, "output");
  check_run("sample adapt engaged=0 save_metric=1 data file=d.json output file=no.csv", 64, "engaged=1");
  CHECK(!exists("no.csv") && !exists("no_1.csv") && !exists("no_2.csv"));
  check_run("", 64, "Usage");
  if (access("/dev/full", W_OK) == 0)
    check_run("sample id=1 data file=d.json output file=/dev/full", 73, "cannot write /dev/full");
}

static void test_initial_values(void) {
  write_file("start.json", "{\"mu\": 1.5, \"tau\": 2, \"eta\": [1, 2, 3, 4, 5, 6, 7, 8]}");
  check_run(
      "sample id=1 num_samples=1 num_warmup=0 algorithm=fixed_param data file=d.json init=start.json output file=f.csv",
      0, "");
  char *rows = rows_of("f.csv");
  CHECK(strncmp(rows, "lp__,accept_stat__,mu,tau,", 26) == 0);
  CHECK(strstr(rows, "\n0,0,1.5,2,1,2,3,4,5,6,7,8,3.5,5.5,") != NULL);
  free(rows);
  check_run("sample id=1 num_samples=1 algorithm=fixed_param data file=d.json init=0 output file=f.csv", 0, "");
  rows = rows_of("f.csv");
  CHECK(strstr(rows, "\n0,0,0,1,0,0,") != NULL);
  free(rows);
}

static void test_log_prob(void) {
  write_file("point.json", "{\"params_r\": [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [1, 0.5, 1, 1, 1, 1, 1, 1, 1, 1]]}");
  write_file("start.json", "{\"mu\": 0, \"tau\": 1, \"eta\": [0, 0, 0, 0, 0, 0, 0, 0]}");
  check_run("log_prob unconstrained_params=point.json constrained_params=start.json data file=d.json output file=l.csv "
            "sig_figs=17",
            0, "");
  sl_error error = {0};
  const char *path = "l.csv";
  sl_draws *draws = sl_draws_read(&path, 1, &error);
  CHECK_TEXT(error.message, "");
  if (draws) {
    CHECK_INT((long)draws->draw_count, 3);
    CHECK_INT((long)draws->column_count, 11);
    CHECK(sl_draws_find(draws, "g_eta.8") == 10);
    sl_values *data = sl_values_read("d.json", &error);
    sl_model *model = sl_model_construct(data, 0, &error);
    double point[] = {1, 0.5, 1, 1, 1, 1, 1, 1, 1, 1}, value, gradient[10];
    sl_log_density_gradient(model, NULL, point, SL_JACOBIAN, &value, gradient);
    CHECK_NEAR(draws->values[1], value, 1e-15);
    for (int i = 0; i < 10; i++) CHECK_NEAR(draws->values[3 * (i + 1) + 1], gradient[i], 1e-15);
    for (int i = 0; i < 11; i++) CHECK_NEAR(draws->values[3 * i + 2], draws->values[3 * i], 1e-15);
    sl_model_destroy(model);
    sl_values_destroy(data);
  }
  sl_draws_destroy(draws);
  check_run("sample id=1 num_samples=3 num_warmup=50 data file=d.json output file=s.csv sig_figs=17", 0, "");
  check_run("log_prob constrained_params=s.csv data file=d.json output file=l.csv sig_figs=17", 0, "");
  const char *paths[] = {"s.csv", "l.csv"};
  sl_draws *sampled = sl_draws_read(paths, 1, &error), *again = sl_draws_read(paths + 1, 1, &error);
  CHECK(sampled && again && again->draw_count == 3);
  for (int i = 0; sampled && again && i < 3; i++) CHECK_NEAR(again->values[i], sampled->values[i], 1e-12);
  sl_draws_destroy(sampled);
  sl_draws_destroy(again);
  check_run("log_prob data file=d.json output file=no.csv", 64, "unconstrained_params");
  check_run("log_prob unconstrained_params=start.json data file=d.json output file=no.csv", 65, "params_r");
  CHECK(!exists("no.csv"));
}

static void test_talk(void) {
  check_run("help", 0, "num_threads");
  check_run("help-all", 0, "stepsize_jitter");
  check_run("sample adapt help", 0, "init_buffer");
  check_run("info", 0, "  real<lower=0> tau");
  check_run("--version", 0, "stanlite");
  check_run("benchmark seconds=0.01 data file=d.json", 0, "gradient_us ");
  CHECK(strstr(said, "\nlog_density_us ") && strstr(said, "\nunconstrained_size 10\n"));
  check_run("variational data file=d.json", 64, "not built");
}

int main(void) {
  if (!mkdtemp(folder) || chdir(folder) != 0) return 1;
  write_file("d.json", "{\"J\": 8, \"y\": [28, 8, -3, 7, -1, 1, 18, 12], \"sigma\": [15, 10, 16, 11, 9, 11, 10, 18]}");
  int result =
      run_suites("sampler", (check_test[]){{"the draws depend on seed and id, not on threads", test_threads},
                                           {"a file has CmdStan's parts in CmdStan's order", test_file},
                                           {"the posterior of eight schools is found", test_posterior},
                                           {"Ctrl-C leaves files that can be read", test_interrupt},
                                           {"a failure leaves a message, its code, and no file", test_failures},
                                           {"a chain starts where it is told", test_initial_values},
                                           {"log_prob evaluates the given points", test_log_prob},
                                           {"the program explains itself", test_talk},
                                           {0}});
  char command[100];
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return chdir("/") == 0 && system(command) == 0 ? result : 1;
}
