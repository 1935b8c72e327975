/* promotion.h: which types may stand where others are expected: int for real, real for complex, containers likewise. */
#ifndef STANLITE_IR_PROMOTION_H
#define STANLITE_IR_PROMOTION_H
#include "parser/ast.h"

/* How many steps lead from one type to the other: 0 for equal ones, -1 when there is no way. TYPE_ERROR fits everywhere. */
int promotion_cost(const type *from, const type *to);
/* The least type that both can be promoted to, or NULL. */
const type *common_type(arena *arena, const type *a, const type *b);
/* The expression as a value of that type: itself, or wrapped in an EXPRESSION_PROMOTION. */
expression *promote(arena *arena, expression *value, const type *to);

bool type_is_error(const type *t); /* or contains one */
bool type_is_complex(const type *t);
bool type_is_scalar(const type *t); /* int, real, complex */
/* int, or arrays and tuples of nothing else: what never carries a derivative. */
bool type_is_discrete(const type *t);
/* The same container over another scalar, which is one of int, real and complex: array[] real for array[] int. NULL when
 * there is none, as for a vector of ints. */
const type *type_with_scalar(arena *arena, const type *container, type_kind scalar);
const type *type_of_kind(type_kind kind); /* of those without parts */

#endif
