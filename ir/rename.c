/* rename.c: see rename.h. */
#include "ir/rename.h"
#include <string.h>

static struct ir_renamed_id *entry_of(ir_renaming *r, int id) {
  int *place = id_set_at(&r->places, id);
  if (!*place) {
    arena_push(r->arena, &r->items, (struct ir_renamed_id){0});
    *place = r->items.count;
  }
  return &r->items.items[*place - 1];
}

void ir_rename_variable(ir_renaming *r, const ir_variable *from, ir_operand to) { entry_of(r, from->id)->operand = to; }

void ir_rename_buffer(ir_renaming *r, const ir_buffer *from, ir_buffer *to) { entry_of(r, from->id)->buffer = to; }

ir_operand ir_renamed_operand(const ir_renaming *r, ir_operand x) {
  int place = x.kind == IR_VARIABLE ? id_set_number(&r->places, x.variable->id) : 0;
  return place && r->items.items[place - 1].operand.kind != IR_NONE ? r->items.items[place - 1].operand : x;
}

static ir_buffer *renamed_buffer(const ir_renaming *r, ir_buffer *buffer) {
  int place = buffer ? id_set_number(&r->places, buffer->id) : 0;
  return place && r->items.items[place - 1].buffer ? r->items.items[place - 1].buffer : buffer;
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
  for (int i = 0; copy->call != &ir_no_call && i < IR_MAX_KERNEL_BUFFERS; i++) {
    copy->call->outputs[i] = renamed_buffer(r, s->call->outputs[i]);
    copy->call->inputs[i] = renamed_buffer(r, s->call->inputs[i]);
    copy->call->output_adjoints[i] = renamed_buffer(r, s->call->output_adjoints[i]);
    copy->call->input_adjoints[i] = renamed_buffer(r, s->call->input_adjoints[i]);
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
