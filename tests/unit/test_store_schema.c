/* test_store_schema.c: the comparison of the live schema with the declared one, on both stores. */
#include "store_fixture.h"

#include <errno.h>
#include <string.h>

static void record(void *data, const char *line)
{
    strcat(data, line);
    strcat(data, "\n");
}

static const char *differences(struct fixture *f, int expected)
{
    static char lines[8192];

    lines[0] = '\0';
    cr_assert_eq(gw_store_compare(f->store, &fixture_app, record, lines), expected, "%s%s", lines,
                 fixture_log());
    return lines;
}

STORE_TEST(the_declared_schema_agrees_with_itself)
{
    cr_assert_str_eq(differences(f, 0), "");
}

STORE_TEST(a_statement_without_a_text_for_the_store_is_named)
{
    static const struct gw_statement_text good = {.where = "routes.def:7",
                                                  .sql = "DELETE FROM codes"},
                                          wrong = {.where = "routes.def:8",
                                                   .sql = "DELETE FROM cods"};
    static const struct gw_statement here = {
        .name = "here", .where = "routes.def:7", .sqlite = &good, .mysql = &good};
    const struct gw_statement other = {.name = "other",
                                       .where = "routes.def:8",
                                       .sqlite = f->mysql ? &wrong : NULL,
                                       .mysql = f->mysql ? NULL : &wrong};
    const struct gw_statement *const statements[] = {&here, &other};
    struct gw_app app = fixture_app;
    char lines[8192] = "";

    app.statements = statements;
    app.n_statements = 2;
    cr_assert_eq(gw_store_compare(f->store, &app, record, lines), 1);
    cr_assert_str_eq(lines, f->mysql ? "statement other (routes.def:8): is for SQLite only\n"
                                     : "statement other (routes.def:8): is for MySQL only\n");
}

STORE_TEST(a_missing_table_is_named)
{
    fixture_exec(f, "DROP TABLE codes");
    cr_assert_str_eq(differences(f, 1), "table codes: is missing\n");
}

STORE_TEST(a_missing_column_is_named)
{
    fixture_exec(f, "ALTER TABLE meters DROP COLUMN reading");
    cr_assert_str_eq(differences(f, 1), "column meters.reading: is missing\n");
}

STORE_TEST(extra_columns_are_fine_unless_they_must_be_written)
{
    fixture_exec(f, "ALTER TABLE meters ADD COLUMN a INTEGER");
    fixture_exec(f, "ALTER TABLE meters ADD COLUMN b INTEGER NOT NULL DEFAULT 3");
    cr_assert_str_eq(differences(f, 0), "");
    fixture_exec(f, f->mysql ? "ALTER TABLE codes ADD COLUMN c BIGINT NOT NULL"
                             : "DROP TABLE codes; CREATE TABLE codes (code TEXT PRIMARY KEY"
                               " CHECK (length(code) <= 20), worth INTEGER NOT NULL,"
                               " c INTEGER NOT NULL) STRICT");
    cr_assert_str_eq(differences(f, 1),
                     "column codes.c: is not declared, and is NOT NULL without a default\n");
}

STORE_TEST(another_type_is_named)
{
    fixture_exec(f, "DROP TABLE meters");
    fixture_exec(f, f->mysql ? "CREATE TABLE meters (serial BIGINT NOT NULL PRIMARY KEY,"
                               " reading VARCHAR(20) NOT NULL)"
                             : "CREATE TABLE meters (serial INTEGER NOT NULL PRIMARY KEY,"
                               " reading TEXT NOT NULL) STRICT");
    if (f->mysql)
        cr_assert_str_eq(differences(f, 1), "column meters.reading: is varchar(20), not BIGINT\n");
    else
        cr_assert_str_eq(differences(f, 1), "column meters.reading: is TEXT, not INTEGER\n");
}

STORE_TEST(nullable_and_required_are_told_apart)
{
    fixture_exec(f, "DROP TABLE meters");
    fixture_exec(f, f->mysql ? "CREATE TABLE meters (serial BIGINT UNSIGNED PRIMARY KEY,"
                               " reading BIGINT)"
                             : "CREATE TABLE meters (serial INTEGER PRIMARY KEY,"
                               " reading INTEGER) STRICT");
    cr_assert_str_eq(differences(f, 1),
                     "column meters.reading: is nullable but not declared optional\n");
}

STORE_TEST(another_length_is_no_difference)
{
    fixture_exec(f, "DROP TABLE codes");
    fixture_exec(f, f->mysql ? "CREATE TABLE codes (code VARCHAR(30) PRIMARY KEY,"
                               " worth BIGINT NOT NULL) COLLATE utf8mb4_nopad_bin"
                             : "CREATE TABLE codes (code TEXT PRIMARY KEY"
                               " CHECK (length(code) <= 30), worth INTEGER NOT NULL) STRICT");
    cr_assert_str_eq(differences(f, 0), "");
}

