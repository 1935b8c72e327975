/* check_expressions.c: the type of every expression. */
#include <string.h>
#include "ir/check_internal.h"

expression *without_parentheses(expression *e) {
  while (e->kind == EXPRESSION_PARENTHESES) e = e->inner;
  return e;
}

void check_truth(checker *c, expression *e, const char *what) {
  const type *t = check_expression(c, e);
  if (t->kind != TYPE_REAL) {
    if (!expect(c, e, t->kind == TYPE_INT, what, "int")) e->type = &type_error;
    return;
  }
  message *m = message_error(c->messages, e->location, "%s must be int, found real", what);
  message_hint(c->messages, m, "say what is asked, as in `x != 0` or `x > 0.5`");
  e->type = &type_error;
}

bool expect(checker *c, const expression *e, bool fits, const char *what, const char *wanted) {
  if (fits || type_is_error(e->type)) return true;
  message_error(c->messages, e->location, "%s must be %s, found %s", what, wanted, type_name(c->arena, e->type));
  return false;
}

void check_int(checker *c, expression *e, const char *what) {
  if (!expect(c, e, check_expression(c, e)->kind == TYPE_INT, what, "int")) e->type = &type_error;
}

static const type *check_variable(checker *c, expression *e) {
  variable *variable = name_map_get(c->variables, e->variable.name);
  if (!variable) {
    if (is_function_name(c, e->variable.name)) {
      message *m = message_error(c->messages, e->location, "`%s` is a function: it can be called, but has no value",
                                 e->variable.name);
      message_hint(c->messages, m, "write `%s(...)`", e->variable.name);
    } else {
      report_unknown_variable(c, e->location, e->variable.name);
      declare_unknown(c, e->variable.name);
    }
    return &type_error;
  }
  e->variable.variable = variable;
  bool is_late = variable->block == BLOCK_PARAMETERS || variable->block == BLOCK_TRANSFORMED_PARAMETERS ||
                 variable->block == BLOCK_GENERATED_QUANTITIES;
  if (c->in_global_size && is_late) {
    message_error(c->messages, e->location,
                  "sizes must be known when the data are read, and `%s` is declared in the block `%s`", variable->name,
                  block_name(variable->block));
    return &type_error;
  }
  return variable->type;
}

static const type *check_unary(checker *c, expression *e) {
  const type *operand = check_expression(c, e->operation.left);
  if (type_is_error(operand)) return &type_error;
  const type *result = unary_operator_type(e->operation.op, operand);
  if (result) return result;
  const char *found = type_name(c->arena, operand);
  if (e->operation.op == OP_TRANSPOSE)
    message_error(c->messages, e->location, "`'` transposes a vector, row_vector or matrix, found %s", found);
  else
    message_error(c->messages, e->location, "there is no `%s` for %s", operator_text(e->operation.op), found);
  return &type_error;
}

static void warn_int_division(checker *c, const expression *e) {
  message *m =
      message_warning(c->messages, e->location, "this is a division of ints: the result is rounded towards zero");
  message_hint(c->messages, m, "where that is meant write `%%/%%`; otherwise make one of them real, as in `1.0 / 2`");
}

static bool is_comparison(const expression *e) {
  if (e->kind != EXPRESSION_BINARY) return false;
  operator_kind op = e->operation.op;
  return op == OP_LESS || op == OP_LESS_EQUAL || op == OP_GREATER || op == OP_GREATER_EQUAL || op == OP_EQUAL ||
         op == OP_NOT_EQUAL;
}

/* 1 < x < 3 is (1 < x) < 3. */
static void warn_chain(checker *c, const expression *e) {
  const expression *first = e->operation.left;
  const char *op = operator_text(first->operation.op), *then = operator_text(e->operation.op);
  message *m =
      message_warning(c->messages, e->location,
                      "`a %s b %s c` compares the result of `a %s b`, which is 0 or 1, with `c`", op, then, op);
  message_hint(c->messages, m, "write `a %s b && b %s c`, or, where it is meant, `(a %s b) %s c`", op, then, op, then);
}

