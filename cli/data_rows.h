/* data_rows.h: a table in CSV (RFC 4180, with commas, semicolons or tabs) as rows of texts, nothing known of what they mean. */
#ifndef STANLITE_CLI_DATA_ROWS_H
#define STANLITE_CLI_DATA_ROWS_H
#include <stdbool.h>
#include <stddef.h>
#include "runtime/error.h"

typedef struct data_field {
  const char *text;
  bool quoted;
} data_field;

typedef struct data_rows {
  const char *path;
  size_t row_count, column_count; /* at least 1 each; the line of titles is no row */
  size_t dropped_count;           /* rows that the file had beside them */
  data_field *fields;             /* row after row, the line of titles first: (row_count + 1) x column_count */
  size_t *lines;                  /* where in the file each row begins, the line of titles first */
  char *bytes;                    /* the file, in which the texts lie */
} data_rows;

/* False on failure: error says file and line, with SL_NO_INPUT, SL_BAD_DATA or SL_DEFECT (no memory). */
bool data_rows_read(data_rows *rows, const char *path, sl_error *error);
void data_rows_free(data_rows *rows);

bool data_is_missing(const char *text);
bool data_is_number(const char *text, double *value);

/* Digits with a sign or none, and small enough for Stan's int; value is that of the text. */
bool data_is_whole(const char *text, double value);

#endif
