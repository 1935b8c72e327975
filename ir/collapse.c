/* collapse.c: rows of data that are equal are summed once, with their number as weight.
 *
 * What a likelihood loop sees of its row is a tuple of data: the outcome, the number of a group, a predictor. Rows with equal tuples
 * contribute equal terms. The loop
 *
 *   parallel for n in first .. last     y = @y[n]; g = @group[n]; ...; target += f(y, effect[g])
 *
 * becomes, where construct finds that at most three quarters of the tuples are distinct (kernel equal_rows),
 *
 *   if 0 < @distinct
 *     parallel for d in 0 .. @distinct - 1     w = @weight[d]; y = @y_distinct[d]; g = @group_distinct[d]; ...
 *                                              target += w * f(y, effect[g])
 *   else the loop as it was
 *
 * The loop must be straight-line code at the function's own level, whose number of the row is used for nothing but to load data,
 * among them an int (tuples of reals alone are seldom equal, and cost a second copy of the loop), to load the row's element of a product
 * of a data matrix and a vector, and in messages. Then the matrix's row belongs to the tuple, and each branch makes its product.
 *
 * Run when nothing else changes the loop any more, before the adjoint. Without it a gradient of chimpanzees_m3 takes 2.0 times
 * as long, of trolley_varying 2.2, of trolley_simple 166. */
#include "ir/access.h"
#include "ir/index.h"
#include "ir/passes.h"
#include "ir/rename.h"

/* A larger tuple is seldom that of another row; more loops, or larger ones, would take long to compile twice. */
enum { MOST_COLUMNS = 16, MOST_STATEMENTS = 300, MOST_LOOPS = 50 };

typedef struct column { /* what a row loads */
  const ir_statement *load;
  const ir_statement
      *product; /* NULL: from a field. Else the load is of this matrix_times_vector, whose matrix is a field */
} column;

typedef struct plan {
  const ir_statement *loop;
  const id_set *readers; /* of a buffer: the statement of the function's own level that reads it, see find_readers */
  int place;             /* of the loop among those */
  id_set computable;     /* what is known of variables: 1 yes, 2 no */
  id_set counted;        /* what changes with the loop's variable, but not through data that are loaded */
  column columns[MOST_COLUMNS];
  int column_count, int_count;
  bool shows_row; /* in a message */
} plan;

/* ---- which loops ---- */

static bool is_counted(const plan *p, ir_operand x) {
  return x.kind == IR_VARIABLE && (x.variable == p->loop->variable || id_set_has(&p->counted, x.variable->id));
}

static bool is_computable(plan *p, ir_operand x);

static bool can_compute(plan *p, const ir_variable *v) {
  const ir_statement *s = v->note;
  if (v->storage != IR_LOCAL || v->is_parameter_level || !s) return false;
  if (s->kind == IR_LOAD) return s->buffer->storage == IR_MODEL && is_computable(p, s->index);
  if (s->kind != IR_LET || (ir_ops[s->op].flags & (IR_IMPURE | IR_MAY_FAIL))) return false;
  for (int i = 0; i < s->argument_count; i++)
    if (!is_computable(p, s->arguments[i])) return false;
  return true;
}

/* Whether construct can compute the value for a row, from the fields and the loop's variable. */
static bool is_computable(plan *p, ir_operand x) {
  if (x.kind != IR_VARIABLE || x.variable->storage == IR_MODEL || x.variable == p->loop->variable) return true;
  int known = id_set_number(&p->computable, x.variable->id);
  if (!known) {
    known = can_compute(p, x.variable) ? 1 : 2;
    *id_set_at(&p->computable, x.variable->id) = known;
  }
  return known == 1;
}

typedef struct search {
  const plan *plan;
  bool found;
} search;

static void find_counted(ir_operand *x, void *context) {
  search *search = context;
  search->found = search->found || is_counted(search->plan, *x);
}

static bool reads_counted(const plan *p, ir_statement *s) {
  search search = {.plan = p};
  ir_each_operand(s, find_counted, &search);
  return search.found;
}

/* Products of a field and a vector, and who reads them. */

typedef struct reading {
  id_set *readers;
  int place;
} reading;

enum { SEVERAL = -1 };

static void note_reader(ir_access access, int id, void *context) {
  const reading *r = context;
  if (access == ACCESS_DEFINE) return;
  int *reader = id_set_at(r->readers, id);
  *reader = *reader == 0 || *reader == r->place + 1 ? r->place + 1 : SEVERAL;
}

