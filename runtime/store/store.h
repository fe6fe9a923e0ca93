/* store.h: a database behind one driver table.
 *
 * A store is what GW_DATABASE_URL names; a connection belongs to one worker and is opened at its
 * first use. Above it, entity_sql.c writes the SQL (the same text for every driver: names in
 * backticks,
 * `?` for values) and this module runs it as a prepared statement, once prepared per connection.
 * Rows come back as the structures of generated.h, in an arena.
 *
 * Failures are told apart by errno: -EHOSTDOWN the server is away (503), -ETIMEDOUT it did not
 * answer before the deadline (503), -EBUSY locked, out of connections or without room on its disk
 * (503), -ENOMEM, -EIO anything else (500; logged here without values). What the database forbids
 * is a condition: GW_E_DUPLICATE, GW_E_REFERENCED, GW_E_RANGE, GW_E_TOO_LARGE; so is, within a
 * transaction, GW_E_CONFLICT: the server has rolled it back. A failed statement yields no row. */
#ifndef GW_STORE_H
#define GW_STORE_H

#include "base/arena.h"
#include "generated.h"
#include "store/limits.h"

#include <stdatomic.h>

#include <stdio.h>

struct gw_store;
struct gw_conn;
struct gw_log;

/* Whether a result means that the database is away, slow or full: asking again later may help. */
bool gw_store_is_away(int result);

/* One statement to run. */
struct gw_query {
    const char *sql; /* needed during the call only: the cache keeps a copy and compares the text */
    const struct gw_value *params;
    size_t n_params;
    const struct gw_table *table; /* whose rows come back; NULL for a statement without rows */
    uint64_t columns;     /* bits of the table's columns, in order, as the SELECT names them */
    size_t max_rows;      /* one more than this is fetched at most; more is -EIO */
    uint64_t deadline_ns; /* CLOCK_MONOTONIC; query_timeout_ms from now holds too, 0: only that */
    bool read_only;       /* may be retried once on a lost connection */
    bool newest;          /* it is asked where writes go, though it is read_only */
    bool by_row;          /* a row that cannot be read is marked, and fails nothing else */
};

struct gw_result {
    void *rows; /* n structures of gw_table_stride bytes, in the arena; other columns zero */
    size_t n;
    bool
        *unreadable; /* by_row: of each row, whether a column of it could not be read; NULL: none */
    uint64_t affected; /* rows found by an UPDATE or DELETE, changed or not */
    int64_t insert_id;
    int duplicate; /* with GW_E_DUPLICATE: index of the violated column of `table`, or -1 */
};

struct gw_store_options {
    struct gw_log *log;
    unsigned connect_timeout_ms; /* 0: 1000 */
    unsigned query_timeout_ms;   /* 0: 2000; with connecting, where that is needed */
};

/* Parses `url` and picks the driver from `schemes`; connects to nothing. -EINVAL: *ret_why (static
 * or in `arena`) says what is wrong, without the password. */
struct gw_store_scheme;
int gw_store_new(const struct gw_store_scheme *schemes, const char *url,
                 const struct gw_store_options *options, struct gw_arena *arena,
                 struct gw_store **ret, const char **ret_why);
void gw_store_free(struct gw_store *store);
const char *gw_store_scheme(const struct gw_store *store); /* "sqlite", "mysql" */

/* A store that is suspended runs no statement (-EHOSTDOWN), but within a transaction: nobody knows
 * whether its schema is the declared one, since it was away at the start, or is another file than
 * before. gw_store_compare and gw_store_create work all the same. Whoever watches the store resumes
 * it behind a comparison; a store that nobody watches is not suspended by its driver. */
void gw_store_suspend(struct gw_store *store);
void gw_store_resume(struct gw_store *store);
bool gw_store_is_suspended(const struct gw_store *store);
void gw_store_watch(struct gw_store *store);

/* Compares the live schema with the declared tables: whether the program can work with it. 0: it
 * can; 1: it cannot. Each difference was given to `report` as one line, "warning: ..." where it can
 * work in spite of it; -EHOSTDOWN: cannot be reached; -EACCES: the server
 * refused the credentials or the database. */
int gw_store_compare(struct gw_store *store, const struct gw_app *app,
                     void (*report)(void *data, const char *line), void *data);

/* How the live schema is led to the declared one. */
struct gw_migration {
    FILE *to; /* each difference and each refusal, as a comment, and each statement */
    const char *const *losses; /* columns whose values may be lost, "users.name", up to a NULL; NULL
                                * for none */
    bool apply;                /* the statements are run, unless one is refused */
    size_t n_refused;          /* set by gw_store_migrate */
};

