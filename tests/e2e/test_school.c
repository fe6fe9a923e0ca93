/* test_school.c: the school's table of requests and answers, row by row. */
#include "school.h"
#include "stack.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

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

Test(school, lists_lessons_page_by_page)
{
    struct account teacher, user;
    char target[128];
    school_register("teacher", &teacher);
    school_register("user", &user);
    long first = school_add_lesson(&teacher, "one");
    for (int i = 0; i < 24; i++) {
        snprintf(target, sizeof(target), "more %d", i);
        school_add_lesson(&teacher, target);
    }
    snprintf(target, sizeof(target), "/api/v1/lessons?after=%ld&limit=2", first - 1);
    struct reply reply = http((struct call){.target = target, .token = user.token});
    cr_assert_eq(reply.status, 200, "%s", reply.body);
    cr_assert_eq(json_array_size(http_member(&reply, "data")), 2);
    json_t *lesson = json_array_get(http_member(&reply, "data"), 0);
    cr_assert_eq(json_object_size(lesson), 5);
    cr_assert_str_eq(json_string_value(json_object_get(lesson, "level")), "beginner");
    cr_assert_eq(json_integer_value(json_object_get(lesson, "id")), first);
    cr_assert_str_eq(json_string_value(json_object_get(lesson, "title")), "one");
    cr_assert_eq(json_integer_value(json_object_get(lesson, "author_id")), teacher.id);
    lesson = json_array_get(http_member(&reply, "data"), 1);
    cr_assert_eq(json_integer_value(http_member(&reply, "next")),
                 json_integer_value(json_object_get(lesson, "id")));
    http_free(&reply);

    snprintf(target, sizeof(target), "/api/v1/lessons?after=%ld", first - 1);
    reply = http((struct call){.target = target, .token = teacher.token});
    cr_assert_eq(json_array_size(http_member(&reply, "data")), 20);
    http_free(&reply);

    reply = http(
        (struct call){.target = "/api/v1/lessons?after=9223372036854775807", .token = user.token});
    cr_assert_eq(json_array_size(http_member(&reply, "data")), 0);
    cr_assert(json_is_null(http_member(&reply, "next")));
    http_free(&reply);
}

Test(school, list_limits_are_checked)
{
    static const char *const bad[] = {
        "limit=0",  "limit=101",       "limit=x", "after=1.0",
        "limit=+1", "limit=1&limit=2", "page=1",  "after=99999999999999999999"};
    struct account user;
    school_register("user", &user);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char target[128];
        snprintf(target, sizeof(target), "/api/v1/lessons?%s", bad[i]);
        struct reply reply = http((struct call){.target = target, .token = user.token});
        cr_expect_eq(reply.status, 422, "%s: %ld", bad[i], reply.status);
        http_free(&reply);
    }
}

Test(school, a_teacher_adds_a_lesson_and_is_told_where_it_is)
{
    struct account teacher;
    char location[128];
    school_register("teacher", &teacher);
    struct reply reply = http((struct call){
        .target = "/api/v1/lessons", .token = teacher.token, .body = "{\"title\":\"Latin 😀\"}"});
    cr_assert_eq(reply.status, 201, "%s", reply.body);
    cr_assert_eq(json_object_size(reply.json), 5);
    cr_assert_str_eq(http_text(&reply, "title"), "Latin 😀");
    cr_assert_eq(json_integer_value(http_member(&reply, "author_id")), teacher.id);
    snprintf(location, sizeof(location), "/api/v1/lessons/%lld",
             (long long)json_integer_value(http_member(&reply, "id")));
    cr_assert_str_eq(http_header(&reply, "Location"), location);
    http_free(&reply);
    reply = http((struct call){.target = location, .token = teacher.token});
    cr_assert_eq(reply.status, 200);
    cr_assert_str_eq(http_text(&reply, "title"), "Latin 😀");
    http_free(&reply);
}

Test(school, a_user_adds_no_lesson)
{
    struct account user;
    school_register("user", &user);
    struct reply reply = http((struct call){
        .target = "/api/v1/lessons", .token = user.token, .body = "{\"title\":\"Latin\"}"});
    school_expect_problem(&reply, 403);
    http_free(&reply);
}

Test(school, a_lesson_that_is_not_there_is_404)
{
    struct account user;
    school_register("user", &user);
    struct reply reply =
        http((struct call){.target = "/api/v1/lessons/9223372036854775807", .token = user.token});
    school_expect_problem(&reply, 404);
    http_free(&reply);
}

