/* mistakes.c: syntax errors that people are known to make, and what they are told.
 *
 * Each function looks at the token at fault, the tokens around it and what the grammar expected there; it reports the mistake
 * and returns true, or returns false. The table at the end is their order. */
#include <ctype.h>
#include <string.h>
#include "parser/state.h"

typedef bool known_mistake(parse_state *state, int at, const bool expected[TOKEN_COUNT]);

static const token *token_at(const parse_state *state, int at) {
  return &state->tokens[at < 0 ? 0 : at >= state->token_count ? state->token_count - 1 : at];
}

static token_kind kind_at(const parse_state *state, int at) { return at < 0 ? TOKEN_END : token_at(state, at)->kind; }

static bool is_text(const parse_state *state, int at, const char *text) {
  return kind_at(state, at) == TOKEN_IDENTIFIER && strcmp(token_at(state, at)->text, text) == 0;
}

static bool is_type_word(token_kind kind) { return token_group_of(kind) == GROUP_TYPE; }

/* Tokens without anything between them. */
static bool touches(const parse_state *state, int at) {
  location before = token_at(state, at - 1)->location, here = token_at(state, at)->location;
  return before.end_line == here.line && before.end_column + 1 == here.column;
}

static bool begins_line(const parse_state *state, int at) {
  return at == 0 || token_at(state, at - 1)->location.end_line != token_at(state, at)->location.line;
}

static bool tell(parse_state *state, location place, const char *text, const char *hint) {
  message *error = message_error(state->messages, place, "%s", text);
  if (hint) message_hint(state->messages, error, "%s", hint);
  return true;
}

static bool tell_at(parse_state *state, int at, const char *text, const char *hint) {
  return tell(state, token_at(state, at)->location, text, hint);
}

/* The error just told is one that reading again can do without. */
static void mend_with(parse_state *state, int at, token_kind kind, bool replaces) {
  mend mend = {at, kind, replaces};
  arena_push(state->arena, &state->mends, mend);
  state->mended_errors++;
}

/* ---- words ---- */

/* Types of other languages. */
static const char *const foreign_types[][2] = {
    {"integer", "int"},  {"double", "real"},   {"float", "real"},
    {"numeric", "real"}, {"number", "real"},   {"bool", "int"},
    {"boolean", "int"},  {"long", "int"},      {"cholesky_factor", "cholesky_factor_cov"},
    {"list", "array"},   {"Matrix", "matrix"}, {"Vector", "vector"}};

static bool report_unknown_type(parse_state *state, int at) {
  const token *word = token_at(state, at);
  message *error = message_error(state->messages, word->location, "there is no type `%s`", word->text);
  const char *near = NULL;
  for (size_t i = 0; i < sizeof foreign_types / sizeof *foreign_types; i++) {
    if (strcmp(word->text, foreign_types[i][0]) == 0) near = foreign_types[i][1];
  }
  const char *types[TOKEN_VOID - TOKEN_INT + 1];
  for (int kind = TOKEN_INT; kind <= TOKEN_VOID; kind++) types[kind - TOKEN_INT] = token_text((token_kind)kind);
  if (!near) near = nearest_name(word->text, types, (int)(sizeof types / sizeof *types));
  if (near) message_hint(state->messages, error, "did you mean `%s`?", near);
  return true;
}

/* vectr[3] x;  vectr<lower=0> x;  vectr x; and at the beginning of a function or a parameter */
static bool unknown_type(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  if (kind_at(state, at) == TOKEN_IDENTIFIER && expected[TOKEN_INT] && !expected[TOKEN_IDENTIFIER])
    return report_unknown_type(state, at);
  int first = statement_start(state, at);
  while (first < at && kind_at(state, first) == TOKEN_RIGHT_PARENTHESIS) first++;
  if (first >= at || kind_at(state, first) != TOKEN_IDENTIFIER || begins_line(state, at)) return false;
  if (kind_at(state, at) == TOKEN_IDENTIFIER) {
    bool is_indexed = kind_at(state, first + 1) == TOKEN_LEFT_BRACKET && state->match[first + 1] == at - 1;
    bool is_declared = first + 1 == at || is_indexed;
    token_kind after = kind_at(state, at + 1);
    bool ends = after == TOKEN_SEMICOLON || after == TOKEN_ASSIGN || after == TOKEN_COMMA ||
                after == TOKEN_LEFT_BRACKET || after == TOKEN_LEFT_PARENTHESIS;
    return is_declared && ends ? report_unknown_type(state, first) : false;
  }
  bool constrains = token_group_of(kind_at(state, at)) == GROUP_CONSTRAINT && kind_at(state, at - 1) == TOKEN_LESS;
  return constrains && first + 2 == at ? report_unknown_type(state, first) : false;
}

