/* test_store_types.c: columns as other applications made them: what is read of them, what may be
 * written, and that nothing is kept otherwise than it was given. What the database holds is asked
 * of the database. */
#include "store_live.h"

static struct one_row number(int64_t value)
{
    return (struct one_row){.v.i64 = value};
}

static struct one_row text(const char *value)
{
    return (struct one_row){.v.text = value};
}

static struct one_row bytes(const char *value, size_t len)
{
    return (struct one_row){.v.blob = {value, len}};
}

/* ---- Integers ---------------------------------------------------------------------------- */

Test(mysql, integers_of_every_width_and_sign_keep_their_range)
{
    static const struct {
        const char *type;
        bool is_unsigned;
        int64_t low;
        uint64_t high;
    } cases[] = {
        {"TINYINT", false, -128, 127},           {"TINYINT UNSIGNED", true, 0, 255},
        {"SMALLINT", false, -32768, 32767},      {"SMALLINT UNSIGNED", true, 0, 65535},
        {"MEDIUMINT", false, -8388608, 8388607}, {"MEDIUMINT UNSIGNED", true, 0, 16777215},
        {"INT", false, -2147483648, 2147483647}, {"INT(5) UNSIGNED ZEROFILL", true, 0, 4294967295},
        {"BIGINT", false, INT64_MIN, INT64_MAX}, {"BIGINT UNSIGNED", true, 0, UINT64_MAX},
    };
    struct fixture f;

    fixture_open(&f, true, "integers");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *type = cases[i].type;
        struct live *live = make(&f, column_of(GW_TYPE_UINT), type);

        cr_assert(accepted(&f, live, type));
        expect_kept(&f, live, (struct one_row){.v.u64 = 0}, 0, type);
        expect_kept(&f, live, (struct one_row){.v.u64 = cases[i].high}, 0, type);
        if (cases[i].high != UINT64_MAX)
            expect_kept(&f, live, (struct one_row){.v.u64 = cases[i].high + 1}, GW_E_RANGE, type);
        live = make(&f, column_of(GW_TYPE_INT), type);
        cr_assert_eq(accepted(&f, live, type), !cases[i].is_unsigned);
        if (cases[i].is_unsigned)
            continue;
        expect_kept(&f, live, number(cases[i].low), 0, type);
        expect_kept(&f, live, number((int64_t)cases[i].high), 0, type);
        if (cases[i].low == INT64_MIN)
            continue;
        expect_kept(&f, live, number(cases[i].low - 1), GW_E_RANGE, type);
        expect_kept(&f, live, number((int64_t)cases[i].high + 1), GW_E_RANGE, type);
    }
    cr_assert_null(strstr(fixture_log(), "mysql 1264"), "the server had to refuse: %s",
                   fixture_log());
    fixture_close(&f);
}

Test(mysql, a_negative_number_in_a_uint_is_its_rows_error)
{
    struct fixture f;
    struct one_row row;

    fixture_open(&f, true, "negative");
    struct live *live = make(&f, column_of(GW_TYPE_UINT), "INT");
    cr_assert_eq(read_of(&f, live, "-1", &row), -EIO);
    cr_assert_eq(read_of(&f, live, "7", &row), 0);
    cr_assert_eq(row.v.u64, 7);
    fixture_close(&f);
}

Test(mysql, a_bit_and_any_tinyint_are_bools)
{
    static const char *const types[] = {"BIT(1)",           "BIT",    "TINYINT(1)", "TINYINT(4)",
                                        "TINYINT UNSIGNED", "BOOLEAN"};
    struct fixture f;
    struct one_row row;

    fixture_open(&f, true, "bits");
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct live *live = make(&f, column_of(GW_TYPE_BOOL), types[i]);

        cr_assert(accepted(&f, live, types[i]));
        expect_kept(&f, live, (struct one_row){.v.boolean = true}, 0, types[i]);
        expect_kept(&f, live, (struct one_row){.v.boolean = false}, 0, types[i]);
        cr_assert_eq(read_of(&f, live, "1", &row), 0);
        cr_assert(row.v.boolean);
        cr_assert_eq(read_of(&f, live, "0", &row), 0);
        cr_assert(!row.v.boolean);
    }
    cr_assert(!accepted(&f, make(&f, column_of(GW_TYPE_BOOL), "BIT(17)"), "BIT(17)"));
    cr_assert(!accepted(&f, make(&f, column_of(GW_TYPE_BOOL), "INT"), "INT"));
    fixture_close(&f);
}

