/* ir_machine.h: runs the core IR, statement by statement, for tests of what works on it.
 *
 * It is strict where C is silent: reading an element outside its buffer, a variable or buffer that is not defined, and taking
 * from the arena's stack anything but what was put there last are faults. `seen` counts what was printed. */
#ifndef STANLITE_TESTS_UNIT_IR_MACHINE_H
#define STANLITE_TESTS_UNIT_IR_MACHINE_H
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "ir/ir.h"
#include "runtime/kernels.h"
#include "runtime/workspace.h"

typedef struct machine_cell {
  bool is_defined;
  double value; /* ints, too: tests keep them small */
} machine_cell;

typedef struct machine_memory {
  double *elements;
  long size;
  int place; /* on the stack, of an allocation */
} machine_memory;

typedef struct machine_entry { /* of the arena's stack */
  enum { ENTRY_MEMORY, ENTRY_VALUE, ENTRY_PLACE } kind;
  double value;
  machine_memory memory;
} machine_entry;

enum { MACHINE_IDS = 1 << 16, MACHINE_STACK = 1 << 20, MACHINE_STEPS = 2000000 };

typedef enum { MACHINE_DONE, MACHINE_REJECTED, MACHINE_FAULT } machine_status;

typedef struct machine_input {
  const char *name;
  const double *values;
  long size;
} machine_input;

typedef struct machine {
  arena *arena;
  machine_cell *cells;      /* by id */
  machine_memory *memories; /* by id */
  machine_entry *stack;
  int top;
  const machine_input *inputs; /* what IR_READ finds */
  double target;
  long jacobian, seen, steps;
  machine_status status;
  const char *fault;
} machine;

static inline machine *machine_create(arena *arena, const machine_input *inputs) {
  machine *m = arena_new(arena, machine);
  *m = (machine){.arena = arena, .inputs = inputs, .jacobian = 1};
  m->cells = arena_array(arena, machine_cell, MACHINE_IDS);
  m->memories = arena_array(arena, machine_memory, MACHINE_IDS);
  m->stack = arena_array(arena, machine_entry, MACHINE_STACK);
  return m;
}

static inline void machine_fail(machine *m, const char *why) {
  if (m->status == MACHINE_DONE) m->fault = why, m->status = MACHINE_FAULT;
}

static inline double machine_value(machine *m, ir_operand x) {
  if (x.kind == IR_CONSTANT_INT) return (double)x.int_value;
  if (x.kind == IR_CONSTANT_REAL) return x.real_value;
  if (x.kind != IR_VARIABLE) return machine_fail(m, "no operand"), 0;
  if (x.variable->storage == IR_INPUT) return (double)m->jacobian;
  if (!m->cells[x.variable->id].is_defined) machine_fail(m, "a variable without value is read");
  return m->cells[x.variable->id].value;
}

static inline void machine_set(machine *m, const ir_variable *variable, double value) {
  m->cells[variable->id] = (machine_cell){true, value};
}

static inline double *machine_element(machine *m, const ir_buffer *buffer, double index) {
  static double nowhere;
  machine_memory *memory = &m->memories[buffer->id];
  if (!memory->elements) return machine_fail(m, "a buffer without memory is used"), &nowhere;
  if (index < 0 || index >= (double)memory->size) {
    if (memory->size == 0 && index == 0) return nowhere = 0, &nowhere; /* an empty buffer has room for one element */
    return machine_fail(m, "an index is out of range"), &nowhere;
  }
  return &memory->elements[(long)index];
}

static inline machine_memory machine_allocate(machine *m, double size, double fill) {
  machine_memory memory = {.size = size < 0 ? 0 : (long)size, .place = m->top};
  memory.elements = arena_array(m->arena, double, memory.size + 1);
  for (long i = 0; i < memory.size; i++) memory.elements[i] = fill;
  return memory;
}

static inline void machine_push(machine *m, machine_entry entry) {
  if (m->top == MACHINE_STACK)
    machine_fail(m, "the stack is full");
  else
    m->stack[m->top++] = entry;
}

static inline machine_entry machine_pop(machine *m, int kind) {
  if (m->top == 0 || (int)m->stack[m->top - 1].kind != kind) {
    machine_fail(m, "something else lies on top of the stack");
    return (machine_entry){0};
  }
  return m->stack[--m->top];
}

