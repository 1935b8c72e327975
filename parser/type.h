/* type.h: Stan types without sizes and constraints. Types are immutable and live in the compilation's arena. */
#ifndef STANLITE_PARSER_TYPE_H
#define STANLITE_PARSER_TYPE_H
#include <stdbool.h>
#include "support/arena.h"

typedef enum type_kind {
  TYPE_ERROR, /* of an expression that is wrong; fits everywhere so that one mistake gives one message */
  TYPE_VOID,
  TYPE_INT,
  TYPE_REAL,
  TYPE_COMPLEX,
  TYPE_VECTOR,
  TYPE_ROW_VECTOR,
  TYPE_MATRIX,
  TYPE_COMPLEX_VECTOR,
  TYPE_COMPLEX_ROW_VECTOR,
  TYPE_COMPLEX_MATRIX,
  TYPE_ARRAY,
  TYPE_TUPLE,
  TYPE_FUNCTION,
  TYPE_STRING /* only in print, reject, fatal_error, profile */
} type_kind;

typedef struct type {
  type_kind kind;
  const struct type *element;        /* array: one dimension less; function: what it returns */
  const struct type *const *members; /* tuple: members; function: parameters */
  const bool *data_only;             /* function: which parameters are qualified `data` */
  int member_count;
} type;

extern const type type_error, type_void, type_int, type_real, type_complex, type_vector, type_row_vector, type_matrix,
    type_complex_vector, type_complex_row_vector, type_complex_matrix, type_string;

const type *type_array_of(arena *arena, const type *element, int dimensions);
bool type_equal(const type *a, const type *b);
int type_array_dimensions(const type *t);  /* 2 for array[,] vector */
const type *type_innermost(const type *t); /* vector for array[,] vector */
int type_total_dimensions(const type *t);  /* 3 for array[,] vector, 2 for matrix, 0 for real */
const type *type_scalar(const type *t);    /* int, real or complex of an array, vector, matrix */
/* As the manual writes it: "array[,] vector", "tuple(int, real)", "(real, data int) => vector". */
const char *type_name(arena *arena, const type *t);

#endif
