/* lower_call.c: calls. A function in stanlite is inlined: its parameters stand for the arguments' values, its returns go to
 * where the call's result is wanted. One that is applied over containers becomes a loop over its inlined body. */
#include <string.h>
#include "ir/lower_internal.h"
#include "ir/signatures.h"

/* Inlining can make a short program very long: each function may call another twice. From here on the program's own functions
 * are called; the library's, which never are, come to an end, unless the program's text is as long. */
enum { MAX_INLINED_IDS = 100000, MAX_IDS = 1000000, MAX_IDS_FOR_A_BYTE = 10 };

static bool is_too_large(const lowering *l) {
  size_t length = l->program->file->length;
  for (int i = 0; i < l->program->include_count; i++) length += l->program->includes[i]->length;
  return l->out->next_id > MAX_IDS && (size_t)l->out->next_id > length * MAX_IDS_FOR_A_BYTE;
}

/* ---- frames ---- */

void bind(lowering *l, variable *variable, value *v) {
  binding *old = arena_new(l->arena, binding);
  *old = (binding){variable, variable->lowered, l->frame->bindings};
  l->frame->bindings = old;
  variable->lowered = v;
}

void unbind(const frame *frame) {
  for (const binding *old = frame->bindings; old; old = old->next) old->variable->lowered = old->lowered;
}

/* A node that is asked for more than once, or draws random numbers, is computed before the call. */
static value *settled_argument(lowering *l, value *v, const char *name, int uses) {
  if (v->parts) {
    value **parts = arena_array(l->arena, value *, v->part_count);
    for (int i = 0; i < v->part_count; i++) parts[i] = settled_argument(l, v->parts[i], name, uses);
    return value_of_parts(l, v->type, parts);
  }
  if (v->dim_count > 0 && v->element && (v->is_impure || uses > 1)) v = value_materialise(l, v, name);
  v = value_retyped(l, v, v->type);
  v->owner = NULL;
  v->is_fresh = false;
  return v;
}

static void bind_parameters(lowering *l, const function *f, value **arguments) {
  for (int i = 0; i < f->parameter_count; i++) {
    variable *parameter = f->parameters[i];
    value *v = arguments[i];
    bool is_node = v->parts || (v->dim_count > 0 && v->element);
    v = settled_argument(l, v, parameter->name, is_node ? count_uses(f->body, parameter) : 1);
    bind(l, parameter, value_retyped(l, v, parameter->type));
  }
}

void run_function_body(lowering *l, const function *f) {
  frame *frame = l->frame;
  int break_label = l->break_label, continue_label = l->continue_label;
  const profiling *loop_profiling = l->loop_profiling;
  frame->profiling = l->profiling;
  location location = l->b->location;
  frame->return_label = -1;
  const statement *body = f->body->kind == STATEMENT_BLOCK ? f->body->block.body : f->body;
  if (has_early_return(body, true)) {
    ir_builder *outer = l->b, inner;
    frame->return_label = ir_scope(l->b, &inner)->label;
    l->b = &inner;
    lower_statements(l, body, true);
    l->b = outer;
  } else {
    lower_statements(l, body, true);
  }
  l->b->location = location;
  l->break_label = break_label;
  l->continue_label = continue_label;
  l->loop_profiling = loop_profiling;
}

/* Runs the function of the frame once without effects: its results' sizes are set. */
static void run_for_sizes(lowering *l, const function *f) {
  sizing sizing;
  sizing_open(l, &sizing);
  l->frame->sink = SINK_SIZES;
  run_function_body(l, f);
  l->frame->sink = SINK_VALUE;
  sizing_close(l, &sizing);
}

static void declare_result_sizes(lowering *l, const function *f, ir_operand *dims) {
  for (int d = 0; d < type_total_dimensions(f->result); d++) {
    l->frame->sizes[d] = ir_declare(l->b, "size", IR_INT, ir_int(0));
    dims[d] = ir_use(l->frame->sizes[d]);
  }
}

