/* test_gate.c: what the gate refuses, asked through the web server (security cases 1 to 19). */
#include "forge.h"
#include "school.h"
#include "stack.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The one answer to every bad token. */
static void expect_bad_token(struct reply *reply, const char *what)
{
    char expected[256];
    cr_assert_eq(reply->status, 401, "%s: %ld %s", what, reply->status, reply->body);
    cr_assert_str_eq(http_header(reply, "WWW-Authenticate"), "Bearer error=\"invalid_token\"");
    snprintf(expected, sizeof(expected),
             "{\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401,\"instance\":"
             "\"%s\"}",
             http_text(reply, "instance"));
    cr_assert_str_eq(reply->body, expected, "%s: %s", what, reply->body);
    http_free(reply);
}

static void refuses(char *token, const char *what)
{
    struct reply reply = http((struct call){.target = "/api/v1/me", .token = token});
    expect_bad_token(&reply, what);
    free(token);
}

static void admits(char *token)
{
    struct reply reply = http((struct call){.target = "/api/v1/me", .token = token});
    cr_assert_eq(reply.status, 200, "%s", reply.body);
    http_free(&reply);
    free(token);
}

static char *good_claims(long id)
{
    static char claims[256];
    snprintf(claims, sizeof(claims), "{\"table_name\":\"users\",\"id\":%ld,\"exp\":%ld}", id,
             forge_tomorrow());
    return claims;
}

static long new_user(void)
{
    struct account user;
    school_register("user", &user);
    return user.id;
}

Test(gate, admits_a_token_as_flask_jwt_router_makes_it)
{
    /* No iat, no epoch: its claims are these three. */
    admits(forge("{\"typ\":\"JWT\",\"alg\":\"HS256\"}", good_claims(new_user()), stack_secret()));
}

Test(gate, without_a_token_the_challenge_is_bare)
{
    struct reply reply = http((struct call){.target = "/api/v1/me"});
    school_expect_problem(&reply, 401);
    cr_assert_str_eq(http_header(&reply, "WWW-Authenticate"), "Bearer realm=\"gatewright\"");
    http_free(&reply);
}

Test(gate, refuses_every_other_algorithm)
{
    static const char *const headers[] = {
        "{\"alg\":\"none\"}",
        "{\"alg\":\"None\"}",
        "{\"alg\":\"hs256\"}",
        "{\"alg\":\"HS384\"}",
        "{\"alg\":\"HS512\"}",
        "{\"alg\":\"RS256\"}",
        "{\"alg\":null}",
        "{\"alg\":[\"HS256\"]}",
        "{\"typ\":\"JWT\"}",
        "{}",
        "[]",
        "\"HS256\"",
    };
    long id = new_user();
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        refuses(forge(headers[i], good_claims(id), stack_secret()), headers[i]);
}

Test(gate, refuses_an_unsigned_token)
{
    long id = new_user();
    char *token = forge("{\"alg\":\"none\"}", good_claims(id), stack_secret());
    strrchr(token, '.')[1] = 0;
    refuses(token, "alg none without a signature");
    token = forge("{\"alg\":\"HS256\"}", good_claims(id), stack_secret());
    strrchr(token, '.')[1] = 0;
    refuses(token, "an empty signature");
}

Test(gate, refuses_another_secret)
{
    refuses(forge("{\"alg\":\"HS256\"}", good_claims(new_user()),
                  "another-secret-of-32-bytes-or-more!"),
            "another secret");
}

Test(gate, refuses_headers_that_ask_for_more)
{
    static const char *const headers[] = {
        "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}",
        "{\"alg\":\"HS256\",\"b64\":false,\"crit\":[\"b64\"]}",
        "{\"alg\":\"HS256\",\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"\\u0061lg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"kid\":\"../../etc/passwd\"}",
        "{\"alg\":\"HS256\",\"kid\":\"' OR 1=1\"}",
        "{\"alg\":\"HS256\",\"kid\":1}",
    };
    long id = new_user();
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        refuses(forge(headers[i], good_claims(id), stack_secret()), headers[i]);
}

