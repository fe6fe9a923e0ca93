/* url.c: mysql://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?OPTIONS
 *
 * What is wrong is named without repeating what was given: the URL holds a password. */
#include "store/mysql/own.h"

#include "base/arena.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Percent-decodes into memory of its own. -EINVAL: a bad escape or NUL. */
static int decode(struct gw_str text, char **ret)
{
    char *decoded = malloc(text.len + 1), *to = decoded;
    if (!decoded)
        return -ENOMEM;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '%') {
            *to++ = text.ptr[i];
            continue;
        }
        int c = gw_unescape(text.ptr + i, text.len - i);
        if (c <= 0) {
            free(decoded);
            return -EINVAL;
        }
        *to++ = (char)c;
        i += 2;
    }
    *to = '\0';
    *ret = decoded;
    return 0;
}

static int decode_part(struct gw_str text, const char *why, char **ret, const char **ret_why)
{
    int r = decode(text, ret);
    if (r == -EINVAL)
        *ret_why = why;
    return r;
}

/* Cuts `text` at the first `at`: what is before it is returned, what is behind stays. */
static struct gw_str cut(struct gw_str *text, char at, bool *ret_found)
{
    const char *found = text->len ? memchr(text->ptr, at, text->len) : NULL;
    struct gw_str before = *text;
    *ret_found = found != NULL;
    if (!found) {
        *text = (struct gw_str){text->ptr + text->len, 0};
        return before;
    }
    before.len = (size_t)(found - text->ptr);
    *text = (struct gw_str){found + 1, text->len - before.len - 1};
    return before;
}

static int parse_user(struct gw_str text, struct mysql_store *store, const char **ret_why)
{
    bool has_password;
    struct gw_str user = cut(&text, ':', &has_password);
    int r;
    if (user.len == 0) {
        *ret_why = "names no user: mysql://USER:PASSWORD@HOST/DATABASE";
        return -EINVAL;
    }
    r = decode_part(user, "has a bad %-escape in the user", &store->user, ret_why);
    if (r)
        return r;
    return decode_part(text, "has a bad %-escape in the password", &store->password, ret_why);
}

static bool is_address(const char *host)
{
    struct in6_addr address;
    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

static int parse_host(struct gw_str text, struct mysql_store *store, const char **ret_why)
{
    struct mysql_host *host = &store->hosts[store->n_hosts];
    struct gw_str name = text, port = {0};
    uint64_t number = 0;
    bool found;
    if (text.len && text.ptr[0] == '[') { /* an IPv6 address */
        text.ptr++;
        text.len--;
        name = cut(&text, ']', &found);
        if (!found || (text.len && text.ptr[0] != ':')) {
            *ret_why = "has a bad IPv6 address: mysql://USER@[::1]:3306/DATABASE";
            return -EINVAL;
        }
        port = text.len ? (struct gw_str){text.ptr + 1, text.len - 1} : text;
        found = text.len > 0;
    } else {
        port = text;
        name = cut(&port, ':', &found);
    }
    if (found && (!gw_parse_u64(port, &number) || number < 1 || number > 65535)) {
        *ret_why = "has a port that is not a number from 1 to 65535";
        return -EINVAL;
    }
    host->port = (unsigned)number;
    store->n_hosts++;
    int r = decode_part(name, "has a bad %-escape in the host", &host->name, ret_why);
    if (!r && asprintf(&host->label, host->port ? "%s:%u" : "%s", host->name, host->port) < 0) {
        host->label = NULL;
        r = -ENOMEM;
    }
    if (!r && *host->name && !is_address(host->name)) {
        host->address = gw_mysql_name_new(host->name);
        r = host->address ? 0 : -ENOMEM;
    }
    return r;
}

static int parse_hosts(struct gw_str text, struct mysql_store *store, const char **ret_why)
{
    bool more;
    do {
        int r;
        if (store->n_hosts == GW_MYSQL_HOSTS_MAX) {
            *ret_why = "names more than 8 hosts";
            return -EINVAL;
        }
        r = parse_host(cut(&text, ',', &more), store, ret_why);
        if (r)
            return r;
    } while (more);
    return 0;
}

static int parse_tls(struct gw_str value, struct mysql_store *store, const char **ret_why)
{
    store->tls = gw_str_equal(value, GW_STR("verify"));
    if (store->tls || gw_str_equal(value, GW_STR("off")))
        return 0;
    *ret_why = "has a tls that is neither verify nor off";
    return -EINVAL;
}

/* A whole number of a unit, from 1 to `max`. */
static bool parse_amount(struct gw_str value, const char *unit, unsigned long max, unsigned *ret)
{
    char text[16], *end;
    if (!value.len || value.len >= sizeof(text) || value.ptr[0] < '0' || value.ptr[0] > '9')
        return false;
    memcpy(text, value.ptr, value.len);
    text[value.len] = 0;
    unsigned long n = strtoul(text, &end, 10);
    *ret = (unsigned)n;
    return !strcmp(end, unit) && n <= max;
}

/* The options that are no texts. 1: it is none of them. */
static int parse_setting(struct gw_str name, struct gw_str value, struct mysql_store *store,
                         const char **ret_why)
{
    unsigned n = 0;
    *ret_why = NULL;
    if (gw_str_equal(name, GW_STR("home"))) {
        store->home = gw_str_equal(value, GW_STR("yes"));
        if (!store->home && !gw_str_equal(value, GW_STR("no")))
            *ret_why = "has a home that is neither yes nor no";
    } else if (gw_str_equal(name, GW_STR("wsrep_sync_wait"))) {
        if (!parse_amount(value, "", 15, &n))
            *ret_why = "has a wsrep_sync_wait that is no number from 0 to 15";
        store->sync_wait = (int)n;
    } else if (gw_str_equal(name, GW_STR("connect_timeout"))) {
        if (!parse_amount(value, "ms", 60000, &n) || n < 10)
            *ret_why = "has a connect_timeout that is not from 10ms to 60000ms";
        store->connect_timeout_ms = n;
    } else if (gw_str_equal(name, GW_STR("keepalive"))) {
        if (!parse_amount(value, "s", 7200, &n) || n == 0)
            *ret_why = "has a keepalive that is not from 1s to 7200s";
        store->keepalive_s = n;
    } else {
        return 1;
    }
    return *ret_why ? -EINVAL : 0;
}

static int parse_option(struct gw_str option, struct mysql_store *store, struct gw_arena *arena,
                        const char **ret_why)
{
    const struct {
        const char *name;
        char **to;
    } texts[] = {{"socket", &store->socket},
                 {"ca", &store->ca},
                 {"cert", &store->cert},
                 {"key", &store->key},
                 {"server_key", &store->server_key}};
    bool found;
    struct gw_str value = option, name = cut(&value, '=', &found);

    if (gw_str_equal(name, GW_STR("tls")))
        return parse_tls(value, store, ret_why);
    int r = parse_setting(name, value, store, ret_why);
    if (r != 1)
        return r;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (!gw_str_equal(name, gw_str_from(texts[i].name)))
            continue;
        if (!value.len || *texts[i].to) {
            *ret_why = gw_arena_printf(arena, "has an empty or a second %s", texts[i].name);
            return *ret_why ? -EINVAL : -ENOMEM;
        }
        return decode_part(value, "has a bad %-escape in an option", texts[i].to, ret_why);
    }
    *ret_why = "has an option that is none of socket, tls, ca, cert, key, server_key, "
               "home, wsrep_sync_wait, connect_timeout, keepalive";
    return -EINVAL;
}

