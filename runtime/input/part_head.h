/* part_head.h: the header of one part of a form (RFC 7578, 4), for multipart.c. */
#ifndef GW_PART_HEAD_H
#define GW_PART_HEAD_H

#include "input/multipart.h"

/* Reads lines that end in CRLF each, and fills in name, file_name and type. 0, -ENOMEM, or
 * GW_E_SYNTAX with *ret_why. */
int gw_part_head(struct gw_str lines, struct gw_arena *arena, struct gw_part *part,
                 const char **ret_why);

#endif
