/* hosts.c: which host a connection goes to. See hosts.h. */
#include "store/mysql/hosts.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/pid.h"

#include <errno.h>
#include <poll.h>

#define MS           UINT64_C(1000000)
#define IDLE_NS      (20 * MS) /* unused for longer, a connection is looked at before use */
#define BALANCED_MAX 3 /* attempts on a single name, behind which there may be several nodes */

/* ---- Leaving a host -------------------------------------------------------------------------- */

void gw_mysql_leave(struct mysql_store *store, size_t host, const char *why)
{
    gw_mysql_mark(store, host, why);
    if (!gw_mysql_prober_want(store)) /* then requests have to find out themselves */
        atomic_store(&store->hosts[host].marked, false);
}

void gw_mysql_leave_writes(struct mysql_store *store, size_t host)
{
    gw_mysql_found_read_only(store, host);
    if (!gw_mysql_prober_want(store))
        atomic_store(&store->hosts[host].read_only, false);
}

static bool takes_writes(const struct mysql_store *store, size_t host)
{
    return !gw_mysql_is_marked(store, host) && !atomic_load(&store->hosts[host].read_only);
}

static bool should_move(const struct mysql_conn *conn, bool writes)
{
    const struct mysql_store *store = (const struct mysql_store *)conn->base.store;
    size_t current = atomic_load(&store->current);
    if (store->n_hosts < 2)
        return false;
    if (conn->marks != atomic_load(&store->hosts[conn->host].marks))
        return true;
    if (conn->host != current && (writes || takes_writes(store, current)))
        return true; /* nothing is written but on the current one */
    if (!atomic_load(&store->hosts[conn->host].read_only))
        return false;
    for (size_t i = 0; !writes && i < store->n_hosts; i++)
        if (takes_writes(store, i))
            return true;
    return writes;
}

/* ---- The choice ------------------------------------------------------------------------------ */

int gw_mysql_connect_to(struct mysql_conn *conn, size_t host, uint64_t deadline_ns,
                        struct mysql_state *ret)
{
    struct mysql_store *store = (struct mysql_store *)conn->base.store;
    MYSQL *mysql = NULL;
    unsigned marks = atomic_load(&store->hosts[host].marks);
    int r = gw_mysql_attempt(store, host, store->base.options.log, deadline_ns, &mysql);
    if (r)
        return r;
    gw_mysql_drop(conn);
    conn->mysql = mysql;
    conn->pid = gw_pid();
    conn->host = host;
    conn->marks = marks;
    conn->base.counts.connects++;
    r = gw_mysql_ask_state(conn, deadline_ns, ret);
    if (!r && !ret->ready)
        r = GW_E_NOT_FOUND;
    if (r)
        gw_mysql_drop(conn);
    return r;
}

/* What a failure says of the host. One that was given less time than a connection may take says
 * nothing; one that is full is not away. */
static void learn(struct mysql_store *store, size_t host, int r, bool whole)
{
    if (r == GW_E_NOT_FOUND && store->n_hosts > 1)
        gw_mysql_leave(store, host, "has no quorum, or not all rows yet");
    else if (r == -EHOSTDOWN || r == GW_MYSQL_LOST || r == -EACCES)
        gw_mysql_leave(store, host, "cannot be reached");
    else if (r == -ETIMEDOUT && whole)
        gw_mysql_leave(store, host, "does not answer");
}

static void become_current(struct mysql_store *store, size_t from, size_t host)
{
    if (from == host || !atomic_compare_exchange_strong(&store->current, &from, host))
        return;
    if (store->base.options.log)
        gw_log_line(store->base.options.log, "store: mysql: connections go to %s now",
                    gw_mysql_label(store, host));
    gw_mysql_prober_want(store); /* which looks for the way home, where that is wanted */
}

/* How long a host may take to answer before that says something of it: as long as it gets where all
 * fail and a statement has all of its time. */
static uint64_t patience(const struct mysql_store *store)
{
    uint64_t limit = store->base.options.connect_timeout_ms * MS;
    uint64_t share = store->base.options.query_timeout_ms * MS * 9 / 10 / store->n_hosts;
    return share < limit ? share : limit;
}

