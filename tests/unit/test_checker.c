/* test_checker.c: the type checker: types of expressions, choice of functions, what it writes on the tree, and that the
 * messages for the programs of tests/programs/semantic are those that stand beside the mistakes there. */
#include <dirent.h>
#include <stdlib.h>
#include "ir/builtins.h"
#include "ir/check.h"
#include "ir/ir.h"
#include "ir/signatures.h"
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

static void finish(void) { arena_destroy(memory); }

static program *checked(const char *text, bool *is_right) {
  const source_file *file = source_from_text(memory, "test.stanlite", text, strlen(text));
  parse_options options = {0};
  found = (messages){.arena = memory};
  program *parsed = parse_program(memory, file, &options, &found);
  *is_right = found.error_count == 0 && check_program(memory, parsed, functions, &found);
  return parsed;
}

static program *right(const char *text) {
  bool is_right;
  program *parsed = checked(text, &is_right);
  CHECK_SAY(is_right, "\"%s\" has an error: %s", text, found.count ? found.items[0].text : "");
  return parsed;
}

static const char declarations[] =
    "data { int i; real x; complex z; vector[3] v; row_vector[3] r; matrix[3, 3] m; array[3] int a; array[2, 3] int aa;"
    " array[3] real b; array[2] vector[3] av; array[2] matrix[3, 3] am; array[2] row_vector[3] ar; tuple(int, "
    "vector[2]) t; }"
    "generated quantities { print(";

/* The type of an expression over these variables; "error" when it is wrong. */
static const char *type_of(const char *expression) {
  bool is_right;
  program *parsed = checked(arena_printf(memory, "%s%s); }", declarations, expression), &is_right);
  return is_right ? type_name(memory, parsed->blocks[BLOCK_GENERATED_QUANTITIES]->items.items[0]->type) : "error";
}

static void check_types(const char *const (*cases)[2]) {
  start();
  for (; (*cases)[0]; cases++) {
    const char *type = type_of((*cases)[0]);
    CHECK_SAY(strcmp(type, (*cases)[1]) == 0, "%s is %s, expected %s", (*cases)[0], type, (*cases)[1]);
  }
  finish();
}

static void test_operators(void) {
  check_types((const char *const[][2]){{"1 + 2", "int"},
                                       {"1 + 2.0", "real"},
                                       {"i / 2", "int"},
                                       {"i %/% 2", "int"},
                                       {"i ^ 2", "real"},
                                       {"x * v", "vector"},
                                       {"r * v", "real"},
                                       {"v * r", "matrix"},
                                       {"r * m", "row_vector"},
                                       {"m * v", "vector"},
                                       {"m * m", "matrix"},
                                       {"v * v", "error"},
                                       {"v .* v", "vector"},
                                       {"v ./ 2", "vector"},
                                       {"2 ./ v", "vector"},
                                       {"v / r", "error"},
                                       {"r / m", "row_vector"},
                                       {"m \\ v", "vector"},
                                       {"v'", "row_vector"},
                                       {"m'", "matrix"},
                                       {"x'", "error"},
                                       {"-a", "array[] int"},
                                       {"-av", "array[] vector"},
                                       {"a + a", "error"},
                                       {"a ^ 2", "array[] real"},
                                       {"v ^ 2", "vector"},
                                       {"2 ^ m", "matrix"},
                                       {"1 < 2.5", "int"},
                                       {"x && 1", "error"},
                                       {"!i", "int"},
                                       {"z + 1", "complex"},
                                       {"z * v", "complex_vector"},
                                       {"z < 1", "error"},
                                       {"z == 1", "int"},
                                       {"i ? 1 : 2.5", "real"},
                                       {"i ? a : b", "array[] real"},
                                       {"i ? v : r", "error"},
                                       {"multiply(m, v)", "vector"},
                                       {"transpose(v)", "row_vector"},
                                       {"add(v, r)", "error"},
                                       {NULL}});
}

static void test_indices(void) {
  check_types((const char *const[][2]){{"v[1]", "real"},
                                       {"v[a]", "vector"},
                                       {"v[2:]", "vector"},
                                       {"m[1]", "row_vector"},
                                       {"m[1, ]", "row_vector"},
                                       {"m[, 1]", "vector"},
                                       {"m[1:2]", "matrix"},
                                       {"m[a, 1]", "vector"},
                                       {"m[a, 2:3]", "matrix"},
                                       {"m[1, 2]", "real"},
                                       {"am[1, , 2]", "vector"},
                                       {"am[, 1, 2]", "array[] real"},
                                       {"am[1:2, 1]", "array[] row_vector"},
                                       {"aa[1]", "array[] int"},
                                       {"aa[, 1]", "array[] int"},
                                       {"av[a, 1]", "array[] real"},
                                       {"v[1, 2]", "error"},
                                       {"v[x]", "error"},
                                       {"i[1]", "error"},
                                       {"t.2[1]", "real"},
                                       {NULL}});
}

