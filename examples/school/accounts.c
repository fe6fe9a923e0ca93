/* accounts.c: registering, signing in and out, by tokens that the client keeps.
 *
 * Users and teachers do the same on two tables, whose rows are two C types: the functions come in
 * pairs, and the compiler sees to it that a user's row never goes where a teacher's belongs. */
#include "routes.h"

static int answer_registered(struct gw_request *req, const char *token)
{
    return gw_json(req, 201, json_pack("{s:s, s:s}", "message", "Welcome.", "token", token));
}

/* What clients of the API see of an account. The page and head teachers see more: teachers.c,
 * heads.c. */
static json_t *user_json(const struct users_row *user)
{
    return json_pack("{s:I, s:s, s:s}", "id", (json_int_t)user->id, "name", user->name, "email",
                     user->email);
}

static json_t *teacher_json(const struct teachers_row *teacher)
{
    return json_pack("{s:I, s:s, s:s}", "teacher_id", (json_int_t)teacher->teacher_id, "name",
                     teacher->name, "email", teacher->email);
}

/* `data` is consumed. */
static int answer_signed_in(struct gw_request *req, json_t *data, const char *token)
{
    return gw_json(req, 200, json_pack("{s:o, s:s}", "data", data, "token", token));
}

int register_user(struct gw_request *req, const struct new_account_body *body)
{
    struct users_insert values = {.name = body->name, .email = body->email};
    struct users_secrets secrets = {0};
    const struct users_row *user;
    const char *token;
    int r = gw_password_hash(req, body->password, &secrets.password);
    if (r)
        return r;
    r = users_insert(req, &values, &secrets, &user, NULL);
    if (r == GW_E_DUPLICATE)
        return gw_problem(req, 409, "/email", "this e-mail address is taken");
    if (r)
        return r;
    r = users_create_token(req, user, &token);
    return r ? r : answer_registered(req, token);
}

int login_user(struct gw_request *req, const struct credentials_body *body)
{
    const struct users_row *user = NULL;
    struct users_secrets secrets;
    const char *token;
    int r = users_find_secret_by_email(req, body->email, &user, &secrets);
    if (r && r != GW_E_NOT_FOUND)
        return r;
    /* Without an account the same work is done, so that time does not tell who has one. */
    r = gw_password_verify(req, secrets.password, body->password, NULL);
    if (r)
        return r;
    r = users_create_token(req, user, &token);
    return r ? r : answer_signed_in(req, user_json(user), token);
}

int register_teacher(struct gw_request *req, const struct new_account_body *body)
{
    struct teachers_insert values = {.name = body->name, .email = body->email};
    struct teachers_secrets secrets = {0};
    const struct teachers_row *teacher;
    const char *token;
    int r = gw_password_hash(req, body->password, &secrets.password);
    if (r)
        return r;
    r = teachers_insert(req, &values, &secrets, &teacher, NULL);
    if (r == GW_E_DUPLICATE)
        return gw_problem(req, 409, "/email", "this e-mail address is taken");
    if (r)
        return r;
    r = teachers_create_token(req, teacher, &token);
    return r ? r : answer_registered(req, token);
}

int login_teacher(struct gw_request *req, const struct credentials_body *body)
{
    const struct teachers_row *teacher = NULL;
    struct teachers_secrets secrets;
    const char *token;
    int r = teachers_find_secret_by_email(req, body->email, &teacher, &secrets);
    if (r && r != GW_E_NOT_FOUND)
        return r;
    r = gw_password_verify(req, secrets.password, body->password, NULL);
    if (r)
        return r;
    r = teachers_create_token(req, teacher, &token);
    return r ? r : answer_signed_in(req, teacher_json(teacher), token);
}

int refresh_user(struct gw_request *req, const struct users_row *me)
{
    const char *token;
    int r = gw_update_token(req, &token);
    return r ? r : answer_signed_in(req, user_json(me), token);
}

int show_me(struct gw_request *req)
{
    const struct users_row *user = users_of(req);
    const struct teachers_row *teacher = teachers_of(req);
    struct gw_writer *w = gw_writer_new(req);
    gw_writer_object(w);
    gw_writer_name(w, "table_name");
    gw_writer_text(w, gw_me_table(req));
    gw_writer_name(w, "data");
    gw_writer_object(w);
    gw_writer_name(w, user ? "id" : "teacher_id");
    gw_writer_int(w, user ? user->id : teacher->teacher_id);
    gw_writer_name(w, "name");
    gw_writer_text(w, user ? user->name : teacher->name);
    gw_writer_name(w, "email");
    gw_writer_text(w, user ? user->email : teacher->email);
    gw_writer_end(w);
    gw_writer_end(w);
    return gw_writer_send(req, 200, w);
}

int sign_out(struct gw_request *req)
{
    int r = gw_revoke_tokens(req);
    return r ? r : gw_empty(req, 204);
}
