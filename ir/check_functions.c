/* check_functions.c: function definitions: names and signatures first, bodies after all of them, recursion last. */
#include <string.h>
#include "ir/check_internal.h"

/* ---- signatures ---- */

static bool same_parameters(const function *a, const function *b) {
  if (a->parameter_count != b->parameter_count) return false;
  for (int i = 0; i < a->parameter_count; i++)
    if (!type_equal(a->parameters[i]->type, b->parameters[i]->type)) return false;
  return true;
}

static void check_density_definition(checker *c, const function *f) {
  if (!is_density_suffix(function_suffix(f->name))) return;
  if (f->result->kind != TYPE_REAL && !type_is_error(f->result))
    message_error(c->messages, f->location,
                  "`%s` must return real: its name is that of a density or distribution function", f->name);
  if (f->parameter_count == 0) {
    message_error(c->messages, f->location, "`%s` must have a first parameter, its variate", f->name);
    return;
  }
  const variable *first = f->parameters[0];
  if (type_is_error(first->type)) return;
  bool discrete = type_is_discrete(first->type);
  if (has_suffix(f->name, "_lpmf") && !discrete)
    message_error(c->messages, first->location,
                  "the first parameter of a function in _lpmf must be int or an array of ints, found %s",
                  type_name(c->arena, first->type));
  if (has_suffix(f->name, "_lpdf") && discrete)
    message_error(c->messages, first->location,
                  "the first parameter of a function in _lpdf must be real-valued, found %s",
                  type_name(c->arena, first->type));
}

/* With ints where the library's function takes reals too, when it is a function of scalars: such functions stand for every
 * number and container. */
static bool is_in_library(checker *c, const function *f) {
  const type **types = arena_array(c->arena, const type *, f->parameter_count + 1);
  for (int i = 0; i < f->parameter_count; i++) types[i] = f->parameters[i]->type;
  resolution found = resolve(c->arena, NULL, shared_overloads(c, f->name), types, f->parameter_count);
  if (found.kind != RESOLVED) return false;
  const overload *best = found.best.overload;
  bool of_scalars = best->kind == CALLEE_INTRINSIC;
  if (best->kind == CALLEE_FUNCTION && !function_suffix(f->name)) {
    of_scalars = true;
    for (int i = 0; i < f->parameter_count; i++)
      of_scalars = of_scalars && type_is_scalar(best->function->parameters[i]->type);
  }
  return found.best.cost == 0 || of_scalars;
}

static bool same_qualifiers(const function *a, const function *b) {
  for (int i = 0; i < a->parameter_count; i++)
    if (a->parameters[i]->is_data_only != b->parameters[i]->is_data_only) return false;
  return true;
}

/* A definition takes the place of its forward declaration. Anything else with these parameters is a mistake. */
static bool fits_earlier(checker *c, function *f) {
  overload *before = name_map_get(c->functions, f->name);
  while (before && !same_parameters(before->function, f)) before = before->next;
  if (!before) return false;
  function *old = before->function;
  if (!type_equal(old->result, f->result))
    message_error(c->messages, f->location, "`%s` with these parameters is declared in line %d, with the result %s",
                  f->name, old->location.line, type_name(c->arena, old->result));
  else if (old->body || !f->body)
    message_error(c->messages, f->location, "`%s` with these parameters is already %s, in line %d", f->name,
                  old->body ? "defined" : "declared", old->location.line);
  else if (!same_qualifiers(old, f))
    message_error(c->messages, f->location, "`%s` is declared in line %d with other `data` qualifiers", f->name,
                  old->location.line);
  if (f->body && !old->body) before->function = f;
  return true;
}

static void declare_function(checker *c, function *f) {
  check_name(c, f->name, f->location);
  check_density_definition(c, f);
  for (int i = 0; i < f->parameter_count; i++) {
    f->parameters[i]->block = BLOCK_FUNCTIONS;
    f->parameters[i]->is_function_parameter = true;
  }
  if (fits_earlier(c, f)) return;
  if (is_higher_order(f->name)) {
    message_error(c->messages, f->location, "`%s` is a function of the language and cannot be defined again", f->name);
  } else if (is_in_library(c, f)) {
    message *m =
        message_error(c->messages, f->location, "`%s` with these parameters is a function of the language", f->name);
    message_hint(c->messages, m, "another name is needed, or other types of parameters");
  }
  add_overload(c->functions, f->name, (overload){.kind = CALLEE_FUNCTION, .function = f});
}

