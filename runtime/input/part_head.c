/* part_head.c: see part_head.h; and the two other places with parameters or names of files. */
#include "input/part_head.h"

#include "base/arena.h"
#include "input/body.h"

#include <errno.h>

#define SHOWN_NAME_MAX 255 /* bytes: what file systems take */

static struct gw_str trimmed(struct gw_str text)
{
    while (text.len && *text.ptr == ' ')
        text = (struct gw_str){text.ptr + 1, text.len - 1};
    while (text.len && text.ptr[text.len - 1] == ' ')
        text.len--;
    return text;
}

/* RFC 9110, 5.6.2: how many characters of a token the text begins with. */
static size_t token_length(struct gw_str text)
{
    size_t n = 0;
    while (n < text.len && text.ptr[n] &&
           (gw_is_alnum(text.ptr[n]) || strchr("!#$%&'*+-.^_`|~", text.ptr[n])))
        n++;
    return n;
}

/* ---- Parameters ----------------------------------------------------------------------------- */

struct parameter {
    struct gw_str name, value; /* the value without its quotes */
    bool quoted;
};

static struct gw_str from(struct gw_str text, size_t at)
{
    return (struct gw_str){text.ptr + at, text.len - at};
}

/* `; name=token` or `; name="text"`, off the front of `*rest`. Browsers have no escape in quotes
 * but %22 (HTML, "multipart form data"), and others write \": where a backslash stands before a
 * quote, nobody knows where the text ends. */
static bool next_parameter(struct gw_str *rest, struct parameter *ret)
{
    struct gw_str text = *rest;
    if (!text.len || *text.ptr != ';') /* nor is there a blank before it */
        return false;
    text = trimmed(from(text, 1));
    size_t n = token_length(text);
    if (!n || n == text.len || text.ptr[n] != '=')
        return false;
    ret->name = (struct gw_str){text.ptr, n};
    ret->quoted = false;
    text = from(text, n + 1);
    if (!text.len || *text.ptr != '"') {
        n = token_length(text);
        ret->value = (struct gw_str){text.ptr, n};
        *rest = from(text, n);
        return n > 0;
    }
    text = from(text, 1);
    const char *quote = memchr(text.ptr, '"', text.len);
    if (!quote || (quote > text.ptr && quote[-1] == '\\'))
        return false;
    ret->value = (struct gw_str){text.ptr, (size_t)(quote - text.ptr)};
    ret->quoted = true;
    *rest = from(text, ret->value.len + 1);
    return true;
}

static bool is_boundary(struct gw_str text)
{
    if (!text.len || text.len > GW_MULTIPART_BOUNDARY || text.ptr[text.len - 1] == ' ')
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!text.ptr[i] || (!gw_is_alnum(text.ptr[i]) && !strchr("'()+_,-./:=? ", text.ptr[i])))
            return false;
    return true;
}

/* RFC 2046, 5.1.1. Parameters of other names mean nothing here. */
bool gw_multipart_boundary(struct gw_str type, struct gw_str *ret)
{
    const char *mark = type.len ? memchr(type.ptr, ';', type.len) : NULL;
    struct gw_str rest = mark ? from(type, (size_t)(mark - type.ptr)) : (struct gw_str){NULL, 0};
    struct parameter parameter;
    *ret = (struct gw_str){NULL, 0};
    while (trimmed(rest).len) {
        if (!next_parameter(&rest, &parameter))
            return false;
        if (!gw_str_equal_nocase(parameter.name, GW_STR("boundary")))
            continue;
        if (ret->ptr)
            return false;
        *ret = parameter.value;
    }
    return is_boundary(*ret);
}

/* ---- Lines ---------------------------------------------------------------------------------- */

/* What is known of a header so far. */
struct head {
    struct gw_str disposition, type, encoding; /* ptr NULL: not there */
};

static const char *put(struct gw_str *place, struct gw_str value)
{
    if (place->ptr)
        return "has a part with a field of its header twice";
    *place = value;
    return NULL;
}

