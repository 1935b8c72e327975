/* lower_check.c: the checks that a running program makes: shapes, indices, and arguments of library functions. What is known
 * to hold while compiling is left out: equal operands, constants, and loop indices whose range is within bounds. */
#include <math.h>
#include <string.h>
#include "ir/lower_internal.h"

void check(lowering *l, ir_operand condition, const char *text, ir_operand a1, ir_operand a2, ir_operand a3) {
  if (condition.kind == IR_CONSTANT_INT && condition.int_value) return;
  ir_check(l->b, condition, text, a1, a2, a3);
}

ir_operand both(lowering *l, ir_operand a, ir_operand b) {
  if (a.kind == IR_CONSTANT_INT && a.int_value) return b;
  if (b.kind == IR_CONSTANT_INT && b.int_value) return a;
  return ir_let2(l->b, IR_OP_AND, a, b);
}

/* 2^48: far beyond any memory, and thousands of such counts can be added. */
static const double MOST_ELEMENTS = 281474976710656;

const char *format_safe(arena *arena, const char *text) {
  size_t length = strlen(text), extra = 0;
  for (const char *c = text; *c; c++) extra += *c == '%';
  if (extra == 0) return text;
  char *copy = arena_alloc(arena, length + extra + 1), *to = copy;
  for (const char *c = text; *c; c++) {
    if (*c == '%') *to++ = '%';
    *to++ = *c;
  }
  return copy;
}

/* ---- what is known about ints ---- */

void mark_assignable(lowering *l, ir_variable *variable) { variable->note = l; }

bool may_change(const lowering *l, ir_operand x) {
  return x.kind == IR_VARIABLE && x.variable->is_mutable && x.variable->note == l;
}

ir_operand note_definition(lowering *l, ir_operand x) {
  ir_block *block = l->b->block;
  if (x.kind == IR_VARIABLE && !x.variable->note && block->count > 0 &&
      block->items[block->count - 1]->variable == x.variable)
    x.variable->note = block->items[block->count - 1];
  return x;
}

/* The statement that defines a let or a loop's index, kept in the variable's note while lowering. */
static const ir_statement *definition(ir_operand x) {
  return x.kind == IR_VARIABLE && !x.variable->is_mutable ? x.variable->note : NULL;
}

/* A field outlives the function that sets it, what it is computed from does not. */
static bool outlives(ir_operand x, ir_operand base) {
  return x.variable->storage == IR_MODEL && base.kind == IR_VARIABLE && base.variable->storage != IR_MODEL;
}

/* x = base + *offset */
ir_operand split_offset(ir_operand x, long *offset) {
  const ir_statement *s = definition(x);
  *offset = 0;
  if (!s || s->kind != IR_LET || (s->op != IR_OP_INT_ADD && s->op != IR_OP_INT_SUBTRACT)) return x;
  bool is_sum = s->op == IR_OP_INT_ADD;
  int constant = s->arguments[1].kind == IR_CONSTANT_INT ? 1 : 0;
  if (s->arguments[constant].kind != IR_CONSTANT_INT || (!is_sum && constant == 0)) return x;
  ir_operand base = s->arguments[1 - constant];
  if (outlives(x, base)) return x;
  *offset = is_sum ? s->arguments[constant].int_value : -s->arguments[constant].int_value;
  return base;
}

bool is_at_least(ir_operand x, long low) {
  long offset;
  x = split_offset(x, &offset);
  if (x.kind == IR_CONSTANT_INT) return x.int_value + offset >= low;
  const ir_statement *s = definition(x);
  return s && s->kind == IR_FOR && is_at_least(s->first, low - offset);
}

bool is_at_most(ir_operand x, ir_operand high) {
  long x_offset, high_offset;
  ir_operand x_base = split_offset(x, &x_offset), high_base = split_offset(high, &high_offset);
  if (x_base.kind == IR_CONSTANT_INT && high_base.kind == IR_CONSTANT_INT)
    return x_base.int_value + x_offset <= high_base.int_value + high_offset;
  if (ir_same(x_base, high_base)) return x_offset <= high_offset;
  const ir_statement *s = definition(x_base);
  if (!s || s->kind != IR_FOR) return false;
  long last_offset;
  ir_operand last = split_offset(s->last, &last_offset);
  if (last.kind == IR_CONSTANT_INT && high_base.kind == IR_CONSTANT_INT)
    return last.int_value + last_offset + x_offset <= high_base.int_value + high_offset;
  return ir_same(last, high_base) && last_offset + x_offset <= high_offset;
}

