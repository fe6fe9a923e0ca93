/* store.c: picks the driver and keeps what all drivers have in common: deadlines, and what a
 * failure within a transaction means. */
#include "store/store.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/column.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define CONNECT_TIMEOUT_MS 1000
#define QUERY_TIMEOUT_MS   2000

bool gw_store_is_away(int result)
{
    return result == -EHOSTDOWN || result == -ETIMEDOUT || result == -EBUSY;
}

int gw_store_new(const struct gw_store_scheme *schemes, const char *url,
                 const struct gw_store_options *options, struct gw_arena *arena,
                 struct gw_store **ret, const char **ret_why)
{
    struct gw_store_options chosen = options ? *options : (struct gw_store_options){0};
    if (!chosen.connect_timeout_ms)
        chosen.connect_timeout_ms = CONNECT_TIMEOUT_MS;
    if (!chosen.query_timeout_ms)
        chosen.query_timeout_ms = QUERY_TIMEOUT_MS;
    for (const struct gw_store_scheme *scheme = schemes; scheme->prefix; scheme++)
        if (!strncmp(url, scheme->prefix, strlen(scheme->prefix))) {
            if (scheme->driver)
                return scheme->driver->store_new(url, &chosen, arena, ret, ret_why);
            *ret_why = scheme->why_not;
            return -EINVAL;
        }
    *ret_why = "must begin with sqlite:, mysql:// or mariadb://";
    return -EINVAL;
}

static void free_limits(struct gw_table_limits *limits)
{
    for (size_t i = 0; i < GW_MAX_COLUMNS; i++)
        free((char *)limits->columns[i].words);
    free(limits);
}

void gw_store_free(struct gw_store *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < GW_LIMITS_LISTS; i++) {
        struct gw_table_limits *next, *limits = atomic_load(&store->limits[i]);
        for (; limits; limits = next) {
            next = limits->next;
            free_limits(limits);
        }
    }
    store->driver->store_free(store);
}

const char *gw_store_scheme(const struct gw_store *store)
{
    return store->driver->scheme;
}

void gw_store_suspend(struct gw_store *store)
{
    atomic_store(&store->suspended, true);
}

void gw_store_resume(struct gw_store *store)
{
    atomic_store(&store->suspended, false);
}

bool gw_store_is_suspended(const struct gw_store *store)
{
    return atomic_load_explicit(&store->suspended, memory_order_acquire);
}

bool gw_store_host(const struct gw_store *store, size_t i, struct gw_store_host *ret)
{
    return store->driver->host && store->driver->host(store, i, ret);
}

void gw_store_watch(struct gw_store *store)
{
    atomic_store(&store->watched, true);
}

int gw_store_compare(struct gw_store *store, const struct gw_app *app,
                     void (*report)(void *data, const char *line), void *data)
{
    return store->driver->compare(store, app, report, data);
}

int gw_store_migrate(struct gw_store *store, const struct gw_app *app,
                     struct gw_migration *migration)
{
    migration->n_refused = 0;
    return store->driver->migrate(store, app, migration);
}

int gw_store_diff(struct gw_store *store, const struct gw_app *app, FILE *to)
{
    return gw_store_migrate(store, app, &(struct gw_migration){.to = to});
}

bool gw_store_may_lose(const struct gw_migration *migration, const char *table, const char *column)
{
    size_t len = strlen(table);
    for (const char *const *loss = migration->losses; loss && *loss; loss++)
        if (!strncasecmp(*loss, table, len) && (*loss)[len] == '.' &&
            !strcasecmp(*loss + len + 1, column))
            return true;
    return false;
}

int gw_store_create(struct gw_store *store, const struct gw_app *app)
{
    return store->driver->create ? store->driver->create(store, app) : -ENOTSUP;
}

int gw_store_try(struct gw_store *store, const struct gw_app *app,
                 void (*report)(void *data, const char *line), void *data, bool *ret_whole)
{
    *ret_whole = true;
    return store->driver->attempt ? store->driver->attempt(store, app, report, data, ret_whole)
                                  : store->driver->compare(store, app, report, data);
}

