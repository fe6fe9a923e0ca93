#include "input/own.h"

#include "support.h"

#include <criterion/criterion.h>

static bool is_email(const char *text)
{
    struct gw_str s = flush_text(text);
    bool valid = gw_is_email(s);

    flush_free(s);
    return valid;
}

Test(email, accepts_addresses)
{
    cr_assert(is_email("a@b"));
    cr_assert(is_email("first.last+tag@mail.example.co.uk"));
    cr_assert(is_email("o'hara!#$%&*/=?^_`{|}~-@x-y.org"));
    cr_assert(is_email("1@1.2"));
}

Test(email, rejects_others)
{
    static const char *const bad[] = {
        "",         "a",     "@b",      "a@",      "a@@b",  "a@b@c",      "a b@c",
        ".a@b",     "a.@b",  "a..b@c",  "a@-b",    "a@b-",  "a@.b",       "a@b.",
        "a@b..c",   "a@b_c", "\"a\"@b", "a@[1.2]", "a@b c", "a@\xc3\xa9", "\xc3\xa9@b",
        "a\r\nb@c", "a@b\n", "<a@b>",   "a,b@c",   "a:b@c"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        cr_assert_not(is_email(bad[i]), "%s", bad[i]);
}

Test(email, bounds_the_lengths)
{
    char text[400];

    memset(text, 'a', sizeof(text));
    text[64] = '@';
    text[66] = '\0';
    cr_assert(is_email(text));
    text[64] = 'a';
    text[65] = '@';
    text[67] = '\0';
    text[66] = 'a';
    cr_assert_not(is_email(text));

    memset(text, 'a', sizeof(text));
    text[1] = '@';
    text[2 + 63] = '\0';
    cr_assert(is_email(text));
    text[2 + 63] = 'a';
    text[2 + 64] = '\0';
    cr_assert_not(is_email(text));

    memset(text, 'a', sizeof(text));
    text[1] = '@';
    for (int i = 32; i < 400; i += 32)
        text[i] = '.';
    text[254] = '\0';
    cr_assert(is_email(text));
    text[254] = 'a';
    text[255] = '\0';
    cr_assert_not(is_email(text));
}