/* ---- shapes ---- */

void check_same_size(lowering *l, ir_operand a, ir_operand b, const char *what) {
  if (is_at_most(a, b) && is_at_most(b, a)) return;
  check(l, ir_let2(l->b, IR_OP_INT_EQUAL, a, b), what, a, b, ir_none());
}

void check_same_shape(lowering *l, const value *a, const value *b, const char *what) {
  for (int i = 0; i < a->part_count && i < b->part_count; i++) check_same_shape(l, a->parts[i], b->parts[i], what);
  if (a->parts) return;
  static const char *const names[] = {"sizes", "rows", "columns"};
  int matrix = type_has_matrix(a->type) ? a->dim_count - 2 : a->dim_count;
  for (int d = 0; d < a->dim_count && d < b->dim_count; d++) {
    const char *name = names[d < matrix ? 0 : d - matrix + 1];
    check_same_size(
        l, a->dims[d], b->dims[d],
        arena_printf(l->arena, "%s: %s must be equal, but are %%ld and %%ld", format_safe(l->arena, what), name));
  }
}

void check_size(lowering *l, ir_operand size, const char *name) {
  if (is_at_least(size, 0)) return;
  for (int i = 0; i < l->sizes_known.count; i++)
    if (ir_same(l->sizes_known.items[i], size)) return;
  check(l, ir_let2(l->b, IR_OP_INT_LESS_EQUAL, ir_int(0), size),
        arena_printf(l->arena, "a size of %s is %%ld, but must not be negative", name), size, ir_none(), ir_none());
}

void check_count(lowering *l, const ir_operand *dims, int count, const char *name) {
  ir_operand product = ir_real(1);
  double known = 1;
  int unknown = 0;
  for (int d = 0; d < count; d++) {
    if (dims[d].kind == IR_CONSTANT_INT)
      known *= (double)dims[d].int_value;
    else
      unknown++;
  }
  if (unknown <= 1 && known < 65536) return; /* one int, at most 2^31, a few times */
  for (int d = 0; d < count; d++) product = ir_let2(l->b, IR_OP_MULTIPLY, product, as_real(l, dims[d]));
  check(
      l, ir_let2(l->b, IR_OP_LESS_EQUAL, product, ir_real(MOST_ELEMENTS)),
      arena_printf(l->arena, "%s has sizes for %%g elements, more than any memory holds", format_safe(l->arena, name)),
      product, ir_none(), ir_none());
}

static const char *range_text(lowering *l, const char *subject) {
  return arena_printf(l->arena, "index %%ld out of range 1..%%ld of %s", format_safe(l->arena, subject));
}

void check_index(lowering *l, ir_operand index, ir_operand size, const char *subject) {
  ir_operand low = is_at_least(index, 1) ? ir_int(1) : ir_let2(l->b, IR_OP_INT_LESS_EQUAL, ir_int(1), index);
  ir_operand high = is_at_most(index, size) ? ir_int(1) : ir_let2(l->b, IR_OP_INT_LESS_EQUAL, index, size);
  check(l, both(l, low, high), range_text(l, subject), index, size, ir_none());
}

void check_range(lowering *l, ir_operand first, ir_operand last, ir_operand size, const char *subject) {
  bool low = is_at_least(first, 1), high = is_at_most(last, size);
  if (low && high) return;
  ir_operand is_empty = ir_let2(l->b, IR_OP_INT_LESS, last, first);
  if (!low) {
    ir_operand fits = ir_let2(l->b, IR_OP_INT_LESS_EQUAL, ir_int(1), first);
    check(l, ir_let2(l->b, IR_OP_OR, is_empty, fits), range_text(l, subject), first, size, ir_none());
  }
  if (!high) {
    ir_operand fits = ir_let2(l->b, IR_OP_INT_LESS_EQUAL, last, size);
    check(l, ir_let2(l->b, IR_OP_OR, is_empty, fits), range_text(l, subject), last, size, ir_none());
  }
}

