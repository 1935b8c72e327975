/* The scanner and the parser: text in, tree out. Messages as people see them are in tests/programs/syntax. */
#include <stdlib.h>
#include <unistd.h>
#include "lexer/token.h"
#include "parser/parse.h"
#include "parser/print.h"
#include "tests/unit/check.h"

/* ---- helpers: each test parses into an arena of its own ---- */

typedef struct parsed {
  arena *arena;
  messages messages;
  program *program;
} parsed;

static parsed parse_with(const char *text, parse_options options) {
  parsed result = {.arena = arena_create()};
  result.messages.arena = result.arena;
  const source_file *file = source_from_text(result.arena, "test.stanlite", text, strlen(text));
  result.program = parse_program(result.arena, file, &options, &result.messages);
  return result;
}

static parsed parse(const char *text) { return parse_with(text, (parse_options){0}); }

static parsed parse_statements(const char *text) {
  arena *arena = arena_create();
  parsed result = parse(arena_printf(arena, "model { %s }", text));
  arena_destroy(arena);
  return result;
}

static void done(parsed *result) { arena_destroy(result->arena); }

static const statement *first_of(const parsed *result) { return result->program->blocks[BLOCK_MODEL]; }

static const char *first_message(const parsed *result) {
  return result->messages.count ? result->messages.items[0].text : "(no message)";
}

static const char *first_hint(const parsed *result) {
  return result->messages.count && result->messages.items[0].hint ? result->messages.items[0].hint : "(no hint)";
}

/* The tree with every operation in brackets, so that its shape shows. */
static const char *shape(arena *arena, const expression *tree) {
  switch (tree->kind) {
  case EXPRESSION_UNARY:
    return arena_printf(arena, tree->operation.op == OP_TRANSPOSE ? "<%2$s%1$s>" : "<%1$s%2$s>",
                        operator_text(tree->operation.op), shape(arena, tree->operation.left));
  case EXPRESSION_BINARY:
    return arena_printf(arena, "<%s%s%s>", shape(arena, tree->operation.left), operator_text(tree->operation.op),
                        shape(arena, tree->operation.right));
  case EXPRESSION_TERNARY:
    return arena_printf(arena, "<%s?%s:%s>", shape(arena, tree->ternary.condition),
                        shape(arena, tree->ternary.then_value), shape(arena, tree->ternary.else_value));
  case EXPRESSION_MEMBER: return arena_printf(arena, "<%s.%d>", shape(arena, tree->member.base), tree->member.number);
  case EXPRESSION_INDEX: return arena_printf(arena, "<%s[]>", shape(arena, tree->index.base));
  default: return expression_text(arena, tree, 1000);
  }
}

static void check_shape(const char *text, const char *expected) {
  arena *arena = arena_create();
  parsed result = parse_statements(arena_printf(arena, "x = %s;", text));
  CHECK_SAY(result.messages.error_count == 0, "`%s`: %s", text, first_message(&result));
  if (result.messages.error_count == 0) CHECK_TEXT(shape(arena, first_of(&result)->assignment.value), expected);
  done(&result);
  arena_destroy(arena);
}

/* ---- expressions ---- */

static void test_precedence(void) {
  check_shape("a + b * c", "<a+<b*c>>");
  check_shape("a - b - c", "<<a-b>-c>");
  check_shape("a / b * c", "<<a/b>*c>");
  check_shape("a * b %/% c", "<a*<b%/%c>>");
  check_shape("a .* b \\ c", "<a.*<b\\c>>");
  check_shape("a % b + c", "<<a%b>+c>");
  check_shape("a ^ b ^ c", "<a^<b^c>>");
  check_shape("a .^ b ^ c", "<a.^<b^c>>");
  check_shape("-a ^ b", "<-<a^b>>");
  check_shape("a ^ -b * c", "<<a^<-b>>*c>");
  check_shape("-a * b", "<<-a>*b>");
  check_shape("!a == b", "<<!a>==b>");
  check_shape("-a'", "<-<a'>>");
  check_shape("a ^ b'", "<a^<b'>>");
  check_shape("a * b' * c", "<<a*<b'>>*c>");
  check_shape("a < b == c > d", "<<a<b>==<c>d>>");
  check_shape("a || b && c", "<a||<b&&c>>");
  check_shape("a && b == c", "<a&&<b==c>>");
  check_shape("a + b < c - d", "<<a+b><<c-d>>");
  check_shape("a ? b : c ? d : e", "<a?b:<c?d:e>>");
  check_shape("a || b ? c : d", "<<a||b>?c:d>");
  check_shape("(a + b) * c", "<(a + b)*c>");
}

