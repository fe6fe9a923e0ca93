#include "json/json.h"

#include "base/arena.h"
#include "gatewright.h"
#include "support.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>

static struct gw_arena arena;

static void finish(void)
{
    gw_arena_free(&arena);
}

TestSuite(json, .fini = finish);

static int read_bytes(struct gw_str raw, const struct gw_json **ret, struct gw_json_error *error)
{
    struct gw_str text = flush_bytes(raw.ptr, raw.len);
    int r = gw_json_read(text, 64, &arena, ret, error);

    flush_free(text);
    return r;
}

/* For texts without numbers, which the tree would borrow. */
static const struct gw_json *read_text(const char *text)
{
    const struct gw_json *tree = NULL;
    struct gw_json_error error = {0, "", 0};

    cr_assert_eq(gw_json_read(gw_str_from(text), 64, &arena, &tree, &error), 0, "%s: %s", text,
                 error.what);
    return tree;
}

static void refused(const char *text, enum gw_json_fault fault, size_t offset)
{
    const struct gw_json *tree;
    struct gw_json_error error;

    cr_assert_eq(read_bytes(gw_str_from(text), &tree, &error), GW_E_MISMATCH, "%s", text);
    cr_assert_eq(error.fault, fault, "%s: %s", text, error.what);
    cr_assert_eq(error.offset, offset, "%s: %zu", text, error.offset);
}

/* ---- The vectors of JSONTestSuite ---- */

static struct gw_str load(const char *name)
{
    char path[1024];
    static char buffer[300000];

    snprintf(path, sizeof(path), "%s/json/%s", getenv("GW_TEST_VECTORS"), name);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    size_t n = fread(buffer, 1, sizeof(buffer), file);
    fclose(file);
    return (struct gw_str){buffer, n};
}

/* Well-formed texts that json.c refuses, and says so at its top. */
static bool is_refused_by_design(const char *name)
{
    static const char *const names[] = {
        "y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json",
        "y_object_escaped_null_in_key.json", "y_string_null_escape.json"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void check_vector(const char *name)
{
    const struct gw_json *tree;
    struct gw_json_error error;
    int r = read_bytes(load(name), &tree, &error);

    gw_arena_reset(&arena);
    if (name[0] == 'y' && !is_refused_by_design(name))
        cr_assert_eq(r, 0, "%s: %s at %zu", name, error.what, error.offset);
    else if (name[0] != 'i')
        cr_assert_eq(r, GW_E_MISMATCH, "%s is let through", name);
}

Test(json, decides_the_vectors_as_named)
{
    char path[1024];
    int n = 0;

    snprintf(path, sizeof(path), "%s/json", getenv("GW_TEST_VECTORS"));
    DIR *folder = opendir(path);
    cr_assert_not_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (!strchr("yni", entry->d_name[0]) || entry->d_name[1] != '_')
            continue;
        check_vector(entry->d_name);
        n++;
    }
    closedir(folder);
    cr_assert_geq(n, 300);
}

/* What ours takes, jansson takes and reads the same. (jansson takes "123" with a NUL behind it; the
 * vectors call that wrong, and so do we.) */
Test(json, agrees_with_jansson_on_the_vectors)
{
    char path[1024];

    snprintf(path, sizeof(path), "%s/json", getenv("GW_TEST_VECTORS"));
    DIR *folder = opendir(path);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct gw_json_error error;
        const struct gw_json *tree;
        json_error_t theirs_error;
        json_t *ours = NULL;

        if (!strchr("yni", entry->d_name[0]) || entry->d_name[1] != '_')
            continue;
        struct gw_str text = load(entry->d_name);
        json_t *theirs =
            json_loadb(text.ptr, text.len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &theirs_error);
        int r = gw_json_read(text, 600, &arena, &tree, &error);
        if (r == 0)
            r = gw_json_to_jansson(tree, &ours);
        if (r == 0 || entry->d_name[0] == 'y')
            cr_assert(r == 0 ? json_equal(ours, theirs) : theirs == NULL, "%s", entry->d_name);
        json_decref(ours);
        json_decref(theirs);
        gw_arena_reset(&arena);
    }
    closedir(folder);
}

/* ---- One by one ---- */

