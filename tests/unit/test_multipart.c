/* test_multipart.c: forms in parts: what is read is the same however it comes in, and nothing is
 * when memory or the reading fails. Other parsers beside it: tests/uploads/parsers.py. */
#include "input/multipart.h"

#include "base/arena.h"
#include "base/spool.h"
#include "input/body.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define B    "--b\r\n"
#define HEAD "Content-Disposition: form-data; name="

/* At most so many bytes at once; the `fails`th reading does. */
struct source {
    struct gw_str text;
    size_t most;
    int fails;
};

static ssize_t read_at(void *data, uint64_t at, void *buffer, size_t size)
{
    struct source *source = data;
    size_t left = source->text.len - (size_t)at, n = size < source->most ? size : source->most;
    if (source->fails && !--source->fails)
        return -EIO;
    n = n < left ? n : left;
    memcpy(buffer, source->text.ptr + at, n);
    return (ssize_t)n;
}

static struct gw_arena arena;
static struct gw_parts parts;
static const char *why;

static int parse_from(struct source *source, size_t texts, struct gw_arena *in)
{
    struct gw_multipart body = {read_at, source, source->text.len};
    why = NULL;
    return gw_multipart_parse(&body, GW_STR("b"), texts, in, &parts, &why);
}

static int parse(struct gw_str text)
{
    struct source source = {text, SIZE_MAX, 0};
    return parse_from(&source, 1 << 20, &arena);
}

static void finish(void)
{
    gw_arena_free(&arena);
}

TestSuite(multipart, .fini = finish);

static const char three[] = B HEAD "\"a\"\r\n\r\none\r\n" B HEAD
                                   "\"f\"; filename=\"x.png\"\r\nContent-Type: IMAGE/png; q=1\r\n"
                                   "\r\n\r\n-\r\n--\r\n" B HEAD "\"a\"\r\n\r\n\r\n--b--\r\n";

static void expect_three(void)
{
    cr_assert_eq(parts.n, 3);
    cr_assert_str_eq(parts.items[0].name.ptr, "a");
    cr_assert_str_eq(parts.items[0].text.ptr, "one");
    cr_assert_null(parts.items[0].file_name);
    cr_assert_str_eq(parts.items[1].file_name, "x.png");
    cr_assert_str_eq(parts.items[1].type, "image/png");
    cr_assert_eq(parts.items[1].len, 7);
    cr_assert(!memcmp(three + parts.items[1].at, "\r\n-\r\n--", 7));
    cr_assert_str_eq(parts.items[2].text.ptr, "");
}

Test(multipart, are_the_same_however_few_bytes_come_at_once)
{
    for (size_t most = 1; most < 200; most++) {
        struct source source = {GW_STR(three), most, 0};
        cr_assert_eq(parse_from(&source, 6, &arena), 0, "%zu: %s", most, why);
        expect_three();
        gw_arena_reset(&arena);
    }
}

Test(multipart, that_cannot_be_read_are_no_parts)
{
    int r = -EIO, n = 0;
    for (; r == -EIO; n++) {
        struct source source = {GW_STR(three), 16, n + 1};
        r = parse_from(&source, 6, &arena);
        cr_assert_lt(n, 1000);
    }
    cr_assert_eq(r, 0);
    cr_assert_gt(n, 20);
}

Test(multipart, are_whole_or_none_when_memory_is_short)
{
    int failures = 0, r = -ENOMEM;
    for (size_t limit = 16; r == -ENOMEM; limit += 16) {
        struct gw_arena small = {.limit = limit};
        struct source source = {GW_STR(three), SIZE_MAX, 0};
        r = parse_from(&source, 1 << 20, &small);
        failures += r == -ENOMEM;
        if (!r)
            expect_three();
        gw_arena_free(&small);
        cr_assert_lt(limit, 1 << 17);
    }
    cr_assert_eq(r, 0, "%d", r);
    cr_assert_gt(failures, 20);
}

Test(multipart, have_texts_of_so_many_bytes_together)
{
    struct source source = {GW_STR(three), SIZE_MAX, 0};
    cr_assert_eq(parse_from(&source, 3, &arena), 0);
    cr_assert_eq(parse_from(&source, 2, &arena), -EFBIG);
}

