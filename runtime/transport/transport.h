/* transport.h: the transports (request/exchange.h says what one is). */
#ifndef GW_TRANSPORT_H
#define GW_TRANSPORT_H

#include "request/exchange.h"

extern const struct gw_transport gw_transport_native;  /* our own FastCGI */
extern const struct gw_transport gw_transport_libfcgi; /* FastCGI by libfcgi */
extern const struct gw_transport gw_transport_cgi;     /* one request, then the process ends */
extern const struct gw_transport gw_transport_memory;  /* requests made by a test */

#endif
