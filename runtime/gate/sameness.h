/* sameness.h: what all programs behind one address must have in common, as short texts.
 *
 * Programs do not know of each other. Whoever watches them compares what they show: a host with
 * another secret, an older program or another setting of tokens differs in one of these. */
#ifndef GW_SAMENESS_H
#define GW_SAMENESS_H

#include "base/text.h"

struct gw_jsonout;
struct gw_server;

/* On the metrics' page, with the machine's clock; on the status page, as text and as the member
 * `same` of JSON. Without memory the page has failed. */
void gw_sameness_metrics(const struct gw_server *server, struct gw_text *page);
void gw_sameness_text(const struct gw_server *server, struct gw_text *page);
void gw_sameness_json(const struct gw_server *server, struct gw_jsonout *out);

/* A line in the log. */
void gw_sameness_log(const struct gw_server *server);

#endif
