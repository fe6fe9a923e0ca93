/* issue.c: issues tokens (docs/design.md, "Tokens"). The claims are flask-jwt-router's, and `iat`
 * and `epoch` beside them. */
#include "base/clock.h"
#include "api/own.h"
#include "base/base64.h"
#include "json/json.h"
#include "token/jwt.h"
#include "input/path.h"
#include "request/request.h"
#include "request/context.h"
#include "store/column.h"
#include "store/epoch.h"

#include <errno.h>
#include <sys/random.h>

static const char *const reserved[] = {"exp", "nbf", "iat",   "iss",  "aud",
                                       "sub", "jti", "epoch", "path", "table_name"};

static const struct gw_table *entity_by_sql_name(const struct gw_app *app, const char *name)
{
    for (size_t i = 0; i < app->n_entities; i++)
        if (!strcmp(app->tables[i]->sql_name, name))
            return app->tables[i];
    return NULL;
}

/* A random `jti` (RFC 7519, 4.1.7): 128 bits in base64url. */
static json_t *new_id(void)
{
    unsigned char random[16];
    char text[GW_BASE64URL_ENCODED(sizeof(random)) + 1];
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return NULL;
    text[gw_base64url_encode(random, sizeof(random), text)] = 0;
    return json_string(text);
}

/* What a token is made from. */
struct grant {
    const struct gw_table *table;
    json_t *key; /* borrowed */
    uint64_t epoch;
    uint64_t seconds;
    const char *audience; /* NULL: the configured one */
    const char *path;     /* NULL: good everywhere */
    const char *sid;      /* of the session; NULL: it is of none */
};

/* Sets a claim; `value` is consumed, NULL counts as out of memory. */
static int set_claim(json_t *claims, const char *name, json_t *value)
{
    return json_object_set_new(claims, name, value) ? -ENOMEM : 0;
}

static int add_claims(struct gw_request *req, const struct grant *grant, json_t *claims)
{
    const struct gw_config *config = &req->worker->server->config;
    const char *audience = grant->audience ? grant->audience : config->audience;
    json_int_t now = gw_jwt_now();
    int r = set_claim(claims, "table_name", json_string(grant->table->sql_name));
    if (!r && json_object_set(claims, grant->table->key_claim, grant->key))
        r = -ENOMEM;
    if (!r)
        r = set_claim(claims, "iat", json_integer(now));
    if (!r)
        r = set_claim(claims, "exp", json_integer(now + (json_int_t)grant->seconds));
    if (!r && grant->table->revokes >= 0)
        r = set_claim(claims, "epoch", json_integer((json_int_t)grant->epoch));
    if (!r && config->issuer)
        r = set_claim(claims, "iss", json_string(config->issuer));
    if (!r && audience)
        r = set_claim(claims, "aud", json_string(audience));
    if (!r && config->deny_list)
        r = set_claim(claims, "jti", new_id());
    if (!r && grant->path)
        r = set_claim(claims, "path", json_string(grant->path));
    if (!r && grant->sid)
        r = set_claim(claims, "sid", json_string(grant->sid));
    return r;
}

/* A token outlives the request. What it was made of, a key or an epoch, must not be what a rollback
 * takes back and gives to somebody else later. */
static bool in_transaction(struct gw_request *req)
{
    struct gw_conn *conn = req->worker->conn;
    if (!conn || !gw_conn_in_transaction(conn))
        return false;
    gw_log(req, "no token is made within a transaction: commit it first");
    return true;
}

/* `claims` is consumed. */
static int issue(struct gw_request *req, const struct grant *grant, json_t *claims,
                 const char **ret)
{
    struct gw_worker *worker = req->worker;
    int r = !claims ? -ENOMEM : in_transaction(req) ? -EINVAL : add_claims(req, grant, claims);
    if (!r)
        r = gw_jwt_sign(gw_worker_trust(worker)->own, worker->crypto, claims, req->arena, ret);
    if (!r)
        req->response.issued_token = true;
    json_decref(claims);
    return r;
}

/* How long a token lives: where there are sessions, what is renewed by them. */
static uint64_t lifetime(struct gw_request *req, const struct gw_table *table)
{
    uint64_t seconds = req->worker->server->expire_seconds;
    bool shorter = table->session && table->session->access < seconds;
    return shorter ? table->session->access : seconds;
}

static bool is_reserved(const struct gw_table *table, const char *name)
{
    if (table->session && !strcmp(name, "sid"))
        return true;
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
        if (!strcmp(reserved[i], name))
            return true;
    return !strcmp(table->key_claim, name);
}

static bool extra_is_good(const struct gw_table *table, json_t *extra)
{
    const char *name;
    json_t *value;
    if (extra && !json_is_object(extra))
        return false;
    json_object_foreach(extra, name, value)
    {
        if (is_reserved(table, name))
            return false;
    }
    return true;
}

static bool key_is_good(const struct gw_table *table, const json_t *key)
{
    enum gw_type type = table->columns[table->key].type;
    if (gw_type_is_text(type))
        return json_is_string(key);
    return json_is_integer(key) && (type == GW_TYPE_INT || json_integer_value(key) >= 0);
}

/* A revocable account's epoch has to be known before a token for it can be made, and whether one
 * may be made at all. */
