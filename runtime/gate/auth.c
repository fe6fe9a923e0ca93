/* auth.c: finds the token, verifies it, and says whose it is.
 *
 * Where a token may stand: in the one Authorization header, or, on routes that say `query_token`,
 * in one `auth` parameter of the query. Two of these in one request are refused rather than ranked.
 * Without either, in the one cookie that the application declares. What the claims say is checked
 * exactly: the table by name, the key by its column's type, the epoch against the row. Every
 * failure, also one of memory, ends in a refusal. */
#include "gate/auth.h"

#include "token/bearer.h"
#include "json/json.h"
#include "token/jwt.h"
#include "request/request.h"
#include "request/context.h"
#include "store/column.h"
#include "store/epoch.h"

#include <assert.h>
#include <errno.h>

#define CLOCKS_APART 10 /* seconds that the clock of another issuer under our key may be behind */
#define CLOCK_IS_SET 1735689600 /* 2025-01-01: an appliance may boot without the time */

_Static_assert(GW_MAX_ENTITIES <= 64, "a route's `admits` is a uint64_t");

static enum gw_verdict refuse(struct gw_request *req, enum gw_verdict verdict,
                              enum gw_reason reason)
{
    req->reason = reason;
    return verdict;
}

/* ---- Finding the token ---------------------------------------------------------------------- */

static enum gw_verdict token_from_header(struct gw_request *req)
{
    enum gw_reason reason = gw_bearer_read(req->in.authorization, &req->token);
    if (!reason)
        return GW_ADMIT;
    return refuse(req,
                  reason == GW_REASON_AUTH_COMMA    ? GW_BAD_REQUEST
                  : reason == GW_REASON_AUTH_SCHEME ? GW_NO_CREDENTIALS
                                                    : GW_BAD_TOKEN,
                  reason);
}

static enum gw_verdict token_from_query(struct gw_request *req)
{
    size_t found = 0;
    for (size_t i = 0; i < req->query_pairs.n; i++) {
        if (!gw_str_equal(req->query_pairs.items[i].name, GW_STR("auth")))
            continue;
        req->token = req->query_pairs.items[i].value;
        req->token_in_query = true;
        found++;
    }
    if (found > 1)
        return refuse(req, GW_BAD_REQUEST, GW_REASON_AUTH_TWICE);
    if (found && req->in.has_authorization)
        return refuse(req, GW_BAD_REQUEST, GW_REASON_AUTH_BOTH);
    return GW_ADMIT;
}

/* Two of one name: a browser that somebody has talked into it. */
static enum gw_verdict token_from_cookie(struct gw_request *req)
{
    if (!req->access_cookie.n)
        return GW_ADMIT;
    req->token_in_cookie = true;
    req->token = req->access_cookie.value;
    return req->access_cookie.n == 1 ? GW_ADMIT : refuse(req, GW_BAD_TOKEN, GW_REASON_AUTH_COOKIES);
}

static enum gw_verdict find_token(struct gw_request *req)
{
    if (req->route->query_token) {
        if (!req->query_parsed)
            return refuse(req, GW_BAD_REQUEST, GW_REASON_AUTH_QUERY);
        enum gw_verdict verdict = token_from_query(req);
        if (verdict != GW_ADMIT)
            return verdict;
    }
    if (req->in.has_authorization)
        return token_from_header(req);
    return req->token_in_query ? GW_ADMIT : token_from_cookie(req);
}

/* ---- Claims --------------------------------------------------------------------------------- */

static const struct gw_json *claim_of(const struct gw_request *req, const char *name)
{
    return gw_json_member(req->me.claims, name);
}

static bool is_url_token(const struct gw_request *req)
{
    return gw_json_is(claim_of(req, "aud"), "gatewright:url") || claim_of(req, "path");
}

static bool audience_has(const struct gw_json *aud, const char *wanted)
{
    if (!aud || aud->kind != GW_JSON_ARRAY)
        return gw_json_is(aud, wanted);
    for (const struct gw_json *item = aud->list.first; item; item = item->next)
        if (gw_json_is(item, wanted))
            return true;
    return false;
}

/* A token made for one path (gw_url_token) is good there only; any other must name our audience, if
 * there is one, and must not name somebody else's. */
