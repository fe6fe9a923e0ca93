/* test_school.c: the school's table of requests and answers, row by row. */
#include "school.h"
#include "stack.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

Test(school, home_is_a_page_with_a_policy)
{
    struct reply reply = http((struct call){.target = "/"});
    cr_assert_eq(reply.status, 200);
    cr_assert_str_eq(http_header(&reply, "Content-Type"), "text/html; charset=utf-8");
    cr_assert_not_null(
        strstr(http_header(&reply, "Content-Security-Policy"), "default-src 'none'"));
    cr_assert_not_null(strstr(reply.body, "<title>The school"));
    http_free(&reply);
}

static void registers(const char *kind)
{
    char target[64], body[256];
    snprintf(target, sizeof(target), "/api/v1/auth/%s", kind);
    snprintf(body, sizeof(body),
             "{\"name\":\"Zoë\",\"email\":\"Zoe.%s@Example.com\",\"password\":\"%s\"}", kind,
             PASSWORD);
    struct reply reply = http((struct call){.target = target, .body = body});
    cr_assert_eq(reply.status, 201, "%s", reply.body);
    cr_assert_eq(json_object_size(reply.json), 2);
    cr_assert_not_null(http_text(&reply, "message"));
    cr_assert_not_null(http_text(&reply, "token"));
    cr_assert_str_eq(http_header(&reply, "Cache-Control"), "no-store");
    http_free(&reply);

    /* The address is lower-cased: the same one in another case is taken. */
    reply = http((struct call){.target = target, .body = body});
    school_expect_problem(&reply, 409);
    http_free(&reply);
}

Test(school, registers_a_user_once)
{
    registers("user");
}

Test(school, registers_a_teacher_once)
{
    registers("teacher");
}

Test(school, registering_names_all_bad_members_at_once)
{
    struct reply reply = http((struct call){
        .target = "/api/v1/auth/user",
        .body = "{\"name\":\"\",\"email\":\"nobody\",\"password\":\"short\",\"extra\":1}"});
    school_expect_problem(&reply, 422);
    json_t *errors = http_member(&reply, "errors"), *error;
    static const char *const expected[] = {"/name", "/email", "/password", "/extra"};
    cr_assert_eq(json_array_size(errors), 4, "%s", reply.body);
    for (size_t i = 0; i < 4; i++) {
        bool found = false;
        size_t at;
        json_array_foreach(errors, at, error)
        {
            found |= !strcmp(json_string_value(json_object_get(error, "pointer")), expected[i]);
        }
        cr_assert(found, "%s is not in %s", expected[i], reply.body);
    }
    http_free(&reply);
}

static void signs_in(const char *kind, const char *key)
{
    struct account account;
    char target[64], body[256];
    school_register(kind, &account);
    snprintf(target, sizeof(target), "/api/v1/auth/%s/login", kind);
    snprintf(body, sizeof(body), "{\"email\":\"%s\",\"password\":\"%s\"}", account.email, PASSWORD);
    struct reply reply = http((struct call){.target = target, .body = body});
    cr_assert_eq(reply.status, 200, "%s", reply.body);
    cr_assert_eq(json_object_size(reply.json), 2);
    cr_assert_eq(json_object_size(http_member(&reply, "data")), 3, "%s", reply.body);
    cr_assert_eq(json_integer_value(json_object_get(http_member(&reply, "data"), key)), account.id);
    cr_assert_str_eq(http_text(&reply, "data.email"), account.email);
    cr_assert_str_eq(http_text(&reply, "data.name"), "Ann");
    cr_assert_not_null(http_text(&reply, "token"));
    http_free(&reply);

    snprintf(body, sizeof(body), "{\"email\":\"%s\",\"password\":\"wrong\"}", account.email);
    reply = http((struct call){.target = target, .body = body});
    school_expect_problem(&reply, 401);
    cr_assert_str_eq(http_header(&reply, "WWW-Authenticate"), "Bearer realm=\"gatewright\"");
    http_free(&reply);

    reply = http((struct call){
        .target = target, .body = "{\"email\":\"nobody@example.com\",\"password\":\"wrong\"}"});
    school_expect_problem(&reply, 401);
    http_free(&reply);
}

Test(school, signs_a_user_in)
{
    signs_in("user", "id");
}

Test(school, signs_a_teacher_in)
{
    signs_in("teacher", "teacher_id");
}

Test(school, a_user_of_that_address_is_not_a_teacher)
{
    struct account user;
    char body[256];
    school_register("user", &user);
    snprintf(body, sizeof(body), "{\"email\":\"%s\",\"password\":\"%s\"}", user.email, PASSWORD);
    struct reply reply = http((struct call){.target = "/api/v1/auth/teacher/login", .body = body});
    school_expect_problem(&reply, 401);
    http_free(&reply);
}

