/* inverse.c: what an operation on the result of its inverse comes to: log(exp(u)) is u. A constrained parameter is the exp of
 * an unconstrained one, and densities take its logarithm; with u in its place, the adjoint has a logarithm and a division less.
 *
 *   log(exp(u)) = u                  log(sqrt(exp(u))) = u / 2       log(1 / exp(u)) = -u
 *   log(exp(u) exp(v)) = u + v       log(c exp(u)) = log c + u       log(square(exp(u))) = 2 u
 *   log(exp(u) / exp(v)) = u - v     log(exp(u) / c) = u - log c     log(pow(exp(u), k)) = k u, k constant
 *   log1p(expm1(u)) = u              sqrt(square(x)) = |x|           square(sqrt(x)) = x, x an exp, a square or a modulus
 *
 * and log(b ? exp(u) : c) = b ? u : log c, which densities of positive values ask for; c > 0 is a constant.
 *
 * A parameter p between 0 and 1 is inv_logit(u), of which the transform's Jacobian has taken both logarithms: log(p) is
 * min(u, 0) - log(1 + exp(-|u|)), and log1p(-p) is min(-u, 0) - log(1 + exp(-|u|)).
 *
 * These hold for all real numbers. In doubles they are better than what they stand for: exp(u) is inf for u > 709.8, 0 for
 * u < -745.2 and has few digits shortly before, and the logarithm of that is inf or -inf, while u is the true logarithm. So a
 * log density is finite where it was not; but checks that sigma is positive, or finite, ask exp(u) itself, and refuse what they
 * refused. A NaN stays one.
 *
 * Instructions for a gradient, before and after (bench/instructions): kidscore_interaction 845, 679; arK 1663, 1504;
 * mc_slopes_good 2182, 1968; blr 1777, 1624; rats 3992, 3721; eight_schools_centered 915, 865; mlm_partial 6605, 6431;
 * irt_2pl 56115, 55853. 39 of the 73 models of the bench have a logarithm and a division less.
 *
 * Microseconds for a gradient without and with the logarithms of probabilities: beta_binomial 0.0290, 0.0155;
 * bernoulli_nonconjugate 0.0286, 0.0160; Mtbh 11.1, 9.4; multi_occupancy 14.8, 14.2. */
#include "ir/inverse.h"
#include <math.h>

typedef struct undoing {
  arena *arena;
  const ir_statement *s;
  ir_definition_of definition_of;
  ir_value_of value_of;
  const void *context;
} undoing;

static const ir_statement *definition(const undoing *u, ir_operand x) { return u->definition_of(u->context, x); }

/* The operand whose `op` x is; IR_NONE when it is not known to be one. */
static ir_operand inner(const undoing *u, ir_op op, ir_operand x) {
  const ir_statement *made = definition(u, x);
  return made && made->op == op ? made->arguments[0] : ir_none();
}

/* s as an operation on as many operands as are not IR_NONE. */
static ir_statement *as(const undoing *u, ir_op op, ir_operand a, ir_operand b, ir_operand c) {
  ir_statement *result = ir_copy(u->arena, u->s);
  const ir_operand operands[] = {a, b, c};
  result->op = op;
  result->argument_count = 0;
  for (int i = 0; i < IR_MAX_ARGUMENTS; i++) {
    result->arguments[i] = i < 3 ? operands[i] : ir_none();
    result->argument_count += result->arguments[i].kind != IR_NONE;
  }
  return result;
}

static ir_statement *as_copy(const undoing *u, ir_operand x) {
  return x.kind == IR_NONE ? NULL : as(u, IR_OP_COPY, x, ir_none(), ir_none());
}

/* The logarithm of a positive constant or of an exp, without taking one; else IR_NONE. */
static ir_operand known_logarithm(const undoing *u, ir_operand x) {
  if (x.kind == IR_CONSTANT_REAL) return x.real_value > 0 ? ir_real(log(x.real_value)) : ir_none();
  return inner(u, IR_OP_EXP, x);
}

static bool is_real(ir_operand x, double value) { return x.kind == IR_CONSTANT_REAL && x.real_value == value; }

/* The x of p = (0 < x ? 1 : e) / (1 + e), e = exp(-|x|), which is inv_logit(x) as runtime/library/bounds.stanlite computes it;
 * IR_NONE when p is something else. */
