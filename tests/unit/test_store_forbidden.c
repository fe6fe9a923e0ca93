/* test_store_forbidden.c: what a store forbids or has no room for, told as a condition or as a
 * failure that passes, on both stores. Codes and texts: MariaDB's and SQLite's documentation. */
#include "store_fixture.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- Foreign keys ------------------------------------------------------------------------ */

STORE_TEST(a_foreign_key_forbids_in_either_direction)
{
    struct gw_value key = i64_value(fixture_account(f, "a")->id);
    struct things_row row = fixture_thing();

    row.account_id = (struct gw_opt_i64){true, 4711};
    cr_assert_eq(gw_entity_insert(&f->req, &things_table, &row, NULL), GW_E_REFERENCED);
    row.account_id.value = key.as.i64;
    cr_assert_eq(gw_entity_insert(&f->req, &things_table, &row, NULL), 0);
    row.account_id.value = 4711;
    cr_assert_eq(gw_entity_update(&f->req, &things_table, &row, UINT64_C(1) << THINGS_ACCOUNT_ID),
                 GW_E_REFERENCED);
    cr_assert_eq(gw_entity_delete(&f->req, &accounts_table, &key), GW_E_REFERENCED);
    cr_assert_str_eq(fixture_log(), ""); /* as expected as a duplicate */
}

STORE_TEST(a_restricted_row_stays_and_the_transaction_goes_on)
{
    struct gw_value key = i64_value(fixture_account(f, "a")->id);

    fixture_exec(f, f->mysql ? "CREATE TABLE kids (a BIGINT, FOREIGN KEY (a) REFERENCES accounts"
                               " (id) ON DELETE RESTRICT)"
                             : "CREATE TABLE kids (a INTEGER REFERENCES accounts (id) ON DELETE"
                               " RESTRICT)");
    fixture_exec(f, "INSERT INTO kids VALUES (1)");
    cr_assert_eq(gw_conn_begin(f->conn, 0), 0);
    cr_assert_eq(gw_entity_delete(&f->req, &accounts_table, &key), GW_E_REFERENCED);
    cr_assert_eq(fixture_insert(f, "b"), 0);
    cr_assert_eq(gw_conn_commit(f->conn, 0), 0);
    cr_assert_eq(fixture_find(f, "a"), 0);
    cr_assert_eq(fixture_find(f, "b"), 0);
}

Test(sqlite, a_deferred_foreign_key_forbids_the_commit)
{
    struct fixture f;
    struct gw_result result;

    fixture_open(&f, false, "deferred");
    fixture_exec(&f, "CREATE TABLE kids (a INTEGER REFERENCES accounts (id) DEFERRABLE INITIALLY"
                     " DEFERRED)");
    cr_assert_eq(gw_conn_begin(f.conn, 0), 0);
    cr_assert_eq(gw_conn_run(f.conn, &(struct gw_query){.sql = "INSERT INTO kids VALUES (7)"},
                             &f.arena, &result),
                 0);
    cr_assert_eq(gw_conn_commit(f.conn, 0), GW_E_REFERENCED);
    cr_assert_not(gw_conn_in_transaction(f.conn));
    cr_assert_eq(fixture_insert(&f, "a"), 0);
    fixture_close(&f);
}

/* ---- Duplicates -------------------------------------------------------------------------- */

static int duplicate_of(struct fixture *f, const char *email, const char *name)
{
    struct accounts_row row = {.email = email, .name = name, .password = "p"};
    int column = -2;

    cr_assert_eq(gw_entity_insert(&f->req, &accounts_table, &row, &column), GW_E_DUPLICATE);
    return column;
}

STORE_TEST(a_duplicate_names_its_column_whatever_the_index_is_called)
{
    fixture_account(f, "a@b"); /* named N */
    fixture_exec(f, f->mysql ? "ALTER TABLE accounts DROP INDEX email, ADD UNIQUE INDEX"
                               " `uk_of.login` (email)"
                             : "CREATE UNIQUE INDEX uk_login ON accounts (email)");
    cr_assert_eq(duplicate_of(f, "a@b", "x"), ACCOUNTS_EMAIL);
    fixture_exec(f, f->mysql ? "ALTER TABLE accounts DROP INDEX `uk_of.login`,"
                               " ADD UNIQUE INDEX email (name), ADD UNIQUE INDEX name (email)"
                             : "CREATE UNIQUE INDEX email ON accounts (name)");
    cr_assert_eq(duplicate_of(f, "a@b", "x"), ACCOUNTS_EMAIL);
    cr_assert_eq(duplicate_of(f, "c@d", "N"), ACCOUNTS_NAME);
}

