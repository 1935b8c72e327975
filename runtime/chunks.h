/* chunks.h: a large loop in pieces, on the threads of one chain (threads_per_chain=N).
 *
 * A loop over data is cut into chunks whose number depends on the loop alone, its trips and the cost of one, never on the
 * number of threads. Each chunk computes a partial result of its own, and the caller adds these up in order: the value, to
 * the last bit, is the same on any number of threads, one included. */
#ifndef STANLITE_RUNTIME_CHUNKS_H
#define STANLITE_RUNTIME_CHUNKS_H
#include "runtime/workspace.h"

/* What a chunk costs at least, in additions (ir/intrinsics.def): some 50 microseconds, ten times what it takes to hand it to
 * another thread. Tests set it to less, so that small loops are cut. */
#ifndef SL_CHUNK_COST
#define SL_CHUNK_COST 262144
#endif
enum { SL_MOST_CHUNKS = 64 };

long sl_many_chunk_rows(long trips, long cost, long privates, long chunk_cost);

/* Trips in each chunk (the last may have fewer) of a loop that turns `trips` times, each at the given cost, and whose chunks
 * need `privates` numbers of their own: all of these together are no more than the trips, and reading them back takes less
 * than a chunk's work. `trips` or more: the loop is not worth cutting. */
static inline long sl_chunk_rows(long trips, long cost, long privates) {
  long work;
  if (!__builtin_mul_overflow(trips, cost, &work) && work < 2 * (long)SL_CHUNK_COST) return trips;
  return sl_many_chunk_rows(trips, cost, privates, SL_CHUNK_COST);
}

static inline long sl_chunk_count(long trips, long rows) {
  if (rows >= trips) return trips > 0;
  return (trips - 1) / rows + 1;
}

/* One chunk: 0, or a status of runtime/model.h with its message in the workspace. What it takes of the arena is given back
 * for it. */
typedef int sl_chunk_work(const void *context, long chunk, sl_workspace *workspace);

/* Calls work for each chunk in 0 ... count-1 on workspace->threads threads, each with a workspace of its own, and returns when
 * all are done. The threads start at the first call and last as long as the workspace. Thread t takes the t-th part of the
 * chunks. When a chunk fails, the status and the message of the first that does, in order, are the result; others may not
 * have run. Where the system gives fewer threads it runs on those. */
int sl_run_many_chunks(sl_workspace *workspace, long count, sl_chunk_work *work, const void *context);

/* The same, and one chunk is a plain call. */
static inline int sl_run_chunks(sl_workspace *workspace, long count, sl_chunk_work *work, const void *context) {
  if (count > 1) return sl_run_many_chunks(workspace, count, work, context);
  return count == 1 ? work(context, 0, workspace) : 0;
}

#endif
