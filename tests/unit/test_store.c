/* test_store.c: one suite of behaviours on both stores: every type in both directions, duplicates.
 */
#include "store_fixture.h"
#include "process/drivers.h"

#include <errno.h>
#include <string.h>

static const struct things_row *stored(struct fixture *f, struct things_row *row)
{
    struct gw_value id;
    const void *found = NULL;

    cr_assert_eq(gw_entity_insert(&f->req, &things_table, row, NULL), 0, "%s", fixture_log());
    id = i64_value(row->id);
    cr_assert_eq(gw_entity_find(&f->req, &things_table, THINGS_ID, &id, &found), 0, "%s",
                 fixture_log());
    return found;
}

STORE_TEST(every_type_comes_back_as_it_was_given)
{
    static const char bytes[] = "\0\xff\0'\"\\";
    struct things_row row = fixture_thing();
    const struct things_row *back;

    row.big = f->mysql ? UINT64_MAX : INT64_MAX;
    row.small = "\xf0\x9f\x90\x8d\xc3\xa4 '\"`;"; /* 4 bytes of UTF-8, quotes */
    row.large = "";
    row.flag = true;
    row.ratio = 0.1;
    row.price = "-12345678.90";
    row.made = INT64_C(1735689599123456);
    row.day = "0001-01-01";
    row.raw = (struct gw_bytes){bytes, sizeof(bytes)};
    row.doc = "{\"a\": [1, \"\xc3\xa4\"]}";
    row.o_int = (struct gw_opt_i64){true, INT64_MIN};
    row.o_uint = (struct gw_opt_u64){true, 0};
    row.o_text = " trailing blank ";
    row.o_bool = (struct gw_opt_bool){true, false};
    row.o_real = (struct gw_opt_f64){true, -1e300};
    row.o_decimal = "0.01";
    row.o_time = (struct gw_opt_i64){true, -1};
    row.o_date = "9999-12-31";
    row.o_blob = (struct gw_bytes){"", 0};
    row.o_json = "null";
    back = stored(f, &row);
    cr_assert_eq(back->id, row.id);
    cr_assert_eq(back->big, row.big);
    cr_assert_str_eq(back->small, row.small);
    cr_assert_str_eq(back->large, "");
    cr_assert(back->flag);
    cr_assert(back->ratio == 0.1);
    cr_assert_str_eq(back->price, "-12345678.90");
    cr_assert_eq(back->made, row.made);
    cr_assert_str_eq(back->day, "0001-01-01");
    cr_assert_eq(back->raw.len, sizeof(bytes));
    cr_assert_eq(memcmp(back->raw.ptr, bytes, sizeof(bytes)), 0);
    cr_assert_str_eq(back->doc, row.doc);
    cr_assert(back->o_int.set && back->o_int.value == INT64_MIN);
    cr_assert(back->o_uint.set && back->o_uint.value == 0);
    cr_assert_str_eq(back->o_text, " trailing blank ");
    cr_assert(back->o_bool.set && !back->o_bool.value);
    cr_assert(back->o_real.set && back->o_real.value == -1e300);
    cr_assert_str_eq(back->o_decimal, "0.01");
    cr_assert(back->o_time.set && back->o_time.value == -1);
    cr_assert_str_eq(back->o_date, "9999-12-31");
    cr_assert(back->o_blob.ptr && back->o_blob.len == 0);
    cr_assert_str_eq(back->o_json, "null");
}

STORE_TEST(null_comes_back_as_null)
{
    struct things_row row = fixture_thing();
    const struct things_row *back = stored(f, &row);

    cr_assert(!back->o_int.set && !back->o_uint.set && !back->o_bool.set && !back->o_real.set);
    cr_assert(!back->o_time.set && !back->account_id.set);
    cr_assert(!back->o_text && !back->o_decimal && !back->o_date && !back->o_json);
    cr_assert(!back->o_blob.ptr);
}

