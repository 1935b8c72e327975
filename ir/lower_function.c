/* lower_function.c: functions of the program that are called instead of inlined: those that call themselves, and those that are
 * met when enough has been inlined.
 *
 * What a call hands over is packed by kind (packing): all scalars and sizes in two buffers, ints and reals, then containers,
 * each in its own buffer for as long as there is room, the rest behind the scalars. The function's body unpacks in the same
 * order. Ints that come back (sizes and int results) and reals that come back (a real result, what the function adds to
 * target) have a buffer each; a container is the call's `result` (ir_function). Inside, target is a variable: what the body
 * adds to it is returned, and the caller adds that. */
#include <string.h>
#include "ir/lower_internal.h"
#include "ir/promotion.h"

/* ---- packing ---- */

static bool is_container(const value *v) { return v->dim_count > 0; }

static pack_kind kind_of(const packed *p, int which) {
  if (ir_type_of(p->values[which]->type) == IR_INT) return PACK_INTS;
  return p->is_data && p->is_data[which] ? PACK_DATA : PACK_REALS;
}

packed pack_layout(lowering *l, value **values, int count, int room) {
  packed p = {.values = values, .count = count, .is_direct = arena_array(l->arena, bool, count + 1)};
  for (int i = 0; i < count; i++) {
    p.is_direct[i] = is_container(values[i]) && room > 0;
    room -= p.is_direct[i];
    p.scalars[PACK_INTS] += values[i]->dim_count;
    if (!is_container(values[i])) p.scalars[kind_of(&p, i)]++;
    if (!p.is_direct[i]) p.has[kind_of(&p, i)] = true;
  }
  p.has[PACK_INTS] = p.has[PACK_INTS] || p.scalars[PACK_INTS] > 0;
  return p;
}

packed pack_layout_apart(lowering *l, value **values, const bool *is_data, int count) {
  packed p = {
      .values = values, .is_data = is_data, .count = count, .is_direct = arena_array(l->arena, bool, count + 1)};
  for (int i = 0; i < count; i++) {
    p.scalars[PACK_INTS] += values[i]->dim_count;
    if (!is_container(values[i])) p.scalars[kind_of(&p, i)]++;
  }
  for (int kind = 0; kind < PACK_KINDS; kind++) p.has[kind] = true;
  return p;
}

/* A buffer that nothing else in the call stands for: adjoints of two inputs may not share memory. */
static ir_buffer *own_buffer(lowering *l, const packed *p, int which) {
  value *v = value_whole(l, p->values[which]);
  for (int i = 0; i < which; i++)
    if (p->is_direct[i] && p->buffers[i] == v->buffer) v = value_materialise(l, v, NULL);
  return v->buffer;
}

static ir_buffer *allocate(lowering *l, const char *name, pack_kind kind, ir_operand size) {
  if (size.kind == IR_VARIABLE && size.variable->is_mutable) size = ir_let1(l->b, IR_OP_INT_COPY, size);
  ir_buffer *buffer = ir_alloc(l->b, name, kind == PACK_INTS ? IR_INT : IR_REAL, size, false);
  buffer->is_written_once = true;
  return buffer;
}

void pack(lowering *l, packed *p) {
  ir_operand at[PACK_KINDS];
  for (int kind = 0; kind < PACK_KINDS; kind++) p->sizes[kind] = at[kind] = ir_int(p->scalars[kind]);
  p->buffers = arena_array(l->arena, ir_buffer *, p->count + 1);
  for (int i = 0; i < p->count; i++) {
    value *v = p->values[i];
    if (p->is_direct[i]) p->buffers[i] = own_buffer(l, p, i);
    if (!is_container(v) || p->is_direct[i]) continue;
    p->values[i] = v = value_settled(l, v);
    p->sizes[kind_of(p, i)] = int_add(l, p->sizes[kind_of(p, i)], value_size(l, v));
  }
  static const char *const names[] = {"ints", "reals", "data_reals"};
  for (int kind = 0; kind < PACK_KINDS; kind++)
    if (p->has[kind]) p->packs[kind] = allocate(l, names[kind], (pack_kind)kind, p->sizes[kind]);
  int next[PACK_KINDS] = {0};
  for (int i = 0; i < p->count; i++) {
    const value *v = p->values[i];
    for (int d = 0; d < v->dim_count; d++) ir_store(l->b, p->packs[PACK_INTS], ir_int(next[PACK_INTS]++), v->dims[d]);
    if (is_container(v)) continue;
    pack_kind kind = kind_of(p, i);
    ir_store(l->b, p->packs[kind], ir_int(next[kind]++), kind == PACK_INTS ? v->scalar : as_real(l, v->scalar));
  }
  for (int i = 0; i < p->count; i++) {
    value *v = p->values[i];
    if (!is_container(v) || p->is_direct[i]) continue;
    pack_kind kind = kind_of(p, i);
    value_copy(l, value_view(l, v->type, p->packs[kind], at[kind], v->dims), v);
    at[kind] = int_add(l, at[kind], value_size(l, v));
  }
}

