/* runtime_tables.c: see runtime_tables.h. */
#include "store/runtime_tables.h"

#include "base/arena.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- From a list of columns to a table ------------------------------------------------------ */

#define COLUMN(column, ...) {.name = #column, .offset = offsetof(struct ROW, column), __VA_ARGS__},
#define COLUMN_KEY(column, length)                                                                 \
    COLUMN(column, .type = GW_TYPE_TEXT, .max = (length), .flags = GW_COL_KEY)
#define COLUMN_TEXT(column, length) COLUMN(column, .type = GW_TYPE_TEXT, .max = (length))
#define COLUMN_INT(column)          COLUMN(column, .type = GW_TYPE_INT)

#define DEFINITION_TEXT(column, max) {"VARCHAR(" #max ")", " NOT NULL", "TEXT"},
#define DEFINITION_INT(column)       {"BIGINT", " NOT NULL", "INTEGER"},

/* Each column ends with a comma: indexes follow, or what says nothing. */
#define MYSQL_KEY(column, max)  "  `" #column "` VARCHAR(" #max ") NOT NULL,\n"
#define MYSQL_TEXT(column, max) "  `" #column "` VARCHAR(" #max ") NOT NULL,\n"
#define MYSQL_INT(column)       "  `" #column "` BIGINT NOT NULL,\n"
#define MYSQL(columns, rest)                                                                       \
    "(\n" columns(MYSQL_KEY, MYSQL_TEXT, MYSQL_INT) rest                                           \
        "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE="

#define SQLITE_TEXT(column, max)                                                                   \
    "  \"" #column "\" TEXT NOT NULL CHECK (length(\"" #column "\") <= " #max "),\n"
#define SQLITE_INT(column) "  \"" #column "\" INTEGER NOT NULL,\n"
#define SQLITE(columns, key)                                                                       \
    "(\n" columns(SQLITE_TEXT, SQLITE_TEXT, SQLITE_INT) "  PRIMARY KEY (\"" #key "\")\n) STRICT"
#define SQLITE_INDEX(table, column)                                                                \
    "CREATE INDEX IF NOT EXISTS \"" table "(" #column ")\" ON \"" table "\" (\"" #column "\");\n"

/* What is the same of all of them. */
#define TABLE(called)                                                                              \
    .name = (called), .sql_name = (called), .row_size = sizeof(struct ROW), .key = 0,              \
    .revokes = -1, .entity = -1, .runtime = true

/* ---- The tables ----------------------------------------------------------------------------- */

/* The name is the one that it had when it was the only one: whoever is on the list stays there. */
#define DENIED "gw_denied_tokens"
#define ROW    gw_denied_row
static const struct gw_column denied_columns[] = {
    GW_DENIED_COLUMNS(COLUMN_KEY, COLUMN_TEXT, COLUMN_INT)};
static const struct gw_definition denied_definitions[] = {
    GW_DENIED_COLUMNS(DEFINITION_TEXT, DEFINITION_TEXT, DEFINITION_INT)};
static const struct gw_set denied_sets[] = {{GW_SET_INDEX, {GW_DENIED_expires}, 1}};
const struct gw_table gw_denied_table = {
    TABLE(DENIED),
    .columns = denied_columns,
    .n_columns = GW_DENIED_N,
    .sets = denied_sets,
    .n_sets = 1,
    .definitions = denied_definitions,
    .mysql = MYSQL(GW_DENIED_COLUMNS, "  PRIMARY KEY (`jti`),\n  INDEX (`expires`)"),
    .sqlite = SQLITE(GW_DENIED_COLUMNS, jti),
    .sqlite_indexes = SQLITE_INDEX(DENIED, expires),
};
#undef ROW

#define SESSIONS "gw_sessions"
#define ROW      gw_sessions_row
static const struct gw_column sessions_columns[] = {
    GW_SESSIONS_COLUMNS(COLUMN_KEY, COLUMN_TEXT, COLUMN_INT)};
