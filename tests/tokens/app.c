/* app.c: the handlers of the program that the tests of tokens run. */
#include "routes.h"

#include <errno.h>
#include <string.h>

static int answer_token(struct gw_request *req, const char *token)
{
    return gw_json(req, 200, json_pack("{s:s}", "token", token));
}

/* A user and a teacher of the same address, and the user's token with further claims. */
int register_user(struct gw_request *req, const char *plan)
{
    const char *email = gw_query(req, "email"), *scope = gw_query(req, "scope"), *token;
    struct users_row user = {.email = email ? email : "a@example.com"};
    struct users_secrets secrets = {0};
    struct teachers_row teacher = {.email = user.email, .subject = gw_query(req, "sub")};
    int r = plan ? gw_secret_of(req, plan, strlen(plan), &secrets.plan) : 0;
    if (!r)
        r = users_insert(req, &user, &secrets, NULL);
    if (!r)
        r = teachers_insert(req, &teacher, NULL);
    if (!r)
        r = gw_create_token(req, "users", json_integer(user.id),
                            json_pack("{s:s, s:s}", "plan", plan, "scope", scope ? scope : ""),
                            &token);
    return r ? r : answer_token(req, token);
}

int show_me(struct gw_request *req, const struct users_row *me)
{
    return gw_json(req, 200,
                   json_pack("{s:I, s:s, s:O?}", "id", (json_int_t)me->id, "email", me->email,
                             "plan", gw_claim(req, "plan")));
}

int show_us(struct gw_request *req)
{
    return gw_json(req, 200, json_pack("{s:s}", "table", gw_me_table(req)));
}

int teach(struct gw_request *req, const struct teachers_row *me)
{
    return gw_json(req, 200, json_pack("{s:s}", "email", me->email));
}

int renew(struct gw_request *req, const struct users_row *me)
{
    const char *token;
    int r = gw_update_token(req, &token);
    return r ? r : answer_token(req, token);
}

int show_code(struct gw_request *req, const struct codes_row *me)
{
    return gw_text(req, 200, me->code);
}

int show_grid(struct gw_request *req, const struct users_row *me, int64_t n,
              const struct grids_row *grid)
{
    return gw_json(req, 200, json_pack("{s:I}", "id", (json_int_t)grid->id));
}

int leave(struct gw_request *req, const struct users_row *me)
{
    int r = users_delete(req, me->id);
    return r ? r : gw_empty(req, 204);
}

int deny(struct gw_request *req, const struct users_row *me)
{
    int r = gw_deny_token(req);
    return r == -ENOTSUP ? gw_problem(req, 409, NULL, NULL) : r ? r : gw_empty(req, 204);
}

int revoke_all(struct gw_request *req, const struct users_row *me)
{
    int r = gw_revoke_tokens(req);
    return r ? r : gw_empty(req, 204);
}

int take_handle(struct gw_request *req, const char *name)
{
    struct handles_row row = {.handle = name};
    const char *token;
    int r = handles_insert(req, &row, NULL);
    if (!r)
        r = handles_create_token(req, &row, &token);
    return r ? r : answer_token(req, token);
}

int show_handle(struct gw_request *req, const struct handles_row *me)
{
    return gw_text(req, 200, me->handle);
}

int revoke_and_renew(struct gw_request *req, const struct handles_row *me)
{
    const char *token;
    int r = gw_revoke_tokens(req);
    if (!r)
        r = gw_update_token(req, &token);
    return r ? r : gw_json(req, 200, json_pack("{s:s}", "token", token));
}

int drop_handle(struct gw_request *req, const struct handles_row *me)
{
    int r = handles_delete(req, me->handle);
    return r ? r : gw_empty(req, 204);
}

/* No way to a token may be open within a transaction. */
static bool gives_a_token(struct gw_request *req, const struct users_row *me)
{
    const char *token;
    return gw_update_token(req, &token) != -EINVAL ||
           users_create_token(req, me, &token) != -EINVAL ||
           gw_create_token(req, "users", json_integer(me->id), NULL, &token) != -EINVAL ||
           gw_url_token(req, "/file/x", 60, &token) != -EINVAL;
}

int revoke_and_take_back(struct gw_request *req, const struct users_row *me)
{
    const char *token;
    int r = gw_tx_begin(req);
    if (!r)
        r = gw_revoke_tokens(req);
    if (!r && gives_a_token(req, me))
        return 599;
    if (!r)
        r = gw_revoke_tokens(req);
    if (!r)
        r = gw_tx_rollback(req);
    if (!r)
        r = gw_update_token(req, &token);
    return r ? r : answer_token(req, token);
}

int revoke_in_transaction(struct gw_request *req, const struct users_row *me)
{
    const char *token;
    int r = gw_tx_begin(req);
    if (!r)
        r = gw_revoke_tokens(req);
    if (!r)
        r = gw_tx_commit(req);
    if (!r)
        r = gw_update_token(req, &token);
    return r ? r : answer_token(req, token);
}

int scoped(struct gw_request *req, const struct users_row *me)
{
    return gw_empty(req, 204);
}

int make_link(struct gw_request *req, const struct users_row *me, const char *name)
{
    const char *token;
    int r = gw_url_token(req, gw_printf(req, "/file/%s", name), 60, &token);
    return r ? r : answer_token(req, token);
}

int read_file(struct gw_request *req, const struct users_row *me, const char *name)
{
    return gw_text(req, 200, name);
}