/* Prints, and with `apply` runs, the statements that lead from the live schema to the declared one.
 * 0: there is no difference; 1: there is, or was: with `apply` and n_refused 0 all of it has been
 * done. A negative errno: nothing was changed, or on a server all before the last statement that
 * was printed; -EBUSY too where another process is at it. What is printed is worth reading
 * whatever the result is. */
int gw_store_migrate(struct gw_store *store, const struct gw_app *app,
                     struct gw_migration *migration);

/* The same without `apply` and losses. */
int gw_store_diff(struct gw_store *store, const struct gw_app *app, FILE *to);

/* Whether values of the column, called as in SQL, may be lost. */
bool gw_store_may_lose(const struct gw_migration *migration, const char *table, const char *column);

/* Creates the declared tables that are missing. Only SQLite does so (-ENOTSUP elsewhere). */
int gw_store_create(struct gw_store *store, const struct gw_app *app);

/* Whether the program could work with it after gw_store_create, without changing anything. Results
 * and `report` as of gw_store_compare. *ret_whole: nothing would have to be created. */
int gw_store_try(struct gw_store *store, const struct gw_app *app,
                 void (*report)(void *data, const char *line), void *data, bool *ret_whole);

/* A connection is used by one thread. Opening makes no contact yet. After a fork a MySQL connection
 * of the parent is left to it, and the child's next statement opens its own; SQLite forbids that
 * (its locks belong to the process), so there a child must make its own gw_conn, before the parent
 * has run a statement. gw_store_compare and gw_store_create leave nothing open. */
int gw_conn_new(struct gw_store *store, struct gw_conn **ret);
void gw_conn_free(struct gw_conn *conn);

/* 0, one of the conditions above or a negative errno. `ret` is zeroed on failure. Rows live in
 * `arena`. Within a transaction a negative result, and GW_E_CONFLICT, is given again for every
 * statement and the commit that follow: what the store kept of the transaction is unknown, and only
 * a rollback ends it. */
int gw_conn_run(struct gw_conn *conn, const struct gw_query *query, struct gw_arena *arena,
                struct gw_result *ret);

/* The rows of a statement that only reads, one by one: `query` as of gw_conn_run, without max_rows.
 * What it points to stays until gw_cursor_close. With `aside` other statements, transactions too,
 * may be run on the connection while it is open. On MySQL a cursor makes that possible: the server
 * has put the rows aside, and holds no lock of them. On SQLite the statement has a connection of
 * its own, whose read transaction keeps nobody from writing; but within a transaction, or in
 * memory, it is run on this one, and ends with -EIO if that is rolled back. Results as of
 * gw_conn_run. */
struct gw_cursor;
int gw_cursor_open(struct gw_conn *conn, const struct gw_query *query, bool aside,
                   struct gw_cursor **ret);

/* The next row, in `arena`: *ret_row is NULL behind the last one. After a failure there is none. */
int gw_cursor_next(struct gw_cursor *cursor, uint64_t deadline_ns, struct gw_arena *arena,
                   void **ret_row);

/* NULL is fine. */
void gw_cursor_close(struct gw_cursor *cursor);

/* What the live columns of a table can hold; read once for each store, and the store's. 0 or what
 * gw_conn_run gives. */
int gw_conn_limits(struct gw_conn *conn, const struct gw_table *table, uint64_t deadline_ns,
                   const struct gw_table_limits **ret);

/* How a value that is looked for in a column is sent: as the live column has it. 0, GW_E_NOT_FOUND
 * where it can hold no such value, or what gw_conn_limits gives. */
int gw_conn_sent(struct gw_conn *conn, const struct gw_table *table, int column,
                 const struct gw_value *asked, uint64_t deadline_ns, struct gw_arena *arena,
                 struct gw_value *ret);

/* That nobody else does what is called `name` on this database: 0; -EALREADY: somebody does; or
 * what gw_conn_run gives. It ends with gw_store_unlock, behind the last connection of the process
 * to a file, or with the process, however that ends. Servers of a cluster do not know each other's,
 * and nothing is locked of a database in memory, which nobody else has. */
struct gw_store_lock {
    struct gw_conn *conn; /* whose session has it; or NULL */
    int fd;               /* of the file; or -1 */
};
int gw_store_lock(struct gw_store *store, const char *name, struct gw_store_lock *ret);
void gw_store_unlock(struct gw_store_lock *lock);