/* A function that returns a container from several places: its sizes are found first. */
static value *container_result(lowering *l, const function *f) {
  ir_operand dims[IR_MAX_DIMS];
  declare_result_sizes(l, f, dims);
  run_for_sizes(l, f);
  return value_allocate(l, f->name, f->result, dims, false);
}

/* Likewise of a tuple or complex number, part by part. */
static value *result_of_parts(lowering *l, const function *f) {
  frame *frame = l->frame;
  value *sizes = frame->part_sizes = declare_sizes(l, f->result);
  if (has_containers(f->result)) run_for_sizes(l, f);
  return declare_result(l, f->name, sizes);
}

static bool ends_with_its_only_return(const function *f) {
  const statement *body = f->body->kind == STATEMENT_BLOCK ? f->body->block.body : f->body;
  while (body && body->next) body = body->next;
  return body && body->kind == STATEMENT_RETURN && count_returns(f->body) == 1;
}

value *call_function(lowering *l, const function *f, value **arguments, sink_kind sink, bool is_negative,
                     bool may_drop) {
  if (!f->body) refuse(l, l->b->location, "`%s` is declared but not defined", f->name);
  if (is_too_large(l))
    refuse(
        l, l->b->location,
        "the program is too large: with all functions inlined it has a million operations, and more than ten for each "
        "byte of its text");
  bool is_large = l->out->next_id > MAX_INLINED_IDS && !f->is_library;
  if (f->is_recursive || is_large) return call_called_function(l, f, arguments, sink, is_negative);
  frame inner = {
      .function = f, .parent = l->frame, .is_library = f->is_library, .sink = sink, .is_negative = is_negative};
  inner.may_drop = may_drop;
  l->frame = &inner;
  bind_parameters(l, f, arguments);
  const char *outer = l->b->function;
  if (f->is_library && !outer) l->b->function = f->name;
  if (sink == SINK_VALUE && f->result->kind != TYPE_VOID) {
    inner.is_plain = ends_with_its_only_return(f);
    if (!inner.is_plain && type_has_parts(f->result))
      inner.result = result_of_parts(l, f);
    else if (!inner.is_plain && type_total_dimensions(f->result) > 0)
      inner.result = container_result(l, f);
    else if (!inner.is_plain)
      inner.result_variable = ir_declare(l->b, f->name, ir_type_of(f->result), ir_none());
  }
  run_function_body(l, f);
  l->b->function = outer;
  if (inner.result_variable) inner.result = value_scalar(l, f->result, ir_use(inner.result_variable));
  unbind(&inner);
  l->frame = inner.parent;
  return inner.result;
}

static void call_for_sizes(lowering *l, const function *f, value **arguments, ir_operand *dims) {
  frame inner = {.function = f, .parent = l->frame, .is_library = f->is_library};
  l->frame = &inner;
  bind_parameters(l, f, arguments);
  declare_result_sizes(l, f, dims);
  run_for_sizes(l, f);
  unbind(&inner);
  l->frame = inner.parent;
}

void lower_return(lowering *l, const expression *e, bool is_tail) {
  frame *frame = l->frame;
  if (e && frame->sink == SINK_TARGET) {
    lower_target(l, e, frame->is_negative, false);
  } else if (e && frame->is_called) {
    return_from_called(l, prepare(l, e));
  } else if (e && frame->is_plain) {
    value *v = prepare(l, e);
    if (v->parts) v = parts_handed_over(l, v, frame);
    if (v->buffer && v->owner == frame) {
      v = value_retyped(l, v, v->type);
      v->is_fresh = true;
    }
    frame->result = v;
  } else if (e) {
    value *v = prepare(l, e);
    if (frame->sink == SINK_SIZES && v->parts) {
      set_sizes(l, frame->part_sizes, v);
    } else if (v->parts) {
      store_parts(l, frame->result, v);
    } else if (frame->sink == SINK_SIZES) {
      for (int d = 0; d < v->dim_count; d++) ir_set(l->b, frame->sizes[d], v->dims[d]);
    } else if (frame->result_variable) {
      ir_set(l->b, frame->result_variable, frame->result_variable->type == IR_REAL ? as_real(l, v->scalar) : v->scalar);
    } else {
      check_same_shape(l, frame->result, v, frame->function->name);
      value_copy(l, frame->result, v);
    }
  }
  if (!is_tail) {
    stop_profiles(l, frame->profiling);
    ir_exit(l->b, frame->return_label);
  }
}

