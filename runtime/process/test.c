/* test.c: gw_test_*: an application's handlers behind the real gate and store, without a socket. */
#include "gate/dispatch.h"
#include "process/command.h"
#include "process/serve.h"
#include "transport/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define META_MAX 64

struct gw_test {
    struct gw_server server;
    struct gw_worker worker;
    struct gw_arena tokens;
    struct gw_arena meta; /* of the request under way */
    struct gw_memory_exchange last;
};

/* The caller's settings and, if they name no secret, a random one. */
static char **settings_with_secret(const char *const *settings, struct gw_arena *arena)
{
    size_t n = 0;
    bool has_secret = false;
    for (; settings && settings[n]; n++)
        has_secret |= !strncmp(settings[n], "GW_SECRET_KEY", 13);
    char **all = gw_arena_array(arena, n + 2, sizeof(char *));
    unsigned char random[32];
    char *secret = gw_arena_alloc(arena, 14 + 2 * sizeof(random) + 1);
    if (!all || !secret || getrandom(random, sizeof(random), 0) != sizeof(random))
        return NULL;
    for (size_t i = 0; i < n; i++)
        all[i] = (char *)settings[i];
    strcpy(secret, "GW_SECRET_KEY=");
    for (size_t i = 0; i < sizeof(random); i++)
        sprintf(secret + 14 + 2 * i, "%02x", random[i]);
    if (!has_secret)
        all[n] = secret;
    return all;
}

int gw_test_open(const char *const *settings, const struct gw_hooks *hooks, struct gw_test **ret)
{
    struct gw_test *test = calloc(1, sizeof(*test));
    const char *why = "out of memory";
    if (!test)
        return -ENOMEM;
    char **all = settings_with_secret(settings, &test->tokens);
    struct gw_config_sources sources = {.environment = all};
    int r = all ? gw_server_open(&test->server, &gw_app, &sources, &gw_transport_memory, &why)
                : -ENOMEM;
    if (!r && (r = gw_server_check_store(&test->server)))
        why = "the store";
    if (!r && (r = gw_server_start(&test->server, hooks)))
        why = "the start hook";
    if (!r)
        r = gw_worker_open(&test->worker, &test->server, 0);
    if (r) {
        fprintf(stderr, "gw_test_open: %s\n", why);
        gw_test_close(test);
        return r;
    }
    *ret = test;
    return 0;
}

void gw_test_close(struct gw_test *test)
{
    if (!test)
        return;
    if (test->worker.server)
        gw_worker_close(&test->worker);
    if (test->server.hooks && test->server.hooks->stop)
        test->server.hooks->stop(test->server.hook_data);
    if (test->server.app)
        gw_server_close(&test->server);
    gw_slot_free(test->last.exchange.slot);
    gw_arena_free(&test->tokens);
    gw_arena_free(&test->meta);
    free(test->last.out);
    free(test);
}

/* ---- Requests ------------------------------------------------------------------------------- */

struct metas {
    struct gw_arena *arena;
    struct gw_meta items[META_MAX];
    size_t n;
    bool failed;
};

static void add(struct metas *metas, const char *name, const char *value)
{
    if (metas->n == META_MAX || !name || !value)
        metas->failed = true;
    else
        metas->items[metas->n++] = (struct gw_meta){gw_str_from(name), gw_str_from(value)};
}

static void add_header_line(struct metas *metas, const char *line)
{
    size_t len = strcspn(line, ":");
    char *name = gw_arena_printf(metas->arena, "HTTP_%.*s", (int)len, line);
    if (!name || !line[len]) {
        metas->failed = true;
        return;
    }
    for (char *c = name; *c; c++)
        *c = *c == '-' ? '_' : gw_upper(*c);
    line += len + 1;
    add(metas, strcmp(name, "HTTP_CONTENT_TYPE") ? name : "CONTENT_TYPE", line + strspn(line, " "));
}

static size_t length_of(const struct gw_test_call *call)
{
    return !call->body ? 0 : call->body_len ? call->body_len : strlen(call->body);
}

static void add_call(struct metas *metas, const struct gw_test_call *call)
{
    add(metas, "REQUEST_METHOD", call->method);
    add(metas, "REQUEST_URI", call->target);
    add(metas, "REMOTE_ADDR", "127.0.0.1");
    if (call->token)
        add(metas, "HTTP_AUTHORIZATION", gw_arena_printf(metas->arena, "Bearer %s", call->token));
    if (call->body)
        add(metas, "CONTENT_LENGTH", gw_arena_printf(metas->arena, "%zu", length_of(call)));
    if (call->body || call->content_type)
        add(metas, "CONTENT_TYPE", call->content_type ? call->content_type : "application/json");
    for (size_t i = 0; call->headers && call->headers[i]; i++)
        add_header_line(metas, call->headers[i]);
}

/* Takes the CGI response apart, whose head ends with the status; the text stays in test->last. */
static int read_reply(struct gw_test *test, struct gw_test_reply *ret)
{
    char *out = test->last.out, *end = out ? strstr(out, "\r\n\r\n") : NULL;
    char *status = end ? strstr(out, "\r\nStatus: ") : NULL;
    if (!status || status > end || sscanf(status, "\r\nStatus: %d", &ret->status) != 1)
        return -EIO;
    ret->body = end + 4;
    ret->body_len = test->last.out_len - (size_t)(ret->body - out);
    ret->headers = out;
    status[2] = 0;
    return 0;
}

int gw_test_request(struct gw_test *test, const struct gw_test_call *call,
                    struct gw_test_reply *ret)
{
    struct metas metas = {.arena = &test->meta};
    gw_arena_reset(&test->meta);
    free(test->last.out);
    add_call(&metas, call);
    test->last = (struct gw_memory_exchange){
        .exchange = {.meta = metas.items, .n_meta = metas.n, .slot = test->last.exchange.slot},
        .body = call->body,
        .body_len = length_of(call),
    };
    if (metas.failed)
        return -EINVAL;
    struct gw_exchange *exchange = &test->last.exchange;
    gw_dispatch(&test->worker, &exchange, 1);
    memset(ret, 0, sizeof(*ret));
    return read_reply(test, ret);
}

int gw_test_job(struct gw_test *test, const char *name)
{
    const struct gw_job *job = gw_job_find(test->server.app, name);
    return job ? gw_job_run(&test->worker, job) : -EINVAL;
}

int gw_test_token(struct gw_test *test, const char *table, const char *key, const char **ret)
{
    return gw_test_scoped_token(test, table, key, NULL, ret);
}

int gw_test_scoped_token(struct gw_test *test, const char *table, const char *key,
                         const char *scope, const char **ret)
{
    json_t *extra = scope ? json_pack("{s:s}", "scope", scope) : NULL;
    int64_t number;
    bool is_number = gw_parse_i64(gw_str_from(key), &number);
    if (scope && !extra)
        return -EINVAL;
    return gw_worker_create_token(&test->worker, &test->tokens, table,
                                  is_number ? json_integer(number) : json_string(key), extra, ret);
}