static bool is_product(const ir_statement *s) {
  return s->kind == IR_KERNEL_CALL && s->kernel == IR_KERNEL_MATRIX_TIMES_VECTOR &&
         s->call->inputs[0]->storage == IR_MODEL && s->call->outputs[0]->storage == IR_LOCAL;
}

/* Links products to the buffers that they fill. For each buffer, the place + 1 of the statement that uses it, or SEVERAL;
 * a product itself is no user of what it fills. */
static void find_readers(const ir_block *function, id_set *readers) {
  for (int i = 0; i < function->count; i++) {
    reading r = {readers, i};
    ir_statement *s = function->items[i];
    if (s->kind == IR_ALLOC) s->buffer->note = NULL;
    if (is_product(s) && !s->call->outputs[0]->note)
      s->call->outputs[0]->note = s;
    else
      ir_each_access(s, true, note_reader, &r);
  }
}

/* The product that filled the buffer, if nothing but the loop reads that, and it may as well be made just before the loop. */
static const ir_statement *product_for(plan *p, const ir_buffer *buffer) {
  if (buffer->storage != IR_LOCAL || id_set_number(p->readers, buffer->id) != p->place + 1) return NULL;
  const ir_statement *product = buffer->note;
  if (!product || !product->call->inputs[1]->is_written_once) return NULL;
  return is_computable(p, product->call->dims[0]) && is_computable(p, product->call->dims[1]) ? product : NULL;
}

static bool add_column(plan *p, const ir_statement *load) {
  if (!is_computable(p, load->index) || p->column_count == MOST_COLUMNS) return false;
  const ir_statement *product = NULL;
  if (load->buffer->storage != IR_MODEL && !(product = product_for(p, load->buffer))) return false;
  p->columns[p->column_count++] = (column){load, product};
  p->int_count += load->buffer->type == IR_INT;
  return true;
}

/* A check whose condition is the same for equal rows. */
static bool add_check(plan *p, const ir_statement *check) {
  if (is_counted(p, check->value)) return false;
  for (int i = 0; i < check->argument_count; i++) {
    if (!is_counted(p, check->arguments[i])) continue;
    if (ir_operand_type(check->arguments[i]) != IR_INT) return false;
    p->shows_row = true;
  }
  return true;
}

static bool can_collapse(plan *p) {
  const ir_statement *loop = p->loop;
  if (loop->kind != IR_FOR || !loop->is_parallel || !is_computable(p, loop->first) || !is_computable(p, loop->last))
    return false;
  if (loop->body->count > MOST_STATEMENTS) return false;
  bool has_summand = false;
  for (int i = 0; i < loop->body->count; i++) {
    ir_statement *s = loop->body->items[i];
    bool counts = reads_counted(p, s);
    switch (s->kind) {
    case IR_LET:
      if (ir_ops[s->op].flags & (IR_IMPURE | IR_MAY_FAIL)) return false;
      if (counts && s->variable->is_parameter_level) return false;
      if (counts) id_set_add(&p->counted, s->variable->id);
      break;
    case IR_LOAD:
      if (counts && !add_column(p, s)) return false;
      break;
    case IR_TARGET:
      has_summand = true;
      if (counts) return false;
      break;
    case IR_CHECK:
      if (!add_check(p, s)) return false;
      break;
    default: return false;
    }
  }
  return has_summand && p->int_count > 0;
}

/* ---- construct: the distinct rows ---- */

typedef struct rows {
  ir_variable *distinct;
  ir_buffer *weights,
      *numbers; /* how often a row comes; the loop's variable where it comes first, NULL if nothing shows it */
  ir_buffer *columns[MOST_COLUMNS]; /* by row; of a product the matrix, column-major */
} rows;

/* Rows of one type side by side: for reading or writing them element by element. */
typedef struct packed {
  ir_buffer *buffer;
  ir_operand width; /* of a row */
  ir_operand next;  /* the place of the next column */
} packed;

