/* password.c: the hashes of passwords, whose time is dear. */
#include "base/clock.h"
#include "request/context.h"
#include "request/request.h"

#include <errno.h>
#include <string.h>

#define HASH_WAIT_NS 2000000000ULL

/* What a password costs is known before it is paid: from the first call on its route counts as slow
 * (pace.h), and its requests hold up no others. How long one waits for its turn: 2 s, and never
 * past the request's deadline. The memory that holds the password is wiped at the end. */
static uint64_t begin_hash(struct gw_request *req)
{
    struct gw_server *server = req->worker->server;
    uint64_t until = gw_now_ns() + HASH_WAIT_NS;
    req->holds_secret = true;
    if (req->route && !req->answers_nobody)
        atomic_store_explicit(&server->paces[req->route - req->app->routes].long_runs,
                              GW_LONG_RUNS_MOST, memory_order_relaxed);
    return until < req->deadline_ns ? until : req->deadline_ns;
}

static void note_busy(struct gw_request *req, int r)
{
    if (r == -EBUSY)
        req->reason = GW_REASON_PASSWORD_BUSY;
}

int gw_password_hash(struct gw_request *req, const char *password, struct gw_secret *ret_hash)
{
    const char *hash;
    int r =
        gw_hash_make(req->worker->server->hashers, req->arena, begin_hash(req), password, &hash);
    note_busy(req, r);
    return r ? r : gw_secret_keep(req, (struct gw_bytes){hash, strlen(hash)}, ret_hash);
}

int gw_password_verify(struct gw_request *req, struct gw_secret hash, const char *password,
                       unsigned *ret_state)
{
    struct gw_hash_finding finding = {.state = 0};
    struct gw_bytes text;
    int r = gw_secret_text(req, hash, &text);
    if (r)
        return r;
    r = gw_hash_check(req->worker->server->hashers, begin_hash(req), text.ptr, password, &finding);
    if (finding.reason && req->reason != finding.reason) { /* a request says it once */
        req->reason = finding.reason;
        gw_log(req, "%s: %s (%s)", gw_reason_name(finding.reason), gw_reason_text(finding.reason),
               finding.kind ? finding.kind : "no prefix of a kind");
    }
    note_busy(req, r);
    if (!r && ret_state)
        *ret_state = finding.state;
    return r;
}