/* ---- Numbers with a point ---------------------------------------------------------------- */

Test(mysql, a_real_in_a_float_is_the_nearest_float)
{
    struct fixture f;
    struct one_row row = {.id = 1, .v.f64 = 0.1}, got;

    fixture_open(&f, true, "floats");
    struct live *live = make(&f, column_of(GW_TYPE_REAL), "FLOAT");
    cr_assert(accepted(&f, live, "FLOAT"));
    expect_kept(&f, live, (struct one_row){.v.f64 = -1.5}, 0, "FLOAT");
    expect_kept(&f, live, (struct one_row){.v.f64 = (double)0.1f}, 0, "FLOAT");
    expect_kept(&f, live, (struct one_row){.v.f64 = 1e39}, GW_E_RANGE, "FLOAT");
    fixture_exec(&f, "DELETE FROM one");
    cr_assert_eq(gw_entity_insert(&f.req, &live->table, &row, NULL), 0);
    cr_assert_eq(find(&f, live, &got), 0);
    cr_assert_eq(got.v.f64, (double)0.1f);
    fixture_close(&f);
}

Test(mysql, decimals_of_any_precision_keep_their_value)
{
    static const struct {
        const char *type, *sql, *read; /* NULL: not of the declared scale of 2 */
    } reads[] = {
        {"DECIMAL(12,4)", "12.3400", "12.34"}, {"DECIMAL(12,4)", "12.3450", NULL},
        {"DECIMAL(10,0)", "-7", "-7.00"},      {"DECIMAL(10,1)", "0.5", "0.50"},
        {"DECIMAL(65,2)", "1.10", "1.10"},     {"DECIMAL(5,2) UNSIGNED", "0.00", "0.00"},
    };
    static const struct {
        const char *type, *value;
        int result;
    } writes[] = {
        {"DECIMAL(12,4)", "12.34", 0},
        {"DECIMAL(10,0)", "7.00", 0},
        {"DECIMAL(10,0)", "7.50", GW_E_RANGE},
        {"DECIMAL(10,1)", "7.55", GW_E_RANGE},
        {"DECIMAL(10,1)", "-7.50", 0},
        {"DECIMAL(4,2)", "99.99", 0},
        {"DECIMAL(4,2)", "100.00", GW_E_RANGE},
        {"DECIMAL(2,2)", "0.99", 0},
        {"DECIMAL(4,2) UNSIGNED", "-1.00", GW_E_RANGE},
    };
    struct fixture f;
    struct one_row row;

    fixture_open(&f, true, "decimals");
    for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
        struct live *live = make(&f, column_of(GW_TYPE_DECIMAL), reads[i].type);

        cr_assert(accepted(&f, live, reads[i].type));
        cr_assert_eq(read_of(&f, live, reads[i].sql, &row), reads[i].read ? 0 : -EIO, "%s",
                     reads[i].sql);
        if (reads[i].read)
            cr_assert_str_eq(row.v.text, reads[i].read);
    }
    for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++)
        expect_kept(&f, make(&f, column_of(GW_TYPE_DECIMAL), writes[i].type), text(writes[i].value),
                    writes[i].result, writes[i].type);
    fixture_close(&f);
}

/* ---- Times ------------------------------------------------------------------------------- */

Test(mysql, times_of_every_precision_keep_their_parts_of_a_second)
{
    struct fixture f;
    struct one_row row;

    fixture_open(&f, true, "times");
    int64_t step = 10 * SECOND;
    for (int digits = 0; digits <= 6; digits++) {
        step /= 10;
        for (int kind = 0; kind < 2; kind++) {
            const char *type =
                gw_arena_printf(&f.arena, "%s(%d)", kind ? "TIMESTAMP" : "DATETIME", digits);
            struct live *live = make(&f, column_of(GW_TYPE_TIME), type);

            cr_assert(accepted(&f, live, type));
            expect_kept(&f, live, number(T_2024), 0, type);
            expect_kept(&f, live, number(T_2024 + SECOND - step), 0, type);
            if (digits < 6)
                expect_kept(&f, live, number(T_2024 + step / 10), GW_E_RANGE, type);
            expect_kept(
                &f, live,
                number(kind ? INT64_C(2147483647) * SECOND : INT64_C(253402300799) * SECOND), 0,
                type);
            cr_assert_eq(read_of(&f, live, "'2024-12-31 23:59:59'", &row), 0);
            cr_assert_eq(row.v.i64, T_2024);
            cr_assert_eq(read_of(&f, live, "'0000-00-00 00:00:00'", &row), -EIO);
        }
    }
    expect_kept(&f, make(&f, column_of(GW_TYPE_TIME), "TIMESTAMP"), number(-SECOND), GW_E_RANGE,
                "before 1970");
    fixture_close(&f);
}

