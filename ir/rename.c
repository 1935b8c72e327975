/* rename.c: see rename.h. */
#include "ir/rename.h"
#include <string.h>

static void grow(ir_renaming *r, int id) {
  if (id < r->size) return;
  int size = r->size ? r->size : 256;
  while (size <= id) size *= 2;
  ir_operand *operands = arena_array(r->arena, ir_operand, size);
  ir_buffer **buffers = arena_array(r->arena, ir_buffer *, size);
  if (r->size) {
    memcpy(operands, r->operands, sizeof *operands * (size_t)r->size);
    memcpy(buffers, r->buffers, sizeof *buffers * (size_t)r->size);
  }
  r->operands = operands;
  r->buffers = buffers;
  r->size = size;
}

void ir_rename_variable(ir_renaming *r, const ir_variable *from, ir_operand to) {
  grow(r, from->id);
  r->operands[from->id] = to;
}

void ir_rename_buffer(ir_renaming *r, const ir_buffer *from, ir_buffer *to) {
  grow(r, from->id);
  r->buffers[from->id] = to;
}

ir_operand ir_renamed_operand(const ir_renaming *r, ir_operand x) {
  if (x.kind != IR_VARIABLE || x.variable->id >= r->size || r->operands[x.variable->id].kind == IR_NONE) return x;
  return r->operands[x.variable->id];
}

static ir_buffer *renamed_buffer(const ir_renaming *r, ir_buffer *buffer) {
  return buffer && buffer->id < r->size && r->buffers[buffer->id] ? r->buffers[buffer->id] : buffer;
}

static void rename_operand(ir_operand *x, void *context) { *x = ir_renamed_operand(context, *x); }

ir_statement *ir_mapped(arena *arena, const ir_statement *s, void (*map)(ir_operand *x, void *context), void *context) {
  ir_statement *copy = ir_copy(arena, s);
  if (s->item_count) {
    copy->items = arena_array(arena, ir_item, s->item_count);
    memcpy(copy->items, s->items, sizeof *s->items * (size_t)s->item_count);
  }
  if (s->kind == IR_ALLOC) return copy; /* ir_each_operand would change the size in the buffer */
  ir_each_operand(copy, map, context);
  return copy;
}

ir_statement *ir_renamed_shallow(const ir_renaming *r, const ir_statement *s) {
  ir_statement *copy = ir_mapped(r->arena, s, rename_operand, (void *)r);
  for (int i = 0; i < s->item_count; i++) {
    copy->items[i].buffer = renamed_buffer(r, s->items[i].buffer);
    copy->items[i].imaginary = renamed_buffer(r, s->items[i].imaginary);
  }
  if (copy->variable) {
    ir_operand target = ir_renamed_operand(r, ir_use(copy->variable));
    if (target.kind == IR_VARIABLE) copy->variable = target.variable;
  }
  copy->buffer = renamed_buffer(r, s->buffer);
  for (int i = 0; i < IR_MAX_KERNEL_BUFFERS; i++) {
    copy->outputs[i] = renamed_buffer(r, s->outputs[i]);
    copy->inputs[i] = renamed_buffer(r, s->inputs[i]);
    copy->output_adjoints[i] = renamed_buffer(r, s->output_adjoints[i]);
    copy->input_adjoints[i] = renamed_buffer(r, s->input_adjoints[i]);
  }
  return copy;
}

ir_statement *ir_renamed(const ir_renaming *r, const ir_statement *s) {
  ir_statement *copy = ir_renamed_shallow(r, s);
  if (s->test) copy->test = ir_renamed_block(r, s->test);
  if (s->body) copy->body = ir_renamed_block(r, s->body);
  if (s->other) copy->other = ir_renamed_block(r, s->other);
  return copy;
}

ir_block *ir_renamed_block(const ir_renaming *r, const ir_block *block) {
  ir_block *copy = ir_block_create(r->arena);
  for (int i = 0; i < block->count; i++) arena_push(r->arena, copy, ir_renamed(r, block->items[i]));
  return copy;
}
