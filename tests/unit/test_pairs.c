#include "input/body.h"

#include "base/arena.h"
#include "support.h"

#include <criterion/criterion.h>
#include <errno.h>

static struct gw_arena arena;
static struct gw_faults faults;

static void finish(void)
{
    gw_arena_free(&arena);
}

TestSuite(pairs, .fini = finish);

static int parse(struct gw_str raw, struct gw_pairs *ret, const char **ret_why)
{
    struct gw_str text = flush_bytes(raw.ptr, raw.len);
    int r = gw_pairs_parse(text, &arena, ret, ret_why);

    flush_free(text);
    return r;
}

static void pairs_refused(struct gw_str text)
{
    struct gw_pairs pairs;
    const char *why = NULL;

    cr_assert_eq(parse(text, &pairs, &why), GW_E_SYNTAX, "%s", text.ptr);
    cr_assert_not_null(why);
}

Test(pairs, are_split_and_decoded)
{
    struct gw_pairs pairs;
    const char *why;

    cr_assert_eq(parse(GW_STR("a=1&b=x+y%2B%c3%A9&&c&=d&e=f=g&%61=2"), &pairs, &why), 0);
    cr_assert_eq(pairs.n, 6);
    cr_assert_str_eq(pairs.items[0].name.ptr, "a");
    cr_assert_str_eq(pairs.items[0].value.ptr, "1");
    cr_assert_str_eq(pairs.items[1].value.ptr, "x y+\xc3\xa9");
    cr_assert_eq(pairs.items[1].value.len, 6);
    cr_assert_str_eq(pairs.items[2].name.ptr, "c");
    cr_assert_str_eq(pairs.items[2].value.ptr, "");
    cr_assert_str_eq(pairs.items[3].name.ptr, "");
    cr_assert_str_eq(pairs.items[3].value.ptr, "d");
    cr_assert_str_eq(pairs.items[4].value.ptr, "f=g");
    cr_assert_str_eq(pairs.items[5].name.ptr, "a");
}

Test(pairs, of_an_empty_text_are_none)
{
    struct gw_pairs pairs;
    const char *why;

    cr_assert_eq(parse(GW_STR(""), &pairs, &why), 0);
    cr_assert_eq(pairs.n, 0);
    cr_assert_eq(gw_pairs_parse((struct gw_str){NULL, 0}, &arena, &pairs, &why), 0);
    cr_assert_eq(parse(GW_STR("&&&"), &pairs, &why), 0);
    cr_assert_eq(pairs.n, 0);
}

Test(pairs, reject_bad_escapes)
{
    pairs_refused(GW_STR("a=%"));
    pairs_refused(GW_STR("a=%4"));
    pairs_refused(GW_STR("a=%zz"));
    pairs_refused(GW_STR("%4g=1"));
    pairs_refused(GW_STR("a=%4&1=2"));
}

Test(pairs, reject_nul)
{
    pairs_refused(GW_STR("a=%00"));
    pairs_refused(GW_STR("a%00b=1"));
    pairs_refused(GW_STR("a=\0"));
}

Test(pairs, reject_invalid_utf8)
{
    pairs_refused(GW_STR("a=%ff"));
    pairs_refused(GW_STR("a=%c0%80"));
    pairs_refused(GW_STR("\xc3=1"));
}

Test(pairs, are_at_most_256)
{
    char text[600];
    struct gw_pairs pairs;
    const char *why;

    for (int i = 0; i < 300; i++)
        memcpy(text + 2 * i, "a&", 2);
    cr_assert_eq(parse((struct gw_str){text, 512}, &pairs, &why), 0);
    cr_assert_eq(pairs.n, 256);
    pairs_refused((struct gw_str){text, 514});
}

/* ---- Pairs against a shape ---- */

struct query_body {
    struct gw_opt_i64 after;
    uint64_t limit;
    const char *q;
    struct gw_list tags;
    struct gw_opt_bool all;
    struct gw_opt_f64 ratio;
};
#define QUERY(member, kind)                                                                        \
    .name = #member, .type = kind, .offset = offsetof(struct query_body, member)
static const struct gw_member query_members[] = {
    {QUERY(after, GW_TYPE_INT), .flags = GW_MEM_OPTIONAL},
    {QUERY(limit, GW_TYPE_UINT), .flags = GW_MEM_MIN | GW_MEM_MAX, .min.u64 = 1, .max.u64 = 100},
    {QUERY(q, GW_TYPE_TEXT)},
    {QUERY(tags, GW_TYPE_TEXT), .flags = GW_MEM_LIST | GW_MEM_COUNT_MAX, .count_max = 2},
    {QUERY(all, GW_TYPE_BOOL), .flags = GW_MEM_OPTIONAL},
    {QUERY(ratio, GW_TYPE_REAL), .flags = GW_MEM_OPTIONAL},
};
static const struct gw_shape query = {
    "query", query_members, 6, sizeof(struct query_body), false, false, NULL, NULL, false, NULL};

