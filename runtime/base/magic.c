/* magic.c: see magic.h. */
#include "base/magic.h"

#ifdef GW_HAVE_MAGIC
#include <dlfcn.h>
#include <magic.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* It looks into no archive, and opens no file. */
#define FLAGS                                                                                      \
    (MAGIC_MIME_TYPE | MAGIC_ERROR | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF |                \
     MAGIC_NO_CHECK_TOKENS)

struct gw_magic {
    pthread_mutex_t lock;
    void *library;
    magic_t cookie;
    magic_t (*open)(int);
    void (*close)(magic_t);
    int (*load)(magic_t, const char *);
    const char *(*buffer)(magic_t, const void *, size_t);
};

static bool find(struct gw_magic *magic)
{
    magic->library = dlopen("libmagic.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!magic->library)
        return false;
    magic->open = (magic_t(*)(int))dlsym(magic->library, "magic_open");
    magic->close = (void (*)(magic_t))dlsym(magic->library, "magic_close");
    magic->load = (int (*)(magic_t, const char *))dlsym(magic->library, "magic_load");
    magic->buffer =
        (const char *(*)(magic_t, const void *, size_t))dlsym(magic->library, "magic_buffer");
    return magic->open && magic->close && magic->load && magic->buffer;
}

struct gw_magic *gw_magic_open(void)
{
    struct gw_magic *magic = calloc(1, sizeof(*magic));
    if (!magic)
        return NULL;
    pthread_mutex_init(&magic->lock, NULL);
    if (find(magic))
        magic->cookie = magic->open(FLAGS);
    if (magic->cookie && magic->load(magic->cookie, NULL) == 0)
        return magic;
    gw_magic_close(magic);
    return NULL;
}

void gw_magic_close(struct gw_magic *magic)
{
    if (!magic)
        return;
    if (magic->cookie)
        magic->close(magic->cookie);
    if (magic->library)
        dlclose(magic->library);
    pthread_mutex_destroy(&magic->lock);
    free(magic);
}

bool gw_magic_type(struct gw_magic *magic, const void *ptr, size_t len, char ret[GW_MAGIC_TYPE])
{
    pthread_mutex_lock(&magic->lock);
    const char *type = magic->buffer(magic->cookie, ptr, len);
    size_t n = type ? strcspn(type, "; ") : 0;
    bool good = n && n < GW_MAGIC_TYPE;
    if (good) {
        memcpy(ret, type, n);
        ret[n] = 0;
    }
    pthread_mutex_unlock(&magic->lock);
    return good;
}

#else

struct gw_magic *gw_magic_open(void)
{
    return NULL;
}

void gw_magic_close(struct gw_magic *magic)
{
}

bool gw_magic_type(struct gw_magic *magic, const void *ptr, size_t len, char ret[GW_MAGIC_TYPE])
{
    return false;
}

#endif
