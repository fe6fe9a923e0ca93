/* The value of a cookie is what a second reader, written another way, finds in the header: the one
 * value of that name, or none. */
#include "fuzz.h"
#include "gatewright.h"
#include "request/request.h"

#include <string.h>

/* Splits a copy at every semicolon; the value in `out`, or false. */
static bool second_reader(const char *header, const char *name, char *out)
{
    char *copy = strdup(header), *rest = copy, *part;
    unsigned found = 0;
    MUST(copy);
    while ((part = strsep(&rest, ";"))) {
        part += strspn(part, " ");
        char *equals = strchr(part, '=');
        char *value = equals ? equals + 1 : strchr(part, 0);
        if (equals)
            *equals = 0;
        if (!*part && !equals)
            continue; /* only blanks */
        if (strcmp(part, name))
            continue;
        size_t len = strlen(value);
        if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
            value[len - 1] = 0;
            value++;
        }
        strcpy(out, value);
        found++;
    }
    free(copy);
    return found == 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a", "sid", "", "__Host-s"};
    struct gw_arena arena = {.limit = 0};
    char *header = malloc(size + 1), *expected = malloc(size + 1);
    MUST(header && expected);
    size_t len = 0; /* the gate refuses NUL before */
    for (size_t i = 0; i < size; i++)
        if (data[i])
            header[len++] = (char)data[i];
    header[len] = 0;
    struct gw_meta meta = {GW_STR("HTTP_COOKIE"), {header, len}};
    struct gw_exchange exchange = {.meta = &meta, .n_meta = 1};
    struct gw_request req = {.arena = &arena, .exchange = &exchange};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = gw_cookie(&req, names[i]);
        bool there = second_reader(header, names[i], expected);
        MUST((value != NULL) == there);
        MUST(!value || !strcmp(value, expected));
    }
    gw_arena_free(&arena);
    free(header);
    free(expected);
    return 0;
}
