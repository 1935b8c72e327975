/* pedantic_density.c: the arguments of densities, and what stands left of `~`. */
#include <math.h>
#include <string.h>
#include "ir/pedantic_internal.h"
#include "parser/print.h"

/* ---- values that a density does not take ---- */

static const char *range_words(arena *arena, const domain *d) {
  if (d->form == FORM_SIMPLEX) return "a simplex";
  if (d->form == FORM_ORDERED) return "ordered";
  if (d->form == FORM_COV_MATRIX) return "a covariance matrix";
  if (d->form == FORM_CHOLESKY_FACTOR_COV) return "a Cholesky factor";
  bool has_lower = d->lower > -INFINITY, has_upper = d->upper < INFINITY;
  if (has_lower && has_upper) return arena_printf(arena, "between %g and %g", d->lower, d->upper);
  if (has_lower && d->lower == 0) return d->is_strict ? "positive" : "at least 0";
  return has_lower ? arena_printf(arena, "at least %g", d->lower) : arena_printf(arena, "at most %g", d->upper);
}

static const char *bounds_text(arena *arena, const domain *d) {
  bool has_lower = d->lower > -INFINITY, has_upper = d->upper < INFINITY;
  if (has_lower && has_upper) return arena_printf(arena, "<lower=%g, upper=%g>", d->lower, d->upper);
  return has_lower ? arena_printf(arena, "<lower=%g>", d->lower) : arena_printf(arena, "<upper=%g>", d->upper);
}

static bool allows_all(const domain *d) {
  return d->lower == -INFINITY && d->upper == INFINITY && d->form == FORM_COUNT;
}

/* The least and the largest value that the declaration allows; a bound that is not a number may be what is needed. */
static bool keeps_within(const sized_type *declared, const domain *d) {
  double bound;
  bool above = d->lower == -INFINITY, below = d->upper == INFINITY;
  switch (declared->form) {
  case FORM_SIMPLEX: return d->lower <= 0 && d->upper >= 1 && d->form != FORM_ORDERED;
  case FORM_ORDERED: return d->form == FORM_ORDERED && above && below;
  case FORM_POSITIVE_ORDERED: return d->form != FORM_SIMPLEX && d->lower <= 0 && below;
  case FORM_UNIT_VECTOR: return d->lower <= -1 && d->upper >= 1 && d->form == FORM_COUNT;
  case FORM_REAL:
  case FORM_VECTOR:
  case FORM_ROW_VECTOR:
  case FORM_MATRIX: break;
  case FORM_COV_MATRIX:
  case FORM_CORR_MATRIX: return d->form != FORM_CHOLESKY_FACTOR_COV;
  case FORM_CHOLESKY_FACTOR_COV:
  case FORM_CHOLESKY_FACTOR_CORR: return d->form != FORM_COV_MATRIX;
  default: return true;
  }
  if (d->form != FORM_COUNT) return false;
  if (declared->lower && (!literal_value(declared->lower, &bound) || bound >= d->lower)) above = true;
  if (declared->upper && (!literal_value(declared->upper, &bound) || bound <= d->upper)) below = true;
  return above && below;
}

static void warn_about_argument(pedantic *p, const density_use *use, const expression *argument, int index) {
  domain d = density_domain(use->function, index);
  if (allows_all(&d)) return;
  double value;
  const char *words = range_words(p->arena, &d);
  if (literal_value(argument, &value)) {
    bool fits = d.form == FORM_COUNT && value >= d.lower && value <= d.upper && !(d.is_strict && value == d.lower);
    if (!fits && d.form == FORM_COUNT)
      message_warning(p->messages, argument->location, "`%s` takes a value here that is %s", use->name, words);
    return;
  }
  const variable *v = base_variable(argument);
  if (!is_parameter(v) || keeps_within(v->declared, &d)) return;
  message *m = index == 0 ? message_warning(p->messages, argument->location,
                                            "`%s` is for values that are %s: `%s` need not be, as it is declared",
                                            use->name, words, v->name)
                          : message_warning(p->messages, argument->location,
                                            "this argument of `%s` must be %s: `%s` need not be, as it is declared",
                                            use->name, words, v->name);
  if (d.form == FORM_COUNT)
    message_hint(p->messages, m, "declare it `%s%s` (line %d)", type_form_name(v->declared->form),
                 bounds_text(p->arena, &d), v->location.line);
  else
    message_hint(p->messages, m, "declare it `%s` (line %d)", type_form_name(d.form), v->location.line);
}

