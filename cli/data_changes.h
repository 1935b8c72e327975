/* data_changes.h: what `stanlite data` is asked to do with a table before its columns become data. */
#ifndef STANLITE_CLI_DATA_CHANGES_H
#define STANLITE_CLI_DATA_CHANGES_H
#include <stdbool.h>
#include <stddef.h>
#include "cli/data_rows.h"
#include "runtime/error.h"

typedef enum {
  DATA_COLUMNS,   /* TITLE,TITLE,...: these alone */
  DATA_RENAME,    /* TITLE:NAME */
  DATA_COUNT,     /* TITLE:COUNT: its values become 1 ... COUNT */
  DATA_INDICATOR, /* TITLE:VALUE:NAME: a new column, 1 where TITLE is VALUE and 0 elsewhere */
  DATA_CONSTANT,  /* NAME:VALUE: one number more */
  DATA_DROP       /* rows with missing values are left out */
} data_change_kind;

typedef struct data_change {
  data_change_kind kind;
  const char *parts[3]; /* what stood between the colons; of DATA_COLUMNS, one title */
} data_change;

typedef struct data_changes {
  data_change *changes;
  size_t count;
} data_changes;

/* Reads one option, --drop-missing or --NAME=PART:PART..., and adds what it asks for. The option's text is cut at its colons
 * and commas, and must live as long as the changes. False: error has SL_USAGE (or SL_DEFECT, no memory). */
bool data_changes_add(data_changes *changes, char *option, sl_error *error);
void data_changes_free(data_changes *changes);

/* Chooses columns, leaves rows out and appends indicators. The titles remain those of the file. False: error has SL_BAD_DATA
 * (no such column, no such value, no row is left) or SL_DEFECT. */
bool data_changes_apply(const data_changes *changes, data_rows *rows, sl_error *error);

/* What a column is to be called (its title unless it was renamed), and the name of the number of its values, or NULL. */
const char *data_changes_name(const data_changes *changes, const char *title);
const char *data_changes_count(const data_changes *changes, const char *title);

#endif
