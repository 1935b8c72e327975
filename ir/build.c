/* build.c: making, copying and walking the core IR; see ir.h for what each part means. */
#include <math.h>
#include <string.h>
#include "ir/fold.h"
#include "ir/ir.h"

ir_type ir_operand_type(ir_operand operand) {
  if (operand.kind == IR_VARIABLE) return operand.variable->type;
  return operand.kind == IR_CONSTANT_REAL ? IR_REAL : IR_INT;
}

bool ir_same(ir_operand a, ir_operand b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
  case IR_CONSTANT_INT: return a.int_value == b.int_value;
  case IR_CONSTANT_REAL: return memcmp(&a.real_value, &b.real_value, sizeof a.real_value) == 0;
  case IR_VARIABLE: return a.variable == b.variable && !a.variable->is_mutable;
  default: return true;
  }
}

ir_variable *ir_variable_create(ir_program *program, const char *name, ir_type type, ir_storage storage,
                                bool is_mutable) {
  ir_variable *variable = arena_new(program->arena, ir_variable);
  variable->id = program->next_id++;
  variable->name = name;
  variable->type = type;
  variable->storage = storage;
  variable->is_mutable = is_mutable;
  if (storage == IR_MODEL) arena_push(program->arena, &program->fields, variable);
  return variable;
}

ir_buffer *ir_buffer_create(ir_program *program, const char *name, ir_type type, ir_storage storage, ir_operand size) {
  ir_buffer *buffer = arena_new(program->arena, ir_buffer);
  buffer->id = program->next_id++;
  buffer->name = name;
  buffer->type = type;
  buffer->storage = storage;
  buffer->size = size;
  if (storage == IR_MODEL) arena_push(program->arena, &program->field_buffers, buffer);
  return buffer;
}

ir_block *ir_block_create(arena *arena) { return arena_new(arena, ir_block); }

ir_program *ir_program_create(arena *arena, const char *name, const char *path) {
  ir_program *program = arena_new(arena, ir_program);
  program->lasting = arena;
  program->arena = arena_create_within(arena);
  program->name = name;
  program->path = path;
  program->unconstrained_size = ir_int(0);
  program->jacobian = ir_variable_create(program, "jacobian", IR_INT, IR_INPUT, false);
  program->with_transformed = ir_variable_create(program, "with_transformed", IR_INT, IR_INPUT, false);
  program->with_generated = ir_variable_create(program, "with_generated", IR_INT, IR_INPUT, false);
  program->unconstrained = ir_buffer_create(program, "unconstrained", IR_REAL, IR_INPUT, ir_int(0));
  program->gradient = ir_buffer_create(program, "gradient", IR_REAL, IR_RESULT, ir_int(0));
  program->construct = ir_block_create(program->arena);
  program->log_density = ir_block_create(program->arena);
  program->constrain = ir_block_create(program->arena);
  program->unconstrain = ir_block_create(program->arena);
  return program;
}

ir_builder ir_nested(const ir_builder *outer) {
  ir_builder inner = *outer;
  inner.block = ir_block_create(outer->program->arena);
  return inner;
}

const ir_call ir_no_call;

/* The arguments stand behind the statement: most have none. */
static ir_statement *statement_alloc(arena *arena, int arguments) {
  ir_statement *statement = arena_alloc(arena, sizeof *statement + sizeof(ir_operand) * (size_t)arguments);
  statement->arguments = (ir_operand *)(statement + 1);
  return statement;
}

ir_statement *ir_statement_create(arena *arena, ir_kind kind) {
  ir_statement *statement = statement_alloc(arena, kind == IR_LET     ? IR_MAX_ARGUMENTS
                                                   : kind == IR_CHECK ? IR_MAX_SHOWN
                                                                      : 0);
  bool has_call = kind == IR_KERNEL_CALL || kind == IR_READ || kind == IR_WRITE || kind == IR_RETURN;
  statement->kind = kind;
  statement->call = has_call ? arena_new(arena, ir_call) : (ir_call *)&ir_no_call;
  return statement;
}

ir_statement *ir_append(ir_builder *b, ir_kind kind) {
  ir_statement *statement = ir_statement_create(b->program->arena, kind);
  statement->location = b->location;
  arena_push(b->program->arena, b->block, statement);
  return statement;
}

