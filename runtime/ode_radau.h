/* ode_radau.h: initial value problems of few states, stiff or not, as ode.h says, by ode_radau.c. */
#ifndef STANLITE_RUNTIME_ODE_RADAU_H
#define STANLITE_RUNTIME_ODE_RADAU_H
#include "runtime/ode.h"

/* With more states CVODES becomes the faster one: this method inverts four complex matrices for a step. */
enum { SL_RADAU_MOST_STATES = 32 };

/* The problem has passed sl_ode_check. states (T n) and, with sensitivities, saved (T n stride) are filled; what is taken of
 * the workspace is not given back. */
sl_status sl_radau_solve(const sl_ode *p, const double *y0, const double *times, const double *tolerances, long T,
                         long max_steps, double *states, double *saved);

#endif
