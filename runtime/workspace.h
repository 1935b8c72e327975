/* workspace.h: scratch memory of one thread that evaluates a model, and the threads that help it.
 *
 * A gradient allocates nothing: it takes its buffers from an arena that was reserved when the workspace was created
 * and that is empty again at the start of every evaluation. The arena is a stack: what is taken last is given back first.
 * Address space is reserved once (mmap, pages are touched only when used), so a take is an addition and a comparison. */
#ifndef STANLITE_RUNTIME_WORKSPACE_H
#define STANLITE_RUNTIME_WORKSPACE_H
#include <stddef.h>
#include <string.h>
#include "runtime/error.h"

typedef struct sl_pool sl_pool;                   /* runtime/chunks.c */
typedef struct sl_profile_table sl_profile_table; /* runtime/profile.c */

typedef struct sl_workspace {
  char *base;    /* first byte of the arena */
  char *top;     /* first free byte */
  char *end;     /* one past the last byte */
  char *stack;   /* the C stack where the evaluation began, for programs with functions that call themselves */
  int threads;   /* that may run large loops of the evaluation: runtime/chunks.h; 1 for most */
  sl_pool *pool; /* these threads, once there was such a loop */
  void (*destroy_pool)(sl_pool *pool); /* set with the pool, so that who has none does not link it */
  sl_profile_table *profile;           /* of profile blocks, once one ran; not the workspace's own: runtime/profile.h */
  char message[SL_MESSAGE_SIZE]; /* why the last evaluation was rejected: text and place, then the program's line */
} sl_workspace;

/* NULL when no address space is to be had. The caller destroys it. */
sl_workspace *sl_workspace_create(void);
/* One whose evaluations may use so many threads, its owner's included. */
sl_workspace *sl_workspace_create_for(int threads);
void sl_workspace_destroy(sl_workspace *workspace);

/* Called when the arena is full: it cannot return. Prints what happened and ends the process with SL_BAD_DATA. */
_Noreturn void sl_workspace_exhausted(void);

/* `count` elements of `size` bytes, contents undefined. They begin exactly at the top, so that putting back their address gives
 * back them and nothing else: values that were pushed before can be popped then. Sizes are rounded up to 64 bytes: buffers
 * taken before anything was pushed start on cache lines. */
static inline void *sl_take(sl_workspace *workspace, long count, size_t size) {
  char *start = workspace->top;
  size_t room = (size_t)(workspace->end - start);
  if (count < 0) count = 0;
  /* Divided, not multiplied: a size that comes from data may be anything. */
  if (room < 64 || (size_t)count > (room - 63) / size) sl_workspace_exhausted();
  workspace->top = start + (((size_t)count * size + 63) & ~(size_t)63);
  return start;
}

/* `count` doubles that are 0. */
static inline void *sl_take_zeros(sl_workspace *workspace, long count) {
  double *zeros = sl_take(workspace, count, sizeof *zeros);
  if (count > 0) memset(zeros, 0, (size_t)count * sizeof *zeros);
  return zeros;
}

/* Where the last take begins, whose size is known. */
static inline void *sl_last_taken(const sl_workspace *workspace, long count, size_t size) {
  return workspace->top - (((size_t)count * size + 63) & ~(size_t)63);
}

/* How deep the program's functions may call each other: what they take of the C stack, in bytes, of the 8 MB that a thread
 * has at least. A frame is 100 to 500 bytes: some 20,000 calls. */
enum { SL_STACK_LIMIT = 6 << 20 };

static inline void sl_start_stack(sl_workspace *workspace) { workspace->stack = __builtin_frame_address(0); }
static inline int sl_stack_is_full(const sl_workspace *workspace) {
  return workspace->stack - (char *)__builtin_frame_address(0) > SL_STACK_LIMIT;
}

/* The stack of saved values: what a forward sweep overwrites and the reverse sweep wants back. */
static inline void sl_push_real(sl_workspace *workspace, double value) {
  if (workspace->end - workspace->top < 8) sl_workspace_exhausted();
  *(double *)(void *)workspace->top = value;
  workspace->top += 8;
}
static inline double sl_pop_real(sl_workspace *workspace) {
  workspace->top -= 8;
  return *(double *)(void *)workspace->top;
}
static inline void sl_push_int(sl_workspace *workspace, long value) {
  if (workspace->end - workspace->top < 8) sl_workspace_exhausted();
  *(long *)(void *)workspace->top = value;
  workspace->top += 8;
}
static inline long sl_pop_int(sl_workspace *workspace) {
  workspace->top -= 8;
  return *(long *)(void *)workspace->top;
}

#endif
