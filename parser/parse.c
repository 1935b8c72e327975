/* parse.c: text in, syntax tree out; see parse.h. */
#include "parser/parse.h"
#include "parser/parser.h"

static tokens *read_tokens(arena *arena, const source_file *file, const parse_options *options, messages *messages) {
  lexer_options lexer = {options->include_paths, options->include_path_count, options->is_library};
  return tokens_read(arena, file, &lexer, messages);
}

static parse_state start(arena *arena, messages *messages, const parse_options *options, program *program) {
  parse_state state = {.arena = arena, .messages = messages, .options = options, .program = program};
  state.functions_end = &program->functions;
  state.next = state.recovered_at = state.dropped_else = state.last_block = -1;
  return state;
}

/* Reads once more with the mends. NULL when they are not enough. */
static program *read_mended(const parse_state *state) {
  arena *arena = state->arena;
  messages unread = {.arena = arena};
  program *read = arena_new(arena, program);
  read->file = state->program->file;
  tokens mended = {0};
  for (int at = 0, next = 0; at < state->token_count; at++) {
    const mend *mend =
        next < state->mends.count && state->mends.items[next].at == at ? &state->mends.items[next++] : NULL;
    if (mend) {
      token put_in = {.kind = mend->kind, .is_faulty = true, .text = token_text(mend->kind)};
      put_in.location = state->tokens[mend->replaces ? at : at - 1].location;
      arena_push(arena, &mended, put_in);
    }
    if (!mend || !mend->replaces) arena_push(arena, &mended, state->tokens[at]);
  }
  parse_state again = start(arena, &unread, state->options, read);
  again.tokens = mended.items;
  again.token_count = mended.count;
  find_partners(&again);
  return yyparse(&again) == 0 && unread.error_count == 0 ? read : NULL;
}

program *parse_program(arena *arena, const source_file *file, const parse_options *options, messages *messages) {
  program *read = arena_new(arena, program);
  read->file = file;
  int errors_before = messages->error_count;
  tokens *tokens = read_tokens(arena, file, options, messages);
  parse_state state = start(arena, messages, options, read);
  arrange_tokens(&state, tokens);
  if (yyparse(&state) == 2 && messages->error_count == 0)
    message_error(messages, (location){file, 0, 0, 0, 0}, "out of memory");
  report_old_forms(&state, tokens);
  bool is_mended = messages->error_count - errors_before == state.mended_errors;
  if (is_mended && state.mends.count > 0) {
    program *mended = read_mended(&state);
    is_mended = mended != NULL;
    if (mended) read = mended;
  }
  read->includes = tokens->includes.items;
  read->include_count = tokens->includes.count;
  read->comments = &tokens->comments;
  read->is_whole = is_mended;
  return read;
}

void print_tokens(arena *arena, const source_file *file, const parse_options *options, FILE *out, messages *messages) {
  const tokens *tokens = read_tokens(arena, file, options, messages);
  for (int i = 0; i < tokens->count; i++) {
    const token *t = &tokens->items[i];
    if (t->location.file != file) fprintf(out, "%s:", t->location.file->path);
    fprintf(out, "%d:%d\t", t->location.line, t->location.column);
    if (token_group_of(t->kind) != GROUP_LITERAL)
      fprintf(out, "%s\n", t->text);
    else if (t->kind == TOKEN_STRING_LITERAL)
      fprintf(out, "%s\t\"%s\"\n", token_text(t->kind), t->text);
    else
      fprintf(out, "%s\t%s\n", token_text(t->kind), t->text);
  }
}