static inline double machine_apply(machine *m, ir_op op, const double *x) {
  double a = x[0], b = x[1], c = x[2];
  switch (op) {
  case IR_OP_INT_ADD:
  case IR_OP_ADD: return a + b;
  case IR_OP_INT_SUBTRACT:
  case IR_OP_SUBTRACT: return a - b;
  case IR_OP_INT_MULTIPLY:
  case IR_OP_MULTIPLY: return a * b;
  case IR_OP_INT_NEGATE:
  case IR_OP_NEGATE: return -a;
  case IR_OP_INT_DIVIDE:
    if (b == 0) return machine_fail(m, "an int is divided by 0"), 0;
    return trunc(a / b);
  case IR_OP_INT_MODULO:
    if (b == 0) return machine_fail(m, "the remainder by 0"), 0;
    return fmod(a, b);
  case IR_OP_TILE_ROWS: return a > 3 ? 3 : 1; /* small matrices are cut, too */
  case IR_OP_CHUNK_ROWS: return 2;            /* small loops are cut, too */
  case IR_OP_CHUNK_COUNT: return a > 0 ? ceil(a / b) : 0;
  case IR_OP_INT_MIN: return a < b ? a : b;
  case IR_OP_INT_MAX: return a > b ? a : b;
  case IR_OP_INT_EQUAL:
  case IR_OP_EQUAL: return a == b;
  case IR_OP_INT_NOT_EQUAL:
  case IR_OP_NOT_EQUAL: return a != b;
  case IR_OP_INT_LESS:
  case IR_OP_LESS: return a < b;
  case IR_OP_INT_LESS_EQUAL:
  case IR_OP_LESS_EQUAL: return a <= b;
  case IR_OP_AND: return a != 0 && b != 0;
  case IR_OP_OR: return a != 0 || b != 0;
  case IR_OP_NOT: return a == 0;
  case IR_OP_INT_COPY:
  case IR_OP_COPY:
  case IR_OP_TO_REAL: return a;
  case IR_OP_INT_SELECT:
  case IR_OP_SELECT: return a != 0 ? b : c;
  case IR_OP_DIVIDE: return a / b;
  case IR_OP_INV: return 1 / a;
  case IR_OP_SQUARE: return a * a;
  case IR_OP_SQRT: return sqrt(a);
  case IR_OP_EXP: return exp(a);
  case IR_OP_LOG: return log(a);
  case IR_OP_LOG1P: return log1p(a);
  case IR_OP_LOG1P_EXP: return fmax(a, 0) + log1p(exp(-fabs(a)));
  case IR_OP_EXP_MINUS_ABS: return exp(-fabs(a));
  case IR_OP_ABS: return fabs(a);
  case IR_OP_TANH: return tanh(a);
  case IR_OP_SIN: return sin(a);
  case IR_OP_COS: return cos(a);
  case IR_OP_FMIN: return a < b ? a : b;
  case IR_OP_FMAX: return a > b ? a : b;
  case IR_OP_INV_LOGIT: return 1 / (1 + exp(-a));
  case IR_OP_INV_LOGIT_COMPLEMENT: return 1 / (1 + exp(a));
  default: return machine_fail(m, ir_ops[op].name), 0;
  }
}

static inline void machine_run(machine *m, const ir_block *block);

static inline void machine_read(machine *m, const ir_statement *s) {
  const machine_input *input = m->inputs;
  while (input->name && strcmp(input->name, s->text) != 0) input++;
  if (!input->name) {
    machine_fail(m, "a value that was not given is read");
  } else if (s->variable) {
    machine_set(m, s->variable, input->values[0]);
  } else {
    for (long i = 0; i < input->size; i++) *machine_element(m, s->buffer, (double)i) = input->values[i];
  }
}

/* A product of a matrix, or of some of its rows, and a vector; or its adjoint. */
static inline void machine_product(machine *m, const ir_statement *s) {
  const ir_call *call = s->call;
  const bool is_part = s->kernel == IR_KERNEL_ROWS_TIMES_VECTOR;
  const double height = machine_value(m, call->dims[0]), width = machine_value(m, call->dims[1]);
  const double begin = is_part ? machine_value(m, call->dims[2]) : 0;
  const double rows = is_part ? machine_value(m, call->dims[3]) : height;
  for (double i = 0; i < rows; i++) {
    if (!s->is_adjoint) *machine_element(m, call->outputs[0], i) = 0;
    for (double j = 0; j < width; j++) {
      double a = *machine_element(m, call->inputs[0], begin + i + j * height);
      if (s->is_adjoint)
        *machine_element(m, call->input_adjoints[1], j) += a * *machine_element(m, call->output_adjoints[0], i);
      else
        *machine_element(m, call->outputs[0], i) += a * *machine_element(m, call->inputs[1], j);
    }
  }
}

