/* shared_counts.h: how many there were within a window of time, counted in the store: by all
 * processes and machines that use it.
 *
 * A window is a number: of the seconds since 1970 by the database's clock, moved by `shift`,
 * divided by the window's length. A count is a row of gw_limits, which is counted on in the next
 * window from nothing: rows are as many as there are places. */
#ifndef GW_SHARED_COUNTS_H
#define GW_SHARED_COUNTS_H

#include "store/store.h"

#define GW_SHARED_PLACES (1u << 20) /* for each length of windows */
#define GW_SHARED_KEY    16         /* bytes */

/* The key of the hash that gives places: the same for all who use the store, made by the first. 0,
 * -EIO: there is no randomness; or what gw_conn_run gives. */
int gw_shared_counts_key(struct gw_conn *conn, struct gw_arena *arena, uint64_t deadline_ns,
                         unsigned char ret[GW_SHARED_KEY]);

struct gw_shared_count {
    uint32_t place;   /* below GW_SHARED_PLACES */
    uint32_t seconds; /* the window's length */
    uint32_t shift;   /* below that */
};

/* Adds one, by one statement. *ret_n: how many there are in the window now, exactly, whoever else
 * counts; *ret_left: seconds until the window ends, 1 or more. 0 or what gw_conn_run gives: then
 * nobody knows whether it was counted. */
int gw_shared_counts_add(struct gw_conn *conn, const struct gw_shared_count *what,
                         struct gw_arena *arena, uint64_t deadline_ns, uint64_t *ret_n,
                         uint32_t *ret_left);

#endif