static void test_members(void) {
  check_shape("t.1", "<t.1>");
  check_shape("t.1.2", "<<t.1>.2>");
  check_shape("t.1[3].2", "<<<t.1>[]>.2>");
  check_shape("(a, b).2", "<(a, b).2>");
  check_shape("(a,)", "(a,)");
  check_shape("t.1 .* .5", "<<t.1>.*.5>");
  check_shape("1.*x", "<1.*x>"); /* the number `1.` times x, not an elementwise product */
}

static void check_number_literal(const char *text, expression_kind kind, double value) {
  arena *arena = arena_create();
  parsed result = parse_statements(arena_printf(arena, "x = %s;", text));
  CHECK_SAY(result.messages.error_count == 0, "`%s`: %s", text, first_message(&result));
  const expression *literal = first_of(&result)->assignment.value;
  CHECK_INT(literal->kind, kind);
  CHECK_RELATIVE(kind == EXPRESSION_INT ? (double)literal->int_value : literal->real.value, value, 0.0);
  done(&result);
  arena_destroy(arena);
}

static void test_literals(void) {
  check_number_literal("0", EXPRESSION_INT, 0);
  check_number_literal("1_000_000", EXPRESSION_INT, 1e6);
  check_number_literal("2147483647", EXPRESSION_INT, 2147483647.0);
  check_number_literal("1.", EXPRESSION_REAL, 1);
  check_number_literal(".5", EXPRESSION_REAL, 0.5);
  check_number_literal(".5e1", EXPRESSION_REAL, 5);
  check_number_literal("1e-3", EXPRESSION_REAL, 1e-3);
  check_number_literal("1_0.2_5E+0_2", EXPRESSION_REAL, 1025);
  check_number_literal("3i", EXPRESSION_IMAGINARY, 3);
  check_number_literal("2.5e1i", EXPRESSION_IMAGINARY, 25);
  check_number_literal(".5i", EXPRESSION_IMAGINARY, 0.5);
}

static void check_refused(const char *statements, const char *message) {
  parsed result = parse_statements(statements);
  CHECK_INT(result.messages.error_count, 1);
  CHECK_TEXT(first_message(&result), message);
  done(&result);
}

static void test_wrong_literals(void) {
  check_refused("x = 2147483648;", "this integer is too large: the largest is 2147483647");
  check_refused("x = 1e400;", "this number is too large: the largest is about 1.8e308");
  check_refused("x = 2y;", "`2y` is neither a number nor a name");
  check_refused("x = 1e;", "`1e` is neither a number nor a name");
  check_refused("x = t.0;", "a tuple has no member 0");
  check_refused("x = _y;", "a name begins with a letter");
}

static void test_index_forms(void) {
  parsed result = parse_statements("x = y[ , :, 1, 2:, :3, 4:5][];");
  const expression *outer = first_of(&result)->assignment.value;
  CHECK_INT(result.messages.error_count, 0);
  CHECK_INT(outer->index.indices.count, 1);
  CHECK_INT(outer->index.indices.items[0].kind, INDEX_ALL);
  const indices *inner = &outer->index.base->index.indices;
  CHECK_INT(inner->count, 6);
  CHECK_INT(inner->items[0].kind, INDEX_ALL);
  CHECK_INT(inner->items[1].kind, INDEX_ALL);
  CHECK_INT(inner->items[2].kind, INDEX_SINGLE);
  CHECK(inner->items[3].kind == INDEX_RANGE && inner->items[3].first && !inner->items[3].last);
  CHECK(inner->items[4].kind == INDEX_RANGE && !inner->items[4].first && inner->items[4].last);
  CHECK(inner->items[5].kind == INDEX_RANGE && inner->items[5].first && inner->items[5].last);
  done(&result);
}

