/* generated.c: the helpers of generated.h. */
#include "runtime/generated.h"
#include <stdarg.h>
#include <stdio.h>

sl_status sl_reject(sl_workspace *workspace, const char *place, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(workspace->message, sizeof workspace->message, format, arguments);
  va_end(arguments);
  if (length >= 0 && (size_t)length < sizeof workspace->message)
    snprintf(workspace->message + length, sizeof workspace->message - (size_t)length, "%s", place);
  return SL_REJECTED;
}

sl_status sl_reject_kernel(sl_workspace *workspace, const char *function, const char *place) {
  char why[SL_MESSAGE_SIZE];
  snprintf(why, sizeof why, "%s", workspace->message);
  return sl_reject(workspace, place, "%s%s", function, why);
}

void sl_leave_result(sl_workspace *workspace, const void *result, long count) {
  char *top = workspace->top;
  memmove(sl_take(workspace, count, 8), result ? result : top, result ? (size_t)count * 8 : 0);
  workspace->top = top;
}

void sl_take_result_adjoint(sl_workspace *workspace, const double *given) {
  size_t count = (size_t)sl_pop_int(workspace);
  double *adjoints = (double *)sl_pop_int(workspace);
  if (!adjoints) return;
  if (given)
    memcpy(adjoints, given, count * sizeof *adjoints);
  else
    memset(adjoints, 0, count * sizeof *adjoints);
}

void *sl_field(long count, size_t size, sl_error *error) {
  void *field = calloc(count > 0 ? (size_t)count : 1, size);
  if (!field) sl_error_set(error, SL_BAD_DATA, "not enough memory for an array of %ld elements", count);
  return field;
}

void sl_fill_real(double *buffer, long count) {
  for (long i = 0; i < count; i++) buffer[i] = NAN;
}

void sl_fill_int(long *buffer, long count) {
  for (long i = 0; i < count; i++) buffer[i] = INT_MIN;
}

static long element_count(int dim_count, const long *dims) {
  long count = 1;
  for (int d = 0; d < dim_count; d++) count *= dims[d];
  return count;
}

/* Whether memory order is column-major order already. */
static bool is_plain(int dim_count, bool is_matrix) { return dim_count <= 1 || (dim_count == 2 && is_matrix); }

/* A walk over an array in column-major order: `at` is the place in memory of the element that is reached. */
typedef struct walk {
  int dim_count;
  const long *dims;
  long index[16], stride[16], at;
} walk;

static walk start_walk(int dim_count, const long *dims, bool is_matrix) {
  walk w = {.dim_count = dim_count, .dims = dims};
  long stride = 1;
  int arrays = is_matrix ? dim_count - 2 : dim_count;
  for (int d = arrays; d < dim_count; d++) { /* a matrix by columns */
    w.stride[d] = stride;
    stride *= dims[d];
  }
  for (int d = arrays; d-- > 0;) { /* of arrays the last index runs fastest */
    w.stride[d] = stride;
    stride *= dims[d];
  }
  return w;
}

static void step(walk *w) {
  for (int d = 0; d < w->dim_count; d++) {
    w->at += w->stride[d];
    if (++w->index[d] < w->dims[d]) return;
    w->at -= w->stride[d] * w->dims[d];
    w->index[d] = 0;
  }
}

void sl_write_reals(double **out, const double *values, int dim_count, const long *dims, bool is_matrix) {
  long count = element_count(dim_count, dims);
  if (is_plain(dim_count, is_matrix)) {
    if (count > 0) memcpy(*out, values, (size_t)count * sizeof *values);
  } else {
    walk w = start_walk(dim_count, dims, is_matrix);
    for (long k = 0; k < count; k++, step(&w)) (*out)[k] = values[w.at];
  }
  *out += count;
}

void sl_write_ints(double **out, const long *values, int dim_count, const long *dims, bool is_matrix) {
  long count = element_count(dim_count, dims);
  walk w = start_walk(dim_count, dims, is_matrix);
  for (long k = 0; k < count; k++, step(&w)) *(*out)++ = (double)values[w.at];
}

static __attribute__((format(printf, 2, 3))) void append(sl_line *line, const char *format, ...) {
  size_t room = sizeof line->text - line->length;
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line->text + line->length, room, format, arguments);
  va_end(arguments);
  if (length > 0) line->length += (size_t)length < room ? (size_t)length : room - 1;
}

void sl_line_text(sl_line *line, const char *text) { append(line, "%s", text); }
void sl_line_real(sl_line *line, double value) { append(line, "%.6g", value); }
void sl_line_int(sl_line *line, long value) { append(line, "%ld", value); }

/* Nested brackets, as Stan prints arrays; a matrix row by row. */
static void append_number(sl_line *line, const double *reals, const double *imaginary, const long *ints, long at) {
  if (imaginary)
    append(line, "(%.6g,%.6g)", reals[at], imaginary[at]);
  else if (reals)
    append(line, "%.6g", reals[at]);
  else
    append(line, "%ld", ints[at]);
}

static void append_nested(sl_line *line, const double *reals, const double *imaginary, const long *ints, long start,
                          int dim_count, const long *dims, bool is_matrix) {
  append(line, "[");
  long stride = element_count(dim_count - 1, dims + 1);
  for (long i = 0; i < dims[0]; i++) {
    if (i) append(line, ",");
    if (is_matrix && dim_count == 2) {
      append(line, "[");
      for (long j = 0; j < dims[1]; j++) {
        if (j) append(line, ",");
        append_number(line, reals, imaginary, ints, start + i + j * dims[0]);
      }
      append(line, "]");
    } else if (dim_count > 1) {
      append_nested(line, reals, imaginary, ints, start + i * stride, dim_count - 1, dims + 1, is_matrix);
    } else {
      append_number(line, reals, imaginary, ints, start + i);
    }
  }
  append(line, "]");
}

void sl_line_reals(sl_line *line, const double *values, int dim_count, const long *dims, bool is_matrix) {
  append_nested(line, values, NULL, NULL, 0, dim_count, dims, is_matrix);
}

void sl_line_complex(sl_line *line, const double *real, const double *imaginary, int dim_count, const long *dims,
                     bool is_matrix) {
  append_nested(line, real, imaginary, NULL, 0, dim_count, dims, is_matrix);
}

void sl_line_ints(sl_line *line, const long *values, int dim_count, const long *dims) {
  append_nested(line, NULL, NULL, values, 0, dim_count, dims, false);
}

void sl_line_print(sl_line *line) {
  append(line, "\n");
  fwrite(line->text, 1, line->length, stdout);
  fflush(stdout);
}

size_t sl_constrained_size(const sl_model *model, bool transformed_parameters, bool generated_quantities) {
  size_t size = 0;
  for (int v = 0; v < sl_variable_count; v++) {
    sl_block block = sl_variables[v].block;
    if (block == SL_DATA || (block == SL_TRANSFORMED_PARAMETERS && !transformed_parameters) ||
        (block == SL_GENERATED_QUANTITIES && !generated_quantities))
      continue;
    long dims[16];
    sl_variable_dims(model, v, dims);
    size += (size_t)element_count(sl_variables[v].dim_count, dims);
  }
  return size;
}
