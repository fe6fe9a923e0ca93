/* test_store_torture.c: every call that a store makes fails in turn: libmariadb's, SQLite's, ours
 * to the allocator, and SQLite's own to it.
 *
 * The linker puts these in the place of what the runtime calls (--wrap). In the nth run of a
 * scenario the nth call fails, until a run needs fewer than n. A failure may make a call fail; it
 * may not give another account's row, nor say that one is there which is not, nor that something
 * was written which was not. Leaks are found by the sanitizer's build. TESTS_FULL=1: SQLite's own
 * allocations one by one and not every seventh. */
#include "store_fixture.h"
#include "base/clock.h"
#include "process/drivers.h"

#include <errno.h>
#include <mysql.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static long countdown = -1; /* calls until one fails; negative: none does */
static bool failed;
static bool inner; /* SQLite's own allocations fail, and nothing else */

static bool comes(void)
{
    if (countdown < 0 || countdown-- > 0)
        return false;
    failed = true;
    return true;
}

static bool fails(void)
{
    return !inner && comes();
}

/* One line for each call: what it gives when it fails. */
#define WRAP(type, name, failure, parameters, ...)                                                 \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return fails() ? (failure) : __real_##name(__VA_ARGS__);                                   \
    }

WRAP(void *, malloc, NULL, (size_t a), a)
WRAP(void *, calloc, NULL, (size_t a, size_t b), a, b)
WRAP(void *, realloc, NULL, (void *a, size_t b), a, b)
WRAP(char *, strdup, NULL, (const char *a), a)

/* The error that libmariadb leaves in the statement. */
static int run_out(MYSQL_STMT *statement)
{
    statement->last_errno = 2008; /* out of memory */
    return 1;
}

WRAP(MYSQL *, mysql_init, NULL, (MYSQL * a), a)
WRAP(int, mysql_options, 1, (MYSQL * a, enum mysql_option b, const void *c), a, b, c)
WRAP(MYSQL_STMT *, mysql_stmt_init, NULL, (MYSQL * a), a)
WRAP(my_bool, mysql_stmt_bind_param, run_out(a), (MYSQL_STMT * a, MYSQL_BIND *b), a, b)
WRAP(my_bool, mysql_stmt_bind_result, run_out(a), (MYSQL_STMT * a, MYSQL_BIND *b), a, b)
WRAP(int, mysql_stmt_fetch, run_out(a), (MYSQL_STMT * a), a)
WRAP(int, mysql_stmt_fetch_column, run_out(a),
     (MYSQL_STMT * a, MYSQL_BIND *b, unsigned c, unsigned long d), a, b, c, d)

/* A step that is done at once, and has failed. */
#define WRAP_START(type, failure, name, parameters, ...)                                           \
    int __real_##name parameters;                                                                  \
    int __wrap_##name parameters;                                                                  \
    int __wrap_##name parameters                                                                   \
    {                                                                                              \
        if (!fails())                                                                              \
            return __real_##name(__VA_ARGS__);                                                     \
        *ret = (failure);                                                                          \
        return 0;                                                                                  \
    }
WRAP_START(MYSQL *, NULL, mysql_real_connect_start,
           (MYSQL * *ret, MYSQL *a, const char *b, const char *c, const char *d, const char *e,
            unsigned f, const char *g, unsigned long h),
           ret, a, b, c, d, e, f, g, h)
WRAP_START(int, 1, mysql_real_query_start, (int *ret, MYSQL *a, const char *b, unsigned long c),
           ret, a, b, c)
WRAP_START(MYSQL_RES *, NULL, mysql_store_result_start, (MYSQL_RES * *ret, MYSQL *a), ret, a)
WRAP_START(int, run_out(a), mysql_stmt_prepare_start,
           (int *ret, MYSQL_STMT *a, const char *b, unsigned long c), ret, a, b, c)
WRAP_START(int, run_out(a), mysql_stmt_execute_start, (int *ret, MYSQL_STMT *a), ret, a)
WRAP_START(int, run_out(a), mysql_stmt_store_result_start, (int *ret, MYSQL_STMT *a), ret, a)

