/* accounts.c: registering, signing in and out.
 *
 * Users and teachers do the same on two tables, whose rows are two C types: the functions come in
 * pairs, and the compiler sees to it that a user's row never goes where a teacher's belongs. */
#include "routes.h"

static int answer_registered(struct gw_request *req, const char *token)
{
    return gw_json(req, 201, json_pack("{s:s, s:s}", "message", "Welcome.", "token", token));
}

/* `data` is consumed. */
static int answer_signed_in(struct gw_request *req, json_t *data, const char *token)
{
    return gw_json(req, 200, json_pack("{s:o, s:s}", "data", data, "token", token));
}

int register_user(struct gw_request *req, const struct new_account_body *body)
{
    struct users_row user = {.name = body->name, .email = body->email};
    const char *token;
    int r = gw_password_hash(req, body->password, &user.password);
    if (r)
        return r;
    r = users_insert(req, &user, NULL);
    if (r == GW_E_DUPLICATE)
        return gw_problem(req, 409, "/email", "this e-mail address is taken");
    if (r)
        return r;
    r = users_create_token(req, &user, &token);
    return r ? r : answer_registered(req, token);
}

int login_user(struct gw_request *req, const struct credentials_body *body)
{
    const struct users_row *user = NULL;
    const char *token;
    int r = users_find_by_email(req, body->email, &user);
    if (r && r != GW_E_NOT_FOUND)
        return r;
    /* Without an account the same work is done, so that time does not tell who has one. */
    r = gw_password_verify(req, user ? user->password : NULL, body->password);
    if (r)
        return r;
    r = users_create_token(req, user, &token);
    return r ? r : answer_signed_in(req, users_json(user), token);
}

int register_teacher(struct gw_request *req, const struct new_account_body *body)
{
    struct teachers_row teacher = {.name = body->name, .email = body->email};
    const char *token;
    int r = gw_password_hash(req, body->password, &teacher.password);
    if (r)
        return r;
    r = teachers_insert(req, &teacher, NULL);
    if (r == GW_E_DUPLICATE)
        return gw_problem(req, 409, "/email", "this e-mail address is taken");
    if (r)
        return r;
    r = teachers_create_token(req, &teacher, &token);
    return r ? r : answer_registered(req, token);
}

int login_teacher(struct gw_request *req, const struct credentials_body *body)
{
    const struct teachers_row *teacher = NULL;
    const char *token;
    int r = teachers_find_by_email(req, body->email, &teacher);
    if (r && r != GW_E_NOT_FOUND)
        return r;
    r = gw_password_verify(req, teacher ? teacher->password : NULL, body->password);
    if (r)
        return r;
    r = teachers_create_token(req, teacher, &token);
    return r ? r : answer_signed_in(req, teachers_json(teacher), token);
}

int refresh_user(struct gw_request *req, const struct users_row *me)
{
    const char *token;
    int r = gw_update_token(req, &token);
    return r ? r : answer_signed_in(req, users_json(me), token);
}

int show_me(struct gw_request *req)
{
    struct gw_writer *w = gw_writer_new(req);
    gw_writer_object(w);
    gw_writer_name(w, "table_name");
    gw_writer_text(w, gw_me_table(req));
    gw_writer_name(w, "data");
    int r = gw_me_write_json(req, w);
    gw_writer_end(w);
    return r ? r : gw_writer_send(req, 200, w);
}

int sign_out(struct gw_request *req)
{
    int r = gw_revoke_tokens(req);
    return r ? r : gw_empty(req, 204);
}
