/* test_csrf.c: requests that a page of another site made a browser send. What is expected says a
 * naive model of the rule, for each pair of Origin and Sec-Fetch-Site. */
#include "fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(csrf, .init = begin, .fini = finish);

static const struct {
    const char *origin; /* NULL: the field is absent */
    bool ours;
} origins[] = {
    {NULL, false},
    {"https://school.test", true},
    {"https://second.test:8443", true},
    {"https://app.school.test", true}, /* cors ... credentials */
    {"https://reader.test", false},    /* cors alone */
    {"null", false},
    {"", false},
    {"https://evil.test", false},
    {"https://sub.school.test", false},
    {"https://school.test.evil.test", false},
    {"https://evilschool.test", false},
    {"http://school.test", false},
    {"https://school.test:443", false},
    {"https://school.test:8443", false},
    {"https://second.test", false},
    {"https://school.test/", false},
    {"https://school.test/sign-in", false},
    {"https://SCHOOL.test", false},
    {"HTTPS://school.test", false},
    {"https://school.test.", false},
    {"https://school.test@evil.test", false},
    {"https://school.test https://evil.test", false},
    {"https://school.test, https://school.test", false},
    {"https://xn--schol-jua.test", false},
    {" https://school.test ", false},
    {"school.test", false},
    {"*", false},
};

static const struct {
    const char *site;
    bool ours;
} sites[] = {
    {NULL, false},          {"same-origin", true},        {"none", true},
    {"same-site", false},   {"cross-site", false},        {"", false},
    {"Same-Origin", false}, {"same-origin, none", false}, {"\"none\"", false},
    {"none;a=b", false},    {"same-origin ", false},
};

#define N(array) (sizeof(array) / sizeof(array[0]))

/* The fields of a pair, behind which NULL stands. */
static void fields(size_t o, size_t s, char *buffers, const char *ret[3])
{
    size_t n = 0;
    if (origins[o].origin) {
        snprintf(buffers, 128, "Origin: %s", origins[o].origin);
        /* The helper takes blanks behind the colon off. */
        ret[n++] = buffers;
    }
    if (sites[s].site) {
        snprintf(buffers + 128, 128, "Sec-Fetch-Site: %s", sites[s].site);
        ret[n++] = buffers + 128;
    }
    ret[n] = NULL;
}

/* Origin decides where it is there, whatever else is. */
static bool admits(size_t o, size_t s)
{
    return origins[o].origin ? origins[o].ours : sites[s].ours;
}

Test(csrf, an_unsafe_request_with_the_cookie_is_from_a_page_of_ours)
{
    static const char *const methods[] = {"POST /me", "POST /open", "POST /guests",
                                          "DELETE /notes/1"};
    for (size_t m = 0; m < N(methods); m++)
        for (size_t o = 0; o < N(origins); o++)
            for (size_t s = 0; s < N(sites); s++) {
                char buffers[256], method[16];
                const char *more[3], *target = strchr(methods[m], ' ') + 1;
                snprintf(method, sizeof(method), "%.*s", (int)(target - methods[m] - 1),
                         methods[m]);
                fields(o, s, buffers, more);
                int status =
                    ask(method, target, cookie(ann), more[0], more[0] ? more[1] : NULL, NULL);
                cr_expect_eq(status == 403, !admits(o, s), "%s: %s, %s: %d", methods[m],
                             origins[o].origin ? origins[o].origin : "-",
                             sites[s].site ? sites[s].site : "-", status);
                if (status == 403)
                    cr_expect_str_eq(last_reason(), "csrf");
            }
}

/* A forged log-in signs its victim in to another account: without any cookie. */
Test(csrf, a_request_that_may_set_the_cookie_is_from_a_page_of_ours)
{
    for (size_t o = 0; o < N(origins); o++)
        for (size_t s = 0; s < N(sites); s++) {
            char buffers[256];
            const char *more[3];
            fields(o, s, buffers, more);
            int status = send("POST", "/sign-in", "form", "email=ann%40school.test&password=right",
                              more[0], more[0] ? more[1] : NULL, NULL);
            cr_expect_eq(status, admits(o, s) ? 303 : 403, "%s, %s: %d",
                         origins[o].origin ? origins[o].origin : "-",
                         sites[s].site ? sites[s].site : "-", status);
            cr_expect_eq(strstr(reply.headers, "Set-Cookie") != NULL, admits(o, s));
            status = ask("POST", "/sign-out/anyway", more[0], more[0] ? more[1] : NULL, NULL);
            cr_expect_eq(status, admits(o, s) ? 204 : 403);
        }
}

Test(csrf, two_origins_are_none_of_ours)
{
    cr_expect_eq(ask("POST", "/me", cookie(ann), "Origin: " OURS, "Origin: " OURS, NULL), 403);
    cr_expect_eq(
        ask("POST", "/me", cookie(ann), "Sec-Fetch-Site: none", "Sec-Fetch-Site: none", NULL), 403);
}

Test(csrf, a_cookie_that_is_no_good_is_asked_about_all_the_same)
{
    cr_expect_eq(ask("POST", "/me", cookie("junk"), NULL), 403);
    cr_expect_eq(ask("POST", "/open", cookie(""), NULL), 403);
    cr_expect_eq(ask("POST", "/open", cookie("a"), cookie("b"), NULL), 403);
}

Test(csrf, what_is_safe_or_has_no_cookie_is_not_asked)
{
    cr_expect_eq(ask("GET", "/me", cookie(ann), "Origin: https://evil.test", NULL), 200);
    cr_expect_eq(ask("HEAD", "/me", cookie(ann), "Sec-Fetch-Site: cross-site", NULL), 200);
    cr_expect_eq(ask("OPTIONS", "/me", cookie(ann), "Sec-Fetch-Site: cross-site", NULL), 204);
    cr_expect_eq(ask("POST", "/open", "Origin: https://evil.test", NULL), 200);
    cr_expect_eq(ask("POST", "/me", bearer(ann), "Origin: https://evil.test", NULL), 200);
    cr_expect_eq(ask("POST", "/open", "Cookie: other=1", "Origin: https://evil.test", NULL), 200);
}

Test(csrf, a_bearer_token_does_not_make_a_forged_log_in_right)
{
    cr_expect_eq(send("POST", "/sign-in/json", "json",
                      "{\"email\":\"ann@school.test\",\"password\":\"right\"}", bearer(ann),
                      "Origin: https://evil.test", NULL),
                 403);
}

/* Pages of a listed origin may read the answer; those with `credentials` may send the cookie. */
Test(csrf, only_origins_with_credentials_are_told_so)
{
    cr_assert_eq(ask("GET", "/me", cookie(ann), "Origin: https://app.school.test", NULL), 200);
    cr_assert(has("Access-Control-Allow-Origin: https://app.school.test"));
    cr_assert(has("Access-Control-Allow-Credentials: true"));
    cr_assert_eq(ask("GET", "/me", cookie(ann), "Origin: https://reader.test", NULL), 200);
    cr_assert(has("Access-Control-Allow-Origin: https://reader.test"));
    cr_assert_null(strstr(reply.headers, "Allow-Credentials"));
    cr_assert_eq(ask("GET", "/me", cookie(ann), "Origin: https://evil.test", NULL), 200);
    cr_assert_null(strstr(reply.headers, "Access-Control-Allow"));
}
