/* lower_callback.c: functions of the program that a solver of the runtime calls: the right-hand sides of ode_rk45 and its like.
 *
 * The solver sees one signature (runtime/callback.h): out = f(t, y; theta, x, ints), where t holds the scalars that the solver
 * sets (time), y its state, and theta, x and ints what the call passes on: reals that may depend on parameters, other
 * reals, ints and sizes, as lower_function.c packs them. The function made here takes this apart, inlines the program's
 * function, and checks that it returns as much as it must. */
#include "ir/lower_internal.h"

/* Derivatives of so many states are stored one by one, so that no buffer is left between them and the function's result. */
enum { MOST_UNROLLED = 16 };

/* What the program's function is given first. */
static value *given_value(lowering *l, const callback_given *given, const ir_function *called, ir_operand state_size) {
  ir_buffer *t = called->inputs[0], *y = called->inputs[1];
  if (!given->is_state) return value_real(l, ir_load(l->b, NULL, t, ir_int(given->place)));
  ir_operand offset = int_multiply(l, ir_int(given->place), state_size);
  return value_view(l, given->type, y, offset, &state_size);
}

static void lower_callback_body(lowering *l, const function *f, ir_function *called, const packed *p,
                                const callback_given *given, int given_count) {
  ir_builder body;
  frame frame;
  lowering outer;
  enter_called(l, &outer, &body, &frame, f, called);
  frame.is_library = true; /* so that what is emitted here keeps the place of the call */
  value **values = arena_array(l->arena, value *, p->count + 1);
  plain_parameters plain = {0};
  arena_push(l->arena, &plain.types, &type_int);
  arena_push(l->arena, &plain.names, "state_size");
  collect_parameters(l, f, given_count, &plain);
  ir_buffer *packs[PACK_KINDS] = {
      [PACK_REALS] = called->inputs[2], [PACK_DATA] = called->inputs[3], [PACK_INTS] = called->inputs[4]};
  unpack(l, p, packs, NULL, values, plain.types.items, plain.names.items);
  ir_operand state_size = values[0]->scalar;
  value **arguments = arena_array(l->arena, value *, f->parameter_count + 1), **next = values + 1;
  for (int i = 0; i < given_count; i++) arguments[i] = given_value(l, &given[i], called, state_size);
  for (int i = given_count; i < f->parameter_count; i++)
    arguments[i] = value_of_leaves(l, f->parameters[i]->type, &next);
  value *v = call_function(l, f, arguments, SINK_VALUE, false, false);
  if (v->dim_count == 0) {
    ir_store(l->b, called->outputs[0], ir_int(0), as_real(l, v->scalar));
  } else {
    check_same_size(l, v->dims[0], state_size,
                    arena_printf(l->arena, "%s: it returns %%ld elements, but there are %%ld in the state", f->name));
    bool is_short = state_size.kind == IR_CONSTANT_INT && state_size.int_value <= MOST_UNROLLED;
    for (long i = 0; i < state_size.int_value && is_short; i++)
      ir_store(l->b, called->outputs[0], ir_int(i), as_real(l, value_at(l, v, ir_int(i))));
    if (!is_short) value_copy(l, value_view(l, v->type, called->outputs[0], ir_int(0), &state_size), v);
  }
  leave_called(l, &outer);
}

callback lower_callback(lowering *l, const expression *e, const callback_given *given, int given_count,
                        ir_operand state_size, int first_trailing) {
  const function *f = e->call.callee.function;
  plain_parameters plain = {0};
  arena_push(l->arena, &plain.types, &type_int);
  collect_parameters(l, f, given_count, &plain);
  leaves values = {0};
  bool *is_data = arena_array(l->arena, bool, plain.types.count);
  collect_leaves(l, value_int(l, state_size), &values);
  for (int i = given_count; i < f->parameter_count; i++) {
    const expression *argument = e->call.arguments.items[first_trailing + i - given_count];
    int first = values.count;
    collect_leaves(l, prepare(l, argument), &values);
    for (int j = first; j < values.count; j++) {
      values.items[j] = value_retyped(l, values.items[j], plain.types.items[j]);
      is_data[j] = !argument->depends_on_parameters;
    }
  }
  callback made = {.arguments = pack_layout_apart(l, values.items, is_data, values.count)};
  for (int i = 0; i < l->callbacks.count; i++)
    if (l->callbacks.items[i].call == e && same_constants(l->callbacks.items[i].passed, values.items, values.count))
      made.function = l->callbacks.items[i].ir;
  if (!made.function) {
    static const char *const names[] = {"t", "y", "theta", "x"};
    ir_function *called = made.function = ir_function_create(l->out, f->name, e->location);
    for (int i = 0; i < 4; i++) ir_function_input(l->out, called, names[i], IR_REAL);
    ir_function_input(l->out, called, "ints", IR_INT);
    ir_function_output(l->out, called, "derivative", IR_REAL)->is_written_once = true;
    callback_entry entry = {e, values.items, called};
    arena_push(l->arena, &l->callbacks, entry);
    lower_callback_body(l, f, called, &made.arguments, given, given_count);
  }
  pack(l, &made.arguments);
  return made;
}

ir_buffer *reals_of(lowering *l, const char *name, const ir_operand *values, int count) {
  ir_buffer *buffer = ir_alloc(l->b, name, IR_REAL, ir_int(count), false);
  buffer->is_written_once = true;
  for (int i = 0; i < count; i++) ir_store(l->b, buffer, ir_int(i), values[i]);
  return buffer;
}
