/* origin.c: GW_ORIGIN.
 *
 * An origin is compared with what a browser sends, byte by byte: so it is taken in that one
 * spelling only, and a mistake shows at the start and not as a form that nobody can send. */
#include "config/own.h"

/* How many bytes "https://", or "http://" of this machine, takes; 0: it is neither. */
static size_t scheme_length(struct gw_str text)
{
    static const struct gw_str local[] = {
        {"http://localhost", 16}, {"http://127.0.0.1", 16}, {"http://[::1]", 12}};
    for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
        if (text.len >= local[i].len && !memcmp(text.ptr, local[i].ptr, local[i].len) &&
            (text.len == local[i].len || text.ptr[local[i].len] == ':'))
            return 7;
    return text.len > 8 && !memcmp(text.ptr, "https://", 8) ? 8 : 0;
}

/* A port that is not the scheme's own, which browsers leave out. */
static bool is_port(struct gw_str text, bool tls)
{
    uint64_t port;
    return gw_parse_u64(text, &port) && port >= 1 && port <= 65535 && port != (tls ? 443 : 80);
}

static bool is_origin(struct gw_str text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
    size_t at = scheme_length(text), start = at;
    if (!at)
        return false;
    if (at < text.len && text.ptr[at] == '[') {
        while (at < text.len && text.ptr[at] != ']')
            if (!strchr("[0123456789abcdef:.", text.ptr[at++]))
                return false;
        at++;
    } else {
        while (at < text.len && text.ptr[at] && strchr(letters, text.ptr[at]))
            at++;
    }
    if (at == start || at > text.len)
        return false;
    return at == text.len ||
           (text.ptr[at] == ':' &&
            is_port((struct gw_str){text.ptr + at + 1, text.len - at - 1}, start == 8));
}

bool gw_origins_read(const char *text, struct gw_arena *arena, const char *const **ret)
{
    size_t n = 1;
    for (const char *c = text; *c; c++)
        n += *c == ',';
    const char **origins = gw_arena_array(arena, n + 1, sizeof(*origins));
    for (size_t i = 0; origins && i < n; i++) {
        size_t len = strcspn(text, ",");
        origins[i] = gw_arena_copy(arena, text, len);
        if (!origins[i] || !is_origin((struct gw_str){text, len}))
            return false;
        text += len + 1;
    }
    *ret = origins;
    return origins;
}
