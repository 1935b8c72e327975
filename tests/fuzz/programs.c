/* programs.c: a libFuzzer target: bytes become a well-typed program (random_program.h), which must compile to C. */
#include "tests/fuzz/compile_text.h"
#include "tests/fuzz/random_program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = random_program_text(data, size);
  arena *arena = arena_create();
  messages messages = {.arena = arena};
  char *c = fuzz_compile(arena, text, strlen(text), &messages);
  if (!c) {
    messages_print(&messages, stderr, false);
    fputs(text, stderr);
    abort();
  }
  arena_destroy(arena);
  free(c);
  free(text);
  return 0;
}
