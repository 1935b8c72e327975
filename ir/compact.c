/* compact.c: the program moves to memory of its own, and leaves behind what no pass needs any more.
 *
 * A pass builds new blocks and leaves the old ones in the program's arena, with its tables and sets. So from time to time all
 * that can be reached from the program is copied into a new arena, and the old one is freed: what a compilation takes at most
 * is a few times what the program itself takes, however many passes there are. Copying goes through the blocks once; how often
 * it is done stands in ir/pipeline.c.
 *
 * Needs nothing but that no pass is running: pointers to variables, buffers, functions, blocks and statements that stand
 * anywhere outside of the program are no longer good, and all notes are empty. A statement that two functions share becomes
 * two. Names and texts that passes made go to the arena that lasts as long as the compilation, once. */
#include "ir/compact.h"
#include <string.h>

typedef struct move {
  ir_program *program;
  arena *from, *to;
  void **moved; /* by id: the new variable, buffer or function; NULL: not met yet */
} move;

static ir_block *moved_block(move *m, const ir_block *block);
static ir_buffer *moved_buffer(move *m, const ir_buffer *buffer);

static const char *moved_text(move *m, const char *text) {
  return text && arena_holds(m->from, text) ? arena_text(m->program->lasting, text, strlen(text)) : text;
}

static ir_variable *moved_variable(move *m, const ir_variable *variable) {
  if (!variable) return NULL;
  if (m->moved[variable->id]) return m->moved[variable->id];
  ir_variable *copy = m->moved[variable->id] = arena_new(m->to, ir_variable);
  *copy = *variable;
  copy->name = moved_text(m, variable->name);
  copy->note = NULL;
  return copy;
}

static void move_operand(ir_operand *x, void *context) {
  if (x->kind == IR_VARIABLE) x->variable = moved_variable(context, x->variable);
}

static ir_buffer *moved_buffer(move *m, const ir_buffer *buffer) {
  if (!buffer) return NULL;
  if (m->moved[buffer->id]) return m->moved[buffer->id];
  ir_buffer *copy = m->moved[buffer->id] = arena_new(m->to, ir_buffer);
  *copy = *buffer;
  copy->name = moved_text(m, buffer->name);
  copy->note = NULL;
  move_operand(&copy->size, m);
  return copy;
}

static void move_buffers(move *m, ir_buffer **buffers) {
  for (int i = 0; i < IR_MAX_KERNEL_BUFFERS; i++) buffers[i] = moved_buffer(m, buffers[i]);
}

static ir_function *moved_function(move *m, const ir_function *function) {
  if (!function) return NULL;
  if (m->moved[function->id]) return m->moved[function->id];
  ir_function *copy = m->moved[function->id] = arena_new(m->to, ir_function);
  *copy = *function;
  copy->name = moved_text(m, function->name);
  move_buffers(m, copy->outputs);
  move_buffers(m, copy->inputs);
  move_buffers(m, copy->output_adjoints);
  move_buffers(m, copy->input_adjoints);
  copy->result = moved_buffer(m, function->result);
  copy->body = moved_block(m, function->body);
  copy->forward = moved_block(m, function->forward);
  copy->reverse = moved_block(m, function->reverse);
  return copy;
}

static void move_items(move *m, ir_statement *s) {
  ir_item *items = arena_array(m->to, ir_item, s->item_count);
  memcpy(items, s->items, sizeof *items * (size_t)s->item_count);
  for (int i = 0; i < s->item_count; i++) {
    items[i].text = moved_text(m, items[i].text);
    items[i].buffer = moved_buffer(m, items[i].buffer);
    items[i].imaginary = moved_buffer(m, items[i].imaginary);
  }
  s->items = items;
}

static void move_own(move *m, ir_statement *s) {
  ir_buffer **own = arena_array(m->to, ir_buffer *, s->own_count);
  for (int i = 0; i < s->own_count; i++) own[i] = moved_buffer(m, s->own[i]);
  s->own = own;
}

