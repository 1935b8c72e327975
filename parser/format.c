/* format.c: prints a program anew; see format.h.
 *
 * The tree holds no comments: they stand in a list with their places, and before anything is printed whatever comes before it
 * in the program is. A comment stays behind what it stood behind, on the same line, or keeps a line of its own; one in the
 * middle of a statement goes before it. What an #include brought in is left out, and the #include is treated as a comment. */
#include "parser/format.h"
#include <stdlib.h>
#include <string.h>
#include "parser/format_internal.h"
#include "parser/print.h"

void format_put(formatter *f, int column, const char *text, size_t length) {
  const char *line = arena_printf(f->arena, "%*s%.*s", length ? column : 0, "", (int)length, text);
  arena_push(f->arena, &f->lines, line);
  f->ends_in_comment = false;
}

static void put(formatter *f, const char *text) { format_put(f, f->indent, text, strlen(text)); }

static bool is_before(location a, location b) { return a.line != b.line ? a.line < b.line : a.column < b.column; }

/* ---- comments ---- */

static void keep_empty_line(formatter *f, int line) {
  if (!f->begins_block && f->lines.count > 0 && line > f->source_line + 1) format_put(f, 0, "", 0);
  f->begins_block = false;
}

/* `# comment` is the old form of `// comment`; the ends of lines carry no blanks. */
static const char *comment_text(formatter *f, const comment *c) {
  size_t length = strlen(c->text);
  if (c->is_include || c->text[0] == '/') {
    if (c->text[1] == '*') return c->text;
    while (length > 0 && strchr(" \t", c->text[length - 1])) length--;
    return arena_text(f->arena, c->text, length);
  }
  const char *text = c->text + strspn(c->text, "#");
  return arena_printf(f->arena, "//%s%s", *text == ' ' || !*text ? "" : " ", text);
}

static void put_comment(formatter *f, const comment *c) {
  const char *text = comment_text(f, c);
  bool is_line = text[0] != '/' || text[1] == '/';
  if (c->location.line == f->source_line && !c->is_include && !f->ends_in_comment && f->lines.count > 0) {
    const char **last = &f->lines.items[f->lines.count - 1];
    *last = arena_printf(f->arena, "%s %s", *last, text);
  } else {
    keep_empty_line(f, c->location.line);
    put(f, text);
  }
  f->begins_block = f->begins_block && c->location.line == f->source_line;
  f->ends_in_comment = is_line;
  f->source_line = c->location.end_line;
}

static const comment *next_comment(formatter *f) {
  const comments *all = f->program->comments;
  while (f->comment < all->count && all->items[f->comment].location.file != f->program->file) f->comment++;
  return f->comment < all->count ? &all->items[f->comment] : NULL;
}

static void put_comments_before(formatter *f, location place) {
  for (const comment *c; (c = next_comment(f)) && is_before(c->location, place); f->comment++) put_comment(f, c);
}

/* Those in the middle of a statement go before it, each in a line of its own. */
static void put_comments_within(formatter *f, location end) {
  for (const comment *c; (c = next_comment(f)) && is_before(c->location, end); f->comment++) {
    f->begins_block = true; /* no empty lines among them */
    f->source_line = 0;
    put_comment(f, c);
  }
}

/* Those that stand behind something on its last line, before the next thing. */
static void put_comments_beside(formatter *f, location place, location next) {
  f->source_line = place.end_line;
  for (const comment *c;
       (c = next_comment(f)) && c->location.line == place.end_line && is_before(c->location, next) && !c->is_include;
       f->comment++)
    put_comment(f, c);
}

static location end_of(location place) {
  place.line = place.end_line;
  place.column = place.end_column;
  return place;
}

static location start_of(location place) {
  place.end_line = place.line;
  place.end_column = place.column;
  return place;
}

/* Where the first statement of the program's own begins, or `otherwise`. */
static location first_place(const formatter *f, const statement *list, location otherwise) {
  while (list && list->location.file != f->program->file) list = list->next;
  return list ? list->location : otherwise;
}

/* ---- statements ---- */

static const char *text_of(formatter *f, const expression *e) { return expression_text(f->arena, e, 1 << 24); }

static const char *list_text(formatter *f, const expressions *list) {
  const char *text = "";
  for (int i = 0; i < list->count; i++)
    text = arena_printf(f->arena, "%s%s%s", text, i ? ", " : "", text_of(f, list->items[i]));
  return text;
}

static const char *declaration_text(formatter *f, const sized_type *declared, const char *name) {
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  if (!out) return name;
  print_declaration(out, declared, name);
  fclose(out);
  const char *copy = arena_text(f->arena, text, length);
  free(text);
  return copy;
}

static const char *with_value(formatter *f, const char *text, const expression *value) {
  return value ? arena_printf(f->arena, "%s = %s", text, text_of(f, value)) : text;
}

