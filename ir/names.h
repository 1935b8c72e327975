/* names.h: a map from names to things, in the compilation's arena. Names are compared as text and not copied. */
#ifndef STANLITE_IR_NAMES_H
#define STANLITE_IR_NAMES_H
#include "support/arena.h"

typedef struct name_entry {
  const char *name;
  void *value; /* NULL: the name is not bound (now) */
  struct name_entry *next;
} name_entry;

typedef struct name_map {
  arena *arena;
  name_entry **buckets;
  int bucket_count, count;
} name_map;

name_map *name_map_create(arena *arena);
void *name_map_get(const name_map *map, const char *name); /* NULL when it is not there */
/* The entry of the name, made with value NULL when it is not there. It stays where it is. */
name_entry *name_map_entry(name_map *map, const char *name);
/* Calls visit for every bound name, in no particular order. */
void name_map_each(const name_map *map, void (*visit)(const char *name, void *value, void *context), void *context);

#endif