static ir_statement *moved_statement(move *m, const ir_statement *statement) {
  ir_statement *s = ir_copy(m->to, statement);
  s->variable = moved_variable(m, s->variable);
  s->buffer = moved_buffer(m, s->buffer);
  if (s->item_count) move_items(m, s);
  if (s->own_count) move_own(m, s);
  s->text = moved_text(m, s->text);
  s->function = moved_function(m, s->function);
  if (s->call != &ir_no_call) {
    move_buffers(m, s->call->outputs);
    move_buffers(m, s->call->inputs);
    move_buffers(m, s->call->output_adjoints);
    move_buffers(m, s->call->input_adjoints);
  }
  if (s->kind != IR_ALLOC)
    ir_each_operand(s, move_operand, m); /* an allocation's is in the buffer, and has moved with it */
  s->test = moved_block(m, s->test);
  s->body = moved_block(m, s->body);
  s->other = moved_block(m, s->other);
  return s;
}

static ir_block *moved_block(move *m, const ir_block *block) {
  if (!block) return NULL;
  ir_block *copy = ir_block_create(m->to);
  if (!block->count) return copy;
  copy->items = arena_array(m->to, ir_statement *, block->count);
  copy->count = copy->capacity = block->count;
  for (int i = 0; i < block->count; i++) copy->items[i] = moved_statement(m, block->items[i]);
  return copy;
}

/* A growing array of the program, in the new arena. */
#define MOVE_ARRAY(m, vector)                                                                                          \
  do {                                                                                                                 \
    size_t size = sizeof *(vector)->items * (size_t)(vector)->count;                                                   \
    void *copy = arena_alloc((m)->to, size);                                                                           \
    if (size) memcpy(copy, (vector)->items, size);                                                                     \
    (vector)->items = copy;                                                                                            \
    (vector)->capacity = (vector)->count;                                                                              \
  } while (0)

static void move_declared(move *m, ir_declared *d) {
  d->name = moved_text(m, d->name);
  d->type_text = moved_text(m, d->type_text);
  d->column = moved_text(m, d->column);
  d->whole = moved_text(m, d->whole);
  for (int i = 0; i < d->dim_count; i++) move_operand(&d->dims[i], m);
}

static void move_inputs(move *m) {
  ir_program *program = m->program;
  move_operand(&program->unconstrained_size, m);
  program->jacobian = moved_variable(m, program->jacobian);
  program->with_transformed = moved_variable(m, program->with_transformed);
  program->with_generated = moved_variable(m, program->with_generated);
  program->dropped = moved_variable(m, program->dropped);
  program->unconstrained = moved_buffer(m, program->unconstrained);
  program->gradient = moved_buffer(m, program->gradient);
}

void ir_compact(ir_program *program) {
  arena *scratch = arena_create_within(program->lasting);
  move m = {.program = program, .from = program->arena, .to = arena_create_within(program->lasting)};
  m.moved = arena_array(scratch, void *, program->next_id);
  MOVE_ARRAY(&m, &program->functions);
  MOVE_ARRAY(&m, &program->fields);
  MOVE_ARRAY(&m, &program->field_buffers);
  MOVE_ARRAY(&m, &program->declared);
  MOVE_ARRAY(&m, &program->profiles);
  for (int i = 0; i < program->functions.count; i++)
    program->functions.items[i] = moved_function(&m, program->functions.items[i]);
  for (int i = 0; i < program->fields.count; i++)
    program->fields.items[i] = moved_variable(&m, program->fields.items[i]);
  for (int i = 0; i < program->field_buffers.count; i++)
    program->field_buffers.items[i] = moved_buffer(&m, program->field_buffers.items[i]);
  for (int i = 0; i < program->declared.count; i++) move_declared(&m, &program->declared.items[i]);
  for (int i = 0; i < program->profiles.count; i++)
    program->profiles.items[i] = moved_text(&m, program->profiles.items[i]);
  move_inputs(&m);
  ir_block **blocks[] = {&program->construct,     &program->prepare,   &program->log_density,
                         &program->gradient_body, &program->constrain, &program->unconstrain};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) *blocks[i] = moved_block(&m, *blocks[i]);
  arena_destroy(scratch);
  arena_destroy(m.from);
  program->arena = m.to;
}
