/* extract.c: see extract.h.
 *
 * The function's block, and from there the bodies of loops and branches whose control has data level, are split. What is of
 * data level in them is copied, with new names, into the same nest of loops and branches at the end of construct:
 * summands are added to one sum, checks become checks of the data, and a value that costs more than CHEAP additions becomes a
 * field, or inside loops an element of a field that has one for each iteration. log_density then reads the field. A buffer
 * of the function's own level becomes a field with all that fills it.
 *
 * What construct does not need of the copy, ir_without_dead takes out again; log_density keeps definitions in its loops that
 * nothing uses any more, which pass `dead` removes. */
#include "ir/extract.h"
#include <string.h>
#include "ir/index.h"
#include "ir/invariant.h"
#include "ir/rename.h"

enum { CHEAP = 4, LOOP_COST = 8, PLACE_COST = 4 /* of a kept element's place, for each loop around but the first */ };

typedef struct level { /* a loop around the block at hand, outermost last */
  const struct level *outer;
  const ir_statement *loop;
  ir_variable *counter; /* its variable in construct */
  bool is_rectangular;  /* its bounds, and those of the loops around it, are known at the function's own level */
} level;

typedef struct extraction {
  ir_program *program;
  arena *arena;
  ir_extract_kind kind;
  ir_builder construct;
  ir_renaming copies; /* names in construct */
  ir_variable *sum;
  id_set known; /* variables of log_density defined outside loops and branches, that construct has copies of */
  int roots;    /* how much has been found that construct must do */
  int summands;
} extraction;

/* ---- copying into construct ---- */

static void rename_definitions(extraction *x, const ir_statement *s) {
  bool defines = s->kind == IR_LET || s->kind == IR_LOAD || s->kind == IR_DECLARE || s->kind == IR_FOR;
  if (defines) {
    const ir_variable *v = s->variable;
    ir_variable *fresh = ir_variable_create(x->program, v->name, v->type, IR_LOCAL, v->is_mutable);
    ir_rename_variable(&x->copies, v, ir_use(fresh));
  }
  if (s->kind == IR_ALLOC) {
    ir_operand size = ir_renamed_operand(&x->copies, s->buffer->size);
    ir_buffer *fresh = ir_buffer_create(x->program, s->buffer->name, s->buffer->type, IR_LOCAL, size);
    ir_rename_buffer(&x->copies, s->buffer, fresh);
  }
  ir_block *nested[3];
  int count = ir_nested_blocks(s, nested);
  for (int i = 0; i < count; i++)
    for (int j = 0; j < nested[i]->count; j++) rename_definitions(x, nested[i]->items[j]);
}

static void copy_into(extraction *x, ir_builder *data, const ir_statement *s) {
  rename_definitions(x, s);
  arena_push(x->arena, data->block, ir_renamed(&x->copies, s));
}

/* ---- what a value costs ---- */

static int cost_of(const id_set *costs, ir_operand x) {
  return x.kind == IR_VARIABLE ? id_set_number(costs, x.variable->id) : 0;
}

/* Reading a local buffer or a mutable variable means keeping all that fills it, so at the function's own level, where
 * that goes, it is never cheap. */
static int statement_cost(id_set *costs, const ir_statement *s, bool is_function) {
  int cost = 1;
  if (s->kind == IR_LET) cost = ir_ops[s->op].cost;
  for (int i = 0; i < s->argument_count; i++) cost += cost_of(costs, s->arguments[i]);
  cost += cost_of(costs, s->index) + cost_of(costs, s->value);
  ir_block *nested[3];
  bool is_loop = s->kind == IR_FOR || s->kind == IR_WHILE;
  for (int i = ir_nested_blocks(s, nested); i-- > 0;)
    for (int j = 0; j < nested[i]->count; j++)
      cost += statement_cost(costs, nested[i]->items[j], false) * (is_loop ? LOOP_COST : 1);
  cost = cost > 10000 ? 10000 : cost;
  int extra = is_function ? CHEAP : 0;
  if (s->kind == IR_LET || s->kind == IR_LOAD) *id_set_at(costs, s->variable->id) = cost;
  if (s->kind == IR_DECLARE) *id_set_at(costs, s->variable->id) = cost + extra;
  if (s->kind == IR_SET || s->kind == IR_ADD) *id_set_at(costs, s->variable->id) += cost;
  if (s->buffer && s->kind != IR_LOAD) *id_set_at(costs, s->buffer->id) += cost;
  if (s->kind == IR_LOAD && s->buffer->storage == IR_LOCAL)
    *id_set_at(costs, s->variable->id) += id_set_number(costs, s->buffer->id) + extra;
  for (int i = 0; i < IR_MAX_KERNEL_BUFFERS; i++)
    if (s->call->outputs[i]) *id_set_at(costs, s->call->outputs[i]->id) = 10000;
  return cost;
}

