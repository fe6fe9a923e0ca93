/* config.h: the settings of section "Configuration" of the manual, read once before anything is
 * served. */
#ifndef GW_CONFIG_H
#define GW_CONFIG_H

#include "base/address.h"
#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>

enum gw_path_source {
    GW_PATH_REQUEST_URI,
    GW_PATH_SCRIPT, /* SCRIPT_NAME + PATH_INFO */
};

enum gw_sendfile {
    GW_SENDFILE_NONE,
    GW_SENDFILE_ACCEL, /* X-Accel-Redirect below `sendfile_prefix`, which is `sendfile_folder` */
    GW_SENDFILE_X,     /* X-Sendfile with the absolute path */
};

/* GW_PROGRESS: a transfer moves at least so many bytes in that time, or ends. */
struct gw_progress {
    uint64_t bytes, ms;
};

struct gw_config {
    const char *secret_key;      /* NULL until GW_SECRET_KEY or GW_SECRET_KEY_FILE gave it */
    const char *secret_key_file; /* NULL: none */
    const char *seal_key;        /* of tickets; NULL: secret_key */
    const char *seal_key_old;    /* NULL: none */
    const char *keys_dir;        /* NULL: one secret alone */
    const char *token_type;      /* NULL: none, JWT or at+jwt */
    const char *issuers_dir;     /* NULL: the working directory */
    bool deny_list;
    const char *database_url;  /* NULL: no store */
    const char *schema_url;    /* NULL: the same */
    uint64_t store_timeout_ms; /* for one statement */
    uint64_t expire_days;      /* 0: as routes.def says */
    const char *listen;        /* NULL: fd 0 */
    const char *socket_owner;  /* of a unix socket that we make; NULL: as the process is */
    const char *socket_group;
    uint64_t socket_mode;
    uint64_t workers;             /* 0: as the store is */
    uint64_t hashers;             /* 0: as the workers are */
    const char *password_dearest; /* an example; NULL: our own kind */
    const char *transport;
    const char *log;
    const char *mount; /* canonical, "" for none */
    enum gw_path_source path;
    enum gw_sendfile sendfile;
    const char *sendfile_prefix;
    const char *sendfile_folder;      /* without links */
    const char *const *origins;       /* those of our own pages, ended by NULL; NULL: none */
    const struct gw_network *proxies; /* whose X-Forwarded-For counts */
    size_t n_proxies;
    const char *mail;    /* "file:/..." or "command:/..."; NULL: none is sent */
#define GW_MAIL_WORDS 16 /* of its command, at most */
    uint64_t processes;  /* that serve the same requests */
    const char *issuer;
    const char *audience;
    uint64_t leeway;                   /* seconds after exp */
    uint64_t ahead;                    /* seconds that nbf and iat may lie ahead */
    uint64_t body_limit;               /* bytes */
    const char *spool_dir;             /* NULL: /tmp */
    uint64_t uploads, uploads_address; /* bytes under way at once, of all and of one address */
    uint64_t request_timeout_ms;       /* for handler and store */
    struct gw_progress progress;       /* of bodies and answers */
    uint64_t stop_timeout_ms;          /* from SIGTERM to the end */
    uint64_t max_requests;             /* after which the process ends; 0: none */
    uint64_t slow_ms;          /* requests that take longer are logged with their phases; 0: none */
    const char *status_path;   /* canonical; NULL: no status pages */
    const char *status_listen; /* where they are besides, by HTTP; NULL: nowhere */
    const char *status_token;  /* who may see them */
    const char *status_token_file;
    const char *secret_file; /* the --config file, where it holds a secret; else NULL */
};

/* Where settings come from, strongest first. Each may be NULL. `environment` and `flags` are
 * "GW_NAME=value" strings ended by NULL. */
struct gw_config_sources {
    const char *const *flags;
    char *const *environment;
    const char *file;
};

/* Reads and checks all settings. -EINVAL: *ret_why is one line that names the setting, what it
 * holds (never a secret) and what it may hold. All strings live in `arena`. */
int gw_config_read(const struct gw_config_sources *sources, struct gw_arena *arena,
                   struct gw_config *ret, const char **ret_why);

/* Reads GW_SECRET_KEY_FILE again, into `arena`. -EINVAL with *ret_why. */
int gw_config_read_secret(const struct gw_config *config, struct gw_arena *arena,
                          const char **ret_secret, const char **ret_why);

/* The settings as "--name VALUE  explanation" lines, for --help. */
const char *gw_config_help(struct gw_arena *arena);

/* The name of the setting that a flag sets ("--workers" gives "GW_WORKERS"), or NULL. */
const char *gw_config_flag(struct gw_arena *arena, const char *flag);

#endif