Test(json, keeps_order_and_names)
{
    const struct gw_json *tree = read_text("{\"b\":[1,2],\"a\":{\"c\":null}}");

    cr_assert_eq(tree->kind, GW_JSON_OBJECT);
    cr_assert_eq(tree->list.n, 2);
    cr_assert_str_eq(tree->list.first->name, "b");
    cr_assert_eq(tree->list.first->list.n, 2);
    cr_assert_eq(gw_json_member(gw_json_member(tree, "a"), "c")->kind, GW_JSON_NULL);
    cr_assert_null(gw_json_member(tree, "c"));
    cr_assert_null(gw_json_member(tree->list.first, "c"));
}

Test(json, decodes_every_escape)
{
    const struct gw_json *tree = read_text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC"
                                           "\\ud83d\\ude00\"");

    cr_assert_str_eq(tree->text.ptr, "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    cr_assert_eq(tree->text.len, strlen(tree->text.ptr));
}

Test(json, rejects_lone_surrogates)
{
    refused("\"\\ud800\"", GW_JSON_SYNTAX, 7);
    refused("\"\\udc00\"", GW_JSON_SYNTAX, 7);
    refused("\"\\ud800\\u0041\"", GW_JSON_SYNTAX, 13);
    refused("\"\\ud800\\ud800\"", GW_JSON_SYNTAX, 13);
    refused("\"\\ud800x\"", GW_JSON_SYNTAX, 7);
}

Test(json, rejects_nul)
{
    struct gw_json_error error;
    const struct gw_json *tree;

    refused("\"a\\u0000\"", GW_JSON_SYNTAX, 8);
    cr_assert_eq(read_bytes(GW_STR("\"a\0b\""), &tree, &error), GW_E_MISMATCH);
    cr_assert_eq(read_bytes(GW_STR("1\0"), &tree, &error), GW_E_MISMATCH);
}

Test(json, rejects_a_byte_order_mark)
{
    refused("\xef\xbb\xbf{}", GW_JSON_SYNTAX, 0);
}

Test(json, rejects_invalid_utf8)
{
    refused("\"\xc0\xaf\"", GW_JSON_UTF8, 0);
    refused("\"\xed\xa0\x80\"", GW_JSON_UTF8, 0);
}

Test(json, rejects_what_follows)
{
    refused("{}x", GW_JSON_SYNTAX, 2);
    refused("{} {}", GW_JSON_SYNTAX, 3);
    refused("", GW_JSON_SYNTAX, 0);
}

Test(json, rejects_duplicates_however_spelled)
{
    refused("{\"exp\":1,\"e\\u0078p\":2}", GW_JSON_DUPLICATE, 22);
    refused("{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"a\":0}",
            GW_JSON_DUPLICATE, 61);
    read_text("{\"a\":{\"a\":1},\"b\":{\"a\":1}}");
}

Test(json, takes_many_members_in_little_time)
{
    size_t size = 1000000, len = 0;
    char *text = malloc(size);

    text[len++] = '{';
    for (int i = 0; len < size - 40; i++)
        len += (size_t)sprintf(text + len, "%s\"m%d\":0", i ? "," : "", i);
    text[len++] = '}';
    text[len] = '\0';
    cr_assert_eq(read_text(text)->kind, GW_JSON_OBJECT);
    free(text);
}

Test(json, bounds_the_depth)
{
    struct gw_json_error error;
    const struct gw_json *tree;

    cr_assert_eq(gw_json_read(GW_STR("[[[1]]]"), 3, &arena, &tree, &error), 0);
    cr_assert_eq(gw_json_read(GW_STR("[[[[]]]]"), 3, &arena, &tree, &error), GW_E_MISMATCH);
    cr_assert_eq(error.fault, GW_JSON_DEPTH);
    cr_assert_eq(error.offset, 3);
    cr_assert_eq(gw_json_read(GW_STR("[[],[],{\"a\":[]}]"), 3, &arena, &tree, &error), 0);
}

Test(json, reads_integers_exactly)
{
    int64_t i;
    uint64_t u;

    cr_assert(gw_json_i64(read_text("-9223372036854775808"), &i) && i == INT64_MIN);
    cr_assert(gw_json_i64(read_text("-0"), &i) && i == 0);
    cr_assert(gw_json_u64(read_text("18446744073709551615"), &u) && u == UINT64_MAX);
    cr_assert_not(gw_json_i64(read_text("9223372036854775808"), &i));
    cr_assert_not(gw_json_u64(read_text("18446744073709551616"), &u));
    cr_assert_not(gw_json_u64(read_text("-1"), &u));
    cr_assert_not(gw_json_i64(read_text("1.0"), &i));
    cr_assert_not(gw_json_i64(read_text("1e3"), &i));
    cr_assert_not(gw_json_i64(read_text("\"1\""), &i));
    cr_assert_not(gw_json_i64(read_text("true"), &i));
}