/* real data;  x = offset + 1;  real a, real b; */
static bool word_as_name(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  const token *found = token_at(state, at);
  if (!expected[TOKEN_IDENTIFIER] || !isalpha((unsigned char)found->text[0])) return false;
  if (found->kind == TOKEN_END || token_group_of(found->kind) == GROUP_LITERAL) return false;
  if (is_type_word(found->kind) && kind_at(state, at - 1) == TOKEN_COMMA &&
      is_type_word(kind_at(state, statement_start(state, at))))
    return tell_at(state, at, "all variables of one declaration have the same type",
                   "end the declaration before with `;`");
  if (begins_line(state, at) && expected[TOKEN_INT_LITERAL]) return false; /* a statement that lacks its end */
  message *error = message_error(state->messages, found->location,
                                 "`%s` is a word of the language: it cannot be a name", found->text);
  if (is_type_word(found->kind) && expected[TOKEN_INT_LITERAL])
    message_hint(state->messages, error, "declarations are statements of their own");
  return true;
}

/* if (a and b) */
static bool logical_word(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  if (!expected[TOKEN_AND]) return false;
  bool is_and = is_text(state, at, "and");
  if (!is_and && !is_text(state, at, "or")) return false;
  mend_with(state, at, is_and ? TOKEN_AND : TOKEN_OR, true);
  return tell_at(state, at, is_and ? "logical and is written `&&`" : "logical or is written `||`", NULL);
}

/* ---- ends of statements ---- */

/* "the declaration of `x`" for the statement before the token at fault. */
static const char *statement_words(parse_state *state, int first, int at) {
  token_kind begins = kind_at(state, first);
  arena *arena = state->arena;
  if (is_type_word(begins)) {
    for (int i = first; i < at; i++) { /* the name is the first one outside brackets */
      token_kind kind = kind_at(state, i);
      if (kind == TOKEN_LEFT_BRACKET || kind == TOKEN_LEFT_PARENTHESIS) i = state->match[i];
      if (kind == TOKEN_LESS)
        while (i < at && kind_at(state, i) != TOKEN_GREATER) i++;
      if (kind == TOKEN_IDENTIFIER) return arena_printf(arena, "the declaration of `%s`", token_at(state, i)->text);
    }
    return "the declaration";
  }
  if (token_group_of(begins) == GROUP_STATEMENT) return arena_printf(arena, "`%s`", token_text(begins));
  for (int i = first; i < at; i++) {
    token_kind kind = kind_at(state, i);
    if (kind == TOKEN_TILDE) return "the distribution statement";
    if (kind == TOKEN_ASSIGN || token_group_of(kind) == GROUP_ASSIGNMENT)
      return begins == TOKEN_IDENTIFIER ? arena_printf(arena, "the assignment to `%s`", token_at(state, first)->text)
                                        : "the assignment";
  }
  return begins == TOKEN_IDENTIFIER && kind_at(state, first + 1) == TOKEN_LEFT_PARENTHESIS
             ? arena_printf(arena, "the call of `%s`", token_at(state, first)->text)
             : "this statement";
}

/* Behind the header of an if or a loop, which has a statement of its own. */
static int behind_headers(const parse_state *state, int first, int at) {
  while (first + 1 < at && kind_at(state, first + 1) == TOKEN_LEFT_PARENTHESIS &&
         (kind_at(state, first) == TOKEN_IF || kind_at(state, first) == TOKEN_FOR ||
          kind_at(state, first) == TOKEN_WHILE) &&
         state->match[first + 1] < at)
    first = state->match[first + 1] + 1;
  return first;
}

