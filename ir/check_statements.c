/* check_statements.c: statements, and what may be assigned where. */
#include <string.h>
#include "ir/check_internal.h"

/* ---- assignments ---- */

static variable *assigned_variable(expression *target) {
  for (;;) switch (target->kind) {
    case EXPRESSION_VARIABLE: return target->variable.variable;
    case EXPRESSION_INDEX: target = target->index.base; break;
    case EXPRESSION_MEMBER: target = target->member.base; break;
    case EXPRESSION_PARENTHESES: target = target->inner; break;
    default: return NULL;
    }
}

static bool selects_many(const indices *indices) {
  for (int i = 0; i < indices->count; i++)
    if (indices->items[i].kind != INDEX_SINGLE) return true;
  return false;
}

static void check_assignable(checker *c, expression *target) {
  check_expression(c, target);
  variable *v = assigned_variable(target);
  if (!v) {
    if (!type_is_error(target->type)) message_error(c->messages, target->location, "this cannot be assigned to");
    return;
  }
  v->is_assigned = true;
  if (v->is_loop_variable)
    message_error(c->messages, target->location, "`%s` is a loop variable and cannot be assigned to", v->name);
  else if (v->is_function_parameter)
    message_error(c->messages, target->location, "`%s` is a parameter of the function and cannot be assigned to",
                  v->name);
  else if (v->is_global && v->block != c->block)
    message_error(c->messages, target->location, "`%s` belongs to the block `%s` and cannot be assigned to in `%s`",
                  v->name, block_name(v->block), block_name(c->block));
  for (expression *e = target; e->kind == EXPRESSION_INDEX; e = e->index.base) {
    expression *base = e->index.base;
    if (base->kind == EXPRESSION_INDEX && selects_many(&base->index.indices)) {
      message_error(c->messages, base->location, "an index that selects many cannot be followed by another one here");
      break;
    }
  }
}

static const char *target_text(checker *c, const expression *target) {
  if (target->kind == EXPRESSION_VARIABLE) return arena_printf(c->arena, "`%s`", target->variable.name);
  const variable *v = assigned_variable((expression *)target);
  return v ? arena_printf(c->arena, "this part of `%s`", v->name) : "the left side";
}

void report_unfit_value(checker *c, const char *what, const type *wanted, const expression *value) {
  message *m = message_error(c->messages, value->location, "%s is %s and cannot hold %s", what,
                             type_name(c->arena, wanted), type_name(c->arena, value->type));
  type_kind to = wanted->kind, from = value->type->kind;
  if (to == TYPE_INT && from == TYPE_REAL)
    message_hint(c->messages, m, "reals are never rounded by themselves; to_int(...) rounds data");
  else if (to == TYPE_VECTOR && from == TYPE_ROW_VECTOR)
    message_hint(c->messages, m, "`'` after the value transposes it");
  else if (to == TYPE_ROW_VECTOR && from == TYPE_VECTOR)
    message_hint(c->messages, m, "`'` after the value transposes it");
  else if (to == TYPE_VECTOR && from == TYPE_ARRAY)
    message_hint(c->messages, m, "to_vector(...) makes a vector of an array; written out, a vector is `[1, 2]'`");
  else if (to == TYPE_ROW_VECTOR && from == TYPE_ARRAY)
    message_hint(c->messages, m, "to_row_vector(...) makes one of an array; written out, it is `[1, 2]`");
  else if (to == TYPE_MATRIX && from == TYPE_ARRAY)
    message_hint(c->messages, m, "to_matrix(...) makes a matrix of an array; written out, it is `[[1, 2], [3, 4]]`");
  else if (to == TYPE_ARRAY && from == TYPE_MATRIX)
    message_hint(c->messages, m, "to_array_2d(...) makes an array of a matrix");
  else if (type_is_complex(value->type) && !type_is_complex(wanted))
    message_hint(c->messages, m, "get_real(...) and get_imag(...) take its parts");
  else if (to == TYPE_ARRAY && (from == TYPE_VECTOR || from == TYPE_ROW_VECTOR))
    message_hint(c->messages, m, "to_array_1d(...) makes an array of a vector");
}

static bool same_variable(const expression *a, const expression *b) {
  return a->kind == EXPRESSION_VARIABLE && b->kind == EXPRESSION_VARIABLE && a->variable.variable &&
         a->variable.variable == b->variable.variable;
}

static bool reads(const expression *e, const variable *v);

static bool any_reads(const expressions *list, const variable *v) {
  for (int i = 0; i < list->count; i++)
    if (reads(list->items[i], v)) return true;
  return false;
}

static bool indices_read(const indices *indices, const variable *v) {
  for (int i = 0; i < indices->count; i++)
    if (reads(indices->items[i].first, v) || reads(indices->items[i].last, v)) return true;
  return false;
}

