/* fcgi.c: see fcgi.h. */
#include "transport/fcgi.h"

#include "transport/fcgi_params.h"
#include "transport/fastcgi.h"

#include <string.h>

/* ---- Writing -------------------------------------------------------------------------------- */

void gw_fcgi_header(unsigned char ret[8], unsigned type, uint16_t id, size_t len)
{
    ret[0] = FCGI_VERSION_1;
    ret[1] = (unsigned char)type;
    ret[2] = (unsigned char)(id >> 8);
    ret[3] = (unsigned char)id;
    ret[4] = (unsigned char)(len >> 8);
    ret[5] = (unsigned char)len;
    ret[6] = ret[7] = 0;
}

void gw_fcgi_end(unsigned char ret[GW_FCGI_END], uint16_t id, unsigned protocol_status)
{
    gw_fcgi_header(ret, FCGI_END_REQUEST, id, 8);
    memset(ret + 8, 0, 8);
    ret[12] = (unsigned char)protocol_status;
}

void gw_fcgi_unknown(unsigned char ret[16], unsigned type)
{
    gw_fcgi_header(ret, FCGI_UNKNOWN_TYPE, 0, 8);
    memset(ret + 8, 0, 8);
    ret[8] = (unsigned char)type;
}

size_t gw_fcgi_values(const void *content, size_t len, unsigned char ret[GW_FCGI_ANSWER_MAX])
{
    static const struct {
        struct gw_str name, value;
    } values[] = {{{FCGI_MAX_CONNS, sizeof(FCGI_MAX_CONNS) - 1}, {"1024", 4}},
                  {{FCGI_MAX_REQS, sizeof(FCGI_MAX_REQS) - 1}, {"1024", 4}},
                  {{FCGI_MPXS_CONNS, sizeof(FCGI_MPXS_CONNS) - 1}, {"0", 1}}};
    const unsigned char *at = content, *end = at + len;
    bool told[3] = {false};
    size_t n = 8;
    struct gw_meta meta;
    while (at != end) {
        if (!gw_fcgi_take_pair(&at, end, &meta))
            return 0;
        for (size_t i = 0; i < 3; i++) {
            if (told[i] || !gw_str_equal(meta.name, values[i].name))
                continue;
            told[i] = true;
            ret[n++] = (unsigned char)values[i].name.len;
            ret[n++] = (unsigned char)values[i].value.len;
            memcpy(ret + n, values[i].name.ptr, values[i].name.len);
            n += values[i].name.len;
            memcpy(ret + n, values[i].value.ptr, values[i].value.len);
            n += values[i].value.len;
        }
    }
    gw_fcgi_header(ret, FCGI_GET_VALUES_RESULT, 0, n - 8);
    return n;
}

/* ---- Reading -------------------------------------------------------------------------------- */

static unsigned type_of(const struct gw_fcgi *reader)
{
    return reader->header[1];
}

static uint16_t id_of(const struct gw_fcgi *reader)
{
    return (uint16_t)(reader->header[2] << 8 | reader->header[3]);
}

static uint32_t length_of(const struct gw_fcgi *reader)
{
    return (uint32_t)(reader->header[4] << 8 | reader->header[5]);
}

static bool is_own(const struct gw_fcgi *reader)
{
    return reader->id && id_of(reader) == reader->id;
}

static bool is_stream(const struct gw_fcgi *reader)
{
    return type_of(reader) == FCGI_PARAMS || type_of(reader) == FCGI_STDIN;
}

static bool is_read_whole(const struct gw_fcgi *reader)
{
    return type_of(reader) == FCGI_BEGIN_REQUEST || type_of(reader) == FCGI_GET_VALUES;
}

static bool header_is_good(const struct gw_fcgi *reader)
{
    if (reader->header[0] != FCGI_VERSION_1)
        return false;
    if (type_of(reader) == FCGI_BEGIN_REQUEST)
        return length_of(reader) == 8 && id_of(reader);
    if (type_of(reader) == FCGI_GET_VALUES)
        return length_of(reader) <= GW_FCGI_VALUES_MAX && !id_of(reader);
    return true;
}

