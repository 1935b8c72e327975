/* c_loop.c: for loops. A parallel loop of straight-line code is written for the vector units: `omp simd`, sums as
 * reductions, checks gathered in a flag; if the flag was raised, a plain loop over the same code finds the first offender
 * and reports it. */
#include <string.h>
#include "codegen/c_writer.h"
#include "ir/id_set.h"
#include "ir/index.h"

static void need(ir_operand *x, void *context) {
  if (x->kind == IR_VARIABLE) id_set_add(context, x->variable->id);
}

static void need_int(ir_operand *x, void *context) {
  if (ir_operand_type(*x) == IR_INT) need(x, context);
}

/* Whether a check in the body stands before an index that is used there. The vector units would load first and look at the
 * check afterwards, and the index may lie anywhere. */
static bool guards_index(c_writer *w, const ir_block *body) {
  id_set indices = id_set_create(w->arena), checked = id_set_create(w->arena);
  for (int i = body->count; i-- > 0;) {
    ir_statement *s = body->items[i];
    if (s->kind == IR_CHECK) need_int(&s->value, &checked);
    if (s->kind == IR_LET || s->kind == IR_LOAD) {
      bool is_index = id_set_has(&indices, s->variable->id), is_checked = id_set_has(&checked, s->variable->id);
      if (is_index && is_checked) return true;
      if (s->kind == IR_LET && is_index) ir_each_operand(s, need_int, &indices);
      if (s->kind == IR_LET && is_checked) ir_each_operand(s, need_int, &checked);
    }
    if (s->index.kind != IR_NONE) need(&s->index, &indices);
  }
  return false;
}

/* Whether the loop's body can be handed to the vector units as it stands. */
static bool is_vector_loop(c_writer *w, const ir_statement *loop) {
  if (!loop->is_parallel || guards_index(w, loop->body)) return false;
  ir_link_definitions(loop->body);
  loop->variable->note = (void *)loop;
  for (int i = 0; i < loop->body->count; i++) {
    const ir_statement *s = loop->body->items[i];
    switch (s->kind) {
    case IR_LET:
      if (ir_ops[s->op].flags & (IR_IMPURE | IR_MAY_FAIL)) return false;
      break;
    case IR_STORE:
    case IR_ACCUMULATE:
      if (!ir_is_distinct(s->index, loop)) return false;
      break;
    case IR_LOAD:
    case IR_ADD:
    case IR_TARGET:
    case IR_CHECK: break;
    default: return false;
    }
  }
  return true;
}

static const char *reductions(c_writer *w, const ir_block *body) {
  id_set seen = id_set_create(w->arena);
  char *sums = "";
  bool has_target = false, has_check = false;
  for (int i = 0; i < body->count; i++) {
    const ir_statement *s = body->items[i];
    has_target = has_target || s->kind == IR_TARGET;
    has_check = has_check || s->kind == IR_CHECK;
    if (s->kind != IR_ADD || id_set_has(&seen, s->variable->id)) continue;
    id_set_add(&seen, s->variable->id);
    sums = arena_printf(w->arena, "%s%s%s", sums, *sums ? ", " : "", c_variable(w, s->variable));
  }
  if (has_target) sums = arena_printf(w->arena, "target%s%s", *sums ? ", " : "", sums);
  char *clauses = *sums ? arena_printf(w->arena, " reduction(+ : %s)", sums) : "";
  return has_check ? arena_printf(w->arena, "%s reduction(| : bad)", clauses) : clauses;
}

static void head(c_writer *w, const ir_statement *loop) {
  const char *i = c_variable(w, loop->variable);
  c_line(w, "for (long %s = %s; %s <= %s; %s++) {", i, c_expression(w, loop->first), i, c_expression(w, loop->last), i);
}

/* The checks of the body and the definitions that they need, in order. */
static ir_block *checks_of(c_writer *w, const ir_block *body) {
  id_set needed = id_set_create(w->arena);
  ir_block *backwards = ir_block_create(w->arena), *checks = ir_block_create(w->arena);
  for (int i = body->count; i-- > 0;) {
    ir_statement *s = body->items[i];
    bool is_definition = s->kind == IR_LET || s->kind == IR_LOAD;
    if (s->kind != IR_CHECK && !(is_definition && id_set_has(&needed, s->variable->id))) continue;
    ir_each_operand(s, need, &needed);
    arena_push(w->arena, backwards, s);
  }
  for (int i = backwards->count; i-- > 0;) arena_push(w->arena, checks, backwards->items[i]);
  return checks;
}

static void vector_loop(c_writer *w, const ir_statement *loop) {
  ir_block *checks = checks_of(w, loop->body);
  const char *clauses = reductions(w, loop->body);
  if (checks->count) {
    c_line(w, "{");
    w->indent += 2;
    c_line(w, "int bad = 0;");
  }
  fprintf(w->out, "#pragma omp simd%s\n", clauses);
  head(w, loop);
  w->indent += 2;
  const ir_block *body = loop->body;
  for (int i = 0; i < body->count; i++) {
    const ir_statement *s = body->items[i];
    if (s->kind == IR_CHECK)
      c_line(w, "bad |= !%s;", c_operand(w, s->value));
    else
      c_statement(w, s, body);
  }
  w->indent -= 2;
  c_line(w, "}");
  if (!checks->count) return;
  c_line(w, "if (bad)");
  w->indent += 2;
  head(w, loop);
  w->indent += 2;
  for (int i = 0; i < checks->count; i++) c_statement(w, checks->items[i], body);
  w->indent -= 2;
  c_line(w, "}");
  w->indent -= 4;
  c_line(w, "}");
}

void c_for(c_writer *w, const ir_statement *loop) {
  if (is_vector_loop(w, loop)) {
    vector_loop(w, loop);
    return;
  }
  head(w, loop);
  w->indent += 2;
  c_block(w, loop->body);
  w->indent -= 2;
  c_line(w, "}");
}
