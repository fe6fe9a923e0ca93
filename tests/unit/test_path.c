#include "input/path.h"

#include "base/arena.h"
#include "support.h"

#include <criterion/criterion.h>
#include <errno.h>

static struct gw_arena arena;

static void finish(void)
{
    gw_arena_free(&arena);
}

TestSuite(path, .fini = finish);

static int canonical(struct gw_str raw, struct gw_str *ret_path, struct gw_str *ret_query,
                     enum gw_reason *ret_reason)
{
    struct gw_str target = flush_bytes(raw.ptr, raw.len);
    int r = gw_path_canonical(target, &arena, ret_path, ret_query, ret_reason);

    if (r == 0 && ret_query->ptr)
        ret_query->ptr = gw_arena_copy(&arena, ret_query->ptr, ret_query->len);
    flush_free(target);
    return r;
}

static void becomes(const char *target, const char *expected)
{
    struct gw_str path, query;
    enum gw_reason reason = GW_REASON_NONE;
    int r = canonical(gw_str_from(target), &path, &query, &reason);

    cr_assert_eq(r, 0, "%s: refused for %s", target, gw_reason_name(reason));
    cr_assert_str_eq(path.ptr, expected);
    cr_assert_eq(path.len, strlen(expected));
}

static void refused_bytes(struct gw_str target, const char *expected)
{
    struct gw_str path, query;
    enum gw_reason reason = GW_REASON_NONE;

    cr_assert_eq(canonical(target, &path, &query, &reason), GW_E_MISMATCH, "%.*s is let through",
                 (int)target.len, target.ptr);
    cr_assert_str_eq(gw_reason_name(reason), expected, "%.*s: %s", (int)target.len, target.ptr,
                     gw_reason_name(reason));
}

static void refused(const char *target, const char *expected)
{
    refused_bytes(gw_str_from(target), expected);
}

Test(path, keeps_a_plain_path)
{
    becomes("/", "/");
    becomes("/a", "/a");
    becomes("/a/b.c/~d-e_f", "/a/b.c/~d-e_f");
    becomes("/!$&'()*+,;=:@", "/!$&'()*+,;=:@");
}

Test(path, keeps_the_trailing_slash)
{
    becomes("/a/", "/a/");
}

Test(path, keeps_case)
{
    becomes("/AbC", "/AbC");
}

Test(path, decodes_what_may_stand_literally)
{
    becomes("/%61%7E%2d%40%3A%3b", "/a~-@:;");
    becomes("/%6D%65", "/me");
}

Test(path, upper_cases_hex_digits)
{
    becomes("/%c3%a9", "/%C3%A9");
    becomes("/a%2fb", "/a%2Fb");
}

Test(path, keeps_an_encoded_percent_and_decodes_once)
{
    becomes("/%25", "/%25");
    becomes("/%2561", "/%2561");
    becomes("/%252e%252e", "/%252e%252e");
}

Test(path, encodes_raw_bytes_that_may_not_stand_literally)
{
    becomes("/a b\"<>[]{}|^`", "/a%20b%22%3C%3E%5B%5D%7B%7D%7C%5E%60");
    becomes("/\xc3\xa9", "/%C3%A9");
}

Test(path, takes_a_raw_backslash_as_its_escape)
{
    becomes("/a\\b", "/a%5Cb");
    refused("/a\\..\\b", "path.dot");
}

Test(path, joins_characters_written_half_raw)
{
    becomes("/\xc3%a9", "/%C3%A9");
}

Test(path, splits_the_query_at_the_first_question_mark)
{
    struct gw_str path, query;
    enum gw_reason reason;

    cr_assert_eq(canonical(GW_STR("/a?b=%zz?c"), &path, &query, &reason), 0);
    cr_assert_str_eq(path.ptr, "/a");
    cr_assert(gw_str_equal(query, GW_STR("b=%zz?c")));
    cr_assert_eq(canonical(GW_STR("/a?"), &path, &query, &reason), 0);
    cr_assert(query.ptr != NULL && query.len == 0);
    cr_assert_eq(canonical(GW_STR("/a"), &path, &query, &reason), 0);
    cr_assert_null(query.ptr);
}

Test(path, takes_an_encoded_question_mark_as_text)
{
    becomes("/a%3fb", "/a%3Fb");
}

Test(path, drops_scheme_and_authority)
{
    becomes("http://example.org/a", "/a");
    becomes("HTTPS://user@[::1]:443/a?b", "/a");
    becomes("http://example.org", "/");
    becomes("http://example.org?a", "/");
}

