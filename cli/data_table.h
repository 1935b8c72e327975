/* data_table.h: a table read from CSV and changed as asked, its columns' types found out and its names made fit for a Stan
 * program. */
#ifndef STANLITE_CLI_DATA_TABLE_H
#define STANLITE_CLI_DATA_TABLE_H
#include <stdbool.h>
#include <stddef.h>
#include "cli/data_changes.h"
#include "runtime/error.h"

typedef enum {
  DATA_INT,
  DATA_REAL,
  DATA_TRUTH,  /* true and false, as 1 and 0 */
  DATA_LABELS, /* text, as 1 ... label_count */
  DATA_INDEX   /* numbers that were to be counted so */
} data_kind;

typedef struct data_column {
  char *title; /* as in the file */
  char *name;  /* as in Stan; unlike every other name of the table, levels_name included */
  data_kind kind;
  double *values;      /* row_count */
  const char **labels; /* in increasing order: of their bytes, or of their values */
  size_t label_count;
  char *levels_name; /* name of the number of labels, or NULL */
} data_column;

typedef struct data_table {
  size_t row_count, column_count; /* at least 1 */
  size_t dropped_count;           /* rows left out since something was missing */
  data_column *columns;
  char *bytes; /* the file, in which the labels lie */
} data_table;

/* NULL on failure: error says file, line, row and column, with SL_NO_INPUT, SL_BAD_DATA or SL_DEFECT (no memory). */
data_table *data_table_read(const char *path, const data_changes *changes, sl_error *error);

/* Whether a Stan program can have a variable of this name beside the table's. */
bool data_table_takes_name(const data_table *table, const char *name);
void data_table_destroy(data_table *table);

#endif
