/* own.h: what the files of the MySQL driver share. */
#ifndef GW_STORE_MYSQL_H
#define GW_STORE_MYSQL_H

#include "store/store.h"
#include "base/str.h"
#include "store/cache.h"

#include <mysql.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/types.h>

#define GW_MYSQL_HOSTS_MAX 8

/* Internal result of a step: the connection broke. Never leaves the driver. */
#define GW_MYSQL_LOST (-ENOTCONN)

/* The host refused a statement, which had no effect, since it cannot serve (now), or takes no
 * writes. Neither leaves the driver. */
#define GW_MYSQL_NOT_HERE  (-ENETUNREACH)
#define GW_MYSQL_READ_ONLY (-EROFS)

/* The host could not commit, and whether others have the rows nobody knows. Never leaves the
 * driver. */
#define GW_MYSQL_UNKNOWN (-ECONNABORTED)

/* Another transaction was in the way, and this one, which may be a single statement, has been
 * rolled back. Never leaves the driver. */
#define GW_MYSQL_CONFLICT (-EDEADLK)

struct mysql_name;
struct addrinfo;

struct mysql_host {
    char *name;
    struct mysql_name *address; /* what the name stands for (names.c) */
    unsigned port;              /* 0: not given */
    char *label;                /* as it is called in the log: with the port, if one was given */
    atomic_bool marked;         /* nobody is to try it */
    atomic_bool read_only;      /* as last seen */
    atomic_uint marks; /* how often it was marked: an earlier connection is not used any more */
    bool rival;        /* the prober's: it was said that it takes writes beside the current one */
};

/* The thread of prober.c. */
struct mysql_prober {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool running, stopping; /* under the lock */
    pid_t pid;
    int stop_fd; /* readable: it is to end; -1: never made */
};

struct mysql_store {
    struct gw_store base;
    char *user, *password, *database, *socket;
    struct mysql_host hosts[GW_MYSQL_HOSTS_MAX];
    size_t n_hosts;
    atomic_size_t current;                    /* the host that connections go to */
    unsigned connect_timeout_ms, keepalive_s; /* 0: the usual ones */
    int sync_wait;                            /* wsrep_sync_wait of a session; -1: the server's */
    bool home; /* back to an earlier host when it holds the same rows */
    struct mysql_prober prober;
    bool tls; /* with verification; there is no other kind */
    char *ca, *cert, *key;
    char *server_key;         /* whose key the password may be encrypted with; NULL: nobody's */
    int server_key_fd;        /* a copy of it; 0: none */
    char server_key_copy[32]; /* its path */
};

/* The host's name in the log. */
static inline const char *gw_mysql_label(const struct mysql_store *store, size_t host)
{
    return store->socket ? "its socket" : store->hosts[host].label;
}

struct mysql_conn {
    struct gw_conn base;
    MYSQL *mysql;          /* NULL: not connected */
    pid_t pid;             /* that connected */
    size_t host;           /* that it is connected to */
    unsigned marks;        /* of that host, when it was connected to */
    uint64_t used_ns;      /* when a statement was last begun */
    uint64_t packet_max;   /* the server's max_allowed_packet; 0: not asked yet */
    bool out_of_step;      /* an answer may be unread: the next would be taken for another's */
    struct gw_cache cache; /* of struct mysql_statement */
};

/* One step of the protocol: `start` begins it, `cont` goes on after the
 * socket was ready for `events`. 0: done; -ETIMEDOUT: the deadline came first, and the connection
 * is good for nothing but gw_mysql_drop. */
#define GW_MYSQL_AWAIT(mysql, deadline_ns, start, cont)                                            \
    ({                                                                                             \
        int events = (start);                                                                      \
        while (events > 0 && (events = gw_mysql_wait((mysql), events, (deadline_ns))) > 0)         \
            events = (cont);                                                                       \
        events;                                                                                    \
    })
int gw_mysql_wait(MYSQL *mysql, int events, uint64_t deadline_ns);

/* From now on this thread's waits end, as if the deadline had come, when the descriptor is
 * readable. */
void gw_mysql_stop_waiting_at(int fd);

/* url.c: fills what the URL says. 0, -EINVAL with *ret_why, -ENOMEM. */
int gw_mysql_url(const char *url, struct mysql_store *store, struct gw_arena *arena,
                 const char **ret_why);
void gw_mysql_url_free(struct mysql_store *store);

/* auth.c */

/* Reads and keeps what `server_key` names. 0, -EINVAL with *ret_why, -ENOMEM. */
int gw_mysql_read_server_key(struct mysql_store *store, struct gw_arena *arena,
                             const char **ret_why);

/* Whether libmariadb will find it. */
bool gw_mysql_key_is_there(const struct mysql_store *store);

/* The plugins that may be used, as MARIADB_OPT_RESTRICTED_AUTH takes them; static. */
const char *gw_mysql_plugins(const struct mysql_store *store);

/* guard.c: on while this thread is within a call of libmariadb that connects. Whatever name that
 * looks up meanwhile has these addresses (ended by an empty one); NULL: those that the C library
 * finds. */
