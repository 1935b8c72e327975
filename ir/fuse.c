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
 * Microseconds for a gradient, --without=fuse and with it: election88_full 55, 15; mc_slopes_good 0.44, 0.14; reedfrogs_mST
 * 0.23, 0.19; eight_schools_noncentered 0.041, 0.038; radon_all hierarchical_intercept_noncentered 2.9, 2.8. reedfrogs_mSTP,
 * whose loop over the tanks joins that over the rows and is cut with it by `scatter`, takes longer: 0.21, 0.26.
 *
 * Each loop is compared with those that follow it, and again when others have joined, so that the time would grow faster
 * than the program: a loop looks past MOST_PASSED statements at most, grows to MOST_STATEMENTS, and the pass ends after so
 * many looks for each statement of the program. What is left apart then is as right as what is joined.
 *
 * Needs ranges in the same variables (pass `common`); runs before the adjoint. */
#include "ir/access.h"
#include "ir/index.h"
#include "ir/passes.h"
#include "ir/rename.h"

enum { MOST_PASSED = 2000, MOST_STATEMENTS = 1000, STEPS_BACK = 200, LEAST_LOOKS = 400000, LOOKS_FOR_EACH = 5 };

/* A statement of the block at hand, and what has been found out about it. */
typedef struct entry {
  ir_statement *s; /* NULL: it has joined another one */
  int count;       /* of statements in it, itself included */
  bool is_ordered, may_fuse;
} entry;

typedef struct fusion {
  ir_program *program;
  arena *arena;
  int *reads;         /* by id: in the whole function */
  id_set first, last; /* what is done with each id by the loop at hand, and by a later one that it is compared with */
  id_set passed;      /* by the first and by what stays behind it */
  const ir_statement *noted; /* the loop whose accesses `first` holds */
  id_set behind;             /* by what stays between them */
  id_set touched, inside;
  long looks; /* at a statement, that may still be had */
} fusion;

enum { READS = 1, WRITES = 2, ADDS = 4, OWN = 8 };

/* ---- what a statement touches ---- */

static void note(ir_access access, int id, void *context) {
  *id_set_at(context, id) |= access == ACCESS_READ ? READS : WRITES;
}

static void count_read(ir_access access, int id, void *context) {
  if (access == ACCESS_READ) ((int *)context)[id]++;
}

/* Sums into scalars are told apart, since their order does not matter. */
static void note_statement(fusion *f, id_set *touched, const ir_statement *s) {
  f->looks--;
  if (s->kind == IR_ADD) {
    *id_set_at(touched, s->variable->id) |= ADDS;
    if (s->value.kind == IR_VARIABLE) note(ACCESS_READ, s->value.variable->id, touched);
  } else {
    ir_each_access((ir_statement *)s, false, note, touched);
  }
  ir_block *nested[3];
  for (int j = ir_nested_blocks(s, nested); j-- > 0;)
    for (int i = 0; i < nested[j]->count; i++) note_statement(f, touched, nested[j]->items[i]);
}

static void note_only(fusion *f, id_set *touched, const ir_statement *s) {
  id_set_clear(touched);
  note_statement(f, touched, s);
}

static bool in_conflict(int x, int y) { return x && y && ((x | y) & (WRITES | ADDS)) && !(x == ADDS && y == ADDS); }

typedef struct comparison {
  const id_set *with;
  bool conflicts;
} comparison;

static void compare(ir_access access, int id, void *context) {
  comparison *c = context;
  c->conflicts = c->conflicts || in_conflict(id_set_number(c->with, id), access == ACCESS_READ ? READS : WRITES);
}

