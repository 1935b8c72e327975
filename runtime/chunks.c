/* chunks.c: see chunks.h.
 *
 * The caller is thread 0. The others wait for a round: first they look again and again for as long as two loops of one
 * gradient lie apart, then they sleep. A round is over when the last of them says so. The caller owns the job's fields
 * between rounds, the threads read them in a round: `round` and `busy` hand them over (release and acquire). */
#include "runtime/chunks.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STACK_SIZE = 16 << 20, LOOKS = 2000 };

typedef struct worker {
  struct sl_pool *pool;
  int number; /* 1 ... threads-1 */
  int status;
  sl_workspace *workspace;
  pthread_t handle;
} worker;

struct sl_pool {
  int threads; /* the caller's included */
  int looks;   /* before a thread sleeps: 0 where there are fewer processors than threads */
  sl_chunk_work *work;
  const void *context;
  long count;
  bool is_over;
  atomic_int first_failed; /* number of a thread, or `threads`: those after it may stop */
  atomic_uint round;
  atomic_int busy; /* threads that have not finished this round */
  pthread_mutex_t lock;
  pthread_cond_t begun, done;
  worker workers[];
};

static void look_away(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/* This thread's part of the chunks. */
static int run_part(sl_pool *pool, int thread, sl_workspace *workspace) {
  long last = pool->count * (thread + 1) / pool->threads;
  for (long chunk = pool->count * thread / pool->threads; chunk < last; chunk++) {
    if (atomic_load_explicit(&pool->first_failed, memory_order_relaxed) < thread) return 0;
    char *top = workspace->top;
    int status = pool->work(pool->context, chunk, workspace);
    workspace->top = top;
    if (status == 0) continue;
    int failed = atomic_load(&pool->first_failed);
    while (thread < failed && !atomic_compare_exchange_weak(&pool->first_failed, &failed, thread)) continue;
    return status;
  }
  return 0;
}

static void await_round(sl_pool *pool, unsigned seen) {
  for (int i = 0; i < pool->looks; i++) {
    if (atomic_load_explicit(&pool->round, memory_order_acquire) != seen) return;
    look_away();
  }
  pthread_mutex_lock(&pool->lock);
  while (atomic_load_explicit(&pool->round, memory_order_acquire) == seen) pthread_cond_wait(&pool->begun, &pool->lock);
  pthread_mutex_unlock(&pool->lock);
}

static void *serve(void *argument) {
  worker *self = argument;
  sl_pool *pool = self->pool;
  sl_start_stack(self->workspace);
  for (unsigned seen = 0;; seen++) {
    await_round(pool, seen);
    if (pool->is_over) return NULL;
    self->status = run_part(pool, self->number, self->workspace);
    if (atomic_fetch_sub_explicit(&pool->busy, 1, memory_order_acq_rel) > 1) continue;
    pthread_mutex_lock(&pool->lock);
    pthread_cond_signal(&pool->done);
    pthread_mutex_unlock(&pool->lock);
  }
}

static void begin_round(sl_pool *pool) {
  atomic_store_explicit(&pool->busy, pool->threads - 1, memory_order_relaxed);
  pthread_mutex_lock(&pool->lock);
  atomic_fetch_add_explicit(&pool->round, 1, memory_order_release);
  pthread_cond_broadcast(&pool->begun);
  pthread_mutex_unlock(&pool->lock);
}

static void await_end(sl_pool *pool) {
  for (int i = 0; i < pool->looks; i++) {
    if (atomic_load_explicit(&pool->busy, memory_order_acquire) == 0) return;
    look_away();
  }
  pthread_mutex_lock(&pool->lock);
  while (atomic_load_explicit(&pool->busy, memory_order_acquire) > 0) pthread_cond_wait(&pool->done, &pool->lock);
  pthread_mutex_unlock(&pool->lock);
}

static void pool_destroy(sl_pool *pool) {
  pool->is_over = true;
  begin_round(pool);
  for (int t = 1; t < pool->threads; t++) {
    pthread_join(pool->workers[t].handle, NULL);
    sl_workspace_destroy(pool->workers[t].workspace);
  }
  pthread_cond_destroy(&pool->begun);
  pthread_cond_destroy(&pool->done);
  pthread_mutex_destroy(&pool->lock);
  free(pool);
}

static bool start_worker(sl_pool *pool, int number, const pthread_attr_t *attributes) {
  worker *worker = &pool->workers[number];
  *worker = (struct worker){.pool = pool, .number = number, .workspace = sl_workspace_create()};
  if (!worker->workspace) return false;
  if (pthread_create(&worker->handle, attributes, serve, worker) == 0) return true;
  sl_workspace_destroy(worker->workspace);
  return false;
}

/* Threads that serve the workspace; as many as there are to be had, and NULL when that is none. They take no signals: who
 * interrupts a run means its main thread. */
static sl_pool *pool_create(int threads) {
  sl_pool *pool = calloc(1, sizeof *pool + (size_t)threads * sizeof *pool->workers);
  if (!pool) return NULL;
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->begun, NULL);
  pthread_cond_init(&pool->done, NULL);
  pool->looks = sysconf(_SC_NPROCESSORS_ONLN) < threads ? 0 : LOOKS;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_SIZE);
  pool->threads = 1;
  while (pool->threads < threads && start_worker(pool, pool->threads, &attributes)) pool->threads++;
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (pool->threads > 1) return pool;
  pool_destroy(pool);
  return NULL;
}

long sl_many_chunk_rows(long trips, long cost, long privates, long chunk_cost) {
  long work;
  if (__builtin_mul_overflow(trips, cost, &work)) work = __LONG_MAX__;
  long chunks = work / chunk_cost;
  if (chunks > SL_MOST_CHUNKS) chunks = SL_MOST_CHUNKS;
  if (privates > 0 && chunks > trips / privates) chunks = trips / privates;
  if (chunks < 2) return trips;
  long rows = (trips + chunks - 1) / chunks;
  return rows < 1024 ? rows : (rows + 255) / 256 * 256; /* whole blocks: ir/scatter.c */
}

static int run_alone(sl_workspace *workspace, long count, sl_chunk_work *work, const void *context) {
  int status = 0;
  for (long chunk = 0; chunk < count && status == 0; chunk++) {
    char *top = workspace->top;
    status = work(context, chunk, workspace);
    workspace->top = top;
  }
  return status;
}

int sl_run_many_chunks(sl_workspace *workspace, long count, sl_chunk_work *work, const void *context) {
  int threads = workspace->threads;
  if (threads > 1 && !workspace->pool) {
    workspace->pool = pool_create(threads);
    workspace->destroy_pool = pool_destroy;
    if (!workspace->pool) workspace->threads = 1;
  }
  sl_pool *pool = workspace->pool;
  if (!pool || workspace->threads == 1) return run_alone(workspace, count, work, context);
  pool->work = work;
  pool->context = context;
  pool->count = count;
  atomic_store_explicit(&pool->first_failed, pool->threads, memory_order_relaxed);
  workspace->threads = 1; /* large loops within a chunk belong to its thread */
  begin_round(pool);
  int status = run_part(pool, 0, workspace);
  await_end(pool);
  workspace->threads = threads;
  for (int t = 1; t < pool->threads && status == 0; t++) {
    status = pool->workers[t].status;
    if (status) memcpy(workspace->message, pool->workers[t].workspace->message, sizeof workspace->message);
  }
  return status;
}
