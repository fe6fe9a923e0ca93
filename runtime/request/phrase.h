/* phrase.h: the reason phrase of a status. */
#ifndef GW_PHRASE_H
#define GW_PHRASE_H

/* "Not Found" for 404; "Unknown" for what has no phrase. Static. */
const char *gw_status_phrase(int status);

#endif
