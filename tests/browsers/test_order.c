/* test_order.c: of two faults the earlier one answers. Each case has a request with one fault more
 * than a good one; a naive model, a list in the order of the contract, says which of two is told.
 */
#include "fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(order, .init = begin, .fini = finish);

/* A request under construction. A fault changes one part that no other fault of the same pair
 * needs. */
struct request {
    const char *method, *target, *type, *body, *origin, *token;
    const char *more[4]; /* fields */
    size_t n_more;
};

/* Good: an editor changes a note of her own by a cookie. */
static struct request good(void)
{
    return (struct request){
        .method = "PUT",
        .target = "/notes/2",
        .type = "application/json",
        .body = "{\"title\":\"new\"}",
        .origin = "Origin: " OURS,
        .token = cookie(token_of(2, 600)),
    };
}

static void twice(struct request *r)
{
    r->more[r->n_more++] = "Host: a";
    r->more[r->n_more++] = "Host: b";
}

static void unknown_method(struct request *r)
{
    r->method = "BREW";
}

static void bad_path(struct request *r)
{
    r->target = "/notes/../2";
}

static void no_route(struct request *r)
{
    r->target = "/nothing";
}

static void other_method(struct request *r)
{
    r->method = "PATCH";
}

static void forged(struct request *r)
{
    r->origin = "Origin: https://evil.test";
}

static char long_body[2 << 20];

static void too_long(struct request *r)
{
    memset(long_body, 'x', sizeof(long_body) - 1);
    r->body = long_body;
}

static void bad_token(struct request *r)
{
    r->token = cookie("junk");
}

static void other_entity(struct request *r)
{
    const char *device;
    cr_assert_eq(gw_test_token(test, "devices", "1", &device), 0);
    r->token = cookie(device);
}

static void gone(struct request *r)
{
    r->token = cookie(token_of(77, 600));
}

static void other_role(struct request *r)
{
    r->token = cookie(ann);
}

static void not_hers(struct request *r)
{
    r->target = "/notes/1";
}

/* Not there, and not of anybody. */
static void not_there(struct request *r)
{
    r->target = "/notes/99";
}

static void other_type(struct request *r)
{
    r->type = "text/plain";
}

static void coded(struct request *r)
{
    r->more[r->n_more++] = "Content-Encoding: gzip";
}

static void broken_body(struct request *r)
{
    r->body = "{";
}

static void wrong_body(struct request *r)
{
    r->body = "{\"title\":\"this title is longer than 20 characters\"}";
}

/* In the order of the contract. Of faults of one `part` a request can have one only. */
static const struct {
    const char *name;
    int status;
    const char *part;
    void (*make)(struct request *r);
} faults[] = {
    {"a field twice", 400, "fields", twice},
    {"an unknown method", 501, "method", unknown_method},
    {"a path in no canonical form", 400, "target", bad_path},
    {"no route", 404, "target", no_route},
    {"no route of the method", 405, "method", other_method},
    {"a forged request", 403, "origin", forged},
    {"a body that is too long", 413, "body", too_long},
    {"a bad token", 401, "token", bad_token},
    {"another entity", 403, "token", other_entity},
    {"an account that is gone", 401, "token", gone},
    {"another role", 403, "token", other_role},
    {"somebody else's row", 404, "target", not_hers},
    {"no such row", 404, "target", not_there},
    {"another media type", 415, "type", other_type},
    {"a coded body", 415, "coding", coded},
    {"a body that is not well-formed", 400, "body", broken_body},
    {"a body that is not as declared", 422, "body", wrong_body},
};

#define N_FAULTS (sizeof(faults) / sizeof(faults[0]))

static int run(const struct request *r)
{
    const char *more[4] = {NULL};
    memcpy(more, r->more, sizeof(more));
    return send(r->method, r->target, r->type, r->body, r->token, r->origin, more[0], more[1],
                more[2], more[3], NULL);
}

Test(order, a_request_without_a_fault_is_served)
{
    struct request request = good();
    cr_assert_eq(run(&request), 204, "%s", reply.body);
}

Test(order, each_fault_alone_is_told)
{
    for (size_t i = 0; i < N_FAULTS; i++) {
        struct request request = good();
        faults[i].make(&request);
        int status = run(&request);
        cr_expect_eq(status, faults[i].status, "%s: %d", faults[i].name, status);
    }
}

/* The earlier one of the list is the model. */
Test(order, of_two_faults_the_earlier_one_is_told)
{
    size_t n = 0;
    for (size_t i = 0; i < N_FAULTS; i++)
        for (size_t j = i + 1; j < N_FAULTS; j++) {
            struct request request = good();
            if (!strcmp(faults[i].part, faults[j].part))
                continue;
            /* Of a path without a route no method is right or wrong. */
            faults[j].make(&request);
            faults[i].make(&request);
            int status = run(&request);
            cr_expect_eq(status, faults[i].status, "%s and %s: %d", faults[i].name, faults[j].name,
                         status);
            n++;
        }
    cr_assert_gt(n, 100);
}

/* The same with a bearer token, whose request no page can forge. */
Test(order, with_a_bearer_token_it_is_the_same_but_for_forged_requests)
{
    for (size_t i = 0; i < N_FAULTS; i++) {
        struct request request = good();
        request.token = bearer(token_of(2, 600));
        faults[i].make(&request);
        if (!strncmp(request.token, "Cookie: ", 8))
            continue;
        int status = run(&request), expected = faults[i].make == forged ? 204 : faults[i].status;
        cr_expect_eq(status, expected, "%s: %d", faults[i].name, status);
    }
}
