/* read.c: the live schema of a SQLite file, read in one transaction of a connection that makes
 * nothing and writes nothing. It could: one that could not would leave the files of a write-ahead
 * log behind, and read nothing after a crash. */
#include "store/reading.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/sqlite/definition.h"
#include "store/sqlite/live.h"
#include "store/sqlite/meaning.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define READ_NS        UINT64_C(120000000000)
#define PROGRESS_STEPS 4000
#define BUSY_MS        5000

struct reading {
    const struct gw_store *store;
    sqlite3 *db;
    struct gw_arena *arena;
    struct gw_live_schema *schema;
    uint64_t deadline_ns;
};

/* The text of the row's column `at`, copied; NULL with *r set: no memory, and NULL stays NULL. */
static char *text_at(const struct reading *reading, const struct sqlite_cursor *rows, int at,
                     int *r)
{
    const char *text = (const char *)sqlite3_column_text(rows->stmt, at);
    char *copied;
    if (!text)
        return NULL;
    copied = gw_arena_copy(reading->arena, text, strlen(text));
    if (!copied)
        *r = -ENOMEM;
    return copied;
}

static void ask(const struct reading *reading, struct sqlite_cursor *rows, const char *sql,
                const char *param)
{
    gw_sqlite_ask(rows, reading->store, reading->db, sql, (const char *const[]){param, NULL});
}

/* ---- Checks ---------------------------------------------------------------------------------- */

static int read_check(const struct reading *reading, struct gw_live_table *table,
                      struct gw_live_column *column, struct gw_str expression)
{
    char *live = gw_sqlite_normalised(expression.ptr, expression.len);
    bool taken = live && column && column->word && gw_sqlite_take_check(column, live);
    const char **other;
    int r = 0;
    free(live);
    if (!live)
        return -ENOMEM;
    if (!taken)
        r = gw_words_of_check(expression, table, false, reading->arena, &taken);
    if (r || taken)
        return r;
    other = GW_LIVE_ADD(reading->arena, table->others, table->n_others);
    if (!other)
        return -ENOMEM;
    *other = gw_arena_printf(reading->arena, "check %.*s", (int)expression.len, expression.ptr);
    return *other ? 0 : -ENOMEM;
}

static int read_item(const struct reading *reading, struct gw_live_table *table,
                     const struct sqlite_item *item)
{
    struct sqlite_column_parts parts = {.n = 0};
    struct gw_live_column *column = NULL;
    int r = 0;
    if (!item->name.ptr) {
        const struct sqlite_clause clause = {.text = item->text};
        struct gw_str expression = gw_sqlite_check_expression(&clause);
        return expression.ptr ? read_check(reading, table, NULL, expression) : 0;
    }
    for (size_t i = 0; i < table->n_columns && !column; i++)
        if (gw_sqlite_item_is(item, table->columns[i].name))
            column = &table->columns[i];
    if (!gw_sqlite_column_parts(item, &parts))
        return 0;
    for (size_t i = 0; !r && i < parts.n; i++) {
        struct gw_str expression = gw_sqlite_check_expression(&parts.clauses[i]);
        if (parts.clauses[i].kind == SQLITE_CLAUSE_CHECK && expression.ptr)
            r = read_check(reading, table, column, expression);
    }
    return r;
}

static int read_checks(const struct reading *reading, struct gw_live_table *table, const char *sql)
{
    struct sqlite_definition *definition = calloc(1, sizeof(*definition));
    int r = definition ? 0 : -ENOMEM;
    if (definition && gw_sqlite_definition(sql, definition))
        for (size_t i = 0; !r && i < definition->n; i++)
            r = read_item(reading, table, &definition->items[i]);
    free(definition);
    return r;
}

/* ---- Columns -------------------------------------------------------------------------------- */

enum { COLUMN_NAME, COLUMN_TYPE, COLUMN_NOT_NULL, COLUMN_DEFAULT, COLUMN_KEY, COLUMN_HIDDEN };
static const char columns_query[] = "SELECT name, type, \"notnull\", dflt_value, pk, hidden"
                                    " FROM pragma_table_xinfo(?1) ORDER BY cid";