/* ---- applied over containers ---- */

static bool is_impure_function(const callee *callee) {
  if (callee->kind == CALLEE_INTRINSIC) return ir_ops[callee->id].flags & IR_IMPURE;
  if (callee->kind != CALLEE_FUNCTION) return false;
  size_t length = strlen(callee->function->name);
  return length > 4 && strcmp(callee->function->name + length - 4, "_rng") == 0;
}

static ir_operand apply_scalars(lowering *l, const value *v, ir_operand *x) {
  if (!v->function) {
    const char *signature = ir_ops[v->op].signature + 2;
    for (int i = 0; i < v->child_count; i++)
      if (signature[i] == 'r') x[i] = as_real(l, x[i]);
    return ir_let(l->b, NULL, v->op, x[0], x[1], x[2], x[3]);
  }
  value *arguments[IR_MAX_DIMS];
  for (int i = 0; i < v->child_count; i++)
    arguments[i] = value_scalar(l, v->function->parameters[i]->type,
                                v->function->parameters[i]->type->kind == TYPE_REAL ? as_real(l, x[i]) : x[i]);
  return call_function(l, v->function, arguments, SINK_VALUE, false, false)->scalar;
}

static ir_operand applied_element(lowering *l, const value *v, const place *at) {
  ir_operand x[IR_MAX_DIMS] = {{0}};
  for (int i = 0; i < v->child_count; i++) x[i] = value_element(l, v->children[i], at);
  return apply_scalars(l, v, x);
}

value *apply_elementwise(lowering *l, const callee *callee, const type *t, value **arguments, int count) {
  const value *shape = NULL;
  if (count > IR_MAX_DIMS) refuse(l, l->b->location, "more than %d arguments cannot be compiled", IR_MAX_DIMS);
  for (int i = 0; i < count; i++) {
    if (arguments[i]->dim_count == 0) continue;
    const char *name = callee->kind == CALLEE_FUNCTION ? callee->function->name : ir_ops[callee->id].name;
    if (shape)
      check_same_shape(l, shape, arguments[i], name);
    else
      shape = arguments[i];
  }
  if (!shape) shape = value_int(l, ir_int(0));
  value *v = value_map(l, t, callee->kind == CALLEE_INTRINSIC ? (ir_op)callee->id : 0, shape, count, arguments);
  v->element = applied_element;
  v->function = callee->kind == CALLEE_FUNCTION ? callee->function : NULL;
  v->is_impure |= is_impure_function(callee);
  if (shape->dim_count == 0) return value_scalar(l, t, applied_element(l, v, &(place){.is_flat = false}));
  return v->is_impure ? value_materialise(l, v, NULL) : v;
}

value *row_argument(lowering *l, value *argument, const type *parameter, const place *at) {
  int excess = argument->dim_count - type_total_dimensions(parameter);
  if (excess <= 0) return argument;
  value *row = value_slice(l, argument, parameter, at->at, excess);
  return row->dim_count == 0 && parameter->kind == TYPE_REAL ? value_real(l, row->scalar) : row;
}