/* ---- uniform ---- */

static bool same_text(pedantic *p, const expression *a, const expression *b) {
  double left, right;
  if (!a || !b) return false;
  if (literal_value(a, &left) && literal_value(b, &right)) return left == right;
  return strcmp(expression_text(p->arena, a, 1000), expression_text(p->arena, b, 1000)) == 0;
}

static void warn_about_uniform(pedantic *p, const density_use *use) {
  const variable *v = base_variable(use->left);
  if (strcmp(use->name, "uniform") != 0 || use->argument_count != 2 || !is_parameter(v)) return;
  const sized_type *declared = v->declared;
  if (same_text(p, declared->lower, use->arguments[0]) && same_text(p, declared->upper, use->arguments[1])) return;
  message *m =
      message_warning(p->messages, use->location,
                      "`%s` may lie outside the bounds of this `uniform`, where the density is 0 at once", v->name);
  message_hint(p->messages, m,
               "declare it `%s<lower=%s, upper=%s>` (line %d): then `uniform` may be left out; or use a density "
               "that falls off smoothly",
               type_form_name(declared->form), expression_text(p->arena, use->arguments[0], 40),
               expression_text(p->arena, use->arguments[1], 40), v->location.line);
}

/* ---- scales ---- */

/* A correlation matrix that is sampled is factorised for its density at each step, and for what it is used in again. */
static void warn_about_correlations(pedantic *p, const density_use *use) {
  if (strcmp(use->name, "lkj_corr") != 0 || !is_parameter(base_variable(use->left))) return;
  message *m = message_warning(p->messages, use->location, "`lkj_corr` factorises its matrix at each step");
  message_hint(p->messages, m,
               "declare its Cholesky factor, `cholesky_factor_corr[K] L` with `L ~ lkj_corr_cholesky(%s)`; the matrix "
               "is multiply_lower_tri_self_transpose(L)",
               use->argument_count ? expression_text(p->arena, use->arguments[0], 40) : "eta");
}

static void warn_about_scales(pedantic *p, const density_use *use) {
  if (!is_parameter(base_variable(use->left))) return;
  double first, second;
  bool is_gamma = strcmp(use->name, "gamma") == 0 || strcmp(use->name, "inv_gamma") == 0;
  if (is_gamma && use->argument_count == 2 && literal_value(use->arguments[0], &first) &&
      literal_value(use->arguments[1], &second) && first < 0.1 && second < 0.1) {
    message *m = message_warning(p->messages, use->location,
                                 "this `%s` puts nearly all of its probability next to 0 or far out", use->name);
    message_hint(
        p->messages, m,
        "it was meant to say little, but it says much: a half-normal or exponential with a scale that is plausible "
        "says what is known");
    return;
  }
  for (int i = 0; i < use->argument_count; i++) {
    double value;
    if (!literal_value(use->arguments[i], &value) || value == 0) continue;
    if (fabs(value) <= 100 && fabs(value) >= 0.01) continue;
    message *m = message_warning(p->messages, use->arguments[i]->location, "%g is far from 1", value);
    message_hint(p->messages, m,
                 "parameters are easiest to sample in units in which they are near 1; `offset` and `multiplier` "
                 "in their declaration change the unit");
    return;
  }
}

/* ---- what stands on the left ---- */

