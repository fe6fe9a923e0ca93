/* test_store_change.c: the statements that --schema-diff prints, run in shells that go on behind
 * errors (sqlite3 without -bail, mariadb --force): the rows are what they were, or nothing was
 * done.
 *
 * The live table is the declared one with one or two of a list of differences, 1,000 rows in it. Of
 * the pairs one in 8 is made, under a sanitizer one in 24, with TESTS_FULL=1 each. */
#include "store_fixture.h"
#include "store_changes.h"
#include "store_pictures.h"

#include <mysql.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *after_of(const struct fixture *f, const struct difference *d)
{
    if (d->after && !f->mysql && strncmp(d->after, "CREATE TRIGGER", 14) == 0)
        return "CREATE TRIGGER noted AFTER UPDATE ON accounts BEGIN INSERT INTO codes VALUES"
               " (NEW.id + 5000, 1); END";
    return d->after;
}

static void make_table(struct fixture *f, const struct difference *const *chosen, size_t n)
{
    const char *pieces[N_PIECES], *text;

    memcpy(pieces, declared, sizeof(pieces));
    for (size_t i = 0; i < n; i++)
        pieces[chosen[i]->piece] = chosen[i]->sqlite;
    fixture_exec(f, "DROP TABLE IF EXISTS kids; DROP VIEW IF EXISTS seen");
    fixture_exec(f, f->mysql ? "SET FOREIGN_KEY_CHECKS = 0; DROP TABLE IF EXISTS accounts"
                             : "DROP TABLE IF EXISTS accounts;"
                               "DROP TABLE IF EXISTS \"new accounts\"");
    fixture_exec(f, "DELETE FROM codes");
    if (f->mysql) {
        text = gw_arena_copy(&f->arena, fixture_mysql_schema, strcspn(fixture_mysql_schema, ";"));
        fixture_exec(f, text);
    } else {
        text = gw_arena_printf(&f->arena, "CREATE TABLE accounts (%s%s%s%s%s%s%s)%s", pieces[0],
                               pieces[1], pieces[2], pieces[3], pieces[4], pieces[5], pieces[6],
                               pieces[7]);
        fixture_exec(f, text);
    }
    for (size_t i = 0; f->mysql && i < n; i++)
        fixture_exec(f, gw_arena_printf(&f->arena, "ALTER TABLE accounts %s", chosen[i]->mysql));
    fixture_exec(f, f->mysql ? "CREATE TABLE kids (id BIGINT PRIMARY KEY, of BIGINT NOT NULL,"
                               " FOREIGN KEY (of) REFERENCES accounts (id) ON DELETE CASCADE)"
                             : "CREATE TABLE kids (id INTEGER PRIMARY KEY, of INTEGER NOT NULL"
                               " REFERENCES accounts (id) ON DELETE CASCADE)");
    fixture_exec(f, "CREATE VIEW seen AS SELECT id, email FROM accounts");
}

static bool has(struct fixture *f, const char *column)
{
    char *names = answer(
        f, f->mysql ? "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA ="
                      " DATABASE() AND TABLE_NAME = 'accounts'"
                    : "SELECT name FROM pragma_table_info('accounts')");
    bool found = strstr(names, column);

    free(names);
    return found;
}

static void fill_table(struct fixture *f)
{
    const char *name = has(f, "full_name") ? ", full_name" : ", name";
    bool password = has(f, "password"), nick = has(f, "nick");
    const char *ids = "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i <"
                      " 1000) SELECT";

    fixture_exec(f, gw_arena_printf(
                        &f->arena, "INSERT INTO accounts (id, email%s%s%s) %s i, %s, %s%s%s FROM s",
                        name, password ? ", password" : "", nick ? ", nick" : "", ids,
                        f->mysql ? "CONCAT('e', i)" : "'e' || i",
                        f->mysql ? "CONCAT('N\xc3\xa4', i)" : "'N\xc3\xa4' || i",
                        password ? ", 'hash'" : "", nick ? ", 'k'" : ""));
    fixture_exec(f, gw_arena_printf(&f->arena, "INSERT INTO kids %s i, i FROM s", ids));
}