/* A number of that value, its point moved and an exponent that moves it back. */
static const char *respelled(char text[80], uint64_t value, int zeros, int place)
{
    char digits[40];
    int len = snprintf(digits, sizeof(digits), "%" PRIu64 "%.*s", value, zeros, "000000");

    if (place >= len)
        snprintf(text, 80, "%se%s%d", digits, place & 1 ? "-" : "-0", zeros);
    else
        snprintf(text, 80, "%.*s.%sE%s%d", place, digits, digits + place,
                 len - place - zeros >= 0 ? "+" : "", len - place - zeros);
    return text;
}

Test(json, reads_whole_numbers_however_they_are_written)
{
    uint64_t random = 88172645463325252u, u;
    int64_t i;
    char text[80];

    for (int round = 0; round < 20000; round++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        uint64_t value = random >> (random & 63) | 1; /* no zeros in front */
        respelled(text, value, (int)(random >> 20 & 5), 1 + (int)(random >> 30 & 15));
        const struct gw_json *number = read_text(text);
        cr_assert(gw_json_is_whole(number), "%s", text);
        cr_assert(gw_json_whole_u64(number, &u) && u == value, "%s: %" PRIu64, text, value);
        cr_assert_eq(gw_json_whole_i64(number, &i), value <= INT64_MAX, "%s", text);
        gw_arena_reset(&arena);
    }
    cr_assert(gw_json_whole_i64(read_text("-9.223372036854775808e18"), &i) && i == INT64_MIN);
    cr_assert(gw_json_whole_i64(read_text("-0.0e5"), &i) && i == 0);
    cr_assert(gw_json_whole_u64(read_text("-0.0"), &u) && u == 0);
    cr_assert(gw_json_whole_u64(read_text("0e999999999999"), &u) && u == 0);
    cr_assert(gw_json_whole_u64(read_text("0.00000000000000000000000000000012e32"), &u) && u == 12);
    cr_assert_not(gw_json_whole_i64(read_text("-9223372036854775809.0"), &i));
    cr_assert_not(gw_json_whole_u64(read_text("1.8446744073709551616e19"), &u));
    cr_assert_not(gw_json_whole_u64(read_text("1e99999999999999999999"), &u));
    cr_assert_not(gw_json_whole_u64(read_text("1e-99999999999999999999"), &u));
    cr_assert_not(gw_json_is_whole(read_text("1e-1")));
    cr_assert_not(gw_json_is_whole(read_text("1.00000000000000000000001")));
    cr_assert_not(gw_json_is_whole(read_text("\"1\"")));
    cr_assert(gw_json_is_whole(read_text("1e999")));
}

Test(json, reads_reals)
{
    double f;

    cr_assert(gw_json_f64(read_text("-1.5e3"), &f) && f == -1500);
    cr_assert(gw_json_f64(read_text("3"), &f) && f == 3);
    cr_assert(gw_json_f64(read_text("1e-999"), &f) && f == 0);
    cr_assert_not(gw_json_f64(read_text("1e999"), &f));
    cr_assert_not(gw_json_f64(read_text("\"1\""), &f));
}

Test(json, bounds_the_length_of_a_number)
{
    char *text = malloc(1026);

    memset(text, '1', 1025);
    text[1024] = '\0';
    read_text(text);
    text[1024] = '1';
    text[1025] = '\0';
    refused(text, GW_JSON_SYNTAX, 1025);
    free(text);
}

Test(json, hands_a_tree_to_jansson)
{
    const char *text = "{\"a\":[1,-2.5,\"x\",true,false,null,{}]}";
    json_t *ours, *theirs = json_loads(text, 0, NULL);

    cr_assert_eq(gw_json_to_jansson(read_text(text), &ours), 0);
    cr_assert(json_equal(ours, theirs));
    json_decref(ours);
    json_decref(theirs);
}

Test(json, does_not_hand_over_numbers_that_jansson_cannot_hold)
{
    json_t *tree;

    cr_assert_eq(gw_json_to_jansson(read_text("[18446744073709551615]"), &tree), GW_E_MISMATCH);
    cr_assert_eq(gw_json_to_jansson(read_text("[1e999]"), &tree), GW_E_MISMATCH);
}

Test(json, tells_when_memory_is_short)
{
    const struct gw_json *tree;
    struct gw_json_error error;

    arena.limit = 1;
    cr_assert_eq(read_bytes(GW_STR("[]"), &tree, &error), -ENOMEM);
}
