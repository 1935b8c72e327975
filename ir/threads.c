/* threads.c: large loops are cut into chunks, which the threads of a chain can run at the same time (threads_per_chain=N).
 *
 *   rows = chunk_rows(trips, cost, privates)               runtime/chunks.h: from the data alone, not from the number of threads
 *   threads for chunk in 0 .. chunk_count(trips, rows) - 1
 *     begin = first + chunk * rows;  end = min(begin + rows - 1, last)
 *     parallel for n in begin .. end   the loop's body
 *
 * To the passes that follow this is a loop of loops. The C generator makes a function of a chunk (codegen/c_threads.c), which
 * gets copies of its own of all sums, and of the buffers listed with the loop: those to which an iteration adds at places
 * that others reach as well. What it stores or adds at an index that no other iteration has goes to its place. Afterwards the
 * copies are summed in the order of the chunks: the value depends on the data, and not on the number of threads.
 *
 * The loop of a small program is one chunk. The call then costs some 5 ns, less than a few turns of a loop whose body is
 * expensive. A cheap loop is written twice, in place and as a chunk. Loops that read no data and are cheap are not cut at
 * all: they are as long as the parameters are many.
 *
 * With threads_per_chain=2 on two cores a gradient of a logistic regression with 10^6 rows takes 2948 us, and 6039 with 1; of
 * one with an intercept for each of 50 groups 3943, and 7522 (`make bench-threads`).
 *
 * An outermost loop is cut, not those within. Kernels divide their work themselves (runtime/kernels_product.c).
 *
 * Runs over the gradient, after motion, which makes sums of accumulation at one place, and before the passes that cut loops
 * into blocks. log_density stays as it is: no leapfrog step needs it, and each function takes gcc its time. */
#include "ir/access.h"
#include "ir/index.h"
#include "ir/passes.h"

enum {
  MIN_COST = 30,      /* of a body that is not cheap */
  KERNEL_COST = 1000, /* of a kernel whose sizes change with the iteration */
  CALL_COST = 100000, /* of a solver */
  UNKNOWN_TRIPS = 16, /* of a loop within, whose bounds change with the iteration */
  FEWEST_TRIPS = 256  /* of a loop with constant bounds */
};

typedef struct buffer_list {
  ir_buffer **items;
  int count, capacity;
} buffer_list;

typedef struct scan {
  arena *arena;
  const ir_statement *loop;
  id_set inner, written,
      seen;         /* defined in the body; sums from outside that it adds to; buffers from outside, looked at */
  buffer_list *own; /* that each chunk needs a copy of */
  int cost;         /* without what is counted as the program runs */
  int pushes, pops; /* and calls that leave something on the stack, or take it */
  bool reads_data, fails;
} scan;

static bool is_outer(const scan *w, const ir_buffer *buffer) { return buffer && !id_set_has(&w->inner, buffer->id); }

static void note_definition(ir_access access, int id, void *context) {
  if (access == ACCESS_DEFINE) id_set_add(context, id);
}

/* ---- what the body writes ---- */

typedef struct buffer_uses {
  const ir_buffer *buffer;
  ir_operand index; /* of the first access */
  bool is_at_one_index, is_added_to_only;
} buffer_uses;

static void find_uses(buffer_uses *u, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->buffer == u->buffer && s->kind != IR_PUSH) { /* beside a value, push only says where that came from */
      if (u->index.kind == IR_NONE) u->index = s->index;
      if (s->index.kind == IR_NONE || !ir_same(s->index, u->index)) u->is_at_one_index = false;
      if (s->kind != IR_ACCUMULATE) u->is_added_to_only = false;
    }
    for (int j = 0; j < IR_MAX_KERNEL_BUFFERS; j++) {
      const ir_call *call = s->call;
      if (call->input_adjoints[j] == u->buffer) u->is_at_one_index = false;
      if (call->inputs[j] == u->buffer || call->outputs[j] == u->buffer || call->output_adjoints[j] == u->buffer)
        u->is_at_one_index = u->is_added_to_only = false;
    }
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) find_uses(u, nested[j]);
  }
}

