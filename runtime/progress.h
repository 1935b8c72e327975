/* progress.h: how far the chains are, on standard error.
 *
 * On a terminal each chain has a line with a bar, redrawn a few times a second. Elsewhere the lines are CmdStan's:
 *   Chain [1] Iteration:  100 / 2000 [  5%]  (Warmup) */
#ifndef STANLITE_RUNTIME_PROGRESS_H
#define STANLITE_RUNTIME_PROGRESS_H

typedef struct sl_progress sl_progress;

/* `refresh` iterations lie between two lines; 0: nothing is shown. NULL when there is no memory: nothing is shown then. */
sl_progress *sl_progress_create(int num_chains, int first_id, int num_warmup, int num_samples, int refresh);
/* Leaves what was last shown on the screen. */
void sl_progress_destroy(sl_progress *progress);

/* `done` iterations of chain `index` (from 0), warmup's counted, are finished. May be called by any thread. */
void sl_progress_update(sl_progress *progress, int index, int done);

#endif