static void find_undefined(const char *name, void *value, void *context) {
  checker *c = context;
  for (const overload *o = value; o; o = o->next)
    if (!o->function->body)
      message_error(c->messages, o->function->location, "`%s` is declared, and never defined", name);
}

void declare_functions(checker *c) {
  for (function *f = c->program->functions; f; f = f->next) declare_function(c, f);
  name_map_each(c->functions, find_undefined, c);
}

/* ---- bodies ---- */

typedef enum flow { GOES_ON, RETURNS, LEAVES_LOOP } flow;

static flow flow_of_list(const statement *list);

static bool is_true_literal(const expression *e) { return e->kind == EXPRESSION_INT && e->int_value != 0; }

static flow flow_of(const statement *s) {
  switch (s->kind) {
  case STATEMENT_RETURN:
  case STATEMENT_REJECT:
  case STATEMENT_FATAL_ERROR: return RETURNS;
  case STATEMENT_BREAK: return LEAVES_LOOP;
  case STATEMENT_BLOCK:
  case STATEMENT_PROFILE: return flow_of_list(s->block.body);
  case STATEMENT_IF: {
    flow a = flow_of(s->branch.then_body), b = s->branch.else_body ? flow_of(s->branch.else_body) : GOES_ON;
    return a == LEAVES_LOOP || b == LEAVES_LOOP ? LEAVES_LOOP : a == RETURNS && b == RETURNS ? RETURNS : GOES_ON;
  }
  case STATEMENT_WHILE: {
    flow body = flow_of(s->branch.then_body);
    return body == RETURNS || (body == GOES_ON && is_true_literal(s->branch.condition)) ? RETURNS : GOES_ON;
  }
  case STATEMENT_FOR:
  case STATEMENT_FOR_EACH: return flow_of(s->loop.body) == RETURNS ? RETURNS : GOES_ON;
  default: return GOES_ON;
  }
}

static flow flow_of_list(const statement *list) {
  flow all = GOES_ON;
  for (const statement *s = list; s; s = s->next) {
    flow one = flow_of(s);
    if (one == LEAVES_LOOP || (all == GOES_ON && one == RETURNS)) all = one;
  }
  return all;
}

void check_function_body(checker *c, function *f) {
  c->function = f;
  c->block = BLOCK_FUNCTIONS;
  c->loop_depth = 0;
  f->is_checked = true;
  int mark = open_scope(c);
  for (int i = 0; i < f->parameter_count; i++) {
    f->parameters[i]->block = BLOCK_FUNCTIONS;
    f->parameters[i]->is_function_parameter = true;
    declare_variable(c, f->parameters[i]);
  }
  if (f->body) {
    check_statements(c, f->body);
    if (f->result->kind != TYPE_VOID && flow_of(f->body) != RETURNS) {
      message *m = message_error(c->messages, f->location,
                                 "`%s` must return a value on every path, and one ends without", f->name);
      message_hint(c->messages, m, "every path must end in return, reject or fatal_error; the function returns %s",
                   type_name(c->arena, f->result));
    }
  }
  close_scope(c, mark);
  c->function = NULL;
}

void check_function_bodies(checker *c) {
  for (function *f = c->program->functions; f; f = f->next)
    if (f->body) check_function_body(c, f);
}

void check_called_library_functions(checker *c) {
  while (c->checked_count < c->library_calls.count) check_function_body(c, c->library_calls.items[c->checked_count++]);
}

/* ---- recursion ---- */

static bool contains(const functions *list, const function *f) {
  for (int i = 0; i < list->count; i++)
    if (list->items[i] == f) return true;
  return false;
}

/* A function is recursive when it can be reached from what it calls. */
static bool reaches_itself(checker *c, function *start) {
  functions reached = {0};
  arena_push(c->arena, &reached, start);
  for (int i = 0; i < reached.count; i++)
    for (int e = 0; e < c->calls.count; e++) {
      if (c->calls.items[e].caller != reached.items[i]) continue;
      if (c->calls.items[e].callee == start) return true;
      if (!contains(&reached, c->calls.items[e].callee)) arena_push(c->arena, &reached, c->calls.items[e].callee);
    }
  return false;
}

void mark_recursive_functions(checker *c) {
  for (int i = 0; i < c->calls.count; i++) {
    function *caller = c->calls.items[i].caller;
    if (!caller->is_recursive) caller->is_recursive = reaches_itself(c, caller);
  }
}