/* real a, b = 2; the parser makes a statement of each, which share the type. *last is the last of them. */
static const char *declarations_text(formatter *f, const statement *s, const statement **last) {
  const variable *first = s->declaration.variable;
  const char *text = with_value(f, declaration_text(f, first->declared, first->name), s->declaration.value);
  for (const statement *more = s->next;
       more && more->kind == STATEMENT_DECLARATION && more->declaration.variable->declared == first->declared;
       more = more->next) {
    text = arena_printf(f->arena, "%s, %s", text,
                        with_value(f, more->declaration.variable->name, more->declaration.value));
    *last = more;
  }
  return arena_printf(f->arena, "%s;", text);
}

static const char *tilde_text(formatter *f, const statement *s) {
  const char *text = arena_printf(f->arena, "%s ~ %s", text_of(f, s->tilde.left), text_of(f, s->tilde.call));
  if (!s->tilde.is_truncated) return arena_printf(f->arena, "%s;", text);
  return arena_printf(f->arena, "%s T[%s,%s%s];", text, s->tilde.lower ? text_of(f, s->tilde.lower) : "",
                      s->tilde.upper ? " " : "", s->tilde.upper ? text_of(f, s->tilde.upper) : "");
}

/* A statement that takes one line. */
static const char *simple_text(formatter *f, const statement *s) {
  arena *arena = f->arena;
  switch (s->kind) {
  case STATEMENT_ASSIGNMENT:
    return arena_printf(arena, "%s %s= %s;", text_of(f, s->assignment.target),
                        s->assignment.is_compound ? operator_text(s->assignment.op) : "",
                        text_of(f, s->assignment.value));
  case STATEMENT_UNPACK:
    return arena_printf(arena, "%s = %s;", text_of(f, s->unpack.targets), text_of(f, s->unpack.value));
  case STATEMENT_TILDE: return tilde_text(f, s);
  case STATEMENT_TARGET: return arena_printf(arena, "target += %s;", text_of(f, s->value));
  case STATEMENT_JACOBIAN: return arena_printf(arena, "jacobian += %s;", text_of(f, s->value));
  case STATEMENT_CALL: return arena_printf(arena, "%s;", text_of(f, s->value));
  case STATEMENT_BREAK: return "break;";
  case STATEMENT_CONTINUE: return "continue;";
  case STATEMENT_RETURN: return s->value ? arena_printf(arena, "return %s;", text_of(f, s->value)) : "return;";
  case STATEMENT_PRINT: return arena_printf(arena, "print(%s);", list_text(f, &s->items));
  case STATEMENT_REJECT: return arena_printf(arena, "reject(%s);", list_text(f, &s->items));
  case STATEMENT_FATAL_ERROR: return arena_printf(arena, "fatal_error(%s);", list_text(f, &s->items));
  default: return ";";
  }
}

/* `end`: of what holds them, or the beginning of what follows. */
static void format_list(formatter *f, const statement *list, location end);

/* What stands in the braces that `whole` ends with, and the closing one; the opening one is at `opening`. */
static void format_braces(formatter *f, location opening, const statement *list, location whole) {
  location end = end_of(whole);
  put_comments_beside(f, start_of(opening), first_place(f, list, end));
  f->indent += 2;
  f->begins_block = true;
  format_list(f, list, end);
  put_comments_before(f, end);
  f->indent -= 2;
  f->begins_block = false;
  put(f, "}");
  f->source_line = end.line;
}

/* What begins with `header`: its body in braces on the same line, or the one statement on the next. */
static void format_body(formatter *f, const char *header, const statement *body, location next) {
  bool has_braces = body && body->kind == STATEMENT_BLOCK && !body->next;
  format_lines(f, has_braces ? arena_printf(f->arena, "%s {", header) : header);
  if (has_braces) {
    format_braces(f, body->location, body->block.body, body->location);
  } else {
    f->indent += 2;
    f->begins_block = true;
    format_list(f, body, next);
    f->indent -= 2;
  }
}

/* `} else {` goes on where the `}` stands, unless a comment does. */
static const char *take_brace(formatter *f, const statement *before) {
  bool has_braces = before && before->kind == STATEMENT_BLOCK && !f->ends_in_comment;
  if (!has_braces) return "";
  f->lines.count--;
  return "} ";
}

static void format_if(formatter *f, const statement *s, const char *before, location next) {
  const statement *otherwise = s->branch.else_body;
  format_body(f, arena_printf(f->arena, "%sif (%s)", before, text_of(f, s->branch.condition)), s->branch.then_body,
              otherwise ? otherwise->location : next);
  if (!otherwise) return;
  const char *brace = take_brace(f, s->branch.then_body);
  if (otherwise->kind == STATEMENT_IF && !otherwise->next)
    format_if(f, otherwise, arena_printf(f->arena, "%selse ", brace), next);
  else
    format_body(f, arena_printf(f->arena, "%selse", brace), otherwise, next);
}

