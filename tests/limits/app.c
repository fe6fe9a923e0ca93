/* app.c: the handlers of the program that the tests of shared limits run: each says who asks. */
#include "routes.h"

static int yes(struct gw_request *req)
{
    return gw_text(req, 200, gw_client_address(req));
}

int plain(struct gw_request *req)
{
    return yes(req);
}

int by_address(struct gw_request *req)
{
    return yes(req);
}

int again(struct gw_request *req)
{
    return yes(req);
}

int away(struct gw_request *req)
{
    return yes(req);
}

int held(struct gw_request *req)
{
    return yes(req);
}

int cgi(struct gw_request *req)
{
    return yes(req);
}

int clocked(struct gw_request *req)
{
    return yes(req);
}

int second(struct gw_request *req)
{
    return yes(req);
}

int by_guest(struct gw_request *req, const struct users_row *me)
{
    (void)me;
    return yes(req);
}

int by_caller(struct gw_request *req, const struct users_row *me)
{
    (void)me;
    return yes(req);
}

int by_body(struct gw_request *req, const struct letter_body *letter)
{
    (void)letter;
    return yes(req);
}

int by_number(struct gw_request *req, const struct letter_body *letter)
{
    (void)letter;
    return yes(req);
}

int several(struct gw_request *req, const struct users_row *me)
{
    (void)me;
    return yes(req);
}

int fence(struct gw_request *req)
{
    return yes(req);
}

int fence_two(struct gw_request *req)
{
    return yes(req);
}

int four(struct gw_request *req)
{
    return yes(req);
}

int sign_in_page(struct gw_request *req)
{
    return yes(req);
}

int page(struct gw_request *req, const struct users_row *me)
{
    (void)me;
    return yes(req);
}

int hello(struct gw_request *req, const struct users_row *me)
{
    return gw_text(req, 200, me ? me->email : "a guest");
}

int change(struct gw_request *req, const struct users_row *me)
{
    (void)me;
    return yes(req);
}

int over(struct gw_request *req, const struct users_row *me)
{
    (void)me;
    return yes(req);
}

int send_letter(struct gw_request *req, const struct letter_body *letter)
{
    (void)letter;
    return yes(req);
}

int named(struct gw_request *req, const char *who)
{
    (void)who;
    return yes(req);
}
