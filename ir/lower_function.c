/* lower_function.c: functions of the program that are called instead of inlined: those that call themselves, and those that are
 * met when enough has been inlined.
 *
 * What a call hands over is packed by kind (packing): all scalars and sizes in two buffers, ints and reals, then containers,
 * each in its own buffer for as long as there is room, the rest behind the scalars. The function's body unpacks in the same
 * order. Ints that come back (sizes and int results) and reals that come back (a real result, what the function adds to
 * target) have a buffer each; a container is the call's `result` (ir_function). Tuples and complex numbers go by their parts;
 * where a result has several containers, these stand one behind the other in the `result`. Inside, target is a variable: what
 * the body adds to it is returned, and the caller adds that. */
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
  packed p = {.values = values,
              .is_data = is_data,
              .knows_constants = true,
              .count = count,
              .is_direct = arena_array(l->arena, bool, count + 1)};
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

static bool is_constant(ir_operand o) { return o.kind == IR_CONSTANT_INT || o.kind == IR_CONSTANT_REAL; }

/* What the call passed, where it is a constant and the function may know; else what stands in the pack. */
static ir_operand unpack_one(lowering *l, const packed *p, const char *name, ir_operand passed, ir_buffer *pack,
                             int at) {
  return p->knows_constants && is_constant(passed) ? passed : ir_load(l->b, name, pack, ir_int(at));
}

bool same_constants(value *const *a, value *const *b, int count) {
  for (int i = 0; i < count; i++)
    for (int d = 0; d < (is_container(a[i]) ? a[i]->dim_count : 1); d++) {
      ir_operand x = is_container(a[i]) ? a[i]->dims[d] : a[i]->scalar;
      ir_operand y = is_container(b[i]) ? b[i]->dims[d] : b[i]->scalar;
      if (is_constant(x) != is_constant(y)) return false;
      if (is_constant(x) && !ir_same(x, y)) return false;
    }
  return true;
}

