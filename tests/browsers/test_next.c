/* test_next.c: people without a token are sent to sign in, and back to nowhere but a page of ours.
 * spellings.txt has what others publish about open redirects (OWASP's cheat sheet on unvalidated
 * redirects, its testing guide WSTG-CLNT-04, PayloadsAllTheThings) and what we could think of;
 * next.py holds what is accepted against other programs' readers of URLs. */
#include "fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE "Sec-Fetch-Dest: document"

TestSuite(next, .init = begin, .fini = finish);

/* /next?next=..., with every byte percent-encoded: what gw_next gives. */
static const char *next_of(const char *text)
{
    char target[8192];
    size_t n = (size_t)snprintf(target, sizeof(target), "/next?next=");
    for (; *text && n + 4 < sizeof(target); text++)
        n += (size_t)snprintf(target + n, 4, "%%%02X", (unsigned char)*text);
    cr_assert_eq(ask("GET", target, NULL), 200, "%s", text);
    return reply.body;
}

Test(next, a_page_of_ours_is_given_back_as_it_is)
{
    static const char *const good[] = {"/",
                                       "/me",
                                       "/page",
                                       "/page/a%20b",
                                       "/page/%C3%BC",
                                       "/notes/7",
                                       "/notes/-7",
                                       "/files/a/b.txt",
                                       "/files/a/%7Bb%7D",
                                       "/page?a=b",
                                       "/page?a=b&c",
                                       "/page?",
                                       "/page?a=/b?c",
                                       "/me?next=//evil",
                                       "/day/2026-11-27",
                                       "/page/~a!$&'()*+,;=:@"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        cr_expect_str_eq(next_of(good[i]), good[i], "%s: %s", good[i], reply.body);
}

Test(next, nothing_else_is)
{
    char line[1024];
    size_t n = 0;
    FILE *file = fopen(getenv("TESTS_SPELLINGS"), "r");
    cr_assert_not_null(file);
    for (; fgets(line, sizeof(line), file); n++) {
        line[strcspn(line, "\n")] = 0;
        cr_expect_str_eq(next_of(line), "(none)", "`%s` gives %s", line, reply.body);
    }
    fclose(file);
    cr_assert_gt(n, 100);
}

Test(next, a_control_byte_or_a_blank_anywhere_makes_it_none)
{
    static const char *const places[] = {"@/me", "/@me", "/me@", "/me?a=b@"};
    for (size_t i = 0; i < 4; i++)
        for (int c = 1; c < 0x21; c++) {
            char text[32];
            snprintf(text, sizeof(text), "%s", places[i]);
            *strchr(text, '@') = (char)c;
            cr_expect_str_eq(next_of(text), "(none)", "%zu, %02x", i, c);
        }
    cr_expect_str_eq(next_of("/me\x7f"), "(none)");
}

Test(next, it_is_there_once_in_the_query)
{
    cr_expect(ask("GET", "/next?next=/me&next=/me", NULL) == 200 && !strcmp(reply.body, "(none)"));
    cr_expect(ask("GET", "/next?n%65xt=/me", NULL) == 200 && !strcmp(reply.body, "/me"));
    cr_expect(ask("GET", "/next", NULL) == 200 && !strcmp(reply.body, "(none)"));
    cr_expect(ask("GET", "/next?next", NULL) == 200 && !strcmp(reply.body, "(none)"));
}

Test(next, it_has_2048_bytes_at_most)
{
    char text[2100] = "/files/";
    memset(text + 7, 'a', sizeof(text) - 8);
    text[2048] = 0;
    cr_expect_str_eq(next_of(text), text);
    text[2048] = 'a', text[2049] = 0;
    cr_expect_str_eq(next_of(text), "(none)");
}

/* ---- else -------------------------------------------------------------------------------- */

Test(next, a_browser_without_a_token_is_sent_to_sign_in)
{
    cr_assert_eq(ask("GET", "/page", PAGE, NULL), 303);
    cr_expect(has("Location: /sign-in?next=/page"));
    cr_expect(has("Vary: Accept, Cookie"));
    cr_expect(has("Cache-Control: private, no-store"));
    cr_expect_null(strstr(reply.headers, "Set-Cookie"));
    cr_expect_str_eq(last_reason(), "auth.none");
}

Test(next, a_bad_cookie_is_ended_on_the_way)
{
    const char *const bad[] = {"junk", "", token_of(1, -10), token_of(77, 600)};
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(ask("GET", "/page", cookie(bad[i]), PAGE, NULL), 303);
        cr_expect(has("Location: /sign-in?next=/page"));
        cr_expect(ends_cookie());
    }
    cr_expect_eq(ask("GET", "/page", cookie(ann), cookie(ann), PAGE, NULL), 303);
    cr_expect(ends_cookie());
}