/* ---- one block ---- */

typedef struct split {
  extraction *x;
  const level *levels;
  bool is_function; /* the block is that of log_density itself */
  id_set varying;
  id_set read; /* by statements that stay */
  id_set sizes;
  id_set costs; /* of what moves */
  ir_builder *data, rest;
  id_set rest_moved;    /* by place in rest: a copy of the statement runs in construct */
  ir_renaming replaced; /* in statements that stay: by a field, or what is loaded from one */
  ir_builder loads;     /* at the head of the rest */
} split;

static void note_read(ir_access access, int id, void *context) {
  if (access == ACCESS_READ) id_set_add(context, id);
}

static bool may_move(const ir_statement *s, void *context) {
  (void)context;
  switch (s->kind) {
  case IR_LET: return !(ir_ops[s->op].flags & IR_IMPURE);
  case IR_LOAD:
  case IR_ALLOC: return !s->is_result;
  case IR_KERNEL_CALL: return ir_call_may_move(s);
  case IR_DECLARE:
  case IR_SET:
  case IR_ADD:
  case IR_ZERO:
  case IR_STORE:
  case IR_ACCUMULATE:
  case IR_FOR:
  case IR_WHILE:
  case IR_IF:
  case IR_CHECK: return true;
  default: return false;
  }
}

static bool is_summand(const split *p, const ir_statement *s) {
  return s->kind == IR_TARGET && !s->is_jacobian && !ir_varies(&p->varying, s->value) &&
         (s->is_droppable || p->x->kind == EXTRACT_ALL);
}

/* The iteration's place among those of all loops around it, in construct or in log_density. */
static ir_operand place_of(extraction *x, ir_builder *b, const level *levels, bool in_construct) {
  const ir_renaming none = {0}, *names = in_construct ? &x->copies : &none;
  ir_operand first = ir_renamed_operand(names, levels->loop->first);
  ir_operand place =
      ir_let2(b, IR_OP_INT_SUBTRACT, ir_use(in_construct ? levels->counter : levels->loop->variable), first);
  if (!levels->outer) return place;
  ir_operand last = ir_renamed_operand(names, levels->loop->last);
  ir_operand trips = ir_let2(b, IR_OP_INT_ADD, ir_let2(b, IR_OP_INT_SUBTRACT, last, first), ir_int(1));
  ir_operand row = place_of(x, b, levels->outer, in_construct);
  return ir_let2(b, IR_OP_INT_ADD, place, ir_let2(b, IR_OP_INT_MULTIPLY, row, trips));
}

/* Whether construct can compute the bound of a loop ahead of the loops around it: its own definition may stand in these. */
static bool is_known(const extraction *x, ir_operand bound) {
  if (bound.kind != IR_VARIABLE || bound.variable->storage != IR_LOCAL || ir_has(&x->known, bound)) return true;
  const ir_statement *s = bound.variable->note;
  if (!s || s->kind != IR_LET || (ir_ops[s->op].flags & (IR_IMPURE | IR_MAY_FAIL))) return false;
  for (int i = 0; i < s->argument_count; i++) {
    const ir_operand a = s->arguments[i];
    if ((a.kind == IR_VARIABLE && a.variable->is_mutable) || !is_known(x, a)) return false;
  }
  return true;
}

static ir_operand compute_bound(extraction *x, ir_operand bound) {
  if (bound.kind != IR_VARIABLE || bound.variable->storage != IR_LOCAL || ir_has(&x->known, bound))
    return ir_renamed_operand(&x->copies, bound);
  const ir_statement *s = bound.variable->note;
  ir_operand arguments[IR_MAX_ARGUMENTS] = {{0}};
  for (int i = 0; i < s->argument_count; i++) arguments[i] = compute_bound(x, s->arguments[i]);
  return ir_let(&x->construct, bound.variable->name, s->op, arguments[0], arguments[1], arguments[2], arguments[3]);
}

