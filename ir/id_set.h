/* id_set.h: a set of variable and buffer ids, with a number beside each, that empties in one step. Its memory is that of the
 * ids put in, however many the program has: passes make sets for each block and loop.
 *
 * A table with open addressing (Knuth, volume 3, 6.4, algorithm L), at most half full. A slot counts when its round is
 * today's. */
#ifndef STANLITE_IR_ID_SET_H
#define STANLITE_IR_ID_SET_H
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include "support/arena.h"

typedef struct id_set_slot {
  int id, round, number;
} id_set_slot;

typedef struct id_set {
  arena *arena;
  id_set_slot *slots;
  int size, count, now;       /* size: 0 or a power of 2 */
  const struct id_set *outer; /* what is in this set is in here, too; NULL: none */
} id_set;

static inline id_set id_set_create(arena *arena) { return (id_set){.arena = arena, .now = 1}; }

static inline void id_set_clear(id_set *set) {
  set->now++;
  set->count = 0;
}

/* The slot that holds the id, or the free one where it would go. */
static inline id_set_slot *id_set_slot_of(const id_set *set, int id) {
  unsigned mask = (unsigned)set->size - 1, at = (unsigned)id * 2654435769u >> 7 & mask;
  while (set->slots[at].round == set->now && set->slots[at].id != id) at = (at + 1) & mask;
  return &set->slots[at];
}

static inline bool id_set_has(const id_set *set, int id) {
  for (; set; set = set->outer)
    if (set->count && id_set_slot_of(set, id)->round == set->now) return true;
  return false;
}

/* The number beside the id, which is added with 0 if it is not there. Good until the next id is added. */
static inline int *id_set_at(id_set *set, int id) {
  if (2 * set->count >= set->size) {
    const id_set before = *set;
    set->size = before.size ? before.size * 2 : 16;
    set->slots = arena_array(set->arena, id_set_slot, set->size);
    set->now = 1;
    for (int i = 0; i < before.size; i++) {
      id_set_slot slot = before.slots[i];
      if (slot.round == before.now) *id_set_slot_of(set, slot.id) = (id_set_slot){slot.id, set->now, slot.number};
    }
  }
  id_set_slot *slot = id_set_slot_of(set, id);
  if (slot->round != set->now) {
    *slot = (id_set_slot){id, set->now, 0};
    set->count++;
  }
  return &slot->number;
}

static inline void id_set_add(id_set *set, int id) { id_set_at(set, id); }

/* What the other set holds, numbers included. */
static inline void id_set_copy(id_set *set, const id_set *other) {
  if (set->size != other->size) {
    set->slots = arena_array(set->arena, id_set_slot, other->size);
    set->size = other->size;
  }
  set->count = other->count;
  set->now = other->now;
  if (other->size) memcpy(set->slots, other->slots, (size_t)other->size * sizeof *set->slots);
}

/* The number beside the id in this set itself; 0 when it is not there. */
static inline int id_set_number(const id_set *set, int id) {
  if (!set->count) return 0;
  const id_set_slot *slot = id_set_slot_of(set, id);
  return slot->round == set->now ? slot->number : 0;
}

#endif
