/* server.c: what all workers share, built from the configuration before anything is served. */
#include "gate/rate.h"
#include "base/clock.h"
#include "process/serve.h"
#include "gate/status.h"
#include "gate/stats.h"
#include "gate/uploads.h"
#include "process/drivers.h"
#include "store/runtime_tables.h"
#include "process/transports.h"
#include "token/hash.h"
#include "transport/transport.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Threads, where GW_WORKERS does not say: as many as a database keeps busy. */
#define WORKERS_LOCAL  8
#define WORKERS_REMOTE 32

static int fail(const char **ret_why, const char *why)
{
    *ret_why = why ? why : "out of memory";
    return -EINVAL;
}

static bool has_gated_route(const struct gw_app *app)
{
    for (size_t i = 0; i < app->n_routes; i++)
        if (app->routes[i].access == GW_ACCESS_GATED)
            return true;
    return false;
}

static int open_keys(struct gw_server *server, const char **ret_why)
{
    /* Without memory for this, OpenSSL 3.0 would go on and crash at its first use. */
    if (!OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL) || !OSSL_LIB_CTX_get0_global_default())
        return fail(ret_why, NULL);
    /* Otherwise nothing here issues or checks a token. */
    bool needed = has_gated_route(server->app) || server->app->n_entities;
    return gw_trust_open(&server->trust, server->app, &server->config, needed, server->log,
                         &server->arena, ret_why);
}

static int open_store(struct gw_server *server, const char **ret_why)
{
    struct gw_store_options options = {
        .log = server->log, .query_timeout_ms = (unsigned)server->config.store_timeout_ms};
    const char *url = server->config.database_url, *why = NULL;
    if (!url && !server->app->n_tables)
        return 0;
    if (!url)
        return fail(ret_why, "GW_DATABASE_URL is not set: it may hold sqlite:FILE or "
                             "mysql://user:password@host/database");
    int r = gw_store_new(gw_store_schemes, url, &options, &server->arena, &server->store, &why);
    if (r)
        return fail(ret_why, gw_arena_printf(&server->arena, "GW_DATABASE_URL: %s",
                                             why ? why : strerror(-r)));
    r = gw_sql_new(server->app, server->store->driver->seconds, &server->sql);
    return r ? fail(ret_why, strerror(-r)) : 0;
}

static int open_status(struct gw_server *server, const char **ret_why)
{
    const char *path = server->config.status_path;
    if (server->transport->single && (path || server->config.status_listen))
        return fail(ret_why, path
                                 ? "GW_STATUS_PATH is set: a CGI process lives for one request and "
                                   "has nothing to show; unset it"
                                 : "GW_STATUS_LISTEN is set: a CGI process lives for one request "
                                   "and has nothing to show; unset it");
    server->status_pattern = "(probe)"; /* which alone is counted as such without a path */
    if (!path)
        return 0;
    server->status_pattern = gw_arena_printf(&server->arena, "%s/*", path);
    return server->status_pattern ? gw_status_check(server, ret_why) : fail(ret_why, NULL);
}

int gw_set_expire_days(struct gw_program *program, unsigned days)
{
    struct gw_server *server = (struct gw_server *)program;
    if (days < 1 || days > 3650)
        return -EINVAL;
    if (!server->config.expire_days) /* GW_EXPIRE_DAYS beats the application */
        server->expire_seconds = days * 86400ULL;
    return 0;
}

static int open_hashers(struct gw_server *server, unsigned waiting, const char **ret_why)
{
    const char *example = server->config.password_dearest;
    int r = gw_hashers_new((unsigned)server->config.hashers, waiting, example, &server->hashers);
    if (r != -EINVAL)
        return r ? fail(ret_why, NULL) : 0;
    struct gw_hash hash;
    enum gw_reason reason = gw_hash_read(gw_str_from(example), &hash);
    if (!reason) /* it begins as a locked account's */
        reason = GW_REASON_PASSWORD_UNKNOWN;
    return fail(ret_why,
                gw_arena_printf(&server->arena, "GW_PASSWORD_DEAREST is no example to go by: %s",
                                gw_reason_text(reason)));
}

