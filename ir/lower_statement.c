/* lower_statement.c: statements. */
#include <math.h>
#include <string.h>
#include "ir/lower_internal.h"

/* ---- declarations ---- */

int declared_dims(lowering *l, const sized_type *declared, ir_operand *dims) {
  int count = 0;
  if (declared->array_sizes.count + 2 > IR_MAX_DIMS)
    refuse(l, declared->location, "more than %d dimensions cannot be compiled", IR_MAX_DIMS);
  for (int i = 0; i < declared->array_sizes.count; i++) dims[count++] = lower_scalar(l, declared->array_sizes.items[i]);
  for (int i = 0; i < declared->sizes.count; i++) dims[count++] = lower_scalar(l, declared->sizes.items[i]);
  bool is_square = declared->form == FORM_CHOLESKY_FACTOR_CORR || declared->form == FORM_CORR_MATRIX ||
                   declared->form == FORM_COV_MATRIX || declared->form == FORM_CHOLESKY_FACTOR_COV;
  if (is_square && declared->sizes.count == 1) {
    dims[count] = dims[count - 1];
    count++;
  }
  return count;
}

static void declare_scalar(lowering *l, variable *variable, const value *defined) {
  ir_type type = ir_type_of(variable->type);
  ir_operand x = defined ? defined->scalar : ir_none();
  if (defined && type == IR_REAL) x = as_real(l, x);
  bool is_fixed = defined && !variable->is_assigned;
  if (is_fixed && !may_change(l, x)) {
    if (x.kind == IR_VARIABLE && !x.variable->name) x.variable->name = variable->name;
    bind(l, variable, value_scalar(l, variable->type, x));
    return;
  }
  ir_variable *declared = ir_declare(l->b, variable->name, type, x);
  mark_assignable(l, declared);
  bind(l, variable, value_scalar(l, variable->type, ir_use(declared)));
}

void lower_declaration(lowering *l, variable *variable, const expression *definition) {
  if (type_has_parts(variable->type)) {
    declare_parts(l, variable, definition ? prepare(l, definition) : NULL);
    return;
  }
  ir_operand dims[IR_MAX_DIMS];
  declared_dims(l, variable->declared, dims);
  lower_declaration_of(l, variable, definition ? prepare(l, definition) : NULL, dims);
}

void lower_declaration_of(lowering *l, variable *variable, value *defined, ir_operand *dims) {
  int count = type_total_dimensions(variable->type);
  if (count == 0) {
    declare_scalar(l, variable, defined);
    return;
  }
  value *v;
  for (int d = 0; d < count; d++) {
    if (!l->frame->is_library) check_size(l, dims[d], variable->name);
    if (may_change(l, dims[d])) /* the variable may change, the size does not */
      dims[d] = ir_use(ir_declare(l->b, NULL, IR_INT, dims[d]));
  }
  if (count > 2 && !l->frame->is_library)
    check_count(l, dims, count, variable->name); /* two sizes are ints: no overflow */
  if (defined) {
    value *declared = value_view(l, variable->type, NULL, ir_int(0), dims);
    check_same_shape(l, declared, defined, arena_printf(l->arena, "%s and its definition", variable->name));
  }
  if (defined && defined->is_fresh && value_is_whole(l, defined)) {
    v = value_retyped(l, defined, variable->type);
    v->buffer->name = variable->name;
    if (variable->is_assigned) v->buffer->is_written_once = false;
  } else {
    v = value_allocate(l, variable->name, variable->type, dims, !defined);
    v->buffer->is_written_once = defined && !variable->is_assigned;
    if (defined) value_copy(l, v, defined);
  }
  memcpy(v->dims, dims, sizeof *dims * (size_t)count);
  v->is_fresh = false;
  v->owner = l->frame;
  bind(l, variable, v);
}

void declare_value(lowering *l, variable *variable, value *defined) {
  ir_operand dims[IR_MAX_DIMS];
  const global *g = variable->is_global ? global_of(l, variable) : NULL;
  if (g)
    memcpy(dims, g->dims, sizeof dims);
  else
    declared_dims(l, variable->declared, dims);
  lower_declaration_of(l, variable, defined, dims);
}

/* ---- assignment ---- */

