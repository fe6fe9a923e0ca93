/* path.c: one canonical form for the path that the router, the gate and the handler see.
 *
 * The same resource can be spelled in many ways, and a gate that sees one spelling while the router
 * sees another is a hole. So the target is brought into one form, once, and everything behind works
 * on that: each byte that may stand literally in a path segment (RFC 3986, 3.3: pchar less "%")
 * stands literally, every other byte is percent-encoded in upper case. What has no harmless meaning
 * is refused rather than repaired: nothing is merged, resolved or dropped.
 *
 * "%2F" and "%5C" stay encoded: whether they separate depends on who reads them. They count as
 * separators wherever that is the stricter reading (a segment ".", ".." or empty behind them is
 * refused) and are good only inside the {:path} of the matched route, and there only if what the
 * handler gets, decoded, leads to that route too (gw_path_rebuild): else `/files/private%2Fx` would
 * go around the gate of `/files/private/{p:path}`.
 *
 * The result never holds "/./", "/../", "//", a control byte, an invalid UTF-8 sequence, or a "%"
 * that does not begin an escape. */
#include "input/path.h"

#include "base/arena.h"
#include "input/cut.h"

#include <errno.h>

static const char hex_digits[] = "0123456789ABCDEF";

/* Unreserved, sub-delims, ":" and "@". */
static bool is_literal(unsigned char c)
{
    return gw_is_alnum((char)c) || (c != '\0' && strchr("-._~!$&'()*+,;=:@", c));
}

static bool is_control(unsigned char c)
{
    return c < 0x20 || c == 0x7f;
}

static char *put_byte(char *out, unsigned char c)
{
    if (is_literal(c)) {
        *out++ = (char)c;
        return out;
    }
    *out++ = '%';
    *out++ = hex_digits[c >> 4];
    *out++ = hex_digits[c & 15];
    return out;
}

/* Decodes every escape of `text` into `out` (text.len bytes at most, no NUL added). False if one is
 * malformed. */
static bool decode(struct gw_str text, char *out, size_t *ret_len)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        int c = (unsigned char)text.ptr[i];
        if (c == '%') {
            c = gw_unescape(text.ptr + i, text.len - i);
            if (c < 0)
                return false;
            i += 2;
        }
        out[n++] = (char)c;
    }
    *ret_len = n;
    return true;
}

/* ---- Canonicalisation ----------------------------------------------------------------------- */

/* Finds the path of a target, with its query and without scheme and authority. */
static bool find_path(struct gw_str target, struct gw_str *ret)
{
    static const struct gw_str schemes[] = {{"http://", 7}, {"https://", 8}};
    if (target.len > 0 && target.ptr[0] == '/') {
        *ret = target;
        return true;
    }
    for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
        size_t at = schemes[i].len;
        if (target.len <= at || !gw_str_equal_nocase((struct gw_str){target.ptr, at}, schemes[i]))
            continue;
        while (at < target.len && !memchr("/?#", target.ptr[at], 3))
            at++;
        *ret = (struct gw_str){target.ptr + at, target.len - at};
        return at > schemes[i].len;
    }
    return false;
}

/* Writes the canonical form of `path` to `out`, which has room for three times its length.
 * GW_REASON_NONE, or why it is refused. */
static enum gw_reason rewrite(struct gw_str path, char *out, size_t *ret_len, bool *ret_high)
{
    char *start = out;
    *ret_high = false;
    for (size_t i = 0; i < path.len; i++) {
        int c = (unsigned char)path.ptr[i];
        if (c == '/') {
            *out++ = '/';
            continue;
        }
        if (c == '%') {
            c = gw_unescape(path.ptr + i, path.len - i);
            if (c < 0)
                return GW_REASON_PATH_ESCAPE;
            i += 2;
        }
        if (is_control((unsigned char)c))
            return GW_REASON_PATH_CONTROL;
        *ret_high |= c >= 0x80;
        out = put_byte(out, (unsigned char)c);
    }
    *ret_len = (size_t)(out - start);
    return GW_REASON_NONE;
}

/* 3 if an encoded separator begins at `i`, else 0. */
static size_t encoded_separator(struct gw_str s, size_t i)
{
    if (s.ptr[i] != '%' || s.len - i < 3)
        return 0;
    int c = gw_unescape(s.ptr + i, 3);
    return c == '/' || c == '\\' ? 3 : 0;
}

/* Looks at each segment of `path`, encoded separators taken as separators. Only behind a raw "/" at
 * the very end may it be empty. `path` begins inside a segment. */
static enum gw_reason check_segments(struct gw_str path, bool trailing_slash)
{
    size_t start = 0, i = 0;
    bool raw = false; /* the segment began behind a raw "/" */
    for (;;) {
        size_t step = i == path.len ? 0 : path.ptr[i] == '/' ? 1 : encoded_separator(path, i);
        if (i < path.len && step == 0) {
            i++;
            continue;
        }
        size_t len = i - start;
        if (len == 0 && !(i == path.len && raw && trailing_slash))
            return GW_REASON_PATH_EMPTY;
        if ((len == 1 || len == 2) && !memcmp(path.ptr + start, "..", len))
            return GW_REASON_PATH_DOT;
        if (i == path.len)
            return GW_REASON_NONE;
        raw = step == 1;
        i += step;
        start = i;
    }
}