Test(school, renews_a_users_token)
{
    struct account user;
    school_register("user", &user);
    struct reply reply = http((struct call){.target = "/api/v1/login", .token = user.token});
    cr_assert_eq(reply.status, 200, "%s", reply.body);
    cr_assert_str_eq(http_text(&reply, "data.email"), user.email);
    char token[1024];
    snprintf(token, sizeof(token), "%s", http_text(&reply, "token"));
    http_free(&reply);
    reply = http((struct call){.target = "/api/v1/me", .token = token});
    cr_assert_eq(reply.status, 200);
    cr_assert_eq(json_integer_value(http_member(&reply, "data.id")), user.id);
    http_free(&reply);
}

Test(school, renewing_is_for_users_only)
{
    struct account teacher;
    school_register("teacher", &teacher);
    struct reply reply = http((struct call){.target = "/api/v1/login", .token = teacher.token});
    school_expect_problem(&reply, 403);
    http_free(&reply);
}

Test(school, shows_whoever_is_signed_in)
{
    struct account user, teacher;
    school_register("user", &user);
    school_register("teacher", &teacher);
    struct reply reply = http((struct call){.target = "/api/v1/me", .token = user.token});
    cr_assert_eq(reply.status, 200);
    cr_assert_eq(json_object_size(reply.json), 2);
    cr_assert_str_eq(http_text(&reply, "table_name"), "users");
    cr_assert_str_eq(http_text(&reply, "data.email"), user.email);
    cr_assert_null(http_member(&reply, "data.password"));
    cr_assert_str_eq(http_header(&reply, "Cache-Control"), "private, no-store");
    http_free(&reply);
    reply = http((struct call){.target = "/api/v1/me", .token = teacher.token});
    cr_assert_str_eq(http_text(&reply, "table_name"), "teachers");
    cr_assert_eq(json_integer_value(http_member(&reply, "data.teacher_id")), teacher.id);
    http_free(&reply);
}

static long status_of_me(const char *token)
{
    struct reply reply = http((struct call){.target = "/api/v1/me", .token = token});
    long status = reply.status;
    http_free(&reply);
    return status;
}

Test(school, signing_out_ends_every_earlier_token_of_that_account_only)
{
    struct account user, other;
    char body[256], token[1024];
    school_register("user", &user);
    school_register("user", &other);
    struct reply reply =
        http((struct call){.method = "POST", .target = "/api/v1/logout", .token = user.token});
    cr_assert_eq(reply.status, 204, "%s", reply.body);
    cr_assert_eq(reply.body_len, 0);
    http_free(&reply);
    cr_assert_eq(status_of_me(user.token), 401);
    cr_assert_eq(status_of_me(other.token), 200);
    /* A token issued in the same second after it is good. */
    snprintf(body, sizeof(body), "{\"email\":\"%s\",\"password\":\"%s\"}", user.email, PASSWORD);
    reply = http((struct call){.target = "/api/v1/auth/user/login", .body = body});
    cr_assert_eq(reply.status, 200);
    snprintf(token, sizeof(token), "%s", http_text(&reply, "token"));
    http_free(&reply);
    cr_assert_eq(status_of_me(token), 200);
}

Test(school, plays_a_video_by_header_or_query_token)
{
    struct account user;
    char target[2048];
    school_register("user", &user);
    struct reply reply =
        http((struct call){.target = "/api/v1/videos/welcome.webm", .token = user.token});
    cr_assert_eq(reply.status, 200, "%s", reply.body);
    cr_assert_gt(reply.body_len, 1000);
    cr_assert_eq(memcmp(reply.body, "\x1a\x45\xdf\xa3", 4), 0, "not a WebM file");
    size_t len = reply.body_len;
    http_free(&reply);
    snprintf(target, sizeof(target), "/api/v1/videos/welcome.webm?auth=%s", user.token);
    reply = http((struct call){.target = target});
    cr_assert_eq(reply.status, 200);
    cr_assert_eq(reply.body_len, len);
    http_free(&reply);
    reply = http((struct call){.target = "/api/v1/videos/none.webm", .token = user.token});
    school_expect_problem(&reply, 404);
    http_free(&reply);
    reply = http((struct call){.target = "/api/v1/videos/welcome.webm"});
    school_expect_problem(&reply, 401);
    http_free(&reply);
}

int main(int argc, char **argv)
{
    return stack_main(argc, argv);
}
