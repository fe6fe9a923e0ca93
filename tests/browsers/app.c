/* app.c: the handlers of routes.def, which say who called and change what they are told to. */
#include "routes.h"

#include <string.h>

int home(struct gw_request *req)
{
    return gw_html(req, 200,
                   "<!doctype html><title>home</title><form method=post action=/notes>"
                   "<input name=title id=title><button id=add>Add</button></form>"
                   "<form method=post action=/sign-out><button id=out>Sign out</button></form>");
}

int sign_in_page(struct gw_request *req, const struct users_row *me)
{
    return gw_html(req, 200,
                   me ? "<!doctype html><title>signed in</title>"
                      : "<!doctype html><title>sign in</title><form method=post>"
                        "<input name=email id=email><input name=password id=password type=password>"
                        "<button id=go>Sign in</button></form>");
}

/* The password of everybody is "right". */
static int log_in(struct gw_request *req, const struct log_in_body *body, const char *next)
{
    const struct users_row *user;
    const char *token;
    int r = users_find_by_email(req, body->email, &user);
    if (r == GW_E_NOT_FOUND || (!r && strcmp(body->password, "right")))
        return 401;
    if (!r)
        r = users_create_token(req, user, &token);
    if (!r)
        r = gw_set_token_cookie(req, token);
    if (r)
        return r;
    return next ? gw_redirect(req, 303, next) : gw_empty(req, 204);
}

int sign_in(struct gw_request *req, const struct log_in_body *body)
{
    const char *next = gw_next(req);
    return log_in(req, body, next ? next : "/");
}

int sign_in_json(struct gw_request *req, const struct log_in_body *body)
{
    return log_in(req, body, NULL);
}

int sign_out(struct gw_request *req, const struct users_row *me)
{
    (void)me;
    int r = gw_end_cookie(req);
    return r ? r : gw_redirect(req, 303, "/");
}

int sign_out_anyway(struct gw_request *req)
{
    int r = gw_end_cookie(req);
    return r ? r : gw_empty(req, 204);
}

/* Has no `sets session`. */
int forgotten(struct gw_request *req)
{
    const char *token;
    int r = gw_create_token(req, "users", json_integer(1), NULL, &token);
    if (r)
        return r;
    return gw_text(req, 200,
                   gw_end_cookie(req) || gw_set_token_cookie(req, token) ? "refused" : "set");
}

/* Tries to set the cookie by another way, and to put something else into it. */
int other_cookie(struct gw_request *req)
{
    const char *how = gw_query(req, "how"), *token = "no token";
    int r = 0;
    if (how && !strcmp(how, "link"))
        r = gw_url_token(req, "/link", 60, &token);
    if (how && !strcmp(how, "header"))
        gw_set_header(req, "Set-Cookie", "__Host-school=x");
    else if (how && !strcmp(how, "cookie"))
        gw_set_cookie(req, "__Host-school", "x", NULL);
    else if (!r)
        r = gw_set_token_cookie(req, token);
    return r ? 418 : gw_empty(req, 204);
}

int cookies(struct gw_request *req)
{
    const char *own = gw_cookie(req, "own"), *ours = gw_cookie(req, "__Host-school");
    const char *all = gw_header(req, "Cookie");
    return gw_text(req, 200,
                   gw_printf(req, "%s %s %s", own ? own : "-", ours ? ours : "-", all ? all : "-"));
}

int open_to_all(struct gw_request *req)
{
    return gw_text(req, 200, "open");
}

static int say(struct gw_request *req, const struct users_row *me)
{
    return gw_text(req, 200, me ? me->email : "guest");
}

int show_me(struct gw_request *req, const struct users_row *me)
{
    return say(req, me);
}

int both(struct gw_request *req)
{
    return gw_text(req, 200, gw_me_table(req));
}

int change_me(struct gw_request *req, const struct users_row *me)
{
    return say(req, me);
}

int page(struct gw_request *req, const struct users_row *me)
{
    (void)me;
    return gw_html(req, 200, "<!doctype html><title>the page</title>");
}

int page_named(struct gw_request *req, const struct users_row *me, const char *name)
{
    (void)name;
    return say(req, me);
}

int post_page(struct gw_request *req, const struct users_row *me)
{
    return say(req, me);
}

int guests(struct gw_request *req, const struct users_row *me)
{
    return say(req, me);
}

int post_guests(struct gw_request *req, const struct users_row *me)
{
    return say(req, me);
}

int go_link(struct gw_request *req, const struct users_row *me)
{
    return say(req, me);
}

int send_link(struct gw_request *req, const struct users_row *me)
{
    return say(req, me);
}

int show_note(struct gw_request *req, const struct users_row *me, int64_t id,
              const struct notes_row *owned)
{
    (void)me, (void)id;
    return gw_text(req, 200, owned->title);
}

int change_note(struct gw_request *req, const struct users_row *me, int64_t id,
                const struct notes_row *owned, const struct new_note_body *body)
{
    struct notes_row row = *owned;
    (void)me, (void)id;
    row.title = body->title;
    int r = notes_update(req, &row, NOTES__TITLE);
    return r ? r : gw_empty(req, 204);
}

static int insert(struct gw_request *req, const struct users_row *me, const char *title)
{
    struct notes_row row = {.owner = me->id, .title = title};
    int r = notes_insert(req, &row, NULL);
    return r ? r : gw_text(req, 201, "added");
}

int add_note(struct gw_request *req, const struct users_row *me, const struct new_note_body *body)
{
    return insert(req, me, body->title);
}

int add_raw(struct gw_request *req, const struct users_row *me)
{
    return insert(req, me, "raw");
}

int add_json(struct gw_request *req, const struct users_row *me, const struct new_note_body *body)
{
    return insert(req, me, body->title);
}

int delete_note(struct gw_request *req, const struct users_row *me, int64_t id)
{
    (void)me;
    int r = notes_delete(req, id);
    return r ? r : gw_empty(req, 204);
}

int file(struct gw_request *req, const char *rest)
{
    return gw_text(req, 200, rest);
}

int day(struct gw_request *req, const char *day_)
{
    return gw_text(req, 200, day_);
}

int next_page(struct gw_request *req)
{
    const char *next = gw_next(req);
    return gw_text(req, 200, next ? next : "(none)");
}

/* ---- Limits ------------------------------------------------------------------------------ */

int limited(struct gw_request *req)
{
    return gw_text(req, 200, gw_client_address(req));
}

int limited_user(struct gw_request *req, const struct users_row *me)
{
    return say(req, me);
}

int limited_guest(struct gw_request *req, const struct users_row *me)
{
    return say(req, me);
}

int send_letter(struct gw_request *req, const struct letter_body *body)
{
    return gw_text(req, 200, body->to);
}

int send_number(struct gw_request *req, const struct letter_body *body)
{
    return gw_text(req, 200, body->to);
}

int limited_both(struct gw_request *req, const struct users_row *me)
{
    return say(req, me);
}

int limited_short(struct gw_request *req)
{
    return gw_text(req, 200, "short");
}

int limited_page(struct gw_request *req, const struct users_row *me)
{
    return say(req, me);
}