static void test_printed_expressions_are_source(void) {
  const char *texts[] = {"a + b * (c - d)",
                         "-x'",
                         "f(a, b[1, :, 2:n])",
                         "normal_lpdf(y | mu, 1.5)",
                         "foo_lpdf(y | )",
                         "{{1, 2}, {3, 4}}",
                         "[a, b]",
                         "(a, (b, c)).2.1",
                         "a ? b : c",
                         "!a && b || c",
                         "2i + .5e3",
                         "x %/% y \\ z .^ w",
                         "target()"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    arena *arena = arena_create();
    parsed result = parse_statements(arena_printf(arena, "x = %s;", texts[i]));
    CHECK_TEXT(expression_text(arena, first_of(&result)->assignment.value, 100), texts[i]);
    done(&result);
    arena_destroy(arena);
  }
}

static void test_cut_expressions(void) {
  parsed result = parse_statements("x = alpha + beta * gamma;");
  CHECK_TEXT(expression_text(result.arena, first_of(&result)->assignment.value, 12), "alpha + b...");
  done(&result);
}

/* ---- declarations and types ---- */

static void test_declarations(void) {
  parsed result = parse_statements("array[N, 2] vector[K] a, b = c; tuple(int, array[3] real) t;");
  CHECK_INT(result.messages.error_count, 0);
  const statement *a = first_of(&result), *b = a->next, *t = b->next;
  CHECK_TEXT(a->declaration.variable->name, "a");
  CHECK(a->declaration.value == NULL);
  CHECK_TEXT(b->declaration.variable->name, "b");
  CHECK_TEXT(expression_text(result.arena, b->declaration.value, 10), "c");
  const sized_type *type = b->declaration.variable->declared;
  CHECK_INT(type->form, FORM_VECTOR);
  CHECK_INT(type->array_sizes.count, 2);
  CHECK_INT(type->sizes.count, 1);
  CHECK_INT(t->declaration.variable->declared->member_count, 2);
  CHECK_INT(t->declaration.variable->declared->members[1]->array_sizes.count, 1);
  CHECK(t->next == NULL);
  done(&result);
}

static const char *declared_today(const char *declaration) {
  static char text[200];
  parsed result = parse_statements(declaration);
  CHECK_SAY(result.messages.error_count == 0, "%s: %s", declaration, first_message(&result));
  FILE *out = fmemopen(text, sizeof text, "w");
  const variable *declared = first_of(&result)->declaration.variable;
  print_declaration(out, declared->declared, declared->name);
  fclose(out);
  done(&result);
  return text;
}

static void test_old_arrays(void) {
  CHECK_TEXT(declared_today("real x[N];"), "array[N] real x");
  CHECK_TEXT(declared_today("vector[K] x[N, M];"), "array[N, M] vector[K] x");
  CHECK_TEXT(declared_today("matrix[2, 3] x[4] = y;"), "array[4] matrix[2, 3] x");
}

static void test_constraints(void) {
  parsed result =
      parse("parameters { array[2] real<lower=a + 1, upper=b ^ 2> x; vector<multiplier=s, offset=m>[3] y; }");
  CHECK_INT(result.messages.error_count, 0);
  const statement *x = result.program->blocks[BLOCK_PARAMETERS];
  CHECK_TEXT(expression_text(result.arena, x->declaration.variable->declared->lower, 20), "a + 1");
  CHECK_TEXT(expression_text(result.arena, x->declaration.variable->declared->upper, 20), "b ^ 2");
  CHECK_TEXT(expression_text(result.arena, x->next->declaration.variable->declared->offset, 20), "m");
  CHECK_TEXT(expression_text(result.arena, x->next->declaration.variable->declared->multiplier, 20), "s");
  done(&result);
}