rows rows_of(lowering *l, const function *f, value **arguments, int count) {
  rows rows = {.dim_count = 0, .type = &type_real};
  for (int i = 0; i < count; i++) {
    int excess = arguments[i]->dim_count - type_total_dimensions(f->parameters[i]->type);
    if (excess <= 0) continue;
    if (arguments[i]->is_impure) arguments[i] = value_materialise(l, arguments[i], NULL);
    if (!rows.shape) {
      rows.shape = arguments[i];
      rows.dim_count = excess;
      rows.type = type_array_of(l->arena, &type_real, excess);
    } else {
      for (int d = 0; d < excess && d < rows.dim_count; d++)
        check_same_size(l, rows.shape->dims[d], arguments[i]->dims[d],
                        arena_printf(l->arena, "%s: sizes of arguments must be equal, but are %%ld and %%ld", f->name));
    }
  }
  return rows;
}

static bool has_suffix_of(const char *name, const char *suffix) {
  size_t length = strlen(name), suffix_length = strlen(suffix);
  return length > suffix_length && strcmp(name + length - suffix_length, suffix) == 0;
}

/* A density over rows: the results are summed, into target or into an accumulator; of a _cdf they are multiplied. */
value *call_density(lowering *l, const callee *callee, value **arguments, int count, sink_kind sink, bool is_negative) {
  const function *f = callee->function;
  bool may_drop = l->frame->may_drop && (callee->unnormalised || l->frame->is_library);
  if (!callee->vectorised) return call_function(l, f, arguments, sink, is_negative, may_drop);
  rows rows = rows_of(l, f, arguments, count);
  /* Arguments that every row is given whole are evaluated once. */
  for (int i = 0; i < count; i++)
    if (arguments[i]->dim_count > 0 && arguments[i]->dim_count == type_total_dimensions(f->parameters[i]->type))
      arguments[i] = value_settled(l, arguments[i]);
  bool multiplies = has_suffix_of(f->name, "_cdf");
  ir_variable *sum = NULL;
  if (sink == SINK_VALUE) sum = ir_declare(l->b, NULL, IR_REAL, ir_real(multiplies));
  value **row = arena_array(l->arena, value *, count + 1);
  loops loops;
  loops_open(l, &loops, rows.type, rows.shape->dims, false, !multiplies);
  for (int i = 0; i < count; i++) row[i] = row_argument(l, arguments[i], f->parameters[i]->type, &loops.place);
  value *v = call_function(l, f, row, sink, is_negative, may_drop);
  if (sum && multiplies)
    ir_set(l->b, sum, ir_let2(l->b, IR_OP_MULTIPLY, ir_use(sum), v->scalar));
  else if (sum)
    ir_add(l->b, sum, v->scalar);
  loops_close(l, &loops);
  return sum ? value_real(l, ir_use(sum)) : NULL;
}

/* Zeros, and the identity, which every function of matrices takes. */
static ir_operand sample_element(lowering *l, const value *v, const place *at) {
  if (ir_type_of(v->type) == IR_INT) return ir_int(0);
  if (v->type->kind != TYPE_MATRIX) return ir_real(0);
  return as_real(l, ir_let2(l->b, IR_OP_INT_EQUAL, at->at[0], at->at[1]));
}

/* The sizes of the container that f returns for one row, found without a row: there may be none. */
static void sizes_of_row(lowering *l, const function *f, value **arguments, int count, ir_operand *dims) {
  value **row = arena_array(l->arena, value *, count + 1);
  for (int i = 0; i < count; i++) {
    const type *t = f->parameters[i]->type;
    int excess = arguments[i]->dim_count - type_total_dimensions(t);
    row[i] = arguments[i];
    if (excess <= 0) continue;
    row[i] = value_node(l, t, arguments[i]->dims + excess, sample_element, 0);
    if (row[i]->dim_count == 0) row[i] = value_scalar(l, t, sample_element(l, row[i], NULL));
  }
  bool was_sample = l->is_sample;
  l->is_sample = true;
  call_for_sizes(l, f, row, dims);
  l->is_sample = was_sample;
}

