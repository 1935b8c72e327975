/* check.c: the order in which a program is checked, and its scopes.
 *
 * Functions first, since any of them may be called from anywhere; then the blocks in their order, each seeing the variables
 * of those before it; then the bodies of the library functions that were called, and what follows from the whole. */
#include "ir/check.h"
#include "ir/check_internal.h"

int open_scope(checker *c) { return c->covered.count; }

void close_scope(checker *c, int mark) {
  while (c->covered.count > mark) {
    binding last = c->covered.items[--c->covered.count];
    last.entry->value = last.before;
  }
}

bool in_function_with(const checker *c, const char *suffix) {
  return c->function && has_suffix(c->function->name, suffix);
}

void check_name(checker *c, const char *name, location location) {
  if (has_suffix(name, "_lupdf") || has_suffix(name, "_lupmf"))
    message_error(c->messages, location, "names that end in _lupdf and _lupmf belong to densities without constants");
}

static void bind(checker *c, name_entry *entry, variable *v) {
  binding covered = {entry, entry->value};
  arena_push(c->arena, &c->covered, covered);
  entry->value = v;
}

void declare_variable(checker *c, variable *v) {
  check_name(c, v->name, v->location);
  name_entry *entry = name_map_entry(c->variables, v->name);
  const variable *before = entry->value;
  if (before && before->location.line > 0)
    message_error(c->messages, v->location, "`%s` is already declared, in line %d", v->name, before->location.line);
  bind(c, entry, v);
}

void declare_unknown(checker *c, const char *name) {
  variable *unknown = arena_new(c->arena, variable);
  unknown->name = name;
  unknown->type = &type_error;
  bind(c, name_map_entry(c->variables, name), unknown);
}

static void check_block(checker *c, block_kind block) {
  c->block = block;
  bool is_global = block != BLOCK_MODEL;
  if (is_global)
    check_global_statements(c, c->program->blocks[block]);
  else
    check_statements(c, c->program->blocks[block]);
}

static checker checker_create(arena *arena, program *program, const library *library, messages *messages) {
  return (checker){.arena = arena,
                   .messages = messages,
                   .program = program,
                   .library = library,
                   .functions = name_map_create(arena),
                   .variables = name_map_create(arena),
                   .reported = name_map_create(arena)};
}

bool check_program(arena *arena, program *program, const library *library, messages *messages) {
  rename_old_functions(arena, program, library, messages);
  checker c = checker_create(arena, program, library, messages);
  declare_functions(&c);
  check_function_bodies(&c);
  int globals = open_scope(&c);
  for (block_kind block = BLOCK_DATA; block < BLOCK_COUNT; block++) {
    int mark = open_scope(&c);
    check_block(&c, block);
    if (block == BLOCK_MODEL) close_scope(&c, mark);
  }
  close_scope(&c, globals);
  check_called_library_functions(&c);
  if (messages->error_count > 0) return false;
  mark_recursive_functions(&c);
  mark_parameter_dependence(&c);
  return true;
}

function *library_function(arena *arena, const library *library, const char *name, const type *const *arguments,
                           int count, messages *messages) {
  checker c = checker_create(arena, NULL, library, messages);
  for (const overload *o = shared_overloads(&c, name); o; o = o->next) {
    if (o->kind != CALLEE_FUNCTION || o->function->parameter_count != count) continue;
    bool same = true;
    for (int i = 0; i < count; i++) same = same && type_equal(o->function->parameters[i]->type, arguments[i]);
    if (!same) continue;
    signature_match match = {.overload = o};
    use_overload(&c, &match);
    check_called_library_functions(&c);
    mark_recursive_functions(&c);
    mark_parameter_dependence(&c);
    return o->function;
  }
  return NULL;
}
