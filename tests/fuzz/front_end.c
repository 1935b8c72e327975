/* front_end.c: a libFuzzer target: any text through lexer, parser and checker, with the pedantic warnings and
 * the messages as they are shown. No input may crash, hang or leak, and what is refused must be refused with a message.
 *
 * The library is read once for LIBRARY_USES inputs, which share one arena: reading it takes longer than a program. */
#include <stdint.h>
#include "tests/fuzz/compile_text.h"

enum { LIBRARY_USES = 100 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static arena *arena;
  static library *library;
  static int uses;
  if (arena && uses == LIBRARY_USES) {
    arena_destroy(arena);
    arena = NULL;
  }
  if (!arena) {
    arena = arena_create();
    messages read = {.arena = arena};
    library = library_load(arena, fuzz_library(), &read);
    if (read.error_count) abort();
    uses = 0;
  }
  uses++;
  messages messages = {.arena = arena};
  const program *program = fuzz_check(arena, (const char *)data, size, library, &messages);
  if (!program && !messages.error_count) abort();
  if (program) pedantic_warnings(arena, program, &messages);
  char *shown = NULL;
  size_t shown_size;
  FILE *out = open_memstream(&shown, &shown_size);
  messages_print(&messages, out, true);
  fclose(out);
  free(shown);
  return 0;
}