static bool missing_semicolon(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  if (!expected[TOKEN_SEMICOLON] || at == 0) return false;
  bool ends = begins_line(state, at) || kind_at(state, at) == TOKEN_RIGHT_BRACE || kind_at(state, at) == TOKEN_END;
  if (!ends || kind_at(state, at) == TOKEN_LEFT_BRACE) return false;
  int first = behind_headers(state, statement_start(state, at), at);
  if (first >= at) return false;
  message_error(state->messages, behind_token(state, at - 1), "expected `;` after %s",
                statement_words(state, first, at));
  state->is_only_unfinished = true;
  mend_with(state, at, TOKEN_SEMICOLON, false);
  return true;
}

void report_unused_value(parse_state *state, location place) {
  tell(state, place, "this value is not used",
       "a statement assigns (`x = ...;`), states a distribution (`x ~ ...;`) or calls");
}

/* 2 * x;  what is a name or a call alone, build_call_statement reports */
static bool unused_value(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  if (kind_at(state, at) != TOKEN_SEMICOLON || !expected[TOKEN_TILDE] || expected[TOKEN_SEMICOLON]) return false;
  int first = behind_headers(state, statement_start(state, at), at);
  location place = location_join(token_at(state, first)->location, token_at(state, at - 1)->location);
  report_unused_value(state, place);
  return true;
}

/* ---- assignments and comparisons ---- */

static bool wrong_assignment(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  token_kind found = kind_at(state, at);
  bool assigns = found == TOKEN_ASSIGN || token_group_of(found) == GROUP_ASSIGNMENT;
  if (assigns && kind_at(state, at - 1) == TOKEN_TARGET)
    return tell_at(state, at, "`target` can only be added to", "write `target += ...;`");
  if (found == TOKEN_COLON && kind_at(state, at + 1) == TOKEN_ASSIGN && touches(state, at + 1))
    return tell_at(state, at, "an assignment is written `=`", NULL);
  if (found != TOKEN_ASSIGN) return false;
  if (!expected[TOKEN_EQUAL]) return false;
  int inside = state->enclosing[at];
  if (inside >= 0 && kind_at(state, inside) != TOKEN_LEFT_BRACE) {
    mend_with(state, at, TOKEN_EQUAL, true);
    return tell_at(state, at, "`=` assigns: it cannot stand within an expression", "a comparison is written `==`");
  }
  for (int i = statement_start(state, at); i < at; i++) {
    if (kind_at(state, i) == TOKEN_ASSIGN && state->enclosing[i] == inside)
      return tell_at(state, at, "one statement cannot assign twice", "a comparison is written `==`");
  }
  return tell_at(state, at, "this cannot be assigned to",
                 "an assignment changes a variable, an element `x[i]`, or a member of a tuple `t.1`");
}

/* ---- operators of other languages ---- */

static bool foreign_operator(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  token_kind found = kind_at(state, at), before = kind_at(state, at - 1);
  if (found == TOKEN_TIMES && before == TOKEN_TIMES && touches(state, at))
    return tell_at(state, at, "a power is written `x ^ y`", NULL);
  if (found == TOKEN_TIMES && before == TOKEN_MODULO && touches(state, at))
    return tell_at(state, at, "the product of matrices is written `*`", NULL);
  if (found == TOKEN_GREATER && before == TOKEN_MINUS && touches(state, at))
    return tell_at(state, at, "an assignment is written `x = value`", NULL);
  if (found == TOKEN_BAR && expected[TOKEN_OR])
    return tell_at(state, at, "`|` stands only behind the first argument of a density", "logical or is written `||`");
  bool doubled =
      (before == TOKEN_PLUS || before == TOKEN_MINUS) && kind_at(state, at - 2) == before && touches(state, at - 1);
  if (found == TOKEN_SEMICOLON && doubled)
    return tell_at(state, at - 1, before == TOKEN_PLUS ? "there is no operator `++`" : "there is no operator `--`",
                   before == TOKEN_PLUS ? "write `x += 1`" : "write `x -= 1`");
  if (found == TOKEN_TRANSPOSE && expected[TOKEN_INT_LITERAL])
    return tell_at(state, at, "`'` transposes what stands before it", "strings stand between double quotes");
  return false;
}

