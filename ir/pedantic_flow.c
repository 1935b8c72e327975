/* pedantic_flow.c: what becomes of the parameters: which influence nothing, which have no prior, and which conditions depend on
 * them. */
#include <string.h>
#include "ir/pedantic_internal.h"

enum { REACHES = 1, DERIVED = 2 };

static void mark(const variable *v, unsigned bits) { ((variable *)v)->marks |= bits; }

static void clear(const statement *s, void *context) {
  unsigned bits = *(const unsigned *)context;
  if (s->kind == STATEMENT_DECLARATION) s->declaration.variable->marks &= ~bits;
  if (s->kind == STATEMENT_FOR || s->kind == STATEMENT_FOR_EACH) s->loop.variable->marks &= ~bits;
}

static void clear_marks(const pedantic *p, unsigned bits) {
  walk_program(p->program, &(ast_visitor){.statement = clear, .context = &bits});
}

typedef struct search {
  unsigned bits;
  bool found;
} search;

static void find_mark(const expression *e, void *context) {
  search *s = context;
  if (e->kind == EXPRESSION_VARIABLE && e->variable.variable && e->variable.variable->marks & s->bits) s->found = true;
}

static bool reads_marked(const expression *e, unsigned bits) {
  search s = {bits, false};
  walk_expression(e, &(ast_visitor){.expression = find_mark, .context = &s});
  return s.found;
}

/* ---- towards the density ---- */

static void mark_reaching(const expression *e, void *context) {
  const variable *v = e->kind == EXPRESSION_VARIABLE ? e->variable.variable : NULL;
  if (!v || v->marks & REACHES) return;
  mark(v, REACHES);
  *(bool *)context = true;
}

static void reach(const expression *e, bool *changed) {
  walk_expression(e, &(ast_visitor){.expression = mark_reaching, .context = changed});
}

static bool adds_to_target(const expression *e) {
  if (e->kind != EXPRESSION_CALL) return false;
  const char *name = e->call.name;
  size_t length = strlen(name);
  return (length > 3 && strcmp(name + length - 3, "_lp") == 0) ||
         (length > 9 && strcmp(name + length - 9, "_jacobian") == 0);
}

static void find_target(const expression *e, void *context) {
  if (adds_to_target(e)) *(bool *)context = true;
}

static bool reaches_target(const statement *s) {
  bool adds = s->kind == STATEMENT_TILDE || s->kind == STATEMENT_TARGET || s->kind == STATEMENT_JACOBIAN ||
              s->kind == STATEMENT_CALL || s->kind == STATEMENT_REJECT;
  ast_visitor visitor = {.expression = find_target, .context = &adds};
  if (s->kind == STATEMENT_ASSIGNMENT) walk_expression(s->assignment.value, &visitor);
  if (s->kind == STATEMENT_DECLARATION) walk_expression(s->declaration.value, &visitor);
  return adds;
}

/* Whether what the list does reaches the density; what decides whether it is done reaches it as well. */
static bool reach_list(const statement *list, bool *changed);

static bool reach_statement(const statement *s, bool *changed) {
  const variable *assigned = NULL;
  bool reaches = reaches_target(s);
  switch (s->kind) {
  case STATEMENT_DECLARATION: assigned = s->declaration.value ? s->declaration.variable : NULL; break;
  case STATEMENT_ASSIGNMENT: assigned = base_variable(s->assignment.target); break;
  case STATEMENT_UNPACK: reaches = reads_marked(s->unpack.targets, REACHES); break;
  case STATEMENT_FOR:
  case STATEMENT_FOR_EACH:
    if (!reach_list(s->loop.body, changed)) return false;
    reach(s->loop.first, changed);
    reach(s->loop.last, changed);
    return true;
  case STATEMENT_WHILE:
  case STATEMENT_IF: {
    bool then_body = reach_list(s->branch.then_body, changed), else_body = reach_list(s->branch.else_body, changed);
    if (then_body || else_body) reach(s->branch.condition, changed);
    return then_body || else_body;
  }
  case STATEMENT_BLOCK:
  case STATEMENT_PROFILE: return reach_list(s->block.body, changed);
  default: break;
  }
  if (assigned) reaches = reaches || assigned->marks & REACHES;
  if (!reaches) return false;
  statement alone = *s;
  alone.next = NULL;
  walk_statements(&alone, &(ast_visitor){.expression = mark_reaching, .context = changed});
  return true;
}

