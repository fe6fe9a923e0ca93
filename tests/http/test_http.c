/* test_http.c: what RFC 9110 and its relatives ask of answers, in memory. */
#include "base/arena.h"
#include "gatewright.h"
#include "token/jwt.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECRET "0123456789012345678901234567890123456789"

static struct gw_test *test;
static struct gw_test_reply reply;

static void open_with(const char *setting)
{
    const char *const settings[] = {"GW_DATABASE_URL=sqlite::memory:", "GW_LOG=text:/dev/null",
                                    "GW_SECRET_KEY=" SECRET, setting, NULL};
    cr_assert_eq(gw_test_open(settings, NULL, &test), 0);
}

static void begin(void)
{
    open_with(NULL);
}

static void finish(void)
{
    gw_test_close(test);
}

TestSuite(http, .init = begin, .fini = finish);

static int ask(const char *method, const char *target, const char *body, const char *const *headers)
{
    struct gw_test_call call = {
        .method = method, .target = target, .body = body, .headers = headers};
    cr_assert_eq(gw_test_request(test, &call, &reply), 0);
    return reply.status;
}

static bool has_header(const char *line)
{
    char text[200];
    snprintf(text, sizeof(text), "%s\r\n", line);
    return strstr(reply.headers, text) != NULL;
}

/* RFC 9110, 9.3.7. */
Test(http, options_asterisk_asks_the_whole_server)
{
    cr_assert_eq(ask("OPTIONS", "*", NULL, NULL), 204);
    cr_assert(has_header("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"), "%s",
              reply.headers);
    cr_assert_eq(ask("GET", "*", NULL, NULL), 400);
    cr_assert_eq(ask("OPTIONS", "**", NULL, NULL), 400);
}

/* W3C Linked Data Platform, 7.1.2; RFC 5789, 3.1; RFC 9110, 12.5.1. */
Test(http, a_415_says_what_is_taken)
{
    struct gw_test_call call = {.content_type = "text/csv", .body = "{\"name\":\"a\"}"};
    static const char *const methods[][3] = {
        {"POST", "/things", "Accept-Post: application/json"},
        {"PATCH", "/things/1", "Accept-Patch: application/json"},
        {"PUT", "/things/1", "Accept: application/json"},
    };
    for (size_t i = 0; i < 3; i++) {
        call.method = methods[i][0];
        call.target = methods[i][1];
        cr_assert_eq(gw_test_request(test, &call, &reply), 0);
        cr_assert_eq(reply.status, 415);
        cr_assert(has_header(methods[i][2]), "%s", reply.headers);
        cr_assert_not_null(strstr(reply.body, "the body must be application/json"));
    }
    call.method = "PATCH";
    call.target = "/things/1";
    call.content_type = "application/merge-patch+json";
    cr_assert_eq(gw_test_request(test, &call, &reply), 0);
    cr_assert_eq(reply.status, 200);
}

/* RFC 9110, 8.3.1: what stands behind the slash is a token. */
Test(http, what_is_no_media_type_is_not_json)
{
    static const char *const others[] = {"application/a,b+json", "application/b/c+json",
                                         "application/a b+json", "application/\"a\"+json",
                                         "application/+json",    "text/a+json"};
    struct gw_test_call call = {
        .method = "PATCH", .target = "/things/1", .body = "{\"name\":\"a\"}"};
    for (size_t i = 0; i < 6; i++) {
        call.content_type = others[i];
        cr_assert_eq(gw_test_request(test, &call, &reply), 0);
        cr_expect_eq(reply.status, 415, "%s: %d", others[i], reply.status);
    }
}

Test(http, a_415_names_several_types_as_a_sentence_does)
{
    struct gw_test_call call = {
        .method = "POST", .target = "/named", .content_type = "text/csv", .body = "name=a"};
    cr_assert_eq(gw_test_request(test, &call, &reply), 0);
    cr_assert_eq(reply.status, 415);
    cr_assert_not_null(strstr(reply.body, "the body must be application/x-www-form-urlencoded or "
                                          "multipart/form-data\""),
                       "%s", reply.body);
    call.target = "/other";
    cr_assert_eq(gw_test_request(test, &call, &reply), 0);
    cr_assert_not_null(strstr(reply.body, "the body must be application/a+json, application/b+json "
                                          "or application/c+json\""),
                       "%s", reply.body);
}

/* RFC 6454, 6.2: the port of the scheme is left out. */
Test(http, origins_are_compared_as_browsers_write_them)
{
    static const char *const origins[][2] = {
        {"Origin: https://app.example", "Access-Control-Allow-Origin: https://app.example"},
        {"Origin: http://local.example", "Access-Control-Allow-Origin: http://local.example"},
        {"Origin: https://other.example:8443",
         "Access-Control-Allow-Origin: https://other.example:8443"},
    };
    static const char *const others[] = {
        "Origin: https://app.example:443", "Origin: http://app.example",
        "Origin: https://other.example", "Origin: https://app.example.evil.example"};
    for (size_t i = 0; i < 3; i++) {
        ask("GET", "/seen", NULL, (const char *const[]){origins[i][0], NULL});
        cr_assert(has_header(origins[i][1]), "%s: %s", origins[i][0], reply.headers);
    }
    for (size_t i = 0; i < 4; i++) {
        ask("GET", "/seen", NULL, (const char *const[]){others[i], NULL});
        cr_assert_null(strstr(reply.headers, "Allow-Origin"), "%s", others[i]);
    }
}