/* ---- Texts ------------------------------------------------------------------------------- */

#define A_UMLAUT "\xc3\xa4"
#define SNAKE    "\xf0\x9f\x90\x8d"

Test(mysql, every_kind_of_text_is_read_and_keeps_what_it_takes)
{
    static const struct {
        const char *type, *value;
        int result;
    } cases[] = {
        {"CHAR(3)", "abc", 0},
        {"CHAR(3)", "ab", 0},
        {"CHAR(3)", "", 0},
        {"CHAR(3)", "ab ", GW_E_RANGE}, /* would be "ab" */
        {"CHAR(3)", "abcd", GW_E_RANGE},
        {"VARCHAR(3)", "ab ", 0},
        {"VARCHAR(3)", "abc ", GW_E_RANGE}, /* would be cut without an error */
        {"VARCHAR(3)", A_UMLAUT A_UMLAUT A_UMLAUT, 0},
        {"TINYTEXT", "x", 0},
        {"TEXT", "x ", 0},
        {"MEDIUMTEXT", "x", 0},
        {"LONGTEXT", SNAKE, 0},
        {"VARCHAR(9) CHARACTER SET utf8mb3", "\xe2\x82\xac", 0},
        {"VARCHAR(9) CHARACTER SET utf8mb3", SNAKE, GW_E_RANGE},
        {"VARCHAR(9) CHARACTER SET latin1", A_UMLAUT, 0},
        {"VARCHAR(9) CHARACTER SET latin1", "\xc4\x80", GW_E_RANGE},
        {"VARCHAR(9) CHARACTER SET ascii", "x", 0},
        {"VARCHAR(9) CHARACTER SET ascii", A_UMLAUT, GW_E_RANGE},
        {"TEXT CHARACTER SET latin1", A_UMLAUT, 0},
        {"ENUM('a','it''s','1')", "it's", 0},
        {"ENUM('a','it''s','1')", "A", GW_E_RANGE}, /* would be "a" */
        {"ENUM('a','it''s','1')", "2", GW_E_RANGE}, /* would be the second */
        {"ENUM('a','it''s','1')", "", GW_E_RANGE},
        {"ENUM('a','it''s','1')", "1", 0},
        {"ENUM('a','b\\\\c','d\\ne')", "b\\c", 0}, /* a server writes it "b\\\\c" */
        {"ENUM('a','b\\\\c','d\\ne')", "d\ne", 0},
        {"SET('a','b','c')", "a,c", 0},
        {"SET('a','b','c')", "", 0},
        {"SET('a','b','c')", "c,a", GW_E_RANGE}, /* would be "a,c" */
        {"SET('a','b','c')", "a,a", GW_E_RANGE},
        {"SET('a','b','c')", "a,", GW_E_RANGE},
        {"SET('a','b','c')", "3", GW_E_RANGE}, /* would be "a,b" */
    };
    struct fixture f;

    fixture_open(&f, true, "texts");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct live *live = make(&f, column_of(GW_TYPE_TEXT), cases[i].type);

        cr_assert(accepted(&f, live, cases[i].type));
        expect_kept(&f, live, text(cases[i].value), cases[i].result,
                    gw_arena_printf(&f.arena, "%s '%s'", cases[i].type, cases[i].value));
    }
    fixture_close(&f);
}

