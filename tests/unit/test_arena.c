#include "base/arena.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

static struct gw_arena arena;

static void finish(void)
{
    gw_arena_free(&arena);
}

TestSuite(arena, .fini = finish);

Test(arena, gives_zeroed_memory)
{
    char *ptr = gw_arena_alloc(&arena, 100);

    memset(ptr, 1, 100);
    gw_arena_reset(&arena);
    ptr = gw_arena_alloc(&arena, 100);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(ptr[i], 0);
}

Test(arena, aligns_to_16)
{
    for (size_t size = 0; size < 200; size += 7)
        cr_assert_eq((uintptr_t)gw_arena_alloc(&arena, size) % 16, 0);
}

Test(arena, gives_distinct_memory)
{
    char *a = gw_arena_alloc(&arena, 0), *b = gw_arena_alloc(&arena, 1);

    cr_assert_neq(a, b);
    *b = 'x';
}

Test(arena, serves_what_is_larger_than_a_chunk)
{
    size_t size = 5 * 1024 * 1024;
    char *large = gw_arena_alloc(&arena, size), *small = gw_arena_alloc(&arena, 10);

    memset(large, 1, size);
    cr_assert_eq(small[0], 0);
    cr_assert_geq(arena.total, size);
}

Test(arena, refuses_to_grow_beyond_its_limit)
{
    arena.limit = 100000;
    size_t got = 0;
    while (gw_arena_alloc(&arena, 1000))
        got += 1000;
    cr_assert_leq(arena.total, arena.limit);
    cr_assert_geq(got, 80000);
    cr_assert_null(gw_arena_alloc(&arena, 100001));
}

Test(arena, refuses_sizes_that_overflow)
{
    cr_assert_null(gw_arena_alloc(&arena, SIZE_MAX));
    cr_assert_null(gw_arena_alloc(&arena, SIZE_MAX - 8));
    cr_assert_null(gw_arena_array(&arena, SIZE_MAX / 2, 3));
    cr_assert_null(gw_arena_copy(&arena, "", SIZE_MAX));
}

Test(arena, copies_with_a_nul)
{
    char *copy = gw_arena_copy(&arena, "abcdef", 3);

    cr_assert_str_eq(copy, "abc");
    cr_assert_str_eq(gw_arena_copy(&arena, NULL, 0), "");
}

Test(arena, prints)
{
    cr_assert_str_eq(gw_arena_printf(&arena, "%d %s", 7, "x"), "7 x");
    char *text = gw_arena_printf(&arena, "%40000d", 1);
    cr_assert_eq(strlen(text), 40000);
}

Test(arena, keeps_only_the_first_chunk_on_reset)
{
    char *first = gw_arena_alloc(&arena, 10);
    size_t total = arena.total;

    gw_arena_alloc(&arena, 1024 * 1024);
    gw_arena_reset(&arena);
    cr_assert_eq(arena.total, total);
    cr_assert_eq(gw_arena_alloc(&arena, 10), first);
}

Test(arena, may_be_used_again_after_free)
{
    gw_arena_alloc(&arena, 10);
    gw_arena_free(&arena);
    cr_assert_eq(arena.total, 0);
    gw_arena_reset(&arena);
    cr_assert_not_null(gw_arena_alloc(&arena, 10));
}