static ir_operand place_count(extraction *x, const level *levels) {
  ir_builder *b = &x->construct;
  ir_operand first = compute_bound(x, levels->loop->first), last = compute_bound(x, levels->loop->last);
  ir_operand trips = ir_let2(b, IR_OP_INT_ADD, ir_let2(b, IR_OP_INT_SUBTRACT, last, first), ir_int(1));
  trips = ir_let2(b, IR_OP_INT_MAX, trips, ir_int(0));
  return levels->outer ? ir_let2(b, IR_OP_INT_MULTIPLY, place_count(x, levels->outer), trips) : trips;
}

static const char *field_name(const extraction *x, const char *name) {
  return name ? arena_printf(x->arena, "%s_data", name) : "kept";
}

/* A field of the model that has the value. */
static ir_operand field_of(extraction *x, ir_builder *b, const char *name, ir_operand value) {
  const ir_type type = ir_operand_type(value);
  ir_variable *field = ir_variable_create(x->program, name, type, IR_MODEL, false);
  ir_statement *copy = ir_append(b, IR_LET);
  copy->op = type == IR_INT ? IR_OP_INT_COPY : IR_OP_COPY;
  copy->arguments[0] = value;
  copy->argument_count = 1;
  copy->variable = field;
  return ir_use(field);
}

/* construct keeps the variable's value in a field; statements that stay read it there. */
static void keep_value(split *p, ir_variable *v) {
  extraction *x = p->x;
  const char *name = field_name(x, v->name);
  ir_operand value = ir_renamed_operand(&x->copies, ir_use(v)), kept;
  if (p->levels) {
    ir_buffer *field = ir_buffer_create(x->program, name, v->type, IR_MODEL, place_count(x, p->levels));
    ir_append(&x->construct, IR_ALLOC)->buffer = field;
    ir_store(p->data, field, place_of(x, p->data, p->levels, true), value);
    kept = ir_load(&p->loads, v->name, field, place_of(x, &p->loads, p->levels, false));
  } else {
    kept = field_of(x, p->data, name, value);
  }
  x->roots++;
  ir_rename_variable(&p->replaced, v, kept);
}

static bool is_worth_keeping(const split *p, const ir_variable *v) {
  if (!id_set_has(&p->read, v->id)) return false;
  if (p->levels && (!p->levels->is_rectangular || id_set_has(&p->sizes, v->id))) return false;
  int price = CHEAP;
  for (const level *l = p->levels; l && l->outer; l = l->outer) price += PLACE_COST;
  return id_set_number(&p->costs, v->id) > price;
}

static bool is_cheap_definition(const split *p, const ir_statement *s) {
  return (s->kind == IR_LET || s->kind == IR_LOAD) && id_set_number(&p->costs, s->variable->id) <= CHEAP;
}

static void leave(split *p, ir_statement *s, bool has_moved) {
  if (has_moved) id_set_add(&p->rest_moved, p->rest.block->count);
  arena_push(p->x->arena, p->rest.block, s);
}

static bool has_check(const ir_statement *s) {
  if (s->kind == IR_CHECK) return true;
  ir_block *nested[3];
  for (int i = ir_nested_blocks(s, nested); i-- > 0;)
    for (int j = 0; j < nested[i]->count; j++)
      if (has_check(nested[i]->items[j])) return true;
  return false;
}

static ir_block *without_checks(arena *arena, const ir_block *block) {
  if (!block) return NULL;
  ir_block *out = ir_block_create(arena);
  for (int i = 0; i < block->count; i++) {
    if (block->items[i]->kind == IR_CHECK) continue;
    ir_statement *s = ir_copy(arena, block->items[i]);
    s->test = without_checks(arena, s->test);
    s->body = without_checks(arena, s->body);
    s->other = without_checks(arena, s->other);
    arena_push(arena, out, s);
  }
  return out;
}

