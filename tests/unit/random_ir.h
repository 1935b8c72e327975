/* random_ir.h: makes a program in the core IR from a seed, for tests that a pass changes no value: nested loops, some of them
 * empty, branches on data and on parameters, mutable variables, local buffers, gathers through data, summands of every
 * kind. Values stay of moderate size. The same seed makes the same program. */
#ifndef STANLITE_TESTS_UNIT_RANDOM_IR_H
#define STANLITE_TESTS_UNIT_RANDOM_IR_H
#include "tests/unit/ir_machine.h"

enum { RANDOM_FEW = 7, RANDOM_MANY = 600, RANDOM_GROUPS = 3, RANDOM_PARAMETERS = 5, RANDOM_POOL = 64 };

typedef struct random_ir {
  ir_program *program;
  unsigned long long state;
  ir_variable *rows, *groups, *nothing, *scale; /* fields: 7 or 600, 3, 0, 1.7 */
  ir_buffer *x, *group;                         /* fields: real by row, group number by row */
  ir_buffer *local[RANDOM_POOL];                /* buffers by row, stored in full */
  ir_operand reals[RANDOM_POOL];
  ir_operand row[RANDOM_POOL]; /* loop variables that run over rows */
  ir_variable *mutables[RANDOM_POOL];
  int row_total;
  int locals, real_count, row_count, mutable_count, depth;
} random_ir;

typedef struct random_table {
  double rows, groups, nothing, scale, x[RANDOM_MANY], group[RANDOM_MANY];
  machine_input inputs[7];
} random_table;

/* Few rows for most seeds; more than pass `scatter` takes at a time for the others. */
static inline int random_row_total(unsigned seed) { return seed % 16 == 0 ? RANDOM_MANY : RANDOM_FEW; }

static inline random_table *random_table_create(arena *arena, unsigned seed) {
  random_table *d = arena_new(arena, random_table);
  int rows = random_row_total(seed);
  d->rows = rows, d->groups = RANDOM_GROUPS, d->scale = 1.7;
  for (int i = 0; i < rows; i++) {
    d->x[i] = sin(1.3 * i + seed);
    d->group[i] = i * i % RANDOM_GROUPS;
  }
  const machine_input inputs[] = {{"rows", &d->rows, 1},
                                  {"groups", &d->groups, 1},
                                  {"nothing", &d->nothing, 1},
                                  {"scale", &d->scale, 1},
                                  {"x", d->x, rows},
                                  {"group", d->group, rows},
                                  {0}};
  memcpy(d->inputs, inputs, sizeof inputs);
  return d;
}

static inline int random_below(random_ir *r, int bound) {
  r->state = r->state * 6364136223846793005ull + 1442695040888963407ull;
  return (int)((r->state >> 33) % (unsigned)bound);
}

static inline ir_operand random_real(random_ir *r) {
  int which = random_below(r, r->real_count + 2);
  if (which == r->real_count) return ir_real(0.25 + random_below(r, 8) * 0.5);
  if (which == r->real_count + 1) return ir_use(r->scale);
  return r->reals[which];
}

static inline void random_offer(random_ir *r, ir_operand x) {
  if (r->real_count < RANDOM_POOL)
    r->reals[r->real_count++] = x;
  else
    r->reals[random_below(r, RANDOM_POOL)] = x;
}

static inline ir_operand random_bounded(random_ir *r, ir_builder *b, ir_operand x) {
  return random_below(r, 2) ? ir_let1(b, IR_OP_TANH, x) : ir_let1(b, IR_OP_SIN, x);
}

static inline ir_operand random_operation(random_ir *r, ir_builder *b) {
  ir_operand x = random_real(r), y = random_real(r);
  switch (random_below(r, 11)) {
  case 0: return ir_let2(b, IR_OP_ADD, x, y);
  case 1: return ir_let2(b, IR_OP_SUBTRACT, x, y);
  case 2: return random_bounded(r, b, ir_let2(b, IR_OP_MULTIPLY, x, y));
  case 3: return ir_let2(b, IR_OP_DIVIDE, x, ir_let2(b, IR_OP_ADD, ir_real(1), ir_let1(b, IR_OP_SQUARE, y)));
  case 4: return ir_let1(b, IR_OP_LOG, ir_let2(b, IR_OP_ADD, ir_real(1), ir_let1(b, IR_OP_SQUARE, x)));
  case 5: return ir_let1(b, IR_OP_EXP, ir_let1(b, IR_OP_TANH, x));
  case 6: return ir_let1(b, IR_OP_INV_LOGIT, x);
  case 7: return ir_let3(b, IR_OP_SELECT, ir_let2(b, IR_OP_LESS, x, y), x, random_real(r));
  case 8: return ir_let2(b, IR_OP_DIVIDE, x, ir_let1(b, IR_OP_EXP, ir_let1(b, IR_OP_SIN, y)));
  case 9: return ir_load(b, "p", r->program->unconstrained, ir_int(random_below(r, RANDOM_PARAMETERS)));
  default: return random_bounded(r, b, x);
  }
}

