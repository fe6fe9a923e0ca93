/* test_paths.c: URLs that generated functions make, and what the router says of them. */
#include "gatewright.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct gw_test *test;
static char database[64], log_file[80];

static void open_app(void)
{
    char url[100], log[100];
    snprintf(database, sizeof(database), "/tmp/gw-paths-%d", getpid());
    snprintf(log_file, sizeof(log_file), "%s.log", database);
    snprintf(url, sizeof(url), "GW_DATABASE_URL=sqlite:%s", database);
    snprintf(log, sizeof(log), "GW_LOG=text:%s", log_file);
    const char *const settings[] = {url, log, "GW_MOUNT=/app", NULL};
    cr_assert_eq(gw_test_open(settings, NULL, &test), 0);
}

static void close_app(void)
{
    gw_test_close(test);
    unlink(database);
    unlink(log_file);
}

TestSuite(url, .init = open_app, .fini = close_app);

static int status_of(const char *target, struct gw_test_reply *reply)
{
    struct gw_test_call call = {.method = "GET", .target = target};
    cr_assert_eq(gw_test_request(test, &call, reply), 0);
    return reply->status;
}

/* The URL of the route for a value that is written as in a query. */
static const char *url_of(const char *route, const char *value)
{
    static char url[4096];
    char target[4096];
    struct gw_test_reply reply;
    snprintf(target, sizeof(target), "/app/url/%s?of=%s", route, value);
    cr_assert_eq(status_of(target, &reply), 200, "%s", target);
    snprintf(url, sizeof(url), "%s", reply.body);
    return url;
}

static void expect_given(const char *url, const char *handler, const char *json)
{
    char body[256];
    struct gw_test_reply reply;
    snprintf(body, sizeof(body), "{\"handler\":\"%s\",\"given\":%s}", handler, json);
    cr_assert_eq(status_of(url, &reply), 200, "%s", url);
    cr_assert_str_eq(reply.body, body);
}

Test(url, leads_to_its_route_with_the_value)
{
    cr_assert_str_eq(url_of("by_name", "a%20b%25%C3%A9"), "/app/name/a%20b%25%C3%A9");
    expect_given("/app/name/a%20b%25%C3%A9", "by_name", "\"a b%\xc3\xa9\"");
    cr_assert_str_eq(url_of("by_name", "%252F"), "/app/name/%252F");
    expect_given("/app/name/%252F", "by_name", "\"%2F\"");
    cr_assert_str_eq(url_of("open_wide", "a/b%20c"), "/app/open/a/b%20c");
    expect_given("/app/open/a/b%20c", "open_wide", "\"a/b c\"");
    cr_assert_str_eq(url_of("open_wide", "a%5Cb"), "/app/open/a%5Cb");
    expect_given("/app/open/a%5Cb", "open_wide", "\"a\\\\b\"");
}

Test(url, is_none_where_the_router_would_refuse_it)
{
    static const char *const values[] = {"a/b", "a%5Cb", "%2F", "a%00b", "a%0Ab", "a%7F",
                                         "%FF", "..",    ".",   "",      NULL};
    for (size_t i = 0; values[i]; i++) {
        struct gw_test_reply reply;
        char target[128];
        snprintf(target, sizeof(target), "/app/url/by_name?of=%s", values[i]);
        if (status_of(target, &reply) == 200)
            cr_assert(!strcmp(reply.body, "none") || !strcmp(reply.body, "/app/name/a"), "%s: %s",
                      values[i], reply.body);
    }
    cr_assert_str_eq(url_of("by_name", "a/b"), "none");
    cr_assert_str_eq(url_of("by_name", "a%5Cb"), "none");
    cr_assert_str_eq(url_of("by_name", "a%0Ab"), "none");
    cr_assert_str_eq(url_of("wide", "a/../b"), "none");
    cr_assert_str_eq(url_of("wide", "a//b"), "none");
}

Test(url, is_none_where_a_value_does_not_fit_its_type)
{
    cr_assert_str_eq(url_of("typed", "0b7a4e0c-6a5e-4b9e-9a51-1f0b8f3f9d11"),
                     "/app/files/0b7a4e0c-6a5e-4b9e-9a51-1f0b8f3f9d11/x");
    cr_assert_str_eq(url_of("typed", "0b7a4e0c"), "none");
    cr_assert_str_eq(url_of("dated", "2026-02-29"), "none");
    cr_assert_str_eq(url_of("words", "grades"), "none");
    cr_assert_str_eq(url_of("words", "marks"), "/app/files/marks/x");
}

Test(url, is_none_where_a_narrower_route_has_it)
{
    cr_assert_str_eq(url_of("wide", "private/x"), "none");
    cr_assert_str_eq(url_of("wide", "private%5Cx"), "none");
    cr_assert_str_eq(url_of("open_wide", "closed/x"), "none");
    cr_assert_str_eq(url_of("open_wide", "closed"), "/app/open/closed");
}

Test(url, says_in_the_log_why_there_is_none)
{
    char text[4096] = "";
    url_of("by_name", "a/b");
    FILE *file = fopen(log_file, "r");
    cr_assert(file && fread(text, 1, sizeof(text) - 1, file));
    fclose(file);
    cr_assert(strstr(text, "url_by_name: these values make no path of /name/{name}"));
}

/* A UUID is given in lower case, so that its path in upper case may mean a narrower route's. */
Test(url, with_a_uuid_in_upper_case_does_not_go_around_a_narrower_route)
{
    struct gw_test_reply reply;
    cr_expect_eq(status_of("/app/ids/dddddddd-0000-4000-8000-00000000000a", &reply), 401);
    cr_expect_eq(status_of("/app/ids/dddddddd-0000-4000-8000-00000000000A", &reply), 400);
    cr_expect_eq(status_of("/app/ids/DDDDDDDD-0000-4000-8000-00000000000a", &reply), 400);
    cr_expect_eq(status_of("/app/ids/abcd0000-0000-4000-8000-000000000000", &reply), 401);
    cr_expect_eq(status_of("/app/ids/ABCD0000-0000-4000-8000-000000000000", &reply), 400);
    expect_given("/app/ids/EEEEEEEE-0000-4000-8000-00000000000A", "by_id",
                 "\"eeeeeeee-0000-4000-8000-00000000000a\"");
}