/* RFC 9562, 4: output in lower case, input in either. */
Test(http, a_uuid_arrives_in_lower_case)
{
    cr_assert_eq(ask("GET", "/by/F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", NULL, NULL), 200);
    cr_assert_str_eq(reply.body, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
}

Test(http, one_point_nought_is_one)
{
    cr_assert_eq(ask("POST", "/things", "{\"name\":\"a\",\"n\":1.0}", NULL), 200);
    cr_assert_str_eq(reply.body, "a 1");
    cr_assert_eq(ask("POST", "/things", "{\"name\":\"a\",\"n\":1.5}", NULL), 422);
}

static size_t faults(void)
{
    json_t *tree = json_loads(reply.body, 0, NULL);
    size_t n = json_array_size(json_object_get(tree, "errors"));
    json_decref(tree);
    return n;
}

Test(http, faults_of_query_and_body_are_told_together)
{
    cr_assert_eq(ask("POST", "/find?limit=0", "{\"name\":\"\"}", NULL), 422);
    cr_assert_eq(faults(), 2, "%s", reply.body);
    cr_assert_eq(ask("POST", "/find?limit=0", "{\"name\":\"a\"}", NULL), 422);
    cr_assert_eq(faults(), 1, "%s", reply.body);
    cr_assert_eq(ask("POST", "/find?limit=1", "{\"name\":\"a\"}", NULL), 200);
}

/* Just under 1 MiB of words, each of which is wrong. */
Test(http, a_large_body_full_of_faults_is_422_at_once)
{
    size_t n = 260000;
    char *text = malloc(20 + 4 * n), *out = text + sprintf(text, "{\"colours\":[\"\"");
    struct timespec from, to;
    for (size_t i = 0; i < n; i++)
        out += sprintf(out, ",\"\"");
    strcpy(out, "]}");
    cr_assert_lt(strlen(text), 1u << 20);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    cr_assert_eq(ask("POST", "/colours", text, NULL), 422, "%d", reply.status);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    cr_assert_eq(faults(), 32);
    double took = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    cr_assert_lt(took, 0.3, "%.3f s", took);
    free(text);
}

/* ---- Clocks ---- */

static int status_of(const char *name, int seconds)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_crypto *crypto;
    struct gw_keys *keys;
    const char *why, *token;
    time_t now = (time_t)gw_jwt_now();
    json_t *claims =
        json_pack("{s:s, s:i, s:I}", "table_name", "users", "id", 1, "exp", (json_int_t)now + 600);
    json_object_set_new(claims, name, json_integer((json_int_t)now + seconds));
    cr_assert_eq(gw_keys_from_secret(GW_STR(SECRET), &keys, &why), 0);
    cr_assert_eq(gw_crypto_new(&crypto), 0);
    cr_assert_eq(gw_jwt_sign(keys, crypto, claims, &arena, &token), 0);
    struct gw_test_call call = {.method = "GET", .target = "/me", .token = token};
    cr_assert_eq(gw_test_request(test, &call, &reply), 0);
    json_decref(claims);
    gw_crypto_free(crypto);
    gw_keys_free(keys);
    gw_arena_free(&arena);
    return reply.status;
}

/* Machines whose clocks are 10 s apart serve each other's tokens; nobody's lives longer for it. */
Test(http, clocks_may_differ_by_ten_seconds_ahead)
{
    cr_assert_eq(ask("POST", "/users", NULL, NULL), 200);
    cr_expect_eq(status_of("iat", 8), 200);
    cr_expect_eq(status_of("nbf", 8), 200);
    cr_expect_eq(status_of("iat", 13), 401);
    cr_expect_eq(status_of("nbf", 13), 401);
    cr_expect_eq(status_of("exp", -1), 401);
    cr_expect_eq(status_of("exp", 3), 200);
}

Test(http, gw_leeway_sets_both)
{
    gw_test_close(test);
    open_with("GW_LEEWAY=0");
    cr_assert_eq(ask("POST", "/users", NULL, NULL), 200);
    cr_expect_eq(status_of("iat", 3), 401);
    cr_expect_eq(status_of("nbf", 3), 401);
    gw_test_close(test);
    open_with("GW_LEEWAY=60");
    cr_assert_eq(ask("POST", "/users", NULL, NULL), 200);
    cr_expect_eq(status_of("iat", 55), 200);
    cr_expect_eq(status_of("exp", -55), 200);
    cr_expect_eq(status_of("exp", -63), 401);
}