/* The value in construct. */
static ir_operand compute(ir_builder *b, ir_renaming *names, ir_operand x) {
  if (x.kind != IR_VARIABLE || x.variable->storage == IR_MODEL) return x;
  ir_operand known = ir_renamed_operand(names, x);
  if (!ir_same(known, x)) return known;
  const ir_statement *s = x.variable->note;
  ir_operand value;
  if (s->kind == IR_LOAD) {
    value = ir_load(b, x.variable->name, s->buffer, compute(b, names, s->index));
  } else {
    ir_operand arguments[IR_MAX_ARGUMENTS] = {{0}};
    for (int i = 0; i < s->argument_count; i++) arguments[i] = compute(b, names, s->arguments[i]);
    value = ir_let(b, x.variable->name, s->op, arguments[0], arguments[1], arguments[2], arguments[3]);
  }
  ir_rename_variable(names, x.variable, value);
  return value;
}

static ir_operand sum(ir_builder *b, ir_operand x, ir_operand y) { return ir_let2(b, IR_OP_INT_ADD, x, y); }
static ir_operand difference(ir_builder *b, ir_operand x, ir_operand y) { return ir_let2(b, IR_OP_INT_SUBTRACT, x, y); }
static ir_operand product(ir_builder *b, ir_operand x, ir_operand y) { return ir_let2(b, IR_OP_INT_MULTIPLY, x, y); }

/* Each row's tuple goes to its place. */
static void pack(const plan *p, ir_builder *b, ir_renaming *names, ir_operand row, packed to[2]) {
  for (int k = 0; k < p->column_count; k++) {
    const ir_statement *load = p->columns[k].load, *call = p->columns[k].product;
    packed *t = &to[load->buffer->type];
    ir_operand start = sum(b, product(b, row, t->width), t->next), of = compute(b, names, load->index);
    if (!call) {
      ir_store(b, t->buffer, start, ir_load(b, load->variable->name, load->buffer, of));
      t->next = sum(b, t->next, ir_int(1));
      continue;
    }
    ir_operand height = compute(b, names, call->call->dims[0]), count = compute(b, names, call->call->dims[1]);
    ir_builder inner;
    ir_operand j = ir_use(ir_for(b, "column", ir_int(0), difference(b, count, ir_int(1)), false, &inner)->variable);
    ir_operand element = ir_load(&inner, NULL, call->call->inputs[0], sum(&inner, of, product(&inner, height, j)));
    ir_store(&inner, t->buffer, sum(&inner, start, j), element);
    t->next = sum(b, t->next, count);
  }
}

/* The distinct row number d, which lies at `row`, goes to the fields. */
static void unpack(const plan *p, ir_builder *b, ir_renaming *names, const rows *found, ir_operand d, ir_operand row,
                   packed from[2]) {
  for (int k = 0; k < p->column_count; k++) {
    const ir_statement *call = p->columns[k].product;
    packed *f = &from[p->columns[k].load->buffer->type];
    ir_operand start = sum(b, product(b, row, f->width), f->next);
    if (!call) {
      ir_store(b, found->columns[k], d, ir_load(b, NULL, f->buffer, start));
      f->next = sum(b, f->next, ir_int(1));
      continue;
    }
    ir_operand count = compute(b, names, call->call->dims[1]);
    ir_builder inner;
    ir_operand j = ir_use(ir_for(b, "column", ir_int(0), difference(b, count, ir_int(1)), false, &inner)->variable);
    ir_operand element = ir_load(&inner, NULL, f->buffer, sum(&inner, start, j));
    ir_store(&inner, found->columns[k], sum(&inner, d, product(&inner, ir_use(found->distinct), j)), element);
    f->next = sum(b, f->next, count);
  }
}

static ir_buffer *field(ir_builder *b, const char *name, ir_type type, ir_operand size) {
  ir_buffer *field = ir_buffer_create(b->program, name, type, IR_MODEL, size);
  ir_append(b, IR_ALLOC)->buffer = field;
  return field;
}

/* Fields for `distinct` rows. */
static rows create_rows(const plan *p, ir_builder *b, ir_renaming *names, ir_operand distinct) {
  ir_program *program = b->program;
  rows found = {.distinct = ir_variable_create(program, "distinct", IR_INT, IR_MODEL, false)};
  ir_statement *keep = ir_append(b, IR_LET);
  keep->variable = found.distinct;
  keep->op = IR_OP_INT_COPY;
  keep->argument_count = 1;
  keep->arguments[0] = distinct;
  found.weights = field(b, "weight", IR_REAL, distinct);
  if (p->shows_row) found.numbers = field(b, "number", IR_INT, distinct);
  for (int k = 0; k < p->column_count; k++) {
    const ir_statement *call = p->columns[k].product;
    const ir_buffer *of = call ? call->call->inputs[0] : p->columns[k].load->buffer;
    ir_operand size = call ? product(b, distinct, compute(b, names, call->call->dims[1])) : distinct;
    found.columns[k] = field(b, arena_printf(program->arena, "%s_distinct", of->name), of->type, size);
  }
  return found;
}

