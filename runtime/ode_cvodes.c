/* ode_cvodes.c: ode_bdf and ode_adams, as kernels of ode.h. Problems of few states go to ode_radau.c, others to CVODES of
 * SUNDIALS (Serban and Hindmarsh 2005).
 *
 * Why not all to CVODES: a step of one or two states is a few dozen operations, around which CVODES spends a microsecond; and
 * its order is at most 5, at tolerances whose default is 1e-10. one_comp_mm_elim_abs of posteriordb (1 state, 3 parameters):
 * 1118 us for a gradient and errors of 1e-9, against 30 us and 1e-11.
 *
 * CVODES is set up as by Stan: BDF or Adams-Moulton of variable order, Newton's iteration on dense matrices, sensitivities
 * forward and staggered (solved after the states of each step), with the tolerances of the states, and in the control of the
 * error. max_steps bounds the steps to each time. The Jacobian is the one of ode.h.
 *
 * CVODES takes its memory from the heap, for each solution anew. Only samplers that call these functions link it. */
#include <cvodes/cvodes.h>
#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>
#include "runtime/ode_radau.h"
#include "runtime/solvers.h"

enum { MOST_ERROR_TEST_FAILURES = 20, MOST_CONVERGENCE_FAILURES = 50 };

typedef struct solution {
  sl_ode problem;
  sl_status status; /* of the first call of the right-hand side that was rejected */
  SUNContext context;
  void *cvodes;
  N_Vector state, *sensitivities;
  SUNMatrix matrix;
  SUNLinearSolver solver;
} solution;

/* ---- what CVODES calls: 0 for success, -1 ends the solution ---- */

static int derivative(realtype t, N_Vector y, N_Vector dy, void *data) {
  solution *s = data;
  const sl_ode *p = &s->problem;
  s->status = p->f.value(NV_DATA_S(dy), &t, NV_DATA_S(y), p->theta, p->x, p->ints, NULL, p->workspace);
  return s->status == SL_EVALUATED ? 0 : -1;
}

static int jacobian(realtype t, N_Vector y, N_Vector dy, SUNMatrix j, void *data, N_Vector a, N_Vector b, N_Vector c) {
  (void)dy, (void)a, (void)b, (void)c;
  solution *s = data;
  const sl_ode *p = &s->problem;
  s->status = sl_ode_jacobian(p, t, NV_DATA_S(y), s->problem.slope);
  if (s->status != SL_EVALUATED) return -1;
  for (long row = 0; row < p->n; row++)
    for (long column = 0; column < p->n; column++) SM_ELEMENT_D(j, row, column) = p->jacobian_y[row * p->n + column];
  return 0;
}

static int sensitivity_derivative(int count, realtype t, N_Vector y, N_Vector dy, N_Vector *of, N_Vector *out,
                                  void *data, N_Vector a, N_Vector b) {
  (void)dy, (void)a, (void)b;
  solution *s = data;
  s->status = sl_ode_jacobian(&s->problem, t, NV_DATA_S(y), s->problem.slope);
  if (s->status != SL_EVALUATED) return -1;
  const sl_ode *p = &s->problem;
  const long n = p->n, of_state = p->f.state_is_active ? n : 0;
  for (int c = 0; c < count; c++) {
    const double *column = NV_DATA_S(of[c]);
    double *slope = NV_DATA_S(out[c]);
    for (long i = 0; i < n; i++) {
      slope[i] = c < of_state ? 0 : p->jacobian_theta[i * p->m + c - of_state];
      for (long j = 0; j < n; j++) slope[i] += p->jacobian_y[i * n + j] * column[j];
    }
  }
  return 0;
}

/* Failures come back as return values. */
static void no_message(int code, const char *module, const char *function, char *text, void *data) {
  (void)code, (void)module, (void)function, (void)text, (void)data;
}

/* ---- a solution: z is the state and then, since CVODES has a vector for each, S column by column ---- */

static void start(const sl_ode *p, const double *y0, double *z) {
  memcpy(z, y0, (size_t)p->n * sizeof *z);
  memset(z + p->n, 0, (size_t)(p->n * p->columns) * sizeof *z);
  for (long i = 0; i < p->n && p->f.state_is_active && p->columns; i++) z[p->n + i * p->n + i] = 1;
}

/* Where ode.h keeps them, S by rows. */
static void keep(const sl_ode *p, const double *z, long k, double *states, double *saved) {
  const long n = p->n, columns = p->columns;
  memcpy(states + k * n, z, (size_t)n * sizeof *z);
  for (long c = 0; c < columns; c++)
    for (long i = 0; i < n; i++) saved[(k * n + i) * p->stride + c] = z[n + c * n + i];
}

