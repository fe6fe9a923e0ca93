/* out.c: writes JSON text straight into an arena.
 *
 * An answer made of rows needs no tree: the writer knows the order of what it writes, so it puts
 * the text down once and keeps only whether a comma is due. It does not check that its calls make
 * a well-formed text (generated code and the runtime make them in fixed order); it does check what
 * comes from a store and could break the text: a real that is no number is null, and a `json`
 * column that is not JSON fails the whole output rather than being sent. */
#include "json/out.h"

#include "base/arena.h"
#include "base/base64.h"
#include "json/json.h"
#include "base/str.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void put(struct gw_jsonout *out, const char *ptr, size_t len)
{
    gw_text_add(&out->text, (struct gw_str){ptr, len});
}

static void comma(struct gw_jsonout *out)
{
    if (out->comma)
        put(out, ",", 1);
    out->comma = true;
}

static void put_value(struct gw_jsonout *out, const char *ptr, size_t len)
{
    comma(out);
    put(out, ptr, len);
}

/* The letter behind the backslash in the short escapes of RFC 8259, 7; 0 where there is none. */
static char short_escape(unsigned char c)
{
    switch (c) {
    case '"':
    case '\\':
        return (char)c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

static void put_escape(struct gw_jsonout *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char letter = short_escape(c);
    if (letter)
        put(out, (char[]){'\\', letter}, 2);
    else
        put(out, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
}

static void put_string(struct gw_jsonout *out, const char *text)
{
    /* With the NUL at the end. */
    static const bool is_escaped[256] = {[0 ... 0x1f] = true, ['"'] = true, ['\\'] = true};
    const char *run = text, *s = text;
    put(out, "\"", 1);
    for (;; run = ++s) {
        while (!is_escaped[(unsigned char)*s])
            s++;
        put(out, run, (size_t)(s - run));
        if (!*s)
            break;
        put_escape(out, (unsigned char)*s);
    }
    put(out, "\"", 1);
}

void gw_jsonout_object(struct gw_jsonout *out)
{
    put_value(out, "{", 1);
    out->comma = false;
}

void gw_jsonout_end_object(struct gw_jsonout *out)
{
    put(out, "}", 1);
    out->comma = true;
}

void gw_jsonout_array(struct gw_jsonout *out)
{
    put_value(out, "[", 1);
    out->comma = false;
}

void gw_jsonout_end_array(struct gw_jsonout *out)
{
    put(out, "]", 1);
    out->comma = true;
}

void gw_jsonout_name(struct gw_jsonout *out, const char *name)
{
    comma(out);
    put_string(out, name);
    put(out, ":", 1);
    out->comma = false;
}

static void put_null(struct gw_jsonout *out)
{
    put_value(out, "null", 4);
}

void gw_jsonout_text(struct gw_jsonout *out, const char *text)
{
    if (!text) {
        put_null(out);
        return;
    }
    comma(out);
    put_string(out, text);
}

static void put_number(struct gw_jsonout *out, bool negative, uint64_t value)
{
    comma(out);
    if (negative)
        put(out, "-", 1);
    gw_text_add_u64(&out->text, value);
}

void gw_jsonout_i64(struct gw_jsonout *out, int64_t value)
{
    put_number(out, value < 0, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void gw_jsonout_u64(struct gw_jsonout *out, uint64_t value)
{
    put_number(out, false, value);
}

/* The shortest of 15 to 17 digits that reads back as the same number, always with a point or an
 * exponent, as jansson writes reals. */
static void put_real(struct gw_jsonout *out, double value)
{
    char buffer[40];
    int len = 0;
    if (!isfinite(value)) {
        put_null(out);
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        len = snprintf(buffer, sizeof(buffer), "%.*g", precision, value);
        if (strtod(buffer, NULL) == value)
            break;
    }
    char *point = strchr(buffer, ','); /* a locale's */
    if (point)
        *point = '.';
    if (!strpbrk(buffer, ".e")) {
        memcpy(buffer + len, ".0", 3);
        len += 2;
    }
    put_value(out, buffer, (size_t)len);
}

static void put_blob(struct gw_jsonout *out, struct gw_bytes blob)
{
    if (!blob.ptr) {
        put_null(out);
        return;
    }
    if (blob.len > SIZE_MAX / 4) {
        out->text.failed = true;
        return;
    }
    put_value(out, "\"", 1);
    char *to = gw_text_reserve(&out->text, (blob.len + 2) / 3 * 4);
    if (!to)
        return;
    out->text.len += gw_base64_encode(blob.ptr, blob.len, to);
    put(out, "\"", 1);
}

/* The text of a `json` column goes out as it is, if it is JSON: a store may hold anything. */
static void put_json(struct gw_jsonout *out, const char *text)
{
    if (!text) {
        put_null(out);
        return;
    }
    if (gw_json_check(gw_str_from(text), GW_JSON_STORED_DEPTH)) {
        out->text.failed = true;
        return;
    }
    put_value(out, text, strlen(text));
}

static void put_time(struct gw_jsonout *out, int64_t microseconds)
{
    char buffer[32];
    gw_format_time(microseconds, buffer);
    gw_jsonout_text(out, buffer);
}

void gw_jsonout_value(struct gw_jsonout *out, const struct gw_value *value)
{
    if (value->null) {
        put_null(out);
        return;
    }
    switch (value->type) {
    case GW_TYPE_INT:
        gw_jsonout_i64(out, value->as.i64);
        break;
    case GW_TYPE_UINT:
        gw_jsonout_u64(out, value->as.u64);
        break;
    case GW_TYPE_BOOL:
        put_value(out, value->as.boolean ? "true" : "false", value->as.boolean ? 4 : 5);
        break;
    case GW_TYPE_REAL:
        put_real(out, value->as.f64);
        break;
    case GW_TYPE_TIME:
        put_time(out, value->as.i64);
        break;
    case GW_TYPE_BLOB:
        put_blob(out, value->as.blob);
        break;
    case GW_TYPE_JSON:
        put_json(out, value->as.text);
        break;
    default:
        gw_jsonout_text(out, value->as.text);
    }
}