static rows find_rows(const plan *p, ir_builder *b) {
  const ir_statement *loop = p->loop;
  ir_renaming names = ir_renaming_create(b->program->arena);
  ir_operand first = compute(b, &names, loop->first), last = compute(b, &names, loop->last);
  ir_operand count = ir_let2(b, IR_OP_INT_MAX, sum(b, difference(b, last, first), ir_int(1)), ir_int(0));
  packed packed[2] = {[IR_INT] = {.width = ir_int(p->int_count), .next = ir_int(0)},
                      [IR_REAL] = {.width = ir_int(0), .next = ir_int(0)}};
  for (int k = 0; k < p->column_count; k++) {
    const column *c = &p->columns[k];
    ir_operand width = c->product ? compute(b, &names, c->product->call->dims[1]) : ir_int(1);
    if (c->product) compute(b, &names, c->product->call->dims[0]); /* here, and not in the loop */
    if (c->load->buffer->type == IR_REAL) packed[IR_REAL].width = sum(b, packed[IR_REAL].width, width);
  }
  for (ir_type type = IR_INT; type <= IR_REAL; type++)
    packed[type].buffer =
        ir_alloc(b, type == IR_INT ? "int_rows" : "real_rows", type, product(b, count, packed[type].width), false);
  struct packed to[2] = {packed[0], packed[1]};
  ir_builder body;
  ir_statement *reading = ir_for(b, loop->variable->name, first, last, false, &body);
  ir_rename_variable(&names, loop->variable, ir_use(reading->variable));
  pack(p, &body, &names, difference(&body, ir_use(reading->variable), first), to);

  ir_buffer *distinct = ir_alloc(b, "distinct", IR_INT, ir_int(1), false);
  ir_buffer *firsts = ir_alloc(b, "first", IR_INT, count, false);
  ir_buffer *weights = ir_alloc(b, "weight", IR_INT, count, false);
  ir_call *call = ir_kernel_call(b, IR_KERNEL_EQUAL_ROWS)->call;
  call->outputs[0] = distinct, call->outputs[1] = firsts, call->outputs[2] = weights;
  call->inputs[0] = packed[IR_REAL].buffer, call->inputs[1] = packed[IR_INT].buffer;
  call->dims[0] = count, call->dims[1] = packed[IR_REAL].width, call->dims[2] = packed[IR_INT].width;

  rows found = create_rows(p, b, &names, ir_load(b, "distinct", distinct, ir_int(0)));
  ir_operand end = difference(b, ir_use(found.distinct), ir_int(1));
  ir_operand d = ir_use(ir_for(b, "d", ir_int(0), end, false, &body)->variable), row = ir_load(&body, "row", firsts, d);
  ir_store(&body, found.weights, d, ir_let1(&body, IR_OP_TO_REAL, ir_load(&body, "weight", weights, d)));
  if (found.numbers) ir_store(&body, found.numbers, d, sum(&body, first, row));
  unpack(p, &body, &names, &found, d, row, packed);
  return found;
}

/* ---- log_density: the loop over them ---- */

/* A product of the matrix's distinct rows; its element d. */
static ir_operand distinct_product(ir_builder *before, ir_builder *body, const rows *rows, int k,
                                   const ir_statement *call, ir_operand d) {
  const ir_buffer *of = call->call->outputs[0];
  ir_buffer *out = ir_alloc(before, of->name, IR_REAL, ir_use(rows->distinct), false);
  out->is_written_once = of->is_written_once;
  ir_call *again = ir_kernel_call(before, call->kernel)->call;
  again->outputs[0] = out;
  again->inputs[0] = rows->columns[k], again->inputs[1] = call->call->inputs[1];
  again->dims[0] = ir_use(rows->distinct), again->dims[1] = call->call->dims[1];
  return ir_load(body, of->name, out, d);
}