static int check_pairs(const char *text, const void **ret)
{
    struct gw_pairs pairs;
    const char *why;

    cr_assert_eq(parse(gw_str_from(text), &pairs, &why), 0);
    return gw_body_pairs(&pairs, &query, &arena, &faults, ret);
}

static void query_invalid(const char *text, const char *pointer, const char *detail)
{
    const void *body = NULL;

    cr_assert_eq(check_pairs(text, &body), GW_E_INVALID, "%s", text);
    cr_assert_eq(faults.n, 1);
    cr_assert_str_eq(faults.items[0].pointer, pointer);
    cr_assert_str_eq(faults.items[0].detail, detail);
    cr_assert_null(body);
}

Test(pairs, fill_a_structure)
{
    const void *ret;

    cr_assert_eq(check_pairs("limit=5&q=a+b&after=-7&tags=x&tags=y&all=true&ratio=1e2", &ret), 0);
    const struct query_body *body = ret;
    cr_assert(body->after.set && body->after.value == -7);
    cr_assert_eq(body->limit, 5);
    cr_assert_str_eq(body->q, "a b");
    cr_assert_eq(body->tags.n, 2);
    cr_assert_str_eq(((const char *const *)body->tags.items)[1], "y");
    cr_assert(body->all.set && body->all.value);
    cr_assert(body->ratio.set && body->ratio.value == 100);
}

Test(pairs, take_an_empty_value_of_an_optional_scalar_as_absent)
{
    const void *ret;

    cr_assert_eq(check_pairs("limit=5&q=&after=&all=&ratio=", &ret), 0);
    const struct query_body *body = ret;
    cr_assert(!body->after.set && !body->all.set && !body->ratio.set);
    cr_assert_str_eq(body->q, "");
    query_invalid("limit=&q=", "/limit", "must be a whole number");
}

Test(pairs, take_no_pairs_as_an_empty_list)
{
    const void *ret;

    cr_assert_eq(check_pairs("limit=5&q=", &ret), 0);
    const struct query_body *body = ret;
    cr_assert_not_null(body->tags.items);
    cr_assert_eq(body->tags.n, 0);
}

Test(pairs, reject_a_scalar_twice)
{
    query_invalid("limit=5&q=&limit=5", "/limit", "must be there only once");
    query_invalid("limit=5&q=&after=1&after=", "/after", "must be there only once");
}

Test(pairs, reject_unknown_names)
{
    query_invalid("limit=5&q=&x=1", "/x", "is not a known member");
    query_invalid("limit=5&q=&Limit=1", "/Limit", "is not a known member");
    query_invalid("limit=5&q=&=1", "/", "is not a known member");
}

Test(pairs, reject_missing_names)
{
    query_invalid("limit=5", "/q", "is required");
}

Test(pairs, read_scalars_strictly)
{
    query_invalid("limit=+5&q=", "/limit", "must be a whole number");
    query_invalid("limit=5+&q=", "/limit", "must be a whole number");
    query_invalid("limit=05&q=", "/limit", "must be a whole number");
    query_invalid("limit=5.0&q=", "/limit", "must be a whole number");
    query_invalid("limit=0x5&q=", "/limit", "must be a whole number");
    query_invalid("limit=-0&q=", "/limit", "must be a whole number");
    query_invalid("limit=101&q=", "/limit", "must be 1 to 100");
    query_invalid("limit=18446744073709551621&q=", "/limit", "must be 1 to 100");
    query_invalid("limit=5&q=&all=yes", "/all", "must be true or false");
    query_invalid("limit=5&q=&all=TRUE", "/all", "must be true or false");
    query_invalid("limit=5&q=&ratio=inf", "/ratio", "must be a number");
    query_invalid("limit=5&q=&ratio=1e999", "/ratio", "is beyond what a number can hold");
    query_invalid("limit=5&q=&ratio=.5", "/ratio", "must be a number");
}

