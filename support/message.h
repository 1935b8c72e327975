/* message.h: what the compiler says about a program. Messages go up as values in a list; one place prints them.
 *
 * A printed message shows file, line, column, the source line with the words underlined, the text, and hints:
 *
 *   eight.stanlite:12:8: error: there is no distribution `nomal`
 *     12 |   mu ~ nomal(0, 5);
 *        |        ^~~~~
 *     hint: did you mean `normal`?
 */
#ifndef STANLITE_SUPPORT_MESSAGE_H
#define STANLITE_SUPPORT_MESSAGE_H
#include <stdbool.h>
#include <stdio.h>
#include "support/source.h"

typedef enum { MESSAGE_ERROR, MESSAGE_WARNING } message_severity;

typedef struct message {
  message_severity severity;
  location location;
  const char *text;
  const char *hint; /* NULL, or lines separated by '\n' */
} message;

typedef struct messages {
  arena *arena;
  message *items;
  int count, capacity;
  int error_count, warning_count; /* all of them, kept or not */
} messages;

/* text in printf format. Returns the message so that a hint can be set. Any number may be reported. */
message *message_error(messages *messages, location location, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
message *message_warning(messages *messages, location location, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void message_hint(messages *messages, message *message, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* All that were kept, in order of place. */
const message *const *messages_in_order(const messages *messages);
/* Prints them in order of place, the first 20 errors and how many more there are. Colour when asked for. */
void messages_print(const messages *messages, FILE *out, bool colour);

/* The line with the place underlined, in two lines as a message has them, without the last newline. */
char *source_excerpt(arena *arena, location at);

/* The candidate nearest to `name`: one that differs in capitals alone, or else by edit distance (transpositions count one);
 * NULL when none is near enough to suggest: at most a third of the name's length. */
const char *nearest_name(const char *name, const char *const *candidates, int count);

#endif