static void test_literals(void) {
  check_types((const char *const[][2]){{"{1, 2.5}", "array[] real"},
                                       {"{{1}, {2.5}}", "array[,] real"},
                                       {"[1, 2]", "row_vector"},
                                       {"[[1, 2], [3, 4]]", "matrix"},
                                       {"[r, r]", "matrix"},
                                       {"[v, v]", "error"},
                                       {"{v, r}", "error"},
                                       {"(1, v)", "tuple(int, vector)"},
                                       {"[z, 1]", "complex_row_vector"},
                                       {NULL}});
}

static void test_functions_of_the_language(void) {
  check_types((const char *const[][2]){{"exp(1)", "real"},
                                       {"exp(a)", "array[] real"},
                                       {"exp(am)", "array[] matrix"},
                                       {"abs(-1)", "int"},
                                       {"abs(aa)", "array[,] int"},
                                       {"abs(v)", "vector"},
                                       {"pow(v, 2)", "vector"},
                                       {"pow(2, a)", "array[] real"},
                                       {"pow(v, r)", "error"},
                                       {"fma(v, 2, x)", "vector"},
                                       {"is_nan(v)", "error"},
                                       {"log2()", "real"},
                                       {"log2(v)", "vector"},
                                       {"max(1, 2)", "int"},
                                       {"max(a)", "int"},
                                       {"max(b)", "real"},
                                       {"sum(m)", "real"},
                                       {"sum(a)", "int"},
                                       {"size(3)", "int"},
                                       {"num_elements(av)", "int"},
                                       {"num_elements(3)", "error"},
                                       {"dims(am)", "array[] int"},
                                       {"rep_array(v, 2, 3)", "array[,] vector"},
                                       {"rep_array(a, 2)", "array[,] int"},
                                       {"append_array(a, b)", "array[] real"},
                                       {"append_array(a, av)", "error"},
                                       {"append_row(1, v)", "vector"},
                                       {"append_row(r, r)", "matrix"},
                                       {"head(r, 2)", "row_vector"},
                                       {"head(av, 2)", "array[] vector"},
                                       {"reverse(aa)", "array[,] int"},
                                       {"reverse(m)", "error"},
                                       {"to_array_1d(aa)", "array[] int"},
                                       {"to_array_1d(3)", "error"},
                                       {"to_vector(a)", "vector"},
                                       {"to_matrix(ar)", "matrix"},
                                       {"to_int(b)", "array[] int"},
                                       {"linspaced_array(3, 0, 1)", "array[] real"},
                                       {"normal_lpdf(v | a, 1)", "real"},
                                       {"normal_lpdf(v | m, 1)", "error"},
                                       {"normal_lpdf(v, 0, 1)", "error"},
                                       {"poisson_lpmf(a | v)", "real"},
                                       {"poisson_lpmf(v | v)", "error"},
                                       {"categorical_lpmf(a | v)", "real"},
                                       {"multi_normal_lpdf(av | v, m)", "real"},
                                       {"normal_rng(0, 1)", "real"},
                                       {"normal_rng(v, 1)", "array[] real"},
                                       {"poisson_rng(v)", "array[] int"},
                                       {"logit(av)", "array[] vector"},
                                       {"log_sum_exp(v)", "real"},
                                       {"log_sum_exp(x, v)", "vector"},
                                       {NULL}});
}

/* ---- what is written on the tree ---- */

static statement *nth(statement *list, int n) {
  while (n-- > 0) list = list->next;
  return list;
}

