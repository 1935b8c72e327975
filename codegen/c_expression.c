/* c_expression.c: names, constants and expressions of the generated C.
 *
 * Operations that are used once, nearby, are written inside the expression that uses them, so that the C reads as the
 * program does; the others become constants with names of their own. */
#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "codegen/c_writer.h"
#include "ir/index.h"

enum { LONGEST_INLINE = 64, MOST_PLACES = 16 /* in a pattern of intrinsics.def */ };

/* ---- names ---- */

/* Words of C, names that the frame in codegen/c.c uses, and macros of the C library in small letters (those with
 * arguments do no harm, since no name is followed by a parenthesis). */
static const char *const reserved[] = {"auto",
                                       "break",
                                       "case",
                                       "char",
                                       "const",
                                       "continue",
                                       "default",
                                       "do",
                                       "double",
                                       "else",
                                       "enum",
                                       "extern",
                                       "float",
                                       "for",
                                       "goto",
                                       "if",
                                       "inline",
                                       "int",
                                       "long",
                                       "register",
                                       "restrict",
                                       "return",
                                       "short",
                                       "signed",
                                       "sizeof",
                                       "static",
                                       "struct",
                                       "switch",
                                       "typedef",
                                       "union",
                                       "unsigned",
                                       "void",
                                       "volatile",
                                       "while",
                                       "asm",
                                       "typeof",
                                       "bool",
                                       "true",
                                       "false",
                                       "main",
                                       "model",
                                       "workspace",
                                       "data",
                                       "error",
                                       "rng",
                                       "generator",
                                       "failed",
                                       "prepare",
                                       "status",
                                       "nothing",
                                       "inits",
                                       "value",
                                       "flags",
                                       "out",
                                       "target",
                                       "line",
                                       "bad",
                                       "seed",
                                       "unconstrained",
                                       "gradient",
                                       "constrained",
                                       "jacobian",
                                       "with_transformed",
                                       "with_generated",
                                       "variable",
                                       "dims",
                                       "size_t",
                                       "uint64_t",
                                       "memset",
                                       "free",
                                       "linux",
                                       "unix",
                                       "i386",
                                       "errno",
                                       "stdin",
                                       "stdout",
                                       "stderr",
                                       "I",
                                       "complex",
                                       "math_errhandling"};

/* Capitals alone are what the C library's macros are made of: INT_MAX, EOF, M_PI. None is shorter than three letters. */
static bool is_like_a_macro(const char *name) {
  size_t length = strlen(name);
  return length >= 3 && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == length;
}

/* Whether an operation is written with a C function of this name. */
static bool is_called(const char *name) {
  size_t length = strlen(name);
  for (int op = 0; op < IR_OP_COUNT; op++)
    for (const char *at = ir_ops[op].c; at && (at = strstr(at, name)) != NULL; at += length)
      if ((at == ir_ops[op].c || !(isalnum((unsigned char)at[-1]) || at[-1] == '_')) && at[length] == '(') return true;
  return false;
}

static bool find_reserved(const char *name) {
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
    if (strcmp(reserved[i], name) == 0) return true;
  return strncmp(name, "sl_", 3) == 0 || is_like_a_macro(name) || is_called(name);
}

/* Asked once for each name, whatever the number of functions that have it. */
static bool is_reserved(c_writer *w, const char *name) {
  static char yes, no;
  const void *answer = name_map_get(w->reserved, name);
  if (!answer) {
    arena *lasting = w->reserved->arena; /* w->arena may not outlive the function being written */
    answer = name_map_entry(w->reserved, arena_text(lasting, name, strlen(name)))->value =
        find_reserved(name) ? &yes : &no;
  }
  return answer == &yes;
}

static bool is_taken(const c_writer *w, const char *name) { return name_map_get(w->names, name) != NULL; }

const char *c_plain_name(arena *arena, const char *name) {
  char *copy = arena_text(arena, name, strlen(name));
  for (char *at = copy; (at = strchr(at, '.')) != NULL;) *at = '_';
  return copy;
}

static const char *take_name(c_writer *w, const char *wanted, int id) {
  if (wanted && strchr(wanted, '.')) wanted = c_plain_name(w->arena, wanted);
  const char *name = wanted;
  if (!wanted || is_reserved(w, wanted) || is_taken(w, wanted))
    name = arena_printf(w->arena, "%s_%d", wanted ? wanted : "t", id);
  while (is_taken(w, name)) name = arena_printf(w->arena, "%s_", name); /* the program may have a `t_5` of its own */
  name_map_entry(w->names, name)->value = (void *)name;
  return name;
}