#define GW_MYSQL_ADDRESSES_MAX 4
struct mysql_addresses {
    char text[GW_MYSQL_ADDRESSES_MAX + 1][46];
};
void gw_mysql_guard(bool on, const struct mysql_addresses *addresses);

/* The C library's own getaddrinfo. */
int gw_mysql_look_up(const char *name, const struct addrinfo *hints, struct addrinfo **ret);

/* names.c */

/* NULL: no memory. */
struct mysql_name *gw_mysql_name_new(const char *name);
void gw_mysql_name_free(struct mysql_name *name); /* NULL is fine */

/* The addresses of a name: as it was last looked up, if it ever was, or as it is now, which is
 * waited for until the deadline. 0; -ETIMEDOUT; -EHOSTDOWN with *ret_why, static. */
int gw_mysql_name_find(struct mysql_name *name, uint64_t deadline_ns, struct mysql_addresses *ret,
                       const char **ret_why);

/* Nobody answered there: the next one who asks has it looked up anew. */
void gw_mysql_name_doubt(struct mysql_name *name);

/* connect.c */

/* Until when the steps that this thread is about to take may wait. */
void gw_mysql_until(uint64_t deadline_ns);

/* One attempt on one host, logged to `log` (may be NULL). 0, -ETIMEDOUT, -EHOSTDOWN or what
 * gw_mysql_connect_failed gives. */
int gw_mysql_attempt(const struct mysql_store *store, size_t host, struct gw_log *log,
                     uint64_t deadline_ns, MYSQL **ret);

/* Closes without waiting for anything. */
void gw_mysql_drop(struct mysql_conn *conn);

/* Runs a statement without parameters as text; *ret_rows (may be NULL where there are none) is the
 * whole result, to be freed by mysql_free_result. */
int gw_mysql_text(struct mysql_conn *conn, const char *sql, uint64_t deadline_ns,
                  MYSQL_RES **ret_rows);

/* statement.c: runs a statement once on the connection as it is. *ret_sent tells whether the
 * server may have seen it. */
int gw_mysql_execute(struct mysql_conn *conn, const struct gw_query *query, struct gw_arena *arena,
                     struct gw_result *ret, bool *ret_sent);
void gw_mysql_statement_close(void *statement);

/* Prepares a statement only to see whether it can be run as `query` says. 0; 1 with `why`; a
 * negative errno where the server did not answer. */
int gw_mysql_check(struct mysql_conn *conn, const struct gw_query *query, char *why, size_t size);

/* error.c: what an error code of the server or of libmariadb means, logged with the SQLSTATE and
 * our own words: the server's `message` may hold values. */
int gw_mysql_failed(const struct gw_store *store, unsigned code, const char *sqlstate,
                    const char *message, const char *what);

/* Whether the code is libmariadb's own (short of memory, say), so that nobody knows how much of an
 * answer was read. */
bool gw_mysql_leaves_unread(unsigned code);

/* The same as gw_mysql_failed while connecting, where the server's words are safe and -EACCES is a
 * result. */
int gw_mysql_connect_failed(struct gw_log *log, MYSQL *mysql, const char *host);

/* duplicate.c: the index that the text of a duplicate-key error names: "Duplicate entry 'VALUE' for
 * key 'INDEX'"; the value may hold anything, so it is taken from the end. NULL: none. */
struct gw_str gw_mysql_duplicate_index(const char *message);

/* The column of the query's table that the duplicate was in; -1 where it cannot be told. */
int gw_mysql_duplicate_column(struct mysql_conn *conn, const struct gw_query *query,
                              const char *message);

/* ddl.c: a column's name and type, and its definition without the key's words. */
void gw_mysql_print_type(FILE *to, const struct gw_table *table, size_t column,
                         const char *collation);
void gw_mysql_print_column(FILE *to, const struct gw_table *table, size_t column,
                           const char *collation);

/* cursor.c: opens the rows of a query once on the connection as it is; *ret_sent as of
 * gw_mysql_execute. The steps give results for driver.c. */
int gw_mysql_cursor_open(struct mysql_conn *conn, const struct gw_query *query,
                         struct gw_cursor **ret, bool *ret_sent);
int gw_mysql_cursor_next(struct gw_cursor *cursor, struct gw_arena *arena, struct gw_result *ret);
int gw_mysql_cursor_close(struct gw_cursor *cursor, int r);

/* lock.c: see gw_store_lock; a result for driver.c. */
int gw_mysql_lock(struct gw_store *store, const char *name, struct gw_store_lock *ret);

int gw_mysql_migrate(struct gw_store *store, const struct gw_app *app,
                     struct gw_migration *migration);
int gw_mysql_compare(struct gw_store *store, const struct gw_app *app,
                     void (*report)(void *data, const char *line), void *data);
int gw_mysql_limits(struct gw_conn *conn, const struct gw_table *table, uint64_t deadline_ns,
                    struct gw_table_limits *ret);

#endif