Test(path, refuses_other_forms)
{
    refused("", "path.form");
    refused("*", "path.form");
    refused("a/b", "path.form");
    refused("?a", "path.form");
    refused("http:", "path.form");
    refused("http:///a", "path.form");
    refused("http://", "path.form");
    refused("ftp://example.org/a", "path.form");
    refused("example.org:443", "path.form");
}

Test(path, reads_an_authority_to_its_end)
{
    refused_bytes(GW_STR("http://a\0/../b"), "path.dot");
    refused("http://a/../b", "path.dot");
}

Test(path, refuses_bad_escapes)
{
    refused("/%", "path.escape");
    refused("/%4", "path.escape");
    refused("/%g1", "path.escape");
    refused("/%1g", "path.escape");
    refused("/%%41", "path.escape");
    refused("/%u0041", "path.escape");
    refused("/%?41", "path.escape");
}

Test(path, refuses_control_bytes)
{
    refused("/%00", "path.control");
    refused("/a%0d%0aB", "path.control");
    refused("/%1f", "path.control");
    refused("/%7F", "path.control");
    refused("/a\tb", "path.control");
    refused("/\x7f", "path.control");
    refused_bytes(GW_STR("/a\0b"), "path.control");
}

Test(path, refuses_what_is_not_utf8)
{
    refused("/%80", "path.utf8");
    refused("/%c0%af", "path.utf8");
    refused("/%C0%AE%C0%AE/a", "path.utf8");
    refused("/%ed%a0%80", "path.utf8");
    refused("/%f4%90%80%80", "path.utf8");
    refused("/\xff", "path.utf8");
    refused("/%c3/%a9", "path.utf8");
    refused("/%c3", "path.utf8");
}

Test(path, refuses_empty_segments)
{
    refused("//", "path.empty");
    refused("//a", "path.empty");
    refused("/a//b", "path.empty");
    refused("/a//", "path.empty");
}

Test(path, refuses_dot_segments_in_any_encoding)
{
    refused("/.", "path.dot");
    refused("/..", "path.dot");
    refused("/a/./b", "path.dot");
    refused("/a/../b", "path.dot");
    refused("/a/..", "path.dot");
    refused("/%2e", "path.dot");
    refused("/%2e%2E/a", "path.dot");
    refused("/.%2e/a", "path.dot");
    refused("/%2e./a", "path.dot");
}

Test(path, keeps_other_dots)
{
    becomes("/...", "/...");
    becomes("/.a/b./a..b", "/.a/b./a..b");
}

Test(path, refuses_segments_that_decode_to_dots_or_nothing)
{
    refused("/a/..%2fb", "path.dot");
    refused("/a/..%2f..", "path.dot");
    refused("/a%2f..", "path.dot");
    refused("/a%5C..%5Cb", "path.dot");
    refused("/a%2F.", "path.dot");
    refused("/%2F", "path.empty");
    refused("/%2fa", "path.empty");
    refused("/a%2F", "path.empty");
    refused("/a%2f/", "path.empty");
    refused("/a%2f%2Fb", "path.empty");
    refused("/a%2F%5cb", "path.empty");
}

Test(path, keeps_separators_encoded)
{
    becomes("/a%2fb", "/a%2Fb");
    becomes("/a%5cb", "/a%5Cb");
}

Test(path, refuses_a_fragment)
{
    refused("/a#b", "path.fragment");
    refused("/#", "path.fragment");
    refused("/a?b#c", "path.fragment");
    refused("http://a#b", "path.fragment");
    becomes("/%23", "/%23");
}

Test(path, bounds_the_length)
{
    char *text = malloc(8194);

    memset(text, 'a', 8194);
    text[0] = '/';
    text[8192] = '\0';
    becomes(text, text);
    text[8192] = 'a';
    text[8193] = '\0';
    refused(text, "path.long");
    free(text);
}

Test(path, bounds_only_the_path_not_the_query)
{
    char *text = malloc(10001);

    memset(text, 'a', 10000);
    memcpy(text, "/a?", 3);
    text[10000] = '\0';
    becomes(text, "/a");
    free(text);
}

Test(path, is_idempotent)
{
    static const char *const targets[] = {"/a b", "/%61%2f%C3%A9", "/a/", "/%25%32%46", "/{x}"};

    for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
        struct gw_str path, query;
        enum gw_reason reason;

        cr_assert_eq(canonical(gw_str_from(targets[i]), &path, &query, &reason), 0);
        becomes(path.ptr, path.ptr);
    }
}

/* ---- Mount ---- */

