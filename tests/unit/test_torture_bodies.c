/* test_torture_bodies.c: bodies, answers and passwords while allocations fail in turn, see
 * torture.h. */
#include "input/body.h"

#include "base/arena.h"
#include "gatewright.h"
#include "json/out.h"
#include "token/hash.h"
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
static const struct gw_shape note = {
    "note", note_members, 2, sizeof(struct note_body), false, false, NULL, NULL, false, NULL};

static void read_body(void *data)
{
    struct gw_str text = *(const struct gw_str *)data;
    struct gw_arena arena = {.limit = 0};
    struct gw_faults faults;
    const void *ret = NULL;
    int r = gw_body_json(text, &note, &arena, NULL, &faults, &ret);

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

/* `body marks [[int or null] or null]`: a list, in a place of its own. */
static const struct gw_member row = {.type = GW_TYPE_INT, .flags = GW_MEM_LIST | GW_MEM_ITEM_NULL};
static const struct gw_member rows = {
    .type = GW_TYPE_INNER, .flags = GW_MEM_LIST | GW_MEM_ITEM_NULL, .inner = &row};
static const struct gw_shape marks = {
    .name = "marks", .size = sizeof(struct gw_list), .value = &rows};

static void read_value(void *data)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_faults faults;
    const void *ret = NULL;
    int r = gw_body_json(*(const struct gw_str *)data, &marks, &arena, NULL, &faults, &ret);

    countdown = -1;
    cr_assert(r == 0 || r == -ENOMEM, "%d", r);
    cr_assert_eq(r == 0, ret != NULL);
    if (r == 0) {
        const struct gw_list *all = ret, *lists = all->items;
        const struct gw_opt_i64 *numbers = lists[1].items;
        cr_assert_gt(all->n, 100);
        cr_assert_null(lists[0].items);
        cr_assert(!numbers[0].set && numbers[1].set && numbers[1].value == 7);
    }
    gw_arena_free(&arena);
}

Test(torture, of_a_body_that_is_a_list_with_null)
{
    static char text[40000] = "[null";
    struct gw_str body = {text, strlen(text)};

    for (int i = 0; i < 2000; i++, body.len += 9)
        memcpy(text + body.len, ",[null,7]", 9);
    text[body.len++] = ']';
    torture(read_value, &body);
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
    cr_assert(r == 0 || r == -ENOMEM || r == -EIO, "%d", r);
    gw_hashers_free(hashers);
    gw_arena_free(&arena);
}

Test(torture, of_passwords)
{
    torture(check_password, NULL);
}

/* Of "correct horse", by other programs. */
static const char *const others[] = {
    "$2b$04$Pe3fJ.c5NB7cRyvcCwjxW.lOZbAAJzILBEMy9j8KOcjsI7s.DLqnO",
    "bcrypt_sha256$$2b$04$Y2CdZw2rBfeGEBmHqtA.4ekHkZXfwSgtXmEKmP9WOYjwDCPcUNaKK",
    "$wp$2y$04$tSagx1doc4Tv8vmxLJtlQO1j2TaHAFrZHyFuhzJHFAlThbDAx1Iqq",
    "$P$5RLPHfQpwGBzM/AHPMPbqXFM9pQkSg/",
    "pbkdf2_sha256$2$u8jzPde0IgxLd6GncfBAep$5L/M79cfaS/1ZtDiMha99lgWO7I/VbDMcsTuR+6Pu4Y=",
    "pbkdf2:sha512:2$LCqHnXnwDkaeXvLc$"
    "3678e63e9ed0d47c708ee2a4ab3fb1fb9ae8a9f07604d10d8e595026bda9b54b2ea377f2031ac82b1503cf25d59560"
    "85163c31ab5ddd9f84cda8a3239ec0cc18",
    "scrypt:16:8:1$fJBd0Kh8oOOL8dKL$"
    "1635d0c27abd627bc649c82154ee5b873ef16c2f5f487abbbd26b46b20fd95112a5c8f4990a3de2bd837699ae81fdb"
    "aa14e301ebdc20321a4ad140dff076acd5",
    "scrypt$16$zdocJ2isAjIhKtJ0RlgLKO$8$1$Y4A2U5WrlmPHly/"
    "uIfX4trNc8tlt2jvTYzRiPUIK0G74XpYgYBloE3JjbBGxl4NJvS9lf+YX5g+YVuztyk64kg==",
#ifdef GW_HAVE_ARGON2
    "$argon2id$v=19$m=64,t=2,p=1$MzSfZdnXjIyvrwSMKMI0RQ$"
    "42qS1xS2sS0lZ7datjJST6rUY64FXerDzm3UXsGm6Yk",
#endif
};

/* The wrong password is never admitted, and the right one is not said to be wrong. */
static void check_other(void *data)
{
    static const char *const tried[] = {"wrong", "correct horse"};
    struct gw_hash hash;
    long begun = countdown;

    for (int right = 0; right < 2; right++) {
        countdown = begun;
        int r = gw_hash_read(gw_str_from(data), &hash) ? -EPERM : gw_hash_fits(&hash, tried[right]);
        countdown = -1;
        cr_assert(r == (right ? 0 : GW_E_MISMATCH) || (failed && (r == -ENOMEM || r == -EIO)),
                  "%s: %d", (const char *)data, r);
    }
}

Test(torture, of_hashes_of_other_programs)
{
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        torture(check_other, (void *)others[i]);
}

/* Log-ins of several kinds, the first of which makes the others measured. */
static void sign_in(void *data)
{
    struct gw_hashers *hashers = NULL;
    const char *const *hashes = data;
    int r = gw_hashers_new(1, 0, hashes[0], &hashers);

    cr_assert_eq(r == 0, hashers != NULL);
    for (int i = 0; i < 3 && r == 0; i++) {
        r = gw_hash_check(hashers, 0, hashes[i], "wrong", NULL);
        cr_assert_neq(r, 0);
        r = r == GW_E_MISMATCH ? 0 : r;
    }
    countdown = -1;
    cr_assert(r == 0 || (failed && (r == -ENOMEM || r == -EIO)), "%d", r);
    gw_hashers_free(hashers);
}

Test(torture, of_log_ins_of_several_kinds)
{
    const char *const hashes[] = {others[4], others[3], NULL};

    /* Not until none fails: what is filled up allocates for as long as it works. */
    for (long n = 0; n < 700; n += 23) {
        failed = false;
        countdown = n;
        sign_in((void *)hashes);
        cr_assert(failed, "%ld", n);
    }
}
