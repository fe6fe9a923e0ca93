/* own.h: what the files of the SQLite driver share. */
#ifndef GW_STORE_SQLITE_H
#define GW_STORE_SQLITE_H

#include "store/store.h"
#include "store/cache.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/types.h>

/* Which file lies at a path. */
struct sqlite_file {
    dev_t device;
    ino_t number; /* 0: none */
};

/* Whose turn it is to write (turn.c). */
struct sqlite_turns {
    pthread_mutex_t lock;
    struct sqlite_conn *first, *last; /* that wait, in their order */
    bool taken;
};

struct sqlite_store {
    struct gw_store base;
    char *path;                       /* a file name, or a URI of a database in memory */
    sqlite3 *anchor;                  /* keeps a database in memory alive; NULL for a file */
    _Atomic uint64_t locked_since_ns; /* when a writer first found it locked; 0: one has written */
    _Atomic int said;                 /* how the last opening failed; 0: it did not */
    pthread_mutex_t lock;             /* of what file.c keeps: */
    struct sqlite_file file, log, index; /* in use */
    char *log_path, *index_path;         /* NULL: none was ever open */
    unsigned n_open;                     /* connections to that file */
    atomic_bool lost;                    /* that the file is not there any more was said */
    struct sqlite_turns turns;
};

struct sqlite_conn {
    struct gw_conn base;
    sqlite3 *db;                  /* NULL: not open */
    pid_t pid;                    /* that opened it */
    struct sqlite_file file, log; /* that it has open */
    uint64_t looked_ns;           /* when it was last looked at whether they are still there */
    uint64_t deadline_ns;
    uint64_t waits_since_ns; /* for a lock, with the statement under way */
    struct gw_cache cache;
    struct sqlite_conn *next_waiting; /* of those that wait for their turn to write */
    pthread_cond_t woken;             /* by whoever hands it over */
    bool has_turn;
};

/* Opens the file, with every safeguard set. Logs. */
int gw_sqlite_open(struct sqlite_store *store, sqlite3 **ret);

/* Opens the connection's database if it is not open, and sets the deadline of what follows. */
int gw_sqlite_ready(struct sqlite_conn *conn, bool writes, uint64_t deadline_ns);

/* Until when a lock is waited for. */
uint64_t gw_sqlite_patience(struct sqlite_conn *conn, uint64_t now);

/* ---- turn.c ---------------------------------------------------------------------------------- */

/* Makes `woken` of a new connection, which must be destroyed. */
void gw_sqlite_turn_init(struct sqlite_conn *conn);

/* Before a transaction that writes, or a statement that is one by itself; the connection may have
 * it already. 0, or -EBUSY: others wrote for too long; logged. */
int gw_sqlite_take_turn(struct sqlite_conn *conn);

/* Behind it, however it ended; the connection may have none. */
void gw_sqlite_end_turn(struct sqlite_conn *conn);

/* ---- file.c ---------------------------------------------------------------------------------- */

/* Whether what lies at the store's path is still the file that the connection has open. 0; -ESTALE:
 * it is not, and the connection must be closed; -EHOSTDOWN: its log was removed. Logged once; where
 * the store is watched, it is suspended by -ESTALE. */
int gw_sqlite_look(struct sqlite_conn *conn);

/* Closes a connection whose file is another by now. What its log holds is in the old file then. */
void gw_sqlite_leave(struct sqlite_conn *conn);

/* Closes a connection. */
void gw_sqlite_close(struct sqlite_conn *conn);

/* Before opening, with the lock: the log of a file that was in use and is not there any more is
 * removed, for SQLite would take it for that of the new one. -EHOSTDOWN: there is no new one, and
 * SQLite would make an empty one; or the log of connections of ours is gone, and SQLite would make
 * a second one; logged once. */
int gw_sqlite_make_way(struct sqlite_store *store);

/* Behind opening, with the lock: keeps which files these are. False: it was replaced meanwhile. */
bool gw_sqlite_note(struct sqlite_store *store, sqlite3 *db);

/* A writer has got the lock. */
void gw_sqlite_unlocked(struct sqlite_conn *conn);

/* What a result code means: a condition of store.h, or a negative errno, which is logged with what
 * was done; names no value. */
int gw_sqlite_failed(const struct gw_store *store, sqlite3 *db, int code, const char *what);

/* schema.c: CREATE TABLE, with `begin` in front of the table's name; NULL when memory is short; for
 * sqlite3_free. */
char *gw_sqlite_create_text(const char *begin, const struct gw_table *table);

/* run.c: binds the query's values, if their number and that of the columns are the statement's. */
int gw_sqlite_bind(struct sqlite_conn *conn, sqlite3_stmt *stmt, const struct gw_query *query);

/* The row that the statement stands on, into reader->row. */
struct gw_row_reader;
int gw_sqlite_fetch(struct gw_row_reader *reader, sqlite3_stmt *stmt, struct gw_arena *arena);

/* cursor.c: see gw_cursor_open. */
int gw_sqlite_cursor_open(struct gw_conn *conn, const struct gw_query *query, bool aside,
                          struct gw_cursor **ret);
int gw_sqlite_cursor_next(struct gw_cursor *cursor, struct gw_arena *arena, struct gw_result *ret);
int gw_sqlite_cursor_close(struct gw_cursor *cursor, int r);

/* lock.c: see gw_store_lock. */
int gw_sqlite_lock(struct gw_store *store, const char *name, struct gw_store_lock *ret);

int gw_sqlite_run(struct gw_conn *conn, const struct gw_query *query, struct gw_arena *arena,
                  struct gw_result *ret);
int gw_sqlite_compare(struct gw_store *store, const struct gw_app *app,
                      void (*report)(void *data, const char *line), void *data);
int gw_sqlite_migrate(struct gw_store *store, const struct gw_app *app,
                      struct gw_migration *migration);
int gw_sqlite_create(struct gw_store *store, const struct gw_app *app);
int gw_sqlite_try(struct gw_store *store, const struct gw_app *app,
                  void (*report)(void *data, const char *line), void *data, bool *ret_whole);

/* The declared tables that are missing, in a transaction of the caller's; the comparison. */
int gw_sqlite_create_in(const struct gw_store *store, sqlite3 *db, const struct gw_app *app);
int gw_sqlite_compare_in(const struct gw_store *store, sqlite3 *db, const struct gw_app *app,
                         void (*report)(void *data, const char *line), void *data);

/* open.c: as gw_sqlite_open, but an empty database in memory where there is no file and one could
 * be made. */
int gw_sqlite_open_or_empty(struct sqlite_store *store, sqlite3 **ret);
int gw_sqlite_limits(struct gw_conn *conn, const struct gw_table *table, uint64_t deadline_ns,
                     struct gw_table_limits *ret);

#endif