void unpack(lowering *l, const packed *p, ir_buffer *const *packs, ir_buffer *const *direct, value **values,
            const type *const *types, const char *const *names) {
  int next[PACK_KINDS] = {0};
  for (int i = 0; i < p->count; i++) {
    int dim_count = type_total_dimensions(types[i]);
    pack_kind kind = kind_of(p, i);
    if (dim_count == 0) {
      values[i] = value_scalar(l, types[i], ir_load(l->b, names[i], packs[kind], ir_int(next[kind]++)));
      continue;
    }
    ir_operand dims[IR_MAX_DIMS];
    for (int d = 0; d < dim_count; d++) dims[d] = ir_load(l->b, NULL, packs[PACK_INTS], ir_int(next[PACK_INTS]++));
    values[i] = value_view(l, types[i], p->is_direct[i] ? *direct++ : packs[kind], ir_int(0), dims);
    values[i]->name = names[i];
  }
  ir_operand at[PACK_KINDS];
  for (int kind = 0; kind < PACK_KINDS; kind++) at[kind] = ir_int(p->scalars[kind]);
  for (int i = 0; i < p->count; i++) {
    if (!is_container(values[i]) || p->is_direct[i]) continue;
    pack_kind kind = kind_of(p, i);
    values[i]->offset = at[kind];
    at[kind] = int_add(l, at[kind], value_size(l, values[i]));
  }
}

/* ---- the function ---- */

enum { ROOM = IR_MAX_KERNEL_BUFFERS - 2 };

/* What comes back beside a container. */
typedef struct returned {
  int ints; /* sizes of the container, or an int */
  bool is_real;
  int target, jacobian, reals; /* places in the reals; -1: none */
} returned;

static bool ends_in(const char *name, const char *suffix) {
  size_t length = strlen(name), suffix_length = strlen(suffix);
  return length > suffix_length && strcmp(name + length - suffix_length, suffix) == 0;
}

static returned returned_by(const function *f) {
  returned r = {.target = -1, .jacobian = -1};
  int dim_count = f->result->kind == TYPE_VOID ? 0 : type_total_dimensions(f->result);
  bool is_scalar = f->result->kind != TYPE_VOID && dim_count == 0;
  r.is_real = is_scalar && ir_type_of(f->result) == IR_REAL;
  r.ints = dim_count > 0 ? dim_count : is_scalar && !r.is_real;
  r.reals = r.is_real;
  if (ends_in(f->name, "_lp")) r.target = r.reals++;
  if (ends_in(f->name, "_jacobian")) r.jacobian = r.reals++;
  return r;
}

/* A function that adds to target may read it: it is handed what target is at its beginning. */
static bool reads_target(const lowering *l, const function *f) {
  return l->program->reads_target && ends_in(f->name, "_lp");
}

void enter_called(lowering *l, lowering *outer, ir_builder *body, frame *inner, const function *f,
                  const ir_function *called) {
  *outer = *l;
  *body = (ir_builder){.program = l->out, .block = called->body, .location = l->b->location};
  *inner = (frame){.function = f, .parent = l->frame, .is_library = f->is_library, .sink = SINK_VALUE};
  l->b = body;
  l->frame = inner;
  l->is_sizing = false;
  l->counts_target = true;
  l->target_part = l->jacobian_part = NULL;
  l->target_before = ir_none();
}

void leave_called(lowering *l, const lowering *outer) {
  l->b = outer->b;
  l->frame = outer->frame;
  l->is_sizing = outer->is_sizing;
  l->counts_target = outer->counts_target;
  l->target_part = outer->target_part;
  l->jacobian_part = outer->jacobian_part;
  l->target_before = outer->target_before;
}

