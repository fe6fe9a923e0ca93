/* test_store_collations.c: texts in columns that compare as loosely as databases do: what is found
 * is what was asked for, with `nocase` in either case of ASCII letters, and nothing else. */
#include "store_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct people_row {
    int64_t id;
    const char *email;
};
struct names_row { /* a text is the key */
    const char *name;
    int64_t worth;
};
struct notes_row {
    int64_t id;
    const char *owner;
};

static const struct gw_definition definitions[] = {{"BIGINT", " NOT NULL", "INTEGER"},
                                                   {"VARCHAR(50)", " NOT NULL", "TEXT"}};
static const struct gw_definition text_definitions[] = {{"VARCHAR(50)", " NOT NULL", "TEXT"},
                                                        {"BIGINT", " NOT NULL", "INTEGER"}};

#define PEOPLE(name_, flags_)                                                                      \
    static const struct gw_column name_##_columns[] = {                                            \
        {.name = "id", .type = GW_TYPE_INT, .flags = GW_COL_KEY},                                  \
        {.name = "email",                                                                          \
         .type = GW_TYPE_TEXT,                                                                     \
         .flags = flags_,                                                                          \
         .max = 50,                                                                                \
         .offset = offsetof(struct people_row, email)}};                                           \
    static const struct gw_table name_ = {.name = "people",                                        \
                                          .sql_name = "people",                                    \
                                          .columns = name_##_columns,                              \
                                          .n_columns = 2,                                          \
                                          .row_size = sizeof(struct people_row),                   \
                                          .revokes = -1,                                           \
                                          .entity = -1,                                            \
                                          .definitions = definitions}
PEOPLE(exact, GW_COL_UNIQUE);
PEOPLE(nocase, GW_COL_UNIQUE | GW_COL_NOCASE);

static const struct gw_column names_columns[] = {
    {.name = "name", .type = GW_TYPE_TEXT, .flags = GW_COL_KEY, .max = 50},
    {.name = "worth", .type = GW_TYPE_INT, .offset = offsetof(struct names_row, worth)}};
static const struct gw_table names = {.name = "names",
                                      .sql_name = "names",
                                      .columns = names_columns,
                                      .n_columns = 2,
                                      .row_size = sizeof(struct names_row),
                                      .revokes = -1,
                                      .entity = 0,
                                      .definitions = text_definitions};
static const struct gw_column notes_columns[] = {
    {.name = "id", .type = GW_TYPE_INT, .flags = GW_COL_KEY},
    {.name = "owner",
     .type = GW_TYPE_TEXT,
     .max = 50,
     .references = &names,
     .offset = offsetof(struct notes_row, owner)}};
static const struct gw_table notes = {.name = "notes",
                                      .sql_name = "notes",
                                      .columns = notes_columns,
                                      .n_columns = 2,
                                      .row_size = sizeof(struct notes_row),
                                      .revokes = -1,
                                      .entity = -1,
                                      .definitions = definitions};

static const struct gw_table *const exact_tables[] = {&exact, &names, &notes};
static const struct gw_table *const nocase_tables[] = {&nocase, &names, &notes};
static const struct gw_app exact_app = {.tables = exact_tables, .n_tables = 3};
static const struct gw_app nocase_app = {.tables = nocase_tables, .n_tables = 3};

/* Of MariaDB 10.11; uca1400 is what MySQL's 0900 is, in newer weights. */
static const char *const loose[] = {"utf8mb4_general_ci",     "utf8mb4_unicode_ci",
                                    "utf8mb4_unicode_520_ci", "utf8mb4_uca1400_ai_ci",
                                    "utf8mb4_uca1400_as_ci",  "utf8mb4_general_nopad_ci",
                                    "utf8mb3_general_ci",     "latin1_swedish_ci"};
#define N_LOOSE(f) ((f)->mysql ? sizeof(loose) / sizeof(loose[0]) : 1)

static void make(struct fixture *f, const char *mysql, const char *sqlite, const struct gw_app *app)
{
    const char *collation = f->mysql ? gw_arena_printf(&f->arena, "CHARACTER SET %.*s COLLATE %s",
                                                       (int)strcspn(mysql, "_"), mysql, mysql)
                                     : gw_arena_printf(&f->arena, "COLLATE %s", sqlite);

    fixture_exec(f,
                 gw_arena_printf(
                     &f->arena,
                     "DROP TABLE IF EXISTS notes; DROP TABLE IF EXISTS names;"
                     "DROP TABLE IF EXISTS people;"
                     "CREATE TABLE people (id BIGINT NOT NULL PRIMARY KEY,"
                     " email VARCHAR(50) %s NOT NULL UNIQUE);"
                     "CREATE TABLE names (name VARCHAR(50) %s NOT NULL PRIMARY KEY,"
                     " worth BIGINT NOT NULL);"
                     "CREATE TABLE notes (id BIGINT NOT NULL PRIMARY KEY,"
                     " owner VARCHAR(50) %s NOT NULL, FOREIGN KEY (owner) REFERENCES names (name));"
                     "INSERT INTO people VALUES (1, 'mike@example.org');"
                     "INSERT INTO names VALUES ('mike', 7)",
                     collation, collation, collation));
    fixture_reopen(f, f->url, NULL);
    gw_sql_free(f->sql);
    cr_assert_eq(gw_sql_new(app, f->store->driver->seconds, &f->sql), 0);
    fixture_log_clear();
}

