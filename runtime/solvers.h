/* solvers.h: the kernels that call back a function of the program, as the generated code calls them: differential equations
 * (ode_runge_kutta.h, ode_cvodes.c), roots (algebra.c), integrals (integrate_1d.c). Those in C files call it through a pointer. */
#ifndef STANLITE_RUNTIME_SOLVERS_H
#define STANLITE_RUNTIME_SOLVERS_H
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

/* root[n] with f(root; theta) = 0, from a guess. tolerances: solve_powell of the relative step, solve_newton of the step; and
 * of the function. The derivative is that of the root, whatever the guess: -J_y^-1 J_theta. */
#define SL_ROOT_DECLARE(name)                                                                                          \
  sl_status name(sl_callbacks f, double *root, const double *guess, const double *tolerances, const double *theta,     \
                 const double *x, const long *ints, long n, long m, long max_steps, sl_workspace *workspace);
SL_ROOT_DECLARE(sl_solve_powell)
SL_ROOT_DECLARE(sl_solve_newton)
#define sl_solve_powell_forward sl_solve_powell
#define sl_solve_newton_forward sl_solve_newton
#define sl_solve_powell_adjoint sl_root_adjoint
#define sl_solve_newton_adjoint sl_root_adjoint
void sl_root_adjoint(sl_callbacks f, double *root, double *root_adj, const double *guess, double *guess_adj,
                     const double *tolerances, double *tolerances_adj, const double *theta, double *theta_adj,
                     const double *x, double *x_adj, const long *ints, double *ints_adj, long n, long m, long max_steps,
                     sl_workspace *workspace);

/* integral[1] of f from limits[0] to limits[1], either of which may be infinite; t is x and its distance to the nearer limit. */
sl_status sl_integrate_1d(sl_callbacks f, double *integral, const double *limits, const double *tolerance,
                          const double *theta, const double *x, const long *ints, long m, sl_workspace *workspace);
sl_status sl_integrate_1d_forward(sl_callbacks f, double *integral, const double *limits, const double *tolerance,
                                  const double *theta, const double *x, const long *ints, long m,
                                  sl_workspace *workspace);
void sl_integrate_1d_adjoint(sl_callbacks f, double *integral, double *integral_adj, const double *limits,
                             double *limits_adj, const double *tolerance, double *tolerance_adj, const double *theta,
                             double *theta_adj, const double *x, double *x_adj, const long *ints, double *ints_adj,
                             long m, sl_workspace *workspace);

#endif
