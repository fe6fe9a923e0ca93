/* teachers.c: teachers in a browser: signed in by cookie, and back after a forgotten password. */
#include "school.h"

/* ---- Signed in ------------------------------------------------------------------------------- */

/* The browser gets both cookies, and the page no token: a script that somebody smuggled into it
 * could not carry one away. */
int sign_in_here(struct gw_request *req, const struct credentials_body *body)
{
    const struct teachers_row *teacher = NULL;
    struct teachers_secrets secrets;
    struct gw_session session;
    int r = teachers_find_secret_by_email(req, body->email, &teacher, &secrets);
    if (r && r != GW_E_NOT_FOUND)
        return r;
    /* Without an account the same work is done, so that time does not tell who has one. */
    r = gw_password_verify(req, secrets.password, body->password, NULL);
    if (!r)
        r = teachers_open_session(req, teacher, &session);
    if (r)
        return r;
    return gw_json(req, 200,
                   json_pack("{s:o, s:I}", "data", teachers_json(teacher), "expires_in",
                             (json_int_t)session.access_seconds));
}

int show_account(struct gw_request *req, const struct teachers_row *me)
{
    return gw_json(req, 200, teachers_json(me));
}

/* On all devices at once: each token that was made before is refused, and no session is renewed. */
int sign_out_everywhere(struct gw_request *req, const struct teachers_row *me)
{
    (void)me;
    int r = gw_revoke_tokens(req);
    if (!r)
        r = gw_end_cookie(req);
    return r ? r : gw_empty(req, 204);
}

/* ---- A forgotten password -------------------------------------------------------------------- */

/* The ticket stands behind a `#`, which no browser sends: no log and no Referer shows it. */
static int send_reset_mail(struct gw_request *req, const struct teachers_row *teacher)
{
    const char *ticket, *home = url_home(req);
    int r = reset_new_ticket(req, teacher, &ticket);
    if (r)
        return r;
    const char *text = !home ? NULL
                             : gw_printf(req,
                                         "Hello,\n\nhere you can set a new password within 30 "
                                         "minutes:\n\n%s%s#reset=%s\n\nIf you did not ask for "
                                         "it, do nothing: the old one stays.\n",
                                         school_origin(req), home, ticket);
    return text ? gw_mail_send(req, teacher->email, "A new password for the school", text) : 500;
}

/* The answer is the same whether or not there is such an account. (How long it takes is
 * not: the mail is sent meanwhile. Whoever sends many has a queue.) */
int forget_password(struct gw_request *req, const struct address_body *body)
{
    const struct teachers_row *teacher;
    int r = teachers_find_by_email(req, body->email, &teacher);
    if (!r)
        r = send_reset_mail(req, teacher);
    if (r && r != GW_E_NOT_FOUND && r != GW_E_BLOCKED)
        gw_log(req, "no mail for a forgotten password was sent: %d", r);
    return gw_empty(req, 202);
}

/* The ticket is spent with a 2xx, in one transaction with the new password; the old sessions and
 * tokens of the account end in it. */
int reset_password(struct gw_request *req, const struct teachers_row *owner,
                   const struct new_password_body *body)
{
    struct teachers_secrets secrets = {0};
    int r = gw_password_hash(req, body->password, &secrets.password);
    if (!r)
        r = teachers_update(req, owner, &secrets, TEACHERS__PASSWORD);
    return r ? r : gw_empty(req, 204);
}
