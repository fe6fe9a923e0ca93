/* settings.c: every setting, what it may hold, and how a text becomes its value. */
#include "config/own.h"

#include "input/path.h"

#include <stdlib.h>
#include <sys/stat.h>

#define AT(member) offsetof(struct gw_config, member)

const struct setting gw_settings[] = {
    {"GW_SECRET_KEY", KIND_SECRET, AT(secret_key), 0, 0, NULL,
     "the HS256 secret, at least 32 random bytes"},
    {"GW_SECRET_KEY_FILE", KIND_TEXT, AT(secret_key_file), 0, 0, NULL,
     "a file that holds the secret; a final newline does not count"},
    {"GW_SEAL_KEY", KIND_SECRET, AT(seal_key), 0, 0, NULL,
     "the secret of tickets, at least 32 random bytes (GW_SECRET_KEY)"},
    {"GW_SEAL_KEY_OLD", KIND_SECRET, AT(seal_key_old), 0, 0, NULL,
     "the one before it: tickets that it made stay good"},
    {"GW_KEYS_DIR", KIND_TEXT, AT(keys_dir), 0, 0, NULL,
     "a folder of keys: ID.pem, ID.jwk, active"},
    {"GW_TOKEN_TYPE", KIND_TEXT, AT(token_type), 0, 0, NULL,
     "the header `typ` that tokens must carry, like at+jwt"},
    {"GW_ISSUERS_DIR", KIND_TEXT, AT(issuers_dir), 0, 0, NULL,
     "the folder of the issuers' key sets (the working directory)"},
    {"GW_DENY_LIST", KIND_SWITCH, AT(deny_list), 0, 0, "off",
     "on or off: single tokens can be denied, by the table gw_denied_tokens"},
    {"GW_DATABASE_URL", KIND_TEXT, AT(database_url), 0, 0, NULL,
     "sqlite:FILE or mysql://user:password@host/database"},
    {"GW_SCHEMA_URL", KIND_TEXT, AT(schema_url), 0, 0, NULL,
     "the same database, for --schema-apply, with a user who may alter tables (GW_DATABASE_URL)"},
    {"GW_STORE_TIMEOUT", KIND_DURATION, AT(store_timeout_ms), 100, 60000, "1500ms",
     "100ms to 60s, with ms, s or m behind: for one statement, connecting included"},
    {"GW_EXPIRE_DAYS", KIND_NUMBER, AT(expire_days), 1, 3650, NULL, "days from 1 to 3650"},
    {"GW_LISTEN", KIND_TEXT, AT(listen), 0, 0, NULL,
     "unix:/path or tcp:127.0.0.1:9000; without it, the socket on file descriptor 0"},
    {"GW_SOCKET_OWNER", KIND_TEXT, AT(socket_owner), 0, 0, NULL,
     "the user that the socket of GW_LISTEN=unix: belongs to (the program's)"},
    {"GW_SOCKET_GROUP", KIND_TEXT, AT(socket_group), 0, 0, NULL,
     "its group, which may connect: the web server's"},
    {"GW_SOCKET_MODE", KIND_MODE, AT(socket_mode), 0600, 0666, "0660", "0600, 0660 or 0666"},
    {"GW_WORKERS", KIND_NUMBER, AT(workers), 1, 256, NULL,
     "threads from 1 to 256 (8; 32 where the database is on another machine)"},
    {"GW_HASHERS", KIND_NUMBER, AT(hashers), 1, 256, NULL,
     "password hashes at once, 1 to 256 (half of GW_WORKERS, or 4)"},
    {"GW_PASSWORD_DEAREST", KIND_SECRET, AT(password_dearest), 0, 0, NULL,
     "a hash like the dearest that accounts have: all log-ins take as long"},
    {"GW_TRANSPORT", KIND_TRANSPORT, AT(transport), 0, 0, "native", "native or libfcgi"},
    {"GW_LOG", KIND_LOG, AT(log), 0, 0, "text",
     "text, json or quiet (no line per request), and :stderr, :syslog or :/path behind it"},
    {"GW_MOUNT", KIND_MOUNT, AT(mount), 0, 0, "", "the path the program is mounted at, like /app"},
    {"GW_PATH", KIND_PATH_SOURCE, AT(path), 0, 0, "request",
     "request (REQUEST_URI) or script (SCRIPT_NAME + PATH_INFO)"},
    {"GW_SENDFILE", KIND_SENDFILE, AT(sendfile), 0, 0, "none",
     "none, x-accel:/prefix/=/folder (nginx: the folder that its location /prefix/ has), or "
     "x-sendfile (lighttpd, Apache)"},
    {"GW_ORIGIN", KIND_ORIGINS, AT(origins), 0, 0, NULL,
     "where browsers find our pages, like https://school.example: https (http on this machine), in "
     "lower case, without a path; several with commas between them"},
    {"GW_TRUSTED_PROXIES", KIND_PROXIES, AT(proxies), 0, 0, NULL,
     "addresses and networks of our own proxies, whose X-Forwarded-For is believed, like "
     "10.0.0.0/8,::1: with commas between them"},
    {"GW_MAIL", KIND_MAIL, AT(mail), 0, 0, NULL,
     "where gw_mail_send puts mails: file:/FOLDER, or command:/PROGRAM and its words, 16 in all"},
    {"GW_PROCESSES", KIND_NUMBER, AT(processes), 1, 10000, "1",
     "how many processes serve the same requests, 1 to 10000"},
    {"GW_ISSUER", KIND_TEXT, AT(issuer), 0, 0, NULL, "the claim `iss` of all tokens"},
    {"GW_AUDIENCE", KIND_TEXT, AT(audience), 0, 0, NULL, "the claim `aud` of all tokens"},
    {"GW_LEEWAY", KIND_NUMBER, AT(leeway), 0, 60, NULL,
     "seconds from 0 to 60 that clocks may differ by (0 for exp, 10 for nbf and iat)"},
    {"GW_BODY_LIMIT", KIND_SIZE, AT(body_limit), 1, 1ULL << 30, "1M",
     "bytes from 1 to 1G, with K, M or G behind"},
    {"GW_SPOOL_DIR", KIND_TEXT, AT(spool_dir), 0, 0, NULL,
     "the folder where what exceeds 64 KiB of a body waits, in files without names (/tmp)"},
    {"GW_UPLOADS", KIND_SIZE, AT(uploads), 1, 1ULL << 50, "1G",
     "bytes of the forms with files that are under way at once, with K, M or G behind"},
    {"GW_UPLOADS_ADDRESS", KIND_SIZE, AT(uploads_address), 1, 1ULL << 50, "256M",
     "the same, of one address"},
    {"GW_REQUEST_TIMEOUT", KIND_DURATION, AT(request_timeout_ms), 100, 3600000, "30s",
     "100ms to 60m, with ms, s or m behind: for handler and store"},
    {"GW_PROGRESS", KIND_PROGRESS, AT(progress), 0, 0, "4K/30s",
     "1/1s to 1G/60m: the bytes of a body or an answer that must move in that time"},
    {"GW_SLOW", KIND_DURATION, AT(slow_ms), 1, 3600000, NULL,
     "1ms to 60m, with ms, s or m behind: requests that take longer are logged with their phases"},
    {"GW_STATUS_PATH", KIND_MOUNT, AT(status_path), 0, 0, NULL,
     "the path that the pages ping, status and metrics lie beneath, like /-"},
    {"GW_STATUS_TOKEN", KIND_SECRET, AT(status_token), 0, 0, NULL,
     "the bearer token that opens them, at least 16 bytes"},
    {"GW_STATUS_TOKEN_FILE", KIND_TEXT, AT(status_token_file), 0, 0, NULL,
     "a file that holds that token; a final newline does not count"},
    {"GW_STATUS_LISTEN", KIND_TEXT, AT(status_listen), 0, 0, NULL,
     "tcp:127.0.0.1:9100: a socket of its own for these pages, by HTTP"},
    {"GW_STOP_TIMEOUT", KIND_DURATION, AT(stop_timeout_ms), 100, 3600000, "35s",
     "100ms to 60m, with ms, s or m behind: for requests under way after SIGTERM"},
    {"GW_MAX_REQUESTS", KIND_NUMBER, AT(max_requests), 1, 1ULL << 40, NULL,
     "requests after which the process ends, so that its supervisor starts a new one"},
};
_Static_assert(sizeof(gw_settings) / sizeof(gw_settings[0]) == GW_N_SETTINGS, "their number");