static void assign(lowering *l, const statement *s) {
  const expression *target = strip(s->assignment.target);
  if (type_has_parts(target->type) || is_part_of_tuple(target)) {
    assign_parts(l, s);
    return;
  }
  value *v = prepare(l, s->assignment.value);
  if (target->kind == EXPRESSION_VARIABLE && target->variable.variable && type_total_dimensions(target->type) == 0) {
    value *variable = target->variable.variable->lowered;
    if (s->assignment.is_compound) v = apply_binary(l, s->assignment.op, target->type, variable, v);
    ir_operand x = ir_type_of(target->type) == IR_REAL ? as_real(l, v->scalar) : v->scalar;
    ir_set(l->b, variable->scalar.variable, x);
    return;
  }
  if (type_total_dimensions(target->type) == 0) { /* one element */
    value *base = prepare(l, target->index.base);
    place at = {.is_flat = false};
    const char *subject = subject_of(l, target);
    for (int d = 0; d < target->index.indices.count; d++) {
      ir_operand index = lower_scalar(l, target->index.indices.items[d].first);
      check_index(l, index, base->dims[d], subject);
      at.at[d] = int_subtract(l, index, ir_int(1));
    }
    if (s->assignment.is_compound)
      v = apply_binary(l, s->assignment.op, target->type, value_scalar(l, target->type, value_element(l, base, &at)),
                       v);
    value_store(l, base, &at, v->scalar);
    return;
  }
  value *place = prepare(l, target);
  if (s->assignment.is_compound) v = apply_binary(l, s->assignment.op, target->type, place, v);
  check_same_shape(l, place, v, "both sides of an assignment");
  if (place->buffer || place->selections) value_copy(l, place, v);
}

/* ---- density statements ---- */

static void lower_tilde(lowering *l, const statement *s) {
  const expression *call = strip(s->tilde.call);
  const callee *callee = &call->call.callee;
  if (callee->kind != CALLEE_FUNCTION)
    refuse(l, call->location, "the distribution `%s` cannot be compiled yet", call->call.name);
  int count = call->call.arguments.count + 1;
  value **arguments = arena_array(l->arena, value *, count);
  arguments[0] = prepare(l, s->tilde.left);
  for (int i = 1; i < count; i++) arguments[i] = prepare(l, call->call.arguments.items[i - 1]);
  if (l->is_sizing || !l->counts_target) return;
  bool truncates = s->tilde.is_truncated && (s->tilde.lower || s->tilde.upper);
  if (truncates)
    for (int i = 0; i < count; i++) arguments[i] = value_settled(l, arguments[i]);
  call_density(l, callee, arguments, count, SINK_TARGET, false);
  if (truncates) lower_truncation(l, s, arguments, count);
}

/* real x = x + 1: x is declared before it has a value. */
void lower_defined(lowering *l, const statement *s,
                   void (*define)(lowering *l, variable *variable, const expression *definition)) {
  variable *variable = s->declaration.variable;
  expression *value = s->declaration.value;
  const statement use = {.kind = STATEMENT_CALL, .value = value};
  if (!value || count_uses(&use, variable) == 0) {
    define(l, variable, value);
    return;
  }
  expression *target = arena_new(l->arena, expression);
  *target = (expression){.kind = EXPRESSION_VARIABLE, .location = variable->location, .type = variable->type};
  target->variable.name = variable->name;
  target->variable.variable = variable;
  variable->is_assigned = true;
  define(l, variable, NULL);
  statement assignment = {.kind = STATEMENT_ASSIGNMENT, .location = s->location};
  assignment.assignment.target = target;
  assignment.assignment.value = value;
  assign(l, &assignment);
}

/* ---- loops ---- */

typedef struct labels {
  int break_label, continue_label;
  const profiling *profiling;
} labels;

static labels enter_loop(lowering *l) {
  labels outer = {l->break_label, l->continue_label, l->loop_profiling};
  l->loop_profiling = l->profiling;
  return outer;
}

static void leave_loop(lowering *l, labels outer) {
  l->break_label = outer.break_label;
  l->continue_label = outer.continue_label;
  l->loop_profiling = outer.profiling;
}

static void loop_body(lowering *l, const statement *body) {
  ir_builder *outer = l->b, inner;
  if (has_continue(body)) {
    l->continue_label = ir_scope(l->b, &inner)->label;
    l->b = &inner;
  }
  lower_statements(l, body, false);
  l->b = outer;
}

/* Around a loop that breaks. */
static void open_break(lowering *l, const statement *body, ir_builder *scope) {
  if (!has_break(body)) return;
  l->break_label = ir_scope(l->b, scope)->label;
  l->b = scope;
}

