/* A form in parts is the same however few bytes come at once; its parts lie apart from each other,
 * in their order, and none holds the boundary. */
#include "fuzz.h"

#include "base/arena.h"
#include "input/body.h"
#include "input/multipart.h"

#include <errno.h>

#define TEXTS 64 /* bytes that may be in texts */

struct source {
    const char *ptr;
    uint64_t len;
    size_t most;
};

static ssize_t read_at(void *data, uint64_t at, void *buffer, size_t size)
{
    const struct source *source = data;
    MUST(at < source->len && size > 0);
    size_t n = size < source->most ? size : source->most;
    n = n < source->len - at ? n : (size_t)(source->len - at);
    memcpy(buffer, source->ptr + at, n);
    return (ssize_t)n;
}

static void check_text(const char *text)
{
    MUST(gw_utf8_valid(text, strlen(text), NULL));
}

static void check_part(const struct gw_part *part, const struct source *source,
                       struct gw_arena *arena)
{
    const char *content = source->ptr + part->at;
    MUST(part->at + part->len + 5 <= source->len);
    MUST(!memmem(content, part->len, "--b", 3));
    MUST(!memcmp(content + part->len, "\r\n--b", 5));
    MUST(part->name.len && part->name.len == strlen(part->name.ptr));
    check_text(part->name.ptr);
    MUST(strchr(part->type, '/'));
    if (!part->file_name) {
        MUST(part->text.len == part->len && !memcmp(part->text.ptr, content, part->len));
        check_text(part->text.ptr);
        return;
    }
    const char *shown = gw_multipart_shown_name(part->file_name, arena);
    check_text(shown);
    MUST(strlen(shown) <= 255 && !strpbrk(shown, "/\\"));
    MUST(strcmp(shown, "..") && strcmp(shown, "."));
    for (const char *c = shown; *c; c++)
        MUST((unsigned char)*c >= 0x20 && *c != 0x7f);
}

static int parse(struct source *source, struct gw_arena *arena, struct gw_parts *parts)
{
    struct gw_multipart body = {read_at, source, source->len};
    const char *why = NULL;
    int r = gw_multipart_parse(&body, GW_STR("b"), TEXTS, arena, parts, &why);
    MUST(r == 0 || r == -EFBIG || (r == GW_E_SYNTAX && why));
    for (size_t i = 0; !r && i < parts->n; i++) {
        check_part(&parts->items[i], source, arena);
        MUST(!i || parts->items[i].at > parts->items[i - 1].at + parts->items[i - 1].len);
    }
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_arena arena = {.limit = 0};
    struct source whole = {(const char *)data, size, SIZE_MAX}, pieces = whole;
    struct gw_parts first, second;
    struct gw_str boundary;
    pieces.most = 1 + size % 7;
    int r = parse(&whole, &arena, &first);
    MUST(parse(&pieces, &arena, &second) == r);
    MUST(r || first.n == second.n);
    for (size_t i = 0; !r && i < first.n; i++)
        MUST(first.items[i].at == second.items[i].at && first.items[i].len == second.items[i].len);
    if (gw_multipart_boundary((struct gw_str){(const char *)data, size}, &boundary))
        MUST(boundary.len >= 1 && boundary.len <= GW_MULTIPART_BOUNDARY);
    gw_arena_free(&arena);
    return 0;
}
