/* request.c: the public API's reading half: what a handler may ask of its request. */
#include "request/request.h"

#include "base/clock.h"
#include "json/json.h"
#include "request/context.h"
#include "store/column.h"

#include <errno.h>
#include <time.h>

void gw_request_renew_deadline(struct gw_request *req)
{
    if (!req->exchange->until_ns)
        req->deadline_ns = gw_now_ns() + req->worker->server->config.request_timeout_ms * 1000000;
}

void gw_request_mark(struct gw_request *req, enum gw_phase phase)
{
    uint64_t now = gw_now_ns();
    req->phase_ns[phase] += now - req->marked_ns;
    req->marked_ns = now;
}

const char *gw_request_key(struct gw_request *req)
{
    char buffer[GW_KEY_TEXT];
    const char *text = gw_key_text(&req->me.key, buffer);
    return text == buffer ? gw_arena_copy(req->arena, text, strlen(text)) : text;
}

struct gw_conn *gw_request_conn(struct gw_request *req)
{
    struct gw_worker *worker = req->worker;
    if (!worker->conn && worker->server->store && gw_conn_new(worker->server->store, &worker->conn))
        worker->conn = NULL;
    if (worker->conn)
        worker->conn->timeout_ms = req->statement_ms;
    return worker->conn;
}

const struct gw_sql *gw_request_sql(struct gw_request *req)
{
    return req->worker->server->sql;
}

void *gw_app_data(struct gw_request *req)
{
    return req->worker->server->hook_data;
}

const char *gw_method(struct gw_request *req)
{
    const char *method = gw_arena_copy(req->arena, req->in.method.ptr, req->in.method.len);
    return method ? method : "";
}

const char *gw_path(struct gw_request *req)
{
    return req->path.ptr;
}

const char *gw_request_id(struct gw_request *req)
{
    return req->id;
}

const char *gw_remote_address(struct gw_request *req)
{
    const char *address =
        gw_arena_copy(req->arena, req->in.remote_address.ptr, req->in.remote_address.len);
    return address ? address : "";
}

/* The values of a field that is there several times as one list: by commas (RFC 9110, 5.3), those
 * of Cookie by semicolons (RFC 9113, 8.2.3). Without memory the request is answered with 500. */
static struct gw_str join(struct gw_request *req, struct gw_str name, size_t len)
{
    bool cookie = gw_str_equal(name, GW_STR("HTTP_COOKIE"));
    char *text = gw_arena_alloc(req->arena, len + 1);
    size_t at = 0;
    req->response.broken |= !text;
    for (size_t i = 0; text && i < req->exchange->n_meta; i++) {
        const struct gw_meta *meta = &req->exchange->meta[i];
        if (!gw_str_equal(meta->name, name))
            continue;
        if (at) {
            text[at++] = cookie ? ';' : ',';
            text[at++] = ' ';
        }
        memcpy(text + at, meta->value.ptr, meta->value.len);
        at += meta->value.len;
    }
    return (struct gw_str){text, at};
}

size_t gw_request_fields(const struct gw_request *req, struct gw_str name, struct gw_str *ret_last)
{
    size_t n = 0;
    for (size_t i = 0; i < req->exchange->n_meta; i++) {
        if (!gw_str_equal(req->exchange->meta[i].name, name))
            continue;
        *ret_last = req->exchange->meta[i].value;
        n++;
    }
    return n;
}

/* A variable of the request; ptr NULL: it has none. */
static struct gw_str find_meta(struct gw_request *req, struct gw_str name)
{
    struct gw_str found = {NULL, 0};
    size_t n = 0, len = 0;
    for (size_t i = 0; i < req->exchange->n_meta; i++) {
        if (!gw_str_equal(req->exchange->meta[i].name, name))
            continue;
        found = req->exchange->meta[i].value;
        len += found.len + 2;
        n++;
    }
    return n > 1 ? join(req, name, len) : found;
}

