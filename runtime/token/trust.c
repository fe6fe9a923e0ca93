/* trust.c: the keys in force, and how they are replaced.
 *
 * Everything that verifies is one immutable structure. A reload builds another beside it, from the
 * keys that could be read and, where one could not, from those in force; then it takes the other's
 * place under a lock held for the length of a pointer. Whoever still works with the old one keeps
 * it alive: no request sees keys change under it, and none waits. */
#include "token/trust.h"

#include "base/disk.h"
#include "base/log.h"
#include "gatewright.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define JWKS_MAX (1024 * 1024)

struct gw_file_stamp {
    struct timespec changed, modified;
    ino_t inode;
    off_t size; /* -1: not there */
};

/* ---- References ----------------------------------------------------------------------------- */

struct gw_trust *gw_trust_take(struct gw_trust_ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    struct gw_trust *trust = ring->trust;
    if (trust)
        atomic_fetch_add(&trust->references, 1);
    pthread_mutex_unlock(&ring->lock);
    return trust;
}

void gw_trust_give(struct gw_trust *trust)
{
    if (!trust || atomic_fetch_sub(&trust->references, 1) != 1)
        return;
    for (size_t i = 0; i < trust->n_issuers; i++)
        gw_keys_free(trust->issuers[i]);
    gw_keys_free(trust->own);
    free(trust);
}

static void put(struct gw_trust_ring *ring, struct gw_trust *trust)
{
    pthread_mutex_lock(&ring->lock);
    struct gw_trust *old = ring->trust;
    ring->trust = trust;
    pthread_mutex_unlock(&ring->lock);
    gw_trust_give(old);
}

/* A copy of what is in force, for the next one to begin with. Only the main thread puts another
 * there, so that it need not be locked. */
static struct gw_trust *copy(const struct gw_trust_ring *ring)
{
    size_t n = ring->app->n_issuers;
    struct gw_trust *trust = calloc(1, sizeof(*trust) + n * sizeof(trust->issuers[0]));
    const struct gw_trust *old = ring->trust;
    if (!trust)
        return NULL;
    atomic_init(&trust->references, 1);
    trust->n_issuers = n;
    trust->own = old && old->own ? gw_keys_ref(old->own) : NULL;
    for (size_t i = 0; old && i < n; i++)
        trust->issuers[i] = old->issuers[i] ? gw_keys_ref(old->issuers[i]) : NULL;
    return trust;
}

static void replace(struct gw_keys **keys, struct gw_keys *with)
{
    gw_keys_free(*keys);
    *keys = with;
}

/* ---- Our own keys --------------------------------------------------------------------------- */

static int own_from_secret(const struct gw_config *config, struct gw_str secret,
                           struct gw_arena *arena, struct gw_keys **ret, const char **ret_why)
{
    const char *why = NULL;
    int r = gw_keys_from_secret(secret, ret, &why);
    if (r)
        *ret_why = gw_arena_printf(arena, "%s: %s",
                                   config->secret_key_file ? "GW_SECRET_KEY_FILE" : "GW_SECRET_KEY",
                                   why ? why : strerror(-r));
    return r;
}

static int own_from_folder(const struct gw_config *config, struct gw_str secret,
                           struct gw_arena *arena, struct gw_keys **ret, const char **ret_why)
{
    const char *why = NULL;
    int r = gw_keys_from_folder(config->keys_dir, secret, arena, ret, &why);
    if (r)
        *ret_why = gw_arena_printf(arena, "GW_KEYS_DIR: %s", why ? why : strerror(-r));
    return r;
}

int gw_trust_read_own(const struct gw_config *config, struct gw_arena *arena, struct gw_keys **ret,
                      const char **ret_why)
{
    const char *text = config->secret_key;
    int r = config->secret_key_file ? gw_config_read_secret(config, arena, &text, ret_why) : 0;
    if (r)
        return r;
    struct gw_str secret = gw_str_from(text);
    r = (config->keys_dir ? own_from_folder : own_from_secret)(config, secret, arena, ret, ret_why);
    if (config->secret_key_file && text)
        explicit_bzero((char *)text, strlen(text));
    if (r || !config->token_type || gw_keys_set_type(*ret, config->token_type))
        return r;
    gw_keys_free(*ret);
    *ret = NULL;
    *ret_why = gw_arena_printf(arena,
                               "GW_TOKEN_TYPE is \"%.80s\"; it may hold the name of a media type, "
                               "like at+jwt, but not the one of refresh tokens",
                               config->token_type);
    return -EINVAL;
}

/* ---- Issuers -------------------------------------------------------------------------------- */

const char *gw_trust_issuer_path(const struct gw_config *config, const struct gw_issuer *issuer,
                                 struct gw_arena *arena)
{
    if (issuer->keys[0] == '/' || !config->issuers_dir)
        return issuer->keys;
    return gw_arena_printf(arena, "%s/%s", config->issuers_dir, issuer->keys);
}

