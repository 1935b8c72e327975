/* id_set.h: a set of variable and buffer ids that empties in one step. */
#ifndef STANLITE_IR_ID_SET_H
#define STANLITE_IR_ID_SET_H
#include <stdbool.h>
#include "support/arena.h"

typedef struct id_set {
  arena *arena;
  int *round; /* by id: the round in which it was added last */
  int size, now;
} id_set;

static inline void id_set_clear(id_set *set) { set->now++; }

static inline bool id_set_has(const id_set *set, int id) { return id < set->size && set->round[id] == set->now; }

static inline void id_set_add(id_set *set, int id) {
  if (id >= set->size) {
    int size = set->size ? set->size : 256;
    while (size <= id) size *= 2;
    int *round = arena_array(set->arena, int, size);
    for (int i = 0; i < size; i++) round[i] = i < set->size ? set->round[i] : -1;
    set->round = round;
    set->size = size;
  }
  set->round[id] = set->now;
}

#endif
