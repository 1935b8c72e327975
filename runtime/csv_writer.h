/* csv_writer.h: a buffered output file. Numbers stand in it as number_text.h says. */
#ifndef STANLITE_RUNTIME_CSV_WRITER_H
#define STANLITE_RUNTIME_CSV_WRITER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "runtime/error.h"
#include "runtime/number_text.h"

typedef struct sl_csv_writer {
  int file; /* descriptor; -1: closed */
  char *path;
  bool created; /* the file was not there before */
  bool emptied; /* what it held before is gone: the first write came */
  int failure;  /* errno of the first write that failed, or 0 */
  int sig_figs;
  size_t used;
  char *buffer;
} sl_csv_writer;

/* Opens for writing, and changes nothing in the file yet. False: SL_CANNOT_WRITE. */
bool sl_csv_open(sl_csv_writer *writer, const char *path, int sig_figs, sl_error *error);
/* Closes a file that nothing was written to, and removes it if it was not there before. */
void sl_csv_abandon(sl_csv_writer *writer);
/* Writes what is buffered and closes. False when anything could not be written since the file was opened. */
bool sl_csv_close(sl_csv_writer *writer, sl_error *error);

void sl_csv_text(sl_csv_writer *writer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sl_csv_char(sl_csv_writer *writer, char c);
void sl_csv_int(sl_csv_writer *writer, int64_t value);
void sl_csv_number(sl_csv_writer *writer, double value);
/* A comma before each. */
void sl_csv_numbers(sl_csv_writer *writer, const double *values, size_t count);
void sl_csv_flush(sl_csv_writer *writer);

#endif
