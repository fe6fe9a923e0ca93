/* config.c: settings from flags, the environment and a file, checked against one table.
 *
 * A wrong value, an unknown GW_ variable or an unreadable secret file stops the start with a
 * sentence that names it: a typing error in a setting that guards accounts must never pass as
 * "default". */
#include "config/config.h"

#include "base/disk.h"
#include "input/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)64 * 1024)

enum kind {
    KIND_TEXT,
    KIND_SECRET, /* text that no message repeats and no flag may carry */
    KIND_NUMBER,
    KIND_SIZE,     /* 512, 64K, 2M, 1G */
    KIND_DURATION, /* 500ms, 30s, 2m; kept in milliseconds */
    KIND_PROGRESS, /* a size / a duration */
    KIND_PATH_SOURCE,
    KIND_SENDFILE,
    KIND_MOUNT,
    KIND_TRANSPORT,
    KIND_LOG,
    KIND_SWITCH, /* on or off */
    KIND_MODE,   /* of a file, in octal */
};

struct setting {
    const char *name;
    enum kind kind;
    size_t offset;
    uint64_t min, max;
    const char *fallback;
    const char *may_hold;
};

#define AT(member) offsetof(struct gw_config, member)

static const struct setting settings[] = {
    {"GW_SECRET_KEY", KIND_SECRET, AT(secret_key), 0, 0, NULL,
     "the HS256 secret, at least 32 random bytes"},
    {"GW_SECRET_KEY_FILE", KIND_TEXT, AT(secret_key_file), 0, 0, NULL,
     "a file that holds the secret; a final newline does not count"},
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
    {"GW_EXPIRE_DAYS", KIND_NUMBER, AT(expire_days), 1, 3650, NULL, "days from 1 to 3650"},
    {"GW_LISTEN", KIND_TEXT, AT(listen), 0, 0, NULL,
     "unix:/path or tcp:127.0.0.1:9000; without it, the socket on file descriptor 0"},
    {"GW_SOCKET_OWNER", KIND_TEXT, AT(socket_owner), 0, 0, NULL,
     "the user that the socket of GW_LISTEN=unix: belongs to (the program's)"},
    {"GW_SOCKET_GROUP", KIND_TEXT, AT(socket_group), 0, 0, NULL,
     "its group, which may connect: the web server's"},
    {"GW_SOCKET_MODE", KIND_MODE, AT(socket_mode), 0600, 0666, "0660", "0600, 0660 or 0666"},
    {"GW_WORKERS", KIND_NUMBER, AT(workers), 1, 256, "8", "threads from 1 to 256"},
    {"GW_HASHERS", KIND_NUMBER, AT(hashers), 1, 256, NULL,
     "password hashes at once, 1 to 256 (half the workers)"},
    {"GW_TRANSPORT", KIND_TRANSPORT, AT(transport), 0, 0, "native", "native or libfcgi"},
    {"GW_LOG", KIND_LOG, AT(log), 0, 0, "text",
     "text, json or quiet (no line per request), and :stderr, :syslog or :/path behind it"},
    {"GW_MOUNT", KIND_MOUNT, AT(mount), 0, 0, "", "the path the program is mounted at, like /app"},
    {"GW_PATH", KIND_PATH_SOURCE, AT(path), 0, 0, "request",
     "request (REQUEST_URI) or script (SCRIPT_NAME + PATH_INFO)"},
    {"GW_SENDFILE", KIND_SENDFILE, AT(sendfile), 0, 0, "none",
     "none, x-accel:/prefix/=/folder (nginx: the folder that its location /prefix/ has), or "
     "x-sendfile (lighttpd, Apache)"},
    {"GW_ISSUER", KIND_TEXT, AT(issuer), 0, 0, NULL, "the claim `iss` of all tokens"},
    {"GW_AUDIENCE", KIND_TEXT, AT(audience), 0, 0, NULL, "the claim `aud` of all tokens"},
    {"GW_LEEWAY", KIND_NUMBER, AT(leeway), 0, 60, "0", "seconds from 0 to 60"},
    {"GW_BODY_LIMIT", KIND_SIZE, AT(body_limit), 1, 1ULL << 30, "1M",
     "bytes from 1 to 1G, with K, M or G behind"},
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
    {"GW_STOP_TIMEOUT", KIND_DURATION, AT(stop_timeout_ms), 100, 3600000, "35s",
     "100ms to 60m, with ms, s or m behind: for requests under way after SIGTERM"},
    {"GW_MAX_REQUESTS", KIND_NUMBER, AT(max_requests), 1, 1ULL << 40, NULL,
     "requests after which the process ends, so that its supervisor starts a new one"},
};
#define N_SETTINGS (sizeof(settings) / sizeof(settings[0]))

