/* deny.h: the deny-list: single tokens that are good no longer (GW_DENY_LIST). */
#ifndef GW_DENY_H
#define GW_DENY_H

#include "base/arena.h"
#include "generated.h"

struct gw_conn;
struct gw_worker;

/* The application with the deny-list's table beside its own. NULL when memory is short. */
const struct gw_app *gw_deny_app(const struct gw_app *app, struct gw_arena *arena);

/* Whether the tokens of `waiting` (GW_BATCH_MAX at most) are on the list, by one statement for all
 * of them. results[i]: 0 it is on it, GW_E_NOT_FOUND, or a negative errno. */
void gw_deny_check(struct gw_worker *worker, struct gw_request *const *waiting, size_t n,
                   int *results);

/* Sweeps away the oldest lines of tokens that have expired, some 1000 of them; *ret_n: how many. 0
 * or what gw_conn_run gives. */
int gw_deny_sweep(struct gw_conn *conn, struct gw_arena *arena, uint64_t *ret_n);

#endif