STORE_TEST(a_key_or_unique_column_that_is_not_is_named)
{
    fixture_exec(f, "DROP TABLE meters");
    fixture_exec(f, f->mysql ? "CREATE TABLE meters (serial BIGINT UNSIGNED NOT NULL,"
                               " reading BIGINT NOT NULL, PRIMARY KEY (serial, reading))"
                             : "CREATE TABLE meters (serial INTEGER NOT NULL, reading INTEGER"
                               " NOT NULL, PRIMARY KEY (serial, reading)) STRICT");
    if (f->mysql)
        fixture_exec(f, "DROP INDEX email ON accounts");
    cr_assert_str_eq(differences(f, 1),
                     f->mysql ? "column accounts.email: is declared unique but is not unique\n"
                                "column meters.serial: is declared key but is not unique\n"
                              : "column meters.serial: is declared key but is not unique\n");
}

static void expect_diff_mends(struct fixture *f);

/* `the things` without its foreign key, or with another one. */
static void refer_to(struct fixture *f, const char *sqlite, const char *mysql)
{
    if (f->mysql) {
        fixture_exec(f, "ALTER TABLE `the things` DROP FOREIGN KEY `the things_ibfk_1`");
        if (*mysql)
            fixture_exec(f, mysql);
        return;
    }
    /* SQLite keeps it in the statement that made the table. */
    fixture_exec(f, gw_arena_printf(
                        &f->arena,
                        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql,"
                        " ' REFERENCES \"accounts\" (\"id\")', '%s') WHERE name = 'the things'",
                        sqlite));
}

STORE_TEST(a_reference_that_is_no_foreign_key_is_named)
{
    refer_to(f, "", "");
    cr_assert_str_eq(differences(f, 1),
                     "column the things.account_id: has no foreign key to accounts (id)\n");
}

STORE_TEST(a_foreign_key_that_leads_elsewhere_is_named)
{
    refer_to(f, " REFERENCES \"codes\" (\"code\")",
             "CREATE TABLE others (id BIGINT PRIMARY KEY);"
             "ALTER TABLE `the things` ADD FOREIGN KEY (account_id) REFERENCES others (id)");
    cr_assert_str_eq(differences(f, 1),
                     f->mysql ? "column the things.account_id: references others (id), not"
                                " accounts (id)\n"
                              : "column the things.account_id: references another column than"
                                " accounts (id)\n");
}

/* Of two foreign keys on one column one is enough; the key's name may be left out on SQLite. */
STORE_TEST(a_foreign_key_may_have_another_beside_it)
{
    refer_to(f, " REFERENCES \"codes\" REFERENCES accounts",
             "CREATE TABLE others (id BIGINT PRIMARY KEY);"
             "ALTER TABLE `the things` ADD FOREIGN KEY (account_id) REFERENCES others (id),"
             " ADD FOREIGN KEY (account_id) REFERENCES accounts (id)");
    cr_assert_str_eq(differences(f, 0), "");
}

STORE_TEST(the_diff_makes_foreign_keys)
{
    refer_to(f, "", "");
    expect_diff_mends(f);
    refer_to(f, " REFERENCES \"codes\" (\"code\")",
             "CREATE TABLE others (id BIGINT PRIMARY KEY);"
             "ALTER TABLE `the things` ADD FOREIGN KEY (account_id) REFERENCES others (id)");
    expect_diff_mends(f);
}

STORE_TEST(the_diff_gives_a_missing_column_its_foreign_key)
{
    if (f->mysql)
        fixture_exec(f, "ALTER TABLE `the things` DROP FOREIGN KEY `the things_ibfk_1`");
    else
        refer_to(f, "", "");
    if (!f->mysql)
        fixture_exec(f, "DROP INDEX \"the things(account_id)\"");
    fixture_exec(f, "ALTER TABLE `the things` DROP COLUMN account_id");
    expect_diff_mends(f);
}

STORE_TEST(a_collation_that_does_not_compare_bytes_is_a_warning)
{
    fixture_exec(f, "DROP TABLE codes");
    fixture_exec(f, f->mysql ? "CREATE TABLE codes (code VARCHAR(20) COLLATE utf8mb4_general_ci"
                               " PRIMARY KEY, worth BIGINT NOT NULL)"
                             : "CREATE TABLE codes (code TEXT COLLATE NOCASE PRIMARY KEY"
                               " CHECK (length(code) <= 20), worth INTEGER NOT NULL) STRICT");
    cr_assert_str_eq(differences(f, 0),
                     f->mysql ? "warning: column codes.code: the collation utf8mb4_general_ci does"
                                " not compare byte for byte\n"
                              : "warning: column codes.code: the collation NOCASE does not compare"
                                " byte for byte\n");
}

