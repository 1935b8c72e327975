/* arena.h: the compiler's memory. What a compilation makes lives in an arena and dies with it; nothing is freed one by one. */
#ifndef STANLITE_SUPPORT_ARENA_H
#define STANLITE_SUPPORT_ARENA_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct arena arena;

arena *arena_create(void);
/* One that is destroyed with `owner`, unless it was destroyed before. */
arena *arena_create_within(arena *owner);
void arena_destroy(arena *arena);
/* How many bytes have been taken from it. */
size_t arena_used(const arena *arena);
/* Whether the address is in its memory. */
bool arena_holds(const arena *arena, const void *address);

/* Zeroed memory, aligned for any type. Never NULL: a compiler without memory ends with a message and exit code 70. */
void *arena_alloc(arena *arena, size_t size) __attribute__((returns_nonnull));
/* A copy of `length` bytes of text, zero-terminated. */
char *arena_text(arena *arena, const char *text, size_t length) __attribute__((returns_nonnull));
char *arena_printf(arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(arena *arena, const char *format, va_list arguments);

#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_array(arena, type, count) ((type *)arena_alloc((arena), sizeof(type) * (size_t)(count)))

/* Appends to a growing array held as {type *items; int count, capacity;}: old storage stays in the arena. */
#define arena_push(arena, vector, item)                                                                                \
  do {                                                                                                                 \
    if ((vector)->count == (vector)->capacity)                                                                         \
      (vector)->items = arena_grow((arena), (vector)->items, sizeof *(vector)->items, &(vector)->capacity);            \
    (vector)->items[(vector)->count++] = (item);                                                                       \
  } while (0)
void *arena_grow(arena *arena, const void *items, size_t item_size, int *capacity) __attribute__((returns_nonnull));

#endif