static int read_metadata(const struct reading *reading, const struct gw_live_table *table,
                         struct gw_live_column *column, bool rowid_key)
{
    const char *type, *collation = NULL;
    int not_null, key, automatic = 0;
    if (sqlite3_table_column_metadata(reading->db, NULL, table->name, column->name, &type,
                                      &collation, &not_null, &key, &automatic) != SQLITE_OK)
        return gw_sqlite_failed(reading->store, reading->db, SQLITE_ERROR, "reading the schema");
    column->ignores_case = collation && sqlite3_stricmp(collation, "NOCASE") == 0;
    column->compares_bytes = collation && sqlite3_stricmp(collation, "BINARY") == 0;
    column->automatic = rowid_key;
    if (rowid_key)
        column->note = NULL;
    column->repeats = rowid_key && !automatic;
    return 0;
}

static int read_column(const struct reading *reading, struct sqlite_cursor *rows,
                       const struct gw_live_table *table, struct gw_live_column *ret)
{
    bool key = sqlite3_column_int(rows->stmt, COLUMN_KEY) > 0;
    bool not_null = sqlite3_column_int(rows->stmt, COLUMN_NOT_NULL);
    char *default_text;
    int r = 0;
    ret->name = text_at(reading, rows, COLUMN_NAME, &r);
    ret->type = text_at(reading, rows, COLUMN_TYPE, &r);
    default_text = text_at(reading, rows, COLUMN_DEFAULT, &r);
    if (r || !ret->name)
        return -ENOMEM;
    ret->type = ret->type ? ret->type : "";
    ret->optional = !not_null && !key;
    ret->must_be_given = (not_null || key) && !default_text;
    if (sqlite3_column_int(rows->stmt, COLUMN_HIDDEN)) {
        ret->why = "the database computes it";
        ret->must_be_given = false;
        return 0;
    }
    gw_sqlite_read_type(ret);
    gw_sqlite_read_default(ret, default_text);
    if (key && !not_null) /* which only SQLite lets in */
        ret->note = "is not NOT NULL: a row where it is NULL cannot be read";
    return table->why ? 0 : read_metadata(reading, table, ret, false);
}

static int read_columns(const struct reading *reading, struct gw_live_table *table)
{
    struct sqlite_cursor rows;
    size_t key = 0;
    int64_t has_index = 0;
    int r = 0, done, n_keys = 0;
    ask(reading, &rows, columns_query, table->name);
    while (!r && gw_sqlite_next(&rows)) {
        struct gw_live_column *column =
            GW_LIVE_ADD(reading->arena, table->columns, table->n_columns);
        r = column ? read_column(reading, &rows, table, column) : -ENOMEM;
        if (!r && sqlite3_column_int(rows.stmt, COLUMN_KEY)) {
            n_keys++;
            key = table->n_columns - 1;
        }
    }
    done = gw_sqlite_done(&rows);
    r = r ? r : done;
    if (r || n_keys != 1 || table->why || sqlite3_stricmp(table->columns[key].type, "INTEGER") != 0)
        return r == -ENOMEM || !table->why ? r : 0; /* of a view that is broken, say */
    /* So spelled it is another name of the row id, which SQLite gives, unless it has an index. */
    r = gw_sqlite_number(reading->store, reading->db,
                         "SELECT 1 FROM pragma_index_list(?1) WHERE origin = 'pk'",
                         (const char *const[]){table->name, NULL}, &has_index);
    return r || has_index ? r : read_metadata(reading, table, &table->columns[key], true);
}

/* ---- Keys and indexes ----------------------------------------------------------------------- */

static int add_to_set(const struct reading *reading, struct sqlite_cursor *rows,
                      struct gw_live_set *set)
{
    const char **column = GW_LIVE_ADD(reading->arena, set->columns, set->n_columns);
    int r = column ? 0 : -ENOMEM;
    if (column)
        *column = text_at(reading, rows, 0, &r);
    if (column && !*column)
        set->why = "it is over an expression";
    return r;
}

static int read_set(const struct reading *reading, const char *sql, const char *param,
                    struct gw_live_set *set)
{
    struct sqlite_cursor rows;
    int r = 0, done;
    ask(reading, &rows, sql, param);
    while (!r && gw_sqlite_next(&rows))
        r = add_to_set(reading, &rows, set);
    done = gw_sqlite_done(&rows);
    return r ? r : done;
}

