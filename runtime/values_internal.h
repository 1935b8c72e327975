/* values_internal.h: what values.c and values_plain.c share. */
#ifndef STANLITE_RUNTIME_VALUES_INTERNAL_H
#define STANLITE_RUNTIME_VALUES_INTERNAL_H
#include "runtime/values.h"

enum { SL_MOST_DIMENSIONS = 32 };

typedef struct sl_entry {
  char *name;
  int dim_count;
  long dims[SL_MOST_DIMENSIONS];
  long count;     /* of numbers: the product of dims */
  double *number; /* outermost dimension first, as written */
  char *problem;  /* why this is no array of numbers; NULL when it is */
  bool is_tuple;  /* a tuple, or an array of some: its members are entries of their own */
} sl_entry;

struct sl_values {
  char *path;
  sl_entry *entries;
  size_t count, capacity;
  bool forgets; /* numbers go when they have been read */
};

/* Room for one more, all zero; the caller counts it. NULL: no memory. */
sl_entry *sl_values_new_entry(sl_values *values);
/* The variable of that name; NULL: there is none. */
sl_entry *sl_values_find(const sl_values *values, const char *name);
/* Whether the text is one of those that stand for a number: "NaN", "Inf", "-Infinity" ... */
bool sl_values_special(const char *text, double *out);

/* Reads a regular file that holds nothing but arrays of numbers (values_plain.c), a piece at a time. False: it is no such
 * file, or there is too little memory; `values` is as it was. */
bool sl_values_read_plain(sl_values *values, const char *path);

#endif
