/* upgrade_schema.c: the statements of one program, prepared by SQLite on the schema of another.
 *
 * Those of the typed calls are asked column by column, so that each is named; those of `sql` as
 * they stand. An insert also fails where the schema wants a column that the program has not. */
#include "describe/upgrade.h"

#include "emit/emit.h"
#include "emit/store.h"

#include <sqlite3.h>
#include <string.h>

struct trial {
    struct tree *program, *schema;
    bool old; /* the program is the lock's */
    sqlite3 *db;
    struct upgrade_faults *faults;
};

static const char *whose(const struct trial *trial)
{
    return trial->old ? "the old program" : "the new program";
}

static const char *where(const struct trial *trial)
{
    return trial->old ? "the new schema" : "the old schema";
}

/* `of_program` stands in the program's source, `of_schema` in the schema's; NULL: nowhere. */
static void fault(struct trial *trial, struct pos of_program, struct pos of_schema,
                  const char *text)
{
    *vec_add(trial->faults->arena, &trial->faults->list) = (struct upgrade_fault){
        .pos = trial->old ? of_schema : of_program,
        .other = trial->old ? of_program : of_schema,
        .text = text,
    };
}

static sqlite3_stmt *prepare(struct trial *trial, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    sqlite3_prepare_v2(trial->db, sql, -1, &stmt, NULL);
    return stmt;
}

static bool runs(struct trial *trial, char *sql)
{
    sqlite3_stmt *stmt = sql ? prepare(trial, sql) : NULL;
    bool good = stmt;
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
    return good;
}

static const struct table *table_in_schema(const struct trial *trial, const struct table *table)
{
    for (size_t i = 0; i < trial->schema->tables.n; i++) {
        const struct table *other = trial->schema->tables.items[i];
        if (!sqlite3_stricmp(other->sql_name.text, table->sql_name.text))
            return other;
    }
    return NULL;
}

/* ---- Typed calls ---------------------------------------------------------------------------- */

static void try_column(struct trial *trial, const struct table *table, const struct column *column,
                       const struct table *there)
{
    const char *name = column->sql_name.text, *in = table->sql_name.text;
    if (runs(trial, sqlite3_mprintf("SELECT `%s` FROM `%s` WHERE `%s` = ?", name, in, name)) &&
        runs(trial, sqlite3_mprintf("UPDATE `%s` SET `%s` = ?", in, name)))
        return;
    fault(trial, column->name.pos, there->name.pos,
          arena_printf(trial->faults->arena,
                       "%s reads and writes `%s.%s`, which %s does not have%s", whose(trial),
                       table->name.text, column->name.text, where(trial),
                       trial->old ? ": keep it one release" : ""));
}

static bool knows(const struct table *table, const char *column)
{
    for (size_t i = 0; i < table->columns.n; i++) {
        if (!sqlite3_stricmp(table->columns.items[i].sql_name.text, column))
            return true;
    }
    return false;
}

/* What the schema wants in every row, and the program does not give. */
static void try_insert(struct trial *trial, const struct table *table, const struct table *there)
{
    sqlite3_stmt *stmt =
        prepare(trial, "SELECT name FROM pragma_table_xinfo(?) WHERE \"notnull\" AND"
                       " dflt_value IS NULL AND NOT (pk AND type = 'INTEGER')");
    if (!stmt) { /* the look itself is at fault: nothing may be taken for good by it */
        fault(trial, table->name.pos, there->name.pos,
              arena_printf(trial->faults->arena,
                           "what %s must give for `%s` cannot be told: SQLite says: %s",
                           whose(trial), table->name.text, sqlite3_errmsg(trial->db)));
        return;
    }
    sqlite3_bind_text(stmt, 1, there->sql_name.text, -1, SQLITE_STATIC);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        if (knows(table, name))
            continue;
        fault(trial, table->name.pos, there->name.pos,
              arena_printf(trial->faults->arena,
                           "%s inserts into `%s` without `%s`, which must have a value in %s: give "
                           "it a `default`, or make it `optional`",
                           whose(trial), table->name.text, name, where(trial)));
    }
    sqlite3_finalize(stmt);
}

static void try_table(struct trial *trial, const struct table *table)
{
    const struct table *there = table_in_schema(trial, table);
    if (!there) {
        fault(trial, table->name.pos, (struct pos){0},
              arena_printf(trial->faults->arena, "%s uses the table `%s`, which %s does not have%s",
                           whose(trial), table->name.text, where(trial),
                           trial->old ? ": keep it one release" : ""));
        return;
    }
    for (size_t i = 0; i < table->columns.n; i++)
        try_column(trial, table, &table->columns.items[i], there);
    try_insert(trial, table, there);
}

/* ---- Statements ----------------------------------------------------------------------------- */

static bool gives_the_same(const struct sql *sql, sqlite3_stmt *stmt)
{
    size_t n = (size_t)sqlite3_column_count(stmt);
    bool same = n == sql->results.n;
    for (size_t i = 0; same && i < n; i++)
        same = !strcmp(sqlite3_column_name(stmt, (int)i), sql->results.items[i].sql_name.text);
    return same;
}

static void try_statement(struct trial *trial, const struct sql *sql)
{
    struct arena *arena = trial->faults->arena;
    const char *name = sql->name.text;
    if (sql->stores == SQL_MYSQL) {
        diag_warning(trial->old ? trial->schema->diags : trial->program->diags, sql->name.pos,
                     "`%s` is for MySQL only: nothing here prepares it", name);
        return;
    }
    sqlite3_stmt *stmt = prepare(trial, sql->text);
    if (!stmt)
        fault(trial, sql->name.pos, (struct pos){0},
              arena_printf(arena, "the statement `%s` of %s fails on %s: %s", name, whose(trial),
                           where(trial), sqlite3_errmsg(trial->db)));
    else if (!gives_the_same(sql, stmt))
        fault(trial, sql->name.pos, (struct pos){0},
              arena_printf(arena, "the statement `%s` of %s gives other columns on %s", name,
                           whose(trial), where(trial)));
    sqlite3_finalize(stmt);
}

bool upgrade_try(struct tree *program, struct tree *schema, bool program_is_old,
                 struct upgrade_faults *ret)
{
    struct trial trial = {
        .program = program, .schema = schema, .old = program_is_old, .faults = ret};
    struct text text = {.arena = ret->arena};
    text_add(&text, "", 0);
    emit_schema(schema, false, true, &text);
    int code =
        sqlite3_open_v2(":memory:", &trial.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    sqlite3_db_config(trial.db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(trial.db, text.items, NULL, NULL, NULL);
    for (size_t i = 0; code == SQLITE_OK && i < program->tables.n; i++)
        try_table(&trial, program->tables.items[i]);
    for (size_t i = 0; code == SQLITE_OK && i < program->statements.n; i++) {
        const struct sql *sql = program->statements.items[i];
        try_statement(&trial, sql->other && sql->stores == SQL_MYSQL ? sql->other : sql);
    }
    sqlite3_close(trial.db);
    return code == SQLITE_OK;
}
