/* test_entity.c: the typed calls on both stores: found by exactly what was asked for, written only
 * if it fits. */
#include "store_fixture.h"

#include "store/column.h"
#include "json/out.h"

#include <errno.h>
#include <time.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int find_email(struct fixture *f, const char *email, const struct accounts_row **ret)
{
    struct gw_value value = text_value(email);
    const void *row = NULL;
    int r = gw_entity_find(&f->req, &accounts_table, ACCOUNTS_EMAIL, &value, &row);

    *ret = row;
    return r;
}

/* ---- Finding ----------------------------------------------------------------------------- */

/* Of the one account. */
static const char *password_of(struct fixture *f)
{
    struct gw_result result;
    const struct gw_query query = {.sql = "SELECT password FROM accounts",
                                   .table = &accounts_table,
                                   .columns = UINT64_C(1) << ACCOUNTS_PASSWORD,
                                   .max_rows = 1};
    cr_assert_eq(gw_conn_run(f->conn, &query, &f->arena, &result), 0);
    return ((const struct accounts_row *)result.rows)->password;
}

STORE_TEST(find_gives_every_column_that_is_not_secret)
{
    const struct accounts_row *row;

    fixture_account(f, "a@b");
    cr_assert_eq(find_email(f, "a@b", &row), 0);
    cr_assert_str_eq(row->email, "a@b");
    cr_assert_str_eq(row->name, "N");
    cr_assert_null(row->password);
    cr_assert_gt(row->token_epoch, 0);
}

/* A key that is used again does not bring back tokens of whoever had it. */
STORE_TEST(a_new_rows_epoch_is_its_time_of_insertion)
{
    uint64_t before = (uint64_t)time(NULL) * 2000000; /* half microseconds */
    struct accounts_row *row = fixture_account(f, "a@b");
    struct accounts_row chosen = {.email = "c@d", .name = "N", .password = "h", .token_epoch = 7};
    const struct accounts_row *back;

    cr_assert_eq(find_email(f, "a@b", &back), 0);
    cr_assert_eq(back->token_epoch, row->token_epoch);
    cr_assert_eq(back->token_epoch % 2, 0); /* never revoked */
    cr_assert(back->token_epoch >= before &&
              back->token_epoch <= ((uint64_t)time(NULL) + 1) * 2000000);
    cr_assert_eq(gw_entity_insert(&f->req, &accounts_table, &chosen, NULL), 0);
    cr_assert_eq(find_email(f, "c@d", &back), 0);
    cr_assert_eq(back->token_epoch, 7);
}

STORE_TEST(find_is_exact_whatever_the_collation)
{
    static const char *const others[] = {"ADMIN",
                                         "admin ",
                                         "ADMIN ",
                                         " admin",
                                         "Admin",
                                         ("\xc3\xa1"
                                          "dmin"),
                                         "admin\t",
                                         ""};
    const struct accounts_row *row;

    fixture_compare_loosely(f);
    fixture_account(f, "admin");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        cr_assert_eq(find_email(f, others[i], &row), GW_E_NOT_FOUND, "%s", others[i]);
    cr_assert_eq(find_email(f, "admin", &row), 0);
}

STORE_TEST(find_does_not_convert)
{
    struct accounts_row *account = fixture_account(f, "1abc");
    struct gw_value zero = i64_value(0), one = text_value("1"), mixed = text_value("1abc");
    struct gw_value real = {.type = GW_TYPE_REAL, .as.f64 = 1.0};
    struct gw_value yes = {.type = GW_TYPE_BOOL, .as.boolean = true};
    struct gw_value null = {.type = GW_TYPE_INT, .null = true};
    const void *row = NULL;

    cr_assert_eq(account->id, 1);
    cr_assert_eq(gw_entity_find(&f->req, &accounts_table, ACCOUNTS_EMAIL, &zero, &row), -EINVAL);
    cr_assert_eq(gw_entity_find(&f->req, &accounts_table, ACCOUNTS_ID, &one, &row), -EINVAL);
    cr_assert_eq(gw_entity_find(&f->req, &accounts_table, ACCOUNTS_ID, &mixed, &row), -EINVAL);
    cr_assert_eq(gw_entity_find(&f->req, &accounts_table, ACCOUNTS_ID, &real, &row), -EINVAL);
    cr_assert_eq(gw_entity_find(&f->req, &accounts_table, ACCOUNTS_ID, &yes, &row), -EINVAL);
    cr_assert_eq(gw_entity_find(&f->req, &accounts_table, ACCOUNTS_ID, &null, &row), -EINVAL);
    cr_assert_null(row);
}

