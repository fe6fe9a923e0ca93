/* turn.c: the writers of this process write one after the other.
 *
 * SQLite lets one write at a time. Whoever finds the file locked sleeps and tries again, for a
 * millisecond and more, where a write takes a tenth of that: so it must wait for writers of other
 * processes (open.c). In this one the turn goes to whoever has waited longest, once that is a
 * millisecond; before, whoever comes first takes it, since a thread that runs need not be woken. */
#include "store/sqlite/own.h"

#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

#define LONG_NS 1000000ULL /* is waited before a turn is handed over */

void gw_sqlite_turn_init(struct sqlite_conn *conn)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&conn->woken, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void stand_in_line(struct sqlite_turns *turns, struct sqlite_conn *conn)
{
    conn->next_waiting = NULL;
    if (turns->first)
        turns->last->next_waiting = conn;
    else
        turns->first = conn;
    turns->last = conn;
}

static void leave_line(struct sqlite_turns *turns, struct sqlite_conn *conn)
{
    struct sqlite_conn *before = NULL;
    for (struct sqlite_conn *one = turns->first; one != conn; one = one->next_waiting)
        before = one;
    *(before ? &before->next_waiting : &turns->first) = conn->next_waiting;
    if (turns->last == conn)
        turns->last = before;
}

/* With the lock. False: it took too long. */
static bool wait_for_turn(struct sqlite_conn *conn, struct sqlite_turns *turns)
{
    uint64_t now = conn->waits_since_ns = gw_now_ns();
    stand_in_line(turns, conn);
    while (!conn->has_turn) {
        uint64_t until = gw_sqlite_patience(conn, now), then = conn->waits_since_ns + LONG_NS;
        if (!turns->taken || now >= until) {
            leave_line(turns, conn);
            return !turns->taken;
        }
        if (now < then && then < until)
            until = then; /* nobody hands it over before */
        struct timespec at = {(time_t)(until / 1000000000), (long)(until % 1000000000)};
        pthread_cond_timedwait(&conn->woken, &turns->lock, &at);
        now = gw_now_ns();
    }
    return true;
}

int gw_sqlite_take_turn(struct sqlite_conn *conn)
{
    struct sqlite_turns *turns = &((struct sqlite_store *)conn->base.store)->turns;
    if (conn->has_turn)
        return 0;
    pthread_mutex_lock(&turns->lock);
    conn->has_turn = !turns->taken || wait_for_turn(conn, turns);
    turns->taken |= conn->has_turn;
    pthread_mutex_unlock(&turns->lock);
    return conn->has_turn ? 0
                          : gw_sqlite_failed(conn->base.store, NULL, SQLITE_BUSY,
                                             "other workers write for too long");
}

void gw_sqlite_end_turn(struct sqlite_conn *conn)
{
    struct sqlite_turns *turns = &((struct sqlite_store *)conn->base.store)->turns;
    if (!conn->has_turn)
        return;
    pthread_mutex_lock(&turns->lock);
    assert(turns->taken);
    conn->has_turn = false;
    struct sqlite_conn *next = turns->first;
    turns->taken = next && gw_now_ns() - next->waits_since_ns >= LONG_NS;
    if (turns->taken) {
        leave_line(turns, next);
        next->has_turn = true;
        pthread_cond_signal(&next->woken);
    }
    pthread_mutex_unlock(&turns->lock);
}
