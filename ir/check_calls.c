/* check_calls.c: calls: which function is meant, what its arguments are promoted to, and whether it may stand here. */
#include <string.h>
#include "ir/builtins.h"
#include "ir/check_internal.h"
#include "ir/higher_order.h"

/* A library function sees no functions of the program. */
const overload *own_overloads(const checker *c, const char *name) {
  if (c->function && c->function->is_library) return NULL;
  return name_map_get(c->functions, name);
}

const overload *shared_overloads(const checker *c, const char *name) {
  return name_map_get(c->library->overloads, name);
}

bool is_function_name(const checker *c, const char *name) {
  return own_overloads(c, name) || shared_overloads(c, name) || higher_order_named(name) >= 0 ||
         name_map_get(c->library->not_yet, name);
}

callee use_overload(checker *c, const signature_match *match) {
  const overload *overload = match->overload;
  callee callee = {.kind = overload->kind,
                   .function = overload->function,
                   .id = overload->id,
                   .vectorised = match->vectorised,
                   .leaves_out_jacobian = overload->leaves_out_jacobian};
  if (overload->kind != CALLEE_FUNCTION) return callee;
  if (c->function) {
    call_edge edge = {c->function, overload->function};
    arena_push(c->arena, &c->calls, edge);
  }
  if (overload->function->is_library && !overload->function->is_checked) {
    overload->function->is_checked = true;
    arena_push(c->arena, &c->library_calls, overload->function);
  }
  return callee;
}

void check_argument_promotions(checker *c, const signature_match *match, expression **arguments, int count,
                               const char *name) {
  bool in_library = c->function && c->function->is_library; /* whose parameters are what a call makes of them */
  for (int i = 0; i < count; i++) {
    if (!in_library && match->data_only && match->data_only[i] && !is_data_only(c, arguments[i])) {
      message *m = message_error(c->messages, arguments[i]->location,
                                 "argument %d of `%s` may not depend on parameters", i + 1, name);
      if (match->overload->kind == CALLEE_FUNCTION)
        message_hint(c->messages, m, "it is declared `data`: %s", overload_text(c->arena, match->overload, NULL));
    }
    arguments[i] = promote(c->arena, arguments[i], match->expected[i]);
  }
}

/* ---- where functions with a suffix, and target, may be called ---- */

static bool may_draw(const checker *c) {
  return c->block == BLOCK_TRANSFORMED_DATA || c->block == BLOCK_GENERATED_QUANTITIES || in_function_with(c, "_rng");
}

static bool may_use_target(const checker *c) {
  return c->block == BLOCK_MODEL || c->block == BLOCK_TRANSFORMED_PARAMETERS || in_function_with(c, "_lp");
}

static bool may_drop_constants(const checker *c) {
  return c->block == BLOCK_MODEL || in_function_with(c, "_lpdf") || in_function_with(c, "_lpmf");
}

void check_place(checker *c, const char *name, location place) {
  if (has_suffix(name, "_rng")) {
    if (c->in_global_size)
      message_error(c->messages, place, "sizes may not be drawn at random");
    else if (!may_draw(c))
      message_error(c->messages, place,
                    "`%s` draws random numbers: that can be done in transformed data, in generated quantities and in "
                    "functions whose name ends in _rng",
                    name);
  } else if (strcmp(name, "target") == 0 || has_suffix(name, "_lp")) {
    bool adds = strcmp(name, "target") != 0;
    if (adds && c->block == BLOCK_TRANSFORMED_PARAMETERS) {
      message *m = message_warning(c->messages, place, "a function in _lp should be called in the model block only");
      message_hint(c->messages, m, "what belongs to a change of variables is added by a function in _jacobian");
    }
    if (!may_use_target(c))
      message_error(c->messages, place,
                    "`%s` can be used in the model block and in functions whose name ends in _lp only", name);
  } else if (has_suffix(name, "_jacobian")) {
    if (c->block != BLOCK_TRANSFORMED_PARAMETERS && !in_function_with(c, "_jacobian"))
      message_error(c->messages, place,
                    "`%s` can be used in transformed parameters and in functions whose name ends in _jacobian only",
                    name);
  } else if (has_suffix(name, "_lupdf") || has_suffix(name, "_lupmf")) {
    if (!may_drop_constants(c)) {
      message *m = message_error(
          c->messages, place,
          "`%s` can be used in the model block and in functions whose name ends in _lpdf or _lpmf only", name);
      message_hint(c->messages, m, "`%.*s%s` keeps all constants and can be used anywhere", (int)strlen(name) - 5, name,
                   has_suffix(name, "_lupdf") ? "lpdf" : "lpmf");
    }
  }
}