static void make(struct fixture *f, const struct difference *const *chosen, size_t n)
{
    make_table(f, chosen, n);
    fill_table(f);
    for (size_t i = 0; i < n; i++)
        if (after_of(f, chosen[i]))
            fixture_exec(f, after_of(f, chosen[i]));
}

/* ---- Shells ------------------------------------------------------------------------------ */

static char *script_of(struct fixture *f)
{
    char *text = NULL;
    size_t len;
    FILE *to = open_memstream(&text, &len);

    cr_assert_geq(gw_store_diff(f->store, &fixture_app, to), 0, "%s", fixture_log());
    fclose(to);
    return text;
}

/* The first `len` bytes of the script in the shell, with `first` in front of it. */
static void run_in_shell(struct fixture *f, const char *script, size_t len, const char *first)
{
    const char *command =
        f->mysql ? gw_arena_printf(&f->arena,
                                   "mariadb --no-defaults --force --socket=%s --user=root %s"
                                   " >/dev/null 2>&1",
                                   f->server.socket, f->database)
                 : gw_arena_printf(&f->arena, "sqlite3 %s >%s/shell 2>&1",
                                   f->url + strlen("sqlite:"), f->folder);
    FILE *shell = popen(command, "w");

    cr_assert(shell);
    fputs(first, shell);
    fwrite(script, 1, len, shell);
    pclose(shell); /* its status says only that something failed */
}

/* ---- Behaviours -------------------------------------------------------------------------- */

static void name_of(char *text, size_t size, const struct difference *const *chosen, size_t n)
{
    snprintf(text, size, "%s%s%s", chosen[0]->what, n > 1 ? " + " : "",
             n > 1 ? chosen[1]->what : "");
}

/* Whether the script names a difference. */
static bool leads_somewhere(const char *script)
{
    return strstr(script, "-- column ") || strstr(script, "-- table ");
}

static void expect_safe(struct fixture *f, const struct difference *const *chosen, size_t n)
{
    struct picture before;
    char what[160], *script;
    bool refused;

    name_of(what, sizeof(what), chosen, n);
    make(f, chosen, n);
    before = picture_of(f, NULL);
    script = script_of(f);
    refused = strstr(script, "-- refused: ");
    run_in_shell(f, script, strlen(script), "");
    expect_same(f, &before, what);
    free(script);
    script = script_of(f);
    cr_assert_eq(leads_somewhere(script), refused, "%s:\n%s", what, script);
    if (refused) { /* what could be done was */
        run_in_shell(f, script, strlen(script), "");
        expect_same(f, &before, what);
    }
    free(script);
    forget(&before);
}

STORE_TEST(rows_and_what_nobody_declared_stay)
{
    for (int i = 0; i < N_DIFFERENCES; i++)
        expect_safe(f, (const struct difference *[]){&differences[i]}, 1);
}

/* How much the script of what is left to do says of differences; 0: nothing. */
static int left(struct fixture *f, const char *what)
{
    struct gw_migration migration = {.to = fopen("/dev/null", "w")};
    int r = gw_store_migrate(f->store, &fixture_app, &migration);

    fclose(migration.to);
    cr_assert_geq(r, 0, "%s: %s", what, fixture_log());
    return r;
}

/* All of it or, where anything is refused, nothing; the rows stay in any case. */
STORE_TEST(what_is_applied_leaves_rows_and_what_nobody_declared)
{
    for (int i = 0; i < N_DIFFERENCES; i++) {
        struct gw_migration migration = {.to = fopen("/dev/null", "w"), .apply = true};
        struct picture before;
        int r;

        if (f->mysql && i % 3 && !getenv("TESTS_FULL")) { /* each waits for the server's disk */
            fclose(migration.to);
            continue;
        }
        make(f, (const struct difference *[]){&differences[i]}, 1);
        before = picture_of(f, NULL);
        r = gw_store_migrate(f->store, &fixture_app, &migration);
        fclose(migration.to);
        cr_assert_geq(r, 0, "%s: %s", differences[i].what, fixture_log());
        expect_same(f, &before, differences[i].what);
        cr_assert_eq(left(f, differences[i].what), migration.n_refused > 0, "%s",
                     differences[i].what);
        forget(&before);
    }
}

