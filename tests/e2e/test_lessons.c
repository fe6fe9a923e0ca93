/* test_lessons.c: lessons of the school: listed, found, added, changed, deleted; by whom. */
#include "school.h"
#include "stack.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

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
    cr_assert_eq(json_object_size(lesson), 6);
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

/* Behind `after`: the titles that a query finds, each with a blank behind it. */
static void expect_found(const struct account *user, long after, const char *query,
                         const char *titles)
{
    char target[256], found[512] = "";
    size_t i;
    json_t *lesson;
    snprintf(target, sizeof(target), "/api/v1/lessons?after=%ld&%s", after, query);
    struct reply reply = http((struct call){.target = target, .token = user->token});
    cr_assert_eq(reply.status, 200, "%s: %s", query, reply.body);
    json_array_foreach(http_member(&reply, "data"), i, lesson)
    {
        strcat(found, json_string_value(json_object_get(lesson, "title")));
        strcat(found, " ");
    }
    cr_expect_str_eq(found, titles, "%s: %s", query, found);
    http_free(&reply);
}

Test(school, lessons_are_found_by_a_text_within_their_title_and_by_their_level)
{
    static const char *const titles[] = {"Latin",       "LATINER", "Platine",      "100%",
                                         "under_score", "Grün",    "back\\\\slash"};
    struct account teacher, user;
    school_register("teacher", &teacher);
    school_register("user", &user);
    long before = school_add_lesson(&teacher, "first");
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
        school_add_lesson(&teacher, titles[i]);
    struct reply reply =
        http((struct call){.target = "/api/v1/lessons",
                           .token = teacher.token,
                           .body = "{\"title\":\"Plato\",\"level\":\"advanced\"}"});
    cr_assert_eq(reply.status, 201, "%s", reply.body);
    http_free(&reply);
    expect_found(&user, before, "q=latin", "Latin LATINER Platine ");
    expect_found(&user, before, "q=latin&limit=1", "Latin ");
    expect_found(&user, before + 1, "q=latin&limit=1", "LATINER ");
    expect_found(&user, before, "q=%25", "100% ");
    expect_found(&user, before, "q=_", "under_score ");
    expect_found(&user, before, "q=%5C", "back\\slash ");
    expect_found(&user, before, "q=gr%C3%BC", "Grün ");
    expect_found(&user, before, "q=%27%20OR%201%3D1", "");
    expect_found(&user, before, "q=PLAT", "Platine Plato ");
    expect_found(&user, before, "q=plat&level=advanced", "Plato ");
    expect_found(&user, before, "level=advanced", "Plato ");
    expect_found(&user, before, "level=beginner&limit=2", "Latin LATINER ");
    expect_found(&user, before, "q=&limit=2", "Latin LATINER ");
}

Test(school, list_limits_are_checked)
{
    static const char *const bad[] = {
        "limit=0",        "limit=101",       "limit=x", "after=1.0",
        "limit=+1",       "limit=1&limit=2", "page=1",  "after=99999999999999999999",
        "level=Advanced", "q=a&q=b"};
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
    cr_assert_eq(json_object_size(reply.json), 6);
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

/* What a PATCH of the teacher's lesson gives: status, and then title and level. */
static void expect_patched(const struct account *teacher, const char *target, const char *body,
                           long status, const char *title, const char *level)
{
    struct reply reply = http(
        (struct call){.method = "PATCH", .target = target, .token = teacher->token, .body = body});
    cr_assert_eq(reply.status, status, "%s: %s", body, reply.body);
    http_free(&reply);
    reply = http((struct call){.target = target, .token = teacher->token});
    cr_expect_str_eq(http_text(&reply, "title"), title, "%s", body);
    cr_expect_str_eq(http_text(&reply, "level"), level, "%s", body);
    http_free(&reply);
}

Test(school, a_patch_changes_what_it_names_alone)
{
    struct account teacher;
    char target[64];
    school_register("teacher", &teacher);
    school_add_lesson(&teacher, "other");
    snprintf(target, sizeof(target), "/api/v1/lessons/%ld", school_add_lesson(&teacher, "old"));
    expect_patched(&teacher, target, "{\"level\":\"advanced\"}", 200, "old", "advanced");
    expect_patched(&teacher, target, "{\"title\":\"new\"}", 200, "new", "advanced");
    expect_patched(&teacher, target, "{}", 200, "new", "advanced");
    expect_patched(&teacher, target, "{\"title\":\"x\",\"level\":null}", 422, "new", "advanced");
    expect_patched(&teacher, target, "{\"title\":\"\"}", 422, "new", "advanced");
    expect_patched(&teacher, target, "{\"picture\":\"1-0.png\"}", 422, "new", "advanced");
    expect_patched(&teacher, target, "{\"title\":\"other\"}", 409, "new", "advanced");
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
    reply = http((struct call){
        .method = "PATCH", .target = target, .token = other.token, .body = "{\"title\":\"new\"}"});
    school_expect_problem(&reply, 404);
    http_free(&reply);
    reply = http((struct call){.method = "DELETE", .target = target, .token = other.token});
    school_expect_problem(&reply, 404);
    http_free(&reply);
    reply = http((struct call){.target = target, .token = other.token});
    cr_assert_str_eq(http_text(&reply, "title"), "mine");
    http_free(&reply);
}
