/* values.c: JSON to named arrays of numbers, see values.h.
 *
 * A file of nothing but arrays of numbers is read by values_plain.c; jansson parses all others, which need several times the
 * memory. All numbers arrive as doubles (which hold Stan's 32-bit integers exactly). What cannot be an array of numbers is
 * not refused until somebody asks for it by name: a data file may hold more than a program reads. */
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/json_text.h"
#include "runtime/values_internal.h"

enum { MAX_DIMENSIONS = SL_MOST_DIMENSIONS, SHAPE_LENGTH = 200 };

typedef sl_entry entry;

static char *duplicate(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = malloc(size);
  return copy ? memcpy(copy, text, size) : NULL;
}

/* "[2,3]", the place of element `position` in an array of these dimensions; "" for a scalar. */
static const char *place(char *out, size_t size, int dim_count, const long *dims, long position) {
  long index[MAX_DIMENSIONS];
  for (int d = dim_count - 1; d >= 0; d--) {
    index[d] = position % dims[d] + 1;
    position /= dims[d];
  }
  size_t used = 0;
  out[0] = '\0';
  for (int d = 0; d < dim_count && used + 30 < size; d++)
    used += (size_t)snprintf(out + used, size - used, d ? ",%ld" : "[%ld", index[d]);
  if (dim_count) snprintf(out + used, size - used, "]");
  return out;
}

/* "a single number", "3 elements", "3 x 2 elements". */
static const char *shape(char *out, size_t size, int dim_count, const long *dims) {
  if (dim_count == 0) {
    snprintf(out, size, "a single number");
    return out;
  }
  size_t used = 0;
  for (int d = 0; d < dim_count && used + 40 < size; d++)
    used += (size_t)snprintf(out + used, size - used, d ? " x %ld" : "%ld", dims[d]);
  snprintf(out + used, size - used, dim_count == 1 && dims[0] == 1 ? " element" : " elements");
  return out;
}