static int one_pair_in(void)
{
#ifdef __SANITIZE_ADDRESS__
    return 24;
#else
    return getenv("TESTS_FULL") ? 1 : 8;
#endif
}

STORE_TEST(two_differences_at_once_are_no_danger)
{
    const int every = one_pair_in();
    for (int i = 0; i < N_DIFFERENCES; i++)
        for (int j = i + 1; j < N_DIFFERENCES; j++)
            if (differences[i].piece != differences[j].piece && (i * 7 + j) % every == 0)
                expect_safe(f, (const struct difference *[]){&differences[i], &differences[j]}, 2);
}

STORE_TEST(a_script_that_ends_anywhere_loses_nothing)
{
    for (int i = 0; i < N_DIFFERENCES; i++) {
        const struct difference *const chosen[] = {&differences[i]};
        char what[160], *script;
        struct picture before;

        /* Each statement of MariaDB's stands alone; under a sanitizer some differences suffice. */
        if ((f->mysql || one_pair_in() > 8) && i % 4)
            continue;
        make(f, chosen, 1);
        before = picture_of(f, NULL);
        script = script_of(f);
        for (const char *end = script; (end = strchr(end, '\n')); end++) {
            snprintf(what, sizeof(what), "%s, %td bytes", chosen[0]->what, end - script);
            run_in_shell(f, script, (size_t)(end - script) + 1, "");
            expect_same(f, &before, what);
        }
        free(script);
        forget(&before);
    }
}

/* What comes in between the look at the rows and the script. */
STORE_TEST(rows_that_come_in_between_are_not_lost)
{
    static const struct {
        int difference;
        const char *sqlite, *mysql;
    } cases[] = {
        {3, "UPDATE accounts SET name = NULL WHERE id = 500",
         "UPDATE accounts SET name = NULL WHERE id = 500"},
        {1, "UPDATE accounts SET name = printf('%.*c', 200, 'x') WHERE id = 500",
         "UPDATE accounts SET name = REPEAT('x', 200) WHERE id = 500"},
        {10, "UPDATE accounts SET email = 'e8' WHERE id = 500",
         "UPDATE accounts SET email = 'e8' WHERE id = 500"},
        {14, "UPDATE accounts SET token_epoch = -1 WHERE id = 500",
         "UPDATE accounts SET token_epoch = -1 WHERE id = 500"},
        {3, "CREATE INDEX late ON accounts (name)", "CREATE INDEX late ON accounts (name)"},
        {3, "CREATE TABLE \"new accounts\" AS SELECT * FROM accounts",
         "CREATE TABLE `new accounts` AS SELECT * FROM accounts"},
        {3, "ALTER TABLE accounts ADD COLUMN more TEXT DEFAULT 'm'",
         "ALTER TABLE accounts ADD COLUMN more TEXT DEFAULT 'm'"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct difference *const chosen[] = {&differences[cases[i].difference]};
        struct picture before;
        char *script;

        make(f, chosen, 1);
        script = script_of(f);
        fixture_exec(f, f->mysql ? cases[i].mysql : cases[i].sqlite);
        before = picture_of(f, NULL);
        run_in_shell(f, script, strlen(script), f->mysql ? "SET GLOBAL sql_mode = '';" : "");
        expect_same(f, &before, cases[i].sqlite);
        free(script);
        forget(&before);
    }
}

Test(sqlite, whatever_fails_in_the_script_the_table_stays)
{
    static const char *const troubles[] = {
        "PRAGMA max_page_count = 1;\n", /* no room at all */
        "PRAGMA page_count;\nPRAGMA cache_size = 1;\nPRAGMA temp_store = MEMORY;\n",
        "BEGIN;\n", /* a transaction around it, in which the pragmas do nothing */
        "PRAGMA foreign_keys = ON;\nBEGIN;\n",
        "ATTACH ':memory:' AS other;\nCREATE TABLE other.accounts (id);\n",
    };
    const struct difference *const chosen[] = {&differences[3]};
    struct fixture f;

    fixture_open(&f, false, "troubles");
    for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
        struct picture before;
        char *script;

        make(&f, chosen, 1);
        before = picture_of(&f, NULL);
        script = script_of(&f);
        run_in_shell(&f, script, strlen(script), troubles[i]);
        expect_same(&f, &before, troubles[i]);
        free(script);
        forget(&before);
    }
    for (int room = 0; room < 60; room += 2) { /* full at one place or another */
        struct picture before;
        char *script, first[64];

        make(&f, chosen, 1);
        fixture_exec(&f, "VACUUM");
        before = picture_of(&f, NULL);
        script = script_of(&f);
        snprintf(first, sizeof(first), "PRAGMA max_page_count = %ld;\n",
                 strtol(answer(&f, "PRAGMA page_count"), NULL, 10) + room);
        run_in_shell(&f, script, strlen(script), first);
        expect_same(&f, &before, first);
        free(script);
        forget(&before);
    }
    fixture_close(&f);
}

