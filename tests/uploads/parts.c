/* parts.c: what the runtime's parser makes of forms. Reads from standard input, again and again:
 * how many bytes it is given at once, the boundary and the body, each text behind its length (4
 * bytes, big-endian); writes a line of JSON for each. */
#include "base/arena.h"
#include "input/body.h"
#include "input/multipart.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

struct body {
    const unsigned char *ptr;
    uint64_t len;
    size_t most;
};

static ssize_t read_at(void *data, uint64_t at, void *buffer, size_t size)
{
    const struct body *body = data;
    size_t n = size < body->most ? size : body->most;
    n = n < body->len - at ? n : (size_t)(body->len - at);
    memcpy(buffer, body->ptr + at, n);
    return (ssize_t)n;
}

static bool read_number(uint32_t *ret)
{
    unsigned char bytes[4];
    if (fread(bytes, 1, 4, stdin) != 4)
        return false;
    *ret = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    return true;
}

static char *read_text(uint32_t *ret_len)
{
    char *text = read_number(ret_len) ? malloc(*ret_len + 1) : NULL;
    if (!text || fread(text, 1, *ret_len, stdin) != *ret_len)
        exit(2);
    return text;
}

static json_t *hex_of(const unsigned char *ptr, uint64_t len)
{
    char *hex = malloc(2 * len + 1);
    hex[0] = 0;
    for (uint64_t i = 0; i < len; i++)
        sprintf(hex + 2 * i, "%02x", ptr[i]);
    json_t *text = json_string(hex);
    free(hex);
    return text;
}

static json_t *part_of(const struct gw_part *part, const struct body *body, struct gw_arena *arena)
{
    const char *shown = part->file_name ? gw_multipart_shown_name(part->file_name, arena) : NULL;
    return json_pack("{s:s, s:s?, s:s?, s:s, s:o}", "name", part->name.ptr, "file", part->file_name,
                     "shown", shown, "type", part->type, "content",
                     hex_of(body->ptr + part->at, part->len));
}

static void answer(const struct body *body, struct gw_str boundary)
{
    struct gw_arena arena = {.limit = 0};
    struct gw_multipart multipart = {read_at, (void *)body, body->len};
    struct gw_parts parts;
    const char *why = NULL;
    int r = gw_multipart_parse(&multipart, boundary, 1 << 20, &arena, &parts, &why);
    json_t *list = json_array();
    for (size_t i = 0; !r && i < parts.n; i++)
        json_array_append_new(list, part_of(&parts.items[i], body, &arena));
    json_t *all = json_pack("{s:i, s:s?, s:o}", "result", r, "why", why, "parts", list);
    json_dumpf(all, stdout, JSON_COMPACT);
    puts("");
    fflush(stdout);
    json_decref(all);
    gw_arena_free(&arena);
}

int main(void)
{
    uint32_t most, boundary_len, len;
    while (read_number(&most)) {
        char *boundary = read_text(&boundary_len), *body = read_text(&len);
        answer(&(struct body){(unsigned char *)body, len, most},
               (struct gw_str){boundary, boundary_len});
        free(boundary);
        free(body);
    }
    return 0;
}
