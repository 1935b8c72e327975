/* common.c: equal operations are done once, and what is known to be in a variable or an element is not read again.
 *
 * Value numbering over one pass of each function. A fact says that an operation on these operands, or a load of this element,
 * has this value; it holds from its statement to the end of its block, nested blocks included. Every write to a mutable
 * variable or a buffer gives it a new version, and facts about older versions are never found again (only a store at a
 * constant index leaves what is known at other constant indices); what a loop changes has a new version in the loop and
 * after it. `x = v` makes x known to be v, a store makes the element known, a copy of what is known vanishes, and so does a
 * check of what has been checked.
 *
 * An operation on what another has made is taken back where it is its inverse: log(exp(u)) is u (inverse.h).
 *
 * Microseconds for a gradient, --without=common and with it: radon_all hierarchical_intercept_noncentered 40, 2.8 (its rows
 * do not collapse before the vectors between its loops are gone); election88_full 57, 15; mc_slopes_good 0.58, 0.14;
 * kidscore_interaction 0.048, 0.038; eight_schools_noncentered 0.039, 0.035; trolley_varying 69, 67; hmm_example 6.4, 6.3.
 *
 * Needs nothing; what it replaced is dropped at once, except sizes of buffers (access.h) and fields. Since a variable may be
 * defined in two disjoint blocks, nothing outlives its block. */
#include <stdint.h>
#include <string.h>
#include "ir/access.h"
#include "ir/fold.h"
#include "ir/inverse.h"
#include "ir/passes.h"
#include "ir/rename.h"

enum { FIRST_BUCKETS = 256 };

typedef struct fact {
  int kind; /* IR_LET, IR_LOAD; IR_CHECK: the first operand holds */
  ir_op op;
  int buffer; /* id; LOAD */
  ir_operand operands[IR_MAX_ARGUMENTS];
  long versions[IR_MAX_ARGUMENTS + 1]; /* of mutable operands; the last: of the buffer */
  ir_operand value;
  struct fact *next; /* of the bucket */
  unsigned hash;
} fact;

typedef struct undo { /* what stood for a variable before this block */
  int id;
  ir_operand replacement, known;
  long known_version;
  const ir_statement *definition;
} undo;

typedef struct numbering {
  arena *arena;          /* of the program: what stays */
  struct arena *scratch; /* of this run */
  fact **buckets;
  unsigned bucket_count; /* a power of 2, not less than the number of facts */
  struct {
    fact **items;
    int count, capacity;
  } facts; /* in order, to be taken back at the end of a block */
  struct {
    undo *items;
    int count, capacity;
  } undos;
  long clock, *versions;   /* by id */
  long *whole_versions;    /* by id of a buffer: the same without stores of known values at constant indices */
  ir_operand *replacement; /* by id of an immutable variable: what equals it */
  ir_operand *known;       /* by id of a mutable variable: its value at known_version */
  long *known_version;
  const ir_statement **definition; /* by id of a variable: the let that made it, when its operands are fixed */
  id_set kept;                     /* definitions that stay */
} numbering;

static void new_version(numbering *n, int id) { n->versions[id] = n->whole_versions[id] = ++n->clock; }

static void change(ir_access access, int id, void *context) {
  if (access != ACCESS_READ) new_version(context, id);
}

static void change_block(numbering *n, const ir_block *block) {
  for (int i = 0; block && i < block->count; i++) ir_each_access(block->items[i], true, change, n);
}

static void resolve(ir_operand *x, void *context) {
  numbering *n = context;
  if (x->kind != IR_VARIABLE) return;
  int id = x->variable->id;
  if (x->variable->is_mutable) {
    if (n->known[id].kind != IR_NONE && n->known_version[id] == n->versions[id]) *x = n->known[id];
  } else if (n->replacement[id].kind != IR_NONE) {
    *x = n->replacement[id];
  }
}

static bool is_fixed(ir_operand x) { return x.kind != IR_NONE && (x.kind != IR_VARIABLE || !x.variable->is_mutable); }