Test(gate, refuses_bad_times)
{
    static const char *const times[] = {
        "",
        ",\"exp\":1",
        ",\"exp\":\"4102444800\"",
        ",\"exp\":1.5e9",
        ",\"exp\":1e16",
        ",\"exp\":true",
        ",\"exp\":null",
        ",\"exp\":-1",
        ",\"exp\":9223372036854775808",
        ",\"exp\":9007199254740992",
        ",\"exp\":1e999",
        ",\"exp\":4102444800,\"exp\":4102444800",
        ",\"exp\":4102444800,\"e\\u0078p\":4102444800",
        ",\"exp\":4102444800,\"nbf\":4102444000",
        ",\"exp\":4102444800,\"nbf\":\"0\"",
        ",\"exp\":4102444800,\"iat\":4102444000",
        ",\"exp\":4102444800,\"iat\":null",
    };
    long id = new_user();
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        refuses(forge_claims("{\"table_name\":\"users\",\"id\":%ld%s}", id, times[i]), times[i]);
    refuses(
        forge_claims("{\"table_name\":\"users\",\"id\":%ld,\"exp\":%ld}", id, (long)time(NULL) - 1),
        "a second ago");
    admits(forge_claims("{\"table_name\":\"users\",\"id\":%ld,\"exp\":%ld,\"nbf\":%ld,\"iat\":%ld}",
                        id, forge_tomorrow(), (long)time(NULL) - 5, (long)time(NULL) - 5));
}

Test(gate, refuses_keys_that_are_not_exactly_the_columns_type)
{
    long id = new_user();
    char keys[12][64];
    snprintf(keys[0], 64, "\"%ld\"", id);
    snprintf(keys[1], 64, "%ld.0", id);
    snprintf(keys[2], 64, "\"%ldabc\"", id);
    snprintf(keys[3], 64, "[%ld]", id);
    snprintf(keys[4], 64, "{\"id\":%ld}", id);
    strcpy(keys[5], "true");
    strcpy(keys[6], "null");
    strcpy(keys[7], "0");
    strcpy(keys[8], "-1");
    strcpy(keys[9], "18446744073709551615");
    strcpy(keys[10], "9223372036854775807");
    strcpy(keys[11], "\"\"");
    for (size_t i = 0; i < 12; i++)
        refuses(forge_claims("{\"table_name\":\"users\",\"id\":%s,\"exp\":%ld}", keys[i],
                             forge_tomorrow()),
                keys[i]);
    refuses(forge_claims("{\"table_name\":\"users\",\"exp\":%ld}", forge_tomorrow()), "no key");
    refuses(forge_claims("{\"table_name\":\"users\",\"teacher_id\":%ld,\"exp\":%ld}", id,
                         forge_tomorrow()),
            "another table's key");
}

Test(gate, refuses_tables_that_are_no_entities)
{
    static const char *const tables[] = {
        "\"lessons\"", "\"Users\"",   "\"users \"",       "\"\"",
        "null",        "[\"users\"]", "\"users\\u0000\"", "\"sqlite_master\""};
    long id = new_user();
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        refuses(forge_claims("{\"table_name\":%s,\"id\":%ld,\"exp\":%ld}", tables[i], id,
                             forge_tomorrow()),
                tables[i]);
    refuses(forge_claims("{\"id\":%ld,\"exp\":%ld}", id, forge_tomorrow()), "no table");
}

Test(gate, another_declared_entity_is_403)
{
    struct account teacher;
    school_register("teacher", &teacher);
    struct reply reply = http((struct call){.target = "/api/v1/login", .token = teacher.token});
    school_expect_problem(&reply, 403);
    http_free(&reply);
}

Test(gate, a_deleted_row_is_the_same_answer_as_a_bad_signature)
{
    struct account user;
    char sql[96];
    school_register("user", &user);
    struct reply reply = http((struct call){.target = "/api/v1/me", .token = user.token});
    cr_assert_eq(reply.status, 200, "%s", reply.body);
    http_free(&reply);
    snprintf(sql, sizeof(sql), "DELETE FROM users WHERE id = %ld", user.id);
    cr_assert(stack_exec(sql));
    refuses(strdup(user.token), "a row that was there");
    refuses(
        forge_claims("{\"table_name\":\"users\",\"id\":123456789,\"exp\":%ld}", forge_tomorrow()),
        "no such row");
}

