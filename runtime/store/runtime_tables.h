/* runtime_tables.h: the tables that the runtime keeps for itself beside the application's.
 *
 * Each is declared once, here, as a list of its columns: rows in C, what is compared with the live
 * schema and what makes the table all follow from it. They are tables like any other for the
 * drivers: made at the first start on SQLite, printed by --schema-diff, compared at the start. All
 * times in them are seconds since 1970 by the database's clock. */
#ifndef GW_RUNTIME_TABLES_H
#define GW_RUNTIME_TABLES_H

#include "generated.h"

struct gw_arena;
struct gw_conn;

/* The columns: KEY(name, characters), which comes first, TEXT(name, characters) and INT(name), none
 * of them NULL. Whoever changes one gives the table its next version. */
#define GW_DENIED_VERSION 1
#define GW_DENIED_COLUMNS(KEY, TEXT, INT)                                                          \
    KEY(jti, 64) /* of a token that is good no longer */                                           \
    INT(expires)

#define GW_SESSIONS_VERSION 1
#define GW_SESSIONS_COLUMNS(KEY, TEXT, INT)                                                        \
    KEY(sid, 22)                                                                                   \
    TEXT(owner, 43) /* gw_session_owner: whose it is */                                            \
    INT(generation) /* of the refresh token that is good now; the first is 1 */                    \
    INT(replaced)   /* when that generation began */                                               \
    INT(confirmed)  /* 1: its token has been used, so whoever asked for it has it */               \
    INT(repeats)    /* how often the generation before it was answered with it once more */        \
    INT(created)                                                                                   \
    INT(used)                                                                                      \
    INT(expires)                                                                                   \
    INT(ends)        /* no refresh leads beyond */                                                 \
    TEXT(agent, 200) /* of the browser or program that used it last, and its address */            \
    TEXT(address, 64)

/* How many requests came, of which `rate ... shared` says how many may. There are so many places,
 * whoever asks: what is counted has one by a keyed hash. The row "key" holds the key instead. */
#define GW_LIMITS_VERSION 1
#define GW_LIMITS_COLUMNS(KEY, TEXT, INT)                                                          \
    KEY(place, 16) /* "3600:0a1f3": seconds of a window, and hexadecimal digits */                 \
    INT(period)    /* the number of the window that is counted */                                  \
    INT(n)                                                                                         \
    INT(expires)

/* Tickets that were spent. */
#define GW_TICKETS_VERSION 1
#define GW_TICKETS_COLUMNS(KEY, TEXT, INT)                                                         \
    KEY(jti, 22)                                                                                   \
    INT(expires)

/* Which version each of the others has; the deny-list is older than it, and is not in it. */
#define GW_SCHEMA_VERSION 1
#define GW_SCHEMA_COLUMNS(KEY, TEXT, INT)                                                          \
    KEY(name, 64)                                                                                  \
    INT(version)

#define GW_ROW_TEXT(column, max) const char *column;
#define GW_ROW_INT(column)       int64_t column;
struct gw_denied_row {
    GW_DENIED_COLUMNS(GW_ROW_TEXT, GW_ROW_TEXT, GW_ROW_INT)
};
struct gw_sessions_row {
    GW_SESSIONS_COLUMNS(GW_ROW_TEXT, GW_ROW_TEXT, GW_ROW_INT)
};
struct gw_limits_row {
    GW_LIMITS_COLUMNS(GW_ROW_TEXT, GW_ROW_TEXT, GW_ROW_INT)
};
struct gw_tickets_row {
    GW_TICKETS_COLUMNS(GW_ROW_TEXT, GW_ROW_TEXT, GW_ROW_INT)
};
struct gw_schema_row {
    GW_SCHEMA_COLUMNS(GW_ROW_TEXT, GW_ROW_TEXT, GW_ROW_INT)
};

/* Their places. */
#define GW_PLACE_DENIED(column, ...)   GW_DENIED_##column,
#define GW_PLACE_SESSIONS(column, ...) GW_SESSIONS_##column,
#define GW_PLACE_LIMITS(column, ...)   GW_LIMITS_##column,
#define GW_PLACE_TICKETS(column, ...)  GW_TICKETS_##column,
#define GW_PLACE_SCHEMA(column, ...)   GW_SCHEMA_##column,
enum { GW_DENIED_COLUMNS(GW_PLACE_DENIED, GW_PLACE_DENIED, GW_PLACE_DENIED) GW_DENIED_N };
enum { GW_SESSIONS_COLUMNS(GW_PLACE_SESSIONS, GW_PLACE_SESSIONS, GW_PLACE_SESSIONS) GW_SESSIONS_N };
enum { GW_LIMITS_COLUMNS(GW_PLACE_LIMITS, GW_PLACE_LIMITS, GW_PLACE_LIMITS) GW_LIMITS_N };
enum { GW_TICKETS_COLUMNS(GW_PLACE_TICKETS, GW_PLACE_TICKETS, GW_PLACE_TICKETS) GW_TICKETS_N };
enum { GW_SCHEMA_COLUMNS(GW_PLACE_SCHEMA, GW_PLACE_SCHEMA, GW_PLACE_SCHEMA) GW_SCHEMA_N };

extern const struct gw_table gw_denied_table, gw_sessions_table, gw_limits_table, gw_tickets_table,
    gw_schema_table;

/* The application with those of these tables that it needs beside its own: the deny-list's where it
 * is on, those of sessions, shared limits and tickets where there are any. NULL when memory is
 * short. */
const struct gw_app *gw_runtime_tables_join(const struct gw_app *app, bool deny_list,
                                            struct gw_arena *arena);

/* Looks whether the versions in the database are those of this program, and with `write` writes
 * down what has none yet. 0; -EINVAL: a table is of a newer runtime, `report` has told which; or
 * what gw_conn_run gives. */
int gw_runtime_tables_check(struct gw_conn *conn, const struct gw_app *app, bool write,
                            struct gw_arena *arena, void (*report)(void *data, const char *line),
                            void *data);

/* Whether one of its tables has rows that expire. */
bool gw_runtime_tables_expire(const struct gw_app *app);

/* Sweeps away the oldest rows that have expired, some 1000 of each table; *ret_n: how many. A table
 * that is not the application's is passed over. 0 or what gw_conn_run gives. */
int gw_runtime_tables_sweep(struct gw_conn *conn, const struct gw_app *app, struct gw_arena *arena,
                            uint64_t *ret_n);

#endif
