/* conf_haproxy.c: HAProxy 2.6 and later, which speaks FastCGI to the programs itself. */
#include "describe/conf.h"

#include <stdio.h>
#include <string.h>

static void add_settings(const struct conf *conf, struct text *to)
{
    text_printf(
        to,
        "# HAProxy in front of a Gatewright program. Written by `gatewright conf haproxy`.\n"
        "# The program: GW_LISTEN=%s\n",
        conf->listen);
    if (*conf->mount)
        text_printf(to, "#              GW_MOUNT=%s\n", conf->mount);
    text_printf(to,
                "global\n"
                "    # Response headers of 32 KiB pass.\n"
                "    tune.bufsize 49152\n"
                "\n"
                "defaults\n"
                "    mode http\n"
                "    timeout connect %us\n"
                "    timeout client %us\n"
                "    timeout server %us\n"
                "    timeout queue 10s\n"
                "    timeout check 2s\n"
                "    timeout http-request 30s\n"
                "    timeout http-keep-alive 60s\n"
                "\n",
                CONF_CONNECT_SECONDS, CONF_WRITE_SECONDS, conf->timeout);
}

/* HAProxy counts so many things of a request at most (tune.stick-counters). */
#define COUNTERS 3

/* Which counter a limit has: those of one route have different ones. */
static size_t counter_of(const struct conf *conf, size_t rate)
{
    size_t n = 0;
    for (size_t i = rate; i > 0; i--)
        if (!strcmp(conf->rates[i - 1].path, conf->rates[rate].path) &&
            !strcmp(conf->rates[i - 1].methods, conf->rates[rate].methods))
            n++;
    return n;
}

static void add_condition(const struct conf_rate *rate, struct text *to)
{
    text_printf(to, "{ method");
    for (const char *c = rate->methods; *c; c++)
        text_printf(to, c == rate->methods ? " %c" : "%c", *c == '|' ? ' ' : *c);
    text_printf(to, " } { path,url_dec -m str %s }", rate->path);
}

static void add_limits(const struct conf *conf, struct text *to)
{
    if (conf->n_rates)
        text_printf(to,
                    "    # Limits by address, a second fence: the program counts in windows of\n"
                    "    # time that begin when they do, and HAProxy in those before now, so that\n"
                    "    # it sees up to three times as many that were admitted.\n");
    for (size_t i = 0; i < conf->n_rates; i++) {
        const struct conf_rate *rate = &conf->rates[i];
        size_t counter = counter_of(conf, i);
        if (counter >= COUNTERS) {
            text_printf(to, "    # A fourth limit of %s is counted by the program alone.\n",
                        rate->path);
            continue;
        }
        text_printf(to, "    http-request track-sc%zu src table gatewright%zu if ", counter, i + 1);
        add_condition(rate, to);
        text_printf(to, "\n    http-request return status 429 if ");
        add_condition(rate, to);
        text_printf(to, " { sc_http_req_rate(%zu) gt %llu }\n", counter, 3ull * rate->most);
    }
}

static void add_tables(const struct conf *conf, struct text *to)
{
    for (size_t i = 0; i < conf->n_rates; i++)
        if (counter_of(conf, i) < COUNTERS)
            text_printf(to,
                        "backend gatewright%zu\n"
                        "    stick-table type ipv6 size 100k expire %us store "
                        "http_req_rate(%us)\n\n",
                        i + 1, 2 * conf->rates[i].seconds, conf->rates[i].seconds);
}

static void add_frontend(const struct conf *conf, struct text *to)
{
    text_printf(to,
                "frontend web\n"
                "    bind %s:%s\n"
                "    # The id that the program's log and its answers have.\n"
                "    unique-id-format %%[uuid]\n"
                "    # A client's `Proxy:` must not become HTTP_PROXY, nor X_User X-User.\n"
                "    http-request del-header Proxy\n"
                "    http-request del-header [^A-Za-z0-9-] -m reg\n"
                "    # A second fence: what is beyond a route's limit the program refuses itself.\n"
                "    http-request return status 413 if { req.body_size gt %llu }\n",
                conf->address, conf->port, (unsigned long long)conf->limit);
    if (*conf->mount)
        text_printf(to,
                    "    http-request return status 404 unless { path %s } || { path_beg %s/ }\n",
                    conf->mount, conf->mount);
    add_limits(conf, to);
    text_printf(to, "    default_backend program\n\n");
    add_tables(conf, to);
}

static void add_app(const struct conf *conf, struct text *to)
{
    text_printf(to,
                "fcgi-app program\n"
                "    docroot /\n"
                "    # HAProxy keeps it to itself otherwise.\n"
                "    pass-header Authorization\n"
                "    set-param REQUEST_ID %%[unique-id]\n"
                "    %s\n"
                "\n",
                conf->keep ? "option keep-conn" : "no option keep-conn");
}

static size_t add_pair(unsigned char *to, const char *name, const char *value)
{
    to[0] = (unsigned char)strlen(name);
    to[1] = (unsigned char)strlen(value);
    memcpy(to + 2, name, to[0]);
    memcpy(to + 2 + to[0], value, to[1]);
    return 2u + to[0] + to[1];
}

static void add_record(struct text *to, unsigned type, const unsigned char *content, size_t len)
{
    text_printf(to, "    tcp-check send-binary 01%02x0001%04zx0000", type, len);
    for (size_t i = 0; i < len; i++)
        text_printf(to, "%02x", content[i]);
    text_printf(to, "\n");
}

/* The question of `PROGRAM ping`, as FastCGI has it: begin, parameters, their end, the body's. */
static void add_check(struct text *to)
{
    static const unsigned char begin[8] = {0, 1};
    unsigned char params[128];
    size_t len = add_pair(params, "REQUEST_METHOD", "GET");
    len += add_pair(params + len, "REQUEST_URI", "/");
    len += add_pair(params + len, "GATEWRIGHT_ROLE", "ping");
    text_printf(to, "    # What `PROGRAM ping` asks: a program that hangs is left out, too.\n"
                    "    option tcp-check\n"
                    "    tcp-check connect\n");
    add_record(to, 1, begin, sizeof(begin));
    add_record(to, 4, params, len);
    add_record(to, 4, NULL, 0);
    add_record(to, 5, NULL, 0);
    text_printf(to, "    tcp-check expect string pong\n");
}

static void add_backend(const struct conf *conf, struct text *to)
{
    text_printf(to,
                "backend program\n"
                "    use-fcgi-app program\n"
                "    balance leastconn\n"
                "    # Another program is asked at once where one cannot be connected to; and, of\n"
                "    # what may be asked twice, where one has closed a connection that was kept.\n"
                "    option redispatch 1\n"
                "    retries %zu\n"
                "    retry-on conn-failure empty-response\n"
                "    http-request disable-l7-retry unless METH_GET\n",
                conf->n_sockets > 2 ? conf->n_sockets : (size_t)3);
    add_check(to);
    text_printf(to, "    default-server proto fcgi check inter 1s fall 2 rise 1\n");
    for (size_t i = 0; i < conf->n_sockets; i++) {
        const struct conf_socket *socket = &conf->sockets[i];
        if (socket->path)
            text_printf(to, "    server program%zu unix@%s\n", i + 1, socket->path);
        else
            text_printf(to, "    server program%zu %s:%s\n", i + 1, socket->host, socket->port);
    }
}

void conf_haproxy(const struct conf *conf, struct text *to)
{
    add_settings(conf, to);
    add_frontend(conf, to);
    add_app(conf, to);
    add_backend(conf, to);
}