static void test_function_types(void) {
  parsed result =
      parse("functions { array[,] vector f(data real a, array[] int b, tuple(int, real) c, real[,] d, tuple(int,) e);"
            "void g() { return; } }");
  CHECK_INT(result.messages.error_count, 0);
  const function *f = result.program->functions;
  CHECK_TEXT(type_name(result.arena, f->result), "array[,] vector");
  CHECK(f->parameters[0]->is_data_only && !f->parameters[1]->is_data_only);
  CHECK_TEXT(type_name(result.arena, f->parameters[1]->type), "array[] int");
  CHECK_TEXT(type_name(result.arena, f->parameters[2]->type), "tuple(int, real)");
  CHECK_TEXT(type_name(result.arena, f->parameters[3]->type), "array[,] real");
  CHECK_TEXT(type_name(result.arena, f->parameters[4]->type), "tuple(int,)");
  CHECK(f->body == NULL);
  CHECK(type_equal(f->next->result, &type_void));
  CHECK(f->next->body != NULL && f->next->next == NULL);
  done(&result);
}

static void test_types(void) {
  arena *arena = arena_create();
  const type *vectors = type_array_of(arena, &type_vector, 2);
  CHECK_INT(type_array_dimensions(vectors), 2);
  CHECK_INT(type_total_dimensions(vectors), 3);
  CHECK(type_innermost(vectors) == &type_vector);
  CHECK(type_scalar(vectors) == &type_real);
  CHECK(type_scalar(&type_complex_matrix) == &type_complex);
  CHECK_INT(type_total_dimensions(&type_complex_matrix), 2);
  CHECK(type_equal(vectors, type_array_of(arena, type_array_of(arena, &type_vector, 1), 1)));
  CHECK(!type_equal(vectors, type_array_of(arena, &type_vector, 1)));
  CHECK(!type_equal(&type_vector, &type_row_vector));
  CHECK(type_array_of(arena, &type_error, 3) == &type_error);
  const type *members[] = {&type_real, &type_int};
  const bool data_only[] = {false, true};
  const type function = {TYPE_FUNCTION, &type_vector, members, data_only, 2};
  CHECK_TEXT(type_name(arena, &function), "(real, data int) => vector");
  const bool none[] = {false, false};
  const type other = {TYPE_FUNCTION, &type_vector, members, none, 2};
  CHECK(!type_equal(&function, &other));
  arena_destroy(arena);
}

static void test_words_of_the_tree(void) {
  CHECK_TEXT(type_form_name(FORM_INT), "int");
  CHECK_TEXT(type_form_name(FORM_CHOLESKY_FACTOR_CORR), "cholesky_factor_corr");
  CHECK_TEXT(type_form_name(FORM_TUPLE), "tuple");
  CHECK_TEXT(block_name(BLOCK_FUNCTIONS), "functions");
  CHECK_TEXT(block_name(BLOCK_GENERATED_QUANTITIES), "generated quantities");
  CHECK_TEXT(operator_text(OP_INTEGER_DIVIDE), "%/%");
  CHECK_TEXT(operator_text(OP_NEGATE), "-");
}

/* ---- statements ---- */

static void test_dangling_else(void) {
  parsed result = parse_statements("if (a) if (b) x = 1; else x = 2;");
  const statement *outer = first_of(&result);
  CHECK(outer->branch.else_body == NULL);
  CHECK(outer->branch.then_body->branch.else_body != NULL);
  done(&result);
}

static void test_bodies(void) {
  parsed result = parse_statements("for (i in 1:3) real a, b; for (e in xs) print(e); while (1) break;");
  const statement *loop = first_of(&result);
  CHECK_INT(result.messages.error_count, 0);
  CHECK_INT(loop->kind, STATEMENT_FOR);
  CHECK(loop->loop.variable->is_loop_variable);
  CHECK_INT(loop->loop.body->kind, STATEMENT_BLOCK); /* two declarations in the place of one statement */
  CHECK_INT(loop->next->kind, STATEMENT_FOR_EACH);
  CHECK(loop->next->loop.last == NULL);
  CHECK_INT(loop->next->next->branch.then_body->kind, STATEMENT_BREAK);
  done(&result);
}

