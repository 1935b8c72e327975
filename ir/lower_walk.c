/* lower_walk.c: questions about the syntax tree that the lowering asks before it goes through it. */
#include "ir/lower_internal.h"

typedef int count_function(const statement *s, void *context);

/* The sum of what `count` says of each statement, nested ones included; loops can be left out. */
static int sum_statements(const statement *list, bool enters_loops, count_function *count, void *context) {
  int sum = 0;
  for (const statement *s = list; s; s = s->next) {
    sum += count(s, context);
    switch (s->kind) {
    case STATEMENT_FOR:
    case STATEMENT_FOR_EACH:
      if (enters_loops) sum += sum_statements(s->loop.body, enters_loops, count, context);
      break;
    case STATEMENT_WHILE:
      if (enters_loops) sum += sum_statements(s->branch.then_body, enters_loops, count, context);
      break;
    case STATEMENT_IF:
      sum += sum_statements(s->branch.then_body, enters_loops, count, context);
      sum += sum_statements(s->branch.else_body, enters_loops, count, context);
      break;
    case STATEMENT_PROFILE:
    case STATEMENT_BLOCK: sum += sum_statements(s->block.body, enters_loops, count, context); break;
    default: break;
    }
  }
  return sum;
}

static int is_of_kind(const statement *s, void *kind) { return s->kind == *(statement_kind *)kind; }

static int count_kind(const statement *list, statement_kind kind, bool enters_loops) {
  return sum_statements(list, enters_loops, is_of_kind, &kind);
}

int count_returns(const statement *list) { return count_kind(list, STATEMENT_RETURN, true); }
bool has_break(const statement *body) { return count_kind(body, STATEMENT_BREAK, false) > 0; }
bool has_continue(const statement *body) { return count_kind(body, STATEMENT_CONTINUE, false) > 0; }

bool always_returns(const statement *list) {
  for (const statement *s = list; s; s = s->next) {
    if (s->kind == STATEMENT_RETURN) return true;
    if (s->kind == STATEMENT_IF && s->branch.else_body && always_returns(s->branch.then_body) &&
        always_returns(s->branch.else_body))
      return true;
    if ((s->kind == STATEMENT_BLOCK || s->kind == STATEMENT_PROFILE) && always_returns(s->block.body)) return true;
  }
  return false;
}

static bool nothing_follows(const statement *s) {
  for (s = s->next; s; s = s->next)
    if (s->kind != STATEMENT_EMPTY) return false;
  return true;
}

bool has_early_return(const statement *list, bool is_tail) {
  for (const statement *s = list; s; s = s->next) {
    bool tail = is_tail && nothing_follows(s);
    switch (s->kind) {
    case STATEMENT_RETURN:
      if (!tail) return true;
      break;
    case STATEMENT_IF:
      if (has_early_return(s->branch.then_body, tail) || has_early_return(s->branch.else_body, tail)) return true;
      break;
    case STATEMENT_BLOCK:
      if (has_early_return(s->block.body, tail)) return true;
      break;
    case STATEMENT_PROFILE: /* its clock is stopped behind it */
      if (has_early_return(s->block.body, false)) return true;
      break;
    case STATEMENT_FOR:
    case STATEMENT_FOR_EACH:
      if (count_returns(s->loop.body) > 0) return true;
      break;
    case STATEMENT_WHILE:
      if (count_returns(s->branch.then_body) > 0) return true;
      break;
    default: break;
    }
  }
  return false;
}

/* ---- uses of a variable ---- */

typedef struct use {
  const variable *variable;
  int weight; /* of one use: more within loops */
} use;

static int uses_in(const expression *e, const use *use);

static int uses_in_all(const expressions *list, const use *use) {
  int sum = 0;
  for (int i = 0; i < list->count; i++) sum += uses_in(list->items[i], use);
  return sum;
}

/* The calls that ask for no element of a node: sizes, and checks that are made when an element is asked for. */
static bool asks_for_nothing(const expression *e) {
  if (e->call.callee.kind != CALLEE_BUILTIN) return false;
  if (is_element_check(e->call.callee.id)) return true;
  switch (e->call.callee.id) {
  case BUILTIN_SIZE:
  case BUILTIN_NUM_ELEMENTS:
  case BUILTIN_ELEMENT_COUNT:
  case BUILTIN_ROWS:
  case BUILTIN_COLS:
  case BUILTIN_DIMS: return true;
  default: return false;
  }
}

