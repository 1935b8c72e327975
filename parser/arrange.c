/* arrange.c: makes the brackets match before the grammar reads them.
 *
 * Stan's structure shows without a grammar: blocks begin with their words and a brace, and no semicolon stands within
 * parentheses or square brackets. So a bracket that is missing or too many is found here, named with the place where it was
 * opened, and put in or left out, and the grammar goes on as if nothing had happened. Misspelt names of blocks are put right
 * in the same way, and the old assignment `<-` becomes `=`. Tokens that were put in, and the brackets concerned, are marked
 * faulty: parser/syntax_error.c says nothing more about their statements. */
#include <string.h>
#include "parser/state.h"

typedef struct open_bracket {
  int index; /* among the arranged tokens */
  bool is_block;
  int indent; /* column where the line of the bracket begins */
} open_bracket;

typedef struct opened {
  open_bracket *items;
  int count, capacity;
} opened;

typedef struct arranger {
  parse_state *state;
  const token *read;
  int read_count;
  tokens arranged;
  opened open;
  int indent;  /* column where the line of the token at hand begins */
  int suspect; /* the first `{` whose `}` is not indented as it is: the likely place of a missing brace; -1 */
} arranger;

static const token *last(const arranger *work) {
  return work->arranged.count ? &work->arranged.items[work->arranged.count - 1] : NULL;
}

static const open_bracket *top(const arranger *work) {
  return work->open.count ? &work->open.items[work->open.count - 1] : NULL;
}

static token_kind partner(token_kind bracket) {
  switch (bracket) {
  case TOKEN_LEFT_BRACE: return TOKEN_RIGHT_BRACE;
  case TOKEN_LEFT_BRACKET: return TOKEN_RIGHT_BRACKET;
  case TOKEN_LEFT_PARENTHESIS: return TOKEN_RIGHT_PARENTHESIS;
  case TOKEN_RIGHT_BRACE: return TOKEN_LEFT_BRACE;
  case TOKEN_RIGHT_BRACKET: return TOKEN_LEFT_BRACKET;
  default: return TOKEN_LEFT_PARENTHESIS;
  }
}

static bool begins_line(const arranger *work, int at) {
  return at == 0 || work->read[at - 1].location.line != work->read[at].location.line ||
         work->read[at - 1].location.file != work->read[at].location.file;
}

/* ---- closing what is open ---- */

static void close_top(arranger *work, location place, bool is_faulty) {
  token *opener = &work->arranged.items[top(work)->index];
  token_kind kind = partner(opener->kind);
  token closer = {.kind = kind, .is_faulty = is_faulty, .location = place, .text = token_text(kind)};
  if (is_faulty) opener->is_faulty = true;
  work->open.count--;
  arena_push(work->state->arena, &work->arranged, closer);
}

/* A string that never ends swallows brackets: what lies in it is not missed. */
static bool has_fault_within(const arranger *work, int opener) {
  if (work->arranged.items[opener].opens_statements) return false;
  for (int i = opener + 1; i < work->arranged.count; i++) {
    if (work->arranged.items[i].is_faulty) return true;
  }
  return false;
}

/* Reports the bracket, and closes everything down to `keep` open ones in front of the token `before`. */
static void close_unclosed(arranger *work, int reported, int keep, const token *before) {
  bool is_missing = work->arranged.items[reported].is_faulty; /* and its absence has been told */
  if (before->is_faulty || is_missing || has_fault_within(work, reported)) {
    while (work->open.count > keep) close_top(work, before->location, true);
    return;
  }
  const token *opener = &work->arranged.items[reported];
  messages *messages = work->state->messages;
  message *error = message_error(messages, opener->location, "this `%s` is not closed", opener->text);
  const char *what = before->kind == TOKEN_END ? before->text : arena_printf(work->state->arena, "`%s`", before->text);
  message_hint(messages, error, "expected `%s` before %s in line %d", token_text(partner(opener->kind)), what,
               before->location.line);
  while (work->open.count > keep) close_top(work, before->location, true);
  work->suspect = -1;
}

