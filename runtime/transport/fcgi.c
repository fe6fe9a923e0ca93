/* fcgi.c: see fcgi.h. */
#include "transport/fcgi.h"

#include <errno.h>
#include <fastcgi.h>
#include <stdlib.h>

#define SMALLEST_PARAMS 2048

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

/* An END_REQUEST record: 16 bytes. */
static void end_request(unsigned char ret[16], uint16_t id, unsigned protocol_status)
{
    gw_fcgi_header(ret, FCGI_END_REQUEST, id, 8);
    memset(ret + 8, 0, 8);
    ret[12] = (unsigned char)protocol_status;
}

void gw_fcgi_end(unsigned char ret[GW_FCGI_END], uint16_t id)
{
    gw_fcgi_header(ret, FCGI_STDOUT, id, 0);
    end_request(ret + 8, id, FCGI_REQUEST_COMPLETE);
}

void gw_fcgi_next(struct gw_fcgi *reader)
{
    reader->phase = GW_FCGI_IDLE;
    reader->aborted = reader->overflow = false;
    reader->params_len = reader->n_meta = 0;
    reader->stray = 0;
}

void gw_fcgi_free(struct gw_fcgi *reader)
{
    free(reader->params);
    free(reader->meta);
    reader->params = NULL;
    reader->meta = NULL;
    reader->params_size = reader->meta_size = 0;
}

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

/* ---- Parameters -------------------------------------------------------------------------- */

/* Makes room for `len` more bytes; what exceeds the bound is dropped and remembered. */
static int keep_params(struct gw_fcgi *reader, const void *ptr, size_t len)
{
    if (reader->overflow || len > GW_FCGI_PARAMS_MAX - reader->params_len) {
        reader->overflow = true;
        return 0;
    }
    if (reader->params_size - reader->params_len < len) {
        size_t size = reader->params_size ? reader->params_size : SMALLEST_PARAMS;
        while (size - reader->params_len < len)
            size *= 2;
        char *larger = realloc(reader->params, size);
        if (!larger)
            return -ENOMEM;
        reader->params = larger;
        reader->params_size = size;
    }
    memcpy(reader->params + reader->params_len, ptr, len);
    reader->params_len += len;
    return 0;
}

/* A length of the name-value encoding (specification, 3.4). False at the end of the text. */
static bool take_length(const unsigned char **at, const unsigned char *end, size_t *ret)
{
    if (*at == end)
        return false;
    if (!(**at & 0x80)) {
        *ret = *(*at)++;
        return true;
    }
    if (end - *at < 4)
        return false;
    *ret = (size_t)((*at)[0] & 0x7f) << 24 | (size_t)(*at)[1] << 16 | (size_t)(*at)[2] << 8 |
           (size_t)(*at)[3];
    *at += 4;
    return true;
}

static bool take_pair(const unsigned char **at, const unsigned char *end, struct gw_meta *ret)
{
    size_t name, value;
    if (!take_length(at, end, &name) || !take_length(at, end, &value))
        return false;
    size_t left = (size_t)(end - *at);
    if (name > left || value > left - name)
        return false;
    ret->name = (struct gw_str){(const char *)*at, name};
    ret->value = (struct gw_str){(const char *)*at + name, value};
    *at += name + value;
    return true;
}

static int grow_meta(struct gw_fcgi *reader)
{
    size_t size = reader->meta_size ? 2 * reader->meta_size : 32;
    struct gw_meta *larger = realloc(reader->meta, size * sizeof(*larger));
    if (!larger)
        return -ENOMEM;
    reader->meta = larger;
    reader->meta_size = size;
    return 0;
}

static int split_params(struct gw_fcgi *reader)
{
    reader->n_meta = 0;
    if (!reader->params_len)
        return 0;
    const unsigned char *at = (const unsigned char *)reader->params, *end = at + reader->params_len;
    while (at != end && !reader->overflow) {
        if (reader->n_meta == reader->meta_size && grow_meta(reader))
            return -ENOMEM;
        if (reader->n_meta == GW_FCGI_META_MAX ||
            !take_pair(&at, end, &reader->meta[reader->n_meta]))
            reader->overflow = true;
        else
            reader->n_meta++;
    }
    return 0;
}