void unpack(lowering *l, const packed *p, ir_buffer *const *packs, ir_buffer *const *direct, value **values,
            const type *const *types, const char *const *names) {
  int next[PACK_KINDS] = {0};
  for (int i = 0; i < p->count; i++) {
    int dim_count = type_total_dimensions(types[i]);
    pack_kind kind = kind_of(p, i);
    if (dim_count == 0) {
      ir_operand passed = p->values[i]->scalar;
      if (ir_operand_type(passed) != ir_type_of(types[i])) passed = (ir_operand){0};
      values[i] = value_scalar(l, types[i], unpack_one(l, p, names[i], passed, packs[kind], next[kind]++));
      continue;
    }
    ir_operand dims[IR_MAX_DIMS];
    for (int d = 0; d < dim_count; d++)
      dims[d] = unpack_one(l, p, NULL, p->values[i]->dims[d], packs[PACK_INTS], next[PACK_INTS]++);
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

void collect_parameters(lowering *l, const function *f, int first, plain_parameters *all) {
  for (int i = first; i < f->parameter_count; i++) {
    collect_leaf_types(l, f->parameters[i]->type, &all->types);
    while (all->names.count < all->types.count) arena_push(l->arena, &all->names, f->parameters[i]->name);
  }
}

/* What comes back: of each plain value in the result the number, or the sizes of a container; then what is added to target. */
typedef struct returned {
  leaf_types leaves;
  int containers;
  int ints;
  int target, jacobian, reals; /* places in the reals; -1: none */
} returned;

static bool ends_in(const char *name, const char *suffix) {
  size_t length = strlen(name), suffix_length = strlen(suffix);
  return length > suffix_length && strcmp(name + length - suffix_length, suffix) == 0;
}

static returned returned_by(lowering *l, const function *f) {
  returned r = {.target = -1, .jacobian = -1};
  if (f->result->kind != TYPE_VOID) collect_leaf_types(l, f->result, &r.leaves);
  for (int i = 0; i < r.leaves.count; i++) {
    int dim_count = type_total_dimensions(r.leaves.items[i]);
    bool is_int = ir_type_of(r.leaves.items[i]) == IR_INT;
    r.containers += dim_count > 0;
    r.ints += dim_count > 0 ? dim_count : is_int;
    r.reals += dim_count == 0 && !is_int;
  }
  if (ends_in(f->name, "_lp")) r.target = r.reals++;
  if (ends_in(f->name, "_jacobian")) r.jacobian = r.reals++;
  return r;
}

/* A container comes back as it is; several of them behind each other, as reals. */
static ir_type result_type(const returned *r) {
  for (int i = 0; r->containers == 1 && i < r->leaves.count; i++)
    if (type_total_dimensions(r->leaves.items[i]) > 0) return ir_type_of(r->leaves.items[i]);
  return IR_REAL;
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

static void lower_body(lowering *l, const function *f, ir_function *called, const packed *p, const returned *r) {
  ir_builder body;
  frame frame;
  lowering outer;
  enter_called(l, &outer, &body, &frame, f, called);
  value **values = arena_array(l->arena, value *, p->count + 1);
  plain_parameters plain = {0};
  collect_parameters(l, f, 0, &plain);
  bool with_target = plain.types.count < p->count;
  if (with_target) {
    arena_push(l->arena, &plain.types, &type_real);
    arena_push(l->arena, &plain.names, "target_before");
  }
  ir_buffer **inputs = called->inputs;
  ir_buffer *packs[PACK_KINDS] = {NULL};
  for (int kind = 0; kind < PACK_KINDS; kind++)
    if (p->has[kind]) packs[kind] = *inputs++;
  unpack(l, p, packs, inputs, values, plain.types.items, plain.names.items);
  value **next = values;
  for (int i = 0; i < f->parameter_count; i++)
    bind(l, f->parameters[i], value_of_leaves(l, f->parameters[i]->type, &next));
  l->target_part = r->target >= 0 ? ir_declare(l->b, "target_part", IR_REAL, ir_real(0)) : NULL;
  l->jacobian_part = r->jacobian >= 0 ? ir_declare(l->b, "jacobian_part", IR_REAL, ir_real(0)) : NULL;
  l->target_before = with_target ? (*next)->scalar : ir_none();
  frame.is_called = true;
  frame.back = arena_array(l->arena, ir_variable *, r->ints + r->reals + 1);
  int count = 0;
  for (int i = 0; i < r->leaves.count; i++) {
    const type *t = r->leaves.items[i];
    int dim_count = type_total_dimensions(t);
    if (dim_count == 0) frame.back[count++] = ir_declare(l->b, f->name, ir_type_of(t), ir_none());
    for (int d = 0; d < dim_count; d++) frame.back[count++] = ir_declare(l->b, "size", IR_INT, ir_int(0));
  }
  run_function_body(l, f);
  ir_buffer **outputs = called->outputs;
  ir_buffer *ints_back = r->ints ? *outputs++ : NULL, *reals_back = r->reals ? *outputs++ : NULL;
  for (int i = 0, ints = 0, reals = 0; i < count; i++) {
    bool is_int = frame.back[i]->type == IR_INT;
    ir_store(l->b, is_int ? ints_back : reals_back, ir_int(is_int ? ints++ : reals++), ir_use(frame.back[i]));
  }
  if (r->target >= 0) ir_store(l->b, reals_back, ir_int(r->target), ir_use(l->target_part));
  if (r->jacobian >= 0) ir_store(l->b, reals_back, ir_int(r->jacobian), ir_use(l->jacobian_part));
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

static ir_function *called_function(lowering *l, const function *f, const packed *p, const returned *r) {
  for (int i = 0; i < l->called.count; i++)
    if (l->called.items[i].function == f) return l->called.items[i].ir;
  ir_function *called = ir_function_create(l->out, f->name, f->location);
  called->is_impure = true; /* until its body says otherwise: it may call itself */
  called_entry entry = {f, called};
  arena_push(l->arena, &l->called, entry);
  if (r->ints) ir_function_output(l->out, called, "ints_back", IR_INT)->is_written_once = true;
  if (r->reals) ir_function_output(l->out, called, "reals_back", IR_REAL)->is_written_once = true;
  if (r->containers > 0) called->result = ir_function_output(l->out, called, "result", result_type(r));
  if (p->has[PACK_INTS]) ir_function_input(l->out, called, "ints", IR_INT);
  if (p->has[PACK_REALS]) ir_function_input(l->out, called, "reals", IR_REAL);
  plain_parameters plain = {0};
  collect_parameters(l, f, 0, &plain);
  for (int i = 0; i < plain.types.count; i++)
    if (p->is_direct[i]) ir_function_input(l->out, called, plain.names.items[i], ir_type_of(plain.types.items[i]));
  lower_body(l, f, called, p, r);
  return called;
}

/* What came back: numbers from `ints` and `reals`, containers as views of the call's result. */
static value *result_of_call(lowering *l, const function *f, const returned *r, ir_statement *call, ir_buffer *ints,
                             ir_buffer *reals, int output_count) {
  value **leaves = arena_array(l->arena, value *, r->leaves.count + 1), **next = leaves;
  ir_operand size = ir_int(0), dims[IR_MAX_DIMS];
  int int_count = 0, real_count = 0;
  for (int i = 0; i < r->leaves.count; i++) {
    const type *t = r->leaves.items[i];
    int dim_count = type_total_dimensions(t);
    bool is_int = ir_type_of(t) == IR_INT;
    if (dim_count == 0) {
      ir_operand place = ir_int(is_int ? int_count++ : real_count++);
      leaves[i] = value_scalar(l, t, ir_load(l->b, f->name, is_int ? ints : reals, place));
      continue;
    }
    for (int d = 0; d < dim_count; d++) dims[d] = ir_load(l->b, NULL, ints, ir_int(int_count++));
    leaves[i] = value_view(l, r->containers > 1 ? type_with_scalar(l->arena, t, TYPE_REAL) : t, NULL, size, dims);
    size = int_add(l, size, product_of(l, dims, dim_count));
  }
  if (r->containers == 0) return value_of_leaves(l, f->result, &next);
  ir_buffer *buffer = ir_alloc(l->b, f->name, result_type(r), size, false);
  l->b->block->items[l->b->block->count - 1]->is_result = true;
  call->call->outputs[output_count] = buffer;
  for (int i = 0; i < r->leaves.count; i++) {
    if (leaves[i]->dim_count == 0) continue;
    leaves[i]->buffer = buffer;
    leaves[i]->is_fresh = r->containers == 1;
    const type *t = r->leaves.items[i];
    if (r->containers > 1 && ir_type_of(t) == IR_INT)
      leaves[i] = value_materialise(l, value_map(l, t, IR_OP_TO_INT, leaves[i], 1, &leaves[i]), NULL);
  }
  return value_of_leaves(l, f->result, &next);
}

value *call_called_function(lowering *l, const function *f, value **arguments, sink_kind sink, bool is_negative) {
  bool with_target = reads_target(l, f);
  leaves values = {0};
  plain_parameters plain = {0};
  for (int i = 0; i < f->parameter_count; i++) collect_leaves(l, arguments[i], &values);
  collect_parameters(l, f, 0, &plain);
  for (int i = 0; i < values.count; i++) values.items[i] = value_retyped(l, values.items[i], plain.types.items[i]);
  if (with_target) arena_push(l->arena, &values, value_real(l, l->counts_target ? target_so_far(l) : ir_real(0)));
  int count = values.count;
  packed p = pack_layout(l, values.items, count, ROOM);
  returned r = returned_by(l, f);
  ir_function *called = called_function(l, f, &p, &r);
  pack(l, &p);
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
  if (f->result->kind != TYPE_VOID) result = result_of_call(l, f, &r, call, ints, reals, output_count);
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
  ir_variable **back = l->frame->back;
  leaves all = {0};
  collect_leaves(l, v, &all);
  ir_operand total = ir_int(0), offset = ir_int(0);
  value *container = NULL;
  int containers = 0;
  for (int i = 0; i < all.count; i++) {
    value *leaf = all.items[i];
    if (leaf->dim_count == 0) {
      ir_set(l->b, *back, (*back)->type == IR_REAL ? as_real(l, leaf->scalar) : leaf->scalar);
      back++;
      continue;
    }
    for (int d = 0; d < leaf->dim_count; d++) ir_set(l->b, *back++, leaf->dims[d]);
    total = int_add(l, total, value_size(l, leaf));
    container = leaf;
    containers++;
  }
  if (containers == 0) return;
  if (containers == 1) {
    container = value_materialise(l, container, "result"); /* its adjoint is not its own: nothing else may name it */
    ir_append(l->b, IR_RETURN)->buffer = container->buffer;
    return;
  }
  value *result = value_allocate(l, "result", type_array_of(l->arena, &type_real, 1), &total, false);
  for (int i = 0; i < all.count; i++) {
    value *leaf = all.items[i];
    if (leaf->dim_count == 0) continue;
    const type *reals = type_with_scalar(l->arena, leaf->type, TYPE_REAL);
    value_copy(l, value_view(l, reals, result->buffer, offset, leaf->dims), leaf);
    offset = int_add(l, offset, value_size(l, leaf));
  }
  ir_append(l->b, IR_RETURN)->buffer = result->buffer;
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