static ir_operand logit(const undoing *u, ir_operand p, ir_operand *e) {
  const ir_statement *made = definition(u, p);
  if (!made || made->op != IR_OP_DIVIDE) return ir_none();
  const ir_statement *above = definition(u, made->arguments[0]), *below = definition(u, made->arguments[1]);
  if (!above || above->op != IR_OP_SELECT || !is_real(above->arguments[1], 1)) return ir_none();
  if (!below || below->op != IR_OP_ADD || !is_real(below->arguments[0], 1)) return ir_none();
  *e = above->arguments[2];
  const ir_operand x = inner(u, IR_OP_EXP_MINUS_ABS, *e);
  const ir_statement *turn = definition(u, above->arguments[0]);
  if (!ir_same(below->arguments[1], *e) || !turn || turn->op != IR_OP_LESS || !is_real(turn->arguments[0], 0) ||
      !ir_same(turn->arguments[1], x))
    return ir_none();
  return x;
}

/* log(p), or log1p(-p), from the terms that the Jacobian has. */
static ir_statement *undo_inv_logit(const undoing *u, ir_operand p, bool is_complement) {
  ir_operand e, x = logit(u, p, &e);
  if (x.kind == IR_NONE) return NULL;
  ir_operand far = u->value_of(u->context, is_complement ? IR_OP_FDIM : IR_OP_FMIN, x, ir_real(0));
  if (is_complement && far.kind != IR_NONE) far = u->value_of(u->context, IR_OP_NEGATE, far, ir_none());
  const ir_operand near = u->value_of(u->context, IR_OP_LOG1P, e, ir_none());
  return far.kind == IR_NONE || near.kind == IR_NONE ? NULL : as(u, IR_OP_SUBTRACT, far, near, ir_none());
}

static ir_statement *undo_logarithm(const undoing *u) {
  const ir_statement *made = definition(u, u->s->arguments[0]);
  if (!made) return NULL;
  ir_statement *inv_logit = undo_inv_logit(u, u->s->arguments[0], false);
  if (inv_logit) return inv_logit;
  if (made->op == IR_OP_EXP) return as_copy(u, made->arguments[0]);
  const bool is_select = made->op == IR_OP_SELECT;
  const ir_operand *x = made->arguments + is_select, none = ir_none(), first = known_logarithm(u, x[0]);
  if (first.kind == IR_NONE) return NULL;
  switch (made->op) {
  case IR_OP_SQRT: return as(u, IR_OP_MULTIPLY, ir_real(0.5), first, none);
  case IR_OP_SQUARE: return as(u, IR_OP_MULTIPLY, ir_real(2), first, none);
  case IR_OP_INV: return as(u, IR_OP_NEGATE, first, none, none);
  case IR_OP_POW: return x[1].kind == IR_CONSTANT_REAL ? as(u, IR_OP_MULTIPLY, x[1], first, none) : NULL;
  case IR_OP_MULTIPLY:
  case IR_OP_DIVIDE:
  case IR_OP_SELECT: break;
  default: return NULL;
  }
  const ir_operand second = known_logarithm(u, x[1]);
  if (second.kind == IR_NONE) return NULL;
  if (is_select) return as(u, IR_OP_SELECT, made->arguments[0], first, second);
  return as(u, made->op == IR_OP_MULTIPLY ? IR_OP_ADD : IR_OP_SUBTRACT, first, second, none);
}

static ir_statement *undo_square(const undoing *u) {
  const ir_operand x = inner(u, IR_OP_SQRT, u->s->arguments[0]);
  const ir_statement *made = definition(u, x);
  if (!made) return NULL;
  switch (made->op) {
  case IR_OP_EXP:
  case IR_OP_SQUARE:
  case IR_OP_ABS:
  case IR_OP_FABS: return as_copy(u, x);
  default: return NULL;
  }
}

static ir_statement *undo_log1p(const undoing *u) {
  const ir_operand x = u->s->arguments[0], negative = inner(u, IR_OP_NEGATE, x);
  ir_statement *inv_logit = negative.kind == IR_NONE ? NULL : undo_inv_logit(u, negative, true);
  return inv_logit ? inv_logit : as_copy(u, inner(u, IR_OP_EXPM1, x));
}

ir_statement *ir_undo(arena *arena, const ir_statement *s, ir_definition_of definition_of, ir_value_of value_of,
                      const void *context) {
  const undoing u = {arena, s, definition_of, value_of, context};
  switch (s->op) {
  case IR_OP_LOG: return undo_logarithm(&u);
  case IR_OP_LOG1P: return undo_log1p(&u);
  case IR_OP_SQRT: {
    const ir_operand x = inner(&u, IR_OP_SQUARE, s->arguments[0]);
    return x.kind == IR_NONE ? NULL : as(&u, IR_OP_ABS, x, ir_none(), ir_none());
  }
  case IR_OP_SQUARE: return undo_square(&u);
  default: return NULL;
  }
}
