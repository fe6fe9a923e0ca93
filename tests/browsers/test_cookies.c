/* test_cookies.c: the token's cookie as a credential, and how it is set and ended. */
#include "fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(cookies, .init = begin, .fini = finish);

Test(cookies, a_token_in_the_cookie_admits)
{
    cr_assert_eq(ask("GET", "/me", cookie(ann), NULL), 200);
    cr_assert_str_eq(reply.body, "ann@school.test");
    cr_assert(has("Cache-Control: private, no-store"));
    cr_assert(has("Vary: Cookie"));
}

Test(cookies, it_is_found_among_others_in_whichever_field)
{
    char several[2048];
    snprintf(several, sizeof(several), "Cookie: a=b; __Host-schoo=x; %s; z=", cookie(ann) + 8);
    cr_expect_eq(ask("GET", "/me", several, NULL), 200);
    cr_expect_eq(ask("GET", "/me", "Cookie: a=b", cookie(ann), "Cookie: c=d", NULL), 200);
}

Test(cookies, of_another_name_prefix_or_case_it_is_none)
{
    static const char *const names[] = {"school",        "__Secure-school", "__host-school",
                                        "__HOST-school", "__Host-School",   "__Host-school-x",
                                        "__Host-schoo",  "x__Host-school"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char line[2048];
        snprintf(line, sizeof(line), "Cookie: %s=%s", names[i], ann);
        cr_expect_eq(ask("GET", "/me", line, NULL), 401, "%s", names[i]);
        cr_expect_str_eq(last_reason(), "auth.none");
    }
}

Test(cookies, the_value_is_taken_as_it_was_sent)
{
    char line[2048];
    snprintf(line, sizeof(line), "Cookie: __Host-school=\"%s\"", ann);
    cr_expect_eq(ask("GET", "/me", line, NULL), 401);
    snprintf(line, sizeof(line), "Cookie: __Host-school=%s%%20", ann);
    cr_expect_eq(ask("GET", "/me", line, NULL), 401);
    cr_expect_eq(ask("GET", "/me", "Cookie: __Host-school=", NULL), 401);
    cr_expect_eq(ask("GET", "/me", "Cookie: __Host-school", NULL), 401);
}

Test(cookies, two_values_are_a_bad_token_and_both_are_ended)
{
    char line[4096];
    snprintf(line, sizeof(line), "%s; __Host-school=%s", cookie(ann), ann);
    cr_expect_eq(ask("GET", "/me", line, NULL), 401);
    cr_expect(has("WWW-Authenticate: Bearer error=\"invalid_token\""));
    cr_expect(ends_cookie());
    cr_expect_str_eq(last_reason(), "auth.cookies");
    cr_expect_eq(ask("GET", "/me", cookie(ann), cookie(token_of(2, 600)), NULL), 401);
    cr_expect(ends_cookie());
}

Test(cookies, beside_a_header_they_are_not_looked_at)
{
    cr_expect_eq(ask("GET", "/me", cookie("junk"), bearer(ann), NULL), 200);
    cr_expect_not(ends_cookie());
    cr_expect_eq(ask("GET", "/me", cookie(ann), bearer("junk"), NULL), 401);
    cr_expect_eq(ask("GET", "/me", cookie(ann), "Authorization: Basic YTpi", NULL), 401);
    cr_expect_eq(ask("GET", "/guests", cookie(ann), bearer("junk"), NULL), 401);
    cr_expect_eq(ask("POST", "/me", cookie(ann), bearer(token_of(2, 600)), NULL), 200);
    cr_expect_str_eq(reply.body, "bob@school.test");
}

Test(cookies, beside_a_token_in_the_query_they_are_not_looked_at)
{
    char target[2048];
    snprintf(target, sizeof(target), "/link?auth=%s", token_of(2, 600));
    cr_expect_eq(ask("GET", target, cookie(ann), NULL), 200);
    cr_expect_str_eq(reply.body, "bob@school.test");
    cr_expect_eq(ask("POST", target, cookie(ann), "Origin: https://evil.test", NULL), 200);
    cr_expect_str_eq(reply.body, "bob@school.test");
    cr_expect_eq(ask("GET", "/link?auth=junk", cookie(ann), NULL), 401);
    /* Where no route says `query_token` it is an ordinary parameter. */
    snprintf(target, sizeof(target), "/me?auth=%s", token_of(2, 600));
    cr_expect_eq(ask("GET", target, cookie(ann), NULL), 200);
    cr_expect_str_eq(reply.body, "ann@school.test");
    cr_expect_eq(ask("POST", target, cookie(ann), "Origin: https://evil.test", NULL), 403);
}

Test(cookies, a_bad_one_is_401_with_its_reason_in_the_log_alone)
{
    static const struct {
        const char *what, *reason;
    } cases[] = {{"junk", "jwt.segments"}, {"expired", "jwt.expired"}, {"gone", "jwt.row"}};
    char bodies[3][1024];
    for (size_t i = 0; i < 3; i++) {
        const char *token = i == 0 ? "junk" : i == 1 ? token_of(1, -10) : token_of(77, 600);
        cr_expect_eq(ask("GET", "/me", cookie(token), NULL), 401, "%s", cases[i].what);
        cr_expect_str_eq(last_reason(), cases[i].reason);
        snprintf(bodies[i], sizeof(bodies[i]), "%s", reply.body);
        char *id = strstr(bodies[i], "\"instance\"");
        cr_assert_not_null(id);
        *id = 0;
        cr_expect_str_eq(bodies[i], bodies[0]);
    }
    cr_expect_eq(ask("GET", "/both", cookie(ann), NULL), 200);
}

