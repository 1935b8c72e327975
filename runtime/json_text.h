/* json_text.h: a JSON file's text, prepared for jansson.
 *
 * CmdStan's files hold NaN, Inf and Infinity without quotes, which JSON does not know. They get their quotes here; positions
 * in error messages are brought back to those of the file. */
#ifndef STANLITE_RUNTIME_JSON_TEXT_H
#define STANLITE_RUNTIME_JSON_TEXT_H
#include <stdbool.h>
#include <stddef.h>
#include "runtime/error.h"

typedef struct sl_json_text {
  char *start; /* the caller frees it */
  size_t size;
} sl_json_text;

/* Reads the file and quotes its bare numbers' names. False: error says why. */
bool sl_json_text_read(sl_json_text *text, const char *path, sl_error *error);
/* Sets `error` from what jansson says about this text. */
void sl_json_text_explain(const sl_json_text *text, const char *path, int line, int column, int position,
                          const char *message, sl_error *error);

#endif