int gw_store_lock(struct gw_store *store, const char *name, struct gw_store_lock *ret)
{
    *ret = (struct gw_store_lock){.fd = -1};
    int r = store->driver->lock(store, name, ret);
    if (r)
        gw_store_unlock(ret);
    return r;
}

void gw_store_unlock(struct gw_store_lock *lock)
{
    gw_conn_free(lock->conn);
    if (lock->fd >= 0)
        close(lock->fd);
    *lock = (struct gw_store_lock){.fd = -1};
}

int gw_conn_new(struct gw_store *store, struct gw_conn **ret)
{
    return store->driver->conn_new(store, ret);
}

void gw_conn_free(struct gw_conn *conn)
{
    if (!conn)
        return;
    gw_arena_free(&conn->scratch);
    conn->store->driver->conn_free(conn);
}

/* What is within a transaction was begun before, and ends by itself. */
static bool is_refused(const struct gw_conn *conn)
{
    return !conn->in_transaction && !conn->watches && gw_store_is_suspended(conn->store);
}

/* The earlier of the caller's deadline and the store's own bound, so that a request with much time
 * left still learns soon that the store is away; longer where a `timeout` says so. */
static uint64_t bounded(const struct gw_conn *conn, uint64_t deadline_ns)
{
    uint64_t ms = conn->store->options.query_timeout_ms;
    if (conn->timeout_ms > ms)
        ms = conn->timeout_ms;
    uint64_t own = gw_now_ns() + ms * UINT64_C(1000000);
    return deadline_ns && deadline_ns < own ? deadline_ns : own;
}

const struct gw_conn_counts *gw_conn_counts(const struct gw_conn *conn)
{
    return &conn->counts;
}

/* What came of a statement, a begin or a commit that began then. */
static void count(struct gw_conn *conn, uint64_t begun_ns, int r)
{
    struct gw_conn_counts *counts = &conn->counts;
    counts->busy_ns += gw_now_ns() - begun_ns;
    if (r < 0)
        *(r == -EHOSTDOWN   ? &counts->away
          : r == -ETIMEDOUT ? &counts->late
          : r == -EBUSY     ? &counts->busy
                            : &counts->failed) += 1;
}

/* A statement or a step of its rows, which began then, has come to `r`. */
static int stepped(struct gw_conn *conn, uint64_t begun_ns, int r)
{
    count(conn, begun_ns, r);
    if (conn->in_transaction && (r < 0 || r == GW_E_CONFLICT))
        conn->failed = r;
    return r;
}

/* 0: a statement may begin now. */
static int may_begin(const struct gw_conn *conn, uint64_t deadline_ns, uint64_t now_ns)
{
    if (is_refused(conn))
        return -EHOSTDOWN;
    return deadline_ns <= now_ns ? -ETIMEDOUT : 0;
}

int gw_conn_run(struct gw_conn *conn, const struct gw_query *query, struct gw_arena *arena,
                struct gw_result *ret)
{
    struct gw_query bound = *query;
    *ret = (struct gw_result){.duplicate = -1};
    if (conn->in_transaction && conn->failed)
        return conn->failed;
    bound.deadline_ns = bounded(conn, query->deadline_ns);
    uint64_t begun = gw_now_ns();
    int r = may_begin(conn, bound.deadline_ns, begun);
    if (!r)
        r = conn->store->driver->run(conn, &bound, arena, ret);
    conn->counts.statements++;
    if (r)
        *ret = (struct gw_result){.duplicate = r == GW_E_DUPLICATE ? ret->duplicate : -1};
    return stepped(conn, begun, r);
}

int gw_cursor_open(struct gw_conn *conn, const struct gw_query *query, bool aside,
                   struct gw_cursor **ret)
{
    struct gw_query bound = *query;
    *ret = NULL;
    if (!query->read_only || !query->columns)
        return -EINVAL;
    if (conn->in_transaction && conn->failed)
        return conn->failed;
    bound.deadline_ns = bounded(conn, query->deadline_ns);
    uint64_t begun = gw_now_ns();
    int r = may_begin(conn, bound.deadline_ns, begun);
    if (!r)
        r = conn->store->driver->cursor_open(conn, &bound, aside, ret);
    conn->counts.statements++;
    return stepped(conn, begun, r);
}