Test(gate, refuses_an_audience_that_is_not_ours)
{
    refuses(forge_claims("{\"table_name\":\"users\",\"id\":%ld,\"exp\":%ld,\"aud\":\"other\"}",
                         new_user(), forge_tomorrow()),
            "aud");
}

Test(gate, refuses_epochs_of_the_wrong_type_or_the_future)
{
    static const char *const epochs[] = {"1", "-1", "\"0\"", "0.0", "null", "true"};
    long id = new_user();
    for (size_t i = 0; i < sizeof(epochs) / sizeof(epochs[0]); i++)
        refuses(forge_claims("{\"table_name\":\"users\",\"id\":%ld,\"exp\":%ld,\"epoch\":%s}", id,
                             forge_tomorrow(), epochs[i]),
                epochs[i]);
    admits(forge_claims("{\"table_name\":\"users\",\"id\":%ld,\"exp\":%ld,\"epoch\":0}", id,
                        forge_tomorrow()));
}

Test(gate, refuses_tokens_that_are_malformed)
{
    char *good = forge("{\"alg\":\"HS256\"}", good_claims(new_user()), stack_secret());
    char token[6000];
    static const char *const formats[] = {"%s=", "%s.", ".%s", "%sA", "%s.e30", "%s%%20"};
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(token, sizeof(token), formats[i], good);
#pragma GCC diagnostic pop
        refuses(strdup(token), formats[i]);
    }
    refuses(strdup("a"), "one segment");
    refuses(strdup("a.b"), "two segments");
    refuses(strdup(".."), "empty segments");
    memset(token, '.', 4000);
    token[4000] = 0;
    refuses(strdup(token), "dots");
    memset(token, 'A', 5000);
    token[5000] = 0;
    refuses(strdup(token), "long");
    /* The last character of a signature carries spare bits that must be zero. */
    char *spare = strdup(good);
    size_t last = strlen(spare) - 1;
    spare[last] = (char)(spare[last] + 1);
    refuses(spare, "spare bits");
    free(good);
}

static void refuses_header(const char *authorization, const char *what)
{
    char line[4096];
    snprintf(line, sizeof(line), "Authorization: %s", authorization);
    const char *const headers[] = {line, NULL};
    struct reply reply = http((struct call){.target = "/api/v1/me", .headers = headers});
    expect_bad_token(&reply, what);
}

Test(gate, the_scheme_is_bearer_in_any_case_and_blanks_may_follow)
{
    struct account user;
    char line[2048];
    school_register("user", &user);
    static const char *const good[] = {"Bearer", "bearer", "BEARER", "Bearer ", "Bearer   "};
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        snprintf(line, sizeof(line), "Authorization: %s %s", good[i], user.token);
        const char *const headers[] = {line, NULL};
        struct reply reply = http((struct call){.target = "/api/v1/me", .headers = headers});
        cr_assert_eq(reply.status, 200, "%s", good[i]);
        http_free(&reply);
    }
    snprintf(line, sizeof(line), "Bearer %s junk", user.token);
    refuses_header(line, "something behind");
    refuses_header("Bearer", "no token");
}

/* RFC 6750, 3.1: a request without (our) credentials gets no error code. */
static void is_another_scheme(const char *authorization)
{
    char line[4096];
    snprintf(line, sizeof(line), "Authorization: %s", authorization);
    const char *const headers[] = {line, NULL};
    struct reply reply = http((struct call){.target = "/api/v1/me", .headers = headers});
    cr_assert_eq(reply.status, 401, "%s: %ld", authorization, reply.status);
    cr_assert_str_eq(http_header(&reply, "WWW-Authenticate"), "Bearer realm=\"gatewright\"", "%s",
                     authorization);
    http_free(&reply);
}

Test(gate, credentials_of_another_scheme_are_none)
{
    struct account user;
    char line[2048];
    school_register("user", &user);
    snprintf(line, sizeof(line), "FooBearer %s", user.token);
    is_another_scheme(line);
    snprintf(line, sizeof(line), "Basic %s", user.token);
    is_another_scheme(line);
    is_another_scheme(user.token);
    is_another_scheme("Digest x");
    is_another_scheme("Basic dXNlcjpwYXNzd29yZA==");
}