static void test_callees(void) {
  start();
  program *p = right("functions { real f(real x) { return x; } }"
                     "data { array[3] int k; }"
                     "parameters { real mu; vector[3] v; }"
                     "model { v ~ normal(mu, 1); mu ~ normal(0, 1) T[0, ]; k ~ poisson(exp(mu)); target += f(mu);"
                     " target += normal_lupdf(v | mu, 1); target += normal_lpdf(mu | 0, 1); target += exp(v);"
                     " target += sum(v); v ~ std_normal(); mu ~ normal(0, 1) T[, 2]; mu ~ normal(0, 1) T[0, 1]; }");
  statement *model = p->blocks[BLOCK_MODEL];
  const callee *density = &nth(model, 0)->tilde.call->call.callee;
  CHECK(density->kind == CALLEE_FUNCTION && density->vectorised && density->unnormalised);
  CHECK_TEXT(density->function->name, "normal_lpdf");
  CHECK(density->function->is_library && density->function->is_checked);
  const statement *above = nth(model, 1), *below = nth(model, 9), *between = nth(model, 10);
  CHECK(!above->tilde.call->call.callee.vectorised);
  CHECK_TEXT(above->tilde.log_ccdf.function->name, "normal_lccdf");
  CHECK(above->tilde.log_cdf.kind == CALLEE_UNRESOLVED);
  CHECK(below->tilde.log_ccdf.kind == CALLEE_UNRESOLVED);
  CHECK_TEXT(below->tilde.log_cdf.function->name, "normal_lcdf");
  CHECK_TEXT(between->tilde.log_cdf.function->name, "normal_lcdf");
  CHECK_TEXT(nth(model, 2)->tilde.call->call.callee.function->name, "poisson_lpmf");
  const callee *own = &nth(model, 3)->value->call.callee;
  CHECK(own->kind == CALLEE_FUNCTION && own->function == p->functions && !own->vectorised);
  CHECK(nth(model, 4)->value->call.callee.unnormalised);
  CHECK(!nth(model, 5)->value->call.callee.unnormalised);
  const callee *exponential = &nth(model, 6)->value->call.callee;
  CHECK(exponential->kind == CALLEE_INTRINSIC && exponential->id == IR_OP_EXP && exponential->vectorised);
  const callee *sum = &nth(model, 7)->value->call.callee;
  CHECK(sum->kind == CALLEE_BUILTIN && sum->id == BUILTIN_SUM && !sum->vectorised);
  finish();
}

static void test_promotions(void) {
  start();
  program *p =
      right("data { int n; array[2] int a; } transformed data { real x = n; array[2] real b = a; real y = n + x;"
            " complex z = x; real w = exp(n); real q = normal_lpdf(a | n, x); int i = n + 1; }");
  statement *list = p->blocks[BLOCK_TRANSFORMED_DATA];
  const expression *real = nth(list, 0)->declaration.value;
  CHECK(real->kind == EXPRESSION_PROMOTION && real->type->kind == TYPE_REAL && real->inner->type->kind == TYPE_INT);
  CHECK_TEXT(type_name(memory, nth(list, 1)->declaration.value->type), "array[] real");
  CHECK_INT(nth(list, 2)->declaration.value->operation.left->kind, EXPRESSION_PROMOTION);
  CHECK_INT(nth(list, 2)->declaration.value->operation.right->kind, EXPRESSION_VARIABLE);
  CHECK_TEXT(type_name(memory, nth(list, 3)->declaration.value->type), "complex");
  CHECK_INT(nth(list, 4)->declaration.value->call.arguments.items[0]->kind, EXPRESSION_PROMOTION);
  CHECK_TEXT(type_name(memory, nth(list, 5)->declaration.value->call.arguments.items[0]->type), "array[] real");
  CHECK_INT(nth(list, 6)->declaration.value->operation.left->kind, EXPRESSION_VARIABLE);
  finish();
}

static void test_variables(void) {
  start();
  program *p = right("data { int n; } parameters { real mu; }"
                     "transformed parameters { real t = mu * 2; }"
                     "model { real a; real b = 1; real c; real d = n; a = t; if (mu > 0) c = 1; d = b;"
                     " for (i in 1:n) { real e = i; if (a > 1) break; e = 2; } }");
  statement *model = p->blocks[BLOCK_MODEL];
  const variable *t = p->blocks[BLOCK_TRANSFORMED_PARAMETERS]->declaration.variable;
  CHECK(p->blocks[BLOCK_PARAMETERS]->declaration.variable->depends_on_parameters);
  CHECK(t->depends_on_parameters && t->is_global && t->block == BLOCK_TRANSFORMED_PARAMETERS && !t->is_assigned);
  const variable *a = nth(model, 0)->declaration.variable, *b = nth(model, 1)->declaration.variable;
  const variable *c = nth(model, 2)->declaration.variable, *d = nth(model, 3)->declaration.variable;
  CHECK(a->depends_on_parameters && a->is_assigned && !a->is_global && a->block == BLOCK_MODEL);
  CHECK(!b->depends_on_parameters && !b->is_assigned);
  CHECK(c->depends_on_parameters); /* which value it has depends on mu */
  CHECK(!d->depends_on_parameters && d->is_assigned);
  const statement *loop = nth(model, 7);
  CHECK(loop->loop.variable->is_loop_variable && loop->loop.variable->type->kind == TYPE_INT);
  CHECK(loop->loop.body->block.body->declaration.variable->depends_on_parameters); /* assigned after the break */
  CHECK(nth(model, 4)->assignment.value->depends_on_parameters);
  CHECK(!nth(model, 6)->assignment.value->depends_on_parameters);
  finish();
}