STORE_TEST(integers_of_the_other_signedness_keep_their_value)
{
    struct gw_value huge = u64_value(UINT64_MAX), one = u64_value(1), minus = i64_value(-1);
    const void *row;

    fixture_account(f, "a@b");
    fixture_exec(f, f->mysql ? "INSERT INTO accounts VALUES (-1, 'minus', 'n', 'p', 0)"
                             : "INSERT INTO accounts VALUES (-1, 'minus', 'n', 'p', 0)");
    cr_assert_eq(gw_entity_find(&f->req, &accounts_table, ACCOUNTS_ID, &huge, &row),
                 GW_E_NOT_FOUND);
    cr_assert_eq(gw_entity_find(&f->req, &accounts_table, ACCOUNTS_ID, &one, &row), 0);
    cr_assert_eq(gw_entity_find(&f->req, &meters_table, 0, &minus, &row), GW_E_NOT_FOUND);
    cr_assert_eq(gw_entity_find(&f->req, &meters_table, 0, &huge, &row), GW_E_NOT_FOUND);
}

STORE_TEST(a_uint_key_of_2_64_minus_1_is_itself)
{
    struct meters_row meter = {.serial = UINT64_MAX, .reading = 7};
    struct gw_value key = u64_value(UINT64_MAX);
    const void *row;
    int r = gw_entity_insert(&f->req, &meters_table, &meter, NULL);

    if (!f->mysql) {
        cr_assert_eq(r, -ERANGE);
        return;
    }
    cr_assert_eq(r, 0);
    cr_assert_eq(gw_entity_find(&f->req, &meters_table, 0, &key, &row), 0);
    cr_assert_eq(((const struct meters_row *)row)->serial, UINT64_MAX);
}

STORE_TEST(what_no_row_can_hold_is_not_found)
{
    char text[300];
    const struct accounts_row *row;

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    cr_assert_eq(find_email(f, text, &row), GW_E_NOT_FOUND);
    cr_assert_eq(find_email(f, "\xff", &row), GW_E_NOT_FOUND);
    cr_assert_str_eq(fixture_log(), "");
}

STORE_TEST(quotes_and_backslashes_are_only_characters)
{
    static const char *const texts[] = {"' OR 1=1 --", "\\' OR ''='", "\"`;--", "%", "_"};
    const struct accounts_row *row;

    fixture_account(f, "a@b");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        cr_assert_eq(find_email(f, texts[i], &row), GW_E_NOT_FOUND);
        fixture_account(f, texts[i]);
        cr_assert_eq(find_email(f, texts[i], &row), 0);
        cr_assert_str_eq(row->email, texts[i]);
    }
}

/* ---- Writing ----------------------------------------------------------------------------- */

static void refuse(struct fixture *f, struct things_row row, const char *column)
{
    fixture_log_clear();
    cr_assert_eq(gw_entity_insert(&f->req, &things_table, &row, NULL), -EINVAL, "%s", column);
    cr_assert(strstr(fixture_log(), column), "%s: %s", column, fixture_log());
    cr_assert_eq(strstr(fixture_log(), "VALUE"), NULL);
}

STORE_TEST(what_does_not_fit_is_refused_before_the_statement)
{
    static const char *const dates[] = {"2025-02-29", "2025-13-01", "0000-00-00", "2025-1-1",
                                        "",           "VALUE",      "2025-01-01 "};
    static const char *const decimals[] = {"1",     "1.5",   "1.500", "01.00",
                                           "-0.00", "+1.00", "1e2",   "VALUE",
                                           "",      ".50",   "1.",    "123456789.00"};
    struct things_row row;

#define REFUSE(member, value)                                                                      \
    row = fixture_thing();                                                                         \
    row.member = (value);                                                                          \
    refuse(f, row, "." #member)

    REFUSE(small, "VALUE678901");
    REFUSE(small, "VALUE\xff");
    REFUSE(small, "\xc0\x80");
    REFUSE(small, NULL);
    REFUSE(large, NULL);
    REFUSE(raw, ((struct gw_bytes){NULL, 0}));
    REFUSE(raw, ((struct gw_bytes){dates, 101}));
    REFUSE(ratio, (double)NAN);
    REFUSE(ratio, (double)INFINITY);
    REFUSE(made, INT64_C(253402300800000000));
    REFUSE(made, INT64_MIN);
    REFUSE(doc, "{\"VALUE\":");
    REFUSE(doc, "");
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        REFUSE(day, dates[i]);
    }
    for (size_t i = 0; i < sizeof(decimals) / sizeof(decimals[0]); i++) {
        REFUSE(price, decimals[i]);
    }
}

