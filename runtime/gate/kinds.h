/* kinds.h: tokens of ours that are no access tokens: refresh tokens and tickets.
 *
 * They are looked at as an access token is: signature first, then `typ`, `aud` and times, then the
 * row of their owner, who stands under `own`. Where one is no good the result is GW_E_MISMATCH, and
 * req->reason says why. */
#ifndef GW_KINDS_H
#define GW_KINDS_H

#include "base/reason.h"
#include "base/str.h"
#include "generated.h"

struct gw_json;

/* What is wrong with it. */
int gw_kind_refuse(struct gw_request *req, enum gw_reason reason);

/* Its claims, once the signature vouches for them. `iat` may lie `ahead` seconds ahead. -EBUSY: the
 * clock is not set. */
int gw_kind_read(struct gw_request *req, struct gw_str token, const char *type,
                 const char *audience, int64_t ahead, const struct gw_json **ret);

/* Whose it is: a row of `table`, with the epoch that it had. */
struct gw_kind_owner {
    struct gw_value key;
    uint64_t epoch;
};
int gw_kind_owner(struct gw_request *req, const struct gw_json *claims,
                  const struct gw_table *table, struct gw_kind_owner *ret);

/* Whether the row says that all of its tokens are good no more. */
int gw_kind_check_row(struct gw_request *req, const struct gw_table *table, const void *row,
                      uint64_t epoch);

/* A claim that is a text of `len` bytes; else NULL. One that is a whole number, not negative. */
const char *gw_kind_text(const struct gw_json *claims, const char *name, size_t len);
bool gw_kind_number(const struct gw_json *claims, const char *name, int64_t *ret);

#endif
