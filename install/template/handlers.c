/* handlers.c: what the routes of routes.def do. Their prototypes are in routes.h, which is
 * generated. */
#include "routes.h"

int home(struct gw_request *req)
{
    return gw_text(req, 200, "It works. routes.def says what can be called.\n");
}

int sign_up(struct gw_request *req, const struct credentials_body *body)
{
    struct users_row user = {.email = body->email};
    struct users_secrets secrets = {0};
    const char *token;
    int r = gw_password_hash(req, body->password, &secrets.password);
    if (r)
        return r;
    r = users_insert(req, &user, &secrets, NULL);
    if (r == GW_E_DUPLICATE)
        return gw_problem(req, 409, "/email", "this e-mail address is taken");
    if (r)
        return r;
    r = users_create_token(req, &user, &token);
    return r ? r : gw_json(req, 201, json_pack("{s:s}", "token", token));
}

int sign_in(struct gw_request *req, const struct credentials_body *body)
{
    const struct users_row *user = NULL;
    struct users_secrets secrets;
    const char *token;
    int r = users_find_secret_by_email(req, body->email, &user, &secrets);
    if (r && r != GW_E_NOT_FOUND)
        return r;
    /* Without an account the same work is done: the time does not tell who has one. */
    r = gw_password_verify(req, secrets.password, body->password, NULL);
    if (r)
        return r;
    r = users_create_token(req, user, &token);
    return r ? r : gw_json(req, 200, json_pack("{s:s}", "token", token));
}

/* The gate has verified the token and loaded the caller's row: `me` is never NULL. */
int list_notes(struct gw_request *req, const struct users_row *me)
{
    const struct notes_row *rows;
    size_t n;
    int r = notes_list_by_author_id(req, me->id, 0, 100, &rows, &n);
    if (r)
        return r;
    struct gw_writer *w = gw_writer_new(req);
    gw_writer_object(w);
    gw_writer_name(w, "data");
    gw_writer_array(w);
    for (size_t i = 0; i < n; i++)
        notes_write_json(w, &rows[i]);
    gw_writer_end(w);
    gw_writer_end(w);
    return gw_writer_send(req, 200, w);
}

int create_note(struct gw_request *req, const struct users_row *me,
                const struct new_note_body *body)
{
    struct notes_row note = {.text = body->text, .author_id = me->id};
    int r = notes_insert(req, &note, NULL);
    return r ? r : gw_json(req, 201, notes_json(&note));
}

/* `own` has looked the note up: it is there, and the caller's. */
int delete_note(struct gw_request *req, const struct users_row *me, int64_t id,
                const struct notes_row *note)
{
    int r = notes_delete(req, note->id);
    return r ? r : gw_empty(req, 204);
}
