/* progress.c: see progress.h. Lines and bars are drawn under one lock; an update that shows nothing hardly waits. */
#include "runtime/progress.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 40, MAX_BARS = 16 };
static const double redraw_seconds = 0.1;

struct sl_progress {
  pthread_mutex_t lock;
  int num_chains, first_id, num_warmup, total, refresh, number_width;
  bool live;
  bool drawn;
  double next_drawing;
  int done[]; /* of each chain */
};

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

sl_progress *sl_progress_create(int num_chains, int first_id, int num_warmup, int num_samples, int refresh) {
  sl_progress *progress = calloc(1, sizeof *progress + (size_t)num_chains * sizeof(int));
  if (!progress) return NULL;
  pthread_mutex_init(&progress->lock, NULL);
  progress->num_chains = num_chains;
  progress->first_id = first_id;
  progress->num_warmup = num_warmup;
  progress->total = num_warmup + num_samples;
  progress->refresh = refresh;
  for (int n = progress->total; n > 0; n /= 10) progress->number_width++;
  progress->live = isatty(STDERR_FILENO) && num_chains <= MAX_BARS;
  return progress;
}

static void draw_bars(sl_progress *progress) {
  if (progress->drawn) fprintf(stderr, "\033[%dA", progress->num_chains);
  for (int i = 0; i < progress->num_chains; i++) {
    int done = __atomic_load_n(&progress->done[i], __ATOMIC_RELAXED);
    int filled = progress->total ? (int)((long)BAR_WIDTH * done / progress->total) : 0;
    char bar[BAR_WIDTH + 1];
    for (int k = 0; k < BAR_WIDTH; k++) bar[k] = k < filled ? '=' : ' ';
    bar[BAR_WIDTH] = '\0';
    const char *phase = done == progress->total ? "done" : done < progress->num_warmup ? "warmup" : "sampling";
    fprintf(stderr, "\rChain %d [%s] %*d / %d %s\033[K\n", progress->first_id + i, bar, progress->number_width, done,
            progress->total, phase);
  }
  fflush(stderr);
  progress->drawn = true;
}

static void draw_line(sl_progress *progress, int index, int done) {
  fprintf(stderr, "Chain [%d] Iteration: %*d / %d [%3d%%]  (%s)\n", progress->first_id + index, progress->number_width,
          done, progress->total, (int)(100L * done / progress->total),
          done <= progress->num_warmup ? "Warmup" : "Sampling");
}

void sl_progress_update(sl_progress *progress, int index, int done) {
  if (!progress || progress->refresh == 0) return;
  if (progress->live) {
    __atomic_store_n(&progress->done[index], done, __ATOMIC_RELAXED);
    /* Whoever holds the lock is drawing, and need not be waited for; but the end is shown in any case. */
    if (done == progress->total)
      pthread_mutex_lock(&progress->lock);
    else if (pthread_mutex_trylock(&progress->lock) != 0)
      return;
    double now = seconds_now();
    if (now >= progress->next_drawing || done == progress->total) {
      draw_bars(progress);
      progress->next_drawing = now + redraw_seconds;
    }
    pthread_mutex_unlock(&progress->lock);
    return;
  }
  int in_phase = done <= progress->num_warmup ? done : done - progress->num_warmup;
  if (in_phase != 1 && in_phase % progress->refresh != 0 && done != progress->total) return;
  pthread_mutex_lock(&progress->lock);
  draw_line(progress, index, done);
  pthread_mutex_unlock(&progress->lock);
}

void sl_progress_destroy(sl_progress *progress) {
  if (!progress) return;
  if (progress->drawn) draw_bars(progress);
  pthread_mutex_destroy(&progress->lock);
  free(progress);
}
