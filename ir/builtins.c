/* builtins.c: matches the arguments of a call against a signature of builtins.def.
 *
 * The letters of a signature are bound to types by a first walk over the arguments; a letter that meets two types stands
 * for the least that both can be promoted to. A second walk writes the types out and counts promotions. */
#include "ir/builtins.h"
#include <string.h>
#include "ir/promotion.h"

const builtin_info builtins[BUILTIN_COUNT] = {
#define BUILTIN(id, name, signatures) {#id, name, signatures},
#include "ir/builtins.def"
#undef BUILTIN
};

/* The complex form of a function is taken when an argument is complex, or when there is no other: dearer than any form for
 * reals (see total_cost in signatures.c). */
enum { PROMOTED_TO_COMPLEX = 2000 };

enum { ANY_DIMENSIONS = -1, SOME_DIMENSIONS = -2 };

typedef struct pattern { /* one type of a signature */
  char letter;           /* T U V M, or 0 */
  const type *base;      /* without letter */
  int dimensions;        /* or ANY_DIMENSIONS for [...], SOME_DIMENSIONS for [+] */
  bool data_only;
} pattern;

typedef struct signature {
  pattern result;
  pattern parameters[MAX_BUILTIN_ARGUMENTS];
  int count;
} signature;

typedef struct bindings {
  const type *letters['Z' + 1];
  int dimensions; /* what [...] or [+] stands for; -1 unbound */
} bindings;

static const struct {
  const char *name;
  const type *type;
} base_types[] = {{"void", &type_void},
                  {"int", &type_int},
                  {"real", &type_real},
                  {"complex", &type_complex},
                  {"vector", &type_vector},
                  {"row_vector", &type_row_vector},
                  {"matrix", &type_matrix},
                  {"complex_vector", &type_complex_vector},
                  {"complex_row_vector", &type_complex_row_vector},
                  {"complex_matrix", &type_complex_matrix}};

static const char *read_pattern(const char *text, pattern *out) {
  *out = (pattern){0};
  if (strncmp(text, "data ", 5) == 0) {
    out->data_only = true;
    text += 5;
  }
  size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  if (length == 1) out->letter = *text;
  for (size_t i = 0; i < sizeof base_types / sizeof *base_types; i++)
    if (strlen(base_types[i].name) == length && strncmp(base_types[i].name, text, length) == 0)
      out->base = base_types[i].type;
  text += length;
  if (*text != '[') return text;
  if (text[1] == '.' || text[1] == '+') {
    out->dimensions = text[1] == '.' ? ANY_DIMENSIONS : SOME_DIMENSIONS;
    return strchr(text, ']') + 1;
  }
  for (; *text != ']'; text++) out->dimensions++;
  return text + 1;
}

static signature read_signature(const char *text) {
  signature s = {0};
  text = read_pattern(text, &s.result);
  while (*text != ')') {
    text++; /* ( or , */
    if (*text != ')') text = read_pattern(text, &s.parameters[s.count++]);
  }
  return s;
}

static bool letter_takes(char letter, const type *t) {
  switch (letter) {
  case 'V': return t->kind == TYPE_VECTOR || t->kind == TYPE_ROW_VECTOR;
  case 'M': return letter_takes('V', t) || t->kind == TYPE_MATRIX;
  case 'W': return t->kind == TYPE_COMPLEX_VECTOR || t->kind == TYPE_COMPLEX_ROW_VECTOR;
  case 'N': return letter_takes('W', t) || t->kind == TYPE_COMPLEX_MATRIX;
  default: return t->kind != TYPE_VOID && t->kind != TYPE_FUNCTION && t->kind != TYPE_STRING;
  }
}

static bool bind(arena *arena, const pattern *p, const type *argument, bindings *bindings) {
  if (type_is_error(argument)) {
    if (p->letter) bindings->letters[(int)p->letter] = &type_error;
    return true;
  }
  if (p->dimensions < 0) {
    int dimensions = type_array_dimensions(argument);
    if (p->dimensions == SOME_DIMENSIONS && dimensions == 0) return false;
    if (bindings->dimensions < 0) bindings->dimensions = dimensions;
    return bindings->dimensions == dimensions;
  }
  for (int i = 0; i < p->dimensions; i++) {
    if (argument->kind != TYPE_ARRAY) return false;
    argument = argument->element;
  }
  if (!p->letter) return true;
  if (!letter_takes(p->letter, argument)) return false;
  const type **bound = &bindings->letters[(int)p->letter];
  const type *common = *bound ? common_type(arena, *bound, argument) : argument;
  if (!common) return false;
  *bound = common;
  return true;
}