static const char *copied(struct gw_request *req, struct gw_str text)
{
    return text.ptr ? gw_arena_copy(req->arena, text.ptr, text.len) : NULL;
}

bool gw_is_https(struct gw_request *req)
{
    struct gw_str https = req->in.https;
    struct gw_str scheme = find_meta(req, GW_STR("REQUEST_SCHEME"));
    return gw_str_equal_nocase(https, GW_STR("on")) || gw_str_equal(https, GW_STR("1")) ||
           gw_str_equal_nocase(scheme, GW_STR("https"));
}

/* The meta-variable of a header (RFC 3875, 4.1.18); 0 if the name is too long or not one. */
static size_t header_variable(const char *name, char *variable, size_t size)
{
    size_t len = strlen(name);
    if (!len || 5 + len >= size || strchr(name, '_'))
        return 0;
    memcpy(variable, "HTTP_", 5);
    for (size_t i = 0; i <= len; i++)
        variable[5 + i] = name[i] == '-' ? '_' : gw_upper(name[i]);
    return 5 + len;
}

void gw_request_add_fields(struct gw_request *req, const char *name, struct gw_pairs *io)
{
    char variable[256];
    struct gw_str wanted = {variable, header_variable(name, variable, sizeof(variable))};
    for (size_t i = 0; wanted.len && i < req->exchange->n_meta; i++) {
        const struct gw_meta *meta = &req->exchange->meta[i];
        if (gw_str_equal(meta->name, wanted))
            io->items[io->n++] = (struct gw_pair){gw_str_from(name), meta->value, false, NULL};
    }
}

const char *gw_header(struct gw_request *req, const char *name)
{
    /* Credentials are the gate's; Proxy is the httpoxy attack. */
    static const char *const kept[] = {"HTTP_AUTHORIZATION", "HTTP_PROXY_AUTHORIZATION",
                                       "HTTP_PROXY"};
    char variable[256];
    size_t n = header_variable(name, variable, sizeof(variable));
    if (!n)
        return NULL;
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        if (!strcmp(variable, kept[i]))
            return NULL;
    if (req->app && req->app->cookie && !strcmp(variable, "HTTP_COOKIE")) /* it may hold a token */
        return NULL;
    if (!strcmp(variable, "HTTP_CONTENT_TYPE"))
        return copied(req, req->in.content_type);
    if (!strcmp(variable, "HTTP_CONTENT_LENGTH"))
        return copied(req, req->in.content_length.len ? req->in.content_length
                                                      : (struct gw_str){NULL, 0});
    return copied(req, find_meta(req, (struct gw_str){variable, n}));
}

const char *gw_query(struct gw_request *req, const char *name)
{
    struct gw_str wanted = gw_str_from(name);
    if (req->route && req->route->query_token && gw_str_equal(wanted, GW_STR("auth")))
        return NULL;
    for (size_t i = 0; req->query_parsed && i < req->query_pairs.n; i++)
        if (gw_str_equal(req->query_pairs.items[i].name, wanted))
            return req->query_pairs.items[i].value.ptr;
    return NULL;
}

const char *gw_content_type(struct gw_request *req)
{
    const char *type = copied(req, req->in.content_type);
    return type ? type : "";
}

/* ---- The caller ----------------------------------------------------------------------------- */

const char *gw_me_table(struct gw_request *req)
{
    return req->me.row ? req->me.table->sql_name : NULL;
}

int gw_me_json(struct gw_request *req, json_t **ret)
{
    if (!req->me.row)
        return GW_E_NO_TOKEN;
    json_t *json = gw_entity_json(req->me.table, req->me.row);
    if (!json)
        return -ENOMEM;
    *ret = json;
    return 0;
}

const json_t *gw_request_claims(struct gw_request *req)
{
    if (!req->me.claims_tree && gw_json_to_jansson(req->me.claims, &req->me.claims_tree)) {
        req->me.claims_tree = NULL;
        req->response.broken = true;
    }
    return req->me.claims_tree;
}

