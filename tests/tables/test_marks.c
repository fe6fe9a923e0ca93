/* test_marks.c: memory that is given back before a request's end. */
#include "tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PIECE ((size_t)1 << 20)

static int take_without(struct gw_request *req)
{
    size_t n = 0;
    while (n < 1000 && gw_alloc(req, PIECE))
        n++;
    cr_assert(n >= 60 && n <= 65, "%zu", n); /* 64 MiB, and what a body may have */
    return 0;
}

static int take_and_release(struct gw_request *req)
{
    for (int i = 0; i < 1000; i++) {
        struct gw_mark mark = gw_mark(req);
        char *text = gw_alloc(req, PIECE);
        cr_assert_not_null(text, "%d", i);
        memset(text, 'x', PIECE);
        cr_assert_eq(gw_release(req, mark), 0);
    }
    return 0;
}

TABLE_TEST(what_is_released_is_there_again)
{
    cr_assert_eq(within(take_without), 200);
    cr_assert_eq(within(take_and_release), 200, "%s", tables_log());
}

#define LARGE ((size_t)90 << 20)

TABLE_TEST(a_body_as_large_as_its_route_takes_can_be_had_whole)
{
    char *body = malloc(LARGE + 1);
    struct gw_test_reply reply;
    cr_assert_not_null(body);
    memset(body, 'x', LARGE);
    body[LARGE] = '\0';
    cr_assert_eq(request("POST", "/whole", body, NULL, &reply), 200, "%s", tables_log());
    cr_assert_str_eq(reply.body, "94371840");
    free(body);
    cr_assert_eq(within(take_without), 200); /* and nobody else has more for it */
}

static int nest(struct gw_request *req)
{
    char *before = gw_printf(req, "%s", "before");
    struct gw_mark outer = gw_mark(req);
    char *between = gw_printf(req, "%s", "between");
    struct gw_mark inner = gw_mark(req);
    gw_printf(req, "%s", "within");
    cr_assert_eq(gw_release(req, inner), 0);
    cr_assert_str_eq(between, "between");
    cr_assert_eq(gw_release(req, inner), -EINVAL); /* once */
    inner = gw_mark(req);
    cr_assert_eq(gw_release(req, outer), 0);
    cr_assert_eq(gw_release(req, inner), -EINVAL); /* went with the outer one */
    cr_assert_eq(gw_release(req, outer), -EINVAL);
    cr_assert_eq(gw_release(req, (struct gw_mark){0}), -EINVAL);
    cr_assert_eq(gw_release(req, (struct gw_mark){99}), -EINVAL);
    cr_assert_str_eq(before, "before");
    return 0;
}

TABLE_TEST(marks_lie_within_each_other_and_are_released_once)
{
    cr_assert_eq(within(nest), 200);
    cr_assert(strstr(tables_log(), "gw_release"));
}

/* What an answer is made of lasts, whenever it was made. */
static int answer_from_within(struct gw_request *req)
{
    struct gw_mark mark = gw_mark(req);
    struct gw_writer *w = gw_writer_new(req);
    struct gw_secret secret;
    const char *text;
    gw_writer_array(w);
    for (int i = 0; i < 2000; i++)
        gw_writer_text(w, gw_printf(req, "number %d", i));
    gw_writer_end(w);
    cr_assert_eq(gw_set_header(req, "X-Kept", gw_printf(req, "%s", "kept")), 0);
    cr_assert_eq(gw_secret_of(req, "hidden", 6, &secret), 0);
    cr_assert_eq(gw_release(req, mark), 0);
    char *over = gw_alloc(req, 100000);
    memset(over, '!', 100000);
    cr_assert_eq(gw_secret_reveal(req, secret, &text, NULL), 0);
    cr_assert_str_eq(text, "hidden");
    cr_assert_eq(gw_writer_send(req, 200, w), 0);
    return 0;
}

static int answer_kept(struct gw_request *req)
{
    return answer_from_within(req);
}

TABLE_TEST(what_an_answer_is_made_of_lasts)
{
    struct gw_test_reply reply;
    cr_assert_eq(within(answer_kept), 200, "%s", tables_log()); /* answered, then emptied */
    (void)reply;
}

static int find_many(struct gw_request *req)
{
    struct vaults_secrets secrets;
    const struct vaults_row *row;
    const char *text;
    for (int i = 0; i < 50; i++) {
        struct gw_mark mark = gw_mark(req);
        cr_assert_eq(vaults_find_secret(req, 1, &row, &secrets), 0);
        cr_assert_eq(gw_release(req, mark), 0);
        char *over = gw_alloc(req, 1000);
        memset(over, '!', 1000);
        cr_assert_eq(gw_secret_reveal(req, secrets.password, &text, NULL), 0);
        cr_assert_str_eq(text, "locked");
    }
    return 0;
}

TABLE_TEST(a_secret_outlasts_the_row_that_it_came_with)
{
    run_beside("INSERT INTO vaults (email, password, token_epoch) VALUES ('a@x.de', 'locked', 0)",
               "INSERT INTO vaults (email, password, token_epoch) VALUES ('a@x.de', 'locked', 0)");
    cr_assert_eq(within(find_many), 200, "%s", tables_log());
}

int main(int argc, char **argv)
{
    return site_main(argc, argv, true);
}