Test(school, a_teacher_changes_and_deletes_an_own_lesson)
{
    struct account teacher;
    char target[64];
    school_register("teacher", &teacher);
    long id = school_add_lesson(&teacher, "old");
    snprintf(target, sizeof(target), "/api/v1/lessons/%ld", id);
    for (int i = 0; i < 2; i++) { /* the second time nothing changes, and that is no error */
        struct reply reply = http((struct call){.method = "PUT",
                                                .target = target,
                                                .token = teacher.token,
                                                .body = "{\"title\":\"new\"}"});
        cr_assert_eq(reply.status, 200, "%s", reply.body);
        cr_assert_str_eq(http_text(&reply, "title"), "new");
        cr_assert_eq(json_integer_value(http_member(&reply, "id")), id);
        http_free(&reply);
    }
    struct reply reply =
        http((struct call){.method = "DELETE", .target = target, .token = teacher.token});
    cr_assert_eq(reply.status, 204);
    http_free(&reply);
    reply = http((struct call){.method = "DELETE", .target = target, .token = teacher.token});
    school_expect_problem(&reply, 404);
    http_free(&reply);
}

/* The `changed` of the answer, in microseconds. */
static int64_t changed_of(struct reply *reply)
{
    struct tm tm = {0};
    int fraction = 0, end = 0;
    const char *text = http_text(reply, "changed");
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    cr_assert(rest && sscanf(rest, ".%6dZ%n", &fraction, &end) >= 1 && !rest[end], "%s", text);
    return (int64_t)timegm(&tm) * 1000000 + fraction;
}

Test(school, a_lesson_tells_when_it_was_changed)
{
    struct account teacher;
    char target[64];
    school_register("teacher", &teacher);
    snprintf(target, sizeof(target), "/api/v1/lessons/%ld", school_add_lesson(&teacher, "old"));
    int64_t begun = (int64_t)time(NULL) * 1000000;
    struct reply reply = http((struct call){.target = target, .token = teacher.token});
    int64_t added = changed_of(&reply);
    cr_assert(added > begun - 10000000 && added < begun + 60000000, "%s", reply.body);
    http_free(&reply);
    reply = http((struct call){
        .method = "PUT", .target = target, .token = teacher.token, .body = "{\"title\":\"new\"}"});
    int64_t changed = changed_of(&reply);
    cr_assert_gt(changed, added);
    http_free(&reply);
    reply = http((struct call){.target = target, .token = teacher.token});
    cr_assert_eq(changed_of(&reply), changed, "what the answer said is what was written");
    http_free(&reply);
}

static void expect_taken(const char *method, const char *target, const struct account *teacher)
{
    struct reply reply = http((struct call){.method = method,
                                            .target = target,
                                            .token = teacher->token,
                                            .body = "{\"title\":\"first\"}"});
    school_expect_problem(&reply, 409);
    http_free(&reply);
}

Test(school, a_teacher_gives_a_title_once)
{
    struct account teacher, other;
    char target[64];
    school_register("teacher", &teacher);
    school_register("teacher", &other);
    school_add_lesson(&teacher, "first");
    snprintf(target, sizeof(target), "/api/v1/lessons/%ld", school_add_lesson(&teacher, "second"));
    expect_taken("POST", "/api/v1/lessons", &teacher);
    expect_taken("PUT", target, &teacher);
    school_add_lesson(&other, "first");
}

Test(school, another_teachers_lesson_is_404)
{
    struct account teacher, other;
    char target[64];
    school_register("teacher", &teacher);
    school_register("teacher", &other);
    long id = school_add_lesson(&teacher, "mine");
    snprintf(target, sizeof(target), "/api/v1/lessons/%ld", id);
    struct reply reply = http((struct call){
        .method = "PUT", .target = target, .token = other.token, .body = "{\"title\":\"new\"}"});
    school_expect_problem(&reply, 404);
    http_free(&reply);
    reply = http((struct call){.method = "DELETE", .target = target, .token = other.token});
    school_expect_problem(&reply, 404);
    http_free(&reply);
    reply = http((struct call){.target = target, .token = other.token});
    cr_assert_str_eq(http_text(&reply, "title"), "mine");
    http_free(&reply);
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
