/* test_words.c: columns that hold one of some words. */
#include "process/drivers.h"
#include "store/store.h"
#include "tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DONE "it's \\ done"

/* ---- Values ------------------------------------------------------------------------------ */

static int insert_tasks(struct gw_request *req)
{
    struct tasks_insert values = {.state = TASKS__STATE__IT_S___DONE, .mood = TASKS__MOOD__BAD};
    const struct tasks_row *row;
    json_t *json;
    char *text;

    cr_assert_eq(tasks_insert(req, &values, &row, NULL), 0);
    cr_assert_eq(row->state, TASKS__STATE__IT_S___DONE);
    cr_assert_eq(row->mood, TASKS__MOOD__BAD);
    cr_assert_eq(row->kind, TASKS__KIND__B, "the default");
    cr_assert_eq(row->slot, 0, "NULL");
    json = tasks_json(row);
    text = json_dumps(json, JSON_COMPACT);
    cr_assert_str_eq(text, "{\"id\":1,\"state\":\"it's \\\\ done\",\"mood\":\"bad\",\"kind\":\"b\","
                           "\"slot\":null}");
    json_decref(json);
    free(text);
    values = (struct tasks_insert){
        .state = TASKS__STATE__OPEN, .kind = TASKS__KIND__A, .slot = TASKS__SLOT__Y};
    cr_assert_eq(tasks_insert(req, &values, &row, NULL), 0);
    cr_assert_eq(row->kind, TASKS__KIND__A);
    return 0;
}

static int find_tasks(struct gw_request *req)
{
    const struct tasks_row *row, *rows;
    enum tasks_column column;
    struct tasks_row changed;
    size_t n;

    cr_assert_eq(tasks_find_by_slot(req, TASKS__SLOT__Y, &row), 0);
    cr_assert_eq(row->id, 2);
    cr_assert_eq(tasks_find_by_slot(req, TASKS__SLOT__X, &row), GW_E_NOT_FOUND);
    cr_assert_eq(tasks_find_by_slot(req, 0, &row), -EINVAL);
    cr_assert_eq(drafts(req, &rows, &n), 0);
    cr_assert_eq(n, 1);
    cr_assert_eq(rows->state, TASKS__STATE__OPEN);
    cr_assert_eq(
        tasks_insert(req,
                     &(struct tasks_insert){.state = TASKS__STATE__DRAFT, .slot = TASKS__SLOT__Y},
                     NULL, &column),
        GW_E_DUPLICATE);
    cr_assert_eq(column, TASKS__SLOT);
    changed = (struct tasks_row){.id = 2, .mood = TASKS__MOOD__GOOD};
    cr_assert_eq(tasks_update(req, &changed, TASKS__MOOD | TASKS__SLOT), 0);
    cr_assert_eq(tasks_find(req, 2, &row), 0);
    cr_assert_eq(row->mood, TASKS__MOOD__GOOD);
    cr_assert_eq(row->slot, 0);
    return 0;
}

/* What is none of the words is neither written nor taken for NULL. */
static int write_wrong(struct gw_request *req)
{
    const struct tasks_insert right = {.state = TASKS__STATE__DRAFT};
    struct tasks_insert values = right;

    values.state = 0;
    cr_assert_eq(tasks_insert(req, &values, NULL, NULL), -EINVAL);
    values.state = (enum tasks__state)4;
    cr_assert_eq(tasks_insert(req, &values, NULL, NULL), -EINVAL);
    values = right;
    values.mood = (enum tasks__mood) - 1;
    cr_assert_eq(tasks_insert(req, &values, NULL, NULL), -EINVAL);
    cr_assert_eq(tasks_insert(req, &right, NULL, NULL), 0);
    return 0;
}

