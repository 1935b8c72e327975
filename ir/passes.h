/* passes.h: what is done to a program's core IR between lowering and C, each in a file named for it.
 * The order is in ir/pipeline.c. A pass changes the program in place: it replaces blocks, and leaves it well-formed. */
#ifndef STANLITE_IR_PASSES_H
#define STANLITE_IR_PASSES_H
#include "ir/ir.h"

/* Which scalars and buffers of log_density change with the parameters (is_parameter_level), and through which
 * derivatives flow (is_active). */
void ir_analyse(ir_program *program);
/* Finds buffers of log_density whose elements are stored at most once (is_written_once). */
void ir_find_written_once(ir_program *program);

void ir_structure(ir_program *program);     /* scope and exit become flags and guards */
void ir_unroll(ir_program *program);        /* short loops with a known number of turns are written out */
void ir_small(ir_program *program);         /* matrix operations of known small sizes are written out */
void ir_ifs(ir_program *program);           /* small branches become selects */
void ir_find_parallel(ir_program *program); /* marks loops whose iterations are independent */
void ir_ranges(ir_program *program);        /* parallel loops count from 0 */
void ir_drop(ir_program *program);          /* droppable summands without parameters leave target */
void ir_hoist(ir_program *program);         /* work without parameters moves from log_density to construct */
void ir_motion(ir_program *program);   /* loop-invariant work moves out of loops; invariant summands are multiplied */
void ir_fuse(ir_program *program);     /* neighbouring parallel loops become one; their temporaries become scalars */
void ir_common(ir_program *program);   /* equal operations are done once */
void ir_dead(ir_program *program);     /* what nothing uses is left out */
void ir_tabulate(ir_program *program); /* work of inner loops that the outer one does not change is done once */
void ir_collapse(ir_program *program); /* rows of data become fewer: equal ones, or those of quadratic summands */
void ir_group(ir_program *program);    /* rows of data run in the order of their groups */
void ir_adjoint(ir_program *program);  /* makes gradient_body from log_density */
void ir_tiles(ir_program *program);    /* a product and the likelihood that reads it run in blocks of rows */
void ir_threads(ir_program *program);  /* large loops are cut into chunks, which threads can run */
void ir_products(ir_program *program); /* sums of logarithms become logarithms of products */
void ir_scatter(ir_program *program);  /* indexed accumulation leaves the vectorised part of its loop */

/* A copy of the block in which every loop and branch gives back, at the end of each iteration, what it took of the arena;
 * and the block itself at its own end. For code that no reverse sweep follows. */
ir_block *ir_with_releases(arena *arena, const ir_block *block);
void ir_append_released(ir_builder *b, const ir_statement *s); /* appends such a copy of one statement */
void ir_release(ir_program *program);                          /* in all functions but the gradient */

/* Emits the derivative of `let v = op(arguments)` by argument number `which`, times `adjoint`: what that argument's adjoint
 * receives. `result` is v. IR_NONE when the operation passes nothing on to it. */
ir_operand ir_derivative(ir_builder *b, ir_op op, const ir_operand *arguments, ir_operand result, int which,
                         ir_operand adjoint);

#endif
