/* kernel_texts.h: what kernels say when they fail. The compiler says the same where it writes a kernel out (ir/small.c): its
 * texts have the places already, and `number` is what comes of a number's format. */
#ifndef STANLITE_RUNTIME_KERNEL_TEXTS_H
#define STANLITE_RUNTIME_KERNEL_TEXTS_H

#define SL_SYMMETRY_TOLERANCE 1e-8 /* elements may differ so much from their mirror images */

/* row, column, element, column, row, its mirror image */
#define SL_NOT_SYMMETRIC(number) "m is not symmetric. m[%ld,%ld] = " number ", but m[%ld,%ld] = " number
/* row, row, element, SL_BESIDE_ROWS(row) */
#define SL_NOT_POSITIVE_DEFINITE(number) "Matrix m is not positive definite: m[%ld,%ld] is " number "%s"
#define SL_BESIDE_ROWS(row) ((row) > 1 ? ", too small beside the rows before it" : "")

#endif