static void test_statements(void) {
  static const struct {
    const char *text;
    statement_kind kind;
  } cases[] = {{"x[1].2 = 3;", STATEMENT_ASSIGNMENT},
               {"x .*= 3;", STATEMENT_ASSIGNMENT},
               {"(a, (b, c[1])) = t;", STATEMENT_UNPACK},
               {"y + 1 ~ normal(0, 1) T[0, ];", STATEMENT_TILDE},
               {"{1, 2} ~ foo();", STATEMENT_TILDE},
               {"target += f(x);", STATEMENT_TARGET},
               {"jacobian += x;", STATEMENT_JACOBIAN},
               {"f(x, y);", STATEMENT_CALL},
               {"print(\"x = \", x);", STATEMENT_PRINT},
               {"reject(\"no\");", STATEMENT_REJECT},
               {"fatal_error(\"no\", 1);", STATEMENT_FATAL_ERROR},
               {"profile(\"p\") { x = 1; }", STATEMENT_PROFILE},
               {"{ }", STATEMENT_BLOCK},
               {"{ { } x = {1, 2}; }", STATEMENT_BLOCK},
               {";", STATEMENT_EMPTY},
               {"continue;", STATEMENT_CONTINUE},
               {"T[1] = T;", STATEMENT_ASSIGNMENT},
               {"if (T) T = 1;", STATEMENT_IF}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    parsed result = parse_statements(cases[i].text);
    CHECK_SAY(result.messages.count == 0, "%s: %s", cases[i].text, first_message(&result));
    const statement *read = first_of(&result);
    CHECK_SAY(read && read->kind == cases[i].kind && !read->next, "%s", cases[i].text);
    done(&result);
  }
}

static void test_truncation(void) {
  parsed result = parse_statements("y ~ normal(0, 1) T[, 3]; y ~ normal(0, 1) T[,];");
  const statement *first = first_of(&result);
  CHECK(first->tilde.is_truncated && !first->tilde.lower && first->tilde.upper);
  CHECK(first->next->tilde.is_truncated && !first->next->tilde.lower && !first->next->tilde.upper);
  CHECK_TEXT(first->tilde.call->call.name, "normal");
  CHECK_INT(first->tilde.call->call.arguments.count, 2);
  done(&result);
}

static void test_old_statements(void) {
  parsed result =
      parse_statements("x <- 3; x[1] <- -y; increment_log_prob(x); x = get_lp(); if (x <-1) x = 2; # old\n");
  CHECK_INT(result.messages.error_count, 0);
  CHECK_INT(result.messages.warning_count, 4); /* each form once: <- # increment_log_prob get_lp */
  const statement *read = first_of(&result);
  CHECK_INT(read->kind, STATEMENT_ASSIGNMENT);
  CHECK_INT(read->next->kind, STATEMENT_ASSIGNMENT);
  CHECK_INT(read->next->next->kind, STATEMENT_TARGET);
  CHECK_TEXT(read->next->next->next->assignment.value->call.name, "target");
  const statement *comparison = read->next->next->next->next;
  CHECK_TEXT(shape(result.arena, comparison->branch.condition), "<x<<-1>>");
  done(&result);
}

/* ---- places ---- */

static void test_places(void) {
  parsed result = parse("data {\n  int N;\n}\nmodel {\r\n\ttarget += N +\n    foo(1);\n}\n");
  const statement *target = result.program->blocks[BLOCK_MODEL];
  CHECK_INT(target->location.line, 5);
  CHECK_INT(target->location.column, 2);
  CHECK_INT(target->location.end_line, 6);
  CHECK_INT(target->location.end_column, 11);
  const expression *call = target->value->operation.right;
  CHECK_INT(call->location.line, 6);
  CHECK_INT(call->location.column, 5);
  CHECK_INT(call->location.end_column, 10);
  CHECK_INT(call->call.name_location.end_column, 7);
  const variable *N = result.program->blocks[BLOCK_DATA]->declaration.variable;
  CHECK_INT(N->location.line, 2);
  CHECK_INT(N->location.column, 7);
  CHECK_INT(result.program->block_location[BLOCK_MODEL].line, 4);
  done(&result);
}

