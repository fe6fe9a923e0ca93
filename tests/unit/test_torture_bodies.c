/* test_torture_bodies.c: bodies, answers and passwords while allocations fail in turn, see
 * torture.h. */
#include "input/body.h"

#include "base/arena.h"
#include "gatewright.h"
#include "json/out.h"
#include "token/password.h"
#include "torture.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(torture, .init = torture_begin);

struct note_body {
    const char *title;
    struct gw_list tags;
};
static const struct gw_member note_members[] = {
    {.name = "title", .type = GW_TYPE_TEXT, .offset = offsetof(struct note_body, title)},
    {.name = "tags",
     .type = GW_TYPE_TEXT,
     .flags = GW_MEM_LIST,
     .offset = offsetof(struct note_body, tags)},
};
static const struct gw_shape note = {"note", note_members, 2, sizeof(struct note_body), false};

static void read_body(void *data)
{
    struct gw_str text = *(const struct gw_str *)data;
    struct gw_arena arena = {.limit = 0};
    struct gw_faults faults;
    const void *ret = NULL;
    int r = gw_body_json(text, &note, &arena, &faults, &ret);

    countdown = -1;
    cr_assert(r == 0 || r == -ENOMEM, "%d", r);
    if (r == 0) {
        const struct note_body *body = ret;
        cr_assert_str_eq(body->title, "x");
        cr_assert_gt(body->tags.n, 100);
        cr_assert_str_eq(((const char *const *)body->tags.items)[100], "tag");
    }
    gw_arena_free(&arena);
}

Test(torture, of_a_body)
{
    static char text[20000] = "{\"title\":\"x\",\"tags\":[\"tag\"";
    struct gw_str body = {text, strlen(text)};

    for (int i = 0; i < 2000; i++, body.len += 6)
        memcpy(text + body.len, ",\"tag\"", 6);
    memcpy(text + body.len, "]}", 2);
    body.len += 2;
    torture(read_body, &body);
}

static void write_json(void *data)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_jsonout out = {.text = {.arena = &arena}};
    struct gw_value value = {.type = GW_TYPE_JSON, .as.text = "[1, 2]"};

    gw_jsonout_array(&out);
    for (int i = 0; i < 10000; i++)
        gw_jsonout_i64(&out, i);
    gw_jsonout_value(&out, &value);
    gw_jsonout_end_array(&out);
    countdown = -1;
    cr_assert_eq(out.text.failed, failed);
    gw_arena_free(&arena);
}

Test(torture, of_an_answer)
{
    torture(write_json, NULL);
}

static void check_password(void *data)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_hashers *hashers = NULL;
    const char *hash;
    int r = gw_hashers_new(1, 0, NULL, &hashers);

    cr_assert_eq(r == 0, hashers != NULL);
    if (r == 0)
        r = gw_hash_make(hashers, &arena, 0, "correct horse", &hash);
    if (r == 0) {
        r = gw_hash_check(hashers, 0, hash, "wrong", NULL);
        cr_assert_neq(r, 0);
        r = r == GW_E_MISMATCH ? 0 : r;
    }
    countdown = -1;
    cr_assert(r == 0 || r == -ENOMEM, "%d", r);
    gw_hashers_free(hashers);
    gw_arena_free(&arena);
}

Test(torture, of_passwords)
{
    torture(check_password, NULL);
}
