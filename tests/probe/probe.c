/* probe.c: handlers for the tests of the runtime. */
#include "probe.h"

#include "routes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int fast(struct gw_request *req)
{
    return gw_text(req, 200, "fast");
}

int slow(struct gw_request *req)
{
    usleep(200000);
    return gw_text(req, 200, "slow");
}

/* A millisecond of the processor. */
int burn(struct gw_request *req)
{
    struct timespec from, now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while ((now.tv_sec - from.tv_sec) * 1000000000L + now.tv_nsec - from.tv_nsec < 1000000);
    return gw_text(req, 200, "burnt");
}

/* Slow at every tenth call, and nobody knows beforehand at which. */
int tenth(struct gw_request *req)
{
    static _Atomic unsigned calls;
    if (atomic_fetch_add(&calls, 1) % 10)
        return gw_text(req, 200, "fast");
    usleep(200000);
    return gw_text(req, 200, "slow");
}

int stream(struct gw_request *req)
{
    char line[1024];
    memset(line, 's', sizeof(line));
    int r = gw_begin(req, 200, "text/plain");
    for (int i = 0; !r && i < 1024; i++)
        r = gw_write(req, line, sizeof(line));
    return r;
}

/* 96 MiB: more than is kept for a reader that does not read. */
int stream_long(struct gw_request *req)
{
    static const char piece[64 * 1024];
    int r = gw_begin(req, 200, "application/octet-stream");
    for (int i = 0; !r && i < 16 * 96; i++)
        r = gw_write(req, piece, sizeof(piece));
    return r;
}

int stream_cut(struct gw_request *req)
{
    int r = gw_begin(req, 200, "text/plain");
    if (!r)
        r = gw_write(req, "half", 4);
    return r ? r : -EIO;
}

int big(struct gw_request *req)
{
    size_t len = 4 << 20;
    char *text = gw_alloc(req, len);
    if (!text)
        return -ENOMEM;
    memset(text, 'b', len);
    return gw_bytes(req, 200, "application/octet-stream", text, len);
}

int echo(struct gw_request *req)
{
    struct gw_bytes body = gw_raw_body(req);
    if (!body.ptr || gw_raw_read(req, (char[1]){0}, 1) != -EINVAL)
        return -ENOMEM;
    return gw_bytes(req, 200, "application/octet-stream", body.ptr, body.len);
}

/* The body back, piece by piece: never whole in memory. */
int upload(struct gw_request *req)
{
    char piece[8192];
    ssize_t n = gw_raw_read(req, piece, sizeof(piece));
    int r = n < 0 ? (int)n : gw_begin(req, 200, "application/octet-stream");
    while (!r && n > 0) {
        r = gw_write(req, piece, (size_t)n);
        if (!r && (n = gw_raw_read(req, piece, sizeof(piece))) < 0)
            r = (int)n;
    }
    return r;
}

int header(struct gw_request *req, const char *kind)
{
    if (!strcmp(kind, "split"))
        gw_set_header(req, "X-Test", "a\r\nX-Evil: yes");
    else if (!strcmp(kind, "name"))
        gw_set_header(req, "X-Te st", "a");
    else if (!strcmp(kind, "framing"))
        gw_set_header(req, "Content-Length", "1");
    else if (!strcmp(kind, "id"))
        gw_set_header(req, "x-request-id", "mine");
    else if (!strcmp(kind, "type"))
        gw_bytes(req, 200, "text/plain\r\nX-Evil: yes", "", 0);
    else
        gw_set_header(req, "X-Test", kind);
    const char *seen = gw_header(req, "X-Seen");
    const char *forbidden = gw_header(req, "Authorization");
    return gw_text(req, 200, gw_printf(req, "%s %s", seen ? seen : "-", forbidden ? "!" : "-"));
}

int cookie(struct gw_request *req)
{
    const char *value = gw_cookie(req, "seen");
    int r = gw_set_cookie(req, "first", "1", NULL);
    if (!r)
        r = gw_set_cookie(req, "second", "2",
                          &(struct gw_cookie_options){.max_age = 60, .same_site = "Strict"});
    return r ? r : gw_text(req, 200, value ? value : "none");
}

static int answer_tagged(struct gw_request *req, const char *kind)
{
    int r = gw_text(req, !strcmp(kind, "created") ? 201 : 200, "a text");
    if (!strcmp(kind, "file"))
        r = gw_file(req, getenv("PROBE_FILES"), "note.txt", NULL);
    if (!r && !strcmp(kind, "public"))
        r = gw_set_header(req, "Cache-Control", "public, max-age=60");
    if (!r && strcmp(kind, "none"))
        gw_etag(req, !strcmp(kind, "given") ? "v1" : !strcmp(kind, "bad") ? "a\"b" : NULL);
    return r;
}

