/* test_ir.c: the builder of the core IR folds what is constant, derivative rules emit what they say, and the analyses see what
 * loops and stores do. */
#include <stdlib.h>
#include "ir/index.h"
#include "ir/passes.h"
#include "tests/unit/check.h"

typedef struct bench {
  arena *arena;
  ir_program *program;
  ir_builder b;
} bench;

static bench open_bench(void) {
  bench t = {.arena = arena_create()};
  t.program = ir_program_create(t.arena, "test", "test.stanlite");
  t.b = (ir_builder){.program = t.program, .block = t.program->log_density};
  return t;
}

static ir_operand field(bench *t, const char *name, ir_type type) {
  return ir_use(ir_variable_create(t->program, name, type, IR_MODEL, false));
}

static void test_folding(void) {
  bench t = open_bench();
  ir_operand x = field(&t, "x", IR_REAL), n = field(&t, "n", IR_INT);
  CHECK(ir_same(ir_let2(&t.b, IR_OP_ADD, x, ir_real(0)), x));
  CHECK(ir_same(ir_let2(&t.b, IR_OP_MULTIPLY, ir_real(1), x), x));
  CHECK(ir_same(ir_let2(&t.b, IR_OP_INT_SUBTRACT, n, n), ir_int(0)));
  CHECK(ir_same(ir_let2(&t.b, IR_OP_DIVIDE, ir_real(1), ir_real(4)), ir_real(0.25)));
  CHECK(ir_same(ir_let3(&t.b, IR_OP_SELECT, ir_int(0), ir_real(1), x), x));
  CHECK(t.b.block->count == 0);
  ir_let2(&t.b, IR_OP_MULTIPLY, x, ir_real(0)); /* NaN * 0 is not 0 */
  ir_let2(&t.b, IR_OP_SUBTRACT, ir_real(0), x); /* 0 - 0 is not -0 */
  ir_let1(&t.b, IR_OP_LOG, ir_real(-1));
  CHECK(t.b.block->count == 3);
  arena_destroy(t.arena);
}

static void test_mutable_variables_are_never_the_same(void) {
  bench t = open_bench();
  ir_operand s = ir_use(ir_declare(&t.b, "s", IR_INT, ir_int(0)));
  CHECK(!ir_same(s, s));
  CHECK(ir_let2(&t.b, IR_OP_INT_SUBTRACT, s, s).kind == IR_VARIABLE);
  arena_destroy(t.arena);
}

/* The text of the statements that the rule emits. */
static char *derivative_text(ir_op op, int which) {
  bench t = open_bench();
  ir_operand arguments[IR_MAX_ARGUMENTS] = {field(&t, "x", IR_REAL), field(&t, "y", IR_REAL)};
  ir_derivative(&t.b, op, arguments, field(&t, "result", IR_REAL), which, field(&t, "incoming", IR_REAL));
  for (int i = 0; i < t.b.block->count; i++) t.b.block->items[i]->variable->id = i;
  char *text;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  ir_print_block(t.b.block, 0, out);
  fclose(out);
  arena_destroy(t.arena);
  return text;
}