/* The bounds of a loop are those of its beginning. */
static ir_operand loop_bound(lowering *l, const expression *e) {
  ir_operand x = lower_scalar(l, e);
  return may_change(l, x) ? ir_use(ir_declare(l->b, NULL, IR_INT, x)) : x;
}

static void lower_for(lowering *l, const statement *s) {
  ir_operand first = loop_bound(l, s->loop.first), last = loop_bound(l, s->loop.last);
  ir_builder *outer = l->b, scope, body;
  labels labels = enter_loop(l);
  open_break(l, s->loop.body, &scope);
  ir_statement *loop = ir_for(l->b, s->loop.variable->name, first, last, false, &body);
  loop->variable->note = loop;
  l->b = &body;
  bind(l, s->loop.variable, value_int(l, ir_use(loop->variable)));
  loop_body(l, s->loop.body);
  l->b = outer;
  leave_loop(l, labels);
}

/* Over the elements of an array, or all elements of a vector or matrix in the order of storage. */
static void lower_for_each(lowering *l, const statement *s) {
  value *v = value_settled(l, prepare(l, s->loop.first));
  const expression *container = strip(s->loop.first);
  while (container->kind == EXPRESSION_INDEX || container->kind == EXPRESSION_MEMBER)
    container = strip(container->kind == EXPRESSION_INDEX ? container->index.base : container->member.base);
  if (container->kind == EXPRESSION_VARIABLE && assigns(s->loop.body, container->variable.variable))
    v = value_materialise(l, v, NULL);
  ir_builder *outer = l->b, scope;
  labels labels = enter_loop(l);
  open_break(l, s->loop.body, &scope);
  loops loops;
  value *element;
  if (v->type->kind == TYPE_ARRAY) {
    ir_operand i = loop_open(l, &loops, "i", v->dims[0], false);
    element = value_slice(l, v, v->type->element, &i, 1);
  } else {
    loops_over(l, &loops, v->parts ? v->parts[0] : v, false);
    element = v->parts ? complex_element(l, v, &loops.place)
                       : value_scalar(l, type_scalar(v->type), value_element(l, v, &loops.place));
  }
  bind(l, s->loop.variable, element);
  loop_body(l, s->loop.body);
  l->b = outer;
  leave_loop(l, labels);
}

static ir_operand condition_of(lowering *l, const expression *e) {
  ir_operand x = lower_scalar(l, e);
  return ir_operand_type(x) == IR_INT ? x : ir_let2(l->b, IR_OP_NOT_EQUAL, x, ir_real(0));
}

static void lower_while(lowering *l, const statement *s) {
  ir_builder *outer = l->b, scope, test, body;
  labels labels = enter_loop(l);
  open_break(l, s->branch.then_body, &scope);
  ir_statement *loop = ir_while(l->b, &test, &body);
  l->b = &test;
  loop->value = condition_of(l, s->branch.condition);
  l->b = &body;
  loop_body(l, s->branch.then_body);
  l->b = outer;
  leave_loop(l, labels);
}

static bool lower_if(lowering *l, const statement *s, bool is_tail) {
  ir_operand condition = condition_of(l, s->branch.condition);
  if (condition.kind == IR_CONSTANT_INT) {
    const statement *taken = condition.int_value ? s->branch.then_body : s->branch.else_body;
    return lower_statements(l, taken, is_tail);
  }
  ir_builder branches[2], *outer = l->b;
  ir_if(l->b, condition, &branches[0], &branches[1]);
  l->b = &branches[0];
  bool left = lower_statements(l, s->branch.then_body, is_tail);
  l->b = &branches[1];
  left = lower_statements(l, s->branch.else_body, is_tail) && left;
  l->b = outer;
  return left;
}

/* ---- messages ---- */

typedef struct items {
  ir_item *items;
  int count, capacity;
} items;

static void add_text(lowering *l, items *all, const char *text) {
  ir_item item = {.text = text};
  arena_push(l->arena, all, item);
}

