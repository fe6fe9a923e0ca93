/* test_requests.c: paths, methods, headers and bodies that are no good (security cases 20 to 30).
 */
#include "school.h"
#include "stack.h"

#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* ---- Raw requests ------------------------------------------------------------------------ */

/* Sends bytes as they stand; gives the whole answer until the server closes, or what came within
 * two seconds. Freed by the caller. */
static char *raw(const char *request, size_t len)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(strrchr(stack_url(), ':') + 1)),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timeval timeout = {.tv_sec = 5};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_eq(send(fd, request, len, MSG_NOSIGNAL), (ssize_t)len);
    char *answer = calloc(1, 65536);
    size_t n = 0;
    for (ssize_t got; n < 65535 && (got = recv(fd, answer + n, 65535 - n, 0)) > 0;)
        n += (size_t)got;
    close(fd);
    return answer;
}

static long raw_status(const char *answer)
{
    long status = 0;
    return sscanf(answer, "HTTP/1.%*d %ld", &status) == 1 ? status : 0;
}

static bool is_ours(const char *answer)
{
    return strstr(answer, "application/problem+json") != NULL;
}

/* A request line of `method` and `target`, as they stand. */
static char *raw_line(const char *method, const char *target)
{
    char request[20000];
    int n =
        snprintf(request, sizeof(request),
                 "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", method, target);
    return raw(request, (size_t)n);
}

/* ---- Paths ------------------------------------------------------------------------------- */

/* What a server makes of a request before it is ours. */
static bool server_is(const char *name)
{
    const char *server = getenv("E2E_SERVER");
    return server && !strcmp(server, name);
}

Test(requests, doubtful_paths_are_refused)
{
    static const char *const targets[] = {
        "//api/v1/me",
        "/api//v1/me",
        "/api/v1//me",
        "/api/v1/me//",
        "/api/v1/./me",
        "/api/v1/../v1/me",
        "/api/v1/x/..",
        "/..",
        "/.",
        "/api/v1/%2e/me",
        "/api/v1/%2E%2e/v1/me",
        "/api/v1/.%2e/me",
        "/api/v1%2Fme",
        "/api%2fv1%2fme",
        "/api/v1%5Cme",
        "/api/v1\\me",
        "/api/v1/me%00",
        "/api/v1/me%00.html",
        "/api/v1/me%0a",
        "/api/v1/me%0d%0aX-Evil:%20yes",
        "/api/v1/me%7f",
        "/api/v1/me%1F",
        "/api/v1/%",
        "/api/v1/%g0",
        "/api/v1/me%2",
        "/api/v1/%ff",
        "/api/v1/%c0%ae%c0%ae/me",
        "/api/v1/%e2%82",
        "/api/v1/%ed%a0%80",
        "/api/v1/me#fragment",
        "/api/v1/videos/..%2f..%2fetc%2fpasswd",
        "/api/v1/videos/%2e%2e%2fx",
        "/api/v1/videos/a%2Fb",
    };
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        char *answer = raw_line("GET", targets[i]);
        long status = raw_status(answer);
        /* The web server may refuse it before us, with a page of its own; Caddy escapes a `#`. */
        cr_expect(status == 400 ||
                      (status == 404 && server_is("caddy") && strchr(targets[i], '#')) ||
                      (!is_ours(answer) && (status == 404 || status == 403)),
                  "%s: %ld %s", targets[i], status, answer);
        cr_expect_null(strstr(answer, "X-Evil"), "%s", targets[i]);
        free(answer);
    }
}

Test(requests, another_spelling_is_the_same_route_and_the_same_gate)
{
    static const char *const targets[] = {"/api/v1/m%65", "/%61pi/v1/me", "/api/%76%31/me"};
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        struct account user;
        school_register("user", &user);
        struct reply reply = http((struct call){.target = targets[i], .token = user.token});
        cr_expect_eq(reply.status, 200, "%s: %ld", targets[i], reply.status);
        http_free(&reply);
        reply = http((struct call){.target = targets[i]});
        cr_expect_eq(reply.status, 401, "%s: %ld", targets[i], reply.status);
        http_free(&reply);
    }
}

Test(requests, slash_and_case_matter)
{
    static const char *const targets[] = {
        "/api/v1/me/",        "/api/v1/Me",
        "/API/v1/me",         "/api/v1",
        "/api/v1/",           "/me",
        "/api/v1/lessons/01", "/api/v1/lessons/1.0",
        "/api/v1/lessons/+1", "/api/v1/lessons/9223372036854775808"};
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        struct reply reply = http((struct call){.target = targets[i]});
        school_expect_problem(&reply, 404);
        http_free(&reply);
    }
}

