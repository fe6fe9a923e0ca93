/* test_store_types_sqlite.c: columns of SQLite's tables that are not STRICT, as other applications
 * made them: what is read of them, and that what is written is kept. */
#include "store_live.h"

/* A type of `1` means that it is accepted; the value is another program's, as SQL. */
Test(sqlite, columns_of_tables_that_are_not_strict_are_read_by_value)
{
    static const struct {
        enum gw_type type;
        const char *live, *sql;
        int result;
        struct one_row row;
    } cases[] = {
        {GW_TYPE_INT, "BIGINT", "'12'", 0, {.v.i64 = 12}}, /* converted when it came in */
        {GW_TYPE_INT, "INT", "'x'", -EIO, {0}},
        {GW_TYPE_INT, "INT", "1.5", -EIO, {0}},
        {GW_TYPE_BOOL, "BOOLEAN", "1", 0, {.v.boolean = true}},
        {GW_TYPE_BOOL, "BOOLEAN", "'true'", -EIO, {0}},
        {GW_TYPE_TEXT, "VARCHAR(20)", "5", 0, {.v.text = "5"}},
        {GW_TYPE_TEXT, "", "5", -EIO, {0}},
        {GW_TYPE_REAL, "DOUBLE PRECISION", "3", 0, {.v.f64 = 3}},
        {GW_TYPE_REAL, "NUMERIC", "3.0", 0, {.v.f64 = 3}},
        {GW_TYPE_REAL, "NUMERIC", "'x'", -EIO, {0}},
        {GW_TYPE_DECIMAL, "NUMERIC(10, 2)", "12.3", 0, {.v.text = "12.30"}},
        {GW_TYPE_DECIMAL, "DECIMAL(10,2)", "'-0.05'", 0, {.v.text = "-0.05"}},
        {GW_TYPE_DECIMAL, "DECIMAL(10,2)", "7", 0, {.v.text = "7.00"}},
        {GW_TYPE_DECIMAL, "DECIMAL(10,2)", "7.125", -EIO, {0}},
        {GW_TYPE_TIME, "DATETIME", "'2024-12-31 23:59:59'", 0, {.v.i64 = T_2024}},
        {GW_TYPE_TIME, "DATETIME", "'2024-12-31 23:59:59.000007'", 0, {.v.i64 = T_2024 + 7}},
        {GW_TYPE_TIME, "DATETIME", "'2024-12-31'", -EIO, {0}},
        {GW_TYPE_TIME, "DATETIME", "'2024-02-30 00:00:00'", -EIO, {0}},
        {GW_TYPE_TIME, "INTEGER", "1735689599000000", 0, {.v.i64 = T_2024}},
        {GW_TYPE_DATE, "DATE", "'2024-12-31'", 0, {.v.text = "2024-12-31"}},
        {GW_TYPE_DATE, "DATE", "20241231", -EIO, {0}},
        {GW_TYPE_JSON, "JSON", "'{}'", 0, {.v.text = "{}"}},
        {GW_TYPE_BLOB, "BLOB", "'text'", -EIO, {0}},
    };
    struct fixture f;
    struct one_row row;

    fixture_open(&f, false, "by_value");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct live *live = make(&f, column_of(cases[i].type), cases[i].live);
        int r;

        cr_assert(accepted(&f, live, cases[i].live), "%s", cases[i].live);
        r = read_of(&f, live, cases[i].sql, &row);
        cr_assert_eq(r, cases[i].result, "%s %s: %d", cases[i].live, cases[i].sql, r);
        if (!r)
            cr_assert(same(cases[i].type, &row, &cases[i].row), "%s %s", cases[i].live,
                      cases[i].sql);
    }
    fixture_close(&f);
}

Test(sqlite, what_is_written_to_tables_that_are_not_strict_is_what_is_read)
{
    static const struct {
        enum gw_type type;
        const char *live, *sql; /* how SQLite shows it */
        struct one_row row;
        int result;
    } cases[] = {
        {GW_TYPE_TIME, "DATETIME", "'2024-12-31 23:59:59.000007'", {.v.i64 = T_2024 + 7}, 0},
        {GW_TYPE_TIME, "TIMESTAMP", "'2024-12-31 23:59:59.000000'", {.v.i64 = T_2024}, 0},
        {GW_TYPE_TIME, "BIGINT", "1735689599000000", {.v.i64 = T_2024}, 0},
        {GW_TYPE_DECIMAL, "DECIMAL(10,2)", "12.3", {.v.text = "12.30"}, 0},
        {GW_TYPE_DECIMAL, "TEXT", "'12.30'", {.v.text = "12.30"}, 0},
        {GW_TYPE_TEXT, "VARCHAR(9)", "'007'", {.v.text = "007"}, 0},
        {GW_TYPE_DATE, "DATE", "'2024-12-31'", {.v.text = "2024-12-31"}, 0},
        {GW_TYPE_JSON, "JSON", "'[5]'", {.v.text = "[5]"}, 0},
        {GW_TYPE_JSON, "JSON", NULL, {.v.text = "5"}, GW_E_RANGE},
    };
    struct fixture f;

    fixture_open(&f, false, "written");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct live *live = make(&f, column_of(cases[i].type), cases[i].live);

        expect_kept(&f, live, cases[i].row, cases[i].result, cases[i].live);
        if (cases[i].sql) /* the database refuses a second row unless it is as said */
            fixture_exec(&f, gw_arena_printf(&f.arena,
                                             "CREATE TEMP TABLE t (n INTEGER NOT NULL); INSERT INTO"
                                             " t SELECT CASE WHEN quote(v) = quote(%s) THEN 1 END"
                                             " FROM one",
                                             cases[i].sql));
    }
    fixture_close(&f);
}

Test(sqlite, a_type_that_would_convert_what_is_written_is_refused)
{
    static const struct {
        enum gw_type type;
        const char *live;
    } cases[] = {
        {GW_TYPE_TEXT, "INTEGER"}, {GW_TYPE_TEXT, "NUMERIC"}, {GW_TYPE_INT, "TEXT"},
        {GW_TYPE_INT, "REAL"},     {GW_TYPE_TIME, "REAL"},    {GW_TYPE_DECIMAL, "REAL"},
        {GW_TYPE_REAL, "TEXT"},    {GW_TYPE_DATE, "INTEGER"},
    };
    struct fixture f;

    fixture_open(&f, false, "affinity");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        cr_assert(!accepted(&f, make(&f, column_of(cases[i].type), cases[i].live), cases[i].live),
                  "%s", cases[i].live);
    fixture_close(&f);
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