int tagged(struct gw_request *req, const char *kind)
{
    return answer_tagged(req, kind);
}

int tagged_me(struct gw_request *req, const struct people_row *me_row, const char *kind)
{
    return answer_tagged(req, kind);
}

int renewed(struct gw_request *req, const struct people_row *me_row)
{
    const char *token;
    int r = gw_update_token(req, &token);
    if (!r)
        r = gw_text(req, 200, token);
    return r ? r : gw_set_header(req, "Cache-Control", "public, max-age=3600");
}

int redirect(struct gw_request *req)
{
    const char *to = gw_query(req, "to");
    return gw_redirect(req, 303, to ? to : "/fast");
}

int result(struct gw_request *req, int64_t r)
{
    return (int)r;
}

int silent(struct gw_request *req)
{
    return 0;
}

int replaced(struct gw_request *req)
{
    gw_set_header(req, "X-Test", "gone");
    gw_text(req, 200, "this is replaced");
    return 403;
}

int file(struct gw_request *req, const char *name)
{
    return gw_file(req, gw_app_data(req), name, NULL);
}

/* The work of a log-in, for an account that is not there. */
int sign_in(struct gw_request *req, const struct person_body *body)
{
    return gw_password_verify(req, (struct gw_secret){0}, body->name, NULL);
}

int add_person(struct gw_request *req, const struct person_body *body)
{
    struct people_row row = {.name = body->name};
    int r = people_insert(req, &row, NULL, NULL);
    const char *token;
    if (!r)
        r = people_create_token(req, &row, &token);
    return r ? r : gw_json(req, 201, json_pack("{s:I, s:s}", "id", row.id, "token", token));
}

int add_person_and_forget(struct gw_request *req, const struct person_body *body)
{
    struct people_row row = {.name = body->name};
    int r = gw_tx_begin(req);
    if (!r)
        r = people_insert(req, &row, NULL, NULL);
    return r ? r : gw_empty(req, 204);
}

int add_person_and_fail(struct gw_request *req, const struct person_body *body)
{
    int r = add_person_and_forget(req, body);
    return r ? r : 409;
}

int me(struct gw_request *req, const struct people_row *me_row)
{
    return gw_json(req, 200, json_pack("{s:I, s:s}", "id", me_row->id, "name", me_row->name));
}

int staff_me(struct gw_request *req, const struct staff_row *me_row)
{
    return gw_json(req, 200, staff_json(me_row));
}

int machine_me(struct gw_request *req, const struct machines_row *me_row)
{
    return gw_json(req, 200, machines_json(me_row));
}

int add_machine(struct gw_request *req, const struct person_body *body)
{
    struct machines_row row = {.label = body->name, .works = true};
    int r = machines_insert(req, &row, NULL);
    return r ? r : gw_json(req, 201, json_pack("{s:I}", "id", row.id));
}

int add_staff(struct gw_request *req, const struct person_body *body)
{
    struct staff_row row = {.name = body->name};
    int r = staff_insert(req, &row, NULL);
    const char *token;
    if (!r)
        r = staff_create_token(req, &row, &token);
    return r ? r : gw_json(req, 201, json_pack("{s:I, s:s}", "id", row.staff_id, "token", token));
}

int greet_guest(struct gw_request *req, const struct people_row *me_row)
{
    return gw_text(req, 200, me_row ? me_row->name : "a guest");
}

int scoped(struct gw_request *req, const struct people_row *me_row)
{
    return gw_text(req, 200, "in scope");
}

/* Revokes all tokens and issues one that is good all the same. */
int again(struct gw_request *req, const struct people_row *me_row)
{
    const char *token;
    int r = gw_revoke_tokens(req);
    if (!r)
        r = gw_update_token(req, &token);
    return r ? r : gw_json(req, 200, json_pack("{s:s}", "token", token));
}

int make_link(struct gw_request *req, const struct people_row *me_row)
{
    const char *token;
    int r = gw_url_token(req, url_linked(req), 60, &token);
    return r ? r : gw_text(req, 200, token);
}

int linked(struct gw_request *req, const struct people_row *me_row)
{
    const char *token;
    int r = gw_update_token(req, &token);
    return gw_text(req, 200, r == GW_E_NO_TOKEN ? "linked" : "renewed");
}

int typed(struct gw_request *req, const char *w, const char *u, const char *d, const char *s,
          uint64_t n)
{
    return gw_text(req, 200, gw_printf(req, "%s %s %s %s %" PRIu64, w, u, d, s, n));
}

int rest(struct gw_request *req, const char *p)
{
    return gw_text(req, 200, p);
}

static int start(struct gw_program *program, void **ret_data)
{
    const char *folder = getenv("PROBE_FILES");
    *ret_data = (void *)(folder ? folder : ".");
    return 0;
}

const struct gw_hooks probe_hooks = {.start = start};
