/* test_structure.c: without scopes and exits a program does what it did with them. Random programs of nested scopes, loops and
 * branches, with exits anywhere, are run before and after the pass; each writes down the numbers of the statements that
 * it comes to. */
#include "ir/passes.h"
#include "tests/unit/check.h"

enum { MAX_TRACE = 2000, NOWHERE = -1 };

/* ---- running ---- */

typedef struct run {
  long values[4000]; /* of variables by id */
  long trace[MAX_TRACE];
  int length;
  bool found_scope;
} run;

static long value_of(const run *r, ir_operand x) {
  return x.kind == IR_CONSTANT_INT ? x.int_value : r->values[x.variable->id];
}

static long operate(const run *r, const ir_statement *s) {
  long a = value_of(r, s->arguments[0]), b = s->argument_count > 1 ? value_of(r, s->arguments[1]) : 0;
  switch (s->op) {
  case IR_OP_NOT: return !a;
  case IR_OP_INT_ADD: return a + b;
  case IR_OP_INT_MODULO: return a % b;
  case IR_OP_INT_LESS: return a < b;
  case IR_OP_INT_EQUAL: return a == b;
  case IR_OP_AND: return a && b;
  default: CHECK_SAY(false, "an operation that this machine does not know: %s", ir_ops[s->op].name); return 0;
  }
}

/* Returns the label of an exit under way, or NOWHERE. */
static int execute(run *r, const ir_block *block) {
  for (int i = 0; block && i < block->count && r->length < MAX_TRACE; i++) {
    const ir_statement *s = block->items[i];
    int leaving = NOWHERE;
    switch (s->kind) {
    case IR_LET: r->values[s->variable->id] = operate(r, s); break;
    case IR_DECLARE:
    case IR_SET: r->values[s->variable->id] = value_of(r, s->value); break;
    case IR_ADD: r->values[s->variable->id] += value_of(r, s->value); break;
    case IR_STORE: r->trace[r->length++] = value_of(r, s->value); break; /* the mark that a statement was reached */
    case IR_IF: leaving = execute(r, value_of(r, s->value) ? s->body : s->other); break;
    case IR_FOR:
      for (long k = value_of(r, s->first); k <= value_of(r, s->last) && leaving == NOWHERE && r->length < MAX_TRACE;
           k++) {
        r->values[s->variable->id] = k;
        leaving = execute(r, s->body);
      }
      break;
    case IR_WHILE:
      while (leaving == NOWHERE && r->length < MAX_TRACE) {
        leaving = execute(r, s->test);
        if (leaving != NOWHERE || !value_of(r, s->value)) break;
        leaving = execute(r, s->body);
      }
      break;
    case IR_SCOPE:
      r->found_scope = true;
      leaving = execute(r, s->body);
      if (leaving == s->label) leaving = NOWHERE;
      break;
    case IR_EXIT: r->found_scope = true; return s->label;
    default: CHECK_SAY(false, "a statement that this machine does not know: %d", s->kind);
    }
    if (leaving != NOWHERE) return leaving;
  }
  return NOWHERE;
}

/* ---- making ---- */

typedef struct maker {
  unsigned long long state;
  ir_buffer *trace;
  ir_variable *counter; /* changes with every mark, so that branches on it differ from one iteration to the next */
  int labels[16], label_count, marks;
} maker;

static int below(maker *m, int bound) {
  m->state = m->state * 6364136223846793005ull + 1442695040888963407ull;
  return (int)((m->state >> 33) % (unsigned)bound);
}

static void mark(maker *m, ir_builder *b) {
  ir_add(b, m->counter, ir_int(1 + below(m, 3)));
  ir_store(b, m->trace, ir_int(0), ir_int(m->marks++));
}

static ir_operand condition(maker *m, ir_builder *b) {
  ir_operand rest = ir_let2(b, IR_OP_INT_MODULO, ir_use(m->counter), ir_int(2 + below(m, 3)));
  return ir_let2(b, IR_OP_INT_EQUAL, rest, ir_int(below(m, 2)));
}

static void make_block(maker *m, ir_builder *b, int depth);

static void make_while(maker *m, ir_builder *b, int depth) {
  ir_builder test, body;
  ir_variable *turns = ir_declare(b, "turns", IR_INT, ir_int(0));
  ir_statement *loop = ir_while(b, &test, &body);
  loop->value = ir_let2(&test, IR_OP_INT_LESS, ir_use(turns), ir_int(below(m, 4)));
  ir_add(&body, turns, ir_int(1));
  make_block(m, &body, depth + 1);
}

