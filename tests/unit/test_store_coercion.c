/* test_store_coercion.c: values that a database would convert until they equal what a column holds.
 * Nothing but the value itself finds a row, by a unique column of any type, by a key, alone or as
 * one of several columns. */
#include "store_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define UUID  "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
#define ZEROS "00000000-0000-0000-0000-000000000000"

struct one_row {
    int64_t id;
    union { /* the column `v` */
        const char *text;
        int64_t i64;
        uint64_t u64;
        unsigned word;
    } v;
};

static const char *const words[] = {"0", "a", "true", NULL};

struct attacked {
    const char *mysql, *sqlite; /* the live type; NULL: not there */
    const char *stored;         /* in SQL */
    struct gw_column column;
    const char *value;      /* finds it; NULL: `number` does */
    const char *others[16]; /* do not */
    int64_t number;
};

#define COLUMN(type_, ...)                                                                         \
    {                                                                                              \
        .name = "v", .type = type_, .flags = GW_COL_UNIQUE, .offset = offsetof(struct one_row, v), \
        __VA_ARGS__                                                                                \
    }
#define TEXT COLUMN(GW_TYPE_TEXT, .max = 40)
#define LOOSE                                                                                      \
    {                                                                                              \
        "", "0", "00", "0ABC", "0abc ", " 0abc", "0e0", "0x0", "true", "1", "0\t", "0abc\xc2\xa0"  \
    }
#define NUMBERS                                                                                    \
    {                                                                                              \
        "", "0", "0abc", "1e0", "1.5", "1.5000", "+1.50", "01.50", "1.50 ", " 1.50", "1.50abc",    \
            "15e-1", "true", "99999999999999999999999999", "-1.50"                                 \
    }