/* The number of open brackets below and including the innermost `{` of statements. */
static int open_blocks(const arranger *work) {
  int count = work->open.count;
  while (count > 0 && !work->open.items[count - 1].is_block) count--;
  return count;
}

/* Closes the parentheses and so on that are open within the innermost block of statements. */
static void close_within_statement(arranger *work, const token *before) {
  int keep = open_blocks(work);
  if (work->open.count > keep) close_unclosed(work, top(work)->index, keep, before);
}

/* One message is enough for all that is open. */
static void close_all(arranger *work, const token *before) {
  if (work->open.count == 0) return;
  int reported = top(work)->is_block && work->suspect >= 0 ? work->suspect : top(work)->index;
  close_unclosed(work, reported, 0, before);
}

/* ---- brackets ---- */

/* Whether `{` at read[at] opens statements rather than an array: arrays stand behind operators, commas and the like. */
static bool opens_statements(const arranger *work, int at) {
  const token *before = last(work);
  if (!before || !top(work)) return true;
  switch (before->kind) {
  case TOKEN_RIGHT_PARENTHESIS:
  case TOKEN_RIGHT_BRACKET:
  case TOKEN_RIGHT_BRACE:
  case TOKEN_SEMICOLON:
  case TOKEN_ELSE:
  case TOKEN_IF:
  case TOKEN_WHILE:
  case TOKEN_FOR: return true;
  case TOKEN_LEFT_BRACE:
    if (!before->opens_statements) return false;
    while (++at < work->read_count) { /* { { x = 1; ... or { {1, 2}, ... */
      if (work->read[at].kind == TOKEN_SEMICOLON) return true;
      if (work->read[at].kind == TOKEN_RIGHT_BRACE) return work->read[at - 1].kind == TOKEN_LEFT_BRACE;
    }
    return true;
  default: return token_group_of(before->kind) == GROUP_BLOCK || token_group_of(before->kind) == GROUP_LITERAL;
  }
}

/* A value cannot be followed by an array: `for (i in 1:N {` lacks its parenthesis. */
static bool lacks_parenthesis(const arranger *work) {
  token_kind before = last(work)->kind;
  return !top(work)->is_block && (before == TOKEN_RIGHT_BRACKET || before == TOKEN_RIGHT_PARENTHESIS ||
                                  (token_group_of(before) == GROUP_LITERAL && before != TOKEN_STRING_LITERAL));
}

static void arrange_opener(arranger *work, int at) {
  token opener = work->read[at];
  if (opener.kind == TOKEN_LEFT_BRACE && top(work) && lacks_parenthesis(work)) close_within_statement(work, &opener);
  bool is_block = opener.kind == TOKEN_LEFT_BRACE && opens_statements(work, at);
  opener.opens_statements = is_block;
  open_bracket opened = {work->arranged.count, is_block, work->indent};
  arena_push(work->state->arena, &work->open, opened);
  arena_push(work->state->arena, &work->arranged, opener);
  if (work->open.count <= MAXIMUM_DEPTH) return;
  message_error(work->state->messages, opener.location, "brackets are nested more than %d deep", MAXIMUM_DEPTH);
  work->state->is_stopped = true;
}

static token_kind top_kind(const arranger *work) { return work->arranged.items[top(work)->index].kind; }

/* f(x[ } 1]): a brace within brackets that are closed behind it, in the same line. */
static bool is_stray_brace(const arranger *work, int at) {
  if (top(work)->is_block || top_kind(work) == TOKEN_LEFT_BRACE || begins_line(work, at)) return false;
  int depth = 0;
  for (at++; at < work->read_count - 1 && !begins_line(work, at) && depth >= 0; at++) {
    token_kind kind = work->read[at].kind;
    if (kind == TOKEN_SEMICOLON || kind == TOKEN_LEFT_BRACE || kind == TOKEN_RIGHT_BRACE) return false;
    if (kind == TOKEN_LEFT_PARENTHESIS || kind == TOKEN_LEFT_BRACKET) depth++;
    if (kind == TOKEN_RIGHT_PARENTHESIS || kind == TOKEN_RIGHT_BRACKET) depth--;
  }
  return depth < 0;
}