static enum gw_reason place_fault(struct gw_request *req)
{
    const struct gw_config *config = &req->worker->server->config;
    const struct gw_json *aud = claim_of(req, "aud");
    if (is_url_token(req)) {
        const struct gw_json *path = claim_of(req, "path");
        bool here = req->token_in_query && path && path->kind == GW_JSON_STRING &&
                    audience_has(aud, "gatewright:url") && gw_str_equal(path->text, req->path);
        return here ? GW_REASON_NONE : GW_REASON_JWT_PATH;
    }
    if (req->token_in_query && req->route->query_bound)
        return GW_REASON_JWT_UNBOUND;
    if (!config->audience)
        return aud ? GW_REASON_JWT_AUDIENCE : GW_REASON_NONE;
    return audience_has(aud, config->audience) ? GW_REASON_NONE : GW_REASON_JWT_AUDIENCE;
}

static const struct gw_table *claimed_table(struct gw_request *req)
{
    const struct gw_json *name = claim_of(req, "table_name");
    for (size_t i = 0; name && i < req->app->n_entities; i++)
        if (gw_json_is(name, req->app->tables[i]->sql_name))
            return req->app->tables[i];
    return NULL;
}

bool gw_auth_claimed(const struct gw_column *column, const struct gw_json *claim,
                     struct gw_value *ret)
{
    int64_t value;
    size_t chars;
    *ret = (struct gw_value){.type = column->type};
    if (gw_type_is_text(column->type)) {
        if (!claim || claim->kind != GW_JSON_STRING)
            return false;
        ret->as.text = claim->text.ptr;
        return gw_utf8_valid(claim->text.ptr, claim->text.len, &chars) &&
               (!column->max || chars <= column->max);
    }
    if (!claim || !gw_json_i64(claim, &value))
        return false;
    if (column->type == GW_TYPE_UINT)
        ret->as.u64 = (uint64_t)value;
    else
        ret->as.i64 = value;
    return column->type == GW_TYPE_INT || (column->type == GW_TYPE_UINT && value >= 0);
}

static bool claimed_epoch(const struct gw_json *epoch, uint64_t *ret)
{
    int64_t value = 0;
    if (epoch && (!gw_json_i64(epoch, &value) || value < 0))
        return false;
    *ret = (uint64_t)value;
    return true;
}

static enum gw_verdict read_claims(struct gw_request *req)
{
    enum gw_reason fault = place_fault(req);
    if (fault)
        return refuse(req, GW_BAD_TOKEN, fault);
    const struct gw_table *table = claimed_table(req);
    if (!table)
        return refuse(req, GW_BAD_TOKEN, GW_REASON_JWT_TABLE);
    if (!(req->route->admits >> table->entity & 1))
        return refuse(req, GW_FORBIDDEN, GW_REASON_AUTH_ENTITY);
    if (!gw_auth_claimed(&table->columns[table->key], claim_of(req, table->key_claim),
                         &req->me.key))
        return refuse(req, GW_BAD_TOKEN, GW_REASON_JWT_KEY);
    if (!claimed_epoch(claim_of(req, "epoch"), &req->me.epoch))
        return refuse(req, GW_BAD_TOKEN, GW_REASON_JWT_EPOCH);
    req->me.table = table;
    return GW_NEED_ROW;
}

/* ---- Tokens of outside issuers -------------------------------------------------------------- */

/* The audience that an issuer's token names must be one of ours; where it names several, the party
 * that it was issued to (`azp`) too (OpenID Connect Core 1.0, 3.1.3.7). */
static bool issued_to_us(const struct gw_request *req, const struct gw_issuer *issuer)
{
    const struct gw_json *aud = claim_of(req, "aud"), *azp = claim_of(req, "azp");
    bool several = aud && aud->kind == GW_JSON_ARRAY && aud->list.n > 1;
    for (size_t i = 0; issuer->audiences[i]; i++) {
        if (!audience_has(aud, issuer->audiences[i]))
            continue;
        if (!several || audience_has(azp, issuer->audiences[i]))
            return true;
    }
    return false;
}

/* E-mail addresses are kept in lower case, as bodies bring them. */
static bool lower(struct gw_request *req, struct gw_value *value)
{
    char *text = gw_arena_copy(req->arena, value->as.text, strlen(value->as.text));
    for (char *c = text; c && *c; c++)
        *c = gw_lower(*c);
    value->as.text = text;
    return text;
}

