/* tiles.c: a product of a data matrix and a vector, and the loop that reads it, run tile by tile.
 *
 * The gradient of `y ~ bernoulli_logit(x * beta)` reads x twice: for the product, and for the adjoint of beta. Between the
 * two stands one loop, the likelihood with its adjoint. When x is larger than the cache it comes from memory both times. So
 *
 *   b = matrix_times_vector(@x, beta; m, n)
 *   zero b_adj
 *   parallel for i in first .. last        … b[i] …; b_adj[i] += v
 *   matrix_times_vector_adjoint(@x, beta ~ beta_adj)
 *
 * becomes, with tiles of as many rows as the second-level cache holds (sl_tile_rows; all rows of a small matrix),
 *
 *   parallel for tile in 0 .. (last - first) / rows
 *     alloc product_tile[rows], adjoint_tile[rows]
 *     begin = first + tile * rows;  end = min(begin + rows - 1, last)
 *     product_tile = rows_times_vector(@x, beta; m, n, begin, end - begin + 1)
 *     parallel for i in begin .. end       … product_tile[i - begin] …; adjoint_tile[i - begin] = v
 *     rows_times_vector_adjoint(@x, beta ~ beta_adj; …)
 *
 * Nothing but the tiles' own buffers passes from a product to its adjoint, and these stay in the cache too.
 *
 * Without it a gradient of a logistic regression with 10^6 rows and 10 columns takes 1.7 times as long, with 2 * 10^5 and 40
 * 1.9 times.
 *
 * The product must be read, and its adjoint be filled, by that loop alone, at the loop's own index, in straight-line code. What
 * stands between may not touch them or change the vector. Runs over the gradient, before the passes that cut loops further. */
#include "ir/access.h"
#include "ir/index.h"
#include "ir/passes.h"

typedef struct tile { /* a product whose loop can be cut */
  const ir_statement *product, *loop, *reverse;
  const ir_statement *zero, *vector_zero; /* of the product's adjoints; of the vector's, if after the loop */
  ir_buffer *values, *adjoints;           /* of one tile */
  ir_operand sum;                         /* of what the loop adds to the product's adjoint */
  struct tile *next;                      /* of another product that the loop reads */
} tile;

/* Where in a block the buffers of its products are accessed: places of its statements, ascending. */
typedef struct places {
  int *items;
  int count, capacity;
} places;

typedef struct uses {
  arena *arena;
  id_set numbers; /* by id, from 1 */
  struct {
    places *items;
    int count, capacity;
  } lists;
  int place;
} uses;

static void follow(uses *u, const ir_buffer *buffer) {
  if (!buffer || id_set_has(&u->numbers, buffer->id)) return;
  arena_push(u->arena, &u->lists, (places){0});
  *id_set_at(&u->numbers, buffer->id) = u->lists.count;
}

static void note_use(ir_access access, int id, void *context) {
  uses *u = context;
  (void)access;
  int number = id_set_number(&u->numbers, id);
  if (!number) return;
  places *list = &u->lists.items[number - 1];
  if (!list->count || list->items[list->count - 1] != u->place) arena_push(u->arena, list, u->place);
}

static places places_of(const uses *u, const ir_buffer *buffer) {
  return u->lists.items[id_set_number(&u->numbers, buffer->id) - 1];
}

