/* recovery.c: where reading goes on after a syntax error.
 *
 * The grammar takes up reading at three levels: the blocks of the program, the functions, and the statements; and inside the
 * parentheses of if, while and for, so that the statement behind them is still read. The brackets match, so that the level of
 * the token at fault shows without the parser's stack. What is skipped ends
 *   at a block's word, or at the end of the file;
 *   behind a function's body or a semicolon;
 *   behind a semicolon, before the `}` of the statements, before a `{` of statements, or before a word that begins a
 *   statement in a new line;
 *   before the `)` of a header;
 *   at once, when a statement merely lacked its semicolon. */
#include "parser/state.h"

static bool is_opener(token_kind kind) {
  return kind == TOKEN_LEFT_BRACE || kind == TOKEN_LEFT_BRACKET || kind == TOKEN_LEFT_PARENTHESIS;
}

/* Whether functions stand between the braces at `index`, or on their own. */
static bool holds_functions(const parse_state *state, int index) {
  if (index < 0) return state->options->functions_only;
  return index > 0 && state->tokens[index - 1].kind == TOKEN_FUNCTIONS;
}

static int next_block(const parse_state *state, int at) {
  for (; at < state->token_count - 1; at++) {
    if (token_group_of(state->tokens[at].kind) == GROUP_BLOCK && state->tokens[at + 1].kind == TOKEN_LEFT_BRACE)
      return at;
  }
  return at;
}

static int behind_function(const parse_state *state, int at) {
  while (at < state->token_count - 1) {
    token_kind kind = state->tokens[at].kind;
    if (kind == TOKEN_RIGHT_BRACE) return at;
    if (kind == TOKEN_SEMICOLON) return at + 1;
    if (is_opener(kind)) at = state->match[at];
    at++;
    if (kind == TOKEN_LEFT_BRACE) return at;
  }
  return at;
}

static bool begins_line(const parse_state *state, int at) {
  return at == 0 || state->tokens[at - 1].location.line != state->tokens[at].location.line;
}

static bool begins_statement(const parse_state *state, int at) {
  token_group group = token_group_of(state->tokens[at].kind);
  return begins_line(state, at) && (group == GROUP_STATEMENT || group == GROUP_TYPE);
}

/* A line that begins like `x = `, `x[i] ~ ` begins a statement, too. */
static bool begins_assignment(const parse_state *state, int at) {
  if (!begins_line(state, at) || state->tokens[at].kind != TOKEN_IDENTIFIER) return false;
  for (at++; state->tokens[at].kind == TOKEN_LEFT_BRACKET;) at = state->match[at] + 1;
  token_kind kind = state->tokens[at].kind;
  return kind == TOKEN_ASSIGN || kind == TOKEN_TILDE || token_group_of(kind) == GROUP_ASSIGNMENT;
}

static int next_statement(const parse_state *state, int at) {
  for (; at < state->token_count - 1; at++) {
    token_kind kind = state->tokens[at].kind;
    if (kind == TOKEN_RIGHT_BRACE) return at;
    if (kind == TOKEN_SEMICOLON) return at + 1;
    if (kind == TOKEN_LEFT_BRACE && state->tokens[at].opens_statements) return at;
    if (begins_statement(state, at) || begins_assignment(state, at)) return at;
    if (is_opener(kind)) at = state->match[at];
  }
  return at;
}

static bool is_header(const parse_state *state, int parenthesis) {
  if (parenthesis == 0) return false;
  token_kind before = state->tokens[parenthesis - 1].kind;
  return before == TOKEN_IF || before == TOKEN_WHILE || before == TOKEN_FOR;
}

/* An `else` at the point, or behind the statements that begin there, has lost its `if`. */
static void drop_else(parse_state *state, int at) {
  if (state->tokens[at].kind == TOKEN_LEFT_BRACE) at = state->match[at] + 1;
  if (state->tokens[at].kind == TOKEN_ELSE) state->dropped_else = at;
}

/* Where statements, functions or blocks go on behind the token. */
static int point_behind(parse_state *state, int at) {
  int inside = state->enclosing[at];
  while (inside >= 0 && !state->tokens[inside].opens_statements) { /* out of parentheses and arrays */
    if (is_header(state, inside)) return state->match[inside];
    at = state->match[inside] + 1;
    inside = state->enclosing[inside];
  }
  if (holds_functions(state, inside)) return behind_function(state, at);
  if (inside < 0) return next_block(state, at);
  return next_statement(state, at);
}

int recovery_point(parse_state *state) {
  int at = state->next > 0 ? state->next - 1 : 0;
  bool is_stuck = at <= state->recovered_at && state->recovered_at < state->token_count - 1;
  bool goes_on_here = state->is_only_unfinished && !is_stuck;
  state->is_only_unfinished = false;
  if (is_stuck) at = state->recovered_at + 1;
  int point = goes_on_here ? at : point_behind(state, at);
  drop_else(state, point);
  return point;
}
