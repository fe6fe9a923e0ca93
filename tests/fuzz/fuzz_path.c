/* A canonical path is its own canonical form, and holds nothing that the top of path.c excludes. */
#include "input/path.h"

#include "base/arena.h"
#include "fuzz.h"

static void check_form(struct gw_str path)
{
    MUST(path.len > 0 && path.ptr[0] == '/' && path.ptr[path.len] == '\0');
    MUST(strlen(path.ptr) == path.len);
    MUST(!strstr(path.ptr, "//") && !strstr(path.ptr, "/./") && !strstr(path.ptr, "/../"));
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        MUST(c > 0x20 && c < 0x7f && !strchr("\"#<>?[\\]^`{|}", c));
        MUST(c != '%' || (strchr("0123456789ABCDEF", path.ptr[i + 1]) &&
                          strchr("0123456789ABCDEF", path.ptr[i + 2])));
    }
}

/* The whole path as a {:path}: what a handler gets has no way up. */
static void check_rest(struct gw_str path, struct gw_arena *arena)
{
    static const struct gw_param rest = {"rest", GW_TYPE_PATH, 0, 0, 0, NULL, NULL};
    struct gw_route route = {.params = &rest, .n_params = 1};
    struct gw_span segments[GW_MAX_SEGMENTS] = {{1, 1}};
    union gw_param_value values[GW_MAX_PARAMS];
    enum gw_reason reason = GW_REASON_NONE;
    int r = gw_path_params(&route, path, segments, arena, values, &reason);

    MUST(r == 0 || (r == GW_E_MISMATCH && reason));
    if (r)
        return;
    const char *text = values[0].text;
    MUST(text[0] != '/' && text[0] != '\0' && !strstr(text, "//") && !strstr(text, "/../"));
    MUST(strncmp(text, "../", 3) != 0 && gw_utf8_valid(text, strlen(text), NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_str path, query, again, none;
    enum gw_reason reason = GW_REASON_NONE;
    int r = gw_path_canonical((struct gw_str){(const char *)data, size}, &arena, &path, &query,
                              &reason);

    MUST(r == 0 || (r == GW_E_MISMATCH && reason));
    if (r == 0) {
        check_form(path);
        check_rest(path, &arena);
        r = gw_path_canonical(path, &arena, &again, &none, &reason);
        /* Escapes may have made it longer than a target may be. */
        MUST(r == 0 ? gw_str_equal(path, again) && !none.ptr : path.len > 8192);
    }
    gw_arena_free(&arena);
    return 0;
}
