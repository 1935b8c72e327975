/* test_workspace.c: the arena of an evaluation. */
#include "tests/unit/check.h"
#include <limits.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "runtime/error.h"
#include "runtime/workspace.h"

static void test_stack(void) {
  sl_workspace *workspace = sl_workspace_create();
  CHECK(workspace->top == workspace->base);
  char *first = sl_take(workspace, 1, 1), *second = sl_take(workspace, 65, 1);
  CHECK((uintptr_t)first % 64 == 0 && second == first + 64 && workspace->top == second + 128);
  workspace->top = first;
  sl_push_real(workspace, 1.5);
  char *mark = workspace->top;
  double *a = sl_take(workspace, 3, sizeof *a), *b = sl_take(workspace, 5, sizeof *b);
  CHECK((char *)a == mark && b >= a + 3); /* putting back `a` leaves the value that was pushed */
  for (int i = 0; i < 3; i++) a[i] = i;
  for (int i = 0; i < 5; i++) b[i] = 10 + i;
  CHECK(a[2] == 2 && b[0] == 10);
  CHECK(sl_take(workspace, -1, 8) != NULL);
  workspace->top = mark;
  sl_push_int(workspace, LONG_MIN);
  CHECK(sl_pop_int(workspace) == LONG_MIN);
  CHECK_NEAR(sl_pop_real(workspace), 1.5, 0);
  CHECK(workspace->top == workspace->base);
  sl_workspace_destroy(workspace);
  sl_workspace_destroy(NULL);
}

/* The exit code of a process that takes `count` elements, with its address space limited to `limit` bytes if not 0. */
static int take_in_child(long count, rlim_t limit) {
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    if (limit) setrlimit(RLIMIT_AS, &(struct rlimit){limit, limit});
    if (!freopen("/dev/null", "w", stderr)) _exit(1);
    sl_workspace *workspace = sl_workspace_create();
    if (!workspace) _exit(2);
    char *taken = sl_take(workspace, count, 8);
    taken[0] = taken[count * 8 - 1] = 1;
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void test_limits(void) {
  CHECK_INT(take_in_child(1000, 0), 0);
  CHECK_INT(take_in_child(LONG_MAX, 0), SL_BAD_DATA);
  CHECK_INT(take_in_child(LONG_MAX / 8 + 2, 0), SL_BAD_DATA); /* in bytes this is a small number, modulo 2^64 */
#if !defined(__SANITIZE_ADDRESS__)                            /* which wants its terabytes of shadow memory */
  CHECK_INT(take_in_child(1000, 256 << 20), 0);
  CHECK_INT(take_in_child(100 << 20, 256 << 20), SL_BAD_DATA);
#endif
}

int main(void) {
  return run_suites(
      "workspace",
      (check_test[]){
          {"it is a stack; what is taken first is aligned, and what is taken later begins at the top", test_stack},
          {"too much ends the process with a message", test_limits},
          {0}});
}