/* A load that depends on the row of some loop around it. */
static inline void random_load(random_ir *r, ir_builder *b) {
  if (!r->row_count) return;
  ir_operand row = r->row[random_below(r, r->row_count)];
  switch (random_below(r, 3)) {
  case 0: random_offer(r, ir_load(b, "x", r->x, row)); break;
  case 1: {
    ir_operand group = ir_load(b, "g", r->group, row);
    ir_operand low = ir_let2(b, IR_OP_INT_LESS_EQUAL, ir_int(0), group);
    ir_check(b, low, "group is %ld, but must not be negative", group, ir_none(), ir_none());
    ir_check(b, ir_let2(b, IR_OP_INT_LESS, group, ir_use(r->groups)), "group is %ld", group, ir_none(), ir_none());
    random_offer(r, ir_load(b, "effect", r->program->unconstrained, group));
    random_offer(r, ir_let1(b, IR_OP_TO_REAL, group));
    break;
  }
  default:
    if (r->locals) random_offer(r, ir_load(b, "local", r->local[random_below(r, r->locals)], row));
    break;
  }
}

static inline void random_block(random_ir *r, ir_builder *b, int statements);

/* What is defined in a nested block is forgotten after it. */
static inline void random_nested(random_ir *r, ir_builder *b, int statements) {
  random_ir before = *r;
  r->depth++;
  random_block(r, b, statements);
  unsigned long long state = r->state;
  *r = before;
  r->state = state;
}

static inline void random_loop(random_ir *r, ir_builder *b) {
  ir_builder body;
  int kind = random_below(r, 5), rows = r->row_count;
  if (r->row_total == RANDOM_MANY && r->row_count && kind != 2) kind = 4;
  ir_operand last_row = ir_let2(b, IR_OP_INT_SUBTRACT, ir_use(r->rows), ir_int(1));
  if (kind <= 1) {
    ir_statement *loop = ir_for(b, "n", ir_int(0), last_row, false, &body);
    r->row[r->row_count++] = ir_use(loop->variable);
  } else if (kind == 2) {
    ir_for(b, "k", ir_int(1), ir_use(random_below(r, 2) ? r->groups : r->nothing), false, &body);
  } else if (kind == 3 && r->row_count) {
    ir_statement *loop = ir_for(b, "m", r->row[random_below(r, r->row_count)], last_row, false, &body);
    r->row[r->row_count++] = ir_use(loop->variable);
  } else {
    ir_statement *loop = ir_for(b, "j", ir_int(2), ir_int(4 - 3 * random_below(r, 2)), false, &body);
    r->row[r->row_count++] = ir_use(loop->variable);
  }
  random_nested(r, &body, 3 + random_below(r, 5));
  r->row_count = rows;
}

/* A whole local buffer: stored once, in a loop, and then perhaps changed. */
static inline void random_buffer(random_ir *r, ir_builder *b) {
  if (r->locals >= 8 || (r->row_total == RANDOM_MANY && r->row_count)) return;
  ir_operand last_row = ir_let2(b, IR_OP_INT_SUBTRACT, ir_use(r->rows), ir_int(1));
  ir_buffer *buffer = ir_alloc(b, "v", IR_REAL, ir_use(r->rows), false);
  ir_builder body;
  ir_statement *loop = ir_for(b, "n", ir_int(0), last_row, false, &body);
  random_ir before = *r;
  r->row[r->row_count++] = ir_use(loop->variable);
  random_load(r, &body);
  random_offer(r, random_operation(r, &body));
  ir_store(&body, buffer, ir_use(loop->variable), random_bounded(r, &body, random_real(r)));
  unsigned long long state = r->state;
  *r = before;
  r->state = state;
  r->local[r->locals++] = buffer;
  if (random_below(r, 3) == 0)
    ir_store(b, buffer, ir_int(random_below(r, RANDOM_FEW)), random_bounded(r, b, random_real(r)));
}

/* x, as a matrix of one column, times a vector; the one may be a constant, which pass `small` knows, or not. */
static inline ir_buffer *random_product(random_ir *r, ir_builder *b) {
  ir_buffer *vector = ir_alloc(b, "beta", IR_REAL, ir_int(1), false);
  ir_store(b, vector, ir_int(0), random_bounded(r, b, random_real(r)));
  ir_buffer *product = ir_alloc(b, "eta", IR_REAL, ir_use(r->rows), false);
  ir_operand one = ir_let2(b, IR_OP_INT_SUBTRACT, ir_use(r->groups), ir_int(RANDOM_GROUPS - 1));
  ir_call *call = ir_kernel_call(b, IR_KERNEL_MATRIX_TIMES_VECTOR)->call;
  call->outputs[0] = product;
  call->inputs[0] = r->x, call->inputs[1] = vector;
  call->dims[0] = ir_use(r->rows);
  call->dims[1] = random_below(r, 3) ? one : ir_int(1);
  return product;
}

