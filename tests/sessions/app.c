/* app.c: the handlers of the program that the tests of sessions run. */
#include "routes.h"

#include <errno.h>
#include <string.h>

static int answer(struct gw_request *req, int r, const struct gw_session *session)
{
    return r ? r : gw_json(req, 201, gw_session_json(session));
}

/* Of the account with that address, which is made where there is none. */
static int user_of(struct gw_request *req, const char *email, const struct users_row **ret)
{
    struct users_insert values = {.email = email};
    struct users_secrets none = {0};
    int r = users_find_by_email(req, email, ret);
    return r == GW_E_NOT_FOUND ? users_insert(req, &values, &none, ret, NULL) : r;
}

int open_user(struct gw_request *req, const char *email)
{
    const struct users_row *user;
    struct gw_session session;
    int r = user_of(req, email, &user);
    return answer(req, r ? r : users_open_session(req, user, &session), &session);
}

int sign_in(struct gw_request *req, const char *email)
{
    return open_user(req, email);
}

int sign_in_staff(struct gw_request *req, const char *name)
{
    return open_staff(req, name);
}

int sign_in_boss(struct gw_request *req, const char *name)
{
    return open_boss(req, name);
}

/* What is opened, and then not answered with. */
int sign_in_and_fail(struct gw_request *req, const char *email)
{
    int r = open_user(req, email);
    return r ? r : 500;
}

int sign_out(struct gw_request *req, const struct users_row *me)
{
    int r = gw_end_sessions(req);
    (void)me;
    if (!r)
        r = gw_end_cookie(req);
    return r ? r : gw_empty(req, 204);
}

int show_page(struct gw_request *req, const struct users_row *me)
{
    return gw_text(req, 200, me ? me->email : "guest");
}

/* What a handler gets to see of ours. */
int show_cookies(struct gw_request *req)
{
    const char *access = gw_cookie(req, "__Host-school");
    const char *refresh = gw_cookie(req, "__Secure-school-refresh");
    const char *all = gw_header(req, "Cookie"), *own = gw_cookie(req, "own");
    return gw_text(req, 200,
                   gw_printf(req, "%s %s %s %s", access ? access : "-", refresh ? refresh : "-",
                             all ? all : "-", own ? own : "-"));
}

int set_cookies(struct gw_request *req)
{
    gw_set_header(req, "Set-Cookie", "__Secure-school-refresh=x; Path=/api/auth");
    return gw_empty(req, 204);
}

int open_staff(struct gw_request *req, const char *name)
{
    struct staff_row row = {.name = name};
    struct gw_session session;
    int r = staff_insert(req, &row, NULL);
    return answer(req, r && r != GW_E_DUPLICATE ? r : staff_open_session(req, &row, &session),
                  &session);
}

static int answer_token(struct gw_request *req, int r, const char *token)
{
    return r ? r : gw_json(req, 201, json_pack("{s:s}", "token", token));
}

int open_guest(struct gw_request *req, const char *nick)
{
    struct guests_row row = {.nick = nick};
    const char *token = "";
    int r = guests_insert(req, &row, NULL);
    if (!r)
        r = guests_create_token(req, &row, &token);
    return answer_token(req, r, token);
}

int open_boss(struct gw_request *req, const char *name)
{
    const struct bosses_row *boss;
    struct gw_session session;
    struct bosses_secrets none = {0};
    struct bosses_row row = {.name = name};
    int r = bosses_find_by_name(req, name, &boss);
    if (r == GW_E_NOT_FOUND) {
        r = bosses_insert(req, &row, &none, NULL);
        boss = &row;
    }
    return answer(req, r ? r : bosses_open_session(req, boss, &session), &session);
}

int show_boss(struct gw_request *req, const struct bosses_row *me)
{
    return gw_json(req, 200, bosses_json(me));
}

int boss_token(struct gw_request *req, const struct bosses_row *me)
{
    const char *token = NULL;
    int r = bosses_create_token(req, me, &token);
    return r == -ENOTSUP ? gw_problem(req, 409, NULL, NULL) : answer_token(req, r, token);
}

int show_me(struct gw_request *req, const struct users_row *me)
{
    return gw_json(req, 200, users_json(me));
}

int show_anybody(struct gw_request *req)
{
    return gw_text(req, 200, gw_me_table(req));
}

int renew(struct gw_request *req, const struct users_row *me)
{
    const char *token;
    int r = gw_update_token(req, &token);
    (void)me;
    return r == -ENOTSUP ? gw_problem(req, 409, NULL, NULL) : answer_token(req, r, token);
}

