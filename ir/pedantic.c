/* pedantic.c: the parts of the pedantic warnings in order, and what they use together. */
#include <string.h>
#include "ir/pedantic_internal.h"

void pedantic_warnings(arena *arena, const program *program, messages *messages) {
  pedantic p = {arena, program, messages};
  warn_about_values(&p);
  warn_about_flow(&p);
  warn_about_densities(&p);
}

const variable *base_variable(const expression *e) {
  for (;;) {
    switch (e->kind) {
    case EXPRESSION_VARIABLE: return e->variable.variable;
    case EXPRESSION_INDEX: e = e->index.base; break;
    case EXPRESSION_MEMBER: e = e->member.base; break;
    case EXPRESSION_PARENTHESES:
    case EXPRESSION_PROMOTION: e = e->inner; break;
    default: return NULL;
    }
  }
}

bool is_parameter(const variable *v) { return v && v->is_global && v->block == BLOCK_PARAMETERS; }

bool literal_value(const expression *e, double *value) {
  switch (e->kind) {
  case EXPRESSION_INT: *value = (double)e->int_value; return true;
  case EXPRESSION_REAL: *value = e->real.value; return true;
  case EXPRESSION_PARENTHESES:
  case EXPRESSION_PROMOTION: return literal_value(e->inner, value);
  case EXPRESSION_UNARY:
    if (e->operation.op != OP_NEGATE || !literal_value(e->operation.left, value)) return false;
    *value = -*value;
    return true;
  default: return false;
  }
}

static void find_data(const expression *e, void *context) {
  const variable *v = e->kind == EXPRESSION_VARIABLE ? e->variable.variable : NULL;
  bool is_data = v && v->is_global && (v->block == BLOCK_DATA || v->block == BLOCK_TRANSFORMED_DATA);
  if (is_data && type_scalar(v->type)->kind != TYPE_INT) *(bool *)context = true;
}

bool reads_observations(const expression *e) {
  bool found = false;
  walk_expression(e, &(ast_visitor){.expression = find_data, .context = &found});
  return found;
}

/* ---- densities ---- */

static void find_density(const expression *e, void *context) {
  if (e->kind == EXPRESSION_CALL && e->call.has_bar) *(bool *)context = true;
}

bool holds_density(const expression *e) {
  bool found = false;
  walk_expression(e, &(ast_visitor){.expression = find_density, .context = &found});
  return found;
}

typedef struct density_visit {
  const pedantic *p;
  void (*visit)(const density_use *use, void *context);
  void *context;
} density_visit;

static const char *density_name(arena *arena, const char *name) {
  static const char *const suffixes[] = {"_lpdf", "_lpmf", "_lupdf", "_lupmf"};
  for (int i = 0; i < 4; i++) {
    size_t length = strlen(name), suffix = strlen(suffixes[i]);
    if (length > suffix && strcmp(name + length - suffix, suffixes[i]) == 0)
      return arena_text(arena, name, length - suffix);
  }
  return NULL;
}

static void visit_tilde(const statement *s, void *context) {
  if (s->kind != STATEMENT_TILDE) return;
  const density_visit *v = context;
  const expression *call = s->tilde.call;
  density_use use = {call->location,
                     call->call.name,
                     call->call.callee.function,
                     s->tilde.left,
                     call->call.arguments.items,
                     call->call.arguments.count};
  v->visit(&use, v->context);
}

static void visit_call(const expression *e, void *context) {
  const density_visit *v = context;
  if (e->kind != EXPRESSION_CALL || e->call.arguments.count == 0) return;
  const char *name = density_name(v->p->arena, e->call.name);
  if (!name) return;
  density_use use = {e->location,
                     name,
                     e->call.callee.function,
                     e->call.arguments.items[0],
                     e->call.arguments.items + 1,
                     e->call.arguments.count - 1};
  v->visit(&use, v->context);
}

void each_density(const pedantic *p, void (*visit)(const density_use *use, void *context), void *context) {
  density_visit all = {p, visit, context};
  ast_visitor visitor = {visit_tilde, visit_call, &all};
  walk_statements(p->program->blocks[BLOCK_TRANSFORMED_PARAMETERS], &visitor);
  walk_statements(p->program->blocks[BLOCK_MODEL], &visitor);
}