static void unmounts(const char *path, const char *mount, const char *expected)
{
    struct gw_str s = gw_str_from(path);

    if (!expected) {
        cr_assert_not(gw_path_unmount(&s, mount));
        return;
    }
    cr_assert(gw_path_unmount(&s, mount));
    cr_assert(gw_str_equal(s, gw_str_from(expected)));
    cr_assert_eq(s.ptr[s.len], '\0');
}

Test(path, unmounts_on_a_segment_boundary)
{
    unmounts("/a/b", "", "/a/b");
    unmounts("/a/b", "/a", "/b");
    unmounts("/a/", "/a", "/");
    unmounts("/a", "/a", "/");
    unmounts("/ab", "/a", NULL);
    unmounts("/", "/a", NULL);
    unmounts("/b/a", "/a", NULL);
    unmounts("/A/b", "/a", NULL);
    unmounts("/a/b/c", "/a/b", "/c");
}

/* ---- Parameters ---- */

/* The spans a matcher gives. */
static void split(struct gw_str path, struct gw_span segments[GW_MAX_SEGMENTS])
{
    uint32_t start = 1, n = 0;

    for (uint32_t i = 1; i <= path.len; i++) {
        if (i < path.len && path.ptr[i] != '/')
            continue;
        if (n < GW_MAX_SEGMENTS)
            segments[n++] = (struct gw_span){start, i};
        start = i + 1;
    }
}

static int params(const struct gw_param *list, size_t n, const char *path,
                  union gw_param_value ret[GW_MAX_PARAMS], enum gw_reason *ret_reason)
{
    struct gw_route route = {.params = list, .n_params = n};
    struct gw_span segments[GW_MAX_SEGMENTS] = {{0, 0}};
    struct gw_str s = gw_str_from(path);

    split(s, segments);
    return gw_path_params(&route, s, segments, &arena, ret, ret_reason);
}

Test(path, converts_each_type_of_parameter)
{
    static const struct gw_param list[] = {
        {"id", GW_TYPE_INT, 1, 0, 0, NULL, NULL},    {"n", GW_TYPE_UINT, 2, 0, 0, NULL, NULL},
        {"name", GW_TYPE_FREE, 3, 0, 0, NULL, NULL}, {"year", GW_TYPE_INT, 4, 7, 4, NULL, NULL},
        {"rest", GW_TYPE_PATH, 5, 0, 0, NULL, NULL},
    };
    union gw_param_value ret[GW_MAX_PARAMS];
    enum gw_reason reason;

    cr_assert_eq(params(list, 5,
                        "/x/-9223372036854775808/18446744073709551615/a%20b/"
                        "report-2026.csv/a%2Fb/c%25",
                        ret, &reason),
                 0);
    cr_assert_eq(ret[0].i64, INT64_MIN);
    cr_assert_eq(ret[1].u64, UINT64_MAX);
    cr_assert_str_eq(ret[2].text, "a b");
    cr_assert_eq(ret[3].i64, 2026);
    cr_assert_str_eq(ret[4].text, "a/b/c%");
}

Test(path, refuses_a_number_beyond_64_bits)
{
    static const struct gw_param i64 = {"id", GW_TYPE_INT, 0, 0, 0, NULL, NULL};
    static const struct gw_param u64 = {"id", GW_TYPE_UINT, 0, 0, 0, NULL, NULL};
    union gw_param_value ret[GW_MAX_PARAMS];
    enum gw_reason reason;

    cr_assert_eq(params(&i64, 1, "/9223372036854775808", ret, &reason), GW_E_NOT_FOUND);
    cr_assert_eq(params(&u64, 1, "/18446744073709551616", ret, &reason), GW_E_NOT_FOUND);
}

Test(path, refuses_an_encoded_separator_outside_a_path_parameter)
{
    static const struct gw_param free_text = {"a", GW_TYPE_FREE, 0, 0, 0, NULL, NULL};
    static const struct gw_param both[] = {{"a", GW_TYPE_FREE, 0, 0, 0, NULL, NULL},
                                           {"p", GW_TYPE_PATH, 1, 0, 0, NULL, NULL}};
    union gw_param_value ret[GW_MAX_PARAMS];
    enum gw_reason reason = GW_REASON_NONE;

    cr_assert_eq(params(&free_text, 1, "/a%2Fb", ret, &reason), GW_E_MISMATCH);
    cr_assert_str_eq(gw_reason_name(reason), "path.separator");
    cr_assert_eq(params(&free_text, 1, "/a%5Cb", ret, &reason), GW_E_MISMATCH);
    cr_assert_eq(params(both, 2, "/a%2Fb/c", ret, &reason), GW_E_MISMATCH);
    cr_assert_eq(params(both, 2, "/a/b%2Fc", ret, &reason), 0);
    cr_assert_eq(params(NULL, 0, "/a%2Fb", ret, &reason), GW_E_MISMATCH);
}