WRAP_START(int, run_out(a), mysql_stmt_prepare_cont, (int *ret, MYSQL_STMT *a, int b), ret, a, b)
WRAP_START(int, run_out(a), mysql_stmt_execute_cont, (int *ret, MYSQL_STMT *a, int b), ret, a, b)
WRAP_START(int, run_out(a), mysql_stmt_store_result_cont, (int *ret, MYSQL_STMT *a, int b), ret, a,
           b)
WRAP(MYSQL_ROW, mysql_fetch_row, NULL, (MYSQL_RES * a), a)
WRAP(unsigned, mysql_stmt_field_count, 0, (MYSQL_STMT * a), a)
WRAP(unsigned long, mysql_stmt_param_count, 0, (MYSQL_STMT * a), a)

int __real_sqlite3_open_v2(const char *a, sqlite3 **ret, int b, const char *c);
int __wrap_sqlite3_open_v2(const char *a, sqlite3 **ret, int b, const char *c);
int __wrap_sqlite3_open_v2(const char *a, sqlite3 **ret, int b, const char *c)
{
    if (!fails())
        return __real_sqlite3_open_v2(a, ret, b, c);
    *ret = NULL;
    return SQLITE_NOMEM;
}
WRAP(int, sqlite3_exec, SQLITE_IOERR,
     (sqlite3 * a, const char *b, int (*c)(void *, int, char **, char **), void *d, char **e), a, b,
     c, d, e)
WRAP(int, sqlite3_prepare_v2, SQLITE_IOERR,
     (sqlite3 * a, const char *b, int c, sqlite3_stmt **d, const char **e), a, b, c, d, e)
WRAP(int, sqlite3_prepare_v3, SQLITE_IOERR,
     (sqlite3 * a, const char *b, int c, unsigned d, sqlite3_stmt **e, const char **f), a, b, c, d,
     e, f)
WRAP(int, sqlite3_step, SQLITE_IOERR, (sqlite3_stmt * a), a)
WRAP(int, sqlite3_bind_null, SQLITE_NOMEM, (sqlite3_stmt * a, int b), a, b)
WRAP(int, sqlite3_bind_int64, SQLITE_NOMEM, (sqlite3_stmt * a, int b, sqlite3_int64 c), a, b, c)
WRAP(int, sqlite3_bind_double, SQLITE_NOMEM, (sqlite3_stmt * a, int b, double c), a, b, c)
WRAP(int, sqlite3_bind_text, SQLITE_NOMEM,
     (sqlite3_stmt * a, int b, const char *c, int d, void (*e)(void *)), a, b, c, d, e)
WRAP(int, sqlite3_bind_blob64, SQLITE_NOMEM,
     (sqlite3_stmt * a, int b, const void *c, sqlite3_uint64 d, void (*e)(void *)), a, b, c, d, e)
WRAP(const unsigned char *, sqlite3_column_text, NULL, (sqlite3_stmt * a, int b), a, b)
WRAP(const void *, sqlite3_column_blob, NULL, (sqlite3_stmt * a, int b), a, b)
WRAP(const char *, sqlite3_column_name, NULL, (sqlite3_stmt * a, int b), a, b)
WRAP(int, sqlite3_reset, SQLITE_IOERR, (sqlite3_stmt * a), a)
WRAP(int, sqlite3_table_column_metadata, SQLITE_NOMEM,
     (sqlite3 * a, const char *b, const char *c, const char *d, char const **e, char const **f,
      int *g, int *h, int *i),
     a, b, c, d, e, f, g, h, i)
WRAP(char *, sqlite3_str_finish, NULL, (sqlite3_str * a), a)
WRAP(int, sqlite3_extended_result_codes, SQLITE_ERROR, (sqlite3 * a, int b), a, b)
WRAP(int, sqlite3_busy_handler, SQLITE_ERROR, (sqlite3 * a, int (*b)(void *, int), void *c), a, b,
     c)
WRAP(int, sqlite3_busy_timeout, SQLITE_ERROR, (sqlite3 * a, int b), a, b)

/* ---- SQLite's own memory ------------------------------------------------------------------ */

static sqlite3_mem_methods plain;

static void *sqlite_malloc(int size)
{
    return inner && comes() ? NULL : plain.xMalloc(size);
}

