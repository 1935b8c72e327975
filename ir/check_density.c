/* check_density.c: y ~ name(arguments) T[lower, upper]. */
#include <string.h>
#include "ir/check_internal.h"

static const char *const forbidden[] = {"_lpdf", "_lpmf", "_lupdf", "_lupmf", "_cdf", "_lcdf", "_ccdf", "_lccdf", "_rng"};

static bool check_density_name(checker *c, const expression *call) {
  const char *name = call->call.name;
  for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
    if (!has_suffix(name, forbidden[i])) continue;
    message *m = message_error(c->messages, call->call.name_location, "what stands after `~` is a distribution's name, without %s",
                               forbidden[i]);
    message_hint(c->messages, m, "write `%.*s`", (int)(strlen(name) - strlen(forbidden[i])), name);
    return false;
  }
  return true;
}

/* The better of name_lpdf and name_lpmf for these arguments. */
static resolution resolve_density(checker *c, const char *name, const type *const *types, int count) {
  const char *density = arena_printf(c->arena, "%s_lpdf", name), *mass = arena_printf(c->arena, "%s_lpmf", name);
  resolution a = resolve(c->arena, own_overloads(c, density), shared_overloads(c, density), types, count);
  resolution b = resolve(c->arena, own_overloads(c, mass), shared_overloads(c, mass), types, count);
  if (a.match_count == 0) return b;
  if (b.match_count == 0 || a.kind == RESOLVED_AMBIGUOUS) return a;
  if (b.kind != RESOLVED) return a.kind == RESOLVED ? a : b;
  return a.kind == RESOLVED && a.best.cost <= b.best.cost ? a : b;
}

/* A callee for name_lcdf or name_lccdf of a truncation bound. */
static callee resolve_cumulative(checker *c, const expression *call, const char *suffix, const type **types,
                                 const expression *bound) {
  const char *name = arena_printf(c->arena, "%s%s", call->call.name, suffix);
  types[0] = bound->type;
  int count = call->call.arguments.count + 1;
  resolution found = resolve(c->arena, own_overloads(c, name), shared_overloads(c, name), types, count);
  if (found.kind == RESOLVED) return use_overload(c, &found.best);
  message *m = message_error(c->messages, bound->location, "`%s` cannot be truncated: ", call->call.name);
  if (found.match_count == 0)
    m->text = arena_printf(c->arena, "%sthere is no `%s`", m->text, name);
  else
    m->text = arena_printf(c->arena, "%s`%s` does not take these arguments", m->text, name);
  return (callee){0};
}

static void check_truncation(checker *c, statement *s, const type **types) {
  expression *lower = s->tilde.lower, *upper = s->tilde.upper;
  if (type_total_dimensions(s->tilde.left->type) > 1) {
    message_error(c->messages, s->tilde.left->location, "only a univariate distribution can be truncated, and this is %s",
                  type_name(c->arena, s->tilde.left->type));
    return;
  }
  if (lower && !expect(c, lower, type_is_scalar(lower->type) && !type_is_complex(lower->type), "a truncation bound", "int or real"))
    return;
  if (upper && !expect(c, upper, type_is_scalar(upper->type) && !type_is_complex(upper->type), "a truncation bound", "int or real"))
    return;
  if (upper) s->tilde.log_cdf = resolve_cumulative(c, s->tilde.call, "_lcdf", types, upper);
  if (lower && !upper) s->tilde.log_ccdf = resolve_cumulative(c, s->tilde.call, "_lccdf", types, lower);
}

void check_tilde(checker *c, statement *s) {
  expression *call = s->tilde.call;
  expressions *arguments = &call->call.arguments;
  int count = arguments->count + 1;
  const type **types = arena_array(c->arena, const type *, count);
  expression **all = arena_array(c->arena, expression *, count);
  all[0] = s->tilde.left;
  for (int i = 1; i < count; i++) all[i] = arguments->items[i - 1];
  bool wrong = false;
  for (int i = 0; i < count; i++) {
    types[i] = check_value(c, all[i]);
    wrong = wrong || type_is_error(types[i]);
  }
  if (s->tilde.lower) check_value(c, s->tilde.lower);
  if (s->tilde.upper) check_value(c, s->tilde.upper);
  call->type = &type_real;
  if (c->block != BLOCK_MODEL && !in_function_with(c, "_lp")) {
    message_error(c->messages, s->location, "`~` can stand in the model block and in functions whose name ends in _lp only");
    return;
  }
  if (!check_density_name(c, call)) return;
  const char *name = call->call.name;
  resolution found = resolve_density(c, name, types, count);
  if (found.match_count == 0) {
    report_unknown_density(c, call->call.name_location, name);
  } else if (found.kind == RESOLVED_AMBIGUOUS) {
    report_ambiguity(c, call->call.name_location, name, &found);
  } else if (found.kind == RESOLVED_NONE) {
    if (!wrong) report_mismatch(c, call->location, name, &found, all, count, true);
  } else {
    check_argument_promotions(c, &found.best, all, count, name);
    s->tilde.left = all[0];
    for (int i = 1; i < count; i++) arguments->items[i - 1] = all[i];
    call->call.callee = use_overload(c, &found.best);
    call->call.callee.unnormalised = true;
    if (s->tilde.is_truncated && !wrong) check_truncation(c, s, types);
  }
}