static struct gw_file_stamp stamp_of(const char *path)
{
    struct stat st;
    if (!path || stat(path, &st))
        return (struct gw_file_stamp){.size = -1};
    return (struct gw_file_stamp){st.st_ctim, st.st_mtim, st.st_ino, st.st_size};
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same_stamp(struct gw_file_stamp a, struct gw_file_stamp b)
{
    return a.size == b.size &&
           (a.size < 0 || (a.inode == b.inode && same_time(a.changed, b.changed) &&
                           same_time(a.modified, b.modified)));
}

struct left_out {
    struct gw_log *log;
    const char *issuer, *path;
};

static void report_left_out(void *data, size_t place, struct gw_str id, const char *why)
{
    const struct left_out *left = data;
    gw_log_line(left->log, "issuer %s: %s: key %zu (kid \"%.*s\") is left out: it %s", left->issuer,
                left->path, place, (int)(id.len < 100 ? id.len : 100), id.ptr ? id.ptr : "", why);
}

/* 0 with a set, which may be empty, where one could be read. A file that is not there is withdrawn
 * with all its keys: GW_E_NOT_FOUND. */
static int read_set(struct gw_trust_ring *ring, const struct gw_issuer *issuer, const char *path,
                    struct gw_keys **ret, const char **ret_why)
{
    struct left_out left = {ring->log, issuer->name, path};
    struct gw_keys_report report = {report_left_out, &left};
    struct gw_arena arena = {.limit = 0};
    struct gw_str text;
    int r = gw_disk_read(AT_FDCWD, path, JWKS_MAX, true, &arena, &text);
    if (!r)
        r = gw_keys_from_jwks(text, &report, ret, ret_why);
    gw_arena_free(&arena);
    return r == -ENOENT || r == -ENOTDIR ? GW_E_NOT_FOUND : r;
}

/* Reads one issuer's set in the place of `keys`. What cannot be read as a set (it is being written,
 * say) changes nothing; what is gone, or holds no usable key, verifies nothing from now on. */
static void read_issuer(struct gw_trust_ring *ring, size_t i, struct gw_keys **keys)
{
    struct gw_arena arena = {.limit = 0};
    const struct gw_issuer *issuer = &ring->app->issuers[i];
    const char *path = gw_trust_issuer_path(ring->config, issuer, &arena), *why = NULL;
    struct gw_keys *read = NULL;
    ring->stamps[i] = stamp_of(path);
    int r = path ? read_set(ring, issuer, path, &read, &why) : -ENOMEM;
    if (r < 0)
        gw_log_line(ring->log, "issuer %s: %s %s; %s", issuer->name, path ? path : "",
                    why ? why : strerror(-r),
                    *keys ? "its keys stay as they were" : "its tokens are refused until it is");
    else if (r)
        gw_log_line(ring->log, "issuer %s: %s is not there; its tokens are refused until it is",
                    issuer->name, path);
    else if (gw_keys_count(read) == 0)
        gw_log_line(ring->log, "issuer %s: %s holds no key that verifies; its tokens are refused",
                    issuer->name, path);
    if (r >= 0)
        replace(keys, read);
    gw_arena_free(&arena);
}

/* ---- Opening and reloading ------------------------------------------------------------------ */

static bool is_configured(const struct gw_config *config)
{
    return config->secret_key || config->keys_dir;
}

static int fail(const char **ret_why, const char *why)
{
    *ret_why = why ? why : "out of memory";
    return -EINVAL;
}

int gw_trust_open(struct gw_trust_ring *ring, const struct gw_app *app,
                  const struct gw_config *config, bool needed, struct gw_log *log,
                  struct gw_arena *arena, const char **ret_why)
{
    pthread_mutex_init(&ring->lock, NULL);
    ring->app = app;
    ring->config = config;
    ring->log = log;
    ring->stamps = calloc(app->n_issuers + 1, sizeof(*ring->stamps));
    ring->trust = ring->stamps ? copy(ring) : NULL;
    if (!ring->trust)
        return fail(ret_why, NULL);
    if (needed && !is_configured(config))
        return fail(ret_why, "GW_SECRET_KEY is not set: it must hold at least 32 random bytes, for "
                             "example the output of `openssl rand -hex 32`");
    *ret_why = NULL;
    if (is_configured(config) && gw_trust_read_own(config, arena, &ring->trust->own, ret_why))
        return fail(ret_why, *ret_why);
    for (size_t i = 0; i < app->n_issuers; i++)
        read_issuer(ring, i, &ring->trust->issuers[i]);
    return 0;
}

void gw_trust_close(struct gw_trust_ring *ring)
{
    if (!ring->app)
        return;
    put(ring, NULL);
    free(ring->stamps);
    pthread_mutex_destroy(&ring->lock);
}

static void reload_own(struct gw_trust_ring *ring, struct gw_trust *next)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_keys *own;
    const char *why = NULL;
    if (!is_configured(ring->config))
        return;
    if (gw_trust_read_own(ring->config, &arena, &own, &why)) {
        gw_log_line(ring->log, "SIGHUP: the keys stay as they were: %s", why ? why : "no memory");
    } else {
        const char *id = gw_key_id(gw_keys_active(own));
        replace(&next->own, own);
        gw_log_line(ring->log, "SIGHUP: %zu keys read; %s signs", gw_keys_count(own),
                    id ? id : "the secret");
    }
    gw_arena_free(&arena);
}

void gw_trust_reload(struct gw_trust_ring *ring)
{
    struct gw_trust *next = copy(ring);
    if (!next) {
        gw_log_line(ring->log, "SIGHUP: the keys stay as they were: no memory");
        return;
    }
    reload_own(ring, next);
    for (size_t i = 0; i < next->n_issuers; i++)
        read_issuer(ring, i, &next->issuers[i]);
    put(ring, next);
}

void gw_trust_watch(struct gw_trust_ring *ring)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_trust *next = NULL;
    for (size_t i = 0; i < ring->app->n_issuers; i++) {
        const char *path = gw_trust_issuer_path(ring->config, &ring->app->issuers[i], &arena);
        if (!path || same_stamp(ring->stamps[i], stamp_of(path)))
            continue;
        if (!next && !(next = copy(ring)))
            break;
        read_issuer(ring, i, &next->issuers[i]);
        gw_log_line(ring->log, "issuer %s: %s has changed", ring->app->issuers[i].name, path);
    }
    gw_arena_free(&arena);
    if (next)
        put(ring, next);
}
