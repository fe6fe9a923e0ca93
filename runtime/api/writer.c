/* writer.c: the public JSON writer: jsonout.c, with the checks that calls of an application need.
 *
 * It knows at each moment whether a name or a value is due, so that what it sends is always one
 * well-formed text, or nothing. */
#include "request/request.h"

#include "json/out.h"
#include "base/str.h"

#include <errno.h>
#include <math.h>

#define LEVELS_MAX 64
#define PIECE      ((size_t)32 << 10) /* bytes that are sent at once */

struct gw_writer {
    struct gw_jsonout out;
    const char *misuse; /* NULL: none */
    uint64_t objects;   /* a bit for each open level: an object */
    unsigned level;
    bool named, done;
};

struct gw_writer *gw_writer_new(struct gw_request *req)
{
    struct gw_writer *writer = gw_arena_alloc(req->arena, sizeof(*writer));
    if (writer)
        writer->out.text.arena = req->arena;
    return writer;
}

static bool misused(struct gw_writer *writer, const char *why)
{
    if (!writer->misuse)
        writer->misuse = why;
    return false;
}

static bool in_object(const struct gw_writer *writer)
{
    return writer->level && writer->objects & (UINT64_C(1) << (writer->level - 1));
}

/* Whether a value may be written here. */
static bool begin_value(struct gw_writer *writer)
{
    if (!writer || writer->misuse)
        return false;
    if (writer->done)
        return misused(writer, "a second value");
    if (in_object(writer) && !writer->named)
        return misused(writer, "a value without a name in an object");
    writer->named = false;
    writer->done = !writer->level;
    return true;
}

static bool begin_level(struct gw_writer *writer, bool object)
{
    uint64_t bit;
    if (!begin_value(writer))
        return false;
    if (writer->level == LEVELS_MAX)
        return misused(writer, "more than 64 levels");
    bit = UINT64_C(1) << writer->level++;
    writer->objects = object ? writer->objects | bit : writer->objects & ~bit;
    writer->done = false;
    return true;
}

void gw_writer_object(struct gw_writer *writer)
{
    if (begin_level(writer, true))
        gw_jsonout_object(&writer->out);
}

void gw_writer_array(struct gw_writer *writer)
{
    if (begin_level(writer, false))
        gw_jsonout_array(&writer->out);
}

void gw_writer_end(struct gw_writer *writer)
{
    bool object;
    if (!writer || writer->misuse)
        return;
    if (!writer->level || writer->named) {
        misused(writer, "an end where nothing can end");
        return;
    }
    object = in_object(writer);
    writer->done = --writer->level == 0;
    if (object)
        gw_jsonout_end_object(&writer->out);
    else
        gw_jsonout_end_array(&writer->out);
}

static bool is_text(struct gw_writer *writer, const char *text)
{
    return gw_utf8_valid(text, strlen(text), NULL) || misused(writer, "text that is not UTF-8");
}

void gw_writer_name(struct gw_writer *writer, const char *name)
{
    if (!writer || writer->misuse)
        return;
    if (!in_object(writer) || writer->named) {
        misused(writer, "a name where none can be");
    } else if (is_text(writer, name)) {
        writer->named = true;
        gw_jsonout_name(&writer->out, name);
    }
}

void gw_writer_text(struct gw_writer *writer, const char *text)
{
    if (begin_value(writer) && (!text || is_text(writer, text)))
        gw_jsonout_text(&writer->out, text);
}

static void write_value(struct gw_writer *writer, struct gw_value value)
{
    if (begin_value(writer))
        gw_jsonout_value(&writer->out, &value);
}

void gw_writer_int(struct gw_writer *writer, int64_t value)
{
    write_value(writer, (struct gw_value){.type = GW_TYPE_INT, .as.i64 = value});
}

void gw_writer_uint(struct gw_writer *writer, uint64_t value)
{
    write_value(writer, (struct gw_value){.type = GW_TYPE_UINT, .as.u64 = value});
}

void gw_writer_real(struct gw_writer *writer, double value)
{
    if (writer && !isfinite(value))
        misused(writer, "a real that is not finite");
    write_value(writer, (struct gw_value){.type = GW_TYPE_REAL, .as.f64 = value});
}

void gw_writer_bool(struct gw_writer *writer, bool value)
{
    write_value(writer, (struct gw_value){.type = GW_TYPE_BOOL, .as.boolean = value});
}

void gw_writer_null(struct gw_writer *writer)
{
    write_value(writer, (struct gw_value){.type = GW_TYPE_TEXT, .null = true});
}

void gw_writer_time(struct gw_writer *writer, int64_t microseconds)
{
    write_value(writer, (struct gw_value){.type = GW_TYPE_TIME, .as.i64 = microseconds});
}

void gw_writer_bytes(struct gw_writer *writer, struct gw_bytes bytes)
{
    write_value(writer, (struct gw_value){.type = GW_TYPE_BLOB, .as.blob = bytes});
}

void gw_entity_write_json(struct gw_writer *writer, const struct gw_table *table, const void *row)
{
    if (begin_value(writer))
        gw_entity_jsonout(&writer->out, table, row);
}

int gw_me_write_json(struct gw_request *req, struct gw_writer *writer)
{
    if (!req->me.row)
        return GW_E_NO_TOKEN;
    gw_entity_write_json(writer, req->me.table, req->me.row);
    return 0;
}

/* What has gone wrong so far. */
static int state_of(struct gw_request *req, const struct gw_writer *writer)
{
    if (!writer)
        return -ENOMEM;
    if (writer->misuse) {
        gw_log(req, "JSON was written with %s", writer->misuse);
        return -EINVAL;
    }
    return writer->out.text.failed ? -ENOMEM : 0;
}

static int send_some(struct gw_request *req, struct gw_writer *writer)
{
    struct gw_text *text = &writer->out.text;
    int r = text->len ? gw_write(req, text->ptr, text->len) : 0;
    text->len = 0;
    return r;
}

int gw_writer_flush(struct gw_request *req, struct gw_writer *writer)
{
    int r = state_of(req, writer);
    if (r)
        return r;
    if (!req->response.streaming) {
        gw_log(req, "gw_writer_flush: the answer has not begun; gw_begin begins one");
        return -EINVAL;
    }
    return writer->done || writer->out.text.len >= PIECE ? send_some(req, writer) : 0;
}

int gw_writer_send(struct gw_request *req, int status, struct gw_writer *writer)
{
    if (writer && !writer->misuse && !writer->done)
        misused(writer, "no end");
    int r = state_of(req, writer);
    if (r)
        return r;
    if (req->response.streaming)
        return send_some(req, writer);
    return gw_response_json(req, status,
                            (struct gw_str){writer->out.text.ptr, writer->out.text.len});
}
