/* deny.h: the deny-list: single tokens that are good no longer (GW_DENY_LIST). */
#ifndef GW_DENY_H
#define GW_DENY_H

#include "base/arena.h"
#include "generated.h"

struct gw_conn;
struct gw_worker;

/* Whether the tokens of `waiting` (GW_BATCH_MAX at most) are on the list, by one statement for all
 * of them. results[i]: 0 it is on it, GW_E_NOT_FOUND, or a negative errno. */
void gw_deny_check(struct gw_worker *worker, struct gw_request *const *waiting, size_t n,
                   int *results);

#endif
