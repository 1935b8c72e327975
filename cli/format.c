/* format.c: `stanlite format MODEL`: the program in its canonical layout and in today's syntax. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/front_end.h"
#include "parser/format.h"
#include "runtime/error.h"

static const char help[] =
    "stanlite format MODEL.stanlite [--in-place] [--include-path=DIR]\n\n"
    "Prints a Stan program in its canonical layout: one statement a line, two blanks a level, lines of at most 80 "
    "columns\n"
    "where they can be broken. Old syntax becomes today's. Comments and #includes stay. The program means the same, "
    "and what\n"
    "is laid out already stays as it is.\n\n"
    "  --in-place           write it into the file, if anything changes\n"
    "  --include-path=DIR   where #include looks, after the including file's own folder (may be repeated)\n";

/* Whole or not at all: beside the file first, then in its place. */
static int replace(const char *path, const char *text) {
  size_t size = strlen(path) + 8;
  char *beside = malloc(size);
  if (!beside) return SL_DEFECT;
  snprintf(beside, size, "%s.XXXXXX", path);
  int file = mkstemp(beside);
  struct stat before;
  if (file >= 0 && stat(path, &before) == 0 && fchmod(file, before.st_mode & 07777) != 0)
    errno = 0; /* readable at least */
  FILE *out = file < 0 ? NULL : fdopen(file, "w");
  bool good = out && fputs(text, out) >= 0;
  good = out && fclose(out) == 0 && good && rename(beside, path) == 0;
  if (!good) {
    fprintf(stderr, "stanlite: %s cannot be written: %s\n", path, strerror(errno));
    if (file >= 0) unlink(beside);
  }
  free(beside);
  return good ? SL_OK : SL_CANNOT_WRITE;
}

static bool is_same(const source_file *file, const char *text) {
  return file->length == strlen(text) && memcmp(file->text, text, file->length) == 0;
}

int command_format(int argc, char **argv) {
  compile_options options = compile_defaults;
  bool in_place = false;
  for (int i = 0; i < argc; i++) {
    if (strcmp(argv[i], "--help") == 0) {
      fputs(help, stdout);
      return SL_OK;
    }
    if (strcmp(argv[i], "--in-place") == 0) {
      in_place = true;
    } else if (strncmp(argv[i], "--include-path=", 15) == 0) {
      if (compile_option(&options, argv[i]) < 0) return SL_USAGE;
    } else if (!compile_program(&options, argv[i], "format")) {
      return SL_USAGE;
    }
  }
  if (!compile_has_program(&options, "format")) return SL_USAGE;
  stanlite_paths paths;
  if (!stanlite_paths_find(&paths)) return SL_DEFECT;
  front_end f;
  int code = front_end_parse(&f, &options, &paths);
  const char *text = NULL;
  if (code == SL_OK && f.messages.error_count == 0) text = format_program(f.arena, f.program, &f.messages);
  if (!text) {
    code = code == SL_OK ? SL_BAD_DATA : code;
    return front_end_close(&f, code);
  }
  f.messages = (messages){.arena = f.arena}; /* old forms: they are gone */
  if (!in_place)
    fputs(text, stdout);
  else if (!is_same(f.program->file, text))
    code = replace(options.program, text);
  return front_end_close(&f, code);
}
