/* conf.c: `gatewright conf SERVER`: the configuration of a web server. */
#include "command/command.h"

#include "base/output.h"
#include "describe/conf.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_LIMIT   (1ull << 20) /* of the program's GW_BODY_LIMIT */
#define BESIDE_LIMIT    (8ull << 20)
#define DEFAULT_TIMEOUT 30 /* its GW_REQUEST_TIMEOUT, and more than that */

static const struct {
    const char *name;
    void (*write)(const struct conf *conf, struct text *to);
} servers[] = {
    {"nginx", conf_nginx}, {"lighttpd", conf_lighttpd}, {"apache", conf_apache},
    {"caddy", conf_caddy}, {"haproxy", conf_haproxy},   {"systemd", conf_systemd},
};

#define N_SERVERS (sizeof(servers) / sizeof(*servers))

int check_conf_options(const struct options *options)
{
    for (size_t i = 0; i < N_SERVERS; i++) {
        if (!strcmp(servers[i].name, options->words[0]))
            return 0;
    }
    return usage_error("conf knows nginx, lighttpd, apache, caddy, haproxy and systemd, not ",
                       options->words[0]);
}

static void find_bounds(const struct tree *tree, struct conf *conf)
{
    uint64_t limit = DEFAULT_LIMIT;
    uint32_t timeout_ms = DEFAULT_TIMEOUT * 1000;
    for (size_t i = 0; i < tree->routes.n; i++) {
        const struct route *route = tree->routes.items[i];
        limit = route->limit > limit ? route->limit : limit;
        timeout_ms = route->timeout_ms > timeout_ms ? route->timeout_ms : timeout_ms;
    }
    conf->limit = limit + BESIDE_LIMIT;
    conf->timeout = timeout_ms / 1000 + 10;
}

/* What goes into files that other programs read must not end a string or a line there. */
static bool is_plain(const char *value)
{
    for (; *value; value++) {
        if ((unsigned char)*value <= 0x20 || strchr("\"'\\;{}#$`", *value))
            return false;
    }
    return true;
}

static bool check_values(const struct conf *conf)
{
    const char *const values[] = {conf->listen,
                                  conf->port,
                                  conf->address,
                                  conf->program,
                                  conf->state,
                                  conf->user,
                                  conf->group,
                                  conf->mount,
                                  conf->files ? conf->files : "",
                                  conf->guard ? conf->guard : ""};
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        if (is_plain(values[i]))
            continue;
        fprintf(stderr,
                "gatewright: `%s` has blanks, quotes or other characters that these files "
                "give a meaning\n",
                values[i]);
        return false;
    }
    size_t len = strlen(conf->mount);
    if (len && (conf->mount[0] != '/' || conf->mount[len - 1] == '/')) {
        fprintf(stderr, "gatewright: the mount point begins with a slash and ends without one\n");
        return false;
    }
    if (!*conf->unit) {
        fprintf(stderr, "gatewright: `%s` is no program\n", conf->program);
        return false;
    }
    if (!*conf->port || strspn(conf->port, "0123456789") != strlen(conf->port)) {
        fprintf(stderr, "gatewright: `%s` is no port\n", conf->port);
        return false;
    }
    return true;
}

/* `--socket` is a path, unix:PATH or tcp:HOST:PORT. */
static bool read_socket(struct compile *compile, const char *text, struct conf_socket *ret)
{
    const char *colon = strrchr(text, ':');
    *ret = (struct conf_socket){.path = strncmp(text, "unix:", 5) ? text : text + 5};
    if (strncmp(text, "tcp:", 4))
        return true;
    if (colon < text + 5 || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1)) {
        fprintf(stderr, "gatewright: `%s` is not tcp:ADDRESS:PORT\n", text);
        return false;
    }
    *ret = (struct conf_socket){
        .host = arena_printf(compile->arena, "%.*s", (int)(colon - text - 4), text + 4),
        .port = colon + 1};
    return true;
}

static const char *listen_of(struct compile *compile, const struct conf_socket *socket)
{
    return socket->path ? arena_printf(compile->arena, "unix:%s", socket->path)
                        : arena_printf(compile->arena, "tcp:%s:%s", socket->host, socket->port);
}

/* Each `--socket`; the usual one where there is none. */
static bool read_sockets(struct compile *compile, struct conf *conf)
{
    static const struct more usual = {"--socket", "/run/gatewright/app.sock"};
    const struct options *options = compile->options;
    size_t n = options->n_more ? options->n_more : 1;
    const struct more *more = options->n_more ? options->more : &usual;
    struct conf_socket *sockets = arena_alloc(compile->arena, n * sizeof(*sockets));
    for (size_t i = 0; i < n; i++) {
        if (!read_socket(compile, more[i].value, &sockets[i]))
            return false;
        const char *listen = listen_of(compile, &sockets[i]);
        conf->listen = i ? arena_printf(compile->arena, "%s,%s", conf->listen, listen) : listen;
    }
    conf->sockets = sockets;
    conf->n_sockets = n;
    conf->socket = sockets[0].path;
    conf->host = sockets[0].host;
    conf->host_port = sockets[0].port;
    return true;
}

