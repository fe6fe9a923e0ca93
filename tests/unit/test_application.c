/* test_application.c: the public API through gw_test_request: the probe's handlers behind the real
 * gate and an SQLite store, in memory. */
#include "probe.h"

#include "site.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct gw_test *test;
static struct gw_test_reply reply;
static char folder[SITE_FOLDER_MAX];

static void open_test(void)
{
    static const char *const settings[] = {
        "GW_DATABASE_URL=sqlite::memory:", "GW_LOG=text:/dev/null", NULL};
    char path[SITE_PATH_MAX];
    cr_assert(site_folder(folder));
    site_path(folder, "note.txt", path);
    FILE *file = fopen(path, "w");
    fputs("a note", file);
    fclose(file);
    site_path(folder, "out", path);
    cr_assert_eq(symlink("/etc/passwd", path), 0);
    setenv("PROBE_FILES", folder, 1);
    cr_assert_eq(gw_test_open(settings, &probe_hooks, &test), 0);
}

static void close_test(void)
{
    gw_test_close(test);
    site_remove(folder);
}

TestSuite(application, .init = open_test, .fini = close_test);

static int ask(struct gw_test_call call)
{
    cr_assert_eq(gw_test_request(test, &call, &reply), 0);
    return reply.status;
}

static int get(const char *target)
{
    return ask((struct gw_test_call){.method = "GET", .target = target});
}

static bool has_header(const char *line)
{
    return strstr(reply.headers, line) != NULL;
}

/* ---- Results of handlers ----------------------------------------------------------------- */

Test(application, a_handlers_result_becomes_its_status)
{
    static const struct {
        int result, status;
    } cases[] = {
        {400, 400},  {401, 401}, {418, 418}, {404, 404}, {503, 503}, {599, 599},  {1, 404},
        {2, 409},    {3, 401},   {4, 401},   {77, 500},  {-5, 500},  {-112, 503}, /* -EHOSTDOWN */
        {-110, 503},                                                              /* -ETIMEDOUT */
        {-16, 503},                                                               /* -EBUSY */
        {600, 500},  {200, 500},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char target[64];
        snprintf(target, sizeof(target), "/result/%d", cases[i].result);
        cr_expect_eq(get(target), cases[i].status, "%d: %d", cases[i].result, reply.status);
        cr_expect(has_header("Content-Type: application/problem+json"));
        cr_expect_eq(has_header("Retry-After: 1"), cases[i].status == 503);
        cr_expect_eq(has_header("WWW-Authenticate: Bearer realm=\"gatewright\"\r\n"),
                     cases[i].status == 401);
    }
}

Test(application, success_without_a_response_is_500)
{
    cr_assert_eq(get("/result/0"), 500);
    cr_assert_eq(get("/silent"), 500);
}

Test(application, an_error_replaces_a_response_and_its_headers)
{
    cr_assert_eq(get("/replaced"), 403);
    cr_assert_null(strstr(reply.body, "this is replaced"));
    cr_assert_not(has_header("X-Test"));
}

/* ---- Headers ----------------------------------------------------------------------------- */

Test(application, a_header_that_would_split_the_response_is_500_and_sends_nothing_of_it)
{
    static const char *const kinds[] = {"split", "name", "framing", "type"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        char target[64];
        snprintf(target, sizeof(target), "/header/%s", kinds[i]);
        cr_expect_eq(get(target), 500, "%s: %d", kinds[i], reply.status);
        cr_expect_not(has_header("X-Evil"), "%s", kinds[i]);
        cr_expect_null(strstr(reply.body, "X-Evil"));
    }
    cr_assert_eq(get("/header/plain"), 200);
    cr_assert(has_header("X-Test: plain\r\n"));
}