static int current_epoch(struct gw_request *req, const struct gw_table *table, json_t *key,
                         uint64_t *ret)
{
    *ret = 0;
    if (table->revokes < 0 && !table->blocks)
        return 0;
    struct gw_value value = {.type = table->columns[table->key].type};
    if (gw_type_is_text(value.type))
        value.as.text = json_string_value(key);
    else
        value.as.i64 = json_integer_value(key);
    const void *row;
    int r = gw_entity_find(req, table, table->key, &value, &row);
    if (!r && gw_row_is_blocked(table, row))
        r = GW_E_BLOCKED;
    if (!r && table->revokes >= 0)
        *ret = gw_row_value(table, table->revokes, row).as.u64;
    return r;
}

/* Where sessions are `strict`, a token without one admits nobody. */
static bool needs_session(struct gw_request *req, const struct gw_table *table)
{
    bool needs = table->session && table->session->strict;
    if (needs)
        gw_log(req, "sessions of %s are strict: a token without one would be refused", table->name);
    return needs;
}

int gw_create_token(struct gw_request *req, const char *table_name, json_t *key, json_t *extra,
                    const char **ret)
{
    const struct gw_table *table = entity_by_sql_name(req->app, table_name);
    int r = -EINVAL;
    if (table && key_is_good(table, key) && extra_is_good(table, extra)) {
        struct grant grant = {.table = table, .key = key, .seconds = lifetime(req, table)};
        r = needs_session(req, table) ? -ENOTSUP : current_epoch(req, table, key, &grant.epoch);
        if (!r)
            r = issue(req, &grant, extra ? json_copy(extra) : json_object(), ret);
    } else {
        gw_log(req, "gw_create_token: no such entity, a key of another type, or a reserved claim");
    }
    json_decref(key);
    json_decref(extra);
    return r;
}

/* The key of a row as a claim; NULL when memory is short. */
static json_t *key_claim(const struct gw_value *key)
{
    if (gw_type_is_text(key->type))
        return json_string(key->as.text);
    return key->type == GW_TYPE_UINT && key->as.u64 > INT64_MAX ? NULL : json_integer(key->as.i64);
}

int gw_issue_access(struct gw_request *req, const struct gw_table *table,
                    const struct gw_value *key, uint64_t epoch, const char *sid, const char **ret)
{
    struct grant grant = {.table = table,
                          .key = key_claim(key),
                          .epoch = epoch,
                          .seconds = lifetime(req, table),
                          .sid = sid};
    if (!grant.key)
        return -ENOMEM;
    int r = issue(req, &grant, json_object(), ret);
    json_decref(grant.key);
    return r;
}

int gw_entity_create_token(struct gw_request *req, const struct gw_table *table, const void *row,
                           const char **ret)
{
    if (gw_row_is_blocked(table, row))
        return GW_E_BLOCKED;
    if (needs_session(req, table))
        return -ENOTSUP;
    struct gw_value key = gw_row_value(table, table->key, row);
    return gw_issue_access(req, table, &key, gw_row_epoch(table, row), NULL, ret);
}

/* The caller's own further claims (not an issuer's) go with it into a renewed token. */
static json_t *extra_claims(struct gw_request *req)
{
    json_t *extra = json_copy((json_t *)gw_request_claims(req));
    for (size_t i = 0; extra && i < sizeof(reserved) / sizeof(reserved[0]); i++)
        json_object_del(extra, reserved[i]);
    return extra;
}

const char *gw_request_session(struct gw_request *req)
{
    bool ours = req->me.table && req->me.table->session && !req->me.issuer;
    const struct gw_json *sid = ours ? gw_json_member(req->me.claims, "sid") : NULL;
    return sid && sid->kind == GW_JSON_STRING ? sid->text.ptr : NULL;
}

static int caller_token(struct gw_request *req, const char *path, uint64_t seconds,
                        const char **ret)
{
    if (!req->me.row)
        return GW_E_NO_TOKEN;
    struct grant grant = {
        .table = req->me.table,
        .key = key_claim(&req->me.key),
        .epoch = req->me.epoch,
        .seconds = seconds,
        .audience = path ? "gatewright:url" : NULL,
        .path = path,
        .sid = gw_request_session(req),
    };
    if (!grant.key)
        return -ENOMEM;
    int r = issue(req, &grant, path || req->me.issuer ? json_object() : extra_claims(req), ret);
    json_decref(grant.key);
    return r;
}

/* Whether the caller came with a token for one path. */
static bool is_link(const struct gw_request *req)
{
    return req->me.claims && !req->me.issuer && gw_json_member(req->me.claims, "path");
}

int gw_update_token(struct gw_request *req, const char **ret)
{
    /* A token for one path stays one: renewing it would make a key of a link. */
    if (is_link(req))
        return GW_E_NO_TOKEN;
    if (req->me.row && req->me.table->session) /* it is the session that is renewed */
        return -ENOTSUP;
    return caller_token(req, NULL, req->worker->server->expire_seconds, ret);
}

int gw_url_token(struct gw_request *req, const char *path, unsigned seconds, const char **ret)
{
    struct gw_str canonical, query;
    enum gw_reason reason;
    if (!path || !seconds || seconds > 366U * 86400U)
        return -EINVAL;
    if (is_link(req))
        return GW_E_NO_TOKEN;
    int r = gw_path_canonical(gw_str_from(path), req->arena, &canonical, &query, &reason);
    if (r)
        return r < 0 ? r : -EINVAL;
    if (query.ptr || !gw_path_unmount(&canonical, req->worker->server->config.mount))
        return -EINVAL;
    path = gw_arena_copy(req->arena, canonical.ptr, canonical.len);
    return path ? caller_token(req, path, seconds, ret) : -ENOMEM;
}
