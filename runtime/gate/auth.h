/* auth.h: the gate (docs/design.md, "Request semantics", step 6): from a request's credentials to
 * its caller. Knows no HTTP. */
#ifndef GW_AUTH_H
#define GW_AUTH_H

#include "generated.h"
#include "token/jwt.h"

struct gw_json;
struct gw_request;

enum gw_verdict {
    GW_ADMIT,    /* nothing more to ask: no gate, or a guest */
    GW_NEED_ROW, /* the token is good; req->me waits for its row */
    GW_NO_CREDENTIALS,
    GW_BAD_REQUEST, /* contradicting credentials */
    GW_BAD_TOKEN,
    GW_FORBIDDEN, /* a good token of an entity, or of a row, that the route does not admit */
    GW_NO_SCOPE,
    GW_UNAVAILABLE, /* the clock is not set, or the store is away */
    GW_FAILED,      /* memory or cryptography failed: nobody gets in */
};

/* From the parameters to a verified token. Sets req->me but for its row, and req->reason. */
enum gw_verdict gw_auth_token(struct gw_request *req);

/* After the row was loaded: `result` as in struct gw_load. GW_ADMIT or a refusal. */
enum gw_verdict gw_auth_row(struct gw_request *req, int result, void *row);

/* What the deny-list says: `result` 0 is on it, GW_E_NOT_FOUND is not. GW_ADMIT or a refusal. */
enum gw_verdict gw_auth_denied(struct gw_request *req, int result);

/* What is demanded of tokens of ours. False: the clock is not set, and nothing can be judged. */
bool gw_auth_policy(const struct gw_request *req, struct gw_jwt_policy *ret);

/* A claim in exactly its column's type: `true`, `1.0` and `"1"` are not 1. */
bool gw_auth_claimed(const struct gw_column *column, const struct gw_json *claim,
                     struct gw_value *ret);

#endif