/* One host, within its share of the time. */
static int offer(struct mysql_conn *conn, size_t host, size_t n_left, uint64_t deadline_ns,
                 struct mysql_state *ret)
{
    struct mysql_store *store = (struct mysql_store *)conn->base.store;
    uint64_t now = gw_now_ns(), limit = store->base.options.connect_timeout_ms * MS;
    if (now >= deadline_ns)
        return -ETIMEDOUT;
    uint64_t share = (deadline_ns - now) / n_left; /* so that every host gets its turn */
    bool whole = share >= patience(store);
    int r = gw_mysql_connect_to(conn, host, now + (share < limit ? share : limit), ret);
    learn(store, host, r, whole);
    if (!r && ret->read_only && store->n_hosts > 1)
        gw_mysql_leave_writes(store, host);
    else if (!r)
        atomic_store(&store->hosts[host].read_only, false);
    return r;
}

/* To the caller of the choice: a host that timed out is away, unless the request's time is up. */
static int outcome(int r, uint64_t deadline_ns)
{
    if (r == GW_E_NOT_FOUND || r == GW_MYSQL_LOST || (r == -ETIMEDOUT && gw_now_ns() < deadline_ns))
        return -EHOSTDOWN;
    return r;
}

/* The only name: a node of its own, or a balancer before several, where the next attempt may meet
 * another. */
static int choose_behind_one_name(struct mysql_conn *conn, uint64_t deadline_ns)
{
    struct mysql_state state;
    int r = -EHOSTDOWN;
    if (gw_mysql_is_marked((struct mysql_store *)conn->base.store, 0))
        return r;
    for (int i = 0; i < BALANCED_MAX; i++) {
        r = offer(conn, 0, 1, deadline_ns, &state);
        if (r != GW_E_NOT_FOUND)
            break;
    }
    return outcome(r, deadline_ns);
}

static int choose(struct mysql_conn *conn, bool writes, uint64_t deadline_ns)
{
    struct mysql_store *store = (struct mysql_store *)conn->base.store;
    size_t first = atomic_load(&store->current), n = store->n_hosts, readable = n;
    struct mysql_state state;
    int r = -EHOSTDOWN, last = r;
    if (n == 1)
        return choose_behind_one_name(conn, deadline_ns);
    for (size_t k = 0; k < n; k++) {
        size_t host = k == 0 ? first : k <= first ? k - 1 : k;
        if (gw_mysql_is_marked(store, host))
            continue;
        if (atomic_load(&store->hosts[host].read_only)) {
            readable = readable < n ? readable : host;
            continue;
        }
        r = offer(conn, host, n - k, deadline_ns, &state);
        if (!r && !state.read_only) {
            become_current(store, first, host);
            return 0;
        }
        if (r == -EBUSY || r == -ENOMEM) /* full, but there: the next need not have its rows */
            return r;
        if (!r)
            readable = host;
        else
            last = r;
    }
    if (writes || readable == n)
        return outcome(last, deadline_ns);
    if (conn->mysql && conn->host == readable && conn->pid == gw_pid())
        return 0;
    return outcome(offer(conn, readable, 1, deadline_ns, &state), deadline_ns);
}

/* ---- Before each statement ----------------------------------------------------------------- */

/* Whether the server has closed the connection while it was idle: known without asking it, and
 * before a write, which could not be repeated, is sent on it. */
static bool is_closed(struct mysql_conn *conn)
{
    struct pollfd fd = {.fd = mysql_get_socket(conn->mysql), .events = POLLRDHUP};
    uint64_t now = gw_now_ns();
    bool idle = now - conn->used_ns > IDLE_NS;
    conn->used_ns = now;
    return idle && poll(&fd, 1, 0) != 0;
}

int gw_mysql_ready(struct mysql_conn *conn, bool writes, uint64_t deadline_ns)
{
    gw_mysql_until(deadline_ns);
    if (conn->mysql && (conn->pid != gw_pid() || is_closed(conn)))
        gw_mysql_drop(conn);
    if (conn->mysql && (conn->base.in_transaction || !should_move(conn, writes)))
        return 0;
    if (conn->base.in_transaction) /* what was begun on the lost connection is gone */
        return -EHOSTDOWN;
    return choose(conn, writes, deadline_ns);
}
