/* test_store_change_copy.c: what makes a copy of a SQLite table one, whatever the table is called
 * and whatever keeps its rowids. The scripts run in a shell that goes on behind errors. */
#include "store_fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Runs `between` after --schema-diff has looked at the table, and its script behind that. */
static void change(struct fixture *f, const struct gw_table *const *tables, size_t n,
                   const char *between)
{
    const struct gw_app app = {
        .source = "routes.def", .prefix = "", .tables = tables, .n_tables = n};
    char *script = NULL;
    size_t len;
    FILE *to = open_memstream(&script, &len);
    cr_assert_eq(gw_store_diff(f->store, &app, to), 1, "%s", fixture_log());
    fclose(to);
    fixture_exec(f, between);
    FILE *shell = popen(gw_arena_printf(&f->arena, "sqlite3 %s >%s/shell 2>&1",
                                        f->url + strlen("sqlite:"), f->folder),
                        "w");
    cr_assert(shell);
    fputs(script, shell);
    pclose(shell);
    free(script);
}

static int number(struct fixture *f, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    cr_assert_eq(sqlite3_open(f->url + strlen("sqlite:"), &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW, "%s", sqlite3_errmsg(db));
    int n = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return n;
}

/* The script notes facts by name: those of the table before may not be taken for this one's. */
Test(sqlite, a_table_that_is_called_like_a_fact_of_the_script_is_not_lost)
{
    static const char *const names[] = {"swapped", "referring", "copy of codes"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct gw_table table = codes_table;
        struct fixture f;
        table.sql_name = names[i];
        fixture_open(&f, false, "fact");
        fixture_exec(&f, gw_arena_printf(&f.arena,
                                         "DROP TABLE codes; CREATE TABLE codes (code TEXT PRIMARY"
                                         " KEY NOT NULL, worth INTEGER) STRICT; CREATE TABLE"
                                         " \"%s\" (code TEXT PRIMARY KEY NOT NULL, worth INTEGER)"
                                         " STRICT; INSERT INTO \"%s\" VALUES ('a', 1), ('b', 2)",
                                         names[i], names[i]));
        change(&f, (const struct gw_table *[]){&codes_table, &table}, 2,
               gw_arena_printf(&f.arena, "INSERT INTO \"%s\" VALUES ('c', NULL)", names[i]));
        cr_expect_eq(number(&f, gw_arena_printf(&f.arena, "SELECT count(*) FROM \"%s\"", names[i])),
                     3, "%s", names[i]);
        fixture_close(&f);
    }
}

Test(sqlite, a_key_of_a_deleted_row_is_not_given_again_whatever_the_case_of_the_name)
{
    struct fixture f;
    fixture_open(&f, false, "sequence");
    fixture_exec(&f, "DROP TABLE accounts; CREATE TABLE Accounts (id INTEGER PRIMARY KEY"
                     " AUTOINCREMENT, email TEXT, name TEXT, password TEXT, token_epoch INTEGER);"
                     "INSERT INTO Accounts VALUES (1, 'a', 'a', 'a', 0), (7, 'b', 'b', 'b', 0);"
                     "DELETE FROM Accounts WHERE id = 7");
    change(&f, (const struct gw_table *[]){&accounts_table}, 1, "SELECT 1");
    cr_expect_eq(number(&f, "SELECT strict FROM pragma_table_list('accounts')"), 1);
    fixture_exec(&f, "INSERT INTO accounts (email, name, password) VALUES ('c', 'c', 'c')");
    cr_expect_eq(number(&f, "SELECT max(id) FROM accounts"), 8);
    fixture_close(&f);
}

/* SQLite, "FTS5", 4.4.3: an external content table is found by its rowid. */
Test(sqlite, rowids_stay_for_what_refers_to_them)
{
    struct fixture f;
    fixture_open(&f, false, "rowids");
    fixture_exec(&f, "DROP TABLE codes; CREATE TABLE codes (code TEXT PRIMARY KEY NOT NULL, worth"
                     " INTEGER, _rowid_ TEXT) STRICT; INSERT INTO codes VALUES ('ann', 1, ''),"
                     " ('bob', 2, ''), ('cid', 3, ''); DELETE FROM codes WHERE code = 'ann';"
                     "CREATE VIRTUAL TABLE words USING fts5 (code, content='codes');"
                     "INSERT INTO words (words) VALUES ('rebuild')");
    change(&f, (const struct gw_table *[]){&codes_table}, 1, "SELECT 1");
    cr_expect_eq(number(&f, "SELECT strict FROM pragma_table_list('codes')"), 1);
    cr_expect_eq(number(&f, "SELECT worth FROM codes WHERE rowid = (SELECT rowid FROM words"
                            " ('cid'))"),
                 3);
    fixture_close(&f);
}

/* Without its type's affinity a computed column is another value (SQLite, "Datatypes", 3). */
Test(sqlite, computed_columns_keep_their_type)
{
    struct fixture f;
    fixture_open(&f, false, "computed");
    fixture_exec(&f, "DROP TABLE codes; CREATE TABLE codes (code TEXT PRIMARY KEY NOT NULL, worth"
                     " INTEGER NOT NULL, as_text TEXT AS (worth), as_int INT GENERATED ALWAYS AS"
                     " (code) STORED); INSERT INTO codes VALUES ('7', 1)");
    change(&f, (const struct gw_table *[]){&codes_table}, 1, "SELECT 1");
    cr_expect_eq(number(&f, "SELECT strict FROM pragma_table_list('codes')"), 1);
    cr_expect_eq(number(&f, "SELECT count(*) FROM codes WHERE as_text = '1' AND as_int = 7"), 1);
    fixture_exec(&f, "DROP TABLE codes; CREATE TABLE codes (code TEXT PRIMARY KEY NOT NULL, worth"
                     " INTEGER NOT NULL, as_text VARCHAR(9) AS (worth)); INSERT INTO codes VALUES"
                     " ('7', 1)");
    change(&f, (const struct gw_table *[]){&codes_table}, 1, "SELECT 1");
    cr_expect_eq(number(&f, "SELECT count(*) FROM codes WHERE as_text = '1'"), 1);
    fixture_close(&f);
}