static void remember(numbering *n, int id) {
  undo entry = {id, n->replacement[id], n->known[id], n->known_version[id], n->definition[id]};
  arena_push(n->scratch, &n->undos, entry);
}

static void replace(numbering *n, const ir_variable *variable, ir_operand value) {
  remember(n, variable->id);
  n->replacement[variable->id] = value;
}

static void know(numbering *n, const ir_variable *variable, ir_operand value) {
  remember(n, variable->id);
  n->known[variable->id] = is_fixed(value) && ir_operand_type(value) == variable->type ? value : ir_none();
  n->known_version[variable->id] = n->versions[variable->id];
}

/* ---- facts ---- */

static bool same_operand(ir_operand a, ir_operand b) {
  return ir_same(a, b) || (a.kind == IR_VARIABLE && b.kind == IR_VARIABLE && a.variable == b.variable);
}

static unsigned hash_operand(ir_operand x) {
  switch (x.kind) {
  case IR_VARIABLE: return (unsigned)x.variable->id * 2654435761u;
  case IR_CONSTANT_INT: return (unsigned)x.int_value * 40503u + 1;
  case IR_CONSTANT_REAL: {
    uint64_t bits;
    memcpy(&bits, &x.real_value, sizeof bits);
    return (unsigned)(bits * 0x9e3779b97f4a7c15u >> 32);
  }
  default: return 0;
  }
}

static long version_of(const numbering *n, ir_operand x) {
  return x.kind == IR_VARIABLE && x.variable->is_mutable ? n->versions[x.variable->id] : 0;
}

/* The fact that the let or load would establish; its operands are resolved. */
static fact fact_of(const numbering *n, const ir_statement *s) {
  fact f = {.kind = s->kind == IR_LET ? IR_LET : IR_LOAD};
  int count = s->kind == IR_LET ? s->argument_count : 1;
  if (s->kind == IR_LET) {
    f.op = s->op;
    for (int i = 0; i < count; i++) f.operands[i] = s->arguments[i];
    bool swaps = count == 2 && (ir_ops[s->op].flags & IR_COMMUTATIVE) &&
                 hash_operand(f.operands[0]) > hash_operand(f.operands[1]);
    if (swaps) f.operands[0] = s->arguments[1], f.operands[1] = s->arguments[0];
  } else {
    f.buffer = s->buffer->id;
    f.operands[0] = s->index;
    bool is_constant = s->index.kind == IR_CONSTANT_INT;
    f.versions[IR_MAX_ARGUMENTS] = (is_constant ? n->whole_versions : n->versions)[s->buffer->id];
  }
  f.hash = (unsigned)f.kind * 31 + (unsigned)f.op * 17 + (unsigned)f.buffer * 97;
  for (int i = 0; i < count; i++) {
    f.versions[i] = version_of(n, f.operands[i]);
    f.hash = f.hash * 31 + hash_operand(f.operands[i]);
  }
  f.hash ^= f.hash >> 15;
  return f;
}

static bool same_fact(const fact *a, const fact *b) {
  if (a->kind != b->kind || a->op != b->op || a->buffer != b->buffer) return false;
  for (int i = 0; i < IR_MAX_ARGUMENTS; i++)
    if (!same_operand(a->operands[i], b->operands[i]) || a->versions[i] != b->versions[i]) return false;
  return a->versions[IR_MAX_ARGUMENTS] == b->versions[IR_MAX_ARGUMENTS];
}

static fact **bucket_of(const numbering *n, unsigned hash) { return &n->buckets[hash & (n->bucket_count - 1)]; }

static void put(numbering *n, fact *f) {
  fact **bucket = bucket_of(n, f->hash);
  f->next = *bucket;
  *bucket = f;
}

static const fact *find_fact(const numbering *n, const fact *wanted) {
  for (const fact *f = *bucket_of(n, wanted->hash); f; f = f->next)
    if (same_fact(f, wanted)) return f;
  return NULL;
}

