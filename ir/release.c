/* release.c: memory that an iteration or a branch takes is given back when it ends. Buffers live in a stack, so releasing the
 * first buffer of a block releases all that came after it. */
#include "ir/passes.h"

static ir_block *copy_block(arena *arena, const ir_block *block, bool releases);

static ir_statement *copy_statement(arena *arena, const ir_statement *s) {
  ir_statement *copy = ir_with_own_blocks(arena, s);
  if (s->test) copy->test = copy_block(arena, s->test, true);
  if (s->body) copy->body = copy_block(arena, s->body, true);
  if (s->other) copy->other = copy_block(arena, s->other, true);
  return copy;
}

static ir_block *copy_block(arena *arena, const ir_block *block, bool releases) {
  ir_block *copy = ir_block_create(arena);
  ir_buffer *first = NULL;
  for (int i = 0; i < block->count; i++) {
    if (block->items[i]->kind == IR_ALLOC && !first) first = block->items[i]->buffer;
    arena_push(arena, copy, copy_statement(arena, block->items[i]));
  }
  if (first && releases) {
    ir_statement *release = ir_statement_create(arena, IR_RELEASE);
    release->buffer = first;
    arena_push(arena, copy, release);
  }
  return copy;
}

ir_block *ir_with_releases(arena *arena, const ir_block *block) { return copy_block(arena, block, true); }

void ir_append_released(ir_builder *b, const ir_statement *s) {
  arena_push(b->program->arena, b->block, copy_statement(b->program->arena, s));
}

void ir_release(ir_program *program) {
  ir_block **functions[] = {&program->construct, &program->prepare, &program->log_density, &program->constrain,
                            &program->unconstrain};
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    if (*functions[i]) *functions[i] = copy_block(program->arena, *functions[i], false);
  for (int i = 0; i < program->functions.count; i++) {
    ir_function *f = program->functions.items[i];
    f->body = copy_block(program->arena, f->body, false);
  }
}