Test(mysql, times_are_converted_in_utc)
{
    struct fixture f;
    char *script;

    fixture_open(&f, true, "zones");
    fixture_exec(&f, "SET GLOBAL time_zone = '+05:00'; SET time_zone = '+00:00';"
                     "ALTER TABLE `the things` MODIFY made TIMESTAMP(3) NOT NULL DEFAULT"
                     " CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)");
    fixture_exec(&f, "SET time_zone = '+00:00'; INSERT INTO `the things` (big, small, large, flag,"
                     " ratio, price, made, day, raw, doc) VALUES (1, '', '', 0, 0, 0,"
                     " '2026-01-31 12:34:56.789', '2026-01-31', '', '{}')");
    script = script_of(&f);
    run_in_shell(&f, script, strlen(script), "");
    fixture_exec(&f, "SET GLOBAL time_zone = 'SYSTEM'");
    free(script);
    cr_assert_eq(fixture_compare(f.url), 0);
    script = answer(&f, "SELECT made FROM `the things`");
    cr_assert_str_eq(script, "2026-01-31 12:34:56.789000\n");
    free(script);
    script = answer(&f, "SELECT COLUMN_DEFAULT, EXTRA FROM information_schema.COLUMNS WHERE"
                        " TABLE_SCHEMA = 'zones' AND COLUMN_NAME = 'made'");
    cr_assert_str_eq(script, "current_timestamp(6)|on update current_timestamp(6)\n");
    free(script);
    fixture_close(&f);
}

Test(mysql, what_is_bound_to_other_columns_is_refused_with_what_binds_it)
{
    struct fixture f;
    char *script;

    fixture_open(&f, true, "bonds");
    fixture_exec(&f, "ALTER TABLE `the things` DROP FOREIGN KEY `the things_ibfk_1`;"
                     "ALTER TABLE accounts MODIFY id INT UNSIGNED NOT NULL AUTO_INCREMENT,"
                     " MODIFY name VARCHAR(100) COLLATE utf8mb4_general_ci NOT NULL;"
                     "CREATE TABLE kids (of INT UNSIGNED, FOREIGN KEY (of) REFERENCES accounts"
                     " (id)); ALTER TABLE codes DROP PRIMARY KEY, MODIFY code VARCHAR(20) COLLATE"
                     " utf8mb4_general_ci NOT NULL, ADD COLUMN more VARCHAR(20) COLLATE"
                     " utf8mb4_general_ci, ADD FULLTEXT INDEX words (code, more)");
    script = script_of(&f);
    cr_assert(strstr(script, "-- refused: column accounts.id: its type is bound by the foreign key"
                             " kids_ibfk_1 of kids; "),
              "%s", script);
    cr_assert(strstr(script, "-- refused: column codes.code: its type is bound by the FULLTEXT"
                             " index words; "),
              "%s", script);
    run_in_shell(&f, script, strlen(script), "");
    free(script);
    fixture_close(&f);
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
