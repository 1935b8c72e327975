/* scanner.h: what the parts of the scanner share (lexer.l, include.c). */
#ifndef STANLITE_LEXER_SCANNER_H
#define STANLITE_LEXER_SCANNER_H
#include "lexer/token.h"

typedef struct included_paths {
  const char **items;
  int count, capacity;
} included_paths;

/* One compilation's scan. */
typedef struct scan {
  arena *arena;
  messages *messages;
  const lexer_options *options;
  tokens *tokens;
  included_paths included; /* files of functions that were included, each of which is read once */
  int files_read;
  bool ends_in_fault; /* in a comment that never ends: what it swallows is not missed */
} scan;

/* One file's scan. */
typedef struct scanner {
  scan *scan;
  const source_file *file;
  int line, column; /* of the next character */
  location here;    /* of the token at hand */
  bool is_faulty;   /* the next token comes after a mistake */
} scanner;

/* Appends the file's tokens to scan->tokens, without an end token; gives the place of the file's end. Returns early
 * behind a comment that never ends. */
location scan_file(scan *scan, const source_file *file);

/* Reads what `#include name` at `place` means: next to the including file, then in the include paths. NULL with a message
 * when it cannot be read or when it is being included already; NULL without a message when it is a file of functions
 * (ending in functions) that was included before. */
const source_file *include_open(scan *scan, location place, const char *name);

#endif