/* What a connection has done so far, for whoever uses it. */
struct gw_conn_counts {
    uint64_t statements, connects;
    uint64_t conflicts; /* statements run again, since another transaction was in the way */
    uint64_t away, late, busy, failed; /* -EHOSTDOWN, -ETIMEDOUT, -EBUSY, another negative errno */
    uint64_t busy_ns;                  /* spent on statements and commits */
};
const struct gw_conn_counts *gw_conn_counts(const struct gw_conn *conn);

/* The hosts of the URL. */
struct gw_store_host {
    const char *name; /* the store's */
    bool in_use, left, read_only;
};

/* False: there is no such host. A file has none. */
bool gw_store_host(const struct gw_store *store, size_t i, struct gw_store_host *ret);

int gw_conn_begin(struct gw_conn *conn, uint64_t deadline_ns);
int gw_conn_commit(struct gw_conn *conn, uint64_t deadline_ns);
void gw_conn_rollback(struct gw_conn *conn); /* drops the connection if it cannot */
bool gw_conn_in_transaction(const struct gw_conn *conn);

/* ---- The driver's side ---------------------------------------------------------------------- */

struct gw_store_driver {
    const char *scheme;
    uint64_t uint_max;   /* the greatest uint that a column can hold */
    const char *seconds; /* since 1970, by the database's clock */
    const char *locking; /* behind a SELECT within a transaction: nobody else writes the row */
    bool returning;      /* INSERT ... RETURNING is there; elsewhere LAST_INSERT_ID(expression) */
    const char *same_bytes; /* a text column (%s) beside a value, byte for byte, whatever its
                             * collation */
    int (*store_new)(const char *url, const struct gw_store_options *options,
                     struct gw_arena *arena, struct gw_store **ret, const char **ret_why);
    void (*store_free)(struct gw_store *store);
    int (*compare)(struct gw_store *store, const struct gw_app *app,
                   void (*report)(void *data, const char *line), void *data);
    int (*migrate)(struct gw_store *store, const struct gw_app *app,
                   struct gw_migration *migration);
    int (*create)(struct gw_store *store, const struct gw_app *app);
    int (*attempt)(struct gw_store *store, const struct gw_app *app,
                   void (*report)(void *data, const char *line), void *data,
                   bool *ret_whole); /* NULL where nothing is created */
    int (*limits)(struct gw_conn *conn, const struct gw_table *table, uint64_t deadline_ns,
                  struct gw_table_limits *ret); /* zeroed; its texts are for free() */
    int (*lock)(struct gw_store *store, const char *name, struct gw_store_lock *ret);
    int (*conn_new)(struct gw_store *store, struct gw_conn **ret);
    void (*conn_free)(struct gw_conn *conn);
    int (*run)(struct gw_conn *conn, const struct gw_query *query, struct gw_arena *arena,
               struct gw_result *ret);
    int (*cursor_open)(struct gw_conn *conn, const struct gw_query *query, bool aside,
                       struct gw_cursor **ret);
    int (*cursor_next)(struct gw_cursor *cursor, struct gw_arena *arena,
                       struct gw_result *ret);            /* n is 0 or 1 */
    int (*cursor_close)(struct gw_cursor *cursor, int r); /* `r`: what its last step gave. What the
                                                           * connection is left like */
    int (*begin)(struct gw_conn *conn, uint64_t deadline_ns);
    int (*commit)(struct gw_conn *conn, uint64_t deadline_ns);
    void (*rollback)(struct gw_conn *conn);
    bool (*host)(const struct gw_store *store, size_t i,
                 struct gw_store_host *ret); /* NULL: there are none */
};

/* Each driver's structures begin with these. */
#define GW_LIMITS_LISTS 64 /* of tables, by the address of their declaration */
struct gw_store {
    const struct gw_store_driver *driver;
    struct gw_store_options options;
    atomic_bool suspended, watched;
    bool remote; /* its URL names another machine */
    _Atomic(struct gw_table_limits *) limits[GW_LIMITS_LISTS];
};
struct gw_conn {
    struct gw_store *store;
    struct gw_arena scratch; /* for whoever runs a statement: reset it first */
    bool in_transaction;
    bool watches; /* it is run on a suspended store, too: by whoever looks what that is like */
    int failed;   /* the first failure within the transaction */
    uint64_t timeout_ms; /* that a statement may take where the store's own bound is shorter */
    struct gw_conn_counts counts;
};

struct gw_cursor {
    struct gw_conn *conn;
    struct gw_query query; /* whose deadline is that of the step under way */
    int result;            /* of the last step */
};

/* How a URL begins, and the driver that takes it. A list ends with a NULL prefix. */
struct gw_store_scheme {
    const char *prefix;
    const struct gw_store_driver *driver; /* NULL: this program was built without it */
    const char *why_not;                  /* then: what is said to who asks for it */
};

#endif