STORE_TEST(insert_gives_the_new_key)
{
    struct accounts_row *a = fixture_account(f, "a"), *b = fixture_account(f, "b");

    cr_assert_eq(a->id, 1);
    cr_assert_eq(b->id, 2);
}

STORE_TEST(a_key_is_never_used_again)
{
    struct accounts_row *row = fixture_account(f, "a");
    struct gw_value key = i64_value(row->id);

    cr_assert_eq(gw_entity_delete(&f->req, &accounts_table, &key), 0);
    cr_assert_neq(fixture_account(f, "b")->id, key.as.i64);
}

STORE_TEST(update_writes_the_named_columns_only)
{
    struct accounts_row row = *fixture_account(f, "a@b");
    const struct accounts_row *back;

    row.name = "new";
    row.email = "other@b";
    cr_assert_eq(gw_entity_update(&f->req, &accounts_table, &row, 1u << ACCOUNTS_NAME), 0);
    cr_assert_eq(find_email(f, "a@b", &back), 0);
    cr_assert_str_eq(back->name, "new");
    cr_assert_str_eq(password_of(f), "hash");
}

STORE_TEST(update_refuses_the_key_nothing_and_columns_that_are_not_there)
{
    struct accounts_row *row = fixture_account(f, "a@b");

    cr_assert_eq(gw_entity_update(&f->req, &accounts_table, row, 0), -EINVAL);
    cr_assert_eq(gw_entity_update(&f->req, &accounts_table, row, 1u << ACCOUNTS_ID), -EINVAL);
    cr_assert_eq(gw_entity_update(&f->req, &accounts_table, row, 1u << 5), -EINVAL);
}

STORE_TEST(update_tells_a_duplicate)
{
    struct accounts_row *row = fixture_account(f, "a@b");

    fixture_account(f, "c@d");
    row->email = "c@d";
    cr_assert_eq(gw_entity_update(&f->req, &accounts_table, row, 1u << ACCOUNTS_EMAIL),
                 GW_E_DUPLICATE);
}

STORE_TEST(update_can_write_null)
{
    struct things_row row = fixture_thing();
    struct gw_value key;
    const void *back;

    row.o_text = "x";
    row.o_int = (struct gw_opt_i64){true, 1};
    cr_assert_eq(gw_entity_insert(&f->req, &things_table, &row, NULL), 0);
    row.o_text = NULL;
    row.o_int.set = false;
    cr_assert_eq(
        gw_entity_update(&f->req, &things_table, &row, 1u << THINGS_O_TEXT | 1u << THINGS_O_INT),
        0);
    key = i64_value(row.id);
    cr_assert_eq(gw_entity_find(&f->req, &things_table, 0, &key, &back), 0);
    cr_assert_null(((const struct things_row *)back)->o_text);
    cr_assert_not(((const struct things_row *)back)->o_int.set);
}

STORE_TEST(delete_removes_one_row)
{
    struct gw_value key = i64_value(fixture_account(f, "a")->id);
    const struct accounts_row *row;

    fixture_account(f, "b");
    cr_assert_eq(gw_entity_delete(&f->req, &accounts_table, &key), 0);
    cr_assert_eq(gw_entity_delete(&f->req, &accounts_table, &key), GW_E_NOT_FOUND);
    cr_assert_eq(find_email(f, "b", &row), 0);
}

STORE_TEST(a_row_that_others_refer_to_stays)
{
    struct gw_value key = i64_value(fixture_account(f, "a")->id);
    struct things_row row = fixture_thing();

    row.account_id = (struct gw_opt_i64){true, key.as.i64};
    cr_assert_eq(gw_entity_insert(&f->req, &things_table, &row, NULL), 0);
    cr_assert_eq(gw_entity_delete(&f->req, &accounts_table, &key), GW_E_REFERENCED);
    row.account_id.value = 4711;
    cr_assert_eq(gw_entity_insert(&f->req, &things_table, &row, NULL), GW_E_REFERENCED);
}

