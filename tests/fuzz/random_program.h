/* random_program.h: a well-typed Stan program from a string of bytes, for tests/fuzz.
 *
 * Each byte is one choice: which statement, which operator, which variable. What the fuzzer does to the bytes is so a change in
 * the program's derivation, and every string gives a program that must compile. When the bytes are used up each choice
 * is the first, which ends the recursion. All programs read the same data, random_program_data. Values stay moderate: divisors
 * are positive, exponents bounded.
 *
 * Containers have one of two sizes, N = 4 and K = 3, both read as data, so that indices from 1 to 3 are always good. */
#ifndef STANLITE_TESTS_FUZZ_RANDOM_PROGRAM_H
#define STANLITE_TESTS_FUZZ_RANDOM_PROGRAM_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char random_program_data[] =
    "{\"N\": 4, \"K\": 3, \"y\": [0.5, -1.25, 2, 0.125], \"z\": [1, 0.25, 3, 0.5], \"g\": [1, 3, 2, 3], \"c\": [0, 4, "
    "1, 2],"
    " \"b\": [1, 0, 1, 1], \"X\": [[1, 0.5, -1], [1, 2, 0.25], [1, -0.5, 3], [1, 0, 0.75]]}\n";

typedef enum random_type {
  INT,
  REAL,
  VECTOR_N,
  VECTOR_K,
  ROW_N,
  ROW_K,
  MATRIX,
  ARRAY_REAL,
  ARRAY_INT,
  TYPE_COUNT
} random_type;

static const char *const random_sized[] = {"int",          "real",          "vector[N]",
                                           "vector[K]",    "row_vector[N]", "row_vector[K]",
                                           "matrix[N, K]", "array[N] real", "array[N] int"};
static const char *const random_unsized[] = {"int",        "real",   "vector",       "vector",     "row_vector",
                                             "row_vector", "matrix", "array[] real", "array[] int"};

enum { RANDOM_NAMES = 120, RANDOM_DEPTH = 5, RANDOM_FUNCTIONS = 4, RANDOM_TEXT = 200000 };

typedef struct random_name {
  const char *kind; /* of the name: "v" for a variable, "n" for the variable of a loop over 1:K or less */
  int number;       /* 0: the kind is the name */
  random_type type;
  bool is_assignable;
} random_name;

typedef struct random_program {
  const uint8_t *bytes;
  size_t left;
  FILE *out;
  random_name names[RANDOM_NAMES];
  int name_count, last_number, indent;
  struct {
    random_type result, arguments[3];
    int count;
    bool is_recursive;
  } functions[RANDOM_FUNCTIONS];
  int function_count;
  long written; /* expressions so far: what is long grows no further */
  bool in_loop, in_function, in_generated;
  random_type result;
} random_program;

static inline int random_choice(random_program *r, int bound) {
  if (!r->left) return 0;
  r->left--;
  return *r->bytes++ % bound;
}