static void *sqlite_realloc(void *ptr, int size)
{
    return inner && comes() ? NULL : plain.xRealloc(ptr, size);
}

static void take_sqlite_memory(void)
{
    sqlite3_mem_methods methods;

    sqlite3_shutdown();
    cr_assert_eq(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain), SQLITE_OK);
    methods = plain;
    methods.xMalloc = sqlite_malloc;
    methods.xRealloc = sqlite_realloc;
    cr_assert_eq(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods), SQLITE_OK);
}

/* ---- Scenarios ---------------------------------------------------------------------------- */

/* A negative errno is a failure; a condition must be one of those that are true. */
static bool held(int r)
{
    return r < 0;
}

static void find(struct fixture *f)
{
    struct gw_value email = text_value("a@b"), nobody = text_value("nobody");
    const void *row = NULL;
    int r = gw_entity_find(&f->req, &accounts_table, ACCOUNTS_EMAIL, &email, &row);

    cr_assert(r == 0 || held(r), "%d", r);
    if (r == 0)
        cr_assert_str_eq(((const struct accounts_row *)row)->email, "a@b");
    row = NULL;
    r = gw_entity_find(&f->req, &accounts_table, ACCOUNTS_EMAIL, &nobody, &row);
    cr_assert(r == GW_E_NOT_FOUND || held(r), "%d", r);
    cr_assert_null(row);
}

static void load(struct fixture *f)
{
    struct gw_load loads[] = {
        {.key = i64_value(1), .arena = &f->arena},
        {.key = i64_value(77), .arena = &f->arena},
        {.key = i64_value(2), .arena = &f->arena},
    };

    gw_entity_load(f->conn, f->sql, &accounts_table, loads, 3, gw_now_ns() + 2000000000);
    cr_assert(loads[0].result == 0 || held(loads[0].result));
    cr_assert(loads[1].result == GW_E_NOT_FOUND || held(loads[1].result));
    cr_assert(loads[2].result == 0 || held(loads[2].result));
    cr_assert_null(loads[1].ret_row);
    for (int i = 0; i < 3; i += 2)
        if (loads[i].result == 0)
            cr_assert_eq(((const struct accounts_row *)loads[i].ret_row)->id, i ? 2 : 1);
}

static void write_all(struct fixture *f)
{
    struct accounts_row taken = {.email = "a@b", .name = "N", .password = "h"};
    struct accounts_row row = {.email = "c@d", .name = "N", .password = "h"};
    int column = -1;
    int r = gw_entity_insert(&f->req, &accounts_table, &taken, &column);

    cr_assert(r == GW_E_DUPLICATE || held(r), "%d", r);
    if (r == GW_E_DUPLICATE)
        cr_assert(column == ACCOUNTS_EMAIL || failed);
    r = gw_entity_insert(&f->req, &accounts_table, &row, NULL);
    cr_assert(r == 0 || held(r), "%d", r);
    if (r)
        return;
    cr_assert_gt(row.id, 2);
    row.name = "M";
    r = gw_entity_update(&f->req, &accounts_table, &row, 1 << ACCOUNTS_NAME);
    cr_assert(r == 0 || held(r), "%d", r);
    r = gw_entity_delete(&f->req, &accounts_table, &(struct gw_value){.as.i64 = row.id});
    cr_assert(r == 0 || held(r), "%d", r);
}

/* What a transaction is said to have done is done, and nothing is that it is not. */
static void transact(struct fixture *f)
{
    struct codes_row one = {"one", 1}, two = {"two", 2};
    struct gw_value key = text_value("two");
    const void *row;
    int r = gw_conn_begin(f->conn, gw_now_ns() + 2000000000);
    bool committed;
    long kept = countdown;

    if (!r)
        r = gw_entity_insert(&f->req, &codes_table, &one, NULL);
    if (!r)
        r = gw_entity_insert(&f->req, &codes_table, &two, NULL);
    if (!r)
        r = gw_conn_commit(f->conn, gw_now_ns() + 2000000000);
    cr_assert(r == 0 || held(r), "%d", r);
    gw_conn_rollback(f->conn);
    committed = r == 0;
    kept = countdown;
    countdown = -1;
    r = gw_entity_find(&f->req, &codes_table, 0, &key, &row);
    cr_assert(committed ? r == 0 || failed : r != 0, "%d %d", committed, r);
    countdown = kept;
}