/* ---- arguments of library functions ---- */

/* The function that the program called: the library's own calls among each other are no concern of the reader. */
static const char *called_function(const lowering *l) {
  const frame *f = l->frame;
  while (f->parent && f->parent->is_library) f = f->parent;
  return f->function ? f->function->name : "the library";
}

static ir_operand holds(lowering *l, int id, ir_operand x, ir_operand low, ir_operand high) {
  bool is_int = ir_operand_type(x) == IR_INT;
  ir_operand a;
  switch (id) {
  case BUILTIN_CHECK_POSITIVE:
    return is_int ? ir_let2(l->b, IR_OP_INT_LESS, ir_int(0), x) : ir_let2(l->b, IR_OP_LESS, ir_real(0), x);
  case BUILTIN_CHECK_POSITIVE_FINITE:
    if (is_int) return ir_let2(l->b, IR_OP_INT_LESS, ir_int(0), x);
    a = ir_let2(l->b, IR_OP_LESS, ir_real(0), x);
    return both(l, a, ir_let2(l->b, IR_OP_LESS, x, ir_real(INFINITY)));
  case BUILTIN_CHECK_NONNEGATIVE:
    return is_int ? ir_let2(l->b, IR_OP_INT_LESS_EQUAL, ir_int(0), x) : ir_let2(l->b, IR_OP_LESS_EQUAL, ir_real(0), x);
  case BUILTIN_CHECK_FINITE:
    if (is_int) return ir_int(1);
    return ir_let2(l->b, IR_OP_LESS, ir_let1(l->b, IR_OP_ABS, x), ir_real(INFINITY));
  case BUILTIN_CHECK_NOT_NAN: return is_int ? ir_int(1) : ir_let1(l->b, IR_OP_NOT, ir_let1(l->b, IR_OP_IS_NAN, x));
  default: /* bounded */
    is_int = is_int && ir_operand_type(low) == IR_INT && ir_operand_type(high) == IR_INT;
    if (!is_int) x = as_real(l, x), low = as_real(l, low), high = as_real(l, high);
    a = ir_let2(l->b, is_int ? IR_OP_INT_LESS_EQUAL : IR_OP_LESS_EQUAL, low, x);
    return both(l, a, ir_let2(l->b, is_int ? IR_OP_INT_LESS_EQUAL : IR_OP_LESS_EQUAL, x, high));
  }
}

static const char *requirement(int id) {
  switch (id) {
  case BUILTIN_CHECK_POSITIVE: return "positive";
  case BUILTIN_CHECK_POSITIVE_FINITE: return "positive and finite";
  case BUILTIN_CHECK_NONNEGATIVE: return "nonnegative";
  case BUILTIN_CHECK_FINITE: return "finite";
  default: return "a number";
  }
}

static const char *number_format(ir_operand x) { return ir_operand_type(x) == IR_INT ? "%ld" : "%g"; }

/* The int behind a promotion, so that ints are compared as ints. */
static ir_operand unpromoted(ir_operand x) {
  const ir_statement *s = definition(x);
  if (s && s->kind == IR_LET && s->op == IR_OP_TO_REAL) return s->arguments[0];
  if (x.kind == IR_CONSTANT_REAL && x.real_value == floor(x.real_value) && fabs(x.real_value) < 1e15)
    return ir_int((long)x.real_value);
  return x;
}

/* What the elements of x must be, with the bounds where there are any. */
static const char *demand(lowering *l, int id, const value *x, value **arguments, ir_operand *low, ir_operand *high) {
  *low = *high = ir_none();
  if (id != BUILTIN_CHECK_BOUNDED) return requirement(id);
  *low = arguments[1]->scalar, *high = arguments[2]->scalar;
  if (ir_type_of(x->type) == IR_INT) *low = unpromoted(*low), *high = unpromoted(*high);
  return arena_printf(l->arena, "between %s and %s", number_format(*low), number_format(*high));
}

