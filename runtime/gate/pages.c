/* pages.c: what the status pages show. See pages.h. */
#include "gate/pages.h"

#include "base/clock.h"
#include "gate/sameness.h"
#include "gate/stats.h"
#include "json/out.h"
#include "request/context.h"
#include "request/phrase.h"
#include "request/request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
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

static const char *escaped(struct gw_text *page, const char *text)
{
    char *out = gw_arena_alloc(page->arena, 2 * strlen(text) + 1), *at = out;
    for (; out && *text; text++) {
        if (*text == '\\' || *text == '"')
            *at++ = '\\';
        *at++ = *text;
    }
    return out;
}

static const char *labels_of(const struct gw_server *server, struct gw_text *page, size_t route)
{
    const char *method, *pattern;
    name_route(server, route, &method, &pattern);
    pattern = escaped(page, pattern);
    return pattern ? gw_arena_printf(page->arena, "method=\"%s\",route=\"%s\"", method, pattern)
                   : NULL;
}

static void put_requests(const struct gw_server *server, struct gw_text *page)
{
    struct totals totals;
    gw_text_printf(page, "# HELP gatewright_requests Requests answered.\n"
                         "# TYPE gatewright_requests counter\n");
    for (size_t route = 0; route < gw_server_place(server, GW_N_PLACES); route++) {
        if (!total(server, route, &totals))
            continue;
        const char *labels = labels_of(server, page, route);
        page->failed |= !labels;
        for (size_t i = 0; labels && i < GW_STATS_STATUSES; i++)
            if (totals.by_status[i])
                gw_text_printf(page, "gatewright_requests_total{%s,status=\"%zu\"} %" PRIu64 "\n",
                               labels, i + GW_STATS_STATUS_MIN, totals.by_status[i]);
    }
}

