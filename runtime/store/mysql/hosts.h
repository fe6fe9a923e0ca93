/* hosts.h: which of the URL's hosts the connections go to.
 *
 * What one worker learns of a host, all know. A host that failed is marked: nobody tries it, and
 * connections to it are left at the next statement outside of a transaction. A thread of the
 * process looks after marked hosts (prober.c) and takes the mark away when the host serves again;
 * no request waits for that.
 *
 * All connections go to one host, the current one, as long as it takes writes: two that take
 * writes need not hold the same rows. Where it fails, the next in the order of the URL becomes the
 * current one, and stays it when the former comes back, but for `home=yes`. */
#ifndef GW_STORE_MYSQL_HOSTS_H
#define GW_STORE_MYSQL_HOSTS_H

#include "store/mysql/own.h"

/* ---- state.c --------------------------------------------------------------------------------- */

/* What a server says of itself. */
struct mysql_state {
    bool ready; /* a Galera node: it has a quorum and all rows; any other: always */
    bool read_only;
    bool galera;
    unsigned sync_wait;  /* its default of wsrep_sync_wait */
    char position[1024]; /* gtid_current_pos or gtid_executed; "": none, or too long */
};

/* Asks a server on a connection. 0 or what gw_mysql_text gives. */
int gw_mysql_ask_state(struct mysql_conn *conn, uint64_t deadline_ns, struct mysql_state *ret);

/* Whether two servers hold the same rows, as far as they can tell. */
bool gw_mysql_are_alike(const struct mysql_state *one, const struct mysql_state *other);

/* Whether nobody is to try the host. */
bool gw_mysql_is_marked(const struct mysql_store *store, size_t host);

/* Marks a host, with a line in the log; `why` is static. */
void gw_mysql_mark(struct mysql_store *store, size_t host, const char *why);

/* Notes that a host is read-only, with a line in the log. */
void gw_mysql_found_read_only(struct mysql_store *store, size_t host);

/* ---- prober.c -------------------------------------------------------------------------------- */

/* 0 or a negative errno. */
int gw_mysql_prober_new(struct mysql_store *store);

/* Makes sure that the thread runs. False: it cannot. */
bool gw_mysql_prober_want(struct mysql_store *store);

/* Ends it. False: it hangs in the look-up of a name, and the store must not be freed. */
bool gw_mysql_prober_end(struct mysql_store *store);

/* ---- hosts.c --------------------------------------------------------------------------------- */

/* As gw_mysql_mark and gw_mysql_found_read_only, and has the host looked after. */
void gw_mysql_leave(struct mysql_store *store, size_t host, const char *why);
void gw_mysql_leave_writes(struct mysql_store *store, size_t host);

/* Connects to one host and asks it what it is. 0, GW_E_NOT_FOUND where it cannot serve, or a
 * negative errno. */
int gw_mysql_connect_to(struct mysql_conn *conn, size_t host, uint64_t deadline_ns,
                        struct mysql_state *ret);

/* Connected and alive, or connects to the host that fits: one that takes writes if there is one, or
 * else, where nothing is to be written, one that is read-only. 0, -ETIMEDOUT, -EBUSY, -EACCES,
 * -EHOSTDOWN, -ENOMEM; logged. */
int gw_mysql_ready(struct mysql_conn *conn, bool writes, uint64_t deadline_ns);

#endif
