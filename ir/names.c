/* names.c: a hash table with chains, doubled when it is full. */
#include "ir/names.h"
#include <string.h>

static unsigned hash(const char *name) { /* FNV-1a */
  unsigned h = 2166136261u;
  for (; *name; name++) h = (h ^ (unsigned char)*name) * 16777619u;
  return h;
}

name_map *name_map_create(arena *arena) {
  name_map *map = arena_new(arena, name_map);
  map->arena = arena;
  map->bucket_count = 64;
  map->buckets = arena_array(arena, name_entry *, map->bucket_count);
  return map;
}

static name_entry *find(const name_map *map, const char *name) {
  name_entry *entry = map->buckets[hash(name) % (unsigned)map->bucket_count];
  while (entry && strcmp(entry->name, name) != 0) entry = entry->next;
  return entry;
}

void *name_map_get(const name_map *map, const char *name) {
  name_entry *entry = find(map, name);
  return entry ? entry->value : NULL;
}

static void insert(name_map *map, name_entry *entry) {
  name_entry **bucket = &map->buckets[hash(entry->name) % (unsigned)map->bucket_count];
  entry->next = *bucket;
  *bucket = entry;
}

static void grow(name_map *map) {
  name_entry **old = map->buckets;
  int old_count = map->bucket_count;
  map->bucket_count *= 2;
  map->buckets = arena_array(map->arena, name_entry *, map->bucket_count);
  for (int i = 0; i < old_count; i++)
    for (name_entry *entry = old[i], *next; entry; entry = next) {
      next = entry->next;
      insert(map, entry);
    }
}

name_entry *name_map_entry(name_map *map, const char *name) {
  name_entry *entry = find(map, name);
  if (entry) return entry;
  if (map->count == map->bucket_count) grow(map);
  entry = arena_new(map->arena, name_entry);
  entry->name = name;
  insert(map, entry);
  map->count++;
  return entry;
}

void name_map_each(const name_map *map, void (*visit)(const char *name, void *value, void *context), void *context) {
  for (int i = 0; i < map->bucket_count; i++)
    for (name_entry *entry = map->buckets[i]; entry; entry = entry->next)
      if (entry->value) visit(entry->name, entry->value, context);
}
