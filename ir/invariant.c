/* invariant.c: see invariant.h. All statements are taken to move until one is found that can't: it reads or changes what
 * varies, or it is of a kind that stays. What it defines or changes then varies, and the question is asked again. A
 * variable or buffer varies also when a statement that stays reads it before one that moves changes it. */
#include "ir/invariant.h"

typedef struct search {
  const ir_region *region;
  id_set later; /* changed by statements further down that move */
  id_set inner; /* defined inside the statement at hand */
  bool hit, changed;
} search;

static bool all_may_move(const ir_region *region, const ir_statement *s) {
  if (!region->may_move(s, region->context)) return false;
  ir_block *nested[3];
  for (int i = ir_nested_blocks(s, nested); i-- > 0;)
    for (int j = 0; j < nested[i]->count; j++)
      if (!all_may_move(region, nested[i]->items[j])) return false;
  return true;
}

static void hits_varying(ir_access access, int id, void *context) {
  search *f = context;
  (void)access;
  f->hit = f->hit || id_set_has(f->region->varying, id);
}

static void note_definition(ir_access access, int id, void *context) {
  if (access == ACCESS_DEFINE) id_set_add(&((search *)context)->inner, id);
}

static void note_later(ir_access access, int id, void *context) {
  if (access == ACCESS_WRITE) id_set_add(&((search *)context)->later, id);
}

static void vary(search *f, int id) {
  if (id_set_has(f->region->varying, id)) return;
  id_set_add(f->region->varying, id);
  f->changed = true;
}

static void vary_defined(ir_access access, int id, void *context) {
  if (access == ACCESS_DEFINE) vary(context, id);
}

static void vary_outer_writes(ir_access access, int id, void *context) {
  search *f = context;
  if (access == ACCESS_WRITE && !id_set_has(&f->inner, id)) vary(f, id);
}

static void vary_read_early(ir_access access, int id, void *context) {
  search *f = context;
  if (access == ACCESS_READ && id_set_has(&f->later, id)) vary(f, id);
}

static void stay(search *f, ir_statement *s) {
  id_set_clear(&f->inner);
  ir_each_access(s, true, note_definition, f);
  if (s->kind != IR_FOR) ir_each_access(s, false, vary_defined, f); /* a loop's variable is not seen outside */
  ir_each_access(s, true, vary_outer_writes, f);
}

bool *ir_find_invariant(const ir_region *region) {
  arena *arena = region->varying->arena;
  const ir_block *body = region->body;
  search f = {.region = region, .later = id_set_create(arena), .inner = id_set_create(arena)};
  bool *moves = arena_array(arena, bool, body->count + 1);
  for (int i = 0; i < body->count; i++) {
    moves[i] = all_may_move(region, body->items[i]);
    if (!moves[i]) stay(&f, body->items[i]);
  }
  do {
    f.changed = false;
    for (int i = 0; i < body->count; i++) { /* in order, so that a chain of definitions is followed in one round */
      if (!moves[i]) continue;
      f.hit = false;
      ir_each_access(body->items[i], true, hits_varying, &f);
      if (!f.hit) continue;
      moves[i] = false;
      f.changed = true;
      stay(&f, body->items[i]);
    }
    id_set_clear(&f.later);
    for (int i = body->count; i-- > 0;)
      ir_each_access(body->items[i], true, moves[i] ? note_later : vary_read_early, &f);
  } while (f.changed);
  return moves;
}
