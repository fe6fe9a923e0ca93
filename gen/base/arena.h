/* arena.h: the compiler's memory. One arena for a run, freed at its end. */
#ifndef GEN_ARENA_H
#define GEN_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena {
    struct arena_block *blocks;
};

/* Zeroed memory that lives until arena_free(). Never NULL: see arena.c. */
void *arena_alloc(struct arena *arena, size_t size);

char *arena_copy(struct arena *arena, const char *ptr, size_t len);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(2)));

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0), nonnull(2)));

void arena_free(struct arena *arena);

/* A growing array in an arena: `struct { T *items; size_t n, cap; } v; *vec_add(arena, &v) = x;` */
#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t n, cap;                                                                             \
    }
#define vec_add(arena, v)                                                                          \
    ((v)->items = arena_grow((arena), (v)->items, (v)->n, &(v)->cap, sizeof(*(v)->items)),         \
     &(v)->items[(v)->n++])

/* `items` with room for one more than `n`; a new element is zeroed. */
void *arena_grow(struct arena *arena, void *items, size_t n, size_t *cap, size_t size);

#endif