static void look_at_written(scan *w, ir_buffer *buffer) {
  if (!is_outer(w, buffer) || id_set_has(&w->seen, buffer->id)) return;
  id_set_add(&w->seen, buffer->id);
  buffer_uses uses = {.buffer = buffer, .is_at_one_index = true, .is_added_to_only = true};
  find_uses(&uses, w->loop->body);
  if (uses.is_at_one_index && ir_is_distinct(uses.index, w->loop)) return;
  if (!uses.is_added_to_only || buffer->type != IR_REAL)
    w->fails = true;
  else
    arena_push(w->arena, w->own, buffer);
}

static void look_at_call(scan *w, const ir_statement *s) {
  const ir_call *call = s->call;
  for (int j = 0; j < IR_MAX_KERNEL_BUFFERS; j++) {
    if (is_outer(w, s->is_adjoint ? call->output_adjoints[j] : call->outputs[j])) w->fails = true;
    look_at_written(w, call->input_adjoints[j]);
  }
  if (!s->function) return;
  w->fails = w->fails || s->function->is_impure;
  w->pushes += s->is_forward;
  w->pops += s->is_adjoint;
}

static void look_at_added(scan *w, ir_variable *variable) {
  if (id_set_has(&w->inner, variable->id) || id_set_has(&w->written, variable->id)) return;
  id_set_add(&w->written, variable->id);
  w->fails = w->fails || variable->type != IR_REAL;
}

/* Whether what the block takes of the arena is given back in it. */
static bool gives_back(const ir_block *block) {
  const ir_buffer *first = NULL;
  bool is_released = true;
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_ALLOC && !first) first = s->buffer, is_released = false;
    if (s->kind == IR_RELEASE && s->buffer == first) is_released = true;
  }
  return is_released;
}

static void look_at(scan *w, const ir_block *block) {
  if (!gives_back(block)) w->fails = true;
  for (int i = 0; i < block->count && !w->fails; i++) {
    const ir_statement *s = block->items[i];
    switch (s->kind) {
    case IR_LET:
      w->fails = ir_ops[s->op].flags & IR_IMPURE;
      w->cost += ir_ops[s->op].cost;
      break;
    case IR_LOAD:
      w->reads_data = w->reads_data || (s->buffer->storage == IR_MODEL && !ir_is_invariant(s->index, w->loop));
      w->cost++;
      break;
    case IR_ADD: look_at_added(w, s->variable); break;
    case IR_SET: w->fails = !id_set_has(&w->inner, s->variable->id); break;
    case IR_STORE:
    case IR_ACCUMULATE:
      w->cost++;
      look_at_written(w, s->buffer);
      break;
    case IR_ZERO:
    case IR_RELEASE: w->fails = is_outer(w, s->buffer); break;
    case IR_PUSH: w->pushes++; break;
    case IR_POP:
    case IR_POP_ELEMENT:
      w->pops++;
      if (s->kind == IR_POP_ELEMENT || !s->variable)
        w->fails = is_outer(w, s->buffer);
      else
        w->fails = !id_set_has(&w->inner, s->variable->id);
      break;
    case IR_KERNEL_CALL: look_at_call(w, s); break;
    case IR_DECLARE:
    case IR_ALLOC:
    case IR_FOR:
    case IR_WHILE:
    case IR_IF:
    case IR_TARGET:
    case IR_CHECK:
    case IR_REJECT: break;
    default: w->fails = true;
    }
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) look_at(w, nested[j]);
  }
}

static void look_for_sums(ir_access access, int id, void *context) {
  scan *w = context;
  if (access == ACCESS_READ && id_set_has(&w->written, id)) w->fails = true;
}

