/* test_streams.c: rows one by one, of lists and of statements. */
#include "tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OWNER  "00000000-0000-4000-8000-000000000001"
#define SECOND "00000000-0000-4000-8000-000000000002"

/* 5,000 lessons with ids from 1 on, every fifth the second user's. */
static void add_lessons(void)
{
    run_beside("INSERT INTO app_users VALUES ('" OWNER "', 'a', 0, 0), ('" SECOND "', 'b', 0, 0)",
               "INSERT INTO app_users VALUES ('" OWNER "', 'a', 0, 0), ('" SECOND "', 'b', 0, 0)");
    run_beside("INSERT INTO `wp-lessons 2` SELECT seq, IF(seq % 5, '" OWNER "', '" SECOND
               "'), CONCAT('t', seq) FROM seq_1_to_5000",
               "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 5000)"
               " INSERT INTO `wp-lessons 2` SELECT i, CASE WHEN i % 5 THEN '" OWNER
               "' ELSE '" SECOND "' END, 't' || i FROM c");
}

/* What was given so far. */
struct seen {
    size_t n;
    int64_t last, sum;
    bool in_order;
};

static int see(struct gw_request *req, const struct lessons_row *row, void *data)
{
    struct seen *seen = data;
    char title[32];
    snprintf(title, sizeof(title), "t%lld", (long long)row->id);
    cr_assert_str_eq(row->title_1, title);
    seen->in_order &= row->id > seen->last;
    seen->last = row->id;
    seen->sum += row->id;
    seen->n++;
    return 0;
}

static void expect_as_beside(const struct seen *seen, const char *where)
{
    char sql[200], text[64];
    snprintf(sql, sizeof(sql), "SELECT %s FROM `wp-lessons 2` %s", "COUNT(*)", where);
    char *n = ask_beside(sql);
    snprintf(sql, sizeof(sql), "SELECT %s FROM `wp-lessons 2` %s", "COALESCE(SUM(id), 0)", where);
    char *sum = ask_beside(sql);
    snprintf(text, sizeof(text), "%zu", seen->n);
    cr_assert_str_eq(text, n);
    snprintf(text, sizeof(text), "%lld", (long long)seen->sum);
    cr_assert_str_eq(text, sum);
    cr_assert(seen->in_order);
    free(n);
    free(sum);
}

static int see_all(struct gw_request *req)
{
    struct seen seen = {.in_order = true};
    cr_assert_eq(lessons_each(req, see, &seen), 0);
    expect_as_beside(&seen, "");
    seen = (struct seen){.in_order = true};
    cr_assert_eq(all_lessons_each(req, see, &seen), 0);
    expect_as_beside(&seen, "");
    return 0;
}

TABLE_TEST(all_rows_come_in_their_order_once)
{
    cr_assert_eq(within(see_all), 200); /* of an empty table none */
    add_lessons();
    cr_assert_eq(within(see_all), 200, "%s", tables_log());
}

static int see_second(struct gw_request *req)
{
    struct seen seen = {.in_order = true};
    cr_assert_eq(lessons_each_by_owner_id(req, SECOND, see, &seen), 0);
    expect_as_beside(&seen, "WHERE owner_id = '" SECOND "'");
    seen = (struct seen){.in_order = true};
    cr_assert_eq(lessons_each_by_owner_id(req, "ffffffff-0000-4000-8000-000000000002", see, &seen),
                 0);
    return seen.n ? 500 : 0;
}

TABLE_TEST(a_list_by_a_column_gives_the_rows_that_have_its_value)
{
    add_lessons();
    cr_assert_eq(within(see_second), 200, "%s", tables_log());
}

static int stop_at_ten(struct gw_request *req, const struct lessons_row *row, void *data)
{
    ++*(int *)data;
    return row->id == 10 ? GW_E_MISMATCH : 0;
}

static int stop(struct gw_request *req)
{
    int n = 0;
    cr_assert_eq(lessons_each(req, stop_at_ten, &n), GW_E_MISMATCH);
    cr_assert_eq(n, 10);
    cr_assert_eq(all_lessons_each(req, stop_at_ten, &n), GW_E_MISMATCH);
    cr_assert_eq(n, 20);
    return 0;
}

TABLE_TEST(what_the_function_returns_ends_it_and_is_returned)
{
    add_lessons();
    cr_assert_eq(within(stop), 200, "%s", tables_log());
}

/* Other statements, a transaction too, while rows are given. */
static int rename_one(struct gw_request *req, const struct lessons_row *row, void *data)
{
    const struct lessons_row *same;
    char title[32];
    if (row->id > 40)
        return GW_E_NOT_FOUND;
    cr_assert_eq(lessons_find(req, row->id, &same), 0);
    snprintf(title, sizeof(title), "%s%lld", (const char *)data, (long long)row->id);
    struct lessons_row changed = {.id = row->id, .title_1 = title};
    int r = gw_tx_begin(req);
    if (!r)
        r = lessons_update(req, &changed, LESSONS__TITLE_1);
    return r ? r : gw_tx_commit(req);
}