Test(path, refuses_segments_of_a_path_parameter_that_decode_to_dots)
{
    static const struct gw_param rest = {"p", GW_TYPE_PATH, 0, 0, 0, NULL, NULL};
    union gw_param_value ret[GW_MAX_PARAMS];
    enum gw_reason reason = GW_REASON_NONE;

    cr_assert_eq(params(&rest, 1, "/a%2F..%2Fb", ret, &reason), GW_E_MISMATCH);
    cr_assert_str_eq(gw_reason_name(reason), "path.dot");
    cr_assert_eq(params(&rest, 1, "/a%2F%2Fb", ret, &reason), GW_E_MISMATCH);
    cr_assert_str_eq(gw_reason_name(reason), "path.empty");
}

Test(path, does_not_let_literal_text_cut_an_escape)
{
    static const struct gw_param mixed = {"a", GW_TYPE_FREE, 0, 0, 1, NULL, NULL};
    union gw_param_value ret[GW_MAX_PARAMS];
    enum gw_reason reason = GW_REASON_NONE;

    cr_assert_eq(params(&mixed, 1, "/%C3%A1", ret, &reason), GW_E_NOT_FOUND);
}

Test(path, refuses_spans_that_do_not_fit)
{
    static const struct gw_param mixed = {"a", GW_TYPE_FREE, 0, 2, 2, NULL, NULL};
    static const struct gw_param far = {"a", GW_TYPE_FREE, GW_MAX_SEGMENTS, 0, 0, NULL, NULL};
    union gw_param_value ret[GW_MAX_PARAMS];
    enum gw_reason reason = GW_REASON_NONE;

    cr_assert_eq(params(&mixed, 1, "/abc", ret, &reason), -EINVAL);
    cr_assert_eq(params(&far, 1, "/abc", ret, &reason), -EINVAL);
}

/* ---- Encoding ---- */

Test(path, encodes_so_that_the_canonical_form_is_the_same)
{
    const char *encoded;

    cr_assert_eq(gw_path_encode(&arena, "a b/c%\xc3\xa9~", false, &encoded), 0);
    cr_assert_str_eq(encoded, "a%20b%2Fc%25%C3%A9~");
    cr_assert_eq(gw_path_encode(&arena, "a b/c", true, &encoded), 0);
    cr_assert_str_eq(encoded, "a%20b/c");
}

Test(path, does_not_encode_what_cannot_be_a_segment)
{
    const char *encoded;

    cr_assert_eq(gw_path_encode(&arena, "", false, &encoded), -EINVAL);
    cr_assert_eq(gw_path_encode(&arena, ".", false, &encoded), -EINVAL);
    cr_assert_eq(gw_path_encode(&arena, "..", true, &encoded), -EINVAL);
    cr_assert_eq(gw_path_encode(&arena, "a//b", true, &encoded), -EINVAL);
    cr_assert_eq(gw_path_encode(&arena, "a/../b", true, &encoded), -EINVAL);
    cr_assert_eq(gw_path_encode(&arena, "a/", true, &encoded), -EINVAL);
    cr_assert_eq(gw_path_encode(&arena, "...", true, &encoded), 0);
}

/* ---- Memory ---- */

Test(path, tells_at_every_point_when_memory_is_short)
{
    static const struct gw_param name = {"a", GW_TYPE_FREE, 0, 0, 0, NULL, NULL};
    struct gw_route route = {.params = &name, .n_params = 1};
    struct gw_span segments[GW_MAX_SEGMENTS] = {{1, 7}};
    union gw_param_value ret[GW_MAX_PARAMS];
    enum gw_reason reason;
    const char *encoded;
    bool done = false;

    for (size_t limit = 1; !done; limit += 16) {
        struct gw_arena small = {.limit = limit};
        struct gw_str path, query;
        int r = gw_path_canonical(GW_STR("/%c3%a9"), &small, &path, &query, &reason);

        if (r == 0)
            r = gw_path_params(&route, path, segments, &small, ret, &reason);
        if (r == 0)
            r = gw_path_encode(&small, ret[0].text, false, &encoded);
        cr_assert(r == 0 || r == -ENOMEM);
        done = r == 0;
        gw_arena_free(&small);
    }
}