STORE_TEST(a_key_that_would_be_used_again_is_named)
{
    if (f->mysql) {
        fixture_exec(f, "ALTER TABLE `the things` MODIFY id BIGINT NOT NULL");
        cr_assert_str_eq(differences(f, 1), "column the things.id: is not AUTO_INCREMENT\n");
        return;
    }
    fixture_exec(f, "DROP TABLE accounts; CREATE TABLE accounts (id INTEGER PRIMARY KEY,"
                    " email TEXT NOT NULL UNIQUE CHECK (length(email) <= 255),"
                    " name TEXT NOT NULL CHECK (length(name) <= 100),"
                    " password TEXT NOT NULL CHECK (length(password) <= 255),"
                    " token_epoch INTEGER NOT NULL DEFAULT 0) STRICT");
    cr_assert_str_eq(differences(f, 1), "column accounts.id: is not PRIMARY KEY AUTOINCREMENT\n");
}

/* ---- The way to the declared schema ------------------------------------------------------ */

/* What gw_store_diff prints; for free(). */
static char *diff(struct fixture *f, int expected)
{
    struct gw_store *store = fixture_store(f->url, NULL);
    char *text = NULL;
    size_t len;
    FILE *to = open_memstream(&text, &len);

    cr_assert_eq(gw_store_diff(store, &fixture_app, to), expected);
    fclose(to);
    gw_store_free(store);
    return text;
}

static void expect_diff_mends(struct fixture *f)
{
    char *text = diff(f, 1);

    cr_log_info("%s", text);
    fixture_exec(f, text);
    free(text);
    cr_assert_eq(fixture_compare(f->url), 0);
    free(diff(f, 0));
}

STORE_TEST(the_diff_is_never_run_by_itself)
{
    fixture_exec(f, "DROP TABLE codes");
    free(diff(f, 1));
    free(diff(f, 1));
}

STORE_TEST(the_diff_makes_missing_tables_and_columns)
{
    struct accounts_row *account = fixture_account(f, "a@b");

    fixture_exec(f, "DROP TABLE `the things`");
    fixture_exec(f, "DROP TABLE codes");
    fixture_exec(f, "ALTER TABLE accounts DROP COLUMN token_epoch");
    expect_diff_mends(f);
    cr_assert_eq(fixture_find(f, "a@b"), 0);
    cr_assert_eq(account->id, 1);
}

STORE_TEST(the_diff_changes_types_keys_and_collations)
{
    fixture_account(f, "a@b");
    fixture_exec(f, f->mysql ? "UPDATE accounts SET token_epoch = 0;"
                               "ALTER TABLE accounts DROP INDEX email, MODIFY name TEXT,"
                               " MODIFY email VARCHAR(255) COLLATE utf8mb4_general_ci NOT NULL,"
                               " MODIFY token_epoch INT NOT NULL"
                             : "ALTER TABLE accounts RENAME TO old;"
                               "CREATE TABLE accounts (id INTEGER PRIMARY KEY, email TEXT COLLATE"
                               " NOCASE, name TEXT, password TEXT NOT NULL, token_epoch BLOB);"
                               "INSERT INTO accounts SELECT id, email, name, password, 0 FROM old;"
                               "DROP TABLE old");
    fixture_exec(f, "DROP TABLE codes");
    fixture_exec(f, f->mysql ? "CREATE TABLE codes (code VARCHAR(30), worth BIGINT)"
                             : "CREATE TABLE codes (code TEXT, worth INTEGER) STRICT");
    expect_diff_mends(f);
    cr_assert_eq(fixture_find(f, "a@b"), 0);
    cr_assert_eq(fixture_find(f, "A@B"), GW_E_NOT_FOUND);
}

STORE_TEST(the_diff_keeps_keys_from_being_used_again)
{
    struct accounts_row *account = fixture_account(f, "a@b");

    fixture_exec(f, "DELETE FROM accounts");
    fixture_exec(f, "ALTER TABLE accounts DROP COLUMN token_epoch");
    expect_diff_mends(f);
    cr_assert_gt(fixture_account(f, "c@d")->id, account->id);
}

Test(sqlite, a_file_that_cannot_be_opened_is_away)
{
    struct gw_store *store = fixture_store("sqlite:/nonexistent/folder/x.db", NULL);
    char lines[256] = "";

    cr_assert_eq(gw_store_compare(store, &fixture_app, record, lines), -EHOSTDOWN);
    gw_store_free(store);
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
