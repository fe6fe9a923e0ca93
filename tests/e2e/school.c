/* school.c: see school.h. */
#include "school.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void school_register(const char *kind, struct account *ret)
{
    static unsigned counter;
    char body[512], target[64];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(ret->email, sizeof(ret->email), "%s.%d.%ld.%u@example.com", kind, getpid(),
             now.tv_nsec, counter++);
    snprintf(body, sizeof(body), "{\"name\":\"Ann\",\"email\":\"%s\",\"password\":\"%s\"}",
             ret->email, PASSWORD);
    snprintf(target, sizeof(target), "/api/v1/auth/%s", kind);
    struct reply reply = http((struct call){.target = target, .body = body});
    cr_assert_eq(reply.status, 201, "registering: %ld %s", reply.status, reply.body);
    const char *token = http_text(&reply, "token");
    cr_assert_not_null(token);
    snprintf(ret->token, sizeof(ret->token), "%s", token);
    http_free(&reply);

    reply = http((struct call){.target = "/api/v1/me", .token = ret->token});
    cr_assert_eq(reply.status, 200, "me: %ld %s", reply.status, reply.body);
    const char *key = strcmp(kind, "user") ? "data.teacher_id" : "data.id";
    cr_assert(json_is_integer(http_member(&reply, key)));
    ret->id = (long)json_integer_value(http_member(&reply, key));
    http_free(&reply);
}

long school_add_lesson(const struct account *teacher, const char *title)
{
    char body[512];
    snprintf(body, sizeof(body), "{\"title\":\"%s\"}", title);
    struct reply reply =
        http((struct call){.target = "/api/v1/lessons", .token = teacher->token, .body = body});
    cr_assert_eq(reply.status, 201, "lesson: %ld %s", reply.status, reply.body);
    long id = (long)json_integer_value(http_member(&reply, "id"));
    http_free(&reply);
    return id;
}

void school_expect_problem(const struct reply *reply, long status)
{
    cr_assert_eq(reply->status, status, "expected %ld, got %ld: %s", status, reply->status,
                 reply->body);
    const char *type = http_header(reply, "Content-Type");
    cr_assert_not_null(type);
    cr_assert_str_eq(type, "application/problem+json");
    cr_assert_eq(json_integer_value(http_member(reply, "status")), status);
    cr_assert_not_null(http_text(reply, "title"));
    cr_assert_not_null(http_text(reply, "instance"));
}
