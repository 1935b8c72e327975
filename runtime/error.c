/* error.c: an error is set once; what follows from it must not hide it. */
#include "runtime/error.h"
#include <stdarg.h>
#include <stdio.h>

void sl_error_set(sl_error *error, int code, const char *format, ...) {
  if (!error || error->code != SL_OK) return;
  error->code = code;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
}