static bool reads(const expression *e, const variable *v) {
  if (!e) return false;
  switch (e->kind) {
  case EXPRESSION_VARIABLE: return e->variable.variable == v;
  case EXPRESSION_UNARY: return reads(e->operation.left, v);
  case EXPRESSION_BINARY: return reads(e->operation.left, v) || reads(e->operation.right, v);
  case EXPRESSION_TERNARY:
    return reads(e->ternary.condition, v) || reads(e->ternary.then_value, v) || reads(e->ternary.else_value, v);
  case EXPRESSION_CALL: return any_reads(&e->call.arguments, v);
  case EXPRESSION_INDEX: return reads(e->index.base, v) || indices_read(&e->index.indices, v);
  case EXPRESSION_ARRAY:
  case EXPRESSION_ROW_VECTOR:
  case EXPRESSION_TUPLE: return any_reads(&e->items, v);
  case EXPRESSION_MEMBER: return reads(e->member.base, v);
  case EXPRESSION_PARENTHESES:
  case EXPRESSION_PROMOTION: return reads(e->inner, v);
  default: return false;
  }
}

/* The indices on the left side may not read what the statement assigns. */
static void check_indices_read_none(checker *c, const expression *target, const variable *v) {
  if (!v) return;
  for (const expression *e = target; e->kind != EXPRESSION_VARIABLE;) {
    if (e->kind == EXPRESSION_INDEX && indices_read(&e->index.indices, v)) {
      message_error(c->messages, target->location, "`%s` is both assigned and read on the left side", v->name);
      return;
    }
    e = e->kind == EXPRESSION_INDEX ? e->index.base : e->kind == EXPRESSION_MEMBER ? e->member.base : e->inner;
  }
}

/* result NULL: there is no such compound assignment. */
static operator_typing compound_typing(checker *c, operator_kind op, const type *target, const type *value) {
  operator_typing typing = operator_type(c->arena, op, target, value);
  bool scalar_only_form = (op == OP_ELEMENT_MULTIPLY || op == OP_ELEMENT_DIVIDE) && type_is_scalar(target);
  bool matrix_division = op == OP_DIVIDE && !type_is_scalar(value);
  if (typing.result && (!type_equal(typing.result, target) || scalar_only_form || matrix_division))
    typing.result = NULL;
  return typing;
}

/* "int, real or matrix": what can stand on the right of `op=`; NULL for nothing. */
static const char *compound_values(checker *c, operator_kind op, const type *target) {
  const char *words = NULL, *last = NULL;
  for (type_kind kind = TYPE_INT; kind <= TYPE_COMPLEX_MATRIX; kind++) {
    if (!compound_typing(c, op, target, type_of_kind(kind)).result) continue;
    if (last) words = words ? arena_printf(c->arena, "%s, %s", words, last) : last;
    last = type_name(c->arena, type_of_kind(kind));
  }
  return words ? arena_printf(c->arena, "%s or %s", words, last) : last;
}

static void check_compound(checker *c, statement *s) {
  expression *target = s->assignment.target, *value = s->assignment.value;
  const type *t = target->type;
  if (type_is_error(t) || type_is_error(value->type)) return;
  operator_kind op = s->assignment.op;
  operator_typing typing = compound_typing(c, op, t, value->type);
  if (typing.result) {
    s->assignment.value = promote(c->arena, value, typing.right);
    return;
  }
  message *m =
      message_error(c->messages, s->location, "there is no `%s=` for %s, which is %s, with %s", operator_text(op),
                    target_text(c, target), type_name(c->arena, t), type_name(c->arena, value->type));
  const char *values = compound_values(c, op, t);
  if (values) message_hint(c->messages, m, "what stands on the right must be %s", values);
}

/* Other languages declare a variable by assigning to it. */
static void hint_declaration(checker *c, const expression *target, int messages_before) {
  if (target->kind != EXPRESSION_VARIABLE || target->variable.variable || c->messages->count == messages_before) return;
  message *last = &c->messages->items[c->messages->count - 1];
  if (!last->hint)
    message_hint(c->messages, last, "a variable is declared before, or where it gets its first value: `real %s = ...;`",
                 target->variable.name);
}

static void check_assignment(checker *c, statement *s) {
  expression *target = s->assignment.target, *value = s->assignment.value;
  int messages_before = c->messages->count;
  check_assignable(c, target);
  hint_declaration(c, target, messages_before);
  check_indices_read_none(c, target, assigned_variable(target));
  check_expression(c, value);
  if (s->assignment.is_compound) {
    check_compound(c, s);
    return;
  }
  if (promotion_cost(value->type, target->type) < 0) {
    report_unfit_value(c, target_text(c, target), target->type, value);
    return;
  }
  if (same_variable(target, without_parentheses(value)))
    message_warning(c->messages, s->location, "this assigns `%s` to itself", target->variable.name);
  s->assignment.value = promote(c->arena, value, target->type);
}