static bool string_as_value(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  if (kind_at(state, at) != TOKEN_STRING_LITERAL || !expected[TOKEN_INT_LITERAL]) return false;
  return tell_at(state, at, "a string is not a value", "strings stand only in print, reject, fatal_error and profile");
}

/* ---- headers ---- */

static bool header_without_parentheses(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  token_kind before = kind_at(state, at - 1);
  if (!expected[TOKEN_LEFT_PARENTHESIS] || expected[TOKEN_INT_LITERAL]) return false;
  if (before == TOKEN_IF || before == TOKEN_WHILE) {
    message *error = message_error(state->messages, token_at(state, at)->location,
                                   "expected `(`: the condition of `%s` "
                                   "stands in parentheses",
                                   token_text(before));
    message_hint(state->messages, error, "write `%s (...) { ... }`", token_text(before));
    return true;
  }
  return before == TOKEN_FOR ? tell_at(state, at, "expected `(`", "a loop is written `for (i in 1:N) { ... }`") : false;
}

static bool loop_header(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  if (!expected[TOKEN_IN] && !(expected[TOKEN_IDENTIFIER] && kind_at(state, at - 2) == TOKEN_FOR)) return false;
  if (expected[TOKEN_INT_LITERAL]) return false;
  return tell_at(state, at, arena_printf(state->arena, "expected %s", expected_words(state->arena, expected, false)),
                 "a loop is written `for (i in 1:N) { ... }`, or `for (x in xs) { ... }` over a container");
}

static bool lost_else(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  if (expected[TOKEN_IDENTIFIER] && !expected[TOKEN_INT_LITERAL]) return false; /* a word as a name */
  if (kind_at(state, at) == TOKEN_ELSE && !missing_semicolon(state, at, expected))
    return tell_at(state, at, "this `else` belongs to no `if`", NULL);
  if (kind_at(state, at) == TOKEN_ELSE) return true;
  if (kind_at(state, at) != TOKEN_LEFT_BRACE || kind_at(state, at - 1) != TOKEN_RIGHT_PARENTHESIS) return false;
  int word = state->match[at - 1] - 1;
  if (is_text(state, word, "elif") || is_text(state, word, "elseif") || is_text(state, word, "elsif"))
    return tell_at(state, word, "the other case is written `else if (...)`", NULL);
  return false;
}

/* ---- declarations ---- */

static bool function_in_block(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  if (expected[TOKEN_IDENTIFIER] && !expected[TOKEN_INT_LITERAL]) return false; /* a word as a name */
  bool has_parameters = kind_at(state, at + 2) == TOKEN_LEFT_PARENTHESIS;
  if (kind_at(state, at) == TOKEN_VOID && !has_parameters)
    return tell_at(state, at, "`void` is what a function returns that returns nothing: nothing else is void", NULL);
  if (kind_at(state, at) == TOKEN_VOID ||
      (kind_at(state, at) == TOKEN_LEFT_PARENTHESIS && is_type_word(kind_at(state, statement_start(state, at))) &&
       kind_at(state, at - 1) == TOKEN_IDENTIFIER))
    return tell_at(state, at, "functions are defined in the block `functions` only", NULL);
  return false;
}

static bool misplaced_constraint(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  (void)expected;
  if (kind_at(state, at) != TOKEN_LESS || token_group_of(kind_at(state, at + 1)) != GROUP_CONSTRAINT) return false;
  token_kind before = kind_at(state, at - 1);
  if (before == TOKEN_RIGHT_BRACKET)
    return tell_at(state, at, "the constraint stands before the sizes", "write `vector<lower=0>[N] x;`");
  if (before == TOKEN_IDENTIFIER)
    return tell_at(state, at, "the constraint belongs to the type, before the name", "write `real<lower=0> x;`");
  if (is_type_word(before))
    return tell_at(state, at, "functions take and return plain types, without constraints", NULL);
  return false;
}