/* ---- Records that are read whole --------------------------------------------------------- */

static int reply(const struct gw_fcgi_events *events, void *data, const void *ptr, size_t len)
{
    return events->reply ? events->reply(data, ptr, len) : 0;
}

static int refuse_request(const struct gw_fcgi_events *events, void *data, uint16_t id,
                          unsigned protocol_status)
{
    unsigned char record[16];
    end_request(record, id, protocol_status);
    return reply(events, data, record, sizeof(record));
}

static int begin_request(struct gw_fcgi *reader, const struct gw_fcgi_events *events, void *data)
{
    uint16_t id = id_of(reader);
    if (reader->small_len != 8 || !id)
        return -EPROTO;
    if (reader->phase != GW_FCGI_IDLE)
        return id == reader->id ? -EPROTO : refuse_request(events, data, id, FCGI_CANT_MPX_CONN);
    unsigned role = (unsigned)reader->small[0] << 8 | reader->small[1];
    reader->keep = reader->small[2] & FCGI_KEEP_CONN;
    reader->authorizer = role == FCGI_AUTHORIZER;
    if (role != FCGI_RESPONDER && role != FCGI_AUTHORIZER) {
        int r = refuse_request(events, data, id, FCGI_UNKNOWN_ROLE);
        return r || reader->keep ? r : -EPROTO;
    }
    reader->id = id;
    reader->phase = GW_FCGI_PARAMS;
    return 0;
}

/* GET_VALUES (specification, 4.1): each variable that we know once, however often it was named. */
static int answer_values(const struct gw_fcgi *reader, const struct gw_fcgi_events *events,
                         void *data)
{
    static const struct {
        const char *name, *value;
    } values[] = {{FCGI_MAX_CONNS, "1024"}, {FCGI_MAX_REQS, "1024"}, {FCGI_MPXS_CONNS, "0"}};
    const unsigned char *at = reader->small, *end = at + reader->small_len;
    unsigned char record[8 + 128];
    size_t len = 8;
    bool told[3] = {false};
    struct gw_meta meta;
    while (at != end) {
        if (!take_pair(&at, end, &meta))
            return -EPROTO;
        for (size_t i = 0; i < 3; i++) {
            if (told[i] || !gw_str_equal(meta.name, gw_str_from(values[i].name)))
                continue;
            told[i] = true;
            size_t name = strlen(values[i].name), value = strlen(values[i].value);
            record[len++] = (unsigned char)name;
            record[len++] = (unsigned char)value;
            memcpy(record + len, values[i].name, name);
            memcpy(record + len + name, values[i].value, value);
            len += name + value;
        }
    }
    gw_fcgi_header(record, FCGI_GET_VALUES_RESULT, 0, len - 8);
    return reply(events, data, record, len);
}

static int answer_unknown(const struct gw_fcgi *reader, const struct gw_fcgi_events *events,
                          void *data)
{
    unsigned char record[16] = {0};
    gw_fcgi_header(record, FCGI_UNKNOWN_TYPE, 0, 8);
    record[8] = (unsigned char)type_of(reader);
    return reply(events, data, record, sizeof(record));
}

static int abort_request(struct gw_fcgi *reader)
{
    if (reader->phase != GW_FCGI_IDLE && id_of(reader) == reader->id)
        reader->aborted = true;
    return 0;
}

/* ---- Records ----------------------------------------------------------------------------- */

static bool is_stream(const struct gw_fcgi *reader)
{
    return type_of(reader) == FCGI_PARAMS || type_of(reader) == FCGI_STDIN;
}

static bool is_read_whole(const struct gw_fcgi *reader)
{
    return type_of(reader) == FCGI_BEGIN_REQUEST || type_of(reader) == FCGI_GET_VALUES;
}

/* Whether a stream's record belongs to the request under way, at this point of it. */
static bool is_wanted(const struct gw_fcgi *reader)
{
    if (reader->phase == GW_FCGI_IDLE || id_of(reader) != reader->id)
        return false;
    return reader->phase == (type_of(reader) == FCGI_PARAMS ? GW_FCGI_PARAMS : GW_FCGI_STDIN);
}