static const char *operator_hint(operator_kind op, const type *left, const type *right) {
  bool vectors = left->kind == right->kind && (left->kind == TYPE_VECTOR || left->kind == TYPE_ROW_VECTOR);
  bool crossed = (left->kind == TYPE_VECTOR && right->kind == TYPE_ROW_VECTOR) ||
                 (left->kind == TYPE_ROW_VECTOR && right->kind == TYPE_VECTOR);
  bool arrays = left->kind == TYPE_ARRAY || right->kind == TYPE_ARRAY;
  if (vectors && op == OP_MULTIPLY) return "`.*` multiplies element by element; dot_product sums the products";
  if (vectors && op == OP_DIVIDE) return "`./` divides element by element";
  if (crossed) return "`'` after one of them transposes it";
  if (arrays) return "there is no arithmetic on arrays: to_vector(...) makes a vector of one";
  if (op == OP_MODULO || op == OP_INTEGER_DIVIDE) return "fmod and floor work on reals";
  return NULL;
}

static const type *check_binary(checker *c, expression *e) {
  expression **left = &e->operation.left, **right = &e->operation.right;
  const type *l = check_expression(c, *left), *r = check_expression(c, *right);
  if (type_is_error(l) || type_is_error(r)) return &type_error;
  operator_typing typing = operator_type(c->arena, e->operation.op, l, r);
  if (!typing.result) {
    message *m = message_error(c->messages, e->location, "there is no `%s` between %s and %s",
                               operator_text(e->operation.op), type_name(c->arena, l), type_name(c->arena, r));
    const char *hint = operator_hint(e->operation.op, l, r);
    if (hint) message_hint(c->messages, m, "%s", hint);
    return &type_error;
  }
  if (e->operation.op == OP_DIVIDE && typing.result->kind == TYPE_INT) warn_int_division(c, e);
  if (is_comparison(e) && is_comparison(*left)) warn_chain(c, e);
  *left = promote(c->arena, *left, typing.left);
  *right = promote(c->arena, *right, typing.right);
  return typing.result;
}

static const type *check_ternary(checker *c, expression *e) {
  check_truth(c, e->ternary.condition, "the condition before `?`");
  const type *a = check_expression(c, e->ternary.then_value), *b = check_expression(c, e->ternary.else_value);
  const type *common = common_type(c->arena, a, b);
  if (!common) {
    message_error(c->messages, e->location, "the two values of `? :` must have a common type, found %s and %s",
                  type_name(c->arena, a), type_name(c->arena, b));
    return &type_error;
  }
  e->ternary.then_value = promote(c->arena, e->ternary.then_value, common);
  e->ternary.else_value = promote(c->arena, e->ternary.else_value, common);
  return common;
}

/* False after a message. */
static bool check_index(checker *c, index_item *item) {
  if (item->kind == INDEX_ALL) return true;
  if (item->kind == INDEX_RANGE) {
    if (item->first) check_int(c, item->first, "the start of a range of indices");
    if (item->last) check_int(c, item->last, "the end of a range of indices");
    return true;
  }
  const type *t = check_expression(c, item->first);
  if (type_is_error(t)) return false;
  item->kind = t->kind == TYPE_ARRAY ? INDEX_MULTIPLE : INDEX_SINGLE;
  bool fits = t->kind == TYPE_INT || (t->kind == TYPE_ARRAY && t->element->kind == TYPE_INT);
  return expect(c, item->first, fits, "an index", "int, array[] int or a range");
}

/* The type after the first index on a matrix (or vector) and the one on its columns, or NULL. */
static const type *indexed_matrix(const type *t, const index_item *items, int count) {
  bool complex = type_is_complex(t), is_matrix = t->kind == TYPE_MATRIX || t->kind == TYPE_COMPLEX_MATRIX;
  bool is_vector = type_total_dimensions(t) == 1 && t->kind != TYPE_ARRAY;
  const type *scalar = complex ? &type_complex : &type_real;
  if (is_vector && count == 1) return items[0].kind == INDEX_SINGLE ? scalar : t;
  if (!is_matrix || count > 2) return NULL;
  bool row = items[0].kind == INDEX_SINGLE, column = count == 2 && items[1].kind == INDEX_SINGLE;
  if (row && column) return scalar;
  if (row) return complex ? &type_complex_row_vector : &type_row_vector;
  if (column) return complex ? &type_complex_vector : &type_vector;
  return t;
}

static const type *indexed(checker *c, const type *t, const index_item *items, int count) {
  if (count == 0 || type_is_error(t)) return t;
  if (t->kind != TYPE_ARRAY) return indexed_matrix(t, items, count);
  const type *element = indexed(c, t->element, items + 1, count - 1);
  return element && items[0].kind != INDEX_SINGLE ? type_array_of(c->arena, element, 1) : element;
}

