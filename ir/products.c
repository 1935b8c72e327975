/* products.c: a sum of log(1 + e) becomes the logarithm of a product.
 *
 * The softplus, log_inv_logit, log_sum_exp of two and log_mix end in log1p(e) with e = exp(-|x|), which lies in [0, 1]. Where
 * a loop adds such terms up, each times the same constant, one logarithm serves hundreds of them:
 *
 *   sum of log(1 + e[n])  =  log(1 + q),  1 + q = product of (1 + e[n])
 *   q  <-  q + e + q e                    exact for tiny e, which 1 + e would round away
 *
 * A term at most doubles the product, so BLOCK of them multiply it by 2^512 at most: after each block it is looked at, and
 * when it has passed 2^500 its logarithm is taken and it starts again:
 *
 *   var product = 0
 *   for block in 0 .. (last - first) / BLOCK
 *     parallel for n in begin .. end    …; product *+= e
 *     if 2^500 < product                target += log1p(product); product := 0
 *   target += log1p(product)
 *
 * (`p *+= e` prints the statement that makes 1 + p of (1 + p)(1 + e); the vector units keep a product for each lane.) Loops in
 * other loops share one product, so that short ones need no logarithm of their own. NaN stays NaN. Each of the 2 N roundings is
 * relative to 1 + q, so that the sum's absolute error stays below N times 2.2e-16, of the size of that of the plain sum.
 *
 * A gradient in microseconds without and with the pass, by `benchmark` (AVX-512, a busy machine, least of five):
 * wells_dae_inter 11.1 and 8.8, irt_2pl 7.2 and 4.4, low_dim_gauss_mix 6.0 and 3.3, low_dim_gauss_mix_collapse 5.4 and 3.2,
 * election88_full 66.5 and 55.3, dogs 5.7 and 4.1, multi_occupancy 37 and 31, Mtbh 18.4 and 17.2; models without such loops
 * are as they were.
 *
 * A loop that the vector units can't run looks at its product after each iteration. Works on log_density and the gradient.
 * Needs the adjoint, whose one-pass loops have terms that nothing else reads; must come before scatter, which then finds the
 * inner loops. A loop whose iterations share a product is parallel no more. */
#include "ir/access.h"
#include "ir/blocks.h"
#include "ir/index.h"
#include "ir/passes.h"

enum { BLOCK = 512, MOST_TERMS = 16 };
static const double FULL = 0x1p500;

/* What a product's logarithm is added to, and times what. */
typedef struct gathered {
  const ir_statement *root; /* target, or the sum */
  double sign;              /* a number, */
  ir_operand factor;        /* and what the loop does not change; IR_NONE: 1 */
  ir_variable *product;
} gathered;

typedef struct nest { /* products that one loop, and those in it, share */
  ir_builder before;  /* where they are declared */
  struct {
    gathered **items;
    int count, capacity;
  } all;
} nest;

typedef struct products {
  ir_program *program;
  nest *outermost, *local;  /* of the loop that is looked at */
  const ir_statement *loop; /* this one; NULL: none, or a while loop, which may turn any number of times */
  id_set uses;              /* how often its body reads a variable */
  struct {
    struct taken {
      gathered *into;
      int terms;
    } * items;
    int count, capacity;
  } taken;               /* the products that take terms of the loop itself, and how many */
  const ir_block *block; /* of the loop, or of a branch in it, that is looked at */
  id_set places;         /* ids of what it defines: their place in it, from 1 */
  id_set rests;          /* ids of variables that are, or contain, a term: their place in `changed`, from 1 */
  struct {
    struct changed {
      gathered *into;  /* this is a term; NULL: contains one */
      ir_operand rest; /* what is left of it; IR_NONE: nothing */
    } * items;
    int count, capacity;
  } changed;
} products;

/* ---- finding ---- */

static const ir_statement *definition(products *p, ir_operand x) {
  int place = x.kind == IR_VARIABLE ? id_set_number(&p->places, x.variable->id) : 0;
  return place ? p->block->items[place - 1] : NULL;
}

static bool is_op(const ir_statement *s, ir_op op) { return s && s->op == op; }

/* Whether x is known to lie in [0, 1], or NaN. */
static bool is_unit(products *p, ir_operand x) {
  const ir_statement *s = definition(p, x);
  if (is_op(s, IR_OP_EXP_MINUS_ABS)) return true;
  if (!is_op(s, IR_OP_EXP)) return false;
  const ir_statement *exponent = definition(p, s->arguments[0]);
  if (!is_op(exponent, IR_OP_NEGATE)) return false;
  const ir_statement *size = definition(p, exponent->arguments[0]);
  return is_op(size, IR_OP_ABS) || is_op(size, IR_OP_FABS);
}

