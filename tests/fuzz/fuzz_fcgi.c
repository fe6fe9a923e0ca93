/* FastCGI records cut anywhere mean what they mean in one piece: the same requests with the same
 * parameters and bodies, the same replies, the same refusal. A second reader, written without
 * regard to cuts, says how many pairs a request's parameters hold. */
#include "transport/fcgi.h"
#include "transport/fcgi_params.h"

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

static void check_request(const struct gw_fcgi_params *params, struct told *told)
{
    long pairs = count_pairs((const unsigned char *)params->text, params->len);
    MUST(params->len <= GW_FCGI_PARAMS_MAX && params->n_meta <= GW_FCGI_META_MAX);
    MUST(params->overflow || pairs == (long)params->n_meta);
    MUST(pairs >= 0 || params->overflow);
    tell(told, &params->overflow, sizeof(params->overflow));
    for (size_t i = 0; i < params->n_meta && !params->overflow; i++) {
        tell(told, params->meta[i].name.ptr, params->meta[i].name.len);
        tell(told, "=", 1);
        tell(told, params->meta[i].value.ptr, params->meta[i].value.len);
    }
}

static void answer_values(const struct gw_fcgi_record *record, struct told *told)
{
    unsigned char answer[GW_FCGI_ANSWER_MAX];
    size_t len = gw_fcgi_values(record->ptr, record->len, answer);
    MUST(record->len <= GW_FCGI_VALUES_MAX && len <= sizeof(answer));
    if (!len) {
        told->result = -EPROTO;
        return;
    }
    MUST(len >= 8 && answer[0] == FCGI_VERSION_1 && !answer[6] && !answer[7]);
    MUST((size_t)(answer[4] << 8 | answer[5]) == len - 8);
    tell(told, answer, len);
}

/* One thing that the reader tells of; the first request to begin is the one under way. */
static void take(struct gw_fcgi *reader, struct gw_fcgi_params *params,
                 const struct gw_fcgi_record *record, struct told *told)
{
    switch (record->kind) {
    case GW_FCGI_BEGIN:
        tell(told, "B", 1);
        tell(told, &record->id, sizeof(record->id));
        if (!reader->id)
            reader->id = record->id;
        return;
    case GW_FCGI_PARAMS:
        MUST(reader->id && record->len && !gw_fcgi_params_add(params, record->ptr, record->len));
        return;
    case GW_FCGI_PARAMS_END:
        MUST(!gw_fcgi_params_split(params));
        check_request(params, told);
        gw_fcgi_params_reset(params);
        return;
    case GW_FCGI_STDIN:
        MUST(reader->id && record->len);
        tell(told, record->ptr, record->len);
        return;
    case GW_FCGI_ABORT:
    case GW_FCGI_STDIN_END:
        tell(told, record->kind == GW_FCGI_ABORT ? "A" : "D", 1);
        reader->id = 0;
        gw_fcgi_params_reset(params);
        return;
    case GW_FCGI_VALUES:
        answer_values(record, told);
        return;
    case GW_FCGI_UNKNOWN:
    case GW_FCGI_STRAY:
        tell(told, &record->type, sizeof(record->type));
        tell(told, &record->len, sizeof(record->len));
        return;
    case GW_FCGI_BROKEN:
        told->result = -EPROTO;
        return;
    case GW_FCGI_NOTHING:
        return;
    }
}

static void feed(struct gw_fcgi *reader, struct gw_fcgi_params *params, const unsigned char *ptr,
                 size_t len, struct told *told)
{
    while (len && !told->result) {
        struct gw_fcgi_record record;
        size_t used = gw_fcgi_read(reader, ptr, len, &record);
        MUST(used && used <= len && (record.kind != GW_FCGI_NOTHING || used == len));
        take(reader, params, &record, told);
        ptr += used;
        len -= used;
    }
}

/* `cut` 0: in one piece; otherwise pieces of 1 to 8 bytes, as its digits say. */
static void read_all(const uint8_t *data, size_t size, unsigned cut, struct told *told)
{
    struct gw_fcgi reader = {0};
    struct gw_fcgi_params params = {0};
    told->len = 0;
    told->result = 0;
    for (size_t at = 0; at < size && !told->result;) {
        size_t n = cut ? 1 + (cut >> (at % 8 * 3) & 7) : size;
        n = n < size - at ? n : size - at;
        feed(&reader, &params, data + at, n, told);
        at += n;
    }
    tell(told, &reader.id, sizeof(reader.id));
    gw_fcgi_params_free(&params);
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
