/* expected.c: what the grammar could have read, in few words. The grammar knows exactly which tokens would do, often dozens;
 * they are named by what they begin: an expression, a statement, a type. */
#include <string.h>
#include "parser/state.h"

typedef struct phrases {
  const char *items[TOKEN_COUNT + 4];
  int count;
} phrases;

static void say(phrases *said, const char *phrase) { said->items[said->count++] = phrase; }

static void drop_group(bool expected[TOKEN_COUNT], token_group group) {
  for (int kind = 0; kind < TOKEN_COUNT; kind++) {
    if (token_group_of((token_kind)kind) == group) expected[kind] = false;
  }
}

static void drop(bool expected[TOKEN_COUNT], const token_kind *kinds, int count) {
  for (int i = 0; i < count; i++) expected[kinds[i]] = false;
}

/* What begins an expression besides literals and names. */
static const token_kind beginnings[] = {TOKEN_LEFT_BRACE, TOKEN_LEFT_BRACKET, TOKEN_LEFT_PARENTHESIS, TOKEN_NOT,
                                        TOKEN_PLUS,       TOKEN_MINUS,        TOKEN_TARGET,           TOKEN_TRUNCATE};

static int count_of(const bool expected[TOKEN_COUNT]) {
  int count = 0;
  for (int kind = 0; kind < TOKEN_COUNT; kind++) count += expected[kind];
  return count;
}

/* After a complete expression an operator could always follow: that is worth saying only when nothing else could. */
static void drop_operators(bool expected[TOKEN_COUNT]) {
  drop_group(expected, GROUP_OPERATOR);
  expected[TOKEN_MEMBER_LITERAL] = expected[TOKEN_LEFT_BRACKET] = false;
}

const char *expected_words(arena *arena, const bool could_be[TOKEN_COUNT], bool with_operators) {
  bool expected[TOKEN_COUNT];
  memcpy(expected, could_be, sizeof expected);
  expected[TOKEN_RECOVERED] = expected[TOKEN_START_PROGRAM] = expected[TOKEN_START_FUNCTIONS] = false;
  phrases said = {.count = 0};
  bool is_statement = expected[TOKEN_FOR], is_expression = expected[TOKEN_INT_LITERAL];
  if (is_statement) {
    say(&said, "a statement");
    drop_group(expected, GROUP_STATEMENT);
    drop_group(expected, GROUP_TYPE);
    expected[TOKEN_SEMICOLON] = false;
  }
  if (is_expression) {
    if (!is_statement) say(&said, "an expression");
    drop_group(expected, GROUP_LITERAL);
    drop(expected, beginnings, (int)(sizeof beginnings / sizeof *beginnings));
  }
  if (expected[TOKEN_INT]) {
    say(&said, "a type");
    drop_group(expected, GROUP_TYPE);
  }
  if (expected[TOKEN_FUNCTIONS] || expected[TOKEN_MODEL]) {
    say(&said, "a block");
    drop_group(expected, GROUP_BLOCK);
  }
  if (expected[TOKEN_PLUS_ASSIGN] && expected[TOKEN_MINUS_ASSIGN]) {
    say(&said, "an assignment");
    drop_group(expected, GROUP_ASSIGNMENT);
    expected[TOKEN_ASSIGN] = false;
  }
  if (expected[TOKEN_IDENTIFIER]) expected[TOKEN_TRUNCATE] = false; /* the name T */
  if (expected[TOKEN_PLUS] && expected[TOKEN_TIMES]) {
    drop_operators(expected);
    if (with_operators || count_of(expected) + said.count == 0) say(&said, "an operator");
  }
  for (int kind = 0; kind < TOKEN_COUNT; kind++) {
    if (expected[kind]) say(&said, token_shown(arena, (token_kind)kind));
  }
  if (said.count == 0) return "nothing more";
  const char *words = said.items[0];
  for (int i = 1; i < said.count; i++)
    words = arena_printf(arena, "%s%s%s", words, i + 1 < said.count ? ", " : " or ", said.items[i]);
  return words;
}
