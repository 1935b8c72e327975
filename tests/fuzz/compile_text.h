/* compile_text.h: a program's text through the whole compiler to C, in memory: what the fuzz targets do with each input. */
#ifndef STANLITE_TESTS_FUZZ_COMPILE_TEXT_H
#define STANLITE_TESTS_FUZZ_COMPILE_TEXT_H
#include <stdlib.h>
#include "codegen/c.h"
#include "ir/check.h"
#include "ir/lower.h"
#include "ir/pedantic.h"
#include "ir/pipeline.h"
#include "parser/parse.h"

static const char fuzz_path[] = "fuzz.stan";

/* The library's folder: a copy that nobody edits while the fuzzers run. */
static inline const char *fuzz_library(void) {
  const char *named = getenv("FUZZ_LIBRARY");
  return named ? named : "runtime/library";
}

/* The program after `check`; NULL: it was refused, and the messages say why. */
static inline program *fuzz_check(arena *arena, const char *text, size_t length, const library *library,
                                  messages *messages) {
  const source_file *file = source_from_text(arena, fuzz_path, text, length);
  const parse_options options = {0};
  program *program = parse_program(arena, file, &options, messages);
  if (!program->is_whole || !check_program(arena, program, library, messages)) return NULL;
  return program;
}

/* The program's C, which the caller frees; NULL: it was refused. */
static inline char *fuzz_compile(arena *arena, const char *text, size_t length, messages *messages) {
  const library *library = library_load(arena, fuzz_library(), messages);
  const program *program = fuzz_check(arena, text, length, library, messages);
  ir_program *ir = program ? lower_program(arena, program, library, messages) : NULL;
  if (!ir || messages->error_count) return NULL;
  ir->name = "fuzz";
  ir->path = fuzz_path;
  pipeline_run(ir, &(pipeline_options){0});
  char *c = NULL;
  size_t size;
  FILE *out = open_memstream(&c, &size);
  codegen_c(ir, "fuzz", out);
  fclose(out);
  return c;
}

#endif