static bool is_same_sum(const ir_statement *a, const ir_statement *b) {
  return a->kind == b->kind && a->variable == b->variable && a->is_jacobian == b->is_jacobian &&
         a->is_droppable == b->is_droppable;
}

/* The product for a term of this root, made where it is not there yet. */
static gathered *product_for(products *p, const ir_statement *root, double sign, ir_operand factor) {
  bool is_shared = root->kind == IR_TARGET && factor.kind == IR_NONE;
  nest *home = is_shared ? p->outermost : p->local;
  for (int i = 0; i < home->all.count; i++) {
    gathered *g = home->all.items[i];
    if (is_same_sum(g->root, root) && g->sign == sign && ir_same(g->factor, factor)) return g;
  }
  gathered *made = arena_new(p->program->arena, gathered);
  home->before.location = root->location;
  *made = (gathered){.root = root, .sign = sign, .factor = factor};
  made->product = ir_declare(&home->before, "product", IR_REAL, ir_real(0));
  arena_push(p->program->arena, &home->all, made);
  return made;
}

/* Whether one more term may go there: not when it has as many as a block can take. */
static bool take(products *p, gathered *into) {
  for (int i = 0; i < p->taken.count; i++)
    if (p->taken.items[i].into == into) return p->taken.items[i].terms++ < MOST_TERMS;
  struct taken first = {into, 1};
  arena_push(p->program->arena, &p->taken, first);
  return true;
}

static struct changed *changed_of(products *p, ir_operand x) {
  int place = x.kind == IR_VARIABLE ? id_set_number(&p->rests, x.variable->id) : 0;
  return place ? &p->changed.items[place - 1] : NULL;
}

static void note_changed(products *p, ir_operand x, gathered *into) {
  struct changed changed = {.into = into};
  arena_push(p->program->arena, &p->changed, changed);
  *id_set_at(&p->rests, x.variable->id) = p->changed.count;
}

/* Looks for terms in x, which is added to the root times sign and factor and read nowhere else. */
static bool find_terms(products *p, const ir_statement *root, ir_operand x, double sign, ir_operand factor) {
  const ir_statement *s = definition(p, x);
  if (!s || id_set_number(&p->uses, x.variable->id) != 1) return false;
  ir_operand a = s->arguments[0], b = s->arguments[1];
  gathered *into = NULL;
  bool found = false;
  switch (s->op) {
  case IR_OP_NEGATE: found = find_terms(p, root, a, -sign, factor); break;
  case IR_OP_ADD:
  case IR_OP_SUBTRACT:
    found = find_terms(p, root, a, sign, factor);
    found = find_terms(p, root, b, s->op == IR_OP_ADD ? sign : -sign, factor) || found;
    break;
  case IR_OP_MULTIPLY:
    if (ir_is_invariant(b, p->loop)) {
      ir_operand swapped = a;
      a = b;
      b = swapped;
    }
    if (a.kind == IR_CONSTANT_REAL)
      found = find_terms(p, root, b, sign * a.real_value, factor);
    else if (ir_is_invariant(a, p->loop) && factor.kind == IR_NONE)
      found = find_terms(p, root, b, sign, a);
    break;
  case IR_OP_LOG1P:
    if (is_unit(p, a)) into = product_for(p, root, sign, factor);
    break;
  case IR_OP_LOG1P_EXP: into = product_for(p, root, sign, factor); break;
  default: break;
  }
  if (into && !take(p, into)) into = NULL;
  if (found || into) note_changed(p, x, into);
  return found || into;
}

static void count_use(ir_operand *x, void *context) {
  if (x->kind == IR_VARIABLE) ++*id_set_at(context, x->variable->id);
}

static void count_uses(id_set *uses, const ir_block *block) {
  for (int i = 0; i < block->count; i++) {
    ir_each_operand(block->items[i], count_use, uses);
    ir_block *nested[3];
    for (int j = ir_nested_blocks(block->items[i], nested); j-- > 0;) count_uses(uses, nested[j]);
  }
}

static bool is_sum(const ir_statement *s) {
  return s->kind == IR_TARGET || (s->kind == IR_ADD && s->variable->type == IR_REAL && !s->is_product);
}