int revoke_all(struct gw_request *req, const struct users_row *me)
{
    int r = gw_revoke_tokens(req);
    (void)me;
    return r ? r : gw_empty(req, 204);
}

int leave_everywhere(struct gw_request *req, const struct users_row *me)
{
    int r = gw_end_sessions(req);
    (void)me;
    return r ? r : gw_empty(req, 204);
}

int open_in_transaction(struct gw_request *req, const struct users_row *me)
{
    struct gw_session session;
    int r = gw_tx_begin(req);
    if (r)
        return r;
    r = users_open_session(req, me, &session);
    gw_tx_rollback(req);
    return r == -EINVAL ? gw_problem(req, 409, NULL, NULL) : answer(req, r, &session);
}

int make_link(struct gw_request *req, const struct users_row *me)
{
    const char *token;
    int r = gw_url_token(req, "/api/linked", 600, &token);
    (void)me;
    return answer_token(req, r, token);
}

int linked(struct gw_request *req, const struct users_row *me)
{
    return show_me(req, me);
}

int plain_token(struct gw_request *req, const struct users_row *me)
{
    const char *token;
    int r = users_create_token(req, me, &token);
    return answer_token(req, r, token);
}

/* ---- Tickets -------------------------------------------------------------------------------- */

static int answer_ticket(struct gw_request *req, int r, const char *ticket)
{
    return r ? r : gw_json(req, 201, json_pack("{s:s}", "ticket", ticket));
}

int ask_reset(struct gw_request *req, const char *email)
{
    const struct users_row *user;
    const char *ticket = "";
    int r = user_of(req, email, &user);
    if (!r)
        r = reset_new_ticket(req, user, &ticket);
    return answer_ticket(req, r, ticket);
}

int ask_confirm(struct gw_request *req, const char *email)
{
    const struct users_row *user;
    const char *ticket = "";
    int r = user_of(req, email, &user);
    if (!r)
        r = confirm_new_ticket(req, user, &ticket);
    return answer_ticket(req, r, ticket);
}

/* No hash: what is looked at here is in which order things are written. */
static int set_password(struct gw_request *req, const struct users_row *owner, const char *password)
{
    struct users_secrets secrets;
    int r = gw_secret_of(req, password, strlen(password), &secrets.password);
    return r ? r : users_update(req, owner, &secrets, USERS__PASSWORD);
}

int reset_password(struct gw_request *req, const struct users_row *owner,
                   const struct new_password_body *body)
{
    int r = set_password(req, owner, body->password);
    return r ? r : gw_text(req, 200, owner->email);
}

int reset_by_form(struct gw_request *req, const struct users_row *owner,
                  const struct new_password_body *body)
{
    return reset_password(req, owner, body);
}

/* By an answer of its own, and by what is told for it. */
int reset_and_fail(struct gw_request *req, const struct users_row *owner,
                   const struct new_password_body *body)
{
    int r = set_password(req, owner, body->password);
    if (r)
        return r;
    return body->password[0] == 'r' ? gw_redirect(req, 303, "/") : GW_E_DUPLICATE;
}

/* Everything that would spend a ticket and undo it, or the reverse. */
int meddle(struct gw_request *req, const struct users_row *owner,
           const struct new_password_body *body)
{
    const char *token;
    struct gw_session session;
    int tries[] = {gw_tx_begin(req),
                   gw_tx_commit(req),
                   gw_tx_rollback(req),
                   gw_begin(req, 200, "text/plain"),
                   users_create_token(req, owner, &token),
                   users_open_session(req, owner, &session),
                   reset_new_ticket(req, owner, &token)};
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
        if (tries[i] != -EINVAL)
            return gw_text(req, 200, gw_printf(req, "%zu", i));
    return reset_password(req, owner, body);
}

int confirm(struct gw_request *req, const struct users_row *owner, const struct proof_body *body)
{
    struct users_row changed = *owner;
    (void)body;
    changed.confirmed = true;
    int r = users_update(req, &changed, NULL, USERS__CONFIRMED);
    return r ? r : gw_empty(req, 204);
}

int confirm_by_header(struct gw_request *req, const struct users_row *owner)
{
    return confirm(req, owner, NULL);
}

int join_in(struct gw_request *req, const struct guests_row *owner, const struct proof_body *body)
{
    (void)body;
    return gw_text(req, 200, owner->nick);
}

/* What the call gives. */
int send_mail(struct gw_request *req, const struct letter_body *body)
{
    int r = gw_mail_send(req, body->to, body->subject, body->text);
    return gw_text(req, 200, gw_printf(req, "%d", r));
}