STORE_TEST(revoke_counts_up)
{
    struct accounts_row *row = fixture_account(f, "a@b");
    struct gw_value key = i64_value(row->id), missing = i64_value(99), code = text_value("x");
    const struct accounts_row *back;

    cr_assert_eq(gw_entity_revoke(f->conn, f->sql, &accounts_table, &key, 0, 0), 0);
    cr_assert_eq(gw_entity_revoke(f->conn, f->sql, &accounts_table, &key, 0, 0), 0);
    cr_assert_eq(find_email(f, "a@b", &back), 0);
    cr_assert_eq(back->token_epoch, row->token_epoch + 3); /* odd once revoked */
    cr_assert_eq(gw_entity_revoke(f->conn, f->sql, &accounts_table, &missing, 0, 0),
                 GW_E_NOT_FOUND);
    cr_assert_eq(gw_entity_revoke(f->conn, f->sql, &codes_table, &code, 0, 0), -ENOTSUP);
}

/* ---- Lists ------------------------------------------------------------------------------- */

STORE_TEST(list_walks_all_rows_in_pages)
{
    struct gw_value after;
    const void *rows;
    int64_t last = 0;
    size_t n, seen = 0;
    char email[16];

    for (int i = 0; i < 23; i++) {
        snprintf(email, sizeof(email), "%d", i);
        fixture_account(f, gw_arena_copy(&f->arena, email, strlen(email)));
    }
    do {
        after = i64_value(last);
        cr_assert_eq(
            gw_entity_list(&f->req, &accounts_table, -1, NULL, last ? &after : NULL, 10, &rows, &n),
            0);
        for (size_t i = 0; i < n; i++) {
            const struct accounts_row *row = (const struct accounts_row *)rows + i;

            cr_assert(row->id > last);
            cr_assert_null(row->password); /* secret */
            last = row->id;
            seen++;
        }
    } while (n == 10);
    cr_assert_eq(seen, 23);
}

STORE_TEST(list_by_a_reference_gives_only_its_rows)
{
    int64_t mine = fixture_account(f, "a")->id, other = fixture_account(f, "b")->id;
    struct gw_value by = i64_value(mine), after;
    const void *rows;
    size_t n;

    for (int i = 0; i < 6; i++) {
        struct things_row row = fixture_thing();

        row.account_id = (struct gw_opt_i64){i != 5, i % 2 ? other : mine};
        cr_assert_eq(gw_entity_insert(&f->req, &things_table, &row, NULL), 0);
    }
    cr_assert_eq(gw_entity_list(&f->req, &things_table, THINGS_ACCOUNT_ID, &by, NULL, 2, &rows, &n),
                 0);
    cr_assert_eq(n, 2);
    after = i64_value(((const struct things_row *)rows)[1].id);
    cr_assert_eq(
        gw_entity_list(&f->req, &things_table, THINGS_ACCOUNT_ID, &by, &after, 2, &rows, &n), 0);
    cr_assert_eq(n, 1);
    cr_assert_eq(((const struct things_row *)rows)->account_id.value, mine);
}

STORE_TEST(list_never_gives_rows_that_compare_loosely)
{
    struct gw_value by = text_value("ADMIN");
    const void *rows;
    size_t n;

    fixture_compare_loosely(f);
    fixture_account(f, "admin");
    cr_assert_eq(gw_entity_list(&f->req, &accounts_table, ACCOUNTS_EMAIL, &by, NULL, 5, &rows, &n),
                 0);
    cr_assert_eq(n, 0);
}

STORE_TEST(list_refuses_a_limit_out_of_bounds)
{
    const void *rows;
    size_t n;

    cr_assert_eq(gw_entity_list(&f->req, &codes_table, -1, NULL, NULL, 0, &rows, &n), -EINVAL);
    cr_assert_eq(gw_entity_list(&f->req, &codes_table, -1, NULL, NULL, 1001, &rows, &n), -EINVAL);
    cr_assert_eq(gw_entity_list(&f->req, &codes_table, -1, NULL, NULL, 1000, &rows, &n), 0);
    cr_assert_eq(n, 0);
}