static int use_shifts(struct gw_request *req)
{
    struct shifts_row row = {.org = "o", .phase = SHIFTS__PHASE__TWO};
    const struct shifts_row *rows;
    size_t n;

    cr_assert_eq(shifts_insert(req, &row, NULL), 0);
    row.phase = SHIFTS__PHASE__ONE;
    cr_assert_eq(shifts_insert(req, &row, NULL), 0);
    cr_assert_eq(shifts_find(req, "o", SHIFTS__PHASE__ONE, &rows), 0);
    cr_assert_eq(shifts_list(req, NULL, 1, &rows, &n), 0);
    cr_assert_eq(n, 1);
    cr_assert_eq(rows->phase, SHIFTS__PHASE__ONE);
    cr_assert_eq(shifts_list(req, rows, 5, &rows, &n), 0);
    cr_assert_eq(n, 1);
    cr_assert_eq(rows->phase, SHIFTS__PHASE__TWO);
    cr_assert_eq(shifts_delete(req, "o", SHIFTS__PHASE__TWO), 0);
    cr_assert_eq(shifts_find(req, "o", SHIFTS__PHASE__TWO, &rows), GW_E_NOT_FOUND);
    return 0;
}

TABLE_TEST(an_enum_stands_for_the_text_in_the_database)
{
    char *text;

    cr_assert_str_eq(tasks__state_name(TASKS__STATE__IT_S___DONE), DONE);
    cr_assert_null(tasks__state_name(0));
    cr_assert_null(tasks__state_name((enum tasks__state)4));
    cr_assert_eq(tasks__state_of("Open"), TASKS__STATE__OPEN);
    cr_assert_eq(tasks__state_of("OPEN"), 0);
    cr_assert_eq(tasks__state_of(NULL), 0);
    cr_assert_eq(within(insert_tasks), 200);
    text = ask_beside("SELECT state FROM tasks WHERE id = 1");
    cr_assert_str_eq(text, DONE);
    free(text);
    cr_assert_eq(within(find_tasks), 200);
    cr_assert_eq(within(write_wrong), 200);
    cr_assert_eq(within(use_shifts), 200);
}

/* ---- Databases that are there ------------------------------------------------------------ */

static int find_second(struct gw_request *req)
{
    const struct tasks_row *row;

    cr_assert_eq(tasks_find(req, 1, &row), 0);
    return tasks_find(req, 2, &row);
}

/* By another program, and without our CHECK; a collation would take it for the word. */
TABLE_TEST(a_row_with_another_word_fails_the_request_that_asks_for_it)
{
    cr_assert_eq(within(insert_tasks), 200);
    run_beside("ALTER TABLE tasks MODIFY state ENUM('draft', 'it''s \\\\ done', 'Open', 'OPEN')"
               " COLLATE utf8mb4_bin NOT NULL; UPDATE tasks SET state = 'OPEN' WHERE id = 2",
               "PRAGMA ignore_check_constraints = ON; UPDATE tasks SET state = 'OPEN' WHERE id = "
               "2");
    cr_assert_eq(within(find_second), 500);
}

static void record(void *data, const char *line)
{
    strcat(strcat(data, line), "\n");
}

/* What a start says (unless it is NULL, it starts), and the statements of --schema-diff. */
static void compare(char *said, char **ret_script)
{
    static const struct gw_table *const tables[] = {&gwt_table_tasks, &gwt_table_shifts};
    const struct gw_app app = {.tables = tables, .n_tables = 2};
    struct gw_arena arena = {.limit = 0};
    struct gw_store *store;
    const char *why;
    size_t size;
    FILE *to = open_memstream(ret_script, &size);

    cr_assert_eq(gw_store_new(gw_store_schemes, tables_url(), &(struct gw_store_options){0}, &arena,
                              &store, &why),
                 0);
    if (said) {
        *said = '\0';
        cr_assert_eq(gw_store_compare(store, &app, record, said), 0, "%s", said);
    }
    cr_assert_geq(gw_store_diff(store, &app, to), 0);
    fclose(to);
    gw_store_free(store);
    gw_arena_free(&arena);
}

