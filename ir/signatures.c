/* signatures.c: overloads by name, and Stan's rule for the choice among them: the one that needs the fewest promotions; a
 * plain match before an application over containers. */
#include "ir/signatures.h"
#include <string.h>
#include "ir/builtins.h"
#include "ir/ir.h"
#include "ir/promotion.h"

void add_overload(name_map *overloads, const char *name, overload added) {
  name_entry *entry = name_map_entry(overloads, name);
  overload *copy = arena_new(overloads->arena, overload);
  *copy = added;
  copy->next = NULL;
  overload **end = (overload **)&entry->value;
  while (*end) end = &(*end)->next;
  *end = copy;
}

bool has_suffix(const char *name, const char *suffix) {
  size_t length = strlen(name), suffix_length = strlen(suffix);
  return length > suffix_length && strcmp(name + length - suffix_length, suffix) == 0;
}

bool is_transform(const function *f) {
  return f->is_library && (has_suffix(f->name, "_jacobian") || has_suffix(f->name, "_unconstrain"));
}

static const char *const suffixes[] = {"_lpdf",  "_lpmf", "_lupdf", "_lupmf", "_lcdf",
                                       "_lccdf", "_cdf",  "_rng",   "_lp",    "_jacobian"};
enum { DENSITY_SUFFIX_COUNT = 7 };

const char *function_suffix(const char *name) {
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
    if (has_suffix(name, suffixes[i])) return suffixes[i];
  return NULL;
}

bool is_density_suffix(const char *suffix) {
  for (int i = 0; suffix && i < DENSITY_SUFFIX_COUNT; i++)
    if (strcmp(suffix, suffixes[i]) == 0) return true;
  return false;
}

bool sums_over_rows(const char *name) {
  return is_density_suffix(function_suffix(name)) || has_suffix(name, "_unnorm");
}

static signature_match match_builtin(arena *arena, const overload *overload, const type *const *arguments, int count) {
  builtin_match found = builtin_match_signature(arena, overload->signature, arguments, count);
  signature_match match = {.fits = found.cost >= 0,
                           .cost = found.cost,
                           .parameter_count = found.parameter_count,
                           .wrong_argument = found.wrong_argument,
                           .result = found.result};
  if (!match.fits) return match;
  match.expected = arena_array(arena, const type *, count + 1);
  bool *data_only = arena_array(arena, bool, count + 1);
  for (int i = 0; i < count; i++) {
    match.expected[i] = found.expected[i];
    data_only[i] = found.data_only[i];
  }
  match.data_only = data_only;
  return match;
}

static signature_match match_function(arena *arena, const function *function, const type *const *arguments, int count) {
  signature_match match = {.parameter_count = function->parameter_count, .wrong_argument = -1};
  if (count != function->parameter_count) return match;
  match.expected = arena_array(arena, const type *, count + 1);
  bool *data_only = arena_array(arena, bool, count + 1);
  for (int i = 0; i < count; i++) {
    match.expected[i] = function->parameters[i]->type;
    data_only[i] = function->parameters[i]->is_data_only;
    int cost = promotion_cost(arguments[i], match.expected[i]);
    if (cost < 0) {
      match.wrong_argument = i;
      break;
    }
    match.cost += cost;
  }
  match.fits = match.wrong_argument < 0;
  match.data_only = data_only;
  match.result = function->result;
  if (match.fits || !function->is_library) return match;
  signature_match vectorised = match_function_vectorised(arena, function, arguments, count);
  vectorised.data_only = data_only;
  return vectorised;
}

static type_kind scalar_of(char letter) { return letter == 'i' ? TYPE_INT : TYPE_REAL; }

static signature_match match_intrinsic(arena *arena, const overload *overload, const type *const *arguments,
                                       int count) {
  const ir_op_info *info = &ir_ops[overload->id];
  type_kind parameters[IR_MAX_ARGUMENTS];
  int parameter_count = (int)strlen(info->signature) - 2;
  for (int i = 0; i < parameter_count; i++) parameters[i] = scalar_of(info->signature[i + 2]);
  return match_elementwise(arena, scalar_of(info->signature[0]), parameters, parameter_count, arguments, count);
}

