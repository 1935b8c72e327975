/* analysis.c: levels and activity in log_density, by iteration to a fixed point.
 *
 * Parameter level: the value may differ between two evaluations. That is what depends on `unconstrained` by data flow,
 * or is assigned where the control flow depends on it. `jacobian` is an argument of the evaluation, so it counts too.
 * Active: real, and derivatives flow to it from `unconstrained` ("varied") and from it to target ("useful": Hascoet and
 * Pascual 2013, section 2.3). Leaves is_parameter_level, is_useful and is_active set on every variable and buffer that
 * log_density mentions. */
#include <string.h>
#include "ir/passes.h"

typedef struct analysis {
  bool changed;
  bool under_parameters;       /* the control flow that leads here depends on parameters */
  const ir_function *function; /* whose body is visited; NULL in log_density */
} analysis;

static bool varies(ir_operand x) { return x.kind == IR_VARIABLE && x.variable->is_parameter_level; }
static bool active(ir_operand x) { return x.kind == IR_VARIABLE && x.variable->is_active; }

static void raise_flag(analysis *a, bool *flag, bool value) {
  if (value && !*flag) *flag = a->changed = true;
}

static bool any_varies(const ir_operand *x, int count) {
  for (int i = 0; i < count; i++)
    if (varies(x[i])) return true;
  return false;
}

static void visit_block(analysis *a, const ir_block *block);

static void visit_inside(analysis *a, const ir_block *block, bool condition_varies) {
  bool before = a->under_parameters;
  a->under_parameters = before || condition_varies;
  visit_block(a, block);
  a->under_parameters = before;
}

static void visit_let(analysis *a, const ir_statement *s) {
  raise_flag(a, &s->variable->is_parameter_level, any_varies(s->arguments, s->argument_count));
  for (int i = 0; i < s->argument_count; i++)
    if (ir_ops[s->op].derivatives[i]) raise_flag(a, &s->variable->is_active, active(s->arguments[i]));
}

/* Inputs and outputs of the function are what the callers' buffers are, all of them together. A parameter of the calling
 * function has an adjoint whenever one is asked for: where it lies, its size is not known. */
static void visit_call(analysis *a, const ir_statement *s) {
  ir_function *f = s->function;
  for (int i = 0; i < f->input_count; i++) {
    raise_flag(a, &f->inputs[i]->is_parameter_level, s->call->inputs[i]->is_parameter_level);
    raise_flag(a, &f->inputs[i]->is_active, s->call->inputs[i]->is_active);
    if (s->call->inputs[i]->is_parameter) raise_flag(a, &s->call->inputs[i]->is_active, f->inputs[i]->is_active);
  }
  for (int i = 0; i < f->output_count; i++) {
    raise_flag(a, &s->call->outputs[i]->is_parameter_level, true);
    raise_flag(a, &s->call->outputs[i]->is_active, f->outputs[i]->is_active);
  }
}

static void visit_kernel(analysis *a, const ir_statement *s) {
  bool is_varying = a->under_parameters || any_varies(s->call->dims, s->call->dim_count), is_active = false;
  for (int i = 0; i < ir_input_count(s); i++) {
    is_varying = is_varying || s->call->inputs[i]->is_parameter_level;
    is_active = is_active || s->call->inputs[i]->is_active;
  }
  if (ir_kernels[s->kernel].flags & IR_KERNEL_NOT_DIFFERENTIABLE) is_active = false;
  for (int i = 0; i < ir_output_count(s); i++) {
    raise_flag(a, &s->call->outputs[i]->is_parameter_level, is_varying);
    raise_flag(a, &s->call->outputs[i]->is_active, is_active);
  }
  if (!s->function) return;
  for (int i = 0; i < s->function->input_count; i++) raise_flag(a, &s->function->inputs[i]->is_parameter_level, true);
  raise_flag(a, &s->function->inputs[1]->is_active, is_active); /* the state */
  raise_flag(a, &s->function->inputs[2]->is_active, s->call->inputs[2]->is_active);
}

static void visit_statement(analysis *a, const ir_statement *s) {
  switch (s->kind) {
  case IR_LET: visit_let(a, s); break;
  case IR_LOAD:
    raise_flag(a, &s->variable->is_parameter_level, s->buffer->is_parameter_level || varies(s->index));
    raise_flag(a, &s->variable->is_active, s->buffer->is_active);
    break;
  case IR_DECLARE:
  case IR_SET:
  case IR_ADD:
    raise_flag(a, &s->variable->is_parameter_level, varies(s->value) || a->under_parameters);
    raise_flag(a, &s->variable->is_active, active(s->value));
    break;
  case IR_STORE:
    raise_flag(a, &s->buffer->is_parameter_level, varies(s->value) || varies(s->index) || a->under_parameters);
    raise_flag(a, &s->buffer->is_active, active(s->value));
    break;
  case IR_FOR:
    raise_flag(a, &s->variable->is_parameter_level, varies(s->first) || varies(s->last));
    visit_inside(a, s->body, varies(s->first) || varies(s->last));
    break;
  case IR_WHILE:
    visit_block(a, s->test);
    visit_inside(a, s->test, varies(s->value));
    visit_inside(a, s->body, varies(s->value));
    break;
  case IR_IF:
    visit_inside(a, s->body, varies(s->value));
    visit_inside(a, s->other, varies(s->value));
    break;
  case IR_KERNEL_CALL:
    if (s->kernel == IR_KERNEL_FUNCTION)
      visit_call(a, s);
    else
      visit_kernel(a, s);
    break;
  case IR_RETURN:
    raise_flag(a, &a->function->result->is_parameter_level, true);
    raise_flag(a, &a->function->result->is_active, s->buffer->is_active);
    break;
  default: break;
  }
}

