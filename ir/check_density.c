/* check_density.c: y ~ name(arguments) T[lower, upper]. */
#include <string.h>
#include "ir/check_internal.h"

static const struct {
  const char *suffix;
  const char *before, *behind; /* the name, where its value is used; NULL: without suffix it states the same */
} forbidden[] = {{"_lpdf", NULL, NULL},
                 {"_lpmf", NULL, NULL},
                 {"_lupdf", NULL, NULL},
                 {"_lupmf", NULL, NULL},
                 {"_cdf", "target += log(", "(y | ...))"},
                 {"_lcdf", "target += ", "(y | ...)"},
                 {"_ccdf", NULL, NULL},
                 {"_lccdf", "target += ", "(y | ...)"},
                 {"_rng", "y = ", "(...)"}};

static bool check_density_name(checker *c, const expression *call) {
  const char *name = call->call.name;
  for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
    const char *suffix = forbidden[i].suffix;
    if (!has_suffix(name, suffix)) continue;
    message *m = message_error(c->messages, call->call.name_location,
                               "what stands after `~` is a distribution's name, without %s", suffix);
    int stem = (int)(strlen(name) - strlen(suffix));
    if (forbidden[i].before)
      message_hint(c->messages, m, "write `%.*s`, or `%s%s%s;` for the function's value", stem, name,
                   forbidden[i].before, name, forbidden[i].behind);
    else
      message_hint(c->messages, m, "write `%.*s`", stem, name);
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

/* The callee for name_lcdf or name_lccdf at a truncation bound, which is promoted to what it takes. */
static callee resolve_cumulative(checker *c, const expression *call, const char *suffix, const type **types,
                                 expression **bound) {
  const char *name = arena_printf(c->arena, "%s%s", call->call.name, suffix);
  types[0] = (*bound)->type;
  int count = call->call.arguments.count + 1;
  resolution found = resolve(c->arena, own_overloads(c, name), shared_overloads(c, name), types, count);
  if (found.kind == RESOLVED) {
    *bound = promote(c->arena, *bound, found.best.expected[0]);
    return use_overload(c, &found.best);
  }
  if (found.match_count == 0)
    report_no_cumulative(c, (*bound)->location, call->call.name, name);
  else
    message_error(c->messages, (*bound)->location,
                  "`%s` cannot be truncated here: `%s` does not take %s with these arguments", call->call.name, name,
                  type_name(c->arena, (*bound)->type));
  return (callee){0};
}

static bool check_truncation_bound(checker *c, expression *bound) {
  if (!bound) return true;
  bool is_number = bound->type->kind == TYPE_INT || bound->type->kind == TYPE_REAL;
  return expect(c, bound, is_number, "a truncation bound", "int or real") && !type_is_error(bound->type);
}

/* Below an upper bound lies log_cdf(upper), above a lower bound alone log_ccdf(lower), between two bounds the difference
 * of log_cdf at both. */
static void check_truncation(checker *c, statement *s, const type **types) {
  expression **lower = &s->tilde.lower, **upper = &s->tilde.upper;
  if (type_total_dimensions(s->tilde.left->type) > 1) {
    message_error(c->messages, s->tilde.left->location,
                  "only a univariate distribution can be truncated, and this is %s",
                  type_name(c->arena, s->tilde.left->type));
    return;
  }
  if (!check_truncation_bound(c, *lower) || !check_truncation_bound(c, *upper)) return;
  if (*upper) s->tilde.log_cdf = resolve_cumulative(c, s->tilde.call, "_lcdf", types, upper);
  if (*lower && !*upper) s->tilde.log_ccdf = resolve_cumulative(c, s->tilde.call, "_lccdf", types, lower);
  if (*lower && s->tilde.log_cdf.kind != CALLEE_UNRESOLVED) resolve_cumulative(c, s->tilde.call, "_lcdf", types, lower);
}

static bool has_density(const checker *c, const char *name) {
  const char *density = arena_printf(c->arena, "%s_lpdf", name), *mass = arena_printf(c->arena, "%s_lpmf", name);
  return own_overloads(c, density) || shared_overloads(c, density) || own_overloads(c, mass) ||
         shared_overloads(c, mass);
}

void check_tilde(checker *c, statement *s) {
  expression *call = s->tilde.call;
  if (!check_density_name(c, call)) return;
  if (!has_density(c, call->call.name)) {
    report_unknown_density(c, call->call.name_location, call->call.name);
    return;
  }
  expressions *arguments = &call->call.arguments;
  int count = arguments->count + 1;
  const type **types = arena_array(c->arena, const type *, count);
  expression **all = arena_array(c->arena, expression *, count);
  all[0] = s->tilde.left;
  for (int i = 1; i < count; i++) all[i] = arguments->items[i - 1];
  bool wrong = false;
  for (int i = 0; i < count; i++) {
    types[i] = check_expression(c, all[i]);
    wrong = wrong || type_is_error(types[i]);
  }
  if (s->tilde.lower) check_expression(c, s->tilde.lower);
  if (s->tilde.upper) check_expression(c, s->tilde.upper);
  call->type = &type_real;
  if (c->block != BLOCK_MODEL && !in_function_with(c, "_lp")) {
    message_error(c->messages, s->location,
                  "`~` can stand in the model block and in functions whose name ends in _lp only");
    return;
  }
  const char *name = call->call.name;
  resolution found = resolve_density(c, name, types, count);
  if (found.kind == RESOLVED_AMBIGUOUS) {
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
