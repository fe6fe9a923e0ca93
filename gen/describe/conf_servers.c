/* conf_servers.c: lighttpd 1.4, Apache httpd 2.4, Caddy 2. */
#include "describe/conf.h"

static void add_settings(const struct conf *conf, const char *server, const char *sendfile,
                         struct text *to)
{
    text_printf(to,
                "# %s in front of a Gatewright program. Written by `gatewright conf`.\n"
                "# The program: GW_LISTEN=%s\n",
                server, conf->listen);
    if (*conf->mount)
        text_printf(to, "#              GW_MOUNT=%s\n", conf->mount);
    if (conf->files)
        text_printf(to, "#              GW_SENDFILE=%s\n", sendfile);
    if (conf->n_rates || conf->counts_more)
        text_printf(to,
                    "# Limits by address are counted by the program alone: %s has nothing of\n"
                    "# its own that counts requests.\n",
                    server);
}

static unsigned write_seconds(const struct conf *conf)
{
    return conf->timeout > CONF_WRITE_SECONDS ? conf->timeout : CONF_WRITE_SECONDS;
}

/* Where the program is asked, and what for. */
static void add_lighttpd_program(const struct conf *conf, struct text *to)
{
    text_printf(to, "fastcgi.server = ( \"%s/\" => ((\n", conf->mount);
    if (conf->host)
        text_printf(to, "    \"host\" => \"%s\",\n    \"port\" => %s,\n", conf->host,
                    conf->host_port);
    else
        text_printf(to, "    \"socket\" => \"%s\",\n", conf->socket);
    if (conf->guard)
        text_printf(to, "    # Only whether a file may be seen is asked.\n"
                        "    \"mode\" => \"authorizer\",\n");
    text_printf(to, "    \"check-local\" => \"disable\",\n"
                    "    \"fix-root-scriptname\" => \"enable\",\n");
    if (conf->files)
        text_printf(to,
                    "    \"x-sendfile\" => \"enable\",\n"
                    "    \"x-sendfile-docroot\" => ( \"%s\" ),\n",
                    conf->files);
    text_printf(to, "    \"disable-time\" => 1\n"
                    ")) )\n");
}

static void add_lighttpd_dev(const struct conf *conf, struct text *to)
{
    text_printf(to,
                "$HTTP[\"url\"] =~ \"^/-/dev(/|$)\" {\n"
                "    fastcgi.server = ( \"/-/dev\" => ((\n"
                "        \"socket\" => \"%s\",\n"
                "        \"check-local\" => \"disable\"\n"
                "    )) )\n"
                "}\n",
                conf->dev);
}

/* What is beside the program's verdict: it does not make the answer. */
static void add_lighttpd_guard(const struct conf *conf, struct text *to)
{
    text_printf(to,
                "# Neither what a link leads to, nor dot-files, nor a file as answer to a POST.\n"
                "server.follow-symlink = \"disable\"\n"
                "$HTTP[\"url\"] =~ \"/\\.\" {\n"
                "    url.access-deny = ( \"\" )\n"
                "}\n"
                "$HTTP[\"request-method\"] !~ \"^(GET|HEAD|OPTIONS)$\" {\n"
                "    url.access-deny = ( \"\" )\n"
                "}\n"
                "setenv.set-response-header = (\n"
                "    \"Cache-Control\" => \"private, no-store\",\n"
                "    \"Referrer-Policy\" => \"no-referrer\",\n"
                "    \"X-Content-Type-Options\" => \"nosniff\"\n"
                ")\n");
    if (*conf->mount)
        text_printf(to,
                    "# The program is asked for nothing else.\n"
                    "$HTTP[\"url\"] =^ \"%s/\" {\n"
                    "}\n"
                    "else {\n"
                    "    url.access-deny = ( \"\" )\n"
                    "}\n",
                    conf->mount);
}

