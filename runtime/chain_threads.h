/* chain_threads.h: work for each of several chains, on threads whose stacks have room for a program's recursive functions. */
#ifndef STANLITE_RUNTIME_CHAIN_THREADS_H
#define STANLITE_RUNTIME_CHAIN_THREADS_H
#include "runtime/workspace.h"

/* `workspace` belongs to the thread; NULL when there was no memory for one. */
typedef void sl_chain_work(void *context, int item, sl_workspace *workspace);

/* Calls work for each item in 0 ... count-1, on at most thread_count threads, and returns when all are done. Each of them may
 * let threads_per_chain - 1 others help with large loops (runtime/chunks.h). Where the system gives fewer threads it runs on
 * those, on the caller's at worst. */
void sl_chain_threads(int count, int thread_count, int threads_per_chain, sl_chain_work *work, void *context);

#endif