/* NULL, or what is wrong. */
static const char *read_line(struct gw_str line, struct head *head)
{
    size_t n = token_length(line);
    if (!n || n == line.len || line.ptr[n] != ':')
        return "has a part whose header is malformed";
    struct gw_str name = {line.ptr, n}, value = trimmed(from(line, n + 1));
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.ptr[i] < 0x20 || value.ptr[i] == 0x7f) /* tabs too */
            return "has a part with a control byte in its header";
    if (!gw_utf8_valid(value.ptr, value.len, NULL))
        return "has a part whose header is not UTF-8";
    if (gw_str_equal_nocase(name, GW_STR("Content-Disposition")))
        return put(&head->disposition, value);
    if (gw_str_equal_nocase(name, GW_STR("Content-Type")))
        return put(&head->type, value);
    if (gw_str_equal_nocase(name, GW_STR("Content-Transfer-Encoding")))
        return put(&head->encoding, value);
    return NULL;
}

static const char *read_lines(struct gw_str lines, struct head *head)
{
    const char *why = NULL;
    while (lines.len && !why) {
        const char *end = memmem(lines.ptr, lines.len, "\r\n", 2);
        size_t len = end ? (size_t)(end - lines.ptr) : lines.len;
        why = read_line((struct gw_str){lines.ptr, len}, head);
        lines = end ? from(lines, len + 2) : (struct gw_str){NULL, 0};
    }
    return why;
}

/* ---- What the fields say -------------------------------------------------------------------- */

/* Text of a parameter: %22 is a quote, and nothing else is decoded. */
static char *unquoted(struct gw_str value, struct gw_arena *arena)
{
    char *text = gw_arena_alloc(arena, value.len + 1), *out = text;
    for (size_t i = 0; text && i < value.len; i++) {
        bool quote = value.len - i >= 3 && !memcmp(value.ptr + i, "%22", 3);
        *out++ = quote ? '"' : value.ptr[i];
        i += quote ? 2 : 0;
    }
    if (text)
        *out = 0;
    return text;
}

struct disposition {
    struct gw_str name, file_name;
    bool
        has_other_name; /* filename*, which RFC 7578, 4.2 forbids, and some send beside the other */
};

static const char *read_disposition(struct gw_str value, struct disposition *ret)
{
    static const char wrong[] = "has a part whose Content-Disposition is malformed";
    size_t n = token_length(value);
    struct parameter parameter;
    if (!gw_str_equal_nocase((struct gw_str){value.ptr, n}, GW_STR("form-data")))
        return "has a part that is no form-data";
    for (struct gw_str rest = from(value, n); trimmed(rest).len;) {
        if (!next_parameter(&rest, &parameter))
            return wrong;
        struct gw_str *place = gw_str_equal_nocase(parameter.name, GW_STR("name")) ? &ret->name
                               : gw_str_equal_nocase(parameter.name, GW_STR("filename"))
                                   ? &ret->file_name
                                   : NULL;
        ret->has_other_name |= gw_str_equal_nocase(parameter.name, GW_STR("filename*"));
        if (place && !place->ptr && parameter.quoted) /* nobody leaves the quotes out */
            *place = parameter.value;
        else if (place || !gw_str_equal_nocase(parameter.name, GW_STR("filename*")))
            return wrong;
    }
    bool known = ret->name.len && !memchr(ret->name.ptr, '\\', ret->name.len);
    return known && (ret->file_name.ptr || !ret->has_other_name) ? NULL : wrong;
}

/* RFC 7578, 4.7: senders make none; what is packed is not unpacked here. */
static bool is_identity(struct gw_str encoding)
{
    return !encoding.ptr || gw_str_equal_nocase(encoding, GW_STR("binary")) ||
           gw_str_equal_nocase(encoding, GW_STR("8bit")) ||
           gw_str_equal_nocase(encoding, GW_STR("7bit"));
}