static const struct gw_definition sessions_definitions[] = {
    GW_SESSIONS_COLUMNS(DEFINITION_TEXT, DEFINITION_TEXT, DEFINITION_INT)};
static const struct gw_set sessions_sets[] = {
    {GW_SET_INDEX, {GW_SESSIONS_owner}, 1},
    {GW_SET_INDEX, {GW_SESSIONS_expires}, 1},
};
const struct gw_table gw_sessions_table = {
    TABLE(SESSIONS),
    .columns = sessions_columns,
    .n_columns = GW_SESSIONS_N,
    .sets = sessions_sets,
    .n_sets = 2,
    .definitions = sessions_definitions,
    .mysql = MYSQL(GW_SESSIONS_COLUMNS,
                   "  PRIMARY KEY (`sid`),\n  INDEX (`owner`),\n  INDEX (`expires`)"),
    .sqlite = SQLITE(GW_SESSIONS_COLUMNS, sid),
    .sqlite_indexes = SQLITE_INDEX(SESSIONS, owner) SQLITE_INDEX(SESSIONS, expires),
};
#undef ROW

#define LIMITS "gw_limits"
#define ROW    gw_limits_row
static const struct gw_column limits_columns[] = {
    GW_LIMITS_COLUMNS(COLUMN_KEY, COLUMN_TEXT, COLUMN_INT)};
static const struct gw_definition limits_definitions[] = {
    GW_LIMITS_COLUMNS(DEFINITION_TEXT, DEFINITION_TEXT, DEFINITION_INT)};
static const struct gw_set limits_sets[] = {{GW_SET_INDEX, {GW_LIMITS_expires}, 1}};
const struct gw_table gw_limits_table = {
    TABLE(LIMITS),
    .columns = limits_columns,
    .n_columns = GW_LIMITS_N,
    .sets = limits_sets,
    .n_sets = 1,
    .definitions = limits_definitions,
    .mysql = MYSQL(GW_LIMITS_COLUMNS, "  PRIMARY KEY (`place`),\n  INDEX (`expires`)"),
    .sqlite = SQLITE(GW_LIMITS_COLUMNS, place),
    .sqlite_indexes = SQLITE_INDEX(LIMITS, expires),
};
#undef ROW

#define TICKETS "gw_tickets"
#define ROW     gw_tickets_row
static const struct gw_column tickets_columns[] = {
    GW_TICKETS_COLUMNS(COLUMN_KEY, COLUMN_TEXT, COLUMN_INT)};
static const struct gw_definition tickets_definitions[] = {
    GW_TICKETS_COLUMNS(DEFINITION_TEXT, DEFINITION_TEXT, DEFINITION_INT)};
static const struct gw_set tickets_sets[] = {{GW_SET_INDEX, {GW_TICKETS_expires}, 1}};
const struct gw_table gw_tickets_table = {
    TABLE(TICKETS),
    .columns = tickets_columns,
    .n_columns = GW_TICKETS_N,
    .sets = tickets_sets,
    .n_sets = 1,
    .definitions = tickets_definitions,
    .mysql = MYSQL(GW_TICKETS_COLUMNS, "  PRIMARY KEY (`jti`),\n  INDEX (`expires`)"),
    .sqlite = SQLITE(GW_TICKETS_COLUMNS, jti),
    .sqlite_indexes = SQLITE_INDEX(TICKETS, expires),
};
#undef ROW

#define SCHEMA "gw_schema"
#define ROW    gw_schema_row
static const struct gw_column schema_columns[] = {
    GW_SCHEMA_COLUMNS(COLUMN_KEY, COLUMN_TEXT, COLUMN_INT)};
static const struct gw_definition schema_definitions[] = {
    GW_SCHEMA_COLUMNS(DEFINITION_TEXT, DEFINITION_TEXT, DEFINITION_INT)};