Test(requests, open_routes_open_nothing_beside_them)
{
    static const char *const targets[] = {"/api/v1/auth/user/1/secret", "/api/v1/auth/user/x",
                                          "/static/../api/v1/me", "/static/api/v1/me"};
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        struct reply reply = http((struct call){.target = targets[i]});
        cr_expect(reply.status == 404 || reply.status == 400 || reply.status == 401, "%s: %ld",
                  targets[i], reply.status);
        http_free(&reply);
    }
}

/* ---- Methods ----------------------------------------------------------------------------- */

static void expect_allow(const char *method, const char *target, long status, const char *allow)
{
    struct reply reply = http((struct call){.method = method, .target = target});
    cr_assert_eq(reply.status, status, "%s %s: %ld", method, target, reply.status);
    cr_assert_not_null(http_header(&reply, "Allow"), "%s %s", method, target);
    cr_assert_str_eq(http_header(&reply, "Allow"), allow);
    http_free(&reply);
}

Test(requests, a_method_that_the_path_does_not_have_is_405_with_all_it_has)
{
    expect_allow("DELETE", "/api/v1/me", 405, "GET, HEAD, OPTIONS");
    expect_allow("GET", "/api/v1/logout", 405, "POST, OPTIONS");
    expect_allow("POST", "/api/v1/lessons/7", 405, "GET, HEAD, PUT, PATCH, DELETE, OPTIONS");
    expect_allow("DELETE", "/api/v1/lessons", 405, "GET, HEAD, POST, OPTIONS");
    expect_allow("HEAD", "/api/v1/auth/user", 405, "POST, OPTIONS");
}

Test(requests, options_answers_what_there_is_and_runs_nothing)
{
    expect_allow("OPTIONS", "/api/v1/me", 204, "GET, HEAD, OPTIONS");
    expect_allow("OPTIONS", "/api/v1/lessons/7", 204, "GET, HEAD, PUT, PATCH, DELETE, OPTIONS");
    expect_allow("OPTIONS", "/", 204, "GET, HEAD, OPTIONS");
    struct reply reply = http((struct call){.method = "OPTIONS", .target = "/api/v1/none"});
    school_expect_problem(&reply, 404);
    http_free(&reply);
}

Test(requests, head_follows_gets_policy_and_has_no_body)
{
    struct account user;
    school_register("user", &user);
    struct reply reply =
        http((struct call){.method = "HEAD", .target = "/api/v1/me", .token = user.token});
    cr_assert_eq(reply.status, 200);
    cr_assert_eq(reply.body_len, 0);
    cr_assert_str_eq(http_header(&reply, "Content-Type"), "application/json");
    http_free(&reply);
    reply = http((struct call){.method = "HEAD", .target = "/api/v1/me"});
    cr_assert_eq(reply.status, 401);
    cr_assert_eq(reply.body_len, 0);
    http_free(&reply);
    reply = http((struct call){.method = "HEAD", .target = "/"});
    cr_assert_eq(reply.status, 200);
    http_free(&reply);
}

/* Caddy turns methods that FastCGI clients do not know into POST. */
Test(requests, unknown_methods_are_501)
{
    static const char *const methods[] = {"FOO", "get", "PROPFIND", "Get"};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        char *answer = raw_line(methods[i], "/api/v1/me");
        long status = raw_status(answer);
        cr_expect(status == 501 || (status == 405 && server_is("caddy")) ||
                      (!is_ours(answer) && (status == 400 || status == 405)),
                  "%s: %ld", methods[i], status);
        free(answer);
    }
    char *answer = raw_line("TRACE", "/api/v1/me");
    cr_expect_eq(raw_status(answer), 405, "%s", answer);
    free(answer);
}

Test(requests, overriding_headers_are_ignored)
{
    static const char *const headers[] = {"X-HTTP-Method-Override: DELETE",
                                          "X-Method-Override: DELETE", "X-Original-URL: /",
                                          "X-Rewrite-URL: /", NULL};
    struct reply reply = http((struct call){.target = "/api/v1/me", .headers = headers});
    school_expect_problem(&reply, 401);
    http_free(&reply);
}

/* ---- Bodies ------------------------------------------------------------------------------ */

struct body_case {
    const char *body;
    long status;
};

static void posts(const struct account *teacher, const char *body, size_t len, long status)
{
    struct reply reply = http((struct call){.method = "POST",
                                            .target = "/api/v1/lessons",
                                            .token = teacher->token,
                                            .body = body,
                                            .body_len = len});
    cr_expect_eq(reply.status, status, "%s: %ld %s", body, reply.status, reply.body);
    http_free(&reply);
}

