/* ode.c: what is wrong with an initial value problem; see ode.h. */
#include "runtime/ode.h"

sl_status sl_ode_check(sl_callbacks f, const double *y0, const double *times, const double *tolerances, long n, long T,
                       long max_steps, sl_workspace *workspace) {
  if (n < 1) return sl_reject(workspace, f.place, "%s: the initial state has no elements", f.name);
  for (long i = 0; i < n; i++)
    if (!isfinite(y0[i]))
      return sl_reject(workspace, f.place, "%s: the initial state must be finite, but element %ld is %g", f.name, i + 1,
                       y0[i]);
  if (T < 1) return sl_reject(workspace, f.place, "%s: there are no times at which to solve", f.name);
  if (!isfinite(times[0]))
    return sl_reject(workspace, f.place, "%s: the initial time is %g, but must be finite", f.name, times[0]);
  for (long k = 1; k <= T; k++)
    if (!isfinite(times[k]))
      return sl_reject(workspace, f.place, "%s: times must be finite, but time %ld is %g", f.name, k, times[k]);
  if (!(times[0] < times[1]))
    return sl_reject(workspace, f.place, "%s: the initial time is %g, but must be before the first time, %g", f.name,
                     times[0], times[1]);
  for (long k = 2; k <= T; k++)
    if (!(times[k - 1] <= times[k]))
      return sl_reject(workspace, f.place, "%s: times must not decrease, but time %ld is %g, and time %ld is %g",
                       f.name, k - 1, times[k - 1], k, times[k]);
  for (int i = 0; i < 2; i++)
    if (!(tolerances[i] > 0 && isfinite(tolerances[i])))
      return sl_reject(workspace, f.place, "%s: the %s tolerance is %g, but must be positive and finite", f.name,
                       i ? "absolute" : "relative", tolerances[i]);
  if (max_steps < 1)
    return sl_reject(workspace, f.place, "%s: the number of steps is %ld, but must be positive", f.name, max_steps);
  return SL_EVALUATED;
}

sl_status sl_ode_too_many_steps(sl_callbacks f, double time, long max_steps, sl_workspace *workspace) {
  return sl_reject(workspace, f.place, "%s: time %g was not reached in %ld steps", f.name, time, max_steps);
}

sl_status sl_ode_no_step(sl_callbacks f, double time, sl_workspace *workspace) {
  return sl_reject(workspace, f.place, "%s: at time %g no step is small enough for the tolerances", f.name, time);
}