/* Members of struct sl_model; the C keywords among them get a suffix like all other names. */
void c_name_fields(c_writer *w) {
  const ir_program *program = w->program;
  w->names = name_map_create(w->arena);
  for (int i = 0; i < program->fields.count; i++)
    w->fields[program->fields.items[i]->id] =
        take_name(w, program->fields.items[i]->name, program->fields.items[i]->id);
  for (int i = 0; i < program->field_buffers.count; i++) {
    const ir_buffer *buffer = program->field_buffers.items[i];
    w->fields[buffer->id] = take_name(w, buffer->name, buffer->id);
  }
}

c_entry *c_entry_of(const c_writer *w, int id) {
  c_entry *entry = &w->entries[id];
  if (entry->function != w->function_number) *entry = (c_entry){.function = w->function_number};
  return entry;
}

const char *c_variable(c_writer *w, const ir_variable *variable) {
  if (variable->storage == IR_INPUT) return variable->name;
  if (variable->storage == IR_MODEL && w->function == C_CONSTRUCT)
    return arena_printf(w->arena, "model->%s", w->fields[variable->id]);
  c_entry *entry = c_entry_of(w, variable->id);
  if (!entry->text) entry->text = take_name(w, variable->name, variable->id);
  return entry->text;
}

const char *c_buffer(c_writer *w, const ir_buffer *buffer) {
  if (buffer->storage == IR_INPUT || buffer->storage == IR_RESULT) return buffer->name;
  if (buffer->storage == IR_MODEL && w->function == C_CONSTRUCT)
    return arena_printf(w->arena, "model->%s", w->fields[buffer->id]);
  c_entry *entry = c_entry_of(w, buffer->id);
  if (!entry->text) entry->text = take_name(w, buffer->name, buffer->id);
  return entry->text;
}

/* ---- constants ---- */

