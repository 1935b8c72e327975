/* c_writer.h: what the files of the C generator share: one function being written, and names for its variables. */
#ifndef STANLITE_CODEGEN_C_WRITER_H
#define STANLITE_CODEGEN_C_WRITER_H
#include <stdio.h>
#include "ir/ir.h"

/* Which of model.h's functions is being written, or one of the program's own: it decides how data are reached and how a
 * failure leaves. */
typedef enum { C_CONSTRUCT, C_LOG_DENSITY, C_GRADIENT, C_CONSTRAIN, C_UNCONSTRAIN, C_CALLED } c_function;

typedef struct c_names {
  struct c_name {
    const char *text;
    int id;
  } * items;
  int count, capacity;
} c_names;

typedef struct c_writer {
  const ir_program *program;
  arena *arena;
  FILE *out;
  c_function function;
  c_names names;              /* taken in this function: text to id */
  int size;                   /* of the arrays below */
  const char **fields;        /* by id: members of the model */
  const char **texts;         /* by id: how the variable or buffer is written; NULL before it is first named */
  bool *is_deferred;          /* by id: the text is an expression, not a name */
  int *uses;                  /* by id: how often the variable is read in this function */
  const ir_block **use_block; /* by id: where it is read, when that is one block */
  const char *commented;      /* the source line that the last comment showed */
  int commented_line;
  int indent;
} c_writer;

/* ---- c_expression.c ---- */
void c_name_fields(c_writer *w);
void c_start_function(c_writer *w, c_function function, const ir_block *body); /* counts uses, forgets names */
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
const char *c_place(c_writer *w, location location); /* a C literal: "in 'model.stan', line 12, column 3" */

/* ---- c_call.c ---- */
const char *c_called_name(c_writer *w, const ir_function *f, const char *sweep); /* sweep: "", "_forward", "_adjoint" */
void c_called_functions(c_writer *w);            /* their declarations, then their definitions */
void c_call(c_writer *w, const ir_statement *s); /* a kernel call with a function */
void c_return(c_writer *w, const ir_statement *s);
/* What a failed call does: its message says already where it happened. */
void c_leave_after(c_writer *w, const char *call);

/* ---- c_loop.c ---- */
void c_for(c_writer *w, const ir_statement *loop);

#endif
