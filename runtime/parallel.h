/* parallel.h: independent pieces of work on as many threads as there are cores.
 *
 * For work that is the same whatever the order: reading files, summarising columns. The chains of a sampler have
 * their own threads, since those live as long as the run. */
#ifndef STANLITE_RUNTIME_PARALLEL_H
#define STANLITE_RUNTIME_PARALLEL_H
#include <stddef.h>

/* Threads that sl_parallel_for uses for `count` items: at least 1, at most count and the number of cores (or 64). */
size_t sl_parallel_threads(size_t count);

/* Calls work(context, item, thread) once for each item in 0 … count-1, thread in 0 … sl_parallel_threads(count)-1 (no
 * two calls at the same time have the same thread number, so scratch memory can be indexed by it). Returns when all are
 * done. Cannot fail: when no thread is to be had, the caller's own does the work. */
void sl_parallel_for(size_t count, void (*work)(void *context, size_t item, size_t thread), void *context);

#endif