static void move_statement(split *p, ir_statement *s) {
  extraction *x = p->x;
  bool becomes_field =
      p->is_function && x->kind == EXTRACT_ALL && s->kind == IR_ALLOC && id_set_has(&p->read, s->buffer->id);
  if (becomes_field) {
    ir_operand size = ir_renamed_operand(&x->copies, s->buffer->size);
    /* A call in the gradient may want room for as many adjoints. */
    bool is_local = size.kind == IR_VARIABLE && size.variable->storage == IR_LOCAL;
    if (is_local && x->program->functions.count) size = field_of(x, p->data, "kept_size", size);
    ir_buffer *field = ir_buffer_create(x->program, field_name(x, s->buffer->name), s->buffer->type, IR_MODEL, size);
    ir_rename_buffer(&x->copies, s->buffer, field);
    ir_rename_buffer(&p->replaced, s->buffer, field);
    arena_push(x->arena, p->data->block, ir_renamed(&x->copies, s));
    x->roots++;
  } else {
    copy_into(x, p->data, s);
  }
  statement_cost(&p->costs, s, p->is_function);
  if (p->is_function && s->variable) id_set_add(&x->known, s->variable->id);
  bool checks = has_check(s);
  x->roots += checks;
  if (s->kind == IR_CHECK || !(x->kind == EXTRACT_DROPPABLE || !p->is_function || is_cheap_definition(p, s))) return;
  if (checks) {
    const ir_block alone = {.items = &s, .count = 1};
    s = without_checks(x->arena, &alone)->items[0];
  }
  leave(p, s, true);
}

static ir_block *split_block(extraction *x, const ir_block *block, const id_set *varying, const level *levels,
                             bool is_function, ir_builder *data);

/* A loop or branch that stays, under control of data level. */
static void split_nested(split *p, const ir_statement *s) {
  extraction *x = p->x;
  int roots = x->roots;
  ir_statement *rest = ir_copy(x->arena, s), *data = ir_copy(x->arena, s);
  data->value = ir_renamed_operand(&x->copies, s->value);
  data->first = ir_renamed_operand(&x->copies, s->first);
  data->last = ir_renamed_operand(&x->copies, s->last);
  data->is_parallel = false;
  level inner = {.outer = p->levels, .loop = s};
  if (s->kind == IR_FOR) {
    data->variable = inner.counter = ir_variable_create(x->program, s->variable->name, IR_INT, IR_LOCAL, false);
    ir_rename_variable(&x->copies, s->variable, ir_use(inner.counter));
    inner.is_rectangular = (!p->levels || p->levels->is_rectangular) && is_known(x, s->first) && is_known(x, s->last);
  }
  ir_block **parts[] = {&data->body, &data->other}, **rests[] = {&rest->body, &rest->other};
  for (int i = 0; i < 2; i++) {
    if (!*parts[i]) continue;
    ir_builder part = ir_nested(p->data);
    *rests[i] = split_block(x, *parts[i], &p->varying, s->kind == IR_FOR ? &inner : p->levels, false, &part);
    *parts[i] = part.block;
  }
  if (x->roots > roots) arena_push(x->arena, p->data->block, data);
  leave(p, rest, false);
}

/* The rest: loads of what was kept, then the statements, in which those that did not move read it. */
static ir_block *finish(split *p) {
  extraction *x = p->x;
  ir_block *out = p->loads.block;
  if (!p->replaced.items.count) return p->rest.block; /* nothing was kept */
  for (int i = 0; i < p->rest.block->count; i++) {
    ir_statement *s = p->rest.block->items[i];
    arena_push(x->arena, out, id_set_has(&p->rest_moved, i) ? s : ir_renamed(&p->replaced, s));
  }
  return out;
}

static void replace_sizes(const ir_renaming *replaced, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_ALLOC) s->buffer->size = ir_renamed_operand(replaced, s->buffer->size);
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) replace_sizes(replaced, nested[j]);
  }
}

static ir_block *split_block(extraction *x, const ir_block *block, const id_set *varying, const level *levels,
                             bool is_function, ir_builder *data) {
  split p = {.x = x, .levels = levels, .is_function = is_function, .data = data};
  p.varying = id_set_create(x->arena);
  p.read = id_set_create(x->arena);
  p.sizes = id_set_create(x->arena);
  p.rest_moved = id_set_create(x->arena);
  p.costs = id_set_create(x->arena);
  p.rest = p.loads = ir_nested(data);
  p.loads.block = ir_block_create(x->arena);
  p.replaced = ir_renaming_create(x->arena);
  p.varying.outer = varying;
  ir_add_sizes(&p.sizes, block);
  ir_region region = {.body = block, .varying = &p.varying, .may_move = may_move};
  bool *moves = ir_find_invariant(&region);
  for (int i = 0; i < block->count; i++)
    if (!moves[i] && !is_summand(&p, block->items[i])) ir_each_access(block->items[i], true, note_read, &p.read);
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    bool is_controlled_by_data =
        !ir_varies(&p.varying, s->first) && !ir_varies(&p.varying, s->last) && !ir_varies(&p.varying, s->value);
    if (moves[i]) {
      move_statement(&p, s);
    } else if (is_summand(&p, s)) {
      ir_add(p.data, x->sum, ir_renamed_operand(&x->copies, s->value));
      x->roots++, x->summands++;
    } else if ((s->kind == IR_FOR || s->kind == IR_IF) && is_controlled_by_data) {
      split_nested(&p, s);
    } else {
      leave(&p, s, false);
    }
  }
  if (x->kind == EXTRACT_DROPPABLE) return p.rest.block;
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    bool defines = s->kind == IR_LET || s->kind == IR_LOAD || s->kind == IR_DECLARE;
    if (moves[i] && defines && is_worth_keeping(&p, s->variable)) keep_value(&p, s->variable);
  }
  if (is_function) replace_sizes(&p.replaced, block);
  return finish(&p);
}