static const type *check_indices(checker *c, expression *e) {
  const type *base = check_expression(c, e->index.base);
  bool wrong = type_is_error(base);
  for (int i = 0; i < e->index.indices.count; i++) wrong = !check_index(c, &e->index.indices.items[i]) || wrong;
  if (wrong) return &type_error;
  const type *result = indexed(c, base, e->index.indices.items, e->index.indices.count);
  if (result) return result;
  int dimensions = type_total_dimensions(base);
  const char *found = type_name(c->arena, base);
  if (dimensions == 0)
    message_error(c->messages, e->location, "%s cannot be indexed", found);
  else
    message_error(c->messages, e->location, "%s takes at most %d ind%s, found %d", found, dimensions,
                  dimensions == 1 ? "ex" : "ices", e->index.indices.count);
  return &type_error;
}

/* {{1, 2}, {3}} is seen when it is read; sizes that are not written out are compared when the program runs. */
static bool check_rectangular(checker *c, const expressions *items) {
  int size = -1;
  for (int i = 0; i < items->count; i++) {
    const expression *item = items->items[i];
    while (item->kind == EXPRESSION_PARENTHESES || item->kind == EXPRESSION_PROMOTION) item = item->inner;
    if (item->kind != EXPRESSION_ARRAY && item->kind != EXPRESSION_ROW_VECTOR) continue;
    if (size >= 0 && item->items.count != size) {
      message_error(c->messages, item->location, "the items must have one size, found %d after %d", item->items.count,
                    size);
      return false;
    }
    size = item->items.count;
  }
  return true;
}

static const type *check_array(checker *c, expression *e) {
  const type *common = NULL;
  for (int i = 0; i < e->items.count; i++) {
    expression *item = e->items.items[i];
    const type *t = check_expression(c, item), *next = common ? common_type(c->arena, common, t) : t;
    if (!next) {
      message_error(c->messages, item->location, "the items of an array must have one type, found %s after %s",
                    type_name(c->arena, t), type_name(c->arena, common));
      return &type_error;
    }
    common = next;
  }
  if (!common || type_is_error(common) || !check_rectangular(c, &e->items)) return &type_error;
  for (int i = 0; i < e->items.count; i++) e->items.items[i] = promote(c->arena, e->items.items[i], common);
  return type_array_of(c->arena, common, 1);
}

static const type *check_row_vector(checker *c, expression *e) {
  bool rows = false, complex = false;
  for (int i = 0; i < e->items.count; i++) {
    expression *item = e->items.items[i];
    const type *t = check_expression(c, item);
    if (type_is_error(t)) return &type_error;
    bool is_row = t->kind == TYPE_ROW_VECTOR || t->kind == TYPE_COMPLEX_ROW_VECTOR;
    if (i == 0) rows = is_row;
    if (!expect(c, item, rows ? is_row : type_is_scalar(t), rows ? "an item of a matrix" : "an item of a row vector",
                rows ? "a row_vector like the first" : "a number")) {
      return &type_error;
    }
    complex = complex || type_is_complex(t);
  }
  if (!check_rectangular(c, &e->items)) return &type_error;
  const type *item_type =
      rows ? (complex ? &type_complex_row_vector : &type_row_vector) : (complex ? &type_complex : &type_real);
  for (int i = 0; i < e->items.count; i++) e->items.items[i] = promote(c->arena, e->items.items[i], item_type);
  if (rows) return complex ? &type_complex_matrix : &type_matrix;
  return complex ? &type_complex_row_vector : &type_row_vector;
}

static const type *check_tuple(checker *c, expression *e) {
  const type **members = arena_array(c->arena, const type *, e->items.count + 1);
  bool wrong = false;
  for (int i = 0; i < e->items.count; i++) {
    members[i] = check_expression(c, e->items.items[i]);
    wrong = wrong || type_is_error(members[i]);
  }
  if (wrong) return &type_error;
  type *tuple = arena_new(c->arena, type);
  *tuple = (type){.kind = TYPE_TUPLE, .members = members, .member_count = e->items.count};
  return tuple;
}

static const type *check_member(checker *c, expression *e) {
  const type *base = check_expression(c, e->member.base);
  if (type_is_error(base)) return &type_error;
  if (base->kind != TYPE_TUPLE)
    message_error(c->messages, e->location, "`.%d` takes a member of a tuple, found %s", e->member.number,
                  type_name(c->arena, base));
  else if (e->member.number < 1 || e->member.number > base->member_count)
    message_error(c->messages, e->location, "there is no member %d: the tuple has %d", e->member.number,
                  base->member_count);
  else
    return base->members[e->member.number - 1];
  return &type_error;
}

