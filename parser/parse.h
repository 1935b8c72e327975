/* parse.h: the face of the front end: text in, syntax tree out. */
#ifndef STANLITE_PARSER_PARSE_H
#define STANLITE_PARSER_PARSE_H
#include "parser/ast.h"

typedef struct parse_options {
  const char *const *include_paths; /* searched after the including file's own folder */
  int include_path_count;
  bool functions_only; /* the file holds function definitions without a block around them: runtime/library */
  bool is_library;     /* names that start with two underscores are allowed: the library's own intrinsics */
} parse_options;

/* Parses a whole program; syntax errors go to messages, and the parser goes on at the next statement or block,
 * so that all are found. Never NULL. Where mistakes could be mended (a missing semicolon, a misspelt block) the tree is still
 * whole, and can be checked for more of them; otherwise it is usable only when messages->error_count is 0. */
program *parse_program(arena *arena, const source_file *file, const parse_options *options, messages *messages);

/* --emit=tokens: one token a line, with its place. */
void print_tokens(arena *arena, const source_file *file, const parse_options *options, FILE *out, messages *messages);

#endif
