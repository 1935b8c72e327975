/* check_unknown.c: names that nothing is known by at their place: variables, functions, distributions.
 *
 * A name that is near is suggested. A variable that exists elsewhere in the program says where, and why it is not seen; a
 * distribution that another language has under this name says what it is called here. */
#include <ctype.h>
#include <string.h>
#include "ir/check_internal.h"

typedef struct candidates {
  arena *arena;
  const char **items;
  int count, capacity;
  const char *suffix; /* take names with this ending only, without it; NULL: all */
} candidates;

static void add_candidate(const char *name, void *value, void *context) {
  (void)value;
  candidates *list = context;
  if (name[0] == '_') return;
  if (list->suffix) {
    if (!has_suffix(name, list->suffix)) return;
    name = arena_text(list->arena, name, strlen(name) - strlen(list->suffix));
  }
  arena_push(list->arena, list, name);
}

/* All functions' names; with a suffix those that end in it, without it. */
static void add_functions(checker *c, candidates *list, const char *suffix) {
  list->suffix = suffix;
  name_map_each(c->functions, add_candidate, list);
  name_map_each(c->library->overloads, add_candidate, list);
}

/* ---- variables ---- */

/* Where the program declares a name that is not seen at the place of its use. */
typedef struct elsewhere {
  const char *name;
  location use;
  const variable *found; /* the first one */
  block_kind block;
  bool is_local;         /* to a block of statements or to the model block */
  const statement *loop; /* whose variable it is */
} elsewhere;

static void look_through(elsewhere *look, const statement *list, block_kind block, bool is_local);

static void look_at(elsewhere *look, const statement *s, block_kind block, bool is_local) {
  const variable *declared = NULL;
  bool is_loop = s->kind == STATEMENT_FOR || s->kind == STATEMENT_FOR_EACH;
  if (s->kind == STATEMENT_DECLARATION) declared = s->declaration.variable;
  if (is_loop) declared = s->loop.variable;
  if (declared && strcmp(declared->name, look->name) == 0) {
    look->found = declared;
    look->block = block;
    look->is_local = is_local;
    look->loop = is_loop ? s : NULL;
    return;
  }
  if (is_loop) look_through(look, s->loop.body, block, true);
  if (s->kind == STATEMENT_BLOCK || s->kind == STATEMENT_PROFILE) look_through(look, s->block.body, block, true);
  if (s->kind == STATEMENT_IF || s->kind == STATEMENT_WHILE) {
    look_through(look, s->branch.then_body, block, true);
    look_through(look, s->branch.else_body, block, true);
  }
}

static void look_through(elsewhere *look, const statement *list, block_kind block, bool is_local) {
  for (const statement *s = list; s && !look->found; s = s->next) look_at(look, s, block, is_local);
}

/* The statement behind a loop's body looks as if it belonged to it. */
static bool is_behind_loop(const elsewhere *look) {
  const statement *body = look->loop ? look->loop->loop.body : NULL;
  return body && body->kind != STATEMENT_BLOCK && look->use.line > body->location.line && look->loop->next &&
         look->use.line <= look->loop->next->location.end_line;
}

static const char *why_not_seen(checker *c, const elsewhere *look) {
  int line = look->found->location.line;
  if (look->loop && is_behind_loop(look))
    return arena_printf(c->arena,
                        "`%s` is the variable of the loop in line %d, and the loop is its first statement alone: "
                        "write `for (...) { ... }` with braces around all that is repeated",
                        look->name, line);
  if (look->loop)
    return arena_printf(c->arena, "`%s` is the variable of the loop in line %d, and is known there alone", look->name,
                        line);
  if (c->function)
    return arena_printf(c->arena, "functions see their arguments alone: `%s`, declared in line %d, must be one",
                        look->name, line);
  if (look->is_local)
    return arena_printf(c->arena, "`%s` is declared in line %d, within braces, and is known there alone", look->name,
                        line);
  if (look->block == BLOCK_MODEL)
    return arena_printf(c->arena,
                        "`%s` is declared in line %d, in the model block, which nothing else sees: declare it in "
                        "`transformed parameters`",
                        look->name, line);
  if (look->block == c->block)
    return arena_printf(c->arena, "`%s` is declared in line %d, behind its use: move that declaration up", look->name,
                        line);
  return arena_printf(c->arena, "`%s` is declared in line %d, in the block `%s`, which comes later", look->name, line,
                      block_name(look->block));
}