/* What does not go together. */
static const char *contradiction(const struct mysql_store *store)
{
    if (!*store->database)
        return "names no database: mysql://USER:PASSWORD@HOST/DATABASE";
    if (store->socket && (store->n_hosts > 1 || *store->hosts[0].name))
        return "names a host and a socket";
    if (store->home && store->n_hosts < 2)
        return "has home=yes with one host";
    if (store->socket && store->tls)
        return "asks for tls on a socket";
    if (!store->tls && (store->ca || store->cert || store->key))
        return "has ca, cert or key without tls=verify";
    if (store->server_key && (store->tls || store->socket))
        return "has a server_key beside tls or a socket, which need none";
    for (size_t i = 0; !store->socket && i < store->n_hosts; i++)
        if (!*store->hosts[i].name)
            return "names no host: mysql://USER:PASSWORD@HOST/DATABASE";
    return NULL;
}

int gw_mysql_url(const char *url, struct mysql_store *store, struct gw_arena *arena,
                 const char **ret_why)
{
    struct gw_str rest = gw_str_from(strchr(url, ':') + 1), authority, database, user = {0};
    const char *at;
    bool found, more;
    int r;
    store->sync_wait = -1;
    if (rest.len < 2 || strncmp(rest.ptr, "//", 2)) {
        *ret_why = "must look like mysql://USER:PASSWORD@HOST/DATABASE";
        return -EINVAL;
    }
    rest = (struct gw_str){rest.ptr + 2, rest.len - 2};
    authority = cut(&rest, '/', &found);
    at = authority.len ? memrchr(authority.ptr, '@', authority.len) : NULL;
    if (at) {
        user = (struct gw_str){authority.ptr, (size_t)(at - authority.ptr)};
        authority = (struct gw_str){at + 1, authority.len - user.len - 1};
    }
    r = parse_user(user, store, ret_why);
    if (!r)
        r = parse_hosts(authority, store, ret_why);
    database = cut(&rest, '?', &more);
    if (!r)
        r = decode_part(database, "has a bad %-escape in the database", &store->database, ret_why);
    while (!r && more)
        r = parse_option(cut(&rest, '&', &more), store, arena, ret_why);
    if (r)
        return r;
    *ret_why = contradiction(store);
    if (*ret_why)
        return -EINVAL;
    return store->server_key ? gw_mysql_read_server_key(store, arena, ret_why) : 0;
}

void gw_mysql_url_free(struct mysql_store *store)
{
    if (store->password)
        explicit_bzero(store->password, strlen(store->password));
    free(store->user);
    free(store->password);
    free(store->database);
    free(store->socket);
    free(store->ca);
    free(store->cert);
    free(store->key);
    free(store->server_key);
    if (store->server_key_fd)
        close(store->server_key_fd);
    for (size_t i = 0; i < store->n_hosts; i++) {
        gw_mysql_name_free(store->hosts[i].address);
        free(store->hosts[i].name);
        free(store->hosts[i].label);
    }
}