static void test_recursion(void) {
  start();
  program *p =
      right("functions { real f(int n) { return n < 1 ? 1 : g(n - 1); } real g(int n) { return f(n); }"
            " real h(int n) { return f(n); } real k(int n); real k(int n) { return n == 0 ? 0 : k(n - 1); } }");
  function *f = p->functions, *g = f->next, *h = g->next, *declared = h->next, *k = declared->next;
  CHECK(f->is_recursive && g->is_recursive && !h->is_recursive && k->is_recursive);
  const expression *value = k->body->block.body->value;
  while (value->kind != EXPRESSION_TERNARY) value = value->inner;
  CHECK(value->ternary.else_value->call.callee.function == k); /* the definition, not its declaration */
  finish();
}

/* ---- the library ---- */

static void check_overloads(const char *name, void *value, void *context) {
  int *count = context;
  for (const overload *o = value; o; o = o->next) {
    if (o->kind != CALLEE_FUNCTION) continue;
    const type *types[16];
    for (int i = 0; i < o->function->parameter_count; i++) types[i] = o->function->parameters[i]->type;
    const function *f = library_function(memory, functions, name, types, o->function->parameter_count, &found);
    CHECK_SAY(f && f->is_checked, "%s is not found by the types of its parameters", name);
    (*count)++;
  }
}

static void test_library(void) {
  start();
  int count = 0;
  name_map_each(functions->overloads, check_overloads, &count);
  CHECK(count > 100);
  CHECK_SAY(found.error_count == 0, "runtime/library: line %d: %s", found.count ? found.items[0].location.line : 0,
            found.count ? found.items[0].text : "");
  finish();
}

/* ---- messages ---- */

/* Does line n of the text say `// error: text`? */
static bool line_says(const char *text, int n, const char *what) {
  for (int line = 1; line < n; line++) {
    text += strcspn(text, "\n");
    if (*text) text++;
  }
  const char *wanted = arena_printf(memory, "// error: %s", what), *at = strstr(text, wanted);
  return at && at < text + strcspn(text, "\n");
}

static int count_of(const char *text, const char *what) {
  int count = 0;
  for (; (text = strstr(text, what)); text++) count++;
  return count;
}

static void check_messages(const char *path) {
  start();
  source_file *file = source_read(memory, path);
  CHECK(file != NULL);
  parse_options options = {0};
  program *parsed = parse_program(memory, file, &options, &found);
  bool is_right = found.error_count == 0 && check_program(memory, parsed, functions, &found);
  CHECK_SAY(!is_right, "%s has no error", path);
  for (int i = 0; i < found.count; i++)
    if (found.items[i].severity == MESSAGE_ERROR)
      CHECK_SAY(line_says(file->text, found.items[i].location.line, found.items[i].text),
                "%s:%d: %s: not what the line expects", path, found.items[i].location.line, found.items[i].text);
  int expected = count_of(file->text, "// error: ");
  CHECK_SAY(found.error_count == expected, "%s: %d errors, expected %d", path, found.error_count, expected);
  finish();
}

static void test_messages(void) {
  struct dirent **entries = NULL;
  int count = scandir("tests/programs/semantic", &entries, NULL, alphasort), checked_files = 0;
  for (int i = 0; i < count; i++) {
    char path[400];
    snprintf(path, sizeof path, "tests/programs/semantic/%s", entries[i]->d_name);
    size_t length = strlen(path);
    if (length > 9 && strcmp(path + length - 9, ".stanlite") == 0) {
      check_messages(path);
      checked_files++;
    }
    free(entries[i]);
  }
  free(entries);
  CHECK(checked_files > 15);
}

static void test_warnings(void) {
  start();
  right("transformed data { real x = 1 / 2; int n = 3; n = n; } model { if (0) { reject(\"no\"); print(1); } }");
  CHECK_INT(found.count, 3);
  for (int i = 0; i < found.count; i++) CHECK(found.items[i].severity == MESSAGE_WARNING);
  CHECK(strstr(found.items[0].text, "division of ints") != NULL);
  CHECK(strstr(found.items[1].text, "assigns `n` to itself") != NULL);
  CHECK(strstr(found.items[2].text, "never reached") != NULL);
  finish();
}

int main(void) {
  return run_suites("checker",
                    (check_test[]){{"operators have Stan's types", test_operators},
                                   {"an index takes off a dimension, a range keeps it", test_indices},
                                   {"items of literals share a type", test_literals},
                                   {"functions have Stan's types, over containers too", test_functions_of_the_language},
                                   {"a call knows what it calls", test_callees},
                                   {"promotions stand where types change", test_promotions},
                                   {"variables know their block and what they depend on", test_variables},
                                   {"recursion is found through other functions", test_recursion},
                                   {"every function of the library is well typed", test_library},
                                   {"mistakes give the messages that stand beside them", test_messages},
                                   {"warnings do not make a program wrong", test_warnings},
                                   {0}});
}