static void lower_body(lowering *l, const function *f, ir_function *called, const packed *p) {
  ir_builder body;
  frame frame;
  lowering outer;
  enter_called(l, &outer, &body, &frame, f, called);
  int count = f->parameter_count;
  value **values = arena_array(l->arena, value *, p->count + 1);
  const type **types = arena_array(l->arena, const type *, p->count + 1);
  const char **names = arena_array(l->arena, const char *, p->count + 1);
  for (int i = 0; i < p->count; i++) {
    types[i] = i < count ? f->parameters[i]->type : &type_real;
    names[i] = i < count ? f->parameters[i]->name : "target_before";
  }
  ir_buffer **inputs = called->inputs;
  ir_buffer *packs[PACK_KINDS] = {NULL};
  for (int kind = 0; kind < PACK_KINDS; kind++)
    if (p->has[kind]) packs[kind] = *inputs++;
  unpack(l, p, packs, inputs, values, types, names);
  for (int i = 0; i < count; i++) bind(l, f->parameters[i], values[i]);
  returned r = returned_by(f);
  l->target_part = r.target >= 0 ? ir_declare(l->b, "target_part", IR_REAL, ir_real(0)) : NULL;
  l->jacobian_part = r.jacobian >= 0 ? ir_declare(l->b, "jacobian_part", IR_REAL, ir_real(0)) : NULL;
  l->target_before = reads_target(l, f) ? values[count]->scalar : ir_none();
  frame.is_called = true;
  int dim_count = f->result->kind == TYPE_VOID ? 0 : type_total_dimensions(f->result);
  for (int d = 0; d < dim_count; d++) frame.sizes[d] = ir_declare(l->b, "size", IR_INT, ir_int(0));
  if (f->result->kind != TYPE_VOID && dim_count == 0)
    frame.result_variable = ir_declare(l->b, f->name, ir_type_of(f->result), ir_none());
  run_function_body(l, f);
  ir_buffer **outputs = called->outputs;
  ir_buffer *ints_back = r.ints ? *outputs++ : NULL, *reals_back = r.reals ? *outputs++ : NULL;
  for (int d = 0; d < dim_count; d++) ir_store(l->b, ints_back, ir_int(d), ir_use(frame.sizes[d]));
  if (frame.result_variable)
    ir_store(l->b, r.is_real ? reals_back : ints_back, ir_int(0), ir_use(frame.result_variable));
  if (r.target >= 0) ir_store(l->b, reals_back, ir_int(r.target), ir_use(l->target_part));
  if (r.jacobian >= 0) ir_store(l->b, reals_back, ir_int(r.jacobian), ir_use(l->jacobian_part));
  unbind(&frame);
  leave_called(l, &outer);
}

/* Whether the function, or what it calls, draws or prints: asked by name and by what its lowered body holds. */
static bool is_impure_block(const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_PRINT || (s->kind == IR_LET && (ir_ops[s->op].flags & IR_IMPURE))) return true;
    if (s->kind == IR_KERNEL_CALL && s->function && s->function->is_impure) return true;
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;)
      if (is_impure_block(nested[j])) return true;
  }
  return false;
}

static ir_function *called_function(lowering *l, const function *f, const packed *p) {
  for (int i = 0; i < l->called.count; i++)
    if (l->called.items[i].function == f) return l->called.items[i].ir;
  ir_function *called = ir_function_create(l->out, f->name, f->location);
  called->is_impure = true; /* until its body says otherwise: it may call itself */
  called_entry entry = {f, called};
  arena_push(l->arena, &l->called, entry);
  returned r = returned_by(f);
  if (r.ints) ir_function_output(l->out, called, "ints_back", IR_INT)->is_written_once = true;
  if (r.reals) ir_function_output(l->out, called, "reals_back", IR_REAL)->is_written_once = true;
  if (f->result->kind != TYPE_VOID && type_total_dimensions(f->result) > 0)
    called->result = ir_function_output(l->out, called, "result", ir_type_of(f->result));
  if (p->has[PACK_INTS]) ir_function_input(l->out, called, "ints", IR_INT);
  if (p->has[PACK_REALS]) ir_function_input(l->out, called, "reals", IR_REAL);
  for (int i = 0; i < f->parameter_count; i++)
    if (p->is_direct[i]) ir_function_input(l->out, called, f->parameters[i]->name, ir_type_of(f->parameters[i]->type));
  lower_body(l, f, called, p);
  return called;
}

/* The first type that is neither packed nor returned; NULL: none. */
static const type *first_misfit(const function *f) {
  for (int i = -1; i < f->parameter_count; i++) {
    const type *t = i < 0 ? f->result : f->parameters[i]->type, *inner = type_innermost(t);
    if (inner->kind == TYPE_TUPLE || type_is_complex(inner)) return t;
  }
  return NULL;
}

bool can_be_called(const function *f) { return !first_misfit(f); }