static bool counts_alone(const struct route *route)
{
    for (size_t i = 0; i < route->rates.n; i++)
        if (!route->rates.items[i].shared)
            return true;
    return false;
}

/* Limits that are not shared are counted in each program's own memory. */
static bool can_count(const struct tree *tree, const struct conf *conf)
{
    for (size_t i = 0; conf->n_sockets > 1 && i < tree->routes.n; i++) {
        if (!counts_alone(tree->routes.items[i]))
            continue;
        fprintf(stderr,
                "gatewright: --socket is there %zu times, and %s has a `rate`, which each program "
                "counts for itself: say `shared` behind it\n",
                conf->n_sockets, pos_where(tree->arena, tree->routes.items[i]->pos));
        return false;
    }
    return true;
}

/* A path without parameters belongs to this route alone, however it is spelled. */
static bool is_told_by_path(const struct route *route)
{
    static const char taken[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    for (size_t i = 0; i < route->segments.n; i++)
        if (route->segments.items[i].kind != SEGMENT_LITERAL)
            return false;
    return strspn(route->pattern, taken) == strlen(route->pattern);
}

static void find_rates(struct compile *compile, struct conf *conf)
{
    VEC(struct conf_rate) rates = {0};
    for (size_t i = 0; i < compile->tree->routes.n; i++) {
        const struct route *route = compile->tree->routes.items[i];
        for (size_t j = 0; j < route->rates.n; j++) {
            const struct rate *rate = &route->rates.items[j];
            if (rate->by != RATE_ADDRESS)
                continue;
            if (conf->guard || !is_told_by_path(route)) {
                conf->counts_more = true;
                continue;
            }
            const char *method = method_names[route->method];
            *vec_add(compile->arena, &rates) = (struct conf_rate){
                .methods = strcmp(method, "GET") ? method : "GET|HEAD",
                .path = arena_printf(compile->arena, "%s%s", conf->mount, route->pattern),
                .most = rate->most,
                .seconds = rate->seconds};
        }
    }
    conf->rates = rates.items;
    conf->n_rates = rates.n;
}

static bool can_have_several(const struct conf *conf, const char *server)
{
    bool balances = !strcmp(server, "nginx") || !strcmp(server, "haproxy");
    if (conf->n_sockets == 1 || balances)
        return true;
    fprintf(stderr,
            "gatewright: --socket is there %zu times: only nginx and haproxy are told of "
            "several programs\n",
            conf->n_sockets);
    return false;
}

static bool can_guard(const struct conf *conf, const char *server)
{
    bool haproxy = !strcmp(server, "haproxy");
    if (conf->guard && haproxy) {
        fprintf(stderr, "gatewright: HAProxy serves no files: --guard is for nginx, lighttpd and "
                        "apache\n");
        return false;
    }
    bool caddy = !strcmp(server, "caddy"), apache = !strcmp(server, "apache");
    if (!conf->guard || (!caddy && (!apache || conf->host)))
        return true;
    fprintf(stderr, caddy ? "gatewright: no configuration of Caddy asks a program for admission: "
                            "--guard is for nginx, lighttpd and apache\n"
                          : "gatewright: Apache's mod_authnz_fcgi reaches a program by TCP only: "
                            "give --socket tcp:127.0.0.1:PORT\n");
    return false;
}

static const char *or_default(const char *value, const char *fallback)
{
    return value ? value : fallback;
}

int command_conf(struct compile *compile)
{
    const struct options *options = compile->options;
    struct text text = {.arena = compile->arena};
    struct conf conf = {
        .tree = compile->tree,
        .port = or_default(options->port, "8080"),
        .address = or_default(options->address, "127.0.0.1"),
        .program = or_default(options->program, "/usr/local/bin/app"),
        .state = or_default(options->state, "/var/lib/gatewright"),
        .user = or_default(options->user, "www-data"),
        .group = or_default(options->group, "www-data"),
        .mount = or_default(options->mount, ""),
        .files = options->files,
        .guard = options->guard,
        .keep = !options->transport || strcmp(options->transport, "libfcgi"),
    };
    conf.unit = strrchr(conf.program, '/') ? strrchr(conf.program, '/') + 1 : conf.program;
    if (!read_sockets(compile, &conf) || !check_values(&conf) || !can_count(compile->tree, &conf) ||
        !can_have_several(&conf, options->words[0]) || !can_guard(&conf, options->words[0]))
        return 1;
    find_bounds(compile->tree, &conf);
    find_rates(compile, &conf);
    for (size_t i = 0; i < N_SERVERS; i++) {
        if (!strcmp(servers[i].name, options->words[0]))
            servers[i].write(&conf, &text);
    }
    return output_print(&text);
}