/* Whether the statement may change places with those that have touched the set. */
static bool is_independent(fusion *f, const id_set *touched, const ir_statement *s) {
  comparison c = {.with = touched};
  f->looks--;
  if (s->kind == IR_ADD) {
    c.conflicts = in_conflict(id_set_number(touched, s->variable->id), ADDS);
    if (s->value.kind == IR_VARIABLE) compare(ACCESS_READ, s->value.variable->id, &c);
  } else {
    ir_each_access((ir_statement *)s, false, compare, &c);
  }
  if (c.conflicts) return false;
  ir_block *nested[3];
  for (int j = ir_nested_blocks(s, nested); j-- > 0;)
    for (int i = 0; i < nested[j]->count; i++)
      if (!is_independent(f, touched, nested[j]->items[i])) return false;
  return true;
}

static bool is_ordered(const ir_statement *s) {
  switch (s->kind) {
  case IR_PRINT:
  case IR_PROFILE:
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
      if (s->call->inputs[j] == buffer || s->call->outputs[j] == buffer) return false;
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
    int x_use = buffer ? id_set_number(&f->first, buffer->id) : 0,
        y_use = buffer ? id_set_number(&f->last, buffer->id) : 0;
    if (x_use && y_use && ((x_use | y_use) & WRITES)) {
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
  if (access == ACCESS_DEFINE) *id_set_at(context, id) |= OWN;
}

static void count_inside(ir_access access, int id, void *context) {
  if (access == ACCESS_READ) ++*id_set_at(context, id);
}

typedef struct search {
  const fusion *f;
  bool found;
} search;

static void find_result(ir_access access, int id, void *context) {
  search *wanted = context;
  const fusion *f = wanted->f;
  int use = id_set_number(&f->touched, id);
  (void)access;
  wanted->found =
      wanted->found || (!(use & OWN) && (use & (WRITES | ADDS)) && f->reads[id] > id_set_number(&f->inside, id));
}

/* Whether something that the loops write is read outside them. */
static bool leaves_results(fusion *f, const ir_block *a, const ir_block *b) {
  const ir_block *both[] = {a, b};
  id_set_clear(&f->touched);
  id_set_clear(&f->inside);
  for (int k = 0; k < 2; k++)
    for (int i = 0; both[k] && i < both[k]->count; i++) {
      note_statement(f, &f->touched, both[k]->items[i]);
      ir_each_access(both[k]->items[i], true, count_inside, &f->inside);
      ir_each_access(both[k]->items[i], true, mark_own, &f->touched);
    }
  search wanted = {.f = f};
  for (int k = 0; k < 2; k++)
    for (int i = 0; both[k] && i < both[k]->count && !wanted.found; i++)
      ir_each_access(both[k]->items[i], true, find_result, &wanted);
  return wanted.found;
}

static bool is_worth_it(fusion *f, const ir_statement *a, const ir_statement *b) {
  if (is_straight(a->body) != is_straight(b->body)) return false;
  if (!leaves_results(f, a->body, b->body)) return true;
  return has_target(a->body) == has_target(b->body) &&
         leaves_results(f, a->body, NULL) == leaves_results(f, b->body, NULL);
}

static void find_used_sum(ir_access access, int id, void *context) {
  search *wanted = context;
  int x = id_set_number(&wanted->f->first, id), y = id_set_number(&wanted->f->last, id);
  (void)access;
  wanted->found = wanted->found || (((x | y) & ADDS) && in_conflict(x, y));
}

static int statement_count(const ir_statement *s) {
  int count = 1;
  ir_block *nested[3];
  for (int j = ir_nested_blocks(s, nested); j-- > 0;)
    for (int i = 0; i < nested[j]->count; i++) count += statement_count(nested[j]->items[i]);
  return count;
}

/* f->first holds what is done by a; f->last is set to what is done by b. */
static bool fit(fusion *f, const entry *first, const entry *second) {
  ir_statement *a = first->s, *b = second->s;
  if (!second->may_fuse || !ir_same(a->first, b->first) || !ir_same(a->last, b->last)) return false;
  if (first->count + second->count > MOST_STATEMENTS) return false;
  note_only(f, &f->last, b);
  search used = {.f = f};
  ir_each_access(b, true, find_used_sum, &used);
  return !used.found && buffers_fit(a->body, f, a, b) && buffers_fit(b->body, f, a, b) && is_worth_it(f, a, b);
}

/* ---- joining ---- */

static void join(fusion *f, entry *first, const entry *second) {
  ir_renaming renaming = ir_renaming_create(f->arena);
  ir_rename_variable(&renaming, second->s->variable, ir_use(first->s->variable));
  const ir_block *added = ir_renamed_block(&renaming, second->s->body);
  ir_link_definitions(added);
  for (int i = 0; i < added->count; i++) {
    arena_push(f->arena, first->s->body, added->items[i]);
    note_statement(f, &f->first, added->items[i]);
  }
  first->count += second->count - 1;
}

typedef struct entries {
  entry *items;
  int count, capacity;
} entries;

/* Joins the loop at `a` with the next one that fits. What stands between moves before it where it can, and else must let the
 * later loop pass. One place of the block is empty then. */
static bool join_with_next(fusion *f, entries *block, int a) {
  entry first = block->items[a];
  entries before = {0}, behind = {0};
  if (f->noted != first.s) note_only(f, &f->first, first.s);
  f->noted = first.s;
  id_set_copy(&f->passed, &f->first);
  id_set_clear(&f->behind);
  for (int b = a + 1, passed = 0; b < block->count && passed < MOST_PASSED && f->looks > 0; b++) {
    entry next = block->items[b];
    if (!next.s) continue;
    passed += next.count;
    if (fit(f, &first, &next) && is_independent(f, &f->behind, next.s)) {
      join(f, &first, &next);
      int at = b;
      for (int i = behind.count; i-- > 0;) block->items[at--] = behind.items[i];
      block->items[at--] = first;
      for (int i = before.count; i-- > 0;) block->items[at--] = before.items[i];
      while (at >= a) block->items[at--] = (entry){0};
      return true;
    }
    if (!next.is_ordered && is_independent(f, &f->passed, next.s)) {
      arena_push(f->arena, &before, next);
    } else {
      arena_push(f->arena, &behind, next);
      note_statement(f, &f->passed, next.s);
      note_statement(f, &f->behind, next.s);
    }
  }
  return false;
}

static ir_block *fuse_block(fusion *f, const ir_block *block) {
  entries all = {0};
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = ir_with_own_blocks(f->arena, block->items[i]);
    if (s->test) s->test = fuse_block(f, s->test);
    if (s->body) s->body = fuse_block(f, s->body);
    if (s->other) s->other = fuse_block(f, s->other);
    entry added = {.s = s, .count = statement_count(s), .is_ordered = is_ordered(s)};
    added.may_fuse = s->kind == IR_FOR && s->is_parallel && !added.is_ordered;
    arena_push(f->arena, &all, added);
  }
  for (int a = 0; a < all.count && f->looks > 0; a++)
    if (all.items[a].may_fuse && join_with_next(f, &all, a))
      a = a > STEPS_BACK ? a - STEPS_BACK : -1; /* loops that did not fit, or did not pay, may do so now */
  ir_block *out = ir_block_create(f->arena);
  for (int i = 0; i < all.count; i++)
    if (all.items[i].s) arena_push(f->arena, out, all.items[i].s);
  ir_link_definitions(out);
  return out;
}

void ir_fuse(ir_program *program) {
  arena *arena = program->arena;
  fusion f = {.program = program, .arena = arena, .reads = arena_array(arena, int, program->next_id)};
  f.first = f.last = f.passed = f.behind = f.touched = f.inside = id_set_create(arena);
  f.looks = LEAST_LOOKS;
  for (int i = 0; i < program->log_density->count; i++) {
    f.looks += LOOKS_FOR_EACH * statement_count(program->log_density->items[i]);
    ir_each_access(program->log_density->items[i], true, count_read, f.reads);
  }
  ir_link_definitions(program->log_density);
  program->log_density = fuse_block(&f, program->log_density);
}