/* The places of an unpacking assignment, left to right, nested tuples included. */
static void collect_targets(checker *c, expression *tuple, expressions *targets) {
  for (int i = 0; i < tuple->items.count; i++) {
    expression *item = tuple->items.items[i];
    if (item->kind == EXPRESSION_TUPLE)
      collect_targets(c, item, targets);
    else
      arena_push(c->arena, targets, item);
  }
}

/* Are these the same place, whatever the indices? Different members of a tuple are different places. */
static bool overlap(const expression *a, const expression *b) {
  while (a->kind == EXPRESSION_INDEX) a = a->index.base;
  while (b->kind == EXPRESSION_INDEX) b = b->index.base;
  if (a->kind == EXPRESSION_MEMBER && b->kind == EXPRESSION_MEMBER)
    return a->member.number == b->member.number && overlap(a->member.base, b->member.base);
  if (a->kind == EXPRESSION_MEMBER) return overlap(a->member.base, b);
  if (b->kind == EXPRESSION_MEMBER) return overlap(a, b->member.base);
  return same_variable(a, b);
}

static const type *type_of_targets(checker *c, expression *tuple) {
  const type **members = arena_array(c->arena, const type *, tuple->items.count + 1);
  for (int i = 0; i < tuple->items.count; i++) {
    expression *item = tuple->items.items[i];
    if (item->kind == EXPRESSION_TUPLE) item->type = type_of_targets(c, item);
    members[i] = item->type;
  }
  type *t = arena_new(c->arena, type);
  *t = (type){.kind = TYPE_TUPLE, .members = members, .member_count = tuple->items.count};
  return t;
}

static void check_unpack(checker *c, statement *s) {
  expressions targets = {0};
  collect_targets(c, s->unpack.targets, &targets);
  for (int i = 0; i < targets.count; i++) {
    check_assignable(c, targets.items[i]);
    for (int j = 0; j < i; j++)
      if (overlap(targets.items[i], targets.items[j])) {
        message_error(c->messages, targets.items[i]->location, "the same place is assigned twice");
        break;
      }
  }
  for (int i = 0; i < targets.count; i++)
    for (int j = 0; j < targets.count; j++)
      if (assigned_variable(targets.items[i]))
        check_indices_read_none(c, targets.items[i], assigned_variable(targets.items[j]));
  const type *wanted = s->unpack.targets->type = type_of_targets(c, s->unpack.targets);
  const type *found = check_expression(c, s->unpack.value);
  if (promotion_cost(found, wanted) < 0)
    message_error(c->messages, s->unpack.value->location, "the left side is %s and cannot hold %s",
                  type_name(c->arena, wanted), type_name(c->arena, found));
  else
    s->unpack.value = promote(c->arena, s->unpack.value, wanted);
}

/* ---- the log density ---- */

static void check_increment(checker *c, statement *s) {
  const type *t = check_expression(c, s->value);
  bool is_target = s->kind == STATEMENT_TARGET;
  bool allowed = is_target ? c->block == BLOCK_MODEL || in_function_with(c, "_lp")
                           : c->block == BLOCK_TRANSFORMED_PARAMETERS || in_function_with(c, "_jacobian");
  if (!allowed && is_target) {
    message *m = message_error(c->messages, s->location,
                               "`target +=` can stand in the model block and in functions whose name ends in _lp only");
    if (c->block == BLOCK_TRANSFORMED_PARAMETERS)
      message_hint(c->messages, m, "the Jacobian of a change of variables is added with `jacobian +=`");
  } else if (!allowed) {
    message_error(
        c->messages, s->location,
        "`jacobian +=` can stand in transformed parameters and in functions whose name ends in _jacobian only");
  }
  bool numeric = t->kind != TYPE_TUPLE && !type_is_complex(t);
  expect(c, s->value, numeric, "what is added", "real, or a container of reals");
}

/* ---- control ---- */

/* What a branch or a loop runs is a scope of its own, even without braces: what it declares may never have run. */
static void check_nested(checker *c, statement *body) {
  int mark = open_scope(c);
  check_statements(c, body);
  close_scope(c, mark);
}

static void check_body(checker *c, statement *body) {
  c->loop_depth++;
  check_nested(c, body);
  c->loop_depth--;
}

static const type *element_type(const type *container) {
  switch (container->kind) {
  case TYPE_ARRAY: return container->element;
  case TYPE_VECTOR:
  case TYPE_ROW_VECTOR:
  case TYPE_MATRIX: return &type_real;
  case TYPE_COMPLEX_VECTOR:
  case TYPE_COMPLEX_ROW_VECTOR:
  case TYPE_COMPLEX_MATRIX: return &type_complex;
  default: return &type_error;
  }
}

