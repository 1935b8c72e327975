/* values.h: named arrays of numbers read from a JSON file in CmdStan's conventions: data, inits, metrics.
 *
 * JSON arrays nest outermost dimension first; a matrix is an array of its rows; "NaN", "Inf", "+Inf", "-Inf",
 * "Infinity", "-Infinity" and their bare forms are numbers. A tuple is an object, {"1": ..., "2": ...}, whose members have
 * names of their own, `t.1` and `t.2`; of an array of tuples `a.1` has the array's dimensions before its own. A complex
 * number is a pair [real, imag], whose parts are `z.real` and `z.imag`. In memory arrays are outermost (row-major over array
 * dimensions) and each matrix is column-major. */
#ifndef STANLITE_RUNTIME_VALUES_H
#define STANLITE_RUNTIME_VALUES_H
#include <stdbool.h>
#include "runtime/error.h"

typedef struct sl_values sl_values;

/* Reads a whole file. NULL on failure: error names the file, line and column. The caller destroys it. */
sl_values *sl_values_read(const char *path, sl_error *error);
/* No values at all: what a model without data is constructed from. */
sl_values *sl_values_empty(void);
void sl_values_destroy(sl_values *values);
/* From now on a variable that is read, other than a complex one, is read for the last time and gives back its memory: for
 * whoever constructs a model, which copies what it reads. */
void sl_values_forget_read(sl_values *values);

bool sl_values_has(const sl_values *values, const char *name);
/* Number of dimensions of a variable, of which the first `room` sizes go to dims; -1 when there is none of this name. */
int sl_values_shape(const sl_values *values, const char *name, int room, long *dims);
/* Adds a variable, its elements in the order of a CSV file's columns: first index fastest. False: no memory. */
bool sl_values_add_columns(sl_values *values, const char *name, int dim_count, const long *dims, const double *columns);

/* Reads variable `name`, which must have exactly the shape dims[0..dim_count). When is_matrix, the last two dimensions
 * are rows and columns of a matrix and arrive column-major. out holds the product of the dimensions; a scalar has
 * dim_count 0. Integers are exact: 3 and 3.0 are ints, 3.5 is not. A zero-sized variable may be absent.
 * False: error names the variable, what was expected and what was found. */
bool sl_values_real(const sl_values *values, const char *name, int dim_count, const long *dims, bool is_matrix,
                    double *out, sl_error *error);
bool sl_values_int(const sl_values *values, const char *name, int dim_count, const long *dims, long *out,
                   sl_error *error);

#endif
