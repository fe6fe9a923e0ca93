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
}

void conf_lighttpd(const struct conf *conf, struct text *to)
{
    add_settings(conf, "lighttpd", "x-sendfile", to);
    text_printf(
        to,
        "server.bind = \"%s\"\n"
        "server.port = %s\n"
        "server.document-root = \"%s\"\n"
        "server.upload-dirs = ( \"%s\" )\n"
        "server.errorlog = \"%s/lighttpd.log\"\n"
        "server.tag = \"\"\n"
        "server.modules = ( \"mod_fastcgi\" )\n"
        "# In KiB.\n"
        "server.max-request-size = %llu\n"
        "server.max-read-idle = 30\n"
        "server.max-write-idle = %u\n"
        "# Paths are judged by the program, which refuses what has two meanings; it reads\n"
        "# REQUEST_URI, which is as the client sent it.\n"
        "fastcgi.server = ( \"%s/\" => ((\n"
        "%s%s%s%s%s"
        "    \"check-local\" => \"disable\",\n"
        "    \"fix-root-scriptname\" => \"enable\",\n"
        "%s%s%s"
        "    \"disable-time\" => 1\n"
        ")) )\n",
        conf->address, conf->port, conf->guard ? conf->guard : conf->state, conf->state,
        conf->state, (unsigned long long)(conf->limit + 1023) / 1024, conf->timeout, conf->mount,
        conf->host ? "    \"host\" => \"" : "    \"socket\" => \"",
        conf->host ? conf->host : conf->socket, conf->host ? "\",\n    \"port\" => " : "\"",
        conf->host ? conf->host_port : "",
        conf->guard ? ",\n    # Only whether a file may be seen is asked.\n"
                      "    \"mode\" => \"authorizer\",\n"
                    : ",\n",
        conf->files ? "    \"x-sendfile\" => \"enable\",\n    \"x-sendfile-docroot\" => ( \"" : "",
        conf->files ? conf->files : "", conf->files ? "\" ),\n" : "");
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
    static const char *const modules[] = {"proxy", "proxy_fcgi", "headers", NULL};
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
    if (conf->host)
        text_printf(to, "ProxyPass \"%s/\" \"fcgi://%s:%s%s/\" timeout=%u\n", conf->mount,
                    conf->host, conf->host_port, conf->mount, conf->timeout);
    else
        text_printf(to, "ProxyPass \"%s/\" \"unix:%s|fcgi://program%s/\" timeout=%u\n", conf->mount,
                    conf->socket, conf->mount, conf->timeout);
    text_printf(to, "ProxyFCGISetEnvIf \"true\" HTTP_PROXY \"\"\n");
}

/* Static files, each request for one admitted by the program. */
static void add_apache_guard(const struct conf *conf, struct text *to)
{
    static const char *const modules[] = {"authn_core", "authz_user", "authnz_fcgi", "mime", NULL};
    add_modules(modules, to);
    text_printf(to,
                "TypesConfig /etc/mime.types\n"
                "AuthnzFcgiDefineProvider authn program fcgi://%s:%s/\n"
                "DocumentRoot %s\n"
                "<Directory %s>\n"
                "    AllowOverride None\n"
                "</Directory>\n"
                "<Location %s/>\n"
                "    # Without it the program never sees `Authorization`.\n"
                "    CGIPassAuth On\n"
                "    # The program says who may; its refusal is the answer.\n"
                "    AuthnzFcgiCheckAuthnProvider program Authoritative On RequireBasicAuth Off "
                "UserExpr \"%%{reqenv:REMOTE_USER}\" DefaultUser nobody\n"
                "    Require valid-user\n"
                "</Location>\n",
                conf->host, conf->host_port, conf->guard, conf->guard, conf->mount);
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
    text_printf(to,
                "User %s\n"
                "Group %s\n"
                "Timeout %u\n"
                "# A body's rate as the program's GW_PROGRESS has it, 4 KiB in 30 s.\n"
                "RequestReadTimeout header=30 body=30,MinRate=136\n"
                "LimitRequestBody %llu\n"
                "# `%%2F` goes to the program as it stands, and nothing is merged: it decides.\n"
                "AllowEncodedSlashes NoDecode\n"
                "MergeSlashes Off\n",
                conf->user, conf->user, conf->timeout, (unsigned long long)conf->limit);
    (conf->guard ? add_apache_guard : add_apache_proxy)(conf, to);
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
    text_printf(to,
                "    handle %s/* {\n"
                "        # A client's `Proxy:` header must not become HTTP_PROXY.\n"
                "        request_header -Proxy\n"
                "        # Without a length (chunked) Caddy would say -1: it has to read the body\n"
                "        # before.\n"
                "        reverse_proxy %s%s%s {\n"
                "            buffer_requests\n"
                "            transport fastcgi {\n"
                "                env REQUEST_ID {http.request.uuid}\n"
                "            }\n"
                "        }\n"
                "    }\n"
                "    handle {\n"
                "        respond 404\n"
                "    }\n"
                "}\n",
                conf->mount, conf->host ? conf->host : "unix/", conf->host ? ":" : conf->socket,
                conf->host ? conf->host_port : "");
}
