/* error.h: how the runtime says what went wrong.
 *
 * An error goes up as a value: the function that finds it fills the caller's `sl_error` and returns false
 * (or NULL). Nobody below main() prints or exits. The codes are those of sysexits.h, see docs/interface.md. */
#ifndef STANLITE_RUNTIME_ERROR_H
#define STANLITE_RUNTIME_ERROR_H

enum {
  SL_OK = 0,
  SL_USAGE = 64,    /* wrong command line */
  SL_BAD_DATA = 65, /* bad program or bad data */
  SL_NO_INPUT = 66, /* an input file that cannot be opened */
  SL_DEFECT = 70,   /* a defect of ours */
  SL_CANNOT_WRITE = 73,
  SL_BAD_CONFIG = 78,
  SL_INTERRUPTED = 130
};

enum { SL_MESSAGE_SIZE = 2000 }; /* bytes of a message about a run: what is wrong, where, and the program's line */

typedef struct sl_error {
  int code; /* one of the above; SL_OK until something is set */
  char message[SL_MESSAGE_SIZE];
} sl_error;

/* Sets code and message (printf format) unless an error is set already: the first one counts. */
void sl_error_set(sl_error *error, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* What an error that is set says is followed by this text. */
void sl_error_append(sl_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