ir_operand ir_let(ir_builder *b, const char *name, ir_op op, ir_operand a1, ir_operand a2, ir_operand a3,
                  ir_operand a4) {
  ir_operand arguments[IR_MAX_ARGUMENTS] = {a1, a2, a3, a4}, folded;
  if (ir_fold(op, arguments, &folded)) return folded;
  ir_statement *let = ir_append(b, IR_LET);
  let->op = op;
  let->argument_count = (int)strlen(ir_ops[op].signature) - 2;
  memcpy(let->arguments, arguments, sizeof arguments);
  let->variable =
      ir_variable_create(b->program, name, ir_ops[op].signature[0] == 'i' ? IR_INT : IR_REAL, IR_LOCAL, false);
  return ir_use(let->variable);
}

ir_operand ir_load(ir_builder *b, const char *name, ir_buffer *buffer, ir_operand index) {
  ir_statement *load = ir_append(b, IR_LOAD);
  load->buffer = buffer;
  load->index = index;
  load->variable = ir_variable_create(b->program, name, buffer->type, IR_LOCAL, false);
  return ir_use(load->variable);
}

void ir_store(ir_builder *b, ir_buffer *buffer, ir_operand index, ir_operand value) {
  ir_statement *store = ir_append(b, IR_STORE);
  store->buffer = buffer;
  store->index = index;
  store->value = value;
}

void ir_accumulate(ir_builder *b, ir_buffer *buffer, ir_operand index, ir_operand value) {
  ir_store(b, buffer, index, value);
  b->block->items[b->block->count - 1]->kind = IR_ACCUMULATE;
}

ir_variable *ir_declare(ir_builder *b, const char *name, ir_type type, ir_operand initial) {
  ir_statement *declare = ir_append(b, IR_DECLARE);
  declare->variable = ir_variable_create(b->program, name, type, IR_LOCAL, true);
  declare->value = initial;
  return declare->variable;
}

void ir_set(ir_builder *b, ir_variable *variable, ir_operand value) {
  ir_statement *set = ir_append(b, IR_SET);
  set->variable = variable;
  set->value = value;
}

void ir_add(ir_builder *b, ir_variable *variable, ir_operand value) {
  ir_set(b, variable, value);
  b->block->items[b->block->count - 1]->kind = IR_ADD;
}

void ir_target(ir_builder *b, ir_operand value, bool is_droppable, bool is_jacobian) {
  ir_statement *target = ir_append(b, IR_TARGET);
  target->value = value;
  target->is_droppable = is_droppable;
  target->is_jacobian = is_jacobian;
}

ir_buffer *ir_alloc(ir_builder *b, const char *name, ir_type type, ir_operand size, bool is_filled) {
  ir_statement *alloc = ir_append(b, IR_ALLOC);
  alloc->buffer = ir_buffer_create(b->program, name, type, IR_LOCAL, size);
  alloc->is_filled = is_filled;
  return alloc->buffer;
}

ir_statement *ir_for(ir_builder *b, const char *name, ir_operand first, ir_operand last, bool is_parallel,
                     ir_builder *body) {
  ir_statement *loop = ir_append(b, IR_FOR);
  loop->variable = ir_variable_create(b->program, name, IR_INT, IR_LOCAL, false);
  loop->first = first;
  loop->last = last;
  loop->is_parallel = is_parallel;
  *body = ir_nested(b);
  loop->body = body->block;
  return loop;
}

ir_statement *ir_if(ir_builder *b, ir_operand condition, ir_builder *then_body, ir_builder *else_body) {
  ir_statement *branch = ir_append(b, IR_IF);
  branch->value = condition;
  *then_body = ir_nested(b);
  *else_body = ir_nested(b);
  branch->body = then_body->block;
  branch->other = else_body->block;
  return branch;
}

ir_statement *ir_while(ir_builder *b, ir_builder *test, ir_builder *body) {
  ir_statement *loop = ir_append(b, IR_WHILE);
  *test = ir_nested(b);
  *body = ir_nested(b);
  loop->test = test->block;
  loop->body = body->block;
  return loop;
}

ir_statement *ir_scope(ir_builder *b, ir_builder *body) {
  ir_statement *scope = ir_append(b, IR_SCOPE);
  scope->label = b->program->next_label++;
  *body = ir_nested(b);
  scope->body = body->block;
  return scope;
}

void ir_exit(ir_builder *b, int label) { ir_append(b, IR_EXIT)->label = label; }

