/* state.h: what the parts of the parser share while a program is read: parser.y and the files that its actions call. */
#ifndef STANLITE_PARSER_STATE_H
#define STANLITE_PARSER_STATE_H
#include "lexer/token.h"
#include "parser/parse.h"

/* Forms of older Stan versions that are turned into today's. Each is told once, with the number of places. */
typedef enum old_form {
  OLD_ASSIGNMENT,
  OLD_ARRAY,
  OLD_UNSIZED_ARRAY,
  OLD_INCREMENT,
  OLD_GET_LP,
  OLD_FORM_COUNT
} old_form;

typedef struct old_form_seen {
  int count;
  location first;
  const sized_type *type; /* OLD_ARRAY: what was declared first, and its name */
  const struct type *unsized;
  const char *name;
} old_form_seen;

/* What would make a statement readable: a token before the token `at`, or in its place. */
typedef struct mend {
  int at;
  token_kind kind;
  bool replaces;
} mend;

typedef struct parse_state {
  arena *arena;
  messages *messages;
  const parse_options *options;
  program *program;
  function **functions_end;

  /* The tokens as the grammar reads them: parser/arrange.c has made their brackets match. */
  const token *tokens;
  int token_count;
  const int *match; /* of a bracket: the index of its partner */
  const int
      *enclosing;     /* the index of the innermost bracket that is open at a token, -1 for none; a bracket that closes
                           stands inside, one that opens stands outside */
  int next;           /* the token to be read next; -1 before the start token */
  bool is_recovering; /* a syntax error was met: parser/recovery.c finds where reading goes on */
  int recovered_at;   /* the token where reading went on last, -1 */
  bool is_only_unfinished; /* the statement before the token at fault merely lacked its `;` */
  int dropped_else;        /* an `else` whose `if` was lost to an error, -1 */
  bool is_stopped;         /* nothing more is to be read */

  int mended_errors; /* after which the tree is whole, or would be with these mends */
  struct {
    mend *items;
    int count, capacity;
  } mends;

  int last_block; /* the block read last, -1 */
  old_form_seen old[OLD_FORM_COUNT];
} parse_state;

/* arrange.c: checks the brackets and the names of blocks, and fills tokens, match and enclosing. */
void arrange_tokens(parse_state *state, const tokens *read);
/* Fills match and enclosing for tokens whose brackets match. */
void find_partners(parse_state *state);

/* recovery.c: where reading goes on after an error at the token before state->next. */
int recovery_point(parse_state *state);

/* syntax_error.c: reports that the token state->next - 1 was none of `expected`. */
void report_syntax_error(parse_state *state, const bool expected[TOKEN_COUNT]);
/* The first token of the statement that the token stands in. */
int statement_start(const parse_state *state, int at);
/* "`x`", "a string", "the end of the file". */
const char *shown_token(parse_state *state, int at);
/* The last character of a token: the place of what is missing behind it. */
location behind_token(const parse_state *state, int at);

/* mistakes.c: whether it was a mistake that people are known to make; then it is reported. */
bool report_known_mistake(parse_state *state, int at, const bool expected[TOKEN_COUNT]);
void report_unused_value(parse_state *state, location place);

/* expected.c: "`;`, `)` or an expression". Operators, which can follow every expression, are named only when something else
 * cannot, or when asked for. */
const char *expected_words(arena *arena, const bool could_be[TOKEN_COUNT], bool with_operators);

/* old_syntax.c */
void note_old_form(parse_state *state, old_form form, location where);
void report_old_forms(parse_state *state, const tokens *read);

#endif
