/* syntax_error.c: what is said about a token that the grammar cannot read; see state.h.
 *
 * First come the mistakes that people are known to make (parser/mistakes.c); what is none of them is told as what was
 * expected and what was found. Nothing is said about a statement in which the scanner or parser/arrange.c found a mistake
 * before, and nothing where reading could not go on after the last one. */
#include "parser/state.h"

static bool is_faulty_statement(const parse_state *state, int at) {
  int first = statement_start(state, at);
  for (int i = first; i < state->token_count; i++) {
    const token *t = &state->tokens[i];
    if (t->is_faulty) return true;
    if (i < at) continue;
    if (t->kind == TOKEN_SEMICOLON || t->kind == TOKEN_RIGHT_BRACE || t->kind == TOKEN_LEFT_BRACE) return false;
  }
  return false;
}

int statement_start(const parse_state *state, int at) {
  while (at > 0 && at != state->recovered_at) {
    token_kind before = state->tokens[at - 1].kind;
    if (before == TOKEN_SEMICOLON || before == TOKEN_ELSE) return at;
    if (before == TOKEN_LEFT_BRACE && state->tokens[at - 1].opens_statements) return at;
    if (before == TOKEN_RIGHT_BRACE && state->tokens[state->match[at - 1]].opens_statements) return at;
    at--;
  }
  return at;
}

const char *shown_token(parse_state *state, int at) {
  const token *t = &state->tokens[at];
  if (t->kind == TOKEN_END) return t->text;
  if (t->kind == TOKEN_STRING_LITERAL) return "a string";
  return arena_printf(state->arena, "`%s`", t->text);
}

location behind_token(const parse_state *state, int at) {
  location place = state->tokens[at].location;
  place.line = place.end_line;
  place.column = place.end_column;
  return place;
}

static void report_outside_blocks(parse_state *state, int at) {
  const token *found = &state->tokens[at];
  message *error =
      message_error(state->messages, found->location, "%s stands outside every block", shown_token(state, at));
  if (at > 0 && state->tokens[at - 1].kind == TOKEN_RIGHT_BRACE) {
    const token *closer = &state->tokens[at - 1];
    int opener = state->match[at - 1];
    if (opener > 0)
      message_hint(state->messages, error, "the block `%s` was closed by the `}` in line %d",
                   state->tokens[opener - 1].text, closer->location.line);
  } else {
    message_hint(state->messages, error,
                 "a program consists of blocks: `data { ... }`, `parameters { ... }`, `model { ... }`");
  }
}

static void report_expected(parse_state *state, int at, const bool expected[TOKEN_COUNT]) {
  token_kind found = state->tokens[at].kind;
  bool is_value = token_group_of(found) == GROUP_LITERAL || found == TOKEN_LEFT_PARENTHESIS;
  const char *words = expected_words(state->arena, expected, is_value && expected[TOKEN_PLUS]);
  /* What is missing at the end of a line, or of the file, is shown there. */
  bool shows_before = at > 0 && (state->tokens[at].kind == TOKEN_END ||
                                 state->tokens[at - 1].location.end_line != state->tokens[at].location.line);
  location place = shows_before ? behind_token(state, at - 1) : state->tokens[at].location;
  message_error(state->messages, place, "expected %s, found %s", words, shown_token(state, at));
}

void report_syntax_error(parse_state *state, const bool expected[TOKEN_COUNT]) {
  int at = state->next - 1;
  if (at < 0 || at == state->recovered_at || is_faulty_statement(state, at)) return;
  if (expected[TOKEN_FUNCTIONS] && expected[TOKEN_MODEL])
    report_outside_blocks(state, at);
  else if (!report_known_mistake(state, at, expected))
    report_expected(state, at, expected);
}