Test(pairs, know_bools_by_other_names)
{
    static const struct {
        const char *text;
        bool value;
    } cases[] = {{"all=1", true},  {"all=on", true},   {"all=true", true},  {"all", true},
                 {"all=0", false}, {"all=off", false}, {"all=false", false}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const void *ret;
        char text[64];
        snprintf(text, sizeof(text), "limit=5&q=&%s", cases[i].text);
        cr_assert_eq(check_pairs(text, &ret), 0, "%s", text);
        const struct query_body *body = ret;
        cr_assert(body->all.set && body->all.value == cases[i].value, "%s", text);
    }
}

Test(pairs, hold_lists_to_their_counts)
{
    query_invalid("limit=5&q=&tags=1&tags=2&tags=3", "/tags", "must hold at most 2 items");
}

Test(pairs, tell_at_every_point_when_memory_is_short)
{
    for (size_t limit = 1;; limit += 16) {
        const void *body = NULL;
        struct gw_pairs pairs;
        const char *why;
        struct gw_arena small = {.limit = limit};
        int r = gw_pairs_parse(GW_STR("limit=5&q=a&tags=1&x=2"), &small, &pairs, &why);

        if (r == 0)
            r = gw_body_pairs(&pairs, &query, &small, &faults, &body);
        gw_arena_free(&small);
        cr_assert(r == -ENOMEM || r == GW_E_INVALID);
        if (r == GW_E_INVALID)
            break;
    }
}

/* ---- Forms that are shown again ---- */

struct shown {
    struct gw_field title;
    struct gw_field_list tags;
    struct gw_field pin;
};
static const struct gw_form_field shown_fields[] = {
    {.offset = offsetof(struct shown, title)},
    {.offset = offsetof(struct shown, tags)},
    {.offset = offsetof(struct shown, pin), .secret = true},
};
static const struct gw_form_layout shown_form = {shown_fields, sizeof(struct shown)};
struct sent {
    const char *title;
    struct gw_list tags;
    const char *pin;
};
static const struct gw_member sent_members[] = {
    {.name = "ti/t~le",
     .type = GW_TYPE_TEXT,
     .flags = GW_MEM_MIN,
     .min.i64 = 2,
     .offset = offsetof(struct sent, title)},
    {.name = "tags",
     .type = GW_TYPE_INT,
     .flags = GW_MEM_LIST,
     .offset = offsetof(struct sent, tags)},
    {.name = "pin", .type = GW_TYPE_TEXT, .offset = offsetof(struct sent, pin)},
};
static const struct gw_shape sent_shape = {
    "sent", sent_members, 3, sizeof(struct sent), false, true, NULL, NULL, false, NULL};

static void expect_shown(const struct shown *shown)
{
    cr_assert_str_eq(shown->title.text, "x");
    cr_assert_str_eq(shown->title.fault, "must be at least 2 characters");
    cr_assert_eq(shown->tags.n, 3);
    cr_assert_null(shown->tags.fault);
    cr_assert_null(shown->tags.items[0].fault);
    cr_assert_str_eq(shown->tags.items[1].text, "two");
    cr_assert_not_null(shown->tags.items[1].fault);
    cr_assert_null(shown->tags.items[2].fault);
    cr_assert_str_eq(shown->pin.text, "");
    cr_assert(shown->pin.sent && !shown->pin.fault);
}

/* The faults beside the shape: names that only begin as a member's are others. */
Test(pairs, of_a_form_are_shown_with_their_faults_or_not_at_all_when_memory_is_short)
{
    static const char text[] = "tags=1&ti/t~le=x&tags=two&pin=secret&tags=3&tag=4&tagss=5&ti=6";
    int failures = 0, r = -ENOMEM;
    for (size_t limit = 16; r == -ENOMEM; limit += 16) {
        struct gw_arena small = {.limit = limit};
        struct gw_pairs pairs;
        const void *body = NULL, *shown = NULL;
        const char *why;
        cr_assert_lt(limit, 16384);
        r = gw_pairs_parse(gw_str_from(text), &small, &pairs, &why);
        if (!r)
            r = gw_body_pairs(&pairs, &sent_shape, &small, &faults, &body);
        cr_assert(r == -ENOMEM || r == GW_E_INVALID, "%d", r);
        cr_assert_null(body);
        int s = r == GW_E_INVALID
                    ? gw_form_show(&pairs, &sent_shape, &shown_form, &faults, &small, &shown)
                    : 0;
        cr_assert(s == 0 || s == -ENOMEM);
        cr_assert(!s || !shown);
        if (r == GW_E_INVALID && !s)
            expect_shown(shown);
        r = s ? s : r;
        failures += r == -ENOMEM;
        gw_arena_free(&small);
    }
    cr_assert_gt(failures, 20);
}