/* UTF-8 is judged once everything is decoded: the bytes of one character may come raw, encoded, or
 * some of each. 0, GW_E_MISMATCH or -ENOMEM. */
static int check_utf8(struct gw_str path, struct gw_arena *arena)
{
    size_t len;
    char *plain = gw_arena_alloc(arena, path.len);
    if (!plain)
        return -ENOMEM;
    return decode(path, plain, &len) && gw_utf8_valid(plain, len, NULL) ? 0 : GW_E_MISMATCH;
}

/* Cuts `*path` at its first "?". */
static struct gw_str split_query(struct gw_str *path)
{
    const char *mark = path->len ? memchr(path->ptr, '?', path->len) : NULL;
    if (!mark)
        return (struct gw_str){NULL, 0};
    size_t len = (size_t)(mark - path->ptr);
    struct gw_str query = {mark + 1, path->len - len - 1};
    path->len = len;
    return query;
}

static int refuse(enum gw_reason reason, enum gw_reason *ret_reason)
{
    *ret_reason = reason;
    return GW_E_MISMATCH;
}

int gw_path_canonical(struct gw_str target, struct gw_arena *arena, struct gw_str *ret_path,
                      struct gw_str *ret_query, enum gw_reason *ret_reason)
{
    struct gw_str path, canonical;
    bool high;
    if (!find_path(target, &path))
        return refuse(GW_REASON_PATH_FORM, ret_reason);
    if (memchr(path.ptr, '#', path.len))
        return refuse(GW_REASON_PATH_FRAGMENT, ret_reason);
    struct gw_str query = split_query(&path);
    if (path.len > GW_PATH_MAX)
        return refuse(GW_REASON_PATH_LONG, ret_reason);
    if (path.len == 0) /* "http://host" (RFC 9110, 4.2.3) */
        path = GW_STR("/");

    char *out = gw_arena_alloc(arena, path.len * 3 + 1);
    if (!out)
        return -ENOMEM;
    canonical.ptr = out;
    enum gw_reason why = rewrite(path, out, &canonical.len, &high);
    if (why)
        return refuse(why, ret_reason);
    int r = high ? check_utf8(canonical, arena) : 0;
    if (r)
        return r < 0 ? r : refuse(GW_REASON_PATH_UTF8, ret_reason);
    if (canonical.len > 1) {
        why = check_segments((struct gw_str){canonical.ptr + 1, canonical.len - 1}, true);
        if (why)
            return refuse(why, ret_reason);
    }
    *ret_path = canonical;
    *ret_query = query;
    return 0;
}

/* ---- Behind the canonical form -------------------------------------------------------------- */

bool gw_path_unmount(struct gw_str *path, const char *mount)
{
    size_t len = strlen(mount);
    if (len == 0)
        return true;
    if (path->len < len || memcmp(path->ptr, mount, len))
        return false;
    if (path->len == len) {
        *path = GW_STR("/");
        return true;
    }
    if (path->ptr[len] != '/')
        return false;
    path->ptr += len;
    path->len -= len;
    return true;
}

bool gw_path_has_encoded_separator(struct gw_str part)
{
    const char *end = part.ptr + part.len, *at = part.ptr;
    while (at < end && (at = memchr(at, '%', (size_t)(end - at)))) {
        if (encoded_separator(part, (size_t)(at - part.ptr)))
            return true;
        at++;
    }
    return false;
}

/* The same where other parameters stand beside it in its segment. GW_E_NOT_FOUND: the segment can
 * be divided in two ways. */
static int find_divided(const struct gw_param *param, struct gw_str path,
                        const struct gw_span *segments, struct gw_str *ret)
{
    unsigned number = param->segment & ~(unsigned)GW_DIVIDED;
    if (!(param->segment & GW_DIVIDED) || number >= GW_MAX_SEGMENTS ||
        segments[number].end > path.len || segments[number].start > segments[number].end)
        return -EINVAL;
    struct gw_str segment = {path.ptr + segments[number].start,
                             (size_t)segments[number].end - segments[number].start};
    size_t start = 0, end = segment.len;
    int r = param->begin ? gw_cut_find(param->begin, segment, &start) : 0;
    if (!r && param->end)
        r = gw_cut_find(param->end, segment, &end);
    if (r)
        return r;
    start += param->skip;
    if (end < param->drop || start > end - param->drop)
        return -EINVAL;
    *ret = (struct gw_str){segment.ptr + start, end - param->drop - start};
    return 0;
}

/* Where the parameter's text lies. -EINVAL: the spans do not fit the route, which a matcher never
 * gives. */
static int find_param(const struct gw_param *param, struct gw_str path,
                      const struct gw_span *segments, struct gw_str *ret)
{
    if (param->segment >= GW_MAX_SEGMENTS)
        return find_divided(param, path, segments, ret);
    size_t start = (size_t)segments[param->segment].start + param->skip;
    size_t end = param->type == GW_TYPE_PATH ? path.len : segments[param->segment].end;

    if (end > path.len || end < param->drop || start > end - param->drop)
        return -EINVAL;
    *ret = (struct gw_str){path.ptr + start, end - param->drop - start};
    return 0;
}

