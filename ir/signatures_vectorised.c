/* signatures_vectorised.c: calls of the library's scalar functions on containers.
 *
 * Four rules, as Stan has them; what fits is set here, that sizes agree is checked when the program runs.
 *   densities    (_lpdf _lpmf _lcdf _lccdf _cdf) each argument is of its parameter's type or a container of it with one
 *                dimension more; the results are summed (of _cdf multiplied).
 *   _rng         the same; the results make an array.
 *   transforms   (_jacobian and with it _constrain, _unconstrain) of vectors and matrices: applied to each element of an array
 *                of any dimensions; the other arguments are used for every element. The results make such an array.
 *   others       and transforms of scalars: functions whose parameters are all scalars: applied to each element of containers of one shape, whatever their
 *                dimensions; scalars are used for every element. The results make a container of that shape. */
#include <string.h>
#include "ir/promotion.h"
#include "ir/signatures.h"

static signature_match no_match(int parameter_count, int wrong_argument) {
  return (signature_match){.parameter_count = parameter_count, .wrong_argument = wrong_argument};
}

/* The type that the argument is promoted to, or NULL: the parameter's own, or a container of it. */
static const type *broadcast(arena *arena, const type *parameter, const type *argument, bool *is_container) {
  if (promotion_cost(argument, parameter) >= 0) return parameter;
  *is_container = true;
  if (parameter->kind == TYPE_REAL && (argument->kind == TYPE_VECTOR || argument->kind == TYPE_ROW_VECTOR))
    return argument;
  if (argument->kind != TYPE_ARRAY || promotion_cost(argument->element, parameter) < 0) return NULL;
  return type_array_of(arena, parameter, 1);
}

static signature_match match_broadcast(arena *arena, const function *function, const type *const *arguments, int count,
                                       bool results_make_an_array) {
  signature_match match = {.parameter_count = count, .vectorised = false, .wrong_argument = -1};
  match.expected = arena_array(arena, const type *, count + 1);
  for (int i = 0; i < count; i++) {
    match.expected[i] = broadcast(arena, function->parameters[i]->type, arguments[i], &match.vectorised);
    if (!match.expected[i]) return no_match(count, i);
    match.cost += promotion_cost(arguments[i], match.expected[i]);
  }
  match.fits = true;
  match.result = results_make_an_array ? type_array_of(arena, function->result, 1) : function->result;
  return match;
}

/* The container that the arguments for real parameters share, with reals in it; then the arrays for int parameters must
 * have as many dimensions. */
signature_match match_elementwise(arena *arena, type_kind result, const type_kind *parameters, int parameter_count,
                                  const type *const *arguments, int count) {
  if (count != parameter_count) return no_match(parameter_count, -1);
  signature_match match = {.parameter_count = count, .wrong_argument = -1};
  match.expected = arena_array(arena, const type *, count + 1);
  const type *reals = NULL;
  int dimensions = 0;
  bool only_ints = true;
  for (int i = 0; i < count; i++) {
    const type *argument = arguments[i];
    only_ints = only_ints && parameters[i] == TYPE_INT;
    if (type_is_error(argument)) {
      match.expected[i] = argument;
      reals = reals ? reals : &type_error;
      continue;
    }
    match.expected[i] = type_with_scalar(arena, argument, parameters[i]);
    if (!match.expected[i] || promotion_cost(argument, match.expected[i]) < 0) return no_match(count, i);
    match.cost += promotion_cost(argument, match.expected[i]);
    int own = type_total_dimensions(argument);
    if (own == 0) continue;
    if (dimensions > 0 && own != dimensions) return no_match(count, i);
    dimensions = own;
    if (parameters[i] == TYPE_INT) continue;
    if (reals && !type_is_error(reals) && !type_equal(reals, match.expected[i])) return no_match(count, i);
    reals = match.expected[i];
  }
  match.vectorised = dimensions > 0;
  match.result = type_of_kind(result);
  if (reals && type_is_error(reals))
    match.result = &type_error;
  else if (match.vectorised && result == TYPE_INT && !only_ints)
    return no_match(count, 0);
  else if (reals)
    match.result = reals;
  else if (match.vectorised)
    match.result = type_array_of(arena, type_of_kind(result), dimensions);
  match.fits = true;
  return match;
}

static signature_match match_transform(arena *arena, const function *function, const type *const *arguments,
                                       int count) {
  signature_match match = {.parameter_count = count, .wrong_argument = -1};
  match.expected = arena_array(arena, const type *, count + 1);
  int dimensions = type_array_dimensions(arguments[0]);
  for (int i = 0; i < count; i++) {
    const type *parameter = function->parameters[i]->type;
    match.expected[i] = i == 0 && dimensions > 0 ? type_array_of(arena, parameter, dimensions) : parameter;
    int cost = promotion_cost(arguments[i], match.expected[i]);
    if (cost < 0) return no_match(count, i);
    match.cost += cost;
  }
  match.fits = match.vectorised = true;
  match.result = type_array_of(arena, function->result, dimensions);
  return match;
}

signature_match match_function_vectorised(arena *arena, const function *function, const type *const *arguments,
                                          int count) {
  const char *suffix = function_suffix(function->name);
  if (sums_over_rows(function->name)) return match_broadcast(arena, function, arguments, count, false);
  if (suffix && strcmp(suffix, "_rng") == 0) return match_broadcast(arena, function, arguments, count, true);
  type_kind parameters[8];
  bool elementwise = count > 0 && count <= 8 && (!suffix || is_transform(function)) && type_is_scalar(function->result);
  for (int i = 0; elementwise && i < count; i++) {
    const type *parameter = function->parameters[i]->type;
    elementwise = parameter->kind == TYPE_INT || parameter->kind == TYPE_REAL;
    parameters[i] = parameter->kind;
  }
  for (int i = 1; elementwise && is_transform(function) && i < count; i++) /* bounds of all, or one for each */
    if (type_is_scalar(arguments[0]) && !type_is_scalar(arguments[i])) return no_match(count, i);
  if (elementwise) return match_elementwise(arena, function->result->kind, parameters, count, arguments, count);
  if (is_transform(function) && count > 0) return match_transform(arena, function, arguments, count);
  for (int i = 0; i < count; i++)
    if (promotion_cost(arguments[i], function->parameters[i]->type) < 0) return no_match(count, i);
  return no_match(count, -1);
}
