/* folder.c: GW_KEYS_DIR, a folder of keys.
 *
 *     ID.pem       a private or public key, its id the file's name
 *     ID.jwk       a key as JSON Web Key; its own `kid`, if it has one, beats the file's name
 *     active       one line: the id of the key that signs. Not needed where only one can.
 *     NAME.retired any of these, put aside: not read
 *
 * All keys but retired ones verify. A private key that is not the active one only verifies until it
 * is made active. Names that begin with a dot are passed over (orchestrators mount secrets with
 * such helpers beside them); any other name stops the reading: a key that somebody meant to be
 * here, and is not, must not go unnoticed. */
#include "token/folder.h"

#include "base/disk.h"
#include "gatewright.h"
#include "token/own.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILES_MAX 1000
#define ATTEMPTS  11

static int fail(struct gw_arena *arena, const char **ret_why, const char *folder, const char *name,
                const char *why)
{
    *ret_why = gw_arena_printf(arena, "%s%s%s %s", folder, name ? "/" : "", name ? name : "", why);
    if (!*ret_why)
        *ret_why = "out of memory";
    return -EINVAL;
}

static bool ends_in(const char *name, const char *ending)
{
    size_t len = strlen(name), n = strlen(ending);
    return len > n && !strcmp(name + len - n, ending);
}

enum gw_key_file gw_key_file_kind(const char *name)
{
    if (name[0] == '.')
        return GW_KEY_FILE_NONE;
    if (!strcmp(name, GW_KEYS_ACTIVE))
        return GW_KEY_FILE_ACTIVE;
    if (ends_in(name, ".retired"))
        return GW_KEY_FILE_RETIRED;
    if (ends_in(name, ".pem"))
        return GW_KEY_FILE_PEM;
    return ends_in(name, ".jwk") ? GW_KEY_FILE_JWK : GW_KEY_FILE_UNKNOWN;
}

/* What reading a folder needs at hand. */
struct folder {
    const char *path;
    int fd;
    struct gw_arena *arena;
    struct gw_keys *keys;
    const char **ret_why;
    char active[GW_KEY_ID_MAX + 1]; /* "": the file is not there */
};

static int read_active(struct folder *folder, struct gw_str text)
{
    while (text.len && strchr(" \t\r\n", text.ptr[text.len - 1]))
        text.len--;
    if (!gw_key_id_is_good(text))
        return fail(folder->arena, folder->ret_why, folder->path, GW_KEYS_ACTIVE,
                    "does not hold the id of a key");
    memcpy(folder->active, text.ptr, text.len);
    folder->active[text.len] = 0;
    return 0;
}

static int read_one(struct folder *folder, const char *name)
{
    enum gw_key_file kind = gw_key_file_kind(name);
    const char *why = NULL;
    struct gw_str bytes;
    if (kind == GW_KEY_FILE_NONE || kind == GW_KEY_FILE_RETIRED)
        return 0;
    if (kind == GW_KEY_FILE_UNKNOWN)
        return fail(folder->arena, folder->ret_why, folder->path, name,
                    "is no key's name: ID.pem, ID.jwk, active, or NAME.retired");
    int r = gw_disk_read(folder->fd, name, GW_KEY_FILE_MAX, true, folder->arena, &bytes);
    if (r)
        return fail(folder->arena, folder->ret_why, folder->path, name, strerror(-r));
    struct gw_str id = {name, strlen(name) - 4};
    r = kind == GW_KEY_FILE_ACTIVE ? read_active(folder, bytes)
        : kind == GW_KEY_FILE_PEM  ? gw_keys_add_pem(folder->keys, bytes, id, &why)
                                   : gw_keys_add_jwk(folder->keys, bytes, id, &why);
    explicit_bzero((char *)bytes.ptr, bytes.len);
    if (r && kind != GW_KEY_FILE_ACTIVE)
        fail(folder->arena, folder->ret_why, folder->path, name,
             r == -EINVAL && why ? why : strerror(-r));
    return r;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of files, at most one more than FILES_MAX; the caller frees each. -errno if they cannot be
 * read. */
static int list_names(int fd, char **names)
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), n = 0;
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    int r = dir ? 0 : -errno;
    if (!dir && copy >= 0)
        close(copy);
    while (!r && n <= FILES_MAX) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry) {
            r = -errno;
            break;
        }
        names[n] = strdup(entry->d_name);
        if (names[n])
            n++;
        else
            r = -ENOMEM;
    }
    if (dir)
        closedir(dir);
    while (r && n)
        free(names[--n]);
    return r ? r : n;
}