static enum gw_verdict read_issued(struct gw_request *req, const struct gw_issuer *issuer)
{
    const struct gw_json *verified = claim_of(req, "email_verified");
    bool email = !strcmp(issuer->claim, "email");
    if (!issued_to_us(req, issuer))
        return refuse(req, GW_BAD_TOKEN, GW_REASON_JWT_AUDIENCE);
    if (req->token_in_query && req->route->query_bound)
        return refuse(req, GW_BAD_TOKEN, GW_REASON_JWT_UNBOUND);
    if (!(req->route->admits >> issuer->table->entity & 1))
        return refuse(req, GW_FORBIDDEN, GW_REASON_AUTH_ENTITY);
    if (email && !(verified && verified->kind == GW_JSON_TRUE))
        return refuse(req, GW_BAD_TOKEN, GW_REASON_JWT_EMAIL);
    if (!gw_auth_claimed(&issuer->table->columns[issuer->column], claim_of(req, issuer->claim),
                         &req->me.key))
        return refuse(req, GW_BAD_TOKEN, GW_REASON_JWT_KEY);
    if (email && !lower(req, &req->me.key))
        return refuse(req, GW_FAILED, GW_REASON_AUTH_FAILED);
    req->me.table = issuer->table;
    req->me.issuer = issuer;
    return GW_NEED_ROW;
}

/* A token is tried under the keys of each issuer that has the key it names. Which issuer it is of
 * shows in the signature alone: nothing in an unverified token is believed. *io_reason stays what
 * it was unless an issuer had the key. */
static int verify_issued(struct gw_request *req, struct gw_jwt_policy policy,
                         const struct gw_issuer **ret, enum gw_reason *io_reason)
{
    const struct gw_trust *trust = gw_worker_trust(req->worker);
    for (size_t i = 0; i < trust->n_issuers && gw_reason_leaves_other_keys(*io_reason); i++) {
        const struct gw_issuer *issuer = &req->app->issuers[i];
        enum gw_reason reason = GW_REASON_NONE;
        if (!trust->issuers[i])
            continue;
        policy.issuer = issuer->url;
        int r = gw_jwt_read(trust->issuers[i], req->worker->crypto, req->token, &policy, req->arena,
                            &req->me.claims, &reason);
        *ret = issuer;
        if (r != GW_E_MISMATCH)
            return r;
        if (reason != GW_REASON_JWT_KID && *io_reason != GW_REASON_JWT_ISSUER)
            *io_reason = reason;
    }
    return GW_E_MISMATCH;
}

/* ---- The two halves ------------------------------------------------------------------------- */

bool gw_auth_policy(const struct gw_request *req, struct gw_jwt_policy *ret)
{
    const struct gw_config *config = &req->worker->server->config;
    *ret = (struct gw_jwt_policy){
        .now = gw_jwt_now(),
        .leeway = (int64_t)config->leeway,
        .ahead = (int64_t)config->ahead,
        .issuer = config->issuer,
    };
    return ret->now >= CLOCK_IS_SET;
}

static enum gw_verdict verify(struct gw_request *req)
{
    struct gw_worker *worker = req->worker;
    struct gw_jwt_policy policy;
    if (!gw_auth_policy(req, &policy))
        return refuse(req, GW_UNAVAILABLE, GW_REASON_CLOCK);
    const struct gw_issuer *issuer = NULL;
    enum gw_reason reason = GW_REASON_JWT_KID;
    int r = !gw_worker_trust(worker)->own
                ? GW_E_MISMATCH
                : gw_jwt_read(gw_worker_trust(worker)->own, worker->crypto, req->token, &policy,
                              req->arena, &req->me.claims, &reason);
    if (r == 0)
        return read_claims(req);
    if (r == GW_E_MISMATCH)
        r = verify_issued(req, policy, &issuer, &reason);
    if (r == 0)
        return read_issued(req, issuer);
    return r == GW_E_MISMATCH ? refuse(req, GW_BAD_TOKEN, reason)
                              : refuse(req, GW_FAILED, GW_REASON_AUTH_FAILED);
}

enum gw_verdict gw_auth_token(struct gw_request *req)
{
    assert(req->route && !req->me.row);
    if (req->route->access != GW_ACCESS_GATED)
        return GW_ADMIT;
    enum gw_verdict verdict = find_token(req);
    if (verdict != GW_ADMIT)
        return verdict;
    if (req->in.has_authorization || req->token_in_query || req->token_in_cookie)
        return verify(req);
    if (req->route->guest)
        return GW_ADMIT;
    return refuse(req, GW_NO_CREDENTIALS, GW_REASON_AUTH_NONE);
}

