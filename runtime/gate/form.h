/* form.h: a form, in either of the two ways in which browsers write one, as pairs. */
#ifndef GW_FORM_H
#define GW_FORM_H

#include "input/body.h"

struct gw_request;

/* The pairs of a body that has arrived: texts, and the files in it, whose media type is known. 0;
 * GW_E_SYNTAX with *ret_why; -EFBIG: its texts are too long together; -ENOMEM; -EIO. */
int gw_form_pairs(struct gw_request *req, struct gw_pairs *ret, const char **ret_why);

#endif