const struct setting *gw_setting_find(const char *name, size_t len)
{
    for (size_t i = 0; i < GW_N_SETTINGS; i++)
        if (strlen(gw_settings[i].name) == len && !memcmp(gw_settings[i].name, name, len))
            return &gw_settings[i];
    return NULL;
}

/* ---- Values --------------------------------------------------------------------------------- */

static bool parse_suffixed(const char *text, const char *const *suffixes, const uint64_t *factors,
                           uint64_t *ret)
{
    size_t digits = strspn(text, "0123456789");
    uint64_t number;
    if (!gw_parse_u64((struct gw_str){text, digits}, &number))
        return false;
    for (size_t i = 0; suffixes[i]; i++)
        if (!strcmp(text + digits, suffixes[i]))
            return !__builtin_mul_overflow(number, factors[i], ret);
    return false;
}

static bool parse_size(const char *text, uint64_t *ret)
{
    return parse_suffixed(text, (const char *const[]){"", "K", "M", "G", NULL},
                          (const uint64_t[]){1, 1 << 10, 1 << 20, 1 << 30}, ret);
}

static bool parse_duration(const char *text, uint64_t *ret)
{
    return parse_suffixed(text, (const char *const[]){"ms", "s", "m", NULL},
                          (const uint64_t[]){1, 1000, 60000}, ret);
}

static bool set_progress(const char *text, struct gw_config *config)
{
    char size[24];
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : sizeof(size);
    if (len >= sizeof(size))
        return false;
    memcpy(size, text, len);
    size[len] = 0;
    struct gw_progress *progress = &config->progress;
    return parse_size(size, &progress->bytes) && progress->bytes &&
           progress->bytes <= UINT64_C(1) << 30 && parse_duration(slash + 1, &progress->ms) &&
           progress->ms >= 1000 && progress->ms <= 3600000;
}

