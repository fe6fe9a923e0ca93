/* migrate.c: leads a SQLite file to the declared schema, or prints what does.
 *
 * One plan: what is printed for a shell is what is run here, but that here one transaction goes
 * around all of it, which holds the write lock from before the first look at a table. Columns are
 * renamed and dropped first, so that the rest is planned on what is there then; where only a script
 * is wanted, that is taken back. */
#include "store/sqlite/rebuild.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUSY_MS 10000 /* how long other writers are waited for */

static const char begin_script[] =
    "PRAGMA busy_timeout = 10000;\nPRAGMA temp_store = MEMORY;\n"
    "PRAGMA foreign_keys = OFF;\n"
    "DROP TABLE IF EXISTS temp.\"gw seen\";\n"
    "CREATE TEMP TABLE \"gw seen\" (fact TEXT NOT NULL, n INTEGER NOT NULL);\n";
static const char begin_tables[] = "PRAGMA legacy_alter_table = ON;\n";
static const char end_script[] =
    "DROP TABLE temp.\"gw seen\";\nPRAGMA legacy_alter_table = OFF;\nPRAGMA foreign_keys = ON;\n";

/* What somebody wrote into an index or a view is taken as it was taken from them. */
static int ready(struct sqlite_comparison *c, bool apply)
{
    int on = 1;
    sqlite3_busy_timeout(c->db, BUSY_MS);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DDL, on, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DML, on, NULL);
    int code = sqlite3_exec(c->db, begin_script, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(c->db, apply ? "BEGIN IMMEDIATE" : "BEGIN", NULL, NULL, NULL);
    if (code == SQLITE_OK) /* so that SQLite reads the schema anew: it may be another's by now */
        code = sqlite3_exec(c->db, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL);
    return code == SQLITE_OK
               ? 0
               : gw_sqlite_failed(c->store, c->db, code, "beginning to change the schema");
}

static int plan_tables(struct sqlite_comparison *c, const struct gw_app *app,
                       struct gw_migration *migration, bool *io_any)
{
    int r = 0;
    for (size_t i = 0; !r && i < app->n_tables; i++) {
        c->table = app->tables[i];
        c->differences.any = false;
        c->differences.exact = !c->table->existing;
        bool holds = false;
        r = gw_sqlite_compare_table(c);
        if (!r && c->sql && migration->losses)
            r = gw_sqlite_holds_dropped(c, &holds);
        c->differences.any |= holds;
        if (!r && c->differences.any && !c->table->existing)
            r = gw_sqlite_change_table(c, migration);
        if (!r)
            r = gw_sqlite_compare_sets(c, c->table->existing ? NULL : migration);
        *io_any = *io_any || c->differences.any;
    }
    return r;
}

/* Runs what was printed, and keeps it; what fails anywhere is taken back as a whole. */
static int run(struct sqlite_comparison *c, const char *text)
{
    int code = sqlite3_exec(c->db, begin_tables, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(c->db, text, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(c->db, "COMMIT", NULL, NULL, NULL);
    int r = code == SQLITE_OK ? 0 : gw_sqlite_failed(c->store, c->db, code, "changing the schema");
    return r > 0 ? -EIO : r;
}

/* Renames and drops in the open transaction, then plans into migration->to. */
static int plan(struct sqlite_comparison *c, const struct gw_app *app,
                struct gw_migration *migration, bool *ret_any)
{
    FILE *to = migration->to;
    char *text = NULL;
    size_t len, renames;
    int r = gw_sqlite_rename(c, app, migration, &renames);
    *ret_any = renames > 0 || migration->n_refused > 0;
    migration->to = r ? NULL : open_memstream(&text, &len);
    if (migration->to) {
        c->differences.data = migration->to;
        r = plan_tables(c, app, migration, ret_any);
        if (fclose(migration->to))
            r = r ? r : -ENOMEM;
    } else if (!r) {
        r = -ENOMEM;
    }
    migration->to = to;
    if (text) {
        fputs(begin_tables, to);
        fputs(text, to);
    }
    if (!r && migration->apply && !migration->n_refused && *ret_any)
        r = run(c, text);
    free(text);
    return r;
}

/* Who opens a file first gives it its log, and SQLite lets nobody wait for that. */
static int open_in_turn(struct sqlite_store *store, sqlite3 **ret)
{
    const struct timespec moment = {0, 5000000};
    uint64_t until = gw_now_ns() + BUSY_MS * UINT64_C(1000000);
    int r = gw_sqlite_open(store, ret);
    while (r == -EBUSY && gw_now_ns() < until) {
        nanosleep(&moment, NULL);
        r = gw_sqlite_open(store, ret);
    }
    return r;
}

int gw_sqlite_migrate(struct gw_store *base, const struct gw_app *app,
                      struct gw_migration *migration)
{
    struct sqlite_comparison c = {.store = base,
                                  .migration = migration,
                                  .differences = {.report = gw_store_print_difference}};
    bool any = false;
    int r = open_in_turn((struct sqlite_store *)base, &c.db);
    if (!r)
        r = ready(&c, migration->apply);
    if (!r) {
        fputs(begin_script, migration->to);
        r = plan(&c, app, migration, &any);
        fputs(end_script, migration->to);
    }
    free(c.sql);
    sqlite3_close(c.db); /* takes back what was not committed */
    return r ? r : any;
}
