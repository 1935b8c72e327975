/* check_mismatch.c: messages about calls that fit no signature. */
#include <string.h>
#include "ir/check_internal.h"

void report_no_cumulative(checker *c, location location, const char *density, const char *name) {
  bool not_yet = name_map_get(c->library->not_yet, name);
  message_error(c->messages, location, "`%s` cannot be truncated: %s `%s`%s", density,
                not_yet ? "stanlite does not have" : "there is no", name, not_yet ? " yet" : "");
}

/* ---- arguments ---- */

/* Complex numbers have their forms of many functions in Stan that are not here yet. */
static bool report_complex(checker *c, location location, const char *name, expression *const *arguments, int count) {
  bool complex = false;
  for (int i = 0; i < count; i++) complex = complex || type_is_complex(arguments[i]->type);
  if (!complex || !shared_overloads(c, name) || function_suffix(name)) return false;
  message_error(c->messages, location, "stanlite has no `%s` for these complex arguments yet", name);
  return true;
}

static const char *argument_types(checker *c, expression *const *arguments, int count, const char *bar) {
  const char *text = "(";
  for (int i = 0; i < count; i++)
    text = arena_printf(c->arena, "%s%s%s", text,
                        i == 0          ? ""
                        : i == 1 && bar ? bar
                                        : ", ",
                        type_name(c->arena, arguments[i]->type));
  return arena_printf(c->arena, "%s)", text);
}

/* The name in a signature's text: normal for y ~ normal(...), else the function's own. */
static const char *signature_text(checker *c, const signature_match *match, bool first_is_left) {
  const char *text = overload_text(c->arena, match->overload, NULL);
  if (!first_is_left || match->overload->kind != CALLEE_FUNCTION) return text;
  /* "normal_lpdf(real y | real mu)" becomes "real y ~ normal(real mu)" */
  const char *open = strchr(text, '('), *bar = strstr(text, " | ");
  const char *left_end = bar ? bar : text + strlen(text) - 1;
  const char *suffix = function_suffix(match->overload->function->name);
  int name_length = (int)(strlen(match->overload->function->name) - strlen(suffix));
  return arena_printf(c->arena, "%.*s ~ %.*s(%s", (int)(left_end - open - 1), open + 1, name_length, text,
                      bar ? bar + 3 : ")");
}

enum { MAX_LISTED = 6 };

/* Is it applied over containers? (signatures_vectorised.c) */
static bool takes_containers(const overload *overload) {
  if (overload->kind == CALLEE_INTRINSIC) return true;
  if (overload->kind != CALLEE_FUNCTION || !overload->function->is_library) return false;
  const char *suffix = function_suffix(overload->function->name);
  bool broadcasts = sums_over_rows(overload->function->name) || (suffix && strcmp(suffix, "_rng") == 0);
  int scalars = 0, count = overload->function->parameter_count;
  for (int i = 0; i < count; i++) scalars += type_is_scalar(overload->function->parameters[i]->type);
  return scalars > 0 && (broadcasts || (!suffix && scalars == count));
}

static const char *listed(checker *c, const signature_match *matches, int count, const bool *among,
                          bool first_is_left) {
  const char *text = NULL;
  int shown = 0, left_out = 0;
  bool containers = false;
  for (int i = 0; i < count; i++) {
    if (among && !among[i]) continue;
    if (shown == MAX_LISTED) {
      left_out++;
      continue;
    }
    const char *line = signature_text(c, &matches[i], first_is_left);
    text = text ? arena_printf(c->arena, "%s\n  %s", text, line) : arena_printf(c->arena, "  %s", line);
    shown++;
    containers = containers || takes_containers(matches[i].overload);
  }
  if (containers)
    text = arena_printf(c->arena, "%s\n  where vectors and arrays of one size may stand for single values", text);
  return left_out > 0 ? arena_printf(c->arena, "%s\n  and %d more", text, left_out) : text;
}

static const char *counted(checker *c, int count) {
  return arena_printf(c->arena, "%d argument%s", count, count == 1 ? "" : "s");
}

/* No overload takes this number of arguments. */
static void report_count(checker *c, location location, const char *name, const resolution *found, int count,
                         bool first_is_left) {
  int left = first_is_left ? 1 : 0;
  bool one_count = true;
  for (int i = 1; i < found->match_count; i++)
    one_count = one_count && found->matches[i].parameter_count == found->matches[0].parameter_count;
  message *m;
  if (one_count)
    m = message_error(c->messages, location, "`%s` takes %s, found %d", name,
                      counted(c, found->matches[0].parameter_count - left), count - left);
  else
    m = message_error(c->messages, location, "`%s` cannot take %s", name, counted(c, count - left));
  message_hint(c->messages, m, "it can be used as\n%s",
               listed(c, found->matches, found->match_count, NULL, first_is_left));
}

static const type *parameter_type(const signature_match *match, int index) {
  return match->overload->kind == CALLEE_FUNCTION ? match->overload->function->parameters[index]->type : NULL;
}

void report_mismatch(checker *c, location location, const char *name, const resolution *found,
                     expression *const *arguments, int count, bool first_is_left) {
  if (report_complex(c, location, name, arguments, count)) return;
  bool *among = arena_array(c->arena, bool, found->match_count + 1);
  int same_count = 0, furthest = -1, at_furthest = 0;
  const signature_match *best = NULL;
  for (int i = 0; i < found->match_count; i++) {
    const signature_match *match = &found->matches[i];
    if (match->parameter_count != count) continue;
    among[i] = true;
    same_count++;
    if (match->wrong_argument > furthest) {
      furthest = match->wrong_argument;
      best = match;
      at_furthest = 0;
    }
    if (match->wrong_argument == furthest) at_furthest++;
  }
  if (same_count == 0) {
    report_count(c, location, name, found, count, first_is_left);
    return;
  }
  message *m;
  /* When one signature gets further than all others, its first wrong argument is what is wrong. */
  if (at_furthest == 1 && furthest >= 0 && (same_count == 1 || furthest > 0)) {
    const type *wanted = parameter_type(best, furthest);
    const char *which = first_is_left && furthest == 0
                            ? "the left side of `~`"
                            : arena_printf(c->arena, "argument %d", furthest + !first_is_left);
    bool container = wanted && type_is_scalar(wanted) && takes_containers(best->overload);
    const char *what = wanted ? arena_printf(c->arena, "must be %s%s, found", type_name(c->arena, wanted),
                                             !container                 ? ""
                                             : wanted->kind == TYPE_INT ? " or an array of ints"
                                                                        : " or a vector or array of reals")
                              : "cannot be";
    m = message_error(c->messages, arguments[furthest]->location, "%s of `%s` %s %s", which, name, what,
                      type_name(c->arena, arguments[furthest]->type));
  } else {
    const char *bar = is_density_suffix(function_suffix(name)) ? " | " : NULL;
    if (first_is_left)
      m = message_error(c->messages, location, "`%s` does not take %s with %s left of `~`", name,
                        argument_types(c, arguments + 1, count - 1, NULL), type_name(c->arena, arguments[0]->type));
    else
      m = message_error(c->messages, location, "`%s` does not take %s", name, argument_types(c, arguments, count, bar));
  }
  message_hint(c->messages, m, "it can be used as\n%s",
               listed(c, found->matches, found->match_count, among, first_is_left));
}

void report_ambiguity(checker *c, location location, const char *name, const resolution *found) {
  message *m = message_error(c->messages, location, "several functions `%s` fit these arguments equally well", name);
  message_hint(c->messages, m, "these need as many promotions:\n%s",
               listed(c, found->matches, found->match_count, NULL, false));
}
