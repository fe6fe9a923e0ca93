#include "base/str.h"

#include "support.h"

#include <criterion/criterion.h>

static bool utf8(const char *text)
{
    struct gw_str s = flush_text(text);
    bool valid = gw_utf8_valid(s.ptr, s.len, NULL);

    flush_free(s);
    return valid;
}

Test(utf8, accepts_each_length)
{
    cr_assert(utf8(""));
    cr_assert(utf8("a"));
    cr_assert(utf8("\x7f"));
    cr_assert(utf8("\xc2\x80\xdf\xbf"));
    cr_assert(utf8("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"));
    cr_assert(utf8("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
    cr_assert(utf8("eight bytes and more \xc3\xa9 then eight more bytes"));
}

Test(utf8, rejects_overlong_forms)
{
    cr_assert_not(utf8("\xc0\x80"));
    cr_assert_not(utf8("\xc1\xbf"));
    cr_assert_not(utf8("\xe0\x9f\xbf"));
    cr_assert_not(utf8("\xf0\x8f\xbf\xbf"));
}

Test(utf8, rejects_surrogates_and_beyond)
{
    cr_assert_not(utf8("\xed\xa0\x80"));
    cr_assert_not(utf8("\xed\xbf\xbf"));
    cr_assert_not(utf8("\xf4\x90\x80\x80"));
    cr_assert_not(utf8("\xf5\x80\x80\x80"));
    cr_assert_not(utf8("\xff"));
}

Test(utf8, rejects_cut_and_stray_bytes)
{
    cr_assert_not(utf8("\x80"));
    cr_assert_not(utf8("a\xc3"));
    cr_assert_not(utf8("\xe2\x82"));
    cr_assert_not(utf8("\xf0\x9f\x98"));
    cr_assert_not(utf8("12345678\x80"));
    cr_assert_not(utf8("1234567\xc3\xc3\xa9"));
    cr_assert_not(utf8("\xe2\x28\xa1"));
}

Test(utf8, counts_characters)
{
    size_t n;

    cr_assert(gw_utf8_valid("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10, &n));
    cr_assert_eq(n, 4);
    cr_assert(gw_utf8_valid("0123456789", 10, &n));
    cr_assert_eq(n, 10);
    cr_assert(gw_utf8_valid(NULL, 0, &n));
    cr_assert_eq(n, 0);
}

Test(str, compares_without_case)
{
    cr_assert(gw_str_equal_nocase(GW_STR("BeArEr"), GW_STR("bearer")));
    cr_assert_not(gw_str_equal_nocase(GW_STR("bearer"), GW_STR("bearer ")));
    cr_assert_not(gw_str_equal_nocase(GW_STR("\xc3\x89"), GW_STR("\xc3\xa9")));
}

static bool i64(const char *text, int64_t *ret)
{
    struct gw_str s = flush_text(text);
    bool valid = gw_parse_i64(s, ret);

    flush_free(s);
    return valid;
}

Test(number, reads_int64_in_one_spelling)
{
    int64_t value;

    cr_assert(i64("0", &value) && value == 0);
    cr_assert(i64("-1", &value) && value == -1);
    cr_assert(i64("9223372036854775807", &value) && value == INT64_MAX);
    cr_assert(i64("-9223372036854775808", &value) && value == INT64_MIN);
}

Test(number, rejects_other_spellings_of_int64)
{
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      "-0",
                                      "00",
                                      "01",
                                      "-01",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "1e3",
                                      "0x10",
                                      "--1",
                                      "a",
                                      "1a",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999999"};
    int64_t value;

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        cr_assert_not(i64(bad[i], &value), "%s", bad[i]);
}

Test(number, reads_uint64)
{
    uint64_t value;

    cr_assert(gw_parse_u64(GW_STR("18446744073709551615"), &value) && value == UINT64_MAX);
    cr_assert(gw_parse_u64(GW_STR("0"), &value) && value == 0);
    cr_assert_not(gw_parse_u64(GW_STR("18446744073709551616"), &value));
    cr_assert_not(gw_parse_u64(GW_STR("99999999999999999999"), &value));
    cr_assert_not(gw_parse_u64(GW_STR("-1"), &value));
    cr_assert_not(gw_parse_u64(GW_STR("007"), &value));
}

Test(date, knows_the_calendar)
{
    cr_assert(gw_is_date(GW_STR("2024-02-29")));
    cr_assert(gw_is_date(GW_STR("2000-02-29")));
    cr_assert(gw_is_date(GW_STR("0001-01-01")));
    cr_assert(gw_is_date(GW_STR("9999-12-31")));
    cr_assert_not(gw_is_date(GW_STR("2023-02-29")));
    cr_assert_not(gw_is_date(GW_STR("1900-02-29")));
    cr_assert_not(gw_is_date(GW_STR("2023-04-31")));
    cr_assert_not(gw_is_date(GW_STR("2023-00-10")));
    cr_assert_not(gw_is_date(GW_STR("2023-13-10")));
    cr_assert_not(gw_is_date(GW_STR("2023-01-00")));
    cr_assert_not(gw_is_date(GW_STR("0000-01-01")));
    cr_assert_not(gw_is_date(GW_STR("2023-1-01")));
    cr_assert_not(gw_is_date(GW_STR("2023/01/01")));
    cr_assert_not(gw_is_date(GW_STR("2023-01-01 ")));
    cr_assert_not(gw_is_date(GW_STR("+023-01-01")));
}

Test(uuid, knows_its_form)
{
    cr_assert(gw_is_uuid(GW_STR("f81d4fae-7dec-11d0-a765-00a0c91e6bf6")));
    cr_assert(gw_is_uuid(GW_STR("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6")));
    cr_assert_not(gw_is_uuid(GW_STR("f81d4fae-7dec-11d0-a765-00a0c91e6bf")));
    cr_assert_not(gw_is_uuid(GW_STR("f81d4fae-7dec-11d0-a765-00a0c91e6bg6")));
    cr_assert_not(gw_is_uuid(GW_STR("f81d4fae07dec-11d0-a765-00a0c91e6bf6")));
    cr_assert_not(gw_is_uuid(GW_STR("{81d4fae-7dec-11d0-a765-00a0c91e6bf}")));
}

static bool time_is(const char *text, int64_t expected)
{
    struct gw_str s = flush_text(text);
    int64_t value = 0;
    bool valid = gw_parse_time(s, &value);

    flush_free(s);
    return valid && value == expected;
}

static bool time_refused(const char *text)
{
    struct gw_str s = flush_text(text);
    int64_t value;
    bool valid = gw_parse_time(s, &value);

    flush_free(s);
    return !valid;
}

Test(time, reads_rfc3339)
{
    cr_assert(time_is("1970-01-01T00:00:00Z", 0));
    cr_assert(time_is("1985-04-12T23:20:50.52Z", INT64_C(482196050520000)));
    cr_assert(time_is("1996-12-19T16:39:57-08:00", INT64_C(851042397000000)));
    cr_assert(time_is("1937-01-01T12:00:27.87+00:20", INT64_C(-1041337172130000)));
    cr_assert(time_is("1969-12-31t23:59:59.999999z", -1));
    cr_assert(time_is("2026-01-01T00:00:00.123456789Z", INT64_C(1767225600123456)));
    cr_assert(time_is("0001-01-01T00:00:00Z", INT64_C(-62135596800000000)));
    cr_assert(time_is("9999-12-31T23:59:59.999999Z", INT64_C(253402300799999999)));
}

Test(time, rejects_what_is_not)
{
    static const char *const bad[] = {
        "",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01 00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "1990-12-31T23:59:60Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.1234567890Z",
        "2026-01-01T00:00:00,1Z",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+01:60",
        "2026-01-01T00:00:00Zx",
        "2026-01-01T00:00:00.1",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2026-01-01T0:00:00Z ",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        cr_assert(time_refused(bad[i]), "%s", bad[i]);
}

Test(time, is_written_as_it_was_read)
{
    static const char *const texts[] = {
        "1970-01-01T00:00:00Z",        "1969-12-31T23:59:59.999999Z", "2000-02-29T12:00:00Z",
        "0001-01-01T00:00:00Z",        "1600-03-01T00:00:00.000001Z", "2100-02-28T23:59:59Z",
        "9999-12-31T23:59:59.999999Z",
    };
    char buffer[32];
    int64_t value;

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        cr_assert(gw_parse_time(gw_str_from(texts[i]), &value));
        gw_format_time(value, buffer);
        cr_assert_str_eq(buffer, texts[i]);
    }
}

Test(time, of_any_int64_fits_the_buffer)
{
    char *buffer = malloc(32);

    gw_format_time(INT64_MIN, buffer);
    cr_assert_str_eq(buffer, "-290308-12-21T19:59:05.224192Z");
    gw_format_time(INT64_MAX, buffer);
    cr_assert_str_eq(buffer, "+294247-01-10T04:00:54.775807Z");
    free(buffer);
}