/* Row by row: the results make an array, or of scalar transforms a container like their arguments. */
static value *call_rows(lowering *l, const function *f, const type *t, value **arguments, int count, bool is_parallel) {
  rows rows = rows_of(l, f, arguments, count);
  for (int i = 0; i < count; i++) arguments[i] = value_settled(l, arguments[i]);
  int inner = type_total_dimensions(f->result);
  bool is_like_shape = inner == 0 && rows.dim_count == rows.shape->dim_count;
  ir_operand dims[IR_MAX_DIMS];
  memcpy(dims, rows.shape->dims, sizeof dims);
  if (inner > 0) sizes_of_row(l, f, arguments, count, dims + rows.dim_count);
  value *result = value_allocate(l, NULL, t, dims, false), **row = arena_array(l->arena, value *, count + 1);
  loops loops;
  loops_open(l, &loops, is_like_shape ? rows.shape->type : rows.type, dims, false, is_parallel);
  for (int i = 0; i < count; i++) row[i] = row_argument(l, arguments[i], f->parameters[i]->type, &loops.place);
  value *one = call_function(l, f, row, SINK_VALUE, false, false);
  if (inner == 0)
    value_store(l, result, &loops.place, one->scalar);
  else
    value_copy(l, value_slice(l, result, f->result, loops.place.at, rows.dim_count), one);
  loops_close(l, &loops);
  return result;
}

/* ---- call expressions ---- */

static value **prepare_arguments(lowering *l, const expression *e) {
  value **arguments = arena_array(l->arena, value *, e->call.arguments.count + 1);
  for (int i = 0; i < e->call.arguments.count; i++) {
    arguments[i] = prepare(l, strip(e->call.arguments.items[i]));
  }
  return arguments;
}

static value *call_transform(lowering *l, const callee *callee, const type *t, value **arguments, int count) {
  bool left_out = l->leaves_out_jacobian;
  l->leaves_out_jacobian |= callee->leaves_out_jacobian;
  value *v = callee->vectorised ? call_rows(l, callee->function, t, arguments, count, true)
                                : call_function(l, callee->function, arguments, SINK_VALUE, false, false);
  l->leaves_out_jacobian = left_out;
  return v;
}

value *prepare_call(lowering *l, const expression *e) {
  const callee *callee = &e->call.callee;
  int count = e->call.arguments.count;
  if (callee->kind == CALLEE_UNRESOLVED) refuse(l, e->location, "`%s` cannot be compiled yet", e->call.name);
  if (callee->kind == CALLEE_HIGHER_ORDER) return prepare_higher_order(l, e);
  value **arguments = prepare_arguments(l, e);
  if (callee->kind == CALLEE_BUILTIN) return prepare_builtin(l, e, callee->id, arguments, count);
  if (callee->kind == CALLEE_INTRINSIC) return apply_elementwise(l, callee, e->type, arguments, count);
  const function *f = callee->function;
  value *v;
  if (sums_over_rows(f->name))
    v = call_density(l, callee, arguments, count, SINK_VALUE, false);
  else if (is_transform(f))
    v = call_transform(l, callee, e->type, arguments, count);
  else if (!callee->vectorised)
    v = call_function(l, f, arguments, SINK_VALUE, false, false);
  else if (has_suffix_of(f->name, "_rng"))
    v = call_rows(l, f, e->type, arguments, count, false);
  else
    v = apply_elementwise(l, callee, e->type, arguments, count);
  return value_retyped(l, v, e->type);
}

void lower_void_call(lowering *l, const expression *e) {
  e = strip(e);
  const callee *callee = &e->call.callee;
  if (callee->kind == CALLEE_BUILTIN && l->frame->is_library) {
    lower_library_check(l, e, prepare_arguments(l, e));
    return;
  }
  if (callee->kind != CALLEE_FUNCTION) refuse(l, e->location, "`%s` cannot be compiled yet", e->call.name);
  call_function(l, callee->function, prepare_arguments(l, e), SINK_VALUE, false, l->frame->may_drop);
}