static void put_durations(const struct gw_server *server, struct gw_text *page)
{
    static const char name[] = "gatewright_request_duration_seconds";
    struct totals totals;
    gw_text_printf(page,
                   "# HELP %s From the parameters to the answer.\n"
                   "# TYPE %s histogram\n"
                   "# UNIT %s seconds\n",
                   name, name, name);
    for (size_t route = 0; route < gw_server_place(server, GW_N_PLACES); route++) {
        if (!total(server, route, &totals))
            continue;
        const char *labels = labels_of(server, page, route);
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

/* ---- The store ------------------------------------------------------------------------------ */

static const char *const store_names[GW_STATS_N_STORE] = {
    [GW_STATS_STATEMENTS] = "statements",
    [GW_STATS_CONNECTS] = "connects",
    [GW_STATS_CONFLICTS] = "conflicts",
    [GW_STATS_AWAY] = "away",
    [GW_STATS_LATE] = "late",
    [GW_STATS_BUSY] = "busy",
    [GW_STATS_FAILED] = "failed",
};

static uint64_t count_store(const struct gw_server *server, enum gw_stats_store what)
{
    uint64_t n = 0;
    for (size_t i = 0; i < GW_WORKERS_MAX; i++) {
        const struct gw_stats *stats = stats_of(server, i);
        n += stats ? gw_stats_get(&stats->store[what]) : 0;
    }
    return n;
}

static void put_counter(struct gw_text *page, const char *name, const char *help, uint64_t n)
{
    gw_text_printf(page,
                   "# HELP gatewright_store_%s %s\n# TYPE gatewright_store_%s counter\n"
                   "gatewright_store_%s_total %" PRIu64 "\n",
                   name, help, name, name, n);
}

/* A gauge with a value for each host. */
static void put_hosts(const struct gw_server *server, struct gw_text *page, const char *name,
                      const char *help, bool (*of)(const struct gw_store_host *host))
{
    struct gw_store_host host;
    if (!gw_store_host(server->store, 0, &host))
        return;
    gw_text_printf(page,
                   "# HELP gatewright_store_host_%s %s\n"
                   "# TYPE gatewright_store_host_%s gauge\n",
                   name, help, name);
    for (size_t i = 0; gw_store_host(server->store, i, &host); i++) {
        const char *label = escaped(page, host.name);
        page->failed |= !label;
        gw_text_printf(page, "gatewright_store_host_%s{host=\"%s\"} %d\n", name, label ? label : "",
                       of(&host));
    }
}

static bool is_in_use(const struct gw_store_host *host)
{
    return host->in_use;
}

static bool is_left(const struct gw_store_host *host)
{
    return host->left;
}

static bool is_read_only(const struct gw_store_host *host)
{
    return host->read_only;
}

static void put_store(const struct gw_server *server, struct gw_text *page)
{
    uint64_t ns = count_store(server, GW_STATS_STORE_NS);
    if (!server->store)
        return;
    put_hosts(server, page, "in_use", "Whether connections go there.", is_in_use);
    put_hosts(server, page, "left", "Whether it failed and is left alone.", is_left);
    put_hosts(server, page, "read_only", "Whether it takes no writes.", is_read_only);
    put_counter(page, "statements", "Statements run.", count_store(server, GW_STATS_STATEMENTS));
    put_counter(page, "connects", "Connections opened.", count_store(server, GW_STATS_CONNECTS));
    put_counter(page, "conflicts", "Statements run again, another transaction being in the way.",
                count_store(server, GW_STATS_CONFLICTS));
    gw_text_printf(page, "# HELP gatewright_store_failures Statements that failed.\n"
                         "# TYPE gatewright_store_failures counter\n");
    for (size_t i = GW_STATS_AWAY; i <= GW_STATS_FAILED; i++)
        gw_text_printf(page, "gatewright_store_failures_total{kind=\"%s\"} %" PRIu64 "\n",
                       store_names[i], count_store(server, i));
    gw_text_printf(page,
                   "# HELP gatewright_store_wait_seconds Time that workers spent on statements.\n"
                   "# TYPE gatewright_store_wait_seconds counter\n"
                   "# UNIT gatewright_store_wait_seconds seconds\n"
                   "gatewright_store_wait_seconds_total %" PRIu64 ".%09" PRIu64 "\n"
                   "# HELP gatewright_store_suspended Whether it is not used, not being compared "
                   "yet.\n"
                   "# TYPE gatewright_store_suspended gauge\n"
                   "gatewright_store_suspended %d\n",
                   ns / 1000000000, ns % 1000000000, gw_store_is_suspended(server->store));
}

/* The host in use; "" where there are none. */
static const char *host_in_use(const struct gw_server *server)
{
    struct gw_store_host host;
    for (size_t i = 0; gw_store_host(server->store, i, &host); i++)
        if (host.in_use)
            return host.name;
    return "";
}

static void put_text_store(const struct gw_server *server, struct gw_text *page)
{
    if (!server->store)
        return;
    gw_text_printf(page, "\nstore      %s %s%s\n", gw_store_scheme(server->store),
                   host_in_use(server),
                   gw_store_is_suspended(server->store) ? " (not compared yet)" : "");
    for (size_t i = 0; i < GW_STATS_STORE_NS; i++)
        gw_text_printf(page, "%-10s %" PRIu64 "\n", store_names[i], count_store(server, i));
    gw_text_printf(page, "%-10s %" PRIu64 " ms\n", "waited",
                   count_store(server, GW_STATS_STORE_NS) / 1000000);
}

static void print_metrics(const struct gw_server *server, struct gw_text *page)
{
    uint64_t ended, in_flight, n;
    gw_sameness_metrics(server, page);
    put_requests(server, page);
    put_durations(server, page);
    gw_text_printf(page, "# HELP gatewright_refusals Requests refused, by the reason in the log.\n"
                         "# TYPE gatewright_refusals counter\n");
    for (enum gw_reason reason = GW_REASON_NONE; next_refused(server, &reason, &n);)
        gw_text_printf(page, "gatewright_refusals_total{reason=\"%s\"} %" PRIu64 "\n",
                       gw_reason_name(reason), n);
    put_store(server, page);
    count_all(server, &ended, &in_flight);
    gw_text_printf(page,
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
}

/* ---- Status --------------------------------------------------------------------------------- */

static uint64_t of_class(const struct totals *totals, size_t class)
{
    uint64_t n = 0;
    for (size_t i = 0; i < 100; i++)
        n += totals->by_status[(class - 2) * 100 + i];
    return n;
}

static void print_text(const struct gw_server *server, struct gw_text *page)
{
    struct totals totals;
    uint64_t ended, in_flight, n;
    char started[32];
    count_all(server, &ended, &in_flight);
    gw_format_time(server->started_us, started);
    gw_text_printf(page,
                   "program    %s\npid        %d\ntransport  %s\nworkers    %" PRIu64
                   "\nstarted    %s\n"
                   "uptime     %" PRIu64 " s\nrequests   %" PRIu64 "\nin flight  %" PRIu64
                   "\nstopping   %s\n\n%-7s %-40s %10s %10s %10s %10s %10s %10s\n",
                   program_invocation_short_name, (int)getpid(), server->transport->name,
                   server->config.workers, started, (gw_now_ns() - server->started_ns) / 1000000000,
                   ended, in_flight, atomic_load(&server->stopping) ? "yes" : "no", "method",
                   "route", "requests", "2xx", "3xx", "4xx", "5xx", "mean us");
    for (size_t route = 0; route < gw_server_place(server, GW_N_PLACES); route++) {
        const char *method, *pattern;
        if (!total(server, route, &totals))
            continue;
        name_route(server, route, &method, &pattern);
        gw_text_printf(page,
                       "%-7s %-40s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64
                       " %10" PRIu64 " %10" PRIu64 "\n",
                       method, pattern, totals.n, of_class(&totals, 2), of_class(&totals, 3),
                       of_class(&totals, 4), of_class(&totals, 5), totals.sum_ns / totals.n / 1000);
    }
    put_text_store(server, page);
    gw_sameness_text(server, page);
    gw_text_printf(page, "\n%-40s %10s\n", "refused because", "requests");
    for (enum gw_reason reason = GW_REASON_NONE; next_refused(server, &reason, &n);)
        gw_text_printf(page, "%-40s %10" PRIu64 "\n", gw_reason_name(reason), n);
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

static void put_json_store(const struct gw_server *server, struct gw_jsonout *out)
{
    if (!server->store)
        return;
    gw_jsonout_name(out, "store");
    gw_jsonout_object(out);
    put_json_text(out, "kind", gw_store_scheme(server->store));
    put_json_text(out, "host", host_in_use(server));
    for (size_t i = 0; i < GW_STATS_STORE_NS; i++)
        put_count(out, store_names[i], count_store(server, i));
    put_count(out, "wait_ms", count_store(server, GW_STATS_STORE_NS) / 1000000);
    gw_jsonout_end_object(out);
}

static void print_json(const struct gw_server *server, struct gw_text *page)
{
    struct gw_jsonout out = {.text = *page};
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
    put_json_store(server, &out);
    gw_sameness_json(server, &out);
    gw_jsonout_name(&out, "routes");
    gw_jsonout_array(&out);
    for (size_t route = 0; route < gw_server_place(server, GW_N_PLACES); route++)
        put_json_route(server, route, &out);
    gw_jsonout_end_array(&out);
    gw_jsonout_name(&out, "refusals");
    gw_jsonout_object(&out);
    for (enum gw_reason reason = GW_REASON_NONE; next_refused(server, &reason, &n);)
        put_count(&out, gw_reason_name(reason), n);
    gw_jsonout_end_object(&out);
    gw_jsonout_end_object(&out);
    *page = out.text;
}

static void print_ping(const struct gw_server *server, struct gw_text *page)
{
    (void)server;
    gw_text_add(page, GW_STR("pong\n"));
}

/* ---- Which there are ------------------------------------------------------------------------ */

const struct gw_page gw_pages[] = {
    {"ping", NULL, "text/plain; charset=utf-8", print_ping},
    {"status", NULL, "text/plain; charset=utf-8", print_text},
    {"status", "json", "application/json", print_json},
    {"metrics", NULL, "application/openmetrics-text; version=1.0.0; charset=utf-8", print_metrics},
    {.name = NULL},
};

const struct gw_page *gw_page_find(const char *name, struct gw_str query)
{
    const struct gw_page *found = NULL;
    for (const struct gw_page *page = gw_pages; page->name; page++)
        if (!strcmp(name, page->name) &&
            (!page->query || gw_str_equal(query, gw_str_from(page->query))))
            found = page;
    return found;
}
