/* lower_solver.c: solve_powell, solve_newton, the old algebra_solver forms, and integrate_1d: kernels that call back
 * (runtime/solvers.h says what they compute). */
#include <float.h>
#include <math.h>
#include "ir/higher_order.h"
#include "ir/lower_internal.h"

typedef struct solver {
  higher_order_id id;
  ir_kernel kernel;
  bool is_old; /* algebra_solver*: theta, x_r, x_i, and the tolerances last */
  bool has_tolerances;
  double step, function;
  long max_steps; /* where the call says nothing: Stan Functions Reference 2.38, "Algebraic equation solvers" */
} solver;

static const solver solvers[] = {
    {HIGHER_ORDER_SOLVE_POWELL, IR_KERNEL_SOLVE_POWELL, false, false, 1e-10, 1e-6, 200},
    {HIGHER_ORDER_SOLVE_POWELL_TOL, IR_KERNEL_SOLVE_POWELL, false, true, 0, 0, 0},
    {HIGHER_ORDER_ALGEBRA_SOLVER, IR_KERNEL_SOLVE_POWELL, true, false, 1e-10, 1e-6, 1000},
    {HIGHER_ORDER_SOLVE_NEWTON, IR_KERNEL_SOLVE_NEWTON, false, false, 1e-3, 1e-6, 200},
    {HIGHER_ORDER_SOLVE_NEWTON_TOL, IR_KERNEL_SOLVE_NEWTON, false, true, 0, 0, 0},
    {HIGHER_ORDER_ALGEBRA_SOLVER_NEWTON, IR_KERNEL_SOLVE_NEWTON, true, false, 1e-3, 1e-6, 200},
};

static const solver *solver_of(int id) {
  for (size_t i = 0; i < sizeof solvers / sizeof *solvers; i++)
    if ((int)solvers[i].id == id) return &solvers[i];
  return NULL;
}

bool is_root_solver(int id) { return solver_of(id) != NULL; }

static const expression *argument(const expression *e, int which) { return e->call.arguments.items[which]; }

static ir_statement *kernel_call(lowering *l, const expression *e, ir_kernel kernel, const callback *f,
                                 const value *result, ir_buffer *first, ir_buffer *second) {
  ir_statement *call = ir_kernel_call(l->b, kernel);
  call->function = f->function;
  call->text = e->call.name;
  call->location = l->frame->is_library || !e->location.file ? l->b->location : e->location;
  call->call->outputs[0] = result->buffer;
  ir_buffer *inputs[] = {first, second, f->arguments.packs[PACK_REALS], f->arguments.packs[PACK_DATA],
                         f->arguments.packs[PACK_INTS]};
  for (int i = 0; i < 5; i++) call->call->inputs[i] = inputs[i];
  return call;
}

value *lower_root(lowering *l, const expression *e) {
  const solver *s = solver_of(e->call.callee.id);
  value *guess = value_whole(l, prepare(l, argument(e, 1)));
  ir_operand size = guess->dims[0], max_steps = ir_int(s->max_steps);
  ir_operand tolerances[] = {ir_real(s->step), ir_real(s->function)};
  if (s->has_tolerances || (s->is_old && e->call.arguments.count > 5)) {
    int first = s->is_old ? 5 : 2;
    for (int i = 0; i < 2; i++) tolerances[i] = as_real(l, lower_scalar(l, argument(e, first + i)));
    max_steps = lower_scalar(l, argument(e, first + 2));
    if (ir_operand_type(max_steps) == IR_REAL) max_steps = ir_let1(l->b, IR_OP_TO_INT, max_steps);
  }
  const callback_given given[] = {{&type_vector, true, 0}};
  callback f = lower_callback(l, e, given, 1, size, s->has_tolerances ? 5 : 2);
  f.function->needs_jacobian = true;
  value *result = value_allocate(l, e->call.name, &type_vector, &size, false);
  ir_buffer *tolerance_buffer = reals_of(l, "tolerances", tolerances, 2);
  ir_statement *call = kernel_call(l, e, s->kernel, &f, result, guess->buffer, tolerance_buffer);
  ir_operand sizes[] = {size, f.arguments.sizes[PACK_REALS], max_steps};
  for (int i = 0; i < 3; i++) call->call->dims[i] = sizes[i];
  return result;
}

value *lower_integral(lowering *l, const expression *e) {
  ir_operand limits[2], tolerance = ir_real(sqrt(DBL_EPSILON)), one = ir_int(1);
  for (int i = 0; i < 2; i++) limits[i] = as_real(l, lower_scalar(l, argument(e, 1 + i)));
  if (e->call.arguments.count > 6) tolerance = as_real(l, lower_scalar(l, argument(e, 6)));
  const callback_given given[] = {{&type_real, false, 0}, {&type_real, false, 1}};
  callback f = lower_callback(l, e, given, 2, one, 3);
  value *result = value_allocate(l, e->call.name, &type_vector, &one, false);
  ir_buffer *limit_buffer = reals_of(l, "limits", limits, 2);
  ir_buffer *tolerance_buffer = reals_of(l, "tolerance", &tolerance, 1);
  ir_statement *call = kernel_call(l, e, IR_KERNEL_INTEGRATE_1D, &f, result, limit_buffer, tolerance_buffer);
  call->call->dims[0] = f.arguments.sizes[PACK_REALS];
  return value_real(l, ir_load(l->b, e->call.name, result->buffer, ir_int(0)));
}
