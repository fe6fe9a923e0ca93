/* test_body.c: bodies that are read into their structures, text that is no JSON, and memory that is
 * short. */
#include "input/body.h"

#include "body_checks.h"
#include "body_shapes.h"

#include <criterion/criterion.h>
#include <errno.h>

TestSuite(body, .fini = finish);

/* ---- Reading ---- */

Test(body, reads_a_structure)
{
    const struct account_body *body =
        accepted("{\"name\":\"Ann\",\"email\":\"Ann@Example.ORG\",\"password\":\"correct horse\"}",
                 &account);

    cr_assert_str_eq(body->name, "Ann");
    cr_assert_str_eq(body->email, "ann@example.org");
    cr_assert_str_eq(body->password, "correct horse");
}

Test(body, reads_every_type)
{
    const struct every_body *body = accepted(EVERY_JSON, &every);

    cr_assert_eq(body->i, INT64_MIN);
    cr_assert_eq(body->u, UINT64_MAX);
    cr_assert_eq(body->f, 1.5);
    cr_assert(body->b);
    cr_assert_eq(body->t, 1000000);
    cr_assert_str_eq(body->d, "2024-02-29");
    cr_assert_str_eq(body->id, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
    cr_assert_str_eq(body->word, "green");
}

Test(body, reads_optional_members)
{
    const struct optional_body *body = accepted(
        "{\"i\":1,\"u\":2,\"f\":0.25,\"b\":false,\"t\":\"1970-01-01T00:00:00Z\",\"s\":\"\","
        "\"nested\":{\"name\":\"a\",\"email\":\"a@b\",\"password\":\"12345678\"},\"list\":[3,4]}",
        &optional);

    cr_assert(body->i.set && body->i.value == 1);
    cr_assert(body->u.set && body->u.value == 2);
    cr_assert(body->f.set && body->f.value == 0.25);
    cr_assert(body->b.set && !body->b.value);
    cr_assert(body->t.set && body->t.value == 0);
    cr_assert_str_eq(body->s, "");
    cr_assert_str_eq(body->nested->name, "a");
    cr_assert_eq(body->list.n, 2);
    cr_assert_eq(((const int64_t *)body->list.items)[1], 4);
}

Test(body, takes_absent_and_null_as_not_there)
{
    static const char *const texts[] = {"{}", "{\"i\":null,\"u\":null,\"f\":null,\"b\":null,"
                                              "\"t\":null,\"s\":null,\"nested\":null,"
                                              "\"list\":null}"};

    for (int i = 0; i < 2; i++) {
        const struct optional_body *body = accepted(texts[i], &optional);
        cr_assert(!body->i.set && !body->u.set && !body->f.set && !body->b.set && !body->t.set);
        cr_assert(!body->s && !body->nested && !body->list.items);
    }
}

Test(body, tells_an_empty_list_from_an_absent_one)
{
    const struct optional_body *body = accepted("{\"list\":[]}", &optional);

    cr_assert_not_null(body->list.items);
    cr_assert_eq(body->list.n, 0);
}

Test(body, skips_unknown_members_of_an_open_shape)
{
    accepted("{\"x\":{\"y\":[1]},\"i\":5}", &optional);
}

Test(body, reads_lists_of_structures)
{
    const struct lists_body *body =
        accepted("{\"a/b\":[\"x\",\"yyy\"],"
                 "\"c~d\":[{\"name\":\"a\",\"email\":\"a@b\",\"password\":\"12345678\"}]}",
                 &lists);

    cr_assert_str_eq(((const char *const *)body->texts.items)[1], "yyy");
    cr_assert_str_eq((*(const struct account_body *const *)body->accounts.items)->email, "a@b");
}

/* ---- Syntax ---- */

static void malformed_bytes(struct gw_str text, const struct gw_shape *shape)
{
    const void *body = NULL;

    cr_assert_eq(json_bytes(text, shape, &body), GW_E_SYNTAX, "%s", text.ptr);
    cr_assert_eq(faults.n, 1);
    cr_assert_str_eq(faults.items[0].pointer, "");
    cr_assert_null(body);
}

static void malformed(const char *text)
{
    malformed_bytes(gw_str_from(text), &optional);
}

Test(body, rejects_text_that_is_no_json)
{
    malformed("");
    malformed("{");
    malformed("{}}");
    malformed("{'i':1}");
    malformed("{\"i\":01}");
    malformed("{\"i\":NaN}");
    malformed("{\"i\":1,}");
}

Test(body, says_line_and_column_of_a_syntax_error)
{
    malformed("{\n  \"i\": 1,\n  \"u\" 2\n}");
    cr_assert_str_eq(faults.items[0].detail,
                     "is not well-formed: a colon is expected (line 3, column 7)");
}

Test(body, rejects_a_byte_order_mark)
{
    malformed("\xef\xbb\xbf{}");
}

Test(body, rejects_invalid_utf8)
{
    malformed("{\"s\":\"\xc0\x80\"}");
    malformed("{\"s\":\"\xff\"}");
    malformed("{\"x\":\"\xed\xa0\x80\"}");
}

Test(body, rejects_nul_raw_and_escaped)
{
    malformed_bytes(GW_STR("{\"s\":\"a\0b\"}"), &optional);
    malformed_bytes(GW_STR("{}\0"), &optional);
    malformed("{\"s\":\"\\u0000\"}");
    malformed("{\"x\\u0000\":1}");
}

Test(body, rejects_lone_surrogates)
{
    malformed("{\"s\":\"\\ud800\"}");
    malformed("{\"s\":\"\\udfff\\ud800\"}");
}

Test(body, rejects_duplicate_members_however_spelled)
{
    malformed("{\"i\":1,\"i\":1}");
    malformed("{\"i\":1,\"\\u0069\":1}");
    malformed("{\"x\":{\"y\":1,\"y\":2}}");
}

Test(body, rejects_deep_nesting)
{
    char text[200] = "{\"x\":";
    size_t n = strlen(text);

    memset(text + n, '[', 31);
    memset(text + n + 31, ']', 31);
    strcpy(text + n + 62, "}");
    accepted(text, &optional);
    memset(text + n, '[', 32);
    memset(text + n + 32, ']', 32);
    strcpy(text + n + 64, "}");
    malformed(text);
}

Test(body, rejects_a_hundred_thousand_brackets)
{
    char *text = malloc(100000);

    memset(text, '[', 100000);
    malformed_bytes((struct gw_str){text, 100000}, &optional);
    free(text);
}

/* ---- Memory ---- */

/* With every limit of the arena: it is all right, or memory is short; nothing else. */
Test(body, tells_at_every_point_when_memory_is_short)
{
    static const char text[] = "{\"name\":\"\",\"email\":\"a\",\"x\":[[1],{\"y\":2}]}";
    bool done = false;

    for (size_t limit = 1; !done; limit += 16) {
        const void *body = NULL;
        struct gw_arena small = {.limit = limit};
        int r = gw_body_json((struct gw_str){text, sizeof(text) - 1}, &account, &small, NULL,
                             &faults, &body);

        cr_assert(r == -ENOMEM || r == GW_E_INVALID);
        cr_assert_null(body);
        done = r == GW_E_INVALID;
        gw_arena_free(&small);
    }
}

Test(body, gives_no_structure_when_memory_is_short)
{
    for (size_t limit = 1;; limit += 16) {
        const void *body = NULL;
        struct gw_arena small = {.limit = limit};
        int r = gw_body_json(GW_STR(EVERY_JSON), &every, &small, NULL, &faults, &body);

        cr_assert(r == 0 ? body != NULL : r == -ENOMEM && !body);
        gw_arena_free(&small);
        if (r == 0)
            break;
    }
}
