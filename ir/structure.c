/* structure.c: takes IR_SCOPE and IR_EXIT away, so that only for, while and if remain.
 *
 * An exit that nothing follows on the way to the end of its scope just ends. Where a branch always exits, what follows the
 * `if` moves into the other branch. What is left gets a flag for each scope: an exit sets it, and whatever follows, up to the
 * scope's end, is guarded by it; a loop that exits still counts to its end, without doing anything. */
#include "ir/ir.h"
#include "ir/passes.h"

typedef struct open_scope {
  int label;
  bool is_followed; /* something would run between here and the scope's end */
  ir_variable *flag;
  struct open_scope *outer;
} open_scope;

static ir_block *rewrite(ir_program *program, const ir_block *block, open_scope *scopes);

static bool exits_to(const ir_block *block, int label) {
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_EXIT && s->label == label) return true;
    ir_block *nested[3];
    int count = ir_nested_blocks(s, nested);
    for (int j = 0; j < count; j++)
      if (exits_to(nested[j], label)) return true;
  }
  return false;
}

static bool statement_exits_to(const ir_statement *s, int label) {
  ir_block one = {.items = (ir_statement *[]){(ir_statement *)s}, .count = 1};
  return exits_to(&one, label);
}

/* Control never comes to the block's end. */
static bool always_exits(const ir_block *block) {
  for (int i = 0; block && i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_EXIT) return true;
    if (s->kind == IR_IF && always_exits(s->body) && always_exits(s->other)) return true;
  }
  return false;
}

static ir_block *joined(ir_program *program, const ir_block *a, const ir_block *b, int from) {
  ir_block *all = ir_block_create(program->arena);
  for (int i = 0; a && i < a->count; i++) arena_push(program->arena, all, a->items[i]);
  for (int i = from; i < b->count; i++) arena_push(program->arena, all, b->items[i]);
  return all;
}

static ir_operand not_set(ir_builder *b, const open_scope *scope) { return ir_let1(b, IR_OP_NOT, ir_use(scope->flag)); }

/* `block`, which runs only while no flag is set of the scopes to which `s` exits. */
static void append_guarded(ir_builder *b, const ir_statement *s, const ir_block *block, open_scope *scopes) {
  ir_builder inner = *b;
  for (open_scope *scope = scopes; scope; scope = scope->outer) {
    if (!scope->flag || !statement_exits_to(s, scope->label)) continue;
    ir_builder others;
    ir_builder at = inner;
    ir_if(&at, not_set(&at, scope), &inner, &others);
  }
  for (int i = 0; i < block->count; i++) arena_push(b->program->arena, inner.block, block->items[i]);
}

static void follow_all(open_scope *scopes) {
  for (; scopes; scopes = scopes->outer) scopes->is_followed = true;
}

enum { MAX_SCOPES = 64 };

static int save_followed(const open_scope *scopes, bool *saved) {
  int count = 0;
  for (; scopes && count < MAX_SCOPES; scopes = scopes->outer) saved[count++] = scopes->is_followed;
  return count;
}

static void restore_followed(open_scope *scopes, const bool *saved, int count) {
  for (int i = 0; i < count; i++, scopes = scopes->outer) scopes->is_followed = saved[i];
}

static void rewrite_loop(ir_builder *b, const ir_statement *s, open_scope *scopes) {
  ir_program *program = b->program;
  follow_all(scopes);
  ir_statement *loop = ir_copy(program->arena, s);
  ir_block *body = rewrite(program, s->body, scopes);
  loop->body = ir_block_create(program->arena);
  ir_builder inner = {.program = program, .block = loop->body, .location = s->location};
  if (s->kind == IR_FOR) {
    append_guarded(&inner, s, body, scopes);
  } else {
    loop->body = body;
    ir_block *test = rewrite(program, s->test, scopes);
    loop->test = ir_block_create(program->arena);
    inner.block = loop->test;
    bool exits = false;
    for (open_scope *scope = scopes; scope; scope = scope->outer) exits |= exits_to(s->body, scope->label);
    if (exits) {
      ir_variable *holds = ir_declare(&inner, "holds", IR_INT, ir_int(0));
      ir_builder setting = {.program = program, .block = test, .location = s->location};
      ir_set(&setting, holds, s->value);
      append_guarded(&inner, s, test, scopes);
      loop->value = ir_use(holds);
    } else {
      loop->test = test;
    }
  }
  arena_push(program->arena, b->block, loop);
}

static void rewrite_scope(ir_builder *b, const ir_statement *s, open_scope *scopes) {
  open_scope scope = {.label = s->label, .outer = scopes};
  ir_block *body = rewrite(b->program, s->body, &scope);
  if (scope.flag) { /* made while the body was rewritten, declared before it */
    ir_statement *declare = ir_append(b, IR_DECLARE);
    declare->variable = scope.flag;
    declare->value = ir_int(0);
  }
  for (int i = 0; i < body->count; i++) arena_push(b->program->arena, b->block, body->items[i]);
}

static void append_exit(ir_builder *b, const ir_statement *s, open_scope *scopes) {
  while (scopes && scopes->label != s->label) scopes = scopes->outer;
  if (!scopes || !scopes->is_followed) return;
  if (!scopes->flag) scopes->flag = ir_variable_create(b->program, "left", IR_INT, IR_LOCAL, true);
  ir_set(b, scopes->flag, ir_int(1));
}

static ir_block *rewrite(ir_program *program, const ir_block *block, open_scope *scopes) {
  ir_builder b = {.program = program, .block = ir_block_create(program->arena)};
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    bool saved[MAX_SCOPES], is_last = i + 1 == block->count;
    b.location = s->location;
    if (s->kind == IR_EXIT) {
      append_exit(&b, s, scopes);
      return b.block;
    }
    ir_block *nested[3];
    if (ir_nested_blocks(s, nested) == 0) {
      arena_push(program->arena, b.block, (ir_statement *)s);
      continue;
    }
    if (s->kind == IR_IF && (always_exits(s->body) || always_exits(s->other))) {
      ir_statement *branch = ir_copy(program->arena, s);
      bool body_exits = always_exits(s->body), other_exits = always_exits(s->other);
      branch->body = rewrite(program, body_exits ? s->body : joined(program, s->body, block, i + 1), scopes);
      branch->other = rewrite(program, other_exits ? s->other : joined(program, s->other, block, i + 1), scopes);
      arena_push(program->arena, b.block, branch);
      return b.block;
    }
    int count = save_followed(scopes, saved);
    if (!is_last) follow_all(scopes);
    if (s->kind == IR_SCOPE) {
      rewrite_scope(&b, s, scopes);
    } else if (s->kind == IR_IF) {
      ir_statement *branch = ir_copy(program->arena, s);
      branch->body = rewrite(program, s->body, scopes);
      branch->other = s->other ? rewrite(program, s->other, scopes) : NULL;
      arena_push(program->arena, b.block, branch);
    } else {
      rewrite_loop(&b, s, scopes);
    }
    restore_followed(scopes, saved, count);
    bool exits = false;
    for (open_scope *scope = scopes; scope && !is_last; scope = scope->outer)
      exits |= statement_exits_to(s, scope->label);
    if (exits) {
      ir_block rest = {.items = block->items + i + 1, .count = block->count - i - 1};
      append_guarded(&b, s, rewrite(program, &rest, scopes), scopes);
      return b.block;
    }
  }
  return b.block;
}

static void rewrite_function(ir_program *program, ir_block **block, void *context) {
  (void)context;
  *block = rewrite(program, *block, NULL);
}

void ir_structure(ir_program *program) { ir_each_function_block(program, rewrite_function, NULL); }
