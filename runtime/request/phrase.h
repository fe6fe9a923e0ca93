/* phrase.h: the words of HTTP: methods, and the reason phrase of a status. */
#ifndef GW_PHRASE_H
#define GW_PHRASE_H

#include "base/str.h"
#include "generated.h"

/* "GET" for GW_GET: the methods that routes may use. */
extern const struct gw_str gw_method_names[GW_N_METHODS];

/* "Not Found" for 404; "Unknown" for what has no phrase. Static. */
const char *gw_status_phrase(int status);

#endif