/* GW_E_NOT_FOUND: an escape that the text of a mixed segment cuts in two. */
static int decode_param(struct gw_str text, struct gw_arena *arena, const char **ret)
{
    char *plain = gw_arena_alloc(arena, text.len + 1);
    size_t len;
    if (!plain)
        return -ENOMEM;
    if (!decode(text, plain, &len))
        return GW_E_NOT_FOUND;
    plain[len] = '\0';
    *ret = plain;
    return 0;
}

/* A UUID has one spelling behind the router: lower case (RFC 9562, 4). */
static int lower_param(struct gw_str text, struct gw_arena *arena, const char **ret)
{
    int r = decode_param(text, arena, ret);
    for (char *c = r ? NULL : (char *)*ret; c && *c; c++)
        *c = (char)(*c >= 'A' && *c <= 'F' ? *c + ('a' - 'A') : *c);
    return r;
}

static int convert_param(const struct gw_param *param, struct gw_str text, struct gw_arena *arena,
                         union gw_param_value *ret)
{
    switch (param->type) {
    case GW_TYPE_INT:
        return gw_parse_i64(text, &ret->i64) ? 0 : GW_E_NOT_FOUND;
    case GW_TYPE_UINT:
        return gw_parse_u64(text, &ret->u64) ? 0 : GW_E_NOT_FOUND;
    case GW_TYPE_UUID:
        return lower_param(text, arena, &ret->text);
    default:
        return decode_param(text, arena, &ret->text);
    }
}

int gw_path_params(const struct gw_route *route, struct gw_str path,
                   const struct gw_span segments[GW_MAX_SEGMENTS], struct gw_arena *arena,
                   union gw_param_value ret[GW_MAX_PARAMS], enum gw_reason *ret_reason)
{
    struct gw_str before = path; /* what lies before a {:path} */
    for (size_t i = 0; i < route->n_params; i++) {
        const struct gw_param *param = &route->params[i];
        struct gw_str text;
        int r = find_param(param, path, segments, &text);
        if (r)
            return r;
        if (param->type == GW_TYPE_PATH) {
            enum gw_reason why = check_segments(text, false);
            if (why)
                return refuse(why, ret_reason);
            before.len = (size_t)(text.ptr - path.ptr);
        }
        r = convert_param(param, text, arena, &ret[i]);
        if (r)
            return r;
    }
    if (gw_path_has_encoded_separator(before))
        return refuse(GW_REASON_PATH_SEPARATOR, ret_reason);
    return 0;
}

/* ---- The way back --------------------------------------------------------------------------- */

static char *put_text(char *out, const char *text, size_t len, bool slashes, bool backslashes)
{
    for (size_t i = 0; i < len; i++) {
        if ((slashes && text[i] == '/') || (backslashes && text[i] == '\\'))
            *out++ = '/';
        else
            out = put_byte(out, (unsigned char)text[i]);
    }
    return out;
}

int gw_path_encode(struct gw_arena *arena, const char *text, bool slashes, const char **ret)
{
    size_t len = strlen(text), start = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && !(slashes && text[i] == '/'))
            continue;
        size_t n = i - start;
        if (n == 0 || (n <= 2 && !memcmp(text + start, "..", n)))
            return -EINVAL;
        start = i + 1;
    }
    if (len > SIZE_MAX / 3 - 1)
        return -ENOMEM;
    char *encoded = gw_arena_alloc(arena, len * 3 + 1);
    if (!encoded)
        return -ENOMEM;
    *put_text(encoded, text, len, slashes, false) = '\0';
    *ret = encoded;
    return 0;
}

int gw_path_rebuild(const struct gw_route *route, struct gw_str path,
                    const struct gw_span segments[GW_MAX_SEGMENTS],
                    const union gw_param_value params[GW_MAX_PARAMS], bool backslashes,
                    struct gw_arena *arena, const char **ret)
{
    /* Decoding shortens by as much as encoding lengthens again. */
    char *const text = gw_arena_alloc(arena, path.len + 1);
    char *out = text;
    const char *at = path.ptr;

    if (!text)
        return -ENOMEM;
    for (size_t i = 0; i < route->n_params; i++) {
        const struct gw_param *param = &route->params[i];
        bool rest = param->type == GW_TYPE_PATH;
        struct gw_str part;
        if (param->type == GW_TYPE_INT || param->type == GW_TYPE_UINT)
            continue; /* digits, which no escape stands for in a canonical path */
        int r = find_param(param, path, segments, &part);
        if (r)
            return r;
        out = mempcpy(out, at, (size_t)(part.ptr - at));
        out = put_text(out, params[i].text, strlen(params[i].text), rest, rest && backslashes);
        at = part.ptr + part.len;
    }
    out = mempcpy(out, at, (size_t)(path.ptr + path.len - at));
    *out = '\0';
    *ret = text;
    return 0;
}