/* Functions that are linear in what they are given. */
static const char *const linear_functions[] = {
    "sum",         "mean",           "to_vector",   "to_row_vector", "to_matrix",      "to_array_1d",
    "to_array_2d", "append_row",     "append_col",  "append_array",  "segment",        "head",
    "tail",        "reverse",        "col",         "row",           "block",          "sub_col",
    "sub_row",     "diagonal",       "diag_matrix", "rep_vector",    "rep_row_vector", "rep_matrix",
    "rep_array",   "cumulative_sum", "add",         "subtract",      "minus",          "transpose",
    "trace"};

static bool is_linear(const expression *e);

static bool are_linear(const expressions *list) {
  for (int i = 0; i < list->count; i++)
    if (!is_linear(list->items[i])) return false;
  return true;
}

static bool is_linear_function(const char *name) {
  for (size_t i = 0; i < sizeof linear_functions / sizeof *linear_functions; i++)
    if (strcmp(name, linear_functions[i]) == 0) return true;
  return false;
}

enum { NONLINEAR = 1, OBSERVED = 2 };

/* In the parameters. Sizes, and other ints, have no density. */
static bool is_linear(const expression *e) {
  if (!e || !e->depends_on_parameters || e->type->kind == TYPE_INT) return true;
  switch (e->kind) {
  case EXPRESSION_VARIABLE: return !(e->variable.variable->marks & NONLINEAR);
  case EXPRESSION_UNARY: return is_linear(e->operation.left);
  case EXPRESSION_BINARY: {
    const expression *left = e->operation.left, *right = e->operation.right;
    bool left_varies = left->depends_on_parameters, right_varies = right->depends_on_parameters;
    switch (e->operation.op) {
    case OP_ADD:
    case OP_SUBTRACT: return is_linear(left) && is_linear(right);
    case OP_MULTIPLY:
    case OP_ELEMENT_MULTIPLY: return !(left_varies && right_varies) && is_linear(left) && is_linear(right);
    case OP_DIVIDE:
    case OP_ELEMENT_DIVIDE: return !right_varies && is_linear(left);
    case OP_LEFT_DIVIDE: return !left_varies && is_linear(right);
    default: return false;
    }
  }
  case EXPRESSION_TERNARY:
    return !e->ternary.condition->depends_on_parameters && is_linear(e->ternary.then_value) &&
           is_linear(e->ternary.else_value);
  case EXPRESSION_CALL: return is_linear_function(e->call.name) && are_linear(&e->call.arguments);
  case EXPRESSION_INDEX: return is_linear(e->index.base);
  case EXPRESSION_MEMBER: return is_linear(e->member.base);
  case EXPRESSION_ARRAY:
  case EXPRESSION_ROW_VECTOR:
  case EXPRESSION_TUPLE: return are_linear(&e->items);
  case EXPRESSION_PARENTHESES:
  case EXPRESSION_PROMOTION: return is_linear(e->inner);
  default: return true;
  }
}

static void find_observed(const expression *e, void *context) {
  if (e->kind == EXPRESSION_VARIABLE && e->variable.variable && e->variable.variable->marks & OBSERVED)
    *(bool *)context = true;
}

/* y - nu has the density of y: its derivative by the observation is 1. */
static bool is_observed(const expression *e) {
  bool found = reads_observations(e);
  walk_expression(e, &(ast_visitor){.expression = find_observed, .context = &found});
  return found;
}

typedef struct left_sides {
  pedantic *p;
  bool adds_jacobian; /* the program adds to target or jacobian what is no density: it may be what is needed */
  bool changed;
} left_sides;

/* A summand that depends on parameters and has no density in it. */
static bool adds_no_density(const expression *e) {
  if (e->kind == EXPRESSION_PARENTHESES || e->kind == EXPRESSION_PROMOTION) return adds_no_density(e->inner);
  if (e->kind == EXPRESSION_BINARY && (e->operation.op == OP_ADD || e->operation.op == OP_SUBTRACT))
    return adds_no_density(e->operation.left) || adds_no_density(e->operation.right);
  return e->depends_on_parameters && !holds_density(e);
}

