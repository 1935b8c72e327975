/* check_higher_order.c: calls of functions that take a function: reduce_sum(partial_sum, y, 1, mu), ode_rk45(f, y0, 0, ts, k).
 *
 * The callback is chosen among the program's functions of that name by the arguments that it will be called with: those that
 * the higher-order function gives it, whose types must be exactly these but for slices, and the trailing ones of the call. */
#include "ir/builtins.h"
#include "ir/check_internal.h"
#include "ir/higher_order.h"

typedef struct higher_order_call {
  checker *c;
  expression *e;
  const higher_order_info *info;
  const char *name;                             /* of the callback, as defined */
  int fixed_count;                              /* arguments of the function's own, the callback not counted */
  bool slices;                                  /* the callback is first given a slice of the first argument */
  const type *given[MAX_BUILTIN_ARGUMENTS + 1]; /* what the callback is given first; NULL: not known */
  int given_count;
  expression *const *trailing; /* what it is given then */
  int trailing_count;
} higher_order_call;

/* "vector f(real, vector, array[] real)": what the callback of this call must look like. */
static const char *wanted_callback(const higher_order_call *h) {
  arena *arena = h->c->arena;
  const char *parameters[MAX_BUILTIN_ARGUMENTS], *result;
  int count = builtin_signature_parts(arena, h->info->callback, parameters, &result);
  const char *text = arena_printf(arena, "%s %s(", result, h->name ? h->name : "f");
  for (int i = 0; i < count; i++)
    text = arena_printf(arena, "%s%s%s", text, i ? ", " : "",
                        i < h->given_count && h->given[i] ? type_name(arena, h->given[i]) : parameters[i]);
  for (int i = 0; i < h->trailing_count; i++)
    text = arena_printf(arena, "%s, %s", text, type_name(arena, h->trailing[i]->type));
  if (h->info->is_variadic && !h->trailing) text = arena_printf(arena, "%s, ...", text);
  return arena_printf(arena, "%s)", text);
}

static void show_usage(const higher_order_call *h, message *m) {
  arena *arena = h->c->arena;
  const char *text = "";
  for (const char *s = h->info->signatures; s; s = next_signature(s)) {
    const char *parameters[MAX_BUILTIN_ARGUMENTS];
    int count = builtin_signature_parts(arena, s, parameters, NULL);
    text = arena_printf(arena, "%s%s  %s(f", text, *text ? "\n" : "", h->info->name);
    for (int i = 0; i < count; i++) text = arena_printf(arena, "%s, %s", text, parameters[i]);
    text = arena_printf(arena, "%s%s)", text, h->info->is_variadic ? ", ..." : "");
  }
  message_hint(h->c->messages, m, "it can be used as\n%s\n  where f is %s", text, wanted_callback(h));
}

/* ---- the function's own arguments ---- */

/* Matches the arguments after the callback; those of the signature are promoted. NULL after a message. */
static const type *match_own_arguments(higher_order_call *h) {
  checker *c = h->c;
  expressions *arguments = &h->e->call.arguments;
  int count = arguments->count - 1;
  const type **types = arena_array(c->arena, const type *, count + 1);
  bool wrong = false;
  for (int i = 0; i < count; i++) {
    types[i] = check_expression(c, arguments->items[i + 1]);
    wrong = wrong || type_is_error(types[i]);
  }
  if (wrong) return NULL;
  builtin_match nearest = {.wrong_argument = -1};
  for (const char *s = h->info->signatures; s; s = next_signature(s)) {
    const char *parameters[MAX_BUILTIN_ARGUMENTS];
    h->fixed_count = builtin_signature_parts(c->arena, s, parameters, NULL);
    if (count < h->fixed_count || (count > h->fixed_count && !h->info->is_variadic)) continue;
    builtin_match match = builtin_match_signature(c->arena, s, types, h->fixed_count);
    nearest = match;
    if (match.cost < 0) continue;
    for (int i = 0; i < h->fixed_count; i++) {
      if (match.data_only[i] && !is_data_only(c, arguments->items[i + 1]))
        message_error(c->messages, arguments->items[i + 1]->location,
                      "argument %d of `%s` may not depend on parameters", i + 2, h->info->name);
      arguments->items[i + 1] = promote(c->arena, arguments->items[i + 1], match.expected[i]);
    }
    h->trailing = arguments->items + 1 + h->fixed_count;
    h->trailing_count = count - h->fixed_count;
    return match.result;
  }
  message *m;
  if (nearest.wrong_argument >= 0)
    m = message_error(c->messages, arguments->items[nearest.wrong_argument + 1]->location,
                      "argument %d of `%s` cannot be %s", nearest.wrong_argument + 2, h->info->name,
                      type_name(c->arena, types[nearest.wrong_argument]));
  else
    m = message_error(c->messages, h->e->location, "`%s` cannot take %d arguments", h->info->name, count + 1);
  show_usage(h, m);
  return NULL;
}

