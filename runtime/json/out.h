/* out.h: writes JSON text straight into memory, for rows and small answers (jansson reads; see
 * json trees in gatewright.h). Escapes as RFC 8259, 7; output is valid UTF-8 if the input is. */
#ifndef GW_JSONOUT_H
#define GW_JSONOUT_H

#include "base/text.h"
#include "generated.h"

struct gw_jsonout {
    struct gw_text text; /* its `failed` is checked once, at the end */
    bool comma;          /* a value was written at this level */
};

void gw_jsonout_object(struct gw_jsonout *out);
void gw_jsonout_end_object(struct gw_jsonout *out);
void gw_jsonout_array(struct gw_jsonout *out);
void gw_jsonout_end_array(struct gw_jsonout *out);
void gw_jsonout_name(struct gw_jsonout *out, const char *name);
void gw_jsonout_text(struct gw_jsonout *out, const char *text); /* NULL writes null */
void gw_jsonout_i64(struct gw_jsonout *out, int64_t value);
void gw_jsonout_u64(struct gw_jsonout *out, uint64_t value);
void gw_jsonout_value(struct gw_jsonout *out,
                      const struct gw_value *value); /* any column's value */

#endif
