/* chain.h: one Markov chain: its state, its streams of random numbers, its output file, and the loop that runs it. */
#ifndef STANLITE_RUNTIME_CHAIN_H
#define STANLITE_RUNTIME_CHAIN_H
#include <signal.h>
#include "runtime/arguments.h"
#include "runtime/column_choice.h"
#include "runtime/csv_writer.h"
#include "runtime/initial.h"
#include "runtime/sampler.h"
#include "runtime/progress.h"
#include "runtime/rejections.h"

/* What all chains of a run share; nobody changes it while they run, but for `stop` and what has a lock of its own. */
typedef struct sl_run {
  const sl_model *model;
  const sl_arguments *arguments;
  sl_rejections *rejections;
  sl_progress *progress;
  const sl_kernel *kernel; /* of the algorithm and engine that were asked for */
  sl_metric_kind metric;
  sl_column_choice columns;    /* that are written, beside the sampler's own */
  volatile sig_atomic_t *stop; /* set by a signal or fatal_error(): finish the iteration and close the files */
} sl_run;

typedef struct sl_chain {
  const sl_run *run;
  int index, id;
  sl_rng rng;           /* of the sampler */
  sl_rng generated_rng; /* of generated quantities: a program with more of them has the same parameter draws */
  sl_sampler sampler;
  sl_moments moments;
  sl_windows windows;
  sl_step_adaptation step;
  sl_vectors vectors;
  sl_csv_writer output;
  sl_csv_writer diagnostics; /* diagnostic_file=; no buffer when there is none */
  double *constrained;       /* one draw, as it is written */
  double warmup_seconds, sampling_seconds;
  double flushed; /* when the output's buffer was last emptied for its age */
  int sampled;    /* iterations after warmup */
  int divergence_count, depth_limit_count;
  sl_error error;
} sl_chain;

/* Allocates, reads the metric and finds the start; the files are the caller's to open. False: chain->error. */
bool sl_chain_create(sl_chain *chain, const sl_run *run, int index, sl_workspace *workspace);
void sl_chain_destroy(sl_chain *chain);
/* Warmup and sampling to the end, or until *run->stop. Writes the whole output, but does not close it. */
void sl_chain_run(sl_chain *chain, sl_workspace *workspace);

/* The parts of a CSV file, in this order. See chain_output.c. */
void sl_chain_write_header(sl_chain *chain);
void sl_chain_write_adaptation(sl_chain *chain);
void sl_chain_write_draw(sl_chain *chain, const sl_transition *transition);
void sl_chain_write_timing(sl_chain *chain);
/* The saved metric of save_metric=1. */
bool sl_chain_save_metric(sl_chain *chain, const char *path, sl_error *error);

#endif
