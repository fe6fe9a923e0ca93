/* none.c: `gatewright import` in a compiler that was built for the machine that builds, in a cross
 * build: it needs no libraries of databases there. */
#include "runtime/store/schema.h"

#include <errno.h>
#include <stdio.h>

int gw_live_schema_read(const char *url, bool seen, struct gw_live_schema *ret)
{
    (void)url;
    (void)seen;
    *ret = (struct gw_live_schema){0};
    fprintf(stderr,
            "gatewright: this gatewright was built to build for another machine and opens no "
            "database: import with one that is installed\n");
    return -ENOTSUP;
}

void gw_live_schema_free(struct gw_live_schema *schema)
{
    *schema = (struct gw_live_schema){0};
}
