/* c_loop.c: for loops. A parallel loop of straight-line code is written for the vector units: `omp simd`, sums as
 * reductions, checks gathered in a flag; if the flag was raised, a plain loop over the same code finds the first offender
 * and reports it. Checks that need nothing from memory have a loop of their own ahead: they may be those of the loop's own
 * variable as an index, and nothing is read or written before they hold. */
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

/* Whether the loop is written for the vector units: what runs once and computes nothing dear has to wait for the memory, and the C
 * compiler takes three times as long for a vector loop. */
static bool is_worth_vectors(const c_writer *w, const ir_statement *loop) {
  enum { CHEAP = 4 };
  if (w->function != C_CONSTRUCT && w->function != C_UNCONSTRAIN) return true;
  for (int i = 0; i < loop->body->count; i++) {
    const ir_statement *s = loop->body->items[i];
    if (s->kind == IR_ADD || s->kind == IR_TARGET || (s->kind == IR_LET && ir_ops[s->op].cost > CHEAP)) return true;
  }
  return false;
}

static const char *reductions(c_writer *w, const ir_block *body) {
  id_set seen = id_set_create(w->arena);
  char *sums = "", *products = "";
  bool has_target = false;
  for (int i = 0; i < body->count; i++) {
    const ir_statement *s = body->items[i];
    has_target = has_target || s->kind == IR_TARGET;
    if (s->kind != IR_ADD || id_set_has(&seen, s->variable->id)) continue;
    id_set_add(&seen, s->variable->id);
    char **list = s->is_product ? &products : &sums;
    *list = arena_printf(w->arena, "%s%s%s", *list, **list ? ", " : "", c_variable(w, s->variable));
  }
  if (has_target) sums = arena_printf(w->arena, "target%s%s", *sums ? ", " : "", sums);
  if (*sums) sums = arena_printf(w->arena, " reduction(+ : %s)", sums);
  return *products ? arena_printf(w->arena, "%s reduction(sl_product : %s)", sums, products) : sums;
}

static void head(c_writer *w, const ir_statement *loop) {
  const char *i = c_variable(w, loop->variable);
  c_line(w, "for (long %s = %s; %s <= %s; %s++) {", i, c_expression(w, loop->first), i, c_expression(w, loop->last), i);
}

typedef struct from_memory {
  id_set variables;
  bool is_used; /* by the statement just looked at */
} from_memory;

static void look_for_memory(ir_operand *x, void *context) {
  from_memory *m = context;
  m->is_used = m->is_used || (x->kind == IR_VARIABLE && id_set_has(&m->variables, x->variable->id));
}

static bool needs_memory(from_memory *m, ir_statement *s) {
  m->is_used = false;
  ir_each_operand(s, look_for_memory, m);
  return m->is_used;
}

/* What is computed in the body from what it loads. */
static from_memory find_memory(c_writer *w, const ir_block *body) {
  from_memory m = {.variables = id_set_create(w->arena)};
  for (int i = 0; i < body->count; i++) {
    ir_statement *s = body->items[i];
    bool is_loaded = s->kind == IR_LOAD || (s->kind == IR_LET && needs_memory(&m, s));
    if (is_loaded) id_set_add(&m.variables, s->variable->id);
  }
  return m;
}

/* The checks of the body that need memory, or those that do not, and the definitions that they need, in order. */
static ir_block *checks_of(c_writer *w, const ir_block *body, bool with_memory) {
  from_memory memory = find_memory(w, body);
  id_set needed = id_set_create(w->arena);
  ir_block *backwards = ir_block_create(w->arena), *checks = ir_block_create(w->arena);
  for (int i = body->count; i-- > 0;) {
    ir_statement *s = body->items[i];
    bool is_check = s->kind == IR_CHECK && needs_memory(&memory, s) == with_memory;
    bool is_definition = s->kind == IR_LET || s->kind == IR_LOAD;
    if (!is_check && !(is_definition && id_set_has(&needed, s->variable->id))) continue;
    ir_each_operand(s, need, &needed);
    arena_push(w->arena, backwards, s);
  }
  for (int i = backwards->count; i-- > 0;) arena_push(w->arena, checks, backwards->items[i]);
  return checks;
}

/* Twice as wide vectors, where the processor has them, for a loop that computes much and turns often: 1.3 times as fast on
 * low_dim_gauss_mix, 1.1 on trolley_varying; with its 504 rows chimpanzees_m3 takes 1.08 times as long. A loop inside another,
 * or in a function that is called, may be short, and what is left over then costs more than is won: dogs would take 1.4 times as long. */
static bool is_worth_wide_vectors(const c_writer *w, const ir_statement *loop, const ir_block *statements) {
  enum { WIDE_COST = 20, SHORT = 64 };
  bool is_known = loop->first.kind == IR_CONSTANT_INT && loop->last.kind == IR_CONSTANT_INT;
  if (w->depth || w->function == C_CALLED || (is_known && loop->last.int_value - loop->first.int_value < SHORT))
    return false;
  int cost = 0;
  for (int i = 0; i < statements->count; i++)
    if (statements->items[i]->kind == IR_LET) cost += ir_ops[statements->items[i]->op].cost;
  return cost >= WIDE_COST;
}

/* The statements in one loop, of whose checks those in `flagged` raise the flag and the others are left out; then the loop
 * that reports. */
static void one_vector_loop(c_writer *w, const ir_statement *loop, const ir_block *statements, const ir_block *flagged,
                            const char *clauses) {
  if (flagged->count) {
    c_line(w, "{");
    w->indent += 2;
    c_line(w, "long bad = 0;"); /* as wide as the doubles: nothing is packed */
  }
  fprintf(w->out, "#pragma omp simd%s%s%s\n", is_worth_wide_vectors(w, loop, statements) ? " SL_WIDE" : "", clauses,
          flagged->count ? " reduction(| : bad)" : "");
  head(w, loop);
  w->indent += 2;
  for (int i = 0, next = 0; i < statements->count; i++) {
    const ir_statement *s = statements->items[i];
    bool is_flagged = next < flagged->count && flagged->items[next] == s; /* in the same order */
    next += is_flagged;
    if (s->kind != IR_CHECK)
      c_statement(w, s, loop->body);
    else if (is_flagged)
      c_line(w, "bad |= !%s;", c_operand(w, s->value));
  }
  w->indent -= 2;
  c_line(w, "}");
  if (!flagged->count) return;
  c_line(w, "if (bad)");
  w->indent += 2;
  head(w, loop);
  w->indent += 2;
  for (int i = 0; i < flagged->count; i++) c_statement(w, flagged->items[i], loop->body);
  w->indent -= 2;
  c_line(w, "}");
  w->indent -= 4;
  c_line(w, "}");
}

static void vector_loop(c_writer *w, const ir_statement *loop) {
  const ir_block *ahead = checks_of(w, loop->body, false), *within = checks_of(w, loop->body, true);
  if (ahead->count) one_vector_loop(w, loop, ahead, ahead, "");
  one_vector_loop(w, loop, loop->body, within, reductions(w, loop->body));
}

void c_for(c_writer *w, const ir_statement *loop) {
  if (loop->is_threaded && w->ahead) {
    c_threads(w, loop);
    return;
  }
  if (is_vector_loop(w, loop) && is_worth_vectors(w, loop)) {
    vector_loop(w, loop);
    return;
  }
  head(w, loop);
  w->indent += 2;
  w->depth += !loop->is_over_blocks;
  c_block(w, loop->body);
  w->depth -= !loop->is_over_blocks;
  w->indent -= 2;
  c_line(w, "}");
}
