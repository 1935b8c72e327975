/* workspace.c: reserves the arena of a workspace.
 *
 * The workspace itself lies in the first bytes of its own reservation, so that one unmapping gives back all of it. */
#include "runtime/workspace.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "runtime/error.h"

enum { ARENA_OFFSET = (sizeof(sl_workspace) + 63) / 64 * 64 };

static const size_t first_choice = sizeof(size_t) > 4 ? (size_t)1 << 36 : (size_t)1 << 28;
static const size_t smallest = (size_t)1 << 20;

/* Address space only: the kernel commits a page when it is first touched. NULL when there is not that much. */
static void *reserve(size_t bytes) {
  void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return start == MAP_FAILED ? NULL : start;
}

sl_workspace *sl_workspace_create(void) {
  size_t bytes = first_choice;
  void *start = reserve(bytes);
  if (!start) {
    /* Address space is limited (ulimit -v, strict overcommit): find what there is, and take a part of it, because other
     * threads and the heap want theirs. */
    while (!start && bytes > smallest) start = reserve(bytes /= 2);
    if (!start) return NULL;
    if (bytes / 16 >= smallest) {
      munmap(start, bytes);
      start = reserve(bytes /= 16);
      if (!start) return NULL;
    }
  }
  sl_workspace *workspace = start;
  workspace->base = workspace->top = (char *)start + ARENA_OFFSET;
  workspace->end = (char *)start + bytes;
  workspace->message[0] = '\0';
  workspace->threads = 1;
  workspace->pool = NULL;
  workspace->profile = NULL;
  return workspace;
}

sl_workspace *sl_workspace_create_for(int threads) {
  sl_workspace *workspace = sl_workspace_create();
  if (workspace) workspace->threads = threads;
  return workspace;
}

void sl_workspace_destroy(sl_workspace *workspace) {
  if (!workspace) return;
  if (workspace->pool) workspace->destroy_pool(workspace->pool);
  munmap(workspace, (size_t)(workspace->end - (char *)workspace));
}

void sl_workspace_exhausted(void) {
  fputs("The model needs more scratch memory for one evaluation than this process may reserve "
        "(is there a limit on its address space?).\n",
        stderr);
  exit(SL_BAD_DATA);
}