static int rename_some(struct gw_request *req)
{
    int r = all_lessons_each(req, rename_one, (void *)"x");
    cr_assert_eq(r, GW_E_NOT_FOUND, "%d %s", r, tables_log());
    cr_assert_eq(lessons_each(req, rename_one, (void *)"y"), GW_E_NOT_FOUND);
    return 0;
}

TABLE_TEST(the_function_may_run_other_statements)
{
    add_lessons();
    cr_assert_eq(within(rename_some), 200, "%s", tables_log());
    char *title = ask_beside("SELECT `Title` FROM `wp-lessons 2` WHERE id = 40");
    cr_assert_str_eq(title, "y40");
    free(title);
}

/* Somebody else writes between two rows; then it is this request's turn. */
static int write_after_others(struct gw_request *req, const struct lessons_row *row, void *data)
{
    static const char *const sql = "UPDATE `wp-lessons 2` SET `Title` = 'late' WHERE id = 4999";
    struct lessons_row changed = {.id = row->id, .title_1 = "mine"};
    if (row->id > 1) {
        cr_assert_str_neq(row->title_1, "late"); /* a statement's rows are those of its beginning */
        return 0;
    }
    run_beside(sql, sql);
    return lessons_update(req, &changed, LESSONS__TITLE_1);
}

static int write_late(struct gw_request *req)
{
    return all_lessons_each(req, write_after_others, NULL);
}

TABLE_TEST(rows_of_a_statement_keep_nobody_from_writing)
{
    add_lessons();
    cr_assert_eq(within(write_late), 200, "%s", tables_log());
    char *title = ask_beside("SELECT `Title` FROM `wp-lessons 2` WHERE id = 1");
    cr_assert_str_eq(title, "mine");
    free(title);
}

static int count_up(struct gw_request *req, const struct numbers_row *row, void *data)
{
    int64_t *sum = data;
    *sum += row->i;
    return 0;
}

static int count_pairs(struct gw_request *req, const struct numbers_row *row, void *data)
{
    return numbers_each(req, row->i, count_up, data);
}

static int count_numbers(struct gw_request *req)
{
    int64_t sum = 0;
    cr_assert_eq(numbers_each(req, 900, count_up, &sum), 0);
    cr_assert_eq(sum, 900 * 901 / 2);
    sum = 0; /* of one text within itself: 1 + (1 + 2) + ... */
    cr_assert_eq(numbers_each(req, 30, count_pairs, &sum), 0);
    cr_assert_eq(sum, 30 * 31 * 32 / 6);
    return 0;
}

TABLE_TEST(a_statement_may_run_within_itself)
{
    cr_assert_eq(within_a_minute(count_numbers), 200, "%s", tables_log());
}

/* Texts of very different lengths, the long ones between short ones. */
static int see_words(struct gw_request *req, const struct all_words_row *row, void *data)
{
    size_t len = strlen(row->words), *n = data;
    cr_assert(len == 10 || len == 70000);
    for (size_t i = 0; i < len; i++)
        cr_assert_eq(row->words[i], row->words[0]);
    *n += len;
    return 0;
}

static int see_posts(struct gw_request *req, const struct posts_row *row, void *data)
{
    size_t *n = data;
    *n += strlen(row->words);
    return 0;
}

static int see_all_words(struct gw_request *req)
{
    size_t n = 0;
    cr_assert_eq(all_words_each(req, see_words, &n), 0);
    cr_assert_eq(n, 190 * 10 + 10 * 70000);
    n = 0;
    cr_assert_eq(posts_each(req, see_posts, &n), 0);
    cr_assert_eq(n, 190 * 10 + 10 * 70000);
    return 0;
}

TABLE_TEST(long_values_come_whole)
{
    run_beside("INSERT INTO posts (id, title, code, made, changed, today, words)"
               " SELECT UUID(), 't', seq, NOW(), NOW(), NOW(),"
               " REPEAT(CHAR(97 + seq % 26), IF(seq % 20, 10, 70000)) FROM seq_1_to_200",
               "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 200)"
               " INSERT INTO posts (id, title, code, made, changed, today, words)"
               " SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' ||"
               " hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(6))),"
               " 't', i, 0, 0, '2026-01-01', replace(hex(zeroblob(CASE WHEN i % 20 THEN 5 ELSE"
               " 35000 END)), '0', char(97 + i % 26)) FROM c");
    cr_assert_eq(within(see_all_words), 200, "%s", tables_log());
}

/* Of a key of several columns. */
static int see_member(struct gw_request *req, const struct members_row *row, void *data)
{
    ++*(size_t *)data;
    return 0;
}

static int see_members(struct gw_request *req)
{
    size_t n = 0;
    cr_assert_eq(members_each(req, see_member, &n), 0);
    cr_assert_eq(n, 600);
    return 0;
}