STORE_TEST(the_ends_of_every_range_are_kept)
{
    struct things_row row = fixture_thing();
    const struct things_row *back;

    row.made = INT64_C(-62135596800000000); /* 0001-01-01 */
    row.o_int = (struct gw_opt_i64){true, INT64_MAX};
    row.o_time = (struct gw_opt_i64){true, INT64_C(253402300799999999)};
    row.o_decimal = "99999999.99";
    row.o_real = (struct gw_opt_f64){true, 5e-324};
    row.small = "\xf0\x9f\x90\x8d\xf0\x9f\x90\x8d\xf0\x9f\x90\x8d\xf0\x9f\x90\x8d\xf0\x9f\x90\x8d"
                "\xf0\x9f\x90\x8d\xf0\x9f\x90\x8d\xf0\x9f\x90\x8d\xf0\x9f\x90\x8d\xf0\x9f\x90\x8d";
    back = stored(f, &row);
    cr_assert_eq(back->made, row.made);
    cr_assert_eq(back->o_int.value, INT64_MAX);
    cr_assert_eq(back->o_time.value, row.o_time.value);
    cr_assert_str_eq(back->o_decimal, "99999999.99");
    cr_assert(back->o_real.value == 5e-324);
    cr_assert_str_eq(back->small, row.small);
}

STORE_TEST(long_texts_and_blobs_come_back_whole)
{
    size_t size = 300000;
    char *text = gw_arena_alloc(&f->arena, size + 1);
    struct things_row row = fixture_thing();
    const struct things_row *back;

    memset(text, 'x', size);
    row.large = text;
    row.o_blob = (struct gw_bytes){text, size};
    back = stored(f, &row);
    cr_assert_str_eq(back->large, text);
    cr_assert_eq(back->o_blob.len, size);
    row.large = "short";
    back = stored(f, &row);
    cr_assert_str_eq(back->large, "short");
}

STORE_TEST(a_uint_that_the_store_cannot_hold_is_refused)
{
    struct things_row row = fixture_thing();
    int expected = f->mysql ? 0 : -ERANGE;

    row.big = UINT64_MAX;
    cr_assert_eq(gw_entity_insert(&f->req, &things_table, &row, NULL), expected);
    cr_assert_eq(strstr(fixture_log(), "18446744073709551615"), NULL);
}

STORE_TEST(a_duplicate_names_its_column_and_logs_no_value)
{
    struct accounts_row row = {.email = "x' for key 'name", .name = "a", .password = "p"};
    struct codes_row code = {.code = "one", .worth = 1};
    int column = -2;

    cr_assert_eq(gw_entity_insert(&f->req, &accounts_table, &row, &column), 0);
    cr_assert_eq(gw_entity_insert(&f->req, &accounts_table, &row, &column), GW_E_DUPLICATE);
    cr_assert_eq(column, ACCOUNTS_EMAIL);
    cr_assert_eq(gw_entity_insert(&f->req, &codes_table, &code, &column), 0);
    cr_assert_eq(gw_entity_insert(&f->req, &codes_table, &code, &column), GW_E_DUPLICATE);
    cr_assert_eq(column, 0);
    cr_assert_eq(strstr(fixture_log(), "x' for"), NULL);
}

STORE_TEST(a_failed_statement_leaves_an_empty_result)
{
    struct gw_result result;
    struct gw_query query = {.sql = "SELECT `nothing` FROM `nowhere`",
                             .table = &accounts_table,
                             .columns = 1,
                             .max_rows = 1,
                             .read_only = true};

    cr_assert_eq(gw_conn_run(f->conn, &query, &f->arena, &result), -EIO);
    cr_assert_null(result.rows);
    cr_assert_eq(result.n, 0);
    cr_assert(strstr(fixture_log(), "nowhere"));
}

STORE_TEST(more_rows_than_expected_are_an_error)
{
    struct gw_result result;
    struct gw_query query = {.sql = "SELECT `id` FROM `accounts`",
                             .table = &accounts_table,
                             .columns = 1,
                             .max_rows = 1,
                             .read_only = true};

    fixture_account(f, "a@b");
    cr_assert_eq(gw_conn_run(f->conn, &query, &f->arena, &result), 0);
    cr_assert_eq(result.n, 1);
    fixture_account(f, "c@d");
    cr_assert_eq(gw_conn_run(f->conn, &query, &f->arena, &result), -EIO);
    cr_assert_eq(result.n, 0);
}

