/* fuse.c: neighbouring parallel loops over the same range become one.
 *
 * What the first stores and the second loads at the same index then passes from one to the other inside an iteration: pass
 * `common` reads the value where it was stored from, `dead` removes the buffer that nobody reads any more, and a chain of
 * elementwise work that ends in summands becomes one loop that reaches nothing but target, which the adjoint does in one
 * sweep.
 *
 * Two loops fuse when every buffer that one writes and the other touches is touched at the same index of the iteration, when
 * neither reads a scalar that the other adds to, and when what stands between them can move before the first or after the
 * second. They are left apart where that costs more than it gives: a loop of straight-line code, which the vector units
 * take, is not joined with one that has inner loops or branches; and a loop of summands is not joined with one whose
 * results are read elsewhere, since it would then be swept twice.
 *
 * A gradient takes 1.2 times as long without it on eight_schools_noncentered and trolley_varying (`EXE benchmark`).
 *
 * Needs ranges in the same variables (pass `common`); runs before the adjoint. */
#include "ir/access.h"
#include "ir/index.h"
#include "ir/passes.h"
#include "ir/rename.h"

typedef struct fusion {
  ir_program *program;
  arena *arena;
  int size;
  int *reads;        /* by id: in the whole function */
  int *first, *last; /* by id: what two statements do with it, while they are compared */
} fusion;

enum { READS = 1, WRITES = 2, ADDS = 4 };

/* ---- what a statement touches ---- */

static void note(ir_access access, int id, void *context) {
  ((int *)context)[id] |= access == ACCESS_READ ? READS : WRITES;
}

static void count_read(ir_access access, int id, void *context) {
  if (access == ACCESS_READ) ((int *)context)[id]++;
}

/* Sums into scalars are told apart, since their order does not matter. */
static void note_block(int *touched, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    ir_statement s = *block->items[i];
    if (s.kind == IR_ADD) {
      touched[s.variable->id] |= ADDS;
      s.kind = IR_PUSH;
    }
    ir_each_access(&s, false, note, touched);
    ir_block *nested[3];
    for (int j = ir_nested_blocks(block->items[i], nested); j-- > 0;) note_block(touched, nested[j]);
  }
}

static void forget(fusion *f) {
  for (int id = 0; id < f->size; id++) f->first[id] = f->last[id] = 0;
}

static void note_statement(int *touched, ir_statement *s) {
  const ir_block alone = {.items = &s, .count = 1};
  note_block(touched, &alone);
}

/* Whether the two may change places. */
static bool are_independent(fusion *f, ir_statement *a, ir_statement *b) {
  forget(f);
  note_statement(f->first, a);
  note_statement(f->last, b);
  for (int id = 0; id < f->size; id++) {
    int x = f->first[id], y = f->last[id];
    if (x && y && ((x | y) & (WRITES | ADDS)) && !(x == ADDS && y == ADDS)) return false;
  }
  return true;
}

static bool is_ordered(const ir_statement *s) {
  switch (s->kind) {
  case IR_PRINT:
  case IR_REJECT:
  case IR_READ:
  case IR_WRITE:
  case IR_PUSH:
  case IR_POP:
  case IR_POP_ELEMENT:
  case IR_RELEASE:
  case IR_SCOPE:
  case IR_RETURN:
  case IR_EXIT: return true;
  case IR_ALLOC:
    if (s->is_result) return true;
    break;
  case IR_KERNEL_CALL:
    if (!ir_call_may_move(s)) return true;
    break;
  case IR_LET:
    if (ir_ops[s->op].flags & IR_IMPURE) return true;
    break;
  default: break;
  }
  ir_block *nested[3];
  for (int i = ir_nested_blocks(s, nested); i-- > 0;)
    for (int j = 0; j < nested[i]->count; j++)
      if (is_ordered(nested[i]->items[j])) return true;
  return false;
}

/* ---- whether two loops fit ---- */

static const ir_statement *definition(ir_operand x) { return x.kind == IR_VARIABLE ? x.variable->note : NULL; }