static void add_fact(numbering *n, fact f, ir_operand value) {
  fact *added = arena_new(n->scratch, fact);
  *added = f;
  added->value = value;
  arena_push(n->scratch, &n->facts, added);
  if ((unsigned)n->facts.count <= n->bucket_count) {
    put(n, added);
    return;
  }
  n->bucket_count *= 2;
  n->buckets = arena_array(n->scratch, fact *, n->bucket_count);
  for (int i = 0; i < n->facts.count; i++) put(n, n->facts.items[i]); /* the youngest stays first */
}

/* ---- statements ---- */

static const ir_statement *definition_of(const void *context, ir_operand x) {
  const numbering *n = context;
  return x.kind == IR_VARIABLE ? n->definition[x.variable->id] : NULL;
}

static ir_operand value_of(const void *context, ir_op op, ir_operand a, ir_operand b) {
  const numbering *n = context;
  ir_operand arguments[IR_MAX_ARGUMENTS] = {a, b};
  const ir_statement let = {
      .kind = IR_LET, .op = op, .arguments = arguments, .argument_count = 1 + (b.kind != IR_NONE)};
  const fact f = fact_of(n, &let), *found = find_fact(n, &f);
  return found ? found->value : ir_none();
}

static void remember_definition(numbering *n, const ir_statement *s) {
  for (int i = 0; i < s->argument_count; i++)
    if (!is_fixed(s->arguments[i])) return;
  remember(n, s->variable->id);
  n->definition[s->variable->id] = s;
}

/* Whether the definition in s (operands resolved) is not needed any more. */
static bool number_definition(numbering *n, const ir_statement *s) {
  ir_operand value;
  bool is_let = s->kind == IR_LET;
  if (is_let && (ir_ops[s->op].flags & IR_IMPURE)) return false;
  bool is_copy = is_let && (s->op == IR_OP_COPY || s->op == IR_OP_INT_COPY);
  if (is_copy && is_fixed(s->arguments[0])) {
    value = s->arguments[0];
  } else if (!is_let || !ir_fold(s->op, s->arguments, &value) || !is_fixed(value)) {
    fact f = fact_of(n, s);
    const fact *found = find_fact(n, &f);
    if (!found) {
      add_fact(n, f, ir_use(s->variable));
      if (is_copy) know(n, s->arguments[0].variable, ir_use(s->variable));
      if (is_let) remember_definition(n, s);
      return false;
    }
    value = found->value;
  }
  if (s->variable->storage != IR_LOCAL) return false;
  replace(n, s->variable, value);
  return !id_set_has(&n->kept, s->variable->id);
}

static ir_block *number_block(numbering *n, const ir_block *block);

typedef struct comparison {
  numbering *n;
  bool differs;
} comparison;

static void compare(ir_operand *x, void *context) {
  comparison *c = context;
  ir_operand resolved = *x;
  if (c->differs) return;
  resolve(&resolved, c->n);
  c->differs = !same_operand(resolved, *x);
}

/* The statement over what its operands are known to be: a copy where that makes a difference, or where blocks are nested. */
static ir_statement *resolved_statement(numbering *n, const ir_statement *s) {
  if (s->kind == IR_WHILE)
    return ir_copy(n->arena, s); /* its condition is defined in its test, which keeps that definition */
  comparison c = {.n = n, .differs = s->body != NULL};
  if (s->kind != IR_ALLOC) ir_each_operand((ir_statement *)s, compare, &c);
  return c.differs ? ir_mapped(n->arena, s, resolve, n) : (ir_statement *)s;
}

static void number_nested(numbering *n, ir_statement *s) {
  bool is_loop = s->kind == IR_FOR || s->kind == IR_WHILE;
  const ir_block *blocks[] = {s->test, s->body, s->other};
  for (int i = 0; is_loop && i < 3; i++) change_block(n, blocks[i]);
  if (s->test) s->test = number_block(n, s->test);
  if (s->body) s->body = number_block(n, s->body);
  if (s->other) {
    change_block(n, blocks[1]);
    s->other = number_block(n, s->other);
  }
  for (int i = 0; i < 3; i++) change_block(n, blocks[i]);
}

