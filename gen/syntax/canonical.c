/* canonical.c: the form in which the runtime compares the text of paths. */
#include "syntax/canonical.h"

#include "base/ascii.h"
#include "base/utf8.h"

#include <string.h>

/* What may stand literally in a path segment (RFC 3986, 3.3: pchar). */
static bool is_pchar(unsigned char c)
{
    return ascii_is_digit((char)c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("-._~!$&'()*+,;=:@", c));
}

static const char *byte_problem(unsigned char c, bool separators)
{
    if (c < 0x20 || c == 0x7f)
        return "a control character, encoded or not, is in no path";
    if ((c == '/' || c == '\\') && !separators)
        return "an encoded separator (%2F, %5C) or a `\\` is matched by {name:path} only";
    return NULL;
}

/* Resolves the escapes. NULL: *ret_problem. */
static unsigned char *decode(struct arena *arena, const char *ptr, size_t len, bool separators,
                             size_t *ret_n, const char **ret_problem)
{
    unsigned char *raw = arena_alloc(arena, len + 1);
    size_t n = 0;
    *ret_problem = NULL;
    for (size_t i = 0; i < len; i++) {
        bool escape = ptr[i] == '%';
        if (escape && (i + 2 >= len || !ascii_is_hex(ptr[i + 1]) || !ascii_is_hex(ptr[i + 2])))
            *ret_problem = "`%` is followed by two hexadecimal digits";
        if (ptr[i] == '?')
            *ret_problem = "a `?` ends the path; write %3F if it is part of a segment";
        if (*ret_problem)
            return NULL;
        raw[n] =
            escape ? (unsigned char)(ascii_hex_value(ptr[i + 1]) * 16 + ascii_hex_value(ptr[i + 2]))
                   : (unsigned char)ptr[i];
        i += escape ? 2 : 0;
        *ret_problem = byte_problem(raw[n++], separators);
        if (*ret_problem)
            return NULL;
    }
    *ret_n = n;
    if (utf8_end((const char *)raw, n) == n)
        return raw;
    *ret_problem = "it is not UTF-8 once decoded";
    return NULL;
}

static char *encode(struct arena *arena, const unsigned char *raw, size_t n)
{
    char *canonical = arena_alloc(arena, 3 * n + 1), *to = canonical;
    for (size_t i = 0; i < n; i++) {
        if (is_pchar(raw[i])) {
            *to++ = (char)raw[i];
        } else {
            *to++ = '%';
            *to++ = "0123456789ABCDEF"[raw[i] >> 4];
            *to++ = "0123456789ABCDEF"[raw[i] & 15];
        }
    }
    return canonical;
}

const char *path_canonical_part(struct arena *arena, const char *ptr, size_t len,
                                const char **ret_problem)
{
    size_t n = 0;
    const unsigned char *raw = decode(arena, ptr, len, false, &n, ret_problem);
    return raw ? encode(arena, raw, n) : NULL;
}

static const char *refuse_dots(const char *canonical, const char **ret_problem)
{
    if (!canonical || (strcmp(canonical, ".") && strcmp(canonical, "..")))
        return canonical;
    *ret_problem = "a segment `.` or `..` is in no path";
    return NULL;
}

const char *path_canonical(struct arena *arena, const char *ptr, size_t len,
                           const char **ret_problem)
{
    return refuse_dots(path_canonical_part(arena, ptr, len, ret_problem), ret_problem);
}

const char *path_canonical_request(struct arena *arena, const char *ptr, size_t len,
                                   bool *ret_separators, const char **ret_problem)
{
    size_t n = 0;
    const unsigned char *raw = decode(arena, ptr, len, true, &n, ret_problem);
    for (size_t i = 0; raw && i < n; i++)
        *ret_separators |= raw[i] == '/' || raw[i] == '\\';
    return refuse_dots(raw ? encode(arena, raw, n) : NULL, ret_problem);
}
