/* magic.h: media types of contents, by libmagic, which is loaded when it is asked for: no program
 * is linked with it. */
#ifndef GW_MAGIC_H
#define GW_MAGIC_H

#include <stdbool.h>
#include <stddef.h>

struct gw_magic;

#define GW_MAGIC_TYPE  128        /* bytes of a media type, with its NUL */
#define GW_MAGIC_BYTES (64 << 10) /* of a content that are looked at */

/* NULL: the library, or its list of types, is not there, or it was not built in. */
struct gw_magic *gw_magic_open(void);
void gw_magic_close(struct gw_magic *magic); /* NULL is fine */

/* The type of what begins with these bytes: "image/png", "application/octet-stream" where it is not
 * known. False: it failed. One thread after the other. */
bool gw_magic_type(struct gw_magic *magic, const void *ptr, size_t len, char ret[GW_MAGIC_TYPE]);

#endif