static bool prepare(solution *s, int method, const double *y0, double *z, double t0, const double *tolerances,
                    long max_steps) {
  const sl_ode *p = &s->problem;
  start(p, y0, z);
  if (SUNContext_Create(NULL, &s->context) != 0) return false;
  s->state = N_VMake_Serial(p->n, z, s->context);
  s->matrix = SUNDenseMatrix(p->n, p->n, s->context);
  if (!s->state || !s->matrix) return false;
  s->solver = SUNLinSol_Dense(s->state, s->matrix, s->context);
  s->cvodes = CVodeCreate(method, s->context);
  if (!s->solver || !s->cvodes) return false;
  void *const cvodes = s->cvodes;
  if (CVodeSetErrHandlerFn(cvodes, no_message, NULL) || CVodeInit(cvodes, derivative, t0, s->state) ||
      CVodeSetUserData(cvodes, s) || CVodeSStolerances(cvodes, tolerances[0], tolerances[1]) ||
      CVodeSetMaxNumSteps(cvodes, max_steps) || CVodeSetMaxErrTestFails(cvodes, MOST_ERROR_TEST_FAILURES) ||
      CVodeSetMaxConvFails(cvodes, MOST_CONVERGENCE_FAILURES) || CVodeSetLinearSolver(cvodes, s->solver, s->matrix))
    return false;
  if (CVodeSetJacFn(cvodes, jacobian)) return false;
  if (!p->columns) return true;
  s->sensitivities = N_VCloneEmptyVectorArray((int)p->columns, s->state);
  if (!s->sensitivities) return false;
  for (long c = 0; c < p->columns; c++) NV_DATA_S(s->sensitivities[c]) = z + p->n * (1 + c);
  return !CVodeSensInit(cvodes, (int)p->columns, CV_STAGGERED, sensitivity_derivative, s->sensitivities) &&
         !CVodeSetSensErrCon(cvodes, SUNTRUE) && !CVodeSensEEtolerances(cvodes);
}

static void release(solution *s) {
  if (s->sensitivities) N_VDestroyVectorArray(s->sensitivities, (int)s->problem.columns);
  if (s->cvodes) CVodeFree(&s->cvodes);
  if (s->solver) SUNLinSolFree(s->solver);
  if (s->matrix) SUNMatDestroy(s->matrix);
  if (s->state) N_VDestroy(s->state);
  if (s->context) SUNContext_Free(&s->context);
}

static sl_status run(solution *s, const double *times, long T, long max_steps, double *z, double *states,
                     double *saved) {
  const sl_ode *p = &s->problem;
  double t = times[0];
  for (long k = 0; k < T; k++) {
    int code = times[1 + k] == t ? CV_SUCCESS : CVode(s->cvodes, times[1 + k], s->state, &t, CV_NORMAL);
    if (code == CV_TOO_MUCH_WORK) return sl_ode_too_many_steps(p->f, times[1 + k], max_steps, p->workspace);
    if (code < 0 && s->status != SL_EVALUATED) return s->status;
    if (code < 0) return sl_ode_no_step(p->f, t, p->workspace);
    if (p->columns && CVodeGetSens(s->cvodes, &t, s->sensitivities) < 0) return sl_ode_no_step(p->f, t, p->workspace);
    keep(p, z, k, states, saved);
    t = times[1 + k];
  }
  return SL_EVALUATED;
}

static sl_status solve(int method, bool with_sensitivities, sl_callbacks f, double *states, const double *y0,
                       const double *times, const double *theta, const double *x, const long *ints,
                       const double *tolerances, long n, long T, long m, long max_steps, sl_workspace *workspace) {
  sl_status status = sl_ode_check(f, y0, times, tolerances, n, T, max_steps, workspace);
  if (status != SL_EVALUATED) return status;
  double *saved = NULL;
  if (with_sensitivities) saved = sl_take(workspace, T * sl_ode_stride(sl_ode_columns(&f, n, m)) * n, sizeof *saved);
  char *top = workspace->top;
  solution s = {.problem = sl_ode_create(f, theta, x, ints, n, m, with_sensitivities, true, workspace)};
  if (n <= SL_RADAU_MOST_STATES) {
    status = sl_radau_solve(&s.problem, y0, times, tolerances, T, max_steps, states, saved);
    workspace->top = top;
    return status;
  }
  double *z = sl_take(workspace, s.problem.size, sizeof *z);
  if (prepare(&s, method, y0, z, times[0], tolerances, max_steps))
    status = run(&s, times, T, max_steps, z, states, saved);
  else
    status = sl_reject(workspace, f.place, "%s: not enough memory", f.name);
  release(&s);
  workspace->top = top;
  return status;
}

/* ---- the kernels ---- */

#define SOLVER(name, method, with_sensitivities)                                                                       \
  sl_status name(sl_callbacks f, double *states, const double *y0, const double *times, const double *theta,           \
                 const double *x, const long *ints, const double *tolerances, long n, long T, long m, long max_steps,  \
                 sl_workspace *workspace) {                                                                            \
    return solve(method, with_sensitivities, f, states, y0, times, theta, x, ints, tolerances, n, T, m, max_steps,     \
                 workspace);                                                                                           \
  }

SOLVER(sl_ode_bdf, CV_BDF, false)
SOLVER(sl_ode_bdf_forward, CV_BDF, true)
SOLVER(sl_ode_adams, CV_ADAMS, false)
SOLVER(sl_ode_adams_forward, CV_ADAMS, true)
