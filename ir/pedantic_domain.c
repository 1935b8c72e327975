/* pedantic_domain.c: which values a density takes. Its own text says it: __check_positive(sigma) refuses others,
 * __inside(y >= 0) is minus infinity for them, cholesky_decompose(Sigma) wants a covariance; and what it hands on must be what
 * the function that gets it takes. */
#include <math.h>
#include <string.h>
#include "ir/pedantic_internal.h"

enum { MAX_DEPTH = 6 }; /* of functions that hand it on */

typedef struct reading {
  const variable *of;
  domain *domain;
  int depth;
} reading;

static void read_function(const function *f, int index, domain *found, int depth);

static bool is_of(const reading *r, const expression *e) { return base_variable(e) == r->of; }

static void at_least(domain *d, double bound, bool is_strict) {
  if (bound > d->lower || (bound == d->lower && is_strict)) d->is_strict = is_strict;
  d->lower = fmax(d->lower, bound);
}

/* y >= 0 && y <= 1 */
static void read_condition(const reading *r, const expression *e) {
  while (e->kind == EXPRESSION_PARENTHESES) e = e->inner;
  if (e->kind != EXPRESSION_BINARY) return;
  double bound;
  if (e->operation.op == OP_AND) {
    read_condition(r, e->operation.left);
    read_condition(r, e->operation.right);
  } else if (is_of(r, e->operation.left) && literal_value(e->operation.right, &bound)) {
    if (e->operation.op == OP_GREATER || e->operation.op == OP_GREATER_EQUAL)
      at_least(r->domain, bound, e->operation.op == OP_GREATER);
    if (e->operation.op == OP_LESS || e->operation.op == OP_LESS_EQUAL)
      r->domain->upper = fmin(r->domain->upper, bound);
  }
}

static void read_call(const expression *e, void *context) {
  const reading *r = context;
  if (e->kind != EXPRESSION_CALL || e->call.arguments.count == 0) return;
  const function *callee = e->call.callee.kind == CALLEE_FUNCTION ? e->call.callee.function : NULL;
  for (int i = 0; callee && callee->is_library && i < e->call.arguments.count; i++)
    if (is_of(r, e->call.arguments.items[i])) read_function(callee, i, r->domain, r->depth + 1);
  const char *name = e->call.name;
  expression *const *arguments = e->call.arguments.items;
  if (strcmp(name, "__inside") == 0) read_condition(r, arguments[0]);
  if (!is_of(r, arguments[0])) return;
  if (strncmp(name, "__check_positive", 16) == 0) at_least(r->domain, 0, true);
  if (strcmp(name, "__check_nonnegative") == 0) at_least(r->domain, 0, false);
  if (strcmp(name, "__check_simplex") == 0) r->domain->form = FORM_SIMPLEX;
  if (strcmp(name, "__check_ordered") == 0) r->domain->form = FORM_ORDERED;
  if (strcmp(name, "cholesky_decompose") == 0) r->domain->form = FORM_COV_MATRIX;
  if (strcmp(name, "__check_cholesky_factor") == 0) r->domain->form = FORM_CHOLESKY_FACTOR_COV;
  double lower, upper;
  if (strcmp(name, "__check_bounded") != 0) return;
  if (literal_value(arguments[1], &lower)) at_least(r->domain, lower, false);
  if (literal_value(arguments[2], &upper)) r->domain->upper = fmin(r->domain->upper, upper);
}

static void read_function(const function *f, int index, domain *found, int depth) {
  if (!f || !f->body || index >= f->parameter_count || depth > MAX_DEPTH) return;
  reading r = {f->parameters[index], found, depth};
  walk_statements(f->body, &(ast_visitor){.expression = read_call, .context = &r});
}

domain density_domain(const function *density, int index) {
  domain found = {.lower = -INFINITY, .upper = INFINITY, .form = FORM_COUNT};
  read_function(density, index, &found, 0);
  return found;
}
