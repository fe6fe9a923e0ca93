/* arena.h: memory that is freed all at once.
 *
 * One arena per request in flight. Nothing in it is freed alone; gw_arena_reset keeps the first
 * chunk, so that a warm worker allocates nothing. */
#ifndef GW_ARENA_H
#define GW_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct gw_arena_chunk;
struct gw_arena {
    struct gw_arena_chunk *first, *current;
    size_t total; /* bytes of all chunks */
    size_t limit; /* refuses to grow beyond; 0: no bound */
};

/* An arena starts as all zero bytes; `limit` may be set at any time. */
void *gw_arena_alloc(struct gw_arena *arena, size_t size); /* zeroed, aligned to 16; NULL: none */
void *gw_arena_array(struct gw_arena *arena, size_t n, size_t size);      /* NULL on overflow too */
char *gw_arena_copy(struct gw_arena *arena, const void *ptr, size_t len); /* adds a NUL */
char *gw_arena_printf(struct gw_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *gw_arena_vprintf(struct gw_arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Where the arena stands, and back to there: what was allocated behind it is given back, and with
 * `wipe` zeroed before. It must not have been given back already. */
struct gw_arena_place {
    struct gw_arena_chunk *chunk; /* NULL: the arena was empty */
    size_t used;
};
struct gw_arena_place gw_arena_place(const struct gw_arena *arena);
void gw_arena_return(struct gw_arena *arena, struct gw_arena_place place, bool wipe);

void gw_arena_reset(struct gw_arena *arena); /* keeps the first chunk */
void gw_arena_free(struct gw_arena *arena); /* gives everything back; the arena may be used again */
void gw_arena_wipe(struct gw_arena *arena); /* the same for secrets: zeroed before */

#endif
