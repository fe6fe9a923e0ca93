/* status.c: see status.h. */
#include "gate/status.h"

#include "base/clock.h"
#include "token/bearer.h"
#include "json/out.h"
#include "request/phrase.h"
#include "request/request.h"
#include "request/context.h"
#include "gate/stats.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <unistd.h>

/* ---- Adding up ------------------------------------------------------------------------------ */

struct totals {
    uint64_t by_status[GW_STATS_STATUSES];
    uint64_t buckets[GW_STATS_BUCKETS + 1];
    uint64_t n, sum_ns;
};

static void add_route(const struct gw_stats *stats, size_t route, struct totals *totals)
{
    const struct gw_stats_route *at =
        atomic_load_explicit(&stats->routes[route], memory_order_acquire);
    if (!at)
        return;
    for (size_t i = 0; i < GW_STATS_STATUSES; i++)
        totals->by_status[i] += gw_stats_get(&at->by_status[i]);
    for (size_t i = 0; i <= GW_STATS_BUCKETS; i++)
        totals->buckets[i] += gw_stats_get(&at->buckets[i]);
    totals->sum_ns += gw_stats_get(&at->sum_ns);
}

static const struct gw_stats *stats_of(const struct gw_server *server, size_t worker)
{
    return atomic_load_explicit(&((struct gw_server *)server)->stats[worker], memory_order_acquire);
}

/* False: nobody has asked for it yet. */
static bool total(const struct gw_server *server, size_t route, struct totals *ret)
{
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; i < GW_WORKERS_MAX; i++)
        if (stats_of(server, i))
            add_route(stats_of(server, i), route, ret);
    for (size_t i = 0; i <= GW_STATS_BUCKETS; i++)
        ret->n += ret->buckets[i];
    return ret->n;
}

static void count_all(const struct gw_server *server, uint64_t *ret_ended, uint64_t *ret_in_flight)
{
    uint64_t begun = 0, ended = 0;
    for (size_t i = 0; i < GW_WORKERS_MAX; i++) {
        const struct gw_stats *stats = stats_of(server, i);
        ended += stats ? gw_stats_get(&stats->ended) : 0;
    }
    for (size_t i = 0; i < GW_WORKERS_MAX; i++) {
        const struct gw_stats *stats = stats_of(server, i);
        begun += stats ? gw_stats_get(&stats->begun) : 0;
    }
    *ret_ended = ended;
    *ret_in_flight = begun - ended;
}

static uint64_t count_refused(const struct gw_server *server, enum gw_reason reason)
{
    uint64_t n = 0;
    for (size_t i = 0; i < GW_WORKERS_MAX; i++) {
        const struct gw_stats *stats = stats_of(server, i);
        n += stats ? gw_stats_get(&stats->by_reason[reason]) : 0;
    }
    return n;
}

/* The next reason after `reason` that was ever given, and how often. False: there is none. */
static bool next_refused(const struct gw_server *server, enum gw_reason *reason, uint64_t *ret_n)
{
    while (++*reason < GW_N_REASONS) {
        *ret_n = count_refused(server, *reason);
        if (*ret_n)
            return true;
    }
    return false;
}

/* What a place of the counters stands for. */
static void name_route(const struct gw_server *server, size_t route, const char **ret_method,
                       const char **ret_pattern)
{
    bool real = route < server->app->n_routes;
    *ret_method = real ? gw_method_names[server->app->routes[route].method].ptr : "-";
    *ret_pattern = real ? server->app->routes[route].pattern
                   : route == gw_server_place(server, GW_PLACE_NONE) ? "-"
                                                                     : server->status_pattern;
}

/* ---- Metrics (OpenMetrics 1.0) -------------------------------------------------------------- */

static const char *escaped(struct gw_request *req, const char *text)
{
    char *out = gw_arena_alloc(req->arena, 2 * strlen(text) + 1), *at = out;
    for (; out && *text; text++) {
        if (*text == '\\' || *text == '"')
            *at++ = '\\';
        *at++ = *text;
    }
    return out;
}