/* Whether the vector units can run it. */
static bool is_straight_line(const ir_block *body) {
  for (int i = 0; i < body->count; i++) switch (body->items[i]->kind) {
    case IR_LET:
    case IR_LOAD:
    case IR_STORE:
    case IR_ACCUMULATE:
    case IR_ADD:
    case IR_TARGET:
    case IR_CHECK: break;
    default: return false;
    }
  return true;
}

/* ---- rewriting ---- */

static ir_operand rest_of(products *p, ir_operand x) {
  const struct changed *changed = changed_of(p, x);
  return changed ? changed->rest : x;
}

static void multiply_product(ir_builder *b, ir_variable *product, ir_operand e) {
  ir_add(b, product, e);
  b->block->items[b->block->count - 1]->is_product = true;
}

/* What is left of the sum that s is when its terms have gone to their products. */
static ir_operand rest_of_sum(products *p, ir_builder *b, const ir_statement *s) {
  ir_operand x = rest_of(p, s->arguments[0]), y = rest_of(p, s->arguments[1]);
  bool none = x.kind == IR_NONE, second = s->argument_count == 2;
  if (second && y.kind == IR_NONE) return s->op == IR_OP_MULTIPLY ? y : x;
  if (!none) return ir_let2(b, s->op, x, second ? y : ir_none());
  if (s->op == IR_OP_ADD) return y;
  return s->op == IR_OP_SUBTRACT ? ir_let1(b, IR_OP_NEGATE, y) : x;
}

/* log1p_exp(x) = max(x, 0) + log1p(exp(-|x|)), as sl_log1p_exp and sl_inv_logit of the derivative compute it: the C
 * compiler finds one exponential in both. */
static ir_operand take_term(ir_builder *b, ir_variable *product, const ir_statement *s) {
  ir_operand x = s->arguments[0];
  if (s->op == IR_OP_LOG1P) {
    multiply_product(b, product, x);
    return ir_none();
  }
  ir_operand exponent = ir_let1(b, IR_OP_NEGATE, ir_let1(b, IR_OP_ABS, x));
  multiply_product(b, product, ir_let1(b, IR_OP_EXP, exponent));
  return ir_let3(b, IR_OP_SELECT, ir_let2(b, IR_OP_LESS, ir_real(0), x), x, ir_real(0));
}

static void rewrite(products *p, ir_builder *b, const ir_block *body) {
  for (int i = 0; i < body->count; i++) {
    ir_statement *s = body->items[i];
    b->location = s->location;
    struct changed *changed = s->kind == IR_LET ? changed_of(p, ir_use(s->variable)) : NULL;
    if (changed) {
      changed->rest = changed->into ? take_term(b, changed->into->product, s) : rest_of_sum(p, b, s);
      continue;
    }
    if (is_sum(s) && changed_of(p, s->value)) {
      ir_operand rest = rest_of(p, s->value);
      if (rest.kind == IR_NONE) continue;
      s = ir_copy(p->program->arena, s);
      s->value = rest;
    }
    arena_push(p->program->arena, b->block, s);
  }
}

/* root += sign * factor * log1p(product) */
static void add_logarithm(ir_builder *b, const gathered *g, ir_operand product) {
  ir_operand logarithm = ir_let1(b, IR_OP_LOG1P, product);
  ir_operand value = ir_let2(b, IR_OP_MULTIPLY, ir_real(g->sign), logarithm);
  if (g->factor.kind != IR_NONE) value = ir_let2(b, IR_OP_MULTIPLY, g->factor, value);
  ir_statement *root = ir_copy(b->program->arena, g->root);
  root->value = value;
  arena_push(b->program->arena, b->block, root);
}

static void look_at_products(products *p, ir_builder *b) {
  for (int i = 0; i < p->taken.count; i++) {
    const gathered *g = p->taken.items[i].into;
    ir_builder full, other;
    b->location = g->root->location;
    ir_operand now = ir_let1(b, IR_OP_COPY, ir_use(g->product));
    ir_if(b, ir_let2(b, IR_OP_LESS, ir_real(FULL), now), &full, &other);
    add_logarithm(&full, g, now);
    ir_set(&full, g->product, ir_real(0));
  }
}