static inline void random_say(random_program *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline void random_say(random_program *r, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(r->out, format, arguments);
  va_end(arguments);
}

static inline void random_line(random_program *r) { random_say(r, "\n%*s", 2 * r->indent, ""); }

static inline void random_say_name(random_program *r, const random_name *name) {
  fputs(name->kind, r->out);
  if (name->number) random_say(r, "%d", name->number);
}

static inline random_name *random_add(random_program *r, const char *kind, random_type type, bool is_assignable) {
  random_name *name = &r->names[r->name_count < RANDOM_NAMES ? r->name_count++ : RANDOM_NAMES - 1];
  *name = (random_name){kind, ++r->last_number, type, is_assignable};
  return name;
}

/* A variable of the type; NULL when there is none. */
static inline const random_name *random_variable(random_program *r, random_type type, bool must_be_assignable) {
  int count = 0;
  for (int i = 0; i < r->name_count; i++)
    count += r->names[i].type == type && (!must_be_assignable || r->names[i].is_assignable);
  if (!count) return NULL;
  int which = random_choice(r, count);
  for (int i = r->name_count; i-- > 0;)
    if (r->names[i].type == type && (!must_be_assignable || r->names[i].is_assignable) && which-- == 0)
      return &r->names[i];
  return NULL;
}

/* ---- expressions ---- */

static inline void random_expression(random_program *r, random_type type, int depth);

/* A template: letters i, r, v, w, q, u, m, a, g behind a % are expressions of the types, %x an index from 1 to K. */
static inline void random_template(random_program *r, const char *text, int depth) {
  static const char letters[] = "irvwqumag";
  for (; *text; text++) {
    const char *letter = *text == '%' && text[1] ? strchr(letters, text[1]) : NULL;
    if (letter) {
      random_expression(r, (random_type)(letter - letters), depth + 1);
      text++;
    } else if (*text == '%' && text[1] == 'x') {
      const random_name *loop = NULL;
      for (int i = r->name_count; i-- > 0 && !loop;)
        if (r->names[i].kind[0] == 'n') loop = &r->names[i];
      int which = random_choice(r, 5);
      if (which == 0 || (which > 2 && !loop))
        random_say(r, "%d", 1 + random_choice(r, 3));
      else if (which == 1)
        random_say(r, "g[%d]", 1 + random_choice(r, 4));
      else if (which == 2)
        random_say(r, "(1 + abs(%d) %% K)", random_choice(r, 9));
      else
        random_say_name(r, loop);
      text++;
    } else {
      fputc(*text, r->out);
    }
  }
}

static const char *const random_int[] = {"(%i + %i)",
                                         "(%i - %i)",
                                         "%i * 2",
                                         "size(%v)",
                                         "N",
                                         "K",
                                         "%i %/% 3",
                                         "%i % 4",
                                         "-%i",
                                         "(%r > %r)",
                                         "(%i == %i)",
                                         "(%r < %r && %i > 0)",
                                         "!(%i)",
                                         "min({%i, 3})",
                                         "max(%g)",
                                         "%g[%x]",
                                         "sum(%g)",
                                         "abs(%i)",
                                         "(%i ? 1 : %i)",
                                         "int_step(%r)",
                                         "num_elements(%m)",
                                         "cols(%m)",
                                         "rows(%u')",
                                         NULL};
static const char *const random_real[] = {"(%r + %r)",
                                          "(%r - %r)",
                                          "%r * %r",
                                          "%r / (1 + square(%r))",
                                          "-%r",
                                          "(%i + %r)",
                                          "%v[%x]",
                                          "%w[%x]",
                                          "%q[%x]",
                                          "%m[%x, %x]",
                                          "%a[%x]",
                                          "sin(%r)",
                                          "cos(%r)",
                                          "tanh(%r)",
                                          "inv_logit(%r)",
                                          "exp(-square(%r))",
                                          "log1p_exp(%r)",
                                          "sqrt(1 + square(%r))",
                                          "fmin(%r, %r)",
                                          "fmax(%r, %r)",
                                          "(%r > %r ? %r : %r)",
                                          "sum(%v)",
                                          "mean(%w)",
                                          "dot_product(%v, %v)",
                                          "dot_self(%w)",
                                          "%q * %v",
                                          "(%u * %w)",
                                          "log_sum_exp(%v)",
                                          "log_sum_exp(%r, %r)",
                                          "atan(%r)",
                                          "normal_lpdf(%r | %r, 0.5 + square(%r))",
                                          "normal_lpdf(%v | %r, 1.5)",
                                          "sum(%m)",
                                          "square(%r)",
                                          "step(%r)",
                                          "min(%v)",
                                          "max(%w)",
                                          "Phi(%r)",
                                          "%r ^ 2",
                                          "abs(%r)",
                                          "sd(%v)",
                                          "sum(%a)",
                                          "lgamma(1 + square(%r))",
                                          "fdim(%r, 1)",
                                          "cauchy_lpdf(%r | 0, 1)",
                                          "log_mix(inv_logit(%r), %r, %r)",
                                          "fma(%r, %r, %r)",
                                          "sum(diagonal(%m' * %m))",
                                          "%i * 0.25",
                                          "inv(1.5 + sin(%r))",
                                          "variance(%w)",
                                          "log_determinant(add_diag(crossprod(%m), 1))",
                                          NULL};
static const char *const random_vector_n[] = {"(%v + %v)",
                                              "(%v - %v)",
                                              "%r * %v",
                                              "%v .* %v",
                                              "%v ./ (1 + square(%v))",
                                              "(%m * %w)",
                                              "%q'",
                                              "%w[g]",
                                              "rep_vector(%r, N)",
                                              "to_vector(%a)",
                                              "sin(%v)",
                                              "exp(-square(%v))",
                                              "cumulative_sum(%v)",
                                              "softmax(%v)",
                                              "col(%m, %x)",
                                              "%m[, %x]",
                                              "-%v",
                                              "(%r - %v)",
                                              "(%v + %r)",
                                              "sort_asc(%v)",
                                              "reverse(%v)",
                                              "tanh(%v)",
                                              "append_row(%w, %r)",
                                              "%v[{4, 1, 3, 3}]",
                                              "%v / 2.5",
                                              "%v[1:N]",
                                              "%v[:]",
                                              "to_vector(%g)",
                                              "rows_dot_product(%m, %m)",
                                              "inv_logit(%v)",
                                              "fmax(%v, %r)",
                                              "mdivide_left_spd(add_diag(tcrossprod(%m), 1), %v)",
                                              NULL};
static const char *const random_vector_k[] = {"(%w + %w)",
                                              "(%w - %w)",
                                              "%r * %w",
                                              "%w .* %w",
                                              "(%m' * %v)",
                                              "(%u')",
                                              "%v[1:K]",
                                              "head(%v, K)",
                                              "tail(%v, 3)",
                                              "rep_vector(%r, K)",
                                              "cos(%w)",
                                              "segment(%v, 2, K)",
                                              "%v[2:]",
                                              "%m[%x]'",
                                              "row(%m, %x)'",
                                              "softmax(%w)",
                                              "-%w",
                                              "(%w + %r)",
                                              "[%r, %r, %r]'",
                                              "columns_dot_product(%m, %m)'",
                                              "%w ^ 2",
                                              "log1p_exp(%w)",

                                              NULL};
static const char *const random_row_n[] = {
    "(%q + %q)",        "(%v')",    "%q * %r", "%q .* %q", "rep_row_vector(%r, N)", "%u * %m'", "to_row_vector(%a)",
    "[%r, %r, %r, %r]", "atan(%q)", NULL};
static const char *const random_row_k[] = {"(%u - %u)",         "(%w')",   "%r * %u",      "%m[%x]",
                                           "%m[%x, ]",          "%q * %m", "[%r, %r, %r]", "%q[1:K]",
                                           "%m[%x, {2, 1, 3}]", NULL};
static const char *const random_matrix[] = {"(%m + %m)",
                                            "(%m - %m)",
                                            "%m .* %m",
                                            "%r * %m",
                                            "%v * %u",
                                            "rep_matrix(%r, N, K)",
                                            "rep_matrix(%v, K)",
                                            "rep_matrix(%u, N)",
                                            "diag_pre_multiply(%v, %m)",
                                            "diag_post_multiply(%m, %w)",
                                            "tanh(%m)",
                                            "%m'' ",
                                            "%m[g]",
                                            "%m[, {3, 1, 2}]",
                                            "(%m * (%m' * %m))",
                                            "-%m",
                                            "(%m + %r)",
                                            "%m * quad_form_sym(identity_matrix(K), identity_matrix(K))",
                                            "to_matrix(%v * %u, N, K)",
                                            NULL};
static const char *const random_array_real[] = {"to_array_1d(%v)",
                                                "{%r, %r, %r, %r}",
                                                "%a[g]",
                                                "sin(%a)",
                                                "rep_array(%r, N)",
                                                "reverse(%a)",
                                                "append_array({%r}, {%r, %r, %r})",
                                                "%a[{2, 2, 1, 4}]",
                                                NULL};
static const char *const random_array_int[] = {"{%i, %i, %i, %i}", "rep_array(%i, N)", "%g[g]",
                                               "sort_asc(%g)",     "reverse(%g)",      NULL};

static const char *const *const random_templates[TYPE_COUNT] = {random_int,      random_real,       random_vector_n,
                                                                random_vector_k, random_row_n,      random_row_k,
                                                                random_matrix,   random_array_real, random_array_int};
static const char *const random_plain[TYPE_COUNT] = {
    "2", "0.5", "y", "rep_vector(0.75, K)", "y'", "X[2]", "X", "to_array_1d(z)", "g"};

static inline bool random_call(random_program *r, random_type type, int depth) {
  int first = random_choice(r, RANDOM_FUNCTIONS);
  for (int k = 0; k < r->function_count; k++) {
    int i = (first + k) % r->function_count;
    if (r->functions[i].result != type) continue;
    random_say(r, "f%d(", i);
    for (int j = 0; j < r->functions[i].count; j++) {
      if (j) random_say(r, ", ");
      random_expression(r, r->functions[i].arguments[j], depth + 1);
    }
    random_say(r, r->functions[i].is_recursive ? ", 3)" : ")");
    return true;
  }
  return false;
}

static inline void random_expression(random_program *r, random_type type, int depth) {
  int which = random_choice(r, 8);
  r->written++;
  bool ends = depth >= RANDOM_DEPTH || r->written > 2000 || !r->left;
  if (!ends && which == 1 && random_call(r, type, depth)) return;
  if (!ends && which > 2) {
    int count = 0;
    while (random_templates[type][count]) count++;
    const char *text = random_templates[type][random_choice(r, count)];
    bool has_operator = text[0] == '%' || text[0] == '-'; /* may not stand beside others without parentheses */
    if (strcmp(text, "fdim(%r, 1)") == 0) text = "fdim(%r, 1)";
    if (has_operator) fputc('(', r->out);
    random_template(r, text, depth);
    if (has_operator) fputc(')', r->out);
    return;
  }
  const random_name *name = random_variable(r, type, false);
  if (name && which < 7)
    random_say_name(r, name);
  else
    fputs(random_plain[type], r->out);
}

/* ---- statements ---- */

static inline void random_statements(random_program *r, int most, int depth);

static inline void random_body(random_program *r, int depth) {
  int names = r->name_count;
  random_say(r, "{");
  r->indent++;
  random_statements(r, 3, depth + 1);
  r->name_count = names;
  r->indent--;
  random_line(r);
  random_say(r, "}");
}

static inline void random_declaration(random_program *r) {
  random_type type = (random_type)random_choice(r, TYPE_COUNT);
  random_say(r, "%s v%d = ", random_sized[type], r->last_number + 1);
  random_expression(r, type, 0);
  random_say(r, ";");
  random_add(r, "v", type, true);
}

static inline void random_assignment(random_program *r) {
  static const char *const operators[] = {"=", "+=", "-=", "*="};
  random_type type = (random_type)random_choice(r, TYPE_COUNT);
  const random_name *name = random_variable(r, type, true);
  if (!name) {
    random_declaration(r);
    return;
  }
  random_say_name(r, name);
  bool is_element = type >= VECTOR_N && random_choice(r, 2);
  if (is_element) random_template(r, type == MATRIX ? "[%x, %x]" : "[%x]", 0);
  bool is_array = type >= ARRAY_REAL, is_square = type == INT || type == REAL || is_element;
  const char *op = operators[random_choice(r, is_array && !is_element ? 1 : is_square ? 4 : 3)];
  /* what is multiplied with itself again and again in loops would grow without bound */
  bool multiplies = op[0] == '*';
  random_say(r, " %s ", op);
  random_type value = is_element ? (type == ARRAY_INT ? INT : REAL) : type;
  if (value == INT) random_say(r, "(");
  if (multiplies && value == REAL) random_say(r, "sin(");
  if (multiplies && value == INT)
    random_say(r, "1");
  else
    random_expression(r, value, 0);
  if (multiplies && value == REAL) random_say(r, ")");
  if (value == INT) random_say(r, ") %% 7");
  random_say(r, ";");
}

static inline void random_density(random_program *r) {
  static const char *const densities[] = {"%r ~ normal(%r, 0.5 + square(%r));",
                                          "%v ~ normal(%v, 1.5);",
                                          "y ~ normal(%v, 0.25 + square(%r));",
                                          "y ~ student_t(4, %r, 1 + square(%v));",
                                          "b ~ bernoulli_logit(%v);",
                                          "c ~ poisson_log(tanh(%v));",
                                          "z ~ gamma(1 + square(%r), 2);",
                                          "z ~ lognormal(%v, 1);",
                                          "%w ~ multi_normal_cholesky(%w, identity_matrix(K));",
                                          "b ~ bernoulli_logit_glm(%m, %r, %w);",
                                          "y ~ normal_id_glm(X, %v, %w, 1);",
                                          "g ~ categorical_logit(%w);",
                                          "y[%x] ~ cauchy(%v[%x], 1);",
                                          "z ~ exponential(0.1 + exp(-square(%v)));",
                                          "tanh(%r) ~ normal(%r, 1) T[-1.5, ];",
                                          "%a ~ double_exponential(%r, 2);",
                                          "c ~ neg_binomial_2_log(tanh(%r), 2);"};
  random_template(r, densities[random_choice(r, sizeof densities / sizeof *densities)], 0);
}

static inline void random_statement(random_program *r, int depth) {
  int which = random_choice(r, 16), names = r->name_count;
  bool nests = depth < 3 && r->left && r->written < 1500;
  bool has_target = !r->in_function && !r->in_generated;
  random_line(r);
  if (which >= 9 && !nests) which -= 9;
  switch (which) {
  case 0:
  case 1:
    if (has_target) {
      random_say(r, "target += ");
      random_expression(r, REAL, 0);
      random_say(r, ";");
      break;
    } /* fall through */
  case 2:
  case 3: random_assignment(r); break;
  case 4:
  case 5:
  case 6: random_declaration(r); break;
  case 7:
  case 8:
    if (has_target)
      random_density(r);
    else
      random_assignment(r);
    break;
  case 9:
  case 10:
  case 11: {
    static const char *const ranges[] = {"1:K", "1:3", "2:K", "1:size(g) - 1"};
    bool was_in_loop = r->in_loop;
    r->in_loop = true;
    random_say(r, "for (n%d in %s) ", r->last_number + 1, ranges[random_choice(r, 4)]);
    random_add(r, "n", INT, false);
    random_body(r, depth);
    r->in_loop = was_in_loop;
    break;
  }
  case 12: {
    random_say(r, "for (e%d in ", r->last_number + 1);
    random_expression(r, random_choice(r, 2) ? VECTOR_N : ARRAY_REAL, 2);
    random_say(r, ") ");
    random_add(r, "e", REAL, false);
    bool was_in_loop = r->in_loop;
    r->in_loop = true;
    random_body(r, depth);
    r->in_loop = was_in_loop;
    break;
  }
  case 13:
    random_say(r, "if (");
    random_expression(r, INT, 1);
    random_say(r, ") ");
    random_body(r, depth);
    if (random_choice(r, 2)) {
      random_say(r, " else ");
      random_body(r, depth);
    }
    break;
  case 14: {
    int number = ++r->last_number;
    bool was_in_loop = r->in_loop;
    r->in_loop = true;
    random_say(r, "{\n%*sint k%d = 0;\n%*swhile (k%d < 3) {\n%*sk%d += 1;", 2 * r->indent + 2, "", number,
               2 * r->indent + 2, "", number, 2 * r->indent + 4, "", number);
    r->indent += 2;
    random_statements(r, 3, depth + 1);
    r->indent -= 2;
    random_say(r, "\n%*s}\n%*s}", 2 * r->indent + 2, "", 2 * r->indent, "");
    r->in_loop = was_in_loop;
    break;
  }
  default:
    if (r->in_function && random_choice(r, 2)) {
      random_say(r, "if (");
      random_expression(r, INT, 1);
      random_say(r, ") return ");
      random_expression(r, r->result, 1);
      random_say(r, ";");
    } else if (r->in_loop) {
      random_say(r, "if (");
      random_expression(r, INT, 1);
      random_say(r, random_choice(r, 2) ? ") continue;" : ") break;");
    } else {
      random_say(r, "profile(\"part\") ");
      random_body(r, depth);
    }
  }
  if (which >= 9) r->name_count = names;
}

static inline void random_statements(random_program *r, int most, int depth) {
  int count = 1 + random_choice(r, most);
  for (int i = 0; i < count; i++) random_statement(r, depth);
}

/* ---- the program ---- */

static inline void random_function(random_program *r) {
  int number = r->function_count;
  random_type result = (random_type)random_choice(r, TYPE_COUNT);
  int count = 1 + random_choice(r, 3);
  bool is_recursive = random_choice(r, 4) == 1;
  r->name_count = 0;
  r->in_function = true;
  r->result = result;
  random_say(r, "  %s f%d(", random_unsized[result], number);
  random_type arguments[3];
  for (int i = 0; i < count; i++) {
    arguments[i] = (random_type)random_choice(r, TYPE_COUNT);
    random_say(r, "%s%s v%d", i ? ", " : "", random_unsized[arguments[i]], r->last_number + 1);
    random_add(r, "v", arguments[i], false);
  }
  random_say(r, is_recursive ? ", int left) {" : ") {");
  r->indent = 2;
  random_say(r,
             "\n    int N = 4;\n    int K = 3;\n    array[4] int g = {1, 3, 2, 3};\n    vector[4] y = [0.5, 1, -1, 2]';"
             "\n    vector[4] z = [1, 2, 3, 4]';\n    matrix[4, 3] X = rep_matrix(0.25, 4, 3);");
  if (is_recursive) {
    random_say(r, "\n    if (left > 0) return f%d(", number);
    for (int i = 0; i < count; i++) {
      if (i) random_say(r, ", ");
      random_expression(r, arguments[i], 2);
    }
    random_say(r, ", left - 1);");
  }
  random_statements(r, 4, 0);
  random_say(r, "\n    return ");
  random_expression(r, result, 0);
  random_say(r, ";\n  }\n");
  r->functions[number].result = result;
  r->functions[number].count = count;
  r->functions[number].is_recursive = is_recursive;
  memcpy(r->functions[number].arguments, arguments, sizeof arguments);
  r->function_count++;
  r->in_function = false;
}

static inline void random_parameters(random_program *r) {
  static const struct {
    const char *declared;
    random_type type;
  } parameters[] = {{"real", REAL},
                    {"real<lower=0>", REAL},
                    {"real<lower=-1, upper=1>", REAL},
                    {"real<offset=1, multiplier=2>", REAL},
                    {"vector[N]", VECTOR_N},
                    {"vector[K]", VECTOR_K},
                    {"vector<lower=0>[N]", VECTOR_N},
                    {"simplex[K]", VECTOR_K},
                    {"ordered[N]", VECTOR_N},
                    {"positive_ordered[K]", VECTOR_K},
                    {"unit_vector[K]", VECTOR_K},
                    {"sum_to_zero_vector[N]", VECTOR_N},
                    {"row_vector[N]", ROW_N},
                    {"row_vector<upper=1>[K]", ROW_K},
                    {"matrix[N, K]", MATRIX},
                    {"matrix<lower=y[1]>[N, K]", MATRIX},
                    {"array[N] real", ARRAY_REAL},
                    {"array[N] real<lower=0, upper=2>", ARRAY_REAL}};
  int count = 1 + random_choice(r, 6);
  random_say(r, "parameters {\n");
  for (int i = 0; i < count; i++) {
    int which = random_choice(r, sizeof parameters / sizeof *parameters);
    random_say(r, "  %s v%d;\n", parameters[which].declared, r->last_number + 1);
    random_add(r, "v", parameters[which].type, false);
  }
  random_say(r, "}\n");
}

static inline void random_freeze(random_program *r) {
  for (int i = 0; i < r->name_count; i++) r->names[i].is_assignable = false;
}

/* The program's text; the caller frees. */
static inline char *random_program_text(const uint8_t *bytes, size_t count) {
  char *text = NULL;
  size_t size;
  random_program program = {.bytes = bytes, .left = count}, *r = &program;
  r->out = open_memstream(&text, &size);
  int functions = random_choice(r, RANDOM_FUNCTIONS);
  if (functions) {
    random_say(r, "functions {\n");
    for (int i = 0; i < functions; i++) random_function(r);
    random_say(r, "}\n");
  }
  r->name_count = 0;
  random_say(r, "data {\n  int<lower=1> N;\n  int<lower=1> K;\n  vector[N] y;\n  vector<lower=0>[N] z;\n"
                "  array[N] int<lower=1, upper=K> g;\n  array[N] int<lower=0> c;\n  array[N] int<lower=0, upper=1> b;\n"
                "  matrix[N, K] X;\n}\n");
  static const random_name data[] = {{"N", 0, INT, false},       {"y", 0, VECTOR_N, false},  {"z", 0, VECTOR_N, false},
                                     {"g", 0, ARRAY_INT, false}, {"c", 0, ARRAY_INT, false}, {"X", 0, MATRIX, false}};
  memcpy(r->names, data, sizeof data);
  r->name_count = sizeof data / sizeof *data;
  r->indent = 1;
  bool has_generated = random_choice(r, 2);
  if (random_choice(r, 3) == 1) {
    random_say(r, "transformed data {");
    r->in_generated = true;
    random_line(r);
    random_declaration(r);
    random_statements(r, 3, 1);
    r->in_generated = false;
    random_say(r, "\n}\n");
    random_freeze(r);
  }
  random_parameters(r);
  int before = r->name_count;
  if (random_choice(r, 2)) {
    random_say(r, "transformed parameters {");
    r->in_generated = true;
    int count = 1 + random_choice(r, 4);
    for (int i = 0; i < count; i++) {
      random_line(r);
      random_type type = (random_type)(1 + random_choice(r, ARRAY_REAL));
      random_say(r, "%s v%d = ", random_sized[type], r->last_number + 1);
      random_expression(r, type, 0);
      random_say(r, ";");
      random_add(r, "v", type, true);
    }
    int names = r->name_count;
    random_line(r);
    random_body(r, 1);
    r->name_count = names;
    r->in_generated = false;
    random_say(r, "\n}\n");
    random_freeze(r);
  }
  int globals = r->name_count;
  random_say(r, "model {");
  for (int i = 0; i < globals; i++) {
    if (i < 6 || (i < before && r->names[i].type == INT) || r->names[i].type == ARRAY_INT || r->names[i].type == INT)
      continue;
    random_say(r, r->names[i].type == MATRIX ? "\n  to_vector(" : "\n  ");
    random_say_name(r, &r->names[i]);
    random_say(r, r->names[i].type == MATRIX ? ") ~ normal(0, 2);" : " ~ normal(0, 2);");
  }
  random_statements(r, 8, 0);
  random_say(r, "\n}\n");
  r->name_count = globals;
  if (has_generated) {
    random_say(r, "generated quantities {");
    r->in_generated = true;
    random_statements(r, 4, 0);
    random_say(r, "\n}\n");
  }
  fclose(r->out);
  return text;
}

#endif
