/* syntax_error.c: says what was found and what was expected; see state.h. */
#include "parser/state.h"
void report_syntax_error(parse_state *state, const bool expected[TOKEN_COUNT]) {
  const token *found = &state->tokens[state->next - 1];
  const char *list = "";
  for (int i = 0; i < TOKEN_COUNT; i++)
    if (expected[i]) list = arena_printf(state->arena, "%s %s", list, token_shown(state->arena, (token_kind)i));
  message_error(state->messages, found->location, "unexpected `%s`, expected %s", found->text, list);
}
