/* transports.c: see transports.h. */
#include "process/transports.h"

#include "transport/transport.h"

#include <string.h>

#ifdef GW_HAVE_LIBFCGI
#define LIBFCGI &gw_transport_libfcgi
#else
#define LIBFCGI NULL
#endif

const struct gw_transport_name gw_transport_names[] = {
    {.name = "native", .transport = &gw_transport_native},
    {.name = "libfcgi", .transport = LIBFCGI},
    {0},
};

const struct gw_transport *gw_transport_named(const char *name, const char **ret_why)
{
    for (const struct gw_transport_name *one = gw_transport_names; one->name; one++)
        if (!strcmp(one->name, name) && one->transport)
            return one->transport;
    *ret_why = "GW_TRANSPORT is libfcgi, and this program was built without it (meson's option "
               "`libfcgi`)";
    return NULL;
}
