/* jwt.h: JSON Web Tokens in JWS compact form (RFC 7515, 7519, 8725). Knows no HTTP and no
 * tables. */
#ifndef GW_JWT_H
#define GW_JWT_H

#include "base/reason.h"
#include "token/keys.h"
#include "base/str.h"

#include <jansson.h>

#define GW_JWT_MAX       8192 /* bytes of a token */
#define GW_JWT_MAX_DEPTH 8    /* levels of its JSON */

/* What a verifier demands beside the signature. Whom `aud` names is for the caller to check. */
struct gw_jwt_policy {
    int64_t now;        /* seconds since 1970: gw_jwt_now() */
    int64_t leeway;     /* seconds, 0 to 60, that exp may have passed */
    int64_t ahead;      /* seconds, 0 to 60, that nbf and iat may lie ahead */
    const char *issuer; /* NULL: any, or none */
    const char *type; /* the `typ` that it must have; NULL: that of an access token, which is none,
                       * JWT, at+jwt (RFC 9068, 2.1), or alone the one of GW_TOKEN_TYPE */
};

/* Of refresh tokens and tickets. No access token has one: GW_TOKEN_TYPE does not take it. */
#define GW_JWT_REFRESH "refresh+jwt"
#define GW_JWT_TICKET  "ticket+jwt"

struct gw_arena;

/* Verifies `token` and gives its claims, an object in `arena` whose numbers jansson could hold. The
 * rest is as with gw_jwt_verify. */
struct gw_json;
int gw_jwt_read(const struct gw_keys *keys, struct gw_crypto *crypto, struct gw_str token,
                const struct gw_jwt_policy *policy, struct gw_arena *arena,
                const struct gw_json **ret_claims, enum gw_reason *ret_reason);

/* Verifies `token` and gives its claims, a new reference. On failure: GW_E_MISMATCH with
 * *ret_reason one of GW_REASON_JWT_*, -ENOMEM or -EIO. Nothing is let through on any failure.
 * `keys` is shared and read-only; `crypto` belongs to the calling thread. */
int gw_jwt_verify(const struct gw_keys *keys, struct gw_crypto *crypto, struct gw_str token,
                  const struct gw_jwt_policy *policy, json_t **ret_claims,
                  enum gw_reason *ret_reason);

/* The time as a NumericDate (RFC 7519, 2). */
int64_t gw_jwt_now(void);

/* Signs `claims` (borrowed) with the active key. The token is in `arena`. -EINVAL: not an object;
 * -E2BIG: the token would be over GW_JWT_MAX bytes; -ENOMEM or -EIO. */
int gw_jwt_sign(const struct gw_keys *keys, struct gw_crypto *crypto, const json_t *claims,
                struct gw_arena *arena, const char **ret_token);

/* The same with a `typ` of its own. */
int gw_jwt_sign_as(const struct gw_keys *keys, struct gw_crypto *crypto, const char *type,
                   const json_t *claims, struct gw_arena *arena, const char **ret_token);

#endif
