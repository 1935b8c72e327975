/* token.h: the scanner's face: a file, with what it includes, becomes an array of tokens.
 *
 * The whole text is scanned before the parser starts. So the scanner and its buffers are freed in one place, whatever
 * happens later, and the parser's messages can look at what stands around a mistake. */
#ifndef STANLITE_LEXER_TOKEN_H
#define STANLITE_LEXER_TOKEN_H
#include <stdbool.h>
#include "support/message.h"

typedef enum token_kind {
#define TOKEN(name, text, group) TOKEN_##name,
#include "lexer/tokens.def"
#undef TOKEN
  TOKEN_COUNT
} token_kind;

typedef enum token_group {
  GROUP_BLOCK,
  GROUP_TYPE,
  GROUP_STATEMENT,
  GROUP_WORD,
  GROUP_CONSTRAINT,
  GROUP_TRUNCATION,
  GROUP_LITERAL,
  GROUP_MARK,
  GROUP_OPERATOR,
  GROUP_ASSIGNMENT,
  GROUP_SPECIAL
} token_group;

typedef struct token {
  token_kind kind;
  bool is_faulty;        /* a message about it, or about what stands just before it, is already there */
  bool opens_statements; /* parser/arrange.c: a `{` of a block or a body, not of an array */
  location location;
  const char *text; /* as written; of a string what stands between the quotes */
} token;

/* What stands between the tokens: for those who print a program again. */
typedef struct comment {
  location location;
  const char *text; /* with its marks */
  bool is_include;  /* an #include, which is no comment, but stands between the tokens as well */
} comment;

typedef struct comments {
  comment *items;
  int count, capacity;
} comments;

typedef struct tokens {
  token *items; /* the last one is TOKEN_END */
  int count, capacity;
  location hash_comment; /* the first `# comment`, today written `// comment` */
  int hash_comments;
  struct { /* the files that were included, each time that they were read */
    const source_file **items;
    int count, capacity;
  } includes;
  comments comments; /* of all files, in the order of reading */
} tokens;

typedef struct lexer_options {
  const char *const *include_paths;
  int include_path_count;
  bool underscore_names; /* names may start with two underscores */
} lexer_options;

/* Mistakes go to messages; scanning goes on behind them. */
tokens *tokens_read(arena *arena, const source_file *file, const lexer_options *options, messages *messages);

const char *token_text(token_kind kind);
token_group token_group_of(token_kind kind);
/* "`for`" or "a name": for messages. */
const char *token_shown(arena *arena, token_kind kind);
/* The word, operator or mark with this text; TOKEN_IDENTIFIER when there is none. */
token_kind token_find(const char *text, size_t length);

#endif
