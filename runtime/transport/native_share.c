/* native_share.c: see native_share.h.
 *
 * Each owner measures its own loop: its thread's CPU time, or the time that it was in handlers if
 * that is more. What it waited for loaded rows does not count: meanwhile the next batch gathers. */
#include "transport/native_share.h"

#include "request/context.h"

#include <errno.h>
#include <time.h>

#define SAMPLE_NS 100000000ULL
#define BUSY      70 /* percent */
#define QUIET     40 /* percent, with the neighbour's together */

int gw_native_share_join(struct gw_native_loop *const *loops, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        loops[i]->share.before = i ? loops[i - 1] : NULL;
        loops[i]->share.after = i + 1 < n ? loops[i + 1] : NULL;
        atomic_store(&loops[i]->share.active, i == 0);
        gw_native_loop_want_conns(loops[i], i == 0);
    }
    return loops[0]->accepting ? 0 : -EIO;
}

static uint64_t thread_cpu_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Takes a sample. False: the last was another owner's, so that this one says nothing. */
static bool sample(struct gw_native_loop *loop, uint64_t now)
{
    struct gw_native_share *share = &loop->share;
    uint64_t cpu = thread_cpu_ns(), took = now - share->sampled_ns, busy = share->held_ns;
    bool mine = share->sampled_ns && pthread_equal(share->sampled_by, pthread_self());
    if (mine && cpu - share->sampled_cpu_ns > busy)
        busy = cpu - share->sampled_cpu_ns;
    share->sampled_ns = now;
    share->sampled_cpu_ns = cpu;
    share->sampled_by = pthread_self();
    share->held_ns = 0;
    if (mine && took)
        atomic_store_explicit(&share->load, (unsigned)(100 * busy / took), memory_order_relaxed);
    atomic_store_explicit(&share->n_conns, loop->n_conns, memory_order_relaxed);
    return mine;
}

static unsigned load_of(struct gw_native_loop *loop)
{
    return atomic_load_explicit(&loop->share.load, memory_order_relaxed);
}

static bool would_fill(struct gw_native_loop *loop, size_t n_more)
{
    size_t n = atomic_load_explicit(&loop->share.n_conns, memory_order_relaxed);
    return n + n_more > loop->max_conns / 2;
}

/* Hands every `of`th of the idle connections over. */
static void hand_over(struct gw_native_loop *loop, struct gw_native_loop *to, unsigned of)
{
    struct gw_native_conn *next;
    unsigned at = 0;
    pthread_mutex_lock(&to->lock);
    for (struct gw_native_conn *conn = loop->conns; conn && !to->share.over; conn = next) {
        next = conn->next;
        if (!gw_fcgi_conn_is_idle(&conn->fcgi) || at++ % of)
            continue;
        gw_native_loop_take_out(loop, conn);
        conn->next_waiting = atomic_load_explicit(&to->share.arriving, memory_order_relaxed);
        atomic_store_explicit(&to->share.arriving, conn, memory_order_release);
    }
    pthread_mutex_unlock(&to->lock);
    if (at)
        gw_native_loop_wake(to);
}

void gw_native_share_take(struct gw_native_loop *loop)
{
    struct gw_native_share *share = &loop->share;
    bool active = atomic_load(&share->active);
    if (active != loop->wants_conns)
        gw_native_loop_want_conns(loop, active);
    if (!atomic_load_explicit(&share->arriving, memory_order_relaxed))
        return;
    pthread_mutex_lock(&loop->lock);
    struct gw_native_conn *conn = atomic_load_explicit(&share->arriving, memory_order_relaxed);
    atomic_store_explicit(&share->arriving, NULL, memory_order_relaxed);
    pthread_mutex_unlock(&loop->lock);
    while (conn) {
        struct gw_native_conn *next = conn->next_waiting;
        gw_native_loop_take_in(loop, conn);
        conn = next;
    }
}

void gw_native_share_balance(struct gw_native_loop *loop)
{
    struct gw_native_share *share = &loop->share;
    struct gw_native_loop *before = share->before, *after = share->after;
    uint64_t now = loop->woken_ns;
    bool full = loop->n_conns > loop->max_conns / 2 && after && !atomic_load(&after->share.active);
    if (loop->stopping || (!full && now - share->sampled_ns < SAMPLE_NS))
        return;
    bool active = atomic_load(&share->active), known = sample(loop, now);
    bool busy = known && load_of(loop) >= BUSY, quiet = known && before;
    quiet = quiet && load_of(loop) + load_of(before) < QUIET && !would_fill(before, loop->n_conns);
    if (active && after && (full || (busy && load_of(after) < BUSY))) {
        atomic_store(&after->share.active, true);
        gw_native_loop_wake(after);
        hand_over(loop, after, 2);
    } else if (before && (!active || quiet)) {
        atomic_store(&share->active, false);
        gw_native_loop_want_conns(loop, false);
        hand_over(loop, before, 1);
    }
}

bool gw_native_share_end(struct gw_native_loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    loop->share.over = !atomic_load(&loop->share.arriving);
    pthread_mutex_unlock(&loop->lock);
    return loop->share.over;
}