Test(application, an_answer_has_one_request_id)
{
    cr_assert_eq(get("/header/plain"), 200);
    cr_assert(has_header("X-Request-Id: "));
    cr_assert_eq(get("/header/id"), 200);
    cr_assert(has_header("x-request-id: mine\r\n"));
    cr_assert_not(has_header("X-Request-Id: "));
}

Test(application, request_headers_are_read_but_never_credentials)
{
    static const char *const headers[] = {"X-Seen: yes", "Authorization: Bearer x", NULL};
    cr_assert_eq(
        ask((struct gw_test_call){.method = "GET", .target = "/header/plain", .headers = headers}),
        200);
    cr_assert_str_eq(reply.body, "yes -");
}

Test(application, cookies_are_set_safely_and_read)
{
    static const char *const headers[] = {"Cookie: a=b; seen=\"it\"; c", NULL};
    static const char *const twice[] = {"Cookie: seen=1; seen=2", NULL};
    cr_assert_eq(
        ask((struct gw_test_call){.method = "GET", .target = "/cookie", .headers = headers}), 200);
    cr_assert_str_eq(reply.body, "it");
    cr_assert(has_header("Set-Cookie: first=1; Path=/; SameSite=Lax; HttpOnly; Secure\r\n"));
    cr_assert(has_header(
        "Set-Cookie: second=2; Path=/; Max-Age=60; SameSite=Strict; HttpOnly; Secure\r\n"));
    ask((struct gw_test_call){.method = "GET", .target = "/cookie", .headers = twice});
    cr_assert_str_eq(reply.body, "none");
}

Test(application, redirects_go_to_paths_and_urls_only)
{
    cr_assert_eq(get("/redirect"), 303);
    cr_assert(has_header("Location: /fast\r\n"));
    cr_assert_eq(get("/redirect?to=https://example.com/"), 303);
    cr_assert_eq(get("/redirect?to=//evil.example"), 500);
    cr_assert_eq(get("/redirect?to=javascript:alert(1)"), 500);
    cr_assert_eq(get("/redirect?to=/a%0d%0aX-Evil:%201"), 500);
    cr_assert_not(has_header("X-Evil"));
}

/* ---- Conditions, caches, other origins --------------------------------------------------- */

static int get_if(const char *target, const char *method, const char *none_match)
{
    char line[256];
    snprintf(line, sizeof(line), "If-None-Match: %s", none_match);
    const char *const headers[] = {line, NULL};
    return ask((struct gw_test_call){.method = method, .target = target, .headers = headers});
}

Test(application, an_entity_tag_the_client_has_is_304_without_a_body)
{
    cr_assert_eq(get("/tagged/given"), 200);
    cr_assert(has_header("ETag: \"v1\"\r\n"));
    cr_assert_str_eq(reply.body, "a text");
    static const char *const have[] = {"\"v1\"", "W/\"v1\"", "*", "\"x\", \"v1\"",
                                       "W/\"a,b\",\"v1\""};
    for (size_t i = 0; i < sizeof(have) / sizeof(have[0]); i++) {
        cr_expect_eq(get_if("/tagged/given", "GET", have[i]), 304, "%s", have[i]);
        cr_expect_eq(reply.body_len, 0);
        cr_expect(has_header("ETag: \"v1\"\r\n"));
        cr_expect_not(has_header("Content-Length"));
        cr_expect_eq(get_if("/tagged/given", "HEAD", have[i]), 304, "%s", have[i]);
    }
    static const char *const have_not[] = {"\"v2\"", "v1", "\"v1", "\"V1\"", "", "\"\"", "\"v1 \""};
    for (size_t i = 0; i < sizeof(have_not) / sizeof(have_not[0]); i++)
        cr_expect_eq(get_if("/tagged/given", "GET", have_not[i]), 200, "%s", have_not[i]);
    cr_assert_eq(get_if("/tagged/none", "GET", "*"), 200);
}