static void expect_invalid_request(struct reply reply, const char *what)
{
    cr_assert_eq(reply.status, 400, "%s: %ld %s", what, reply.status, reply.body);
    cr_assert_str_eq(http_header(&reply, "WWW-Authenticate"), "Bearer error=\"invalid_request\"");
    http_free(&reply);
}

Test(gate, two_credentials_are_an_invalid_request)
{
    struct account user;
    char target[4096], line[4096];
    school_register("user", &user);
    snprintf(target, sizeof(target), "/api/v1/videos/welcome.webm?auth=%s", user.token);
    expect_invalid_request(http((struct call){.target = target, .token = user.token}),
                           "header and query");
    snprintf(target, sizeof(target), "/api/v1/videos/welcome.webm?auth=%s&%%61uth=%s", user.token,
             user.token);
    expect_invalid_request(http((struct call){.target = target}), "auth twice");
    snprintf(line, sizeof(line), "Authorization: Bearer %s, Bearer %s", user.token, user.token);
    const char *const headers[] = {line, NULL};
    expect_invalid_request(http((struct call){.target = "/api/v1/me", .headers = headers}),
                           "a comma");
}

/* Some servers answer 400 by themselves, some fold the two into one with a comma. */
Test(gate, two_authorization_headers_are_400)
{
    struct account user;
    char one[4096], bad[] = "Authorization: Bearer a.b.c";
    school_register("user", &user);
    snprintf(one, sizeof(one), "Authorization: Bearer %s", user.token);
    const char *const orders[][3] = {{one, one, NULL}, {one, bad, NULL}, {bad, one, NULL}};
    for (size_t i = 0; i < 3; i++) {
        struct reply reply = http((struct call){.target = "/api/v1/me", .headers = orders[i]});
        cr_assert_eq(reply.status, 400, "%zu: %ld %s", i, reply.status, reply.body);
        http_free(&reply);
    }
}

Test(gate, a_query_token_is_good_only_where_the_route_says_so)
{
    struct account user;
    char target[4096];
    school_register("user", &user);
    snprintf(target, sizeof(target), "/api/v1/me?auth=%s", user.token);
    struct reply reply = http((struct call){.target = target});
    school_expect_problem(&reply, 401);
    cr_assert_str_eq(http_header(&reply, "WWW-Authenticate"), "Bearer realm=\"gatewright\"");
    http_free(&reply);
    snprintf(target, sizeof(target), "/api/v1/videos/none?%%61uth=%s", user.token);
    reply = http((struct call){.target = target});
    school_expect_problem(&reply, 404);
    cr_assert_not_null(strstr(http_header(&reply, "Cache-Control"), "no-store"));
    cr_assert_str_eq(http_header(&reply, "Referrer-Policy"), "no-referrer");
    http_free(&reply);
    reply = http((struct call){.target = "/api/v1/videos/welcome.webm?auth="});
    expect_bad_token(&reply, "an empty query token");
}

/* Whether the log names a reason; that nothing is in it that must not be. */
static bool read_log(const struct account *user)
{
    char line[65536];
    FILE *log = fopen(getenv("E2E_LOG"), "r");
    cr_assert_not_null(log);
    bool reason = false;
    while (fgets(line, sizeof(line), log)) {
        cr_assert_null(strstr(line, user->token));
        cr_assert_null(strstr(line, "5ecret"));
        cr_assert_null(strstr(line, "nonsense"));
        cr_assert_null(strstr(line, PASSWORD));
        reason |= strstr(line, " jwt.") != NULL;
    }
    fclose(log);
    return reason;
}

Test(gate, no_token_reaches_the_log)
{
    struct account user;
    char target[4096];
    school_register("user", &user);
    snprintf(target, sizeof(target), "/api/v1/videos/welcome.webm?auth=%s&secret=5ecret",
             user.token);
    struct reply reply = http((struct call){.target = target});
    http_free(&reply);
    refuses(strdup("nonsense.nonsense.nonsense"), "nonsense");
    /* The line may be written after the answer: a CGI program logs when it is done. */
    bool reason = false;
    for (int i = 0; i < 50 && !reason; i++) {
        usleep(100000);
        reason = read_log(&user);
    }
    cr_assert(reason, "the log names no reason");
}

int main(int argc, char **argv)
{
    return stack_main(argc, argv);
}
