/* test_store_rows.c: a row that cannot be read is its own request's fault, on both stores. */
#include "store_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* `the things` as another program made it, without what keeps such values out. */
static void loosen(struct fixture *f)
{
    fixture_exec(f, f->mysql ? "ALTER TABLE `the things` MODIFY big BIGINT NOT NULL,"
                               " MODIFY o_uint BIGINT, MODIFY flag INT NOT NULL,"
                               " MODIFY o_int BIGINT UNSIGNED, MODIFY doc LONGTEXT NOT NULL,"
                               " MODIFY o_json LONGTEXT"
                             : "DROP TABLE `the things`; CREATE TABLE `the things` (id INTEGER"
                               " PRIMARY KEY AUTOINCREMENT, big, small, large, flag, ratio, price,"
                               " made, day, raw, doc, o_int, o_uint, o_text, o_bool, o_real,"
                               " o_decimal, o_time, o_date, o_blob, o_json, account_id)");
}

/* What row 2 of three holds, in SQL of each store; NULL: that store cannot hold it. */
struct fault {
    const char *column, *mysql, *sqlite;
};
static const struct fault faults[] = {
    {"flag", "2", "2"},
    {"flag", "-1", "-1"},
    {"flag", "256", "256"},
    {"big", "-1", "-1"},
    {"o_uint", "-1", NULL},
    {"o_int", "18446744073709551615", "'9223372036854775808'"},
    {"made", "'0000-00-00 00:00:00'", "'2026-01-31'"},
    {"o_time", "'0000-00-00 00:00:00'", "1.5"},
    {"day", "'0000-00-00'", "x'00'"},
    {"o_date", "'2026-00-31'", "20260131"},
    {"small", "'a\\0b'", "CAST(x'610062' AS TEXT)"},
    {"o_text", "'\\0'", "CAST(x'00' AS TEXT)"},
    {"large", NULL, "CAST(x'c328' AS TEXT)"},
    {"ratio", NULL, "'nonsense'"},
    {"o_real", NULL, "9e999"},
    {"price", NULL, "'1.5'"},
    {"o_decimal", NULL, "'many'"},
    {"o_time", NULL, "253402300800000000"}, /* the year 10000 */
    {"doc", "'{\"a\":1,\"a\":2}'", "'{\"a\":1,\"a\":2}'"},
    {"doc", "'\"\\\\u0000\"'", "'\"\\u0000\"'"},
    {"o_json", "'{'", "'{'"},
};
#define N_FAULTS (sizeof(faults) / sizeof(faults[0]))

static int64_t insert_thing(struct fixture *f)
{
    struct things_row row = fixture_thing();

    cr_assert_eq(gw_entity_insert(&f->req, &things_table, &row, NULL), 0);
    return row.id;
}

static bool spoil(struct fixture *f, int64_t id, const struct fault *fault)
{
    const char *value = f->mysql ? fault->mysql : fault->sqlite;

    if (!value)
        return false;
    fixture_exec(f, gw_arena_printf(&f->arena, "%sUPDATE `the things` SET %s = %s WHERE id = %lld",
                                    f->mysql ? "SET sql_mode = '';" : "", fault->column, value,
                                    (long long)id));
    return true;
}

/* Eight callers in one statement, of whom one has the row. */
static void load_eight(struct fixture *f, const int64_t *ids, const struct fault *fault)
{
    char line[160];
    struct gw_load loads[8];

    for (size_t i = 0; i < 8; i++)
        loads[i] = (struct gw_load){.key = i64_value(ids[i]), .arena = &f->arena};
    fixture_log_clear();
    gw_entity_load(f->conn, f->sql, &things_table, loads, 8, 0);
    for (size_t i = 0; i < 8; i++)
        cr_assert_eq(loads[i].result, i == 3 ? -EIO : 0, "%s: load %zu: %d: %s", fault->column, i,
                     loads[i].result, fixture_log());
    cr_assert_null(loads[3].ret_row);
    snprintf(line, sizeof(line),
             "store: the things: the row with id %lld cannot be read: %s is not of its declared"
             " type\n",
             (long long)ids[3], fault->column);
    cr_assert_str_eq(fixture_log(), line);
    gw_entity_load(f->conn, f->sql, &things_table, &loads[3], 1, 0);
    cr_assert_eq(loads[3].result, -EIO);
}

STORE_TEST(an_unreadable_row_fails_nobody_else_and_is_named)
{
    int64_t ids[8];

    loosen(f);
    for (size_t i = 0; i < 8; i++)
        ids[i] = insert_thing(f);
    for (size_t i = 0; i < N_FAULTS; i++) {
        fixture_exec(f, gw_arena_printf(&f->arena, "DELETE FROM `the things` WHERE id = %lld",
                                        (long long)ids[3]));
        ids[3] = insert_thing(f);
        if (spoil(f, ids[3], &faults[i]))
            load_eight(f, ids, &faults[i]);
    }
}