static const char *labels_of(struct gw_request *req, size_t route)
{
    const char *method, *pattern;
    name_route(req->worker->server, route, &method, &pattern);
    pattern = escaped(req, pattern);
    return pattern ? gw_printf(req, "method=\"%s\",route=\"%s\"", method, pattern) : NULL;
}

static void put_requests(struct gw_request *req, struct gw_text *page)
{
    struct totals totals;
    gw_text_printf(page, "# HELP gatewright_requests Requests answered.\n"
                         "# TYPE gatewright_requests counter\n");
    for (size_t route = 0; route < req->worker->stats->n_routes; route++) {
        if (!total(req->worker->server, route, &totals))
            continue;
        const char *labels = labels_of(req, route);
        page->failed |= !labels;
        for (size_t i = 0; labels && i < GW_STATS_STATUSES; i++)
            if (totals.by_status[i])
                gw_text_printf(page, "gatewright_requests_total{%s,status=\"%zu\"} %" PRIu64 "\n",
                               labels, i + GW_STATS_STATUS_MIN, totals.by_status[i]);
    }
}

static void put_durations(struct gw_request *req, struct gw_text *page)
{
    static const char name[] = "gatewright_request_duration_seconds";
    struct totals totals;
    gw_text_printf(page,
                   "# HELP %s From the parameters to the answer.\n"
                   "# TYPE %s histogram\n"
                   "# UNIT %s seconds\n",
                   name, name, name);
    for (size_t route = 0; route < req->worker->stats->n_routes; route++) {
        if (!total(req->worker->server, route, &totals))
            continue;
        const char *labels = labels_of(req, route);
        uint64_t n = 0;
        page->failed |= !labels;
        if (!labels)
            return;
        for (size_t i = 0; i < GW_STATS_BUCKETS; i++) {
            uint64_t us = gw_stats_bound(i);
            n += totals.buckets[i];
            gw_text_printf(page, "%s_bucket{%s,le=\"%" PRIu64 ".%06" PRIu64 "\"} %" PRIu64 "\n",
                           name, labels, us / 1000000, us % 1000000, n);
        }
        gw_text_printf(page,
                       "%s_bucket{%s,le=\"+Inf\"} %" PRIu64 "\n"
                       "%s_count{%s} %" PRIu64 "\n"
                       "%s_sum{%s} %" PRIu64 ".%09" PRIu64 "\n",
                       name, labels, totals.n, name, labels, totals.n, name, labels,
                       totals.sum_ns / 1000000000, totals.sum_ns % 1000000000);
    }
}

static int answer_metrics(struct gw_request *req)
{
    struct gw_text page = {.arena = req->arena};
    const struct gw_server *server = req->worker->server;
    uint64_t ended, in_flight, n;
    put_requests(req, &page);
    put_durations(req, &page);
    gw_text_printf(&page, "# HELP gatewright_refusals Requests refused, by the reason in the log.\n"
                          "# TYPE gatewright_refusals counter\n");
    for (enum gw_reason reason = GW_REASON_NONE; next_refused(server, &reason, &n);)
        gw_text_printf(&page, "gatewright_refusals_total{reason=\"%s\"} %" PRIu64 "\n",
                       gw_reason_name(reason), n);
    count_all(server, &ended, &in_flight);
    gw_text_printf(&page,
                   "# HELP gatewright_requests_in_flight Requests begun and not answered yet.\n"
                   "# TYPE gatewright_requests_in_flight gauge\n"
                   "gatewright_requests_in_flight %" PRIu64 "\n"
                   "# HELP gatewright_workers Threads that serve.\n"
                   "# TYPE gatewright_workers gauge\n"
                   "gatewright_workers %" PRIu64 "\n"
                   "# HELP process_start_time_seconds When the process was started.\n"
                   "# TYPE process_start_time_seconds gauge\n"
                   "# UNIT process_start_time_seconds seconds\n"
                   "process_start_time_seconds %" PRId64 ".%06" PRId64 "\n"
                   "# EOF\n",
                   in_flight, server->config.workers, server->started_us / 1000000,
                   server->started_us % 1000000);
    if (page.failed)
        return -ENOMEM;
    return gw_bytes(req, 200, "application/openmetrics-text; version=1.0.0; charset=utf-8",
                    page.ptr, page.len);
}