signature_match match_overload(arena *arena, const overload *overload, const type *const *arguments, int count) {
  signature_match match = overload->kind == CALLEE_BUILTIN ? match_builtin(arena, overload, arguments, count)
                          : overload->kind == CALLEE_INTRINSIC
                              ? match_intrinsic(arena, overload, arguments, count)
                              : match_function(arena, overload->function, arguments, count);
  match.overload = overload;
  return match;
}

static bool is_own(const signature_match *match) {
  return match->overload->kind == CALLEE_FUNCTION && !match->overload->function->is_library;
}

/* A vectorised match counts as worse than any number of promotions that a call can have. */
static int total_cost(const signature_match *match) { return match->cost + (match->vectorised ? 1000 : 0); }

resolution resolve(arena *arena, const overload *own, const overload *shared, const type *const *arguments, int count) {
  int total = 0;
  for (const overload *o = own; o; o = o->next) total++;
  for (const overload *o = shared; o; o = o->next) total++;
  resolution result = {.kind = RESOLVED_NONE, .match_count = total};
  result.matches = arena_array(arena, signature_match, total + 1);
  int n = 0;
  for (const overload *o = own; o; o = o->next) result.matches[n++] = match_overload(arena, o, arguments, count);
  for (const overload *o = shared; o; o = o->next) result.matches[n++] = match_overload(arena, o, arguments, count);
  for (int i = 0; i < total; i++) {
    signature_match *match = &result.matches[i];
    if (match->fits && (result.kind == RESOLVED_NONE || total_cost(match) < total_cost(&result.best))) {
      result.kind = RESOLVED;
      result.best = *match;
    }
  }
  if (result.kind == RESOLVED_NONE) return result;
  int equals = 0;
  for (int i = 0; i < total; i++) {
    signature_match match = result.matches[i];
    if (match.fits && total_cost(&match) == total_cost(&result.best)) result.matches[equals++] = match;
  }
  /* The library's own overloads may overlap: the first is as good as any. A program's must not. */
  bool own_among = false, uncertain = false;
  for (int i = 0; i < equals; i++) own_among = own_among || is_own(&result.matches[i]);
  for (int i = 0; i < count; i++) uncertain = uncertain || type_is_error(arguments[i]);
  if (equals > 1 && own_among && !uncertain) {
    result.kind = RESOLVED_AMBIGUOUS;
    result.match_count = equals;
  }
  return result;
}

static const char *function_text(arena *arena, const function *function, const char *name) {
  const char *separator = is_density_suffix(function_suffix(function->name)) ? " | " : ", ";
  const char *text = arena_printf(arena, "%s(", name);
  for (int i = 0; i < function->parameter_count; i++) {
    const variable *parameter = function->parameters[i];
    text = arena_printf(arena, "%s%s%s%s %s", text,
                        i == 0   ? ""
                        : i == 1 ? separator
                                 : ", ",
                        parameter->is_data_only ? "data " : "", type_name(arena, parameter->type), parameter->name);
  }
  return arena_printf(arena, "%s)", text);
}

const char *overload_text(arena *arena, const overload *overload, const char *name) {
  if (overload->kind == CALLEE_FUNCTION)
    return function_text(arena, overload->function, name ? name : overload->function->name);
  if (overload->kind == CALLEE_BUILTIN)
    return builtin_signature_text(arena, name ? name : builtins[overload->id].name, overload->signature);
  const ir_op_info *info = &ir_ops[overload->id];
  const char *text = arena_printf(arena, "%s(", name ? name : info->name);
  for (const char *letter = info->signature + 2; *letter; letter++)
    text =
        arena_printf(arena, "%s%s%s", text, letter == info->signature + 2 ? "" : ", ", *letter == 'i' ? "int" : "real");
  return arena_printf(arena, "%s)", text);
}
