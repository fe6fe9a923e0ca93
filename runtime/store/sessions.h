/* sessions.h: sessions of accounts, and what a refresh token of one is answered with.
 *
 * A session is a row of gw_sessions. Its refresh token has a generation, and is replaced when it is
 * used: by one conditional UPDATE, so that of several hosts exactly one replaces it. Everything
 * here but the statements is decided by the row and by the database's clock alone. */
#ifndef GW_SESSIONS_H
#define GW_SESSIONS_H

#include "store/runtime_tables.h"
#include "store/store.h"

#define GW_SESSION_ID        22 /* characters: 128 random bits in base64url */
#define GW_SESSION_OWNER     43 /* SHA-256 in base64url */
#define GW_SESSIONS_OF_OWNER 50

/* A row, and the time at which it was read. */
struct gw_session_row {
    GW_SESSIONS_COLUMNS(GW_ROW_TEXT, GW_ROW_TEXT, GW_ROW_INT)
    int64_t now;
};

/* What is known of who asks. */
struct gw_session_client {
    const char *agent, *address;
};

#define GW_SESSION_GRACE                                                                           \
    10 /* seconds: a generation is replaced no earlier, and the one before it */
#define GW_SESSION_REPEATS 3 /* is answered once more so long and so often */

/* What presenting a generation means. */
enum gw_session_step {
    GW_SESSION_GONE,    /* the session has ended by its time */
    GW_SESSION_CURRENT, /* it is good, and too young to be replaced */
    GW_SESSION_ROTATE,  /* it is good, and is to be replaced by the next */
    GW_SESSION_REPEAT,  /* it has just been replaced, and the answer may have been lost */
    GW_SESSION_REUSED,  /* it was replaced for good: somebody has a copy */
    GW_SESSION_AHEAD,   /* the row does not know it yet */
};
enum gw_session_step gw_session_step(const struct gw_session_row *row, int64_t generation);

/* Whose a session is: the entity and the key, as 43 characters. -ENOMEM. */
int gw_session_owner(const struct gw_table *table, const struct gw_value *key,
                     char ret[GW_SESSION_OWNER + 1]);

/* Opens one. Ends the one of the owner that was not used for the longest time, where there are
 * more than GW_SESSIONS_OF_OWNER. *ret is in `arena`. */
int gw_sessions_open(struct gw_conn *conn, const struct gw_session_terms *terms, const char *owner,
                     const struct gw_session_client *client, struct gw_arena *arena,
                     uint64_t deadline_ns, const struct gw_session_row **ret);

/* A generation is presented by whoever is the owner. 0: *ret is the row now, of the generation to
 * answer with, and *ret_step is CURRENT, ROTATE or REPEAT. GW_E_NOT_FOUND: there is no such session
 * (GONE), or it has been ended now (REUSED). -EBUSY: ask again (AHEAD, or others are in the way,
 * again and again). Else what gw_conn_run gives. */
int gw_sessions_refresh(struct gw_conn *conn, const struct gw_session_terms *terms, const char *sid,
                        const char *owner, int64_t generation,
                        const struct gw_session_client *client, struct gw_arena *arena,
                        uint64_t deadline_ns, const struct gw_session_row **ret,
                        enum gw_session_step *ret_step);

/* Those of the owner that have not ended, the one used last first; GW_SESSIONS_OF_OWNER at most. */
int gw_sessions_list(struct gw_conn *conn, const char *owner, struct gw_arena *arena,
                     uint64_t deadline_ns, const struct gw_session_row **ret, size_t *ret_n);

/* Ends one of the owner's, or all of them (`sid` NULL). GW_E_NOT_FOUND where there was none. */
int gw_sessions_end(struct gw_conn *conn, const char *sid, const char *owner,
                    struct gw_arena *arena, uint64_t deadline_ns);

#endif