/* ---- Status --------------------------------------------------------------------------------- */

static uint64_t of_class(const struct totals *totals, size_t class)
{
    uint64_t n = 0;
    for (size_t i = 0; i < 100; i++)
        n += totals->by_status[(class - 2) * 100 + i];
    return n;
}

static int answer_text(struct gw_request *req)
{
    struct gw_text page = {.arena = req->arena};
    const struct gw_server *server = req->worker->server;
    struct totals totals;
    uint64_t ended, in_flight, n;
    char started[32];
    count_all(server, &ended, &in_flight);
    gw_format_time(server->started_us, started);
    gw_text_printf(&page,
                   "program    %s\npid        %d\ntransport  %s\nworkers    %" PRIu64
                   "\nstarted    %s\n"
                   "uptime     %" PRIu64 " s\nrequests   %" PRIu64 "\nin flight  %" PRIu64
                   "\nstopping   %s\n\n%-7s %-40s %10s %10s %10s %10s %10s %10s\n",
                   program_invocation_short_name, (int)getpid(), server->transport->name,
                   server->config.workers, started, (gw_now_ns() - server->started_ns) / 1000000000,
                   ended, in_flight, atomic_load(&server->stopping) ? "yes" : "no", "method",
                   "route", "requests", "2xx", "3xx", "4xx", "5xx", "mean us");
    for (size_t route = 0; route < req->worker->stats->n_routes; route++) {
        const char *method, *pattern;
        if (!total(server, route, &totals))
            continue;
        name_route(server, route, &method, &pattern);
        gw_text_printf(&page,
                       "%-7s %-40s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64
                       " %10" PRIu64 " %10" PRIu64 "\n",
                       method, pattern, totals.n, of_class(&totals, 2), of_class(&totals, 3),
                       of_class(&totals, 4), of_class(&totals, 5), totals.sum_ns / totals.n / 1000);
    }
    gw_text_printf(&page, "\n%-40s %10s\n", "refused because", "requests");
    for (enum gw_reason reason = GW_REASON_NONE; next_refused(server, &reason, &n);)
        gw_text_printf(&page, "%-40s %10" PRIu64 "\n", gw_reason_name(reason), n);
    return page.failed ? -ENOMEM : gw_text(req, 200, page.ptr);
}

static void put_count(struct gw_jsonout *out, const char *name, uint64_t n)
{
    gw_jsonout_name(out, name);
    gw_jsonout_u64(out, n);
}

static void put_json_text(struct gw_jsonout *out, const char *name, const char *text)
{
    gw_jsonout_name(out, name);
    gw_jsonout_text(out, text);
}

static void put_json_route(const struct gw_server *server, size_t route, struct gw_jsonout *out)
{
    struct totals totals;
    const char *method, *pattern;
    char status[8];
    if (!total(server, route, &totals))
        return;
    name_route(server, route, &method, &pattern);
    gw_jsonout_object(out);
    put_json_text(out, "method", method);
    put_json_text(out, "route", pattern);
    put_count(out, "requests", totals.n);
    put_count(out, "mean_us", totals.sum_ns / totals.n / 1000);
    gw_jsonout_name(out, "statuses");
    gw_jsonout_object(out);
    for (size_t i = 0; i < GW_STATS_STATUSES; i++) {
        snprintf(status, sizeof(status), "%zu", i + GW_STATS_STATUS_MIN);
        if (totals.by_status[i])
            put_count(out, status, totals.by_status[i]);
    }
    gw_jsonout_end_object(out);
    gw_jsonout_end_object(out);
}