static void set_problem(entry *variable, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void set_problem(entry *variable, const char *format, ...) {
  if (variable->problem) return;
  char text[500];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  variable->problem = duplicate(text);
}

static const char *kind_of(const json_t *value) {
  switch (json_typeof(value)) {
  case JSON_OBJECT: return "an object";
  case JSON_ARRAY: return "an array";
  case JSON_STRING: return "text";
  case JSON_TRUE: return "true";
  case JSON_FALSE: return "false";
  case JSON_NULL: return "null";
  default: return "a number";
  }
}

bool sl_values_special(const char *text, double *out) {
  double sign = *text == '-' ? -1 : 1;
  const char *name = *text == '-' || *text == '+' ? text + 1 : text;
  if (strcmp(text, "NaN") == 0) {
    *out = NAN;
  } else if (strcmp(name, "Inf") == 0 || strcmp(name, "Infinity") == 0) {
    *out = sign * INFINITY;
  } else {
    return false;
  }
  return true;
}

/* Writes the numbers below `value`, which lies `depth` dimensions deep, from position *written on. */
static void flatten(entry *variable, const json_t *value, int depth, long *written) {
  char where[SHAPE_LENGTH];
  if (variable->problem) return;
  if (depth < variable->dim_count) {
    if (!json_is_array(value) || (long)json_array_size(value) != variable->dims[depth]) {
      long inner = 1;
      for (int d = depth; d < variable->dim_count; d++) inner *= variable->dims[d];
      place(where, sizeof where, depth, variable->dims, inner ? *written / inner : 0);
      if (json_is_array(value))
        set_problem(variable, "its rows differ in length: %s%s has %zu element%s where the ones before have %ld",
                    variable->name, where, json_array_size(value), json_array_size(value) == 1 ? "" : "s",
                    variable->dims[depth]);
      else
        set_problem(variable, "%s%s is %s where the ones before are arrays", variable->name, where, kind_of(value));
      return;
    }
    for (size_t i = 0; i < json_array_size(value); i++) flatten(variable, json_array_get(value, i), depth + 1, written);
    return;
  }
  double number;
  if (json_is_real(value)) {
    number = json_real_value(value);
  } else if (!json_is_string(value) || !sl_values_special(json_string_value(value), &number)) {
    place(where, sizeof where, depth, variable->dims, *written);
    if (json_is_string(value))
      set_problem(variable, "%s%s is the text \"%.50s\", not a number", variable->name, where,
                  json_string_value(value));
    else
      set_problem(variable, "%s%s is %s, not a number", variable->name, where, kind_of(value));
    return;
  }
  variable->number[(*written)++] = number;
}

/* Takes the shape from the first element of each level; flatten() holds the others to it. False: no memory. */
static bool read_entry(entry *variable, const char *name, const json_t *value) {
  *variable = (entry){.name = duplicate(name), .count = 1};
  if (!variable->name) return false;
  for (const json_t *level = value; json_is_array(level); level = json_array_get(level, 0)) {
    if (variable->dim_count == MAX_DIMENSIONS) {
      set_problem(variable, "%s has more than %d dimensions", name, MAX_DIMENSIONS);
      return true;
    }
    long size = (long)json_array_size(level);
    if (size > 0 && variable->count > LONG_MAX / 16 / size) {
      set_problem(variable, "%s is not a rectangular array", name);
      return true;
    }
    variable->dims[variable->dim_count++] = size;
    variable->count *= size;
  }
  /* An array whose first element is much longer than the others claims more than the file holds. calloc does not touch
   * the memory, and flatten() stops at the first row that is shorter. */
  variable->number = calloc((size_t)(variable->count ? variable->count : 1), sizeof(double));
  if (!variable->number) return false;
  long written = 0;
  flatten(variable, value, 0, &written);
  return true;
}

sl_values *sl_values_empty(void) { return calloc(1, sizeof(sl_values)); }

void sl_values_forget_read(sl_values *values) { values->forgets = true; }

/* What has been copied whole is not asked for again. */
static void forget(const sl_values *values, entry *variable) {
  if (!values->forgets) return;
  free(variable->number);
  variable->number = NULL;
  set_problem(variable, "it has been read already");
}

void sl_values_destroy(sl_values *values) {
  if (!values) return;
  for (size_t i = 0; i < values->count; i++) {
    free(values->entries[i].name);
    free(values->entries[i].number);
    free(values->entries[i].problem);
  }
  free(values->entries);
  free(values->path);
  free(values);
}

entry *sl_values_new_entry(sl_values *values) {
  if (values->count == values->capacity) {
    size_t capacity = 2 * values->capacity + 16;
    entry *larger = realloc(values->entries, capacity * sizeof *larger);
    if (!larger) return NULL;
    values->entries = larger;
    values->capacity = capacity;
  }
  return memset(&values->entries[values->count], 0, sizeof(entry));
}

/* The object that the value is, or its first element, and so on. */
static const json_t *first_object(const json_t *value) {
  while (json_is_array(value)) value = json_array_get(value, 0);
  return json_is_object(value) ? value : NULL;
}

/* The member of that name of an object, or of each object of an array: a new reference. */
static json_t *member_of(const json_t *value, const char *key) {
  if (!json_is_array(value)) {
    json_t *member = json_object_get(value, key);
    return member ? json_incref(member) : json_null();
  }
  json_t *members = json_array();
  for (size_t i = 0; members && i < json_array_size(value); i++)
    if (json_array_append_new(members, member_of(json_array_get(value, i), key)) != 0) break;
  return members;
}

/* A value, and the members of a tuple besides: {"t": {"1": 3}} holds t.1. */
static bool add_entries(sl_values *values, const char *name, const json_t *value) {
  entry *variable = sl_values_new_entry(values);
  if (!variable) return false;
  values->count++;
  if (!read_entry(variable, name, value)) return false;
  const json_t *object = first_object(value);
  variable->is_tuple = object != NULL;
  bool good = true;
  const char *key;
  json_t *unused;
  json_object_foreach((json_t *)object, key, unused) {
    size_t size = strlen(name) + strlen(key) + 2;
    char *path = malloc(size);
    json_t *member = path ? member_of(value, key) : NULL;
    if (path) snprintf(path, size, "%s.%s", name, key);
    good = good && member && add_entries(values, path, member);
    json_decref(member);
    free(path);
  }
  return good;
}

static bool add_members(sl_values *values, const json_t *root) {
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)root, name, value) {
    if (!add_entries(values, name, value)) return false;
  }
  return true;
}

