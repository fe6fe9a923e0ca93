/* test_body_faults.c: the faults that are told of a body that does not fit its shape, and the
 * values that fit. */
#include "input/body.h"

#include "body_checks.h"
#include "body_shapes.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

TestSuite(body, .fini = finish);

/* ---- Faults ---- */

/* Refused with exactly this one fault. */
static void invalid(const char *text, const struct gw_shape *shape, const char *pointer,
                    const char *detail)
{
    const void *body = NULL;

    cr_assert_eq(json_bytes(gw_str_from(text), shape, &body), GW_E_INVALID, "%s", text);
    cr_assert_eq(faults.n, 1, "%s: %zu faults", text, faults.n);
    cr_assert_str_eq(faults.items[0].pointer, pointer);
    cr_assert_str_eq(faults.items[0].detail, detail);
    cr_assert_null(body);
}

Test(body, rejects_what_is_no_object)
{
    invalid("[]", &optional, "", "must be an object");
    invalid("null", &optional, "", "must be an object");
    invalid("\"x\"", &optional, "", "must be an object");
}

Test(body, tells_every_fault_at_once)
{
    const void *body;

    cr_assert_eq(
        json_bytes(GW_STR("{\"name\":\"\",\"email\":\"x\",\"role\":\"admin\"}"), &account, &body),
        GW_E_INVALID);
    cr_assert_eq(faults.n, 4);
    cr_assert_str_eq(faults.items[0].pointer, "/name");
    cr_assert_str_eq(faults.items[0].detail, "must be 1 to 100 characters");
    cr_assert_str_eq(faults.items[1].pointer, "/email");
    cr_assert_str_eq(faults.items[1].detail, "must be an e-mail address");
    cr_assert_str_eq(faults.items[2].pointer, "/password");
    cr_assert_str_eq(faults.items[2].detail, "is required");
    cr_assert_str_eq(faults.items[3].pointer, "/role");
    cr_assert_str_eq(faults.items[3].detail, "is not a known member");
}

Test(body, never_repeats_a_value)
{
    const void *body;

    json_bytes(GW_STR("{\"name\":7,\"email\":\"hunter2\",\"password\":\"hunter2\"}"), &account,
               &body);
    cr_assert_eq(faults.n, 3);
    for (size_t i = 0; i < faults.n; i++) {
        cr_assert_null(strstr(faults.items[i].detail, "hunter2"));
        cr_assert_null(strstr(faults.items[i].pointer, "hunter2"));
    }
}

Test(body, rejects_null_where_a_value_is_required)
{
    invalid("{\"name\":null,\"email\":\"a@b\",\"password\":\"12345678\"}", &account, "/name",
            "must not be null");
}

Test(body, bounds_the_number_of_faults)
{
    char text[4000] = "{\"a\":1", *out = text + 6;
    const void *body;

    for (int i = 0; i < 100; i++)
        out += sprintf(out, ",\"m%d\":1", i);
    strcpy(out, "}");
    cr_assert_eq(json_bytes(gw_str_from(text), &account, &body), GW_E_INVALID);
    cr_assert_eq(faults.n, GW_BODY_MAX_FAULTS);
}

/* A list of 1 MiB of wrong words: what it costs in memory is the faults' texts, not the list's. */
Test(body, makes_no_text_for_faults_that_are_not_told)
{
    static const char *const colours[] = {"red", "green", "blue", "yellow", "violet", NULL};
    struct gw_member member = {
        .name = "colours", .type = GW_TYPE_TEXT, .flags = GW_MEM_LIST, .one_of = colours};
    const struct gw_shape shape = {
        "shape", &member, 1, sizeof(struct gw_list), false, false, NULL, NULL, false, NULL};
    size_t n = 250000;
    char *text = malloc(16 + 4 * n), *out = text + sprintf(text, "{\"colours\":[\"\"");
    const void *body;

    for (size_t i = 0; i < n; i++)
        out += sprintf(out, ",\"\"");
    strcpy(out, "]}");
    gw_arena_free(&arena);
    arena.limit = 64 << 20; /* as a request's */
    cr_assert_eq(gw_body_json(gw_str_from(text), &shape, &arena, NULL, &faults, &body),
                 GW_E_INVALID);
    cr_assert_eq(faults.n, GW_BODY_MAX_FAULTS);
    cr_assert_str_eq(faults.items[31].pointer, "/colours/31");
    cr_assert_str_eq(faults.items[31].detail,
                     "must be one of \"red\", \"green\", \"blue\", \"yellow\", \"violet\"");
    free(text);
    arena.limit = 0;
}

