/* adjoint.h: what the files of the adjoint pass share; adjoint.c explains the method. */
#ifndef STANLITE_IR_ADJOINT_H
#define STANLITE_IR_ADJOINT_H
#include "ir/id_set.h"
#include "ir/passes.h"

typedef struct adjoint {
  ir_program *program;
  id_set used;    /* variables and buffers that R reads, each with the place where it does so last */
  int place;      /* of what is being looked through */
  id_set inner;   /* variables and buffers that a statement defines itself */
  id_set depths;  /* of buffers, how deep in blocks they are written, at most */
  id_set dropped; /* labels of PUSH and POP that are taken out */
  id_set summed;  /* variables that a parallel loop around adds to: it saves their old values, once */
} adjoint;

/* A block that is being differentiated. */
typedef struct adjoint_frame {
  struct adjoint_frame *outer;
  ir_builder reverse; /* where its R grows */
  int depth;          /* in blocks: 1 is the function's own */
} adjoint_frame;

/* Hangs on the note of each variable and buffer defined in a frame. */
typedef struct adjoint_state {
  adjoint_frame *home;
  ir_operand current;       /* the sum of contributions so far, an immutable value; IR_NONE: none */
  ir_variable *accumulator; /* while is_open: contributions from nested blocks, or of a mutable variable, go here */
  bool is_open;
  ir_buffer *buffer; /* adjoints of a buffer, once asked for */
} adjoint_state;

typedef struct adjoint_sweeps {
  ir_block *forward, *reverse;
} adjoint_sweeps;

typedef enum {
  ADJOINT_NO_EFFECT,   /* nothing for R to do: inactive, and what it overwrites is its own */
  ADJOINT_TARGET_ONLY, /* its only effect is on target: one pass */
  ADJOINT_GENERAL
} adjoint_effect;

/* F and R in the same scope, one after the other; and apart, to be put in different scopes. */
ir_block *adjoint_together(adjoint *a, adjoint_frame *outer, const ir_block *block);
adjoint_sweeps adjoint_apart(adjoint *a, adjoint_frame *outer, const ir_block *block);

/* ---- adjoint.c, for adjoint_call.c ---- */
ir_buffer *adjoint_buffer(adjoint *a, ir_buffer *buffer);
/* Whether anything that runs after the statement (before it in R) can have contributed to the buffer's adjoint. */
bool adjoint_reaches(adjoint_frame *at, const ir_buffer *buffer);
/* A copy in F of a mutable operand, so that R can read today's value. */
ir_operand adjoint_stable(ir_builder *forward, ir_operand x);

/* ---- adjoint_call.c ---- */
void adjoint_call(adjoint *a, adjoint_frame *at, ir_builder *forward, const ir_statement *s);
void adjoint_function(adjoint *a, ir_function *function);

/* ---- adjoint_effect.c ---- */
adjoint_effect adjoint_effects(adjoint *a, const ir_statement *s);

/* ---- adjoint_save.c ---- */
bool adjoint_uses_stack(const ir_block *forward); /* takes or pushes anything */
/* Notes how deep each buffer is written in the function's block, which has depth 1. */
void adjoint_note_writes(adjoint *a, const ir_block *block, int depth);
/* Whether R needs values of F's that are not computed again. */
bool adjoint_saves(adjoint *a, const ir_block *forward, const ir_block *reverse, int depth);
/* Hands what R reads of F's values from one body to the other; both are `depth` blocks deep. */
void adjoint_save_on_stack(adjoint *a, ir_block *forward, ir_block *reverse, int depth);
/* The same for a parallel loop: slot buffers are allocated in `before`, ahead of the forward loop. The first of them, to be
 * released after the reverse loop; NULL for none. */
ir_buffer *adjoint_save_in_slots(adjoint *a, ir_builder *before, ir_statement *forward_loop, ir_statement *reverse_loop,
                                 int depth);
/* Removes push and pop of what this block defines and its R never reads. */
void adjoint_drop_saves(adjoint *a, adjoint_sweeps *sweeps);
/* At the top of the gradient nothing need be given back once nothing more is popped. */
void adjoint_drop_idle_releases(ir_block *body);

#endif