static int answer_json(struct gw_request *req)
{
    struct gw_jsonout out = {.text = {.arena = req->arena}};
    const struct gw_server *server = req->worker->server;
    uint64_t ended, in_flight, n;
    char started[32];
    count_all(server, &ended, &in_flight);
    gw_format_time(server->started_us, started);
    gw_jsonout_object(&out);
    put_json_text(&out, "program", program_invocation_short_name);
    put_count(&out, "pid", (uint64_t)getpid());
    put_json_text(&out, "transport", server->transport->name);
    put_count(&out, "workers", server->config.workers);
    put_json_text(&out, "started", started);
    put_count(&out, "uptime_s", (gw_now_ns() - server->started_ns) / 1000000000);
    put_count(&out, "requests", ended);
    put_count(&out, "in_flight", in_flight);
    gw_jsonout_name(&out, "stopping");
    gw_jsonout_value(&out, &(struct gw_value){.type = GW_TYPE_BOOL,
                                              .as.boolean = atomic_load(&server->stopping)});
    gw_jsonout_name(&out, "routes");
    gw_jsonout_array(&out);
    for (size_t route = 0; route < req->worker->stats->n_routes; route++)
        put_json_route(server, route, &out);
    gw_jsonout_end_array(&out);
    gw_jsonout_name(&out, "refusals");
    gw_jsonout_object(&out);
    for (enum gw_reason reason = GW_REASON_NONE; next_refused(server, &reason, &n);)
        put_count(&out, gw_reason_name(reason), n);
    gw_jsonout_end_object(&out);
    gw_jsonout_end_object(&out);
    return out.text.failed ? -ENOMEM : gw_json_text(req, 200, out.text.ptr, out.text.len);
}

static int answer_status(struct gw_request *req)
{
    return gw_str_equal(req->query_string, GW_STR("json")) ? answer_json(req) : answer_text(req);
}

static int answer_ping(struct gw_request *req)
{
    return gw_text(req, 200, "pong\n");
}

/* ---- Which page, and for whom --------------------------------------------------------------- */

static const struct {
    const char *name;
    int (*answer)(struct gw_request *req);
} pages[] = {{"ping", answer_ping}, {"status", answer_status}, {"metrics", answer_metrics}};
#define N_PAGES (sizeof(pages) / sizeof(pages[0]))

int gw_status_check(struct gw_server *server, const char **ret_why)
{
    const char *path = server->config.status_path, *why = NULL;
    struct gw_span segments[GW_MAX_SEGMENTS];
    for (size_t i = 0; !why && i < N_PAGES; i++) {
        const char *page = gw_arena_printf(&server->arena, "%s/%s", path, pages[i].name);
        const struct gw_leaf *leaf = page ? server->app->match(page, segments) : NULL;
        const struct gw_route *route = NULL;
        for (size_t m = 0; leaf && m < GW_N_METHODS; m++)
            if (leaf->route[m])
                route = &server->app->routes[leaf->route[m] - 1];
        if (!page)
            why = "out of memory";
        else if (route)
            why = gw_arena_printf(&server->arena,
                                  "GW_STATUS_PATH is \"%s\": the route %s of %s has %s already; "
                                  "choose another path, like /-",
                                  path, route->pattern, route->where, page);
    }
    *ret_why = why;
    return why ? -EINVAL : 0;
}

/* The page that the path names, or N_PAGES. */
static size_t page_of(const struct gw_request *req)
{
    struct gw_str path = gw_str_from(req->worker->server->config.status_path);
    size_t i = 0;
    if (!path.len || req->path.len <= path.len || req->path.ptr[path.len] != '/' ||
        memcmp(req->path.ptr, path.ptr, path.len))
        return N_PAGES;
    while (i < N_PAGES && strcmp(req->path.ptr + path.len + 1, pages[i].name))
        i++;
    return i;
}

bool gw_status_has(const struct gw_request *req)
{
    return page_of(req) < N_PAGES;
}

static bool may_see(const struct gw_request *req)
{
    const char *wanted = req->worker->server->config.status_token;
    struct gw_str shown;
    if (!req->in.has_authorization || gw_bearer_read(req->in.authorization, &shown))
        return false;
    return shown.len == strlen(wanted) && !CRYPTO_memcmp(shown.ptr, wanted, shown.len);
}

int gw_status_answer(struct gw_request *req)
{
    if (!may_see(req))
        return GW_E_MISMATCH;
    int r = pages[page_of(req)].answer(req);
    return r ? r : gw_set_header(req, "Cache-Control", "no-store");
}