static void note_nonlinear(const statement *s, void *context) {
  left_sides *all = context;
  const variable *assigned = NULL;
  const expression *value = NULL;
  if (s->kind == STATEMENT_JACOBIAN || s->kind == STATEMENT_CALL) all->adds_jacobian = true;
  if (s->kind == STATEMENT_TARGET && adds_no_density(s->value)) all->adds_jacobian = true;
  if (s->kind == STATEMENT_DECLARATION) {
    assigned = s->declaration.variable;
    value = s->declaration.value;
  }
  if (s->kind == STATEMENT_ASSIGNMENT) {
    assigned = base_variable(s->assignment.target);
    value = s->assignment.value;
  }
  if (!assigned || !value) return;
  unsigned marks = (is_linear(value) ? 0 : NONLINEAR) | (is_observed(value) ? OBSERVED : 0);
  if ((assigned->marks & marks) == marks) return;
  ((variable *)assigned)->marks |= marks;
  all->changed = true;
}

static void clear_mark(const statement *s, void *context) {
  (void)context;
  if (s->kind == STATEMENT_DECLARATION) s->declaration.variable->marks = 0;
}

static void tell_nonlinear(const density_use *use, void *context) {
  if (is_linear(use->left) || is_observed(use->left)) return;
  pedantic *p = context;
  message *m =
      message_warning(p->messages, use->left->location, "what has this density is a nonlinear function of parameters");
  message_hint(p->messages, m,
               "the density of the parameters themselves needs the log of the derivative: declare what has the "
               "density as the parameter, or add `jacobian += ...;`");
}

static void warn_about_transforms(pedantic *p) {
  left_sides all = {.p = p};
  walk_program(p->program, &(ast_visitor){.statement = clear_mark});
  ast_visitor note = {.statement = note_nonlinear, .context = &all};
  do {
    all.changed = false;
    walk_statements(p->program->blocks[BLOCK_TRANSFORMED_PARAMETERS], &note);
    walk_statements(p->program->blocks[BLOCK_MODEL], &note);
  } while (all.changed);
  if (!all.adds_jacobian) each_density(p, tell_nonlinear, p);
}

typedef struct parameter_densities { /* statements `parameter ~ ...` */
  const statement **items;
  int count, capacity;
} parameter_densities;

static void gather_densities(pedantic *p, parameter_densities *all, const statement *list) {
  for (const statement *s = list; s; s = s->next) {
    if (s->kind == STATEMENT_BLOCK || s->kind == STATEMENT_PROFILE) gather_densities(p, all, s->block.body);
    if (s->kind == STATEMENT_TILDE && s->tilde.left->kind == EXPRESSION_VARIABLE &&
        is_parameter(s->tilde.left->variable.variable))
      arena_push(p->arena, all, s);
  }
}

/* One density after another on the same parameter. Those in branches and loops may be meant so. */
static void warn_about_several(pedantic *p) {
  parameter_densities all = {0};
  gather_densities(p, &all, p->program->blocks[BLOCK_MODEL]);
  for (int i = 0; i < all.count; i++) {
    const variable *v = all.items[i]->tilde.left->variable.variable;
    int before = 0;
    while (all.items[before]->tilde.left->variable.variable != v) before++;
    if (before == i) continue;
    message *m = message_warning(p->messages, all.items[i]->location, "`%s` has a density already, in line %d", v->name,
                                 all.items[before]->location.line);
    message_hint(p->messages, m, "both count: their product is what is sampled from");
  }
}

static void warn_about_use(const density_use *use, void *context) {
  pedantic *p = context;
  warn_about_argument(p, use, use->left, 0);
  for (int i = 0; i < use->argument_count; i++) warn_about_argument(p, use, use->arguments[i], i + 1);
  warn_about_uniform(p, use);
  warn_about_correlations(p, use);
  warn_about_scales(p, use);
}

void warn_about_densities(pedantic *p) {
  each_density(p, warn_about_use, p);
  warn_about_several(p);
  warn_about_transforms(p);
}
