/* program.c: a program that runs on several hosts before a cluster of databases. For tests only. */
#include "routes.h"

int add_person(struct gw_request *req, const struct person_body *body)
{
    struct people_row row = {.name = body->name};
    const char *token;
    int r = people_insert(req, &row, NULL);
    if (!r)
        r = people_create_token(req, &row, &token);
    return r ? r : gw_json(req, 201, json_pack("{s:I, s:s}", "id", row.id, "token", token));
}

int show_me(struct gw_request *req, const struct people_row *me)
{
    return gw_json(req, 200, people_json(me));
}

/* Nothing of the database. */
int say_hello(struct gw_request *req)
{
    return gw_text(req, 200, "hello");
}

int end_tokens(struct gw_request *req, const struct people_row *me)
{
    (void)me;
    int r = gw_revoke_tokens(req);
    return r ? r : gw_empty(req, 204);
}

int add_note(struct gw_request *req, const struct note_body *body)
{
    struct notes_row row = {.word = body->word};
    int r = notes_insert(req, &row, NULL);
    return r ? r : gw_json(req, 201, notes_json(&row));
}

int list_notes(struct gw_request *req)
{
    const struct notes_row *rows;
    size_t n;
    int r = notes_list(req, INT64_MIN, 20, &rows, &n);
    json_t *all = r ? NULL : json_array();
    for (size_t i = 0; i < n && all; i++)
        json_array_append_new(all, notes_json(&rows[i]));
    return r ? r : gw_json(req, 200, all);
}

int show_note(struct gw_request *req, int64_t id)
{
    const struct notes_row *row;
    int r = notes_find(req, id, &row);
    return r ? r : gw_json(req, 200, notes_json(row));
}

/* One statement: whatever is in its way, it is done once or not at all. */
int count(struct gw_request *req, int64_t id)
{
    uint64_t n;
    int r = add_one(req, id, &n);
    if (!r && n != 1)
        return gw_text(req, 404, "no such counter");
    return r ? r : gw_empty(req, 204);
}

struct pair {
    int64_t from, to;
};

/* Read, and written back by another statement: only a transaction keeps the sum. */
static int take_and_give(struct gw_request *req, void *data)
{
    const struct pair *pair = data;
    const struct counters_row *from, *to;
    uint64_t n;
    int r = add_one(req, pair->from < pair->to ? pair->from : pair->to, &n); /* locks both, */
    if (!r)                                                                  /* in one order */
        r = add_one(req, pair->from < pair->to ? pair->to : pair->from, &n);
    if (!r)
        r = counters_find(req, pair->from, &from);
    if (!r)
        r = counters_find(req, pair->to, &to);
    if (r)
        return r;
    struct counters_row less = {.id = from->id, .n = from->n - 2};
    struct counters_row more = {.id = to->id, .n = to->n};
    r = counters_update(req, &less, COUNTERS__N);
    return r ? r : counters_update(req, &more, COUNTERS__N);
}

int move(struct gw_request *req, int64_t from, int64_t to)
{
    struct pair pair = {from, to};
    int r = gw_tx_run(req, take_and_give, &pair);
    return r ? r : gw_empty(req, 204);
}

int main(int argc, char **argv)
{
    return gw_main(argc, argv, NULL);
}
