/* front_end.c: see front_end.h. */
#include "cli/front_end.h"
#include <errno.h>
#include <string.h>
#include "cli/terminal.h"
#include "ir/lower.h"
#include "parser/parse.h"
#include "runtime/error.h"

int front_end_close(front_end *f, int code) {
  messages_print(&f->messages, stderr, terminal_of(stderr).colour);
  arena_destroy(f->arena);
  return code;
}

/* The tree as text, when `stage` is what was asked for. */
static bool prints_tree(front_end *f, const char *emit, const char *stage) {
  if (!emit || strcmp(emit, stage) != 0) return false;
  ast_print(f->program, strcmp(stage, "typed") == 0, stdout);
  return f->is_printed = true;
}

static const source_file *open_program(front_end *f, const compile_options *options) {
  *f = (front_end){.arena = arena_create()};
  f->messages.arena = f->arena;
  const source_file *file = source_read(f->arena, options->program);
  location nowhere = {0};
  if (!file)
    message_error(&f->messages, nowhere, "%s: %s", options->program, errno ? strerror(errno) : "cannot be read");
  return file;
}

static parse_options parsing(const compile_options *options) {
  return (parse_options){.include_paths = options->include_paths, .include_path_count = options->include_path_count};
}

static int parse(front_end *f, const source_file *file, const compile_options *options) {
  parse_options how = parsing(options);
  f->program = parse_program(f->arena, file, &how, &f->messages);
  return f->program->is_whole ? SL_OK : SL_BAD_DATA;
}

/* False: the library is what has errors, and the messages are about it. */
static bool load_library(front_end *f, const stanlite_paths *paths) {
  messages library_messages = {.arena = f->arena};
  f->library = library_load(f->arena, paths->library_dir, &library_messages);
  if (library_messages.error_count) f->messages = library_messages;
  return library_messages.error_count == 0;
}

int front_end_parse(front_end *f, const compile_options *options, const stanlite_paths *paths) {
  const source_file *file = open_program(f, options);
  if (!file) return SL_NO_INPUT;
  if (parse(f, file, options) != SL_OK) return SL_BAD_DATA;
  if (!load_library(f, paths)) return SL_DEFECT;
  rename_old_functions(f->arena, f->program, f->library, &f->messages);
  return SL_OK;
}

int front_end_read(front_end *f, const compile_options *options, const stanlite_paths *paths) {
  const source_file *file = open_program(f, options);
  if (!file) return SL_NO_INPUT;
  if (options->emit && strcmp(options->emit, "tokens") == 0) {
    parse_options how = parsing(options);
    print_tokens(f->arena, file, &how, stdout, &f->messages);
    f->is_printed = true;
    return f->messages.error_count ? SL_BAD_DATA : SL_OK;
  }
  if (parse(f, file, options) != SL_OK) return SL_BAD_DATA;
  if (f->messages.error_count == 0 && prints_tree(f, options->emit, "ast")) return SL_OK;
  if (!load_library(f, paths)) return SL_DEFECT;
  if (!check_program(f->arena, f->program, f->library, &f->messages)) return SL_BAD_DATA;
  prints_tree(f, options->emit, "typed");
  return SL_OK;
}

/* "models/eight.stan" is "eight". */
static const char *model_name(arena *arena, const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  const char *dot = strrchr(name, '.');
  return arena_text(arena, name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
}

ir_program *front_end_lower(front_end *f) {
  ir_program *ir = lower_program(f->arena, f->program, f->library, &f->messages);
  if (f->messages.error_count || !ir) return NULL;
  ir->name = model_name(f->arena, f->program->file->path);
  ir->path = f->program->file->path;
  return ir;
}