Test(mysql, a_text_as_long_as_its_kind_is_kept_and_a_longer_one_refused)
{
    static const struct {
        const char *type;
        size_t most;
    } cases[] = {{"TINYTEXT", 255}, {"TEXT", 65535}, {"TEXT CHARACTER SET latin1", 65535}};
    struct fixture f;
    char *value;

    fixture_open(&f, true, "lengths");
    value = gw_arena_alloc(&f.arena, 70000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct live *live = make(&f, column_of(GW_TYPE_TEXT), cases[i].type);

        memset(value, 'x', cases[i].most);
        value[cases[i].most] = '\0';
        expect_kept(&f, live, text(value), 0, cases[i].type);
        strcpy(value + cases[i].most, " "); /* a blank too many is cut in silence */
        expect_kept(&f, live, text(value), GW_E_RANGE, cases[i].type);
    }
    fixture_close(&f);
}

Test(mysql, every_kind_of_blob_is_read_and_nothing_is_filled_up)
{
    static const struct {
        const char *type;
        size_t len;
        int result;
    } cases[] = {
        {"BINARY(3)", 3, 0},    {"BINARY(3)", 2, GW_E_RANGE},  {"BINARY(3)", 4, GW_E_RANGE},
        {"VARBINARY(3)", 0, 0}, {"VARBINARY(3)", 3, 0},        {"VARBINARY(3)", 4, GW_E_RANGE},
        {"TINYBLOB", 255, 0},   {"TINYBLOB", 256, GW_E_RANGE}, {"BLOB", 300, 0},
        {"MEDIUMBLOB", 300, 0}, {"LONGBLOB", 300, 0},
    };
    char data[300];
    struct fixture f;

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (char)i;
    fixture_open(&f, true, "blobs");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct live *live = make(&f, column_of(GW_TYPE_BLOB), cases[i].type);

        cr_assert(accepted(&f, live, cases[i].type));
        expect_kept(&f, live, bytes(data, cases[i].len), cases[i].result, cases[i].type);
    }
    fixture_close(&f);
}

/* ---- UUIDs ------------------------------------------------------------------------------- */

#define UUID "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"

Test(mysql, uuids_are_read_in_lower_case_from_every_form)
{
    static const struct {
        const char *type, *sql;
    } cases[] = {
        {"CHAR(36)", "UPPER('" UUID "')"},
        {"CHAR(36) CHARACTER SET ascii", "'" UUID "'"},
        {"VARCHAR(36)", "'" UUID "'"},
        {"VARCHAR(40)", "UPPER('" UUID "')"},
        {"TEXT", "'" UUID "'"},
        {"BINARY(16)", "UNHEX(REPLACE('" UUID "', '-', ''))"},
        {"UUID", "UPPER('" UUID "')"},
    };
    struct fixture f;
    struct one_row row;

    fixture_open(&f, true, "uuids");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct live *live = make(&f, column_of(GW_TYPE_UUID), cases[i].type);

        cr_assert(accepted(&f, live, cases[i].type), "%s", cases[i].type);
        cr_assert_eq(read_of(&f, live, cases[i].sql, &row), 0, "%s: %s", cases[i].type,
                     fixture_log());
        cr_assert_str_eq(row.v.text, UUID);
        expect_kept(&f, live, text(UUID), 0, cases[i].type);
    }
    cr_assert_eq(read_of(&f, make(&f, column_of(GW_TYPE_UUID), "CHAR(36)"), "'not one'", &row),
                 -EIO);
    cr_assert_eq(
        read_of(&f, make(&f, column_of(GW_TYPE_UUID), "CHAR(36)"), "'0123456789abcdef'", &row),
        -EIO); /* 16 letters are not 16 bytes */
    cr_assert(!accepted(&f, make(&f, column_of(GW_TYPE_UUID), "CHAR(32)"), "CHAR(32)"));
    cr_assert(!accepted(&f, make(&f, column_of(GW_TYPE_UUID), "VARBINARY(16)"), "VARBINARY(16)"));
    fixture_close(&f);
}

/* The table `one` with the UUID as its key, in a live form. */
static const struct gw_column keyed_columns[] = {
    {.name = "id", .type = GW_TYPE_UUID, .flags = GW_COL_KEY},
    {.name = "n", .type = GW_TYPE_INT, .offset = offsetof(struct codes_row, worth)}};
static const struct gw_table keyed = {.name = "keyed",
                                      .sql_name = "keyed",
                                      .columns = keyed_columns,
                                      .n_columns = 2,
                                      .row_size = sizeof(struct codes_row),
                                      .revokes = -1,
                                      .entity = 0,
                                      .existing = true};