static void check_elements(lowering *l, int id, const char *name, value *x, value **arguments) {
  loops loops;
  ir_operand low, high;
  const char *must = demand(l, id, x, arguments, &low, &high), *function = called_function(l);
  loops_over(l, &loops, x, true);
  ir_operand element = value_element(l, x, &loops.place), condition = holds(l, id, element, low, high);
  if (x->dim_count == 0)
    check(l, condition,
          arena_printf(l->arena, "%s: %s is %s, but must be %s", function, name, number_format(element), must), element,
          low, high);
  else if (x->dim_count == 1 && id != BUILTIN_CHECK_BOUNDED)
    check(l, condition,
          arena_printf(l->arena, "%s: %s[%%ld] is %s, but must be %s", function, name, number_format(element), must),
          int_add(l, loops.place.at[0], ir_int(1)), element, ir_none());
  else
    check(l, condition,
          arena_printf(l->arena, "%s: an element of %s is %s, but must be %s", function, name, number_format(element),
                       must),
          element, low, high);
  loops_close(l, &loops);
}

bool is_element_check(int id) { return id >= BUILTIN_CHECK_POSITIVE && id <= BUILTIN_CHECK_BOUNDED; }

static ir_operand checked_element(lowering *l, const value *v, const place *at) {
  ir_operand x = value_element(l, v->children[0], at);
  check(l, holds(l, v->op, x, v->extra[0], v->extra[1]), v->name, x, v->extra[0], v->extra[1]);
  return x;
}

/* A parameter that stands for a node: its elements are checked when they are asked for. */
static void check_when_asked(lowering *l, int id, const expression *argument, value *x, value **arguments) {
  variable *parameter = argument->variable.variable;
  ir_operand low, high;
  const char *must = demand(l, id, x, arguments, &low, &high);
  value *node = value_map(l, x->type, (ir_op)id, x, 1, &x);
  node->element = checked_element;
  node->extra[0] = low;
  node->extra[1] = high;
  node->name = arena_printf(l->arena, "%s: an element of %s is %s, but must be %s", called_function(l), parameter->name,
                            ir_type_of(x->type) == IR_INT ? "%ld" : "%g", must);
  bind(l, parameter, node);
}

void lower_library_check(lowering *l, const expression *call, value **arguments) {
  const expression *argument = strip(call->call.arguments.items[0]);
  while (argument->kind == EXPRESSION_PROMOTION) argument = strip(argument->inner);
  const char *name = argument->kind == EXPRESSION_VARIABLE ? argument->variable.name : "its argument";
  int id = call->call.callee.id;
  if (l->is_sample && id != BUILTIN_CHECK_SIZE) return;
  value *x = arguments[0];
  const char *function = called_function(l);
  checked_value subject = {.text = arena_printf(l->arena, "%s: %s", function, name), .where = ""};
  switch (id) {
  case BUILTIN_CHECK_SIZE:
    check_same_size(l, x->scalar, arguments[1]->scalar,
                    arena_printf(l->arena, "%s: %s is %%ld, but must be %%ld", function, name));
    return;
  case BUILTIN_CHECK_SIMPLEX: check_form(l, FORM_SIMPLEX, &subject, x); return;
  case BUILTIN_CHECK_ORDERED: check_form(l, FORM_ORDERED, &subject, x); return;
  case BUILTIN_CHECK_SYMMETRIC: check_symmetric(l, &subject, x); return;
  case BUILTIN_CHECK_CHOLESKY_FACTOR: check_form(l, FORM_CHOLESKY_FACTOR_COV, &subject, x); return;
  case BUILTIN_CHECK_CHOLESKY_FACTOR_CORR: check_form(l, FORM_CHOLESKY_FACTOR_CORR, &subject, x); return;
  case BUILTIN_CHECK_CORR_MATRIX: check_form(l, FORM_CORR_MATRIX, &subject, x); return;
  case BUILTIN_CHECK_POSITIVE_ORDERED: check_form(l, FORM_POSITIVE_ORDERED, &subject, x); return;
  case BUILTIN_CHECK_UNIT_VECTOR: check_form(l, FORM_UNIT_VECTOR, &subject, x); return;
  case BUILTIN_CHECK_SUM_TO_ZERO: check_form(l, FORM_SUM_TO_ZERO_VECTOR, &subject, x); return;
  default:
    if (x->element && argument->kind == EXPRESSION_VARIABLE && argument->variable.variable->is_function_parameter)
      check_when_asked(l, id, argument, x, arguments);
    else
      check_elements(l, id, name, value_settled(l, x), arguments);
  }
}
