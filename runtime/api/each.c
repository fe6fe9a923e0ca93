/* each.c: rows one by one, in fixed memory.
 *
 * A list goes page by page behind the key of the last row, and a page ends where it holds enough
 * bytes: no statement, lock or snapshot waits for whoever reads the answer. A statement's rows have
 * no key to go on from: the store keeps them apart (gw_cursor_open). The time for handler and store
 * begins anew with each row, unless the route has one for the whole: how long it all takes hangs on
 * the client, which the rule of progress is for. */
#include "api/own.h"

#include "base/arena.h"
#include "request/request.h"
#include "store/column.h"

#include <errno.h>

#define PAGE_BYTES ((size_t)256 << 10)
#define PAGE_FIRST 16 /* rows, before it is known how long they are */
#define PAGE_MOST  1000

typedef int row_taker(struct gw_request *req, const void *row, void *data);

/* ---- Lists ---------------------------------------------------------------------------------- */

struct page {
    struct gw_arena arena;
    const void *rows[PAGE_MOST];
    size_t n;
    bool is_last;
};

/* Rows from where the list stands, until they are `limit` or enough bytes. */
static int read_page(const struct gw_call *call, const struct gw_listing *listing,
                     struct page *page)
{
    struct gw_value values[GW_LISTING_VALUES];
    struct gw_query query;
    struct gw_cursor *cursor = NULL;
    void *row;
    int r = gw_listing_query(call, listing, listing->limit, values, &query);
    if (!r)
        r = gw_cursor_open(call->conn, &query, false, &cursor);
    page->n = 0;
    while (!r && page->n < listing->limit && page->arena.total < PAGE_BYTES) {
        r = gw_cursor_next(cursor, call->deadline_ns, &page->arena, &row);
        if (r || !row)
            break;
        page->rows[page->n++] = row;
    }
    page->is_last = page->n < listing->limit && page->arena.total < PAGE_BYTES;
    gw_cursor_close(cursor);
    return r;
}

static int give_page(struct gw_request *req, const struct gw_call *call,
                     const struct gw_listing *listing, const struct page *page, row_taker *fn,
                     void *data)
{
    int r = 0;
    for (size_t i = 0; !r && i < page->n; i++) {
        if (!gw_listing_holds(call, listing, page->rows[i]))
            continue;
        r = fn(req, page->rows[i], data);
        gw_request_renew_deadline(req);
    }
    return r;
}

/* The rows behind the key of this page's last one, which stays in its memory. */
static void go_behind(const struct gw_call *call, struct gw_listing *listing,
                      const struct page *page)
{
    for (size_t i = 0; i < gw_table_key_size(call->table); i++)
        listing->after[i] =
            gw_row_value(call->table, gw_table_key(call->table, i), page->rows[page->n - 1]);
    listing->follows = true;
    if (page->n < listing->limit) /* they are long */
        listing->limit = (unsigned)page->n;
    else
        listing->limit = listing->limit < PAGE_MOST / 2 ? listing->limit * 2 : PAGE_MOST;
}

/* Two pages take turns: the key of the one is what the other begins behind. */
static int each_page(struct gw_request *req, struct gw_call *call, struct gw_listing *listing,
                     row_taker *fn, void *data)
{
    struct page pages[2] = {{.n = 0}, {.n = 0}};
    int r = 0;
    for (size_t turn = 0; !r; turn ^= 1) {
        struct page *page = &pages[turn];
        gw_arena_free(&page->arena);
        page->arena.limit = GW_REQUEST_MEMORY;
        call->arena = &page->arena;
        call->deadline_ns = req->deadline_ns;
        r = read_page(call, listing, page);
        if (!r)
            r = give_page(req, call, listing, page, fn, data);
        if (r || page->is_last)
            break;
        go_behind(call, listing, page);
    }
    gw_arena_free(&pages[0].arena);
    gw_arena_free(&pages[1].arena);
    return r;
}

int gw_entity_each(struct gw_request *req, const struct gw_table *table, int by,
                   const struct gw_value *value, row_taker *fn, void *data)
{
    struct gw_listing listing = {.by = by, .limit = PAGE_FIRST};
    struct gw_call call;
    int r = gw_call_start(req, table, &call);
    if (!r && by >= 0 && table->columns[by].flags & GW_COL_SECRET)
        r = -EINVAL;
    if (!r && by >= 0)
        r = gw_call_asked(&call, by, value, &listing.value);
    if (r) /* positive: no row can hold what was asked for */
        return r < 0 ? r : 0;
    return each_page(req, &call, &listing, fn, data);
}

/* ---- Statements ----------------------------------------------------------------------------- */

int gw_statement_each(struct gw_request *req, const struct gw_statement *statement,
                      const struct gw_value *values, row_taker *fn, void *data)
{
    struct gw_arena arena = {.limit = GW_REQUEST_MEMORY};
    struct gw_value ordered[GW_STATEMENT_VALUES];
    struct gw_conn *conn = gw_request_conn(req);
    struct gw_cursor *cursor = NULL;
    struct gw_query query = {0};
    void *row;
    int r = conn ? gw_statement_query(req, conn, statement, values, ordered, &query) : -ENOMEM;
    if (!r && query.table->whole_size)
        r = -EINVAL;
    query.newest |= !query.read_only; /* what only MySQL's parser knows, whose first word reads */
    query.read_only = true;
    if (!r)
        r = gw_cursor_open(conn, &query, true, &cursor);
    while (!r) {
        gw_arena_reset(&arena);
        r = gw_cursor_next(cursor, gw_statement_bound(req, conn, statement), &arena, &row);
        if (r || !row)
            break;
        r = fn(req, row, data);
        gw_request_renew_deadline(req);
    }
    gw_cursor_close(cursor);
    gw_arena_free(&arena);
    return r;
}