static void sum_rows(const plan *p, ir_builder *b, const rows *rows) {
  ir_program *program = b->program;
  ir_renaming names = ir_renaming_create(program->arena);
  ir_operand last = difference(b, ir_use(rows->distinct), ir_int(1));
  ir_builder around = ir_nested(b), body;
  ir_operand d = ir_use(ir_for(&around, "d", ir_int(0), last, true, &body)->variable);
  ir_operand weight = ir_load(&body, "weight", rows->weights, d);
  if (rows->numbers)
    ir_rename_variable(&names, p->loop->variable, ir_load(&body, p->loop->variable->name, rows->numbers, d));
  int k = 0;
  for (int i = 0; i < p->loop->body->count; i++) {
    const ir_statement *s = p->loop->body->items[i];
    body.location = s->location;
    if (k < p->column_count && s == p->columns[k].load) {
      const ir_statement *call = p->columns[k].product;
      ir_operand element =
          call ? distinct_product(b, &body, rows, k, call, d) : ir_load(&body, s->variable->name, rows->columns[k], d);
      ir_rename_variable(&names, s->variable, element);
      k++;
    } else if (s->kind == IR_TARGET) {
      ir_operand term = ir_let2(&body, IR_OP_MULTIPLY, weight, ir_renamed_operand(&names, s->value));
      ir_target(&body, term, s->is_droppable, s->is_jacobian);
    } else if (!s->variable || rows->numbers || !id_set_has(&p->counted, s->variable->id)) {
      if (s->variable) {
        const ir_variable *v = s->variable;
        ir_rename_variable(&names, v, ir_use(ir_variable_create(program, v->name, v->type, IR_LOCAL, false)));
      }
      arena_push(program->arena, body.block, ir_renamed_shallow(&names, s));
    }
  }
  for (int i = 0; i < around.block->count; i++) arena_push(program->arena, b->block, around.block->items[i]);
}

/* The loop as it was, its products before it. */
static void keep_loop(const plan *p, ir_builder *b) {
  arena *arena = b->program->arena;
  for (int k = 0; k < p->column_count; k++) {
    const ir_statement *call = p->columns[k].product;
    if (!call) continue;
    ir_append(b, IR_ALLOC)->buffer = call->call->outputs[0];
    arena_push(arena, b->block, (ir_statement *)call);
  }
  arena_push(arena, b->block, (ir_statement *)p->loop);
}

static void note_moved(const plan *p, id_set *moved) {
  for (int k = 0; k < p->column_count; k++)
    if (p->columns[k].product) id_set_add(moved, p->columns[k].product->call->outputs[0]->id);
}

static bool is_moved(const ir_statement *s, const id_set *moved) {
  const ir_buffer *made = s->kind == IR_ALLOC ? s->buffer : s->kind == IR_KERNEL_CALL ? s->call->outputs[0] : NULL;
  return made && id_set_has(moved, made->id);
}

void ir_collapse(ir_program *program) {
  arena *arena = program->arena;
  const ir_block *function = program->log_density;
  ir_analyse(program);
  ir_find_written_once(program);
  ir_link_definitions(function);
  plan *plans = arena_array(arena, plan, function->count + 1);
  id_set readers = id_set_create(arena);
  find_readers(function, &readers);
  id_set moved = id_set_create(arena);
  for (int i = 0, loops = 0; i < function->count && loops < MOST_LOOPS; i++) {
    plan p = {.loop = function->items[i], .readers = &readers, .place = i};
    p.counted = p.computable = id_set_create(arena);
    if (!can_collapse(&p)) continue;
    plans[i] = p;
    loops++;
    note_moved(&p, &moved);
  }
  ir_builder construct = {.program = program, .block = ir_block_create(arena)}, density = construct;
  density.block = ir_block_create(arena);
  for (int i = 0; i < function->count; i++) {
    ir_statement *s = function->items[i];
    if (!plans[i].loop) {
      if (!is_moved(s, &moved)) arena_push(arena, density.block, s);
      continue;
    }
    construct.location = density.location = s->location;
    rows rows = find_rows(&plans[i], &construct);
    ir_builder some, none;
    ir_if(&density, ir_let2(&density, IR_OP_INT_LESS, ir_int(0), ir_use(rows.distinct)), &some, &none);
    sum_rows(&plans[i], &some, &rows);
    keep_loop(&plans[i], &none);
  }
  if (!construct.block->count) return;
  ir_block *all = ir_block_create(arena);
  for (int i = 0; i < program->construct->count; i++) arena_push(arena, all, program->construct->items[i]);
  for (int i = 0; i < construct.block->count; i++) arena_push(arena, all, construct.block->items[i]);
  program->construct = all;
  program->log_density = density.block;
}
