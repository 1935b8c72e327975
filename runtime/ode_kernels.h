/* ode_kernels.h: what the generated code calls to solve differential equations: those of ode_runge_kutta.h and, here, those of
 * CVODES (ode_cvodes.c), whose right-hand side is called through a pointer, since CVODES would do so anyway. */
#ifndef STANLITE_RUNTIME_ODE_KERNELS_H
#define STANLITE_RUNTIME_ODE_KERNELS_H
#include "runtime/ode_runge_kutta.h"

/* Kernels as ode.h says. */
#define SL_ODE_DECLARE(name)                                                                                           \
  sl_status name(sl_callbacks f, double *states, const double *y0, const double *times, const double *theta,           \
                 const double *x, const long *ints, const double *tolerances, long n, long T, long m, long max_steps,  \
                 sl_workspace *workspace);
SL_ODE_DECLARE(sl_ode_bdf)
SL_ODE_DECLARE(sl_ode_bdf_forward)
SL_ODE_DECLARE(sl_ode_adams)
SL_ODE_DECLARE(sl_ode_adams_forward)
#define sl_ode_bdf_adjoint sl_ode_adjoint
#define sl_ode_adams_adjoint sl_ode_adjoint

#endif
