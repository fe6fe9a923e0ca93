/* epoch.h: what the number in a `revokes` column means.
 *
 * A token is good while its claim `epoch` equals its row's. A row's first epoch is the time of its
 * insertion in half microseconds, which is even, so that a key which is used again does not revive
 * the tokens of the row that had it before. Revoking makes it the time of
 * that, which is odd, or the next odd number: no revocation of an earlier row reaches the epochs of
 * a later one. An even epoch has never been revoked. Only then is a token good that has no epoch,
 * as flask-jwt-router makes them. Rows that were there before, or that others insert, begin at 0
 * and have been revoked at every other small number. */
#ifndef GW_STORE_EPOCH_H
#define GW_STORE_EPOCH_H

#include <stdbool.h>
#include <stdint.h>

#define GW_EPOCH_SECOND 2000000 /* in half microseconds; a token has them in 2^53 (RFC 8259, 6) */
/* 2025-01-01: from here on an epoch is a time */
#define GW_EPOCH_TIMES (UINT64_C(1735689600) * GW_EPOCH_SECOND)

/* `now`: microseconds since 1970. */
static inline uint64_t gw_epoch_first(int64_t now)
{
    return now < 0 ? 0 : 2 * (uint64_t)now;
}

/* The least that revoking makes of an epoch: odd, and a time too. So what a row was revoked to is
 * no epoch of a row that gets its key later, whoever inserted either. */
static inline uint64_t gw_epoch_revoked(int64_t now)
{
    return gw_epoch_first(now) + 1;
}

/* What revoking makes of `epoch`: `least`, or the next odd number where that is not more. */
static inline uint64_t gw_epoch_next(uint64_t epoch, uint64_t least)
{
    return epoch < least ? least : epoch + 1 + epoch % 2;
}

static inline bool gw_epoch_is_first(uint64_t epoch)
{
    return epoch == 0 || (epoch >= GW_EPOCH_TIMES && epoch % 2 == 0);
}

#endif