static inline long *machine_ints(machine *m, const ir_buffer *buffer, long count) {
  long *ints = arena_array(m->arena, long, count + 1);
  for (long i = 0; i < count; i++) ints[i] = (long)*machine_element(m, buffer, (double)i);
  return ints;
}

static inline void machine_keep_ints(machine *m, const ir_buffer *buffer, const long *ints, long count) {
  for (long i = 0; i < count; i++) *machine_element(m, buffer, (double)i) = (double)ints[i];
}

/* row_runs of groups so small that random programs have them. */
static inline void machine_row_runs(machine *m, const ir_call *call, long rows, sl_workspace *workspace) {
  enum { FEWEST = 2, MOST = 3 };
  long *outputs[3];
  for (int k = 0; k < 3; k++) outputs[k] = arena_array(m->arena, long, rows + 1);
  sl_row_runs(outputs[0], outputs[1], outputs[2], machine_ints(m, call->inputs[0], rows), rows, FEWEST, MOST,
              workspace);
  const long runs = outputs[0][0];
  machine_keep_ints(m, call->outputs[0], outputs[0], 1);
  machine_keep_ints(m, call->outputs[1], outputs[1], runs ? rows : 0);
  machine_keep_ints(m, call->outputs[2], outputs[2], runs ? runs + 1 : 0);
}

/* Of the other kernels only those that passes bring in, those of `collapse`: of reals by row and ints. */
static inline void machine_kernel(machine *m, const ir_statement *s) {
  if (s->kernel == IR_KERNEL_MATRIX_TIMES_VECTOR || s->kernel == IR_KERNEL_ROWS_TIMES_VECTOR) {
    machine_product(m, s);
    return;
  }
  const ir_call *call = s->call;
  long dims[3], *outputs[3];
  for (int i = 0; i < 3; i++) dims[i] = (long)machine_value(m, call->dims[i]);
  sl_workspace *workspace = sl_workspace_create();
  switch (s->kernel) {
  case IR_KERNEL_EQUAL_ROWS:
    for (int i = 0; i < 3; i++) outputs[i] = arena_array(m->arena, long, dims[0] + 1);
    sl_equal_rows(outputs[0], outputs[1], outputs[2], m->memories[call->inputs[0]->id].elements,
                  machine_ints(m, call->inputs[1], dims[0] * dims[2]), dims[0], dims[1], dims[2], workspace);
    for (int i = 0; i < 3; i++) machine_keep_ints(m, call->outputs[i], outputs[i], i == 0 ? 1 : outputs[0][0]);
    break;
  case IR_KERNEL_ROW_GROUPS:
    for (int i = 0; i < 3; i++) outputs[i] = arena_array(m->arena, long, dims[0] + 3);
    sl_row_groups(outputs[0], outputs[1], outputs[2], machine_ints(m, call->inputs[0], dims[0] * dims[2]), dims[0],
                  dims[1], dims[2], workspace);
    machine_keep_ints(m, call->outputs[0], outputs[0], 3);
    if (outputs[0][1] == 0) break;
    machine_keep_ints(m, call->outputs[1], outputs[1], outputs[0][0] + 1);
    if (dims[2] > 0) machine_keep_ints(m, call->outputs[2], outputs[2], dims[0]);
    break;
  case IR_KERNEL_QUADRATIC_ROW: {
    const machine_memory *firsts = &m->memories[call->outputs[1]->id];
    long count = -1, *first = arena_array(m->arena, long, firsts->size + 1);
    for (long i = 0; i < firsts->size; i++) first[i] = -1;
    sl_quadratic_row(&count, first, m->memories[call->outputs[2]->id].elements,
                     m->memories[call->outputs[3]->id].elements, m->memories[call->inputs[0]->id].elements, NULL,
                     dims[0], dims[1], dims[2], workspace);
    if (count >= 0) machine_keep_ints(m, call->outputs[0], &count, 1);
    for (long i = 0; i < firsts->size; i++)
      if (first[i] >= 0) firsts->elements[i] = (double)first[i];
    break;
  }
  case IR_KERNEL_ROW_RUNS: machine_row_runs(m, call, dims[0], workspace); break;
  default: machine_fail(m, ir_kernels[s->kernel].name);
  }
  sl_workspace_destroy(workspace);
}