/* ---- JSON -------------------------------------------------------------------------------- */

Test(entity, json_has_every_column_but_secret_and_revokes)
{
    struct accounts_row row = {7, "a@b", "N", "hash", 3};
    json_t *json = gw_entity_json(&accounts_table, &row);
    char *text = json_dumps(json, JSON_COMPACT);

    cr_assert_str_eq(text, "{\"id\":7,\"email\":\"a@b\",\"name\":\"N\"}");
    free(text);
    json_decref(json);
}

Test(entity, json_of_every_type)
{
    struct things_row row = fixture_thing();
    json_t *json;

    row.big = UINT64_MAX;
    row.made = INT64_C(1735689599123456);
    row.raw = (struct gw_bytes){"\0\xff", 2};
    row.doc = "[1]";
    row.o_uint = (struct gw_opt_u64){true, 5};
    json = gw_entity_json(&things_table, &row);
    cr_assert_str_eq(json_string_value(json_object_get(json, "big")), "18446744073709551615");
    cr_assert_str_eq(json_string_value(json_object_get(json, "made")),
                     "2024-12-31T23:59:59.123456Z");
    cr_assert_str_eq(json_string_value(json_object_get(json, "raw")), "AP8=");
    cr_assert(json_is_array(json_object_get(json, "doc")));
    cr_assert(json_is_false(json_object_get(json, "flag")));
    cr_assert(json_is_null(json_object_get(json, "o_blob")));
    cr_assert(json_is_null(json_object_get(json, "o_int")));
    cr_assert_eq(json_integer_value(json_object_get(json, "o_uint")), 5);
    json_decref(json);
    row.doc = "not json";
    cr_assert_null(gw_entity_json(&things_table, &row));
}

/* The row written as text is, read back, the tree. */
static void expect_same_json(struct fixture *f, const struct gw_table *table, const void *row)
{
    struct gw_jsonout out = {.text = {.arena = &f->arena}};
    json_t *tree = gw_entity_json(table, row), *read;

    gw_entity_jsonout(&out, table, row);
    cr_assert_not(out.text.failed);
    read = json_loadb(out.text.ptr, out.text.len, JSON_REJECT_DUPLICATES, NULL);
    cr_assert(tree && read && json_equal(tree, read), "%s", out.text.ptr);
    json_decref(tree);
    json_decref(read);
}

STORE_TEST(written_json_is_the_tree_for_every_type)
{
    struct things_row row = fixture_thing();
    struct accounts_row *account = fixture_account(f, "a\"b\\@c");
    const void *stored;

    expect_same_json(f, &accounts_table, account);
    expect_same_json(f, &things_table, &row);
    row = (struct things_row){
        .big = f->mysql ? UINT64_MAX : INT64_MAX,
        .small = "\xf0\x9f\x99\x82\"\n\x01",
        .large = "",
        .flag = true,
        .ratio = 0.1,
        .price = "-12345678.90",
        .made = -1,
        .day = "0001-01-01",
        .raw = {"\0\xff", 2},
        .doc = " {\"a\": [1, 2.5, null, true, \"\\u0041\"]} ",
        .o_int = {true, INT64_MIN},
        .o_uint = {true, INT64_MAX},
        .o_text = "t",
        .o_bool = {true, false},
        .o_real = {true, 1e300},
        .o_decimal = "0.00",
        .o_time = {true, INT64_C(253402300799999999)},
        .o_date = "9999-12-31",
        .o_blob = {"", 0},
        .o_json = "null",
        .account_id = {true, account->id},
    };
    cr_assert_eq(gw_entity_insert(&f->req, &things_table, &row, NULL), 0);
    expect_same_json(f, &things_table, &row);
    cr_assert_eq(
        gw_entity_find(&f->req, &things_table, 0, &(struct gw_value){.as.i64 = row.id}, &stored),
        0);
    expect_same_json(f, &things_table, stored);
}

Test(entity, what_is_not_json_is_not_written)
{
    struct things_row row = fixture_thing();
    struct gw_arena arena = {0};
    struct gw_jsonout out = {.text = {.arena = &arena}};

    row.doc = "not json";
    gw_entity_jsonout(&out, &things_table, &row);
    cr_assert(out.text.failed);
    gw_arena_free(&arena);
}

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