static int by_email(struct fixture *f, const struct gw_table *table, const char *email)
{
    struct gw_value value = text_value(email);
    const void *row = NULL;
    int r = gw_entity_find(&f->req, table, 1, &value, &row);

    cr_assert(r || ((const struct people_row *)row)->id == 1);
    return r;
}

/* The first is stored. What follows, some collation takes for it: accents, blanks at the end, a
 * wide letter, the Kelvin sign. */
static const char *const others[] = {"m\xc3\xaeke@ex\xc3\xa4mple.org",
                                     "mike@example.org ",
                                     "mike@example.org  ",
                                     "\xef\xbd\x8dike@example.org",
                                     ("mi\xe2\x84\xaa"
                                      "e@example.org"),
                                     "mike@example.or\xc4\x9d",
                                     "\xf0\x9f\x90\x8d"};
#define N_OTHERS (sizeof(others) / sizeof(others[0]))

STORE_TEST(nocase_finds_either_case_of_ascii_letters_and_nothing_else)
{
    for (size_t i = 0; i < N_LOOSE(f); i++) {
        make(f, loose[i], "NOCASE", &nocase_app);
        cr_assert_eq(by_email(f, &nocase, "mike@example.org"), 0);
        cr_assert_eq(by_email(f, &nocase, "MIKE@example.org"), 0, "%s", loose[i]);
        cr_assert_eq(by_email(f, &nocase, "Mike@Example.ORG"), 0);
        for (size_t j = 0; j < N_OTHERS; j++)
            cr_assert_eq(by_email(f, &nocase, others[j]), GW_E_NOT_FOUND, "%s: %zu", loose[i], j);
    }
}

STORE_TEST(without_nocase_the_bytes_are_compared_whatever_the_collation)
{
    for (size_t i = 0; i < N_LOOSE(f); i++) {
        make(f, loose[i], "NOCASE", &exact_app);
        cr_assert_eq(by_email(f, &exact, "mike@example.org"), 0);
        cr_assert_eq(by_email(f, &exact, "MIKE@example.org"), GW_E_NOT_FOUND, "%s", loose[i]);
        for (size_t j = 0; j < N_OTHERS; j++)
            cr_assert_eq(by_email(f, &exact, others[j]), GW_E_NOT_FOUND, "%s: %zu", loose[i], j);
    }
}

STORE_TEST(what_only_the_case_tells_apart_is_a_duplicate)
{
    struct people_row row = {.id = 2, .email = "MIKE@EXAMPLE.ORG"};
    int column = -1;

    make(f, loose[0], "NOCASE", &nocase_app);
    cr_assert_eq(gw_entity_insert(&f->req, &nocase, &row, &column), GW_E_DUPLICATE);
    cr_assert_eq(column, 1);
}

static const char *const other_names[] = {"MIKE", "mike ", "m\xc3\xaeke", "\xf0\x9f\x90\x8d"};

STORE_TEST(a_text_key_opens_changes_and_deletes_only_the_row_of_its_bytes)
{
    for (size_t i = 0; i < N_LOOSE(f); i++) {
        make(f, loose[i], "NOCASE", &exact_app);
        for (size_t j = 0; j < sizeof(other_names) / sizeof(other_names[0]); j++) {
            struct names_row row = {.name = other_names[j], .worth = 8};
            struct gw_value key = text_value(other_names[j]);
            struct gw_load load = {.key = key, .arena = &f->arena};

            gw_entity_load(f->conn, f->sql, &names, &load, 1, 0);
            cr_assert_eq(load.result, GW_E_NOT_FOUND, "%s: %zu", loose[i], j);
            int r = gw_entity_update(&f->req, &names, &row, 2);
            cr_assert(r == GW_E_NOT_FOUND || (j == 3 && r == GW_E_RANGE), "%s: %zu: %d", loose[i],
                      j, r);
            cr_assert_eq(gw_entity_delete(&f->req, &names, &key), GW_E_NOT_FOUND, "%s: %zu",
                         loose[i], j);
        }
        struct names_row row = {.name = "mike", .worth = 9};
        struct gw_value key = text_value("mike");
        const void *found;
        cr_assert_eq(gw_entity_update(&f->req, &names, &row, 2), 0, "%s", fixture_log());
        cr_assert_eq(gw_entity_find(&f->req, &names, 0, &key, &found), 0);
        cr_assert_eq(((const struct names_row *)found)->worth, 9);
        cr_assert_eq(gw_entity_delete(&f->req, &names, &key), 0);
    }
}

