/* build_statement.c: statements and declarations; see build.h. */
#include <string.h>
#include "parser/build.h"

static statement *make(parse_state *state, statement_kind kind, location place) {
  statement *made = arena_new(state->arena, statement);
  made->kind = kind;
  made->location = place;
  made->depth = 1;
  return made;
}

statement_list list_of(statement *only) { return (statement_list){only, only}; }

statement_list list_append(statement_list list, statement_list more) {
  if (!list.first) return more;
  if (!more.first) return list;
  list.last->next = more.first;
  return (statement_list){list.first, more.last};
}

/* Says once that statements are nested too deeply; see put_below in build_expression.c. */
static void put_below(parse_state *state, statement *above, const statement *list) {
  for (; list; list = list->next) {
    if (list->depth >= above->depth) above->depth = list->depth + 1;
  }
  if (above->depth <= MAXIMUM_DEPTH || state->is_stopped) return;
  message_error(state->messages, above->location, "these statements are nested more than %d deep", MAXIMUM_DEPTH);
  state->is_stopped = true;
}

/* ---- declarations ---- */

/* Names that may be scanned, but not declared: those that other implementations of Stan keep for themselves. */
static const char *const reserved_names[] = {"generated", "quantities", "transformed", "repeat",  "until",
                                             "then",      "true",       "false",       "typedef", "struct",
                                             "var",       "export",     "extern",      "static",  "auto"};

variable *build_name(parse_state *state, const token *name) {
  variable *made = arena_new(state->arena, variable);
  made->name = name->text;
  made->location = name->location;
  size_t length = strlen(name->text);
  if (length >= 2 && strcmp(name->text + length - 2, "__") == 0)
    message_error(state->messages, name->location,
                  "the name `%s` ends with two underscores: such names are kept for "
                  "the sampler's own columns",
                  name->text);
  for (size_t i = 0; i < sizeof reserved_names / sizeof *reserved_names; i++) {
    if (strcmp(name->text, reserved_names[i]) == 0)
      message_error(state->messages, name->location, "`%s` is a word that Stan reserves: it cannot be a name",
                    name->text);
  }
  return made;
}

/* The type of `real x[N]`: today's `array[N] real x`. */
static const sized_type *with_old_sizes(parse_state *state, const sized_type *written, const declarator *declared) {
  if (declared->sizes.count == 0) return written;
  sized_type *made = arena_new(state->arena, sized_type);
  *made = *written;
  made->array_sizes = (expressions){0};
  for (int i = 0; i < declared->sizes.count; i++)
    arena_push(state->arena, &made->array_sizes, declared->sizes.items[i]);
  for (int i = 0; i < written->array_sizes.count; i++)
    arena_push(state->arena, &made->array_sizes, written->array_sizes.items[i]);
  if (state->old[OLD_ARRAY].count == 0) {
    state->old[OLD_ARRAY].type = made;
    state->old[OLD_ARRAY].name = declared->name->text;
  }
  note_old_form(state, OLD_ARRAY, declared->name->location);
  return made;
}

statement_list build_declarations(parse_state *state, location place, sized_type *written, declarators declarators) {
  statement_list list = {0};
  for (int i = 0; i < declarators.count; i++) {
    const declarator *declared = &declarators.items[i];
    statement *made = make(state, STATEMENT_DECLARATION, place);
    made->declaration.variable = build_name(state, declared->name);
    made->declaration.variable->declared = with_old_sizes(state, written, declared);
    made->declaration.value = declared->value;
    list = list_append(list, list_of(made));
  }
  return list;
}

/* ---- assignments ---- */

/* assignable: name | assignable[...] | assignable.1 */
static bool is_assignable(const expression *target) {
  while (target->kind == EXPRESSION_INDEX || target->kind == EXPRESSION_MEMBER)
    target = target->kind == EXPRESSION_INDEX ? target->index.base : target->member.base;
  return target->kind == EXPRESSION_VARIABLE;
}

/* A tuple's members may be tuples again: ((a, b), c) = t. */
static void check_target(parse_state *state, const expression *target) {
  if (target->kind == EXPRESSION_TUPLE) {
    for (int i = 0; i < target->items.count; i++) check_target(state, target->items.items[i]);
  } else if (!is_assignable(target)) {
    message *error = message_error(state->messages, target->location, "this cannot be assigned to");
    message_hint(state->messages, error,
                 target->kind == EXPRESSION_PARENTHESES
                     ? "write it without the parentheses"
                     : "an assignment changes a variable, an element `x[i]`, or a member of a tuple `t.1`");
  }
}

statement *build_assignment(parse_state *state, location place, expression *target, expression *value) {
  check_target(state, target);
  if (target->kind == EXPRESSION_TUPLE) {
    statement *made = make(state, STATEMENT_UNPACK, place);
    made->unpack.targets = target;
    made->unpack.value = value;
    return made;
  }
  statement *made = make(state, STATEMENT_ASSIGNMENT, place);
  made->assignment.target = target;
  made->assignment.value = value;
  return made;
}