/* A likelihood: each row adds a summand, of data, parameters and the effect of its group. */
static inline void random_likelihood(random_ir *r, ir_builder *b) {
  ir_operand scale = ir_let1(b, IR_OP_EXP, ir_let1(b, IR_OP_TANH, random_real(r)));
  ir_operand last_row = ir_let2(b, IR_OP_INT_SUBTRACT, ir_use(r->rows), ir_int(1));
  ir_builder body;
  ir_buffer *products[2];
  int product_count = random_below(r, 3);
  for (int i = 0; i < product_count; i++) products[i] = random_product(r, b);
  ir_operand row = ir_use(ir_for(b, "n", ir_int(0), last_row, false, &body)->variable);
  ir_operand group = ir_load(&body, "g", r->group, row), x = ir_load(&body, "x", r->x, row);
  ir_operand effect = ir_load(&body, "effect", r->program->unconstrained, group);
  ir_operand mean = ir_let2(&body, IR_OP_ADD, effect, ir_let2(&body, IR_OP_MULTIPLY, random_real(r), x));
  for (int i = 0; i < product_count; i++)
    mean = ir_let2(&body, IR_OP_ADD, mean, ir_load(&body, "eta", products[i], row));
  ir_operand z = ir_let2(&body, IR_OP_DIVIDE, ir_let2(&body, IR_OP_SUBTRACT, x, mean), scale);
  if (random_below(r, 2)) z = ir_let1(&body, IR_OP_INV_LOGIT, z);
  ir_target(&body, ir_let2(&body, IR_OP_MULTIPLY, ir_real(-0.5), ir_let1(&body, IR_OP_SQUARE, z)), false, false);
  ir_target(&body, ir_let1(&body, IR_OP_NEGATE, ir_let1(&body, IR_OP_LOG, scale)), false, false);
  if (random_below(r, 3) == 0) { /* two of pass products */
    ir_operand small = ir_let1(&body, IR_OP_LOG1P, ir_let1(&body, IR_OP_EXP_MINUS_ABS, mean));
    ir_target(&body, ir_let2(&body, IR_OP_ADD, small, z), false, false);
    ir_operand soft = ir_let1(&body, IR_OP_LOG1P_EXP, ir_let2(&body, IR_OP_SUBTRACT, mean, x));
    ir_target(&body, ir_let2(&body, IR_OP_MULTIPLY, random_below(r, 2) ? ir_real(-0.5) : scale, soft), false, false);
  }
  ir_target(&body, ir_real(-0.25), true, false);
}

/* A mixture: each row adds what it gets from all groups, whose weights are the same in each row. */
static inline void random_mixture(random_ir *r, ir_builder *b) {
  ir_operand last_row = ir_let2(b, IR_OP_INT_SUBTRACT, ir_use(r->rows), ir_int(1));
  ir_operand last_group =
      ir_let2(b, IR_OP_INT_SUBTRACT, ir_use(random_below(r, 4) ? r->groups : r->nothing), ir_int(1));
  ir_builder body, inner;
  ir_operand row = ir_use(ir_for(b, "n", ir_int(0), last_row, false, &body)->variable);
  ir_operand x = ir_load(&body, "x", r->x, row);
  ir_variable *sum = ir_declare(&body, "sum", IR_REAL, ir_real(0));
  ir_operand group = ir_use(ir_for(&body, "k", ir_int(0), last_group, false, &inner)->variable);
  ir_operand effect = ir_load(&inner, "effect", r->program->unconstrained, group);
  ir_operand weight = ir_let1(&inner, IR_OP_EXP, ir_let1(&inner, IR_OP_TANH, effect));
  ir_operand mean = random_below(r, 2) ? ir_let2(&inner, IR_OP_MULTIPLY, x, random_real(r)) : x;
  ir_add(&inner, sum, ir_let2(&inner, IR_OP_MULTIPLY, weight, random_bounded(r, &inner, mean)));
  ir_target(&body, ir_let1(&body, IR_OP_SIN, ir_let1(&body, IR_OP_COPY, ir_use(sum))), false, false);
}

static inline void random_while(random_ir *r, ir_builder *b) {
  ir_builder test, body;
  ir_variable *count = ir_declare(b, "count", IR_INT, ir_int(0));
  ir_statement *loop = ir_while(b, &test, &body);
  ir_operand value = ir_let1(&test, IR_OP_INT_COPY, ir_use(count));
  loop->value = ir_let2(&test, IR_OP_INT_LESS, value, ir_int(random_below(r, 3)));
  random_nested(r, &body, 3);
  ir_add(&body, count, ir_int(1));
}

