/* url.h: what GW_DATABASE_URL may look like before a driver reads it. */
#ifndef GW_CONFIG_URL_H
#define GW_CONFIG_URL_H

#include <stdbool.h>

/* Whether a password stands in it. */
bool gw_url_has_password(const char *url);

/* Why it cannot be read in one way only (static, and without a part of it); NULL: it can. */
const char *gw_url_refuse(const char *url);

#endif