/* The first 32 digits of `printf 'a text' | sha256sum`. */
Test(application, a_tag_is_made_of_the_body_on_demand)
{
    cr_assert_eq(get("/tagged/made"), 200);
    cr_assert(has_header("ETag: \"734194ede5b063e654d63cb95a682ca1\"\r\n"), "%s", reply.headers);
    cr_assert_eq(get_if("/tagged/made", "GET", "\"734194ede5b063e654d63cb95a682ca1\""), 304);
    cr_assert_eq(get_if("/tagged/made", "GET", "\"0000\""), 200);
}

Test(application, a_files_tag_changes_with_the_file)
{
    char path[SITE_PATH_MAX], tag[96];
    cr_assert_eq(get("/tagged/file"), 200);
    cr_assert_eq(sscanf(strstr(reply.headers, "ETag: "), "ETag: %95s", tag), 1);
    cr_assert_eq(get_if("/tagged/file", "GET", tag), 304);
    site_path(folder, "note.txt", path);
    FILE *file = fopen(path, "w");
    fputs("another", file);
    fclose(file);
    cr_assert_eq(get_if("/tagged/file", "GET", tag), 200);
    cr_assert_str_eq(reply.body, "another");
}

Test(application, only_200_is_conditional_and_a_bad_tag_is_500)
{
    cr_assert_eq(get_if("/tagged/created", "GET", "*"), 201);
    cr_assert_eq(get("/tagged/bad"), 500);
}

static int from_origin(const char *method, const char *target, const char *origin)
{
    char line[128];
    snprintf(line, sizeof(line), "Origin: %s", origin);
    const char *const headers[] = {line, "Access-Control-Request-Method: PUT", NULL};
    return ask((struct gw_test_call){.method = method, .target = target, .headers = headers});
}

Test(application, declared_origins_may_read_answers)
{
    static const char *const others[] = {"https://evil.example",     "null",
                                         "https://app.example.evil", "http://app.example",
                                         "HTTPS://APP.EXAMPLE",      "*"};
    cr_assert_eq(from_origin("GET", "/fast", "https://other.example"), 200);
    cr_assert(has_header("Access-Control-Allow-Origin: https://other.example\r\n"));
    cr_assert(has_header("Vary: Origin\r\n"));
    cr_assert(has_header("Access-Control-Expose-Headers: "));
    cr_assert_not(has_header("Access-Control-Allow-Credentials"));
    /* A refusal, too: a page must be able to tell 401 from a network that is down. */
    cr_assert_eq(from_origin("GET", "/p/me", "https://app.example"), 401);
    cr_assert(has_header("Access-Control-Allow-Origin: https://app.example\r\n"));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        cr_expect_eq(from_origin("GET", "/fast", others[i]), 200);
        cr_expect_not(has_header("Access-Control-Allow-Origin"), "%s", others[i]);
        cr_expect(has_header("Vary: Origin\r\n"));
    }
}

Test(application, a_preflight_is_answered_without_a_token)
{
    cr_assert_eq(from_origin("OPTIONS", "/p/me", "https://app.example"), 204);
    cr_assert(has_header("Access-Control-Allow-Origin: https://app.example\r\n"));
    cr_assert(has_header("Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"));
    cr_assert(has_header("Access-Control-Allow-Headers: Authorization, Content-Type, "
                         "If-None-Match\r\n"));
    cr_assert_eq(from_origin("OPTIONS", "/p/me", "https://evil.example"), 204);
    cr_assert_not(has_header("Access-Control-Allow-Origin"));
}

/* ---- Bodies and parameters --------------------------------------------------------------- */

Test(application, a_raw_body_arrives_as_it_was_sent)
{
    cr_assert_eq(ask((struct gw_test_call){.method = "POST",
                                           .target = "/p/echo",
                                           .content_type = "image/png",
                                           .body = "\x01\x02 any bytes"}),
                 200);
    cr_assert_str_eq(reply.body, "\x01\x02 any bytes");
}