/* Sums are added to, and not read. */
static void look_at_reads(scan *w, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) look_at_reads(w, nested[j]);
    if (s->kind != IR_ADD) {
      ir_each_access(s, false, look_for_sums, w);
    } else if (ir_has(&w->written, s->value)) {
      w->fails = true;
    }
  }
}

/* Whether the loop can be cut, and should when it is long. */
static bool can_cut(arena *arena, const ir_statement *loop, buffer_list *own, bool *is_cheap) {
  scan w = {.arena = arena,
            .loop = loop,
            .inner = id_set_create(arena),
            .written = id_set_create(arena),
            .seen = id_set_create(arena),
            .own = own};
  if (loop->first.kind == IR_CONSTANT_INT && loop->last.kind == IR_CONSTANT_INT &&
      loop->last.int_value - loop->first.int_value < FEWEST_TRIPS)
    return false;
  ir_link_definitions(loop->body); /* a variable may be defined in another block, too */
  loop->variable->note = (void *)loop;
  for (int i = 0; i < loop->body->count; i++) ir_each_access(loop->body->items[i], true, note_definition, &w.inner);
  look_at(&w, loop->body);
  if (w.fails || w.pushes != w.pops) return false;
  look_at_reads(&w, loop->body);
  *is_cheap = w.cost < MIN_COST;
  return !w.fails && (!*is_cheap || w.reads_data);
}

/* ---- what an iteration costs ---- */

static ir_operand product(ir_builder *b, ir_operand x, ir_operand y) { return ir_let2(b, IR_OP_INT_MULTIPLY, x, y); }
static ir_operand sum(ir_builder *b, ir_operand x, ir_operand y) { return ir_let2(b, IR_OP_INT_ADD, x, y); }

static ir_operand trips_of(ir_builder *b, const ir_statement *loop) {
  return sum(b, ir_let2(b, IR_OP_INT_SUBTRACT, loop->last, loop->first), ir_int(1));
}

static ir_operand cost_of_block(ir_builder *b, const ir_statement *loop, const ir_block *block);

static ir_operand cost_of_call(ir_builder *b, const ir_statement *loop, const ir_statement *s) {
  if (s->function) return ir_int(CALL_COST);
  const ir_operand rows = s->call->outputs[0]->size;
  if (s->kernel == IR_KERNEL_ROWS_TIMES_VECTOR && ir_is_invariant(rows, loop))
    return product(b, rows, product(b, ir_int(2), s->call->dims[1]));
  ir_operand cost = ir_int(1);
  for (int i = 0; i < s->call->dim_count; i++) {
    if (!ir_is_invariant(s->call->dims[i], loop)) return ir_int(KERNEL_COST);
    cost = product(b, cost, s->call->dims[i]);
  }
  return cost;
}

/* Of a loop whose bounds change with the iteration: what is known of it, or as many as a buffer has elements that it can run
 * over. */
static ir_operand trips_of_varying(const ir_statement *loop, const ir_block *around, const ir_statement *s) {
  if (s->value.kind != IR_NONE) return s->value;
  for (int i = 0; i < around->count; i++)
    if (around->items[i]->kind == IR_ALLOC && ir_is_invariant(around->items[i]->buffer->size, loop))
      return around->items[i]->buffer->size;
  return ir_int(UNKNOWN_TRIPS);
}

/* Of one statement whose cost is not known when the program is compiled; IR_NONE when it is. */
static ir_operand cost_of_large(ir_builder *b, const ir_statement *loop, const ir_block *around,
                                const ir_statement *s) {
  if (s->kind == IR_KERNEL_CALL) return cost_of_call(b, loop, s);
  if (s->kind == IR_WHILE) return product(b, ir_int(UNKNOWN_TRIPS), cost_of_block(b, loop, s->body));
  if (s->kind != IR_FOR) return ir_none();
  bool is_known = ir_is_invariant(s->first, loop) && ir_is_invariant(s->last, loop);
  ir_operand trips =
      is_known ? ir_let2(b, IR_OP_INT_MAX, trips_of(b, s), ir_int(0)) : trips_of_varying(loop, around, s);
  return product(b, trips, cost_of_block(b, loop, s->body));
}