static inline void machine_step(machine *m, const ir_statement *s) {
  double x[IR_MAX_ARGUMENTS] = {0};
  if (++m->steps > MACHINE_STEPS) machine_fail(m, "it does not end");
  switch (s->kind) {
  case IR_LET:
    for (int i = 0; i < s->argument_count; i++) x[i] = machine_value(m, s->arguments[i]);
    machine_set(m, s->variable, machine_apply(m, s->op, x));
    break;
  case IR_LOAD: machine_set(m, s->variable, *machine_element(m, s->buffer, machine_value(m, s->index))); break;
  case IR_DECLARE: machine_set(m, s->variable, s->value.kind == IR_NONE ? NAN : machine_value(m, s->value)); break;
  case IR_SET:
    if (!m->cells[s->variable->id].is_defined) machine_fail(m, "a variable is set that is not declared");
    machine_set(m, s->variable, machine_value(m, s->value));
    break;
  case IR_ADD: {
    double sum = machine_value(m, ir_use(s->variable)), value = machine_value(m, s->value);
    machine_set(m, s->variable, sum + value + (s->is_product ? sum * value : 0));
    break;
  }
  case IR_ALLOC: {
    m->memories[s->buffer->id] = machine_allocate(m, machine_value(m, s->buffer->size), NAN);
    machine_push(m, (machine_entry){.kind = ENTRY_MEMORY, .memory = m->memories[s->buffer->id]});
    break;
  }
  case IR_ZERO:
    if (s->buffer->storage == IR_LOCAL && m->memories[s->buffer->id].size != machine_value(m, s->buffer->size))
      machine_fail(m, "a buffer is zeroed that has another size");
    for (long i = 0; i < m->memories[s->buffer->id].size; i++) *machine_element(m, s->buffer, (double)i) = 0;
    break;
  case IR_STORE: *machine_element(m, s->buffer, machine_value(m, s->index)) = machine_value(m, s->value); break;
  case IR_ACCUMULATE: *machine_element(m, s->buffer, machine_value(m, s->index)) += machine_value(m, s->value); break;
  case IR_TARGET: m->target += machine_value(m, s->value) * (s->is_jacobian ? (double)m->jacobian : 1); break;
  case IR_FOR: {
    double first = machine_value(m, s->first), last = machine_value(m, s->last);
    for (double i = first; i <= last && m->status == MACHINE_DONE; i++) {
      machine_set(m, s->variable, i);
      machine_run(m, s->body);
    }
    break;
  }
  case IR_WHILE:
    while (m->status == MACHINE_DONE) {
      machine_run(m, s->test);
      if (machine_value(m, s->value) == 0) break;
      machine_run(m, s->body);
    }
    break;
  case IR_IF: machine_run(m, machine_value(m, s->value) != 0 ? s->body : s->other); break;
  case IR_CHECK:
    if (machine_value(m, s->value) == 0 && m->status == MACHINE_DONE) m->status = MACHINE_REJECTED;
    break;
  case IR_KERNEL_CALL: machine_kernel(m, s); break;
  case IR_PRINT: m->seen++; break;
  case IR_READ: machine_read(m, s); break;
  case IR_PUSH:
    if (s->value.kind == IR_NONE)
      machine_push(m, (machine_entry){.kind = ENTRY_PLACE, .memory = m->memories[s->buffer->id]});
    else
      machine_push(m, (machine_entry){.kind = ENTRY_VALUE, .value = machine_value(m, s->value)});
    break;
  case IR_POP:
    if (s->buffer)
      m->memories[s->buffer->id] = machine_pop(m, ENTRY_PLACE).memory;
    else
      machine_set(m, s->variable, machine_pop(m, ENTRY_VALUE).value);
    break;
  case IR_POP_ELEMENT:
    *machine_element(m, s->buffer, machine_value(m, s->index)) = machine_pop(m, ENTRY_VALUE).value;
    break;
  case IR_RELEASE:
    if (m->top < m->memories[s->buffer->id].place) machine_fail(m, "what is released was released already");
    m->top = m->memories[s->buffer->id].place;
    break;
  default: machine_fail(m, "a statement that the machine does not know"); break;
  }
}

static inline void machine_run(machine *m, const ir_block *block) {
  for (int i = 0; block && i < block->count && m->status == MACHINE_DONE; i++) machine_step(m, block->items[i]);
}

/* Runs one function over what construct left. The gradient, when there is one, has `size` elements. */
static inline machine_status machine_call(machine *m, const ir_program *program, const ir_block *function,
                                          const double *unconstrained, long size, double *gradient) {
  m->target = 0;
  m->top = 0;
  m->seen = m->steps = 0;
  m->memories[program->unconstrained->id] = (machine_memory){.elements = (double *)unconstrained, .size = size};
  m->memories[program->gradient->id] = (machine_memory){.elements = gradient, .size = size};
  machine_run(m, function);
  return m->status;
}

#endif
