/* written_once.c: finds the buffers of log_density whose elements are stored at most once between their allocation and the
 * end of their block. The adjoint then neither saves what a store overwrites nor clears the element's adjoint.
 *
 * Recognised: one store (or kernel call), reached through no loop, or whose index is distinct in every loop that stands
 * between the allocation and it; further stores at constant indices below the loop's first, all different (the first
 * elements of a recurrence). */
#include "ir/index.h"
#include "ir/passes.h"

enum { MAX_STORES = 8, MAX_LOOPS = 16 };

typedef struct stores { /* to one buffer, which its note points to */
  ir_buffer *buffer;
  int loops, whiles; /* around the allocation */
  int count;
  bool failed;
  long constants[MAX_STORES]; /* indices of constant stores */
  int constant_count;
  bool has_loop_store;
  long loop_first; /* constant lower bound of the looped store's index, or LONG_MIN */
} stores;

typedef struct walk { /* over one function */
  arena *arena;
  struct {
    stores **items;
    int count, capacity;
  } buffers;
  const ir_statement *loops[MAX_LOOPS]; /* around the statement at hand */
  int loop_count, while_count;
} walk;

static void note_looped(const walk *w, stores *b, ir_operand index) {
  const int depth = w->loop_count - b->loops;
  if (b->has_loop_store || w->while_count > b->whiles || w->loop_count > MAX_LOOPS) b->failed = true;
  b->has_loop_store = true;
  b->loop_first = -1;
  if (b->failed) return;
  const ir_statement *const *loops = w->loops + b->loops;
  for (int i = 0; i < depth; i++)
    if (!ir_is_distinct(index, loops[i])) b->failed = true;
  if (depth == 1 && loops[0]->first.kind == IR_CONSTANT_INT) {
    const ir_statement *s = index.variable->note; /* n - 1 for n = first …, or n + 1 */
    bool is_sum = s && s->kind == IR_LET && (s->op == IR_OP_INT_SUBTRACT || s->op == IR_OP_INT_ADD) &&
                  s->arguments[1].kind == IR_CONSTANT_INT && s->arguments[0].kind == IR_VARIABLE &&
                  s->arguments[0].variable == loops[0]->variable;
    if (index.variable == loops[0]->variable)
      b->loop_first = loops[0]->first.int_value;
    else if (is_sum)
      b->loop_first =
          loops[0]->first.int_value + (s->op == IR_OP_INT_ADD ? s->arguments[1].int_value : -s->arguments[1].int_value);
  }
}

static bool is_repeated(const walk *w, const stores *b) {
  return w->loop_count > b->loops || w->while_count > b->whiles;
}

static void note_store(const walk *w, stores *b, ir_operand index) {
  b->count++;
  if (is_repeated(w, b)) {
    if (index.kind != IR_VARIABLE)
      b->failed = true;
    else
      note_looped(w, b, index);
  } else if (index.kind == IR_CONSTANT_INT && b->constant_count < MAX_STORES) {
    for (int i = 0; i < b->constant_count; i++)
      if (b->constants[i] == index.int_value) b->failed = true;
    b->constants[b->constant_count++] = index.int_value;
  } else if (b->count > 1) {
    b->failed = true;
  } else {
    b->has_loop_store = true; /* one store at an unknown index: no other may follow */
    b->loop_first = -1;
  }
}

/* Every element: no store may come before or after. */
static void note_whole(const walk *w, stores *b) {
  if (b->count++ || is_repeated(w, b)) b->failed = true;
  b->has_loop_store = true;
  b->loop_first = -1;
}

static stores *stores_of(const ir_buffer *buffer) {
  return buffer && buffer->storage == IR_LOCAL && !buffer->is_parameter ? buffer->note : NULL;
}

static void note_alloc(walk *w, const ir_statement *s) {
  s->buffer->note = NULL;
  if (s->buffer->is_written_once) return;
  stores *b = arena_new(w->arena, stores);
  *b = (stores){.buffer = s->buffer, .loops = w->loop_count, .whiles = w->while_count};
  if (s->is_result) note_whole(w, b); /* every element was written by the call before it */
  s->buffer->note = b;
  arena_push(w->arena, &w->buffers, b);
}

static void visit(walk *w, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_ALLOC) note_alloc(w, s);
    if (s->kind == IR_STORE || s->kind == IR_ACCUMULATE) {
      stores *b = stores_of(s->buffer);
      if (b && s->kind == IR_ACCUMULATE) b->failed = true;
      if (b && !b->failed) note_store(w, b, s->index);
    }
    if (s->kind == IR_KERNEL_CALL)
      for (int j = 0; j < IR_MAX_KERNEL_BUFFERS; j++) {
        stores *b = stores_of(s->call->outputs[j]);
        if (b) note_whole(w, b);
      }
    ir_block *nested[3];
    const int count = ir_nested_blocks(s, nested);
    if (!count) continue;
    if (s->kind == IR_FOR && w->loop_count < MAX_LOOPS) w->loops[w->loop_count] = s;
    w->loop_count += s->kind == IR_FOR;
    w->while_count += s->kind == IR_WHILE;
    for (int j = count; j-- > 0;) visit(w, nested[j]);
    w->loop_count -= s->kind == IR_FOR;
    w->while_count -= s->kind == IR_WHILE;
  }
}

static bool is_written_once(const stores *b) {
  if (b->failed) return false;
  for (int i = 0; b->has_loop_store && i < b->constant_count; i++)
    if (b->constants[i] >= b->loop_first) return false;
  return true;
}

static void find(arena *arena, const ir_block *function) {
  walk w = {.arena = arena};
  ir_link_definitions(function);
  visit(&w, function);
  for (int i = 0; i < w.buffers.count; i++)
    w.buffers.items[i]->buffer->is_written_once = is_written_once(w.buffers.items[i]);
}

void ir_find_written_once(ir_program *program) {
  find(program->arena, program->log_density);
  for (int i = 0; i < program->functions.count; i++) find(program->arena, program->functions.items[i]->body);
}