static void expect_keyed(struct fixture *f, const char *type)
{
    static const struct gw_table *const tables[] = {&keyed};
    static const struct gw_app app = {.tables = tables, .n_tables = 1};
    struct codes_row row = {.code = UUID, .worth = 1};
    struct gw_value key = text_value("0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0"), other = key;
    struct gw_load loads[] = {{.key = key, .arena = &f->arena}, {.arena = &f->arena}};
    const void *rows;
    size_t n;

    fixture_exec(f, gw_arena_printf(&f->arena,
                                    "DROP TABLE IF EXISTS keyed; CREATE TABLE keyed (id"
                                    " %s NOT NULL PRIMARY KEY, n BIGINT NOT NULL)",
                                    type));
    fixture_reopen(f, f->url, NULL);
    gw_sql_free(f->sql);
    cr_assert_eq(gw_sql_new(&app, f->store->driver->seconds, &f->sql), 0);
    cr_assert_eq(gw_entity_insert(&f->req, &keyed, &row, NULL), 0, "%s: %s", type, fixture_log());
    cr_assert_eq(gw_entity_insert(&f->req, &keyed, &row, NULL), GW_E_DUPLICATE);
    cr_assert_eq(gw_entity_find(&f->req, &keyed, 0, &key, &rows), 0, "%s", type);
    other.as.text = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1ff";
    cr_assert_eq(gw_entity_find(&f->req, &keyed, 0, &other, &rows), GW_E_NOT_FOUND);
    loads[1].key = other;
    gw_entity_load(f->conn, f->sql, &keyed, loads, 2, 0);
    cr_assert_eq(loads[0].result, 0, "%s: %s", type, fixture_log());
    cr_assert_str_eq(((const struct codes_row *)loads[0].ret_row)->code, UUID);
    cr_assert_eq(loads[1].result, GW_E_NOT_FOUND);
    row.worth = 2;
    cr_assert_eq(gw_entity_update(&f->req, &keyed, &row, 2), 0);
    cr_assert_eq(gw_entity_list(&f->req, &keyed, -1, NULL, NULL, 5, &rows, &n), 0);
    cr_assert_eq(n, 1);
    cr_assert_eq(((const struct codes_row *)rows)->worth, 2);
    cr_assert_eq(gw_entity_delete(&f->req, &keyed, &other), GW_E_NOT_FOUND);
    cr_assert_eq(gw_entity_delete(&f->req, &keyed, &key), 0);
}

STORE_TEST(a_uuid_is_a_key_in_every_form)
{
    static const char *const mysql[] = {"CHAR(36)", "CHAR(36) COLLATE utf8mb4_nopad_bin",
                                        "VARCHAR(36)", "BINARY(16)", "UUID"};
    static const char *const sqlite[] = {"TEXT", "CHAR(36)", "BLOB", "BINARY(16)", "UUID"};

    for (size_t i = 0; i < 5; i++)
        expect_keyed(f, f->mysql ? mysql[i] : sqlite[i]);
}

Test(mysql, what_no_type_reads_is_refused_by_name)
{
    static const struct {
        enum gw_type type;
        const char *live;
    } cases[] = {
        {GW_TYPE_INT, "YEAR"},        {GW_TYPE_INT, "BIT(17)"},       {GW_TYPE_TEXT, "POINT"},
        {GW_TYPE_TEXT, "INT"},        {GW_TYPE_TEXT, "BLOB"},         {GW_TYPE_TEXT, "DATETIME"},
        {GW_TYPE_TIME, "DATE"},       {GW_TYPE_TIME, "TIME"},         {GW_TYPE_DATE, "DATETIME"},
        {GW_TYPE_BLOB, "TEXT"},       {GW_TYPE_REAL, "DECIMAL(5,2)"}, {GW_TYPE_DECIMAL, "DOUBLE"},
        {GW_TYPE_UINT, "VARCHAR(3)"}, {GW_TYPE_JSON, "INT"},
    };
    struct fixture f;

    fixture_open(&f, true, "strange");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        cr_assert(!accepted(&f, make(&f, column_of(cases[i].type), cases[i].live), cases[i].live),
                  "%s", cases[i].live);
    fixture_close(&f);
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