STORE_TEST(finds_and_lists_of_an_unreadable_row_fail)
{
    struct gw_value key;
    const void *rows;
    size_t n;

    loosen(f);
    key = i64_value(insert_thing(f));
    insert_thing(f);
    spoil(f, key.as.i64, &faults[N_FAULTS - 3]);
    fixture_log_clear();
    cr_assert_eq(gw_entity_find(&f->req, &things_table, THINGS_ID, &key, &rows), -EIO);
    cr_assert(strstr(fixture_log(), "the row with id 1 cannot be read: doc is"), "%s",
              fixture_log());
    fixture_log_clear();
    cr_assert_eq(gw_entity_list(&f->req, &things_table, -1, NULL, NULL, 10, &rows, &n), -EIO);
    cr_assert(strstr(fixture_log(), "the row with id 1 cannot be read: doc is"));
    cr_assert_eq(gw_entity_list(&f->req, &things_table, -1, NULL, &key, 10, &rows, &n), 0);
    cr_assert_eq(n, 1);
}

STORE_TEST(a_text_key_stands_in_the_log_and_its_value_does_not)
{
    struct codes_row row = {.code = "mine", .worth = 1};
    struct gw_load load = {.key = text_value("mine"), .arena = &f->arena};

    cr_assert_eq(gw_entity_insert(&f->req, &codes_table, &row, NULL), 0);
    fixture_exec(f, f->mysql ? "ALTER TABLE codes MODIFY worth BIGINT UNSIGNED NOT NULL;"
                               "UPDATE codes SET worth = 18446744073709551557"
                             : "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql ="
                               " replace(sql, ' STRICT', '') WHERE name = 'codes'");
    if (!f->mysql)
        fixture_exec(f, "UPDATE codes SET worth = 'hidden'");
    fixture_log_clear();
    gw_entity_load(f->conn, f->sql, &codes_table, &load, 1, 0);
    cr_assert_eq(load.result, -EIO);
    cr_assert_str_eq(fixture_log(), "store: codes: the row with code mine cannot be read: worth is"
                                    " not of its declared type\n");
}

/* ---- What a json column takes ------------------------------------------------------------ */

/* `depth` arrays, one in the other. */
static const char *nested(struct fixture *f, int depth)
{
    char *text = gw_arena_alloc(&f->arena, (size_t)depth * 2 + 1);

    memset(text, '[', (size_t)depth);
    memset(text + depth, ']', (size_t)depth);
    return text;
}

/* RFC 8259 leaves these to the reader: names twice (section 4), U+0000 (section 7), depth and size
 * of numbers (section 9). What is taken is what can be answered with. */
STORE_TEST(a_json_column_refuses_what_could_not_be_given_back)
{
    const char *refused[] = {"{\"a\":1,\"a\":2}",    "{\"a\":1,\"\\u0061\":2}",
                             "\"\\u0000\"",          "{\"\\u0000\":1}",
                             "18446744073709551616", "1e999",
                             "\xef\xbb\xbf{}",       "\"\\ud800\"",
                             nested(f, 300),         "{\"a\":[1,{\"b\":1,\"b\":2}]}"};
    const char *taken[] = {
        "null", "1", "\"\"", "[]", "{\"a\":{\"a\":1}}", "\"\\ud83d\\ude00\"", nested(f, 200)};
    struct things_row row = fixture_thing();

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        row.doc = refused[i];
        cr_assert_eq(gw_entity_insert(&f->req, &things_table, &row, NULL), -EINVAL, "%s",
                     refused[i]);
    }
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        row.doc = taken[i];
        cr_assert_eq(gw_entity_insert(&f->req, &things_table, &row, NULL),
                     f->mysql && i == 6 ? GW_E_RANGE : 0, "%s", taken[i]);
        row.doc = refused[i];
        cr_assert_eq(gw_entity_update(&f->req, &things_table, &row, UINT64_C(1) << THINGS_DOC),
                     -EINVAL);
    }
}

/* ---- Expressions ------------------------------------------------------------------------- */

STORE_TEST(exists_is_a_bool)
{
    static const struct gw_column columns[] = {{.name = "yes", .type = GW_TYPE_BOOL}};
    static const struct gw_table result = {.name = "any_account",
                                           .sql_name = "any_account",
                                           .columns = columns,
                                           .n_columns = 1,
                                           .row_size = sizeof(bool),
                                           .key = -1,
                                           .revokes = -1,
                                           .entity = -1};
    const struct gw_query query = {.sql = "SELECT EXISTS(SELECT 1 FROM accounts) AS yes",
                                   .table = &result,
                                   .columns = 1,
                                   .max_rows = 1,
                                   .read_only = true};
    struct gw_result rows;

    cr_assert_eq(gw_conn_run(f->conn, &query, &f->arena, &rows), 0, "%s", fixture_log());
    cr_assert_eq(*(const bool *)rows.rows, false);
    fixture_account(f, "a@b");
    cr_assert_eq(gw_conn_run(f->conn, &query, &f->arena, &rows), 0);
    cr_assert_eq(*(const bool *)rows.rows, true);
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
