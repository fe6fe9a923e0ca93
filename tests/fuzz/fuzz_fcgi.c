/* FastCGI records cut anywhere mean what they mean in one piece: the same requests with the same
 * parameters and bodies, the same replies, the same refusal. A second reader, written without
 * regard to cuts, says how many pairs a request's parameters hold. */
#include "transport/fcgi.h"

#include "fuzz.h"

#include <errno.h>
#include <fastcgi.h>
#include <string.h>

#define TOLD_MAX (1 << 20)

/* All that a reader tells, as bytes that can be compared. */
struct told {
    unsigned char *bytes;
    size_t len;
    int result;
};

static void tell(struct told *told, const void *ptr, size_t len)
{
    size_t room = TOLD_MAX - told->len;
    len = len < room ? len : room;
    if (len)
        memcpy(told->bytes + told->len, ptr, len);
    told->len += len;
}

static int on_body(void *data, const void *ptr, size_t len)
{
    tell(data, ptr, len);
    return 0;
}

static int on_reply(void *data, const void *ptr, size_t len)
{
    const unsigned char *record = ptr;
    MUST(len >= 8 && len <= 8 + 128 && record[0] == FCGI_VERSION_1 && !record[6] && !record[7]);
    MUST((size_t)(record[4] << 8 | record[5]) == len - 8);
    tell(data, ptr, len);
    return 0;
}

/* Section 3.4 of the specification, plainly. -1: malformed. */
static long count_pairs(const unsigned char *at, size_t len)
{
    long n = 0;
    for (size_t i = 0; i < len; n++) {
        size_t length[2];
        for (int k = 0; k < 2; k++) {
            if (i >= len || (at[i] >= 128 && len - i < 4))
                return -1;
            length[k] = at[i] < 128 ? at[i]
                                    : (at[i] - 128u) * 16777216u + at[i + 1] * 65536u +
                                          at[i + 2] * 256u + at[i + 3];
            i += at[i] < 128 ? 1 : 4;
        }
        if (length[0] > len || length[1] > len || length[0] + length[1] > len - i)
            return -1;
        i += length[0] + length[1];
    }
    return n;
}

static void check_request(const struct gw_fcgi *reader, struct told *told)
{
    long pairs = count_pairs((const unsigned char *)reader->params, reader->params_len);
    MUST(reader->params_len <= GW_FCGI_PARAMS_MAX && reader->n_meta <= GW_FCGI_META_MAX);
    MUST(reader->overflow || pairs == (long)reader->n_meta);
    MUST(pairs >= 0 || reader->overflow);
    tell(told, &reader->overflow, sizeof(reader->overflow));
    for (size_t i = 0; i < reader->n_meta && !reader->overflow; i++) {
        tell(told, reader->meta[i].name.ptr, reader->meta[i].name.len);
        tell(told, "=", 1);
        tell(told, reader->meta[i].value.ptr, reader->meta[i].value.len);
    }
}

/* As a connection does it: phase by phase, and on with the next request. */
static int feed(struct gw_fcgi *reader, const unsigned char *ptr, size_t len, struct told *told)
{
    static const struct gw_fcgi_events events = {.body = on_body, .reply = on_reply};
    while (len) {
        enum gw_fcgi_phase before = reader->phase;
        size_t used;
        int r = gw_fcgi_read(reader, &events, told, ptr, len, &used);
        MUST(used <= len && (r || used || reader->aborted));
        if (r)
            return r;
        ptr += used;
        len -= used;
        if (reader->phase != before && reader->phase == GW_FCGI_STDIN)
            check_request(reader, told);
        if (reader->aborted || reader->phase == GW_FCGI_DONE) {
            tell(told, reader->aborted ? "A" : "D", 1);
            if (!reader->keep)
                return -EPROTO;
            gw_fcgi_next(reader);
        }
    }
    return 0;
}

/* `cut` 0: in one piece; otherwise pieces of 1 to 8 bytes, as its digits say. */
static void read_all(const uint8_t *data, size_t size, unsigned cut, struct told *told)
{
    struct gw_fcgi reader = {0};
    told->len = 0;
    told->result = 0;
    for (size_t at = 0; at < size && !told->result;) {
        size_t n = cut ? 1 + (cut >> (at % 8 * 3) & 7) : size;
        n = n < size - at ? n : size - at;
        told->result = feed(&reader, data + at, n, told);
        at += n;
    }
    tell(told, &reader.phase, sizeof(reader.phase));
    gw_fcgi_free(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct told whole, pieces;
    if (!whole.bytes) {
        whole.bytes = malloc(TOLD_MAX);
        pieces.bytes = malloc(TOLD_MAX);
        MUST(whole.bytes && pieces.bytes);
    }
    if (!size)
        return 0;
    read_all(data + 1, size - 1, 0, &whole);
    read_all(data + 1, size - 1, data[0] * 65793u + 1, &pieces);
    MUST(whole.result == pieces.result);
    MUST(whole.len == pieces.len && !memcmp(whole.bytes, pieces.bytes, whole.len));
    return 0;
}