static int check_header(struct gw_fcgi *reader)
{
    if (reader->header[0] != FCGI_VERSION_1)
        return -EPROTO;
    reader->content_left = length_of(reader);
    reader->padding_left = reader->header[6];
    reader->small_len = 0;
    if (is_read_whole(reader) && reader->content_left > sizeof(reader->small))
        return -EPROTO;
    /* Streams out of order: STDIN before the parameters have ended, PARAMS after. */
    if (is_stream(reader) && reader->phase != GW_FCGI_IDLE && id_of(reader) == reader->id &&
        !is_wanted(reader))
        return -EPROTO;
    if (!(is_stream(reader) && is_wanted(reader)) && !is_read_whole(reader)) {
        reader->stray += 8 + reader->content_left;
        if (reader->stray > GW_FCGI_STRAY_MAX)
            return -EPROTO;
    }
    return 0;
}

static int take_content(struct gw_fcgi *reader, const struct gw_fcgi_events *events, void *data,
                        const unsigned char *ptr, size_t len)
{
    if (is_read_whole(reader)) {
        memcpy(reader->small + reader->small_len, ptr, len);
        reader->small_len += (uint32_t)len;
        return 0;
    }
    if (!is_stream(reader) || !is_wanted(reader))
        return 0;
    if (type_of(reader) == FCGI_PARAMS)
        return keep_params(reader, ptr, len);
    return events->body(data, ptr, len);
}

static int end_record(struct gw_fcgi *reader, const struct gw_fcgi_events *events, void *data)
{
    reader->header_len = 0;
    switch (type_of(reader)) {
    case FCGI_BEGIN_REQUEST:
        return begin_request(reader, events, data);
    case FCGI_ABORT_REQUEST:
        return abort_request(reader);
    case FCGI_GET_VALUES:
        return id_of(reader) ? -EPROTO : answer_values(reader, events, data);
    case FCGI_DATA:
        return 0;
    case FCGI_PARAMS:
    case FCGI_STDIN:
        if (!is_wanted(reader) || length_of(reader))
            return 0;
        if (reader->phase == GW_FCGI_STDIN) {
            reader->phase = GW_FCGI_DONE;
            return 0;
        }
        reader->phase = reader->authorizer ? GW_FCGI_DONE : GW_FCGI_STDIN;
        return split_params(reader);
    }
    return answer_unknown(reader, events, data);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One step: a part of a header, of the content or of the padding. */
static int step(struct gw_fcgi *reader, const struct gw_fcgi_events *events, void *data,
                const unsigned char *ptr, size_t len, size_t *ret_taken)
{
    size_t n;
    int r = 0;
    if (reader->header_len < 8) {
        n = smaller(8 - reader->header_len, len);
        memcpy(reader->header + reader->header_len, ptr, n);
        reader->header_len += (unsigned)n;
        if (reader->header_len == 8)
            r = check_header(reader);
    } else if (reader->content_left) {
        n = smaller(reader->content_left, len);
        r = take_content(reader, events, data, ptr, n);
        reader->content_left -= (uint32_t)n;
    } else {
        n = smaller(reader->padding_left, len);
        reader->padding_left -= (uint32_t)n;
    }
    *ret_taken = n;
    if (!r && reader->header_len == 8 && !reader->content_left && !reader->padding_left)
        r = end_record(reader, events, data);
    return r;
}

int gw_fcgi_read(struct gw_fcgi *reader, const struct gw_fcgi_events *events, void *data,
                 const void *ptr, size_t len, size_t *ret_used)
{
    enum gw_fcgi_phase before = reader->phase;
    size_t used = 0;
    int r = 0;
    while (!r && used < len && !reader->aborted) {
        size_t taken;
        r = step(reader, events, data, (const unsigned char *)ptr + used, len - used, &taken);
        used += taken;
        if (reader->phase != before && reader->phase >= GW_FCGI_STDIN)
            break;
        before = reader->phase;
    }
    *ret_used = used;
    return r;
}
