/* check_flow.c: which variables and expressions may hold values that depend on parameters.
 *
 * A fixpoint over the assignments of the typed program, repeated until no variable changes. What is assigned under a
 * condition, or in a loop, that depends on parameters depends on them too. Of a function, every parameter not declared
 * `data` counts as dependent, since calls differ. Drawn random numbers of generated quantities count as dependent: they
 * change with every draw. */
#include <string.h>
#include "ir/builtins.h"
#include "ir/check_internal.h"

typedef struct flow {
  bool changed;
  bool in_function;
  block_kind block;
  bool leaves_loop, leaves_function; /* a break, continue or return was met whose execution depends on parameters */
} flow;

static bool visit(flow *f, expression *e);

static bool visit_all(flow *f, const expressions *list) {
  bool depends = false;
  for (int i = 0; i < list->count; i++) depends = visit(f, list->items[i]) || depends;
  return depends;
}

static bool visit_indices(flow *f, const indices *indices) {
  bool depends = false;
  for (int i = 0; i < indices->count; i++) {
    depends = visit(f, indices->items[i].first) || depends;
    depends = visit(f, indices->items[i].last) || depends;
  }
  return depends;
}

static bool visit_call(flow *f, expression *e) {
  bool depends = visit_all(f, &e->call.arguments);
  const char *name = e->call.name;
  bool reads_target = strcmp(name, "target") == 0 || has_suffix(name, "_lp") || has_suffix(name, "_jacobian");
  bool draws = has_suffix(name, "_rng") && (f->in_function || f->block == BLOCK_GENERATED_QUANTITIES);
  return depends || reads_target || draws;
}

/* Without short cuts: every part gets its mark. */
static bool depends(flow *f, expression *e) {
  switch (e->kind) {
  case EXPRESSION_VARIABLE: return e->variable.variable && e->variable.variable->depends_on_parameters;
  case EXPRESSION_UNARY: return visit(f, e->operation.left);
  case EXPRESSION_BINARY: return visit(f, e->operation.left) | visit(f, e->operation.right);
  case EXPRESSION_TERNARY:
    return visit(f, e->ternary.condition) | visit(f, e->ternary.then_value) | visit(f, e->ternary.else_value);
  case EXPRESSION_CALL: return visit_call(f, e);
  case EXPRESSION_INDEX: return visit(f, e->index.base) | visit_indices(f, &e->index.indices);
  case EXPRESSION_ARRAY:
  case EXPRESSION_ROW_VECTOR:
  case EXPRESSION_TUPLE: return visit_all(f, &e->items);
  case EXPRESSION_MEMBER: return visit(f, e->member.base);
  case EXPRESSION_PARENTHESES:
  case EXPRESSION_PROMOTION: return visit(f, e->inner);
  default: return false;
  }
}

static bool visit(flow *f, expression *e) {
  if (!e) return false;
  return e->depends_on_parameters = depends(f, e);
}

static void mark(flow *f, variable *v) {
  if (!v || v->depends_on_parameters) return;
  v->depends_on_parameters = true;
  f->changed = true;
}

static void visit_target(flow *f, expression *target, bool value_depends) {
  visit(f, target);
  expression *e = target;
  while (e->kind != EXPRESSION_VARIABLE) {
    if (e->kind == EXPRESSION_TUPLE) {
      for (int i = 0; i < e->items.count; i++) visit_target(f, e->items.items[i], value_depends);
      return;
    }
    if (e->kind == EXPRESSION_INDEX) {
      value_depends = visit_indices(f, &e->index.indices) || value_depends;
      e = e->index.base;
    } else {
      e = e->kind == EXPRESSION_MEMBER ? e->member.base : e->inner;
    }
  }
  if (value_depends) mark(f, e->variable.variable);
}

static void visit_sizes(flow *f, const sized_type *declared) {
  visit_all(f, &declared->array_sizes);
  visit_all(f, &declared->sizes);
  visit(f, declared->lower);
  visit(f, declared->upper);
  visit(f, declared->offset);
  visit(f, declared->multiplier);
  for (int i = 0; i < declared->member_count; i++) visit_sizes(f, declared->members[i]);
}

