/* ifs.c: small branches become selects, so that the loop around them can be handed to the vector units.
 *
 *   if c { x = a + 1; target += b } else { x = d }     becomes     t = a + 1; x = c ? t : d; target += c ? b : 0
 *
 * Both arms are computed then, so they may hold only what is cheap, can't fail, and whose derivative is finite: the adjoint of
 * the arm that was not chosen is 0, and 0 times infinity is not 0. A load of that arm reads element 0, since the
 * condition may guard its index: every buffer has memory for one element, and what it holds is not used.
 * In generated quantities the same is done for the same reason. Needs ir_structure; runs before the adjoint.
 *
 * Microseconds for a gradient, --without=ifs and with it: ordered_logistic called row by row in a loop over trolley 340,
 * 0.69, since only a loop without branches collapses (331, 167 where none does); wells with `if (assoc[n]) eta += b` in its
 * loop 32, 28. */
#include "ir/access.h"
#include "ir/passes.h"
#include "ir/rename.h"

enum { MOST_COST = 12 };

static bool is_harmless(ir_op op) {
  switch (op) {
  case IR_OP_INT_ADD:
  case IR_OP_INT_SUBTRACT:
  case IR_OP_INT_MULTIPLY:
  case IR_OP_INT_NEGATE:
  case IR_OP_INT_MIN:
  case IR_OP_INT_MAX:
  case IR_OP_INT_EQUAL:
  case IR_OP_INT_NOT_EQUAL:
  case IR_OP_INT_LESS:
  case IR_OP_INT_LESS_EQUAL:
  case IR_OP_INT_COPY:
  case IR_OP_INT_SELECT:
  case IR_OP_AND:
  case IR_OP_OR:
  case IR_OP_NOT:
  case IR_OP_TO_REAL:
  case IR_OP_EQUAL:
  case IR_OP_NOT_EQUAL:
  case IR_OP_LESS:
  case IR_OP_LESS_EQUAL:
  case IR_OP_ADD:
  case IR_OP_SUBTRACT:
  case IR_OP_MULTIPLY:
  case IR_OP_NEGATE:
  case IR_OP_SELECT:
  case IR_OP_COPY:
  case IR_OP_ABS:
  case IR_OP_FABS:
  case IR_OP_FMIN:
  case IR_OP_FMAX:
  case IR_OP_SQUARE: return true;
  default: return false;
  }
}

/* What both arms would cost; more than MOST_COST when an arm can't be computed in any case. */
static int arm_cost(const ir_block *arm) {
  int cost = 0;
  for (int i = 0; i < arm->count; i++) {
    const ir_statement *s = arm->items[i];
    bool may = s->kind == IR_DECLARE || s->kind == IR_SET || s->kind == IR_ADD || s->kind == IR_TARGET ||
               s->kind == IR_LOAD || (s->kind == IR_LET && is_harmless(s->op));
    if (!may || (s->kind == IR_DECLARE && s->value.kind == IR_NONE)) return MOST_COST + 1;
    cost += s->kind == IR_LET ? ir_ops[s->op].cost : 1;
  }
  return cost;
}

typedef struct changed {
  ir_variable **items;
  int count, capacity;
} changed;

static void note_change(arena *arena, changed *set, ir_variable *variable) {
  for (int i = 0; i < set->count; i++)
    if (set->items[i] == variable) return;
  arena_push(arena, set, variable);
}

static ir_operand choose(ir_builder *b, ir_operand condition, ir_operand then_value, ir_operand else_value) {
  ir_op op = ir_operand_type(then_value) == IR_INT ? IR_OP_INT_SELECT : IR_OP_SELECT;
  return ir_let3(b, op, condition, then_value, else_value);
}

static void note_read(ir_operand *x, void *context) {
  if (x->kind == IR_VARIABLE) id_set_add(context, x->variable->id);
}

/* Adds the ids of variables that the arm sets or reads: the others it only adds to. */
static void note_used(id_set *used, const ir_block *arm) {
  for (int i = 0; i < arm->count; i++) {
    ir_each_operand(arm->items[i], note_read, used);
    if (arm->items[i]->kind == IR_SET || arm->items[i]->kind == IR_DECLARE)
      id_set_add(used, arm->items[i]->variable->id);
  }
}

