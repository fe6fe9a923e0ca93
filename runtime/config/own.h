/* own.h: what the files of config/ share. Not for others. */
#ifndef GW_CONFIG_OWN_H
#define GW_CONFIG_OWN_H

#include "config/config.h"

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
    KIND_ORIGINS,
    KIND_PROXIES,
    KIND_MAIL,
};

struct setting {
    const char *name;
    enum kind kind;
    size_t offset;
    uint64_t min, max;
    const char *fallback;
    const char *may_hold;
};

#define GW_N_SETTINGS 44
extern const struct setting gw_settings[GW_N_SETTINGS];

/* NULL: there is none of that name. */
const struct setting *gw_setting_find(const char *name, size_t len);

/* Puts a value that a source gave into the configuration. False: it may not hold that. */
bool gw_setting_set(const struct setting *s, const char *text, struct gw_arena *arena,
                    struct gw_config *config);

/* origin.c: origins parted by commas, as browsers send them (RFC 6454, 6.2), into an array ended by
 * NULL. False: one is none, or is neither TLS's nor this machine's. */
bool gw_origins_read(const char *text, struct gw_arena *arena, const char *const **ret);

/* proxies.c: addresses and networks parted by commas. False: one is none. */
bool gw_proxies_read(const char *text, struct gw_arena *arena, struct gw_config *config);

#endif