STORE_TEST(a_duplicate_of_two_columns_together_names_none)
{
    fixture_account(f, "a@b");
    fixture_exec(f, f->mysql ? "ALTER TABLE accounts DROP INDEX email, ADD UNIQUE INDEX email"
                               " (name, password)"
                             : "CREATE UNIQUE INDEX email ON accounts (name, password)");
    {
        struct accounts_row row = {.email = "c@d", .name = "N", .password = "hash"};
        int column = -2;

        cr_assert_eq(gw_entity_insert(&f->req, &accounts_table, &row, &column), GW_E_DUPLICATE);
        cr_assert_eq(column, -1);
    }
}

Test(sqlite, a_duplicate_in_another_table_names_no_column_of_this_one)
{
    struct fixture f;

    fixture_open(&f, false, "trigger");
    fixture_exec(&f, "CREATE TABLE audit (email TEXT UNIQUE); INSERT INTO audit VALUES ('x');"
                     "CREATE TRIGGER t AFTER INSERT ON accounts BEGIN"
                     " INSERT INTO audit VALUES ('x'); END");
    cr_assert_eq(duplicate_of(&f, "a@b", "x"), -1);
    fixture_close(&f);
}

/* ---- Narrower live columns --------------------------------------------------------------- */

STORE_TEST(a_value_that_the_live_column_cannot_hold_is_a_condition)
{
    struct codes_row code = {.code = "c", .worth = 3000000000};
    struct accounts_row account = {.email = "a long one", .name = "N", .password = "p"};

    if (f->mysql)
        fixture_exec(f, "ALTER TABLE codes MODIFY worth INT NOT NULL;"
                        "ALTER TABLE accounts MODIFY email VARCHAR(5) NOT NULL UNIQUE,"
                        " MODIFY name VARCHAR(100) CHARACTER SET latin1 NOT NULL");
    else
        fixture_exec(f, "DROP TABLE codes; CREATE TABLE codes (code TEXT NOT NULL PRIMARY KEY,"
                        " worth INTEGER NOT NULL CHECK (worth < 2147483648)) STRICT;"
                        "DROP TABLE accounts; CREATE TABLE accounts (id INTEGER PRIMARY KEY"
                        " AUTOINCREMENT, email TEXT NOT NULL CHECK (length(email) <= 5),"
                        " name TEXT NOT NULL CHECK (name NOT LIKE '%\xf0%'), password TEXT NOT"
                        " NULL, token_epoch INTEGER NOT NULL DEFAULT 0) STRICT");
    cr_assert_eq(gw_conn_begin(f->conn, 0), 0);
    cr_assert_eq(gw_entity_insert(&f->req, &codes_table, &code, NULL), GW_E_RANGE, "%s",
                 fixture_log());
    cr_assert_eq(strstr(fixture_log(), "3000000000"), NULL);
    cr_assert_eq(gw_entity_insert(&f->req, &accounts_table, &account, NULL), GW_E_RANGE);
    code.worth = 2147483647;
    cr_assert_eq(gw_entity_insert(&f->req, &codes_table, &code, NULL), 0);
    cr_assert_eq(gw_conn_commit(f->conn, 0), 0);
    if (f->mysql) { /* what the column's character set has not */
        account.email = "a";
        account.name = "\xf0\x9f\x90\x8d";
        cr_assert_eq(gw_entity_insert(&f->req, &accounts_table, &account, NULL), GW_E_RANGE);
    }
}

Test(mysql, what_is_larger_than_the_servers_packet_is_refused_before_it_is_sent)
{
    struct things_row row = fixture_thing();
    struct fixture f;
    char *text;
    long limit;

    fixture_open(&f, true, "packets");
    fixture_exec(&f, "SET GLOBAL max_allowed_packet = 1048576");
    limit = mariadb_number(&f.server, "SELECT @@GLOBAL.max_allowed_packet", 0);
    text = gw_arena_alloc(&f.arena, (size_t)limit + 1);
    memset(text, 'x', (size_t)limit);
    row.large = text;
    cr_assert_eq(gw_conn_begin(f.conn, 0), 0);
    cr_assert_eq(gw_entity_insert(&f.req, &things_table, &row, NULL), GW_E_TOO_LARGE);
    text[limit - 1000] = '\0'; /* just below, and the connection is as it was */
    cr_assert_eq(gw_entity_insert(&f.req, &things_table, &row, NULL), 0, "%s", fixture_log());
    cr_assert_eq(gw_conn_commit(f.conn, 0), 0);
    cr_assert_eq(
        mariadb_number(&f.server, "SELECT MAX(LENGTH(large)) FROM packets.`the things`", 0),
        limit - 1000);
    fixture_exec(&f, "SET GLOBAL max_allowed_packet = DEFAULT");
    fixture_close(&f);
}