/* The same function of the two loops' variables. */
static bool same_index(ir_operand x, ir_operand y, const ir_statement *a, const ir_statement *b) {
  if (x.kind == IR_VARIABLE && x.variable == a->variable) return y.kind == IR_VARIABLE && y.variable == b->variable;
  if (ir_same(x, y)) return true;
  const ir_statement *p = definition(x), *q = definition(y);
  if (!p || !q || p->kind != IR_LET || q->kind != IR_LET || p->op != q->op) return false;
  for (int i = 0; i < p->argument_count; i++)
    if (!same_index(p->arguments[i], q->arguments[i], a, b)) return false;
  return true;
}

/* One index at which the block touches the buffer; false when there are several, or a kernel touches it. */
static bool only_index(const ir_block *block, const ir_buffer *buffer, ir_operand *index) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->buffer == buffer) {
      if (s->kind != IR_LOAD && s->kind != IR_STORE) return false;
      if (index->kind != IR_NONE && !ir_same(*index, s->index)) return false;
      *index = s->index;
    }
    for (int j = 0; j < IR_MAX_KERNEL_BUFFERS; j++)
      if (s->inputs[j] == buffer || s->outputs[j] == buffer) return false;
    for (int j = 0; j < s->item_count; j++)
      if (s->items[j].buffer == buffer || s->items[j].imaginary == buffer) return false;
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;)
      if (!only_index(nested[j], buffer, index)) return false;
  }
  return true;
}

static bool buffers_fit(const ir_block *block, const fusion *f, const ir_statement *a, const ir_statement *b) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    const ir_buffer *buffer = s->kind == IR_LOAD || s->kind == IR_STORE ? s->buffer : NULL;
    if (buffer && f->first[buffer->id] && f->last[buffer->id] &&
        ((f->first[buffer->id] | f->last[buffer->id]) & WRITES)) {
      ir_operand x = ir_none(), y = ir_none();
      if (!only_index(a->body, buffer, &x) || !only_index(b->body, buffer, &y)) return false;
      if (x.kind != IR_VARIABLE || !ir_is_distinct(x, a) || !same_index(x, y, a, b)) return false;
    }
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;)
      if (!buffers_fit(nested[j], f, a, b)) return false;
  }
  return true;
}

static bool is_straight(const ir_block *body) {
  for (int i = 0; i < body->count; i++)
    if (body->items[i]->body || body->items[i]->kind == IR_ALLOC || body->items[i]->kind == IR_KERNEL_CALL)
      return false;
  return true;
}

static bool has_target(const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_TARGET) return true;
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;)
      if (has_target(nested[j])) return true;
  }
  return false;
}

static void mark_own(ir_access access, int id, void *context) {
  if (access == ACCESS_DEFINE) ((int *)context)[id] = -1;
}

/* Whether something that the loops write is read outside them. */
static bool leaves_results(const fusion *f, const ir_block *a, const ir_block *b) {
  int *inside = arena_array(f->arena, int, f->size), *touched = arena_array(f->arena, int, f->size);
  const ir_block *both[] = {a, b};
  for (int k = 0; k < 2; k++) {
    if (!both[k]) continue;
    note_block(touched, both[k]);
    for (int i = 0; i < both[k]->count; i++) ir_each_access(both[k]->items[i], true, count_read, inside);
  }
  for (int k = 0; k < 2; k++)
    for (int i = 0; both[k] && i < both[k]->count; i++) ir_each_access(both[k]->items[i], true, mark_own, touched);
  for (int id = 0; id < f->size; id++)
    if (touched[id] > 0 && (touched[id] & (WRITES | ADDS)) && f->reads[id] > inside[id]) return true;
  return false;
}

static bool is_worth_it(const fusion *f, const ir_statement *a, const ir_statement *b) {
  if (is_straight(a->body) != is_straight(b->body)) return false;
  if (!leaves_results(f, a->body, b->body)) return true;
  return has_target(a->body) == has_target(b->body) &&
         leaves_results(f, a->body, NULL) == leaves_results(f, b->body, NULL);
}