/* normal_lpdf(y | mu, sigma) has a bar, other calls have none. With one argument, and for the library's own `__` functions,
 * it can be left out. */
static bool check_bar(checker *c, const expression *e) {
  bool wants_bar = is_density_suffix(function_suffix(e->call.name));
  bool may_go_without = strncmp(e->call.name, "__", 2) == 0 || e->call.arguments.count == 1;
  if (wants_bar == e->call.has_bar || (wants_bar && may_go_without)) return true;
  if (wants_bar) {
    message *m = message_error(c->messages, e->location, "`%s` takes a bar `|` after its first argument", e->call.name);
    message_hint(c->messages, m, "write `%s(y | ...)`", e->call.name);
  } else {
    message_error(c->messages, e->location,
                  "a bar stands in calls of densities and distribution functions only (names that end in _lpdf, _lpmf, "
                  "_cdf, _lcdf, _lccdf), not of `%s`",
                  e->call.name);
  }
  return false;
}

const char *defined_name(checker *c, const char *name) {
  if (!has_suffix(name, "_lupdf") && !has_suffix(name, "_lupmf")) return name;
  return arena_printf(c->arena, "%.*s%s", (int)strlen(name) - 5, name, has_suffix(name, "_lupdf") ? "lpdf" : "lpmf");
}

const type *check_call(checker *c, expression *e) {
  expressions *arguments = &e->call.arguments;
  const char *name = defined_name(c, e->call.name);
  int higher_order = higher_order_named(name);
  if (higher_order >= 0) return check_higher_order(c, e, higher_order);
  const overload *own = own_overloads(c, name), *shared = shared_overloads(c, name);
  bool is_hidden = !shared && name_map_get(c->variables, name); /* a variable covers the program's functions */
  if ((!own && !shared) || is_hidden) {
    report_unknown_function(c, e->call.name_location, e->call.name);
    return &type_error;
  }
  const type **types = arena_array(c->arena, const type *, arguments->count + 1);
  bool wrong = false;
  for (int i = 0; i < arguments->count; i++) {
    types[i] = check_expression(c, arguments->items[i]);
    wrong = wrong || type_is_error(types[i]);
  }
  if (!check_bar(c, e)) return &type_error;
  check_place(c, e->call.name, e->call.name_location);
  resolution found = resolve(c->arena, own, shared, types, arguments->count);
  if (found.kind == RESOLVED) {
    check_argument_promotions(c, &found.best, arguments->items, arguments->count, e->call.name);
    e->call.callee = use_overload(c, &found.best);
    e->call.callee.unnormalised = name != e->call.name;
    bool is_target = e->call.callee.kind == CALLEE_BUILTIN && e->call.callee.id == BUILTIN_TARGET;
    if (is_target && c->program) c->program->reads_target = true;
    return found.best.result;
  }
  if (found.kind == RESOLVED_AMBIGUOUS)
    report_ambiguity(c, e->call.name_location, e->call.name, &found);
  else if (!wrong)
    report_mismatch(c, e->location, e->call.name, &found, arguments->items, arguments->count, false);
  return &type_error;
}