static int read_key(const struct reading *reading, struct gw_live_table *table)
{
    struct gw_live_set set = {.name = "PRIMARY KEY", .key = true, .unique = true}, *added;
    int r = read_set(reading, "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk",
                     table->name, &set);
    if (r || !set.n_columns)
        return r;
    added = GW_LIVE_ADD(reading->arena, table->sets, table->n_sets);
    if (added)
        *added = set;
    return added ? 0 : -ENOMEM;
}

static int read_indexes(const struct reading *reading, struct gw_live_table *table)
{
    struct sqlite_cursor rows;
    int r = read_key(reading, table), done;
    ask(reading, &rows,
        "SELECT name, \"unique\", partial FROM pragma_index_list(?1) WHERE origin <> 'pk'"
        " ORDER BY name",
        table->name);
    while (!r && gw_sqlite_next(&rows)) {
        struct gw_live_set *set = GW_LIVE_ADD(reading->arena, table->sets, table->n_sets);
        if (!set || !(set->name = text_at(reading, &rows, 0, &r)))
            r = -ENOMEM;
        if (r)
            break;
        set->unique = sqlite3_column_int(rows.stmt, 1);
        r = read_set(reading, "SELECT name FROM pragma_index_info(?1) ORDER BY seqno", set->name,
                     set);
        if (sqlite3_column_int(rows.stmt, 2))
            set->why = "it holds some of the rows only";
    }
    done = gw_sqlite_done(&rows);
    return r ? r : done;
}

/* ---- Foreign keys, and what is no part of a declaration ------------------------------------- */

enum { KEY_ID, KEY_TABLE, KEY_FROM, KEY_TO, KEY_ACTION };

static int read_reference(const struct reading *reading, struct sqlite_cursor *rows,
                          struct gw_live_reference *reference)
{
    size_t n = reference->n_columns;
    const char **to = GW_LIVE_ADD(reading->arena, reference->to_columns, n);
    const char **from = GW_LIVE_ADD(reading->arena, reference->columns, reference->n_columns);
    int r = to && from ? 0 : -ENOMEM;
    if (r)
        return r;
    *from = text_at(reading, rows, KEY_FROM, &r);
    *to = text_at(reading, rows, KEY_TO, &r);
    reference->name = "";
    reference->to = text_at(reading, rows, KEY_TABLE, &r);
    reference->action = text_at(reading, rows, KEY_ACTION, &r);
    return r || !*from || !reference->to || !reference->action ? -ENOMEM : 0;
}

static int read_references(const struct reading *reading, struct gw_live_table *table)
{
    struct gw_live_reference *reference = NULL;
    struct sqlite_cursor rows;
    int r = 0, done, id = -1;
    ask(reading, &rows,
        "SELECT id, \"table\", \"from\", \"to\", on_delete FROM pragma_foreign_key_list(?1)"
        " ORDER BY id DESC, seq",
        table->name);
    while (!r && gw_sqlite_next(&rows)) {
        if (!reference || sqlite3_column_int(rows.stmt, KEY_ID) != id)
            reference = GW_LIVE_ADD(reading->arena, table->references, table->n_references);
        id = sqlite3_column_int(rows.stmt, KEY_ID);
        r = reference ? read_reference(reading, &rows, reference) : -ENOMEM;
    }
    done = gw_sqlite_done(&rows);
    return r ? r : done;
}

static int read_trigger(const struct reading *reading, struct gw_live_table *table,
                        const char *name)
{
    const char **other = GW_LIVE_ADD(reading->arena, table->others, table->n_others);
    if (other)
        *other = gw_arena_printf(reading->arena, "trigger %s", name);
    return other && *other ? 0 : -ENOMEM;
}

