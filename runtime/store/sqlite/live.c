/* live.c: asks a SQLite file about its schema. */
#include "store/sqlite/live.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void gw_sqlite_ask(struct sqlite_cursor *rows, const struct gw_store *store, sqlite3 *db,
                   const char *sql, const char *const *params)
{
    *rows = (struct sqlite_cursor){.store = store, .db = db};
    rows->code = sqlite3_prepare_v2(db, sql, -1, &rows->stmt, NULL);
    for (int i = 0; rows->code == SQLITE_OK && params[i]; i++)
        rows->code = sqlite3_bind_text(rows->stmt, i + 1, params[i], -1, SQLITE_STATIC);
}

bool gw_sqlite_next(struct sqlite_cursor *rows)
{
    if (rows->code == SQLITE_OK || rows->code == SQLITE_ROW)
        rows->code = sqlite3_step(rows->stmt);
    return rows->code == SQLITE_ROW;
}

int gw_sqlite_done(struct sqlite_cursor *rows)
{
    bool good = rows->code == SQLITE_OK || rows->code == SQLITE_ROW || rows->code == SQLITE_DONE;
    int r = good ? 0 : gw_sqlite_failed(rows->store, rows->db, rows->code, "reading the schema");
    sqlite3_finalize(rows->stmt);
    rows->stmt = NULL;
    return r > 0 ? -EIO : r;
}

int gw_sqlite_number(const struct gw_store *store, sqlite3 *db, const char *sql,
                     const char *const *params, int64_t *ret)
{
    struct sqlite_cursor rows;
    *ret = 0;
    gw_sqlite_ask(&rows, store, db, sql, params);
    if (gw_sqlite_next(&rows))
        *ret = sqlite3_column_int64(rows.stmt, 0);
    return gw_sqlite_done(&rows);
}

char *gw_sqlite_normalised(const char *sql, size_t len)
{
    char *copy = malloc(len + 1), *to = copy;
    if (!copy)
        return NULL;
    for (const char *at = sql; at < sql + len; at++)
        if (!isspace((unsigned char)*at) && !strchr("`\"[]", *at))
            *to++ = (char)tolower((unsigned char)*at);
    *to = '\0';
    return copy;
}