void conf_lighttpd(const struct conf *conf, struct text *to)
{
    add_settings(conf, "lighttpd", "x-sendfile", to);
    text_printf(to,
                "server.bind = \"%s\"\n"
                "server.port = %s\n"
                "server.document-root = \"%s\"\n"
                "server.upload-dirs = ( \"%s\" )\n"
                "server.errorlog = \"%s/lighttpd.log\"\n"
                "server.tag = \"\"\n"
                "server.modules = ( %s\"mod_fastcgi\" )\n"
                "# In KiB.\n"
                "server.max-request-size = %llu\n"
                "server.max-read-idle = 30\n"
                "server.max-write-idle = %u\n"
                "# Paths are judged by the program, which refuses what has two meanings; it reads\n"
                "# REQUEST_URI, which is as the client sent it.\n",
                conf->address, conf->port, conf->guard ? conf->guard : conf->state, conf->state,
                conf->state, conf->guard ? "\"mod_access\", \"mod_setenv\", " : "",
                (unsigned long long)(conf->limit + 1023) / 1024, write_seconds(conf));
    add_lighttpd_program(conf, to);
    if (conf->dev)
        add_lighttpd_dev(conf, to);
    if (conf->files && !conf->guard)
        text_printf(
            to, "# What the program has opened is no link, and not what lay there a second ago.\n"
                "server.follow-symlink = \"disable\"\n"
                "server.stat-cache-engine = \"disable\"\n");
    if (conf->guard)
        add_lighttpd_guard(conf, to);
}

static void add_modules(const char *const *modules, struct text *to)
{
    for (size_t i = 0; modules[i]; i++)
        text_printf(to,
                    "<IfModule !%s_module>\n"
                    "    LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n"
                    "</IfModule>\n",
                    modules[i], modules[i], modules[i]);
}

static void add_apache_proxy(const struct conf *conf, struct text *to)
{
    static const char *const modules[] = {"proxy", "proxy_fcgi", "headers", "env", NULL};
    add_modules(modules, to);
    text_printf(to,
                "<Location %s/>\n"
                "    # Without it the program never sees `Authorization`.\n"
                "    CGIPassAuth On\n"
                "    Require all granted\n"
                "</Location>\n"
                "# The program reads REQUEST_URI, which is as the client sent it. Connections are "
                "not kept: a request is\n"
                "# never lost to one that the program has just closed.\n",
                conf->mount);
    if (conf->dev)
        text_printf(to, "ProxyPass \"/-/dev\" \"unix:%s|fcgi://dev/-/dev\"\n", conf->dev);
    if (conf->host)
        text_printf(to, "ProxyPass \"%s/\" \"fcgi://%s:%s%s/\" timeout=%u\n", conf->mount,
                    conf->host, conf->host_port, conf->mount, conf->timeout);
    else
        text_printf(to, "ProxyPass \"%s/\" \"unix:%s|fcgi://program%s/\" timeout=%u\n", conf->mount,
                    conf->socket, conf->mount, conf->timeout);
    text_printf(to,
                "ProxyFCGISetEnvIf \"true\" HTTP_PROXY \"\"\n"
                "# The program's Content-Length is right: without this Apache (2.4.59 and later) "
                "drops it.\n"
                "SetEnv ap_trust_cgilike_cl yes\n");
}

/* Static files, each request for one admitted by the program. */
static void add_apache_guard(const struct conf *conf, struct text *to)
{
    static const char *const modules[] = {"authn_core", "authz_user",   "authnz_fcgi", "mime",
                                          "headers",    "allowmethods", NULL};
    add_modules(modules, to);
    text_printf(to,
                "TypesConfig /etc/mime.types\n"
                "AuthnzFcgiDefineProvider authn program fcgi://%s:%s/\n"
                "DocumentRoot %s\n"
                "<Directory />\n"
                "    AllowOverride None\n"
                "    # No link is followed.\n"
                "    Options None\n"
                "</Directory>\n"
                "# What the program is not asked for is nobody's.\n"
                "<Location />\n"
                "    Require all denied\n"
                "</Location>\n",
                conf->host, conf->host_port, conf->guard);
    text_printf(to,
                "<Location %s/>\n"
                "    # Without it the program never sees `Authorization`.\n"
                "    CGIPassAuth On\n"
                "    # The program says who may; its refusal is the answer.\n"
                "    AuthnzFcgiCheckAuthnProvider program Authoritative On RequireBasicAuth Off "
                "UserExpr \"%%{reqenv:REMOTE_USER}\" DefaultUser nobody\n"
                "    Require valid-user\n"
                "    # No file as answer to a POST.\n"
                "    AllowMethods GET HEAD OPTIONS\n"
                "    Header set Cache-Control \"private, no-store\"\n"
                "    Header set Referrer-Policy no-referrer\n"
                "    Header set X-Content-Type-Options nosniff\n"
                "</Location>\n"
                "<LocationMatch \"/\\.\">\n"
                "    Require all denied\n"
                "</LocationMatch>\n",
                conf->mount);
}

