/* state.c: what is known of each host. See hosts.h. */
#include "store/mysql/hosts.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- What a server says of itself ------------------------------------------------------------ */

static bool is(const char *value, const char *expected)
{
    return value && !strcasecmp(value, expected);
}

static void take_variable(struct mysql_state *state, const char *name, const char *value)
{
    if (is(name, "read_only") || is(name, "super_read_only"))
        state->read_only |= is(value, "ON") || is(value, "1");
    else if (is(name, "wsrep_on"))
        state->galera = is(value, "ON");
    else if (is(name, "wsrep_sync_wait"))
        state->sync_wait = (unsigned)strtoul(value, NULL, 10);
    else if ((is(name, "gtid_current_pos") || is(name, "gtid_executed")) &&
             strlen(value) < sizeof(state->position))
        strcpy(state->position, value);
}

/* Each row of the answer is a name and a value. */
static int ask(struct mysql_conn *conn, const char *sql, uint64_t deadline_ns,
               void (*take)(struct mysql_state *state, const char *name, const char *value),
               struct mysql_state *state)
{
    MYSQL_RES *rows;
    MYSQL_ROW row;
    int r = gw_mysql_text(conn, sql, deadline_ns, &rows);
    if (r)
        return r;
    while ((row = mysql_fetch_row(rows)))
        if (row[0] && row[1])
            take(state, row[0], row[1]);
    mysql_free_result(rows);
    return 0;
}

/* `ready` is taken back by what is wrong. */
static void take_status(struct mysql_state *state, const char *name, const char *value)
{
    if ((is(name, "wsrep_local_state") && !is(value, "4")) ||
        (is(name, "wsrep_cluster_status") && !is(value, "Primary")) ||
        (is(name, "wsrep_ready") && !is(value, "ON")))
        state->ready = false;
}

int gw_mysql_ask_state(struct mysql_conn *conn, uint64_t deadline_ns, struct mysql_state *ret)
{
    *ret = (struct mysql_state){.ready = true};
    int r = ask(conn,
                "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only',"
                " 'wsrep_on', 'wsrep_sync_wait', 'gtid_current_pos', 'gtid_executed')",
                deadline_ns, take_variable, ret);
    if (r || !ret->galera)
        return r;
    return ask(conn,
               "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_local_state',"
               " 'wsrep_cluster_status', 'wsrep_ready')",
               deadline_ns, take_status, ret);
}

bool gw_mysql_are_alike(const struct mysql_state *one, const struct mysql_state *other)
{
    if (one->galera && other->galera)
        return one->ready && other->ready;
    return *one->position && !strcmp(one->position, other->position);
}

/* ---- Marks ----------------------------------------------------------------------------------- */

bool gw_mysql_is_marked(const struct mysql_store *store, size_t host)
{
    return atomic_load(&store->hosts[host].marked);
}

void gw_mysql_mark(struct mysql_store *store, size_t host, const char *why)
{
    if (atomic_exchange(&store->hosts[host].marked, true))
        return;
    atomic_fetch_add(&store->hosts[host].marks, 1);
    if (store->base.options.log)
        gw_log_line(store->base.options.log,
                    "store: mysql: %s %s: left alone until it serves again",
                    gw_mysql_label(store, host), why);
}

void gw_mysql_found_read_only(struct mysql_store *store, size_t host)
{
    if (atomic_exchange(&store->hosts[host].read_only, true))
        return;
    if (store->base.options.log)
        gw_log_line(store->base.options.log, "store: mysql: %s is read-only",
                    gw_mysql_label(store, host));
}