const char *c_real(arena *arena, double value) {
  if (isnan(value)) return "NAN";
  if (isinf(value)) return value > 0 ? "INFINITY" : "(-INFINITY)";
  static const char *const small[] = {"0.0", "1.0", "2.0", "3.0", "4.0", "5.0", "6.0", "7.0", "8.0", "9.0"};
  if (!signbit(value) && value <= 9 && value == (int)value) return small[(int)value];
  char text[40];
  for (int digits = 15; digits <= 17; digits++) { /* `g` leaves out zeros at the end */
    snprintf(text, sizeof text, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  const char *point = strpbrk(text, ".e") ? "" : ".0";
  return arena_printf(arena, signbit(value) ? "(%s%s)" : "%s%s", text, point);
}

const char *c_string(arena *arena, const char *text) {
  char *literal = arena_alloc(arena, 4 * strlen(text) + 3), *at = literal;
  *at++ = '"';
  for (; *text; text++) {
    unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\') {
      *at++ = '\\';
      *at++ = (char)c;
    } else if (c < 32 || c == '?') {
      at += sprintf(at, "\\%03o", c);
    } else {
      *at++ = (char)c;
    }
  }
  *at = '"';
  return literal;
}

/* ---- expressions ---- */

static bool is_atom(const char *text) {
  if (*text != '(' && !isalnum((unsigned char)*text) && *text != '_') return false;
  int depth = 0;
  for (const char *at = text; *at; at++) {
    if (*at == '(' || *at == '[') depth++;
    if (*at == ')' || *at == ']') depth--;
    if (depth == 0 && *at == '>' && at > text && at[-1] == '-') continue;
    if (depth == 0 && *at == '-' && at[1] == '>') continue;
    if (depth == 0 && at[1] && strchr("+-*/ ?:<=!&|", *at)) return false;
    if (depth == 0 && *text == '(' && at[1]) return false; /* (a) + …, or a cast */
  }
  return true;
}

const char *c_expression(c_writer *w, ir_operand x) {
  switch (x.kind) {
  case IR_CONSTANT_INT: return arena_printf(w->arena, x.int_value < 0 ? "(%ld)" : "%ld", x.int_value);
  case IR_CONSTANT_REAL: return c_real(w->arena, x.real_value);
  case IR_VARIABLE: return c_variable(w, x.variable);
  default: return "0";
  }
}

const char *c_operand(c_writer *w, ir_operand x) {
  const char *text = c_expression(w, x);
  return is_atom(text) ? text : arena_printf(w->arena, "(%s)", text);
}

/* Whether the argument's place in the pattern is a whole argument of a C function: f($1, $2). */
static bool stands_alone(const char *pattern, const char *place) {
  const char *before = place - 1, *after = place + 2;
  if (place == pattern) return *after == 0;
  if (*before == ' ') before--;
  bool opens = *before == ',' || (*before == '(' && before > pattern && isalnum((unsigned char)before[-1]));
  return opens && (*after == ',' || *after == ')');
}

static const char *fill_pattern(c_writer *w, const char *pattern, const ir_operand *arguments) {
  const char *pieces[2 * MOST_PLACES + 1]; /* each up to its end or to the next place */
  size_t lengths[2 * MOST_PLACES + 1], length = 0;
  int count = 0;
  for (const char *at = pattern; *at && count < 2 * MOST_PLACES; count++) {
    if (*at == '$') {
      ir_operand x = arguments[at[1] - '1'];
      pieces[count] = stands_alone(pattern, at) ? c_expression(w, x) : c_operand(w, x);
      lengths[count] = strlen(pieces[count]);
      at += 2;
    } else {
      pieces[count] = at;
      at += lengths[count] = strcspn(at, "$");
    }
    length += lengths[count];
  }
  char *text = arena_alloc(w->arena, length + 1), *end = text;
  for (int i = 0; i < count; i++) {
    memcpy(end, pieces[i], lengths[i]);
    end += lengths[i];
  }
  return text;
}

const char *c_definition(c_writer *w, const ir_statement *s) {
  if (s->kind == IR_LOAD) return arena_printf(w->arena, "%s[%s]", c_buffer(w, s->buffer), c_expression(w, s->index));
  return fill_pattern(w, ir_ops[s->op].c, s->arguments);
}

static bool can_defer(const c_writer *w, const ir_statement *s, const ir_block *block, const char *text) {
  const ir_variable *variable = s->variable;
  const c_entry *entry = c_entry_of(w, variable->id);
  if (variable->storage != IR_LOCAL || entry->uses != 1 || entry->use_block != block) return false;
  if (strlen(text) > LONGEST_INLINE) return false;
  if (s->kind == IR_LOAD && s->buffer->storage != IR_MODEL && s->buffer->storage != IR_INPUT) return false;
  if (s->kind == IR_LOAD && w->function == C_CONSTRUCT) return false;
  if (s->kind == IR_LET && (ir_ops[s->op].flags & IR_IMPURE)) return false;
  ir_operand operands[IR_MAX_ARGUMENTS + 1];
  int count = 0;
  for (int i = 0; i < s->argument_count; i++) operands[count++] = s->arguments[i];
  if (s->kind == IR_LOAD) operands[count++] = s->index;
  for (int i = 0; i < count; i++)
    if (operands[i].kind == IR_VARIABLE &&
        (operands[i].variable->is_mutable || (operands[i].variable->storage == IR_MODEL && w->function == C_CONSTRUCT)))
      return false;
  return true;
}

bool c_defer(c_writer *w, const ir_statement *s, const ir_block *block, const char *text) {
  c_entry *entry = c_entry_of(w, s->variable->id);
  bool deferred = can_defer(w, s, block, text);
  if (deferred)
    entry->text = text;
  else if (entry->is_deferred)
    entry->text = NULL; /* the same variable in another scope gets a name */
  entry->is_deferred = deferred;
  return deferred;
}

/* ---- counting uses ---- */

typedef struct counter {
  c_writer *w;
  const ir_block *block;
} counter;

static void count_use(ir_operand *x, void *context) {
  counter *c = context;
  if (x->kind != IR_VARIABLE) return;
  c_entry *entry = c_entry_of(c->w, x->variable->id);
  entry->uses++;
  entry->use_block = c->block;
}

static void count_block(c_writer *w, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = block->items[i];
    counter here = {w, block}, nowhere = {w, NULL};
    /* a while's condition is tested inside the loop, after its test block */
    ir_each_operand(s, count_use, s->kind == IR_WHILE || s->kind == IR_FOR ? &nowhere : &here);
    if (s->kind == IR_ZERO && s->buffer->size.kind == IR_VARIABLE) count_use(&s->buffer->size, &nowhere);
    ir_block *nested[3];
    for (int j = ir_nested_blocks(s, nested); j-- > 0;) count_block(w, nested[j]);
  }
}

void c_start_function(c_writer *w, c_function function, const ir_block *body) {
  w->function = function;
  w->function_number++;
  w->names = name_map_create(w->arena);
  w->commented_line = 0;
  count_block(w, body);
  ir_link_definitions(body); /* for c_loop.c: what an index is made of outside its loop */
}