static bool reach_list(const statement *list, bool *changed) {
  bool reaches = false;
  for (const statement *s = list; s; s = s->next) reaches = reach_statement(s, changed) || reaches;
  return reaches;
}

/* ---- away from a parameter ---- */

static void derive(const statement *s, void *context) {
  const variable *assigned = NULL;
  const expression *value = NULL;
  if (s->kind == STATEMENT_DECLARATION) {
    assigned = s->declaration.variable;
    value = s->declaration.value;
  }
  if (s->kind == STATEMENT_ASSIGNMENT) {
    assigned = base_variable(s->assignment.target);
    value = s->assignment.value;
  }
  if (s->kind == STATEMENT_FOR_EACH) {
    assigned = s->loop.variable;
    value = s->loop.first;
  }
  if (!assigned || assigned->marks & DERIVED || !value || !reads_marked(value, DERIVED)) return;
  mark(assigned, DERIVED);
  *(bool *)context = true;
}

/* What has a density, and comes from the parameter without observations in it. */
static void find_prior(const density_use *use, void *context) {
  if (!reads_observations(use->left) && reads_marked(use->left, DERIVED)) *(bool *)context = true;
}

/* target += -square(theta): a density of the program's own making. */
static void find_own_prior(const statement *s, void *context) {
  if (s->kind == STATEMENT_CALL && reads_marked(s->value, DERIVED)) *(bool *)context = true;
  if (s->kind == STATEMENT_TARGET && !holds_density(s->value) && reads_marked(s->value, DERIVED))
    *(bool *)context = true;
}

static bool has_prior(const pedantic *p, const variable *parameter) {
  clear_marks(p, DERIVED);
  mark(parameter, DERIVED);
  bool changed;
  ast_visitor derives = {.statement = derive, .context = &changed};
  do {
    changed = false;
    walk_statements(p->program->blocks[BLOCK_TRANSFORMED_PARAMETERS], &derives);
    walk_statements(p->program->blocks[BLOCK_MODEL], &derives);
  } while (changed);
  bool found = false;
  each_density(p, find_prior, &found);
  ast_visitor own = {.statement = find_own_prior, .context = &found};
  walk_statements(p->program->blocks[BLOCK_TRANSFORMED_PARAMETERS], &own);
  walk_statements(p->program->blocks[BLOCK_MODEL], &own);
  return found;
}

/* A uniform density over all that the declaration allows is one. */
static bool is_bounded(const sized_type *declared) {
  switch (declared->form) {
  case FORM_SIMPLEX:
  case FORM_UNIT_VECTOR:
  case FORM_CORR_MATRIX:
  case FORM_CHOLESKY_FACTOR_CORR:
  case FORM_COLUMN_STOCHASTIC_MATRIX:
  case FORM_ROW_STOCHASTIC_MATRIX: return true;
  default: return declared->lower && declared->upper;
  }
}

static void warn_about_parameter(pedantic *p, const variable *v) {
  if (!(v->marks & REACHES)) {
    message *m =
        message_warning(p->messages, v->location, "the parameter `%s` influences nothing in the model", v->name);
    message_hint(p->messages, m, "its draws will wander: use it, or leave it out");
  } else if (!is_bounded(v->declared) && !has_prior(p, v)) {
    message *m = message_warning(p->messages, v->location, "the parameter `%s` has no prior", v->name);
    message_hint(p->messages, m,
                 "all values count as equally plausible before the data, however large: say what is known, as in "
                 "`%s ~ normal(0, 1);`",
                 v->name);
  }
}

/* A bound where nothing forces it cuts off probability, and posteriors that press against it are hard to sample. Those of
 * probabilities and correlations are what such parameters are. */
static void warn_about_bounds(pedantic *p, const variable *v) {
  double lower, upper;
  const sized_type *declared = v->declared;
  if (!declared->lower || !declared->upper || !literal_value(declared->lower, &lower) ||
      !literal_value(declared->upper, &upper))
    return;
  if (lower >= upper) {
    message *m = message_warning(p->messages, v->location, "the bounds of `%s` leave no values", v->name);
    message_hint(p->messages, m, "the lower bound must be less than the upper one");
  } else if (!(upper == 1 && (lower == 0 || lower == -1))) {
    message *m = message_warning(p->messages, v->location, "`%s` has a hard bound on either side", v->name);
    message_hint(p->messages, m,
                 "unless no other values can be, state what is plausible with a density that falls off smoothly");
  }
}