TABLE_TEST(a_key_of_several_columns_is_gone_on_behind)
{
    add_lessons();
    run_beside(
        "INSERT INTO members (org, user_id, level, role) SELECT CONCAT('o', seq % 3), '" OWNER
        "', seq, CONCAT('r', seq) FROM seq_1_to_600",
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 600)"
        " INSERT INTO members (org, user_id, level, role)"
        " SELECT 'o' || i % 3, '" OWNER "', i, 'r' || i FROM c");
    cr_assert_eq(within(see_members), 200, "%s", tables_log());
}

/* ---- Transactions --------------------------------------------------------------------------- */

static int roll_back_at_three(struct gw_request *req, const struct lessons_row *row, void *data)
{
    ++*(int *)data;
    return row->id == 3 ? gw_tx_rollback(req) : 0;
}

static int see_uncommitted(struct gw_request *req)
{
    struct lessons_row row = {.owner_id = OWNER, .title_1 = "t5001"};
    struct seen seen = {.in_order = true};
    cr_assert_eq(gw_tx_begin(req), 0);
    cr_assert_eq(lessons_insert(req, &row, NULL), 0);
    cr_assert_eq(all_lessons_each(req, see, &seen), 0);
    cr_assert_eq(seen.n, 5001);
    seen = (struct seen){.in_order = true};
    cr_assert_eq(lessons_each(req, see, &seen), 0);
    cr_assert_eq(seen.n, 5001);
    return gw_tx_rollback(req);
}

TABLE_TEST(within_a_transaction_its_own_rows_are_there)
{
    add_lessons();
    cr_assert_eq(within(see_uncommitted), 200, "%s", tables_log());
}

static int roll_back_within(struct gw_request *req)
{
    const struct lessons_row *row;
    int n = 0;
    cr_assert_eq(gw_tx_begin(req), 0);
    int r = all_lessons_each(req, roll_back_at_three, &n);
    cr_assert(r == 0 ? n == 5000 : r == -EIO && n == 3, "%d %d", r,
              n); /* all of them, or an error */
    return lessons_find(req, 7, &row);
}

TABLE_TEST(a_rollback_within_loses_no_row_silently)
{
    add_lessons();
    cr_assert_eq(within(roll_back_within), 200, "%s", tables_log());
}

/* ---- Without a client ------------------------------------------------------------------------ */

static int flush_without_an_answer(struct gw_request *req)
{
    struct gw_writer *w = gw_writer_new(req);
    gw_writer_int(w, 1);
    cr_assert_eq(gw_writer_flush(req, w), -EINVAL);
    cr_assert_eq(gw_writer_flush(req, NULL), -ENOMEM);
    return 0;
}

TABLE_TEST(a_writer_is_flushed_into_a_streamed_answer_alone)
{
    cr_assert_eq(within(flush_without_an_answer), 200);
    cr_assert(strstr(tables_log(), "the answer has not begun"));
}

static int see_as_job(struct gw_request *req)
{
    struct vaults_secrets secrets = {.password = {0}};
    int r = see_all(req);
    cr_assert_null(gw_me_table(req));
    cr_assert_eq(gw_password_hash(req, "secret of a job", &secrets.password), 0);
    return r ? r : gw_empty(req, 200) == -EINVAL ? GW_E_BLOCKED : 0;
}

static int leave_open(struct gw_request *req)
{
    return gw_tx_begin(req);
}

TABLE_TEST(a_job_has_the_calls_of_a_handler_and_nobody_to_answer)
{
    add_lessons();
    cr_assert_eq(as_job(see_as_job), GW_E_BLOCKED, "%s", tables_log());
    cr_assert_eq(as_job(leave_open), -EINVAL);
    cr_assert_eq(within(see_all), 200, "%s", tables_log()); /* nothing is left of it */
    cr_assert_eq(gw_test_job(test, "nothing"), -EINVAL);
}

/* ---- A connection that is lost --------------------------------------------------------------- */

static int lose_connection(struct gw_request *req, const struct lessons_row *row, void *data)
{
    char *id = ask_beside("SELECT MIN(id) FROM information_schema.processlist"
                          " WHERE db = DATABASE() AND id <> CONNECTION_ID()");
    const struct lessons_row *same;
    char sql[64];
    snprintf(sql, sizeof(sql), "KILL CONNECTION %s", id);
    free(id);
    if (row->id > 1)
        return 0;
    run_beside(sql, NULL);
    cr_assert_eq(lessons_find(req, 1, &same), 0); /* on another connection */
    ++*(int *)data;
    return 0;
}

static int lose(struct gw_request *req)
{
    int n = 0;
    cr_assert_eq(all_lessons_each(req, lose_connection, &n), -EHOSTDOWN);
    cr_assert_eq(n, 1);
    return 0;
}

Test(mysql, a_lost_connection_ends_it_with_an_error)
{
    open_tables(true);
    add_lessons();
    cr_assert_eq(within(lose), 200, "%s", tables_log());
    close_tables();
}

int main(int argc, char **argv)
{
    return site_main(argc, argv, true);
}