void ir_profile(ir_builder *b, const char *name, bool is_stop) {
  ir_program *program = b->program;
  int i = 0;
  while (i < program->profiles.count && strcmp(program->profiles.items[i], name) != 0) i++;
  if (i == program->profiles.count) arena_push(program->arena, &program->profiles, name);
  ir_statement *s = ir_append(b, IR_PROFILE);
  s->text = program->profiles.items[i];
  s->is_stop = is_stop;
}

ir_statement *ir_kernel_call(ir_builder *b, ir_kernel kernel) {
  ir_statement *call = ir_append(b, IR_KERNEL_CALL);
  call->kernel = kernel;
  call->text = b->function;
  call->call->dim_count = ir_kernels[kernel].dims;
  return call;
}

ir_function *ir_function_create(ir_program *program, const char *name, location location) {
  ir_function *function = arena_new(program->arena, ir_function);
  function->id = program->next_id++;
  function->name = name;
  function->location = location;
  function->body = ir_block_create(program->arena);
  arena_push(program->arena, &program->functions, function);
  return function;
}

static ir_buffer *parameter(ir_program *program, const char *name, ir_type type) {
  ir_buffer *buffer = ir_buffer_create(program, name, type, IR_LOCAL, ir_int(0));
  buffer->is_parameter = true;
  return buffer;
}

ir_buffer *ir_function_input(ir_program *program, ir_function *function, const char *name, ir_type type) {
  ir_buffer *input = parameter(program, name, type);
  input->is_written_once = true; /* by the caller */
  return function->inputs[function->input_count++] = input;
}

ir_buffer *ir_function_output(ir_program *program, ir_function *function, const char *name, ir_type type) {
  return function->outputs[function->output_count++] = parameter(program, name, type);
}

ir_statement *ir_function_call(ir_builder *b, ir_function *function) {
  ir_statement *call = ir_kernel_call(b, IR_KERNEL_FUNCTION);
  call->function = function;
  return call;
}

int ir_output_count(const ir_statement *s) {
  return s->kernel == IR_KERNEL_FUNCTION ? s->function->output_count : ir_kernels[s->kernel].outputs;
}

int ir_input_count(const ir_statement *s) {
  return s->kernel == IR_KERNEL_FUNCTION ? s->function->input_count : ir_kernels[s->kernel].inputs;
}

void ir_each_function_block(ir_program *program, void (*visit)(ir_program *program, ir_block **block, void *context),
                            void *context) {
  ir_block **blocks[] = {&program->construct,     &program->prepare,   &program->log_density,
                         &program->gradient_body, &program->constrain, &program->unconstrain};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
    if (*blocks[i]) visit(program, blocks[i], context);
  for (int i = 0; i < program->functions.count; i++) {
    ir_function *f = program->functions.items[i];
    ir_block **parts[] = {&f->body, &f->forward, &f->reverse};
    for (size_t j = 0; j < sizeof parts / sizeof *parts; j++)
      if (*parts[j]) visit(program, parts[j], context);
  }
}

ir_statement *ir_check(ir_builder *b, ir_operand condition, const char *format, ir_operand a1, ir_operand a2,
                       ir_operand a3) {
  ir_statement *check = ir_append(b, IR_CHECK);
  check->value = condition;
  check->text = format;
  ir_operand arguments[] = {a1, a2, a3};
  while (check->argument_count < 3 && arguments[check->argument_count].kind != IR_NONE) {
    check->arguments[check->argument_count] = arguments[check->argument_count];
    check->argument_count++;
  }
  return check;
}

ir_statement *ir_with_own_blocks(arena *arena, const ir_statement *s) {
  return s->body ? ir_copy(arena, s) : (ir_statement *)s;
}

ir_statement *ir_copy(arena *arena, const ir_statement *statement) {
  int arguments = statement->kind == IR_LET ? IR_MAX_ARGUMENTS : statement->argument_count;
  ir_statement *copy = statement_alloc(arena, arguments);
  ir_operand *own = copy->arguments;
  *copy = *statement;
  copy->arguments = own;
  if (arguments) memcpy(own, statement->arguments, sizeof *own * (size_t)arguments);
  if (statement->call == &ir_no_call) return copy;
  copy->call = arena_new(arena, ir_call);
  *copy->call = *statement->call;
  return copy;
}