/* A request with a cookie is held against the pages that may send it. */
static int check_origins(struct gw_server *server, const char **ret_why)
{
    if (server->app->refresh_cookie && strchr(server->config.mount, ';'))
        return fail(ret_why, "GW_MOUNT holds a `;`, and is part of the refresh cookie's path");
    if (!server->app->cookie || server->config.origins)
        return 0;
    return fail(ret_why,
                "GW_ORIGIN is not set: routes.def declares a cookie, and only pages of ours "
                "may send it; it may hold where browsers find them, like "
                "https://school.example");
}

/* Where long bodies wait, and how files in forms are known. */
static int open_uploads(struct gw_server *server, const char **ret_why)
{
    const char *folder = server->config.spool_dir;
    if (folder && access(folder, W_OK | X_OK))
        return fail(ret_why,
                    gw_arena_printf(&server->arena,
                                    "GW_SPOOL_DIR is \"%s\": nothing can be put there: %s. Make "
                                    "the folder, and give it to the user that the program runs as",
                                    folder, strerror(errno)));
    if (gw_uploads_new(server->app, &server->uploads))
        return fail(ret_why, NULL);
    if (server->uploads && !gw_uploads_know_types(server->uploads))
        gw_log_line(server->log,
                    "libmagic is not there: the media types of files in forms are what "
                    "their senders say");
    return 0;
}

/* What tickets are sealed with. */
static int open_seal(struct gw_server *server, const char **ret_why)
{
    const struct gw_config *config = &server->config;
    const char *now = config->seal_key ? config->seal_key : config->secret_key;
    if (!server->app->n_tickets)
        return 0;
    if (!now)
        return fail(ret_why, "GW_SEAL_KEY is not set: routes.def declares tickets, which it seals "
                             "where there is no GW_SECRET_KEY");
    if (strlen(now) < GW_SEAL_MIN ||
        (config->seal_key_old && strlen(config->seal_key_old) < GW_SEAL_MIN))
        return fail(ret_why, "GW_SEAL_KEY or GW_SEAL_KEY_OLD is too short: it has at least 32 "
                             "random bytes");
    return gw_seal_open(&server->seal, now, config->seal_key_old) ? fail(ret_why, NULL) : 0;
}

static bool counts_alone(const struct gw_app *app)
{
    for (size_t i = 0; i < app->n_routes; i++)
        for (size_t j = 0; j < app->routes[i].n_rates; j++)
            if (!app->routes[i].rates[j].shared)
                return true;
    return false;
}

/* A count that is not shared is one process's own: where several serve, a limit would be as many
 * times as high. */
static int open_rates(struct gw_server *server, const char **ret_why)
{
    int r = gw_rates_new(server->app, &server->rates);
    if (r)
        return fail(ret_why, r == -ENOMEM ? NULL : strerror(-r));
    if (!counts_alone(server->app))
        return 0;
    if (server->transport->single)
        return fail(ret_why, "routes.def has limits (`rate`) that are counted in the memory of "
                             "one process, and by CGI there is one for each request; say "
                             "`shared` behind them");
    if (server->config.processes > 1)
        return fail(ret_why, gw_arena_printf(&server->arena,
                                             "GW_PROCESSES is %llu, and routes.def has limits "
                                             "(`rate`) that each process counts for itself; say "
                                             "`shared` behind them, or serve with one, whose "
                                             "GW_WORKERS may be more",
                                             (unsigned long long)server->config.processes));
    return 0;
}

/* Workers that wait for a distant database cost nothing but memory; those that hash cost a core
 * each, wherever it is. */
static void choose_workers(struct gw_server *server)
{
    struct gw_config *config = &server->config;
    if (!config->hashers)
        config->hashers = !config->workers      ? WORKERS_LOCAL / 2
                          : config->workers > 1 ? config->workers / 2
                                                : 1;
    if (!config->workers)
        config->workers = server->store && server->store->remote ? WORKERS_REMOTE : WORKERS_LOCAL;
}