Test(requests, bodies_that_are_not_well_formed_are_400)
{
    static const char *const bodies[] = {
        "{",
        "}",
        "nonsense",
        "{\"title\":\"a\",}",
        "{\"title\":\"a\"} x",
        "{\"title\":\"a\",\"title\":\"b\"}",
        "{\"title\":\"a\",\"t\\u0069tle\":\"b\"}",
        "{'title':'a'}",
        "{\"title\":\"\xff\"}",
        "{\"title\":\"\xc0\xaf\"}",
        "{\"title\":\"\\ud800\"}",
        "{\"title\":\"a\\u0000b\"}",
        "\xef\xbb\xbf{\"title\":\"a\"}",
        "{\"title\":\"a\nb\"}",
        "{\"title\":01}",
        "{\"title\":NaN}",
    };
    struct account teacher;
    school_register("teacher", &teacher);
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        posts(&teacher, bodies[i], 0, 400);
    posts(&teacher, "{\"title\":\"a\0b\"}", 15, 400);
    char deep[2001];
    memset(deep, '[', 2000);
    deep[2000] = 0;
    posts(&teacher, deep, 0, 400);
}

Test(requests, bodies_unlike_their_declaration_are_422)
{
    static const char *const bodies[] = {
        "{}",
        "{\"title\":null}",
        "{\"title\":\"\"}",
        "{\"title\":1}",
        "{\"title\":[\"a\"]}",
        "{\"title\":\"a\",\"author_id\":1}",
        "{\"title\":1e999}",
        "{\"title\":123456789012345678901234567890}",
        "{\"Title\":\"a\"}",
    };
    struct account teacher;
    school_register("teacher", &teacher);
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        posts(&teacher, bodies[i], 0, 422);
    char text[1024] = "{\"title\":\"";
    for (int i = 0; i < 201; i++)
        strcat(text, "ä");
    strcat(text, "\"}");
    posts(&teacher, text, 0, 422);
    strcpy(text + 10 + 400, "\"}");
    posts(&teacher, text, 0, 201);
}

Test(requests, the_media_type_must_be_json)
{
    static const char *const types[] = {"text/plain",
                                        "application/x-www-form-urlencoded",
                                        "application/json; charset=latin1",
                                        "application/jsonx",
                                        "multipart/form-data; boundary=x",
                                        "application/+json",
                                        "text/x+json",
                                        "application/merge-patch+json; charset=\"utf-16\"",
                                        "application/x; y=+json"};
    struct account teacher;
    school_register("teacher", &teacher);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct reply reply = http((struct call){.target = "/api/v1/lessons",
                                                .token = teacher.token,
                                                .body = "{\"title\":\"a\"}",
                                                .type = types[i]});
        school_expect_problem(&reply, 415);
        cr_assert_str_eq(http_header(&reply, "Accept-Post"), "application/json");
        http_free(&reply);
    }
    static const char *const good[] = {
        "Application/JSON ; charset=UTF-8", "application/json;charset=\"utf-8\"; version=1",
        "application/vnd.api+json", "application/ld+JSON; profile=x"};
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        char body[32];
        snprintf(body, sizeof(body), "{\"title\":\"%zu\"}", i);
        struct reply reply = http((struct call){
            .target = "/api/v1/lessons", .token = teacher.token, .body = body, .type = good[i]});
        cr_assert_eq(reply.status, 201, "%s: %ld", good[i], reply.status);
        http_free(&reply);
    }
}

/* RFC 9110, 8.4 and 12.5.3. */
Test(requests, a_body_with_a_content_coding_is_415)
{
    static const char *const gzip[] = {"Content-Encoding: gzip", NULL};
    static const char *const two[] = {"Content-Encoding: identity", "Content-Encoding: br", NULL};
    static const char *const none[] = {"Content-Encoding: Identity", NULL};
    const char *const *const codings[] = {gzip, two, none};
    struct account teacher;
    school_register("teacher", &teacher);
    for (size_t i = 0; i < 3; i++) {
        struct reply reply = http((struct call){.target = "/api/v1/lessons",
                                                .token = teacher.token,
                                                .body = "{\"title\":\"a\"}",
                                                .headers = codings[i]});
        cr_assert_eq(reply.status, i < 2 ? 415 : 201, "%zu: %ld", i, reply.status);
        if (i < 2)
            cr_assert_str_eq(http_header(&reply, "Accept-Encoding"), "identity");
        http_free(&reply);
    }
}