/* Emits what the arm computes. `values` holds, afterwards, what its variables would be set to. */
static void emit_arm(ir_builder *b, const ir_block *arm, ir_operand condition, bool is_chosen, ir_renaming *values,
                     const id_set *used, changed *outer) {
  id_set own = id_set_create(b->program->arena);
  for (int i = 0; i < arm->count; i++) {
    const ir_statement *s = arm->items[i];
    ir_operand value = ir_renamed_operand(values, s->value), nothing = ir_real(0);
    b->location = s->location;
    if (s->kind == IR_ADD && !id_set_has(used, s->variable->id)) { /* a sum stays a sum */
      if (s->variable->type == IR_INT) nothing = ir_int(0);
      ir_add(b, s->variable, is_chosen ? choose(b, condition, value, nothing) : choose(b, condition, nothing, value));
      continue;
    }
    switch (s->kind) {
    case IR_LET: arena_push(b->program->arena, b->block, ir_renamed_shallow(values, s)); break;
    case IR_LOAD: {
      ir_statement *load = ir_renamed_shallow(values, s);
      ir_operand first = ir_int(0);
      load->index = is_chosen ? choose(b, condition, load->index, first) : choose(b, condition, first, load->index);
      arena_push(b->program->arena, b->block, load);
      break;
    }
    case IR_DECLARE: id_set_add(&own, s->variable->id); break;
    case IR_ADD: {
      ir_operand now = ir_renamed_operand(values, ir_use(s->variable));
      value = ir_let2(b, s->variable->type == IR_INT ? IR_OP_INT_ADD : IR_OP_ADD, now, value);
      break;
    }
    case IR_TARGET:
      value = is_chosen ? choose(b, condition, value, nothing) : choose(b, condition, nothing, value);
      ir_target(b, value, s->is_droppable, s->is_jacobian);
      break;
    default: break;
    }
    if (s->kind != IR_DECLARE && s->kind != IR_SET && s->kind != IR_ADD) continue;
    if (value.kind == IR_VARIABLE && value.variable->is_mutable) /* its value now: it may be set again */
      value = ir_let1(b, value.variable->type == IR_INT ? IR_OP_INT_COPY : IR_OP_COPY, value);
    ir_rename_variable(values, s->variable, value);
    if (!id_set_has(&own, s->variable->id)) note_change(b->program->arena, outer, s->variable);
  }
}

static void emit_selects(ir_builder *b, const ir_statement *s) {
  arena *arena = b->program->arena;
  ir_renaming then_values = ir_renaming_create(arena), else_values = ir_renaming_create(arena);
  changed outer = {0};
  ir_operand condition = s->value;
  if (condition.kind == IR_VARIABLE && condition.variable->is_mutable)
    condition = ir_let1(b, IR_OP_INT_COPY, condition);
  id_set used = id_set_create(arena);
  note_used(&used, s->body);
  note_used(&used, s->other);
  emit_arm(b, s->body, condition, true, &then_values, &used, &outer);
  emit_arm(b, s->other, condition, false, &else_values, &used, &outer);
  b->location = s->location;
  ir_operand *chosen = arena_array(arena, ir_operand, outer.count + 1);
  for (int i = 0; i < outer.count; i++) {
    ir_operand old = ir_use(outer.items[i]);
    chosen[i] = choose(b, condition, ir_renamed_operand(&then_values, old), ir_renamed_operand(&else_values, old));
  }
  for (int i = 0; i < outer.count; i++) ir_set(b, outer.items[i], chosen[i]);
}

static ir_block *with_selects(ir_program *program, const ir_block *block) {
  arena *arena = program->arena;
  ir_builder b = {.program = program, .block = ir_block_create(arena)};
  for (int i = 0; i < block->count; i++) {
    ir_statement *s = ir_with_own_blocks(arena, block->items[i]);
    if (s->test) s->test = with_selects(program, s->test);
    if (s->body) s->body = with_selects(program, s->body);
    if (s->other) s->other = with_selects(program, s->other);
    if (s->kind == IR_IF && arm_cost(s->body) + arm_cost(s->other) <= MOST_COST)
      emit_selects(&b, s);
    else
      arena_push(arena, b.block, s);
  }
  return b.block;
}

void ir_ifs(ir_program *program) {
  program->log_density = with_selects(program, program->log_density);
  program->constrain = with_selects(program, program->constrain);
}
