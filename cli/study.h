/* study.h: a Monte Carlo study: data sets drawn by one program, and others fitted to each of them.
 *
 * study.c reads the arguments, runs the fits side by side and writes a row for each; study_data.c draws the data sets; study_fit.c
 * makes one fit; study_table.c sums up over the replications. Names of quantities are a CSV file's: theta.1. */
#ifndef STANLITE_CLI_STUDY_H
#define STANLITE_CLI_STUDY_H
#include <stdbool.h>
#include <stdio.h>
#include "cli/compile.h"
#include "cli/process.h"
#include "cli/sampler_cache.h"
#include "runtime/error.h"

enum { MOST_FITS = 16, STUDY_PATH_SIZE = STANLITE_PATH_SIZE + 80 };

/* A program, built. */
typedef struct study_program {
  const char *path;
  char name[100]; /* as the tables call it */
  char executable[SAMPLER_PATH_SIZE];
} study_program;

/* "theta.1=0.5": what is true in all replications. */
typedef struct study_truth {
  char *name;
  double value;
} study_truth;

typedef struct study_options {
  compile_options compile;
  study_program simulate, fits[MOST_FITS];
  int fit_count;
  const char *constants; /* --data; NULL: none */
  long replications, seed, jobs;
  word_list quantities;
  study_truth *truths;
  int truth_count;
  const char *output;
  char **sampler_words; /* what every fit is called with */
  int sampler_word_count;
  int chains;                   /* that these words make */
  char folder[STUDY_PATH_SIZE]; /* for what is deleted afterwards */
} study_options;

/* ---- study_data.c ---- */

typedef struct study_data study_data;

/* Draws all data sets at once: replication r is draw r of the simulating program, whatever their number. NULL: the message is printed,
 * and *code is the exit code. */
study_data *study_data_draw(const study_options *options, int *code);
void study_data_destroy(study_data *data);
/* Data set r (from 0), with the constants, as Stan JSON. Threads may write at the same time. */
bool study_data_write(const study_data *data, long r, const char *path, sl_error *error);
/* What the simulation says of a quantity in replication r; NaN when it has none of this name. */
double study_data_value(const study_data *data, long r, const char *name);
/* Whether it has this variable, or an element of it. */
bool study_data_has(const study_data *data, const char *variable);

/* The variables of a program outside of its data block, and whether one of them is a parameter. False: the message is printed. */
bool study_list_variables(const study_options *options, const char *executable, word_list *names, bool *has_parameters);

/* ---- study_fit.c ---- */

/* What one fit says about one quantity. The order is that of the CSV file. */
typedef struct study_estimate {
  double truth, mean, sd, q5, q25, median, q75, q95, rhat, ess_bulk, ess_tail;
  double rank; /* share of the draws that lie below the truth */
} study_estimate;

typedef enum { STUDY_WAITING, STUDY_DONE, STUDY_FAILED } study_state;

typedef struct study_result {
  study_state state;
  long divergences, depth_hits;
  study_estimate *estimates; /* one for each quantity; owned */
} study_result;

/* The elements that the quantities turned out to have; the first fit that ends says it. */
typedef struct study_elements {
  char **names;
  size_t count;
} study_elements;

/* One fit of data set r. `child` holds the sampler's process while it runs. `settle` is called once the columns are known, before
 * anything is read from them; false: error. False: the fit failed, error says why. */
typedef bool study_settle(void *context, char *const *names, size_t count, sl_error *error);
bool study_fit_run(const study_options *options, const study_data *data, int fit, long r, volatile int *child,
                   study_settle *settle, void *context, const study_elements *elements, study_result *result,
                   sl_error *error);

/* ---- study_table.c ---- */

/* results[r * fit_count + fit]; those that are not done are passed over. */
void study_print_table(const study_options *options, const study_elements *elements, const study_result *results,
                       FILE *out);

#endif