static bool has_scope(struct gw_request *req, const char *wanted)
{
    const struct gw_json *scope = claim_of(req, "scope");
    const char *scopes = scope && scope->kind == GW_JSON_STRING ? scope->text.ptr : NULL;
    size_t len = strlen(wanted);
    while (scopes && *scopes) {
        size_t n = strcspn(scopes, " ");
        if (n == len && !memcmp(scopes, wanted, len))
            return true;
        scopes += n + strspn(scopes + n, " ");
    }
    return false;
}

enum gw_verdict gw_auth_denied(struct gw_request *req, int result)
{
    assert(req->me.claims);
    if (result == GW_E_NOT_FOUND)
        return GW_ADMIT;
    if (gw_store_is_away(result))
        return refuse(req, GW_UNAVAILABLE, GW_REASON_STORE_AWAY);
    return result ? refuse(req, GW_FAILED, GW_REASON_STORE_FAILED)
                  : refuse(req, GW_BAD_TOKEN, GW_REASON_JWT_DENIED);
}

/* A token that says no epoch, or 0, is good for an account that was never revoked, if the row was
 * there when it was made, as far as it tells when that was. */
static bool is_revoked_without_epoch(struct gw_request *req, uint64_t epoch)
{
    const struct gw_json *iat = claim_of(req, "iat");
    double made;
    if (!gw_epoch_is_first(epoch))
        return true;
    req->me.epoch = epoch;
    if (!iat)
        return false;
    return !gw_json_f64(iat, &made) || made + CLOCKS_APART + req->worker->server->config.leeway <
                                           (double)epoch / GW_EPOCH_SECOND;
}

/* What the row says of a token. An issuer's has no epoch: it is not ours to revoke, and lives for
 * minutes; who gets one of ours for it gets the row's. */
static bool is_revoked(struct gw_request *req, const void *row)
{
    const struct gw_table *table = req->me.table;
    uint64_t epoch = gw_row_epoch(table, row);
    if (req->me.issuer) {
        req->me.key = gw_row_value(table, table->key, row);
        req->me.epoch = epoch;
    }
    if (table->revokes < 0)
        return false;
    if (!req->me.issuer && req->me.epoch == 0)
        return is_revoked_without_epoch(req, epoch);
    return epoch != req->me.epoch;
}

/* A word that is not there (NULL) is 0, which no role is. */
static bool has_role(const struct gw_request *req, const void *row)
{
    const struct gw_route *route = req->route;
    const struct gw_table *table = req->me.table;
    bool asked = false;
    for (size_t i = 0; i < route->n_roles; i++) {
        const struct gw_route_role *role = &route->roles[i];
        if (role->entity != table->entity)
            continue;
        assert(role->word && table->columns[role->column].one_of);
        asked = true;
        if (*(const unsigned *)((const char *)row + table->columns[role->column].offset) ==
            role->word)
            return true;
    }
    return !asked;
}

enum gw_verdict gw_auth_row(struct gw_request *req, int result, void *row)
{
    assert(req->me.claims && req->me.table); /* no row without a verified token */
    if (gw_store_is_away(result))
        return refuse(req, GW_UNAVAILABLE, GW_REASON_STORE_AWAY);
    if (result < 0)
        return refuse(req, GW_FAILED, GW_REASON_STORE_FAILED);
    if (result == GW_E_MISMATCH)
        return refuse(req, GW_BAD_TOKEN, GW_REASON_SESSION_GONE);
    if (result || !row)
        return refuse(req, GW_BAD_TOKEN, GW_REASON_JWT_ROW);
    if (is_revoked(req, row))
        return refuse(req, GW_BAD_TOKEN, GW_REASON_JWT_REVOKED);
    if (gw_row_is_blocked(req->me.table, row))
        return refuse(req, GW_BAD_TOKEN, GW_REASON_JWT_BLOCKED);
    if (!has_role(req, row))
        return refuse(req, GW_FORBIDDEN, GW_REASON_AUTH_ROLE);
    if (req->route->scope && !has_scope(req, req->route->scope))
        return refuse(req, GW_NO_SCOPE, GW_REASON_AUTH_SCOPE);
    req->me.row = row;
    return GW_ADMIT;
}