/* A straight-line loop, whose products stand in the nests. */
static void loop_in_blocks(products *p, ir_builder *b, const ir_statement *loop) {
  int most = 1, size = BLOCK;
  for (int i = 0; i < p->taken.count; i++)
    if (p->taken.items[i].terms > most) most = p->taken.items[i].terms;
  while (size * most > BLOCK) size /= 2;
  ir_builder block;
  ir_operand begin, end;
  ir_block_loop(b, b, loop, size, &block, &begin, &end);
  ir_statement *computing = ir_copy(p->program->arena, loop);
  ir_builder inside = ir_nested(&block);
  computing->first = begin;
  computing->last = end;
  computing->body = inside.block;
  rewrite(p, &inside, loop->body);
  arena_push(p->program->arena, block.block, computing);
  look_at_products(p, &block);
}

/* Starts to look at a loop. */
static void enter(products *p, const ir_statement *loop) {
  p->loop = loop;
  p->taken.items = NULL;
  p->taken.count = p->taken.capacity = 0;
  p->uses = id_set_create(p->program->arena);
  count_uses(&p->uses, loop->body);
  ir_link_definitions(loop->body); /* a variable may be defined in another block, too */
  loop->variable->note = (void *)loop;
}

/* Whether the loop's body, or a branch in it, has terms; they are noted in the nests then. */
static bool has_terms(products *p, const ir_block *block, bool is_vector) {
  p->block = block;
  p->places = id_set_create(p->program->arena);
  p->rests = id_set_create(p->program->arena);
  p->changed.count = 0;
  for (int i = 0; i < block->count; i++)
    if (block->items[i]->kind == IR_LET) *id_set_at(&p->places, block->items[i]->variable->id) = i + 1;
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i];
    if (s->kind == IR_TARGET || (is_vector && is_sum(s))) find_terms(p, s, s->value, 1, ir_none());
  }
  return p->changed.count > 0;
}

/* ---- functions ---- */

static ir_block *with_products(products *p, const ir_block *block);

static void close_nest(ir_builder *after, const nest *nest) {
  for (int i = 0; i < nest->all.count; i++) {
    const gathered *g = nest->all.items[i];
    after->location = g->root->location;
    add_logarithm(after, g, ir_let1(after, IR_OP_COPY, ir_use(g->product)));
  }
}

static void change_loop(products *p, ir_builder *b, const ir_statement *loop) {
  arena *arena = p->program->arena;
  nest here = {.before = *b}, local = here;
  products outer = *p;
  if (!p->outermost) p->outermost = &here;
  p->local = &local;
  enter(p, loop);
  ir_builder changed = ir_nested(b);
  if (loop->is_parallel && is_straight_line(loop->body)) {
    if (has_terms(p, loop->body, true))
      loop_in_blocks(p, &changed, loop);
    else
      arena_push(arena, changed.block, (ir_statement *)loop);
  } else {
    ir_statement *copy = ir_copy(arena, loop);
    ir_builder inside = ir_nested(b);
    inside.block = copy->body = with_products(p, loop->body);
    look_at_products(p, &inside);
    if (here.all.count || local.all.count) copy->is_parallel = false; /* products go from one iteration to the next */
    arena_push(arena, changed.block, copy);
  }
  for (int i = 0; i < changed.block->count; i++) arena_push(arena, b->block, changed.block->items[i]);
  close_nest(b, &here);
  close_nest(b, &local);
  *p = outer;
}

static ir_block *with_products(products *p, const ir_block *block) {
  ir_builder b = {.program = p->program, .block = ir_block_create(p->program->arena)}, changed = ir_nested(&b);
  for (int i = 0; i < block->count; i++) {
    const ir_statement *s = block->items[i], *loop = p->loop;
    if (s->kind == IR_FOR && !s->is_threaded) {
      b.location = s->location;
      change_loop(p, &b, s);
      continue;
    }
    nest *outer = p->outermost;
    if (s->is_threaded) p->outermost = NULL; /* chunks share nothing */
    ir_statement *copy = ir_with_own_blocks(p->program->arena, s);
    if (s->kind == IR_WHILE || s->is_threaded) p->loop = NULL;
    if (s->test) copy->test = with_products(p, s->test);
    if (s->body) copy->body = with_products(p, s->body);
    if (s->other) copy->other = with_products(p, s->other);
    p->loop = loop;
    p->outermost = outer;
    arena_push(p->program->arena, b.block, copy);
  }
  if (!p->loop || !has_terms(p, block, false)) return b.block;
  rewrite(p, &changed, b.block);
  return changed.block;
}

void ir_products(ir_program *program) {
  ir_block **functions[] = {&program->log_density, &program->gradient_body};
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    if (!*functions[i]) continue;
    products p = {.program = program};
    ir_link_definitions(*functions[i]);
    *functions[i] = with_products(&p, *functions[i]);
  }
}
