/* access.c: see access.h. */
#include "ir/access.h"

typedef struct access_visitor {
  ir_access_visit visit;
  void *context;
} access_visitor;

static void read_operand(ir_operand *x, void *context) {
  access_visitor *v = context;
  if (x->kind == IR_VARIABLE) v->visit(ACCESS_READ, x->variable->id, v->context);
}

static void touch(access_visitor *v, ir_access access, const ir_buffer *buffer) {
  if (buffer) v->visit(access, buffer->id, v->context);
}

static void visit_kernel(access_visitor *v, const ir_statement *s) {
  for (int i = 0; i < IR_MAX_KERNEL_BUFFERS; i++) {
    touch(v, ACCESS_READ, s->call->inputs[i]);
    touch(v, ACCESS_READ, s->call->output_adjoints[i]);
    touch(v, ACCESS_READ, s->call->input_adjoints[i]);
    if (s->is_adjoint) touch(v, ACCESS_READ, s->call->outputs[i]);
  }
  for (int i = 0; i < IR_MAX_KERNEL_BUFFERS; i++) {
    touch(v, ACCESS_WRITE, s->is_adjoint ? s->call->output_adjoints[i] : s->call->outputs[i]);
    touch(v, ACCESS_WRITE, s->call->input_adjoints[i]);
  }
}

static void visit_self(access_visitor *v, ir_statement *s) {
  ir_each_operand(s, read_operand, v);
  if (s->kind == IR_LET) { /* most statements */
    v->visit(ACCESS_DEFINE, s->variable->id, v->context);
    return;
  }
  for (int i = 0; i < s->item_count; i++) {
    touch(v, ACCESS_READ, s->items[i].buffer);
    touch(v, ACCESS_READ, s->items[i].imaginary);
  }
  switch (s->kind) {
  case IR_DECLARE:
  case IR_PRESENT:
  case IR_FOR: v->visit(ACCESS_DEFINE, s->variable->id, v->context); break;
  case IR_LOAD:
    touch(v, ACCESS_READ, s->buffer);
    v->visit(ACCESS_DEFINE, s->variable->id, v->context);
    break;
  case IR_ADD:
    v->visit(ACCESS_READ, s->variable->id, v->context);
    v->visit(ACCESS_WRITE, s->variable->id, v->context);
    break;
  case IR_SET: v->visit(ACCESS_WRITE, s->variable->id, v->context); break;
  case IR_ALLOC: touch(v, ACCESS_DEFINE, s->buffer); break;
  case IR_ZERO:
    read_operand(&s->buffer->size, v);
    touch(v, ACCESS_WRITE, s->buffer);
    break;
  case IR_ACCUMULATE:
    touch(v, ACCESS_READ, s->buffer);
    touch(v, ACCESS_WRITE, s->buffer);
    break;
  case IR_RETURN: touch(v, ACCESS_READ, s->buffer); break;
  case IR_STORE:
  case IR_POP_ELEMENT:
  case IR_RELEASE: touch(v, ACCESS_WRITE, s->buffer); break;
  case IR_PUSH: /* the buffer's place; beside a value the buffer only says where that came from */
    if (s->value.kind == IR_NONE) touch(v, ACCESS_READ, s->buffer);
    break;
  case IR_WRITE: touch(v, ACCESS_READ, s->buffer); break;
  case IR_KERNEL_CALL: visit_kernel(v, s); break;
  case IR_READ:
  case IR_POP:
    touch(v, s->kind == IR_POP ? ACCESS_DEFINE : ACCESS_WRITE, s->buffer);
    if (s->variable) v->visit(s->variable->is_mutable ? ACCESS_WRITE : ACCESS_DEFINE, s->variable->id, v->context);
    break;
  default: break;
  }
}

void ir_each_access(ir_statement *s, bool deep, ir_access_visit visit, void *context) {
  access_visitor v = {visit, context};
  visit_self(&v, s);
  if (!deep) return;
  ir_block *nested[3];
  int count = ir_nested_blocks(s, nested);
  for (int i = 0; i < count; i++)
    for (int j = 0; j < nested[i]->count; j++) ir_each_access(nested[i]->items[j], true, visit, context);
}

static void add_changed(ir_access access, int id, void *context) {
  if (access != ACCESS_READ) id_set_add(context, id);
}

void ir_add_changed(id_set *set, const ir_block *block) {
  for (int i = 0; i < block->count; i++) ir_each_access(block->items[i], true, add_changed, set);
}

typedef struct use_search {
  const id_set *set;
  bool found;
} use_search;

static void find_use(ir_operand *x, void *context) {
  use_search *search = context;
  search->found = search->found || ir_has(search->set, *x);
}

bool ir_uses_any(const id_set *set, ir_statement *s) {
  use_search search = {.set = set};
  ir_each_operand(s, find_use, &search);
  return search.found;
}

typedef struct outer_writes {
  id_set inner, *outer;
} outer_writes;

static void note_inner(ir_access access, int id, void *context) {
  if (access == ACCESS_DEFINE) id_set_add(&((outer_writes *)context)->inner, id);
}

static void note_outer(ir_access access, int id, void *context) {
  outer_writes *w = context;
  if (access == ACCESS_WRITE && !id_set_has(&w->inner, id)) id_set_add(w->outer, id);
}

void ir_add_outer_writes(id_set *set, const ir_block *block) {
  outer_writes w = {.inner = id_set_create(set->arena), .outer = set};
  for (int i = 0; i < block->count; i++) ir_each_access(block->items[i], true, note_inner, &w);
  for (int i = 0; i < block->count; i++) ir_each_access(block->items[i], true, note_outer, &w);
}

void ir_add_sizes(id_set *set, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if ((s->kind == IR_ALLOC || s->kind == IR_ZERO) && s->buffer->size.kind == IR_VARIABLE)
      id_set_add(set, s->buffer->size.variable->id);
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) ir_add_sizes(set, nested[j]);
  }
}