static const type *written_out(arena *arena, const pattern *p, const bindings *bindings) {
  const type *base = p->letter ? bindings->letters[(int)p->letter] : p->base;
  int dimensions = p->dimensions >= 0 ? p->dimensions : bindings->dimensions < 0 ? 0 : bindings->dimensions;
  if (!base || type_is_error(base)) return &type_error;
  return dimensions > 0 ? type_array_of(arena, base, dimensions) : base;
}

builtin_match builtin_match_signature(arena *arena, const char *text, const type *const *arguments, int count) {
  signature s = read_signature(text);
  bindings bound = {.dimensions = -1};
  builtin_match match = {.parameter_count = s.count, .cost = -1, .wrong_argument = -1};
  if (count != s.count) return match;
  for (int i = 0; i < count; i++)
    if (!bind(arena, &s.parameters[i], arguments[i], &bound)) {
      match.wrong_argument = i;
      return match;
    }
  int cost = 0;
  for (int i = 0; i < count; i++) {
    match.expected[i] = written_out(arena, &s.parameters[i], &bound);
    match.data_only[i] = s.parameters[i].data_only;
    int steps = promotion_cost(arguments[i], match.expected[i]);
    if (steps < 0) {
      match.wrong_argument = i;
      return match;
    }
    cost += steps;
  }
  bool expects_complex = false, has_complex = false;
  for (int i = 0; i < count; i++) {
    expects_complex = expects_complex || type_is_complex(match.expected[i]);
    has_complex = has_complex || type_is_complex(arguments[i]);
  }
  match.result = written_out(arena, &s.result, &bound);
  match.cost = cost + (expects_complex && !has_complex ? PROMOTED_TO_COMPLEX : 0);
  return match;
}

const char *next_signature(const char *signature) {
  const char *end = strchr(signature, ';');
  return end ? end + 1 : NULL;
}

static const char *pattern_text(arena *arena, const pattern *p) {
  const char *base = p->letter == 'V'   ? "vector|row_vector"
                     : p->letter == 'M' ? "vector|row_vector|matrix"
                     : p->letter == 'W' ? "complex_vector|complex_row_vector"
                     : p->letter == 'N' ? "complex_vector|complex_row_vector|complex_matrix"
                     : p->letter        ? arena_printf(arena, "%c", p->letter)
                                        : type_name(arena, p->base);
  const char *data = p->data_only ? "data " : "";
  if (p->dimensions == 0) return arena_printf(arena, "%s%s", data, base);
  if (p->dimensions == ANY_DIMENSIONS) return arena_printf(arena, "%s%s or array[...] %s", data, base, base);
  if (p->dimensions == SOME_DIMENSIONS) return arena_printf(arena, "%sarray[...] %s", data, base);
  char commas[MAX_BUILTIN_ARGUMENTS] = "";
  for (int i = 1; i < p->dimensions && i < MAX_BUILTIN_ARGUMENTS; i++) commas[i - 1] = ',';
  return arena_printf(arena, "%sarray[%s] %s", data, commas, base);
}

int builtin_signature_parts(arena *arena, const char *text, const char **parameters, const char **result) {
  signature s = read_signature(text);
  for (int i = 0; i < s.count; i++) parameters[i] = pattern_text(arena, &s.parameters[i]);
  if (result) *result = pattern_text(arena, &s.result);
  return s.count;
}

const char *builtin_signature_text(arena *arena, const char *name, const char *text) {
  const char *parameters[MAX_BUILTIN_ARGUMENTS], *out = arena_printf(arena, "%s(", name);
  int count = builtin_signature_parts(arena, text, parameters, NULL);
  for (int i = 0; i < count; i++) out = arena_printf(arena, "%s%s%s", out, i ? ", " : "", parameters[i]);
  return arena_printf(arena, "%s)", out);
}