static bool set_number(const struct setting *s, uint64_t value, struct gw_config *config)
{
    if (value < s->min || value > s->max)
        return false;
    *(uint64_t *)((char *)config + s->offset) = value;
    return true;
}

/* A path without a slash behind it; "" for the root, which not every setting may hold. */
static bool set_path(const char *text, struct gw_arena *arena, bool root, const char **ret)
{
    if (!*text || !strcmp(text, "/")) {
        *ret = "";
        return root;
    }
    struct gw_str path, query;
    enum gw_reason reason;
    if (gw_path_canonical(gw_str_from(text), arena, &path, &query, &reason) || query.ptr ||
        path.ptr[path.len - 1] == '/')
        return false;
    *ret = path.ptr;
    return true;
}

/* x-accel:/prefix/=/folder: the folder must be there, and is kept without links. */
static bool set_accel(const char *text, struct gw_arena *arena, struct gw_config *config)
{
    const char *folder = strstr(text, "/=/");
    char *absolute = folder && text[0] == '/' ? realpath(folder + 2, NULL) : NULL;
    struct stat st;
    bool good = absolute && !stat(absolute, &st) && S_ISDIR(st.st_mode);
    if (good) {
        config->sendfile = GW_SENDFILE_ACCEL;
        config->sendfile_prefix = gw_arena_copy(arena, text, (size_t)(folder - text) + 1);
        config->sendfile_folder = gw_arena_copy(arena, absolute, strlen(absolute));
    }
    free(absolute);
    return good && config->sendfile_prefix && config->sendfile_folder;
}

static bool set_sendfile(const char *text, struct gw_arena *arena, struct gw_config *config)
{
    if (!strncmp(text, "x-accel:", 8))
        return set_accel(text + 8, arena, config);
    config->sendfile = strcmp(text, "none") ? GW_SENDFILE_X : GW_SENDFILE_NONE;
    return !strcmp(text, "none") || !strcmp(text, "x-sendfile");
}

static bool set_path_source(const char *text, struct gw_config *config)
{
    if (strcmp(text, "request") && strcmp(text, "script"))
        return false;
    config->path = text[0] == 's' ? GW_PATH_SCRIPT : GW_PATH_REQUEST_URI;
    return true;
}

static size_t n_words(const char *text)
{
    size_t n = 0;
    for (; *text; text += strcspn(text, " "), text += strspn(text, " "))
        n++;
    return n;
}

static bool log_is_good(const char *text)
{
    size_t len = strcspn(text, ":");
    struct gw_str format = {text, len};
    const char *where = text + len;
    return (gw_str_equal(format, GW_STR("text")) || gw_str_equal(format, GW_STR("json")) ||
            gw_str_equal(format, GW_STR("quiet"))) &&
           (!*where || !strcmp(where, ":stderr") || !strcmp(where, ":syslog") ||
            !strncmp(where, ":/", 2));
}

/* Puts a value that a source gave into the configuration. False: it may not hold that. */
bool gw_setting_set(const struct setting *s, const char *text, struct gw_arena *arena,
                    struct gw_config *config)
{
    uint64_t number;
    switch (s->kind) {
    case KIND_NUMBER:
        return gw_parse_u64(gw_str_from(text), &number) && set_number(s, number, config);
    case KIND_SIZE:
        return parse_size(text, &number) && set_number(s, number, config);
    case KIND_DURATION:
        return parse_duration(text, &number) && set_number(s, number, config);
    case KIND_PROGRESS:
        return set_progress(text, config);
    case KIND_PATH_SOURCE:
        return set_path_source(text, config);
    case KIND_SENDFILE:
        return set_sendfile(text, arena, config);
    case KIND_MOUNT:
        return set_path(text, arena, s->fallback, (const char **)((char *)config + s->offset));
    case KIND_TRANSPORT:
        config->transport = text;
        return !strcmp(text, "native") || !strcmp(text, "libfcgi");
    case KIND_MODE:
        *(uint64_t *)((char *)config + s->offset) = strtoull(text, NULL, 8);
        return !strcmp(text, "0600") || !strcmp(text, "0660") || !strcmp(text, "0666");
    case KIND_SWITCH:
        *(bool *)((char *)config + s->offset) = !strcmp(text, "on");
        return !strcmp(text, "on") || !strcmp(text, "off");
    case KIND_ORIGINS:
        return gw_origins_read(text, arena, &config->origins);
    case KIND_PROXIES:
        return gw_proxies_read(text, arena, config);
    case KIND_MAIL:
        config->mail = text;
        return !strncmp(text, "file:/", 6) ||
               (!strncmp(text, "command:/", 9) && n_words(text) <= GW_MAIL_WORDS);
    case KIND_LOG:
        config->log = text;
        return log_is_good(text);
    case KIND_TEXT:
    case KIND_SECRET:
        *(const char **)((char *)config + s->offset) = text;
        return *text != 0;
    }
    return false;
}