/* ---- Full disks -------------------------------------------------------------------------- */

static bool disk_is_full;

static ssize_t write_or_not(int fd, const void *bytes, size_t size, off_t at)
{
    if (disk_is_full) {
        errno = ENOSPC;
        return -1;
    }
    return pwrite(fd, bytes, size, at);
}

Test(sqlite, a_full_disk_passes)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    struct fixture f;

    fixture_open(&f, false, "full");
    fixture_account(&f, "a");
    vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)write_or_not);
    vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)write_or_not);
    disk_is_full = true;
    cr_assert_eq(fixture_insert(&f, "b"), -EBUSY, "%s", fixture_log());
    cr_assert_eq(fixture_find(&f, "a"), 0);
    cr_assert_eq(gw_conn_begin(f.conn, 0), 0);
    cr_assert_eq(fixture_insert(&f, "c"), 0); /* in memory so far */
    cr_assert_eq(gw_conn_commit(f.conn, 0), -EBUSY);
    disk_is_full = false;
    cr_assert_eq(fixture_find(&f, "b"), GW_E_NOT_FOUND);
    cr_assert_eq(fixture_find(&f, "c"), GW_E_NOT_FOUND);
    cr_assert_eq(fixture_insert(&f, "b"), 0);
    fixture_close(&f);
}

Test(mysql, a_full_table_passes)
{
    struct codes_row row = {.worth = 1};
    struct fixture f;
    int r = 0;

    fixture_open(&f, true, "full");
    fixture_exec(&f, "SET max_heap_table_size = 16384; DROP TABLE codes; CREATE TABLE codes (code"
                     " VARCHAR(20) NOT NULL PRIMARY KEY, worth BIGINT NOT NULL) ENGINE = MEMORY");
    for (int i = 0; i < 10000 && !r; i++) {
        row.code = gw_arena_printf(&f.arena, "%d", i);
        r = gw_entity_insert(&f.req, &codes_table, &row, NULL);
    }
    cr_assert_eq(r, -EBUSY, "%s", fixture_log()); /* 1114 */
    fixture_exec(&f, "DELETE FROM codes");
    cr_assert_eq(gw_entity_insert(&f.req, &codes_table, &row, NULL), 0);
    fixture_close(&f);
}

/* ---- Locked by another process ----------------------------------------------------------- */

#define WRITERS 40
#define WORKERS 4

struct line {
    struct fixture *f;
    int left, failed; /* guarded by `mutex` */
    unsigned slowest_ms;
    pthread_mutex_t mutex;
};

/* A worker takes one writer after the other, as the program does. */
static void *work(void *data)
{
    struct line *line = data;
    struct gw_conn *conn;
    uint64_t begun = gw_now_ns();
    struct gw_arena arena = {0};

    cr_assert_eq(gw_conn_new(line->f->store, &conn), 0);
    for (;;) {
        struct gw_result result;
        int r;

        pthread_mutex_lock(&line->mutex);
        r = line->left-- > 0;
        pthread_mutex_unlock(&line->mutex);
        if (!r)
            break;
        r = gw_conn_run(conn, &(struct gw_query){.sql = "UPDATE accounts SET token_epoch = 1"},
                        &arena, &result);
        pthread_mutex_lock(&line->mutex);
        line->failed += r == -EBUSY;
        line->slowest_ms = fixture_elapsed_ms(begun);
        pthread_mutex_unlock(&line->mutex);
    }
    gw_arena_free(&arena);
    gw_conn_free(conn);
    return NULL;
}

static void stand_in_line(struct fixture *f, struct line *line)
{
    pthread_t threads[WORKERS];

    *line = (struct line){.f = f, .left = WRITERS, .mutex = PTHREAD_MUTEX_INITIALIZER};
    for (int i = 0; i < WORKERS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, work, line), 0);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(threads[i], NULL);
}

Test(sqlite, all_writers_in_line_learn_of_a_lock_within_one_deadline)
{
    struct gw_store_options options = {.query_timeout_ms = 1000};
    struct fixture f;
    struct line line;
    sqlite3 *other;

    fixture_open(&f, false, "locked");
    fixture_reopen(&f, f.url, &options);
    cr_assert_eq(sqlite3_open(f.url + strlen("sqlite:"), &other), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    stand_in_line(&f, &line);
    cr_assert_eq(line.failed, WRITERS);
    cr_assert_lt(line.slowest_ms, 1500, "%u ms", line.slowest_ms); /* 10 rounds of 1000 before */
    cr_assert_gt(line.slowest_ms, 900);
    cr_assert_eq(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    stand_in_line(&f, &line);
    cr_assert_eq(line.failed, 0);
    sqlite3_close(other);
    fixture_close(&f);
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