static void format_statement(formatter *f, const statement *s, location next) {
  arena *arena = f->arena;
  switch (s->kind) {
  case STATEMENT_FOR:
    format_body(f,
                arena_printf(arena, "for (%s in %s:%s)", s->loop.variable->name, text_of(f, s->loop.first),
                             text_of(f, s->loop.last)),
                s->loop.body, next);
    break;
  case STATEMENT_FOR_EACH:
    format_body(f, arena_printf(arena, "for (%s in %s)", s->loop.variable->name, text_of(f, s->loop.first)),
                s->loop.body, next);
    break;
  case STATEMENT_WHILE:
    format_body(f, arena_printf(arena, "while (%s)", text_of(f, s->branch.condition)), s->branch.then_body, next);
    break;
  case STATEMENT_IF: format_if(f, s, "", next); break;
  case STATEMENT_PROFILE:
  case STATEMENT_BLOCK:
    format_lines(f, s->kind == STATEMENT_BLOCK ? "{" : arena_printf(arena, "profile(\"%s\") {", s->block.name));
    format_braces(f, s->location, s->block.body, s->location);
    break;
  default: put_comments_within(f, end_of(s->location)); format_lines(f, simple_text(f, s));
  }
}

static void format_list(formatter *f, const statement *list, location end) {
  for (const statement *s = list; s; s = s->next) {
    if (s->location.file != f->program->file) continue; /* an #include brought it in */
    put_comments_before(f, s->location);
    keep_empty_line(f, s->location.line);
    const statement *last = s;
    if (s->kind == STATEMENT_DECLARATION) {
      const char *text = declarations_text(f, s, &last);
      put_comments_within(f, end_of(s->location));
      format_lines(f, text);
    } else {
      format_statement(f, s, first_place(f, s->next, end));
    }
    put_comments_beside(f, s->location, first_place(f, last->next, end));
    s = last;
  }
}

/* ---- functions and blocks ---- */

static void format_function(formatter *f, const function *function) {
  arena *arena = f->arena;
  const char *text = arena_printf(arena, "%s %s(", type_name(arena, function->result), function->name);
  for (int i = 0; i < function->parameter_count; i++) {
    const variable *parameter = function->parameters[i];
    text = arena_printf(arena, "%s%s%s%s %s", text, i ? ", " : "", parameter->is_data_only ? "data " : "",
                        type_name(arena, parameter->type), parameter->name);
  }
  if (function->body)
    format_body(f, arena_printf(arena, "%s)", text), function->body, function->location);
  else
    format_lines(f, arena_printf(arena, "%s);", text));
}

static location first_function(const formatter *f, const function *function, location otherwise) {
  while (function && function->location.file != f->program->file) function = function->next;
  return function ? function->location : otherwise;
}

static void format_functions(formatter *f, location end) {
  for (const function *function = f->program->functions; function; function = function->next) {
    if (function->location.file != f->program->file) continue;
    put_comments_before(f, function->location);
    keep_empty_line(f, function->location.line);
    format_function(f, function);
    put_comments_beside(f, function->body ? function->body->location : function->location,
                        first_function(f, function->next, end));
  }
}

static void format_block(formatter *f, block_kind block) {
  location word = f->program->block_location[block], end = f->program->block_end[block];
  if (!f->program->has_block[block] || word.file != f->program->file) return;
  put_comments_before(f, word);
  keep_empty_line(f, word.line);
  put(f, arena_printf(f->arena, "%s {", block_name(block)));
  if (block == BLOCK_FUNCTIONS) {
    put_comments_beside(f, word, first_function(f, f->program->functions, end));
    f->indent += 2;
    f->begins_block = true;
    format_functions(f, end);
    f->indent -= 2;
  }
  format_braces(f, word, f->program->blocks[block], end);
  location next = end;
  next.line++;
  put_comments_beside(f, end, next);
}

/* An included file must hold whole statements, functions or blocks, or the rest could not be told from it. */
static bool includes_are_whole(const program *program, messages *messages) {
  for (int block = 0; block < BLOCK_COUNT; block++) {
    location word = program->block_location[block], end = program->block_end[block];
    if (!program->has_block[block] || word.file == end.file) continue;
    message_error(messages, word, "the block `%s` begins and ends in different files: it cannot be laid out",
                  block_name((block_kind)block));
    return false;
  }
  return true;
}

const char *format_program(arena *arena, const program *program, messages *messages) {
  if (!includes_are_whole(program, messages)) return NULL;
  formatter f = {.arena = arena, .program = program};
  for (int block = 0; block < BLOCK_COUNT; block++) format_block(&f, (block_kind)block);
  for (const comment *c; (c = next_comment(&f)); f.comment++) put_comment(&f, c);
  size_t size = 1;
  for (int i = 0; i < f.lines.count; i++) size += strlen(f.lines.items[i]) + 1;
  char *text = arena_alloc(arena, size), *end = text;
  for (int i = 0; i < f.lines.count; i++) {
    size_t length = strlen(f.lines.items[i]);
    memcpy(end, f.lines.items[i], length);
    end += length;
    *end++ = '\n';
  }
  *end = 0;
  return text;
}