void report_unknown_variable(checker *c, location location, const char *name) {
  message *m = message_error(c->messages, location, "there is no variable `%s` here", name);
  if (strcmp(name, "lp__") == 0) { /* Stan 1 */
    message_hint(c->messages, m, "the log density is added to with `target += ...;`, and read with `target()`");
    return;
  }
  elsewhere look = {.name = name, .use = location};
  for (block_kind block = BLOCK_DATA; c->program && block < BLOCK_COUNT && !look.found; block++)
    look_through(&look, c->program->blocks[block], block, false);
  if (look.found) {
    message_hint(c->messages, m, "%s", why_not_seen(c, &look));
    return;
  }
  candidates list = {.arena = c->arena};
  name_map_each(c->variables, add_candidate, &list);
  const char *near = nearest_name(name, list.items, list.count);
  if (near) message_hint(c->messages, m, "did you mean `%s`?", near);
}

/* ---- functions ---- */

/* An unknown function or distribution is reported where it is first used. */
static bool is_reported(checker *c, const char *name) {
  name_entry *entry = name_map_entry(c->reported, name);
  bool before = entry->value != NULL;
  entry->value = entry;
  return before;
}

/* normal_lpmf where there is normal_lpdf, foo_lcdf where there is foo_lpdf only. */
static const char *other_suffix_hint(checker *c, const char *name) {
  const char *suffix = function_suffix(name);
  if (!suffix) return NULL;
  const char *base = arena_text(c->arena, name, strlen(name) - strlen(suffix));
  static const char *const others[] = {"_lpdf", "_lpmf"};
  for (int i = 0; i < 2; i++) {
    const char *other = arena_printf(c->arena, "%s%s", base, others[i]);
    if (!own_overloads(c, other) && !shared_overloads(c, other)) continue;
    bool unnormalised = strcmp(suffix, "_lupdf") == 0 || strcmp(suffix, "_lupmf") == 0;
    return arena_printf(c->arena, "there is `%s%s`", base, unnormalised ? (i == 0 ? "_lupdf" : "_lupmf") : others[i]);
  }
  return NULL;
}

/* y = normal(mu, sigma) */
static const char *distribution_hint(checker *c, const char *name) {
  static const char *const suffixes[] = {"_lpdf", "_lpmf"};
  for (int i = 0; i < 2; i++) {
    const char *density = arena_printf(c->arena, "%s%s", name, suffixes[i]);
    if (own_overloads(c, density) || shared_overloads(c, density))
      return arena_printf(c->arena, "it is a distribution: write `y ~ %s(...)`, or `%s(y | ...)` for its log density",
                          name, density);
  }
  return NULL;
}

void report_unknown_function(checker *c, location location, const char *name) {
  if (is_reported(c, name)) return;
  if (name_map_get(c->library->not_yet, defined_name(c, name))) {
    message_error(c->messages, location, "`%s` is a Stan function that stanlite does not have yet", name);
    return;
  }
  variable *variable = name_map_get(c->variables, name);
  if (variable) {
    message *m = message_error(c->messages, location, "`%s` is a variable and cannot be called", name);
    if (own_overloads(c, name))
      message_hint(c->messages, m, "it hides the function of the same name");
    else if (type_total_dimensions(variable->type) > 0)
      message_hint(c->messages, m, "to take an element of it write `%s[...]`", name);
    return;
  }
  message *m = message_error(c->messages, location, "there is no function `%s`", name);
  const char *hint = strcmp(name, "if_else") == 0 ? "write `condition ? a : b`" : other_suffix_hint(c, name);
  if (!hint) hint = distribution_hint(c, name);
  if (hint) {
    message_hint(c->messages, m, "%s", hint);
    return;
  }
  candidates list = {.arena = c->arena};
  add_functions(c, &list, NULL);
  const char *near = nearest_name(name, list.items, list.count);
  if (near) message_hint(c->messages, m, "did you mean `%s`?", near);
}

