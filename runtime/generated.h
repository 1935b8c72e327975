/* generated.h: what the C that the compiler writes is written with, besides the C library: the model interface, scalar
 * functions, kernels, and a few helpers for reading, writing and refusing. Only generated code includes it. */
#ifndef STANLITE_RUNTIME_GENERATED_H
#define STANLITE_RUNTIME_GENERATED_H
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "runtime/chunks.h"
#include "runtime/kernels.h"
#include "runtime/math.h"
#include "runtime/model.h"

/* What runs once is compiled quickly rather than run quickly: a quarter of the C of a typical model is there.
 * -O1 alone would leave out `vzeroupper`, without which all that follows a vector loop, our caller too, runs many times slower. */
#if defined(__GNUC__) && !defined(__clang__)
#define SL_ONCE __attribute__((optimize("O1", "expensive-optimizations")))
#else
#define SL_ONCE
#endif

/* A clause of `omp simd`: vectors of eight doubles where there are such; gcc would take four. */
#ifdef __AVX512F__
#define SL_WIDE simdlen(8)
#else
#define SL_WIDE
#endif

/* A piece of a function that is too long for the C compiler to take whole. */
#define SL_PART static __attribute__((noinline))

/* (1 + p)(1 + e) - 1: a product of factors near one keeps so the digits in which it differs from it. */
static inline double sl_product(double p, double e) { return p + e + p * e; }
#pragma omp declare reduction(sl_product:double : omp_out = sl_product(omp_out, omp_in)) initializer(omp_priv = 0)

/* A chunk of a loop: called from one place when there is one, and by sl_run_chunks when there are more; one copy does for
 * both. */
#define SL_APART static __attribute__((noinline))

/* Puts the text (printf format) and the place into workspace->message; SL_REJECTED. */
sl_status sl_reject(sl_workspace *workspace, const char *place, const char *format, ...)
    __attribute__((format(printf, 3, 4), cold));
/* The same when a kernel has left its message there already; `function` goes before it: "multi_normal_lpdf: ", or "". */
sl_status sl_reject_kernel(sl_workspace *workspace, const char *function, const char *place) __attribute__((cold));

/* Puts `count` elements (doubles or longs) right above the arena's top, which stays: the caller's next take finds them. */
void sl_leave_result(sl_workspace *workspace, const void *result, long count);
/* Pops what a forward sweep has pushed of its result, number of elements over address of its adjoints, and fills these with
 * what the caller gives; with 0 for NULL. */
void sl_take_result_adjoint(sl_workspace *workspace, const double *given);

/* A field of the model; NULL, with error set, when there is no memory. Zeroed; at least one element. */
void *sl_field(long count, size_t size, sl_error *error);

/* What an array holds before it is given values: NaN, or the least int. */
void sl_fill_real(double *buffer, long count);
void sl_fill_int(long *buffer, long count);

/* Writes an array at *out in column-major order over all its dimensions and moves *out on. In memory arrays are outermost;
 * with is_matrix the last two dimensions are a column-major matrix. */
void sl_write_reals(double **out, const double *values, int dim_count, const long *dims, bool is_matrix);
void sl_write_ints(double **out, const long *values, int dim_count, const long *dims, bool is_matrix);

/* The text of print(), reject() and fatal_error(), put together piece by piece. What is too long is cut. */
typedef struct sl_line {
  char text[4000];
  size_t length;
} sl_line;

void sl_line_text(sl_line *line, const char *text);
void sl_line_real(sl_line *line, double value);
void sl_line_int(sl_line *line, long value);
void sl_line_reals(sl_line *line, const double *values, int dim_count, const long *dims, bool is_matrix);
void sl_line_complex(sl_line *line, const double *real, const double *imaginary, int dim_count, const long *dims,
                     bool is_matrix);
void sl_line_ints(sl_line *line, const long *values, int dim_count, const long *dims);
void sl_line_print(sl_line *line); /* one line on standard output, whole even when chains print at once */

#endif