statement *build_compound_assignment(parse_state *state, location place, expression *target, operator_kind op,
                                     expression *value) {
  if (target->kind == EXPRESSION_TUPLE)
    message_error(state->messages, target->location, "a tuple can only be assigned to with `=`");
  else
    check_target(state, target);
  statement *made = make(state, STATEMENT_ASSIGNMENT, place);
  made->assignment.target = target;
  made->assignment.is_compound = true;
  made->assignment.op = op;
  made->assignment.value = value;
  return made;
}

/* ---- other simple statements ---- */

statement *build_call_statement(parse_state *state, location place, expression *call) {
  if (call->kind != EXPRESSION_CALL) {
    report_unused_value(state, call->location);
  } else if (call->call.has_bar) {
    message *error = message_error(state->messages, call->location, "this density is not used");
    message_hint(state->messages, error, "write `target += %s(...);`", call->call.name);
  }
  if (call->kind == EXPRESSION_CALL && strcmp(call->call.name, "increment_log_prob") == 0 &&
      call->call.arguments.count == 1) {
    note_old_form(state, OLD_INCREMENT, place);
    return build_value_statement(state, STATEMENT_TARGET, place, call->call.arguments.items[0]);
  }
  return build_value_statement(state, STATEMENT_CALL, place, call);
}

statement *build_tilde(parse_state *state, location place, expression *left, const token *name, location name_place,
                       expressions arguments, location call_place, truncation truncation) {
  statement *made = make(state, STATEMENT_TILDE, place);
  made->tilde.left = left;
  made->tilde.call = build_call(state, call_place, name, name_place, arguments, false);
  made->tilde.lower = truncation.lower;
  made->tilde.upper = truncation.upper;
  made->tilde.is_truncated = truncation.is_there;
  return made;
}

statement *build_value_statement(parse_state *state, statement_kind kind, location place, expression *value) {
  statement *made = make(state, kind, place);
  made->value = value;
  return made;
}

statement *build_print(parse_state *state, statement_kind kind, location place, expressions items) {
  statement *made = make(state, kind, place);
  made->items = items;
  return made;
}

/* ---- statements that hold statements ---- */

/* Below the top of a block, variables are local: without constraints. */
static void check_local(parse_state *state, const statement *list) {
  for (; list; list = list->next) {
    if (list->kind != STATEMENT_DECLARATION) continue;
    const variable *declared = list->declaration.variable;
    if (!is_constrained(declared->declared)) continue;
    message *error = message_error(state->messages, declared->declared->location,
                                   "the local variable `%s` cannot have a constraint", declared->name);
    message_hint(state->messages, error,
                 "constraints belong to variables at the top of the blocks data, parameters and generated quantities");
  }
}

/* One statement in the place of a list: what one declaration declares together becomes a block. */
static statement *as_body(parse_state *state, statement_list list) {
  if (!list.first) return make(state, STATEMENT_EMPTY, (location){0}); /* what is left of an error */
  check_local(state, list.first);
  if (list.first == list.last) return list.first;
  statement *made = make(state, STATEMENT_BLOCK, location_join(list.first->location, list.last->location));
  made->block.body = list.first;
  put_below(state, made, list.first);
  return made;
}

statement *build_if(parse_state *state, location place, expression *condition, statement_list then_body,
                    statement_list else_body) {
  statement *made = make(state, STATEMENT_IF, place);
  made->branch.condition = condition;
  made->branch.then_body = as_body(state, then_body);
  made->branch.else_body = else_body.first ? as_body(state, else_body) : NULL;
  put_below(state, made, made->branch.then_body);
  put_below(state, made, made->branch.else_body);
  return made;
}

statement *build_while(parse_state *state, location place, expression *condition, statement_list body) {
  statement *made = make(state, STATEMENT_WHILE, place);
  made->branch.condition = condition;
  made->branch.then_body = as_body(state, body);
  put_below(state, made, made->branch.then_body);
  return made;
}

statement *build_for(parse_state *state, location place, const token *name, expression *first, expression *last,
                     statement_list body) {
  statement *made = make(state, last ? STATEMENT_FOR : STATEMENT_FOR_EACH, place);
  made->loop.variable = build_name(state, name);
  made->loop.variable->is_loop_variable = true;
  made->loop.first = first;
  made->loop.last = last;
  made->loop.body = as_body(state, body);
  put_below(state, made, made->loop.body);
  return made;
}

static statement *build_list(parse_state *state, statement_kind kind, location place, statement_list body) {
  check_local(state, body.first);
  statement *made = make(state, kind, place);
  made->block.body = body.first;
  put_below(state, made, body.first);
  return made;
}

statement *build_profile(parse_state *state, location place, const token *name, statement_list body) {
  statement *made = build_list(state, STATEMENT_PROFILE, place, body);
  made->block.name = name->text;
  return made;
}

statement *build_block_statement(parse_state *state, location place, statement_list body) {
  return build_list(state, STATEMENT_BLOCK, place, body);
}
