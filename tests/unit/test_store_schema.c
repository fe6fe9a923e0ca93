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
        cr_assert_str_eq(differences(f, 1),
                         "column meters.serial: is bigint(20), not BIGINT UNSIGNED\n"
                         "column meters.reading: is varchar(20), not BIGINT\n");
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

STORE_TEST(another_length_is_named)
{
    fixture_exec(f, "DROP TABLE codes");
    fixture_exec(f, f->mysql ? "CREATE TABLE codes (code VARCHAR(30) PRIMARY KEY,"
                               " worth BIGINT NOT NULL) COLLATE utf8mb4_nopad_bin"
                             : "CREATE TABLE codes (code TEXT PRIMARY KEY"
                               " CHECK (length(code) <= 30), worth INTEGER NOT NULL) STRICT");
    cr_assert(strncmp(differences(f, 1), "column codes.code: ", 19) == 0);
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

STORE_TEST(a_collation_that_does_not_compare_bytes_is_named)
{
    fixture_exec(f, "DROP TABLE codes");
    fixture_exec(f, f->mysql ? "CREATE TABLE codes (code VARCHAR(20) COLLATE utf8mb4_general_ci"
                               " PRIMARY KEY, worth BIGINT NOT NULL)"
                             : "CREATE TABLE codes (code TEXT COLLATE NOCASE PRIMARY KEY"
                               " CHECK (length(code) <= 20), worth INTEGER NOT NULL) STRICT");
    cr_assert_str_eq(differences(f, 1),
                     f->mysql ? "column codes.code: the collation utf8mb4_general_ci does not"
                                " compare byte for byte\n"
                              : "column codes.code: the collation NOCASE does not compare byte"
                                " for byte\n");
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
