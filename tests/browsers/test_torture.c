/* test_torture.c: each allocation of a request made to fail in turn: nobody gets in who does not
 * otherwise, no forged request is served, nobody is sent elsewhere. */
#include "fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(torture, .init = begin, .fini = finish);

static long countdown = -1; /* negative: none fails */
static bool failed;
static unsigned n_refused; /* answered with 500 */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *ptr, size_t size);

static bool fails(void)
{
    if (countdown < 0 || countdown-- > 0)
        return false;
    failed = true;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
    return fails() ? NULL : __real_realloc(ptr, size);
}

/* `first` and `second` are fields, which may be NULL; `good`: what it is without a failure. */
static void torture(const char *method, const char *target, const char *body, const char *first,
                    const char *second, int good)
{
    const char *const headers[] = {first ? first : second, first ? second : NULL, NULL};
    struct gw_test_call call = {.method = method, .target = target, .body = body};
    long n = 0;
    call.headers = headers;
    call.content_type = !body          ? NULL
                        : *body == '-' ? "multipart/form-data; boundary=x"
                                       : "application/x-www-form-urlencoded";
    cr_assert_eq(gw_test_request(test, &call, &reply), 0);
    cr_assert_eq(reply.status, good, "%s: %d", target, reply.status);
    bool same = body && !strstr(reply.headers, "problem"); /* whose id is another each time */
    char *page = same ? strdup(reply.body) : NULL;
    do {
        failed = false;
        countdown = n++;
        int r = gw_test_request(test, &call, &reply);
        countdown = -1;
        cr_assert(r || reply.status == good || (failed && (reply.status >= 500)) ||
                      (failed && reply.status == 401),
                  "%s: the %ldth fails: %d", target, n, reply.status);
        cr_assert(r || good < 400 || !strstr(reply.headers, "Set-Cookie: __Host-school=e"));
        if (!r && reply.status == 200 && strstr(target, "/guests") && !second)
            cr_assert_str_eq(reply.body, "guest");
        n_refused += !r && reply.status == 500;
        if (!r && page && reply.status == good)
            cr_assert_str_eq(reply.body, page, "the %ldth fails: the page is not whole", n);
        cr_assert_lt(n, 5000);
    } while (failed);
    cr_assert_gt(n, 1);
    cr_assert_eq(gw_test_request(test, &call, &reply), 0);
    cr_assert_eq(reply.status, good, "and afterwards as ever");
    free(page);
}

Test(torture, lets_nobody_in_by_a_cookie_when_memory_fails)
{
    const char *evil = "Origin: https://evil.test", *ours = "Origin: " OURS;
    const char *page = "Sec-Fetch-Dest: document", *bad = cookie("junk"), *good = cookie(ann);
    torture("GET", "/me", NULL, good, NULL, 200);
    torture("GET", "/me", NULL, bad, NULL, 401);
    torture("GET", "/guests", NULL, bad, NULL, 200);
    torture("GET", "/page?a=b", NULL, bad, page, 303);
    torture("GET", "/page/x?auth=junk", NULL, good, page, 303);
    torture("POST", "/me", NULL, good, evil, 403);
    torture("POST", "/link?auth=junk", NULL, good, evil, 401);
    torture("POST", "/sign-in", "email=ann%40school.test&password=right", evil, NULL, 403);
    torture("POST", "/sign-in?next=/page", "email=ann%40school.test&password=right", ours, NULL,
            303);
    torture("POST", "/sign-out", NULL, good, ours, 303);
    torture("GET", "/next?next=//evil.test", NULL, NULL, NULL, 200);
    cr_assert_str_eq(reply.body, "(none)");
}

Test(torture, what_is_counted_is_not_let_through_when_memory_fails)
{
    for (int i = 0; i < 6; i++)
        ask("GET", "/limited/caller", cookie(ann), NULL);
    torture("GET", "/limited/caller", NULL, cookie(ann), NULL, 429);
}

/* A query that grows moves the place at which the request's memory does not suffice any more
 * through all that is made of a form. */
Test(torture, a_form_is_shown_again_whole_or_not_at_all_when_memory_fails)
{
    static const char faulty[] = "name=&email=%3Cx%3E&age=5&langs=x&langs=en&ids=1,x&pin=12&more=1"
                                 "&a/b~c=01234567890123456789012345678901234567890123456789";
    static const char *const targets[] = {"/enrol", "/enrol/mine"};
    char target[8000];
    n_refused = 0;
    for (size_t i = 0; i < 2; i++) {
        for (int pad = 0; pad < 7000; pad += 16) {
            snprintf(target, sizeof(target), "%s?%0*d", targets[i], pad, 0);
            torture("POST", target, faulty, i ? cookie(ann) : NULL, i ? "Origin: " OURS : NULL,
                    422);
        }
    }
    cr_assert_gt(n_refused, 400, "it is the form that lacks memory: %u", n_refused);
}

Test(torture, a_file_reaches_the_handler_whole_or_not_at_all_when_memory_fails)
{
    static char form[120000] =
        "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\none\r\n--x\r\n"
        "Content-Disposition: form-data; name=\"picture\"; filename=\"a.gif\"\r\n"
        "Content-Type: image/gif\r\n\r\nGIF89a";
    char target[4000];
    size_t len = strlen(form);
    memset(form + len, 'z', 90000);
    strcpy(form + len + 90000, "\r\n--x--\r\n");
    n_refused = 0;
    for (int pad = 0; pad < 3500; pad += 100) {
        snprintf(target, sizeof(target), "/enrol/photo?%0*d", pad, 0);
        torture("POST", target, form, NULL, NULL, 200);
        cr_assert(!strncmp(reply.body, "one a.gif image/gif 90006 ", 26), "%s", reply.body);
    }
    form[len - 6] = 'H';
    torture("POST", "/enrol/photo", form, NULL, NULL, 422);
    cr_assert_gt(n_refused, 35, "%u", n_refused);
}
