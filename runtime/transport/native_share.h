/* native_share.h: how many of the native transport's loops are at work.
 *
 * One takes all connections while it keeps up: what is readable at once is more then, so that the
 * loads of more requests share a statement and a wake-up. A loop that is busy hands half of its
 * idle connections to the next; one that has become idle hands all back. */
#ifndef GW_NATIVE_SHARE_H
#define GW_NATIVE_SHARE_H

#include "transport/native_loop.h"

/* Before the loops run: in their order. The first is active. -EIO: it cannot watch the listener. */
int gw_native_share_join(struct gw_native_loop *const *loops, size_t n);

/* The owner's, before gw_native_loop_run: takes what neighbours have handed over. */
void gw_native_share_take(struct gw_native_loop *loop);

/* The owner's, after gw_native_loop_run. */
void gw_native_share_balance(struct gw_native_loop *loop);

/* The owner's, of a loop that has shut down: false if something has arrived meanwhile. */
bool gw_native_share_end(struct gw_native_loop *loop);

#endif
