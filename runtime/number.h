/* number.h: decimal text to double, fast enough for tables of many millions of numbers. */
#ifndef STANLITE_RUNTIME_NUMBER_H
#define STANLITE_RUNTIME_NUMBER_H

/* Reads the number that begins at text (end is one past the last readable byte; no blanks before it). Correctly
 * rounded. Takes nan, inf, infinity and NA (which is nan) too, in any case. Returns where the number ends, or NULL when
 * there is none. */
const char *sl_read_number(const char *text, const char *end, double *value);

#endif
