/* parallel.c: see parallel.h. Items are handed out one by one from a counter, so uneven items balance. */
#include "runtime/parallel.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

enum { most_threads = 64 };

typedef struct job {
  size_t count;
  void (*work)(void *context, size_t item, size_t thread);
  void *context;
  atomic_size_t next;
} job;

typedef struct worker {
  job *job;
  size_t thread;
  pthread_t handle;
  bool started;
} worker;

size_t sl_parallel_threads(size_t count) {
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  size_t threads = cores < 1 ? 1 : (size_t)cores;
  if (threads > most_threads) threads = most_threads;
  if (threads > count) threads = count;
  return threads > 0 ? threads : 1;
}

static void *take_items(void *argument) {
  worker *self = argument;
  job *job = self->job;
  for (size_t item; (item = atomic_fetch_add(&job->next, 1)) < job->count;) job->work(job->context, item, self->thread);
  return NULL;
}

void sl_parallel_for(size_t count, void (*work)(void *context, size_t item, size_t thread), void *context) {
  job job = {.count = count, .work = work, .context = context};
  worker workers[most_threads];
  size_t threads = sl_parallel_threads(count);
  for (size_t t = 1; t < threads; t++) {
    workers[t] = (worker){.job = &job, .thread = t};
    workers[t].started = pthread_create(&workers[t].handle, NULL, take_items, &workers[t]) == 0;
  }
  workers[0] = (worker){.job = &job, .thread = 0};
  take_items(&workers[0]);
  for (size_t t = 1; t < threads; t++)
    if (workers[t].started) pthread_join(workers[t].handle, NULL);
}