STORE_TEST(a_statement_with_the_wrong_number_of_values_does_not_run)
{
    struct gw_value one = i64_value(1);
    struct gw_result result;
    struct gw_query query = {
        .sql = "DELETE FROM `accounts` WHERE `id` = ? OR `id` = ?", .params = &one, .n_params = 1};

    cr_assert_eq(gw_conn_run(f->conn, &query, &f->arena, &result), -EIO);
}

STORE_TEST(a_value_of_another_type_in_the_store_is_an_error)
{
    struct gw_value id;
    const void *found;
    struct things_row row = fixture_thing();

    /* A bool of 2, which no typed call can write. */
    stored(f, &row);
    if (f->mysql)
        fixture_exec(f, "UPDATE `the things` SET flag = 2");
    else
        fixture_exec(f, "PRAGMA ignore_check_constraints = ON; UPDATE \"the things\" SET flag = 2");
    id = i64_value(row.id);
    cr_assert_eq(gw_entity_find(&f->req, &things_table, THINGS_ID, &id, &found), -EIO);
    cr_assert(strstr(fixture_log(), "flag"));
}

STORE_TEST(an_update_that_changes_nothing_finds_its_row)
{
    struct accounts_row *row = fixture_account(f, "a@b");
    struct accounts_row missing = *row;

    cr_assert_eq(gw_entity_update(&f->req, &accounts_table, row, 1u << ACCOUNTS_NAME), 0);
    missing.id = 4711;
    cr_assert_eq(gw_entity_update(&f->req, &accounts_table, &missing, 1u << ACCOUNTS_NAME),
                 GW_E_NOT_FOUND);
}

/* ---- SQLite only ------------------------------------------------------------------------- */

Test(sqlite, a_database_in_memory_is_shared_by_the_connections_of_a_store)
{
    struct gw_store *store = fixture_store("sqlite::memory:", NULL);
    struct gw_value one = i64_value(1);
    struct gw_arena arena = {0};
    struct gw_conn *a, *b;
    struct gw_result result;

    cr_assert_eq(gw_store_create(store, &fixture_app), 0);
    cr_assert_eq(gw_conn_new(store, &a), 0);
    cr_assert_eq(gw_conn_new(store, &b), 0);
    struct gw_query insert = {
        .sql = "INSERT INTO meters VALUES (?, 1)", .params = &one, .n_params = 1};
    struct gw_query read = {.sql = "SELECT serial FROM meters",
                            .table = &meters_table,
                            .columns = 1,
                            .max_rows = 1,
                            .read_only = true};
    cr_assert_eq(gw_conn_run(a, &insert, &arena, &result), 0);
    cr_assert_eq(gw_conn_run(b, &read, &arena, &result), 0);
    cr_assert_eq(result.n, 1);
    gw_conn_free(a);
    gw_conn_free(b);
    gw_store_free(store);
    gw_arena_free(&arena);
}

Test(sqlite, a_column_that_is_not_strict_is_not_believed)
{
    static const char *const values[] = {"'1abc'", "'1'", "1.5", "x'31'", "'abc'"};
    struct gw_value key = u64_value(1);
    struct fixture f;
    const void *row;

    fixture_open(&f, false, "loose");
    fixture_exec(&f, "DROP TABLE meters; CREATE TABLE meters (serial, reading)");
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        fixture_exec(&f, "DELETE FROM meters");
        fixture_exec(&f, gw_arena_printf(&f.arena, "INSERT INTO meters VALUES (1, %s)", values[i]));
        cr_assert_eq(gw_entity_find(&f.req, &meters_table, 0, &key, &row), -EIO, "%s", values[i]);
    }
    fixture_exec(&f, "DELETE FROM meters; INSERT INTO meters VALUES (1.0, 1), (' 1 ', 2)");
    cr_assert_eq(gw_entity_find(&f.req, &meters_table, 0, &key, &row), -EIO);
    fixture_close(&f);
}

Test(sqlite, a_wrong_url_is_explained)
{
    static const char *const urls[] = {"sqlite:", "sqlite:///a.db", "sqlite:a.db?mode=ro",
                                       "postgres://x", "school.db"};
    struct gw_arena arena = {0};

    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        const char *why = NULL;
        struct gw_store *store;

        cr_assert_eq(gw_store_new(gw_store_schemes, urls[i], NULL, &arena, &store, &why), -EINVAL);
        cr_assert(why && *why);
    }
    gw_arena_free(&arena);
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
