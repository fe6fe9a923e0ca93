/* types.h: live columns of SQLite, and what is read of their values. */
#ifndef GW_STORE_SQLITE_TYPES_H
#define GW_STORE_SQLITE_TYPES_H

#include "base/str.h"
#include "generated.h"
#include "store/limits.h"

#include <sqlite3.h>

enum sqlite_affinity {
    SQLITE_AFFINITY_NONE,
    SQLITE_AFFINITY_INTEGER,
    SQLITE_AFFINITY_TEXT,
    SQLITE_AFFINITY_REAL,
    SQLITE_AFFINITY_NUMERIC,
};

/* Whether a live column of that type (NULL: without one) can be written and read as the declared
 * type. */
bool gw_sqlite_type_readable(const char *type, const struct gw_column *column);

void gw_sqlite_column_limits(const char *type, const struct gw_column *column,
                             struct gw_limits *ret);

/* Whether a STRICT table knows the type. */
bool gw_sqlite_is_strict_type(struct gw_str type);

/* A value in another storage class than we would have stored it in: a decimal as a number, a real
 * as an integer, a time as text. -EIO: not of the declared type; -ENOMEM. */
int gw_sqlite_fetch_other(sqlite3_stmt *stmt, int at, const struct gw_column *column,
                          struct gw_arena *arena, struct gw_value *ret);

#endif