/* A tuple as (a,b), a complex number as (real,imaginary); an array of tuples as the tuple of its members' arrays. */
/* The value, of which the loops around take the first dimensions. */
static void add_item(lowering *l, items *all, value *v, int loops) {
  if (v->parts && (v->dim_count == loops || !type_is_complex(v->type))) {
    for (int d = loops; d < v->dim_count; d++) {
      ir_item open = {.text = "[", .opens_loop = true, .dims = {v->dims[d]}, .dim_count = 1};
      arena_push(l->arena, all, open);
    }
    for (int i = 0; i < v->part_count; i++) {
      add_text(l, all, i == 0 ? "(" : ",");
      add_item(l, all, v->parts[i], v->dim_count);
    }
    add_text(l, all, ")");
    for (int d = loops; d < v->dim_count; d++) {
      ir_item close = {.text = "]", .closes_loop = true};
      arena_push(l->arena, all, close);
    }
    return;
  }
  ir_item item = {.value = v->scalar, .loop_count = loops};
  if (v->dim_count > 0) {
    item.value = ir_none();
    item.imaginary = v->parts ? value_whole(l, v->parts[1])->buffer : NULL;
    item.buffer = value_whole(l, v->parts ? v->parts[0] : v)->buffer;
    memcpy(item.dims, v->dims, sizeof v->dims);
    item.dim_count = v->dim_count;
    item.is_matrix = type_has_matrix(v->type);
  }
  arena_push(l->arena, all, item);
}

static void lower_items(lowering *l, const statement *s, ir_kind kind) {
  items all = {0};
  for (int i = 0; i < s->items.count; i++) {
    const expression *e = strip(s->items.items[i]);
    if (e->kind == EXPRESSION_STRING)
      add_text(l, &all, e->string);
    else
      add_item(l, &all, prepare(l, e), 0);
  }
  ir_statement *out = ir_append(l->b, kind);
  out->items = all.items;
  out->item_count = all.count;
  out->is_fatal = s->kind == STATEMENT_FATAL_ERROR;
}

/* ---- profile ---- */

void stop_profiles(lowering *l, const profiling *outermost) {
  if (l->is_sizing) return;
  for (const profiling *p = l->profiling; p != outermost; p = p->outer) ir_profile(l->b, p->name, true);
}

/* Whoever leaves the block early stops its clock, too. */
static bool lower_profile(lowering *l, const statement *s) {
  profiling here = {s->block.name, l->profiling};
  if (!l->is_sizing) ir_profile(l->b, here.name, false);
  l->profiling = &here;
  bool left = lower_statements(l, s->block.body, false);
  if (!left) stop_profiles(l, here.outer);
  l->profiling = here.outer;
  return left;
}

static void leave_to(lowering *l, int label) {
  stop_profiles(l, l->loop_profiling);
  ir_exit(l->b, label);
}

/* ---- all of them ---- */

static bool lower_statement(lowering *l, const statement *s, bool is_tail) {
  switch (s->kind) {
  case STATEMENT_DECLARATION: lower_defined(l, s, lower_declaration); break;
  case STATEMENT_ASSIGNMENT: assign(l, s); break;
  case STATEMENT_UNPACK: lower_unpack(l, s); break;
  case STATEMENT_TILDE: lower_tilde(l, s); break;
  case STATEMENT_TARGET: lower_target(l, s->value, false, false); break;
  case STATEMENT_JACOBIAN: lower_target(l, s->value, false, true); break;
  case STATEMENT_CALL: lower_void_call(l, s->value); break;
  case STATEMENT_FOR: lower_for(l, s); break;
  case STATEMENT_FOR_EACH: lower_for_each(l, s); break;
  case STATEMENT_WHILE: lower_while(l, s); break;
  case STATEMENT_IF: return lower_if(l, s, is_tail);
  case STATEMENT_BREAK: leave_to(l, l->break_label); return true;
  case STATEMENT_CONTINUE: leave_to(l, l->continue_label); return true;
  case STATEMENT_RETURN: lower_return(l, s->value, is_tail); return true;
  case STATEMENT_PRINT:
    if (!l->is_sizing) lower_items(l, s, IR_PRINT);
    break;
  case STATEMENT_REJECT:
  case STATEMENT_FATAL_ERROR: lower_items(l, s, IR_REJECT); break;
  case STATEMENT_PROFILE: return lower_profile(l, s);
  case STATEMENT_BLOCK: return lower_statements(l, s->block.body, is_tail);
  case STATEMENT_EMPTY: break;
  }
  return false;
}

bool lower_statements(lowering *l, const statement *list, bool is_tail) {
  location outer = l->b->location;
  bool left = false;
  for (const statement *s = list; s && !left; s = s->next) {
    if (!l->frame->is_library && s->location.file) l->b->location = s->location;
    const statement *next = s->next;
    while (next && next->kind == STATEMENT_EMPTY) next = next->next;
    left = lower_statement(l, s, is_tail && !next);
  }
  l->b->location = outer;
  return left;
}