Test(cookies, a_bad_one_where_guests_may_call_is_a_guest_and_is_ended)
{
    store_exec("INSERT INTO users (id, email, role, disabled, epoch) VALUES "
               "(3, 'off@school.test', 'reader', 1, 0), (4, 'again@school.test', 'reader', 0, 9)");
    const char *const bad[] = {
        "junk", "", token_of(1, -10), token_of(77, 600), token_of(3, 600), token_of(4, 600)};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_expect_eq(ask("GET", "/guests", cookie(bad[i]), NULL), 200, "%zu", i);
        cr_expect_str_eq(reply.body, "guest");
        cr_expect(ends_cookie(), "%zu", i);
        cr_expect_not(ends_cookie() && !strncmp(last_reason(), "auth.none", 9));
    }
    cr_expect_eq(ask("GET", "/guests", cookie(ann), cookie(ann), NULL), 200);
    cr_expect_str_eq(reply.body, "guest");
    cr_expect(ends_cookie());
    cr_expect_eq(ask("GET", "/guests", cookie(ann), NULL), 200);
    cr_expect_str_eq(reply.body, "ann@school.test");
    cr_expect_not(ends_cookie());
    cr_expect_eq(ask("GET", "/guests", bearer("junk"), NULL), 401);
}

Test(cookies, a_good_one_of_another_entity_is_403)
{
    const char *device;
    cr_assert_eq(gw_test_token(test, "devices", "1", &device), 0);
    cr_expect_eq(ask("GET", "/me", cookie(device), NULL), 403);
    cr_expect_eq(ask("GET", "/guests", cookie(device), NULL), 403);
    cr_expect_eq(ask("GET", "/both", cookie(device), NULL), 200);
    cr_expect_str_eq(reply.body, "devices");
}

/* ---- Setting and ending ------------------------------------------------------------------ */

Test(cookies, a_log_in_sets_it_for_as_long_as_its_token_is_good)
{
    cr_assert_eq(send("POST", "/sign-in/json", "json",
                      "{\"email\":\"ann@school.test\",\"password\":\"right\"}", "Origin: " OURS,
                      NULL),
                 204);
    const char *set = strstr(reply.headers, "Set-Cookie: __Host-school=");
    cr_assert_not_null(set);
    const char *value = set + strlen("Set-Cookie: __Host-school="), *rest = strchr(value, ';');
    cr_assert_not_null(rest);
    long seconds = 0;
    cr_assert_eq(
        sscanf(rest, "; Path=/; Max-Age=%ld; SameSite=Lax; HttpOnly; Secure\r\n", &seconds), 1);
    cr_assert_not_null(strstr(rest, "; SameSite=Lax; HttpOnly; Secure\r\n"));
    cr_assert(seconds >= 12 * 3600 - 2 && seconds <= 12 * 3600, "%ld", seconds);
    cr_assert(has("Cache-Control: no-store"));
    char token[1024];
    snprintf(token, sizeof(token), "%.*s", (int)(rest - value), value);
    cr_assert_eq(ask("GET", "/me", cookie(token), NULL), 200);
    cr_assert_str_eq(reply.body, "ann@school.test");
}

Test(cookies, a_wrong_password_sets_none)
{
    cr_expect_eq(send("POST", "/sign-in/json", "json",
                      "{\"email\":\"ann@school.test\",\"password\":\"wrong\"}", "Origin: " OURS,
                      NULL),
                 401);
    cr_expect_null(strstr(reply.headers, "Set-Cookie"));
}

Test(cookies, signing_out_ends_it)
{
    cr_assert_eq(ask("POST", "/sign-out", cookie(ann), "Origin: " OURS, NULL), 303);
    cr_assert(ends_cookie());
    cr_assert(has("Location: /"));
}

Test(cookies, a_route_that_does_not_say_so_neither_sets_nor_ends_it)
{
    cr_assert_eq(ask("POST", "/forgotten", NULL), 200);
    cr_assert_str_eq(reply.body, "refused");
    cr_assert_null(strstr(reply.headers, "Set-Cookie"));
}

Test(cookies, nothing_but_a_token_of_ours_goes_into_it)
{
    static const char *const how[] = {"?how=junk", "?how=link", ""};
    for (size_t i = 0; i < 3; i++) {
        char target[64];
        snprintf(target, sizeof(target), "/other-cookie%s", how[i]);
        cr_expect_neq(ask("POST", target, "Origin: " OURS, NULL), 204, "%s", how[i]);
        cr_expect_null(strstr(reply.headers, "Set-Cookie"));
    }
}

Test(cookies, no_other_call_sets_it)
{
    cr_expect_eq(ask("POST", "/other-cookie?how=header", "Origin: " OURS, NULL), 500);
    cr_expect_null(strstr(reply.headers, "Set-Cookie"));
    cr_expect_eq(ask("POST", "/other-cookie?how=cookie", "Origin: " OURS, NULL), 500);
    cr_expect_null(strstr(reply.headers, "Set-Cookie"));
}

Test(cookies, a_handler_sees_its_own_cookies_and_never_the_token)
{
    cr_assert_eq(ask("GET", "/cookies", "Cookie: own=1", cookie(ann), NULL), 200);
    cr_assert_str_eq(reply.body, "1 - -");
}
