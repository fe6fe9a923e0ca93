/* conf_nginx.c: nginx 1.22 and later. */
#include "describe/conf.h"
#include "describe/conf_uploads.h"

#include <string.h>

static const char *const params[] = {
    "REQUEST_METHOD    $request_method", "REQUEST_URI       $request_uri",
    "QUERY_STRING      $query_string",   "CONTENT_TYPE      $content_type",
    "CONTENT_LENGTH    $content_length", "SERVER_PROTOCOL   $server_protocol",
    "REQUEST_SCHEME    $scheme",         "HTTPS             $https if_not_empty",
    "REMOTE_ADDR       $remote_addr",    "REMOTE_PORT       $remote_port",
    "REQUEST_ID        $request_id",     "SERVER_NAME       $server_name",
    "SERVER_PORT       $server_port",    "GATEWAY_INTERFACE CGI/1.1",
};

static void add_params(const struct conf *conf, struct text *to)
{
    for (size_t i = 0; i < sizeof(params) / sizeof(*params); i++) {
        if (!conf->guard || strncmp(params[i], "CONTENT_", 8))
            text_printf(to, "            fastcgi_param %s;\n", params[i]);
    }
}

/* What is asked of the program, in whatever location. An authorizer sees no body. */
static void add_pass(const struct conf *conf, struct text *to)
{
    text_printf(
        to,
        "            fastcgi_pass program;\n"
        "            fastcgi_keep_conn %s;\n"
        "            # A kept connection that a restarting program has just closed: the\n"
        "            # request is sent once more. nginx does so with no POST or PATCH, and\n"
        "            # not when the program is slow.\n"
        "            fastcgi_next_upstream error%s;\n"
        "            fastcgi_connect_timeout %us;\n"
        "            fastcgi_read_timeout %us;\n"
        "            fastcgi_send_timeout %us;\n"
        "            # Response headers of 32 KiB pass.\n"
        "            fastcgi_buffer_size 36k;\n"
        "            fastcgi_buffers 8 16k;\n"
        "            # A client's `Proxy:` header must not become HTTP_PROXY.\n"
        "            fastcgi_param HTTP_PROXY \"\";\n",
        conf->keep ? "on" : "off", conf->n_sockets > 1 ? " timeout" : "", CONF_CONNECT_SECONDS,
        conf->timeout, conf->timeout);
    if (conf->n_sockets > 1)
        text_printf(to,
                    "            # A dark machine: the next one is asked, within the time that\n"
                    "            # connecting to all of them may take. A program that is slow is\n"
                    "            # not asked again elsewhere.\n"
                    "            fastcgi_next_upstream_timeout %zus;\n",
                    conf->n_sockets * CONF_CONNECT_SECONDS);
    add_params(conf, to);
}

static void add_dev(const struct conf *conf, struct text *to)
{
    text_printf(to,
                "        location ~ ^/-/dev(/|$) {\n"
                "            fastcgi_pass unix:%s;\n"
                "            fastcgi_param HTTP_PROXY \"\";\n",
                conf->dev);
    add_params(conf, to);
    text_printf(to, "        }\n");
}

/* ---- Limits --------------------------------------------------------------------------------- */

static void add_pattern(const struct conf_rate *rate, struct text *to)
{
    text_printf(to, "        \"~^(%s):", rate->methods);
    for (const char *c = rate->path; *c; c++)
        text_printf(to, *c == '.' ? "\\%c" : "%c", *c);
    text_printf(to, "$\" $binary_remote_addr;\n");
}

/* So many in a minute at least: nginx counts in seconds and minutes. */
static uint32_t per_minute(const struct conf_rate *rate)
{
    uint64_t n = ((uint64_t)rate->most * 60 + rate->seconds - 1) / rate->seconds;
    return n > 1 ? (uint32_t)n : 1;
}

