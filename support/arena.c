/* arena.c: an arena is a list of chunks, each about a quarter of all before it; see arena.h. Chunks are cut from regions,
 * which the system gives; those of an arena that is destroyed are used again by others within the same one. */
#include "support/arena.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "support/plain_format.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

enum { FIRST_CHUNK = 1 << 16, LARGEST_CHUNK = 1 << 26, REGION = 1 << 26, LARGE_PAGE = 1 << 21, ALIGNMENT = 16 };

typedef struct chunk {
  struct chunk *next;
  size_t used, size;
  size_t dirty; /* so much from its start may not be zero */
  _Alignas(ALIGNMENT) char bytes[];
} chunk;

typedef struct region { /* what the system gave */
  struct region *next;
  size_t used, size;
  _Alignas(ALIGNMENT) char bytes[];
} region;

struct arena {
  chunk *chunks; /* the one in use first */
  size_t used;
  arena *owner, *inner, *next; /* inner: those that die with this one, a list by `next` */
  /* of one without an owner, for all within: */
  region *regions; /* from the first of which chunks are cut */
  chunk *spare;    /* what inner ones left, to be used again */
};

static void *zeroed(size_t size) {
  void *memory = calloc(1, size);
  if (!memory) {
    fputs("stanlite: out of memory\n", stderr);
    exit(70);
  }
  return memory;
}

/* Asks for large pages, where the system has them: of a compilation that took 200 MB, a quarter of the time was the kernel
 * giving it pages of 4 KB. What is not used of the region is never touched. */
static void ask_for_large_pages(region *r) {
#ifdef MADV_HUGEPAGE
  uintptr_t first = ((uintptr_t)r + LARGE_PAGE - 1) & ~(uintptr_t)(LARGE_PAGE - 1);
  uintptr_t end = ((uintptr_t)r->bytes + r->size) & ~(uintptr_t)(LARGE_PAGE - 1);
  if (end > first) madvise((void *)first, end - first, MADV_HUGEPAGE);
#else
  (void)r;
#endif
}

static arena *outermost(arena *a) {
  while (a->owner) a = a->owner;
  return a;
}

static chunk *new_chunk(arena *outer, size_t size) {
  size_t whole = sizeof(chunk) + size;
  if (!outer->regions || outer->regions->size - outer->regions->used < whole) {
    size_t room = whole > REGION ? whole : REGION;
    region *added = zeroed(sizeof *added + room);
    added->size = room;
    added->next = outer->regions;
    outer->regions = added;
    ask_for_large_pages(added);
  }
  chunk *made = (chunk *)(outer->regions->bytes + outer->regions->used);
  outer->regions->used += whole;
  made->size = size;
  return made;
}

/* The largest spare chunk that is not much larger than wanted, which would be a waste; NULL: none. Memory that has been used is
 * cheaper than new one. */
static chunk *take_spare(arena *outer, size_t at_least, size_t wanted) {
  chunk **best = NULL;
  for (chunk **c = &outer->spare; *c; c = &(*c)->next)
    if ((*c)->size >= at_least && (*c)->size / 4 <= wanted && (!best || (*c)->size > (*best)->size)) best = c;
  if (!best) return NULL;
  chunk *taken = *best;
  *best = taken->next;
  return taken;
}

static void add_chunk(arena *arena, size_t at_least) {
  size_t size = arena->used / 4 & ~(size_t)(ALIGNMENT - 1);
  if (size < FIRST_CHUNK) size = FIRST_CHUNK;
  if (size > LARGEST_CHUNK) size = LARGEST_CHUNK;
  if (size < at_least) size = at_least;
  struct arena *outer = outermost(arena);
  chunk *added = take_spare(outer, at_least, size);
  if (!added) added = new_chunk(outer, size);
  added->next = arena->chunks;
  arena->chunks = added;
}

/* To the outermost arena. The address sanitizer is to find uses of them, so nothing is used again then. */
static void leave_chunks(arena *a) {
  for (chunk *next, *c = a->chunks; c; c = next) {
    next = c->next;
#ifdef __SANITIZE_ADDRESS__
    ASAN_POISON_MEMORY_REGION(c->bytes, c->size);
#else
    arena *heir = outermost(a);
    if (c->dirty < c->used) c->dirty = c->used;
    c->used = 0;
    c->next = heir->spare;
    heir->spare = c;
#endif
  }
}

arena *arena_create(void) { return zeroed(sizeof(arena)); }

arena *arena_create_within(arena *owner) {
  arena *created = arena_create();
  created->owner = owner;
  created->next = owner->inner;
  return owner->inner = created;
}

static void leave_owner(arena *a) {
  arena **place = &a->owner->inner;
  while (*place != a) place = &(*place)->next;
  *place = a->next;
}

void arena_destroy(arena *arena) {
  if (!arena) return;
  while (arena->inner) arena_destroy(arena->inner);
  if (arena->owner) {
    leave_chunks(arena);
    leave_owner(arena);
  }
  for (region *next, *r = arena->regions; r; r = next) {
    next = r->next;
    free(r);
  }
  free(arena);
}

void *arena_alloc(arena *arena, size_t size) {
  size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
  if (!arena->chunks || arena->chunks->size - arena->chunks->used < size) add_chunk(arena, size);
  chunk *c = arena->chunks;
  void *start = c->bytes + c->used;
  if (c->used < c->dirty) memset(start, 0, size);
  c->used += size;
  arena->used += size;
  return start;
}

size_t arena_used(const arena *arena) { return arena->used; }

bool arena_holds(const arena *arena, const void *address) {
  uintptr_t at = (uintptr_t)address;
  for (const chunk *c = arena->chunks; c; c = c->next)
    if (at - (uintptr_t)c->bytes < c->used) return true;
  return false;
}

char *arena_text(arena *arena, const char *text, size_t length) {
  char *copy = arena_alloc(arena, length + 1);
  if (length) memcpy(copy, text, length);
  return copy;
}

/* Most texts are short: printed once, and copied. */
char *arena_vprintf(arena *arena, const char *format, va_list arguments) {
  char brief[256];
  va_list again;
  va_copy(again, arguments);
  int length = plain_format(brief, sizeof brief, format, again);
  va_end(again);
  if (length < 0) {
    va_copy(again, arguments);
    length = vsnprintf(brief, sizeof brief, format, again);
    va_end(again);
  }
  if (length < 0) length = 0, brief[0] = 0;
  char *text = arena_alloc(arena, (size_t)length + 1);
  if ((size_t)length < sizeof brief)
    memcpy(text, brief, (size_t)length + 1);
  else
    vsnprintf(text, (size_t)length + 1, format, arguments);
  return text;
}

char *arena_printf(arena *arena, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char *text = arena_vprintf(arena, format, arguments);
  va_end(arguments);
  return text;
}

void *arena_grow(arena *arena, const void *items, size_t item_size, int *capacity) {
  int grown = *capacity ? *capacity * 2 : 8;
  void *moved = arena_alloc(arena, item_size * (size_t)grown);
  if (*capacity) memcpy(moved, items, item_size * (size_t)*capacity);
  *capacity = grown;
  return moved;
}