/* real<lower=0, upper=a < b> */
static bool logic_in_constraint(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  token_kind found = kind_at(state, at);
  const char *text = "in a constraint, comparisons and conditions stand in parentheses";
  const char *hint = "`>` ends the constraint: write `lower=(a > b)`";
  bool is_value = token_group_of(found) == GROUP_LITERAL || found == TOKEN_LEFT_PARENTHESIS;
  if (is_value && kind_at(state, at - 1) == TOKEN_GREATER && expected[TOKEN_IDENTIFIER] && !expected[TOKEN_INT_LITERAL])
    return tell_at(state, at - 1, text, hint);
  bool is_logic = found == TOKEN_AND || found == TOKEN_OR || found == TOKEN_EQUAL || found == TOKEN_NOT_EQUAL ||
                  found == TOKEN_LESS || found == TOKEN_LESS_EQUAL || found == TOKEN_GREATER_EQUAL ||
                  found == TOKEN_QUESTION;
  return is_logic && expected[TOKEN_GREATER] && !expected[TOKEN_LESS] ? tell_at(state, at, text, hint) : false;
}

/* {} and T[0] */
static bool too_little(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  token_kind found = kind_at(state, at), before = kind_at(state, at - 1);
  if (found == TOKEN_RIGHT_BRACE && before == TOKEN_LEFT_BRACE && expected[TOKEN_INT_LITERAL] && !expected[TOKEN_FOR])
    return tell_at(state, at, "an array as written has an item at least",
                   "`array[0] real x;` declares one without; rep_array(0, 0) is one");
  int opener = found == TOKEN_RIGHT_BRACKET ? state->match[at] : 0;
  if (opener == 0 || kind_at(state, opener - 1) != TOKEN_TRUNCATE || !expected[TOKEN_COMMA]) return false;
  return tell_at(state, at, "a truncation has a comma: one of its bounds may be left out",
                 "write `T[0, ]` for a lower bound, `T[ , 0]` for an upper one");
}

/* data real x = 1; */
static bool misplaced_data(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  if (kind_at(state, at) != TOKEN_DATA || !expected[TOKEN_INT]) return false;
  return tell_at(state, at, "the word `data` marks a whole parameter of a function, and stands before its type",
                 "variables are data where they are declared in the block `data`");
}

static bool wrong_array(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  token_kind before = kind_at(state, at - 1);
  if (is_type_word(before) && kind_at(state, at) == TOKEN_LEFT_PARENTHESIS && expected[TOKEN_LESS])
    return tell_at(state, at, "sizes stand in brackets", "write `vector[N] x;`, `matrix[M, N] x;`");
  if (before == TOKEN_ARRAY && expected[TOKEN_LEFT_BRACKET])
    return tell_at(state, at, "an array needs its sizes", "write `array[N] real x;`, `array[M, N] real x;`");
  int opener = before == TOKEN_RIGHT_BRACKET ? state->match[at - 1] : 0;
  if (is_type_word(kind_at(state, at)) && opener > 0 && opener - 1 == statement_start(state, at) &&
      kind_at(state, opener - 1) == TOKEN_IDENTIFIER && !begins_line(state, at))
    return report_unknown_type(state, opener - 1);
  if (kind_at(state, at) == TOKEN_ARRAY && kind_at(state, at - 1) == TOKEN_RIGHT_BRACKET && expected[TOKEN_INT])
    return tell_at(state, at, "an array of arrays has several sizes", "write `array[M, N] real x`");
  int inside = state->enclosing[at];
  bool in_type = inside > 0 && kind_at(state, inside) == TOKEN_LEFT_BRACKET && is_type_word(kind_at(state, inside - 1));
  if (!in_type) return false;
  if (expected[TOKEN_RIGHT_BRACKET] && expected[TOKEN_COMMA] && !expected[TOKEN_PLUS])
    return tell_at(state, at, "types of functions have no sizes", "write `array[,] real` or `vector`");
  if (kind_at(state, at) == TOKEN_RIGHT_BRACKET || kind_at(state, at) == TOKEN_COMMA)
    return tell_at(state, at, "a declaration needs its sizes", "write `array[N] real x;` or `vector[N] x;`");
  return false;
}

static known_mistake *const mistakes[] = {
    too_little,           misplaced_data,   logic_in_constraint, unused_value,      wrong_array,
    misplaced_constraint, unknown_type,     lost_else,           function_in_block, logical_word,
    foreign_operator,     wrong_assignment, string_as_value,     loop_header,       header_without_parentheses,
    missing_semicolon,    word_as_name};

bool report_known_mistake(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
    if (mistakes[i](state, at, expected)) return true;
  }
  return false;
}
