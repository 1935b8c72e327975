/* arguments.h: the command line of a compiled sampler, in CmdStan's syntax.
 *
 *   EXE sample num_samples=500 adapt delta=0.9 data file=d.json output file=o.csv
 *
 * A word is looked up among the arguments of the group that was opened last, then of the groups around it. A name that
 * occurs once in the active configuration may stand anywhere (`EXE sample data file=d.json delta=0.9`): CmdStan asks
 * for its group, so this accepts more than CmdStan does, and the same where both accept. */
#ifndef STANLITE_RUNTIME_ARGUMENTS_H
#define STANLITE_RUNTIME_ARGUMENTS_H
#include <stdbool.h>
#include <stdio.h>
#include "runtime/error.h"

typedef enum sl_argument_id {
  SL_ARG_ROOT = -1,
#define ARGUMENT(identifier, ...) SL_ARG_##identifier,
#include "runtime/arguments.def"
#undef ARGUMENT
  SL_ARGUMENT_COUNT
} sl_argument_id;

typedef enum {
  SL_ARG_GROUP,
  SL_ARG_CHOICE,
  SL_ARG_INT,
  SL_ARG_REAL,
  SL_ARG_BOOL,
  SL_ARG_TEXT,
  SL_ARG_UNBUILT
} sl_argument_kind;

typedef struct sl_argument {
  sl_argument_id parent;
  const char *name;
  sl_argument_kind kind;
  const char *default_text;
  double least, greatest;
  const char *valid;
  const char *help;
} sl_argument;

extern const sl_argument sl_argument_table[SL_ARGUMENT_COUNT];

typedef struct sl_argument_value {
  const char *text; /* as given, or the default; belongs to argv or to the table */
  double number;    /* of INT, REAL and BOOL */
  sl_argument_id choice;
  bool given;
} sl_argument_value;

typedef enum { SL_REQUEST_RUN, SL_REQUEST_HELP, SL_REQUEST_HELP_ALL, SL_REQUEST_INFO, SL_REQUEST_VERSION } sl_request;

typedef struct sl_arguments {
  sl_argument_value value[SL_ARGUMENT_COUNT];
  sl_request request;
  sl_argument_id help_about; /* the group that `help` asks about */
  char seed_text[24], chains_text[24], threads_text[24], per_chain_text[24];
} sl_arguments;

/* Reads argv[1..argc). Settles what depends on the machine: the seed, and the number of threads. False: SL_USAGE, and
 * the message names the word, and near misses. */
bool sl_arguments_parse(sl_arguments *arguments, int argc, char *const *argv, sl_error *error);

static inline long sl_argument_int(const sl_arguments *arguments, sl_argument_id id) {
  return (long)arguments->value[id].number;
}
static inline double sl_argument_real(const sl_arguments *arguments, sl_argument_id id) {
  return arguments->value[id].number;
}
static inline bool sl_argument_bool(const sl_arguments *arguments, sl_argument_id id) {
  return arguments->value[id].number != 0;
}
static inline const char *sl_argument_text(const sl_arguments *arguments, sl_argument_id id) {
  return arguments->value[id].text;
}
static inline sl_argument_id sl_argument_choice(const sl_arguments *arguments, sl_argument_id id) {
  return arguments->value[id].choice;
}

/* Whether the argument counts under the choices made: every CHOICE above it has chosen the branch it lies in. */
bool sl_argument_active(const sl_arguments *arguments, sl_argument_id id);
/* "sample adapt delta": the words that lead to an argument. */
const char *sl_argument_path(char *out, size_t size, sl_argument_id id);

/* Help for a group; everything below it when `all`. About ROOT: usage of the program. */
void sl_arguments_help(FILE *out, const char *program, sl_argument_id about, bool all);

/* The configuration, line by line, as CmdStan writes it into a CSV file's header. */
typedef void sl_line_writer(void *context, const char *line);
void sl_arguments_list(const sl_arguments *arguments, sl_line_writer *write, void *context);

#endif