static void check_loop(checker *c, statement *s) {
  variable *v = s->loop.variable;
  if (s->kind == STATEMENT_FOR) {
    check_int(c, s->loop.first, "the start of a loop");
    check_int(c, s->loop.last, "the end of a loop");
    v->type = &type_int;
  } else {
    v->type = element_type(check_expression(c, s->loop.first));
    expect(c, s->loop.first, v->type->kind != TYPE_ERROR, "what a loop runs over", "a range or a container");
  }
  v->block = c->block;
  v->is_loop_variable = true;
  int mark = open_scope(c);
  declare_variable(c, v);
  check_body(c, s->loop.body);
  close_scope(c, mark);
}

static void check_condition(checker *c, statement *s) {
  check_truth(c, s->branch.condition, s->kind == STATEMENT_IF ? "the condition of `if`" : "the condition of `while`");
  if (s->kind == STATEMENT_WHILE) {
    check_body(c, s->branch.then_body);
    return;
  }
  check_nested(c, s->branch.then_body);
  if (s->branch.else_body) check_nested(c, s->branch.else_body);
}

static void check_return(checker *c, statement *s) {
  if (!c->function) {
    message_error(c->messages, s->location, "`return` can stand in functions only");
    if (s->value) check_expression(c, s->value);
    return;
  }
  const type *wanted = c->function->result;
  if (!s->value) {
    if (wanted->kind != TYPE_VOID && !type_is_error(wanted))
      message_error(c->messages, s->location, "`%s` must return %s", c->function->name, type_name(c->arena, wanted));
    return;
  }
  const type *found = check_expression(c, s->value);
  if (wanted->kind == TYPE_VOID && !type_is_error(found))
    message_error(c->messages, s->value->location, "`%s` is declared void and returns no value", c->function->name);
  else if (promotion_cost(found, wanted) < 0)
    message_error(c->messages, s->value->location, "`%s` must return %s, found %s", c->function->name,
                  type_name(c->arena, wanted), type_name(c->arena, found));
  else
    s->value = promote(c->arena, s->value, wanted);
}

static void check_void_call(checker *c, expression *call) {
  const type *result = check_call(c, call);
  call->type = result;
  if (result->kind != TYPE_VOID && !type_is_error(result))
    message_error(c->messages, call->location, "`%s` returns %s, and nothing is done with it", call->call.name,
                  type_name(c->arena, result));
}

static void check_statement(checker *c, statement *s) {
  switch (s->kind) {
  case STATEMENT_DECLARATION: check_declaration(c, s, false); break;
  case STATEMENT_ASSIGNMENT: check_assignment(c, s); break;
  case STATEMENT_UNPACK: check_unpack(c, s); break;
  case STATEMENT_TILDE: check_tilde(c, s); break;
  case STATEMENT_TARGET:
  case STATEMENT_JACOBIAN: check_increment(c, s); break;
  case STATEMENT_CALL: check_void_call(c, s->value); break;
  case STATEMENT_FOR:
  case STATEMENT_FOR_EACH: check_loop(c, s); break;
  case STATEMENT_WHILE:
  case STATEMENT_IF: check_condition(c, s); break;
  case STATEMENT_BREAK:
  case STATEMENT_CONTINUE:
    if (c->loop_depth == 0)
      message_error(c->messages, s->location, "`%s` can stand in loops only",
                    s->kind == STATEMENT_BREAK ? "break" : "continue");
    break;
  case STATEMENT_RETURN: check_return(c, s); break;
  case STATEMENT_PRINT:
  case STATEMENT_REJECT:
  case STATEMENT_FATAL_ERROR:
    for (int i = 0; i < s->items.count; i++) check_expression(c, s->items.items[i]);
    break;
  case STATEMENT_PROFILE:
  case STATEMENT_BLOCK: check_nested(c, s->block.body); break;
  case STATEMENT_EMPTY: break;
  }
}

static bool leaves(const statement *s) {
  return s->kind == STATEMENT_RETURN || s->kind == STATEMENT_REJECT || s->kind == STATEMENT_FATAL_ERROR ||
         s->kind == STATEMENT_BREAK || s->kind == STATEMENT_CONTINUE;
}

static void check_list(checker *c, statement *list, bool is_global) {
  bool warned = false;
  for (statement *s = list; s; s = s->next) {
    if (is_global && s->kind == STATEMENT_DECLARATION)
      check_declaration(c, s, true);
    else
      check_statement(c, s);
    if (leaves(s) && s->next && s->next->kind != STATEMENT_EMPTY && !warned) {
      message_warning(c->messages, s->next->location, "this is never reached");
      warned = true;
    }
  }
}

void check_statements(checker *c, statement *list) { check_list(c, list, false); }

void check_global_statements(checker *c, statement *list) { check_list(c, list, true); }
