/* arena.c: a list of chunks, each at least twice the one before it; see arena.h. */
#define _DEFAULT_SOURCE /* madvise */
#include "support/arena.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { FIRST_CHUNK = 1 << 16, LARGEST_CHUNK = 1 << 24, LARGE_PAGE = 1 << 21, ALIGNMENT = 16 };

typedef struct chunk {
  struct chunk *next;
  size_t used, size;
  _Alignas(ALIGNMENT) char bytes[];
} chunk;

struct arena {
  chunk *chunks; /* the one in use first */
};

/* Asks for large pages, where the system has them, under whatever part of the chunk they can hold: of a compilation that takes
 * 200 MB, a quarter of the time was the kernel giving it pages of 4 KB. */
static void ask_for_large_pages(void *start, size_t size) {
#ifdef MADV_HUGEPAGE
  uintptr_t first = ((uintptr_t)start + LARGE_PAGE - 1) & ~(uintptr_t)(LARGE_PAGE - 1);
  uintptr_t end = ((uintptr_t)start + size) & ~(uintptr_t)(LARGE_PAGE - 1);
  if (end > first) madvise((void *)first, end - first, MADV_HUGEPAGE);
#else
  (void)start, (void)size;
#endif
}

static void add_chunk(arena *arena, size_t at_least) {
  size_t size = arena->chunks ? arena->chunks->size * 2 : FIRST_CHUNK;
  if (size > LARGEST_CHUNK) size = LARGEST_CHUNK;
  if (size < at_least) size = at_least;
  chunk *added = calloc(1, sizeof(chunk) + size);
  if (!added) {
    fputs("stanlite: out of memory\n", stderr);
    exit(70);
  }
  if (size >= LARGE_PAGE) ask_for_large_pages(added, size);
  added->size = size;
  added->next = arena->chunks;
  arena->chunks = added;
}

arena *arena_create(void) {
  arena *created = calloc(1, sizeof *created);
  if (!created) {
    fputs("stanlite: out of memory\n", stderr);
    exit(70);
  }
  return created;
}

void arena_destroy(arena *arena) {
  if (!arena) return;
  for (chunk *next, *c = arena->chunks; c; c = next) {
    next = c->next;
    free(c);
  }
  free(arena);
}

void *arena_alloc(arena *arena, size_t size) {
  size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
  if (!arena->chunks || arena->chunks->size - arena->chunks->used < size) add_chunk(arena, size);
  void *start = arena->chunks->bytes + arena->chunks->used;
  arena->chunks->used += size;
  return start;
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
  int length = vsnprintf(brief, sizeof brief, format, again);
  va_end(again);
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
