/* fit.h: a model's fit as far as its predictions go: what `stanlite loo`, `waic` and `compare` read from CSV files, and
 * what they say of it. */
#ifndef STANLITE_CLI_FIT_H
#define STANLITE_CLI_FIT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "runtime/draws.h"
#include "runtime/elpd.h"

enum { most_notes = 8, note_size = 1000, most_point_columns = 8 };

typedef struct fit {
  char model[sl_name_length];
  sl_elpd *elpd;                     /* NULL when the files hold an optimizer's estimate */
  char **names;                      /* of the observations: "log_lik[1]"; NULL without elpd */
  size_t observation_count;          /* columns of the log-likelihood, 0 for an estimate without any */
  char notes[most_notes][note_size]; /* a sentence each: what looks wrong and what to do */
  size_t note_count;
  /* An optimizer's estimate: */
  double log_density;   /* the best of the files */
  long parameter_count; /* unconstrained; -1 when no file says it */
  bool jacobian;
} fit;

/* Reads `count` (at least 1) files of one model, of which only the columns of the variable log_lik are kept.
 * estimates_too: an optimizer's files are taken, too. SL_OK, or the exit code, and error says why. */
int fit_read(fit *fit, const char *const *paths, size_t count, const char *log_lik, sl_elpd_method method,
             bool estimates_too, sl_error *error);
void fit_free(fit *fit);

/* The sentences under a heading; nothing when there are none. */
void fit_print_notes(const fit *fit, FILE *out);
/* "notes": [...] */
void fit_print_json_notes(const fit *fit, FILE *out);
/* "elpd_loo": {"estimate": ..., "se": ...}, of `factor` times the estimate, and the text after it. */
void print_json_estimate(FILE *out, const char *name, sl_estimate estimate, double factor, const char *after);

/* What `stanlite loo` and `stanlite waic` have in common: they read arguments and files, print estimates, with
 * --pointwise a table of observations, and notes. */
typedef struct fit_command {
  const char *name, *help;
  sl_elpd_method method;
  void (*print_estimates)(const fit *fit, FILE *out);
  void (*print_json_estimates)(const fit *fit, FILE *out); /* members of an object, with a comma after each */
  struct point_column {
    const char *name;
    int decimals;
    double (*value)(const sl_elpd_point *point);
  } columns[most_point_columns]; /* a NULL name ends them */
} fit_command;

int fit_command_run(const fit_command *command, int argc, char **argv);

/* SL_OK, or SL_CANNOT_WRITE after a message when not everything could be written. */
int finish_output(FILE *out);

#endif