/* A text is plain and UTF-8 (RFC 7578, 4.4 and 5.1.2); parts within a part are no text. */
static bool is_plain(struct gw_str type)
{
    struct parameter parameter;
    size_t n = type.ptr ? strcspn(type.ptr, ";\r") : 0;
    struct gw_str rest = type.ptr ? from(type, n < type.len ? n : type.len) : type;
    if (!type.ptr)
        return true;
    if (!gw_str_equal_nocase(trimmed((struct gw_str){type.ptr, n < type.len ? n : type.len}),
                             GW_STR("text/plain")))
        return false;
    while (trimmed(rest).len) {
        if (!next_parameter(&rest, &parameter))
            return false;
        if (gw_str_equal_nocase(parameter.name, GW_STR("charset")) &&
            !gw_str_equal_nocase(parameter.value, GW_STR("utf-8")) &&
            !gw_str_equal_nocase(parameter.value, GW_STR("us-ascii")))
            return false;
    }
    return true;
}

/* "image/png": in lower case, without parameters; RFC 7578, 4.4 where it is missing. NULL when
 * memory is short; "" where it is none. */
static const char *type_of(struct gw_str type, struct gw_arena *arena)
{
    if (!type.ptr)
        return "application/octet-stream";
    size_t n = token_length(type);
    size_t m = n && n < type.len && type.ptr[n] == '/' ? token_length(from(type, n + 1)) : 0;
    struct gw_str behind = trimmed(from(type, m ? n + 1 + m : 0));
    if (!m || (behind.len && *behind.ptr != ';'))
        return "";
    char *text = gw_arena_copy(arena, type.ptr, n + 1 + m);
    for (char *c = text; c && *c; c++)
        *c = gw_lower(*c);
    return text;
}

int gw_part_head(struct gw_str lines, struct gw_arena *arena, struct gw_part *part,
                 const char **ret_why)
{
    struct head head = {0};
    struct disposition said = {0};
    const char *why = read_lines(lines, &head);
    if (!why)
        why = head.disposition.ptr ? read_disposition(head.disposition, &said)
                                   : "has a part without Content-Disposition";
    if (!why && !is_identity(head.encoding))
        why = "has a part with a Content-Transfer-Encoding";
    if (!why && !said.file_name.ptr && !is_plain(head.type))
        why = "has a text that is not text/plain in UTF-8";
    if (!why) {
        char *name = unquoted(said.name, arena);
        part->name = (struct gw_str){name, name ? strlen(name) : 0};
        part->file_name = said.file_name.ptr ? unquoted(said.file_name, arena) : NULL;
        part->type = said.file_name.ptr ? type_of(head.type, arena) : "text/plain";
        if (!name || (said.file_name.ptr && !part->file_name) || !part->type)
            return -ENOMEM;
        why = *part->type ? NULL : "has a part whose Content-Type is malformed";
    }
    *ret_why = why;
    return why ? GW_E_SYNTAX : 0;
}

/* ---- Names for people ----------------------------------------------------------------------- */

/* Code points that show nothing, or turn what stands around them (UAX 9; CVE-2021-42574). */
static bool is_hidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
           (c >= 0xe0000 && c <= 0xe0fff);
}

/* Of valid UTF-8. */
static size_t read_character(const char *at, uint32_t *ret)
{
    unsigned char c = (unsigned char)*at;
    size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    *ret = n == 1 ? c : c & (0x7f >> n);
    for (size_t i = 1; i < n; i++)
        *ret = *ret << 6 | ((unsigned char)at[i] & 0x3f);
    return n;
}

const char *gw_multipart_shown_name(const char *file_name, struct gw_arena *arena)
{
    const char *begin = file_name;
    for (const char *at = file_name; *at; at++)
        if (*at == '/' || *at == '\\')
            begin = at + 1;
    char *name = gw_arena_alloc(arena, strlen(begin) + 1), *out = name;
    if (!name)
        return NULL;
    while (*begin) {
        uint32_t c;
        size_t n = read_character(begin, &c);
        if (!is_hidden(c) && (size_t)(out - name) + n <= SHOWN_NAME_MAX)
            out = mempcpy(out, begin, n);
        begin += n;
    }
    while (out > name && (out[-1] == ' ' || out[-1] == '.'))
        out--;
    *out = 0;
    while (*name == ' ')
        name++;
    return name;
}
