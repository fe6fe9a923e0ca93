/* app.c: what exports many rows. */
#include "routes.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int write_one(struct gw_request *req, const struct notes_row *row, void *writer)
{
    notes_write_json(writer, row);
    return gw_writer_flush(req, writer);
}

static int export(struct gw_request *req,
                  int (*each)(struct gw_request *req,
                              int (*fn)(struct gw_request *, const struct notes_row *, void *),
                              void *data))
{
    struct gw_writer *w = gw_writer_new(req);
    int r = gw_begin(req, 200, "application/json");
    gw_writer_array(w);
    if (!r)
        r = each(req, write_one, w);
    gw_writer_end(w);
    return r ? r : gw_writer_send(req, 200, w);
}

int export_list(struct gw_request *req)
{
    return export(req, notes_each);
}

int export_selected(struct gw_request *req)
{
    return export(req, all_notes_each);
}

/* ---- Searches ------------------------------------------------------------------------------- */

int search(struct gw_request *req, int64_t n)
{
    const struct slow_row *row;
    int r = slow(req, n, &row);
    return r ? r : gw_json(req, 200, json_pack("{s:I}", "found", (json_int_t)row->found));
}

int hasty(struct gw_request *req, int64_t n)
{
    return search(req, n);
}

int quick(struct gw_request *req)
{
    const struct notes_row *note;
    int r = notes_find(req, 1, &note);
    return r ? r : gw_json(req, 200, json_pack("{s:s}", "title", note->title));
}

/* ---- Transactions --------------------------------------------------------------------------- */

struct transfer {
    int64_t from, to;
};

/* In the order in which they are named: two of them, the other way round, wait for each other. */
static int transfer(struct gw_request *req, void *data)
{
    const struct transfer *of = data;
    uint64_t n = 0;
    int r = pay(req, of->from, -1, &n);
    if (!r && n == 1)
        r = pay(req, of->to, 1, &n);
    return r ? r : n == 1 ? 0 : GW_E_NOT_FOUND;
}

int move(struct gw_request *req, int64_t from, int64_t to)
{
    struct transfer of = {from, to};
    int r = gw_tx_run(req, transfer, &of);
    return r ? r : gw_empty(req, 204);
}

/* ---- Jobs ----------------------------------------------------------------------------------- */

/* How long clean_up waits behind each piece, in ms. */
static unsigned pause_ms(void)
{
    const char *text = getenv("TEST_PAUSE");
    return text ? (unsigned)atoi(text) : 0;
}

/* A thousand rows at a time: nobody waits for longer than that takes. */
int clean_up(struct gw_request *req)
{
    const struct old_page_row *rows;
    size_t n = 1;
    int r = 0;
    while (!r && n) {
        struct gw_mark mark = gw_mark(req);
        r = old_page(req, INT64_C(1577836800000000), &rows, &n); /* 2020 */
        if (!r && n)
            r = delete_old(req, rows[0].id, rows[n - 1].id, NULL);
        gw_release(req, mark);
        usleep(pause_ms() * 1000);
    }
    return r;
}

int hurried(struct gw_request *req)
{
    const struct notes_row *row;
    usleep(1200000);
    return notes_find(req, 1, &row);
}

int broken(struct gw_request *req)
{
    gw_log(req, "it goes no further");
    return GW_E_REFERENCED;
}

int talks(struct gw_request *req)
{
    int r = gw_json(req, 200, json_object());
    if (r != -EINVAL || gw_begin(req, 200, "text/plain") != -EINVAL ||
        gw_empty(req, 204) != -EINVAL || gw_text(req, 200, "x") != -EINVAL ||
        gw_set_header(req, "X-A", "b") != -EINVAL ||
        gw_file(req, "/", "etc/passwd", NULL) != -EINVAL || gw_redirect(req, 303, "/") != -EINVAL)
        return 0;
    return r;
}

int left(struct gw_request *req)
{
    struct old_row row = {.made = 0};
    int r = gw_tx_begin(req);
    return r ? r : old_insert(req, &row, NULL);
}

/* ---- Accounts ------------------------------------------------------------------------------- */

int sign_in(struct gw_request *req, const struct credentials_body *body)
{
    struct users_secrets secrets;
    const struct users_row *row;
    const char *token;
    int r = users_find_secret_by_email(req, body->email, &row, &secrets);
    int verified = gw_password_verify(req, secrets.password, body->password, NULL);
    if (r || verified)
        return r && r != GW_E_NOT_FOUND ? r : verified;
    r = users_create_token(req, row, &token);
    return r ? r : gw_json(req, 200, json_pack("{s:s}", "token", token));
}

int show_me(struct gw_request *req, const struct users_row *me)
{
    return gw_json(req, 200, users_json(me));
}
