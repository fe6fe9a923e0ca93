#include "json/out.h"

#include "base/arena.h"

#include <criterion/criterion.h>
#include <math.h>

static struct gw_arena arena;
static struct gw_jsonout out;

static void begin(void)
{
    out = (struct gw_jsonout){.text = {.arena = &arena}};
}

static void finish(void)
{
    gw_arena_free(&arena);
}

TestSuite(jsonout, .init = begin, .fini = finish);

static const char *value(struct gw_value v)
{
    begin();
    gw_jsonout_value(&out, &v);
    cr_assert_not(out.text.failed);
    cr_assert_eq(out.text.ptr[out.text.len], '\0');
    return out.text.ptr;
}

Test(jsonout, writes_nested_values_with_commas)
{
    gw_jsonout_object(&out);
    gw_jsonout_name(&out, "a");
    gw_jsonout_array(&out);
    gw_jsonout_i64(&out, 1);
    gw_jsonout_object(&out);
    gw_jsonout_end_object(&out);
    gw_jsonout_array(&out);
    gw_jsonout_end_array(&out);
    gw_jsonout_text(&out, "x");
    gw_jsonout_end_array(&out);
    gw_jsonout_name(&out, "b");
    gw_jsonout_text(&out, NULL);
    gw_jsonout_end_object(&out);
    cr_assert_str_eq(out.text.ptr, "{\"a\":[1,{},[],\"x\"],\"b\":null}");
}

Test(jsonout, escapes_strings_and_names)
{
    gw_jsonout_object(&out);
    gw_jsonout_name(&out, "\"");
    gw_jsonout_text(&out, "a\"b\\c\b\f\n\r\t\x01\x1f/\x7f\xc3\xa9");
    gw_jsonout_end_object(&out);
    cr_assert_str_eq(out.text.ptr,
                     "{\"\\\"\":\"a\\\"b\\\\c\\b\\f\\n\\r\\t\\u0001\\u001f/\x7f\xc3\xa9\"}");
}

Test(jsonout, writes_text_that_jansson_reads_back)
{
    char every[128];

    for (int i = 1; i < 128; i++)
        every[i - 1] = (char)i;
    every[127] = '\0';
    gw_jsonout_text(&out, every);
    json_t *tree = json_loads(out.text.ptr, JSON_DECODE_ANY, NULL);
    cr_assert_str_eq(json_string_value(tree), every);
    json_decref(tree);
}

Test(jsonout, writes_the_ends_of_the_integers)
{
    gw_jsonout_array(&out);
    gw_jsonout_i64(&out, INT64_MIN);
    gw_jsonout_i64(&out, INT64_MAX);
    gw_jsonout_u64(&out, UINT64_MAX);
    gw_jsonout_u64(&out, 0);
    gw_jsonout_end_array(&out);
    cr_assert_str_eq(out.text.ptr,
                     "[-9223372036854775808,9223372036854775807,18446744073709551615,0]");
}

Test(jsonout, writes_each_type_of_column)
{
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_INT, .as.i64 = -5}), "-5");
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_UINT, .as.u64 = 5}), "5");
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_BOOL, .as.boolean = true}), "true");
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_BOOL}), "false");
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_TEXT, .as.text = "x"}), "\"x\"");
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_DECIMAL, .as.text = "-12.30"}),
                     "\"-12.30\"");
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_TIME, .as.i64 = 1}),
                     "\"1970-01-01T00:00:00.000001Z\"");
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_BLOB, .as.blob = {"\xfb\xff", 2}}),
                     "\"+/8=\"");
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_BLOB, .as.blob = {"", 0}}), "\"\"");
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_JSON, .as.text = "{\"a\": [1]}"}),
                     "{\"a\": [1]}");
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_INT, .null = true}), "null");
}

Test(jsonout, writes_reals_that_read_back_the_same)
{
    static const double numbers[] = {0.1, -1.5, 1e300, 5e-324, 1.0 / 3, 1e15, 123456789.125};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        const char *text = value((struct gw_value){.type = GW_TYPE_REAL, .as.f64 = numbers[i]});
        cr_assert_eq(strtod(text, NULL), numbers[i]);
    }
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_REAL, .as.f64 = 0.1}), "0.1");
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_REAL, .as.f64 = 3}), "3.0");
}

Test(jsonout, writes_null_for_what_is_no_number)
{
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_REAL, .as.f64 = NAN}), "null");
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_REAL, .as.f64 = -INFINITY}), "null");
}

Test(jsonout, writes_null_for_text_and_blobs_that_are_not_there)
{
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_TEXT}), "null");
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_BLOB}), "null");
    cr_assert_str_eq(value((struct gw_value){.type = GW_TYPE_JSON}), "null");
}

Test(jsonout, fails_on_stored_json_that_is_none)
{
    struct gw_value bad = {.type = GW_TYPE_JSON, .as.text = "1],\"admin\":[true"};

    gw_jsonout_value(&out, &bad);
    cr_assert(out.text.failed);
}

Test(jsonout, grows)
{
    gw_jsonout_array(&out);
    for (int i = 0; i < 10000; i++)
        gw_jsonout_i64(&out, i);
    gw_jsonout_end_array(&out);
    json_t *tree = json_loads(out.text.ptr, 0, NULL);
    cr_assert_eq(json_array_size(tree), 10000);
    json_decref(tree);
}

Test(jsonout, stays_failed_when_memory_is_short)
{
    arena.limit = 1024;
    for (int i = 0; i < 1000; i++)
        gw_jsonout_text(&out, "0123456789");
    cr_assert(out.text.failed);
    gw_jsonout_i64(&out, 1);
    cr_assert(out.text.failed);
}
