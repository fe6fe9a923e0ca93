/* multipart.h: forms as multipart/form-data (RFC 7578; RFC 2046, 5.1), read piece by piece within
 * fixed memory, however long they are.
 *
 * Parsers differ in what they make of a doubtful text, and what one takes for a file's content
 * another takes for a field. So what RFC 2046 allows and no browser sends is refused: a preamble or
 * an epilogue, lines that end in LF alone, blanks behind a boundary, folded headers. */
#ifndef GW_MULTIPART_H
#define GW_MULTIPART_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct gw_arena;

#define GW_MULTIPART_PARTS    64
#define GW_MULTIPART_HEAD     8192 /* bytes of a part's header */
#define GW_MULTIPART_BOUNDARY 70   /* characters; RFC 2046, 5.1.1 */

/* What is read: `len` bytes, in any order. `read` gives the number of bytes, above 0, or a negative
 * errno. */
struct gw_multipart {
    ssize_t (*read)(void *data, uint64_t at, void *buffer, size_t size);
    void *data;
    uint64_t len;
};

struct gw_part {
    struct gw_str name;    /* of the field; NUL-terminated UTF-8 without NUL, as all texts here */
    const char *file_name; /* as it was sent; NULL: it is a text */
    const char *type;      /* of a file, in lower case and without parameters */
    uint64_t at, len;      /* of the content */
    struct gw_str text;    /* the content, if it is a text */
};

struct gw_parts {
    struct gw_part *items;
    size_t n;
};

/* The parameter `boundary` of a media type, within `type`. False: there is none that is possible,
 * or there are two. */
bool gw_multipart_boundary(struct gw_str type, struct gw_str *ret);

/* 0; GW_E_SYNTAX with *ret_why, words that follow the subject; -EFBIG: all texts together have more
 * than `most` bytes; -ENOMEM, or what `read` said. */
int gw_multipart_parse(const struct gw_multipart *body, struct gw_str boundary, size_t most,
                       struct gw_arena *arena, struct gw_parts *ret, const char **ret_why);

/* The name of a file for people to look at: what stands behind its last slash or backslash, without
 * control characters and those that turn the direction of a text, with at most 255 bytes. "": none
 * is left. NULL when memory is short. */
const char *gw_multipart_shown_name(const char *file_name, struct gw_arena *arena);

#endif