const json_t *gw_claim(struct gw_request *req, const char *name)
{
    return req->me.row ? json_object_get(gw_request_claims(req), name) : NULL;
}

const void *gw_entity_me(struct gw_request *req, const struct gw_table *table)
{
    return req->me.row && req->me.table == table ? req->me.row : NULL;
}

bool gw_request_answers_nobody(struct gw_request *req)
{
    if (req->answers_nobody)
        gw_log(req, "what is no request has tried to answer, and there is nobody to be answered");
    return req->answers_nobody;
}

/* ---- Store, memory, log --------------------------------------------------------------------- */

/* What a ticket is spent in ends with the answer. */
static bool is_tickets(struct gw_request *req)
{
    if (req->spends_ticket)
        gw_log(req, "a ticket is spent in this transaction, which is begun before the handler and "
                    "ended by its answer");
    return req->spends_ticket;
}

int gw_tx_begin(struct gw_request *req)
{
    if (is_tickets(req))
        return -EINVAL;
    struct gw_conn *conn = gw_request_conn(req);
    return conn ? gw_conn_begin(conn, req->deadline_ns) : -ENOMEM;
}

/* The transaction is over. What was revoked in one that did not commit is not revoked; nor, as far
 * as tokens go, where that is not known: one of the earlier epoch is at worst a dead one. */
static void end_revoking(struct gw_request *req, bool committed)
{
    const struct gw_table *table = req->me.table;
    if (req->me.revoking && !committed) {
        req->me.epoch = req->me.epoch_before;
        gw_column_put(&table->columns[table->revokes], req->me.row,
                      &(struct gw_value){.type = GW_TYPE_UINT, .as.u64 = req->me.epoch});
    }
    req->me.revoking = false;
}

int gw_tx_commit(struct gw_request *req)
{
    if (is_tickets(req))
        return -EINVAL;
    struct gw_conn *conn = gw_request_conn(req);
    if (!conn)
        return -ENOMEM;
    int r = gw_conn_commit(conn, req->deadline_ns);
    end_revoking(req, r == 0);
    return r;
}

int gw_tx_rollback(struct gw_request *req)
{
    if (is_tickets(req) || !req->worker->conn || !gw_conn_in_transaction(req->worker->conn))
        return -EINVAL;
    gw_conn_rollback(req->worker->conn);
    end_revoking(req, false);
    return 0;
}

/* Once: begun, run, and ended one way or the other. */
static int tx_attempt(struct gw_request *req, int (*body)(struct gw_request *req, void *data),
                      void *data)
{
    int r = gw_tx_begin(req);
    if (r)
        return r;
    r = body(req, data);
    if (!r)
        return gw_tx_commit(req);
    gw_tx_rollback(req);
    return r;
}

int gw_tx_run(struct gw_request *req, int (*body)(struct gw_request *req, void *data), void *data)
{
    for (unsigned attempt = 0;; attempt++) {
        int r = tx_attempt(req, body, data);
        uint64_t now = gw_now_ns(), ms = 1 + now % (2u << (attempt < 5 ? attempt : 5));
        if (r != GW_E_CONFLICT || now + ms * 1000000 >= req->deadline_ns)
            return r;
        nanosleep(&(struct timespec){.tv_nsec = (long)(ms * 1000000)}, NULL);
    }
}

void *gw_alloc(struct gw_request *req, size_t size)
{
    return gw_arena_alloc(gw_request_memory(req), size);
}

char *gw_printf(struct gw_request *req, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = gw_arena_vprintf(gw_request_memory(req), format, args);
    va_end(args);
    return text;
}

void gw_log(struct gw_request *req, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    gw_log_vline(req->worker->server->log, req->id, format, args);
    va_end(args);
}

ssize_t gw_request_body_at(const struct gw_request *req, uint64_t at, void *buffer, size_t size)
{
    const struct gw_spool *spool =
        req->body_is_spooled ? &req->spool : req->transport->kept(req->exchange);
    return gw_spool_read_at(spool, at, buffer, size);
}
