/* reason.h: why a request was refused at the gate: the closed list, and what each means. */
#ifndef GW_REASON_H
#define GW_REASON_H

#include <stddef.h>

struct gw_reason {
    const char *name; /* as the log has it: "jwt.expired" */
    const char *text; /* for people */
};
extern const struct gw_reason gw_reasons[];
extern const size_t gw_n_reasons;

const char *gw_reason_text(const char *name); /* "" for what is not in the list */

#endif
