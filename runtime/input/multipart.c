/* multipart.c: see multipart.h. */
#include "input/multipart.h"

#include "base/arena.h"
#include "input/body.h"
#include "input/part_head.h"

#include <errno.h>

#define WINDOW ((size_t)32 * 1024)

/* A body being read. */
struct reader {
    const struct gw_multipart *body;
    struct gw_arena *arena;
    char delimiter[GW_MULTIPART_BOUNDARY + 2]; /* "--" and the boundary */
    size_t delimiter_len;
    char *window;
    size_t texts_left; /* bytes that texts may still have */
    const char *why;
};

static int malformed(struct reader *reader, const char *why)
{
    reader->why = why;
    return GW_E_SYNTAX;
}

/* Up to `size` bytes from `at` on, fewer only at the end. */
static int fill(struct reader *reader, uint64_t at, char *to, size_t size, size_t *ret_n)
{
    uint64_t left = at < reader->body->len ? reader->body->len - at : 0;
    size = size < left ? size : (size_t)left;
    for (*ret_n = 0; *ret_n < size;) {
        ssize_t n = reader->body->read(reader->body->data, at + *ret_n, to + *ret_n, size - *ret_n);
        if (n <= 0)
            return n ? (int)n : -EIO;
        *ret_n += (size_t)n;
    }
    return 0;
}

/* ---- Boundaries ----------------------------------------------------------------------------- */

/* Where the next "--" with the boundary stands, at `at` or behind it. A content must not hold it
 * (RFC 2046, 5.1), and parsers differ in where it ends one: in any line, or where one begins; and
 * lines end in CRLF, CR or LF. So wherever it stands, it is taken for a delimiter, or refused. */
static int find_delimiter(struct reader *reader, uint64_t at, uint64_t *ret)
{
    size_t n;
    for (;; at += n - (reader->delimiter_len - 1)) {
        int r = fill(reader, at, reader->window, WINDOW, &n);
        if (r)
            return r;
        const char *found = memmem(reader->window, n, reader->delimiter, reader->delimiter_len);
        if (found) {
            *ret = at + (uint64_t)(found - reader->window);
            return 0;
        }
        if (n < WINDOW)
            return malformed(reader, "does not end with its boundary");
    }
}

/* What stands behind a delimiter, which ends at `at`: a line end, and another part follows at *ret;
 * or "--", and it was the last one. */
static int read_delimiter_end(struct reader *reader, uint64_t at, uint64_t *ret, bool *ret_last)
{
    char end[5];
    size_t n;
    int r = fill(reader, at, end, sizeof(end), &n);
    if (r)
        return r;
    *ret_last = n >= 2 && !memcmp(end, "--", 2);
    *ret = at + 2;
    if (*ret_last)
        return n == 2 || (n == 4 && !memcmp(end, "--\r\n", 4))
                   ? 0
                   : malformed(reader, "has something behind its last boundary");
    if (n >= 2 && !memcmp(end, "\r\n", 2))
        return 0;
    return malformed(reader, "has a boundary that its line does not end with");
}

/* The body begins with a delimiter; some put a line end before it. */
static int read_first_delimiter(struct reader *reader, uint64_t *ret, bool *ret_last)
{
    char begin[GW_MULTIPART_BOUNDARY + 4];
    size_t n, len = reader->delimiter_len;
    int r = fill(reader, 0, begin, len + 2, &n);
    if (r)
        return r;
    size_t skip = n >= 2 && !memcmp(begin, "\r\n", 2) ? 2 : 0;
    if (n < skip + len || memcmp(begin + skip, reader->delimiter, len))
        return malformed(reader, "does not begin with its boundary");
    return read_delimiter_end(reader, skip + len, ret, ret_last);
}

/* ---- Parts ---------------------------------------------------------------------------------- */

static int read_head(struct reader *reader, uint64_t at, struct gw_part *part)
{
    size_t n;
    int r = fill(reader, at, reader->window, GW_MULTIPART_HEAD, &n);
    if (r)
        return r;
    const char *end = memmem(reader->window, n, "\r\n\r\n", 4);
    if (!end)
        return malformed(reader, "has a part whose header does not end within 8192 bytes");
    size_t len = (size_t)(end - reader->window);
    if (memmem(reader->window, len, reader->delimiter, reader->delimiter_len))
        return malformed(reader, "has its boundary in a part's header");
    part->at = at + len + 4;
    r = gw_part_head((struct gw_str){reader->window, len + 2}, reader->arena, part, &reader->why);
    return r;
}

static int read_text(struct reader *reader, struct gw_part *part)
{
    size_t n, len = (size_t)part->len;
    if (part->len > reader->texts_left)
        return -EFBIG;
    reader->texts_left -= len;
    char *text = gw_arena_alloc(reader->arena, len + 1);
    if (!text)
        return -ENOMEM;
    int r = fill(reader, part->at, text, len, &n);
    if (r)
        return r;
    text[n] = 0;
    if (memchr(text, 0, n))
        return malformed(reader, "must not hold a NUL");
    if (!gw_utf8_valid(text, n, NULL))
        return malformed(reader, "is not UTF-8");
    part->text = (struct gw_str){text, n};
    return 0;
}

/* The part whose header begins at `at`; *ret_next is where the next one's does. */
static int read_part(struct reader *reader, uint64_t at, struct gw_part *part, uint64_t *ret_next,
                     bool *ret_last)
{
    char before[2] = "";
    uint64_t line = 0;
    size_t n = 0;
    int r = read_head(reader, at, part);
    if (!r)
        r = find_delimiter(reader, part->at, &line);
    if (!r && line >= part->at + 2)
        r = fill(reader, line - 2, before, 2, &n);
    if (!r && memcmp(before, "\r\n", 2))
        r = malformed(reader, "has a boundary that no CRLF stands before");
    if (r)
        return r;
    part->len = line - 2 - part->at;
    r = part->file_name ? 0 : read_text(reader, part);
    return r ? r : read_delimiter_end(reader, line + reader->delimiter_len, ret_next, ret_last);
}

static int read_parts(struct reader *reader, struct gw_parts *parts)
{
    uint64_t at;
    bool last;
    int r = read_first_delimiter(reader, &at, &last);
    while (!r && !last) {
        if (parts->n == GW_MULTIPART_PARTS)
            return malformed(reader, "has more than 64 parts");
        r = read_part(reader, at, &parts->items[parts->n], &at, &last);
        parts->n += !r;
    }
    return r;
}

int gw_multipart_parse(const struct gw_multipart *body, struct gw_str boundary, size_t most,
                       struct gw_arena *arena, struct gw_parts *ret, const char **ret_why)
{
    struct reader reader = {.body = body, .arena = arena, .texts_left = most};
    *ret = (struct gw_parts){gw_arena_array(arena, GW_MULTIPART_PARTS, sizeof(*ret->items)), 0};
    reader.window = gw_arena_alloc(arena, WINDOW);
    if (!ret->items || !reader.window)
        return -ENOMEM;
    memcpy(reader.delimiter, "--", 2);
    memcpy(reader.delimiter + 2, boundary.ptr, boundary.len);
    reader.delimiter_len = boundary.len + 2;
    int r = read_parts(&reader, ret);
    *ret_why = reader.why;
    return r;
}