static enum gw_fcgi_kind end_header(struct gw_fcgi *reader)
{
    reader->content_left = length_of(reader);
    reader->padding_left = reader->header[6];
    reader->small_len = 0;
    return header_is_good(reader) ? GW_FCGI_NOTHING : GW_FCGI_BROKEN;
}

static enum gw_fcgi_kind take_content(struct gw_fcgi *reader, const unsigned char *ptr, size_t len,
                                      struct gw_fcgi_record *ret)
{
    if (is_read_whole(reader)) {
        memcpy(reader->small + reader->small_len, ptr, len);
        reader->small_len += (uint32_t)len;
    }
    if (!is_stream(reader) || !is_own(reader))
        return GW_FCGI_NOTHING;
    ret->ptr = ptr;
    ret->len = len;
    return type_of(reader) == FCGI_PARAMS ? GW_FCGI_PARAMS : GW_FCGI_STDIN;
}

/* What is told once a record is there whole, its padding too. */
static enum gw_fcgi_kind end_record(struct gw_fcgi *reader, struct gw_fcgi_record *ret)
{
    reader->header_len = 0;
    ret->len = length_of(reader);
    switch (type_of(reader)) {
    case FCGI_BEGIN_REQUEST:
        ret->role = (unsigned)reader->small[0] << 8 | reader->small[1];
        ret->keep = reader->small[2] & FCGI_KEEP_CONN;
        return GW_FCGI_BEGIN;
    case FCGI_GET_VALUES:
        ret->ptr = reader->small;
        return GW_FCGI_VALUES;
    case FCGI_ABORT_REQUEST:
        return is_own(reader) ? GW_FCGI_ABORT : GW_FCGI_STRAY;
    case FCGI_PARAMS:
    case FCGI_STDIN:
        if (!is_own(reader))
            return GW_FCGI_STRAY;
        if (ret->len)
            return GW_FCGI_NOTHING;
        return type_of(reader) == FCGI_PARAMS ? GW_FCGI_PARAMS_END : GW_FCGI_STDIN_END;
    case FCGI_DATA:
        return GW_FCGI_STRAY;
    }
    return GW_FCGI_UNKNOWN;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t take_header(struct gw_fcgi *reader, const unsigned char *ptr, size_t len)
{
    size_t n = smaller(8 - reader->header_len, len);
    if (n == 8) /* as nearly always; a copy of a known length is one instruction */
        memcpy(reader->header, ptr, 8);
    else
        memcpy(reader->header + reader->header_len, ptr, n);
    reader->header_len += (unsigned)n;
    return n;
}

/* Takes what is there of a header, then of its content, then of the padding, up to the first thing
 * to tell. */
static size_t step(struct gw_fcgi *reader, const unsigned char *ptr, size_t len,
                   struct gw_fcgi_record *ret)
{
    size_t n = 0;
    if (reader->header_len < 8) {
        n = take_header(reader, ptr, len);
        if (reader->header_len < 8)
            return n;
        ret->kind = end_header(reader);
        if (ret->kind)
            return n;
    }
    if (reader->content_left && n < len) {
        size_t piece = smaller(reader->content_left, len - n);
        reader->content_left -= (uint32_t)piece;
        ret->kind = take_content(reader, ptr + n, piece, ret);
        n += piece;
    } else if (reader->padding_left && n < len) {
        size_t piece = smaller(reader->padding_left, len - n);
        reader->padding_left -= (uint32_t)piece;
        n += piece;
    }
    if (reader->content_left || reader->padding_left)
        return n;
    if (ret->kind == GW_FCGI_NOTHING)
        ret->kind = end_record(reader, ret);
    else
        reader->header_len = 0; /* a piece of a stream ends with its record */
    return n;
}

size_t gw_fcgi_read(struct gw_fcgi *reader, const void *ptr, size_t len, struct gw_fcgi_record *ret)
{
    size_t used = 0;
    *ret = (struct gw_fcgi_record){.kind = GW_FCGI_NOTHING};
    while (used < len && ret->kind == GW_FCGI_NOTHING)
        used += step(reader, (const unsigned char *)ptr + used, len - used, ret);
    ret->id = id_of(reader);
    ret->type = type_of(reader);
    return used;
}
