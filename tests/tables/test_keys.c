/* test_keys.c: keys, uniques and indexes of several columns, and what a foreign key does. */
#include "tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANN "0f000000-0000-4000-8000-00000000000a"
#define BOB "0f000000-0000-4000-8000-00000000000b"

static int add_users(struct gw_request *req)
{
    struct users_row ann = {.id = ANN, .first_name = "Ann"}, bob = {.id = BOB, .first_name = "Bob"};

    cr_assert_eq(users_insert(req, &ann, NULL), 0);
    cr_assert_eq(users_insert(req, &bob, NULL), 0);
    return 0;
}

static int add_member(struct gw_request *req, const char *org, const char *user, int64_t level,
                      const char *role, enum members_column *ret_column)
{
    struct members_row row = {.org = org, .user_id = user, .level = level, .role = role};

    return members_insert(req, &row, ret_column);
}

/* Roles tell the rows apart: "a1" is (org a, Ann, level 1). */
static int add_members(struct gw_request *req)
{
    add_users(req);
    for (int64_t level = 3; level >= 1; level--) {
        const char *roles[] = {gw_printf(req, "a%d", (int)level),
                               gw_printf(req, "b%d", (int)level)};
        cr_assert_eq(add_member(req, "a", ANN, level, roles[0], NULL), 0);
        cr_assert_eq(add_member(req, "b", BOB, level, roles[1], NULL), 0);
    }
    cr_assert_eq(add_member(req, "a", BOB, 2, "ab2", NULL), 0);
    return 0;
}

static int find_each(struct gw_request *req)
{
    const struct members_row *row;

    add_members(req);
    cr_assert_eq(members_find(req, "a", ANN, 2, &row), 0);
    cr_assert_str_eq(row->role, "a2");
    cr_assert_eq(members_find(req, "b", BOB, 3, &row), 0);
    cr_assert_str_eq(row->role, "b3");
    cr_assert_eq(members_find(req, "b", ANN, 2, &row), GW_E_NOT_FOUND);
    cr_assert_eq(members_find(req, "A", ANN, 2, &row), GW_E_NOT_FOUND);
    cr_assert_eq(members_find(req, "a", ANN, 4, &row), GW_E_NOT_FOUND);
    cr_assert_eq(members_find(req, NULL, ANN, 2, &row), -EINVAL);
    return 0;
}

TABLE_TEST(a_row_is_found_by_all_columns_of_its_key)
{
    cr_assert_eq(within(find_each), 200);
}

static int change_one(struct gw_request *req)
{
    struct members_row row = {.org = "a", .user_id = ANN, .level = 2, .role = "changed"};
    const struct members_row *found;

    add_members(req);
    cr_assert_eq(members_update(req, &row, MEMBERS__ROLE), 0);
    cr_assert_eq(members_update(req, &row, MEMBERS__LEVEL), -EINVAL); /* of the key */
    cr_assert_eq(members_find(req, "a", ANN, 2, &found), 0);
    cr_assert_str_eq(found->role, "changed");
    cr_assert_eq(members_find(req, "a", ANN, 1, &found), 0);
    cr_assert_str_eq(found->role, "a1");
    cr_assert_eq(members_delete(req, "a", ANN, 2), 0);
    cr_assert_eq(members_delete(req, "a", ANN, 2), GW_E_NOT_FOUND);
    cr_assert_eq(members_find(req, "a", BOB, 2, &found), 0);
    row.level = 9;
    cr_assert_eq(members_update(req, &row, MEMBERS__ROLE), GW_E_NOT_FOUND);
    return 0;
}

TABLE_TEST(one_row_is_changed_and_deleted_by_its_key)
{
    cr_assert_eq(within(change_one), 200);
}

