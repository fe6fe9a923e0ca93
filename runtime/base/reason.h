/* reason.h: why a request was refused: the closed list.
 *
 * A reason is a value: what is done about it is never chosen by its name or its text, which are for
 * the log and for people. Each row of the table in reason.c has both. */
#ifndef GW_REASON_H
#define GW_REASON_H

#include <stdbool.h>

enum gw_reason {
    GW_REASON_NONE,

    GW_REASON_FRAME_TRUNCATED,
    GW_REASON_FRAME_MANY,
    GW_REASON_FRAME_LONG,
    GW_REASON_FRAME_NUL,
    GW_REASON_FRAME_DUPLICATE,
    GW_REASON_FRAME_TARGET,
    GW_REASON_FRAME_AUTHORIZATION,
    GW_REASON_FRAME_ROLE,
    GW_REASON_FRAME_METHOD,
    GW_REASON_FRAME_LENGTH,

    GW_REASON_METHOD_UNKNOWN,
    GW_REASON_METHOD_ROUTE,
    GW_REASON_METHOD_STATUS,
    GW_REASON_METHOD_OPTIONS,

    GW_REASON_PATH_FORM,
    GW_REASON_PATH_LONG,
    GW_REASON_PATH_ESCAPE,
    GW_REASON_PATH_CONTROL,
    GW_REASON_PATH_UTF8,
    GW_REASON_PATH_FRAGMENT,
    GW_REASON_PATH_EMPTY,
    GW_REASON_PATH_DOT,
    GW_REASON_PATH_SEPARATOR,
    GW_REASON_PATH_MOUNT,
    GW_REASON_PATH_ROUTE,

    GW_REASON_AUTH_NONE,
    GW_REASON_AUTH_COMMA,
    GW_REASON_AUTH_SCHEME,
    GW_REASON_AUTH_TWICE,
    GW_REASON_AUTH_BOTH,
    GW_REASON_AUTH_QUERY,
    GW_REASON_AUTH_ENTITY,
    GW_REASON_AUTH_SCOPE,
    GW_REASON_AUTH_FAILED,

    GW_REASON_JWT_SCHEME,
    GW_REASON_JWT_LONG,
    GW_REASON_JWT_SEGMENTS,
    GW_REASON_JWT_BASE64,
    GW_REASON_JWT_HEADER,
    GW_REASON_JWT_DEPTH,
    GW_REASON_JWT_DUPLICATE,
    GW_REASON_JWT_CRIT,
    GW_REASON_JWT_KID,
    GW_REASON_JWT_ALG,
    GW_REASON_JWT_TYP,
    GW_REASON_JWT_SIGNATURE,
    GW_REASON_JWT_CLAIMS,
    GW_REASON_JWT_NO_EXPIRY,
    GW_REASON_JWT_EXPIRED,
    GW_REASON_JWT_NOT_YET,
    GW_REASON_JWT_ISSUED_AHEAD,
    GW_REASON_JWT_ISSUER,
    GW_REASON_JWT_AUDIENCE,
    GW_REASON_JWT_PATH,
    GW_REASON_JWT_UNBOUND,
    GW_REASON_JWT_TABLE,
    GW_REASON_JWT_KEY,
    GW_REASON_JWT_EPOCH,
    GW_REASON_JWT_EMAIL,
    GW_REASON_JWT_ROW,
    GW_REASON_JWT_REVOKED,
    GW_REASON_JWT_DENIED,

    GW_REASON_CLOCK,
    GW_REASON_STORE_AWAY,
    GW_REASON_STORE_FAILED,
    GW_REASON_BODY_LONG,
    GW_REASON_BODY_TYPE,
    GW_REASON_BODY_CODING,
    GW_REASON_BODY_INCOMPLETE,
    GW_REASON_INPUT_SYNTAX,
    GW_REASON_INPUT_INVALID,
    GW_REASON_OWN,
    GW_REASON_OWN_FAILED,
    GW_REASON_QUEUE_FULL,
    GW_REASON_QUEUE_LATE,
    GW_REASON_STATUS_TOKEN,
    GW_REASON_HANDLER,
    GW_REASON_RETURNS,
    GW_REASON_MEMORY,

    GW_N_REASONS,
};

/* As the log has it: "jwt.expired". NULL for GW_REASON_NONE. */
const char *gw_reason_name(enum gw_reason reason);

/* A sentence for people, without a capital and a full stop. "" for GW_REASON_NONE. */
const char *gw_reason_text(enum gw_reason reason);

/* The token was refused by one set of keys for a reason that another set may not have: it is of a
 * key that the set does not hold, or of another issuer with the same keys. */
bool gw_reason_leaves_other_keys(enum gw_reason reason);

#endif
