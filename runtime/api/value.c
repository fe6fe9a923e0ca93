/* value.c: see value.h. */
#include "api/value.h"

#include "base/arena.h"
#include "base/str.h"
#include "json/json.h"
#include "json/out.h"

#include <errno.h>
#include <string.h>

int gw_text_of_value(const struct gw_value *value, struct gw_arena *arena, struct gw_bytes *ret)
{
    struct gw_jsonout out = {.text.arena = arena};
    char time[32];
    *ret = (struct gw_bytes){0};
    if (value->null)
        return 0;
    switch (value->type) {
    case GW_TYPE_INT:
    case GW_TYPE_UINT:
    case GW_TYPE_BOOL:
    case GW_TYPE_REAL:
        gw_jsonout_value(&out, value);
        if (!out.text.failed)
            *ret = (struct gw_bytes){out.text.ptr, out.text.len};
        break;
    case GW_TYPE_TIME:
        gw_format_time(value->as.i64, time);
        *ret = (struct gw_bytes){gw_arena_copy(arena, time, strlen(time)), strlen(time)};
        break;
    case GW_TYPE_BLOB:
        ret->ptr = gw_arena_copy(arena, value->as.blob.ptr, value->as.blob.len);
        ret->len = value->as.blob.len;
        break;
    default:
        *ret = (struct gw_bytes){gw_arena_copy(arena, value->as.text, strlen(value->as.text)),
                                 strlen(value->as.text)};
    }
    return ret->ptr ? 0 : -ENOMEM;
}

static bool read_real(struct gw_str text, struct gw_arena *arena, double *ret)
{
    const struct gw_json *number;
    struct gw_json_error error;
    return !gw_json_read(text, 1, arena, &number, &error) && gw_json_f64(number, ret);
}

bool gw_value_of_text(const struct gw_column *column, struct gw_bytes bytes, struct gw_arena *arena,
                      struct gw_value *ret)
{
    struct gw_str text = {bytes.ptr, bytes.len};
    *ret = (struct gw_value){.type = column->type};
    switch (column->type) {
    case GW_TYPE_INT:
        return gw_parse_i64(text, &ret->as.i64);
    case GW_TYPE_UINT:
        return gw_parse_u64(text, &ret->as.u64);
    case GW_TYPE_BOOL:
        ret->as.boolean = gw_str_equal(text, GW_STR("true"));
        return ret->as.boolean || gw_str_equal(text, GW_STR("false"));
    case GW_TYPE_REAL:
        return read_real(text, arena, &ret->as.f64);
    case GW_TYPE_TIME:
        return gw_parse_time(text, &ret->as.i64);
    case GW_TYPE_BLOB:
        ret->as.blob = bytes;
        return true;
    default:
        ret->as.text = bytes.ptr;
        return strlen(bytes.ptr) == bytes.len;
    }
}