Test(application, parameters_arrive_typed_and_decoded)
{
    cr_assert_eq(get("/words/b/01234567-89AB-cdef-0123-456789abcdef/2024-02-29/a-slug-1/"
                     "18446744073709551615"),
                 200);
    cr_assert_str_eq(reply.body, "b 01234567-89ab-cdef-0123-456789abcdef 2024-02-29 a-slug-1 "
                                 "18446744073709551615");
    cr_assert_eq(get("/words/c/01234567-89ab-cdef-0123-456789abcdef/2024-02-29/s/1"), 404);
    cr_assert_eq(get("/words/a/0123456789abcdef0123456789abcdef/2024-02-29/s/1"), 404);
    cr_assert_eq(get("/words/a/01234567-89ab-cdef-0123-456789abcdef/2023-02-29/s/1"), 404);
    cr_assert_eq(get("/words/a/01234567-89ab-cdef-0123-456789abcdef/2024-02-29/-s/1"), 404);
    cr_assert_eq(get("/words/a/01234567-89ab-cdef-0123-456789abcdef/2024-02-29/s/"
                     "18446744073709551616"),
                 404);
}

Test(application, the_rest_of_a_path_may_hold_encoded_slashes)
{
    cr_assert_eq(get("/rest/a/b%2Fc/d%20e"), 200);
    cr_assert_str_eq(reply.body, "a/b/c/d e");
    cr_assert_eq(get("/rest/a/..%2f.."), 400);
    cr_assert_eq(get("/rest/a/"), 404);
    cr_assert_eq(get("/file/a%2Fb"), 400);
}

/* ---- Files ------------------------------------------------------------------------------- */

Test(application, a_file_is_served_and_nothing_beside_its_folder)
{
    cr_assert_eq(get("/file/note.txt"), 200);
    cr_assert_str_eq(reply.body, "a note");
    cr_assert(has_header("Content-Type: text/plain; charset=utf-8"));
    cr_assert_eq(get("/file/none.txt"), 404);
    cr_assert_eq(get("/file/out"), 404, "a symbolic link leads out");
    cr_assert_eq(get("/file/.hidden"), 404);
}

/* ---- Streams ----------------------------------------------------------------------------- */

Test(application, a_stream_arrives_whole)
{
    cr_assert_eq(get("/stream"), 200);
    cr_assert_eq(reply.body_len, 1 << 20);
    cr_assert_not(has_header("Content-Length"));
}

/* ---- Accounts ---------------------------------------------------------------------------- */

/* Adds a person; the token is the caller's. */
static char *add_person(void)
{
    cr_assert_eq(ask((struct gw_test_call){
                     .method = "POST", .target = "/p/people", .body = "{\"name\":\"Ann\"}"}),
                 201, "%s", reply.body);
    json_t *json = json_loads(reply.body, 0, NULL);
    char *token = strdup(json_string_value(json_object_get(json, "token")));
    json_decref(json);
    return token;
}

static int get_as(const char *target, const char *token)
{
    return ask((struct gw_test_call){.method = "GET", .target = target, .token = token});
}

Test(application, what_needs_a_token_is_kept_by_nobody_else)
{
    char *token = add_person();
    cr_assert_eq(get_as("/p/tagged/me/none", token), 200, "%d", reply.status);
    cr_assert(has_header("Cache-Control: private, no-store\r\n"));
    cr_assert_eq(get_as("/p/tagged/me/given", token), 200);
    cr_assert(has_header("Cache-Control: private, no-cache\r\n"));
    cr_assert_eq(get_as("/p/tagged/me/public", token), 200);
    cr_assert(has_header("Cache-Control: public, max-age=60\r\n"));
    free(token);
}

Test(application, what_carries_a_token_is_never_kept)
{
    char *token = add_person();
    cr_assert_eq(get_as("/p/renewed", token), 200);
    free(token);
    cr_assert(has_header("Cache-Control: private, no-store\r\n"));
    cr_assert_not(has_header("public"), "%s", reply.headers);
}

