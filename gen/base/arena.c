/* arena.c: the compiler's memory.
 *
 * A run of the compiler is short and its input bounded, so nothing is freed before the end and
 * nobody owns anything. This is the one place in gen/ that ends the process: when memory is short
 * there is no answer a compiler could give but that. Nothing has been written then, because
 * output is written last (output.c). */
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first is small, each further one twice as large. */
#define MIN_BLOCK (16 * 1024)
#define MAX_BLOCK (256 * 1024)

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    _Alignas(max_align_t) char bytes[];
};

static struct arena_block *new_block(size_t size)
{
    struct arena_block *block = calloc(1, sizeof(*block) + size);
    if (!block) {
        fputs("gatewright: out of memory\n", stderr);
        exit(1);
    }
    block->size = size;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    struct arena_block *block = arena->blocks;
    size = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    size_t next = !block ? MIN_BLOCK : block->size < MAX_BLOCK ? 2 * block->size : MAX_BLOCK;
    if (size > next / 4) {
        /* A block of its own, behind the current one, which stays in use. */
        struct arena_block *large = new_block(size);
        if (block) {
            large->next = block->next;
            block->next = large;
        } else {
            arena->blocks = large;
        }
        large->used = size;
        return large->bytes;
    }
    if (!block || block->size - block->used < size) {
        block = new_block(next);
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *ptr = block->bytes + block->used;
    block->used += size;
    return ptr;
}

char *arena_copy(struct arena *arena, const char *ptr, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);
    if (len)
        memcpy(copy, ptr, len);
    return copy;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

void *arena_grow(struct arena *arena, void *items, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return items;
    size_t larger = *cap ? *cap * 2 : 8;
    void *copy = arena_alloc(arena, larger * size);
    if (n)
        memcpy(copy, items, n * size);
    *cap = larger;
    return copy;
}

void arena_free(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}