/* ---- conditions ---- */

/* What decides how often, or whether, what is in the statement is done. */
static const expression *condition_of(const statement *s) {
  if (s->kind == STATEMENT_IF || s->kind == STATEMENT_WHILE) return s->branch.condition;
  return s->kind == STATEMENT_FOR ? s->loop.last : NULL;
}

static void tell_condition(const statement *s, void *context) {
  const pedantic *p = context;
  const expression *condition = condition_of(s);
  if (!condition || !condition->depends_on_parameters) return;
  message *m =
      message_warning(p->messages, condition->location, "what is computed here depends on the value of parameters");
  message_hint(p->messages, m, "where it switches the density may jump or have a kink, which the sampler cannot see");
}

static void tell_condition_within(const statement *s, void *context) {
  const pedantic *p = context;
  const expression *condition = condition_of(s);
  if (!condition || !reads_marked(condition, DERIVED)) return;
  message *m = message_warning(p->messages, condition->location,
                               "what is computed here depends on the value of parameters that the function is given");
  message_hint(p->messages, m, "where it switches the density may jump or have a kink, which the sampler cannot see");
}

typedef struct handing_on {
  bool is_in_function; /* where what depends on parameters is marked */
  bool changed;
} handing_on;

/* f(mu) */
static void hand_on(const expression *e, void *context) {
  handing_on *h = context;
  const function *f =
      e->kind == EXPRESSION_CALL && e->call.callee.kind == CALLEE_FUNCTION ? e->call.callee.function : NULL;
  if (!f || f->is_library) return;
  for (int i = 0; i < f->parameter_count && i < e->call.arguments.count; i++) {
    const expression *given = e->call.arguments.items[i];
    bool depends = h->is_in_function ? reads_marked(given, DERIVED) : given->depends_on_parameters;
    if (!depends || f->parameters[i]->marks & DERIVED) continue;
    mark(f->parameters[i], DERIVED);
    h->changed = true;
  }
}

static void warn_about_functions(pedantic *p) {
  clear_marks(p, DERIVED);
  for (const function *f = p->program->functions; f; f = f->next)
    for (int i = 0; i < f->parameter_count; i++) f->parameters[i]->marks = 0;
  handing_on h = {.is_in_function = false};
  ast_visitor visitor = {.expression = hand_on, .context = &h};
  walk_statements(p->program->blocks[BLOCK_TRANSFORMED_PARAMETERS], &visitor);
  walk_statements(p->program->blocks[BLOCK_MODEL], &visitor);
  h.is_in_function = true;
  do {
    h.changed = false;
    for (const function *f = p->program->functions; f; f = f->next) {
      walk_statements(f->body, &(ast_visitor){.statement = derive, .context = &h.changed});
      walk_statements(f->body, &visitor);
    }
  } while (h.changed);
  for (const function *f = p->program->functions; f; f = f->next)
    walk_statements(f->body, &(ast_visitor){.statement = tell_condition_within, .context = p});
}

void warn_about_flow(pedantic *p) {
  const program *program = p->program;
  clear_marks(p, REACHES | DERIVED);
  bool changed;
  do {
    changed = false;
    reach_list(program->blocks[BLOCK_TRANSFORMED_PARAMETERS], &changed);
    reach_list(program->blocks[BLOCK_MODEL], &changed);
  } while (changed);
  for (const statement *s = program->blocks[BLOCK_PARAMETERS]; s; s = s->next)
    if (s->kind == STATEMENT_DECLARATION) {
      warn_about_parameter(p, s->declaration.variable);
      warn_about_bounds(p, s->declaration.variable);
    }
  ast_visitor conditions = {.statement = tell_condition, .context = p};
  walk_statements(program->blocks[BLOCK_TRANSFORMED_PARAMETERS], &conditions);
  walk_statements(program->blocks[BLOCK_MODEL], &conditions);
  warn_about_functions(p);
}