static ir_operand cost_of_block(ir_builder *b, const ir_statement *loop, const ir_block *block) {
  long plain = 1;
  ir_operand cost = ir_int(0);
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_LET) plain += ir_ops[s->op].cost;
    if (s->kind == IR_LOAD || s->kind == IR_STORE || s->kind == IR_ACCUMULATE) plain++;
    ir_operand large = cost_of_large(b, loop, block, s);
    if (large.kind == IR_NONE && s->body) large = cost_of_block(b, loop, s->body); /* the usual branch */
    if (large.kind != IR_NONE) cost = sum(b, cost, large);
  }
  return sum(b, cost, ir_int(plain));
}

/* ---- cutting ---- */

/* How many rows of data a turn of the loop is worth, to which the copies of buffers are small or large: those of a run. */
static ir_operand rows_of_turn(const ir_statement *loop) {
  for (int i = 0; i < loop->body->count; i++)
    if (loop->body->items[i]->kind == IR_FOR && loop->body->items[i]->value.kind != IR_NONE)
      return loop->body->items[i]->value;
  return ir_int(1);
}

static void cut(ir_builder *b, const ir_statement *loop, const buffer_list *own, bool is_cheap) {
  b->location = loop->location;
  ir_operand trips = trips_of(b, loop), cost = cost_of_block(b, loop, loop->body), privates = ir_int(0);
  for (int i = 0; i < own->count; i++) privates = sum(b, privates, own->items[i]->size);
  ir_operand worth = rows_of_turn(loop);
  if (worth.kind == IR_VARIABLE)
    privates = ir_let2(b, IR_OP_INT_DIVIDE, privates, ir_let2(b, IR_OP_INT_MAX, worth, ir_int(1)));
  ir_operand rows = ir_let3(b, IR_OP_CHUNK_ROWS, trips, cost, privates);
  ir_operand count = ir_let2(b, IR_OP_CHUNK_COUNT, trips, rows);
  ir_builder body;
  ir_statement *chunks = ir_for(b, "chunk", ir_int(0), ir_let2(b, IR_OP_INT_SUBTRACT, count, ir_int(1)), true, &body);
  chunks->is_threaded = true;
  chunks->is_cheap = is_cheap;
  chunks->own = own->items;
  chunks->own_count = own->count;
  ir_operand offset = product(&body, ir_use(chunks->variable), rows);
  ir_operand begin = ir_let(&body, "begin", IR_OP_INT_ADD, loop->first, offset, ir_none(), ir_none());
  ir_operand full = ir_let2(&body, IR_OP_INT_SUBTRACT, sum(&body, begin, rows), ir_int(1));
  ir_statement *copy = ir_copy(b->program->arena, loop);
  copy->last = ir_let(&body, "end", IR_OP_INT_MIN, full, loop->last, ir_none(), ir_none());
  copy->first = begin;
  arena_push(b->program->arena, body.block, copy);
}

static ir_block *with_chunks(ir_program *program, const ir_block *block) {
  ir_builder b = {.program = program, .block = ir_block_create(program->arena)};
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    buffer_list own = {0};
    bool is_cheap;
    if (s->kind == IR_FOR && s->is_parallel && can_cut(program->arena, s, &own, &is_cheap)) {
      cut(&b, s, &own, is_cheap);
      continue;
    }
    ir_statement *copy = ir_with_own_blocks(program->arena, s);
    if (s->test) copy->test = with_chunks(program, s->test);
    if (s->body) copy->body = with_chunks(program, s->body);
    if (s->other) copy->other = with_chunks(program, s->other);
    arena_push(program->arena, b.block, copy);
  }
  return b.block;
}

void ir_threads(ir_program *program) {
  if (!program->gradient_body) return;
  ir_link_definitions(program->gradient_body);
  program->gradient_body = with_chunks(program, program->gradient_body);
}