value *call_called_function(lowering *l, const function *f, value **arguments, sink_kind sink, bool is_negative) {
  const type *misfit = first_misfit(f);
  if (misfit)
    refuse(l, f->location, "`%s` calls itself: such a function cannot take or return %s yet", f->name,
           type_name(l->arena, misfit));
  bool with_target = reads_target(l, f);
  int count = f->parameter_count + with_target;
  value **values = arena_array(l->arena, value *, count + 1);
  for (int i = 0; i < f->parameter_count; i++) values[i] = value_retyped(l, arguments[i], f->parameters[i]->type);
  if (with_target) values[count - 1] = value_real(l, l->counts_target ? target_so_far(l) : ir_real(0));
  packed p = pack_layout(l, values, count, ROOM);
  ir_function *called = called_function(l, f, &p);
  pack(l, &p);
  returned r = returned_by(f);
  ir_buffer *outputs[IR_MAX_KERNEL_BUFFERS], *ints = NULL, *reals = NULL;
  int output_count = 0;
  if (r.ints) outputs[output_count++] = ints = ir_alloc(l->b, "ints_back", IR_INT, ir_int(r.ints), false);
  if (r.reals) outputs[output_count++] = reals = ir_alloc(l->b, "reals_back", IR_REAL, ir_int(r.reals), false);
  ir_statement *call = ir_function_call(l->b, called);
  memcpy(call->call->outputs, outputs, sizeof *outputs * (size_t)output_count);
  int input_count = 0;
  for (int kind = 0; kind < PACK_KINDS; kind++)
    if (p.has[kind]) call->call->inputs[input_count++] = p.packs[kind];
  for (int i = 0; i < count; i++)
    if (p.is_direct[i]) call->call->inputs[input_count++] = p.buffers[i];
  value *result = NULL;
  if (called->result) {
    ir_operand dims[IR_MAX_DIMS];
    for (int d = 0; d < r.ints; d++) dims[d] = ir_load(l->b, NULL, ints, ir_int(d));
    ir_operand size = product_of(l, dims, r.ints);
    ir_buffer *buffer = ir_alloc(l->b, f->name, ir_type_of(f->result), size, false);
    l->b->block->items[l->b->block->count - 1]->is_result = true;
    call->call->outputs[output_count] = buffer;
    result = value_view(l, f->result, buffer, ir_int(0), dims);
    result->is_fresh = true;
  } else if (f->result->kind != TYPE_VOID) {
    result = value_scalar(l, f->result, ir_load(l->b, f->name, r.is_real ? reals : ints, ir_int(0)));
  }
  if (l->counts_target && !l->is_sizing) {
    if (r.target >= 0) add_target(l, ir_load(l->b, NULL, reals, ir_int(r.target)), false, false);
    if (r.jacobian >= 0) add_target(l, ir_load(l->b, NULL, reals, ir_int(r.jacobian)), false, true);
    if (sink == SINK_TARGET) {
      ir_operand x = result->scalar;
      add_target(l, is_negative ? ir_let1(l->b, IR_OP_NEGATE, x) : x, false, false);
    }
  }
  return result;
}

/* The bodies are lowered: what they print and draw is known now. Calls among them are followed to a fixed point. */
void settle_called_functions(lowering *l) {
  for (int i = 0; i < l->called.count; i++) l->called.items[i].ir->is_impure = false;
  for (bool changed = true; changed;) {
    changed = false;
    for (int i = 0; i < l->out->functions.count; i++) {
      ir_function *f = l->out->functions.items[i];
      if (f->is_impure || !is_impure_block(f->body)) continue;
      f->is_impure = changed = true;
    }
  }
}

/* ---- return in a called function ---- */

void return_from_called(lowering *l, value *v) {
  frame *frame = l->frame;
  if (v->dim_count == 0) {
    ir_set(l->b, frame->result_variable, frame->result_variable->type == IR_REAL ? as_real(l, v->scalar) : v->scalar);
    return;
  }
  for (int d = 0; d < v->dim_count; d++) ir_set(l->b, frame->sizes[d], v->dims[d]);
  v = value_materialise(l, v, "result"); /* its adjoint is not its own: nothing else may name it */
  ir_append(l->b, IR_RETURN)->buffer = v->buffer;
}

/* ---- target ---- */

void add_target(lowering *l, ir_operand x, bool is_droppable, bool is_jacobian) {
  if (!l->target_part && !l->jacobian_part) {
    ir_target(l->b, x, is_droppable, is_jacobian);
  } else if (is_jacobian && !l->jacobian_part) { /* of log_density, where target is read */
    ir_operand factor = ir_let1(l->b, IR_OP_TO_REAL, ir_use(l->out->jacobian));
    ir_add(l->b, l->target_part, ir_let2(l->b, IR_OP_MULTIPLY, x, factor));
  } else {
    ir_add(l->b, is_jacobian ? l->jacobian_part : l->target_part, x);
  }
}

ir_operand target_so_far(lowering *l) {
  if (!l->target_part) return ir_real(0);
  ir_operand part = ir_let1(l->b, IR_OP_COPY, ir_use(l->target_part));
  return l->target_before.kind == IR_NONE ? part : ir_let2(l->b, IR_OP_ADD, l->target_before, part);
}
