/* number_text.h: doubles as decimal text, fast enough that a draw of ten thousand columns costs little beside its gradients.
 *
 * A number is printed with as many significant digits as asked for, as printf's %g prints it: correctly rounded. A zero has no
 * sign. */
#ifndef STANLITE_RUNTIME_NUMBER_TEXT_H
#define STANLITE_RUNTIME_NUMBER_TEXT_H
#include <stddef.h>

/* Most bytes that a number takes, and what sl_format_number may write over. */
enum { SL_NUMBER_TEXT = 32, SL_NUMBER_ROOM = 64 };

/* The digits alone, without a NUL; returns how many: at most SL_NUMBER_TEXT. out has room for SL_NUMBER_ROOM, which may be
 * written over. sig_figs from 1 to 18. */
size_t sl_format_number(char *out, double value, int sig_figs);

/* The same of many, with a comma before each: at most (SL_NUMBER_TEXT + 1) * count bytes, and room for SL_NUMBER_ROOM more. */
size_t sl_format_numbers(char *out, const double *values, size_t count, int sig_figs);

#endif
