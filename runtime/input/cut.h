/* cut.h: where a segment with several parameters is divided (docs/language.md, Several parameters
 * in a segment). */
#ifndef GW_CUT_H
#define GW_CUT_H

#include "base/str.h"
#include "generated.h"

/* The only place of the cut in a segment of a canonical path, in bytes from its start; the text is
 * read twice, whatever it is. GW_E_NOT_FOUND: there are two, so that nobody could say what the
 * parameters are. -EINVAL: there is none, which a matcher never gives. */
int gw_cut_find(const struct gw_cut *cut, struct gw_str segment, size_t *ret);

#endif