static int read_files(struct folder *folder)
{
    char **names = calloc(FILES_MAX + 1, sizeof(*names));
    int n = names ? list_names(folder->fd, names) : -ENOMEM, r = 0;
    if (n < 0)
        r = fail(folder->arena, folder->ret_why, folder->path, NULL, strerror(-n));
    else if (n > FILES_MAX)
        r = fail(folder->arena, folder->ret_why, folder->path, NULL, "holds too many files");
    else
        qsort(names, (size_t)n, sizeof(*names), compare_names);
    for (int i = 0; i < n; i++) {
        if (!r)
            r = read_one(folder, names[i]);
        free(names[i]);
    }
    free(names);
    return r;
}

/* The key that `active` names, or the only one that can sign. */
static int choose_active(struct folder *folder)
{
    struct gw_keys *keys = folder->keys;
    const struct gw_key *only = NULL;
    if (folder->active[0])
        return gw_keys_activate(keys, gw_str_from(folder->active))
                   ? 0
                   : fail(folder->arena, folder->ret_why, folder->path, GW_KEYS_ACTIVE,
                          "names a key that is not there or has no private part");
    for (size_t i = 0; i < keys->n; i++) {
        if (keys->items[i].can_sign && only)
            return fail(folder->arena, folder->ret_why, folder->path, NULL,
                        "holds several keys that can sign: the file `active` must name one");
        if (keys->items[i].can_sign)
            only = &keys->items[i];
    }
    if (!only)
        return fail(folder->arena, folder->ret_why, folder->path, NULL,
                    "holds no key that can sign; `keys new` makes one");
    gw_keys_activate(keys, gw_str_from(only->id));
    return 0;
}

static int read_folder(struct folder *folder, struct gw_str secret)
{
    const char *why = NULL;
    int r = read_files(folder);
    if (!r)
        r = choose_active(folder);
    if (r || !secret.ptr)
        return r;
    r = gw_keys_add_secret(folder->keys, secret, &why);
    if (r)
        *folder->ret_why =
            gw_arena_printf(folder->arena, "GW_SECRET_KEY: %s", why ? why : strerror(-r));
    return r;
}

static int read_once(const char *path, struct gw_str secret, struct gw_arena *arena,
                     struct gw_keys **ret, const char **ret_why, bool *ret_fresh)
{
    struct folder folder = {.path = path, .arena = arena, .ret_why = ret_why};
    struct stat st;
    int r = gw_keys_new(&folder.keys);
    *ret_fresh = false;
    if (r)
        return r;
    folder.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder.fd < 0)
        r = fail(arena, ret_why, path, NULL, strerror(errno));
    if (!r)
        r = read_folder(&folder, secret);
    if (folder.fd >= 0) {
        *ret_fresh = fstat(folder.fd, &st) == 0 && time(NULL) - st.st_mtim.tv_sec <= 1;
        close(folder.fd);
    }
    if (r)
        gw_keys_free(folder.keys);
    else
        *ret = folder.keys;
    return r;
}

/* What changes a folder is one rename after the other, or a copy in pieces: whoever reads it
 * meanwhile may see names without their files, or half of a file. So a folder that changed just now
 * and is no good is read again, for a fifth of a second. */
int gw_keys_from_folder(const char *path, struct gw_str secret, struct gw_arena *arena,
                        struct gw_keys **ret, const char **ret_why)
{
    static const struct timespec pause = {.tv_nsec = 20 * 1000000};
    bool fresh = false;
    int r = -EINVAL;
    for (int i = 0; i < ATTEMPTS && r == -EINVAL && (i == 0 || fresh); i++) {
        if (i > 0)
            nanosleep(&pause, NULL);
        r = read_once(path, secret, arena, ret, ret_why, &fresh);
    }
    return r;
}