/* ---- libraries and includes ---- */

static void test_library_files(void) {
  const char *text = "real f(real x) { return __g(x); }\nreal __g(real x);";
  parsed library = parse_with(text, (parse_options){.functions_only = true, .is_library = true});
  CHECK_INT(library.messages.error_count, 0);
  CHECK_TEXT(library.program->functions->next->name, "__g");
  parsed user = parse_with(text, (parse_options){.functions_only = true});
  CHECK_INT(user.messages.error_count, 2);
  done(&library);
  done(&user);
}

static void write_file(const char *path, const char *text) {
  FILE *out = fopen(path, "w");
  CHECK(out != NULL);
  if (!out) return;
  fputs(text, out);
  fclose(out);
}

static parsed parse_file(const char *path, parse_options options) {
  parsed result = {.arena = arena_create()};
  result.messages.arena = result.arena;
  const source_file *file = source_read(result.arena, path);
  CHECK(file != NULL);
  if (file) result.program = parse_program(result.arena, file, &options, &result.messages);
  return result;
}

static void test_includes(void) {
  char folder[] = "/tmp/stanlite-parser-XXXXXX";
  if (!CHECK(mkdtemp(folder) != NULL)) return;
  arena *arena = arena_create();
  const char *program = arena_printf(arena, "%s/program.stan", folder),
             *body = arena_printf(arena, "%s/body.stan", folder);
  const char *functions = arena_printf(arena, "%s/f.stanfunctions", folder);
  write_file(functions, "real f(real x) { return x; }\n");
  write_file(
      program,
      "functions {\n#include f.stanfunctions\n#include <f.stanfunctions>\n}\nmodel {\n  #include \"body.stan\"\n}\n");
  write_file(body, "x = f(1);\ny = 2;\n");
  parsed result = parse_file(program, (parse_options){0});
  CHECK_SAY(result.messages.error_count == 0, "%s", first_message(&result));
  CHECK(result.program->functions && !result.program->functions->next); /* a file of functions is read once */
  const statement *second = first_of(&result)->next;
  CHECK_INT(second->location.line, 2);
  CHECK_TEXT(second->location.file->path, body);
  CHECK_TEXT(second->location.file->included_from->path, program);
  CHECK_INT(second->location.file->included_at_line, 6);
  done(&result);

  write_file(body, "#include program.stan\n");
  result = parse_file(program, (parse_options){0});
  CHECK_TEXT(first_message(&result), arena_printf(arena, "`%s` includes itself through other files", program));
  done(&result);

  unlink(body);
  result = parse_file(program, (parse_options){0});
  CHECK_TEXT(first_message(&result), "the file `body.stan` cannot be read");
  done(&result);

  const char *elsewhere[] = {folder}; /* an include path, for a program in another folder */
  const char *text = "functions {\n#include f.stanfunctions\n}";
  result = parse_with(text, (parse_options){.include_paths = elsewhere, .include_path_count = 1});
  CHECK_INT(result.messages.error_count, 0);
  CHECK_TEXT(result.program->functions->name, "f");
  done(&result);
  unlink(functions);
  unlink(program);
  rmdir(folder);
  arena_destroy(arena);
}

static void test_unreadable_files(void) {
  arena *arena = arena_create();
  CHECK(source_read(arena, "/no/such/file.stan") == NULL);
  CHECK(source_read(arena, "/tmp") == NULL);
  messages messages = {.arena = arena};
  parse_options options = {0};
  parse_program(arena,
                source_from_text(arena, "binary",
                                 "\x7f"
                                 "ELF\0\0",
                                 6),
                &options, &messages);
  CHECK_INT(messages.error_count, 1);
  CHECK_TEXT(messages.items[0].text, "this is not a text: it holds a zero byte");
  arena_destroy(arena);
}

