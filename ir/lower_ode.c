/* lower_ode.c: ode_rk45 and the other solvers of initial value problems, in today's form (ode_*) and the old one
 * (integrate_ode_*).
 *
 * Each is a kernel that calls back:  states[T,n] = solver(f, y0[n], times[1+T], theta, x, ints, tolerances[2]; n T m max_steps)
 * where times[0] is the initial time and m the size of theta. runtime/ode.h says what a solver does. */
#include "ir/higher_order.h"
#include "ir/lower_internal.h"

typedef struct solver {
  higher_order_id id;
  ir_kernel kernel;
  bool is_old; /* integrate_ode_*: tolerances, when there, stand last */
  bool has_tolerances;
  double relative, absolute;
  long max_steps; /* where the call says nothing: Stan Functions Reference 2.38, "ODE solvers" */
} solver;

static const solver solvers[] = {
    {HIGHER_ORDER_ODE_RK45, IR_KERNEL_ODE_RK45, false, false, 1e-6, 1e-6, 1000000},
    {HIGHER_ORDER_ODE_RK45_TOL, IR_KERNEL_ODE_RK45, false, true, 0, 0, 0},
    {HIGHER_ORDER_ODE_CKRK, IR_KERNEL_ODE_CKRK, false, false, 1e-6, 1e-6, 1000000},
    {HIGHER_ORDER_ODE_CKRK_TOL, IR_KERNEL_ODE_CKRK, false, true, 0, 0, 0},
    {HIGHER_ORDER_INTEGRATE_ODE_RK45, IR_KERNEL_ODE_RK45, true, false, 1e-6, 1e-6, 1000000},
    {HIGHER_ORDER_ODE_BDF, IR_KERNEL_ODE_BDF, false, false, 1e-10, 1e-10, 100000000},
    {HIGHER_ORDER_ODE_BDF_TOL, IR_KERNEL_ODE_BDF, false, true, 0, 0, 0},
    {HIGHER_ORDER_INTEGRATE_ODE_BDF, IR_KERNEL_ODE_BDF, true, false, 1e-10, 1e-10, 100000000},
    {HIGHER_ORDER_ODE_ADAMS, IR_KERNEL_ODE_ADAMS, false, false, 1e-10, 1e-10, 100000000},
    {HIGHER_ORDER_ODE_ADAMS_TOL, IR_KERNEL_ODE_ADAMS, false, true, 0, 0, 0},
    {HIGHER_ORDER_INTEGRATE_ODE_ADAMS, IR_KERNEL_ODE_ADAMS, true, false, 1e-10, 1e-10, 100000000},
    {HIGHER_ORDER_INTEGRATE_ODE, IR_KERNEL_ODE_RK45, true, false, 1e-6, 1e-6, 1000000},
};

static const solver *solver_of(int id) {
  for (size_t i = 0; i < sizeof solvers / sizeof *solvers; i++)
    if ((int)solvers[i].id == id) return &solvers[i];
  return NULL;
}

bool is_ode_solver(int id) { return solver_of(id) != NULL; }

static const expression *argument(const expression *e, int which) { return e->call.arguments.items[which]; }

/* The initial time and the times of the call in one buffer. */
static ir_buffer *times_of(lowering *l, const expression *e, ir_operand *count) {
  ir_operand initial = as_real(l, lower_scalar(l, argument(e, 2)));
  value *times = prepare(l, argument(e, 3));
  *count = times->dims[0];
  ir_operand size = int_add(l, *count, ir_int(1));
  value *all = value_allocate(l, "times", times->type, &size, false);
  ir_store(l->b, all->buffer, ir_int(0), initial);
  value_copy(l, value_view(l, times->type, all->buffer, ir_int(1), times->dims), times);
  return all->buffer;
}

value *lower_ode(lowering *l, const expression *e) {
  const solver *s = solver_of(e->call.callee.id);
  const type *state_type = s->is_old ? type_array_of(l->arena, &type_real, 1) : &type_vector;
  value *initial = value_whole(l, prepare(l, argument(e, 1)));
  ir_operand state_size = initial->dims[0], time_count;
  ir_buffer *times = times_of(l, e, &time_count);
  bool has_tolerances = s->has_tolerances || (s->is_old && e->call.arguments.count > 7);
  ir_operand tolerances[] = {ir_real(s->relative), ir_real(s->absolute)}, max_steps = ir_int(s->max_steps);
  if (has_tolerances) {
    int first = s->is_old ? 7 : 4;
    for (int i = 0; i < 2; i++) tolerances[i] = as_real(l, lower_scalar(l, argument(e, first + i)));
    max_steps = lower_scalar(l, argument(e, first + 2));
    if (ir_operand_type(max_steps) == IR_REAL) max_steps = ir_let1(l->b, IR_OP_TO_INT, max_steps);
  }
  const callback_given given[] = {{&type_real, false, 0}, {state_type, true, 0}};
  callback f = lower_callback(l, e, given, 2, state_size, s->has_tolerances ? 7 : 4);
  ir_operand dims[] = {time_count, state_size};
  value *result = value_allocate(l, e->call.name, e->type, dims, false);
  ir_buffer *tolerance_buffer = reals_of(l, "tolerances", tolerances, 2);
  f.function->needs_jacobian = ir_kernels[s->kernel].flags & IR_KERNEL_CVODES;
  ir_statement *call = ir_kernel_call(l->b, s->kernel);
  call->function = f.function;
  call->text = e->call.name;
  call->location = l->frame->is_library || !e->location.file ? l->b->location : e->location;
  call->call->outputs[0] = result->buffer;
  ir_buffer *inputs[] = {
      initial->buffer, times, f.arguments.packs[PACK_REALS], f.arguments.packs[PACK_DATA], f.arguments.packs[PACK_INTS],
      tolerance_buffer};
  for (int i = 0; i < 6; i++) call->call->inputs[i] = inputs[i];
  ir_operand sizes[] = {state_size, time_count, f.arguments.sizes[PACK_REALS], max_steps};
  for (int i = 0; i < 4; i++) call->call->dims[i] = sizes[i];
  return result;
}