static void make_statement(maker *m, ir_builder *b, int depth) {
  ir_builder body, other;
  switch (depth > 5 ? below(m, 2) : below(m, 8)) {
  case 1:
    if (m->label_count > 0) {
      ir_builder inner;
      ir_if(b, condition(m, b), &inner, &other);
      if (below(m, 2)) mark(m, &inner);
      ir_exit(below(m, 4) ? &inner : b, m->labels[below(m, m->label_count)]);
      break;
    }
    mark(m, b);
    break;
  case 2:
  case 3:
    ir_if(b, condition(m, b), &body, &other);
    make_block(m, &body, depth + 1);
    if (below(m, 2)) make_block(m, &other, depth + 1);
    break;
  case 4:
    ir_for(b, "i", ir_int(1), ir_int(below(m, 4)), false, &body);
    make_block(m, &body, depth + 1);
    break;
  case 5: make_while(m, b, depth); break;
  case 6:
  case 7:
    if (m->label_count == 16) break;
    m->labels[m->label_count++] = ir_scope(b, &body)->label;
    make_block(m, &body, depth + 1);
    m->label_count--;
    break;
  default: mark(m, b);
  }
}

static void make_block(maker *m, ir_builder *b, int depth) {
  for (int count = 1 + below(m, 4); count > 0; count--) make_statement(m, b, depth);
}

static void test_random_programs(void) {
  int exits = 0;
  for (int seed = 1; seed <= 3000; seed++) {
    arena *memory = arena_create();
    ir_program *program = ir_program_create(memory, "random", "random.stanlite");
    ir_builder b = {.program = program, .block = program->log_density};
    maker m = {.state = (unsigned long long)seed};
    m.trace = ir_alloc(&b, "trace", IR_INT, ir_int(1), false);
    program->log_density->count = 0; /* the machine has no memory */
    m.counter = ir_declare(&b, "counter", IR_INT, ir_int(0));
    make_block(&m, &b, 0);
    if (program->next_id < 2000) {
      static run before, after;
      before = after = (run){.length = 0};
      execute(&before, program->log_density);
      ir_structure(program);
      execute(&after, program->log_density);
      exits += before.found_scope;
      CHECK_SAY(!after.found_scope, "seed %d: a scope is left", seed);
      bool same = before.length == after.length;
      for (int i = 0; same && i < before.length; i++) same = before.trace[i] == after.trace[i];
      CHECK_SAY(same, "seed %d: %d marks before, %d after", seed, before.length, after.length);
    }
    arena_destroy(memory);
  }
  CHECK(exits > 1000);
}

/* ---- no more than is needed ---- */

static int count_kind(const ir_block *block, ir_kind kind) {
  int count = 0;
  for (int i = 0; i < block->count; i++) {
    count += block->items[i]->kind == kind;
    ir_block *nested[3];
    int nested_count = ir_nested_blocks(block->items[i], nested);
    for (int j = 0; j < nested_count; j++) count += count_kind(nested[j], kind);
  }
  return count;
}

/* scope { if (c) { mark; exit } mark; exit-if d; mark } */
static void test_branches_need_no_flag(void) {
  arena *memory = arena_create();
  ir_program *program = ir_program_create(memory, "flag", "flag.stanlite");
  ir_builder b = {.program = program, .block = program->log_density}, scope, first, second, other;
  ir_variable *c = ir_variable_create(program, "c", IR_INT, IR_INPUT, false);
  int label = ir_scope(&b, &scope)->label;
  ir_variable *x = ir_declare(&scope, "x", IR_INT, ir_int(0));
  ir_if(&scope, ir_use(c), &first, &other);
  ir_exit(&first, label);
  ir_set(&scope, x, ir_int(1));
  ir_if(&scope, ir_use(c), &second, &other);
  ir_set(&second, x, ir_int(2));
  ir_exit(&second, label);
  ir_set(&scope, x, ir_int(3));
  ir_structure(program);
  CHECK_INT(count_kind(program->log_density, IR_DECLARE), 1);
  CHECK_INT(count_kind(program->log_density, IR_SET), 3);
  CHECK_INT(count_kind(program->log_density, IR_IF), 2);
  CHECK_INT(count_kind(program->log_density, IR_SCOPE) + count_kind(program->log_density, IR_EXIT), 0);
  arena_destroy(memory);
}

int main(void) {
  return run_suites("structure",
                    (check_test[]){{"random programs come to the same statements", test_random_programs},
                                   {"exits at the ends of branches need no flag", test_branches_need_no_flag},
                                   {0}});
}