static void test_empty_programs(void) {
  parsed result = parse("  // nothing\n");
  CHECK_INT(result.messages.count, 0);
  for (int block = 0; block < BLOCK_COUNT; block++) CHECK(!result.program->has_block[block]);
  done(&result);
}

/* ---- mistakes ---- */

static void check_message(const char *text, int line, const char *message, const char *hint) {
  parsed result = parse(text);
  CHECK_SAY(result.messages.error_count == 1, "%d errors in:\n%s", result.messages.error_count, text);
  CHECK_TEXT(first_message(&result), message);
  CHECK_TEXT(first_hint(&result), hint);
  if (result.messages.count) CHECK_INT(result.messages.items[0].location.line, line);
  done(&result);
}

static void test_mistakes_in_blocks(void) {
  check_message("parameter { real x; }", 1, "there is no block `parameter`", "did you mean `parameters`?");
  check_message("model {\n}\ndata {\n}", 3, "the block `data` must stand before the block `model`",
                "the order of blocks: functions, data, transformed data, parameters, transformed parameters, model, "
                "generated quantities");
  check_message("model { }\nmodel { }", 2, "there are two blocks `model`", "the first one begins in line 1");
  check_message("model {\n  for (i in 1:2) {\n    x = 1;\n}\ngenerated quantities { }", 2, "this `{` is not closed",
                "expected `}` before `generated quantities` in line 5");
  check_message("model {\n  x = 1; } }\n", 2, "this `}` closes nothing", "(no hint)");
  check_message("data { int N = 3; }", 1, "a variable of the block `data` cannot be given a value",
                "`N` with its value belongs into the block `transformed data`");
  check_message("parameters { real x; x ~ normal(0, 1); }", 1, "the block `parameters` holds declarations only",
                "this statement belongs into the block `model`");
}

static void test_mistakes_are_found_together(void) {
  parsed result = parse("data {\n  int N\n  vectr[N] y;\n}\nmodel {\n  y ~ normal(0, 1;\n  if (x = 1) { y = 2 }\n"
                        "  for (i in 1:N y[i] = 2;\n  z = ;\n}\n");
  CHECK_INT(result.messages.error_count, 7);
  done(&result);
}

static void test_nesting_has_a_limit(void) {
  enum { DEEP = 200000 };
  char *text = malloc(2 * DEEP + 100);
  static const char *const repeated[][3] = {
      {"(", "model { x = ", "1; }"},    {"-", "model { x = ", "1; }"},  {"1+", "model { x = ", "1; }"},
      {"'", "model { x = a", "; }"},    {"2^", "model { x = ", "1; }"}, {"{", "model ", ""},
      {"1?2:", "model { x = ", "1; }"}, {"if(1)", "model { ", "; }"},   {"[1]", "model { x = a", "; }"}};
  for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++) {
    size_t unit = strlen(repeated[i][0]), length = (size_t)sprintf(text, "%s", repeated[i][1]);
    for (; length + unit < 2 * DEEP; length += unit) memcpy(text + length, repeated[i][0], unit);
    strcpy(text + length, repeated[i][2]);
    parsed result = parse(text);
    CHECK_SAY(result.messages.error_count == 1, "%s: %d errors", repeated[i][0], result.messages.error_count);
    CHECK_SAY(strstr(first_message(&result), "nested"), "%s: %s", repeated[i][0], first_message(&result));
    done(&result);
  }
  free(text);
}

/* Every program may break off anywhere. (tests/truncated does this with the whole compiler.) */
static void test_cut_programs(void) {
  const char *text =
      "functions { real f(data array[,] real x) { return x[1, 2]; } }\n/* c */ data { int<lower=0> N; }\n"
      "model { if (N > 1) { N ~ f(\"a\" | {1, 2.5e3i}) T[1, ]; } else for (i in 1:N) (a, b).1 %/%= [3]; }";
  int errors = 0;
  for (size_t length = 0; length < strlen(text); length++) {
    arena *arena = arena_create();
    messages messages = {.arena = arena};
    parse_options options = {0};
    parse_program(arena, source_from_text(arena, "cut", text, length), &options, &messages);
    errors += messages.error_count > 0;
    arena_destroy(arena);
  }
  CHECK_INT((int)strlen(text) - errors, 7); /* the cuts between blocks leave a program */
}

