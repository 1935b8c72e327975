/* draws.h: the draws of several chains, read from CmdStan's CSV files and ours, as one table of columns.
 *
 * A file is one chain: comment lines (`#`) anywhere, one line of column names, then one line for each draw. Warmup
 * draws (save_warmup=1) are left out, and so are the first row of a variational fit, which is its mean, and the
 * iterations of an optimizer before its last row, which is the estimate. Chains of different length are cut to the
 * shortest; a last line without its newline was being written when the program ended and is left out. What was left out
 * is counted here, so that the reader can be told. */
#ifndef STANLITE_RUNTIME_DRAWS_H
#define STANLITE_RUNTIME_DRAWS_H
#include <stdbool.h>
#include <stddef.h>
#include "runtime/error.h"

enum { sl_name_length = 200 }; /* longer names in comments are cut */

/* One file. What its comments do not say is -1, NaN or an empty string. */
typedef struct sl_draws_chain {
  const char *path;               /* as given; belongs to the caller */
  char model[sl_name_length];     /* "model = ..." */
  char method[sl_name_length];    /* sample, optimize, laplace, ... */
  char algorithm[sl_name_length]; /* of that method: hmc, mh, fixed_param, lbfgs, ... */
  size_t row_count;               /* draws after warmup in the file, of which sl_draws.draw_count are kept */
  size_t warmup_row_count;        /* left out */
  bool cut_off;                   /* the last line was incomplete and left out */
  long num_samples, num_warmup, thin, max_depth;
  double delta; /* acceptance that the step size was adapted to */
  double warmup_seconds, sampling_seconds;
  bool save_warmup, adapted; /* adapted: "engaged = 1", or not said */
  bool jacobian;             /* of a mode: that of the density of the unconstrained parameters */
  long unconstrained_parameters;
} sl_draws_chain;

typedef struct sl_draws {
  size_t chain_count, draw_count; /* each at least 1 */
  size_t column_count;            /* that were read: at least 1 unless a choice left none */
  char **names;                   /* theirs, as in the header line: "theta.1" */
  char **header;                  /* the whole header line's, header_count at least 1 */
  size_t header_count;
  double *values; /* values[(column * chain_count + chain) * draw_count + draw] */
  sl_draws_chain *chains;
} sl_draws;

/* Reads one chain from each of the paths, at least one. All must have the same columns. NULL on failure: error says
 * file, line and what, with SL_NO_INPUT (cannot be opened), SL_BAD_DATA (malformed, no draws) or SL_DEFECT (no
 * memory). */
sl_draws *sl_draws_read(const char *const *paths, size_t path_count, sl_error *error);

/* Whether the column of this name is to be read. Called from several threads at once. */
typedef bool sl_draws_wanted(const void *context, const char *name);

/* The same of the columns that are wanted (of all for NULL), in the order of the file. The others cost no memory and
 * little time, and nobody looks whether they hold numbers. */
sl_draws *sl_draws_read_columns(const char *const *paths, size_t path_count, sl_draws_wanted *wanted,
                                const void *context, sl_error *error);
void sl_draws_destroy(sl_draws *draws);

/* All chains of a column, one after another: chain_count * draw_count values. */
const double *sl_draws_column(const sl_draws *draws, size_t column);
/* Index of the column with this name, or column_count when there is none. */
size_t sl_draws_find(const sl_draws *draws, const char *name);

/* "theta.1" -> "theta[1]", "m.1.2" -> "m[1,2]", "pair.2:1.3" -> "pair[2].1[3]", as Stan's own tools print them. Writes
 * at most size bytes with the closing zero; a name and its changed form never differ by more than one byte per
 * separator. */
void sl_draws_pretty_name(const char *name, char *pretty, size_t size);

#endif