static bool fit(fusion *f, ir_statement *a, ir_statement *b) {
  if (b->kind != IR_FOR || !b->is_parallel || !ir_same(a->first, b->first) || !ir_same(a->last, b->last)) return false;
  if (is_ordered(a) || is_ordered(b)) return false;
  forget(f);
  note_block(f->first, a->body);
  note_block(f->last, b->body);
  for (int id = 0; id < f->size; id++) {
    int x = f->first[id], y = f->last[id];
    if (x && y && ((x | y) & ADDS) && !(x == ADDS && y == ADDS)) return false;
  }
  return buffers_fit(a->body, f, a, b) && buffers_fit(b->body, f, a, b) && is_worth_it(f, a, b);
}

/* ---- joining ---- */

static ir_statement *join(fusion *f, const ir_statement *a, const ir_statement *b) {
  ir_renaming renaming = {.arena = f->arena};
  ir_rename_variable(&renaming, b->variable, ir_use(a->variable));
  ir_statement *joined = ir_copy(f->arena, a);
  joined->body = ir_block_create(f->arena);
  for (int i = 0; i < a->body->count; i++) arena_push(f->arena, joined->body, a->body->items[i]);
  for (int i = 0; i < b->body->count; i++) arena_push(f->arena, joined->body, ir_renamed(&renaming, b->body->items[i]));
  ir_link_definitions(joined->body);
  a->variable->note = joined;
  return joined;
}

/* Tries to bring the loop at `b` up to the one at `a`: what stands between moves before `a` where it can, and else must let
 * the loop at `b` pass. */
static bool bring_together(fusion *f, ir_block *block, int a, int b) {
  ir_statement *first = block->items[a], *second = block->items[b];
  if (!fit(f, first, second)) return false;
  ir_block *before = ir_block_create(f->arena), *after = ir_block_create(f->arena);
  for (int i = a + 1; i < b; i++) {
    ir_statement *s = block->items[i];
    bool moves_up = !is_ordered(s) && are_independent(f, first, s);
    for (int j = 0; moves_up && j < after->count; j++) moves_up = are_independent(f, after->items[j], s);
    if (!moves_up && !are_independent(f, s, second)) return false;
    arena_push(f->arena, moves_up ? before : after, s);
  }
  int at = a;
  for (int i = 0; i < before->count; i++) block->items[at++] = before->items[i];
  block->items[at++] = join(f, first, second);
  for (int i = 0; i < after->count; i++) block->items[at++] = after->items[i];
  for (int i = b + 1; i < block->count; i++) block->items[at++] = block->items[i];
  block->count = at;
  return true;
}

static ir_block *fuse_block(fusion *f, const ir_block *block) {
  ir_block *out = ir_block_create(f->arena);
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = ir_copy(f->arena, block->items[i]);
    if (s->test) s->test = fuse_block(f, s->test);
    if (s->body) s->body = fuse_block(f, s->body);
    if (s->other) s->other = fuse_block(f, s->other);
    arena_push(f->arena, out, s);
  }
  ir_link_definitions(out);
  for (int a = 0; a < out->count; a++) {
    if (out->items[a]->kind != IR_FOR || !out->items[a]->is_parallel) continue;
    for (int b = a + 1; b < out->count; b++)
      if (bring_together(f, out, a, b)) {
        a = -1; /* loops that did not fit, or did not pay, may do so now */
        break;
      }
  }
  return out;
}

void ir_fuse(ir_program *program) {
  fusion f = {.program = program, .arena = program->arena, .size = program->next_id};
  f.reads = arena_array(f.arena, int, f.size);
  f.first = arena_array(f.arena, int, f.size);
  f.last = arena_array(f.arena, int, f.size);
  ir_link_definitions(program->log_density);
  for (int i = 0; i < program->log_density->count; i++)
    ir_each_access(program->log_density->items[i], true, count_read, f.reads);
  program->log_density = fuse_block(&f, program->log_density);
}
