/* exposed.c: see exposed.h.
 *
 * A file counts whose mode lets others read or write, in a folder that lets them pass. The group is
 * the administrator's choice: secrets that root owns and a service's group reads are usual. */
#include "process/exposed.h"

#include "base/disk.h"
#include "base/log.h"
#include "token/folder.h"
#include "token/keys.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_MAX (64 * 1024)
#define OTHERS  (S_IROTH | S_IWOTH)
#define EXPOSED "%s: %s can be %s by every user of this machine: chmod o-rw it"

struct search {
    struct gw_log *log;
    unsigned n;
};

/* `what` holds it: a setting's name. */
static void look_at(struct search *search, const char *what, int folder, const char *path)
{
    struct stat st, around;
    const char *slash = strrchr(path, '/');
    char above[4096] = ".";
    if (slash)
        snprintf(above, sizeof(above), "%.*s", slash == path ? 1 : (int)(slash - path), path);
    if (fstatat(folder, path, &st, 0) || !S_ISREG(st.st_mode) || !(st.st_mode & OTHERS))
        return;
    if (fstatat(folder, above, &around, 0) == 0 && !(around.st_mode & S_IXOTH))
        return;
    bool written = st.st_mode & S_IWOTH;
    if (search->log)
        gw_log_line(search->log, EXPOSED, what, path, written ? "written" : "read");
    else
        fprintf(stderr, EXPOSED "\n", what, path, written ? "written" : "read");
    search->n++;
}

/* Whether the key's file holds more than its public part. */
static bool is_secret(int folder, const char *name)
{
    enum gw_key_file kind = gw_key_file_kind(name);
    struct gw_arena arena = {.limit = 0};
    struct gw_str id = {NULL, 0}, text;
    struct gw_keys *keys = NULL;
    const char *why;
    bool secret = false;
    if ((kind != GW_KEY_FILE_PEM && kind != GW_KEY_FILE_JWK) || gw_keys_new(&keys))
        return false;
    if (!gw_disk_read(folder, name, KEY_MAX, true, &arena, &text) &&
        !(kind == GW_KEY_FILE_PEM ? gw_keys_add_pem : gw_keys_add_jwk)(keys, text, id, &why))
        secret = gw_key_can_sign(gw_keys_at(keys, 0));
    gw_arena_wipe(&arena);
    gw_keys_free(keys);
    return secret;
}

static void look_at_keys(struct search *search, const char *path)
{
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (is_secret(dirfd(dir), entry->d_name))
            look_at(search, "GW_KEYS_DIR", dirfd(dir), entry->d_name);
    if (dir)
        closedir(dir);
}

unsigned gw_exposed_files(const struct gw_config *config, struct gw_log *log)
{
    struct search search = {.log = log};
    const char *url = config->database_url;
    if (config->secret_key_file)
        look_at(&search, "GW_SECRET_KEY_FILE", AT_FDCWD, config->secret_key_file);
    if (config->status_token_file)
        look_at(&search, "GW_STATUS_TOKEN_FILE", AT_FDCWD, config->status_token_file);
    if (config->secret_file)
        look_at(&search, "--config", AT_FDCWD, config->secret_file);
    if (config->keys_dir)
        look_at_keys(&search, config->keys_dir);
    if (url && !strncmp(url, "sqlite:", 7)) /* accounts, with the hashes of their passwords */
        look_at(&search, "GW_DATABASE_URL", AT_FDCWD, url + 7);
    return search.n;
}