/* Closes what is open within the innermost braces. */
static void close_within_braces(arranger *work, const token *before) {
  int keep = work->open.count;
  while (keep > 0 && work->arranged.items[work->open.items[keep - 1].index].kind != TOKEN_LEFT_BRACE) keep--;
  if (keep > 0 && keep < work->open.count) close_unclosed(work, top(work)->index, keep, before);
}

static void mark_last(arranger *work) {
  if (work->arranged.count) work->arranged.items[work->arranged.count - 1].is_faulty = true;
}

/* f(x] */
static void close_with_other(arranger *work, const token *closer) {
  const token *opener = &work->arranged.items[top(work)->index];
  if (!has_fault_within(work, top(work)->index)) {
    messages *messages = work->state->messages;
    message *error = message_error(messages, closer->location, "`%s` does not close the `%s` that is open here",
                                   closer->text, opener->text);
    message_hint(messages, error, "`%s` stands in line %d, column %d; expected `%s`", opener->text,
                 opener->location.line, opener->location.column, token_text(partner(opener->kind)));
  }
  close_top(work, closer->location, true);
}

/* Whether a mistake was found in the statement at hand. What closes nothing is then its consequence. */
static bool is_faulty_statement(const arranger *work) {
  for (int i = work->arranged.count - 1; i >= 0; i--) {
    const token *arranged = &work->arranged.items[i];
    if (arranged->kind == TOKEN_SEMICOLON || arranged->opens_statements) return false;
    if (arranged->is_faulty) return true;
    if (arranged->kind == TOKEN_RIGHT_BRACE) return false;
  }
  return false;
}

static void arrange_closer(arranger *work, int at) {
  const token *closer = &work->read[at];
  if (closer->kind == TOKEN_RIGHT_BRACE && top(work)) {
    if (is_stray_brace(work, at)) {
      message_error(work->state->messages, closer->location, "this `}` closes nothing");
      mark_last(work);
      return;
    }
    close_within_braces(work, closer);
  }
  const open_bracket *opener = top(work);
  if (opener && top_kind(work) == partner(closer->kind)) {
    if (opener->is_block && begins_line(work, at) && closer->location.column != opener->indent && work->suspect < 0)
      work->suspect = opener->index;
    close_top(work, closer->location, closer->is_faulty);
  } else if (opener && !opener->is_block) {
    close_with_other(work, closer);
  } else {
    if (!is_faulty_statement(work))
      message_error(work->state->messages, closer->location, "this `%s` closes nothing", closer->text);
    mark_last(work);
  }
}

/* ---- names of blocks ---- */

static const char *const block_words[] = {
    "functions", "data", "transformed data", "parameters", "transformed parameters", "model", "generated quantities"};

/* Tokens of a misspelt block header at read[at]: a name, or two words, before a `{`; 0 when it is none. */
static int misspelt_words(const arranger *work, int at) {
  const token *words = &work->read[at];
  bool is_name = words[0].kind == TOKEN_IDENTIFIER;
  if (!is_name && token_group_of(words[0].kind) != GROUP_BLOCK) return 0;
  if (words[1].kind == TOKEN_LEFT_BRACE) return is_name;
  bool is_word = words[1].kind == TOKEN_IDENTIFIER || token_group_of(words[1].kind) == GROUP_BLOCK;
  return is_word && words[2].kind == TOKEN_LEFT_BRACE ? 2 : 0;
}

/* Leaves out a block without a known name. */
static int behind_block(const arranger *work, int at) {
  int depth = 0;
  for (; at < work->read_count - 1; at++) {
    if (work->read[at].kind == TOKEN_LEFT_BRACE) depth++;
    if (work->read[at].kind == TOKEN_RIGHT_BRACE && --depth == 0) return at + 1;
  }
  return at;
}

