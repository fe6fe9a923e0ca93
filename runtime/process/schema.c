/* schema.c: reads a live schema by the driver of its URL, for `gatewright import`. */
#include "store/reading.h"

#include "base/arena.h"
#include "base/log.h"
#include "config/url.h"
#include "process/drivers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_TIMEOUT_MS 3000 /* somebody waits who has typed a command */

static int read_store(struct gw_store *store, struct gw_arena *arena, struct gw_live_schema *ret)
{
#ifdef GW_HAVE_MYSQL
    if (!strcmp(gw_store_scheme(store), "mysql"))
        return gw_mysql_read(store, arena, ret);
#endif
    return gw_sqlite_read(store, arena, ret);
}

static int read_url(const char *url, struct gw_log *log, struct gw_arena *arena,
                    struct gw_live_schema *ret)
{
    const struct gw_store_options options = {.log = log, .connect_timeout_ms = CONNECT_TIMEOUT_MS};
    struct gw_store *store = NULL;
    const char *why = NULL;
    int r = gw_store_new(gw_store_schemes, url, &options, arena, &store, &why);
    if (r && why)
        gw_log_line(log, "the URL %s", why);
    if (r)
        return r;
    r = read_store(store, arena, ret);
    gw_store_free(store);
    return r;
}

/* Whether the URL may be used as it stands there. */
static bool is_good(const char *url, bool seen, struct gw_log *log)
{
    const char *why = gw_url_refuse(url);
    if (!why && seen && gw_url_has_password(url))
        why = "has a password, which every user of this machine sees in the list of processes: put "
              "it into the variable GW_DATABASE_URL, and - in its place";
    if (!why && !strcmp(url, "sqlite::memory:"))
        why = "names a database in memory, which begins empty";
    if (why)
        gw_log_line(log, "the URL %s", why);
    return !why;
}

int gw_live_schema_read(const char *url, bool seen, struct gw_live_schema *ret)
{
    struct gw_arena *arena = calloc(1, sizeof(*arena));
    struct gw_log *log = NULL;
    int r = arena ? gw_log_open("text:/dev/null", "gatewright", &log) : -ENOMEM;
    *ret = (struct gw_live_schema){.memory = arena};
    if (!r) {
        gw_log_tell(log, true);
        r = is_good(url, seen, log) ? read_url(url, log, arena, ret) : -EINVAL;
    }
    gw_log_close(log);
    if (r == -ENOMEM)
        fprintf(stderr, "gatewright: out of memory\n");
    if (r)
        gw_live_schema_free(ret);
    return r;
}

void gw_live_schema_free(struct gw_live_schema *schema)
{
    if (schema->memory)
        gw_arena_free(schema->memory);
    free(schema->memory);
    *schema = (struct gw_live_schema){0};
}
