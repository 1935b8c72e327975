/* csv_writer.c: see csv_writer.h. A failed write (a full disk) is kept and told at the end by sl_csv_close. */
#include "runtime/csv_writer.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_SIZE = 1 << 18 };

bool sl_csv_open(sl_csv_writer *writer, const char *path, int sig_figs, sl_error *error) {
  *writer = (sl_csv_writer){.file = -1, .sig_figs = sig_figs};
  writer->buffer = malloc(BUFFER_SIZE);
  writer->path = malloc(strlen(path) + 1);
  if (!writer->buffer || !writer->path) {
    sl_error_set(error, SL_CANNOT_WRITE, "no memory to write %s", path);
  } else {
    strcpy(writer->path, path);
    writer->file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    writer->created = writer->file >= 0;
    if (writer->file < 0 && errno == EEXIST) writer->file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (writer->file >= 0) return true;
    sl_error_set(error, SL_CANNOT_WRITE, "cannot write %s: %s", path, strerror(errno));
  }
  sl_csv_abandon(writer);
  return false;
}

static void release(sl_csv_writer *writer) {
  if (writer->file >= 0 && close(writer->file) != 0 && !writer->failure) writer->failure = errno;
  writer->file = -1;
  free(writer->buffer);
  free(writer->path);
  writer->buffer = writer->path = NULL;
}

void sl_csv_abandon(sl_csv_writer *writer) {
  if (writer->path && writer->file >= 0 && writer->created && !writer->emptied) unlink(writer->path);
  release(writer);
}

bool sl_csv_close(sl_csv_writer *writer, sl_error *error) {
  if (!writer->buffer) return true;
  sl_csv_flush(writer);
  char path[1000];
  snprintf(path, sizeof path, "%s", writer->path);
  release(writer);
  if (writer->failure) sl_error_set(error, SL_CANNOT_WRITE, "cannot write %s: %s", path, strerror(writer->failure));
  return writer->failure == 0;
}

void sl_csv_flush(sl_csv_writer *writer) {
  if (!writer->emptied && writer->used) {
    writer->emptied = true;
    /* A file that is new is empty; ext4 would send it to the disk when it is closed, had it been cut. EINVAL: a pipe or a device. */
    if (!writer->created && ftruncate(writer->file, 0) != 0 && errno != EINVAL) writer->failure = errno;
  }
  for (size_t done = 0; done < writer->used && !writer->failure;) {
    ssize_t wrote = write(writer->file, writer->buffer + done, writer->used - done);
    if (wrote >= 0)
      done += (size_t)wrote;
    else if (errno != EINTR)
      writer->failure = errno;
  }
  writer->used = 0;
}

void sl_csv_char(sl_csv_writer *writer, char c) {
  if (writer->used == BUFFER_SIZE) sl_csv_flush(writer);
  writer->buffer[writer->used++] = c;
}

void sl_csv_text(sl_csv_writer *writer, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  char *text = length < 0 ? NULL : malloc((size_t)length + 1);
  if (text) {
    vsnprintf(text, (size_t)length + 1, format, again);
    for (int i = 0; i < length; i++) sl_csv_char(writer, text[i]);
    free(text);
  } else if (!writer->failure) {
    writer->failure = ENOMEM;
  }
  va_end(again);
}

void sl_csv_int(sl_csv_writer *writer, int64_t value) {
  char text[24], *end = text + sizeof text, *at = end;
  uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
  do *--at = (char)('0' + size % 10);
  while (size /= 10);
  if (value < 0) *--at = '-';
  if (BUFFER_SIZE - writer->used < sizeof text) sl_csv_flush(writer);
  memcpy(writer->buffer + writer->used, at, (size_t)(end - at));
  writer->used += (size_t)(end - at);
}

void sl_csv_number(sl_csv_writer *writer, double value) {
  if (BUFFER_SIZE - writer->used < SL_NUMBER_ROOM) sl_csv_flush(writer);
  writer->used += sl_format_number(writer->buffer + writer->used, value, writer->sig_figs);
}

void sl_csv_numbers(sl_csv_writer *writer, const double *values, size_t count) {
  enum { PART = 1024 }; /* of which the buffer holds one */
  for (size_t done = 0; done < count; done += PART) {
    size_t part = count - done < PART ? count - done : PART;
    if (BUFFER_SIZE - writer->used < part * (SL_NUMBER_TEXT + 1) + SL_NUMBER_ROOM) sl_csv_flush(writer);
    writer->used += sl_format_numbers(writer->buffer + writer->used, values + done, part, writer->sig_figs);
  }
}