static void every_type(struct fixture *f)
{
    struct things_row row = fixture_thing();
    struct gw_value key;
    char text[2000];
    const void *stored;
    int r;

    memset(text, 'x', sizeof(text) - 1); /* longer than a buffer is at first */
    text[sizeof(text) - 1] = '\0';
    row.large = text;
    row.raw = (struct gw_bytes){"\0\xff", 2};
    row.o_real = (struct gw_opt_f64){true, 0.5};
    r = gw_entity_insert(&f->req, &things_table, &row, NULL);
    cr_assert(r == 0 || held(r), "%d", r);
    key = i64_value(row.id);
    if (!r)
        r = gw_entity_find(&f->req, &things_table, 0, &key, &stored);
    cr_assert(r == 0 || held(r), "%d", r);
    if (r)
        return;
    cr_assert_str_eq(((const struct things_row *)stored)->large, text);
    cr_assert_eq(memcmp(((const struct things_row *)stored)->raw.ptr, "\0\xff", 2), 0);
}

static void ignore(void *data, const char *line)
{
    (void)data;
    (void)line;
}

static void compare(struct fixture *f)
{
    int r = gw_store_compare(f->store, &fixture_app, ignore, NULL);

    cr_assert(r == 0 || r == 1 || held(r), "%d", r);
    cr_assert(r != 1 || failed);
}

/* A store and a connection of the run's own: opening them is part of it. */
static void run_once(struct fixture *f, void (*scenario)(struct fixture *f))
{
    struct gw_store *store = NULL;
    struct gw_arena arena = {0};
    struct fixture own = *f;
    const char *why;

    own.conn = NULL;
    fixture_log_clear();
    if (gw_store_new(gw_store_schemes, f->url,
                     &(struct gw_store_options){.log = fixture_log_target()}, &arena, &store,
                     &why) == 0 &&
        gw_conn_new(store, &own.conn) == 0) {
        own.store = store;
        fixture_use(&own);
        scenario(&own);
    }
    countdown = -1;
    gw_conn_free(own.conn);
    gw_store_free(store);
    gw_arena_free(&arena);
    gw_arena_free(&own.arena);
    f->arena = (struct gw_arena){0};
    fixture_use(f);
}

static void torture(struct fixture *f, void (*scenario)(struct fixture *f), long stride)
{
    long n = 0;

    run_once(f, scenario);
    do {
        fixture_exec(f, "DELETE FROM codes");
        fixture_exec(f, "DELETE FROM accounts WHERE id > 2");
        failed = false;
        countdown = n;
        n += stride;
        run_once(f, scenario);
        cr_assert_lt(n, 100000);
    } while (failed);
    cr_assert_gt(n, 1);
}

static void prepare(struct fixture *f)
{
    fixture_account(f, "a@b");
    fixture_account(f, "b@c");
    gw_conn_free(f->conn);
    f->conn = NULL;
    gw_arena_free(&f->arena);
}

#define TORTURE(scenario)                                                                          \
    STORE_TEST(of_##scenario)                                                                      \
    {                                                                                              \
        prepare(f);                                                                                \
        torture(f, scenario, 1);                                                                   \
    }                                                                                              \
    Test(sqlite_memory, of_##scenario)                                                             \
    {                                                                                              \
        struct fixture fixture;                                                                    \
        take_sqlite_memory();                                                                      \
        fixture_open(&fixture, false, "of_" #scenario);                                            \
        prepare(&fixture);                                                                         \
        inner = true;                                                                              \
        torture(&fixture, scenario, getenv("TESTS_FULL") ? 1 : 7);                                 \
        fixture_close(&fixture);                                                                   \
    }

TORTURE(find)
TORTURE(load)
TORTURE(write_all)
TORTURE(transact)
TORTURE(every_type)
TORTURE(compare)

int main(int argc, char **argv)
{
    return fixture_main(argc, argv);
}
