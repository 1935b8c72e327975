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
 * Without it a gradient of a logistic regression with 10^6 rows and 10 columns takes 1.7 times as long, with 2 * 10^5 and 40 1.9 times.
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
} tile;

typedef struct tiles { /* of one block */
  tile *items;
  int count, capacity;
} tiles;

typedef struct counting {
  int id, count;
} counting;

static void count_access(ir_access access, int id, void *context) {
  counting *c = context;
  (void)access;
  c->count += c->id == id;
}

static int accesses(const ir_statement *s, const ir_buffer *buffer) {
  counting c = {.id = buffer->id};
  ir_each_access((ir_statement *)s, true, count_access, &c);
  return c.count;
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

/* Whether the loop reads the product and adds to its adjoints at its own index, and adds to the vector's or leaves them alone. */
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

/* The loop between a product and its adjoint that alone uses them. */
static bool find_tile(const ir_block *block, int place, tile *t) {
  int reverse = place + 1, loop = place, zero = place;
  *t = (tile){.product = block->items[place]};
  while (reverse < block->count && !is_reverse_of(block->items[reverse], t->product)) reverse++;
  if (reverse == block->count) return false;
  t->reverse = block->items[reverse];
  const ir_call *call = t->reverse->call;
  const ir_buffer *out = call->outputs[0], *out_adjoints = call->output_adjoints[0];
  for (int i = place + 1; i < reverse; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_ZERO && s->buffer == out_adjoints) t->zero = s, zero = i;
    if (s->kind == IR_FOR && s->is_parallel && accesses(s, out)) t->loop = s, loop = i;
    if (t->loop && s->kind == IR_ZERO && s->buffer == call->input_adjoints[1]) t->vector_zero = s;
  }
  if (!t->loop || !t->zero || zero > loop || !fits_loop(t->loop, t->reverse)) return false;
  if (t->vector_zero && accesses(t->loop, t->vector_zero->buffer)) return false;
  int allocations = 0;
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    allocations += s->kind == IR_ALLOC && (s->buffer == out || s->buffer == out_adjoints);
    if (is_own_statement(t, s)) continue;
    if (accesses(s, out) || accesses(s, out_adjoints)) return false;
    if (i > loop && i < reverse && accesses(s, call->input_adjoints[1])) return false;
    if (i > place && i < loop && accesses(s, call->inputs[1])) return false;
  }
  return allocations == 2; /* nothing outside this block has seen them */
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

/* The body of the tiles' common loop, for one tile. The adjoints of a product, which are summed where there are several, are stored. */
static void append_body(ir_builder *b, const tiles *all, const ir_statement *loop, ir_operand begin) {
  ir_operand place = ir_let2(b, IR_OP_INT_SUBTRACT, ir_use(loop->variable), begin);
  ir_operand *sums = arena_array(b->program->arena, ir_operand, all->count);
  for (int k = 0; k < all->count; k++) sums[k] = ir_real(0);
  for (int i = 0; i < loop->body->count; i++) {
    ir_statement *s = loop->body->items[i];
    bool is_sum = false;
    b->location = s->location;
    for (int k = 0; k < all->count; k++) {
      const ir_call *call = all->items[k].reverse->call;
      if (all->items[k].loop != loop || !s->buffer) continue;
      if (s->buffer == call->output_adjoints[0]) {
        sums[k] = ir_let2(b, IR_OP_ADD, sums[k], s->value);
        is_sum = true;
      } else if (s->buffer == call->outputs[0]) {
        s = ir_copy(b->program->arena, s);
        s->buffer = all->items[k].values;
        s->index = place;
      }
    }
    if (!is_sum) arena_push(b->program->arena, b->block, s);
  }
  for (int k = 0; k < all->count; k++)
    if (all->items[k].loop == loop) ir_store(b, all->items[k].adjoints, place, sums[k]);
}

static ir_buffer *tile_buffer(ir_builder *b, const char *name, ir_operand rows) {
  ir_buffer *buffer = ir_alloc(b, name, IR_REAL, rows, false);
  buffer->is_written_once = true;
  return buffer;
}

/* The loop over the tiles of all products that this loop reads. */
static void append_tiles(ir_builder *b, const tiles *all, const ir_statement *loop) {
  ir_operand height = ir_none(), width = ir_int(0);
  b->location = loop->location;
  for (int k = 0; k < all->count; k++) {
    const tile *t = &all->items[k];
    if (t->loop != loop) continue;
    if (t->vector_zero) arena_push(b->program->arena, b->block, (ir_statement *)t->vector_zero);
    height = t->product->call->dims[0];
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
  const ir_buffer *first = NULL;
  for (int k = 0; k < all->count; k++) {
    tile *t = &all->items[k];
    if (t->loop != loop) continue;
    t->values = tile_buffer(&body, "product_tile", rows);
    t->adjoints = tile_buffer(&body, "adjoint_tile", rows);
    if (!first) first = t->values;
  }
  for (int k = 0; k < all->count; k++)
    if (all->items[k].loop == loop) append_rows(&body, &all->items[k], all->items[k].product, begin, count);
  body.location = loop->location;
  ir_for(&body, NULL, begin, end, true, &inner)->variable = loop->variable;
  append_body(&inner, all, loop, begin);
  for (int k = 0; k < all->count; k++)
    if (all->items[k].loop == loop) append_rows(&body, &all->items[k], all->items[k].reverse, begin, count);
  ir_append(&body, IR_RELEASE)->buffer = (ir_buffer *)first;
}

static bool is_replaced(const tiles *all, const ir_statement *s) {
  for (int k = 0; k < all->count; k++) {
    const tile *t = &all->items[k];
    if (s == t->product || s == t->zero || s == t->vector_zero || s == t->reverse) return true;
  }
  return false;
}

static bool is_cut(const tiles *all, const ir_statement *s) {
  for (int k = 0; k < all->count; k++)
    if (all->items[k].loop == s) return true;
  return false;
}

static ir_block *with_tiles(ir_program *program, const ir_block *block) {
  ir_builder b = {.program = program, .block = ir_block_create(program->arena)};
  tiles all = {0};
  for (int i = 0; i < block->count; i++) {
    tile t;
    if (is_product(block->items[i]) && find_tile(block, i, &t)) arena_push(program->arena, &all, t);
  }
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (is_replaced(&all, s)) continue;
    if (is_cut(&all, s)) {
      append_tiles(&b, &all, s);
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