Test(body, gives_uuids_in_lower_case)
{
    const struct every_body *body = accepted(
        "{\"i\":1,\"u\":2,\"f\":1.5,\"b\":true,\"t\":\"1970-01-01T00:00:01Z\",\"d\":\"2024-02-29\","
        "\"id\":\"F81D4FAE-7dec-11D0-A765-00A0C91E6BF6\",\"word\":\"green\"}",
        &every);

    cr_assert_str_eq(body->id, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
}

Test(body, does_not_repeat_long_names)
{
    char text[400] = "{\"";

    memset(text + 2, 'n', 100);
    strcpy(text + 102, "\":1,\"name\":\"a\",\"email\":\"a@b\",\"password\":\"12345678\"}");
    invalid(text, &account, "", "has a member that is not known");
}

Test(body, points_into_lists_and_escapes_pointers)
{
    invalid("{\"a/b\":[\"x\",\"yyyy\"],\"c~d\":[]}", &lists, "/a~1b/1",
            "must be 1 to 3 characters");
    invalid("{\"a/b\":[\"x\"],\"c~d\":[{\"name\":\"a\",\"email\":\"a@b\",\"password\":1}]}", &lists,
            "/c~0d/0/password", "must be a text");
    invalid("{\"a/b\":[null],\"c~d\":[]}", &lists, "/a~1b/0", "must be a text");
    invalid("{\"a/b\":[\"x\"],\"c~d\":[7]}", &lists, "/c~0d/0", "must be an object");
}

Test(body, counts_the_items_of_a_list)
{
    invalid("{\"a/b\":[],\"c~d\":[]}", &lists, "/a~1b", "must hold 1 to 2 items");
    invalid("{\"a/b\":[\"1\",\"2\",\"3\"],\"c~d\":[]}", &lists, "/a~1b", "must hold 1 to 2 items");
    invalid("{\"a/b\":\"1\",\"c~d\":[]}", &lists, "/a~1b", "must be a list");
}

static void account_name(const char *name, bool good)
{
    char text[1000];

    snprintf(text, sizeof(text), "{\"name\":\"%s\",\"email\":\"a@b\",\"password\":\"12345678\"}",
             name);
    if (good)
        accepted(text, &account);
    else
        invalid(text, &account, "/name", "must be 1 to 100 characters");
}

Test(body, counts_characters_not_bytes)
{
    char name[401] = "";

    for (int i = 0; i < 100; i++)
        strcat(name, "\xf0\x9f\x98\x80");
    account_name(name, true);
    name[396] = 'a';
    name[397] = 'b';
    name[398] = '\0';
    account_name(name, false);
}

Test(body, bounds_the_bytes_of_a_text)
{
    char text[1000] = "{\"name\":\"a\",\"email\":\"a@b\",\"password\":\"";

    for (int i = 0; i < 128; i++)
        strcat(text, "\xf0\x9f\x98\x80");
    strcat(text, "\"}");
    invalid(text, &account, "/password", "must be at most 511 bytes");
}

/* `every` with one member replaced. */
static void every_with(const char *member, const char *value, const char *detail)
{
    json_t *tree = json_loads("{\"i\":1,\"u\":1,\"f\":1,\"b\":true,\"t\":\"1970-01-01T00:00:01Z\","
                              "\"d\":\"2024-02-29\","
                              "\"id\":\"f81d4fae-7dec-11d0-a765-00a0c91e6bf6\",\"word\":\"red\"}",
                              0, NULL);
    char pointer[20], *rest, text[1000];

    json_object_del(tree, member);
    rest = json_dumps(tree, 0);
    snprintf(text, sizeof(text), "{\"%s\":%s,%s", member, value, rest + 1);
    snprintf(pointer, sizeof(pointer), "/%s", member);
    if (detail)
        invalid(text, &every, pointer, detail);
    else
        accepted(text, &every);
    free(rest);
    json_decref(tree);
}

Test(body, rejects_numbers_beyond_64_bits_with_their_pointer)
{
    every_with("i", "9223372036854775807", NULL);
    every_with("i", "9223372036854775808", "must be -9223372036854775808 to 9223372036854775807");
    every_with("i", "-9223372036854775809", "must be -9223372036854775808 to 9223372036854775807");
    every_with("i", "1e999", "must be -9223372036854775808 to 9223372036854775807");
    every_with("u", "18446744073709551616", "must be 0 to 18446744073709551615");
    every_with("u", "-1", "must be 0 to 18446744073709551615");
    every_with("f", "1e999", "is beyond what a number can hold");
    every_with("f", "-1e999", "is beyond what a number can hold");
}

Test(body, takes_a_uint_above_int64)
{
    every_with("u", "9223372036854775808", NULL);
    every_with("u", "18446744073709551615", NULL);
}

/* JSON Schema, validation, 6.1.1: "any number with a zero fractional part" is an integer. */
Test(body, takes_whole_numbers_however_they_are_written)
{
    every_with("i", "1.0", NULL);
    every_with("i", "1e3", NULL);
    every_with("u", "184467440737095516150e-1", NULL);
    every_with("i", "-92233720368.54775808e8", NULL);
    every_with("i", "1.5", "must be a whole number");
    every_with("i", "1e-1", "must be a whole number");
    every_with("i", "1.0000000000000000000001", "must be a whole number");
    every_with("i", "\"1\"", "must be a whole number");
    every_with("i", "true", "must be a whole number");
    every_with("u", "[]", "must be a whole number");
    every_with("i", "-0", NULL);
    every_with("f", "3", NULL);
    every_with("f", "\"3\"", "must be a number");
}

Test(body, takes_only_true_and_false)
{
    every_with("b", "1", "must be true or false");
    every_with("b", "\"true\"", "must be true or false");
}

Test(body, takes_only_real_dates_and_times)
{
    every_with("d", "\"2023-02-29\"", "must be a date such as 2026-01-31");
    every_with("d", "20230228", "must be a text");
    every_with("t", "\"2023-02-28\"", "must be a time such as 2026-01-31T12:00:00Z");
    every_with("t", "0", "must be a time such as 2026-01-31T12:00:00Z");
    every_with("id", "\"f81d4fae\"", "must be a UUID");
}

Test(body, takes_only_listed_words)
{
    every_with("word", "\"blue\"", "must be one of \"red\", \"green\"");
    every_with("word", "\"Red\"", "must be one of \"red\", \"green\"");
}

Test(body, holds_numbers_to_their_bounds)
{
    invalid("{\"i\":-1}", &optional, "/i", "must be at least 0");
    invalid("{\"u\":101}", &optional, "/u", "must be 0 to 100");
    invalid("{\"f\":0.6}", &optional, "/f", "must be -0.5 to 0.5");
    accepted("{\"i\":0,\"u\":100,\"f\":-0.5}", &optional);
}

/* ---- One member ---- */

/* `{"m": value}` against a shape of this member alone; the detail of its fault, "" where it is
 * accepted. */
static const char *detail_of(struct gw_member member, const char *value)
{
    struct gw_shape shape = {"one", &member, 1, 64, false, false, NULL, NULL, false, NULL};
    char text[200];
    const void *body = NULL;

    member.name = "m";
    snprintf(text, sizeof(text), "{\"m\":%s}", value);
    int r = json_bytes(gw_str_from(text), &shape, &body);
    cr_assert(r == 0 ? faults.n == 0 : r == GW_E_INVALID && faults.n == 1, "%s", text);
    return r ? faults.items[0].detail : "";
}

Test(body, says_which_lengths_are_good)
{
    struct gw_member text = {.type = GW_TYPE_TEXT, .flags = GW_MEM_MIN, .min.i64 = 1};

    cr_assert_str_eq(detail_of(text, "\"\""), "must not be empty");
    text.min.i64 = 2;
    cr_assert_str_eq(detail_of(text, "\"a\""), "must be at least 2 characters");
    text.flags |= GW_MEM_MAX;
    text.max.i64 = 2;
    cr_assert_str_eq(detail_of(text, "\"abc\""), "must be exactly 2 characters");
    text.flags = GW_MEM_MAX;
    text.max.i64 = 1;
    cr_assert_str_eq(detail_of(text, "\"ab\""), "must be at most 1 character");
    text.flags = GW_MEM_BYTES_MIN;
    text.bytes_min = 3;
    cr_assert_str_eq(detail_of(text, "\"\u00e9\""), "must be at least 3 bytes");
    cr_assert_str_eq(detail_of(text, "\"\u20ac\""), "");
}

Test(body, says_which_numbers_are_good)
{
    struct gw_member number = {.type = GW_TYPE_INT, .flags = GW_MEM_MAX, .max.i64 = -1};

    cr_assert_str_eq(detail_of(number, "0"), "must be at most -1");
    cr_assert_str_eq(detail_of(number, "9223372036854775808"), "must be at most -1");
    number = (struct gw_member){.type = GW_TYPE_UINT, .flags = GW_MEM_MIN, .min.u64 = 1};
    cr_assert_str_eq(detail_of(number, "0"), "must be at least 1");
    number = (struct gw_member){.type = GW_TYPE_REAL, .flags = GW_MEM_MIN, .min.f64 = 0.5};
    cr_assert_str_eq(detail_of(number, "0.25"), "must be at least 0.5");
    number = (struct gw_member){.type = GW_TYPE_REAL, .flags = GW_MEM_MAX, .max.f64 = 0.5};
    cr_assert_str_eq(detail_of(number, "1"), "must be at most 0.5");
}

Test(body, reads_lists_of_every_type)
{
    static const struct {
        enum gw_type type;
        const char *good, *bad;
    } cases[] = {
        {GW_TYPE_INT, "[1,-2]", "[1,0.5]"},
        {GW_TYPE_UINT, "[1,2]", "[1,-2]"},
        {GW_TYPE_REAL, "[1,2.5]", "[1,\"2\"]"},
        {GW_TYPE_BOOL, "[true,false]", "[true,0]"},
        {GW_TYPE_TEXT, "[\"a\",\"b\"]", "[\"a\",1]"},
        {GW_TYPE_EMAIL, "[\"a@b\",\"C@d\"]", "[\"a@b\",\"c\"]"},
        {GW_TYPE_DATE, "[\"2026-01-01\"]", "[\"2026-01-01\",\"2026-13-01\"]"},
        {GW_TYPE_TIME, "[\"2026-01-01T00:00:00Z\"]", "[\"2026-01-01T00:00:00Z\",null]"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct gw_member list = {.type = cases[i].type, .flags = GW_MEM_LIST};

        cr_assert_str_eq(detail_of(list, cases[i].good), "");
        cr_assert_str_neq(detail_of(list, cases[i].bad), "");
        cr_assert_str_eq(faults.items[0].pointer, "/m/1");
    }
}

Test(body, gives_the_elements_of_a_list_their_own_size)
{
    static const struct gw_member member = {
        .name = "m", .type = GW_TYPE_BOOL, .flags = GW_MEM_LIST};
    static const struct gw_shape shape = {
        "one", &member, 1, sizeof(struct gw_list), false, false, NULL, NULL, false, NULL};
    const struct gw_list *list = accepted("{\"m\":[true,false,true]}", &shape);

    cr_assert_eq(list->n, 3);
    cr_assert(((const bool *)list->items)[0] && !((const bool *)list->items)[1] &&
              ((const bool *)list->items)[2]);
}

Test(body, refuses_a_shape_with_a_column_type)
{
    struct gw_member blob = {.name = "m", .type = GW_TYPE_BLOB};
    struct gw_shape shape = {"one", &blob, 1, 64, false, false, NULL, NULL, false, NULL};
    const void *body = NULL;

    cr_assert_eq(json_bytes(GW_STR("{\"m\":\"\"}"), &shape, &body), -EINVAL);
    cr_assert_null(body);
}