Test(requests, a_body_over_the_limit_is_413_and_the_answer_arrives)
{
    size_t len = 3 << 20;
    char *body = malloc(len + 1);
    memset(body, 'a', len);
    body[len] = 0;
    struct account teacher;
    school_register("teacher", &teacher);
    struct reply reply = http((struct call){
        .target = "/api/v1/lessons", .token = teacher.token, .body = body, .body_len = len});
    school_expect_problem(&reply, 413);
    http_free(&reply);
    /* Without a token too: the length comes before the gate. */
    reply = http((struct call){.target = "/api/v1/lessons", .body = body, .body_len = len});
    school_expect_problem(&reply, 413);
    http_free(&reply);
    free(body);
}

Test(requests, a_body_where_none_is_declared_is_413)
{
    struct account user;
    school_register("user", &user);
    struct reply reply =
        http((struct call){.target = "/api/v1/logout", .token = user.token, .body = "{}"});
    school_expect_problem(&reply, 413);
    cr_assert_str_eq(http_text(&reply, "detail"), "this route takes no body");
    http_free(&reply);
}

Test(requests, the_gate_comes_before_the_body)
{
    struct account user;
    school_register("user", &user);
    struct reply reply = http((struct call){.target = "/api/v1/lessons", .body = "nonsense"});
    school_expect_problem(&reply, 401);
    http_free(&reply);
    reply = http((struct call){.target = "/api/v1/lessons",
                               .token = user.token,
                               .body = "nonsense",
                               .type = "text/plain"});
    school_expect_problem(&reply, 403);
    http_free(&reply);
}

Test(requests, own_comes_before_the_body)
{
    struct account teacher;
    school_register("teacher", &teacher);
    struct reply reply = http((struct call){.method = "PUT",
                                            .target = "/api/v1/lessons/9223372036854775807",
                                            .token = teacher.token,
                                            .body = "{}"});
    school_expect_problem(&reply, 404);
    http_free(&reply);
}

Test(requests, the_path_comes_before_the_gate)
{
    struct reply reply = http((struct call){.target = "/api/v1/none"});
    school_expect_problem(&reply, 404);
    http_free(&reply);
}

Test(requests, lengths_that_are_no_lengths_are_refused)
{
    static const char *const lengths[] = {"-1", "+1", "1x", "0x10", "99999999999999999999999"};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        char request[512];
        int n = snprintf(request, sizeof(request),
                         "POST /api/v1/auth/user HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                         "Content-Type: application/json\r\nContent-Length: %s\r\n\r\n{}",
                         lengths[i]);
        char *answer = raw(request, (size_t)n);
        long status = raw_status(answer);
        cr_expect(status == 400 || status == 413, "%s: %ld", lengths[i], status);
        free(answer);
    }
}

Test(requests, contradicting_security_headers_are_refused)
{
    static const char request[] =
        "GET /api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        "Authorization: Bearer a.b.c\r\nAuthorization: Bearer d.e.f\r\n\r\n";
    char *answer = raw(request, sizeof(request) - 1);
    cr_assert_eq(raw_status(answer), 400, "%s", answer);
    free(answer);
}

Test(requests, a_query_that_a_route_does_not_declare_is_ignored)
{
    struct account user;
    school_register("user", &user);
    struct reply reply =
        http((struct call){.target = "/api/v1/me?x=1&x=%zz&token+users+1", .token = user.token});
    cr_assert_eq(reply.status, 200, "%s", reply.body);
    http_free(&reply);
}

Test(requests, a_query_never_becomes_arguments)
{
    static const char *const targets[] = {"/?token+users+1", "/?--check", "/?--config+/etc/passwd",
                                          "/?--help"};
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        struct reply reply = http((struct call){.target = targets[i]});
        cr_expect_eq(reply.status, 200, "%s: %ld", targets[i], reply.status);
        cr_expect_not_null(strstr(reply.body, "<title>The school"), "%s: %s", targets[i],
                           reply.body);
        http_free(&reply);
    }
}

Test(requests, a_query_that_is_not_well_formed_is_400_where_it_is_declared)
{
    static const char *const queries[] = {"limit=%zz", "limit=%ff", "limit=%00", "%=1"};
    struct account user;
    school_register("user", &user);
    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        char target[128];
        snprintf(target, sizeof(target), "/api/v1/lessons?%s", queries[i]);
        struct reply reply = http((struct call){.target = target, .token = user.token});
        cr_expect_eq(reply.status, 400, "%s: %ld", queries[i], reply.status);
        http_free(&reply);
    }
}

int main(int argc, char **argv)
{
    return stack_main(argc, argv);
}