/* By jansson, which has the whole file in memory. */
static sl_values *read_any(sl_values *values, const char *path, sl_error *error) {
  sl_json_text text;
  if (!sl_json_text_read(&text, path, error)) {
    sl_values_destroy(values);
    return NULL;
  }
  json_error_t problem;
  json_t *root = json_loadb(text.start, text.size, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &problem);
  bool is_read = root && json_is_object(root) && add_members(values, root);
  if (!root)
    sl_json_text_explain(&text, path, problem.line, problem.column, problem.position, problem.text, error);
  else if (!json_is_object(root))
    sl_error_set(error, SL_BAD_DATA, "%s:1:1: expected an object, {\"name\": value, ...}, found %s", path,
                 kind_of(root));
  else if (!is_read)
    sl_error_set(error, SL_BAD_DATA, "%s: too large for the memory of this machine", path);
  json_decref(root);
  free(text.start);
  if (is_read) return values;
  sl_values_destroy(values);
  return NULL;
}

sl_values *sl_values_read(const char *path, sl_error *error) {
  sl_values *values = sl_values_empty();
  if (values) values->path = duplicate(path);
  if (!values || !values->path) {
    sl_error_set(error, SL_BAD_DATA, "%s: too large for the memory of this machine", path);
    sl_values_destroy(values);
    return NULL;
  }
  return sl_values_read_plain(values, path) ? values : read_any(values, path, error);
}

entry *sl_values_find(const sl_values *values, const char *name) {
  for (size_t i = 0; i < values->count; i++)
    if (strcmp(values->entries[i].name, name) == 0) return &values->entries[i];
  return NULL;
}

bool sl_values_add_columns(sl_values *values, const char *name, int dim_count, const long *dims,
                           const double *columns) {
  entry *variable = sl_values_new_entry(values);
  if (!variable) return false;
  *variable = (entry){.name = duplicate(name), .dim_count = dim_count, .count = 1};
  long index[MAX_DIMENSIONS] = {0};
  for (int d = 0; d < dim_count; d++) variable->count *= variable->dims[d] = dims[d];
  variable->number = calloc((size_t)(variable->count ? variable->count : 1), sizeof(double));
  if (variable->name && variable->number) values->count++;
  for (long i = 0; variable->number && i < variable->count; i++) {
    long position = 0;
    for (int d = 0; d < dim_count; d++) position = position * dims[d] + index[d];
    variable->number[position] = columns[i];
    for (int d = 0; d < dim_count && ++index[d] == dims[d]; d++) index[d] = 0;
  }
  return variable->name && variable->number;
}

/* `z.real` and `z.imag` are parts 0 and 1 of `z`, which files hold as pairs [real, imag]: the length of "z" and the part. */
static int complex_part(const char *name, int *length) {
  *length = (int)strlen(name) - 5;
  if (*length > 0 && strcmp(name + *length, ".real") == 0) return 0;
  return *length > 0 && strcmp(name + *length, ".imag") == 0 ? 1 : -1;
}

/* A part counts as given where its whole is, if that is no tuple: that it has another form is found when it is read. */
bool sl_values_has(const sl_values *values, const char *name) {
  for (size_t i = 0; i < values->count; i++) {
    const entry *e = &values->entries[i];
    size_t length = strlen(e->name);
    if (strncmp(e->name, name, length) != 0) continue;
    if (!name[length] || (name[length] == '.' && !e->is_tuple)) return true;
  }
  return false;
}

int sl_values_shape(const sl_values *values, const char *name, int room, long *dims) {
  const entry *variable = sl_values_find(values, name);
  if (!variable) return -1;
  for (int d = 0; d < variable->dim_count && d < room; d++) dims[d] = variable->dims[d];
  return variable->dim_count;
}

static const char *origin(const sl_values *values) { return values->path ? values->path : "the data"; }

