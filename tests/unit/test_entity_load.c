/* test_entity_load.c: rows loaded for many callers without crossing them, and the row that `own`
 * names, on both stores. */
#include "store_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- Loads ------------------------------------------------------------------------------- */

#define MANY 150

STORE_TEST(each_load_gets_its_own_row)
{
    static struct gw_load loads[MANY];
    static struct gw_arena arenas[MANY];
    char email[16];

    for (int i = 0; i < 100; i++) {
        snprintf(email, sizeof(email), "e%d", i + 1);
        fixture_account(f, gw_arena_copy(&f->arena, email, strlen(email)));
    }
    for (size_t n = 1; n <= MANY; n = n < 70 ? n + 1 : n + 40) {
        for (size_t i = 0; i < n; i++)
            loads[i] = (struct gw_load){.key = i64_value((int64_t)(i * 37 % 120) + 1),
                                        .arena = &arenas[i]};
        gw_entity_load(f->conn, f->sql, &accounts_table, loads, n, 0);
        for (size_t i = 0; i < n; i++) {
            const struct accounts_row *row = loads[i].ret_row;

            if (loads[i].key.as.i64 > 100) {
                cr_assert_eq(loads[i].result, GW_E_NOT_FOUND);
                cr_assert_null(row);
                continue;
            }
            cr_assert_eq(loads[i].result, 0);
            cr_assert_eq(row->id, loads[i].key.as.i64);
            snprintf(email, sizeof(email), "e%d", (int)row->id);
            cr_assert_str_eq(row->email, email);
            cr_assert_null(row->password); /* the gate never loads a secret */
            gw_arena_reset(&arenas[i]);
        }
    }
    for (size_t i = 0; i < MANY; i++)
        gw_arena_free(&arenas[i]);
}

STORE_TEST(two_loads_of_one_key_do_not_share_memory)
{
    struct gw_arena arena = {0};
    struct gw_load loads[2];

    fixture_account(f, "a@b");
    loads[0] = (struct gw_load){.key = i64_value(1), .arena = &f->arena};
    loads[1] = (struct gw_load){.key = i64_value(1), .arena = &arena};
    gw_entity_load(f->conn, f->sql, &accounts_table, loads, 2, 0);
    gw_arena_free(&arena);
    cr_assert_eq(loads[1].result, 0);
    cr_assert_str_eq(((const struct accounts_row *)loads[0].ret_row)->email, "a@b");
}

STORE_TEST(loads_compare_text_keys_byte_for_byte)
{
    static const char *const keys[] = {"admin", "ADMIN", "admin ", "Admin", "other"};
    struct codes_row row = {.code = "admin", .worth = 1};
    struct gw_load loads[5];

    fixture_compare_loosely(f);
    cr_assert_eq(gw_entity_insert(&f->req, &codes_table, &row, NULL), 0);
    for (size_t i = 0; i < 5; i++)
        loads[i] = (struct gw_load){.key = text_value(keys[i]), .arena = &f->arena};
    gw_entity_load(f->conn, f->sql, &codes_table, loads, 5, 0);
    cr_assert_eq(loads[0].result, 0);
    for (size_t i = 1; i < 5; i++)
        cr_assert_eq(loads[i].result, GW_E_NOT_FOUND, "%s", keys[i]);
    gw_entity_load(f->conn, f->sql, &codes_table, &loads[1], 1, 0);
    cr_assert_eq(loads[1].result, GW_E_NOT_FOUND);
}

STORE_TEST(two_rows_for_one_key_are_an_error_for_that_key_only)
{
    struct gw_load loads[2];

    fixture_exec(f, f->mysql ? "ALTER TABLE codes DROP PRIMARY KEY"
                             : "DROP TABLE codes; CREATE TABLE codes (code TEXT, worth INTEGER)");
    fixture_exec(f, "INSERT INTO codes VALUES ('twice', 1), ('twice', 2), ('once', 3)");
    loads[0] = (struct gw_load){.key = text_value("twice"), .arena = &f->arena};
    loads[1] = (struct gw_load){.key = text_value("once"), .arena = &f->arena};
    gw_entity_load(f->conn, f->sql, &codes_table, loads, 2, 0);
    cr_assert_eq(loads[0].result, -EIO);
    cr_assert_null(loads[0].ret_row);
    cr_assert_eq(loads[1].result, 0);
    gw_entity_load(f->conn, f->sql, &codes_table, loads, 1, 0);
    cr_assert_eq(loads[0].result, -EIO);
}