/* A call of add, transpose and so on becomes the operator, unless the program has a function of that name. */
static const type *check_value_call(checker *c, expression *e) {
  operator_kind op;
  if (is_named_operator(e->call.name, e->call.arguments.count, &op) && !own_overloads(c, e->call.name)) {
    expressions operands = e->call.arguments;
    e->kind = operands.count == 1 ? EXPRESSION_UNARY : EXPRESSION_BINARY;
    e->operation.op = op;
    e->operation.left = operands.items[0];
    e->operation.right = operands.count == 2 ? operands.items[1] : NULL;
    return operands.count == 1 ? check_unary(c, e) : check_binary(c, e);
  }
  const type *t = check_call(c, e);
  if (t->kind != TYPE_VOID) return t;
  message_error(c->messages, e->location, "`%s` returns nothing that could be used here", e->call.name);
  return &type_error;
}

const type *check_expression(checker *c, expression *e) {
  switch (e->kind) {
  case EXPRESSION_INT: e->type = &type_int; break;
  case EXPRESSION_REAL: e->type = &type_real; break;
  case EXPRESSION_IMAGINARY: e->type = &type_complex; break;
  case EXPRESSION_STRING: e->type = &type_string; break;
  case EXPRESSION_VARIABLE: e->type = check_variable(c, e); break;
  case EXPRESSION_UNARY: e->type = check_unary(c, e); break;
  case EXPRESSION_BINARY: e->type = check_binary(c, e); break;
  case EXPRESSION_TERNARY: e->type = check_ternary(c, e); break;
  case EXPRESSION_CALL: e->type = check_value_call(c, e); break;
  case EXPRESSION_INDEX: e->type = check_indices(c, e); break;
  case EXPRESSION_ARRAY: e->type = check_array(c, e); break;
  case EXPRESSION_ROW_VECTOR: e->type = check_row_vector(c, e); break;
  case EXPRESSION_TUPLE: e->type = check_tuple(c, e); break;
  case EXPRESSION_MEMBER: e->type = check_member(c, e); break;
  case EXPRESSION_PARENTHESES: e->type = check_expression(c, e->inner); break;
  case EXPRESSION_PROMOTION: break; /* made here, hence checked */
  }
  return e->type;
}

static bool all_data_only(const checker *c, const expressions *list) {
  for (int i = 0; i < list->count; i++)
    if (!is_data_only(c, list->items[i])) return false;
  return true;
}

static bool indices_are_data_only(const checker *c, const indices *indices) {
  for (int i = 0; i < indices->count; i++)
    if (!is_data_only(c, indices->items[i].first) || !is_data_only(c, indices->items[i].last)) return false;
  return true;
}

static bool variable_is_data_only(const checker *c, const variable *v) {
  if (type_is_discrete(v->type)) return true;
  if (v->is_function_parameter) return v->is_data_only;
  if (v->block == BLOCK_GENERATED_QUANTITIES || c->block == BLOCK_GENERATED_QUANTITIES) return true;
  return v->block == BLOCK_DATA || v->block == BLOCK_TRANSFORMED_DATA;
}

bool is_data_only(const checker *c, const expression *e) {
  if (!e || type_is_error(e->type)) return true;
  switch (e->kind) {
  case EXPRESSION_VARIABLE: return !e->variable.variable || variable_is_data_only(c, e->variable.variable);
  case EXPRESSION_UNARY: return is_data_only(c, e->operation.left);
  case EXPRESSION_BINARY: return is_data_only(c, e->operation.left) && is_data_only(c, e->operation.right);
  case EXPRESSION_TERNARY:
    return is_data_only(c, e->ternary.condition) && is_data_only(c, e->ternary.then_value) &&
           is_data_only(c, e->ternary.else_value);
  case EXPRESSION_CALL: return type_is_discrete(e->type) || all_data_only(c, &e->call.arguments);
  case EXPRESSION_INDEX: return is_data_only(c, e->index.base) && indices_are_data_only(c, &e->index.indices);
  case EXPRESSION_ARRAY:
  case EXPRESSION_ROW_VECTOR:
  case EXPRESSION_TUPLE: return all_data_only(c, &e->items);
  case EXPRESSION_MEMBER: return type_is_discrete(e->type) || is_data_only(c, e->member.base);
  case EXPRESSION_PARENTHESES:
  case EXPRESSION_PROMOTION: return is_data_only(c, e->inner);
  default: return true;
  }
}
