/* parse.c: text in, syntax tree out; see parse.h. */
#include "parser/parse.h"
#include "parser/parser.h"

static tokens *read_tokens(arena *arena, const source_file *file, const parse_options *options, messages *messages) {
  lexer_options lexer = {options->include_paths, options->include_path_count, options->is_library};
  return tokens_read(arena, file, &lexer, messages);
}

program *parse_program(arena *arena, const source_file *file, const parse_options *options, messages *messages) {
  program *read = arena_new(arena, program);
  read->file = file;
  tokens *tokens = read_tokens(arena, file, options, messages);
  parse_state state = {.arena = arena, .messages = messages, .options = options, .program = read};
  state.functions_end = &read->functions;
  state.next = state.recovered_at = state.dropped_else = state.last_block = -1;
  arrange_tokens(&state, tokens);
  if (yyparse(&state) == 2 && messages->error_count == 0)
    message_error(messages, (location){file, 0, 0, 0, 0}, "out of memory");
  report_old_forms(&state, tokens);
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