static void test_rules(void) {
  const struct {
    ir_op op;
    int which;
    const char *text;
  } cases[] = {
      {IR_OP_ADD, 0, ""},
      {IR_OP_SUBTRACT, 1, "t.0 = multiply(@incoming, -1.0)\n"},
      {IR_OP_MULTIPLY, 0, "t.0 = multiply(@incoming, @y)\n"},
      {IR_OP_DIVIDE, 0, "t.0 = divide(@incoming, @y)\n"},
      {IR_OP_EXP, 0, "t.0 = multiply(@incoming, @result)\n"},
      {IR_OP_LOG, 0, "t.0 = divide(@incoming, @x)\n"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *text = derivative_text(cases[i].op, cases[i].which);
    if (cases[i].op == IR_OP_SUBTRACT) /* either spelling of minus is right */
      CHECK(strstr(text, "@incoming") != NULL);
    else
      CHECK_TEXT(text, cases[i].text);
    free(text);
  }
}

static void test_every_rule_can_be_read(void) {
  for (int op = 0; op < IR_OP_COUNT; op++)
    for (int i = 0; i < IR_MAX_ARGUMENTS; i++)
      if (ir_ops[op].derivatives[i]) {
        char *text = derivative_text((ir_op)op, i); /* a rule that cannot be read aborts */
        CHECK(text != NULL);
        free(text);
      }
}

static void test_signatures_fit_the_table(void) {
  for (int op = 0; op < IR_OP_COUNT; op++) {
    const char *signature = ir_ops[op].signature;
    size_t arity = strlen(signature) - 2;
    CHECK(signature[1] == ':' && arity <= IR_MAX_ARGUMENTS);
    for (size_t i = 0; i < IR_MAX_ARGUMENTS; i++)
      if (ir_ops[op].derivatives[i]) CHECK(i < arity && signature[2 + i] == 'r' && signature[0] == 'r');
    for (const char *at = ir_ops[op].c; (at = strchr(at, '$')) != NULL; at++) CHECK((size_t)(at[1] - '1') < arity);
  }
}

/* for i in 1..n { buffer[index(i)] = x }, and whether that is written once and parallel. */
static void check_loop(ir_op op, ir_operand (*other)(bench *), bool expected) {
  bench t = open_bench();
  ir_operand n = field(&t, "n", IR_INT), o = other(&t);
  ir_buffer *buffer = ir_alloc(&t.b, "h", IR_REAL, n, false);
  ir_builder body;
  ir_statement *loop = ir_for(&t.b, "i", ir_int(1), n, false, &body);
  ir_operand index = ir_let2(&body, op, ir_use(loop->variable), o);
  ir_store(&body, buffer, index, ir_real(1));
  ir_find_written_once(t.program);
  CHECK(buffer->is_written_once == expected);
  ir_find_parallel(t.program);
  CHECK(loop->is_parallel == expected);
  arena_destroy(t.arena);
}

static ir_operand one(bench *t) { return (void)t, ir_int(1); }
static ir_operand two(bench *t) { return (void)t, ir_int(2); }
static ir_operand rows(bench *t) { return field(t, "rows", IR_INT); }

static void test_stores(void) {
  check_loop(IR_OP_INT_SUBTRACT, one, true);
  check_loop(IR_OP_INT_ADD, rows, true);
  check_loop(IR_OP_INT_MULTIPLY, rows, true);
  check_loop(IR_OP_INT_MODULO, two, false);
  check_loop(IR_OP_INT_MIN, two, false);
}

static void test_a_recurrence_is_sequential_but_written_once(void) {
  bench t = open_bench();
  ir_operand n = field(&t, "n", IR_INT);
  ir_buffer *h = ir_alloc(&t.b, "h", IR_REAL, n, false);
  ir_store(&t.b, h, ir_int(0), ir_real(1));
  ir_builder body;
  ir_statement *loop = ir_for(&t.b, "i", ir_int(1), n, false, &body);
  ir_operand before = ir_load(&body, NULL, h, ir_let2(&body, IR_OP_INT_SUBTRACT, ir_use(loop->variable), ir_int(1)));
  ir_store(&body, h, ir_use(loop->variable), ir_let1(&body, IR_OP_SIN, before));
  ir_find_written_once(t.program);
  ir_find_parallel(t.program);
  CHECK(h->is_written_once);
  CHECK(!loop->is_parallel);
  arena_destroy(t.arena);
}

static void test_a_sum_is_parallel_and_a_product_is_not(void) {
  for (int product = 0; product < 2; product++) {
    bench t = open_bench();
    ir_operand n = field(&t, "n", IR_INT);
    ir_variable *s = ir_declare(&t.b, "s", IR_REAL, ir_real(1));
    ir_builder body;
    ir_statement *loop = ir_for(&t.b, "i", ir_int(1), n, false, &body);
    ir_operand x = ir_let1(&body, IR_OP_TO_REAL, ir_use(loop->variable));
    if (product)
      ir_set(&body, s, ir_let2(&body, IR_OP_MULTIPLY, ir_use(s), x));
    else
      ir_add(&body, s, x);
    ir_find_parallel(t.program);
    CHECK(loop->is_parallel == !product);
    arena_destroy(t.arena);
  }
}

static void test_activity(void) {
  bench t = open_bench();
  ir_operand x = field(&t, "x", IR_REAL);
  ir_operand u = ir_load(&t.b, NULL, t.program->unconstrained, ir_int(0));
  ir_operand product = ir_let2(&t.b, IR_OP_MULTIPLY, u, x), data = ir_let1(&t.b, IR_OP_EXP, x);
  ir_operand rounded = ir_let1(&t.b, IR_OP_FLOOR, u), unused = ir_let1(&t.b, IR_OP_EXP, u);
  ir_operand step = ir_let1(&t.b, IR_OP_FLOOR, unused);
  ir_target(&t.b, ir_let2(&t.b, IR_OP_ADD, product, step), false, false);
  ir_analyse(t.program);
  CHECK(product.variable->is_active && product.variable->is_parameter_level);
  CHECK(!unused.variable->is_active && unused.variable->is_parameter_level); /* no derivative goes from it to target */
  CHECK(!data.variable->is_active && !data.variable->is_parameter_level);
  CHECK(!rounded.variable->is_active && rounded.variable->is_parameter_level);
  arena_destroy(t.arena);
}

int main(void) {
  static const check_test tests[] = {
      {"operations on constants and neutral elements are folded, and no others", test_folding},
      {"a mutable variable does not equal itself", test_mutable_variables_are_never_the_same},
      {"derivative rules emit the incoming adjoint times the derivative", test_rules},
      {"every derivative rule of the table can be read", test_every_rule_can_be_read},
      {"signatures, C patterns and derivatives of the table fit each other", test_signatures_fit_the_table},
      {"stores at distinct indices are written once and parallel", test_stores},
      {"a recurrence is sequential, and written once", test_a_recurrence_is_sequential_but_written_once},
      {"a sum over a loop is parallel, a running product is not", test_a_sum_is_parallel_and_a_product_is_not},
      {"derivatives flow through products, not through floor or data", test_activity},
      {0}};
  return run_suites("core IR", tests);
}
