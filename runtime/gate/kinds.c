/* kinds.c: see kinds.h. */
#include "gate/kinds.h"

#include "gate/auth.h"

#include "json/json.h"
#include "request/context.h"
#include "request/request.h"
#include "store/column.h"

#include <errno.h>

int gw_kind_refuse(struct gw_request *req, enum gw_reason reason)
{
    req->reason = reason;
    return GW_E_MISMATCH;
}

int gw_kind_read(struct gw_request *req, struct gw_str token, const char *type,
                 const char *audience, int64_t ahead, const struct gw_json **ret)
{
    struct gw_worker *worker = req->worker;
    struct gw_jwt_policy policy;
    enum gw_reason reason = GW_REASON_JWT_KID;
    if (!gw_auth_policy(req, &policy)) {
        req->reason = GW_REASON_CLOCK;
        return -EBUSY;
    }
    policy.type = type;
    policy.ahead = ahead;
    if (!gw_worker_trust(worker)->own)
        return gw_kind_refuse(req, reason);
    int r = gw_jwt_read(gw_worker_trust(worker)->own, worker->crypto, token, &policy, req->arena,
                        ret, &reason);
    if (r)
        return r == GW_E_MISMATCH ? gw_kind_refuse(req, reason) : r;
    if (!gw_json_is(gw_json_member(*ret, "aud"), audience))
        return gw_kind_refuse(req, GW_REASON_JWT_AUDIENCE);
    return 0;
}

const char *gw_kind_text(const struct gw_json *claims, const char *name, size_t len)
{
    const struct gw_json *claim = gw_json_member(claims, name);
    bool good = claim && claim->kind == GW_JSON_STRING && claim->text.len == len;
    return good ? claim->text.ptr : NULL;
}

bool gw_kind_number(const struct gw_json *claims, const char *name, int64_t *ret)
{
    const struct gw_json *claim = gw_json_member(claims, name);
    return claim && gw_json_i64(claim, ret) && *ret >= 0;
}

int gw_kind_owner(struct gw_request *req, const struct gw_json *claims,
                  const struct gw_table *table, struct gw_kind_owner *ret)
{
    const struct gw_json *own = gw_json_member(claims, "own");
    int64_t epoch;
    if (!own || own->kind != GW_JSON_OBJECT ||
        !gw_json_is(gw_json_member(own, "entity"), table->sql_name))
        return gw_kind_refuse(req, GW_REASON_JWT_TABLE);
    if (!gw_auth_claimed(&table->columns[table->key], gw_json_member(own, "key"), &ret->key))
        return gw_kind_refuse(req, GW_REASON_JWT_KEY);
    if (!gw_kind_number(claims, "epoch", &epoch))
        return gw_kind_refuse(req, GW_REASON_JWT_EPOCH);
    ret->epoch = (uint64_t)epoch;
    return 0;
}

int gw_kind_check_row(struct gw_request *req, const struct gw_table *table, const void *row,
                      uint64_t epoch)
{
    if (gw_row_epoch(table, row) != epoch)
        return gw_kind_refuse(req, GW_REASON_JWT_REVOKED);
    return gw_row_is_blocked(table, row) ? gw_kind_refuse(req, GW_REASON_JWT_BLOCKED) : 0;
}