#define UUIDS                                                                                      \
    {                                                                                              \
        "", "0", "0abc", "1e0", "true", UUID " ", " " UUID, "{" UUID "}",                          \
            "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "\x0f\x1e-<KZix", ZEROS,                           \
            "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f", "urn:uuid:" UUID                                \
    }
#define DATES                                                                                      \
    {                                                                                              \
        "", "0", "20240229", "2024-2-29", "2024-02-29 ", " 2024-02-29", "24-02-29",                \
            "2024-02-29 00:00:00", "2024-02-29abc", "2024/02/29", "0000-00-00", "1e0", "true"      \
    }
#define WORDS                                                                                      \
    {                                                                                              \
        "", "A", "a ", " a", "2", "0", "true", "1e0", "0abc"                                       \
    }

static const struct attacked attacks[] = {
    {"VARCHAR(40)", "VARCHAR(40)", "'0abc'", TEXT, "0abc", LOOSE, 0},
    {"CHAR(40)", "CHAR(40)", "'0abc'", TEXT, "0abc", LOOSE, 0},
    {"VARCHAR(40) COLLATE utf8mb4_uca1400_ai_ci", "TEXT COLLATE NOCASE", "'0abc'", TEXT, "0abc",
     LOOSE, 0},
    {"VARCHAR(40) CHARACTER SET latin1", "TEXT COLLATE RTRIM", "'0abc'", TEXT, "0abc", LOOSE, 0},
    {"ENUM('0','0abc','1')", NULL, "'0abc'", TEXT, "0abc", LOOSE, 0},
    {"SET('0abc','1')", NULL, "'0abc'", TEXT, "0abc", LOOSE, 0},
    {"ENUM('0','a','true')", "TEXT", "'a'", COLUMN(GW_TYPE_TEXT, .max = 4, .one_of = words), "a",
     WORDS, 0},
    {"VARCHAR(4) COLLATE utf8mb4_general_ci", "TEXT COLLATE NOCASE", "'a'",
     COLUMN(GW_TYPE_TEXT, .max = 4, .one_of = words), "a", WORDS, 0},
    {"DECIMAL(10,2)", "DECIMAL(10,2)", "'1.50'",
     COLUMN(GW_TYPE_DECIMAL, .precision = 10, .scale = 2), "1.50", NUMBERS, 0},
    {"CHAR(36)", "CHAR(36)", "'" UUID "'", COLUMN(GW_TYPE_UUID), UUID, UUIDS, 0},
    {"UUID", "TEXT", "'" UUID "'", COLUMN(GW_TYPE_UUID), UUID, UUIDS, 0},
    {"BINARY(16)", "BINARY(16)", "X'0f1e2d3c4b5a69788796a5b4c3d2e1f0'", COLUMN(GW_TYPE_UUID), UUID,
     UUIDS, 0},
    {"DATE", "DATE", "'2024-02-29'", COLUMN(GW_TYPE_DATE), "2024-02-29", DATES, 0},
    {"DATETIME(6)", "INTEGER", "%s", COLUMN(GW_TYPE_TIME), NULL, DATES, 1500000},
    {"TIMESTAMP(6) NULL", "DATETIME", "%s", COLUMN(GW_TYPE_TIME), NULL, DATES, 1500000},
    {"TINYINT", "INTEGER", "1", COLUMN(GW_TYPE_INT), NULL, NUMBERS, 1},
    {"BIGINT UNSIGNED", "INT", "1", COLUMN(GW_TYPE_UINT), NULL, NUMBERS, 1},
};
#define N_ATTACKS (sizeof(attacks) / sizeof(attacks[0]))

/* What a handler or a token could bring beside texts. */
static const struct gw_value kinds[] = {
    {.type = GW_TYPE_INT, .as.i64 = 0},
    {.type = GW_TYPE_INT, .as.i64 = 2},
    {.type = GW_TYPE_INT, .as.i64 = INT64_MIN},
    {.type = GW_TYPE_UINT, .as.u64 = UINT64_MAX},
    {.type = GW_TYPE_REAL, .as.f64 = 1.0},
    {.type = GW_TYPE_REAL, .as.f64 = 0.0},
    {.type = GW_TYPE_BOOL, .as.boolean = true},
    {.type = GW_TYPE_BOOL, .as.boolean = false},
    {.type = GW_TYPE_BLOB, .as.blob = {"0abc", 4}},
    {.type = GW_TYPE_TEXT, .null = true},
};

/* The table `one` in a live form, with one row. */
static const struct gw_table *make(struct fixture *f, const struct attacked *attacked)
{
    struct gw_column *columns = gw_arena_array(&f->arena, 2, sizeof(*columns));
    struct gw_table *table = gw_arena_array(&f->arena, 1, sizeof(*table));
    const struct gw_table **tables = gw_arena_array(&f->arena, 1, sizeof(*tables));
    struct gw_app *app = gw_arena_array(&f->arena, 1, sizeof(*app));
    const char *time = f->mysql                                   ? "'1970-01-01 00:00:01.500000'"
                       : strcmp(attacked->sqlite, "INTEGER") == 0 ? "1500000"
                                                                  : "'1970-01-01 00:00:01.500000'";
    columns[0] = (struct gw_column){.name = "id", .type = GW_TYPE_INT, .flags = GW_COL_KEY};
    columns[1] = attacked->column;
    *table = (struct gw_table){.name = "one",
                               .sql_name = "one",
                               .columns = columns,
                               .n_columns = 2,
                               .row_size = sizeof(struct one_row),
                               .revokes = -1,
                               .entity = -1,
                               .existing = true};
    tables[0] = table;
    *app = (struct gw_app){.tables = tables, .n_tables = 1};
    fixture_exec(f,
                 gw_arena_printf(&f->arena,
                                 "DROP TABLE IF EXISTS one; CREATE TABLE one (id BIGINT NOT NULL"
                                 " PRIMARY KEY, v %s, UNIQUE (v)); INSERT INTO one VALUES (1, %s)",
                                 f->mysql ? attacked->mysql : attacked->sqlite,
                                 attacked->stored[0] == '%' ? time : attacked->stored));
    fixture_reopen(f, f->url, NULL);
    gw_sql_free(f->sql);
    cr_assert_eq(gw_sql_new(app, f->store->driver->seconds, &f->sql), 0);
    return table;
}

static bool finds(struct fixture *f, const struct gw_table *table, const struct gw_value *value)
{
    const void *row = NULL;
    int r = gw_entity_find(&f->req, table, 1, value, &row);
    cr_assert(r == 0 || r == GW_E_NOT_FOUND || r == -EINVAL || r == -EDOM, "%s: %d: %s",
              table->sql_name, r, fixture_log());
    return r == 0;
}

static void attack(struct fixture *f, const struct attacked *attacked)
{
    const char *what = f->mysql ? attacked->mysql : attacked->sqlite;
    const struct gw_table *table = make(f, attacked);
    struct gw_value value = attacked->value ? text_value(attacked->value)
                            : attacked->column.type == GW_TYPE_UINT
                                ? u64_value((uint64_t)attacked->number)
                                : i64_value(attacked->number);
    if (attacked->column.type == GW_TYPE_TIME)
        value.type = GW_TYPE_TIME;
    cr_assert(finds(f, table, &value), "%s: %s", what, fixture_log());
    for (size_t i = 0; i < 16 && attacked->others[i]; i++) {
        value = text_value(attacked->others[i]);
        cr_assert(!finds(f, table, &value), "%s: \"%s\" found it", what, attacked->others[i]);
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        cr_assert(!finds(f, table, &kinds[i]), "%s: %zu found it", what, i);
}

STORE_TEST(nothing_but_the_value_finds_a_row_by_a_column_of_any_type)
{
    for (size_t i = 0; i < N_ATTACKS; i++)
        if (f->mysql || attacks[i].sqlite)
            attack(f, &attacks[i]);
}

/* ---- Keys of several columns ---------------------------------------------------------------- */

struct pairs_row {
    const char *org, *member;
    int64_t level;
};

static const struct gw_column pair_columns[] = {
    {.name = "org", .type = GW_TYPE_TEXT, .max = 20},
    {.name = "member", .type = GW_TYPE_UUID, .offset = offsetof(struct pairs_row, member)},
    {.name = "level", .type = GW_TYPE_INT, .offset = offsetof(struct pairs_row, level)}};
static const struct gw_set pair_sets[] = {{GW_SET_KEY, {0, 1, 2}, 3}};
static const struct gw_table pairs = {.name = "pairs",
                                      .sql_name = "pairs",
                                      .columns = pair_columns,
                                      .n_columns = 3,
                                      .sets = pair_sets,
                                      .n_sets = 1,
                                      .keys = pair_sets,
                                      .row_size = sizeof(struct pairs_row),
                                      .revokes = -1,
                                      .entity = -1,
                                      .existing = true};

STORE_TEST(nothing_but_all_values_finds_a_row_by_a_key_of_several_columns)
{
    static const struct gw_table *const tables[] = {&pairs};
    static const struct gw_app app = {.tables = tables, .n_tables = 1};
    static const struct {
        const char *org, *member;
        int64_t level;
    } others[] = {{"0", UUID, 1},
                  {"0ABC", UUID, 1},
                  {"0abc ", UUID, 1},
                  {"", UUID, 1},
                  {"0abc", ZEROS, 1},
                  {"0abc", UUID " ", 1},
                  {"0abc", "0", 1},
                  {"0abc", UUID, 0},
                  {"0abc", UUID, INT64_MAX},
                  {"0abc\xc2\xa0", UUID, 1},
                  {"\xff", UUID, 1},
                  {"0abc", "", 1}};
    struct gw_value key[3] = {text_value("0abc"), text_value(UUID), i64_value(1)};
    const void *row;
    fixture_exec(f, gw_arena_printf(&f->arena,
                                    "CREATE TABLE pairs (org VARCHAR(20) %s, member CHAR(36), level"
                                    " INT, PRIMARY KEY (org, member, level));"
                                    "INSERT INTO pairs VALUES ('0abc', '" UUID "', 1)",
                                    f->mysql ? "COLLATE utf8mb4_general_ci" : "COLLATE NOCASE"));
    gw_sql_free(f->sql);
    cr_assert_eq(gw_sql_new(&app, f->store->driver->seconds, &f->sql), 0);
    cr_assert_eq(gw_entity_find_key(&f->req, &pairs, key, &row), 0, "%s", fixture_log());
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        key[0] = text_value(others[i].org);
        key[1] = text_value(others[i].member);
        key[2] = i64_value(others[i].level);
        cr_assert_neq(gw_entity_find_key(&f->req, &pairs, key, &row), 0, "%zu", i);
        cr_assert_neq(gw_entity_delete(&f->req, &pairs, key), 0, "%zu", i);
    }
    key[0] = text_value("0abc");
    key[1] = text_value(UUID);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        key[2] = kinds[i];
        cr_assert_neq(gw_entity_find_key(&f->req, &pairs, key, &row), 0, "%zu", i);
    }
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