/* ---- the table of tokens ---- */

static void test_tokens_are_found(void) {
  for (int kind = 0; kind < TOKEN_COUNT; kind++) {
    token_group group = token_group_of((token_kind)kind);
    if (group == GROUP_LITERAL || group == GROUP_SPECIAL) continue;
    const char *text = token_text((token_kind)kind);
    CHECK_SAY((int)token_find(text, strlen(text)) == kind, "`%s` is found as another token", text);
  }
  CHECK_INT(token_find("a name", 6), TOKEN_IDENTIFIER);
  CHECK_INT(token_find("transform", 9), TOKEN_IDENTIFIER);
}

static void test_tokens_are_printed(void) {
  arena *arena = arena_create();
  messages messages = {.arena = arena};
  parse_options options = {0};
  char text[1000] = "";
  const char *source = "transformed  data {\n  x.1 <= 2i; print(\"a b\");";
  FILE *out = fmemopen(text, sizeof text, "w");
  print_tokens(arena, source_from_text(arena, "test", source, strlen(source)), &options, out, &messages);
  fclose(out);
  CHECK_TEXT(
      text,
      "1:1\ttransformed data\n1:19\t{\n2:3\ta name\tx\n2:4\ta number\t.1\n2:7\t<=\n2:10\tan imaginary number\t2i\n"
      "2:12\t;\n2:14\tprint\n2:19\t(\n2:20\ta string\t\"a b\"\n2:25\t)\n2:26\t;\n2:27\tthe end of the file\n");
  arena_destroy(arena);
}

int main(void) {
  return run_suite_list((check_suite[]){
      {"expressions", (check_test[]){{"operators bind as in the manual", test_precedence},
                                     {"members of tuples are read after names, elements and members", test_members},
                                     {"literals have their values", test_literals},
                                     {"literals that mean nothing are refused", test_wrong_literals},
                                     {"all forms of an index are read", test_index_forms},
                                     {"an expression prints as it was written", test_printed_expressions_are_source},
                                     {"a long expression is cut for messages", test_cut_expressions},
                                     {0}}},
      {"declarations and types",
       (check_test[]){{"several variables are declared at once", test_declarations},
                      {"sizes behind a name become an array type", test_old_arrays},
                      {"constraints hold arithmetic", test_constraints},
                      {"functions have types without sizes", test_function_types},
                      {"types know their parts", test_types},
                      {"the tree's words come from the table of tokens", test_words_of_the_tree},
                      {0}}},
      {"statements", (check_test[]){{"else belongs to the nearest if", test_dangling_else},
                                    {"loops take one statement", test_bodies},
                                    {"every kind of statement is read", test_statements},
                                    {"either end of a truncation may be left out", test_truncation},
                                    {"old forms become today's", test_old_statements},
                                    {"nodes know their places", test_places},
                                    {0}}},
      {"files", (check_test[]){{"a library holds functions with names of its own", test_library_files},
                               {"files are included once, not in circles, with their places", test_includes},
                               {"what is no text is refused", test_unreadable_files},
                               {"an empty program is a program", test_empty_programs},
                               {0}}},
      {"mistakes", (check_test[]){{"blocks that are misspelt, misplaced or open are named", test_mistakes_in_blocks},
                                  {"one run finds all mistakes", test_mistakes_are_found_together},
                                  {"nesting has a limit", test_nesting_has_a_limit},
                                  {"a program may break off anywhere", test_cut_programs},
                                  {0}}},
      {"tokens", (check_test[]){{"every token is found by its text", test_tokens_are_found},
                                {"tokens are printed one a line", test_tokens_are_printed},
                                {0}}},
      {0}});
}