static const struct setting *find_setting(const char *name, size_t len)
{
    for (size_t i = 0; i < N_SETTINGS; i++)
        if (strlen(settings[i].name) == len && !memcmp(settings[i].name, name, len))
            return &settings[i];
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
static bool set_value(const struct setting *s, const char *text, struct gw_arena *arena,
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

/* ---- Sources -------------------------------------------------------------------------------- */

/* What is read so far: for each setting the text of the strongest source. */
struct reading {
    struct gw_arena *arena;
    const char *text[N_SETTINGS];
    const char *why;
};

static int fail(struct reading *reading, const char *why)
{
    reading->why = why ? why : "out of memory";
    return -EINVAL;
}

/* The setting whose name is nearest, for "did you mean"; NULL if none is near. */
static const char *nearest(const char *name, size_t len)
{
    for (size_t i = 0; i < N_SETTINGS; i++) {
        const char *known = settings[i].name;
        size_t known_len = strlen(known), same = 0, tail = 0;
        while (same < len && same < known_len && name[same] == known[same])
            same++;
        while (tail < len - same && tail < known_len - same &&
               name[len - 1 - tail] == known[known_len - 1 - tail])
            tail++;
        size_t longer = len > known_len ? len : known_len;
        if (longer - same - tail <= 2)
            return known;
    }
    return NULL;
}

static int take(struct reading *reading, const char *assignment, const char *origin)
{
    size_t len = strcspn(assignment, "=");
    const struct setting *s = find_setting(assignment, len);
    if (!s) {
        const char *near = nearest(assignment, len);
        return fail(reading, gw_arena_printf(reading->arena, "%s%.*s is not a setting%s%s%s",
                                             origin, (int)(len > 80 ? 80 : len), assignment,
                                             near ? "; did you mean " : "", near ? near : "",
                                             near ? "?" : "; --help lists them"));
    }
    if (assignment[len] == '=' && !reading->text[s - settings]) {
        char *copy =
            gw_arena_copy(reading->arena, assignment + len + 1, strlen(assignment + len + 1));
        if (!copy)
            return fail(reading, NULL);
        reading->text[s - settings] = copy;
    }
    return 0;
}

static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t len = strlen(text);
    while (len && strchr(" \t\r", text[len - 1]))
        text[--len] = 0;
    return text;
}

/* `key = value` lines; `#` begins a comment line. Keys are the settings' names, with or without
 * GW_, in any case: `workers = 4`. */
static int take_line(struct reading *reading, const char *file, unsigned number, char *line)
{
    line = trim(line);
    if (!*line || *line == '#')
        return 0;
    char *equals = strchr(line, '=');
    if (!equals)
        return fail(reading,
                    gw_arena_printf(reading->arena, "%s:%u: expected `key = value`", file, number));
    *equals = 0;
    char *key = trim(line), *value = trim(equals + 1);
    for (char *c = key; *c; c++)
        *c = gw_upper(*c);
    const char *gw = strncmp(key, "GW_", 3) ? "GW_" : "";
    char *assignment = gw_arena_printf(reading->arena, "%s%s=%s", gw, key, value);
    char *origin = gw_arena_printf(reading->arena, "%s:%u: ", file, number);
    return assignment && origin ? take(reading, assignment, origin) : fail(reading, NULL);
}

static int take_file(struct reading *reading, const char *file)
{
    struct gw_str read;
    int r = gw_disk_read(AT_FDCWD, file, FILE_MAX, false, reading->arena, &read);
    if (r)
        return fail(reading,
                    gw_arena_printf(reading->arena, "--config %s: %s", file, strerror(-r)));
    char *text = (char *)read.ptr;
    if (strlen(text) != read.len)
        return fail(reading, gw_arena_printf(reading->arena, "--config %s holds a NUL byte", file));
    unsigned number = 0;
    for (char *line; (line = strsep(&text, "\n"));)
        if (take_line(reading, file, ++number, line))
            return -EINVAL;
    return 0;
}

static int read_secret_file(struct reading *reading, const char *setting, const char *path,
                            const char **ret_secret)
{
    struct gw_str read;
    int r = gw_disk_read(AT_FDCWD, path, FILE_MAX, false, reading->arena, &read);
    if (r)
        return fail(reading, gw_arena_printf(reading->arena, "%s is \"%s\": %s", setting, path,
                                             strerror(-r)));
    char *text = (char *)read.ptr;
    if (read.len && text[read.len - 1] == '\n')
        text[--read.len] = 0;
    if (strlen(text) != read.len)
        return fail(reading, gw_arena_printf(reading->arena, "%s is \"%s\": it holds a NUL byte",
                                             setting, path));
    *ret_secret = text;
    return 0;
}

int gw_config_read_secret(const struct gw_config *config, struct gw_arena *arena,
                          const char **ret_secret, const char **ret_why)
{
    struct reading reading = {.arena = arena};
    int r = read_secret_file(&reading, "GW_SECRET_KEY_FILE", config->secret_key_file, ret_secret);
    if (r)
        *ret_why = reading.why;
    return r;
}

static int refuse_value(struct reading *reading, const struct setting *s, const char *text)
{
    if (s->kind == KIND_SECRET)
        return fail(reading, gw_arena_printf(reading->arena, "%s is empty; it must hold %s",
                                             s->name, s->may_hold));
    return fail(reading, gw_arena_printf(reading->arena, "%s is \"%.200s\"; it may hold %s",
                                         s->name, text, s->may_hold));
}

/* The status pages are never public: a path without a token is refused, not served to everybody. */
static int set_status(struct reading *reading, struct gw_config *config)
{
    if (config->status_token && config->status_token_file)
        return fail(reading, "GW_STATUS_TOKEN and GW_STATUS_TOKEN_FILE are both set; keep one");
    int r = config->status_token_file
                ? read_secret_file(reading, "GW_STATUS_TOKEN_FILE", config->status_token_file,
                                   &config->status_token)
                : 0;
    if (r)
        return r;
    if (config->status_token && strlen(config->status_token) < 16)
        return fail(reading, "GW_STATUS_TOKEN is shorter than 16 bytes: use the output of `openssl "
                             "rand -hex 16`");
    if (!config->status_path != !config->status_token)
        return fail(reading,
                    config->status_path
                        ? "GW_STATUS_PATH is set and GW_STATUS_TOKEN is not: status pages "
                          "are never public; set GW_STATUS_TOKEN_FILE"
                        : "GW_STATUS_TOKEN is set and GW_STATUS_PATH is not: set it to /-, "
                          "or leave both out");
    return 0;
}

static int set_all(struct reading *reading, struct gw_config *config)
{
    for (size_t i = 0; i < N_SETTINGS; i++) {
        const char *text = reading->text[i] ? reading->text[i] : settings[i].fallback;
        if (text && !set_value(&settings[i], text, reading->arena, config))
            return refuse_value(reading, &settings[i], text);
    }
    if (config->secret_key && config->secret_key_file)
        return fail(reading, "GW_SECRET_KEY and GW_SECRET_KEY_FILE are both set; keep one");
    if (config->max_requests && config->listen)
        return fail(reading, "GW_MAX_REQUESTS and GW_LISTEN are both set: a socket of its own ends "
                             "with the process, and requests would be lost; let spawn-fcgi with "
                             "multiwatch, or systemd, keep the socket");
    if ((config->socket_owner || config->socket_group) &&
        !(config->listen && !strncmp(config->listen, "unix:", 5)))
        return fail(reading, "GW_SOCKET_OWNER or GW_SOCKET_GROUP is set and GW_LISTEN is no unix "
                             "socket: whoever makes the socket says whose it is");
    int r = config->secret_key_file ? read_secret_file(reading, "GW_SECRET_KEY_FILE",
                                                       config->secret_key_file, &config->secret_key)
                                    : 0;
    return r ? r : set_status(reading, config);
}

int gw_config_read(const struct gw_config_sources *sources, struct gw_arena *arena,
                   struct gw_config *ret, const char **ret_why)
{
    struct reading reading = {.arena = arena};
    int r = 0;
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; !r && sources->flags && sources->flags[i]; i++)
        r = take(&reading, sources->flags[i], "");
    for (size_t i = 0; !r && sources->environment && sources->environment[i]; i++)
        if (!strncmp(sources->environment[i], "GW_", 3))
            r = take(&reading, sources->environment[i], "");
    if (!r && sources->file)
        r = take_file(&reading, sources->file);
    if (!r)
        r = set_all(&reading, ret);
    if (r)
        *ret_why = reading.why;
    return r;
}

/* ---- Flags ---------------------------------------------------------------------------------- */

const char *gw_config_flag(struct gw_arena *arena, const char *flag)
{
    char *name = gw_arena_printf(arena, "GW_%s", flag + 2);
    if (!name)
        return NULL;
    for (char *c = name; *c; c++)
        *c = *c == '-' ? '_' : gw_upper(*c);
    const struct setting *s = find_setting(name, strlen(name));
    return s && s->kind != KIND_SECRET ? s->name : NULL;
}

const char *gw_config_help(struct gw_arena *arena)
{
    const char *text = "";
    for (size_t i = 0; text && i < N_SETTINGS; i++)
        text = gw_arena_printf(arena, "%s  %-20s %s%s%s%s\n", text, settings[i].name,
                               settings[i].may_hold, settings[i].fallback ? " (default " : "",
                               settings[i].fallback && *settings[i].fallback ? settings[i].fallback
                               : settings[i].fallback                        ? "none"
                                                                             : "",
                               settings[i].fallback ? ")" : "");
    return text;
}
