/* arena.c: memory that is freed all at once.
 *
 * A list of chunks, of which only the last one is filled further. A request takes what it needs
 * and forgets; when it ends, everything but the first chunk goes back. A chunk is at least
 * CHUNK_MIN bytes and grows with what the arena holds already, so that the number of chunks stays
 * logarithmic. `limit` bounds the sum, which makes an arena a bound on what one request can hold.
 *
 * Under AddressSanitizer the unused part of a chunk is poisoned and 16 bytes are left between two
 * allocations, so that reading past one is found as it would be with malloc. */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(ptr, len)   ASAN_POISON_MEMORY_REGION((ptr), (len))
#define UNPOISON(ptr, len) ASAN_UNPOISON_MEMORY_REGION((ptr), (len))
#define GAP                16
#else
#define POISON(ptr, len)   ((void)(ptr), (void)(len))
#define UNPOISON(ptr, len) ((void)(ptr), (void)(len))
#define GAP                0
#endif

#define ALIGNMENT 16
#define CHUNK_MIN ((size_t)16 * 1024)
#define CHUNK_MAX ((size_t)1024 * 1024) /* a single larger allocation gets a chunk of its size */

struct gw_arena_chunk {
    struct gw_arena_chunk *next;
    size_t size, used;
    alignas(ALIGNMENT) char data[];
};

/* Rounds up to the alignment, with the gap; 0 when that overflows. */
static size_t padded(size_t size)
{
    if (size > SIZE_MAX / 2)
        return 0;
    if (size == 0)
        size = 1;
    return ((size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1)) + GAP;
}

static void *take(struct gw_arena_chunk *chunk, size_t size, size_t room)
{
    assert(size <= room && room <= chunk->size - chunk->used);
    char *ptr = chunk->data + chunk->used;
    chunk->used += room;
    UNPOISON(ptr, size);
    return memset(ptr, 0, size);
}

/* How many bytes the next chunk has for an allocation of `room`; 0 where the limit forbids it. */
static size_t chunk_size(const struct gw_arena *arena, size_t room)
{
    size_t size = arena->total > CHUNK_MIN ? arena->total : CHUNK_MIN;
    if (size > CHUNK_MAX)
        size = CHUNK_MAX;
    if (size < room)
        size = room;
    if (arena->limit == 0)
        return size;

    size_t left = arena->limit > arena->total ? arena->limit - arena->total : 0;
    if (left < room)
        return 0;
    return size < left ? size : left;
}

static struct gw_arena_chunk *add_chunk(struct gw_arena *arena, size_t room)
{
    size_t size = chunk_size(arena, room);
    if (size == 0)
        return NULL;
    struct gw_arena_chunk *chunk = malloc(sizeof(*chunk) + size);
    if (!chunk)
        return NULL;
    *chunk = (struct gw_arena_chunk){.size = size};
    POISON(chunk->data, size);

    if (arena->current)
        arena->current->next = chunk;
    else
        arena->first = chunk;
    arena->current = chunk;
    arena->total += size;
    return chunk;
}

void *gw_arena_alloc(struct gw_arena *arena, size_t size)
{
    size_t room = padded(size);
    if (room == 0)
        return NULL;
    struct gw_arena_chunk *chunk = arena->current;
    if (!chunk || chunk->size - chunk->used < room)
        chunk = add_chunk(arena, room);
    return chunk ? take(chunk, size, room) : NULL;
}

void *gw_arena_array(struct gw_arena *arena, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        return NULL;
    return gw_arena_alloc(arena, bytes);
}

char *gw_arena_copy(struct gw_arena *arena, const void *ptr, size_t len)
{
    if (len == SIZE_MAX)
        return NULL;
    char *copy = gw_arena_alloc(arena, len + 1);
    if (copy && len)
        memcpy(copy, ptr, len);
    return copy;
}

char *gw_arena_vprintf(struct gw_arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0)
        return NULL;
    char *text = gw_arena_alloc(arena, (size_t)len + 1);
    if (text)
        vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

char *gw_arena_printf(struct gw_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = gw_arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

struct gw_arena_place gw_arena_place(const struct gw_arena *arena)
{
    return (struct gw_arena_place){arena->current, arena->current ? arena->current->used : 0};
}

/* Zeroes what a chunk has behind `used`, as far as it was taken. */
static void wipe_behind(struct gw_arena_chunk *chunk, size_t used)
{
    UNPOISON(chunk->data + used, chunk->used - used);
    explicit_bzero(chunk->data + used, chunk->used - used);
}

static void free_chunks(struct gw_arena_chunk *chunk)
{
    while (chunk) {
        struct gw_arena_chunk *next = chunk->next;
        UNPOISON(chunk->data, chunk->size);
        free(chunk);
        chunk = next;
    }
}

void gw_arena_reset(struct gw_arena *arena)
{
    struct gw_arena_chunk *first = arena->first;
    if (!first)
        return;
    free_chunks(first->next);
    first->next = NULL;
    first->used = 0;
    POISON(first->data, first->size);
    arena->current = first;
    arena->total = first->size;
}

void gw_arena_return(struct gw_arena *arena, struct gw_arena_place place, bool wipe)
{
    struct gw_arena_chunk *chunk = place.chunk ? place.chunk : arena->first;
    if (!chunk)
        return;
    assert(place.used <= chunk->used);
    if (wipe)
        wipe_behind(chunk, place.used);
    for (struct gw_arena_chunk *more = chunk->next; more; more = more->next) {
        if (wipe)
            wipe_behind(more, 0);
        arena->total -= more->size;
    }
    free_chunks(chunk->next);
    chunk->next = NULL;
    chunk->used = place.used;
    POISON(chunk->data + place.used, chunk->size - place.used);
    arena->current = chunk;
}

void gw_arena_free(struct gw_arena *arena)
{
    free_chunks(arena->first);
    arena->first = arena->current = NULL;
    arena->total = 0;
}

void gw_arena_wipe(struct gw_arena *arena)
{
    for (struct gw_arena_chunk *chunk = arena->first; chunk; chunk = chunk->next) {
        UNPOISON(chunk->data, chunk->size);
        explicit_bzero(chunk->data, chunk->size);
    }
    gw_arena_free(arena);
}