const struct gw_table gw_schema_table = {
    TABLE(SCHEMA),
    .columns = schema_columns,
    .n_columns = GW_SCHEMA_N,
    .definitions = schema_definitions,
    .mysql = MYSQL(GW_SCHEMA_COLUMNS, "  PRIMARY KEY (`name`)"),
    .sqlite = SQLITE(GW_SCHEMA_COLUMNS, name),
};
#undef ROW

static const struct {
    const struct gw_table *table;
    int64_t version;
    bool swept;
} tables[] = {
    {&gw_denied_table, GW_DENIED_VERSION, true},  {&gw_sessions_table, GW_SESSIONS_VERSION, true},
    {&gw_limits_table, GW_LIMITS_VERSION, true},  {&gw_tickets_table, GW_TICKETS_VERSION, true},
    {&gw_schema_table, GW_SCHEMA_VERSION, false},
};

#define N_TABLES (sizeof(tables) / sizeof(tables[0]))

static bool has(const struct gw_app *app, const struct gw_table *table)
{
    for (size_t i = 0; i < app->n_tables; i++)
        if (app->tables[i] == table)
            return true;
    return false;
}

static bool has_sessions(const struct gw_app *app)
{
    for (size_t i = 0; i < app->n_entities; i++)
        if (app->tables[i]->session)
            return true;
    return false;
}

static bool shares_limits(const struct gw_app *app)
{
    for (size_t i = 0; i < app->n_routes; i++)
        for (size_t j = 0; j < app->routes[i].n_rates; j++)
            if (app->routes[i].rates[j].shared)
                return true;
    return false;
}

const struct gw_app *gw_runtime_tables_join(const struct gw_app *app, bool deny_list,
                                            struct gw_arena *arena)
{
    struct gw_app *ret = gw_arena_alloc(arena, sizeof(*ret));
    const struct gw_table **all = gw_arena_array(arena, app->n_tables + N_TABLES, sizeof(*all));
    bool sessions = has_sessions(app), limits = shares_limits(app);
    if (!ret || !all)
        return NULL;
    *ret = *app;
    if (app->n_tables)
        memcpy(all, app->tables, app->n_tables * sizeof(*all));
    if (deny_list)
        all[ret->n_tables++] = &gw_denied_table;
    if (sessions)
        all[ret->n_tables++] = &gw_sessions_table;
    if (limits)
        all[ret->n_tables++] = &gw_limits_table;
    if (app->n_tickets)
        all[ret->n_tables++] = &gw_tickets_table;
    if (sessions || limits || app->n_tickets)
        all[ret->n_tables++] = &gw_schema_table;
    ret->tables = all;
    return ret;
}

/* ---- Versions ------------------------------------------------------------------------------- */

static int read_versions(struct gw_conn *conn, struct gw_arena *arena, struct gw_result *ret)
{
    return gw_conn_run(conn,
                       &(struct gw_query){.sql = "SELECT `name`, `version` FROM `" SCHEMA "`",
                                          .table = &gw_schema_table,
                                          .columns = (UINT64_C(1) << GW_SCHEMA_N) - 1,
                                          .max_rows = 1000,
                                          .read_only = true},
                       arena, ret);
}

/* Another process that starts may do so at the same time. */
static int write_version(struct gw_conn *conn, const char *name, int64_t version,
                         struct gw_arena *arena)
{
    const struct gw_value values[] = {{.type = GW_TYPE_TEXT, .as.text = name},
                                      {.type = GW_TYPE_INT, .as.i64 = version}};
    struct gw_result result;
    int r = gw_conn_run(
        conn,
        &(struct gw_query){.sql = "INSERT INTO `" SCHEMA "` (`name`, `version`) VALUES (?, ?)",
                           .params = values,
                           .n_params = 2,
                           .table = &gw_schema_table},
        arena, &result);
    return r == GW_E_DUPLICATE ? 0 : r;
}

/* The version in the database; 0: none is written down. */
static int64_t version_of(const struct gw_result *versions, const char *name)
{
    const struct gw_schema_row *rows = versions->rows;
    for (size_t i = 0; i < versions->n; i++)
        if (!strcmp(rows[i].name, name))
            return rows[i].version;
    return 0;
}

