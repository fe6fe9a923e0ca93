/* turn.c: the writers of this process write one after the other.
 *
 * SQLite lets one write at a time. Whoever finds the file locked sleeps and tries again, a
 * millisecond and more, where a write takes a tenth of that: so it must wait for writers of other
 * processes (open.c). Those of this one are woken as soon as it is their turn. */
#include "store/sqlite/own.h"

#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

void gw_sqlite_turns_init(struct sqlite_turns *turns)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&turns->lock, NULL);
    pthread_cond_init(&turns->ended, &attributes);
    pthread_condattr_destroy(&attributes);
}

void gw_sqlite_turns_free(struct sqlite_turns *turns)
{
    pthread_cond_destroy(&turns->ended);
    pthread_mutex_destroy(&turns->lock);
}

/* With the lock. False: it took too long. */
static bool wait_for_turn(struct sqlite_conn *conn, struct sqlite_turns *turns)
{
    uint64_t now = conn->waits_since_ns = gw_now_ns();
    while (turns->taken) {
        uint64_t until = gw_sqlite_patience(conn, now);
        if (now >= until)
            return false;
        struct timespec at = {(time_t)(until / 1000000000), (long)(until % 1000000000)};
        pthread_cond_timedwait(&turns->ended, &turns->lock, &at);
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
    return conn->has_turn ? 0 : gw_sqlite_failed(conn->base.store, NULL, SQLITE_BUSY, "waiting");
}

void gw_sqlite_end_turn(struct sqlite_conn *conn)
{
    struct sqlite_turns *turns = &((struct sqlite_store *)conn->base.store)->turns;
    if (!conn->has_turn)
        return;
    pthread_mutex_lock(&turns->lock);
    assert(turns->taken);
    turns->taken = conn->has_turn = false;
    pthread_mutex_unlock(&turns->lock);
    pthread_cond_signal(&turns->ended);
}