STORE_TEST(a_load_of_a_wrong_key_does_not_touch_the_others)
{
    struct gw_load loads[4];

    fixture_account(f, "a@b");
    loads[0] = (struct gw_load){.key = text_value("1"), .arena = &f->arena};
    loads[1] = (struct gw_load){.key = i64_value(1), .arena = &f->arena};
    loads[2] = (struct gw_load){.key = u64_value(UINT64_MAX), .arena = &f->arena};
    loads[3] = (struct gw_load){.key = {.type = GW_TYPE_INT, .null = true}, .arena = &f->arena};
    gw_entity_load(f->conn, f->sql, &accounts_table, loads, 4, 0);
    cr_assert_eq(loads[0].result, -EINVAL);
    cr_assert_eq(loads[1].result, 0);
    cr_assert_eq(loads[2].result, GW_E_NOT_FOUND);
    cr_assert_eq(loads[3].result, -EINVAL);
}

STORE_TEST(a_failed_statement_fails_all_that_it_served)
{
    struct gw_load loads[2];

    fixture_account(f, "a@b");
    for (size_t i = 0; i < 2; i++)
        loads[i] = (struct gw_load){.key = i64_value((int64_t)i + 1), .arena = &f->arena};
    gw_entity_load(f->conn, f->sql, &accounts_table, loads, 2, 1);
    cr_assert_eq(loads[0].result, -ETIMEDOUT);
    cr_assert_eq(loads[1].result, -ETIMEDOUT);
    cr_assert_null(loads[0].ret_row);
}

/* ---- Own --------------------------------------------------------------------------------- */

STORE_TEST(own_gives_the_row_of_its_owner_only)
{
    static const struct gw_own_term terms[] = {{.column = THINGS_ID, .param = 0},
                                               {.column = THINGS_ACCOUNT_ID, .param = -1}};
    static const struct gw_own own = {.table = &things_table, .terms = terms, .n_terms = 2};
    int64_t mine = fixture_account(f, "a")->id, other = fixture_account(f, "b")->id;
    struct things_row row = fixture_thing();
    struct gw_value values[2];
    const void *found = NULL;

    row.account_id = (struct gw_opt_i64){true, mine};
    cr_assert_eq(gw_entity_insert(&f->req, &things_table, &row, NULL), 0);
    values[0] = i64_value(row.id);
    values[1] = i64_value(mine);
    cr_assert_eq(gw_entity_owned(f->conn, f->sql, &own, values, &f->arena, 0, &found), 0);
    cr_assert_eq(((const struct things_row *)found)->id, row.id);
    values[1] = i64_value(other);
    cr_assert_eq(gw_entity_owned(f->conn, f->sql, &own, values, &f->arena, 0, &found),
                 GW_E_NOT_FOUND);
    values[1] = (struct gw_value){.type = GW_TYPE_INT, .null = true};
    cr_assert_eq(gw_entity_owned(f->conn, f->sql, &own, values, &f->arena, 0, &found),
                 GW_E_NOT_FOUND);
    values[0] = u64_value(UINT64_MAX);
    values[1] = i64_value(mine);
    cr_assert_eq(gw_entity_owned(f->conn, f->sql, &own, values, &f->arena, 0, &found),
                 GW_E_NOT_FOUND);
}

STORE_TEST(own_compares_text_byte_for_byte)
{
    static const struct gw_own_term terms[] = {{.column = 0, .param = 0}};
    static const struct gw_own own = {.table = &codes_table, .terms = terms, .n_terms = 1};
    struct codes_row row = {.code = "admin", .worth = 1};
    struct gw_value value = {.type = GW_TYPE_SLUG, .as.text = "ADMIN"};
    const void *found;

    fixture_compare_loosely(f);
    cr_assert_eq(gw_entity_insert(&f->req, &codes_table, &row, NULL), 0);
    cr_assert_eq(gw_entity_owned(f->conn, f->sql, &own, &value, &f->arena, 0, &found),
                 GW_E_NOT_FOUND);
    value.as.text = "admin";
    cr_assert_eq(gw_entity_owned(f->conn, f->sql, &own, &value, &f->arena, 0, &found), 0);
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
