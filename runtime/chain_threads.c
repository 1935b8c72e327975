/* chain_threads.c: see chain_threads.h. */
#include "runtime/chain_threads.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { STACK_SIZE = 64 << 20 };

typedef struct queue {
  sl_chain_work *work;
  void *context;
  int count, threads_per_chain;
  atomic_int next;
} queue;

static void *take_items(void *argument) {
  queue *queue = argument;
  sl_workspace *workspace = sl_workspace_create_for(queue->threads_per_chain);
  for (int item; (item = atomic_fetch_add(&queue->next, 1)) < queue->count;)
    queue->work(queue->context, item, workspace);
  sl_workspace_destroy(workspace);
  return NULL;
}

void sl_chain_threads(int count, int thread_count, int threads_per_chain, sl_chain_work *work, void *context) {
  queue queue = {.work = work, .context = context, .count = count, .threads_per_chain = threads_per_chain};
  if (thread_count > count) thread_count = count;
  pthread_t *threads = calloc((size_t)thread_count, sizeof *threads);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_SIZE);
  int started = 0;
  while (threads && started < thread_count && pthread_create(&threads[started], &attributes, take_items, &queue) == 0)
    started++;
  if (started == 0) take_items(&queue);
  for (int i = 0; i < started; i++) pthread_join(threads[i], NULL);
  pthread_attr_destroy(&attributes);
  free(threads);
}
