/* c_writer.h: what the files of the C generator share: one function being written, and names for its variables. */
#ifndef STANLITE_CODEGEN_C_WRITER_H
#define STANLITE_CODEGEN_C_WRITER_H
#include <stdio.h>
#include "ir/ir.h"
#include "ir/names.h"

/* Which of model.h's functions is being written, or one of the program's own: it decides how data are reached and how a
 * failure leaves. */
typedef enum { C_CONSTRUCT, C_LOG_DENSITY, C_GRADIENT, C_CONSTRAIN, C_UNCONSTRAIN, C_CALLED } c_function;

/* A variable or buffer in the function being written. */
typedef struct c_entry {
  const char *text;          /* how it is written; NULL before it is first named */
  const ir_block *use_block; /* where the variable is read, when that is one block */
  int uses;                  /* how often it is read */
  int function;              /* the number of the function that the rest is about */
  bool is_deferred;          /* the text is an expression, not a name */
} c_entry;

typedef struct c_writer {
  const ir_program *program;
  arena *arena;
  FILE *out;
  FILE *ahead; /* where functions go that the one being written needs; NULL: nowhere */
  c_function function;
  bool is_prepare;       /* a C_CONSTRUCT that draws nothing */
  int function_number;   /* 1, 2 … in the order of writing */
  name_map *names;       /* taken in this function */
  name_map *reserved;    /* what has been asked: whether the name is one that C or the frame needs */
  int size;              /* of the arrays below */
  const char **fields;   /* by id: members of the model */
  c_entry *entries;      /* by id; see c_entry_of */
  const char *commented; /* the source line that the last comment showed */
  int commented_line;
  int indent;
  int depth; /* loops around, those over blocks of another loop's iterations left out */
} c_writer;

/* ---- c.c ---- */
void c_load_fields(c_writer *w,
                   const ir_block *block); /* what the block reads of them gets locals of the program's names */

/* ---- c_expression.c ---- */
void c_name_fields(c_writer *w);
void c_start_function(c_writer *w, c_function function, const ir_block *body); /* counts uses, forgets names */
const char *c_plain_name(arena *arena, const char *name);                      /* `t.1`, a member of a tuple, is t_1 */
c_entry *c_entry_of(const c_writer *w, int id);
const char *c_variable(c_writer *w, const ir_variable *variable);
const char *c_buffer(c_writer *w, const ir_buffer *buffer);
const char *c_operand(c_writer *w, ir_operand x);    /* an atom, or in parentheses where it stands for an expression */
const char *c_expression(c_writer *w, ir_operand x); /* without parentheses around it */
const char *c_definition(c_writer *w, const ir_statement *s); /* the right side of a let or load */
/* Whether the definition is written where it is used instead of getting a name; if so it is remembered. */
bool c_defer(c_writer *w, const ir_statement *s, const ir_block *block, const char *text);
const char *c_real(arena *arena, double value);
const char *c_string(arena *arena, const char *text); /* a C literal with its quotes */

/* ---- c_statement.c ---- */
void c_block(c_writer *w, const ir_block *block);
void c_statement(c_writer *w, const ir_statement *s, const ir_block *block); /* block: the one that it stands in */
void c_line(c_writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *c_place(c_writer *w, location location); /* a C literal: what a message ends in: where, and the line */

/* ---- c_call.c ---- */
const char *c_called_name(c_writer *w, const ir_function *f, const char *sweep); /* sweep: "", "_forward", "_adjoint" */
void c_called_functions(c_writer *w);            /* their declarations, then their definitions */
void c_call(c_writer *w, const ir_statement *s); /* a kernel call with a function */
void c_return(c_writer *w, const ir_statement *s);
/* What a failed call does: its message says already where it happened. */
void c_leave_after(c_writer *w, const char *call);

/* ---- c_parts.c ---- */

/* What the parts of a function look like. */
typedef struct c_shape {
  const char *result, *success;       /* its type, and what a part returns that has done all */
  const char *parameters, *arguments; /* of each part, but for the frame */
  const char *call;                   /* a statement: format of function, number and arguments */
  const char *running_type, *running; /* a local that every part may change; NULL: none */
  bool is_once;                       /* runs too seldom to be worth the C compiler's time */
} c_shape;

typedef struct c_parts c_parts;

/* Writes the parts of the function, if it is long; else NULL. w->function says which it is. */
c_parts *c_write_parts(c_writer *w, const char *name, const c_shape *shape, const ir_block *block);
void c_body(c_writer *w, c_parts *parts, const ir_block *block); /* calls the parts; without any: the block itself */

/* ---- c_loop.c ---- */
void c_for(c_writer *w, const ir_statement *loop);

/* ---- c_threads.c ---- */
void c_threads(c_writer *w, const ir_statement *loop); /* one that is_threaded */

#endif