function *require_library(lowering *l, location location, const char *name, const type *const *arguments, int count) {
  function *f = library_function(l->arena, l->library, name, arguments, count, l->messages);
  if (!f) refuse(l, location, "this cannot be compiled yet: the library has no `%s`", name);
  return f;
}

/* ---- target ---- */

static void add_summand(lowering *l, ir_operand x, bool is_negative, bool is_jacobian) {
  x = as_real(l, x);
  if (is_negative) x = ir_let1(l->b, IR_OP_NEGATE, x);
  if (x.kind == IR_CONSTANT_REAL && x.real_value == 0) return;
  bool is_droppable = l->frame->is_library && l->frame->may_drop && !is_jacobian;
  add_target(l, x, is_droppable, is_jacobian);
}

static bool is_real_scalar(const expression *e) { return e->type->kind == TYPE_REAL || e->type->kind == TYPE_INT; }

/* The values whose sum e is. */
static value *prepare_summands(lowering *l, const expression *e) {
  bool is_builtin = e->kind == EXPRESSION_CALL && e->call.callee.kind == CALLEE_BUILTIN && e->type->kind == TYPE_REAL;
  if (is_builtin && e->call.callee.id == BUILTIN_SUM) return prepare(l, e->call.arguments.items[0]);
  if (is_builtin && e->call.callee.id == BUILTIN_DOT_PRODUCT) {
    value *x = prepare(l, e->call.arguments.items[0]);
    return products_of(l, x, prepare(l, e->call.arguments.items[1]));
  }
  if (e->kind == EXPRESSION_BINARY && e->operation.op == OP_MULTIPLY &&
      e->operation.left->type->kind == TYPE_ROW_VECTOR && e->operation.right->type->kind == TYPE_VECTOR) {
    value *x = prepare(l, e->operation.left);
    return products_of(l, x, prepare(l, e->operation.right));
  }
  return prepare(l, e);
}

/* target += e, taken apart over its summands; a density inside adds its own summands, row by row. */
void lower_target(lowering *l, const expression *e, bool is_negative, bool is_jacobian) {
  if (l->is_sizing || !l->counts_target || (is_jacobian && l->leaves_out_jacobian)) return;
  e = strip(e);
  if (e->kind == EXPRESSION_BINARY && is_real_scalar(e) && is_real_scalar(e->operation.left) &&
      is_real_scalar(e->operation.right) && (e->operation.op == OP_ADD || e->operation.op == OP_SUBTRACT) &&
      e->type->kind == TYPE_REAL) {
    lower_target(l, e->operation.left, is_negative, is_jacobian);
    lower_target(l, e->operation.right, is_negative != (e->operation.op == OP_SUBTRACT), is_jacobian);
    return;
  }
  if (e->kind == EXPRESSION_UNARY && e->operation.op == OP_NEGATE && e->type->kind == TYPE_REAL &&
      strip(e->operation.left)->kind != EXPRESSION_REAL) {
    lower_target(l, e->operation.left, !is_negative, is_jacobian);
    return;
  }
  if (e->kind == EXPRESSION_CALL && e->call.callee.kind == CALLEE_FUNCTION && !is_jacobian &&
      sums_over_rows(e->call.callee.function->name) && !has_suffix_of(e->call.callee.function->name, "_cdf")) {
    location outer = l->b->location;
    if (!l->frame->is_library && e->location.file) l->b->location = e->location;
    call_density(l, &e->call.callee, prepare_arguments(l, e), e->call.arguments.count, SINK_TARGET, is_negative);
    l->b->location = outer;
    return;
  }
  if (is_partial_sum(e) && !is_jacobian) {
    lower_partial_sum_into_target(l, e, is_negative);
    return;
  }
  value *v = prepare_summands(l, e);
  loops loops;
  loops_over(l, &loops, v, true);
  add_summand(l, value_element(l, v, &loops.place), is_negative, is_jacobian);
  loops_close(l, &loops);
}