TABLE_TEST(words_that_are_added_are_a_warning_and_a_change_of_the_schema)
{
    char said[4096], *script, *again, *text;

    cr_assert_eq(within(insert_tasks), 200);
    compare(said, &script);
    cr_assert_str_empty(said);
    cr_assert_null(strstr(script, "tasks"), "%s", script);
    free(script);
    run_beside("ALTER TABLE tasks MODIFY state VARCHAR(11) COLLATE utf8mb4_nopad_bin NOT NULL CHECK"
               " (state IN ('Open', 'it''s \\\\ done')), MODIFY kind VARCHAR(1) COLLATE"
               " utf8mb4_nopad_bin NOT NULL DEFAULT 'b' CHECK (kind <> 'z')",
               "ALTER TABLE tasks RENAME TO old; CREATE TABLE tasks (id INTEGER NOT NULL PRIMARY"
               " KEY AUTOINCREMENT, state TEXT NOT NULL CHECK (state in ('Open','it''s \\ done')),"
               " \"Mood\" TEXT CHECK (\"Mood\" IN ('good', 'bad')), kind TEXT NOT NULL DEFAULT 'b'"
               " CHECK (kind <> 'z'), slot TEXT UNIQUE CHECK (slot IN ('y', 'x'))) STRICT;"
               " INSERT INTO tasks SELECT * FROM old; DROP TABLE old");
    compare(said, &script);
    cr_assert_str_eq(said, "warning: column tasks.state: its CHECK has other words than are "
                           "declared\n");
    cr_assert_not_null(strstr(script, "('draft', 'it''s \\"), "%s", script);
    run_beside(script, script);
    free(script);
    compare(said, &again);
    cr_assert_str_empty(said);
    cr_assert_null(strstr(again, "tasks"), "%s", again);
    free(again);
    cr_assert_eq(within(write_wrong), 200);
    text = ask_beside("SELECT COUNT(*) FROM tasks");
    cr_assert_str_eq(text, "3");
    free(text);
}

TABLE_TEST(a_column_of_words_is_added_with_its_default)
{
    char said[4096], *script, *text;

    cr_assert_eq(within(insert_tasks), 200);
    run_beside("ALTER TABLE tasks DROP COLUMN kind", "ALTER TABLE tasks DROP COLUMN kind");
    compare(NULL, &script);
    run_beside(script, script);
    free(script);
    compare(said, &script);
    cr_assert_null(strstr(script, "tasks"), "%s", script);
    free(script);
    text = ask_beside("SELECT COUNT(*) FROM tasks WHERE kind = 'b'");
    cr_assert_str_eq(text, "2");
    free(text);
}

TABLE_TEST(rows_with_other_words_refuse_the_change)
{
    char said[4096], *script;

    cr_assert_eq(within(insert_tasks), 200);
    run_beside("ALTER TABLE tasks MODIFY state VARCHAR(11) COLLATE utf8mb4_general_ci NOT NULL;"
               " UPDATE tasks SET state = 'oPEN' WHERE id = 2",
               "ALTER TABLE tasks RENAME TO old; CREATE TABLE tasks (id INTEGER NOT NULL PRIMARY"
               " KEY AUTOINCREMENT, state TEXT NOT NULL, \"Mood\" TEXT, kind TEXT NOT NULL DEFAULT"
               " 'b', slot TEXT UNIQUE) STRICT; INSERT INTO tasks SELECT * FROM old; DROP TABLE"
               " old; UPDATE tasks SET state = 'oPEN' WHERE id = 2");
    compare(said, &script);
    cr_assert_not_null(strstr(script, "-- column tasks.state: has no CHECK of its words"));
    cr_assert_not_null(strstr(script, "-- refused: column tasks.state: 1 rows"), "%s", script);
    free(script);
}

int main(int argc, char **argv)
{
    return site_main(argc, argv, true);
}
