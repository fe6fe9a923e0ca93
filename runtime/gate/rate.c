/* rate.c: see rate.h. What is counted by, and what becomes of a request that is one too many; the
 * counts are those of rate_count.c and rate_shared.c. */
#include "gate/rate.h"

#include "gate/rate_count.h"
#include "request/client.h"
#include "request/context.h"
#include "request/refuse.h"
#include "request/request.h"
#include "store/column.h"

#include <errno.h>

#define BROADER 10 /* times what a part may: a network of an address, an account from anywhere */

/* Without the store each process counts for itself, as it has done all the time; but for one that
 * lives for this request alone (CGI). */
static int count(struct gw_request *req, const struct gw_rate_subject *subject,
                 struct gw_rate_found *ret)
{
    struct gw_rate_found shared;
    int r = gw_rate_count(req, subject, ret);
    if (r || !subject->rate->shared)
        return r;
    r = gw_rate_count_shared(req, subject, &shared);
    if (!r)
        *ret = shared;
    return gw_store_is_away(r) && !req->transport->single ? 0 : r;
}

static void refuse(struct gw_request *req, const struct gw_rate_subject *subject, uint64_t left_ms)
{
    static const struct {
        const char *name;
        enum gw_reason reason;
    } by[] = {
        [GW_RATE_ADDRESS] = {"address", GW_REASON_LIMIT_ADDRESS},
        [GW_RATE_CALLER] = {"caller", GW_REASON_LIMIT_CALLER},
        [GW_RATE_MEMBER] = {"body", GW_REASON_LIMIT_BODY},
    };
    const struct gw_rate *rate = subject->rate;
    unsigned long long seconds = (left_ms + 999) / 1000;
    const char *after = gw_arena_printf(req->arena, "%llu", seconds);
    const char *policy = gw_arena_printf(req->arena, "\"%s\";q=%llu;w=%u", by[rate->by].name,
                                         (unsigned long long)subject->most, rate->seconds);
    const char *left = gw_arena_printf(req->arena, "\"%s\";r=0;t=%llu", by[rate->by].name, seconds);
    gw_refuse(req, 429, by[rate->by].reason);
    if (!after || !policy || !left || gw_set_header(req, "Retry-After", after) ||
        gw_set_header(req, "RateLimit-Policy", policy) || gw_set_header(req, "RateLimit", left))
        gw_refuse(req, 500, GW_REASON_MEMORY);
}

static void take(struct gw_request *req, const struct gw_rate_subject *subject)
{
    struct gw_rate_found found;
    if (req->answered)
        return;
    int r = count(req, subject, &found);
    if (gw_store_is_away(r))
        gw_refuse(req, 503, GW_REASON_STORE_AWAY);
    else if (r)
        gw_refuse(req, 500, r == -ENOMEM ? GW_REASON_MEMORY : GW_REASON_LIMIT_FAILED);
    else if (found.n > subject->most)
        refuse(req, subject, found.left_ms);
}

/* ---- By what -------------------------------------------------------------------------------- */

/* The first `bytes` of it: who has an address of IPv6 has as a rule 2^64 of them (RFC 6177). */
static struct gw_address beginning(struct gw_address address, size_t bytes)
{
    memset(address.bytes + bytes, 0, sizeof(address.bytes) - bytes);
    return address;
}

static struct gw_address client_of(const struct gw_request *req)
{
    struct gw_address address = gw_client_find(req);
    return gw_address_is_ipv4(&address) ? address : beginning(address, 8);
}

static void take_by_address(struct gw_request *req, const struct gw_rate *rate)
{
    struct gw_address address = client_of(req);
    take(req,
         &(struct gw_rate_subject){
             .rate = rate, .kind = 'a', .value = GW_STR(""), .from = address, .most = rate->most});
    if (!gw_address_is_ipv4(&address))
        take(req, &(struct gw_rate_subject){.rate = rate,
                                            .kind = 'n',
                                            .value = GW_STR(""),
                                            .from = beginning(address, 6),
                                            .most = (uint64_t)rate->most * BROADER});
}

/* A guest is known by the address alone. */
static void take_by_caller(struct gw_request *req, const struct gw_rate *rate)
{
    char key[GW_KEY_TEXT], kind = (char)('A' + (req->me.table ? req->me.table->entity : 0));
    if (!req->me.table) {
        take_by_address(req, rate);
        return;
    }
    take(req, &(struct gw_rate_subject){.rate = rate,
                                        .kind = kind,
                                        .value = gw_str_from(gw_key_text(&req->me.key, key)),
                                        .most = rate->most});
}

/* The member in one form: letters of ASCII in lower case. NULL when memory is short. */
static const char *member_text(struct gw_request *req, const struct gw_member *member)
{
    const char *at = (const char *)req->body + member->offset;
    if (member->type == GW_TYPE_INT)
        return gw_arena_printf(req->arena, "%lld", (long long)*(const int64_t *)at);
    if (member->type == GW_TYPE_UINT)
        return gw_arena_printf(req->arena, "%llu", (unsigned long long)*(const uint64_t *)at);
    const char *text = *(const char *const *)at;
    char *folded = gw_arena_copy(req->arena, text, strlen(text));
    for (char *c = folded; c && *c; c++)
        *c = gw_lower(*c);
    return folded;
}

/* One account is tried from one address so often; from all together more, or one client could keep
 * its owner out. */
static void take_by_member(struct gw_request *req, const struct gw_rate *rate)
{
    const char *text = member_text(req, &req->route->body->members[rate->member]);
    if (!text) {
        gw_refuse(req, 500, GW_REASON_MEMORY);
        return;
    }
    take(req, &(struct gw_rate_subject){.rate = rate,
                                        .kind = 'b',
                                        .value = gw_str_from(text),
                                        .from = client_of(req),
                                        .most = rate->most});
    take(req, &(struct gw_rate_subject){.rate = rate,
                                        .kind = 'm',
                                        .value = gw_str_from(text),
                                        .most = (uint64_t)rate->most * BROADER});
}

static void take_all(struct gw_request *req, enum gw_rate_by by,
                     void (*take_one)(struct gw_request *req, const struct gw_rate *rate))
{
    for (size_t i = 0; i < req->route->n_rates && !req->answered; i++)
        if (req->route->rates[i].by == by)
            take_one(req, &req->route->rates[i]);
}

void gw_step_rate_address(struct gw_request *req)
{
    take_all(req, GW_RATE_ADDRESS, take_by_address);
}

void gw_step_rate_caller(struct gw_request *req)
{
    take_all(req, GW_RATE_CALLER, take_by_caller);
}

/* A form with faults, which its handler shows again, says nothing that could be counted. */
void gw_step_rate_body(struct gw_request *req)
{
    if (req->form_faults)
        return;
    take_all(req, GW_RATE_MEMBER, take_by_member);
}

static bool has_shared(const struct gw_request *req, enum gw_rate_by by)
{
    for (size_t i = 0; i < req->route->n_rates; i++)
        if (req->route->rates[i].by == by && req->route->rates[i].shared)
            return true;
    return false;
}

/* A guest is counted by the address, shared or not. */
bool gw_rate_asks(const struct gw_request *req, void (*step)(struct gw_request *req))
{
    return (step == gw_step_rate_address && has_shared(req, GW_RATE_ADDRESS)) ||
           (step == gw_step_rate_caller && has_shared(req, GW_RATE_CALLER));
}
