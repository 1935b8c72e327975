/* old_names.c: functions that Stan has renamed. A program that calls one by its old name gets today's, and a warning.
 *
 *   normal_log(y, mu, sigma)    normal_lpdf(y | mu, sigma)     and my_log, where the program defines the density `my` so
 *   normal_cdf_log, _ccdf_log   normal_lcdf, _lccdf
 *   normal_cdf(y, mu, sigma)    normal_cdf(y | mu, sigma)
 *   if_else(c, a, b)            (c ? a : b)
 *
 * Of functions that take their arguments in another way today only the warning is given: the program says more than a name.
 *
 * It comes before the checker, so it knows names and the number of arguments, but no types. What the program itself defines
 * under an old name is its own. */
#include <string.h>
#include "ir/check_internal.h"
#include "parser/walk.h"

static const struct {
  const char *before, *now;
} renamed[] = {
    {"multiply_log", "lmultiply"},
    {"binomial_coefficient_log", "lchoose"},
    {"cov_exp_quad", "gp_exp_quad_cov"},
    {"integrate_ode", "integrate_ode_rk45"},
};

/* Still there, but with a successor that is called in another way. */
static const struct {
  const char *name, *now, *difference;
} succeeded[] = {
    {"fabs", "abs(x)", "which gives an int for an int"},
    {"integrate_ode_rk45", "ode_rk45(f, y0, t0, times, theta, ...)", "whose state is a vector, with any arguments"},
    {"integrate_ode_bdf", "ode_bdf(f, y0, t0, times, theta, ...)", "whose state is a vector, with any arguments"},
    {"integrate_ode_adams", "ode_adams(f, y0, t0, times, theta, ...)", "whose state is a vector, with any arguments"},
    {"algebra_solver", "solve_powell(f, y_guess, theta, ...)", "whose function takes any arguments"},
    {"algebra_solver_newton", "solve_newton(f, y_guess, theta, ...)", "whose function takes any arguments"},
};

static const struct {
  const char *before, *now;
} renamed_endings[] = {{"_cdf_log", "_lcdf"}, {"_ccdf_log", "_lccdf"}, {"_log", "_lpdf"}, {"_log", "_lpmf"}};

typedef struct renaming {
  arena *arena;
  const program *program;
  const library *library;
  messages *messages;
  name_map *own;  /* the first of the program's functions of each name */
  name_map *told; /* old names that have had their warning */
} renaming;

static bool is_known(const renaming *r, const char *name) {
  return name_map_get(r->own, name) || name_map_get(r->library->overloads, name) ||
         name_map_get(r->library->not_yet, name);
}

/* Once for each name: what `text` says of it. */
static void tell_with(renaming *r, location place, const char *text, const char *name, const char *hint) {
  name_entry *entry = name_map_entry(r->told, name);
  if (entry->value) return;
  entry->value = r;
  message *m = message_warning(r->messages, place, "%s", arena_printf(r->arena, "`%s` %s", name, text));
  message_hint(r->messages, m, "%s", hint);
}

static void tell(renaming *r, location place, const char *text, const char *name, const char *now) {
  tell_with(r, place, text, name, arena_printf(r->arena, "write `%s`", now));
}

static void tell_succeeded(renaming *r, const expression *call) {
  const char *name = call->call.name;
  for (size_t i = 0; i < sizeof succeeded / sizeof *succeeded; i++)
    if (strcmp(name, succeeded[i].name) == 0 && !name_map_get(r->own, name))
      tell_with(r, call->location, "is an older form", name,
                arena_printf(r->arena, "write `%s`, %s", succeeded[i].now, succeeded[i].difference));
}