void conf_apache(const struct conf *conf, struct text *to)
{
    static const char *const modules[] = {"mpm_event", "authz_core", "reqtimeout", "unique_id",
                                          NULL};
    add_settings(conf, "Apache httpd", "none", to);
    text_printf(to,
                "ServerRoot %s\n"
                "ServerName localhost\n"
                "PidFile %s/apache.pid\n"
                "DefaultRuntimeDir %s\n"
                "Mutex file:%s default\n"
                "Listen %s:%s\n"
                "ServerTokens Prod\n"
                "ServerSignature Off\n"
                "TraceEnable Off\n"
                "# `crit`: what is logged below that may hold a query, and with it a token.\n"
                "ErrorLog %s/apache.log\n"
                "LogLevel crit\n",
                conf->state, conf->state, conf->state, conf->state, conf->address, conf->port,
                conf->state);
    add_modules(modules, to);
    text_printf(
        to,
        "User %s\n"
        "Group %s\n"
        "Timeout %u\n"
        "# Otherwise the system's 4 MB, of which a third must go before anything moves on.\n"
        "SendBufferSize 262144\n"
        "# A body's rate as the program's GW_PROGRESS has it, 4 KiB in 30 s.\n"
        "RequestReadTimeout header=30 body=30,MinRate=136\n"
        "LimitRequestBody %llu\n"
        "# `%%2F` goes to the program as it stands, and nothing is merged: it decides.\n"
        "AllowEncodedSlashes NoDecode\n"
        "MergeSlashes Off\n",
        conf->user, conf->user, write_seconds(conf), (unsigned long long)conf->limit);
    (conf->guard ? add_apache_guard : add_apache_proxy)(conf, to);
}

static void add_caddy_dev(const struct conf *conf, struct text *to)
{
    text_printf(to,
                "    @dev path /-/dev /-/dev/*\n"
                "    handle @dev {\n"
                "        request_header -Proxy\n"
                "        reverse_proxy unix/%s {\n"
                "            buffer_requests\n"
                "            transport fastcgi\n"
                "        }\n"
                "    }\n",
                conf->dev);
}

static void add_caddy_program(const struct conf *conf, struct text *to)
{
    text_printf(
        to,
        "    handle %s/* {\n"
        "        # A client's `Proxy:` header must not become HTTP_PROXY.\n"
        "        request_header -Proxy\n"
        "        # FastCGI has one name for X-User and X_User: only the first gets through.\n"
        "        request_header -*_*\n"
        "        # Without a length (chunked) Caddy would say -1: it has to read the body\n"
        "        # before.\n",
        conf->mount);
    if (conf->host)
        text_printf(to, "        reverse_proxy %s:%s {\n", conf->host, conf->host_port);
    else
        text_printf(to, "        reverse_proxy unix/%s {\n", conf->socket);
    text_printf(to, "            buffer_requests\n"
                    "            transport fastcgi {\n"
                    "                env REQUEST_ID {http.request.uuid}\n"
                    "            }\n"
                    "        }\n"
                    "    }\n"
                    "    handle {\n"
                    "        respond 404\n"
                    "    }\n"
                    "}\n");
}

void conf_caddy(const struct conf *conf, struct text *to)
{
    add_settings(conf, "Caddy", "none", to);
    text_printf(
        to,
        "{\n"
        "    admin off\n"
        "    auto_https off\n"
        "    storage file_system %s/caddy\n"
        "    # No log of requests: their queries may hold tokens. The program has one.\n"
        "    log {\n"
        "        output file %s/caddy.log\n"
        "        level PANIC\n"
        "    }\n"
        "    # Caddy's times for a body and an answer are totals, which a slow client cannot\n"
        "    # meet: the program ends transfers that stand still (GW_PROGRESS).\n"
        "    servers {\n"
        "        timeouts {\n"
        "            read_header 30s\n"
        "        }\n"
        "    }\n"
        "}\n"
        "\n"
        "# Any `Host`: the program does not go by it.\n"
        "http://:%s {\n"
        "    bind %s\n"
        "    request_body {\n"
        "        max_size %llu\n"
        "    }\n",
        conf->state, conf->state, conf->port, conf->address, (unsigned long long)conf->limit);
    if (conf->dev)
        add_caddy_dev(conf, to);
    add_caddy_program(conf, to);
}
