/* schema.c: makes the declared tables in a SQLite file. */
#include "store/sqlite/own.h"

#include "base/arena.h"
#include "base/log.h"
#include "store/column.h"
#include "store/sqlite/types.h"

#include <errno.h>
#include <string.h>

char *gw_sqlite_create_text(const char *begin, const struct gw_table *table)
{
    return sqlite3_mprintf("CREATE TABLE %s%w\" %s", begin, table->sql_name, table->sqlite);
}

static int create_table(const struct gw_store *store, sqlite3 *db, const struct gw_table *table)
{
    char *text = gw_sqlite_create_text("IF NOT EXISTS \"", table);
    bool is_new;
    int code;
    if (!text)
        return -ENOMEM;
    is_new = sqlite3_table_column_metadata(db, NULL, table->sql_name, NULL, NULL, NULL, NULL, NULL,
                                           NULL) != SQLITE_OK;
    code = sqlite3_exec(db, text, NULL, NULL, NULL);
    sqlite3_free(text);
    if (code == SQLITE_OK && is_new && table->sqlite_indexes)
        code = sqlite3_exec(db, table->sqlite_indexes, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : gw_sqlite_failed(store, db, code, table->sql_name);
}

int gw_sqlite_create_in(const struct gw_store *store, sqlite3 *db, const struct gw_app *app)
{
    int r = 0;
    /* In any order: SQLite looks for a referenced table when a row is written, not before. */
    for (size_t i = 0; !r && i < app->n_tables; i++)
        if (!app->tables[i]->existing)
            r = create_table(store, db, app->tables[i]);
    return r;
}

int gw_sqlite_try(struct gw_store *base, const struct gw_app *app,
                  void (*report)(void *data, const char *line), void *data, bool *ret_whole)
{
    sqlite3 *db;
    int r = gw_sqlite_open_or_empty((struct sqlite_store *)base, &db);
    if (r)
        return r;
    int code = sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
    r = code == SQLITE_OK ? gw_sqlite_create_in(base, db, app)
                          : gw_sqlite_failed(base, db, code, "BEGIN");
    *ret_whole = sqlite3_txn_state(db, "main") != SQLITE_TXN_WRITE;
    if (!r)
        r = gw_sqlite_compare_in(base, db, app, report, data);
    sqlite3_close(db); /* nothing of it is kept */
    return r;
}

int gw_sqlite_create(struct gw_store *base, const struct gw_app *app)
{
    sqlite3 *db;
    int r = gw_sqlite_open((struct sqlite_store *)base, &db);
    if (r)
        return r;
    r = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (r)
        r = gw_sqlite_failed(base, db, r, "BEGIN");
    r = r ? r : gw_sqlite_create_in(base, db, app);
    if (!r && sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        r = gw_sqlite_failed(base, db, sqlite3_errcode(db), "COMMIT");
    sqlite3_close(db);
    return r;
}

int gw_sqlite_limits(struct gw_conn *base, const struct gw_table *table, uint64_t deadline_ns,
                     struct gw_table_limits *ret)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;
    int r = gw_sqlite_ready(conn, false, deadline_ns);
    for (size_t i = 0; !r && i < table->n_columns; i++) {
        const struct gw_column *column = &table->columns[i];
        const char *type = NULL, *collation = NULL;
        if (sqlite3_table_column_metadata(conn->db, NULL, table->sql_name, gw_column_sql(column),
                                          &type, &collation, NULL, NULL, NULL) != SQLITE_OK)
            continue;
        gw_sqlite_column_limits(type, column, &ret->columns[i]);
        ret->columns[i].loose = collation && sqlite3_stricmp(collation, "BINARY") != 0;
    }
    return r;
}