static inline void random_branch(random_ir *r, ir_builder *b) {
  ir_builder chosen, other;
  ir_operand condition = ir_let2(b, IR_OP_LESS, random_real(r), random_real(r));
  if (r->row_count && random_below(r, 2)) condition = ir_let2(b, IR_OP_INT_LESS, r->row[0], ir_int(2));
  ir_if(b, condition, &chosen, &other);
  random_nested(r, &chosen, 1 + random_below(r, 4));
  if (random_below(r, 2)) random_nested(r, &other, 1 + random_below(r, 3));
}

static inline void random_statement(random_ir *r, ir_builder *b) {
  switch (r->depth == 0 ? random_below(r, 12) : -1) {
  case 0: random_likelihood(r, b); return;
  case 1: random_mixture(r, b); return;
  }
  switch (random_below(r, 16)) {
  case 0:
  case 1:
  case 2: random_offer(r, random_operation(r, b)); break;
  case 3:
  case 4: random_load(r, b); break;
  case 5:
    if (r->mutable_count < RANDOM_POOL) r->mutables[r->mutable_count++] = ir_declare(b, "m", IR_REAL, random_real(r));
    break;
  case 6:
    if (r->mutable_count)
      ir_set(b, r->mutables[random_below(r, r->mutable_count)], random_bounded(r, b, random_real(r)));
    break;
  case 7:
    if (r->mutable_count)
      ir_add(b, r->mutables[random_below(r, r->mutable_count)], random_bounded(r, b, random_real(r)));
    break;
  case 8:
    if (r->mutable_count)
      random_offer(r, ir_let1(b, IR_OP_COPY, ir_use(r->mutables[random_below(r, r->mutable_count)])));
    break;
  case 9:
  case 10: ir_target(b, random_bounded(r, b, random_real(r)), random_below(r, 2), random_below(r, 6) == 0); break;
  case 11: {
    ir_operand value = random_real(r);
    ir_check(b, ir_let2(b, IR_OP_LESS, value, ir_real(1e6)), "value is %g", value, ir_none(), ir_none());
    break;
  }
  case 12:
    if (r->depth < 3) random_branch(r, b);
    break;
  case 13:
    if (r->depth < 2 && random_below(r, 3) == 0)
      random_while(r, b);
    else if (random_below(r, 3) == 0)
      ir_append(b, IR_PRINT);
    break;
  case 14:
    if (r->depth < 2) random_buffer(r, b);
    break;
  default:
    if (r->depth < 3) random_loop(r, b);
    break;
  }
}

static inline void random_block(random_ir *r, ir_builder *b, int statements) {
  for (int i = 0; i < statements; i++) random_statement(r, b);
}

static inline void *random_read(ir_builder *b, const char *name, ir_type type, ir_operand size) {
  ir_statement *read;
  if (size.kind == IR_NONE) {
    ir_variable *field = ir_variable_create(b->program, name, type, IR_MODEL, false);
    read = ir_append(b, IR_READ);
    read->variable = field;
    read->text = name;
    return field;
  }
  ir_buffer *field = ir_buffer_create(b->program, name, type, IR_MODEL, size);
  ir_append(b, IR_ALLOC)->buffer = field;
  read = ir_append(b, IR_READ);
  read->buffer = field;
  read->text = name;
  return field;
}

static inline ir_program *random_program(arena *arena, unsigned seed) {
  random_ir *r = arena_new(arena, random_ir);
  r->state = seed * 2654435761ull + 99;
  r->row_total = random_row_total(seed);
  r->program = ir_program_create(arena, "random", "random.stanlite");
  r->program->unconstrained_size = ir_int(RANDOM_PARAMETERS);
  ir_builder construct = {.program = r->program, .block = r->program->construct};
  r->rows = random_read(&construct, "rows", IR_INT, ir_none());
  r->groups = random_read(&construct, "groups", IR_INT, ir_none());
  r->nothing = random_read(&construct, "nothing", IR_INT, ir_none());
  r->scale = random_read(&construct, "scale", IR_REAL, ir_none());
  r->x = random_read(&construct, "x", IR_REAL, ir_use(r->rows));
  r->group = random_read(&construct, "group", IR_INT, ir_use(r->rows));
  ir_builder b = {.program = r->program, .block = r->program->log_density};
  for (int i = 0; i < 3; i++) random_offer(r, ir_load(&b, "p", r->program->unconstrained, ir_int(i)));
  random_block(r, &b, 12);
  ir_target(&b, random_bounded(r, &b, random_real(r)), false, false);
  return r->program;
}

#endif