/* Finds `name` and holds it to the shape. *found is NULL when the variable has no elements and is absent. */
static bool find_shaped(const sl_values *values, const char *name, int dim_count, const long *dims, entry **found,
                        sl_error *error) {
  char wanted[SHAPE_LENGTH], given[SHAPE_LENGTH];
  long count = 1;
  for (int d = 0; d < dim_count; d++) count *= dims[d];
  entry *variable = *found = sl_values_find(values, name);
  if (!variable) {
    if (count == 0) return true;
    shape(wanted, sizeof wanted, dim_count, dims);
    if (values->path)
      sl_error_set(error, SL_BAD_DATA, "%s: variable %s is missing (expected %s)", values->path, name, wanted);
    else
      sl_error_set(error, SL_BAD_DATA, "variable %s is missing: no data file was given (expected %s)", name, wanted);
    return false;
  }
  if (variable->problem) {
    sl_error_set(error, SL_BAD_DATA, "%s: variable %s: %s", origin(values), name, variable->problem);
    return false;
  }
  bool same = variable->dim_count == dim_count;
  for (int d = 0; same && d < dim_count; d++) same = variable->dims[d] == dims[d];
  if (same || (count == 0 && variable->count == 0 && variable->dim_count <= dim_count)) return true;
  bool lacks_brackets = variable->dim_count == 0 && dim_count == 1 && count == 1;
  sl_error_set(error, SL_BAD_DATA, "%s: variable %s: expected %s, found %s%s", origin(values), name,
               shape(wanted, sizeof wanted, dim_count, dims),
               shape(given, sizeof given, variable->dim_count, variable->dims),
               lacks_brackets ? " (write it in brackets: [ ])" : "");
  return false;
}

/* count numbers, each `stride` behind the one before; the matrices among them turn from rows to columns. */
static void copy_numbers(double *out, const double *number, long count, long stride, int dim_count, const long *dims,
                         bool is_matrix) {
  if (!is_matrix) {
    for (long i = 0; i < count; i++) out[i] = number[i * stride];
    return;
  }
  long rows = dims[dim_count - 2], columns = dims[dim_count - 1], size = rows * columns;
  for (long start = 0; start < count; start += size)
    for (long i = 0; i < rows; i++)
      for (long j = 0; j < columns; j++) out[start + j * rows + i] = number[(start + i * columns + j) * stride];
}

static bool read_complex_part(const sl_values *values, const char *name, int part, int length, int dim_count,
                              const long *dims, bool is_matrix, double *out, sl_error *error) {
  entry *variable;
  long pairs[MAX_DIMENSIONS];
  char *whole = duplicate(name);
  if (!whole || dim_count + 1 >= MAX_DIMENSIONS) {
    free(whole);
    sl_error_set(error, SL_BAD_DATA, "%s has too many dimensions", name);
    return false;
  }
  whole[length] = '\0';
  for (int d = 0; d < dim_count; d++) pairs[d] = dims[d];
  pairs[dim_count] = 2;
  bool good = find_shaped(values, whole, dim_count + 1, pairs, &variable, error);
  free(whole);
  if (good && variable && variable->count > 0)
    copy_numbers(out, variable->number + part, variable->count / 2, 2, dim_count, dims, is_matrix);
  return good;
}

bool sl_values_real(const sl_values *values, const char *name, int dim_count, const long *dims, bool is_matrix,
                    double *out, sl_error *error) {
  entry *variable;
  int length, part = complex_part(name, &length);
  if (part >= 0 && !sl_values_find(values, name))
    return read_complex_part(values, name, part, length, dim_count, dims, is_matrix, out, error);
  if (!find_shaped(values, name, dim_count, dims, &variable, error)) return false;
  if (!variable || variable->count == 0) return true;
  copy_numbers(out, variable->number, variable->count, 1, dim_count, dims, is_matrix);
  forget(values, variable);
  return true;
}

bool sl_values_int(const sl_values *values, const char *name, int dim_count, const long *dims, long *out,
                   sl_error *error) {
  entry *variable;
  if (!find_shaped(values, name, dim_count, dims, &variable, error)) return false;
  char where[SHAPE_LENGTH];
  for (long i = 0; variable && i < variable->count; i++) {
    double number = variable->number[i];
    bool whole = number == floor(number) && isfinite(number);
    if (!whole || fabs(number) > INT_MAX) {
      sl_error_set(error, SL_BAD_DATA,
                   whole ? "%s: %s%s is %.17g, which is beyond the range of integers (32 bits)"
                         : "%s: %s%s is %.17g, but must be an integer",
                   origin(values), name, place(where, sizeof where, dim_count, dims, i), number);
      return false;
    }
    out[i] = (long)number;
  }
  if (variable && variable->count > 0) forget(values, variable);
  return true;
}
