/* pages.h: the status pages as texts, for whoever may see them: over FastCGI (status.c), and on a
 * socket of their own (process/pages_listen.c). */
#ifndef GW_PAGES_H
#define GW_PAGES_H

#include "base/text.h"

struct gw_server;

struct gw_page {
    const char *name;  /* what stands behind the path; NULL: the end of the list */
    const char *query; /* that asks for this form of the page; NULL: the usual one */
    const char *type;  /* its media type */
    void (*print)(const struct gw_server *server, struct gw_text *page);
};
extern const struct gw_page gw_pages[];

/* NULL: there is none of that name. */
const struct gw_page *gw_page_find(const char *name, struct gw_str query);

#endif