/* A request without a key is not counted. `$uri` is decoded and without dots, as the program's. */
static void add_zones(const struct conf *conf, struct text *to)
{
    if (!conf->n_rates)
        return;
    text_printf(to,
                "    # Limits by address, a second fence: the program counts in windows of time,\n"
                "    # at whose border it admits twice as many at once; what is beyond that ends\n"
                "    # here. The address is the connection's: behind a further proxy of yours\n"
                "    # let ngx_http_realip_module (set_real_ip_from) find the client's.\n");
    for (size_t i = 0; i < conf->n_rates; i++) {
        const struct conf_rate *rate = &conf->rates[i];
        text_printf(to, "    map \"$request_method:$uri\" $gatewright_limit%zu {\n", i + 1);
        text_printf(to, "        default \"\";\n");
        add_pattern(rate, to);
        text_printf(to,
                    "    }\n"
                    "    limit_req_zone $gatewright_limit%zu zone=gatewright%zu:1m rate=%ur/m;\n",
                    i + 1, i + 1, per_minute(rate));
    }
    text_printf(to, "    limit_req_status 429;\n\n");
}

static void add_limits(const struct conf *conf, struct text *to)
{
    for (size_t i = 0; i < conf->n_rates; i++)
        text_printf(to, "            limit_req zone=gatewright%zu burst=%llu nodelay;\n", i + 1,
                    2ull * conf->rates[i].most);
}

/* A regular expression goes before the location of everything. */
static void add_uploads(const struct conf *conf, struct text *to)
{
    struct conf_uploads uploads;
    conf_find_uploads(conf, &uploads);
    for (size_t i = 0; i < uploads.n; i++) {
        text_printf(to,
                    "        location ~ %s {\n"
                    "            # Files go on to the program as they come: it says who may send\n"
                    "            # them before they are there, and writes them to disk once.\n"
                    "            fastcgi_request_buffering off;\n"
                    "            client_body_buffer_size 128k;\n",
                    uploads.items[i]);
        add_limits(conf, to);
        add_pass(conf, to);
        text_printf(to, "        }\n");
    }
}

static void add_location(const struct conf *conf, struct text *to)
{
    add_uploads(conf, to);
    text_printf(to, "        location %s/ {\n", conf->mount);
    add_limits(conf, to);
    add_pass(conf, to);
    text_printf(to, "        }\n");
    if (*conf->mount)
        text_printf(to,
                    "        location = %s {\n"
                    "            rewrite ^ %s/ last;\n"
                    "        }\n",
                    conf->mount, conf->mount);
}

/* Headers of the program's answer: nginx itself keeps the first few of a file that it is told to
 * send, and would drop these. */
static const char *const kept[] = {
    "X-Content-Type-Options",
    "X-Request-Id",
    "Referrer-Policy",
    "Vary",
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Content-Security-Policy",
    "Content-Language",
    "Cross-Origin-Resource-Policy",
    "Link",
    "ETag",
};

static void add_files(const struct conf *conf, struct text *to)
{
    text_printf(to,
                "        # Reached only by the program's X-Accel-Redirect.\n"
                "        location ^~ /gatewright-files/ {\n"
                "            internal;\n"
                "            alias %s/;\n"
                "            # What the program has opened is no link.\n"
                "            disable_symlinks on from=%s;\n"
                "            # What the program says of the answer.\n"
                "            etag off;\n",
                conf->files, conf->files);
    for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
        text_printf(to, "            add_header %s $upstream_http_", kept[i]);
        for (const char *c = kept[i]; *c; c++)
            text_printf(to, "%c", *c == '-' ? '_' : *c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
        text_printf(to, ";\n");
    }
    text_printf(to, "        }\n");
}