static int uses_in(const expression *e, const use *use) {
  if (!e) return 0;
  int sum = 0;
  switch (e->kind) {
  case EXPRESSION_VARIABLE: return e->variable.variable == use->variable ? use->weight : 0;
  case EXPRESSION_UNARY:
  case EXPRESSION_BINARY: return uses_in(e->operation.left, use) + uses_in(e->operation.right, use);
  case EXPRESSION_TERNARY:
    return uses_in(e->ternary.condition, use) + uses_in(e->ternary.then_value, use) +
           uses_in(e->ternary.else_value, use);
  case EXPRESSION_CALL: return asks_for_nothing(e) ? 0 : uses_in_all(&e->call.arguments, use);
  case EXPRESSION_INDEX:
    for (int i = 0; i < e->index.indices.count; i++)
      sum += uses_in(e->index.indices.items[i].first, use) + uses_in(e->index.indices.items[i].last, use);
    return sum + uses_in(e->index.base, use);
  case EXPRESSION_ARRAY:
  case EXPRESSION_ROW_VECTOR:
  case EXPRESSION_TUPLE: return uses_in_all(&e->items, use);
  case EXPRESSION_MEMBER: return uses_in(e->member.base, use);
  case EXPRESSION_PARENTHESES:
  case EXPRESSION_PROMOTION: return uses_in(e->inner, use);
  default: return 0;
  }
}

static int uses_in_statement(const statement *s, void *context) {
  const use *use = context;
  struct use inner = {use->variable, 2};
  switch (s->kind) {
  case STATEMENT_DECLARATION: {
    int sum = uses_in(s->declaration.value, use);
    const sized_type *declared = s->declaration.variable->declared;
    if (!declared) return sum;
    return sum + uses_in_all(&declared->array_sizes, use) + uses_in_all(&declared->sizes, use);
  }
  case STATEMENT_ASSIGNMENT: return uses_in(s->assignment.target, use) + uses_in(s->assignment.value, use);
  case STATEMENT_UNPACK: return uses_in(s->unpack.targets, use) + uses_in(s->unpack.value, use);
  case STATEMENT_TILDE:
    return (s->tilde.is_truncated ? 2 : 1) * (uses_in(s->tilde.left, use) + uses_in(s->tilde.call, use)) +
           uses_in(s->tilde.lower, use) + uses_in(s->tilde.upper, use);
  case STATEMENT_TARGET:
  case STATEMENT_JACOBIAN:
  case STATEMENT_RETURN:
  case STATEMENT_CALL: return uses_in(s->value, use);
  case STATEMENT_FOR:
    return uses_in(s->loop.first, use) + uses_in(s->loop.last, use) +
           sum_statements(s->loop.body, true, uses_in_statement, &inner);
  case STATEMENT_FOR_EACH:
    return 2 * uses_in(s->loop.first, use) + sum_statements(s->loop.body, true, uses_in_statement, &inner);
  case STATEMENT_WHILE:
    return uses_in(s->branch.condition, &inner) + sum_statements(s->branch.then_body, true, uses_in_statement, &inner);
  case STATEMENT_IF: return uses_in(s->branch.condition, use);
  case STATEMENT_PRINT:
  case STATEMENT_REJECT:
  case STATEMENT_FATAL_ERROR: return uses_in_all(&s->items, use);
  default: return 0;
  }
}

int count_uses(const statement *list, const variable *variable) {
  use use = {variable, 1};
  return sum_statements(list, false, uses_in_statement, &use);
}

static int assigns_statement(const statement *s, void *variable) {
  if (s->kind == STATEMENT_UNPACK) return 1;
  if (s->kind != STATEMENT_ASSIGNMENT) return 0;
  const expression *target = strip(s->assignment.target);
  while (target->kind == EXPRESSION_INDEX || target->kind == EXPRESSION_MEMBER)
    target = strip(target->kind == EXPRESSION_INDEX ? target->index.base : target->member.base);
  return target->kind == EXPRESSION_VARIABLE && target->variable.variable == variable;
}

bool assigns(const statement *list, const variable *variable) {
  return sum_statements(list, true, assigns_statement, (void *)variable) > 0;
}
