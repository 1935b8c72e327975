/* library.c: fills the table of all functions that programs may call: intrinsics, builtins, runtime/library. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "ir/builtins.h"
#include "ir/check.h"
#include "ir/higher_order.h"
#include "ir/ir.h"
#include "ir/signatures.h"
#include "parser/parse.h"

static const struct {
  const char *name;
  bool is_higher_order;
} stan_names[] = {
#define STAN_NAME(name) {name, false},
#define STAN_HIGHER_ORDER(name) {name, true},
#include "ir/stan_names.def"
#undef STAN_HIGHER_ORDER
#undef STAN_NAME
};
enum { STAN_NAME_COUNT = sizeof stan_names / sizeof *stan_names };

bool is_higher_order(const char *name) {
  for (int i = 0; i < STAN_NAME_COUNT; i++)
    if (stan_names[i].is_higher_order && strcmp(stan_names[i].name, name) == 0) return true;
  return false;
}

static void add_intrinsics(library *library, arena *arena) {
  for (int op = 0; op < IR_OP_COUNT; op++) {
    const char *name = ir_ops[op].name;
    if (ir_ops[op].flags & IR_LIBRARY) name = arena_printf(arena, "__%s", name);
    if (ir_ops[op].flags & (IR_STAN | IR_LIBRARY))
      add_overload(library->overloads, name, (overload){.kind = CALLEE_INTRINSIC, .id = op});
  }
}

static void add_builtins(library *library) {
  for (int id = 0; id < BUILTIN_COUNT; id++)
    for (const char *signature = builtins[id].signatures; signature; signature = next_signature(signature))
      add_overload(library->overloads, builtins[id].name,
                   (overload){.kind = CALLEE_BUILTIN, .id = id, .signature = signature});
}

static void add_file(library *library, arena *arena, const char *path, messages *messages) {
  source_file *file = source_read(arena, path);
  if (!file) {
    message_error(messages, (location){0}, "cannot read the library file %s", path);
    return;
  }
  parse_options options = {.functions_only = true, .is_library = true};
  program *parsed = parse_program(arena, file, &options, messages);
  if (messages->error_count > 0) return;
  for (function *f = parsed->functions; f; f = f->next) {
    f->is_library = true;
    if (!f->body) continue;
    overload added = {.kind = CALLEE_FUNCTION, .function = f};
    add_overload(library->overloads, f->name, added);
    if (!has_suffix(f->name, "_jacobian")) continue;
    int length = (int)(strlen(f->name) - strlen("_jacobian"));
    added.leaves_out_jacobian = true;
    add_overload(library->overloads, arena_printf(arena, "%.*s_constrain", length, f->name), added);
  }
}

static int is_stanlite_file(const struct dirent *entry) { return has_suffix(entry->d_name, ".stanlite"); }

library *library_load(arena *arena, const char *library_dir, messages *messages) {
  library *loaded = arena_new(arena, library);
  loaded->overloads = name_map_create(arena);
  loaded->not_yet = name_map_create(arena);
  add_intrinsics(loaded, arena);
  add_builtins(loaded);
  struct dirent **entries = NULL;
  int count = scandir(library_dir, &entries, is_stanlite_file, alphasort);
  if (count < 0) message_error(messages, (location){0}, "cannot read the library %s: %s", library_dir, strerror(errno));
  for (int i = 0; i < count; i++) {
    add_file(loaded, arena, arena_printf(arena, "%s/%s", library_dir, entries[i]->d_name), messages);
    free(entries[i]);
  }
  free(entries);
  for (int i = 0; i < STAN_NAME_COUNT; i++)
    if (!name_map_get(loaded->overloads, stan_names[i].name) && higher_order_named(stan_names[i].name) < 0)
      name_map_entry(loaded->not_yet, stan_names[i].name)->value = (void *)stan_names[i].name;
  return loaded;
}