static void visit_list(flow *f, statement *list, bool controlled);

/* Twice when the body may be left early depending on parameters: then all that it assigns depends on them. */
static void visit_loop_body(flow *f, statement *body, bool controlled) {
  bool outer = f->leaves_loop;
  f->leaves_loop = false;
  visit_list(f, body, controlled);
  if (f->leaves_loop && !controlled) visit_list(f, body, true);
  f->leaves_loop = outer;
}

static void visit_statement(flow *f, statement *s, bool controlled) {
  switch (s->kind) {
  case STATEMENT_DECLARATION: {
    variable *v = s->declaration.variable;
    visit_sizes(f, v->declared);
    bool value = visit(f, s->declaration.value);
    if (value || (s->declaration.value && controlled) || (v->is_global && v->block == BLOCK_PARAMETERS)) mark(f, v);
    break;
  }
  case STATEMENT_ASSIGNMENT: visit_target(f, s->assignment.target, visit(f, s->assignment.value) || controlled); break;
  case STATEMENT_UNPACK: visit_target(f, s->unpack.targets, visit(f, s->unpack.value) || controlled); break;
  case STATEMENT_TILDE:
    visit(f, s->tilde.left);
    visit(f, s->tilde.call);
    visit(f, s->tilde.lower);
    visit(f, s->tilde.upper);
    break;
  case STATEMENT_TARGET:
  case STATEMENT_JACOBIAN:
  case STATEMENT_CALL: visit(f, s->value); break;
  case STATEMENT_FOR:
  case STATEMENT_FOR_EACH: {
    bool range = visit(f, s->loop.first) | visit(f, s->loop.last);
    if (range || controlled) mark(f, s->loop.variable);
    visit_loop_body(f, s->loop.body, range || controlled);
    break;
  }
  case STATEMENT_WHILE: visit_loop_body(f, s->branch.then_body, visit(f, s->branch.condition) || controlled); break;
  case STATEMENT_IF: {
    bool inner = visit(f, s->branch.condition) || controlled;
    visit_list(f, s->branch.then_body, inner);
    if (s->branch.else_body) visit_list(f, s->branch.else_body, inner);
    break;
  }
  case STATEMENT_RETURN:
    visit(f, s->value);
    f->leaves_function = f->leaves_function || controlled;
    f->leaves_loop = f->leaves_loop || controlled;
    break;
  case STATEMENT_BREAK:
  case STATEMENT_CONTINUE: f->leaves_loop = f->leaves_loop || controlled; break;
  case STATEMENT_PRINT:
  case STATEMENT_REJECT:
  case STATEMENT_FATAL_ERROR: visit_all(f, &s->items); break;
  case STATEMENT_PROFILE:
  case STATEMENT_BLOCK: visit_list(f, s->block.body, controlled); break;
  case STATEMENT_EMPTY: break;
  }
}

static void visit_list(flow *f, statement *list, bool controlled) {
  for (statement *s = list; s; s = s->next) visit_statement(f, s, controlled);
}

static void mark_function(function *function) {
  flow f = {.in_function = true, .block = BLOCK_FUNCTIONS};
  for (int i = 0; i < function->parameter_count; i++)
    function->parameters[i]->depends_on_parameters = !function->parameters[i]->is_data_only;
  do {
    f.changed = false;
    visit_list(&f, function->body, f.leaves_function);
  } while (f.changed);
}

void mark_parameter_dependence(checker *c) {
  for (int i = 0; i < c->library_calls.count; i++) mark_function(c->library_calls.items[i]);
  if (!c->program) return;
  for (function *function = c->program->functions; function; function = function->next)
    if (function->body) mark_function(function);
  flow f = {0};
  do {
    f.changed = false;
    for (f.block = BLOCK_DATA; f.block < BLOCK_COUNT; f.block++) visit_list(&f, c->program->blocks[f.block], false);
  } while (f.changed);
}