/* ---- the callback ---- */

/* The types that the callback is given first: where its signature has a letter, that of the first own argument. */
static void find_given_types(higher_order_call *h) {
  const char *parameters[MAX_BUILTIN_ARGUMENTS];
  h->given_count = builtin_signature_parts(h->c->arena, h->info->callback, parameters, NULL);
  if (h->slices) h->given[0] = h->e->call.arguments.items[1]->type;
}

/* The first parameter of f that does not fit; -1: their number, -2: the result, -3: all is well, with so many promotions. */
static int first_misfit(const higher_order_call *h, const function *f, int *promotions) {
  arena *arena = h->c->arena;
  if (f->parameter_count != h->given_count + h->trailing_count) return -1;
  const type **types = arena_array(arena, const type *, f->parameter_count + 1);
  for (int i = 0; i < f->parameter_count; i++) types[i] = f->parameters[i]->type;
  builtin_match match = builtin_match_signature(arena, h->info->callback, types, h->given_count);
  if (match.wrong_argument >= 0) return match.wrong_argument;
  *promotions = h->slices ? promotion_cost(h->given[0], types[0]) : 0;
  if (*promotions < 0) return 0;
  for (int i = h->slices; i < h->given_count; i++)
    if (!type_equal(types[i], h->given[i] ? h->given[i] : match.expected[i])) return i;
  for (int i = 0; i < h->trailing_count; i++) {
    int cost = promotion_cost(h->trailing[i]->type, types[h->given_count + i]);
    if (cost < 0) return h->given_count + i;
    *promotions += cost;
  }
  return type_equal(f->result, match.result) ? -3 : -2;
}

static void report_misfit(const higher_order_call *h, const function *f) {
  checker *c = h->c;
  location place = h->e->call.arguments.items[0]->location;
  int misfit = first_misfit(h, f, &(int){0});
  message *m;
  if (misfit == -1)
    m = message_error(c->messages, place, "`%s` has %d parameters, and `%s` calls it with %d arguments", f->name,
                      f->parameter_count, h->info->name, h->given_count + h->trailing_count);
  else if (misfit == -2)
    m = message_error(c->messages, place, "`%s` returns %s, which `%s` cannot use", f->name,
                      type_name(c->arena, f->result), h->info->name);
  else
    m = message_error(c->messages, place, "parameter %d of `%s` is %s, which is not what `%s` calls it with",
                      misfit + 1, f->name, type_name(c->arena, f->parameters[misfit]->type), h->info->name);
  message_hint(c->messages, m, "it must be\n  %s", wanted_callback(h));
}

/* Only densities may have an ending, and only as partial sums. */
static bool check_ending(const higher_order_call *h, const char *written, location place) {
  const char *suffix = function_suffix(written);
  if (!suffix) return true;
  bool is_density = has_suffix(h->name, "_lpdf") || has_suffix(h->name, "_lpmf");
  if (is_density && h->slices) {
    check_place(h->c, written, place);
    return true;
  }
  message_error(h->c->messages, place, "`%s` cannot call `%s`: a function whose name ends in %s may not be given to it",
                h->info->name, written, suffix);
  return false;
}