/* The boundary's beginning and its end on both sides of what is read at once. */
Test(multipart, end_where_their_boundary_stands_whatever_is_read_at_once)
{
    char *text = malloc(200000);
    for (size_t n = 32000; n < 33000; n++) {
        int len = sprintf(text, B HEAD "\"f\"; filename=\"x\"\r\n\r\n");
        memset(text + len, '-', n);
        text[len] = 'b';
        memcpy(text + len + n, "\r\n--b--", 8);
        cr_assert_eq(parse((struct gw_str){text, (size_t)len + n + 7}), 0, "%zu: %s", n, why);
        cr_assert_eq(parts.items[0].len, n);
        gw_arena_reset(&arena);
    }
    free(text);
}

/* Up to the bound, and beyond it. */
Test(multipart, have_headers_of_8192_bytes)
{
    for (size_t n = 8000; n < 8250; n++) {
        static char text[9000];
        size_t len = (size_t)sprintf(text, B HEAD "\"a\"\r\nA: "), head = len - strlen(B);
        memset(text + len, 'x', n - head);
        len += n - head;
        strcpy(text + len, "\r\n\r\n\r\n--b--");
        int r = parse(gw_str_from(text));
        cr_assert_eq(r, n + 4 <= 8192 ? 0 : GW_E_SYNTAX, "%zu: %d", n, r);
        gw_arena_reset(&arena);
    }
}

Test(multipart, have_a_boundary_of_1_to_70_characters)
{
    static const struct {
        const char *type, *boundary;
    } types[] = {
        {"multipart/form-data; boundary=x", "x"},
        {"multipart/form-data;boundary=\"a b\"; y=z", "a b"},
        {"multipart/form-data; boundary=x ; y=z", NULL},
        {"multipart/form-data; x=\"; boundary=n\"; boundary=y", "y"},
        {"multipart/form-data; boundary=\"'()+_,-./:=?\"", "'()+_,-./:=?"},
        {"multipart/form-data; boundary='()+_,-./:=?", NULL},
        {"multipart/form-data; boundary=", NULL},
        {"multipart/form-data; boundary=\"\"", NULL},
        {"multipart/form-data; boundary=\"x \"", NULL},
        {"multipart/form-data; boundary=x; boundary=x", NULL},
        {"multipart/form-data; boundary=x y", NULL},
        {"multipart/form-data; boundary=\"x", NULL},
        {"multipart/form-data; boundary=\"x\\\"y\"", NULL},
        {"multipart/form-data; boundary=x*", NULL},
        {"multipart/form-data; boundary", NULL},
        {"multipart/form-data", NULL},
        {"multipart/form-data; =x; boundary=y", NULL},
    };
    struct gw_str found;
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        bool good = gw_multipart_boundary(gw_str_from(types[i].type), &found);
        cr_expect_eq(good, types[i].boundary != NULL, "%s", types[i].type);
        cr_expect(!good || gw_str_equal(found, gw_str_from(types[i].boundary)), "%s",
                  types[i].type);
    }
    for (size_t n = 1; n < 80; n++) {
        char type[160];
        sprintf(type, "multipart/form-data; boundary=%0*d", (int)n, 0);
        cr_expect_eq(gw_multipart_boundary(gw_str_from(type), &found), n <= 70, "%zu", n);
    }
}

/* ---- What keeps a body, read at any place ---- */

Test(spool, is_read_at_any_place_whatever_was_read_before)
{
    struct gw_spool spool = {.folder = "/tmp"};
    static unsigned char text[200000], piece[3000];
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (unsigned char)(i * i >> 7);
    cr_assert_eq(gw_spool_write(&spool, text, sizeof(text)), 0);
    cr_assert_eq(gw_spool_read(&spool, piece, 100), 100);
    for (size_t at = 0; at < sizeof(text); at += 997) {
        ssize_t n = gw_spool_read_at(&spool, at, piece, sizeof(piece));
        cr_assert_gt(n, 0);
        cr_assert(!memcmp(piece, text + at, (size_t)n), "%zu", at);
    }
    cr_assert_eq(gw_spool_read_at(&spool, sizeof(text), piece, 1), 0);
    cr_assert_eq(gw_spool_read_at(&spool, UINT64_MAX, piece, 1), 0);
    cr_assert_eq(gw_spool_read(&spool, piece, 1), 1);
    cr_assert_eq(piece[0], text[100]);
    gw_spool_free(&spool);
}

Test(spool, lies_in_the_folder_that_it_is_given)
{
    static char text[100000];
    struct gw_spool spool = {.folder = "/nonexistent"};
    cr_assert_eq(gw_spool_write(&spool, text, 1000), 0, "it is in memory");
    cr_assert_eq(gw_spool_write(&spool, text, sizeof(text)), -ENOENT);
    gw_spool_free(&spool);
}