static void visit_block(analysis *a, const ir_block *block) {
  for (int i = 0; i < block->count; i++) visit_statement(a, block->items[i]);
}

/* ---- usefulness, backwards ---- */

static void make_useful(analysis *a, ir_operand x) {
  if (x.kind == IR_VARIABLE) raise_flag(a, &x.variable->is_useful, true);
}

static void make_buffer_useful(analysis *a, ir_buffer *buffer) {
  if (buffer) raise_flag(a, &buffer->is_useful, true);
}

/* What a function gets and gives is useful: its callers want one adjoint. */
static void use_call(analysis *a, const ir_statement *s) {
  bool is_useful = s->function;
  for (int i = 0; i < ir_output_count(s); i++) is_useful = is_useful || s->call->outputs[i]->is_useful;
  for (int i = 0; i < ir_input_count(s) && is_useful; i++) make_buffer_useful(a, s->call->inputs[i]);
  for (int i = 0; i < ir_output_count(s) && s->function; i++) make_buffer_useful(a, s->call->outputs[i]);
}

static void use_block(analysis *a, const ir_block *block) {
  for (int i = block->count; i-- > 0;) {
    const ir_statement *s = block->items[i];
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) use_block(a, nested[j]);
    switch (s->kind) {
    case IR_LET:
      for (int j = 0; j < s->argument_count && s->variable->is_useful; j++)
        if (ir_ops[s->op].derivatives[j]) make_useful(a, s->arguments[j]);
      break;
    case IR_LOAD:
      if (s->variable->is_useful) make_buffer_useful(a, s->buffer);
      break;
    case IR_DECLARE:
    case IR_SET:
    case IR_ADD:
      if (s->variable->is_useful) make_useful(a, s->value);
      break;
    case IR_STORE:
    case IR_ACCUMULATE:
      if (s->buffer->is_useful) make_useful(a, s->value);
      break;
    case IR_TARGET: make_useful(a, s->value); break;
    case IR_KERNEL_CALL: use_call(a, s); break;
    case IR_RETURN: make_buffer_useful(a, s->buffer); break;
    default: break;
    }
  }
}

/* Active is what is varied and useful. */
static void combine(const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    if (s->variable) s->variable->is_active = s->variable->is_active && s->variable->is_useful;
    if (s->buffer) s->buffer->is_active = s->buffer->is_active && s->buffer->is_useful;
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) combine(nested[j]);
  }
}

static void find_useful(ir_program *program) {
  program->unconstrained->is_useful = true;
  for (int i = 0; i < program->functions.count; i++) {
    const ir_function *f = program->functions.items[i];
    for (int j = 0; j < f->input_count; j++) f->inputs[j]->is_useful = true;
    for (int j = 0; j < f->output_count; j++) f->outputs[j]->is_useful = true;
  }
  analysis a;
  do {
    a = (analysis){0};
    use_block(&a, program->log_density);
    for (int i = 0; i < program->functions.count; i++) use_block(&a, program->functions.items[i]->body);
  } while (a.changed);
  combine(program->log_density);
  for (int i = 0; i < program->functions.count; i++) combine(program->functions.items[i]->body);
}

static void clear_buffer(ir_buffer *buffer) {
  if (buffer) buffer->is_parameter_level = buffer->is_useful = buffer->is_active = false;
}

static void clear(const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    if (s->variable) s->variable->is_parameter_level = s->variable->is_useful = s->variable->is_active = false;
    clear_buffer(s->buffer);
    for (int j = 0; j < IR_MAX_KERNEL_BUFFERS; j++) clear_buffer(s->call->outputs[j]);
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) clear(nested[j]);
  }
}

void ir_analyse(ir_program *program) {
  clear(program->log_density);
  program->unconstrained->is_parameter_level = program->unconstrained->is_active = true;
  program->jacobian->is_parameter_level = true;
  for (int i = 0; i < program->functions.count; i++) {
    const ir_function *f = program->functions.items[i];
    clear(f->body);
    for (int j = 0; j < f->input_count; j++) clear_buffer(f->inputs[j]);
    for (int j = 0; j < f->output_count; j++) clear_buffer(f->outputs[j]);
    if (f->needs_jacobian) f->inputs[1]->is_active = true;
  }
  analysis a;
  do {
    a = (analysis){0};
    visit_block(&a, program->log_density);
    for (int i = 0; i < program->functions.count; i++) {
      a.function = program->functions.items[i];
      visit_inside(&a, a.function->body, true);
    }
  } while (a.changed);
  find_useful(program);
}