Test(next, what_shows_no_page_to_anybody_is_401)
{
    static const char *const accepts[] = {"*/*",
                                          "application/json",
                                          "text/*",
                                          "text/plain",
                                          "text/htmlx",
                                          "text/html;q=0",
                                          "text/html; q=0.0",
                                          "application/xhtml+xml",
                                          "xtext/html",
                                          ""};
    for (size_t i = 0; i < sizeof(accepts) / sizeof(accepts[0]); i++) {
        char line[64];
        snprintf(line, sizeof(line), "Accept: %s", accepts[i]);
        cr_expect_eq(ask("GET", "/page", line, NULL), 401, "%s", accepts[i]);
        cr_expect(has("Vary: Accept, Cookie"));
    }
    cr_expect_eq(ask("GET", "/page", NULL), 401);
    cr_expect_eq(ask("GET", "/page", "Sec-Fetch-Dest: empty", NULL), 401);
    cr_expect_eq(ask("GET", "/page", "Sec-Fetch-Dest: image", "Accept: image/*", NULL), 401);
    cr_expect_eq(ask("GET", "/me", PAGE, "Accept: text/html", NULL), 401); /* no `else` */
    cr_expect_eq(ask("GET", "/page", cookie(ann), PAGE, NULL), 200);
}

Test(next, a_browser_says_text_html_in_several_ways)
{
    static const char *const accepts[] = {
        "text/html", "Text/HTML", "text/html;q=0.1", "application/json, text/html;level=1",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"};
    for (size_t i = 0; i < sizeof(accepts) / sizeof(accepts[0]); i++) {
        char line[128];
        snprintf(line, sizeof(line), "Accept: %s", accepts[i]);
        cr_expect_eq(ask("GET", "/page", line, NULL), 303, "%s", accepts[i]);
    }
}

Test(next, a_good_token_that_may_not_is_403_all_the_same)
{
    const char *device;
    cr_assert_eq(gw_test_token(test, "devices", "1", &device), 0);
    cr_expect_eq(ask("GET", "/page", cookie(device), PAGE, NULL), 403);
}

Test(next, only_a_get_is_come_back_to)
{
    cr_expect_eq(ask("POST", "/page", PAGE, NULL), 303);
    cr_expect(has("Location: /sign-in"));
    cr_expect_eq(ask("HEAD", "/page", PAGE, NULL), 303);
    cr_expect(has("Location: /sign-in"));
}

Test(next, the_query_goes_along_without_a_token)
{
    cr_expect_eq(ask("GET", "/page?a=b&c=%20d", PAGE, NULL), 303);
    cr_expect(has("Location: /sign-in?next=/page%3Fa%3Db%26c%3D%2520d"));
    cr_expect_eq(ask("GET", "/page/x?auth=junk&a=1&%61uth=2&b", PAGE, NULL), 400); /* twice */
    cr_expect_eq(ask("GET", "/page/x?a=1&%61ut%68=junk&b", PAGE, NULL), 303);
    cr_expect(has("Location: /sign-in?next=/page/x%3Fa%3D1%26b"));
    cr_expect_eq(ask("GET", "/page?auth=junk", PAGE, NULL), 303);
    cr_expect(has("Location: /sign-in?next=/page"));
}

Test(next, where_it_would_not_be_believed_it_is_left_out)
{
    char target[4096] = "/page/";
    memset(target + 6, 'a', 3000);
    cr_expect_eq(ask("GET", target, PAGE, NULL), 303);
    cr_expect(has("Location: /sign-in"));
    cr_expect_eq(ask("GET", "/page?a=%00", PAGE, NULL), 303);
    cr_expect(has("Location: /sign-in"));
    cr_expect_eq(ask("GET", "/page?a=<b>", PAGE, NULL), 303);
    cr_expect(has("Location: /sign-in"));
}

/* What is made is what is read: there and back. */
Test(next, whoever_signs_in_comes_back_to_where_they_wanted)
{
    static const char *const wanted[] = {"/page", "/page?a=b&c=d%20e", "/page/%C3%BC%20x?y"};
    for (size_t i = 0; i < 3; i++) {
        char target[512], line[512];
        cr_assert_eq(ask("GET", wanted[i], PAGE, NULL), 303);
        const char *at = strstr(reply.headers, "Location: ") + 10;
        snprintf(target, sizeof(target), "%.*s", (int)strcspn(at, "\r"), at);
        cr_assert_eq(send("POST", target, "form", "email=ann%40school.test&password=right",
                          "Origin: " OURS, NULL),
                     303);
        snprintf(line, sizeof(line), "Location: %s", wanted[i]);
        cr_expect(has(line), "%s", reply.headers);
    }
}

Test(next, the_mount_belongs_to_it, .init = NULL)
{
    begin_at("/app");
    cr_expect_eq(ask("GET", "/app/page", PAGE, NULL), 303);
    cr_expect(has("Location: /app/sign-in?next=/app/page"));
    cr_expect_eq(ask("GET", "/app/next?next=/app/page", NULL), 200);
    cr_expect_str_eq(reply.body, "/app/page");
    cr_expect_eq(ask("GET", "/app/next?next=/page", NULL), 200);
    cr_expect_str_eq(reply.body, "(none)");
    cr_expect_eq(ask("GET", "/app/next?next=/application/page", NULL), 200);
    cr_expect_str_eq(reply.body, "(none)");
}

Test(next, a_forged_form_is_refused_before_anybody_is_sent_anywhere)
{
    cr_expect_eq(ask("POST", "/page", cookie(ann), PAGE, "Origin: https://evil.test", NULL), 403);
    cr_expect_eq(ask("POST", "/page", cookie("junk"), PAGE, "Origin: " OURS, NULL), 303);
    cr_expect(ends_cookie());
}