/* Static files, each request for one admitted by the program. */
static void add_guard(const struct conf *conf, struct text *to)
{
    if (*conf->mount)
        text_printf(to, "        location / {\n"
                        "            return 404;\n"
                        "        }\n");
    text_printf(to,
                "        location %s/ {\n"
                "            auth_request /gatewright-admits;\n"
                "            # As the program says of the answer, which it does not make itself.\n"
                "            auth_request_set $gatewright_cache $upstream_http_cache_control;\n"
                "            auth_request_set $gatewright_referrer "
                "$upstream_http_referrer_policy;\n"
                "            add_header Cache-Control $gatewright_cache always;\n"
                "            add_header Referrer-Policy $gatewright_referrer always;\n"
                "            add_header X-Content-Type-Options nosniff always;\n"
                "            root %s;\n"
                "            # Neither what a link leads to nor dot-files.\n"
                "            disable_symlinks on from=%s;\n"
                "            location ~ /\\. {\n"
                "                return 404;\n"
                "            }\n"
                "        }\n"
                "        location = /gatewright-admits {\n"
                "            internal;\n"
                "            fastcgi_pass_request_body off;\n"
                "            fastcgi_param GATEWRIGHT_ROLE auth_request;\n",
                conf->mount, conf->guard, conf->guard);
    add_pass(conf, to);
    text_printf(to, "        }\n");
}

static void add_settings(const struct conf *conf, struct text *to)
{
    text_printf(to,
                "# nginx in front of a Gatewright program. Written by `gatewright conf nginx`.\n"
                "# The program: GW_LISTEN=%s\n",
                conf->listen);
    if (*conf->mount)
        text_printf(to, "#              GW_MOUNT=%s\n", conf->mount);
    if (conf->files)
        text_printf(to, "#              GW_SENDFILE=x-accel:/gatewright-files/=%s\n", conf->files);
    text_printf(
        to,
        "user %s;\n"
        "worker_processes auto;\n"
        "pid %s/nginx.pid;\n"
        "# `alert`: below it the whole request line is logged when the program is away, and\n"
        "# with it a token in the query (`crit` where its socket is not there).\n"
        "error_log %s/nginx.log alert;\n"
        "\n"
        "events {\n"
        "    worker_connections 1024;\n"
        "}\n"
        "\n"
        "http {\n"
        "    # The program writes the log of requests, without queries.\n"
        "    access_log off;\n"
        "    server_tokens off;\n"
        "    client_body_temp_path %s/nginx-body;\n"
        "    fastcgi_temp_path %s/nginx-fastcgi;\n"
        "    proxy_temp_path %s/nginx-proxy;\n"
        "    uwsgi_temp_path %s/nginx-uwsgi;\n"
        "    scgi_temp_path %s/nginx-scgi;\n"
        "    client_max_body_size %llu;\n"
        "    client_body_timeout 30s;\n"
        "    client_header_timeout 30s;\n"
        "    send_timeout %us;\n"
        "\n",
        conf->user, conf->state, conf->state, conf->state, conf->state, conf->state, conf->state,
        conf->state, (unsigned long long)conf->limit, CONF_WRITE_SECONDS);
}

/* One that fails is left out for a second: long enough that a dark machine costs few requests the
 * time of a connection, and short enough that a restart of all, one after the other, never leaves
 * none. */
static void add_upstream(const struct conf *conf, struct text *to)
{
    const char *fails = conf->n_sockets > 1 ? " max_fails=1 fail_timeout=1s" : "";
    text_printf(to, "    upstream program {\n");
    for (size_t i = 0; i < conf->n_sockets; i++) {
        const struct conf_socket *socket = &conf->sockets[i];
        if (socket->path)
            text_printf(to, "        server unix:%s%s;\n", socket->path, fails);
        else
            text_printf(to, "        server %s:%s%s;\n", socket->host, socket->port, fails);
    }
    text_printf(to, "        keepalive 16;\n"
                    "    }\n"
                    "\n");
}

void conf_nginx(const struct conf *conf, struct text *to)
{
    add_settings(conf, to);
    add_zones(conf, to);
    add_upstream(conf, to);
    text_printf(to,
                "    server {\n"
                "        listen %s:%s;\n",
                conf->address, conf->port);
    if (conf->dev)
        add_dev(conf, to);
    (conf->guard ? add_guard : add_location)(conf, to);
    if (conf->files)
        add_files(conf, to);
    text_printf(to, "    }\n}\n");
}