Test(application, the_row_is_loaded_without_its_secrets)
{
    char *token = add_person();
    cr_assert_eq(get_as("/p/me", token), 200);
    cr_assert_str_eq(reply.body, "{\"id\":1,\"name\":\"Ann\"}");
    free(token);
}

Test(application, a_test_token_is_a_signed_in_caller)
{
    free(add_person());
    const char *token;
    cr_assert_eq(gw_test_token(test, "people", "1", &token), 0);
    cr_assert_eq(get_as("/p/me", token), 200);
    cr_assert_eq(gw_test_token(test, "people", "99", &token), GW_E_NOT_FOUND);
}

Test(application, a_guest_gets_in_without_a_token_but_not_with_a_bad_one)
{
    char *token = add_person();
    cr_assert_eq(get("/p/guest"), 200);
    cr_assert_str_eq(reply.body, "a guest");
    cr_assert_eq(get_as("/p/guest", token), 200);
    cr_assert_str_eq(reply.body, "Ann");
    cr_assert_eq(get_as("/p/guest", "nonsense"), 401);
    free(token);
}

Test(application, a_missing_scope_is_403_and_says_which)
{
    char *token = add_person();
    cr_assert_eq(get_as("/p/scoped", token), 403);
    cr_assert(
        has_header("WWW-Authenticate: Bearer error=\"insufficient_scope\", scope=\"notes:read\""));
    free(token);
}

Test(application, revoking_ends_old_tokens_and_not_the_one_issued_after_it)
{
    char *token = add_person();
    cr_assert_eq(ask((struct gw_test_call){.method = "POST", .target = "/p/again", .token = token}),
                 200);
    json_t *json = json_loads(reply.body, 0, NULL);
    const char *renewed = json_string_value(json_object_get(json, "token"));
    cr_assert_eq(get_as("/p/me", token), 401);
    cr_assert_eq(get_as("/p/me", renewed), 200);
    json_decref(json);
    free(token);
}

Test(application, a_url_token_is_good_on_its_path_and_in_the_query_only)
{
    char *token = add_person(), target[2048], link[1024];
    cr_assert_eq(get_as("/p/link", token), 200);
    snprintf(link, sizeof(link), "%s", reply.body);
    snprintf(target, sizeof(target), "/p/linked?auth=%s", link);
    cr_assert_eq(get(target), 200);
    cr_assert_str_eq(reply.body, "linked", "it must not be renewable");
    cr_assert_eq(get_as("/p/linked", link), 401);
    cr_assert_eq(get_as("/p/me", link), 401);
    /* `query_token bound`: an ordinary token is not admitted in the query. */
    snprintf(target, sizeof(target), "/p/linked?auth=%s", token);
    cr_assert_eq(get(target), 401);
    cr_assert_eq(get_as("/p/linked", token), 200);
    free(token);
}

/* ---- Transactions ------------------------------------------------------------------------ */

static int count_people(void)
{
    char *token = add_person();
    cr_assert_eq(get_as("/p/me", token), 200);
    int id = atoi(reply.body + strlen("{\"id\":"));
    free(token);
    return id;
}

Test(application, a_transaction_left_open_is_rolled_back_and_500)
{
    int before = count_people();
    cr_assert_eq(ask((struct gw_test_call){
                     .method = "POST", .target = "/p/people/open", .body = "{\"name\":\"Bob\"}"}),
                 500);
    cr_assert_eq(count_people(), before + 1);
}

Test(application, a_transaction_is_rolled_back_when_the_handler_fails)
{
    int before = count_people();
    cr_assert_eq(ask((struct gw_test_call){
                     .method = "POST", .target = "/p/people/fail", .body = "{\"name\":\"Bob\"}"}),
                 409);
    cr_assert_eq(count_people(), before + 1);
}