/* ---- distributions ---- */

/* What BUGS, R, PyMC and the like call a distribution, where the names are too far apart to be guessed from. */
static const struct {
  const char *name, *density;
} foreign_densities[] = {
    {"norm", "normal"},
    {"gaussian", "normal"},
    {"norm2", "normal"},
    {"bern", "bernoulli"},
    {"binom", "binomial"},
    {"unif", "uniform"},
    {"exp", "exponential"},
    {"expon", "exponential"},
    {"pois", "poisson"},
    {"lnorm", "lognormal"},
    {"t", "student_t"},
    {"chisq", "chi_square"},
    {"mnorm", "multi_normal"},
    {"mvn", "multi_normal"},
    {"mvnorm", "multi_normal"},
    {"mvnormal", "multi_normal"},
    {"multivariatenormal", "multi_normal"},
    {"wish", "wishart"},
    {"lkj", "lkj_corr"},
    {"ordlogit", "ordered_logistic"},
    {"orderedlogit", "ordered_logistic"},
    {"dirich", "dirichlet"},
    {"negbin", "neg_binomial_2"},
    {"nbinom", "neg_binomial_2"},
    {"negativebinomial", "neg_binomial_2"},
    {"multinom", "multinomial"},
    {"cat", "categorical"},
};

/* A name without capitals and underscores. */
static const char *plain_name(arena *arena, const char *name) {
  char *plain = arena_alloc(arena, strlen(name) + 1);
  int length = 0;
  for (; *name; name++)
    if (*name != '_') plain[length++] = (char)tolower((unsigned char)*name);
  plain[length] = 0;
  return plain;
}

static const char *foreign_density(checker *c, const char *plain, const char *const *densities, int count) {
  for (size_t i = 0; i < sizeof foreign_densities / sizeof *foreign_densities; i++)
    if (strcmp(plain, foreign_densities[i].name) == 0) return foreign_densities[i].density;
  for (int i = 0; i < count; i++)
    if (strcmp(plain, plain_name(c->arena, densities[i])) == 0) return densities[i];
  return NULL;
}

/* Normal, dnorm, HalfCauchy, dhalfnorm ... */
static bool hint_foreign_density(checker *c, message *m, const char *name, const char *const *densities, int count) {
  const char *plain = plain_name(c->arena, name), *half = plain + (plain[0] == 'd' && plain[1] == 'h');
  if (strncmp(half, "half", 4) == 0) {
    const char *whole = foreign_density(c, half + 4, densities, count);
    if (!whole) return false;
    message_hint(c->messages, m,
                 "declare the variable with `<lower=0>` and write `%s`: its half above 0 is what is left", whole);
    return true;
  }
  const char *density = foreign_density(c, plain, densities, count);
  if (!density && plain[0] == 'd') density = foreign_density(c, plain + 1, densities, count);
  if (density) message_hint(c->messages, m, "in Stan its name is `%s`", density);
  return density != NULL;
}

void report_unknown_density(checker *c, location location, const char *name) {
  if (is_reported(c, name)) return;
  static const char *const endings[] = {"_lpdf", "_lpmf"};
  for (int i = 0; i < 2; i++)
    if (name_map_get(c->library->not_yet, arena_printf(c->arena, "%s%s", name, endings[i]))) {
      message_error(c->messages, location, "`%s` is a distribution of Stan that stanlite does not have yet", name);
      return;
    }
  message *m = message_error(c->messages, location, "there is no distribution `%s`", name);
  if (own_overloads(c, name) || shared_overloads(c, name)) {
    message_hint(c->messages, m,
                 "there is a function of that name; what stands after `~` is defined as `%s_lpdf` or `%s_lpmf`", name,
                 name);
    return;
  }
  candidates list = {.arena = c->arena};
  for (int i = 0; i < 2; i++) add_functions(c, &list, endings[i]);
  if (hint_foreign_density(c, m, name, list.items, list.count)) return;
  const char *near = nearest_name(name, list.items, list.count);
  if (near) message_hint(c->messages, m, "did you mean `%s`?", near);
}