int gw_cursor_next(struct gw_cursor *cursor, uint64_t deadline_ns, struct gw_arena *arena,
                   void **ret_row)
{
    struct gw_conn *conn = cursor->conn;
    struct gw_result result = {.duplicate = -1};
    uint64_t begun = gw_now_ns();
    int r = cursor->result;
    *ret_row = NULL;
    if (r)
        return r;
    cursor->query.deadline_ns = bounded(conn, deadline_ns);
    if (conn->in_transaction && conn->failed)
        r = conn->failed;
    else if (cursor->query.deadline_ns <= begun)
        r = -ETIMEDOUT;
    else
        r = conn->store->driver->cursor_next(cursor, arena, &result);
    if (!r && result.n)
        *ret_row = result.rows;
    cursor->result = r;
    return stepped(conn, begun, r);
}

void gw_cursor_close(struct gw_cursor *cursor)
{
    if (!cursor)
        return;
    struct gw_conn *conn = cursor->conn;
    uint64_t begun = gw_now_ns();
    cursor->query.deadline_ns = bounded(conn, 0);
    stepped(conn, begun, conn->store->driver->cursor_close(cursor, cursor->result));
}

/* Two workers may both look; then both answers stay, and say the same. */
int gw_conn_limits(struct gw_conn *conn, const struct gw_table *table, uint64_t deadline_ns,
                   const struct gw_table_limits **ret)
{
    _Atomic(struct gw_table_limits *) *list =
        &conn->store->limits[(uintptr_t)table / sizeof(*table) % GW_LIMITS_LISTS];
    struct gw_table_limits *limits;
    int r;
    for (limits = atomic_load_explicit(list, memory_order_acquire); limits; limits = limits->next)
        if (limits->table == table) {
            *ret = limits;
            return 0;
        }
    if (conn->in_transaction && conn->failed)
        return conn->failed;
    if (is_refused(conn))
        return -EHOSTDOWN;
    limits = calloc(1, sizeof(*limits));
    if (!limits)
        return -ENOMEM;
    limits->table = table;
    r = conn->store->driver->limits(conn, table, bounded(conn, deadline_ns), limits);
    if (r) {
        free_limits(limits);
        if (conn->in_transaction)
            conn->failed = r;
        return r;
    }
    limits->next = atomic_load(list);
    while (!atomic_compare_exchange_weak(list, &limits->next, limits))
        ;
    *ret = limits;
    return 0;
}

int gw_conn_sent(struct gw_conn *conn, const struct gw_table *table, int column,
                 const struct gw_value *asked, uint64_t deadline_ns, struct gw_arena *arena,
                 struct gw_value *ret)
{
    const struct gw_table_limits *limits;
    const char *why;
    int r;
    *ret = *asked;
    if (!gw_type_has_forms(asked->type))
        return 0;
    r = gw_conn_limits(conn, table, deadline_ns, &limits);
    if (!r)
        r = gw_limits_apply(&limits->columns[column], ret, arena, &why);
    return r == -ERANGE ? GW_E_NOT_FOUND : r;
}

int gw_conn_begin(struct gw_conn *conn, uint64_t deadline_ns)
{
    int r;
    if (conn->in_transaction)
        return -EINVAL;
    uint64_t begun = gw_now_ns();
    r = is_refused(conn) ? -EHOSTDOWN
                         : conn->store->driver->begin(conn, bounded(conn, deadline_ns));
    count(conn, begun, r);
    conn->in_transaction = r == 0;
    conn->failed = 0;
    return r;
}

int gw_conn_commit(struct gw_conn *conn, uint64_t deadline_ns)
{
    int r = conn->failed;
    if (!conn->in_transaction)
        return -EINVAL;
    uint64_t begun = gw_now_ns();
    if (!r)
        r = conn->store->driver->commit(conn, bounded(conn, deadline_ns));
    count(conn, begun, r);
    if (r)
        gw_conn_rollback(conn);
    conn->in_transaction = false;
    return r;
}

void gw_conn_rollback(struct gw_conn *conn)
{
    if (conn->in_transaction)
        conn->store->driver->rollback(conn);
    conn->in_transaction = false;
    conn->failed = 0;
}

bool gw_conn_in_transaction(const struct gw_conn *conn)
{
    return conn->in_transaction;
}