static void number_statement(numbering *n, ir_block *out, const ir_statement *original) {
  ir_statement *s = resolved_statement(n, original);
  ir_statement *shorter = s->kind == IR_LET ? ir_undo(n->arena, s, definition_of, value_of, n) : NULL;
  if (shorter) s = shorter;
  switch (s->kind) {
  case IR_LET:
  case IR_LOAD:
    if (number_definition(n, s)) return;
    break;
  case IR_DECLARE:
  case IR_SET:
    new_version(n, s->variable->id);
    know(n, s->variable, s->value);
    break;
  case IR_STORE: {
    const bool is_known = is_fixed(s->value) && ir_operand_type(s->value) == s->buffer->type;
    if (is_known &&
        s->index.kind == IR_CONSTANT_INT) /* other elements stay; the youngest fact of this one is found first */
      n->versions[s->buffer->id] = ++n->clock;
    else
      new_version(n, s->buffer->id);
    if (is_known) {
      ir_statement load = {.kind = IR_LOAD, .buffer = s->buffer, .index = s->index};
      add_fact(n, fact_of(n, &load), s->value);
    }
    break;
  }
  case IR_FOR:
  case IR_WHILE:
  case IR_IF:
  case IR_SCOPE: number_nested(n, s); break;
  case IR_CHECK: {
    if (s->value.kind == IR_CONSTANT_INT && s->value.int_value) return;
    if (!is_fixed(s->value)) break;
    fact f = {.kind = IR_CHECK, .operands = {s->value}, .hash = hash_operand(s->value)};
    if (find_fact(n, &f)) return;
    add_fact(n, f, ir_int(1));
    break;
  }
  default: ir_each_access(s, false, change, n); break;
  }
  arena_push(n->arena, out, s);
}

static ir_block *number_block(numbering *n, const ir_block *block) {
  int facts = n->facts.count, undos = n->undos.count;
  ir_block *out = ir_block_create(n->arena);
  for (int i = 0; i < block->count; i++) number_statement(n, out, block->items[i]);
  while (n->facts.count > facts) {
    const fact *last = n->facts.items[--n->facts.count];
    *bucket_of(n, last->hash) = last->next;
  }
  while (n->undos.count > undos) {
    const undo *last = &n->undos.items[--n->undos.count];
    n->replacement[last->id] = last->replacement;
    n->known[last->id] = last->known;
    n->known_version[last->id] = last->known_version;
    n->definition[last->id] = last->definition;
  }
  return out;
}

static void keep_conditions(id_set *kept, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_WHILE && s->value.kind == IR_VARIABLE) id_set_add(kept, s->value.variable->id);
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) keep_conditions(kept, nested[j]);
  }
}

/* What is known of one function's variables is forgotten at the end of its block: all functions share the tables. */
static void number_function(ir_program *program, ir_block **block, void *context) {
  numbering *n = context;
  (void)program;
  n->kept = id_set_create(n->scratch);
  ir_add_sizes(&n->kept, *block);
  keep_conditions(&n->kept, *block);
  *block = number_block(n, *block);
}

void ir_common(ir_program *program) {
  arena *scratch = arena_create_within(program->arena);
  int size = program->next_id;
  numbering n = {.arena = program->arena, .scratch = scratch, .bucket_count = FIRST_BUCKETS};
  n.buckets = arena_array(scratch, fact *, n.bucket_count);
  n.versions = arena_array(scratch, long, size);
  n.whole_versions = arena_array(scratch, long, size);
  n.replacement = arena_array(scratch, ir_operand, size);
  n.known = arena_array(scratch, ir_operand, size);
  n.known_version = arena_array(scratch, long, size);
  n.definition = arena_array(scratch, const ir_statement *, size);
  ir_each_function_block(program, number_function, &n);
  arena_destroy(scratch);
}
