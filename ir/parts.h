/* parts.h: types whose values are taken apart: a tuple into its members, a complex number into its real and imaginary part.
 *
 * Arrays go along: a part of array[] tuple(int, vector) is array[] int or array[] vector, those of complex_matrix are two
 * matrices. A part may have parts in turn. What has none is plain: ints, reals, and containers of them. */
#ifndef STANLITE_IR_PARTS_H
#define STANLITE_IR_PARTS_H
#include "parser/ast.h"

bool type_has_parts(const type *t);
int type_part_count(const type *t); /* 0 for plain types */
const type *type_part(arena *arena, const type *t, int part);

/* The part of a declared variable as a variable of its own, named as data files name it: `t.1` of a tuple, `z.real` and
 * `z.imag` of a complex number. The sizes of the arrays around a tuple come before those of the member.
 * Made once. */
variable *part_variable(arena *arena, variable *whole, int part);

#endif
