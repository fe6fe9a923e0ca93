/* test_store_existing.c: a table that belongs to another application: it is compared, read and
 * written, never made and never altered. */
#include "store_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct gw_table codes, meters; /* the fixture's, declared `existing` */
static const struct gw_table *const tables[] = {&codes, &meters};
static const struct gw_app app = {.source = "routes.def", .tables = tables, .n_tables = 2};

static void collect(void *data, const char *line)
{
    strcat(strcat(data, line), "\n");
}

static const char *compared(struct fixture *f, int expected)
{
    static char lines[4096];

    *lines = '\0';
    cr_assert_eq(gw_store_compare(f->store, &app, collect, lines), expected, "%s%s", lines,
                 fixture_log());
    return lines;
}

static void begin(struct fixture *f)
{
    codes = codes_table;
    meters = meters_table;
    codes.existing = meters.existing = true;
    gw_sql_free(f->sql);
    cr_assert_eq(gw_sql_new(&app, f->store->driver->seconds, &f->sql), 0);
}

/* As another application would have made it: a column that we do not know must be written. */
static void make_codes(struct fixture *f)
{
    begin(f);
    fixture_exec(f, f->mysql ? "DROP TABLE codes; CREATE TABLE codes (code VARCHAR(20) COLLATE"
                               " utf8mb4_nopad_bin PRIMARY KEY, worth INT, made DATETIME NOT NULL)"
                             : "DROP TABLE codes; CREATE TABLE codes (code VARCHAR(20) NOT NULL"
                               " PRIMARY KEY, worth INT, made DATETIME NOT NULL)");
    fixture_exec(f, "INSERT INTO codes VALUES ('a', 5, '2024-12-31 00:00:00')");
}

STORE_TEST(what_another_application_has_otherwise_is_a_warning)
{
    make_codes(f);
    cr_assert_str_eq(compared(f, 0),
                     "warning: column codes.worth: is nullable but not declared optional\n"
                     "warning: column codes.made: is not declared, and is NOT NULL without a"
                     " default: inserts will fail\n");
}

STORE_TEST(an_insert_that_leaves_out_what_must_be_written_is_a_condition)
{
    struct codes_row row = {.code = "b", .worth = 6};
    struct gw_value key = text_value("a");
    const void *found;

    make_codes(f);
    cr_assert_eq(gw_entity_insert(&f->req, &codes, &row, NULL), GW_E_RANGE);
    cr_assert_eq(gw_entity_find(&f->req, &codes, 0, &key, &found), 0);
    cr_assert_eq(((const struct codes_row *)found)->worth, 5);
    row.code = "a";
    cr_assert_eq(gw_entity_update(&f->req, &codes, &row, 2), 0);
    cr_assert_eq(gw_entity_find(&f->req, &codes, 0, &key, &found), 0);
    cr_assert_eq(((const struct codes_row *)found)->worth, 6);
    cr_assert_eq(gw_entity_delete(&f->req, &codes, &key), 0);
}

STORE_TEST(a_null_in_what_is_declared_required_is_its_rows_error)
{
    struct gw_value key = text_value("a");
    const void *found;

    make_codes(f);
    fixture_exec(f, "UPDATE codes SET worth = NULL");
    cr_assert_lt(gw_entity_find(&f->req, &codes, 0, &key, &found), 0);
    cr_assert(strstr(fixture_log(), "the row with code a cannot be read: worth is"));
}

STORE_TEST(what_is_declared_must_be_there)
{
    make_codes(f);
    fixture_exec(f, "ALTER TABLE codes DROP COLUMN worth");
    fixture_exec(f, "DROP TABLE meters");
    cr_assert(strstr(compared(f, 1), "column codes.worth: is missing\n"));
    cr_assert(strstr(compared(f, 1), "table meters: is missing\n"));
}

STORE_TEST(nothing_is_made_or_altered)
{
    char *text = NULL;
    size_t len;
    FILE *to;
    int r;

    make_codes(f);
    fixture_exec(f, "DROP TABLE meters");
    r = gw_store_create(f->store, &app);
    cr_assert(f->mysql ? r < 0 : r == 0);
    cr_assert(strstr(compared(f, 1), "table meters: is missing\n"));
    to = open_memstream(&text, &len);
    cr_assert_eq(gw_store_diff(f->store, &app, to), 1);
    fclose(to);
    cr_assert_null(strstr(text, "CREATE TABLE meters"));
    cr_assert_null(strstr(text, "codes\" ("));
    cr_assert_null(strstr(text, "ALTER"));
    cr_assert(strstr(text, "-- table meters: is missing\n"));
    free(text);
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
