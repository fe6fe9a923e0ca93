/* command_schema.c: `--schema-diff` prints what leads from the live schema to the declared one,
 * `--schema-apply` does it.
 *
 * Exit status: of the first as of diff(1), 0 where there is nothing to print, 1 where there was. Of
 * the second 0 where the schema is the declared one, 1 where something was refused or failed, 75
 * where another process is in the way, so that it may be tried again. Both 78 where the database
 * cannot be read. */
#include "process/command.h"
#include "process/drivers.h"

#include "store/runtime_tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EX_TRY_AGAIN 75 /* EX_TEMPFAIL of sysexits.h */

/* By another user of the same database, if GW_SCHEMA_URL names one. */
static int open_store(struct gw_server *server, struct gw_store **ret)
{
    const struct gw_store_options options = {
        .log = server->log, .query_timeout_ms = (unsigned)server->config.store_timeout_ms};
    const char *why = NULL;
    int r = gw_store_new(gw_store_schemes, server->config.schema_url, &options, &server->arena, ret,
                         &why);
    if (r)
        fprintf(stderr, "GW_SCHEMA_URL: %s\n", why ? why : strerror(-r));
    return r;
}

static void report_difference(void *data, const char *line)
{
    fprintf(data, "schema: %s\n", line);
}

/* What stands in the database behind the change: nothing may be missing. */
static int confirm(struct gw_store *store, const struct gw_app *app)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_conn *conn;
    int r = gw_store_compare(store, app, report_difference, stderr);
    if (r)
        return r;
    r = gw_conn_new(store, &conn);
    if (r)
        return r;
    r = gw_runtime_tables_check(conn, app, true, &arena, report_difference, stderr);
    gw_conn_free(conn);
    gw_arena_free(&arena);
    return r;
}

/* The lines of the script that begin so, without what makes them comments. */
static void print_comments(const char *text, const char *begin, FILE *to)
{
    for (const char *line = text, *end; *line; line = end + (*end == '\n')) {
        end = strchrnul(line, '\n');
        if (!strncmp(line, begin, strlen(begin)))
            fprintf(to, "%.*s\n", (int)(end - line) - 3, line + 3);
    }
}

static int failed(int r, bool apply)
{
    if (r == -EBUSY) {
        fprintf(stderr, "the schema was not changed: the database is in use; try again\n");
        return EX_TRY_AGAIN;
    }
    fprintf(stderr,
            apply ? "the schema could not be changed: %s\n"
                  : "the database's schema could not be read: %s\n",
            strerror(-r));
    return apply && r == -EIO ? 1 : GW_EX_CONFIG;
}

static int tell(struct gw_store *store, const struct gw_app *app,
                const struct gw_migration *migration, const char *text, int r)
{
    if (r < 0)
        return failed(r, migration->apply);
    if (!migration->apply) {
        fputs(r ? text : "", stdout);
        return r;
    }
    if (migration->n_refused) {
        print_comments(text, "-- refused: ", stderr);
        fprintf(stderr, "the schema was not changed\n");
        return 1;
    }
    print_comments(text, "-- ", stdout);
    r = confirm(store, app);
    if (r < 0)
        return failed(r, true);
    fprintf(r ? stderr : stdout, r ? "the schema is not the declared one yet (see above)\n"
                                   : "the schema is the declared one\n");
    return r ? 1 : 0;
}

int gw_cmd_schema(struct gw_server *server, const char *const *losses, bool apply)
{
    struct gw_store *store = server->store, *own = NULL;
    struct gw_migration migration = {.losses = losses, .apply = apply};
    char *text = NULL;
    size_t len;
    int r = 0;
    if (store && apply && server->config.schema_url && open_store(server, &own))
        return GW_EX_CONFIG;
    store = own ? own : store;
    migration.to = store ? open_memstream(&text, &len) : NULL;
    if (migration.to) {
        r = gw_store_migrate(store, server->app, &migration);
        if (fclose(migration.to))
            r = -ENOMEM;
    } else if (store) {
        r = -ENOMEM;
    }
    int status = store ? tell(store, server->app, &migration, text ? text : "", r) : 0;
    free(text);
    gw_store_free(own);
    return status;
}