static extraction begin(ir_program *program, const ir_block *block, ir_extract_kind kind) {
  arena *arena = program->arena;
  ir_link_definitions(block);
  extraction x = {.program = program,
                  .arena = arena,
                  .kind = kind,
                  .copies = ir_renaming_create(arena),
                  .known = id_set_create(arena)};
  x.construct = (ir_builder){.program = program, .block = ir_block_create(arena)};
  return x;
}

ir_variable *ir_extract(ir_program *program, ir_extract_kind kind, const char *sum_name) {
  arena *arena = program->arena;
  extraction x = begin(program, program->log_density, kind);
  x.sum = ir_declare(&x.construct, sum_name, IR_REAL, ir_real(0));
  id_set varying = id_set_create(arena);
  id_set_add(&varying, program->unconstrained->id);
  id_set_add(&varying, program->jacobian->id);
  ir_block *rest = split_block(&x, program->log_density, &varying, NULL, true, &x.construct);
  if (kind == EXTRACT_DROPPABLE ? !x.summands : !x.roots) return NULL;
  ir_variable *field = NULL;
  if (x.summands) {
    field = ir_variable_create(program, sum_name, IR_REAL, IR_MODEL, false);
    ir_statement *copy = ir_append(&x.construct, IR_LET);
    copy->variable = field;
    copy->op = IR_OP_COPY;
    copy->argument_count = 1;
    copy->arguments[0] = ir_use(x.sum);
  }
  ir_block *added = ir_without_dead(arena, x.construct.block), *construct = ir_block_create(arena);
  for (int i = 0; i < program->construct->count; i++) arena_push(arena, construct, program->construct->items[i]);
  for (int i = 0; i < added->count; i++) arena_push(arena, construct, added->items[i]);
  program->construct = construct;
  program->log_density = rest;
  return field;
}

/* What print() says before a check fails would not be said any more. */
static bool has_print(const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_PRINT) return true;
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;)
      if (has_print(nested[j])) return true;
  }
  return false;
}

/* A copy of the block down to the generated quantities, which may stand inside the transformed parameters; adds to `outside`
 * what the statements beside that way change. */
static ir_block *find_generated(ir_program *program, const ir_block *block, ir_statement **generated, id_set *outside) {
  arena *arena = program->arena;
  ir_block *copy = ir_block_create(arena);
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = ir_copy(arena, block->items[i]);
    arena_push(arena, copy, s);
    bool was_found = *generated != NULL;
    if (s->kind == IR_IF && ir_same(s->value, ir_use(program->with_generated)))
      *generated = s;
    else if (s->kind == IR_IF && !was_found)
      s->body = find_generated(program, s->body, generated, outside);
    if (was_found || !*generated) ir_add_changed(outside, &(ir_block){.items = &s, .count = 1});
  }
  return copy;
}

void ir_extract_generated(ir_program *program) {
  arena *arena = program->arena;
  id_set varying = id_set_create(arena);
  id_set_add(&varying, program->unconstrained->id);
  ir_statement *generated = NULL;
  ir_block *constrain = find_generated(program, program->constrain, &generated, &varying);
  if (!generated || has_print(generated->body)) return;
  extraction x = begin(program, program->constrain, EXTRACT_ALL);
  generated->body = split_block(&x, generated->body, &varying, NULL, true, &x.construct);
  if (!x.roots) return;
  program->prepare = ir_without_dead(arena, x.construct.block);
  program->constrain = constrain;
}
