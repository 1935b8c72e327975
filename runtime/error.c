/* error.c: an error is set once; what follows from it must not hide it. */
#include "runtime/error.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sl_error_set(sl_error *error, int code, const char *format, ...) {
  if (!error || error->code != SL_OK) return;
  error->code = code;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
}

void sl_error_append(sl_error *error, const char *format, ...) {
  if (!error || error->code == SL_OK) return;
  size_t length = strlen(error->message);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->message + length, sizeof error->message - length, format, arguments);
  va_end(arguments);
}
