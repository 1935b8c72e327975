/* token.c: the table of tokens, and finding words in it. */
#include "lexer/token.h"
#include <ctype.h>
#include <string.h>

typedef struct token_entry {
  const char *text;
  unsigned char length, group;
} token_entry;

static const token_entry table[TOKEN_COUNT] = {
#define TOKEN(name, text, group) [TOKEN_##name] = {text, sizeof(text) - 1, GROUP_##group},
#include "lexer/tokens.def"
#undef TOKEN
};

const char *token_text(token_kind kind) { return table[kind].text; }

token_group token_group_of(token_kind kind) { return (token_group)table[kind].group; }

static bool has_own_text(token_kind kind) {
  return table[kind].group != GROUP_LITERAL && table[kind].group != GROUP_SPECIAL;
}

const char *token_shown(arena *arena, token_kind kind) {
  return has_own_text(kind) ? arena_printf(arena, "`%s`", table[kind].text) : table[kind].text;
}

/* Words stand in the table before names, marks and operators behind them. */
token_kind token_find(const char *text, size_t length) {
  bool is_word = isalpha((unsigned char)text[0]);
  int first = is_word ? 0 : TOKEN_IDENTIFIER + 1, end = is_word ? TOKEN_IDENTIFIER : TOKEN_COUNT;
  for (int kind = first; kind < end; kind++) {
    const token_entry *entry = &table[kind];
    if (entry->length == length && entry->text[0] == text[0] && memcmp(entry->text, text, length) == 0 &&
        has_own_text((token_kind)kind))
      return (token_kind)kind;
  }
  return TOKEN_IDENTIFIER;
}
