/* test.c: requests in memory, through the real gate and a database in memory. */
#include "routes.h"

#include <stdio.h>
#include <string.h>

static int failures;

static void expect(const char *what, int got, int wanted)
{
    if (got == wanted)
        return;
    printf("%s: %d, not %d\n", what, got, wanted);
    failures++;
}

static struct gw_test_reply call(struct gw_test *test, const char *method, const char *target,
                                 const char *token, const char *body)
{
    struct gw_test_reply reply = {0};
    struct gw_test_call request = {
        .method = method, .target = target, .token = token, .body = body};
    if (gw_test_request(test, &request, &reply))
        failures++;
    return reply;
}

int main(void)
{
    const char *const settings[] = {"GW_DATABASE_URL=sqlite::memory:", "GW_LOG=quiet", NULL};
    const char *account = "{\"email\":\"ann@example.com\",\"password\":\"correct horse\"}";
    const char *ann, *bob;
    struct gw_test *test;
    if (gw_test_open(settings, NULL, &test))
        return 1;
    expect("signing up", call(test, "POST", "/api/users", NULL, account).status, 201);
    expect("signing up twice", call(test, "POST", "/api/users", NULL, account).status, 409);
    expect("signing in", call(test, "POST", "/api/sign-in", NULL, account).status, 200);
    expect("a wrong password",
           call(test, "POST", "/api/sign-in", NULL,
                "{\"email\":\"ann@example.com\",\"password\":\"battery staple\"}")
               .status,
           401);
    expect("another account",
           call(test, "POST", "/api/users", NULL,
                "{\"email\":\"bob@example.com\",\"password\":\"correct horse\"}")
               .status,
           201);
    if (gw_test_token(test, "users", "1", &ann) || gw_test_token(test, "users", "2", &bob))
        return 1;
    expect("notes without a token", call(test, "GET", "/api/notes", NULL, NULL).status, 401);
    expect("a note", call(test, "POST", "/api/notes", ann, "{\"text\":\"Milk\"}").status, 201);
    expect("an empty note", call(test, "POST", "/api/notes", ann, "{\"text\":\"\"}").status, 422);
    struct gw_test_reply list = call(test, "GET", "/api/notes", ann, NULL);
    expect("her notes", list.status == 200 && strstr(list.body, "Milk"), 1);
    list = call(test, "GET", "/api/notes", bob, NULL);
    expect("not his", list.status == 200 && !strstr(list.body, "Milk"), 1);
    expect("deleting hers", call(test, "DELETE", "/api/notes/1", bob, NULL).status, 404);
    expect("deleting one's own", call(test, "DELETE", "/api/notes/1", ann, NULL).status, 204);
    gw_test_close(test);
    printf("%s\n", failures ? "failed" : "all good");
    return failures ? 1 : 0;
}