/* NULL after a message. */
static function *fewest_promotions(const higher_order_call *h, const overload *own, location place) {
  arena *arena = h->c->arena;
  function *best = NULL;
  int least = 0, promotions;
  const char *equals = NULL; /* the functions that need no more than `least` */
  bool several = false;
  for (const overload *o = own; o; o = o->next) {
    if (first_misfit(h, o->function, &promotions) != -3 || (best && promotions > least)) continue;
    several = best && promotions == least;
    equals = arena_printf(arena, "%s\n  %s", several ? equals : "", overload_text(arena, o, NULL));
    best = o->function;
    least = promotions;
  }
  if (!best) report_misfit(h, own->function);
  if (!several) return best;
  message *m = message_error(h->c->messages, place, "several functions `%s` fit what `%s` calls them with equally well",
                             h->name, h->info->name);
  message_hint(h->c->messages, m, "these need as many promotions:%s", equals);
  return NULL;
}

static function *choose_callback(higher_order_call *h, bool *unnormalised) {
  checker *c = h->c;
  expression *argument = h->e->call.arguments.count ? without_parentheses(h->e->call.arguments.items[0]) : NULL;
  if (!argument || argument->kind != EXPRESSION_VARIABLE || name_map_get(c->variables, argument->variable.name)) {
    message *m = message_error(c->messages, argument ? argument->location : h->e->location,
                               "the first argument of `%s` must be the name of a function", h->info->name);
    show_usage(h, m);
    return NULL;
  }
  const char *written = argument->variable.name;
  h->name = defined_name(c, written);
  *unnormalised = h->name != written;
  const overload *own = own_overloads(c, h->name);
  if (!own) {
    message *m = message_error(c->messages, argument->location,
                               is_function_name(c, h->name)
                                   ? "`%s` is not a function of the program, and only those can be given to `%s`"
                                   : "there is no function `%s` that `%s` could call",
                               written, h->info->name);
    message_hint(c->messages, m, "it must be\n  %s", wanted_callback(h));
    return NULL;
  }
  if (!check_ending(h, written, argument->location)) return NULL;
  return fewest_promotions(h, own, argument->location);
}

static void note_callback_type(checker *c, expression *argument, const function *f) {
  const type **members = arena_array(c->arena, const type *, f->parameter_count + 1);
  bool *data_only = arena_array(c->arena, bool, f->parameter_count + 1);
  for (int i = 0; i < f->parameter_count; i++) {
    members[i] = f->parameters[i]->type;
    data_only[i] = f->parameters[i]->is_data_only;
  }
  type *t = arena_new(c->arena, type);
  *t = (type){TYPE_FUNCTION, f->result, members, data_only, f->parameter_count};
  argument->type = t;
}

const type *check_higher_order(checker *c, expression *e, int id) {
  higher_order_call h = {.c = c, .e = e, .info = &higher_orders[id]};
  h.slices = id == HIGHER_ORDER_REDUCE_SUM || id == HIGHER_ORDER_REDUCE_SUM_STATIC;
  if (e->call.has_bar) {
    message_error(c->messages, e->location, "a bar stands in calls of densities only, not of `%s`", h.info->name);
    return &type_error;
  }
  if (e->call.arguments.count == 0) {
    choose_callback(&h, &(bool){false});
    return &type_error;
  }
  const type *result = match_own_arguments(&h);
  if (!result) return &type_error;
  find_given_types(&h);
  bool unnormalised = false;
  function *f = choose_callback(&h, &unnormalised);
  if (!f) return &type_error;
  for (int i = 0; i < h.trailing_count; i++) {
    expression **argument = &e->call.arguments.items[1 + h.fixed_count + i];
    const variable *parameter = f->parameters[h.given_count + i];
    if (parameter->is_data_only && !is_data_only(c, *argument))
      message_error(c->messages, (*argument)->location,
                    "argument %d of `%s` may not depend on parameters: `%s` declares it `data`", 2 + h.fixed_count + i,
                    h.info->name, f->name);
    *argument = promote(c->arena, *argument, parameter->type);
  }
  if (h.slices) e->call.arguments.items[1] = promote(c->arena, e->call.arguments.items[1], f->parameters[0]->type);
  note_callback_type(c, e->call.arguments.items[0], f);
  if (c->function) {
    call_edge edge = {c->function, f};
    arena_push(c->arena, &c->calls, edge);
  }
  e->call.callee = (callee){.kind = CALLEE_HIGHER_ORDER, .function = f, .id = id, .unnormalised = unnormalised};
  return result;
}