STORE_TEST(a_key_that_the_column_cannot_hold_disturbs_nobody_in_its_batch)
{
    for (size_t i = 0; i < N_LOOSE(f); i++) {
        struct gw_load loads[] = {
            {.key = text_value("\xf0\x9f\x90\x8d"), .arena = &f->arena},
            {.key = text_value("mike"), .arena = &f->arena},
            {.key = text_value("MIKE"), .arena = &f->arena},
            {.key = text_value("mike"), .arena = &f->arena},
        };
        make(f, loose[i], "NOCASE", &exact_app);
        gw_entity_load(f->conn, f->sql, &names, loads, 4, 0);
        cr_assert_eq(loads[0].result, GW_E_NOT_FOUND, "%s", loose[i]);
        cr_assert_eq(loads[1].result, 0, "%s: %s", loose[i], fixture_log());
        cr_assert_eq(loads[2].result, GW_E_NOT_FOUND);
        cr_assert_eq(loads[3].result, 0);
    }
}

/* Rows 1, 3, 5 ... refer by the name's bytes, the others in capitals. */
STORE_TEST(a_list_by_a_text_holds_the_rows_of_its_bytes_in_full_pages)
{
    struct gw_value owner = text_value("mike"), after;
    const struct notes_row *page;
    const void *rows;
    int64_t seen = 0;
    size_t n = 0;

    make(f, loose[0], "NOCASE", &exact_app);
    if (!f->mysql) /* whose foreign keys compare the bytes, unless the parent does not */
        fixture_exec(f, "PRAGMA foreign_keys = OFF");
    for (int i = 1; i <= 40; i++)
        fixture_exec(f, gw_arena_printf(&f->arena, "INSERT INTO notes VALUES (%d, '%s')", i,
                                        i % 2 ? "mike" : "MIKE"));
    for (int pages = 0; pages < 10; pages++) {
        after = i64_value(seen);
        cr_assert_eq(gw_entity_list(&f->req, &notes, 1, &owner, seen ? &after : NULL, 3, &rows, &n),
                     0, "%s", fixture_log());
        page = rows;
        for (size_t i = 0; i < n; i++) {
            cr_assert_eq(page[i].id, seen ? seen + 2 : 1);
            cr_assert_str_eq(page[i].owner, "mike");
            seen = page[i].id;
        }
        if (n < 3)
            break;
    }
    cr_assert_eq(seen, 39);
    cr_assert_eq(n, 2); /* 20 rows: six full pages and a short one */
    owner.as.text = "miKe";
    cr_assert_eq(gw_entity_list(&f->req, &notes, 1, &owner, NULL, 3, &rows, &n), 0);
    cr_assert_eq(n, 0);
}

/* ---- The comparison ---------------------------------------------------------------------- */

static void collect(void *data, const char *line)
{
    strcat(strcat(data, line), "\n");
}

STORE_TEST(a_loose_collation_is_a_warning_unless_it_is_wanted)
{
    char lines[2048] = "";

    make(f, loose[0], "NOCASE", &exact_app);
    cr_assert_eq(gw_store_compare(f->store, &exact_app, collect, lines), 0, "%s", lines);
    cr_assert(strstr(lines, "warning: column people.email: the collation "), "%s", lines);
    cr_assert(strstr(lines, "warning: column names.name: the collation "), "%s", lines);
    *lines = '\0';
    cr_assert_eq(gw_store_compare(f->store, &nocase_app, collect, lines), 0, "%s", lines);
    cr_assert_null(strstr(lines, "people.email"), "%s", lines);
}

STORE_TEST(nocase_on_a_column_that_minds_case_is_a_difference)
{
    static const char *const strict[] = {"utf8mb4_bin", "utf8mb4_nopad_bin", "latin1_general_cs",
                                         "utf8mb4_turkish_ci"};
    for (size_t i = 0; i < (f->mysql ? 4 : 1); i++) {
        char lines[2048] = "";

        make(f, strict[i], i ? "RTRIM" : "BINARY", &nocase_app);
        cr_assert_eq(gw_store_compare(f->store, &nocase_app, collect, lines), 1);
        cr_assert(strstr(lines, f->mysql ? "ALTER TABLE `people` MODIFY `email` varchar(50) COLLATE"
                                           " utf8mb4_general_ci NOT NULL\n"
                                         : "column people.email: is declared nocase, and its"
                                           " collation is BINARY, not NOCASE\n"),
                  "%s", lines);
    }
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
