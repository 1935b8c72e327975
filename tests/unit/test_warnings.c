/* test_warnings.c: what a sampler says about a posterior that it cannot handle: Neal's funnel with a support. */
#include "tests/unit/check.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/models/funnel.c"
#include "runtime/command.h"
#include "runtime/rejections.h"

static char output[] = "/tmp/stanlite-warnings-XXXXXX";

/* Runs `act` in a process of its own and returns what it writes to standard error; the caller frees it. */
static char *said_by(void (*act)(void)) {
  int tube[2];
  CHECK(pipe(tube) == 0);
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    close(tube[0]);
    dup2(tube[1], STDERR_FILENO);
    act();
    fflush(NULL);
    _exit(0);
  }
  close(tube[1]);
  size_t room = 1 << 20, used = 0;
  char *said = calloc(1, room);
  for (ssize_t got = 1; got > 0 && used + 1 < room; used += (size_t)(got > 0 ? got : 0))
    got = read(tube[0], said + used, room - 1 - used);
  close(tube[0]);
  waitpid(child, NULL, 0);
  return said;
}

static int occurrences(const char *text, const char *part) {
  int count = 0;
  for (const char *at = text; (at = strstr(at, part)); at++) count++;
  return count;
}

static void sample_funnel(void) {
  char file[100];
  snprintf(file, sizeof file, "file=%s", output); /* chains 1 to 4 add their number */
  char *argv[] = {"funnel", "sample", "num_chains=4", "max_depth=6", "random", "seed=3", "output", "refresh=0", file};
  sl_main(9, argv);
}

static void test_funnel(void) {
  char *said = said_by(sample_funnel);
  CHECK_INT(occurrences(said, "ended with a divergence"), 1);
  CHECK_INT(occurrences(said, "Try delta=0.95"), 1);
  CHECK_INT(occurrences(said, "reached the maximum tree depth of 6"), 1);
  CHECK_INT(occurrences(said, "A proposal was rejected: v is "), 1);
  CHECK_INT(occurrences(said, "but must be less than 12 (line 4)"), occurrences(said, "Rejected") + 1);
  free(said);
}

static void sample_fatal(void) {
  funnel_fatal = true;
  sample_funnel();
}

static void start_fatal(void) {
  char *argv[] = {"funnel", "sample", "init=20", "random", "seed=1", "output", "file=/dev/null"};
  funnel_fatal = true;
  fprintf(stderr, "exit code %d\n", sl_main(7, argv));
}

static void start_nowhere(void) {
  char *argv[] = {"funnel", "sample", "init=1e200", "output", "file=/dev/null"};
  fprintf(stderr, "exit code %d\n", sl_main(5, argv));
}

static void test_fatal(void) {
  char *said = said_by(sample_fatal);
  CHECK(occurrences(said, "]: v is ") == 1 && occurrences(said, "Rejected") == 0);
  free(said);
  said = said_by(start_fatal);
  CHECK_INT(occurrences(said, "exit code 65"), 1);
  CHECK_INT(occurrences(said, "]: v is "), 1);
  free(said);
}

static void test_no_start(void) {
  char *said = said_by(start_nowhere);
  CHECK_INT(occurrences(said, "exit code 65"), 1);
  CHECK_INT(occurrences(said, "Chain [1] found no start in 100 attempts"), 1);
  CHECK(occurrences(said, "Rejecting initial value") >= 1 && occurrences(said, "Rejecting initial value") <= 5);
  free(said);
}

static void report_some(void) {
  sl_rejections *rejections = sl_rejections_create();
  for (int i = 0; i < 100; i++) {
    char message[100];
    snprintf(message, sizeof message, "sigma is %g, but must be greater than 0 (line 7)", -0.5 * i);
    sl_rejections_report(rejections, SL_REJECTED_PROPOSAL, 1, message);
    snprintf(message, sizeof message, "x%d is nan (line 8)", i % 2);
    sl_rejections_report(rejections, SL_REJECTED_PROPOSAL, 2, message);
    snprintf(message, sizeof message, "mu is inf (line %d)", 8 + i % 3);
    sl_rejections_report(rejections, SL_REJECTED_PROPOSAL, 3, message);
  }
  sl_rejections_summarise(rejections);
  sl_rejections_destroy(rejections);
  sl_rejections_report(NULL, SL_REJECTED_PROPOSAL, 1, "nobody listens");
}

static void test_rejections(void) {
  char *said = said_by(report_some);
  CHECK_INT(occurrences(said, "rejected: sigma is -0, but must be greater than 0 (line 7)"), 1);
  CHECK_INT(occurrences(said, "Rejected 100 times: sigma is"), 1);
  CHECK_INT(occurrences(said, "rejected: x0"), 1);
  CHECK_INT(occurrences(said, "rejected: x1"), 1);
  CHECK_INT(occurrences(said, "Rejected 50 times: x1 is nan"), 1);
  CHECK_INT(occurrences(said, "Chain [3] A proposal was rejected: mu is inf (line 9)"), 1);
  CHECK_INT(occurrences(said, "Rejected 33 times: mu is inf (line 10)"), 1);
  CHECK_INT(occurrences(said, "rejected:"), 6);
  free(said);
}

int main(void) {
  close(mkstemp(output)); /* the name is ours now */
  int result = run_suites("warnings", (check_test[]){{"a funnel is warned of, with advice", test_funnel},
                                                     {"fatal_error() ends sampling", test_fatal},
                                                     {"a start that is nowhere is told", test_no_start},
                                                     {"a rejection is told once and counted", test_rejections},
                                                     {0}});
  remove(output);
  for (int id = 1; id <= 4; id++) {
    char file[120];
    snprintf(file, sizeof file, "%s_%d.csv", output, id);
    remove(file);
  }
  return result;
}