/* Reads on behind the misspelt name, or behind its block when nothing is near. */
static int arrange_block_name(arranger *work, int at, int words) {
  const token *first = &work->read[at];
  arena *arena = work->state->arena;
  messages *messages = work->state->messages;
  const char *name = words == 1 ? first->text : arena_printf(arena, "%s %s", first[0].text, first[1].text);
  int count = (int)(sizeof block_words / sizeof *block_words);
  location place = location_join(first->location, first[words - 1].location);
  message *error = message_error(messages, place, "there is no block `%s`", name);
  const char *near = nearest_name(name, block_words, count);
  if (!near) {
    message_hint(messages, error,
                 "the blocks: functions, data, transformed data, parameters, transformed parameters, "
                 "model, generated quantities");
    return behind_block(work, at);
  }
  message_hint(messages, error, "did you mean `%s`?", near);
  work->state->mended_errors++;
  token_kind kind = TOKEN_FUNCTIONS;
  while (strcmp(token_text(kind), near) != 0) kind++;
  token named = {.kind = kind, .is_faulty = true, .location = place, .text = near};
  arena_push(arena, &work->arranged, named);
  return at + words;
}

/* parameters, without its brace */
static bool lacks_brace(const arranger *work, int at) {
  return !top(work) && token_group_of(work->read[at].kind) == GROUP_BLOCK && !work->state->options->functions_only &&
         work->read[at + 1].kind != TOKEN_LEFT_BRACE && begins_line(work, at) && begins_line(work, at + 1);
}

static void arrange_missing_brace(arranger *work, int at) {
  token word = work->read[at],
        brace = {.kind = TOKEN_LEFT_BRACE, .is_faulty = true, .opens_statements = true, .text = "{"};
  brace.location = word.location;
  message_error(work->state->messages, word.location, "expected `{` after `%s`", word.text);
  work->state->mended_errors++;
  open_bracket opened = {work->arranged.count + 1, true, work->indent};
  arena_push(work->state->arena, &work->arranged, word);
  arena_push(work->state->arena, &work->arranged, brace);
  arena_push(work->state->arena, &work->open, opened);
}

/* ---- the old assignment ---- */

/* Whether the arranged tokens end in a statement's beginning that can be assigned to: name or name[...][...]. */
static bool ends_in_target(const arranger *work) {
  const token *items = work->arranged.items;
  int at = work->arranged.count - 1, depth = 0;
  for (; at >= 0 && (depth > 0 || items[at].kind == TOKEN_RIGHT_BRACKET); at--) {
    if (items[at].kind == TOKEN_RIGHT_BRACKET) depth++;
    if (items[at].kind == TOKEN_LEFT_BRACKET) depth--;
  }
  if (at < 1 || (items[at].kind != TOKEN_IDENTIFIER && items[at].kind != TOKEN_TRUNCATE)) return false;
  switch (items[at - 1].kind) {
  case TOKEN_SEMICOLON:
  case TOKEN_LEFT_BRACE:
  case TOKEN_RIGHT_BRACE:
  case TOKEN_RIGHT_PARENTHESIS:
  case TOKEN_ELSE: return true;
  default: return false;
  }
}

/* `x <- 3`, but not `if (x <-3)`. */
static bool is_old_assignment(const arranger *work, int at) {
  const token *less = &work->read[at], *minus = less + 1;
  return less->kind == TOKEN_LESS && minus->kind == TOKEN_MINUS && less->location.line == minus->location.line &&
         less->location.column + 1 == minus->location.column && top(work) && top(work)->is_block &&
         ends_in_target(work);
}

/* ---- the loop of other languages ---- */

/* for (i = 1; i < N; ...): the semicolon at read[at] stands in a loop's header. What is in the parentheses is left out. */
static bool is_foreign_loop(const arranger *work) {
  int parenthesis = top(work) ? top(work)->index : 0;
  return parenthesis > 0 && work->arranged.items[parenthesis].kind == TOKEN_LEFT_PARENTHESIS &&
         work->arranged.items[parenthesis - 1].kind == TOKEN_FOR;
}

static int arrange_foreign_loop(arranger *work, int at) {
  int depth = 0, end = at;
  for (; end < work->read_count - 1 && work->read[end].kind != TOKEN_LEFT_BRACE; end++) {
    if (work->read[end].kind == TOKEN_LEFT_PARENTHESIS) depth++;
    if (work->read[end].kind == TOKEN_RIGHT_PARENTHESIS && depth-- == 0) break;
  }
  if (work->read[end].kind != TOKEN_RIGHT_PARENTHESIS) return at; /* the parenthesis is not closed */
  token *word = &work->arranged.items[top(work)->index - 1];
  message *error = message_error(work->state->messages, word->location, "this is not how a loop is written");
  message_hint(work->state->messages, error, "write `for (i in 1:N) { ... }`");
  word->is_faulty = true;
  return end;
}