/* What only the statements tell: the table of statements has no index, so it is read once. */
static int read_statements(const struct reading *reading)
{
    struct sqlite_cursor rows;
    int r = 0, done;
    ask(reading, &rows,
        "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN ('table', 'trigger')"
        " AND sql IS NOT NULL ORDER BY name",
        NULL);
    while (!r && gw_sqlite_next(&rows)) {
        const char *type = (const char *)sqlite3_column_text(rows.stmt, 0);
        const char *name = (const char *)sqlite3_column_text(rows.stmt, 1);
        const char *of = (const char *)sqlite3_column_text(rows.stmt, 2);
        const char *sql = (const char *)sqlite3_column_text(rows.stmt, 3);
        struct gw_live_table *table = of ? gw_live_table_named(reading->schema, of) : NULL;
        if (!type || !name || !of || !sql)
            r = -ENOMEM;
        else if (table && !table->why)
            r = !strcmp(type, "table") ? read_checks(reading, table, sql)
                                       : read_trigger(reading, table, name);
    }
    done = gw_sqlite_done(&rows);
    return r ? r : done;
}

/* ---- Tables --------------------------------------------------------------------------------- */

static const char *no_table(const char *type)
{
    if (!strcmp(type, "table"))
        return NULL;
    return !strcmp(type, "view") ? "it is a view, which has no key"
                                 : "a module of SQLite makes it what it is";
}

static int read_table(const struct reading *reading, struct gw_live_table *table)
{
    int r = read_columns(reading, table);
    if (r || table->why)
        return r;
    r = read_indexes(reading, table);
    return r ? r : read_references(reading, table);
}

static int read_tables(const struct reading *reading)
{
    struct sqlite_cursor rows;
    int r = 0, done;
    ask(reading, &rows,
        "SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND lower(substr(name, 1,"
        " 7)) <> 'sqlite_' AND type <> 'shadow' ORDER BY CAST(name AS BLOB)",
        NULL);
    while (!r && gw_sqlite_next(&rows)) {
        struct gw_live_table *table =
            GW_LIVE_ADD(reading->arena, reading->schema->tables, reading->schema->n_tables);
        if (!table || !(table->name = text_at(reading, &rows, 0, &r)))
            r = -ENOMEM;
        else
            table->why = no_table((const char *)sqlite3_column_text(rows.stmt, 1) ?: "");
    }
    done = gw_sqlite_done(&rows);
    r = r ? r : done;
    for (size_t i = 0; !r && i < reading->schema->n_tables; i++)
        r = read_table(reading, &reading->schema->tables[i]);
    return r ? r : read_statements(reading);
}

static int on_progress(void *data)
{
    const struct reading *reading = data;
    return gw_now_ns() >= reading->deadline_ns;
}

static int set_up(struct reading *reading)
{
    int off = 0, on = 1;
    sqlite3_extended_result_codes(reading->db, on);
    sqlite3_db_config(reading->db, SQLITE_DBCONFIG_DEFENSIVE, on, NULL);
    sqlite3_db_config(reading->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, off, NULL);
    sqlite3_limit(reading->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_busy_timeout(reading->db, BUSY_MS);
    sqlite3_progress_handler(reading->db, PROGRESS_STEPS, on_progress, reading);
    return sqlite3_exec(reading->db, "PRAGMA query_only = ON; PRAGMA cell_size_check = ON; BEGIN",
                        NULL, NULL, NULL);
}

static int open_to_read(struct reading *reading, const char *path)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, r;
    int code = sqlite3_open_v2(path, &reading->db, flags, NULL);
    if (code == SQLITE_OK)
        code = set_up(reading);
    if (code == SQLITE_OK)
        return 0;
    int error = reading->db ? sqlite3_system_errno(reading->db) : 0;
    r = gw_sqlite_failed(reading->store, reading->db, code, "opening the database");
    if (r == -EHOSTDOWN && error)
        gw_log_line(reading->store->options.log, "store: %s: %s", path, strerror(error));
    return r;
}

int gw_sqlite_read(struct gw_store *store, struct gw_arena *arena, struct gw_live_schema *ret)
{
    const char *path = ((struct sqlite_store *)store)->path;
    struct reading reading = {
        .store = store, .arena = arena, .schema = ret, .deadline_ns = gw_now_ns() + READ_NS};
    int r = open_to_read(&reading, path);
    if (!r)
        r = read_tables(&reading);
    sqlite3_close(reading.db);
    return r > 0 ? -EIO : r;
}