/* The number in the list of the first place after this one. */
static int first_after(const places *list, int place) {
  int low = 0, high = list->count;
  while (low < high) {
    int middle = (low + high) / 2;
    if (list->items[middle] <= place)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static bool is_product(const ir_statement *s) {
  return s->kind == IR_KERNEL_CALL && s->kernel == IR_KERNEL_MATRIX_TIMES_VECTOR && !s->is_adjoint &&
         s->call->inputs[0]->storage == IR_MODEL && s->call->outputs[0]->storage == IR_LOCAL;
}

static bool is_reverse_of(const ir_statement *s, const ir_statement *product) {
  return s->kind == IR_KERNEL_CALL && s->kernel == product->kernel && s->is_adjoint &&
         s->call->outputs[0] == product->call->outputs[0] && !s->call->input_adjoints[0] &&
         s->call->input_adjoints[1] && s->call->output_adjoints[0];
}

/* Whether the loop reads the product and adds to its adjoints at its own index, and adds to the vector's or leaves them
 * alone. */
static bool fits_loop(const ir_statement *loop, const ir_statement *reverse) {
  const ir_buffer *out = reverse->call->outputs[0], *out_adjoints = reverse->call->output_adjoints[0];
  const ir_buffer *adjoints = reverse->call->input_adjoints[1];
  for (int i = 0; i < loop->body->count; i++) {
    const ir_statement *s = loop->body->items[i];
    if (s->body || s->kind == IR_KERNEL_CALL || s->kind == IR_ALLOC || s->kind == IR_PUSH || s->kind == IR_POP)
      return false;
    bool at_own_index = s->index.kind == IR_VARIABLE && s->index.variable == loop->variable;
    if (s->buffer == out && !(s->kind == IR_LOAD && at_own_index)) return false;
    if (s->buffer == out_adjoints && !(s->kind == IR_ACCUMULATE && at_own_index)) return false;
    if (s->buffer == adjoints && s->kind != IR_ACCUMULATE) return false;
    if (s->buffer == reverse->call->inputs[1] && s->kind != IR_LOAD) return false;
  }
  return true;
}

static bool is_own_statement(const tile *t, const ir_statement *s) {
  const ir_buffer *made = s->kind == IR_ALLOC || s->kind == IR_RELEASE ? s->buffer : NULL;
  const ir_call *call = t->reverse->call;
  return s == t->product || s == t->loop || s == t->reverse || s == t->zero || s == t->vector_zero ||
         (made && (made == call->outputs[0] || made == call->output_adjoints[0]));
}

/* Whether a statement between the two places, other than the tile's own, accesses the buffer. */
static bool is_used_between(const ir_block *block, const uses *u, const tile *t, const ir_buffer *buffer, int from,
                            int to) {
  const places list = places_of(u, buffer);
  for (int i = first_after(&list, from); i < list.count && list.items[i] < to; i++)
    if (!is_own_statement(t, block->items[list.items[i]])) return true;
  return false;
}

/* The last place between the two where the buffer is zeroed; -1: none. */
static int zeroed_between(const ir_block *block, const uses *u, const ir_buffer *buffer, int from, int to) {
  const places list = places_of(u, buffer);
  int found = -1;
  for (int i = first_after(&list, from); i < list.count && list.items[i] < to; i++) {
    const ir_statement *s = block->items[list.items[i]];
    if (s->kind == IR_ZERO && s->buffer == buffer) found = list.items[i];
  }
  return found;
}

static int allocations_of(const ir_block *block, const uses *u, const ir_buffer *buffer) {
  const places list = places_of(u, buffer);
  int count = 0;
  for (int i = 0; i < list.count; i++) {
    const ir_statement *s = block->items[list.items[i]];
    count += s->kind == IR_ALLOC && s->buffer == buffer;
  }
  return count;
}

/* The loop between a product and its adjoint that alone uses them, with the places of it and of what it replaces (-1: none). */
static bool find_tile(const ir_block *block, const uses *u, int place, tile *t, int *loop_place, int replaced[4]) {
  *t = (tile){.product = block->items[place]};
  const places seen = places_of(u, t->product->call->outputs[0]);
  int loop = -1, reverse = -1;
  for (int i = first_after(&seen, place); i < seen.count && reverse < 0; i++) {
    const ir_statement *s = block->items[seen.items[i]];
    if (s->kind == IR_FOR && s->is_parallel) loop = seen.items[i];
    if (is_reverse_of(s, t->product)) reverse = seen.items[i];
  }
  if (loop < 0 || reverse < 0) return false;
  t->loop = block->items[loop], t->reverse = block->items[reverse];
  const ir_call *call = t->reverse->call;
  const ir_buffer *out = call->outputs[0], *out_adjoints = call->output_adjoints[0];
  int zero = zeroed_between(block, u, out_adjoints, place, loop);
  int vector_zero = zeroed_between(block, u, call->input_adjoints[1], loop, reverse);
  if (zero < 0 || !fits_loop(t->loop, t->reverse)) return false;
  t->zero = block->items[zero];
  if (vector_zero >= 0) t->vector_zero = block->items[vector_zero];
  if (is_used_between(block, u, t, out, -1, block->count) ||
      is_used_between(block, u, t, out_adjoints, -1, block->count))
    return false;
  const places vector_adjoints = places_of(u, call->input_adjoints[1]);
  int in_loop = first_after(&vector_adjoints, loop - 1);
  if (t->vector_zero && in_loop < vector_adjoints.count && vector_adjoints.items[in_loop] == loop) return false;
  if (is_used_between(block, u, t, call->input_adjoints[1], loop, reverse)) return false;
  if (is_used_between(block, u, t, call->inputs[1], place, loop)) return false;
  /* nothing outside this block has seen them */
  *loop_place = loop;
  replaced[0] = place, replaced[1] = zero, replaced[2] = vector_zero, replaced[3] = reverse;
  return allocations_of(block, u, out) == 1 && allocations_of(block, u, out_adjoints) == 1;
}

/* The product, or its adjoint, for `rows` rows. */
static void append_rows(ir_builder *b, const tile *t, const ir_statement *of, ir_operand begin, ir_operand rows) {
  ir_statement *call = ir_kernel_call(b, IR_KERNEL_ROWS_TIMES_VECTOR);
  int dim_count = call->call->dim_count;
  *call->call = *of->call;
  call->call->dim_count = dim_count;
  call->call->outputs[0] = t->values;
  if (of->is_adjoint) call->call->output_adjoints[0] = t->adjoints;
  call->call->dims[2] = begin, call->call->dims[3] = rows;
  call->is_adjoint = of->is_adjoint;
  call->text = of->text;
  call->location = of->location;
}

/* The body of the tiles' common loop, for one tile. The adjoints of a product, which are summed where there are several, are
 * stored. */
static void append_body(ir_builder *b, tile *all, const ir_statement *loop, ir_operand begin) {
  ir_operand place = ir_let2(b, IR_OP_INT_SUBTRACT, ir_use(loop->variable), begin);
  for (tile *t = all; t; t = t->next) t->sum = ir_real(0);
  for (int i = 0; i < loop->body->count; i++) {
    ir_statement *s = loop->body->items[i];
    bool is_sum = false;
    b->location = s->location;
    for (tile *t = all; t && s->buffer; t = t->next) {
      const ir_call *call = t->reverse->call;
      if (s->buffer == call->output_adjoints[0]) {
        t->sum = ir_let2(b, IR_OP_ADD, t->sum, s->value);
        is_sum = true;
      } else if (s->buffer == call->outputs[0]) {
        s = ir_copy(b->program->arena, s);
        s->buffer = t->values;
        s->index = place;
      }
    }
    if (!is_sum) arena_push(b->program->arena, b->block, s);
  }
  for (tile *t = all; t; t = t->next) ir_store(b, t->adjoints, place, t->sum);
}

static ir_buffer *tile_buffer(ir_builder *b, const char *name, ir_operand rows) {
  ir_buffer *buffer = ir_alloc(b, name, IR_REAL, rows, false);
  buffer->is_written_once = true;
  return buffer;
}

/* The loop over the tiles of all products that this loop reads. */
static void append_tiles(ir_builder *b, tile *all) {
  const ir_statement *loop = all->loop;
  ir_operand height = all->product->call->dims[0], width = ir_int(0);
  b->location = loop->location;
  for (const tile *t = all; t; t = t->next) {
    if (t->vector_zero) arena_push(b->program->arena, b->block, (ir_statement *)t->vector_zero);
    width = ir_let2(b, IR_OP_INT_ADD, width, t->product->call->dims[1]);
  }
  ir_operand rows = ir_let2(b, IR_OP_TILE_ROWS, height, width);
  ir_operand span = ir_let2(b, IR_OP_INT_SUBTRACT, loop->last, loop->first);
  ir_builder body, inner;
  ir_statement *tiles = ir_for(b, "tile", ir_int(0), ir_let2(b, IR_OP_INT_DIVIDE, span, rows), true, &body);
  ir_operand offset = ir_let2(&body, IR_OP_INT_MULTIPLY, ir_use(tiles->variable), rows);
  ir_operand begin = ir_let(&body, "begin", IR_OP_INT_ADD, loop->first, offset, ir_none(), ir_none());
  ir_operand left = ir_let2(&body, IR_OP_INT_SUBTRACT, loop->last, begin);
  ir_operand count = ir_let2(&body, IR_OP_INT_MIN, rows, ir_let2(&body, IR_OP_INT_ADD, left, ir_int(1)));
  ir_operand end = ir_let2(&body, IR_OP_INT_ADD, begin, ir_let2(&body, IR_OP_INT_SUBTRACT, count, ir_int(1)));
  for (tile *t = all; t; t = t->next) {
    t->values = tile_buffer(&body, "product_tile", rows);
    t->adjoints = tile_buffer(&body, "adjoint_tile", rows);
  }
  for (const tile *t = all; t; t = t->next) append_rows(&body, t, t->product, begin, count);
  body.location = loop->location;
  ir_for(&body, NULL, begin, end, true, &inner)->variable = loop->variable;
  append_body(&inner, all, loop, begin);
  for (const tile *t = all; t; t = t->next) append_rows(&body, t, t->reverse, begin, count);
  ir_append(&body, IR_RELEASE)->buffer = all->values;
}

/* What becomes of a block's statements: by place, the tiles of a loop that is cut, and which statements those replace. */
typedef struct plan {
  tile **cut;
  bool *is_replaced;
} plan;

static plan plan_tiles(arena *arena, const ir_block *block) {
  plan plan = {0};
  uses u = {.arena = arena, .numbers = id_set_create(arena)};
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind != IR_KERNEL_CALL || s->kernel != IR_KERNEL_MATRIX_TIMES_VECTOR) continue;
    const ir_call *call = s->call;
    follow(&u, call->outputs[0]), follow(&u, call->output_adjoints[0]);
    follow(&u, call->inputs[1]), follow(&u, call->input_adjoints[1]);
  }
  if (!u.lists.count) return plan;
  plan.cut = arena_array(arena, tile *, block->count);
  plan.is_replaced = arena_array(arena, bool, block->count);
  for (u.place = 0; u.place < block->count; u.place++) ir_each_access(block->items[u.place], true, note_use, &u);
  for (int i = block->count; i-- > 0;) {
    tile *t = arena_new(arena, tile);
    int places[4], loop;
    if (!is_product(block->items[i]) || !find_tile(block, &u, i, t, &loop, places)) continue;
    t->next = plan.cut[loop];
    plan.cut[loop] = t;
    for (int k = 0; k < 4; k++)
      if (places[k] >= 0) plan.is_replaced[places[k]] = true;
  }
  return plan;
}

static ir_block *with_tiles(ir_program *program, const ir_block *block) {
  ir_builder b = {.program = program, .block = ir_block_create(program->arena)};
  const plan plan = plan_tiles(program->arena, block);
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (plan.cut && plan.is_replaced[i]) continue;
    if (plan.cut && plan.cut[i]) {
      append_tiles(&b, plan.cut[i]);
      continue;
    }
    ir_statement *copy = ir_with_own_blocks(program->arena, s);
    if (s->test) copy->test = with_tiles(program, s->test);
    if (s->body) copy->body = with_tiles(program, s->body);
    if (s->other) copy->other = with_tiles(program, s->other);
    arena_push(program->arena, b.block, copy);
  }
  return b.block;
}

void ir_tiles(ir_program *program) {
  if (!program->gradient_body) return;
  ir_link_definitions(program->gradient_body);
  program->gradient_body = with_tiles(program, program->gradient_body);
}
