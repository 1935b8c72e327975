/* include.c: which file `#include` means; see scanner.h. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "lexer/scanner.h"

/* Files of one program: so that files that include each other's includes many times over come to an end. */
enum { MAXIMUM_FILES = 1000 };

static bool same_file(const char *left, const char *right) {
  char real_left[PATH_MAX], real_right[PATH_MAX];
  return strcmp(left, right) == 0 ||
         (realpath(left, real_left) && realpath(right, real_right) && strcmp(real_left, real_right) == 0);
}

static bool ends_with(const char *text, const char *ending) {
  size_t length = strlen(text), ending_length = strlen(ending);
  return length >= ending_length && strcmp(text + length - ending_length, ending) == 0;
}

/* The path of `name` beside the file at `beside`. */
static const char *path_beside(arena *arena, const char *beside, const char *name) {
  const char *slash = strrchr(beside, '/');
  return slash ? arena_printf(arena, "%.*s/%s", (int)(slash - beside), beside, name) : name;
}

static source_file *find(scan *scan, const char *beside, const char *name) {
  source_file *found = name[0] == '/' ? source_read(scan->arena, name) : NULL;
  if (!found)
    found = source_read(scan->arena, path_beside(scan->arena, beside, name)); /* also when it begins with `/` */
  for (int i = 0; !found && i < scan->options->include_path_count; i++)
    found = source_read(scan->arena, arena_printf(scan->arena, "%s/%s", scan->options->include_paths[i], name));
  return found;
}

static void not_found(scan *scan, location place, const char *name) {
  message *error = message_error(scan->messages, place, "the file `%s` cannot be read", name);
  const char *searched = "the folder of the including file";
  for (int i = 0; i < scan->options->include_path_count; i++)
    searched = arena_printf(scan->arena, "%s, %s", searched, scan->options->include_paths[i]);
  message_hint(scan->messages, error, "searched: %s", searched);
}

const source_file *include_open(scan *scan, location place, const char *name) {
  if (name[0] == '\0') {
    message_error(scan->messages, place, "`#include` needs the name of a file");
    return NULL;
  }
  if (scan->files_read >= MAXIMUM_FILES) {
    message_error(scan->messages, place, "this program includes more than %d files", MAXIMUM_FILES);
    return NULL;
  }
  source_file *found = find(scan, place.file->path, name);
  if (!found) {
    not_found(scan, place, name);
    return NULL;
  }
  for (const source_file *open = place.file; open; open = open->included_from) {
    if (!same_file(open->path, found->path)) continue;
    message_error(scan->messages, place, "`%s` includes itself%s", found->path,
                  open == place.file ? "" : " through other files");
    return NULL;
  }
  if (ends_with(found->path, "functions")) {
    for (int i = 0; i < scan->included.count; i++) {
      if (same_file(scan->included.items[i], found->path)) return NULL;
    }
    arena_push(scan->arena, &scan->included, found->path);
  }
  arena_push(scan->arena, &scan->tokens->includes, (const source_file *){found});
  found->included_from = place.file;
  found->included_at_line = place.line;
  return found;
}
