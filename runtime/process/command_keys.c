/* command_keys.c: `PROGRAM keys`: looks after the folder GW_KEYS_DIR.
 *
 * Every change is one rename or one link in the folder, so that a program that reads it meanwhile
 * sees it before or after. Running programs follow on SIGHUP, and only then. */
#include "process/command.h"

#include "base/disk.h"
#include "token/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_ALGORITHM "ES256"

struct folder {
    const char *path;
    struct gw_arena *arena;
    int fd;
    struct gw_keys *keys; /* NULL: empty, or no good */
    const char *why;      /* then */
};

static int say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("keys: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return 1;
}

/* The folder from its beginning: its descriptor remembers how far it was read. */
static DIR *open_dir(const struct folder *folder)
{
    DIR *dir = fdopendir(dup(folder->fd));
    if (dir)
        rewinddir(dir);
    return dir;
}

/* ---- Writing -------------------------------------------------------------------------------- */

static int write_file(struct folder *folder, const char *name, const char *text,
                      enum gw_disk_write how)
{
    return gw_disk_write(folder->fd, name, gw_str_from(text), 0600, how, folder->arena);
}

static int activate(struct folder *folder, const char *id)
{
    const char *line = gw_arena_printf(folder->arena, "%s\n", id);
    int r = line ? write_file(folder, GW_KEYS_ACTIVE, line, GW_DISK_REPLACE) : -ENOMEM;
    if (r)
        return say("%s/%s: %s", folder->path, GW_KEYS_ACTIVE, strerror(-r));
    printf("%s signs from the next start or SIGHUP on\n", id);
    return 0;
}

/* "20261123-1a2b3c4d" */
static const char *new_id(struct gw_arena *arena)
{
    unsigned random = 0;
    char day[16];
    time_t now = time(NULL);
    struct tm tm;
    if (getrandom(&random, sizeof(random), 0) != sizeof(random) || !gmtime_r(&now, &tm))
        return NULL;
    strftime(day, sizeof(day), "%Y%m%d", &tm);
    return gw_arena_printf(arena, "%s-%08x", day, random);
}

/* A key that signs by being the only one would stop signing when a second one comes: it is named
 * before. */
static int name_active(struct folder *folder)
{
    if (!folder->keys || !faccessat(folder->fd, GW_KEYS_ACTIVE, F_OK, 0))
        return 0;
    return activate(folder, gw_key_id(gw_keys_active(folder->keys)));
}

static int make(struct folder *folder, const char *algorithm, const char *id)
{
    const char *jwk;
    if (!id || !gw_key_id_is_good(gw_str_from(id)) || id[0] == '.')
        return say("a key id is 1 to 64 of A-Z a-z 0-9 . _ - and does not begin with a dot");
    if (folder->keys && gw_keys_find(folder->keys, gw_str_from(id)))
        return say("%s is there already", id);
    int r = gw_keys_generate(algorithm, id, folder->arena, &jwk);
    if (r == -EINVAL)
        return say("%s is not an algorithm; HS256 RS256 PS256 ES256 (and 384, 512) and EdDSA are",
                   algorithm);
    const char *name = gw_arena_printf(folder->arena, "%s.jwk", id);
    const char *line = r ? NULL : gw_arena_printf(folder->arena, "%s\n", jwk);
    if (!name || !line)
        return say("the key could not be made");
    if (name_active(folder))
        return 1;
    r = write_file(folder, name, line, GW_DISK_NEW);
    explicit_bzero((char *)line, strlen(line));
    explicit_bzero((char *)jwk, strlen(jwk));
    return r ? say("%s/%s: %s", folder->path, name, strerror(-r)) : 0;
}

/* ---- The commands --------------------------------------------------------------------------- */

static int list(struct folder *folder)
{
    if (!folder->keys)
        return say("%s", folder->why);
    const struct gw_key *active = gw_keys_active(folder->keys);
    for (size_t i = 0; i < gw_keys_count(folder->keys); i++) {
        const struct gw_key *key = gw_keys_at(folder->keys, i);
        printf("%-24s %-6s %s\n", gw_key_id(key), gw_key_algorithm(key),
               key == active          ? "active"
               : gw_key_can_sign(key) ? "verifies"
                                      : "verifies (public key)");
    }
    DIR *dir = open_dir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (gw_key_file_kind(entry->d_name) == GW_KEY_FILE_RETIRED)
            printf("%-24s %-6s retired\n", entry->d_name, "-");
    if (dir)
        closedir(dir);
    return 0;
}

static int make_new(struct folder *folder, const char *algorithm, const char *id)
{
    bool first = !folder->keys;
    id = id ? id : new_id(folder->arena);
    int status = make(folder, algorithm ? algorithm : DEFAULT_ALGORITHM, id);
    if (!status && !first)
        printf("%s verifies from the next start or SIGHUP on; `keys rotate %s` lets it sign\n", id,
               id);
    if (!status && first)
        return activate(folder, id);
    return status;
}