int gw_runtime_tables_check(struct gw_conn *conn, const struct gw_app *app, bool write,
                            struct gw_arena *arena, void (*report)(void *data, const char *line),
                            void *data)
{
    struct gw_result versions;
    char line[200];
    int r = has(app, &gw_schema_table) ? read_versions(conn, arena, &versions) : 0;
    if (r || !has(app, &gw_schema_table))
        return r;
    for (size_t i = 0; !r && i < N_TABLES; i++) {
        const char *name = tables[i].table->sql_name;
        int64_t live = version_of(&versions, name);
        if (!has(app, tables[i].table) || live == tables[i].version)
            continue;
        if (live) {
            snprintf(
                line, sizeof(line),
                "table %s: is of version %lld, which another runtime made; this one needs %lld",
                name, (long long)live, (long long)tables[i].version);
            report(data, line);
            return -EINVAL;
        }
        if (write)
            r = write_version(conn, name, tables[i].version, arena);
    }
    return r;
}

/* ---- The sweep ------------------------------------------------------------------------------ */

#define SWEEP_LATER "60" /* seconds that a row stays behind its time: clocks differ */

/* When the last of the oldest rows expires that make a piece: an index leads to it. 0: there are
 * fewer. */
static int end_of_piece(struct gw_conn *conn, const struct gw_table *table, int64_t *ret,
                        struct gw_arena *arena)
{
    static const struct gw_column column = {.name = "expires", .type = GW_TYPE_INT};
    static const struct gw_table expiry = {.name = "expires",
                                           .sql_name = "expires",
                                           .columns = &column,
                                           .n_columns = 1,
                                           .row_size = sizeof(int64_t),
                                           .revokes = -1,
                                           .entity = -1};
    const char *now = conn->store->driver->seconds;
    struct gw_result result;
    const char *sql =
        gw_arena_printf(arena,
                        "SELECT `expires` FROM `%s` WHERE `expires` < %s - " SWEEP_LATER
                        " ORDER BY `expires` LIMIT 1 OFFSET 999",
                        table->sql_name, now);
    int r =
        !sql
            ? -ENOMEM
            : gw_conn_run(
                  conn,
                  &(struct gw_query){
                      .sql = sql, .table = &expiry, .columns = 1, .max_rows = 1, .read_only = true},
                  arena, &result);
    *ret = !r && result.n ? *(int64_t *)result.rows : 0;
    return r;
}

static int sweep(struct gw_conn *conn, const struct gw_table *table, struct gw_arena *arena,
                 uint64_t *io_n)
{
    struct gw_value end = {.type = GW_TYPE_INT};
    struct gw_result result;
    int r = end_of_piece(conn, table, &end.as.i64, arena);
    const char *sql = gw_arena_printf(
        arena, "DELETE FROM `%s` WHERE `expires` < %s - " SWEEP_LATER "%s", table->sql_name,
        conn->store->driver->seconds, end.as.i64 ? " AND `expires` <= ?" : "");
    if (!r)
        r = !sql ? -ENOMEM
                 : gw_conn_run(
                       conn,
                       &(struct gw_query){.sql = sql, .params = &end, .n_params = end.as.i64 != 0},
                       arena, &result);
    if (!r)
        *io_n += result.affected;
    return r;
}

bool gw_runtime_tables_expire(const struct gw_app *app)
{
    for (size_t i = 0; i < N_TABLES; i++)
        if (tables[i].swept && has(app, tables[i].table))
            return true;
    return false;
}

int gw_runtime_tables_sweep(struct gw_conn *conn, const struct gw_app *app, struct gw_arena *arena,
                            uint64_t *ret_n)
{
    int r = 0;
    *ret_n = 0;
    for (size_t i = 0; !r && i < N_TABLES; i++)
        if (tables[i].swept && has(app, tables[i].table))
            r = sweep(conn, tables[i].table, arena, ret_n);
    return r;
}