/* ---- all of it ---- */

static bool is_block_header(const arranger *work, int at) {
  return token_group_of(work->read[at].kind) == GROUP_BLOCK && work->read[at + 1].kind == TOKEN_LEFT_BRACE;
}

/* Words that begin a statement do not stand within brackets. */
static bool begins_statement(const arranger *work, int at) {
  token_kind kind = work->read[at].kind;
  return token_group_of(kind) == GROUP_STATEMENT && kind != TOKEN_TARGET && begins_line(work, at);
}

static int arrange_one(arranger *work, int at) {
  const token *read = &work->read[at];
  arena *arena = work->state->arena;
  if (begins_line(work, at)) work->indent = read->location.column;
  if (is_block_header(work, at)) close_all(work, read);
  int words = top(work) || work->state->options->functions_only ? 0 : misspelt_words(work, at);
  if (words > 0) return arrange_block_name(work, at, words);
  if (lacks_brace(work, at)) {
    arrange_missing_brace(work, at);
    return at + 1;
  }
  if (is_old_assignment(work, at)) {
    token assign = {.kind = TOKEN_ASSIGN, .is_faulty = read->is_faulty, .text = token_text(TOKEN_ASSIGN)};
    assign.location = location_join(read->location, read[1].location);
    arena_push(arena, &work->arranged, assign);
    note_old_form(work->state, OLD_ASSIGNMENT, assign.location);
    return at + 2;
  }
  if (read->kind == TOKEN_SEMICOLON && is_foreign_loop(work)) {
    int end = arrange_foreign_loop(work, at);
    if (end > at) return end;
  }
  if (read->kind == TOKEN_SEMICOLON || begins_statement(work, at)) close_within_statement(work, read);
  switch (read->kind) {
  case TOKEN_LEFT_BRACE:
  case TOKEN_LEFT_BRACKET:
  case TOKEN_LEFT_PARENTHESIS: arrange_opener(work, at); break;
  case TOKEN_RIGHT_BRACE:
  case TOKEN_RIGHT_BRACKET:
  case TOKEN_RIGHT_PARENTHESIS: arrange_closer(work, at); break;
  default: arena_push(arena, &work->arranged, *read);
  }
  return at + 1;
}

/* Which bracket belongs to which, now that they match. */
void find_partners(parse_state *state) {
  int *match = arena_array(state->arena, int, state->token_count);
  int *enclosing = arena_array(state->arena, int, state->token_count);
  int inside = -1;
  for (int i = 0; i < state->token_count; i++) {
    enclosing[i] = inside;
    switch (state->tokens[i].kind) {
    case TOKEN_LEFT_BRACE:
    case TOKEN_LEFT_BRACKET:
    case TOKEN_LEFT_PARENTHESIS: inside = i; break;
    case TOKEN_RIGHT_BRACE:
    case TOKEN_RIGHT_BRACKET:
    case TOKEN_RIGHT_PARENTHESIS:
      match[i] = inside;
      match[inside] = i;
      inside = enclosing[inside];
      break;
    default: break;
    }
  }
  state->match = match;
  state->enclosing = enclosing;
}

void arrange_tokens(parse_state *state, const tokens *read) {
  arranger work = {.state = state, .read = read->items, .read_count = read->count, .suspect = -1};
  for (int at = 0; at < read->count - 1 && !state->is_stopped;) at = arrange_one(&work, at);
  const token *end = &read->items[read->count - 1];
  if (!state->is_stopped) close_all(&work, end);
  while (work.open.count > 0) close_top(&work, end->location, true);
  arena_push(state->arena, &work.arranged, *end);
  state->tokens = work.arranged.items;
  state->token_count = work.arranged.count;
  find_partners(state);
}