static int rotate(struct folder *folder, const char *id)
{
    if (!folder->keys)
        return say("%s", folder->why);
    const struct gw_key *active = gw_keys_active(folder->keys);
    if (id) {
        if (!gw_keys_activate(folder->keys, gw_str_from(id)))
            return say("%s is not there or has no private part", id);
        return activate(folder, id);
    }
    id = new_id(folder->arena);
    int status = make(folder, gw_key_algorithm(active), id);
    return status ? status : activate(folder, id);
}

/* The file of a key: its name, or its JWK, has the id. */
static const char *file_of(struct folder *folder, const char *id)
{
    DIR *dir = open_dir(folder);
    const char *found = NULL;
    for (struct dirent *entry; dir && !found && (entry = readdir(dir));) {
        enum gw_key_file kind = gw_key_file_kind(entry->d_name);
        struct gw_keys *one = NULL;
        const char *why;
        struct gw_str text;
        if ((kind != GW_KEY_FILE_PEM && kind != GW_KEY_FILE_JWK) || gw_keys_new(&one))
            continue;
        int r =
            gw_disk_read(folder->fd, entry->d_name, GW_KEY_FILE_MAX, true, folder->arena, &text);
        struct gw_str name = {entry->d_name, strlen(entry->d_name) - 4};
        if (!r &&
            !(kind == GW_KEY_FILE_PEM ? gw_keys_add_pem : gw_keys_add_jwk)(one, text, name, &why) &&
            gw_keys_find(one, gw_str_from(id)))
            found = gw_arena_copy(folder->arena, entry->d_name, strlen(entry->d_name));
        if (!r)
            explicit_bzero((char *)text.ptr, text.len);
        gw_keys_free(one);
    }
    if (dir)
        closedir(dir);
    return found;
}

static int retire(struct folder *folder, const char *id)
{
    if (!folder->keys)
        return say("%s", folder->why);
    if (!id)
        return say("retire which key?");
    if (!gw_keys_find(folder->keys, gw_str_from(id)))
        return say("%s is not there", id);
    if (gw_keys_find(folder->keys, gw_str_from(id)) == gw_keys_active(folder->keys))
        return say("%s signs; `keys rotate` first", id);
    const char *from = file_of(folder, id);
    const char *to = from ? gw_arena_printf(folder->arena, "%s.retired", from) : NULL;
    int r = to ? gw_disk_rename_new(folder->fd, from, to) : -ENOMEM;
    if (r)
        return say("%s: %s", id, strerror(-r));
    fsync(folder->fd);
    printf("tokens of %s are refused from the next start or SIGHUP on\n", id);
    return 0;
}

static int run(struct folder *folder, char *const *args)
{
    if (!strcmp(args[0], "list") && !args[1])
        return list(folder);
    if (!strcmp(args[0], "new"))
        return make_new(folder, args[1], args[1] ? args[2] : NULL);
    if (!strcmp(args[0], "rotate"))
        return rotate(folder, args[1]);
    if (!strcmp(args[0], "retire"))
        return retire(folder, args[1]);
    say("list, new [ALGORITHM [ID]], rotate [ID], retire ID and fetch [ISSUER [URL]] are possible");
    return 2;
}

static bool is_empty(struct folder *folder)
{
    DIR *dir = open_dir(folder);
    bool empty = true;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        enum gw_key_file kind = gw_key_file_kind(entry->d_name);
        empty &= kind == GW_KEY_FILE_NONE || kind == GW_KEY_FILE_RETIRED;
    }
    if (dir)
        closedir(dir);
    return empty;
}

int gw_cmd_keys(const struct gw_config *config, const struct gw_app *app, struct gw_arena *arena,
                char *const *args)
{
    struct folder folder = {.path = config->keys_dir, .arena = arena, .fd = -1};
    if (args[0] && !strcmp(args[0], "fetch"))
        return gw_cmd_fetch(config, app, arena, args + 1);
    if (!args[0])
        return run(&folder, (char *const[]){(char *)"", NULL});
    if (!folder.path) {
        say("GW_KEYS_DIR is not set: it must name a folder of keys");
        return GW_EX_CONFIG;
    }
    folder.fd = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder.fd < 0) {
        say("GW_KEYS_DIR: %s: %s", folder.path, strerror(errno));
        return GW_EX_CONFIG;
    }
    bool empty = is_empty(&folder);
    int r = gw_keys_from_folder(folder.path, (struct gw_str){NULL, 0}, arena, &folder.keys,
                                &folder.why);
    int status =
        r && !empty ? say("%s", folder.why ? folder.why : strerror(-r)) : run(&folder, args);
    gw_keys_free(folder.keys);
    close(folder.fd);
    return status;
}