/* Today's name of the call, or NULL. */
static const char *name_now(const renaming *r, const char *name, bool *takes_bar) {
  *takes_bar = false;
  for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++)
    if (strcmp(name, renamed[i].before) == 0) return renamed[i].now;
  for (size_t i = 0; i < sizeof renamed_endings / sizeof *renamed_endings; i++) {
    const char *before = renamed_endings[i].before;
    if (!has_suffix(name, before)) continue;
    const char *now =
        arena_printf(r->arena, "%.*s%s", (int)(strlen(name) - strlen(before)), name, renamed_endings[i].now);
    *takes_bar = true;
    if (is_known(r, now)) return now;
  }
  return NULL;
}

static void make_ternary(renaming *r, expression *e) {
  expression *choice = arena_new(r->arena, expression);
  *choice = (expression){.kind = EXPRESSION_TERNARY, .depth = e->depth, .location = e->location};
  choice->ternary.condition = e->call.arguments.items[0];
  choice->ternary.then_value = e->call.arguments.items[1];
  choice->ternary.else_value = e->call.arguments.items[2];
  e->kind = EXPRESSION_PARENTHESES;
  e->inner = choice;
}

/* A distribution function whose variate is followed by a comma. */
static bool lacks_bar(const renaming *r, const expression *e) {
  bool is_cumulative =
      has_suffix(e->call.name, "_cdf") || has_suffix(e->call.name, "_lcdf") || has_suffix(e->call.name, "_lccdf");
  return is_cumulative && !e->call.has_bar && e->call.arguments.count > 1 && is_known(r, e->call.name);
}

static void rename_call(const expression *read, void *context) {
  renaming *r = context;
  if (read->kind != EXPRESSION_CALL) return;
  expression *e = (expression *)read; /* the tree is the checker's to change */
  const char *name = e->call.name;
  if (lacks_bar(r, e)) {
    tell(r, e->location, "has a bar behind its first argument now", name, arena_printf(r->arena, "%s(y | ...)", name));
    e->call.has_bar = true;
    return;
  }
  tell_succeeded(r, e);
  if (is_known(r, name)) return;
  if (strcmp(name, "if_else") == 0 && e->call.arguments.count == 3) {
    tell(r, e->location, "is no longer a function", name, "condition ? a : b");
    make_ternary(r, e);
    return;
  }
  bool takes_bar;
  const char *now = name_now(r, name, &takes_bar);
  if (!now) return;
  tell(r, e->location, "is an old name", name, takes_bar ? arena_printf(r->arena, "%s(y | ...)", now) : now);
  e->call.name = now;
  e->call.has_bar = takes_bar && e->call.arguments.count > 1;
}

/* y ~ my(...), where the program defines my_log: a density, in the way of before. */
static void rename_definition(const statement *s, void *context) {
  renaming *r = context;
  if (s->kind != STATEMENT_TILDE) return;
  const char *name = s->tilde.call->call.name;
  const function *defined = name_map_get(r->own, arena_printf(r->arena, "%s_log", name));
  if (!defined || is_known(r, arena_printf(r->arena, "%s_lpdf", name)) ||
      is_known(r, arena_printf(r->arena, "%s_lpmf", name)) || defined->parameter_count == 0)
    return;
  const char *before = defined->name,
             *now = arena_printf(r->arena, "%s%s", name,
                                 type_is_discrete(defined->parameters[0]->type) ? "_lpmf" : "_lpdf");
  tell(r, defined->location, "is an old name for a density", before, now);
  for (function *f = r->program->functions; f; f = f->next)
    if (strcmp(f->name, before) == 0) f->name = now;
  name_map_entry(r->own, before)->value = NULL;
  name_map_entry(r->own, now)->value = (void *)defined;
}

void rename_old_functions(arena *arena, const program *program, const library *library, messages *messages) {
  renaming r = {arena, program, library, messages, name_map_create(arena), name_map_create(arena)};
  for (function *f = program->functions; f; f = f->next) {
    name_entry *entry = name_map_entry(r.own, f->name);
    if (!entry->value) entry->value = f;
  }
  walk_program(program, &(ast_visitor){.statement = rename_definition, .context = &r});
  walk_program(program, &(ast_visitor){.expression = rename_call, .context = &r});
}