static int list_all(struct gw_request *req)
{
    static const char *const order[] = {"a1", "a2", "a3", "ab2", "b1", "b2", "b3"};
    const struct members_row *rows, *after = NULL;
    size_t n, seen = 0;

    add_members(req);
    do {
        cr_assert_eq(members_list(req, after, 2, &rows, &n), 0);
        for (size_t i = 0; i < n; i++)
            cr_assert_str_eq(rows[i].role, order[seen++]);
        after = n ? &rows[n - 1] : after;
    } while (n == 2);
    cr_assert_eq(seen, 7);
    cr_assert_eq(members_list_by_user_id(req, BOB, NULL, 2, &rows, &n), 0);
    cr_assert_eq(n, 2);
    cr_assert_str_eq(rows[0].role, "ab2");
    cr_assert_eq(members_list_by_user_id(req, BOB, &rows[1], 9, &rows, &n), 0);
    cr_assert_eq(n, 2);
    cr_assert_str_eq(rows[1].role, "b3");
    return 0;
}

TABLE_TEST(lists_go_on_behind_a_row_in_the_order_of_the_key)
{
    cr_assert_eq(within(list_all), 200);
}

static int add_twice(struct gw_request *req)
{
    enum members_column column = 0;

    add_members(req);
    cr_assert_eq(add_member(req, "a", ANN, 1, "other", &column), GW_E_DUPLICATE);
    cr_assert_eq(column, MEMBERS__ORG | MEMBERS__USER_ID | MEMBERS__LEVEL);
    cr_assert_eq(add_member(req, "c", ANN, 1, "a1", &column), GW_E_DUPLICATE);
    cr_assert_eq(column, MEMBERS__ROLE | MEMBERS__LEVEL);
    cr_assert_eq(add_member(req, "c", ANN, 2, "a1", &column), 0); /* the pair is another */
    return 0;
}

TABLE_TEST(a_duplicate_names_the_columns_that_are_unique_together)
{
    cr_assert_eq(within(add_twice), 200);
}

static int delete_ann(struct gw_request *req)
{
    struct members_row row = {.org = "z", .user_id = BOB, .level = 1, .role = "z", .by_id = ANN};
    struct notes_row note = {.member_id = BOB};
    const struct members_row *found;

    add_members(req);
    cr_assert_eq(members_insert(req, &row, NULL), 0);
    cr_assert_eq(notes_insert(req, &note, NULL), 0);
    cr_assert_eq(users_delete(req, ANN), 0);
    cr_assert_eq(members_find(req, "a", ANN, 1, &found), GW_E_NOT_FOUND); /* cascade */
    cr_assert_eq(members_find(req, "z", BOB, 1, &found), 0);
    cr_assert_null(found->by_id);                          /* null */
    cr_assert_eq(users_delete(req, BOB), GW_E_REFERENCED); /* of a note */
    return 0;
}

TABLE_TEST(on_delete_is_what_the_foreign_key_does)
{
    cr_assert_eq(within(delete_ann), 200);
}

static int refer_to_nobody(struct gw_request *req)
{
    return notes_insert(req, &(struct notes_row){.member_id = ANN}, NULL);
}

TABLE_TEST(a_reference_to_nothing_is_409)
{
    cr_assert_eq(within(refer_to_nobody), 409);
}

/* Which index is chosen, SQLite itself tells. */
Test(sqlite, a_list_by_a_reference_goes_by_an_index)
{
    static const struct {
        const char *from, *index;
    } cases[] = {
        {"notes WHERE member_id = 'x'", "INDEX notes(member_id) ("},
        {"members WHERE user_id = 'x'", "INDEX members(user_id) ("},
        {"members WHERE by_id = 'x'", "INDEX members(by_id) ("},
        {"members WHERE level = 1 AND org = 'x'", "INDEX members(level,org) ("},
    };
    open_tables(false);
    for (size_t i = 0; i < 4; i++) {
        char sql[200];
        snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN SELECT * FROM %s", cases[i].from);
        char *plan = ask_beside(sql);
        cr_assert(strstr(plan, cases[i].index), "%s: %s", cases[i].from, plan);
        free(plan);
    }
    close_tables();
}

int main(int argc, char **argv)
{
    return site_main(argc, argv, true);
}
