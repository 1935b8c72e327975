/* test_lower.c: what the lowering makes of a program: one loop where one is enough, no memory for elementwise arithmetic,
 * summands apart, and a message for what cannot be compiled yet. */
#include "ir/lower.h"
#include "parser/parse.h"
#include "tests/unit/check.h"

static arena *memory;
static messages found;
static library *functions;

static void start(void) {
  memory = arena_create();
  found = (messages){.arena = memory};
  functions = library_load(memory, "runtime/library", &found);
  CHECK_INT(found.error_count, 0);
}

static ir_program *lower(const char *text) {
  const source_file *file = source_from_text(memory, "folder/test.stanlite", text, strlen(text));
  parse_options options = {0};
  found = (messages){.arena = memory};
  program *parsed = parse_program(memory, file, &options, &found);
  bool is_right = found.error_count == 0 && check_program(memory, parsed, functions, &found);
  CHECK_SAY(is_right, "\"%s\" has an error: %s", text, found.count ? found.items[0].text : "");
  return is_right ? lower_program(memory, parsed, functions, &found) : NULL;
}

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

typedef struct shape { /* of log_density */
  const char *text;
  int loops, allocations, kernels, targets, checks;
} shape;

static void check_shapes(const shape *shapes) {
  start();
  for (; shapes->text; shapes++) {
    const ir_program *program = lower(shapes->text);
    CHECK_SAY(program != NULL, "%s", found.count ? found.items[0].text : "no message");
    if (!program) continue;
    const ir_block *block = program->log_density;
    const struct {
      const char *what;
      int actual, expected;
    } counts[] = {{"loops", count_kind(block, IR_FOR), shapes->loops},
                  {"allocations", count_kind(block, IR_ALLOC), shapes->allocations},
                  {"kernel calls", count_kind(block, IR_KERNEL_CALL), shapes->kernels},
                  {"summands", count_kind(block, IR_TARGET), shapes->targets},
                  {"checks", count_kind(block, IR_CHECK), shapes->checks}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
      CHECK_SAY(counts[i].actual == counts[i].expected, "%d %s, expected %d: %s", counts[i].actual, counts[i].what,
                counts[i].expected, shapes->text);
  }
  arena_destroy(memory);
}

#define DATA "data { int N; int J; array[N] int id; vector[N] x; vector[N] y; matrix[N, 3] X; } "

static void test_one_loop(void) {
  check_shapes((shape[]){
      {DATA "parameters { real a; } model { target += a; }", 0, 0, 0, 1, 0},
      {DATA "parameters { real a; real b; } model { target += a - 2 * b + x[1] * a; }", 0, 0, 0, 3, 1},
      {DATA "parameters { vector[N] a; } model { target += sum(a + exp(x) .* a'' - 2); }", 1, 0, 0, 1, 0},
      {DATA "parameters { real a; real b; } model { y ~ std_normal(); target += a; }", 1, 0, 0, 3, 1},
      {DATA "parameters { vector[J] a; real b; } model { target += sum(a[id] + b * x); }", 1, 0, 0, 1, 1},
      {DATA "parameters { vector[3] b; } model { target += sum(X * b); }", 2, 2, 1, 1, 0},
      {DATA "parameters { vector[N] a; } transformed parameters { vector[N] b = 2 * a[1:N]; } model { }", 1, 1, 0, 0,
       0},
      {DATA "parameters { vector[N] a; } model { for (n in 1:N) target += a[n] * x[n]; }", 1, 0, 0, 1, 0},
      {DATA "parameters { vector[N] a; } model { for (n in 2:N) target += a[n] * x[n - 1]; }", 1, 0, 0, 1, 0},
      {DATA "parameters { vector[N] a; } model { for (n in 1:N - 1) target += a[n + 1] * x[n]; }", 1, 0, 0, 1, 0},
      {DATA "parameters { vector[N] a; } model { for (n in 1:N) target += a[n + 1]; }", 1, 0, 0, 1, 1},
      {DATA "parameters { vector[N] a; } model { target += dot_product(a, x) - a' * y; }", 2, 0, 0, 2, 0},
      {"parameters { real<lower=0> a; } model { }", 0, 0, 0, 1, 0},
      {"parameters { vector<lower=0>[4] a; } model { }", 1, 1, 0, 1, 0},
      {"parameters { real<lower=0, upper=1> p; } model { }", 0, 0, 0, 3, 0},
      {0}});
}

static void test_functions(void) {
  check_shapes((shape[]){
      {"functions { real f_lpdf(real y, real m) { return -square(y - m) - log(m); } } parameters { real a; real m; } "
       "model { a ~ f(m); }",
       0, 0, 0, 2, 0},
      {"functions { real f(real y) { if (y > 0) return y; return 2 * y; } } parameters { real a; } "
       "model { target += f(a); }",
       0, 0, 0, 1, 0},
      {"functions { vector f(vector y) { return 2 * y; } } parameters { vector[3] a; } "
       "model { target += sum(f(f(a))); }",
       1, 0, 0, 1, 0},
      {"functions { vector f(vector y) { vector[3] z = y + 1; return z; } } parameters { vector[3] a; } "
       "transformed parameters { vector[3] b = f(a); } model { }",
       1, 1, 0, 0, 0},
      {"functions { void f_lp(real x) { target += x; target += 1; } } parameters { real a; } model { f_lp(a); }", 0, 0,
       0, 2, 0},
      {0}});
}

/* Under ~ a library density's summands may be dropped when they turn out constant, those of the program may not. */
static int count_droppable(const ir_block *block) {
  int count = 0;
  for (int i = 0; i < block->count; i++) {
    count += block->items[i]->kind == IR_TARGET && block->items[i]->is_droppable;
    ir_block *nested[3];
    int nested_count = ir_nested_blocks(block->items[i], nested);
    for (int j = 0; j < nested_count; j++) count += count_droppable(nested[j]);
  }
  return count;
}

static void test_droppable(void) {
  start();
  const struct {
    const char *text;
    int droppable;
  } cases[] = {{"model { a ~ normal(0, 2); }", 3},
               {"model { target += normal_lupdf(a | 0, 2); }", 3},
               {"model { target += normal_lpdf(a | 0, 2); }", 0},
               {"model { a ~ f(); }", 3},
               {"model { target += f_lupdf(a | ); }", 3},
               {"model { target += f_lpdf(a | ); }", 0},
               {"model { a ~ g(); }", 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const ir_program *program = lower(arena_printf(
        memory,
        "functions { real f_lpdf(real y) { return normal_lupdf(y | 0, 2) + 3; } real g_lpdf(real y) { return "
        "normal_lpdf(y | 0, 2); } } parameters { real a; } %s",
        cases[i].text));
    CHECK_SAY(program && count_droppable(program->log_density) == cases[i].droppable, "%d droppable in %s",
              program ? count_droppable(program->log_density) : -1, cases[i].text);
  }
  arena_destroy(memory);
}

static void test_refused(void) {
  start();
  const struct {
    const char *text, *message;
    int column;
  } cases[] = {
      {"parameters { array[1, 1, 1, 1, 1, 1, 1, 1, 1] real x; }", "more than 8 dimensions cannot be compiled", 14},
      {"data { array[1, 1, 1, 1, 1, 1, 1] matrix[2, 2] x; }", "more than 8 dimensions cannot be compiled", 8}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const ir_program *program = lower(cases[i].text);
    CHECK_SAY(!program, "compiled: %s", cases[i].text);
    CHECK_SAY(found.error_count == 1, "%d messages: %s", found.error_count, cases[i].text);
    if (found.count == 0) continue;
    CHECK_TEXT(found.items[0].text, cases[i].message);
    CHECK_SAY(found.items[0].location.column == cases[i].column, "column %d, expected %d: %s",
              found.items[0].location.column, cases[i].column, cases[i].text);
  }
  arena_destroy(memory);
}

/* f1 calls f0 twice, f2 calls f1 twice ...: 2^40 operations if all were inlined. What comes late is called. */
static void test_inlining_has_an_end(void) {
  start();
  char *text = arena_printf(memory, "functions { real f0(real x) { return x * x; } ");
  for (int i = 1; i <= 40; i++)
    text = arena_printf(memory, "%sreal f%d(real x) { return f%d(x) + f%d(x + 1); } ", text, i, i - 1, i - 1);
  const ir_program *program =
      lower(arena_printf(memory, "%s} parameters { real a; } model { target += f40(a); }", text));
  CHECK(program && program->functions.count > 0 && program->next_id < 300000);
  CHECK_INT(found.error_count, 0);
  arena_destroy(memory);
}

static void test_recursion_is_called(void) {
  start();
  const ir_program *program =
      lower("functions { real f(real x) { return x > 1 ? f(x - 1) : x; } real g(real x) { return "
            "2 * f(x); } } parameters { real a; } model { target += g(a) + g(1); }");
  CHECK(program && program->functions.count == 1);
  CHECK_TEXT(program->functions.items[0]->name, "f");
  CHECK_INT(count_kind(program->log_density, IR_KERNEL_CALL), 2);
  CHECK_INT(count_kind(program->functions.items[0]->body, IR_KERNEL_CALL), 1);
  arena_destroy(memory);
}

static void test_declared(void) {
  start();
  const ir_program *program = lower("data { int<lower=1> K; array[2, K] vector<lower=0, upper=K>[3] v; } "
                                    "parameters { real<offset=1, multiplier=2> a; } "
                                    "generated quantities { matrix[K, 2] m = rep_matrix(a, K, 2); int i = 1; }");
  CHECK_INT(program->declared.count, 5);
  CHECK_TEXT(program->name, "test");
  const struct {
    const char *name, *type;
    int dim_count;
    bool is_int, is_matrix;
  } expected[] = {{"K", "int<lower=1>", 0, true, false},
                  {"v", "array[,] vector<lower=0, upper=K>", 3, false, false},
                  {"a", "real<offset=1, multiplier=2>", 0, false, false},
                  {"m", "matrix", 2, false, true},
                  {"i", "int", 0, true, false}};
  for (int i = 0; i < program->declared.count && i < 5; i++) {
    const ir_declared *d = &program->declared.items[i];
    CHECK_TEXT(d->name, expected[i].name);
    CHECK_TEXT(d->type_text, expected[i].type);
    CHECK_INT(d->dim_count, expected[i].dim_count);
    CHECK(d->is_int == expected[i].is_int && d->is_matrix == expected[i].is_matrix);
  }
  arena_destroy(memory);
}

int main(void) {
  return run_suites("lowering", (check_test[]){{"what is vectorised is one loop without memory", test_one_loop},
                                               {"functions leave nothing but their work", test_functions},
                                               {"only densities under ~ and _lupdf drop constants", test_droppable},
                                               {"what cannot be compiled has one message", test_refused},
                                               {"inlining has an end", test_inlining_has_an_end},
                                               {"recursion is called", test_recursion_is_called},
                                               {"variables are declared as they were written", test_declared},
                                               {0}});
}