int gw_server_open(struct gw_server *server, const struct gw_app *app,
                   const struct gw_config_sources *sources, const struct gw_transport *transport,
                   const char **ret_why)
{
    memset(server, 0, sizeof(*server));
    server->app = app;
    server->transport = transport;
    server->stop_fd = -1;
    server->started_ns = gw_now_ns();
    server->started_us = gw_now_us();
    int r = gw_config_read(sources, &server->arena, &server->config, ret_why);
    if (r)
        return r;
    if (!transport && !(server->transport = gw_transport_named(server->config.transport, ret_why)))
        return -EINVAL;
    r = gw_log_open(server->config.log, program_invocation_short_name, &server->log);
    if (r)
        return fail(ret_why,
                    gw_arena_printf(&server->arena,
                                    "GW_LOG is \"%s\": the file cannot be written: %s. Make "
                                    "its folder, and give it to the user that the program "
                                    "runs as",
                                    server->config.log, strerror(-r)));
    gw_log_tell(server->log, !transport);
    server->app = gw_runtime_tables_join(app, server->config.deny_list, &server->arena);
    if (!server->app)
        return fail(ret_why, NULL);
    r = check_origins(server, ret_why);
    if (!r)
        r = open_rates(server, ret_why);
    if (!r)
        r = open_status(server, ret_why);
    if (!r)
        r = open_keys(server, ret_why);
    if (!r)
        r = open_seal(server, ret_why);
    if (!r)
        r = open_store(server, ret_why);
    if (!r)
        r = open_uploads(server, ret_why);
    choose_workers(server);
    server->paces = gw_arena_array(&server->arena, app->n_routes + 1, sizeof(*server->paces));
    if (!r && !server->paces)
        r = fail(ret_why, NULL);
    /* libfcgi has no queue of slow routes: there one worker is left for what needs no hash. */
    uint64_t others = server->config.workers - !strcmp(server->config.transport, "libfcgi");
    unsigned waiting =
        (unsigned)(others > server->config.hashers ? others - server->config.hashers : 0);
    if (!r)
        r = open_hashers(server, waiting, ret_why);
    server->expire_seconds =
        server->config.expire_days ? server->config.expire_days * 86400 : app->expire_seconds;
    return r;
}

void gw_server_close(struct gw_server *server)
{
    if (server->sql)
        gw_sql_free(server->sql);
    if (server->store)
        gw_store_free(server->store);
    gw_rates_free(server->rates);
    gw_uploads_free(server->uploads);
    gw_trust_close(&server->trust);
    for (size_t i = 0; i < GW_WORKERS_MAX; i++)
        gw_stats_free(server->stats[i]);
    if (server->hashers)
        gw_hashers_free(server->hashers);
    gw_log_close(server->log);
    const char *const secrets[] = {server->config.secret_key, server->config.seal_key,
                                   server->config.seal_key_old, server->config.status_token};
    explicit_bzero(&server->seal, sizeof(server->seal));
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        if (secrets[i])
            explicit_bzero((char *)secrets[i], strlen(secrets[i]));
    gw_arena_free(&server->arena);
    memset(server, 0, sizeof(*server));
}

int gw_server_start(struct gw_server *server, const struct gw_hooks *hooks)
{
    int r = 0;
    if (hooks && hooks->start && hooks->start((struct gw_program *)server, &server->hook_data))
        r = -ECANCELED;
    server->hooks = r ? NULL : hooks;
    return r;
}

int gw_worker_create_token(struct gw_worker *worker, struct gw_arena *arena, const char *table,
                           json_t *key, json_t *extra, const char **ret)
{
    struct gw_request nobody = {.worker = worker,
                                .app = worker->server->app,
                                .arena = arena,
                                .deadline_ns = gw_now_ns() + 5000000000ULL};
    int r = gw_create_token(&nobody, table, key, extra, ret);
    gw_worker_give_trust(worker);
    return r;
}
