/* config.c: settings from flags, the environment and a file, checked against one table
 * (settings.c).
 *
 * A wrong value, an unknown GW_ variable or an unreadable secret file stops the start with a
 * sentence that names it: a typing error in a setting that guards accounts must never pass as
 * "default". */
#include "config/own.h"

#include "base/disk.h"
#include "config/url.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)64 * 1024)

#define CLOCKS_DIFFER 10 /* seconds between machines that NTP keeps, and some more */

/* ---- Sources -------------------------------------------------------------------------------- */

/* What is read so far: for each setting the text of the strongest source. */
struct reading {
    struct gw_arena *arena;
    const char *text[GW_N_SETTINGS];
    bool secret; /* the file holds one */
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
    for (size_t i = 0; i < GW_N_SETTINGS; i++) {
        const char *known = gw_settings[i].name;
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
    const struct setting *s = gw_setting_find(assignment, len);
    if (!s) {
        const char *near = nearest(assignment, len);
        return fail(reading, gw_arena_printf(reading->arena, "%s%.*s is not a setting%s%s%s",
                                             origin, (int)(len > 80 ? 80 : len), assignment,
                                             near ? "; did you mean " : "", near ? near : "",
                                             near ? "?" : "; --help lists them"));
    }
    if (assignment[len] == '=' && !reading->text[s - gw_settings]) {
        char *copy =
            gw_arena_copy(reading->arena, assignment + len + 1, strlen(assignment + len + 1));
        if (!copy)
            return fail(reading, NULL);
        reading->text[s - gw_settings] = copy;
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
    const struct setting *s =
        assignment ? gw_setting_find(assignment, strcspn(assignment, "=")) : NULL;
    reading->secret |= s && (s->kind == KIND_SECRET || gw_url_has_password(value));
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

static bool is_loopback(const char *listen)
{
    return !strncmp(listen, "tcp:127.", 8) || !strncmp(listen, "tcp:[::1]:", 10);
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
    if (config->status_path && !config->status_token)
        return fail(reading, "GW_STATUS_PATH is set and GW_STATUS_TOKEN is not: status pages "
                             "are never public; set GW_STATUS_TOKEN_FILE");
    if (config->status_token && !config->status_path && !config->status_listen)
        return fail(reading, "GW_STATUS_TOKEN is set and GW_STATUS_PATH is not: set it to /-, "
                             "or leave both out");
    if (config->status_listen && !config->status_token && !is_loopback(config->status_listen))
        return fail(reading, "GW_STATUS_LISTEN is no address of this machine alone, like "
                             "tcp:127.0.0.1:9100, and GW_STATUS_TOKEN is not set: status pages are "
                             "never public; set GW_STATUS_TOKEN_FILE");
    return 0;
}

static int set_all(struct reading *reading, struct gw_config *config)
{
    for (size_t i = 0; i < GW_N_SETTINGS; i++) {
        const char *text = reading->text[i] ? reading->text[i] : gw_settings[i].fallback;
        if (text && !gw_setting_set(&gw_settings[i], text, reading->arena, config))
            return refuse_value(reading, &gw_settings[i], text);
    }
    const char *why = config->database_url ? gw_url_refuse(config->database_url) : NULL;
    if (why)
        return fail(reading, gw_arena_printf(reading->arena, "GW_DATABASE_URL %s", why));
    why = config->schema_url ? gw_url_refuse(config->schema_url) : NULL;
    if (why)
        return fail(reading, gw_arena_printf(reading->arena, "GW_SCHEMA_URL %s", why));
    const struct setting *leeway = gw_setting_find("GW_LEEWAY", 9);
    config->ahead = reading->text[leeway - gw_settings] ? config->leeway : CLOCKS_DIFFER;
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

/* Secrets are never options; a URL is one as long as it holds no password. */
static int take_flag(struct reading *reading, const char *assignment)
{
    const char *value = strchr(assignment, '=');
    if (value && gw_url_has_password(value + 1))
        return fail(reading,
                    strncmp(assignment, "GW_SCHEMA_URL=", 14)
                        ? "--database-url has a password, which every user of this machine sees in "
                          "the list of processes: put it into the --config file, or into the "
                          "variable GW_DATABASE_URL"
                        : "--schema-url has a password, which every user of this machine sees in "
                          "the list of processes: put it into the --config file, or into the "
                          "variable GW_SCHEMA_URL");
    return take(reading, assignment, "");
}

int gw_config_read(const struct gw_config_sources *sources, struct gw_arena *arena,
                   struct gw_config *ret, const char **ret_why)
{
    struct reading reading = {.arena = arena};
    int r = 0;
    memset(ret, 0, sizeof(*ret));
    for (size_t i = 0; !r && sources->flags && sources->flags[i]; i++)
        r = take_flag(&reading, sources->flags[i]);
    for (size_t i = 0; !r && sources->environment && sources->environment[i]; i++)
        if (!strncmp(sources->environment[i], "GW_", 3))
            r = take(&reading, sources->environment[i], "");
    if (!r && sources->file)
        r = take_file(&reading, sources->file);
    if (!r)
        r = set_all(&reading, ret);
    ret->secret_file = reading.secret ? sources->file : NULL;
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
    const struct setting *s = gw_setting_find(name, strlen(name));
    return s && s->kind != KIND_SECRET ? s->name : NULL;
}

const char *gw_config_help(struct gw_arena *arena)
{
    const char *text = "";
    for (size_t i = 0; text && i < GW_N_SETTINGS; i++)
        text = gw_arena_printf(arena, "%s  %-20s %s%s%s%s\n", text, gw_settings[i].name,
                               gw_settings[i].may_hold, gw_settings[i].fallback ? " (default " : "",
                               gw_settings[i].fallback && *gw_settings[i].fallback
                                   ? gw_settings[i].fallback
                               : gw_settings[i].fallback ? "none"
                                                         : "",
                               gw_settings[i].fallback ? ")" : "");
    return text;
}
